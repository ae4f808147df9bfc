package cli

import (
	"cmp"
	"fmt"
	"runtime/debug"
	"strconv"
	"time"

	"domdoc/ui/render/wire"

	"github.com/spf13/cobra"
)

// Build says what was built. What is not known is empty.
type Build struct {
	Version string // SemVer without the v, or a pseudo-version; "devel" when nothing is known
	Commit  string // in hexadecimal
	Date    string // of the commit, in RFC 3339
}

// BuildOf returns the build of this program: what the release's linker flags set, otherwise what the Go tool
// recorded.
func BuildOf(version, commit, date string) Build {
	b := Build{Version: version, Commit: commit, Date: date}
	if info, ok := debug.ReadBuildInfo(); ok {
		if info.Main.Version != "(devel)" {
			b.Version = cmp.Or(b.Version, info.Main.Version)
		}
		for _, s := range info.Settings {
			switch s.Key {
			case "vcs.revision":
				b.Commit = cmp.Or(b.Commit, s.Value)
			case "vcs.time":
				b.Date = cmp.Or(b.Date, s.Value)
			}
		}
	}
	b.Version = cmp.Or(b.Version, "devel")
	return b
}

func (env *Env) build() Build { return Build{env.Version, env.Commit, env.Date} }

// text is the line of --version: "domdoc 1.2.0 (commit 0123456789ab, 2026-11-30)".
func (b Build) text() string {
	commit := b.Commit[:min(len(b.Commit), 12)]
	day := b.day(nil)
	switch {
	case commit != "" && day != "":
		return fmt.Sprintf("domdoc %s (commit %s, %s)", b.Version, commit, day)
	case commit != "":
		return fmt.Sprintf("domdoc %s (commit %s)", b.Version, commit)
	}
	return "domdoc " + b.Version
}

// day is the date of the build as 2026-11-30, or that of SOURCE_DATE_EPOCH in the environment if the build has none;
// empty if neither is known. It does not depend on the clock, so that manual pages are reproducible.
func (b Build) day(getenv func(string) string) string {
	if t, err := time.Parse(time.RFC3339, b.Date); err == nil {
		return t.UTC().Format(time.DateOnly)
	}
	if getenv != nil {
		if n, err := strconv.ParseInt(getenv("SOURCE_DATE_EPOCH"), 10, 64); err == nil {
			return time.Unix(n, 0).UTC().Format(time.DateOnly)
		}
	}
	return ""
}

type jsonVersion struct {
	Name          string `json:"name"`
	Version       string `json:"version"`
	Commit        string `json:"commit"`
	Date          string `json:"date"`
	SchemaVersion int    `json:"schemaVersion" const:"1"`
}

func newVersion(s *settings) *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "print the version", Args: cobra.NoArgs,
		Long: "Prints the version of domdoc with the commit that it was built from and that commit's date, as " +
			"--version does; " +
			"with\n-o json also the version of its JSON output.",
		Example: "  domdoc version\n  domdoc version -o json",
		RunE: func(*cobra.Command, []string) error {
			b := s.env.build()
			if s.output != "text" {
				return s.printJSON(jsonVersion{"domdoc", b.Version, b.Commit, b.Date, wire.SchemaVersion})
			}
			_, err := fmt.Fprintln(s.env.Stdout, b.text())
			return err
		},
	}
}
