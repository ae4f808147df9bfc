package report

import (
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"domdoc/catalog"
	"domdoc/catalog/sanitize"
	"domdoc/catalog/translation"
	"domdoc/checks/subject"
	"domdoc/ui/render/wire"

	"github.com/charmbracelet/x/ansi"
)

// Reply is a plain-text reply to the tenant of a domain: the error of the service, its cause, the record to publish,
// and when the fix takes effect. It contains no internals (ids of causes, reasons of checks, commands) and nothing
// about other tenants' domains. It comes from the reader of the report: a tenant passes it on to the platform's support
// where the platform must act.
func Reply(d *wire.Domain, from catalog.Reader) string { return ReplyIn(d, ReplyOptions{From: from}) }

// ReplyMarkdown is Reply as Markdown.
func ReplyMarkdown(d *wire.Domain, from catalog.Reader) string {
	return ReplyIn(d, ReplyOptions{Markdown: true, From: from})
}

// ReplyOptions say how a reply is written.
type ReplyOptions struct {
	Markdown  bool
	Language  translation.Language // empty: English
	Signature string               // the lines at the end
	From      catalog.Reader       // who sends it
	// Tickets are the tickets to reply to, in order, one reply each.
	Tickets []ReplyTicket
}

// ReplyIn is Reply in a language, with a signature.
func ReplyIn(d *wire.Domain, o ReplyOptions) string {
	return writeReply(o.style(), o.From, d) + o.signature()
}

// AskBack is a reply to a ticket that does not say what is needed for a diagnosis.
func AskBack(ask catalog.AskBack, o ReplyOptions) string {
	return writeAsk(ask, o.style()) + o.signature()
}

func (o ReplyOptions) style() replyStyle {
	var s replyStyle = plainReply{}
	if o.Markdown {
		s = markdownReply{}
	}
	if o.Language != "" && o.Language != translation.English {
		return spokenReply{s, o.Language}
	}
	return s
}

// signature returns the lines at the end, which begin after an empty one.
func (o ReplyOptions) signature() string {
	text := strings.TrimSpace(strings.ReplaceAll(o.Signature, "\r\n", "\n"))
	if text == "" {
		return ""
	}
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		lines[i] = sanitize.Text(l, maxReplyText)
		if o.Markdown && i+1 < len(lines) {
			lines[i] += "  " // a line break
		}
	}
	return "\n" + strings.Join(lines, "\n") + "\n"
}

// spokenReply writes the sentences of another style in a language.
type spokenReply struct {
	replyStyle
	language translation.Language
}

func (s spokenReply) prose(text string) string {
	// Text in scripts without spaces has no markup, and would hide where a name begins.
	var b strings.Builder
	part := ""
	flush := func() {
		lead := part[:len(part)-len(strings.TrimLeft(part, " "))]
		trail := part[len(strings.TrimRight(part, " ")):]
		if strings.TrimSpace(part) == "" {
			lead, trail = part, ""
		}
		b.WriteString(lead)
		if inner := strings.TrimSpace(part); inner != "" {
			b.WriteString(s.replyStyle.prose(inner))
		}
		b.WriteString(trail)
		part = ""
	}
	for _, r := range s.language.Sentence(text) {
		if !unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana) && r != 'ー' && r != '¿' && r != '¡' &&
			(r < 0x3000 || r > 0x303f) &&
			(r < 0xff00 || r > 0xffef) {
			part += string(r)
			continue
		}
		flush()
		b.WriteRune(r)
	}
	flush()
	return b.String()
}

func (s spokenReply) strong(text string) string {
	return s.replyStyle.strong(s.language.Sentence(text))
}

func (s spokenReply) record(fields []catalog.ReplyField, r catalog.Record) string {
	out := slices.Clone(fields)
	for i := range out {
		out[i].Name = s.language.Field(r, out[i].Name)
	}
	return s.replyStyle.record(out, r)
}

// replyStyle writes the parts of a reply.
type replyStyle interface {
	prose(s string) string
	strong(s string) string
	steps(list []string) string
	record(fields []catalog.ReplyField, r catalog.Record) string
}

// part is one item of a reply: a finding of the domain, or the title of a cause that affects the whole tenant.
type part struct {
	text    string
	finding *wire.Finding // nil where there is only the text
}

// beginsWithWait reports whether the reply begins with the end of the domain's wait.
func beginsWithWait(d *wire.Domain) bool {
	return d.StateNow() == catalog.StateWaiting && d.WaitsUntil != nil
}

