package render

import (
	"encoding/json"
	"time"

	"domdoc/catalog"
)

// SchemaVersion is the version of the JSON.
const SchemaVersion = 1

// The wire types: a report as JSON has it, and as every format reads it, so that all formats say the same and a
// report that was read back (ReadReport) can be written in any. The names are an API: they are added to, never
// changed. A doc tag is the description in the schema, an enum tag the list of values that a string can have;
// nullable marks a list that is null where nothing could be asked.

// JSONReport is one run.
type JSONReport struct {
	SchemaVersion int          `json:"schemaVersion" const:"1" doc:"version of this format; names are added to it, never changed"`
	Tool          JSONTool     `json:"tool"`
	StartedAt     time.Time    `json:"startedAt" doc:"when the run began"`
	Domains       []JSONDomain `json:"domains" doc:"one element a domain, in the order in which they were asked for"`
	Vantage       *JSONVantage `json:"vantage" doc:"what this machine can judge at all; null when the run ended before that was known"`
	Tenant        *JSONTenant  `json:"tenant" doc:"what concerns the tenant as a whole; null without a service"`
	MoreTenants   []JSONTenant `json:"moreTenants,omitempty" doc:"the tenants of a run over several profiles, after the first; absent where there is one"`
	Summary       Summary      `json:"summary"`
	TookMs        int64        `json:"tookMs" doc:"how long the run took, in milliseconds"`
	Incomplete    string       `json:"incomplete,omitempty" doc:"why not every domain was checked; absent when all were"`
}

// JSONTool is who wrote the report.
type JSONTool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// JSONVantage is what this machine can judge at all.
type JSONVantage struct {
	Verdict  string        `json:"verdict" enum:"pass,inconclusive"`
	Findings []JSONFinding `json:"findings"`
}

// JSONTenant is what concerns the tenant as a whole. Its findings turn no domain red.
type JSONTenant struct {
	ID       string        `json:"id"`
	Profile  string        `json:"profile,omitempty" doc:"the profile that asked, in a run over several"`
	PlanTier string        `json:"planTier"`
	Quota    *JSONQuota    `json:"quota" doc:"null where the service does not say"`
	Wallet   *JSONWallet   `json:"wallet" doc:"null where the service does not say"`
	Findings []JSONFinding `json:"findings" doc:"tenant-wide findings: quota, wallet, token, incidents"`
}

// JSONQuota is how many domains the plan allows.
type JSONQuota struct {
	Used  *int `json:"used"`
	Limit *int `json:"limit"`
}

// JSONWallet is what the tenant can pay with.
type JSONWallet struct {
	Balance  string `json:"balance" doc:"a decimal number, as the service writes it"`
	Currency string `json:"currency"`
}

// JSONDomain is the diagnosis of one domain: one line of JSON lines.
type JSONDomain struct {
	Domain        string        `json:"domain" doc:"the name in its ASCII form; what was typed, where that is no domain name"`
	Unicode       string        `json:"unicode" doc:"the name for people"`
	ID            string        `json:"id" doc:"the service's id; empty where the service does not have the domain or was not asked"`
	ServiceStatus string        `json:"serviceStatus" doc:"the status in the service's words; empty without one"`
	Verdict       string        `json:"verdict" enum:"pass,warn,fail,inconclusive" doc:"fail if a finding fails, else inconclusive if something could not be judged, else warn, else pass"`
	WaitsUntil    *time.Time    `json:"waitsUntil" doc:"the latest moment at which waiting alone has mended the domain; null where somebody has to act, or nothing is wrong"`
	Codes         []JSONCode    `json:"codes" doc:"the service's codes: what the root findings predict, and what the service reported"`
	Findings      []JSONFinding `json:"findings" doc:"root causes first, then what follows from them"`
	Checks        []JSONCheck   `json:"checks" doc:"how each check ended"`
	Facts         JSONFacts     `json:"facts" doc:"what was seen, judged or not"`
	Propagation   []JSONRow     `json:"propagation" doc:"each expected record on every authoritative server and resolver"`
	At            time.Time     `json:"at" doc:"when the diagnosis began"`
	TookMs        int64         `json:"tookMs" doc:"how long it took, in milliseconds"`
	Interrupted   bool          `json:"interrupted,omitempty" doc:"true when the run ended before every check did"`
	Profile       string        `json:"profile,omitempty" doc:"the profile that asked, in a run over several"`
}

