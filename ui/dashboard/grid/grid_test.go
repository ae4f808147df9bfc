package grid

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"domdoc/ui/dashboard/theme"

	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"
)

func columns() []Column {
	return []Column{
		{Title: "name", Min: 10, Grow: 3, Max: 30},
		{Title: "verdict", Min: 8},
		{Title: "codes", Min: 6, Priority: 2},
		{Title: "cause", Min: 12, Grow: 2, Priority: 1},
		{Title: "n", Min: 4, Right: true, Priority: 3},
	}
}

// wild are texts that break tables: wide, combining, joined, hidden, long, and hostile.
func wild() []string {
	return []string{
		"shop.example.com", "例え.テスト", "ショップ例え例え例え例え",
		"e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301",
		"👩\u200d👩\u200d👧\u200d👦 family", "🇩🇪🇩🇪🇩🇪🇩🇪🇩🇪🇩🇪",
		"\x1b[31mred\x1b[2J", "a\tb\nc\rd", "مرحبا.example", "\u202egnp.exe", strings.Repeat("x", 500),
		strings.Repeat("界", 500), "\xff\xfe bad", "", "\u200bzero\u200bwidth\u200b", "☃\ufe0f❤\ufe0f✈\ufe0f",
	}
}

func wildGrid(colour string, n int) *Grid {
	texts := wild()
	th := theme.New(theme.Options{Color: colour})
	g := New(th, columns(), Source{
		ID:   func(i int32) string { return fmt.Sprint("d-", i) },
		Cell: func(i int32, col int) Cell { return Cell{texts[(int(i)+col)%len(texts)], th.Bad} },
	})
	g.SetOrder(identity(n))
	return g
}

func identity(n int) []int32 {
	out := make([]int32, n)
	for i := range out {
		out[i] = int32(i)
	}
	return out
}

// TestRenderFits sweeps sizes: never more lines than there are, never more cells than there are, whatever the text.
func TestRenderFits(t *testing.T) {
	t.Parallel()
	for _, colour := range []string{"always", "never"} {
		g := wildGrid(colour, 40)
		for w := range 130 {
			for _, h := range []int{0, 1, 2, 3, 10, 60} {
				g.SetSize(w, h)
				g.Move(7)
				if g.Position() == 39 {
					g.First()
				}
				lines := strings.Split(g.Render(), "\n")
				if len(lines) > max(1, h) {
					t.Fatalf("%dx%d: %d lines", w, h, len(lines))
				}
				for _, l := range lines {
					if ansi.StringWidth(l) > w {
						t.Fatalf("%dx%d: a line of %d cells: %q", w, h, ansi.StringWidth(l), l)
					}
					if colour == "never" && strings.Contains(l, "\x1b") {
						t.Fatalf("%dx%d: an escape sequence without colours: %q", w, h, l)
					}
				}
				if h > 1 && w > margin && !strings.Contains(g.Render(), "›") {
					t.Fatalf("%dx%d: the selected row is not in view", w, h)
				}
			}
		}
	}
}

// TestColumnsAlign checks that every row has its columns at the same cells, whatever is in them.
func TestColumnsAlign(t *testing.T) {
	t.Parallel()
	g := wildGrid("never", 16)
	g.SetSize(100, 20)
	for i, l := range strings.Split(g.Render(), "\n") {
		if i == 0 {
			continue
		}
		if used := margin + sum(g.widths) + gap*(shown(g.widths)-1); i != 1 && ansi.StringWidth(l) != used {
			t.Errorf("row %d takes %d cells, want %d: %q", i, ansi.StringWidth(l), used, l)
		}
	}
}

func sum(list []int) (n int) {
	for _, x := range list {
		n += x
	}
	return n
}

func shown(list []int) (n int) {
	for _, x := range list {
		if x > 0 {
			n++
		}
	}
	return n
}

func TestFit(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text  string
		width int
		want  string
	}{
		{"shop", 10, "shop"},
		{"shop", 4, "shop"},
		{"shop.example", 5, "shop…"},
		{"shop", 1, "s"},
		{"shop", 0, ""},
		{"shop", -1, ""},
		{"例え例え", 8, "例え例え"},
		{"例え例え", 7, "例え例…"},
		{"例え例え", 6, "例え…"},
		{"例", 1, "…"},
		{"e\u0301cole", 5, "e\u0301cole"},
		{"e\u0301cole", 3, "e\u0301c…"},
		{"a\x1b[31mb", 20, "a·[31mb"},
	} {
		got, w := Fit(c.text, c.width, "…")
		if got != c.want || w != ansi.StringWidth(got) {
			t.Errorf("Fit(%q, %d) = %q of %d cells, want %q", c.text, c.width, got, w, c.want)
		}
	}
}

