package observe

import (
	"context"
	"slices"
	"strings"

	"domdoc/checks/probe/exchange"

	"github.com/miekg/dns"

	"domdoc/catalog"
	"domdoc/catalog/causes"
	"domdoc/catalog/sanitize"
	"domdoc/checks/dnsname"
	"domdoc/checks/probe"
)

// RejectedAnswer is a query whose answer validating resolvers reject although the zone validates.
type RejectedAnswer struct {
	Zone       string // the zone that answers
	Name, Type string
	Role       catalog.Role
	Refusing   []string // resolvers that reject the answer, but return it without validation
	Accepting  []string // resolvers that return the answer
	Hint       string   // the extended DNS error of a resolver
	Fault      causes.DenialFault
	Detail     string // the fault in the zone's own answers; empty if none was found there
	Evidence   []*exchange.Exchange
	// Faulty are the servers with the fault and Right those without, if no resolver refuses the answer.
	Faulty, Right []string
}

// roleQuestion is a query, and the role of the record that it is about.
type roleQuestion struct {
	question
	role catalog.Role
	// leaves means that the answer continues at names that may be in other zones: only a fault in the answers of the
	// zone's own servers belongs to the zone.
	leaves bool
}

// askQuestions sends the resolvers the queries that visitors and certificate authorities send about a signed zone,
// denials included. Each answer is validated by itself. Names that do not exist are not queried, since resolvers
// would cache that. In a zone above that of the host, only CAA is queried, at each name at which an authority looks.
func (f *Observations) askQuestions(ctx context.Context, d *DNSSEC, servers []NameServer, host string) {
	list := f.caaQuestions(d.Zone)
	if host == f.Host() {
		list = append(list, f.hostQuestions(ctx, d, list)...)
	}
	rejected := make([]*RejectedAnswer, len(list))
	wg := f.Session.Group()
	for i, a := range list {
		wg.Go(func() { rejected[i] = f.askQuestion(ctx, d, servers, a) })
	}
	var partly *RejectedAnswer
	wg.Go(func() { partly = f.askEachServer(ctx, d, servers, list) })
	wg.Wait()
	for _, r := range rejected {
		if r != nil {
			d.Rejected = append(d.Rejected, *r)
		}
	}
	if partly != nil && len(d.Rejected) == 0 {
		d.Rejected = append(d.Rejected, *partly)
	}
}

// askEachServer asks every server of a signed zone for the first of the CAA sets that the zone denies, with signatures
// and in mixed case. It returns the fault of some servers that others do not have; nil if there is none. A fault of all
// of them shows itself at the resolvers.
func (f *Observations) askEachServer(ctx context.Context, d *DNSSEC, servers []NameServer,
	list []roleQuestion,
) *RejectedAnswer {
	i := slices.IndexFunc(list, func(a roleQuestion) bool {
		return a.rrtype == dns.TypeCAA && slices.ContainsFunc(f.CAA().Steps, func(s CAAStep) bool {
			return s.Name == a.name && s.Exchange != nil && s.Exchange.Outcome == exchange.NoData
		})
	})
	var asked []NameServer // one address of each
	for _, srv := range servers {
		if srv.State == ServerGood && !slices.ContainsFunc(asked, func(o NameServer) bool { return o.Host == srv.Host }) {
			asked = append(asked, srv)
		}
	}
	if i < 0 || len(asked) < 2 {
		return nil
	}
	q := list[i].question
	answers := make([]*exchange.Exchange, len(asked))
	wg := f.Session.Group()
	for i, srv := range asked {
		wg.Go(func() { answers[i] = f.Session.AskMixed(ctx, srv.Server, q.name, q.rrtype) })
	}
	wg.Wait()
	r := &RejectedAnswer{Zone: d.Zone, Name: q.name, Type: exchange.TypeName(q.rrtype), Role: list[i].role}
	known := &validities{}
	for i, x := range answers {
		if !x.AA() || x.Outcome != exchange.NoData || slices.Contains(d.Faulty, ServerName(x)) {
			continue
		}
		at := &DNSSEC{Zone: d.Zone}
		v := &verifier{f: f, server: asked[i].Server, zone: d.Zone, d: at, known: known}
		keys := f.keysAt(ctx, asked[i].Server, d)
		fault := f.answerFault(ctx, v, x, q, keys)
		if fault == "" {
			r.Right = append(r.Right, ServerName(x))
			continue
		}
		y := f.Session.AskSecure(ctx, asked[i].Server, q.name, q.rrtype)
		if y.AA() && y.Outcome == exchange.NoData && f.answerFault(ctx, v, y, q, keys) == "" {
			fault = causes.DenialMixedCase
		}
		r.Faulty, r.Fault = append(r.Faulty, ServerName(x)), fault
		r.Detail = at.describe()
		r.Evidence = append(r.Evidence, x, y)
	}
	if len(r.Faulty) == 0 || len(r.Right) == 0 {
		return nil
	}
	return r
}

