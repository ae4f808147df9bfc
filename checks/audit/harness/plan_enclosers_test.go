package harness_test

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"domdoc/api/sandbox"
	"domdoc/catalog"
	"domdoc/checks"
	"domdoc/checks/audit/harness"
	"domdoc/checks/plan"
	"domdoc/checks/plan/change"
	"domdoc/checks/plan/planner"
	"domdoc/checks/plan/rehearsal"
)

// wrenStory is a domain that a wildcard two labels above it answers for, and names that exist beside.
const wrenStory = `A wildcard far above

-- story --
domain shop.eu.wren.example
verify TXT _check.wren.example tok-99000061
-- zone wren.example --
*         86400 CNAME {target}.
_check          TXT   "tok-99000061"
www.us          TXT   "beside"
-- expect --
pass
`

// hiddenStory is the same domain behind a name that hides the wildcard.
const hiddenStory = `A wildcard that is hidden

-- story --
domain shop.eu.wren.example
verify TXT _check.wren.example tok-99000061
-- zone wren.example --
*               CNAME {target}.
_check          TXT   "tok-99000061"
www.eu          TXT   "hides the wildcard"
-- expect --
fail record.missing routing DOMAIN_010 DOMAIN_019
`

// bothStory has two names that hide it.
var bothStory = strings.Replace(hiddenStory, "www.eu", "mail.eu TXT \"too\"\nwww.eu", 1)

// besideStory returns the story of the same domain in a zone with other records.
func besideStory(records ...string) string {
	return "A domain beside wildcards\n\n-- story --\ndomain shop.eu.wren.example\n" +
		"verify TXT _check.wren.example tok-99000061\n-- zone wren.example --\n_check TXT \"tok-99000061\"\n" +
		strings.Join(records, "\n") + "\n-- expect --\npass\n"
}

// encloserChange is a change of a name that is neither the domain's nor above nor below a changed wildcard.
type encloserChange struct {
	name, story string
	add, remove string // the flag
	change      string // of the sandbox
	verdict     catalog.Verdict
	// doubtful means that nobody can know whether another name hides the wildcard still.
	doubtful bool
	whole    []string // all records of the zone after the change; nil: it is not the whole zone
}

