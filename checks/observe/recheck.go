package observe

import (
	"context"
	"net/netip"
	"slices"
	"time"

	"domdoc/checks/probe/exchange"

	"github.com/miekg/dns"
)

// A resolver is queried again after a wrong answer, because not every TTL is that of a cache: resolvers serve expired
// answers with a short TTL (RFC 8767), often only once, and filters and servers that answer by location return the
// same TTL each time.
const (
	recheckAfter = 1200 * time.Millisecond // a TTL counts seconds
	// briefTTL is the highest TTL of an expired answer, that of Unbound and BIND (RFC 8767 5.11).
	briefTTL = 30
	rechecks = 2
)

// recheck queries a resolver again after a wrong answer, and returns the answers that count. If the answer was
// expired and is right now, it is right. If it has no less time left in the second and third answer, it will not
// expire.
func (f *Observations) recheck(ctx context.Context, r *SourcedRow, server exchange.Server, first []Cell) []Cell {
	worst, brief := 0, true
	for i, c := range first {
		if c.wrong() && c.Filtered() { // later answers do not change that
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
	if brief { // several caches behind the address must agree that the answer has changed
		lanes = []int{0, 1, 2}[:min(len(first), samples)]
	}
	before, all := first[worst:worst+1], first
	for round := range rechecks {
		f.Session.Pause(ctx, recheckAfter)
		now := f.resample(ctx, r, server, lanes, round+1)
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
		if round > 0 || again { // the answer does not expire, and this one may not either
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

// resample repeats samples, each from a different source port.
func (f *Observations) resample(ctx context.Context, r *SourcedRow, server exchange.Server, lanes []int,
	round int,
) []Cell {
	out := make([]Cell, len(lanes))
	wg := f.Session.Group()
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

// renewed reports whether every wrong answer of a later query has at least as much time left as any had before.
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

// Denied reports whether a resolver's answer is that a name, or its type, does not exist.
func (c Cell) Denied() bool {
	return c.Exchange != nil && (c.Exchange.Outcome == exchange.NXDomain || c.Exchange.Outcome == exchange.NoData)
}

// Filtered reports whether a resolver's denial does not come from a zone: it has no SOA record, or that of a zone
// which the name is not in. Servers and caches add the SOA (RFC 2308 2); Unbound, BIND, PowerDNS Recursor and dnsmasq
// omit it if a local rule produced the answer.
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

// Blocked reports whether a resolver answers with unreachable addresses, as filters do, and the source has others. An
// old answer of this kind expires; that of a filter does not.
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

// Forwards reports whether a resolver is on this machine or in its network. It may then be a forwarder, whose TTL
// says nothing about the resolver behind it.
func (c Cell) Forwards() bool {
	if c.Exchange == nil || !c.Exchange.Addr.IsValid() {
		return false
	}
	a := c.Exchange.Addr.Addr().Unmap()
	return a.IsLoopback() || a.IsPrivate() || a.IsLinkLocalUnicast() || sharedSpace.Contains(a)
}
