package query

import (
	"strings"
	"testing"
	"time"

	"domdoc/catalog"
)

func TestQuery(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	shop := Selectable{
		Text: "shop.fabrikam.example\nd-1\npending\nfail", Name: "shop.fabrikam.example",
		ASCII:  "shop.fabrikam.example",
		Status: "pending", State: "fail",
		Codes: []string{"domain_004", "domain_010"}, Reported: []string{"domain_004"},
		Causes: []string{"record.name-doubled"},
		Title:  "the zone's name stands twice in the record's", Rungs: []string{"record"}, Who: []string{"tenant"},
		Host: "google cloud dns", Registrar: "gandi sas", Expires: now.Add(10 * 24 * time.Hour),
		CertEnds: now.Add(40 * 24 * time.Hour), At: now.Add(-2 * time.Hour),
	}
	waits := shop
	waits.State, waits.Waits = catalog.StateWaiting.ID(), now.Add(30*time.Minute)
	fresh := Selectable{Text: "new.example", Name: "new.example", ASCII: "new.example", State: catalog.StateNone.ID()}
	for _, tt := range []struct {
		line                string
		shop, waiting, anew bool
	}{
		{"", true, true, true},
		{"shop", true, true, false},
		{"SHOP fabrikam", true, true, false},
		{"-shop", false, false, true},
		{"verdict:fail", true, false, false}, // waiting is a state of its own
		{"verdict:waiting", false, true, false},
		{"state:waiting", false, true, false}, // as the JSON calls it
		{"verdict:none", false, false, true},
		{"verdict:not-yet", false, false, true},
		{`verdict:"not yet"`, false, false, true},
		{"verdict:not-checked", false, false, false},
		{"verdict:inconclusive", false, false, false},
		{"verdict:warn,waiting", false, true, false},
		{"-verdict:none", true, true, false},
		{"verdict:pass,fail", true, false, false},
		{"code:010", true, true, false},
		{"code:4", true, true, false},
		{"code:DOMAIN_004", true, true, false},
		{"reported:4", true, true, false},
		{"reported:10", false, false, false},
		{"predicted:10", true, true, false},
		{"predicted:4", false, false, false},
		{"owner:tenant", true, true, false},
		{"owner:platform", false, false, false},
		{"code:1", false, false, false},
		{"cause:record.*", true, true, false},
		{"cause:twice", true, true, false},
		{"rung:record who:tenant", true, true, false},
		{"rung:rec", false, false, false},
		{`host:"google cloud"`, true, true, false},
		{"registrar:gandi", true, true, false},
		{"tld:example", true, true, true},
		{"tld:ample", false, false, false},
		{"expires:<30d", true, true, false},
		{"expires:30d", true, true, false},
		{"expires:>30d", false, false, false},
		{"-expires:<30d", false, false, false}, // of the new one nothing is known
		{"cert:<30d", false, false, false},
		{"cert:>5w", true, true, false},
		{"wait:<1h", false, true, false},
		{"age:>1h", true, true, false},
		{"age:<1h", false, false, false},
		{"verdict:", true, true, true},
		{"https://x", false, false, false}, // a URL is a word
		{"shop.fabrikam.example:443", false, false, false},
		{"cause:=record.name-doubled", true, true, false},
		{"owner:=tenant", true, true, false},
		{"who:=tenant", true, true, false},
		{"- -", true, true, false}, // words like any other
		{`"`, true, true, true},
	} {
		q, err := Parse(tt.line)
		if err != nil {
			t.Errorf("%q: %v", tt.line, err)
		}
		got := [3]bool{q.Match(&shop, now), q.Match(&waits, now), q.Match(&fresh, now)}
		if want := [3]bool{tt.shop, tt.waiting, tt.anew}; got != want {
			t.Errorf("%q selects %v, want %v", tt.line, got, want)
		}
	}
}

// TestQueryPossible: a query rules a domain out before its diagnosis only by what no diagnosis changes.
func TestQueryPossible(t *testing.T) {
	t.Parallel()
	d := Selectable{
		Text: "shop.fabrikam.example", Name: "shop.fabrikam.example", ASCII: "shop.fabrikam.example",
		State: catalog.StateNone.ID(),
	}
	for line, want := range map[string]bool{
		"verdict:fail": true, "missing": true, "name:shop verdict:fail": true,
		"name:other": false, "-name:shop": false, "tld:com": false, "": true,
	} {
		q, err := Parse(line)
		if err != nil {
			t.Fatal(err)
		}
		if got := q.Possible(&d, time.Now()); got != want {
			t.Errorf("%q: %v, want %v", line, got, want)
		}
	}
}

