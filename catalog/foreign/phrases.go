package foreign

import (
	"regexp"
	"strings"
	"unicode"

	"domdoc/catalog"
)

// minPhrase is the shortest text of a provider that is looked for in a message without a code, in letters: shorter
// ones are words of everyday language.
const minPhrase = 14

// fromProviders are the texts with which providers explain a failure to the platform; customers see them in consoles.
func fromProviders() []*Message {
	var out []*Message
	known := map[string]bool{}
	for _, p := range catalog.Phrases() {
		if p.Whole {
			continue
		}
		family := p.Cause.Family()
		if family != "cdn" && family != "certificate" {
			continue // what registrars and the platform's accounts say is too general without a code
		}
		product := "AWS Certificate Manager"
		if family == "cdn" {
			product = "CloudFront"
		}
		for _, text := range p.Texts {
			if len(text) < minPhrase {
				continue
			}
			words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
				return !unicode.IsLetter(r) && !unicode.IsDigit(r)
			})
			for i := range words {
				words[i] = regexp.QuoteMeta(words[i])
			}
			if known[strings.Join(words, "")] {
				continue
			}
			known[strings.Join(words, "")] = true
			pattern := `\b` + strings.Join(words, `(?:[^\pL\pN]{1,4}(?:the |a |an )?|)`) + `\b`
			out = append(out, &Message{
				Name: text, Product: product, Meaning: p.Meaning, Causes: []catalog.ID{p.Cause}, Source: p.Source,
				found: regexp.MustCompile(pattern), hints: hints(pattern),
			})
		}
	}
	return out
}
