package causes

import (
	"fmt"
	"slices"
	"strconv"

	"domdoc/catalog"
)

// The infrastructure that domains can share. A fault there affects all of them.
const (
	PlaceDNSHost     = "dns-host"
	PlaceNameServer  = "name-server"
	PlaceRegistrar   = "registrar"
	PlaceTLD         = "ending" // a top-level domain
	PlaceAuthority   = "certificate-authority"
	PlaceEdge        = "edge"
	PlaceIntegration = "integration"
)

// SharedFaultArgs are the arguments of the incident causes: one fault at infrastructure that many domains share.
type SharedFaultArgs struct {
	Place   string   `json:"place"`             // the kind of infrastructure, one of the constants above
	Name    string   `json:"name"`              // the operator: "hoster.example", ".io"
	Servers []string `json:"servers,omitempty"` // the failing name servers, if only some of a host's fail
	Causes  []string `json:"causes"`            // the findings at the domains, the most frequent first
	Domains []string `json:"domains,omitempty"` // sorted by name
	Healthy int      `json:"healthy"`           // the number of domains there that were checked and are not affected
}

func (a SharedFaultArgs) who() string {
	if len(a.Servers) > 0 {
		return catalog.Join(a.Servers)
	}
	return a.Name
}

func (a SharedFaultArgs) count() string { return catalog.Plural(len(a.Domains), "domain") }

func (a SharedFaultArgs) why() string {
	s := a.count()
	if a.Healthy > 0 {
		s += " of " + strconv.Itoa(len(a.Domains)+a.Healthy)
	}
	return fmt.Sprintf("%s there %s the same fault (%s), and domains elsewhere do not; affected: %s", s,
		verb(a.Domains, "has", "have"), catalog.Join(a.Causes), catalog.Join(a.Domains))
}

// Elsewhere returns the step shown to a tenant instead of a fix: the operator of the infrastructure must act.
func (a SharedFaultArgs) Elsewhere() string {
	return fmt.Sprintf(
		"no change needed at this domain for now: %s fails for other domains in the same way and must fix it (see the "+
			"incident)", a.who())
}

// Withheld returns the fix of a finding that an incident explains: it says who must act and asks nothing of the
// tenant.
func Withheld(incident catalog.Instance) catalog.Fix {
	if a, ok := incident.Args.(interface{ Elsewhere() string }); ok {
		return catalog.Steps(a.Elsewhere())
	}
	return catalog.Steps("no change needed at this domain for now: it is affected by an incident")
}

const codesOfDomains = "an incident affects many domains, whose own findings predict the codes"

// DelegationHostIncident is delegation.host-incident.
var DelegationHostIncident = catalog.Declare(catalog.Cause{
	ID: "delegation.host-incident", Rung: catalog.Delegation, Who: []catalog.Actor{catalog.DNSHost},
	Verdict: catalog.Fail, Frequency: 3,
	Title:  "a DNS host fails for many domains",
	NoCode: codesOfDomains,
	Description: "Domains that share nothing but their DNS host fail in the same way, and domains at other hosts do " +
		"not. The fault is at the DNS host; tenants cannot fix it.",
	Detection: "Root causes that a DNS host can have are counted by host and by name server over all domains of a " +
		"run. " +
		"They must affect at least three unrelated domains, at least half of the domains at the same place, and far " +
		"more " +
		"than elsewhere.",
	Confused: "a mistake that many tenants make, such as delegation.lame: then most domains at the same host work; " +
		"service.integration-incident, where the platform fails; vantage.port53-blocked, where this network does.",
	Refs: []string{"RFC 8906"},
}, catalog.Text[SharedFaultArgs]{
	Summary: func(a SharedFaultArgs) string {
		return fmt.Sprintf("%s fails for %s: the fault is at the DNS host, not at the domains", a.who(), a.count())
	},
	Why: SharedFaultArgs.why,
	Fix: func(a SharedFaultArgs) catalog.Fix {
		f := catalog.Steps("check the status page of "+a.Name+", and report which name servers fail for which domains",
			"do not change the domains in the meantime")
		if slices.Contains(a.Causes, string(DelegationUnreachable.ID)) ||
			slices.Contains(a.Causes, string(DelegationLame.ID)) {
			f.Steps = append(f.Steps,
				"if "+a.Name+
					" has shut down permanently: move these domains to another DNS host and set its name servers at "+
					"the registrar")
		}
		return f
	},
	Example: SharedFaultArgs{
		Place: PlaceDNSHost, Name: "hoster.example", Causes: []string{"delegation.unreachable"},
		Domains: []string{"a.example", "b.example", "c.example"},
	},
})

