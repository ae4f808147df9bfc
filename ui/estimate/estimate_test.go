package estimate

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"domdoc/api"
)

// simulated is a run of workers over domains, on a clock of its own.
type simulated struct {
	domains, workers int
	takes            func(r *rand.Rand, i int) time.Duration // how long the i-th domain takes
	limit            int                                     // calls a minute; 0: any number
	calls            float64                                 // for one domain
}

// finished is one result of a simulated run.
type finished struct{ at, took time.Duration }

// run returns all results in order, and what the service's limit was then.
func (s simulated) run() ([]finished, []api.Allowance) {
	random := rand.New(rand.NewPCG(7, 9))
	free := make([]time.Duration, s.workers) // when each worker is free
	window, left, made := time.Duration(0), s.limit, 0
	owed := 0.0
	var done []finished
	var allowed []api.Allowance
	for i := range s.domains {
		w := slices.Index(free, slices.Min(free))
		at := free[w]
		for owed += s.calls; s.limit > 0 && owed >= 1; owed-- {
			at = max(at, window) // calls are made in turn
			if left == 0 {
				at = max(at, window+time.Minute)
			}
			if at >= window+time.Minute {
				window, left = at, s.limit
			}
			left--
			made++
		}
		took := s.takes(random, i)
		free[w] = at + took
		done = append(done, finished{free[w], took})
		a := api.Allowance{Made: made}
		if s.limit > 0 {
			a.Limits = []api.RateLimit{{Limit: s.limit, Remaining: left, Reset: began.Add(window + time.Minute)}}
			a.Windows = []time.Duration{time.Minute}
		}
		allowed = append(allowed, a)
	}
	slices.SortFunc(done, func(a, b finished) int { return cmp.Compare(a.at, b.at) })
	return done, allowed
}

var began = time.Date(2026, 2, 22, 14, 0, 0, 0, time.UTC)

// TestLeft: after a fiftieth of a run, as soon as there is one, the estimate of its end is within a quarter of what
// it takes, and stays so.
func TestLeft(t *testing.T) {
	t.Parallel()
	even := func(r *rand.Rand, _ int) time.Duration {
		return 40*time.Millisecond + time.Duration(r.IntN(40))*time.Millisecond
	}
	// one domain in ten waits for a server that is silent
	silent := func(r *rand.Rand, i int) time.Duration {
		if r.IntN(10) == 0 {
			return 4*time.Second + time.Duration(r.IntN(4000))*time.Millisecond
		}
		return even(r, i)
	}
	// the first domains ask for what all have in common
	cold := func(r *rand.Rand, i int) time.Duration {
		if i < 32 {
			return even(r, i) + 5*time.Second
		}
		return even(r, i)
	}
	for name, s := range map[string]simulated{
		"even":              {domains: 10_000, workers: 8, takes: even},
		"few domains":       {domains: 1_000, workers: 8, takes: even},
		"silent servers":    {domains: 10_000, workers: 32, takes: silent},
		"a cold start":      {domains: 10_000, workers: 8, takes: cold},
		"100 calls a min":   {domains: 10_000, workers: 8, takes: even, limit: 100, calls: 1.2},
		"1000 calls a min":  {domains: 10_000, workers: 8, takes: even, limit: 1000, calls: 1.2},
		"limit of no force": {domains: 10_000, workers: 8, takes: silent, limit: 1000, calls: 1.2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var r Run
			done, allowed := s.run()
			end := done[len(done)-1].at
			for n, d := range done {
				at := d.at
				r.Took(d.took)
				r.Add(began.Add(at), n+1)
				if (n+1)*50 < s.domains || n+1 == s.domains {
					continue
				}
				left, ok := r.Left(began.Add(at), began, n+1, s.domains, &allowed[n])
				if !ok && at < settled {
					continue
				}
				if off := (at + left - end).Seconds() / end.Seconds(); !ok || off > 0.25 || off < -0.25 {
					t.Fatalf("after %d of %d, %s: the end is estimated at %s, but is at %s", n+1, s.domains, at, at+left, end)
				}
			}
			if len(r.marks) > 150 {
				t.Errorf("%d marks are kept", len(r.marks))
			}
		})
	}
}

// TestTail: one domain in 600 takes half a minute, so that the run goes on for long after the last domain has begun.
// The estimate has that from the middle of the run on, and at its end.
func TestTail(t *testing.T) {
	t.Parallel()
	s := simulated{domains: 4000, workers: 32, takes: func(r *rand.Rand, i int) time.Duration {
		if i%600 == 599 || i == 3900 {
			return 33 * time.Second
		}
		return 200*time.Millisecond + time.Duration(r.IntN(1200))*time.Millisecond
	}}
	done, _ := s.run()
	end := done[len(done)-1].at
	var r Run
	for n, d := range done {
		r.Took(d.took)
		r.Add(began.Add(d.at), n+1)
		if n < len(done)/2 || n+1 == len(done) {
			continue
		}
		left, ok := r.Left(began.Add(d.at), began, n+1, s.domains, nil)
		if off := (d.at + left - end).Seconds() / end.Seconds(); !ok || off > 0.15 || off < -0.15 {
			t.Fatalf("after %d, %s: the end is estimated at %s, but is at %s", n+1, d.at, d.at+left, end)
		}
	}
	// while nothing comes, the rest becomes shorter
	n := len(done) - 1
	for i := n - 10; i < len(done); i++ {
		if done[i].at-done[i-1].at > done[n].at-done[n-1].at {
			n = i
		}
	}
	var again Run
	for i, d := range done[:n] {
		again.Took(d.took)
		again.Add(began.Add(d.at), i+1)
	}
	at, gap := done[n-1].at, done[n].at-done[n-1].at
	first, _ := again.Left(began.Add(at), began, n, s.domains, nil)
	later, _ := again.Left(began.Add(at+gap), began, n, s.domains, nil)
	if gap < time.Second || later != max(0, first-gap) {
		t.Errorf("%s left, and after %s without a result %s", first, gap, later)
	}
}

// TestNothingToSay: without results or time, there is no estimate.
func TestNothingToSay(t *testing.T) {
	t.Parallel()
	var r Run
	for name, left := range map[string]func() (time.Duration, bool){
		"no result": func() (time.Duration, bool) { return r.Left(began.Add(time.Second), began, 0, 10, nil) },
		"no time":   func() (time.Duration, bool) { return r.Left(began, began, 5, 10, nil) },
		"no total":  func() (time.Duration, bool) { return r.Left(began.Add(time.Second), began, 5, 0, nil) },
		"too early": func() (time.Duration, bool) { return r.Left(began.Add(time.Second), began, 5, 10, nil) },
	} {
		if d, ok := left(); ok {
			t.Errorf("%s: %s left", name, d)
		}
	}
	if d, ok := r.Left(began.Add(time.Minute), began, 5, 10, &api.Allowance{}); !ok || d != time.Minute {
		t.Errorf("half of it in a minute: %s left (%v)", d, ok)
	}
}
