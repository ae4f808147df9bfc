package dashboard

import (
	"errors"
	"strings"
	"time"

	"domdoc/api"
	"domdoc/catalog"
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
)

func listColumns() []grid.Column {
	return []grid.Column{
		colName:    {Title: "domain", Min: 22, Grow: 2, Max: 44},
		colStatus:  {Title: "status", Min: 9, Grow: 1, Max: 20, Priority: 3},
		colVerdict: {Title: "verdict", Min: 10, Grow: 1, Max: 14},
		colCodes:   {Title: "codes", Min: 7, Grow: 1, Max: 19, Priority: 1},
		colCause:   {Title: "root cause", Min: 30, Grow: 6, Max: 62},
		colWaits:   {Title: "until", Min: 6, Priority: 4},
		colAge:     {Title: "age", Min: 4, Priority: 5},
	}
}

// listCell is one cell of the list. It is called for rows in view only.
func (m *model) listCell(i int32, col int) grid.Cell {
	r := m.fleet.rows[i]
	s := r.sum
	switch col {
	case colName:
		return grid.Cell{Text: r.name}
	case colStatus:
		return grid.Cell{Text: r.status, Paint: m.th.Faint}
	case colVerdict:
		if m.single[r.id] != nil {
			return grid.Cell{Text: "asking " + m.th.More, Paint: m.th.Waiting}
		}
		text, paint := m.stateWord(stateOf(r))
		return grid.Cell{Text: text, Paint: paint}
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
			return grid.Cell{Text: shortClock(s.waits, m.now), Paint: m.th.Waiting}
		}
	case colAge:
		if m.opt.Plain { // it would make every line a new one each minute
			return grid.Cell{}
		}
		return grid.Cell{Text: shortAge(s.at, m.now), Paint: m.th.Faint}
	}
	return grid.Cell{}
}

// stateWord is a state as the list shows it: glyph, word and colour.
func (m *model) stateWord(s state) (string, theme.Paint) {
	glyph, paint := m.stateGlyph(s)
	return glyph + " " + s.word(), paint
}

func (m *model) stateGlyph(s state) (string, theme.Paint) {
	switch s {
	case statePass:
		return m.th.Verdict(catalog.Pass)
	case stateWarn:
		return m.th.Verdict(catalog.Warn)
	case stateWait:
		return m.th.Wait, m.th.Waiting
	case stateInconclusive:
		return m.th.Verdict(catalog.Inconclusive)
	case stateFail:
		return m.th.Verdict(catalog.Fail)
	case stateNone, states:
	}
	return m.th.Verdict(catalog.NotRun)
}

// resize gives every part its room.
func (m *model) resize() {
	body := m.height - 2 // the two lines at the bottom
	m.grid.SetSize(m.width, max(0, body-lineCount(m.listHead())))
	m.detail.view.Width, m.detail.view.Height = m.width, max(0, body-detailHeadLines)
	m.sizeLedger(m.width, max(0, body-detailHeadLines))
	m.entry.view.Width, m.entry.view.Height = m.width, max(0, body-entryHeadLines)
	m.help.Width, m.help.Height = m.width, max(0, body-helpHeadLines)
	m.catalogue.grid.SetSize(m.width, max(0, body-catalogueHeadLines))
	m.text.view.Width, m.text.view.Height = m.width, max(0, body-textHeadLines)
	m.request.view.Width, m.request.view.Height = m.width, max(0, body-confirmHeadLines)
	m.choose.setSize(m.width, max(0, body-chooseHeadLines))
}

