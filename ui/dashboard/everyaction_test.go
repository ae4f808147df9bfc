package dashboard

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"domdoc/checks/ticket"
	"domdoc/ui/dashboard/action"
	"domdoc/ui/dashboard/dialog"
	"domdoc/ui/dashboard/inventory"
	"domdoc/ui/dashboard/runner"
	"domdoc/ui/dashboard/setup"
	"domdoc/ui/dashboard/tab"

	"domdoc/api"

	tea "github.com/charmbracelet/bubbletea"
)

// reached brings a model to a screen, in the middle of something where that can be.
func reached(t *testing.T, s action.Scope, change func(*options)) *bench {
	t.Helper()
	b := newBench(t, func(o *options) {
		o.Client, o.PageURL, o.Env = getLab(t).client, "https://console.example.com/{id}?name={domain}",
			[]string{"TERM=xterm-256color", "SSH_CONNECTION=1 2 3 4"}
		o.Profile, o.Profiles = "default", []string{"default", "staging"}
		o.Switch = func(context.Context, string) (setup.Source, error) { return setup.Source{}, errors.New("not here") }
		if change != nil {
			change(o)
		}
	})
	b.load().results()
	b.send(tea.WindowSizeMsg{Width: 60, Height: 15}) // something to scroll everywhere
	switch s {
	case action.ScopeList:
		b.act(action.Down, action.Down, action.Down)
	case action.ScopeGroups:
		b.act(action.Group, action.Down, action.Down)
	case action.ScopeTicket:
		b.ticketOf("name-doubled", "caa-forbids").act(action.Down)
	case action.ScopeDetail:
		b.open("name-doubled").act(action.Down)
	case action.ScopeCatalogue:
		b.act(action.Catalogue, action.Down, action.Down, action.Down)
	case action.ScopeEntry:
		b.open("name-doubled").act(action.Catalogue, action.Down)
	case action.ScopePaste:
		b.act(action.Paste)
		b.send(tea.KeyMsg{Type: tea.KeyRunes, Paste: true, Runes: []rune("DOMAIN_004 shop.fabrikam.example")})
	case action.ScopeChoose:
		b.act(action.Palette, action.PageDown, action.Down)
	case action.ScopeText:
		b.model.text.Open("a text", "to select", strings.Repeat("a line\n", 80))
		b.act(action.Down, action.Down)
	case action.ScopeConfirm:
		b.list.Grid.Select(b.l.ids["name-doubled"])
		b.act(action.Verify, action.Down)
	case action.ScopePlan:
		b.planned("name-doubled").act(action.Down, action.Down)
	case action.ScopeChange:
		b.open("name-doubled").act(action.Plan)
		b.press("s", "e", "t", "down", "s", "e", "t", "down", "s", "e", "t", "up")
	case action.ScopeHelp:
		b.act(action.Help, action.Down, action.Down)
	case action.Scopes:
	}
	if b.Screen.Scope() != s {
		t.Fatalf("at %s, not %s", b.Screen.Scope(), s)
	}
	return b
}

// place is where the screen's selection or window is.
func (b *bench) placeOf() int {
	switch b.Screen.Scope() {
	case action.ScopeList:
		return b.list.Grid.Position()
	case action.ScopeCatalogue:
		return b.catalogue.Grid.Position()
	case action.ScopeChoose:
		return b.choose.Grid.Position()
	case action.ScopeGroups:
		return b.model.groups.Grid.Position()
	case action.ScopeTicket:
		return b.model.ticket.View.YOffset
	case action.ScopeDetail:
		return b.detail.view.YOffset
	case action.ScopeEntry:
		return b.entry.View.YOffset
	case action.ScopeText:
		return b.model.text.View.YOffset
	case action.ScopeConfirm:
		return b.request.View.YOffset
	case action.ScopeHelp:
		return b.help.View.YOffset
	case action.ScopePlan:
		return b.plan.View.YOffset
	case action.ScopeChange:
		return b.plan.Form.At
	case action.ScopePaste, action.Scopes:
	}
	return 0
}

