package dashboard

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"domdoc/checks/ticket"

	"domdoc/api"

	tea "github.com/charmbracelet/bubbletea"
)

// reached brings a model to a screen, in the middle of something where that can be.
func reached(t *testing.T, s scope, change func(*Options)) *bench {
	t.Helper()
	b := newBench(t, func(o *Options) {
		o.Client, o.PageURL, o.Env = getLab(t).client, "https://console.example.com/{id}?name={domain}",
			[]string{"TERM=xterm-256color", "SSH_CONNECTION=1 2 3 4"}
		o.Profile, o.Profiles = "default", []string{"default", "staging"}
		o.Switch = func(context.Context, string) (Options, error) { return Options{}, errors.New("not here") }
		if change != nil {
			change(o)
		}
	})
	b.load().results()
	b.send(tea.WindowSizeMsg{Width: 60, Height: 15}) // something to scroll everywhere
	switch s {
	case scopeList:
		b.act(actDown, actDown, actDown)
	case scopeGroups:
		b.act(actGroup, actDown, actDown)
	case scopeTicket:
		b.ticketOf("name-doubled", "caa-forbids").act(actDown)
	case scopeDetail:
		b.open("name-doubled").act(actDown)
	case scopeCatalogue:
		b.act(actCatalogue, actDown, actDown, actDown)
	case scopeEntry:
		b.open("name-doubled").act(actCatalogue, actDown)
	case scopePaste:
		b.act(actPaste)
		b.send(tea.KeyMsg{Type: tea.KeyRunes, Paste: true, Runes: []rune("DOMAIN_004 shop.fabrikam.example")})
	case scopeChoose:
		b.act(actPalette, actPageDown, actDown)
	case scopeText:
		b.model.text.open("a text", "to select", strings.Repeat("a line\n", 80))
		b.act(actDown, actDown)
	case scopeConfirm:
		b.list.grid.Select(b.l.ids["name-doubled"])
		b.act(actVerify, actDown)
	case scopeHelp:
		b.act(actHelp, actDown, actDown)
	case scopes:
	}
	if b.screen.scope() != s {
		t.Fatalf("at %s, not %s", b.screen.scope(), s)
	}
	return b
}

// place is where the screen's selection or window is.
func (b *bench) placeOf() int {
	switch b.screen.scope() {
	case scopeList:
		return b.list.grid.Position()
	case scopeCatalogue:
		return b.catalogue.grid.Position()
	case scopeChoose:
		return b.choose.grid.Position()
	case scopeGroups:
		return b.model.groups.grid.Position()
	case scopeTicket:
		return b.model.ticket.view.YOffset
	case scopeDetail:
		return b.detail.view.YOffset
	case scopeEntry:
		return b.entry.view.YOffset
	case scopeText:
		return b.model.text.view.YOffset
	case scopeConfirm:
		return b.request.view.YOffset
	case scopeHelp:
		return b.help.view.YOffset
	case scopePaste, scopes:
	}
	return 0
}

// was is what a model was like before an action.
type was struct {
	screen scope
	place  int
}

// effect says how one sees that an action was done.
type effect struct {
	prepare func(b *bench) // brings about what the action needs; nil: nothing
	seen    func(b *bench, cmd tea.Cmd, before was) bool
}

