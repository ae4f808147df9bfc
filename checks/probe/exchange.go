// Package probe holds the senses of domdoc: the only door to the network. Every question goes through a Session, which asks each server each
// question once, bounds time and size, and writes every exchange to a ledger, so that each verdict can show who said what, and when.
package probe

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"domdoc/catalog"

	"github.com/miekg/dns"
)

// Kind is what sort of question an exchange was.
type Kind string

// The kinds.
const (
	KindDNS     Kind = "dns"
	KindRDAP    Kind = "rdap"
	KindWHOIS   Kind = "whois"
	KindTLS     Kind = "tls"
	KindHTTP    Kind = "http"
	KindService Kind = "service"
)

// Outcome tells how a question ended. Not being able to ask is never the same as "no".
type Outcome string

// The outcomes. Answered, NoData and NXDomain are answers about the name; the rest say that the server did not or could not answer.
const (
	Answered    Outcome = "answered"    // the server gave what was asked for (or a referral)
	Referral    Outcome = "referral"    // the server points to the servers of a zone below
	NoData      Outcome = "NODATA"      // the name exists, without this type
	NXDomain    Outcome = "NXDOMAIN"    // the name does not exist
	Refused     Outcome = "REFUSED"     //
	ServFail    Outcome = "SERVFAIL"    //
	OtherRcode  Outcome = "rcode"       // NOTIMP, FORMERR and the like
	Timeout     Outcome = "timeout"     // no answer within the bound
	Unreachable Outcome = "unreachable" // the network or the host refused
	Malformed   Outcome = "malformed"   // an answer came, and it cannot be one to this question
	Truncated   Outcome = "truncated"   // the rest of a long answer could not be fetched by TCP
	NotAsked    Outcome = "not-asked"   // given up before asking: the server has been silent, or the run ended
)

// Conclusive tells whether the outcome is an answer about the name itself.
func (o Outcome) Conclusive() bool { return o == Answered || o == NoData || o == NXDomain }

// Phrase says the outcome as a person would.
func (o Outcome) Phrase() string {
	switch o {
	case Answered:
		return "an answer"
	case Referral:
		return "a referral"
	case NoData:
		return "no record of this type"
	case NXDomain:
		return "no such name"
	case Refused:
		return "refused"
	case ServFail:
		return "server failure"
	case Timeout:
		return "no answer in time"
	case Unreachable:
		return "not reachable"
	case Malformed:
		return "an answer that does not fit the question"
	case Truncated:
		return "a cut-off answer, and no TCP for the rest"
	case NotAsked:
		return "not asked"
	}
	return string(o)
}

// Exchange is one question and how it ended: a line of the ledger. It is not changed after it is written.
type Exchange struct {
	Kind      Kind
	Host      string         // the server's name, where it has one
	Addr      netip.AddrPort // the address that was asked; invalid where a URL or a name was asked
	Transport string         // "udp", "tcp", "tls", "https", "http"
	Asked     string         // "shop.example.com CNAME", "GET https://…"
	At        time.Time
	Took      time.Duration
	Outcome   Outcome
	Err       string // what went wrong, in the words of the system
	RD, CD    bool   // flags of a DNS question
	DO        bool   // it asked for signatures

	Msg  *dns.Msg   // the DNS answer; nil if none came
	Text []byte     // a WHOIS reply
	Cut  bool       // its end did not come; Err says why
	HTTP *HTTPReply // an HTTP (or RDAP, or service) answer
	TLS  *TLSReply  // a handshake
}

// Server names who was asked: "ns1.example.net (192.0.2.1:53)".
func (x *Exchange) Server() string {
	switch {
	case !x.Addr.IsValid():
		return x.Host
	case x.Host == "":
		return x.Addr.String()
	}
	return x.Host + " (" + x.Addr.String() + ")"
}

// Evidence is an exchange as a report shows it: bounded strings only, nothing that a terminal would obey.
type Evidence struct {
	Kind      string    `json:"kind"`
	Server    string    `json:"server"`
	Transport string    `json:"transport"`
	Asked     string    `json:"asked"`
	Rcode     *string   `json:"rcode"`
	Flags     []string  `json:"flags"`
	EDE       *string   `json:"ede"`
	Answer    []string  `json:"answer"`
	Authority []string  `json:"authority"`
	TookMs    int64     `json:"tookMs"`
	At        time.Time `json:"at"`
	Repro     string    `json:"repro"`
	Error     string    `json:"error,omitempty"`
}

const (
	maxEvidenceLines = 24
	maxEvidenceLine  = 400
)