// was is what a model was like before an action.
type was struct {
	screen action.Scope
	place  int
}

// effect says how one sees that an action was done.
type effect struct {
	prepare func(b *bench) // brings about what the action needs; nil: nothing
	seen    func(b *bench, cmd tea.Cmd, before was) bool
}

// toOpen selects something to open.
func toOpen(b *bench) {
	switch b.Screen.Scope() {
	case action.ScopeChoose:
		b.press("s", "o", "r", "t")
	case action.ScopeChange:
		b.press("x")
	case action.ScopeDetail:
		b.press("8")
	case action.ScopeGroups, action.ScopeTicket, action.ScopeList, action.ScopeCatalogue, action.ScopeEntry,
		action.ScopePaste, action.ScopePlan, action.ScopeHelp, action.Scopes:
	}
}

// opened reports whether what was selected is open.
func opened(b *bench, before was) bool {
	switch before.screen {
	case action.ScopeCatalogue:
		return b.Screen.Scope() == action.ScopeEntry
	case action.ScopeEntry:
		return b.Screen.Scope() == action.ScopeList && b.list.Filter.Value() == "cause:record.name-doubled"
	case action.ScopeChoose:
		return b.Screen.Scope() == action.ScopeList && b.list.Sort == inventory.SortVerdict
	case action.ScopeDetail:
		return b.Screen.Scope() == action.ScopeDetail && b.detail.ledger.whole
	case action.ScopeGroups:
		return b.Screen.Scope() == action.ScopeList && strings.HasPrefix(b.list.Filter.Value(), "cause:") &&
			b.list.Grid.Len() > 0
	case action.ScopeTicket:
		return b.Screen.Scope() == action.ScopeDetail && b.detail.id == b.l.ids["name-doubled"]
	case action.ScopePaste:
		return b.Screen.Scope() == action.ScopeTicket
	case action.ScopePlan:
		return b.Screen.Scope() == action.ScopeChange && b.plan.Form.Lines[0].Value() != ""
	case action.ScopeChange:
		return b.Screen.Scope() == action.ScopePlan && b.plan.Running()
	case action.ScopeList, action.ScopeHelp, action.Scopes:
	}
	return b.Screen.Scope() == action.ScopeDetail
}

