package reporter_test

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"domdoc/ui/cli/reporter"
	"domdoc/ui/render/wire"

	"github.com/google/go-cmp/cmp"
)

// annotated returns the annotations of a run over domains.
func annotated(t *testing.T, tenant *wire.Tenant, incomplete string, domains ...wire.Domain) []string {
	t.Helper()
	var b strings.Builder
	r, err := reporter.New(reporter.Options{
		Format: "json", FailOn: "fail", Out: io.Discard, Annotations: &b, Total: len(domains), Now: time.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	r.Begin(nil, tenant, "")
	order := make([]int, len(domains))
	for i := range order {
		order[i] = len(order) - 1 - i // they are ready in any order
	}
	for _, i := range order {
		r.DomainJSON(i, &domains[i])
	}
	if err := r.End(func() string { return incomplete }); err != nil {
		t.Fatal(err)
	}
	if b.Len() == 0 {
		return nil
	}
	return strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
}

// found is a domain with a finding, whose cause no incident has.
func found(name, verdict, cause string) wire.Domain {
	return wire.Domain{Domain: name, Verdict: verdict, Findings: []wire.Finding{{
		Cause: cause, Verdict: verdict, Certainty: "conclusive", Title: "a title", Summary: "what it is",
		Fix: wire.Fix{Steps: []string{"do this", "100% sure"}},
	}}}
}

func kinds(list []string) map[string]int {
	out := map[string]int{}
	for _, line := range list {
		kind, _, _ := strings.Cut(strings.TrimPrefix(line, "::"), " ")
		out[kind]++
	}
	return out
}

// TestAnnotations writes at most ten of each kind, worst first, in the order of the run, and counts the others in one.
func TestAnnotations(t *testing.T) {
	t.Parallel()
	var domains []wire.Domain
	for i := range 15 {
		domains = append(domains, found(fmt.Sprintf("n%02d.example", i), "inconclusive", "http.unknown"),
			found(fmt.Sprintf("w%02d.example", i), "warn", "record.ttl-out-of-range"),
			found(fmt.Sprintf("f%02d.example", i), "fail", "record.missing"))
	}
	likely := found("likely.example", "fail", "record.missing")
	likely.Findings[0].Certainty = "likely"
	domains = append([]wire.Domain{likely}, domains...)
	got := annotated(t, nil, "", domains...)
	if diff := cmp.Diff(map[string]int{"error": 10, "warning": 10, "notice": 10}, kinds(got)); diff != "" {
		t.Fatal(diff)
	}
	want := "::error title=f00.example%3A a title (record.missing)::what it is%0Ato do: do this%0A100%25 sure"
	if got[0] != want ||
		!strings.HasPrefix(got[9], "::error title=f09") || !strings.HasPrefix(got[10], "::warning title=w00") ||
		!strings.HasPrefix(got[28], "::notice title=n08") {
		t.Errorf("worst first:\n%s", strings.Join(got, "\n"))
	}
	if want := "::notice title=domdoc::6 errors, 5 warnings, 6 notices more: see the report"; got[29] != want {
		t.Errorf("the rest: %s", got[29])
	}
	if few := annotated(t, nil, "", domains[1:10]...); len(few) != 9 || slices.ContainsFunc(few, func(s string) bool {
		return strings.Contains(s, "more:")
	}) {
		t.Errorf("nine findings:\n%s", strings.Join(few, "\n"))
	}
	if healthy := annotated(t, nil, "", wire.Domain{Domain: "a.example", Verdict: "pass"}); len(healthy) > 0 {
		t.Errorf("a healthy domain: %q", healthy)
	}
}

// TestAnnotationsOfService: a service that is down is one error, however many domains say so, and so is a run that is
// incomplete. What is ignored, known or a consequence is no annotation; a check that could not judge is a notice.
func TestAnnotationsOfService(t *testing.T) {
	t.Parallel()
	down := found("", "inconclusive", "service.unreachable").Findings
	var domains []wire.Domain
	for i := range 12 {
		domains = append(domains, found(fmt.Sprintf("n%02d.example", i), "inconclusive", "service.unreachable"))
	}
	quiet := found("quiet.example", "fail", "record.missing")
	ignored, known, under := quiet.Findings[0], quiet.Findings[0], quiet.Findings[0]
	reason, blocker := "record.missing", "delegation.none"
	ignored.Ignored, known.Known, under.BlockedBy = &reason, true, &blocker
	quiet.Findings = []wire.Finding{ignored, known, under}
	silent := wire.Domain{
		Domain: "silent.example", Verdict: "inconclusive",
		Checks: []wire.Check{{ID: "http", Status: "inconclusive", Reason: &reason}},
	}
	got := annotated(t, &wire.Tenant{Findings: down}, "the list, broke off", append(domains, quiet, silent)...)
	want := []string{
		"::error title=domdoc%3A a title (service.unreachable)::what it is%0Ato do: do this%0A100%25 sure",
		"::error title=domdoc%3A the run is incomplete::the list, broke off",
		"::notice title=silent.example%3A http not checked::record.missing",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got := annotated(t, &wire.Tenant{Findings: down}, ""); len(got) != 1 {
		t.Errorf("without any domain: %q", got)
	}
}
