package probe

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"domdoc/checks/probe/probetest"
	"domdoc/checks/probe/registration"
)

// playedEnding is an ending whose registry answers in words of its own; {} is the name that was asked.
type playedEnding struct {
	name        string // a name of the ending
	taken, free string // by WHOIS
}

// playedEndings are ten registries' kinds of replies, written anew in their forms.
var playedEndings = []playedEnding{
	{
		"shop.com", "   Domain Name: {}\n   Registrar: R\n   Creation Date: 2001-02-03T04:05:06Z\n",
		"No match for \"{}\".\n",
	},
	{"shop.org", "Domain Name: {}\nRegistrar: R\nCreation Date: 2001-02-03T04:05:06Z\n", "Domain not found.\n"},
	{
		"shop.de", "Domain: {}\nStatus: connect\nNserver: ns1.example.net\nChanged: 2020-01-02T03:04:05+01:00\n",
		"Domain: {}\nStatus: free\n",
	},
	{
		"shop.fr", "domain: {}\nstatus: ACTIVE\nhold: NO\nregistrar: R\ncreated: 2001-02-03T04:05:06Z\n",
		"%% NOT FOUND\n",
	},
	{
		"shop.co.uk", "Domain name:\n    {}\n\nRegistrar:\n    R\n\nRelevant dates:\n    Registered on: 03-Feb-2001\n",
		"No match for \"{}\".\n\nThis domain name has not been registered.\n",
	},
	{
		"shop.jp", "[Domain Name] {}\n[Registered Date] 2001/02/03\n[Status] Active\n[Name Server] ns1.example.net\n",
		"No match!!\n",
	},
	{
		"shop.com.br", "domain: {}\nowner: O\nnserver: ns1.example.net\ncreated: 20010203\nstatus: published\n",
		"% No match for {}\n",
	},
	{
		"quillwort.pl", "DOMAIN NAME: {}\nnameservers: ns1.example.net.\ncreated: 2001.02.03 04:05:06\n",
		"No information available about domain name {} in the Registry NASK database.\n",
	},
	{"shop.it", "Domain: {}\nStatus: ok\nCreated: 2001-02-03 04:05:06\nExpire Date: 2031-02-03\n\nRegistrar\n  " +
		"Organization: R\n", "Domain: {}\nStatus: AVAILABLE\n"},
	{"shop.fi", "domain.............: {}\nstatus.............: Registered\ncreated............: 3.2.2001 " +
		"04:05:06\nregistrar..........: R\n", "Domain not found\n"},
}

// TestTenEndings plays ten registries by RDAP, by WHOIS and by both, about a taken and a free name.
func TestTenEndings(t *testing.T) {
	t.Parallel()
	for _, e := range playedEndings {
		ending, _, _ := registryOf(e.name)
		object := func(name string) string {
			return fmt.Sprintf(`{"objectClassName":"domain","ldhName":%q,"status":["active"]}`, name)
		}
		for _, by := range []string{"rdap", "whois", "both"} {
			for _, taken := range []bool{true, false} {
				what := fmt.Sprintf("%s by %s, taken %v", e.name, by, taken)
				w := &registryWorld{Network: probetest.NewNetwork(), ca: probetest.NewCA(t)}
				w.Serve(t, hosts(map[string]string{
					"data.iana.org": "192.0.2.101", "rdap.registry.example": "192.0.2.102", "whois.iana.org": "192.0.2.103",
					"whois.registry.example": "192.0.2.104",
				}), resolverAddr)
				served := ending
				if by == "whois" {
					served = "other"
				}
				w.https(t, "192.0.2.101:443", "data.iana.org", web(200, "application/json", fmt.Sprintf(
					`{"version":"1.0","publication":"2026-01-01T00:00:00Z","services":[[[%q],["https://rdap.registry.example/"]]]}`,
					served)))
				w.https(t, "192.0.2.102:443", "*.registry.example", func(rw http.ResponseWriter, r *http.Request) {
					name := strings.TrimPrefix(r.URL.Path, "/domain/")
					if name == e.name && taken || strings.HasPrefix(name, "nic.") {
						web(200, rdapDoc, object(name))(rw, r)
						return
					}
					web(404, rdapDoc, `{"errorCode":404,"title":"Not Found","description":["`+name+` not found"]}`)(rw, r)
				})
				root := "domain: X\nwhois: whois.registry.example\n"
				if by == "rdap" {
					root = "domain: X\n"
				}
				w.Put("tcp", "192.0.2.103:43", probetest.ServeWHOIS(t, probetest.WritesWHOIS(root)).String())
				w.Put("tcp", "192.0.2.104:43", probetest.ServeWHOIS(t, func(query string, c *net.TCPConn) {
					name, text := strings.TrimSpace(query), e.free
					if name == e.name && taken || strings.HasPrefix(name, "nic.") {
						text = e.taken
					}
					_, _ = io.WriteString(c, strings.ReplaceAll(text, "{}", name))
				}).String())
				got := w.session(t, Options{}).Registration(t.Context(), e.name)
				want, sure := registration.NotRegistered, registration.Hint
				switch {
				case taken:
					want, sure = registration.Registered, registration.NotFree
				case by == "both":
					sure = registration.Likely // the DNS, not asked here, would make it conclusive
				}
				if got.State != want || got.Sources.Free() != sure {
					t.Errorf("%s: %s, free %q, %s; want %s, %q", what, got.State, got.Sources.Free(), got.Reason, want, sure)
				}
				t.Logf("%s: %s, free by %q (%q): %s", what, got.State, got.Sources.FreeBy(), got.Sources.Free(), got.Reason)
			}
		}
	}
}
