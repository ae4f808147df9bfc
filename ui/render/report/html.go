package report

import (
	"bytes"
	"compress/flate"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"
	"time"

	"domdoc/catalog"
	"domdoc/ui/render/layout"
	"domdoc/ui/render/wire"
)

var htmlOutput = Format{
	Name: "html", Extension: "html", Use: "a self-contained page for the browser",
	new: func(w io.Writer, o Options) Formatter { return &htmlFormat{w: w, opt: o} },
}

// htmlFormat writes a run as one page that needs nothing but itself: no script, no other file, nothing from the
// network, which its own policy forbids, too. It can be mailed, put beside a ticket, printed, and read on a phone.
// What sums up stands first, so sections wait for the end, and wait compressed: each names the same things many
// times.
type htmlFormat struct {
	w        io.Writer
	opt      Options
	page     *template.Template
	sections [numGroups]parked
	causes   causeIndex
	groups   [numGroups]int // domains
	title    string         // of a single domain,
	alone    []byte         // and its section
	domains  int
	err      error
}

//go:embed page/report.css
var pageStyle string

//go:embed page/report.html
var pageText string

// parked is text that waits, compressed.
type parked struct {
	bytes.Buffer
	z *flate.Writer
}

func (p *parked) write(text []byte) error {
	if p.z == nil {
		var err error
		if p.z, err = flate.NewWriter(&p.Buffer, flate.BestSpeed); err != nil {
			return err
		}
	}
	_, err := p.z.Write(text)
	return err
}

func (p *parked) copyTo(w io.Writer) error {
	if p.z == nil {
		return nil
	}
	if err := p.z.Close(); err != nil {
		return err
	}
	_, err := io.Copy(w, flate.NewReader(&p.Buffer))
	return err
}

