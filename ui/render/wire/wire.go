// Package wire defines the JSON of domdoc: its types, the conversion of reports to them, reading a report back, and
// the JSON Schema. Every output format is written from these types, so that all formats contain the same, and a
// report that was read back can be written in any of them.
package wire

import (
	"cmp"
	"encoding/json"
	"fmt"
	"time"
)

// SchemaVersion is the version of the JSON.
const SchemaVersion = 1

// The names of the JSON are an API: names are added, never changed. In a struct tag, enum lists the values of a
// string, const is a fixed value, and nullable marks a list that is null if nothing could be queried. The
// descriptions in the schema are in descriptions.

// Report is the report of a run.
type Report struct {
	SchemaVersion int       `json:"schemaVersion" const:"1"`
	Tool          Tool      `json:"tool"`
	StartedAt     time.Time `json:"startedAt"`
	Shard         string    `json:"shard,omitempty"`
	Domains       []Domain  `json:"domains"`
	Vantage       *Vantage  `json:"vantage"`
	Tenant        *Tenant   `json:"tenant"`
	MoreTenants   []Tenant  `json:"moreTenants,omitempty"`
	Tickets       []Ticket  `json:"tickets,omitempty"`
	Summary       Summary   `json:"summary"`
	TookMs        int64     `json:"tookMs"`
	Complete      bool      `json:"complete"`
	Incomplete    string    `json:"incomplete,omitempty"`
	All           bool      `json:"all,omitempty"`

	Merged []MergedPart `json:"merged,omitempty"`
}

// End is the last line of JSON lines: a Report without its domains. Without it, lines are missing.
type End struct {
	SchemaVersion int       `json:"schemaVersion" const:"1"`
	Tool          Tool      `json:"tool"`
	StartedAt     time.Time `json:"startedAt"`
	Shard         string    `json:"shard,omitempty"`
	Vantage       *Vantage  `json:"vantage"`
	Tenant        *Tenant   `json:"tenant"`
	MoreTenants   []Tenant  `json:"moreTenants,omitempty"`
	Tickets       []Ticket  `json:"tickets,omitempty"`
	Summary       Summary   `json:"summary"`
	TookMs        int64     `json:"tookMs"`
	Complete      bool      `json:"complete"`
	Incomplete    string    `json:"incomplete,omitempty"`
	All           bool      `json:"all,omitempty"`

	Merged []MergedPart `json:"merged,omitempty"`
}

// MergedPart is a part (--shard) that a merged report has, or one of its reports that is incomplete.
type MergedPart struct {
	Shard      string `json:"shard,omitempty"`
	Tenant     string `json:"tenant,omitempty"`
	Incomplete string `json:"incomplete,omitempty"`
}

// Summary counts the domains of a run by verdict.
type Summary struct {
	Domains      int `json:"domains"`
	Pass         int `json:"pass"`
	Warn         int `json:"warn"`
	Fail         int `json:"fail"`
	Inconclusive int `json:"inconclusive"`

	States States `json:"states"`
	Owners Owners `json:"owners"`
}

// States count the domains of a run by state: each is in one of them.
type States struct {
	Pass       int `json:"pass"`
	Warn       int `json:"warn"`
	Fail       int `json:"fail"`
	Waiting    int `json:"waiting"`
	NotChecked int `json:"notChecked"`
}

// Owners count the domains of a run by who must act. A domain counts once for each owner of its faults.
type Owners struct {
	Tenant      int `json:"tenant"`
	DNSHost     int `json:"dnsHost"`
	Registrar   int `json:"registrar"`
	Platform    int `json:"platform"`
	Authority   int `json:"certificateAuthority"`
	CDNOperator int `json:"cdn"`
	Wait        int `json:"wait"`
	Local       int `json:"local"`
}

// Tool identifies the program that wrote the report.
type Tool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// Vantage describes what this machine can check.
type Vantage struct {
	Verdict  string    `json:"verdict" enum:"pass,inconclusive"`
	Findings []Finding `json:"findings"`
}

// Tenant is the report about the tenant as a whole. Its findings do not affect the verdict of a domain.
type Tenant struct {
	ID       string    `json:"id"`
	Profile  string    `json:"profile,omitempty"`
	PlanTier string    `json:"planTier"`
	Quota    *Quota    `json:"quota"`
	Wallet   *Wallet   `json:"wallet"`
	Findings []Finding `json:"findings"`
}

// Quota is the number of domains that the plan allows, and how many are in use.
type Quota struct {
	Used  *int `json:"used"`
	Limit *int `json:"limit"`
}

// Wallet is the tenant's balance.
type Wallet struct {
	Balance  string `json:"balance"`
	Currency string `json:"currency"`
}

