// Package dialog contains the screens on top of others: a list of choices, a text to select, the help, and a request
// to the service.
package dialog

import (
	"cmp"
	"slices"
	"strings"

	"domdoc/catalog/order"
	"domdoc/ui/dashboard/action"
	"domdoc/ui/dashboard/grid"
	"domdoc/ui/dashboard/page"
	"domdoc/ui/dashboard/screen"
	"domdoc/ui/dashboard/theme"

	tea "github.com/charmbracelet/bubbletea"
)

// Chooser is a list of choices that is searched by typing: the palette, and other menus.
type Chooser struct {
	screen.Base
	*screen.Shared
	Title  string
	about  string // the effect of choosing; shown until something is typed
	search screen.Input
	Items  []Choice
	Grid   *grid.Grid
}

// Choice is one thing to choose.
type Choice struct {
	Name string // short and unique: matched first
	Text string // a description
	Note string // a note: its keys, its size
	Off  string // why it cannot be chosen now; "" if it can
	Do   func() tea.Cmd
}

const chooseHeadLines = 3

// NewChooser makes the screen.
func NewChooser(s *screen.Shared) *Chooser {
	return &Chooser{Shared: s, Grid: grid.New(s.Th, nil, grid.Source{})}
}

// Scope implements screen.Screen.
func (c *Chooser) Scope() action.Scope { return action.ScopeChoose }

// Identity implements screen.Screen.
func (c *Chooser) Identity() string { return c.Title }

// Table implements screen.Screen.
func (c *Chooser) Table() (*grid.Grid, int) { return c.Grid, chooseHeadLines }

// Typing implements screen.Screen.
func (c *Chooser) Typing() bool { return true }

// Hints implements screen.Screen.
func (c *Chooser) Hints() []action.Name { return []action.Name{action.Open, action.Back} }

// Resize implements screen.Screen.
func (c *Chooser) Resize(width, height int) {
	c.Grid.SetSize(width, max(0, height-chooseHeadLines))
}

// Alert implements screen.Screen.
func (c *Chooser) Alert() string {
	if c.Plain {
		return ""
	}
	return c.Th.Faint.Do(c.current())
}

// Click implements screen.Screen.
func (c *Chooser) Click(_, y int) (tea.Cmd, bool) {
	if place, ok := c.Grid.At(y - chooseHeadLines); ok && place == c.Grid.Position() {
		return c.Do(action.Open), true
	}
	return nil, false
}

// Open shows a list to choose from. The three columns are of name, text and note.
func (c *Chooser) Open(title, about string, columns []grid.Column, items []Choice) {
	c.Title, c.about, c.Items = title, about, items
	c.search = screen.Input{}
	c.Grid = grid.New(c.Th, columns, grid.Source{
		ID: func(i int32) string { return items[i].Name },
		Cell: func(i int32, col int) grid.Cell {
			it := items[i]
			text := [...]string{it.Name, it.Text, it.Note}[col]
			if it.Off != "" {
				if col == 1 {
					text = it.Off
				}
				return grid.Cell{Text: text, Paint: c.Th.Faint}
			}
			return grid.Cell{Text: text, Paint: [...]theme.Paint{c.Th.Strong, c.Th.Plain, c.Th.Accent}[col]}
		},
	})
	c.Resize(c.Width, c.Height-screen.BottomLines)
	c.arrange()
	c.Show(c)
}

// current returns the selected choice in full: a column may have cut it.
func (c *Chooser) current() string {
	i, ok := c.Grid.Selected()
	if !ok {
		return ""
	}
	if it := c.Items[i]; it.Off != "" {
		return it.Off
	}
	return page.Printable(c.Items[i].Text)
}

// arrange shows what matches the search, the best match first.
func (c *Chooser) arrange() {
	words := strings.Fields(strings.ToLower(c.search.Value()))
	type hit struct {
		i    int32
		rank int
	}
	var hits []hit
	for i, it := range c.Items {
		if rank, ok := it.rank(words); ok {
			hits = append(hits, hit{int32(i), rank})
		}
	}
	order.StableBy(hits, func(a, b hit) int { return cmp.Compare(a.rank, b.rank) })
	order := make([]int32, 0, len(hits))
	for _, h := range hits {
		order = append(order, h.i)
	}
	c.Grid.SetOrder(order)
	c.Grid.First()
}

// rank reports whether a choice matches all words, and how well; lower is better. A word matches a text that contains
// it, or a name that has its letters in order.
func (it Choice) rank(words []string) (rank int, ok bool) {
	name, text := strings.ReplaceAll(strings.ToLower(it.Name), "-", " "), strings.ToLower(it.Text+" "+it.Note)
	for _, w := range words {
		w = strings.ReplaceAll(w, "-", " ")
		switch {
		case name == w:
			rank--
		case strings.HasPrefix(name, w):
		case strings.Contains(name, " "+w) || slices.Contains(strings.Fields(it.Note), w):
			rank++
		case strings.Contains(name, w):
			rank += 2
		case strings.Contains(" "+text, " "+w):
			rank += 3
		case strings.Contains(text, w):
			rank += 4
		case inOrder(name, w):
			rank += 6
		default:
			return 0, false
		}
	}
	if it.Off != "" {
		rank += 100 // unavailable choices last
	}
	return rank, true
}

// inOrder reports whether a text contains the letters of a word in order.
func inOrder(s, word string) bool {
	for _, r := range word {
		i := strings.IndexRune(s, r)
		if i < 0 {
			return false
		}
		s = s[i+len(string(r)):]
	}
	return true
}

// Typed handles a key in the search field.
func (c *Chooser) Typed(msg tea.KeyMsg) tea.Cmd {
	if c.search.Press(msg) {
		c.arrange()
	}
	return nil
}

// Do implements screen.Screen.
func (c *Chooser) Do(a action.Name) tea.Cmd {
	if screen.MoveGrid(c.Grid, a) {
		return nil
	}
	switch a {
	case action.Back:
		c.Back()
	case action.Open:
		i, ok := c.Grid.Selected()
		if !ok {
			return c.Say("no match; esc goes back")
		}
		it := c.Items[i]
		if it.Off != "" {
			return c.Say("%s", it.Off)
		}
		c.Back()
		return it.Do()
	}
	return nil
}

// Head implements screen.Screen.
func (c *Chooser) Head() string {
	sign := c.Th.Pointer
	if c.Plain {
		sign = "search:" // the pointer belongs to the selection
	}
	line := c.Th.Accent.Do(sign) + " " + c.search.Render(c.Th, c.Width-4)
	if len(c.search.Text) == 0 {
		line += c.Th.Faint.Do(" " + c.about)
	}
	right := ""
	if n := c.Grid.Len(); n != len(c.Items) {
		right = page.Count(n) + " of " + page.Count(len(c.Items))
	}
	return c.TitleLine(c.Title, right) + "\n" + line + "\n"
}

// Body implements screen.Screen.
func (c *Chooser) Body() string {
	if c.Grid.Len() > 0 {
		return c.Grid.Render()
	}
	p := page.New(c.Th, c.Width)
	p.Lines = append(p.Lines, "")
	p.Text(2, c.Th.Strong, "no match")
	p.Text(2, theme.Paint{}, "esc goes back; fewer letters match more")
	return p.String()
}
