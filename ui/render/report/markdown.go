package report

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"domdoc/catalog"
	"domdoc/checks/finding"
	"domdoc/checks/observe"
	"domdoc/ui/render/layout"
	"domdoc/ui/render/wire"
)

var markdownOutput = Format{
	Name: "markdown", Extension: "md", Use: "for a ticket or a wiki", People: true, Shared: true,
	new: func(w io.Writer, o Options) Formatter { return &markdownFormat{w: w, opt: o} },
}

// markdownFormat writes a run in GitHub's Markdown, which most trackers accept. A run over one domain is that
// domain's section, to be pasted into a ticket; a run over several starts with a summary by cause. Text from outside
// is written as code, where it cannot be markup, a link or a mention.
type markdownFormat struct {
	w       io.Writer
	opt     Options
	domains int
	single  mdSection // the section of a single domain: one level higher
	full    [numGroups]mdGroup
	brief   [numGroups]mdGroup // without evidence, used if full is too long
	healthy mdGroup            // lines of healthy domains, which follow everything else
	long    bool
	causes  causeIndex
}

// mdGroup is the sections of a group's domains. Those that certainly do not fit are only counted.
type mdGroup struct {
	sections []string
	length   int // in characters
	domains  int
}

func (g *mdGroup) add(section string) {
	g.domains++
	if g.length <= maxDocument {
		g.sections, g.length = append(g.sections, section), g.length+utf8.RuneCountInString(section)
	}
}

const (
	// maxTicket is the length in characters of all sections beyond which they lack their evidence.
	maxTicket = 56_000
	// maxDocument is the length in characters beyond which domains are left out: GitHub refuses an issue or a comment of
	// more than 65,536 characters.
	maxDocument = 65_000
	// maxCauses is the length in bytes of the table of causes.
	maxCauses = 20_000
)

// Begin writes nothing: the summary comes first.
func (m *markdownFormat) Begin(*wire.Vantage, *wire.Tenant) error {
	m.causes = causeIndex{}
	return nil
}

// Domain builds a domain's section.
func (m *markdownFormat) Domain(d *wire.Domain) error {
	m.domains++
	m.causes.add(d, m.domains, m.opt.Style.Reader)
	if quiet(d) {
		m.healthy.add(fmt.Sprintf("- %s: %s\n", mdCode(domainTitle(d)), catalog.Healthy))
		return nil
	}
	section := func(level string, brief bool) mdSection {
		s := mdSection{style: m.opt.shared(), level: level, brief: brief}
		s.domain(d)
		return s
	}
	if m.domains == 1 {
		m.single = section("##", false)
	}
	g := groupOf(d)
	brief := section("###", true)
	m.brief[g].add(brief.String())
	if m.long {
		return nil
	}
	full := section("###", false)
	m.full[g].add(full.String())
	length := 0
	for i := range m.full {
		length += m.full[i].length
	}
	if m.long = length > maxTicket; m.long {
		m.full = [numGroups]mdGroup{}
		brief := mdSection{style: m.opt.shared(), level: "##", brief: true}
		if m.domains == 1 {
			brief.domain(d)
			m.single = brief
		}
	}
	return nil
}

// quiet reports whether a domain is healthy and has nothing else to report.
func quiet(d *wire.Domain) bool {
	return wire.ParseVerdict(d.Verdict) == catalog.Pass && len(d.Findings)+len(d.LeftOut) == 0 &&
		!slices.ContainsFunc(d.Codes, func(c wire.Code) bool { return c.Reported() })
}

// End writes the document.
func (m *markdownFormat) End(run *Run) error {
	s := mdSection{style: m.opt.shared(), level: "##"}
	if m.domains != 1 {
		s.head(run, m.causes.list())
	}
	if run.Incomplete != "" {
		s.printf("> **Incomplete:** %s\n\n", mdText(run.Incomplete))
	}
	overall := run.overall()
	for _, o := range overall {
		if o.first {
			s.overall(o)
		}
	}
	end := mdSection{style: m.opt.shared(), level: "##"}
	for _, o := range overall {
		if !o.first {
			end.overall(o)
		}
	}
	end.printf("<sub>domdoc %s, %s</sub>\n", mdText(m.opt.Version), m.opt.Started.UTC().Format("2006-01-02 15:04 MST"))
	if m.domains == 1 {
		_, _ = m.single.WriteTo(&s.Buffer)
	}
	m.sections(&s, maxDocument-utf8.RuneCount(end.Bytes()))
	_, _ = end.WriteTo(&s.Buffer)
	_, err := s.WriteTo(m.w)
	return err
}

