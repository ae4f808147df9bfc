package dashboard

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"domdoc/checks/probe/exchange"

	"domdoc/catalog"
	"domdoc/checks/finding"
	"domdoc/checks/observe"
	"domdoc/checks/result"
	"domdoc/checks/rules"
	"domdoc/ui/dashboard/theme"
	"domdoc/ui/render/report"
	"domdoc/ui/render/wire"
)

// label is the width of the column of labels.
const label = 7

// findingsPage is what a person came for: each root cause in one sentence, the record to publish, who acts and what
// to do; then the codes and the checks. What follows from a root cause is folded under it, and shown in full where
// unfolded.
func findingsPage(p *page, r *result.Domain, now time.Time, unfolded bool) {
	roots := r.Roots()
	if len(roots) < 2 {
		p.cursor = -1 // nothing to choose from
	}
	for i, f := range roots {
		rootCause(p, r, f, i, now, unfolded)
	}
	if len(roots) == 0 && r.Verdict == catalog.Pass {
		p.text(2, p.th.Good, p.th.Pass+" no fault was found")
		goodNews(p, r, now)
	}
	p.gap()
	p.columns(func(p *page) { reportedCodes(p, r, now) }, func(p *page) { checkStatuses(p, r) })
}

// rootCause writes one root cause. In a wide window what is to be copied stands beside what is to be read.
func rootCause(p *page, r *result.Domain, f *finding.Finding, n int, now time.Time, unfolded bool) {
	fix := f.Fix()
	selected := n == max(0, p.cursor)
	p.gap()
	if p.wide() {
		p.columns(func(p *page) {
			p.begin(findingCopies(r, f)...)
			sentence(p, f, n, len(r.Roots()))
			whoActs(p, f, now)
			steps(p, fix)
			settles(p, fix, now)
			p.item(4, "why", label, p.th.Plain, f.Why())
			consequences(p, r, f, unfolded, selected)
			p.end()
		}, func(p *page) {
			recordCards(p, fix)
			commands(p, fix)
			evidence(p, f)
		})
		return
	}
	p.begin(findingCopies(r, f)...)
	sentence(p, f, n, len(r.Roots()))
	whoActs(p, f, now)
	recordCards(p, fix)
	if len(fix.Records)+len(fix.Deletes) > 0 {
		p.gap()
	}
	steps(p, fix)
	settles(p, fix, now)
	p.item(4, "why", label, p.th.Plain, f.Why())
	consequences(p, r, f, unfolded, selected)
	commands(p, fix)
	evidence(p, f)
	p.end()
}

// findingGlyph is a finding's verdict, and what only waits told apart from what somebody must mend.
func findingGlyph(th *theme.Theme, f *finding.Finding) (string, theme.Paint) {
	if slices.Contains(f.Actors(), catalog.Wait) && f.Until() != nil {
		return th.Wait, th.Waiting
	}
	return th.Verdict(f.Verdict)
}

func sentence(p *page, f *finding.Finding, n, of int) {
	glyph, paint := findingGlyph(p.th, f)
	text := f.Summary()
	if of > 1 {
		text = strconv.Itoa(n+1) + ". " + text
	}
	p.hang(2, glyph, paint, 2, p.th.Strong, text)
	if f.Certainty != finding.Conclusive {
		p.item(4, "sure", label, p.th.Plain, string(f.Certainty)+": the evidence points to it and does not prove it")
	}
}

func whoActs(p *page, f *finding.Finding, now time.Time) {
	p.item(4, "who", label, p.th.Plain, actors(f.Actors()))
	if f.Incident != nil { // the whole cause is told once, in the list's head
		p.item(4, "part of", label, p.th.Warning, f.Incident.Title)
		return
	}
	if u := f.Until(); u != nil && !u.Latest.IsZero() {
		p.item(4, "until", label, p.th.Waiting, "latest "+until(u.Latest, now)+reason(u.Reason))
	}
}

func steps(p *page, fix catalog.Fix) {
	for i, step := range fix.Steps {
		name := ""
		if i == 0 {
			name = "do"
		}
		p.hang(4, pad(name, label)+strconv.Itoa(i+1), p.th.Faint, label+2, p.th.Plain, step)
	}
}

// settles says when a fix that is made now is seen everywhere.
func settles(p *page, fix catalog.Fix, now time.Time) {
	if s := fix.Settles; s != nil {
		p.item(4, "then", label, p.th.Plain, catalog.SettlesIn(s.Within(), clock(s.Latest(), now)+" UTC", s.Reason()))
	}
}

func commands(p *page, fix catalog.Fix) {
	if len(fix.Commands) == 0 {
		return
	}
	p.gap()
	p.text(4, p.th.Faint, "see for yourself")
	for _, c := range fix.Commands {
		p.verbatim(6, p.th.Accent, c)
	}
}

// evidence shows the few answers that decided; the ledger has all of them.
func evidence(p *page, f *finding.Finding) {
	const most = 4
	if len(f.Evidence) == 0 {
		return
	}
	p.gap()
	p.text(4, p.th.Faint, "what was seen")
	for i, x := range f.Evidence {
		if i == most {
			p.text(6, p.th.Faint, "and "+plural(len(f.Evidence)-most, "more answer", "more answers")+": see the ledger")
			return
		}
		p.text(6, p.th.Plain, evidenceLine(x))
	}
}

