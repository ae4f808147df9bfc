// Package arguments reads a command line as people write it: a domain in place of a command, misspelled commands and
// flags, and values of flags that are none.
package arguments

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"domdoc/catalog/spelling"
	"domdoc/ui/cli/usage"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// NamesDomain reports whether a command line has a domain's name in place of a command.
func NamesDomain(root *cobra.Command, args []string) bool {
	word := firstWord(root, args)
	if word == "" || !strings.Contains(word, ".") && ascii(word) {
		return false
	}
	return commandNamed(root, word) == nil
}

// firstWord returns the first argument that is neither a flag of root nor its value; empty if there is none.
func firstWord(root *cobra.Command, args []string) string {
	for i := 0; i < len(args); i++ {
		a := args[i]
		if !strings.HasPrefix(a, "-") || a == "-" {
			return a
		}
		if a == "--" || strings.Contains(a, "=") {
			continue
		}
		f := root.PersistentFlags().Lookup(strings.TrimPrefix(a, "--"))
		if !strings.HasPrefix(a, "--") && len(a) == 2 {
			f = root.PersistentFlags().ShorthandLookup(a[1:])
		}
		if f != nil && f.NoOptDefVal == "" {
			i++ // its value
		}
	}
	return ""
}

func commandNamed(root *cobra.Command, name string) *cobra.Command {
	for _, c := range root.Commands() {
		if c.Name() == name || c.HasAlias(name) {
			return c
		}
	}
	return nil
}

// UnknownCommand adds the command that was probably meant to the error about an unknown one.
func UnknownCommand(err error, root *cobra.Command) error {
	_, rest, found := strings.Cut(err.Error(), `"`)
	word, _, _ := strings.Cut(rest, `"`)
	if !found {
		return err
	}
	var names []string
	for _, c := range root.Commands() {
		if !c.Hidden {
			names = append(names, c.Name())
		}
	}
	return suggested(err, spelling.Nearest(strings.ToLower(word), names))
}

// FlagError returns the mistake in a flag as a user reads it: the flag that was probably meant, or what its value
// should be.
func FlagError(cmd *cobra.Command, err error) error {
	help := cmd.CommandPath() + " --help shows the usage"
	if bad, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		name, value := bad.GetFlag().Name, usage.Clean(bad.GetValue())
		for _, k := range valueKinds {
			if k.kind == bad.GetFlag().Value.Type() {
				return usage.Errorf("--"+name+k.join+k.example, "--%s %q: %s", name, value, k.want(bad.GetValue()))
			}
		}
	}
	unknown, ok := errors.AsType[*pflag.NotExistError](err)
	if !ok || unknown.GetSpecifiedShortnames() != "" {
		return usage.Errorf(help, "%w", err)
	}
	return usage.Errorf(help, "%w", nearFlag(err, unknown, cmd))
}

// valueKinds say what the values of flags are, by their type.
var valueKinds = []struct {
	kind, example, join string
	want                func(value string) string
}{
	{"duration", "30s", " ", func(value string) string {
		if _, err := strconv.ParseFloat(value, 64); err == nil {
			return "the unit is missing: write " + value + "s for seconds, " + value + "m for minutes"
		}
		return "not a duration, such as 30s, 5m or 1h30m"
	}},
	{"int", "8", " ", func(string) string { return "not a whole number" }},
	{"float64", "100", " ", func(string) string { return "not a number" }},
	{"bool", "false", "=", func(string) string { return "neither true nor false" }},
}

// nearFlag adds the flag that was probably meant to the error about an unknown one.
func nearFlag(err error, unknown *pflag.NotExistError, cmd *cobra.Command) error {
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			names = append(names, f.Name)
		}
	})
	near := spelling.Nearest(strings.ToLower(unknown.GetSpecifiedName()), names)
	if near != "" {
		near = "--" + near
	}
	return suggested(err, near)
}

// Meant proposes, at the end of an error, the word of a list that another one was probably meant to be.
func Meant(word string, list []string) string {
	if near := spelling.Nearest(strings.ToLower(strings.TrimSpace(word)), list); near != "" {
		return "; did you mean " + near + "?"
	}
	return ""
}

func suggested(err error, near string) error {
	if near == "" {
		return err
	}
	return fmt.Errorf("%w; did you mean %s?", err, near)
}

func ascii(s string) bool { return !strings.ContainsFunc(s, func(r rune) bool { return r > 0x7f }) }
