package inventory

import (
	"encoding/json"
	"errors"
	"slices"

	"domdoc/catalog"
	"domdoc/catalog/sanitize"
	"domdoc/ui/dashboard/page"
)

// savedSummary is a summary in a file: verdicts and states are words.
type savedSummary struct {
	Summary
	Verdict string
	State   string
}

// Encode returns a summary for a file.
func (s *Summary) Encode() ([]byte, error) {
	return json.Marshal(savedSummary{Summary: *s, Verdict: s.Verdict.String(), State: stateKey(s.State)})
}

// stateKey is the name of a state in files; unlike its word, it never changes.
func stateKey(s State) string {
	return [...]string{"none", "pass", "warn", "waiting", "inconclusive", "fail", ""}[s]
}

// DecodeSummary reads a summary from a file. It is of an earlier run. Text is sanitized.
func DecodeSummary(raw []byte) (*Summary, error) {
	var in savedSummary
	if err := json.Unmarshal(raw, &in); err != nil {
		return nil, err
	}
	s := in.Summary
	for v := catalog.NotRun; ; v++ {
		if v > catalog.Blocked {
			return nil, errors.New("no such verdict")
		}
		if v.String() == in.Verdict {
			s.Verdict = v
			break
		}
	}
	for s.State = StatePass; stateKey(s.State) != in.State; s.State++ {
		if s.State == StateFail {
			return nil, errors.New("no such state")
		}
	}
	if s.At.IsZero() {
		return nil, errors.New("no time")
	}
	s.Earlier = true
	s.Title, s.Short = sanitize.Text(s.Title, page.MaxText), sanitize.Text(s.Short, page.MaxText)
	for i, c := range s.Codes {
		s.Codes[i] = sanitize.Text(c, maxStatus)
	}
	for _, text := range []*string{
		&s.Sel.Host, &s.Sel.Registrar, &s.Sel.Name, &s.Sel.ASCII, &s.Sel.Status,
		&s.Sel.Title,
	} {
		*text = sanitize.Text(*text, maxName)
	}
	s.Causes = slices.DeleteFunc(s.Causes, func(id catalog.ID) bool {
		_, ok := catalog.FindCause(string(id))
		return !ok
	})
	return &s, nil
}

// Recall returns the row with the result of an earlier run.
func (r *Row) Recall(sum *Summary) *Row {
	out := *r
	out.Sum = sum
	out.Index()
	return &out
}
