package exchange

import (
	"fmt"
	"strings"
	"time"

	"domdoc/catalog/sanitize"

	"github.com/miekg/dns"
)

// Evidence is an exchange as a report shows it: bounded text without control characters.
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
	MaxEvidenceLines = 24
	MaxEvidenceLine  = 400
)

// Evidence returns the exchange as a report shows it.
func (x *Exchange) Evidence() Evidence {
	e := Evidence{
		Kind: string(x.Kind), Server: sanitize.Text(x.Server(), MaxEvidenceLine), Transport: x.Transport,
		Asked: sanitize.Text(x.Asked, MaxEvidenceLine), TookMs: x.Took.Milliseconds(), At: x.At.UTC(),
		Flags: []string{}, Answer: []string{}, Authority: []string{}, Repro: x.repro(),
		Error: sanitize.Text(x.Err, MaxEvidenceLine),
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
			ede = sanitize.Text(ede, MaxEvidenceLine)
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
	out := make([]string, 0, min(len(lines), MaxEvidenceLines))
	for _, l := range lines {
		if len(out) == MaxEvidenceLines {
			out = append(out, fmt.Sprintf("… and %d more lines", len(lines)-MaxEvidenceLines))
			break
		}
		out = append(out, sanitize.Text(strings.TrimRight(l, "\r "), MaxEvidenceLine))
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
	out := make([]string, 0, min(len(rrs), MaxEvidenceLines))
	for _, rr := range rrs {
		if len(out) == MaxEvidenceLines {
			out = append(out, fmt.Sprintf("… and %d more records", len(rrs)-MaxEvidenceLines))
			break
		}
		out = append(out, sanitize.Text(FormatRR(rr), MaxEvidenceLine))
	}
	return out
}
