package action

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"domdoc/catalog/spelling"
	"domdoc/ui/dashboard/page"

	tea "github.com/charmbracelet/bubbletea"
)

// Keymap finds the action of a key, and the keys of an action.
type Keymap struct {
	Specs  []Spec
	byKey  [Scopes]map[string]bound
	byName [Scopes]map[Name][]string // the keys of an action on a screen, those from the config file first
}

// bound is the action of a key on a screen.
type bound struct {
	action Name
	typing bool // also in text fields
	fixed  bool
}

// KeyError describes invalid keys in the config file.
type KeyError struct{ Problems []KeyProblem }

// KeyProblem is a mistake in the keys of an action, which is the one that the config file names.
type KeyProblem struct{ Action, Text string }

// Error lists the problems.
func (e *KeyError) Error() string {
	var all []string
	for _, p := range e.Problems {
		all = append(all, p.Text)
	}
	return "invalid keys in the config file: " + strings.Join(all, "; ")
}

// Hint is a valid example.
func (e *KeyError) Hint() string {
	return "keys:\n  diagnose-all: A\n  page-down: [pgdown, ctrl+f]\n  sort: []        # no key; the palette still " +
		"lists it"
}

// NewKeymap builds the map from the registry and the keys of the config file: names of actions, each with its keys,
// or with none. It returns a *KeyError that names every unknown action, invalid key and conflict.
func NewKeymap(specs []Spec, custom map[string][]string) (*Keymap, error) {
	k := &Keymap{Specs: slices.Clone(specs)}
	for i := range k.byKey {
		k.byKey[i], k.byName[i] = map[string]bound{}, map[Name][]string{}
	}
	problems := k.rebind(custom)
	k.eachUse(func(s Scope, sp *Spec, u *Use) {
		problems = k.bindUse(problems, s, sp, u, custom)
	})
	if len(problems) > 0 {
		return nil, &KeyError{slices.Compact(problems)}
	}
	k.eachUse(func(s Scope, sp *Spec, u *Use) {
		k.byName[s][sp.Name] = k.working(s, sp, u)
	})
	return k, nil
}

// rebind replaces the keys of actions by those of the config file. It returns the problems.
func (k *Keymap) rebind(custom map[string][]string) (problems []KeyProblem) {
	for _, name := range slices.Sorted(maps.Keys(custom)) {
		wrong := func(format string, args ...any) {
			problems = append(problems, KeyProblem{name, fmt.Sprintf(format, args...)})
		}
		sp := k.Spec(Name(name))
		if sp == nil {
			wrong("there is no action %q%s", page.Printable(name), k.nearest(name))
			continue
		}
		sp.Keys = nil
		for _, key := range custom[name] {
			parsed, why := ParseKey(key)
			switch {
			case why != "":
				wrong("%s: %s", name, why)
			case parsed == "ctrl+c" && sp.Name != Quit:
				wrong("%s: ctrl+c always quits and cannot be bound to anything else", name)
			case !slices.Contains(sp.Keys, parsed):
				sp.Keys = append(sp.Keys, parsed)
			}
		}
	}
	return problems
}

// eachUse calls f for every action on every screen that has it.
func (k *Keymap) eachUse(f func(Scope, *Spec, *Use)) {
	for i := range k.Specs {
		for j := range k.Specs[i].Uses {
			for _, s := range k.Specs[i].Uses[j].Screens {
				f(s, &k.Specs[i], &k.Specs[i].Uses[j])
			}
		}
	}
}

// bindUse binds the keys of an action on one screen.
func (k *Keymap) bindUse(problems []KeyProblem, s Scope, sp *Spec, u *Use, custom map[string][]string) []KeyProblem {
	for _, key := range u.Fixed {
		problems = k.bind(problems, s, key, bound{sp.Name, u.Typing, true}, custom)
	}
	_, chosen := custom[string(sp.Name)]
	for _, key := range sp.Keys {
		if slices.Contains(u.Fixed, key) || !chosen && slices.Contains(u.except, key) {
			continue
		}
		problems = k.bind(problems, s, key, bound{sp.Name, u.Typing, false}, custom)
	}
	return problems
}

// working returns the keys that really run an action on a screen.
func (k *Keymap) working(s Scope, sp *Spec, u *Use) []string {
	var out []string
	for _, list := range [][]string{sp.Keys, u.Fixed} {
		for _, key := range list {
			if slices.Contains(Writing(), s) && editsText(key) && !slices.Contains(u.Fixed, key) {
				continue
			}
			if k.byKey[s][key].action == sp.Name && !slices.Contains(out, key) {
				out = append(out, key)
			}
		}
	}
	return out
}

