package harness_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"domdoc/api/sandbox"
	"domdoc/catalog"
	"domdoc/checks"
	"domdoc/checks/audit/harness"
	"domdoc/checks/plan"
	"domdoc/checks/plan/change"
	"domdoc/checks/plan/rehearsal"
	"domdoc/checks/probe/exchange"
)

// rareStory has records that are seldom asked for, a wildcard, and a zone below with its server inside it.
const rareStory = `Records of many kinds

-- story --
domain shop.rare.example
verify TXT _verify.@ tok-99000050
-- zone rare.example --
shop         CNAME {target}.
_verify.shop TXT   "tok-99000050"
@            MX    10 mail
mail         A     85.13.20.25
@            TXT   "v=spf1 include:_spf.example.net" " -all"
ssh          SSHFP 1 1 123456789abcdef67890123456789abcdef67890
nap          NAPTR 100 10 "u" "E2U+sip" "" sip.example.net.
lb           A     13.32.10.107
*.wild       A     13.32.10.107
dev          NS    ns1.dev
ns1.dev      A     85.13.20.26
-- expect --
pass
`

// apexStory is a domain at the apex of a zone at Cloudflare, which flattens.
const apexStory = `An apex

-- story --
domain rare.example
verify TXT _verify.@ tok-99000050
-- zone rare.example @ cloudflare --
@       A   13.32.10.1
@       A   13.32.10.2
@       AAAA 2600:9000:2000::1
_verify TXT "tok-99000050"
-- expect --
pass
`

// wrongStory is a domain that points elsewhere.
var wrongStory = strings.Replace(rareStory, "shop         CNAME {target}.", "shop CNAME shop.oldhost.example.", 1)

const (
	rareRest = "shop CNAME d-rare.cloudfront.net.\n_verify.shop TXT \"tok-99000050\"\n" +
		"@ TXT \"v=spf1 include:_spf.example.net\" \" -all\"\nssh SSHFP 1 1 123456789abcdef67890123456789abcdef67890\n" +
		"nap NAPTR 100 10 \"u\" \"E2U+sip\" \"\" sip.example.net.\nlb A 13.32.10.107\n*.wild A 13.32.10.107\n" +
		"dev NS ns1.dev\nns1.dev A 85.13.20.26\n"
	rareMail = "@ MX 10 mail\nmail A 85.13.20.25\n"
)

// rarePlan is a change that is planned only, and what the plan says.
type rarePlan struct {
	name, story      string
	add, remove, set []string // as flags have them, or a file
	file             string
	whole            bool

	records []string // that change: "name TYPE before -> after"
	notes   []string // a part of each note
	refused []catalog.ID
	verdict catalog.Verdict // afterwards
	open    bool            // not everything is judged
	cured   int
}

