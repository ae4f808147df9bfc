package dashboard

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"domdoc/api"
	"domdoc/catalog"
	"domdoc/checks"
	"domdoc/checks/dnsname"
	"domdoc/checks/result"

	tea "github.com/charmbracelet/bubbletea"
)

// TestEventStorm sends 10,000 results as fast as it can: every one is counted, and there are at most 20 messages, and
// so Views, a second.
func TestEventStorm(t *testing.T) {
	l := getLab(t)
	_ = l
	synctest.Test(t, func(t *testing.T) {
		const storm = 10_000
		b := newBench(t, nil)
		b.fake(storm)
		ctx, cancel := context.WithCancel(b.ctx)
		defer cancel()
		b.run = runState{gen: 7, cancel: cancel, total: storm, began: noon}
		report := &result.Domain{Verdict: catalog.Pass, At: noon}
		go func() {
			for i := range storm {
				send(ctx, b.events, event{gen: 7, id: fmt.Sprint("d-", i), report: report, sum: summarise(report)})
			}
			send(ctx, b.events, event{gen: 7, end: runEnded})
		}()
		began := time.Now()
		messages := 0
		for b.run.active() {
			b.send(collect(ctx, b.events)())
			_ = b.View()
			messages++
		}
		took := time.Since(began)
		if b.run.done != storm || b.fleet.counts[statePass] != storm {
			t.Errorf("%d results counted, %d domains passed, want %d", b.run.done, b.fleet.counts[statePass], storm)
		}
		if perSecond := float64(messages) / took.Seconds(); perSecond > 20.5 {
			t.Errorf("%d messages in %s: %.0f a second", messages, took, perSecond)
		}
		if b.reports.order.Len() > maxReports {
			t.Errorf("%d whole reports are kept", b.reports.order.Len())
		}
		if !strings.HasPrefix(b.notice, "diagnosed 10,000") {
			t.Errorf("the end is told as %q", b.notice)
		}
	})
}

// TestCollectEnds checks that a program that ends does not wait for events.
func TestCollectEnds(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if msg := collect(ctx, make(chan event))(); msg != nil {
		t.Errorf("got %v", msg)
	}
}

func TestStaleResultsAreDropped(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.load()
	id := b.l.ids["name-doubled"]
	fresh := func(gen int) event {
		r := settled(b.l.reports[id])
		return event{gen: gen, id: id, report: r, sum: summarise(r)}
	}
	b.run = runState{gen: 5, cancel: func() {}, total: 1}
	b.send(batchMsg{fresh(4), {gen: 4, end: runEnded}})
	if b.run.done != 0 || !b.run.active() || b.fleet.find(id).sum != nil {
		t.Error("a result of an earlier run was taken")
	}
	b.send(batchMsg{fresh(5), {gen: 5, end: runEnded}})
	if b.run.done != 1 || b.run.active() || b.fleet.find(id).sum == nil {
		t.Error("a result of this run was not taken")
	}

	b = newBench(t, nil)
	b.load()
	b.single[id] = &singleRun{gen: 8, cancel: func() {}}
	b.send(resultMsg(fresh(7)))
	if b.fleet.find(id).sum != nil || b.single[id] == nil {
		t.Error("a single result of before was taken")
	}
	b.send(resultMsg(fresh(8)))
	if b.fleet.find(id).sum == nil || b.single[id] != nil {
		t.Error("a single result was not taken")
	}

	n := len(b.fleet.rows)
	b.model.load = loadState{gen: 20, cancel: func() {}}
	b.send(batchMsg{
		{gen: 19, row: namedRow("stale.example.com", "")},
		{gen: 19, end: loadEnded, err: errors.New("stale")},
	})
	if len(b.fleet.rows) != n || b.model.load.err != nil || !b.model.load.active() {
		t.Error("a list of before was taken")
	}

	order := b.list.grid.Order()
	b.send(arrangedMsg{gen: b.list.order.gen - 1, order: []int32{0}})
	if len(b.list.grid.Order()) != len(order) {
		t.Error("an order of before was taken")
	}
	every := b.ticker.every
	b.send(tickMsg{gen: b.ticker.gen - 1})
	if b.ticker.every != every {
		t.Error("a tick of before armed the clock again")
	}
}

// drain runs the program's own commands until nothing is under way: loads, runs and single diagnoses for real.
func (b *bench) drain(cmd tea.Cmd, until func() bool) {
	b.t.Helper()
	start := func(c tea.Cmd) {
		if c != nil {
			go func() { b.msgs <- c() }()
		}
	}
	start(cmd)
	limit := time.After(20 * time.Second)
	for !until() {
		select {
		case msg := <-b.msgs:
			if batch, ok := msg.(tea.BatchMsg); ok {
				for _, c := range batch {
					start(c)
				}
				continue
			}
			_, c := b.Update(msg)
			start(c)
		case <-limit:
			b.t.Fatalf("nothing came of it:\n%s", b.View())
		}
	}
}

