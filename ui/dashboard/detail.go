package dashboard

import (
	"slices"
	"strings"
	"time"

	"domdoc/checks/finding"
	"domdoc/checks/result"
	"domdoc/ui/dashboard/grid"

	"github.com/charmbracelet/bubbles/viewport"
	tea "github.com/charmbracelet/bubbletea"
)

// detailScreen shows one domain.
type detailScreen struct {
	still
	*shared
	list  *listScreen // whose next and previous domain it goes to
	id    string
	tab   tab
	view  viewport.Model
	shown detailKey // what the view's content was made of
	made  int       // how often it was made: the test of this cache counts

	items    []pageItem // of the content: what can be selected
	cursor   int        // the selected one
	general  []copyable // what can be copied whatever is selected
	fold     int        // the line at which what is unfolded begins; -1 for none
	unfolded bool       // what follows from a root cause is shown in full
	seek     seek       // where the view is to go once the content is made

	ledger ledger
}

// seek is where the view is to go once the content is made: only then is it known where that is.
type seek uint8

const (
	seekNothing seek = iota
	seekFold         // what was just unfolded
	seekEnd
)

// detailKey is everything that the content depends on: it is made again when, and only when, one of these changes.
type detailKey struct {
	report   *result.Domain
	tab      tab
	width    int
	now      time.Time // cut to what the tab shows of it
	busy     bool      // there is no report, and one is being made
	id       string
	cursor   int
	unfolded bool
	incident int
	looks    int       // diagnoses that were compared
	next     time.Time // look at it, where it is watched
}

const detailHeadLines = 4

func newDetailScreen(s *shared, l *listScreen) *detailScreen {
	d := &detailScreen{shared: s, list: l, view: s.newView()}
	d.newLedger()
	return d
}

func (d *detailScreen) scope() scope   { return scopeDetail }
func (d *detailScreen) typing() bool   { return d.ledger.search.open && d.onLedger() }
func (d *detailScreen) subject() *row  { return d.fleet.find(d.id) }
func (d *detailScreen) status() string { return d.askingText(d.id) }

func (d *detailScreen) resize(width, height int) {
	d.view.Width, d.view.Height = width, max(0, height-detailHeadLines)
	d.sizeLedger(width, max(0, height-detailHeadLines))
}

func (d *detailScreen) interval() time.Duration {
	if d.single[d.id] != nil || d.tab == tabPropagation && counting(d.report(), d.now) {
		return fastTick
	}
	return d.ageInterval()
}

func (d *detailScreen) identity() string {
	id := d.id + "\n" + d.tab.String()
	if d.onLedger() {
		id += "\n" + d.ledger.kind + "\n" + d.ledger.search.committed()
	}
	return id
}

func (d *detailScreen) hints() []action {
	if d.onLedger() {
		return []action{actBack, actNextTab, actOpen, actFilter, actKind, actCopy, actPalette, actHelp, actQuit}
	}
	return []action{
		actBack, actNextTab, actDiagnose, actCancel, actCopy, actNext, actOpen, actPalette, actHelp,
		actQuit, actCatalogue, actPaste,
	}
}

func (d *detailScreen) unavailable(a action) string {
	switch a {
	case actOpen:
		return d.moreUnavailable()
	case actFilter, actKind:
		if d.report() == nil {
			return noReport
		}
	}
	return ""
}

const noReport = "there is no diagnosis of this domain"

// moreUnavailable says why nothing can be unfolded: an answer of the ledger, or what follows from the root causes.
func (d *detailScreen) moreUnavailable() string {
	r := d.report()
	switch {
	case r == nil:
		return noReport
	case d.tab == tabLedger && d.ledger.current() != nil:
		return ""
	case d.tab == tabFindings && slices.ContainsFunc(r.Findings, func(f *finding.Finding) bool { return !f.Root() }):
		return ""
	}
	return "there is nothing to unfold here"
}

