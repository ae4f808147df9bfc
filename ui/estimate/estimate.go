// Package estimate says how long the rest of a run takes.
package estimate

import (
	"time"

	"domdoc/api"
)

// Run is how far a run has come, over time. The zero value is a run without results. It is not safe for concurrent
// use.
type Run struct {
	marks []mark // each with a tenth more results than the one before
}

type mark struct {
	at   time.Time
	done int
}

// growth is how many results lie between two marks, as a part of those before: a run of a million has 150 marks.
const growth = 0.1

// Add records that the run has done results at a time. Both only grow.
func (r *Run) Add(now time.Time, done int) {
	if n := len(r.marks); n > 0 && float64(done) < (1+growth)*float64(r.marks[n-1].done) {
		return
	}
	r.marks = append(r.marks, mark{now, done})
}

// There is an estimate after one part in minPart of the results, and after the time settled: the domains that take
// longest, whose servers are silent, are not among the results before.
const (
	minPart = 50
	settled = 10 * time.Second
)

// Left returns how long a run takes from now on that has done some of its results since it began; ok is false as long
// as nothing can be said. The results of the beginning do not count once there are enough others: what domains share is
// asked for with the first ones. A run cannot be faster than the service allows its calls.
func (r *Run) Left(now, began time.Time, done, total int, limit *api.Allowance) (left time.Duration, ok bool) {
	from := mark{at: began}
	for _, m := range r.marks {
		if m.done <= done/4 {
			from = m
		}
	}
	took := now.Sub(from.at)
	if done <= from.done || minPart*done < total || now.Sub(began) < settled || took <= 0 || total < done {
		return 0, false
	}
	rest := total - done
	left = time.Duration(float64(took) / float64(done-from.done) * float64(rest))
	if limit == nil {
		return left, true
	}
	switch wait := limit.Wait(now, rest*limit.Made/done); {
	case wait > 0 && bound(limit, now.Sub(began)):
		return wait, true // results come in bursts, from which no rate can be told
	default:
		return max(left, wait), true
	}
}

// bound reports whether a run makes its calls as fast as the service allows, or faster while a window lasts.
func bound(a *api.Allowance, took time.Duration) bool {
	const nearly = 0.9
	for i, rl := range a.Limits {
		if float64(a.Made) >= nearly*float64(rl.Limit)*took.Seconds()/a.Windows[i].Seconds() {
			return true
		}
	}
	return false
}
