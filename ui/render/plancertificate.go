package render

import (
	"slices"
	"strings"

	"domdoc/catalog/plans"
	"domdoc/ui/render/layout"
	"domdoc/ui/render/wire"
)

// certificate writes whether a certificate would be issued and renewed, before and after the change.
func (b *planText) certificate(c *wire.PlannedCertificate) {
	var names []string
	for _, n := range c.Names {
		names = append(names, n.Name)
	}
	code := layout.Dim
	if c.Breaks {
		code = layout.Red
	}
	text := "issue " + b.change(c.Issue)
	if c.Renewal.After.Answer != string(plans.Nothing) || c.Renewal.Before.Answer != string(plans.Nothing) {
		text += "; renewal " + b.change(c.Renewal)
	}
	b.Para(2, "certificate", text+" ("+strings.Join(names, ", ")+")", code)
	reasons := func(a, shown wire.PlannedAnswer) {
		for i, r := range a.Reasons {
			if slices.Contains(shown.Reasons, r) {
				continue
			}
			if i < len(a.Causes) {
				r = a.Causes[i] + ": " + r
			}
			b.Para(4, "", r, layout.Dim)
		}
	}
	if c.Issue.After.Answer != string(plans.Yes) || c.Request != string(plans.Issued) {
		reasons(c.Issue.After, wire.PlannedAnswer{})
	}
	reasons(c.Renewal.After, c.Issue.After)
	if c.Expires != nil && c.Renewal.After.Answer == string(plans.No) {
		b.Para(4, "", plans.RenewsFrom(*c.Expires), layout.Dim)
	}
	if len(c.Names) > 1 && c.Issue.After.Answer != string(plans.Yes) {
		for _, n := range c.Names {
			b.Para(4, "", n.Name+": "+b.change(n.Issue), layout.Dim)
		}
	}
}

// change writes an answer, or two if they differ.
func (b *planText) change(c wire.PlannedChange) string {
	after := plans.Answer(c.After.Answer).Phrase()
	if before := plans.Answer(c.Before.Answer).Phrase(); before != after {
		return before + " → " + after
	}
	return after
}
