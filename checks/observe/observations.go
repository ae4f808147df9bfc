// Package observe gathers the observations about one subject: its delegation, records, caches, DNSSEC, certificates
// and page, each on first use and once. It compares expected records with the source, and reports no findings.
package observe

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"

	"domdoc/catalog/causes"
	"domdoc/catalog/hosts"
	"domdoc/checks/probe"
	"domdoc/checks/probe/exchange"
	"domdoc/checks/subject"
)

// Observations caches what was observed about one subject. Each part is observed on first use, and shared by all
// checks. It is safe for concurrent use.
type Observations struct {
	Subject *subject.Subject
	Session *probe.Session

	// ctx bounds everything that is observed: whichever check needs a part first observes it for all others, so it must
	// not end with that check.
	ctx context.Context
	// thorough samples each resolver several times even where nothing suggests that its caches differ. It is off for
	// long lists of names.
	thorough bool
	// settled is set if the service uses the domain and reports nothing against it; sparing leaves out questions whose
	// answer follows from others. See Spare.
	settled, sparing bool
	presuming        bool // that the service has issued the certificate and routes the host: see SpareCalls

	held         lazy[Held]
	expectations lazy[[]subject.Expected]
	zone         lazy[*Delegation]
	addresses    lazy[*Addresses]
	registration lazy[*probe.RegistrationReport]
	handshakes   lazy[[]Handshake]
	page         lazy[*probe.Browse]
	pages        lazy[[]PageOf]
	intent       lazy[subject.Intent]
	dnssec       lazy[*DNSSEC]
	caa          lazy[*CAA]
	rows         lazy[[]*SourcedRow]
	compared     lazy[[]*RecordResult]

	mu      sync.Mutex // guards results
	results map[string]*lazy[*RecordResult]
}

// New returns the observations of a subject. Nothing is observed before it is needed, nor after ctx ends.
func New(ctx context.Context, s *probe.Session, subj *subject.Subject) *Observations {
	return &Observations{
		Subject: subj, Session: s, ctx: ctx, thorough: true,
		results: map[string]*lazy[*RecordResult]{},
	}
}

// Held returns what the service holds of the domain.
func (f *Observations) Held() Held { return f.held.get(func() Held { return f.readHeld(f.ctx) }) }

// Expectations returns the records that should be published.
func (f *Observations) Expectations() []subject.Expected {
	return f.expectations.get(f.listExpectations)
}

// Zone returns the delegation of the subject's zone and how its servers answer.
func (f *Observations) Zone() *Delegation {
	return f.zone.get(func() *Delegation { return f.askZone(f.ctx) })
}

// Addresses returns the addresses of the host.
func (f *Observations) Addresses() *Addresses {
	return f.addresses.get(func() *Addresses {
		a := &Addresses{}
		a.V4, a.V6 = f.Session.Addresses(f.ctx, f.Host())
		a.All = append(a.V4.AddrsOf(), a.V6.AddrsOf()...)
		return a
	})
}

// Registration returns what the registry and the name's delegation say of the name.
func (f *Observations) Registration() *probe.RegistrationReport {
	return f.registration.get(func() *probe.RegistrationReport {
		return f.Session.Held(f.ctx, f.Subject.Name.ASCII)
	})
}

// Handshakes returns a TLS handshake with each address of the host.
func (f *Observations) Handshakes() []Handshake {
	return f.handshakes.get(func() []Handshake { return f.makeHandshakes(f.ctx) })
}

// SeenHandshakes returns the handshakes if some check has made them. It does not make any.
func (f *Observations) SeenHandshakes() []Handshake {
	list, _ := f.handshakes.peek()
	return list
}

// Page returns the host's page; nil if it could not be fetched.
func (f *Observations) Page() *probe.Browse {
	return f.page.get(func() *probe.Browse { return f.fetchPage(f.ctx) })
}

// Pages returns the answer of each of the host's addresses to the request for the page.
func (f *Observations) Pages() []PageOf {
	return f.pages.get(func() []PageOf { return f.fetchPages(f.ctx) })
}

