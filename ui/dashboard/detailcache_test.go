package dashboard

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"domdoc/checks/result"

	"domdoc/ui/dashboard/action"
	"domdoc/ui/dashboard/inventory"
	"domdoc/ui/dashboard/page"
	"domdoc/ui/dashboard/reportfile"
	"domdoc/ui/dashboard/runner"
	"domdoc/ui/dashboard/screen"
	"domdoc/ui/dashboard/tab"

	tea "github.com/charmbracelet/bubbletea"
)

// TestDetailIsMadeAgainWhenNeeded holds the cache of a domain's page: the content is made again when something that
// it shows has changed, and only then. After each step it is also compared with the content made from nothing.
func TestDetailIsMadeAgainWhenNeeded(t *testing.T) {
	t.Parallel()
	later := func(d time.Duration) func(*bench) {
		return func(b *bench) {
			now := b.Now.Add(d)
			b.opt.Now = func() time.Time { return now }
			b.send(tickMsg{b.ticker.gen})
		}
	}
	keys := func(list ...string) func(*bench) { return func(b *bench) { b.press(list...) } }
	size := func(w, h int) func(*bench) {
		return func(b *bench) { b.send(tea.WindowSizeMsg{Width: w, Height: h}) }
	}
	again := func(story string) func(*bench) { // a new report of a story arrives
		return func(b *bench) {
			id := b.l.ids[story]
			fresh := *reportfile.Snapshot(b.l.reports[id])
			b.Run = runner.RunState{Gen: 77, Cancel: func() {}, Total: 1}
			b.send(batchMsg{{Gen: 77, ID: id, Report: &fresh, Sum: inventory.Summarise(&fresh)}})
		}
	}
	for name, c := range map[string]struct {
		story, tab string
		step       func(*bench)
		want       bool
	}{
		"a key that does nothing":           {"cache-old-answer", "1", keys("f12"), false},
		"a stale tick":                      {"cache-old-answer", "1", func(b *bench) { b.send(tickMsg{-1}) }, false},
		"a second, in the findings":         {"cache-old-answer", "1", later(time.Second), false},
		"a minute, in the findings":         {"cache-old-answer", "1", later(time.Minute), true},
		"a second of a countdown":           {"cache-old-answer", "2", later(time.Second), true},
		"a part of a second of a countdown": {"cache-old-answer", "2", later(time.Millisecond), false},
		"a second when nothing counts":      {"taken", "2", later(time.Second), false},
		"an hour, in the records":           {"combined-two-fixes", "3", later(time.Hour), false},
		"a minute, in the certificate":      {"certificate-ends-soon", "4", later(time.Minute), true},
		"a minute, in the ledger":           {"caa-forbids", "8", later(time.Minute), false},
		"another tab":                       {"caa-forbids", "1", keys("4"), true},
		"the same tab":                      {"caa-forbids", "4", keys("4"), false},
		"the selection":                     {"combined-two-fixes", "3", keys("down"), true},
		"scrolling":                         {"caa-forbids", "1", keys("pgdown"), false},
		"unfolding":                         {"caa-forbids", "1", keys("enter"), true},
		"the width":                         {"caa-forbids", "1", size(90, 24), true},
		"the height":                        {"caa-forbids", "1", size(80, 30), false},
		"too small for anything":            {"caa-forbids", "1", size(20, 5), false},
		"another domain":                    {"caa-forbids", "1", keys("n"), true},
		"a new report":                      {"caa-forbids", "1", again("caa-forbids"), true},
		"a new report of another domain":    {"caa-forbids", "1", again("taken"), false},
		"being asked again": {"caa-forbids", "1", func(b *bench) {
			b.opt.Fresh = b.l.doctor
			b.press("d")
		}, false},
		// the ledger is no page
		"words of the ledger's search": {"caa-forbids", "8", keys("/", "c", "a", "a"), false},
		"the help and back":            {"caa-forbids", "1", keys("?", "?"), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := deepBench(t, nil)
			b.load().results().open(c.story).press(c.tab)
			before := b.detail.made
			c.step(b)
			if got := b.detail.made > before; got != c.want {
				t.Errorf("made again: %v, want %v", got, c.want)
			}
			if n := b.detail.made - before; n > len(strings.Fields(name))+4 {
				t.Errorf("made %d times", n)
			}
			frame := b.View()
			b.detail.shown = detailKey{}
			b.detail.ledger.shown, b.detail.ledger.order = answerKey{}, orderKey{}
			b.Screen.Refresh()
			if fresh := b.View(); fresh != frame {
				t.Errorf("what was kept is not what would be made now:\n%s\n--\n%s", frame, fresh)
			}
		})
	}
}

