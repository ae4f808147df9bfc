package harness_test

import (
	"fmt"
	"io/fs"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"domdoc/api/sandbox"
	"domdoc/checks/audit/harness"
)

// place is a zone with a typical mistake, or without one.
type place struct {
	name   string
	domain string // "shop" in the zone when empty; "@" is the zone itself
	verify string // "TXT _verify.@ tok-3fa9c05e17" when empty
	zone   string // beside the record that routes the domain
	route  string // in place of that record
	// cause is the only expected finding, with its role; "" for none. why is a part of its text.
	cause, why string
}

const (
	placeToken  = "tok-3fa9c05e17"
	placeTarget = "n-7c21.verify.PLACE"
	byCNAME     = "CNAME _verify.@ " + placeTarget
)

var places = []place{
	{name: "right", zone: `_verify.shop TXT "tok-3fa9c05e17"`},
	{name: "right, in two strings", zone: `_verify.shop TXT "tok-3fa9" "c05e17"`},
	{name: "right, among others", zone: `_verify.shop TXT "tok-3fa9c05e17"` + "\n" +
		`_verify.shop TXT "tok-0000000000"`},
	{name: "right, beside a wildcard", zone: `_verify.shop TXT "tok-3fa9c05e17"` + "\n" + `*.shop TXT "v=spf1 -all"`},
	{name: "right, by a wildcard that holds the token", zone: `*.shop TXT "tok-3fa9c05e17"`},
	{name: "right, and the token also elsewhere", zone: `_verify.shop TXT "tok-3fa9c05e17"` + "\n" +
		`@ TXT "tok-3fa9c05e17"`},
	{name: "right, as a CNAME to where it stands", zone: `_verify.shop CNAME tokens` + "\n" +
		`tokens TXT "tok-3fa9c05e17"`},
	{
		name: "right, by CNAME, in capitals", verify: byCNAME,
		zone: "_VERIFY.SHOP CNAME N-7C21.Verify\nn-7c21.verify TXT ok",
	},

	{name: "missing", cause: "record.missing"},
	{name: "missing, with a wildcard that does not reach so far", zone: `* TXT "v=spf1 -all"`, cause: "record.missing"},
	{
		name: "missing, with another record at the name", zone: `_verify.shop A 46.4.10.9`, cause: "record.missing",
		why: "NODATA",
	},
	{
		name: "missing, with another zone's token elsewhere", zone: `_verify.other TXT "tok-1111111111"`,
		cause: "record.missing",
	},
	{name: "a wildcard of texts answers", zone: `*.shop TXT "v=spf1 -all"`, cause: "record.wildcard-answers"},
	{name: "a wildcard CNAME answers", zone: "*.shop CNAME pages.oldhost.example.", cause: "record.wildcard-answers"},

	{name: "the zone twice", zone: `_verify.shop.PLACE TXT "tok-3fa9c05e17"`, cause: "record.name-doubled"},
	{
		name: "the zone behind the host", zone: `_verify.shop.PLACE.shop TXT "tok-3fa9c05e17"`,
		cause: "record.name-doubled",
	},
	{name: "the label with the zone twice", zone: `_verify.PLACE TXT "tok-3fa9c05e17"`, cause: "record.name-doubled"},
	{
		name: "the zone twice, and quotation marks", zone: `_verify.shop.PLACE TXT "\"tok-3fa9c05e17\""`,
		cause: "record.name-doubled", why: "U+0022",
	},
	{
		name: "at the host itself", route: "shop A 13.32.10.1", zone: `shop TXT "tok-3fa9c05e17"`,
		cause: "record.wrong-name",
	},
	{name: "at the zone itself", zone: `@ TXT "tok-3fa9c05e17"`, cause: "record.wrong-name"},
	{name: "one level too high", zone: `_verify TXT "tok-3fa9c05e17"`, cause: "record.wrong-name"},
	{
		name: "one level too high, from deep below", domain: "a.b", zone: `_verify.b TXT "tok-3fa9c05e17"`,
		cause: "record.wrong-name",
	},
	{name: "below www", zone: `_verify.www.shop TXT "tok-3fa9c05e17"`, cause: "record.wrong-name"},
	{name: "without www", domain: "www", zone: `_verify TXT "tok-3fa9c05e17"`, cause: "record.wrong-name"},
	{name: "at www", zone: `www.shop TXT "tok-3fa9c05e17"`, cause: "record.wrong-name"},
	{name: "without the underscore", zone: `verify.shop TXT "tok-3fa9c05e17"`, cause: "record.wrong-name"},
	{name: "with a hyphen for the underscore", zone: `-verify.shop TXT "tok-3fa9c05e17"`, cause: "record.wrong-name"},
	{
		name: "with an underscore too many", verify: "TXT verify.@ " + placeToken,
		zone: `_verify.shop TXT "tok-3fa9c05e17"`, cause: "record.wrong-name",
	},
	{
		name: "at the host itself, cut off", route: "shop A 13.32.10.1", zone: `shop TXT "tok-3fa9c0…"`,
		cause: "record.wrong-name", why: "U+2026",
	},
	{
		name: "under the name in another spelling", domain: "xn--strae-oqa", zone: `_verify.strasse TXT "tok-3fa9c05e17"`,
		cause: "record.wrong-name",
	},
	{
		name: "under the name in UTF-8", domain: "xn--bcher-kva", zone: `_verify.b\195\188cher TXT "tok-3fa9c05e17"`,
		cause: "record.wrong-name",
	},

	{
		name: "quotation marks", zone: `_verify.shop TXT "\"tok-3fa9c05e17\""`, cause: "record.value-quoted",
		why: "U+0022) at position 1",
	},
	{
		name: "apostrophes", zone: `_verify.shop TXT "'tok-3fa9c05e17'"`, cause: "record.value-quoted",
		why: "U+0027) at position 1",
	},
	{
		name: "typographic quotation marks", zone: `_verify.shop TXT "“tok-3fa9c05e17”"`, cause: "record.value-quoted",
		why: "U+201C) at position 1",
	},
	{
		name: "a mark at the end only", zone: `_verify.shop TXT "tok-3fa9c05e17\""`, cause: "record.value-quoted",
		why: "U+0022) at position 15",
	},
	{
		name: "escaped quotation marks", zone: `_verify.shop TXT "\\\"tok-3fa9c05e17\\\""`, cause: "record.value-quoted",
		why: "U+0022) at position 2",
	},
	{
		name: "a space before", zone: `_verify.shop TXT " tok-3fa9c05e17"`, cause: "record.value-whitespace",
		why: "U+0020) at position 1",
	},
	{
		name: "a space behind", zone: `_verify.shop TXT "tok-3fa9c05e17 "`, cause: "record.value-whitespace",
		why: "U+0020) at position 15",
	},
	{
		name: "a space inside", zone: `_verify.shop TXT "tok-3fa9 c05e17"`, cause: "record.value-whitespace",
		why: "U+0020) at position 9",
	},
	{
		name: "a no-break space", zone: `_verify.shop TXT "tok-3fa9c05e17\194\160"`, cause: "record.value-whitespace",
		why: "U+00A0) at position 15",
	},
	{
		name: "a zero-width space", zone: `_verify.shop TXT "\226\128\139tok-3fa9c05e17"`,
		cause: "record.value-whitespace", why: "U+200B) at position 1",
	},
	{
		name: "a byte order mark", zone: `_verify.shop TXT "\239\187\191tok-3fa9c05e17"`,
		cause: "record.value-whitespace",
		why:   "U+FEFF) at position 1",
	},
	{
		name: "a line end", zone: `_verify.shop TXT "tok-3fa9c05e17\013\010"`, cause: "record.value-whitespace",
		why: "U+000D) at position 15",
	},
	{
		name: "a tab", zone: `_verify.shop TXT "tok-3fa9c05e17\009"`, cause: "record.value-whitespace",
		why: "U+0009) at position 15",
	},
	{
		name: "a space between two strings", zone: `_verify.shop TXT "tok-3fa9 " "c05e17"`,
		cause: "record.value-whitespace", why: "U+0020) at position 9",
	},
	{
		name: "dots at the end", zone: `_verify.shop TXT "tok-3fa9..."`, cause: "record.value-truncated",
		why: "U+002E) at position 9",
	},
	{
		name: "an ellipsis at the end", zone: `_verify.shop TXT "tok-3fa9…"`, cause: "record.value-truncated",
		why: "U+2026) at position 9",
	},
	{
		name: "cut off without a sign", zone: `_verify.shop TXT "tok-3fa9c05"`, cause: "record.value-truncated",
		why: "11 characters",
	},
	{
		name: "the beginning was left out", zone: `_verify.shop TXT "3fa9c05e17"`, cause: "record.value-truncated",
		why: "ends the same",
	},
	{
		name: "in other letters", zone: `_verify.shop TXT "TOK-3FA9C05E17"`, cause: "record.value-differs",
		why: "differs only in letter case",
	},
	{
		name: "twice", zone: `_verify.shop TXT "tok-3fa9c05e17tok-3fa9c05e17"`, cause: "record.value-differs",
		why: "twice",
	},
	{
		name: "a full stop behind", zone: `_verify.shop TXT "tok-3fa9c05e17."`, cause: "record.value-differs",
		why: "U+002E) at position 15",
	},
	{
		name: "with its name in front", zone: `_verify.shop TXT "_verify.shop.PLACE=tok-3fa9c05e17"`,
		cause: "record.value-differs", why: "the record's name is in front of the value",
	},
	{
		name: "with a key in front", zone: `_verify.shop TXT "verification=tok-3fa9c05e17"`,
		cause: "record.value-differs",
		why:   "is preceded by",
	},
	{name: "an earlier token", zone: `_verify.shop TXT "tok-0000000000"`, cause: "record.value-differs"},
	{name: "empty", zone: `_verify.shop TXT ""`, cause: "record.value-differs"},
	{name: "the token as a target", zone: `_verify.shop CNAME tok-3fa9c05e17.`, cause: "record.wrong-type"},

	{
		name: "a text in place of a CNAME", verify: byCNAME, zone: `_verify.shop TXT "n-7c21.verify.PLACE"`,
		cause: "record.wrong-type",
	},
	{
		name: "CNAME with the zone behind", verify: byCNAME, zone: "_verify.shop CNAME n-7c21.verify.PLACE",
		cause: "record.target-zone-appended",
	},
	{
		name: "CNAME with the host behind", verify: byCNAME, zone: "_verify.shop CNAME n-7c21.verify.PLACE.shop",
		cause: "record.target-zone-appended",
	},
	{
		name: "CNAME to a web address", verify: byCNAME, zone: "_verify.shop CNAME https://n-7c21.verify.PLACE/.",
		cause: "record.target-is-url",
	},
	{
		name: "CNAME with a port", verify: byCNAME, zone: "_verify.shop CNAME n-7c21.verify.PLACE:443.",
		cause: "record.target-is-url",
	},
	{
		name: "CNAME to a web address, with the zone behind", verify: byCNAME,
		zone: "_verify.shop CNAME http://n-7c21.verify.PLACE", cause: "record.target-is-url",
	},
	{
		name: "CNAME with a space in front", verify: byCNAME, zone: `_verify.shop CNAME \032n-7c21.verify.PLACE.`,
		cause: "record.value-whitespace", why: "U+0020) at position 1",
	},
	{
		name: "CNAME in quotation marks", verify: byCNAME, zone: `_verify.shop CNAME \"n-7c21.verify.PLACE\".`,
		cause: "record.value-quoted", why: "U+0022",
	},
	{
		name: "only the first label of a target", verify: byCNAME, zone: "_verify.shop CNAME n-7c21",
		cause: "record.value-truncated",
	},
	{
		name: "CNAME with the zone twice in its name", verify: byCNAME,
		zone: "_verify.shop.PLACE CNAME n-7c21.verify.PLACE.", cause: "record.name-doubled",
	},
	{
		name: "CNAME without its underscore", verify: byCNAME, zone: "verify.shop CNAME n-7c21.verify.PLACE.",
		cause: "record.wrong-name",
	},
	{
		name: "CNAME of an earlier attempt", verify: byCNAME,
		zone: "_verify.shop CNAME n-0000.verify.PLACE.\nn-0000.verify TXT ok", cause: "record.value-differs",
	},
}