// listBody is the grid, or the reason why it is empty: loading, none, failed and "nothing matches" never look alike.
func (m *model) listBody() string {
	if m.grid.Len() > 0 {
		return m.grid.Render()
	}
	p := newPage(m.th, m.width-2)
	p.gap()
	p.lines = append(p.lines, "")
	switch {
	case len(m.fleet.rows) > 0 && m.query.empty(): // being arranged
	case len(m.fleet.rows) > 0:
		p.text(2, m.th.Strong, "no domain matches the filter")
		p.text(2, m.th.Plain, "esc clears it. it takes words, and keys: "+strings.Join(filterExamples(), "  "))
	case m.load.active():
		p.text(2, m.th.Waiting, "loading the domains "+m.th.More)
		p.text(2, m.th.Faint, "the first ones are shown as soon as they arrive")
	case m.load.err != nil:
		m.failed(p, m.load.err)
	case m.opt.Domains != nil:
		p.text(2, m.th.Strong, "this tenant has no domains")
		p.text(2, m.th.Plain, "the service answered, and its list is empty. "+m.keyOf(screenList, actReload)+" reads it again; "+m.keyOf(screenList, actCatalogue)+" shows what each error code means")
	default:
		p.text(2, m.th.Strong, "there is nothing to show yet")
		p.text(2, m.th.Plain, "no service is connected and no name was given. paste an error ("+m.keyOf(screenList, actPaste)+"), or start domdoc with --api-url")
	}
	return p.String()
}

func filterExamples() []string {
	return []string{"verdict:fail", "code:010", "cause:record", "status:pending", "name:shop"}
}

// failed says why the list could not be read, and what to do.
func (m *model) failed(p *page, err error) {
	p.text(2, m.th.Bad, m.th.Fail+" the domains could not be loaded")
	p.gap()
	what, next := errorText(err)
	p.item(2, "what", 6, m.th.Plain, what)
	if next != "" {
		p.item(2, "do", 6, m.th.Plain, next)
	}
	p.item(2, "then", 6, m.th.Plain, m.keyOf(screenList, actReload)+" tries again")
}

// errorText is an error in words, and what to do about it where that is known.
func errorText(err error) (what, next string) {
	if e, ok := errors.AsType[*api.Error](err); ok {
		return printable(e.Summary()), printable(e.NextStep())
	}
	return printable(err.Error()), ""
}

// confirmCancel is how long a first esc waits for the second.
const confirmCancel = 3 * time.Second

// doList does an action on the list.
func (m *model) doList(a action) tea.Cmd {
	if moveGrid(m.grid, a) {
		m.memory.want = ""
		return nil
	}
	switch a {
	case actOpen:
		return m.openSelected(m.detail.tab) // as the last one was looked at
	case actPropagation:
		return m.openSelected(tabPropagation)
	case actBack:
		return m.leaveList()
	case actDiagnose:
		if i, ok := m.grid.Selected(); ok {
			return m.startOne(m.fleet.rows[i])
		}
	case actDiagnoseAll:
		return m.startAll()
	case actDiagnoseMarked:
		return m.startMarked()
	case actCancel:
		return m.stopAll()
	case actReload:
		m.startLoad()
		return tea.Batch(m.askTenant(), m.arrangeNow())
	case actFilter:
		m.filter.open, m.filter.before = true, m.filter.value()
		m.filter.pos = len(m.filter.text)
	case actSort:
		m.sort = (m.sort + 1) % sortKeys
		m.upside = false
		return m.arrangeNow()
	case actReverse:
		m.upside = !m.upside
		return m.arrangeNow()
	case actCatalogue:
		m.openCatalogue()
	}
	return nil
}

// leaveList is esc in the list: it stops a run in two steps, else it clears the filter.
func (m *model) leaveList() tea.Cmd {
	switch {
	case m.run.active() || len(m.single) > 0:
		if m.run.asked.IsZero() || m.now.Sub(m.run.asked) >= confirmCancel {
			m.run.asked = m.now
			if !m.run.active() {
				return m.say("press esc again to stop")
			}
			return nil
		}
		m.run.asked = time.Time{}
		return m.stopAll()
	case !m.query.empty():
		m.filter.set("")
		m.query = query{}
		return m.arrangeNow()
	}
	return nil
}

// typeFilter is a key in the filter's field. The list follows as it is typed; the arrows still move in it.
func (m *model) typeFilter(msg tea.KeyMsg) tea.Cmd {
	switch msg.String() {
	case "enter":
		m.filter.open = false
		return nil
	case "esc":
		m.filter.open = false
		m.filter.set(m.filter.before)
	case "up":
		m.grid.Move(-1)
		return nil
	case "down":
		m.grid.Move(1)
		return nil
	default:
		if !m.filter.press(msg) {
			return nil
		}
	}
	m.query = parseQuery(m.filter.value())
	return m.arrangeNow()
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
func printable(s string) string { return catalog.Printable(s, maxText) }
