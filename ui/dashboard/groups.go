package dashboard

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"domdoc/catalog"
	"domdoc/ui/dashboard/grid"
	"domdoc/ui/dashboard/theme"

	tea "github.com/charmbracelet/bubbletea"
)

// groupBy is what domains are grouped by.
type groupBy uint8

const (
	byCause groupBy = iota
	byCode
	byHost
	byRegistrar
	groupings
)

func (g groupBy) String() string {
	return [...]string{"root cause", "code", "dns host", "registrar", ""}[g]
}

// key is the word of the filter that selects a group.
func (g groupBy) key() string {
	return [...]string{"cause", "code", "host", "registrar", ""}[g]
}

// of are the groups that a row belongs to; none where it has nothing to be grouped by.
func (g groupBy) of(r *row) []string {
	one := func(s string) []string {
		if s == "" {
			return nil
		}
		return []string{s}
	}
	switch g {
	case byCause:
		return r.sel.Causes
	case byCode:
		return r.sel.Codes
	case byHost:
		return one(r.sel.Host)
	case byRegistrar:
		return one(r.sel.Registrar)
	case groupings:
	}
	return nil
}

// group is some domains that have something in common.
type group struct {
	name   string // as the filter has it; empty: those that have nothing to be grouped by
	total  int
	counts [states]int
}

// groupsScreen shows the domains of the list by what they have in common.
type groupsScreen struct {
	still
	*shared
	list    *listScreen // whose domains are grouped
	by      groupBy
	all     []group
	of      int // domains that were grouped
	grid    *grid.Grid
	gen     int
	running bool
	dirty   bool
	shown   int // the version of the rows that the groups are of
}

type groupedMsg struct {
	gen  int
	list []group
	of   int
}

const groupHeadLines = 3

// groupEvery is how often groups are counted anew while results come in.
const groupEvery = 500 * time.Millisecond

type groupSoonMsg struct{}

// groupColumns are the columns of the groups: what they have in common, how many they are, and how those stand.
func groupColumns() []grid.Column {
	cols := []grid.Column{
		{Title: "group", Min: 24, Grow: 3, Max: 60},
		{Title: "what it is", Min: 24, Grow: 2, Max: 62, Priority: 7},
		{Title: "domains", Min: 7, Right: true},
	}
	for _, s := range groupStates() {
		cols = append(cols, grid.Column{Title: s.short(), Min: 7, Right: true, Priority: s.severity()})
	}
	return cols
}

// groupStates are the states that groups are counted by, the gravest first.
func groupStates() []state {
	return []state{stateFail, stateInconclusive, stateWait, stateWarn, statePass, stateNone}
}

// short is a state for the head of a narrow column.
func (s state) short() string {
	if s == stateInconclusive {
		return "unsure"
	}
	return s.word()
}

func newGroupsScreen(s *shared, l *listScreen) *groupsScreen {
	g := &groupsScreen{shared: s, list: l}
	g.grid = grid.New(s.th, groupColumns(), grid.Source{
		ID:   func(i int32) string { return "g" + g.all[i].name },
		Cell: func(i int32, col int) grid.Cell { return g.groupCell(g.all[i], col) },
	})
	return g
}

func (g *groupsScreen) scope() scope             { return scopeGroups }
func (g *groupsScreen) identity() string         { return g.by.String() }
func (g *groupsScreen) table() (*grid.Grid, int) { return g.grid, groupHeadLines }
func (g *groupsScreen) resize(width, height int) {
	g.grid.SetSize(width, max(0, height-groupHeadLines))
}

func (g *groupsScreen) hints() []action {
	return []action{actOpen, actGroup, actBack, actCatalogue, actPalette, actHelp, actQuit, actPaste}
}

func (g *groupsScreen) groupCell(of group, col int) grid.Cell {
	switch col {
	case 0:
		if of.name == "" {
			return grid.Cell{Text: "no " + g.by.String() + " is known", Paint: g.th.Faint}
		}
		if g.by == byCode {
			return grid.Cell{Text: strings.ToUpper(of.name)}
		}
		return grid.Cell{Text: of.name}
	case 1:
		return grid.Cell{Text: groupTitle(g.by, of.name), Paint: g.th.Faint}
	case 2:
		return grid.Cell{Text: count(of.total), Paint: g.th.Strong}
	}
	s := groupStates()[col-3]
	if of.counts[s] == 0 {
		return grid.Cell{}
	}
	_, paint := g.stateGlyph(s)
	return grid.Cell{Text: count(of.counts[s]), Paint: paint}
}

// groupTitle is what the catalogue calls a group.
func groupTitle(by groupBy, name string) string {
	switch by {
	case byCause:
		if c, ok := catalog.FindCause(name); ok {
			return c.Title
		}
	case byCode:
		if c, ok := catalog.FindCode(strings.ToUpper(name)); ok {
			return c.Name
		}
	case byHost, byRegistrar, groupings:
	}
	return ""
}

