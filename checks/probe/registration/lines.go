package registration

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"domdoc/catalog/lazyregexp"
)

// Bounds of a reply. Replies are a few kilobytes long; a longer one is cut, and never taken for "not registered".
const (
	whoisMaxBytes  = 256 << 10
	whoisMaxLines  = 20000
	whoisMaxLine   = 2048 // bytes of a line that can be a field; terms of use come in longer ones
	whoisMaxValue  = 200  // runes of any value that is kept
	maxStatuses    = 64
	maxNameservers = 32
)

// whoisLine is one line of a reply, cleaned.
type whoisLine struct {
	text    string // no control characters, spaces collapsed, tabs kept as one tab, without leading and trailing space
	low     string // text in lower case, tabs as spaces
	comment bool   // marked as one: %, #, ;, //, or a banner in brackets
	indent  bool
}

// blank reports whether the line has only punctuation.
func (l whoisLine) blank() bool {
	return strings.IndexFunc(l.text, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) < 0
}

// whoisLines splits a reply into lines; cut is set if it was too long.
func whoisLines(reply []byte) (lines []whoisLine, cut bool) {
	if len(reply) > whoisMaxBytes {
		reply, cut = reply[:whoisMaxBytes], true
	}
	text := decodeText(reply)
	for raw := range strings.SplitSeq(text, "\n") {
		if len(lines) == whoisMaxLines {
			return lines, true
		}
		lines = append(lines, newWhoisLine(raw))
	}
	return lines, cut
}

// decodeText reads UTF-8, and other bytes as Latin-1. Line ends become \n; a byte-order mark, control and format
// characters (which could hide a word from us but not from a person) are removed.
func decodeText(b []byte) string {
	var s strings.Builder
	s.Grow(len(b))
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n <= 1 {
			r = rune(b[i])
			n = 1
		}
		i += n
		switch {
		case r == '\r':
			if i < len(b) && b[i] == '\n' {
				continue
			}
			s.WriteByte('\n')
		case r == '\n' || r == '\u2028' || r == '\u2029':
			s.WriteByte('\n')
		case r == '\t':
			s.WriteByte('\t')
		case r == '：':
			s.WriteByte(':')
		case unicode.Is(unicode.Cf, r):
		case unicode.IsSpace(r) || unicode.IsControl(r):
			s.WriteByte(' ')
		default:
			s.WriteRune(r)
		}
	}
	return s.String()
}

func newWhoisLine(raw string) whoisLine {
	var l whoisLine
	l.indent = strings.HasPrefix(raw, " ") || strings.HasPrefix(raw, "\t")
	// Runs of spaces become one space; a run with a tab in it becomes a tab, since some registries part key and value
	// by it.
	var b strings.Builder
	run := byte(0)
	for _, r := range strings.TrimSpace(raw) {
		switch {
		case r == '\t':
			run = '\t'
		case r == ' ':
			if run == 0 {
				run = ' '
			}
		default:
			if run != 0 {
				b.WriteByte(run)
				run = 0
			}
			b.WriteRune(r)
		}
	}
	l.text = b.String()
	l.low = strings.ReplaceAll(strings.ToLower(l.text), "\t", " ")
	t := l.text
	l.comment = strings.HasPrefix(t, "%") || strings.HasPrefix(t, "#") || strings.HasPrefix(t, ";") ||
		strings.HasPrefix(t, "//") ||
		strings.HasPrefix(t, ">>>") || (strings.HasPrefix(t, "[ ") && strings.HasSuffix(t, "]"))
	return l
}

// sentenceBreak separates paragraphs and fields in flat text, so that no phrase is found across them.
const sentenceBreak = " ¦ "

