package sandboxtest_test

import (
	"slices"
	"testing"

	"domdoc/api/sandbox/sandboxtest"
)

func TestSample(t *testing.T) {
	var cases []int
	for i := range 100 {
		cases = append(cases, i)
	}
	t.Setenv("DOMDOC_TESTS", "full")
	if got := sandboxtest.Sample(t, cases); !slices.Equal(got, cases) {
		t.Errorf("a full run has %d of %d cases", len(got), len(cases))
	}
	t.Setenv("DOMDOC_TESTS", "")
	tenth := sandboxtest.Sample(t, cases)
	if len(tenth) != 10 || !slices.IsSorted(tenth) || len(slices.Compact(slices.Clone(tenth))) != 10 {
		t.Errorf("the sample is %v, want ten different cases in their order", tenth)
	}
	if again := sandboxtest.Sample(t, cases); !slices.Equal(again, tenth) {
		t.Errorf("the same seed chose %v, then %v", tenth, again)
	}
	if few := sandboxtest.Sample(t, cases[:3]); len(few) != 1 {
		t.Errorf("the sample of three cases has %d, want 1", len(few))
	}
	if none := sandboxtest.Sample(t, cases[:0]); len(none) != 0 {
		t.Errorf("the sample of nothing has %d cases", len(none))
	}
}

func TestUnderRace(t *testing.T) {
	t.Setenv("DOMDOC_TESTS", "full")
	want := 100
	if sandboxtest.Race {
		want = 10
	}
	if got := sandboxtest.UnderRace(t, make([]int, 100)); len(got) != want {
		t.Errorf("race detector %v: %d of 100 cases, want %d", sandboxtest.Race, len(got), want)
	}
}
