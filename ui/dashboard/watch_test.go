package dashboard

import (
	"strings"
	"testing"
	"time"

	"domdoc/checks/result"

	"domdoc/checks/incident"
	"domdoc/checks/progress"
	"domdoc/ui/dashboard/inventory"
	"domdoc/ui/dashboard/runner"
	"domdoc/ui/dashboard/terminal"

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
	b.LastGen++
	b.Single[id] = &runner.SingleRun{Gen: b.LastGen, Cancel: func() {}, Began: noon, Watch: true}
	r := b.healedReport(story)
	return b.send(batchMsg{{
		Gen: b.LastGen, ID: id, Report: r, Sum: inventory.Summarise(r),
		Facts: incident.FactsOf(r),
	}})
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
	b := newBench(t, func(o *options) {
		o.Now = func() time.Time { return now }
		o.emit = func(s string) { out.WriteString(s) }
	})
	b.load().results()
	id := b.l.ids["cache-negative"]
	b.list.Grid.Select(id)
	b.press("w")
	it := b.Watch.Get(id)
	want := progress.NextRun(b.l.reports[id], noon)
	if it == nil || !it.At.Equal(want.At) || b.alarm.gen == 0 || !b.alarm.at.Equal(want.At) {
		t.Fatalf("watched %+v, the report says %+v, the alarm is set to %s", it, want, b.alarm.at)
	}
	b.shows("@ 1 watched", "next check "+want.At.UTC().Format(time.TimeOnly))
	b.send(alarmMsg{b.alarm.gen}) // too early: the clock was put back
	if len(b.Single) != 0 {
		t.Error("it is asked before it is time")
	}
	now = want.At
	b.send(alarmMsg{b.alarm.gen - 1})
	if len(b.Single) != 0 {
		t.Error("an alarm of before was heard")
	}
	b.send(alarmMsg{b.alarm.gen})
	if s := b.Single[id]; s == nil || !s.Watch {
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
	b.Notice = ""
	b.heals("cache-negative")
	if b.Notice != "" {
		t.Errorf("it is told again: %q", b.Notice)
	}
	b.open("cache-negative").press("9")
	b.shows("watched: it is healthy", "14:35:00 UTC", "the verdict changed from")
	b.press("w")
	if b.Watch.Get(id) != nil || !b.alarm.at.IsZero() {
		t.Error("it is still watched")
	}
}

// TestWatchMarked watches what is marked, as far as there is room, and forgets a domain that is gone.
func TestWatchMarked(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.fake(3000)
	b.press("a", "w")
	if b.Watch.Len() != maxWatched {
		t.Errorf("%d are watched", b.Watch.Len())
	}
	b.shows("2,800 more are not")
	b.Domains = inventory.NewSet()
	b.send(alarmMsg{b.alarm.gen})
	if b.Watch.Len() != 0 || len(b.Single) != 0 {
		t.Errorf("%d are watched that the list does not have", b.Watch.Len())
	}
}

// TestWatchStale drops a look that was stopped, and looks again later.
func TestWatchStale(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.load().results()
	id := b.l.ids["cache-negative"]
	b.list.Grid.Select(id)
	b.press("w")
	b.LastGen++
	stale := b.LastGen
	b.Single[id] = &runner.SingleRun{Gen: stale, Cancel: func() {}, Watch: true}
	b.press("x")
	if at := b.Watch.Get(id).At; !at.Equal(noon.Add(watchStop)) {
		t.Errorf("the next look is at %s", at)
	}
	r := b.healedReport("cache-negative")
	b.send(batchMsg{{Gen: stale, ID: id, Report: r, Sum: inventory.Summarise(r)}})
	if b.Watch.Get(id).Healthy() {
		t.Error("a look that was stopped was taken")
	}
	b.Single[id] = &runner.SingleRun{Gen: 1 << 20, Cancel: func() {}, Watch: true}
	b.send(batchMsg{{Gen: 1 << 20, ID: id}}) // it came to nothing
	if at := b.Watch.Get(id).At; b.Single[id] != nil || !at.Equal(noon.Add(watchFailed)) {
		t.Errorf("the next look is at %s", at)
	}
}

// TestChangesAreBounded diagnoses many domains many times.
func TestChangesAreBounded(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	bad, good := b.l.reports[b.l.ids["cache-negative"]], b.healedReport("cache-negative")
	c := inventory.NewChangelog()
	for i := range 3 * inventory.MaxTimelines {
		c.Take(string(rune('a'+i%26))+strings.Repeat("x", i/26), bad, good)
	}
	for range 3 * inventory.MaxEntries {
		c.Take("a", bad, good)
	}
	if c.Order.Len() > inventory.MaxTimelines || len(c.ByID) != c.Order.Len() ||
		len(c.Get("a").Entries) > inventory.MaxEntries {
		t.Errorf("%d timelines, %d entries", c.Order.Len(), len(c.Get("a").Entries))
	}
}

// TestNotification keeps what a terminal obeys out of a notification.
func TestNotification(t *testing.T) {
	t.Parallel()
	got := terminal.Notification("a;b\x1b]52;c;x\a is\nhealthy", nil)
	if strings.Count(got, "\x1b") != 2 || strings.Count(got, "\a") != 3 || strings.Contains(got, "a;b") {
		t.Errorf("%q", got)
	}
	if got := terminal.Notification("x", []string{"TMUX=/tmp/1"}); !strings.Contains(got, "\x1bPtmux;") {
		t.Errorf("it does not get through tmux: %q", got)
	}
}
