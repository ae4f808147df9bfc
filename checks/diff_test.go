package checks

import (
	"testing"
	"time"

	"domdoc/catalog"
	"domdoc/checks/probe"
	"domdoc/checks/probe/registration"

	"github.com/google/go-cmp/cmp"
)

func TestDiff(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	finding := func(w catalog.Instance, v catalog.Verdict, under catalog.ID) *Finding {
		return &Finding{Instance: w, Verdict: v, BlockedBy: under}
	}
	missing := finding(catalog.RecordMissing.With(catalog.MissingArgs{}), catalog.Fail, "")
	pending := finding(catalog.CertificatePending.With(catalog.CertificateArgs{}), catalog.Blocked,
		catalog.RecordMissing.ID)
	alone := finding(catalog.CertificatePending.With(catalog.CertificateArgs{}), catalog.Warn, "")
	row := func(state CellState, kind string, answer ...string) Row {
		return Row{
			Name: "shop.example", Type: "CNAME", Role: catalog.Routing,
			Cells: []Cell{{Server: "8.8.8.8:53", Kind: kind, State: state, Answer: answer}},
		}
	}
	registered := func(r registration.Registration) FactsReport {
		return FactsReport{Registration: &probe.RegistrationReport{Registration: r}}
	}
	type want struct {
		text          string
		better, worse bool
	}
	for _, tt := range []struct {
		name          string
		before, after DomainReport
		want          []want
	}{
		{
			name: "nothing", before: DomainReport{Verdict: catalog.Pass, At: now},
			after: DomainReport{Verdict: catalog.Pass, At: now.Add(time.Hour)},
		},
		{
			"it heals",
			DomainReport{
				Verdict: catalog.Fail, ServiceStatus: "PENDING", Findings: []*Finding{missing, pending},
				Codes: []CodeReport{{Code: catalog.Code{ID: "DOMAIN_010"}, State: CodePredicted}},
			},
			DomainReport{Verdict: catalog.Pass, ServiceStatus: "VERIFIED"},
			[]want{
				{"the verdict was fail, and is now pass", true, false},
				{"the service's status was PENDING, and is now VERIFIED", false, false},
				{"gone: " + missing.Title + " (record.missing)", true, false},
				{"DOMAIN_010 is gone (it was predicted)", true, false},
			},
		},
		{
			"the root is mended, and what followed from it stays",
			DomainReport{Verdict: catalog.Fail, Findings: []*Finding{missing, pending}},
			DomainReport{Verdict: catalog.Warn, Findings: []*Finding{alone}},
			[]want{
				{"the verdict was fail, and is now warn", true, false},
				{"gone: " + missing.Title + " (record.missing)", true, false},
				{
					"on its own now: " + alone.Title + " (certificate.pending), which followed from record.missing", false,
					false,
				},
			},
		},
		{
			"what cannot be asked any more is no good news",
			DomainReport{
				Verdict: catalog.Fail, Findings: []*Finding{missing},
				Checks: []Status{{ID: "records", Status: "fail"}},
			},
			DomainReport{Verdict: catalog.Inconclusive, Checks: []Status{{
				ID: "records", Status: "inconclusive",
				Reason: "nobody answers",
			}}},
			[]want{
				{"the verdict was fail, and is now inconclusive", false, false},
				{"gone: " + missing.Title + " (record.missing)", false, false},
				{"could not be checked this time: records (nobody answers)", false, false},
			},
		},
		{
			"a cache follows",
			DomainReport{Propagation: []Row{row(CellDiffers, "resolver", "old.example")}},
			DomainReport{Propagation: []Row{row(CellMatch, "resolver", "new.example")}},
			[]want{{"in the cache, shop.example CNAME at 8.8.8.8:53 was old.example, and is now new.example", true, false}},
		},
		{
			"the order of answers and a server that was not asked are no changes",
			DomainReport{Propagation: []Row{
				row(CellMatch, "authoritative", "a", "b"),
				{Name: "x", Type: "A", Cells: []Cell{{Server: "s", State: CellMatch, Answer: []string{"1"}}}},
			}},
			DomainReport{Propagation: []Row{
				row(CellMatch, "authoritative", "b", "a"),
				{Name: "x", Type: "A", Cells: []Cell{{Server: "s", State: CellError}}},
			}},
			nil,
		},
		{
			"the registration",
			DomainReport{Facts: registered(registration.Registration{
				State: registration.Registered, Statuses: []string{"ok"},
				Registrar: "A", ExpiresAt: now,
			})},
			DomainReport{Facts: registered(registration.Registration{
				State:    registration.Registered,
				Statuses: []string{"server hold", "ok"}, Registrar: "B", ExpiresAt: now.AddDate(1, 0, 0),
			})},
			[]want{
				{"the registration's status was ok, and is now ok, server hold", false, false},
				{"the registrar was A, and is now B", false, false},
				{"the end of the registration was 2026-11-24, and is now 2027-11-24", false, false},
			},
		},
		{
			"a registry that does not answer says nothing",
			DomainReport{Facts: registered(registration.Registration{State: registration.Registered})},
			DomainReport{Facts: registered(registration.Registration{State: registration.Unknown})},
			nil,
		},
		{
			"the delegation",
			DomainReport{Facts: FactsReport{Delegation: &ZoneFacts{
				Zone:     &probe.Zone{},
				ParentNS: []string{"ns2.a", "ns1.a"},
			}}},
			DomainReport{Facts: FactsReport{Delegation: &ZoneFacts{Zone: &probe.Zone{}, ParentNS: []string{"ns1.b"}}}},
			[]want{{"the delegation was ns1.a, ns2.a, and is now ns1.b", false, false}},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var got []want
			for _, c := range Diff(&tt.before, &tt.after) {
				got = append(got, want{c.Text(), c.Better, c.Worse})
			}
			if d := cmp.Diff(tt.want, got, cmp.AllowUnexported(want{})); d != "" {
				t.Error(d)
			}
			if same := Diff(&tt.after, &tt.after); len(same) > 0 {
				t.Errorf("a report differs from itself: %v", same)
			}
		})
	}
}
