package render

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"domdoc/catalog"
	"domdoc/checks"
	"domdoc/checks/probe"

	"github.com/charmbracelet/x/ansi"
)

// Style is how text is shown: colour or not, and how wide.
type Style struct {
	Color bool
	Width int // in cells; 0 is 100
	Now   time.Time
	// Shown are findings about this machine that were written already: a domain only names them.
	Shown []*checks.Finding
}

// The terminal's own colours, so that they fit the user's palette.
const (
	bold   = "1"
	dim    = "2"
	red    = "31"
	green  = "32"
	yellow = "33"
	cyan   = "36"
)

func (s Style) paint(text string, codes ...string) string {
	if !s.Color || text == "" {
		return text
	}
	return "\x1b[" + strings.Join(codes, ";") + "m" + text + "\x1b[0m"
}

func (s Style) width() int {
	if s.Width <= 0 {
		return 100
	}
	return max(s.Width, 40)
}

// mark is a verdict as a glyph, a word and a colour: never colour alone.
func (s Style) mark(v catalog.Verdict) string {
	switch v {
	case catalog.Pass:
		return s.paint("✓ healthy", green)
	case catalog.Warn:
		return s.paint("! warning", yellow)
	case catalog.Fail:
		return s.paint("✗ fails", red, bold)
	case catalog.Inconclusive:
		return s.paint("? could not check", cyan)
	case catalog.Blocked:
		return s.paint("· follows", dim)
	case catalog.NotRun:
	}
	return "  not checked"
}

// Text writes one domain for a person.
func Text(w io.Writer, d *checks.DomainReport, s Style) error {
	b := &builder{Style: s}
	b.head(d)
	roots := d.Roots()
	for i, f := range roots {
		b.finding(f, d.Under(f), i+1, len(roots))
	}
	b.codes(d)
	b.unjudged(d)
	b.line("")
	_, err := io.WriteString(w, b.String())
	return err
}

// builder gathers the lines of one domain.
type builder struct {
	strings.Builder
	Style
}

func (b *builder) line(s string) {
	b.WriteString(strings.TrimRight(s, " "))
	b.WriteByte('\n')
}

// para writes a paragraph behind a label, wrapped and indented.
func (b *builder) para(indent int, label, text string, codes ...string) {
	const labelWidth = 9
	pad := strings.Repeat(" ", indent)
	room := b.width() - indent - labelWidth
	for i, l := range wrap(text, max(room, 20)) {
		if i > 0 {
			label = ""
		}
		b.line(pad + b.paint(fmt.Sprintf("%-*s", labelWidth, label), dim) + b.paint(l, codes...))
	}
}

// wrap breaks a text at spaces only: names and values must not be torn apart, even where they hold hyphens. A word that is too long stands alone.
func wrap(text string, width int) []string {
	var out []string
	line, used := "", 0
	for _, word := range strings.Fields(text) {
		w := ansi.StringWidth(word)
		switch {
		case line == "":
			line, used = word, w
		case used+1+w <= width:
			line, used = line+" "+word, used+1+w
		default:
			out = append(out, line)
			line, used = word, w
		}
	}
	return append(out, line)
}

func (b *builder) head(d *checks.DomainReport) {
	name := d.Name.Unicode
	if name == "" {
		name = d.ID
	}
	if d.Name.ASCII != d.Name.Unicode && d.Name.Unicode != "" {
		name += " (" + d.Name.ASCII + ")"
	}
	s := b.paint(name, bold) + "  " + b.mark(d.Verdict)
	if d.ServiceStatus != "" {
		s += b.paint("  service status "+d.ServiceStatus, dim)
	}
	if latest, ok := d.Waits(); ok && !latest.IsZero() {
		s += "  " + b.paint("waiting until "+b.Clock(latest)+" at the latest", yellow)
	}
	if d.Interrupted {
		s += b.paint("  interrupted: not every check ended", yellow)
	}
	b.line(s)
}

// Clock writes a moment in the reader's own time zone, named.
func (s Style) Clock(t time.Time) string {
	now := s.Now
	if now.IsZero() {
		now = time.Now()
	}
	t = t.Local()
	if t.Sub(now) < 20*time.Hour && now.Sub(t) < 20*time.Hour {
		return t.Format("15:04 MST")
	}
	return t.Format("2006-01-02 15:04 MST")
}

