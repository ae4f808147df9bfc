package ticket

import (
	"encoding/json"
	"html"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"domdoc/catalog"
	"domdoc/catalog/lazyregexp"
	"domdoc/checks/ticket/mail"
)

var (
	// A code follows a key, possibly in JSON that is escaped several times, or words.
	ticketSecret = lazyregexp.New(
		`(?i)\\*["']?\b(?:auth[-_ ]?(?:code|info|key)|epp[-_ ]?(?:code|key)|authorization[-_ ]code|transfer[-_ ` +
			`]?(?:code|key))\\*["']?(?:\s*[:=]|\s+(?:is|was)\b:?)[ \t]*\n?[ ` +
			`\t]*(?:\\+"(.*?)\\+"|"((?:[^"\\\n]|\\.)*)"|'([^'\n]*)'|([^\s"'<>]\S*))`)
	ticketToken = lazyregexp.New(`(?i)\bbearer\s+\S+|\beyJ[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*)*`)
	quoteMark   = lazyregexp.New(`(?m)^[ \t]*(?:[>|][ \t]?)+|^[ \t]*<[ \t]`)
	softBreak   = lazyregexp.New(`=[ \t]*\n`)
	printedByte = lazyregexp.New(`(?:=[0-9A-F]{2})+`)
	curlTalk    = lazyregexp.New(`(?m)^[> ]*(?:GET|POST|PUT|PATCH|DELETE|HEAD) \S+ HTTP/|^< HTTP/`)
	curlNoise   = lazyregexp.New(`(?m)^[ \t]*(?:\*|[{}]) .*$`)
	entity      = lazyregexp.New(`&(?:#\d+|#x[0-9A-Fa-f]+|[A-Za-z]+);`)
)

// typography undoes the typographic replacements of mail programs and editors.
var typography = strings.NewReplacer("“", `"`, "”", `"`, "„", `"`, "«", `"`, "»", `"`, "‘", "'", "’", "'", "\u00a0",
	" ", "\u202f", " ", "`", " ")

// defanged undoes what makes links and names harmless in reports.
var defanged = strings.NewReplacer("hxxp://", "http://", "hxxps://", "https://", "hXXp://", "http://", "hXXps://",
	"https://", "[.]", ".", "(.)", ".", "[dot]", ".", "(dot)", ".", "[:]//", "://", "[://]", "://")

// invisible removes invisible characters and normalizes line breaks.
var invisible = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u200b", "", "\u2060", "",
	"\ufeff", "", "\u00ad", "", "\x00", "")

// joiner matches zero-width joiners and non-joiners; those between letters of a script that needs them are part of a
// word.
var joiner = lazyregexp.New(`[\x{200c}\x{200d}]+`)

// withoutJoiners removes the zero-width joiners and non-joiners that are part of no word.
func withoutJoiners(text string) string {
	var b strings.Builder
	at := 0
	for _, m := range joiner.FindAllStringIndex(text, -1) {
		b.WriteString(text[at:m[0]])
		before, _ := utf8.DecodeLastRuneInString(text[:m[0]])
		after, _ := utf8.DecodeRuneInString(text[m[1]:])
		if needsJoiners(before) && needsJoiners(after) {
			b.WriteString(text[m[0]:m[1]])
		}
		at = m[1]
	}
	return b.String() + text[at:]
}

// needsJoiners reports whether a character is of a script that joins letters.
func needsJoiners(r rune) bool {
	return (unicode.IsLetter(r) || unicode.IsMark(r)) && !unicode.In(r, unicode.Latin, unicode.Greek, unicode.Cyrillic,
		unicode.Han, unicode.Common)
}

// noBreakSpace matches a no-break space before a dot in a name, which some editors insert.
var noBreakSpace = lazyregexp.New(`([\pL\pN])[\x{a0}\x{2007}\x{202f}]+(\.[\pL\pN])`)

// narrow returns the ASCII form of a full-width character, as Japanese keyboards type it.
func narrow(r rune) rune {
	switch {
	case r >= 0xff01 && r <= 0xff5e:
		return r - 0xff01 + '!'
	case r == 0x3000:
		return ' '
	}
	return r
}

// foreignDigits matches a code with the digits of another script.
var foreignDigits = lazyregexp.New(`(?i)DOMAIN[\s_-]{0,2}\p{Nd}{3}`)

// latinDigit returns the ASCII digit for a decimal digit of any script, in each of which ten follow one another.
func latinDigit(r rune) rune {
	if r < 0x80 || !unicode.Is(unicode.Nd, r) {
		return r
	}
	n := rune(0)
	for n < 9 && unicode.Is(unicode.Nd, r-n-1) {
		n++
	}
	return '0' + n
}