// text returns the place as a story with a zone of its own.
func (p place) text(zone string) string {
	domain := zone
	if p.domain == "" {
		p.domain = "shop"
	}
	if p.domain != "@" {
		domain = p.domain + "." + zone
	}
	if p.verify == "" {
		p.verify = "TXT _verify.@ " + placeToken
	}
	if p.route == "" {
		p.route = p.domain + " CNAME {target}."
	} else {
		p.route += "\ncheck CNAME {target}."
	}
	expect := "pass"
	if p.cause != "" {
		expect = "fail " + p.cause + " verification DOMAIN_004"
	}
	cdn := ""
	if !strings.Contains(p.route, p.domain+" CNAME") {
		cdn = "cdn none\n"
	}
	text := fmt.Sprintf(
		"%s\n\n-- story --\ndomain %s\nstatus PENDING\n%sverify %s\n-- zone %s --\nn-7c21.verify TXT ok\n%s\n%s\n-- "+
			"expect --\n%s\n", p.name, domain, cdn, p.verify, zone, p.route, p.zone, expect)
	return strings.ReplaceAll(text, "PLACE", zone)
}

// TestPlaces diagnoses records at typical wrong places and with typical wrong values: each zone must be explained by
// exactly one cause, the wrong character must be named, and a correct zone must not be reported.
func TestPlaces(t *testing.T) {
	t.Parallel()
	world, err := fs.ReadFile(sandbox.Scenarios(), "_world.txtar")
	if err != nil {
		t.Fatal(err)
	}
	stories := fstest.MapFS{"_world.txtar": &fstest.MapFile{Data: world}}
	byName := map[string]place{}
	for i, p := range places {
		name := fmt.Sprintf("place-%02d", i)
		byName[name] = p
		stories[name+".txtar"] = &fstest.MapFile{Data: []byte(p.text(fmt.Sprintf("place%02d.example", i)))}
	}
	var mu sync.Mutex
	outcomes := map[string]*harness.Outcome{}
	if _, err := harness.RunAll(t.Context(), stories, 16, func(o *harness.Outcome) {
		mu.Lock()
		defer mu.Unlock()
		outcomes[o.Story.Name] = o
	}); err != nil {
		t.Fatal(err)
	}
	for name, p := range byName {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			o := outcomes[name]
			if o == nil {
				t.Fatal("it was not run")
			}
			roots := o.Report.Roots()
			if p.cause == "" {
				if len(roots) > 0 {
					t.Errorf("accused of %v: %s", roots, roots[0].Why())
				}
				return
			}
			if len(roots) != 1 || string(roots[0].ID) != p.cause {
				t.Fatalf("found %v, want %s alone", roots, p.cause)
			}
			if why := roots[0].Summary() + "; " + roots[0].Why(); !strings.Contains(why, p.why) {
				t.Errorf("%q does not say %q", why, p.why)
			}
		})
	}
}