// writeReply writes one reply about one or several domains.
func writeReply(s replyStyle, from catalog.Reader, domains ...*wire.Domain) string {
	var b strings.Builder
	b.WriteString(s.prose(catalog.ReplyHello) + "\n\n")
	for _, d := range domains {
		aboutDomain(&b, d, s, from)
	}
	for _, d := range domains[len(domains)-1:] {
		b.WriteString(s.prose(catalog.ReplyChecked(d.At)) + "\n")
	}
	return b.String()
}

// aboutDomain writes what a reply says about one domain.
func aboutDomain(b *strings.Builder, d *wire.Domain, s replyStyle, from catalog.Reader) {
	name := sanitize.Text(d.Unicode, 253)
	if name == "" {
		name = sanitize.Text(d.Domain, 253)
	}
	para := func(text string) {
		if text != "" {
			b.WriteString(text + "\n\n")
		}
	}
	if beginsWithWait(d) {
		para(s.strong(catalog.ReplyWaits(name, *d.WaitsUntil)))
	}
	reported, behind, other := replyParts(d)
	unsure := d.Verdict == catalog.Inconclusive.String() || d.Partial()
	switch {
	case len(reported) > 0 && len(behind)+len(other) == 0 && !unsure && hintsOnly(reported):
		para(s.prose(catalog.ReplyLooked(name, 0)))
		if rest := unexplained(reported, false); len(rest) > 0 {
			para(s.prose(catalog.ReplyHint(name, rest)))
		}
		para(s.prose(integrationsReply(reported, from)))
		para(s.prose(catalog.ReplyTried(d.Resolvers())))
	case len(reported) > 0:
		var said []string
		for _, c := range reported {
			var at time.Time
			if c.ReportedAt != nil {
				at = *c.ReportedAt
			}
			text := catalog.ReplyReported(c.Code, name, at)
			if c.Hint {
				text = catalog.ReplyMentioned(c.Code, name)
			}
			said = append(said, s.prose(text))
		}
		para(strings.Join(said, "\n"))
		switch {
		case len(behind) > 0:
			para(s.strong(catalog.ReplyCause(len(behind))))
			replyList(b, d, behind, s, from)
			if rest := unexplained(reported, false); len(rest) > 0 {
				para(s.prose(catalog.ReplyNotCause(rest)))
			}
			para(s.prose(integrationsReply(reported, from)))
		case unsure:
			para(s.prose(catalog.ReplyUnsure))
		case len(unexplained(reported, true)) > 0:
			para(s.prose(integrationsReply(reported, from)))
			if rest := unexplained(reported, false); len(rest) > 0 {
				para(s.prose(catalog.ReplyNotCause(rest)))
			}
		default:
			para(s.prose(catalog.ReplyGone))
			para(s.prose(catalog.ReplyTried(d.Resolvers())))
		}
		if len(other) > 0 {
			para(s.strong(catalog.ReplyOther))
			replyList(b, d, other, s, from)
		}
	case unsure && len(other) == 0:
		para(s.prose(catalog.ReplyUnsure))
	default:
		para(s.prose(catalog.ReplyLooked(name, len(other))))
		if len(other) == 0 {
			para(s.prose(catalog.ReplyTried(d.Resolvers())))
		}
		replyList(b, d, other, s, from)
	}
}

// hintsOnly reports whether nothing shows that the service reported the codes, other than that a ticket mentions
// them.
func hintsOnly(reported []*wire.Code) bool {
	return !slices.ContainsFunc(reported, func(c *wire.Code) bool {
		return c.ReportedAt != nil || c.Message != "" || len(c.Causes) > 0
	})
}

// unexplained returns the codes that no finding explains: those of the platform's integrations, or the others.
func unexplained(reported []*wire.Code, integrations bool) (out []string) {
	for _, c := range reported {
		known, _ := catalog.FindCode(c.Code)
		if len(c.Causes) == 0 && (known.Integration() != "") == integrations {
			out = append(out, sanitize.Text(c.Code, 20))
		}
	}
	return out
}

// integrationsReply says who looks into codes of integrations that no finding explains; empty if there are none.
func integrationsReply(reported []*wire.Code, from catalog.Reader) string {
	var names []string
	for _, id := range unexplained(reported, true) {
		c, _ := catalog.FindCode(id)
		names = append(names, c.Integration())
	}
	return catalog.ReplyIntegrations(names, from)
}

// maxReplyParts bounds a reply: more is not fixed at once, and the next diagnosis reports the rest.
const maxReplyParts = 4

