package incident

import (
	"slices"
	"strings"
	"time"

	"domdoc/catalog"
	"domdoc/catalog/causes"
	"domdoc/catalog/sanitize"
	"domdoc/checks/finding"
	"domdoc/checks/probe"
	"domdoc/checks/probe/exchange"
	"domdoc/checks/probe/registration"
	"domdoc/checks/result"
)

// DomainFacts is the part of a diagnosis that incidents are derived from. It can also be read from the JSON lines of
// another machine's run.
type DomainFacts struct {
	Domain string // as A-labels
	Roots  []RootFact
	Codes  []CodeFact // DOMAIN_020 to 023, if reported and not explained by the domain's own evidence
	Judged []string   // ids of the conclusive checks

	DNSHost      string   // the DNS host by its name servers, or else their common registrable domain
	NameServers  []string // as delegated by the parent
	Registrar    string
	PublicSuffix string // ".io", ".co.uk"
	Authority    string // the issuer of the certificate that the addresses serve
	Edge         string // the domain that the routing target belongs to: "cloudfront.net"
}

// RootFact is one root cause of a domain.
type RootFact struct {
	Cause   catalog.ID
	Verdict catalog.Verdict
	Role    catalog.Role
	Servers []string // the name servers at fault, if known
	Reason  string   // the failure reason, or why a certificate is not trusted
	Server  string   // the Server header of an HTTP response
	Drops   bool     // the servers answer about other zones
}

// CodeFact is an error code that the service reported.
type CodeFact struct {
	Code string
	At   time.Time // zero if unknown
}

// SameTime reports whether a report at another time can be part of the same incident; an unknown time can.
func (c CodeFact) SameTime(at time.Time) bool {
	return c.At.IsZero() || at.IsZero() || c.At.Sub(at).Abs() <= window
}

// NewDomainFacts returns facts with only the name of a domain, in A-labels.
func NewDomainFacts(name string) DomainFacts {
	return DomainFacts{Domain: strings.TrimPrefix(name, "*."), PublicSuffix: publicSuffixOf(name)}
}

// FactsOf extracts the facts from a report.
func FactsOf(r *result.Domain) DomainFacts {
	f := NewDomainFacts(r.Name.ASCII)
	for _, x := range r.Findings {
		if x.Root() {
			f.Roots = append(f.Roots, rootFact(x))
		}
	}
	for _, c := range r.Codes {
		if c.Reported != nil && PlatformCode(c.ID, c.State, c.Causes) {
			f.Codes = append(f.Codes, CodeFact{c.ID, c.Reported.At})
		}
	}
	for _, c := range r.Checks {
		if Conclusive(c.Status) {
			f.Judged = append(f.Judged, c.ID)
		}
	}
	if z := r.Facts.Delegation; z != nil {
		f.SetDelegation(z.DNSHost, z.ParentNS)
	}
	if reg := r.Facts.Registration; reg != nil && reg.State == registration.Registered {
		f.Registrar = sanitize.Text(reg.Registrar, 200)
	}
	for _, h := range r.Facts.Certificates {
		if h.Shown() {
			f.Authority = sanitize.Text(exchange.IssuerName(h.Exchange.TLS.Chain[0]), 200)
			break
		}
	}
	for _, row := range r.Propagation {
		if row.Role == catalog.Routing {
			f.SetEdge(row.Expected)
		}
	}
	return f
}

func rootFact(x *finding.Finding) RootFact {
	f := RootFact{Cause: x.ID, Verdict: x.Verdict, Role: x.Role}
	var servers []string
	var reason, detail string
	switch a := x.Args.(type) {
	case causes.DelegationLameArgs:
		servers = a.Servers
	case causes.DelegationUnreachableArgs:
		servers, f.Drops = a.Servers, len(a.Alive) > 0
	case causes.CertificateFailedArgs:
		reason = a.Reason
	case causes.ServedCertificate:
		detail = a.Detail
	case causes.PageAnswer:
		f.Server = a.Server
	}
	var evidence []Answer
	if x.ID == causes.DelegationLame.ID {
		for _, e := range x.Evidence {
			shown := e.Evidence()
			a := Answer{Kind: shown.Kind, Flags: shown.Flags}
			if shown.Rcode != nil {
				a.Rcode = *shown.Rcode
			}
			evidence = append(evidence, a)
		}
	}
	f.Describe(servers, reason, detail, evidence)
	return f
}

