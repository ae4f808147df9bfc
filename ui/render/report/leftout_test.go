package report_test

import (
	"strings"
	"testing"

	"domdoc/ui/render/wire"
)

// TestLeftOutInFormats: formats that list findings say what a filter left out of a domain that passes, and nothing of
// the kind without a filter.
func TestLeftOutInFormats(t *testing.T) {
	t.Parallel()
	healthy := domain("a.example", "pass")
	apart := healthy
	apart.LeftOut = []wire.LeftOut{{Cause: "record.name-doubled", Verdict: "fail"}}
	for format, want := range map[string]string{
		"sarif":       "a.example: left out by --only or --skip: record.name-doubled (fail)",
		"codequality": `"check_name": "left-out"`,
		"prometheus":  `domdoc_domain_left_out{domain="a.example",cause="record.name-doubled",check="",verdict="fail"`,
	} {
		out := write(t, format, []wire.Domain{apart})
		if !strings.Contains(out, want) {
			t.Errorf("%s lacks %q:\n%s", format, want, out)
		}
		if out := write(t, format, []wire.Domain{healthy}); strings.Contains(out, "left") {
			t.Errorf("%s of a domain of which nothing is left out:\n%s", format, out)
		}
	}
}
