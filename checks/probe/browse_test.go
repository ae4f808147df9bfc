package probe

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"domdoc/checks/probe/exchange"
	"domdoc/checks/probe/probetest"
)

// webAt puts a web server at an address of the fake network.
func webAt(t testing.TB, n *probetest.Network, addr string, h http.HandlerFunc) {
	t.Helper()
	server := httptest.NewUnstartedServer(h)
	server.Config.ErrorLog = silent
	server.Start()
	t.Cleanup(server.Close)
	n.Put("tcp", addr, server.Listener.Addr().String())
}

// hosts is a resolver for browsing: names to addresses.
func hosts(names map[string]string) probetest.Script {
	s := probetest.Script{"*": {"NXDOMAIN"}}
	for name, addr := range names {
		a := netip.MustParseAddr(addr)
		t := "A"
		if a.Is6() {
			t = "AAAA"
		}
		s[name+". "+t] = []string{name + ". 300 " + t + " " + addr}
	}
	return s
}

func TestBrowse(t *testing.T) {
	t.Parallel()
	var many []string
	for i := range 40 {
		many = append(many, fmt.Sprintf("/many/%d", i))
	}
	for _, tt := range []struct {
		name    string
		to      map[string]string // where the first host redirects, by path
		hops    int
		last    int // status; 0: no answer
		loop    bool
		refused string
		visited string // the hosts that were asked
	}{
		{name: "no redirect", hops: 1, last: 200, visited: "shop"},
		{name: "relative", to: map[string]string{"/": "welcome"}, hops: 2, last: 200, visited: "shop shop"},
		{name: "absolute path", to: map[string]string{"/": "/a/b"}, hops: 2, last: 200, visited: "shop shop"},
		{
			name: "without a scheme", to: map[string]string{"/": "//www.example/x"}, hops: 2, last: 200,
			visited: "shop www",
		},
		{name: "another host", to: map[string]string{"/": "http://www.example"}, hops: 2, last: 200, visited: "shop www"},
		{
			name: "another port", to: map[string]string{"/": "http://shop.example:8080/"}, hops: 2, last: 200,
			visited: "shop shop8080",
		},
		{
			name: "a port that is not there", to: map[string]string{"/": "http://shop.example:81/"}, hops: 2,
			visited: "shop",
		},
		{
			name: "a port that is none", to: map[string]string{"/": "http://shop.example:99999/"}, hops: 1, last: 302,
			refused: "port 99999", visited: "shop",
		},
		{name: "to itself", to: map[string]string{"/": "/"}, hops: 1, last: 302, loop: true, visited: "shop"},
		{
			name: "in a circle", to: map[string]string{"/": "/a", "/a": "/b", "/b": "/a"}, hops: 3, last: 302, loop: true,
			visited: "shop shop shop",
		},
		{
			name: "the circle differs in the fragment only", to: map[string]string{"/": "/#a"}, hops: 1, last: 302,
			loop: true, visited: "shop",
		},
		{
			name: "too many", to: chain(many), hops: MaxRedirect + 1, last: 302, loop: true,
			visited: strings.TrimSpace(strings.Repeat("shop ", MaxRedirect+1)),
		},
		{
			name: "just not too many", to: chain(many[:MaxRedirect]), hops: MaxRedirect + 1, last: 200,
			visited: strings.TrimSpace(strings.Repeat("shop ", MaxRedirect+1)),
		},
		{
			name: "to a file", to: map[string]string{"/": "file:///etc/passwd"}, hops: 1, last: 302, refused: `"file"`,
			visited: "shop",
		},
		{
			name: "to a script", to: map[string]string{"/": "javascript:alert(1)"}, hops: 1, last: 302,
			refused: `"javascript"`, visited: "shop",
		},
		{
			name: "to gopher", to: map[string]string{"/": "gopher://inside.example:6379/_x"}, hops: 1, last: 302,
			refused: `"gopher"`, visited: "shop",
		},
		{
			name: "to no host", to: map[string]string{"/": "http:///x"}, hops: 1, last: 302, refused: "redirect",
			visited: "shop",
		},
		{
			name: "to nothing readable", to: map[string]string{"/": "http://[bad/"}, hops: 1, last: 302,
			refused: "invalid URL", visited: "shop",
		},
		{
			name: "to something endless", to: map[string]string{"/": "/" + strings.Repeat("x", 3000)}, hops: 1, last: 302,
			refused: "2048", visited: "shop",
		},
		{
			name: "to a host without an address", to: map[string]string{"/": "http://gone.example/"}, hops: 1, last: 302,
			refused: "no address", visited: "shop",
		},
		{
			name: "to a host with IPv6 only", to: map[string]string{"/": "http://six.example/"}, hops: 1, last: 302,
			refused: "IPv6", visited: "shop",
		},
		{name: "to a private address", to: map[string]string{"/": "http://10.0.0.1/"}, hops: 2, visited: "shop"},
		{name: "to this machine", to: map[string]string{"/": "http://127.0.0.1/"}, hops: 2, visited: "shop"},
		{
			name: "to this machine in disguise", to: map[string]string{"/": "http://[::ffff:127.0.0.1]/"}, hops: 2,
			visited: "shop",
		},
		{
			name: "to the cloud's metadata", to: map[string]string{"/": "http://169.254.169.254/latest/meta-data/"},
			hops:    2,
			visited: "shop",
		},
		{
			name: "to a name of a private address", to: map[string]string{"/": "http://inside.example/"}, hops: 2,
			visited: "shop",
		},
		{
			name: "to a name of a private and a public address", to: map[string]string{"/": "http://both.example/"},
			hops: 2,
			last: 200, visited: "shop www",
		},
		{
			name: "to a name of an IPv6 and an IPv4 address", to: map[string]string{"/": "http://dual.example/"}, hops: 2,
			last: 200, visited: "shop www",
		},
		{
			name: "to a host that nobody can look up", to: map[string]string{"/": "http://broken.example/"}, hops: 1,
			last: 302, refused: "could not be looked up", visited: "shop",
		},
		{
			name: "to a name in another script", to: map[string]string{"/": "http://bücher.example:80/"}, hops: 2,
			last:    200,
			visited: "shop www",
		},
		{
			name: "to its own name with a final dot", to: map[string]string{"/": "http://shop.example./b"}, hops: 2,
			last: 200, visited: "shop shop",
		},
		{
			name: "to port 0", to: map[string]string{"/": "http://shop.example:0/"}, hops: 1, last: 302, refused: "port 0",
			visited: "shop",
		},
		{
			name: "with a password", to: map[string]string{"/": "http://user:secret@www.example/"}, hops: 2, last: 200,
			visited: "shop www",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			n := probetest.NewNetwork()
			known := hosts(map[string]string{
				"www.example": "192.0.2.81", "inside.example": "10.0.0.1",
				"six.example": "2600::1", "xn--bcher-kva.example": "192.0.2.81",
			})
			known["both.example. A"] = []string{"both.example. 300 A 10.0.0.1", "both.example. 300 A 192.0.2.81"}
			known["dual.example. AAAA"] = []string{"dual.example. 300 AAAA 2600::1"}
			known["dual.example. A"] = []string{"dual.example. 300 A 192.0.2.81"}
			known["broken.example. A"], known["broken.example. AAAA"] = []string{"SERVFAIL"}, []string{"SERVFAIL"}
			n.Serve(t, known, resolverAddr)
			visited := make(chan string, 100)
			page := func(host string) http.HandlerFunc {
				return func(w http.ResponseWriter, r *http.Request) {
					visited <- host
					if r.Header.Get("Authorization") != "" {
						t.Error("a password was sent")
					}
					if to, ok := tt.to[r.URL.Path]; ok && host == "shop" {
						w.Header()["Location"] = []string{to}
						w.WriteHeader(http.StatusFound)
					}
				}
			}
			webAt(t, n, "192.0.2.80:80", page("shop"))
			webAt(t, n, "192.0.2.80:8080", page("shop8080"))
			webAt(t, n, "192.0.2.81:80", page("www"))
			webAt(t, n, "10.0.0.1:80", page("inside"))
			webAt(t, n, "127.0.0.1:80", page("this machine"))
			s := openSession(t, openLive(t, n.Dial),
				Options{Resolvers: []exchange.Server{probetest.ServerAt(resolverAddr)}})
			b := s.Browse(t.Context(), "http://shop.example/", netip.MustParseAddrPort("192.0.2.80:80"))
			status := 0
			if x := b.Last(); x.HTTP != nil {
				status = x.HTTP.Status
			}
			if len(b.Hops) != tt.hops || status != tt.last || b.Loop != tt.loop ||
				(b.Refused == "") != (tt.refused == "") || !strings.Contains(b.Refused, tt.refused) {
				t.Errorf("%d hops, last %d (%s), loop %v, refused %q", len(b.Hops), status, b.Last().Err, b.Loop, b.Refused)
			}
			close(visited)
			var got []string
			for v := range visited {
				got = append(got, v)
			}
			if strings.Join(got, " ") != tt.visited {
				t.Errorf("visited %q, want %q", got, tt.visited)
			}
			if len(b.URLs()) != len(b.Hops) || strings.Contains(strings.Join(b.URLs(), " "), "secret") {
				t.Errorf("%q", b.URLs())
			}
			if d := n.Dialled("tcp 10.") + n.Dialled("tcp 127.") + n.Dialled("tcp 169.") + n.Dialled("tcp ["); d > 0 {
				t.Errorf("%d private addresses were dialled", d)
			}
		})
	}
}

