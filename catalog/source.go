package catalog

import (
	"slices"
	"strings"

	"domdoc/catalog/shell"
)

// trace is the option of dig that follows the delegation from the root to the authoritative servers.
const trace = "+trace"

// afterResolver is the resolver that commands query once a change is made.
const afterResolver = "8.8.8.8"

// traced returns the name and type that a command of DigResolver asks the authoritative servers for. A zone's NS
// records are followed from the root in any case.
func traced(command string) (name, rrtype string, ok bool) {
	rest, ok := strings.CutPrefix(command, "dig "+trace+" ")
	words := strings.Fields(strings.TrimPrefix(rest, "-q "))
	if !ok || len(words) != 2 || words[1] == "NS" || strings.Contains(rest, "'") {
		return "", "", false
	}
	return words[0], words[1], true
}

// resolversLast returns the fix with the commands that query a resolver after the change, for each that asks the
// authoritative servers, unless it asks resolvers about the same anyway.
func (f Fix) resolversLast() Fix {
	f.After = nil
	for _, c := range f.Commands {
		name, rrtype, ok := traced(c)
		if !ok || slices.ContainsFunc(f.Commands, func(other string) bool {
			return other != c && strings.HasSuffix(other, shell.Dig(name, rrtype)[len("dig"):])
		}) {
			continue
		}
		f.After = append(f.After, shell.Dig(name, rrtype, shell.DigAt(afterResolver)...))
	}
	return f
}

// AtSource returns the fix with commands that ask an authoritative server directly, where source returns the options of
// dig for one of the name, and reports whether there are any.
func (f Fix) AtSource(source func(name string) []string) (Fix, bool) {
	changed := false
	f.Commands = slices.Clone(f.Commands)
	for i, c := range f.Commands {
		name, rrtype, ok := traced(c)
		if !ok {
			continue
		}
		if options := source(name); len(options) > 0 {
			f.Commands[i] = shell.Dig(name, rrtype, append([]string{"+norecurse"}, options...)...)
			changed = true
		}
	}
	return f, changed
}