// keysAt returns the keys of a zone that was verified, with those of one of its servers, which may have another copy
// while a key changes.
func (f *Observations) keysAt(ctx context.Context, srv exchange.Server, d *DNSSEC) []*dns.DNSKEY {
	keys := slices.Clone(d.Keys)
	for _, rr := range f.Session.AskSecure(ctx, srv, d.Zone, dns.TypeDNSKEY).Records(d.Zone, dns.TypeDNSKEY) {
		if k, ok := rr.(*dns.DNSKEY); ok {
			keys = append(keys, k)
		}
	}
	return keys
}

// caaQuestions returns the names in a zone at which an authority looks for CAA records: from the domain upwards, to
// the first that has some (RFC 8659 3). A lookup that follows a CNAME ends in another operator's zone.
func (f *Observations) caaQuestions(zone string) []roleQuestion {
	below := f.Zone().Path
	var list []roleQuestion
	for _, step := range f.CAA().Steps {
		if !step.Known || len(step.Via) > 0 || step.Exchange == nil || step.Exchange.Outcome == exchange.NXDomain ||
			!exchange.InZone(step.Name, zone) || slices.ContainsFunc(below, func(z *probe.Zone) bool {
			return len(z.Name) > len(zone) && exchange.InZone(step.Name, z.Name)
		}) {
			continue
		}
		list = append(list, roleQuestion{question{step.Name, dns.TypeCAA}, catalog.Certificate, false})
	}
	return list
}

// hostQuestions returns the queries about the host and the expected records that are not in a list.
func (f *Observations) hostQuestions(ctx context.Context, d *DNSSEC, have []roleQuestion) []roleQuestion {
	var list []roleQuestion
	host := f.Session.Authority(ctx, f.Host(), dns.TypeA)
	if x := host.First(); x != nil && x.Outcome != exchange.NXDomain && !f.Subject.Name.Wildcard &&
		exchange.InZone(f.Host(), d.Zone) {
		if host.CNAME() == "" { // behind a CNAME, the denial comes from the zone of the target
			list = append(list, roleQuestion{question{f.Host(), dns.TypeAAAA}, catalog.Routing, false})
		} else {
			a := roleQuestion{question{f.Host(), dns.TypeCNAME}, catalog.Routing, false}
			if throughDNAME(host) {
				a.rrtype, a.leaves = dns.TypeA, true // see askedType
			}
			list = append(list, a)
		}
	}
	for _, j := range f.CompareRecords() { // the propagation check sends the same queries
		if j.View == nil {
			continue
		}
		leaves := throughDNAME(j.View)
		if (j.View.Exists() || leaves && len(j.Right) > 0) && exchange.InZone(j.View.Name, d.Zone) &&
			(j.View.Type != dns.TypeCNAME || !leaves) &&
			!slices.ContainsFunc(append(slices.Clone(have), list...), func(a roleQuestion) bool {
				return a.name == j.View.Name && a.rrtype == j.View.Type
			}) {
			list = append(list, roleQuestion{question{j.View.Name, j.View.Type}, j.Role, leaves})
		}
	}
	return list
}

// askQuestion returns nil if no resolver rejects the answer.
func (f *Observations) askQuestion(ctx context.Context, d *DNSSEC, servers []NameServer, a roleQuestion,
) *RejectedAnswer {
	q := a.question
	r := &RejectedAnswer{Zone: d.Zone, Name: q.name, Type: exchange.TypeName(q.rrtype), Role: a.role}
	resolvers := f.Session.Resolvers()
	answers := make([]*exchange.Exchange, len(resolvers))
	wg := f.Session.Group()
	for i, to := range resolvers {
		wg.Go(func() { answers[i] = f.Session.Resolve(ctx, to, q.name, q.rrtype) })
	}
	wg.Wait()
	for i, x := range answers {
		switch {
		case x.Outcome.Conclusive():
			r.Accepting = append(r.Accepting, resolvers[i].String())
		case x.Outcome == exchange.ServFail:
			y := f.refused(ctx, resolvers[i], x, q)
			if y == nil {
				continue
			}
			r.Refusing = append(r.Refusing, resolvers[i].String())
			r.Evidence = append(r.Evidence, x, y)
			if ede := exchange.EDE(x.Msg); ede != "" && r.Hint == "" {
				r.Hint = sanitize.Text(ede, 120)
			}
		}
	}
	if len(r.Refusing) == 0 {
		return nil
	}
	f.explainRejection(ctx, d, servers, q, r)
	if a.leaves && r.Fault == "" {
		return nil
	}
	return r
}

// refused returns the answer that a resolver returns without validation, if it fails with validation (x), and fails
// again when repeated. Otherwise the failure is not one of DNSSEC, and it returns nil.
func (f *Observations) refused(ctx context.Context, r exchange.Server, x *exchange.Exchange, q question,
) *exchange.Exchange {
	if x.Outcome != exchange.ServFail {
		return nil
	}
	y := f.Session.ResolveUnchecked(ctx, r, q.name, q.rrtype)
	if !y.Outcome.Conclusive() || f.Session.Sample(ctx, r, q.name, q.rrtype, 1).Outcome != exchange.ServFail {
		return nil
	}
	return y
}

