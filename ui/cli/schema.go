package cli

import (
	"fmt"
	"slices"
	"strings"

	"domdoc/checks/audit"
	"domdoc/ui/cli/usage"
	"domdoc/ui/render/wire"

	"github.com/spf13/cobra"
)

func newSchema(s *settings) *cobra.Command {
	lines := false
	cmd := &cobra.Command{
		Use:   "schema [COMMAND]",
		Short: "print the JSON Schema of a command's output",
		Long: `Prints the JSON Schema (draft 2020-12) of the output of a command with -o json; the default is check. With
--jsonl it describes one line of -o jsonl. Later versions may add properties but never change or remove them, so
unknown properties are allowed.`,
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
	cmd.Flags().BoolVar(&lines, "jsonl", false, "print the schema of one line of -o jsonl")
	return cmd
}

// documented returns all outputs that have a schema.
func documented() []wire.Documented {
	return append(wire.Documents(),
		wire.Documented{
			Command: "domains", Title: "domdoc domains", About: "The tenant's domains as stored by the service.",
			Document: []any{jsonDomains{}}, Line: []any{jsonListed{}},
		},
		wire.Documented{
			Command: "profiles", Title: "domdoc profiles",
			About:    "The profiles in the config file and their sessions.",
			Document: []any{jsonProfiles{}}, Line: []any{jsonProfile{}},
		},
		wire.Documented{
			Command: "audit", Title: "domdoc audit", About: "Accuracy of the predictions.",
			Document: []any{audit.Result{}}, Line: []any{audit.Result{}},
		},
		wire.Documented{
			Command: "version", Title: "domdoc version", About: "The version of domdoc and of its JSON.",
			Document: []any{jsonVersion{}}, Line: []any{jsonVersion{}},
		})
}

// sameReport are the commands with the output of check.
var sameReport = [...]string{"triage", "replay", "merge"}

// schemaOf returns the schema of a command's output.
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
	return nil, usage.Errorf("domdoc schema check", "%q has no JSON schema; use %s", usage.Clean(name),
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