// TestLedgerFollowsItsReport checks that the ledger never shows the questions of another report.
func TestLedgerFollowsItsReport(t *testing.T) {
	t.Parallel()
	b := deepBench(t, nil)
	b.load().results().open("caa-forbids").press("8", "down", "enter")
	if !b.detail.ledger.whole || b.detail.ledger.current() == nil {
		t.Fatal("no whole answer is shown")
	}
	first := b.detail.ledger.current().x
	b.press("n", "8")
	if l := &b.detail.ledger; l.whole || l.report != b.detail.report() || l.current() != nil && l.current().x == first {
		t.Error("the next domain shows the questions of the one before")
	}
	b.press("8")
	b.shows("all " + fmt.Sprint(len(b.detail.report().Ledger)))

	// A search narrows it; a kind narrows it further; esc takes both away, and only then leaves.
	b.press("/", "s", "o", "a", "enter")
	for _, i := range b.detail.ledger.grid.Order() {
		if !strings.Contains(b.detail.ledger.list[i].words, "soa") {
			t.Errorf("%s was let through", b.detail.ledger.list[i].e.Asked)
		}
	}
	n := b.detail.ledger.grid.Len()
	for range b.detail.ledger.kinds() {
		b.press("f")
		for _, i := range b.detail.ledger.grid.Order() {
			if !b.detail.ledger.list[i].is(b.detail.ledger.kind) {
				t.Errorf("kind %s lets %s through", b.detail.ledger.kind, b.detail.ledger.list[i].e.Kind)
			}
		}
	}
	if b.detail.ledger.kind != kindAll || b.detail.ledger.grid.Len() != n {
		t.Error("the kinds do not go round")
	}
	b.press("esc")
	if b.Screen.Scope() != action.ScopeDetail || b.detail.ledger.search.Value() != "" ||
		b.detail.ledger.grid.Len() != len(b.detail.report().Ledger) {
		t.Error("esc does not clear the search")
	}
	b.press("esc")
	if b.Screen.Scope() != action.ScopeList {
		t.Error("esc does not leave")
	}
}

// TestEverythingIsReached presses down through every tab in the smallest window: every line comes into view,
// everything that can be selected is selected once, and up leads back to the beginning.
func TestEverythingIsReached(t *testing.T) {
	t.Parallel()
	for _, story := range []string{
		"combined-two-fixes", "cache-old-answer", "redirect-cycle", "delegation-half-lame",
		"certificate-ends-soon",
	} {
		for tb := range tab.Ledger {
			for _, s := range []struct{ w, h int }{
				{screen.MinWidth, screen.MinHeight},
				{page.WideEnough, screen.MinHeight},
			} {
				t.Run(fmt.Sprintf("%s/%s/%d", story, tb, s.w), func(t *testing.T) {
					t.Parallel()
					everythingIsReached(t, story, tb, s.w, s.h)
				})
			}
		}
	}
}

func everythingIsReached(t *testing.T, story string, tb tab.ID, w, h int) {
	t.Helper()
	b := deepBench(t, nil)
	b.load().results().open(story)
	b.send(tea.WindowSizeMsg{Width: w, Height: h})
	b.press(fmt.Sprint(int(tb) + 1))
	d := b.detail
	selected := map[int]bool{d.cursor: true}
	seen := map[int]bool{}
	look := func() {
		for i := d.view.YOffset; i < d.view.YOffset+d.view.Height; i++ {
			seen[i] = true
		}
		selected[d.cursor] = true
	}
	look()
	for range 160 {
		b.press("down")
		look()
		pointerIsShown(t, b)
	}
	for i := range d.view.TotalLineCount() {
		if !seen[i] {
			t.Fatalf("line %d of %d never came into view", i, d.view.TotalLineCount())
		}
	}
	for i := range d.items {
		if !selected[i] {
			t.Errorf("item %d of %d was never selected", i, len(d.items))
		}
	}
	for range 160 {
		b.press("up")
	}
	if d.view.YOffset != 0 || d.cursor != 0 {
		t.Errorf("up ends at line %d, item %d", d.view.YOffset, d.cursor)
	}
	b.press("G")
	if n := len(d.items); n > 0 && d.cursor != n-1 || !d.view.AtBottom() {
		t.Errorf("the end is line %d, item %d", d.view.YOffset, d.cursor)
	}
	b.press("g")
	if d.view.YOffset != 0 || d.cursor != 0 {
		t.Errorf("the beginning is line %d, item %d", d.view.YOffset, d.cursor)
	}
}

// pointerIsShown checks that the selected item, if it is in view, has the pointer.
func pointerIsShown(t *testing.T, b *bench) {
	t.Helper()
	d := b.detail
	if d.cursor >= len(d.items) || len(d.items) < 2 || !d.visible(d.cursor) {
		return
	}
	line := strings.Split(d.view.View(), "\n")[d.items[d.cursor].From-d.view.YOffset]
	if !strings.Contains(line, b.Th.Pointer) {
		t.Fatalf("item %d has no pointer: %q", d.cursor, line)
	}
}

// TestCausesLeadToTheirTab checks that a glyph stands at the tab that shows what a root cause is about.
func TestCausesLeadToTheirTab(t *testing.T) {
	t.Parallel()
	b := deepBench(t, nil)
	for story, want := range map[string]tab.ID{
		"caa-forbids": tab.Certificate, "cache-old-answer": tab.Propagation, "dnssec-stale-ds": tab.Registration,
		"route-shadowed": tab.Routes, "redirect-cycle": tab.Routes,
		"transfer-locked": tab.Registration, "ttl-too-short": tab.Records,
	} {
		r := b.l.reports[b.l.ids[story]]
		marks := tab.Marks(b.Th, r)
		for tb := range tab.Count {
			if got := marks[tb].Glyph != ""; got != (tb == want) {
				t.Errorf("%s: a glyph at %s: %v", story, tb, got)
			}
		}
	}
	if tab.Marks(b.Th, nil) != [tab.Count]tab.Mark{} || tab.Marks(b.Th, &result.Domain{}) != [tab.Count]tab.Mark{} {
		t.Error("glyphs without a finding")
	}
}
