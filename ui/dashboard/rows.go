package dashboard

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"domdoc/api"
	"domdoc/catalog"
	"domdoc/catalog/sanitize"
	"domdoc/checks"
	"domdoc/checks/dnsname"
	"domdoc/checks/query"
	"domdoc/checks/result"
	"domdoc/checks/subject"
)

// state is how a domain stands, as the list counts it: its verdict, with what only waits apart from what somebody
// must mend.
type state uint8

const (
	stateNone state = iota // not diagnosed yet
	statePass
	stateWarn
	stateWait
	stateInconclusive
	stateFail
	states
)

// word is the state as the list shows it, and as the filter's key verdict takes it.
func (s state) word() string {
	switch s {
	case statePass:
		return catalog.Pass.String()
	case stateWarn:
		return catalog.Warn.String()
	case stateWait:
		return "waiting"
	case stateInconclusive:
		return catalog.Inconclusive.String()
	case stateFail:
		return catalog.Fail.String()
	case stateNone, states:
	}
	return "not yet"
}

// row is one domain of the list. A row is never changed: a new diagnosis makes a new one, so that a command can read
// a copy of the slice of rows while Update goes on.
type row struct {
	id     string // the service's id; the name where there is none
	name   string // fit to print
	ascii  string // the name as it is asked for
	status string
	domain *api.Domain      // as the list had it; nil without a service, and of a domain that is not in the list
	listed time.Time        // when the list had it
	sel    query.Selectable // what filtering, sorting and grouping look at
	sum    *summary         // nil: not diagnosed
}

// summary is what the list keeps of a diagnosis. The whole report is some hundred times larger, and is kept for a few
// domains only.
type summary struct {
	verdict catalog.Verdict
	state   state
	codes   []string
	short   string       // the codes without their common prefix: "004 010"
	causes  []catalog.ID // root causes, the most serious first
	title   string       // the first root cause's; for what could not be judged, why
	waits   time.Time    // when waiting ends at the latest; zero where it plays no part
	at      time.Time
	sel     query.Selectable // what a query looks at
}

// Lengths to which text from outside is cut, in characters.
const (
	maxName   = 253
	maxStatus = 40
	maxText   = 300
)

// newRow makes a row of a listed domain. It is called by the loader, not by Update: reading a name costs something.
func newRow(d api.Domain, now time.Time) *row {
	d.Raw = nil // nothing reads it here, and 100,000 of them are as large as the rest together
	r := &row{id: d.ID, domain: &d, listed: now, status: sanitize.Text(d.Status, maxStatus)}
	r.setName(d.Name)
	if r.id == "" {
		r.id = r.ascii
	}
	r.index()
	return r
}

// namedRow makes a row of a name, or of an id, that is in no list.
func namedRow(name, id string) *row {
	r := &row{id: id}
	r.setName(name)
	if name == "" {
		r.name = sanitize.Text(id, maxName)
	}
	if r.id == "" {
		r.id = r.ascii
	}
	r.index()
	return r
}

func (r *row) setName(name string) {
	if n, err := dnsname.Parse(name); err == nil {
		r.ascii, r.name = n.ASCII, sanitize.Text(n.Unicode, maxName)
		return
	}
	r.ascii, r.name = name, sanitize.Text(name, maxName)
	if r.name == "" {
		r.name = "(no name)"
	}
}

// index prepares what filtering and sorting compare.
func (r *row) index() {
	r.sel = query.Undiagnosed(dnsname.Name{ASCII: r.ascii, Unicode: r.name}, r.domain)
	if r.domain == nil && r.id != r.ascii {
		r.sel.Text += "\n" + strings.ToLower(r.id)
	}
	if r.sum == nil {
		return
	}
	listed := r.sel
	r.sel = r.sum.sel
	if r.sel.Name == "" {
		r.sel.Name, r.sel.ASCII = listed.Name, listed.ASCII
	}
	if r.sel.Registrar == "" {
		r.sel.Registrar = listed.Registrar
	}
	if r.sel.Expires.IsZero() {
		r.sel.Expires = listed.Expires
	}
	// the service could not be asked again: what the list had still names the domain
	if !strings.Contains(r.sel.Text, listed.Text) {
		r.sel.Text += "\n" + listed.Text
	}
}

// with is the row after a diagnosis.
func (r *row) with(report *result.Domain, sum *summary) *row {
	out := *r
	out.sum = sum
	if report.ServiceStatus != "" {
		out.status = sanitize.Text(report.ServiceStatus, maxStatus)
	}
	if name := report.Name; name.ASCII != "" && out.ascii == "" { // opened by its id alone
		out.ascii, out.name = name.ASCII, sanitize.Text(name.Unicode, maxName)
	}
	out.index()
	return &out
}

