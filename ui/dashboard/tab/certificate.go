package tab

import (
	"crypto/x509"
	"strconv"
	"strings"
	"time"

	"domdoc/checks/dnsname"
	"domdoc/checks/observe"
	"domdoc/checks/probe/exchange"
	"domdoc/checks/result"
	"domdoc/checks/rules"

	"domdoc/catalog"
	"domdoc/catalog/causes"
	"domdoc/catalog/sanitize"
	"domdoc/ui/dashboard/page"
	"domdoc/ui/dashboard/theme"
)

// factLabel is the width of the labels of facts, including a space.
const factLabel = 15

// CertificatePage shows the certificates of the addresses, the service's certificate, and whether CAA records allow
// it.
func CertificatePage(p *page.Builder, r *result.Domain, now time.Time) {
	p.Columns(func(p *page.Builder) { edgeCertificates(p, r, now) }, func(p *page.Builder) {
		serviceCertificate(p, r, now)
		caaClimb(p, r)
	})
}

// shownTogether are the addresses with the same certificate.
type shownTogether struct {
	list []observe.Handshake
	key  string
}

func edgeCertificates(p *page.Builder, r *result.Domain, now time.Time) {
	p.Head("at the edge")
	if len(r.Facts.Certificates) == 0 {
		unasked(p, r, "certificate")
		return
	}
	var groups []*shownTogether
	for _, h := range r.Facts.Certificates {
		key := string(h.State()) + h.Exchange.Err
		if h.Shown() {
			key = string(h.State()) + exchange.Fingerprint(h.Exchange.TLS.Chain[0])
		}
		found := false
		for _, g := range groups {
			if g.key == key {
				g.list, found = append(g.list, h), true
			}
		}
		if !found {
			groups = append(groups, &shownTogether{[]observe.Handshake{h}, key})
		}
	}
	for i, g := range groups {
		if i > 0 {
			p.Gap()
		}
		certificateGroup(p, r, g.list, now)
	}
}

func certificateGroup(p *page.Builder, r *result.Domain, list []observe.Handshake, now time.Time) {
	first := list[0]
	var addrs []string
	for _, h := range list {
		addrs = append(addrs, h.Addr.Addr().String())
		p.Copies = append(p.Copies, page.Copyable{Label: "an address", Text: h.Addr.Addr().String()})
		p.Copies = append(p.Copies, ExchangeCopies(h.Exchange)...)
	}
	glyph, paint := handshakeGlyph(p.Th, first)
	words := catalog.HandshakeWords(string(first.State()))
	switch {
	case first.State() == observe.HandshakeUntrusted:
		words += ": " + first.Verified.Untrusted
	case !first.Shown() && first.Exchange.Err != "":
		words += ": " + first.Exchange.Err
	}
	p.Hang(2, glyph, paint, 2, paint, words)
	fact(p, "at", strings.Join(addrs, ", "))
	if !first.Shown() {
		return
	}
	chain := first.Exchange.TLS.Chain
	leaf := chain[0]
	daysLeft(p, leaf, now)
	certificateNames(p, leaf, r.Name)
	for i, c := range chain {
		name := ""
		if i == 0 {
			name = "chain"
		}
		chainLink(p, name, i, c)
	}
	if last := chain[len(chain)-1]; last.Subject.String() != last.Issuer.String() {
		chainLine(p, "", len(chain), p.Th.Faint, exchange.IssuerName(last)+" (not sent: part of the local trust store)")
	}
}

// chainLink is one certificate of a chain: its subject and its key, below the certificate that it signs.
func chainLink(p *page.Builder, name string, depth int, c *x509.Certificate) {
	who := c.Subject.CommonName
	if who == "" {
		who = strings.Join(c.DNSNames[:min(len(c.DNSNames), 1)], "")
	}
	if who == "" {
		who = "unnamed"
	}
	chainLine(p, name, depth, p.Th.Plain, who+", "+exchange.KeyType(c)+", until "+
		c.NotAfter.UTC().Format(time.DateOnly))
}

// chainLine adds a line under the previous one, indented by its depth.
func chainLine(p *page.Builder, name string, depth int, paint theme.Paint, text string) {
	label, column := name, factLabel
	if depth > 0 {
		column += 2 * min(depth, 8)
		label = page.Pad(name, column-2) + p.Th.Under
	}
	p.Hang(2, label, p.Th.Faint, column, paint, text)
}

