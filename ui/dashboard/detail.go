package dashboard

import (
	"time"

	"domdoc/checks"

	"github.com/charmbracelet/bubbles/viewport"
	tea "github.com/charmbracelet/bubbletea"
)

// detail is the screen of one domain.
type detail struct {
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
	report   *checks.DomainReport
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

// open shows a domain, and has it diagnosed unless its report is there.
func (m *model) open(id string, t tab) tea.Cmd {
	r := m.fleet.find(id)
	if r == nil {
		return nil
	}
	m.detail.id = id
	m.detail.unfolded = false
	m.showTab(t)
	m.goTo(screenDetail)
	if m.reports.get(id) != nil {
		return nil
	}
	return m.startOne(r)
}

func (m *model) openSelected(t tab) tea.Cmd {
	if _, ok := m.grid.Selected(); !ok {
		return nil
	}
	return m.open(m.grid.SelectedID(), t)
}

// report is the whole report of the domain that is shown; nil when there is none (any more).
func (m *model) report() *checks.DomainReport { return m.reports.get(m.detail.id) }

// doDetail does an action on the screen of one domain.
func (m *model) doDetail(a action) tea.Cmd {
	if m.onLedger() && m.doLedger(a) {
		return nil
	}
	if m.moveDetail(a) {
		return nil
	}
	r := m.fleet.find(m.detail.id)
	switch a {
	case actBack:
		m.goBack()
	case actNextTab:
		m.showTab((m.detail.tab + 1) % tabs)
	case actPrevTab:
		m.showTab((m.detail.tab + tabs - 1) % tabs)
	case actFindings, actPropagation, actRecords, actCertificate, actRegistration, actRoutes, actService, actLedger,
		actChanges:
		m.showTab(tabOfAction(a))
	case actFilter, actKind:
		m.showTab(tabLedger)
		m.refresh()
		if m.onLedger() {
			m.doLedger(a)
		}
	case actOpen:
		m.detail.unfolded = !m.detail.unfolded
		if m.detail.unfolded {
			m.detail.seek = seekFold
		}
	case actNext:
		return m.step(1)
	case actPrevious:
		return m.step(-1)
	case actDiagnose:
		if r != nil {
			return m.startOne(r)
		}
	case actCancel:
		return m.stopAll()
	case actTicket:
		m.openTicket(m.detail.id)
	case actCatalogue:
		m.openCause(r)
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

// openCause opens the catalogue at the domain's first root cause, or at the one that is selected; at its first code
// where there is no cause.
func (m *model) openCause(r *row) {
	if report := m.report(); report != nil && m.detail.tab == tabFindings {
		if roots := report.Roots(); m.detail.cursor < len(roots) {
			m.openEntry(string(roots[m.detail.cursor].ID))
			return
		}
	}
	switch {
	case r != nil && r.sum != nil && len(r.sum.causes) > 0:
		m.openEntry(string(r.sum.causes[0]))
	case r != nil && r.sum != nil && len(r.sum.codes) > 0:
		m.openEntry(r.sum.codes[0])
	default:
		m.openCatalogue()
	}
}

func (m *model) showTab(t tab) {
	m.detail.tab = t
	m.detail.cursor = 0
	m.detail.ledger.whole = false
	m.detail.view.GotoTop()
}

// step opens the next domain of the list, on the same tab.
func (m *model) step(n int) tea.Cmd {
	before := m.grid.SelectedID()
	if before != m.detail.id && !m.grid.Select(m.detail.id) {
		return m.say("this domain is not among those that the list shows")
	}
	m.grid.Move(n)
	if id := m.grid.SelectedID(); id != m.detail.id {
		return m.open(id, m.detail.tab)
	}
	return m.say("there is no domain beyond this one in the list")
}

// moveDetail scrolls the page, and moves the selection among what is in view: up and down go to the next thing that
// can be selected where one is in view, and scroll by a line where none is. So everything can be read, and everything
// that is seen can be selected.
func (m *model) moveDetail(a action) bool {
	d := &m.detail
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
func (d *detail) visible(i int) bool {
	return d.items[i].from >= d.view.YOffset && d.items[i].from < d.view.YOffset+d.view.Height
}

// after is the next thing in view after the selected one, before the one in front of it; -1 where there is none.
func (d *detail) after() int {
	for i := d.cursor + 1; i < len(d.items); i++ {
		if d.visible(i) {
			return i
		}
	}
	return -1
}

func (d *detail) before() int {
	for i := min(d.cursor, len(d.items)) - 1; i >= 0; i-- {
		if d.visible(i) {
			return i
		}
	}
	return -1
}

// settle selects the first thing in view where the selected one left it.
func (d *detail) settle() {
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
func (d *detail) copies() []copyable {
	if d.tab == tabLedger {
		return d.ledger.copies()
	}
	var list []copyable
	if d.cursor < len(d.items) {
		list = append(list, d.items[d.cursor].copies...)
	}
	return append(list, d.general...)
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
