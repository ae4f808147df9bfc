package tab

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"domdoc/catalog"
	"domdoc/checks/observe"
	"domdoc/ui/dashboard/page"
	"domdoc/ui/dashboard/theme"
	"domdoc/ui/render/report"
	"domdoc/ui/render/wire"
)

// KeptTab shows a tab, other than the findings, of a report of which only the JSON is left.
func KeptTab(p *page.Builder, t ID, d *wire.Domain, now time.Time) {
	switch t {
	case Propagation:
		keptPropagation(p, d)
	case Records:
		keptRecords(p, d)
	case Certificate:
		keptCertificates(p, d, now)
	case Registration:
		keptRegistration(p, d, now)
	case Routes:
		if h := d.Facts.HTTP; h != nil {
			p.Head("the page")
			fact(p, "HTTP status", strconv.Itoa(h.Status))
			fact(p, "redirects", strconv.Itoa(h.Hops))
		}
	case Service:
		keptService(p, d, now)
	case Ledger:
		keptEvidence(p, d)
	case Findings, Changes, Count:
	}
	keptFaults(p, t, d)
}

// KeptMarks is Marks for a report of which only the JSON is left.
func KeptMarks(th *theme.Theme, d *wire.Domain) (out [Count]Mark) {
	if d == nil {
		return out
	}
	for _, f := range d.Roots() {
		if t := tabOfCause(f.Cause); t != Findings && out[t].Glyph == "" {
			out[t].Glyph, out[t].paint = keptGlyph(th, f)
		}
	}
	return out
}

func tabOfCause(id string) ID {
	if c, ok := catalog.FindCause(id); ok {
		return tabOfRung(c.Rung, id)
	}
	return Findings
}

func keptGlyph(th *theme.Theme, f *wire.Finding) (string, theme.Paint) {
	if f.StateNow() == catalog.StateWaiting {
		return th.Wait, th.Waiting
	}
	return th.Verdict(wire.ParseVerdict(f.Verdict))
}

// keptFaults lists the root causes that concern a tab.
func keptFaults(p *page.Builder, t ID, d *wire.Domain) {
	head := false
	for _, f := range d.Roots() {
		if tabOfCause(f.Cause) != t {
			continue
		}
		if !head {
			p.Head("found")
			head = true
		}
		glyph, paint := keptGlyph(p.Th, f)
		p.Hang(2, glyph, paint, 2, p.Th.Strong, p.Say(f.Summary))
		if f.ETA != nil {
			p.Item(4, "until", Label, p.Th.Waiting, "latest "+page.Until(f.ETA.Latest, d.At)+reason(p.Say(f.ETA.Reason)))
		}
	}
}

// keptPropagation shows each record with the answer of every server at the time of the diagnosis.
func keptPropagation(p *page.Builder, d *wire.Domain) {
	if len(d.Propagation) == 0 {
		p.Gap()
		p.Text(2, p.Th.Plain, "no record is expected, and none was found")
	}
	for _, row := range d.Propagation {
		p.Gap()
		p.Hang(2, row.Type, p.Th.Strong, 6, p.Th.Strong, row.Name+keptRole(row.Role))
		if row.Expected != nil {
			p.Item(4, "expected", Label, p.Th.Plain, *row.Expected)
		}
		for _, c := range row.Servers {
			glyph, word, paint := cellState(p.Th, observe.Cell{State: observe.CellState(c.State)})
			text := strings.Join(c.Answer, ", ")
			switch {
			case text != "":
			case c.Error != "":
				text = c.Error
			case c.Rcode != nil:
				text = *c.Rcode
			}
			if c.TTL != nil {
				text += "  (ttl " + strconv.FormatUint(uint64(*c.TTL), 10) + ")"
			}
			p.Hang(4, glyph+" "+word, paint, Label, p.Th.Plain, c.Server+": "+text)
		}
	}
}

func keptRole(role *string) string {
	if role == nil {
		return ""
	}
	return ", the " + catalog.Role(*role).Phrase()
}

// keptRecords shows the records that the service expects, and those to set.
func keptRecords(p *page.Builder, d *wire.Domain) {
	p.Head("expected")
	none := true
	for _, row := range d.Propagation {
		if row.Expected == nil {
			continue
		}
		none = false
		p.Hang(2, row.Type, p.Th.Strong, 6, p.Th.Plain, row.Name+keptRole(row.Role))
		p.Field(8, "value", 7, *row.Expected)
	}
	if none {
		p.Text(2, p.Th.Faint, "no record is expected")
	}
	var fix catalog.Fix
	for _, f := range d.Roots() {
		for _, r := range f.Fix.Records {
			fix.Records = append(fix.Records, plainRecord(r))
		}
		for _, r := range f.Fix.Deletes {
			fix.Deletes = append(fix.Deletes, plainRecord(r))
		}
	}
	if fix.Records, fix.Deletes = unique(fix.Records), unique(fix.Deletes); len(fix.Records)+len(fix.Deletes) > 0 {
		p.Head("to set")
		RecordCards(p, fix)
	}
	for _, r := range fix.Records {
		p.Copies = append(p.Copies, page.RecordCopies(r)...)
	}
	for _, r := range fix.Deletes {
		p.Copies = append(p.Copies, page.DeleteCopies(r)...)
	}
}

