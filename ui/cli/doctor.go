package cli

import (
	"context"
	"fmt"
	"sync"
	"time"

	"domdoc/api"
	"domdoc/catalog"
	"domdoc/checks/vantage"
	"domdoc/ui/cli/usage"
	"domdoc/ui/render"
	"domdoc/ui/render/wire"

	"github.com/spf13/cobra"
)

func newDoctor(s *settings) *cobra.Command {
	return &cobra.Command{
		Use: "doctor", Short: "check whether this machine can diagnose domains", Args: cobra.NoArgs,
		Long: "Checks what a diagnosis needs: resolvers, port 53, IPv6, the clock, the keyring, the service and " +
			"the token.",
		Example: "  domdoc doctor",
		RunE:    func(cmd *cobra.Command, _ []string) error { return runDoctor(cmd.Context(), s) },
	}
}

func runDoctor(ctx context.Context, s *settings) error {
	c, err := connect(ctx, s)
	if err != nil {
		return err
	}
	defer c.close()
	var v *vantage.Report
	var service []vantage.Check
	refused := false
	var wg sync.WaitGroup
	wg.Go(func() { v = c.doctor.Vantage(ctx) })
	wg.Go(func() { service, refused = serviceChecks(ctx, s, c) })
	wg.Wait()
	if ctx.Err() != nil {
		return exit(ExitInterrupted)
	}
	all := append(v.Checks, c.doctor.Clock(ctx)...)
	all = append(all, keyringCheck(s))
	all = append(all, service...)
	if s.output != "text" {
		if err := s.printJSON(wire.DoctorJSON(v, all)); err != nil {
			return err
		}
	} else if err := render.Doctor(s.env.Stdout, v, all, s.style()); err != nil {
		return err
	}
	switch {
	case refused:
		return exit(ExitService)
	case v.Verdict == catalog.Inconclusive:
		return exit(ExitInconclusive)
	}
	return nil
}

// serviceChecks checks the service and the token. refused reports whether the service rejected a request or is down.
func serviceChecks(ctx context.Context, s *settings, c *connection) (out []vantage.Check, refused bool) {
	line := func(id string, verdict catalog.Verdict, took time.Duration, format string, args ...any) {
		out = append(out, vantage.Check{
			ID: id, Verdict: verdict, Text: usage.Clean(fmt.Sprintf(format, args...)),
			Took: took,
		})
	}
	if c.client == nil {
		line("service", catalog.NotRun, 0,
			"not configured (--api-url, DOMDOC_API_URL): only names can be checked, not a tenant's domains")
		return out, false
	}
	start := time.Now()
	h, err := c.client.Health(ctx)
	switch {
	case err != nil:
		line("service", catalog.Inconclusive, time.Since(start), "%s", err)
		refused = true
	case h.State == api.HealthDown:
		line("service", catalog.Inconclusive, time.Since(start), "%s reports that it is down (%s)", s.apiURL, h.Status)
		refused = true
	case h.State == api.HealthUnknown:
		line("service", catalog.Pass, time.Since(start), "%s responds, but does not report its health", s.apiURL)
	default:
		line("service", catalog.Pass, time.Since(start), "%s responds (%s)", s.apiURL, h.Status)
	}
	if !c.hasToken {
		line("token", catalog.Warn, 0, "no token (domdoc login, or DOMDOC_TOKEN)")
		return out, refused
	}
	claims, err := c.client.Claims()
	if err != nil {
		line("token", catalog.Warn, 0, "cannot read the token: %s", err)
	} else {
		left := claims.ExpiresAt.Sub(c.session.Now())
		switch {
		case claims.ExpiresAt.IsZero():
			line("token", catalog.Pass, 0, "tenant %s; no expiry", claims.TenantID)
		case left <= 0:
			line("token", catalog.Warn, 0, "tenant %s; expired %s ago", claims.TenantID, catalog.Span(left))
		default:
			line("token", catalog.Pass, 0, "tenant %s; expires in %s", claims.TenantID, catalog.Span(left))
		}
		if s.tenant != "" && claims.TenantID != "" && s.tenant != claims.TenantID {
			line("tenant", catalog.Warn, 0, "configured tenant %s, but the token is for %s", s.tenant, claims.TenantID)
		}
	}
	for _, err := range c.client.Domains(ctx) {
		if err != nil {
			line("domains", catalog.Inconclusive, 0, "%s", err)
			refused = true
		}
		break
	}
	return out, refused
}
