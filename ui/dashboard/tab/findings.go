package tab

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"domdoc/catalog/order"
	"domdoc/checks/finding"
	"domdoc/checks/observe"
	"domdoc/checks/probe/exchange"
	"domdoc/checks/result"
	"domdoc/checks/rules"

	"domdoc/catalog"
	"domdoc/ui/dashboard/page"
	"domdoc/ui/dashboard/theme"
	"domdoc/ui/render/report"
	"domdoc/ui/render/wire"

	"github.com/charmbracelet/x/ansi"
)

// Label is the width of the column of labels.
const Label = 13

// FindingsPage shows each root cause in one sentence with the record to publish, the owner and the steps, then the
// codes and the checks. Consequences of a root cause are folded under it unless unfolded is set.
func FindingsPage(p *page.Builder, r *result.Domain, now time.Time, unfolded bool) {
	roots := r.Roots()
	if len(roots) < 2 {
		p.Cursor = -1 // nothing to choose from
	}
	for i, f := range roots {
		rootCause(p, r, f, i, now, unfolded)
	}
	if len(roots) == 0 && r.Verdict == catalog.Pass {
		p.Text(2, p.Th.Good, p.Th.Pass+" no fault was found")
		goodNews(p, r, now)
	}
	p.Gap()
	p.Columns(func(p *page.Builder) { reportedCodes(p, r, now) }, func(p *page.Builder) { checkStatuses(p, r) })
}

// rootCause writes one root cause. In a wide window the records and commands are in a second column.
func rootCause(p *page.Builder, r *result.Domain, f *finding.Finding, n int, now time.Time, unfolded bool) {
	fix := f.Fix()
	selected := n == max(0, p.Cursor)
	p.Gap()
	if p.Wide() {
		p.Columns(func(p *page.Builder) {
			p.Begin(findingCopies(r, f, p.Reader)...)
			Sentence(p, f, n, len(r.Roots()))
			WhoActs(p, f, now)
			steps(p, fix)
			Settles(p, fix, now)
			p.Item(4, "why", Label, p.Th.Plain, p.Say(f.Why()))
			consequences(p, r, f, unfolded, selected)
			p.End()
		}, func(p *page.Builder) {
			RecordCards(p, fix)
			commands(p, fix)
			evidence(p, f)
		})
		return
	}
	p.Begin(findingCopies(r, f, p.Reader)...)
	Sentence(p, f, n, len(r.Roots()))
	WhoActs(p, f, now)
	RecordCards(p, fix)
	if len(fix.Records)+len(fix.Deletes) > 0 {
		p.Gap()
	}
	steps(p, fix)
	Settles(p, fix, now)
	p.Item(4, "why", Label, p.Th.Plain, p.Say(f.Why()))
	consequences(p, r, f, unfolded, selected)
	commands(p, fix)
	evidence(p, f)
	p.End()
}

// findingGlyph returns the glyph of a finding's state.
func findingGlyph(th *theme.Theme, f *finding.Finding) (string, theme.Paint) {
	if f.State() == catalog.StateWaiting {
		return th.Wait, th.Waiting
	}
	return th.Verdict(f.Verdict)
}

// Sentence writes a finding in one sentence, numbered if there are several.
func Sentence(p *page.Builder, f *finding.Finding, n, of int) {
	glyph, paint := findingGlyph(p.Th, f)
	text := f.Summary()
	if of > 1 {
		text = strconv.Itoa(n+1) + ". " + text
	}
	p.Hang(2, glyph, paint, 2, p.Th.Strong, p.Say(text))
	if f.Certainty != finding.Conclusive {
		p.Item(4, "certainty", Label, p.Th.Plain, string(f.Certainty)+": the evidence suggests it but does not prove it")
	}
}

// WhoActs writes the end of the wait if there is only waiting, and the owner of the fix of a finding.
func WhoActs(p *page.Builder, f *finding.Finding, now time.Time) {
	if u := f.Until(); u != nil && !u.Latest.IsZero() && f.Incident == nil {
		p.Item(4, "until", Label, p.Th.Waiting, "latest "+page.Until(u.Latest, now)+reason(p.Say(u.Reason)))
	}
	p.Item(4, "owner", Label, p.Th.Plain, Actors(f.Actors(), p.Reader))
	if f.Incident != nil { // the cause is described once, above the list
		p.Item(4, "part of", Label, p.Th.Warning, f.Incident.Title)
	} else if f.Alone != "" {
		p.Item(4, "judged", Label, p.Th.Plain, catalog.JudgedAlone(f.Alone))
	}
}

