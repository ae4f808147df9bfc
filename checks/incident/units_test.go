package incident

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"domdoc/catalog"
	"domdoc/catalog/causes"

	"github.com/google/go-cmp/cmp"
)

// TestLargeRegistrations adds and replaces many domains of few registrations in any order: the counters are those of
// what the domains show in the end, each registration counted once.
func TestLargeRegistrations(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(7, 7))
	some := func(list ...string) string { return list[rnd.IntN(len(list))] }
	facts := func(name string) DomainFacts {
		f := NewDomainFacts(name)
		f.DNSHost, f.Registrar, f.Edge = some("one", "two", ""), some("r1", "r2"), some("cloudfront.net", "")
		f.NameServers = []string{some("ns1.a.example", "ns2.a.example"), some("ns3.a.example", "ns4.a.example")}
		for _, check := range []string{"delegation", "dnssec", "registration", "http"} {
			if rnd.IntN(2) == 0 {
				f.Judged = append(f.Judged, check)
			}
		}
		for _, c := range []catalog.ID{
			causes.DelegationUnreachable.ID, causes.RegistrationOnHold.ID, causes.HTTPUnreachable.ID, causes.RecordMissing.ID,
		} {
			if rnd.IntN(12) == 0 {
				f.Roots = append(f.Roots, RootFact{Cause: c, Verdict: catalog.Fail})
			}
		}
		return f
	}
	got := NewDetector()
	last := map[string]DomainFacts{}
	for range 2000 {
		// one small registration, one that is just too large to be small, and one large
		name := fmt.Sprintf("d%d.few.example", rnd.IntN(small))
		switch rnd.IntN(3) {
		case 0:
			name = fmt.Sprintf("d%d.more.example", rnd.IntN(small+1))
		case 1:
			name = fmt.Sprintf("d%d.many.example", rnd.IntN(200))
		}
		f := facts(name)
		got.Add(f)
		last[name] = f
	}
	want, units := NewDetector(), map[string][]*observed{}
	for name := range last {
		k := got.domains[name]
		unit := name[len(name)-len("few.example"):]
		if k.domain != name {
			t.Fatalf("%s is kept as %s", name, k.domain)
		}
		units[unit] = append(units[unit], k)
	}
	for _, list := range units {
		want.count(list, 1)
	}
	seen := func(d *Detector) map[string]counter {
		out := map[string]counter{}
		for at, c := range d.counters {
			if *c != (counter{}) {
				out[at.kind+" "+at.name] = *c
			}
		}
		for kind, c := range d.totals {
			if *c != (counter{}) {
				out[kind] = *c
			}
		}
		return out
	}
	if diff := cmp.Diff(seen(want), seen(got), cmp.AllowUnexported(counter{})); diff != "" {
		t.Errorf("the counters differ (-want +got):\n%s", diff)
	}
	if len(seen(want)) < 10 {
		t.Errorf("only %d places are counted", len(seen(want)))
	}
	if u := got.units["many.example"]; u.many == nil || u.few != nil {
		t.Error("the large registration is counted anew with each change")
	}
}

// TestDetectorMemory bounds what is kept of a domain that shares its places with others. It is not parallel, since it
// measures the heap.
func TestDetectorMemory(t *testing.T) {
	const n, most = 10_000, 350 // bytes
	heap := func() int {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int(m.HeapAlloc)
	}
	d := NewDetector()
	before := heap()
	for i := range n {
		f := NewDomainFacts(fmt.Sprintf("shop.tenant-%06d.example", i))
		f.DNSHost, f.Registrar, f.Authority, f.Edge = "hoster", "Registrar, Inc.", "Amazon", "cloudfront.net"
		f.NameServers = []string{"ns1.hoster.example", "ns2.hoster.example"}
		f.Judged = []string{"delegation", "dnssec", "registration", "certificate", "http"}
		f.Roots = []RootFact{{Cause: causes.RecordMissing.ID, Verdict: catalog.Fail}} // the domain's own
		d.Add(f)
	}
	if each := (heap() - before) / n; each > most {
		t.Errorf("a domain takes %d bytes, want at most %d", each, most)
	} else {
		t.Logf("a domain takes %d bytes", each)
	}
	if c := d.counters[location{causes.PlaceEdge, "cloudfront.net"}]; c == nil || slices.Max(c.judged[:]) != n {
		t.Errorf("%+v are counted", c)
	}
}
