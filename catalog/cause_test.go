package catalog

import (
	"slices"
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

// TestMissingTexts: a cause whose text is missing can be read, and the text is empty.
func TestMissingTexts(t *testing.T) {
	t.Parallel()
	var none, all Cause
	addTexts(&none, Text[string]{})
	addTexts(&all, Text[string]{
		Summary: func(a string) string { return "summary of " + a },
		Why:     func(a string) string { return "why " + a },
		Fix:     func(a string) Fix { return Fix{Steps: []string{"mend " + a}} },
	})
	for _, tc := range []struct {
		cause *Cause
		want  []string
	}{
		{&none, []string{"", "", ""}},
		{&all, []string{"summary of it", "why it", "mend it"}},
	} {
		got := []string{tc.cause.summary("it"), tc.cause.why("it"), strings.Join(tc.cause.fix("it").Steps, "; ")}
		if !slices.Equal(got, tc.want) {
			t.Errorf("got %q, want %q", got, tc.want)
		}
	}
}
