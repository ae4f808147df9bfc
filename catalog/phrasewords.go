package catalog

import (
	"slices"
	"strings"
	"unicode"

	"domdoc/catalog/lazyregexp"
)

// Parts of the patterns of phrases.
const (
	transferCode = `\b((auth(ori[sz]ation|entication)?|epp|transfer) ?(code|key|info|information|password|token|` +
		`credentials)|authorization key)`
	codeFillers = `(is|was|has|been|are|you|that|which|provided|entered|supplied|submitted|given|specified|for|domain|` +
		`this|in|request|appears|seems|to|be|or|and)`
	codeFaults = `(invalid|incorrect|wrong|mismatch|expired|not valid|not correct|not accepted|no longer valid|` +
		`(does|did|do) not match)`
	transferLock = `(transfer|registrar|registry|domain) lock`
)

// eppResult is a pattern for a result code of EPP (RFC 5730 3).
func eppResult(code string) string {
	return `(^|\b(epp|error|code|result|registry) )` + code + `\b`
}

// patterns and unless are those of phrases, by their index.
var patterns, unless = compiled(func(p Phrase) []string { return p.Patterns }),
	compiled(func(p Phrase) []string { return p.Unless })

func compiled(of func(Phrase) []string) [][]*lazyregexp.Regexp {
	out := make([][]*lazyregexp.Regexp, len(phrases))
	for i, p := range phrases {
		for _, text := range of(p) {
			out[i] = append(out[i], lazyregexp.New(text))
		}
	}
	return out
}

// Phrases returns the known texts.
func Phrases() []Phrase { return slices.Clone(phrases) }

// FindPhrase returns the known text that a message of the service contains. code is the error code that the message
// came with; empty for a message without one.
func FindPhrase(message, code string) (Phrase, bool) {
	words := wordsOf(message)
	said := strings.Join(words, "")
	if said == "" { // most domains have no message
		return Phrase{}, false
	}
	if c, ok := FindCode(code); ok && (said == squeeze(c.Description) || said == squeeze(c.Name)) {
		return Phrase{}, false // the message only repeats the code
	}
	line := strings.Join(words, " ")
	matches := func(r *lazyregexp.Regexp) bool { return r.MatchString(line) }
	for i, p := range phrases {
		if code != "" && !slices.Contains(p.Codes, code) || slices.ContainsFunc(unless[i], matches) {
			continue
		}
		for _, t := range p.Texts {
			t = squeeze(t)
			if said == t || !p.Whole && containsWhole(said, t) {
				return p, true
			}
		}
		if slices.ContainsFunc(patterns[i], matches) {
			return p, true
		}
	}
	return Phrase{}, false
}

// wordsOf returns the words of a text in lower case, without articles.
func wordsOf(s string) []string {
	words := strings.FieldsFunc(strings.ToLower(s), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
	return slices.DeleteFunc(words, func(w string) bool { return w == "the" || w == "a" || w == "an" })
}

// containsWhole reports whether a squeezed text contains another. A leading number must match as a whole: "160 days"
// does not contain "60 days".
func containsWhole(said, text string) bool {
	number := text != "" && unicode.IsDigit(rune(text[0]))
	for at := 0; ; {
		i := strings.Index(said[at:], text)
		if i < 0 {
			return false
		}
		at += i
		if !number || at == 0 || !unicode.IsDigit(rune(said[at-1])) {
			return true
		}
		at += len(text)
	}
}

// squeeze returns the letters and digits of a text in lower case, without articles.
func squeeze(s string) string { return strings.Join(wordsOf(s), "") }
