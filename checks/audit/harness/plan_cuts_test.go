package harness_test

import (
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"domdoc/api/sandbox"
	"domdoc/api/sandbox/sandboxtest"
	"domdoc/catalog"
	"domdoc/checks"
	"domdoc/checks/audit/harness"
	"domdoc/checks/plan"
	"domdoc/checks/plan/change"
	"domdoc/checks/plan/rehearsal"
)

// A DS record of no key.
const noDS = "DS 12345 13 2 aabbccddeeff00112233445566778899aabbccddeeff00112233445566778899"

// plannedCut is a change of a delegation, of DNSSEC or of a DNAME.
type plannedCut struct {
	name, story, zone string
	add, remove, set  []string // as flags have them
	// lines make the same change in the sandbox; or the story has other text, old and new by turns
	lines   []string
	text    []string
	verdict catalog.Verdict
}

// plannedCuts are such changes, each beside one that harms nothing.
var plannedCuts = []plannedCut{
	{
		name: "a delegation is removed", story: "healthy-zone-cut", zone: "lilac.example", remove: []string{"dev NS"},
		lines: []string{"remove dev NS"}, verdict: catalog.Fail,
	},
	{
		name: "another name is delegated", story: "healthy-zone-cut", zone: "lilac.example",
		add: []string{"test NS ns1.nowhere.example."}, lines: []string{"add test NS ns1.nowhere.example."},
		verdict: catalog.Pass,
	},
	{
		name: "the delegation has another TTL", story: "healthy-zone-cut", zone: "lilac.example",
		set: []string{"dev 600 NS ada.ns.cloudflare.com.", "dev 600 NS bob.ns.cloudflare.com."},
		lines: []string{
			"replace dev 600 NS ada.ns.cloudflare.com.", "add dev 600 NS bob.ns.cloudflare.com.",
		},
		verdict: catalog.Pass,
	},
	{
		name: "the whole zone without its delegation", story: "healthy-zone-cut", zone: "lilac.example",
		remove: []string{"dev"}, lines: []string{"remove dev NS"}, verdict: catalog.Fail,
	},
	{
		name: "a delegation to servers without an address", story: "healthy-own-cut-signed", zone: "siskin.example",
		set: []string{"shop NS ns1.nowhere.example."}, lines: []string{"replace shop NS ns1.nowhere.example."},
		verdict: catalog.Fail,
	},
	{
		name: "a delegation to servers without the zone", story: "healthy-own-cut-signed", zone: "siskin.example",
		set: []string{"shop NS ada.ns.cloudflare.com."}, lines: []string{"replace shop NS ada.ns.cloudflare.com."},
		verdict: catalog.Fail,
	},
	{
		name: "a DS record of no key at a delegation", story: "healthy-own-cut-signed", zone: "siskin.example",
		set: []string{"shop 86400 " + noDS}, verdict: catalog.Fail,
		text: []string{"signed shop.siskin.example", "signed shop.siskin.example ds=stale"},
	},
	{
		name: "the DS record of a delegation is removed", story: "healthy-own-cut-signed", zone: "siskin.example",
		remove: []string{"shop DS"}, verdict: catalog.Pass,
		text: []string{"signed shop.siskin.example", "signed shop.siskin.example ds=none"},
	},
	{
		name: "the cure of leftover NS records", story: "own-cut-served", zone: "bustard.example",
		remove: []string{"shop NS"},
		add: []string{
			"shop CNAME d-own-cut-served.cloudfront.net.", `_verify.shop TXT "tok-a1000006"`,
		},
		lines: []string{
			"remove shop NS", "add shop CNAME d-own-cut-served.cloudfront.net.", `add _verify.shop TXT "tok-a1000006"`,
		},
		verdict: catalog.Pass,
	},
	{
		name: "the cure of a stale DS record below", story: "two-cuts-stale-ds", zone: "dev.firecrest.example",
		remove:  []string{"shop DS"},
		text:    []string{"shop.dev.firecrest.example ds=stale", "shop.dev.firecrest.example ds=none"},
		verdict: catalog.Pass,
	},
	{
		name: "a name above is delegated", story: "healthy-branch-without-wildcard", zone: "athabasca.example",
		add: []string{"eu NS ns1.nowhere.example."}, lines: []string{"add eu NS ns1.nowhere.example."},
		verdict: catalog.Fail,
	},
	{
		name: "a name above is delegated to another host", story: "healthy-branch-without-wildcard",
		zone: "athabasca.example", add: []string{"eu NS ada.ns.cloudflare.com."},
		lines: []string{"add eu NS ada.ns.cloudflare.com."}, verdict: catalog.Fail,
	},
	{
		name: "a DNAME above", story: "healthy-branch-without-wildcard", zone: "athabasca.example",
		add: []string{"eu DNAME nowhere.example."}, lines: []string{"add eu DNAME nowhere.example."},
		verdict: catalog.Fail,
	},
	{
		name: "a DNAME beside", story: "healthy-branch-without-wildcard", zone: "athabasca.example",
		add: []string{"us DNAME nowhere.example."}, lines: []string{"add us DNAME nowhere.example."},
		verdict: catalog.Pass,
	},
	{
		name: "a DNAME is removed", story: "healthy-signed-dname", zone: "adourriver.example",
		remove: []string{"eu DNAME"}, lines: []string{"remove eu DNAME"}, verdict: catalog.Fail,
	},
	{
		name: "a DNAME has another TTL", story: "healthy-signed-dname", zone: "adourriver.example",
		set:   []string{"eu 600 DNAME emea.adourriver.example."},
		lines: []string{"replace eu 600 DNAME emea.adourriver.example."}, verdict: catalog.Pass,
	},
	{
		name: "the cure of a stale DS record", story: "dnssec-stale-ds", zone: "maple.example", remove: []string{"@ DS"},
		text: []string{"signed maple.example ds=stale", "signed maple.example ds=none"}, verdict: catalog.Pass,
	},
	{
		name: "a DS record of no key", story: "healthy-signed", zone: "larch.example", set: []string{"@ 86400 " + noDS},
		text: []string{"signed larch.example", "signed larch.example ds=stale"}, verdict: catalog.Fail,
	},
	{
		name: "the DS record is removed", story: "healthy-signed", zone: "larch.example", remove: []string{"@ DS"},
		text: []string{"signed larch.example", "signed larch.example ds=none"}, verdict: catalog.Pass,
	},
}

