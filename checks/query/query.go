// Package query selects among diagnosed domains and their findings: queries for domains, filters, exceptions and
// severities for findings.
package query

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"domdoc/api"
	"domdoc/catalog"
	"domdoc/catalog/sanitize"
	"domdoc/checks/dnsname"
	"domdoc/checks/probe"
	"domdoc/checks/probe/registration"
	"domdoc/checks/result"
)

// Selectable is what a query can match: one domain, diagnosed or not, as lower-case text.
type Selectable struct {
	Text      string   // what a bare word matches
	Name      string   // in Unicode
	ASCII     string   // in A-labels
	Status    string   // the service's
	State     string   // the id of a catalog.State
	Codes     []string // reported or predicted
	Reported  []string // those of Codes that the service or a ticket reported
	Causes    []string // root causes
	Title     string   // of the first root cause
	Rungs     []string // of the root causes
	Who       []string // the owner of each root cause
	Host      string   // who serves the zone
	Registrar string
	Expires   time.Time // expiry of the registration; zero if unknown
	CertEnds  time.Time // earliest expiry of a served certificate; zero if unknown
	Waits     time.Time // when waiting ends at the latest; zero if there is no wait
	At        time.Time // of the diagnosis
}

// Undiagnosed returns what a query can select by before the domain is diagnosed.
func Undiagnosed(name dnsname.Name, d *api.Domain) Selectable {
	s := Selectable{Name: strings.ToLower(name.Unicode), ASCII: name.ASCII, State: catalog.StateNone.ID()}
	if d != nil {
		s.Status, s.Registrar, s.Expires = lowerText(d.Status), lowerText(d.Registrar), d.ExpiresAt
		s.Text = strings.Join([]string{s.Name, s.ASCII, lowerText(d.ID), s.Status}, "\n")
		return s
	}
	s.Text = s.Name + "\n" + s.ASCII
	return s
}

// Diagnosed returns what a query can select by after the diagnosis.
func Diagnosed(r *result.Domain) Selectable {
	s := Undiagnosed(r.Name, r.Domain)
	if r.ServiceStatus != "" {
		s.Status = lowerText(r.ServiceStatus)
	}
	s.State, s.At = r.State().ID(), r.At
	if latest, waits := r.Waits(); waits {
		s.Waits = latest
	}
	for _, c := range r.Codes {
		s.Codes = append(s.Codes, lowerText(c.ID))
		if c.State != result.CodePredicted {
			s.Reported = append(s.Reported, lowerText(c.ID))
		}
	}
	for _, f := range r.Roots() {
		if s.Title == "" {
			s.Title = strings.ToLower(f.Title)
		}
		s.Causes = appendNew(s.Causes, string(f.ID))
		s.Rungs = appendNew(s.Rungs, f.Rung.String())
		s.Who = appendNew(s.Who, string(f.Actors()[0])) // as reports and their counts have it
	}
	if z := r.Facts.Delegation; z != nil {
		s.Host = lowerText(z.DNSHost)
		if s.Host == "" && len(z.ParentNS) > 0 {
			s.Host = lowerText(probe.Registrable(z.ParentNS[0]))
		}
	}
	if reg := r.Facts.Registration; reg != nil && reg.State == registration.Registered {
		if reg.Registrar != "" {
			s.Registrar = lowerText(reg.Registrar)
		}
		if !reg.ExpiresAt.IsZero() {
			s.Expires = reg.ExpiresAt
		}
	}
	for _, h := range r.Facts.Certificates {
		if h.Shown() {
			if end := h.Exchange.TLS.Chain[0].NotAfter; s.CertEnds.IsZero() || end.Before(s.CertEnds) {
				s.CertEnds = end
			}
		}
	}
	s.Text = strings.Join(append([]string{
		s.Text, s.Status, s.State, s.Title, strings.Join(s.Codes, " "), s.Host,
		s.Registrar,
	}, s.Causes...), "\n")
	return s
}

