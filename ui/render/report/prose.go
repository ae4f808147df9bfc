package report

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// span is a part of a sentence: plain words, or code.
type span struct {
	Text string
	Code bool
}

// spanned matches the value of a CAA record, a quoted string or a word.
var spanned = regexp.MustCompile(`\(?\d{1,3} (?:issue|issuewild|issuemail|issuevmc|iodef|contactemail|contactphone) ` +
	quotedText + `|\(?(?:0|128) [A-Za-z0-9]+ ` + quotedText + `|` + quotedText + `|\S+`)

const quotedText = `"(?:[^"\\]|\\.)*"`

// enters matches a sentence up to the value that is to be entered in a form, such as `type TXT, Name _verify, Value `.
// Quotation marks around such a value are part of it.
var enters = regexp.MustCompile(`\btype [A-Z]+, [^,"]*, (?:[^,"]|` + quotedText + `)*$`)

// spans splits a sentence into plain words and code. Names, values, addresses and everything else that is not a plain
// word are code: that reads better, and no markup in them takes effect.
func spans(s string) []span {
	var out []span
	add := func(text string, code bool) {
		if n := len(out) - 1; n >= 0 && !code && !out[n].Code && out[n].Text != ">" && text != ">" {
			out[n].Text += text
			return
		}
		out = append(out, span{text, code})
	}
	s = strings.Join(strings.Fields(s), " ")
	end := 0
	for _, at := range spanned.FindAllStringIndex(s, -1) {
		if at[0] > end {
			add(" ", false)
		}
		end = at[1]
		part := s[at[0]:at[1]]
		if value := strings.TrimPrefix(part, "("); len(value) > 0 && value[0] != '"' && value[len(value)-1] == '"' &&
			strings.Contains(value, ` "`) { // of a CAA record
			if value != part {
				add("(", false)
			}
			add(value, true)
			continue
		}
		if len(part) > 1 && part[0] == '"' && part[len(part)-1] == '"' {
			if bare := part[1 : len(part)-1]; bare != "" && bare == strings.TrimSpace(bare) &&
				!strings.Contains(bare, `\`) && !enters.MatchString(s[:at[0]]) {
				part = bare // code needs no quotation marks
			}
			add(part, true)
			continue
		}
		// Punctuation around a word belongs to the sentence.
		word := strings.TrimLeft(part, "(")
		open := part[:len(part)-len(word)]
		word = strings.TrimRight(word, ",;:.)?")
		shut := part[len(open)+len(word):]
		switch {
		case part == ">":
			add(part, false)
		case word == "" || plainWord(word):
			add(part, false)
		default:
			if open != "" {
				add(open, false)
			}
			add(word, true)
			if shut != "" {
				add(shut, false)
			}
		}
	}
	return out
}

// sentence capitalizes the first letter if the first word is plain.
func sentence(s string) string {
	first, _, _ := strings.Cut(s, " ")
	r, size := utf8.DecodeRuneInString(s)
	if !unicode.IsLower(r) || !plainWord(strings.TrimRight(first, ",;:.")) {
		return s
	}
	return string(unicode.ToUpper(r)) + s[size:]
}

// plainWord reports whether a word consists of letters, digits and punctuation that no renderer interprets.
func plainWord(word string) bool {
	for i, r := range word {
		inside := i > 0 && i < len(word)-1
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r), r == '…', r == '✓', r == '✗':
		case inside && (r == '-' || r == '\'' || r == ':' || r == '/' || r == ',') && !strings.Contains(word, "//"):
		case r == '\'' || r == '%':
		default:
			return false
		}
	}
	return true
}
