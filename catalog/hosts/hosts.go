// Package hosts recognizes DNS hosts by their name servers, and describes their control panels.
package hosts

import (
	"net/netip"
	"strings"
)

// dnsHosts identifies DNS hosts by the names of their servers. Entries match on label boundaries; a * matches one
// label. Vanity name servers are not recognized.
var dnsHosts = []struct{ suffix, name string }{
	{"ns.cloudflare.com", "Cloudflare"},
	{"domaincontrol.com", "GoDaddy"},
	{"registrar-servers.com", "Namecheap"},
	{"googledomains.com", "Google Cloud DNS"},
	{"nsone.net", "NS1, Netlify or Squarespace"},
	{"azure-dns.com", "Azure DNS"},
	{"azure-dns.net", "Azure DNS"},
	{"azure-dns.org", "Azure DNS"},
	{"azure-dns.info", "Azure DNS"},
	{"dnsimple.com", "DNSimple"},
	{"dnsimple-edge.net", "DNSimple"},
	{"dnsimple-edge.org", "DNSimple"},
	{"digitalocean.com", "DigitalOcean"},
	{"linode.com", "Linode"},
	{"hetzner.com", "Hetzner"},
	{"hetzner.de", "Hetzner"},
	{"first-ns.de", "Hetzner"},
	{"second-ns.de", "Hetzner"},
	{"second-ns.com", "Hetzner"},
	{"ovh.net", "OVH"},
	{"anycast.me", "OVH"},
	{"gandi.net", "Gandi"},
	{"name.com", "Name.com"},
	{"porkbun.com", "Porkbun"},
	{"ui-dns.com", "IONOS"},
	{"ui-dns.de", "IONOS"},
	{"ui-dns.org", "IONOS"},
	{"ui-dns.biz", "IONOS"},
	{"transip.net", "TransIP"},
	{"transip.nl", "TransIP"},
	{"transip.eu", "TransIP"},
	{"dns-parking.com", "Hostinger"},
	{"wixdns.net", "Wix"},
	{"vercel-dns.com", "Vercel"},
	{"dreamhost.com", "DreamHost"},
	{"worldnic.com", "Network Solutions"},
	{"reg.ru", "REG.RU"},
	{"akam.net", "Akamai"},
	{"desec.io", "deSEC"},
	{"desec.org", "deSEC"},
	{"he.net", "Hurricane Electric"},
	{"cloudns.net", "ClouDNS"},
	{"civo.com", "Civo"},
	{"hyp.net", "Domeneshop"},
	{"dynu.com", "Dynu"},
	{"gcorelabs.net", "Gcore"},
	{"gcdn.services", "Gcore"},
	{"namesystem.se", "GleSYS"},
	{"namesystem.tech", "GleSYS"},
	{"iij.ad.jp", "IIJ"},
	{"inwx.de", "INWX"},
	{"inwx.eu", "INWX"},
	{"inwx.com", "INWX"},
	{"inwx.net", "INWX"},
	{"lima-city.de", "lima-city"},
	{"netcup.net", "netcup"},
	{"nic.ru", "NIC.RU"},
	{"online.net", "Online.net"},
	{"openprovider.nl", "OpenProvider"},
	{"openprovider.be", "OpenProvider"},
	{"openprovider.eu", "OpenProvider"},
	{"rcode0.net", "RcodeZero"},
	{"simply.com", "Simply"},
	{"syse.no", "Syse"},
	{"udag.de", "United Domains"},
	{"udag.net", "United Domains"},
	{"udag.org", "United Domains"},
	{"wedos.com", "WEDOS"},
	{"wedos.net", "WEDOS"},
	{"wedos.eu", "WEDOS"},
	{"wedos.cz", "WEDOS"},
	{"zone.ee", "Zone.ee"},
	{"zone.eu", "Zone.ee"},
	{"yns1.yahoo.com", "Yahoo"},
	{"yns2.yahoo.com", "Yahoo"},
	{"bluehost.com", "Bluehost"},
}

// DNSHostOf returns the DNS host that the name servers belong to; empty if it is unknown or they belong to several.
func DNSHostOf(servers []string) string {
	found := ""
	for _, s := range servers {
		s = strings.ToLower(strings.TrimSuffix(s, "."))
		name := ""
		for _, h := range dnsHosts {
			if rest, ok := strings.CutSuffix(s, h.suffix); ok && (rest == "" || rest[len(rest)-1] == '.') {
				name = h.name
				break
			}
		}
		if name == "" && isRoute53(s) {
			name = "Route 53"
		}
		if name == "" || found != "" && found != name {
			return ""
		}
		found = name
	}
	return found
}

// ServersPerZone reports whether a DNS host gives each zone name servers of its own, so that two zones of one name can
// exist there, of which only one is in use.
func ServersPerZone(host string) bool {
	switch host {
	case "Route 53", "Azure DNS", "Google Cloud DNS", "Cloudflare", "NS1, Netlify or Squarespace":
		return true
	}
	return false
}

// isRoute53 reports whether a name is like ns-11.awsdns-01.com or ns-2048.awsdns-64.co.uk.
func isRoute53(server string) bool {
	_, rest, ok := strings.Cut(server, ".")
	if !ok || !strings.HasPrefix(rest, "awsdns-") {
		return false
	}
	number, ending, _ := strings.Cut(strings.TrimPrefix(rest, "awsdns-"), ".")
	for _, c := range number {
		if c < '0' || c > '9' {
			return false
		}
	}
	switch ending {
	case "com", "net", "org", "co.uk":
		return number != ""
	}
	return false
}