// Evidence renders the exchange for a report.
func (x *Exchange) Evidence() Evidence {
	e := Evidence{
		Kind: string(x.Kind), Server: catalog.Printable(x.Server(), maxEvidenceLine), Transport: x.Transport,
		Asked: catalog.Printable(x.Asked, maxEvidenceLine), TookMs: x.Took.Milliseconds(), At: x.At.UTC(),
		Flags: []string{}, Answer: []string{}, Authority: []string{}, Repro: catalog.Printable(x.repro(), 2*maxEvidenceLine), Error: catalog.Printable(x.Err, maxEvidenceLine),
	}
	switch {
	case x.Msg != nil:
		rcode := dns.RcodeToString[x.Msg.Rcode]
		if rcode == "" {
			rcode = fmt.Sprintf("RCODE%d", x.Msg.Rcode)
		}
		e.Rcode = &rcode
		e.Flags = msgFlags(x.Msg)
		e.Answer, e.Authority = rrLines(x.Msg.Answer), rrLines(x.Msg.Ns)
		if ede := EDE(x.Msg); ede != "" {
			ede = catalog.Printable(ede, maxEvidenceLine)
			e.EDE = &ede
		}
	case x.HTTP != nil:
		status := fmt.Sprint(x.HTTP.Status)
		e.Rcode = &status
		e.Answer = bounded(x.HTTP.lines())
	case x.TLS != nil:
		e.Answer = bounded(x.TLS.lines())
	case x.Text != nil:
		e.Answer = bounded(strings.Split(strings.TrimSpace(string(x.Text)), "\n"))
	}
	if e.Error == "" && !x.Outcome.Conclusive() && x.Msg == nil {
		e.Error = x.Outcome.Phrase()
	}
	return e
}

func bounded(lines []string) []string {
	out := make([]string, 0, min(len(lines), maxEvidenceLines))
	for _, l := range lines {
		if len(out) == maxEvidenceLines {
			out = append(out, fmt.Sprintf("… and %d more lines", len(lines)-maxEvidenceLines))
			break
		}
		out = append(out, catalog.Printable(strings.TrimRight(l, "\r "), maxEvidenceLine))
	}
	return out
}

func msgFlags(m *dns.Msg) []string {
	out := []string{}
	for _, f := range []struct {
		set  bool
		name string
	}{{m.Authoritative, "aa"}, {m.Truncated, "tc"}, {m.RecursionDesired, "rd"}, {m.RecursionAvailable, "ra"}, {m.AuthenticatedData, "ad"}, {m.CheckingDisabled, "cd"}} {
		if f.set {
			out = append(out, f.name)
		}
	}
	return out
}

func rrLines(rrs []dns.RR) []string {
	out := make([]string, 0, min(len(rrs), maxEvidenceLines))
	for _, rr := range rrs {
		if len(out) == maxEvidenceLines {
			out = append(out, fmt.Sprintf("… and %d more records", len(rrs)-maxEvidenceLines))
			break
		}
		out = append(out, catalog.Printable(FormatRR(rr), maxEvidenceLine))
	}
	return out
}

// FormatRR writes a record as evidence shows it: owner without its final dot, TTL, type, data.
func FormatRR(rr dns.RR) string {
	h := rr.Header()
	return fmt.Sprintf("%s %d %s %s", Bare(h.Name), h.Ttl, dns.Type(h.Rrtype), RData(rr))
}

// RData is a record's data as text, names without their final dot, TXT strings joined and unescaped (RFC 7208 3.3 joins them the same way).
func RData(rr dns.RR) string {
	switch rr := rr.(type) {
	case *dns.CNAME:
		return Bare(rr.Target)
	case *dns.NS:
		return Bare(rr.Ns)
	case *dns.A:
		return rr.A.String()
	case *dns.AAAA:
		return rr.AAAA.String()
	case *dns.TXT:
		return JoinTXT(rr.Txt)
	case *dns.MX:
		return fmt.Sprintf("%d %s", rr.Preference, Bare(rr.Mx))
	}
	s := rr.String()
	if i := len(rr.Header().String()); i <= len(s) {
		s = s[i:]
	}
	return s
}

// JoinTXT joins the strings of one TXT record without a separator and undoes the presentation escapes of the parser.
func JoinTXT(parts []string) string { return unescape(strings.Join(parts, "")) }

func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b = append(b, s[i])
			continue
		}
		if i+3 < len(s) && isDigit(s[i+1]) && isDigit(s[i+2]) && isDigit(s[i+3]) {
			b = append(b, (s[i+1]-'0')*100+(s[i+2]-'0')*10+(s[i+3]-'0'))
			i += 3
			continue
		}
		i++
		b = append(b, s[i])
	}
	return string(b)
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// Bare is a domain name without its final dot and in lower case; the root stays ".".
func Bare(name string) string {
	if name == "." {
		return name
	}
	return strings.ToLower(strings.TrimSuffix(name, "."))
}

