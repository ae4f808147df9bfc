package observe

import (
	"cmp"
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"domdoc/checks/probe/exchange"

	"domdoc/catalog/causes"
	"domdoc/catalog/hosts"
	"domdoc/checks/dnsname"
	"domdoc/checks/probe"
	"domdoc/checks/rdata"

	"github.com/miekg/dns"
	"golang.org/x/net/idna"
)

// maxCandidates is the maximum number of names that are searched for a misplaced record.
const maxCandidates = 14

// candidate is a name where a record might have been created by mistake.
type candidate struct {
	name    string
	doubled bool // the zone or host is appended twice
}

// candidates returns the names that people use by mistake: with the zone or host twice, at another level, without the
// underscore or with a hyphen instead. host is the attached domain, zone its apex. The expected name itself is not
// included.
func candidates(name, host, zone string) []candidate {
	var out []candidate
	add := func(n string, doubled bool) {
		if n == "" || n == name || len(n) > dnsname.MaxLength || slices.ContainsFunc(out, func(p candidate) bool {
			return p.name == n
		}) {
			return
		}
		if zone != "" && n != zone && !strings.HasSuffix(n, "."+zone) {
			return // outside the zone
		}
		out = append(out, candidate{n, doubled})
	}
	for _, other := range spellings(name) {
		add(other, false)
	}
	label := strings.TrimSuffix(name, "."+host) // "_verify"; the whole name when it is not below the host
	if name == host {
		label = ""
	}
	below := label != "" && label != name

	add(name+"."+zone, true)
	if host != zone {
		add(name+"."+host, true)
	}
	if below {
		add(label+"."+zone+"."+zone, true)
		if host != zone {
			add(label+"."+zone, false)
		}
		add(label+".www."+host, false)
		if strings.HasPrefix(host, "www.") {
			add(label+"."+strings.TrimPrefix(host, "www."), false)
		}
		if rest, ok := strings.CutPrefix(label, "_"); ok {
			add(rest+"."+host, false)
			add("-"+rest+"."+host, false)
		} else {
			add("_"+label+"."+host, false)
		}
		add(host, false)
		for up := dnsname.Parent(host); up != "" && (up == zone || strings.HasSuffix(up, "."+zone)); up = dnsname.Parent(up) {
			if up != zone {
				add(label+"."+up, false)
			}
			add(up, false)
		}
		add("www."+host, false)
	} else {
		add("www."+name, false)
		if rest, ok := strings.CutPrefix(name, "www."); ok {
			add(rest, false)
		}
		if up := dnsname.Parent(name); up == zone || strings.HasSuffix(up, "."+zone) {
			add(up, false)
		}
	}
	return out[:min(len(out), maxCandidates)]
}

// spellings returns other encodings of an internationalized name that people enter: with ss for ß, as in IDNA2003,
// and raw UTF-8, which some panels do not convert.
func spellings(name string) []string {
	labels := strings.Split(name, ".")
	var older, raw []string
	for _, l := range labels {
		u, err := idna.Punycode.ToUnicode(l)
		if err != nil {
			return nil
		}
		old, err := idna.Punycode.ToASCII(strings.NewReplacer("ß", "ss", "ς", "σ").Replace(u))
		if err != nil {
			return nil
		}
		older, raw = append(older, old), append(raw, escaped(u))
	}
	if strings.Join(raw, ".") == name {
		return nil
	}
	return []string{strings.Join(older, "."), strings.Join(raw, ".")}
}

// escaped returns a label in zone file format (RFC 1035 5.1).
func escaped(label string) string {
	var b strings.Builder
	for _, c := range []byte(label) {
		if c > 0x20 && c < 0x7f {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, `\%03d`, c)
		}
	}
	return b.String()
}

