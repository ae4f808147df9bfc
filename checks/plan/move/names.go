package move

import (
	"slices"
	"strings"

	"domdoc/catalog/moving"
	"domdoc/checks/dnsname"
	"domdoc/checks/probe"
	"domdoc/checks/probe/exchange"

	"github.com/miekg/dns"
)

var (
	hostTypes = []uint16{dns.TypeA, dns.TypeAAAA, dns.TypeMX, dns.TypeTXT, dns.TypeCAA, dns.TypeHTTPS}
	webTypes  = []uint16{dns.TypeA, dns.TypeAAAA}
	textTypes = []uint16{dns.TypeTXT}
	srvTypes  = []uint16{dns.TypeSRV}
	// wildTypes show a wildcard: its addresses or alias, its mail servers, its texts.
	wildTypes = []uint16{dns.TypeA, dns.TypeAAAA, dns.TypeMX, dns.TypeTXT}
	// hidden are not compared: signatures and denials are each host's own, and DNSKEY and DS are judged by themselves.
	hidden = []uint16{
		dns.TypeSOA, dns.TypeRRSIG, dns.TypeNSEC, dns.TypeNSEC3, dns.TypeNSEC3PARAM, dns.TypeDNSKEY, dns.TypeCDS,
		dns.TypeCDNSKEY, dns.TypeNone, dns.TypeANY, dns.TypeZONEMD,
	}
)

// usual are names of the kinds that most zones have, relative to the apex.
var usual = []struct {
	types []uint16
	names string
}{
	{[]uint16{dns.TypeA, dns.TypeAAAA, dns.TypeHTTPS, dns.TypeMX, dns.TypeTXT}, "www"},
	{webTypes, "mail imap pop pop3 smtp webmail mx mx1 mx2 ftp sftp ssh vpn remote cpanel autodiscover autoconfig " +
		"mta-sts enterpriseenrollment enterpriseregistration lyncdiscover sip msoid api app admin portal auth login " +
		"sso " +
		"id my account dev test staging stage demo beta preview shop store blog news docs help support status cdn " +
		"static " +
		"assets img images media files download m web git db ns1 ns2 email links"},
	{textTypes, "_dmarc _mta-sts _smtp._tls _acme-challenge _acme-challenge.www _github-challenge _amazonses _bimi " +
		"default._bimi default._domainkey google._domainkey selector1._domainkey selector2._domainkey k1._domainkey " +
		"k2._domainkey k3._domainkey s1._domainkey s2._domainkey mail._domainkey dkim._domainkey smtp._domainkey " +
		"mandrill._domainkey protonmail._domainkey protonmail2._domainkey protonmail3._domainkey fm1._domainkey " +
		"fm2._domainkey fm3._domainkey zoho._domainkey zmail._domainkey pm._domainkey mx._domainkey x._domainkey " +
		"sig1._domainkey hs1._domainkey hs2._domainkey"},
	{srvTypes, "_sip._tls _sip._tcp _sip._udp _sipfederationtls._tcp _autodiscover._tcp _imaps._tcp _imap._tcp " +
		"_pop3s._tcp _submission._tcp _submissions._tcp _caldavs._tcp _carddavs._tcp _xmpp-client._tcp " +
		"_xmpp-server._tcp " +
		"_matrix._tcp _ldap._tcp _kerberos._udp _minecraft._tcp"},
}

// maxQuestions bounds the questions to one server: those of a large zone file take half a minute.
const maxQuestions = 5000

type question struct {
	name   string
	rrtype uint16
}

// questions are what both sets are asked.
type questions struct {
	zone  string
	most  int // questions to one server
	list  []question
	seen  map[question]bool
	left  map[string]bool // names that there was no room for
	known map[string]bool // those that are in use for sure
}

func (q *questions) add(name string, types ...uint16) {
	for _, t := range types {
		one := question{name, t}
		switch {
		case q.seen[one] || slices.Contains(hidden, t) || t == dns.TypeNS && name == q.zone:
		case len(q.list) >= q.most:
			q.left[name] = true
		default:
			q.seen[one] = true
			q.list = append(q.list, one)
		}
	}
}

