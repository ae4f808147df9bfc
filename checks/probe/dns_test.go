package probe

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"domdoc/checks/probe/exchange"
	"domdoc/checks/probe/exchange/exchangetest"
	"domdoc/checks/probe/probetest"

	"github.com/miekg/dns"
)

const soaLine = "ns example. 300 SOA ns1.example. h.example. 1 2 3 4 60"

// TestOutcomes: what a server answers to "shop.example TXT", and what that means.
func TestOutcomes(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		lines  []string
		want   exchange.Outcome
		values []string
		cname  string
	}{
		{
			name: "an answer", lines: []string{"aa", `shop.example. 300 TXT "a" "b"`}, want: exchange.Answered,
			values: []string{"ab"},
		},
		{
			name: "an answer without authority", lines: []string{`shop.example. 300 TXT "a"`}, want: exchange.Answered,
			values: []string{"a"},
		},
		{
			name: "an answer in other letters", lines: []string{"aa", `SHOP.eXample. 300 TXT "a"`}, want: exchange.Answered,
			values: []string{"a"},
		},
		{name: "no such type", lines: []string{"aa", soaLine}, want: exchange.NoData},
		{name: "no such type, and no SOA", lines: []string{"aa"}, want: exchange.NoData},
		{
			name: "no such type, with the zone's servers", lines: []string{"aa", "ns example. 300 NS ns1.example."},
			want: exchange.NoData,
		},
		{name: "no such type from a resolver", lines: []string{soaLine}, want: exchange.NoData},
		{
			name: "SOA and NS together are no referral", lines: []string{soaLine, "ns example. 300 NS ns1.example."},
			want: exchange.NoData,
		},
		{name: "no such name", lines: []string{"aa", "NXDOMAIN", soaLine}, want: exchange.NXDomain},
		{name: "no such name, and no SOA", lines: []string{"NXDOMAIN"}, want: exchange.NXDomain},
		{name: "refused", lines: []string{"REFUSED"}, want: exchange.Refused},
		{name: "failure", lines: []string{"SERVFAIL"}, want: exchange.ServFail},
		{name: "not implemented", lines: []string{"NOTIMP"}, want: exchange.OtherRcode},
		{name: "format error", lines: []string{"FORMERR"}, want: exchange.OtherRcode},
		{name: "not authoritative, as a code", lines: []string{"NOTAUTH"}, want: exchange.OtherRcode},
		{
			name: "a referral", lines: []string{"ns shop.example. 300 NS ns1.other.", "ns shop.example. 300 NS ns2.other."},
			want: exchange.Referral,
		},
		{name: "a referral upwards", lines: []string{"ns . 300 NS a.root-servers.net."}, want: exchange.Referral},
		{
			name: "a CNAME", lines: []string{"aa", "shop.example. 300 CNAME cdn.other."}, want: exchange.Answered,
			cname: "cdn.other",
		},
		{name: "a CNAME and what follows it", lines: []string{
			"aa", "shop.example. 300 CNAME cdn.example.",
			`cdn.example. 300 TXT "a"`,
		}, want: exchange.Answered, cname: "cdn.example"},
		{name: "a CNAME whose target does not exist", lines: []string{
			"aa", "NXDOMAIN",
			"shop.example. 300 CNAME gone.example.", soaLine,
		}, want: exchange.Answered, cname: "gone.example"},
		{
			name: "a DNAME above", lines: []string{
				"aa", "example. 300 DNAME other.",
				"shop.example. 300 CNAME shop.other.",
			},
			want: exchange.Answered, cname: "shop.other",
		},
		{
			name:  "a DNAME above, and a target that does not exist",
			lines: []string{"aa", "NXDOMAIN", "example. 300 DNAME other."}, want: exchange.Answered,
		},
		{
			name: "a DNAME elsewhere", lines: []string{"aa", "sub.shop.example. 300 DNAME other.", soaLine},
			want: exchange.NoData,
		},
		{
			name: "another type only", lines: []string{"aa", "shop.example. 300 A 192.0.2.1", soaLine},
			want: exchange.NoData,
		},
		{
			name: "another owner only", lines: []string{"aa", `www.shop.example. 300 TXT "a"`, soaLine},
			want: exchange.NoData,
		},
		{name: "a wrong class beside the right one", lines: []string{
			"aa", `shop.example. 300 CH TXT "b"`,
			`shop.example. 300 TXT "a"`,
		}, want: exchange.Answered, values: []string{"a"}},
	}
	answers := probetest.Script{}
	for i, tt := range tests {
		lines := slices.Clone(tt.lines)
		for k := range lines { // each case has a name of its own at the same server
			lines[k] = strings.ReplaceAll(strings.ReplaceAll(lines[k], "SHOP.eXample.", fmt.Sprintf("SHOP%d.eXample.", i)),
				"shop.example.", fmt.Sprintf("shop%d.example.", i))
		}
		answers[fmt.Sprintf("shop%d.example. TXT", i)] = lines
	}
	server := probetest.ServeDNS(t, answers.Handle)
	s := openSession(t, openLive(t, nil), Options{})
	for i, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			name := fmt.Sprintf("shop%d.example", i)
			x := s.Ask(t.Context(), server.Server, name, dns.TypeTXT)
			if x.Outcome != tt.want {
				t.Errorf("outcome %s (%s), want %s", x.Outcome, x.Err, tt.want)
			}
			if got := x.Values(name, dns.TypeTXT); !slices.Equal(got, tt.values) {
				t.Errorf("values %q, want %q", got, tt.values)
			}
			if got := x.CNAME(name); got != tt.cname {
				t.Errorf("CNAME %q, want %q", got, tt.cname)
			}
		})
	}
}

