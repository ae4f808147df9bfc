package cli

import (
	"strings"
	"testing"
)

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
