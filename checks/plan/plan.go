// Package plan diagnoses domains as they will be after a change of the DNS that has not been made, and compares that
// with what they are.
package plan

import (
	"context"
	"slices"
	"time"

	"domdoc/catalog"
	"domdoc/catalog/causes"
	"domdoc/checks"
	"domdoc/checks/dnsname"
	"domdoc/checks/finding"
	"domdoc/checks/plan/issuance"
	"domdoc/checks/plan/rehearsal"
	"domdoc/checks/probe"
	"domdoc/checks/probe/exchange"
	"domdoc/checks/result"
	"domdoc/checks/subject"

	"github.com/miekg/dns"
)

// ZoneOf returns the apex of the zone that holds a name, according to its servers; empty if they do not say. The
// answers about the name are those of the last question.
func ZoneOf(ctx context.Context, s *probe.Session, name string) (string, *probe.AuthoritativeAnswers) {
	var v *probe.AuthoritativeAnswers
	for at := name; at != ""; at = dnsname.Parent(at) {
		v = s.Lookup(ctx, at, dns.TypeSOA)
		x := v.First()
		switch {
		case x == nil:
			return "", v
		case len(x.Records(at, dns.TypeSOA)) > 0:
			return at, v
		case x.CNAME(at) == "" && x.SOA() != nil:
			return exchange.Bare(x.SOA().Hdr.Name), v
		}
	}
	return "", v
}

// Doctor returns a doctor that sees the network as it will be after changes. wire carries what is not DNS. Close its
// session, and those below it, by calling done.
func Doctor(ctx context.Context, now *checks.Doctor, wire probe.Transport, changes []rehearsal.Change) (
	after *checks.Doctor, done func(),
) {
	s := now.Session
	var open []*probe.Session
	for _, c := range changes {
		s = s.Rehearse(ctx, rehearsal.New(ctx, wire, s, c))
		open = append(open, s)
	}
	return &checks.Doctor{Session: s, Service: now.Service, Timeout: now.Timeout, Until: now.Until, Checks: now.Checks},
		func() {
			for _, s := range slices.Backward(open) {
				s.Close()
			}
		}
}

// Later returns the target of the diagnosis after the change: what the service reported today is older by then.
func Later(t checks.Target, today *result.Domain, by time.Duration) checks.Target {
	t.Reported, t.Thorough = slices.Clone(t.Reported), true
	for i := range t.Reported {
		if at := &t.Reported[i].At; !at.IsZero() {
			*at = at.Add(-by)
		}
	}
	if today.Domain == nil {
		return t
	}
	d := *today.Domain
	if d.LastError != nil && !d.LastError.Timestamp.IsZero() {
		e := *d.LastError
		e.Timestamp = e.Timestamp.Add(-by)
		d.LastError = &e
	}
	t.Domain = &d
	return t
}

// Request is what a plan is asked about.
type Request struct {
	Targets []checks.Target
	Changes []rehearsal.Change
	// At is when the change is made; zero: now.
	At time.Time
	// Settled is when no resolver has an old answer, if the records do not tell; zero: they do.
	Settled time.Time
	// Progress is called after each diagnosis, one call at a time; it may be nil. Every target is diagnosed twice.
	Progress func(done, total int)
	// Names are those of a certificate that is asked about, beside those of the domains.
	Names []string
}

// Report is the outcome of a plan.
type Report struct {
	At time.Time
	// Settled is when no resolver has an old answer any more; zero where that is not known.
	Settled time.Time
	Records []*Record
	Domains []*Domain
	// Certificates are those of the domains, in their order, and the one that is asked about.
	Certificates []*issuance.Certificate
	// Refused are the records that the service refuses to make.
	Refused []*finding.Finding
	// LeftOut is how many names of a large change are not compared: no domain depends on them.
	LeftOut int
	// Open says what of the change could not be judged, and Notes what of it has no effect, in sentences.
	Open, Notes []string
}

