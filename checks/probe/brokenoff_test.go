package probe

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"domdoc/checks/probe/probetest"
	"domdoc/checks/probe/registration"
	"domdoc/checks/probe/transport"
)

// untilRead is a pause in which the client reads what it was sent, also on a busy machine: a reset discards the rest.
const untilRead = 500 * time.Millisecond

// resetAfter writes, waits until it is read, and resets the connection.
func resetAfter(s string) func(string, *net.TCPConn) {
	return func(_ string, c *net.TCPConn) {
		_, _ = io.WriteString(c, s)
		time.Sleep(untilRead)
		_ = c.SetLinger(0)
	}
}

// TestCutWHOIS: what a reply without its end proves. Nothing of it makes a name free.
func TestCutWHOIS(t *testing.T) {
	t.Parallel()
	const held = "Domain Name: SHOP.EXAMPLE\r\nRegistrar: Some Registrar, Inc.\r\nCreation Date: " +
		"2020-01-02T03:04:05Z\r\n"
	for _, tt := range []struct {
		name, reply string
		want        registration.State
		reason      string
		throttled   bool
		check       func(registration.Registration) string // what is wrong with the fields
	}{
		{
			name: "a denial", reply: "No match for \"SHOP.EXAMPLE\".\r\n>>> Last update", want: registration.Unknown,
			reason: "broken off",
		},
		{
			name: "a denial alone", reply: "No match for \"SHOP.EXAMPLE\".", want: registration.Unknown,
			reason: "broken off",
		},
		{
			name: "a status of free", reply: "Domain Name: SHOP.EXAMPLE\r\nStatus: free\r\n\r\nRegis",
			want:   registration.Unknown,
			reason: "broken off",
		},
		{
			name: "reserved, or the beginning of another sentence", reply: "shop.example is not available\r\nat the mom",
			want: registration.Unknown, reason: "broken off",
		},
		{
			name: "a limit", reply: "WHOIS LIMIT EXCEEDED - SEE WWW.REGISTRY.EXAMPLE", want: registration.Unknown,
			reason: "too many questions", throttled: true,
		},
		{
			name: "nothing but the name", reply: "Domain Name: SHOP.EXAMPLE\r\n", want: registration.Unknown,
			reason: "broken off",
		},
		{
			name: "half of another name", reply: "Domain Name: SHOP.EXAMPLE", want: registration.Unknown,
			reason: "broken off",
		},
		{name: "a record", reply: held + "Domain Status: ok\r\nDNSSEC", want: registration.Registered},
		{
			name: "a record that ends within a date", reply: held + "Registry Expiry Date: 2030-01-0",
			want: registration.Registered,
			check: func(r registration.Registration) string {
				if !r.ExpiresAt.IsZero() || r.CreatedAt.IsZero() {
					return fmt.Sprintf("created %v, expires %v", r.CreatedAt, r.ExpiresAt)
				}
				return ""
			},
		},
		{
			name:  "a record that ends within a server's name",
			reply: held + "Name Server: ns1.hoster.example\r\nName Server: ns2.host.ex", want: registration.Registered,
			check: func(r registration.Registration) string {
				if strings.Join(r.Nameservers, " ") != "ns1.hoster.example" {
					return fmt.Sprintf("servers %v", r.Nameservers)
				}
				return ""
			},
		},
		{
			name: "inactive, where servers may follow", reply: held +
				"Domain Status: inactive\r\nDomain Status: clientHold\r\nName Ser", want: registration.Registered,
			check: func(r registration.Registration) string {
				if strings.Join(r.Statuses, ",") != "client hold" {
					return fmt.Sprintf("statuses %q", r.Statuses)
				}
				return ""
			},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := registration.ReadWHOIS("shop.example", []byte(tt.reply), true)
			if r.State != tt.want || r.Throttled != tt.throttled || !strings.Contains(r.Reason, tt.reason) {
				t.Errorf("%s, throttled %v: %q", r.State, r.Throttled, r.Reason)
			}
			if tt.check != nil {
				if wrong := tt.check(r); wrong != "" {
					t.Error(wrong)
				}
			}
		})
	}
}

