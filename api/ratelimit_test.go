package api

import (
	"context"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestRateLimits(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		header map[string]string
		want   []RateLimit
	}{
		{"none", nil, nil},
		{"seconds left", map[string]string{
			"X-RateLimit-Limit": "100", "X-RateLimit-Remaining": "99",
			"X-RateLimit-Reset": "60",
		}, []RateLimit{{"", 100, 99, noon.Add(time.Minute)}}},
		{
			"epoch",
			map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1771761660"},
			[]RateLimit{{"", 0, 0, noon.Add(time.Minute)}},
		},
		{
			"epoch in milliseconds",
			map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1771761660000"},
			[]RateLimit{{"", 0, 0, noon.Add(time.Minute)}},
		},
		{
			"any case",
			map[string]string{"x-ratelimit-remaining": "5", "x-ratelimit-reset": "1"},
			[]RateLimit{{"", 0, 5, noon.Add(time.Second)}},
		},
		{
			"buckets",
			map[string]string{
				"X-RateLimit-Limit-short": "3", "X-RateLimit-Remaining-short": "2", "X-RateLimit-Reset-short": "1",
				"X-RateLimit-Limit-long": "100", "X-RateLimit-Remaining-long": "40", "X-RateLimit-Reset-long": "60",
			},
			[]RateLimit{{"long", 100, 40, noon.Add(time.Minute)}, {"short", 3, 2, noon.Add(time.Second)}},
		},
		{"with a policy behind", map[string]string{
			"X-RateLimit-Limit": "100, 100;w=60", "X-RateLimit-Remaining": "9",
			"X-RateLimit-Reset": "2",
		}, []RateLimit{{"", 100, 9, noon.Add(2 * time.Second)}}},
		{"no reset", map[string]string{"X-RateLimit-Remaining": "0"}, []RateLimit{{Remaining: 0}}},
		{"nonsense", map[string]string{"X-RateLimit-Remaining": "many", "X-RateLimit-Reset": "60"}, nil},
		{"negative", map[string]string{"X-RateLimit-Remaining": "-1", "X-RateLimit-Reset": "60"}, nil},
		{
			"reset is nonsense",
			map[string]string{"X-RateLimit-Remaining": "1", "X-RateLimit-Reset": "inf"},
			[]RateLimit{{Remaining: 1}},
		},
		{"a longer word", map[string]string{"X-RateLimit-RemainingTokens": "1"}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := http.Header{}
			for k, v := range tt.header {
				h.Set(k, v)
			}
			if diff := cmp.Diff(tt.want, rateLimits(h, noon)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTightest(t *testing.T) {
	t.Parallel()
	short, long := RateLimit{"short", 3, 0, noon.Add(time.Second)}, RateLimit{"long", 100, 0, noon.Add(time.Minute)}
	plenty := RateLimit{"", 100, 99, noon.Add(time.Hour)}
	if got := tightest([]RateLimit{plenty, short, long}); got != long {
		t.Errorf("tightest = %+v, want the one that lasts longer", got)
	}
	if got := tightest(nil); got != (RateLimit{}) {
		t.Errorf("tightest of none = %+v", got)
	}
}

// TestPaceWaitsForTheWindow has a clock that moves when the client sleeps.
func TestPaceWaitsForTheWindow(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	now := noon
	var waited []time.Duration
	var n atomic.Int32
	c := asking(t, func(w http.ResponseWriter, r *http.Request) {
		if n.Add(1) == 1 {
			w.Header().Set("X-RateLimit-Limit", "100")
			w.Header().Set("X-RateLimit-Remaining", "0")
			w.Header().Set("X-RateLimit-Reset", "20")
		}
		answers(200, `{"balance":"1","id":"d-1"}`)(w, r)
	}, func(cfg *Config) {
		cfg.Now = func() time.Time { mu.Lock(); defer mu.Unlock(); return now }
		cfg.Sleep = func(_ context.Context, d time.Duration) error {
			mu.Lock()
			defer mu.Unlock()
			waited, now = append(waited, d), now.Add(d)
			return nil
		}
	})
	if _, ok := c.RateLimit(); ok {
		t.Error("a limit is known before any answer")
	}
	if _, err := c.Domain(t.Context(), "d-1"); err != nil {
		t.Fatal(err)
	}
	if rl, ok := c.RateLimit(); !ok || rl != (RateLimit{"", 100, 0, noon.Add(20 * time.Second)}) {
		t.Errorf("limit = %+v, %v", rl, ok)
	}
	if _, err := c.Wallet(t.Context()); err != nil || len(waited) != 0 {
		t.Errorf("another service's calls waited %v: %v", waited, err)
	}
	short, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	_, err := c.Domain(short, "d-1")
	if e := failure(t, err, KindRateLimited); e.RetryAfter != 20*time.Second || e.RateLimit.Limit != 100 ||
		e.Path != "/domains/v1/d-1" {
		t.Errorf("error = %+v", e)
	}
	if len(waited) != 0 || n.Load() != 2 {
		t.Errorf("waited %v and asked %d times, though the context ends before the window", waited, n.Load())
	}
	for range 2 {
		if _, err := c.Domain(t.Context(), "d-1"); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]time.Duration{20 * time.Second}, waited); diff != "" {
		t.Error(diff)
	}
}

// TestPaceCountsCallsUnderWay: five callers and two calls left make three waits, not three 429s.
func TestPaceCountsCallsUnderWay(t *testing.T) {
	t.Parallel()
	l := newLimits()
	l.learn("domains", []RateLimit{{"", 100, 2, noon.Add(time.Minute)}}, noon)
	var waits int
	for range 5 {
		if until, _ := l.admit("domains", noon, time.Time{}); !until.IsZero() {
			waits++
		}
	}
	if waits != 3 {
		t.Errorf("%d of 5 wait, want 3", waits)
	}
	// An answer to the first call knows nothing of the others yet: it must not open the window again.
	l.learn("domains", []RateLimit{{"", 100, 2, noon.Add(61 * time.Second)}}, noon)
	if until, _ := l.admit("domains", noon, time.Time{}); until.IsZero() {
		t.Error("a late answer opened the window")
	}
	// A new window counts afresh.
	l.learn("domains", []RateLimit{{"", 100, 99, noon.Add(2 * time.Minute)}}, noon.Add(61*time.Second))
	if until, _ := l.admit("domains", noon.Add(61*time.Second), time.Time{}); !until.IsZero() {
		t.Error("the new window is not used")
	}
}

// TestRateLimitIsShared checks that a limit reported to one call applies to the next one.
func TestRateLimitIsShared(t *testing.T) {
	t.Parallel()
	s := &sleeps{}
	c := asking(t, func(w http.ResponseWriter, r *http.Request) { answers(200, `{"id":"d-1"}`)(w, r) }, s.into,
		func(cfg *Config) { cfg.Now = func() time.Time { return noon } })
	c.limits.block("domains", noon.Add(5*time.Second))
	if _, err := c.Domain(t.Context(), "d-1"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]time.Duration{5 * time.Second}, s.all()); diff != "" {
		t.Error(diff)
	}
}

// TestAllowance: a client says how long the service's limits make further calls take.
func TestAllowance(t *testing.T) {
	t.Parallel()
	now := noon
	left := 5
	c := asking(t, func(w http.ResponseWriter, r *http.Request) {
		left--
		w.Header().Set("X-RateLimit-Limit", "5")
		w.Header().Set("X-RateLimit-Remaining", strconv.Itoa(left))
		w.Header().Set("X-RateLimit-Reset", strconv.Itoa(int(noon.Add(time.Minute).Sub(now)/time.Second)))
		answers(200, `{"id":"d-1"}`)(w, r)
	}, func(cfg *Config) { cfg.Now = func() time.Time { return now } })
	if a := c.Allowance(); a.Made != 0 || len(a.Limits) != 0 || a.Wait(now, 100) != 0 {
		t.Errorf("before the first call: %+v", a)
	}
	for range 2 {
		if _, err := c.Domain(t.Context(), "d-1"); err != nil {
			t.Fatal(err)
		}
		now = now.Add(10 * time.Second)
	}
	a := c.Allowance()
	if a.Made != 2 || len(a.Limits) != 1 || a.Windows[0] != time.Minute {
		t.Fatalf("%+v", a)
	}
	for calls, want := range map[int]time.Duration{
		0: 0, 3: 0, // left in this window, which ends in 40 seconds
		4: 40 * time.Second, 8: 40 * time.Second, 9: 100 * time.Second, 13: 100 * time.Second, 14: 160 * time.Second,
	} {
		if got := a.Wait(now, calls); got != want {
			t.Errorf("%d calls: %s, want %s", calls, got, want)
		}
	}
	if got := a.Wait(noon.Add(2*time.Minute), 6); got != time.Minute { // a window of its own
		t.Errorf("in another window: %s", got)
	}
}
