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

	tea "github.com/charmbracelet/bubbletea"
)

func testRows() []*row {
	mk := func(id, name, status string, s *summary) *row {
		r := newRow(api.Domain{ID: id, Name: name, Status: status}, noon)
		r.sum = s.told(r)
		r.index()
		return r
	}
	return []*row{
		mk("d-0", "shop.example.com", "PENDING", &summary{
			verdict: catalog.Fail, state: stateFail,
			codes: []string{"DOMAIN_004", "DOMAIN_010"}, causes: []catalog.ID{"record.missing"},
			title: "the record is not published", at: noon.Add(-time.Hour),
		}),
		mk("d-1", "www.zebra.org", "VERIFIED", &summary{verdict: catalog.Pass, state: statePass, at: noon}),
		mk("d-2", "例え.jp", "PENDING", nil),
		mk("d-3", "Bar.Example.com", "VERIFIED", &summary{
			verdict: catalog.Fail, state: stateWait,
			codes: []string{"DOMAIN_010"}, causes: []catalog.ID{"cache.old-answer"},
			title: "a resolver still has the earlier value", waits: noon.Add(time.Hour), at: noon.Add(-2 * time.Hour),
		}),
		mk("d-4", "api.example.com", "VERIFIED", &summary{
			verdict: catalog.Inconclusive, state: stateInconclusive,
			title: "no answer", at: noon,
		}),
		mk("d-5", "cdn.example.com", "VERIFIED", &summary{
			verdict: catalog.Fail, state: stateWait,
			codes: []string{"DOMAIN_004"}, causes: []catalog.ID{"cache.negative"}, title: "a resolver remembers",
			waits: noon.Add(time.Minute), at: noon,
		}),
	}
}

// told gives a made-up summary what a query looks at, as a report of it would.
func (s *summary) told(r *row) *summary {
	if s == nil {
		return nil
	}
	s.sel = r.sel
	s.sel.Verdict, s.sel.State, s.sel.Title, s.sel.Waits, s.sel.At = s.verdict.String(), s.state.word(), s.title,
		s.waits, s.at
	for _, c := range s.codes {
		s.sel.Codes = append(s.sel.Codes, strings.ToLower(c))
	}
	for _, c := range s.causes {
		s.sel.Causes = append(s.sel.Causes, string(c))
	}
	s.sel.Text = strings.Join(append([]string{r.sel.Text, s.sel.State, s.title, strings.Join(s.sel.Codes, " ")},
		s.sel.Causes...), "\n")
	return s
}

func parsedQuery(line string) query.Query {
	q, _ := query.Parse(line)
	return q
}

func ids(rows []*row, order []int32) string {
	var out []string
	for _, i := range order {
		out = append(out, strings.TrimPrefix(rows[i].id, "d-"))
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
		"verdict:fail":                       "0 3 5",
		"verdict:waiting":                    "3 5",
		"verdict:pass":                       "1",
		"verdict:inc":                        "4",
		"verdict:none":                       "2",
		"verdict:fail code:010":              "0 3",
		"code:DOMAIN_004":                    "0 5",
		"code:004 verdict:waiting example":   "5",
		"cause:cache":                        "3 5",
		"cause:record.missing":               "0",
		"status:verified":                    "1 3 4 5",
		"name:shop":                          "0",
		"verdict:":                           "0 1 2 3 4 5", // still being typed
		"nosuch:thing":                       "",
		"-verdict:fail":                      "1 2 4",
		"verdict:pass,inc":                   "1 4",
		"wait:<30m":                          "5",
		"age:>90m":                           "3",
		"code:=domain_004":                   "0 5",
		"cause:=cache":                       "",
		"example.com verdict:fail zebra":     "",
		"  verdict:fail   \t  status:PEND  ": "0",
	} {
		if got := ids(rows, arrange(rows, view{query: parsedQuery(line), now: noon})); got != want {
			t.Errorf("%q selects %q, want %q", line, got, want)
		}
	}
}

