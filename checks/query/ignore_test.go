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

func TestParseIgnore(t *testing.T) {
	t.Parallel()
	day := time.Date(2026, 12, 31, 0, 0, 0, 0, time.UTC)
	for s, want := range map[string]Ignore{
		"record.missing":                  {Pattern: "record.missing"},
		" record.* ":                      {Pattern: "record.*"},
		"record.missing@Shop.Example.com": {Pattern: "record.missing", Domain: "shop.example.com"},
		"record.missing@*.example.com":    {Pattern: "record.missing", Domain: "*.example.com"},
		"8:until 2026-12-31":              {Pattern: "DOMAIN_008", Until: day.AddDate(0, 0, 1)},
		"record.missing@shop.example.com:until 2026-12-31": {
			Pattern: "record.missing", Domain: "shop.example.com",
			Until: day.AddDate(0, 0, 1),
		},
		"record.missing@shop.example.com : until   2026-12-31 ": {
			Pattern: "record.missing", Domain: "shop.example.com",
			Until: day.AddDate(0, 0, 1),
		},
	} {
		got, err := ParseIgnore(s)
		if got.Text = ""; err != nil || got != want {
			t.Errorf("%q: %+v, %v", s, got, err)
		}
	}
	for _, s := range []string{
		"", "nothing.such", "record.missing@", "record.missing@a b", "record.missing:2026-12-31",
		"record.missing:until", "record.missing:until 2026-13-01", "record.missing,caa.forbids", "@shop.example.com",
	} {
		if got, err := ParseIgnore(s); err == nil {
			t.Errorf("%q: taken as %+v", s, got)
		}
	}
	i, err := ParseIgnore("record.missing:until 2026-12-31")
	if err != nil || i.Expired(day.Add(23*time.Hour)) || !i.Expired(day.Add(24*time.Hour)) {
		t.Error("an exception holds through its last day, and not beyond")
	}
}

func TestFilterGates(t *testing.T) {
	t.Parallel()
	report := func() *result.Domain {
		missing := &finding.Finding{
			Instance: causes.RecordMissing.With(
				causes.RecordMissingArgs{Record: catalog.Record{Name: "shop.example.com"}}), Verdict: catalog.Fail,
			Role: catalog.Routing,
		}
		under := &finding.Finding{
			Instance: causes.CertificatePending.With(causes.CertificatePendingArgs{}), Verdict: catalog.Blocked,
			BlockedBy: causes.RecordMissing.ID,
		}
		soon := &finding.Finding{
			Instance: causes.RegistrationExpiresSoon.With(causes.RegisteredDomain{}),
			Verdict:  catalog.Warn,
		}
		r := &result.Domain{
			Name: dnsname.Name{ASCII: "shop.example.com"}, Findings: []*finding.Finding{missing, under, soon},
			Verdict: catalog.Fail,
		}
		r.Rejudge()
		return r
	}
	for _, tt := range []struct {
		name    string
		ignore  []string
		sev     map[string]string
		want    catalog.Verdict
		ignored int
		codes   int
	}{
		{name: "nothing", want: catalog.Fail, codes: 2},
		{
			name: "the root is ignored, and what follows from it", ignore: []string{"record.missing"}, want: catalog.Warn,
			ignored: 2, codes: 1,
		},
		{name: "of another domain", ignore: []string{"record.missing@other.example.com"}, want: catalog.Fail, codes: 2},
		{
			name: "of all domains below", ignore: []string{"record.missing@*.example.com"}, want: catalog.Warn, ignored: 2,
			codes: 1,
		},
		{name: "ended", ignore: []string{"record.missing:until 2020-01-01"}, want: catalog.Fail, codes: 2},
		{name: "everything", ignore: []string{"record.*", "registration.*"}, want: catalog.Pass, ignored: 3},
		{name: "a failure is a warning", sev: map[string]string{"record.*": "warn"}, want: catalog.Warn, codes: 2},
		{
			name: "a warning is a failure", ignore: []string{"record.missing"},
			sev: map[string]string{"registration.expires-soon": "fail"}, want: catalog.Fail, ignored: 2, codes: 1,
		},
		{
			name: "a cause comes before its family", sev: map[string]string{"record.*": "fail", "record.missing": "warn"},
			want: catalog.Warn, codes: 2,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var f Filter
			if _, err := f.WithIgnores(tt.ignore, time.Now()); err != nil {
				t.Fatal(err)
			}
			for p, v := range tt.sev {
				s, err := ParseSeverity(p, v)
				if err != nil {
					t.Fatal(err)
				}
				f.Severity = append(f.Severity, s)
			}
			before, r := report(), report()
			f.Apply(r)
			ignored := 0
			for _, x := range r.Findings {
				if x.Ignored != "" {
					ignored++
				}
			}
			if r.Verdict != tt.want || ignored != tt.ignored || len(r.Codes) != tt.codes ||
				len(r.Findings) != len(before.Findings) {
				t.Errorf("%s, %d ignored, %d codes, %d findings; want %s, %d, %d, %d", r.Verdict, ignored, len(r.Codes),
					len(r.Findings), tt.want, tt.ignored, tt.codes, len(before.Findings))
			}
		})
	}
}