// chain leads from / through the paths.
func chain(paths []string) map[string]string {
	out, from := map[string]string{}, "/"
	for _, p := range paths {
		out[from] = p
		from = p
	}
	return out
}

// TestBrowseBack: the first host keeps its address after a visit elsewhere.
func TestBrowseBack(t *testing.T) {
	t.Parallel()
	n := probetest.NewNetwork()
	n.Serve(t, hosts(map[string]string{"www.example": "192.0.2.81"}), resolverAddr)
	webAt(t, n, "192.0.2.80:80", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/" {
			http.Redirect(w, r, "http://www.example/", http.StatusFound)
			return
		}
		_, _ = io.WriteString(w, "home")
	})
	webAt(t, n, "192.0.2.81:80", func(w http.ResponseWriter, r *http.Request) {
		if r.Host != "www.example" {
			t.Errorf("%s was asked of the address of www.example", r.Host)
		}
		http.Redirect(w, r, "http://shop.example/home", http.StatusFound)
	})
	s := openSession(t, openLive(t, n.Dial), Options{Resolvers: []exchange.Server{probetest.ServerAt(resolverAddr)}})
	b := s.Browse(t.Context(), "http://shop.example/", netip.MustParseAddrPort("192.0.2.80:80"))
	if x := b.Last(); len(b.Hops) != 3 || x.HTTP == nil || string(x.HTTP.Body) != "home" {
		t.Errorf("%q", b.URLs())
	}
}

