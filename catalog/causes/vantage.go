package causes

import (
	"fmt"
	"slices"

	"domdoc/catalog"
)

// NetworkObservation is what was observed of this machine's network: the arguments of most vantage.* causes.
type NetworkObservation struct {
	Asked  []string `json:"asked,omitempty"`  // the servers that were queried
	Detail string   `json:"detail,omitempty"` // what happened
}

const notTheDomain = "it is a fault of this machine or network and says nothing about the domain"

// unreachableFromHere is what cannot be checked from a machine whose queries fail.
var unreachableFromHere = links(ServiceUnreachable.ID, RegistrationUnknown.ID, DelegationUnreachable.ID,
	HTTPUnreachable.ID)

// VantageOffline is vantage.offline.
var VantageOffline = catalog.Declare(catalog.Cause{
	ID: "vantage.offline", Rung: catalog.Vantage, Who: []catalog.Actor{catalog.Local}, Verdict: catalog.Inconclusive,
	Frequency: 3,
	Title:     "no resolver answers this machine",
	NoCode:    notTheDomain, Explains: unreachableFromHere,
	Description: "None of the resolvers answered. This machine is most likely offline, or a firewall drops its " +
		"queries.",
	Detection: "Every configured resolver is queried for the root name servers. None answers.",
	Confused: "a broken domain, for which resolvers still answer, if only with SERVFAIL; vantage.port53-blocked, " +
		"where " +
		"resolvers answer but authoritative servers do not.",
	Refs: []string{"RFC 1034 5.3.1"},
}, catalog.Text[NetworkObservation]{
	Summary: func(NetworkObservation) string {
		return "this machine cannot reach any resolver, so nothing can be checked from here"
	},
	Why: func(a NetworkObservation) string {
		return "no answer from " + catalog.Join(a.Asked) + ": " + a.Detail
	},
	Fix: func(NetworkObservation) catalog.Fix {
		return catalog.Steps("check this machine's network connection",
			"behind a firewall: set a resolver that is allowed, for example --resolver 192.168.1.1 or --resolver "+
				"https://dns.google/dns-query")
	},
	Example: NetworkObservation{Asked: []string{"8.8.8.8:53", "1.1.1.1:53"}, Detail: "timeout"},
})

// VantagePort53Blocked is vantage.port53-blocked.
var VantagePort53Blocked = catalog.Declare(catalog.Cause{
	ID: "vantage.port53-blocked", Rung: catalog.Vantage, Who: []catalog.Actor{catalog.Local},
	Verdict: catalog.Inconclusive, Frequency: 4,
	Title:  "this network blocks queries to authoritative servers",
	NoCode: notTheDomain, Explains: unreachableFromHere,
	Description: "Resolvers answer, but no authoritative server does: this network allows DNS to some resolvers " +
		"only. " +
		"The domain's own servers cannot be checked from here.",
	Detection: "The resolvers answer, but neither the root servers nor those of the zone answer on port 53 over UDP " +
		"or " +
		"TCP.",
	Confused: "delegation.unreachable, where the servers of other zones do answer; vantage.offline, where no " +
		"resolver " +
		"answers either.",
	Refs: []string{"RFC 8906", "RFC 9210"},
}, catalog.Text[NetworkObservation]{
	Summary: func(NetworkObservation) string {
		return "this network blocks queries to authoritative DNS servers, so they cannot be checked from here"
	},
	Why: func(a NetworkObservation) string {
		return "resolvers answer, but " + catalog.Join(a.Asked) + " " + verb(a.Asked, "does", "do") + " not: " + a.Detail
	},
	Fix: func(NetworkObservation) catalog.Fix {
		return catalog.Steps(
			"run the check from another network, or allow UDP and TCP port 53 to the Internet for this machine")
	},
	Example: NetworkObservation{Asked: []string{"a.root-servers.net (198.41.0.4:53)"}, Detail: "timeout"},
})

// VantageNoIPv6Args are the arguments of vantage.no-ipv6.
type VantageNoIPv6Args struct {
	Asked []string `json:"asked,omitempty"` // the addresses that could not be tried
}

