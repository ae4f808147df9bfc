package probe

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"domdoc/checks/probe/exchange"
	"domdoc/checks/probe/probetest"
	"domdoc/checks/probe/registration"
)

// registryWorld has the servers that a registration is asked of: a resolver, IANA's list of RDAP servers, IANA's
// WHOIS, and one registry's RDAP and WHOIS.
type registryWorld struct {
	*probetest.Network
	ca      *probetest.CA
	listed  atomic.Int32 // how often the list was fetched
	queried atomic.Int32 // how often the registry's WHOIS was asked
}

const (
	listURL = "https://data.iana.org/rdap/dns.json"
	list    = `{"version":"1.0","publication":"2026-01-01T00:00:00Z","services":[[["example","com"],` +
		`["http://rdap.registry.example/old","https://rdap.registry.example/v1/"]]]}`
	ianaWHOIS = "% IANA WHOIS server\r\n\r\ndomain:       EXAMPLE\r\n\r\nwhois:        " +
		"whois.registry.example\r\n\r\nstatus:       ACTIVE\r\n"
	taken = "Domain Name: SHOP.EXAMPLE\r\nRegistry Domain ID: D1\r\nRegistrar: Some Registrar, Inc.\r\nCreation " +
		"Date: 2020-01-02T03:04:05Z\r\nRegistry Expiry Date: 2030-01-02T03:04:05Z\r\nDomain Status: ok\r\n"
	free      = "No match for domain \"SHOP.EXAMPLE\".\r\n"
	takenRDAP = `{"objectClassName":"domain","ldhName":"shop.example","status":["active"],` +
		`"events":[{"eventAction":"expiration","eventDate":"2030-01-02T03:04:05Z"}]}`
	freeRDAP = `{"errorCode":404,"title":"object not found"}`
)

// web answers with a status, a content type and a body.
func web(status int, contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func sends(location string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", location)
		w.WriteHeader(http.StatusFound)
	}
}

// newRegistryWorld starts it. A nil handler or an empty text means that the server is not there.
func newRegistryWorld(t testing.TB, iana, rdap http.HandlerFunc, root, whois string) *registryWorld {
	t.Helper()
	w := &registryWorld{Network: probetest.NewNetwork(), ca: probetest.NewCA(t)}
	w.Serve(t, hosts(map[string]string{
		"data.iana.org": "192.0.2.101", "rdap.registry.example": "192.0.2.102", "whois.iana.org": "192.0.2.103",
		"whois.registry.example": "192.0.2.104",
		"rdap.other.example":     "192.0.2.105", "inside.example": "10.0.0.1", "rdap.denic.de": "192.0.2.102",
	}), resolverAddr)
	if iana != nil {
		w.https(t, "192.0.2.101:443", "data.iana.org", func(rw http.ResponseWriter, r *http.Request) {
			w.listed.Add(1)
			iana(rw, r)
		})
	}
	if rdap != nil {
		w.https(t, "192.0.2.102:443", "*.registry.example", rdap)
	}
	if root != "" {
		w.Put("tcp", "192.0.2.103:43", probetest.ServeWHOIS(t, probetest.WritesWHOIS(root)).String())
	}
	if whois != "" {
		w.Put("tcp", "192.0.2.104:43", probetest.ServeWHOIS(t, func(_ string, c *net.TCPConn) {
			w.queried.Add(1)
			_, _ = io.WriteString(c, whois)
		}).String())
	}
	return w
}

func (w *registryWorld) https(t testing.TB, addr, name string, h http.HandlerFunc) {
	t.Helper()
	server := httptest.NewUnstartedServer(h)
	server.Config.ErrorLog = silent
	server.TLS = w.ca.Good(t, name, "rdap.denic.de")
	server.StartTLS()
	t.Cleanup(server.Close)
	w.Put("tcp", addr, server.Listener.Addr().String())
}

func (w *registryWorld) session(t testing.TB, opt Options) *Session {
	t.Helper()
	l := openLiveTrusting(t, w.Dial, w.ca.Pool)
	opt.Resolvers = []exchange.Server{probetest.ServerAt(resolverAddr)}
	return openSession(t, l, opt)
}