func effects() map[action]effect {
	simple := func(seen func(b *bench) bool) effect {
		return effect{nil, func(b *bench, _ tea.Cmd, _ was) bool { return seen(b) }}
	}
	tabIs := func(t tab) effect {
		return simple(func(b *bench) bool { return b.screen.scope() == scopeDetail && b.detail.tab == t })
	}
	moved := func(right func(now, before int) bool) effect {
		return effect{nil, func(b *bench, _ tea.Cmd, before was) bool { return right(b.placeOf(), before.place) }}
	}
	yielding := func(want func(tea.Msg) bool) effect {
		return effect{nil, func(_ *bench, cmd tea.Cmd, _ was) bool { return yields(cmd, want) }}
	}
	stops := 0
	return map[action]effect{
		actUp:       moved(func(now, before int) bool { return now == before-1 }),
		actDown:     moved(func(now, before int) bool { return now == before+1 }),
		actPageUp:   moved(func(now, before int) bool { return now < before }),
		actPageDown: moved(func(now, before int) bool { return now > before+1 }),
		actTop:      moved(func(now, _ int) bool { return now == 0 }),
		actBottom:   moved(func(now, before int) bool { return now > before+1 }),
		actOpen: {func(b *bench) {
			switch b.screen.scope() {
			case scopeChoose:
				b.press("s", "o", "r", "t")
			case scopeDetail:
				b.press("8")
			case scopeGroups, scopeTicket, scopeList, scopeCatalogue, scopeEntry, scopePaste, scopeHelp, scopes:
			}
		}, func(b *bench, _ tea.Cmd, before was) bool {
			switch before.screen {
			case scopeCatalogue:
				return b.screen.scope() == scopeEntry
			case scopeEntry:
				return b.screen.scope() == scopeList && b.list.filter.value() == "cause:record.name-doubled"
			case scopeChoose:
				return b.screen.scope() == scopeList && b.list.sort == sortVerdict
			case scopeDetail:
				return b.screen.scope() == scopeDetail && b.detail.ledger.whole
			case scopeGroups:
				return b.screen.scope() == scopeList && strings.HasPrefix(b.list.filter.value(), "cause:") &&
					b.list.grid.Len() > 0
			case scopeTicket:
				return b.screen.scope() == scopeDetail && b.detail.id == b.l.ids["name-doubled"]
			case scopePaste:
				return b.screen.scope() == scopeTicket
			case scopeList, scopeHelp, scopes:
			}
			return b.screen.scope() == scopeDetail
		}},
		actBack: {func(b *bench) {
			if b.screen.scope() == scopeList {
				b.press("/", "f", "a", "i", "l", "enter")
			}
		}, func(b *bench, _ tea.Cmd, before was) bool {
			return before.screen == scopeList && b.list.query.Empty() || b.screen.scope() != before.screen
		}},
		actNextTab:      tabIs(tabPropagation),
		actPrevTab:      tabIs(tabs - 1),
		actFindings:     tabIs(tabFindings),
		actPropagation:  tabIs(tabPropagation),
		actRecords:      tabIs(tabRecords),
		actCertificate:  tabIs(tabCertificate),
		actRegistration: tabIs(tabRegistration),
		actRoutes:       tabIs(tabRoutes),
		actService:      tabIs(tabService),
		actLedger:       tabIs(tabLedger),
		actKind: simple(func(b *bench) bool {
			return b.detail.tab == tabLedger &&
				b.detail.ledger.kind == kindShown
		}),
		actNext:     simple(func(b *bench) bool { return b.screen.subject().id != b.l.ids["name-doubled"] }),
		actPrevious: simple(func(b *bench) bool { return b.detail.id != b.l.ids["name-doubled"] }),
		actFilter: simple(func(b *bench) bool {
			return b.screen.scope() == scopeList && b.list.filter.open || b.screen.scope() == scopeCatalogue &&
				b.catalogue.search.open ||
				b.screen.scope() == scopeDetail && b.detail.ledger.search.open
		}),
		actSort:        simple(func(b *bench) bool { return b.list.sort == sortVerdict }),
		actReverse:     simple(func(b *bench) bool { return b.list.descending }),
		actDiagnose:    simple(func(b *bench) bool { return len(b.single) == 1 }),
		actDiagnoseAll: simple(func(b *bench) bool { return b.run.active() && b.run.total == len(b.l.domains) }),
		actDiagnoseMarked: {func(b *bench) {
			b.marks.set(b.l.ids["on-hold"], true)
			b.marks.set(b.l.ids["caa-forbids"], true)
			b.marks.set("gone", true)
		}, func(b *bench, _ tea.Cmd, _ was) bool { return b.run.active() && b.run.total == 2 }},
		actCancel: {func(b *bench) {
			stops = 0
			b.single[b.l.ids["on-hold"]] = &singleRun{cancel: func() { stops++ }}
		}, func(b *bench, _ tea.Cmd, _ was) bool { return stops == 1 && !b.busy() }},
		actMark: {nil, func(b *bench, _ tea.Cmd, before was) bool {
			return b.marks.len() == 1 &&
				b.placeOf() == before.place+1
		}},
		actMarkShown: simple(func(b *bench) bool { return b.marks.len() == len(b.l.domains) }),
		actUnmark: {
			func(b *bench) { b.marks.set(b.l.ids["on-hold"], true) },
			func(b *bench, _ tea.Cmd, _ was) bool { return b.marks.len() == 0 },
		},
		actGroup: {nil, func(b *bench, _ tea.Cmd, before was) bool {
			return b.screen.scope() == scopeGroups && (before.screen == scopeGroups) == (b.model.groups.by == byCode)
		}},
		actIncidents: {func(b *bench) { b.outage() }, func(b *bench, _ tea.Cmd,
			_ was,
		) bool {
			return b.list.focus == 1
		}},
		actWatch: simple(func(b *bench) bool { return b.watch.Len() == 1 }),
		actTicket: {
			func(b *bench) { b.pasted[b.screen.subject().id] = &ticket.Ticket{} },
			func(b *bench, _ tea.Cmd, _ was) bool { return b.screen.scope() == scopeTicket },
		},
		actChanges: tabIs(tabChanges),
		actReload:  simple(func(b *bench) bool { return b.model.load.active() }),
		actCatalogue: {nil, func(b *bench, _ tea.Cmd, before was) bool {
			want := "record.name-doubled"
			switch before.screen {
			case scopeTicket:
				want = "DOMAIN_004"
			case scopeGroups:
				want = b.model.groups.all[before.place].name
			}
			return b.screen.scope() == scopeCatalogue || b.screen.scope() == scopeEntry && b.entry.id == want
		}},
		actPaste: simple(func(b *bench) bool { return b.screen.scope() == scopePaste }),
		actClear: simple(func(b *bench) bool { return b.paste.text == "" }),
		actCopy:  simple(func(b *bench) bool { return b.screen.scope() == scopeChoose && b.choose.title == "copy" }),
		actExport: simple(func(b *bench) bool {
			return b.screen.scope() == scopeChoose && strings.HasPrefix(b.choose.title, "write ")
		}),
		actPage: simple(func(b *bench) bool {
			return b.screen.scope() == scopeText && strings.HasPrefix(b.model.text.text, "https://console.example.com/d-")
		}),
		actVerify: simple(func(b *bench) bool {
			return b.screen.scope() == scopeConfirm &&
				b.request.op == api.OpVerify
		}),
		actIssue: simple(func(b *bench) bool {
			return b.screen.scope() == scopeConfirm &&
				b.request.op == api.OpIssueCertificate
		}),
		actConfirm: simple(func(b *bench) bool { return b.request.state == underWay }),
		actProfile: simple(func(b *bench) bool {
			return b.screen.scope() == scopeChoose && slices.ContainsFunc(b.choose.items, func(it choice) bool {
				return it.name == "staging"
			})
		}),
		actMouse: {nil, func(b *bench, cmd tea.Cmd, _ was) bool {
			return b.mouse.on && yields(cmd, func(msg tea.Msg) bool { return msg == tea.EnableMouseCellMotion() })
		}},
		actPalette: simple(func(b *bench) bool {
			return b.screen.scope() == scopeChoose &&
				b.choose.title == "all actions"
		}),
		actHelp: {nil, func(b *bench, _ tea.Cmd, before was) bool {
			return (b.screen.scope() == scopeHelp) != (before.screen == scopeHelp)
		}},
		actSuspend: yielding(isSuspend),
		actQuit:    yielding(isQuit),
	}
}

