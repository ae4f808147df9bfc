package checks

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"domdoc/api"
	"domdoc/catalog"
	"domdoc/catalog/causes"
	"domdoc/catalog/sanitize"
	"domdoc/checks/probe"
)

// Doctor diagnoses domains in one run: it shares a session, and what belongs to the tenant. It is safe for concurrent
// use.
type Doctor struct {
	Session *probe.Session
	Service *Service // nil: nobody to ask
	// Timeout bounds one domain; 0 is DefaultTimeout.
	Timeout time.Duration
	// Until ends every diagnosis, whenever it began; zero is never.
	Until time.Time
	// Checks are those that run; nil is all of Registry.
	Checks []*Check

	tenant  shared[*TenantReport]
	vantage shared[*VantageReport]
}

// shared is a look at something that all domains of a run have in common: it is taken once, by whoever needs it
// first.
type shared[T any] struct {
	mu   sync.Mutex // guards following
	done chan struct{}
	val  T
}

func (s *shared[T]) get(ctx context.Context, look func() T) T {
	s.mu.Lock()
	done := s.done
	if done == nil {
		done = make(chan struct{})
		s.done = done
		s.mu.Unlock()
		s.val = look()
		if ctx.Err() != nil { // cut short: the next one looks again
			s.mu.Lock()
			s.done = nil
			s.mu.Unlock()
		}
		close(done)
		return s.val
	}
	s.mu.Unlock()
	select {
	case <-done:
		return s.val
	case <-ctx.Done():
		var zero T
		return zero
	}
}

// DefaultTimeout bounds the diagnosis of one domain.
const DefaultTimeout = 60 * time.Second

// Jobs is how many domains are diagnosed at once by default: a diagnosis mostly waits, and its work is small.
func Jobs() int { return 4 * runtime.GOMAXPROCS(0) }

// Target is what somebody asks to have diagnosed.
type Target struct {
	Name     string // a name as typed; or
	ID       string // the service's id; or
	Domain   *api.Domain
	Intent   Intent // empty: told by the reported codes, or by a running transfer
	Reported []Reported
	Expect   []Expected
	AuthCode *string
	// Checks are those that run for this target; nil is the doctor's.
	Checks []*Check
}

// Diagnose runs every check over one domain: plan, run, fold, report. It never fails; what went wrong is in the
// report.
func (d *Doctor) Diagnose(ctx context.Context, t Target) *DomainReport {
	timeout := d.Timeout
	if timeout <= 0 {
		timeout = DefaultTimeout
	}
	start := time.Now()
	end := start.Add(timeout)
	if !d.Until.IsZero() && d.Until.Before(end) {
		end = d.Until
	}
	ctx, cancel := context.WithDeadline(ctx, end)
	defer cancel()
	s := d.Session.Fork()
	r := &DomainReport{At: s.Now()}
	defer func() {
		if p := recover(); p != nil { // outside of any check: our failure as well, and one domain's only
			r.Checks = append(r.Checks, Status{
				ID: "diagnosis", Status: catalog.Inconclusive.String(),
				Reason: fmt.Sprintf("the diagnosis failed inside domdoc (%v); please report it", p),
			})
			r.Verdict = verdictOf(r.Findings, r.Checks)
		}
		r.Took = time.Since(start)
		r.Ledger = s.Ledger().Exchanges()
	}()

	subject, failed := d.subject(ctx, s, t, r)
	if subject == nil {
		r.Findings = Fold(failed)
		r.Codes = codesOf(r.Findings, nil, t.Reported)
		r.Verdict = verdictOf(r.Findings, nil)
		return r
	}
	facts := newFacts(ctx, s, subject)
	var vantage *VantageReport
	var tenant *TenantReport
	var beside probe.Group
	beside.Go(func() { vantage = d.Vantage(ctx) })
	beside.Go(func() { tenant = d.Tenant(ctx) })
	list := t.Checks
	if list == nil {
		list = d.Checks
	}
	if list == nil {
		list = Registry()
	}
	// for the report; once a run
	if subject.Service != nil && subject.Domain != nil && slices.Contains(list, checkTransfers) {
		beside.Go(func() { _, _ = subject.Service.Transfers(probe.NewContext(ctx, s)) })
	}
	passes := make([]*Pass, len(list))
	statuses := make([]Status, len(list))
	var wg probe.Group
	for i, c := range list {
		passes[i] = &Pass{Session: s, Subject: subject, Facts: facts, check: c}
		if why := unmet(c, subject, facts); why != "" {
			passes[i].Skip("%s", why)
			statuses[i] = Status{ID: c.ID}
			continue
		}
		wg.Go(func() {
			began := time.Now()
			runCheck(ctx, c, passes[i])
			statuses[i] = Status{ID: c.ID, Took: time.Since(began)}
		})
	}
	wg.Wait()
	findings := failed
	for i, p := range passes {
		findings = append(findings, p.findings...)
		statuses[i].Status, statuses[i].Reason = statusOf(p)
	}
	beside.Wait()
	findings = append(findings, vantageFor(s, facts, vantage, findings)...)
	r.Findings = Fold(findings)
	for i := range statuses { // a check whose findings all follow from another's is blocked
		markBlocked(&statuses[i], r.Findings)
	}
	r.Checks = statuses
	r.Interrupted = ctx.Err() != nil && !errors.Is(ctx.Err(), context.DeadlineExceeded)
	if tenant != nil {
		r.tenant = tenant.Findings
	}
	r.judge(subject.AllReported())
	facts.advise(ctx, r.Findings)
	r.report(ctx, facts)
	if vantage != nil {
		for _, v := range vantage.Findings {
			v.doubts.strike(r.Propagation)
		}
	}
	return r
}

