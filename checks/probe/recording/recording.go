// Package recording keeps the exchanges of a run, secrets removed, so that the checks can be run again from them
// without a network.
package recording

import (
	"crypto/x509"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"domdoc/checks/probe/exchange"

	"github.com/miekg/dns"
)

// Recording holds the exchanges of one session: enough to run the checks again without a network. A session writes to
// probe.Options.Record and answers from probe.Options.Replay. It is safe for concurrent use.
type Recording struct {
	mu     sync.Mutex // guards following
	Label  string
	begun  time.Time
	ipv6   bool
	lines  map[exchange.QueryKey]*exchange.Exchange
	order  []exchange.QueryKey
	chosen map[ChoiceKey]choice
	hosts  map[string]hostLookup
	roots  [][]byte // certificates of the authorities that chains on the recording lead to
	secret *Secrets // what must not be written down; nil is nothing

	referrals *referrals // of lines; nil: not looked for since they changed
	stored    *stored    // instead of lines and order, if DecodePlain read the recording
}

// hostLookup is an answer of the system's resolver.
type hostLookup struct {
	Addrs []netip.Addr `json:"addrs,omitempty"`
	Err   string       `json:"err,omitempty"`
}

// ChoiceKey identifies a query to any one server of a zone.
type ChoiceKey struct {
	Zone, Name string
	Type       uint16
	Rule       int // the caller's stop rule
}

// choice is the answer that was used: the first server's, unless another was faster.
type choice struct {
	x      *exchange.Exchange
	server string
	first  bool
}

// New returns an empty recording. Known secrets are redacted when it is written.
func New(secret *Secrets) *Recording {
	return &Recording{
		lines: map[exchange.QueryKey]*exchange.Exchange{}, chosen: map[ChoiceKey]choice{}, hosts: map[string]hostLookup{},
		secret: secret,
	}
}

// maxExchanges bounds the exchanges of one recording.
const maxExchanges = 1 << 20

// Begin sets the session's random label and start time.
func (rec *Recording) Begin(label string, at time.Time) {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	rec.Label, rec.begun = label, at
}

// Begun returns when the recorded session began.
func (rec *Recording) Begun() time.Time {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	return rec.begun
}

// SetIPv6 sets whether the machine has IPv6.
func (rec *Recording) SetIPv6(has bool) {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	rec.ipv6 = has
}

// HasIPv6 reports whether the recorded machine had IPv6.
func (rec *Recording) HasIPv6() bool {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	return rec.ipv6
}

// Add adds an exchange, once per key. pool has the roots that its certificates were verified by.
func (rec *Recording) Add(key exchange.QueryKey, x *exchange.Exchange, pool *x509.CertPool) {
	root := rootOf(x, pool)
	rec.mu.Lock()
	defer rec.mu.Unlock()
	if _, there := rec.lines[key]; there || len(rec.lines) >= maxExchanges {
		return
	}
	rec.lines[key] = x
	rec.order = append(rec.order, key)
	rec.referrals = nil
	if root != nil && !slices.ContainsFunc(rec.roots, func(r []byte) bool { return string(r) == string(root) }) {
		rec.roots = append(rec.roots, root)
	}
}

// Forget drops the exchange of a key, so that a later answer takes its place. A nil recording forgets nothing.
func (rec *Recording) Forget(key exchange.QueryKey) {
	if rec == nil {
		return
	}
	rec.mu.Lock()
	defer rec.mu.Unlock()
	if _, there := rec.lines[key]; !there {
		return
	}
	delete(rec.lines, key)
	rec.referrals = nil
	rec.order = slices.DeleteFunc(rec.order, func(k exchange.QueryKey) bool { return k == key })
}