func TestSort(t *testing.T) {
	t.Parallel()
	rows := testRows()
	for _, c := range []struct {
		key     sortKey
		reverse bool
		want    string
	}{
		{sortListed, false, "0 1 2 3 4 5"},
		{sortListed, true, "5 4 3 2 1 0"},
		{sortVerdict, false, "0 4 3 5 1 2"},
		{sortVerdict, true, "1 3 5 4 0 2"}, // what is not diagnosed stays last
		{sortName, false, "4 3 5 0 1 2"},
		{sortStatus, false, "0 2 1 3 4 5"},
		{sortCause, false, "5 3 4 0 1 2"},
		{sortWaits, false, "5 3 0 1 2 4"},
		{sortWaits, true, "3 5 0 1 2 4"},
		{sortAge, false, "3 0 1 4 5 2"},
	} {
		if got := ids(rows, arrange(rows, view{now: noon, sort: c.key, reverse: c.reverse})); got != c.want {
			t.Errorf("sorted by %s (reversed %v): %s, want %s", c.key, c.reverse, got, c.want)
		}
	}
	for k := range sortKeys {
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
	if b.list.grid.Len() != 10 || !b.list.filter.open {
		t.Errorf("%d domains match", b.list.grid.Len())
	}
	b.press("down", "down")
	if b.list.grid.Position() != 2 {
		t.Errorf("the arrows do not move the selection while typing: %d", b.list.grid.Position())
	}
	b.press("q", "D") // letters, not keys
	if b.list.filter.value() != "shopqD" || b.run.active() {
		t.Errorf("typed %q", b.list.filter.value())
	}
	b.press("backspace", "backspace", "enter")
	b.shows("/ shop", "10 of 11 domains")
	b.press("/", "ctrl+u", "x", "esc")
	if b.list.filter.value() != "shop" || b.list.grid.Len() != 10 {
		t.Errorf("esc left the filter at %q with %d domains", b.list.filter.value(), b.list.grid.Len())
	}
	b.press("/")
	b.send(tea.KeyMsg{Type: tea.KeyRunes, Paste: true, Runes: []rune(".zephyr\nsecond line")})
	if b.list.filter.value() != "shop.zephyr" || b.list.grid.Len() != 1 {
		t.Errorf("a paste into the filter gives %q", b.list.filter.value())
	}
}

// TestLargeList goes over the size at which the list is arranged in a command.
func TestLargeList(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.fake(3000)
	if b.list.grid.Len() != 3000 {
		t.Fatalf("%d rows are shown", b.list.grid.Len())
	}
	b.list.grid.Select("d-1500")
	cmd := b.press("s") // by verdict
	if !b.list.order.running || b.list.grid.Position() != 1500 {
		t.Fatal("it was sorted within Update")
	}
	b.press("S") // and something else meanwhile
	if !b.list.order.dirty {
		t.Fatal("the change was lost")
	}
	b.drain(cmd, func() bool { return !b.list.order.running })
	if b.list.order.dirty || b.list.grid.SelectedID() != "d-1500" ||
		stateOf(b.fleet.rows[b.list.grid.Order()[0]]) != stateFail ||
		b.list.grid.Order()[0] != 0 {
		t.Errorf("selected %s, first %d", b.list.grid.SelectedID(), b.list.grid.Order()[0])
	}
	for range sortKeys - sortVerdict { // back to the list's own order
		b.drain(b.press("s"), func() bool { return !b.list.order.running })
	}
	if b.list.sort != sortListed {
		t.Fatalf("sorted by %s", b.list.sort)
	}

	// A new page at the end of an unsorted list is appended, and nothing is arranged again.
	b.model.load = loadState{gen: 50, cancel: func() {}}
	b.send(batchMsg{{gen: 50, row: namedRow("more.example.com", "d-more")}})
	if b.list.grid.Len() != 3001 || b.list.order.running {
		t.Errorf("%d rows are shown", b.list.grid.Len())
	}
	// Into a filtered one it comes with the next arrangement.
	for _, k := range []string{"/", "m", "o", "r", "e"} {
		b.drain(b.press(k), func() bool { return !b.list.order.running })
	}
	cmd = b.send(batchMsg{{gen: 50, row: namedRow("more2.example.com", "d-more2")}})
	b.drain(cmd, func() bool { return b.list.grid.Len() == 2 })
}

func TestStatesLookDifferent(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for _, name := range []string{"loading", "empty", "failed", "nothing-matches"} {
		b := newBench(t, nil)
		screensOf()[name](b)
		body := b.list.body()
		if other, ok := seen[body]; ok {
			t.Errorf("%s looks like %s", name, other)
		}
		seen[body] = name
	}
	b := newBench(t, nil)
	screensOf()["failed"](b)
	b.shows("could not be loaded", "domdoc login", "r tries again")
}

// TestStep goes through the list from a domain's screen.
func TestStep(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.load().results()
	b.press("s")
	first := b.fleet.rows[b.list.grid.Order()[0]].id
	second := b.fleet.rows[b.list.grid.Order()[1]].id
	b.press("home", "enter", "2", "n")
	if b.detail.id != second || b.detail.tab != tabPropagation || b.screen.scope() != scopeDetail {
		t.Errorf("n leads to %s, tab %s", b.detail.id, b.detail.tab)
	}
	b.press("N")
	if b.detail.id != first {
		t.Errorf("N leads to %s", b.detail.id)
	}
	b.press("N")
	b.shows("no domain beyond")
	b.press("esc")
	if b.screen.scope() != scopeList {
		t.Errorf("esc after stepping leads to %s", b.screen.scope())
	}
}

// TestOpenDiagnoses opens a domain without a report: it is diagnosed; one whose report was dropped, too.
func TestOpenDiagnoses(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.load()
	b.opt.Fresh = nil
	b.open("name-doubled")
	if b.single[b.detail.id] == nil {
		t.Error("it is not diagnosed")
	}
	b.shows("diagnosing", "most domains take a few seconds")
	b.press("x")
	b.shows("there is no diagnosis of this domain", "d diagnoses it")

	b = newBench(t, nil)
	b.load().results()
	b.open("name-doubled")
	if len(b.single) != 0 {
		t.Error("it is diagnosed again although its report is there")
	}
	b.press("esc")
	b.reports = newReports()
	b.press("enter")
	if len(b.single) != 1 {
		t.Error("its report is gone, and it is not diagnosed again")
	}
}

func TestTargets(t *testing.T) {
	t.Parallel()
	r := newRow(api.Domain{ID: "d-1", Name: "shop.example.com"}, noon)
	if got := r.target(noon.Add(time.Minute), nil); got.Domain == nil || got.ID != "" {
		t.Errorf("a domain that was just listed is asked for again: %+v", got)
	}
	if got := r.target(noon.Add(time.Hour), nil); got.Domain != nil || got.ID != "d-1" {
		t.Errorf("a domain that was listed long ago is taken as it was: %+v", got)
	}
	if got := namedRow("Shop.Example.com.", "").target(noon, nil); got.Name != "shop.example.com" || got.ID != "" {
		t.Errorf("a name: %+v", got)
	}
	if got := namedRow("", "d-9").target(noon, nil); got.ID != "d-9" || got.Name != "" {
		t.Errorf("an id: %+v", got)
	}
}

func TestCatalogueLinks(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.load().results()
	b.open("name-doubled").press("c")
	b.shows("record.name-doubled", "the zone's name stands twice")
	b.press("enter")
	if b.screen.scope() != scopeList || b.list.grid.Len() != 1 || b.list.filter.value() != "cause:record.name-doubled" {
		t.Errorf("at %s with %d domains, filter %q", b.screen.scope(), b.list.grid.Len(), b.list.filter.value())
	}
	b.press("esc", "c", "/", "0", "0", "4", "enter", "enter")
	b.shows("DOMAIN_004", "DOMAIN_VERIFICATION_FAILED", "what causes it")
	b.press("enter")
	if b.screen.scope() != scopeList || b.list.filter.value() != "code:DOMAIN_004" || b.list.grid.Len() < 2 {
		t.Errorf("at %s with %d domains, filter %q", b.screen.scope(), b.list.grid.Len(), b.list.filter.value())
	}
	// Every code and cause has a page, at every width.
	b.press("esc", "c", "esc")
	for i := range b.catalogue.items {
		b.openEntry(b.catalogue.items[i].id)
		b.send(tea.WindowSizeMsg{Width: 60 + i%80, Height: 20})
		checkFrame(t, b.View(), 60+i%80, 20)
		if b.entry.view.TotalLineCount() < 5 {
			t.Errorf("%s says nothing", b.entry.id)
		}
	}
}

// TestLoaderSendsEverything runs the loader against a list that fails after some domains.
func TestLoaderSendsEverything(t *testing.T) {
	t.Parallel()
	for _, fail := range []bool{false, true} {
		b := newBench(t, func(o *Options) {
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
		b.drain(b.Init(), func() bool { return !b.model.load.active() && !b.list.order.running && !b.list.order.soon })
		if len(b.fleet.rows) != 5000 || b.list.grid.Len() != 5000 || (b.model.load.err != nil) != fail {
			t.Errorf("%d domains, %d shown, %v", len(b.fleet.rows), b.list.grid.Len(), b.model.load.err)
		}
		if !slices.IsSorted(b.list.grid.Order()) {
			t.Error("they are not in the list's order")
		}
		if fail {
			b.shows("the first 5,000 domains", "the list ended early", "r reads it again")
		}
	}
}
