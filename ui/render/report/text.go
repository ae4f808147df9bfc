package report

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"domdoc/catalog"
	"domdoc/catalog/sanitize"
	"domdoc/checks/finding"
	"domdoc/checks/result"
	"domdoc/ui/render/layout"
	"domdoc/ui/render/wire"

	"github.com/charmbracelet/x/ansi"
)

var textOutput = Format{
	Name: "text", Extension: "txt", Use: "for people: what is wrong and how to fix it", People: true,
	new: func(w io.Writer, o Options) Formatter {
		brief := o.Brief
		if brief == BriefMany && o.Expected > 0 && o.Expected <= BriefOver {
			brief = BriefNever
		}
		return &textFormat{w: w, style: o.Style, brief: brief}
	},
}

// textFormat writes a run for a person.
type textFormat struct {
	w     io.Writer
	style layout.Style
	shown []string // causes about this machine that were written already: a domain only refers to them
	err   error

	brief   Brief
	lines   []briefLine     // the domains in brief, unless brief is BriefNever
	pending strings.Builder // the domains in full, until it is known that they are few
}

func (t *textFormat) write(s string) error {
	if t.err == nil && s != "" {
		_, t.err = io.WriteString(t.w, s)
	}
	return t.err
}

// Begin writes the findings about this machine.
func (t *textFormat) Begin(v *wire.Vantage, _ *wire.Tenant) error {
	if v == nil || len(v.Findings) == 0 {
		return t.err
	}
	for _, f := range v.Findings {
		t.shown = append(t.shown, f.Cause)
	}
	b := &layout.Builder{Style: t.style}
	b.Line(b.Paint("this machine", layout.Bold))
	GeneralFindings(b, v.Findings)
	return t.write(b.String())
}

// Domain writes one domain, in short if it is healthy or only affected by an incident.
func (t *textFormat) Domain(d *wire.Domain) error {
	b := &domainText{Builder: layout.Builder{Style: t.style}, shown: t.shown}
	b.tickets(d)
	switch {
	case wire.ParseVerdict(d.Verdict) == catalog.Pass && len(d.Findings)+len(d.LeftOut) == 0:
		b.healthy(d)
	case d.Suppressed():
		b.affected(d)
	default:
		b.head(d)
		roots := d.Roots()
		for i, f := range roots {
			b.finding(f, d.Consequences(f), i+1, len(roots))
		}
		b.codes(d)
		b.inconclusive(d)
		if note := LeftOutNote(d.LeftOut); note != "" {
			b.Para(2, "left out", strings.TrimPrefix(note, "left out "), layout.Dim)
		}
		b.Line("")
	}
	switch t.brief {
	case BriefNever:
		return t.write(b.String())
	case BriefMany:
		t.pending.WriteString(b.String())
	case BriefAlways:
	}
	if t.lines = append(t.lines, newBriefLine(d, t.style)); len(t.lines) > BriefOver {
		t.brief = BriefAlways
		t.pending.Reset()
	}
	return t.err
}

// domains writes the domains that are not written yet.
func (t *textFormat) domains() error {
	if t.brief == BriefAlways && len(t.lines) > 0 {
		return t.write(briefText(t.lines, t.style) + "\n")
	}
	return t.write(t.pending.String())
}

// Text writes one domain for a person.
func Text(w io.Writer, d *result.Domain, s layout.Style) error {
	return (&textFormat{w: w, style: s}).Domain(wire.NewDomain(d))
}

// End writes the findings about the tenant, and the summary line.
func (t *textFormat) End(run *Run) error {
	if err := t.domains(); err != nil {
		return err
	}
	b := &layout.Builder{Style: t.style}
	if run.Tenant != nil {
		incidents, own := partition(run.Tenant.Findings, (*wire.Finding).IsIncident)
		if len(incidents) > 0 {
			b.Line("")
			b.Line(b.Paint("incidents", layout.Bold))
			generalFindings(b, incidents, t.brief == BriefAlways)
		}
		if run.TenantMatters {
			writeTenant(b, run.Tenant, own)
			for _, more := range run.MoreTenants {
				writeTenant(b, more, more.Findings)
			}
		}
	}
	b.Line(run.Totals.Line(t.style, t.style.Reader))
	if run.Incomplete != "" {
		b.Line("incomplete: " + run.Incomplete)
	}
	return t.write(b.String())
}

func writeTenant(b *layout.Builder, t *wire.Tenant, findings []wire.Finding) {
	b.Line("")
	if len(findings) > 0 {
		b.Line(b.Paint(tenantTitle(t), layout.Bold))
		GeneralFindings(b, findings)
	}
}

// domainText builds the text of one domain.
type domainText struct {
	layout.Builder
	shown []string
}

// tickets names the tickets that are about a domain, if there are several.
func (b *domainText) tickets(d *wire.Domain) {
	for i := range d.Tickets {
		if t := &d.Tickets[i]; t.Of > 1 {
			b.Line(b.Paint(t.Line(), layout.Dim))
		}
	}
}

