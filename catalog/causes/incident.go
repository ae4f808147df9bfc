package causes

import (
	"fmt"
	"slices"

	"domdoc/catalog"
)

// What domains can share that one of many may break for all of them.
const (
	PlaceDNSHost     = "dns-host"
	PlaceNameServer  = "name-server"
	PlaceRegistrar   = "registrar"
	PlaceEnding      = "ending"
	PlaceAuthority   = "certificate-authority"
	PlaceEdge        = "edge"
	PlaceIntegration = "integration"
)

// FleetArgs are the arguments of the causes that stand over many domains: one fault at somebody whom they share.
type FleetArgs struct {
	Place   string   `json:"place"`             // what they share, one of the places above
	Name    string   `json:"name"`              // whose it is: "hoster.example", ".io"
	Servers []string `json:"servers,omitempty"` // the name servers, where only some of a host's fail
	Causes  []string `json:"causes"`            // what the domains show, the commonest first
	Domains []string `json:"domains,omitempty"` // in the order of their names
	Healthy int      `json:"healthy"`           // domains there that were judged and do not show it
}

func (a FleetArgs) who() string {
	if len(a.Servers) > 0 {
		return catalog.Join(a.Servers)
	}
	return a.Name
}

func (a FleetArgs) counted() string {
	s := catalog.Plural(len(a.Domains), "domain")
	if a.Healthy > 0 {
		s += fmt.Sprintf(" of %d", len(a.Domains)+a.Healthy)
	}
	return s
}

func (a FleetArgs) why() string {
	return fmt.Sprintf("%s there show the same (%s), and domains elsewhere do not; they are %s", a.counted(),
		catalog.Join(a.Causes), catalog.Join(a.Domains))
}

// Elsewhere says in place of a tenant's steps that somebody else must act.
func (a FleetArgs) Elsewhere() string {
	return fmt.Sprintf(
		"nothing to change at this domain for now: %s fails for other domains in the same way, so it is theirs to "+
			"mend (see the incident)", a.who())
}

// Withheld is the fix of a finding that an incident accounts for: a sentence that says who must act, and nothing for
// the tenant to do.
func Withheld(incident catalog.Instance) catalog.Fix {
	if a, ok := incident.Args.(interface{ Elsewhere() string }); ok {
		return catalog.Steps(a.Elsewhere())
	}
	return catalog.Steps("nothing to change at this domain for now: an incident accounts for it")
}

const standsOverMany = "it stands over many domains, and what each of them shows predicts its own codes"

var exampleFleet = FleetArgs{
	Place: PlaceDNSHost, Name: "hoster.example", Causes: []string{"delegation.unreachable"},
	Domains: []string{"a.example", "b.example", "c.example"},
}

// DelegationHostIncident is delegation.host-incident.
var DelegationHostIncident = catalog.Declare(catalog.Cause{
	ID: "delegation.host-incident", Rung: catalog.Delegation, Who: []catalog.Actor{catalog.DNSHost},
	Verdict: catalog.Fail, Frequency: 3,
	Title:  "a DNS host fails for many domains",
	NoCode: standsOverMany,
	Description: "Domains that have nothing in common but their DNS host fail in the same way, and domains at other " +
		"hosts do not. It is the DNS host, and no single tenant can mend it.",
	Detection: "Over all domains of a run, the root causes that a DNS host can bring about are counted by host and " +
		"by name server. At least three unrelated domains, and at least half of those at the same place, must show " +
		"it, and far more than elsewhere.",
	Confused: "a mistake that many tenants make, such as delegation.lame: then most domains at the same host are " +
		"well; service.integration-incident, where the platform fails; vantage.port53-blocked, where this network does.",
	Refs: []string{"RFC 8906"},
}, catalog.Text[FleetArgs]{
	Summary: func(a FleetArgs) string {
		return fmt.Sprintf("%s fails for %s: it is the DNS host, not the domains", a.who(),
			catalog.Plural(len(a.Domains), "domain"))
	},
	Why: FleetArgs.why,
	Fix: func(a FleetArgs) catalog.Fix {
		f := catalog.Steps("tell "+a.Name+" which name servers fail for which domains, and look at its status page",
			"change nothing at the domains meanwhile")
		if slices.Contains(a.Causes, "delegation.unreachable") || slices.Contains(a.Causes, "delegation.lame") {
			f.Steps = append(f.Steps,
				"if "+a.Name+
					" is gone for good: at the registrar, set the name servers of another host, for all of these domains")
		}
		return f
	},
	Example: exampleFleet,
})

