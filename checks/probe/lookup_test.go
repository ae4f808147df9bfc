package probe

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"domdoc/checks/probe/registration"
)

// freeRegistry is a registry that has its own name only, in words that need the controls.
func freeRegistry(t *testing.T) *ownRegistry {
	t.Helper()
	return newOwnRegistry(t, func(name string) (int, string, string) {
		if name == "nic.example" {
			return 200, rdapDoc, fmt.Sprintf(`{"objectClassName":"domain","ldhName":%q,"status":["active"]}`, name)
		}
		return 404, rdapDoc, `{"errorCode":404,"description":["We hold no records of what you asked for."]}`
	}, func(name string) string {
		if name == "nic.example" {
			return "Domain Name: nic.example\nRegistrar: Registry\nCreation Date: 2001-02-03T04:05:06Z\n"
		}
		return "Nothing here by that name.\n"
	}, "healthy-txt")
}

// TestLookUpAsksOnce looks up many names: those below one registered name share a question, and the controls are
// asked once.
func TestLookUpAsksOnce(t *testing.T) {
	t.Parallel()
	r := freeRegistry(t)
	var names []string
	for i := range 20 {
		for _, sub := range []string{"", "www.", "a.b."} {
			names = append(names, fmt.Sprintf("%sn%d.example", sub, i))
		}
	}
	var got []string
	r.session(Options{}).LookUp(t.Context(), LookUpOptions{}, slices.Values(names),
		func(name string, reg *RegistrationReport) {
			got = append(got, name)
			if reg.State != registration.NotRegistered || reg.Domain != Registrable(name) {
				t.Errorf("%s: %s is %s (%s)", name, reg.Domain, reg.State, reg.Reason)
			}
		})
	slices.Sort(got)
	slices.Sort(names)
	if !slices.Equal(got, names) {
		t.Errorf("got %q", got)
	}
	count := map[string]int{}
	for _, q := range r.questions() {
		if count[q]++; count[q] > 1 {
			t.Errorf("%s was asked twice", q)
		}
		if name := q[strings.IndexByte(q, ' ')+1:]; strings.Count(name, ".") > 1 {
			t.Errorf("%s was asked", q)
		}
	}
	if want := 2 * (20 + 2); len(count) != want {
		t.Errorf("%d questions, want %d: one for each name and two controls, at both servers", len(count), want)
	}
}

// TestLookUpEnds ends a run at its time limit, where every name is still reported, and by its context, where none is.
func TestLookUpEnds(t *testing.T) {
	t.Parallel()
	r := freeRegistry(t)
	names := []string{"one.example", "www.one.example", "two.example", "co.uk"}
	t.Run("time limit", func(t *testing.T) {
		t.Parallel()
		n := 0
		r.session(Options{}).LookUp(t.Context(), LookUpOptions{Until: time.Now().Add(-time.Second)}, slices.Values(names),
			func(name string, reg *RegistrationReport) {
				n++
				if reg.State != registration.Unknown || reg.Reason != outOfTime {
					t.Errorf("%s is %s: %s", name, reg.State, reg.Reason)
				}
			})
		if n != len(names) {
			t.Errorf("%d of %d names are reported", n, len(names))
		}
	})
	t.Run("interrupted", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		r.session(Options{}).LookUp(ctx, LookUpOptions{}, slices.Values(names), func(name string, _ *RegistrationReport) {
			t.Errorf("%s is reported", name)
		})
	})
	t.Run("interrupted by what is reported", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		n := 0
		r.session(Options{}).LookUp(ctx, LookUpOptions{}, func(yield func(string) bool) {
			for yield("one.example") { // without end
			}
		}, func(string, *RegistrationReport) {
			if n++; n == 3 {
				cancel()
			}
		})
		if n != 3 {
			t.Errorf("%d names are reported", n)
		}
	})
}

// TestLookUpOfSlowRegistry has a registry that does not answer until the names of the others are done.
func TestLookUpOfSlowRegistry(t *testing.T) {
	t.Parallel()
	others := make(chan struct{})
	var once sync.Once
	r := newOwnRegistry(t, func(name string) (int, string, string) {
		<-others
		return 200, rdapDoc, fmt.Sprintf(`{"objectClassName":"domain","ldhName":%q,"status":["active"]}`, name)
	}, func(string) string {
		<-others
		return ""
	}, "healthy-txt")
	t.Cleanup(func() { once.Do(func() { close(others) }) })
	names := []string{"one.example", "two.example", "three.example", "four.example", "five.example"}
	for i := range 5 {
		names = append(names, fmt.Sprintf("n%d.police.uk", i)) // no server is known
	}
	pacing, _ := virtualPacing()
	var got []string
	r.session(Options{Pacing: pacing, Rate: 1000}).LookUp(t.Context(), LookUpOptions{}, slices.Values(names),
		func(name string, _ *RegistrationReport) {
			if got = append(got, name); len(got) == 5 {
				once.Do(func() { close(others) })
			}
		})
	for i, name := range got {
		if strings.HasSuffix(name, ".example") != (i >= 5) {
			t.Errorf("the names were done in the order %q", got)
			break
		}
	}
	if len(got) != len(names) {
		t.Errorf("%d of %d names are reported", len(got), len(names))
	}
}
