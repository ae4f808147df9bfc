// Package catalogue is the screen of all error codes and causes, and the screen of one of them.
package catalogue

import (
	"slices"
	"strconv"
	"strings"

	"domdoc/catalog"
	"domdoc/ui/dashboard/action"
	"domdoc/ui/dashboard/grid"
	"domdoc/ui/dashboard/inventory"
	"domdoc/ui/dashboard/page"
	"domdoc/ui/dashboard/screen"
	"domdoc/ui/dashboard/tab"

	"github.com/charmbracelet/bubbles/viewport"
	tea "github.com/charmbracelet/bubbletea"
)

// Screen lists all codes and causes. Its items never change, but their numbers of domains do.
type Screen struct {
	screen.Base
	*screen.Shared
	Items  []Item
	Grid   *grid.Grid
	Search screen.Field
	counts map[string]int // domains by code or cause
	of     int            // the version of the rows that were counted
}

// Item is a code or a cause.
type Item struct {
	ID, title, about string
	search           string // lower case
	code             catalog.Code
	Cause            *catalog.Cause // nil for a code
}

const catalogueHeadLines = 3

// New makes the screen of all codes and causes.
func New(s *screen.Shared) *Screen {
	c := &Screen{Shared: s, counts: map[string]int{}}
	for _, code := range catalog.Codes() {
		c.Items = append(c.Items, Item{
			ID: code.ID, title: code.Name, about: code.Category, code: code,
			search: strings.ToLower(strings.Join([]string{
				code.ID, code.Name, code.Description, code.Resolution,
				code.Category, "http " + strconv.Itoa(code.HTTP),
			}, " ")),
		})
	}
	for _, cause := range catalog.Causes() {
		c.Items = append(c.Items, Item{
			ID: string(cause.ID), title: cause.Title, about: cause.Rung.String(), Cause: cause,
			search: strings.ToLower(strings.Join([]string{
				string(cause.ID), cause.Title, cause.Description,
				strings.Join(cause.AllCodes(), " "),
			}, " ")),
		})
	}
	c.NewGrid()
	return c
}

// Scope implements screen.Screen.
func (c *Screen) Scope() action.Scope { return action.ScopeCatalogue }

// Identity implements screen.Screen.
func (c *Screen) Identity() string { return c.Search.Committed() }

// Table implements screen.Screen.
func (c *Screen) Table() (*grid.Grid, int) { return c.Grid, catalogueHeadLines }

// Typing implements screen.Screen.
func (c *Screen) Typing() bool { return c.Search.Open }

// Resize implements screen.Screen.
func (c *Screen) Resize(width, height int) {
	c.Grid.SetSize(width, max(0, height-catalogueHeadLines))
}

// Hints implements screen.Screen.
func (c *Screen) Hints() []action.Name {
	return []action.Name{action.Open, action.Filter, action.Back, action.Help, action.Quit, action.Paste}
}

// Paste implements screen.Screen.
func (c *Screen) Paste(text string) (tea.Cmd, bool) {
	if !c.Search.Open {
		return nil, false
	}
	c.Search.Insert(text)
	c.arrange()
	return nil, true
}

// NewGrid makes the table of the items.
func (c *Screen) NewGrid() {
	items, counts, th := c.Items, c.counts, c.Th
	c.Grid = grid.New(th, []grid.Column{
		{Title: "code or cause", Min: 28, Grow: 1, Max: 36},
		{Title: "what it is", Min: 24, Grow: 4, Max: 62},
		{Title: "domains", Min: 7, Priority: 1, Right: true},
		{Title: "about", Min: 20, Max: 24, Priority: 2},
	}, grid.Source{
		ID: func(i int32) string { return items[i].ID },
		Cell: func(i int32, col int) grid.Cell {
			it := items[i]
			switch col {
			case 0:
				if it.Cause == nil {
					return grid.Cell{Text: it.ID, Paint: th.Accent}
				}
				return grid.Cell{Text: it.ID}
			case 1:
				return grid.Cell{Text: it.title}
			case 2:
				if n := counts[it.ID]; n > 0 {
					return grid.Cell{Text: page.Count(n), Paint: th.Warning}
				}
				return grid.Cell{}
			}
			return grid.Cell{Text: it.about, Paint: th.Faint}
		},
	})
	c.arrange()
}

// arrange shows the items that contain every word of the search.
func (c *Screen) arrange() {
	words := strings.Fields(strings.ToLower(c.Search.Value()))
	order := []int32{}
	for i, it := range c.Items {
		if !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(it.search, w) }) {
			order = append(order, int32(i))
		}
	}
	c.Grid.SetOrder(order)
}