// brokenCode matches a code that a line break splits within its digits.
var brokenCode = lazyregexp.New(`\bDOMAIN[_-]0[ \t]*\n[ \t]*\d\d\b|\bDOMAIN[_-]0\d[ \t]*\n[ \t]*\d\b`)

// joinCode joins a code that a line break splits, if the service has it.
func joinCode(s string) string {
	joined := strings.Join(strings.Fields(s), "")
	if _, ok := catalog.FindCode(strings.ReplaceAll(joined, "-", "_")); ok {
		return joined + "\n"
	}
	return s
}

// plainText undoes the formatting of mail programs, ticket systems and shells, and removes secrets after each step,
// which may reveal more. The host names of links are added to links.
func (t *Ticket) plainText(text string, links *[]string) string {
	text = t.takeSecrets(withoutJoiners(strings.Map(narrow, invisible.Replace(strings.ToValidUTF8(text, "\ufffd")))))
	if curlTalk.MatchString(text) {
		text = curlNoise.ReplaceAllString(text, "")
	}
	text = quoteMark.ReplaceAllString(text, "")
	text = foreignDigits.ReplaceAllStringFunc(text, func(s string) string { return strings.Map(latinDigit, s) })
	text = brokenCode.ReplaceAllStringFunc(text, joinCode)
	text = defanged.Replace(text)
	text = noBreakSpace.ReplaceAllString(text, "$1$2")
	if strings.Contains(text, "=3D") || softBreak.MatchString(text) {
		text = t.takeSecrets(unprint(text))
	}
	for range 2 { // nested replies are escaped twice
		if !entity.MatchString(text) {
			break
		}
		text = t.takeSecrets(html.UnescapeString(text))
	}
	text, hosts := mail.HTML(text)
	*links = append(*links, hosts...)
	text = t.takeSecrets(typography.Replace(text))
	text = ticketToken.ReplaceAllString(text, " ")
	return strings.ToValidUTF8(text, "\ufffd")
}

// unprint decodes quoted-printable (RFC 2045 6.7).
func unprint(text string) string {
	text = softBreak.ReplaceAllString(text, "")
	return printedByte.ReplaceAllStringFunc(text, func(s string) string {
		out := make([]byte, 0, len(s)/3)
		for i := 0; i+2 < len(s); i += 3 {
			out = append(out, unhex(s[i+1])<<4|unhex(s[i+2]))
		}
		if strings.ContainsRune(string(out), 0) {
			return s
		}
		return strings.ToValidUTF8(string(out), "\ufffd")
	})
}

func unhex(c byte) byte {
	if c >= 'A' {
		return c - 'A' + 10
	}
	return c - '0'
}

// Limits for authorization codes: how many are kept, how many of them are searched for elsewhere in the text, and
// from which length.
const (
	maxSecrets  = 1000
	maxRepeated = 20
	minSecret   = 4
)

// takeSecrets removes every authorization code from a text. The first is kept to check its syntax.
func (t *Ticket) takeSecrets(text string) string {
	var out strings.Builder
	written := 0
	for from := 0; from < len(text); {
		m := ticketSecret.FindStringSubmatchIndex(text[from:])
		if m == nil {
			break
		}
		g := 1
		for m[2*g] < 0 {
			g++
		}
		start, end := from+m[2*g], from+m[2*g+1]
		code := text[start:end]
		if g == 4 {
			code = strings.TrimRight(code, ",;")
			end = start + len(code)
			if words := text[from+m[0] : start]; !strings.ContainsAny(words, ":=") &&
				!strings.ContainsAny(code, "0123456789!#$%&*+=?@^") {
				from = max(end, start+1) // "the auth code is wrong"
				continue
			}
		}
		from = max(end, from+m[1]-1, start+1)
		if code == "" {
			continue
		}
		t.keepSecret(code, g == 2)
		out.WriteString(text[written:start])
		written = end
		from = max(from, end)
	}
	out.WriteString(text[written:])
	text = out.String()
	for _, s := range t.Secrets[:min(len(t.Secrets), maxRepeated)] {
		if len(s) >= minSecret {
			text = strings.ReplaceAll(text, s, "")
		}
	}
	return text
}

// keepSecret stores a code as it appears in the text, and the first one also unescaped.
func (t *Ticket) keepSecret(code string, quoted bool) {
	said := code
	var s string
	if quoted && json.Unmarshal([]byte(`"`+code+`"`), &s) == nil {
		said = s
	}
	if t.AuthCode == nil {
		t.AuthCode = &said
	}
	for _, s := range []string{code, said} {
		if s != "" && len(t.Secrets) < maxSecrets && !slices.Contains(t.Secrets, s) {
			t.Secrets = append(t.Secrets, s)
		}
	}
}
