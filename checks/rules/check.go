// Package rules holds the checks. A check is a declared value that reads observations and reports causes of the
// catalog with arguments and evidence. It writes no prose and opens no sockets.
package rules

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"

	"domdoc/catalog"
	"domdoc/checks/finding"
	"domdoc/checks/observe"
	"domdoc/checks/probe"
	"domdoc/checks/probe/exchange"
	"domdoc/checks/subject"
)

// Need is something that a check requires.
type Need string

// The needs. A check with an unmet need is skipped, with the reason.
const (
	NeedService      Need = "service"
	NeedDNS          Need = "dns"
	NeedRegistration Need = "registration"
	NeedTLS          Need = "tls"
	NeedHTTP         Need = "http"
)

// Check is one check of a domain. It is a declared value in the list that All returns.
type Check struct {
	ID      string
	Title   string // what it checks, as printed
	Rung    catalog.Rung
	Needs   []Need
	Reports []*catalog.Cause
	Run     func(ctx context.Context, p *Pass)
}

// Pass is one run of a check on one subject.
type Pass struct {
	*probe.Session
	Subject  *subject.Subject
	Observed *observe.Observations
	check    *Check

	mu       sync.Mutex // guards the fields below
	findings []*finding.Finding
	unable   string
	partly   bool // unable applies only to a part of what the check judges
	aside    bool // its inconclusive findings apply only to a part, too
	skipped  string
	remark   string
	unasked  bool // the check was skipped because it does not know what to check
}

// maxEvidence is the maximum number of exchanges in a finding.
const maxEvidence = 16

// Report reports a finding.
func (p *Pass) Report(i catalog.Instance, opts ...finding.Option) {
	f := &finding.Finding{
		Instance: i, Check: p.check.ID, Verdict: i.Cause.Verdict, Certainty: finding.Conclusive,
		Live: p.Subject.InUse(),
	}
	for _, o := range opts {
		o(f)
	}
	own := p.serviceEvidenceOf(f)
	f.Evidence = append(f.Evidence[:min(len(f.Evidence), maxEvidence-len(own))], own...)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.findings = append(p.findings, f)
}

// Unable marks the check as inconclusive, with the reason. The first reason counts.
func (p *Pass) Unable(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.unable == "" || p.partly {
		p.unable, p.partly = fmt.Sprintf(format, args...), false
	}
}

// UnablePartly marks the check as inconclusive about a part, such as one of several servers. Its other findings hold.
func (p *Pass) UnablePartly(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.unable == "" {
		p.unable, p.partly = fmt.Sprintf(format, args...), true
	}
}

// Aside marks the inconclusive findings of the check as being about a part of what it judges.
func (p *Pass) Aside() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.aside = true
}

// Skip marks the check as not applicable, with the reason.
func (p *Pass) Skip(format string, args ...any) { p.skip(false, fmt.Sprintf(format, args...)) }

// SkipUnasked marks the check as skipped because it does not know what to check, or on what: nothing is known about
// its causes.
func (p *Pass) SkipUnasked(format string, args ...any) { p.skip(true, fmt.Sprintf(format, args...)) }

func (p *Pass) skip(unasked bool, why string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.skipped == "" {
		p.skipped, p.unasked = why, unasked
	}
}

// Remark adds a reason to a check that passes, for developers of domdoc.
func (p *Pass) Remark(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.remark = fmt.Sprintf(format, args...)
}

// ReportedCode returns the report of a code by the service or a ticket, if there is one.
func (p *Pass) ReportedCode(code string) (subject.Reported, bool) {
	for _, r := range p.Subject.AllReported() {
		if r.Code == code {
			return r, true
		}
	}
	return subject.Reported{}, false
}

// restsOn maps causes to the call of the service that their findings are based on, by the end of the call's path. The
// domain's own entry is "".
var restsOn = []struct {
	pattern, path string
}{
	{"service.route-*", "/routes"},
	{"service.redirect-cycle", "/routes"},
	{"service.record-unseen", ""},
	{"service.record-*", "/dns"},
	{"service.transfer-unknown", "/transfers"},
	{"registration.auth-code-rejected", "/transfers"},
	{"registration.transfer-refused", "/transfers"},
	{"certificate.absent", "/ssl"},
	{"certificate.pending", "/ssl"},
	{"certificate.failed", "/ssl"},
	{"certificate.renewal-blocked", "/ssl"},
	{"certificate.not-deployed", "/ssl"},
	{"cdn.certificate-first", "/ssl"},
	{"cdn.not-attached", "-"},
	{"cdn.*", ""},
	{"service.domain-not-found", "/domains"},
	{"service.near-miss", "/domains"},
	{"service.domain-elsewhere", "/domains"},
	{"service.wildcard-overlap", "/domains"},
	{"service.*", ""},
}

// serviceEvidenceOf returns the calls of the service that a finding is based on, unless it has them already.
func (p *Pass) serviceEvidenceOf(f *finding.Finding) []*exchange.Exchange {
	if p.Subject.Service == nil || slices.ContainsFunc(f.Evidence, func(x *exchange.Exchange) bool {
		return x.Kind == exchange.KindService
	}) {
		return nil
	}
	if x := p.expectedBy(f); x != nil {
		return []*exchange.Exchange{x}
	}
	for _, r := range restsOn {
		if prefix, family := strings.CutSuffix(r.pattern, "*"); string(f.ID) != r.pattern &&
			!(family && strings.HasPrefix(string(f.ID), prefix)) {
			continue
		}
		if r.path == "" {
			return p.entryEvidence()
		}
		if out := serviceEvidence(p, r.path); len(out) > 0 {
			return out[len(out)-1:]
		}
		if r.path == "-" {
			return nil
		}
		return p.entryEvidence() // the list was read for another domain; the entry has the reported error
	}
	return nil
}

// expectedBy returns the call whose answer lists a record as expected, if the finding is about one; nil otherwise.
func (p *Pass) expectedBy(f *finding.Finding) *exchange.Exchange {
	if f.Role == "" || f.About == "" || !slices.ContainsFunc(p.Observed.Expectations(), func(e subject.Expected) bool {
		return e.Source == subject.FromService && e.Role == f.Role && e.Name == f.About
	}) {
		return nil
	}
	list := p.entryEvidence() // it has the verification records and the target for routing
	switch d := p.Subject.Domain; {
	case f.Role == catalog.Certificate:
		list = serviceEvidence(p, "/ssl")
	case f.Role == catalog.Configured, f.Role == catalog.Routing && (d == nil || d.CDN == nil || d.CDN.Target == ""):
		list = serviceEvidence(p, "/dns")
	}
	if len(list) == 0 {
		return nil
	}
	return list[len(list)-1]
}

// entryEvidence returns the call that returned the domain's entry.
func (p *Pass) entryEvidence() []*exchange.Exchange {
	if p.Subject.Domain != nil {
		if out := serviceEvidence(p, "/"+url.PathEscape(p.Subject.Domain.ID)); len(out) > 0 {
			return out[len(out)-1:]
		}
	}
	if p.Subject.Service != nil {
		if x := p.Subject.Service.EntryExchange(p.Subject.Name.ASCII); x != nil {
			return []*exchange.Exchange{x}
		}
	}
	return nil
}