// RegistrationRegistryIncident is registration.registry-incident.
var RegistrationRegistryIncident = catalog.Declare(catalog.Cause{
	ID: "registration.registry-incident", Rung: catalog.Registration, Who: []catalog.Actor{catalog.RegistrarActor},
	Verdict: catalog.Fail, Frequency: 2,
	Title:  "a registry or registrar fails for many domains",
	NoCode: codesOfDomains,
	Description: "Domains that share nothing but their TLD or their registrar have the same fault, and others do " +
		"not: " +
		"the registry does not answer, or the registrar has put the domains on hold.",
	Detection: "Failed registration lookups are counted by TLD, and domains on hold by registrar, over all domains " +
		"of " +
		"a run. At least three unrelated domains, and at least half of those at the same place, must be affected.",
	Confused: "registration.on-hold of a single domain, which has its own reason; registration.unknown of a single " +
		"domain.",
	Refs: []string{"RFC 9083", "RFC 5731 2.3"},
}, catalog.Text[SharedFaultArgs]{
	Summary: func(a SharedFaultArgs) string {
		if a.Place == PlaceTLD {
			return fmt.Sprintf("the registry of %s could not be queried for %s: the fault is at the registry, not at the "+
				"domains", a.Name, a.count())
		}
		return fmt.Sprintf("%s has put %s on hold at once: the fault is at the registrar, not at the domains", a.Name,
			a.count())
	},
	Why: SharedFaultArgs.why,
	Fix: func(a SharedFaultArgs) catalog.Fix {
		if a.Place == PlaceTLD {
			return catalog.Steps("run again later: the registry of "+a.Name+
				" does not answer, or limits the rate of queries from this network",
				"this does not mean that a name is available or that a registration is faulty")
		}
		return catalog.Steps("ask "+a.Name+" why it has put these domains on hold",
			"if they have the same registrant: check whether the registrant's email address is verified and all bills are "+
				"paid; that releases all of them at once")
	},
	Example: SharedFaultArgs{
		Place: PlaceTLD, Name: ".io", Causes: []string{"registration.unknown"},
		Domains: []string{"a.io", "b.io", "c.io"},
	},
})

// CertificateAuthorityIncident is certificate.authority-incident.
var CertificateAuthorityIncident = catalog.Declare(catalog.Cause{
	ID: "certificate.authority-incident", Rung: catalog.CertificateRung, Who: []catalog.Actor{catalog.Authority},
	Verdict: catalog.Fail, Frequency: 1,
	Title:  "certificates of one authority are rejected",
	NoCode: codesOfDomains,
	Description: "Certificates of one authority are rejected at several domains that share nothing else, while those " +
		"of other authorities are accepted. The authority is no longer trusted, or has misissued certificates.",
	Detection: "Complete chains without a known root, and certificates whose start date is in the future, are " +
		"counted " +
		"by issuer over all domains of a run.",
	Confused: "vantage.tls-intercepted, where every host has a certificate of the same unknown issuer; " +
		"certificate.untrusted, where a server does not send its intermediate certificate, which is the server's fault.",
	Refs: []string{"RFC 5280 6.1"},
}, catalog.Text[SharedFaultArgs]{
	Summary: func(a SharedFaultArgs) string {
		return fmt.Sprintf(
			"certificates issued by %s are rejected at %s: the fault is at the authority, not at the domains",
			a.Name, a.count())
	},
	Why: SharedFaultArgs.why,
	Fix: func(a SharedFaultArgs) catalog.Fix {
		return catalog.Steps("check that this machine's list of trusted authorities is up to date",
			"if it is, "+a.Name+
				" is no longer trusted: request certificates from another authority for all of these domains")
	},
	Example: SharedFaultArgs{
		Place: PlaceAuthority, Name: "Example CA 1", Causes: []string{"certificate.untrusted"},
		Domains: []string{"a.example", "b.example", "c.example"},
	},
})

