package causes

import (
	"fmt"

	"domdoc/catalog"
)

// VantageArgs are the arguments of the causes about this machine and its network.
type VantageArgs struct {
	Asked  []string `json:"asked,omitempty"`  // who was asked
	Detail string   `json:"detail,omitempty"` // what happened
}

const notTheTenant = "it says nothing about the domain: from here nobody can tell"

// vantageExplains is all that cannot be judged from a machine that cannot ask.
var vantageExplains = []catalog.Link{
	{To: "service.unreachable"},
	{To: "registration.unknown"},
	{To: "delegation.unreachable"},
	{To: "http.unreachable"},
}

// VantageOffline is vantage.offline.
var VantageOffline = catalog.Declare(catalog.Cause{
	ID: "vantage.offline", Rung: catalog.Vantage, Who: []catalog.Actor{catalog.Local}, Verdict: catalog.Inconclusive,
	Frequency: 3,
	Title:     "no resolver answers this machine",
	NoCode:    notTheTenant, Explains: vantageExplains,
	Description: "Not one of the resolvers answered, so this machine is most likely offline, or a firewall drops its " +
		"questions.",
	Detection: "Every configured resolver is asked for the root's name servers; none answers.",
	Confused: "a broken domain, which still gets an answer, if only SERVFAIL; vantage.port53-blocked, where " +
		"resolvers answer and only the zones' own servers do not.",
	Refs: []string{"RFC 1034 5.3.1"},
}, catalog.Text[VantageArgs]{
	Summary: func(VantageArgs) string {
		return "this machine cannot reach any resolver, so nothing can be judged from here"
	},
	Why: func(a VantageArgs) string {
		return "asked " + catalog.Join(a.Asked) + " without an answer: " + a.Detail
	},
	Fix: func(VantageArgs) catalog.Fix {
		return catalog.Steps("check this machine's network connection",
			"behind a firewall: name a resolver that may be asked, for example --resolver 192.168.1.1 or --resolver "+
				"https://dns.google/dns-query")
	},
	Example: VantageArgs{Asked: []string{"8.8.8.8:53", "1.1.1.1:53"}, Detail: "timeout"},
})

// VantagePort53Blocked is vantage.port53-blocked.
var VantagePort53Blocked = catalog.Declare(catalog.Cause{
	ID: "vantage.port53-blocked", Rung: catalog.Vantage, Who: []catalog.Actor{catalog.Local},
	Verdict: catalog.Inconclusive, Frequency: 4,
	Title:  "this network blocks DNS to other servers",
	NoCode: notTheTenant, Explains: vantageExplains,
	Description: "Resolvers answer, but no authoritative server anywhere does: this network lets DNS through to some " +
		"resolvers only. What the domain's own servers say cannot be judged from here.",
	Detection: "The resolvers answer, and neither the root's servers nor those of the zone answer on port 53, by UDP " +
		"or TCP.",
	Confused: "delegation.unreachable, where other zones' servers do answer; vantage.offline, where no resolver " +
		"answers either.",
	Refs: []string{"RFC 8906", "RFC 9210"},
}, catalog.Text[VantageArgs]{
	Summary: func(VantageArgs) string {
		return "this network blocks questions to authoritative DNS servers, so the source cannot be checked from here"
	},
	Why: func(a VantageArgs) string {
		return "resolvers answer, but " + catalog.Join(a.Asked) + " do not: " + a.Detail
	},
	Fix: func(VantageArgs) catalog.Fix {
		return catalog.Steps(
			"run the check from another network, or allow UDP and TCP port 53 to the Internet for this machine")
	},
	Example: VantageArgs{Asked: []string{"a.root-servers.net (198.41.0.4:53)"}, Detail: "timeout"},
})