// flatText is the whole reply as one lower-case text without line breaks and comment marks, in which a phrase that
// was wrapped can be found.
func flatText(lines []whoisLine) string {
	var b strings.Builder
	for _, l := range lines {
		if l.blank() {
			b.WriteString(sentenceBreak)
			continue
		}
		if k, _, _, ok := splitField(l.text); ok && whoisKeys[k] != keyNone {
			b.WriteString(sentenceBreak)
		}
		b.WriteString(strings.TrimLeft(l.low, " %#;>*|"))
		b.WriteByte(' ')
	}
	return b.String()
}

// whoisField is a key and its value. section is the header above it ("registrar" for the "name:" below "Registrar:").
type whoisField struct {
	section, key, note, value string
	first                     bool // of its paragraph
}

// whoisFields finds the fields of a reply in all shapes that registries use: "Key: value", "Key......: value", "[Key]
// value", "key<tab>value", a header line with its values below, and sentences such as "Record created on 2001-02-03".
func whoisFields(lines []whoisLine) []whoisField {
	var out []whoisField
	section, got, blanks := "", false, 0
	prev := "" // the key of the line above, for a value that goes on below it
	first, known := true, 0
	for _, l := range lines {
		if len(out) > known {
			out[known].first, first = first, false
			known = len(out)
		}
		first = first || l.blank()
		switch {
		case l.comment:
			prev = ""
			continue
		case l.blank():
			if strings.ContainsAny(l.text, "-=_~") { // a rule under a header
				continue
			}
			blanks++
			prev = ""
			// Some registries have one or more blank lines between a header and its values.
			if got || (blanks > 1 && whoisKeys[section] != keyNameserver) || blanks > 4 {
				section = ""
			}
			continue
		}
		if k, v, found := fieldSentence(l.text); found && startsWithDate(v) { // its time has a colon
			out = append(out, whoisField{key: k, value: v})
			prev = ""
			continue
		}
		key, note, value, ok := splitField(l.text)
		switch {
		case ok && value == "":
			section, got, blanks, prev = key, false, 0, ""
			if whoisKeys[key] != keyNone {
				out = append(out, whoisField{key: key, note: note})
			}
		case ok:
			out = append(out, whoisField{section: section, key: key, note: note, value: value})
			got, prev = true, key
		case isWhoisHeader(l.text):
			section, _ = normaliseKey(l.text)
			got, blanks, prev = false, 0, ""
		default:
			if k, v, found := fieldSentence(l.text); found {
				out = append(out, whoisField{key: k, value: v})
				prev = ""
				continue
			}
			switch {
			// Below a blank line, prose follows a header without values more often than a value does.
			case section != "" && (blanks == 0 || l.indent || whoisKeys[section] == keyNameserver):
				out = append(out, whoisField{key: section, value: l.text})
				got = true
			case section == "" && prev != "" && l.indent:
				out = append(out, whoisField{key: prev, value: l.text})
			}
		}
	}
	if len(out) > known {
		out[known].first = first
	}
	return out
}

// splitField splits a line into key and value.
func splitField(text string) (key, note, value string, ok bool) {
	if len(text) > whoisMaxLine {
		return "", "", "", false
	}
	if rest, found := strings.CutPrefix(bracketStart(text), "["); found {
		k, v, closed := strings.Cut(rest, "]")
		if !closed || k == "" || len(k) > 60 {
			return "", "", "", false
		}
		key, note = normaliseKey(k)
		return key, note, strings.TrimSpace(strings.TrimLeft(strings.TrimSpace(v), ":")), true
	}
	at := strings.Index(text, ":")
	if tab := strings.IndexByte(text, '\t'); tab > 0 && (at < 0 || tab < at) {
		// A tab before the colon separates the two only if the text to its left is a known key.
		if k, n := normaliseKey(text[:tab]); whoisKeys[k] != keyNone &&
			!strings.HasPrefix(strings.TrimSpace(text[tab:]), ":") {
			return k, n, strings.TrimSpace(text[tab:]), true
		}
	}
	if dots := strings.Index(text, "...."); dots > 0 && (at < 0 || dots < at) {
		rest := strings.TrimLeft(text[dots:], ". :\t")
		if k, n := normaliseKey(text[:dots]); whoisKeys[k] != keyNone || at >= 0 {
			return k, n, rest, true
		}
	}
	if at <= 0 || at > 80 {
		return "", "", "", false
	}
	left, right := text[:at], text[at+1:]
	if strings.HasPrefix(right, "//") || strings.Count(left, " ") > 9 || strings.IndexFunc(left, unicode.IsLetter) < 0 {
		return "", "", "", false
	}
	key, note = normaliseKey(left)
	if key == "" {
		return "", "", "", false
	}
	return key, note, strings.TrimSpace(strings.TrimLeft(right, ".: \t")), true
}

