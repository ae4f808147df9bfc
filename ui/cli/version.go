package cli

import (
	"fmt"

	"domdoc/ui/render/wire"

	"github.com/spf13/cobra"
)

type jsonVersion struct {
	Name          string `json:"name"`
	Version       string `json:"version"`
	SchemaVersion int    `json:"schemaVersion" const:"1"`
}

func newVersion(s *settings) *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "print the version", Args: cobra.NoArgs,
		Long:    "Prints the version of domdoc; with -o json also the version of its JSON output.",
		Example: "  domdoc version\n  domdoc version -o json",
		RunE: func(*cobra.Command, []string) error {
			if s.output != "text" {
				return s.printJSON(jsonVersion{"domdoc", s.env.Version, wire.SchemaVersion})
			}
			_, err := fmt.Fprintln(s.env.Stdout, "domdoc "+s.env.Version)
			return err
		},
	}
}
