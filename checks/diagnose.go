// Package checks diagnoses domains: it resolves a target to a subject, runs the checks on its observations and folds
// their findings into a report.
package checks

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"domdoc/catalog"
	"domdoc/catalog/sanitize"
	"domdoc/checks/advice"
	"domdoc/checks/dnsname"
	"domdoc/checks/finding"
	"domdoc/checks/incident"
	"domdoc/checks/observe"
	"domdoc/checks/probe"
	"domdoc/checks/probe/flight"
	"domdoc/checks/result"
	"domdoc/checks/rules"
	"domdoc/checks/subject"
	"domdoc/checks/vantage"
)

// Doctor diagnoses domains within one run. They share its session, and what belongs to the tenant. It is safe for
// concurrent use.
type Doctor struct {
	Session *probe.Session
	Service *subject.Service // nil without a service
	// Timeout bounds one domain; 0 is DefaultTimeout.
	Timeout time.Duration
	// Until is the deadline of all diagnoses; zero means none.
	Until time.Time
	// Ended is for the replay of a run that ended before all checks had. It reports whether those of a domain, given by
	// its name or id, had ended. Nil: the run was complete.
	Ended func(nameOrID string) bool
	// Checks are the checks to run; nil means rules.All.
	Checks []*rules.Check
	// FewerCalls spares calls of the service where nothing suggests a fault, unless a target is thorough: see
	// observe.Observations.SpareCalls.
	FewerCalls bool

	tenant  flight.Cache[struct{}, *TenantReport] // at most one value each
	vantage flight.Cache[struct{}, *vantage.Report]
	peers   flight.Cache[string, []incident.DomainFacts] // by code; see Peers

	beside      flight.Cache[incident.Suspect, neighborhood]
	suspects    atomic.Int32 // that were looked at
	besideOnce  sync.Once
	besideUntil time.Time
}

// DefaultTimeout bounds the diagnosis of one domain.
const DefaultTimeout = 60 * time.Second

