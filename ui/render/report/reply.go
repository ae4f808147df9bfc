package report

import (
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"domdoc/catalog"
	"domdoc/catalog/sanitize"
	"domdoc/ui/render/wire"
)

// Reply is a plain-text reply to the tenant of a domain: the error of the service, its cause, the record to publish,
// and when the fix takes effect. It contains no internals (ids of causes, reasons of checks, commands) and nothing
// about other tenants' domains.
func Reply(d *wire.Domain) string { return writeReply(d, plainReply{}) }

// ReplyMarkdown is Reply as Markdown.
func ReplyMarkdown(d *wire.Domain) string { return writeReply(d, markdownReply{}) }

// replyStyle writes the parts of a reply.
type replyStyle interface {
	prose(s string) string
	strong(s string) string
	steps(list []string) string
	record(fields []catalog.ReplyField) string
}

// part is one item of a reply: a finding of the domain, or the title of a cause that affects the whole tenant.
type part struct {
	text    string
	finding *wire.Finding // nil where there is only the text
}

func writeReply(d *wire.Domain, s replyStyle) string {
	name := sanitize.Text(d.Unicode, 253)
	if name == "" {
		name = sanitize.Text(d.Domain, 253)
	}
	var b strings.Builder
	para := func(text string) {
		if text != "" {
			b.WriteString(text + "\n\n")
		}
	}
	para("Hello,")
	reported, behind, other := replyParts(d)
	unsure := d.Verdict == catalog.Inconclusive.String() || d.Partial()
	switch {
	case len(reported) > 0:
		var said []string
		for _, c := range reported {
			var at time.Time
			if c.ReportedAt != nil {
				at = *c.ReportedAt
			}
			said = append(said, s.prose(catalog.ReplyReported(c.Code, name, at)))
		}
		para(strings.Join(said, "\n"))
		switch {
		case len(behind) > 0:
			para(s.strong(catalog.ReplyCause(len(behind))))
			replyList(&b, behind, s)
			if rest := unexplained(reported); len(rest) > 0 {
				para(s.prose(catalog.ReplyNotCause(rest)))
			}
		case unsure:
			para(catalog.ReplyUnsure)
		default:
			para(catalog.ReplyGone)
		}
		if len(other) > 0 {
			para(s.strong(catalog.ReplyOther))
			replyList(&b, other, s)
		}
	case unsure && len(other) == 0:
		para(catalog.ReplyUnsure)
	default:
		para(s.prose(catalog.ReplyLooked(name, len(other))))
		replyList(&b, other, s)
	}
	b.WriteString(catalog.ReplyChecked(d.At) + "\n")
	return b.String()
}

// unexplained returns the codes that no finding explains.
func unexplained(reported []*wire.Code) (out []string) {
	for _, c := range reported {
		if len(c.Causes) == 0 {
			out = append(out, sanitize.Text(c.Code, 20))
		}
	}
	return out
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
func replyList(b *strings.Builder, list []part, s replyStyle) {
	for i, p := range list {
		text := s.prose(catalog.ReplySentence(p.text))
		if len(list) > 1 {
			text = strconv.Itoa(i+1) + ". " + text
		}
		b.WriteString(text + "\n\n")
		if p.finding != nil {
			replyFix(b, p.finding, s)
		}
	}
}

func replyFix(b *strings.Builder, f *wire.Finding, s replyStyle) {
	var list []string
	for _, step := range f.Fix.Steps {
		if !strings.Contains(step, "--") && !strings.Contains(step, "domdoc ") { // advice about domdoc itself
			list = append(list, s.prose(catalog.ReplyWords(step)))
		}
	}
	theirs := f.Incident == nil && slices.Contains([]string{
		string(catalog.Tenant), string(catalog.DNSHost),
		string(catalog.RegistrarActor),
	}, f.Who)
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
			b.WriteString(s.record(catalog.ReplyFields(catalogRecord(&r))) + "\n")
		}
	}
	if len(f.Fix.Deletes) > 0 {
		b.WriteString(s.strong(catalog.ReplyDelete) + "\n")
		for _, r := range f.Fix.Deletes {
			fields := catalog.ReplyFields(catalogRecord(&r))
			if r.Value == "" {
				fields = fields[:2] // any value
			}
			b.WriteString(s.record(fields) + "\n")
		}
	}
	switch {
	case f.ETA != nil && !f.ETA.Latest.IsZero():
		b.WriteString(catalog.ReplyUntil(f.ETA.Latest) + "\n\n")
	case theirs && f.Fix.Settles != nil:
		b.WriteString(catalog.ReplySettles(time.Duration(f.Fix.Settles.Within)*time.Second, f.Fix.Settles.Latest) +
			"\n\n")
	case theirs && len(f.Fix.Records) > 0:
		b.WriteString(catalog.ReplyThenAgain + "\n\n")
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

func (plainReply) record(fields []catalog.ReplyField) string {
	wide := 0
	for _, f := range fields {
		wide = max(wide, len(f.Name))
	}
	var b strings.Builder
	for _, f := range fields {
		b.WriteString("  " + f.Name + ":" + strings.Repeat(" ", wide-len(f.Name)+1) + sanitize.Text(f.Value,
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
func (markdownReply) record(fields []catalog.ReplyField) string {
	return "\n" + mdFence("text", strings.Split(strings.TrimSuffix(plainReply{}.record(fields), "\n"), "\n"))
}

// maxReplyText is the maximum length of one text, in characters.
const maxReplyText = 2000

// replies writes a reply per domain: the output of `triage -o markdown`.
type replies struct {
	w     io.Writer
	n     int
	write func(*wire.Domain) string
	err   error
}

// AskBack writes a Markdown reply to a ticket that does not say what is needed for a diagnosis.
func AskBack(w io.Writer, ask catalog.AskBack) error {
	_, err := io.WriteString(w, writeAsk(ask, markdownReply{}))
	return err
}

// writeAsk writes the questions to the writer of a ticket.
func writeAsk(ask catalog.AskBack, s replyStyle) string {
	intro, questions := ask.Sentences()
	for i, q := range questions {
		questions[i] = s.prose(q)
	}
	return "Hello,\n\n" + s.prose(intro) + "\n" + s.steps(questions) + "\n"
}

// NewReplies returns a Formatter that writes a Markdown reply per domain.
func NewReplies(w io.Writer) Formatter { return &replies{w: w, write: ReplyMarkdown} }

// Begin writes nothing.
func (r *replies) Begin(*wire.Vantage, *wire.Tenant) error { return nil }

// Domain writes the reply about one domain.
func (r *replies) Domain(d *wire.Domain) error {
	if r.err != nil {
		return r.err
	}
	text := r.write(d)
	if r.n > 0 {
		text = "\n---\n\n" + text
	}
	r.n++
	_, r.err = io.WriteString(r.w, text)
	return r.err
}

// End writes nothing.
func (r *replies) End(*Run) error { return r.err }
