package registration

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// today is the day of the lifecycles below.
var today = time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)

func day(s string) time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return t
}

// courseOf writes a lifecycle as one line: "~" before an estimate.
func courseOf(l Lifecycle) string {
	out := []string{string(l.Phase)}
	for _, s := range l.Stages {
		mark := ""
		if s.Estimated {
			mark = "~"
		}
		text := fmt.Sprintf("%s %s%s", s.Kind, mark, s.At.Format(time.DateOnly))
		if to := s.Latest.Format(time.DateOnly); s.Estimated && to != s.At.Format(time.DateOnly) {
			text += ".." + to
		}
		out = append(out, text)
	}
	return strings.Join(out, ", ")
}

func TestLifecycle(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, domain string
		reg          Registration
		want         string
	}{
		{
			"in its term", "shop.com",
			Registration{CreatedAt: day("2020-03-01"), ExpiresAt: day("2027-03-01")},
			"active, created 2020-03-01, expires 2027-03-01, grace-ends ~2027-03-01..2027-04-15, " +
				"redemption-ends ~2027-03-31..2027-05-15, free ~2027-04-05..2027-05-20",
		},
		{
			"young", "shop.com",
			Registration{CreatedAt: day("2026-11-01")},
			"active, created 2026-11-01, transfer-lock-ends ~2026-12-31",
		},
		{
			"60 days old", "shop.com",
			Registration{CreatedAt: day("2026-09-30")},
			"active, created 2026-09-30",
		},
		{
			"transferred of late", "shop.com",
			Registration{CreatedAt: day("2020-03-01"), TransferredAt: day("2026-11-10")},
			"active, created 2020-03-01, transferred 2026-11-10, transfer-lock-ends ~2027-01-09",
		},
		{
			"young, of a country", "shop.de", Registration{CreatedAt: day("2026-11-01")}, "active, created 2026-11-01",
		},
		{
			"renewed by the registry", "shop.com",
			Registration{ExpiresAt: day("2027-11-10"), Statuses: []string{"auto renew period"}},
			"grace, expires 2027-11-10, grace-ends ~2026-11-10..2026-12-25, redemption-ends ~2026-12-10..2027-01-24, " +
				"free ~2026-12-15..2027-01-29",
		},
		{
			"renewed for a reason that the dates do not show", "shop.com",
			Registration{ExpiresAt: day("2027-05-10"), Statuses: []string{"auto renew period"}},
			"grace, expires 2027-05-10, grace-ends ~2026-10-16..2027-01-14, redemption-ends ~2026-11-15..2027-02-13, " +
				"free ~2026-11-30..2027-02-18",
		},
		{
			"expired", "shop.com",
			Registration{ExpiresAt: day("2026-11-20")},
			"grace, expires 2026-11-20, grace-ends ~2026-11-20..2027-01-04, redemption-ends ~2026-12-20..2027-02-03, " +
				"free ~2026-12-25..2027-02-08",
		},
		{
			"expired for longer than any rule", "shop.com",
			Registration{ExpiresAt: day("2026-01-20")},
			"grace, expires 2026-01-20",
		},
		{
			"in redemption since its last change", "shop.com",
			Registration{
				ExpiresAt: day("2027-10-20"), UpdatedAt: day("2026-11-21"), Statuses: []string{"redemption period"},
			},
			"redemption, expires 2027-10-20, redemption-ends ~2026-12-21, free ~2026-12-26",
		},
		{
			"in redemption, with the date of its deletion", "shop.com",
			Registration{
				DeletesAt: day("2026-11-25"), UpdatedAt: day("2026-11-29"), Statuses: []string{"redemption period"},
			},
			"redemption, redemption-ends ~2026-12-25, deleted 2026-11-25, free ~2026-12-30",
		},
		{
			"in redemption, and nothing says since when", "shop.com",
			Registration{
				UpdatedAt: day("2026-03-01"), Statuses: []string{"redemption period"},
			},
			"redemption, redemption-ends ~2026-11-30..2026-12-30, free ~2026-12-05..2027-01-04",
		},
		{
			"being restored", "shop.com",
			Registration{
				UpdatedAt: day("2026-11-21"), Statuses: []string{"pending restore", "redemption period"},
			},
			"pending-restore",
		},
		{
			"pending delete", "shop.com",
			Registration{
				UpdatedAt: day("2026-11-28"), Statuses: []string{"pending delete"},
			},
			"pending-delete, free ~2026-12-03",
		},
		{
			"pending delete, and nothing says since when", "shop.com",
			Registration{Statuses: []string{"pending delete"}},
			"pending-delete, free ~2026-11-30..2026-12-05",
		},
		{
			"EPP shows pendingDelete in redemption, too", "shop.com",
			Registration{
				UpdatedAt: day("2026-11-28"), Statuses: []string{"pending delete", "redemption period"},
			},
			"redemption, redemption-ends ~2026-12-28, free ~2027-01-02",
		},
		{
			"Nominet shows it while the name can be restored", "shop.co.uk",
			Registration{
				ExpiresAt: day("2026-10-01"), Statuses: []string{"pending delete"},
			},
			"redemption, expires 2026-10-01, redemption-ends ~2026-12-30, free ~2027-01-04",
		},
		{
			"and after", "shop.co.uk",
			Registration{
				ExpiresAt: day("2026-08-30"), UpdatedAt: day("2026-11-28"), Statuses: []string{"pending delete"},
			},
			"pending-delete, expires 2026-08-30, free ~2026-12-03",
		},
		{
			"quarantine without a date", "shop.nl",
			Registration{
				UpdatedAt: day("2026-11-28"), Statuses: []string{"redemption period"},
			},
			"redemption, redemption-ends ~2027-01-07, free ~2027-01-07",
		},
		{
			"quarantine with a date of the registry", "shop.nl",
			Registration{
				ReleasesAt: day("2026-12-20"), Statuses: []string{"redemption period"},
			},
			"redemption, redemption-ends ~2026-12-20, free 2026-12-20",
		},
		{
			"a registry whose rules are not known", "shop.jp",
			Registration{
				CreatedAt: day("2026-11-01"), ExpiresAt: day("2026-11-20"), Statuses: []string{"redemption period"},
			},
			"redemption, created 2026-11-01, expires 2026-11-20",
		},
		{
			"the registry's own date of release", "shop.ru",
			Registration{
				ExpiresAt: day("2026-12-10"), ReleasesAt: day("2027-01-11"),
			},
			"active, expires 2026-12-10, redemption-ends ~2027-01-06..2027-01-11, free 2027-01-11",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.reg.State = Registered
			if got := courseOf(tt.reg.LifecycleOf(RulesOf(tt.domain, false), today)); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			for _, state := range []State{Unknown, NotRegistered, Reserved} {
				tt.reg.State = state
				if l := tt.reg.LifecycleOf(RulesOf(tt.domain, false), today); len(l.Stages) > 0 || l.Phase != NoPhase {
					t.Errorf("%s has a course: %s", state, courseOf(l))
				}
			}
		})
	}
}

