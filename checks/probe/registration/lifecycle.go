package registration

import (
	"slices"
	"time"
)

// Phase is where in its life a registration is.
type Phase string

// The phases, as RFC 3915 3.1 and RFC 8056 name them.
const (
	NoPhase       Phase = ""               // it is not registered, or that is not known
	Active        Phase = "active"         //
	Creating      Phase = "pending-create" // requested, not complete
	InGrace       Phase = "grace"          // past its term; it can be renewed as usual
	InRedemption  Phase = "redemption"     // deleted or suspended; it can be restored
	Restoring     Phase = "pending-restore"
	PendingDelete Phase = "pending-delete" // it cannot be restored, and is not free yet
)

// StageKind is what happens to a registration on a date.
type StageKind string

// The kinds of stages, in the order in which they happen.
const (
	StageCreated      StageKind = "created"
	StageTransferred  StageKind = "transferred"
	StageTransferable StageKind = "transfer-lock-ends" // until then, a transfer may be refused
	StageExpires      StageKind = "expires"
	StageOutOfDNS     StageKind = "out-of-dns" // the registry stops delegating it
	StageGraceEnds    StageKind = "grace-ends"
	StageRestoreEnds  StageKind = "redemption-ends"
	StageDeleted      StageKind = "deleted"
	StageOption       StageKind = "option-ends" // until then, somebody else may register it first
	StageFree         StageKind = "free"
)

// Stage is a dated event in the life of a registration.
type Stage struct {
	Kind StageKind
	// At is the earliest and Latest the latest moment that is meant. For a date that the registry gives as a day, they
	// are the start and the end of that day in all readings; they are equal for an exact time.
	At, Latest time.Time
	// Day means that the date is known as a day only.
	Day bool
	// Estimated means that the date follows from Rules, and that the registry does not give it.
	Estimated bool
	// Source is where the rules of an estimate are published.
	Source string
}

// Lifecycle is the course of a registration.
type Lifecycle struct {
	Phase  Phase
	Stages []Stage // by kind
	Rules  Rules
	// Locks are the statuses that prevent a transfer, apart from its age: "client transfer prohibited".
	Locks []string
}

// SuspendedByExpiry reports whether the registry has taken the name out of the DNS since it was not renewed.
func (l Lifecycle) SuspendedByExpiry(now time.Time) bool {
	e, ok := l.Stage(StageExpires)
	g := l.Rules.Grace
	return ok && l.Phase == InGrace && l.Rules.GraceKnown && g.Min == g.Max && now.After(e.Latest.AddDate(0, 0, g.Max))
}

// Stage returns the stage of a kind.
func (l Lifecycle) Stage(kind StageKind) (Stage, bool) {
	i := slices.IndexFunc(l.Stages, func(s Stage) bool { return s.Kind == kind })
	if i < 0 {
		return Stage{}, false
	}
	return l.Stages[i], true
}

// dates is the time between two moments.
type dates struct{ from, to time.Time }

func (d dates) known() bool { return !d.from.IsZero() }

// plus adds a span of days.
func (d dates) plus(s Span) dates {
	return dates{d.from.AddDate(0, 0, s.Min), d.to.AddDate(0, 0, s.Max)}
}

func days(n int) Span { return Span{n, n} }

// LifecycleOf returns the course of a registration at a time. It has no stages if the name
// is not registered, unless its registration has just ended.
func (r *Registration) LifecycleOf(rules Rules, now time.Time) Lifecycle {
	l := Lifecycle{Rules: rules}
	switch {
	case r.State == Registered:
		l.Phase = r.phase(rules, now)
	case r.State == Reserved && r.Offer == OfferRedemption:
		l.Phase = InRedemption
	case r.State == Reserved && r.Offer == OfferDrop:
		l.Phase = PendingDelete
	default:
		return l
	}
	for _, lock := range []string{"client transfer prohibited", "server transfer prohibited", "transfer prohibited"} {
		if slices.Contains(r.Statuses, lock) {
			l.Locks = append(l.Locks, lock)
		}
	}
	l.said(StageCreated, r.CreatedAt, r.CreatedLatest)
	l.said(StageTransferred, r.TransferredAt, r.TransferredLatest)
	l.transferLock(r, now)
	l.said(StageExpires, r.ExpiresAt, r.ExpiresLatest)
	l.said(StageOutOfDNS, r.SuspendsAt, r.SuspendsLatest)
	l.end(r, now)
	return l
}

// said adds a date that the registry gives.
func (l *Lifecycle) said(kind StageKind, at, latest time.Time) {
	if at.IsZero() {
		return
	}
	s := Stage{Kind: kind, At: at, Latest: at}
	if !latest.IsZero() {
		s.Latest, s.Day = latest, true
	}
	l.Stages = append(l.Stages, s)
}

// estimate adds a date that follows from the rules, unless it is past.
func (l *Lifecycle) estimate(kind StageKind, d dates, source string, now time.Time) {
	if !d.known() || !d.to.After(now) {
		return
	}
	l.Stages = append(l.Stages, Stage{
		Kind: kind, At: d.from, Latest: d.to, Day: true, Estimated: true, Source: source,
	})
}

// transferLock adds until when a transfer may be refused for the age of the registration or of its last transfer.
func (l *Lifecycle) transferLock(r *Registration, now time.Time) {
	youngest := r.youngest()
	if l.Rules.TransferLock == 0 || !youngest.known() {
		return
	}
	l.estimate(StageTransferable, youngest.plus(days(l.Rules.TransferLock)), transferPolicy, now)
}