// target is what to have diagnosed. A domain that the list had long ago is asked for again, since its status may be
// another by now.
func (r *row) target(now time.Time, reported []subject.Reported) checks.Target {
	const fresh = 2 * time.Minute
	t := checks.Target{Name: r.ascii, Reported: reported}
	switch {
	case r.domain != nil && (r.domain.ID == "" || now.Sub(r.listed) < fresh):
		t.Domain = r.domain
	case r.domain != nil:
		t.ID = r.domain.ID
	case r.ascii == "":
		t.ID = r.id
	}
	return t
}

// summarise boils a report down to what the list shows.
func summarise(r *result.Domain) *summary {
	s := &summary{verdict: r.Verdict, at: r.At, sel: query.Diagnosed(r)}
	switch r.Verdict {
	case catalog.Pass:
		s.state = statePass
	case catalog.Warn:
		s.state = stateWarn
	case catalog.Fail:
		s.state = stateFail
	case catalog.Inconclusive, catalog.Blocked, catalog.NotRun:
		s.state = stateInconclusive
	}
	if latest, waits := r.Waits(); waits {
		s.waits = latest
		if s.state == stateFail || s.state == stateWarn {
			s.state = stateWait
		}
	}
	var short []string
	for _, c := range r.Codes {
		id := sanitize.Text(c.ID, maxStatus)
		s.codes = append(s.codes, id)
		short = append(short, strings.TrimPrefix(id, "DOMAIN_"))
	}
	s.short = strings.Join(short, " ")
	for _, f := range r.Roots() {
		if s.title == "" {
			s.title = f.Title
		}
		if !slices.Contains(s.causes, f.ID) {
			s.causes = append(s.causes, f.ID)
		}
	}
	if s.title == "" && len(r.Codes) > 0 && s.state != stateInconclusive { // reported, and no finding accounts for it
		s.title = catalog.ReportedOnlyShort
	}
	if s.title == "" && s.state == stateInconclusive {
		for _, c := range r.Checks {
			if c.Status == catalog.Inconclusive.String() {
				s.title = sanitize.Text(c.Reason, maxText)
				break
			}
		}
	}
	return s
}

// fleet is the domains of the list.
type fleet struct {
	rows   []*row // appended to, and elements replaced; see row
	byID   map[string]int32
	byName map[string]int32
	counts [states]int
	next   time.Time // the earliest end of a wait that is still to come; see recount
	// version changes with every change of the rows, so that what is counted over all of them is counted once for each.
	version int
}

func newFleet() fleet { return fleet{byID: map[string]int32{}, byName: map[string]int32{}} }

// add appends a row, unless there is one of its id: the later one then takes its place and keeps the diagnosis.
func (f *fleet) add(r *row) (index int32, isNew bool) {
	f.version++
	if i, ok := f.byID[r.id]; ok {
		if old := f.rows[i]; r.sum == nil && old.sum != nil {
			kept := *r
			kept.sum = old.sum
			kept.index()
			r = &kept
		}
		f.rows[i] = r
		return i, false
	}
	index = int32(len(f.rows))
	f.rows = append(f.rows, r)
	f.byID[r.id] = index
	if r.ascii != "" {
		if _, ok := f.byName[r.ascii]; !ok {
			f.byName[r.ascii] = index
		}
	}
	f.counts[stateOf(r)]++
	return index, true
}

// replace puts a row in the place of the one with its id.
func (f *fleet) replace(r *row) {
	i, ok := f.byID[r.id]
	if !ok {
		return
	}
	f.version++
	f.counts[stateOf(f.rows[i])]--
	f.counts[stateOf(r)]++
	f.rows[i] = r
}

func (f *fleet) find(id string) *row {
	if i, ok := f.byID[id]; ok {
		return f.rows[i]
	}
	return nil
}

// recount finds the next end of a wait.
func (f *fleet) recount(now time.Time) {
	f.next = time.Time{}
	for _, r := range f.rows {
		if r.sum != nil && r.sum.state == stateWait && r.sum.waits.After(now) &&
			(f.next.IsZero() || r.sum.waits.Before(f.next)) {
			f.next = r.sum.waits
		}
	}
}

func stateOf(r *row) state {
	if r.sum == nil {
		return stateNone
	}
	return r.sum.state
}

// severity orders states for a reader: what somebody must mend first, what is not known yet last.
func (s state) severity() int {
	switch s {
	case stateFail:
		return 0
	case stateInconclusive:
		return 1
	case stateWait:
		return 2
	case stateWarn:
		return 3
	case statePass:
		return 4
	case stateNone, states:
	}
	return 5
}

// affected lists the domains that show a code or a cause now, worst first.
func (f *fleet) affected(match func(*summary) bool) []*row {
	var out []*row
	for _, r := range f.rows {
		if r.sum != nil && match(r.sum) {
			out = append(out, r)
		}
	}
	slices.SortStableFunc(out, func(a, b *row) int {
		return cmp.Or(cmp.Compare(stateOf(a).severity(), stateOf(b).severity()), strings.Compare(a.sel.Name, b.sel.Name))
	})
	return out
}
