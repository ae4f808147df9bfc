package exchange

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"domdoc/catalog/sanitize"

	"github.com/miekg/dns"
)

// Bounds of Verbatim.
const (
	maxWholeLines = 2000
	maxWholeLine  = 8 << 10 // characters
)

// Verbatim returns the complete answer line by line, of which Evidence is the beginning: every section of a DNS
// message, header and body of a page, every certificate of a handshake. It is bounded and has no control characters.
func (x *Exchange) Verbatim() []string {
	var lines []string
	switch {
	case x.Msg != nil:
		lines = msgLines(x.Msg)
	case x.HTTP != nil:
		lines = x.HTTP.whole()
	case x.TLS != nil:
		lines = x.TLS.whole()
	case x.Text != nil:
		lines = strings.Split(strings.TrimRight(string(x.Text), "\r\n"), "\n")
	}
	if x.Err != "" {
		lines = append([]string{x.Err}, lines...)
	}
	if len(lines) == 0 {
		lines = []string{x.Outcome.Phrase()}
	}
	if over := len(lines) - maxWholeLines; over > 0 {
		lines = append(lines[:maxWholeLines:maxWholeLines], fmt.Sprintf("… and %d more lines", over))
	}
	out := make([]string, len(lines))
	for i, l := range lines {
		out[i] = sanitize.Text(strings.TrimRight(l, "\r "), maxWholeLine)
	}
	return out
}

func msgLines(m *dns.Msg) []string {
	rcode := dns.RcodeToString[m.Rcode]
	if rcode == "" {
		rcode = fmt.Sprintf("RCODE%d", m.Rcode)
	}
	lines := []string{strings.TrimSpace(rcode + "  " + strings.Join(msgFlags(m), " "))}
	if ede := EDE(m); ede != "" {
		lines = append(lines, "extended error "+ede)
	}
	for _, s := range []struct {
		name string
		rrs  []dns.RR
	}{{"answer", m.Answer}, {"authority", m.Ns}, {"additional", m.Extra}} {
		rrs := slices.DeleteFunc(slices.Clone(s.rrs), func(rr dns.RR) bool { return rr.Header().Rrtype == dns.TypeOPT })
		if len(rrs) == 0 {
			continue
		}
		lines = append(lines, "", s.name)
		for _, rr := range rrs {
			lines = append(lines, "  "+FormatRR(rr))
		}
	}
	return lines
}

func (r *HTTPReply) whole() []string {
	lines := r.lines()[:1]
	for _, k := range slices.Sorted(maps.Keys(r.Header)) {
		for _, v := range r.Header[k] {
			if k == "Set-Cookie" { // a session cookie of the page is private
				v, _, _ = strings.Cut(v, "=")
				v += "=(hidden)"
			}
			lines = append(lines, k+": "+v)
		}
	}
	if len(r.Body) > 0 {
		body := string(r.Body)
		var b bytes.Buffer
		if strings.Contains(r.Header.Get("Content-Type"), "json") && json.Indent(&b, r.Body, "", "  ") == nil {
			body = b.String()
		}
		lines = append(lines, "")
		lines = append(lines, strings.Split(strings.TrimRight(body, "\r\n"), "\n")...)
	}
	return append(lines, r.missing()...)
}

func (r *TLSReply) whole() []string {
	lines := r.lines()
	for i, c := range r.Chain {
		lines = append(lines, "", fmt.Sprintf("certificate %d", i+1), "  subject  "+c.Subject.String(),
			"  issuer   "+c.Issuer.String(), "  key      "+KeyType(c),
			"  valid    "+c.NotBefore.UTC().Format(time.RFC3339)+" to "+c.NotAfter.UTC().Format(time.RFC3339),
			"  sha-256  "+Fingerprint(c))
		for _, n := range CertNames(c) {
			lines = append(lines, "  name     "+n)
		}
	}
	return lines
}
