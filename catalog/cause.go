package catalog

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"domdoc/catalog/lazyregexp"
)

// ID identifies a cause. Scripts match on it, so it is stable: causes are added, never renamed.
type ID string

// Rung is a layer of the causal ladder, from this machine up to the web page. A finding on a lower rung makes the
// rungs above it unknown, not failed.
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

// Actor is a party that can fix a cause.
type Actor string

// The actors. Wait means that the fault clears without action.
const (
	Tenant         Actor = "tenant"
	DNSHost        Actor = "dns-host"
	RegistrarActor Actor = "registrar"
	Platform       Actor = "platform"
	Authority      Actor = "certificate-authority"
	CDNOperator    Actor = "cdn"
	Wait           Actor = "wait"
	Local          Actor = "local"
)

// Actors returns all actors, in the order of their declaration.
func Actors() []Actor {
	return []Actor{Tenant, DNSHost, RegistrarActor, Platform, Authority, CDNOperator, Wait, Local}
}

// Phrase returns the actor as printed.
func (a Actor) Phrase() string {
	switch a {
	case Tenant:
		return "you (the domain's owner)"
	case DNSHost:
		return "your DNS host"
	case RegistrarActor:
		return "your registrar"
	case Platform:
		return "the platform"
	case Authority:
		return "the certificate authority"
	case CDNOperator:
		return "the CDN"
	case Wait:
		return "no action needed"
	case Local:
		return "the operator of this machine or its network"
	}
	return string(a)
}

// Role is the purpose of a record. It decides which codes a record.* cause predicts.
type Role string

// The roles. NoRole is for findings that are not about one record.
const (
	NoRole       Role = ""
	Verification Role = "verification"
	Routing      Role = "routing"
	Certificate  Role = "certificate"
	Configured   Role = "configured"
)

// Phrase returns the printed name of a record with this role.
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

// Verdict is the result of a check or finding. The zero value means that nothing ran.
type Verdict uint8

// The verdicts. Blocked marks a finding that is a consequence of another.
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

// MarshalText returns the verdict's JSON value.
func (v Verdict) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// Record is a DNS record that is expected or was published.
type Record struct {
	Role  Role   `json:"role,omitempty"`
	Zone  string `json:"zone,omitempty"` // the zone name without its final dot; empty if unknown
	Name  string `json:"name"`           // the full owner name without its final dot
	Type  string `json:"type"`
	Value string `json:"value,omitempty"`
	TTL   int    `json:"ttl,omitempty"`  // seconds; 0 for the default
	Host  string `json:"host,omitempty"` // the DNS host of the zone ("Cloudflare"), if its name servers identify it
}

// Label returns the owner name relative to the zone, as DNS panels take it: "@" for the zone apex.
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

// Fix describes how to resolve a cause: the steps, the records to publish and delete in one change, and the commands
// that verify the result.
type Fix struct {
	Steps    []string
	Records  []Record
	Deletes  []Record // an empty value means every record of the name and type
	Commands []string
	// After are the commands for when the change is made: they query resolvers, which would remember until then that a
	// name does not exist.
	After []string
	// Exist reports that the records exist in another form, so that their DNS host is known to accept them.
	Exist bool
	// Servers is the zone whose name servers the steps change; empty if they change none.
	Servers string
	// DSCache is how many seconds resolvers cache the DS record that the steps change; 0 if they change none, or if it is
	// not known.
	DSCache uint32
	// Settles is how long the change takes to be visible everywhere; nil if that is unknown or irrelevant.
	Settles *Settles
}

// Removed returns the records to delete that no record takes the place of: a record that the steps change is not
// deleted as well.
func (f Fix) Removed() []Record {
	renamed := slices.ContainsFunc(f.Steps, func(s string) bool {
		return strings.Contains(s, "change the record's name")
	})
	var out []Record
	for _, old := range f.Deletes {
		if !slices.ContainsFunc(f.Records, func(r Record) bool {
			return r.Type == old.Type && (strings.EqualFold(r.Name, old.Name) || renamed && r.Value == old.Value)
		}) {
			out = append(out, old)
		}
	}
	return out
}

// Until is the time by which a fault clears without action, and why.
type Until struct {
	Latest time.Time
	Reason string
	// Deadline means that the wait ends there in vain, instead of with success.
	Deadline bool
}

// Link declares a consequence of a cause: findings that match To are explained by it.
type Link struct {
	To ID // the ID of a cause, or a family such as "http.*"
	// Roles limits the link to explaining findings about a record with one of these roles. Empty means any.
	Roles []Role
	// Same limits the link to consequences at the same owner name.
	Same bool
}

// Cause is a root cause, built by Declare.
type Cause struct {
	ID      ID
	Rung    Rung
	Who     []Actor // who can fix it
	Verdict Verdict // the default verdict of a finding: Fail, Warn or Inconclusive
	Title   string  // at most 60 characters, lower case, no period

	Codes    []string          // codes predicted for any role
	ByRole   map[Role][]string // codes predicted for a record of this role
	OnceLive map[Role][]string // further codes predicted once the domain serves traffic
	NoCode   string            // why no code is predicted; required if the three fields above are empty

	// Explains lists the consequences. A finding that is a consequence of another is reported under it, so that each
	// fault has one root cause.
	Explains []Link

	Needs string // input required to detect it besides the domain ("the transfer code")

	Frequency   int      // how often support tickets have this cause, from 1 (rare) to 9
	Description string   // one paragraph on what the cause is
	Detection   string   // how it is detected
	Confused    string   // the causes it is mistaken for, by ID, and the difference
	Refs        []string // RFC sections and documents

	texts texts
}

// CauseOf is a declared cause whose arguments have type A.
type CauseOf[A any] struct{ *Cause }

