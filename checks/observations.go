package checks

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"

	"domdoc/catalog/hosts"
	"domdoc/checks/probe"
)

// Facts are what was seen of one subject, before anybody judges it. Each is found out once, when the first check
// asks, and shared by all.
type Facts struct {
	subject *Subject
	session *probe.Session

	Held         func() Held
	Expectations func() []Expected
	Zone         func() *ZoneFacts
	Addresses    func() *Addresses
	Registration func() *probe.RegistrationReport
	Handshakes   func() []Handshake
	Page         func() *probe.Browse
	Intent       func() Intent
	DNSSEC       func() *DNSSECFacts
	CAA          func() *CAAFacts

	ctx context.Context
	// thorough asks each resolver several times even where nothing speaks for caches that differ; a long list of names
	// is looked at once each.
	thorough bool
	shown    atomic.Pointer[[]Handshake] // once somebody asked for the handshakes
	climbs   atomic.Pointer[CAAFacts]    // once somebody asked for the CAA records
	all      atomic.Pointer[[]*Judged]   // once somebody compared every expected record
	known    atomic.Bool                 // once somebody asked for the intent
	mu       sync.Mutex                  // guards following
	judged   map[string]func() *Judged
	rows     func() []*PropagationRow
}

func newFacts(ctx context.Context, s *probe.Session, subject *Subject) *Facts {
	f := &Facts{subject: subject, session: s, ctx: ctx, thorough: true, judged: map[string]func() *Judged{}}
	f.Held = sync.OnceValue(func() Held { return f.held(ctx) })
	f.Expectations = sync.OnceValue(f.expectations)
	f.Zone = sync.OnceValue(func() *ZoneFacts { return f.zone(ctx) })
	f.Addresses = sync.OnceValue(func() *Addresses {
		a := &Addresses{}
		a.V4, a.V6 = s.Addresses(ctx, f.Host())
		a.All = append(a.V4.AddrsOf(), a.V6.AddrsOf()...)
		return a
	})
	f.Registration = sync.OnceValue(func() *probe.RegistrationReport { return s.Registration(ctx, subject.Name.ASCII) })
	f.Handshakes = sync.OnceValue(func() []Handshake {
		list := f.handshakes(ctx)
		f.shown.Store(&list)
		return list
	})
	f.DNSSEC = sync.OnceValue(func() *DNSSECFacts { return f.dnssec(ctx) })
	f.Intent = sync.OnceValue(func() Intent {
		defer f.known.Store(true)
		return intentOf(probe.NewContext(ctx, s), subject)
	})
	f.Page = sync.OnceValue(func() *probe.Browse { return f.page(ctx) })
	f.CAA = sync.OnceValue(func() *CAAFacts {
		set := climb(ctx, s, strings.TrimPrefix(subject.Name.ASCII, "*."), subject.Name.Wildcard)
		f.climbs.Store(set)
		return set
	})
	return f
}

// Host is the name that traffic goes to; for a wildcard domain, a name below it that nobody has.
func (f *Facts) Host() string {
	if f.subject.Name.Wildcard {
		return f.session.Sibling("x." + strings.TrimPrefix(f.subject.Name.ASCII, "*."))
	}
	return f.subject.Name.ASCII
}

// DNSHost names who serves the subject's zone, where its servers tell; empty where the zone is not known yet or not
// telling.
func (f *Facts) DNSHost() string {
	place := f.session.Locate(f.ctx, f.subject.Name.ASCII)
	if place.Zone == nil || place.Unknown != "" || place.Missing != "" {
		return ""
	}
	return hosts.DNSHostOf(place.Zone.Hosts())
}
