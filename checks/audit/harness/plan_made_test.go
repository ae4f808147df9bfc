package harness_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"domdoc/api/sandbox"
	"domdoc/checks/audit/harness"
	"domdoc/checks/plan"
	"domdoc/checks/plan/change"
	"domdoc/checks/probe/exchange"
)

// madeStory has a name with two addresses, and a wildcard.
const madeStory = `Two addresses

-- story --
domain shop.teal.example
verify TXT _verify.@ tok-99000062
-- zone teal.example --
shop         A     13.32.10.1
shop         A     13.32.10.2
_verify.shop TXT   "tok-99000062"
*.wild       CNAME shop
old          CNAME shop
-- expect --
pass
`

var asMade = []struct {
	name, file string
	edits      []string // that are made: "op name TYPE"
	notes      []string // a part of each
}{
	{
		name: "a CNAME after the last of two addresses",
		file: "update delete shop.teal.example. A 13.32.10.1\nupdate delete shop.teal.example. A 13.32.10.2\n" +
			"update add shop.teal.example. 300 CNAME d-teal.cloudfront.net.\n",
		edits: []string{"remove shop A", "remove shop A", "add shop CNAME"},
	},
	{
		name: "a CNAME after the first of two addresses",
		file: "update delete shop.teal.example. A 13.32.10.1\n" +
			"update add shop.teal.example. 300 CNAME d-teal.cloudfront.net.\n",
		edits: []string{"remove shop A"}, notes: []string{"CNAME"},
	},
	{
		name: "a CNAME after an address that comes and goes",
		file: "update add new.teal.example. 300 A 13.32.10.3\nupdate delete new.teal.example. A 13.32.10.3\n" +
			"update add new.teal.example. 300 CNAME d-teal.cloudfront.net.\n",
		edits: []string{"add new A", "remove new A", "add new CNAME"},
	},
	{
		name: "an address where a wildcard has a CNAME", file: "update add x.wild.teal.example. 300 A 13.32.10.3\n",
		edits: []string{"add x.wild A"},
	},
	{
		name: "an address beside a CNAME", file: "update add old.teal.example. 300 A 13.32.10.3\n",
		notes: []string{"A record"},
	},
	{
		name: "two values deleted and created again",
		file: batch(`DELETE","ResourceRecordSet":{"Name":"shop.teal.example","Type":"A","TTL":300,"ResourceRecords":`+
			`[{"Value":"13.32.10.1"},{"Value":"13.32.10.2"}]`, `CREATE","ResourceRecordSet":{"Name":`+
			`"shop.teal.example","Type":"A","TTL":60,"ResourceRecords":[{"Value":"13.32.10.1"}]`),
		edits: []string{"remove shop A", "remove shop A", "replace shop A"},
	},
	{
		name: "created where it is",
		file: batch(`CREATE","ResourceRecordSet":{"Name":"shop.teal.example","Type":"A","TTL":60,` +
			`"ResourceRecords":[{"Value":"13.32.10.1"}]`),
		edits: []string{"replace shop A"}, notes: []string{"CREATE"},
	},
	{
		name: "created where a wildcard answers",
		file: batch(`CREATE","ResourceRecordSet":{"Name":"x.wild.teal.example","Type":"CNAME","TTL":60,` +
			`"ResourceRecords":[{"Value":"d-teal.cloudfront.net."}]`),
		edits: []string{"replace x.wild CNAME"},
	},
}

// batch is a change batch of Route 53.
func batch(changes ...string) string {
	for i, c := range changes {
		changes[i] = `{"Action":"` + c + `}}`
	}
	return `{"Changes":[` + strings.Join(changes, ",") + "]}"
}

// TestAsMade compares what a server makes of changes with what the zone has before each of them.
func TestAsMade(t *testing.T) {
	t.Parallel()
	l, err := harness.New(t.Context(), sandbox.Options{Stories: fstest.MapFS{
		"_world.txtar": {Data: storyPaths(t)["_world"]}, "teal.txtar": {Data: []byte(madeStory)},
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for _, c := range asMade {
		t.Run(c.name, func(t *testing.T) {
			set, err := change.Read("changes", []byte(c.file), "teal.example", false)
			if err != nil {
				t.Fatal(err)
			}
			edits, notes := plan.AsMade(t.Context(), l.Doctor.Session, "teal.example", set)
			var got []string
			for _, e := range edits {
				got = append(got, fmt.Sprintf("%s %s %s", e.Op, strings.TrimSuffix(e.Name, ".teal.example"),
					exchange.TypeName(e.Type)))
			}
			if !slices.Equal(got, c.edits) {
				t.Errorf("made %q, want %q", got, c.edits)
			}
			if len(notes) != len(c.notes) || len(notes) > 0 && !strings.Contains(notes[0], c.notes[0]) {
				t.Errorf("notes %q, want %q", notes, c.notes)
			}
		})
	}
}