// VantageNoIPv6 is vantage.no-ipv6.
var VantageNoIPv6 = catalog.Declare(catalog.Cause{
	ID: "vantage.no-ipv6", Rung: catalog.Vantage, Who: []catalog.Actor{catalog.Local}, Verdict: catalog.Inconclusive,
	Frequency: 2,
	Title:     "this machine has no IPv6",
	NoCode:    notTheTenant,
	Description: "IPv6 addresses cannot be tried from this machine. Visitors with IPv6 may see something else than " +
		"what was checked here.",
	Detection: "The system has no route for a public IPv6 address, or no public IPv6 address to ask from; or a host " +
		"that is known to be well does not answer by IPv6 either.",
	Confused: "http.address-fails: an address that was not tried did not fail.",
	Refs:     []string{"RFC 6724 5"},
}, catalog.Text[VantageArgs]{
	Summary: func(VantageArgs) string { return "this machine has no IPv6, so IPv6 addresses could not be tried" },
	Why: func(a VantageArgs) string {
		if len(a.Asked) == 0 {
			return "the system has no route to the IPv6 Internet, or no public address to ask from"
		}
		return "there is no way from here to " + catalog.Join(a.Asked)
	},
	Fix: func(VantageArgs) catalog.Fix {
		return catalog.Steps("run the check from a machine with IPv6 to judge these addresses")
	},
	Example: VantageArgs{Asked: []string{"2a00:1450:4001:82a::2003"}},
})

// VantageClockSkew is vantage.clock-skew.
var VantageClockSkew = catalog.Declare(catalog.Cause{
	ID: "vantage.clock-skew", Rung: catalog.Vantage, Who: []catalog.Actor{catalog.Local}, Verdict: catalog.Inconclusive,
	Frequency: 2,
	Title:     "this machine's clock is wrong",
	NoCode:    notTheTenant,
	Explains: []catalog.Link{
		{To: "certificate.not-yet-valid"},
		{To: "certificate.expired"},
		{To: "certificate.expires-soon"},
		{To: "registration.expired"},
		{To: "registration.expires-soon"},
		{To: "registration.transfer-too-young"},
		{To: "certificate.absent"},
		{To: "service.unauthorized"},
		{To: "dnssec.signature-expired"},
		{To: "registration.unknown"},
	},
	Description: "Certificates, signatures and tokens are judged by the clock. With a clock that is minutes or days " +
		"off, good ones look expired or not yet valid.",
	Detection: "The local time is compared with the Date header of registries; where none could be reached, with " +
		"that of a host that is known to be well, and with the dates of its certificate.",
	Confused: "certificate.not-yet-valid or certificate.expired on one domain: a wrong clock makes all of them look " +
		"so.",
	Refs: []string{"RFC 9110 6.6.1", "RFC 5280 4.1.2.5"},
}, catalog.Text[VantageArgs]{
	Summary: func(VantageArgs) string {
		return "this machine's clock is wrong, so dates of certificates cannot be judged"
	},
	Why: func(a VantageArgs) string { return a.Detail },
	Fix: func(VantageArgs) catalog.Fix {
		return catalog.Steps("set the clock, for example by switching on NTP (timedatectl set-ntp true)")
	},
	Example: VantageArgs{Detail: "the local clock is 3 days behind the Date header of rdap.example.net"},
})

// VantagePort53Intercepted is vantage.port53-intercepted.
var VantagePort53Intercepted = catalog.Declare(catalog.Cause{
	ID: "vantage.port53-intercepted", Rung: catalog.Vantage, Who: []catalog.Actor{catalog.Local},
	Verdict: catalog.Inconclusive, Frequency: 3,
	Title:  "somebody else answers this machine's DNS questions",
	NoCode: notTheTenant, Explains: append([]catalog.Link{{To: "vantage.port53-blocked"}, {To: "vantage.offline"}},
		vantageExplains...),
	Description: "A router or firewall answers DNS questions in the name of other servers. What 8.8.8.8 or a zone's " +
		"own " +
		"servers say cannot be judged from here.",
	Detection: "Questions whose answers are known are asked: a root server answers as a resolver would; " +
		"ipv4only.arpa, or " +
		"a name that cannot exist, is given an address; a public resolver, " +
		"asked who it is, says something else than it does over HTTPS, where nobody can answer for it.",
	Confused: "cache.old-answer, where the answers differ too, but come from the server that was asked; " +
		"vantage.port53-blocked, where nothing comes back at all.",
	Refs: []string{"RFC 4892", "RFC 7050 8.2", "RFC 6761 6.4"},
}, catalog.Text[VantageArgs]{
	Summary: func(a VantageArgs) string {
		return "this network answers what is asked of " + catalog.Join(a.Asked) +
			" in its place, so what rests on that cannot be judged from here"
	},
	Why: func(a VantageArgs) string { return a.Detail },
	Fix: func(VantageArgs) catalog.Fix {
		return catalog.Steps("run the check from another network",
			"or ask over HTTPS: --resolver https://dns.google/dns-query (authoritative servers still cannot be asked then)")
	},
	Example: VantageArgs{
		Asked:  []string{"198.41.0.4:53"},
		Detail: "a.root-servers.net (198.41.0.4:53) answered as no root server does",
	},
})

