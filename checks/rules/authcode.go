package rules

import (
	"context"
	"fmt"
	"strings"
	"unicode"

	"domdoc/catalog"
	"domdoc/catalog/causes"
)

// checkAuthCode checks the syntax of a transfer's authorization code.
var checkAuthCode = &Check{
	ID: "auth-code", Title: "the form of the authorization code", Rung: catalog.Registration,
	Reports: []*catalog.Cause{causes.RegistrationAuthCodeMalformed.Cause},
	Run:     runAuthCode,
}

// Lengths of authorization codes that registries accept (RFC 5731 sets none).
const (
	minAuthCode = 6
	maxAuthCode = 64
)

func runAuthCode(_ context.Context, p *Pass) {
	if p.Subject.AuthCode == nil {
		p.SkipUnasked("no authorization code was given")
		return
	}
	if problems := authCodeProblems(*p.Subject.AuthCode, p.Subject.Name.ASCII); len(problems) > 0 {
		p.Report(causes.RegistrationAuthCodeMalformed.With(causes.AuthCodeArgs{Problems: problems}))
	}
}

// authCodeProblems describes what is wrong with a code without repeating any of it.
func authCodeProblems(code, domain string) []string {
	var out []string
	if strings.TrimSpace(code) == "" {
		return []string{"it is empty"}
	}
	pos := 0
	for _, r := range code {
		pos++
		switch {
		case unicode.IsSpace(r) || catalog.IsInvisible(r):
			out = append(out, fmt.Sprintf("%s at position %d", catalog.CharacterName(r), pos))
		case strings.ContainsRune("“”„‘’«»", r) || (r == '"' || r == '\'') && (pos == 1 || pos == len([]rune(code))):
			out = append(out, fmt.Sprintf("%s at position %d", catalog.CharacterName(r), pos))
		case r > 0x7e:
			out = append(out, fmt.Sprintf("an invalid character at position %d", pos))
		}
		if len(out) == 4 {
			return out
		}
	}
	for _, entity := range []string{"&amp;", "&lt;", "&gt;", "&quot;", "&#"} {
		if i := strings.Index(code, entity); i >= 0 {
			out = append(out, fmt.Sprintf("an HTML entity at position %d: it was copied from the source of a page or mail",
				i+1))
			break
		}
	}
	if n := len([]rune(strings.TrimSpace(code))); n < minAuthCode || n > maxAuthCode {
		out = append(out, fmt.Sprintf("it has %d characters; codes have %d to %d", n, minAuthCode, maxAuthCode))
	}
	if strings.EqualFold(strings.TrimSpace(code), domain) {
		out = append(out, "it is the domain's name")
	}
	return out
}