// queries returns what is asked, the names that were given first.
func (c *comparison) queries() *questions {
	zone := c.req.Zone
	out := &questions{
		zone: zone, most: c.most, seen: map[question]bool{}, left: map[string]bool{}, known: map[string]bool{zone: true},
	}
	add, known := out.add, out.known
	add(zone, hostTypes...)
	for _, n := range c.req.Names {
		if n = exchange.Bare(n); exchange.InZone(n, zone) {
			known[n] = true
			add(n, typesFor(n)...)
		}
	}
	types := c.req.Types
	if listed := c.transfer(); listed != nil {
		types = listed
		for n, t := range c.req.Types {
			types[n] = append(types[n], t...)
		}
	}
	for _, group := range usual {
		for n := range strings.FieldsSeq(group.names) {
			add(n+"."+zone, group.types...)
		}
	}
	names := make([]string, 0, len(types))
	for n := range types {
		names = append(names, n)
	}
	slices.Sort(names)
	for _, n := range names {
		if exchange.InZone(n, zone) && !strings.HasPrefix(n, "*.") {
			known[n] = true
			add(n, types[n]...)
		}
	}
	for _, n := range names {
		if above, ok := strings.CutPrefix(n, "*."); ok && exchange.InZone(above, zone) {
			add(c.s.RandomSibling("x."+above), types[n]...)
		}
	}
	for _, q := range slices.Clone(out.list) { // a wildcard is beside a name, or below one that is known
		if q.name != zone {
			add(c.s.RandomSibling(q.name), wildTypes...)
		}
		if known[q.name] && !strings.HasPrefix(q.name, "_") {
			add(c.s.RandomSibling("x."+q.name), wildTypes...)
		}
	}
	return out
}

// targets adds the names in the zone that the old servers' answers lead to, from the questions since the first n:
// they are in use as well.
func (c *comparison) targets(q *questions, n int) {
	for _, asked := range slices.Clone(q.list[n:]) {
		b := c.answers[asked]
		for _, a := range b.old {
			types := webTypes
			if a.alias != "" {
				types = hostTypes
			}
			for _, name := range a.targets() {
				if exchange.InZone(name, q.zone) && !strings.HasPrefix(name, "*.") {
					q.known[name] = true
					q.add(name, types...)
				}
			}
		}
	}
}

// targets are the names that an answer leads to. The servers of a zone below are not among them: their addresses are
// glue.
func (a answer) targets() []string {
	if a.alias != "" {
		return []string{a.alias}
	}
	if a.cut != "" {
		return nil
	}
	var out []string
	for _, rr := range a.x.Msg.Answer {
		target := ""
		switch rr := rr.(type) {
		case *dns.MX:
			target = rr.Mx
		case *dns.SRV:
			target = rr.Target
		case *dns.HTTPS:
			target = rr.Target
		case *dns.SVCB:
			target = rr.Target
		}
		if name := exchange.Bare(target); name != "" && name != "." {
			out = append(out, name)
		}
	}
	return out
}

// typesFor returns the types to compare at a name of which nothing else is known.
func typesFor(name string) []uint16 {
	labels := strings.SplitN(name, ".", 3)
	switch {
	case !strings.HasPrefix(name, "_"):
		return hostTypes
	case len(labels) > 1 && (labels[1] == "_tcp" || labels[1] == "_udp" || labels[1] == "_tls"):
		return []uint16{dns.TypeSRV, dns.TypeTLSA, dns.TypeTXT}
	}
	return []uint16{dns.TypeTXT, dns.TypeCNAME}
}

// owner returns the name as a report shows it: a random one stands for the wildcard.
func (c *comparison) owner(name string) string {
	if random, _, _ := strings.Cut(c.s.RandomSibling(name), "."); strings.HasPrefix(name, random+".") {
		return "*." + dnsname.Parent(name)
	}
	return name
}

// transfer asks the old servers for the whole zone, and returns the types of each name. Most refuse, which is no
// fault.
func (c *comparison) transfer() map[string][]uint16 {
	for _, srv := range c.old {
		srv.Proto = exchange.TCP
		x := c.ask(srv, c.req.Zone, dns.TypeAXFR)
		if x.Msg == nil || x.Msg.Rcode != dns.RcodeSuccess || len(x.Msg.Answer) < 2 {
			continue
		}
		out := map[string][]uint16{}
		soas := 0
		for _, rr := range x.Msg.Answer {
			name, t := exchange.Bare(rr.Header().Name), rr.Header().Rrtype
			if t == dns.TypeSOA && name == c.req.Zone {
				soas++
			}
			if exchange.InZone(name, c.req.Zone) && !slices.Contains(out[name], t) {
				out[name] = append(out[name], t)
			}
		}
		if soas > 1 { // RFC 5936 2.2: the SOA record begins and ends it
			c.out.Complete = true
		}
		return out
	}
	return nil
}

// both are the answers of two sets of servers to one question.
type both struct {
	old, new []answer
	failed   []*exchange.Exchange // that are no answers
}

