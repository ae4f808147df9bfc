package report_test

import (
	"strings"
	"testing"

	"domdoc/catalog"
	"domdoc/catalog/translation"
	"domdoc/ui/render/report"
	"domdoc/ui/render/wire"
)

// TestJudged: a domain that passes says what was judged, what was not, and from where.
func TestJudged(t *testing.T) {
	t.Parallel()
	checks := func(status string, ids ...string) (out []wire.Check) {
		for _, id := range ids {
			out = append(out, wire.Check{ID: id, Status: status})
		}
		return out
	}
	all := checks("pass", "service", "registration", "delegation", "dnssec", "records", "addresses", "certificate",
		"cdn", "http")
	cells := func(server, kind, state string) wire.Cell {
		return wire.Cell{Server: server, Kind: kind, State: state, Answer: []string{}}
	}
	rows := []wire.Row{{Servers: []wire.Cell{
		cells("192.0.2.1:53", "authoritative", "match"), cells("8.8.8.8:53", "resolver", "match"),
		cells("tls://9.9.9.9", "resolver", "match"), cells("1.1.1.1:53", "resolver", "error"),
	}}}
	for name, tt := range map[string]struct {
		checks []wire.Check
		rows   []wire.Row
		want   string
	}{
		"everything": {all, rows, "entry in the service, registration, delegation, DNSSEC, expected records, addresses, " +
			"certificate, CDN, web page; from this machine and 8.8.8.8, tls://9.9.9.9"},
		"no resolver answers": {all, nil, "entry in the service, registration, delegation, DNSSEC, expected records, " +
			"addresses, certificate, CDN, web page; from this machine"},
		"not in use, nothing expected": {
			append(checks("pass", "registration", "delegation", "dnssec", "addresses"),
				checks("skipped", "records", "certificate", "http")...), rows,
			"registration, delegation, DNSSEC, addresses; from this machine and 8.8.8.8, tls://9.9.9.9; not judged: " +
				"expected records, certificate, web page",
		},
		"nothing": {checks("skipped", "registration", "delegation"), nil, "nothing"},
	} {
		d := domain("a.example", "pass")
		d.Checks, d.Propagation = tt.checks, tt.rows
		if got := d.Judged(); got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
		out := write(t, "text", []wire.Domain{d})
		if !strings.Contains(strings.Join(strings.Fields(out), " "), " judged "+tt.want) {
			t.Errorf("%s: the text does not say what was judged:\n%s", name, out)
		}
	}
	if out := write(t, "text", []wire.Domain{domain("a.example", "fail", sampleFinding("record.missing", "record",
		"records", "fail", "tenant"))}); strings.Contains(out, " judged ") {
		t.Errorf("a domain that fails shows its findings instead:\n%s", out)
	}
}

// TestReplyTried: a reply that reports no problem says that it was tried from one place, and what to send; one that
// reports a problem does not.
func TestReplyTried(t *testing.T) {
	t.Parallel()
	passing := domain("a.example", "pass")
	passing.Propagation = []wire.Row{{Servers: []wire.Cell{{Server: "8.8.8.8:53", Kind: "resolver", State: "match"}}}}
	gone := passing
	gone.Codes = []wire.Code{{Code: "DOMAIN_019", State: "reported", Message: "Health check failed"}}
	failing := domain("a.example", "fail", sampleFinding("record.missing", "record", "records", "fail", "tenant"))
	unsure := domain("a.example", "inconclusive")
	for name, tt := range map[string]struct {
		domain wire.Domain
		says   bool
	}{"passes": {passing, true}, "is over": {gone, true}, "fails": {failing, false}, "is unknown": {unsure, false}} {
		for _, l := range translation.Languages() {
			sentence, _ := l.Say(catalog.ReplyTried(tt.domain.Resolvers()))
			got := report.ReplyIn(&tt.domain, report.ReplyOptions{Language: l})
			if strings.Contains(got, sentence) != tt.says {
				t.Errorf("%s, %s: %q in the reply is %t:\n%s", name, l, sentence, !tt.says, got)
			}
		}
	}
}
