package dashboard

import (
	"maps"
	"slices"
	"strings"

	"domdoc/ui/dashboard/grid"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
)

// mouse is what the mouse is doing. It is off until somebody asks for it: while it is on, the terminal no longer
// selects text by itself.
type mouse struct {
	on   bool
	held bool // the left button is
	y    int  // where it was pressed, or the pointer last came to while dragging

	from  int             // the place in the list where a drag began; -1: none
	id    string          // the domain that it began with
	moved bool            // it was one
	marks map[string]bool // the marks of before
}

func offMouse(m *model) string {
	if m.opt.Plain {
		return "there is no mouse in plain lines"
	}
	return ""
}

func (m *model) toggleMouse() tea.Cmd {
	m.mouse = mouse{on: !m.mouse.on}
	if !m.mouse.on {
		m.say("the mouse is the terminal's again")
		return tea.DisableMouse
	}
	m.say("a click selects, another opens, the wheel scrolls, dragging marks; to select text, hold shift")
	return m.captureMouse()
}

func (m *model) captureMouse() tea.Cmd {
	if !m.mouse.on {
		return nil
	}
	return tea.EnableMouseCellMotion
}

// wheelStep is how many lines one notch of the wheel is.
const wheelStep = 3

// onMouse is something that the mouse did.
func (m *model) onMouse(msg tea.MouseMsg) tea.Cmd {
	if !m.mouse.on || m.tooSmall() {
		return nil
	}
	switch {
	case msg.Button == tea.MouseButtonWheelUp:
		m.wheel(-wheelStep)
	case msg.Button == tea.MouseButtonWheelDown:
		m.wheel(wheelStep)
	case msg.Button == tea.MouseButtonLeft && msg.Action == tea.MouseActionPress:
		m.notice = ""
		m.mouse.held, m.mouse.moved, m.mouse.y, m.mouse.from = true, false, msg.Y, -1
		if g, top := m.clickable(); g != nil {
			if place, ok := g.At(msg.Y - top); ok {
				m.mouse.from = place
				if m.screen == screenList {
					m.mouse.id = m.fleet.rows[g.Order()[place]].id
				}
			}
		}
		return m.click(msg.X, msg.Y)
	case msg.Action == tea.MouseActionMotion && m.mouse.held:
		m.drag(msg.Y)
	case msg.Action == tea.MouseActionRelease:
		m.mouse.held = false
	}
	return nil
}

// clickable is the grid that is shown, and the line of the screen that it begins on; nil where none is.
func (m *model) clickable() (g *grid.Grid, top int) {
	switch m.screen {
	case screenList:
		return m.grid, lineCount(m.listHead())
	case screenGroups:
		return m.groups.grid, groupHeadLines
	case screenCatalogue:
		return m.catalogue.grid, catalogueHeadLines
	case screenChoose:
		return m.choose.grid, chooseHeadLines
	case screenDetail:
		if m.onLedger() && !m.detail.ledger.whole {
			return m.detail.ledger.grid, detailHeadLines + lineCount(m.ledgerHead())
		}
	case screenTicket, screenEntry, screenPaste, screenText, screenConfirm, screenHelp, screens:
	}
	return nil, 0
}

// click selects what is under the pointer; what is selected already is opened. On the bottom line it does what the
// line names.
func (m *model) click(x, y int) tea.Cmd {
	if y == m.height-1 {
		return m.clickHint(x)
	}
	if m.screen == screenList && y > 0 && y <= m.incidentLines() {
		return m.clickIncident(y)
	}
	if g, top := m.clickable(); g != nil && y >= top {
		place, ok := g.At(y - top)
		if ok && m.screen == screenList && m.incident.focus > 0 {
			m.focusIncident(0)
			g.Go(place)
			return nil
		}
		switch {
		case !ok:
			return nil
		case place == g.Position() && !m.typing(), place == g.Position() && m.screen == screenChoose:
			return m.do(actOpen)
		}
		g.Go(place)
		if m.screen == screenList {
			m.memory.want = ""
		}
		return nil
	}
	if m.screen != screenDetail {
		return nil
	}
	if y == detailHeadLines-2 {
		if t, ok := tabAt(strings.Split(m.detailHead(), "\n")[y], x); ok {
			m.showTab(t)
		}
		return nil
	}
	line := y - detailHeadLines + m.detail.view.YOffset
	for i, it := range m.detail.items {
		if line >= it.from && line < it.to && y >= detailHeadLines {
			m.detail.cursor = i
		}
	}
	return nil
}