// Run diagnoses the targets as they are and as they will be.
func Run(ctx context.Context, now *checks.Doctor, wire probe.Transport, r Request) *Report {
	out := &Report{At: r.At}
	if out.At.IsZero() {
		out.At = now.Session.Now()
	}
	before := make([]checks.Target, len(r.Targets))
	for i, t := range r.Targets {
		t.Thorough = true
		before[i] = t
	}
	progress := func(int) {}
	if r.Progress != nil {
		progress = func(n int) { r.Progress(n, 2*len(r.Targets)) }
	}
	today := diagnose(ctx, now, before, progress)
	changes, n, leftOut := relevant(withNames(r.Changes, today), today)
	out.LeftOut = n
	changes = flattened(ctx, now.Session, changes)
	after, done := Doctor(ctx, now, wire, changes)
	defer done()
	settles := true
	if out.Settled = out.At; r.Settled.After(out.At) {
		out.Settled = r.Settled
	}
	for _, c := range changes {
		out.Records = append(out.Records, records(ctx, now.Session, after.Session, c)...)
		out.Open = append(out.Open, unjudged(c.Zone, rehearsal.Unjudged(ctx, now.Session, c))...)
	}
	changing := slices.DeleteFunc(slices.Clone(out.Records), func(x *Record) bool { return !x.Changes() })
	for _, x := range append(changing, beside(ctx, now.Session, after.Session, changes, today)...) {
		switch {
		case x.Settles == nil:
			settles = false
		case out.At.Add(x.Settles.Within()).After(out.Settled):
			out.Settled = out.At.Add(x.Settles.Within())
		}
	}
	out.Refused = refusals(out.Records, concerns(today))
	out.Notes = append(leftOut, void(ctx, now.Session, changes, out.Records)...)
	for _, before := range today {
		for _, f := range before.Findings { // resolvers have old answers of other records as well
			if u := f.Until(); u != nil && !u.Deadline && u.Latest.After(out.Settled) {
				out.Settled = u.Latest
			}
		}
	}
	later := max(0, out.Settled.Sub(now.Session.Now()))
	then := make([]checks.Target, len(r.Targets))
	for i, t := range r.Targets {
		then[i] = Moved(Later(t, today[i], later), changes)
	}
	for i, d := range diagnose(ctx, after, then, func(n int) { progress(len(today) + n) }) {
		out.Domains = append(out.Domains, Compare(today[i], d))
	}
	out.Certificates = certificates(ctx, now, after, today)
	if len(r.Names) > 0 {
		var records []subject.Expected
		for _, t := range r.Targets {
			records = append(records, t.Expect...)
		}
		out.Certificates = append(out.Certificates, issuance.Ask(ctx, now, after, r.Names, records))
	}
	if !settles {
		out.Settled = time.Time{}
	}
	return out
}

// atOnce is how many certificates are judged at the same time.
const atOnce = 8

// certificates judges those of the domains, several at once.
func certificates(ctx context.Context, now, after *checks.Doctor, today []*result.Domain) []*issuance.Certificate {
	out := make([]*issuance.Certificate, len(today))
	slots := make(chan struct{}, atOnce)
	var wg probe.Group
	for i, d := range today {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			out[i] = issuance.Judge(ctx, now, after, d)
		})
	}
	wg.Wait()
	return out
}

// diagnose diagnoses targets, several at once.
func diagnose(ctx context.Context, d *checks.Doctor, targets []checks.Target, progress func(n int)) []*result.Domain {
	out := make([]*result.Domain, len(targets))
	n := 0
	d.Fleet(ctx, slices.All(targets), 0, func(i int, r *result.Domain) {
		out[i] = r
		n++
		progress(n)
	})
	for i, r := range out {
		if r == nil { // ctx has ended
			out[i] = d.Diagnose(ctx, targets[i])
		}
	}
	return out
}

// withNames adds the names that are known to have records to changes.
func withNames(changes []rehearsal.Change, today []*result.Domain) []rehearsal.Change {
	out := slices.Clone(changes)
	for i := range out {
		names := slices.Clone(out[i].Names)
		for _, d := range today {
			if exchange.InZone(d.Name.ASCII, out[i].Zone) {
				names = append(names, d.Name.ASCII)
			}
			for _, r := range d.Facts.Records {
				if exchange.InZone(r.Name, out[i].Zone) && len(r.Seen) > 0 && r.Name != d.Name.ASCII {
					names = append(names, r.Name)
				}
			}
			names = append(names, links(d, out[i].Zone)...)
		}
		out[i].Names = names
	}
	return out
}

