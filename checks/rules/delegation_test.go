package rules

import "testing"

// TestDelegationCases checks that only healthy delegations have no report in the table.
func TestDelegationCases(t *testing.T) {
	t.Parallel()
	for bits := range 1 << 6 {
		has := func(i int) bool { return bits>>i&1 == 1 }
		reported := false
		for _, c := range delegationCases {
			if c.lame.allows(has(0)) && c.good.allows(has(1)) && c.silent.allows(has(2)) && c.noIPv6.allows(has(3)) &&
				c.unclear.allows(has(4)) && c.unknown.allows(has(5)) {
				reported = true
				break
			}
		}
		healthy := !has(0) && has(1) && !has(2) && !has(4)
		if reported == healthy {
			t.Errorf("lame %v, good %v, silent %v, no IPv6 %v, unclear %v, unknown %v: reported is %v",
				has(0), has(1), has(2), has(3), has(4), has(5), reported)
		}
	}
}
