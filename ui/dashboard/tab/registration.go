package tab

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"domdoc/checks/observe"
	"domdoc/checks/result"
	"domdoc/checks/rules"
	"domdoc/checks/subject"

	"domdoc/catalog"
	"domdoc/checks/probe/registration"
	"domdoc/ui/dashboard/grid"
	"domdoc/ui/dashboard/page"
	"domdoc/ui/dashboard/theme"

	"github.com/miekg/dns"
)

// RegistrationPage shows the registration with the meaning of each status, and the delegation: the name servers, and
// DNSSEC.
func RegistrationPage(p *page.Builder, r *result.Domain, now time.Time) {
	p.Columns(func(p *page.Builder) { registrationFacts(p, r, now) }, func(p *page.Builder) {
		delegationFacts(p, r.Facts.Delegation)
		dnssecFacts(p, r.Facts.DNSSEC, now)
	})
}

func registrationFacts(p *page.Builder, r *result.Domain, now time.Time) {
	p.Head("registration")
	reg := r.Facts.Registration
	if reg == nil {
		unasked(p, r, "registration")
		return
	}
	glyph, paint := registrationGlyph(p.Th, reg.State, r.Facts.Intent)
	course := reg.Lifecycle(now)
	if over(course.Phase) && !reg.Delegated() {
		glyph, paint = p.Th.Verdict(catalog.Fail)
	}
	p.Hang(2, glyph, paint, 2, p.Th.Strong, reg.Domain+": "+catalog.RegistrationWords(string(reg.State)))
	if len(reg.Tried) == 0 || reg.State == registration.Reserved {
		fact(p, "why", reg.Reason)
	}
	if reg.RetryAfter > 0 {
		fact(p, "again", "in "+catalog.Span(reg.RetryAfter))
	}
	fact(p, "registrar", strings.TrimSpace(reg.Registrar+" "+iana(reg.RegistrarIANA)))
	fact(p, "created", dayAgo(reg.CreatedAt, now))
	fact(p, "transferred", dayAgo(reg.TransferredAt, now))
	fact(p, "updated", dayAgo(reg.UpdatedAt, now))
	expiry(p, reg.ExpiresAt, now)
	lifecycleFacts(p, course)
	if how := catalog.HowFree(reg.Domain, catalog.SaidBy{
		RDAP: string(reg.Sources.RDAP), WHOIS: string(reg.Sources.WHOIS), DNS: string(reg.Sources.DNS),
	}); how != "" {
		fact(p, "how sure", catalog.CertaintyWords(string(reg.Sources.Free()))+": "+how)
	}
	fact(p, "source", strings.TrimSpace(strings.ToUpper(reg.Source)+" "+reg.Server))
	if len(reg.Tried) > 1 || reg.State != registration.Registered { // otherwise it is the source
		for _, t := range reg.Tried {
			fact(p, "tried", t)
		}
	}
	p.Copies = append(p.Copies, page.Copyable{Label: "the registered name", Text: reg.Domain},
		page.Copyable{Label: "the registrar", Text: reg.Registrar})
	for _, x := range reg.Evidence {
		p.Copies = append(p.Copies, ExchangeCopies(x)...)
	}
	registryStatuses(p, reg.Statuses)
	if d := r.Domain; d != nil {
		p.Head("at the service")
		fact(p, "registrar", d.Registrar)
		fact(p, "expires", dayAgo(d.ExpiresAt, now))
		if d.AutoRenew != nil {
			fact(p, "auto renew", map[bool]string{true: "on", false: "off"}[*d.AutoRenew])
		}
		fact(p, "name servers", strings.Join(d.Nameservers, ", "))
		if r.Facts.Intent != "" {
			fact(p, "wanted", "to "+string(r.Facts.Intent)+" the domain")
		}
	}
}

func iana(id string) string {
	if id == "" {
		return ""
	}
	return "(IANA " + id + ")"
}

// registrationGlyph returns the glyph of a registration state: a registered name is bad news only for a tenant who
// wants to register it.
func registrationGlyph(th *theme.Theme, s registration.State, intent subject.Intent) (string, theme.Paint) {
	wanted := registration.Registered
	if intent == subject.Register {
		wanted = registration.NotRegistered
	}
	switch s {
	case registration.Unknown:
		return th.Verdict(catalog.Inconclusive)
	case wanted:
		return th.Verdict(catalog.Pass)
	}
	return th.Verdict(catalog.Fail)
}

func expiry(p *page.Builder, t, now time.Time) {
	if t.IsZero() {
		return
	}
	paint := p.Th.Plain
	switch left := t.Sub(now); {
	case left <= 0:
		paint = p.Th.Bad
	case left < rules.RegistrationSoon:
		paint = p.Th.Warning
	}
	p.Hang(2, "expires", p.Th.Faint, factLabel, paint, dayAgo(t, now))
}

