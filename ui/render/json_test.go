package render_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"domdoc/ui/render"
)

// TestJSONHidesNothing writes characters that a terminal would obey as escapes, and they are read back as they were.
func TestJSONHidesNothing(t *testing.T) {
	t.Parallel()
	raw := "a\u009b2J\u202e\U000e0041\x7f<&>é.example"
	var b bytes.Buffer
	f, err := render.New("jsonl", &b, render.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Domain(&render.JSONDomain{Domain: raw}); err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(b.String(), "\u009b\u202e\U000e0041\x7f") {
		t.Errorf("%q would be obeyed", b.String())
	}
	if !strings.Contains(b.String(), `a\u009b2J\u202e\udb40\udc41\u007f<&>é.example`) {
		t.Errorf("%s", b.String())
	}
	var d render.JSONDomain
	if err := json.Unmarshal(b.Bytes(), &d); err != nil || d.Domain != raw {
		t.Errorf("%q, %v", d.Domain, err)
	}
}
