package progress

import (
	"testing"
	"time"

	"domdoc/catalog"
	"domdoc/catalog/causes"
	"domdoc/checks/finding"
	"domdoc/checks/observe"
	"domdoc/checks/probe"
	"domdoc/checks/probe/registration"
	"domdoc/checks/result"

	"github.com/google/go-cmp/cmp"
)

func TestDiff(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	found := func(w catalog.Instance, v catalog.Verdict, under catalog.ID) *finding.Finding {
		return &finding.Finding{Instance: w, Verdict: v, BlockedBy: under}
	}
	missing := found(causes.RecordMissing.With(causes.RecordMissingArgs{}), catalog.Fail, "")
	pending := found(causes.CertificatePending.With(causes.CertificatePendingArgs{}), catalog.Blocked,
		causes.RecordMissing.ID)
	alone := found(causes.CertificatePending.With(causes.CertificatePendingArgs{}), catalog.Warn, "")
	row := func(state observe.CellState, kind observe.ServerKind, answer ...string) observe.Row {
		return observe.Row{
			Name: "shop.example", Type: "CNAME", Role: catalog.Routing,
			Cells: []observe.Cell{{Server: "8.8.8.8:53", Kind: kind, State: state, Answer: answer}},
		}
	}
	registered := func(r registration.Registration) result.Facts {
		return result.Facts{Registration: &probe.RegistrationReport{Registration: r}}
	}
	type want struct {
		text          string
		better, worse bool
	}
	for _, tt := range []struct {
		name          string
		before, after result.Domain
		want          []want
	}{
		{
			name: "nothing", before: result.Domain{Verdict: catalog.Pass, At: now},
			after: result.Domain{Verdict: catalog.Pass, At: now.Add(time.Hour)},
		},
		{
			"it heals",
			result.Domain{
				Verdict: catalog.Fail, ServiceStatus: "PENDING", Findings: []*finding.Finding{missing, pending},
				Codes: []result.Code{{Code: catalog.Code{ID: "DOMAIN_010"}, State: result.CodePredicted}},
			},
			result.Domain{Verdict: catalog.Pass, ServiceStatus: "VERIFIED"},
			[]want{
				{"the verdict changed from fail to pass", true, false},
				{"the service's status changed from PENDING to VERIFIED", false, false},
				{"gone: " + missing.Title + " (record.missing)", true, false},
				{"DOMAIN_010 is gone (it was predicted)", true, false},
			},
		},
		{
			"the root is mended, and what followed from it stays",
			result.Domain{Verdict: catalog.Fail, Findings: []*finding.Finding{missing, pending}},
			result.Domain{Verdict: catalog.Warn, Findings: []*finding.Finding{alone}},
			[]want{
				{"the verdict changed from fail to warn", true, false},
				{"gone: " + missing.Title + " (record.missing)", true, false},
				{
					"now a root cause: " + alone.Title + " (certificate.pending), formerly a consequence of record.missing",
					false,
					false,
				},
			},
		},
		{
			"what cannot be asked any more is no good news",
			result.Domain{
				Verdict: catalog.Fail, Findings: []*finding.Finding{missing},
				Checks: []finding.Status{{ID: "records", Status: "fail"}},
			},
			result.Domain{Verdict: catalog.Inconclusive, Checks: []finding.Status{{
				ID: "records", Status: "inconclusive",
				Reason: "nobody answers",
			}}},
			[]want{
				{"the verdict changed from fail to inconclusive", false, false},
				{"gone: " + missing.Title + " (record.missing)", false, false},
				{"could not be checked this time: records (nobody answers)", false, false},
			},
		},
		{
			"a cache follows",
			result.Domain{Propagation: []observe.Row{row(observe.CellDiffers, "resolver", "old.example")}},
			result.Domain{Propagation: []observe.Row{row(observe.CellMatch, "resolver", "new.example")}},
			[]want{{
				"the cached answer for shop.example CNAME at 8.8.8.8:53 changed from old.example to new.example", true,
				false,
			}},
		},
		{
			"the order of answers and a server that was not asked are no changes",
			result.Domain{Propagation: []observe.Row{
				row(observe.CellMatch, "authoritative", "a", "b"),
				{Name: "x", Type: "A", Cells: []observe.Cell{{Server: "s", State: observe.CellMatch, Answer: []string{"1"}}}},
			}},
			result.Domain{Propagation: []observe.Row{
				row(observe.CellMatch, "authoritative", "b", "a"),
				{Name: "x", Type: "A", Cells: []observe.Cell{{Server: "s", State: observe.CellError}}},
			}},
			nil,
		},
		{
			"the registration",
			result.Domain{Facts: registered(registration.Registration{
				State: registration.Registered, Statuses: []string{"ok"},
				Registrar: "A", ExpiresAt: now,
			})},
			result.Domain{Facts: registered(registration.Registration{
				State:    registration.Registered,
				Statuses: []string{"server hold", "ok"}, Registrar: "B", ExpiresAt: now.AddDate(1, 0, 0),
			})},
			[]want{
				{"the registration status changed from ok to ok, server hold", false, false},
				{"the registrar changed from A to B", false, false},
				{"the registration expiry changed from 2026-11-24 to 2027-11-24", false, false},
			},
		},
		{
			"a registry that does not answer says nothing",
			result.Domain{Facts: registered(registration.Registration{State: registration.Registered})},
			result.Domain{Facts: registered(registration.Registration{State: registration.Unknown})},
			nil,
		},
		{
			"the delegation",
			result.Domain{Facts: result.Facts{Delegation: &observe.Delegation{
				Zone:     &probe.Zone{},
				ParentNS: []string{"ns2.a", "ns1.a"},
			}}},
			result.Domain{Facts: result.Facts{Delegation: &observe.Delegation{
				Zone:     &probe.Zone{},
				ParentNS: []string{"ns1.b"},
			}}},
			[]want{{"the delegation changed from ns1.a, ns2.a to ns1.b", false, false}},
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