func TestRegistration(t *testing.T) {
	t.Parallel()
	iana := web(200, "application/json", list)
	gone := web(404, "application/rdap+json", freeRDAP)
	limited := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Retry-After", "90")
		web(429, "application/rdap+json", `{"errorCode":429}`)(w, r)
	}
	for _, tt := range []struct {
		name        string
		asked       string
		iana, rdap  http.HandlerFunc
		root, whois string
		want        registration.State
		source      string
		reasons     []string
		throttled   bool
	}{
		{
			name: "RDAP has it", iana: iana, rdap: web(200, "application/rdap+json", takenRDAP), root: ianaWHOIS,
			whois: free,
			want:  registration.Registered, source: "rdap",
		},
		{
			name: "neither has it", iana: iana, rdap: gone, root: ianaWHOIS, whois: free, want: registration.NotRegistered,
			source: "rdap", reasons: []string{
				"RDAP at rdap.registry.example: not-registered",
				"WHOIS at whois.registry.example: not-registered",
			},
		},
		{
			name: "RDAP has nothing, and WHOIS says reserved", iana: iana, rdap: gone, root: ianaWHOIS,
			whois: "Domain Name: SHOP.EXAMPLE\r\nThis name is reserved by the registry and cannot be registered.\r\n",
			want:  registration.Reserved, source: "whois",
		},
		{
			name: "RDAP has nothing, and WHOIS has it", iana: iana, rdap: gone, root: ianaWHOIS, whois: taken,
			want: registration.Registered, source: "whois",
		},
		{
			name: "RDAP has nothing, and WHOIS is not there", iana: iana, rdap: gone, root: ianaWHOIS,
			want:   registration.NotRegistered,
			source: "rdap", reasons: []string{"WHOIS at whois.registry.example: connection refused"},
		},
		{
			name: "RDAP fails, and WHOIS has it", iana: iana, rdap: web(503, "text/html", "<h1>down"), root: ianaWHOIS,
			whois: taken, want: registration.Registered, source: "whois",
		},
		{
			name: "RDAP fails, and WHOIS has nothing", iana: iana, rdap: web(503, "text/html", "<h1>down"), root: ianaWHOIS,
			whois: free, want: registration.NotRegistered, source: "whois",
		},
		{
			name: "RDAP has a page instead of nothing", iana: iana, rdap: web(404, "text/html", "<h1>not found"),
			root: ianaWHOIS, want: registration.Unknown, reasons: []string{
				"RDAP at rdap.registry.example",
				"WHOIS at whois.registry.example: connection refused",
			},
		},
		{
			name: "neither is there", iana: iana, want: registration.Unknown,
			reasons: []string{
				"RDAP at rdap.registry.example: connection refused",
				"WHOIS at whois.iana.org: connection refused",
			},
		},
		{
			name: "both limit", iana: iana, rdap: limited, root: ianaWHOIS,
			whois: "WHOIS LIMIT EXCEEDED - SEE WWW.REGISTRY.EXAMPLE\r\n", want: registration.Unknown, throttled: true,
			reasons: []string{"RDAP", "WHOIS"},
		},
		{
			name: "RDAP limits, and WHOIS has it", iana: iana, rdap: limited, root: ianaWHOIS, whois: taken,
			want: registration.Registered, source: "whois",
		},
		{
			name: "an endless RDAP document", iana: iana,
			rdap: web(200, "application/rdap+json", takenRDAP+strings.Repeat(" ", maxRDAPBody)), root: ianaWHOIS,
			want:    registration.Unknown,
			reasons: []string{"more than 1048576 octets", "WHOIS"},
		},
		{
			name: "an endless RDAP document, and WHOIS has it", iana: iana,
			rdap: web(200, "application/rdap+json", takenRDAP+strings.Repeat(" ", maxRDAPBody)), root: ianaWHOIS,
			whois: taken,
			want:  registration.Registered, source: "whois",
		},
		{
			name: "an RDAP document that stops", iana: iana, rdap: web(200, "application/rdap+json", takenRDAP[:60]),
			root: ianaWHOIS,
			want: registration.Unknown, reasons: []string{"RDAP at rdap.registry.example"},
		},
		{
			name: "a redirect to plain HTTP", iana: iana, rdap: sends("http://rdap.other.example/domain/shop.example"),
			root: ianaWHOIS, want: registration.Unknown,
			reasons: []string{"redirects to an address that is not an RDAP server"},
		},
		{
			name: "a redirect to nowhere", iana: iana, rdap: sends(""), root: ianaWHOIS, want: registration.Unknown,
			reasons: []string{"RDAP"},
		},
		{
			name: "a redirect to a private address", iana: iana, rdap: sends("https://10.0.0.1/domain/shop.example"),
			root: ianaWHOIS, want: registration.Unknown, reasons: []string{"not public"},
		},
		{
			name: "a redirect to this machine in disguise", iana: iana,
			rdap: sends("https://[::ffff:127.0.0.1]/domain/shop.example"), root: ianaWHOIS, want: registration.Unknown,
			reasons: []string{"not public"},
		},
		{
			name: "redirects in a circle", iana: iana, rdap: sends("https://rdap.registry.example/v1/domain/shop.example"),
			root: ianaWHOIS, want: registration.Unknown, reasons: []string{"in a loop"},
		},
		{
			name: "an ending that the list lacks", asked: "shop.northwind", iana: iana, root: ianaWHOIS,
			whois: "No match for domain \"SHOP.NORTHWIND\".\r\n", want: registration.NotRegistered, source: "whois",
			reasons: []string{"no RDAP server is known for .northwind"},
		},
		{
			name: "an ending that the list lacks and we know", asked: "shop.de", iana: iana,
			rdap:   web(200, "application/rdap+json", strings.ReplaceAll(takenRDAP, "shop.example", "shop.de")),
			want:   registration.Registered,
			source: "rdap",
		},
		{
			name: "no list, and an ending that we know", asked: "shop.de",
			rdap:   web(200, "application/rdap+json", strings.ReplaceAll(takenRDAP, "shop.example", "shop.de")),
			want:   registration.Registered,
			source: "rdap",
		},
		{
			name: "no list", rdap: web(200, "application/rdap+json", takenRDAP), root: ianaWHOIS, whois: taken,
			want:   registration.Registered,
			source: "whois", reasons: []string{"the list of RDAP servers could not be read"},
		},
		{
			name: "a list that is none", iana: web(200, "application/json", `[]`), root: ianaWHOIS, whois: taken,
			want: registration.Registered, source: "whois", reasons: []string{"a list of RDAP servers"},
		},
		{
			name: "a list that fails", iana: web(500, "text/html", "x"), root: ianaWHOIS, whois: taken,
			want:   registration.Registered,
			source: "whois", reasons: []string{"HTTP 500"},
		},
		{
			name: "a list that never ends", iana: web(200, "application/json", list+strings.Repeat(" ", maxBootBody)),
			root: ianaWHOIS, whois: taken, want: registration.Registered, source: "whois",
		},
		{
			name: "IANA names the WHOIS server as a referral", iana: iana, root: "refer: whois.registry.example\r\n",
			whois: taken, want: registration.Registered, source: "whois",
		},
		{
			name: "IANA knows no WHOIS server", iana: iana, root: "domain: EXAMPLE\r\nwhois:\r\n", whois: taken,
			want: registration.Unknown, reasons: []string{"no WHOIS server is known for .example"},
		},
		{
			name: "IANA names something that is no host", iana: iana,
			root: "whois: $(reboot).example/x\r\nwhois: localhost\r\n", whois: taken, want: registration.Unknown,
			reasons: []string{"no WHOIS server is known"},
		},
		{
			name: "IANA does not answer for such an ending", iana: iana, root: "% This query returned 0 objects.\r\n",
			whois: taken, want: registration.Unknown, reasons: []string{"no WHOIS server is known"},
		},
		{
			name: "escape sequences", iana: iana, rdap: web(500, "application/rdap+json",
				"{\"errorCode\":500,\"title\":\"\x1b]52;c;aGk=\x07\"}"), root: ianaWHOIS,
			whois: "\x1b[2Jnothing that anybody understands\u202e\r\n", want: registration.Unknown,
		},
		{
			name: "an ending is no registration", asked: "co.uk", want: registration.Unknown,
			reasons: []string{"public suffix"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newRegistryWorld(t, tt.iana, tt.rdap, tt.root, tt.whois)
			s := w.session(t, Options{})
			asked, domain := tt.asked, tt.asked
			if asked == "" {
				asked, domain = "_verify.www.shop.example", "shop.example"
			}
			r := s.Registration(t.Context(), asked)
			if r.State != tt.want || r.Registration.Source != tt.source || r.Throttled != tt.throttled ||
				r.Domain != domain {
				t.Errorf("%s of %s by %q, throttled %v: %s", r.State, r.Domain, r.Registration.Source, r.Throttled, r.Reason)
			}
			if tt.throttled && r.RetryAfter != 90*time.Second {
				t.Errorf("again after %v", r.RetryAfter)
			}
			for _, part := range tt.reasons {
				if !strings.Contains(r.Reason, part) {
					t.Errorf("the reason %q lacks %q", r.Reason, part)
				}
			}
			if strings.ContainsAny(r.Reason, "\x1b\x07\x00") {
				t.Errorf("the reason has control characters: %q", r.Reason)
			}
			if (tt.source != "") != strings.Contains(r.SourceName(), " at ") {
				t.Errorf("source %q", r.SourceName())
			}
			for _, x := range r.Evidence {
				if x.Outcome == exchange.NotAsked {
					t.Errorf("%s was not asked", x.Server())
				}
			}
			if tt.source == "rdap" && tt.want == registration.Registered && w.queried.Load() > 0 {
				t.Error("WHOIS was asked for what RDAP had said")
			}
			if d := w.Dialled("tcp 10.") + w.Dialled("tcp 127.") + w.Dialled("tcp ["); d > 0 {
				t.Errorf("%d private addresses were dialled", d)
			}
		})
	}
}

