package tab

import (
	"bytes"
	"strings"
	"time"

	"domdoc/checks/finding"

	"domdoc/catalog"
	"domdoc/ui/dashboard/page"
	"domdoc/ui/render/layout"
	"domdoc/ui/render/report"
	"domdoc/ui/render/wire"
)

// KeptPage shows a report of which only the JSON is left, as the command check prints it.
func KeptPage(p *page.Builder, d *wire.Domain, incidents []*finding.Finding, now time.Time) {
	text := keptText(d, incidents, p.Width, now)
	p.Copies = append(p.Copies, page.Copyable{Label: "the name", Text: d.Domain})
	for i := range d.Findings {
		f := &d.Findings[i]
		if !f.IsRoot() {
			continue
		}
		p.Copies = append(p.Copies, page.Copyable{Label: "the finding", Text: f.Summary + "\n" + f.Why})
		for _, r := range f.Fix.Records {
			p.Copies = append(p.Copies, page.RecordCopies(catalog.Record{
				Name: r.Name, Type: r.Type, Value: r.Value, TTL: r.TTL,
			})...)
		}
		for _, c := range f.Fix.Commands {
			p.Copies = append(p.Copies, page.Copyable{Label: "the command", Text: c})
		}
	}
	p.Copies = append(p.Copies, page.Copyable{Label: "the report", Text: text})
	p.Raw(strings.TrimRight(text, "\n"))
}

func keptText(d *wire.Domain, incidents []*finding.Finding, width int, now time.Time) string {
	d.SuppressAdvice(incidents)
	format, err := report.Find("text")
	if err != nil {
		return ""
	}
	var b bytes.Buffer
	out := format.New(&b, report.Options{Style: layout.Style{Width: width, Now: now}, FailOn: "fail"})
	if err := out.Domain(d); err != nil {
		return ""
	}
	return b.String()
}