// RegistrationRegistryIncident is registration.registry-incident.
var RegistrationRegistryIncident = catalog.Declare(catalog.Cause{
	ID: "registration.registry-incident", Rung: catalog.Registration, Who: []catalog.Actor{catalog.RegistrarActor},
	Verdict: catalog.Fail, Frequency: 2,
	Title:  "a registry or registrar fails for many domains",
	NoCode: standsOverMany,
	Description: "Domains that have nothing in common but their ending or their registrar show the same, and others " +
		"do " +
		"not: the registry does not answer, or the registrar has put them on hold.",
	Detection: "Over all domains of a run, registrations that could not be asked for are counted by ending, and " +
		"domains on hold by registrar. At least three unrelated domains, and at least half of those at the same " +
		"place, must show it.",
	Confused: "registration.on-hold of a single domain, which has a reason of its own; registration.unknown of a " +
		"single domain.",
	Refs: []string{"RFC 9083", "RFC 5731 2.3"},
}, catalog.Text[FleetArgs]{
	Summary: func(a FleetArgs) string {
		if a.Place == PlaceEnding {
			return fmt.Sprintf("the registry of %s could not be asked about %s: it is the registry, not the domains",
				a.Name, catalog.Plural(len(a.Domains), "domain"))
		}
		return fmt.Sprintf("%s has %s on hold at once: it is the registrar, not the domains", a.Name,
			catalog.Plural(len(a.Domains), "domain"))
	},
	Why: FleetArgs.why,
	Fix: func(a FleetArgs) catalog.Fix {
		if a.Place == PlaceEnding {
			return catalog.Steps("ask again later: the registry of "+a.Name+
				" does not answer, or has had enough questions from here",
				"nothing of this says that a name is free, or that a registration is at fault")
		}
		return catalog.Steps("ask "+a.Name+" why it has put these domains on hold",
			"if they share one holder: see whether the holder's e-mail address was confirmed and the bill paid; that "+
				"frees all of them at once")
	},
	Example: FleetArgs{
		Place: PlaceEnding, Name: ".io", Causes: []string{"registration.unknown"},
		Domains: []string{"a.io", "b.io", "c.io"},
	},
})

// CertificateAuthorityIncident is certificate.authority-incident.
var CertificateAuthorityIncident = catalog.Declare(catalog.Cause{
	ID: "certificate.authority-incident", Rung: catalog.CertificateRung, Who: []catalog.Actor{catalog.Authority},
	Verdict: catalog.Fail, Frequency: 1,
	Title:  "the certificates of one authority are refused",
	NoCode: standsOverMany,
	Description: "Certificates of one authority are not accepted at several domains that have nothing else in " +
		"common, " +
		"and those of other authorities are. The authority has lost its place among the trusted ones, or has issued " +
		"wrongly.",
	Detection: "Over all domains of a run, whole chains that no known root vouches for, and certificates that begin " +
		"in the future, are counted by issuer.",
	Confused: "vantage.tls-intercepted, where every host shows the same unknown issuer; certificate.untrusted, " +
		"where a server leaves its intermediate certificate out, which is the server's fault.",
	Refs: []string{"RFC 5280 6.1"},
}, catalog.Text[FleetArgs]{
	Summary: func(a FleetArgs) string {
		return fmt.Sprintf("the certificates by %s are refused at %s: it is the authority, not the domains", a.Name,
			catalog.Plural(len(a.Domains), "domain"))
	},
	Why: FleetArgs.why,
	Fix: func(a FleetArgs) catalog.Fix {
		return catalog.Steps("check that this machine's list of trusted authorities is up to date",
			"if it is: "+a.Name+
				" is not trusted any more, so the certificates must be requested from another authority, for all of these "+
				"domains")
	},
	Example: FleetArgs{
		Place: PlaceAuthority, Name: "Example CA 1", Causes: []string{"certificate.untrusted"},
		Domains: []string{"a.example", "b.example", "c.example"},
	},
})

