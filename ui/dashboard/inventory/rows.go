// Package inventory holds the domains that the dashboard lists: their rows, the selection and order of a view,
// groups, marks, the reports that are kept, and what changed between diagnoses.
package inventory

import (
	"slices"
	"strings"
	"time"

	"domdoc/checks/dnsname"
	"domdoc/checks/result"
	"domdoc/checks/subject"

	"domdoc/api"
	"domdoc/catalog"
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
	Short   string       // the codes without their common prefix, the predicted ones in brackets: "004 (010)"
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
		r.Sel.Reported = r.Sel.Codes
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
	var reported, predicted []string
	for _, c := range r.Codes {
		id := sanitize.Text(c.ID, maxStatus)
		s.Codes = append(s.Codes, id)
		short := strings.TrimPrefix(id, "DOMAIN_")
		if c.State == result.CodePredicted {
			predicted = append(predicted, short)
		} else {
			reported = append(reported, short)
		}
	}
	s.Short = catalog.ShortCodes(reported, predicted)
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
		if !slices.ContainsFunc(r.Codes, func(c result.Code) bool { return !c.Mentioned() }) {
			s.Title = catalog.MentionedOnlyShort
		}
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
