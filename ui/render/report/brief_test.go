package report_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"domdoc/catalog"
	"domdoc/ui/render/layout"
	"domdoc/ui/render/report"
	"domdoc/ui/render/wire"

	"github.com/charmbracelet/x/ansi"
)

// textOf writes domains as text.
func textOf(t *testing.T, domains []wire.Domain, opt report.Options) (beforeEnd, all string) {
	t.Helper()
	f, err := report.Find("text")
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	opt.Style.Now, opt.Style.Zone = time.Date(2026, 2, 22, 14, 0, 0, 0, time.UTC), time.UTC
	w := f.New(&out, opt)
	var totals report.Totals
	if err := w.Begin(nil, nil); err != nil {
		t.Fatal(err)
	}
	for i := range domains {
		totals.Add(&domains[i])
		if err := w.Domain(&domains[i]); err != nil {
			t.Fatal(err)
		}
	}
	beforeEnd = out.String()
	if err := w.End(&report.Run{Totals: totals}); err != nil {
		t.Fatal(err)
	}
	return beforeEnd, out.String()
}

// fleet returns so many domains: healthy ones, then some in each other state.
func fleet(n int) []wire.Domain {
	until := time.Date(2026, 2, 22, 14, 32, 0, 0, time.UTC)
	reason := "could not query 192.0.2.1:53"
	failing := wire.Domain{
		Domain: "shop.fails.example", Unicode: "shop.fails.example", Verdict: "fail", State: "fail",
		Findings: []wire.Finding{
			{
				Cause: "record.missing", Verdict: "fail", State: "fail", Who: string(catalog.Tenant), Title: "no record",
				Fix: wire.Fix{Records: []wire.Record{{
					Host: "_verify.shop", Name: "_verify.shop.fails.example",
					Type: "TXT",
				}}},
			},
			{Cause: "record.ttl-out-of-range", Verdict: "fail", State: "fail", Who: string(catalog.Tenant)},
		},
	}
	warning := wire.Domain{
		Domain: "xn--bcher-kva.example", Unicode: "bücher.example", Verdict: "warn", State: "warn",
		Findings: []wire.Finding{{
			Cause: "delegation.one-server-lame-and-a-long-id", Verdict: "warn", State: "warn", Who: string(catalog.DNSHost),
			Fix: wire.Fix{Steps: []string{"report it to the DNS host, which must load the zone on every server that the " +
				"parent names"}},
		}},
	}
	waiting := wire.Domain{
		Domain: "shop.waits.example", Unicode: "shop.waits.example", Verdict: "fail", State: "waiting",
		WaitsUntil: &until,
		Findings: []wire.Finding{{
			Cause: "cache.negative", Verdict: "fail", State: "waiting", Who: string(catalog.Wait),
			ETA: &wire.ETA{Latest: until},
		}},
	}
	unknown := wire.Domain{
		Domain: "shop.unknown.example", Unicode: "shop.unknown.example", Verdict: "inconclusive", State: "not-checked",
		Checks: []wire.Check{{ID: "propagation", Status: "inconclusive", Reason: &reason}},
	}
	partial := wire.Domain{
		Domain: "shop.partial.example", Unicode: "shop.partial.example", Verdict: "pass", State: "pass",
		LeftOut: []wire.LeftOut{{Cause: "http.error", Verdict: "fail"}},
	}
	hostile := wire.Domain{
		Domain: "evil\x1b[2J\nshop.example", Unicode: "evil\x1b[2J\nshop.example", Verdict: "fail", State: "fail",
		Findings: []wire.Finding{{
			Cause: "service.name-malformed", Verdict: "fail", State: "fail", Who: string(catalog.Tenant),
			Fix: wire.Fix{Steps: []string{"use a name without \x1b]0;x\a control characters"}},
		}},
	}
	others := []wire.Domain{failing, warning, waiting, unknown, partial, hostile}
	var out []wire.Domain
	for i := range n - len(others) {
		name := fmt.Sprintf("host%02d.healthy.example", i)
		out = append(out, wire.Domain{Domain: name, Unicode: name, Verdict: "pass", State: "pass"})
	}
	return append(out, others...)
}

