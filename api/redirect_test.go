package api

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

// TestRedirectToAnotherOriginKeepsTheToken has two servers: the second must never be asked at all.
func TestRedirectToAnotherOriginKeepsTheToken(t *testing.T) {
	t.Parallel()
	var reached atomic.Int32
	thief := serve(t, func(http.ResponseWriter, *http.Request) { reached.Add(1) })
	thiefTLS := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Add(1) }))
	t.Cleanup(thiefTLS.Close)
	for name, target := range map[string]string{
		"another port":     thief.URL + "/domains/v1/d-1",
		"another scheme":   thiefTLS.URL + "/domains/v1/d-1",
		"another name":     strings.Replace(thief.URL, "127.0.0.1", "localhost", 1) + "/x",
		"no scheme":        "//" + strings.TrimPrefix(thief.URL, "http://") + "/x",
		"user in the host": strings.Replace(thief.URL, "http://", "http://me:pw@", 1) + "/x",
	} {
		for _, status := range []int{301, 302, 303, 307, 308} {
			c := asking(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, target, status) })
			_, err := c.Domain(t.Context(), "d-1")
			e := failure(t, err, KindWrongEndpoint)
			if !strings.Contains(e.Error(), "another origin") || strings.Contains(e.Error(), "opaque-token") ||
				strings.Contains(e.Error(), "pw") {
				t.Errorf("%s %d: %v", name, status, e)
			}
		}
	}
	if n := reached.Load(); n != 0 {
		t.Errorf("the other origin was asked %d times", n)
	}
}

func TestRedirectFromHTTPSToHTTP(t *testing.T) {
	t.Parallel()
	var reached atomic.Int32
	plain := serve(t, func(http.ResponseWriter, *http.Request) { reached.Add(1) })
	secure := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, plain.URL, http.StatusFound)
	}))
	t.Cleanup(secure.Close)
	c := client(t, secure.URL, func(cfg *Config) { cfg.HTTPTransport = secure.Client().Transport })
	_, err := c.Domain(t.Context(), "d-1")
	failure(t, err, KindWrongEndpoint)
	if n := reached.Load(); n != 0 {
		t.Errorf("the plain server was asked %d times", n)
	}
}

func TestOriginComparesDefaultPorts(t *testing.T) {
	t.Parallel()
	c := client(t, "https://API.example.com")
	for target, same := range map[string]bool{
		"https://api.example.com:443/x": true, "https://api.example.com/x": true, "https://api.example.com:444/x": false,
		"http://api.example.com/x": false, "http://api.example.com:443/x": false,
		"https://api.example.com.evil.example/x": false, "https://example.com/x": false,
	} {
		req := httptest.NewRequest(http.MethodGet, target, nil)
		err := c.checkRedirect(req, []*http.Request{req})
		if (err == nil) != same {
			t.Errorf("%s: error = %v, want same origin = %v", target, err, same)
		}
	}
}

func TestRedirectsAtHome(t *testing.T) {
	t.Parallel()
	var n atomic.Int32
	hops := func(want int32) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Authorization") != "Bearer opaque-token" {
				t.Error("the token got lost on the way")
			}
			if n.Add(1) <= want {
				http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
				return
			}
			answers(200, `{"id":"d-1"}`)(w, r)
		}
	}
	if d, err := asking(t, hops(5)).Domain(t.Context(), "d-1"); err != nil || d.ID != "d-1" {
		t.Errorf("5 redirects: %v, %v", d.ID, err)
	}
	n.Store(0)
	_, err := asking(t, hops(6)).Domain(t.Context(), "d-1")
	failure(t, err, KindWrongEndpoint)
	if got := n.Load(); got != 6 {
		t.Errorf("asked %d times for 6 redirects, want 6", got)
	}
}

// TestRedirectOfAWrite: a 302 would make the POST a GET, whose 200 would look like success.
func TestRedirectOfAWrite(t *testing.T) {
	t.Parallel()
	for _, status := range []int{301, 302, 303, 307, 308} {
		var n atomic.Int32
		c := asking(t, func(w http.ResponseWriter, r *http.Request) {
			if n.Add(1) == 1 {
				http.Redirect(w, r, "/elsewhere", status)
				return
			}
			answers(200, `{"id":"d-1"}`)(w, r)
		})
		_, err := c.Verify(t.Context(), "d-1")
		failure(t, err, KindWrongEndpoint)
		if n.Load() != 1 {
			t.Errorf("%d: asked %d times", status, n.Load())
		}
	}
}

func TestOrigin(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"https://api.example.com":            "https://api.example.com",
		" HTTPS://API.example.com:443/v1?x ": "https://api.example.com",
		"http://127.0.0.1:80":                "http://127.0.0.1",
		"http://127.0.0.1:443":               "http://127.0.0.1:443",
		"https://api.example.com:8443/":      "https://api.example.com:8443",
		"https://me:pw@api.example.com":      "https://api.example.com",
		"https://[2001:DB8::1]:443":          "https://[2001:db8::1]",
		"http://[::1]:8080":                  "http://[::1]:8080",
		"":                                   "",
		"api.example.com":                    "",
		"https:///domains":                   "",
		"http://a b":                         "",
	} {
		if got := Origin(address); got != want {
			t.Errorf("Origin(%q) = %q, want %q", address, got, want)
		}
	}
}
