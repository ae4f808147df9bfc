// Package estimate says how long the rest of a run takes.
package estimate

import (
	"cmp"
	"math"
	"slices"
	"time"

	"domdoc/api"
)

// Run is how far a run has come, over time. The zero value is a run without results. It is not safe for concurrent
// use.
type Run struct {
	marks []mark // each with a tenth more results than the one before
	last  mark   // of the latest result

	longest []time.Duration // that results took, at most maxLongest of them, the longest first
	known   int             // results whose time is known
	sum     time.Duration   // of their times
}

type mark struct {
	at   time.Time
	done int
}

// growth is how many results lie between two marks, as a part of those before: a run of a million has 150 marks.
const growth = 0.1

// Add records that the run has done results at a time. Both only grow.
func (r *Run) Add(now time.Time, done int) {
	if done > r.last.done {
		r.last = mark{now, done}
	}
	if n := len(r.marks); n > 0 && float64(done) < (1+growth)*float64(r.marks[n-1].done) {
		return
	}
	r.marks = append(r.marks, mark{now, done})
}

// maxLongest is how many of the longest times are kept: those of a hundredth of the domains matter.
const maxLongest = 64

// Took records how long one of the results took.
func (r *Run) Took(d time.Duration) {
	r.known++
	r.sum += d
	at, _ := slices.BinarySearchFunc(r.longest, d, func(a, b time.Duration) int { return cmp.Compare(b, a) })
	if at < maxLongest {
		r.longest = slices.Insert(r.longest, at, d)
		r.longest = r.longest[:min(len(r.longest), maxLongest)]
	}
}

// tail returns how much longer than usual the last results take, after a run of some time with a result each so
// often: the diagnoses that are under way when no domain is left to begin with include some of those that take
// longest. Of these, rate*E[max(T-x, 0)] are under way for more than x after that moment, where T is what a domain
// takes (Little's law). It returns the x that is exceeded in half of all runs, less what a domain usually takes.
func (r *Run) tail(run, each time.Duration) time.Duration {
	if r.known == 0 {
		return 0
	}
	want := each.Seconds() * float64(r.known) * math.Ln2
	var weights, sum, x float64
	for i, d := range r.longest {
		// A domain that takes long is among the results only if it began early.
		w := run.Seconds() / max(run.Seconds()/maxWeight, (run-d).Seconds())
		weights, sum = weights+w, sum+w*d.Seconds()
		x = (sum - want) / weights
		if i+1 == len(r.longest) || x >= r.longest[i+1].Seconds() {
			break
		}
	}
	usual := r.sum.Seconds() / float64(r.known)
	return time.Duration(max(0, x-usual) * float64(time.Second))
}

// maxWeight is for how many others a result can stand at most.
const maxWeight = 4

// There is an estimate after one part in minPart of the results, and after the time settled: the domains that take
// longest, whose servers are silent, are not among the results before.
const (
	minPart = 50
	settled = 10 * time.Second
)

// Left returns how long a run takes from now on that has done some of its results since it began; ok is false as long
// as nothing can be said. The results of the beginning do not count once there are enough others: what domains share
// is asked for with the first ones. The last ones take longer than usual (see tail). A run cannot be faster than the
// service allows its calls.
func (r *Run) Left(now, began time.Time, done, total int, limit *api.Allowance) (left time.Duration, ok bool) {
	from := mark{at: began}
	for _, m := range r.marks {
		if m.done <= done/6 {
			from = m
		}
	}
	latest := now
	if r.last.done == done {
		latest = r.last.at
	}
	took := latest.Sub(from.at)
	if done <= from.done || minPart*done < total || now.Sub(began) < settled || took <= 0 || total < done {
		return 0, false
	}
	rest := total - done
	each := took / time.Duration(done-from.done)
	left = time.Duration(float64(took) / float64(done-from.done) * float64(rest))
	if rest > 0 {
		left += r.tail(latest.Sub(began), each)
	}
	left = max(0, left-now.Sub(latest))
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