func (b *builder) finding(f *checks.Finding, under []*checks.Finding, n, of int) {
	b.line("")
	number := ""
	if of > 1 {
		number = fmt.Sprintf("%d. ", n)
	}
	b.line("  " + number + b.mark(f.Verdict) + "  " + b.paint(string(f.ID), bold) + b.paint(certainty(f.Certainty), dim))
	const indent = 4
	if slices.ContainsFunc(b.Shown, func(s *checks.Finding) bool { return s.Cause == f.Cause }) {
		b.para(indent, "what", f.Summary()+" (see above)")
		return
	}
	b.para(indent, "what", f.Summary())
	b.para(indent, "why", f.Why())
	b.para(indent, "who acts", f.Who[0].Phrase())
	if codes := f.Predicts(); len(codes) > 0 && f.Verdict != catalog.Inconclusive {
		b.para(indent, "leads to", strings.Join(codes, ", "))
	}
	fix := f.Fix()
	for i, s := range fix.Steps {
		label := ""
		if i == 0 {
			label = "to do"
		}
		b.para(indent, label, fmt.Sprintf("%d. %s", i+1, s))
	}
	for _, r := range fix.Records {
		b.record(r)
	}
	if u := f.Until(); u != nil {
		b.para(indent, "until", b.Clock(u.Latest)+" at the latest: "+u.Reason, yellow)
	}
	for i, c := range fix.Commands {
		label := ""
		if i == 0 {
			label = "prove it"
		}
		b.line(strings.Repeat(" ", indent) + b.paint(fmt.Sprintf("%-9s", label), dim) + c)
	}
	b.evidence(f.Evidence)
	for i, u := range under {
		label := ""
		if i == 0 {
			label = "so also"
		}
		b.para(indent, label, string(u.ID)+": "+u.Title, dim)
	}
}

func certainty(c checks.Certainty) string {
	switch c {
	case checks.Likely:
		return "  (likely)"
	case checks.Hint:
		return "  (a hint)"
	case checks.Conclusive:
	}
	return ""
}

// record writes the record card: each field on a line of its own, so that it can be selected.
func (b *builder) record(r catalog.Record) {
	title := "record"
	where := r.Zone
	if r.Host != "" {
		where += " at " + r.Host
	}
	if where != "" {
		title += " in " + where
	}
	b.line("      " + b.paint(title, dim))
	for _, l := range [][2]string{{"name", r.Label()}, {"type", r.Type}, {"value", r.Value}, {"TTL", fmt.Sprint(r.TTL)}} {
		b.line("        " + b.paint(fmt.Sprintf("%-7s", l[0]), dim) + b.paint(catalog.Printable(l[1], 1024), bold))
	}
}

// evidence shows the few exchanges that decided; all of them are in the JSON.
func (b *builder) evidence(list []*probe.Exchange) {
	const most = 4
	for i, x := range list {
		label := ""
		if i == 0 {
			label = "seen"
		}
		if i == most {
			b.para(4, "", fmt.Sprintf("and %d more exchanges (-o json shows all)", len(list)-most), dim)
			break
		}
		b.para(4, label, EvidenceLine(x), dim)
	}
}

// EvidenceLine is one exchange in one line: who was asked what, by which way, and what came.
func EvidenceLine(x *probe.Exchange) string {
	e := x.Evidence()
	s := fmt.Sprintf("%s, asked %s over %s: ", e.Server, e.Asked, e.Transport)
	switch {
	case x.Kind == probe.KindDNS && e.Rcode != nil && len(e.Answer) > 0:
		s += strings.Join(firstFew(e.Answer), "; ")
	case x.Kind == probe.KindDNS && e.Rcode != nil:
		s += *e.Rcode
		if x.Outcome == probe.NoData {
			s += " without records (NODATA)"
		}
		if x.Outcome == probe.Referral {
			s += ", a referral"
		}
	case x.Kind == probe.KindWHOIS && len(e.Answer) > 0:
		s += fmt.Sprintf("%d lines, %q", len(e.Answer), firstLine(e.Answer))
	case len(e.Answer) > 0:
		s += strings.Join(firstFew(e.Answer), "; ")
	default:
		s += e.Error
	}
	if e.EDE != nil {
		s += " (hint: EDE " + *e.EDE + ")"
	}
	return s + fmt.Sprintf(" (%d ms)", e.TookMs)
}

func firstFew(s []string) []string {
	if len(s) > 3 {
		return append(slices.Clone(s[:3]), "…")
	}
	return s
}

func firstLine(s []string) string {
	for _, l := range s {
		if l = strings.TrimSpace(l); l != "" && !strings.HasPrefix(l, "%") {
			return l
		}
	}
	return s[0]
}

