package rehearsal

import (
	"context"
	"slices"

	"domdoc/checks/plan/change"
	"domdoc/checks/probe"

	"github.com/miekg/dns"
)

// takeEdits sorts out the edits that have an effect: not those behind an obstacle that stays as it is.
func (t *Transport) takeEdits(ctx context.Context) {
	known := map[string]obstacle{}
	t.shaped = t.change.Whole
	for _, e := range t.change.Edits {
		o, asked := known[e.Name]
		if !asked {
			o = over(ctx, t.now, t.change.Zone, e.Name)
			known[e.Name] = o
		}
		switch t.effect(ctx, e, o) {
		case void:
			continue
		case open:
			if !slices.Contains(t.shared, e.Name) {
				t.shared = append(t.shared, e.Name)
			}
			continue
		case shaping:
			t.shaped = true
		case plain:
		}
		t.edits[e.Name] = joined(t.edits[e.Name], e)
	}
	t.serves(ctx)
	if t.shaped {
		t.change.Names = slices.DeleteFunc(slices.Clone(t.change.Names), func(name string) bool {
			return t.hidden(ctx, name)
		})
	}
}

// joined appends an edit to those of its name. Edits one after the other that add records to an RRset, or remove some,
// become one: an input may have thousands.
func joined(list []change.Edit, e change.Edit) []change.Edit {
	if n := len(list); n > 0 && joins(list[n-1], e) {
		list[n-1].RRs = append(list[n-1].RRs, e.RRs...)
		return list
	}
	e.RRs = slices.Clip(e.RRs) // they are the caller's
	return append(list, e)
}

func joins(last, e change.Edit) bool {
	sameTTL := last.TTL == e.TTL || last.TTL != nil && e.TTL != nil && *last.TTL == *e.TTL
	return (e.Op == change.Add || e.Op == change.Remove) && len(e.RRs) > 0 && len(last.RRs) > 0 && last.Op == e.Op &&
		last.Type == e.Type && e.Type != dns.TypeCNAME && last.Proxied == e.Proxied && sameTTL
}

// effect is what an edit does.
type effect uint8

const (
	plain   effect = iota
	shaping        // it makes or removes a zone below or a DNAME, or is about what one of today hides
	void           // none: it is behind an obstacle that stays as it is
	open           // its effect is unknown
)

func (t *Transport) effect(ctx context.Context, e change.Edit, o obstacle) effect {
	own := e.Name != t.change.Zone
	switch {
	case o.shared && o.name == e.Name && delegates(e):
		return open
	case o.shared:
		return void
	case o.name != "" && t.touched(o), o.name == e.Name && delegates(e):
		return shaping
	case o.glues(e.Name, e.Type):
		return shaping
	case o.name != "":
		return void
	case e.Type == dns.TypeDNAME, own && (e.Type == dns.TypeNS || e.Type == dns.TypeDS):
		return shaping
	case e.Type == 0 && t.now.Lookup(ctx, e.Name, dns.TypeDNAME).Exists():
		return shaping
	}
	return plain
}

// HiddenBy returns the name at which a delegation or a DNAME keeps an edit from having an effect; empty if it has one.
func HiddenBy(ctx context.Context, s *probe.Session, c Change, e change.Edit) string {
	t := &Transport{now: s, change: c}
	o := over(ctx, s, c.Zone, e.Name)
	if t.effect(ctx, e, o) != void {
		return ""
	}
	return o.name
}

// Uncovers reports whether an edit removes a delegation or a DNAME of today, so that records appear that nobody sees
// today.
func Uncovers(ctx context.Context, s *probe.Session, c Change, e change.Edit) bool {
	if e.Op != change.Remove || e.Type != 0 && e.Type != dns.TypeNS && e.Type != dns.TypeDNAME || e.Name == c.Zone {
		return false
	}
	if o := over(ctx, s, c.Zone, e.Name); o.name == e.Name && o.zone != nil {
		set, _ := Delegation(ctx, s, c.Zone, e.Name, dns.TypeNS)
		return len(c.Edited(set, e.Name, dns.TypeNS)) == 0
	}
	x := s.Lookup(ctx, e.Name, dns.TypeDNAME).First()
	set := x.Records(e.Name, dns.TypeDNAME)
	return len(set) > 0 && len(c.Edited(set, e.Name, dns.TypeDNAME)) == 0
}

// Links reports whether records are about the zones above and below rather than about the name itself: DS records, the
// NS records of a delegation, and the addresses with which it comes.
func (c *Change) Links(ctx context.Context, s *probe.Session, name string, rrtype uint16) bool {
	return rrtype == dns.TypeDS || rrtype == dns.TypeNS && name != c.Zone ||
		over(ctx, s, c.Zone, name).glues(name, rrtype)
}

// Edited returns records of today after the change's edits of their name.
func (c *Change) Edited(set []dns.RR, name string, rrtype uint16) []dns.RR {
	if c.Whole && name != c.Zone {
		set = nil
	}
	for _, e := range c.Edits {
		if e.Name == name {
			set = edited(set, []change.Edit{e}, rrtype)
		}
	}
	return set
}

// Delegation returns today's DS records of a name, the NS records that delegate it, or the addresses with which the
// delegation comes, as the zone above has them; known means that it said so.
func Delegation(ctx context.Context, s *probe.Session, zone, name string, rrtype uint16) (set []dns.RR, known bool) {
	if rrtype != dns.TypeDS {
		o := over(ctx, s, zone, name)
		switch {
		case o.glues(name, rrtype):
			return glueOf(o.zone, name, rrtype), true
		case o.name == name && o.zone != nil:
			return nsOf(o.zone), true
		}
		return nil, s.Lookup(ctx, name, dns.TypeSOA).Known()
	}
	at, above := placeOf(ctx, s, zone)
	if name != zone {
		above = at
	}
	if above == nil {
		return nil, false
	}
	x, _ := s.AskZone(ctx, above, name, dns.TypeDS)
	return x.Records(name, dns.TypeDS), x != nil
}