// VantageDNS64 is vantage.dns64.
var VantageDNS64 = catalog.Declare(catalog.Cause{
	ID: "vantage.dns64", Rung: catalog.Vantage, Who: []catalog.Actor{catalog.Local}, Verdict: catalog.Inconclusive,
	Frequency: 1,
	Title:     "this network invents IPv6 addresses",
	NoCode:    notTheTenant, Explains: []catalog.Link{
		{To: "record.stray-address"},
		{To: "certificate.addresses-differ"},
	},
	Description: "The network's resolver makes IPv6 addresses up (DNS64), so that IPv6-only machines can reach IPv4 " +
		"hosts. Such addresses are not the domain's.",
	Detection: "ipv4only.arpa has IPv6 addresses here, which tell the prefix that is used; addresses of the domain " +
		"that lie in it, or in 64:ff9b::/96, are not its own.",
	Confused: "record.stray-address: nobody published the address, this network made it.",
	Refs:     []string{"RFC 6147", "RFC 7050 3", "RFC 6052 2.1"},
}, catalog.Text[VantageArgs]{
	Summary: func(VantageArgs) string {
		return "this network's resolver makes up IPv6 addresses (DNS64), so those are not judged"
	},
	Why: func(a VantageArgs) string { return catalog.Join(a.Asked) + ": " + a.Detail },
	Fix: func(VantageArgs) catalog.Fix {
		return catalog.Steps("name another resolver with --resolver, or run the check from another network")
	},
	Example: VantageArgs{
		Asked:  []string{"192.168.1.1:53"},
		Detail: "ipv4only.arpa has the IPv6 address 64:ff9b::c000:aa",
	},
})

// VantageTLSIntercepted is vantage.tls-intercepted.
var VantageTLSIntercepted = catalog.Declare(catalog.Cause{
	ID: "vantage.tls-intercepted", Rung: catalog.Vantage, Who: []catalog.Actor{catalog.Local},
	Verdict: catalog.Inconclusive, Frequency: 2,
	Title:  "this network replaces certificates",
	NoCode: notTheTenant, Explains: []catalog.Link{
		{To: "certificate.untrusted"},
		{To: "certificate.absent"},
		{To: "certificate.name-mismatch"},
		{To: "certificate.default-served"},
		{To: "certificate.expired"},
		{To: "certificate.not-yet-valid"},
		{To: "certificate.expires-soon"},
		{To: "certificate.addresses-differ"},
		{To: "http.*"},
	},
	Description: "A proxy opens TLS connections and shows a certificate of its own for every host. What the domain's " +
		"servers show cannot be judged from here.",
	Detection: "A registry's host shows a certificate of the same unknown issuer as the domain's addresses.",
	Confused: "certificate.untrusted, where only the domain's own servers show it; certificate.authority-incident, " +
		"where the certificates come from an authority that everybody sees.",
	Refs: []string{"RFC 5280 6.1"},
}, catalog.Text[VantageArgs]{
	Summary: func(VantageArgs) string {
		return "this network replaces certificates, so the domain's own cannot be judged from here"
	},
	Why: func(a VantageArgs) string { return a.Detail },
	Fix: func(VantageArgs) catalog.Fix {
		return catalog.Steps("run the check from another network, or from a machine that the proxy lets through")
	},
	Example: VantageArgs{
		Asked:  []string{"data.iana.org"},
		Detail: "data.iana.org shows a certificate by \"Corporate Root CA\", as do the domain's addresses",
	},
})

// ResolverFailed is a sentence for a resolver that could not be asked; checks use it as the reason of an unfinished
// judgement.
func ResolverFailed(server, what string) string {
	return fmt.Sprintf("could not ask %s: %s", server, what)
}