func (d *detailScreen) table() (*grid.Grid, int) {
	if d.onLedger() && !d.ledger.whole {
		return d.ledger.grid, detailHeadLines + lineCount(d.ledgerHead())
	}
	return nil, 0
}

func (d *detailScreen) scroll(lines int) {
	v := &d.view
	if d.onLedger() {
		v = &d.ledger.view
	}
	v.SetYOffset(v.YOffset + lines)
	d.settle()
}

// click selects a tab, or a part of the page.
func (d *detailScreen) click(x, y int) (tea.Cmd, bool) {
	if g, top := d.table(); g != nil && y >= top {
		return nil, false
	}
	if y == detailHeadLines-2 {
		if t, ok := tabAt(strings.Split(d.head(), "\n")[y], x); ok {
			d.showTab(t)
		}
		return nil, true
	}
	line := y - detailHeadLines + d.view.YOffset
	for i, it := range d.items {
		if line >= it.from && line < it.to && y >= detailHeadLines {
			d.cursor = i
		}
	}
	return nil, true
}

// open shows a domain on a tab, or with tabs on that of the domain before, and has it diagnosed unless its report is
// there.
func (d *detailScreen) open(id string, t tab) tea.Cmd {
	r := d.fleet.find(id)
	if r == nil {
		return nil
	}
	d.id = id
	d.unfolded = false
	if t == tabs {
		t = d.tab
	}
	d.showTab(t)
	d.show(d)
	if d.reports.get(id) != nil {
		return nil
	}
	return d.diagnose(r)
}

// report is the whole report of the domain that is shown; nil when there is none (any more).
func (d *detailScreen) report() *result.Domain { return d.reports.get(d.id) }

// do does an action on the screen of one domain.
func (d *detailScreen) do(a action) tea.Cmd {
	if d.onLedger() && d.doLedger(a) {
		return nil
	}
	if d.moveDetail(a) {
		return nil
	}
	r := d.fleet.find(d.id)
	switch a {
	case actBack:
		d.back()
	case actNextTab:
		d.showTab((d.tab + 1) % tabs)
	case actPrevTab:
		d.showTab((d.tab + tabs - 1) % tabs)
	case actFindings, actPropagation, actRecords, actCertificate, actRegistration, actRoutes, actService, actLedger,
		actChanges:
		d.showTab(tabOfAction(a))
	case actFilter, actKind:
		d.showTab(tabLedger)
		d.refresh()
		if d.onLedger() {
			d.doLedger(a)
		}
	case actOpen:
		d.unfolded = !d.unfolded
		if d.unfolded {
			d.seek = seekFold
		}
	case actNext:
		return d.step(1)
	case actPrevious:
		return d.step(-1)
	case actDiagnose:
		if r != nil {
			return d.diagnose(r)
		}
	case actCancel:
		return d.stop()
	case actTicket:
		d.openTicket(d.id)
	case actCatalogue:
		d.openCause(r)
	}
	return nil
}

func tabOfAction(a action) tab {
	switch a {
	case actPropagation:
		return tabPropagation
	case actRecords:
		return tabRecords
	case actCertificate:
		return tabCertificate
	case actRegistration:
		return tabRegistration
	case actRoutes:
		return tabRoutes
	case actService:
		return tabService
	case actLedger:
		return tabLedger
	case actChanges:
		return tabChanges
	}
	return tabFindings
}

// openCause opens the catalogue at the selected root cause, or at the domain's first cause or code.
func (d *detailScreen) openCause(r *row) {
	if report := d.report(); report != nil && d.tab == tabFindings {
		if roots := report.Roots(); d.cursor < len(roots) {
			d.openEntry(string(roots[d.cursor].ID))
			return
		}
	}
	d.openFirstCause(r)
}

