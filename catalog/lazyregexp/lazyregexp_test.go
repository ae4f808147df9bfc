package lazyregexp

import (
	"regexp"
	"testing"
)

// TestNew: a mistake in an expression shows in the tests of its package, and the expression matches as usual.
func TestNew(t *testing.T) {
	t.Parallel()
	const source = `^(\d+) (\w+)$`
	for _, s := range []string{"12 shops", "shops", ""} {
		if got, want := New(source).MatchString(s), regexp.MustCompile(source).MatchString(s); got != want {
			t.Errorf("%q matches: %v, want %v", s, got, want)
		}
	}
	if got := New(source).ReplaceAllString("12 shops", "$2 $1"); got != "shops 12" {
		t.Errorf("replaced: %q", got)
	}
	defer func() {
		if recover() == nil {
			t.Error("a broken expression is not noticed in a test")
		}
	}()
	New(`(`)
}
