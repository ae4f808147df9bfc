package catalog

import (
	"regexp"
	"slices"
	"strings"
	"time"
)

// ID names a cause for ever: scripts match on it. A cause may be added, none renamed.
type ID string

// Rung is a step of the causal ladder. A finding on a lower rung makes what stands above it unknown, not failed.
type Rung uint8

// The rungs, lowest first.
const (
	Vantage Rung = iota
	Service
	Registration
	Delegation
	DNSSEC
	RecordRung
	Cache
	CertificateRung
	CDN
	RouteRung
	HTTP
)

var rungNames = [...]string{
	"vantage", "service", "registration", "delegation", "dnssec", "record", "cache",
	"certificate", "cdn", "route", "http",
}

// Rungs returns all rungs, lowest first.
func Rungs() []Rung {
	out := make([]Rung, len(rungNames))
	for i := range out {
		out[i] = Rung(i)
	}
	return out
}

func (r Rung) String() string { return rungNames[r] }

// Actor is who can mend a cause.
type Actor string

// The actors. Wait means nobody: time mends it.
const (
	Tenant    Actor = "tenant"
	DNSHost   Actor = "dns-host"
	Registry  Actor = "registrar"
	Platform  Actor = "platform"
	Authority Actor = "certificate-authority"
	Network   Actor = "cdn"
	Wait      Actor = "wait"
	Local     Actor = "local"
)

// Phrase says who acts, for a person.
func (a Actor) Phrase() string {
	switch a {
	case Tenant:
		return "you (the domain's owner)"
	case DNSHost:
		return "your DNS host"
	case Registry:
		return "your registrar"
	case Platform:
		return "the platform"
	case Authority:
		return "the certificate authority"
	case Network:
		return "the CDN"
	case Wait:
		return "nobody: wait"
	case Local:
		return "whoever runs this machine or its network"
	}
	return string(a)
}

// Role is what a record is for; it decides which codes a record.* cause predicts.
type Role string

// The roles. NoRole is for findings that are not about one record.
const (
	NoRole       Role = ""
	Verification Role = "verification"
	Routing      Role = "routing"
	Certificate  Role = "certificate"
	Configured   Role = "configured"
)

// Phrase names a record by its role, for a person.
func (r Role) Phrase() string {
	switch r {
	case Verification:
		return "verification record"
	case Routing:
		return "routing record"
	case Certificate:
		return "certificate validation record"
	}
	return "record"
}

// Verdict is what was found. The zero value means that nothing ran.
type Verdict uint8

// The verdicts. Blocked is a finding that stands above another and is explained by it.
const (
	NotRun Verdict = iota
	Pass
	Warn
	Fail
	Inconclusive
	Blocked
)

var verdictNames = [...]string{"not-run", "pass", "warn", "fail", "inconclusive", "blocked"}

func (v Verdict) String() string { return verdictNames[v] }

// Severity orders verdicts by how urgent they are: the higher, the worse. Verdicts that ask for no action are 0.
func (v Verdict) Severity() int {
	switch v {
	case Fail:
		return 3
	case Inconclusive:
		return 2
	case Warn:
		return 1
	case NotRun, Pass, Blocked:
	}
	return 0
}

// MarshalText writes the verdict's word into JSON.
func (v Verdict) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// Record is a DNS record that somebody should publish, or did.
type Record struct {
	Role  Role   `json:"role,omitempty"`
	Zone  string `json:"zone,omitempty"` // the zone's name without its final dot; empty when unknown
	Name  string `json:"name"`           // the whole owner name without its final dot
	Type  string `json:"type"`
	Value string `json:"value,omitempty"`
	TTL   int    `json:"ttl,omitempty"`  // seconds; 0 leaves the choice to us
	Host  string `json:"host,omitempty"` // who serves the zone ("Cloudflare"), when its nameservers tell
}

// Label is what to type into a DNS panel's name field: the owner name relative to the zone, "@" for the zone itself.
func (r Record) Label() string {
	switch {
	case r.Zone == "" || r.Name == "":
		return r.Name
	case strings.EqualFold(r.Name, r.Zone):
		return "@"
	}
	if cut := len(r.Name) - len(r.Zone) - 1; cut > 0 && r.Name[cut] == '.' &&
		strings.EqualFold(r.Name[cut+1:], r.Zone) {
		return r.Name[:cut]
	}
	return r.Name
}

// Fix is what to do: steps for a person, the records to publish and those to delete in the same change, and the
// commands that prove the result.
type Fix struct {
	Steps    []string
	Records  []Record
	Deletes  []Record // an empty value stands for every record of the name and type
	Commands []string
	// Servers is the zone whose name servers the steps tell to change; empty where they tell of none.
	Servers string
	// Settles is how long it takes at most until the change is seen everywhere; nil where that is not known, or plays
	// no part.
	Settles *Settles
}

// Until says when waiting ends, and why then.
type Until struct {
	Latest time.Time
	Reason string
}

// Link is a consequence of a cause: a finding of that id (or family, "http.*") goes under it.
type Link struct {
	To ID
	// Roles limits the link to findings of the explaining cause that are about a record of one of these roles. Empty
	// means any.
	Roles []Role
	// Same limits the link to consequences about the same record (owner name).
	Same bool
}