func steps(p *page.Builder, fix catalog.Fix) {
	for i, step := range fix.Steps {
		name := ""
		if i == 0 {
			name = "do"
		}
		p.Hang(4, page.Pad(name, Label)+strconv.Itoa(i+1), p.Th.Faint, Label+2, p.Th.Plain, p.Say(step))
	}
}

// Settles writes when a fix that is made now is visible everywhere.
func Settles(p *page.Builder, fix catalog.Fix, now time.Time) {
	if s := fix.Settles; s != nil {
		latest := catalog.MadeNow(s.Latest(), s.Within(), now)
		p.Item(4, "takes effect", Label, p.Th.Plain, catalog.SettlesIn(s.Within(), page.Clock(latest, now), s.Reason()))
	}
}

func commands(p *page.Builder, fix catalog.Fix) {
	if len(fix.Commands) == 0 {
		return
	}
	p.Gap()
	p.Text(4, p.Th.Faint, "verify with")
	for _, c := range fix.Commands {
		p.Verbatim(6, p.Th.Accent, c)
	}
	if len(fix.After) > 0 {
		p.Text(4, p.Th.Faint, "after the change")
	}
	for _, c := range fix.After {
		p.Verbatim(6, p.Th.Accent, c)
	}
}

// evidence shows the few answers that were decisive; the ledger has all of them.
func evidence(p *page.Builder, f *finding.Finding) {
	const most = 4
	if len(f.Evidence) == 0 {
		return
	}
	p.Gap()
	p.Text(4, p.Th.Faint, "evidence")
	for i, x := range f.Evidence {
		if i == most {
			p.Text(6, p.Th.Faint, "and "+page.Plural(len(f.Evidence)-most, "more answer", "more answers")+
				": see the ledger")
			return
		}
		p.Text(6, p.Th.Plain, evidenceLine(x))
	}
}

func evidenceLine(x *exchange.Exchange) string {
	e := wire.Evidence(x.Evidence())
	return report.EvidenceLine(&e)
}

// consequences are folded to their titles, because they disappear with the root cause.
func consequences(p *page.Builder, r *result.Domain, f *finding.Finding, unfolded, selected bool) {
	under := r.Under(f)
	if len(under) == 0 {
		return
	}
	p.Gap()
	if selected {
		p.Fold = len(p.Lines)
	}
	p.Text(4, p.Th.Faint, "also affects")
	for _, c := range under {
		if !unfolded {
			p.Hang(6, p.Th.Under, p.Th.Faint, 2, p.Th.Plain, c.Title)
			continue
		}
		p.Hang(6, p.Th.Under, p.Th.Faint, 2, p.Th.Plain, p.Say(c.Summary()))
		p.Text(8, p.Th.Faint, p.Say(c.Why()))
	}
}

func reason(s string) string {
	if s == "" {
		return ""
	}
	return ": " + s
}

// Actors joins the owners of a fix.
func Actors(list []catalog.Actor, reader catalog.Reader) string {
	var out []string
	for _, a := range list {
		out = append(out, reader.Owner(a))
	}
	return strings.Join(out, ", or ")
}

// RecordCards writes the records to publish, and those to delete in the same change.
func RecordCards(p *page.Builder, fix catalog.Fix) {
	for _, r := range fix.Records {
		recordCard(p, "record to publish", r)
	}
	for _, r := range fix.Deletes {
		recordCard(p, "record to delete", r)
	}
}

// recordCard shows a record with one field of the DNS panel per line, by its label there, so that each can be selected.
func recordCard(p *page.Builder, title string, r catalog.Record) {
	p.Gap()
	if r.Host != "" {
		title += " at " + r.Host
	}
	p.Text(4, p.Th.Faint, title)
	column := 7
	fields := catalog.RecordFields(r)
	for _, f := range fields {
		column = max(column, ansi.StringWidth(f.Name)+2)
	}
	for i, f := range fields {
		switch {
		case i == 2 && r.Value == "":
			p.Item(6, f.Name, column, p.Th.Plain, "any: all records of this name and type")
		default:
			p.Field(6, f.Name, column, f.Value)
		}
	}
	if fields[1].Value != r.Name {
		p.Item(6, "", column, p.Th.Faint, "in full: "+r.Name)
	}
}

