package checks

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"domdoc/api"
	"domdoc/catalog"
	"domdoc/catalog/hosts"
	"domdoc/checks/probe"

	"github.com/miekg/dns"
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

// Held is what the service holds of a domain. An error of one part says nothing of the others.
type Held struct {
	Records        []api.Record
	RecordsErr     error
	Certificate    api.Certificate
	HasCertificate bool
	CertificateErr error
	Routes         []api.Route
	RoutesErr      error
}

// ServerState is how a listed name server answers for its zone.
type ServerState string

// The states.
const (
	ServerGood    ServerState = "good"
	ServerLame    ServerState = "lame"      // it answers, and does not serve the zone
	ServerSilent  ServerState = "silent"    // no answer, or not reachable
	ServerUnclear ServerState = "unclear"   // it answers, and what it says cannot be judged: nonsense, or cut off
	ServerUnasked ServerState = "not-asked" // the run was over before
)

// ServerFact is one address of a listed name server.
type ServerFact struct {
	probe.Server
	State  ServerState
	Serial uint32 // of the SOA; only of a good server
	Denial uint32 // seconds for which resolvers may remember a "no" of this server (RFC 2308 5); only of a good server
	SOA    *probe.Exchange
	NS     *probe.Exchange
}

// ZoneFacts are the delegation of the subject's zone and how its servers answer.
type ZoneFacts struct {
	Place    *probe.Place
	Zone     *probe.Zone // nil when the parent has none, or could not be asked
	Apex     string
	Servers  []ServerFact
	ParentNS []string
	ChildNS  []string
	DNSHost  string
}

// Good are the servers that serve the zone.
func (z *ZoneFacts) Good() []ServerFact {
	return slices.DeleteFunc(slices.Clone(z.Servers), func(s ServerFact) bool { return s.State != ServerGood })
}

// Addresses are where the subject's host leads.
type Addresses struct {
	V4, V6 *probe.Chain
	All    []netip.Addr
}

// Known reports whether both kinds of addresses could be asked for: only then is "none" an answer.
func (a *Addresses) Known() bool { return a.V4.Known() && a.V6.Known() }

// Handshake is one address and the TLS handshake with it.
type Handshake struct {
	Addr     netip.AddrPort
	Exchange *probe.Exchange
	// Verified is meaningful only when a certificate was shown.
	Verified probe.Verified
}

// Shown reports whether the server showed a certificate.
func (h Handshake) Shown() bool { return h.Exchange.TLS != nil && len(h.Exchange.TLS.Chain) > 0 }

// maxAddresses bounds how many addresses of one host are connected to.
const maxAddresses = 8

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

// liveStatuses are the words for a domain that serves traffic. VERIFIED is printed; the others are words that
// services of this kind use.
var liveStatuses = []string{"VERIFIED", "ACTIVE", "LIVE", "ENABLED", "READY", "ONLINE"}

// InUse reports whether the service has the domain in use.
func (s *Subject) InUse() bool {
	return s.Domain != nil && slices.Contains(liveStatuses, upper(s.Domain.Status))
}

func (f *Facts) held(ctx context.Context) Held {
	var h Held
	if f.subject.Service == nil || f.subject.Domain == nil {
		return h
	}
	client, id := f.subject.Service.Client, f.subject.Domain.ID
	ctx = probe.NewContext(ctx, f.session)
	var wg probe.Group
	wg.Go(func() { h.Records, h.RecordsErr = client.Records(ctx, id) })
	wg.Go(func() { h.Certificate, h.HasCertificate, h.CertificateErr = client.Certificate(ctx, id) })
	wg.Go(func() { h.Routes, h.RoutesErr = client.Routes(ctx, id) })
	wg.Wait()
	return h
}

// expectations are the records that should be published: what the service says, and what the user says with --expect.
func (f *Facts) expectations() []Expected {
	out := slices.Clone(f.subject.Expect)
	d := f.subject.Domain
	if d == nil {
		return out
	}
	add := func(e Expected) {
		e.Name = f.ownerName(e.Name)
		e.Type = strings.ToUpper(strings.TrimSpace(e.Type))
		e.Value = wantedValue(e.Type, e.Value)
		e.Source = "service"
		if e.Name == "" || e.Value == "" {
			return
		}
		for i, known := range out {
			if known.Name == e.Name && known.Type == e.Type && sameValue(e.Type, known.Value, e.Value) {
				if out[i].ID == "" {
					out[i].ID = e.ID
				}
				return
			}
		}
		out = append(out, e)
	}
	for _, v := range d.Verifications {
		add(Expected{Record: catalog.Record{
			Role: catalog.Verification, Type: methodType(v.Method), Name: v.Name,
			Value: v.Value,
		}})
	}
	if d.CDN != nil && d.CDN.Target != "" {
		add(Expected{Record: catalog.Record{
			Role: catalog.Routing, Type: "CNAME", Name: f.subject.Name.ASCII,
			Value: bareTarget(d.CDN.Target),
		}})
	}
	held := f.Held()
	if f.awaitsCertificate(held) {
		for _, r := range held.Certificate.ValidationRecords {
			add(Expected{Record: catalog.Record{
				Role: catalog.Certificate, Type: orText(r.Type, "CNAME"), Name: r.Name,
				Value: r.Value,
			}})
		}
	}
	for _, r := range held.Records {
		e := Expected{
			Record: catalog.Record{Role: f.roleOf(r, held), Type: r.Type, Name: r.Name, Value: heldValue(r)},
			ID:     r.ID,
		}
		if r.TTL != nil {
			e.TTL = *r.TTL
		}
		add(e)
	}
	return out
}