var rarePlans = []rarePlan{
	{
		name: "all of a name that has a rare type", remove: []string{"ssh"},
		records: []string{"ssh SSHFP [1 1 123456789ABCDEF67890123456789ABCDEF67890] -> []"},
	},
	{
		name: "the TTL of a rare type", set: []string{"nap TTL 60"},
		records: []string{`nap NAPTR [100 10 "u" "E2U+sip" "" sip.example.net.] -> [100 10 "u" "E2U+sip" "" ` +
			`sip.example.net.]`},
	},
	{
		name: "a CNAME beside a rare type, at a name that is none of the service's", add: []string{"ssh CNAME lb"},
		records: []string{"ssh CNAME [] -> [lb.rare.example]"},
	},
	{
		name: "a text in one string that has two", remove: []string{`@ TXT "v=spf1 include:_spf.example.net -all"`},
		records: []string{"@ TXT [v=spf1 include:_spf.example.net -all] -> []"},
	},
	{
		name: "a text that is another one", remove: []string{`@ TXT "v=spf1 -all"`},
		notes: []string{"no such TXT record"},
	},
	{
		name: "removed and added again", remove: []string{"shop CNAME"},
		add: []string{"shop CNAME d-rare.cloudfront.net."},
	},
	{name: "what does not exist", remove: []string{"nobody A"}, notes: []string{"no such A record"}},
	{
		name: "the TTL of what a wildcard answers", set: []string{"x.wild TTL 100"},
		notes: []string{"no such DNS record"},
	},
	{
		name: "an alias of a name of the same change",
		add:  []string{"lb2 A 13.32.10.109"}, set: []string{"www ALIAS lb2.rare.example."},
		records: []string{"lb2 A [] -> [13.32.10.109]", "www A [] -> [13.32.10.109]"}, notes: []string{"is an alias"},
	},
	{
		name: "an alias of a name that changes", set: []string{"lb A 13.32.10.110", "www ALIAS lb.rare.example."},
		records: []string{"lb A [13.32.10.107] -> [13.32.10.110]", "www A [] -> [13.32.10.110]"},
		notes:   []string{"is an alias"},
	},
	{
		name: "an alias of itself", set: []string{"www ALIAS www.rare.example."}, notes: []string{"is an alias"},
	},
	{
		name: "the address of a server below", set: []string{"ns1.dev A 85.13.20.27"},
		records: []string{"ns1.dev A [85.13.20.26] -> [85.13.20.27]"},
	},
	{
		name: "behind a delegation", set: []string{"x.dev A 85.13.20.27"}, notes: []string{"not visible"},
	},
	{
		name: "a proxied record", story: wrongStory,
		file: ";; Domain: rare.example.\n;; Exported: 2026-11-30 10:00:00\n" +
			"shop.rare.example.\t1\tIN\tCNAME\td-rare.cloudfront.net. ; cf_tags=cf-proxied:true\n",
		verdict: catalog.Inconclusive, open: true, notes: []string{"TTL of 1", "is proxied"},
	},
	{
		name: "the same record without a proxy", story: wrongStory,
		file: ";; Domain: rare.example.\n;; Exported: 2026-11-30 10:00:00\n" +
			"shop.rare.example.\t1\tIN\tCNAME\td-rare.cloudfront.net. ; cf_tags=cf-proxied:false\n",
		records: []string{"shop CNAME [shop.oldhost.example] -> [d-rare.cloudfront.net]"}, cured: 1,
		notes: []string{"TTL of 1"},
	},
	{
		name:  "the whole zone, and a routing policy",
		file:  strings.Replace(rareRest, "net.\n", "net. ; AWS routing=\"WEIGHTED\" weight=1\n", 1) + rareMail,
		whole: true, verdict: catalog.Inconclusive, open: true, notes: []string{"routing policy"},
	},
	{name: "the whole zone as it is", file: rareRest + rareMail, whole: true},
	{
		name: "the whole zone without mail", file: rareRest, whole: true,
		records: []string{"@ MX [10 mail.rare.example] -> []", "mail A [85.13.20.25] -> []"},
	},
	{
		name: "no keys in an unsigned zone", remove: []string{"@ DNSKEY"}, notes: []string{"no such DNSKEY record"},
	},
	{
		name: "no name servers", remove: []string{"@ NS"}, verdict: catalog.Inconclusive, open: true,
		records: []string{"@ NS [ns1.hoster.example ns2.hoster.example] -> []"},
	},
	{
		name: "one name server less", remove: []string{"@ NS ns2.hoster.example."}, verdict: catalog.Warn,
		records: []string{"@ NS [ns1.hoster.example ns2.hoster.example] -> [ns1.hoster.example]"},
	},
	{
		name: "a CNAME at an apex that is flattened", story: apexStory, remove: []string{"@ A", "@ AAAA"},
		add: []string{"@ CNAME d-rare.cloudfront.net."},
	},
	{
		name:  "a CNAME at an apex that is not flattened",
		story: strings.Replace(apexStory, " @ cloudflare", "", 1), remove: []string{"@ A", "@ AAAA"},
		add: []string{"@ CNAME d-rare.cloudfront.net."}, verdict: catalog.Fail,
		refused: []catalog.ID{"service.record-cname-at-apex"},
		records: []string{
			"@ A [13.32.10.1 13.32.10.2] -> []", "@ AAAA [2600:9000:2000::1] -> []",
			"@ CNAME [] -> [d-rare.cloudfront.net]",
		},
	},
}