// TestWrongClass: records of another class answer nothing.
func TestWrongClass(t *testing.T) {
	t.Parallel()
	server := probetest.ServeDNS(t, probetest.Script{"shop.example. TXT": {
		"aa", `shop.example. 300 CH TXT "a"`,
		"ns example. 300 CH NS ns1.example.",
	}}.Handle)
	s := openSession(t, openLive(t, nil), Options{})
	x := s.Ask(t.Context(), server.Server, "shop.example", dns.TypeTXT)
	if n := len(x.Msg.Answer) + len(x.Msg.Ns); n != 0 {
		t.Errorf("%d records were kept", n)
	}
	if x.Outcome == exchange.Answered || x.Outcome == exchange.Referral {
		t.Errorf("outcome %s", x.Outcome)
	}
}

// TestWrongClassIsInconclusive: a server that answers in another class has said nothing of the name (issue 3, "Bad
// input").
func TestWrongClassIsInconclusive(t *testing.T) {
	t.Parallel()
	server := probetest.ServeDNS(t, probetest.Script{"shop.example. TXT": {
		"aa",
		`shop.example. 300 CH TXT "a"`,
	}}.Handle)
	s := openSession(t, openLive(t, nil), Options{})
	if x := s.Ask(t.Context(), server.Server, "shop.example", dns.TypeTXT); x.Outcome.Conclusive() {
		t.Errorf("outcome %s", x.Outcome)
	}
}

// TestOldServers: servers that do not know EDNS are asked again without it.
func TestOldServers(t *testing.T) {
	t.Parallel()
	old := func(rcode int, withOPT bool) dns.HandlerFunc {
		return func(w dns.ResponseWriter, q *dns.Msg) {
			m := exchangetest.Reply(q, "aa", `shop.example. 300 TXT "a"`)
			if q.IsEdns0() != nil {
				m = exchangetest.Reply(q)
				m.Rcode = rcode
				if withOPT {
					m.SetEdns0(1232, false)
				}
			}
			_ = w.WriteMsg(m)
		}
	}
	for _, tt := range []struct {
		name  string
		serve dns.HandlerFunc
		want  exchange.Outcome
		asked int
	}{
		{"a format error", old(dns.RcodeFormatError, false), exchange.Answered, 2},
		{"not implemented", old(dns.RcodeNotImplemented, false), exchange.Answered, 2},
		{"a format error from a server that knows EDNS", old(dns.RcodeFormatError, true), exchange.OtherRcode, 1},
		{"a failure is no reason", old(dns.RcodeServerFailure, false), exchange.ServFail, 1},
		{
			"a format error to everything", func(w dns.ResponseWriter, q *dns.Msg) {
				_ = w.WriteMsg(exchangetest.Reply(q, "FORMERR"))
			},
			exchange.OtherRcode, 2,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server := probetest.ServeDNS(t, tt.serve)
			s := openSession(t, openLive(t, nil), Options{})
			if x := s.Ask(t.Context(), server.Server, "shop.example", dns.TypeTXT); x.Outcome != tt.want {
				t.Errorf("outcome %s (%s), want %s", x.Outcome, x.Err, tt.want)
			}
			if n := server.Count(""); n != tt.asked {
				t.Errorf("asked %d times, want %d", n, tt.asked)
			}
		})
	}
}

