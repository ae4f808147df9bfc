// Package inventory holds the domains that the dashboard lists: their rows, the selection and order of a view,
// groups, marks, the reports that are kept, and what changed between diagnoses.
package inventory

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"domdoc/checks/dnsname"
	"domdoc/checks/result"
	"domdoc/checks/subject"

	"domdoc/api"
	"domdoc/catalog"
	"domdoc/catalog/causes"
	"domdoc/catalog/sanitize"
	"domdoc/checks"
	"domdoc/checks/finding"
	"domdoc/checks/incident"
	"domdoc/checks/query"
	"domdoc/ui/dashboard/archive"
	"domdoc/ui/dashboard/page"
)

// State is the state of a domain as counted in the list.
type State = catalog.State

// The states.
const (
	StateNone         = catalog.StateNone // not diagnosed yet
	StatePass         = catalog.StatePass
	StateWarn         = catalog.StateWarn
	StateWait         = catalog.StateWaiting
	StateInconclusive = catalog.StateNotChecked
	StateFail         = catalog.StateFail
	States            = catalog.States
)

// Row is one domain of the list. A row never changes: a new diagnosis creates a new row, so that a command can read a
// copy of the slice while Update continues.
type Row struct {
	ID     string // the service's id, or the name without one
	Name   string // safe to print
	ASCII  string // the name to query
	Status string
	Domain *api.Domain      // from the list; nil without a service, and if the domain is not in the list
	Listed time.Time        // when the list was read
	Sel    query.Selectable // prepared for filtering, sorting and grouping
	Said   Said             // what the service says, for rows without a diagnosis
	rank   uint8            // see urgency
	Sum    *Summary         // nil: not diagnosed
	alone  *Summary         // Sum without the incidents of other domains; nil if Sum is that
}

// Summary is what the list keeps of a diagnosis. The complete report is some hundred times larger and in memory for a
// few domains only; of all others the archive has what -o jsonl prints.
type Summary struct {
	Verdict catalog.Verdict
	State   State
	Codes   []string
	Short   string       // the codes without their common prefix: "004 010"
	Causes  []catalog.ID // root causes, the most serious first
	Title   string       // of the first root cause; if something could not be judged, the reason
	Waits   time.Time    // when waiting ends at the latest; zero if there is no wait
	At      time.Time
	Sel     query.Selectable // what a query looks at
	Kept    archive.Ref      `json:"-"` // the report in the archive
	Earlier bool             `json:"-"` // found by an earlier run of the program

	platform []string        // codes of integrations that were reported, and that only the platform explains
	adopted  catalog.Verdict // the verdict once an incident explains one of them
}

// Lengths to which text from outside is cut, in characters.
const (
	maxName   = 253
	maxStatus = 40
)

// NewRow creates a row of a listed domain. The loader calls it, not Update, because parsing a name is expensive.
func NewRow(d api.Domain, now time.Time) *Row {
	d.Raw = nil // nothing reads it here, and in 100,000 rows it would double the memory
	r := &Row{ID: d.ID, Domain: &d, Listed: now, Status: sanitize.Text(d.Status, maxStatus)}
	r.setName(d.Name)
	if r.ID == "" {
		r.ID = r.ASCII
	}
	r.Said = saidOf(&d, now)
	r.Index()
	return r
}

// NamedRow creates a row of a name, or of an id, that is not in a list.
func NamedRow(name, id string) *Row {
	r := &Row{ID: id}
	r.setName(name)
	if name == "" {
		r.Name = sanitize.Text(id, maxName)
	}
	if r.ID == "" {
		r.ID = r.ASCII
	}
	r.Index()
	return r
}

func (r *Row) setName(name string) {
	if n, err := dnsname.Parse(name); err == nil {
		r.ASCII, r.Name = n.ASCII, sanitize.Text(n.Unicode, maxName)
		return
	}
	r.ASCII, r.Name = name, sanitize.Text(name, maxName)
	if r.Name == "" {
		r.Name = "(no name)"
	}
}

// Index prepares what filtering and sorting compare.
func (r *Row) Index() {
	r.rank = r.urgency()
	r.Sel = query.Undiagnosed(dnsname.Name{ASCII: r.ASCII, Unicode: r.Name}, r.Domain)
	if r.Sum == nil && r.Said.Code != "" {
		r.Sel.Codes = []string{strings.ToLower(r.Said.Code)}
		r.Sel.Text += "\n" + r.Sel.Codes[0]
	}
	if r.Domain == nil && r.ID != r.ASCII {
		r.Sel.Text += "\n" + strings.ToLower(r.ID)
	}
	if r.Sum == nil {
		return
	}
	listed := r.Sel
	r.Sel = r.Sum.Sel
	if r.Sel.Name == "" {
		r.Sel.Name, r.Sel.ASCII = listed.Name, listed.ASCII
	}
	if r.Sel.Registrar == "" {
		r.Sel.Registrar = listed.Registrar
	}
	if r.Sel.Expires.IsZero() {
		r.Sel.Expires = listed.Expires
	}
	// the service could not be queried again: the list's data still has the domain's name
	if !strings.Contains(r.Sel.Text, listed.Text) {
		r.Sel.Text += "\n" + listed.Text
	}
}

