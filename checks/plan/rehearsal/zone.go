package rehearsal

import (
	"slices"
	"strings"

	"domdoc/checks/dnsname"
	"domdoc/checks/plan/change"
	"domdoc/checks/probe/exchange"

	"github.com/miekg/dns"
)

// commonTypes are the types by which a name is known to exist.
var commonTypes = []uint16{
	dns.TypeA, dns.TypeAAAA, dns.TypeCNAME, dns.TypeMX, dns.TypeTXT, dns.TypeCAA, dns.TypeNS, dns.TypeSRV,
	dns.TypeHTTPS, dns.TypeTLSA,
}

// rareTypes are further types that names have.
var rareTypes = []uint16{
	dns.TypeSSHFP, dns.TypeNAPTR, dns.TypeSVCB, dns.TypePTR, dns.TypeDNAME, dns.TypeLOC, dns.TypeCERT, dns.TypeURI,
	dns.TypeSMIMEA, dns.TypeOPENPGPKEY, dns.TypeHINFO, dns.TypeRP, dns.TypeSPF,
}

// RareTypes returns further types that names have.
func RareTypes() []uint16 { return slices.Clone(rareTypes) }

// CommonTypes returns the types by which a name is known to exist.
func CommonTypes() []uint16 { return slices.Clone(commonTypes) }

// step is the answer of a zone for one name.
type step struct {
	answer, authority []dns.RR
	rcode             int
	next              string // the target of a CNAME, still to be followed; empty at the end
}

// source returns what a server of the zone answers today; nil if none does.
func (a *asker) source(name string, rrtype uint16) (*dns.Msg, error) {
	s := a.t.now
	if !a.recursive {
		return a.asIs(name, rrtype)
	}
	if a.t.moves() {
		var without *dns.Msg // as real resolvers do, it accepts that of a zone without a better server
		for _, srv := range a.t.newServers {
			ask := s.Ask
			if a.do {
				ask = s.AskSecure
			}
			x := ask(a.ctx, srv, name, rrtype)
			switch {
			case x.Msg == nil || !x.Outcome.Conclusive():
			case x.AA():
				return x.Msg.Copy(), nil
			case without == nil && (x.Outcome == exchange.Answered || x.SOA() != nil):
				without = x.Msg.Copy()
			}
		}
		return without, nil
	}
	v := s.Lookup(a.ctx, name, rrtype)
	x := v.First()
	if x == nil {
		return nil, nil
	}
	if a.do {
		x = s.AskSecure(a.ctx, exchange.Server{Host: x.Host, Addr: x.Addr, Zone: v.Zone.Name}, name, rrtype)
		if x.Msg == nil {
			return nil, nil
		}
	}
	if v.Zone != nil && !exchange.InZone(a.t.change.Zone, v.Zone.Name) { // of a zone below, which does not change
		return a.asIs(name, rrtype)
	}
	return x.Msg.Copy(), nil
}

// affected reports whether the change can alter the answers for a name.
func (a *asker) affected(name string) bool {
	if a.t.change.Whole || len(a.t.edits[name]) > 0 || len(a.t.change.Open) > 0 {
		return true
	}
	for edited := range a.t.edits {
		if a.t.shaped && exchange.InZone(name, edited) && edited != a.t.change.Zone { // it was hidden
			return true
		}
		if exchange.InZone(edited, name) && name != a.t.change.Zone { // it exists with the names below it
			return true
		}
		if above, isWildcard := strings.CutPrefix(edited, "*."); isWildcard && name != above &&
			exchange.InZone(name, above) {
			return true
		}
	}
	return a.encloserChanges(name)
}

