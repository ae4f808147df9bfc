// Package audit scores diagnoses: how many of the expected causes and codes were found, and how many of those found
// were expected. The expectations come from the stories of the sandbox (package harness) or from what the service
// reported of a tenant's domains (Tenant).
package audit

import (
	"slices"
	"strings"

	"domdoc/catalog/order"
)

// Score counts the correct predictions of one cause or code.
type Score struct {
	Name      string  `json:"name"`
	Expected  int     `json:"expected"`
	Found     int     `json:"found"`
	Right     int     `json:"right"`
	Precision float64 `json:"precision"`
	Recall    float64 `json:"recall"`
}

func (s *Score) finish() {
	s.Precision, s.Recall = 1, 1
	if s.Found > 0 {
		s.Precision = float64(s.Right) / float64(s.Found)
	}
	if s.Expected > 0 {
		s.Recall = float64(s.Right) / float64(s.Expected)
	}
}

// Result is the result of an audit.
type Result struct {
	Stories   int     `json:"stories"`
	Healthy   int     `json:"healthy"`
	Precision float64 `json:"precision"`
	Recall    float64 `json:"recall"`
	Codes     []Score `json:"codes"`
	Causes    []Score `json:"causes"`
	Wrong     []Wrong `json:"wrong"`
	// For the audit of a tenant only.
	Compared *int    `json:"compared,omitempty" doc:"of a tenant: how many domains had a last error to compare"`
	Apart    []Apart `json:"apart,omitempty" doc:"of a tenant: codes that count neither for nor against the predictions"`
}

// Wrong is a story whose diagnosis differs from its expectation.
type Wrong struct {
	Story    string   `json:"story"`
	Missing  []string `json:"missing,omitempty"`
	Extra    []string `json:"extra,omitempty"`
	Problems []string `json:"problems,omitempty"`
}

// Case is a diagnosis and its expectation.
type Case struct {
	Wrong   // the differences; only the name if there are none
	Healthy bool

	ExpectedCauses, FoundCauses []string
	ExpectedCodes, FoundCodes   []string
}

// Right reports whether the diagnosis is exactly as expected.
func (c Case) Right() bool { return len(c.Missing)+len(c.Extra)+len(c.Problems) == 0 }

// Count scores cases per code, per cause, and over all causes.
func Count(cases []Case) *Result {
	r := &Result{Stories: len(cases), Wrong: []Wrong{}}
	codes, causes, total := scores{}, scores{}, Score{}
	for _, c := range cases {
		if c.Healthy {
			r.Healthy++
		}
		if !c.Right() {
			r.Wrong = append(r.Wrong, c.Wrong)
		}
		causes.tally(c.ExpectedCauses, c.FoundCauses, &total)
		codes.tally(c.ExpectedCodes, c.FoundCodes, nil)
	}
	order.By(r.Wrong, func(a, b Wrong) int { return strings.Compare(a.Story, b.Story) })
	total.finish()
	r.Precision, r.Recall = total.Precision, total.Recall
	r.Codes, r.Causes = sorted(codes), sorted(causes)
	return r
}

// Without returns a minus b as multisets, in the order of a.
func Without(a, b []string) []string {
	left := slices.Clone(b)
	var out []string
	for _, s := range a {
		if i := slices.Index(left, s); i >= 0 {
			left = slices.Delete(left, i, i+1)
			continue
		}
		out = append(out, s)
	}
	return out
}

// scores are scores by name.
type scores map[string]*Score

func (m scores) at(name string) *Score {
	if m[name] == nil {
		m[name] = &Score{Name: name}
	}
	return m[name]
}

func (m scores) tally(want, got []string, total *Score) {
	hit := len(want) - len(Without(want, got))
	for _, w := range want {
		m.at(w).Expected++
	}
	for _, g := range got {
		m.at(g).Found++
	}
	missing := Without(want, got)
	for _, w := range want {
		if i := slices.Index(missing, w); i >= 0 {
			missing = slices.Delete(missing, i, i+1)
			continue
		}
		m.at(w).Right++
	}
	if total != nil {
		total.Expected += len(want)
		total.Found += len(got)
		total.Right += hit
	}
}

func sorted(m scores) []Score {
	out := make([]Score, 0, len(m))
	for _, s := range m {
		s.finish()
		out = append(out, *s)
	}
	order.By(out, func(a, b Score) int { return strings.Compare(a.Name, b.Name) })
	return out
}
