package catalog

import (
	"fmt"
	"strings"

	"domdoc/catalog/lazyregexp"
)

// Audience is who reads a report.
type Audience string

// The audiences.
const (
	ForTenant   Audience = "tenant"   // the domain's owner
	ForSupport  Audience = "support"  // somebody who helps the owner
	ForOperator Audience = "operator" // who runs the platform
)

// Audiences returns all audiences.
func Audiences() []Audience { return []Audience{ForTenant, ForSupport, ForOperator} }

// Reader is the person who reads a report. The zero value is the tenant.
type Reader struct {
	As Audience
	// Tenant is the id of the tenant whose domains the report is about; empty if it is not known. It must be safe to
	// print.
	Tenant string
}

// Passes reports whether the reader is on the tenant's side, and passes on to the platform what it must do.
func (r Reader) Passes() bool { return r.As == ForTenant || r.As == "" }

// Customer returns what the reader calls the domain's owner.
func (r Reader) Customer() string {
	switch {
	case r.As == ForSupport:
		return "the customer"
	case r.As == ForOperator && r.Tenant != "":
		return "the tenant " + r.Tenant
	case r.As == ForOperator:
		return "the tenant"
	}
	return "you"
}

// Owner returns what the reader calls the party that has to act.
func (r Reader) Owner(a Actor) string {
	switch {
	case a == Platform && r.As == ForOperator:
		return "you (the platform)"
	case r.Customer() == "you":
		return a.Phrase()
	case a == Tenant:
		return r.Customer() + " (the domain's owner)"
	}
	return r.Words(a.Phrase())
}

// Short returns what the reader calls the party that has to act, in a word or two.
func (r Reader) Short(a Actor) string {
	switch a {
	case Tenant:
		if r.As == ForOperator {
			return "the tenant"
		}
		return r.Customer()
	case Platform:
		if r.As == ForOperator {
			return "you"
		}
		return "platform"
	case DNSHost:
		return "DNS host"
	case RegistrarActor:
		return "registrar"
	case Authority:
		return "CA"
	case CDNOperator:
		return "CDN"
	case Wait:
		return "wait"
	case Local:
		return "here"
	}
	return string(a)
}

// Counted says for whom so many domains need something done, as in "2 for you" or "1 for the platform".
func (r Reader) Counted(a Actor, domains int) string {
	who := r.Owner(a)
	switch {
	case a == Wait && domains == 1:
		return "1 waits"
	case a == Wait:
		return fmt.Sprintf("%d wait", domains)
	case a == Tenant:
		who = r.Customer()
	case a == Platform && r.As == ForOperator:
		who = "you"
	case a == RegistrarActor:
		who = r.Words("your registrar or registry")
	}
	return fmt.Sprintf("%d for %s", domains, who)
}

// Words returns a sentence of the catalog, which addresses the tenant, for the reader. What is quoted in it is left
// alone.
func (r Reader) Words(s string) string {
	name := r.Customer()
	if name == "you" || !strings.Contains(strings.ToLower(s), "you") {
		return s
	}
	var b strings.Builder
	at, open := 0, false
	for i := 0; i <= len(s); i++ {
		if i < len(s) && s[i] == '\\' && open { // Quote escapes the quotation marks in what it quotes
			i++
			continue
		}
		if i < len(s) && s[i] != '"' {
			continue
		}
		part := s[at:min(i, len(s))]
		if !open {
			part = addressed.ReplaceAllStringFunc(part, func(m string) string { return thirdParty(m, name) })
		}
		b.WriteString(part)
		if i < len(s) {
			b.WriteByte('"')
		}
		at, open = min(i+1, len(s)), !open
	}
	return b.String()
}

// thirdParty returns a match of addressed with a name instead of the pronoun.
func thirdParty(m, name string) string {
	word, next, more := strings.Cut(m, " ")
	switch strings.ToLower(word) {
	case "you":
		if third, ok := thirdPerson[next]; ok {
			next = third
		}
		word = name
	case "your", "yours":
		word = name + "'s"
	case "yourself":
		word = "themselves"
	}
	if !more {
		return word
	}
	return word + " " + next
}

// addressed matches a word that addresses the reader, or a domain name with such a word, and the word after it.
var addressed = lazyregexp.New(`(?i)[\w.@-]*\byou(?:rself|rs|r)?\b(?:[.@-]\w[\w.-]*)?(?: [a-z]+\b)?`)

// thirdPerson has the forms of the verbs after "you" that differ for somebody else.
var thirdPerson = map[string]string{
	"are": "is", "have": "has", "run": "runs", "change": "changes", "want": "wants", "need": "needs", "use": "uses",
	"do": "does", "see": "sees", "own": "owns", "manage": "manages",
}