// Begin reads the page's parts.
func (h *htmlFormat) Begin(*wire.Vantage, *wire.Tenant) error {
	h.causes = causeIndex{}
	style := h.opt.shared()
	h.page, h.err = template.New("page").Funcs(template.FuncMap{
		"prose":    spans,
		"sentence": func(s string) []span { return spans(sentence(strings.TrimSuffix(s, ".") + ".")) },
		"caption":  func(s string) []span { return spans(sentence(s)) },
		"glyph":    func(word string) string { return layout.VerdictGlyph(wire.ParseVerdict(word)) },
		"word":     func(v string) string { return layout.VerdictWord(wire.ParseVerdict(v)) },
		"clock":    style.Clock,
		"settles":  func(s *wire.Settles) string { return settlesSentence(s, style) },
		"day":      func(t time.Time) string { return t.UTC().Format("2006-01-02") },
		"moment":   func(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 MST") },
		"join":     func(list []string) string { return strings.Join(list, ", ") },
		"lines":    func(list []string) string { return strings.Join(list, "\n") },
		"count":    layout.Count,
	}).Parse(pageText)
	return h.err
}

// htmlDomain is a domain as the page shows it.
type htmlDomain struct {
	*wire.Domain
	N        int
	Title    string
	Sign     string
	State    string
	Kind     string // of its colour: the group's
	Folded   bool   // nothing is wrong, so it opens on demand
	Alone    bool   // the page is about nothing else
	Findings []htmlFinding
	Reported []htmlCode
	Open     []wire.Check // what could not be judged
	Grids    []grid
}

// htmlFinding is a root cause as the page shows it.
type htmlFinding struct {
	*wire.Finding
	Kind   string
	Mark   string
	Actor  string
	Under  []*wire.Finding
	Proofs []htmlProof
}

// htmlCode is one of the service's codes.
type htmlCode struct {
	Code, Name, Standing string
}

// htmlProof is an exchange.
type htmlProof struct {
	*wire.Evidence
	Said string
}

// kinds are the classes of colours by group.
var kinds = [numGroups]string{
	groupNeedsAction: "needs", groupWaiting: "waits", groupIncident: "held",
	groupUnknown: "unknown", groupHealthy: "healthy",
}

func (h *htmlFormat) finding(f *wire.Finding, under []*wire.Finding) htmlFinding {
	out := htmlFinding{
		Finding: f, Actor: owner(f), Under: under,
		Mark: layout.VerdictGlyph(wire.ParseVerdict(f.Verdict)) + " " + layout.VerdictWord(wire.ParseVerdict(f.Verdict)), Kind: f.Verdict,
	}
	if f.Certainty != "" && f.Certainty != "conclusive" {
		out.Mark += ", " + f.Certainty
	}
	if f.Known {
		out.Mark += ", known to the baseline"
	}
	if f.Ignored != nil {
		out.Mark, out.Kind = "· ignored by --ignore "+*f.Ignored, "ignored"
	}
	for i := range f.Evidence {
		out.Proofs = append(out.Proofs, htmlProof{&f.Evidence[i], evidenceOutcome(&f.Evidence[i])})
	}
	return out
}

// Domain keeps a domain's section.
func (h *htmlFormat) Domain(d *wire.Domain) error {
	if h.err != nil {
		return h.err
	}
	h.domains++
	g := groupOf(d)
	h.groups[g]++
	h.title = domainTitle(d)
	h.causes.add(d, h.domains)
	style := h.opt.shared()
	x := htmlDomain{
		Domain: d, N: h.domains, Title: domainTitle(d), Sign: domainSign(d), State: domainState(d, style),
		Kind: kinds[g], Folded: g == groupHealthy, Grids: grids(d.Propagation),
	}
	for _, f := range d.Roots() {
		x.Findings = append(x.Findings, h.finding(f, d.Consequences(f)))
	}
	for _, c := range d.Codes {
		state := "predicted"
		if c.Reported() {
			state = "reported: " + standing(&c)
			if c.ReportedAt != nil {
				state = "reported " + style.Clock(*c.ReportedAt) + ": " + standing(&c)
			}
		}
		x.Reported = append(x.Reported, htmlCode{c.Code, c.Name, state})
	}
	x.Open = slices.DeleteFunc(slices.Clone(d.Checks), func(c wire.Check) bool {
		return wire.ParseVerdict(c.Status) != catalog.Inconclusive || c.Reason == nil
	})
	var b bytes.Buffer
	if h.err = h.page.ExecuteTemplate(&b, "domain", x); h.err == nil {
		h.err = h.sections[g].write(b.Bytes())
	}
	if h.err == nil && h.domains == 1 {
		var b bytes.Buffer
		x.Alone = true
		h.err = h.page.ExecuteTemplate(&b, "domain", x)
		h.alone = b.Bytes()
	}
	return h.err
}

// htmlPage is what stands around the sections.
type htmlPage struct {
	Style   template.CSS
	Title   string
	Line    string
	Version string
	Started time.Time
	Took    time.Duration
	Cut     string
	Single  bool
	Groups  []htmlGroup
	Causes  []htmlCause
	First   []htmlOverall
	Last    []htmlOverall
}

// htmlCause are the domains with one root cause.
type htmlCause struct {
	Cause, Title, Actor, Kind, Mark string
	Domains                         []htmlLink
}

// htmlLink leads to a domain's section.
type htmlLink struct {
	N    int
	Name string
}

// htmlGroup is a group of domains.
type htmlGroup struct {
	Kind, Title string
	Count       int
	Alone       bool // its one domain is all that the page is about
}

// htmlOverall are findings about no one domain.
type htmlOverall struct {
	Title    string
	Findings []htmlFinding
}

// End writes the page.
func (h *htmlFormat) End(run *Run) error {
	if h.err != nil {
		return h.err
	}
	p := htmlPage{
		Style: template.CSS(pageStyle), Title: "Domains", Line: run.Totals.line(h.opt.Started, time.UTC, " UTC"),
		Version: h.opt.Version, Started: h.opt.Started,
		Took: run.Took.Round(time.Millisecond), Cut: run.Incomplete, Single: h.domains == 1,
	}
	for _, c := range h.causes.list() {
		x := htmlCause{
			Cause: c.cause, Title: c.title, Actor: c.owner, Kind: c.verdict.String(),
			Mark: layout.VerdictGlyph(c.verdict) + " " + layout.VerdictWord(c.verdict),
		}
		for i, name := range c.domains {
			x.Domains = append(x.Domains, htmlLink{c.positions[i], name})
		}
		p.Causes = append(p.Causes, x)
	}
	if p.Single {
		p.Title = h.title
	}
	for g, n := range h.groups {
		if n > 0 {
			p.Groups = append(p.Groups, htmlGroup{Kind: kinds[g], Title: groupTitles[g], Count: n})
		}
	}
	for _, o := range run.overall() {
		x := htmlOverall{Title: o.title}
		for _, f := range o.findings {
			x.Findings = append(x.Findings, h.finding(f, nil))
		}
		if o.first {
			p.First = append(p.First, x)
		} else {
			p.Last = append(p.Last, x)
		}
	}
	h.part("head", p)
	for g := range h.sections {
		if h.groups[g] == 0 {
			continue
		}
		h.part("group", htmlGroup{kinds[g], groupTitles[g], h.groups[g], p.Single})
		if h.err == nil && p.Single {
			_, h.err = h.w.Write(h.alone)
		} else if h.err == nil {
			h.err = h.sections[g].copyTo(h.w)
		}
		h.part("end of group", nil)
	}
	h.part("tail", p)
	return h.err
}

// part writes a part of the page.
func (h *htmlFormat) part(name string, data any) {
	if h.err != nil {
		return
	}
	var b bytes.Buffer
	if h.err = h.page.ExecuteTemplate(&b, name, data); h.err == nil {
		_, h.err = h.w.Write(b.Bytes())
	}
	if h.err != nil {
		h.err = fmt.Errorf("writing the page's %s: %w", name, h.err)
	}
}
