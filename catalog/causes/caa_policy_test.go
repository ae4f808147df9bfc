package causes

import (
	"strings"
	"testing"
)

func TestCAASentences(t *testing.T) {
	t.Parallel()
	seen := map[string]CAAVerdict{}
	for _, v := range []CAAVerdict{
		CAAAllowed, CAAForbidden, CAACritical, CAAMalformed, CAAParameters, CAANoSet, CAAFails, CAAUnknown,
	} {
		s := v.Sentence("example.com", "issue")
		if other, ok := seen[s]; ok {
			t.Errorf("%s and %s say the same", v, other)
		}
		seen[s] = v
	}
	if s := CAAAllowed.Sentence("example.com", ""); !strings.Contains(s, "restricts no authority") {
		t.Errorf("a set without issue: %q", s)
	}
}