func plainRecord(r wire.Record) catalog.Record {
	out := catalog.Record{Name: r.Name, Type: r.Type, Value: r.Value, TTL: r.TTL}
	if r.Zone != nil {
		out.Zone = *r.Zone
	}
	if r.DNSHost != nil {
		out.Host = *r.DNSHost
	}
	return out
}

func unique(list []catalog.Record) []catalog.Record {
	var out []catalog.Record
	for _, r := range list {
		if !slices.Contains(out, r) {
			out = append(out, r)
		}
	}
	return out
}

func keptCertificates(p *page.Builder, d *wire.Domain, now time.Time) {
	p.Head("at the edge")
	if len(d.Facts.Certificates) == 0 {
		p.Text(2, p.Th.Faint, "not queried")
	}
	for _, c := range d.Facts.Certificates {
		p.Text(2, p.Th.Strong, c.Address+": "+catalog.HandshakeWords(c.State))
		fact(p, "names", strings.Join(c.Names, ", "))
		if c.Issuer != nil {
			fact(p, "issuer", *c.Issuer)
		}
		if c.NotAfter != nil {
			fact(p, "until", dayAgo(*c.NotAfter, now))
		}
		fact(p, "why", c.Reason)
	}
}

func keptRegistration(p *page.Builder, d *wire.Domain, now time.Time) {
	p.Head("registration")
	if r := d.Facts.Registration; r != nil {
		p.Text(2, p.Th.Strong, r.Domain+": "+catalog.RegistrationWords(r.State))
		fact(p, "why", r.Reason)
		if r.Registrar != nil {
			fact(p, "registrar", *r.Registrar)
		}
		if r.CreatedAt != nil {
			fact(p, "created", dayAgo(*r.CreatedAt, now))
		}
		if r.ExpiresAt != nil {
			expiry(p, *r.ExpiresAt, now)
		}
		fact(p, "status", strings.Join(r.Statuses, ", "))
		if r.Source != nil && r.Server != nil {
			fact(p, "source", strings.ToUpper(*r.Source)+" "+*r.Server)
		}
	} else {
		p.Text(2, p.Th.Faint, "not queried")
	}
	p.Head("delegation")
	z := d.Facts.Delegation
	if z == nil {
		p.Text(2, p.Th.Faint, "not queried")
		return
	}
	fact(p, "zone", z.Zone)
	if z.DNSHost != nil {
		fact(p, "DNS host", *z.DNSHost)
	}
	fact(p, "above", strings.Join(z.ParentNS, ", "))
	fact(p, "in the zone", strings.Join(z.ChildNS, ", "))
	fact(p, "DNSSEC", catalog.SecurityWords(z.DNSSEC))
}

func keptService(p *page.Builder, d *wire.Domain, now time.Time) {
	p.Head("at the service")
	fact(p, "status", d.ServiceStatus)
	fact(p, "id", d.ID)
	for _, c := range d.Codes {
		if !c.Reported() {
			continue
		}
		text := c.Name
		if c.ReportedAt != nil {
			text += ", reported " + page.Ago(*c.ReportedAt, now)
		}
		if c.Hint {
			text += ", " + catalog.Mentioned
		}
		p.Hang(2, c.Code, p.Th.Strong, factLabel, p.Th.Plain, text)
		p.Text(2+factLabel, p.Th.Faint, p.Say(c.Message))
	}
}

// keptEvidence lists the answers that the findings rest on, each once.
func keptEvidence(p *page.Builder, d *wire.Domain) {
	p.Head("answers that the findings rest on")
	seen := map[string]bool{}
	for i := range d.Findings {
		for j := range d.Findings[i].Evidence {
			e := &d.Findings[i].Evidence[j]
			line := report.EvidenceLine(e)
			if seen[line] {
				continue
			}
			seen[line] = true
			p.Gap()
			p.Text(2, p.Th.Plain, p.Say(line))
			if e.Repro != "" {
				p.Verbatim(4, p.Th.Accent, e.Repro)
				p.Copies = append(p.Copies, page.Copyable{Label: "the command", Text: e.Repro})
			}
		}
	}
	if len(seen) == 0 {
		p.Text(2, p.Th.Faint, "there are no findings")
	}
}