// links returns the names in a zone that the CNAMEs of today's answers lead to.
func links(d *result.Domain, zone string) []string {
	var out []string
	for _, x := range d.Ledger {
		if x.Msg == nil {
			continue
		}
		for _, rr := range x.Msg.Answer {
			c, ok := rr.(*dns.CNAME)
			if !ok {
				continue
			}
			if n := exchange.Bare(c.Target); exchange.InZone(n, zone) && !slices.Contains(out, n) {
				out = append(out, n)
			}
		}
	}
	return out
}

// concerns returns the names whose records the service makes, or expects.
func concerns(today []*result.Domain) map[string]bool {
	out := map[string]bool{}
	for _, d := range today {
		out[d.Name.ASCII] = true
		for _, r := range d.Facts.Records {
			out[r.Name] = true
		}
		for _, r := range d.Held.Records {
			out[r.Name] = true
		}
	}
	return out
}

// Breaks reports whether something would fail that does not fail today, or the service would refuse a record.
func (r *Report) Breaks() bool {
	return len(r.Refused) > 0 || slices.ContainsFunc(r.Domains, (*Domain).Breaks) ||
		slices.ContainsFunc(r.Certificates, (*issuance.Certificate).Breaks)
}

// Unjudged reports whether something could not be judged, so that a plan without a fault says nothing.
func (r *Report) Unjudged() bool {
	return len(r.Open) > 0 || slices.ContainsFunc(r.Records, func(x *Record) bool { return !x.Known }) ||
		slices.ContainsFunc(r.Domains, func(d *Domain) bool {
			return d.After.Verdict == catalog.Inconclusive || d.After.Interrupted || d.Before.Interrupted || d.loses()
		}) || slices.ContainsFunc(r.Certificates, (*issuance.Certificate).Unjudged)
}

// Domain compares the diagnoses of one domain before and after a change.
type Domain struct {
	Before, After *result.Domain
	// Cured are root causes of today that are gone for sure, New those that come, Stays those that are there before and
	// after.
	Cured, New, Stays []*finding.Finding
}

// Compare compares two diagnoses of a domain.
func Compare(before, after *result.Domain) *Domain {
	d := &Domain{Before: before, After: after}
	for _, f := range before.Roots() {
		if judged(after, f.Check) &&
			!slices.ContainsFunc(after.Findings, func(g *finding.Finding) bool { return same(f, g) }) {
			d.Cured = append(d.Cured, f)
		}
	}
	for _, g := range after.Roots() {
		if slices.ContainsFunc(before.Findings, func(f *finding.Finding) bool { return same(f, g) }) {
			d.Stays = append(d.Stays, g)
		} else {
			d.New = append(d.New, g)
		}
	}
	return d
}

// loses reports whether a check comes to no end after the change that does today: what stays wrong hides that in the
// verdict.
func (d *Domain) loses() bool {
	open := func(s finding.Status) bool { return s.Is(catalog.Inconclusive) && !s.Partly }
	return slices.ContainsFunc(d.After.Checks, func(s finding.Status) bool {
		return open(s) && !slices.ContainsFunc(d.Before.Checks, func(o finding.Status) bool {
			return o.ID == s.ID && open(o)
		})
	})
}

// unserved are causes because of which the servers of a zone say nothing.
var unserved = []catalog.ID{
	causes.DelegationLame.ID, causes.DelegationUnreachable.ID, causes.DelegationMissing.ID,
}

// judged reports whether a check came to an end, so that what it does not find is not there. Without a server that
// answers for the zone, no check of the DNS does.
func judged(r *result.Domain, check string) bool {
	if slices.ContainsFunc(r.Findings, func(f *finding.Finding) bool {
		return f.Verdict == catalog.Fail && f.Check != check && slices.Contains(unserved, f.ID)
	}) {
		return false
	}
	i := slices.IndexFunc(r.Checks, func(s finding.Status) bool { return s.ID == check })
	if i < 0 {
		return false
	}
	s := r.Checks[i]
	return !s.Unjudged && !s.Unasked && (!s.Is(catalog.Inconclusive) || s.Partly)
}

// same reports whether two findings are the same fault of the same record.
func same(a, b *finding.Finding) bool { return a.ID == b.ID && a.Role == b.Role && a.About == b.About }

// Breaks reports whether the change makes something fail that does not fail today.
func (d *Domain) Breaks() bool {
	return slices.ContainsFunc(d.New, func(f *finding.Finding) bool { return f.Verdict == catalog.Fail }) ||
		d.After.Verdict == catalog.Fail && d.Before.Verdict != catalog.Fail
}