// Domain is the diagnosis of one domain: a line of JSON lines.
type Domain struct {
	Domain        string      `json:"domain"`
	Unicode       string      `json:"unicode"`
	ID            string      `json:"id"`
	ServiceStatus string      `json:"serviceStatus"`
	Verdict       string      `json:"verdict" enum:"pass,warn,fail,inconclusive"`
	State         string      `json:"state" enum:"pass,warn,fail,waiting,not-checked"`
	WaitsUntil    *time.Time  `json:"waitsUntil"`
	Codes         []Code      `json:"codes"`
	Findings      []Finding   `json:"findings"`
	Checks        []Check     `json:"checks"`
	Facts         Facts       `json:"facts"`
	Propagation   []Row       `json:"propagation"`
	At            time.Time   `json:"at"`
	TookMs        int64       `json:"tookMs"`
	LeftOut       []LeftOut   `json:"leftOut,omitempty"`
	Interrupted   bool        `json:"interrupted,omitempty"`
	Profile       string      `json:"profile,omitempty"`
	Tickets       []TicketRef `json:"inTickets,omitempty"`
}

// TicketRef names a ticket that is about a domain.
type TicketRef struct {
	Number  int    `json:"number"`
	Of      int    `json:"of"`
	File    string `json:"file,omitempty"`
	Subject string `json:"subject,omitempty"`
	Text    string `json:"text,omitempty"`
}

// Line is the ticket in one line, by which its reader knows it: "ticket 3 of 17: Domain down (03.txt)".
func (t *TicketRef) Line() string {
	s := fmt.Sprintf("ticket %d of %d", t.Number, t.Of)
	if about := cmp.Or(t.Subject, t.Text); about != "" {
		s += ": " + about
	}
	if t.File != "" {
		s += " (" + t.File + ")"
	}
	return s
}

// LeftOut is a root cause that --only or --skip removed from the findings, or a check that could not judge.
type LeftOut struct {
	Cause   string `json:"cause"`
	Check   string `json:"check,omitempty"`
	Verdict string `json:"verdict" enum:"fail,warn,inconclusive"`
	Ignored string `json:"ignored,omitempty"`
}

// Code is one of the service's error codes, and how it relates to the evidence.
type Code struct {
	Code       string     `json:"code"`
	Name       string     `json:"name"`
	State      string     `json:"state" enum:"predicted,reported,explained"`
	Causes     []string   `json:"causes"`
	Resolution string     `json:"resolution"`
	ReportedAt *time.Time `json:"reportedAt,omitempty"`
	Message    string     `json:"message,omitempty"`
	Note       string     `json:"note,omitempty"`
	Hint       bool       `json:"hint,omitempty"`
}

// Finding is a cause that was found, with its evidence.
type Finding struct {
	Cause     string          `json:"cause"`
	Rung      string          `json:"rung"`
	Check     string          `json:"check"`
	Verdict   string          `json:"verdict" enum:"fail,warn,inconclusive,blocked"`
	State     string          `json:"state" enum:"fail,warn,waiting,not-checked,consequence"`
	Certainty string          `json:"certainty" enum:"conclusive,likely,hint"`
	Who       string          `json:"who" enum:"tenant,dns-host,registrar,platform,certificate-authority,cdn,wait,local"`
	Predicts  []string        `json:"predicts"`
	BlockedBy *string         `json:"blockedBy"`
	Incident  *string         `json:"incident"`
	Role      *string         `json:"role" enum:"verification,routing,certificate,configured"`
	Title     string          `json:"title"`
	Summary   string          `json:"summary"`
	Why       string          `json:"why"`
	Fix       Fix             `json:"fix"`
	ETA       *ETA            `json:"eta"`
	Args      json.RawMessage `json:"args"`
	Evidence  []Evidence      `json:"evidence"`
	Refs      []string        `json:"refs"`
	Alone     string          `json:"alone,omitempty"`
	Ignored   *string         `json:"ignored,omitempty"`
	Known     bool            `json:"known,omitempty"`
}

// Fix is how to fix a cause.
type Fix struct {
	Steps    []string `json:"steps"`
	Records  []Record `json:"records"`
	Deletes  []Record `json:"deletes"`
	Commands []string `json:"commands"`
	After    []string `json:"after"`
	Settles  *Settles `json:"settles"`
}

// Settles is how long a change takes to be visible everywhere.
type Settles struct {
	Within int64     `json:"withinSeconds"`
	Latest time.Time `json:"latest"`
	Reason string    `json:"reason"`
}

