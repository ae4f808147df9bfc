package harness_test

import (
	"fmt"
	"testing"

	"domdoc/checks/probe/exchange"
)

// mostSamples is how often a resolver may be asked the same query: a public one has several caches behind one
// address.
const mostSamples = 5

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
