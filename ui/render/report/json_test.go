package report_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"domdoc/ui/render/report"
	"domdoc/ui/render/wire"
)

// TestJSONEscapesControlCharacters writes control characters as escapes, which decode to the same text.
func TestJSONEscapesControlCharacters(t *testing.T) {
	t.Parallel()
	raw := "a\u009b2J\u202e\U000e0041\x7f<&>é.example"
	var b bytes.Buffer
	f := newFormatter(t, "jsonl", &b, report.Options{})
	if err := f.Domain(&wire.Domain{Domain: raw}); err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(b.String(), "\u009b\u202e\U000e0041\x7f") {
		t.Errorf("%q would be obeyed", b.String())
	}
	if !strings.Contains(b.String(), `a\u009b2J\u202e\udb40\udc41\u007f<&>é.example`) {
		t.Errorf("%s", b.String())
	}
	var d wire.Domain
	if err := json.Unmarshal(b.Bytes(), &d); err != nil || d.Domain != raw {
		t.Errorf("%q, %v", d.Domain, err)
	}
}
