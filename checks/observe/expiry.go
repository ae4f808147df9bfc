package observe

import (
	"context"
	"slices"
	"time"

	"domdoc/checks/probe/exchange"

	"domdoc/checks/probe"

	"github.com/miekg/dns"
)

// hop is one name on the way to a record, as the source has it: the data, or the CNAME that leads on.
type hop struct {
	name   string
	cname  string
	values []string
}

// sourceChain are the hops of a record at the source.
func (f *Observations) sourceChain(ctx context.Context, v *probe.AuthoritativeAnswers) []hop {
	var out []hop
	for _, h := range f.Session.Follow(ctx, v.Name, v.Type).Hops {
		out = append(out, hop{h.Name, h.Answers.CNAME(), h.Answers.Values()})
	}
	return out
}

// wrongHop finds the first hop, from one on, that an answer has otherwise than the source, and for how many seconds
// more: the TTL of what stands in its place, or of the SOA that comes with a denial (RFC 2308 5). What comes after a
// wrong hop plays no part as long as that is remembered. dated is false where the answer does not say for how long.
func wrongHop(x *exchange.Exchange, way []hop, from int, rrtype uint16) (i int, ttl uint32, dated, wrong bool) {
	for i = from; i < len(way); i++ {
		own, cname := x.Records(way[i].name, rrtype), x.Records(way[i].name, dns.TypeCNAME)
		switch {
		case len(own) > 0:
			values := x.Values(way[i].name, rrtype)
			slices.Sort(values)
			return i, ShortestTTL(own), true, !slices.Equal(slices.Compact(values), way[i].values)
		case len(cname) == 0:
			ttl, dated = x.NegativeTTL()
			return i, ttl, dated, true
		case x.CNAME(way[i].name) != way[i].cname:
			return i, ShortestTTL(cname), true, true
		}
	}
	return i, 0, false, false
}

// setExpiry works out until when a resolver's wrong answer can last: until the first wrong hop has run out, and then
// whatever the resolver remembers of the hops behind it. The source has these, so asking for them plants no denial.
func (f *Observations) setExpiry(ctx context.Context, r *SourcedRow, server exchange.Server, c *Cell) {
	if c.State != CellDiffers && c.State != CellMissing {
		return
	}
	way := []hop{{name: r.View.Name}}
	if r.Result != nil && r.Result.State == StateRight {
		way = f.sourceChain(ctx, r.View)
	}
	i, ttl, dated, wrong := wrongHop(c.Exchange, way, 0, r.View.Type)
	if !wrong { // another set than the wanted one, which the source has as well: nothing to count down
		return
	}
	if !dated {
		ttl = f.denialTTL()
	}
	c.SecondsLeft, c.LastsUntil = ttl, LatestExpiry(c.Exchange, ttl)
	for k := i + 1; k < len(way); k++ {
		x := f.Session.Resolve(ctx, server, way[k].name, r.View.Type)
		if !x.Outcome.Conclusive() {
			continue
		}
		if _, ttl, dated, wrong := wrongHop(x, way, k, r.View.Type); wrong && dated {
			c.Extend(ttl, LatestExpiry(x, ttl))
		}
	}
}

// Extend moves the end of a wrong answer, if the new end is later.
func (c *Cell) Extend(ttl uint32, ends time.Time) {
	if ends.After(c.LastsUntil) {
		c.SecondsLeft, c.LastsUntil = ttl, ends
	}
}

// denialTTL is for how many seconds the zone lets a denial be remembered; the service's patience where nobody could
// be asked.
func (f *Observations) denialTTL() uint32 {
	var most uint32
	for _, s := range f.Zone().Good() {
		most = max(most, s.Denial)
	}
	return most
}
