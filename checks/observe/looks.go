package observe

import (
	"context"
	"net/netip"
	"slices"
	"time"

	"domdoc/checks/probe"
	"domdoc/checks/probe/exchange"

	"github.com/miekg/dns"
)

// A wrong answer is looked at again, because not every TTL is that of a memory: resolvers serve expired answers with a
// short TTL (RFC 8767), often only once; filters and servers that answer the resolver in another way give the same
// TTL each time.
const (
	lookAfter = 1200 * time.Millisecond // a TTL counts seconds
	// briefTTL is the highest TTL of an expired answer, that of Unbound and BIND (RFC 8767 5.11).
	briefTTL = 30
	looks    = 2
)

// lookAgain looks at a resolver's wrong answer again, if it has one, and returns what holds after that. A wrong answer
// that was expired and is right now is right. One that has no less time left at the second and third look is not
// forgotten by itself.
func (f *Observations) lookAgain(ctx context.Context, r *SourcedRow, server exchange.Server, first []Cell) []Cell {
	worst, brief := 0, true
	for i, c := range first {
		if c.wrong() && c.Filtered() { // no later look changes that
			return first
		}
		brief = brief && (!c.wrong() || c.hopTTL <= briefTTL)
		if worse(c, first[worst]) {
			worst = i
		}
	}
	if !first[worst].wrong() {
		return first
	}
	lanes := []int{worst}
	if brief { // several caches behind the address must agree that it is over
		lanes = []int{0, 1, 2}[:min(len(first), samples)]
	}
	before, all := first[worst:worst+1], first
	for round := range looks {
		f.Session.Pause(ctx, lookAfter)
		now := f.look(ctx, r, server, lanes, round+1)
		if slices.ContainsFunc(now, func(c Cell) bool { return !c.Exchange.Outcome.Conclusive() }) {
			return all
		}
		if !slices.ContainsFunc(now, Cell.wrong) {
			if brief {
				for i := range now {
					now[i].Recovered = true
				}
				return now
			}
			return all // another cache behind the address
		}
		again := renewed(before, now)
		if round > 0 || again { // the end has moved, and this one may hold
			all = append(slices.Clone(first), now...)
		}
		if !again {
			return all
		}
		before = now
	}
	for i := range before {
		if before[i].wrong() {
			before[i].Renews, before[i].SecondsLeft, before[i].LastsUntil = true, 0, time.Time{}
		}
	}
	return before
}

// look repeats samples, each from its own source port.
func (f *Observations) look(ctx context.Context, r *SourcedRow, server exchange.Server, lanes []int, round int) []Cell {
	out := make([]Cell, len(lanes))
	var wg probe.Group
	for i, lane := range lanes {
		wg.Go(func() {
			c := Cell{Server: server.String(), Kind: KindResolver}
			f.compare(ctx, r, f.Session.Look(ctx, server, r.View.Name, r.View.Type, lane, round), &c)
			f.setExpiry(ctx, r, server, &c)
			out[i] = c
		})
	}
	wg.Wait()
	return out
}

// renewed reports whether every wrong answer of a later look has at least as much time left as any had before.
func renewed(before, after []Cell) bool {
	var most uint32
	var at time.Time
	for _, c := range before {
		if c.wrong() {
			most, at = max(most, c.hopTTL), c.Exchange.At
		}
	}
	for _, c := range after {
		if c.wrong() && (!c.dated() || c.hopTTL < most || c.Exchange.At.Sub(at) < time.Second) {
			return false
		}
	}
	return true
}

func (c Cell) wrong() bool { return c.State == CellDiffers || c.State == CellMissing }

// dated reports whether the answer has a TTL.
func (c Cell) dated() bool { return !c.LastsUntil.IsZero() }

// Denied reports whether a resolver's answer says that a name, or its type, does not exist.
func (c Cell) Denied() bool {
	return c.Exchange != nil && (c.Exchange.Outcome == exchange.NXDomain || c.Exchange.Outcome == exchange.NoData)
}

// Filtered reports whether a resolver's denial is not that of a zone: it has no SOA record, or that of a zone which
// the name is not in. Servers and caches of DNS data add the SOA (RFC 2308 2); Unbound, BIND, PowerDNS Recursor and
// dnsmasq leave it out if a local rule made the answer.
func (c Cell) Filtered() bool {
	if c.State != CellMissing || !c.Denied() {
		return false
	}
	soa := c.Exchange.SOA()
	if soa == nil {
		return true
	}
	name, _ := exchange.SplitAsked(c.Exchange.Asked)
	return !dns.IsSubDomain(soa.Hdr.Name, dns.Fqdn(name))
}

// Blocked reports whether a resolver answers with addresses that lead nowhere, as filters do, and the source has
// others. An old answer of this kind runs out; a filter's does not.
func (c Cell) Blocked() bool {
	if !c.Renews && c.State != CellSeen || c.Kind != KindResolver || c.Exchange == nil {
		return false
	}
	addrs := exchange.Addrs(c.Exchange)
	for _, a := range addrs {
		if !a.IsUnspecified() && !a.IsLoopback() {
			return false
		}
	}
	return len(addrs) > 0
}

// sharedSpace is the network between a carrier and its customers (RFC 6598).
var sharedSpace = netip.MustParsePrefix("100.64.0.0/10")

// Forwards reports whether a resolver is on this machine or in its network: it may be a forwarder, whose own TTL says
// nothing about the resolver behind it.
func (c Cell) Forwards() bool {
	if c.Exchange == nil || !c.Exchange.Addr.IsValid() {
		return false
	}
	a := c.Exchange.Addr.Addr().Unmap()
	return a.IsLoopback() || a.IsPrivate() || a.IsLinkLocalUnicast() || sharedSpace.Contains(a)
}
