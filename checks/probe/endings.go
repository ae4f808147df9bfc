package probe

import (
	"strings"

	"golang.org/x/net/publicsuffix"
)

// rdapOverrides are registries that run RDAP and are, or were, missing from IANA's bootstrap, which goes first. They
// are believed only if they know a name of their own ending. The addresses are from memory, in 2026-11, and were not
// compared with the registries' own pages.
var rdapOverrides = func() map[string]string {
	out := map[string]string{
		"de": "https://rdap.denic.de/", "ch": "https://rdap.nic.ch/", "li": "https://rdap.nic.ch/",
		"us": "https://rdap.nic.us/", "co": "https://rdap.nic.co/", "so": "https://rdap.nic.so/",
		"ly": "https://rdap.nic.ly/", "my": "https://rdap.mynic.my/rdap/",
	}
	for _, tld := range []string{"io", "sh", "ac", "me", "ag", "bz", "lc", "mn", "sc", "vc", "pr", "gi"} {
		out[tld] = "https://rdap.identitydigital.services/rdap/"
	}
	return out
}()

// endings are public suffixes that another registry runs than their top-level domain, with its WHOIS server; empty
// for one of which no server is known. A server of this list is believed about a free name only if it knows a name
// that it must know. Source: tld_serv_list of github.com/rfc1036/whois of 2026-02-16, where an ending with only a web
// page has no server either. Names that the Public Suffix List lacks (gov.wales, parliament.uk, fed.us), or has in
// its private section with hosts of their own (gov.scot), count as registered with the registry above.
var endings = func() map[string]string {
	out := map[string]string{
		"ac.uk": "whois.nic.ac.uk", "gov.uk": "whois.gov.uk", "edu.cn": "whois.edu.cn",
		"ac.za": "whois.ac.za", "co.za": "whois.registry.net.za", "gov.za": "whois.gov.za",
		"net.za": "net-whois.registry.net.za", "org.za": "org-whois.registry.net.za",
		"web.za": "web-whois.registry.net.za",
	}
	for _, suffix := range []string{
		"nhs.uk", "alt.za", "edu.za", "edu.ph", "gov.ph", "gov.az", "gub.uy",
		"mil.uy",
		// From memory (2026-11): police.uk is in the Public Suffix List, and was in that file until 2025-10; several
		// registries each run some of the Ukrainian regions and subjects; those of .za have committees of their own.
		"police.uk", "in.ua", "net.ua", "od.ua", "kh.ua", "kyiv.ua", "school.za", "nom.za", "law.za", "mil.za",
	} {
		out[suffix] = ""
	}
	return out
}()

// registryOf returns the ending of a registrable name that has a registry of its own, and that registry's WHOIS
// server; own is false if the registry is that of the top-level domain.
func registryOf(domain string) (ending, whois string, own bool) {
	_, rest, _ := strings.Cut(domain, ".")
	for suffix := rest; strings.Contains(suffix, "."); _, suffix, _ = strings.Cut(suffix, ".") {
		if host, ok := sold(suffix); ok && suffix == rest {
			return suffix, host, true
		}
		if host, there := endings[suffix]; there {
			return suffix, host, true
		}
	}
	return rest[strings.LastIndexByte(rest, '.')+1:], "", false
}

// mayHaveOwnRegistry reports whether a name is below an ending of several labels that is a zone of its own, on none
// of the name servers of the zone above: somebody else may run it.
func (r *RegistrationReport) mayHaveOwnRegistry() string {
	suffix, icann := publicsuffix.PublicSuffix(r.Domain)
	if !icann || !strings.Contains(suffix, ".") || r.Place == nil {
		return ""
	}
	zones := r.Place.Zones
	for i, z := range zones {
		if z.Name != suffix || i == 0 {
			continue
		}
		above := zones[i-1].Hosts()
		for _, h := range z.Hosts() {
			for _, a := range above {
				if h == a {
					return ""
				}
			}
		}
		return suffix
	}
	return ""
}
