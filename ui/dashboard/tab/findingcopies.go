package tab

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"domdoc/checks/finding"
	"domdoc/checks/probe/exchange"
	"domdoc/checks/result"

	"domdoc/catalog"
	"domdoc/ui/dashboard/page"
	"domdoc/ui/render/report"
	"domdoc/ui/render/wire"
)

// findingCopies returns a finding as text, its records and its commands.
func findingCopies(r *result.Domain, f *finding.Finding, reader catalog.Reader) []page.Copyable {
	fix := f.Fix()
	var list []page.Copyable
	for _, rec := range fix.Records {
		list = append(list, page.RecordCopies(rec)...)
	}
	for _, rec := range fix.Deletes {
		list = append(list, page.DeleteCopies(rec)...)
	}
	list = append(list, page.Copyable{Label: "the finding as text", Text: FindingText(r, f, reader)},
		page.Copyable{Label: "the finding in one sentence", Text: reader.Words(f.Summary())},
		page.Copyable{Label: "the cause's id", Text: string(f.ID)})
	for _, c := range slices.Concat(fix.Commands, fix.After) {
		list = append(list, page.Copyable{Label: "command", Text: c})
	}
	for _, x := range f.Evidence {
		list = append(list, ExchangeCopies(x)...)
	}
	return list
}

// FindingText returns a finding as plain text for a ticket, in words for the reader.
func FindingText(r *result.Domain, f *finding.Finding, reader catalog.Reader) string {
	var b strings.Builder
	b.WriteString(r.Name.Unicode + ": " + reader.Words(f.Summary()) + "\n")
	b.WriteString("why: " + reader.Words(f.Why()) + "\n")
	b.WriteString("owner: " + Actors(f.Actors(), reader) + "\n")
	if u := f.Until(); u != nil && !u.Latest.IsZero() {
		b.WriteString("until: " + u.Latest.UTC().Format("2006-01-02 15:04 UTC") + " at the latest" + reason(u.Reason) +
			"\n")
	}
	fix := f.Fix()
	for i, s := range fix.Steps {
		b.WriteString(strconv.Itoa(i+1) + ". " + reader.Words(s) + "\n")
	}
	for _, rec := range fix.Records {
		b.WriteString("record: " + rec.ZoneLine() + "\n")
	}
	for _, rec := range fix.Deletes {
		b.WriteString("delete: " + rec.ZoneLine() + "\n")
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// ExchangeCopies returns a query as a line of evidence, and the command that repeats it.
func ExchangeCopies(x *exchange.Exchange) []page.Copyable {
	if x == nil {
		return nil
	}
	e := x.Evidence()
	return []page.Copyable{{Label: "evidence", Text: evidenceLine(x)}, {Label: "command", Text: e.Repro}}
}

// repliedAt returns the report of a domain for a reply that is written now: changes are made from now on.
func repliedAt(r *result.Domain, now time.Time) *wire.Domain {
	d := wire.NewDomain(r)
	for i := range d.Findings {
		if s := d.Findings[i].Fix.Settles; s != nil {
			s.Latest = catalog.MadeNow(s.Latest, time.Duration(s.Within)*time.Second, now)
		}
	}
	return d
}

// ReplyOf returns the reply to the ticket as plain text, as it is written now.
func ReplyOf(r *result.Domain, now time.Time, reader catalog.Reader) string {
	return report.Reply(repliedAt(r, now), reader)
}

// ReplyCopies returns the reply, as plain text and as Markdown, as it is written now.
func ReplyCopies(r *result.Domain, now time.Time, reader catalog.Reader) []page.Copyable {
	if r == nil {
		return nil
	}
	d := repliedAt(r, now)
	return []page.Copyable{
		{Label: "the reply to the ticket", Text: report.Reply(d, reader)},
		{Label: "the reply, as Markdown", Text: report.ReplyMarkdown(d, reader)},
	}
}
