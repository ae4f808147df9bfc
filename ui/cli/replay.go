package cli

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"domdoc/checks/result"
	"domdoc/ui/cli/casefile"
	"domdoc/ui/cli/usage"
	"domdoc/ui/heap"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// replayOptions are the flags of replay. Those of the diagnosis are passed on to the recorded command.
type replayOptions struct {
	diagnosisOptions
	open bool
}

func newReplay(s *settings) *cobra.Command {
	var o replayOptions
	cmd := &cobra.Command{
		Use: "replay FILE", Short: "rerun a recorded case without a network",
		Long: `Runs the recorded command again with the recorded answers; nothing is sent to the network or the service. The
domdoc version that recorded the case prints the same report; a later version may find more.`,
		Example: `  domdoc check shop.example.com --record case.json
  domdoc replay case.json
  domdoc replay case.json -o markdown`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage.Errorf("domdoc replay case.json", "replay needs one file, got %d", len(args))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return runReplay(cmd, s, &o, args[0]) },
	}
	cmd.Flags().BoolVar(&o.open, "open", false, "open the case in the dashboard")
	o.addFlags(cmd)
	s.supportReports(cmd)
	return cmd
}

func runReplay(cmd *cobra.Command, s *settings, o *replayOptions, file string) error {
	p, err := readCase(s, "domdoc replay", file)
	if err != nil {
		return err
	}
	env := *s.env
	backend := &replayed{replay: p, path: file}
	if o.open {
		if !env.interactive() {
			return usage.Errorf("domdoc replay "+file, "--open needs a terminal")
		}
		d, err := rediagnoseCase(cmd.Context(), s, file)
		if err != nil {
			return err
		}
		if len(d.names) == 0 {
			return usage.Errorf("domdoc replay "+file, "%s has no diagnosis to open", usage.Clean(file))
		}
		for _, name := range d.names {
			backend.reports = append(backend.reports, d.reports[name])
		}
		env.Args = []string{"--color=" + s.color}
		if s.plain {
			env.Args = append(env.Args, "--plain")
		}
	} else {
		// The flags of replay follow those of the recorded command and override them.
		var extra []string
		cmd.Flags().Visit(func(f *pflag.Flag) {
			if f.Name != "open" {
				extra = append(extra, flagArgs(f)...)
			}
		})
		at := slices.Index(p.Args, "--")
		if at < 0 {
			at = len(p.Args)
		}
		env.Args = slices.Concat(p.Args[:at], extra, p.Args[at:])
	}
	over := &overdue{now: time.Now()}
	code := runOn(cmd.Context(), env, backend, over.observe)
	if said := over.says(s.style().Clock); said != "" && !o.open {
		fmt.Fprintln(s.env.Stderr, "domdoc: "+said)
	}
	if code != ExitOK {
		return exit(code)
	}
	return nil
}

// overdue collects the domains of a recorded run whose wait is over by now.
type overdue struct {
	now     time.Time
	mu      sync.Mutex
	domains []string
	first   time.Time // the earliest end
}

func (o *overdue) observe(r *result.Domain) {
	latest, waits := r.Waits()
	if !waits || latest.IsZero() || latest.After(o.now) {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.domains = append(o.domains, r.Name.ASCII)
	if o.first.IsZero() || latest.Before(o.first) {
		o.first = latest
	}
}

// says returns which domains can be checked again; empty if there are none.
func (o *overdue) says(clock func(time.Time) string) string {
	const most = 5
	if len(o.domains) == 0 {
		return ""
	}
	slices.Sort(o.domains)
	names := strings.Join(o.domains[:min(most, len(o.domains))], " ")
	if more := len(o.domains) - most; more > 0 {
		names += fmt.Sprintf(" (and %d more)", more)
	}
	return fmt.Sprintf("what was waiting in this case is over since %s: domdoc check %s", clock(o.first),
		usage.Clean(names))
}

// readCase reads a case file that a command names.
func readCase(s *settings, by, path string) (*casefile.Replay, error) {
	in, err := s.open(by, path)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	var replay *casefile.Replay
	heap.Grow(func() { replay, err = casefile.Read(in, path) })
	return replay, err
}

// startRecording begins to record the command to the file of --record, if any.
func startRecording(cmd *cobra.Command, s *settings) error {
	if s.recordFile == "" {
		return nil
	}
	const hint = "--record case.json"
	_, replaying := s.backend.(*replayed)
	switch {
	case replaying:
		return usage.Errorf(hint, "--record: the case is already recorded")
	case !cmd.HasParent():
		return usage.Errorf("domdoc check shop.example.com --record case.json",
			"--record needs a command; the dashboard exports reports itself")
	case !casefile.Recordable(cmd.Name()):
		return usage.Errorf("domdoc check shop.example.com --record case.json",
			"--record: %s has nothing to record", cmd.Name())
	case cmd.Flags().Lookup("watch") != nil && cmd.Flags().Lookup("watch").Changed:
		return usage.Errorf(hint, "--record cannot be combined with --watch, which does not end")
	}
	r, err := casefile.NewRecorder(s.recordFile, s.env.Version, recordedArgs(cmd))
	if err != nil {
		return err
	}
	s.backend = recording{s.backend, r}
	return nil
}

// finishRecording writes the case, however the run ended. A case that cannot be written is an error; the report is
// printed by then.
func finishRecording(s *settings, code int) int {
	r, ok := s.backend.(recording)
	if !ok {
		return code
	}
	w, err := r.recorder.Write()
	switch {
	case err != nil:
		fmt.Fprintf(s.env.Stderr, "domdoc: error: --record: cannot write the case: %s\ndomdoc: hint: the report above is "+
			"complete; free some disk space, or record to another file\n",
			usage.Clean(err.Error()))
		return ExitUsage
	case w != nil:
		path := usage.Clean(w.Path)
		fmt.Fprintf(s.env.Stderr, "recorded %d exchanges in %s (%d KiB); domdoc replay %s shows the report again\n",
			w.Exchanges, path, (w.Size+1023)/1024, path)
	}
	return code
}

// recordEnded records a domain whose checks have ended.
func (s *settings) recordEnded(d *result.Domain) {
	if r, ok := s.backend.(recording); ok && !d.Interrupted {
		r.recorder.Ended(d.Name.ASCII, d.ID)
	}
}

// outputFlags are the flags that a case does not record: replay has its own, or they are in the settings of the case.
var outputFlags = []string{"output-file", "record", "output", "color", "api-url", "tenant", "profile"}

// recordedArgs returns the command line without outputFlags.
func recordedArgs(cmd *cobra.Command) []string {
	out := strings.Fields(cmd.CommandPath())[1:]
	cmd.Flags().Visit(func(f *pflag.Flag) {
		if !slices.Contains(outputFlags, f.Name) {
			out = append(out, flagArgs(f)...)
		}
	})
	return append(append(out, "--"), cmd.Flags().Args()...)
}

// flagArgs returns a flag as command line arguments.
func flagArgs(f *pflag.Flag) []string {
	if list, ok := f.Value.(pflag.SliceValue); ok {
		var out []string
		for _, v := range list.GetSlice() {
			out = append(out, "--"+f.Name+"="+v)
		}
		return out
	}
	return []string{"--" + f.Name + "=" + f.Value.String()}
}