// sections writes the domains by group, those that need action first, as long as the document stays below a length in
// characters. It counts those that are left out.
func (m *markdownFormat) sections(s *mdSection, limit int) {
	const note = 300 // room for the number of domains that are left out
	length := utf8.RuneCount(s.Bytes())
	var left []string
	write := func(word, title string, g *mdGroup) {
		n := 0
		for i, section := range g.sections {
			if i == 0 {
				section = title + section
			}
			if length += utf8.RuneCountInString(section); length > limit-note {
				break
			}
			s.printf("%s", section)
			n++
		}
		if g.domains > n {
			length = limit // the others are not preferred to these
			left = append(left, fmt.Sprintf("%d %s", g.domains-n, strings.ToLower(word)))
		}
	}
	if m.domains > 1 {
		list := &m.full
		if m.long {
			list = &m.brief
			s.printf("> Evidence is omitted to keep this short; see `-o html` or `-o json`.\n\n")
		}
		for g := range list {
			write(groupTitles[g], fmt.Sprintf("## %s\n\n", groupTitles[g]), &list[g])
		}
	}
	title := ""
	if m.domains > 1 && len(m.brief[groupPass].sections) == 0 {
		title = fmt.Sprintf("## %s\n\n", groupTitles[groupPass])
	}
	write(groupTitles[groupPass], title, &m.healthy)
	if len(m.healthy.sections) > 0 {
		s.printf("\n")
	}
	if len(left) > 0 {
		s.printf("> **More domains** are left out to stay below 65,000 characters: %s. See `-o html` or `-o json`.\n\n",
			strings.Join(left, ", "))
	}
}

// mdSection is a part of the document.
type mdSection struct {
	bytes.Buffer
	style layout.Style
	level string // of its heading
	brief bool   // without evidence
}

func (s *mdSection) printf(format string, args ...any) { fmt.Fprintf(&s.Buffer, format, args...) }

// head writes the summary of a run over several domains.
func (s *mdSection) head(run *Run, causes []*causeGroup) {
	s.printf("# Domains: %s\n\n", mdText(run.Totals.Line(s.style, s.style.Reader)))
	if len(causes) == 0 {
		return
	}
	s.printf("| | Root cause | Owner | Domains |\n|---|---|---|---|\n")
	for i, c := range causes {
		if s.Len() > maxCauses {
			s.printf("| | and %s | | |\n", layout.Count(len(causes)-i, "more cause"))
			break
		}
		s.printf("| %s | %s (%s) | %s | %s |\n", mdCell(c.state.Word()), mdCell(c.title),
			mdCellCode(c.cause),
			mdCell(c.owner), mdNames(c.domains))
	}
	s.printf("\n")
}

// mdNames lists the first few names in a cell.
func mdNames(names []string) string {
	const most = 8
	var out []string
	for _, n := range names[:min(len(names), most)] {
		out = append(out, mdCellCode(n))
	}
	s := strings.Join(out, ", ")
	if len(names) > most {
		s += fmt.Sprintf(" and %d more", len(names)-most)
	}
	return s
}

// overall writes findings that are not about one domain.
func (s *mdSection) overall(o overall) {
	s.printf("## %s\n\n", mdSentence(o.title))
	for _, f := range o.findings {
		s.finding(f, nil, "")
	}
}

// domain writes one domain.
func (s *mdSection) domain(d *wire.Domain) {
	s.printf("%s %s %s: %s\n\n", s.level, domainSign(d), mdCode(domainTitle(d)), mdText(domainState(d, s.style)))
	if d.ServiceStatus != "" {
		s.printf("- service status: %s\n", mdCode(d.ServiceStatus))
	}
	for _, c := range d.Codes {
		switch {
		case !c.Reported():
			s.printf("- %s %s: predicted\n", mdCode(c.Code), mdCode(c.Name))
		case c.ReportedAt != nil:
			s.printf("- %s %s, reported %s: %s\n", mdCode(c.Code), mdCode(c.Name), s.style.Clock(*c.ReportedAt),
				mdText(standing(&c)))
		default:
			s.printf("- %s %s, %s: %s\n", mdCode(c.Code), mdCode(c.Name), c.ReportedWord(), mdText(standing(&c)))
		}
	}
	for _, c := range d.Checks {
		if wire.ParseVerdict(c.Status) == catalog.Inconclusive && c.Reason != nil {
			s.printf("- not checked: %s: %s\n", mdText(c.ID), mdText(*c.Reason))
		}
	}
	if note := LeftOutNote(d.LeftOut); note != "" {
		s.printf("- %s\n", mdText(note))
	}
	s.printf("\n")
	roots := d.Roots()
	for i, f := range roots {
		number := ""
		if len(roots) > 1 {
			number = fmt.Sprintf("%d. ", i+1)
		}
		s.finding(f, d.Consequences(f), number)
	}
	s.propagation(d.Propagation)
}