// TestForReal loads the sandbox's domains and diagnoses them, through the goroutines and commands that the program
// uses.
func TestForReal(t *testing.T) {
	t.Parallel()
	l := getLab(t)
	b := newBench(t, func(o *Options) {
		o.Doctor, o.Fresh, o.Domains, o.Jobs = l.doctor(), l.doctor, l.client.Domains, 3
	})
	t.Cleanup(b.opt.Doctor.Session.Close)
	b.drain(b.Init(), func() bool { return b.model.load.done && b.tenant != nil })
	if len(b.fleet.rows) != len(l.domains) {
		t.Fatalf("%d domains, want %d", len(b.fleet.rows), len(l.domains))
	}
	b.shows("11 domains", "the wallet cannot pay")

	b.drain(b.press("D"), func() bool { return !b.run.active() })
	for _, d := range l.domains {
		want := summarise(l.reports[d.ID])
		got := b.fleet.find(d.ID).sum
		if got == nil || got.state != want.state || got.short != want.short || got.title != want.title {
			t.Errorf("%s: %+v, want %+v", d.Name, got, want)
		}
	}
	b.shows("✓ 2 healthy", "diagnosed 11 in")

	// A domain's own diagnosis, with a code from a ticket.
	b.press("e")
	b.send(tea.KeyMsg{
		Type: tea.KeyRunes, Paste: true,
		Runes: []rune("the customer says DOMAIN_010 for shop.fabrikam.example"),
	})
	b.drain(b.press("enter"), func() bool { return len(b.single) == 0 })
	b.shows("shop.fabrikam.example", "✗ fail")
	b.press("end")
	found := false
	for _, c := range b.detail.report().Codes {
		found = found || c.ID == "DOMAIN_010" && c.Reported != nil && c.Reported.Source == "ticket"
	}
	if !found {
		t.Errorf("the ticket's code is not in the report: %+v", b.detail.report().Codes)
	}
	b.wait(time.Second)
}

// TestStop checks the two-step esc and the direct key, and that what is stopped ends.
func TestStop(t *testing.T) {
	t.Parallel()
	stopped := 0
	b := newBench(t, nil)
	b.load()
	at := noon
	b.opt.Now = func() time.Time { return at }
	start := func() {
		b.run = runState{gen: 3, cancel: func() { stopped++ }, total: 100, done: 40, began: at}
	}
	start()
	b.press("esc")
	b.shows("press esc again to stop after 40 of 100")
	if stopped != 0 {
		t.Fatal("one esc stopped the run")
	}
	at = at.Add(confirmCancel)
	b.press("esc")
	if stopped != 0 {
		t.Fatal("a second esc much later stopped the run")
	}
	b.press("esc")
	if stopped != 1 || b.run.active() {
		t.Fatal("two escs did not stop the run")
	}
	b.shows("stopped after 40 of 100")
	start()
	b.press("x")
	if stopped != 2 || b.run.active() {
		t.Fatal("x did not stop the run")
	}
	start()
	b.send(tea.KeyMsg{Type: tea.KeyEsc, Alt: true}) // two escs in one packet
	if stopped != 3 {
		t.Fatal("two escs in one packet did not stop the run")
	}
	b.single["one"] = &singleRun{cancel: func() { stopped++ }}
	b.press("esc", "esc")
	if stopped != 4 || len(b.single) != 0 {
		t.Fatal("two escs did not stop a single diagnosis")
	}
	b.press("/", "a", "enter", "esc")
	if !b.list.query.Empty() {
		t.Error("esc did not clear the filter")
	}
}

// TestRunFollowsTheList starts a run while the list is loading: what comes later is diagnosed too.
func TestRunFollowsTheList(t *testing.T) {
	t.Parallel()
	l := getLab(t)
	b := newBench(t, func(o *Options) { o.Doctor, o.Jobs = l.doctor(), 3 })
	t.Cleanup(b.opt.Doctor.Session.Close)
	b.model.load = loadState{gen: 1, cancel: func() {}}
	b.send(batchMsg{{gen: 1, row: newRow(l.domains[0], noon)}})
	b.drain(tea.Batch(b.press("D"), collect(b.ctx, b.events)), func() bool { return !b.run.active() })
	b.shows("the rest follows when the list is complete")
	b.send(batchMsg{
		{gen: 1, row: newRow(l.domains[1], noon)},
		{gen: 1, row: newRow(l.domains[2], noon)},
		{gen: 1, end: loadEnded},
	})
	if !b.run.active() || b.run.total != 3 {
		t.Fatalf("the rest is not diagnosed: %+v", b.run)
	}
	b.drain(nil, func() bool { return !b.run.active() })
	if b.run.done != 3 || b.fleet.counts[stateNone] != 0 {
		t.Errorf("%d done, %d not diagnosed", b.run.done, b.fleet.counts[stateNone])
	}
}