// Cause is one root cause: a declared value with its words. Build one with declare.
type Cause struct {
	ID      ID
	Rung    Rung
	Who     []Actor
	Verdict Verdict // of a finding that says nothing else: Fail, Warn or Inconclusive
	Title   string  // at most 60 characters, no capital, no period

	Codes    []string          // predicted whatever the role
	ByRole   map[Role][]string // predicted for a record of this role
	OnceLive map[Role][]string // predicted besides, once the domain serves traffic
	NoCode   string            // why it predicts no code

	Explains []Link

	Needs string // what somebody must give for it to be known, besides the domain ("the transfer's code")

	Common   int      // how often tickets end here, 1 (rare) to 9
	Means    string   // what it means, in a paragraph
	How      string   // how it is known
	Confused string   // what it is often taken for, and the difference
	Refs     []string // RFC sections and documents

	summary func(any) string
	why     func(any) string
	fix     func(any) Fix
	until   func(any) *Until
	example any
}

// Words are the sentences of a cause as functions of its arguments.
type Words[A any] struct {
	Summary func(A) string // one sentence, no jargon
	Why     func(A) string // what was seen and why it matters
	Fix     func(A) Fix
	Until   func(A) *Until // nil where waiting plays no part
	Example A              // arguments to show the sentences with, in explain and in the reference
}

// Kind is a declared cause that takes arguments of type A.
type Kind[A any] struct{ *Cause }

// With makes an instance of the cause: what a check reports.
func (k Kind[A]) With(args A) Instance { return Instance{Cause: k.Cause, Args: args} }

// Instance is a cause with its arguments.
type Instance struct {
	*Cause
	Args any
}

// Summary is the finding in one sentence.
func (i Instance) Summary() string { return i.summary(i.Args) }

// Why says what was seen and why it matters.
func (i Instance) Why() string { return i.why(i.Args) }

// Fix says what to do.
func (i Instance) Fix() Fix { return i.fix(i.Args) }

// Until says when waiting ends; nil where waiting plays no part.
func (i Instance) Until() *Until {
	if i.until == nil {
		return nil
	}
	return i.until(i.Args)
}

// Example is the cause with the arguments it is explained with.
func (c *Cause) Example() Instance { return Instance{Cause: c, Args: c.example} }

// Predicts returns the codes that a finding of this cause predicts for a record of the given role, in order and once
// each.
func (c *Cause) Predicts(role Role, live bool) []string {
	out := slices.Clone(c.Codes)
	out = append(out, c.ByRole[role]...)
	if live {
		out = append(out, c.OnceLive[role]...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// AllCodes returns every code that the cause can predict, whatever the role.
func (c *Cause) AllCodes() []string {
	out := slices.Clone(c.Codes)
	for _, m := range []map[Role][]string{c.ByRole, c.OnceLive} {
		for _, codes := range m {
			out = append(out, codes...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Family is the part of the id before the dot.
func (id ID) Family() string {
	family, _, _ := strings.Cut(string(id), ".")
	return family
}

// Matches reports whether the id is named by a pattern: itself, or its family as "record.*".
func (id ID) Matches(pattern string) bool {
	if family, ok := strings.CutSuffix(pattern, ".*"); ok {
		return id.Family() == family
	}
	return string(id) == pattern
}

// FindCause looks a cause up by its id, in any case.
func FindCause(id string) (*Cause, bool) {
	id = strings.ToLower(strings.TrimSpace(id))
	for _, c := range Causes() {
		if string(c.ID) == id {
			return c, true
		}
	}
	return nil, false
}

// NeedsMore tells what must be given for any cause of a code to be known, besides the domain; empty where the domain
// is enough.
func NeedsMore(code string) string {
	needs := ""
	for _, c := range CausesOf(code) {
		if c.Needs == "" {
			return ""
		}
		needs = c.Needs
	}
	return needs
}

// CausesOf returns the causes that can predict a code, the commonest first.
func CausesOf(code string) []*Cause {
	var out []*Cause
	for _, c := range Causes() {
		if slices.Contains(c.AllCodes(), code) {
			out = append(out, c)
		}
	}
	commonestFirst(out)
	return out
}

func commonestFirst(causes []*Cause) {
	slices.SortStableFunc(causes, func(a, b *Cause) int { return b.Common - a.Common })
}

func declare[A any](c Cause, w Words[A]) Kind[A] {
	c.summary = func(a any) string { return w.Summary(a.(A)) }
	c.why = func(a any) string { return w.Why(a.(A)) }
	c.fix = func(a any) Fix { return w.Fix(a.(A)) }
	if w.Until != nil {
		c.until = func(a any) *Until { return w.Until(a.(A)) }
	}
	c.example = w.Example
	return Kind[A]{&c}
}

// causeID is how a text names a cause.
var causeID = regexp.MustCompile(`\b[a-z]+\.[a-z0-9]+(?:-[a-z0-9]+)*`)

// confusedWith reports whether the cause's own text names the other.
func (c *Cause) confusedWith(other *Cause) bool {
	return slices.Contains(causeID.FindAllString(c.Confused, -1), string(other.ID))
}

// Alike are the causes that this one is taken for and those that are taken for it, the commonest first: a mistake
// goes both ways.
func (c *Cause) Alike() []*Cause {
	var out []*Cause
	for _, x := range Causes() {
		if x.ID != c.ID && (c.confusedWith(x) || x.confusedWith(c)) {
			out = append(out, x)
		}
	}
	commonestFirst(out)
	return out
}

// SeeAlso are the causes that are taken for this one and that its own text does not name.
func (c *Cause) SeeAlso() []*Cause {
	return slices.DeleteFunc(c.Alike(), c.confusedWith)
}

// MayExplain reports whether some finding of this cause can have findings of the other under it.
func (c *Cause) MayExplain(other *Cause) bool {
	if c.ID == other.ID {
		return false
	}
	for _, l := range c.Explains {
		if other.ID.Matches(string(l.To)) {
			return true
		}
	}
	return false
}