// TestOldServerLongAnswer: a server without EDNS whose answer is cut off must be asked over TCP without EDNS as well.
func TestOldServerLongAnswer(t *testing.T) {
	t.Parallel()
	server := probetest.ServeDNS(t, func(w dns.ResponseWriter, q *dns.Msg) {
		switch _, udp := w.RemoteAddr().(*net.UDPAddr); {
		case q.IsEdns0() != nil:
			_ = w.WriteMsg(exchangetest.Reply(q, "FORMERR"))
		case udp:
			_ = w.WriteMsg(exchangetest.Reply(q, "aa", "tc"))
		default:
			_ = w.WriteMsg(exchangetest.Reply(q, "aa", `shop.example. 300 TXT "a"`))
		}
	})
	s := openSession(t, openLive(t, nil), Options{})
	if x := s.Ask(t.Context(), server.Server, "shop.example", dns.TypeTXT); x.Outcome != exchange.Answered {
		t.Errorf("outcome %s (%s)", x.Outcome, x.Err)
	}
}

// TestQuestion: what a server sees of the flags.
func TestQuestion(t *testing.T) {
	t.Parallel()
	server := probetest.ServeDNS(t, func(w dns.ResponseWriter, q *dns.Msg) {
		opt := q.IsEdns0()
		size := uint16(0)
		if opt != nil {
			size = opt.UDPSize()
		}
		_ = w.WriteMsg(exchangetest.Reply(q, "aa", fmt.Sprintf(`shop.example. 300 TXT "rd=%v cd=%v do=%v size=%d"`,
			q.RecursionDesired,
			q.CheckingDisabled, opt != nil && opt.Do(), size)))
	})
	s := openSession(t, openLive(t, nil), Options{})
	for name, tt := range map[string]struct {
		ask  func(context.Context, exchange.Server, string, uint16) *exchange.Exchange
		want string
	}{
		"Ask":              {s.Ask, "rd=false cd=false do=false size=1232"},
		"AskSecure":        {s.AskSecure, "rd=false cd=false do=true size=1232"},
		"Resolve":          {s.Resolve, "rd=true cd=false do=false size=1232"},
		"ResolveUnchecked": {s.ResolveUnchecked, "rd=true cd=true do=false size=1232"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := tt.ask(t.Context(), server.Server, "shop.example", dns.TypeTXT).Values("shop.example",
				dns.TypeTXT); len(got) != 1 || got[0] != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// TestNonsense: replies that are no DNS messages, or strange ones, end at once and say what they are.
func TestNonsense(t *testing.T) {
	t.Parallel()
	withAnswers := func(q []byte, count byte, data ...byte) []byte {
		b := probetest.EchoReply(q, 0)
		b[2] |= 4 // aa
		b[7] = count
		return append(b, data...)
	}
	record := func(owner []byte, data []byte) []byte {
		b := append(slices.Clone(owner), 0, 16, 0, 1, 0, 0, 1, 44, byte(len(data)>>8), byte(len(data)))
		return append(b, data...)
	}
	for _, tt := range []struct {
		name  string
		reply func(q []byte) []byte
		want  exchange.Outcome
	}{
		{"a name that points to itself", func(q []byte) []byte {
			at := byte(exchange.QuestionEnd(q))
			return withAnswers(q, 1, record([]byte{0xc0, at}, []byte{1, 'a'})...)
		}, exchange.Malformed},
		{"two names that point to each other", func(q []byte) []byte {
			at := byte(exchange.QuestionEnd(q))
			return withAnswers(q, 1, record([]byte{0xc0, at + 2, 0xc0, at}, []byte{1, 'a'})...)
		}, exchange.Malformed},
		{"a pointer out of the message", func(q []byte) []byte {
			return withAnswers(q, 1, record([]byte{0xff, 0xff}, []byte{1, 'a'})...)
		}, exchange.Malformed},
		{"a TXT string longer than its record", func(q []byte) []byte {
			return withAnswers(q, 1, record([]byte{0xc0, 12}, []byte{200, 'a'})...)
		}, exchange.Malformed},
		{"a record longer than the message", func(q []byte) []byte {
			b := withAnswers(q, 1, record([]byte{0xc0, 12}, []byte{1, 'a'})...)
			return b[:len(b)-1]
		}, exchange.Malformed},
		{
			"an empty TXT record", func(q []byte) []byte { return withAnswers(q, 1, record([]byte{0xc0, 12}, nil)...) },
			exchange.Answered,
		},
		{"bytes after the message", func(q []byte) []byte {
			return append(withAnswers(q, 1, record([]byte{0xc0, 12}, []byte{1, 'a'})...), make([]byte, 600)...)
		}, exchange.Answered},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			addr := probetest.ServeUDP(t, "udp4", func(q []byte, send func([]byte)) { send(tt.reply(q)) })
			s := openSession(t, openLive(t, nil), Options{})
			x := s.Ask(t.Context(), exchange.Server{Addr: addr}, "shop.example", dns.TypeTXT)
			if x.Outcome != tt.want {
				t.Errorf("outcome %s (%s), want %s", x.Outcome, x.Err, tt.want)
			}
			if x.Outcome == exchange.Malformed && x.Err == "" {
				t.Error("it does not say what is wrong")
			}
			if x.Took > 3*time.Second {
				t.Errorf("it took %v", x.Took)
			}
		})
	}
}

// TestManyAdditional: 200 additional records neither hang nor hide the answer.
func TestManyAdditional(t *testing.T) {
	t.Parallel()
	server := probetest.ServeDNS(t, func(w dns.ResponseWriter, q *dns.Msg) {
		m := exchangetest.Reply(q, "aa", `shop.example. 300 TXT "a"`)
		for i := range 200 {
			m.Extra = append(m.Extra, &dns.A{Hdr: dns.RR_Header{
				Name: "ns1.example.", Rrtype: dns.TypeA,
				Class: dns.ClassINET, Ttl: 300,
			}, A: net.IPv4(192, 0, 2, byte(i))})
		}
		m.Compress = true
		_ = w.WriteMsg(m)
	})
	s := openSession(t, openLive(t, nil), Options{})
	x := s.Ask(t.Context(), server.Server, "shop.example", dns.TypeTXT)
	if x.Outcome != exchange.Answered || len(x.Msg.Extra) != 200 {
		t.Errorf("outcome %s (%s)", x.Outcome, x.Err)
	}
	if got := glue(x.Msg, "ns1.example"); len(got) > 8 {
		t.Errorf("%d addresses of one host were taken", len(got))
	}
}

// TestMismatchedReplies: servers that always answer something else are inconclusive after a bounded time, not waited
// for and not believed. The cases wait together.
func TestMismatchedReplies(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		spoil func(b []byte)
		want  exchange.Outcome
	}{
		"another question": {func(b []byte) { b[13] = 'x' }, exchange.Malformed},
		"another class":    {func(b []byte) { b[len(b)-1] = 3 }, exchange.Malformed},
		"another id":       {func(b []byte) { b[0] ^= 1 }, exchange.Malformed},
	}
	s := openSession(t, openLive(t, nil), Options{})
	got := map[string]chan *exchange.Exchange{}
	for name, tt := range cases {
		addr := probetest.ServeUDP(t, "udp4", func(q []byte, send func([]byte)) {
			b := probetest.EchoReply(q, 0)
			tt.spoil(b)
			send(b)
		})
		end := make(chan *exchange.Exchange, 1)
		got[name] = end
		go func() { end <- s.Ask(context.Background(), exchange.Server{Addr: addr}, "shop.example", dns.TypeTXT) }()
	}
	for name, tt := range cases {
		t.Run(name, func(t *testing.T) {
			x := <-got[name]
			if x.Outcome != tt.want || x.Outcome.Conclusive() || x.Msg != nil {
				t.Errorf("outcome %s (%s), want %s", x.Outcome, x.Err, tt.want)
			}
			if x.Took > 30*time.Second {
				t.Errorf("it took %v", x.Took)
			}
		})
	}
}

