package report_test

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"domdoc/catalog"
	"domdoc/ui/render/wire"
)

// waitStep matches the steps of who has to wait.
var waitStep = regexp.MustCompile(
	`(?i)\bwait\b|no change (is )?needed|start the transfer again|speed it up|run again|` +
		`do not start|if the status does not change`)

// contradictions returns where the state, the owner, the fix and the wait of a domain or of its findings disagree.
func contradictions(d *wire.Domain) (out []string) {
	var latest time.Time
	found, acting := map[string]bool{}, map[string]bool{}
	for _, f := range d.Roots() {
		out = append(out, contradictionsOf(f)...)
		if f.Ignored != nil {
			continue
		}
		found[f.Verdict] = true
		if f.Who != string(catalog.Wait) {
			acting[f.Verdict] = true
		} else if faulty(f) && f.ETA != nil && !f.ETA.Deadline && f.ETA.Latest.After(latest) {
			latest = f.ETA.Latest
		}
	}
	worst := "fail"
	if !found["fail"] {
		worst = "warn"
	}
	waiting := d.StateNow() == catalog.StateWaiting
	switch {
	case waiting && acting[worst]:
		out = append(out, "the domain waits, and somebody must act")
	case !waiting && d.Verdict == worst && found[worst] && !acting[worst]:
		out = append(out, "only time mends the domain, and it is "+d.StateNow().Word())
	case waiting && d.WaitsUntil != nil && !d.WaitsUntil.Equal(latest):
		out = append(out, fmt.Sprintf("the domain waits until %s, its findings until %s", d.WaitsUntil, latest))
	case !waiting && d.WaitsUntil != nil:
		out = append(out, fmt.Sprintf("the domain is %s until %s", d.StateNow().Word(), d.WaitsUntil))
	}
	return out
}

// faulty reports whether a finding fails or warns.
func faulty(f *wire.Finding) bool { return f.Verdict == "fail" || f.Verdict == "warn" }

// contradictionsOf is contradictions for one finding.
func contradictionsOf(f *wire.Finding) (out []string) {
	bad := func(format string, args ...any) { out = append(out, f.Cause+" "+fmt.Sprintf(format, args...)) }
	waits, state := f.Who == string(catalog.Wait) && faulty(f), f.StateNow()
	if (state == catalog.StateWaiting) != waits {
		bad("is %s, its owner %q", state.Word(), f.Who)
	}
	if f.State != state.ID() {
		bad("is %q in the JSON, %q for the reports", f.State, state.ID())
	}
	if !faulty(f) || f.Incident != nil {
		return out
	}
	if len(f.Fix.Steps) == 0 {
		bad("has no step")
	}
	if waits && (len(f.Fix.Records) > 0 || len(f.Fix.Removed()) > 0 || f.Fix.Settles != nil) {
		bad("waits, and has records to change")
	}
	for _, s := range f.Fix.Steps {
		if waits && !waitStep.MatchString(s) {
			bad("waits, and asks to %q", s)
		}
	}
	if !waits && !slices.ContainsFunc(f.Fix.Steps, func(s string) bool { return !onlyWait.MatchString(s) }) {
		bad("is for %s, and asks only to wait: %q", f.Who, f.Fix.Steps)
	}
	return out
}

// onlyWait matches steps that are nothing but waiting.
var onlyWait = regexp.MustCompile(
	`^(keep the validation record in place and wait|wait (a few|until)|no (DNS )?change( is)? needed[^;]*$)`)

