package cli

import (
	"strings"
	"testing"

	"domdoc/api/sandbox"
)

// TestListedStories checks which stories the tenant's list has: a few in the dashboard, all for commands, and those
// that --stories names.
func TestListedStories(t *testing.T) {
	t.Parallel()
	small := strings.Join(sandbox.Small(), " ")
	for _, tt := range []struct {
		flags     demoFlags
		dashboard bool
		want      string
	}{
		{demoFlags{}, true, small},
		{demoFlags{}, false, ""},
		{demoFlags{domains: 10_000}, true, ""},
		{demoFlags{stories: "all"}, true, ""},
		{demoFlags{stories: "small"}, false, small},
		{demoFlags{stories: "small", domains: 100}, false, small},
		{demoFlags{stories: "on-hold, healthy-txt"}, true, "on-hold healthy-txt"},
	} {
		if got := strings.Join(tt.flags.listed(tt.dashboard), " "); got != tt.want {
			t.Errorf("%+v, dashboard %v: %q, want %q", tt.flags, tt.dashboard, got, tt.want)
		}
	}
}

// TestKeepsAsking checks which commands let stories change: those that query again.
func TestKeepsAsking(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]bool{
		"": false, "check --all": false, "audit": false, "check shop.curlew.example": false,
		"check --all -o jsonl":     false,
		"wait shop.curlew.example": true, "-o json wait shop.curlew.example --for verified": true,
		"check --all --watch": true, "check --watch=true --all": true, "check --watch=false --all": false,
	} {
		if got := keepsAsking(strings.Fields(args)); got != want {
			t.Errorf("demo %s: %v", args, got)
		}
	}
}
