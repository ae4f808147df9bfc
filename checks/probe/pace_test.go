package probe

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"domdoc/checks/probe/registration"
	"domdoc/checks/probe/transport"
)

// movedClock is a clock that sleeping moves.
type movedClock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *movedClock) time() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *movedClock) sleep(_ context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	return nil
}

// virtualPacing is pacing whose time is that of its own clock.
func virtualPacing() (*Pacing, *movedClock) {
	c := &movedClock{now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	return &Pacing{now: c.time, sleep: c.sleep}, c
}

// enterGate has a question let through, and ends it.
func enterGate(t *testing.T, g *gate) {
	t.Helper()
	leave, _, err := g.enter(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	leave()
}

func passed(t *testing.T, c *movedClock, start time.Time, want time.Duration) {
	t.Helper()
	if got := c.time().Sub(start); got != want {
		t.Errorf("after %s, want %s", got, want)
	}
}

// TestGate has the moments at which a server is asked.
func TestGate(t *testing.T) {
	t.Parallel()
	t.Run("pace", func(t *testing.T) {
		t.Parallel()
		p, c := virtualPacing()
		start := c.time()
		g := newGate(p, whoisLimit)
		for range 4 {
			enterGate(t, g)
		}
		passed(t, c, start, 3*time.Second)
	})
	t.Run("a rate of the user", func(t *testing.T) {
		t.Parallel()
		p, c := virtualPacing()
		start := c.time()
		p.Rate = 20
		g := newGate(p, whoisLimit)
		for range 21 {
			enterGate(t, g)
		}
		passed(t, c, start, time.Second)
	})
	t.Run("unlimited", func(t *testing.T) {
		t.Parallel()
		p, c := virtualPacing()
		start := c.time()
		p.Rate = -1
		g := newGate(p, whoisLimit)
		for range 100 {
			enterGate(t, g)
		}
		passed(t, c, start, 0)
	})
	t.Run("a day's number", func(t *testing.T) {
		t.Parallel()
		p, _ := virtualPacing()
		g := newGate(p, registryLimit{every: time.Second, atOnce: 1, perDay: 2})
		enterGate(t, g)
		enterGate(t, g)
		if _, _, err := g.enter(t.Context()); !errors.Is(err, errDaySpent) {
			t.Errorf("%v", err)
		}
	})
}

// TestGateRefused has the moments at which a server is asked that refuses questions.
func TestGateRefused(t *testing.T) {
	t.Parallel()
	t.Run("refused", func(t *testing.T) {
		t.Parallel()
		p, c := virtualPacing()
		start := c.time()
		g := newGate(p, rdapLimit)
		enterGate(t, g)
		for _, pause := range []time.Duration{5, 10, 20} { // doubled with each; those in flight count once
			for range 3 {
				if !g.refused(c.time(), 0) {
					t.Fatal("the pause is not waited for")
				}
			}
			before := c.time()
			enterGate(t, g)
			passed(t, c, before, pause*time.Second)
		}
		g.answered()
		if !g.refused(c.time(), 30*time.Second) {
			t.Fatal("the pause is not waited for")
		}
		enterGate(t, g)
		passed(t, c, start, 65*time.Second)
		before := c.time()
		enterGate(t, g)
		passed(t, c, before, 8*time.Second) // slower with each refusal
	})
	t.Run("one is refused after another was answered", func(t *testing.T) {
		t.Parallel()
		p, c := virtualPacing()
		g := newGate(p, rdapLimit)
		enterGate(t, g)
		g.refused(c.time(), 0)
		g.answered() // both were sent before
		if !g.refused(c.time(), 0) || !g.refuses() {
			t.Fatal("it is not a refusal")
		}
		before := c.time()
		enterGate(t, g)
		passed(t, c, before, 5*time.Second)
	})
	t.Run("refused for long", func(t *testing.T) {
		t.Parallel()
		p, c := virtualPacing()
		g := newGate(p, rdapLimit)
		enterGate(t, g)
		if g.refused(c.time(), 24*time.Hour) {
			t.Fatal("a day is waited for")
		}
		var paused *pausedError
		if _, _, err := g.enter(t.Context()); !errors.As(err, &paused) || paused.left != 24*time.Hour {
			t.Errorf("%v", err)
		}
		_ = c.sleep(t.Context(), 24*time.Hour)
		enterGate(t, g)
	})
	t.Run("refused always", func(t *testing.T) {
		t.Parallel()
		p, c := virtualPacing()
		g := newGate(p, rdapLimit)
		n := 0
		for n < 100 {
			enterGate(t, g)
			if n++; !g.refused(c.time(), time.Second) {
				break
			}
		}
		if n != refusalsOfAll {
			t.Errorf("it was asked %d times", n)
		}
		if _, _, err := g.enter(t.Context()); err == nil {
			t.Error("it is asked again")
		}
	})
}

// TestGateAlone: a server that refuses is asked one question at a time, until it answers.
func TestGateAlone(t *testing.T) {
	t.Parallel()
	p, c := virtualPacing()
	g := newGate(p, registryLimit{atOnce: 3})
	leave, trial, err := g.enter(t.Context())
	if trial || err != nil {
		t.Fatal(trial, err)
	}
	g.refused(c.time(), 0)
	leave()
	if leave, trial, err = g.enter(t.Context()); !trial || err != nil {
		t.Fatal(trial, err)
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if _, _, err := g.enter(ended); !errors.Is(err, transport.ErrNotAsked) {
		t.Fatalf("another is asked beside it: %v", err)
	}
	g.answered()
	leave()
	for range 3 {
		if _, trial, err := g.enter(t.Context()); trial || err != nil {
			t.Fatal(trial, err)
		}
	}
}

// TestRegistryThatRefuses looks names up at a registry that refuses questions for their number: it is asked again
// after a pause, within limits, and no name is ever called free for it.
func TestRegistryThatRefuses(t *testing.T) {
	t.Parallel()
	object := func(name string) (int, string, string) {
		return 200, rdapDoc, fmt.Sprintf(`{"objectClassName":"domain","ldhName":%q,"status":["active"]}`, name)
	}
	free := func(name string) (int, string, string) {
		if name == "nic.example" {
			return object(name)
		}
		return 404, rdapDoc, `{"errorCode":404,"title":"object not found"}`
	}
	const full = `{"errorCode":429,"title":"query rate exceeded"}`
	names := []string{"one.example", "two.example", "three.example"}
	for _, tt := range []struct {
		name    string
		refuse  int // questions of RDAP
		whois   string
		rdap    func(name string) (int, string, string)
		want    registration.State
		atMost  int // questions to RDAP about the first name
		whoises bool
	}{
		{"healthy", 0, "", object, registration.Registered, 1, false},
		{"refuses two, then knows the names", 2, "", object, registration.Registered, 4, false},
		{"refuses two, then knows none", 2, "No match for domain.\n", free, registration.NotRegistered, 4, true},
		{"refuses all", 1000, "WHOIS LIMIT EXCEEDED\n", free, registration.Unknown, 4, true},
		{
			"refuses all for a day", 1000, "Rate limit exceeded. Try again after: 24h0m0s\n", free, registration.Unknown, 4,
			true,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var mu sync.Mutex
			left := tt.refuse
			r := newOwnRegistry(t, func(name string) (int, string, string) {
				mu.Lock()
				defer mu.Unlock()
				if left--; left >= 0 {
					return 429, rdapDoc, full
				}
				return tt.rdap(name)
			}, func(name string) string {
				if name == "nic.example" && !strings.Contains(strings.ToLower(tt.whois), "limit") {
					return "Domain Name: nic.example\nRegistrar: Registry\nCreation Date: 2001-02-03T04:05:06Z\n"
				}
				return tt.whois
			}, "healthy-txt")
			pacing, _ := virtualPacing()
			s := r.session(Options{Pacing: pacing, Rate: 1000})
			var got []string
			s.LookUp(t.Context(), LookUpOptions{}, slices.Values(names), func(name string, reg *RegistrationReport) {
				got = append(got, name)
				if reg.State != tt.want || reg.Throttled != (tt.want == registration.Unknown) {
					t.Errorf("%s is %s (throttled: %t, %s), want %s", name, reg.State, reg.Throttled, reg.Reason, tt.want)
				}
				if tt.want == registration.Registered && len(reg.Tried) != 1 {
					t.Errorf("what was refused before is in the report: %q", reg.Tried)
				}
			})
			if len(got) != len(names) {
				t.Errorf("only %q are done", got)
			}
			whois := 0 // questions about a name that may be asked
			if tt.whoises {
				whois = tt.atMost
			}
			asked := countQuestions(r.questions(), names)
			if asked.mostRDAP > tt.atMost || asked.mostWHOIS > whois {
				t.Errorf("a name was asked too often: %+v", asked)
			}
			if tt.refuse > 100 && asked.rdap > refusalsOfAll+lookUpPerEnding {
				t.Errorf("a registry that refuses all was asked %d times", asked.rdap)
			}
			if strings.Contains(tt.name, "a day") && asked.whois > lookUpPerEnding {
				t.Errorf("a server that refuses for a day was asked again: %+v", asked)
			}
		})
	}
}

// questionCounts are how often names were asked, all together and the one that was asked most.
type questionCounts struct{ rdap, whois, mostRDAP, mostWHOIS int }

func countQuestions(questions, names []string) (c questionCounts) {
	count := map[string]int{}
	for _, q := range questions {
		count[q]++
	}
	for _, n := range names {
		rdap, whois := count["rdap "+n], count["whois "+n]
		c.rdap, c.whois = c.rdap+rdap, c.whois+whois
		c.mostRDAP, c.mostWHOIS = max(c.mostRDAP, rdap), max(c.mostWHOIS, whois)
	}
	return c
}