func (b *domainText) head(d *wire.Domain) {
	s := b.Paint(domainTitle(d), layout.Bold) + "  " + mark(b.Style, d)
	if end := waitEnd(d, b.Style); end != "" {
		s += " " + b.Paint(end, layout.Yellow)
	}
	if d.ServiceStatus != "" {
		s += b.Paint("  service status "+d.ServiceStatus, layout.Dim)
	}
	if d.Interrupted {
		s += b.Paint("  "+interrupted, layout.Yellow)
	}
	b.Line(s)
}

// mark is the state of a domain as a glyph and a word.
func mark(s layout.Style, d *wire.Domain) string {
	if d.Partial() {
		return s.MarkPartial()
	}
	return s.Mark(d.StateNow())
}

// finding writes a root cause, which is number n of total, and its consequences.
func (b *domainText) finding(f *wire.Finding, consequences []*wire.Finding, n, total int) {
	b.Line("")
	number := ""
	if total > 1 {
		number = fmt.Sprintf("%d. ", n)
	}
	const indent = 4
	if f.Ignored != nil {
		b.Line("  " + number + b.Paint("· ignored", layout.Dim) + "  " + b.Paint(f.Cause, layout.Bold))
		b.Para(indent, "what", f.Summary, layout.Dim)
		b.Para(indent, "by", "--ignore "+*f.Ignored, layout.Dim)
		return
	}
	note := certaintyNote(f)
	if f.Known {
		note += "  (known from the baseline)"
	}
	b.Line("  " + number + b.Mark(f.StateNow()) + "  " + b.Paint(f.Cause, layout.Bold) + b.Paint(note,
		layout.Dim))
	if slices.Contains(b.shown, f.Cause) {
		b.Para(indent, "what", f.Summary+" (see above)")
		return
	}
	if f.ETA != nil {
		b.Para(indent, "until", b.Clock(f.ETA.Latest)+" at the latest: "+f.ETA.Reason, layout.Yellow)
	}
	b.Para(indent, "what", f.Summary)
	b.Para(indent, "why", f.Why)
	b.Para(indent, "owner", owner(f, b.Style))
	if f.Alone != "" {
		b.Para(indent, "judged", catalog.JudgedAlone(f.Alone), layout.Dim)
	}
	if len(f.Predicts) > 0 && wire.ParseVerdict(f.Verdict) != catalog.Inconclusive {
		b.Para(indent, "leads to", strings.Join(f.Predicts, ", "))
	}
	b.Numbered(indent, f.Fix.Steps)
	for _, r := range f.Fix.Records {
		RecordCard(&b.Builder, &r)
	}
	for _, r := range f.Fix.Removed() {
		deleteCard(&b.Builder, &r)
	}
	if s := f.Fix.Settles; s != nil {
		b.Para(indent, "takes effect", settlesSentence(s, b.Style), layout.Dim)
	}
	b.Commands(indent, "verify with", f.Fix.Commands)
	b.Commands(indent, "afterwards", f.Fix.After)
	b.evidence(f.Evidence)
	label := "also affects"
	for _, c := range consequences {
		b.Para(indent, label, c.Cause+": "+c.Title, layout.Dim)
		label = ""
	}
}

// evidence writes the exchanges that matter most; JSON has all of them.
func (b *domainText) evidence(list []wire.Evidence) {
	const most = 4
	label := "evidence"
	for i := range list {
		if i == most {
			b.Para(4, "", fmt.Sprintf("and %s (-o json shows all)", layout.Count(len(list)-most, "more exchange")),
				layout.Dim)
			break
		}
		b.Para(4, label, EvidenceLine(&list[i]), layout.Dim)
		label = ""
	}
}

// codes writes each code that the service reported, with the findings that explain it.
func (b *domainText) codes(d *wire.Domain) {
	first := true
	for _, c := range d.Codes {
		if !c.Reported() {
			continue
		}
		if first {
			b.Line("")
			first = false
		}
		s := c.Code + " " + c.Name + ", " + c.ReportedWord()
		if c.ReportedAt != nil && !b.Now.IsZero() {
			s += " " + catalog.Span(b.Now.Sub(*c.ReportedAt)) + " ago"
		}
		b.Para(2, "code", s+": "+standing(&c))
	}
}

// inconclusive lists the checks without a result: their silence must not be read as health.
func (b *domainText) inconclusive(d *wire.Domain) {
	for _, c := range d.Checks {
		if wire.ParseVerdict(c.Status) == catalog.Inconclusive && c.Reason != nil {
			known := ""
			if c.Known {
				known = " (known from the baseline)"
			}
			b.Para(2, "not checked", c.ID+known+": "+*c.Reason, layout.Cyan)
		}
	}
}

// healthy writes a healthy domain: one line, and one for what was judged and from where.
func (b *domainText) healthy(d *wire.Domain) {
	line := b.Paint(d.Unicode, layout.Bold) + "  " + b.Mark(d.StateNow())
	for _, c := range d.Codes {
		switch {
		case !c.Reported():
		case result.CodeState(c.State) == result.CodeExplained:
			line += b.Paint(fmt.Sprintf("  (%s was %s: %s)", c.Code, c.ReportedWord(), strings.Join(c.Causes, ", ")), layout.Dim)
		case c.Note != "":
			line += b.Paint(fmt.Sprintf("  (%s was %s: %s)", c.Code, c.ReportedWord(), c.Note), layout.Dim)
		}
	}
	b.Line(line)
	b.Para(4, "judged", d.Judged(), layout.Dim)
}

