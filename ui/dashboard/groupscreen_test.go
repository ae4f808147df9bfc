package dashboard

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"domdoc/api"
	"domdoc/catalog"
	"domdoc/checks/query"
	"domdoc/ui/dashboard/action"
	"domdoc/ui/dashboard/inventory"
	"domdoc/ui/dashboard/list"
	"domdoc/ui/dashboard/reportfile"
	"domdoc/ui/dashboard/runner"

	tea "github.com/charmbracelet/bubbletea"
)

// TestGroups opens each grouping and each of its groups: the list then shows as many domains as the group counts, and
// esc leads back.
func TestGroups(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.load().results()
	b.press("b")
	for by := range inventory.Groupings {
		if b.groups.By != by {
			t.Fatalf("grouped by %s, want %s", b.groups.By, by)
		}
		for i, g := range b.groups.All {
			n := 0
			for _, c := range g.Counts {
				n += c
			}
			if n != g.Total {
				t.Errorf("%s %s: the counts make %d of %d", by, g.Name, n, g.Total)
			}
			b.groups.Grid.Move(i - b.groups.Grid.Position())
			b.press("enter")
			if g.Name == "" {
				b.shows("the filter cannot select")
				continue
			}
			if b.Screen.Scope() != action.ScopeList || b.list.Grid.Len() != g.Total {
				t.Errorf("%s %q: %q shows %d domains, the group has %d", by, g.Name, b.list.Filter.Value(), b.list.Grid.Len(),
					g.Total)
			}
			b.press("esc")
			if b.Screen.Scope() != action.ScopeGroups || b.list.Filter.Value() != "" || b.groups.Grid.Position() != i {
				t.Fatalf("esc leads to %s at %d with the filter %q", b.Screen.Scope(), b.groups.Grid.Position(),
					b.list.Filter.Value())
			}
		}
		b.press("b")
	}
	b.press("esc")
	if b.Screen.Scope() != action.ScopeList || len(b.Trail) != 0 {
		t.Errorf("esc leads to %s", b.Screen.Scope())
	}
}

// TestGroupTerms are names that a term of the filter has to be careful with.
func TestGroupTerms(t *testing.T) {
	t.Parallel()
	list := []inventory.Group{
		{Name: "hosting.example"},
		{Name: "dns.hosting.example"},
		{Name: "gandi, inc. (paris)"},
		{Name: "gandi"},
	}
	for i, g := range list {
		q, err := query.Parse(inventory.ByRegistrar.Term(g.Name, list))
		if err != nil {
			t.Fatal(err)
		}
		for j, o := range list {
			if s := (query.Selectable{Registrar: o.Name}); q.Match(&s, noon) != (i == j) {
				t.Errorf("the term of %q and a domain of %q", g.Name, o.Name)
			}
		}
	}
}

// TestGroupsByExpiry groups registrations by their end: the term of each period selects exactly its domains, the
// earliest period is first, and an unknown end is in none.
func TestGroupsByExpiry(t *testing.T) {
	t.Parallel()
	var rows []*inventory.Row
	for i, days := range []int{-3, 0, 3, 7, 20, 40, 100, 364, 365, 4000} {
		rows = append(rows, inventory.NewRow(api.Domain{
			ID: fmt.Sprint("d-", i), Name: fmt.Sprintf("e%d.example.com", i), Status: "ACTIVE",
			ExpiresAt: noon.Add(time.Duration(days) * 24 * time.Hour),
		}, noon))
	}
	rows = append(rows, inventory.NewRow(api.Domain{ID: "d-x", Name: "x.example.com", Status: "INACTIVE"}, noon))
	groups, of := inventory.GroupRows(rows, inventory.View{Now: noon}, inventory.ByExpiry)
	var got []string
	for _, g := range groups {
		got = append(got, fmt.Sprint(g.Name, " ", g.Total))
		if g.Name == "" {
			continue
		}
		q, err := query.Parse(inventory.ByExpiry.Term(g.Name, groups))
		if err != nil {
			t.Fatal(err)
		}
		if n := len(inventory.Arrange(rows, inventory.View{Query: q, Now: noon})); n != g.Total {
			t.Errorf("%s: the term selects %d of %d", g.Name, n, g.Total)
		}
	}
	want := "expired 1, within 7 days 2, within 30 days 2, within 90 days 1, within a year 2, later 2,  1"
	if s := strings.Join(got, ", "); s != want || of != len(rows) {
		t.Errorf("the groups of %d are %s", of, s)
	}
	// A status that contains another one.
	groups, _ = inventory.GroupRows(rows, inventory.View{Now: noon}, inventory.ByStatus)
	for _, g := range groups {
		q, err := query.Parse(inventory.ByStatus.Term(g.Name, groups))
		if err != nil {
			t.Fatal(err)
		}
		if n := len(inventory.Arrange(rows, inventory.View{Query: q, Now: noon})); n != g.Total {
			t.Errorf("status %s: the term selects %d of %d", g.Name, n, g.Total)
		}
	}
}

// TestGroupsOfMany are counted in a command, and anew when results come.
func TestGroupsOfMany(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.fake(30_000)
	b.drain(b.press("b"), func() bool { return !b.groups.Running })
	if len(b.groups.All) != 2 || b.groups.All[0].Name != "record.missing" || b.groups.All[0].Total != 10_000 ||
		b.groups.Of != 30_000 {
		t.Fatalf("%+v", b.groups.All)
	}
	r := reportfile.Snapshot(b.l.reports[b.l.ids["name-doubled"]])
	b.Run = runner.RunState{Gen: 9, Cancel: func() {}, Total: 1}
	cmd := b.send(batchMsg{{Gen: 9, ID: "d-1", Report: r, Sum: inventory.Summarise(r)}})
	b.drain(cmd, func() bool { return len(b.groups.All) == 3 })
}

