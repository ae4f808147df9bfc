package dashboard

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"
)

// keymap finds the action of a key, and the keys of an action.
type keymap struct {
	specs  []spec
	byKey  [scopes]map[string]bound
	byName [scopes]map[action][]string // the keys of an action on a screen, those that the user chose first
}

// bound is what a key does on a screen.
type bound struct {
	action action
	typing bool // also while text is typed
	fixed  bool
}

// KeyError tells what is wrong with the keys of the config file.
type KeyError struct{ problems []string }

func (e *KeyError) Error() string {
	return "the config file's keys cannot be used: " + strings.Join(e.problems, "; ")
}

// Hint is a valid example.
func (e *KeyError) Hint() string {
	return "keys:\n  diagnose-all: A\n  page-down: [pgdown, ctrl+f]\n  sort: []        # no key: the palette still " +
		"has it"
}

// newKeymap builds the map from the registry and what the config file binds instead: the names of actions, each with
// its keys, or with none. It returns a *KeyError that names every unknown action, unknown key and clash.
func newKeymap(specs []spec, custom map[string][]string) (*keymap, error) {
	k := &keymap{specs: slices.Clone(specs)}
	for i := range k.byKey {
		k.byKey[i], k.byName[i] = map[string]bound{}, map[action][]string{}
	}
	var problems []string
	for _, name := range slices.Sorted(maps.Keys(custom)) {
		sp := k.spec(action(name))
		if sp == nil {
			problems = append(problems, fmt.Sprintf("there is no action %q%s", printable(name), k.nearest(name)))
			continue
		}
		sp.keys = nil
		for _, key := range custom[name] {
			parsed, why := parseKey(key)
			switch {
			case why != "":
				problems = append(problems, fmt.Sprintf("%s: %s", name, why))
			case parsed == "ctrl+c" && sp.action != actQuit:
				problems = append(problems, name+": ctrl+c always quits and cannot be bound to anything else")
			case !slices.Contains(sp.keys, parsed):
				sp.keys = append(sp.keys, parsed)
			}
		}
	}
	for i := range k.specs {
		sp := &k.specs[i]
		for _, u := range sp.uses {
			for _, s := range u.screens {
				for _, key := range u.fixed {
					problems = k.bind(problems, s, key, bound{sp.action, u.typing, true}, custom)
				}
				for _, key := range sp.keys {
					if _, chosen := custom[string(sp.action)]; !chosen && slices.Contains(u.except, key) {
						continue
					}
					if !slices.Contains(u.fixed, key) {
						problems = k.bind(problems, s, key, bound{sp.action, u.typing, false}, custom)
					}
				}
			}
		}
	}
	if len(problems) > 0 {
		return nil, &KeyError{slices.Compact(problems)}
	}
	for i := range k.specs {
		sp := &k.specs[i]
		for _, u := range sp.uses {
			for _, s := range u.screens {
				k.byName[s][sp.action] = k.working(s, sp, &u)
			}
		}
	}
	return k, nil
}

// working are the keys that really do an action on a screen.
func (k *keymap) working(s scope, sp *spec, u *use) []string {
	var out []string
	for _, list := range [][]string{sp.keys, u.fixed} {
		for _, key := range list {
			if slices.Contains(writing(), s) && editsText(key) && !slices.Contains(u.fixed, key) {
				continue
			}
			if k.byKey[s][key].action == sp.action && !slices.Contains(out, key) {
				out = append(out, key)
			}
		}
	}
	return out
}

// bind notes one key of one screen. Where it is taken already, the clash is told by the names of both, once for each
// pair.
func (k *keymap) bind(problems []string, s scope, key string, b bound, custom map[string][]string) []string {
	other, taken := k.byKey[s][key]
	if !taken || other.action == b.action {
		k.byKey[s][key] = b
		return problems
	}
	if slices.Contains(writing(), s) { // what has to work there comes first, whatever is bound elsewhere
		if b.fixed && !other.fixed {
			k.byKey[s][key] = b
		}
		if b.fixed != other.fixed {
			return problems
		}
	}
	whose := func(a action) string {
		if _, ok := custom[string(a)]; ok {
			return string(a)
		}
		return string(a) + " (by default)"
	}
	text := fmt.Sprintf("%s is bound to %s and to %s, both in %s", keyName(key), whose(other.action), whose(b.action),
		s)
	pair := strings.TrimSuffix(text, s.String())
	if slices.ContainsFunc(problems, func(p string) bool { return strings.HasPrefix(p, pair) }) {
		return problems
	}
	return append(problems, text)
}

