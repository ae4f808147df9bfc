package catalog

import (
	"fmt"
	"strconv"
	"unicode"
)

// CharacterAt describes a misplaced character by its name, code point and position, counted in characters from 1: "a
// no-break space (U+00A0) at position 4".
func CharacterAt(r rune, position int) string {
	return fmt.Sprintf("%s (U+%04X) at position %d", CharacterName(r), r, position)
}

// CharacterName returns a readable name of a character: "a no-break space".
func CharacterName(r rune) string {
	switch r {
	case ' ':
		return "a space"
	case '\u00a0', '\u202f', '\u2007':
		return "a no-break space"
	case '\t':
		return "a tab"
	case '\n', '\r':
		return "a line break"
	case '\u200b':
		return "a zero-width space"
	case '\u200c', '\u200d', '\u2060':
		return "a zero-width joiner"
	case '\u00ad':
		return "a soft hyphen"
	case '\ufeff':
		return "a byte order mark"
	case '\u200e', '\u200f', '\u202a', '\u202b', '\u202c', '\u202d', '\u202e', '\u2066', '\u2067', '\u2068', '\u2069':
		return "a text direction mark"
	case '"', '\'', '`':
		return "a quotation mark"
	case '“', '”', '„', '‟', '‘', '’', '‚', '‛', '«', '»', '‹', '›', '´', '＂', '＇':
		return "a typographic quotation mark"
	case '…':
		return "an ellipsis"
	case '.':
		return "a period"
	case unicode.ReplacementChar:
		return "an invalid UTF-8 byte"
	}
	if IsInvisible(r) {
		return "an invisible character"
	}
	return "the character " + strconv.QuoteRune(r)
}

// IsInvisible reports whether a character is not visible on a screen, other than an ordinary space.
func IsInvisible(r rune) bool {
	return unicode.Is(unicode.Cf, r) || unicode.IsControl(r) || r == '\u115f' || r == '\u1160' || r == '\u3164'
}
