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

// DomainFacts is the little of a diagnosis that incidents are made of. A fleet of any size keeps these in place of
// its reports, and they can be read from the JSON lines of another machine's run.
type DomainFacts struct {
	Domain string // as A-labels
	Roots  []RootFact
	Codes  []CodeFact // 020 to 023, reported and not accounted for by the domain's own evidence
	Judged []string   // ids of the checks that came to a conclusion

	DNSHost      string   // the host's name where its servers tell, else the domain that they all belong to
	NameServers  []string // as the parent lists them
	Registrar    string
	PublicSuffix string // ".io", ".co.uk"
	Authority    string // who issued the certificate that the addresses show
	Edge         string // the domain that the routing target belongs to: "cloudfront.net"
}

// RootFact is one root cause of a domain.
type RootFact struct {
	Cause   catalog.ID
	Verdict catalog.Verdict
	Role    catalog.Role
	Servers []string // names of the name servers at fault, where the finding names them
	Reason  string   // what tells findings of one cause apart: a failure's reason, or why a certificate is not trusted
	Server  string   // who made an HTTP answer, by its own word
}

// CodeFact is a code that the service reported.
type CodeFact struct {
	Code string
	At   time.Time // zero where it is not said
}

// NewDomainFacts are the facts of a domain of which nothing is known yet but its name, as A-labels.
func NewDomainFacts(name string) DomainFacts {
	return DomainFacts{Domain: strings.TrimPrefix(name, "*."), PublicSuffix: publicSuffixOf(name)}
}

// FactsOf takes from a report what incidents are made of.
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
		servers = a.Servers
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

// Answer is as much of an exchange as tells one lame server from another: the response code and the flags of a DNS
// answer.
type Answer struct {
	Kind, Rcode string
	Flags       []string
}

// Describe sets what tells findings of one cause apart, from the finding's arguments and evidence.
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

// lameByFailure is the reason of a lame server that fails, or whose own name cannot be looked up. One that answers
// and refuses may be right: the zone may have been taken away from it by the tenant.
const lameByFailure = "fails"

// disclaims tells an answer by which a server says that it does not serve a zone, rather than that it cannot.
func disclaims(e Answer) bool {
	if e.Kind != string(exchange.KindDNS) || e.Rcode == "" {
		return false
	}
	if e.Rcode == "NOERROR" { // without authority, unless it is a resolver's answer about a server's name
		return !slices.Contains(e.Flags, "aa") && !slices.Contains(e.Flags, "rd")
	}
	return e.Rcode != "SERVFAIL"
}

// SetDelegation sets who serves the zone. Servers of a host that is in no table are known by the domain that all of
// them belong to, unless it is the tenant's own.
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

// SetEdge sets where the platform wants the traffic to go.
func (f *DomainFacts) SetEdge(target string) {
	if f.Edge == "" && strings.Contains(target, ".") {
		f.Edge = probe.Registrable(target)
	}
}

// serverNames reads the names of servers from what a finding says of them: "ns2.old.example.net (192.0.2.2):
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

// Conclusive reports whether a check's status is a conclusion about the domain.
func Conclusive(status string) bool {
	return status == catalog.Pass.String() || status == catalog.Warn.String() || status == catalog.Fail.String()
}

// PlatformCode reports whether a reported code says something of the platform: it is one of the integrations', and
// nothing of the domain's own explains it.
func PlatformCode(code string, state result.CodeState, explained []catalog.ID) bool {
	if _, ok := integrationOf(code); !ok {
		return false
	}
	return state == result.CodeReported || slices.Contains(explained, causes.ServiceIntegrationIncident.ID)
}

// integrationOf names the integration of the platform that a code is about.
func integrationOf(code string) (string, bool) {
	switch code {
	case "DOMAIN_020":
		return "registrar", true
	case "DOMAIN_021":
		return "CDN", true
	case "DOMAIN_022":
		return "DNS", true
	case "DOMAIN_023":
		return "SSL", true
	}
	return "", false
}

// publicSuffixOf is the public ending under which a name is registered, with its dot; empty for an ending itself.
func publicSuffixOf(name string) string {
	_, ending, ok := strings.Cut(probe.Registrable(name), ".")
	if !ok {
		return ""
	}
	return "." + ending
}