// goodNews summarizes the state of a healthy domain.
func goodNews(p *page.Builder, r *result.Domain, now time.Time) {
	const column = 14
	seen := wire.NewDomain(&result.Domain{Name: r.Name, Checks: r.Checks, Propagation: r.Propagation})
	p.Item(4, "judged", column, p.Th.Plain, seen.Judged())
	right := 0
	for _, f := range r.Facts.Records {
		if f.State == observe.StateRight {
			right++
		}
	}
	if n := len(r.Facts.Records); n > 0 {
		p.Item(4, "records", column, p.Th.Plain, strconv.Itoa(right)+" of "+
			page.Plural(n, "expected record is published", "expected records are published"))
	}
	for _, h := range r.Facts.Certificates {
		if h.Shown() && h.Verified.NameOK {
			leaf := h.Exchange.TLS.Chain[0]
			p.Item(4, "certificate", column, p.Th.Plain, "by "+exchange.IssuerName(leaf)+", until "+dayAgo(leaf.NotAfter,
				now))
			break
		}
	}
	if reg := r.Facts.Registration; reg != nil && !reg.ExpiresAt.IsZero() {
		p.Item(4, "registration", column, p.Th.Plain, strings.TrimSpace("until "+dayAgo(reg.ExpiresAt, now)+" "+
			by(reg.Registrar)))
	}
}

func by(s string) string {
	if s == "" {
		return ""
	}
	return "at " + s
}

// reportedCodes lists the domain's codes and whether the evidence explains them.
func reportedCodes(p *page.Builder, r *result.Domain, now time.Time) {
	if len(r.Codes) == 0 {
		return
	}
	p.Head("codes")
	for _, c := range r.Codes {
		text, paint := codeState(p.Th, r, c)
		p.Hang(2, c.ID, p.Th.Strong, 12, p.Th.Plain, c.Name)
		p.Text(14, paint, p.Say(text))
		p.Copies = append(p.Copies, page.Copyable{Label: "the code", Text: c.ID})
		if rep := c.Reported; rep != nil {
			said := "message"
			if rep.Source == "ticket" {
				said = "ticket message"
			}
			if rep.Message != "" {
				p.Text(14, p.Th.Faint, said+": "+rep.Message)
			}
			var facts []string
			if !rep.At.IsZero() {
				facts = append(facts, page.Clock(rep.At, now))
			}
			if rep.RequestID != "" {
				facts = append(facts, "request "+rep.RequestID)
				p.Copies = append(p.Copies, page.Copyable{Label: "the request's id", Text: rep.RequestID})
			}
			if len(facts) > 0 {
				p.Text(14, p.Th.Faint, strings.Join(facts, ", "))
			}
		}
	}
}

// codeState returns whether the evidence explains a code.
func codeState(th *theme.Theme, r *result.Domain, c result.Code) (string, theme.Paint) {
	switch c.State {
	case result.CodeExplained:
		word := "reported"
		if c.Mentioned() {
			word = catalog.Mentioned
		}
		return word + ", and explained by: " + titles(c.Causes), th.Plain
	case result.CodeReported:
		return r.Note(c), th.Warning
	case result.CodePredicted:
	}
	return "expected until fixed: " + titles(c.Causes), th.Plain
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

// checkStatuses lists the checks, with the reason if one did not simply pass: those with findings first, those
// without anything to check last.
func checkStatuses(p *page.Builder, r *result.Domain) {
	if len(r.Checks) == 0 {
		return
	}
	titleOf := map[string]string{}
	for _, c := range rules.All() {
		titleOf[c.ID] = c.Title
	}
	p.Head("checks")
	list := slices.Clone(r.Checks)
	order.StableBy(list, func(a, b finding.Status) int { return rank(a.Status) - rank(b.Status) })
	for _, c := range list {
		glyph, paint := p.Th.Status(string(c.Status))
		text := titleOf[c.ID]
		if text == "" {
			text = c.ID
		}
		if c.Reason != "" {
			text += ": " + causeWords(c.Reason)
		}
		p.Hang(2, glyph+" "+statusWord(c), paint, 15, p.Th.Plain, text)
	}
}

// statusWord returns the word for the status of a check, which is that of a state where there is one.
func statusWord(c finding.Status) string {
	if c.Is(catalog.Inconclusive) {
		return catalog.StateNotChecked.Word()
	}
	return string(c.Status)
}

func rank(status finding.CheckState) int {
	for i, v := range []catalog.Verdict{
		catalog.Fail, catalog.Warn, catalog.Inconclusive, catalog.Blocked,
		catalog.Pass,
	} {
		if finding.StateOf(v) == status {
			return i
		}
	}
	return 5
}

// causeWords replaces a cause's id in the reason of a check by its title.
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