// TestBrokenOffRegistration: a registry's answer that breaks off, by RDAP or by WHOIS, is none that says "free".
func TestBrokenOffRegistration(t *testing.T) {
	t.Parallel()
	iana := web(200, "application/json", list)
	down := web(503, "text/html", "<h1>down")
	// header, body: an answer that stops there without the end that chunks have.
	stops := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			conn, _, err := w.(http.Hijacker).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			defer conn.Close()
			_, _ = fmt.Fprintf(conn, "HTTP/1.1 %d X\r\nContent-Type: %s\r\nTransfer-Encoding: chunked\r\n\r\n", status,
				"application/rdap+json")
			if body != "" {
				_, _ = fmt.Fprintf(conn, "%x\r\n%s\r\n", len(body), body)
			}
		}
	}
	for _, tt := range []struct {
		name        string
		rdap        http.HandlerFunc
		root, whois func(string, *net.TCPConn)
		want        registration.State
		reason      string
	}{
		{
			name: "WHOIS says that it is free, and resets", rdap: down, root: probetest.WritesWHOIS(ianaWHOIS),
			whois: resetAfter(free),
			want:  registration.Unknown, reason: "WHOIS at whois.registry.example: the reply was broken off",
		},
		{
			name: "WHOIS says that it is free, and has no end", rdap: down, root: probetest.WritesWHOIS(ianaWHOIS),
			whois: probetest.WritesWHOIS(free + strings.Repeat("% terms\r\n", transport.MaxWHOIS/8)),
			want:  registration.Unknown, reason: "broken off",
		},
		{
			name: "WHOIS limits, and resets", rdap: down, root: probetest.WritesWHOIS(ianaWHOIS),
			whois: resetAfter("WHOIS LIMIT EXCEEDED\r\n"), want: registration.Unknown, reason: "too many questions",
		},
		{
			name: "WHOIS has it, and resets", rdap: down, root: probetest.WritesWHOIS(ianaWHOIS), whois: resetAfter(taken),
			want: registration.Registered,
		},
		{
			name: "IANA breaks off within the server's name", rdap: down,
			root: resetAfter("domain: EXAMPLE\r\nwhois: whois.registry.example"), whois: probetest.WritesWHOIS(taken),
			want:   registration.Unknown,
			reason: "WHOIS at whois.iana.org: the reply was broken off",
		},
		{
			name: "IANA breaks off after the server's name", rdap: down,
			root:  resetAfter("domain: EXAMPLE\r\nwhois: whois.registry.example\r\nstatus: ACT"),
			whois: probetest.WritesWHOIS(taken),
			want:  registration.Registered,
		},
		{
			name: "RDAP's denial has no end", rdap: stops(404, ""), want: registration.Unknown,
			reason: "RDAP at rdap.registry.example cut off its answer",
		},
		{
			name: "RDAP's denial stops within the document", rdap: stops(404, freeRDAP[:20]), want: registration.Unknown,
			reason: "cut off its answer",
		},
		{
			name: "RDAP's denial is whole but for the end of the chunks",
			rdap: stops(404, `{"rdapConformance":["rdap_level_0"],"errorCode":404,"title":"object not found"}`),
			want: registration.NotRegistered,
		},
		{
			name: "RDAP's record is whole but for the end of the chunks", rdap: stops(200, takenRDAP),
			want: registration.Registered,
		},
		{
			name: "RDAP's record stops within the document", rdap: stops(200, takenRDAP[:60]), want: registration.Unknown,
			reason: "cut off its answer",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newRegistryWorld(t, iana, tt.rdap, "", "")
			if tt.root != nil {
				w.Put("tcp", "192.0.2.103:43", probetest.ServeWHOIS(t, tt.root).String())
			}
			if tt.whois != nil {
				w.Put("tcp", "192.0.2.104:43", probetest.ServeWHOIS(t, tt.whois).String())
			}
			r := w.session(t, Options{}).Registration(t.Context(), "shop.example")
			if r.State != tt.want || !strings.Contains(r.Reason, tt.reason) {
				t.Errorf("%s: %s", r.State, r.Reason)
			}
		})
	}
}

// TestBrokenOffPage: a body that stops is marked, whatever it was to be.
func TestBrokenOffPage(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		handle func(net.Conn)
		broken bool
	}{
		{"a length", probetest.Writes("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"), false},
		{"less than the length", probetest.Writes("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello"), true},
		{
			"chunks", probetest.Writes("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"),
			false,
		},
		{
			"chunks without the last",
			probetest.Writes("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"), true,
		},
		{"no chunk at all", probetest.Writes("HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n"), true},
		{"until the end", probetest.Writes("HTTP/1.0 200 OK\r\n\r\nhello"), false},
		{"until a reset", func(c net.Conn) {
			probetest.Writes("HTTP/1.0 200 OK\r\n\r\nhello")(c)
			time.Sleep(untilRead)
			_ = c.(*net.TCPConn).SetLinger(0)
		}, true},
		{"no body", probetest.Writes("HTTP/1.1 304 Not Modified\r\nContent-Length: 50\r\n\r\n"), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			n := probetest.NewNetwork()
			n.Put("tcp", "192.0.2.80:80", probetest.ServeHTTP(t, tt.handle).String())
			x := openSession(t, openLive(t, n.Dial), Options{}).Get(t.Context(), "http://shop.example/",
				probetest.ServerAt("192.0.2.80:80").Addr)
			if x.HTTP == nil || x.HTTP.Broken != tt.broken {
				t.Fatalf("outcome %s (%s), answer %+v", x.Outcome, x.Err, x.HTTP)
			}
			for _, shown := range [][]string{x.Evidence().Answer, x.Verbatim()} {
				if strings.Contains(strings.Join(shown, "\n"), "broken off") != tt.broken {
					t.Errorf("the evidence is %q", shown)
				}
			}
		})
	}
}
