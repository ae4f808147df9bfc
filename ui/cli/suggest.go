package cli

import (
	"errors"
	"fmt"
	"strings"

	"domdoc/catalog/spelling"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// namesDomain reports whether a command line has a domain's name in place of a command.
func namesDomain(root *cobra.Command, args []string) bool {
	word := firstWord(root, args)
	if word == "" || !strings.Contains(word, ".") && isASCII(word) {
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

// suggestCommand adds the command that was probably meant to the error about an unknown one.
func suggestCommand(err error, root *cobra.Command) error {
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

// suggestFlag adds the flag that was probably meant to the error about an unknown one.
func suggestFlag(err error, cmd *cobra.Command) error {
	unknown, ok := errors.AsType[*pflag.NotExistError](err)
	if !ok || unknown.GetSpecifiedShortnames() != "" {
		return err
	}
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

func suggested(err error, near string) error {
	if near == "" {
		return err
	}
	return fmt.Errorf("%w; did you mean %s?", err, near)
}
