package render

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"domdoc/catalog"
	"domdoc/catalog/sanitize"
	"domdoc/checks"

	"github.com/charmbracelet/x/ansi"
)

// Style is how text is shown: colour or not, and how wide.
type Style struct {
	Color bool
	Width int // in cells; 0 is 100
	Now   time.Time
	// Zone is where the reader is; nil is this machine's own. What is handed on is in UTC.
	Zone *time.Location
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
	codes := map[catalog.Verdict][]string{
		catalog.Pass: {green}, catalog.Warn: {yellow}, catalog.Fail: {red, bold},
		catalog.Inconclusive: {cyan}, catalog.Blocked: {dim},
	}[v]
	if codes == nil {
		return glyph(v) + " " + word(v)
	}
	return s.paint(glyph(v)+" "+word(v), codes...)
}

// textFormat writes a run for a person.
type textFormat struct {
	w     io.Writer
	style Style
	shown []string // causes about this machine that were written already: a domain only names them
	err   error
}

func (t *textFormat) write(s string) error {
	if t.err == nil && s != "" {
		_, t.err = io.WriteString(t.w, s)
	}
	return t.err
}

// Begin writes what this machine cannot judge.
func (t *textFormat) Begin(v *JSONVantage, _ *JSONTenant) error {
	if v == nil || len(v.Findings) == 0 {
		return t.err
	}
	for _, f := range v.Findings {
		t.shown = append(t.shown, f.Cause)
	}
	b := &builder{Style: t.style}
	b.line(b.paint("this machine", bold))
	b.general(v.Findings)
	return t.write(b.String())
}

// Domain writes one domain: in one line where nothing is wrong.
func (t *textFormat) Domain(d *JSONDomain) error {
	b := &builder{Style: t.style, shown: t.shown}
	if verdict(d.Verdict) == catalog.Pass && len(d.Findings) == 0 {
		b.healthy(d)
		return t.write(b.String())
	}
	if d.heldUp() {
		b.heldUp(d)
		return t.write(b.String())
	}
	b.head(d)
	roots := d.roots()
	for i, f := range roots {
		b.finding(f, d.under(f), i+1, len(roots))
	}
	b.codes(d)
	b.unjudged(d)
	b.line("")
	return t.write(b.String())
}

// Text writes one domain for a person.
func Text(w io.Writer, d *checks.DomainReport, s Style) error {
	return (&textFormat{w: w, style: s}).Domain(NewDomain(d))
}

// End writes what concerns the tenant, and the one line that sums up.
func (t *textFormat) End(run *Run) error {
	b := &builder{Style: t.style}
	if run.Tenant != nil {
		incidents, own := apart(run.Tenant.Findings, (*JSONFinding).incident)
		if len(incidents) > 0 {
			b.line("")
			b.line(b.paint("incidents", bold))
			b.general(incidents)
		}
		if run.TenantMatters {
			b.tenant(run.Tenant, own)
			for _, more := range run.MoreTenants {
				b.tenant(more, more.Findings)
			}
		}
	}
	b.line(run.Summary.Line(t.style.Now))
	return t.write(b.String())
}

// tenant writes what concerns a tenant as a whole.
func (b *builder) tenant(t *JSONTenant, findings []JSONFinding) {
	b.line("")
	if len(findings) == 0 {
		return
	}
	head := "the tenant " + t.ID
	if t.Profile != "" {
		head += ", profile " + t.Profile
	}
	b.line(b.paint(head, bold))
	b.general(findings)
}

