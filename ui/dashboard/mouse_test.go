package dashboard

import (
	"slices"
	"strings"
	"testing"

	"domdoc/ui/dashboard/action"
	"domdoc/ui/dashboard/inventory"
	"domdoc/ui/dashboard/tab"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
)

// lineOf is the line of the screen that shows a text.
func (b *bench) lineOf(text string) int {
	b.t.Helper()
	for i, l := range strings.Split(ansi.Strip(b.View()), "\n") {
		if strings.Contains(l, text) {
			return i
		}
	}
	b.t.Fatalf("nothing shows %q:\n%s", text, b.View())
	return 0
}

func (b *bench) columnOf(text string) int {
	b.t.Helper()
	l := strings.Split(ansi.Strip(b.View()), "\n")[b.lineOf(text)]
	before, _, _ := strings.Cut(l, text)
	return ansi.StringWidth(before)
}

func at(x, y int, button tea.MouseButton, action tea.MouseAction) tea.MouseMsg {
	return tea.MouseMsg{X: x, Y: y, Button: button, Action: action}
}

func (b *bench) clickOn(text string) tea.Cmd {
	b.t.Helper()
	x, y := b.columnOf(text), b.lineOf(text)
	cmd := b.send(at(x, y, tea.MouseButtonLeft, tea.MouseActionPress))
	b.send(at(x, y, tea.MouseButtonLeft, tea.MouseActionRelease))
	return cmd
}

// withMouse is a dashboard whose mouse was asked for.
func withMouse(t *testing.T) *bench {
	t.Helper()
	b := newBench(t, nil)
	b.load().results()
	b.send(tea.WindowSizeMsg{Width: 120, Height: 16})
	b.act(action.Mouse)
	return b
}

// TestMouseIsOff checks that nothing captures the mouse, or listens to it, until somebody asks for that.
func TestMouseIsOff(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.load().results()
	b.clickOn(b.Domains.Rows[5].Name)
	b.send(at(5, 10, tea.MouseButtonWheelDown, tea.MouseActionPress))
	if b.list.Grid.Position() != 0 {
		t.Error("a click did something")
	}
	if b.send(tea.ResumeMsg{}); yieldsAtOnce(b.captureMouse()) {
		t.Error("the mouse is captured")
	}
	b.act(action.Mouse)
	if !b.mouse.on || !yieldsAtOnce(b.captureMouse()) {
		t.Error("the mouse is not captured")
	}
	if cmd := b.toggleMouse(); b.mouse.on || cmd() != tea.DisableMouse() {
		t.Error("the mouse is not given back")
	}
}

func yieldsAtOnce(cmd tea.Cmd) bool { return cmd != nil && cmd() != nil }

// TestClicks clicks through the screens: what is selected, opened and done.
func TestClicks(t *testing.T) {
	t.Parallel()
	b := withMouse(t)
	name := b.Domains.Rows[3].Name
	b.clickOn(name)
	if b.list.Grid.Position() != 3 || b.Screen.Scope() != action.ScopeList {
		t.Fatalf("a click selected place %d, at %s", b.list.Grid.Position(), b.Screen.Scope())
	}
	b.clickOn(name)
	if b.Screen.Scope() != action.ScopeDetail || b.detail.id != b.Domains.Rows[3].ID {
		t.Fatalf("a second click leads to %s", b.Screen.Scope())
	}
	for t2 := range tab.Count {
		if b.clickOn(string(rune('1'+t2)) + " " + tab.Words[0][t2]); b.detail.tab != t2 {
			t.Errorf("a click on %s shows %s", t2, b.detail.tab)
		}
	}
	b.press("8")
	b.detail.ledger.grid.Last()
	g, top := b.Screen.Table()
	b.send(at(4, top+1, tea.MouseButtonLeft, tea.MouseActionPress))
	if place, _ := g.At(1); g.Position() != place {
		t.Errorf("a click in the ledger selected %d, want %d", g.Position(), place)
	}
	b.clickOn("esc back")
	if b.Screen.Scope() != action.ScopeList {
		t.Errorf("clicks on the bottom line lead to %s", b.Screen.Scope())
	}
	b.clickOn("/ filter")
	if !b.list.Filter.Open {
		t.Error("a click on the bottom line does not open the filter")
	}
	b.clickOn("enter keep") // the field's own: only the keyboard does it
	if !b.list.Filter.Open {
		t.Error("a click did a text field's key")
	}
	b.press("esc")
	b.press(":")
	b.clickOn("reverse")
	b.clickOn("reverse")
	if b.Screen.Scope() != action.ScopeList || !b.list.Descending {
		t.Errorf("two clicks in the palette lead to %s", b.Screen.Scope())
	}
	for y := -1; y < 30; y++ { // anywhere else nothing breaks
		for _, x := range []int{-1, 0, 60, 119, 500} {
			b.send(at(x, y, tea.MouseButtonRight, tea.MouseActionPress),
				at(x, y, tea.MouseButtonNone, tea.MouseActionMotion))
		}
	}
}

