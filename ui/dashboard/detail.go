package dashboard

import (
	"strings"
	"time"

	"domdoc/checks"

	"github.com/charmbracelet/bubbles/viewport"
	tea "github.com/charmbracelet/bubbletea"
)

// tab is one of the detail's pages.
type tab uint8

const (
	tabFindings tab = iota
	tabPropagation
	tabEvidence
	tabFacts
	tabs
)

func (t tab) String() string {
	return [...]string{"findings", "propagation", "evidence", "facts", ""}[t]
}

// detail is the screen of one domain.
type detail struct {
	id    string
	tab   tab
	view  viewport.Model
	shown detailKey // what the view's content was made of
}

// detailKey is everything that the content depends on: it is made again when, and only when, one of these changes.
type detailKey struct {
	report  *checks.DomainReport
	tab     tab
	width   int
	now     time.Time // cut to what the tab shows of it
	busy    bool
	id      string
	tickets int
}

const detailHeadLines = 4

// open shows a domain, and has it diagnosed unless its report is there.
func (m *model) open(id string, t tab) tea.Cmd {
	r := m.fleet.find(id)
	if r == nil {
		return nil
	}
	m.detail.id, m.detail.tab = id, t
	m.detail.view.GotoTop()
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
	if moveView(&m.detail.view, a) {
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
	case actFindings:
		m.showTab(tabFindings)
	case actPropagation:
		m.showTab(tabPropagation)
	case actEvidence:
		m.showTab(tabEvidence)
	case actFacts:
		m.showTab(tabFacts)
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
	case actCatalogue:
		m.openCause(r)
	}
	return nil
}

// openCause opens the catalogue at the domain's first root cause; at its first code where there is no cause.
func (m *model) openCause(r *row) {
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

// refresh makes what scrolls again where something that it shows has changed.
func (m *model) refresh() {
	switch m.screen {
	case screenDetail:
		m.refreshDetail()
	case screenEntry:
		m.refreshEntry()
	case screenHelp:
		m.refreshHelp()
	case screenCatalogue:
		m.countCatalogue()
	case screenList, screenPaste, screens:
	}
}

func (m *model) refreshDetail() {
	r := m.report()
	cut := time.Minute
	if m.detail.tab == tabPropagation {
		cut = time.Second
	}
	key := detailKey{r, m.detail.tab, m.width, m.now.Truncate(cut), m.single[m.detail.id] != nil, m.detail.id, len(m.reported[m.detail.id])}
	if key == m.detail.shown {
		return
	}
	m.detail.shown = key
	p := newPage(m.th, m.width)
	switch {
	case r == nil:
		m.noReport(p)
	case m.detail.tab == tabPropagation:
		propagationPage(p, r, m.now)
	case m.detail.tab == tabEvidence:
		evidencePage(p, r)
	case m.detail.tab == tabFacts:
		factsPage(p, r, m.now)
	default:
		findingsPage(p, r, m.now)
	}
	m.detail.view.SetContent(p.String())
	m.detail.view.SetYOffset(m.detail.view.YOffset)
}

// noReport says why there is nothing to read.
func (m *model) noReport(p *page) {
	p.lines = append(p.lines, "")
	if m.single[m.detail.id] != nil {
		p.text(2, m.th.Waiting, "diagnosing "+m.th.More)
		p.text(2, m.th.Faint, "the domain's servers, public resolvers, the registry and the edge are asked now; most domains take a few seconds")
		return
	}
	p.text(2, m.th.Strong, "there is no diagnosis of this domain")
	p.text(2, m.th.Plain, m.keyOf(screenDetail, actDiagnose)+" diagnoses it")
}

// detailHead is the domain, how it stands, and the tabs.
func (m *model) detailHead() string {
	r := m.fleet.find(m.detail.id)
	if r == nil {
		return m.titleLine("a domain that is not in the list any more", "") + "\n\n\n"
	}
	text, paint := m.stateWord(stateOf(r))
	lines := []string{m.titleLine(m.th.Strong.Do(r.name), m.place(m.detail.view))}
	about := []string{paint.Do(text)}
	if r.name != r.ascii && r.ascii != "" {
		about = append(about, printable(r.ascii))
	}
	if r.status != "" {
		about = append(about, m.th.Faint.Do("status ")+r.status)
	}
	if s := r.sum; s != nil {
		about = append(about, m.th.Faint.Do("diagnosed "+ago(s.at, m.now)))
		if s.state == stateWait {
			about = append(about, m.th.Waiting.Do("until "+until(s.waits, m.now)))
		}
	}
	if r.domain != nil && r.domain.ID != "" {
		about = append(about, m.th.Faint.Do("id "+printable(r.domain.ID)))
	}
	lines = append(lines, joinFit(about, "  ", m.width))
	var tabLine strings.Builder
	for t := range tabs {
		label := " " + string(rune('1'+t)) + " " + t.String() + " "
		switch {
		case t == m.detail.tab && m.th.Colour:
			label = m.th.Select.Do(label)
		case t == m.detail.tab:
			label = "[" + strings.TrimSpace(label) + "]"
		default:
			label = m.th.Faint.Do(label)
		}
		tabLine.WriteString(label + " ")
	}
	return strings.Join(append(lines, tabLine.String(), ""), "\n")
}

// place says which lines of a page are in view; nothing where all are.
func (m *model) place(v viewport.Model) string {
	all := v.TotalLineCount()
	if all <= v.Height {
		return ""
	}
	return m.th.Faint.Do("lines " + count(v.YOffset+1) + "-" + count(min(all, v.YOffset+v.Height)) + " of " + count(all))
}
