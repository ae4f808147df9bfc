package move

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"

	"domdoc/catalog/hosts"
	"domdoc/catalog/lazyregexp"
	"domdoc/catalog/moving"
	"domdoc/checks/dnsname"
	"domdoc/checks/probe/exchange"

	"github.com/miekg/dns"
)

// compare compares the answers to one question. Servers of one set may differ, by place or because one is behind: an
// answer of a new server that any old one gives is as before.
func (c *comparison) compare(q question, b *both, known bool) {
	for _, o := range b.old {
		c.out.TTLs.Longest = max(c.out.TTLs.Longest, seconds(o.ttl))
	}
	if len(c.new) == 0 {
		return // only the TTLs are of use
	}
	if len(b.old) == 0 || len(b.new) == 0 {
		set := "new"
		if len(b.old) == 0 {
			set = "old"
		}
		phrase := exchange.NotAsked.Phrase()
		if len(b.failed) > 0 {
			phrase = b.failed[0].Outcome.Phrase()
		}
		c.unjudged(moving.Unanswered(c.owner(q.name), exchange.TypeName(q.rrtype), set, phrase))
		return
	}
	c.out.Compared++
	var others []answer
	for _, n := range b.new {
		if !slices.ContainsFunc(b.old, func(o answer) bool { return o.key() == n.key() }) && !c.varies(q, b.old, n) {
			others = append(others, n)
		}
	}
	if len(others) == 0 {
		c.compareTTL(q, b)
		return
	}
	wildcard, folded := c.wildcardOf(q, b, known)
	if folded {
		return
	}
	for i, n := range others {
		if slices.ContainsFunc(others[:i], func(o answer) bool { return o.key() == n.key() }) {
			continue
		}
		d, ok := c.differ(q, b.old[0], n)
		if !ok {
			continue
		}
		d.Wildcard = wildcard
		if len(others) < len(b.new) || slices.ContainsFunc(others, func(o answer) bool { return o.key() != n.key() }) {
			for _, o := range others {
				if o.key() == n.key() {
					d.Servers = append(d.Servers, o.x.Server())
				}
			}
		}
		c.add(d)
	}
}

// varies reports whether the old servers answer with different addresses, by place or by chance, of which the new
// answer has some too.
func (c *comparison) varies(q question, old []answer, n answer) bool {
	if q.rrtype != dns.TypeA && q.rrtype != dns.TypeAAAA || n.alias != "" || n.cut != "" {
		return false
	}
	var all []string
	differ := false
	for _, o := range old {
		all = append(all, o.values...)
		differ = differ || o.key() != old[0].key()
	}
	strange := without(n.values, all)
	if !differ || len(n.values) == 0 || len(strange) == len(n.values) {
		return false
	}
	if len(strange) > 0 {
		c.unjudged(moving.Varies(c.owner(q.name), exchange.TypeName(q.rrtype)))
	}
	return true
}

// add adds a difference, unless it is known from another question about the name.
func (c *comparison) add(d Difference) {
	if !slices.ContainsFunc(c.out.Differences, func(o Difference) bool {
		return o.Name == d.Name && o.Type == d.Type && slices.Equal(o.Old, d.Old) && slices.Equal(o.New, d.New)
	}) {
		c.out.Differences = append(c.out.Differences, d)
	}
}

// maxTTL is what a TTL should be at most, in seconds.
const maxTTL = 86400

// compareTTL compares the TTLs of equal answers. Only a very long one is worth mentioning.
func (c *comparison) compareTTL(q question, b *both) {
	o, n := b.old[0], b.new[0]
	if n.none() || n.ttl <= maxTTL || n.ttl <= o.ttl {
		return
	}
	d := c.difference(q, moving.TTL, o, n)
	d.Why = moving.SlowTTL(n.ttl)
	c.add(d)
}

// wildcardOf returns the wildcard of the old zone that answers for a name and is not at the new servers; folded is
// set if that says all, because the name is not known to be in use.
func (c *comparison) wildcardOf(q question, b *both, known bool) (wildcard string, folded bool) {
	for up := dnsname.Parent(q.name); exchange.InZone(up, c.req.Zone); up = dnsname.Parent(up) {
		beside := question{c.s.RandomSibling("x." + up), q.rrtype}
		w := c.answers[beside]
		if w == nil && len(b.old) > 0 && b.old[0].alias != "" { // an alias answers whatever the type
			beside.rrtype = dns.TypeA
			w = c.answers[beside]
		}
		if w == nil || beside.name == q.name || len(w.old) == 0 || len(w.new) == 0 {
			continue
		}
		if b.old[0].key() == w.old[0].key() && b.new[0].key() == w.new[0].key() && !(b.old[0].none() && known) {
			wildcard = "*." + up
		}
	}
	return wildcard, wildcard != "" && !known
}

