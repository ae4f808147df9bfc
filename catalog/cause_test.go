package catalog

import (
	"strings"
	"testing"
)

func TestRecordLabel(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, zone, want string }{
		{"_verify.shop.example.com", "example.com", "_verify.shop"},
		{"Example.COM", "example.com", "@"},
		{"shop.EXAMPLE.com", "example.com", "shop"},
		{"shop.example.com", "", "shop.example.com"},
		{"badexample.com", "example.com", "badexample.com"},
		{"other.net", "example.com", "other.net"},
	} {
		if got := (Record{Name: tc.name, Zone: tc.zone}).Label(); got != tc.want {
			t.Errorf("%s in %s: label %q, want %q", tc.name, tc.zone, got, tc.want)
		}
	}
}

func TestRungsFollowTheContract(t *testing.T) {
	t.Parallel()
	var words []string
	for _, r := range Rungs() {
		words = append(words, r.String())
	}
	if got, want := strings.Join(words, " < "),
		"vantage < service < registration < delegation < dnssec < record < cache < certificate < cdn < "+
			"route < http"; got != want {
		t.Errorf("the ladder is %s, want %s", got, want)
	}
}
