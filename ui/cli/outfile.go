package cli

import (
	"cmp"
	"errors"
	"io"
	"strings"

	"domdoc/ui/cli/config"
	"domdoc/ui/cli/outputfile"
	"domdoc/ui/cli/usage"
	"domdoc/ui/render/report"

	"github.com/spf13/cobra"
)

// supportReports marks a command that prints domain reports: it supports every format, and writes into a file.
func (s *settings) supportReports(cmd *cobra.Command) {
	cmd.Annotations = map[string]string{"formats": strings.Join(report.FormatNames(), " ")}
	cmd.Flags().StringVar(&s.outputFile, "output-file", "",
		"write to a file, which is replaced in one step at the end of the run, unless it is interrupted; - is stdout")
}

// intoFile makes the output of a command go to --output-file. The file keeps its old content if the command was
// interrupted, was not used correctly, had nothing to check or ended before its report. A run that could not check everything says so in its
// report, which replaces the old one.
func (s *settings) intoFile(run func(*cobra.Command, []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		if s.outputFile == "-" {
			s.outputFile = ""
		}
		if s.outputFile == "" {
			return run(cmd, args)
		}
		f, err := outputfile.Create(s.outputFile)
		if err != nil {
			return usage.Errorf("--output-file report.json", "--output-file: %w", err)
		}
		env := *s.env
		env.Stdout, env.StdoutTTY, env.Width = f, false, 0
		s.env = &env
		err = run(cmd, args)
		var code exit
		written, seekErr := f.Seek(0, io.SeekCurrent)
		// triage prints what to ask for a ticket without a domain, and ends with an error
		mistake := isUsage(err) && cmd.Name() != "triage"
		if written == 0 || seekErr != nil || mistake || errors.As(err, &code) && code == ExitInterrupted {
			return cmp.Or(err, seekErr, f.Discard())
		}
		if failed := f.Commit(); failed != nil {
			return failed
		}
		return err
	}
}

// reportName is the name of the report among others in its directory; empty if it goes to stdout.
func (s *settings) reportName() string {
	if s.outputFile == "" {
		return ""
	}
	return outputfile.Name(s.outputFile)
}

// labelProfile is the profile of the report; empty for the default one, and if there are several.
func (s *settings) labelProfile() string {
	if s.profile == config.DefaultProfile || len(s.profiles) > 1 {
		return ""
	}
	return s.profile
}