// step answers for one name of the zone. It returns nil where no server answers.
func (a *asker) step(name string, rrtype uint16) (*step, error) {
	if err := a.unknown(name, rrtype); err != nil {
		return nil, err
	}
	if name == a.t.change.Zone && (rrtype == dns.TypeDNSKEY || rrtype == dns.TypeSOA) || !a.affected(name) {
		return a.unchanged(name, rrtype)
	}
	set, err := a.after(name, rrtype)
	if err != nil {
		return nil, err
	}
	if len(set) > 0 {
		return &step{answer: a.signed(set)}, nil
	}
	if out, err := a.alias(name, name, rrtype); out != nil || err != nil {
		return out, err
	}
	is, err := a.presence(name)
	if err != nil {
		return nil, err
	}
	if is != present {
		out, err := a.wildcard(name, rrtype)
		if err == nil && out != nil && len(out.answer) > 0 && is == doubtful {
			err = mayStay(name)
		}
		if out != nil || err != nil {
			return out, err
		}
	}
	// a name that may stay for others below it has no record of its own; one whose last record goes is mostly a leaf
	return a.denial(name, rrtype, is == present || is == doubtful && len(a.t.edits[name]) == 0)
}

// alias answers with the CNAME of owner, which is name or the wildcard that covers it.
func (a *asker) alias(owner, name string, rrtype uint16) (*step, error) {
	if rrtype == dns.TypeCNAME {
		return nil, nil
	}
	set, err := a.after(owner, dns.TypeCNAME)
	if err != nil || len(set) == 0 {
		return nil, err
	}
	set = renamed(set, name)
	return &step{answer: a.signed(set), next: exchange.Bare(set[0].(*dns.CNAME).Target)}, nil
}

// wildcard answers for a name that does not exist by the wildcard of its closest encloser (RFC 4592 3.3.1).
func (a *asker) wildcard(name string, rrtype uint16) (*step, error) {
	doubt := "" // a name that may stay, and hides the wildcard then
	for up := dnsname.Parent(name); exchange.InZone(up, a.t.change.Zone); up = dnsname.Parent(up) {
		is, err := a.presence(up)
		if err != nil {
			return nil, err
		}
		if is != present {
			if is == doubtful {
				doubt = up
			}
			continue
		}
		owner := "*." + up
		if err := a.unknown(owner, rrtype); err != nil {
			return nil, err
		}
		set, err := a.after(owner, rrtype)
		if err != nil {
			return nil, err
		}
		var out *step
		if len(set) > 0 {
			out = &step{answer: a.signed(renamed(set, name))}
		} else if out, err = a.alias(owner, name, rrtype); err != nil {
			return nil, err
		}
		if out == nil { // it may have records of other types
			if has, err := a.has(owner, commonTypes); err != nil || !has {
				return nil, err
			}
			if out, err = a.denial(name, rrtype, true); err != nil {
				return nil, err
			}
		}
		if doubt != "" {
			return nil, mayStay(doubt)
		}
		return out, nil
	}
	return nil, nil
}

// unchanged is the answer of today, as far as the first CNAME.
func (a *asker) unchanged(name string, rrtype uint16) (*step, error) {
	m, err := a.source(name, rrtype)
	if err != nil || m == nil {
		return nil, err
	}
	if a.t.keys != nil && rrtype == dns.TypeDNSKEY && name == a.t.change.Zone {
		a.t.keys.addKey(m)
	}
	return stepOf(m, name, rrtype), nil
}

// stepOf takes the part of an answer that is about one name.
func stepOf(m *dns.Msg, name string, rrtype uint16) *step {
	out := &step{authority: m.Ns, rcode: m.Rcode}
	for _, rr := range m.Answer {
		if exchange.SameName(rr.Header().Name, name) || rr.Header().Rrtype == dns.TypeDNAME {
			out.answer = append(out.answer, rr)
			if c, ok := rr.(*dns.CNAME); ok && rrtype != dns.TypeCNAME {
				out.next = exchange.Bare(c.Target)
			}
		} else if sig, ok := rr.(*dns.RRSIG); ok && sig.TypeCovered == dns.TypeDNAME {
			out.answer = append(out.answer, rr)
		}
	}
	if out.next != "" {
		out.authority, out.rcode = nil, dns.RcodeSuccess
	} else if len(out.answer) > 0 {
		out.authority = nil
	}
	return out
}