// openFirstCause opens the catalogue at a domain's first root cause, or at its first code where there is no cause.
func (s *shared) openFirstCause(r *row) {
	switch {
	case r != nil && r.sum != nil && len(r.sum.causes) > 0:
		s.openEntry(string(r.sum.causes[0]))
	case r != nil && r.sum != nil && len(r.sum.codes) > 0:
		s.openEntry(r.sum.codes[0])
	default:
		s.openCatalogue()
	}
}

func (d *detailScreen) showTab(t tab) {
	d.tab = t
	d.cursor = 0
	d.ledger.whole = false
	d.view.GotoTop()
}

// step opens the next domain of the list, on the same tab.
func (d *detailScreen) step(n int) tea.Cmd {
	before := d.list.grid.SelectedID()
	if before != d.id && !d.list.grid.Select(d.id) {
		return d.say("this domain is not among those that the list shows")
	}
	d.list.grid.Move(n)
	if id := d.list.grid.SelectedID(); id != d.id {
		return d.open(id, d.tab)
	}
	return d.say("there is no domain beyond this one in the list")
}

// moveDetail scrolls the page, and moves the selection among what is in view: up and down go to the next thing that
// can be selected where one is in view, and scroll by a line where none is. So everything can be read, and everything
// that is seen can be selected.
func (d *detailScreen) moveDetail(a action) bool {
	switch a {
	case actUp:
		if i := d.before(); i >= 0 {
			d.cursor = i
		} else {
			d.view.ScrollUp(1)
		}
	case actDown:
		if i := d.after(); i >= 0 {
			d.cursor = i
			if over := d.items[i].to - (d.view.YOffset + d.view.Height); over > 0 {
				d.view.ScrollDown(min(over, d.items[i].from-d.view.YOffset))
			}
		} else {
			d.view.ScrollDown(1)
		}
	case actTop:
		d.view.GotoTop()
		d.cursor = 0
	case actBottom:
		d.view.GotoBottom()
		d.cursor = max(0, len(d.items)-1)
		d.seek = seekEnd // what is selected may change how long the page is
	default:
		if !moveView(&d.view, a) {
			return false
		}
		d.settle()
	}
	return true
}

// visible reports whether something that can be selected begins in view.
func (d *detailScreen) visible(i int) bool {
	return d.items[i].from >= d.view.YOffset && d.items[i].from < d.view.YOffset+d.view.Height
}

// after is the next thing in view after the selected one, before the one in front of it; -1 where there is none.
func (d *detailScreen) after() int {
	for i := d.cursor + 1; i < len(d.items); i++ {
		if d.visible(i) {
			return i
		}
	}
	return -1
}

func (d *detailScreen) before() int {
	for i := min(d.cursor, len(d.items)) - 1; i >= 0; i-- {
		if d.visible(i) {
			return i
		}
	}
	return -1
}

// settle selects the first thing in view where the selected one left it.
func (d *detailScreen) settle() {
	if d.cursor < len(d.items) && d.visible(d.cursor) {
		return
	}
	for i := range d.items {
		if d.visible(i) {
			d.cursor = i
			return
		}
	}
}

// copies are what can be copied of the tab that is shown, the selected thing first.
func (d *detailScreen) copies() []copyable {
	var list []copyable
	switch {
	case d.tab == tabLedger:
		list = d.ledger.copies()
	case d.cursor < len(d.items):
		list = append(list, d.items[d.cursor].copies...)
		fallthrough
	default:
		list = append(list, d.general...)
	}
	return append(list, replyCopies(d.report())...)
}

// moveView does an action that scrolls.
func moveView(v *viewport.Model, a action) bool {
	switch a {
	case actUp:
		v.ScrollUp(1)
	case actDown:
		v.ScrollDown(1)
	case actPageUp:
		v.PageUp()
	case actPageDown:
		v.PageDown()
	case actTop:
		v.GotoTop()
	case actBottom:
		v.GotoBottom()
	default:
		return false
	}
	return true
}
