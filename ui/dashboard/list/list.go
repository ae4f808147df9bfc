// Package list is the screen of all domains, with its filter and incidents, and the screen of their groups.
package list

import (
	"strings"
	"time"

	"domdoc/checks/query"

	"domdoc/ui/dashboard/action"
	"domdoc/ui/dashboard/grid"
	"domdoc/ui/dashboard/inventory"
	"domdoc/ui/dashboard/page"
	"domdoc/ui/dashboard/screen"
	"domdoc/ui/dashboard/tab"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
)

// The columns of the list.
const (
	colName = iota
	colStatus
	colVerdict
	colCodes
	colCause
	colWaits
	colAge
	colHost
	colRegistrar
	colExpires
	colNext
)

// ListColumns returns the columns of the list. The column of the next check is shown while any domain is watched.
func ListColumns(watching bool) []grid.Column {
	cols := []grid.Column{
		colName:    {Title: "domain", Min: 22, Grow: 2, Max: 44},
		colStatus:  {Title: "status", Min: 9, Grow: 1, Max: 20, Priority: 3},
		colVerdict: {Title: "verdict", Min: 13, Max: 13},
		colCodes:   {Title: "codes", Min: 9, Grow: 1, Max: 19, Priority: 1},
		colCause:   {Title: "root cause", Min: 28, Grow: 6, Max: 62},
		colWaits:   {Title: "until", Min: 6, Priority: 4},
		colAge:     {Title: "age", Min: 4, Priority: 5},

		colHost:      {Title: "dns host", Min: 18, Grow: 1, Max: 26, Priority: 6},
		colRegistrar: {Title: "registrar", Min: 16, Grow: 1, Max: 26, Priority: 8},
		colExpires:   {Title: "expires", Min: 10, Priority: 7},
	}
	if watching {
		cols = append(cols, grid.Column{Title: "next check", Min: 9, Priority: 2})
	}
	return cols
}

// Screen is the list of domains.
type Screen struct {
	screen.Base
	*screen.Shared
	Grid         *grid.Grid
	Filter       screen.Field
	Query        query.Query
	QueryErr     error                // the error in the filter
	Only         *inventory.Selection // nil: the filter alone decides
	Sort         inventory.SortKey
	Descending   bool // the sort order is reversed
	Order        SortJob
	Want         string // the id of the domain to select once it is listed
	grouped      bool   // the list shows a group: esc leads back to the groups
	ungrouped    string // the filter before that
	Focus        int    // the selected incident, counted from 1; 0: a domain of the list is
	start        string // the domain that a hint names; empty: no hint
	page         *IncidentPage
	headerHeight int
}

// New makes the screen.
func New(s *screen.Shared) *Screen {
	l := &Screen{Shared: s, Sort: inventory.SortDefault}
	l.Grid = grid.New(s.Th, ListColumns(false), grid.Source{
		ID:   func(i int32) string { return s.Domains.Rows[i].ID },
		Cell: l.cell,
		Mark: l.mark,
	})
	l.Grid.Lead()
	return l
}

// StartWith shows a hint to open a domain, until one is opened.
func (l *Screen) StartWith(name string) { l.start = name }

// Scope implements screen.Screen.
func (l *Screen) Scope() action.Scope { return action.ScopeList }

// Refresh implements screen.Screen.
func (l *Screen) Refresh() {
	l.Focus = min(l.Focus, len(l.Incident.Found))
	if l.headerHeight != l.headLines() { // the number of incidents has changed
		l.Resize(l.Width, l.Height-screen.BottomLines)
	}
}

// Resize implements screen.Screen.
func (l *Screen) Resize(width, height int) {
	l.headerHeight = l.headLines()
	l.Grid.SetSize(width, max(0, height-l.headerHeight))
}

// Table implements screen.Screen.
func (l *Screen) Table() (*grid.Grid, int) { return l.Grid, page.LineCount(l.Head()) }

// Moved implements screen.Screen.
func (l *Screen) Moved() { l.Want = "" }

// Typing implements screen.Screen.
func (l *Screen) Typing() bool { return l.Filter.Open }

// Paste implements screen.Screen.
func (l *Screen) Paste(text string) (tea.Cmd, bool) {
	if !l.Filter.Open {
		return nil, false
	}
	l.Filter.Insert(text)
	return l.followFilter(), true
}