// after returns an RRset after the change.
func (a *asker) after(name string, rrtype uint16) ([]dns.RR, error) {
	var set []dns.RR
	if !a.t.change.Whole || name == a.t.change.Zone && (rrtype == dns.TypeNS || rrtype == dns.TypeSOA) {
		var err error
		if set, err = a.explicit(name, rrtype); err != nil {
			return nil, err
		}
	}
	for _, e := range a.t.edits[name] {
		if e.Type != rrtype && e.Type != 0 {
			continue
		}
		if e.Alias != "" {
			e.RRs = a.aliased(name, rrtype, e.Alias)
		}
		set = apply(set, e)
	}
	return set, nil
}

// aliased returns the records with which an alias of the DNS host answers: those at the end of its target's CNAMEs.
func (a *asker) aliased(name string, rrtype uint16, target string) []dns.RR {
	in := *a
	in.aliases = append(slices.Clone(a.aliases), name)
	if len(in.aliases) > maxAliases || slices.Contains(in.aliases, target) {
		return nil
	}
	at := target
	for range exchange.MaxHops {
		if !exchange.InZone(at, a.t.change.Zone) || in.cutOf(at, rrtype) != nil {
			break
		}
		next, err := in.stepBelow(at, rrtype)
		if err != nil || next == nil {
			return nil
		}
		if next.next == "" {
			return renamed(slices.DeleteFunc(slices.Clone(next.answer), func(rr dns.RR) bool {
				return rr.Header().Rrtype != rrtype
			}), name)
		}
		at = next.next
	}
	end := a.t.now.Follow(a.ctx, at, rrtype).End()
	x := end.Answers.First()
	if x == nil {
		return nil
	}
	return renamed(x.Records(end.Name, rrtype), name)
}

// maxAliases bounds aliases of aliases: DNS hosts follow few.
const maxAliases = 4

// explicit returns the records that a name has itself today, rather than from a wildcard.
func (a *asker) explicit(name string, rrtype uint16) ([]dns.RR, error) {
	if rrtype == dns.TypeDS && name != a.t.change.Zone {
		return a.t.dsAt(a.ctx, name), nil
	}
	if a.t.hidden(a.ctx, name) {
		return nil, nil
	}
	set, err := a.records(name, rrtype)
	above, isWildcard := strings.CutPrefix(name, "*.")
	if err != nil || len(set) == 0 || name == a.t.change.Zone || above == a.t.change.Zone {
		return set, err
	}
	if slices.ContainsFunc(a.t.edits[name], func(e change.Edit) bool { return e.Op == change.Remove }) {
		return set, nil // it is known to be there
	}
	own, beside := name, a.t.now.RandomSibling(name)
	random := beside
	if isWildcard { // it answers for what is beside it, and does not exist unless the name above it does
		own, beside = above, a.t.now.RandomSibling(above)
		random = "*." + beside
	}
	wild, err := a.records(random, rrtype)
	if err != nil {
		return nil, err
	}
	if !sameData(set, wild) {
		return set, nil
	}
	if exists, err := a.encloses(name, rrtype, wild); err != nil || exists {
		return set, err
	}
	if differs, err := a.differs(own, beside); err != nil || !differs {
		return nil, err
	}
	return set, nil
}

// differs reports whether a name has other records than a random one beside it: then no wildcard answers for it.
func (a *asker) differs(name, beside string) (bool, error) {
	for _, t := range commonTypes {
		x, err := a.records(name, t)
		if err != nil {
			return false, err
		}
		y, err := a.records(beside, t)
		if err != nil {
			return false, err
		}
		if !sameData(x, y) {
			return true, nil
		}
	}
	return false, nil
}

// records returns the records of a name and type in the answer of today.
func (a *asker) records(name string, rrtype uint16) ([]dns.RR, error) {
	m, err := a.source(name, rrtype)
	if err != nil || m == nil {
		return nil, err
	}
	var out []dns.RR
	for _, rr := range m.Answer {
		if h := rr.Header(); h.Rrtype == rrtype && exchange.SameName(h.Name, name) {
			out = append(out, rr)
		}
	}
	return out, nil
}

