package dashboard

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"domdoc/api"
	"domdoc/catalog"
	"domdoc/checks/query"
	"domdoc/ui/dashboard/action"
	"domdoc/ui/dashboard/inventory"
	"domdoc/ui/dashboard/runner"
	"domdoc/ui/dashboard/tab"

	tea "github.com/charmbracelet/bubbletea"
)

func testRows() []*inventory.Row {
	mk := func(id, name, status string, s *inventory.Summary) *inventory.Row {
		r := inventory.NewRow(api.Domain{ID: id, Name: name, Status: status}, noon)
		r.Sum = selectable(s, r)
		r.Index()
		return r
	}
	return []*inventory.Row{
		mk("d-0", "shop.example.com", "PENDING", &inventory.Summary{
			Verdict: catalog.Fail, State: inventory.StateFail,
			Codes: []string{"DOMAIN_004", "DOMAIN_010"}, Causes: []catalog.ID{"record.missing"},
			Title: "the record is not published", At: noon.Add(-time.Hour),
		}),
		mk("d-1", "www.zebra.org", "VERIFIED", &inventory.Summary{
			Verdict: catalog.Pass, State: inventory.StatePass,
			At: noon,
		}),
		mk("d-2", "例え.jp", "PENDING", nil),
		mk("d-3", "Bar.Example.com", "VERIFIED", &inventory.Summary{
			Verdict: catalog.Fail, State: inventory.StateWait,
			Codes: []string{"DOMAIN_010"}, Causes: []catalog.ID{"cache.old-answer"},
			Title: "a resolver still has the earlier value", Waits: noon.Add(time.Hour), At: noon.Add(-2 * time.Hour),
		}),
		mk("d-4", "api.example.com", "VERIFIED", &inventory.Summary{
			Verdict: catalog.Inconclusive, State: inventory.StateInconclusive,
			Title: "no answer", At: noon,
		}),
		mk("d-5", "cdn.example.com", "VERIFIED", &inventory.Summary{
			Verdict: catalog.Fail, State: inventory.StateWait,
			Codes: []string{"DOMAIN_004"}, Causes: []catalog.ID{"cache.negative"}, Title: "a resolver remembers",
			Waits: noon.Add(time.Minute), At: noon,
		}),
	}
}

// told gives a made-up summary what a query looks at, as a report of it would.
func selectable(s *inventory.Summary, r *inventory.Row) *inventory.Summary {
	if s == nil {
		return nil
	}
	s.Sel = r.Sel
	s.Sel.State, s.Sel.Title, s.Sel.Waits, s.Sel.At = s.State.ID(), s.Title, s.Waits, s.At
	for _, c := range s.Codes {
		s.Sel.Codes = append(s.Sel.Codes, strings.ToLower(c))
	}
	for _, c := range s.Causes {
		s.Sel.Causes = append(s.Sel.Causes, string(c))
	}
	s.Sel.Text = strings.Join(append([]string{r.Sel.Text, s.Sel.State, s.Title, strings.Join(s.Sel.Codes, " ")},
		s.Sel.Causes...), "\n")
	return s
}

func parsedQuery(line string) query.Query {
	q, _ := query.Parse(line)
	return q
}

func ids(rows []*inventory.Row, order []int32) string {
	var out []string
	for _, i := range order {
		out = append(out, strings.TrimPrefix(rows[i].ID, "d-"))
	}
	return strings.Join(out, " ")
}

