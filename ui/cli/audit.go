package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"domdoc/catalog"
	"domdoc/checks"
	"domdoc/checks/audit"
	"domdoc/checks/audit/harness"
	"domdoc/checks/result"
	"domdoc/ui/cli/gates"
	"domdoc/ui/render"
	"domdoc/ui/render/layout"

	"github.com/spf13/cobra"
)

// auditOptions are the flags of audit.
type auditOptions struct {
	reports    bool // only on the sandbox
	allowEmpty bool
}

func newAudit(s *settings) *cobra.Command {
	var o auditOptions
	world, onSandbox := s.backend.(*sandboxed)
	cmd := &cobra.Command{
		Use: "audit", Short: "measure the accuracy of the predictions", Args: cobra.NoArgs,
		Long: `Compares predictions with known errors and prints precision and recall per code and per cause. On the sandbox
(domdoc demo audit) each story declares its faults. On a tenant, the last errors that the service reported are used.
Listed separately: last errors that may be resolved, could not be checked or need a ticket, and predicted errors that
the service has not reported yet.

Exits with 1 if a diagnosis differs, with 3 if none differs but something could not be checked or compared, and with 2
if the tenant has no domains.`,
		Example: "  domdoc demo audit\n  domdoc demo --stories on-hold,healthy-txt audit\n  domdoc audit -o json",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if onSandbox && !o.reports {
				return runStoryAudit(cmd.Context(), s, world.listed)
			}
			return runTenantAudit(cmd.Context(), s, &o)
		},
	}
	cmd.Flags().BoolVar(&o.allowEmpty, "allow-empty", false, "succeed if the tenant has no domains")
	if onSandbox {
		cmd.Flags().BoolVar(&o.reports, "reports", false,
			"use the last errors of the sandbox's service, as on a tenant")
	}
	return cmd
}

// runStoryAudit runs every story, or only some, and scores the diagnoses.
func runStoryAudit(ctx context.Context, s *settings, only []string) error {
	n := 0
	limited, cancel := ctx, context.CancelFunc(func() {})
	if s.timeout > 0 {
		limited, cancel = context.WithTimeout(ctx, s.timeout)
	}
	defer cancel()
	r, err := harness.RunAll(limited, nil, s.jobs, func(*harness.Outcome) {
		n++
		if s.env.StderrTTY {
			fmt.Fprintf(s.env.Stderr, "\r\x1b[K%d stories checked", n)
		}
	}, only...)
	if s.env.StderrTTY {
		fmt.Fprint(s.env.Stderr, "\r\x1b[K")
	}
	switch {
	case ctx.Err() != nil:
		return exit(ExitInterrupted)
	case err != nil && limited.Err() != nil: // the scores of some stories would say nothing about the others
		return endIncomplete(s, fmt.Sprintf("the run ended by --timeout %s: only %s checked, and none is scored", s.timeout,
			layout.Count(n, "story")))
	case err != nil:
		return err
	}
	if err := printAudit(s, r); err != nil {
		return err
	}
	return auditVerdict(r)
}

func printAudit(s *settings, r *audit.Result) error {
	if s.output != "text" {
		return s.printJSON(r)
	}
	return render.Audit(s.env.Stdout, auditView(r), s.style())
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
		v.Wrong = append(v.Wrong, differenceText(w))
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

// differenceText describes how a diagnosis differs from what is known.
func differenceText(w audit.Wrong) string {
	var parts []string
	if len(w.Missing) > 0 {
		parts = append(parts, "missing "+strings.Join(w.Missing, ", "))
	}
	if len(w.Extra) > 0 {
		parts = append(parts, "unexpected "+strings.Join(w.Extra, ", "))
	}
	return w.Story + ": " + strings.Join(append(parts, w.Problems...), "; ")
}

// runTenantAudit scores the predictions on a tenant by the last errors that the service reported.
func runTenantAudit(ctx context.Context, s *settings, o *auditOptions) error {
	if err := s.needService("audit"); err != nil {
		return err
	}
	c, err := connect(ctx, s)
	if err != nil {
		return err
	}
	defer c.close()
	c.start()
	limited, cancel := c.limit(ctx)
	defer cancel()
	c.doctor.Vantage(limited)
	c.doctor.Tenant(limited)
	t := audit.NewTenant(c.doctor.Session.Now())
	var failed error
	cut := 0 // domains whose checks did not all end
	c.doctor.Fleet(ctx, func(yield func(int, checks.Target) bool) {
		n := 0
		failed = c.tenantTargets(ctx, &diagnosis{gates: &gates.Gates{}}, func(t checks.Target) bool {
			n++
			return yield(n, t)
		})
	}, s.jobs, func(_ int, d *result.Domain) {
		s.recordEnded(d)
		if d.Interrupted {
			cut++
		}
		t.Add(d)
	})
	switch {
	case ctx.Err() != nil:
		return exit(ExitInterrupted)
	case failed != nil && !errors.Is(failed, errTimeOver):
		return failed
	}
	r := t.Result()
	if r.Stories == 0 && failed == nil && !o.allowEmpty {
		return errEmpty("the tenant has no domains")
	}
	if err := printAudit(s, r); err != nil {
		return err
	}
	verdict := auditVerdict(r)
	why := ""
	switch {
	case failed != nil:
		why = cutList(s, failed, "compared")
	case cut > 0 && s.timeout > 0:
		why = fmt.Sprintf("the run ended by --timeout %s: %d of %s were not checked completely", s.timeout, cut,
			layout.Count(r.Stories, "domain"))
	case cut > 0:
		why = fmt.Sprintf("%d of %s were not checked completely", cut, layout.Count(r.Stories, "domain"))
	case *r.Compared == 0 && verdict == nil && r.Stories > 0:
		fmt.Fprintln(s.env.Stderr, "domdoc: nothing was compared: the service has reported no error that can be compared")
		return exit(ExitInconclusive)
	}
	if why != "" {
		if r, ok := s.backend.(recording); ok {
			r.recorder.Incomplete(why)
		}
		if err := endIncomplete(s, why); verdict == nil {
			return err
		}
	}
	return verdict
}

// auditVerdict returns the exit code: a difference is a finding, and an error that could not be checked is
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
