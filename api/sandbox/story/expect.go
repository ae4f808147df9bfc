package story

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
)

// Expect is one finding that a diagnosis of the story must report.
type Expect struct {
	Scope   string // "" for the domain, "tenant" or "vantage"
	Verdict string // "fail", "warn", "inconclusive" or "blocked"
	Cause   string
	Role    string
	Codes   []string
	Under   string // of a blocked finding: the cause that explains it
}

func (e Expect) String() string {
	s := e.Verdict + " " + e.Cause
	if e.Scope != "" {
		s = e.Scope + " " + s
	}
	if e.Role != "" {
		s += " " + e.Role
	}
	if len(e.Codes) > 0 {
		s += " " + strings.Join(e.Codes, " ")
	}
	if e.Under != "" {
		s += " under " + e.Under
	}
	return s
}

func (s *Story) readExpects(f Section) error {
	all, err := ReadLines(f.Data, f.Line+1)
	if err != nil {
		return err
	}
	for _, l := range all {
		if l.Word(0) == "pass" {
			if len(l.Words) > 1 {
				return l.Wrap(fmt.Errorf("expect: unexpected %q; want pass", l.Word(1)))
			}
			s.Healthy = true
			continue
		}
		if list := map[string]*[]string{"partly": &s.Partly, "unjudged": &s.Unjudged}[l.Word(0)]; list != nil {
			if len(l.Words) != 2 {
				return l.Wrap(fmt.Errorf("expect: want %s CHECK", l.Word(0)))
			}
			*list = append(*list, l.Word(1))
			continue
		}
		e, err := readExpect(l.Words)
		if err != nil {
			return l.Wrap(fmt.Errorf("expect: %w", err))
		}
		s.Expects = append(s.Expects, e)
	}
	if s.Healthy && len(s.Expects)+len(s.Partly)+len(s.Unjudged) > 0 {
		return f.Wrap(errors.New("a story that passes cannot expect findings"))
	}
	return nil
}

// readExpect reads "[tenant|vantage] VERDICT CAUSE [ROLE] [CODE…] [under CAUSE]".
func readExpect(w []string) (Expect, error) {
	var e Expect
	if w[0] == "tenant" || w[0] == "vantage" {
		e.Scope, w = w[0], w[1:]
	}
	if len(w) < 2 {
		return e, errors.New("want pass, or [tenant|vantage] VERDICT CAUSE [ROLE] [CODE…] [under CAUSE]")
	}
	e.Verdict, e.Cause = w[0], w[1]
	if err := cmp.Or(OneOf("verdict", e.Verdict, verdicts...), checkCause(e.Cause)); err != nil {
		return e, err
	}
	for i := 2; i < len(w); i++ {
		var err error
		switch {
		case w[i] == "under" && i+2 == len(w):
			e.Under, err = w[i+1], checkCause(w[i+1])
			i++
		case w[i] == "under":
			err = errors.New("under: want one CAUSE at the end of the line")
		case strings.HasPrefix(w[i], "DOMAIN_"):
			e.Codes, err = append(e.Codes, w[i]), CheckCode(w[i])
		case e.Role != "":
			err = fmt.Errorf("%q is a second role", w[i])
		default:
			e.Role, err = w[i], OneOf("role", w[i], roles...)
		}
		if err != nil {
			return e, err
		}
	}
	if blocked := e.Verdict == "blocked"; blocked != (e.Under != "") {
		return e, fmt.Errorf("%q: a finding is under a cause if it is blocked, and only then", e.Verdict)
	}
	return e, nil
}
