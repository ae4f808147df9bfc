package dashboard

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"domdoc/checks/query"

	tea "github.com/charmbracelet/bubbletea"
)

// TestGroups opens each grouping and each of its groups: the list then shows as many domains as the group counts, and
// esc leads back.
func TestGroups(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.load().results()
	b.press("b")
	for by := range groupings {
		if b.groups.by != by {
			t.Fatalf("grouped by %s, want %s", b.groups.by, by)
		}
		for i, g := range b.groups.all {
			n := 0
			for _, c := range g.counts {
				n += c
			}
			if n != g.total {
				t.Errorf("%s %s: the counts make %d of %d", by, g.name, n, g.total)
			}
			b.groups.grid.Move(i - b.groups.grid.Position())
			b.press("enter")
			if g.name == "" {
				b.shows("no line of the filter selects these")
				continue
			}
			if b.screen.scope() != scopeList || b.list.grid.Len() != g.total {
				t.Errorf("%s %q: %q shows %d domains, the group has %d", by, g.name, b.list.filter.value(), b.list.grid.Len(),
					g.total)
			}
			b.press("esc")
			if b.screen.scope() != scopeGroups || b.list.filter.value() != "" || b.groups.grid.Position() != i {
				t.Fatalf("esc leads to %s at %d with the filter %q", b.screen.scope(), b.groups.grid.Position(),
					b.list.filter.value())
			}
		}
		b.press("b")
	}
	b.press("esc")
	if b.screen.scope() != scopeList || len(b.trail) != 0 {
		t.Errorf("esc leads to %s", b.screen.scope())
	}
}

// TestGroupTerms are names that a term of the filter has to be careful with.
func TestGroupTerms(t *testing.T) {
	t.Parallel()
	list := []group{
		{name: "hosting.example"},
		{name: "dns.hosting.example"},
		{name: "gandi, inc. (paris)"},
		{name: "gandi"},
	}
	for i, g := range list {
		q, err := query.Parse(byRegistrar.term(g.name, list))
		if err != nil {
			t.Fatal(err)
		}
		for j, o := range list {
			if s := (query.Selectable{Registrar: o.name}); q.Match(&s, noon) != (i == j) {
				t.Errorf("the term of %q and a domain of %q", g.name, o.name)
			}
		}
	}
}

// TestGroupsOfMany are counted in a command, and anew when results come.
func TestGroupsOfMany(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.fake(30_000)
	b.drain(b.press("b"), func() bool { return !b.groups.running })
	if len(b.groups.all) != 2 || b.groups.all[0].name != "record.missing" || b.groups.all[0].total != 10_000 ||
		b.groups.of != 30_000 {
		t.Fatalf("%+v", b.groups.all)
	}
	r := settled(b.l.reports[b.l.ids["name-doubled"]])
	b.run = runState{gen: 9, cancel: func() {}, total: 1}
	cmd := b.send(batchMsg{{gen: 9, id: "d-1", report: r, sum: summarise(r)}})
	b.drain(cmd, func() bool { return len(b.groups.all) == 3 })
}

// TestMarks marks rows, all that are shown, and none.
func TestMarks(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.load().results()
	b.press("space", "space")
	if b.marks.len() != 2 || b.list.grid.Position() != 2 {
		t.Errorf("%d marks, at %d", b.marks.len(), b.list.grid.Position())
	}
	b.shows("* 2 marked")
	if lines := strings.Split(b.list.body(), "\n"); !strings.HasPrefix(lines[1], " *") ||
		strings.HasPrefix(lines[3], "›*") {
		t.Errorf("the marks are not shown:\n%s", b.list.body())
	}
	b.press("up", "space")
	if b.marks.len() != 1 {
		t.Error("a mark was not taken away")
	}
	b.press("/", "f", "a", "i", "l", "enter", "a")
	if b.marks.len() < b.list.grid.Len() {
		t.Errorf("%d marks of %d shown", b.marks.len(), b.list.grid.Len())
	}
	b.press("U")
	if b.marks.len() != 0 {
		t.Error("marks are left")
	}
}

// TestFilterErrors tells what is wrong with a filter while it is typed, and follows the rest of it.
func TestFilterErrors(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.load().results()
	for _, k := range "shop expires:soon" {
		if !b.list.filter.open {
			b.press("/")
		}
		b.press(string(k))
	}
	b.shows("! expires:soon: want a number")
	if b.list.grid.Len() != 10 {
		t.Errorf("%d domains match", b.list.grid.Len())
	}
	for range "soon" {
		b.press("backspace")
	}
	for _, k := range "<1d" {
		b.press(string(k))
	}
	if b.list.queryErr != nil || b.list.grid.Len() != 0 {
		t.Errorf("%v, %d domains", b.list.queryErr, b.list.grid.Len())
	}
}

// TestSpark holds the sparkline to its cells, and to what was counted.
func TestSpark(t *testing.T) {
	t.Parallel()
	var s spark
	n := 0
	for i := range 5000 {
		s.add(noon.Add(sparkFirst*time.Duration(i)/3), i%7)
		n += i % 7
		total := 0
		for _, c := range s.parts() {
			total += c
		}
		if total != n || len(s.parts()) > sparkCells {
			t.Fatalf("%d of %d counted in %d parts", total, n, len(s.parts()))
		}
	}
	for _, env := range [][]string{nil, {"LC_ALL=C"}} {
		b := newBench(t, func(o *Options) { o.Env = append(o.Env, env...) })
		b.load().results()
		b.send(tea.WindowSizeMsg{Width: 140, Height: 24})
		b.run.spark = s
		b.send(tickMsg{-1})
		b.shows(fmt.Sprint(rate(n, s.each*time.Duration(len(s.parts())))))
	}
}