// daysLeft shows the remaining time of a certificate, as a bar and in words.
func daysLeft(p *page.Builder, c *x509.Certificate, now time.Time) {
	const cells = 20
	whole, left := c.NotAfter.Sub(c.NotBefore), c.NotAfter.Sub(now)
	paint := p.Th.Good
	switch {
	case left <= 0:
		paint = p.Th.Bad
	case left < rules.CertificateSoon:
		paint = p.Th.Warning
	}
	text := catalog.Span(left) + " left of " + catalog.Span(whole)
	switch {
	case left <= 0:
		text = "ended " + page.Ago(c.NotAfter, now)
	case now.Before(c.NotBefore):
		text = "valid in " + catalog.Span(c.NotBefore.Sub(now))
	}
	p.Line("  " + p.Th.Faint.Do(page.Pad("time", factLabel)) + paint.Do(bar(p.Th, left, whole, cells)) + " " + text)
	fact(p, "valid", c.NotBefore.UTC().Format(time.DateOnly)+" to "+c.NotAfter.UTC().Format(time.DateOnly))
}

// bar shows a part of a whole.
func bar(th *theme.Theme, part, whole time.Duration, cells int) string {
	n := 0
	if whole > 0 && part > 0 {
		n = min(cells, int(int64(cells)*int64(part/time.Second)/max(1, int64(whole/time.Second)))+1)
	}
	return "[" + strings.Repeat(th.Done, n) + strings.Repeat(th.Left, cells-n) + "]"
}

// certificateNames lists the names that a certificate is for; those that cover the host first.
func certificateNames(p *page.Builder, c *x509.Certificate, host dnsname.Name) {
	const most = 12
	name := host.ASCII
	if host.Wildcard {
		name = "x" + strings.TrimPrefix(name, "*") // any name below it
	}
	var covers, others []string
	for _, n := range exchange.CertNames(c) {
		if exchange.Covers(n, name) || n == host.ASCII {
			covers = append(covers, n)
		} else {
			others = append(others, n)
		}
	}
	p.Copies = append(p.Copies, page.Copyable{
		Label: "the certificate's names",
		Text:  strings.Join(append(covers, others...), " "),
	})
	if len(covers) > 0 {
		p.Hang(2, "matching name", p.Th.Faint, factLabel, p.Th.Good, strings.Join(covers[:min(len(covers), most)], ", "))
	} else {
		p.Hang(2, "matching name", p.Th.Faint, factLabel, p.Th.Bad, "none matches "+host.ASCII)
	}
	if n := len(others); n > 0 {
		text := strings.Join(others[:min(n, most)], ", ")
		if n > most {
			text += " and " + page.Count(n-most) + " more"
		}
		fact(p, "other names", text)
	}
}

func handshakeGlyph(th *theme.Theme, h observe.Handshake) (string, theme.Paint) {
	switch h.State() {
	case observe.HandshakeValid:
		return th.Verdict(catalog.Pass)
	case observe.HandshakeNotTried:
		return th.Verdict(catalog.NotRun)
	}
	return th.Verdict(catalog.Fail)
}

// serviceCertificate returns the certificate at the service, with the validation records.
func serviceCertificate(p *page.Builder, r *result.Domain, now time.Time) {
	p.Head("at the service")
	h := r.Held
	switch {
	case h.CertificateErr != nil:
		what, _ := page.ErrorText(h.CertificateErr)
		p.Hang(2, p.Th.Inconclusive, p.Th.Unknown, 2, p.Th.Unknown, "cannot be read: "+what)
		return
	case r.Domain == nil:
		p.Text(2, p.Th.Faint, "the service was not queried")
		return
	case !h.HasCertificate:
		p.Text(2, p.Th.Plain, "the service has none for this domain")
		return
	}
	c := h.Certificate
	fact(p, "status", c.Status)
	fact(p, "id", c.ID)
	fact(p, "names", strings.Join(c.Names, ", "))
	if c.FailureReason != "" {
		fact(p, "failed with", c.FailureReason+": "+causes.FailureReason(c.FailureReason, c.Status))
	}
	fact(p, "requested", dayAgo(c.RequestedAt, now))
	fact(p, "issued", dayAgo(c.IssuedAt, now))
	fact(p, "expires", dayAgo(c.ExpiresAt, now))
	for _, f := range r.Facts.Records {
		if f.Role != catalog.Certificate {
			continue
		}
		word, paint := recordWord(p.Th, f)
		p.Line("  " + p.Th.Faint.Do(page.Pad("validation", factLabel)) + paint.Do(page.Pad(word, 11)) +
			page.Printable(f.Type+" "+f.Name))
		p.Verbatim(2+factLabel+11, p.Th.Faint, f.Value)
		p.Copies = append(p.Copies, page.RecordCopies(f.Record)...)
	}
}