// explainRejection looks for the fault in the answers of the zone's own servers, with signatures, and in mixed case.
func (f *Observations) explainRejection(ctx context.Context, d *DNSSEC, servers []NameServer, q question,
	r *RejectedAnswer,
) {
	known := &validities{}
	for _, srv := range servers {
		if srv.State != ServerGood {
			continue
		}
		x := f.Session.AskSecure(ctx, srv.Server, q.name, q.rrtype)
		if !x.AA() || !x.Outcome.Conclusive() {
			continue
		}
		at := &DNSSEC{Zone: d.Zone}
		v := &verifier{f: f, server: srv.Server, zone: d.Zone, d: at, known: known}
		fault := f.answerFault(ctx, v, x, q, d.Keys)
		if fault == "" {
			y := f.Session.AskMixed(ctx, srv.Server, q.name, q.rrtype)
			if y.AA() && y.Outcome.Conclusive() && f.answerFault(ctx, v, y, q, d.Keys) != "" {
				fault, x = causes.DenialMixedCase, y
			}
		}
		if fault != "" {
			r.Fault, r.Detail = fault, at.describe()
		} else if owner := aliasFirst(x); owner != "" {
			r.Fault, r.Detail = causes.AliasBeforeDNAME, owner
		}
		if r.Fault != "" {
			r.Evidence = append(r.Evidence, x)
			return
		}
		r.Evidence = append(r.Evidence, x)
	}
}

// answerFault returns what makes an answer invalid for a validating resolver; empty if nothing does.
func (f *Observations) answerFault(ctx context.Context, v *verifier, x *exchange.Exchange, q question,
	keys []*dns.DNSKEY,
) causes.DenialFault {
	for _, s := range rrsets(x) {
		if s.rrtype == dns.TypeRRSIG || !dns.IsSubDomain(dns.Fqdn(v.zone), dns.CanonicalName(s.owner)) ||
			s.rrtype == dns.TypeNS && exchange.Bare(s.owner) != v.zone || synthesized(x, s) || v.isBelow(ctx, x, s) {
			continue
		}
		if verifySignatures(v.d, f.Session.Now(), x, s.owner, s.rrtype, s.rrs, keys, v.known) {
			return causes.DenialSignature
		}
	}
	if x.Outcome == exchange.Answered {
		return ""
	}
	return denialFault(x.Msg.Ns, q.name, q.rrtype, x.Outcome)
}

// denialFault returns what is missing in the proof that a name or type does not exist (RFC 4035 5.4, RFC 5155 8).
func denialFault(section []dns.RR, name string, rrtype uint16, o exchange.Outcome) causes.DenialFault {
	var proofs []dns.RR
	for _, rr := range section {
		switch rr.(type) {
		case *dns.NSEC, *dns.NSEC3:
			proofs = append(proofs, rr)
		}
	}
	if len(proofs) == 0 {
		return causes.DenialMissing
	}
	if o == exchange.NXDomain {
		return "" // covering names are left to the validators
	}
	name = dns.CanonicalName(name)
	for _, rr := range proofs {
		switch rr := rr.(type) {
		case *dns.NSEC:
			owner := dns.CanonicalName(rr.Hdr.Name)
			next := dns.CanonicalName(rr.NextDomain)
			// a name without records that has names below it
			empty := compareNames(owner, name) < 0 && next != name && dns.IsSubDomain(name, next)
			if owner == name && !listsType(rr.TypeBitMap, rrtype) || empty || strings.HasPrefix(owner, "*.") {
				return ""
			}
		case *dns.NSEC3:
			if rr.Match(name) && !listsType(rr.TypeBitMap, rrtype) || rr.Flags&1 != 0 || deniesWildcard(rr, name, rrtype) {
				return ""
			}
		}
	}
	return causes.DenialWrong
}

// deniesWildcard reports whether an NSEC3 record says that a wildcard above the name does not have the type.
func deniesWildcard(rr *dns.NSEC3, name string, rrtype uint16) bool {
	for up := dnsname.Parent(name); up != "" && up != "."; up = dnsname.Parent(up) {
		if rr.Match("*."+up) && !listsType(rr.TypeBitMap, rrtype) {
			return true
		}
	}
	return false
}

// listsType reports whether a type bitmap has a type, or a CNAME, which would answer for it.
func listsType(types []uint16, rrtype uint16) bool {
	return slices.Contains(types, rrtype) || slices.Contains(types, dns.TypeCNAME)
}

// compareNames compares names in canonical order (RFC 4034 6.1).
func compareNames(a, b string) int {
	x, y := dns.SplitDomainName(a), dns.SplitDomainName(b)
	slices.Reverse(x)
	slices.Reverse(y)
	return slices.Compare(x, y)
}