// Record is a DNS record to publish or delete.
type Record struct {
	Host    string  `json:"host"`
	Name    string  `json:"name"`
	Type    string  `json:"type"`
	Value   string  `json:"value"`
	TTL     int     `json:"ttl"`
	Zone    *string `json:"zone"`
	DNSHost *string `json:"dnsHost"`
}

// ETA is when the wait ends, and why then.
type ETA struct {
	Latest   time.Time `json:"latest"`
	Reason   string    `json:"reason"`
	Deadline bool      `json:"deadline,omitempty"`
}

// Evidence is one exchange with a server.
type Evidence struct {
	Kind      string    `json:"kind" enum:"dns,rdap,whois,tls,http,service"`
	Server    string    `json:"server"`
	Transport string    `json:"transport"`
	Asked     string    `json:"asked"`
	Rcode     *string   `json:"rcode"`
	Flags     []string  `json:"flags"`
	EDE       *string   `json:"ede"`
	Answer    []string  `json:"answer"`
	Authority []string  `json:"authority"`
	TookMs    int64     `json:"tookMs"`
	At        time.Time `json:"at"`
	Repro     string    `json:"repro"`
	Error     string    `json:"error,omitempty"`
}

// Check is the result of a check.
type Check struct {
	ID     string  `json:"id"`
	Status string  `json:"status" enum:"pass,warn,fail,inconclusive,blocked,skipped"`
	TookMs int64   `json:"tookMs"`
	Reason *string `json:"reason"`
	Partly bool    `json:"partly,omitempty"`
	Known  bool    `json:"known,omitempty"`
}

// Facts are observations; a part is null if it could not be queried.
type Facts struct {
	Registration *Registration `json:"registration"`
	Delegation   *Delegation   `json:"delegation"`
	Certificates []Certificate `json:"certificates" nullable:"true"`
	HTTP         *HTTP         `json:"http"`
}

// Registration is the state of the registration.
type Registration struct {
	State     string     `json:"state" enum:"registered,not-registered,reserved,unknown"`
	Domain    string     `json:"domain"`
	Source    *string    `json:"source" enum:"rdap,whois,dns"`
	Server    *string    `json:"server"`
	Registrar *string    `json:"registrar"`
	Statuses  []string   `json:"statuses"`
	CreatedAt *time.Time `json:"createdAt"`
	ExpiresAt *time.Time `json:"expiresAt"`
	Reason    string     `json:"reason,omitempty"`
	FreeBy    []string   `json:"freeBy,omitempty"`
	Certainty string     `json:"certainty,omitempty" enum:"conclusive,likely,hint"`
	Offer     string     `json:"offer,omitempty"`
	Phase     string     `json:"phase,omitempty"`
	Lifecycle []Stage    `json:"lifecycle,omitempty"`
}

// Stage is a dated event in the life of a registration.
type Stage struct {
	Kind      string    `json:"kind"`
	From      time.Time `json:"from"`
	Until     time.Time `json:"until"`
	Day       bool      `json:"day,omitempty"`
	Estimated bool      `json:"estimated,omitempty"`
	Source    string    `json:"source,omitempty"`
}

// Delegation is the state of the delegation.
type Delegation struct {
	Zone     string   `json:"zone"`
	ParentNS []string `json:"parentNS"`
	ChildNS  []string `json:"childNS"`
	DNSHost  *string  `json:"dnsHost"`
	DNSSEC   string   `json:"dnssec" enum:"secure,insecure,bogus,unknown"`
}

// Certificate is the certificate presented at one address.
type Certificate struct {
	Address  string     `json:"address"`
	State    string     `json:"state"`
	Names    []string   `json:"names"`
	Issuer   *string    `json:"issuer"`
	NotAfter *time.Time `json:"notAfter"`
	Reason   string     `json:"reason,omitempty"`
}

// HTTP is the response of the page.
type HTTP struct {
	Status int `json:"status"`
	Hops   int `json:"hops"`
}

// Row is one record on all servers.
type Row struct {
	Name     string  `json:"name"`
	Type     string  `json:"type"`
	Role     *string `json:"role" enum:"verification,routing,certificate,configured"`
	Expected *string `json:"expected"`
	Servers  []Cell  `json:"servers"`
}

// Cell is the answer of one server for a record.
type Cell struct {
	Server string   `json:"server"`
	Kind   string   `json:"kind" enum:"authoritative,resolver"`
	State  string   `json:"state" enum:"match,differs,missing,error,not-asked,seen"`
	Answer []string `json:"answer"`
	TTL    *uint32  `json:"ttl"`
	Rcode  *string  `json:"rcode"`
	Error  string   `json:"error,omitempty"`
	EDE    string   `json:"ede,omitempty"`
}