// TestMarks marks rows, all that are shown, and none.
func TestMarks(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.load().results()
	b.press("space", "space")
	if b.Marks.Len() != 2 || b.list.Grid.Position() != 2 {
		t.Errorf("%d marks, at %d", b.Marks.Len(), b.list.Grid.Position())
	}
	b.shows("* 2 marked")
	if lines := strings.Split(b.list.Body(), "\n"); !strings.HasPrefix(lines[1], " *") ||
		strings.HasPrefix(lines[3], "›*") {
		t.Errorf("the marks are not shown:\n%s", b.list.Body())
	}
	b.press("up", "space")
	if b.Marks.Len() != 1 {
		t.Error("a mark was not taken away")
	}
	b.press("/", "f", "a", "i", "l", "enter", "a")
	if b.Marks.Len() < b.list.Grid.Len() {
		t.Errorf("%d marks of %d shown", b.Marks.Len(), b.list.Grid.Len())
	}
	b.press("U")
	if b.Marks.Len() != 0 {
		t.Error("marks are left")
	}
}

// TestFilterErrors tells what is wrong with a filter while it is typed, and follows the rest of it.
func TestFilterErrors(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.load().results()
	for _, k := range "shop expires:soon" {
		if !b.list.Filter.Open {
			b.press("/")
		}
		b.press(string(k))
	}
	b.shows("! expires:soon: want a number")
	if b.list.Grid.Len() != 10 {
		t.Errorf("%d domains match", b.list.Grid.Len())
	}
	for range "soon" {
		b.press("backspace")
	}
	for _, k := range "<1d" {
		b.press(string(k))
	}
	if b.list.QueryErr != nil || b.list.Grid.Len() != 0 {
		t.Errorf("%v, %d domains", b.list.QueryErr, b.list.Grid.Len())
	}
}

// TestSpark holds the sparkline to its cells, and to what was counted.
func TestSpark(t *testing.T) {
	t.Parallel()
	var s inventory.Spark
	n := 0
	for i := range 5000 {
		s.Add(noon.Add(inventory.SparkFirst*time.Duration(i)/3), i%7)
		n += i % 7
		total := 0
		for _, c := range s.Parts() {
			total += c
		}
		if total != n || len(s.Parts()) > inventory.SparkCells {
			t.Fatalf("%d of %d counted in %d parts", total, n, len(s.Parts()))
		}
	}
	for _, env := range [][]string{nil, {"LC_ALL=C"}} {
		b := newBench(t, func(o *options) { o.Env = append(o.Env, env...) })
		b.load().results()
		b.send(tea.WindowSizeMsg{Width: 140, Height: 24})
		b.Run.Spark = s
		b.send(tickMsg{-1})
		b.shows(fmt.Sprint(list.Rate(n, s.Each*time.Duration(len(s.Parts())))))
	}
}

// TestGroupsWithoutProperty groups healthy domains and domains without a diagnosis: neither are in the group of an
// unknown cause, and the latter can be opened.
func TestGroupsWithoutProperty(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.load().results()
	for i := range 3 {
		b.Domains.Add(inventory.NewRow(api.Domain{ID: fmt.Sprint("n-", i), Name: fmt.Sprintf("n%d.example.com", i)}, noon))
	}
	for by, want := range map[inventory.GroupBy]string{0: "no root cause", inventory.ByOwner: "no owner"} {
		b.groups.By = by
		b.OpenGroups()
		b.shows(want+" ", "not diagnosed yet ")
		if strings.Contains(b.View(), "unknown "+by.String()) {
			t.Errorf("a healthy domain has an unknown %s:\n%s", by, b.View())
		}
		b.act(action.Bottom, action.Open)
		if n := b.list.Grid.Len(); n != 3 {
			t.Errorf("the group of domains without a diagnosis has %d", n)
		}
		b.list.SetFilter("")
	}
}

// TestCodesSayWhich: the groups by code and the column of codes tell what was reported from what is only predicted.
func TestCodesSayWhich(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.load().results()
	b.send(tea.WindowSizeMsg{Width: 120, Height: 40})
	reported, predicted := map[string]int{}, map[string]int{}
	for _, r := range b.Domains.Rows {
		report := b.Reports.Peek(r.ID)
		if report == nil {
			continue
		}
		var now, later []string
		for _, c := range report.Codes {
			if c.Reported != nil {
				reported[c.ID]++
				now = append(now, strings.TrimPrefix(c.ID, "DOMAIN_"))
			} else {
				predicted[c.ID]++
				later = append(later, strings.TrimPrefix(c.ID, "DOMAIN_"))
			}
		}
		if want := catalog.ShortCodes(now, later); r.Sum.Short != want {
			t.Errorf("%s: the codes are %q, want %q", r.Name, r.Sum.Short, want)
		}
	}
	if len(reported) == 0 || len(predicted) == 0 {
		t.Fatal("the stories have no codes of one kind")
	}
	for name, want := range map[string]map[string]int{"by reported code": reported, "by predicted code": predicted} {
		if b.Screen.Scope() != action.ScopeGroups {
			b.press("b")
		}
		for "by "+b.groups.By.String() != name {
			b.press("b")
		}
		b.shows(name)
		for _, g := range b.groups.All {
			if id := strings.ToUpper(g.Name); id != "" && g.Total != want[id] {
				t.Errorf("%s: %s has %d domains, want %d", name, id, g.Total, want[id])
			}
			delete(want, strings.ToUpper(g.Name))
		}
		if len(want) > 0 {
			t.Errorf("%s: no group has %v", name, want)
		}
	}
}