// gravity orders statuses: first those that keep the name from resolving.
func gravity(status string) int {
	st, _ := catalog.FindRegistryStatus(status)
	return int(st.Resolving)
}

// registryStatuses explains each status and its effects.
func registryStatuses(p *page.Builder, list []string) {
	if len(list) == 0 {
		return
	}
	p.Head("registry status")
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b string) int { return gravity(b) - gravity(a) })
	for _, s := range list {
		st, ok := catalog.FindRegistryStatus(s)
		if !ok {
			p.Hang(2, p.Th.None, p.Th.Faint, 2, p.Th.Strong, s)
			p.Text(4, p.Th.Faint, "specific to this registry; see its documentation")
			continue
		}
		glyph, paint := p.Th.Verdict(catalog.Pass)
		var stops, risks []string
		for _, e := range []struct {
			what   string
			effect catalog.Effect
		}{{"resolving", st.Resolving}, {"attaching", st.Attaching}, {"transfer", st.Transfer}} {
			switch e.effect {
			case catalog.Prevents:
				stops = append(stops, e.what)
			case catalog.Threatens:
				risks = append(risks, e.what)
			case catalog.NoEffect:
			}
		}
		switch {
		case st.Resolving == catalog.Prevents:
			glyph, paint = p.Th.Verdict(catalog.Fail)
		case len(risks) > 0:
			glyph, paint = p.Th.Verdict(catalog.Warn)
		case len(stops) > 0: // a lock is not a fault
			glyph, paint = p.Th.None, p.Th.Plain
		}
		name := st.Name
		if st.EPP != "" && st.EPP != st.Name {
			name += " (" + st.EPP + ")"
		}
		p.Hang(2, glyph, paint, 2, p.Th.Strong, name)
		means := st.Means
		if st.Name == "pending delete" && slices.Contains(list, "redemption period") {
			means = catalog.DeletedRestorably
		}
		p.Text(4, p.Th.Plain, means+"; set by "+st.By)
		if len(stops) > 0 {
			p.Item(4, "stops", 9, p.Th.Plain, strings.Join(stops, ", "))
		}
		if len(risks) > 0 {
			p.Item(4, "at risk", 9, p.Th.Warning, strings.Join(risks, ", "))
		}
		if len(stops)+len(risks) == 0 {
			p.Item(4, "stops", 9, p.Th.Faint, "nothing: resolving, attaching and transfers work")
		}
	}
}

// delegationFacts shows the name servers: as listed by the zone above and by the zone itself, and how each answers.
func delegationFacts(p *page.Builder, z *observe.Delegation) {
	p.Head("delegation")
	if z == nil {
		p.Text(2, p.Th.Faint, "not queried")
		return
	}
	fact(p, "zone", z.Apex)
	fact(p, "DNS host", z.DNSHost)
	if z.Place != nil {
		if z.Place.Missing != "" {
			p.Hang(2, p.Th.Fail, p.Th.Bad, 2, p.Th.Plain,
				z.Place.Missing+" is not delegated: the parent zone lists no name servers for it")
		}
		fact(p, "unknown", z.Place.Unknown)
	}
	if z.Zone == nil {
		return
	}
	fact(p, "parent zone", z.Zone.Parent)
	p.Copies = append(p.Copies, page.Copyable{Label: "the name servers", Text: strings.Join(z.ParentNS, " ")})
	p.Copies = append(p.Copies, ExchangeCopies(z.Zone.Referral)...)
	rows := serverRows(p, z)
	if len(rows) > 0 {
		p.Gap()
		p.Table([]grid.Column{
			{Title: "name server", Min: 16, Grow: 2},
			{Title: "above", Min: 5, Priority: 2},
			{Title: "zone", Min: 4, Priority: 2},
			{Title: "address", Min: 9, Grow: 1, Priority: 1},
			{Title: "state", Min: 8, Grow: 3},
			{Title: "serial", Min: 6, Priority: 3, Right: true},
		}, rows)
	}
}

