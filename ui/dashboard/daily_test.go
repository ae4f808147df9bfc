package dashboard

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"domdoc/api"
	"domdoc/ui/dashboard/action"
	"domdoc/ui/dashboard/inventory"
	"domdoc/ui/dashboard/runner"
	"domdoc/ui/dashboard/screen"
	"domdoc/ui/dashboard/setup"
	"domdoc/ui/dashboard/theme"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
)

// TestRowsBeforeDiagnosis lists domains about which only the service has spoken: what it reports is shown, with the
// time, and comes first; a verified domain without an error comes last.
func TestRowsBeforeDiagnosis(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	verified := []api.Verification{{Status: "VERIFIED"}}
	b.model.Load = runner.LoadState{Gen: 1000, Cancel: func() {}}
	var batch batchMsg
	for _, d := range []api.Domain{
		{
			ID: "d-1", Name: "fine.example.com", Status: "VERIFIED", Verifications: verified,
			CreatedAt: noon.Add(-50 * time.Hour),
		},
		{ID: "d-2", Name: "over.example.com", Status: "VERIFIED", Verifications: verified, LastError: &api.LastError{
			Code: "DOMAIN_019", Timestamp: noon.Add(-30 * 24 * time.Hour),
		}},
		{ID: "d-3", Name: "pending.example.com", Status: "PENDING", UpdatedAt: noon.Add(-3 * time.Hour)},
		{ID: "d-4", Name: "failed.example.com", Status: "PENDING", LastError: &api.LastError{
			Code: "DOMAIN_004", Timestamp: noon.Add(-5 * time.Minute),
		}},
		{ID: "d-5", Name: "other.example.com", Status: "PENDING", LastError: &api.LastError{
			Code: "strange\x1b[2J", Message: "something\x1b[2J else", Timestamp: noon.Add(-5 * time.Minute),
		}},
	} {
		batch = append(batch, runner.Event{Gen: 1000, Row: inventory.NewRow(d, noon)})
	}
	b.send(batch, batchMsg{{Gen: 1000, End: runner.LoadEnded}})
	b.send(tea.WindowSizeMsg{Width: 200, Height: 60})
	b.urgent()
	if got := ids(b.Domains.Rows, b.list.Grid.Order()); got != "4 5 3 1 2" {
		t.Errorf("the order is %s", got)
	}
	b.shows("verdict↑", "PENDING, changed 3h ago", "VERIFIED, changed 2d ago", "reported 5m ago: DOMAIN_VERIFICATION",
		"reported 30d ago", "reported 5m ago: something")
	b.send(tea.WindowSizeMsg{Width: 80, Height: 24})
	b.shows("- not yet      004 ")
	b.list.SetFilter("code:004")
	if got := b.list.Grid.SelectedID(); b.list.Grid.Len() != 1 || got != "d-4" {
		t.Errorf("code:004 selects %d domains, %s", b.list.Grid.Len(), got)
	}
}

// TestBeginningStaysInView has results sort the rows: the first one stays selected until the user selects another,
// which is then followed.
func TestBeginningStaysInView(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.load().urgent()
	rows := b.Domains.Rows
	b.results()
	b.list.ArrangeNow()
	if p := b.list.Grid.Position(); p != 0 {
		t.Errorf("row %d is selected, and nobody moved", p)
	}
	b.press("down")
	id := b.list.Grid.SelectedID()
	b.press("S")
	if got := b.list.Grid.SelectedID(); got != id || b.list.Grid.Position() == 1 {
		t.Errorf("the selection went from %s to %s, row %d of %d", id, got, b.list.Grid.Position(), len(rows))
	}
	b.press("home", "S")
	if p := b.list.Grid.Position(); p != 0 {
		t.Errorf("after the key to the beginning, row %d is selected", p)
	}
	// An opened domain stays selected, too.
	id = b.list.Grid.SelectedID()
	b.press("enter", "esc", "S")
	if got := b.list.Grid.SelectedID(); got != id {
		t.Errorf("%s was opened, %s is selected", id, got)
	}
}

// TestStartHere opens a demonstration: all domains are diagnosed as they arrive, a hint says where to start, and it is
// gone once a domain was opened. Without a domain to start with, nothing is diagnosed and there is no hint.
func TestStartHere(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(o *options) { o.Start = "shop.fabrikam.example" })
	b.Init()
	if !b.Run.More || !b.Run.Active() {
		t.Error("the domains are not diagnosed as they arrive")
	}
	b.stopAll()
	b.load()
	b.list.Grid.Select(b.l.ids["name-doubled"])
	b.Notice = ""
	b.shows("start here: enter opens shop.fabrikam.example, ? lists the keys")
	b.press("down")
	b.shows("start here: enter opens the selected domain")
	b.press("enter", "esc")
	if strings.Contains(b.View(), "start here") {
		t.Errorf("the hint stays:\n%s", b.View())
	}
	b = newBench(t, nil)
	b.Init()
	b.load()
	if b.Run.Active() || strings.Contains(b.View(), "start here") {
		t.Errorf("an ordinary start has a hint, or diagnoses:\n%s", b.View())
	}
}

