package dashboard

import (
	"slices"
	"strconv"
	"strings"

	"domdoc/catalog"
	"domdoc/ui/dashboard/grid"
	"domdoc/ui/dashboard/theme"

	"github.com/charmbracelet/bubbles/viewport"
	tea "github.com/charmbracelet/bubbletea"
)

// catalogue is the screen of all codes and causes. Its items never change; how many domains show each one now does.
type catalogue struct {
	items  []item
	grid   *grid.Grid
	search field
	counts map[string]int // domains by code or cause
	of     int            // the version of the rows that they were counted of
}

// item is a code or a cause.
type item struct {
	id, title, about string
	search           string // lower case
	code             catalog.Code
	cause            *catalog.Cause // nil for a code
}

const catalogueHeadLines = 3

func newCatalogue(th *theme.Theme) catalogue {
	c := catalogue{counts: map[string]int{}}
	for _, code := range catalog.Codes() {
		c.items = append(c.items, item{
			id: code.ID, title: code.Name, about: code.Category, code: code,
			search: strings.ToLower(strings.Join([]string{
				code.ID, code.Name, code.Description, code.Resolution,
				code.Category, "http " + strconv.Itoa(code.HTTP),
			}, " ")),
		})
	}
	for _, cause := range catalog.Causes() {
		c.items = append(c.items, item{
			id: string(cause.ID), title: cause.Title, about: cause.Rung.String(), cause: cause,
			search: strings.ToLower(strings.Join([]string{
				string(cause.ID), cause.Title, cause.Means,
				strings.Join(cause.AllCodes(), " "),
			}, " ")),
		})
	}
	return c.withGrid(th)
}

func (c catalogue) withGrid(th *theme.Theme) catalogue {
	items, counts := c.items, c.counts
	c.grid = grid.New(th, []grid.Column{
		{Title: "code or cause", Min: 28, Grow: 1, Max: 36},
		{Title: "what it is", Min: 24, Grow: 4, Max: 62},
		{Title: "domains", Min: 7, Priority: 1, Right: true},
		{Title: "about", Min: 20, Max: 24, Priority: 2},
	}, grid.Source{
		ID: func(i int32) string { return items[i].id },
		Cell: func(i int32, col int) grid.Cell {
			it := items[i]
			switch col {
			case 0:
				if it.cause == nil {
					return grid.Cell{Text: it.id, Paint: th.Accent}
				}
				return grid.Cell{Text: it.id}
			case 1:
				return grid.Cell{Text: it.title}
			case 2:
				if n := counts[it.id]; n > 0 {
					return grid.Cell{Text: count(n), Paint: th.Warning}
				}
				return grid.Cell{}
			}
			return grid.Cell{Text: it.about, Paint: th.Faint}
		},
	})
	c.arrange()
	return c
}

// arrange shows the items that hold every word of the search.
func (c *catalogue) arrange() {
	words := strings.Fields(strings.ToLower(c.search.value()))
	order := []int32{}
	for i, it := range c.items {
		if !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(it.search, w) }) {
			order = append(order, int32(i))
		}
	}
	c.grid.SetOrder(order)
}

// openCatalogue shows the catalogue.
func (m *model) openCatalogue() {
	m.catalogue.arrange()
	m.goTo(screenCatalogue)
}

// countCatalogue counts the domains that show each code and cause now.
func (m *model) countCatalogue() {
	if m.catalogue.of == m.fleet.version {
		return
	}
	m.catalogue.of = m.fleet.version
	clear(m.catalogue.counts)
	for _, r := range m.fleet.rows {
		if r.sum == nil {
			continue
		}
		for _, c := range r.sum.codes {
			m.catalogue.counts[c]++
		}
		for _, c := range r.sum.causes {
			m.catalogue.counts[string(c)]++
		}
	}
}

func (m *model) doCatalogue(a action) tea.Cmd {
	if moveGrid(m.catalogue.grid, a) {
		return nil
	}
	switch a {
	case actBack:
		if m.catalogue.search.value() != "" {
			m.catalogue.search.set("")
			m.catalogue.arrange()
			return nil
		}
		m.goBack()
	case actFilter:
		m.catalogue.search.open, m.catalogue.search.before = true, m.catalogue.search.value()
	case actOpen:
		if i, ok := m.catalogue.grid.Selected(); ok {
			m.openEntry(m.catalogue.items[i].id)
		}
	}
	return nil
}

// typeSearch is a key in the search field.
func (m *model) typeSearch(msg tea.KeyMsg) tea.Cmd {
	s := &m.catalogue.search
	switch msg.String() {
	case "enter":
		s.open = false
	case "esc":
		s.open = false
		s.set(s.before)
	case "up":
		m.catalogue.grid.Move(-1)
	case "down":
		m.catalogue.grid.Move(1)
	default:
		s.press(msg)
	}
	m.catalogue.arrange()
	return nil
}

func (m *model) catalogueHead() string {
	right := plural(m.catalogue.grid.Len(), "entry", "entries")
	line := m.th.Faint.Do("the 23 codes, then every cause behind them, and how many domains have it now")
	switch {
	case m.catalogue.search.open:
		line = m.th.Accent.Do("/") + " " + m.catalogue.search.render(m.th, m.width-4)
	case m.catalogue.search.value() != "":
		line = m.th.Accent.Do("/") + " " + m.catalogue.search.value()
	}
	return m.titleLine("codes and causes", right) + "\n" + line + "\n"
}

