package dashboard

import (
	"strings"
	"testing"
	"time"

	"domdoc/checks/incident"
	"domdoc/checks/progress"
	"domdoc/checks/result"

	"domdoc/catalog"

	tea "github.com/charmbracelet/bubbletea"
)

// healedReport is the diagnosis of a story's domain once nothing is wrong with it any more.
func (b *bench) healedReport(story string) *result.Domain {
	old := b.l.reports[b.l.ids[story]]
	r := *old
	r.Verdict, r.Findings, r.Codes, r.Propagation, r.At = catalog.Pass, nil, nil, nil, noon.Add(15*time.Minute)
	r.Checks = nil
	return &r
}

// heals has the next look at a watched domain find it healthy.
func (b *bench) heals(story string) tea.Cmd {
	b.t.Helper()
	id := b.l.ids[story]
	b.lastGen++
	b.single[id] = &singleRun{gen: b.lastGen, cancel: func() {}, began: noon, watch: true}
	r := b.healedReport(story)
	return b.send(batchMsg{{gen: b.lastGen, id: id, report: r, sum: summarise(r), facts: incident.FactsOf(r)}})
}

// emitted runs a command, and returns what it wrote to the terminal.
func emitted(b *bench, cmd tea.Cmd, out *strings.Builder) string {
	b.t.Helper()
	yields(cmd, func(tea.Msg) bool { return out.Len() > 0 })
	return out.String()
}

// TestWatch watches a domain whose report says when it is worth another look: it is asked then and not before, and
// the bell rings once when it is healthy.
func TestWatch(t *testing.T) {
	t.Parallel()
	now := noon
	var out strings.Builder
	b := newBench(t, func(o *Options) {
		o.Now = func() time.Time { return now }
		o.emit = func(s string) { out.WriteString(s) }
	})
	b.load().results()
	id := b.l.ids["cache-negative"]
	b.list.grid.Select(id)
	b.press("w")
	it := b.watch.Get(id)
	want := progress.NextRun(b.l.reports[id], noon)
	if it == nil || !it.At.Equal(want.At) || b.alarm.gen == 0 || !b.alarm.at.Equal(want.At) {
		t.Fatalf("watched %+v, the report says %+v, the alarm is set to %s", it, want, b.alarm.at)
	}
	b.shows("@ 1 watched", "next look "+want.At.UTC().Format(time.TimeOnly))
	b.send(alarmMsg{b.alarm.gen}) // too early: the clock was put back
	if len(b.single) != 0 {
		t.Error("it is asked before it is time")
	}
	now = want.At
	b.send(alarmMsg{b.alarm.gen - 1})
	if len(b.single) != 0 {
		t.Error("an alarm of before was heard")
	}
	b.send(alarmMsg{b.alarm.gen})
	if s := b.single[id]; s == nil || !s.watch {
		t.Fatal("it is not asked when it is time")
	}
	b.stopAll() // the real look
	text := emitted(b, b.heals("cache-negative"), &out)
	for _, want := range []string{
		"\a", "\x1b]9;domdoc: shop.thephone.example is healthy now\a",
		"\x1b]777;notify;domdoc;shop.thephone.example is healthy now\a",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in %q", want, text)
		}
	}
	b.shows("shop.thephone.example is healthy now")
	b.notice = ""
	b.heals("cache-negative")
	if b.notice != "" {
		t.Errorf("it is told again: %q", b.notice)
	}
	b.open("cache-negative").press("9")
	b.shows("watched: it is healthy", "14:35:00 UTC", "the verdict was")
	b.press("w")
	if b.watch.Get(id) != nil || !b.alarm.at.IsZero() {
		t.Error("it is still watched")
	}
}

// TestWatchMarked watches what is marked, as far as there is room, and forgets a domain that is gone.
func TestWatchMarked(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.fake(3000)
	b.press("a", "w")
	if b.watch.Len() != maxWatched {
		t.Errorf("%d are watched", b.watch.Len())
	}
	b.shows("2,800 more are not")
	b.fleet = newFleet()
	b.send(alarmMsg{b.alarm.gen})
	if b.watch.Len() != 0 || len(b.single) != 0 {
		t.Errorf("%d are watched that the list does not have", b.watch.Len())
	}
}

// TestWatchStale drops a look that was stopped, and looks again later.
func TestWatchStale(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.load().results()
	id := b.l.ids["cache-negative"]
	b.list.grid.Select(id)
	b.press("w")
	b.lastGen++
	stale := b.lastGen
	b.single[id] = &singleRun{gen: stale, cancel: func() {}, watch: true}
	b.press("x")
	if at := b.watch.Get(id).At; !at.Equal(noon.Add(watchStop)) {
		t.Errorf("the next look is at %s", at)
	}
	r := b.healedReport("cache-negative")
	b.send(batchMsg{{gen: stale, id: id, report: r, sum: summarise(r)}})
	if b.watch.Get(id).Healthy() {
		t.Error("a look that was stopped was taken")
	}
	b.single[id] = &singleRun{gen: 1 << 20, cancel: func() {}, watch: true}
	b.send(batchMsg{{gen: 1 << 20, id: id}}) // it came to nothing
	if at := b.watch.Get(id).At; b.single[id] != nil || !at.Equal(noon.Add(watchFailed)) {
		t.Errorf("the next look is at %s", at)
	}
}

// TestChangesAreBounded diagnoses many domains many times.
func TestChangesAreBounded(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	bad, good := b.l.reports[b.l.ids["cache-negative"]], b.healedReport("cache-negative")
	c := newChanges()
	for i := range 3 * maxTimelines {
		c.take(string(rune('a'+i%26))+strings.Repeat("x", i/26), bad, good)
	}
	for range 3 * maxEntries {
		c.take("a", bad, good)
	}
	if c.order.Len() > maxTimelines || len(c.byID) != c.order.Len() || len(c.get("a").entries) > maxEntries {
		t.Errorf("%d timelines, %d entries", c.order.Len(), len(c.get("a").entries))
	}
}

// TestNotification keeps what a terminal obeys out of a notification.
func TestNotification(t *testing.T) {
	t.Parallel()
	got := notification("a;b\x1b]52;c;x\a is\nhealthy", nil)
	if strings.Count(got, "\x1b") != 2 || strings.Count(got, "\a") != 3 || strings.Contains(got, "a;b") {
		t.Errorf("%q", got)
	}
	if got := notification("x", []string{"TMUX=/tmp/1"}); !strings.Contains(got, "\x1bPtmux;") {
		t.Errorf("it does not get through tmux: %q", got)
	}
}
