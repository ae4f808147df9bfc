package ticket

import (
	"slices"
	"strings"

	"domdoc/catalog/order"
	"domdoc/checks/subject"
)

// MaxDomains is how many domains of one ticket are worth a diagnosis.
const MaxDomains = 10

// IDStatus is what a lookup knows about the service's id of a domain.
type IDStatus uint8

// The statuses of an id.
const (
	IDFailed   IDStatus = iota // it could not be looked up
	IDFound                    // the tenant has the domain
	IDMissing                  // the tenant has no such domain
	IDUnlisted                 // it is not in the part of the list that is known
)

// Lookup finds the tenant's domains, of type D.
type Lookup[D any] struct {
	// ByID looks an id up; nil without a service. An error ends Resolve.
	ByID func(id string) (D, IDStatus, error)
	// ByWord finds a domain by a word that may be its id, in the list that is known; nil where there is none.
	ByWord func(word string) (D, bool)
	// ByName finds the domain that a name belongs to; nil without a service.
	ByName func(name string) (D, bool)
	// InZone returns the tenant's domains below a registered name, in a fixed order; nil where they cannot be listed.
	InZone func(zone string) []D
	// Names returns the ids and names of a domain.
	Names func(D) []string
}

// Match is a domain that a ticket is about.
type Match[D any] struct {
	Domain   D      // meaningful only if Found
	Found    bool   // the lookup has the domain; else it is known by ID or Name alone
	ID, Name string // as the ticket has it, where the lookup does not have the domain
	// Via is the host that the ticket names, where Domain is another name in the zone of that host.
	Via      string
	Reported []subject.Reported
	Errors   []string // names of error messages of other software

	called []string // ids and names of the domain in the ticket
}

// Unclear is a host that a ticket names, and the tenant's domains in its zone, of which it may mean any.
type Unclear[D any] struct {
	Name       string
	Candidates []D
}

// Resolution is what a ticket is about.
type Resolution[D any] struct {
	Matches []Match[D]
	Unclear []Unclear[D] // the hosts that no match explains
	// Left are the names that no match has. Most are those that the ticket is probably not about.
	Left []string
	// Open are those of Left that the ticket says not to work.
	Open []string
}

// Resolve returns the domains that a ticket is about, each with the codes reported for it: first those that the
// lookup finds by id, then by name, then the only one in the zone of a name, then the names next to a code. Without
// any, it is a name in a signature or link that the lookup has, or else the first name. If others have a code, a domain
// without one is left out where the ticket says that it works, or where the lookup does not have it; without a lookup
// it is a match if the ticket says that it does not work. The result is empty if the ticket names no domain.
func Resolve[D any](t *Ticket, l Lookup[D]) (Resolution[D], error) {
	r := resolver[D]{ticket: t, lookup: l}
	r.byWord()
	if err := r.byID(); err != nil {
		return Resolution[D]{}, err
	}
	r.respell()
	r.byName(t.Names)
	r.byZone()
	if len(r.matches)+len(r.unclear) == 0 {
		r.byName(t.Aside)
	}
	if len(r.matches) == 0 && r.unlisted != "" {
		r.add(Match[D]{ID: r.unlisted, called: []string{r.unlisted}})
	}
	for _, rep := range t.Reports {
		if r.has(rep.IDs) || r.has(rep.Names) || r.isUnclear(rep.Names[:rep.Likely]) ||
			l.ByName != nil && !rep.Near && len(r.matches) > 0 {
			continue
		}
		for _, n := range rep.Names[:rep.Likely] {
			r.add(Match[D]{Name: n, called: []string{n}})
		}
	}
	if l.ByName == nil {
		for _, n := range t.Names {
			if r.fails(n) {
				r.add(Match[D]{Name: n, called: []string{n}})
			}
		}
	}
	if len(r.matches)+len(r.unclear) == 0 && len(t.Names) > 0 {
		r.add(Match[D]{Name: t.Names[0], called: t.Names[:1]})
	}
	out := Resolution[D]{Matches: r.assign(), Unclear: r.unclear}
	for _, n := range t.Names {
		if !r.isUnclear([]string{n}) && !slices.ContainsFunc(out.Matches, func(m Match[D]) bool {
			return slices.Contains(m.called, n)
		}) {
			out.Left = append(out.Left, n)
			if r.fails(n) {
				out.Open = append(out.Open, n)
			}
		}
	}
	return out, nil
}