// caaClimb shows the search from the name upwards to the CAA set that applies, and what it means for the platform's
// authority.
func caaClimb(p *page.Builder, r *result.Domain) {
	p.Head("CAA: who may issue")
	set := r.Facts.CAA
	if set == nil {
		unasked(p, r, "caa")
		return
	}
	verdict := catalog.Pass
	switch set.Verdict {
	case causes.CAAForbidden, causes.CAACritical, causes.CAAMalformed, causes.CAAParameters, causes.CAAFails:
		verdict = catalog.Fail
	case causes.CAAUnknown:
		verdict = catalog.Inconclusive
	case causes.CAAAllowed, causes.CAANoSet:
	}
	glyph, paint := p.Th.Verdict(verdict)
	p.Hang(2, glyph, paint, 2, p.Th.Strong, set.Verdict.Sentence(set.Owner, set.Tag))
	if set.Failure != "" {
		p.Text(4, p.Th.Plain, set.Failure)
	}
	if set.Detail != "" {
		p.Text(4, p.Th.Plain, sanitize.Text(set.Detail, 300))
	}
	p.Text(2, p.Th.Faint, "queried from the name upwards; the first non-empty set applies:")
	for _, s := range set.Steps {
		p.Hang(4, s.Name, p.Th.Plain, min(30, max(12, p.Width/3)), p.Th.Plain, caaStepWords(s))
		p.Copies = append(p.Copies, ExchangeCopies(s.Exchange)...)
	}
	for _, line := range set.Set() {
		p.Verbatim(6, p.Th.Accent, line)
		p.Copies = append(p.Copies, page.Copyable{Label: "a CAA record", Text: line})
	}
}

func caaStepWords(s observe.CAAStep) string {
	text := "no CAA records"
	switch {
	case !s.Known:
		text = "no usable answer"
	case s.Found > 0:
		text = page.Plural(s.Found, "CAA record, which applies", "CAA records, which apply")
	}
	if len(s.Via) > 0 {
		text = "alias of " + strings.Join(s.Via, ", ") + ": " + text
	}
	return text
}

// unasked explains why there is no data, and that this says nothing about the domain.
func unasked(p *page.Builder, r *result.Domain, check string) {
	for _, c := range r.Checks {
		if c.ID == check && c.Reason != "" {
			p.Text(2, p.Th.Faint, "not queried: "+causeWords(c.Reason))
			return
		}
	}
	p.Text(2, p.Th.Faint, "not queried")
}

// fact adds a labeled value, unless the value is empty.
func fact(p *page.Builder, name, value string) {
	if strings.TrimSpace(value) == "" {
		return
	}
	p.Hang(2, name, p.Th.Faint, factLabel, p.Th.Plain, value)
}

// dayAgo formats a date with the distance from today; empty for none.
func dayAgo(t, now time.Time) string {
	if t.IsZero() {
		return ""
	}
	s := t.UTC().Format(time.DateOnly)
	const year = 365 * 24 * time.Hour
	switch d := t.Sub(now); {
	case d >= 2*year:
		return s + " (in " + page.Plural(int(d/year), "year", "years") + ")"
	case d > 0:
		return s + " (in " + catalog.Span(d) + ")"
	case -d >= 2*year:
		return s + " (" + page.Plural(int(-d/year), "year", "years") + " ago)"
	}
	return s + " (" + page.Ago(t, now) + ")"
}

func number(n uint32) string { return strconv.FormatUint(uint64(n), 10) }
