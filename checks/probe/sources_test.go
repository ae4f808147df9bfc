package probe

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"domdoc/checks/probe/exchange"
	"domdoc/checks/probe/registration"
)

// TestSources: what each server of a registry says about a free name, where one or both of them confirm it, are down,
// or are not known.
func TestSources(t *testing.T) {
	t.Parallel()
	iana := web(200, "application/json", list)
	gone := web(404, "application/rdap+json", freeRDAP)
	down := web(503, "text/html", "<h1>down")
	limited := web(429, "application/rdap+json", `{"errorCode":429}`)
	const inQuarantine = "The domain shop.example is in quarantine.\r\n"
	for _, tt := range []struct {
		name, asked string
		rdap        http.HandlerFunc
		root, whois string
		want        registration.Sources
		state       registration.State
		by          string
	}{
		{
			"both", "", gone, ianaWHOIS, free,
			registration.Sources{RDAP: "free", WHOIS: "free"},
			registration.NotRegistered, "RDAP WHOIS",
		},
		{
			"port 43 closed", "", gone, ianaWHOIS, "",
			registration.Sources{RDAP: "free", WHOIS: "no-answer"},
			registration.NotRegistered, "RDAP",
		},
		{
			"no WHOIS server", "", gone, "domain: EXAMPLE\r\n\r\nstatus: ACTIVE\r\n", "",
			registration.Sources{RDAP: "free"},
			registration.NotRegistered, "RDAP",
		},
		{
			"RDAP down", "", down, ianaWHOIS, free,
			registration.Sources{RDAP: "no-answer", WHOIS: "free"},
			registration.NotRegistered, "WHOIS",
		},
		{
			"RDAP limits", "", limited, ianaWHOIS, free,
			registration.Sources{RDAP: "no-answer", WHOIS: "free"},
			registration.NotRegistered, "WHOIS",
		},
		{
			"no RDAP server", "shop.northwind", nil, ianaWHOIS, strings.ReplaceAll(free, ".EXAMPLE", ".NORTHWIND"),
			registration.Sources{WHOIS: "free"},
			registration.NotRegistered, "WHOIS",
		},
		{
			"both down", "", down, ianaWHOIS, "",
			registration.Sources{RDAP: "no-answer", WHOIS: "no-answer"},
			registration.Unknown, "",
		},
		{
			"WHOIS says otherwise", "", gone, ianaWHOIS, inQuarantine,
			registration.Sources{RDAP: "free", WHOIS: "reserved"},
			registration.Reserved, "",
		},
		{
			"WHOIS has it", "", gone, ianaWHOIS, taken,
			registration.Sources{RDAP: "free", WHOIS: "registered"},
			registration.Registered, "",
		},
		{
			"RDAP has it, and WHOIS is not asked", "", web(200, "application/rdap+json", takenRDAP), ianaWHOIS, free,
			registration.Sources{RDAP: "registered"},
			registration.Registered, "",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			asked := tt.asked
			if asked == "" {
				asked = "shop.example"
			}
			r := newRegistryWorld(t, iana, tt.rdap, tt.root, tt.whois).session(t, Options{}).Registration(t.Context(),
				asked)
			if r.Sources != tt.want || r.State != tt.state {
				t.Errorf("%s by %+v, want %s by %+v (%s)", r.State, r.Sources, tt.state, tt.want, r.Reason)
			}
			if by := strings.Join(r.Sources.FreeBy(), " "); by != tt.by {
				t.Errorf("free by %q, want %q", by, tt.by)
			}
		})
	}
}

// TestInDNS: what the parent zone says about a name.
func TestInDNS(t *testing.T) {
	t.Parallel()
	const name = "shop.example"
	parent := &Zone{Name: "example"}
	for _, tt := range []struct {
		what  string
		place *DelegationPath
		want  registration.Says
	}{
		{"not asked", nil, registration.Silent},
		{"no server answered", &DelegationPath{Zone: parent, Unknown: "timeout"}, registration.Silent},
		{
			"no such name", &DelegationPath{Zone: parent, Missing: name, Denial: &exchange.Exchange{}},
			registration.SaysFree,
		},
		{"delegated", &DelegationPath{Zone: &Zone{Name: name}}, registration.SaysHeld},
		{"in the parent zone, not delegated", &DelegationPath{Zone: parent}, registration.Unclear},
		{"no such ending", &DelegationPath{Zone: &Zone{Name: "."}, Missing: "example"}, registration.Unclear},
	} {
		r := RegistrationReport{Registration: registration.Registration{Domain: name}, Place: tt.place}
		if got := r.inDNS(); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.what, got, tt.want)
		}
		only := registration.Sources{RDAP: registration.Silent, WHOIS: registration.Silent, DNS: tt.want}
		if by := only.FreeBy(); slices.Contains(by, "DNS") != (tt.want == registration.SaysFree) {
			t.Errorf("%s: free by %q", tt.what, by)
		}
	}
}