// records asks both sets, and compares what they answer.
func (c *comparison) records() {
	if len(c.old) == 0 {
		return
	}
	c.out.Complete = len(c.req.Types) > 0
	q := c.queries()
	for n, round := 0, 0; n < len(q.list) && round < maxRounds; round++ {
		next := len(q.list)
		c.askAll(q.list[n:])
		c.targets(q, n)
		n = next
	}
	for _, one := range q.list {
		if c.answers[one] == nil {
			q.left[one.name] = true
		}
	}
	if len(q.left) > 0 {
		c.unjudged(moving.LeftOut(len(q.left)))
	}
	c.compareServers()
	var got []*both
	list := slices.DeleteFunc(q.list, func(one question) bool { return c.answers[one] == nil })
	for _, one := range list {
		got = append(got, c.answers[one])
		c.compare(one, c.answers[one], q.known[one.name])
	}
	c.below(got)
	c.conflicts(list)
	c.sort()
}

// maxRounds bounds how far targets of records are followed within the zone.
const maxRounds = 6

// askAll asks both sets.
func (c *comparison) askAll(list []question) {
	got := make([]*both, len(list))
	var wg probe.Group
	for i, q := range list {
		c.slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-c.slots }()
			got[i] = c.both(q)
		})
	}
	wg.Wait()
	for i, q := range list {
		c.answers[q] = got[i]
	}
}

// both asks every server of both sets one question.
func (c *comparison) both(q question) *both {
	b := &both{}
	for i, set := range [][]exchange.Server{c.old, c.new} {
		for _, srv := range set {
			x := c.s.Ask(c.ctx, srv, q.name, q.rrtype)
			a, ok := read(x, q, c.req.Zone)
			switch {
			case !ok:
				b.failed = append(b.failed, x)
			case i == 0:
				b.old = append(b.old, a)
			default:
				b.new = append(b.new, a)
			}
		}
	}
	return b
}

// answer is what one server has of a name and type.
type answer struct {
	x      *exchange.Exchange
	alias  string   // the target of a CNAME at the name, or of the DNAME above it
	cut    string   // the zone below that the name belongs to, according to this server
	values []string // sorted; of a cut, its servers
	ttl    uint32
}

func (a answer) none() bool { return a.alias == "" && a.cut == "" && len(a.values) == 0 }

// shown returns the values of a type as a report shows them.
func (a answer) shown(rrtype uint16) []string {
	if a.alias != "" && rrtype == dns.TypeCNAME {
		return []string{a.alias}
	}
	if a.alias != "" {
		return []string{"CNAME " + a.alias}
	}
	return a.values
}

func (a answer) key() string {
	return a.alias + "\x00" + a.cut + "\x00" + strings.Join(a.values, "\x00")
}

// read returns what an exchange says; ok is false if that is nothing.
func read(x *exchange.Exchange, q question, zone string) (a answer, ok bool) {
	a.x = x
	if x.Outcome == exchange.Referral {
		for _, rr := range x.Msg.Ns {
			ns, isNS := rr.(*dns.NS)
			if owner := exchange.Bare(rr.Header().Name); isNS && owner != zone && exchange.InZone(owner, zone) &&
				exchange.InZone(q.name, owner) {
				a.cut, a.ttl = owner, ns.Hdr.Ttl
				a.values = append(a.values, exchange.Bare(ns.Ns))
			}
		}
		a.values = tidy(a.values)
		return a, a.cut != ""
	}
	if !x.Outcome.Conclusive() || !x.AA() {
		return a, false
	}
	if q.rrtype != dns.TypeCNAME {
		if a.alias = x.CNAME(q.name); a.alias != "" {
			a.ttl = ttlOf(x.Records(q.name, dns.TypeCNAME))
			return a, true
		}
	}
	records := x.Records(q.name, q.rrtype)
	a.ttl = ttlOf(records)
	for _, rr := range records {
		v := exchange.RData(rr)
		switch q.rrtype {
		case dns.TypeCNAME, dns.TypeNS, dns.TypeMX, dns.TypeSRV, dns.TypePTR, dns.TypeDNAME:
			v = strings.ToLower(v)
		case dns.TypeHTTPS, dns.TypeSVCB: // the priority and the target; parameters can have paths
			f := strings.SplitN(v, " ", 3)
			f[min(1, len(f)-1)] = strings.ToLower(f[min(1, len(f)-1)])
			v = strings.Join(f, " ")
		case dns.TypeCAA: // the tag and the authority's domain; parameters can have the path of an account
			domain, rest, more := strings.Cut(v, ";")
			if v = strings.ToLower(domain); more {
				v += ";" + rest
			}
		}
		a.values = append(a.values, v)
	}
	a.values = tidy(a.values)
	if q.rrtype == dns.TypeCNAME && len(a.values) > 0 {
		a.alias, a.values = a.values[0], nil
	}
	return a, true
}

func tidy(values []string) []string {
	slices.Sort(values)
	return slices.Compact(values)
}

func ttlOf(records []dns.RR) uint32 {
	if len(records) == 0 {
		return 0
	}
	return slices.MinFunc(records, func(a, b dns.RR) int {
		return int(int64(a.Header().Ttl) - int64(b.Header().Ttl))
	}).Header().Ttl
}