func TestFilter(t *testing.T) {
	t.Parallel()
	rows := testRows()
	for line, want := range map[string]string{
		"":                                   "0 1 2 3 4 5",
		"example.com":                        "0 3 4 5",
		"EXAMPLE.com":                        "0 3 4 5",
		"bar":                                "3",
		"例え":                                 "2",
		"xn--r8jz45g":                        "2",
		"pending":                            "0 2",
		"domain_010":                         "0 3",
		"published":                          "0",
		"waiting":                            "3 5",
		"resolver cdn":                       "5",
		"verdict:fail":                       "0", // waiting is a state of its own
		"verdict:waiting":                    "3 5",
		"verdict:pass":                       "1",
		"verdict:inc":                        "4",
		"verdict:not-checked":                "4",
		"verdict:not-yet":                    "2",
		"verdict:none":                       "2",
		"verdict:fail code:010":              "0",
		"code:DOMAIN_004":                    "0 5",
		"code:004 verdict:waiting example":   "5",
		"cause:cache":                        "3 5",
		"cause:record.missing":               "0",
		"status:verified":                    "1 3 4 5",
		"name:shop":                          "0",
		"verdict:":                           "0 1 2 3 4 5", // still being typed
		"nosuch:thing":                       "",
		"-verdict:fail":                      "1 2 3 4 5",
		"verdict:pass,inc":                   "1 4",
		"wait:<30m":                          "5",
		"age:>90m":                           "3",
		"code:=domain_004":                   "0 5",
		"cause:=cache":                       "",
		"example.com verdict:fail zebra":     "",
		"  verdict:fail   \t  status:PEND  ": "0",
	} {
		if got := ids(rows, inventory.Arrange(rows, inventory.View{Query: parsedQuery(line), Now: noon})); got != want {
			t.Errorf("%q selects %q, want %q", line, got, want)
		}
	}
}

func TestSort(t *testing.T) {
	t.Parallel()
	rows := testRows()
	for _, c := range []struct {
		key     inventory.SortKey
		reverse bool
		want    string
	}{
		{inventory.SortListed, false, "0 1 2 3 4 5"},
		{inventory.SortListed, true, "5 4 3 2 1 0"},
		{inventory.SortVerdict, false, "0 3 5 4 2 1"},
		{inventory.SortVerdict, true, "1 2 4 3 5 0"},
		{inventory.SortName, false, "4 3 5 0 1 2"},
		{inventory.SortStatus, false, "0 2 1 3 4 5"},
		{inventory.SortCause, false, "5 3 4 0 1 2"},
		{inventory.SortWaits, false, "5 3 0 1 2 4"},
		{inventory.SortWaits, true, "3 5 0 1 2 4"},
		{inventory.SortAge, false, "3 0 1 4 5 2"},
	} {
		order := inventory.Arrange(rows, inventory.View{Now: noon, Sort: c.key, Reverse: c.reverse})
		if got := ids(rows, order); got != c.want {
			t.Errorf("sorted by %s (reversed %v): %s, want %s", c.key, c.reverse, got, c.want)
		}
	}
	for k := range inventory.SortKeys {
		if k.String() == "" {
			t.Errorf("sort key %d has no name", k)
		}
	}
}

// TestFilterAsTyped types a filter: the list follows, arrows move in it, esc brings the old one back.
func TestFilterAsTyped(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.load().results()
	b.press("/", "s", "h", "o", "p")
	if b.list.Grid.Len() != 10 || !b.list.Filter.Open {
		t.Errorf("%d domains match", b.list.Grid.Len())
	}
	b.press("down", "down")
	if b.list.Grid.Position() != 2 {
		t.Errorf("the arrows do not move the selection while typing: %d", b.list.Grid.Position())
	}
	b.press("q", "D") // letters, not keys
	if b.list.Filter.Value() != "shopqD" || b.Run.Active() {
		t.Errorf("typed %q", b.list.Filter.Value())
	}
	b.press("backspace", "backspace", "enter")
	b.shows("/ shop", "10 of 11 domains")
	b.press("/", "ctrl+u", "x", "esc")
	if b.list.Filter.Value() != "shop" || b.list.Grid.Len() != 10 {
		t.Errorf("esc left the filter at %q with %d domains", b.list.Filter.Value(), b.list.Grid.Len())
	}
	b.press("/")
	b.send(tea.KeyMsg{Type: tea.KeyRunes, Paste: true, Runes: []rune(".zephyr\nsecond line")})
	if b.list.Filter.Value() != "shop.zephyr" || b.list.Grid.Len() != 1 {
		t.Errorf("a paste into the filter gives %q", b.list.Filter.Value())
	}
}

