package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"domdoc/catalog"
	"domdoc/checks"
	"domdoc/checks/audit"
	"domdoc/checks/audit/harness"
	"domdoc/ui/render"
	"domdoc/ui/render/layout"

	"github.com/spf13/cobra"
)

func newAudit(s *settings) *cobra.Command {
	reports := false
	cmd := &cobra.Command{
		Use: "audit", Short: "how right the predictions are", Args: cobra.NoArgs,
		Long: `Compares what is predicted with what is known, and prints precision and recall per code and per cause. On the sandbox
(domdoc demo audit) every story says what is wrong with it; on a tenant the service's last errors are the measure, of the
domains that have one. A last error that may be over, that could not be judged, or that only a ticket tells enough of, is set
apart, and so is what is predicted and not reported (yet).

Ends with 1 where a diagnosis differs, and with 3 where none does and something could not be judged.`,
		Example: "  domdoc demo audit\n  domdoc audit -o json",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if s.env.world != nil && !reports {
				return runStoryAudit(cmd.Context(), s)
			}
			return runTenantAudit(cmd.Context(), s)
		},
	}
	if s.env.world != nil {
		cmd.Flags().BoolVar(&reports, "reports", false,
			"measure by the last errors of the sandbox's service, as on a tenant")
	}
	return cmd
}

// runStoryAudit tells every story and scores the diagnoses.
func runStoryAudit(ctx context.Context, s *settings) error {
	n := 0
	r, err := harness.RunAll(ctx, nil, s.jobs, func(*harness.Outcome) {
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
	return auditVerdict(r)
}

func (s *settings) writeAudit(r *audit.Result) error {
	if s.output != "text" {
		return s.jsonOut(r)
	}
	return render.Audit(s.env.Stdout, auditView(r), layout.Style{
		Color: s.colored(s.env.StdoutTTY),
		Width: min(s.env.Width, 110),
	})
}

func auditView(r *audit.Result) render.AuditView {
	v := render.AuditView{
		Stories: r.Stories, Healthy: r.Healthy, Precision: r.Precision, Recall: r.Recall,
		Tenant: r.Compared != nil,
	}
	if v.Tenant {
		v.Compared = *r.Compared
	}
	for _, c := range r.Codes {
		v.Codes = append(v.Codes, render.AuditScore(c))
	}
	for _, c := range r.Causes {
		v.Causes = append(v.Causes, render.AuditScore(c))
	}
	for _, w := range r.Wrong {
		v.Wrong = append(v.Wrong, differs(w))
	}
	for _, why := range audit.Whys() {
		part := render.AuditPart{Why: catalog.ApartWords(why)}
		last := ""
		for _, a := range r.Apart {
			if a.Why != why {
				continue
			}
			if a.Domain == last {
				part.Domains[len(part.Domains)-1] += " " + a.Code
				continue
			}
			last = a.Domain
			part.Domains = append(part.Domains, a.Domain+" "+a.Code)
		}
		if len(part.Domains) > 0 {
			v.Apart = append(v.Apart, part)
		}
	}
	return v
}

// differs says how a diagnosis differs from what is known.
func differs(w audit.Wrong) string {
	var parts []string
	if len(w.Missing) > 0 {
		parts = append(parts, "missing "+strings.Join(w.Missing, ", "))
	}
	if len(w.Extra) > 0 {
		parts = append(parts, "not expected "+strings.Join(w.Extra, ", "))
	}
	return w.Story + ": " + strings.Join(append(parts, w.Problems...), "; ")
}

// runTenantAudit measures the predictions on a tenant, by what the service reported last of its domains.
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
	t := audit.NewTenant(r.doctor.Session.Now())
	var failed error
	r.doctor.Fleet(ctx, func(yield func(int, checks.Target) bool) {
		n := 0
		failed = r.everyDomain(ctx, checks.Target{}, func(t checks.Target) bool {
			n++
			return yield(n, t)
		})
	}, s.jobs, func(_ int, d *checks.DomainReport) { t.Add(d) })
	switch {
	case ctx.Err() != nil:
		return exit(ExitInterrupted)
	case failed != nil:
		return failed
	}
	result := t.Result()
	if err := s.writeAudit(result); err != nil {
		return err
	}
	return auditVerdict(result)
}

// auditVerdict is the exit code: a difference is a finding, and what could not be compared for want of an answer is
// inconclusive.
func auditVerdict(r *audit.Result) error {
	switch {
	case len(r.Wrong) > 0:
		return exit(ExitFindings)
	case slices.ContainsFunc(r.Apart, func(a audit.Apart) bool { return a.Why == catalog.ApartUnjudged }):
		return exit(ExitInconclusive)
	}
	return nil
}
