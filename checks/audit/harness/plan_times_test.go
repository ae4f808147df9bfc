package harness_test

import (
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"domdoc/api/sandbox"
	"domdoc/checks"
	"domdoc/checks/audit/harness"
	"domdoc/checks/plan"
	"domdoc/checks/plan/change"
	"domdoc/checks/plan/rehearsal"
	"domdoc/checks/probe/exchange"

	"github.com/miekg/dns"
)

var plannedTimes = []struct {
	name, beside string // a record of the zone
	add, remove  string // the flag
	asked        string // of which resolvers have an answer of each type
	change       string // of the sandbox
	least, most  time.Duration
}{
	{
		name: "a name that a wildcard answers gets records", beside: "* 86400 AAAA 2600:9000:2000::1",
		add: `new TXT "x"`, change: `add new.wren.example. 300 TXT "x"`, asked: "new.wren.example",
		least: 24 * time.Hour, most: 25 * time.Hour,
	},
	{
		name: "a name gets records", beside: "other 86400 AAAA 2600:9000:2000::1",
		add: `new TXT "x"`, change: `add new.wren.example. 300 TXT "x"`, asked: "new.wren.example",
		least: 5 * time.Minute, most: 6 * time.Minute,
	},
	{
		name: "a wildcard answers for a name whose record goes", beside: "* AAAA 2600:9000:2000::1",
		remove: `old TXT`, change: `remove old.wren.example. TXT`, asked: "old.wren.example",
		least: 5 * time.Minute, most: 6 * time.Minute,
	},
	{
		name: "the record of a name goes", beside: "other AAAA 2600:9000:2000::1",
		remove: `old TXT`, change: `remove old.wren.example. TXT`, asked: "old.wren.example",
		least: time.Minute, most: 2 * time.Minute,
	},
	{
		name: "a DNAME goes", beside: "dn 3600 DNAME us.wren.example.",
		remove: `dn DNAME`, change: `remove dn.wren.example. DNAME`, asked: "shop.dn.wren.example",
		least: time.Hour, most: 61 * time.Minute,
	},
	{
		name: "the domain may be answered by a wildcard", beside: "* CNAME {target}.",
		remove: `x.shop.eu TXT`, change: `remove x.shop.eu.wren.example. TXT`, asked: "shop.eu.wren.example",
		least: 5 * time.Minute, most: 6 * time.Minute,
	},
}

// TestPlannedTimes plans records at which a wildcard begins or ends to answer, and asks resolvers that have asked for
// each type before.
func TestPlannedTimes(t *testing.T) {
	t.Parallel()
	for _, c := range plannedTimes {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			var ahead atomic.Int64
			text := besideStory(c.beside, `old 60 TXT "old"`, `x.shop.eu 60 TXT "below"`)
			l, err := harness.New(ctx, sandbox.Options{
				Stories: fstest.MapFS{
					"_world.txtar": {Data: storyPaths(t)["_world"]}, "wren.txtar": {Data: []byte(text)},
				},
				Clock: func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) },
			})
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			target, err := l.Target(l.Stories()[0])
			if err != nil {
				t.Fatal(err)
			}
			var add, remove []string
			if c.add != "" {
				add = []string{c.add}
			} else {
				remove = []string{c.remove}
			}
			set, err := change.Flags("wren.example", add, remove, nil)
			if err != nil {
				t.Fatal(err)
			}
			p := plan.Run(ctx, l.Doctor, l.Wire(), plan.Request{
				Targets: []checks.Target{target}, Changes: []rehearsal.Change{{Zone: "wren.example", Edits: set.Edits}},
			})
			promised := p.Settled.Sub(p.At)
			if promised < c.least || promised > c.most {
				t.Errorf("settled after %s, want %s to %s", promised, c.least, c.most)
			}
			l.Reset(ctx)
			types := []uint16{dns.TypeA, dns.TypeAAAA, dns.TypeTXT, dns.TypeCNAME}
			for _, rrtype := range types {
				for _, srv := range l.Doctor.Session.Resolvers() {
					l.Doctor.Session.Resolve(ctx, srv, c.asked, rrtype)
				}
			}
			if err := l.Change(l.Domain(l.Stories()[0]), "zone wren.example "+c.change); err != nil {
				t.Fatal(err)
			}
			ahead.Store(int64(promised + time.Second)) // after the change, which is made now
			l.Reset(ctx)
			noneIsOld(t, l, c.asked, types)
		})
	}
}

// noneIsOld compares the answers of the resolvers with those of the zone's own servers.
func noneIsOld(t *testing.T, l *harness.Harness, name string, types []uint16) {
	t.Helper()
	for _, rrtype := range types {
		is := l.Doctor.Session.Lookup(t.Context(), name, rrtype).First()
		for _, srv := range l.Doctor.Session.Resolvers() {
			x := l.Doctor.Session.Resolve(t.Context(), srv, name, rrtype)
			if (x.Outcome == exchange.Answered) != (is.Outcome == exchange.Answered) || x.CNAME(name) != is.CNAME(name) {
				t.Errorf("%s %s: %s has %s, and it is %s", name, dns.TypeToString[rrtype], srv, x.Outcome, is.Outcome)
			}
		}
	}
}
