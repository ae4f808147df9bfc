package recording

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"domdoc/checks/probe/exchange"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"
)

func TestSecretsClean(t *testing.T) {
	t.Parallel()
	var s Secrets
	s.Add("tok/en+1=", "short", "a\"b\\cdef")
	for in, want := range map[string]string{
		"":                                   "",
		"nothing to hide":                    "nothing to hide",
		"x tok/en+1= y":                      "x [removed] y",
		"?q=tok%2Fen%2B1%3D&z=1":             "?q=[removed]&z=1",
		`{"v":"a\"b\\cdef"}`:                 `{"v":"[removed]"}`,
		"dG9rL2VuKzE9":                       "[removed]",
		"Authorization: Bearer abcdefghijkl": "Authorization: Bearer [removed]",
		"see https://x.example/?access_token=abc&x=1": "see https://x.example/?access_token=[removed]&x=1",
		"eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.sig":     "[removed]",
		"short is too short to be looked for":         "short is too short to be looked for",
	} {
		if got := s.Redact(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestSecretsJSON(t *testing.T) {
	t.Parallel()
	var s Secrets
	in := `{"data":{"accessToken":"a","verification":{"name":"_verify.x","token":"tok-1"},` +
		`"owner":"jane@customer.example","password":"p","quota":{"tokens":5},"list":[{"apiKey":"k"}],` +
		`"big":12345678901234567890}}`
	want := `{"data":{"accessToken":"[removed]","big":12345678901234567890,"list":[{"apiKey":"[removed]"}],` +
		`"owner":"mail@mail.example","password":"[removed]","quota":{"tokens":5},"verification":{"name":"_verify.x",` +
		`"token":"tok-1"}}}`
	if diff := cmp.Diff(want, string(s.JSON([]byte(in)))); diff != "" {
		t.Error(diff)
	}
	for _, same := range []string{`{"b":1,"a":"x"}`, `[1,2]`, `not json`, ``, `{"a":`, "\xff\xfe"} {
		if got := string(s.JSON([]byte(same))); got != same {
			t.Errorf("%q became %q", same, got)
		}
	}
}

// TestRecordingRoundTrip checks that a recording is read back unchanged, whatever it contains.
func TestRecordingRoundTrip(t *testing.T) {
	t.Parallel()
	m := new(dns.Msg)
	m.SetQuestion("shop.example.", dns.TypeTXT)
	m.Answer = []dns.RR{&dns.TXT{Hdr: dns.RR_Header{
		Name: "shop.example.", Rrtype: dns.TypeTXT, Class: dns.ClassINET,
		Ttl: 60,
	}, Txt: []string{"planted-secret-1"}}}
	secret := &Secrets{}
	secret.Add("planted-secret-1")
	tape := New(secret)
	at := time.Date(2026, 11, 24, 12, 0, 0, 123, time.UTC)
	tape.Begin("dd-1", at)
	for i, x := range []*exchange.Exchange{
		{
			Kind: exchange.KindDNS, Asked: "shop.example TXT", Transport: "udp", At: at, Took: 1500 * time.Microsecond,
			Outcome: exchange.Answered, Msg: m, RD: true,
		},
		{
			Kind: exchange.KindWHOIS, Host: "whois.example", Asked: "shop.example", At: at, Outcome: exchange.Answered,
			Text: []byte("Registrant Email: jane@customer.example\r\n\xff"),
		},
		{
			Kind: exchange.KindRDAP, Asked: "GET https://rdap.example/domain/shop.example", At: at,
			Outcome: exchange.Answered,
			HTTP: &exchange.HTTPReply{Status: 200, Header: http.Header{
				"Content-Type": {"application/rdap+json"},
				"Set-Cookie":   {"session=1"},
			}, Body: []byte(`{"email":"jane@customer.example"}`)},
		},
		{
			Kind: exchange.KindTLS, Asked: "handshake for shop.example", At: at, Outcome: exchange.Malformed, Err: "no",
			TLS: &exchange.TLSReply{Connected: true, Failed: "no"},
		},
		{
			Kind: exchange.KindHTTP, Asked: "GET https://shop.example/", At: at, Outcome: exchange.Timeout,
			Err: "no answer",
		},
		{
			Kind: exchange.KindHTTP, Asked: "GET https://shop.example/v6", At: at, Outcome: exchange.NotAsked,
			Err: "this machine has no IPv6",
		},
	} {
		tape.Add(exchange.QueryKey{Kind: x.Kind, Server: "s", Asked: x.Asked, Flags: i}, x, nil)
	}
	raw, err := json.Marshal(tape)
	if err != nil {
		t.Fatal(err)
	}
	for _, hidden := range []string{"planted", "cGxhbnRlZ", "jane", "session=1"} {
		if bytes.Contains(raw, []byte(hidden)) {
			t.Errorf("%q is on the recording", hidden)
		}
	}
	var back Recording
	if err := json.Unmarshal(raw, &back); err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(&back)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(raw), string(again)); diff != "" {
		t.Error(diff)
	}
	if back.Exchanges() != 6 || !back.Begun().Equal(at) {
		t.Errorf("%d exchanges, begun %s", back.Exchanges(), back.Begun())
	}
	x := back.Find(exchange.QueryKey{Kind: exchange.KindDNS, Server: "s", Asked: "shop.example TXT"},
		&exchange.Exchange{})
	if x.Msg == nil || len(x.Records("shop.example", dns.TypeTXT)) != 1 {
		t.Errorf("the message came back as %+v", x)
	}
	if x := back.Find(exchange.QueryKey{Kind: exchange.KindDNS, Server: "s", Asked: "other.example TXT"},
		&exchange.Exchange{Asked: "other.example TXT"}); x.Outcome != exchange.NotAsked || x.Err != notRecorded {
		t.Errorf("what is not on the recording: %+v", x)
	}
}

// FuzzRecording checks that no case file makes the reader panic, and that every case that is read can be written.
func FuzzRecording(f *testing.F) {
	f.Add(`{"label":"x","exchanges":[{"kind":"dns","to":"a","asked":"b ` +
		`A","outcome":"answered","dns":"AAAAAAABAAAAAAAAAA=="}]}`)
	f.Add(`{"hosts":{"a":{"addrs":["192.0.2.1"]}},"roots":["AA=="],"exchanges":[{"kind":"http",` +
		`"http":{"status":200,"body":{"bytes":"/w=="}}}]}`)
	f.Fuzz(func(t *testing.T, raw string) {
		var tape Recording
		if json.Unmarshal([]byte(raw), &tape) != nil {
			return
		}
		if _, err := json.Marshal(&tape); err != nil {
			t.Fatal(err)
		}
		tape.Roots()
		for _, key := range tape.order {
			tape.Find(key, &exchange.Exchange{}).Evidence()
			tape.Find(exchange.QueryKey{Kind: exchange.KindDNS, Server: key.Server, Asked: key.Asked + "x"},
				&exchange.Exchange{})
		}
	})
}

// FuzzSecrets: a planted secret is never in what is written, however it is wrapped.
func FuzzSecrets(f *testing.F) {
	f.Add("prose ", " more", "s3cr3t-t0ken")
	f.Add(`{"a":"`, `"}`, `qu"ote\back`)
	f.Fuzz(func(t *testing.T, before, after, secret string) {
		secret = strings.TrimSpace(secret)
		if len(secret) < minSecret || strings.Contains(removed+mailRemoved, secret) ||
			strings.Contains(before+removed+after, secret) {
			return
		}
		var s Secrets
		s.Add(secret)
		for _, got := range []string{
			s.Redact(before + secret + after), string(s.JSON([]byte(before + secret + after))),
			string(s.WHOIS([]byte(before + secret + after))),
		} {
			if strings.Contains(got, secret) && !strings.Contains(strings.ReplaceAll(before+after, secret, ""), secret) {
				t.Errorf("%q in %q", secret, got)
			}
		}
	})
}