// Answer is the response code and flags of a DNS answer, which distinguish kinds of lame servers.
type Answer struct {
	Kind, Rcode string
	Flags       []string
}

// Describe sets Servers and Reason from the finding's arguments and evidence.
func (f *RootFact) Describe(servers []string, reason, detail string, evidence []Answer) {
	f.Servers, f.Reason = nil, ""
	switch f.Cause {
	case causes.DelegationUnreachable.ID, causes.DelegationLame.ID:
		f.Servers = serverNames(servers)
		if f.Cause == causes.DelegationLame.ID && !slices.ContainsFunc(evidence, disclaims) {
			f.Reason = lameByFailure
		}
	case causes.CertificateFailed.ID:
		f.Reason = reason
	case causes.CertificateUntrusted.ID:
		f.Reason = detail
	}
}

// lameByFailure is the reason of a lame server that fails, or whose own name cannot be resolved. A server that
// refuses may be right: the tenant may have moved the zone.
const lameByFailure = "fails"

// disclaims reports whether a server answers that it does not serve a zone, rather than that it fails to.
func disclaims(e Answer) bool {
	if e.Kind != string(exchange.KindDNS) || e.Rcode == "" {
		return false
	}
	if e.Rcode == "NOERROR" { // non-authoritative, unless it is a resolver's answer about a server's name
		return !slices.Contains(e.Flags, "aa") && !slices.Contains(e.Flags, "rd")
	}
	return e.Rcode != "SERVFAIL"
}

// SetDelegation sets who serves the zone. An unknown DNS host is identified by the common registrable domain of its
// servers, unless that is the tenant's own.
func (f *DomainFacts) SetDelegation(dnsHost string, parentNS []string) {
	f.DNSHost, f.NameServers = dnsHost, parentNS
	if dnsHost != "" {
		return
	}
	common := ""
	for _, ns := range parentNS {
		owner := probe.Registrable(ns)
		if owner == "" || common != "" && owner != common {
			return
		}
		common = owner
	}
	if common != probe.Registrable(f.Domain) {
		f.DNSHost = common
	}
}

// SetEdge sets the edge from the routing target.
func (f *DomainFacts) SetEdge(target string) {
	if f.Edge == "" && strings.Contains(target, ".") {
		f.Edge = probe.Registrable(target)
	}
}

// serverNames extracts server names from the arguments of a finding, such as "ns2.old.example.net (192.0.2.2):
// refused".
func serverNames(said []string) []string {
	var out []string
	for _, s := range said {
		name := strings.TrimSuffix(s[:len(s)-len(strings.TrimLeft(s, "abcdefghijklmnopqrstuvwxyz0123456789-._"))], ".")
		if strings.Contains(name, ".") && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

// Conclusive reports whether a check's status is conclusive.
func Conclusive(s finding.CheckState) bool {
	return s == finding.StateOf(catalog.Pass) || s == finding.StateOf(catalog.Warn) || s == finding.StateOf(catalog.Fail)
}

// PlatformCode reports whether a reported code points at the platform: it is a code of an integration, and the
// domain's own evidence does not explain it.
func PlatformCode(code string, state result.CodeState, explained []catalog.ID) bool {
	if _, ok := integrationOf(code); !ok {
		return false
	}
	return state == result.CodeReported || len(explained) > 0 && !slices.ContainsFunc(explained, func(id catalog.ID) bool {
		return !slices.Contains(platformCauses, id)
	})
}

// platformCauses explain a code by the platform's own failure, so that it can still be part of an incident.
var platformCauses = []catalog.ID{
	causes.ServiceIntegrationIncident.ID, causes.ServiceIntegrationRefused.ID, causes.CDNFailed.ID,
}

// integrationOf returns the platform's integration that a code is about.
func integrationOf(code string) (string, bool) {
	c, _ := catalog.FindCode(code)
	return c.Integration(), c.Integration() != ""
}

// publicSuffixOf returns the public suffix of a name with a leading dot; empty for a public suffix.
func publicSuffixOf(name string) string {
	_, ending, ok := strings.Cut(probe.Registrable(name), ".")
	if !ok {
		return ""
	}
	return "." + ending
}
