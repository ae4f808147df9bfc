package story

import (
	"fmt"
	"testing"
	"time"
)

func wordsOf(t *testing.T, s string) []string {
	t.Helper()
	l, err := ReadLine(s)
	if err != nil {
		t.Error(err)
	}
	return l.Words
}

func TestWords(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":                             "[]",
		"  a\tb  c ":                   `["a" "b" "c"]`,
		"a # a comment":                `["a"]`,
		"a#b":                          `["a#b"]`,
		`a "b c" d`:                    `["a" "b c" "d"]`,
		`""`:                           `[""]`,
		`a "" b`:                       `["a" "" "b"]`,
		`"a \" b"`:                     `["a \" b"]`,
		`key="two words"`:              `["key=two words"]`,
		`"# no comment" x`:             `["# no comment" "x"]`,
		"a\r":                          `["a"]`,
		`held TXT @ "v=spf1 -all" x=y`: `["held" "TXT" "@" "v=spf1 -all" "x=y"]`,
	} {
		if got := fmt.Sprintf("%q", wordsOf(t, in)); got != want {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
	}
}

func TestWhen(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_000_000_000, 0)
	for in, want := range map[string]time.Duration{
		"0": 0, "90s": -90 * time.Second, "20m": -20 * time.Minute,
		"3h": -3 * time.Hour, "2d": -48 * time.Hour, "1y": -365 * 24 * time.Hour, "+2d": 48 * time.Hour, "+0": 0,
	} {
		if got, err := ParseTime(in, now); err != nil || got.Sub(now) != want {
			t.Errorf("%q: %v, %v", in, got.Sub(now), err)
		}
	}
	for _, in := range []string{"", "x", "5", "d", "1w", "1.5d", "+", "2026-01-01"} {
		if got, err := ParseTime(in, now); err == nil {
			t.Errorf("%q is %v", in, got)
		}
	}
}
