package dashboard

import (
	"strconv"
	"strings"
	"time"

	"domdoc/catalog"
	"domdoc/checks"
	"domdoc/checks/probe"
)

const factLabel = 14

// factsPage is what was seen of a domain, judged or not.
func factsPage(p *page, r *checks.DomainReport, now time.Time) {
	registrationFacts(p, r.Facts.Registration, now)
	delegationFacts(p, r.Facts.Delegation)
	certificateFacts(p, r, now)
	pageFacts(p, r.Facts.Page)
	serviceFacts(p, r, now)
}

// unasked says that there is nothing, and that this says nothing about the domain.
func unasked(p *page) { p.text(2, p.th.Faint, "not asked") }

func registrationFacts(p *page, reg *probe.RegistrationReport, now time.Time) {
	p.head("registration")
	if reg == nil {
		unasked(p)
		return
	}
	fact(p, "state", strings.ReplaceAll(string(reg.State), "-", " "))
	fact(p, "why", reg.Reason)
	fact(p, "name", reg.Domain)
	fact(p, "told by", strings.TrimSpace(strings.ToUpper(reg.Source)+" "+reg.Server))
	fact(p, "registrar", reg.Registrar)
	fact(p, "status", strings.Join(reg.Statuses, ", "))
	fact(p, "created", dayAgo(reg.CreatedAt, now))
	fact(p, "expires", dayAgo(reg.ExpiresAt, now))
	fact(p, "name servers", strings.Join(reg.Nameservers, ", "))
	for _, t := range reg.Tried {
		fact(p, "tried", t)
	}
}

func delegationFacts(p *page, z *checks.ZoneFacts) {
	p.head("delegation")
	if z == nil {
		unasked(p)
		return
	}
	fact(p, "zone", z.Apex)
	fact(p, "DNS host", z.DNSHost)
	fact(p, "at the parent", strings.Join(z.ParentNS, ", "))
	fact(p, "in the zone", strings.Join(z.ChildNS, ", "))
	if z.Place != nil {
		fact(p, "not delegated", z.Place.Missing)
		fact(p, "unknown", z.Place.Unknown)
	}
	for i, s := range z.Servers {
		name := ""
		if i == 0 {
			name = "servers"
		}
		text := s.String() + ": " + string(s.State)
		if s.State == checks.ServerGood {
			text += ", serial " + strconv.FormatUint(uint64(s.Serial), 10)
		}
		p.hang(2, pad(name, factLabel), p.th.Faint, factLabel, p.th.Plain, text)
	}
}

func certificateFacts(p *page, r *checks.DomainReport, now time.Time) {
	p.head("certificate")
	if h := r.Held; h.HasCertificate {
		fact(p, "the service's", strings.TrimSpace(h.Certificate.Status+" "+strings.Join(h.Certificate.Names, ", ")))
		fact(p, "failed with", h.Certificate.FailureReason)
		fact(p, "expires", dayAgo(h.Certificate.ExpiresAt, now))
	}
	if len(r.Facts.Certificates) == 0 {
		fact(p, "at the edge", "not asked")
		return
	}
	for _, h := range r.Facts.Certificates {
		p.hang(2, h.Addr.Addr().String(), p.th.Plain, factLabel, p.th.Plain, handshakeWord(h))
		if !h.Shown() {
			continue
		}
		leaf := h.Exchange.TLS.Chain[0]
		fact(p, "  names", strings.Join(probe.CertNames(leaf), ", "))
		fact(p, "  issuer", probe.IssuerName(leaf))
		fact(p, "  valid until", dayAgo(leaf.NotAfter, now))
	}
}

// handshakeWord is what an address showed, in a few words.
func handshakeWord(h checks.Handshake) string {
	v := h.Verified
	switch {
	case !h.Shown():
		if h.Exchange.TLS != nil && h.Exchange.TLS.Failed != "" {
			return "no certificate: " + h.Exchange.TLS.Failed
		}
		return "no certificate: " + h.Exchange.Outcome.Phrase()
	case v.Expired:
		return "expired"
	case v.NotYet:
		return "not valid yet"
	case !v.NameOK:
		return "for another name"
	case !v.Trusted:
		return "not trusted: " + v.Untrusted
	}
	return "valid"
}

func pageFacts(p *page, b *probe.Browse) {
	p.head("page")
	if b == nil || len(b.Hops) == 0 {
		unasked(p)
		return
	}
	for _, x := range b.Hops {
		text := x.Outcome.Phrase()
		if x.HTTP != nil {
			text = "HTTP " + strconv.Itoa(x.HTTP.Status)
		}
		_, url, _ := strings.Cut(x.Asked, " ")
		p.hang(2, text, p.th.Plain, factLabel, p.th.Plain, url)
	}
	fact(p, "not followed", b.Refused)
	if b.Loop {
		fact(p, "redirects", "in a circle")
	}
}

func serviceFacts(p *page, r *checks.DomainReport, now time.Time) {
	p.head("at the service")
	d := r.Domain
	if d == nil {
		unasked(p)
		return
	}
	fact(p, "id", d.ID)
	fact(p, "status", d.Status)
	fact(p, "registrar", d.Registrar)
	fact(p, "created", dayAgo(d.CreatedAt, now))
	fact(p, "updated", dayAgo(d.UpdatedAt, now))
	fact(p, "expires", dayAgo(d.ExpiresAt, now))
	if d.CDN != nil {
		fact(p, "traffic to", strings.TrimSpace(d.CDN.Target+" "+d.CDN.Status))
	}
	for _, v := range d.Verifications {
		fact(p, "proof", strings.Join([]string{v.Method, v.Name, v.Value, v.Status}, "  "))
	}
	for _, rec := range r.Held.Records {
		text := strings.Join([]string{rec.Type, rec.Name, rec.Value}, "  ")
		if rec.TTL != nil {
			text += "  ttl " + strconv.Itoa(*rec.TTL)
		}
		fact(p, "record", text)
	}
	for _, route := range r.Held.Routes {
		fact(p, "route", strings.TrimSpace(route.Host+route.Path+"  to "+route.Target))
	}
	if e := d.LastError; e != nil {
		fact(p, "last error", strings.TrimSpace(e.Code+"  "+e.Message))
		if !e.Timestamp.IsZero() {
			fact(p, "", ago(e.Timestamp, now))
		}
		if e.RequestID != "" {
			fact(p, "", "request "+e.RequestID)
		}
	}
}

// fact adds one line of facts; nothing where there is no value.
func fact(p *page, name, value string) {
	if strings.TrimSpace(value) == "" {
		return
	}
	p.hang(2, pad(name, factLabel), p.th.Faint, factLabel, p.th.Plain, value)
}

// dayAgo is a date, and how far it is away; empty for none.
func dayAgo(t, now time.Time) string {
	if t.IsZero() {
		return ""
	}
	s := t.UTC().Format("2006-01-02")
	if d := t.Sub(now); d > 0 {
		return s + " (in " + catalog.Span(d) + ")"
	}
	return s + " (" + ago(t, now) + ")"
}
