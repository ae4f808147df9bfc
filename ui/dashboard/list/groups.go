package list

import (
	"slices"
	"strings"
	"time"

	"domdoc/ui/dashboard/action"
	"domdoc/ui/dashboard/grid"
	"domdoc/ui/dashboard/inventory"
	"domdoc/ui/dashboard/page"
	"domdoc/ui/dashboard/screen"
	"domdoc/ui/dashboard/theme"

	tea "github.com/charmbracelet/bubbletea"
)

// Groups shows the domains of the list by a common property.
type Groups struct {
	screen.Base
	*screen.Shared
	list    *Screen // whose domains are grouped
	By      inventory.GroupBy
	All     []inventory.Group
	Of      int // domains that were grouped
	Grid    *grid.Grid
	gen     int
	Running bool
	Dirty   bool
	shown   int // the version of the rows that the groups are of
}

// GroupedMsg holds the groups that a command counted.
type GroupedMsg struct {
	gen  int
	list []inventory.Group
	of   int
}

const groupHeadLines = 3

// groupEvery is how often groups are recounted while results arrive.
const groupEvery = 500 * time.Millisecond

// GroupSoonMsg requests that the groups be counted again.
type GroupSoonMsg struct{}

// groupColumns are the columns of the groups: the common property, the number of domains, and their states.
func groupColumns() []grid.Column {
	cols := []grid.Column{
		{Title: "group", Min: 24, Grow: 3, Max: 60},
		{Title: "what it is", Min: 24, Grow: 2, Max: 62, Priority: 7},
		{Title: "domains", Min: 7, Right: true},
	}
	for _, s := range inventory.GroupStates() {
		cols = append(cols, grid.Column{Title: s.Word(), Min: max(7, len(s.Word())), Right: true, Priority: s.Severity()})
	}
	return cols
}

// NewGroups makes the screen of the groups of a list.
func NewGroups(s *screen.Shared, l *Screen) *Groups {
	g := &Groups{Shared: s, list: l}
	g.Grid = grid.New(s.Th, groupColumns(), grid.Source{
		ID:   func(i int32) string { return "g" + g.All[i].Name },
		Cell: func(i int32, col int) grid.Cell { return g.groupCell(g.All[i], col) },
	})
	return g
}

// Scope implements screen.Screen.
func (g *Groups) Scope() action.Scope { return action.ScopeGroups }

// Identity implements screen.Screen.
func (g *Groups) Identity() string { return g.By.String() }

// Table implements screen.Screen.
func (g *Groups) Table() (*grid.Grid, int) { return g.Grid, groupHeadLines }

// Resize implements screen.Screen.
func (g *Groups) Resize(width, height int) {
	g.Grid.SetSize(width, max(0, height-groupHeadLines))
}

// Hints implements screen.Screen.
func (g *Groups) Hints() []action.Name {
	return []action.Name{
		action.Open, action.Group, action.Back, action.Catalogue, action.Palette, action.Help,
		action.Quit, action.Paste,
	}
}

func (g *Groups) groupCell(of inventory.Group, col int) grid.Cell {
	switch col {
	case 0:
		return grid.Cell{Text: g.By.Label(of.Name)}
	case 1:
		return grid.Cell{Text: inventory.GroupTitle(g.By, of.Name), Paint: g.Th.Faint}
	case 2:
		return grid.Cell{Text: page.Count(of.Total), Paint: g.Th.Strong}
	}
	s := inventory.GroupStates()[col-3]
	if of.Counts[s] == 0 {
		return grid.Cell{}
	}
	_, paint := g.StateGlyph(s)
	return grid.Cell{Text: page.Count(of.Counts[s]), Paint: paint}
}

// Open shows the groups of what the list shows.
func (g *Groups) Open() tea.Cmd {
	g.list.grouped = false
	g.Show(g)
	g.Grid.SetOrder(nil)
	g.All, g.shown = nil, -1
	return g.GroupNow()
}