// awaitsCertificate reports whether the validation records matter: while a certificate is waited for, and for its
// renewal later on.
func (f *Facts) awaitsCertificate(h Held) bool {
	return h.HasCertificate && len(h.Certificate.ValidationRecords) > 0
}

func methodType(method string) string {
	if strings.Contains(strings.ToUpper(method), "CNAME") {
		return "CNAME"
	}
	return "TXT"
}

func orText(s, def string) string {
	if strings.TrimSpace(s) == "" {
		return def
	}
	return s
}

// roleOf tells what a held record is for.
func (f *Facts) roleOf(r api.Record, h Held) catalog.Role {
	name := f.ownerName(r.Name)
	t := strings.ToUpper(r.Type)
	for _, v := range f.subject.Domain.Verifications {
		if f.ownerName(v.Name) == name && (t == "TXT" || t == "CNAME") {
			return catalog.Verification
		}
	}
	for _, v := range h.Certificate.ValidationRecords {
		if f.ownerName(v.Name) == name && t == "CNAME" {
			return catalog.Certificate
		}
	}
	if name == f.subject.Name.ASCII && (t == "A" || t == "AAAA" || t == "CNAME") {
		return catalog.Routing
	}
	return RoleOf(f.subject.Name.ASCII, name, t, r.Value)
}

// RoleOf guesses what a record is for from its form, where nobody says it.
func RoleOf(domain, name, rrtype, value string) catalog.Role {
	first, _, _ := strings.Cut(name, ".")
	switch {
	case strings.Contains(strings.ToLower(value), "acm-validations.aws"):
		return catalog.Certificate
	case rrtype == "TXT" && strings.HasPrefix(first, "_") &&
		!slices.Contains([]string{"_dmarc", "_domainkey", "_mta-sts", "_smtp"}, first) &&
		!strings.Contains(name, "._domainkey."):
		return catalog.Verification
	case rrtype == "CNAME" && strings.Contains(first, "verif"):
		return catalog.Verification
	case name == domain && (rrtype == "CNAME" || rrtype == "A" || rrtype == "AAAA"):
		return catalog.Routing
	}
	return catalog.Configured
}

// ownerName makes a record's name absolute: services and panels also write "@" and names relative to the domain.
func (f *Facts) ownerName(name string) string {
	domain := strings.TrimPrefix(f.subject.Name.ASCII, "*.")
	name = strings.ToLower(strings.TrimSpace(name))
	absolute := strings.HasSuffix(name, ".")
	name = strings.TrimSuffix(name, ".")
	if ascii, err := toASCII(name); err == nil {
		name = ascii
	}
	zone := probe.Registrable(domain)
	switch {
	case name == "" || name == "@":
		return domain
	case absolute || name == domain || strings.HasSuffix(name, "."+domain) || zone != "" &&
		(name == zone || strings.HasSuffix(name, "."+zone)):
		return name
	case strings.Contains(name, ".") && probe.Registrable(name) != "" && HasPublicSuffix(name):
		return name // another domain altogether
	}
	return name + "." + domain
}

// zone finds the delegation and asks each listed server for the zone's SOA and NS.
func (f *Facts) zone(ctx context.Context) *ZoneFacts {
	s := f.session
	z := &ZoneFacts{Place: s.Locate(ctx, f.subject.Name.ASCII)}
	if z.Place.Zone == nil || z.Place.Unknown != "" || z.Place.Missing != "" {
		return z
	}
	// The zone is known to the label that somebody registered; the host's own question shows whether a zone below it
	// was cut off.
	var host *probe.View
	var wg probe.Group
	wg.Go(func() { z.Servers = f.servers(ctx, z.Place.Zone) })
	wg.Go(func() { host = s.Authority(ctx, f.Host(), dns.TypeA) })
	wg.Wait()
	z.Zone = z.Place.Zone
	if host.Zone != nil && host.Zone != z.Zone && len(host.Zone.Name) > len(z.Zone.Name) {
		z.Zone = host.Zone
		z.Servers = f.servers(ctx, z.Zone)
	}
	z.Apex = z.Zone.Name
	if apex := host.Apex(); len(apex) > len(z.Apex) {
		z.Apex = apex
	}
	z.ParentNS = z.Zone.Hosts()
	for _, srv := range z.Servers {
		if srv.State == ServerGood {
			for _, rr := range srv.NS.Records(z.Zone.Name, dns.TypeNS) {
				z.ChildNS = append(z.ChildNS, probe.Bare(rr.(*dns.NS).Ns))
			}
		}
	}
	slices.Sort(z.ChildNS)
	z.ChildNS = slices.Compact(z.ChildNS)
	z.DNSHost = hosts.DNSHostOf(append(slices.Clone(z.ParentNS), z.ChildNS...))
	return z
}