// fails reports whether the ticket says that a name does not work, in a statement about no domain that was found.
func (r *resolver[D]) fails(name string) bool {
	others, fails := r.ticket.fails[name]
	return fails && !slices.ContainsFunc(r.matches, func(m Match[D]) bool {
		return m.Found && sharesAny(m.called, others)
	})
}

// byWord finds the domains whose ids stand in the text without the word for it, and binds the text again with them.
func (r *resolver[D]) byWord() {
	if r.lookup.ByWord == nil {
		return
	}
	t := r.ticket
	mentions := slices.Clone(t.source.mentions)
	for _, w := range t.source.words {
		if _, ok := r.lookup.ByWord(w.id); ok {
			mentions = append(mentions, w)
			t.IDs = appendMissing(t.IDs, w.id)
		}
	}
	if len(mentions) == len(t.source.mentions) {
		return
	}
	order.StableBy(mentions, func(a, b mention) int { return a.at - b.at })
	t.source.mentions, t.source.words = mentions, nil
	t.Reports, t.beside = nil, nil
	t.bind(t.source.text, t.source.codes, mentions)
}

// resolver gathers the matches of one ticket.
type resolver[D any] struct {
	ticket   *Ticket
	lookup   Lookup[D]
	matches  []Match[D]
	unclear  []Unclear[D]
	unlisted string // the first id that the lookup does not list
}

func (r *resolver[D]) byID() error {
	if r.lookup.ByID == nil {
		return nil
	}
	for _, id := range r.ticket.IDs[:min(len(r.ticket.IDs), MaxDomains)] {
		d, status, err := r.lookup.ByID(id)
		if err != nil {
			return err
		}
		switch {
		case status == IDFound:
			r.addFound(d, id, "")
		case status == IDMissing && len(r.ticket.Names) == 0: // there is no name to go by
			r.add(Match[D]{ID: id, called: []string{id}})
		case status == IDUnlisted && r.unlisted == "":
			r.unlisted = id
		}
	}
	return nil
}

// respell replaces names by other readings of the text that the lookup has: a name that a line break or the words
// around it changed.
func (r *resolver[D]) respell() {
	if r.lookup.ByName == nil {
		return
	}
	for _, s := range r.ticket.spellings {
		if slices.ContainsFunc(s.instead, func(n string) bool { _, ok := r.lookup.ByName(n); return ok }) {
			continue
		}
		if _, ok := r.lookup.ByName(s.name); ok {
			r.ticket.respell(s)
		}
	}
}

// respell puts a name in place of others.
func (t *Ticket) respell(s spelling) {
	replace := func(names []string) []string {
		var out []string
		for _, n := range names {
			if slices.Contains(s.instead, n) {
				n = s.name
			}
			out = appendMissing(out, n)
		}
		return out
	}
	t.Names = appendMissing(replace(t.Names), s.name)
	t.beside = replace(t.beside)
	for i := range t.Reports {
		likely := replace(t.Reports[i].Names[:t.Reports[i].Likely])
		t.Reports[i].Names = replace(append(slices.Clone(likely), t.Reports[i].Names[t.Reports[i].Likely:]...))
		t.Reports[i].Likely = len(likely)
	}
}

func (r *resolver[D]) byName(list []string) {
	if r.lookup.ByName == nil {
		return
	}
	names := slices.Clone(list)
	// A name below another one is the more specific one.
	slices.SortStableFunc(names, func(a, b string) int {
		switch {
		case strings.HasSuffix(a, "."+b):
			return -1
		case strings.HasSuffix(b, "."+a):
			return 1
		}
		return 0
	})
	for _, n := range names {
		if d, ok := r.lookup.ByName(n); ok {
			r.addFound(d, n, "")
		}
	}
}

// maxZones bounds the names whose zones are searched.
const maxZones = 20

// byZone finds the domains in the zones of the names that a report is about, or of all names if nothing was found
// yet.
func (r *resolver[D]) byZone() {
	if r.lookup.InZone == nil || r.lookup.ByName == nil {
		return
	}
	nothing := len(r.matches) == 0
	tried := 0
	for _, n := range r.ticket.Names {
		if r.has([]string{n}) || tried >= maxZones || !nothing && !r.reported(n) && !r.fails(n) {
			continue
		}
		tried++
		r.inZone(n)
	}
}

