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

	"domdoc/checks/dnsname"
	"domdoc/checks/result"

	"domdoc/api"
	"domdoc/catalog"
	"domdoc/checks"
	"domdoc/ui/dashboard/inventory"
	"domdoc/ui/dashboard/list"
	"domdoc/ui/dashboard/reportfile"
	"domdoc/ui/dashboard/runner"
	"domdoc/ui/dashboard/screen"

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
		ctx, cancel := context.WithCancel(b.Ctx)
		defer cancel()
		b.Run = runner.RunState{Gen: 7, Cancel: cancel, Total: storm, Began: noon}
		report := &result.Domain{Verdict: catalog.Pass, At: noon}
		go func() {
			for i := range storm {
				runner.Send(ctx, b.events, runner.Event{
					Gen: 7, ID: fmt.Sprint("d-", i), Report: report,
					Sum: inventory.Summarise(report),
				})
			}
			runner.Send(ctx, b.events, runner.Event{Gen: 7, End: runner.RunEnded})
		}()
		began := time.Now()
		messages := 0
		for b.Run.Active() {
			b.send(batchMsg(runner.Collect(ctx, b.events)))
			_ = b.View()
			messages++
		}
		took := time.Since(began)
		if b.Run.Done != storm || b.Domains.Counts[inventory.StatePass] != storm {
			t.Errorf("%d results counted, %d domains passed, want %d", b.Run.Done, b.Domains.Counts[inventory.StatePass],
				storm)
		}
		if perSecond := float64(messages) / took.Seconds(); perSecond > 20.5 {
			t.Errorf("%d messages in %s: %.0f a second", messages, took, perSecond)
		}
		if b.Reports.Order.Len() > inventory.MaxReports {
			t.Errorf("%d whole reports are kept", b.Reports.Order.Len())
		}
		if !strings.HasPrefix(b.Notice, "diagnosed 10,000") {
			t.Errorf("the end is told as %q", b.Notice)
		}
	})
}

// TestCollectEnds checks that a program that ends does not wait for events.
func TestCollectEnds(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if msg := runner.Collect(ctx, make(chan runner.Event)); msg != nil {
		t.Errorf("got %v", msg)
	}
}

