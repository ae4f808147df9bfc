package order

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestOrder compares both with the standard library's.
func TestOrder(t *testing.T) {
	t.Parallel()
	type element struct{ key, at int }
	compare := func(a, b element) int { return cmp.Compare(a.key, b.key) }
	for _, n := range []int{0, 1, 2, 11, 13, 100, 1000} {
		list := make([]element, n)
		for i := range list {
			list[i] = element{rand.IntN(n), i}
		}
		for name, sort := range map[string][2]func([]element, func(a, b element) int){
			"By":       {By[element], slices.SortFunc[[]element]},
			"StableBy": {StableBy[element], slices.SortStableFunc[[]element]},
		} {
			got, want := slices.Clone(list), slices.Clone(list)
			sort[0](got, compare)
			sort[1](want, compare)
			if !slices.Equal(got, want) {
				t.Errorf("%s of %d elements is not in the order of package slices", name, n)
			}
		}
	}
}