// Click implements screen.Screen.
func (l *Screen) Click(_, y int) (tea.Cmd, bool) {
	if y > 0 && y <= l.incidentLines() {
		return l.clickIncident(y), true
	}
	if place, ok := l.Grid.At(y - page.LineCount(l.Head())); ok && l.Focus > 0 {
		l.focusIncident(0)
		l.Grid.Go(place)
		return nil, true
	}
	return nil, false
}

// Drag marks the rows that the mouse was dragged over. Rows that it left again get their previous mark back.
func (l *Screen) Drag(from, to, before int, was func(id string) bool) {
	order := l.Grid.Order()
	for i := min(from, to, before); i <= max(from, to, before); i++ {
		id := l.Domains.Rows[order[i]].ID
		within := i >= min(from, to) && i <= max(from, to)
		l.Marks.Set(id, within || was(id))
	}
}

// Interval implements screen.Screen.
func (l *Screen) Interval() time.Duration { return l.AgeInterval() }

// Identity implements screen.Screen.
func (l *Screen) Identity() string {
	id := l.Filter.Committed() + "\n" + l.Sort.String()
	if l.Descending {
		id += " reversed"
	}
	return id
}

// Subject implements screen.Screen.
func (l *Screen) Subject() *inventory.Row {
	if l.Focus > 0 {
		return nil
	}
	return l.Domains.Find(l.Grid.SelectedID())
}

// Copies implements screen.Screen.
func (l *Screen) Copies() []page.Copyable {
	return tab.ReplyCopies(l.Reports.Peek(l.Grid.SelectedID()), l.Now, l.Reader)
}

// Hints implements screen.Screen.
func (l *Screen) Hints() []action.Name {
	if l.Grid.Len() == 0 {
		return []action.Name{action.Reload, action.Filter, action.Paste, action.Catalogue, action.Help, action.Quit}
	}
	return []action.Name{
		action.Open, action.Diagnose, action.DiagnoseAll, action.Cancel, action.Filter, action.Group, action.Help,
		action.Quit,
		action.Palette, action.Paste, action.Watch, action.Mark, action.Copy, action.Sort, action.Catalogue,
		action.Reload, action.Propagation,
	}
}

// Alert implements screen.Screen.
func (l *Screen) Alert() string {
	if l.Run.Active() && !l.Run.Asked.IsZero() && l.Now.Sub(l.Run.Asked) < ConfirmCancel {
		return l.Th.Warning.Do("press esc again to stop after " + page.Count(l.Run.Done) + " of " +
			page.Count(l.Run.Total))
	}
	return ""
}

// Status implements screen.Screen.
func (l *Screen) Status() string {
	if l.Load.Err == nil || len(l.Domains.Rows) == 0 {
		return l.earlierStatus()
	}
	what, _ := page.ErrorText(l.Load.Err)
	again := l.Th.Faint.Do("; ") + l.Th.Accent.Do(l.KeyOf(action.ScopeList, action.Reload)) +
		l.Th.Faint.Do(" reloads it")
	what = ansi.Truncate("the list is incomplete: "+what, max(30, l.Width-ansi.StringWidth(again)), l.Th.More)
	return l.Th.Bad.Do(what) + again
}

// earlierStatus says how many results are of an earlier run.
func (l *Screen) earlierStatus() string {
	n := l.Domains.Earlier
	if n == 0 {
		return ""
	}
	return l.Th.Faint.Do(page.Plural(n, "result is", "results are")+" of an earlier run; ") +
		l.Th.Accent.Do(l.KeyOf(action.ScopeList, action.DiagnoseAll)) + l.Th.Faint.Do(" diagnoses all again")
}

// Unavailable implements screen.Screen.
func (l *Screen) Unavailable(a action.Name) string {
	switch a {
	case action.DiagnoseAll:
		return l.runUnavailable()
	case action.DiagnoseMarked:
		if l.Marks.Len() == 0 {
			return "no domain is marked"
		}
		if l.Run.Active() {
			return l.runUnavailable()
		}
	case action.Mark, action.Propagation:
		if l.Subject() == nil {
			return screen.NoSubject
		}
	case action.MarkShown:
		if l.Grid.Len() == 0 {
			return "the list shows no domain"
		}
	case action.Unmark:
		if l.Marks.Len() == 0 {
			return "no domain is marked"
		}
	case action.Incidents:
		if len(l.Incident.Found) == 0 {
			return "no incident was found: no fault is shared by unrelated domains"
		}
	}
	return ""
}