// youngest returns when the name was registered or last transferred, whichever is later.
func (r *Registration) youngest() dates {
	out := dates{r.CreatedAt, later(r.CreatedAt, r.CreatedLatest)}
	if r.TransferredAt.After(out.from) {
		out = dates{r.TransferredAt, later(r.TransferredAt, r.TransferredLatest)}
	}
	return out
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// end adds how the registration ends: by what the registry says, else by its rules.
func (l *Lifecycle) end(r *Registration, now time.Time) {
	now = now.UTC().Truncate(24 * time.Hour) // what is estimated from today is a day
	defer l.inOrder()
	l.said(StageDeleted, r.DeletesAt, r.DeletesLatest)
	l.said(StageOption, r.OptionUntil, r.OptionLatest)
	l.said(StageFree, r.ReleasesAt, r.ReleasesLatest)
	if !l.Rules.Known || l.Phase == Restoring || l.Phase == Creating {
		return
	}
	restore, drop := days(l.Rules.Restore), l.Rules.Drop
	var grace, redemption, free dates
	switch l.Phase {
	case Active, InGrace:
		if term := r.term(l, now); l.Rules.GraceKnown && term.known() {
			grace = term.plus(l.Rules.Grace)
			redemption = grace.plus(restore)
			free = redemption.plus(drop)
		}
	case InRedemption:
		redemption = r.redemptionEnds(l.Rules, now)
		free = redemption.plus(drop)
	case PendingDelete:
		free = r.since(drop.Max, now).plus(drop)
	case NoPhase, Creating, Restoring:
	}
	if !r.ReleasesAt.IsZero() && redemption.known() { // whatever the rules say
		redemption = dates{r.ReleasesAt, r.ReleasesAt}.plus(Span{-drop.Max, -drop.Min})
	}
	if r.DeletesAt.After(now) {
		redemption = dates{} // the registry says when it ends
	}
	if free.known() && free.from.Before(now) {
		free.from = now
	}
	if l.Rules.Grace.Max > 0 {
		l.estimate(StageGraceEnds, grace, l.Rules.Source, now)
	}
	l.estimate(StageRestoreEnds, redemption, l.Rules.Source, now)
	if r.ReleasesAt.IsZero() {
		l.estimate(StageFree, free, l.Rules.Source, now)
	}
}

// order is that of the stages.
var order = []StageKind{
	StageCreated, StageTransferred, StageTransferable, StageExpires, StageOutOfDNS, StageGraceEnds, StageRestoreEnds,
	StageDeleted, StageOption, StageFree,
}

func (l *Lifecycle) inOrder() {
	slices.SortStableFunc(l.Stages, func(a, b Stage) int {
		return slices.Index(order, a.Kind) - slices.Index(order, b.Kind)
	})
}

// year is how far registries that renew a name automatically move its expiry.
const year = 1

// term returns when the term ends or ended that was paid for.
func (r *Registration) term(l *Lifecycle, now time.Time) dates {
	end := dates{r.ExpiresAt, r.ExpiresBy()}
	if l.Phase != InGrace || !end.known() || !end.from.After(now) {
		return end
	}
	// The registry has renewed it already, and shows the end of the next term.
	before := dates{end.from.AddDate(-year, 0, 0), end.to.AddDate(-year, 0, 0)}
	if before.to.AddDate(0, 0, l.Rules.Grace.Max).After(now) && !before.from.After(now) {
		return before
	}
	return dates{now.AddDate(0, 0, -l.Rules.Grace.Max), now}
}

// redemptionEnds returns until when a name can be restored.
func (r *Registration) redemptionEnds(rules Rules, now time.Time) dates {
	if rules.GraceKnown && rules.Grace.Min == rules.Grace.Max && !r.ExpiresAt.IsZero() {
		// The registry counts from the expiry.
		d := dates{r.ExpiresAt, r.ExpiresBy()}.plus(rules.Grace).plus(days(rules.Restore))
		if d.to.After(now) && !r.ExpiresAt.After(now) {
			return d
		}
	}
	return r.since(rules.Restore, now).plus(days(rules.Restore))
}

// since returns when a phase of so many days began: with the deletion or the last change of the record, if that is
// recent enough; else at some time in these days.
func (r *Registration) since(most int, now time.Time) dates {
	for _, began := range []dates{
		{r.DeletesAt, later(r.DeletesAt, r.DeletesLatest)}, {r.UpdatedAt, later(r.UpdatedAt, r.UpdatedLatest)},
	} {
		if began.known() && !began.from.After(now) && began.to.AddDate(0, 0, most).After(now) {
			return began
		}
	}
	return dates{now.AddDate(0, 0, -most), now}
}

// phase returns where a registered name is in its life. The statuses decide; the dates only where a registry shows
// one status for two phases.
func (r *Registration) phase(rules Rules, now time.Time) Phase {
	has := func(s string) bool { return slices.Contains(r.Statuses, s) }
	switch {
	case has("pending restore"):
		return Restoring
	case has("redemption period"):
		return InRedemption
	case has("pending delete"):
		if rules.DeleteRestorable && !r.ExpiresAt.IsZero() &&
			now.Before(r.ExpiresAt.AddDate(0, 0, rules.Grace.Max+rules.Restore)) {
			return InRedemption
		}
		return PendingDelete
	case has("pending create"):
		return Creating
	case has("auto renew period"), !r.ExpiresAt.IsZero() && now.After(r.ExpiresBy()):
		return InGrace
	}
	return Active
}