// With returns the row after a diagnosis.
func (r *Row) With(report *result.Domain, sum *Summary) *Row {
	out := *r
	out.Sum, out.alone = sum, nil
	if report.ServiceStatus != "" {
		out.Status = sanitize.Text(report.ServiceStatus, maxStatus)
	}
	if name := report.Name; name.ASCII != "" && out.ASCII == "" { // opened by its id alone
		out.ASCII, out.Name = name.ASCII, sanitize.Text(name.Unicode, maxName)
	}
	out.Index()
	return &out
}

// Target returns the target of a diagnosis. A domain that was listed some time ago is requested again, since its
// status may have changed.
func (r *Row) Target(now time.Time, reported []subject.Reported) checks.Target {
	const fresh = 2 * time.Minute
	t := checks.Target{Name: r.ASCII, Reported: reported}
	switch {
	case r.Domain != nil && (r.Domain.ID == "" || now.Sub(r.Listed) < fresh):
		t.Domain = r.Domain
	case r.Domain != nil:
		t.ID = r.Domain.ID
	case r.ASCII == "":
		t.ID = r.ID
	}
	return t
}

// Summarise reduces a report to what the list shows.
func Summarise(r *result.Domain) *Summary {
	s := &Summary{Verdict: r.Verdict, State: r.State(), At: r.At, Sel: query.Diagnosed(r)}
	if latest, waits := r.Waits(); waits {
		s.Waits = latest
	}
	var short []string
	for _, c := range r.Codes {
		id := sanitize.Text(c.ID, maxStatus)
		s.Codes = append(s.Codes, id)
		short = append(short, strings.TrimPrefix(id, "DOMAIN_"))
	}
	s.Short = strings.Join(short, " ")
	for _, c := range incident.FactsOf(r).Codes {
		s.platform = append(s.platform, c.Code)
	}
	if len(s.platform) > 0 {
		warned := append(slices.Clone(r.Findings), &finding.Finding{Verdict: catalog.Warn})
		s.adopted = finding.OverallVerdict(warned, r.Checks)
	}
	for _, f := range r.Roots() {
		if s.Title == "" {
			s.Title = f.Title
		}
		if !slices.Contains(s.Causes, f.ID) {
			s.Causes = append(s.Causes, f.ID)
		}
	}
	if s.Title == "" && len(r.Codes) > 0 && s.State != StateInconclusive { // reported, but not explained by a finding
		s.Title = catalog.ReportedOnlyShort
	}
	if s.Title == "" && s.State == StateInconclusive {
		for _, c := range r.Checks {
			if c.Is(catalog.Inconclusive) {
				s.Title = sanitize.Text(c.Reason, page.MaxText)
				break
			}
		}
	}
	return s
}

// Set is the domains of the list.
type Set struct {
	Rows    []*Row // appended to, and elements replaced; see row
	ByID    map[string]int32
	ByName  map[string]int32
	Counts  [States]int
	Earlier int       // rows whose result is of an earlier run
	Next    time.Time // the earliest end of a wait that is still to come; see recount
	// version changes with every change of the rows, so that totals are computed once for each.
	Version int
	// adopted are the incidents of integrations, by the domains whose codes they explain.
	adopted map[string][]*finding.Finding
}

// NewSet makes an empty set.
func NewSet() Set { return Set{ByID: map[string]int32{}, ByName: map[string]int32{}} }

// Add appends a row, or replaces the one with its id and keeps the diagnosis.
func (f *Set) Add(r *Row) (index int32, isNew bool) {
	f.Version++
	if i, ok := f.ByID[r.ID]; ok {
		if old := f.Rows[i]; r.Sum == nil && old.Sum != nil {
			kept := *r
			kept.Sum, kept.alone = old.Sum, old.alone
			kept.Index()
			r = &kept
		}
		f.Rows[i] = r
		return i, false
	}
	index = int32(len(f.Rows))
	f.Rows = append(f.Rows, r)
	f.ByID[r.ID] = index
	if r.ASCII != "" {
		if _, ok := f.ByName[r.ASCII]; !ok {
			f.ByName[r.ASCII] = index
		}
	}
	f.count(r, 1)
	return index, true
}

