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

// listMark is the sign of a row that is marked or watched.
func (m *model) listMark(i int32) grid.Cell {
	id := m.fleet.rows[i].id
	marked, watched := m.marks.has(id), m.watch.has(id)
	switch {
	case marked && watched:
		return grid.Cell{Text: m.th.MarkWatch, Paint: m.th.Accent}
	case marked:
		return grid.Cell{Text: m.th.Mark, Paint: m.th.Accent}
	case watched:
		return grid.Cell{Text: m.th.Watch, Paint: m.th.Accent}
	}
	return grid.Cell{}
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
	switch col {
	case colHost:
		return grid.Cell{Text: r.sel.Host, Paint: m.th.Faint}
	case colRegistrar:
		return grid.Cell{Text: r.sel.Registrar, Paint: m.th.Faint}
	case colExpires:
		return m.expiryCell(r.sel.Expires)
	case colNext:
		return m.watch.cell(m.th, r.id, m.now)
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

// expirySoon is how long before its end a registration's end is worth a colour.
const expirySoon = 30 * 24 * time.Hour

func (m *model) expiryCell(at time.Time) grid.Cell {
	if at.IsZero() {
		return grid.Cell{}
	}
	paint := m.th.Faint
	if at.Sub(m.now) < expirySoon {
		paint = m.th.Warning
	}
	return grid.Cell{Text: at.UTC().Format(time.DateOnly), Paint: paint}
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
	m.headLines = m.listHeadLines()
	m.groups.grid.SetSize(m.width, max(0, body-groupHeadLines))
	m.ticket.view.Width, m.ticket.view.Height = m.width, max(0, body-ticketHeadLines)
	m.grid.SetSize(m.width, max(0, body-m.headLines))
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
	case len(m.fleet.rows) > 0 && m.narrowed() == "": // being arranged
	case len(m.fleet.rows) > 0:
		p.text(2, m.th.Strong, "no domain matches the filter")
		p.text(2, m.th.Plain, "esc clears it. it takes words, and keys: "+strings.Join(filterExamples(), "  ")+"; "+
			m.keyOf(screenList, actHelp)+" lists all")
	case m.load.active():
		p.text(2, m.th.Waiting, "loading the domains "+m.th.More)
		p.text(2, m.th.Faint, "the first ones are shown as soon as they arrive")
	case m.load.err != nil:
		m.failed(p, m.load.err)
	case m.opt.Domains != nil:
		p.text(2, m.th.Strong, "this tenant has no domains")
		p.text(2, m.th.Plain, "the service answered, and its list is empty. "+m.keyOf(screenList, actReload)+
			" reads it again; "+m.keyOf(screenList, actCatalogue)+" shows what each error code means")
	default:
		p.text(2, m.th.Strong, "there is nothing to show yet")
		p.text(2, m.th.Plain, "no service is connected and no name was given. paste an error ("+m.keyOf(screenList,
			actPaste)+"), or start domdoc with --api-url")
	}
	return p.String()
}

func filterExamples() []string {
	return []string{"verdict:fail", "code:010", "cause:record", "host:cloudflare", "expires:<30d", "-name:shop"}
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
	if m.moveIncident(a) {
		return nil
	}
	if moveGrid(m.grid, a) {
		m.memory.want = ""
		return nil
	}
	switch a {
	case actMark:
		m.toggleMark()
	case actMarkShown:
		return m.markShown()
	case actUnmark:
		m.marks.clear()
	case actGroup:
		return m.openGroups()
	case actIncidents:
		m.focusIncident(1)
	case actTicket:
		m.openTicket(m.grid.SelectedID())
	case actOpen:
		if m.incident.focus > 0 {
			return m.openIncident()
		}
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
	case m.incident.focus > 0:
		m.focusIncident(0)
	case m.groups.opened:
		return m.leaveGroup()
	case m.only != nil:
		m.only = nil
		return m.arrangeNow()
	case m.filter.value() != "":
		return m.setFilter("")
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
func printable(s string) string { return catalog.Printable(s, maxText) }
