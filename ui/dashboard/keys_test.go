package dashboard

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
)

// yields runs a command and tells whether a message for which want is true comes of it.
func yields(cmd tea.Cmd, want func(tea.Msg) bool) bool {
	if cmd == nil {
		return false
	}
	out := make(chan tea.Msg, 64)
	start := func(c tea.Cmd) {
		if c != nil {
			go func() { out <- c() }()
		}
	}
	start(cmd)
	limit := time.After(10 * time.Second)
	for {
		select {
		case msg := <-out:
			if batch, ok := msg.(tea.BatchMsg); ok {
				for _, c := range batch {
					start(c)
				}
			} else if want(msg) {
				return true
			}
		case <-limit:
			return false
		}
	}
}

func isQuit(msg tea.Msg) bool    { _, ok := msg.(tea.QuitMsg); return ok }
func isSuspend(msg tea.Msg) bool { _, ok := msg.(tea.SuspendMsg); return ok }

// reached brings a model to a screen, in the middle of something where that can be.
func reached(t *testing.T, s screen) *bench {
	t.Helper()
	b := newBench(t, nil)
	b.load().results()
	switch s {
	case screenList:
		b.press("down", "down", "down")
	case screenDetail:
		b.open("name-doubled").press("down")
	case screenCatalogue:
		b.press("c", "down", "down", "down")
	case screenEntry:
		b.open("name-doubled").press("c", "down")
	case screenPaste:
		b.press("e")
		b.send(tea.KeyMsg{Type: tea.KeyRunes, Paste: true, Runes: []rune("DOMAIN_004 shop.fabrikam.example")})
	case screenHelp:
		b.press("?", "down", "down")
	case screens:
	}
	b.send(tea.WindowSizeMsg{Width: 60, Height: 15}) // something to scroll everywhere
	if b.screen != s {
		t.Fatalf("at %s, not %s", b.screen, s)
	}
	return b
}

// place is where the screen's selection or window is.
func (b *bench) placeOf() int {
	switch b.screen {
	case screenList:
		return b.grid.Position()
	case screenCatalogue:
		return b.catalogue.grid.Position()
	case screenDetail:
		return b.detail.view.YOffset
	case screenEntry:
		return b.entry.view.YOffset
	case screenHelp:
		return b.help.YOffset
	case screenPaste, screens:
	}
	return 0
}

// effects say how one sees that an action was done. before is the place of the selection or the window.
func effects() map[action]func(b *bench, cmd tea.Cmd, before int) bool {
	at := func(s screen) func(*bench, tea.Cmd, int) bool {
		return func(b *bench, _ tea.Cmd, _ int) bool { return b.screen == s }
	}
	tabIs := func(t tab) func(*bench, tea.Cmd, int) bool {
		return func(b *bench, _ tea.Cmd, _ int) bool { return b.screen == screenDetail && b.detail.tab == t }
	}
	return map[action]func(b *bench, cmd tea.Cmd, before int) bool{
		actUp:       func(b *bench, _ tea.Cmd, before int) bool { return b.placeOf() == before-1 },
		actDown:     func(b *bench, _ tea.Cmd, before int) bool { return b.placeOf() == before+1 },
		actPageUp:   func(b *bench, _ tea.Cmd, before int) bool { return b.placeOf() < before },
		actPageDown: func(b *bench, _ tea.Cmd, before int) bool { return b.placeOf() > before+1 },
		actTop:      func(b *bench, _ tea.Cmd, _ int) bool { return b.placeOf() == 0 },
		actBottom:   func(b *bench, _ tea.Cmd, before int) bool { return b.placeOf() > before+1 },
		actOpen: func(b *bench, _ tea.Cmd, _ int) bool {
			return b.screen == screenDetail || b.screen == screenEntry || b.screen == screenList && b.filter.value() == "cause:record.name-doubled"
		},
		actBack:        nil, // see TestBack
		actNextTab:     tabIs(tabPropagation),
		actPrevTab:     tabIs(tabFacts),
		actFindings:    tabIs(tabFindings),
		actPropagation: tabIs(tabPropagation),
		actEvidence:    tabIs(tabEvidence),
		actFacts:       tabIs(tabFacts),
		actNext:        func(b *bench, _ tea.Cmd, _ int) bool { return b.detail.id != b.l.ids["name-doubled"] },
		actPrevious:    func(b *bench, _ tea.Cmd, _ int) bool { return b.detail.id != b.l.ids["name-doubled"] },
		actFilter: func(b *bench, _ tea.Cmd, _ int) bool {
			return b.screen == screenList && b.filter.open || b.screen == screenCatalogue && b.catalogue.search.open
		},
		actSort:        func(b *bench, _ tea.Cmd, _ int) bool { return b.sort == sortVerdict },
		actReverse:     func(b *bench, _ tea.Cmd, _ int) bool { return b.upside },
		actDiagnose:    func(b *bench, _ tea.Cmd, _ int) bool { return len(b.single) == 1 },
		actDiagnoseAll: func(b *bench, _ tea.Cmd, _ int) bool { return b.run.active() && b.run.total == len(b.l.domains) },
		actCancel:      func(b *bench, _ tea.Cmd, _ int) bool { return b.notice == "nothing is being diagnosed" },
		actReload:      func(b *bench, _ tea.Cmd, _ int) bool { return b.model.load.active() },
		actCatalogue: func(b *bench, _ tea.Cmd, _ int) bool {
			return b.screen == screenCatalogue || b.screen == screenEntry && b.entry.id == "record.name-doubled"
		},
		actPaste:   at(screenPaste),
		actClear:   func(b *bench, _ tea.Cmd, _ int) bool { return b.paste.text == "" },
		actHelp:    func(b *bench, _ tea.Cmd, _ int) bool { return true }, // see TestHelp
		actSuspend: func(_ *bench, cmd tea.Cmd, _ int) bool { return yields(cmd, isSuspend) },
		actQuit:    func(_ *bench, cmd tea.Cmd, _ int) bool { return yields(cmd, isQuit) },
	}
}