// denial is the negative answer for a name.
func (a *asker) denial(name string, rrtype uint16, exists bool) (*step, error) {
	m := new(dns.Msg)
	if !a.t.hidden(a.ctx, name) {
		var err error
		if m, err = a.source(name, rrtype); err != nil || m == nil {
			return nil, err
		}
	}
	out := &step{}
	for _, rr := range m.Ns {
		if soa, ok := rr.(*dns.SOA); ok {
			out.authority = append(out.authority, soa)
		}
	}
	if len(out.authority) == 0 { // there are records today
		out.authority = a.t.now.Lookup(a.ctx, a.t.change.Zone, dns.TypeSOA).First().Records(a.t.change.Zone, dns.TypeSOA)
	}
	out.authority = a.signed(out.authority)
	if !exists {
		out.rcode = dns.RcodeNameError
	}
	return out, nil
}

// signed adds signatures if they were requested and the zone is signed: its host signs what it publishes.
func (a *asker) signed(set []dns.RR) []dns.RR {
	if a.t.keys == nil || !a.do || len(set) == 0 {
		return set
	}
	return a.t.keys.sign(set)
}

// apply returns an RRset after one edit.
func apply(set []dns.RR, e change.Edit) []dns.RR {
	ttl := uint32(defaultTTL)
	if len(set) > 0 {
		ttl = set[0].Header().Ttl
	}
	if e.TTL != nil {
		ttl = *e.TTL
	}
	switch e.Op {
	case change.Add:
		set = slices.Clone(set)
		if len(e.RRs) > 0 && e.RRs[0].Header().Rrtype == dns.TypeCNAME {
			set = nil // there is one CNAME at a name, and a new one replaces it
		}
		for _, rr := range e.RRs {
			if !slices.ContainsFunc(set, func(o dns.RR) bool { return sameRecord(o, rr) }) {
				set = append(set, rr)
			}
		}
	case change.Replace:
		set = slices.Clone(e.RRs)
	case change.Remove:
		if len(e.RRs) == 0 {
			return nil
		}
		return slices.DeleteFunc(slices.Clone(set), func(o dns.RR) bool {
			return slices.ContainsFunc(e.RRs, func(rr dns.RR) bool { return sameRecord(o, rr) })
		})
	}
	for i, rr := range set { // an RRset has one TTL (RFC 2181 5.2)
		set[i] = dns.Copy(rr)
		set[i].Header().Ttl = ttl
	}
	return set
}

// sameRecord reports whether two records have the same data. How a text is split into strings does not matter: people
// give it in one, and software joins them (RFC 7208 3.3).
func sameRecord(a, b dns.RR) bool {
	if a.Header().Rrtype == dns.TypeTXT && b.Header().Rrtype == dns.TypeTXT {
		return exchange.SameName(a.Header().Name, b.Header().Name) && exchange.RData(a) == exchange.RData(b)
	}
	return dns.IsDuplicate(a, b)
}

// defaultTTL is that of a new RRset whose TTL is not given, as most DNS hosts have it.
const defaultTTL = 300

// renamed returns copies of records with another owner.
func renamed(set []dns.RR, name string) []dns.RR {
	out := make([]dns.RR, len(set))
	for i, rr := range set {
		out[i] = dns.Copy(rr)
		out[i].Header().Name = dns.Fqdn(name)
	}
	return out
}

// sameData reports whether two RRsets have the same data, whatever their owners and TTLs.
func sameData(a, b []dns.RR) bool {
	if len(a) != len(b) {
		return false
	}
	return !slices.ContainsFunc(a, func(rr dns.RR) bool {
		return !slices.ContainsFunc(b, func(o dns.RR) bool { return exchange.RData(rr) == exchange.RData(o) })
	})
}
