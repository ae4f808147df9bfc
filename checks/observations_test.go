package checks_test

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"domdoc/checks/probe/exchange"

	"domdoc/api"
	"domdoc/api/sandbox"
	"domdoc/catalog"
	"domdoc/catalog/causes"
	"domdoc/checks"
	"domdoc/checks/audit/harness"
	"domdoc/checks/observe"
	"domdoc/checks/result"
	"domdoc/checks/subject"
)

// seen are stories whose facts the tests below look at.
var seen = []string{
	"name-doubled", "healthy-txt", "ttl-too-short", "servers-disagree", "caa-forbids",
	"caa-from-target", "caa-fails", "certificate-pending", "transfer-locked", "transfer-pending", "cache-negative",
	"healthy-apex-flattened", "healthy-verified-token-gone", "healthy-transfer-done",
}

func reportsOf(t *testing.T) map[string]*result.Domain {
	t.Helper()
	lab, err := harness.New(t.Context(), sandbox.Options{Only: seen})
	if err != nil {
		t.Fatal(err)
	}
	defer lab.Close()
	out := map[string]*result.Domain{}
	for _, s := range lab.Stories() {
		o, err := lab.Run(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		if !o.Case().Right() {
			t.Errorf("%s: missing %v, extra %v, problems %v", s.Name, o.Missing, o.Extra, o.Problems)
		}
		out[s.Name] = o.Report
	}
	return out
}

// recordOf is the fact of one role.
func recordOf(t *testing.T, r *result.Domain, role catalog.Role) observe.Record {
	t.Helper()
	i := slices.IndexFunc(r.Facts.Records, func(f observe.Record) bool { return f.Role == role })
	if i < 0 {
		t.Fatalf("%s has no record for %s: %v", r.Name.ASCII, role, r.Facts.Records)
	}
	return r.Facts.Records[i]
}

// TestObservationsInReports checks that a report carries what the checks observed.
func TestObservationsInReports(t *testing.T) {
	t.Parallel()
	reports := reportsOf(t)
	t.Run("records", func(t *testing.T) { testReportedRecords(t, reports) })
	t.Run("caa", func(t *testing.T) { testReportedCAA(t, reports) })
	t.Run("transfers", func(t *testing.T) { testReportedTransfers(t, reports) })
	t.Run("samples", func(t *testing.T) { testReportedSamples(t, reports) })
}

func testReportedRecords(t *testing.T, reports map[string]*result.Domain) {
	if f := recordOf(t, reports["name-doubled"], catalog.Verification); f.State != observe.StateMissing ||
		f.Right != 0 || f.Answered == 0 || f.Exchange == nil || len(f.Seen) != 0 {
		t.Errorf("name-doubled: %+v", f)
	}
	if f := recordOf(t, reports["healthy-txt"], catalog.Verification); f.State != observe.StateRight ||
		f.TTLRule != observe.TTLWithin || !slices.Equal(f.Seen, []string{f.Value}) || f.Right != f.Answered {
		t.Errorf("healthy-txt: %+v", f)
	}
	if f := recordOf(t, reports["healthy-verified-token-gone"], catalog.Verification); f.State != observe.StateMissing ||
		!f.Spent {
		t.Errorf("healthy-verified-token-gone: %+v", f)
	}
	if f := recordOf(t, reports["healthy-apex-flattened"], catalog.Routing); f.State != observe.StateRight ||
		!f.Flattened || f.Invalid != "" {
		t.Errorf("healthy-apex-flattened: %+v", f)
	}
	if f := recordOf(t, reports["servers-disagree"], catalog.Verification); f.State != observe.StatePartly ||
		f.Right == 0 || f.Right == f.Answered {
		t.Errorf("servers-disagree: %+v", f)
	}
	short := slices.ContainsFunc(reports["ttl-too-short"].Facts.Records, func(f observe.Record) bool {
		return f.TTLRule == observe.TTLTooShort && f.TTLs[0] < 60
	})
	if !short {
		t.Errorf("ttl-too-short: %+v", reports["ttl-too-short"].Facts.Records)
	}
}

func testReportedCAA(t *testing.T, reports map[string]*result.Domain) {
	caa := reports["caa-forbids"].Facts.CAA
	if caa == nil || caa.Verdict != causes.CAAForbidden || caa.Owner != "treyresearch.example" ||
		len(caa.Steps) != 2 || caa.Steps[0].Found != 0 || !caa.Steps[0].Known || caa.Steps[1].Found != 1 ||
		caa.Tag != "issue" {
		t.Errorf("caa-forbids: %+v", caa)
	}
	caa = reports["caa-from-target"].Facts.CAA
	if caa == nil || caa.Verdict != causes.CAAForbidden || caa.Owner == caa.At || len(caa.Steps) != 1 ||
		!slices.Contains(caa.Steps[0].Via, caa.Owner) {
		t.Errorf("caa-from-target: %+v", caa)
	}
	caa = reports["caa-fails"].Facts.CAA
	if caa == nil || caa.Verdict != causes.CAAFails || caa.Failure == "" || caa.Steps[len(caa.Steps)-1].Known {
		t.Errorf("caa-fails: %+v", caa)
	}
	if caa := reports["cache-negative"].Facts.CAA; caa != nil && caa.Verdict == causes.CAAForbidden {
		t.Errorf("cache-negative: %+v", caa)
	}
}

func testReportedTransfers(t *testing.T, reports map[string]*result.Domain) {
	if f := reports["transfer-pending"].Facts; f.Intent != subject.Transfer {
		t.Errorf("transfer-pending: intent %q", f.Intent)
	}
	if f := reports["transfer-locked"].Facts; !f.TransfersRead || f.TransfersErr != nil || len(f.Transfers) != 1 ||
		f.Transfers[0].Status != "PENDING" || f.Intent != subject.Transfer {
		t.Errorf("transfer-locked: %+v", f.Transfers)
	}
	if f := reports["healthy-transfer-done"].Facts; len(f.Transfers) != 1 || f.Intent != subject.Attach {
		t.Errorf("healthy-transfer-done: %+v, intent %q", f.Transfers, f.Intent)
	}
	if f := reports["name-doubled"].Facts; len(f.Transfers) != 0 {
		t.Errorf("name-doubled has the transfers of others: %+v", f.Transfers)
	}
}

func testReportedSamples(t *testing.T, reports map[string]*result.Domain) {
	sampled := 0
	for _, row := range reports["cache-negative"].Propagation {
		for _, c := range row.Cells {
			if len(c.Samples) > 0 {
				sampled++
				worst := slices.ContainsFunc(c.Samples, func(s observe.Cell) bool {
					return s.State == c.State && s.Exchange == c.Exchange
				})
				if len(c.Samples) != 5 && len(c.Samples) != 3 || !worst || c.Samples[0].Server != c.Server {
					t.Errorf("samples of %s: %+v", c.Server, c.Samples)
				}
			}
			if c.Kind == observe.KindAuthoritative && len(c.Samples) > 0 {
				t.Errorf("a source was sampled: %s", c.Server)
			}
		}
	}
	if sampled == 0 {
		t.Error("cache-negative: nothing was sampled")
	}
}

// TestRawOfNotedDomain checks that a report shows the service's own words of a domain that a face listed without
// them, and asks for nothing.
func TestRawOfNotedDomain(t *testing.T) {
	t.Parallel()
	lab, err := harness.New(t.Context(), sandbox.Options{Only: []string{"healthy-txt"}})
	if err != nil {
		t.Fatal(err)
	}
	defer lab.Close()
	s := lab.Stories()[0]
	domain := api.Domain{ID: lab.DomainID(s), Name: lab.Domain(s), Status: "VERIFIED"}
	noted := domain
	noted.Raw = json.RawMessage(`{"id":"x","secretSauce":1}`)
	lab.Doctor.Service.Remember(t.Context(), noted)
	r := lab.Doctor.Diagnose(context.Background(), checks.Target{Domain: &domain})
	if r.Domain == nil || string(r.Domain.Raw) != string(noted.Raw) {
		t.Errorf("the report's domain is %+v", r.Domain)
	}
	if domain.Raw != nil {
		t.Error("the face's own domain was changed")
	}
	for _, x := range r.Ledger {
		if x.Kind == exchange.KindService && strings.HasSuffix(x.Asked, "/"+domain.ID) {
			t.Errorf("the service was asked for what was noted: %s", x.Asked)
		}
	}
	other := domain
	other.ID = "d-another"
	if r := lab.Doctor.Diagnose(context.Background(), checks.Target{Domain: &other}); r.Domain.Raw != nil {
		t.Error("the words of another domain of that name are shown")
	}
}

func TestRankRoutes(t *testing.T) {
	t.Parallel()
	n := func(i int) *int { return &i }
	for name, c := range map[string]struct {
		routes []api.Route
		want   string // id, then ! first, <X hidden by X, =X same as X, @ a circle, - another host
	}{
		"none": {nil, ""},
		"numbers decide": {[]api.Route{
			{ID: "b", Path: "/b", Priority: n(2)},
			{ID: "a", Path: "/", Priority: n(1)},
		}, "a! b"},
		"the wider comes first": {[]api.Route{
			{ID: "all", Path: "/*", Priority: n(1)},
			{ID: "t", Path: "/tickets", Priority: n(10)},
		}, "all! t<all"},
		"the narrower first": {[]api.Route{
			{ID: "all", Path: "/*", Priority: n(10)},
			{ID: "t", Path: "/tickets", Priority: n(1)},
		}, "t all!"},
		"exact without numbers": {[]api.Route{
			{ID: "all", Path: "/*"},
			{ID: "root", Path: "/"},
			{ID: "t", Path: "/tickets"},
		}, "t root! all"},
		"unnumbered last":    {[]api.Route{{ID: "u", Path: "/"}, {ID: "n", Path: "/", Priority: n(99)}}, "n!=u u=n"},
		"same host and path": {[]api.Route{{ID: "a", Path: "/tickets"}, {ID: "b", Path: "tickets/"}}, "a=b b=a"},
		"a circle": {[]api.Route{
			{ID: "a", Path: "/", Target: "redirect:https://shop.example.com/home"},
			{ID: "b", Path: "/home", Target: "https://shop.example.com/"},
		}, "b@ a!@"},
		"away": {[]api.Route{{ID: "a", Path: "/", Target: "https://www.example.net/"}}, "a!"},
		"another host": {
			[]api.Route{{ID: "a", Host: "www.example.com"}, {ID: "w", Host: "*.example.com"}},
			"a- w!",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, f := range observe.RankRoutes(c.routes, "shop.example.com") {
				s := f.Route.ID
				if f.First {
					s += "!"
				}
				if f.HiddenBy != "" {
					s += "<" + f.HiddenBy
				}
				if f.SameAs != "" {
					s += "=" + f.SameAs
				}
				if f.Never {
					s += "@"
				}
				if !f.Serves {
					s += "-"
				}
				got = append(got, s)
			}
			if s := strings.Join(got, " "); s != c.want {
				t.Errorf("got %q, want %q", s, c.want)
			}
		})
	}
}

func TestCovers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, host string
		want       bool
	}{
		{"shop.example.com", "shop.example.com", true},
		{"*.example.com", "shop.example.com", true},
		{"*.example.com", "a.shop.example.com", false},
		{"*.example.com", "example.com", false},
		{"example.com", "shop.example.com", false},
		{"192.0.2.1", "192.0.2.1", true},
		{"192.0.2.1", "shop.example.com", false},
		{"", "shop.example.com", false},
	} {
		if got := exchange.Covers(c.name, c.host); got != c.want {
			t.Errorf("%q covers %q: %v", c.name, c.host, got)
		}
	}
	if got := exchange.KeyType(&x509.Certificate{PublicKeyAlgorithm: x509.DSA}); got != "DSA" {
		t.Errorf("an unknown key is called %q", got)
	}
}