// IncidentArgs are the arguments of service.integration-incident.
type IncidentArgs struct {
	Integration string   `json:"integration"` // "registrar", "CDN", "DNS" or "SSL"
	Code        string   `json:"code"`        // the code that was reported; empty where the domains themselves show it
	Domains     []string `json:"domains,omitempty"`
	Causes      []string `json:"causes,omitempty"` // what the domains show, the commonest first
	Healthy     int      `json:"healthy,omitempty"`
	Detail      string   `json:"detail,omitempty"`
}

// ServiceIntegrationIncident is service.integration-incident.
var ServiceIntegrationIncident = catalog.Declare(catalog.Cause{
	ID: "service.integration-incident", Rung: catalog.Service, Who: []catalog.Actor{catalog.Platform},
	Verdict: catalog.Fail, Frequency: 4,
	Title:  "an integration of the platform fails for many domains",
	ByRole: map[catalog.Role][]string{catalog.NoRole: {"DOMAIN_020", "DOMAIN_021", "DOMAIN_022", "DOMAIN_023"}},
	Description: "The same integration failed for several domains that have nothing else in common. It is the " +
		"platform, " +
		"or its provider, and no tenant can mend it.",
	Detection: "The same code of 020 to 023 was reported for at least three unrelated domains within a day; or at " +
		"least " +
		"three, and at least half of those that lead to the platform's edge, " +
		"fail there in the same way.",
	Confused: "a domain whose own fault explains the code, such as registration.update-locked or " +
		"delegation.wrong-host; delegation.host-incident, where the tenants' DNS host fails, not the platform.",
	Refs: []string{
		"Domains Service, error code DOMAIN_020", "Domains Service, error code DOMAIN_021",
		"Domains Service, error code DOMAIN_022", "Domains Service, error code DOMAIN_023",
	},
}, catalog.Text[IncidentArgs]{
	Summary: func(a IncidentArgs) string {
		return fmt.Sprintf("the platform's %s integration fails for %s: it is us, not you", a.Integration,
			catalog.Plural(len(a.Domains), "domain"))
	},
	Why: func(a IncidentArgs) string {
		if a.Code == "" {
			return FleetArgs{Causes: a.Causes, Domains: a.Domains, Healthy: a.Healthy}.why()
		}
		return fmt.Sprintf("%s was reported for %s, which have nothing else in common", a.Code, catalog.Join(a.Domains))
	},
	Fix: func(a IncidentArgs) catalog.Fix {
		f := catalog.Steps("nothing to do on the domains' side; the platform's operators repair the integration",
			"try again when the platform reports it as working")
		if slices.Contains(a.Causes, "http.origin-unreachable") {
			f.Steps = append(f.Steps, "if these domains share one origin of their own, look there first")
		}
		return f
	},
	Example: IncidentArgs{
		Integration: "registrar", Code: "DOMAIN_020",
		Domains: []string{"a.example", "b.example", "c.example"},
	},
})

// Codes narrows an incident to the code of its integration.
func (a IncidentArgs) Codes() []string {
	if a.Code == "" {
		return nil
	}
	return []string{a.Code}
}

// Elsewhere says in place of a tenant's steps that the platform must act.
func (a IncidentArgs) Elsewhere() string {
	return fmt.Sprintf(
		"nothing to change at this domain: the platform's %s integration fails for other domains in the same way, and "+
			"the platform repairs it (see the incident)", a.Integration)
}
