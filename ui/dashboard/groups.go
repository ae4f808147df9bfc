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

// groups is the screen of the groups.
type groups struct {
	by      groupBy
	list    []group
	of      int // domains that were grouped
	grid    *grid.Grid
	gen     int
	running bool
	dirty   bool
	shown   int    // the version of the rows that the groups are of
	back    string // the filter that was in force when a group was opened
	opened  bool   // the list shows a group: esc leads back to the groups
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

func (m *model) newGroups() {
	g := &m.groups
	g.grid = grid.New(m.th, groupColumns(), grid.Source{
		ID:   func(i int32) string { return "g" + g.list[i].name },
		Cell: func(i int32, col int) grid.Cell { return m.groupCell(g.list[i], col) },
	})
}

func (m *model) groupCell(g group, col int) grid.Cell {
	switch col {
	case 0:
		if g.name == "" {
			return grid.Cell{Text: "no " + m.groups.by.String() + " is known", Paint: m.th.Faint}
		}
		if m.groups.by == byCode {
			return grid.Cell{Text: strings.ToUpper(g.name)}
		}
		return grid.Cell{Text: g.name}
	case 1:
		return grid.Cell{Text: groupTitle(m.groups.by, g.name), Paint: m.th.Faint}
	case 2:
		return grid.Cell{Text: count(g.total), Paint: m.th.Strong}
	}
	s := groupStates()[col-3]
	if g.counts[s] == 0 {
		return grid.Cell{}
	}
	_, paint := m.stateGlyph(s)
	return grid.Cell{Text: count(g.counts[s]), Paint: paint}
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

// openGroups shows the groups of what the list shows.
func (m *model) openGroups() tea.Cmd {
	m.groups.opened = false
	m.goTo(screenGroups)
	m.groups.grid.SetOrder(nil)
	m.groups.list, m.groups.shown = nil, -1
	return m.groupNow()
}

// groupNow counts the groups; large lists in a command, one at a time.
func (m *model) groupNow() tea.Cmd {
	g := &m.groups
	if g.running {
		g.dirty = true
		return nil
	}
	g.gen++
	g.shown = m.fleet.version
	if len(m.fleet.rows) <= arrangeInUpdate {
		list, of := groupRows(m.fleet.rows, m.view(), g.by)
		m.setGroups(list, of)
		return nil
	}
	g.running, g.dirty = true, false
	gen, rows, v, by := g.gen, slices.Clone(m.fleet.rows), m.view(), g.by
	return func() tea.Msg {
		list, of := groupRows(rows, v, by)
		return groupedMsg{gen, list, of}
	}
}

func (m *model) onGrouped(msg groupedMsg) tea.Cmd {
	if msg.gen != m.groups.gen {
		return nil
	}
	m.groups.running = false
	m.setGroups(msg.list, msg.of)
	if m.groups.dirty {
		return m.groupNow()
	}
	return nil
}

func (m *model) setGroups(list []group, of int) {
	g := &m.groups
	g.list, g.of = list, of
	order := make([]int32, len(list))
	for i := range order {
		order[i] = int32(i)
	}
	g.grid.SetOrder(order)
}

// regroup counts the groups anew when the domains have changed, at most twice a second.
func (m *model) regroup() tea.Cmd {
	g := &m.groups
	if m.screen != screenGroups || g.shown == m.fleet.version || g.dirty {
		return nil
	}
	g.dirty = true
	return tea.Tick(groupEvery, func(time.Time) tea.Msg { return groupSoonMsg{} })
}

func (m *model) doGroups(a action) tea.Cmd {
	g := &m.groups
	if moveGrid(g.grid, a) {
		return nil
	}
	switch a {
	case actBack:
		m.goBack()
	case actGroup:
		g.by = (g.by + 1) % groupings
		g.running, g.list = false, nil
		g.grid.SetOrder(nil)
		return m.groupNow()
	case actOpen:
		return m.openGroup()
	case actCatalogue:
		if i, ok := g.grid.Selected(); ok && groupTitle(g.by, g.list[i].name) != "" {
			name := g.list[i].name
			if g.by == byCode {
				name = strings.ToUpper(name)
			}
			m.openEntry(name)
			return nil
		}
		m.openCatalogue()
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
func (m *model) openGroup() tea.Cmd {
	g := &m.groups
	i, ok := g.grid.Selected()
	if !ok {
		return nil
	}
	name := g.list[i].name
	if name == "" {
		return m.say("no line of the filter selects these: no %s is known of them", g.by)
	}
	value := g.by.term(name, g.list)
	back := m.filter.value()
	m.screen, m.back = screenList, nil
	g.back, g.opened = back, true
	return m.setFilter(strings.TrimSpace(back + " " + value))
}

// leaveGroup goes from the domains of a group back to the groups.
func (m *model) leaveGroup() tea.Cmd {
	g := &m.groups
	g.opened = false
	cmd := m.setFilter(g.back)
	m.goTo(screenGroups)
	return tea.Batch(cmd, m.groupNow())
}

func (m *model) groupsHead() string {
	line := m.th.Faint.Do(plural(len(m.groups.list), "group", "groups") + " of " + plural(m.groups.of, "domain",
		"domains"))
	if f := m.filter.value(); f != "" {
		line += m.th.Faint.Do(" that ") + m.th.Accent.Do("/ "+f) + m.th.Faint.Do(" selects")
	}
	next := m.th.Accent.Do(m.keyOf(screenGroups, actGroup)) + m.th.Faint.Do(" by "+((m.groups.by+1)%groupings).String())
	return m.titleLine("by "+m.groups.by.String(), "") + "\n" + spread(line, next, m.width, m.th) + "\n"
}

func (m *model) groupsBody() string {
	if m.groups.grid.Len() > 0 {
		return m.groups.grid.Render()
	}
	p := newPage(m.th, m.width-2)
	p.lines = append(p.lines, "")
	if m.groups.running {
		p.text(2, m.th.Waiting, "counting the groups "+m.th.More)
		return p.String()
	}
	p.text(2, m.th.Strong, "there is no domain to group")
	p.text(2, theme.Paint{}, m.keyOf(screenGroups, actBack)+" goes back to the list")
	return p.String()
}
