package merging

import (
	"maps"
	"slices"
	"testing"
	"time"

	"domdoc/ui/render/wire"
)

// TestChoice chooses one of several reports of a domain, whatever their order in the files.
func TestChoice(t *testing.T) {
	t.Parallel()
	const name = "shop.example.com"
	at := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	checked := func(list ...string) (out []wire.Check) {
		for i := 0; i < len(list); i += 2 {
			out = append(out, wire.Check{ID: list[i], Status: list[i+1]})
		}
		return out
	}
	report := func(id, verdict string, checks ...string) wire.Domain {
		return wire.Domain{Domain: name, ID: id, Verdict: verdict, Checks: checked(checks...)}
	}
	cut := func(d wire.Domain) wire.Domain {
		d.Interrupted = true
		return d
	}
	leftOut := func(d wire.Domain, cause, verdict string) wire.Domain {
		d.LeftOut = append(d.LeftOut, wire.LeftOut{Cause: cause, Verdict: verdict})
		return d
	}
	fails := report("d-1", "fail", "records", "fail", "http", "pass")
	skips := leftOut(report("d-1", "pass", "records", "fail", "http", "pass"), "record.missing", "fail")
	unread := cut(report("", "inconclusive", "diagnosis", "inconclusive"))
	for _, tt := range []struct {
		name         string
		older, newer wire.Domain
		want         string // older, newer or both
		instead      int
	}{
		{"the latest", fails, report("d-1", "pass", "records", "pass", "http", "pass"), "newer", 0},
		{"the latest could not judge", fails, report("d-1", "inconclusive", "http", "pass"), "newer", 0},
		{"the failing check is left out", fails, skips, "older", 1},
		{"the full one is the latest", skips, fails, "newer", 0},
		{"something else is left out", fails, leftOut(report("d-1", "pass", "records", "pass", "http", "pass"),
			"service.funds-low", "warn"), "newer", 0},
		{
			"less, but it fails", report("d-1", "pass", "records", "pass", "http", "pass"),
			leftOut(report("d-1", "fail", "records", "fail"), "http.unreachable", "inconclusive"), "newer", 0,
		},
		{"both leave out", leftOut(report("d-1", "fail", "records", "fail"), "http.unreachable", "fail"), skips, "older", 1},
		{"not reached", report("d-1", "warn", "records", "warn"), unread, "older", 0},
		{"judged after that", unread, report("d-1", "pass", "records", "pass"), "newer", 0},
		{"ended early", fails, cut(report("d-1", "inconclusive", "http", "pass")), "older", 1},
		{
			"ended early with a fault", report("d-1", "pass", "records", "pass", "http", "pass"),
			cut(report("d-1", "fail", "records", "fail")), "newer", 0,
		},
		{"not reached twice", unread, unread, "newer", 0},
		{"the id was not read", report("d-1", "pass", "records", "pass"), cut(wire.Domain{
			Domain: "d-1", Verdict: "inconclusive",
		}), "older", 0},
		{"another domain of that name", fails, report("d-2", "pass", "records", "pass"), "both", 0},
	} {
		tt.older.At, tt.newer.At = at, at.Add(time.Hour)
		for _, turned := range []bool{false, true} {
			var c Choice
			want := map[string][]int{"older": {0}, "newer": {1}, "both": {0, 1}}[tt.want]
			if turned {
				c.Add(&tt.newer)
				c.Add(&tt.older)
				want = map[string][]int{"older": {1}, "newer": {0}, "both": {0, 1}}[tt.want]
			} else {
				c.Add(&tt.older)
				c.Add(&tt.newer)
			}
			got, instead := c.Chosen()
			if numbers := slices.Sorted(maps.Keys(got)); !slices.Equal(numbers, want) || instead != tt.instead {
				t.Errorf("%s, turned %t: %v, %d; want %v, %d", tt.name, turned, numbers, instead, want, tt.instead)
			}
		}
	}
}

// TestIncomplete says what parts of a run lack, by tenant.
func TestIncomplete(t *testing.T) {
	t.Parallel()
	part := func(shard, tenant, incomplete string) wire.MergedPart {
		return wire.MergedPart{Shard: shard, Tenant: tenant, Incomplete: incomplete}
	}
	for _, tt := range []struct {
		name  string
		parts []wire.MergedPart
		want  string
	}{
		{"none", nil, ""},
		{"all", []wire.MergedPart{part("1/2", "a", ""), part("2/2", "a", "")}, ""},
		{"two tenants with all", []wire.MergedPart{
			part("1/2", "a", ""), part("1/2", "b", ""), part("2/2", "b", ""), part("2/2", "a", ""),
		}, ""},
		{"without a service", []wire.MergedPart{part("1/2", "", ""), part("2/2", "", "")}, ""},
		{
			"ended before the tenant was known",
			[]wire.MergedPart{part("1/2", "a", ""), part("2/2", "", "2.jsonl: late")},
			"2.jsonl: late",
		},
		{
			"one without a service",
			[]wire.MergedPart{part("1/2", "a", ""), part("2/2", "", "")},
			"the parts are of no known tenant and the tenant a: no report of part 1/2 of no known tenant and 2/2 of the " +
				"tenant a",
		},
		{
			"two halves",
			[]wire.MergedPart{part("1/2", "a", ""), part("2/2", "b", "")},
			"the parts are of the tenant a and the tenant b: no report of part 2/2 of the tenant a and 1/2 of the tenant b",
		},
		{
			"missing, and an empty file",
			[]wire.MergedPart{part("1/2", "a", ""), part("", "", "x is empty")},
			"x is empty; no report of part 2/2",
		},
	} {
		if got := Incomplete(tt.parts); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

// TestPartsOf returns the parts of single and of merged reports.
func TestPartsOf(t *testing.T) {
	t.Parallel()
	merged := []wire.MergedPart{{Shard: "1/2", Tenant: "a"}}
	for _, tt := range []struct {
		name   string
		report wire.Report
		want   []wire.MergedPart
	}{
		{"a whole run", wire.Report{Complete: true}, nil},
		{"a part", wire.Report{Complete: true, Shard: "1/2", Tenant: &wire.Tenant{ID: "a"}}, merged},
		{"a part that is incomplete", wire.Report{Shard: "1/2", Incomplete: "late"}, []wire.MergedPart{
			{Shard: "1/2", Incomplete: "f: late"},
		}},
		{"several tenants", wire.Report{
			Complete: true, Shard: "1/2", Tenant: &wire.Tenant{ID: "b"}, MoreTenants: []wire.Tenant{{ID: "a"}},
		}, []wire.MergedPart{{Shard: "1/2", Tenant: "a, b"}}},
		{"a merged report that lacks a part", wire.Report{Merged: merged, Incomplete: "no report of part 2/2"}, merged},
		{
			"a merged report that does not say why",
			wire.Report{Merged: []wire.MergedPart{{Shard: "1/1"}}, Incomplete: "x"},
			[]wire.MergedPart{{Shard: "1/1"}, {Incomplete: "f: x"}},
		},
	} {
		if got := PartsOf(&tt.report, "f"); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %+v, want %+v", tt.name, got, tt.want)
		}
	}
}