// Diagnose diagnoses one domain. It never fails; errors are part of the report.
func (d *Doctor) Diagnose(ctx context.Context, t Target) *result.Domain {
	timeout := d.Timeout
	if timeout <= 0 {
		timeout = DefaultTimeout
	}
	start := time.Now()
	end, why := start.Add(timeout), errDomainTime
	if !d.Until.IsZero() && d.Until.Before(end) {
		end, why = d.Until, errRunTime
	}
	ctx, cancel := context.WithDeadlineCause(ctx, end, why)
	defer cancel()
	s := d.Session.Fork()
	r := &result.Domain{At: s.Now()}
	if ctx.Err() != nil { // its turn came too late
		return cutShort(ctx, r, t)
	}
	defer func() {
		if p := recover(); p != nil { // a bug outside of the checks must not end the run
			r.Checks = append(r.Checks, finding.Status{
				ID: diagnosisCheck, Status: finding.StateOf(catalog.Inconclusive),
				Reason: fmt.Sprintf("the diagnosis failed inside domdoc (%v); please report it", p),
			})
			r.Verdict = finding.OverallVerdict(r.Findings, r.Checks)
		}
		r.Took = time.Since(start)
		r.Ledger = s.Ledger().Exchanges()
	}()

	subject, failed := d.subject(ctx, s, t, r)
	cut := d.wasCut(t, r)
	if cut {
		if subject == nil || len(failed) > 0 {
			over, done := context.WithDeadlineCause(ctx, time.Unix(0, 0), errRunTime)
			defer done()
			return cutShort(over, r, t)
		}
	}
	if ctx.Err() != nil && (subject == nil || subject.Domain == nil && d.Service != nil) {
		return cutShort(ctx, r, t) // what the service says about it is not known
	}
	if subject == nil {
		r.Findings = finding.Fold(failed)
		r.Codes = result.Codes(r.Findings, nil, t.Reported)
		r.Verdict = finding.OverallVerdict(r.Findings, nil)
		return r
	}
	facts := observe.New(ctx, s, subject)
	var vp *vantage.Report
	var tenant *TenantReport
	beside := s.Group()
	beside.Go(func() { vp = d.Vantage(ctx) })
	beside.Go(func() { tenant = d.Tenant(ctx) })
	list := t.Checks
	if list == nil {
		list = d.Checks
	}
	if list == nil {
		list = rules.All()
	}
	// the report lists transfers; they are read once a run
	if subject.Service != nil && subject.Domain != nil && slices.Contains(list, rules.Transfers) {
		beside.Go(func() { _, _ = subject.Service.Transfers(probe.NewContext(ctx, s)) })
	}
	if !t.Thorough {
		facts.Spare()
		if d.FewerCalls {
			facts.SpareCalls()
		}
	}
	found, statuses := rules.Run(ctx, list, s, subject, facts)
	if facts.Sparing() && ctx.Err() == nil && (!clean(found, statuses) || !facts.PresumedRight()) {
		facts.BeThorough()
		found, statuses = rules.Run(ctx, list, s, subject, facts)
	}
	findings := append(failed, found...)
	beside.Wait()
	findings = append(findings, vantage.ForDomain(ctx, facts, vp, findings)...)
	if cut {
		findings, statuses = dropUnjudged(findings, statuses)
	}
	r.Findings = finding.Fold(findings)
	finding.MarkBlocked(statuses, r.Findings)
	r.Checks = statuses
	r.Interrupted = ctx.Err() != nil || cut
	if tenant != nil {
		r.TenantFindings = tenant.Findings
		r.AdoptTenant(subject.AllReported(), subject.InUse())
	}
	r.Judge(subject.AllReported())
	advice.Apply(ctx, facts, r.Findings)
	collect(r, facts)
	if vp != nil {
		vantage.Downgrade(vp.Findings, r.Propagation)
	}
	return r
}

// clean reports whether the checks found nothing, and none of them was kept from looking.
func clean(found []*finding.Finding, statuses []finding.Status) bool {
	return len(found) == 0 && !slices.ContainsFunc(statuses, func(s finding.Status) bool {
		return s.Is(catalog.Inconclusive)
	})
}

// What ends a diagnosis before its checks do.
var (
	errDomainTime = errors.New("the time limit for one domain was reached first")
	errRunTime    = errors.New("the time limit of the run was reached first")
)

// cutShort turns r into the report of a domain about which nothing is known, because the time was over before its
// checks began. It reports no fault.
func cutShort(ctx context.Context, r *result.Domain, t Target) *result.Domain {
	typed := cmp.Or(t.Name, t.ID)
	if t.Domain != nil {
		r.Domain, r.ID, typed = t.Domain, t.Domain.ID, t.Domain.Name
		r.ServiceStatus = sanitize.Text(t.Domain.Status, 60)
	}
	r.Name, r.Interrupted = nameOf(typed), true
	r.Checks = []finding.Status{{
		ID: diagnosisCheck, Status: finding.StateOf(catalog.Inconclusive), Reason: rules.Cut(ctx),
	}}
	r.Judge(t.Reported)
	return r
}

// nameOf returns a name for a report; one with a mistake as it is.
func nameOf(typed string) dnsname.Name {
	name, err := dnsname.Parse(typed)
	if err != nil {
		name.ASCII = sanitize.Text(typed, dnsname.MaxLength)
		name.Unicode = name.ASCII
	}
	return name
}

// wasCut reports whether the recorded run that is replayed ended before the checks of the domain had.
func (d *Doctor) wasCut(t Target, r *result.Domain) bool {
	return d.Ended != nil && !slices.ContainsFunc([]string{t.Name, t.ID, r.Name.ASCII, r.ID}, d.Ended)
}