// JSONCode is one of the service's codes and how it stands to the evidence.
type JSONCode struct {
	Code       string     `json:"code"`
	Name       string     `json:"name"`
	State      string     `json:"state" enum:"predicted,reported,explained" doc:"predicted by the evidence, reported by the service without support in the evidence, or explained: reported and accounted for"`
	Causes     []string   `json:"causes" doc:"root causes that lead to it"`
	Resolution string     `json:"resolution" doc:"what the service's documentation advises"`
	ReportedAt *time.Time `json:"reportedAt,omitempty" doc:"when the service reported it"`
	Message    string     `json:"message,omitempty" doc:"the service's own message"`
	Note       string     `json:"note,omitempty" doc:"what is to be said of a reported code that nothing accounts for"`
}

// JSONFinding is one cause that was found, with its evidence.
type JSONFinding struct {
	Cause     string          `json:"cause" doc:"the cause's id, for ever the same: domdoc explain tells more"`
	Rung      string          `json:"rung" enum:"vantage,service,registration,delegation,dnssec,record,cache,certificate,cdn,route,http" doc:"the step of the causal ladder that it stands on"`
	Check     string          `json:"check" doc:"the check that found it: an id of checks, or vantage, tenant, incidents or subject"`
	Verdict   string          `json:"verdict" enum:"fail,warn,inconclusive,blocked" doc:"blocked: it follows from the cause in blockedBy"`
	Certainty string          `json:"certainty" enum:"conclusive,likely,hint"`
	Who       string          `json:"who" enum:"tenant,dns-host,registrar,platform,certificate-authority,cdn,wait,local" doc:"who can mend it"`
	Predicts  []string        `json:"predicts" doc:"the codes that it leads to"`
	BlockedBy *string         `json:"blockedBy" doc:"the root cause that it follows from; null on a root cause"`
	Incident  *string         `json:"incident" doc:"the cause of the incident that accounts for it, so that nothing is asked of the tenant; null where it stands for itself"`
	Role      *string         `json:"role" enum:"verification,routing,certificate,configured" doc:"what the record is for that it is about; null where it is about no record"`
	Title     string          `json:"title"`
	Summary   string          `json:"summary" doc:"the finding in one sentence"`
	Why       string          `json:"why" doc:"what was seen and why it matters"`
	Fix       JSONFix         `json:"fix"`
	ETA       *JSONETA        `json:"eta" doc:"when waiting ends; null where waiting plays no part"`
	Args      json.RawMessage `json:"args" doc:"the values in the sentences; their names belong to the cause"`
	Evidence  []JSONEvidence  `json:"evidence"`
	Refs      []string        `json:"refs" doc:"RFC sections and documents"`
	Ignored   *string         `json:"ignored,omitempty" doc:"the exception (--ignore) by which it counts for nothing; absent when it counts"`
	Known     bool            `json:"known,omitempty" doc:"the report given as --baseline has it, too; it does not end the command with an error"`
}

// root reports whether the finding stands on its own.
func (f *JSONFinding) root() bool { return f.BlockedBy == nil }

// JSONFix is what to do.
type JSONFix struct {
	Steps    []string     `json:"steps"`
	Records  []JSONRecord `json:"records" doc:"the records to publish"`
	Deletes  []JSONRecord `json:"deletes" doc:"the records to delete in the same change; an empty value stands for every record of the name and type"`
	Commands []string     `json:"commands" doc:"commands that prove the result"`
	Settles  *JSONSettles `json:"settles" doc:"how long the change takes at most, once it is made, until it is seen everywhere; null where that is not known or plays no part"`
}

// JSONSettles is how long a change takes to be seen.
type JSONSettles struct {
	Within int64     `json:"withinSeconds" doc:"at most so many seconds"`
	Latest time.Time `json:"latest" doc:"when it is seen everywhere at the latest, if the change was made at the time of the diagnosis"`
	Reason string    `json:"reason" doc:"what the time is for"`
}

// JSONRecord is a DNS record to publish.
type JSONRecord struct {
	Host    string  `json:"host" doc:"what to type into a DNS panel's name field: the owner name relative to the zone, @ for the zone itself"`
	Name    string  `json:"name" doc:"the whole owner name, without its final dot"`
	Type    string  `json:"type" doc:"the record's type; ALIAS stands for what the DNS host offers to lead the zone's own name to another"`
	Value   string  `json:"value"`
	TTL     int     `json:"ttl" doc:"in seconds"`
	Zone    *string `json:"zone" doc:"the zone that it belongs into, without its final dot; null when unknown"`
	DNSHost *string `json:"dnsHost" doc:"who serves the zone, where its name servers tell"`
}

// JSONETA is when waiting ends, and why then.
type JSONETA struct {
	Latest time.Time `json:"latest"`
	Reason string    `json:"reason"`
}