// TestRDAPRedirect: a thin registry may send the client on.
func TestRDAPRedirect(t *testing.T) {
	t.Parallel()
	w := newRegistryWorld(t, web(200, "application/json", list),
		sends("https://rdap.other.example/x/domain/shop.example"), ianaWHOIS, "")
	w.https(t, "192.0.2.105:443", "rdap.other.example", func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/x/domain/shop.example" || !strings.Contains(r.Header.Get("Accept"), "rdap+json") {
			t.Errorf("asked %s as %q", r.URL, r.Header.Get("Accept"))
		}
		web(200, "application/rdap+json", takenRDAP)(rw, r)
	})
	r := w.session(t, Options{}).Registration(t.Context(), "shop.example")
	if r.State != registration.Registered || r.Server != "rdap.other.example" || len(r.Evidence) != 2 {
		t.Errorf("%s by %s, %d exchanges: %s", r.State, r.Server, len(r.Evidence), r.Reason)
	}
}

// TestRDAPRedirectInside: a name of a private address is no better than the address.
func TestRDAPRedirectInside(t *testing.T) {
	t.Parallel()
	w := newRegistryWorld(t, web(200, "application/json", list), sends("https://inside.example/domain/shop.example"),
		ianaWHOIS, "")
	w.session(t, Options{}).Registration(t.Context(), "shop.example")
	if n := w.Dialled("tcp 10."); n > 0 {
		t.Errorf("10.0.0.1 was dialled %d times", n)
	}
}

