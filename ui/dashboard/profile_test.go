package dashboard

import (
	"context"
	"errors"
	"testing"
	"time"

	"domdoc/ui/dashboard/action"
	"domdoc/ui/dashboard/inventory"
	"domdoc/ui/dashboard/runner"
	"domdoc/ui/dashboard/setup"

	tea "github.com/charmbracelet/bubbletea"
)

// follow runs a root's commands until something holds.
func follow(t *testing.T, r *root, cmd tea.Cmd, until func() bool) {
	t.Helper()
	msgs := make(chan tea.Msg, 1024)
	start := func(c tea.Cmd) {
		if c != nil {
			go func() { msgs <- c() }()
		}
	}
	start(cmd)
	limit := time.After(patience)
	for !until() {
		select {
		case msg := <-msgs:
			if batch, ok := msg.(tea.BatchMsg); ok {
				for _, c := range batch {
					start(c)
				}
				continue
			}
			_, c := r.Update(msg)
			start(c)
		case <-limit:
			t.Fatalf("nothing came of it:\n%s", r.View())
		}
	}
}

// TestProfiles shows another profile without a new start: its own list, its own state, and nothing of what the one
// before was doing.
func TestProfiles(t *testing.T) {
	t.Parallel()
	l := getLab(t)
	dir := t.TempDir()
	var opened, closed []string
	options := func(o *options) {
		o.StateDir, o.Profile, o.Profiles = dir, "default", []string{"default", "broken", "staging"}
		o.Switch = func(_ context.Context, name string) (setup.Source, error) {
			opened = append(opened, name)
			if name == "broken" {
				return setup.Source{}, errors.New("its api-url is not set")
			}
			d := l.doctor()
			return setup.Source{
				Doctor: d, Fresh: l.doctor, Domains: l.client.Domains, Title: name,
				Close: func() { closed = append(closed, name); d.Session.Close() },
			}, nil
		}
	}
	r, b := walled(t, options)
	r.opt.root, b.opt.root = t.Context(), t.Context()
	b.load().press("s", "/", "h", "o", "l", "d", "enter")
	b.Run = runner.RunState{Gen: 9, Cancel: func() {}, Total: 5, Began: noon}
	late := r.own(func() tea.Msg { return tenantMsg{l.tenant} })()

	typed := func(keys ...string) (cmd tea.Cmd) {
		for _, k := range keys {
			_, cmd = r.Update(keyMsg(t, k))
		}
		return cmd
	}
	typed("P")
	if b.Screen.Scope() != action.ScopeChoose {
		t.Fatalf("at %s: %s", b.Screen.Scope(), b.Notice)
	}
	b.shows("shown now", "running diagnoses are stopped")
	follow(t, r, typed("b", "r", "o", "enter"), func() bool {
		return b.Notice == "cannot open profile broken: its api-url is not set"
	})
	if r.model != b.model || r.epoch != 0 {
		t.Fatal("a profile that cannot be opened took the place of the one that is shown")
	}
	follow(t, r, typed("P", "s", "t", "a", "g", "enter"), func() bool {
		return r.model != b.model && r.model.Load.Done
	})
	next := r.model
	if next.opt.Profile != "staging" || next.opt.Title != "staging" || len(next.Domains.Rows) != len(l.domains) ||
		next.Width != b.Width {
		t.Errorf("profile %q, %d domains, %d wide", next.opt.Profile, len(next.Domains.Rows), next.Width)
	}
	if next.list.Filter.Value() != "" || next.list.Sort != inventory.SortDefault {
		t.Error("the other profile is looked at as this one was")
	}
	if next.Keys.Name(action.ScopeList, "s", false) != action.Sort || next.Th.Colour {
		t.Error("keys and colours are the user's, not the profile's")
	}
	next.Tenant = nil
	if r.Update(late); next.Tenant != nil {
		t.Error("a message for the model before came to this one")
	}
	r.left.Wait()
	if b.Ctx.Err() == nil {
		t.Error("what the model before was doing goes on")
	}
	if len(closed) != 0 {
		t.Errorf("closed: %v, and it is not Switch that opened it", closed)
	}
	follow(t, r, typed("P", "d", "e", "f", "enter"), func() bool { return r.model != next && r.model.Load.Done })
	r.left.Wait()
	if r.model.list.Filter.Value() != "hold" || r.model.list.Sort != inventory.SortName {
		t.Errorf("the first profile comes back with filter %q, sorted by %s", r.model.list.Filter.Value(),
			r.model.list.Sort)
	}
	if len(closed) != 1 || closed[0] != "staging" || len(opened) != 3 {
		t.Errorf("opened %v, closed %v", opened, closed)
	}
	r.model.opt.Close()
}

func TestProfilesNeedAnother(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(o *options) { o.Profiles = []string{"default"} })
	b.load().press("P")
	if b.Notice != "the config file has no other profile" {
		t.Errorf("it says %q", b.Notice)
	}
}