// bind binds one key on one screen. A conflict is reported with both actions, once per pair.
func (k *Keymap) bind(problems []KeyProblem, s Scope, key string, b bound, custom map[string][]string) []KeyProblem {
	other, taken := k.byKey[s][key]
	if !taken || other.action == b.action {
		k.byKey[s][key] = b
		return problems
	}
	if slices.Contains(Writing(), s) { // required keys take precedence over other bindings
		if b.fixed && !other.fixed {
			k.byKey[s][key] = b
		}
		if b.fixed != other.fixed {
			return problems
		}
	}
	whose := func(a Name) string {
		if _, ok := custom[string(a)]; ok {
			return string(a)
		}
		return string(a) + " (by default)"
	}
	text := fmt.Sprintf("%s is bound to both %s and %s in %s", KeyName(key), whose(other.action), whose(b.action),
		s)
	pair := strings.TrimSuffix(text, s.String())
	if slices.ContainsFunc(problems, func(p KeyProblem) bool { return strings.HasPrefix(p.Text, pair) }) {
		return problems
	}
	named := b.action
	if _, ok := custom[string(named)]; !ok {
		named = other.action
	}
	return append(problems, KeyProblem{string(named), text})
}

// CheckKeys returns the mistakes in the keys of the config file, by the action that it names.
func CheckKeys(custom map[string][]string) map[string][]string {
	_, err := NewKeymap(Registry(), custom)
	bad, ok := errors.AsType[*KeyError](err)
	if !ok {
		return nil
	}
	out := map[string][]string{}
	for _, p := range bad.Problems {
		out[p.Action] = append(out[p.Action], p.Text)
	}
	return out
}

// nearest proposes an action for an unknown name.
func (k *Keymap) nearest(name string) string {
	for _, sp := range k.Specs {
		a := string(sp.Name)
		if name != "" && (strings.Contains(a, strings.ToLower(name)) || strings.Contains(strings.ToLower(name), a)) {
			return " (did you mean " + a + "?)"
		}
	}
	var names []string
	for _, sp := range k.Specs {
		names = append(names, string(sp.Name))
	}
	slices.Sort(names)
	hint := " (valid actions: " + strings.Join(names, ", ")
	if near := spelling.Nearest(strings.ToLower(name), names); near != "" {
		hint += "; did you mean " + near + "?"
	}
	return hint + ")"
}

// Spec returns the registry's entry of an action; nil if it is unknown.
func (k *Keymap) Spec(a Name) *Spec {
	for i := range k.Specs {
		if k.Specs[i].Name == a {
			return &k.Specs[i]
		}
	}
	return nil
}

// Name returns the action of a key on a screen; empty if there is none. In text fields, keys that are text or edit it
// do nothing else, except for the fixed ones.
func (k *Keymap) Name(s Scope, pressed string, typing bool) Name {
	if pressed == " " {
		pressed = "space"
	}
	b := k.byKey[s][pressed]
	if typing && (!b.typing || !b.fixed && editsText(pressed)) {
		return ""
	}
	return b.action
}

// Keys returns the keys of an action on a screen.
func (k *Keymap) Keys(s Scope, a Name) []string { return k.byName[s][a] }

// editsText reports whether a text field handles a key itself.
func editsText(key string) bool {
	switch key {
	case "space", "left", "right", "up", "down", "home", "end", "backspace", "delete", "ctrl+u", "ctrl+w",
		"alt+backspace", "enter", "esc":
		return true
	}
	return len([]rune(key)) == 1
}

// KeyName returns the usual name of a key.
func KeyName(k string) string {
	switch k {
	case "pgdown":
		return "page down"
	case "pgup":
		return "page up"
	}
	return k
}

// keyNames are the keys that terminals send and Bubble Tea supports, by their names.
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

// ParseKey parses a key; why is the reason if it is invalid.
func ParseKey(s string) (key, why string) {
	if len([]rune(s)) == 1 && s != " " {
		if page.Printable(s) != s {
			return "", fmt.Sprintf("invalid key %q", s)
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
	case "ctrl+i": // a terminal sends one byte
		bare = "tab"
	case "ctrl+m":
		bare = "enter"
	case "ctrl+[":
		bare = "esc"
	}
	if letter, ok := strings.CutPrefix(bare, "shift+"); ok && len([]rune(letter)) == 1 {
		return "", fmt.Sprintf("%q is written as %s", page.Printable(s), strings.ToUpper(letter))
	}
	known := keyNames()[bare] || alt && len([]rune(bare)) == 1
	if lower == "" || !known {
		return "", fmt.Sprintf(
			"invalid key %q; valid are, for example, d, D, ctrl+d, alt+d, f5, enter, space, tab, up, home and page-down",
			page.Printable(s))
	}
	if alt {
		// The case of a letter counts: alt+D and alt+d are different keys.
		if r := []rune(strings.TrimSpace(s)); len([]rune(bare)) == 1 {
			bare = string(r[len(r)-1])
		}
		return "alt+" + bare, ""
	}
	return bare, ""
}