// Adopt adds an incident of the platform that explains a code reported for the domain, whose state is now another one.
func (s *Selectable) Adopt(state catalog.State, cause, title, rung string) {
	if len(s.Causes) == 0 {
		s.Title = strings.ToLower(title)
	}
	s.State = state.ID()
	s.Causes = append(slices.Clone(s.Causes), cause)
	s.Rungs = append(slices.Clone(s.Rungs), rung)
	s.Who = append(slices.Clone(s.Who), string(catalog.Platform))
	s.Text += "\n" + s.State + "\n" + cause
}

func appendNew(list []string, s string) []string {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}

// maxSelectable is the longest text kept for queries, in characters.
const maxSelectable = 120

func lowerText(s string) string { return strings.ToLower(sanitize.Text(s, maxSelectable)) }

// Query selects domains by a line such as `verdict:fail code:010 host:cloudflare expires:<30d shop`. All terms must
// match; a bare word matches any column. Values separated by commas, except in quotes, are alternatives; a leading
// equals sign matches a whole code, cause, host or registrar; a leading minus sign negates a term. The zero value
// selects all.
type Query struct{ terms []term }

type term struct {
	not    bool
	key    *queryKey // nil: a plain word
	values []string
	span   *timeBound // instead of values, for keys that are times
}

// timeBound compares a time with the present: before or after it by so much.
type timeBound struct {
	less bool
	by   time.Duration
}

// queryKey is a key of a query.
type queryKey struct {
	name, example, help string
	typed               string // the name as it was given
	match               func(s *Selectable, value string) bool
	when                func(s *Selectable) time.Time // for keys that are times
	past                bool                          // the time is in the past, and compared as an age
	early               bool                          // known before the diagnosis
	found               bool                          // known only after it
	// values are the possible values of a key that has a fixed set; nil: any text.
	values func() []string
}

// containsAny reports whether a text of the list contains the value, or equals it if the value starts with an equals
// sign.
func containsAny(list []string, value string) bool {
	if whole, ok := strings.CutPrefix(value, "="); ok {
		return slices.Contains(list, whole)
	}
	return slices.ContainsFunc(list, func(s string) bool { return strings.Contains(s, value) })
}

// containsCode is containsAny for a code, whose number may be given without its zeros.
func containsCode(list []string, value string) bool {
	if n, err := strconv.Atoi(value); err == nil && len(value) <= 3 {
		value = fmt.Sprintf("%03d", n)
	}
	return containsAny(list, value)
}

// Predicted returns the codes that are predicted, and not reported.
func (s *Selectable) Predicted() []string {
	return slices.DeleteFunc(slices.Clone(s.Codes), func(c string) bool { return slices.Contains(s.Reported, c) })
}

