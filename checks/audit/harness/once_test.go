package harness_test

import (
	"fmt"
	"testing"

	"domdoc/checks/observe"
	"domdoc/checks/probe/exchange"
	"domdoc/checks/result"
)

// mostSamples is how often a resolver may be asked the same query: a public one has several caches behind one
// address. A wrong answer is looked at twice again, from up to three ports.
const (
	mostSamples = 5
	mostLooks   = 6
)

// TestEachQuestionOnce reads the ledgers of all stories: each server is asked each query once, and a resolver as
// often as it is sampled.
func TestEachQuestionOnce(t *testing.T) {
	t.Parallel()
	for name, o := range outcomes(t) {
		asked := map[string]int{}
		for _, x := range o.Report.Ledger {
			key := fmt.Sprintf("%s %s %s, recursion %v, unchecked %v, signatures %v", x.Kind, x.Server(), x.Asked, x.RD,
				x.CD, x.DO)
			asked[key]++
			most := 1
			if x.Kind == exchange.KindDNS && x.RD {
				most = mostSamples
				if wrongAt(o.Report, x) {
					most += mostLooks
				}
			}
			if x.Kind == exchange.KindService && x.Asked == "GET /domains/v1/domains" {
				continue // a page of the list each
			}
			if asked[key] == most+1 {
				t.Errorf("story %s: asked more than %d times: %s", name, most, key)
			}
		}
	}
}

// wrongAt reports whether a resolver gave a wrong answer for a name at any look.
func wrongAt(r *result.Domain, x *exchange.Exchange) bool {
	if x.Outcome == exchange.NXDomain || x.Outcome == exchange.NoData {
		return true
	}
	for _, row := range r.Propagation {
		if name, _ := exchange.SplitAsked(x.Asked); row.Name != name {
			continue
		}
		for _, c := range row.Cells {
			if c.Kind == observe.KindResolver && c.Server == x.Addr.String() {
				return c.State == observe.CellDiffers || c.State == observe.CellMissing || c.Recovered
			}
		}
	}
	return false
}
