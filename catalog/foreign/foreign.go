// Package foreign knows the error messages of other software that customers quote: browsers, curl, TLS and DNS
// libraries, Cloudflare, CloudFront and certificate authorities. An entry says what the software means by the message
// and which causes it points to.
package foreign

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"domdoc/catalog"
	"domdoc/catalog/order"
)

// Message is an error message of other software.
type Message struct {
	Name    string       // as its software prints it, or product and number: "Cloudflare 526"
	Product string       // the software, for a sentence: "Chrome and Edge"
	Meaning string       // what the software means by it, a sentence without a period
	Causes  []catalog.ID // the causes that it points to, the likely ones first; empty if it says nothing about a domain
	Source  string       // the document of the software

	pattern string // in lower case, for a text in lower case; empty: Name as a word
	unless  string // texts that only look like it
	family  string // for a message that stands for a family of names: the regular expression of a name
	number  string // of a numbered message
	instead string // the name of a message that it says more precisely
	general bool   // it says less than any other message of its product, and counts where there is none
	found   *regexp.Regexp
	hints   []string // texts of which a match contains one
	not     *regexp.Regexp
}

// Codes returns the error codes of the service that the causes lead to, for a domain in use, sorted.
func (m *Message) Codes() []string {
	var out []string
	for _, id := range m.Causes {
		if c, ok := catalog.FindCause(string(id)); ok {
			out = append(out, c.Predicts(catalog.Routing, true)...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Match is a message in a text.
type Match struct {
	*Message
	Name       string // the message's own, or the member of its family
	Start, End int    // in the text, in octets
}

// messages returns all entries, ready to be searched for.
var messages = sync.OnceValue(func() []*Message {
	var out []*Message
	for _, table := range [][]Message{
		chromium, firefox, safari, clients, cloudflare, cloudfront, gateways, authorities, pages, resolvers,
	} {
		for i := range table {
			m := &table[i]
			p := m.pattern
			if p == "" {
				p = `\b` + regexp.QuoteMeta(strings.ToLower(m.Name)) + `\b`
			}
			m.found, m.hints = regexp.MustCompile(p), hints(p)
			if m.unless != "" {
				m.not = regexp.MustCompile(m.unless)
			}
			out = append(out, m)
		}
	}
	return append(out, fromProviders()...)
})

// All returns every message.
func All() []*Message { return slices.Clone(messages()) }

// straight replaces typographic signs by ASCII ones of the same length in a text that is searched.
var straight = strings.NewReplacer("’", "'  ", "‘", "'  ", "“", `"  `, "”", `"  `, "\u00a0", "  ")

// lower returns a text in lower case and with straight quotes; positions in it are those in the text.
func lower(text string) string {
	var b strings.Builder
	for _, part := range strings.SplitAfter(text, "\n") {
		if low := strings.ToLower(part); len(low) == len(part) {
			b.WriteString(low)
			continue
		}
		b.WriteString(strings.Map(func(r rune) rune { // a letter whose other case has another length
			if r < 0x80 && r >= 'A' && r <= 'Z' {
				return r + 'a' - 'A'
			}
			return r
		}, part))
	}
	return strings.ReplaceAll(straight.Replace(b.String()), "'  ", "'\x00\x00")
}

// constant matches the name of an error as programs define it.
var constant = regexp.MustCompile(`^(?:NET::)?[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$`)

// isVariant reports whether a text is the name of another error that has the meaning of the message.
func (m *Message) isVariant(text string) bool {
	return constant.MatchString(m.Name) && constant.MatchString(text) &&
		strings.TrimPrefix(text, "NET::") != strings.TrimPrefix(m.Name, "NET::")
}

// maxMatches bounds the result of Find.
const maxMatches = 50

// maxSearched is how much of a text is searched, in octets.
const maxSearched = 256 << 10

// Find returns the messages in a text, in order of appearance, each name once.
func Find(text string) []Match {
	var out []Match
	for _, m := range FindEach(text) {
		if !slices.ContainsFunc(out, func(o Match) bool { return o.Name == m.Name }) {
			out = append(out, m)
		}
	}
	return out
}

// FindEach returns every occurrence of a message in a text, in order of appearance.
func FindEach(text string) []Match {
	low := lower(text[:min(len(text), maxSearched)])
	var all []Match
	for _, m := range messages() {
		if !m.mayMatch(low) {
			continue
		}
		for _, at := range m.found.FindAllStringSubmatchIndex(low, maxMatches) {
			start, end := at[0], at[1]
			if len(at) > 2 && at[2] >= 0 {
				start, end = at[2], at[3]
			}
			line := lineOf(low, start)
			if m.not != nil && m.not.MatchString(line) {
				continue
			}
			name := m.Name
			if said := strings.ToUpper(strings.TrimSpace(text[start:end])); m.family != "" || m.isVariant(said) {
				name = said
			}
			all = append(all, Match{m, name, start, end})
		}
	}
	order.StableBy(all, func(a, b Match) int {
		if a.Start != b.Start {
			return a.Start - b.Start
		}
		return b.End - a.End
	})
	var out []Match
	for _, m := range all {
		if len(out) >= maxMatches {
			break
		}
		if slices.ContainsFunc(all, func(o Match) bool { return o.instead == m.Name }) {
			continue
		}
		if m.general && slices.ContainsFunc(all, func(o Match) bool {
			return !o.general && (o.Product == m.Product || o.number != "" && m.number != "")
		}) {
			continue
		}
		if !slices.ContainsFunc(out, func(o Match) bool {
			return m.Start < o.End && o.Start < m.End
		}) {
			out = append(out, m)
		}
	}
	return out
}

// lineOf returns the line around a position, and the next one, since mail programs wrap.
func lineOf(text string, at int) string {
	start := strings.LastIndexByte(text[:at], '\n') + 1
	end := len(text)
	if i := strings.IndexByte(text[at:], '\n'); i >= 0 {
		end = at + i
		if k := strings.IndexByte(text[end+1:], '\n'); k >= 0 {
			end += 1 + k
		} else {
			end = len(text)
		}
	}
	return text[start:min(end, at+400)]
}

// Explain returns the messages that a query names: as they are printed, or by the number alone ("526").
func Explain(query string) []Match {
	query = strings.TrimSpace(query)
	if found := Find(query); len(found) > 0 {
		return found
	}
	plain := func(s string) string {
		return strings.Join(strings.FieldsFunc(strings.ToLower(s), func(r rune) bool {
			return strings.ContainsRune(" \t:()#.,'\"’", r)
		}), " ")
	}
	want := strings.TrimPrefix(plain(query), "error ")
	var out []Match
	for _, m := range messages() {
		if want != "" && (plain(m.Name) == want || m.number == want) {
			out = append(out, Match{Message: m, Name: m.Name})
		}
	}
	return out
}