func TestStaleResultsAreDropped(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.load()
	id := b.l.ids["name-doubled"]
	fresh := func(gen int) runner.Event {
		r := reportfile.Snapshot(b.l.reports[id])
		return runner.Event{Gen: gen, ID: id, Report: r, Sum: inventory.Summarise(r)}
	}
	b.Run = runner.RunState{Gen: 5, Cancel: func() {}, Total: 1}
	b.send(batchMsg{fresh(4), {Gen: 4, End: runner.RunEnded}})
	if b.Run.Done != 0 || !b.Run.Active() || b.Domains.Find(id).Sum != nil {
		t.Error("a result of an earlier run was taken")
	}
	b.send(batchMsg{fresh(5), {Gen: 5, End: runner.RunEnded}})
	if b.Run.Done != 1 || b.Run.Active() || b.Domains.Find(id).Sum == nil {
		t.Error("a result of this run was not taken")
	}

	b = newBench(t, nil)
	b.load()
	b.Single[id] = &runner.SingleRun{Gen: 8, Cancel: func() {}}
	b.send(resultMsg(fresh(7)))
	if b.Domains.Find(id).Sum != nil || b.Single[id] == nil {
		t.Error("a single result of before was taken")
	}
	b.send(resultMsg(fresh(8)))
	if b.Domains.Find(id).Sum == nil || b.Single[id] != nil {
		t.Error("a single result was not taken")
	}

	n := len(b.Domains.Rows)
	b.model.Load = runner.LoadState{Gen: 20, Cancel: func() {}}
	b.send(batchMsg{
		{Gen: 19, Row: inventory.NamedRow("stale.example.com", "")},
		{Gen: 19, End: runner.LoadEnded, Err: errors.New("stale")},
	})
	if len(b.Domains.Rows) != n || b.model.Load.Err != nil || !b.model.Load.Active() {
		t.Error("a list of before was taken")
	}

	order := b.list.Grid.Order()
	b.send(list.ArrangedMsg{Gen: b.list.Order.Gen - 1, Order: []int32{0}})
	if len(b.list.Grid.Order()) != len(order) {
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
	limit := time.After(patience)
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
	b := newBench(t, func(o *options) {
		o.Doctor, o.Fresh, o.Domains, o.Jobs = l.doctor(), l.doctor, l.client.Domains, 3
	})
	t.Cleanup(b.opt.Doctor.Session.Close)
	b.drain(b.Init(), func() bool { return b.model.Load.Done && b.Tenant != nil })
	if len(b.Domains.Rows) != len(l.domains) {
		t.Fatalf("%d domains, want %d", len(b.Domains.Rows), len(l.domains))
	}
	b.shows("11 domains", "the wallet balance is too low")

	b.drain(b.press("D"), func() bool { return !b.Run.Active() })
	for _, d := range l.domains {
		want := inventory.Summarise(l.reports[d.ID])
		got := b.Domains.Find(d.ID).Sum
		if got == nil || got.State != want.State || got.Short != want.Short || got.Title != want.Title {
			t.Errorf("%s: %+v, want %+v", d.Name, got, want)
		}
	}
	b.shows("✓ 1 pass", "! 1 warn", "diagnosed 11 in")

	// A domain's own diagnosis, with a code from a ticket.
	b.press("e")
	b.send(tea.KeyMsg{
		Type: tea.KeyRunes, Paste: true,
		Runes: []rune("the customer says DOMAIN_010 for shop.fabrikam.example"),
	})
	b.drain(b.press("enter"), func() bool { return len(b.Single) == 0 })
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
		b.Run = runner.RunState{Gen: 3, Cancel: func() { stopped++ }, Total: 100, Done: 40, Began: at}
	}
	start()
	b.press("esc")
	b.shows("press esc again to stop after 40 of 100")
	if stopped != 0 {
		t.Fatal("one esc stopped the run")
	}
	at = at.Add(list.ConfirmCancel)
	b.press("esc")
	if stopped != 0 {
		t.Fatal("a second esc much later stopped the run")
	}
	b.press("esc")
	if stopped != 1 || b.Run.Active() {
		t.Fatal("two escs did not stop the run")
	}
	b.shows("stopped after 40 of 100")
	start()
	b.press("x")
	if stopped != 2 || b.Run.Active() {
		t.Fatal("x did not stop the run")
	}
	start()
	b.send(tea.KeyMsg{Type: tea.KeyEsc, Alt: true}) // two escs in one packet
	if stopped != 3 {
		t.Fatal("two escs in one packet did not stop the run")
	}
	b.Single["one"] = &runner.SingleRun{Cancel: func() { stopped++ }}
	b.press("esc", "esc")
	if stopped != 4 || len(b.Single) != 0 {
		t.Fatal("two escs did not stop a single diagnosis")
	}
	b.press("/", "a", "enter", "esc")
	if !b.list.Query.Empty() {
		t.Error("esc did not clear the filter")
	}
}

// TestRunFollowsTheList starts a run while the list is loading: what comes later is diagnosed too.
func TestRunFollowsTheList(t *testing.T) {
	t.Parallel()
	l := getLab(t)
	b := newBench(t, func(o *options) { o.Doctor, o.Jobs = l.doctor(), 3 })
	t.Cleanup(b.opt.Doctor.Session.Close)
	b.model.Load = runner.LoadState{Gen: 1, Cancel: func() {}}
	b.send(batchMsg{{Gen: 1, Row: inventory.NewRow(l.domains[0], noon)}})
	b.drain(tea.Batch(b.press("D"), b.nextBatch()), func() bool { return !b.Run.Active() })
	b.shows("the rest follows once the list is complete")
	b.send(batchMsg{
		{Gen: 1, Row: inventory.NewRow(l.domains[1], noon)},
		{Gen: 1, Row: inventory.NewRow(l.domains[2], noon)},
		{Gen: 1, End: runner.LoadEnded},
	})
	if !b.Run.Active() || b.Run.Total != 3 {
		t.Fatalf("the rest is not diagnosed: %+v", b.Run)
	}
	b.drain(nil, func() bool { return !b.Run.Active() })
	if b.Run.Done != 3 || b.Domains.Counts[inventory.StateNone] != 0 {
		t.Errorf("%d done, %d not diagnosed", b.Run.Done, b.Domains.Counts[inventory.StateNone])
	}
}

