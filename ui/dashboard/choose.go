package dashboard

import (
	"cmp"
	"slices"
	"strings"

	"domdoc/ui/dashboard/grid"
	"domdoc/ui/dashboard/theme"

	tea "github.com/charmbracelet/bubbletea"
)

// chooser is a list to choose from by typing a part of what is wanted: the palette, and whatever else offers several
// things.
type chooser struct {
	title  string
	about  string // what choosing does; shown until something is typed
	search input
	items  []choice
	grid   *grid.Grid // nil until the first one is opened

	width, height int
}

// choice is one thing to choose.
type choice struct {
	name string // short, and unlike the others: what it is found by first
	text string // what it is
	note string // beside it: its keys, its size
	off  string // why it cannot be chosen now; "" when it can
	do   func(*model) tea.Cmd
}

const chooseHeadLines = 3

// openChooser shows a list to choose from. The three columns are of name, text and note.
func (m *model) openChooser(title, about string, columns []grid.Column, items []choice) {
	m.choose.title, m.choose.about, m.choose.items = title, about, items
	m.choose.search = input{}
	m.choose.grid = grid.New(m.th, columns, grid.Source{
		ID: func(i int32) string { return items[i].name },
		Cell: func(i int32, col int) grid.Cell {
			it := items[i]
			text := [...]string{it.name, it.text, it.note}[col]
			if it.off != "" {
				if col == 1 {
					text = it.off
				}
				return grid.Cell{Text: text, Paint: m.th.Faint}
			}
			return grid.Cell{Text: text, Paint: [...]theme.Paint{m.th.Strong, m.th.Plain, m.th.Accent}[col]}
		},
	})
	m.choose.setSize(m.choose.width, m.choose.height)
	m.choose.arrange()
	m.goTo(screenChoose)
}

func (c *chooser) setSize(width, height int) {
	c.width, c.height = width, height
	if c.grid != nil {
		c.grid.SetSize(width, height)
	}
}

// current is what the selected choice is, in full: a column may have cut it.
func (c *chooser) current() string {
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
func (c *chooser) arrange() {
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

// press is a key in the search.
func (c *chooser) press(msg tea.KeyMsg) {
	if c.search.press(msg) {
		c.arrange()
	}
}

func (m *model) doChoose(a action) tea.Cmd {
	if moveGrid(m.choose.grid, a) {
		return nil
	}
	switch a {
	case actBack:
		m.goBack()
	case actOpen:
		i, ok := m.choose.grid.Selected()
		if !ok {
			return m.say("nothing fits what is typed; esc goes back")
		}
		it := m.choose.items[i]
		if it.off != "" {
			return m.say("%s", it.off)
		}
		m.goBack()
		return it.do(m)
	}
	return nil
}

func (m *model) chooseHead() string {
	c := &m.choose
	sign := m.th.Pointer
	if m.opt.Plain {
		sign = "search:" // the pointer is the selection's
	}
	line := m.th.Accent.Do(sign) + " " + c.search.render(m.th, m.width-4)
	if len(c.search.text) == 0 {
		line += m.th.Faint.Do(" " + c.about)
	}
	right := ""
	if n := c.grid.Len(); n != len(c.items) {
		right = count(n) + " of " + count(len(c.items))
	}
	return m.titleLine(c.title, right) + "\n" + line + "\n"
}

func (m *model) chooseBody() string {
	if m.choose.grid.Len() > 0 {
		return m.choose.grid.Render()
	}
	p := newPage(m.th, m.width)
	p.lines = append(p.lines, "")
	p.text(2, m.th.Strong, "nothing fits what is typed")
	p.text(2, theme.Paint{}, "esc goes back; fewer letters find more")
	return p.String()
}
