package report

import (
	"strings"
	"testing"
	"time"

	"domdoc/catalog"
	"domdoc/ui/render/wire"
)

// innerWords are ours: what a reply to a tenant must not have in it.
func innerWords() []string {
	out := []string{"root", "rung", "dig ", "POST /", "GET /", ":53", ":443", "incident", "resolver --", "--"}
	for _, c := range catalog.Causes() {
		out = append(out, string(c.ID))
	}
	return out
}

// TestReplyHasNoInternals writes a reply about the example of every cause: it has no words of ours in it, and the
// records that are to be published.
func TestReplyHasNoInternals(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 2, 22, 14, 20, 0, 0, time.UTC)
	for _, c := range catalog.Causes() {
		example := c.Example()
		if example.Cause.Who[0] == catalog.Local {
			continue
		}
		f := wire.Finding{
			Cause: string(c.ID), Who: string(c.Who[0]), Verdict: catalog.Fail.String(),
			Summary: example.Summary(), Why: "WHY", Fix: wire.NewFix(example.Fix()),
		}
		if u := example.Until(); u != nil {
			f.ETA = &wire.ETA{Latest: u.Latest, Reason: u.Reason}
		}
		d := &wire.Domain{
			Domain: "shop.example.com", Unicode: "shop.example.com", Verdict: "fail", At: at,
			Findings: []wire.Finding{f},
		}
		d.Codes = []wire.Code{{
			Code: "DOMAIN_010", State: "explained", Causes: []string{string(c.ID)}, ReportedAt: &at,
			Message: "MESSAGE",
		}}
		for kind, text := range map[string]string{
			"plain": Reply(d, catalog.Reader{}), "markdown": ReplyMarkdown(d, catalog.Reader{}),
		} {
			for _, w := range append(innerWords(), "WHY", "MESSAGE") {
				if strings.Contains(text, w) {
					t.Errorf("%s, %s: %q is in the reply:\n%s", c.ID, kind, w, text)
				}
			}
			for _, r := range f.Fix.Records {
				if !strings.Contains(text, r.Value) {
					t.Errorf("%s, %s: the value %q is not in the reply:\n%s", c.ID, kind, r.Value, text)
				}
			}
			if f.ETA != nil && !f.ETA.Latest.IsZero() && !strings.Contains(text, catalog.ReplyTime(f.ETA.Latest)) {
				t.Errorf("%s, %s: the latest time is not in the reply:\n%s", c.ID, kind, text)
			}
		}
	}
}

// TestReplyUnexplained: of two reported codes the findings explain one, and the reply says which one they do not.
func TestReplyUnexplained(t *testing.T) {
	t.Parallel()
	d := wire.Domain{Domain: "a.example", Unicode: "a.example", Verdict: "fail", Findings: []wire.Finding{{
		Cause: "delegation.lame", Who: "tenant", Verdict: "fail", Summary: "no server serves a.example",
	}}}
	d.Codes = []wire.Code{
		{Code: "DOMAIN_014", State: "reported", Causes: []string{}},
		{Code: "DOMAIN_022", State: "explained", Causes: []string{"delegation.lame"}},
	}
	const want = "This does not explain DOMAIN_014. "
	if got := Reply(&d, catalog.Reader{}); !strings.Contains(got, want) {
		t.Errorf("%q is not in the reply:\n%s", want, got)
	}
	d.Codes[0].Causes = []string{"delegation.lame"}
	if got := Reply(&d, catalog.Reader{}); strings.Contains(got, "does not explain") {
		t.Errorf("both codes are explained:\n%s", got)
	}
}
