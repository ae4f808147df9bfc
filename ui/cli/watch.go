package cli

import (
	"context"
	"fmt"
	"sync"
	"time"

	"domdoc/checks"
	"domdoc/checks/result"
	"domdoc/ui/cli/gates"
	"domdoc/ui/render"
	"domdoc/ui/watch"
)

// runWatch diagnoses each target again whenever its answers may have changed, and prints the changes, until the
// context ends.
func runWatch(ctx context.Context, s *settings, c *connection, g *gates.Gates, targets targetList) error {
	var list watch.List
	byID := map[string]checks.Target{}
	err := targets(func(t checks.Target) bool {
		if t.Domain != nil && t.Domain.ID != "" { // read its state at the service each time
			t.ID, t.Domain = t.Domain.ID, nil
		}
		id := fmt.Sprintf("%09d", len(byID)) // domains that are due together keep their order
		byID[id] = t
		list.Add(&watch.Domain{ID: id, At: c.session.Now()})
		return ctx.Err() == nil
	})
	if err != nil {
		return err
	}
	style := s.style()
	text := s.output == "text" && s.outputSet
	for list.Len() > 0 && ctx.Err() == nil {
		now := c.session.Now()
		if pause := list.Earliest(nil).Sub(now); pause > 0 {
			select {
			case <-time.After(pause):
			case <-ctx.Done():
			}
			continue
		}
		var failed error
		rediagnose(ctx, s, c, g, list.Due(now, nil), byID, func(c *render.Changed) {
			switch {
			case failed != nil:
			case text:
				failed = render.ChangedText(s.env.Stdout, c, style)
			default:
				failed = render.ChangedLine(s.env.Stdout, c)
			}
		})
		if failed != nil {
			return failed
		}
	}
	if ctx.Err() != nil {
		return exit(ExitInterrupted)
	}
	return nil
}

// rediagnose diagnoses domains in a fresh session. It calls changed, one at a time, for each that changed.
func rediagnose(ctx context.Context, s *settings, c *connection, g *gates.Gates, due []*watch.Domain,
	targets map[string]checks.Target, changed func(*render.Changed),
) {
	doctor := c.fresh()
	defer doctor.Session.Close()
	var mu sync.Mutex
	doctor.Fleet(ctx, func(yield func(int, checks.Target) bool) {
		for i, d := range due {
			if !yield(i, targets[d.ID]) {
				return
			}
		}
	}, s.jobs, func(n int, r *result.Domain) {
		mu.Lock()
		defer mu.Unlock()
		if ctx.Err() != nil {
			return // the report is incomplete
		}
		g.Findings.Apply(r)
		changes, first := due[n].Take(r, doctor.Session.Now())
		if first || len(changes) > 0 {
			changed(&render.Changed{At: r.At, Report: r, Next: due[n].Next, First: first, Changes: changes})
		}
	})
}