// reported reports whether a report is probably about a name, and about no domain that was found.
func (r *resolver[D]) reported(name string) bool {
	return slices.ContainsFunc(r.ticket.Reports, func(rep Report) bool {
		return rep.Near && slices.Contains(rep.Names[:rep.Likely], name) && !r.has(rep.IDs) && !r.has(rep.Names)
	})
}

// inZone finds the domain that a host belongs to: the closest one above it, the wildcard that covers it, or the only
// one in its zone. If there are several, the ticket is unclear, unless it names one of them elsewhere.
func (r *resolver[D]) inZone(host string) {
	zone := zoneOf(host)
	if zone == "" {
		return
	}
	all := r.lookup.InZone(zone)
	_, parent, _ := strings.Cut(host, ".")
	best, length := -1, -1
	for i, d := range all {
		for _, n := range r.lookup.Names(d) {
			if (strings.HasSuffix(host, "."+n) || n == "*."+parent) && len(n) > length {
				best, length = i, len(n)
			}
		}
	}
	if best < 0 && len(all) == 1 {
		best = 0
	}
	if best < 0 {
		named := -1
		for i, d := range all {
			if r.has(r.lookup.Names(d)) {
				named = i
			}
		}
		if named < 0 && len(all) > 0 {
			r.unclear = append(r.unclear, Unclear[D]{host, all})
		}
		best = named
	}
	if best >= 0 {
		r.addFound(all[best], host, host)
	}
}

func (r *resolver[D]) isUnclear(names []string) bool {
	return slices.ContainsFunc(r.unclear, func(u Unclear[D]) bool { return slices.Contains(names, u.Name) })
}

// addFound adds a domain of the lookup under what the ticket calls it.
func (r *resolver[D]) addFound(d D, called, via string) {
	names := append([]string{called}, r.lookup.Names(d)...)
	for i := range r.matches {
		if r.matches[i].Found && sharesAny(r.matches[i].called, r.lookup.Names(d)) {
			r.matches[i].called = append(r.matches[i].called, called)
			return
		}
	}
	r.add(Match[D]{Domain: d, Found: true, Via: via, called: names})
}

func (r *resolver[D]) add(m Match[D]) {
	if !r.has(m.called) {
		r.matches = append(r.matches, m)
	}
}

// has reports whether one of the names or ids belongs to a match.
func (r *resolver[D]) has(names []string) bool {
	return slices.ContainsFunc(r.matches, func(m Match[D]) bool { return sharesAny(m.called, names) })
}

// assign gives each match its codes and messages.
func (r *resolver[D]) assign() []Match[D] {
	called := make([][]string, len(r.matches))
	for i, m := range r.matches {
		called[i] = m.called
	}
	for _, u := range r.unclear { // what is about these is about no other domain
		called = append(called, []string{u.Name})
	}
	var about []Match[D]
	coded := false
	for i, list := range r.ticket.Assign(called)[:len(r.matches)] {
		for _, rep := range list {
			if rep.Error != "" {
				r.matches[i].Errors = append(r.matches[i].Errors, rep.Error)
			} else {
				r.matches[i].Reported = append(r.matches[i].Reported, rep.Reported)
			}
		}
		coded = coded || len(list) > 0
		m := &r.matches[i]
		beside := sharesAny(m.called, r.ticket.beside) || !r.ticket.worksAll(m.called) && !r.byItsID(m)
		if len(list) > 0 || m.Found && beside || m.Name != "" && r.fails(m.Name) {
			about = append(about, *m)
		}
	}
	if coded {
		return about
	}
	return r.matches
}

// byItsID reports whether a report that names a domain is about another one, by its id.
func (r *resolver[D]) byItsID(m *Match[D]) bool {
	return slices.ContainsFunc(r.ticket.Reports, func(rep Report) bool {
		return rep.Near && r.has(rep.IDs) && sharesAny(m.called, rep.Names[:rep.Likely])
	})
}

func sharesAny(a, b []string) bool {
	return slices.ContainsFunc(a, func(s string) bool { return slices.Contains(b, s) })
}
