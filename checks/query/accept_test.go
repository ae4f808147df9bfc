package query

import (
	"testing"
	"time"

	"domdoc/catalog"
	"domdoc/catalog/causes"
	"domdoc/checks/dnsname"
	"domdoc/checks/finding"
	"domdoc/checks/result"
)

// TestFilterSkipped checks a filter that selects checks which were skipped, for whatever reason: nothing was judged. A
// skipped check beside others that were judged changes nothing.
func TestFilterSkipped(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		only, skip []string
		want       catalog.Verdict
	}{
		{want: catalog.Pass},
		{only: []string{"http"}, want: catalog.Inconclusive},
		{only: []string{"http.*"}, want: catalog.Inconclusive},
		{only: []string{"transfers"}, want: catalog.Inconclusive},
		{only: []string{"http", "record"}, want: catalog.Pass},
		{only: []string{"records"}, want: catalog.Pass},
		{skip: []string{"record", "propagation"}, want: catalog.Inconclusive},
		{skip: []string{"propagation"}, want: catalog.Pass},
	} {
		f, err := NewFilter(tt.only, tt.skip)
		if err != nil {
			t.Fatal(err)
		}
		r := &result.Domain{Verdict: catalog.Pass, Checks: []finding.Status{
			{ID: "transfers", Status: finding.Skipped, Reason: "no transfer was reported as missing"},
			{ID: "records", Status: "pass"},
			{ID: "http", Status: finding.Skipped, Reason: "the domain is not in use yet"},
		}}
		if f.Apply(r); r.Verdict != tt.want {
			t.Errorf("--only %q --skip %q: %s, want %s", tt.only, tt.skip, r.Verdict, tt.want)
		}
	}
}

// TestAcceptUnjudged checks exceptions for checks that could not judge: those for all that a check is about accept it,
// and the report lists it. An exception for one cause of several, or for another domain, does not; nor does any accept
// a run that was cut short, or that nothing was judged.
func TestAcceptUnjudged(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name         string
		only, ignore []string
		cut          bool
		found        bool // the check has an inconclusive finding
		want         catalog.Verdict
	}{
		{name: "no exception", want: catalog.Inconclusive},
		{name: "the check, as a rung", ignore: []string{"dnssec"}, want: catalog.Pass},
		{name: "its family", ignore: []string{"dnssec.*"}, want: catalog.Pass},
		{name: "its family for the domain", ignore: []string{"dnssec.*@shop.example.com"}, want: catalog.Pass},
		{name: "one of its causes", ignore: []string{"dnssec.bogus"}, want: catalog.Inconclusive},
		{name: "of another domain", ignore: []string{"dnssec@other.example.com"}, want: catalog.Inconclusive},
		{name: "expired", ignore: []string{"dnssec:until 2020-01-01"}, want: catalog.Inconclusive},
		{name: "another check", ignore: []string{"propagation"}, want: catalog.Inconclusive},
		{name: "cut short", ignore: []string{"dnssec"}, cut: true, want: catalog.Inconclusive},
		{name: "nothing else is judged", only: []string{"dnssec"}, ignore: []string{"dnssec"}, want: catalog.Inconclusive},
		{name: "with a finding", ignore: []string{"registration.*"}, found: true, want: catalog.Inconclusive},
		{
			name: "with a finding that is ignored", ignore: []string{"registration.*", "dnssec"}, found: true,
			want: catalog.Pass,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f, err := NewFilter(tt.only, nil)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := f.WithIgnores(tt.ignore, time.Now()); err != nil {
				t.Fatal(err)
			}
			r := &result.Domain{
				Name: dnsname.Name{ASCII: "shop.example.com"}, Interrupted: tt.cut, Checks: []finding.Status{
					{ID: "records", Status: "pass"},
					{ID: "dnssec", Status: "inconclusive", Reason: "no validating resolver confirms it"},
				},
			}
			left := 1
			if tt.found {
				r.Checks = append(r.Checks, finding.Status{ID: "registration", Status: "inconclusive"})
				r.Findings = []*finding.Finding{{
					Instance: causes.RegistrationUnknown.With(causes.RegistrationUnknownArgs{}), Check: "registration",
					Verdict: catalog.Inconclusive,
				}}
				left = 2
			}
			r.Rejudge()
			f.Apply(r)
			if r.Verdict != tt.want {
				t.Errorf("%s, want %s", r.Verdict, tt.want)
			}
			if tt.want == catalog.Pass && (!r.Partial() || len(r.LeftOut) != left || r.LeftOut[0].Ignored == "") {
				t.Errorf("partial %t, left out %+v", r.Partial(), r.LeftOut)
			}
		})
	}
}