// Open shows the catalogue.
func (c *Screen) Open() {
	c.arrange()
	c.Show(c)
}

// Refresh counts the domains that show each code and cause now.
func (c *Screen) Refresh() {
	if c.of == c.Domains.Version {
		return
	}
	c.of = c.Domains.Version
	clear(c.counts)
	for _, r := range c.Domains.Rows {
		if r.Sum == nil {
			continue
		}
		for _, code := range r.Sum.Codes {
			c.counts[code]++
		}
		for _, id := range r.Sum.Causes {
			c.counts[string(id)]++
		}
	}
}

// Do implements screen.Screen.
func (c *Screen) Do(a action.Name) tea.Cmd {
	if screen.MoveGrid(c.Grid, a) {
		return nil
	}
	switch a {
	case action.Back:
		if c.Search.Value() != "" {
			c.Search.Set("")
			c.arrange()
			return nil
		}
		c.Back()
	case action.Filter:
		c.Search.Open, c.Search.Before = true, c.Search.Value()
	case action.Open:
		if i, ok := c.Grid.Selected(); ok {
			c.OpenEntry(c.Items[i].ID)
		}
	}
	return nil
}

// Typed handles a key in the search field.
func (c *Screen) Typed(msg tea.KeyMsg) tea.Cmd {
	s := &c.Search
	switch msg.String() {
	case "enter":
		s.Open = false
	case "esc":
		s.Open = false
		s.Set(s.Before)
	case "up":
		c.Grid.Move(-1)
	case "down":
		c.Grid.Move(1)
	default:
		s.Press(msg)
	}
	c.arrange()
	return nil
}

// Head implements screen.Screen.
func (c *Screen) Head() string {
	right := page.Plural(c.Grid.Len(), "entry", "entries")
	line := c.Th.Faint.Do("the 23 codes and their causes, with the number of domains affected now")
	switch {
	case c.Search.Open:
		line = c.Th.Accent.Do("/") + " " + c.Search.Render(c.Th, c.Width-4)
	case c.Search.Value() != "":
		line = c.Th.Accent.Do("/") + " " + c.Search.Value()
	}
	return c.TitleLine("codes and causes", right) + "\n" + line + "\n"
}

// Body implements screen.Screen.
func (c *Screen) Body() string {
	if c.Grid.Len() > 0 {
		return c.Grid.Render()
	}
	p := page.New(c.Th, c.Width)
	p.Lines = append(p.Lines, "")
	p.Text(2, c.Th.Strong, "no code or cause matches")
	p.Text(2, c.Th.Plain, "try a code (010), part of a name (propagation) or a word (certificate)")
	return p.String()
}

// Entry shows one code or cause.
type Entry struct {
	screen.Base
	*screen.Shared
	ID    string
	View  viewport.Model
	shown entryKey
}

type entryKey struct {
	id             string
	width, version int
}

const entryHeadLines = 2

// NewEntry makes the screen of one code or cause.
func NewEntry(s *screen.Shared) *Entry { return &Entry{Shared: s, View: s.NewView()} }

// Scope implements screen.Screen.
func (e *Entry) Scope() action.Scope { return action.ScopeEntry }

// Identity implements screen.Screen.
func (e *Entry) Identity() string { return e.ID }

// Scroll implements screen.Screen.
func (e *Entry) Scroll(lines int) { e.View.SetYOffset(e.View.YOffset + lines) }

// Resize implements screen.Screen.
func (e *Entry) Resize(width, height int) {
	e.View.Width, e.View.Height = width, max(0, height-entryHeadLines)
}

// Body implements screen.Screen.
func (e *Entry) Body() string { return e.View.View() }

// Hints implements screen.Screen.
func (e *Entry) Hints() []action.Name {
	return []action.Name{action.Back, action.Open, action.Help, action.Quit, action.Paste}
}

// Open shows a code or a cause by its id.
func (e *Entry) Open(id string) {
	e.ID = id
	e.View.GotoTop()
	e.Show(e)
}

// affected returns the domains that have the entry now.
func (e *Entry) affected() []*inventory.Row {
	id := e.ID
	return e.Domains.Affected(func(s *inventory.Summary) bool {
		return slices.Contains(s.Codes, id) || slices.Contains(s.Causes, catalog.ID(id))
	})
}