func TestNegativeTTL(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, soa string
		want      uint32
		ok        bool
	}{
		{"the minimum is smaller", "ns example. 300 SOA a. b. 1 2 3 4 60", 60, true},
		{"the TTL is smaller", "ns example. 30 SOA a. b. 1 2 3 4 60", 30, true},
		{"no SOA", "ns example. 30 NS a.", 0, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			q := new(dns.Msg).SetQuestion("shop.example.", dns.TypeA)
			x := &exchange.Exchange{Msg: exchangetest.Reply(q, tt.soa)}
			if got, ok := x.NegativeTTL(); got != tt.want || ok != tt.ok {
				t.Errorf("got %d, %v", got, ok)
			}
		})
	}
	var none *exchange.Exchange
	if _, ok := none.NegativeTTL(); ok || none.Values("a", 1) != nil || none.CNAME("a") != "" {
		t.Error("an exchange that is not there knows something")
	}
}

// TestUnreachable: a closed port is no silence.
func TestUnreachable(t *testing.T) {
	t.Parallel()
	s := openSession(t, openLive(t, probetest.NewNetwork().Dial), Options{})
	x := s.Ask(t.Context(), probetest.ServerAt("192.0.2.1"), "shop.example", dns.TypeA)
	if x.Outcome != exchange.Unreachable || x.Err != "connection refused" {
		t.Errorf("outcome %s (%s)", x.Outcome, x.Err)
	}
}