// TestBrief checks text with one line per domain: worst first, in columns that fit the terminal, then the counts.
func TestBrief(t *testing.T) {
	t.Parallel()
	const n = 25
	for width, want := range map[int][]string{
		80: {
			"STATE          DOMAIN                     CAUSE                       WHO",
			"✗ fail         shop.fails.example         record.missing +1           you",
			"✗ fail         evil",
			"! warn         bücher.example (xn--b",
			"~ waiting      shop.waits.example         cache.negative              14:32 UTC",
			"? not checked  shop.unknown.example       propagation                 not judged",
			"· pass         shop.partial.example                                   left out",
			"✓ pass         host00.healthy.example",
		},
		120: {
			"STATE          DOMAIN                                CAUSE                       TO DO",
			"✗ fail         shop.fails.example                    record.missing +1           you: publish TXT " +
				"_verify.shop",
			"✗ fail         evil",
			"! warn         bücher.example (xn--bcher-kva.examp…  delegation.one-server-lam…  DNS host: report it to the D",
			"~ waiting      shop.waits.example                    cache.negative              wait until 14:32 UTC",
			"? not checked  shop.unknown.example                  propagation                 could not query 192.0.2.1:53",
			"· pass         shop.partial.example                                              left out by --only or " +
				"--skip:",
			"✓ pass         host00.healthy.example",
		},
	} {
		_, out := textOf(t, fleet(n), report.Options{
			Brief: report.BriefMany, Style: layout.Style{Width: width},
		})
		lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
		if len(lines) != 1+n+2 {
			t.Fatalf("width %d: %d lines:\n%s", width, len(lines), out)
		}
		for i, w := range want {
			if !strings.HasPrefix(lines[i], w) {
				t.Errorf("width %d, line %d is\n%q, want\n%q", width, i, lines[i], w)
			}
		}
		for _, l := range lines[:n+1] {
			if ansi.StringWidth(l) > width || strings.ContainsAny(l, "\x1b\a") || strings.HasSuffix(l, " ") {
				t.Errorf("width %d: %q has %d cells", width, l, ansi.StringWidth(l))
			}
		}
		if last := lines[n+2]; lines[n+1] != "" || !strings.HasPrefix(last,
			"20 pass (1 apart from what is left out), 1 warn, 2 fail,"+
				" 1 waiting, 1 not checked; ") {
			t.Errorf("width %d ends in %q", width, last)
		}
	}
	// what is not a terminal has no width: nothing is cut
	_, out := textOf(t, fleet(n), report.Options{Brief: report.BriefMany})
	if !strings.Contains(out, "which must load the zone on every server that the parent names\n") ||
		strings.Contains(out, "…") {
		t.Errorf("a pipe gets\n%s", out)
	}
}

// TestBriefOrFull checks when domains are written in brief, and that a few are written as they come.
func TestBriefOrFull(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		n, expected   int
		brief         report.Brief
		isBrief, soon bool
	}{
		{20, 0, report.BriefMany, false, false},
		{20, 20, report.BriefMany, false, true},
		{20, 500, report.BriefMany, false, false}, // a filter leaves 20
		{21, 0, report.BriefMany, true, false},
		{21, 21, report.BriefMany, true, false},
		{21, 21, report.BriefNever, false, true},
		{7, 7, report.BriefAlways, true, false},
		{21, 21, report.BriefAlways, true, false},
	} {
		before, out := textOf(t, fleet(tt.n), report.Options{Brief: tt.brief, Expected: tt.expected})
		isBrief := strings.HasPrefix(out, "STATE ")
		if isBrief != tt.isBrief || (before != "") != tt.soon {
			t.Errorf("%+v: brief is %t, written at once %t", tt, isBrief, before != "")
		}
		if _, full := textOf(t, fleet(tt.n), report.Options{}); !isBrief && out != full {
			t.Errorf("%+v: the text in full differs", tt)
		}
		if n := strings.Count(out, "shop.fails.example"); n == 0 {
			t.Errorf("%+v: a domain is missing", tt)
		}
	}
}
