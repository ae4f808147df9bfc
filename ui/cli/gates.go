package cli

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"domdoc/catalog"
	"domdoc/checks/query"
	"domdoc/ui/render/wire"

	"github.com/knadh/koanf/v2"
	"github.com/spf13/cobra"
)

// gates are what decides which domains and findings count, beside --only and --skip.
type gates struct {
	ignore   []string
	query    string
	baseline string

	severities map[string]string // of the config file
	configured []string          // exceptions of the config file

	selects query.Query
	over    []query.Ignore // exceptions that have ended
	known   baseline
}

// gateFlags are the flags of commands that end with an exit code by findings.
func (s *settings) gateFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringArrayVar(&s.gates.ignore, "ignore", nil,
		"an exception, repeatable: 'CAUSE[@DOMAIN][:until 2026-12-31]'; it is shown, and counts for nothing until then")
	f.StringVar(&s.gates.query, "filter", "",
		"only domains that the query selects, as in the dashboard: 'verdict:fail host:cloudflare expires:<30d shop'")
	f.StringVar(&s.gates.baseline, "baseline", "",
		"an earlier report (-o json or jsonl): what it has, too, is marked as known, and does not end the command "+
			"with exit code 1")
}

// loadGates reads the gates' flags and what the config file says of them.
func (s *settings) loadGates(config *koanf.Koanf) error {
	var err error
	if s.filter, err = query.NewFilter(s.only, s.skip); err != nil {
		return usagef("--only record.missing,DOMAIN_010 or --skip http", "--only or --skip: %w", err)
	}
	if p := s.env.play; p != nil {
		s.gates.severities, s.gates.configured = p.Settings.Severity, p.Settings.Ignore
	} else if config != nil {
		s.gates.severities, s.gates.configured = config.StringMap("severity"), config.Strings("ignore")
	}
	for pattern, verdict := range s.gates.severities {
		v, err := query.ParseSeverity(pattern, verdict)
		if err != nil {
			return usagef("severity:\n  registration.expires-soon: fail", "the config file %s has under severity: %w",
				s.configFile(), err)
		}
		s.filter.Severity = append(s.filter.Severity, v)
	}
	list := append(slices.Clone(s.gates.ignore), s.gates.configured...)
	if s.gates.over, err = s.filter.WithIgnores(list, time.Now()); err != nil {
		return usagef("--ignore 'record.ttl-out-of-range@shop.example.com:until 2026-12-31'", "--ignore: %w", err)
	}
	if s.gates.selects, err = query.Parse(s.gates.query); err != nil {
		return usagef("--filter 'verdict:fail expires:<30d'", "--filter: %w", err)
	}
	s.gates.known, err = s.readBaseline(s.gates.baseline)
	return err
}

// sayOver names the exceptions that have ended: what they were about counts again.
func (s *settings) sayOver() {
	for _, i := range s.gates.over {
		fmt.Fprintf(s.env.Stderr, "domdoc: the exception %q has ended: what it was about counts again\n", clean(i.Text))
	}
}

// annotate writes the findings of a domain as annotations of a GitHub Actions run. They go to stderr, which the
// runner reads as well: stdout holds results.
func (s *settings) annotate(d *wire.Domain) {
	if s.env.Getenv("GITHUB_ACTIONS") != "true" {
		return
	}
	for i := range d.Findings {
		f := &d.Findings[i]
		if f.BlockedBy != nil || f.Ignored != nil || f.Known {
			continue
		}
		level := ""
		switch f.Verdict {
		case catalog.Fail.String():
			level = "error"
		case catalog.Warn.String():
			level = "warning"
		case catalog.Inconclusive.String():
			level = "notice"
		default:
			continue
		}
		text := f.Summary
		if len(f.Fix.Steps) > 0 {
			text += "\nto do: " + strings.Join(f.Fix.Steps, "\n")
		}
		fmt.Fprintf(s.env.Stderr, "::%s title=%s::%s\n", level,
			annotationProperty.Replace(d.Domain+": "+f.Title+" ("+f.Cause+")"), annotationText.Replace(text))
	}
}

// A workflow command is one line, and its properties end at a comma or a colon.
var (
	annotationText     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	annotationProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

// known tells one finding from another across runs.
type known struct{ domain, cause, role string }

// baseline is what an earlier run found; nil where there is none.
type baseline map[known]bool

func (b baseline) add(d *wire.Domain) {
	for i := range d.Findings {
		b[knownBy(d, &d.Findings[i])] = true
	}
}

func knownBy(d *wire.Domain, f *wire.Finding) known {
	k := known{domain: d.Domain, cause: f.Cause}
	if f.Role != nil {
		k.role = *f.Role
	}
	return k
}

// mark marks the findings that the earlier run has, too.
func (b baseline) mark(d *wire.Domain) {
	if b == nil {
		return
	}
	for i := range d.Findings {
		d.Findings[i].Known = b[knownBy(d, &d.Findings[i])]
	}
}

// readBaseline reads an earlier report; nil without one.
func (s *settings) readBaseline(file string) (baseline, error) {
	if file == "" {
		return nil, nil
	}
	in, closeIn, err := s.input("--baseline", file)
	if err != nil {
		return nil, err
	}
	defer closeIn()
	b := baseline{}
	if _, err := wire.ReadDomains(in, func(d *wire.Domain) error {
		b.add(d)
		return nil
	}); err != nil {
		return nil, usagef("domdoc check --all -o json > report.json", "--baseline %s: %w", clean(file), err)
	}
	return b, nil
}
