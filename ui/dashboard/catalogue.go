package dashboard

import (
	"slices"
	"strconv"
	"strings"

	"domdoc/catalog"
	"domdoc/ui/dashboard/grid"

	"github.com/charmbracelet/bubbles/viewport"
	tea "github.com/charmbracelet/bubbletea"
)

// catalogueScreen lists all codes and causes. Its items never change; how many domains show each one now does.
type catalogueScreen struct {
	still
	*shared
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

func newCatalogueScreen(s *shared) *catalogueScreen {
	c := &catalogueScreen{shared: s, counts: map[string]int{}}
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
				string(cause.ID), cause.Title, cause.Description,
				strings.Join(cause.AllCodes(), " "),
			}, " ")),
		})
	}
	c.newGrid()
	return c
}

func (c *catalogueScreen) scope() scope             { return scopeCatalogue }
func (c *catalogueScreen) identity() string         { return c.search.committed() }
func (c *catalogueScreen) table() (*grid.Grid, int) { return c.grid, catalogueHeadLines }
func (c *catalogueScreen) typing() bool             { return c.search.open }
func (c *catalogueScreen) resize(width, height int) {
	c.grid.SetSize(width, max(0, height-catalogueHeadLines))
}

func (c *catalogueScreen) hints() []action {
	return []action{actOpen, actFilter, actBack, actHelp, actQuit, actPaste}
}

func (c *catalogueScreen) paste(text string) (tea.Cmd, bool) {
	if !c.search.open {
		return nil, false
	}
	c.search.insert(text)
	c.arrange()
	return nil, true
}

func (c *catalogueScreen) newGrid() {
	items, counts, th := c.items, c.counts, c.th
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
}

// arrange shows the items that hold every word of the search.
func (c *catalogueScreen) arrange() {
	words := strings.Fields(strings.ToLower(c.search.value()))
	order := []int32{}
	for i, it := range c.items {
		if !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(it.search, w) }) {
			order = append(order, int32(i))
		}
	}
	c.grid.SetOrder(order)
}

// open shows the catalogue.
func (c *catalogueScreen) open() {
	c.arrange()
	c.show(c)
}

// refresh counts the domains that show each code and cause now.
func (c *catalogueScreen) refresh() {
	if c.of == c.fleet.version {
		return
	}
	c.of = c.fleet.version
	clear(c.counts)
	for _, r := range c.fleet.rows {
		if r.sum == nil {
			continue
		}
		for _, code := range r.sum.codes {
			c.counts[code]++
		}
		for _, id := range r.sum.causes {
			c.counts[string(id)]++
		}
	}
}

func (c *catalogueScreen) do(a action) tea.Cmd {
	if moveGrid(c.grid, a) {
		return nil
	}
	switch a {
	case actBack:
		if c.search.value() != "" {
			c.search.set("")
			c.arrange()
			return nil
		}
		c.back()
	case actFilter:
		c.search.open, c.search.before = true, c.search.value()
	case actOpen:
		if i, ok := c.grid.Selected(); ok {
			c.openEntry(c.items[i].id)
		}
	}
	return nil
}

// typed is a key in the search field.
func (c *catalogueScreen) typed(msg tea.KeyMsg) tea.Cmd {
	s := &c.search
	switch msg.String() {
	case "enter":
		s.open = false
	case "esc":
		s.open = false
		s.set(s.before)
	case "up":
		c.grid.Move(-1)
	case "down":
		c.grid.Move(1)
	default:
		s.press(msg)
	}
	c.arrange()
	return nil
}

func (c *catalogueScreen) head() string {
	right := plural(c.grid.Len(), "entry", "entries")
	line := c.th.Faint.Do("the 23 codes, then every cause behind them, and how many domains have it now")
	switch {
	case c.search.open:
		line = c.th.Accent.Do("/") + " " + c.search.render(c.th, c.width-4)
	case c.search.value() != "":
		line = c.th.Accent.Do("/") + " " + c.search.value()
	}
	return c.titleLine("codes and causes", right) + "\n" + line + "\n"
}

func (c *catalogueScreen) body() string {
	if c.grid.Len() > 0 {
		return c.grid.Render()
	}
	p := newPage(c.th, c.width)
	p.lines = append(p.lines, "")
	p.text(2, c.th.Strong, "nothing in the catalogue holds these words")
	p.text(2, c.th.Plain, "try a code (010), a part of a name (propagation) or a word (certificate)")
	return p.String()
}

// entryScreen shows one code or cause.
type entryScreen struct {
	still
	*shared
	id    string
	view  viewport.Model
	shown entryKey
}

type entryKey struct {
	id             string
	width, version int
}

const entryHeadLines = 2

func newEntryScreen(s *shared) *entryScreen { return &entryScreen{shared: s, view: s.newView()} }

func (e *entryScreen) scope() scope     { return scopeEntry }
func (e *entryScreen) identity() string { return e.id }
func (e *entryScreen) scroll(lines int) { e.view.SetYOffset(e.view.YOffset + lines) }

func (e *entryScreen) resize(width, height int) {
	e.view.Width, e.view.Height = width, max(0, height-entryHeadLines)
}

func (e *entryScreen) body() string    { return e.view.View() }
func (e *entryScreen) hints() []action { return []action{actBack, actOpen, actHelp, actQuit, actPaste} }

func (e *entryScreen) open(id string) {
	e.id = id
	e.view.GotoTop()
	e.show(e)
}

// affected are the domains that show the entry now.
func (e *entryScreen) affected() []*row {
	id := e.id
	return e.fleet.affected(func(s *summary) bool {
		return slices.Contains(s.codes, id) || slices.Contains(s.causes, catalog.ID(id))
	})
}

func (e *entryScreen) do(a action) tea.Cmd {
	if moveView(&e.view, a) {
		return nil
	}
	switch a {
	case actBack:
		e.back()
	case actOpen:
		if len(e.affected()) == 0 {
			return e.say("no domain that was diagnosed shows it now")
		}
		key := "cause:"
		if _, ok := catalog.FindCode(e.id); ok {
			key = "code:"
		}
		return e.filterList(key + e.id)
	}
	return nil
}

func (e *entryScreen) head() string {
	return e.titleLine(e.th.Strong.Do(e.id), e.place(e.view)) + "\n"
}

func (e *entryScreen) refresh() {
	key := entryKey{e.id, e.width, e.fleet.version}
	if key == e.shown {
		return
	}
	e.shown = key
	hits := e.affected()
	p := newPage(e.th, e.width)
	if c, ok := catalog.FindCode(e.id); ok {
		codePage(p, c)
		p.head("domains that show it now")
	} else if c, ok := catalog.FindCause(e.id); ok {
		causePage(p, c)
		p.head("domains with this root cause now")
	}
	for i, r := range hits {
		if i == 10 {
			p.text(2, e.th.Faint, "and "+count(len(hits)-i)+" more")
			break
		}
		p.text(2, e.th.Plain, r.name)
	}
	if len(hits) == 0 {
		p.text(2, e.th.Faint, "none of those that were diagnosed")
	} else {
		p.text(2, e.th.Faint, e.keyOf(scopeEntry, actOpen)+" shows them in the list")
	}
	e.view.SetContent(p.String())
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
	p.text(0, p.th.Plain, c.Description)
	p.gap()
	p.item(0, "how it is known", column, p.th.Plain, c.Detection)
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