// queryKeys returns the keys in the order of the help.
func queryKeys() []queryKey {
	return []queryKey{
		{
			name: "verdict", example: "verdict:fail,warn",
			help: "pass, warn, fail, waiting, not-checked or not-yet (not diagnosed)",
			match: func(s *Selectable, v string) bool {
				return strings.HasPrefix(s.State, stateID(v))
			},
			values: StateIDs, found: true,
		},
		{
			name: "code", example: "code:010", help: "a predicted or reported code",
			match:  func(s *Selectable, v string) bool { return containsCode(s.Codes, v) },
			values: codes,
		},
		{
			name: "reported", example: "reported:010", help: "a code that the service or a ticket reported",
			match:  func(s *Selectable, v string) bool { return containsCode(s.Reported, v) },
			values: codes,
		},
		{
			name: "predicted", example: "predicted:010", help: "a code that is predicted, and not reported", found: true,
			match:  func(s *Selectable, v string) bool { return containsCode(s.Predicted(), v) },
			values: codes,
		},
		{
			name: "cause", example: "cause:record", help: "a root cause, or part of its id or title",
			match: func(s *Selectable, v string) bool {
				return containsAny(s.Causes, strings.TrimSuffix(v, "*")) || strings.Contains(s.Title, v)
			},
			values: causeWords, found: true,
		},
		{
			name: "rung", example: "rung:delegation", help: "the rung of a root cause",
			match:  func(s *Selectable, v string) bool { return slices.Contains(s.Rungs, v) },
			values: rungs, found: true,
		},
		{
			name: "owner", example: "owner:tenant", help: "owner of a root cause (who: is the same)", found: true,
			match:  func(s *Selectable, v string) bool { return containsAny(s.Who, v) },
			values: actors,
		},
		{
			name: "status", example: "status:pending", help: "status at the service",
			match: func(s *Selectable, v string) bool { return containsAny([]string{s.Status}, v) },
		},
		{
			name: "name", early: true, example: "name:shop", help: "part of the name",
			match: func(s *Selectable, v string) bool {
				return strings.Contains(s.Name, v) || strings.Contains(s.ASCII, v)
			},
		},
		{
			name: "tld", early: true, example: "tld:io", help: "ending of the name",
			match: func(s *Selectable, v string) bool {
				return strings.HasSuffix(s.ASCII, "."+strings.TrimPrefix(v, "."))
			},
		},
		{
			name: "host", example: "host:cloudflare", help: "DNS host of the zone", found: true,
			match: func(s *Selectable, v string) bool { return containsAny([]string{s.Host}, v) },
		},
		{name: "registrar", example: "registrar:gandi", help: "the registrar", match: func(s *Selectable, v string) bool {
			return containsAny([]string{s.Registrar}, v)
		}},
		{
			name: "expires", example: "expires:<30d", help: "registration expiry",
			when: func(s *Selectable) time.Time { return s.Expires },
		},
		{name: "cert", example: "cert:<14d", help: "certificate expiry", when: func(s *Selectable) time.Time {
			return s.CertEnds
		}, found: true},
		{name: "wait", example: "wait:<1h", help: "end of the waiting period", when: func(s *Selectable) time.Time {
			return s.Waits
		}, found: true},
		{name: "age", example: "age:>1h", help: "age of the diagnosis", when: func(s *Selectable) time.Time {
			return s.At
		}, past: true, found: true},
	}
}

// Help returns an example and a description for each key of a query.
func Help() [][2]string {
	var out [][2]string
	for _, k := range queryKeys() {
		out = append(out, [2]string{k.example, k.help})
	}
	return out
}

// otherNames are further names of keys. The JSON calls the verdict that counts waiting apart the state, and an owner
// who.
var otherNames = map[string]string{"state": "verdict", "who": "owner"}

// findKey returns a key by its name.
func findKey(name string) (queryKey, bool) {
	if other, ok := otherNames[name]; ok {
		name = other
	}
	for _, k := range queryKeys() {
		if k.name == name {
			return k, true
		}
	}
	return queryKey{}, false
}

// maxTerms is how many terms a query has at most.
const maxTerms = 64

// ParseWhole is like Parse for a line that is complete: keys without a value, and parts of values that match nothing,
// are errors as well.
func ParseWhole(line string) (Query, error) { return parse(line, true) }

// Parse parses a query. The error describes unknown keys, which are bare words then, and invalid values; the query has
// all other terms, so that it can be applied while it is typed.
func Parse(line string) (Query, error) { return parse(line, false) }

func parse(line string, whole bool) (Query, error) {
	var q Query
	var wrong []error
	words, closed := splitQuoted(strings.ToLower(line))
	if whole && !closed {
		wrong = append(wrong, errors.New("a double quote is not closed"))
	}
	if len(words) > maxTerms {
		words = words[:maxTerms]
		wrong = append(wrong, fmt.Errorf("only the first %d terms count", maxTerms))
	}
	for _, w := range words {
		t := term{}
		if rest, ok := strings.CutPrefix(w, "-"); ok && rest != "" {
			t.not, w = true, rest
		}
		name, value, colon := strings.Cut(w, ":")
		k, known := findKey(name)
		k.typed = name
		switch {
		case !colon || !known:
			if colon && looksLikeKey(name, value) {
				wrong = append(wrong, unknownKey(name))
			}
			t.values = []string{strings.ReplaceAll(w, quotedComma, ",")}
		case strings.Trim(value, ",") == "": // still being typed
			if whole {
				wrong = append(wrong, fmt.Errorf("%s: has no value, such as %s", name, k.example))
			}
			continue
		case k.when != nil:
			s, err := parseSpan(value)
			if err != nil {
				wrong = append(wrong, fmt.Errorf("%s:%s: %w, such as %s", name, sanitize.Text(value, 40), err, k.example))
				continue
			}
			t.key, t.span = &k, s
		default:
			if err := k.check(value, whole); err != nil {
				wrong = append(wrong, err)
				continue
			}
			t.key = &k
			t.values = slices.DeleteFunc(strings.Split(value, ","), func(v string) bool { return v == "" })
			for i, v := range t.values {
				t.values[i] = strings.ReplaceAll(v, quotedComma, ",")
			}
		}
		q.terms = append(q.terms, t)
	}
	return q, errors.Join(wrong...)
}

