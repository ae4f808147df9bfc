// Package probe holds the senses of domdoc: the only door to the network. Every question goes through a Session,
// which asks each server each question once, bounds time and size, and writes every exchange to a ledger, so that
// each verdict can show who said what, and when.
package probe

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"domdoc/catalog/sanitize"

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

// The outcomes. Answered, NoData and NXDomain are answers about the name; the rest say that the server did not or
// could not answer.
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

// Conclusive reports whether the outcome is an answer about the name itself.
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
		Kind: string(x.Kind), Server: sanitize.Text(x.Server(), maxEvidenceLine), Transport: x.Transport,
		Asked: sanitize.Text(x.Asked, maxEvidenceLine), TookMs: x.Took.Milliseconds(), At: x.At.UTC(),
		Flags: []string{}, Answer: []string{}, Authority: []string{}, Repro: x.repro(),
		Error: sanitize.Text(x.Err, maxEvidenceLine),
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
			ede = sanitize.Text(ede, maxEvidenceLine)
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
		out = append(out, sanitize.Text(strings.TrimRight(l, "\r "), maxEvidenceLine))
	}
	return out
}

func msgFlags(m *dns.Msg) []string {
	out := []string{}
	for _, f := range []struct {
		set  bool
		name string
	}{
		{m.Authoritative, "aa"},
		{m.Truncated, "tc"},
		{m.RecursionDesired, "rd"},
		{m.RecursionAvailable, "ra"},
		{m.AuthenticatedData, "ad"},
		{m.CheckingDisabled, "cd"},
	} {
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
		out = append(out, sanitize.Text(FormatRR(rr), maxEvidenceLine))
	}
	return out
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