var encloserChanges = []encloserChange{
	{
		name: "a record above the name", story: wrenStory, add: `eu TXT "new"`,
		change: `add eu.wren.example. 300 TXT "new"`, verdict: catalog.Fail,
	},
	{
		name: "a record beside the name", story: wrenStory, add: `www.eu TXT "new"`,
		change: `add www.eu.wren.example. 300 TXT "new"`, verdict: catalog.Fail,
	},
	{
		name: "a record below another name", story: wrenStory, add: `mail.us TXT "new"`,
		change: `add mail.us.wren.example. 300 TXT "new"`, verdict: catalog.Pass,
	},
	{
		name: "the last record beside the name", story: hiddenStory, remove: `www.eu TXT`,
		change: `remove www.eu.wren.example. TXT`, verdict: catalog.Pass, doubtful: true,
	},
	{
		name: "one of two records beside the name", story: bothStory,
		remove: `www.eu TXT`, change: `remove www.eu.wren.example. TXT`, verdict: catalog.Fail, doubtful: true,
	},
	{
		name: "the last record beside the name, by the whole zone", story: hiddenStory,
		change: `remove www.eu.wren.example. TXT`, verdict: catalog.Pass,
		whole: []string{`* CNAME d-wren.cloudfront.net.`, `_check TXT tok-99000061`},
	},
	{
		name:   "one of two records beside the name, by the whole zone",
		story:  bothStory,
		change: `remove www.eu.wren.example. TXT`, verdict: catalog.Fail,
		whole: []string{`* CNAME d-wren.cloudfront.net.`, `_check TXT tok-99000061`, `mail.eu TXT too`},
	},
	{
		name: "the record above the name, where there is another below it", story: strings.Replace(hiddenStory, "www.eu",
			"eu TXT \"above\"\nwww.eu", 1),
		remove: `eu TXT`, change: `remove eu.wren.example. TXT`, verdict: catalog.Fail, doubtful: true,
	},
	{
		name: "the record above the name, where a wildcard stays below it",
		story: strings.NewReplacer("www.eu          TXT   \"hides the wildcard\"", "*.eu TXT \"own\"\neu TXT \"above\"").
			Replace(hiddenStory),
		remove: `eu TXT`, change: `remove eu.wren.example. TXT`, verdict: catalog.Fail,
	},
	{
		name: "the wildcard has another TTL", story: wrenStory, add: `* 300 CNAME d-wren.cloudfront.net.`,
		change: `replace *.wren.example. 300 CNAME d-wren.cloudfront.net.`, verdict: catalog.Pass,
	},
	{
		name: "the wildcard leads elsewhere", story: wrenStory, add: `* 300 CNAME elsewhere.fabrikam.example.`,
		change: `replace *.wren.example. 300 CNAME elsewhere.fabrikam.example.`, verdict: catalog.Fail,
	},
	{
		name: "the wildcard is removed", story: wrenStory, remove: `* CNAME`,
		change: `remove *.wren.example. CNAME`, verdict: catalog.Fail,
	},
	{
		name:  "the wildcard beside a record with the same data is removed",
		story: besideStory("shop.eu CNAME {target}.", "*.eu CNAME {target}."), remove: `*.eu CNAME`,
		change: `remove *.eu.wren.example. CNAME`, verdict: catalog.Pass,
	},
	{
		name:   "the wildcard beside a record and a wildcard below with the same data is removed",
		story:  besideStory("shop.eu CNAME {target}.", "*.shop.eu CNAME {target}.", "*.eu CNAME {target}."),
		remove: `*.eu CNAME`, change: `remove *.eu.wren.example. CNAME`, verdict: catalog.Pass,
	},
	{
		name:  "the wildcard for which alone the name exists is removed",
		story: besideStory("* CNAME {target}.", "*.shop.eu CNAME {target}."), remove: `*.shop.eu CNAME`,
		change: `remove *.shop.eu.wren.example. CNAME`, verdict: catalog.Pass, doubtful: true,
	},
	{
		name:  "a link of the chain is removed where a wildcard leads to the same",
		story: besideStory("shop.eu CNAME a", "a CNAME {target}.", "* CNAME {target}."), remove: `a CNAME`,
		change: `remove a.wren.example. CNAME`, verdict: catalog.Pass, doubtful: true,
	},
	{
		name:  "a link of the chain is removed",
		story: besideStory("shop.eu CNAME a", "a CNAME {target}."), remove: `a CNAME`,
		change: `remove a.wren.example. CNAME`, verdict: catalog.Fail,
	},
	{
		name:  "a link that a wildcard answers gets a DNAME",
		story: besideStory("shop.eu CNAME a", "* 86400 CNAME {target}."), add: `a DNAME nowhere.example.`,
		change: `add a.wren.example. 300 DNAME nowhere.example.`, verdict: catalog.Fail,
	},
	{
		name:  "another name gets a DNAME",
		story: besideStory("shop.eu CNAME a", "* 86400 CNAME {target}."), add: `b DNAME nowhere.example.`,
		change: `add b.wren.example. 300 DNAME nowhere.example.`, verdict: catalog.Pass,
	},
	{
		name:  "a link that a wildcard answers gets a record of a rare type",
		story: besideStory("shop.eu CNAME a", "* 86400 CNAME {target}."), add: `a EUI48 00-00-5e-00-53-2a`,
		change: `add a.wren.example. 300 EUI48 00-00-5e-00-53-2a`, verdict: catalog.Fail,
	},
	{
		name:  "a record is removed where a wildcard has another type",
		story: besideStory("shop.eu CNAME {target}.", "*.eu AAAA 2600:9000:2000::1"), remove: `shop.eu CNAME`,
		change: `remove shop.eu.wren.example. CNAME`, verdict: catalog.Pass, doubtful: true,
	},
	{
		name:  "a record is removed where a wildcard has a text",
		story: besideStory("shop.eu CNAME {target}.", `*.eu TXT "hello"`), remove: `shop.eu CNAME`,
		change: `remove shop.eu.wren.example. CNAME`, verdict: catalog.Fail,
	},
	{
		name:  "the wildcard beside addresses is removed",
		story: besideStory("shop.eu AAAA 2600:9000:2000::1", `*.eu TXT "hello"`), remove: `*.eu TXT`,
		change: `remove *.eu.wren.example. TXT`, verdict: catalog.Pass,
	},
}

// TestPlannedEnclosers plans records that make or remove the closest encloser of a domain (RFC 4592 3.3.1), so that
// another wildcard or none answers for it, and then makes them.
func TestPlannedEnclosers(t *testing.T) {
	t.Parallel()
	world := storyPaths(t)["_world"]
	for _, c := range encloserChanges {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.test(t, world, 0)
		})
		t.Run(c.name+" in a large change", func(t *testing.T) {
			t.Parallel()
			c.test(t, world, 400)
		})
	}
}

