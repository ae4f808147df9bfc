package cli

import (
	"fmt"
	"slices"
	"strings"

	"domdoc/checks/audit"
	"domdoc/ui/render/wire"

	"github.com/spf13/cobra"
)

func newSchema(s *settings) *cobra.Command {
	lines := false
	cmd := &cobra.Command{
		Use:   "schema [COMMAND]",
		Short: "the JSON Schema of what a command writes",
		Long: `Prints the JSON Schema (draft 2020-12) of what a command writes with -o json: of check, where none is named. --jsonl prints that
of one line of -o jsonl. Names are added to it and never changed, so it says nothing of names that it does not list.`,
		Example: `  domdoc schema > report.schema.json
  domdoc schema --jsonl
  domdoc schema propagation`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			name := "check"
			if len(args) == 1 {
				name = args[0]
			}
			return runSchema(s, name, lines)
		},
	}
	cmd.Flags().BoolVar(&lines, "jsonl", false, "of one line of -o jsonl")
	return cmd
}

// documented are all outputs that have a schema.
func documented() []wire.Documented {
	return append(wire.Documents(),
		wire.Documented{
			Command: "domains", Title: "domdoc domains", About: "The tenant's domains as the service holds them.",
			Document: []any{jsonDomains{}}, Line: []any{jsonListed{}},
		},
		wire.Documented{
			Command: "profiles", Title: "domdoc profiles",
			About:    "The profiles of the config file, and the session of each.",
			Document: []any{jsonProfiles{}}, Line: []any{jsonProfile{}},
		},
		wire.Documented{
			Command: "audit", Title: "domdoc audit", About: "How right the predictions are.",
			Document: []any{audit.Result{}}, Line: []any{audit.Result{}},
		},
		wire.Documented{
			Command: "version", Title: "domdoc version", About: "The version of domdoc and of its JSON.",
			Document: []any{jsonVersion{}}, Line: []any{jsonVersion{}},
		})
}

// sameReport are the commands that write the same as check.
var sameReport = [...]string{"triage", "replay", "merge"}

// schemaOf is the schema of what a command writes.
func schemaOf(name string, lines bool) (*wire.Schema, error) {
	if slices.Contains(sameReport[:], name) {
		name = "check"
	}
	var names []string
	for _, d := range documented() {
		if d.Command != name {
			names = append(names, d.Command)
			continue
		}
		if lines {
			return wire.SchemaOf(d.Title+", a line", d.About, d.Line...), nil
		}
		return wire.SchemaOf(d.Title, d.About, d.Document...), nil
	}
	return nil, usagef("domdoc schema check", "%q writes no JSON that has a schema; use %s", clean(name),
		strings.Join(names, ", "))
}

func runSchema(s *settings, name string, lines bool) error {
	schema, err := schemaOf(name, lines)
	if err != nil {
		return err
	}
	text, err := schema.MarshalIndent()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.env.Stdout, "%s\n", text)
	return err
}