func (l *Screen) runUnavailable() string {
	switch {
	case l.Run.Active():
		return "already diagnosing " + page.Count(l.Run.Done) + " of " + page.Count(l.Run.Total) + "; " +
			l.KeyOf(action.ScopeList, action.Cancel) + " stops it"
	case l.Grid.Len() == 0 && !l.awaits():
		return "there are no domains to diagnose"
	}
	return ""
}

// Body returns the grid, or the reason why it is empty: loading, no domains, a failure and "nothing matches" look
// different.
func (l *Screen) Body() string {
	if l.Grid.Len() > 0 {
		arrow := l.Th.Rising
		if l.Descending {
			arrow = l.Th.Falling
		}
		if l.Plain { // the line above says it in words
			arrow = ""
		}
		l.Grid.SetSorted(l.sortColumn(), arrow)
		return l.Grid.Render()
	}
	p := page.New(l.Th, l.Width-2)
	p.Gap()
	p.Lines = append(p.Lines, "")
	switch {
	case len(l.Domains.Rows) > 0 && l.narrowed() == "": // being arranged
	case len(l.Domains.Rows) > 0:
		l.nothingMatches(p)
	case l.Load.Active():
		p.Text(2, l.Th.Waiting, "loading the domains "+l.Th.More)
		p.Text(2, l.Th.Faint, "domains appear as they arrive")
	case l.Load.Err != nil:
		l.failed(p, l.Load.Err)
	case l.Listed:
		p.Text(2, l.Th.Strong, "this tenant has no domains")
		p.Text(2, l.Th.Plain, "the service returned an empty list. "+l.KeyOf(action.ScopeList, action.Reload)+
			" reloads it; "+l.KeyOf(action.ScopeList, action.Catalogue)+" shows what each error code means")
	default:
		p.Text(2, l.Th.Strong, "there is nothing to show")
		p.Text(2, l.Th.Plain, "no service is connected and no domain was named. paste an error ("+
			l.KeyOf(action.ScopeList,
				action.Paste)+"), or start domdoc with --api-url")
	}
	return p.String()
}

// awaits reports whether the filter selects by the diagnosis, and there are domains without one.
func (l *Screen) awaits() bool {
	return !l.refused() && len(l.Query.Found()) > 0 && l.Domains.Counts[inventory.StateNone] > 0
}

// nothingMatches says why the filter selects nothing: a mistake in it, domains that are not judged yet, or none of
// those that are.
func (l *Screen) nothingMatches(p *page.Builder) {
	back, all := l.KeyOf(action.ScopeList, action.Back), l.KeyOf(action.ScopeList, action.DiagnoseAll)
	none := l.Domains.Counts[inventory.StateNone]
	switch {
	case l.refused():
		for line := range strings.SplitSeq(l.QueryErr.Error(), "\n") {
			p.Text(2, l.Th.Warning, l.Th.Warn+" "+page.Printable(line))
		}
	case l.awaits() && none == len(l.Domains.Rows):
		p.Text(2, l.Th.Strong, "nothing is diagnosed yet: "+strings.Join(l.Query.Found(), " ")+
			" selects by the diagnosis")
	case l.awaits():
		p.Text(2, l.Th.Strong, "none of the "+page.Plural(len(l.Domains.Rows)-none, "diagnosed domain", "diagnosed domains")+
			" matches the filter; "+page.Plural(none, "is", "are")+" not diagnosed yet")
	default:
		p.Text(2, l.Th.Strong, "no domain matches the filter")
	}
	next := back + " clears the filter. "
	if l.awaits() && !l.Run.Active() {
		next = all + " diagnoses what may match. " + next
	}
	p.Text(2, l.Th.Plain, next+"filter by words and keys: "+strings.Join(filterExamples(), "  ")+"; "+
		l.KeyOf(action.ScopeList, action.Help)+" lists all keys")
}