// EDE is the extended error of an answer, as text; empty where there is none (RFC 8914). It is a hint, never a proof.
func EDE(m *dns.Msg) string {
	opt := m.IsEdns0()
	if opt == nil {
		return ""
	}
	for _, o := range opt.Option {
		if ede, ok := o.(*dns.EDNS0_EDE); ok {
			s := fmt.Sprintf("%d (%s)", ede.InfoCode, dns.ExtendedErrorCodeToString[ede.InfoCode])
			if ede.ExtraText != "" {
				s += ": " + ede.ExtraText
			}
			return s
		}
	}
	return ""
}

// EDECode is the number of the extended error of an answer (RFC 8914 5.2).
func EDECode(m *dns.Msg) (uint16, bool) {
	if m == nil {
		return 0, false
	}
	opt := m.IsEdns0()
	if opt == nil {
		return 0, false
	}
	for _, o := range opt.Option {
		if ede, ok := o.(*dns.EDNS0_EDE); ok {
			return ede.InfoCode, true
		}
	}
	return 0, false
}

// repro is the command that repeats the exchange by hand.
func (x *Exchange) repro() string {
	switch x.Kind {
	case KindDNS:
		return x.dig()
	case KindWHOIS:
		return "whois -h " + x.Host + " " + shellWord(x.Asked)
	case KindTLS:
		return fmt.Sprintf("openssl s_client -connect %s -servername %s </dev/null", x.Addr, shellWord(strings.TrimPrefix(x.Asked, "handshake for ")))
	case KindHTTP:
		method, url, _ := strings.Cut(x.Asked, " ")
		_ = method
		host, port := hostPort(url)
		if x.Addr.IsValid() {
			return fmt.Sprintf("curl -sSi --max-redirs 0 --connect-to %s:%s:%s %s", host, port, x.Addr, shellWord(url))
		}
		return "curl -sSi " + shellWord(url)
	case KindRDAP:
		_, url, _ := strings.Cut(x.Asked, " ")
		return "curl -sS -H 'Accept: application/rdap+json' " + shellWord(url)
	case KindService:
		method, url, _ := strings.Cut(x.Asked, " ")
		return fmt.Sprintf("curl -sS -X %s -H \"Authorization: Bearer $DOMDOC_TOKEN\" %s", method, shellWord(url))
	}
	return ""
}

func (x *Exchange) dig() string {
	b := strings.Builder{}
	b.WriteString("dig")
	if !x.RD {
		b.WriteString(" +norecurse")
	}
	if x.CD {
		b.WriteString(" +cd")
	}
	switch x.Transport {
	case "tcp":
		b.WriteString(" +tcp")
	case "tls":
		b.WriteString(" +tls")
	case "https":
		b.WriteString(" +https")
	}
	if x.Addr.IsValid() {
		b.WriteString(" @" + x.Addr.Addr().String())
		if port := x.Addr.Port(); port != 53 && x.Transport != "tls" && x.Transport != "https" {
			fmt.Fprintf(&b, " -p %d", port)
		}
	} else {
		b.WriteString(" @" + shellWord(x.Host))
	}
	name, rrtype, _ := strings.Cut(x.Asked, " ")
	b.WriteString(" " + shellWord(name) + " " + rrtype)
	return b.String()
}

// shellWord quotes a word for a POSIX shell where it needs it: what comes from outside must not run when it is pasted.
func shellWord(s string) string {
	safe := s != ""
	for i := 0; i < len(s) && safe; i++ {
		c := s[i]
		safe = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || isDigit(c) || strings.IndexByte("-._:/@%+=,", c) >= 0
	}
	if safe {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// Ledger is the list of the exchanges of one diagnosis, in the order in which they ended.
type Ledger struct {
	mu   sync.Mutex // guards following
	list []*Exchange
	seen map[*Exchange]bool
}

func (l *Ledger) add(x *Exchange) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.seen[x] {
		return
	}
	if l.seen == nil {
		l.seen = map[*Exchange]bool{}
	}
	l.seen[x] = true
	l.list = append(l.list, x)
}

func (l *Ledger) merge(other *Ledger) {
	if other == nil {
		return
	}
	other.mu.Lock()
	list := slices.Clone(other.list)
	other.mu.Unlock()
	for _, x := range list {
		l.add(x)
	}
}

// Exchanges returns what the ledger holds, ordered by the time at which the questions were asked.
func (l *Ledger) Exchanges() []*Exchange {
	l.mu.Lock()
	out := slices.Clone(l.list)
	l.mu.Unlock()
	slices.SortStableFunc(out, func(a, b *Exchange) int { return a.At.Compare(b.At) })
	return out
}
