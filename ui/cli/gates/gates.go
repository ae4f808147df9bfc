// Package gates decides which domains are reported and which findings affect the exit code: the flags --only, --skip,
// --ignore, --filter and --baseline, and the rules of the config file.
package gates

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"domdoc/checks/query"
	"domdoc/ui/cli/usage"

	"github.com/spf13/pflag"
)

// Options are the values of the flags.
type Options struct {
	Only, Skip, Ignore []string
	Filter             string
	Baseline           string // path of an earlier report
}

// AddFlags adds all flags.
func (o *Options) AddFlags(f *pflag.FlagSet) {
	f.StringSliceVar(&o.Only, "only", nil,
		"report only these findings: cause ids, families (record.*), codes or rungs")
	f.StringSliceVar(&o.Skip, "skip", nil, "drop these findings: cause ids, families (record.*), codes or rungs")
	f.StringArrayVar(&o.Ignore, "ignore", nil,
		"exception, repeatable: 'CAUSE[@DOMAIN][:until 2026-12-31]'; the finding is shown but not counted until then")
	f.StringVar(&o.Filter, "filter", "",
		"only domains that match the query, as in the dashboard: 'verdict:fail host:cloudflare expires:<30d shop'")
	o.AddBaselineFlag(f)
}

// AddBaselineFlag adds --baseline alone.
func (o *Options) AddBaselineFlag(f *pflag.FlagSet) {
	f.StringVar(&o.Baseline, "baseline", "",
		"an earlier report (-o json or jsonl): findings already in it do not affect the exit code")
}

// Rules are the rules of the config file, or of a recorded case.
type Rules struct {
	Severities map[string]string // verdicts by pattern of causes
	Ignores    []string
	Source     string // the path of the config file, for errors
}

// Gates are the parsed flags and rules.
type Gates struct {
	Findings query.Filter
	Domains  query.Query
	Expired  []query.Ignore // exceptions that have expired
	Baseline Baseline       // nil without --baseline
}

// Parse parses flags and rules. It opens the baseline with open.
func Parse(o Options, r Rules, open func(flag, path string) (io.ReadCloser, error)) (*Gates, error) {
	g := &Gates{}
	var err error
	if g.Findings, err = query.NewFilter(o.Only, o.Skip); err != nil {
		return nil, usage.Errorf("--only record.missing,DOMAIN_010 or --skip http", "--only or --skip: %w", err)
	}
	if g.Findings.Empty() {
		if rung, named := g.Findings.Vacant(); len(named) > 0 {
			return nil, usage.Errorf("--only "+strings.Join(named, ","),
				"--only %s: there are no causes on this rung; those named after it are on another one: %s", rung,
				strings.Join(named, ", "))
		}
		return nil, usage.Errorf("--only record.missing,DOMAIN_010 or --skip http",
			"--only and --skip leave nothing to report: every cause is left out")
	}
	for pattern, verdict := range r.Severities {
		v, err := query.ParseSeverity(pattern, verdict)
		if err != nil {
			return nil, usage.Errorf("severity:\n  registration.expires-soon: fail",
				"invalid \"severity\" in the config file %s: %w", r.Source, err)
		}
		g.Findings.Severity = append(g.Findings.Severity, v)
	}
	list := append(slices.Clone(o.Ignore), r.Ignores...)
	if g.Expired, err = g.Findings.WithIgnores(list, time.Now()); err != nil {
		return nil, usage.Errorf("--ignore 'record.ttl-out-of-range@shop.example.com:until 2026-12-31'", "--ignore: %w", err)
	}
	if g.Domains, err = query.ParseWhole(o.Filter); err != nil {
		return nil, usage.Errorf("--filter 'verdict:fail expires:<30d'", "--filter: %w", err)
	}
	if o.Baseline == "" {
		return g, nil
	}
	in, err := open("--baseline", o.Baseline)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	if g.Baseline, err = ReadBaseline(in); err != nil {
		return nil, usage.Errorf("domdoc check --all -o json > report.json", "--baseline %s: %w",
			usage.Clean(o.Baseline), err)
	}
	return g, nil
}

// ReportExpired writes a line for each exception that has expired.
func (g *Gates) ReportExpired(w io.Writer) {
	for _, i := range g.Expired {
		fmt.Fprintf(w, "domdoc: the exception %q has expired; its findings count again\n", usage.Clean(i.Text))
	}
}
