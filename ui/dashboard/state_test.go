package dashboard

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"domdoc/ui/dashboard/action"
	"domdoc/ui/dashboard/inventory"
	"domdoc/ui/dashboard/runner"
	"domdoc/ui/dashboard/tab"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/google/go-cmp/cmp"
)

// keeping gives a model a state directory.
func keeping(dir string) func(*options) {
	return func(o *options) { o.StateDir = dir }
}

// TestStateSurvives leaves the dashboard and starts it again: the list is looked at as before, and the same domains
// are picked out.
func TestStateSurvives(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "deep", "state")
	b := newBench(t, keeping(dir))
	b.load()
	b.open("on-hold")
	b.act(action.Records, action.Back)
	b.press("s", "s", "S", "/", "e", "x", "a", "m", "enter")
	b.Marks.Set(b.l.ids["caa-forbids"], true)
	b.list.Grid.Select(b.l.ids["registry-limited"])
	b.saveNow()

	file := filepath.Join(dir, "dashboard-default.json")
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("the file is %v (%v)", info, err)
	}
	if above, err := os.Stat(dir); err != nil || above.Mode().Perm() != 0o700 {
		t.Errorf("its directory is %v (%v)", above, err)
	}
	if names, _ := filepath.Glob(filepath.Join(dir, "*")); len(names) != 1 {
		t.Errorf("there is more than one file: %v", names)
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]any
	if err := json.Unmarshal(raw, &fields); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"filter": "exam", "sort": "status", "reverse": true,
		"selected": b.l.ids["registry-limited"], "marked": []any{b.l.ids["caa-forbids"]},
	}
	if diff := cmp.Diff(want, fields); diff != "" {
		t.Error(diff)
	}

	again := newBench(t, keeping(dir))
	if again.list.Filter.Value() != "exam" || again.list.Query.Empty() || again.list.Sort != inventory.SortStatus ||
		!again.list.Descending ||
		!again.Marks.Has(b.l.ids["caa-forbids"]) {
		t.Errorf("came back as filter %q, sorted by %s (%v), %v marked", again.list.Filter.Value(), again.list.Sort,
			again.list.Descending, again.Marks.List())
	}
	again.load()
	if again.list.Grid.SelectedID() != b.l.ids["registry-limited"] {
		t.Errorf("%s is selected", again.list.Grid.SelectedID())
	}
	again.press("enter")
	if again.detail.id != b.l.ids["registry-limited"] || again.detail.tab != tab.Findings {
		t.Errorf("%s is open at %s", again.detail.id, again.detail.tab)
	}

	other := newBench(t, func(o *options) { o.StateDir, o.Profile = dir, "Staging/../x" })
	if other.list.Filter.Value() != "" || other.Marks.Len() != 0 {
		t.Error("another profile has this one's state")
	}
	if got := filepath.Dir(other.state.path); got != dir {
		t.Errorf("its file is in %s", got)
	}
}

// TestSelectionComesBack checks when the domain of the last time is selected, and when no more.
func TestSelectionComesBack(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		between func(b *bench)
		want    bool
	}{
		"nothing happens":         {func(*bench) {}, true},
		"something is only shown": {func(b *bench) { b.press("?", "?") }, true},
		"somebody moved":          {func(b *bench) { b.press("down") }, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, nil)
			b.list.Want = b.l.ids["quota-reported"]
			b.model.Load = runner.LoadState{Gen: 1000, Cancel: func() {}}
			b.send(batchMsg{
				{Gen: 1000, Row: inventory.NewRow(b.l.domains[0], noon)},
				{Gen: 1000, Row: inventory.NewRow(b.l.domains[1], noon)},
			})
			c.between(b)
			b.load()
			if got := b.list.Grid.SelectedID() == b.l.ids["quota-reported"]; got != c.want || b.list.Want != "" {
				t.Errorf("selected: %v, want %v (still waiting for %q)", got, c.want, b.list.Want)
			}
		})
	}
	b := newBench(t, nil)
	b.list.Want = "d-gone"
	b.load()
	if b.list.Want != "" {
		t.Error("a domain that is gone is waited for for ever")
	}
}