// With returns an instance of the cause, as checks report it.
func (k CauseOf[A]) With(args A) Instance { return Instance{Cause: k.Cause, Args: args} }

// Instance is a cause with its arguments.
type Instance struct {
	*Cause
	Args any
}

// Owned is implemented by arguments that know who must act; empty for the first of the cause's actors.
type Owned interface{ Owner() Actor }

// Actors returns who can fix the finding, the likeliest first. Wait stands alone: where somebody must act, time alone
// does not help.
func (i Instance) Actors() []Actor {
	var owner Actor
	if o, ok := i.Args.(Owned); ok {
		owner = o.Owner()
	}
	switch {
	case owner == Wait:
		return []Actor{Wait}
	case owner != "":
		rest := slices.DeleteFunc(slices.Clone(i.Who), func(a Actor) bool { return a == owner || a == Wait })
		return append([]Actor{owner}, rest...)
	}
	return i.Who
}

// Summary returns the finding in one sentence.
func (i Instance) Summary() string { return i.summary(i.Args) }

// Why returns the evidence and why it matters.
func (i Instance) Why() string { return i.why(i.Args) }

// Fix returns how to resolve the finding, without what a DNS host's panel cannot hold. Records in the service are not
// entered in such a panel.
func (i Instance) Fix() Fix {
	f := i.fix(i.Args)
	if i.Rung != Service {
		f = f.possible()
	}
	return f.resolversLast()
}

// Until returns when the fault clears without action; nil if it does not.
func (i Instance) Until() *Until {
	return i.until(i.Args)
}

// Example returns the cause with its example arguments.
func (c *Cause) Example() Instance {
	if args := call[any](c.texts.exampleOf); args != nil {
		return Instance{Cause: c, Args: args}
	}
	return Instance{Cause: c, Args: c.texts.example}
}

// Predicts returns the codes that a finding of this cause predicts for a record of the given role, sorted. live
// reports whether the domain serves traffic.
func (c *Cause) Predicts(role Role, live bool) []string {
	out := slices.Clone(c.Codes)
	out = append(out, c.ByRole[role]...)
	if live {
		out = append(out, c.OnceLive[role]...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// AllCodes returns every code that the cause can predict for any role, sorted.
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

// Family returns the part of the ID before the dot.
func (id ID) Family() string {
	family, _, _ := strings.Cut(string(id), ".")
	return family
}

// Matches reports whether the ID matches a pattern: an ID, or a family such as "record.*".
func (id ID) Matches(pattern string) bool {
	if family, ok := strings.CutSuffix(pattern, ".*"); ok {
		return id.Family() == family
	}
	return string(id) == pattern
}

// registry holds every declared cause, sorted by rung and ID. It is filled by package initialization only.
var registry []*Cause

// Declare registers a cause and returns it. It panics on a duplicate ID, so it must be called from a package-level
// variable.
func Declare[A any](c Cause, t Text[A]) CauseOf[A] {
	addTexts(&c, t)
	register(&c)
	return CauseOf[A]{&c}
}

func register(c *Cause) {
	for _, other := range registry {
		if other.ID == c.ID {
			panic(fmt.Sprintf("catalog: two causes have the ID %q; change the ID field of one", c.ID))
		}
	}
	at, _ := slices.BinarySearchFunc(registry, c, func(a, b *Cause) int {
		return cmp.Or(cmp.Compare(a.Rung, b.Rung), cmp.Compare(a.ID, b.ID))
	})
	registry = slices.Insert(registry, at, c)
}

// Causes returns every declared cause, sorted by rung and ID.
func Causes() []*Cause { return slices.Clone(registry) }

// FindCause returns the cause with an ID, in any case.
func FindCause(id string) (*Cause, bool) {
	id = strings.ToLower(strings.TrimSpace(id))
	for _, c := range registry {
		if string(c.ID) == id {
			return c, true
		}
	}
	return nil, false
}

// NeedsMore returns the input besides the domain without which no cause of a code can be detected; empty if the
// domain is enough for one of them.
func NeedsMore(code string) string {
	needs := ""
	for _, c := range CausesOf(code) {
		if c.Needs == "" {
			return ""
		}
		needs = cmp.Or(needs, c.Needs)
	}
	return needs
}

// CausesOf returns the causes that can predict a code, the most frequent first.
func CausesOf(code string) []*Cause {
	var out []*Cause
	for _, c := range registry {
		if slices.Contains(c.AllCodes(), code) {
			out = append(out, c)
		}
	}
	sortByFrequency(out)
	return out
}

func sortByFrequency(causes []*Cause) {
	slices.SortStableFunc(causes, func(a, b *Cause) int { return b.Frequency - a.Frequency })
}

// causeID matches the ID of a cause in a text.
var causeID = lazyregexp.New(`\b[a-z]+\.[a-z0-9]+(?:-[a-z0-9]+)*`)

// confusedWith reports whether the Confused field names the other cause.
func (c *Cause) confusedWith(other *Cause) bool {
	return slices.Contains(causeID.FindAllString(c.Confused, -1), string(other.ID))
}

// Alike returns the causes that this one is mistaken for and those mistaken for it, the most frequent first.
func (c *Cause) Alike() []*Cause {
	var out []*Cause
	for _, x := range Causes() {
		if x.ID != c.ID && (c.confusedWith(x) || x.confusedWith(c)) {
			out = append(out, x)
		}
	}
	sortByFrequency(out)
	return out
}

// SeeAlso returns the causes that are mistaken for this one but not named in its Confused field.
func (c *Cause) SeeAlso() []*Cause {
	return slices.DeleteFunc(c.Alike(), c.confusedWith)
}

// MayExplain reports whether findings of the other cause can be consequences of this one.
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
