package registration

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// domainNames are the spellings of the domain that was queried.
type domainNames struct {
	ascii, unicode, label string
}

func newDomainNames(domain string) domainNames {
	n := domainNames{ascii: strings.TrimSuffix(strings.ToLower(strings.TrimSpace(domain)), ".")}
	n.unicode = n.ascii
	if strings.Contains(n.ascii, "xn--") && len(n.ascii) <= 253 {
		u, err := idna.Lookup.ToUnicode(n.ascii)
		if err != nil { // older than IDNA 2008: emoji
			u, err = idna.Punycode.ToUnicode(n.ascii)
		}
		if err == nil {
			n.unicode = strings.ToLower(u)
		}
	}
	n.label, _, _ = strings.Cut(n.ascii, ".")
	return n
}

// is reports whether a word is the domain that was queried, in any spelling.
func (n domainNames) is(word string) bool {
	word = strings.ToLower(strings.TrimSuffix(strings.TrimSpace(word), "."))
	switch {
	case word == "" || len(word) > 1000:
		return false
	case word == n.ascii || word == n.unicode:
		return true
	case n.ascii == n.unicode || !nonASCII(word):
		return false
	}
	a, err := idna.Lookup.ToASCII(word)
	return err == nil && a == n.ascii
}

// nameMark stands in a text for the domain that was queried.
const nameMark = "\u25a1"

// without returns a text in lower case with nameMark in place of the domain: a word in its name is no word of the
// registry.
func (n domainNames) without(low string) string {
	for _, s := range []string{n.ascii, n.unicode} {
		low = replaceWord(low, s)
	}
	if strings.ContainsAny(n.label, "-0123456789") { // a name, not a word of prose
		low = replaceWord(low, n.label)
	}
	if n.ascii != n.unicode && nonASCII(low) { // in another normal form
		for w := range strings.FieldsSeq(low) {
			if w = strings.Trim(w, wordMarks+"%#"); nonASCII(w) && n.is(w) {
				low = strings.ReplaceAll(low, w, nameMark)
			}
		}
	}
	return low
}

// withoutLabel replaces the first label where it stands for the name, in a reply that leaves the ending out: "No
// match for example", "Domain: example".
func (n domainNames) withoutLabel(low string) string {
	if n.label == n.ascii || !strings.Contains(low, n.label) {
		return low
	}
	if rest, found := strings.CutSuffix(strings.TrimRight(low, wordMarks), " for "+n.label); found {
		return rest + " for " + nameMark
	}
	if key, _, value, ok := splitField(strings.TrimLeft(low, " %#;>*|")); ok && whoisKeys[key] == keyDomain &&
		strings.Trim(value, wordMarks) == n.label {
		return key + ": " + nameMark
	}
	return low
}

// replaceWord replaces a name where it stands alone: not within a longer name or word.
func replaceWord(low, name string) string {
	if name == "" || !strings.Contains(low, name) {
		return low
	}
	var b strings.Builder
	for rest := low; ; {
		i := strings.Index(rest, name)
		if i < 0 {
			return b.String() + rest
		}
		before, _ := utf8.DecodeLastRuneInString(rest[:i])
		after := rest[i+len(name):]
		next, size := utf8.DecodeRuneInString(after)
		if next == '.' {
			next, _ = utf8.DecodeRuneInString(after[size:])
		}
		b.WriteString(rest[:i])
		if i > 0 && nameRune(before) || nameRune(next) {
			b.WriteString(name)
		} else {
			b.WriteString(nameMark)
		}
		rest = after
	}
}

// nameRune reports whether a rune can be next to a name within a longer one.
func nameRune(r rune) bool {
	return r != utf8.RuneError && (r == '-' || r == '.' || unicode.IsLetter(r) || unicode.IsDigit(r))
}

// domainLike reports whether a lower-case word could be a domain name: two or more labels, the last not a number.
func domainLike(word string) bool {
	word = strings.TrimSuffix(word, ".")
	if len(word) > 253 || !strings.Contains(word, ".") || strings.Contains(word, "..") || strings.HasPrefix(word, ".") {
		return false
	}
	last := word[strings.LastIndexByte(word, '.')+1:]
	letters := 0
	for _, r := range last {
		if r >= '0' && r <= '9' {
			continue
		}
		letters++
	}
	if letters == 0 || len(last) < 2 {
		return false
	}
	for _, r := range word {
		if r < 0x80 && r != '.' && r != '-' && r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') {
			return false
		}
	}
	return true
}

// wordMarks are trimmed from a word before it is compared with a name.
const wordMarks = "\"'`“”‘’«»()[]<>{}.,;:!?*|"

func nonASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r >= 0x80 }) >= 0
}
