package dashboard

import (
	"cmp"
	"slices"
	"strings"

	"domdoc/ui/dashboard/grid"
	"domdoc/ui/dashboard/theme"

	tea "github.com/charmbracelet/bubbletea"
)

// chooserScreen is a list to choose from by typing a part of what is wanted: the palette, and whatever else offers
// several things.
type chooserScreen struct {
	still
	*shared
	title  string
	about  string // what choosing does; shown until something is typed
	search input
	items  []choice
	grid   *grid.Grid
}

// choice is one thing to choose.
type choice struct {
	name string // short, and unlike the others: what it is found by first
	text string // what it is
	note string // beside it: its keys, its size
	off  string // why it cannot be chosen now; "" when it can
	do   func() tea.Cmd
}

const chooseHeadLines = 3

func newChooserScreen(s *shared) *chooserScreen {
	return &chooserScreen{shared: s, grid: grid.New(s.th, nil, grid.Source{})}
}

func (c *chooserScreen) scope() scope             { return scopeChoose }
func (c *chooserScreen) identity() string         { return c.title }
func (c *chooserScreen) table() (*grid.Grid, int) { return c.grid, chooseHeadLines }
func (c *chooserScreen) typing() bool             { return true }
func (c *chooserScreen) hints() []action          { return []action{actOpen, actBack} }
func (c *chooserScreen) resize(width, height int) {
	c.grid.SetSize(width, max(0, height-chooseHeadLines))
}

func (c *chooserScreen) alert() string {
	if c.opt.Plain {
		return ""
	}
	return c.th.Faint.Do(c.current())
}

func (c *chooserScreen) click(_, y int) (tea.Cmd, bool) {
	if place, ok := c.grid.At(y - chooseHeadLines); ok && place == c.grid.Position() {
		return c.do(actOpen), true
	}
	return nil, false
}

// openChooser shows a list to choose from. The three columns are of name, text and note.
func (c *chooserScreen) open(title, about string, columns []grid.Column, items []choice) {
	c.title, c.about, c.items = title, about, items
	c.search = input{}
	c.grid = grid.New(c.th, columns, grid.Source{
		ID: func(i int32) string { return items[i].name },
		Cell: func(i int32, col int) grid.Cell {
			it := items[i]
			text := [...]string{it.name, it.text, it.note}[col]
			if it.off != "" {
				if col == 1 {
					text = it.off
				}
				return grid.Cell{Text: text, Paint: c.th.Faint}
			}
			return grid.Cell{Text: text, Paint: [...]theme.Paint{c.th.Strong, c.th.Plain, c.th.Accent}[col]}
		},
	})
	c.resize(c.width, c.height-bottomLines)
	c.arrange()
	c.show(c)
}

func (c *chooserScreen) setSize(width, height int) {
	c.width, c.height = width, height
	if c.grid != nil {
		c.grid.SetSize(width, height)
	}
}

// current is what the selected choice is, in full: a column may have cut it.
func (c *chooserScreen) current() string {
	i, ok := c.grid.Selected()
	if !ok {
		return ""
	}
	if it := c.items[i]; it.off != "" {
		return it.off
	}
	return printable(c.items[i].text)
}

// arrange shows what fits the search, what fits best first.
func (c *chooserScreen) arrange() {
	words := strings.Fields(strings.ToLower(c.search.value()))
	type hit struct {
		i    int32
		rank int
	}
	var hits []hit
	for i, it := range c.items {
		if rank, ok := it.rank(words); ok {
			hits = append(hits, hit{int32(i), rank})
		}
	}
	slices.SortStableFunc(hits, func(a, b hit) int { return cmp.Compare(a.rank, b.rank) })
	order := make([]int32, 0, len(hits))
	for _, h := range hits {
		order = append(order, h.i)
	}
	c.grid.SetOrder(order)
	c.grid.First()
}

// rank reports whether a choice fits all words, and how well: the least is best. A word fits what contains it, or a
// name whose letters it has in their order.
func (it choice) rank(words []string) (rank int, ok bool) {
	name, text := strings.ReplaceAll(strings.ToLower(it.name), "-", " "), strings.ToLower(it.text+" "+it.note)
	for _, w := range words {
		w = strings.ReplaceAll(w, "-", " ")
		switch {
		case name == w:
			rank--
		case strings.HasPrefix(name, w):
		case strings.Contains(name, " "+w) || slices.Contains(strings.Fields(it.note), w):
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
	if it.off != "" {
		rank += 100 // what cannot be chosen stands last
	}
	return rank, true
}

// inOrder reports whether a text has the letters of a word in their order.
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

// typed is a key in the search.
func (c *chooserScreen) typed(msg tea.KeyMsg) tea.Cmd {
	if c.search.press(msg) {
		c.arrange()
	}
	return nil
}

func (c *chooserScreen) do(a action) tea.Cmd {
	if moveGrid(c.grid, a) {
		return nil
	}
	switch a {
	case actBack:
		c.back()
	case actOpen:
		i, ok := c.grid.Selected()
		if !ok {
			return c.say("nothing fits what is typed; esc goes back")
		}
		it := c.items[i]
		if it.off != "" {
			return c.say("%s", it.off)
		}
		c.back()
		return it.do()
	}
	return nil
}

func (c *chooserScreen) head() string {
	sign := c.th.Pointer
	if c.opt.Plain {
		sign = "search:" // the pointer is the selection's
	}
	line := c.th.Accent.Do(sign) + " " + c.search.render(c.th, c.width-4)
	if len(c.search.text) == 0 {
		line += c.th.Faint.Do(" " + c.about)
	}
	right := ""
	if n := c.grid.Len(); n != len(c.items) {
		right = count(n) + " of " + count(len(c.items))
	}
	return c.titleLine(c.title, right) + "\n" + line + "\n"
}

func (c *chooserScreen) body() string {
	if c.grid.Len() > 0 {
		return c.grid.Render()
	}
	p := newPage(c.th, c.width)
	p.lines = append(p.lines, "")
	p.text(2, c.th.Strong, "nothing fits what is typed")
	p.text(2, theme.Paint{}, "esc goes back; fewer letters find more")
	return p.String()
}