// TestPanicsAreOurs has the doctor and the list panic: the program goes on and says so.
func TestPanicsAreOurs(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(o *options) {
		o.Domains = func(context.Context) iter.Seq2[api.Domain, error] {
			return func(func(api.Domain, error) bool) { panic("a bad list") }
		}
	})
	// no session: it panics
	e := runner.Diagnose(t.Context(), &checks.Doctor{},
		runner.Job{ID: "d-1", Target: checks.Target{Name: "shop.example.com"}})
	if e.Report != nil || !strings.Contains(e.Failed, "domdoc failed while diagnosing shop.example.com") {
		t.Errorf("got %+v", e)
	}
	b.startLoad()
	b.drain(b.nextBatch(), func() bool { return !b.model.Load.Active() })
	b.shows("cannot load", "a bad list", "please report it")
}

// TestReload reads the list again: what is gone goes, what stays keeps its diagnosis, and the selection stays where
// it was.
func TestReload(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.load().results()
	b.list.Grid.Select(b.l.ids["on-hold"])
	b.startLoad()
	b.model.Load.Cancel()
	gen := b.model.Load.Gen
	var batch batchMsg
	for _, d := range b.l.domains {
		if d.ID != b.l.ids["name-doubled"] {
			batch = append(batch, runner.Event{Gen: gen, Row: inventory.NewRow(d, noon)})
		}
	}
	b.send(append(batch, runner.Event{Gen: gen, Row: inventory.NamedRow("new.example.com", "d-new")},
		runner.Event{Gen: gen, End: runner.LoadEnded}))
	if len(b.Domains.Rows) != len(b.l.domains) || b.Domains.Find("d-new") == nil ||
		b.Domains.Find(b.l.ids["name-doubled"]) != nil {
		t.Errorf("%d domains, and not the right ones", len(b.Domains.Rows))
	}
	if b.list.Grid.SelectedID() != b.l.ids["on-hold"] || b.Domains.Find(b.l.ids["on-hold"]).Sum == nil {
		t.Errorf("%s is selected", b.list.Grid.SelectedID())
	}
	total := 0
	for _, n := range b.Domains.Counts {
		total += n
	}
	if total != len(b.Domains.Rows) {
		t.Errorf("%d counted of %d", total, len(b.Domains.Rows))
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
	if b.ticker.every != screen.SlowTick {
		t.Errorf("ages are brought up to date every %s", b.ticker.every)
	}
	b.open("cache-negative")
	b.press("2")
	if b.ticker.every != screen.FastTick {
		t.Errorf("a countdown ticks every %s", b.ticker.every)
	}
	b.shows("20:02")
	b.opt.Now = func() time.Time { return noon.Add(90 * time.Second) }
	b.send(tickMsg{b.ticker.gen})
	b.shows("18:32")
	b.opt.Now = func() time.Time { return noon.Add(3 * time.Hour) }
	b.send(tickMsg{b.ticker.gen})
	b.shows("over")
	if b.ticker.every == screen.FastTick {
		t.Error("it still ticks fast though nothing counts any more")
	}
	b.press("?")
	if b.ticker.every != 0 {
		t.Error("it ticks behind the help")
	}
}

func TestReports(t *testing.T) {
	t.Parallel()
	r := inventory.NewReports()
	for i := range 3 * inventory.MaxReports {
		r.Put(fmt.Sprint(i), &result.Domain{}, false)
	}
	if r.Order.Len() != inventory.MaxReports || r.Get("0") == nil || r.Get(fmt.Sprint(inventory.MaxReports)) != nil {
		t.Error("results that nobody looked at drive others out")
	}
	for i := range inventory.MaxReports - 1 {
		r.Put(fmt.Sprint("looked-", i), &result.Domain{}, true)
	}
	if r.Order.Len() != inventory.MaxReports || r.Get("0") == nil || r.Get("5") != nil || r.Get("looked-7") == nil {
		t.Error("what was looked at last is not what is kept")
	}
	later := &result.Domain{Name: dnsname.Name{ASCII: "later"}}
	r.Put("0", later, false)
	if r.Get("0") != later {
		t.Error("an old report stands in for the new one")
	}
}