// nearest proposes an action for a name that is none.
func (k *keymap) nearest(name string) string {
	for _, sp := range k.specs {
		a := string(sp.action)
		if name != "" && (strings.Contains(a, strings.ToLower(name)) || strings.Contains(strings.ToLower(name), a)) {
			return " (there is " + a + ")"
		}
	}
	var names []string
	for _, sp := range k.specs {
		names = append(names, string(sp.action))
	}
	slices.Sort(names)
	return " (there are " + strings.Join(names, ", ") + ")"
}

func (k *keymap) spec(a action) *spec {
	for i := range k.specs {
		if k.specs[i].action == a {
			return &k.specs[i]
		}
	}
	return nil
}

// action is what a key does on a screen; empty when nothing. While text is typed, keys that are text or edit it do
// nothing else, but for the fixed ones.
func (k *keymap) action(s scope, pressed string, typing bool) action {
	if pressed == " " {
		pressed = "space"
	}
	b := k.byKey[s][pressed]
	if typing && (!b.typing || !b.fixed && editsText(pressed)) {
		return ""
	}
	return b.action
}

// keys are the keys that do an action on a screen.
func (k *keymap) keys(s scope, a action) []string { return k.byName[s][a] }

// editsText tells the keys that a text field takes for itself.
func editsText(key string) bool {
	switch key {
	case "space", "left", "right", "up", "down", "home", "end", "backspace", "delete", "ctrl+u", "ctrl+w",
		"alt+backspace", "enter", "esc":
		return true
	}
	return len([]rune(key)) == 1
}

// keyName is a key as people call it.
func keyName(k string) string {
	switch k {
	case "pgdown":
		return "page down"
	case "pgup":
		return "page up"
	}
	return k
}

// keyNames are the keys that terminals send and Bubble Tea knows, by their names.
func keyNames() map[string]bool {
	names := map[string]bool{}
	for t := tea.KeyF20; t <= tea.KeyBackspace; t++ {
		if name := t.String(); name != "" && name != "runes" && name != " " {
			names[name] = true
		}
	}
	names["space"] = true
	return names
}

// parseKey reads a key as people write it. why says what is wrong with it.
func parseKey(s string) (key, why string) {
	if len([]rune(s)) == 1 && s != " " {
		if printable(s) != s {
			return "", fmt.Sprintf("%q is no key", s)
		}
		return s, ""
	}
	lower := strings.ToLower(strings.TrimSpace(s))
	bare, alt := strings.CutPrefix(lower, "alt+")
	switch bare {
	case "", "space":
		bare = "space"
	case "escape":
		bare = "esc"
	case "return":
		bare = "enter"
	case "del":
		bare = "delete"
	case "page-up", "page up", "pageup":
		bare = "pgup"
	case "page-down", "page down", "pagedown":
		bare = "pgdown"
	case "ctrl+i": // one byte to a terminal
		bare = "tab"
	case "ctrl+m":
		bare = "enter"
	case "ctrl+[":
		bare = "esc"
	}
	if letter, ok := strings.CutPrefix(bare, "shift+"); ok && len([]rune(letter)) == 1 {
		return "", fmt.Sprintf("%q is written as %s", printable(s), strings.ToUpper(letter))
	}
	known := keyNames()[bare] || alt && len([]rune(bare)) == 1
	if lower == "" || !known {
		return "", fmt.Sprintf(
			"%q is no key; write d, D, ctrl+d, alt+d, f5, enter, space, tab, up, home or page-down, for example",
			printable(s))
	}
	if alt {
		// The case of a letter counts: alt+D is another key than alt+d.
		if r := []rune(strings.TrimSpace(s)); len([]rune(bare)) == 1 {
			bare = string(r[len(r)-1])
		}
		return "alt+" + bare, ""
	}
	return bare, ""
}
