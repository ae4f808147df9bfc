package cli

import (
	"container/heap"
	"context"
	"sync"
	"time"

	"domdoc/checks"
	"domdoc/checks/progress"
	"domdoc/checks/result"
	"domdoc/ui/cli/gates"
	"domdoc/ui/render"
)

// watched is a domain that is being watched.
type watched struct {
	target checks.Target
	last   *result.Domain
	at     time.Time // of the next diagnosis
	pace   progress.Pace
}

// schedule is a heap of domains by the time of their next diagnosis.
type schedule []*watched

func (q schedule) Len() int           { return len(q) }
func (q schedule) Less(i, j int) bool { return q[i].at.Before(q[j].at) }
func (q schedule) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }

// Push implements heap.Interface.
func (q *schedule) Push(x any) { *q = append(*q, x.(*watched)) }

// Pop implements heap.Interface.
func (q *schedule) Pop() any {
	old := *q
	x := old[len(old)-1]
	*q = old[:len(old)-1]
	return x
}

// watchGather is the time within which due domains are diagnosed together, in one session.
const watchGather = time.Second

// watch diagnoses each target again whenever its answers may have changed, and prints the changes, until the context
// ends.
func watch(ctx context.Context, s *settings, c *connection, g *gates.Gates, targets targetList) error {
	var queue schedule
	err := targets(func(t checks.Target) bool {
		if t.Domain != nil && t.Domain.ID != "" { // read its state at the service each time
			t.ID, t.Domain = t.Domain.ID, nil
		}
		queue = append(queue, &watched{target: t})
		return ctx.Err() == nil
	})
	if err != nil {
		return err
	}
	style := s.style()
	text := s.output == "text" && s.outputSet
	for len(queue) > 0 && ctx.Err() == nil {
		if pause := time.Until(queue[0].at); pause > 0 {
			select {
			case <-time.After(pause):
			case <-ctx.Done():
			}
			continue
		}
		var due []*watched
		for len(queue) > 0 && time.Until(queue[0].at) <= watchGather {
			due = append(due, heap.Pop(&queue).(*watched))
		}
		var failed error
		rediagnose(ctx, s, c, g, due, func(c *render.Changed) {
			switch {
			case failed != nil || c == nil:
			case text:
				failed = render.ChangedText(s.env.Stdout, c, style)
			default:
				failed = render.ChangedLine(s.env.Stdout, c)
			}
		})
		if failed != nil {
			return failed
		}
		for _, w := range due {
			heap.Push(&queue, w)
		}
	}
	if ctx.Err() != nil {
		return exit(ExitInterrupted)
	}
	return nil
}

// rediagnose diagnoses domains in a fresh session. It calls done for each, one at a time, with nil if nothing
// changed.
func rediagnose(ctx context.Context, s *settings, c *connection, g *gates.Gates, due []*watched,
	done func(*render.Changed),
) {
	doctor := c.fresh()
	defer doctor.Session.Close()
	var mu sync.Mutex
	doctor.Fleet(ctx, func(yield func(int, checks.Target) bool) {
		for i, w := range due {
			if !yield(i, w.target) {
				return
			}
		}
	}, s.jobs, func(n int, report *result.Domain) {
		mu.Lock()
		defer mu.Unlock()
		if ctx.Err() != nil {
			return // the report is incomplete
		}
		g.Findings.Apply(report)
		done(due[n].update(report, doctor.Session.Now()))
	})
}

// update takes a diagnosis and schedules the next. It returns what changed; nil if nothing did.
func (w *watched) update(report *result.Domain, now time.Time) *render.Changed {
	next := progress.NextRun(report, now)
	c := &render.Changed{At: report.At, Report: report, Next: next}
	if w.last == nil {
		c.First = true
	} else if c.Changes = progress.Diff(w.last, report); len(c.Changes) == 0 {
		c = nil
	}
	w.at = time.Now().Add(w.pace.After(next, now, c != nil))
	w.last = report
	return c
}