func effects() map[action.Name]effect {
	simple := func(seen func(b *bench) bool) effect {
		return effect{nil, func(b *bench, _ tea.Cmd, _ was) bool { return seen(b) }}
	}
	tabIs := func(t tab.ID) effect {
		return simple(func(b *bench) bool { return b.Screen.Scope() == action.ScopeDetail && b.detail.tab == t })
	}
	moved := func(right func(now, before int) bool) effect {
		return effect{nil, func(b *bench, _ tea.Cmd, before was) bool { return right(b.placeOf(), before.place) }}
	}
	yielding := func(want func(tea.Msg) bool) effect {
		return effect{nil, func(_ *bench, cmd tea.Cmd, _ was) bool { return yields(cmd, want) }}
	}
	stops := 0
	return map[action.Name]effect{
		action.Up:       moved(func(now, before int) bool { return now == before-1 }),
		action.Down:     moved(func(now, before int) bool { return now == before+1 }),
		action.PageUp:   moved(func(now, before int) bool { return now < before }),
		action.PageDown: moved(func(now, before int) bool { return now > before+1 }),
		action.Top:      moved(func(now, _ int) bool { return now == 0 }),
		action.Bottom:   moved(func(now, before int) bool { return now > before+1 }),
		action.Open:     {toOpen, func(b *bench, _ tea.Cmd, before was) bool { return opened(b, before) }},
		action.Back: {func(b *bench) {
			if b.Screen.Scope() == action.ScopeList {
				b.press("/", "f", "a", "i", "l", "enter")
			}
		}, func(b *bench, _ tea.Cmd, before was) bool {
			return before.screen == action.ScopeList && b.list.Query.Empty() || b.Screen.Scope() != before.screen
		}},
		action.NextTab:      tabIs(tab.Propagation),
		action.PrevTab:      tabIs(tab.Count - 1),
		action.Findings:     tabIs(tab.Findings),
		action.Propagation:  tabIs(tab.Propagation),
		action.Records:      tabIs(tab.Records),
		action.Certificate:  tabIs(tab.Certificate),
		action.Registration: tabIs(tab.Registration),
		action.Routes:       tabIs(tab.Routes),
		action.Service:      tabIs(tab.Service),
		action.Ledger:       tabIs(tab.Ledger),
		action.Kind: simple(func(b *bench) bool {
			return b.detail.tab == tab.Ledger &&
				b.detail.ledger.kind == kindShown
		}),
		action.Next:     simple(func(b *bench) bool { return b.Screen.Subject().ID != b.l.ids["name-doubled"] }),
		action.Previous: simple(func(b *bench) bool { return b.detail.id != b.l.ids["name-doubled"] }),
		action.Filter: simple(func(b *bench) bool {
			return b.Screen.Scope() == action.ScopeHelp && b.help.Typing() ||
				b.Screen.Scope() == action.ScopeList && b.list.Filter.Open ||
				b.Screen.Scope() == action.ScopeCatalogue &&
					b.catalogue.Search.Open ||
				b.Screen.Scope() == action.ScopeDetail && b.detail.ledger.search.Open
		}),
		action.Sort:    simple(func(b *bench) bool { return b.list.Sort == inventory.SortVerdict }),
		action.Reverse: simple(func(b *bench) bool { return b.list.Descending }),
		action.Diagnose: {nil, func(b *bench, _ tea.Cmd, before was) bool {
			return before.screen == action.ScopePlan && b.plan.Running() || len(b.Single) == 1
		}},
		action.DiagnoseAll: simple(func(b *bench) bool { return b.Run.Active() && b.Run.Total == len(b.l.domains) }),
		action.DiagnoseMarked: {func(b *bench) {
			b.Marks.Set(b.l.ids["on-hold"], true)
			b.Marks.Set(b.l.ids["caa-forbids"], true)
			b.Marks.Set("gone", true)
		}, func(b *bench, _ tea.Cmd, _ was) bool { return b.Run.Active() && b.Run.Total == 2 }},
		action.Cancel: {func(b *bench) {
			stops = 0
			if b.Screen.Scope() == action.ScopePlan {
				b.act(action.Diagnose)
				return
			}
			b.Single[b.l.ids["on-hold"]] = &runner.SingleRun{Cancel: func() { stops++ }}
		}, func(b *bench, _ tea.Cmd, before was) bool {
			return before.screen == action.ScopePlan && !b.plan.Running() || stops == 1 && !b.Busy()
		}},
		action.Mark: {nil, func(b *bench, _ tea.Cmd, before was) bool {
			return b.Marks.Len() == 1 &&
				b.placeOf() == before.place+1
		}},
		action.MarkShown: simple(func(b *bench) bool { return b.Marks.Len() == len(b.l.domains) }),
		action.Unmark: {
			func(b *bench) { b.Marks.Set(b.l.ids["on-hold"], true) },
			func(b *bench, _ tea.Cmd, _ was) bool { return b.Marks.Len() == 0 },
		},
		action.Group: {nil, func(b *bench, _ tea.Cmd, before was) bool {
			return b.Screen.Scope() == action.ScopeGroups &&
				(before.screen == action.ScopeGroups) == (b.model.groups.By == inventory.ByCode)
		}},
		action.Incidents: {func(b *bench) { b.outage() }, func(b *bench, _ tea.Cmd,
			_ was,
		) bool {
			return b.list.Focus == 1
		}},
		action.Watch: simple(func(b *bench) bool { return b.Watch.Len() == 1 }),
		action.Ticket: {
			func(b *bench) { b.Pasted[b.Screen.Subject().ID] = &ticket.Ticket{} },
			func(b *bench, _ tea.Cmd, _ was) bool { return b.Screen.Scope() == action.ScopeTicket },
		},
		action.Changes: tabIs(tab.Changes),
		action.Reload:  simple(func(b *bench) bool { return b.model.Load.Active() }),
		action.Catalogue: {nil, func(b *bench, _ tea.Cmd, before was) bool {
			want := "record.name-doubled"
			switch before.screen {
			case action.ScopeTicket:
				want = "DOMAIN_004"
			case action.ScopeGroups:
				want = b.model.groups.All[before.place].Name
			}
			return b.Screen.Scope() == action.ScopeCatalogue || b.Screen.Scope() == action.ScopeEntry && b.entry.ID == want
		}},
		action.Paste: simple(func(b *bench) bool { return b.Screen.Scope() == action.ScopePaste }),
		action.Clear: simple(func(b *bench) bool { return b.paste.Text == "" }),
		action.Copy: simple(func(b *bench) bool {
			return b.Screen.Scope() == action.ScopeChoose &&
				b.choose.Title == "copy"
		}),
		action.Export: simple(func(b *bench) bool {
			return b.Screen.Scope() == action.ScopeChoose && strings.HasPrefix(b.choose.Title, "export ")
		}),
		action.Page: simple(func(b *bench) bool {
			return b.Screen.Scope() == action.ScopeText &&
				strings.HasPrefix(b.model.text.Text, "https://console.example.com/d-")
		}),
		action.Verify: simple(func(b *bench) bool {
			return b.Screen.Scope() == action.ScopeConfirm &&
				b.request.Op == api.OpVerify
		}),
		action.Issue: simple(func(b *bench) bool {
			return b.Screen.Scope() == action.ScopeConfirm &&
				b.request.Op == api.OpIssueCertificate
		}),
		action.Confirm: simple(func(b *bench) bool { return b.request.State == dialog.UnderWay }),
		action.Plan:    simple(func(b *bench) bool { return b.Screen.Scope() == action.ScopeChange }),
		action.WhatIf: simple(func(b *bench) bool {
			return b.Screen.Scope() == action.ScopePlan && b.plan.Running()
		}),
		action.Complete: simple(func(b *bench) bool { return b.plan.Form.Lines[1].Value() == "set " }),
		action.Profile: simple(func(b *bench) bool {
			return b.Screen.Scope() == action.ScopeChoose &&
				slices.ContainsFunc(b.choose.Items, func(it dialog.Choice) bool {
					return it.Name == "staging"
				})
		}),
		action.Mouse: {nil, func(b *bench, cmd tea.Cmd, _ was) bool {
			return b.mouse.on && yields(cmd, func(msg tea.Msg) bool { return msg == tea.EnableMouseCellMotion() })
		}},
		action.Palette: simple(func(b *bench) bool {
			return b.Screen.Scope() == action.ScopeChoose &&
				b.choose.Title == "all actions"
		}),
		action.Help: {nil, func(b *bench, _ tea.Cmd, before was) bool {
			return (b.Screen.Scope() == action.ScopeHelp) != (before.screen == action.ScopeHelp)
		}},
		action.Suspend: yielding(isSuspend),
		action.Quit:    yielding(isQuit),
	}
}

