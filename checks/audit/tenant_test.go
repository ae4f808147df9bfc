package audit_test

import (
	"slices"
	"testing"
	"time"

	"domdoc/catalog"
	"domdoc/checks/audit"
	"domdoc/checks/dnsname"
	"domdoc/checks/result"
	"domdoc/checks/subject"
)

var auditedAt = time.Date(2026, 2, 22, 12, 0, 0, 0, time.UTC)

// diagnosed is a report of a domain: the code that the service reported (or none), whether something explains it, and
// what else is predicted.
func diagnosed(name string, v catalog.Verdict, reported string, ago time.Duration, explained bool,
	others ...string,
) *result.Domain {
	r := &result.Domain{Name: dnsname.Name{ASCII: name}, Verdict: v}
	code := func(id string) catalog.Code {
		c, _ := catalog.FindCode(id)
		return c
	}
	if reported != "" {
		state := result.CodeReported
		if explained {
			state = result.CodeExplained
		}
		r.Codes = append(r.Codes, result.Code{
			Code: code(reported), State: state,
			Reported: &subject.Reported{Code: reported, At: auditedAt.Add(-ago), Source: "lastError"},
		})
	}
	for _, o := range others {
		r.Codes = append(r.Codes, result.Code{Code: code(o), State: result.CodePredicted})
	}
	return r
}

func TestTenant(t *testing.T) {
	t.Parallel()
	const hour = time.Hour
	for _, tt := range []struct {
		name              string
		reports           []*result.Domain
		compared          int
		precision, recall float64
		wrong             []string // missing, then what is predicted instead
		apart             []audit.Apart
	}{
		{name: "nothing reported, nothing predicted", reports: []*result.Domain{diagnosed("a", catalog.Pass, "", 0,
			false)}, precision: 1, recall: 1},
		{
			name:     "right, and the last error has room for one only",
			reports:  []*result.Domain{diagnosed("a", catalog.Fail, "DOMAIN_010", hour, true, "DOMAIN_019")},
			compared: 1, precision: 1, recall: 1,
		},
		{name: "right, however long ago", reports: []*result.Domain{diagnosed("a", catalog.Fail, "DOMAIN_010",
			1000*hour, true)}, compared: 1, precision: 1, recall: 1},
		{
			name: "missed", reports: []*result.Domain{diagnosed("a", catalog.Pass, "DOMAIN_014", hour, false)},
			compared: 1, precision: 1, recall: 0, wrong: []string{"DOMAIN_014"},
		},
		{name: "another one is predicted", reports: []*result.Domain{diagnosed("a", catalog.Fail, "DOMAIN_014",
			hour, false, "DOMAIN_019")}, compared: 1, precision: 0, recall: 0, wrong: []string{"DOMAIN_014", "DOMAIN_019"}},
		{
			name: "half of them", reports: []*result.Domain{
				diagnosed("a", catalog.Fail, "DOMAIN_010", hour, true),
				diagnosed("b", catalog.Pass, "DOMAIN_014", hour, false),
			}, compared: 2, precision: 1, recall: 0.5,
			wrong: []string{"DOMAIN_014"},
		},
		{
			name: "may be over", reports: []*result.Domain{diagnosed("a", catalog.Pass, "DOMAIN_010", 48*hour,
				false)},
			precision: 1, recall: 1, apart: []audit.Apart{{Domain: "a", Code: "DOMAIN_010", Why: catalog.ApartPast}},
		},
		{name: "not over for long enough", reports: []*result.Domain{diagnosed("a", catalog.Pass, "DOMAIN_010",
			47*hour, false)}, compared: 1, precision: 1, recall: 0, wrong: []string{"DOMAIN_010"}},
		{
			name: "a verification is over sooner", reports: []*result.Domain{diagnosed("a", catalog.Pass,
				"DOMAIN_004",
				6*time.Minute, false)}, precision: 1, recall: 1,
			apart: []audit.Apart{{Domain: "a", Code: "DOMAIN_004", Why: catalog.ApartPast}},
		},
		{name: "not judged", reports: []*result.Domain{diagnosed("a", catalog.Inconclusive, "DOMAIN_010", hour,
			false)}, precision: 1, recall: 1, apart: []audit.Apart{{
			Domain: "a", Code: "DOMAIN_010",
			Why: catalog.ApartUnjudged,
		}}},
		{name: "only a ticket tells", reports: []*result.Domain{diagnosed("a", catalog.Pass, "DOMAIN_018", hour,
			false)}, precision: 1, recall: 1, apart: []audit.Apart{{
			Domain: "a", Code: "DOMAIN_018",
			Why: catalog.ApartUngiven,
		}}},
		{name: "not reported yet", reports: []*result.Domain{diagnosed("a", catalog.Fail, "", 0, false,
			"DOMAIN_004")}, precision: 1, recall: 1, apart: []audit.Apart{{
			Domain: "a", Code: "DOMAIN_004",
			Why: catalog.ApartUnreported,
		}}},
		{name: "one alone is no incident", reports: []*result.Domain{diagnosed("a.example", catalog.Pass,
			"DOMAIN_020", hour, false)}, compared: 1, precision: 1, recall: 0, wrong: []string{"DOMAIN_020"}},
		{name: "an incident explains", reports: []*result.Domain{
			diagnosed("a.example", catalog.Pass, "DOMAIN_020", hour, false),
			diagnosed("b.example", catalog.Pass, "DOMAIN_020", hour, false),
			diagnosed("c.example", catalog.Pass, "DOMAIN_020", hour, false),
		}, compared: 3, precision: 1, recall: 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a := audit.NewTenant(auditedAt)
			for _, r := range tt.reports {
				a.Add(r)
			}
			r := a.Result()
			if r.Stories != len(tt.reports) || *r.Compared != tt.compared || r.Precision != tt.precision ||
				r.Recall != tt.recall || !slices.Equal(r.Apart, tt.apart) {
				t.Errorf("got %+v", r)
			}
			var wrong []string
			for _, w := range r.Wrong {
				wrong = append(append(wrong, w.Missing...), w.Extra...)
			}
			if !slices.Equal(wrong, tt.wrong) {
				t.Errorf("wrong are %v, want %v", wrong, tt.wrong)
			}
		})
	}
}
