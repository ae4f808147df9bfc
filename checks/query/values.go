package query

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"domdoc/catalog"
	"domdoc/catalog/sanitize"
	"domdoc/catalog/spelling"
)

// keyNames returns the names of all keys.
func keyNames() []string {
	var out []string
	for _, k := range queryKeys() {
		out = append(out, k.name)
	}
	return out
}

// looksLikeKey reports whether a word with a colon is meant as a key and a value, and is no URL or address.
func looksLikeKey(name, value string) bool {
	return name != "" && !strings.HasPrefix(value, "//") &&
		!strings.ContainsFunc(name, func(r rune) bool { return r != '-' && r != '_' && (r < 'a' || r > 'z') })
}

// StateIDs returns the ids of the states, as the key verdict selects by them.
func StateIDs() []string {
	var out []string
	for _, s := range []catalog.State{
		catalog.StatePass, catalog.StateWarn, catalog.StateFail, catalog.StateWaiting, catalog.StateNotChecked,
		catalog.StateNone,
	} {
		out = append(out, s.ID())
	}
	return out
}

// formerStates are earlier names of states, which the key verdict accepts as well.
var formerStates = map[string]string{
	catalog.Inconclusive.String(): catalog.StateNotChecked.ID(), "none": catalog.StateNone.ID(),
}

// stateID returns the state's id, or its beginning, that a value of the key verdict stands for.
func stateID(value string) string {
	value = strings.ReplaceAll(strings.TrimPrefix(value, "="), " ", "-")
	for former, id := range formerStates {
		if value != "" && strings.HasPrefix(former, value) && !strings.HasPrefix("not", value) {
			return id
		}
	}
	return value
}

func rungs() []string {
	var out []string
	for _, r := range catalog.Rungs() {
		out = append(out, r.String())
	}
	return out
}

func actors() []string {
	var out []string
	for _, a := range catalog.Actors() {
		out = append(out, string(a))
	}
	return out
}

func codes() []string {
	var out []string
	for _, c := range catalog.Codes() {
		out = append(out, strings.ToLower(c.ID))
	}
	return out
}

// causeWords returns the ids and titles of all causes.
func causeWords() []string {
	var out []string
	for _, c := range catalog.Causes() {
		out = append(out, string(c.ID), strings.ToLower(c.Title))
	}
	return out
}

// AnyText is what Values says of a key that has no fixed values.
const AnyText = "any text"

// Values returns what can follow each key.
func Values() [][2]string {
	var out [][2]string
	for _, k := range queryKeys() {
		what := AnyText
		switch {
		case k.when != nil:
			what = "< or >, a number, and m, h, d or w"
		case k.ofCodes():
			what = codeRange()
		case k.name == "cause":
			what = "the ids and titles that domdoc explain lists, or a part of them"
		case k.values != nil:
			what = strings.Join(k.values(), ", ")
		}
		out = append(out, [2]string{k.name, what})
	}
	return out
}

// ofCodes reports whether the values of the key are codes.
func (k *queryKey) ofCodes() bool {
	return slices.Contains([]string{"code", "reported", "predicted"}, k.name)
}

func codeRange() string {
	list := catalog.Codes()
	return list[0].ID + " to " + list[len(list)-1].ID + ", or the number"
}

// maxListed is how many values an error lists.
const maxListed = 32

// unknownKey is the error of a key that does not exist. What helps most comes first, since a screen may cut the rest.
func unknownKey(name string) error {
	names := keyNames()
	listed := []string{"verdict", "code", "cause", "owner", "host", "status"}
	for _, n := range names {
		if !slices.Contains(listed, n) {
			listed = append(listed, n)
		}
	}
	hint := "; "
	if near := spelling.Nearest(name, slices.Concat(names, slices.Sorted(maps.Keys(otherNames)))); near != "" {
		if other, ok := otherNames[near]; ok {
			near = other
		}
		hint = fmt.Sprintf("; did you mean %q? ", near+":")
	}
	return fmt.Errorf("unknown key %q%sthe keys are %s", sanitize.Text(name, 40)+":", hint, strings.Join(listed, ", "))
}

// check reports a value that no domain can have. Unless the line is whole, any part of a value is accepted, because a
// query is applied while it is typed.
func (k *queryKey) check(value string, whole bool) error {
	if k.values == nil {
		return nil
	}
	possible := k.values()
	for _, v := range strings.Split(value, ",") {
		typed := strings.ReplaceAll(v, quotedComma, ",")
		part := strings.TrimSuffix(strings.TrimPrefix(typed, "="), "*")
		if k.name == "verdict" {
			part = stateID(part)
		}
		if v == "" || slices.ContainsFunc(possible, func(p string) bool {
			return !whole && strings.Contains(p, part) || k.has(p, typed)
		}) {
			continue
		}
		hint := "such as " + k.example
		if k.ofCodes() {
			hint = "the values are " + codeRange()
		} else if len(possible) <= maxListed {
			hint = "the values are " + strings.Join(possible, ", ")
		}
		if near := spelling.Nearest(part, possible); near != "" {
			hint += fmt.Sprintf("; did you mean %s:%s?", k.typed, near)
		}
		return fmt.Errorf("%s:%s: no such value; %s", k.typed, sanitize.Text(typed, 40), hint)
	}
	return nil
}

// has reports whether a domain with one of the possible values of the key has the typed one.
func (k *queryKey) has(possible, typed string) bool {
	one := []string{possible}
	if k.name == "reported" {
		return k.match(&Selectable{Codes: one, Reported: one}, typed)
	}
	return k.match(&Selectable{
		State: possible, Codes: one, Causes: one, Title: possible, Rungs: one, Who: one,
	}, typed)
}
