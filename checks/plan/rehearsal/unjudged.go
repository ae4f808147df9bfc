package rehearsal

import (
	"context"
	"fmt"
	"slices"

	"domdoc/catalog/plans"
	"domdoc/checks/plan/change"
	"domdoc/checks/probe"
	"domdoc/checks/probe/exchange"
	"domdoc/checks/probe/transport"

	"github.com/miekg/dns"
)

// proxiedTypes are the types that a proxy of the DNS host answers by itself.
var proxiedTypes = []uint16{dns.TypeA, dns.TypeAAAA, dns.TypeCNAME, dns.TypeHTTPS, dns.TypeSVCB}

// signing are the types that a DNS host makes itself when it signs.
var signing = []uint16{
	dns.TypeDNSKEY, dns.TypeRRSIG, dns.TypeNSEC, dns.TypeNSEC3, dns.TypeNSEC3PARAM,
}

// Unknown reports whether the change leaves open what a name will have of a type.
func (c *Change) Unknown(name string, rrtype uint16) bool {
	return slices.ContainsFunc(c.Open, func(o change.Open) bool {
		return o.Name == name && (o.Type == 0 || o.Type == rrtype || o.Type == dns.TypeCNAME)
	}) || slices.ContainsFunc(c.Edits, func(e change.Edit) bool {
		return e.Proxied && e.Name == name && slices.Contains(proxiedTypes, rrtype)
	})
}

// unknown returns an error for a name and type if what it will have is not known.
func (a *asker) unknown(name string, rrtype uint16) error {
	c := &a.t.change
	open := c.Unknown(name, rrtype) || a.t.unserved ||
		a.t.resigned && (a.recursive || name == c.Zone && rrtype == dns.TypeDNSKEY)
	for _, o := range a.t.shared {
		open = open || exchange.InZone(name, o)
	}
	if !open {
		return nil
	}
	return fmt.Errorf("%s %s: %w", name, exchange.TypeName(rrtype), transport.ErrUnforeseen)
}

func mayStay(name string) error {
	return fmt.Errorf("%w: %s", transport.ErrUnforeseen, plans.MayStay(name))
}

// Doubts are what a plan cannot judge, because nobody knows what becomes of it.
type Doubts struct {
	// Shared are zones below on the same servers, whose delegation changes.
	Shared []string
	// Unserved means that no server would serve the zone, and Resigned that records change that a DNS host signs with.
	Unserved, Resigned bool
}

// Unjudged returns the doubts about a change.
func Unjudged(ctx context.Context, s *probe.Session, c Change) Doubts {
	t := &Transport{now: s, change: c, edits: map[string][]change.Edit{}}
	t.takeEdits(ctx)
	return Doubts{t.shared, t.unserved, t.resigned}
}

// serves finds out whether the zone can be served after the edits of its apex. Each zone has an SOA record and name
// servers (RFC 1035 5.2).
func (t *Transport) serves(ctx context.Context) {
	edits := t.edits[t.change.Zone]
	for _, e := range edits {
		if e.Op == change.Remove && e.Type == dns.TypeSOA && len(e.RRs) == 0 {
			t.unserved = true
		}
	}
	if slices.ContainsFunc(edits, func(e change.Edit) bool { return e.Op == change.Remove && e.Type == dns.TypeNS }) {
		x := t.now.Lookup(ctx, t.change.Zone, dns.TypeNS).First()
		set := x.Records(t.change.Zone, dns.TypeNS)
		t.unserved = t.unserved || len(set) > 0 && len(edited(set, edits, dns.TypeNS)) == 0
	}
	t.resigned = slices.ContainsFunc(t.change.Edits, func(e change.Edit) bool {
		return slices.Contains(signing, e.Type)
	}) && len(t.dsOfZone(ctx)) > 0
}

// dsOfZone returns the DS records of the zone today.
func (t *Transport) dsOfZone(ctx context.Context) []dns.RR {
	_, above := placeOf(ctx, t.now, t.change.Zone)
	if above == nil {
		return nil
	}
	x, _ := t.now.AskZone(ctx, above, t.change.Zone, dns.TypeDS)
	return x.Records(t.change.Zone, dns.TypeDS)
}
