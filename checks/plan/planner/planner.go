// Package planner makes plans of changes of the DNS: it finds the zone and the tenant's domains in it, compares the
// name servers of a move, and has the domains diagnosed before and after.
package planner

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"domdoc/catalog/moving"
	"domdoc/catalog/plans"
	"domdoc/checks"
	"domdoc/checks/dnsname"
	"domdoc/checks/plan"
	"domdoc/checks/plan/change"
	"domdoc/checks/plan/leave"
	"domdoc/checks/plan/move"
	"domdoc/checks/plan/rehearsal"
	"domdoc/checks/probe"
	"domdoc/checks/probe/exchange"
	"domdoc/checks/result"
)

// Request is the change that is planned: of Read, Changes and Nameservers, one is given.
type Request struct {
	// Name is a name in the zone: A-labels, without the final dot. Without a service, it is the domain to diagnose.
	Name string
	// Read reads the changes of records, once the zone is known.
	Read func(zone string) (*change.Set, error)
	// Changes are changes of zones that are known already.
	Changes []rehearsal.Change
	// Nameservers are those of a move to another DNS host, in the form of move.Request.Hosts. ZoneFile may read the
	// zone's file for it.
	Nameservers []string
	ZoneFile    func(zone string) (*change.Set, error)
	// At is when the change is made; zero: now.
	At time.Time
	// Named is what is known of the domain Name, if it is not listed.
	Named checks.Target
	// Listed are the tenant's domains, those of other zones too, with Domain or Name; nil without a service.
	Listed iter.Seq2[checks.Target, error]
	// Incomplete says that Listed does not have all of the tenant's domains, in a sentence; empty: it has.
	Incomplete string
	// OnlyListed diagnoses nothing but what is listed, also where Name is none of it.
	OnlyListed bool
	// Transfer plans the transfer of the domain to another registrar, and Detach its removal from the service, instead of
	// a change.
	Transfer, Detach bool
	// CertificateNames are those of a certificate that is asked about.
	CertificateNames []string
	// Progress is called as the plan advances, one call at a time; it may be nil.
	Progress func(Progress)
}

// Progress is how far a plan is.
type Progress struct {
	Stage Stage
	// Done and Total count diagnoses, of all domains before and after the change; 0 in other stages.
	Done, Total int
}

// Stage is what is done at present.
type Stage uint8

// The stages, in their order.
const (
	FindingZone Stage = iota
	FindingDomains
	Comparing // of a move: the name servers
	Diagnosing
)

// Plan is what a change would cause.
type Plan struct {
	Zone   string
	Report *plan.Report
	Move   *move.Report // nil without a move
	// Transfer and Detach are nil unless they were asked about.
	Transfer *leave.Transfer
	Detach   *leave.Detach
	// Edits are the changes of records, as they were read.
	Edits []change.Edit
	// Open says what of the change cannot be judged, and Notes what is to be known about it, in sentences.
	Open, Notes []string
}

// ErrUnplanned is for a plan that could not be made because nothing could be asked.
var ErrUnplanned = errors.New("not planned")

// NotDelegated is the error for a name that is in no zone.
type NotDelegated struct{ Name, Missing string }

func (e *NotDelegated) Error() string {
	return e.Missing + " is not delegated, so that it has no zone to change"
}

// NotInside is the error for a name server that is given with an address and is not in the zone: who asks for the
// zone gets its address from the zone of its name.
type NotInside struct{ Host, Zone string }

func (e *NotInside) Error() string {
	return fmt.Sprintf("%s is not in the zone %s: its address comes from its own zone and cannot be given", e.Host,
		e.Zone)
}

func hostName(s string) string {
	n, err := dnsname.Parse(s)
	if err != nil {
		return ""
	}
	return n.ASCII
}