// TestBrowseWithCookies: a site that wants its cookie back leads in a circle without it. Another host never sees it,
// and a circle stays one.
func TestBrowseWithCookies(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		shop http.HandlerFunc
		hops int
		last int
		loop bool
	}{
		{"wants it back", func(w http.ResponseWriter, r *http.Request) {
			if _, err := r.Cookie("seen"); err != nil {
				http.SetCookie(w, &http.Cookie{Name: "seen", Value: "1"})
				http.Redirect(w, r, "/", http.StatusFound)
			}
		}, 2, 200, false},
		{"sets it and does not look", func(w http.ResponseWriter, r *http.Request) {
			http.SetCookie(w, &http.Cookie{Name: "seen", Value: "1"})
			http.Redirect(w, r, "/", http.StatusFound)
		}, 2, 302, true},
		{"sets another each time", func(w http.ResponseWriter, r *http.Request) {
			c, _ := r.Cookie("seen")
			value := "1"
			if c != nil {
				value = c.Value + "1"
			}
			http.SetCookie(w, &http.Cookie{Name: "seen", Value: value})
			http.Redirect(w, r, "/", http.StatusFound)
		}, MaxRedirect + 1, 302, true},
		{"sets more than can be sent back", func(w http.ResponseWriter, r *http.Request) {
			for i := range 10 {
				http.SetCookie(w, &http.Cookie{Name: fmt.Sprint("c", i), Value: strings.Repeat("x", 1000)})
			}
			http.Redirect(w, r, "/", http.StatusFound)
		}, 1, 302, true},
		{"sends to another host", func(w http.ResponseWriter, r *http.Request) {
			http.SetCookie(w, &http.Cookie{Name: "seen", Value: "1"})
			http.SetCookie(w, &http.Cookie{Name: "wide", Value: "1", Domain: "example"})
			http.Redirect(w, r, "http://www.example/", http.StatusFound)
		}, 2, 200, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			n := probetest.NewNetwork()
			n.Serve(t, hosts(map[string]string{"www.example": "192.0.2.81"}), resolverAddr)
			webAt(t, n, "192.0.2.80:80", tt.shop)
			webAt(t, n, "192.0.2.81:80", func(_ http.ResponseWriter, r *http.Request) {
				if c := r.Header.Get("Cookie"); c != "" {
					t.Errorf("another host was sent %q", c)
				}
			})
			s := openSession(t, openLive(t, n.Dial),
				Options{Resolvers: []exchange.Server{probetest.ServerAt(resolverAddr)}})
			for range 2 { // a visit starts without cookies, and is the same each time
				b := s.Browse(t.Context(), "http://shop.example/", netip.MustParseAddrPort("192.0.2.80:80"))
				if x := b.Last(); len(b.Hops) != tt.hops || x.HTTP == nil || x.HTTP.Status != tt.last || b.Loop != tt.loop ||
					b.Refused != "" {
					t.Errorf("%q, loop %v, refused %q", b.URLs(), b.Loop, b.Refused)
				}
			}
		})
	}
}

