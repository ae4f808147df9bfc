package dashboard

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"
	"unicode"

	"domdoc/checks/dnsname"
	"domdoc/checks/finding"
	"domdoc/checks/observe"
	"domdoc/checks/probe/exchange"
	"domdoc/checks/result"
	"domdoc/checks/subject"

	"domdoc/api"
	"domdoc/api/sandbox/sandboxtest"
	"domdoc/catalog"
	"domdoc/catalog/causes"
	"domdoc/checks/probe"
	"domdoc/checks/probe/registration"
	"domdoc/ui/dashboard/action"
	"domdoc/ui/dashboard/inventory"
	"domdoc/ui/dashboard/page"
	"domdoc/ui/dashboard/runner"
	"domdoc/ui/dashboard/screen"
	"domdoc/ui/dashboard/tab"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/miekg/dns"
)

// evilTexts are texts that break tables and terminals: escapes, bidirectional overrides, wide, combining, joined and
// hidden characters, and much of them.
func evilTexts() []string {
	return []string{
		"\x1b[2J\x1b]0;owned\x07\x1b]52;c;ZXZpbA==\x07", "\u202egnp.exe\u2066", "例え.テスト" + strings.Repeat("界", 300),
		strings.Repeat("e\u0301", 400), "👩\u200d👩\u200d👧\u200d👦🇩🇪🇩🇪 family",
		"\r\n\t\x00\x9b31m", "\xff\xfe\xc0\x80", "مرحبا.example שלום", strings.Repeat("x", 1<<20),
		strings.Repeat("a b", 5000), "", "\u200b\ufe0f\u00ad", "\u202e" + strings.Repeat("ｗ", 100),
	}
}

