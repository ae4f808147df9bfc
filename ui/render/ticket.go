package render

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"domdoc/catalog"
	"domdoc/catalog/foreign"
	"domdoc/catalog/sanitize"
	"domdoc/checks/ticket"
	"domdoc/ui/render/layout"
	"domdoc/ui/render/wire"
)

// Ticket is one ticket and what it was found to be about.
type Ticket struct {
	*ticket.Ticket
	Number, Of int    // of several tickets; Of is 1 for one
	File       string // where it is from; empty for stdin
	Domains    []string
	Via        map[string]string // a domain to the host by which the ticket names it
	Unclear    map[string][]string
	Left       []string // names that are not diagnosed
	Open       []string // names of Left and Unclear that the ticket says not to work, and those beyond the limit
	NeedsID    string   // the id that cannot be looked up without a service
}

// Diagnosed reports whether the ticket leads to a diagnosis.
func (t *Ticket) Diagnosed() bool { return len(t.Domains) > 0 }

// Ref names the ticket in reports.
func (t *Ticket) Ref() wire.TicketRef {
	const words = 80
	return wire.TicketRef{
		Number: t.Number, Of: t.Of, File: clean(t.File), Subject: clean(t.Subject), Text: sanitize.Text(t.First, words),
	}
}

// Ask returns what to ask the writer of the ticket.
func (t *Ticket) Ask() catalog.AskBack {
	a := catalog.AskBack{Domain: !t.Diagnosed(), Error: !t.HasError(), When: len(t.RequestIDs) == 0}
	for host, domains := range t.Unclear {
		if a.Host == "" || host < a.Host {
			a.Host, a.Choices = host, domains
		}
	}
	if len(t.NoCodes) > 0 && len(t.Reported) == 0 {
		a.NoCode = t.NoCodes[0]
	}
	return a
}

// NotDiagnosed says which names of the ticket are not diagnosed; empty if all are.
func (t *Ticket) NotDiagnosed() string {
	left := slices.DeleteFunc(slices.Clone(t.Left), func(n string) bool { return slices.Contains(t.Open, n) })
	if len(left) == 0 {
		return ""
	}
	return catalog.TicketLeft(cleanAll(left[:min(len(left), mostNames)]))
}

// mostNames is how many names a sentence has at most.
const mostNames = 10

// NotJudged says which names are not diagnosed although the ticket is about them; empty if there are none.
func (t *Ticket) NotJudged() string {
	if len(t.Open) == 0 {
		return ""
	}
	return catalog.TicketOpen(cleanAll(t.Open[:min(len(t.Open), mostNames)]))
}

// JSON converts the ticket for the JSON.
func (t *Ticket) JSON() wire.Ticket {
	out := wire.NewTicket(t.Ticket)
	out.Number, out.File = t.Number, clean(t.File)
	out.Domains = append(out.Domains, cleanAll(t.Domains)...)
	for _, d := range t.Domains {
		if host := t.Via[d]; host != "" {
			out.Hosts = append(out.Hosts, wire.Via{Host: clean(host), Domain: clean(d)})
		}
	}
	for _, host := range slices.Sorted(maps.Keys(t.Unclear)) {
		out.Unclear = append(out.Unclear, wire.Unclear{Host: clean(host), Domains: cleanAll(t.Unclear[host])})
	}
	out.Left = append(out.Left, cleanAll(t.Left)...)
	if t.NeedsID != "" {
		id := clean(t.NeedsID)
		out.NeedsID = &id
	}
	if !t.Diagnosed() {
		_, questions := t.Ask().Sentences()
		out.Ask = append(out.Ask, cleanAll(questions)...)
	}
	return out
}

// maxTicketText is the maximum length of a text from a ticket, in characters.
const maxTicketText = 300

func clean(s string) string { return sanitize.Text(s, maxTicketText) }

// TicketText prints what a ticket says. For a ticket without a domain it also prints what was looked for, what the
// codes and messages mean, and what to ask its writer.
func TicketText(w io.Writer, t *Ticket, s layout.Style) error {
	b := &layout.Builder{Style: s}
	if t.Of > 1 {
		ref := t.Ref()
		b.Line(b.Paint(ref.Line(), layout.Bold))
	}
	line := func(text string) {
		for _, l := range layout.Wrap(text, max(b.Columns(), 40)) {
			b.Line(l)
		}
	}
	for _, said := range t.Says() {
		line(said)
	}
	if len(t.Reported)+len(t.Refusals) == 0 && t.Diagnosed() {
		line("the ticket has no service error code; diagnosing the domain")
	}
	for _, d := range t.Domains {
		if host := t.Via[d]; host != "" {
			line(catalog.TicketVia(clean(host), clean(d)))
		}
	}
	for _, note := range []string{t.NotDiagnosed(), t.NotJudged()} {
		if note != "" && t.Diagnosed() {
			line(note)
		}
	}
	if len(t.RequestIDs) > 0 {
		line("request id " + clean(strings.Join(t.RequestIDs, ", ")))
	}
	if !t.Diagnosed() {
		undiagnosed(b, t)
	}
	b.Line("")
	_, err := io.WriteString(w, b.String())
	return err
}

