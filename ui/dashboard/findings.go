package dashboard

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"domdoc/catalog"
	"domdoc/checks"
	"domdoc/ui/dashboard/theme"
)

// label is the width of the column of labels.
const label = 7

// findingsPage is what a person came for: each root cause in one sentence, who acts, what to do, and until when to wait; then the codes and the checks.
func findingsPage(p *page, r *checks.DomainReport, now time.Time) {
	roots := r.Roots()
	for _, f := range roots {
		p.gap()
		rootCause(p, r, f, now)
	}
	if len(roots) == 0 && r.Verdict == catalog.Pass {
		p.text(0, p.th.Good, p.th.Pass+" no fault was found")
	}
	reportedCodes(p, r, now)
	checkStatuses(p, r)
}

func rootCause(p *page, r *checks.DomainReport, f *checks.Finding, now time.Time) {
	glyph, paint := p.th.Verdict(f.Verdict)
	if slices.Contains(f.Who, catalog.Wait) && f.Until() != nil {
		glyph, paint = p.th.Wait, p.th.Waiting
	}
	p.hang(0, glyph, paint, 2, p.th.Strong, f.Summary())
	if f.Certainty != checks.Conclusive {
		p.item(2, "sure", label, p.th.Plain, string(f.Certainty)+": the evidence points to it and does not prove it")
	}
	p.item(2, "why", label, p.th.Plain, f.Why())
	p.item(2, "who", label, p.th.Plain, actors(f.Who))
	if u := f.Until(); u != nil && !u.Latest.IsZero() {
		p.item(2, "until", label, p.th.Waiting, "latest "+until(u.Latest, now)+reason(u.Reason))
	}
	fix := f.Fix()
	for i, step := range fix.Steps {
		name := ""
		if i == 0 {
			name = "do"
		}
		p.hang(2, pad(name, label)+strconv.Itoa(i+1), p.th.Faint, label+2, p.th.Plain, step)
	}
	for _, rec := range fix.Records {
		recordCard(p, rec)
	}
	if len(fix.Commands) > 0 {
		p.gap()
		p.text(2, p.th.Faint, "see for yourself")
		for _, c := range fix.Commands {
			p.verbatim(4, p.th.Accent, c)
		}
	}
	under := r.Under(f)
	if len(under) > 0 {
		p.gap()
		p.text(2, p.th.Faint, "follows from it")
		for _, c := range under {
			p.hang(4, p.th.Under, p.th.Faint, 2, p.th.Plain, c.Summary())
		}
	}
}

func reason(s string) string {
	if s == "" {
		return ""
	}
	return ": " + s
}

func actors(list []catalog.Actor) string {
	var out []string
	for _, a := range list {
		out = append(out, a.Phrase())
	}
	return strings.Join(out, ", or ")
}

// recordCard shows a record so that each part can be selected by itself: what a DNS panel asks for, one to a line.
func recordCard(p *page, r catalog.Record) {
	const column = 7
	p.gap()
	p.text(2, p.th.Faint, "the record")
	p.field(4, "type", column, r.Type)
	if l := r.Label(); l != "" && l != r.Name {
		p.field(4, "host", column, l)
	}
	p.field(4, "name", column, r.Name)
	if r.Value != "" {
		p.field(4, "value", column, r.Value)
	}
	if r.TTL > 0 {
		p.field(4, "ttl", column, strconv.Itoa(r.TTL))
	}
}

// reportedCodes lists the domain's codes, and how each stands to the evidence.
func reportedCodes(p *page, r *checks.DomainReport, now time.Time) {
	if len(r.Codes) == 0 {
		return
	}
	p.head("codes")
	for _, c := range r.Codes {
		text, paint := codeState(p.th, r, c)
		p.hang(2, c.ID, p.th.Strong, 12, p.th.Plain, c.Name)
		p.text(14, paint, text)
		if rep := c.Reported; rep != nil {
			said := "it said"
			if rep.Source == "ticket" {
				said = "the ticket says"
			}
			if rep.Message != "" {
				p.text(14, p.th.Faint, said+": "+rep.Message)
			}
			var facts []string
			if !rep.At.IsZero() {
				facts = append(facts, clock(rep.At, now)+" UTC")
			}
			if rep.RequestID != "" {
				facts = append(facts, "request "+rep.RequestID)
			}
			if len(facts) > 0 {
				p.text(14, p.th.Faint, strings.Join(facts, ", "))
			}
		}
	}
}

// codeState says how a code stands to the evidence.
func codeState(th *theme.Theme, r *checks.DomainReport, c checks.CodeReport) (string, theme.Paint) {
	switch c.State {
	case checks.CodeExplained:
		return "reported, and explained by: " + titles(c.Causes), th.Plain
	case checks.CodeReported:
		return r.Note(c), th.Warning
	case checks.CodePredicted:
	}
	return "expected while this stands: " + titles(c.Causes), th.Plain
}

func titles(ids []catalog.ID) string {
	var out []string
	for _, id := range ids {
		if c, ok := catalog.FindCause(string(id)); ok {
			out = append(out, c.Title)
		}
	}
	return strings.Join(out, "; ")
}

// checkStatuses lists the checks, with the reason where one did not simply pass.
func checkStatuses(p *page, r *checks.DomainReport) {
	if len(r.Checks) == 0 {
		return
	}
	titleOf := map[string]string{}
	for _, c := range checks.Registry() {
		titleOf[c.ID] = c.Title
	}
	p.head("checks")
	for _, c := range r.Checks {
		glyph, paint := p.th.Status(c.Status)
		text := titleOf[c.ID]
		if text == "" {
			text = c.ID
		}
		if c.Reason != "" {
			text += ": " + causeWords(c.Reason)
		}
		p.hang(2, glyph+" "+c.Status, paint, 15, p.th.Plain, text)
	}
}

// causeWords puts the title in the place of a cause's id, where a check's reason names one.
func causeWords(reason string) string {
	for _, w := range strings.Fields(reason) {
		if !strings.Contains(w, ".") {
			continue
		}
		if c, ok := catalog.FindCause(w); ok {
			return strings.Replace(reason, w, "“"+c.Title+"”", 1)
		}
	}
	return reason
}