// findMisplaced searches for the expected value at names where people create it by mistake, in two types, at one
// authoritative server. A random sibling of each name is the control for wildcards. It reports at most one name.
func (f *Observations) findMisplaced(ctx context.Context, j *RecordResult, name string) bool {
	if j.Zone == "" {
		return false
	}
	host := strings.TrimPrefix(f.Subject.Name.ASCII, "*.")
	types := append([]uint16{j.View.Type}, otherTypes(j.View.Type)...)
	list := candidates(name, host, j.Zone)
	type hit struct {
		candidate
		view   *probe.AuthoritativeAnswers
		value  string
		detail string
	}
	hits := make([]*hit, len(list)*len(types))
	wg := f.Session.Group()
	for i, p := range list {
		for k, t := range types {
			wg.Go(func() {
				v := f.Session.Lookup(ctx, p.name, t)
				for _, seen := range v.Values() {
					detail, same := f.recognize(j, t, seen)
					if !same {
						continue
					}
					if wild, _ := f.Session.Wildcard(ctx, v); wild {
						return
					}
					hits[i*len(types)+k] = &hit{p, v, seen, detail}
					return
				}
			})
		}
	}
	wg.Wait()
	for _, h := range hits {
		if h == nil {
			continue
		}
		args := causes.MisplacedValue{
			Record: j.Record, At: h.name, AtType: exchange.TypeName(h.view.Type), Seen: h.value,
			Detail: h.detail,
		}
		evidence := append(h.view.Good(), j.Other...)
		if h.doubled {
			j.find(causes.RecordNameDoubled.With(args), evidence...)
		} else {
			j.find(causes.RecordWrongName.With(args), evidence...)
		}
		return true
	}
	return false
}

// recognize reports whether a value at another name is the expected one, possibly with a mistake of its own, which
// detail describes.
func (f *Observations) recognize(j *RecordResult, at uint16, seen string) (detail string, same bool) {
	if f.matches(j, seen) {
		return "", true
	}
	if at != j.View.Type {
		return "", looseMatch(seen, j.Value)
	}
	switch kind, detail := rdata.Diagnose(j.Type, seen, j.Value, "", j.Zone); kind {
	case rdata.NoMistake, rdata.Related:
		return "", false
	case rdata.Quoted, rdata.Spaced, rdata.Unquoted, rdata.Truncated, rdata.ZoneAppended, rdata.URLAsTarget:
		return detail, true
	}
	return "", false
}

// findOtherDelegation looks for a missing record outside the delegated zone: at a DNS host that the delegation does
// not list, or above a zone cut.
func (f *Observations) findOtherDelegation(ctx context.Context, j *RecordResult, name string) {
	if f.findWrongHost(ctx, j, name) {
		return
	}
	z := j.View.Zone
	above := j.View.Delegation.Zone
	if z == nil || z == above || z.Name == above.Name || SharesAny(z.Hosts(), above.Hosts()) {
		return
	}
	// The tenant's zone delegates the name to other servers, so records created above the cut are never seen.
	if n := len(j.View.Zones); n > 1 {
		above = j.View.Zones[n-2]
	}
	args := causes.DelegationZoneCutArgs{
		Zone: z.Name, Parent: above.Name, ChildNS: z.Hosts(), Record: j.Record,
		Cut: causes.Cut{
			Zone: above.Name, Name: z.Name, Host: hosts.DNSHostOf(above.Hosts()), Signed: f.SignedCut(ctx, above, z.Name),
		},
		PerZone: j.Zone == z.Name && hosts.ServersPerZone(j.Record.Host),
	}
	// queried separately, so that the evidence does not depend on which check found the cut first
	cut := f.Session.AskReferral(ctx, above, name, j.View.Type)
	if cut == nil {
		cut = z.Referral
	}
	j.suspect(causes.DelegationZoneCut.With(args), append([]*exchange.Exchange{cut}, j.Other...)...)
}

// MaxOtherServers is the maximum number of servers outside the delegation that are queried.
const MaxOtherServers = 6