// TestEveryAction does every action on every one of its screens: by each of its keys, by a key of the config file,
// and by the palette.
func TestEveryAction(t *testing.T) {
	t.Parallel()
	const own = "f9" // bound to nothing
	names := map[action]bool{}
	standard, err := newKeymap(registry(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, sp := range registry() {
		names[sp.action] = true
		if _, ok := effects()[sp.action]; !ok {
			t.Errorf("nothing says how one sees the action %s", sp.action)
			continue
		}
		for _, u := range sp.uses {
			for _, s := range u.screens {
				ways := map[string][]string{"rebound": {own}}
				for _, k := range standard.keys(s, sp.action) {
					ways["key "+k] = []string{k}
				}
				if slices.Contains(reading(), s) {
					ways["palette"] = append(append([]string{":"}, strings.Split(string(sp.action), "")...), "enter")
				}
				for way, keys := range ways {
					t.Run(fmt.Sprintf("%s/%s/%s", s, sp.action, way), func(t *testing.T) {
						t.Parallel()
						if way == "palette" && sp.action == actPalette {
							return // it is what opens it
						}
						b := reached(t, s, func(o *Options) {
							if way == "rebound" {
								o.Keys = map[string][]string{string(sp.action): {own}}
							}
						})
						b.opt.Fresh = b.l.doctor // a run that is started finds somebody to ask
						want := effects()[sp.action]
						if want.prepare != nil {
							want.prepare(b)
						}
						before := was{b.screen.scope(), b.placeOf()}
						if cmd := b.press(keys...); !want.seen(b, cmd, before) {
							t.Errorf("nothing happened (at %s, place %d was %d):\n%s", b.screen.scope(), b.placeOf(), before.place,
								b.View())
						}
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

// TestUnavailable checks that what cannot be done now says why, in the palette and when it is tried, and is not named
// at the bottom.
func TestUnavailable(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.load().results()
	b.send(tea.WindowSizeMsg{Width: 200, Height: 60})
	for key, want := range map[string]string{"x": "nothing is being diagnosed", "M": "no domain is marked"} {
		b.press(key)
		if b.notice != want {
			t.Errorf("%s says %q, want %q", key, b.notice, want)
		}
	}
	if strings.Contains(b.hintLine(), "stop") {
		t.Error("the bottom line names what cannot be done")
	}
	b.press(":", "c", "a", "n", "c")
	b.shows("nothing is being diagnosed", "1 of")
	b.press("enter")
	if b.screen.scope() != scopeChoose || b.notice != "not now: nothing is being diagnosed" {
		t.Errorf("at %s, with the notice %q", b.screen.scope(), b.notice)
	}
	b.press("ctrl+u")
	for _, sp := range registry() {
		if sp.action != actPalette && !slices.ContainsFunc(b.choose.items, func(it choice) bool {
			return it.name == string(sp.action)
		}) {
			t.Errorf("the palette lacks %s", sp.action)
		}
	}
	b.press("n", "e", "x", "t", "-", "t")
	b.shows("not here: only in one domain")
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
		"one up":       "up",
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
			if i, ok := b.choose.grid.Selected(); ok {
				got = b.choose.items[i].name
			}
			if got != want {
				t.Errorf("found %q, want %q:\n%s", got, want, b.View())
			}
		})
	}
}