// TestFilterUnjudged: what could not be judged does not count where none of its causes does.
func TestFilterUnjudged(t *testing.T) {
	t.Parallel()
	report := func() *result.Domain {
		return &result.Domain{
			Checks:  []finding.Status{{ID: "registration", Status: "inconclusive", Reason: "nobody answers"}},
			Verdict: catalog.Inconclusive,
		}
	}
	for only, want := range map[string]catalog.Verdict{
		"record.*": catalog.Pass, "registration.*": catalog.Inconclusive,
		"DOMAIN_003": catalog.Inconclusive,
	} {
		f, err := NewFilter([]string{only}, nil)
		if err != nil {
			t.Fatal(err)
		}
		r := report()
		if f.Apply(r); r.Verdict != want {
			t.Errorf("--only %s: %s, want %s", only, r.Verdict, want)
		}
	}
}

// TestFilterBlocked checks that no filter, exception or severity makes a domain pass whose checks could not be judged:
// the blocking finding may not count, but what it blocks is still unknown. A check that found nothing passes.
func TestFilterBlocked(t *testing.T) {
	t.Parallel()
	report := func() *result.Domain {
		findings := []*finding.Finding{
			{
				Instance: causes.DelegationUnreachable.With(causes.DelegationUnreachableArgs{}), Check: "delegation",
				Verdict: catalog.Fail,
			},
		}
		r := &result.Domain{
			Name: dnsname.Name{ASCII: "shop.example.com"}, Findings: finding.Fold(findings),
			Checks: []finding.Status{
				{ID: "service", Status: "pass"},
				{ID: "delegation", Status: "fail"},
				{ID: "records", Status: "inconclusive", Reason: "no answer in time"},
				{ID: "http", Status: "inconclusive", Reason: "no answer in time"},
				{ID: "authcode", Status: finding.Skipped, Reason: "none was given", Unasked: true},
			},
		}
		finding.MarkBlocked(r.Checks, r.Findings)
		r.Rejudge()
		return r
	}
	for _, tt := range []struct {
		name               string
		only, skip, ignore []string
		severity           string
		want               catalog.Verdict
		partial            bool
	}{
		{name: "no filter", want: catalog.Fail},
		{name: "only a blocked family", only: []string{"record.*"}, want: catalog.Inconclusive},
		{name: "only a blocked rung", only: []string{"http"}, want: catalog.Inconclusive},
		{name: "without the root cause", skip: []string{"delegation"}, want: catalog.Inconclusive},
		{name: "the root cause is ignored", ignore: []string{"delegation.*"}, want: catalog.Inconclusive},
		{name: "the root cause is a warning", severity: "delegation.*", want: catalog.Inconclusive},
		{name: "the root cause itself", only: []string{"delegation.*"}, want: catalog.Fail},
		{name: "what was judged", only: []string{"service"}, want: catalog.Pass, partial: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f, err := NewFilter(tt.only, tt.skip)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := f.WithIgnores(tt.ignore, time.Now()); err != nil {
				t.Fatal(err)
			}
			if tt.severity != "" {
				f.Severity = []Severity{{tt.severity, catalog.Warn}}
			}
			r := report()
			f.Apply(r)
			if r.Verdict != tt.want || r.Partial() != tt.partial {
				t.Errorf("%s, partial %t; want %s, %t; checks %+v", r.Verdict, r.Partial(), tt.want, tt.partial, r.Checks)
			}
		})
	}
}

// TestFilterConsequence checks a finding that was asked for, but follows from one that was not: it is not known whether
// it would be there without, so the domain neither fails nor passes.
func TestFilterConsequence(t *testing.T) {
	t.Parallel()
	for _, was := range []catalog.Verdict{catalog.Fail, catalog.Warn} {
		missing := &finding.Finding{
			Instance: causes.RecordMissing.With(causes.RecordMissingArgs{}), Check: "records", Verdict: catalog.Fail,
		}
		pending := &finding.Finding{
			Instance: causes.CertificatePending.With(causes.CertificatePendingArgs{}), Check: "certificate",
			Verdict: catalog.Blocked, Was: was, BlockedBy: causes.RecordMissing.ID,
		}
		r := &result.Domain{
			Findings: []*finding.Finding{missing, pending},
			Checks:   []finding.Status{{ID: "records", Status: "fail"}, {ID: "certificate", Status: finding.StateOf(was)}},
		}
		finding.MarkBlocked(r.Checks, r.Findings)
		f, err := NewFilter([]string{"certificate.*"}, nil)
		if err != nil {
			t.Fatal(err)
		}
		f.Apply(r)
		want := catalog.Inconclusive
		if was == catalog.Warn {
			want = catalog.Pass
		}
		if r.Verdict != want || len(r.LeftOut) != 1 {
			t.Errorf("a consequence that was %s: %s, %d left out; want %s, 1", was, r.Verdict, len(r.LeftOut), want)
		}
	}
}