// JSONEvidence is one exchange with a server, as probe shows it.
type JSONEvidence struct {
	Kind      string    `json:"kind" enum:"dns,rdap,whois,tls,http,service"`
	Server    string    `json:"server" doc:"who was asked: name (address:port)"`
	Transport string    `json:"transport"`
	Asked     string    `json:"asked"`
	Rcode     *string   `json:"rcode" doc:"the DNS response code or the HTTP status; null without an answer"`
	Flags     []string  `json:"flags" doc:"header flags of a DNS answer: aa, tc, rd, ra, ad, cd"`
	EDE       *string   `json:"ede" doc:"the extended DNS error (RFC 8914); a hint, never a proof"`
	Answer    []string  `json:"answer"`
	Authority []string  `json:"authority"`
	TookMs    int64     `json:"tookMs"`
	At        time.Time `json:"at"`
	Repro     string    `json:"repro" doc:"the command that repeats it by hand"`
	Error     string    `json:"error,omitempty" doc:"why there is no answer"`
}

// JSONCheck is how a check ended.
type JSONCheck struct {
	ID     string  `json:"id"`
	Status string  `json:"status" enum:"pass,warn,fail,inconclusive,blocked,skipped"`
	TookMs int64   `json:"tookMs"`
	Reason *string `json:"reason" doc:"why it was skipped, blocked, or could not judge"`
}

// JSONFacts are what was seen; a part is null where it could not be asked.
type JSONFacts struct {
	Registration *JSONRegistration `json:"registration"`
	Delegation   *JSONDelegation   `json:"delegation"`
	Certificates []JSONCertificate `json:"certificates" nullable:"true" doc:"what each address shows; null where nobody asked"`
	HTTP         *JSONHTTP         `json:"http"`
}

// JSONRegistration is what the registry says.
type JSONRegistration struct {
	State     string     `json:"state" enum:"registered,not-registered,reserved,unknown"`
	Domain    string     `json:"domain" doc:"the registrable name that was asked for"`
	Source    *string    `json:"source" enum:"rdap,whois"`
	Server    *string    `json:"server"`
	Registrar *string    `json:"registrar"`
	Statuses  []string   `json:"statuses" doc:"EPP statuses, as RDAP writes them (RFC 8056)"`
	CreatedAt *time.Time `json:"createdAt"`
	ExpiresAt *time.Time `json:"expiresAt"`
	Reason    string     `json:"reason,omitempty" doc:"why the state is not known, or what it is reserved for"`
}

// JSONDelegation is the zone and who serves it.
type JSONDelegation struct {
	Zone     string   `json:"zone"`
	ParentNS []string `json:"parentNS" doc:"the name servers that the parent names"`
	ChildNS  []string `json:"childNS" doc:"the name servers that the zone itself names"`
	DNSHost  *string  `json:"dnsHost" doc:"who serves the zone, where its name servers tell"`
	DNSSEC   string   `json:"dnssec" enum:"secure,insecure,bogus,unknown"`
}

// JSONCertificate is what one address shows.
type JSONCertificate struct {
	Address  string     `json:"address"`
	State    string     `json:"state" enum:"valid,default,name-mismatch,expired,not-yet-valid,untrusted,handshake-fails,unreachable,not-tried"`
	Names    []string   `json:"names"`
	Issuer   *string    `json:"issuer"`
	NotAfter *time.Time `json:"notAfter"`
	Reason   string     `json:"reason,omitempty" doc:"why no certificate was shown"`
}

// JSONHTTP is what the page answers.
type JSONHTTP struct {
	Status int `json:"status"`
	Hops   int `json:"hops" doc:"requests until the last answer: 1 without a redirect"`
}

// JSONRow is one record on all servers.
type JSONRow struct {
	Name     string     `json:"name"`
	Type     string     `json:"type"`
	Role     *string    `json:"role" enum:"verification,routing,certificate,configured"`
	Expected *string    `json:"expected" doc:"the value that should be there; null where nothing is expected"`
	Servers  []JSONCell `json:"servers"`
}

// JSONCell is what one server has of a record.
type JSONCell struct {
	Server string   `json:"server"`
	Kind   string   `json:"kind" enum:"authoritative,resolver"`
	State  string   `json:"state" enum:"match,differs,missing,error,not-asked,seen" doc:"error: it could not be asked; not-asked: the source lacks the record; seen: nothing is expected"`
	Answer []string `json:"answer"`
	TTL    *uint32  `json:"ttl" doc:"in seconds; null without an answer"`
	Rcode  *string  `json:"rcode"`
	Error  string   `json:"error,omitempty"`
}

// verdict is a wire verdict as the catalogue's.
func verdict(word string) catalog.Verdict {
	for _, v := range []catalog.Verdict{
		catalog.Pass, catalog.Warn, catalog.Fail, catalog.Inconclusive,
		catalog.Blocked,
	} {
		if v.String() == word {
			return v
		}
	}
	return catalog.NotRun
}