// quotedComma replaces a comma inside quotes, which is not a separator.
const quotedComma = "\x00"

// splitQuoted splits at white space outside double quotes, which it removes. A quote that is not closed extends to the
// end.
func splitQuoted(line string) (out []string, closed bool) {
	var word strings.Builder
	quoted, any := false, false
	flush := func() {
		if any && word.Len() > 0 {
			out = append(out, word.String())
		}
		word.Reset()
		any = false
	}
	for _, r := range line {
		switch {
		case r == '"':
			quoted, any = !quoted, true
		case !quoted && (r == ' ' || r == '\t' || r == '\n' || r == '\r' || r == '\u00a0'):
			flush()
		case quoted && r == ',':
			word.WriteString(quotedComma)
		default:
			word.WriteRune(r)
			any = true
		}
	}
	flush()
	return out, !quoted
}

// parseSpan parses "<30d", ">2h" or "30d", which is the same as "<30d". Units are m, h, d and w.
func parseSpan(value string) (*timeBound, error) {
	s := &timeBound{less: true}
	switch {
	case strings.HasPrefix(value, "<"):
		value = value[1:]
	case strings.HasPrefix(value, ">"):
		s.less, value = false, value[1:]
	}
	value = strings.TrimPrefix(value, "=")
	bad := errors.New("want a number with a unit (m, h, d or w) after < or >")
	if len(value) < 2 {
		return nil, bad
	}
	unit, ok := map[byte]time.Duration{
		'm': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour,
		'w': 7 * 24 * time.Hour,
	}[value[len(value)-1]]
	n, err := strconv.Atoi(value[:len(value)-1])
	if !ok || err != nil || n < 0 || n > 100_000 {
		return nil, bad
	}
	s.by = time.Duration(n) * unit
	return s, nil
}

// Empty reports whether the query selects everything.
func (q Query) Empty() bool { return len(q.terms) == 0 }

// Timed reports whether the selection can change with time.
func (q Query) Timed() bool {
	return slices.ContainsFunc(q.terms, func(t term) bool { return t.span != nil })
}

// Found returns the terms that select by the diagnosis: no domain without one matches them.
func (q Query) Found() []string {
	var out []string
	for _, t := range q.terms {
		listed := func(v string) bool { return strings.HasPrefix(catalog.StateNone.ID(), stateID(v)) }
		if t.key == nil || !t.key.found || t.not || t.key.name == "verdict" && slices.ContainsFunc(t.values, listed) {
			continue
		}
		out = append(out, t.key.typed+":")
	}
	return out
}

// Possible reports whether the query may select a domain once it is diagnosed, by its name.
func (q Query) Possible(s *Selectable, now time.Time) bool {
	for i := range q.terms {
		if k := q.terms[i].key; k != nil && k.early && !q.terms[i].match(s, now) {
			return false
		}
	}
	return true
}

// Match reports whether the query selects a domain. An unknown time matches no comparison, negated or not.
func (q Query) Match(s *Selectable, now time.Time) bool {
	for i := range q.terms {
		if !q.terms[i].match(s, now) {
			return false
		}
	}
	return true
}

func (t *term) match(s *Selectable, now time.Time) bool {
	if t.key == nil {
		return strings.Contains(s.Text, t.values[0]) != t.not
	}
	k := t.key
	if t.span != nil {
		at := k.when(s)
		if at.IsZero() {
			return false
		}
		d := at.Sub(now)
		if k.past {
			d = -d
		}
		return (d < t.span.by) == t.span.less != t.not
	}
	return slices.ContainsFunc(t.values, func(v string) bool { return k.match(s, v) }) != t.not
}
