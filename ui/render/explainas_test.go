package render_test

import (
	"regexp"
	"strings"
	"testing"

	"domdoc/catalog"
	_ "domdoc/catalog/causes"
	"domdoc/ui/render"
	"domdoc/ui/render/layout"
)

// TestExplainReader: "you" in an explanation is its reader: the platform for those who run it, the domain's owner for a
// tenant. Support reads "the customer".
func TestExplainReader(t *testing.T) {
	t.Parallel()
	you := regexp.MustCompile(`(?i)\byou(r|rs|rself)?\b`)
	quotes := regexp.MustCompile(`"[^"]*"|https?://\S+|service\.already-yours`)
	addressed := 0
	for _, c := range catalog.Causes() {
		text := func(as catalog.Audience) string {
			var b strings.Builder
			if err := render.Cause(&b, c, layout.Style{Reader: catalog.Reader{As: as}}); err != nil {
				t.Fatal(err)
			}
			return strings.Join(strings.Fields(b.String()), " ")
		}
		if you.MatchString(text(catalog.ForTenant)) {
			addressed++ // the healthy twin: the tenant is addressed
		}
		for _, as := range []catalog.Audience{catalog.ForSupport, catalog.ForOperator} {
			got := strings.ReplaceAll(text(as), "you (the platform)", "")
			if at := you.FindStringIndex(quotes.ReplaceAllString(got, "")); at != nil {
				t.Errorf("%s as %s: %q", c.ID, as, got)
			}
		}
	}
	if addressed < 50 {
		t.Errorf("only %d causes address the tenant", addressed)
	}
}