// Do implements screen.Screen.
func (e *Entry) Do(a action.Name) tea.Cmd {
	if screen.MoveView(&e.View, a) {
		return nil
	}
	switch a {
	case action.Back:
		e.Back()
	case action.Open:
		if len(e.affected()) == 0 {
			return e.Say("no diagnosed domain is affected now")
		}
		key := "cause:"
		if _, ok := catalog.FindCode(e.ID); ok {
			key = "code:"
		}
		return e.FilterList(key + e.ID)
	}
	return nil
}

// Head implements screen.Screen.
func (e *Entry) Head() string {
	return e.TitleLine(e.Th.Strong.Do(e.ID), e.Place(e.View)) + "\n"
}

// Refresh implements screen.Screen.
func (e *Entry) Refresh() {
	key := entryKey{e.ID, e.Width, e.Domains.Version}
	if key == e.shown {
		return
	}
	e.shown = key
	hits := e.affected()
	p := page.New(e.Th, e.Width)
	if c, ok := catalog.FindCode(e.ID); ok {
		codePage(p, c)
		p.Head("domains with this code now")
	} else if c, ok := catalog.FindCause(e.ID); ok {
		causePage(p, c)
		p.Head("domains with this root cause now")
	}
	for i, r := range hits {
		if i == 10 {
			p.Text(2, e.Th.Faint, "and "+page.Count(len(hits)-i)+" more")
			break
		}
		p.Text(2, e.Th.Plain, r.Name)
	}
	if len(hits) == 0 {
		p.Text(2, e.Th.Faint, "none of the diagnosed domains")
	} else {
		p.Text(2, e.Th.Faint, e.KeyOf(action.ScopeEntry, action.Open)+" lists them")
	}
	e.View.SetContent(p.String())
}

// codePage returns one code: the service's documentation of it, and its causes.
func codePage(p *page.Builder, c catalog.Code) {
	p.Text(0, p.Th.Strong, c.Name)
	p.Text(0, p.Th.Faint, "HTTP "+strconv.Itoa(c.HTTP)+", "+c.Category)
	p.Gap()
	p.Text(0, p.Th.Plain, c.Description)
	p.Item(0, "do", 6, p.Th.Plain, c.Resolution)
	p.Head("causes, most common first")
	for _, cause := range catalog.CausesOf(c.ID) {
		p.Hang(2, string(cause.ID), p.Th.Accent, 30, p.Th.Plain, cause.Title)
	}
}

// causePage returns one cause: its meaning, how it is detected, and the fix, shown with an example.
func causePage(p *page.Builder, c *catalog.Cause) {
	const column = 17
	p.Text(0, p.Th.Strong, c.Title)
	p.Gap()
	p.Text(0, p.Th.Plain, c.Description)
	p.Gap()
	p.Item(0, "detected by", column, p.Th.Plain, c.Detection)
	if c.Confused != "" {
		p.Item(0, "confused with", column, p.Th.Plain, c.Confused)
	}
	var also []string
	for _, x := range c.SeeAlso() {
		also = append(also, string(x.ID))
	}
	if len(also) > 0 {
		p.Item(0, "see also", column, p.Th.Plain, strings.Join(also, ", "))
	}
	p.Item(0, "owner", column, p.Th.Plain, tab.Actors(c.Who, p.Reader))
	codes := c.NoCode
	if all := c.AllCodes(); len(all) > 0 {
		codes = strings.Join(all, ", ")
	}
	p.Item(0, "codes", column, p.Th.Plain, codes)
	var explains []string
	for _, l := range c.Explains {
		if !slices.Contains(explains, string(l.To)) {
			explains = append(explains, string(l.To))
		}
	}
	if len(explains) > 0 {
		p.Item(0, "explains", column, p.Th.Plain, strings.Join(explains, ", "))
	}
	if len(c.Refs) > 0 {
		p.Item(0, "read", column, p.Th.Plain, strings.Join(c.Refs, ", "))
	}
	p.Head("example")
	example := c.Example()
	p.Text(2, p.Th.Plain, example.Summary())
	p.Item(2, "why", tab.Label, p.Th.Plain, example.Why())
	fix := example.Fix()
	for i, s := range fix.Steps {
		name := ""
		if i == 0 {
			name = "do"
		}
		p.Hang(2, page.Pad(name, tab.Label)+strconv.Itoa(i+1), p.Th.Faint, tab.Label+2, p.Th.Plain, s)
	}
	for _, cmd := range slices.Concat(fix.Commands, fix.After) {
		p.Verbatim(2, p.Th.Accent, cmd)
	}
}