// finding writes one root cause with its owner, the fix and the evidence.
func (s *mdSection) finding(f *wire.Finding, under []*wire.Finding, number string) {
	mark := f.StateNow().Word()
	switch {
	case f.Ignored != nil:
		mark = "ignored by --ignore " + *f.Ignored
	case f.Known:
		mark += ", known from the baseline"
	}
	if f.Certainty != string(finding.Conclusive) {
		mark += ", " + f.Certainty
	}
	s.printf("%s# %s%s (%s, %s)\n\n", s.level, number, mdSentence(f.Title), mdCode(f.Cause), mdText(mark))
	s.printf("%s.\n\n", mdSentence(strings.TrimSuffix(f.Summary, ".")))
	if f.Ignored != nil {
		return
	}
	s.printf("%s.\n\n**Owner:** %s\n\n", mdSentence(strings.TrimSuffix(f.Why, ".")), mdText(owner(f, s.style)))
	if len(f.Fix.Steps) > 0 {
		s.printf("**To do**\n\n")
		for i, step := range f.Fix.Steps {
			s.printf("%d. %s\n", i+1, mdText(step))
		}
		s.printf("\n")
	}
	s.records("Record to publish", f.Fix.Records, true)
	s.records("Delete in the same change", f.Fix.Removed(), false)
	if f.ETA != nil {
		s.printf("**Until** %s at the latest: %s\n\n", s.style.Clock(f.ETA.Latest), mdText(f.ETA.Reason))
	}
	if f.Fix.Settles != nil {
		s.printf("**Takes effect:** %s\n\n", mdText(settlesSentence(f.Fix.Settles, s.style)))
	}
	if len(f.Fix.Commands) > 0 {
		s.printf("**Verify with**\n\n%s\n", mdFence("sh", f.Fix.Commands))
	}
	if len(f.Fix.After) > 0 {
		s.printf("**After the change**\n\n%s\n", mdFence("sh", f.Fix.After))
	}
	for i, u := range under {
		if i == 0 {
			s.printf("**Also affects**\n\n")
		}
		s.printf("- %s (%s)\n", mdText(u.Title), mdCode(u.Cause))
		if i == len(under)-1 {
			s.printf("\n")
		}
	}
	s.evidence(f.Evidence)
}

// records writes records as a table, in which each field can be copied separately.
func (s *mdSection) records(title string, list []wire.Record, ttl bool) {
	if len(list) == 0 {
		return
	}
	s.printf("**%s**\n\n| Name | Type | Value | TTL | Zone |\n|---|---|---|---|---|\n", title)
	for i := range list {
		r := &list[i]
		value, lives := "any", ""
		if r.Value != "" {
			value = mdCellCode(r.Value)
		}
		if ttl {
			lives = fmt.Sprint(r.TTL)
		}
		zone := ""
		if r.Zone != nil {
			zone = mdCellCode(*r.Zone)
		}
		if r.DNSHost != nil {
			zone += " at " + mdCell(*r.DNSHost)
		}
		s.printf("| %s | %s | %s | %s | %s |\n", mdCellCode(r.Host), mdCellCode(r.Type), value, lives, zone)
	}
	s.printf("\n")
}

// evidence writes the exchanges, folded because they are long.
func (s *mdSection) evidence(list []wire.Evidence) {
	if len(list) == 0 || s.brief {
		return
	}
	s.printf("<details><summary>Evidence (%s)</summary>\n\n", layout.Count(len(list), "exchange"))
	for i := range list {
		e := &list[i]
		s.printf("- %s %s, asked %s over %s: %s (%d ms)\n", e.At.UTC().Format("15:04:05"), mdCode(e.Server),
			mdCode(e.Asked), mdText(e.Transport), mdCode(evidenceOutcome(e)), e.TookMs)
		if e.Repro != "" {
			s.printf("  %s\n", mdCode(e.Repro))
		}
	}
	s.printf("\n</details>\n\n")
}

// propagation writes one folded table per record.
func (s *mdSection) propagation(rows []wire.Row) {
	if len(rows) == 0 || s.brief {
		return
	}
	s.printf("<details><summary>Propagation</summary>\n\n")
	for _, r := range rows {
		s.printf("%s %s", mdCode(r.Name), mdCode(r.Type))
		if r.Expected != nil {
			s.printf(", expected %s", mdCode(*r.Expected))
		}
		s.printf("\n\n| | Server | Answer | TTL |\n|---|---|---|---|\n")
		for i := range r.Servers {
			c := &r.Servers[i]
			ttl := ""
			if c.TTL != nil {
				ttl = fmt.Sprint(*c.TTL)
			}
			answer := mdCell(c.Error)
			if len(c.Answer) > 0 {
				answer = mdCellCode(strings.Join(firstFew(c.Answer), "; "))
			} else if c.Rcode != nil {
				answer = mdCellCode(*c.Rcode)
			}
			s.printf("| %s | %s %s | %s | %s |\n", cellSign(c)+" "+mdCell(c.State), mdCellCode(c.Server), mdCell(c.Kind),
				answer, ttl)
		}
		s.printf("\n")
	}
	s.printf("</details>\n\n")
}

// cellSign is the state of a cell as a glyph.
func cellSign(c *wire.Cell) string {
	switch observe.CellState(c.State) {
	case observe.CellMatch:
		return "✓"
	case observe.CellDiffers, observe.CellMissing:
		return "✗"
	case observe.CellError:
		return "?"
	case observe.CellNotAsked:
		return "–"
	case observe.CellSeen:
	}
	return "·"
}