// TestRDAPMustVerify: a registry whose certificate does not verify has said nothing.
func TestRDAPMustVerify(t *testing.T) {
	t.Parallel()
	w := newRegistryWorld(t, web(200, "application/json", list), nil, ianaWHOIS, "")
	w.https(t, "192.0.2.102:443", "rdap.somebody-else.example", web(200, "application/rdap+json", takenRDAP))
	r := w.session(t, Options{}).Registration(t.Context(), "shop.example")
	if r.State != registration.Unknown || !strings.Contains(r.Reason, "certificate") {
		t.Errorf("%s: %s", r.State, r.Reason)
	}
}

func TestRDAPBase(t *testing.T) {
	t.Parallel()
	w := newRegistryWorld(t, nil, web(200, "application/rdap+json", takenRDAP), ianaWHOIS, free)
	r := w.session(t, Options{RDAPBase: "https://rdap.registry.example/own"}).Registration(t.Context(), "shop.example")
	if r.State != registration.Registered ||
		r.Evidence[0].Asked != "GET https://rdap.registry.example/own/domain/shop.example" ||
		w.listed.Load() > 0 {
		t.Errorf("%s: %s", r.State, r.Reason)
	}
}

// TestRegistrationOnce: all names below one registration share the answer.
func TestRegistrationOnce(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	w := newRegistryWorld(t, web(200, "application/json", list), func(rw http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		web(200, "application/rdap+json", takenRDAP)(rw, r)
	}, ianaWHOIS, free)
	s := w.session(t, Options{})
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			if r := s.Registration(t.Context(), fmt.Sprintf("n%d.shop.example", i)); r.State != registration.Registered {
				t.Errorf("%s: %s", r.State, r.Reason)
			}
		})
	}
	wg.Wait()
	if asked.Load() != 1 || w.listed.Load() != 1 {
		t.Errorf("the registry was asked %d times, IANA %d times", asked.Load(), w.listed.Load())
	}
}