// VantageNoIPv6 is vantage.no-ipv6.
var VantageNoIPv6 = catalog.Declare(catalog.Cause{
	ID: "vantage.no-ipv6", Rung: catalog.Vantage, Who: []catalog.Actor{catalog.Local}, Verdict: catalog.Inconclusive,
	Frequency: 2,
	Title:     "this machine has no IPv6",
	NoCode:    notTheDomain,
	Description: "IPv6 addresses cannot be tried from this machine. Visitors with IPv6 may see something different " +
		"from what was checked here.",
	Detection: "The system has no route to a public IPv6 address, or no public IPv6 address itself; or a host that " +
		"is " +
		"known to work does not answer over IPv6 either.",
	Confused: "http.address-fails: an address that was not tried did not fail.",
	Refs:     []string{"RFC 6724 5"},
}, catalog.Text[VantageNoIPv6Args]{
	Summary: func(VantageNoIPv6Args) string {
		return "this machine has no IPv6, so IPv6 addresses could not be tried"
	},
	Why: func(a VantageNoIPv6Args) string {
		if len(a.Asked) == 0 {
			return "the system has no route to the IPv6 Internet, or no public IPv6 address"
		}
		return "there is no route from here to " + catalog.Join(a.Asked)
	},
	Fix: func(VantageNoIPv6Args) catalog.Fix {
		return catalog.Steps("run the check from a machine with IPv6 to include these addresses")
	},
	Example: VantageNoIPv6Args{Asked: []string{"2a00:1450:4001:82a::2003"}},
})

// VantageClockSkewArgs are the arguments of vantage.clock-skew.
type VantageClockSkewArgs struct {
	Detail string `json:"detail,omitempty"` // the difference, and the clock it was compared with
}

// VantageClockSkew is vantage.clock-skew.
var VantageClockSkew = catalog.Declare(catalog.Cause{
	ID: "vantage.clock-skew", Rung: catalog.Vantage, Who: []catalog.Actor{catalog.Local}, Verdict: catalog.Inconclusive,
	Frequency: 2,
	Title:     "this machine's clock is wrong",
	NoCode:    notTheDomain,
	Explains: links(CertificateNotYetValid.ID, CertificateExpired.ID, CertificateExpiresSoon.ID,
		CertificateNotDeployed.ID, RegistrationExpired.ID,
		RegistrationExpiresSoon.ID, RegistrationTransferTooYoung.ID, CertificateAbsent.ID, ServiceUnauthorized.ID,
		DNSSECSignatureExpired.ID, RegistrationUnknown.ID),
	Description: "Certificates, signatures and tokens are checked against the clock. If the clock is minutes or days " +
		"off, valid ones look expired or not yet valid.",
	Detection: "The local time is compared with the Date header of registries. If none can be reached, it is " +
		"compared " +
		"with the Date header and certificate of a host that is known to work.",
	Confused: "certificate.not-yet-valid or certificate.expired of one domain: a wrong clock has that effect on " +
		"every " +
		"certificate.",
	Refs: []string{"RFC 9110 6.6.1", "RFC 5280 4.1.2.5"},
}, catalog.Text[VantageClockSkewArgs]{
	Summary: func(VantageClockSkewArgs) string {
		return "this machine's clock is wrong, so certificate dates cannot be checked"
	},
	Why: func(a VantageClockSkewArgs) string { return a.Detail },
	Fix: func(VantageClockSkewArgs) catalog.Fix {
		return catalog.Steps("set the clock, for example by enabling NTP (timedatectl set-ntp true)")
	},
	Example: VantageClockSkewArgs{Detail: "the local clock is 3 days behind the Date header of rdap.example.net"},
})

// VantagePort53Intercepted is vantage.port53-intercepted.
var VantagePort53Intercepted = catalog.Declare(catalog.Cause{
	ID: "vantage.port53-intercepted", Rung: catalog.Vantage, Who: []catalog.Actor{catalog.Local},
	Verdict: catalog.Inconclusive, Frequency: 3,
	Title:  "this network intercepts DNS queries",
	NoCode: notTheDomain,
	Explains: slices.Concat(links(VantagePort53Blocked.ID, VantageOffline.ID),
		unreachableFromHere),
	Description: "A router or firewall answers DNS queries in place of the servers they are sent to. The answers of " +
		"8.8.8.8 or of the zone's own servers cannot be checked from here.",
	Detection: "Queries with known answers are sent: a root server answers like a resolver; ipv4only.arpa, or a name " +
		"that cannot exist, gets an address; or a public resolver identifies itself differently than over HTTPS, which " +
		"cannot be intercepted.",
	Confused: "cache.old-answer, where the answers differ too, but come from the server that was queried; " +
		"vantage.port53-blocked, where there is no answer at all.",
	Refs: []string{"RFC 4892", "RFC 7050 8.2", "RFC 6761 6.4"},
}, catalog.Text[NetworkObservation]{
	Summary: func(a NetworkObservation) string {
		return "this network intercepts DNS queries to " + catalog.Join(a.Asked) +
			", so results that depend on them cannot be trusted"
	},
	Why: func(a NetworkObservation) string { return a.Detail },
	Fix: func(NetworkObservation) catalog.Fix {
		return catalog.Steps("run the check from another network",
			"or use DNS over HTTPS: --resolver https://dns.google/dns-query (authoritative servers still cannot be "+
				"queried)")
	},
	Example: NetworkObservation{
		Asked:  []string{"198.41.0.4:53"},
		Detail: "a.root-servers.net (198.41.0.4:53) does not answer like a root server",
	},
})

