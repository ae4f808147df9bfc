// Package observe gathers the observations about one subject: its delegation, records, caches, DNSSEC, certificates and
// page, each on first use and once. It compares expected records with the source, and reports no findings.
package observe

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"

	"domdoc/catalog/hosts"
	"domdoc/checks/probe"
	"domdoc/checks/subject"
)

// Observations are what was seen of one subject, before anybody judges it. Each is found out once, when the first check
// asks, and shared by all.
type Observations struct {
	Subject *subject.Subject
	Session *probe.Session

	Held         func() Held
	Expectations func() []subject.Expected
	Zone         func() *Delegation
	Addresses    func() *Addresses
	Registration func() *probe.RegistrationReport
	Handshakes   func() []Handshake
	Page         func() *probe.Browse
	Intent       func() subject.Intent
	DNSSEC       func() *DNSSEC
	CAA          func() *CAA

	Ctx context.Context
	// thorough asks each resolver several times even where nothing speaks for caches that differ; a long list of names
	// is looked at once each.
	thorough bool
	shown    atomic.Pointer[[]Handshake]     // once somebody asked for the handshakes
	Climbs   atomic.Pointer[CAA]             // once somebody asked for the CAA records
	all      atomic.Pointer[[]*RecordResult] // once somebody compared every expected record
	Known    atomic.Bool                     // once somebody asked for the intent
	mu       sync.Mutex                      // guards following
	results  map[string]func() *RecordResult
	rows     func() []*SourcedRow
}

func New(ctx context.Context, s *probe.Session, subj *subject.Subject) *Observations {
	f := &Observations{Subject: subj, Session: s, Ctx: ctx, thorough: true, results: map[string]func() *RecordResult{}}
	f.Held = sync.OnceValue(func() Held { return f.held(ctx) })
	f.Expectations = sync.OnceValue(f.expectations)
	f.Zone = sync.OnceValue(func() *Delegation { return f.zone(ctx) })
	f.Addresses = sync.OnceValue(func() *Addresses {
		a := &Addresses{}
		a.V4, a.V6 = s.Addresses(ctx, f.Host())
		a.All = append(a.V4.AddrsOf(), a.V6.AddrsOf()...)
		return a
	})
	f.Registration = sync.OnceValue(func() *probe.RegistrationReport { return s.Registration(ctx, subj.Name.ASCII) })
	f.Handshakes = sync.OnceValue(func() []Handshake {
		list := f.handshakes(ctx)
		f.shown.Store(&list)
		return list
	})
	f.DNSSEC = sync.OnceValue(func() *DNSSEC { return f.dnssec(ctx) })
	f.Intent = sync.OnceValue(func() subject.Intent {
		defer f.Known.Store(true)
		return intentOf(probe.NewContext(ctx, s), subj)
	})
	f.Page = sync.OnceValue(func() *probe.Browse { return f.page(ctx) })
	f.CAA = sync.OnceValue(func() *CAA {
		set := climbCAA(ctx, s, strings.TrimPrefix(subj.Name.ASCII, "*."), subj.Name.Wildcard)
		f.Climbs.Store(set)
		return set
	})
	return f
}

// Host is the name that traffic goes to; for a wildcard domain, a name below it that nobody has.
func (f *Observations) Host() string {
	if f.Subject.Name.Wildcard {
		return f.Session.Sibling("x." + strings.TrimPrefix(f.Subject.Name.ASCII, "*."))
	}
	return f.Subject.Name.ASCII
}

// DNSHost names who serves the subject's zone, where its servers tell; empty where the zone is not known yet or not
// telling.
func (f *Observations) DNSHost() string {
	place := f.Session.Locate(f.Ctx, f.Subject.Name.ASCII)
	if place.Zone == nil || place.Unknown != "" || place.Missing != "" {
		return ""
	}
	return hosts.DNSHostOf(place.Zone.Hosts())
}
