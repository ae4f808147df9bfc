package dashboard

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"domdoc/ui/dashboard/action"
	"domdoc/ui/dashboard/inventory"

	tea "github.com/charmbracelet/bubbletea"
)

// yields runs a command and reports whether a message for which want is true comes of it.
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
	limit := time.After(patience)
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

// TestBack checks where esc leads: from everywhere to the list in the end.
func TestBack(t *testing.T) {
	t.Parallel()
	for s := range action.Scopes {
		b := reached(t, s, nil)
		for range 6 {
			b.press("esc")
		}
		if b.Screen.Scope() != action.ScopeList || len(b.Trail) != 0 {
			t.Errorf("from %s, esc leads to %s", s, b.Screen.Scope())
		}
		if s != action.ScopeList && !slices.Contains(action.Writing(), s) {
			b = reached(t, s, nil)
			b.press("backspace")
			if b.Screen.Scope() == s {
				t.Errorf("backspace does not leave %s", s)
			}
		}
	}
	b := reached(t, action.ScopeDetail, nil) // a circle of scopes does not grow
	for range 50 {
		b.press("c", "enter", "enter", "c", "enter", "esc", "esc")
	}
	if len(b.Trail) > int(action.Scopes) {
		t.Errorf("%d scopes to go back", len(b.Trail))
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	for s := range action.ScopeHelp {
		b := reached(t, s, nil)
		b.press("f1")
		if b.Screen.Scope() != action.ScopeHelp {
			t.Fatalf("f1 does not help in %s", s)
		}
		b.press("f1")
		if b.Screen.Scope() != s {
			t.Errorf("help leads back to %s, not %s", b.Screen.Scope(), s)
		}
	}
	// Every action is in the help with the keys that it has, and nothing else is.
	b := newBench(t, func(o *options) { o.Keys = map[string][]string{"sort": {}, "reload": {"f5", "R"}} })
	b.send(tea.WindowSizeMsg{Width: 120, Height: 1000})
	b.press("?")
	for _, sp := range b.Keys.Specs {
		for _, u := range sp.Uses {
			b.shows(u.Help)
		}
		for _, k := range sp.Keys {
			b.shows(action.KeyName(k))
		}
	}
	b.shows(":sort   ", "f5  R   ")
}

// TestKeysAreFree checks that no key is taken that multiplexers and editors take.
func TestKeysAreFree(t *testing.T) {
	t.Parallel()
	for _, sp := range action.Registry() {
		keys := sp.Keys
		for _, u := range sp.Uses {
			keys = append(keys, u.Fixed...)
			if u.Help == "" {
				t.Errorf("%s has no help", sp.Name)
			}
			if u.Typing != slices.Contains(action.Writing(), u.Screens[0]) && len(u.Screens) < 5 {
				t.Errorf("%s in %s: typing is %v", sp.Name, u.Screens[0], u.Typing)
			}
		}
		for _, k := range keys {
			if slices.Contains([]string{"ctrl+h", "ctrl+j", "ctrl+k", "ctrl+l", "ctrl+a", "ctrl+b", "ctrl+g", "ctrl+p"},
				k) {
				t.Errorf("%s is bound to %s", sp.Name, k)
			}
			if got, why := action.ParseKey(k); got != k {
				t.Errorf("%s: the key %q is read as %q (%s)", sp.Name, k, got, why)
			}
		}
	}
}

// TestConfiguredKeys checks what the config file may say, and that each mistake is told by name.
func TestConfiguredKeys(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		keys map[string][]string
		want []string // parts of the error; none: it is right
	}{
		{"nothing", nil, nil},
		{"another key", map[string][]string{"diagnose-all": {"A"}}, nil},
		{"several", map[string][]string{
			"reload": {"f5", "ctrl+r", "Alt+R", "Page-Down"}, "page-down": {"space"},
			"mark": {"m"},
		}, nil},
		{"none", map[string][]string{"sort": {}, "quit": {}}, nil},
		{"two that change places", map[string][]string{"sort": {"d"}, "diagnose": {"s"}}, nil},
		{"the same twice", map[string][]string{"sort": {"f4", "F4"}}, nil},
		{"what is text elsewhere", map[string][]string{"help": {"enter"}, "open": {"f2"}}, nil},
		{"a key for what has none where text is typed", map[string][]string{"clear": {"f4"}}, nil},
		{
			"a clash with a default",
			map[string][]string{"diagnose": {"s"}},
			[]string{"s is bound to both diagnose and sort (by default) in the list of domains"},
		},
		{
			"a clash of two",
			map[string][]string{"diagnose": {"f4"}, "sort": {"f4"}},
			[]string{"f4 is bound to both diagnose and sort in the list of domains"},
		},
		{
			"an unknown action",
			map[string][]string{"diagnoze": {"f4"}},
			[]string{`there is no action "diagnoze" (valid actions: back, `},
		},
		{
			"almost an action",
			map[string][]string{"tab": {"f4"}},
			[]string{`there is no action "tab" (did you mean next-tab?)`},
		},
		{"an unknown key", map[string][]string{"sort": {"hyper+q"}}, []string{`sort: invalid key "hyper+q"`}},
		{"a capital by shift", map[string][]string{"sort": {"shift+s"}}, []string{`sort: "shift+s" is written as S`}},
		{"an empty key", map[string][]string{"sort": {""}}, []string{`sort: invalid key ""`}},
		{"a control character", map[string][]string{"sort": {"\x1b"}}, []string{`sort: invalid key "\x1b"`}},
		{"ctrl+c", map[string][]string{"sort": {"ctrl+c"}}, []string{"sort: ctrl+c always quits"}},
		{
			"everything at once",
			map[string][]string{"diagnose": {"s"}, "no-such": {"x"}, "sort": {"s", "wrong key"}},
			[]string{"no-such", "wrong key", "bound to both diagnose and sort"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			k, err := action.NewKeymap(action.Registry(), c.keys)
			if len(c.want) == 0 {
				if err != nil {
					t.Fatal(err)
				}
				for s := range action.Scopes {
					if k.Name(s, "ctrl+c", true) != action.Quit {
						t.Errorf("ctrl+c does not quit in %s", s)
					}
				}
				return
			}
			var bad *action.KeyError
			if !errors.As(err, &bad) || bad.Hint() == "" {
				t.Fatalf("got %v", err)
			}
			for _, w := range c.want {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("%q does not say %q", err, w)
				}
			}
		})
	}
}