// builder gathers the lines of one domain.
type builder struct {
	strings.Builder
	Style
	shown []string
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

// paras writes several paragraphs behind one label.
func (b *builder) paras(indent int, label string, texts []string, codes ...string) {
	for i, t := range texts {
		if i > 0 {
			label = ""
		}
		b.para(indent, label, t, codes...)
	}
}

// wrap breaks a text at spaces only: names and values must not be torn apart, even where they hold hyphens. A word
// that is too long stands alone.
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

func (b *builder) head(d *JSONDomain) {
	s := b.paint(d.title(), bold) + "  " + b.mark(verdict(d.Verdict))
	if d.ServiceStatus != "" {
		s += b.paint("  service status "+d.ServiceStatus, dim)
	}
	if d.WaitsUntil != nil {
		s += "  " + b.paint("waiting until "+b.Clock(*d.WaitsUntil)+" at the latest", yellow)
	}
	if d.Interrupted {
		s += b.paint("  interrupted: not every check ended", yellow)
	}
	b.line(s)
}

// title names a domain for a person: in both forms, where they differ, and by its id, where it has no name.
func (d *JSONDomain) title() string {
	switch {
	case d.Unicode == "":
		return d.ID
	case d.Domain != d.Unicode:
		return d.Unicode + " (" + d.Domain + ")"
	}
	return d.Unicode
}

// Clock writes a moment in the reader's own time zone, named.
func (s Style) Clock(t time.Time) string {
	now := s.Now
	if now.IsZero() {
		now = time.Now()
	}
	zone := s.Zone
	if zone == nil {
		zone = time.Local
	}
	t = t.In(zone)
	if t.Sub(now) < 20*time.Hour && now.Sub(t) < 20*time.Hour {
		return t.Format("15:04 MST")
	}
	return t.Format("2006-01-02 15:04 MST")
}

func (b *builder) finding(f *JSONFinding, under []*JSONFinding, n, of int) {
	b.line("")
	number := ""
	if of > 1 {
		number = fmt.Sprintf("%d. ", n)
	}
	const indent = 4
	if f.Ignored != nil {
		b.line("  " + number + b.paint("· ignored", dim) + "  " + b.paint(f.Cause, bold))
		b.para(indent, "what", f.Summary, dim)
		b.para(indent, "by", "--ignore "+*f.Ignored, dim)
		return
	}
	doubt := f.doubt()
	if f.Known {
		doubt += "  (known: it is in the baseline)"
	}
	b.line("  " + number + b.mark(verdict(f.Verdict)) + "  " + b.paint(f.Cause, bold) + b.paint(doubt, dim))
	if slices.Contains(b.shown, f.Cause) {
		b.para(indent, "what", f.Summary+" (see above)")
		return
	}
	b.para(indent, "what", f.Summary)
	b.para(indent, "why", f.Why)
	b.para(indent, "who acts", f.actor())
	if len(f.Predicts) > 0 && verdict(f.Verdict) != catalog.Inconclusive {
		b.para(indent, "leads to", strings.Join(f.Predicts, ", "))
	}
	b.paras(indent, "to do", numbered(f.Fix.Steps))
	for _, r := range f.Fix.Records {
		b.record(r)
	}
	if f.ETA != nil {
		b.para(indent, "until", b.Clock(f.ETA.Latest)+" at the latest: "+f.ETA.Reason, yellow)
	}
	if s := f.Fix.Settles; s != nil {
		b.para(indent, "settles", s.sentence(b.Style), dim)
	}
	for i, c := range f.Fix.Commands {
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
		b.para(indent, label, u.Cause+": "+u.Title, dim)
	}
}

// sentence says how long a change takes, in the reader's own time zone.
func (s *JSONSettles) sentence(style Style) string {
	return catalog.SettlesIn(time.Duration(s.Within)*time.Second, style.Clock(s.Latest), s.Reason)
}

// actor says who can mend a finding, for a person.
func (f *JSONFinding) actor() string { return catalog.Actor(f.Who).Phrase() }

// doubt says how far the evidence carries, where it does not carry all the way.
func (f *JSONFinding) doubt() string {
	switch checks.Certainty(f.Certainty) {
	case checks.Likely:
		return "  (likely)"
	case checks.Hint:
		return "  (a hint)"
	case checks.Conclusive:
	}
	return ""
}

func numbered(steps []string) []string {
	out := make([]string, len(steps))
	for i, s := range steps {
		out[i] = fmt.Sprintf("%d. %s", i+1, s)
	}
	return out
}

// record writes the record card: each field on a line of its own, so that it can be selected.
func (b *builder) record(r JSONRecord) {
	b.line("      " + b.paint(r.card(), dim))
	for _, l := range [][2]string{{"name", r.Host}, {"type", r.Type}, {"value", r.Value}, {"TTL", fmt.Sprint(r.TTL)}} {
		b.line("        " + b.paint(fmt.Sprintf("%-7s", l[0]), dim) + b.paint(sanitize.Text(l[1], 1024), bold))
	}
}

// card is the title of a record card: where the record belongs, as far as that is known.
func (r *JSONRecord) card() string {
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

// evidence shows the few exchanges that decided; all of them are in the JSON.
func (b *builder) evidence(list []JSONEvidence) {
	const most = 4
	for i := range list {
		label := ""
		if i == 0 {
			label = "seen"
		}
		if i == most {
			b.para(4, "", fmt.Sprintf("and %d more exchanges (-o json shows all)", len(list)-most), dim)
			break
		}
		b.para(4, label, list[i].Line(), dim)
	}
}

// reported reports whether the service gave a code.
func (c *JSONCode) reported() bool { return checks.CodeState(c.State) != checks.CodePredicted }

// standing says how a reported code stands to what was seen.
func (c *JSONCode) standing() string {
	if checks.CodeState(c.State) == checks.CodeExplained {
		return "explained by " + strings.Join(c.Causes, ", ")
	}
	return c.Note
}

// codes says how the reported codes stand to what was seen.
func (b *builder) codes(d *JSONDomain) {
	first := true
	for _, c := range d.Codes {
		if !c.reported() {
			continue
		}
		if first {
			b.line("")
			first = false
		}
		s := c.Code + " " + c.Name + ", reported"
		if c.ReportedAt != nil && !b.Now.IsZero() {
			s += " " + catalog.Span(b.Now.Sub(*c.ReportedAt)) + " ago"
		}
		b.para(2, "code", s+": "+c.standing())
	}
}

// unjudged lists what could not be judged, so that nobody takes silence for health.
func (b *builder) unjudged(d *JSONDomain) {
	for _, c := range d.Checks {
		if verdict(c.Status) == catalog.Inconclusive && c.Reason != nil {
			b.para(2, "open", c.ID+": "+*c.Reason, cyan)
		}
	}
}

// healthy writes a healthy domain in one line.
func (b *builder) healthy(d *JSONDomain) {
	line := b.paint(d.Unicode, bold) + "  " + b.mark(verdict(d.Verdict))
	for _, c := range d.Codes {
		switch {
		case !c.reported():
		case checks.CodeState(c.State) == checks.CodeExplained:
			line += b.paint(fmt.Sprintf("  (%s was reported: %s)", c.Code, strings.Join(c.Causes, ", ")), dim)
		case c.Note != "":
			line += b.paint(fmt.Sprintf("  (%s was reported: %s)", c.Code, c.Note), dim)
		}
	}
	b.line(line)
}

// heldUp writes a domain whose faults are an incident of somebody else in one line: the incident itself is told once,
// with its domains.
func (b *builder) heldUp(d *JSONDomain) {
	f := d.roots()[0]
	title := *f.Incident
	if c, ok := catalog.FindCause(title); ok {
		title = c.Title
	}
	b.line(b.paint(d.title(), bold) + "  " + b.mark(verdict(d.Verdict)) +
		b.paint(fmt.Sprintf("  (%s: %s)", f.Cause, title), dim))
}

// apart parts findings into those that are something and the rest.
func apart(list []JSONFinding, is func(*JSONFinding) bool) (yes, no []JSONFinding) {
	for i := range list {
		if is(&list[i]) {
			yes = append(yes, list[i])
		} else {
			no = append(no, list[i])
		}
	}
	return yes, no
}

// general writes findings that are about no domain.
func (b *builder) general(list []JSONFinding) {
	for i := range list {
		f := &list[i]
		if !f.root() {
			continue
		}
		b.line("  " + b.mark(verdict(f.Verdict)) + "  " + b.paint(f.Cause, bold))
		b.para(4, "what", f.Summary)
		b.para(4, "why", f.Why)
		b.paras(4, "to do", numbered(f.Fix.Steps))
		if domains := f.domains(); len(domains) > 0 {
			b.para(4, "domains", strings.Join(domains, " "), dim)
		}
	}
	b.line("")
}