// TestUnreachableStays: a server that refuses each question is unreachable each time.
func TestUnreachableStays(t *testing.T) {
	t.Parallel()
	s := openSession(t, openLive(t, probetest.NewNetwork().Dial), Options{})
	for i := range 5 {
		if x := s.Ask(t.Context(), probetest.ServerAt("192.0.2.1"), fmt.Sprintf("n%d.example", i),
			dns.TypeA); x.Outcome != exchange.Unreachable {
			t.Errorf("question %d: %s (%s)", i+1, x.Outcome, x.Err)
		}
	}
}

// TestNoQuestion: what is no domain name is not sent.
func TestNoQuestion(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	addr := probetest.ServeUDP(t, "udp4", func([]byte, func([]byte)) { asked.Add(1) })
	s := openSession(t, openLive(t, nil), Options{})
	for _, name := range []string{strings.Repeat("a", 64) + ".example", "a..example", ".example"} {
		if x := s.Ask(t.Context(), exchange.Server{Addr: addr}, name, dns.TypeA); x.Outcome != exchange.Malformed {
			t.Errorf("%.20q: %s (%s)", name, x.Outcome, x.Err)
		}
	}
	if asked.Load() != 0 {
		t.Error("something was sent")
	}
}

// TestNameTooLong: nor is a name of more than 255 octets (RFC 1035 2.3.4), which servers drop: three of them would
// make a good server look dead.
func TestNameTooLong(t *testing.T) {
	t.Parallel()
	name := strings.Repeat("abcdefg.", 40) + "example"
	if _, _, err := exchange.PackQuestion(name, dns.TypeA, exchange.FlagRD, true); err == nil {
		t.Error("a sweep sends it")
	}
	s := openSession(t, openLive(t, probetest.NewNetwork().Dial), Options{})
	if x := s.Ask(t.Context(), probetest.ServerAt("192.0.2.1"), name, dns.TypeA); x.Outcome != exchange.Malformed {
		t.Errorf("%s (%s)", x.Outcome, x.Err)
	}
}

// TestCutReply: a reply that ends before the records that its header counts is no denial.
func TestCutReply(t *testing.T) {
	t.Parallel()
	addr := probetest.ServeUDP(t, "udp4", func(q []byte, send func([]byte)) {
		b := probetest.EchoReply(q, 0)
		b[2] |= 4 // aa
		b[7] = 1  // one answer, which is not there
		send(b)
	})
	s := openSession(t, openLive(t, nil), Options{})
	if x := s.Ask(t.Context(), exchange.Server{Addr: addr}, "shop.example", dns.TypeTXT); x.Outcome.Conclusive() {
		t.Errorf("outcome %s", x.Outcome)
	}
}