// TestLifecycleLocks: locks are said apart from the age of a registration.
func TestLifecycleLocks(t *testing.T) {
	t.Parallel()
	r := Registration{State: Registered, Statuses: []string{
		"client transfer prohibited", "client update prohibited", "server transfer prohibited",
	}}
	l := r.LifecycleOf(RulesOf("shop.com", false), today)
	if got := strings.Join(l.Locks, ", "); got != "client transfer prohibited, server transfer prohibited" {
		t.Errorf("locks %q", got)
	}
	r.Statuses = []string{"active"}
	if l := r.LifecycleOf(RulesOf("shop.com", false), today); len(l.Locks) > 0 {
		t.Errorf("locks %q of an unlocked name", l.Locks)
	}
}

func TestRulesOf(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		domain         string
		own            bool
		ending         string
		known, generic bool
	}{
		{"shop.com", false, "com", true, true},
		{"shop.xn--tckwe", false, "xn--tckwe", true, true},
		{"shop.museum", false, "museum", false, true},
		{"shop.uk.com", true, "uk.com", false, false},
		{"shop.ac.uk", true, "ac.uk", false, false},
		{"shop.co.uk", false, "uk", true, false},
		{"shop.io", false, "io", false, false},
		{"shop.xn--p1ai", false, "xn--p1ai", true, false},
		{"shop.xn--fiqs8s", false, "xn--fiqs8s", false, false},
		{"shop.edu", false, "edu", false, false},
	} {
		r := RulesOf(tt.domain, tt.own)
		if r.Ending != tt.ending || r.Known != tt.known || r.Generic() != tt.generic {
			t.Errorf("%s: %+v", tt.domain, r)
		}
		if r.Known && (r.Source == "" || r.Restore == 0 || r.Restorer == "") {
			t.Errorf("%s: rules without a source, or incomplete: %+v", tt.domain, r)
		}
	}
}

// TestCertainty: every combination of what the three sources say.
func TestCertainty(t *testing.T) {
	t.Parallel()
	all := []Says{NotAsked, Silent, Unclear, SaysFree, SaysHeld, SaysUnsold}
	for _, rdap := range all {
		for _, whois := range all {
			for _, dns := range all {
				s := Sources{rdap, whois, dns}
				free, held := 0, false
				for _, x := range []Says{rdap, whois, dns} {
					if x == SaysFree {
						free++
					}
					held = held || x == SaysHeld || x == SaysUnsold
				}
				want := []Certainty{NotFree, Hint, Likely, Conclusive}[free]
				if held {
					want, free = NotFree, 0
				}
				if got := s.Free(); got != want || len(s.FreeBy()) != free {
					t.Errorf("%+v: %q by %q, want %q", s, got, s.FreeBy(), want)
				}
			}
		}
	}
}