func evidenceLine(x *exchange.Exchange) string {
	e := wire.Evidence(x.Evidence())
	return report.EvidenceLine(&e)
}

// consequences are folded: their titles say enough for whoever mends the root cause, since they go with it.
func consequences(p *page, r *result.Domain, f *finding.Finding, unfolded, selected bool) {
	under := r.Under(f)
	if len(under) == 0 {
		return
	}
	p.gap()
	if selected {
		p.fold = len(p.lines)
	}
	p.text(4, p.th.Faint, "follows from it, and goes with it")
	for _, c := range under {
		if !unfolded {
			p.hang(6, p.th.Under, p.th.Faint, 2, p.th.Plain, c.Title)
			continue
		}
		p.hang(6, p.th.Under, p.th.Faint, 2, p.th.Plain, c.Summary())
		p.text(8, p.th.Faint, c.Why())
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

// recordCards are the records to publish, and those to delete in the same change.
func recordCards(p *page, fix catalog.Fix) {
	for _, r := range fix.Records {
		recordCard(p, "the record to have", r)
	}
	for _, r := range fix.Deletes {
		recordCard(p, "the record to delete", r)
	}
}

// recordCard shows a record so that each part can be selected by itself: what a DNS panel asks for, one to a line.
func recordCard(p *page, title string, r catalog.Record) {
	const column = 7
	p.gap()
	if r.Host != "" {
		title += " at " + r.Host
	}
	p.text(4, p.th.Faint, title)
	p.field(6, "type", column, r.Type)
	if l := r.Label(); l != "" && l != r.Name {
		p.field(6, "host", column, l)
	}
	p.field(6, "name", column, r.Name)
	if r.Value != "" {
		p.field(6, "value", column, r.Value)
	} else {
		p.item(6, "value", column, p.th.Plain, "whatever it is: every record of this name and type")
	}
	if r.TTL > 0 {
		p.field(6, "ttl", column, strconv.Itoa(r.TTL))
	}
}

// goodNews says in a few lines what a healthy domain stands on.
func goodNews(p *page, r *result.Domain, now time.Time) {
	const column = 14
	right := 0
	for _, f := range r.Facts.Records {
		if f.State == observe.StateRight {
			right++
		}
	}
	if n := len(r.Facts.Records); n > 0 {
		p.item(4, "records", column, p.th.Plain, strconv.Itoa(right)+" of "+
			plural(n, "expected record stands at the source", "expected records stand at the source"))
	}
	for _, h := range r.Facts.Certificates {
		if h.Shown() && h.Verified.NameOK {
			leaf := h.Exchange.TLS.Chain[0]
			p.item(4, "certificate", column, p.th.Plain, "by "+exchange.IssuerName(leaf)+", until "+dayAgo(leaf.NotAfter, now))
			break
		}
	}
	if reg := r.Facts.Registration; reg != nil && !reg.ExpiresAt.IsZero() {
		p.item(4, "registration", column, p.th.Plain, strings.TrimSpace("until "+dayAgo(reg.ExpiresAt, now)+" "+
			by(reg.Registrar)))
	}
}

func by(s string) string {
	if s == "" {
		return ""
	}
	return "at " + s
}

// reportedCodes lists the domain's codes, and how each stands to the evidence.
func reportedCodes(p *page, r *result.Domain, now time.Time) {
	if len(r.Codes) == 0 {
		return
	}
	p.head("codes")
	for _, c := range r.Codes {
		text, paint := codeState(p.th, r, c)
		p.hang(2, c.ID, p.th.Strong, 12, p.th.Plain, c.Name)
		p.text(14, paint, text)
		p.copies = append(p.copies, copyable{"the code", c.ID})
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
				p.copies = append(p.copies, copyable{"the request's id", rep.RequestID})
			}
			if len(facts) > 0 {
				p.text(14, p.th.Faint, strings.Join(facts, ", "))
			}
		}
	}
}

// codeState says how a code stands to the evidence.
func codeState(th *theme.Theme, r *result.Domain, c result.Code) (string, theme.Paint) {
	switch c.State {
	case result.CodeExplained:
		return "reported, and explained by: " + titles(c.Causes), th.Plain
	case result.CodeReported:
		return r.Note(c), th.Warning
	case result.CodePredicted:
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

// checkStatuses lists the checks, with the reason where one did not simply pass: what found something first, what had
// nothing to look at last.
func checkStatuses(p *page, r *result.Domain) {
	if len(r.Checks) == 0 {
		return
	}
	titleOf := map[string]string{}
	for _, c := range rules.All() {
		titleOf[c.ID] = c.Title
	}
	p.head("checks")
	list := slices.Clone(r.Checks)
	slices.SortStableFunc(list, func(a, b finding.Status) int { return rank(a.Status) - rank(b.Status) })
	for _, c := range list {
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

func rank(status string) int {
	for i, v := range []catalog.Verdict{
		catalog.Fail, catalog.Warn, catalog.Inconclusive, catalog.Blocked,
		catalog.Pass,
	} {
		if v.String() == status {
			return i
		}
	}
	return 5
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