// unmet says which need of a check is not there; empty when none is missing.
func unmet(c *Check, s *Subject, f *Facts) string {
	if c.Rung > catalog.Registration && toBeRegistered(s) && !s.InUse() {
		return "the name is to be registered, so nothing of it is in use yet"
	}
	if slices.Contains(c.Needs, NeedService) && s.Service == nil {
		return "no service is configured"
	}
	return ""
}

// toBeRegistered reports whether the tenant wants to register the name: as said, or since the service refused to and
// the domain is not in use all the same.
func toBeRegistered(s *Subject) bool {
	if s.Intent != "" {
		return s.Intent == Register
	}
	return !s.InUse() && slices.ContainsFunc(s.AllReported(), func(r Reported) bool { return r.Code == "DOMAIN_003" })
}

// runCheck runs one check. A panic in it is our failure, not the domain's.
func runCheck(ctx context.Context, c *Check, p *Pass) {
	defer func() {
		if r := recover(); r != nil {
			p.Unable("this check failed inside domdoc (%v); please report it", r)
		}
	}()
	c.Run(ctx, p)
	if ctx.Err() != nil && len(p.findings) == 0 {
		p.Unable("the time for this domain was over before the check ended")
	}
}

func statusOf(p *Pass) (status, reason string) {
	worst := catalog.Pass
	for _, f := range p.findings {
		if f.Verdict.Severity() > worst.Severity() {
			worst = f.Verdict
		}
	}
	switch {
	case worst == catalog.Fail:
		return worst.String(), ""
	case p.unable != "":
		return catalog.Inconclusive.String(), p.unable
	case worst != catalog.Pass:
		return worst.String(), ""
	case p.skipped != "":
		return "skipped", p.skipped
	}
	return catalog.Pass.String(), ""
}

func markBlocked(s *Status, findings []*Finding) {
	own, blocked := 0, 0
	for _, f := range findings {
		if f.Check == s.ID {
			own++
			if !f.Root() {
				blocked++
				s.Reason = "explained by " + string(f.BlockedBy)
			}
		}
	}
	switch {
	case own > 0 && own == blocked && s.Status != catalog.Inconclusive.String():
		s.Status = catalog.Blocked.String()
	case s.Status == catalog.Inconclusive.String() && own == blocked:
		// What could not be asked because of a fault that was found is blocked, not unknown.
		if root := blockingRoot(findings); root != "" {
			s.Status, s.Reason = catalog.Blocked.String(), "cannot be judged while "+string(root)+" stands"
		}
	default:
		if own != blocked {
			s.Reason = ""
		}
	}
}

// blockingRoot is the root cause of a fault on a rung that everything above needs: the registration, the delegation
// or DNSSEC. Empty when there is none.
func blockingRoot(findings []*Finding) catalog.ID {
	for _, f := range findings {
		needed := f.Rung == catalog.Registration || f.Rung == catalog.Delegation || f.Rung == catalog.DNSSEC
		if !needed || f.Partial || f.Cause.Verdict != catalog.Fail || f.Verdict != catalog.Fail &&
			f.Verdict != catalog.Blocked {
			continue
		}
		if f.Root() {
			return f.ID
		}
		return f.BlockedBy
	}
	return ""
}