func (c *comparison) difference(q question, kind moving.Kind, o, n answer) Difference {
	return Difference{
		Name: c.owner(q.name), Type: exchange.TypeName(q.rrtype), Kind: kind, Old: o.shown(q.rrtype),
		New:    n.shown(q.rrtype),
		OldTTL: o.ttl, NewTTL: n.ttl, Evidence: []*exchange.Exchange{o.x, n.x}, rrtype: q.rrtype,
	}
}

// differ returns the difference of two answers; ok is false if they lead to the same.
func (c *comparison) differ(q question, o, n answer) (d Difference, ok bool) {
	switch {
	case o.cut != "" || n.cut != "":
		return c.differCut(q, o, n)
	case o.alias != "" && n.alias != "":
		d = c.difference(question{q.name, dns.TypeCNAME}, moving.Other, o, n)
		d.Matters, d.Breaks = true, breaks(q.name, c.req.Zone, dns.TypeCNAME, nil)
		return d, true
	case o.alias != "" && n.none():
		return c.lost(q, o, n)
	case o.alias != "" || n.alias != "":
		return c.differAlias(q, o, n)
	case n.none():
		return c.missing(q, o, n)
	case o.none():
		return c.extra(q, o, n), true
	}
	return c.differValues(q, o, n)
}

// missing is an RRset that the new servers lack. The absence of some records is harmless.
func (c *comparison) missing(q question, o, n answer) (Difference, bool) {
	d := c.difference(q, moving.Missing, o, n)
	switch {
	case (q.rrtype == dns.TypeHTTPS || q.rrtype == dns.TypeSVCB) && (!aliasMode(o.values) || c.hasAddress(q.name, n)):
		d.Why = moving.NoHint
		return d, true
	case q.rrtype == dns.TypeTXT && strings.HasPrefix(q.name, "_acme-challenge."):
		d.Why = moving.OldChallenge
		return d, true
	case q.rrtype == dns.TypeDS:
		d.Why = moving.NoDSBelow
		return d, true
	}
	if proxy := hosts.ProxyOf(addresses(o.values)); proxy != "" && c.hasAddress(q.name, n) {
		c.unjudged(moving.Proxied(d.Name, proxy, true)) // a proxy has addresses of both families, whatever is behind it
		return d, false
	}
	d.Matters, d.Breaks = true, breaks(q.name, c.req.Zone, q.rrtype, o.values)
	return d, true
}

// hasAddress reports whether the server of an answer has any address or alias at a name.
func (c *comparison) hasAddress(name string, n answer) bool {
	return slices.ContainsFunc([]uint16{dns.TypeA, dns.TypeAAAA}, func(t uint16) bool {
		b := c.answers[question{name, t}]
		return b != nil && slices.ContainsFunc(b.new, func(a answer) bool {
			return a.x.Addr == n.x.Addr && !a.none()
		})
	})
}

// differCut compares delegations of zones below.
func (c *comparison) differCut(q question, o, n answer) (Difference, bool) {
	cut := cmp.Or(o.cut, n.cut)
	d := c.difference(question{cut, dns.TypeNS}, moving.Other, o, n)
	d.Matters, d.Breaks = true, moving.Delegation
	switch {
	case n.cut == "":
		d.Kind, d.New, d.NewTTL = moving.Missing, nil, 0
	case o.cut == "":
		d.Kind, d.Old, d.OldTTL, d.Why = moving.Extra, nil, 0, moving.NewCut
		d.Matters = !o.none()
	}
	return d, true
}

// lost is an alias that a new server lacks. Where the server has addresses in its place, that is no loss unless the
// alias leads to records of this type.
func (c *comparison) lost(q question, o, n answer) (Difference, bool) {
	if c.hasAddress(q.name, n) {
		return c.differAlias(q, o, n)
	}
	d := c.difference(question{q.name, dns.TypeCNAME}, moving.Missing, o, n)
	d.Matters, d.Breaks = true, breaks(q.name, c.req.Zone, dns.TypeCNAME, nil)
	return d, true
}