func (m *model) catalogueBody() string {
	if m.catalogue.grid.Len() > 0 {
		return m.catalogue.grid.Render()
	}
	p := newPage(m.th, m.width)
	p.lines = append(p.lines, "")
	p.text(2, m.th.Strong, "nothing in the catalogue holds these words")
	p.text(2, m.th.Plain, "try a code (010), a part of a name (propagation) or a word (certificate)")
	return p.String()
}

// entry is the screen of one code or cause.
type entry struct {
	id    string
	view  viewport.Model
	shown entryKey
}

type entryKey struct {
	id             string
	width, version int
}

const entryHeadLines = 2

func (m *model) openEntry(id string) {
	m.entry.id = id
	m.entry.view.GotoTop()
	m.goTo(screenEntry)
}

// affected are the domains that show the entry now.
func (m *model) affected() []*row {
	id := m.entry.id
	return m.fleet.affected(func(s *summary) bool {
		return slices.Contains(s.codes, id) || slices.Contains(s.causes, catalog.ID(id))
	})
}

func (m *model) doEntry(a action) tea.Cmd {
	if moveView(&m.entry.view, a) {
		return nil
	}
	switch a {
	case actBack:
		m.goBack()
	case actOpen:
		if len(m.affected()) == 0 {
			return m.say("no domain that was diagnosed shows it now")
		}
		key := "cause:"
		if _, ok := catalog.FindCode(m.entry.id); ok {
			key = "code:"
		}
		m.screen, m.back, m.only = screenList, nil, nil
		return m.setFilter(key + m.entry.id)
	}
	return nil
}

func (m *model) entryHead() string {
	return m.titleLine(m.th.Strong.Do(m.entry.id), m.place(m.entry.view)) + "\n"
}

func (m *model) refreshEntry() {
	key := entryKey{m.entry.id, m.width, m.fleet.version}
	if key == m.entry.shown {
		return
	}
	m.entry.shown = key
	hits := m.affected()
	p := newPage(m.th, m.width)
	if c, ok := catalog.FindCode(m.entry.id); ok {
		codePage(p, c)
		p.head("domains that show it now")
	} else if c, ok := catalog.FindCause(m.entry.id); ok {
		causePage(p, c)
		p.head("domains with this root cause now")
	}
	for i, r := range hits {
		if i == 10 {
			p.text(2, m.th.Faint, "and "+count(len(hits)-i)+" more")
			break
		}
		p.text(2, m.th.Plain, r.name)
	}
	if len(hits) == 0 {
		p.text(2, m.th.Faint, "none of those that were diagnosed")
	} else {
		p.text(2, m.th.Faint, m.keyOf(screenEntry, actOpen)+" shows them in the list")
	}
	m.entry.view.SetContent(p.String())
}

// codePage is one code: what the service's document says of it, and the causes behind it.
func codePage(p *page, c catalog.Code) {
	p.text(0, p.th.Strong, c.Name)
	p.text(0, p.th.Faint, "HTTP "+strconv.Itoa(c.HTTP)+", "+c.Category)
	p.gap()
	p.text(0, p.th.Plain, c.Description)
	p.item(0, "do", 6, p.th.Plain, c.Resolution)
	p.head("what causes it, the commonest first")
	for _, cause := range catalog.CausesOf(c.ID) {
		p.hang(2, string(cause.ID), p.th.Accent, 30, p.th.Plain, cause.Title)
	}
}

// causePage is one cause: what it means, how it is known, and what to do, shown with an example.
func causePage(p *page, c *catalog.Cause) {
	const column = 17
	p.text(0, p.th.Strong, c.Title)
	p.gap()
	p.text(0, p.th.Plain, c.Means)
	p.gap()
	p.item(0, "how it is known", column, p.th.Plain, c.How)
	if c.Confused != "" {
		p.item(0, "often taken for", column, p.th.Plain, c.Confused)
	}
	var also []string
	for _, x := range c.SeeAlso() {
		also = append(also, string(x.ID))
	}
	if len(also) > 0 {
		p.item(0, "see also", column, p.th.Plain, strings.Join(also, ", "))
	}
	p.item(0, "who acts", column, p.th.Plain, actors(c.Who))
	codes := c.NoCode
	if all := c.AllCodes(); len(all) > 0 {
		codes = strings.Join(all, ", ")
	}
	p.item(0, "codes", column, p.th.Plain, codes)
	var explains []string
	for _, l := range c.Explains {
		if !slices.Contains(explains, string(l.To)) {
			explains = append(explains, string(l.To))
		}
	}
	if len(explains) > 0 {
		p.item(0, "explains", column, p.th.Plain, strings.Join(explains, ", "))
	}
	if len(c.Refs) > 0 {
		p.item(0, "read", column, p.th.Plain, strings.Join(c.Refs, ", "))
	}
	p.head("an example")
	example := c.Example()
	p.text(2, p.th.Plain, example.Summary())
	p.item(2, "why", label, p.th.Plain, example.Why())
	fix := example.Fix()
	for i, s := range fix.Steps {
		name := ""
		if i == 0 {
			name = "do"
		}
		p.hang(2, pad(name, label)+strconv.Itoa(i+1), p.th.Faint, label+2, p.th.Plain, s)
	}
	for _, cmd := range fix.Commands {
		p.verbatim(2, p.th.Accent, cmd)
	}
}