// Intent returns what the tenant is trying to do, as said or inferred.
func (f *Observations) Intent() subject.Intent {
	return f.intent.get(func() subject.Intent { return intentOf(probe.NewContext(f.ctx, f.Session), f.Subject) })
}

// KnownIntent returns the intent if it was said or some check has inferred it; else it is empty.
func (f *Observations) KnownIntent() subject.Intent {
	if f.Subject.Intent != "" {
		return f.Subject.Intent
	}
	intent, _ := f.intent.peek()
	return intent
}

// DNSSEC returns whether the zone is signed, and whether the signatures are valid.
func (f *Observations) DNSSEC() *DNSSEC {
	return f.dnssec.get(func() *DNSSEC { return f.verifyDNSSEC(f.ctx) })
}

// CAA returns the CAA record set that decides for the name.
func (f *Observations) CAA() *CAA {
	return f.caa.get(func() *CAA {
		name := f.Subject.Name
		set := f.climbCAA(f.ctx, strings.TrimPrefix(name.ASCII, "*."), name.Wildcard)
		if set.Verdict == causes.CAAUnknown {
			if z := f.Zone(); z.Absent != nil && z.Absent.Certain() && exchange.InZone(set.Owner, z.Absent.Name) &&
				!exchange.InZone(set.Owner, z.Zone.Name) {
				a := z.Absent
				set.At, set.Zone, set.Verdict = a.Name, a.Name, causes.CAAFails
			}
		}
		return set
	})
}

// SeenCAA returns the CAA record set if some check has looked for it; else nil.
func (f *Observations) SeenCAA() *CAA {
	set, _ := f.caa.peek()
	return set
}

// Host returns the host that serves traffic; for a wildcard domain, a random name below it.
func (f *Observations) Host() string {
	if f.Subject.Name.Wildcard {
		return f.Session.RandomSibling("x." + strings.TrimPrefix(f.Subject.Name.ASCII, "*."))
	}
	return f.Subject.Name.ASCII
}

// DNSHost returns the DNS provider of the subject's zone as its name servers show it; empty if unknown.
func (f *Observations) DNSHost() string {
	if z := f.Zone().Zone; z != nil {
		return hosts.DNSHostOf(z.Hosts())
	}
	return ""
}

// DNSHostAt returns the DNS provider of a zone on the path to the subject's zone; of another zone, that of the
// subject's.
func (f *Observations) DNSHostAt(zone string) string {
	for _, z := range f.Zone().Path {
		if z.Name == zone {
			return hosts.DNSHostOf(z.Hosts())
		}
	}
	return f.DNSHost()
}

// lazy is a value that is computed on first use, once. The zero value is ready for use. It is safe for concurrent
// use.
type lazy[T any] struct {
	once  sync.Once
	value func() T
	known atomic.Bool
}

// get returns the value, computing it on the first call. A panic in compute is raised in every caller.
func (l *lazy[T]) get(compute func() T) T {
	if l.known.Load() {
		return l.value()
	}
	l.once.Do(func() {
		l.value = sync.OnceValue(func() T {
			v := compute()
			l.known.Store(true)
			return v
		})
	})
	return l.value()
}

// peek returns the value if it has been computed. It never computes it.
func (l *lazy[T]) peek() (T, bool) {
	if !l.known.Load() {
		var zero T
		return zero, false
	}
	return l.value(), true
}

// Held is what the service holds for a domain.
type Held = subject.Held

func (f *Observations) readHeld(ctx context.Context) Held {
	if f.Subject.Service == nil || f.Subject.Domain == nil {
		return Held{}
	}
	if f.presuming {
		return f.Subject.Service.HeldRecords(probe.NewContext(ctx, f.Session), f.Subject.Domain)
	}
	return f.Subject.Service.Held(probe.NewContext(ctx, f.Session), f.Subject.Domain, f.Subject.ReadNow)
}
