package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"domdoc/catalog"
	"domdoc/checks"
	"domdoc/checks/audit"
	"domdoc/ui/render"

	"github.com/spf13/cobra"
)

func newAudit(s *settings) *cobra.Command {
	return &cobra.Command{
		Use: "audit", Short: "how right the predictions are", Args: cobra.NoArgs,
		Long: `Compares what is predicted with what is known, and prints precision and recall per code and per cause. On the sandbox
(domdoc demo audit) every story says what is wrong with it; on a tenant the service's last errors are the measure.`,
		Example: "  domdoc demo audit\n  domdoc audit -o json",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if s.env.world != nil {
				return runStoryAudit(cmd.Context(), s)
			}
			return runTenantAudit(cmd.Context(), s)
		},
	}
}

// runStoryAudit tells every story and scores the diagnoses.
func runStoryAudit(ctx context.Context, s *settings) error {
	n := 0
	r, err := audit.Run(ctx, nil, s.jobs, func(*audit.Outcome) {
		n++
		if s.env.StderrTTY {
			fmt.Fprintf(s.env.Stderr, "\r\x1b[K%d stories told", n)
		}
	})
	if s.env.StderrTTY {
		fmt.Fprint(s.env.Stderr, "\r\x1b[K")
	}
	if err != nil {
		if ctx.Err() != nil {
			return exit(ExitInterrupted)
		}
		return err
	}
	if err := s.writeAudit(r); err != nil {
		return err
	}
	if len(r.Wrong) > 0 {
		return exit(ExitFindings)
	}
	return nil
}

func (s *settings) writeAudit(r *audit.Result) error {
	if s.output != "text" {
		return s.jsonOut(r)
	}
	return render.Audit(s.env.Stdout, auditView(r), render.Style{Color: s.colored(s.env.StdoutTTY), Width: min(s.env.Width, 110)})
}

func auditView(r *audit.Result) render.AuditView {
	v := render.AuditView{Stories: r.Stories, Healthy: r.Healthy, Precision: r.Precision, Recall: r.Recall}
	for _, c := range r.Codes {
		v.Codes = append(v.Codes, render.AuditScore(c))
	}
	for _, c := range r.Causes {
		v.Causes = append(v.Causes, render.AuditScore(c))
	}
	for _, w := range r.Wrong {
		v.Wrong = append(v.Wrong, fmt.Sprintf("%s: missing %s; not expected %s; %s", w.Story, orNone(w.Missing), orNone(w.Extra), strings.Join(w.Problems, "; ")))
	}
	return v
}

func orNone(list []string) string {
	if len(list) == 0 {
		return "nothing"
	}
	return strings.Join(list, ", ")
}

// runTenantAudit measures the predictions on a tenant: a code that the service reported should be explained by what is seen, and a code that is predicted
// with certainty should have been reported. A report that lies far back may be over, so what is missed there is counted apart.
func runTenantAudit(ctx context.Context, s *settings) error {
	if err := s.needService("audit"); err != nil {
		return err
	}
	r, err := s.open(ctx)
	if err != nil {
		return err
	}
	defer r.close()
	r.doctor.Vantage(ctx)
	r.doctor.Tenant(ctx)
	var scores []audit.Pair
	var failed error
	r.doctor.Fleet(ctx, func(yield func(int, checks.Target) bool) {
		n := 0
		failed = r.everyDomain(ctx, checks.Target{}, func(t checks.Target) bool {
			n++
			return yield(n, t)
		})
	}, s.jobs, func(_ int, d *checks.DomainReport) {
		var p audit.Pair
		p.Name, p.Healthy = d.Name.ASCII, d.Verdict == catalog.Pass
		for _, c := range d.Codes {
			if c.Reported != nil {
				p.Reported = append(p.Reported, c.ID)
			}
			if c.State != checks.CodeReported {
				p.Predicted = append(p.Predicted, c.ID)
			}
		}
		slices.Sort(p.Predicted)
		scores = append(scores, p)
	})
	switch {
	case ctx.Err() != nil:
		return exit(ExitInterrupted)
	case failed != nil:
		return failed
	}
	return s.writeAudit(audit.Compare(scores))
}
