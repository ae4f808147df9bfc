package story

import (
	"fmt"
	"strings"
)

// Advice is a requirement for the advice of a root cause.
type Advice struct {
	Cause string
	Verb  string // "says", "omits", "publishes" or "deletes"
	Text  string // of says and omits, a part of a step; otherwise "NAME TYPE VALUE" or "nothing"
}

func (a Advice) String() string { return a.Cause + " " + a.Verb + " " + a.Text }

// readAdvice reads the section advice: "CAUSE says TEXT", "CAUSE omits TEXT", "CAUSE publishes NAME TYPE VALUE",
// "CAUSE deletes nothing". See SetTarget for {target}.
func (s *Story) readAdvice(f Section) error {
	for i, l := range strings.Split(f.Data, "\n") {
		if l = strings.TrimSpace(l); l == "" {
			continue
		}
		cause, rest, _ := strings.Cut(l, " ")
		verb, what, _ := strings.Cut(rest, " ")
		if what = strings.TrimSpace(what); what == "" {
			return fmt.Errorf("line %d: %q: want CAUSE says|omits TEXT, or CAUSE publishes|deletes NAME TYPE VALUE",
				f.Line+1+i, l)
		}
		if err := OneOf("verb of the advice", verb, "says", "omits", "publishes", "deletes"); err != nil {
			return fmt.Errorf("line %d: %w", f.Line+1+i, err)
		}
		s.Advice = append(s.Advice, Advice{cause, verb, what})
	}
	return nil
}

func (s *Story) SetTarget(target string) {
	for i := range s.Advice {
		s.Advice[i].Text = strings.ReplaceAll(s.Advice[i].Text, "{target}", target)
	}
}
