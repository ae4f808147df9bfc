package shard

import (
	"slices"
	"testing"
)

// TestMissing: of the parts that are there, the others are named; complete ones, several numbers of parts and what is
// no part are no fault.
func TestMissing(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ have, want []string }{
		{nil, nil},
		{[]string{"", "x", "1/1", "9/8"}, nil},
		{[]string{"1/2", "2/2"}, nil},
		{[]string{"0/2", "1/2", "1/2"}, nil},
		{[]string{"1/2", "2/2", "3/3", "1/3", "2/3"}, nil},
		{[]string{"2/3"}, []string{"1/3", "3/3"}},
		{[]string{"0/3", "1/3", "1/2"}, []string{"2/2", "2/3"}},
	} {
		if got := Missing(c.have); !slices.Equal(got, c.want) {
			t.Errorf("%q: %q are missing, want %q", c.have, got, c.want)
		}
	}
	for text, want := range map[string]string{"": "", "1/1": "", "0/8": "8/8", "8/8": "8/8", "3/8": "3/8"} {
		if s, err := Parse(text); err != nil || s.String() != want {
			t.Errorf("%q is %q (%v), want %q", text, s, err, want)
		}
	}
}
