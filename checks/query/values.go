package query

import (
	"fmt"
	"slices"
	"strings"

	"domdoc/catalog"
	"domdoc/catalog/sanitize"
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

func verdicts() []string {
	return []string{
		catalog.Pass.String(), catalog.Warn.String(), catalog.Fail.String(), catalog.Inconclusive.String(), Waiting,
		NotDiagnosed,
	}
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

// Values returns the keys that have a fixed set of values, with the values.
func Values() [][2]string {
	var out [][2]string
	for _, k := range queryKeys() {
		if k.values == nil {
			continue
		}
		if list := k.values(); len(list) <= maxListed && k.name != "code" {
			out = append(out, [2]string{k.name, strings.Join(list, ", ")})
		}
	}
	return out
}

// maxListed is how many values an error lists.
const maxListed = 32

// check reports a value that the key cannot have. Part of a value is accepted, because matching is by parts and a query
// is applied while it is typed.
func (k *queryKey) check(value string) error {
	if k.values == nil {
		return nil
	}
	possible := k.values()
	for _, v := range strings.Split(value, ",") {
		whole := strings.ReplaceAll(v, quotedComma, ",")
		part := strings.TrimSuffix(strings.TrimPrefix(whole, "="), "*")
		if part == "" || slices.ContainsFunc(possible, func(p string) bool { return strings.Contains(p, part) }) {
			continue
		}
		hint := "such as " + k.example
		if len(possible) <= maxListed {
			hint = "the values are " + strings.Join(possible, ", ")
		}
		return fmt.Errorf("%s:%s: no such value; %s", k.name, sanitize.Text(whole, 40), hint)
	}
	return nil
}