// Replace replaces the row with the same id.
func (f *Set) Replace(r *Row) {
	i, ok := f.ByID[r.ID]
	if !ok {
		return
	}
	f.Version++
	r = r.adopt(f.adopted[r.ASCII])
	f.count(f.Rows[i], -1)
	f.count(r, 1)
	f.Rows[i] = r
}

func (f *Set) count(r *Row, by int) {
	f.Counts[StateOf(r)] += by
	if r.Sum != nil && r.Sum.Earlier {
		f.Earlier += by
	}
}

// Adopt shows incidents of the platform's integrations at the domains whose reported codes they explain, as the pages
// of these domains do, and removes those of an earlier call.
func (f *Set) Adopt(incidents []*finding.Finding) {
	before := f.adopted
	f.adopted = map[string][]*finding.Finding{}
	for _, inc := range incidents {
		if inc.ID != causes.ServiceIntegrationIncident.ID {
			continue
		}
		for _, name := range incident.DomainsOf(inc) {
			f.adopted[name] = append(f.adopted[name], inc)
		}
	}
	for _, set := range []map[string][]*finding.Finding{before, f.adopted} {
		for name := range set {
			if i, ok := f.ByName[name]; ok {
				f.Replace(f.Rows[i])
			}
		}
	}
}

// adopt returns the row with the incidents that explain its codes.
func (r *Row) adopt(incidents []*finding.Finding) *Row {
	own := r.alone
	if own == nil {
		own = r.Sum
	}
	if own == nil || len(incidents) == 0 && r.alone == nil {
		return r
	}
	out := *r
	out.Sum, out.alone = own, nil
	for _, inc := range incidents {
		if a, ok := inc.Args.(causes.IntegrationIncidentArgs); !ok || !slices.Contains(own.platform, a.Code) {
			continue
		}
		s := *own
		s.Verdict, s.State = own.adopted, catalog.StateOf(own.adopted, own.State == StateWait && own.Verdict == catalog.Fail)
		if len(own.Causes) == 0 {
			s.Title = inc.Title
			s.Sel.Title = strings.ToLower(inc.Title)
		}
		s.Causes = append(slices.Clone(own.Causes), inc.ID)
		s.Sel.State = s.State.ID()
		s.Sel.Causes = append(slices.Clone(own.Sel.Causes), string(inc.ID))
		s.Sel.Rungs = append(slices.Clone(own.Sel.Rungs), inc.Rung.String())
		s.Sel.Who = append(slices.Clone(own.Sel.Who), string(catalog.Platform))
		s.Sel.Text += "\n" + s.Sel.State + "\n" + string(inc.ID)
		out.Sum, out.alone = &s, own
		break
	}
	out.Index()
	return &out
}

// Find returns the row with an id; nil if there is none.
func (f *Set) Find(id string) *Row {
	if i, ok := f.ByID[id]; ok {
		return f.Rows[i]
	}
	return nil
}

// Recount finds the next end of a wait.
func (f *Set) Recount(now time.Time) {
	f.Next = time.Time{}
	for _, r := range f.Rows {
		if r.Sum != nil && r.Sum.State == StateWait && r.Sum.Waits.After(now) &&
			(f.Next.IsZero() || r.Sum.Waits.Before(f.Next)) {
			f.Next = r.Sum.Waits
		}
	}
}

// Overdue returns the domains whose wait is over, by the last diagnosis before its end.
func (f *Set) Overdue(now time.Time) []*Row {
	var out []*Row
	for _, r := range f.Rows {
		if r.Overdue(now) {
			out = append(out, r)
		}
	}
	return out
}

// Overdue reports whether the domain's wait is over, and it was not diagnosed since.
func (r *Row) Overdue(now time.Time) bool {
	return StateOf(r) == StateWait && !r.Sum.Waits.IsZero() && !r.Sum.Waits.After(now) && r.Sum.At.Before(r.Sum.Waits)
}

// StateOf returns the state of a row.
func StateOf(r *Row) State {
	if r.Sum == nil {
		return StateNone
	}
	return r.Sum.State
}

// Affected lists the domains that show a code or a cause now, worst first.
func (f *Set) Affected(match func(*Summary) bool) []*Row {
	var out []*Row
	for _, r := range f.Rows {
		if r.Sum != nil && match(r.Sum) {
			out = append(out, r)
		}
	}
	slices.SortStableFunc(out, func(a, b *Row) int {
		return cmp.Or(cmp.Compare(StateOf(a).Severity(), StateOf(b).Severity()), strings.Compare(a.Sel.Name, b.Sel.Name))
	})
	return out
}
