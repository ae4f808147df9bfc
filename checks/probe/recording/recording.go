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

// Recording is what one session asked and was answered: enough to run the checks again without any network. A session
// writes to the tape of Options.Record, and answers from that of Options.Replay. It is safe for concurrent use.
type Recording struct {
	mu     sync.Mutex // guards following
	Label  string
	begun  time.Time
	ipv6   bool
	lines  map[exchange.QueryKey]*exchange.Exchange
	order  []exchange.QueryKey
	chosen map[ChoiceKey]choice
	hosts  map[string]hostLine
	roots  [][]byte // certificates of the authorities that chains on the tape lead to
	secret *Secrets // what must not be written down; nil is nothing
}

// hostLine is an answer of the system's own resolver.
type hostLine struct {
	Addrs []netip.Addr `json:"addrs,omitempty"`
	Err   string       `json:"err,omitempty"`
}

// choiceKey is a question to any one server of a zone.
type ChoiceKey struct {
	Zone, Name string
	Type       uint16
	Rule       int // the caller's stop rule
}

// choice is the answer that was taken: of the server that is asked first, unless that was slower than another.
type choice struct {
	x      *exchange.Exchange
	server string
	first  bool
}

// New makes an empty tape. What the secrets say is kept out of it.
func New(secret *Secrets) *Recording {
	return &Recording{
		lines: map[exchange.QueryKey]*exchange.Exchange{}, chosen: map[ChoiceKey]choice{}, hosts: map[string]hostLine{},
		secret: secret,
	}
}

// maxTape bounds the exchanges of one tape: a fleet's worth.
const maxTape = 1 << 20

// begin notes what a session found when it began.
func (rec *Recording) Begin(label string, at time.Time) {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	rec.Label, rec.begun = label, at
}

// Begun is when the session of the tape began.
func (rec *Recording) Begun() time.Time {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	return rec.begun
}

func (rec *Recording) SawIPv6(has bool) {
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

// add writes an exchange.
func (rec *Recording) Add(key exchange.QueryKey, x *exchange.Exchange, pool *x509.CertPool) {
	root := rootOf(x, pool)
	rec.mu.Lock()
	defer rec.mu.Unlock()
	if _, there := rec.lines[key]; there || len(rec.lines) >= maxTape {
		return
	}
	rec.lines[key] = x
	rec.order = append(rec.order, key)
	if root != nil && !slices.ContainsFunc(rec.roots, func(r []byte) bool { return string(r) == string(root) }) {
		rec.roots = append(rec.roots, root)
	}
}

// choose notes whose answer was taken. Who asks the same again takes the same, so that there is one choice to tell. A
// nil tape notes nothing.
func (rec *Recording) Choose(key ChoiceKey, x *exchange.Exchange, first exchange.Server) *exchange.Exchange {
	if rec == nil {
		return x
	}
	rec.mu.Lock()
	defer rec.mu.Unlock()
	if c, there := rec.chosen[key]; there {
		return c.x
	}
	if len(rec.chosen) < maxTape {
		rec.chosen[key] = choice{x, x.Addr.String(), x.Addr == first.Addr}
	}
	return x
}

// chosenFirst puts the server before the others whose answer the recorded run took.
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

func (rec *Recording) AddHost(host string, addrs []netip.Addr, err error) {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	line := hostLine{Addrs: addrs}
	if err != nil {
		line.Err = err.Error()
	}
	rec.hosts[host] = line
}

// rootOf is the authority that a chain leads to: whoever reads the tape may trust others.
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

// Roots are the authorities that chains of the tape were judged by.
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

// notOnTape is what a question ends with that the recorded run did not ask.
const notOnTape = "the recorded case does not have this answer"

// find is the answer to a question. Which of several questions a run asks first is a matter of moments, and what was
// learnt from one is not asked with another: so a referral that the recorded run got on the way stands for every
// question that would have led to it.
func (rec *Recording) Find(key exchange.QueryKey, blank exchange.Exchange) *exchange.Exchange {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	if x := rec.lines[key]; x != nil {
		return x
	}
	if x := rec.referral(key); x != nil {
		return x
	}
	x := blank
	x.At, x.Outcome, x.Err = rec.begun, exchange.NotAsked, notOnTape
	return &x
}

// referral is a recorded referral towards the name of a question: by the same server to whatever question, else by
// another to the same. The lock is held.
func (rec *Recording) referral(key exchange.QueryKey) *exchange.Exchange {
	if key.Kind != exchange.KindDNS || key.Flags&exchange.FlagRD != 0 {
		return nil
	}
	name, _ := exchange.SplitAsked(key.Asked)
	var other *exchange.Exchange
	for _, k := range rec.order {
		x := rec.lines[k]
		if x.Outcome != exchange.Referral || x.Msg == nil || k.Flags != key.Flags || !leadsTo(x, name) {
			continue
		}
		if k.Server == key.Server {
			return x
		}
		if other == nil && k.Asked == key.Asked {
			other = x
		}
	}
	return other
}

// leadsTo reports whether a referral is to a zone at or above a name.
func leadsTo(x *exchange.Exchange, name string) bool {
	for _, rr := range x.Msg.Ns {
		if ns, ok := rr.(*dns.NS); ok {
			return dns.IsSubDomain(ns.Hdr.Name, dns.Fqdn(name))
		}
	}
	return false
}

func (rec *Recording) FindHost(host string) ([]netip.Addr, error) {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	line, ok := rec.hosts[host]
	switch {
	case !ok:
		return nil, fmt.Errorf("%s: %s", host, notOnTape)
	case line.Err != "":
		return nil, fmt.Errorf("%s", line.Err)
	}
	return line.Addrs, nil
}

// Exchanges is how many exchanges are on the tape.
func (rec *Recording) Exchanges() int {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	return len(rec.lines)
}

// String names the tape for logs: never what is on it.
func (rec *Recording) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "a tape of %d exchanges", rec.Exchanges())
	return b.String()
}