// groupRows groups the rows that a view selects, those with the most failing domains first. A domain with two causes
// is in two groups. It is pure.
func groupRows(rows []*row, v view, by groupBy) (list []group, of int) {
	index := map[string]int{}
	for _, r := range rows {
		if !v.selects(r) {
			continue
		}
		of++
		names := by.of(r)
		if len(names) == 0 {
			names = []string{""}
		}
		for _, name := range names {
			i, ok := index[name]
			if !ok {
				i = len(list)
				index[name] = i
				list = append(list, group{name: name})
			}
			list[i].total++
			list[i].counts[stateOf(r)]++
		}
	}
	slices.SortFunc(list, func(a, b group) int {
		return cmp.Or(
			cmp.Compare(b2i(a.name == ""), b2i(b.name == "")), // last, however many they are
			cmp.Compare(b.counts[stateFail], a.counts[stateFail]), cmp.Compare(b.total, a.total),
			strings.Compare(a.name, b.name))
	})
	return list, of
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// open shows the groups of what the list shows.
func (g *groupsScreen) open() tea.Cmd {
	g.list.grouped = false
	g.show(g)
	g.grid.SetOrder(nil)
	g.all, g.shown = nil, -1
	return g.groupNow()
}

// groupNow counts the groups; large lists in a command, one at a time.
func (g *groupsScreen) groupNow() tea.Cmd {
	if g.running {
		g.dirty = true
		return nil
	}
	g.gen++
	g.shown = g.fleet.version
	if len(g.fleet.rows) <= arrangeInUpdate {
		list, of := groupRows(g.fleet.rows, g.list.view(), g.by)
		g.setGroups(list, of)
		return nil
	}
	g.running, g.dirty = true, false
	gen, rows, v, by := g.gen, slices.Clone(g.fleet.rows), g.list.view(), g.by
	return func() tea.Msg {
		list, of := groupRows(rows, v, by)
		return groupedMsg{gen, list, of}
	}
}

func (g *groupsScreen) onGrouped(msg groupedMsg) tea.Cmd {
	if msg.gen != g.gen {
		return nil
	}
	g.running = false
	g.setGroups(msg.list, msg.of)
	if g.dirty {
		return g.groupNow()
	}
	return nil
}

func (g *groupsScreen) setGroups(list []group, of int) {
	g.all, g.of = list, of
	order := make([]int32, len(list))
	for i := range order {
		order[i] = int32(i)
	}
	g.grid.SetOrder(order)
}

// recount counts the groups again when the domains have changed, at most twice a second.
func (g *groupsScreen) recount() tea.Cmd {
	if g.shown == g.fleet.version || g.dirty {
		return nil
	}
	g.dirty = true
	return tea.Tick(groupEvery, func(time.Time) tea.Msg { return groupSoonMsg{} })
}

func (g *groupsScreen) do(a action) tea.Cmd {
	if moveGrid(g.grid, a) {
		return nil
	}
	switch a {
	case actBack:
		g.back()
	case actGroup:
		g.by = (g.by + 1) % groupings
		g.running, g.all = false, nil
		g.grid.SetOrder(nil)
		return g.groupNow()
	case actOpen:
		return g.openGroup()
	case actCatalogue:
		if i, ok := g.grid.Selected(); ok && groupTitle(g.by, g.all[i].name) != "" {
			name := g.all[i].name
			if g.by == byCode {
				name = strings.ToUpper(name)
			}
			g.openEntry(name)
			return nil
		}
		g.openCatalogue()
	}
	return nil
}

// term is a group as a term of the filter. Words match a part of a name: where another group's name has this one in
// it, the whole is asked for.
func (g groupBy) term(name string, among []group) string {
	value := name
	if slices.ContainsFunc(among, func(o group) bool { return o.name != name && strings.Contains(o.name, name) }) {
		value = "=" + value
	}
	if strings.ContainsAny(value, " ,\t\u00a0") {
		value = `"` + value + `"`
	}
	return g.key() + ":" + value
}

// openGroup shows the domains of the selected group: its term is added to the filter.
func (g *groupsScreen) openGroup() tea.Cmd {
	i, ok := g.grid.Selected()
	if !ok {
		return nil
	}
	name := g.all[i].name
	if name == "" {
		return g.say("no line of the filter selects these: no %s is known of them", g.by)
	}
	value := g.by.term(name, g.all)
	g.list.ungrouped = g.list.filter.value()
	cmd := g.filterList(strings.TrimSpace(g.list.ungrouped + " " + value))
	g.list.grouped = true
	return cmd
}

// reopen shows the groups as they were left.
func (g *groupsScreen) reopen() tea.Cmd {
	g.show(g)
	return g.groupNow()
}

func (g *groupsScreen) head() string {
	line := g.th.Faint.Do(plural(len(g.all), "group", "groups") + " of " + plural(g.of, "domain",
		"domains"))
	if f := g.list.filter.value(); f != "" {
		line += g.th.Faint.Do(" that ") + g.th.Accent.Do("/ "+f) + g.th.Faint.Do(" selects")
	}
	next := g.th.Accent.Do(g.keyOf(scopeGroups, actGroup)) + g.th.Faint.Do(" by "+((g.by+1)%groupings).String())
	return g.titleLine("by "+g.by.String(), "") + "\n" + spread(line, next, g.width, g.th) + "\n"
}

func (g *groupsScreen) body() string {
	if g.grid.Len() > 0 {
		return g.grid.Render()
	}
	p := newPage(g.th, g.width-2)
	p.lines = append(p.lines, "")
	if g.running {
		p.text(2, g.th.Waiting, "counting the groups "+g.th.More)
		return p.String()
	}
	p.text(2, g.th.Strong, "there is no domain to group")
	p.text(2, theme.Paint{}, g.keyOf(scopeGroups, actBack)+" goes back to the list")
	return p.String()
}