// countsAgree checks that every format counts the domains of all stories by the same states.
func countsAgree(t *testing.T, domains []wire.Domain) {
	t.Helper()
	want := map[string]int{}
	for i := range domains {
		want[domains[i].StateNow().ID()]++
	}
	same := func(format string, got map[string]int) {
		t.Helper()
		for _, s := range []string{"pass", "warn", "fail", "waiting", "not-checked"} {
			if got[s] != want[s] {
				t.Errorf("%s counts %d %s, want %d", format, got[s], s, want[s])
			}
		}
	}
	phrase := regexp.MustCompile(`(\d+) (pass|warn|fail|waiting|not checked)\b`)
	inLine := func(line string) map[string]int {
		got := map[string]int{}
		states, _, _ := strings.Cut(line, "; ")
		for _, m := range phrase.FindAllStringSubmatch(states, -1) {
			got[strings.ReplaceAll(m[2], " ", "-")], _ = strconv.Atoi(m[1])
		}
		return got
	}
	text := strings.Split(strings.TrimSpace(write(t, "text", domains)), "\n")
	same("text", inLine(text[len(text)-1]))
	md, _, _ := strings.Cut(write(t, "markdown", domains), "\n")
	same("markdown", inLine(md))

	page := write(t, "html", domains)
	_, title, _ := strings.Cut(page, "<title>")
	title, _, _ = strings.Cut(title, "</title>")
	same("the title of html", inLine(title))
	tiles := map[string]int{}
	for _, m := range regexp.MustCompile(`for="show-[a-z]+"><b>(\d+)</b> <span>([^<]+)</span>`).
		FindAllStringSubmatch(page, -1) {
		n, _ := strconv.Atoi(m[1])
		name, _, _ := strings.Cut(strings.ToLower(m[2]), ",") // "Pass, apart from what is left out"
		tiles[strings.ReplaceAll(name, " ", "-")] += n
	}
	same("html", tiles)

	var r wire.Report
	if err := json.Unmarshal([]byte(write(t, "json", domains)), &r); err != nil {
		t.Fatal(err)
	}
	s := r.Summary.States
	same("json", map[string]int{
		"pass": s.Pass, "warn": s.Warn, "fail": s.Fail, "waiting": s.Waiting, "not-checked": s.NotChecked,
	})
	if r.Summary.Owners.Wait != s.Waiting {
		t.Errorf("json: %d domains wait, and %d are waiting", r.Summary.Owners.Wait, s.Waiting)
	}

	metrics := map[string]int{}
	prom := write(t, "prometheus", domains)
	for _, m := range regexp.MustCompile(`(?m)^domdoc_domains_by_state\{state="([a-z-]+)"[^}]*\} (\d+)$`).
		FindAllStringSubmatch(prom, -1) {
		metrics[m[1]], _ = strconv.Atoi(m[2])
	}
	same("prometheus", metrics)
	names := map[string]bool{} // of a name that occurs twice there is one series
	for i := range domains {
		if domains[i].StateNow() == catalog.StateWaiting {
			names[domains[i].Domain] = true
		}
	}
	if n := strings.Count(prom, "\ndomdoc_domain_waiting{"); n != len(names) {
		t.Errorf("prometheus has %d domains that wait, want %d", n, len(names))
	}

	var suites struct {
		Suites []struct {
			Properties []struct {
				Name  string `xml:"name,attr"`
				Value string `xml:"value,attr"`
			} `xml:"properties>property"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal([]byte(write(t, "junit", domains)), &suites); err != nil {
		t.Fatal(err)
	}
	junit := map[string]int{}
	for _, x := range suites.Suites {
		for _, p := range x.Properties {
			if p.Name == "state" {
				junit[p.Value]++
			}
		}
	}
	same("junit", junit)

	findings := map[string]int{}
	for i := range domains {
		for _, f := range domains[i].Roots() {
			findings[f.StateNow().ID()]++
		}
	}
	log := write(t, "sarif", domains)
	for state, n := range findings {
		if got := len(regexp.MustCompile(`"state": ?"`+state+`"`).FindAllString(log, -1)); got < n {
			t.Errorf("sarif has %d results that are %s, want %d", got, state, n)
		}
	}
}

// TestContradictions: contradictions finds each kind.
func TestContradictions(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	waits := func() wire.Domain {
		return wire.Domain{Verdict: "fail", State: "waiting", WaitsUntil: &at, Findings: []wire.Finding{{
			Cause: "cache.negative", Verdict: "fail", State: "waiting", Who: "wait", ETA: &wire.ETA{Latest: at},
			Fix: wire.Fix{Steps: []string{"no change needed"}},
		}}}
	}
	good := waits()
	if got := contradictions(&good); len(got) > 0 {
		t.Errorf("a domain that waits: %q", got)
	}
	for name, change := range map[string]func(*wire.Domain){
		"the owner": func(d *wire.Domain) { d.Findings[0].Who = "tenant" },
		"the state": func(d *wire.Domain) { d.Findings[0].State = "fail" },
		"the fix":   func(d *wire.Domain) { d.Findings[0].Fix.Steps = []string{"add a record"} },
		"the end":   func(d *wire.Domain) { d.Findings[0].ETA.Latest = at.Add(time.Hour) },
		"the domain": func(d *wire.Domain) {
			d.State, d.WaitsUntil = "fail", nil
		},
	} {
		d := waits()
		change(&d)
		if len(contradictions(&d)) == 0 {
			t.Errorf("%s differs, and is not seen", name)
		}
	}
}