// serverRows returns one row for each address of each server, and for each name without one.
func serverRows(p *page.Builder, z *observe.Delegation) [][]grid.Cell {
	mark := func(list []string, name string) grid.Cell {
		if slices.Contains(list, name) {
			return grid.Cell{Text: "yes"}
		}
		return grid.Cell{Text: "no", Paint: p.Th.Warning}
	}
	inZone := func(name string) grid.Cell {
		if len(z.ChildNS) == 0 {
			return grid.Cell{Text: "?", Paint: p.Th.Faint} // no server answered
		}
		return mark(z.ChildNS, name)
	}
	var rows [][]grid.Cell
	listed := map[string]bool{}
	for _, s := range z.Servers {
		listed[s.Host] = true
		glyph, paint := p.Th.Verdict(catalog.Fail)
		serial := ""
		switch s.State {
		case observe.ServerGood:
			glyph, paint = p.Th.Verdict(catalog.Pass)
			serial = number(s.Serial)
		case observe.ServerUnasked:
			glyph, paint = p.Th.Verdict(catalog.NotRun)
		case observe.ServerUnclear:
			glyph, paint = p.Th.Verdict(catalog.Inconclusive)
		case observe.ServerLame, observe.ServerSilent:
		}
		p.Copies = append(p.Copies, ExchangeCopies(s.SOA)...)
		rows = append(rows, []grid.Cell{
			{Text: s.Host},
			mark(z.ParentNS, s.Host), inZone(s.Host),
			{Text: s.Addr.Addr().String()},
			{Text: glyph + " " + catalog.ServerWords(string(s.State)), Paint: paint},
			{Text: serial, Paint: p.Th.Faint},
		})
	}
	for _, h := range z.Zone.NS {
		if !listed[h.Name] {
			glyph, paint := p.Th.Verdict(catalog.Fail)
			if h.Failed != "" && !h.Gone {
				glyph, paint = p.Th.Verdict(catalog.Inconclusive)
			}
			listed[h.Name] = true
			rows = append(rows, []grid.Cell{
				{Text: h.Name},
				mark(z.ParentNS, h.Name), inZone(h.Name),
				{Text: ""},
				{Text: strings.TrimSpace(glyph + " " + h.Failed), Paint: paint},
				{},
			})
		}
	}
	for _, n := range z.ChildNS {
		if !listed[n] {
			rows = append(rows, []grid.Cell{
				{Text: n},
				mark(z.ParentNS, n), inZone(n),
				{},
				{Text: p.Th.None + " listed only by the zone", Paint: p.Th.Faint},
				{},
			})
		}
	}
	return rows
}

// dnssecFacts shows the chain of trust at the zone: the DS records of the zone above, and the keys of the zone.
func dnssecFacts(p *page.Builder, d *observe.DNSSEC, now time.Time) {
	p.Head("DNSSEC")
	if d == nil {
		p.Text(2, p.Th.Faint, "not queried")
		return
	}
	glyph, paint := p.Th.Verdict(catalog.Pass)
	switch d.State {
	case observe.Bogus:
		glyph, paint = p.Th.Verdict(catalog.Fail)
	case observe.SecurityUnknown:
		glyph, paint = p.Th.Verdict(catalog.Inconclusive)
	case observe.Insecure:
		glyph, paint = p.Th.None, p.Th.Plain
	case observe.Secure:
	}
	p.Hang(2, glyph, paint, 2, p.Th.Strong, catalog.SecurityWords(string(d.State)))
	fact(p, "why", d.Why)
	for _, r := range d.DS {
		text := "key " + strconv.Itoa(int(r.KeyTag)) + ", " + algorithm(r.Algorithm) + ", digest " + digest(r.DigestType)
		if len(d.Keys) > 0 && !slices.ContainsFunc(d.Keys, func(k *dns.DNSKEY) bool { return k.KeyTag() == r.KeyTag }) {
			text += ": the zone has no such key"
		}
		fact(p, "DS above", text)
		p.Copies = append(p.Copies, page.Copyable{Label: "a DS record", Text: r.String()})
	}
	for _, k := range d.Keys {
		use := "signs the zone"
		if k.Flags&dns.SEP != 0 {
			use = "signs the keys"
		}
		fact(p, "DNSKEY", "key "+strconv.Itoa(int(k.KeyTag()))+", "+algorithm(k.Algorithm)+", "+use)
	}
	if d.NoMatch {
		p.Text(2, p.Th.Bad, "no DS record matches a key of the zone")
	}
	if !d.Ended.IsZero() {
		p.Text(2, p.Th.Bad, "the signature over "+d.Covers+" expired "+dayAgo(d.Ended, now))
	}
	if d.Invalid != "" {
		p.Text(2, p.Th.Bad, d.Invalid)
	}
	fact(p, "refused by", strings.Join(d.Refusing, ", "))
	fact(p, "hint", d.Hint)
	for _, x := range d.Evidence {
		p.Copies = append(p.Copies, ExchangeCopies(x)...)
	}
}

func algorithm(n uint8) string {
	if s := dns.AlgorithmToString[n]; s != "" {
		return s
	}
	return "algorithm " + strconv.Itoa(int(n))
}

func digest(n uint8) string {
	if s := dns.HashToString[n]; s != "" {
		return s
	}
	return strconv.Itoa(int(n))
}
