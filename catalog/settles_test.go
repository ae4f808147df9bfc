package catalog

import (
	"strings"
	"testing"
	"time"
)

func TestSettles(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		host   string
		cache  time.Duration
		m      CachedAnswer
		within time.Duration
		want   []string
	}{
		{
			"", 5 * time.Minute, CachedAbsence, 5 * time.Minute,
			[]string{"within 5 minutes of the change", "that the record did not exist"},
		},
		{
			"Namecheap", time.Hour, CachedRecord, 2 * time.Hour,
			[]string{
				"within 2 hours of the change", "Namecheap takes up to 60 minutes to publish",
				"the old record for 60 minutes after that",
			},
		},
		{
			"", 48 * time.Hour, CachedServers, 48 * time.Hour,
			[]string{"within 2 days of the change", "the former name servers"},
		},
	} {
		s := SettlesAt(tt.host, tt.cache, tt.m)
		if s.Within() != tt.within {
			t.Errorf("%+v: within %v", tt, s.Within())
		}
		got := SettlesIn(s.Within(), "14:32 UTC", s.Reason())
		for _, w := range append(tt.want, "by 14:32 UTC if made now") {
			if !strings.Contains(got, w) {
				t.Errorf("%q is not in %q", w, got)
			}
		}
	}
	for d, want := range map[time.Duration]string{
		89 * time.Second: "89 seconds", 121 * time.Second: "3 minutes",
		91 * time.Minute: "2 hours", 49 * time.Hour: "3 days",
	} {
		if got := AtMost(d); got != want {
			t.Errorf("%v: %q, want %q: it may not be less", d, got, want)
		}
	}
}