// TestEveryKeyDoesItsAction presses every key of every binding on every one of its screens.
func TestEveryKeyDoesItsAction(t *testing.T) {
	t.Parallel()
	seen := effects()
	for _, bd := range defaultBindings() {
		effect, ok := seen[bd.action]
		if !ok {
			t.Errorf("nothing says how one sees the action %s", bd.action)
		}
		if effect == nil {
			continue
		}
		for _, s := range bd.screens {
			for _, k := range bd.keys {
				t.Run(fmt.Sprintf("%s/%s/%s", s, bd.action, k), func(t *testing.T) {
					t.Parallel()
					b := reached(t, s)
					l := getLab(t)
					b.opt.Fresh = l.doctor // a run that is started finds somebody to ask
					before := b.placeOf()
					if cmd := b.press(k); !effect(b, cmd, before) {
						t.Errorf("nothing happened (at %s, place %d was %d):\n%s", b.screen, b.placeOf(), before, b.View())
					}
				})
			}
		}
	}
}

// TestBack checks where esc leads: from everywhere to the list in the end.
func TestBack(t *testing.T) {
	t.Parallel()
	for s := range screens {
		b := reached(t, s)
		for range 6 {
			b.press("esc")
		}
		if b.screen != screenList || len(b.back) != 0 {
			t.Errorf("from %s, esc leads to %s", s, b.screen)
		}
		if s != screenList && s != screenPaste {
			b = reached(t, s)
			b.press("backspace")
			if b.screen == s {
				t.Errorf("backspace does not leave %s", s)
			}
		}
	}
	b := reached(t, screenDetail) // a circle of screens does not grow
	for range 50 {
		b.press("c", "enter", "enter", "c", "enter", "esc", "esc")
	}
	if len(b.back) > int(screens) {
		t.Errorf("%d screens to go back", len(b.back))
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	for s := range screenHelp {
		b := reached(t, s)
		b.press("f1")
		if b.screen != screenHelp {
			t.Fatalf("f1 does not help in %s", s)
		}
		b.press("f1")
		if b.screen != s {
			t.Errorf("help leads back to %s, not %s", b.screen, s)
		}
	}
	// Every key that is bound is in the help, and nothing else is.
	b := newBench(t, nil)
	b.send(tea.WindowSizeMsg{Width: 120, Height: 1000})
	b.press("?")
	for _, bd := range defaultBindings() {
		b.shows(bd.help)
		for _, k := range bd.keys {
			b.shows(keyName(k))
		}
	}
}

// TestKeysAreFree checks that no key is taken that multiplexers and editors take.
func TestKeysAreFree(t *testing.T) {
	t.Parallel()
	for _, b := range defaultBindings() {
		for _, k := range b.keys {
			if slices.Contains([]string{"ctrl+h", "ctrl+j", "ctrl+k", "ctrl+l", "ctrl+a", "ctrl+b", "ctrl+g", "ctrl+p"}, k) {
				t.Errorf("%s is bound to %s", b.action, k)
			}
			keyMsg(t, k) // a name that Bubble Tea knows
		}
		if b.help == "" {
			t.Errorf("%s has no help", b.action)
		}
	}
}

func TestKeyClashes(t *testing.T) {
	t.Parallel()
	if _, err := newKeymap(defaultBindings()); err != nil {
		t.Fatal(err)
	}
	_, err := newKeymap(append(defaultBindings(), binding{action: "export", keys: []string{"D"}, screens: []screen{screenList}, help: "x"}))
	if err == nil || !strings.Contains(err.Error(), `"D" is bound to diagnose-all and to export, both in the list of domains`) {
		t.Errorf("the clash is told as %v", err)
	}
	if _, err := newKeymap(append(defaultBindings(), binding{action: "export", keys: []string{"D"}, screens: []screen{screenPaste}, help: "x"})); err != nil {
		t.Errorf("the same key on another screen is a clash: %v", err)
	}
}

// TestRebound checks that what is shown follows what is bound.
func TestRebound(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	list := defaultBindings()
	for i := range list {
		if list[i].action == actDiagnoseAll {
			list[i].keys = []string{"A"}
		}
	}
	k, err := newKeymap(list)
	if err != nil {
		t.Fatal(err)
	}
	b.keys = k
	b.load()
	b.shows("A diagnoses all", "A diagnose all")
	b.opt.Fresh = b.l.doctor
	b.press("D")
	if b.run.active() {
		t.Error("the old key still works")
	}
	b.press("A")
	if !b.run.active() {
		t.Error("the new key does not work")
	}
}