func TestQueryErrors(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"expires:soon":                  "expires:soon: want a number with a unit",
		"shop cert:<d":                  "cert:<d",
		"age:>99999999999999999999d":    "age:",
		"expires:-3d":                   "expires:",
		strings.Repeat("shop ", 100):    "only the first 64 terms",
		"expires:\x1b[31m":              `expires:`,
		"wait:<1h wait:nonsense verb:x": "wait:nonsense",
		"colour:red":                    `unknown key "colour:"; the keys are verdict, code,`,
		"shop -colour:red":              `unknown key "colour:"`,
		"verdict:broken": "verdict:broken: no such value; the values are pass, warn, fail, " +
			"waiting, not-checked, not-yet",
		"verdict:fail,broken": "verdict:broken",
		"owner:us":            "owner:us: no such value; the values are tenant,",
		"onwer:tenant":        `unknown key "onwer:"; did you mean "owner:"? the keys are verdict, code,`,
		"woh:tenant":          `unknown key "woh:"; did you mean "owner:"? the keys are verdict, code,`,
		"predicted:999":       "predicted:999: no such value; the values are DOMAIN_001 to DOMAIN_023",
		"who:us":              "who:us: no such value; the values are tenant,",
		"rung:zone":           "rung:zone: no such value; the values are vantage,",
		"code:999":            "code:999: no such value; the values are DOMAIN_001 to DOMAIN_023",
		"cause:record.mising": "cause:record.mising: no such value; such as cause:record; did you mean " +
			"cause:record.missing?",
		"vredict:fail": `unknown key "vredict:"; did you mean "verdict:"? the keys are verdict, code,`,
		"verdict:wran": "not-checked, not-yet; did you mean verdict:warn?",
	} {
		_, err := Parse(line)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want one with %q", line, err, want)
			continue
		}
		if strings.ContainsRune(err.Error(), '\x1b') {
			t.Errorf("%q: an escape is in the error", line)
		}
	}
	if q, _ := Parse("shop expires:soon"); q.Empty() {
		t.Error("a wrong term took the right one along")
	}
}

// TestQueryParts checks that parts of values are accepted while a query is typed, and select what they are a part of.
func TestQueryParts(t *testing.T) {
	t.Parallel()
	d := Selectable{
		State: "fail", Codes: []string{"domain_004"}, Causes: []string{"record.missing"},
		Title: "a record is missing", Rungs: []string{"record"}, Who: []string{"dns-host"},
	}
	for _, line := range []string{
		"verdict:f", "verdict:fail,", "code:4", "code:004", "code:domain_0", "code:=domain_004", "cause:record.*",
		"cause:miss",
		`cause:"record is"`, "rung:record", "who:dns", "who:=dns-host",
	} {
		q, err := ParseWhole(line)
		if err != nil || !q.Match(&d, time.Now()) {
			t.Errorf("%q: %v, selects it: %t", line, err, q.Match(&d, time.Now()))
		}
	}
}

// TestQueryWhole checks a key without a value: it is still being typed, or an error of a complete line, where it
// would select everything.
func TestQueryWhole(t *testing.T) {
	t.Parallel()
	for _, line := range []string{"verdict:", "shop -who:", "expires:", "verdict:,", `name:""`} {
		if _, err := Parse(line); err != nil {
			t.Errorf("%q while it is typed: %v", line, err)
		}
		if _, err := ParseWhole(line); err == nil || !strings.Contains(err.Error(), "has no value, such as") {
			t.Errorf("%q: %v", line, err)
		}
	}
	for _, line := range []string{"verdict:ail", "code:0", "rung:rec"} { // parts of values that match nothing
		if _, err := Parse(line); err != nil {
			t.Errorf("%q while it is typed: %v", line, err)
		}
		if _, err := ParseWhole(line); err == nil || !strings.Contains(err.Error(), line+": no such value") {
			t.Errorf("%q: %v", line, err)
		}
	}
	for _, line := range []string{`"`, `name:"shop`, `shop "a b" "`} {
		if _, err := Parse(line); err != nil {
			t.Errorf("%q while it is typed: %v", line, err)
		}
		if _, err := ParseWhole(line); err == nil || !strings.Contains(err.Error(), "a double quote is not closed") {
			t.Errorf("%q: %v", line, err)
		}
	}
	for _, line := range []string{`name:"shop"`, `"a b"`, "", "shop", "verdict:fail", "-", "http://shop.example.com/"} {
		if _, err := ParseWhole(line); err != nil {
			t.Errorf("%q: %v", line, err)
		}
	}
}

// TestQueryHelp: every example that is shown is a valid query of one term.
func TestQueryHelp(t *testing.T) {
	t.Parallel()
	for _, h := range Help() {
		q, err := Parse(h[0])
		if err != nil || len(q.terms) != 1 || q.terms[0].key == nil {
			t.Errorf("%q: %v", h[0], err)
		}
		if h[1] == "" {
			t.Errorf("%q is not explained", h[0])
		}
	}
}

func FuzzParseQuery(f *testing.F) {
	for _, h := range Help() {
		f.Add(h[0])
	}
	f.Add(`-verdict:"x y",z -"`)
	f.Fuzz(func(t *testing.T, line string) {
		q, err := Parse(line)
		if err != nil && strings.ContainsFunc(err.Error(), func(r rune) bool { return r != '\n' && r < ' ' }) {
			t.Errorf("%q: control characters in %q", line, err)
		}
		q.Match(&Selectable{State: catalog.Pass.String()}, time.Unix(0, 0))
	})
}