// bracketStart removes the letter that JPRS and MYNIC put before some keys: "a. [Domain Name]".
func bracketStart(text string) string {
	if i := strings.IndexByte(text, '['); i > 0 && i <= 3 && (strings.TrimLeft(text[1:i], ". ") == "") {
		return text[i:]
	}
	return text
}

// keyNumber matches the number before a key: "1a. Domain Name".
var keyNumber = lazyregexp.New(`^\s*(?:\d{1,2}[a-z]?[.)]\s*|[a-z][.)]\s+)`)

// normaliseKey returns a key in lower case, with spaces for dashes and underscores, without decoration and numbering;
// note is the text in its brackets.
func normaliseKey(s string) (key, note string) {
	if len(s) > 120 {
		return "", ""
	}
	s = strings.ToLower(s)
	if i := strings.IndexByte(s, '('); i >= 0 {
		if j := strings.IndexByte(s[i:], ')'); j > 0 {
			note = s[i+1 : i+j]
			s = s[:i] + " " + s[i+j+1:]
		}
	}
	s = keyNumber.ReplaceAllString(s, "")
	s = strings.Map(func(r rune) rune {
		if r == '_' || r == '-' || r == '.' || r == '*' || r == '\t' || r == '\u00a0' || r == '[' || r == ']' {
			return ' '
		}
		return r
	}, s)
	s = strings.Join(strings.Fields(s), " ")
	if whoisKeys[s] != keyNone {
		return s, note
	}
	// "Name Server 1", "ns_name_01", "DNS 2".
	if t := strings.TrimRight(s, "0123456789 "); t != s && whoisKeys[t] == keyNameserver {
		return t, note
	}
	// "Estado / Status", "Data de registo / Creation Date".
	if a, b, found := strings.Cut(s, "/"); found {
		for _, part := range []string{strings.TrimSpace(b), strings.TrimSpace(a)} {
			if whoisKeys[part] != keyNone {
				return part, note
			}
		}
	}
	return s, note
}

// isWhoisHeader reports whether a line without a colon is a header of the lines below: "Registrar", "Nameservers".
func isWhoisHeader(text string) bool {
	if len(text) > 60 {
		return false
	}
	k, _ := normaliseKey(text)
	switch whoisKeys[k] {
	case keyNone, keyMessage:
		return false
	}
	return true
}

// fieldSentence reads fields written as sentences.
func fieldSentence(text string) (key, value string, ok bool) {
	low := strings.ToLower(text)
	for _, s := range whoisSentences {
		if rest, found := strings.CutPrefix(low, s.start); found {
			// The lower-case text can differ in length from the text, so the value is cut from the same one.
			return s.key, strings.Trim(rest, " .:\t"), true
		}
	}
	return "", "", false
}

// cleanValue makes a value safe to show: valid UTF-8, one line, no control characters, at most 200 runes.
func cleanValue(s string) string {
	s = strings.ToValidUTF8(s, "")
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r) || unicode.IsControl(r):
			return ' '
		case unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, s)
	return cutRunes(strings.Join(strings.Fields(s), " "), whoisMaxValue)
}

// cutRunes returns the first n runes of s.
func cutRunes(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}