// Choose notes which server's answer was used. A repeated query gets the same answer, so that there is one choice to
// record. A nil recording notes nothing.
func (rec *Recording) Choose(key ChoiceKey, x *exchange.Exchange, first exchange.Server) *exchange.Exchange {
	if rec == nil {
		return x
	}
	rec.mu.Lock()
	defer rec.mu.Unlock()
	if c, there := rec.chosen[key]; there {
		return c.x
	}
	if len(rec.chosen) < maxExchanges {
		rec.chosen[key] = choice{x, x.Addr.String(), x.Addr == first.Addr}
	}
	return x
}

// ChosenFirst moves the server whose answer was used to the front.
func (rec *Recording) ChosenFirst(key ChoiceKey, servers []exchange.Server) []exchange.Server {
	if rec == nil {
		return servers
	}
	rec.mu.Lock()
	c, there := rec.chosen[key]
	rec.mu.Unlock()
	at := slices.IndexFunc(servers, func(s exchange.Server) bool { return s.Addr.String() == c.server })
	if !there || at < 0 {
		return servers
	}
	return slices.Concat(servers[at:at+1], servers[:at], servers[at+1:])
}

// AddHost adds an answer of the system's resolver.
func (rec *Recording) AddHost(host string, addrs []netip.Addr, err error) {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	line := hostLookup{Addrs: addrs}
	if err != nil {
		line.Err = err.Error()
	}
	rec.hosts[host] = line
}

// rootOf returns the root that a chain leads to: a replay may run on a machine that trusts others.
func rootOf(x *exchange.Exchange, pool *x509.CertPool) []byte {
	if x.TLS == nil || len(x.TLS.Chain) == 0 {
		return nil
	}
	inter := x509.NewCertPool()
	for _, c := range x.TLS.Chain[1:] {
		inter.AddCert(c)
	}
	leaf := x.TLS.Chain[0]
	chains, err := leaf.Verify(x509.VerifyOptions{
		Roots: pool, Intermediates: inter,
		CurrentTime: leaf.NotBefore.Add(leaf.NotAfter.Sub(leaf.NotBefore) / 2),
		KeyUsages:   []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	})
	if err != nil || len(chains) == 0 {
		return nil
	}
	last := chains[0][len(chains[0])-1]
	return last.Raw
}

// Roots returns the roots that the recorded chains were verified by.
func (rec *Recording) Roots() *x509.CertPool {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	pool := x509.NewCertPool()
	for _, raw := range rec.roots {
		if c, err := x509.ParseCertificate(raw); err == nil {
			pool.AddCert(c)
		}
	}
	return pool
}

// notRecorded is the error of a query that was not recorded.
const notRecorded = "the recorded case does not have this answer"

// Missing reports whether an exchange stands for an answer that the recording does not have.
func Missing(x *exchange.Exchange) bool {
	return x.Outcome == exchange.NotAsked && x.Err == notRecorded
}

// Find returns the answer to a query. The order of concurrent queries varies, and a referral learned from one is not
// queried again for another: so a recorded referral answers every query that would have led to it.
func (rec *Recording) Find(key exchange.QueryKey, blank *exchange.Exchange) *exchange.Exchange {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	if x := rec.line(key); x != nil {
		return x
	}
	if x := rec.referral(key); x != nil {
		return x
	}
	x := *blank
	x.At, x.Outcome, x.Err = rec.begun, exchange.NotAsked, notRecorded
	return &x
}

// referral returns a recorded referral towards the name of a query: by the same server to any query, else by another
// server to the same query. rec.mu is held.
func (rec *Recording) referral(key exchange.QueryKey) *exchange.Exchange {
	if key.Kind != exchange.KindDNS || key.Flags&exchange.FlagRD != 0 {
		return nil
	}
	if rec.referrals == nil {
		rec.referrals = rec.indexReferrals()
	}
	name, _ := exchange.SplitAsked(key.Asked)
	name = strings.ToLower(dns.Fqdn(name))
	if r := rec.referrals.byServer.first(referralKey{server: key.Server, flags: key.Flags}, name); r.x != nil {
		return r.x
	}
	return rec.referrals.byQuestion.first(referralKey{asked: key.Asked, flags: key.Flags}, name).x
}