func TestBootstrapCache(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		cached string // what is on the disk; "" is nothing
		age    time.Duration
		iana   http.HandlerFunc
		listed int
		known  bool
		kept   string // what is on the disk afterwards
	}{
		{name: "nothing", iana: web(200, "application/json", list), listed: 1, known: true, kept: list},
		{name: "fresh", cached: list, iana: web(500, "", ""), known: true, kept: list},
		{name: "nearly a day", cached: list, age: 23 * time.Hour, iana: web(500, "", ""), known: true, kept: list},
		{
			name: "stale", cached: `{"services":[]}`, age: 25 * time.Hour, iana: web(200, "application/json", list),
			listed: 1, known: true, kept: list,
		},
		{
			name: "corrupt", cached: list[:50], iana: web(200, "application/json", list), listed: 1, known: true,
			kept: list,
		},
		{
			name: "not even text", cached: "\x00\xff\x1b", iana: web(200, "application/json", list), listed: 1, known: true,
			kept: list,
		},
		{
			name: "of enormous size", cached: list + strings.Repeat(" ", maxBootBody),
			iana: web(200, "application/json", list), listed: 1, known: true, kept: list,
		},
		{name: "corrupt, and nobody there", cached: "{", kept: "{"},
		{name: "what comes is no list", iana: web(200, "application/json", "<html>"), listed: 1},
		{name: "what comes is cut", iana: web(200, "application/json", list+strings.Repeat(" ", maxBootBody)), listed: 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "cache")
			file := filepath.Join(dir, "rdap-dns.json")
			if tt.cached != "" {
				if err := writeCache(file, []byte(tt.cached)); err != nil {
					t.Fatal(err)
				}
				then := time.Now().Add(-tt.age)
				if err := os.Chtimes(file, then, then); err != nil {
					t.Fatal(err)
				}
			}
			w := newRegistryWorld(t, tt.iana, nil, "", "")
			base, why := w.session(t, Options{CacheDir: dir}).rdapBase(t.Context(), "shop.example")
			if (base.url == "https://rdap.registry.example/v1/") != tt.known || (why == "") != tt.known {
				t.Errorf("base %q (%s)", base.url, why)
			}
			if n := int(w.listed.Load()); n != tt.listed {
				t.Errorf("IANA was asked %d times, want %d", n, tt.listed)
			}
			kept, _ := os.ReadFile(file)
			if string(kept) != tt.kept {
				t.Errorf("on the disk: %.60q", kept)
			}
			if left, _ := filepath.Glob(filepath.Join(dir, ".tmp-*")); len(left) > 0 {
				t.Errorf("left over: %v", left)
			}
		})
	}
}

// TestBootstrapCannotBeKept: a cache that cannot be written costs a question the next time, no more.
func TestBootstrapCannotBeKept(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "a file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	w := newRegistryWorld(t, web(200, "application/json", list), nil, "", "")
	if base, why := w.session(t, Options{CacheDir: filepath.Join(file, "cache")}).rdapBase(t.Context(),
		"shop.example"); base.url == "" {
		t.Error(why)
	}
}

func TestIsHostName(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]bool{
		"whois.nic.example": true, "whois1.x-y.example": true, "localhost": false,
		"": false, "a b.example": false, "$(x).example": false, "a/b.example": false, "whois.example:43": false,
		"Ü.example": false, strings.Repeat("a.", 130): false,
	} {
		if got := isHostName(in); got != want {
			t.Errorf("%q: %v", in, got)
		}
	}
}