// report copies the facts that were found out. A fact that no check asked for is asked for here; once the time is
// over, that ends at once.
func (r *DomainReport) report(ctx context.Context, f *Facts) {
	r.Held = f.Held()
	r.Facts.Registration = f.Registration()
	r.Facts.Delegation = f.Zone()
	r.Facts.DNSSEC = f.DNSSEC()
	if r.asked("certificate") {
		r.Facts.Certificates = f.Handshakes()
	}
	if r.asked("http") {
		r.Facts.Page = f.Page()
	}
	if r.asked("propagation") {
		for _, row := range f.Propagation(ctx) {
			r.Propagation = append(r.Propagation, row.Row)
		}
	}
	r.Facts.Records = f.seenRecords()
	r.Facts.CAA = f.climbs.Load()
	r.Facts.Routes = RankRoutes(r.Held.Routes, f.subject.Name.ASCII)
	r.Facts.Intent = f.subject.Intent
	if f.subject.Intent == "" && f.known.Load() {
		r.Facts.Intent = f.Intent()
	}
	if f.subject.Service != nil {
		all, read, err := f.subject.Service.seenTransfers()
		r.Facts.TransfersErr, r.Facts.TransfersRead = err, read
		for _, t := range all {
			if concerns(t, f.subject.Name.ASCII) {
				r.Facts.Transfers = append(r.Facts.Transfers, t)
			}
		}
	}
}

// asked reports whether a check ran and looked at something.
func (r *DomainReport) asked(id string) bool {
	return slices.ContainsFunc(r.Checks, func(s Status) bool { return s.ID == id && s.Status != "skipped" })
}

// subject finds out what a target is. Without a subject there is nothing to run; the findings say why.
func (d *Doctor) subject(ctx context.Context, s *probe.Session, t Target, r *DomainReport) (*Subject, []*Finding) {
	sctx := probe.NewContext(ctx, s)
	fail := func(i catalog.Instance) []*Finding {
		return []*Finding{{Instance: i, Check: "subject", Verdict: i.Cause.Verdict, Certainty: Conclusive}}
	}
	var failed []*Finding
	domain := t.Domain
	typed := t.Name
	if domain == nil && t.ID != "" {
		if d.Service == nil {
			r.ID = t.ID
			return nil, fail(causes.ServiceNameMalformed.With(causes.NameArgs{
				Name:   t.ID,
				Detail: "it is an id of the service, and no service is configured",
			}))
		}
		found, err := d.Service.Client.Domain(sctx, t.ID)
		if err != nil {
			r.ID = t.ID
			if i, ok := serviceFailure(err); ok {
				return nil, fail(i)
			}
			return nil, fail(causes.ServiceDomainNotFound.With(causes.NameArgs{Name: t.ID, Detail: reasonOf(err)}))
		}
		domain = &found
	}
	if domain != nil {
		r.ID, r.ServiceStatus = domain.ID, sanitize.Text(domain.Status, 60)
		typed = domain.Name
		if domain.Raw == nil && d.Service != nil { // a face that keeps a long list keeps it without
			whole := *domain
			whole.Raw = d.Service.noted(whole)
			domain = &whole
		}
	}
	name, bad := parseName(typed)
	if bad != nil {
		r.Name = Name{ASCII: sanitize.Text(typed, maxName), Unicode: sanitize.Text(typed, maxName)}
		r.Domain = domain // what the service has of it can still be read
		return nil, fail(causes.ServiceNameMalformed.With(causes.NameArgs{
			Name: typed, Other: bad.Meant,
			Detail: bad.Problem,
		}))
	}
	r.Name = name
	d.prefetch(ctx, s, name)
	subject := &Subject{Name: name, Domain: domain, Reported: t.Reported, AuthCode: t.AuthCode, Service: d.Service}
	if domain == nil && d.Service != nil {
		found, ok, err := d.Service.Find(sctx, name.ASCII)
		switch {
		case err != nil:
			subject.Service = nil // the rest is judged without it
			if i, isFailure := serviceFailure(err); isFailure {
				failed = fail(i)
			}
		case ok:
			subject.Domain = &found
			r.ID, r.ServiceStatus = found.ID, sanitize.Text(found.Status, 60)
		}
	}
	r.Domain = subject.Domain
	for _, e := range t.Expect {
		e.Role = orRole(e.Role, RoleOf(name.ASCII, e.Name, e.Type, e.Value))
		subject.Expect = append(subject.Expect, e)
	}
	subject.Intent = t.Intent
	return subject, failed
}

