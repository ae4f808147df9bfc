package hosts

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestEveryDNSHostHasAPanel checks that every host recognized by its servers has a panel, or at least a publish time.
func TestEveryDNSHostHasAPanel(t *testing.T) {
	t.Parallel()
	hosts := []string{"Route 53"}
	for _, h := range dnsHosts {
		hosts = append(hosts, h.name)
	}
	for _, h := range hosts {
		if p := PanelOf(h); p.Host != h || p.Where == "" && p.Publish == 0 && !p.NoUnderscore && len(p.Lacks) == 0 ||
			p.Name == "" || p.Value == "" || p.Apex == "" {
			t.Errorf("%s: add a panel with all fields, or at least a publish time or what it refuses", h)
		}
	}
	for h, p := range panels {
		if !slices.Contains(hosts, h) {
			t.Errorf("%s: no entry in dnsHosts leads to this panel", h)
		}
		if p.Alias != "" && p.NoAlias {
			t.Errorf("%s: both Alias and NoAlias are set", h)
		}
	}
}

// TestEveryPanelHasSources checks that every entry says where its facts are from and as of when, and that what a panel
// refuses, and the settings that hide a record, have a source of their own.
func TestEveryPanelHasSources(t *testing.T) {
	t.Parallel()
	for _, p := range All() {
		if len(p.Sources) == 0 {
			t.Errorf("%s: add a source", p.Host)
		}
		for _, s := range p.Sources {
			u, err := url.Parse(s.URL)
			if err != nil || u.Scheme != "https" || u.Host == "" || s.About == "" {
				t.Errorf("%s: invalid source %+v", p.Host, s)
			}
			if at, err := time.Parse("2006-01", s.AsOf); err != nil || at.Year() < 2010 {
				t.Errorf("%s: %s: the month %q is not of the form 2026-11", p.Host, s.URL, s.AsOf)
			}
		}
		for _, fact := range []struct {
			about string
			known bool
		}{
			{underscores, p.NoUnderscore || p.UnderscoreBySupport || p.NoUnderscoreValue},
			{"record types", len(p.Lacks) > 0},
			{"flattening", p.Flattens != ""},
			{"shared name servers", p.Shared != ""},
			{"private zones", p.Private != ""},
			{"lowest TTL", p.MinTTL > 0},
			{"publish time", p.Publish > 0},
		} {
			if fact.known && p.source(fact.about).URL == "" {
				t.Errorf("%s: add the source of the fact about %s", p.Host, fact.about)
			}
		}
		if p.Flattens != "" && (p.FlattensOne == "" || p.Settings == "") {
			t.Errorf("%s: the setting that flattens one record, and the menu of %q, are missing", p.Host, p.Flattens)
		}
	}
}

// TestRefuses checks which records a panel cannot hold.
func TestRefuses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		host, rrtype, label string
		want                bool
	}{
		{"Yahoo", "CNAME", "_77aa.shop", true},
		{"Yahoo", "TXT", "shop._domainkey", true},
		{"Yahoo", "TXT", "verify_me.shop", false},
		{"Yahoo", "CNAME", "shop", false},
		{"Yahoo", "TXT", "@", false},
		{"Bluehost", "CAA", "@", true},
		{"Bluehost", "TXT", "_verify.shop", false},
		{"Cloudflare", "CAA", "_verify", false},
		{"", "CAA", "_verify", false},
	} {
		if got := PanelOf(tt.host).Refuses(tt.rrtype, tt.label); (got != nil) != tt.want {
			t.Errorf("%s, %s %s: %v", tt.host, tt.rrtype, tt.label, got)
		} else if got != nil && (got.URL == "" || got.AsOf == "" || got.What == "") {
			t.Errorf("%s, %s %s: no source: %+v", tt.host, tt.rrtype, tt.label, got)
		}
	}
}

// TestDNSHostOf covers the hosts of the customer's table. Names with the same ending and mixed sets are not recognized.
func TestDNSHostOf(t *testing.T) {
	t.Parallel()
	for servers, want := range map[string]string{
		"ada.ns.cloudflare.com bob.ns.cloudflare.com.":                                         "Cloudflare",
		"ns-11.awsdns-01.com ns-1022.awsdns-02.net ns-1.awsdns-33.org ns-2048.awsdns-64.co.uk": "Route 53",
		"NS51.DOMAINCONTROL.COM": "GoDaddy", "dns1.registrar-servers.com": "Namecheap",
		"ns-cloud-a1.googledomains.com": "Google Cloud DNS", "dns1.p01.nsone.net": "NS1, Netlify or Squarespace",
		"ns1-01.azure-dns.com ns2-01.azure-dns.net": "Azure DNS", "ns1.dnsimple.com": "DNSimple",
		"ns1.digitalocean.com": "DigitalOcean", "ns1.linode.com": "Linode",
		"hydrogen.ns.hetzner.com oxygen.ns.hetzner.com": "Hetzner", "dns104.ovh.net ns104.ovh.net": "OVH",
		"dns200.anycast.me": "OVH", "ns-12-a.gandi.net": "Gandi", "ns1.name.com": "Name.com",
		"curitiba.ns.porkbun.com": "Porkbun", "ns1045.ui-dns.com ns1045.ui-dns.de": "IONOS",
		"ns0.transip.net ns1.transip.nl": "TransIP", "ns1.dns-parking.com": "Hostinger", "ns8.wixdns.net": "Wix",
		"ns1.vercel-dns.com": "Vercel", "ns1.dreamhost.com": "DreamHost", "ns57.worldnic.com": "Network Solutions",
		"ns1.reg.ru": "REG.RU", "a1-67.akam.net": "Akamai", "ns1.desec.io ns2.desec.org": "deSEC",
		"root-dns.netcup.net": "netcup", "ns.inwx.de ns2.inwx.de ns3.inwx.eu": "INWX",
		"ns.udag.de ns.udag.net ns.udag.org": "United Domains", "ns.wedos.com ns.wedos.net ns.wedos.cz": "WEDOS",
		"ns1.hyp.net": "Domeneshop", "pns41.cloudns.net": "ClouDNS", "ns1.simply.com": "Simply",
		"yns1.yahoo.com yns2.yahoo.com": "Yahoo", "ns1.bluehost.com": "Bluehost", "ns1.yahoo.com": "",

		"ns1.example.com": "", "notcloudflare.com": "", "ns1.fakedomaincontrol.com": "", "ns1.awsdns-xx.com": "",
		"ns1.awsdns-01.evil":                       "",
		"ada.ns.cloudflare.com ns1.hoster.example": "", "": "",
	} {
		if got := DNSHostOf(strings.Fields(servers)); got != want {
			t.Errorf("%s: %q, want %q", servers, got, want)
		}
	}
}