// Make makes a plan. wire carries what is not DNS. An error of Read, ZoneFile or Listed is returned as it is.
func Make(ctx context.Context, d *checks.Doctor, wire probe.Transport, r Request) (*Plan, error) {
	m := &maker{Request: r, doctor: d, out: &Plan{}}
	limited, cancel := context.WithCancel(ctx)
	if !d.Until.IsZero() {
		cancel()
		limited, cancel = context.WithDeadline(ctx, d.Until)
	}
	defer cancel()
	request, err := m.prepare(limited)
	if err != nil {
		return nil, err
	}
	request.Progress = func(done, total int) { m.progress(Progress{Diagnosing, done, total}) }
	m.out.Report = plan.Run(ctx, d, wire, request)
	m.out.Open = append(m.out.Open, m.out.Report.Open...)
	if m.out.Detach != nil {
		var others []*result.Domain
		for _, o := range m.out.Report.Domains {
			others = append(others, o.Before)
		}
		m.out.Detach.Depend(m.leaving, others)
	}
	m.out.Notes = append(m.out.Notes, m.out.Report.Notes...)
	return m.out, nil
}

// maker makes one plan.
type maker struct {
	Request
	doctor  *checks.Doctor
	targets []checks.Target
	leaving *result.Domain // the domain that is removed from the service, as it is today; or nil
	out     *Plan
}

func (m *maker) progress(p Progress) {
	if m.Progress != nil {
		m.Progress(p)
	}
}

// prepare finds out what is to be diagnosed, and after which changes.
func (m *maker) prepare(ctx context.Context) (plan.Request, error) {
	m.progress(Progress{Stage: FindingZone})
	out := plan.Request{At: m.At, Changes: m.Changes, Names: m.CertificateNames}
	zones := map[string]bool{}
	for _, c := range m.Changes {
		zones[c.Zone] = true
	}
	if len(m.Changes) > 0 {
		m.out.Zone = m.Changes[0].Zone
	} else if err := m.zone(ctx); err != nil && !m.Transfer { // what is on hold has no zone, and has a registrar
		return out, err
	}
	zones[m.out.Zone] = true
	if m.Read != nil {
		set, err := m.Read(m.out.Zone)
		if err != nil {
			return out, err
		}
		edits, notes := plan.AsMade(ctx, m.doctor.Session, m.out.Zone, set)
		out.Changes = []rehearsal.Change{{Zone: m.out.Zone, Edits: edits, Open: set.Open, Whole: set.Whole}}
		m.out.Edits, m.out.Open, m.out.Notes = edits, openText(set), slices.Concat(otherNotes(set), notes)
	}
	if m.Incomplete != "" {
		m.out.Open = append(m.out.Open, m.Incomplete)
	}
	m.progress(Progress{Stage: FindingDomains})
	if err := m.find(zones); err != nil {
		return out, err
	}
	out.Targets = m.targets
	if m.Transfer || m.Detach {
		m.leave(ctx, &out)
		return out, nil
	}
	if len(m.Nameservers) == 0 {
		return out, nil
	}
	m.progress(Progress{Stage: Comparing})
	if err := m.move(ctx); err != nil {
		return out, err
	}
	out.Changes = []rehearsal.Change{m.out.Move.Change()}
	for _, step := range m.out.Move.Steps {
		if step.Kind == moving.StepKeep {
			out.Settled = step.Until
		}
	}
	return out, nil
}

// zone finds the zone that holds the name, according to its servers.
func (m *maker) zone(ctx context.Context) error {
	zone, v := plan.ZoneOf(ctx, m.doctor.Session, m.Name)
	switch {
	case v.Delegation.Missing != "":
		return &NotDelegated{m.Name, v.Delegation.Missing}
	case zone == "":
		return fmt.Errorf("%w: the zone of %s could not be found: %s", ErrUnplanned, m.Name, whyNoZone(v))
	}
	m.out.Zone = zone
	return nil
}

func whyNoZone(v *probe.AuthoritativeAnswers) string {
	if v.Delegation.Unknown != "" {
		return v.Delegation.Unknown
	}
	for _, x := range v.Replies {
		return x.Server() + ": " + x.Outcome.Phrase()
	}
	return "no server answers"
}