// proxies lists the networks of reverse proxies. Cloudflare publishes its ranges; they have not changed since 2022.
var proxies = []struct {
	name   string
	ranges []netip.Prefix
}{
	{"Cloudflare", prefixes(
		"173.245.48.0/20", "103.21.244.0/22", "103.22.200.0/22", "103.31.4.0/22", "141.101.64.0/18", "108.162.192.0/18",
		"190.93.240.0/20", "188.114.96.0/20",
		"197.234.240.0/22", "198.41.128.0/17", "162.158.0.0/15", "104.16.0.0/13", "104.24.0.0/14", "172.64.0.0/13",
		"131.0.72.0/22",
		"2400:cb00::/32", "2606:4700::/32", "2803:f800::/32", "2405:b500::/32", "2405:8100::/32", "2a06:98c0::/29",
		"2c0f:f248::/32",
	)},
}

func prefixes(list ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(list))
	for i, p := range list {
		out[i] = netip.MustParsePrefix(p)
	}
	return out
}

// ProxyOf returns the proxy that all of the addresses belong to; empty if there is none.
func ProxyOf(addrs []netip.Addr) string {
	for _, p := range proxies {
		all := len(addrs) > 0
		for _, a := range addrs {
			inside := false
			for _, r := range p.ranges {
				inside = inside || r.Contains(a)
			}
			all = all && inside
		}
		if all {
			return p.name
		}
	}
	return ""
}

// cdns lists the published networks of CDNs. Their addresses rotate, so an address identifies the CDN but not the
// customer.
var cdns = []struct {
	name   string
	ranges []netip.Prefix
}{
	{"CloudFront", prefixes(
		"3.160.0.0/14", "3.164.0.0/14", "3.168.0.0/14", "3.172.0.0/16", "13.32.0.0/15", "13.35.0.0/16", "13.224.0.0/14",
		"13.249.0.0/16", "15.158.0.0/16", "18.64.0.0/14", "18.68.0.0/16",
		"18.154.0.0/15", "18.160.0.0/15", "18.164.0.0/15", "18.172.0.0/15", "18.238.0.0/15", "18.244.0.0/15",
		"52.46.0.0/18", "52.82.128.0/19", "52.84.0.0/15", "52.124.128.0/17",
		"52.222.128.0/17", "54.182.0.0/16", "54.192.0.0/16", "54.230.0.0/16", "54.239.128.0/18", "54.239.192.0/19",
		"54.240.128.0/18", "64.252.64.0/18", "64.252.128.0/18", "65.8.0.0/16", "65.9.0.0/16",
		"70.132.0.0/18", "71.152.0.0/17", "99.84.0.0/16", "99.86.0.0/16", "108.138.0.0/15", "108.156.0.0/14",
		"116.129.226.0/24", "120.253.240.0/21", "130.176.0.0/16", "143.204.0.0/16", "144.220.0.0/16",
		"180.163.57.0/24", "204.246.164.0/22", "204.246.168.0/22", "204.246.172.0/22", "204.246.176.0/20",
		"205.251.192.0/19", "205.251.248.0/21", "216.137.32.0/19",
		"2600:9000::/28",
	)},
}

// CDNOf returns the CDN whose network an address belongs to; empty if there is no known one.
func CDNOf(a netip.Addr) string {
	for _, c := range cdns {
		for _, r := range c.ranges {
			if r.Contains(a) {
				return c.name
			}
		}
	}
	return ""
}

// parking lists the name servers of expiry and verification pages that registrars substitute for a domain's own.
var parking = []string{
	"expirationwarning.net", "pendingrenewaldeletion.com", "verify-contact-details.namecheap.com",
	"emailverification.info", "verification-hold.suspended-domain.com", "suspended-domain.com",
	"expireddomains.register.com",
}

// IsParking reports whether a name server belongs to a registrar's page for expired or unverified domains.
func IsParking(server string) bool {
	server = strings.ToLower(strings.TrimSuffix(server, "."))
	for _, p := range parking {
		if server == p || strings.HasSuffix(server, "."+p) {
			return true
		}
	}
	return false
}

// companies maps DNS hosts that are also registrars to words in the registrar's name.
var companies = map[string][]string{
	"GoDaddy": {"godaddy", "wild west domains"}, "Namecheap": {"namecheap"}, "Gandi": {"gandi"},
	"IONOS": {"ionos", "1&1", "1und1"}, "OVH": {"ovh"},
	"Porkbun": {"porkbun"}, "Name.com": {"name.com"}, "Network Solutions": {"network solutions"},
	"TransIP": {"transip"}, "Hostinger": {"hostinger"},
	"DreamHost": {"dreamhost", "new dream network"}, "REG.RU": {"reg.ru", "regru"}, "Wix": {"wix"},
	"Hetzner": {"hetzner"}, "Cloudflare": {"cloudflare"}, "DNSimple": {"dnsimple"},
}

// DNSHostOfRegistrar returns the DNS host run by a registrar; empty if there is no known one.
func DNSHostOfRegistrar(registrar string) string {
	registrar = strings.ToLower(registrar)
	found := ""
	for host, words := range companies {
		for _, w := range words {
			if strings.Contains(registrar, w) && (found == "" || host < found) {
				found = host
			}
		}
	}
	return found
}

// SameCompany reports whether a DNS host and a registrar are the same company.
func SameCompany(dnsHost, registrar string) bool {
	registrar = strings.ToLower(registrar)
	for _, word := range companies[dnsHost] {
		if strings.Contains(registrar, word) {
			return true
		}
	}
	return false
}
