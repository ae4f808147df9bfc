package render

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
)

// htmlFormat writes a run as one page that needs nothing but itself: no script, no other file, nothing from the
// network, which its own policy forbids, too. It can be mailed, put beside a ticket, printed, and read on a phone.
// What sums up stands first, so sections wait for the end, and wait compressed: each names the same things many
// times.
type htmlFormat struct {
	w        io.Writer
	opt      Options
	page     *template.Template
	sections [len(groupTitles)]parked
	causes   causeIndex
	groups   [len(groupTitles)]int // domains
	title    string                // of a single domain,
	alone    []byte                // and its section
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
func (h *htmlFormat) Begin(*JSONVantage, *JSONTenant) error {
	h.causes = causeIndex{}
	style := h.opt.handed()
	h.page, h.err = template.New("page").Funcs(template.FuncMap{
		"prose":    spans,
		"sentence": func(s string) []span { return spans(sentence(strings.TrimSuffix(s, ".") + ".")) },
		"caption":  func(s string) []span { return spans(sentence(s)) },
		"glyph":    func(word string) string { return glyph(verdict(word)) },
		"word":     func(v string) string { return word(verdict(v)) },
		"clock":    style.Clock,
		"settles":  func(s *JSONSettles) string { return s.sentence(style) },
		"day":      func(t time.Time) string { return t.UTC().Format("2006-01-02") },
		"moment":   func(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 MST") },
		"join":     func(list []string) string { return strings.Join(list, ", ") },
		"lines":    func(list []string) string { return strings.Join(list, "\n") },
		"count":    count,
	}).Parse(pageText)
	return h.err
}

// htmlDomain is a domain as the page shows it.
type htmlDomain struct {
	*JSONDomain
	N        int
	Title    string
	Sign     string
	State    string
	Kind     string // of its colour: the group's
	Folded   bool   // nothing is wrong, so it opens on demand
	Alone    bool   // the page is about nothing else
	Findings []htmlFinding
	Reported []htmlCode
	Open     []JSONCheck // what could not be judged
	Grids    []grid
}

// htmlFinding is a root cause as the page shows it.
type htmlFinding struct {
	*JSONFinding
	Kind   string
	Mark   string
	Actor  string
	Under  []*JSONFinding
	Proofs []htmlProof
}

// htmlCode is one of the service's codes.
type htmlCode struct {
	JSONCode
	Standing string
}

// htmlProof is an exchange.
type htmlProof struct {
	*JSONEvidence
	Said string
}

// kinds are the classes of colours by group.
var kinds = [len(groupTitles)]string{
	groupNeedsYou: "needs", groupWaiting: "waits", groupHeldUp: "held",
	groupUnknown: "unknown", groupHealthy: "healthy",
}

func (h *htmlFormat) finding(f *JSONFinding, under []*JSONFinding) htmlFinding {
	out := htmlFinding{
		JSONFinding: f, Actor: f.actor(), Under: under,
		Mark: glyph(verdict(f.Verdict)) + " " + word(verdict(f.Verdict)), Kind: f.Verdict,
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
		out.Proofs = append(out.Proofs, htmlProof{&f.Evidence[i], f.Evidence[i].said()})
	}
	return out
}

// Domain keeps a domain's section.
func (h *htmlFormat) Domain(d *JSONDomain) error {
	if h.err != nil {
		return h.err
	}
	h.domains++
	g := d.group()
	h.groups[g]++
	h.title = d.title()
	h.causes.add(d, h.domains)
	style := h.opt.handed()
	x := htmlDomain{
		JSONDomain: d, N: h.domains, Title: d.title(), Sign: d.sign(), State: d.state(style),
		Kind: kinds[g], Folded: g == groupHealthy, Grids: grids(d.Propagation),
	}
	for _, f := range d.roots() {
		x.Findings = append(x.Findings, h.finding(f, d.under(f)))
	}
	for _, c := range d.Codes {
		standing := "predicted"
		if c.reported() {
			standing = "reported: " + c.standing()
			if c.ReportedAt != nil {
				standing = "reported " + style.Clock(*c.ReportedAt) + ": " + c.standing()
			}
		}
		x.Reported = append(x.Reported, htmlCode{c, standing})
	}
	x.Open = slices.DeleteFunc(slices.Clone(d.Checks), func(c JSONCheck) bool {
		return verdict(c.Status) != catalog.Inconclusive || c.Reason == nil
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
		Style: template.CSS(pageStyle), Title: "Domains", Line: run.Summary.line(h.opt.Started, time.UTC, " UTC"),
		Version: h.opt.Version, Started: h.opt.Started,
		Took: run.Took.Round(time.Millisecond), Cut: run.Incomplete, Single: h.domains == 1,
	}
	for _, c := range h.causes.list() {
		x := htmlCause{
			Cause: c.cause, Title: c.title, Actor: c.actor, Kind: c.verdict.String(),
			Mark: glyph(c.verdict) + " " + word(c.verdict),
		}
		for i, name := range c.domains {
			x.Domains = append(x.Domains, htmlLink{c.places[i], name})
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