// TestPlannedCuts plans the changes, makes each, and compares as TestPlannedBreaks does.
func TestPlannedCuts(t *testing.T) {
	t.Parallel()
	paths := storyPaths(t)
	for _, c := range sandboxtest.UnderRace(t, sandboxtest.Sample(t, plannedCuts)) {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.test(t, paths)
		})
	}
}

// test plans the change, makes it, and compares.
func (c plannedCut) test(t *testing.T, paths map[string][]byte) {
	ctx := t.Context()
	var ahead atomic.Int64
	start := func(replace ...string) *harness.Harness {
		text := paths[c.story]
		if len(replace) > 0 {
			text = []byte(strings.NewReplacer(replace...).Replace(string(text)))
		}
		l, err := harness.New(ctx, sandbox.Options{
			Stories: fstest.MapFS{"_world.txtar": {Data: paths["_world"]}, c.story + ".txtar": {Data: text}},
			Clock:   func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) },
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(l.Close)
		return l
	}
	l := start()
	target, err := l.Target(l.Stories()[0])
	if err != nil {
		t.Fatal(err)
	}
	set, err := change.Flags(c.zone, c.add, c.remove, c.set)
	if err != nil {
		t.Fatal(err)
	}
	promise := plan.Run(ctx, l.Doctor, l.Wire(), plan.Request{
		Targets: []checks.Target{target}, Changes: []rehearsal.Change{{Zone: c.zone, Edits: set.Edits}},
	})
	if promise.Settled.IsZero() {
		t.Fatal("nothing is promised")
	}
	if len(c.text) > 0 {
		l = start(c.text...)
	}
	for _, line := range c.lines {
		if err := l.Change(l.Domain(l.Stories()[0]), "zone "+c.zone+" "+line); err != nil {
			t.Fatal(err)
		}
	}
	ahead.Store(int64(time.Until(promise.Settled) + time.Second))
	l.Reset(ctx)
	after := l.Doctor.Diagnose(ctx, target)
	got, want := summary(promise.Domains[0].After), summary(after)
	if !slices.Equal(got, want) || after.Verdict != c.verdict {
		t.Errorf("planned %q, and it became %q", got, want)
		for _, s := range promise.Domains[0].After.Checks {
			t.Logf("planned check: %+v", s)
		}
		for _, f := range after.Findings {
			t.Logf("became: %s: %s (blocked by %q)", f, f.Why(), f.BlockedBy)
		}
	}
	if promise.Unjudged() {
		t.Errorf("not judged: %q", promise.Open)
	}
}

// storyPaths returns the text of each built-in story, by its name.
func storyPaths(t *testing.T) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	if err := fs.WalkDir(sandbox.Scenarios(), ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(sandbox.Scenarios(), p)
		out[strings.TrimSuffix(path.Base(p), ".txtar")] = text
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return out
}
