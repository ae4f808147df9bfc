package dashboard

import (
	"maps"

	"domdoc/ui/dashboard/action"
	"domdoc/ui/dashboard/grid"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
)

// mouse is the state of the mouse. It is off by default, because the terminal does not select text itself while it
// is on.
type mouse struct {
	on   bool
	held bool // the left button is pressed
	y    int  // where it was pressed, or where the pointer was last while dragging

	from  int             // the place in the list where a drag began; -1: none
	id    string          // the domain at which it began
	moved bool            // the pointer has moved since
	marks map[string]bool // the marks before the drag
}

func (m *model) toggleMouse() tea.Cmd {
	m.mouse = mouse{on: !m.mouse.on}
	if !m.mouse.on {
		m.Say("mouse off: the terminal selects text again")
		return tea.DisableMouse
	}
	m.Say("mouse on: click selects, a second click opens, drag marks, wheel scrolls; hold shift to select text")
	return m.captureMouse()
}

func (m *model) captureMouse() tea.Cmd {
	if !m.mouse.on {
		return nil
	}
	return tea.EnableMouseCellMotion
}

// wheelStep is the number of lines that one step of the wheel scrolls.
const wheelStep = 3

// onMouse handles a mouse event.
func (m *model) onMouse(msg tea.MouseMsg) tea.Cmd {
	if !m.mouse.on || m.TooSmall() {
		return nil
	}
	switch {
	case msg.Button == tea.MouseButtonWheelUp:
		m.wheel(-wheelStep)
	case msg.Button == tea.MouseButtonWheelDown:
		m.wheel(wheelStep)
	case msg.Button == tea.MouseButtonLeft && msg.Action == tea.MouseActionPress:
		m.Notice = ""
		m.mouse.held, m.mouse.moved, m.mouse.y, m.mouse.from = true, false, msg.Y, -1
		if g, top := m.Screen.Table(); g != nil {
			if place, ok := g.At(msg.Y - top); ok {
				m.mouse.from, m.mouse.id = place, g.ID(place)
			}
		}
		return m.Click(msg.X, msg.Y)
	case msg.Action == tea.MouseActionMotion && m.mouse.held:
		m.Drag(msg.Y)
	case msg.Action == tea.MouseActionRelease:
		m.mouse.held = false
	}
	return nil
}

// click selects what is under the pointer, or opens it if it is selected. On the bottom line it runs the action under
// the pointer.
func (m *model) Click(x, y int) tea.Cmd {
	if y == m.Height-1 {
		return m.clickHint(x)
	}
	if cmd, done := m.Screen.Click(x, y); done {
		return cmd
	}
	g, top := m.Screen.Table()
	if g == nil || y < top {
		return nil
	}
	place, ok := g.At(y - top)
	switch {
	case !ok:
	case place == g.Position() && !m.Screen.Typing():
		return m.Do(action.Open)
	default:
		g.Go(place)
		m.Screen.Moved()
	}
	return nil
}

// clickHint runs the action at a cell of the bottom line.
func (m *model) clickHint(x int) tea.Cmd {
	at := 0
	for _, h := range m.hintList() {
		w := ansi.StringWidth(h.key) + 1 + ansi.StringWidth(h.label)
		if x >= at && x < at+w && at+w <= m.Width && h.action != "" {
			return m.Do(h.action)
		}
		at += w + hintGap
	}
	return nil
}

// wheel scrolls by lines, down if positive.
func (m *model) wheel(lines int) {
	if g, _ := m.Screen.Table(); g != nil {
		g.Move(lines)
		m.Screen.Moved()
		return
	}
	m.Screen.Scroll(lines)
}

// drag marks the domains between where the button was pressed and the pointer; the list scrolls if the pointer leaves
// it. Elsewhere it moves the text along with the pointer.
func (m *model) Drag(y int) {
	g, top := m.Screen.Table()
	if g == nil {
		m.Screen.Scroll(m.mouse.y - y)
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
		m.mouse.moved, m.mouse.marks = true, maps.Clone(m.Marks.IDs)
	}
	before := g.Position()
	g.Go(place)
	m.Screen.Drag(m.mouse.from, place, before, func(id string) bool { return m.mouse.marks[id] })
}

// dragFrom returns the current place of the row where a drag began: new results may have moved it.
func (m *model) dragFrom(g *grid.Grid) int {
	switch from := m.mouse.from; {
	case from < 0:
		return -1
	case from < g.Len() && g.ID(from) == m.mouse.id:
		return from
	}
	for place := range g.Len() {
		if g.ID(place) == m.mouse.id {
			return place
		}
	}
	return -1
}