// replyParts returns the codes that the service reported, their causes, and other findings. Problems of this machine
// do not concern the tenant, and warnings are left out if something fails.
func replyParts(d *wire.Domain) (reported []*wire.Code, behind, other []part) {
	var causes []string
	for i := range d.Codes {
		c := &d.Codes[i]
		if !c.Reported() {
			continue
		}
		if !slices.ContainsFunc(reported, func(o *wire.Code) bool { return o.Code == c.Code }) {
			reported = append(reported, c)
		}
		causes = append(causes, c.Causes...)
	}
	fails := slices.ContainsFunc(d.Findings, func(f wire.Finding) bool {
		return f.IsRoot() && f.Verdict == catalog.Fail.String()
	})
	for i := range d.Findings {
		f := &d.Findings[i]
		if !f.IsRoot() || f.Ignored != nil || f.Who == string(catalog.Local) {
			continue
		}
		p := part{f.Summary, f}
		switch {
		case slices.Contains(causes, f.Cause):
			behind = append(behind, p)
			causes = slices.DeleteFunc(causes, func(c string) bool { return c == f.Cause })
		case f.Verdict == catalog.Fail.String(), f.Verdict == catalog.Warn.String() && !fails && len(behind) == 0:
			other = append(other, p)
		}
	}
	for _, id := range causes { // a finding of the tenant, or an incident
		if c, ok := catalog.FindCause(id); ok && !slices.ContainsFunc(behind, func(p part) bool {
			return p.text == c.Title
		}) {
			behind = append(behind, part{text: c.Title})
		}
	}
	return reported, behind[:min(len(behind), maxReplyParts)], other[:min(len(other), maxReplyParts)]
}

// replyList writes parts, numbered if there are several.
func replyList(b *strings.Builder, d *wire.Domain, list []part, s replyStyle, from catalog.Reader) {
	for i, p := range list {
		text := s.prose(catalog.ReplySentence(p.text))
		if len(list) > 1 {
			text = strconv.Itoa(i+1) + ". " + text
		}
		b.WriteString(text + "\n\n")
		if p.finding != nil {
			replyFix(b, p.finding, s, subject.Verified(d.ServiceStatus), beginsWithWait(d), from)
		}
	}
}

// replyFix writes what to do. verified means that the domain needs no further verification, said that the reply begins
// with the end of its wait.
func replyFix(b *strings.Builder, f *wire.Finding, s replyStyle, verified, said bool, from catalog.Reader) {
	waits := f.StateNow() == catalog.StateWaiting
	if waits && f.ETA != nil && !f.ETA.Latest.IsZero() && !f.ETA.Deadline && !said {
		b.WriteString(s.prose(catalog.ReplyUntil(f.ETA.Latest)) + "\n\n")
	}
	var list []string
	for _, step := range f.Fix.Steps {
		if !strings.Contains(step, "--") && !strings.Contains(step, "domdoc ") { // advice about domdoc itself
			list = append(list, s.prose(catalog.ReplyStep(step, verified)))
		}
	}
	theirs := f.Incident == nil && slices.Contains([]string{
		string(catalog.Tenant), string(catalog.DNSHost),
		string(catalog.RegistrarActor),
	}, f.Who)
	ours := f.Who == string(catalog.Platform) && f.Incident == nil && len(f.Fix.Records)+len(f.Fix.Removed()) == 0
	if ours && !from.Passes() {
		list = nil // they are for the sender, and the reply ends in it
	}
	if len(list) > 0 {
		head := catalog.ReplyNext
		if theirs {
			head = catalog.ReplyDo
		}
		b.WriteString(s.strong(head) + "\n" + s.steps(list) + "\n")
	}
	if n := len(f.Fix.Records); n > 0 {
		head := catalog.ReplyRecord
		if n > 1 {
			head = catalog.ReplyRecords
		}
		b.WriteString(s.strong(head) + "\n")
		for _, r := range f.Fix.Records {
			c := catalogRecord(&r)
			b.WriteString(s.record(catalog.ReplyFields(c), c) + "\n")
		}
	}
	if gone := f.Fix.Removed(); len(gone) > 0 {
		b.WriteString(s.strong(catalog.ReplyDelete) + "\n")
		for _, r := range gone {
			c := catalogRecord(&r)
			fields := catalog.ReplyFields(c)
			if r.Value == "" {
				fields = fields[:2] // any value
			}
			b.WriteString(s.record(fields, c) + "\n")
		}
	}
	switch {
	case waits:
	case f.Who == string(catalog.Platform) && (ours || f.Incident != nil || from.Passes()):
		b.WriteString(s.prose(catalog.ReplyPlatform(from)) + "\n\n")
	case f.ETA != nil && !f.ETA.Latest.IsZero():
		b.WriteString(s.prose(catalog.ReplyBy(f.ETA.Latest)) + "\n\n")
	case theirs && f.Fix.Settles != nil:
		b.WriteString(s.prose(catalog.ReplySettles(time.Duration(f.Fix.Settles.Within)*time.Second, f.Fix.Settles.Latest,
			!verified)) + "\n\n")
	case theirs && len(f.Fix.Records) > 0:
		b.WriteString(s.prose(catalog.ReplyAgain(!verified)) + "\n\n")
	}
}