// TestQuitAsksDuringARun presses q: once while a run is in progress it only asks; otherwise, and for ctrl+c, it
// quits.
func TestQuitAsksDuringARun(t *testing.T) {
	t.Parallel()
	quits := func(cmd tea.Cmd) bool {
		return yields(cmd, func(msg tea.Msg) bool { _, ok := msg.(tea.QuitMsg); return ok })
	}
	b := newBench(t, nil)
	b.load()
	if !quits(b.Do(action.Quit)) {
		t.Fatal("the action does not quit")
	}
	b.Run = runner.RunState{Gen: 9, Cancel: func() {}, Total: 1234, Done: 500, Began: noon.Add(-1e10)}
	if quits(b.onKey(keyMsg(t, "q"))) {
		t.Error("q quits at once")
	}
	b.shows("diagnosed 500 of 1,234: press q again to quit")
	if !quits(b.onKey(keyMsg(t, "q"))) {
		t.Error("the second q does not quit")
	}
	b.leaving = noon.Add(-time.Minute)
	if quits(b.onKey(keyMsg(t, "q"))) {
		t.Error("q a minute ago counts")
	}
	b.leaving = time.Time{}
	if !quits(b.onKey(keyMsg(t, "ctrl+c"))) {
		t.Error("ctrl+c asks")
	}
	b.Run = runner.RunState{}
	if !quits(b.onKey(keyMsg(t, "q"))) {
		t.Error("q asks although nothing is running")
	}
}

// TestDelayIsShown has the service not answer: the status line says so while the list is read, and not afterwards.
func TestDelayIsShown(t *testing.T) {
	t.Parallel()
	arrived, answer := make(chan struct{}), make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		close(arrived)
		<-answer
	}))
	defer srv.Close()
	var late atomic.Int64
	client, err := api.New(api.Config{BaseURL: srv.URL, Token: "t", Retries: -1, Now: func() time.Time {
		return noon.Add(time.Duration(late.Load()) - 3*time.Second)
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	b := newBench(t, func(o *options) { o.Client = client })
	b.load()
	b.model.Load = runner.LoadState{Gen: 1, Cancel: func() {}}
	done := make(chan struct{})
	go func() {
		_, _ = client.Domain(context.Background(), "d-1")
		close(done)
	}()
	<-arrived
	if strings.Contains(b.View(), "no answer") {
		t.Errorf("at once:\n%s", b.View())
	}
	late.Store(int64(3 * time.Second))
	b.send(tickMsg{-1})
	b.shows("no answer from the service for 3 seconds: GET /")
	if b.ticker.every != screen.FastTick {
		t.Errorf("it is drawn every %s", b.ticker.every)
	}
	close(answer)
	<-done
	if strings.Contains(b.View(), "no answer") {
		t.Errorf("after the answer:\n%s", b.View())
	}
}

// TestHelpSearch finds keys by words, in any order; esc takes the search away and then leaves.
func TestHelpSearch(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.load().press("?", "/")
	for _, k := range "sort reverse" {
		b.press(strings.ReplaceAll(string(k), " ", "space"))
	}
	b.shows("the list of domains", "reverse the sort order")
	if v := b.View(); strings.Contains(v, "diagnose all") || strings.Contains(v, "signs") {
		t.Errorf("it shows what does not match:\n%s", v)
	}
	b.press("enter")
	b.shows("/ sort reverse", "(esc clears)")
	b.press("esc")
	b.shows("diagnose all domains that match the filter")
	b.press("/", "z", "z", "z")
	b.shows("nothing in this help matches")
	b.press("esc", "esc")
	if b.Screen.Scope() != action.ScopeList {
		t.Errorf("esc leads to %s", b.Screen.Scope())
	}
}

// TestStatusLinesFit has long texts in the status line: at 80 columns the key is still visible, the end of a file's
// name too, and whatever is cut ends in a sign of it.
func TestStatusLinesFit(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.load()
	b.model.Load.Err = errors.New(strings.Repeat("the connection was reset ", 8))
	b.shows("…; r reloads it")
	b.onExported(exportedMsg{file: "/home/" + strings.Repeat("somebody/", 12) + "report.json"})
	b.shows("written to …", "/report.json")
	b.Say("%s", strings.Repeat("a long notice ", 20))
	status := strings.Split(b.View(), "\n")[22]
	if !strings.HasSuffix(status, "…") || ansi.StringWidth(status) != 80 {
		t.Errorf("the status line is %q", status)
	}
	b.Notice = ""
	b.Run = runner.RunState{Gen: 9, Cancel: func() {}, Total: 1_234_567, Done: 500, Began: noon.Add(-1e10)}
	for _, width := range []int{60, 80, 120} {
		b.send(tea.WindowSizeMsg{Width: width, Height: 24})
		if line := b.statusLine(); ansi.StringWidth(line) > width || !strings.Contains(line, "500 of 1,234,567") {
			t.Errorf("at %d columns: %q", width, line)
		}
	}
}

// TestThemeNames compares the palettes that the command line accepts with those that exist.
func TestThemeNames(t *testing.T) {
	t.Parallel()
	if !slices.Equal(setup.Themes(), theme.Names()) {
		t.Errorf("%v are accepted, %v exist", setup.Themes(), theme.Names())
	}
}