// TestPanicsAreOurs has the doctor and the list panic: the program goes on and says so.
func TestPanicsAreOurs(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(o *Options) {
		o.Domains = func(context.Context) iter.Seq2[api.Domain, error] {
			return func(func(api.Domain, error) bool) { panic("a bad list") }
		}
	})
	// no session: it panics
	e := diagnose(t.Context(), &checks.Doctor{}, job{"d-1", checks.Target{Name: "shop.example.com"}})
	if e.report != nil || !strings.Contains(e.failed, "domdoc failed while diagnosing shop.example.com") {
		t.Errorf("got %+v", e)
	}
	b.startLoad()
	b.drain(collect(b.ctx, b.events), func() bool { return !b.model.load.active() })
	b.shows("could not be loaded", "a bad list", "please report it")
}

// TestReload reads the list again: what is gone goes, what stays keeps its diagnosis, and the selection stays where
// it was.
func TestReload(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.load().results()
	b.list.grid.Select(b.l.ids["on-hold"])
	b.startLoad()
	b.model.load.cancel()
	gen := b.model.load.gen
	var batch batchMsg
	for _, d := range b.l.domains {
		if d.ID != b.l.ids["name-doubled"] {
			batch = append(batch, event{gen: gen, row: newRow(d, noon)})
		}
	}
	b.send(append(batch, event{gen: gen, row: namedRow("new.example.com", "d-new")}, event{gen: gen, end: loadEnded}))
	if len(b.fleet.rows) != len(b.l.domains) || b.fleet.find("d-new") == nil ||
		b.fleet.find(b.l.ids["name-doubled"]) != nil {
		t.Errorf("%d domains, and not the right ones", len(b.fleet.rows))
	}
	if b.list.grid.SelectedID() != b.l.ids["on-hold"] || b.fleet.find(b.l.ids["on-hold"]).sum == nil {
		t.Errorf("%s is selected", b.list.grid.SelectedID())
	}
	total := 0
	for _, n := range b.fleet.counts {
		total += n
	}
	if total != len(b.fleet.rows) {
		t.Errorf("%d counted of %d", total, len(b.fleet.rows))
	}
}

// TestClock checks that the clock ticks only where something changes with time.
func TestClock(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.load()
	if b.ticker.every != 0 {
		t.Error("it ticks though nothing changes")
	}
	b.results()
	if b.ticker.every != slowTick {
		t.Errorf("ages are brought up to date every %s", b.ticker.every)
	}
	b.open("cache-negative")
	b.press("2")
	if b.ticker.every != fastTick {
		t.Errorf("a countdown ticks every %s", b.ticker.every)
	}
	b.shows("20:02")
	b.opt.Now = func() time.Time { return noon.Add(90 * time.Second) }
	b.send(tickMsg{b.ticker.gen})
	b.shows("18:32")
	b.opt.Now = func() time.Time { return noon.Add(3 * time.Hour) }
	b.send(tickMsg{b.ticker.gen})
	b.shows("over")
	if b.ticker.every == fastTick {
		t.Error("it still ticks fast though nothing counts any more")
	}
	b.press("?")
	if b.ticker.every != 0 {
		t.Error("it ticks behind the help")
	}
}

func TestReports(t *testing.T) {
	t.Parallel()
	r := newReports()
	for i := range 3 * maxReports {
		r.put(fmt.Sprint(i), &result.Domain{}, false)
	}
	if r.order.Len() != maxReports || r.get("0") == nil || r.get(fmt.Sprint(maxReports)) != nil {
		t.Error("results that nobody looked at drive others out")
	}
	for i := range maxReports - 1 {
		r.put(fmt.Sprint("looked-", i), &result.Domain{}, true)
	}
	if r.order.Len() != maxReports || r.get("0") == nil || r.get("5") != nil || r.get("looked-7") == nil {
		t.Error("what was looked at last is not what is kept")
	}
	later := &result.Domain{Name: dnsname.Name{ASCII: "later"}}
	r.put("0", later, false)
	if r.get("0") != later {
		t.Error("an old report stands in for the new one")
	}
}