// undiagnosed prints what is known about a ticket without a domain.
func undiagnosed(b *layout.Builder, t *Ticket) {
	for _, host := range slices.Sorted(maps.Keys(t.Unclear)) {
		b.Para(2, "unclear", catalog.TicketUnclear(clean(host), cleanAll(t.Unclear[host])))
	}
	if t.NeedsID != "" {
		b.Para(2, "needs", "the Domains Service, to look up the domain with the id "+clean(t.NeedsID)+
			" (--api-url or DOMDOC_API_URL, and domdoc login), or its name: --domain shop.example.com")
	} else if len(t.Unclear) == 0 {
		b.Para(2, "needs", "the domain: --domain shop.example.com")
	}
	b.Line("")
	b.Line("  " + b.Paint("looked for", layout.Bold))
	for _, row := range soughtIn(t) {
		b.Line(fmt.Sprintf("    %-44s %s", row[0], row[1]))
	}
	b.Line("")
	b.Line("  " + b.Paint(fmt.Sprintf("read %s with text", layout.Count(t.LineCount, "line")), layout.Bold))
	for _, l := range t.Lines {
		b.Line(fmt.Sprintf("    %4d  %s", l.Number, clean(l.Text)))
		b.Line(b.Paint("          "+clean(strings.Join(l.What, ", ")), layout.Dim))
	}
	if len(t.Lines) == 0 {
		b.Line("          nothing was recognized in them")
	}
	for _, rep := range t.Reported {
		c, _ := catalog.FindCode(rep.Code)
		b.Line("")
		b.Line("  " + b.Paint(c.ID, layout.Bold) + "  " + c.Name)
		b.Para(4, "description", c.Description)
		b.Para(4, "resolution", c.Resolution)
		label := "causes"
		for _, cause := range catalog.CausesOf(c.ID)[:min(len(catalog.CausesOf(c.ID)), maxCausesListed)] {
			b.Para(4, label, string(cause.ID)+": "+cause.Title)
			label = ""
		}
		b.Para(4, label, "domdoc explain "+c.ID+" lists all of them")
	}
	for _, m := range t.Errors {
		message(b, m)
	}
	intro, questions := t.Ask().Sentences()
	b.Line("")
	b.Line("  " + b.Paint("ask the customer", layout.Bold))
	b.Para(4, "", intro)
	for _, q := range questions {
		b.Para(4, "", "- "+clean(q))
	}
}

// maxCausesListed is how many causes of a code are listed for a ticket.
const maxCausesListed = 5

// message explains an error message of other software.
func message(b *layout.Builder, m foreign.Match) {
	b.Line("")
	b.Line("  " + b.Paint(clean(m.Name), layout.Bold) + "  " + m.Product)
	b.Para(4, "means", m.Meaning)
	label := "points to"
	for _, id := range m.Causes {
		if c, ok := catalog.FindCause(string(id)); ok {
			b.Para(4, label, string(id)+": "+c.Title)
			label = ""
		}
	}
	if len(m.Causes) == 0 {
		b.Para(4, label, "no cause at the domain")
	}
	if codes := m.Codes(); len(codes) > 0 {
		b.Para(4, "codes", strings.Join(codes, ", "))
	}
	b.Para(4, "source", m.Source)
}

// Messages explains error messages of other software.
func Messages(w io.Writer, found []foreign.Match, s layout.Style) error {
	b := &layout.Builder{Style: s}
	for _, m := range found {
		message(b, m)
	}
	b.Line("")
	b.Line(b.Paint("  domdoc explain CAUSE explains one of them; domdoc check NAME finds the one that applies",
		layout.Dim))
	_, err := io.WriteString(w, strings.TrimPrefix(b.String(), "\n"))
	return err
}

// soughtIn returns what is looked for in a ticket, and what was found.
func soughtIn(t *Ticket) [][2]string {
	var codes, messages []string
	for _, r := range t.Reported {
		codes = append(codes, r.Code)
	}
	for _, c := range t.NoCodes {
		codes = append(codes, c+" (no such code)")
	}
	for _, m := range t.Errors {
		messages = append(messages, m.Name)
	}
	names := t.Names
	aside := "none"
	if len(t.Aside) > 0 {
		aside = catalog.Join(cleanAll(t.Aside))
	}
	all := catalog.Codes()
	list := func(items []string) string {
		if len(items) == 0 {
			return "none"
		}
		return catalog.Join(cleanAll(items))
	}
	return [][2]string{
		{"a code (" + all[0].ID + " to " + all[len(all)-1].ID + "), its name or words", list(codes)},
		{"an error of a browser, CDN or program", list(messages)},
		{"a domain name", list(names)},
		{"  in signatures, links and disclaimers", aside},
		{"the id of a domain", list(t.IDs)},
		{"a request id", list(t.RequestIDs)},
	}
}

func cleanAll(list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = clean(s)
	}
	return out
}
