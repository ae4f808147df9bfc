package registration

import (
	"strings"

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
		if u, err := idna.Lookup.ToUnicode(n.ascii); err == nil {
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
