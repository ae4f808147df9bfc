// Package sanitize makes text from untrusted sources safe to print on a terminal.
package sanitize

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Text makes text from outside safe to print: control characters, escape sequences' introducers, bidirectional
// overrides and invalid UTF-8 become visible substitutes, and the text is cut to at most limit runes (with "…" as the
// last one).
func Text(s string, limit int) string {
	clean := true
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < 0x20 || c >= 0x7f {
			clean = false
			break
		}
	}
	if clean && len(s) <= limit {
		return s
	}
	var b strings.Builder
	b.Grow(min(len(s), 4*limit))
	n := 0
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		i += size
		if n == limit-1 && i < len(s) {
			b.WriteRune('…')
			break
		}
		switch {
		case r == '\n' || r == '\t' || r == '\r':
			b.WriteByte(' ')
		case r == utf8.RuneError && size == 1:
			b.WriteRune('\uFFFD')
		case unicode.IsControl(r) || isFormat(r):
			b.WriteRune('\u00B7')
		default:
			b.WriteRune(r)
		}
		n++
	}
	return b.String()
}

// isFormat reports whether a character is invisible and changes how others are shown: bidirectional controls,
// zero-width characters, variation selectors, tags.
func isFormat(r rune) bool {
	return unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r) ||
		unicode.Is(unicode.Variation_Selector, r)
}
