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
	bad := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	var latest time.Time
	failing, warning, acting := false, false, map[string]bool{}
	for _, f := range d.Roots() {
		out = append(out, contradiction(f)...)
		if f.Ignored != nil {
			continue
		}
		failing, warning = failing || f.Verdict == "fail", warning || f.Verdict == "warn"
		switch waits, faulty := waitsAndFaulty(f); {
		case faulty && !waits:
			acting[f.Verdict] = true
		case faulty && f.ETA != nil && f.ETA.Latest.After(latest):
			latest = f.ETA.Latest
		}
	}
	waiting := d.StateNow() == catalog.StateWaiting
	if waiting && (acting["fail"] || acting["warn"] && !failing) {
		bad("the domain waits, and somebody must act")
	}
	if !waiting && (failing && !acting["fail"] || !failing && d.Verdict == "warn" && warning && !acting["warn"]) {
		bad("only time mends the domain, and it is %s", d.StateNow().Word())
	}
	if waiting && d.WaitsUntil != nil && !d.WaitsUntil.Equal(latest) {
		bad("the domain waits until %s, its findings until %s", d.WaitsUntil, latest)
	}
	if !waiting && d.WaitsUntil != nil {
		bad("the domain is %s until %s", d.StateNow().Word(), d.WaitsUntil)
	}
	return out
}

func waitsAndFaulty(f *wire.Finding) (waits, faulty bool) {
	return f.Who == string(catalog.Wait), f.Verdict == "fail" || f.Verdict == "warn"
}

// contradiction returns where the state, the owner and the fix of a finding disagree.
func contradiction(f *wire.Finding) (out []string) {
	bad := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	waits, faulty := waitsAndFaulty(f)
	state := f.StateNow()
	switch {
	case (state == catalog.StateWaiting) != (waits && faulty):
		bad("%s is %s, its owner %q", f.Cause, state.Word(), f.Who)
	case string(f.State) != state.ID():
		bad("%s is %q in the JSON, %q for the reports", f.Cause, f.State, state.ID())
	}
	switch {
	case !faulty:
	case waits:
		if len(f.Fix.Records) > 0 || len(f.Fix.Removed()) > 0 || f.Fix.Settles != nil {
			bad("%s waits, and has records to change", f.Cause)
		}
		for _, s := range f.Fix.Steps {
			if !waitStep.MatchString(s) {
				bad("%s waits, and asks to %q", f.Cause, s)
			}
		}
	case f.Incident == nil:
		if !slices.ContainsFunc(f.Fix.Steps, func(s string) bool { return !onlyWait.MatchString(s) }) {
			bad("%s is for %s, and asks only to wait: %q", f.Cause, f.Who, f.Fix.Steps)
		}
	}
	if faulty && f.Incident == nil && len(f.Fix.Steps) == 0 {
		bad("%s has no step", f.Cause)
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