// tabAt is the tab whose name is under a cell of the line of tabs.
func tabAt(line string, x int) (found tab, ok bool) {
	line = ansi.Strip(line)
	if x >= ansi.StringWidth(line) {
		return 0, false
	}
	from := 0
	for t := range tabs {
		i := strings.Index(line[from:], string(rune('1'+t))+" ")
		if i < 0 {
			break
		}
		from += i
		if ansi.StringWidth(line[:from]) > x {
			break
		}
		found, ok = t, true
	}
	return found, ok
}

// clickHint does the action that the bottom line names under a cell.
func (m *model) clickHint(x int) tea.Cmd {
	at := 0
	for _, h := range m.hintList() {
		w := ansi.StringWidth(h.key) + 1 + ansi.StringWidth(h.label)
		if x >= at && x < at+w && at+w <= m.width && h.action != "" {
			return m.do(h.action)
		}
		at += w + hintGap
	}
	return nil
}

// wheel scrolls by lines, down where they are positive.
func (m *model) wheel(lines int) {
	if g, _ := m.clickable(); g != nil {
		g.Move(lines)
		if m.screen == screenList {
			m.memory.want = ""
		}
		return
	}
	m.scroll(lines)
}

// scroll moves the text that is shown, if any is.
func (m *model) scroll(lines int) {
	switch m.screen {
	case screenDetail:
		v := &m.detail.view
		if m.onLedger() {
			v = &m.detail.ledger.view
		}
		v.SetYOffset(v.YOffset + lines)
		m.detail.settle()
	case screenTicket:
		m.ticket.view.SetYOffset(m.ticket.view.YOffset + lines)
	case screenEntry:
		m.entry.view.SetYOffset(m.entry.view.YOffset + lines)
	case screenText:
		m.text.view.SetYOffset(m.text.view.YOffset + lines)
	case screenConfirm:
		m.request.view.SetYOffset(m.request.view.YOffset + lines)
	case screenHelp:
		m.help.SetYOffset(m.help.YOffset + lines)
	case screenList, screenGroups, screenCatalogue, screenChoose, screenPaste, screens:
	}
}

// drag marks the domains between where the button was pressed and the pointer; the list scrolls where the pointer
// leaves it. Elsewhere it moves the text along with the pointer.
func (m *model) drag(y int) {
	g, top := m.clickable()
	if g == nil {
		m.scroll(m.mouse.y - y)
		m.mouse.y = y
		return
	}
	if m.mouse.from = m.dragFrom(g); m.mouse.from < 0 {
		return
	}
	place, ok := g.At(y - top)
	switch {
	case ok:
	case y <= top:
		place = g.Position() - 1
	default:
		place = g.Position() + 1
	}
	place = max(0, min(place, g.Len()-1))
	if place == m.mouse.from && !m.mouse.moved {
		return
	}
	if !m.mouse.moved {
		m.mouse.moved, m.mouse.marks = true, maps.Clone(m.marks.ids)
	}
	was := g.Position()
	g.Go(place)
	if m.screen != screenList {
		return
	}
	order := g.Order()
	for i := min(m.mouse.from, place, was); i <= max(m.mouse.from, place, was); i++ {
		id := m.fleet.rows[order[i]].id
		within := i >= min(m.mouse.from, place) && i <= max(m.mouse.from, place)
		m.marks.set(id, within || m.mouse.marks[id])
	}
}

// dragFrom is the place where a drag began, by now: results that arrive may have moved the row.
func (m *model) dragFrom(g *grid.Grid) int {
	order := g.Order()
	if m.screen != screenList || m.mouse.from < 0 {
		return min(m.mouse.from, len(order)-1)
	}
	if m.mouse.from < len(order) && m.fleet.rows[order[m.mouse.from]].id == m.mouse.id {
		return m.mouse.from
	}
	return slices.IndexFunc(order, func(i int32) bool { return m.fleet.rows[i].id == m.mouse.id })
}