// TestRarePlans plans changes with little visible effect, or with an outcome that is not known.
func TestRarePlans(t *testing.T) {
	t.Parallel()
	world := storyPaths(t)["_world"]
	worlds := map[string]*harness.Harness{}
	for _, c := range rarePlans {
		text := c.story
		if text == "" {
			text = rareStory
		}
		l := worlds[text]
		if l == nil {
			var err error
			if l, err = harness.New(t.Context(), sandbox.Options{
				Stories: fstest.MapFS{"_world.txtar": {Data: world}, "rare.txtar": {Data: []byte(text)}},
			}); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(l.Close)
			worlds[text] = l
		}
		t.Run(c.name, func(t *testing.T) { c.test(t, l) })
	}
}

// test plans the change.
func (c rarePlan) test(t *testing.T, l *harness.Harness) {
	set, err := change.Flags("rare.example", c.add, c.remove, c.set)
	if c.file != "" {
		set, err = change.Read("changes.zone", []byte("$ORIGIN rare.example.\n$TTL 300\n"+c.file), "rare.example",
			c.whole)
	}
	if err != nil {
		t.Fatal(err)
	}
	target, err := l.Target(l.Stories()[0])
	if err != nil {
		t.Fatal(err)
	}
	r := plan.Run(t.Context(), l.Doctor, l.Wire(), plan.Request{
		Targets: []checks.Target{target}, Changes: []rehearsal.Change{{
			Zone: "rare.example", Edits: set.Edits, Open: set.Open, Whole: set.Whole,
		}},
	})
	c.checkRecords(t, r)
	c.checkNotes(t, append(slices.Clone(set.Notes), r.Notes...))
	c.checkOutcome(t, r)
}

func (c rarePlan) checkRecords(t *testing.T, r *plan.Report) {
	t.Helper()
	var records []string
	for _, x := range r.Records {
		if x.Changes() {
			name := strings.TrimSuffix(strings.TrimSuffix(x.Name, "rare.example"), ".")
			records = append(records, fmt.Sprintf("%s %s %v -> %v", orApex(name), exchange.TypeName(x.Type), x.Before,
				x.After))
		}
	}
	slices.Sort(records)
	if !slices.Equal(records, c.records) {
		t.Errorf("records %q, want %q", records, c.records)
	}
}

func (c rarePlan) checkNotes(t *testing.T, notes []string) {
	t.Helper()
	if len(notes) != len(c.notes) {
		t.Errorf("notes %q, want %q", notes, c.notes)
	}
	for i, want := range c.notes {
		if i < len(notes) && !strings.Contains(notes[i], want) {
			t.Errorf("note %q, want %q", notes[i], want)
		}
	}
}

func (c rarePlan) checkOutcome(t *testing.T, r *plan.Report) {
	t.Helper()
	var refused []catalog.ID
	for _, f := range r.Refused {
		refused = append(refused, f.ID)
	}
	if !slices.Equal(refused, c.refused) {
		t.Errorf("refused %q, want %q", refused, c.refused)
	}
	d := r.Domains[0]
	want := c.verdict
	if want == catalog.NotRun {
		want = catalog.Pass
	}
	if d.After.Verdict != want || len(d.Cured) != c.cured {
		t.Errorf("verdict %s and %d cured, want %s and %d", d.After.Verdict, len(d.Cured), want, c.cured)
		for _, f := range d.After.Findings {
			t.Logf("planned: %s: %s", f, f.Why())
		}
	}
	if r.Unjudged() != c.open {
		t.Errorf("unjudged is %v", r.Unjudged())
	}
}

func orApex(name string) string {
	if name == "" {
		return "@"
	}
	return name
}