// VantageDNS64 is vantage.dns64.
var VantageDNS64 = catalog.Declare(catalog.Cause{
	ID: "vantage.dns64", Rung: catalog.Vantage, Who: []catalog.Actor{catalog.Local}, Verdict: catalog.Inconclusive,
	Frequency: 1,
	Title:     "this network synthesizes IPv6 addresses",
	NoCode:    notTheDomain, Explains: links(RecordStrayAddress.ID, CertificateAddressesDiffer.ID),
	Description: "The network's resolver synthesizes IPv6 addresses (DNS64), through which IPv6-only machines can " +
		"reach IPv4 hosts. Such addresses do not belong to the domain.",
	Detection: "ipv4only.arpa has IPv6 addresses here, which reveal the prefix. Addresses of the domain in that " +
		"prefix, or in 64:ff9b::/96, are synthesized.",
	Confused: "record.stray-address: here the address is not published; this network synthesized it.",
	Refs:     []string{"RFC 6147", "RFC 7050 3", "RFC 6052 2.1"},
}, catalog.Text[NetworkObservation]{
	Summary: func(NetworkObservation) string {
		return "this network's resolver synthesizes IPv6 addresses (DNS64), which are ignored"
	},
	Why: func(a NetworkObservation) string { return catalog.Join(a.Asked) + ": " + a.Detail },
	Fix: func(NetworkObservation) catalog.Fix {
		return catalog.Steps("set another resolver with --resolver, or run the check from another network")
	},
	Example: NetworkObservation{
		Asked:  []string{"192.168.1.1:53"},
		Detail: "ipv4only.arpa has the IPv6 address 64:ff9b::c000:aa",
	},
})

// VantageTLSIntercepted is vantage.tls-intercepted.
var VantageTLSIntercepted = catalog.Declare(catalog.Cause{
	ID: "vantage.tls-intercepted", Rung: catalog.Vantage, Who: []catalog.Actor{catalog.Local},
	Verdict: catalog.Inconclusive, Frequency: 2,
	Title:  "this network intercepts TLS connections",
	NoCode: notTheDomain,
	Explains: links(CertificateUntrusted.ID, CertificateAbsent.ID, CertificateNameMismatch.ID,
		CertificateDefaultServed.ID, CertificateExpired.ID, CertificateNotYetValid.ID, CertificateExpiresSoon.ID,
		CertificateNotDeployed.ID,
		CertificateAddressesDiffer.ID, "http.*"),
	Description: "A proxy intercepts TLS connections and presents its own certificate for every host. The domain's " +
		"real certificate cannot be checked from here.",
	Detection: "A registry's host has a certificate of the same unknown issuer as the domain's addresses.",
	Confused: "certificate.untrusted, where only the domain's own servers have it; certificate.authority-incident, " +
		"where the certificates come from a public authority.",
	Refs: []string{"RFC 5280 6.1"},
}, catalog.Text[NetworkObservation]{
	Summary: func(NetworkObservation) string {
		return "this network intercepts TLS connections, so the domain's certificate cannot be checked from here"
	},
	Why: func(a NetworkObservation) string { return a.Detail },
	Fix: func(NetworkObservation) catalog.Fix {
		return catalog.Steps("run the check from another network, or from a machine that the proxy does not intercept")
	},
	Example: NetworkObservation{
		Asked:  []string{"data.iana.org"},
		Detail: "data.iana.org has a certificate by \"Corporate Root CA\", as do the domain's addresses",
	},
})

// ResolverFailed says why a resolver could not be queried, as the reason of an unfinished check.
func ResolverFailed(server, what string) string {
	return fmt.Sprintf("could not query %s: %s", server, what)
}