// TestLargeList goes over the size at which the list is arranged in a command.
func TestLargeList(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.fake(3000)
	if b.list.Grid.Len() != 3000 {
		t.Fatalf("%d rows are shown", b.list.Grid.Len())
	}
	b.list.Grid.Select("d-1500")
	cmd := b.press("s") // by verdict
	if !b.list.Order.Running || b.list.Grid.Position() != 1500 {
		t.Fatal("it was sorted within Update")
	}
	b.press("S") // and something else meanwhile
	if !b.list.Order.Dirty {
		t.Fatal("the change was lost")
	}
	b.drain(cmd, func() bool { return !b.list.Order.Running })
	if b.list.Order.Dirty || b.list.Grid.SelectedID() != "d-1500" ||
		inventory.StateOf(b.Domains.Rows[b.list.Grid.Order()[0]]) != inventory.StateNone ||
		inventory.StateOf(b.Domains.Rows[b.list.Grid.Order()[2999]]) != inventory.StateFail {
		t.Errorf("selected %s, first %d", b.list.Grid.SelectedID(), b.list.Grid.Order()[0])
	}
	for range inventory.SortKeys - inventory.SortVerdict { // back to the list's own order
		b.drain(b.press("s"), func() bool { return !b.list.Order.Running })
	}
	if b.list.Sort != inventory.SortListed {
		t.Fatalf("sorted by %s", b.list.Sort)
	}

	// A new page at the end of an unsorted list is appended, and nothing is arranged again.
	b.model.Load = runner.LoadState{Gen: 50, Cancel: func() {}}
	b.send(batchMsg{{Gen: 50, Row: inventory.NamedRow("more.example.com", "d-more")}})
	if b.list.Grid.Len() != 3001 || b.list.Order.Running {
		t.Errorf("%d rows are shown", b.list.Grid.Len())
	}
	// Into a filtered one it comes with the next arrangement.
	for _, k := range []string{"/", "m", "o", "r", "e"} {
		b.drain(b.press(k), func() bool { return !b.list.Order.Running })
	}
	cmd = b.send(batchMsg{{Gen: 50, Row: inventory.NamedRow("more2.example.com", "d-more2")}})
	b.drain(cmd, func() bool { return b.list.Grid.Len() == 2 })
}

func TestStatesLookDifferent(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for _, name := range []string{"loading", "empty", "failed", "nothing-matches"} {
		b := newBench(t, nil)
		screensOf()[name](b)
		body := b.list.Body()
		if other, ok := seen[body]; ok {
			t.Errorf("%s looks like %s", name, other)
		}
		seen[body] = name
	}
	b := newBench(t, nil)
	screensOf()["failed"](b)
	b.shows("cannot load", "domdoc login", "r retries")
}

// TestStep goes through the list from a domain's screen.
func TestStep(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.load().results()
	b.press("s")
	first := b.Domains.Rows[b.list.Grid.Order()[0]].ID
	second := b.Domains.Rows[b.list.Grid.Order()[1]].ID
	b.press("home", "enter", "2", "n")
	if b.detail.id != second || b.detail.tab != tab.Findings || b.Screen.Scope() != action.ScopeDetail {
		t.Errorf("n leads to %s, tab %s", b.detail.id, b.detail.tab)
	}
	b.press("N")
	if b.detail.id != first {
		t.Errorf("N leads to %s", b.detail.id)
	}
	b.press("N")
	b.shows("this is the last domain")
	b.press("esc")
	if b.Screen.Scope() != action.ScopeList {
		t.Errorf("esc after stepping leads to %s", b.Screen.Scope())
	}
}

// TestOpenDiagnoses opens a domain without a report: it is diagnosed; one whose report was dropped, too.
func TestOpenDiagnoses(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.load()
	b.opt.Fresh = nil
	b.open("name-doubled")
	if b.Single[b.detail.id] == nil {
		t.Error("it is not diagnosed")
	}
	b.shows("diagnosing", "most domains take a few seconds")
	b.press("x")
	b.shows("this domain has not been diagnosed", "d diagnoses it")

	b = newBench(t, nil)
	b.load().results()
	b.open("name-doubled")
	if len(b.Single) != 0 {
		t.Error("it is diagnosed again although its report is there")
	}
	b.press("esc")
	b.Reports = inventory.NewReports()
	b.press("enter")
	if len(b.Single) != 1 {
		t.Error("its report is gone, and it is not diagnosed again")
	}
}