// TestStateIsWritten checks that a change is written without anybody leaving, and only a change.
func TestStateIsWritten(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	b := newBench(t, keeping(dir))
	b.load()
	b.saveSoon() // as it is now, nothing is to be written
	isKeep := func(msg tea.Msg) bool { _, ok := msg.(saveMsg); return ok }
	if cmd := b.press("s"); !yields(cmd, isKeep) || !b.state.armed {
		t.Fatal("a change is not going to be written")
	}
	if cmd := b.press("S"); cmd != nil {
		t.Error("a second change is written by itself")
	}
	cmd := b.saveSoon()
	if msg := cmd(); msg != nil {
		t.Errorf("writing yields %v", msg)
	}
	k, err := readState(b.state.path)
	if err != nil || k.Sort != "name" || !k.Reverse {
		t.Errorf("%+v was written (%v)", k, err)
	}
	if err := os.Remove(b.state.path); err != nil {
		t.Fatal(err)
	}
	b.saveNow()
	if _, err := os.Stat(b.state.path); err == nil {
		t.Error("it was written although nothing changed")
	}
}

// TestStateIsHarmless has the file be anything: the dashboard starts, and takes nothing in that it does not
// understand.
func TestStateIsHarmless(t *testing.T) {
	t.Parallel()
	for name, raw := range map[string]string{
		"empty":      "",
		"no json":    "filter: x",
		"other json": `[1,2,3]`,
		"wild": `{"filter":"\u001b[2J\u202e` + strings.Repeat("x", 5000) +
			`","sort":"no such column","tab":"../..","selected":"\u0007","marked":["","` + strings.Repeat("y", 1000) +
			`"],"group":7}`,
		"huge": `{"filter":"` + strings.Repeat("x", maxState) + `"}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "dashboard-default.json"), []byte(raw), 0o600); err != nil {
				t.Fatal(err)
			}
			b := newBench(t, keeping(dir))
			b.load()
			checkFrame(t, b.View(), 80, 24)
			if strings.ContainsAny(b.View(), "\x1b\u202e") || b.list.Sort != inventory.SortDefault ||
				b.detail.tab != tab.Findings {
				t.Errorf("taken in:\n%s", b.View())
			}
			b.press("s")
			b.saveNow()
			if k, err := readState(b.state.path); err != nil || k.Sort != "name" {
				t.Errorf("what was kept afterwards is %+v (%v)", k, err)
			}
		})
	}
}

// TestNothingIsKept checks who leaves no traces: a demonstration, and a machine without a place for it.
func TestNothingIsKept(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, change := range map[string]func(*options){
		"a demonstration":    func(o *options) { o.StateDir, o.Forget = dir, true },
		"no state directory": func(*options) {},
	} {
		b := newBench(t, change)
		b.load()
		b.press("s")
		b.saveNow()
		if b.state.armed {
			t.Errorf("%s: a change is going to be written", name)
		}
	}
	if names, _ := filepath.Glob(filepath.Join(dir, "*")); len(names) > 0 {
		t.Errorf("left behind: %v", names)
	}
}

// TestStateIsBounded picks out more than is kept.
func TestStateIsBounded(t *testing.T) {
	t.Parallel()
	b := newBench(t, keeping(t.TempDir()))
	for i := range 3 * maxSavedMarks {
		b.Marks.Set(strings.Repeat("i", 50)+string(rune('a'+i%26))+strings.Repeat("0", i%30)+fileName(string(rune(i))),
			true)
	}
	b.saveNow()
	info, err := os.Stat(b.state.path)
	if err != nil || info.Size() > maxState {
		t.Errorf("the file is %v (%v)", info, err)
	}
	if k, err := readState(b.state.path); err != nil || len(k.Marked) == 0 || len(k.Marked) > maxSavedMarks {
		t.Errorf("%d are kept (%v)", len(k.Marked), err)
	}
}
