package dashboard

import (
	"errors"
	"strings"
	"time"

	"domdoc/checks/query"

	"domdoc/api"
	"domdoc/catalog"
	"domdoc/catalog/sanitize"
	"domdoc/ui/dashboard/grid"
	"domdoc/ui/dashboard/theme"

	tea "github.com/charmbracelet/bubbletea"
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

// listColumns are the columns of the list. When the next look is due is shown while any domain is watched.
func listColumns(watching bool) []grid.Column {
	cols := []grid.Column{
		colName:    {Title: "domain", Min: 22, Grow: 2, Max: 44},
		colStatus:  {Title: "status", Min: 9, Grow: 1, Max: 20, Priority: 3},
		colVerdict: {Title: "verdict", Min: 10, Grow: 1, Max: 14},
		colCodes:   {Title: "codes", Min: 7, Grow: 1, Max: 19, Priority: 1},
		colCause:   {Title: "root cause", Min: 30, Grow: 6, Max: 62},
		colWaits:   {Title: "until", Min: 6, Priority: 4},
		colAge:     {Title: "age", Min: 4, Priority: 5},

		colHost:      {Title: "dns host", Min: 18, Grow: 1, Max: 26, Priority: 6},
		colRegistrar: {Title: "registrar", Min: 16, Grow: 1, Max: 26, Priority: 8},
		colExpires:   {Title: "expires", Min: 10, Priority: 7},
	}
	if watching {
		cols = append(cols, grid.Column{Title: "next look", Min: 9, Priority: 2})
	}
	return cols
}

// listScreen is the list of domains.
type listScreen struct {
	still
	*shared
	grid         *grid.Grid
	filter       field
	query        query.Query
	queryErr     error      // what is wrong with the filter
	only         *selection // nil: the filter alone decides
	sort         sortKey
	descending   bool // the sort order is reversed
	order        sortJob
	want         string // the id of the domain to select once it is listed
	grouped      bool   // the list shows a group: esc leads back to the groups
	ungrouped    string // the filter before that
	focus        int    // the selected incident, counted from 1; 0: a domain of the list is
	headerHeight int
}

func newListScreen(s *shared) *listScreen {
	l := &listScreen{shared: s}
	l.grid = grid.New(s.th, listColumns(false), grid.Source{
		ID:   func(i int32) string { return s.fleet.rows[i].id },
		Cell: l.cell,
		Mark: l.mark,
	})
	return l
}

func (l *listScreen) scope() scope { return scopeList }

func (l *listScreen) refresh() {
	l.focus = min(l.focus, len(l.incident.found))
	if l.headerHeight != l.headLines() { // the number of incidents has changed
		l.resize(l.width, l.height-bottomLines)
	}
}

func (l *listScreen) resize(width, height int) {
	l.headerHeight = l.headLines()
	l.grid.SetSize(width, max(0, height-l.headerHeight))
}

func (l *listScreen) table() (*grid.Grid, int) { return l.grid, lineCount(l.head()) }
func (l *listScreen) moved()                   { l.want = "" }
func (l *listScreen) typing() bool             { return l.filter.open }

func (l *listScreen) paste(text string) (tea.Cmd, bool) {
	if !l.filter.open {
		return nil, false
	}
	l.filter.insert(text)
	return l.followFilter(), true
}

func (l *listScreen) click(_, y int) (tea.Cmd, bool) {
	if y > 0 && y <= l.incidentLines() {
		return l.clickIncident(y), true
	}
	if place, ok := l.grid.At(y - lineCount(l.head())); ok && l.focus > 0 {
		l.focusIncident(0)
		l.grid.Go(place)
		return nil, true
	}
	return nil, false
}

// drag marks the rows that the mouse was dragged over. Rows that it left again get their previous mark back.
func (l *listScreen) drag(from, to, before int, was func(id string) bool) {
	order := l.grid.Order()
	for i := min(from, to, before); i <= max(from, to, before); i++ {
		id := l.fleet.rows[order[i]].id
		within := i >= min(from, to) && i <= max(from, to)
		l.marks.set(id, within || was(id))
	}
}

func (l *listScreen) interval() time.Duration { return l.ageInterval() }

func (l *listScreen) identity() string {
	id := l.filter.committed() + "\n" + l.sort.String()
	if l.descending {
		id += " reversed"
	}
	return id
}

func (l *listScreen) subject() *row {
	if l.focus > 0 {
		return nil
	}
	return l.fleet.find(l.grid.SelectedID())
}

func (l *listScreen) copies() []copyable { return replyCopies(l.reports.peek(l.grid.SelectedID())) }

func (l *listScreen) hints() []action {
	if l.grid.Len() == 0 {
		return []action{actReload, actFilter, actPaste, actCatalogue, actHelp, actQuit}
	}
	return []action{
		actOpen, actDiagnose, actDiagnoseAll, actCancel, actFilter, actGroup, actHelp, actQuit,
		actPalette, actPaste, actWatch, actMark, actCopy, actSort, actCatalogue, actReload, actPropagation,
	}
}

func (l *listScreen) alert() string {
	if l.run.active() && !l.run.asked.IsZero() && l.now.Sub(l.run.asked) < confirmCancel {
		return l.th.Warning.Do("press esc again to stop after " + count(l.run.done) + " of " + count(l.run.total))
	}
	return ""
}

func (l *listScreen) status() string {
	if l.load.err == nil || len(l.fleet.rows) == 0 {
		return ""
	}
	what, _ := errorText(l.load.err)
	return l.th.Bad.Do("the list ended early: "+what) + l.th.Faint.Do("; ") +
		l.th.Accent.Do(l.keyOf(scopeList, actReload)) + l.th.Faint.Do(" reads it again")
}

func (l *listScreen) unavailable(a action) string {
	switch a {
	case actDiagnoseAll:
		return l.runUnavailable()
	case actDiagnoseMarked:
		if l.marks.len() == 0 {
			return "no domain is marked"
		}
		if l.run.active() {
			return l.runUnavailable()
		}
	case actMark, actPropagation:
		if l.subject() == nil {
			return noSubject
		}
	case actMarkShown:
		if l.grid.Len() == 0 {
			return "the list shows no domain"
		}
	case actUnmark:
		if l.marks.len() == 0 {
			return "no domain is marked"
		}
	case actIncidents:
		if len(l.incident.found) == 0 {
			return "no incident was found: nothing that was diagnosed is shared by unrelated domains"
		}
	}
	return ""
}

func (l *listScreen) runUnavailable() string {
	switch {
	case l.run.active():
		return "already diagnosing " + count(l.run.done) + " of " + count(l.run.total) + "; " +
			l.keyOf(scopeList, actCancel) + " stops it"
	case l.grid.Len() == 0:
		return "there is no domain to diagnose"
	}
	return ""
}

// mark is the sign of a row that is marked or watched.
func (l *listScreen) mark(i int32) grid.Cell {
	id := l.fleet.rows[i].id
	marked, watched := l.marks.has(id), l.watch.Get(id) != nil
	switch {
	case marked && watched:
		return grid.Cell{Text: l.th.MarkWatch, Paint: l.th.Accent}
	case marked:
		return grid.Cell{Text: l.th.Mark, Paint: l.th.Accent}
	case watched:
		return grid.Cell{Text: l.th.Watch, Paint: l.th.Accent}
	}
	return grid.Cell{}
}

// cell is one cell of the list. It is called for rows in view only.
func (l *listScreen) cell(i int32, col int) grid.Cell {
	r := l.fleet.rows[i]
	s := r.sum
	switch col {
	case colName:
		return grid.Cell{Text: r.name}
	case colStatus:
		return grid.Cell{Text: r.status, Paint: l.th.Faint}
	case colVerdict:
		if l.single[r.id] != nil {
			return grid.Cell{Text: "asking " + l.th.More, Paint: l.th.Waiting}
		}
		text, paint := l.stateWord(stateOf(r))
		return grid.Cell{Text: text, Paint: paint}
	}
	switch col {
	case colHost:
		return grid.Cell{Text: r.sel.Host, Paint: l.th.Faint}
	case colRegistrar:
		return grid.Cell{Text: r.sel.Registrar, Paint: l.th.Faint}
	case colExpires:
		return l.expiryCell(r.sel.Expires)
	case colNext:
		return watchCell(l.th, l.watch.Get(r.id), l.now)
	}
	if s == nil {
		return grid.Cell{}
	}
	switch col {
	case colCodes:
		return grid.Cell{Text: s.short}
	case colCause:
		return grid.Cell{Text: s.title}
	case colWaits:
		if !s.waits.IsZero() {
			return grid.Cell{Text: shortClock(s.waits, l.now), Paint: l.th.Waiting}
		}
	case colAge:
		if l.opt.Plain { // it would make every line a new one each minute
			return grid.Cell{}
		}
		return grid.Cell{Text: shortAge(s.at, l.now), Paint: l.th.Faint}
	}
	return grid.Cell{}
}

// expirySoon is how long before its end a registration's end is worth a colour.
const expirySoon = 30 * 24 * time.Hour

func (l *listScreen) expiryCell(at time.Time) grid.Cell {
	if at.IsZero() {
		return grid.Cell{}
	}
	paint := l.th.Faint
	if at.Sub(l.now) < expirySoon {
		paint = l.th.Warning
	}
	return grid.Cell{Text: at.UTC().Format(time.DateOnly), Paint: paint}
}

// stateWord is a state as the list shows it: glyph, word and colour.
func (l *shared) stateWord(s state) (string, theme.Paint) {
	glyph, paint := l.stateGlyph(s)
	return glyph + " " + s.word(), paint
}

func (l *shared) stateGlyph(s state) (string, theme.Paint) {
	switch s {
	case statePass:
		return l.th.Verdict(catalog.Pass)
	case stateWarn:
		return l.th.Verdict(catalog.Warn)
	case stateWait:
		return l.th.Wait, l.th.Waiting
	case stateInconclusive:
		return l.th.Verdict(catalog.Inconclusive)
	case stateFail:
		return l.th.Verdict(catalog.Fail)
	case stateNone, states:
	}
	return l.th.Verdict(catalog.NotRun)
}

// body is the grid, or the reason why it is empty: loading, none, failed and "nothing matches" never look alike.
func (l *listScreen) body() string {
	if l.grid.Len() > 0 {
		return l.grid.Render()
	}
	p := newPage(l.th, l.width-2)
	p.gap()
	p.lines = append(p.lines, "")
	switch {
	case len(l.fleet.rows) > 0 && l.narrowed() == "": // being arranged
	case len(l.fleet.rows) > 0:
		p.text(2, l.th.Strong, "no domain matches the filter")
		p.text(2, l.th.Plain, "esc clears it. it takes words, and keys: "+strings.Join(filterExamples(), "  ")+"; "+
			l.keyOf(scopeList, actHelp)+" lists all")
	case l.load.active():
		p.text(2, l.th.Waiting, "loading the domains "+l.th.More)
		p.text(2, l.th.Faint, "the first ones are shown as soon as they arrive")
	case l.load.err != nil:
		l.failed(p, l.load.err)
	case l.opt.Domains != nil:
		p.text(2, l.th.Strong, "this tenant has no domains")
		p.text(2, l.th.Plain, "the service answered, and its list is empty. "+l.keyOf(scopeList, actReload)+
			" reads it again; "+l.keyOf(scopeList, actCatalogue)+" shows what each error code means")
	default:
		p.text(2, l.th.Strong, "there is nothing to show yet")
		p.text(2, l.th.Plain, "no service is connected and no name was given. paste an error ("+l.keyOf(scopeList,
			actPaste)+"), or start domdoc with --api-url")
	}
	return p.String()
}

func filterExamples() []string {
	return []string{"verdict:fail", "code:010", "cause:record", "host:cloudflare", "expires:<30d", "-name:shop"}
}

// failed says why the list could not be read, and what to do.
func (l *listScreen) failed(p *page, err error) {
	p.text(2, l.th.Bad, l.th.Fail+" the domains could not be loaded")
	p.gap()
	what, next := errorText(err)
	p.item(2, "what", 6, l.th.Plain, what)
	if next != "" {
		p.item(2, "do", 6, l.th.Plain, next)
	}
	p.item(2, "then", 6, l.th.Plain, l.keyOf(scopeList, actReload)+" tries again")
}

// errorText is an error in words, and what to do about it where that is known.
func errorText(err error) (what, next string) {
	if e, ok := errors.AsType[*api.Error](err); ok {
		return printable(e.Summary()), printable(e.NextStep())
	}
	return printable(err.Error()), ""
}

// openSelected opens the selected domain at a tab.
func (l *listScreen) openSelected(t tab) tea.Cmd {
	if _, ok := l.grid.Selected(); !ok {
		return nil
	}
	return l.openDomain(l.grid.SelectedID(), t)
}

// confirmCancel is how long a first esc waits for the second.
const confirmCancel = 3 * time.Second

// do does an action on the list.
func (l *listScreen) do(a action) tea.Cmd {
	if l.moveIncident(a) {
		return nil
	}
	if moveGrid(l.grid, a) {
		l.want = ""
		return nil
	}
	switch a {
	case actMark:
		id := l.grid.SelectedID()
		l.marks.set(id, !l.marks.has(id))
		l.grid.Move(1) // several in a row are one key each
	case actMarkShown:
		for _, i := range l.grid.Order() {
			l.marks.set(l.fleet.rows[i].id, true)
		}
		return l.say("%s marked", plural(l.marks.len(), "domain is", "domains are"))
	case actUnmark:
		l.marks.clear()
	case actGroup:
		return l.openGroups()
	case actIncidents:
		l.focusIncident(1)
	case actTicket:
		l.openTicket(l.grid.SelectedID())
	case actOpen:
		if l.focus > 0 {
			return l.openIncident()
		}
		return l.openSelected(tabs) // the tab of the domain before
	case actPropagation:
		return l.openSelected(tabPropagation)
	case actBack:
		return l.leaveList()
	case actDiagnose:
		if i, ok := l.grid.Selected(); ok {
			return l.diagnose(l.fleet.rows[i])
		}
	case actDiagnoseAll:
		return l.diagnoseAll()
	case actDiagnoseMarked:
		return l.diagnoseMarks()
	case actCancel:
		return l.stop()
	case actReload:
		return l.reload()
	case actFilter:
		l.filter.open, l.filter.before = true, l.filter.value()
		l.filter.pos = len(l.filter.text)
	case actSort:
		l.sort = (l.sort + 1) % sortKeys
		l.descending = false
		return l.arrangeNow()
	case actReverse:
		l.descending = !l.descending
		return l.arrangeNow()
	case actCatalogue:
		l.openCatalogue()
	}
	return nil
}

// leaveList is esc in the list: it stops a run in two steps, else it clears the filter.
func (l *listScreen) leaveList() tea.Cmd {
	switch {
	case l.run.active() || len(l.single) > 0:
		if l.run.asked.IsZero() || l.now.Sub(l.run.asked) >= confirmCancel {
			l.run.asked = l.now
			if !l.run.active() {
				return l.say("press esc again to stop")
			}
			return nil
		}
		l.run.asked = time.Time{}
		return l.stop()
	case l.focus > 0:
		l.focusIncident(0)
	case l.grouped:
		l.grouped = false
		return tea.Batch(l.setFilter(l.ungrouped), l.backToGroups())
	case l.only != nil:
		l.only = nil
		return l.arrangeNow()
	case l.filter.value() != "":
		return l.setFilter("")
	}
	return nil
}

// moveGrid does an action that moves a selection.
func moveGrid(g *grid.Grid, a action) bool {
	switch a {
	case actUp:
		g.Move(-1)
	case actDown:
		g.Move(1)
	case actPageUp:
		g.Page(-1)
	case actPageDown:
		g.Page(1)
	case actTop:
		g.First()
	case actBottom:
		g.Last()
	default:
		return false
	}
	return true
}

// printable makes one line of text from outside fit to show.
func printable(s string) string { return sanitize.Text(s, maxText) }