// find lists the domains to diagnose: the tenant's in the zones, and the one that was named.
func (m *maker) find(zones map[string]bool) error {
	named := m.OnlyListed
	if m.Listed != nil {
		for t, err := range m.Listed {
			if err != nil {
				return err
			}
			if name := nameOf(t); inZones(zones, name) {
				m.targets = append(m.targets, t)
				named = named || name == m.Name
			}
		}
	}
	if !named && (len(m.targets) == 0 || m.Name != m.out.Zone) {
		t := m.Named
		t.Name = m.Name
		m.targets = append(m.targets, t)
	}
	return nil
}

// nameOf returns the name of a target; empty if it is not valid.
func nameOf(t checks.Target) string {
	if t.Domain == nil {
		return t.Name
	}
	n, err := dnsname.Parse(t.Domain.Name)
	if err != nil {
		return ""
	}
	return n.ASCII
}

// leave plans a transfer, or the removal of the domain from the service.
func (m *maker) leave(ctx context.Context, out *plan.Request) {
	at := m.At
	if at.IsZero() {
		at = m.doctor.Session.Now()
	}
	t := m.Named
	t.Name, out.Targets = m.Name, nil
	var others []string
	for _, o := range m.targets {
		switch name := nameOf(o); name {
		case m.Name:
			t = o
		case "":
		default:
			others = append(others, name)
			out.Targets = append(out.Targets, o)
		}
	}
	t.Thorough = true
	if m.Transfer {
		out.Targets = nil
		m.out.Transfer = leave.Leave(ctx, m.doctor, t, at)
		return
	}
	m.leaving = m.doctor.Diagnose(ctx, t)
	m.out.Detach = leave.Remove(ctx, m.doctor.Session, m.out.Zone, m.leaving, others, at)
	out.Changes = []rehearsal.Change{{Zone: m.out.Zone, Edits: m.out.Detach.Edits()}}
}

func inZones(zones map[string]bool, name string) bool {
	for z := range zones {
		if exchange.InZone(name, z) {
			return true
		}
	}
	return false
}

// move compares the zone at its new name servers with that of today.
func (m *maker) move(ctx context.Context) error {
	for _, h := range m.Nameservers {
		if name, _, given := strings.Cut(h, "="); given && !inZones(map[string]bool{m.out.Zone: true}, hostName(name)) {
			return &NotInside{name, m.out.Zone}
		}
	}
	r := move.Request{Zone: m.out.Zone, Hosts: m.Nameservers, At: m.At}
	if m.ZoneFile != nil {
		set, err := m.ZoneFile(m.out.Zone)
		if err != nil {
			return err
		}
		r.Types = map[string][]uint16{}
		for _, e := range set.Edits {
			if !slices.Contains(r.Types[e.Name], e.Type) {
				r.Types[e.Name] = append(r.Types[e.Name], e.Type)
			}
		}
	}
	for _, t := range m.targets {
		r.Names = append(r.Names, nameOf(t))
		for _, f := range m.doctor.Diagnose(ctx, t).Facts.Records {
			if exchange.InZone(f.Name, m.out.Zone) {
				r.Names = append(r.Names, f.Name)
			}
		}
	}
	m.out.Move = move.Compare(ctx, m.doctor.Session, r)
	return nil
}

// openText says what a plan cannot judge.
func openText(set *change.Set) []string {
	var out []string
	for _, e := range set.Edits {
		if e.Proxied {
			out = append(out, fmt.Sprintf("%s %s (%s): %s", e.Name, exchange.TypeName(e.Type), e.Where, plans.Proxied()))
		}
	}
	for _, o := range set.Open {
		what := o.Name
		if o.Type != 0 {
			what += " " + exchange.TypeName(o.Type)
		}
		out = append(out, strings.TrimSpace(what+" ("+o.Where.String()+"): "+o.Why))
	}
	return out
}

// otherNotes are the notes of a set without those about what is open, which is said as not judged.
func otherNotes(set *change.Set) []string {
	open := map[string]bool{}
	for _, o := range set.Open {
		open[o.String()] = true
	}
	return slices.DeleteFunc(slices.Clone(set.Notes), func(s string) bool { return open[s] })
}
