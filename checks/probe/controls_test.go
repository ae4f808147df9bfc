package probe

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"domdoc/api/sandbox"
	"domdoc/checks/probe/probetest"
	"domdoc/checks/probe/recording"
	"domdoc/checks/probe/registration"
	"domdoc/checks/probe/transport"
)

// ownRegistry is the DNS of the sandbox with a registry of our own: an RDAP server and a WHOIS server on loopback.
type ownRegistry struct {
	t     *testing.T
	world *sandbox.Sandbox
	dial  func(ctx context.Context, network, address string) (net.Conn, error)
	ca    *probetest.CA
	mu    sync.Mutex
	asked []string
}

// newOwnRegistry starts it. Each function returns the reply about a name; an empty one of WHOIS closes the
// connection.
func newOwnRegistry(t *testing.T, rdap func(name string) (int, string, string), whois func(name string) string,
	stories ...string,
) *ownRegistry {
	t.Helper()
	b, err := sandbox.Start(sandbox.Options{Only: stories})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	r := &ownRegistry{t: t, world: b, ca: probetest.NewCA(t)}
	port43 := probetest.ServeWHOIS(t, func(query string, c *net.TCPConn) {
		name := strings.TrimSpace(query)
		r.note("whois " + name)
		_, _ = io.WriteString(c, whois(name))
	})
	web := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		name := strings.TrimPrefix(q.URL.Path, "/domain/")
		r.note("rdap " + name)
		status, kind, body := rdap(name)
		w.Header().Set("Content-Type", kind)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	list := httptest.NewUnstartedServer(web404list())
	for server, name := range map[*httptest.Server]string{web: "rdap.nic.example", list: "data.iana.org"} {
		server.Config.ErrorLog = silent
		server.TLS = r.ca.Good(t, name)
		server.StartTLS()
		t.Cleanup(server.Close)
	}
	own := map[string]string{
		"199.43.132.80:443": web.Listener.Addr().String(), "199.43.132.43:43": port43.String(),
		"192.0.43.8:443": list.Listener.Addr().String(), "[2620:0:2d0:200::8]:443": list.Listener.Addr().String(),
	}
	r.dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		if to := own[address]; to != "" {
			var d net.Dialer
			return d.DialContext(ctx, network, to)
		}
		return b.Dial(ctx, network, address)
	}
	return r
}

// web404list serves IANA's list for .example.
func web404list() http.HandlerFunc {
	return web(200, "application/json", `{"version":"1.0","publication":"2026-01-01T00:00:00Z",`+
		`"services":[[["example"],["https://rdap.nic.example/"]]]}`)
}

func (r *ownRegistry) note(what string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked = append(r.asked, what)
}

func (r *ownRegistry) questions() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := r.asked
	r.asked = nil
	return out
}

func (r *ownRegistry) session(opt Options) *Session {
	l := transport.NewLive(r.dial, r.ca.Pool)
	l.SetClock(r.world.Now)
	r.t.Cleanup(l.Close)
	opt.Resolvers, opt.Now = DefaultResolvers(), r.world.Now
	return openSession(r.t, l, opt)
}

const rdapDoc = "application/rdap+json"

// TestControlsOfARegistry asks real servers on loopback: a registry with words of its own, and one that knows
// nothing.
func TestControlsOfARegistry(t *testing.T) {
	t.Parallel()
	record := func(name string) string {
		return "Domain Name: " + name + "\nRegistrar: Registry\nCreation Date: 2001-02-03T04:05:06Z\n"
	}
	object := func(name string) string {
		return fmt.Sprintf(`{"objectClassName":"domain","ldhName":%q,"status":["active"]}`, name)
	}
	const other = `{"errorCode":404,"description":["We hold no records of the zone that you asked for."]}`
	closed := func(string) string { return "" }
	for _, tt := range []struct {
		name  string
		rdap  func(name string) (int, string, string)
		whois func(name string) string
		want  registration.State
	}{
		{"RDAP's usual words", func(name string) (int, string, string) {
			if name == "nic.example" {
				return 200, rdapDoc, object(name)
			}
			return 404, rdapDoc, other
		}, closed, registration.NotRegistered},
		{"an RDAP server that does not know its ending", func(string) (int, string, string) {
			return 404, rdapDoc, `{"errorCode":404,"title":"Not Found"}`
		}, closed, registration.Unknown},
		{
			"WHOIS in words of its own", func(string) (int, string, string) { return 503, "text/html", "<h1>down" },
			func(name string) string {
				if name == "nic.example" {
					return record(name)
				}
				return "Heimasvæðið " + name + " er laust.\n"
			}, registration.NotRegistered,
		},
		{
			"WHOIS in words for this name only", func(string) (int, string, string) { return 503, "text/html", "<h1>down" },
			func(name string) string {
				switch name {
				case "nic.example":
					return record(name)
				case "fennel.example":
					return "Heimasvæðið " + name + " er ekki laust.\n"
				}
				return "Heimasvæðið " + name + " er laust.\n"
			}, registration.Unknown,
		},
		{
			"an RDAP server that does not know its ending, and a WHOIS server that keeps the registry's own name out",
			func(string) (int, string, string) { return 404, rdapDoc, `{"errorCode":404}` },
			func(name string) string { return "No match for " + name + "\n" }, registration.NotRegistered,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := newOwnRegistry(t, tt.rdap, tt.whois, "healthy-available")
			if got := r.session(Options{}).Held(t.Context(), "fennel.example"); got.State != tt.want {
				t.Errorf("%s (%s), want %s", got.State, got.Reason, tt.want)
			}
		})
	}
}

// TestControlsAreAskedOnce: each server is asked about two further names in a run, and not again for a day; a
// registered name costs no further question; a replay has the controls of its recording.
func TestControlsAreAskedOnce(t *testing.T) {
	t.Parallel()
	rdap := func(name string) (int, string, string) {
		if name == "nic.example" || name == "northwind.example" {
			return 200, rdapDoc, fmt.Sprintf(`{"objectClassName":"domain","ldhName":%q}`, name)
		}
		return 404, rdapDoc, `{"errorCode":404,"description":["No such ending."]}`
	}
	whois := func(name string) string { return "No match for " + name + "\n" }
	r := newOwnRegistry(t, rdap, whois, "healthy-available", "healthy-txt")
	dir := t.TempDir()
	ask := func(opt Options, names ...string) []string {
		s := r.session(opt)
		for _, n := range names {
			got := s.Held(t.Context(), n)
			if want := map[bool]registration.State{
				true: registration.Registered, false: registration.NotRegistered,
			}[n == "northwind.example"]; got.State != want {
				t.Errorf("%s: %s (%s), want %s", n, got.State, got.Reason, want)
			}
		}
		var of []string
		for _, q := range r.questions() {
			if strings.HasPrefix(q, "rdap ") {
				of = append(of, q)
			}
		}
		return of
	}
	if q := ask(Options{CacheDir: dir}, "northwind.example"); len(q) != 1 {
		t.Errorf("a registered name: %q", q)
	}
	if q := ask(Options{CacheDir: dir}, "fennel.example", "fennel-two.example"); len(q) != 4 {
		t.Errorf("two free names: %q", q)
	}
	rec := recording.New(nil)
	if q := ask(Options{CacheDir: dir, Record: rec}, "fennel.example"); len(q) != 1 {
		t.Errorf("the next run: %q", q)
	}
	if q := ask(Options{Replay: rec}, "fennel.example"); len(q) != 0 {
		t.Errorf("a replay: %q", q)
	}
}