// evilReport has a text in every place that something from outside can fill. Values are of any length; names and
// words end at what a protocol lets through.
func evilReport(value string) *result.Domain {
	s := value[:min(len(value), 4096)]
	at := noon.Add(-time.Hour)
	server := netip.MustParseAddrPort("192.0.2.1:53")
	ttl, n := uint32(77), 3
	msg := &dns.Msg{MsgHdr: dns.MsgHdr{Authoritative: true}}
	txt := []string{s}
	if len(value) > 255 {
		txt = nil
		for i := 0; i+255 <= min(len(value), 60000); i += 255 {
			txt = append(txt, value[i:i+255])
		}
	}
	msg.Answer = []dns.RR{&dns.TXT{Hdr: dns.RR_Header{
		Name: s[:min(len(s), 60)] + ".example.com.", Rrtype: dns.TypeTXT,
		Class: dns.ClassINET, Ttl: ttl,
	}, Txt: txt}}
	asked := func(kind exchange.Kind) *exchange.Exchange {
		return &exchange.Exchange{
			Kind: kind, Host: s, Addr: server, Transport: s, Asked: s, At: at, Took: time.Millisecond,
			Outcome: exchange.Answered, Err: s,
		}
	}
	dnsX, whoisX, httpX, tlsX, failX := asked(exchange.KindDNS), asked(exchange.KindWHOIS), asked(exchange.KindHTTP),
		asked(exchange.KindTLS), asked(exchange.KindService)
	dnsX.Msg, whoisX.Text = msg, []byte(strings.Repeat(s[:min(len(s), 200)]+"\n", 50))
	httpX.HTTP = &exchange.HTTPReply{Status: 200, Header: http.Header{
		"Server": {s}, "Location": {s}, "Set-Cookie": {s},
		"Content-Type": {"application/json" + s},
	}, Body: []byte(value)}
	leaf := &x509.Certificate{
		Subject: pkix.Name{CommonName: s}, Issuer: pkix.Name{CommonName: s},
		DNSNames: []string{s, "shop.example.com"}, NotBefore: at, NotAfter: noon.Add(time.Hour), Raw: []byte(s),
	}
	tlsX.TLS = &exchange.TLSReply{Chain: []*x509.Certificate{
		leaf,
		{Subject: pkix.Name{CommonName: s}, Issuer: pkix.Name{CommonName: s + "2"}, NotAfter: noon},
	}, Connected: true}
	failX.Outcome = exchange.Timeout
	ledger := []*exchange.Exchange{dnsX, whoisX, httpX, tlsX, failX}

	record := catalog.Record{
		Role: catalog.Verification, Zone: "example.com", Name: s, Type: s, Value: value, TTL: 60,
		Host: s,
	}
	expected := subject.Expected{Record: record, Source: "service"}
	cell := observe.Cell{
		Server: s, Kind: observe.KindResolver, State: observe.CellDiffers, Answer: []string{value, s}, TTL: &ttl,
		Exchange: dnsX,
	}
	cell.Samples = []observe.Cell{cell, {
		Server: s, Kind: observe.KindResolver, State: observe.CellMissing,
		Exchange: dnsX,
	}}
	source := observe.Cell{Server: s + "1", Kind: observe.KindAuthoritative, State: observe.CellMissing, Exchange: dnsX}
	found := &finding.Finding{
		Instance: causes.RecordMissing.With(causes.RecordMissingArgs{
			Record: record, Denial: s, Servers: 2,
			Present: []string{s},
		}), Check: "verification", Verdict: catalog.Fail, Certainty: finding.Likely,
		Role: catalog.Verification, About: s, Evidence: ledger,
	}
	under := &finding.Finding{Instance: causes.CAAForbids.With(causes.CAASet{
		Domain: s, At: s, Set: []string{s},
		Tag: s,
	}), Verdict: catalog.Blocked, Certainty: finding.Conclusive, BlockedBy: found.ID}
	other := &finding.Finding{Instance: causes.CAAForbids.With(causes.CAASet{
		Domain: s, At: s, Set: []string{s},
		Tag: s,
	}), Verdict: catalog.Warn, Certainty: finding.Hint}
	code, _ := catalog.FindCode("DOMAIN_004")
	zone := &probe.Zone{Name: s, Parent: s, NS: []probe.NSHost{{Name: s, Failed: s}, {Name: "ns." + s}}}
	raw, err := json.Marshal(map[string]any{"id": s, s: []any{value, map[string]any{"authCode": s}}})
	if err != nil {
		raw = []byte(s)
	}
	return &result.Domain{
		Name: dnsname.Name{ASCII: s, Unicode: s}, ID: s, ServiceStatus: s, Verdict: catalog.Fail, At: at, Ledger: ledger,
		Findings: []*finding.Finding{found, under, other},
		Codes: []result.Code{{
			Code: code, State: result.CodeReported,
			Reported: &subject.Reported{Code: s, Message: s, RequestID: s, At: at, Source: "ticket"},
		}},
		Checks: []finding.Status{
			{ID: s, Status: finding.CheckState(s), Reason: s},
			{ID: "caa", Status: "fail", Reason: "explained by record.missing " + s},
		},
		Propagation: []observe.Row{{
			Name: s, Type: s, Role: catalog.Verification, Expected: value,
			Cells: []observe.Cell{source, cell},
		}, {Name: s, Type: s, Cells: []observe.Cell{cell}}},
		Domain: &api.Domain{
			ID: s, Name: s, Status: s, Registrar: s, ExpiresAt: at, Nameservers: []string{s},
			CDN: &api.CDN{Target: s, Status: s}, Raw: raw, Problems: []string{s},
			LastError: &api.LastError{Code: s, Message: value, Path: s, RequestID: s, Timestamp: at},
		},
		Held: observe.Held{
			RecordsErr: errors.New(s), RoutesErr: nil, HasCertificate: true,
			Certificate: api.Certificate{
				ID: s, Status: s, Names: []string{s}, FailureReason: s, RequestedAt: at,
				Raw: raw,
			},
		},
		Facts: result.Facts{
			Registration: &probe.RegistrationReport{Registration: registration.Registration{
				State: registration.Registered, Source: s,
				Server: s, Domain: s, Registrar: s, RegistrarIANA: s, Statuses: []string{s, "client hold"}, Reason: s,
				CreatedAt: at,
			}, Tried: []string{s, s}, Evidence: ledger},
			Delegation: &observe.Delegation{
				Place: &probe.DelegationPath{Missing: s, Unknown: s}, Zone: zone, Apex: s, ParentNS: []string{s},
				ChildNS: []string{s, "x" + s}, DNSHost: s,
				Servers: []observe.NameServer{{
					Server: exchange.Server{Host: s, Addr: server}, State: observe.ServerLame,
					SOA: dnsX,
				}},
			},
			DNSSEC: &observe.DNSSEC{
				State: observe.Bogus, Why: s, Invalid: s, Covers: s, Ended: at, Refusing: []string{s}, Hint: s, NoMatch: true,
				Evidence: ledger,
				DS:       []*dns.DS{{Hdr: dns.RR_Header{Name: "example.com."}, KeyTag: 1, Digest: s}},
				Keys:     []*dns.DNSKEY{{Hdr: dns.RR_Header{Name: "example.com."}, PublicKey: s}},
			},
			Certificates: []observe.Handshake{
				{Addr: server, Exchange: tlsX, Verified: exchange.Verified{Untrusted: s}},
				{Addr: server, Exchange: failX},
			},
			Page: &probe.Browse{Hops: []*exchange.Exchange{httpX, failX}, Refused: s, Loop: true},
			Records: []observe.Record{
				{
					Expected: expected, State: observe.StateWrong, Seen: []string{value, s}, Extra: []string{value},
					TTLs: []uint32{1, 2}, TTLRule: observe.TTLMixed, Answered: 2, Exchange: dnsX,
				},
				{
					Expected: subject.Expected{Record: catalog.Record{Role: catalog.Certificate, Name: s, Type: s, Value: s}},
					Invalid:  s, State: observe.StateUnknown, Spent: true, Flattened: true,
				},
			},
			CAA: &observe.CAA{
				Steps: []observe.CAAStep{{Name: s, Via: []string{s}, Found: 1, Known: true, Exchange: dnsX}}, Owner: s,
				Verdict: causes.CAAForbidden, Tag: s, Failure: s,
				Records: []*dns.CAA{{Tag: s, Value: s}},
			},
			Routes: []observe.RankedRoute{{
				Route: api.Route{ID: s, Target: s, Priority: &n}, Host: s, Path: s, HiddenBy: s,
				Leads: []string{s, s},
			}, {Host: "x", SameAs: s, Serves: true}},
			Transfers:     []api.Transfer{{ID: s, Domain: s, Direction: s, Status: s, Reason: s, CreatedAt: at, Raw: raw}},
			TransfersRead: true, Intent: subject.Transfer,
		},
	}
}