// prefetch begins what every diagnosis of a name needs, before the service has said anything: the answers are
// remembered, and the checks find them.
func (d *Doctor) prefetch(ctx context.Context, s *probe.Session, name Name) {
	if d.Service == nil {
		return // the checks begin at once
	}
	quiet := s.Fork()
	early := func(f func()) {
		go func() {
			defer func() { _ = recover() }() // whoever needs the answer meets the same fault, and says so
			f()
		}()
	}
	early(func() { quiet.Registration(ctx, name.ASCII) })
	if !name.Wildcard {
		early(func() { quiet.Addresses(ctx, name.ASCII) })
	}
}

func orRole(r, def catalog.Role) catalog.Role {
	if r == catalog.NoRole {
		return def
	}
	return r
}

// intentOf tells what the tenant is trying to do: as said, by the reported code, by a running transfer, else to
// attach.
func intentOf(ctx context.Context, s *Subject) Intent {
	if s.Intent != "" {
		return s.Intent
	}
	if toBeRegistered(s) {
		return Register
	}
	for _, r := range s.AllReported() {
		switch r.Code {
		case "DOMAIN_016", "DOMAIN_017", "DOMAIN_018":
			if !transferred(ctx, s, r) {
				return Transfer
			}
		}
	}
	if s.AuthCode != nil {
		return Transfer
	}
	if s.Service == nil || s.Domain == nil {
		return Attach
	}
	list, err := s.Service.Transfers(ctx)
	if err != nil {
		return Attach
	}
	for _, tr := range list {
		if concerns(tr, s.Name.ASCII) && running(tr.Status) {
			return Transfer
		}
	}
	return Attach
}

// transferred reports whether a transfer of which something was reported is completed by now: the one of the report,
// or one that began after it.
func transferred(ctx context.Context, s *Subject, r Reported) bool {
	if s.Service == nil || s.Domain == nil {
		return false
	}
	list, err := s.Service.Transfers(ctx)
	if err != nil {
		return false
	}
	id := idAfter(r, "transfers")
	done := false
	for _, tr := range list {
		switch {
		case !concerns(tr, s.Name.ASCII):
		case running(tr.Status):
			return false
		case completed(tr.Status):
			done = done || id != "" && tr.ID == id || !r.At.IsZero() && tr.CreatedAt.After(r.At)
		}
	}
	return done
}

// concerns reports whether a transfer is of a domain, or of the registered name that it is below.
func concerns(t api.Transfer, domain string) bool {
	n, err := ParseName(t.Domain)
	return err == nil && (n.ASCII == domain || n.ASCII == probe.Registrable(domain))
}

// running reports whether a transfer's status says that it is still wanted.
func running(status string) bool {
	status = upper(status)
	return !completed(status) && !slices.ContainsFunc([]string{"CANCEL", "REJECTED", "EXPIRED"}, func(s string) bool {
		return strings.HasPrefix(status, s)
	})
}

// completed reports whether a transfer's status says that it came to its good end.
func completed(status string) bool {
	status = upper(status)
	return slices.ContainsFunc([]string{"COMPLETE", "DONE", "SUCCESS"}, func(s string) bool {
		return strings.HasPrefix(status, s)
	})
}

// Fleet diagnoses targets, several at once, and gives each report with its target's number as it is ready; done is
// called by one goroutine at a time. It returns when all are done or the context ends.
func (d *Doctor) Fleet(ctx context.Context, targets func(yield func(int, Target) bool), jobs int,
	done func(int, *DomainReport),
) {
	if jobs <= 0 {
		jobs = Jobs()
	}
	type numbered struct {
		n int
		t Target
	}
	queue := make(chan numbered)
	var wg sync.WaitGroup
	var mu sync.Mutex
	for range jobs {
		wg.Go(func() {
			for q := range queue {
				r := d.Diagnose(ctx, q.t)
				mu.Lock()
				done(q.n, r)
				mu.Unlock()
			}
		})
	}
	targets(func(n int, t Target) bool {
		select {
		case queue <- numbered{n, t}:
			return true
		case <-ctx.Done():
			return false
		}
	})
	close(queue)
	wg.Wait()
}

// String names a finding for logs and tests.
func (f *Finding) String() string {
	s := fmt.Sprintf("%s %s", f.Verdict, f.ID)
	if f.Role != "" {
		s += " " + string(f.Role)
	}
	if !f.Root() {
		s += " under " + string(f.BlockedBy)
	}
	return s
}