// findWrongHost queries known servers that are not in the delegation: those named by the zone, its SOA or the
// service, and those that resolvers have cached.
func (f *Observations) findWrongHost(ctx context.Context, j *RecordResult, name string) bool {
	z := f.Zone()
	if z.Zone == nil {
		return false
	}
	for _, ns := range f.otherServers(ctx, z) {
		addrs, err := f.Session.HostAddrs(ctx, ns)
		if err != nil {
			continue
		}
		for _, srv := range f.Session.Askable(ServersAt(ns, addrs)) {
			x := f.Session.Ask(ctx, srv, name, j.View.Type)
			if !x.AA() || !f.holds(ctx, j, x, name, j.View.Type) && x.CNAME(name) != rdata.Target(j.Value) {
				continue
			}
			other := hosts.DNSHostOf([]string{ns})
			args := causes.DelegationWrongHostArgs{
				Zone: z.Zone.Name, ParentNS: z.ParentNS, Good: []string{ns}, Record: j.Record,
				Host: cmp.Or(z.DNSHost, strings.Join(z.ParentNS, ", ")), Other: cmp.Or(other, ns),
			}
			args.Lacks = f.lacking(ctx, z, srv)
			j.find(causes.DelegationWrongHost.With(args), append([]*exchange.Exchange{x}, j.Other...)...)
			return true
		}
	}
	return false
}

// lacking returns the names in use in the zone that a candidate server does not have, so that a switch to it now
// would break them.
func (f *Observations) lacking(ctx context.Context, z *Delegation, srv exchange.Server) []string {
	type question struct {
		name   string
		rrtype uint16
	}
	ask := []question{
		{f.Host(), dns.TypeA},
		{z.Zone.Name, dns.TypeA},
		{z.Zone.Name, dns.TypeMX},
		{"www." + z.Zone.Name, dns.TypeA},
	}
	missing := make([]bool, len(ask))
	wg := f.Session.Group()
	for i, q := range ask {
		wg.Go(func() {
			v := f.Session.Lookup(ctx, q.name, q.rrtype)
			if wild, _ := f.Session.Wildcard(ctx, v); wild || v.First() == nil || v.First().Outcome != exchange.Answered {
				return
			}
			x := f.Session.Ask(ctx, srv, q.name, q.rrtype)
			missing[i] = x.Outcome == exchange.NXDomain || x.Outcome == exchange.NoData
		})
	}
	wg.Wait()
	var out []string
	for i, q := range ask {
		if name := q.name + " " + exchange.TypeName(q.rrtype); missing[i] && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

// otherServers returns name servers that a source other than the registry names for the zone, the likeliest first.
func (f *Observations) otherServers(ctx context.Context, z *Delegation) []string {
	var out []string
	add := func(names ...string) {
		for _, ns := range names {
			if ns != "" && !slices.Contains(z.ParentNS, ns) && !slices.Contains(out, ns) && len(out) < MaxOtherServers {
				out = append(out, ns)
			}
		}
	}
	if f.Subject.Domain != nil {
		for _, ns := range f.Subject.Domain.Nameservers {
			add(rdata.Target(ns))
		}
	}
	add(z.ChildNS...)
	resolvers := f.Session.Resolvers()
	remembered := make([][]string, len(resolvers))
	wg := f.Session.Group()
	for i, r := range resolvers {
		wg.Go(func() {
			remembered[i] = f.Session.Resolve(ctx, r, z.Zone.Name, dns.TypeNS).Values(z.Zone.Name, dns.TypeNS)
		})
	}
	wg.Wait()
	for _, list := range remembered {
		add(list...)
	}
	for _, s := range z.Good() {
		for _, rr := range s.SOA.Records(z.Zone.Name, dns.TypeSOA) {
			add(exchange.Bare(rr.(*dns.SOA).Ns))
		}
	}
	return out
}

// ServersAt returns a server for each address of a host.
func ServersAt(host string, addrs []netip.Addr) []exchange.Server {
	var out []exchange.Server
	for _, a := range addrs {
		out = append(out, exchange.Server{Host: host, Addr: netip.AddrPortFrom(a, 53)})
	}
	return out
}