func TestTargets(t *testing.T) {
	t.Parallel()
	r := inventory.NewRow(api.Domain{ID: "d-1", Name: "shop.example.com"}, noon)
	if got := r.Target(noon.Add(time.Minute), nil); got.Domain == nil || got.ID != "" {
		t.Errorf("a domain that was just listed is asked for again: %+v", got)
	}
	if got := r.Target(noon.Add(time.Hour), nil); got.Domain != nil || got.ID != "d-1" {
		t.Errorf("a domain that was listed long ago is taken as it was: %+v", got)
	}
	if got := inventory.NamedRow("Shop.Example.com.", "").Target(noon, nil); got.Name != "shop.example.com" ||
		got.ID != "" {
		t.Errorf("a name: %+v", got)
	}
	if got := inventory.NamedRow("", "d-9").Target(noon, nil); got.ID != "d-9" || got.Name != "" {
		t.Errorf("an id: %+v", got)
	}
}

func TestCatalogueLinks(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.load().results()
	b.open("name-doubled").press("c")
	b.shows("record.name-doubled", "the zone name is appended twice")
	b.press("enter")
	if b.Screen.Scope() != action.ScopeList || b.list.Grid.Len() != 1 ||
		b.list.Filter.Value() != "cause:record.name-doubled" {
		t.Errorf("at %s with %d domains, filter %q", b.Screen.Scope(), b.list.Grid.Len(), b.list.Filter.Value())
	}
	b.press("esc", "c", "/", "0", "0", "4", "enter", "enter")
	b.shows("DOMAIN_004", "DOMAIN_VERIFICATION_FAILED", "causes, most common first")
	b.press("enter")
	if b.Screen.Scope() != action.ScopeList || b.list.Filter.Value() != "code:DOMAIN_004" || b.list.Grid.Len() < 2 {
		t.Errorf("at %s with %d domains, filter %q", b.Screen.Scope(), b.list.Grid.Len(), b.list.Filter.Value())
	}
	// Every code and cause has a page, at every width.
	b.press("esc", "c", "esc")
	for i := range b.catalogue.Items {
		b.OpenEntry(b.catalogue.Items[i].ID)
		b.send(tea.WindowSizeMsg{Width: 60 + i%80, Height: 20})
		checkFrame(t, b.View(), 60+i%80, 20)
		if b.entry.View.TotalLineCount() < 5 {
			t.Errorf("%s says nothing", b.entry.ID)
		}
	}
}

// TestLoaderSendsEverything runs the loader against a list that fails after some domains.
func TestLoaderSendsEverything(t *testing.T) {
	t.Parallel()
	for _, fail := range []bool{false, true} {
		b := newBench(t, func(o *options) {
			o.Domains = func(context.Context) iter.Seq2[api.Domain, error] {
				return func(yield func(api.Domain, error) bool) {
					for i := range 5000 {
						if !yield(api.Domain{ID: fmt.Sprint("d-", i), Name: fmt.Sprintf("shop-%d.example.com", i)}, nil) {
							return
						}
					}
					if fail {
						yield(api.Domain{}, &api.Error{Kind: api.KindUnavailable, HTTPStatus: 503, Message: "down"})
					}
				}
			}
		})
		b.drain(b.Init(), func() bool { return !b.model.Load.Active() && !b.list.Order.Running && !b.list.Order.Soon })
		if len(b.Domains.Rows) != 5000 || b.list.Grid.Len() != 5000 || (b.model.Load.Err != nil) != fail {
			t.Errorf("%d domains, %d shown, %v", len(b.Domains.Rows), b.list.Grid.Len(), b.model.Load.Err)
		}
		if !slices.IsSorted(b.list.Grid.Order()) {
			t.Error("they are not in the list's order")
		}
		if fail {
			b.shows("the first 5,000 domains", "the list is incomplete", "r reloads it")
		}
	}
}
