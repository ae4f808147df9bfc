package registration

import (
	"net/http"
	"testing"
	"time"
)

// TestRetryAfter reads both forms of the header: seconds, and a date.
func TestRetryAfter(t *testing.T) {
	t.Parallel()
	in := func(d time.Duration) string { return time.Now().Add(d).UTC().Format(http.TimeFormat) }
	for _, tt := range []struct {
		value         string
		atLeast, most time.Duration
	}{
		{"60", time.Minute, time.Minute},
		{" 5 ", 5 * time.Second, 5 * time.Second},
		{in(48 * time.Hour), 24 * time.Hour, 48 * time.Hour},
		{in(-time.Hour), 0, 0},
		{in(1000 * time.Hour), longestRetry, longestRetry},
		{"99999999999", longestRetry, longestRetry},
		{"-1", 0, 0},
		{"", 0, 0},
		{"soon", 0, 0},
	} {
		r := ReadRDAP("shop.example", http.StatusTooManyRequests, "application/rdap+json", tt.value, []byte("{}"))
		if r.RetryAfter < tt.atLeast || r.RetryAfter > tt.most || !r.Throttled || r.State != Unknown {
			t.Errorf("%q: %s (throttled: %t), want %s to %s", tt.value, r.RetryAfter, r.Throttled, tt.atLeast, tt.most)
		}
	}
}
