package cli

import (
	"container/heap"
	"context"
	"sync"
	"time"

	"domdoc/checks"
	"domdoc/checks/progress"
	"domdoc/ui/render"
	"domdoc/ui/render/layout"
)

// watched is a domain of a watch: what to ask, what was found last, and when to ask again.
type watched struct {
	target checks.Target
	last   *checks.DomainReport
	at     time.Time
	pace   progress.Pace
}

// agenda holds domains by the time of their next look: the root is the first.
type agenda []*watched

func (a agenda) Len() int           { return len(a) }
func (a agenda) Less(i, j int) bool { return a[i].at.Before(a[j].at) }
func (a agenda) Swap(i, j int)      { a[i], a[j] = a[j], a[i] }

// Push adds a domain; it is for the heap.
func (a *agenda) Push(x any) { *a = append(*a, x.(*watched)) }

// Pop takes the last one; it is for the heap.
func (a *agenda) Pop() any {
	old := *a
	x := old[len(old)-1]
	*a = old[:len(old)-1]
	return x
}

const watchGather = time.Second // domains that are due within so much are asked in one go, with one memory

// watch diagnoses targets again and again, each when an answer of it can have changed, and writes what changed. It
// ends with the context.
func (s *settings) watch(ctx context.Context, r *run, targets func(yield func(checks.Target) bool) error) error {
	var queue agenda
	err := targets(func(t checks.Target) bool {
		if t.Domain != nil && t.Domain.ID != "" { // its state at the service is asked for at each look
			t.ID, t.Domain = t.Domain.ID, nil
		}
		queue = append(queue, &watched{target: t})
		return ctx.Err() == nil
	})
	if err != nil {
		return err
	}
	style := layout.Style{Color: s.colored(s.env.StdoutTTY), Width: min(s.env.Width, 110)}
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
		s.lookAgain(ctx, r, due, func(w *watched, c *render.Changed) {
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

// lookAgain diagnoses domains with one fresh memory; done is called for each, one at a time, with nil where nothing
// changed.
func (s *settings) lookAgain(ctx context.Context, r *run, due []*watched, done func(*watched, *render.Changed)) {
	doctor := r.fresh()
	defer doctor.Session.Close()
	var mu sync.Mutex
	doctor.Fleet(ctx, func(yield func(int, checks.Target) bool) {
		for i, w := range due {
			if !yield(i, w.target) {
				return
			}
		}
	}, s.jobs, func(n int, report *checks.DomainReport) {
		mu.Lock()
		defer mu.Unlock()
		if ctx.Err() != nil {
			return // what is half done says nothing
		}
		s.filter.Apply(report)
		done(due[n], due[n].take(report, doctor.Session.Now()))
	})
}

// take takes a diagnosis in, says when the next one is due, and what changed; nil where nothing did.
func (w *watched) take(report *checks.DomainReport, now time.Time) *render.Changed {
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