func (f *Facts) servers(ctx context.Context, zone *probe.Zone) []ServerFact {
	s := f.session
	list := s.Askable(zone.Servers())
	out := make([]ServerFact, len(list))
	var wg probe.Group
	for i, srv := range list {
		out[i].Server = srv
		wg.Go(func() { out[i].SOA = s.Ask(ctx, srv, zone.Name, dns.TypeSOA) })
		wg.Go(func() { out[i].NS = s.Ask(ctx, srv, zone.Name, dns.TypeNS) })
	}
	wg.Wait()
	for i := range out {
		x := out[i].SOA
		soa := x.Records(zone.Name, dns.TypeSOA)
		switch {
		case x.AA() && len(soa) > 0:
			out[i].State, out[i].Serial, out[i].Denial = ServerGood, soa[0].(*dns.SOA).Serial,
				min(soa[0].Header().Ttl, soa[0].(*dns.SOA).Minttl)
		case x.Outcome == probe.Malformed, x.Outcome == probe.Truncated:
			out[i].State = ServerUnclear
		case x.Msg != nil:
			out[i].State = ServerLame
		case x.Outcome == probe.NotAsked:
			out[i].State = ServerUnasked
		default:
			out[i].State = ServerSilent
		}
	}
	return out
}

func (f *Facts) handshakes(ctx context.Context) []Handshake {
	all := f.Addresses().All
	all = all[:min(len(all), maxAddresses)]
	out := make([]Handshake, len(all))
	var wg probe.Group
	for i, a := range all {
		out[i].Addr = netip.AddrPortFrom(a, 443)
		wg.Go(func() {
			x := f.session.Handshake(ctx, out[i].Addr, f.Host())
			out[i].Exchange = x
			if out[i].Shown() {
				out[i].Verified = probe.Verify(x.TLS.Chain, f.Host(), f.session.Roots(), f.session.Now())
			}
		})
	}
	wg.Wait()
	return out
}

// seenHandshakes are the handshakes, if some check made them: looking is not asking.
func (f *Facts) seenHandshakes() []Handshake {
	if list := f.shown.Load(); list != nil {
		return *list
	}
	return nil
}

// page fetches the host's page from the first address that can be asked, IPv4 first.
func (f *Facts) page(ctx context.Context) *probe.Browse {
	for _, a := range f.Addresses().All {
		if f.session.Dialable(a) != nil || a.Is6() && !f.session.HasIPv6() {
			continue
		}
		b := f.session.Browse(ctx, "https://"+f.Host()+"/", netip.AddrPortFrom(a, 443))
		if last := b.Last(); last != nil && (last.HTTP != nil || len(b.Hops) > 1) {
			return b
		}
	}
	return nil
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

// latest is the moment by which a TTL that an answer showed has run out for certain, in whole seconds. A cache may
// have read its clock as late as the answer arrived, shows whole seconds only, and serves the record until the second
// in which the TTL stands at 0 is over.
func latest(x *probe.Exchange, ttl uint32) time.Time {
	at := x.At.Add(x.Took + time.Duration(ttl+1)*time.Second)
	if t := at.Truncate(time.Second); !t.Equal(at) {
		return t.Add(time.Second)
	}
	return at
}

func serverName(x *probe.Exchange) string {
	if x.Host != "" {
		return x.Host
	}
	return x.Addr.String()
}

func namesOf(xs []*probe.Exchange) []string {
	var out []string
	for _, x := range xs {
		if n := serverName(x); !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out
}

func said(x *probe.Exchange) string {
	if x.Err != "" {
		return fmt.Sprintf("%s: %s", x.Server(), x.Err)
	}
	return fmt.Sprintf("%s: %s", x.Server(), x.Outcome.Phrase())
}

func upper(s string) string { return strings.ToUpper(strings.TrimSpace(s)) }

// State is the handshake in one word: valid, or what is wrong with it.
func (h Handshake) State() string {
	switch {
	case h.Exchange.Outcome == probe.NotAsked:
		return "not-tried"
	case !h.Shown() && h.Exchange.TLS != nil && h.Exchange.TLS.Connected:
		return "handshake-fails"
	case !h.Shown():
		return "unreachable"
	case !h.Verified.NameOK && isDefault(h.Exchange.TLS.Chain[0]):
		return "default"
	case !h.Verified.NameOK:
		return "name-mismatch"
	case h.Verified.Expired:
		return "expired"
	case h.Verified.NotYet:
		return "not-yet-valid"
	case !h.Verified.Trusted:
		return "untrusted"
	}
	return "valid"
}