func TestLayout(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		width int
		want  []int
	}{
		{"room for all", 60, []int{16, 8, 6, 16, 4}},
		{"the least important goes first", 45, []int{11, 8, 6, 12, 0}},
		{"then the next", 40, []int{13, 8, 0, 13, 0}},
		{"a maximum is kept, and others get the rest", 110, []int{30, 8, 6, 52, 4}},
		{"two columns", 22, []int{10, 8, 0, 0, 0}},
		{"less than two columns", 18, []int{10, 4, 0, 0, 0}},
		{"less than one", 7, []int{5, 0, 0, 0, 0}},
		{"nothing", 0, []int{0, 0, 0, 0, 0}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := layout(columns(), c.width)
			if used := margin + sum(got) + gap*(max(1, shown(got))-1); used > max(c.width, margin) {
				t.Errorf("%v fills %d of %d cells", got, used, c.width)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestSelectionFollowsItsRow(t *testing.T) {
	t.Parallel()
	g := wildGrid("never", 10)
	g.SetSize(80, 5)
	g.Move(6)
	at := func(id string, pos int) {
		t.Helper()
		if g.SelectedID() != id || g.Position() != pos {
			t.Errorf("selected %s at %d, want %s at %d", g.SelectedID(), g.Position(), id, pos)
		}
	}
	at("d-6", 6)
	reversed := identity(10)
	slices.Reverse(reversed)
	g.SetOrder(reversed) // sorted the other way round
	at("d-6", 3)
	g.SetOrder(append(identity(10), 10, 11, 12)) // more were loaded
	at("d-6", 6)
	g.SetOrder([]int32{1, 6, 9}) // filtered, and still there
	at("d-6", 1)
	g.SetOrder([]int32{1, 9}) // gone: what took its place
	at("d-9", 1)
	g.SetOrder([]int32{1})
	at("d-1", 0)
	g.SetOrder(nil)
	at("", 0)
	if _, ok := g.Selected(); ok {
		t.Error("a row is selected where there is none")
	}
	g.Move(3)
	g.Page(-1)
	g.SetOrder(identity(10))
	at("d-0", 0)
	if g.Select("d-99") || !g.Select("d-4") {
		t.Error("Select does not tell what is there")
	}
	at("d-4", 4)
	g.Last()
	at("d-9", 9)
	g.Page(-1)
	at("d-5", 5)
	g.First()
	at("d-0", 0)
}

// TestRowAtLine checks that At returns, for each line of the rendered grid, the row on it.
func TestRowAtLine(t *testing.T) {
	t.Parallel()
	g := wildGrid("never", 40)
	g.source.Cell = func(i int32, col int) Cell { return Cell{Text: fmt.Sprintf("row-%d.", i)} }
	g.SetSize(80, 11)
	g.Go(25)
	for line, text := range strings.Split(g.Render(), "\n") {
		place, ok := g.At(line)
		if ok != (line > 0) || ok && !strings.Contains(text, fmt.Sprintf("row-%d.", g.order[place])) {
			t.Errorf("line %d leads to place %d (%v): %q", line, place, ok, text)
		}
	}
	for _, line := range []int{-1, 0, 11, 500} {
		if place, ok := g.At(line); ok {
			t.Errorf("line %d leads to place %d", line, place)
		}
	}
	g.SetOrder(identity(3))
	if _, ok := g.At(4); ok {
		t.Error("a line below the last row leads to one")
	}
	g.Go(99)
	if g.Position() != 2 {
		t.Errorf("beyond the end is place %d", g.Position())
	}
}

// big is a grid of a large tenant, at a window of 40 rows.
func big(n int) *Grid {
	th := theme.New(theme.Options{Color: "always"})
	names, ids := make([]string, n), make([]string, n)
	for i := range n {
		names[i], ids[i] = fmt.Sprintf("shop-%d.example.com", i), fmt.Sprint("d-", i)
	}
	g := New(th, columns(), Source{
		ID: func(i int32) string { return ids[i] },
		Cell: func(i int32, col int) Cell {
			switch col {
			case 0:
				return Cell{names[i], th.Plain}
			case 1:
				return Cell{"✗ fail", th.Bad}
			}
			return Cell{"010 019", th.Faint}
		},
	})
	g.SetSize(120, 41)
	g.SetOrder(identity(n))
	return g
}

// TestAllocations is the budget of one cursor key and one frame at 100,000 rows.
func TestAllocations(t *testing.T) {
	g := big(100_000)
	n := 0
	got := testing.AllocsPerRun(100, func() {
		n += len(g.Render())
		g.Move(1)
	})
	if got > 300 {
		t.Errorf("%.0f allocations, want at most 300", got)
	}
}

func BenchmarkMoveAndRender(b *testing.B) {
	for _, n := range []int{100, 10_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			g := big(n)
			b.ReportAllocs()
			for b.Loop() {
				g.Move(1)
				if g.Position() == n-1 {
					g.First()
				}
				_ = g.Render()
			}
		})
	}
}

// BenchmarkSetOrder is what a new sort order costs Update at worst: the selected row is found again.
func BenchmarkSetOrder(b *testing.B) {
	g := big(100_000)
	reversed := identity(100_000)
	slices.Reverse(reversed)
	forward := identity(100_000)
	g.Move(99_000)
	for b.Loop() {
		g.SetOrder(reversed)
		g.SetOrder(forward)
	}
}