// differAlias compares an alias with records: what counts is where it leads.
func (c *comparison) differAlias(q question, o, n answer) (Difference, bool) {
	kind := moving.Other
	if o.none() {
		kind = moving.Extra
	} else if n.none() {
		kind = moving.Missing
	}
	d := c.difference(q, kind, o, n)
	before, ok1 := c.end(q, o)
	after, ok2 := c.end(q, n)
	if !ok1 || !ok2 {
		c.unjudged(moving.ChainUnknown(d.Name, d.Type))
		return d, false
	}
	address := q.rrtype == dns.TypeA || q.rrtype == dns.TypeAAAA
	if slices.Equal(before, after) {
		d.Why = moving.SameEnd("")
		return d, address && len(before) > 0
	}
	if cdn := sameCDN(before, after); cdn != "" && address {
		d.Why = moving.SameEnd(cdn)
		return d, true
	}
	if address && c.proxied(d.Name, before, after) {
		return d, false
	}
	if n.alias != "" && !o.none() && !address {
		d.Why = moving.Hidden(d.Type, n.alias)
	}
	d.Matters, d.Breaks = true, breaks(q.name, c.req.Zone, q.rrtype, append(slices.Clone(before), after...))
	if len(before) == 0 { // the alias brings records that the name did not have
		d.Matters = d.Matters && matters(q.rrtype)
	}
	return d, true
}

// end returns the values at the end of an answer's alias.
func (c *comparison) end(q question, a answer) (values []string, ok bool) {
	if a.alias == "" {
		return a.values, true
	}
	if exchange.InZone(a.alias, c.req.Zone) { // the set that answered has the target too
		v, _ := a.x.Chase(q.name, q.rrtype)
		if len(v) > 0 {
			return tidy(slices.Clone(v)), true
		}
	}
	chain := c.s.Follow(c.ctx, a.alias, q.rrtype)
	return tidy(slices.Clone(chain.Values)), chain.Known()
}

// extra is an RRset that the old servers lack. It matters at a name that is in use.
func (c *comparison) extra(q question, o, n answer) Difference {
	d := c.difference(q, moving.Extra, o, n)
	switch {
	case q.rrtype == dns.TypeDS:
		if d.Matters = !c.fitsBelow(q.name, n); d.Matters {
			d.Breaks, d.Why = moving.Delegation, moving.StrayDS
		}
	case q.rrtype == dns.TypeCAA && !allowsLess(nil, nil, n.values):
	case matters(q.rrtype) && c.inUse(q.name):
		d.Matters, d.Breaks = true, breaks(q.name, c.req.Zone, q.rrtype, n.values)
	}
	return d
}

// matters reports whether records of a type change something at a name that had none.
func matters(rrtype uint16) bool {
	switch rrtype {
	case dns.TypeA, dns.TypeAAAA, dns.TypeMX, dns.TypeCAA, dns.TypeHTTPS:
		return true
	}
	return false
}

// inUse reports whether the old servers have any record at a name.
func (c *comparison) inUse(name string) bool {
	for _, t := range hostTypes {
		if b := c.answers[question{name, t}]; b != nil &&
			slices.ContainsFunc(b.old, func(a answer) bool { return !a.none() }) {
			return true
		}
	}
	return false
}

// differValues compares two RRsets.
func (c *comparison) differValues(q question, o, n answer) (Difference, bool) {
	d := c.difference(q, moving.Other, o, n)
	lost, gained := without(o.values, n.values), without(n.values, o.values)
	switch q.rrtype {
	case dns.TypeA, dns.TypeAAAA:
		if cdn := sameCDN(o.values, n.values); cdn != "" {
			d.Why = moving.SameCDN(cdn)
			return d, true
		}
		if c.proxied(d.Name, o.values, n.values) {
			return d, false
		}
	case dns.TypeTXT:
		if len(lost) == 0 {
			if kind := doubled(o.values, gained); kind != "" {
				d.Matters, d.Breaks, d.Why = true, moving.Mail, moving.TwoPolicies(kind)
			}
			return d, true
		}
	case dns.TypeHTTPS, dns.TypeSVCB:
		if cdn := sameHints(o.values, n.values); cdn != "" {
			d.Why = moving.SameCDN(cdn)
			return d, true
		}
	case dns.TypeCAA:
		if !allowsLess(o.values, lost, gained) {
			return d, true // as many authorities may issue, or more
		}
	}
	d.Matters, d.Breaks = true, breaks(q.name, c.req.Zone, q.rrtype, append(lost, gained...))
	return d, true
}

// hint matches the address hints of an HTTPS record (RFC 9460 7.3).
var hint = lazyregexp.New(` ipv[46]hint="([^"]*)"`)