// referrals are the recorded referrals by what may ask for them, so that one is found without reading all exchanges.
type referrals struct{ byServer, byQuestion referralIndex }

type (
	referralIndex map[referralKey]referral
	// referralKey is the server or the question of a referral, and the zone that it is to, in lower case.
	referralKey struct {
		server, asked string
		flags         int
		zone          string
	}
	referral struct {
		place int // in the order of the recording
		x     *exchange.Exchange
	}
)

// add adds a referral, unless an earlier one has the same key.
func (ix referralIndex) add(key referralKey, r referral) {
	if _, there := ix[key]; !there {
		ix[key] = r
	}
}

// first returns the earliest referral to a zone at or above a name, which is absolute and in lower case.
func (ix referralIndex) first(key referralKey, name string) referral {
	var best referral
	for at, end := 0, false; ; at, end = dns.NextLabel(name, at) {
		key.zone = name[at:]
		if end {
			key.zone = "."
		}
		if r, ok := ix[key]; ok && (best.x == nil || r.place < best.place) {
			best = r
		}
		if end || key.zone == "." {
			return best
		}
	}
}

func (rec *Recording) indexReferrals() *referrals {
	out := &referrals{referralIndex{}, referralIndex{}}
	if s := rec.stored; s != nil {
		for i := range s.referrals {
			out.add(int(i), s.key(s.entries[i]), s.exchange(i))
		}
		return out
	}
	for i, k := range rec.order {
		out.add(i, k, rec.lines[k])
	}
	return out
}

// all yields the exchanges in their order. rec.mu is held.
func (rec *Recording) all(yield func(exchange.QueryKey, *exchange.Exchange) bool) {
	if s := rec.stored; s != nil {
		for i, e := range s.entries {
			if !yield(s.key(e), s.exchange(int32(i))) {
				return
			}
		}
		return
	}
	for _, k := range rec.order {
		if !yield(k, rec.lines[k]) {
			return
		}
	}
}

// add adds an exchange, if it is a referral.
func (r *referrals) add(place int, k exchange.QueryKey, x *exchange.Exchange) {
	if x.Outcome != exchange.Referral || x.Msg == nil {
		return
	}
	if zone, ok := leadsTo(x); ok {
		found := referral{place, x}
		r.byServer.add(referralKey{server: k.Server, flags: k.Flags, zone: zone}, found)
		r.byQuestion.add(referralKey{asked: k.Asked, flags: k.Flags, zone: zone}, found)
	}
}

// line returns the exchange of a key; nil if there is none. rec.mu is held.
func (rec *Recording) line(key exchange.QueryKey) *exchange.Exchange {
	if rec.stored != nil {
		return rec.stored.find(key)
	}
	return rec.lines[key]
}

// leadsTo returns the zone that a referral is to, in lower case.
func leadsTo(x *exchange.Exchange) (zone string, ok bool) {
	for _, rr := range x.Msg.Ns {
		if ns, ok := rr.(*dns.NS); ok {
			return strings.ToLower(dns.Fqdn(ns.Hdr.Name)), true
		}
	}
	return "", false
}

// FindHost returns the recorded answer of the system's resolver.
func (rec *Recording) FindHost(host string) ([]netip.Addr, error) {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	line, ok := rec.hosts[host]
	switch {
	case !ok:
		return nil, fmt.Errorf("%s: %s", host, notRecorded)
	case line.Err != "":
		return nil, fmt.Errorf("%s", line.Err)
	}
	return line.Addrs, nil
}

// Exchanges returns the number of exchanges.
func (rec *Recording) Exchanges() int {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	return rec.exchanges()
}

// exchanges is Exchanges; rec.mu is held.
func (rec *Recording) exchanges() int {
	if rec.stored != nil {
		return len(rec.stored.entries)
	}
	return len(rec.lines)
}

// String describes the recording for logs, without its contents.
func (rec *Recording) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "a recording of %d exchanges", rec.Exchanges())
	return b.String()
}
