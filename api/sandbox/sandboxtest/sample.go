// Package sandboxtest decides how many cases of the expensive tests run. By default that is a tenth, chosen by a
// seed; with DOMDOC_TESTS=full in the environment it is all of them. DOMDOC_SEED sets the seed, which repeats a run.
package sandboxtest

import (
	"cmp"
	"hash/fnv"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"
)

// Full reports whether DOMDOC_TESTS=full asks for every case.
func Full() bool { return os.Getenv("DOMDOC_TESTS") == "full" }

// Seed returns the seed of this process's samples: DOMDOC_SEED, or a random one.
func Seed(tb testing.TB) uint64 {
	tb.Helper()
	seed, err := seed()
	if err != nil {
		tb.Fatalf("DOMDOC_SEED: %v", err)
	}
	return seed
}

var seed = sync.OnceValues(func() (uint64, error) {
	if s := os.Getenv("DOMDOC_SEED"); s != "" {
		return strconv.ParseUint(s, 10, 64)
	}
	return uint64(rand.Uint32()), nil // short enough to copy
})

// Sample returns all cases in a full run. Otherwise it returns a tenth of them in their order, at least one, and logs
// the seed that repeats the choice. The choice depends on the test's name, so that the samples of two tests differ.
func Sample[T any](tb testing.TB, cases []T) []T {
	tb.Helper()
	if Full() {
		return cases
	}
	return tenth(tb, cases)
}

// UnderRace returns a tenth of the cases under the race detector, even in a full run, and all of them otherwise. It is
// for tests that take many cases through code without concurrency of its own (parsing a reply, rendering a report), or
// through the same concurrency each time: the detector makes a case ten times slower, and the hundredth tells it
// nothing new. .ci/run runs the packages that call it a second time, in full and without the detector.
func UnderRace[T any](tb testing.TB, cases []T) []T {
	tb.Helper()
	if !Race {
		return cases
	}
	return tenth(tb, cases)
}

func tenth[T any](tb testing.TB, cases []T) []T {
	tb.Helper()
	if len(cases) == 0 {
		return cases
	}
	seed := Seed(tb)
	h := fnv.New64a()
	h.Write([]byte(tb.Name()))
	chosen := rand.New(rand.NewPCG(seed, h.Sum64())).Perm(len(cases))[:cmp.Or(len(cases)/10, 1)]
	slices.Sort(chosen)
	out := make([]T, len(chosen))
	for i, n := range chosen {
		out[i] = cases[n]
	}
	tb.Logf("running %d of %d cases; DOMDOC_SEED=%d repeats this selection, DOMDOC_TESTS=full without -race runs all",
		len(out), len(cases), seed)
	return out
}