// TestRebound checks that what is shown follows what is bound.
func TestRebound(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(o *options) { o.Keys = map[string][]string{"diagnose-all": {"A"}, "open": {}} })
	b.load()
	b.shows("A diagnoses all, :open one", "A diagnose all")
	b.opt.Fresh = b.l.doctor
	b.press("D", "enter")
	if b.Run.Active() || b.Screen.Scope() != action.ScopeList {
		t.Error("the old keys still work")
	}
	b.press("A")
	if !b.Run.Active() {
		t.Error("the new key does not work")
	}
}

// TestKeysAndText checks which keys are text where text is typed, and what several characters in one read are.
func TestKeysAndText(t *testing.T) {
	t.Parallel()
	runes := func(s string) tea.KeyMsg { return tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(s)} }
	b := newBench(t, func(o *options) { o.Keys = map[string][]string{"suspend": {"z", "f6", "ctrl+w"}} })
	b.load().results()
	b.press("/", "z", "q", "?", ":", "backspace")
	if b.list.Filter.Value() != "zq?" || b.Screen.Scope() != action.ScopeList {
		t.Errorf("the filter is %q, at %s", b.list.Filter.Value(), b.Screen.Scope())
	}
	b.press("ctrl+w")
	if b.list.Filter.Value() != "" {
		t.Error("a key that edits did something else")
	}
	if !yields(b.press("f6"), isSuspend) {
		t.Error("a key that is no text does nothing while text is typed")
	}
	b.press("esc")
	b.send(runes("jj"))
	if b.list.Grid.Position() != 2 {
		t.Errorf("two keys in one read moved by %d", b.list.Grid.Position())
	}
	b.send(runes("kkkkkkkk"))
	if b.list.Grid.Position() != 0 {
		t.Errorf("a key held down leads to %d", b.list.Grid.Position())
	}
	b.send(runes("/fail here"))
	if !b.list.Filter.Open || b.list.Filter.Value() != "fail here" {
		t.Errorf("what follows a slash in one read is %q", b.list.Filter.Value())
	}
	b.press("esc")
	b.send(runes("DOMAIN_004 shop.fabrikam.example"))
	if b.Screen.Scope() != action.ScopePaste || b.paste.Text != "DOMAIN_004 shop.fabrikam.example" {
		t.Errorf("a paste without brackets is %q, at %s", b.paste.Text, b.Screen.Scope())
	}
}

// TestEscAndAnother has a slow connection deliver esc and another key at once: both are done, though they look like
// alt and that key.
func TestEscAndAnother(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(o *options) { o.Keys = map[string][]string{"reverse": {"alt+r"}} })
	b.load().results().open("name-doubled")
	alt := func(r rune) tea.KeyMsg { return tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune{r}, Alt: true} }
	b.send(alt('s'))
	if b.Screen.Scope() != action.ScopeList || b.list.Sort != inventory.SortVerdict {
		t.Errorf("at %s, sorted by %s", b.Screen.Scope(), b.list.Sort)
	}
	b.send(alt('r'))
	if !b.list.Descending || b.model.Load.Active() {
		t.Error("a key with alt that is bound is taken apart")
	}
	b.press("/", "a")
	b.send(alt('q'))
	if b.list.Filter.Value() != "a" || !b.list.Filter.Open {
		t.Errorf("alt and a letter do something in a text field: %q", b.list.Filter.Value())
	}
}