// codes says how the reported codes stand to what was seen.
func (b *builder) codes(d *checks.DomainReport) {
	first := true
	for _, c := range d.Codes {
		if c.Reported == nil {
			continue
		}
		if first {
			b.line("")
			first = false
		}
		s := c.ID + " " + c.Name
		if !c.Reported.At.IsZero() && !b.Now.IsZero() {
			s += ", reported " + catalog.Span(b.Now.Sub(c.Reported.At)) + " ago"
		} else {
			s += ", reported"
		}
		if c.State == checks.CodeExplained {
			var ids []string
			for _, id := range c.Causes {
				ids = append(ids, string(id))
			}
			s += ": explained by " + strings.Join(ids, ", ")
		} else {
			s += ": " + d.Note(c)
		}
		b.para(2, "code", s)
	}
}

// unjudged lists what could not be judged, so that nobody takes silence for health.
func (b *builder) unjudged(d *checks.DomainReport) {
	for _, c := range d.Checks {
		if c.Status == catalog.Inconclusive.String() && c.Reason != "" {
			b.para(2, "open", c.ID+": "+c.Reason, cyan)
		}
	}
}

// Healthy writes a healthy domain in one line.
func HealthyLine(d *checks.DomainReport, s Style) string {
	line := s.paint(d.Name.Unicode, bold) + "  " + s.mark(d.Verdict)
	for _, c := range d.Codes {
		if c.State == checks.CodeExplained && c.Reported != nil {
			line += s.paint(fmt.Sprintf("  (%s was reported: %s)", c.ID, causeList(c.Causes)), dim)
		} else if note := d.Note(c); note != "" {
			line += s.paint(fmt.Sprintf("  (%s was reported: %s)", c.ID, note), dim)
		}
	}
	return line
}

func causeList(ids []catalog.ID) string {
	var out []string
	for _, id := range ids {
		out = append(out, string(id))
	}
	return strings.Join(out, ", ")
}

// Tenant writes what concerns the tenant as a whole.
func Tenant(w io.Writer, t *checks.TenantReport, s Style) error {
	if t == nil || len(t.Findings) == 0 {
		return nil
	}
	b := &builder{Style: s}
	b.line(b.paint("the tenant "+t.ID, bold))
	b.general(t.Findings)
	_, err := io.WriteString(w, b.String())
	return err
}

// Vantage writes what this machine cannot judge.
func Vantage(w io.Writer, v *checks.VantageReport, s Style) error {
	if v == nil || len(v.Findings) == 0 {
		return nil
	}
	b := &builder{Style: s}
	b.line(b.paint("this machine", bold))
	b.general(v.Findings)
	_, err := io.WriteString(w, b.String())
	return err
}

func (b *builder) general(list []*checks.Finding) {
	for _, f := range list {
		if !f.Root() {
			continue
		}
		b.line("  " + b.mark(f.Verdict) + "  " + b.paint(string(f.ID), bold))
		b.para(4, "what", f.Summary())
		b.para(4, "why", f.Why())
		for i, s := range f.Fix().Steps {
			label := ""
			if i == 0 {
				label = "to do"
			}
			b.para(4, label, fmt.Sprintf("%d. %s", i+1, s))
		}
	}
	b.line("")
}

// sentence sorts a domain into the groups of the last line.
func (s *Summary) sentence(r *checks.DomainReport) {
	latest, waits := r.Waits()
	switch {
	case r.Verdict == catalog.Pass:
		s.healthy++
	case waits:
		s.waiting++
		if latest.After(s.until) {
			s.until = latest
		}
	case r.Verdict == catalog.Inconclusive:
		s.unknown++
	default:
		s.needsYou++
		for _, f := range r.Roots() {
			if f.Verdict == catalog.Fail || f.Verdict == catalog.Warn {
				s.fixes++
			}
		}
	}
}

// Line is the one line at the end: "3 healthy, 1 needs you (1 fix), 1 waiting until 14:32, 1 could not be checked".
func (s *Summary) Line(now time.Time) string {
	var parts []string
	if s.healthy > 0 {
		parts = append(parts, fmt.Sprintf("%d healthy", s.healthy))
	}
	if s.needsYou > 0 {
		verb := "need"
		if s.needsYou == 1 {
			verb = "needs"
		}
		fixes := "fixes"
		if s.fixes == 1 {
			fixes = "fix"
		}
		parts = append(parts, fmt.Sprintf("%d %s you (%d %s)", s.needsYou, verb, s.fixes, fixes))
	}
	if s.waiting > 0 {
		p := fmt.Sprintf("%d waiting", s.waiting)
		if !s.until.IsZero() {
			format := "15:04"
			if t := s.until.Local(); t.Sub(now) > 20*time.Hour {
				format = "2006-01-02 15:04"
			}
			p += " until " + s.until.Local().Format(format)
		}
		parts = append(parts, p)
	}
	if s.unknown > 0 {
		parts = append(parts, fmt.Sprintf("%d could not be checked", s.unknown))
	}
	if len(parts) == 0 {
		return "nothing was checked"
	}
	return strings.Join(parts, ", ")
}