// test plans the change, with some records elsewhere in the zone of which the planner may leave the names out.
func (c encloserChange) test(t *testing.T, world []byte, elsewhere int) {
	ctx := t.Context()
	var ahead atomic.Int64
	l, err := harness.New(ctx, sandbox.Options{
		Stories: fstest.MapFS{"_world.txtar": {Data: world}, "wren.txtar": {Data: []byte(c.story)}},
		Clock:   func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) },
	})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	target, err := l.Target(l.Stories()[0])
	if err != nil {
		t.Fatal(err)
	}
	add, remove := slices.Clone(c.whole), []string(nil)
	if c.add != "" {
		add = append(add, c.add)
	}
	if c.remove != "" {
		remove = append(remove, c.remove)
	}
	for i := range elsewhere {
		add = append(add, fmt.Sprintf(`h%d TXT "elsewhere"`, i))
	}
	set, err := change.Flags("wren.example", add, remove, nil)
	if err != nil {
		t.Fatal(err)
	}
	promise := plan.Run(ctx, l.Doctor, l.Wire(), plan.Request{
		Targets: []checks.Target{target}, Changes: []rehearsal.Change{{
			Zone: "wren.example", Edits: set.Edits, Whole: c.whole != nil,
		}},
	})
	if err := l.Change(l.Domain(l.Stories()[0]), "zone wren.example "+c.change); err != nil {
		t.Fatal(err)
	}
	ahead.Store(int64(time.Until(promise.Settled) + time.Second))
	l.Reset(ctx)
	after := l.Doctor.Diagnose(ctx, target)
	if c.verdict == catalog.Fail && c.add != "" && time.Until(promise.Settled) < 23*time.Hour {
		t.Errorf("resolvers have the wildcard's answer for a day, and the plan says until %s", promise.Settled)
	}
	if after.Verdict != c.verdict {
		t.Errorf("it became %s, want %s", after.Verdict, c.verdict)
	}
	want := summary(after)
	if c.doubtful {
		want = []string{catalog.Inconclusive.String()}
	}
	if got := summary(promise.Domains[0].After); !slices.Equal(got, want) {
		t.Errorf("planned %q, and it became %q", got, want)
		for _, f := range after.Findings {
			t.Logf("became: %s: %s", f, f.Why())
		}
	}
}

// TestPlannedDoubtBesideFault plans what may break a domain that fails already: that it fails does not hide that a part
// of it could not be judged.
func TestPlannedDoubtBesideFault(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		beside string
		open   bool
	}{{`other.us TXT "elsewhere"`, false}, {`* CNAME elsewhere.fabrikam.example.`, true}} {
		text := besideStory("shop.eu CNAME {target}.", c.beside)
		text = strings.Replace(text, "_check TXT", "_check 5 TXT", 1)
		l, err := harness.New(t.Context(), sandbox.Options{Stories: fstest.MapFS{
			"_world.txtar": {Data: storyPaths(t)["_world"]}, "wren.txtar": {Data: []byte(text)},
		}})
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		target, err := l.Target(l.Stories()[0])
		if err != nil {
			t.Fatal(err)
		}
		set, err := change.Flags("wren.example", nil, []string{"shop.eu CNAME"}, nil)
		if err != nil {
			t.Fatal(err)
		}
		r := plan.Run(t.Context(), l.Doctor, l.Wire(), plan.Request{
			Targets: []checks.Target{target}, Changes: []rehearsal.Change{{Zone: "wren.example", Edits: set.Edits}},
		})
		if r.Domains[0].Before.Verdict != catalog.Fail || r.Domains[0].After.Verdict != catalog.Fail {
			t.Errorf("%s: %q became %q", c.beside, summary(r.Domains[0].Before), summary(r.Domains[0].After))
		}
		if r.Unjudged() != c.open {
			t.Errorf("%s: unjudged is %v: %q", c.beside, r.Unjudged(), summary(r.Domains[0].After))
		}
	}
}

// TestDetachWildcards lists the wildcards that lead to the service: those that are there.
func TestDetachWildcards(t *testing.T) {
	t.Parallel()
	world := storyPaths(t)["_world"]
	for _, c := range []struct{ name, records, want string }{
		{"far above", "", "*.wren.example"},
		{"just above", "*.eu CNAME {target}.\n", "*.eu.wren.example *.wren.example"},
		{
			"below it", "*.shop.eu CNAME {target}.\nshop.eu CNAME {target}.\nmail.eu TXT \"x\"\n",
			"shop.eu.wren.example *.shop.eu.wren.example *.wren.example",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			text := strings.Replace(wrenStory, "-- expect --", c.records+"-- expect --", 1)
			l, err := harness.New(t.Context(), sandbox.Options{Stories: fstest.MapFS{
				"_world.txtar": {Data: world}, "wren.txtar": {Data: []byte(text)},
			}})
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			p, err := planner.Make(t.Context(), l.Doctor, l.Wire(), planner.Request{
				Name: "shop.eu.wren.example", Detach: true,
			})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, left := range p.Detach.Left {
				if left.Kind.Takeover() {
					got = append(got, left.Name)
				}
			}
			if got := strings.Join(got, " "); got != c.want {
				t.Errorf("left are %q, want %q", got, c.want)
			}
		})
	}
}
