package cli

import (
	"context"
	"fmt"
	"sync"
	"time"

	"domdoc/api"
	"domdoc/catalog"
	"domdoc/checks"
	"domdoc/ui/render"
	"domdoc/ui/render/layout"
	"domdoc/ui/render/wire"

	"github.com/spf13/cobra"
)

func newDoctor(s *settings) *cobra.Command {
	return &cobra.Command{
		Use: "doctor", Short: "can this machine judge at all?", Args: cobra.NoArgs,
		Long: "Looks at what a diagnosis needs: resolvers, port 53, IPv6, the clock, the keyring, the service and " +
			"the token.",
		Example: "  domdoc doctor",
		RunE:    func(cmd *cobra.Command, _ []string) error { return runDoctor(cmd.Context(), s) },
	}
}

func runDoctor(ctx context.Context, s *settings) error {
	r, err := s.open(ctx)
	if err != nil {
		return err
	}
	defer r.close()
	var v *checks.VantageReport
	var service []checks.VantageCheck
	refused := false
	var wg sync.WaitGroup
	wg.Go(func() { v = r.doctor.Vantage(ctx) })
	wg.Go(func() { service, refused = s.serviceChecks(ctx, r) })
	wg.Wait()
	if ctx.Err() != nil {
		return exit(ExitInterrupted)
	}
	all := append(v.Checks, r.doctor.Clock(ctx)...)
	all = append(all, s.keyringCheck())
	all = append(all, service...)
	if s.output != "text" {
		if err := s.jsonOut(wire.DoctorJSON(v, all)); err != nil {
			return err
		}
	} else if err := render.Doctor(s.env.Stdout, v, all,
		layout.Style{Color: s.colored(s.env.StdoutTTY), Width: min(s.env.Width, 110)}); err != nil {
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

// serviceChecks look at the service and the token.
func (s *settings) serviceChecks(ctx context.Context, r *run) (out []checks.VantageCheck, refused bool) {
	line := func(id string, verdict catalog.Verdict, took time.Duration, format string, args ...any) {
		out = append(out, checks.VantageCheck{
			ID: id, Verdict: verdict, Text: clean(fmt.Sprintf(format, args...)),
			Took: took,
		})
	}
	if r.client == nil {
		line("service", catalog.NotRun, 0,
			"none is configured: names can be checked, a tenant's domains cannot (--api-url, DOMDOC_API_URL)")
		return out, false
	}
	start := time.Now()
	h, err := r.client.Health(ctx)
	switch {
	case err != nil:
		line("service", catalog.Inconclusive, time.Since(start), "%s", err)
		refused = true
	case h.State == api.HealthDown:
		line("service", catalog.Inconclusive, time.Since(start), "%s says that it is down (%s)", s.apiURL, h.Status)
		refused = true
	case h.State == api.HealthUnknown:
		line("service", catalog.Pass, time.Since(start), "%s answers, and does not say how it is", s.apiURL)
	default:
		line("service", catalog.Pass, time.Since(start), "%s answers (%s)", s.apiURL, h.Status)
	}
	if s.token == "" {
		line("token", catalog.Warn, 0, "no token is set (DOMDOC_TOKEN)")
		return out, refused
	}
	claims, err := r.client.Claims()
	if err != nil {
		line("token", catalog.Warn, 0, "the token cannot be read: %s", err)
	} else {
		left := claims.ExpiresAt.Sub(r.session.Now())
		switch {
		case claims.ExpiresAt.IsZero():
			line("token", catalog.Pass, 0, "of tenant %s; it does not say when it ends", claims.TenantID)
		case left <= 0:
			line("token", catalog.Warn, 0, "of tenant %s; it ended %s ago", claims.TenantID, catalog.Span(left))
		default:
			line("token", catalog.Pass, 0, "of tenant %s; good for %s more", claims.TenantID, catalog.Span(left))
		}
		if s.tenant != "" && claims.TenantID != "" && s.tenant != claims.TenantID {
			line("tenant", catalog.Warn, 0, "set is %s, the token belongs to %s", s.tenant, claims.TenantID)
		}
	}
	for _, err := range r.client.Domains(ctx) {
		if err != nil {
			line("domains", catalog.Inconclusive, 0, "%s", err)
			refused = true
		}
		break
	}
	return out, refused
}