// catalogRecord converts a record to the catalog's type, without its role.
func catalogRecord(r *wire.Record) catalog.Record {
	out := catalog.Record{Name: r.Name, Type: r.Type, Value: r.Value, TTL: r.TTL}
	if r.Zone != nil {
		out.Zone = *r.Zone
	}
	if r.DNSHost != nil {
		out.Host = *r.DNSHost
	}
	return out
}

// plainReply writes plain text.
type plainReply struct{}

func (plainReply) prose(s string) string  { return sanitize.Text(s, maxReplyText) }
func (plainReply) strong(s string) string { return s }

func (plainReply) steps(list []string) string {
	var b strings.Builder
	for _, s := range list {
		b.WriteString("  - " + s + "\n")
	}
	return b.String()
}

func (plainReply) record(fields []catalog.ReplyField, _ catalog.Record) string {
	wide := 0
	for _, f := range fields {
		wide = max(wide, ansi.StringWidth(f.Name))
	}
	var b strings.Builder
	for _, f := range fields {
		b.WriteString("  " + f.Name + ":" + strings.Repeat(" ", wide-ansi.StringWidth(f.Name)+1) + sanitize.Text(f.Value,
			maxReplyText) + "\n")
	}
	return b.String()
}

// markdownReply writes the same as Markdown (CommonMark).
type markdownReply struct{}

func (markdownReply) prose(s string) string { return mdText(sanitize.Text(s, maxReplyText)) }

func (markdownReply) strong(s string) string { return "**" + s + "**" }

func (markdownReply) steps(list []string) string {
	var b strings.Builder
	b.WriteString("\n")
	for _, s := range list {
		b.WriteString("- " + s + "\n")
	}
	return b.String()
}

// record writes a code block, whose contents can be copied verbatim.
func (markdownReply) record(fields []catalog.ReplyField, r catalog.Record) string {
	return "\n" + mdFence("text", strings.Split(strings.TrimSuffix(plainReply{}.record(fields, r), "\n"), "\n"))
}

// maxReplyText is the maximum length of one text, in characters.
const maxReplyText = 2000

// replies writes a reply per domain: the output of `triage -o markdown` and `triage --reply`.
type replies struct {
	w     io.Writer
	n     int
	write func(*wire.Domain) string
	rule  string // between two replies
	err   error
}

// writeAsk writes the questions to the writer of a ticket.
func writeAsk(ask catalog.AskBack, s replyStyle) string {
	intro, questions := ask.Sentences()
	for i, q := range questions {
		questions[i] = s.prose(q)
	}
	return s.prose(catalog.ReplyHello) + "\n\n" + s.prose(intro) + "\n" + s.steps(questions)
}

// NewReplies returns a Formatter that writes a reply per ticket or, without tickets, per domain.
func NewReplies(w io.Writer, o ReplyOptions) Formatter {
	if len(o.Tickets) > 0 {
		return &ticketReplies{w: w, opt: o}
	}
	return &replies{w: w, rule: o.Rule(), write: func(d *wire.Domain) string { return ReplyIn(d, o) }}
}

// Rule is the line between two replies.
func (o ReplyOptions) Rule() string {
	if o.Markdown {
		return "\n---\n\n"
	}
	return "\n" + strings.Repeat("-", 40) + "\n\n"
}

// Begin writes nothing.
func (r *replies) Begin(*wire.Vantage, *wire.Tenant) error { return nil }

// Domain writes the reply about one domain.
func (r *replies) Domain(d *wire.Domain) error {
	if r.err != nil {
		return r.err
	}
	text := r.write(d)
	if r.n > 0 {
		text = r.rule + text
	}
	r.n++
	_, r.err = io.WriteString(r.w, text)
	return r.err
}

// End writes nothing.
func (r *replies) End(*Run) error { return r.err }