// GroupNow counts the groups; large lists in a command, one at a time.
func (g *Groups) GroupNow() tea.Cmd {
	if g.Running {
		g.Dirty = true
		return nil
	}
	g.gen++
	g.shown = g.Domains.Version
	if len(g.Domains.Rows) <= arrangeInUpdate {
		list, of := inventory.GroupRows(g.Domains.Rows, g.list.View(), g.By)
		g.setGroups(list, of)
		return nil
	}
	g.Running, g.Dirty = true, false
	gen, rows, v, by := g.gen, slices.Clone(g.Domains.Rows), g.list.View(), g.By
	return func() tea.Msg {
		list, of := inventory.GroupRows(rows, v, by)
		return GroupedMsg{gen, list, of}
	}
}

// OnGrouped takes over the groups that a command counted.
func (g *Groups) OnGrouped(msg GroupedMsg) tea.Cmd {
	if msg.gen != g.gen {
		return nil
	}
	g.Running = false
	g.setGroups(msg.list, msg.of)
	if g.Dirty {
		return g.GroupNow()
	}
	return nil
}

func (g *Groups) setGroups(list []inventory.Group, of int) {
	g.All, g.Of = list, of
	order := make([]int32, len(list))
	for i := range order {
		order[i] = int32(i)
	}
	g.Grid.SetOrder(order)
}

// Recount counts the groups again when the domains have changed, at most twice a second.
func (g *Groups) Recount() tea.Cmd {
	if g.shown == g.Domains.Version || g.Dirty {
		return nil
	}
	g.Dirty = true
	return tea.Tick(groupEvery, func(time.Time) tea.Msg { return GroupSoonMsg{} })
}

// Do implements screen.Screen.
func (g *Groups) Do(a action.Name) tea.Cmd {
	if screen.MoveGrid(g.Grid, a) {
		return nil
	}
	switch a {
	case action.Back:
		g.Back()
	case action.Group:
		g.By = (g.By + 1) % inventory.Groupings
		g.Running, g.All = false, nil
		g.Grid.SetOrder(nil)
		return g.GroupNow()
	case action.Open:
		return g.openGroup()
	case action.Catalogue:
		if i, ok := g.Grid.Selected(); ok && inventory.GroupTitle(g.By, g.All[i].Name) != "" {
			name := g.All[i].Name
			if g.By.OfCodes() {
				name = strings.ToUpper(name)
			}
			g.OpenEntry(name)
			return nil
		}
		g.OpenCatalogue()
	}
	return nil
}

// openGroup shows the domains of the selected group: its term is added to the filter.
func (g *Groups) openGroup() tea.Cmd {
	i, ok := g.Grid.Selected()
	if !ok {
		return nil
	}
	name := g.All[i].Name
	if name == "" {
		return g.Say("the filter cannot select a group with %s", g.By.Label(name))
	}
	value := g.By.Term(name, g.All)
	g.list.ungrouped = g.list.Filter.Value()
	cmd := g.FilterList(strings.TrimSpace(g.list.ungrouped + " " + value))
	g.list.grouped = true
	return cmd
}

// Reopen shows the groups as they were left.
func (g *Groups) Reopen() tea.Cmd {
	g.Show(g)
	return g.GroupNow()
}

// Head implements screen.Screen.
func (g *Groups) Head() string {
	line := g.Th.Faint.Do(page.Plural(len(g.All), "group", "groups") + " of " + page.Plural(g.Of, "domain",
		"domains"))
	if f := g.list.Filter.Value(); f != "" {
		line += g.Th.Faint.Do(" that ") + g.Th.Accent.Do("/ "+f) + g.Th.Faint.Do(" selects")
	}
	next := g.Th.Accent.Do(g.KeyOf(action.ScopeGroups, action.Group)) +
		g.Th.Faint.Do(" by "+((g.By+1)%inventory.Groupings).String())
	return g.TitleLine("by "+g.By.String(), "") + "\n" + page.Spread(line, next, g.Width, g.Th) + "\n"
}

// Body implements screen.Screen.
func (g *Groups) Body() string {
	if g.Grid.Len() > 0 {
		return g.Grid.Render()
	}
	p := page.New(g.Th, g.Width-2)
	p.Lines = append(p.Lines, "")
	if g.Running {
		p.Text(2, g.Th.Waiting, "counting the groups "+g.Th.More)
		return p.String()
	}
	p.Text(2, g.Th.Strong, "there are no domains to group")
	p.Text(2, theme.Paint{}, g.KeyOf(action.ScopeGroups, action.Back)+" goes back to the list")
	return p.String()
}
