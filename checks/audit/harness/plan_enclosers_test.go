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

// encloserChange is a change of a name that is neither the domain's nor above nor below a changed wildcard.
type encloserChange struct {
	name, story string
	flag        string // of --add or --remove
	change      string // of the sandbox
	verdict     catalog.Verdict
}

var encloserChanges = []encloserChange{
	{
		"a record above the name", wrenStory, `eu TXT "new"`,
		`add eu.wren.example. 300 TXT "new"`, catalog.Fail,
	},
	{
		"a record beside the name", wrenStory, `www.eu TXT "new"`,
		`add www.eu.wren.example. 300 TXT "new"`, catalog.Fail,
	},
	{
		"a record below another name", wrenStory, `mail.us TXT "new"`,
		`add mail.us.wren.example. 300 TXT "new"`, catalog.Pass,
	},
	{
		"the last record beside the name", hiddenStory, `www.eu TXT`,
		`remove www.eu.wren.example. TXT`, catalog.Pass,
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
	var add, remove []string
	if c.verdict == catalog.Pass && c.story == hiddenStory {
		remove = []string{c.flag}
	} else {
		add = []string{c.flag}
	}
	for i := range elsewhere {
		add = append(add, fmt.Sprintf(`h%d TXT "elsewhere"`, i))
	}
	set, err := change.Flags("wren.example", add, remove, nil)
	if err != nil {
		t.Fatal(err)
	}
	promise := plan.Run(ctx, l.Doctor, l.Wire(), plan.Request{
		Targets: []checks.Target{target}, Changes: []rehearsal.Change{{Zone: "wren.example", Edits: set.Edits}},
	})
	if err := l.Change(l.Domain(l.Stories()[0]), "zone wren.example "+c.change); err != nil {
		t.Fatal(err)
	}
	ahead.Store(int64(time.Until(promise.Settled) + time.Second))
	l.Reset(ctx)
	after := l.Doctor.Diagnose(ctx, target)
	if c.verdict == catalog.Fail && time.Until(promise.Settled) < 23*time.Hour {
		t.Errorf("resolvers have the wildcard's answer for a day, and the plan says until %s", promise.Settled)
	}
	if after.Verdict != c.verdict {
		t.Errorf("it became %s, want %s", after.Verdict, c.verdict)
	}
	if got, want := summary(promise.Domains[0].After), summary(after); !slices.Equal(got, want) {
		t.Errorf("planned %q, and it became %q", got, want)
		for _, f := range after.Findings {
			t.Logf("became: %s: %s", f, f.Why())
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