// openEvil shows a domain whose every text is s.
func openEvil(t testing.TB, s, color string) *bench {
	b := newBench(t, func(o *options) { o.Color = color })
	b.model.Load = runner.LoadState{Gen: 1, Cancel: func() {}}
	b.send(batchMsg{{Gen: 1, Row: inventory.NewRow(api.Domain{ID: "d-1", Name: s, Status: s}, noon)}})
	r := evilReport(s)
	b.Run = runner.RunState{Gen: 2, Cancel: func() {}, Total: 1}
	b.send(batchMsg{{Gen: 2, ID: "d-1", Report: r, Sum: inventory.Summarise(r)}})
	b.press("enter")
	if b.Screen.Scope() != action.ScopeDetail || b.detail.report() != r {
		t.Fatal("the domain is not shown")
	}
	return b
}

// harmless fails when a frame without colours holds something that a terminal would obey, or that hides what it
// shows.
func harmless(t testing.TB, frame string) {
	t.Helper()
	if i := strings.IndexFunc(frame, func(r rune) bool {
		return r != '\n' && unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)
	}); i >= 0 {
		t.Fatalf("something that a terminal obeys: %q", frame[max(0, i-40):min(len(frame), i+40)])
	}
}

// TestHostileDomain has everything of a domain be hostile, on every tab, at every width.
func TestHostileDomain(t *testing.T) {
	t.Parallel()
	for i, s := range sandboxtest.UnderRace(t, evilTexts()) { // a model that one goroutine drives
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			b := openEvil(t, s, "never")
			for tb := range tab.Count {
				b.press(fmt.Sprint(int(tb) + 1))
				for w := 1; w <= 200; w++ {
					// the longer the text, the fewer widths
					if w > screen.MinWidth && w%(5+len(s)/50) != 0 && w != page.WideEnough {
						continue
					}
					h := []int{screen.MinHeight, 60, 1, 24}[w%4]
					b.send(tea.WindowSizeMsg{Width: w, Height: h})
					frame := b.View()
					checkFrame(t, frame, w, h)
					harmless(t, frame)
				}
				b.send(tea.WindowSizeMsg{Width: 200, Height: 60})
				b.press("enter", "down", "down", "G") // unfolded, or the whole answer
				checkFrame(t, b.View(), 200, 60)
				harmless(t, b.View())
				for _, c := range b.copyables() {
					harmless(t, c.Text)
					harmless(t, c.Label)
				}
				b.press("g")
			}
		})
	}
}

// FuzzDomain shows a domain whose every text is the fuzzer's.
func FuzzDomain(f *testing.F) {
	for i, s := range evilTexts() {
		f.Add(s[:min(len(s), 300)], uint8(60+10*i), uint8(15+i))
	}
	f.Fuzz(func(t *testing.T, s string, w, h uint8) {
		b := openEvil(t, s, "never")
		b.send(tea.WindowSizeMsg{Width: int(w), Height: int(h)})
		for tb := range tab.Count {
			b.press(fmt.Sprint(int(tb) + 1))
			for _, k := range []string{"down", "enter", "pgdown", "up"} {
				b.press(k)
				checkFrame(t, b.View(), int(w), int(h))
				if w > 0 && h > 0 {
					harmless(t, b.View())
				}
			}
			for _, c := range b.copyables() {
				harmless(t, c.Text)
			}
		}
	})
}