// affected writes a domain whose only faults belong to an incident on one line; the incident is written once, with
// its domains.
func (b *domainText) affected(d *wire.Domain) {
	f := d.Roots()[0]
	title := *f.Incident
	if c, ok := catalog.FindCause(title); ok {
		title = c.Title
	}
	b.Line(b.Paint(domainTitle(d), layout.Bold) + "  " + b.Mark(d.StateNow()) +
		b.Paint(fmt.Sprintf("  (%s: %s)", f.Cause, title), layout.Dim))
}

// RecordCard writes a record to publish, each field on a line of its own so that it can be selected, by the labels of
// its DNS host's form.
func RecordCard(b *layout.Builder, r *wire.Record) { card(b, cardTitle(r), catalogRecord(r)) }

// deleteCard writes a record to delete; without a value, every record of the name and type.
func deleteCard(b *layout.Builder, r *wire.Record) {
	gone := catalogRecord(r)
	gone.TTL = 0
	card(b, "delete "+cardTitle(r), gone)
}

func card(b *layout.Builder, title string, r catalog.Record) {
	b.Line("      " + b.Paint(title, layout.Dim))
	fields := catalog.RecordFields(r)
	fields[0], fields[1] = fields[1], fields[0] // the name first
	column := 5
	for _, f := range fields {
		column = max(column, ansi.StringWidth(f.Name))
	}
	for _, f := range fields {
		label := f.Name + strings.Repeat(" ", column-ansi.StringWidth(f.Name)+2)
		b.Line("        " + b.Paint(label, layout.Dim) + b.Paint(sanitize.Text(f.Value, 1024), layout.Bold))
	}
}

// GeneralFindings writes findings that are not about one domain.
func GeneralFindings(b *layout.Builder, list []wire.Finding) { generalFindings(b, list, false) }

// generalFindings writes findings that are not about one domain. With counted, it counts the domains of an incident,
// which are listed elsewhere.
func generalFindings(b *layout.Builder, list []wire.Finding, counted bool) {
	for i := range list {
		f := &list[i]
		if !f.IsRoot() {
			continue
		}
		known := ""
		if f.Known {
			known = b.Paint("  (known from the baseline)", layout.Dim)
		}
		b.Line("  " + b.Mark(f.StateNow()) + "  " + b.Paint(f.Cause, layout.Bold) + known)
		b.Para(4, "what", f.Summary)
		b.Para(4, "why", f.Why)
		b.Numbered(4, f.Fix.Steps)
		if domains := f.IncidentDomains(); len(domains) > 0 && counted {
			b.Para(4, "domains", layout.Count(len(domains), "domain")+"; --brief=false lists them", layout.Dim)
		} else if len(domains) > 0 {
			b.Para(4, "domains", strings.Join(domains, " "), layout.Dim)
		}
	}
	b.Line("")
}

// domainTitle is a domain's name for display: in both forms where they differ, or the id where it has no name.
func domainTitle(d *wire.Domain) string {
	switch {
	case d.Unicode == "":
		return d.ID
	case d.Domain != d.Unicode:
		return d.Unicode + " (" + d.Domain + ")"
	}
	return d.Unicode
}

// settlesSentence says how long a change takes, with times in the reader's zone.
func settlesSentence(s *wire.Settles, style layout.Style) string {
	within := time.Duration(s.Within) * time.Second
	return catalog.SettlesIn(within, style.Clock(catalog.MadeNow(s.Latest, within, style.Now)), s.Reason)
}

// owner is the party that has to act on a finding.
func owner(f *wire.Finding, s layout.Style) string { return s.Reader.Owner(catalog.Actor(f.Who)) }

// certaintyNote qualifies a finding that the evidence does not prove.
func certaintyNote(f *wire.Finding) string {
	switch finding.Certainty(f.Certainty) {
	case finding.Likely:
		return "  (likely)"
	case finding.Hint:
		return "  (a hint)"
	case finding.Conclusive:
	}
	return ""
}

// cardTitle is the title of a record card: the zone and the DNS host, as far as they are known.
func cardTitle(r *wire.Record) string {
	s := "record"
	switch {
	case r.Zone != nil:
		s += " in " + *r.Zone
	case r.DNSHost != nil:
		s += " in"
	}
	if r.DNSHost != nil {
		s += " at " + *r.DNSHost
	}
	return s
}

// standing is how a reported code relates to the evidence.
func standing(c *wire.Code) string {
	if result.CodeState(c.State) == result.CodeExplained {
		return "explained by " + strings.Join(c.Causes, ", ")
	}
	return c.Note
}

// partition splits findings by a condition.
func partition(list []wire.Finding, is func(*wire.Finding) bool) (yes, no []wire.Finding) {
	for i := range list {
		if is(&list[i]) {
			yes = append(yes, list[i])
		} else {
			no = append(no, list[i])
		}
	}
	return yes, no
}