// sameHints returns the CDN to which all address hints on both sides belong, if nothing else differs; empty if not.
func sameHints(before, after []string) string {
	split := func(values []string) (rest, hints []string) {
		for _, v := range values {
			for _, m := range hint.FindAllStringSubmatch(v, -1) {
				hints = append(hints, strings.Split(m[1], ",")...)
			}
			rest = append(rest, hint.ReplaceAllString(v, ""))
		}
		return tidy(rest), hints
	}
	rest1, hints1 := split(before)
	rest2, hints2 := split(after)
	if !slices.Equal(rest1, rest2) {
		return ""
	}
	return sameCDN(hints1, hints2)
}

// proxied reports whether one set answers with addresses of a host's proxy and the other does not: then the record
// behind it is not known.
func (c *comparison) proxied(name string, before, after []string) bool {
	was, is := hosts.ProxyOf(addresses(before)), hosts.ProxyOf(addresses(after))
	if was == is || len(before) == 0 || len(after) == 0 {
		return false
	}
	c.unjudged(moving.Proxied(name, cmp.Or(was, is), was != ""))
	return true
}

func addresses(values []string) []netip.Addr {
	var out []netip.Addr
	for _, v := range values {
		if a, err := netip.ParseAddr(v); err == nil {
			out = append(out, a)
		}
	}
	return out
}

// sameCDN returns the CDN to which all addresses on both sides belong; empty if there is none.
func sameCDN(before, after []string) string {
	if len(before) == 0 || len(after) == 0 {
		return ""
	}
	all := addresses(append(slices.Clone(before), after...))
	if proxy := hosts.ProxyOf(all); proxy != "" {
		return proxy
	}
	cdn := ""
	for i, a := range all {
		if of := hosts.CDNOf(a); of == "" || i > 0 && of != cdn {
			return ""
		} else {
			cdn = of
		}
	}
	return cdn
}

func without(a, b []string) []string {
	var out []string
	for _, v := range a {
		if !slices.Contains(b, v) {
			out = append(out, v)
		}
	}
	return out
}

// breaks says what a record is for.
func breaks(name, zone string, rrtype uint16, values []string) moving.Breaks {
	label := strings.TrimSuffix(strings.TrimSuffix(name, zone), ".")
	first, _, _ := strings.Cut(label, ".")
	has := func(words ...string) bool {
		return slices.ContainsFunc(values, func(v string) bool {
			return slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(strings.ToLower(v), w) })
		})
	}
	switch {
	case rrtype == dns.TypeNS || rrtype == dns.TypeDS:
		return moving.Delegation
	case rrtype == dns.TypeCAA || strings.HasPrefix(label, "_acme-challenge"):
		return moving.Certificate
	case rrtype == dns.TypeMX, strings.HasSuffix(label, "_domainkey"), strings.Contains(label, "._domainkey."),
		slices.Contains([]string{
			"_dmarc", "_mta-sts", "mta-sts", "_smtp", "autodiscover", "autoconfig", "mail", "imap", "smtp", "pop", "pop3",
			"webmail", "mx", "mx1", "mx2", "_imaps", "_imap", "_pop3s", "_submission", "_submissions", "_autodiscover",
		}, first), rrtype == dns.TypeTXT && has("v=spf1", "v=dmarc1", "v=dkim1", "v=sts", "v=tlsrpt"):
		return moving.Mail
	case rrtype == dns.TypeSRV || rrtype == dns.TypeTLSA:
		return moving.Service
	case rrtype == dns.TypeTXT:
		return moving.Verification
	case rrtype == dns.TypeCNAME && strings.HasPrefix(label, "_"): // validation of certificates, ownership
		return moving.Verification
	case rrtype == dns.TypeA, rrtype == dns.TypeAAAA, rrtype == dns.TypeCNAME, rrtype == dns.TypeHTTPS,
		rrtype == dns.TypeSVCB, rrtype == dns.TypeDNAME:
		return moving.Web
	}
	return moving.Service
}

// sort puts what matters first, then by name and type.
func (c *comparison) sort() {
	slices.SortStableFunc(c.out.Differences, func(a, b Difference) int {
		rank := func(d Difference) int {
			if d.Matters {
				return 0
			}
			return 1
		}
		return cmp.Or(rank(a)-rank(b), strings.Compare(reversed(a.Name), reversed(b.Name)),
			strings.Compare(a.Type, b.Type))
	})
}

// reversed puts the labels of a name in reverse, so that the apex comes first and names below one another together.
func reversed(name string) string {
	labels := strings.Split(name, ".")
	slices.Reverse(labels)
	return strings.Join(labels, "\x00")
}