// TestEveryAction does every action on every one of its screens: by each of its keys, by a key of the config file,
// and by the palette.
func TestEveryAction(t *testing.T) {
	t.Parallel()
	names := map[action.Name]bool{}
	standard, err := action.NewKeymap(action.Registry(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, sp := range action.Registry() {
		names[sp.Name] = true
		if _, ok := effects()[sp.Name]; !ok {
			t.Errorf("nothing says how one sees the action %s", sp.Name)
			continue
		}
		for _, u := range sp.Uses {
			for _, s := range u.Screens {
				ways := map[string][]string{"rebound": {ownKey}}
				for _, k := range standard.Keys(s, sp.Name) {
					ways["key "+k] = []string{k}
				}
				if slices.Contains(action.Reading(), s) {
					ways["palette"] = append(append([]string{":"}, strings.Split(string(sp.Name), "")...), "enter")
				}
				for way, keys := range ways {
					t.Run(fmt.Sprintf("%s/%s/%s", s, sp.Name, way), func(t *testing.T) {
						t.Parallel()
						if way == "palette" && sp.Name == action.Palette {
							return // it is what opens it
						}
						actionIsDone(t, s, sp.Name, way, keys)
					})
				}
			}
		}
	}
	for a := range effects() {
		if !names[a] {
			t.Errorf("the action %s is not in the registry", a)
		}
	}
}

// ownKey is bound to nothing by default.
const ownKey = "f9"

// actionIsDone presses the keys of an action on a screen and checks its effect.
func actionIsDone(t *testing.T, s action.Scope, name action.Name, way string, keys []string) {
	t.Helper()
	b := reached(t, s, func(o *options) {
		if way == "rebound" {
			o.Keys = map[string][]string{string(name): {ownKey}}
		}
	})
	b.opt.Fresh = b.l.doctor // a run that is started finds somebody to ask
	want := effects()[name]
	if want.prepare != nil {
		want.prepare(b)
	}
	before := was{b.Screen.Scope(), b.placeOf()}
	if cmd := b.press(keys...); !want.seen(b, cmd, before) {
		t.Errorf("nothing happened (at %s, place %d was %d):\n%s", b.Screen.Scope(), b.placeOf(), before.place,
			b.View())
	}
}

// TestUnavailable checks that what cannot be done now says why, in the palette and when it is tried, and is not named
// at the bottom.
func TestUnavailable(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.load().results()
	b.send(tea.WindowSizeMsg{Width: 200, Height: 60})
	for key, want := range map[string]string{"x": "no diagnosis is running", "M": "no domain is marked"} {
		b.press(key)
		if b.Notice != want {
			t.Errorf("%s says %q, want %q", key, b.Notice, want)
		}
	}
	if strings.Contains(b.hintLine(), "stop") {
		t.Error("the bottom line names what cannot be done")
	}
	b.press(":", "c", "a", "n", "c")
	b.shows("no diagnosis is running", "1 of")
	b.press("enter")
	if b.Screen.Scope() != action.ScopeChoose || b.Notice != "not now: no diagnosis is running" {
		t.Errorf("at %s, with the notice %q", b.Screen.Scope(), b.Notice)
	}
	b.press("ctrl+u")
	for _, sp := range action.Registry() {
		if sp.Name != action.Palette && !slices.ContainsFunc(b.choose.Items, func(it dialog.Choice) bool {
			return it.Name == string(sp.Name)
		}) {
			t.Errorf("the palette lacks %s", sp.Name)
		}
	}
	b.press("n", "e", "x", "t", "-", "t")
	b.shows("not here: only available in one domain")
}

// TestPaletteFinds checks what is found by what is typed.
func TestPaletteFinds(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"":             "open",
		"sort":         "sort",
		"diag":         "diagnose",
		"all":          "diagnose-all",
		"dga":          "diagnose-all", // letters in their order
		"read again":   "reload",
		"ctrl+z":       "suspend",
		"QUIT":         "quit",
		"background":   "suspend",
		"move up":      "up",
		"end":          "bottom",
		"zzzz no such": "",
	} {
		t.Run(typed, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, nil)
			b.load()
			b.press(":")
			for _, r := range typed {
				b.press(string(r))
			}
			got := ""
			if i, ok := b.choose.Grid.Selected(); ok {
				got = b.choose.Items[i].Name
			}
			if got != want {
				t.Errorf("found %q, want %q:\n%s", got, want, b.View())
			}
		})
	}
}