func filterExamples() []string {
	return []string{"verdict:fail", "code:010", "cause:record", "host:cloudflare", "expires:<30d", "-name:shop"}
}

// failed explains why the list could not be read, and what to do.
func (l *Screen) failed(p *page.Builder, err error) {
	p.Text(2, l.Th.Bad, l.Th.Fail+" cannot load the domains")
	p.Gap()
	what, next := page.ErrorText(err)
	p.Item(2, "what", 6, l.Th.Plain, what)
	if next != "" {
		p.Item(2, "do", 6, l.Th.Plain, next)
	}
	p.Item(2, "then", 6, l.Th.Plain, l.KeyOf(action.ScopeList, action.Reload)+" retries")
}

// openSelected opens the selected domain at a tab.
func (l *Screen) openSelected(t tab.ID) tea.Cmd {
	if _, ok := l.Grid.Selected(); !ok {
		return nil
	}
	l.Grid.Keep()
	l.start = ""
	return l.OpenDomain(l.Grid.SelectedID(), t)
}

// ConfirmCancel is how long a first esc waits for the second.
const ConfirmCancel = 3 * time.Second

// Do runs an action on the list.
func (l *Screen) Do(a action.Name) tea.Cmd {
	if l.moveIncident(a) {
		return nil
	}
	if screen.MoveGrid(l.Grid, a) {
		l.Want = ""
		if a == action.Top {
			l.Grid.Lead()
		}
		return nil
	}
	switch a {
	case action.Mark, action.Ticket, action.Diagnose:
		l.Grid.Keep()
	}
	switch a {
	case action.Mark:
		id := l.Grid.SelectedID()
		l.Marks.Set(id, !l.Marks.Has(id))
		l.Grid.Move(1) // several in a row are one key each
	case action.MarkShown:
		for _, i := range l.Grid.Order() {
			l.Marks.Set(l.Domains.Rows[i].ID, true)
		}
		return l.Say("%s marked", page.Plural(l.Marks.Len(), "domain", "domains"))
	case action.Unmark:
		l.Marks.Clear()
	case action.Group:
		return l.OpenGroups()
	case action.Incidents:
		l.focusIncident(1)
	case action.Ticket:
		l.OpenTicket(l.Grid.SelectedID())
	case action.Open:
		if l.Focus > 0 {
			return l.openIncident()
		}
		return l.openSelected(tab.Findings)
	case action.Propagation:
		return l.openSelected(tab.Propagation)
	case action.Back:
		return l.leaveList()
	case action.Diagnose:
		if i, ok := l.Grid.Selected(); ok {
			return l.Diagnose(l.Domains.Rows[i])
		}
	case action.DiagnoseAll:
		return l.DiagnoseAll()
	case action.DiagnoseMarked:
		return l.DiagnoseMarks()
	case action.Cancel:
		return l.Stop()
	case action.Reload:
		return l.Reload()
	case action.Filter:
		l.Filter.Open, l.Filter.Before = true, l.Filter.Value()
		l.Filter.Pos = len(l.Filter.Text)
	case action.Sort:
		l.Sort = (l.Sort + 1) % inventory.SortKeys
		l.Descending = false
		return l.ArrangeNow()
	case action.Reverse:
		l.Descending = !l.Descending
		return l.ArrangeNow()
	case action.Catalogue:
		l.OpenCatalogue()
	}
	return nil
}

// leaveList handles esc in the list: it stops a run in two steps, otherwise it clears the filter.
func (l *Screen) leaveList() tea.Cmd {
	switch {
	case l.Run.Active() || len(l.Single) > 0:
		if l.Run.Asked.IsZero() || l.Now.Sub(l.Run.Asked) >= ConfirmCancel {
			l.Run.Asked = l.Now
			if !l.Run.Active() {
				return l.Say("press esc again to stop")
			}
			return nil
		}
		l.Run.Asked = time.Time{}
		return l.Stop()
	case l.Focus > 0:
		l.focusIncident(0)
	case l.grouped:
		l.grouped = false
		return tea.Batch(l.SetFilter(l.ungrouped), l.BackToGroups())
	case l.Only != nil:
		l.Only = nil
		return l.ArrangeNow()
	case l.Filter.Value() != "":
		return l.SetFilter("")
	}
	return nil
}
