package observe

import (
	"context"
	"slices"
	"time"

	"domdoc/checks/probe/exchange"

	"domdoc/checks/probe"

	"github.com/miekg/dns"
)

// hop is one name of a CNAME chain at the source: its values, or its CNAME.
type hop struct {
	name   string
	cname  string
	values []string
}

// sourceChain returns the CNAME chain of a record at the source.
func (f *Observations) sourceChain(ctx context.Context, v *probe.AuthoritativeAnswers) []hop {
	var out []hop
	for _, h := range f.Session.Follow(ctx, v.Name, v.Type).Hops {
		out = append(out, hop{h.Name, h.Answers.CNAME(), h.Answers.Values()})
	}
	return out
}

// wrongHop returns the first hop, starting at from, whose answer differs from the source, and for how many seconds it
// can last: the TTL of the wrong record, or of the denial's SOA. Later hops do not matter until it expires. dated is
// false if the answer has no TTL.
func wrongHop(x *exchange.Exchange, way []hop, from int, rrtype uint16) (i int, ttl uint32, dated, wrong bool) {
	for i = from; i < len(way); i++ {
		own, cname := x.Records(way[i].name, rrtype), x.Records(way[i].name, dns.TypeCNAME)
		switch {
		case len(own) > 0:
			values := x.Values(way[i].name, rrtype)
			slices.Sort(values)
			return i, ShortestTTL(own), true, !slices.Equal(slices.Compact(values), way[i].values)
		case len(cname) == 0:
			ttl, dated = x.DenialTTL()
			return i, ttl, dated, true
		case x.CNAME(way[i].name) != way[i].cname:
			return i, ShortestTTL(cname), true, true
		}
	}
	return i, 0, false, false
}

// setExpiry determines until when a resolver's wrong answer can last: until the first wrong hop has expired, and then
// what the resolver has cached of the later hops. These exist at the source, so the queries do not make the resolver
// cache a negative answer.
func (f *Observations) setExpiry(ctx context.Context, r *SourcedRow, server exchange.Server, c *Cell) {
	if c.State != CellDiffers && c.State != CellMissing {
		return
	}
	way := []hop{{name: r.View.Name}}
	if r.Result != nil && r.Result.State == StateRight {
		way = f.sourceChain(ctx, r.View)
	}
	i, ttl, dated, wrong := wrongHop(c.Exchange, way, 0, r.View.Type)
	switch {
	case !wrong && r.Result != nil && r.Result.State == StateRight: // the source has it too, and it is right
		c.State = CellMatch
		return
	case !wrong, !dated: // the source has the same unexpected values, or no cache has this answer: nothing expires
		return
	}
	c.SecondsLeft, c.hopTTL, c.LastsUntil = ttl, ttl, LatestExpiry(c.Exchange, ttl)
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

// Extend sets the end of a wrong answer if it is later than the current one.
func (c *Cell) Extend(ttl uint32, ends time.Time) {
	if ends.After(c.LastsUntil) {
		c.SecondsLeft, c.LastsUntil = ttl, ends
	}
}