// TestBrowseTheGivenAddress: the tenant's host is asked at the address that was given, private or not only by the
// rule.
func TestBrowseTheGivenAddress(t *testing.T) {
	t.Parallel()
	n := probetest.NewNetwork()
	webAt(t, n, "127.0.0.1:80", func(http.ResponseWriter, *http.Request) {})
	for _, allowed := range []bool{false, true} {
		s := openSession(t, openLive(t, n.Dial), Options{AllowPrivate: allowed})
		b := s.Browse(t.Context(), "http://shop.example/", netip.MustParseAddrPort("127.0.0.1:80"))
		if (b.Last().HTTP != nil) != allowed || n.Dialled("tcp 127.") > 0 != allowed {
			t.Errorf("allowed %v: %q (%s)", allowed, b.URLs(), b.Last().Err)
		}
	}
	if (&Browse{}).Last() != nil {
		t.Error("a visit that did not happen has an answer")
	}
}

func TestRedirectTarget(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"/x":                         "https://shop.example/x",
		"x":                          "https://shop.example/a/x",
		"?q":                         "https://shop.example/a/b?q",
		"//other.example":            "https://other.example/",
		"HTTP://Other.example/":      "http://Other.example/",
		"http://u:p@other.example/#": "http://other.example/",
		"https://other.example:8443": "https://other.example:8443/",
		"mailto:a@b.example":         "",
		"data:text/html,x":           "",
		"file:///etc/passwd":         "",
		"http://":                    "",
		"http://:80/":                "",
		"ht tp://x":                  "",
		"http://a\x7fb/":             "",
		"http://x/%zz":               "",
		"https:opaque":               "",
	} {
		got, err := redirectTarget("https://shop.example/a/b", in)
		if got != want || (err != nil) != (want == "") {
			t.Errorf("%q: %q, %v; want %q", in, got, err, want)
		}
		if err != nil && strings.ContainsAny(err.Error(), "\x00\x1b\x7f\n") {
			t.Errorf("%q: the error has control characters", in)
		}
	}
}

func TestHostPort(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"https://Shop.Example/": "shop.example:443", "http://shop.example": "shop.example:80",
		"http://[2001:db8::1]:8080/": "[2001:db8::1]:8080", "https://x:1": "x:1", "http://[bad": ":",
	} {
		if host, port := exchange.URLHostPort(in); net.JoinHostPort(host, port) != want {
			t.Errorf("%q: %s", in, net.JoinHostPort(host, port))
		}
	}
}