// dropUnjudged drops the inconclusive findings of a recorded run that ended early: what it had no time to ask
// shows no fault. The reasons of the checks say so.
func dropUnjudged(findings []*finding.Finding, statuses []finding.Status) ([]*finding.Finding, []finding.Status) {
	cut := false
	for i := range statuses {
		if statuses[i].Is(catalog.Inconclusive) {
			statuses[i].Reason, statuses[i].Partly, cut = errRunTime.Error(), false, true
		}
	}
	if !cut { // all answers had arrived, but the recorded run did not see them
		statuses = append(statuses, finding.Status{
			ID: diagnosisCheck, Status: finding.StateOf(catalog.Inconclusive), Reason: errRunTime.Error(),
		})
	}
	return slices.DeleteFunc(findings, func(f *finding.Finding) bool {
		return f.Verdict == catalog.Inconclusive
	}), statuses
}

// diagnosisCheck stands for all checks where none ran.
const diagnosisCheck = "diagnosis"

// Vantage determines what this machine can observe, once a run and beside the first domain.
func (d *Doctor) Vantage(ctx context.Context) *vantage.Report {
	r, err := d.vantage.Do(ctx, struct{}{}, func() *vantage.Report {
		s := d.Session.Fork()
		r := vantage.Examine(ctx, s)
		if d.Ended != nil && s.Missed() {
			return vantage.OutOfTime()
		}
		if ctx.Err() != nil { // cut short: the next caller tries again
			d.vantage.Forget(struct{}{})
		}
		return r
	})
	if err != nil {
		return vantage.OutOfTime()
	}
	return r
}

// Clock compares the local clock with servers that keep time, and domdoc's list of registries with IANA's.
func (d *Doctor) Clock(ctx context.Context) []vantage.Check {
	s := d.Session.Fork()
	return append(vantage.Clock(ctx, s), vantage.Registries(ctx, s)...)
}

// Row compares one record on every resolver and authoritative server. Without an expected value, resolvers should
// have what the source has. Answers that cannot be trusted on this network are errors.
func (d *Doctor) Row(ctx context.Context, record catalog.Record) observe.Row {
	var vp *vantage.Report
	var beside probe.Group
	beside.Go(func() { vp = d.Vantage(ctx) })
	row := observe.CompareServers(ctx, d.Session.Fork(), record)
	beside.Wait()
	vp.Distrust(&row, d.Session.Resolvers())
	return row
}

// collect copies the observations into the report. It makes those that no check needed; once the time is over, that
// ends at once.
func collect(r *result.Domain, f *observe.Observations) {
	r.Held = f.Held().Read()
	r.Facts.Registration = f.Registration()
	r.Facts.Delegation = f.Zone()
	r.Facts.DNSSEC = f.DNSSEC()
	if ran(r, "certificate") {
		r.Facts.Certificates = f.Handshakes()
	}
	if ran(r, "http") {
		r.Facts.Page = f.Page()
	}
	if ran(r, "propagation") {
		for _, row := range f.Propagation() {
			r.Propagation = append(r.Propagation, row.Row)
		}
	}
	r.Facts.Records = f.SeenRecords()
	r.Facts.CAA = f.SeenCAA()
	r.Facts.Routes = observe.RankRoutes(r.Held.Routes, f.Subject.Name.ASCII)
	r.Facts.Intent = f.KnownIntent()
	if f.Subject.Service != nil {
		all, read, err := f.Subject.Service.LoadedTransfers()
		r.Facts.TransfersErr, r.Facts.TransfersRead = err, read
		for _, t := range all {
			if observe.IsTransferOf(t, f.Subject.Name.ASCII) {
				r.Facts.Transfers = append(r.Facts.Transfers, t)
			}
		}
	}
}

// ran reports whether a check ran and was not skipped.
func ran(r *result.Domain, id string) bool {
	return slices.ContainsFunc(r.Checks, func(s finding.Status) bool { return s.ID == id && s.Status != "skipped" })
}