// TestClickOnFindings selects what is under the pointer on a page of things to select.
func TestClickOnFindings(t *testing.T) {
	t.Parallel()
	b := withMouse(t)
	b.send(tea.WindowSizeMsg{Width: 120, Height: 60})
	b.open("servers-disagree")
	b.clickOn("2 propagation")
	if len(b.detail.items) < 2 {
		t.Fatalf("%d things to select", len(b.detail.items))
	}
	it := b.detail.items[1]
	b.send(at(5, detailHeadLines+it.From, tea.MouseButtonLeft, tea.MouseActionPress))
	if b.detail.cursor != 1 {
		t.Errorf("a click selected %d", b.detail.cursor)
	}
}

// TestWheel scrolls whatever is shown.
func TestWheel(t *testing.T) {
	t.Parallel()
	for s := range action.Scopes {
		if s == action.ScopePaste {
			continue
		}
		b := reached(t, s, nil)
		b.mouse.on = true
		before := b.placeOf()
		b.send(at(5, 8, tea.MouseButtonWheelDown, tea.MouseActionPress))
		if b.placeOf() <= before {
			t.Errorf("in %s, the wheel leads from %d to %d", s, before, b.placeOf())
		}
		b.send(at(5, 8, tea.MouseButtonWheelUp, tea.MouseActionPress),
			at(5, 8, tea.MouseButtonWheelUp, tea.MouseActionPress))
		if b.placeOf() >= before && before > 0 {
			t.Errorf("in %s, the wheel does not lead back", s)
		}
	}
}

// TestDrag marks a range of the list by dragging over it, and moves text elsewhere.
func TestDrag(t *testing.T) {
	t.Parallel()
	b := withMouse(t)
	_, top := b.Screen.Table()
	ids := func(places ...int) (out []string) {
		for _, p := range places {
			out = append(out, b.Domains.Rows[b.list.Grid.Order()[p]].ID)
		}
		slices.Sort(out)
		return out
	}
	hold := func(y int, action tea.MouseAction) { b.send(at(5, top+1+y, tea.MouseButtonLeft, action)) }
	same := func(want ...int) {
		t.Helper()
		if got := b.Marks.List(); !slices.Equal(got, ids(want...)) {
			t.Errorf("marked are %v, want %v", got, ids(want...))
		}
	}
	b.Marks.Set(ids(5)[0], true)
	hold(2, tea.MouseActionPress)
	hold(2, tea.MouseActionMotion)
	same(5)
	hold(4, tea.MouseActionMotion)
	same(2, 3, 4, 5)
	hold(6, tea.MouseActionMotion)
	hold(3, tea.MouseActionMotion) // back: what the drag marked is as it was, what somebody marked before stays
	same(2, 3, 5)
	hold(0, tea.MouseActionMotion) // over the place where it began
	same(0, 1, 2, 5)
	hold(0, tea.MouseActionRelease)
	hold(7, tea.MouseActionMotion) // nothing is held any more
	same(0, 1, 2, 5)
	hold(7, tea.MouseActionPress)
	for range 5 {
		hold(40, tea.MouseActionMotion) // below the window: the list scrolls
	}
	if b.list.Grid.Position() != b.list.Grid.Len()-1 {
		t.Errorf("dragging below the window leads to place %d of %d", b.list.Grid.Position(), b.list.Grid.Len())
	}
	hold(0, tea.MouseActionRelease)

	b = reached(t, action.ScopeHelp, nil)
	b.mouse.on = true
	before := b.placeOf()
	b.send(at(5, 10, tea.MouseButtonLeft, tea.MouseActionPress), at(5, 6, tea.MouseButtonLeft, tea.MouseActionMotion))
	if b.placeOf() != before+4 {
		t.Errorf("dragging a text by 4 lines leads from %d to %d", before, b.placeOf())
	}
}

// TestDragFollows sorts the list while somebody drags: the range begins at the domain where it began.
func TestDragFollows(t *testing.T) {
	t.Parallel()
	b := withMouse(t)
	_, top := b.Screen.Table()
	id := b.Domains.Rows[2].ID
	b.send(at(5, top+3, tea.MouseButtonLeft, tea.MouseActionPress),
		at(5, top+4, tea.MouseButtonLeft, tea.MouseActionMotion))
	b.list.Descending = true
	b.send(b.list.ArrangeNow())
	b.send(at(5, top+1, tea.MouseButtonLeft, tea.MouseActionMotion))
	if !b.Marks.Has(id) || !b.Marks.Has(b.Domains.Rows[len(b.Domains.Rows)-1].ID) {
		t.Errorf("marked are %v", b.Marks.List())
	}
	b.Domains = inventory.NewSet()
	b.send(b.list.ArrangeNow())
	b.send(at(5, top+2, tea.MouseButtonLeft, tea.MouseActionMotion)) // everything is gone
}
