package rules

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"domdoc/checks/probe/exchange"

	"domdoc/catalog"
	"domdoc/catalog/causes"
	"domdoc/catalog/sanitize"
	"domdoc/checks/finding"
	"domdoc/checks/observe"
)

// checkRenewal checks that the certificate can be renewed.
var checkRenewal = &Check{
	ID: "renewal", Title: "the renewal of the certificate", Rung: catalog.CertificateRung,
	Needs:   []Need{NeedService, NeedDNS},
	Reports: []*catalog.Cause{causes.CertificateRenewalBlocked.Cause},
	Run:     runRenewal,
}

// renewalUrgent is how long before expiry a blocked renewal fails the check. Renewal starts about 45 days before
// expiry, so it has been failing for two weeks by then.
const renewalUrgent = 30 * 24 * time.Hour

func runRenewal(_ context.Context, p *Pass) {
	held := p.Observed.Held()
	if !held.CertificateIssued() {
		p.Skip("no certificate is issued")
		return
	}
	args := causes.CertificateRenewalBlockedArgs{
		Domain: p.Subject.Name.ASCII,
		Status: sanitize.Text(held.Certificate.Status, 60),
	}
	args.NotAfter = p.issuedUntil()
	var reasons []string
	unasked := ""
	var evidence []*exchange.Exchange
	for _, j := range p.Observed.CompareRecords() {
		if j.Role == catalog.Certificate && (j.State == observe.StateMissing || j.State == observe.StateWrong) {
			why := "is no longer published"
			if slices.ContainsFunc(j.Unseen, func(u catalog.Unseen) bool {
				return u.ID == catalog.UnseenFlattened && u.Likely
			}) {
				why = "is not visible, because " + j.Record.Host + " flattens CNAME records"
			}
			reasons = append(reasons, "its validation record "+j.Name+" "+why)
			args.Records = append(args.Records, j.Record)
			for _, u := range j.Unseen {
				if !slices.ContainsFunc(args.Unseen, func(o catalog.Unseen) bool { return o.ID == u.ID }) {
					args.Unseen = append(args.Unseen, u)
				}
			}
			evidence = append(evidence, j.Other...)
		}
		if j.Role == catalog.Certificate && j.State == observe.StateUnknown {
			unasked = "its validation record " + j.Name
		}
	}
	set := p.Observed.CAA()
	if set.Verdict == causes.CAAUnknown {
		unasked = "the CAA records of " + set.Owner
	}
	if set.Forbids() {
		reasons = append(reasons, "CAA records at "+set.Owner+" now forbid it")
		if set.Verdict == causes.CAAForbidden && set.Owner == set.At {
			args.Records = append(args.Records, catalog.Record{
				Role: catalog.Certificate, Zone: set.Zone,
				Host: p.Observed.DNSHost(), Name: set.Owner, Type: "CAA", Value: `0 ` + set.Tag + ` "amazon.com"`, TTL: 300,
			})
		}
		evidence = append(evidence, set.Evidence...)
	}
	if absent := p.Observed.Zone().Absent; set.Verdict == causes.CAAFails &&
		(absent == nil || set.Owner != absent.Name || !absent.Certain()) { // that cause is reported separately
		reasons = append(reasons, fmt.Sprintf("the DNS host does not answer CAA queries for %s (%s), and an authority "+
			"must not issue without an answer", set.Owner, set.Failure))
		args.Unanswered = set.Owner
		evidence = append(evidence, set.Evidence...)
	}
	if len(reasons) == 0 {
		if unasked != "" {
			p.Unable("no authoritative server could be queried for %s", unasked)
		} else if held.Presumed {
			p.SkipUnasked("%s", catalog.RenewalNotRead)
		}
		return
	}
	args.Detail = strings.Join(reasons, "; ")
	p.Report(causes.CertificateRenewalBlocked.With(args), finding.As(p.renewalVerdict()), finding.With(evidence...))
}

// issuedUntil returns when the issued certificate expires, according to the service or as it is served; zero if
// unknown.
func (p *Pass) issuedUntil() time.Time {
	held := p.Observed.Held()
	if !held.Certificate.ExpiresAt.IsZero() {
		return held.Certificate.ExpiresAt
	}
	for _, h := range p.Observed.Handshakes() {
		if h.Shown() && h.Verified.NameOK {
			return h.Exchange.TLS.Chain[0].NotAfter
		}
	}
	return time.Time{}
}

// renewalVerdict returns the verdict for an issued certificate that cannot be renewed: a warning, or a failure
// shortly before it expires. It is catalog.NotRun if no certificate is issued.
func (p *Pass) renewalVerdict() catalog.Verdict {
	if !p.Observed.Held().CertificateIssued() {
		return catalog.NotRun
	}
	if end := p.issuedUntil(); !end.IsZero() && end.Sub(p.Now()) < renewalUrgent {
		return catalog.Fail
	}
	return catalog.Warn
}