// IntegrationIncidentArgs are the arguments of service.integration-incident.
type IntegrationIncidentArgs struct {
	Integration string   `json:"integration"` // "registrar", "CDN", "DNS" or "SSL"
	Code        string   `json:"code"`        // the reported code; empty if the fault was found at the domains
	Domains     []string `json:"domains,omitempty"`
	Causes      []string `json:"causes,omitempty"` // the findings at the domains, the most frequent first
	Healthy     int      `json:"healthy,omitempty"`
	Detail      string   `json:"detail,omitempty"` // the platform's edge
}

// ServiceIntegrationIncident is service.integration-incident.
var ServiceIntegrationIncident = catalog.Declare(catalog.Cause{
	ID: "service.integration-incident", Rung: catalog.Service, Who: []catalog.Actor{catalog.Platform},
	Verdict: catalog.Fail, Frequency: 4,
	Title:  "an integration of the platform fails for many domains",
	ByRole: map[catalog.Role][]string{catalog.NoRole: {"DOMAIN_020", "DOMAIN_021", "DOMAIN_022", "DOMAIN_023"}},
	Description: "The same integration failed for several domains that share nothing else. The fault is at the " +
		"platform or its provider; tenants cannot fix it.",
	Detection: "The same code of 020 to 023 was reported for at least three unrelated domains within a day; or at " +
		"least three domains, and at least half of those that point to the platform's edge, fail there in the same way.",
	Confused: "a domain whose own fault explains the code, such as registration.update-locked or " +
		"delegation.wrong-host; delegation.host-incident, where the tenants' DNS host fails, not the platform.",
	Refs: []string{
		"Domains Service, error code DOMAIN_020", "Domains Service, error code DOMAIN_021",
		"Domains Service, error code DOMAIN_022", "Domains Service, error code DOMAIN_023",
	},
}, catalog.Text[IntegrationIncidentArgs]{
	Summary: func(a IntegrationIncidentArgs) string {
		return fmt.Sprintf("the platform's %s integration fails for %s: the fault is at the platform, not at the domains",
			a.Integration, catalog.Plural(len(a.Domains), "domain"))
	},
	Why: func(a IntegrationIncidentArgs) string {
		if a.Code == "" {
			return SharedFaultArgs{Causes: a.Causes, Domains: a.Domains, Healthy: a.Healthy}.why()
		}
		return fmt.Sprintf("%s was reported for %s, which share nothing else", a.Code, catalog.Join(a.Domains))
	},
	Fix: func(a IntegrationIncidentArgs) catalog.Fix {
		f := catalog.Steps("no change needed at the domains; the platform's operators must repair the integration",
			"try again once the platform reports that it works")
		if slices.Contains(a.Causes, string(HTTPOriginUnreachable.ID)) {
			f.Steps = append(f.Steps, "if these domains share an origin server, check that first")
		}
		return f
	},
	Example: IntegrationIncidentArgs{
		Integration: "registrar", Code: "DOMAIN_020",
		Domains: []string{"a.example", "b.example", "c.example"},
	},
})

// Codes narrows an incident to the code of its integration.
func (a IntegrationIncidentArgs) Codes() []string {
	if a.Code == "" {
		return nil
	}
	return []string{a.Code}
}

// Elsewhere returns the step shown to a tenant instead of a fix: the platform must act.
func (a IntegrationIncidentArgs) Elsewhere() string {
	return fmt.Sprintf("no change needed at this domain: the platform's %s integration fails for other domains in the "+
		"same way, and the platform must repair it (see the incident)", a.Integration)
}
