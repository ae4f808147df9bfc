package report

import (
	"bytes"
	"compress/flate"
	_ "embed"
	"fmt"
	"io"
	"slices"
	"time"

	"domdoc/catalog"
	"domdoc/ui/render/layout"
	"domdoc/ui/render/wire"
)

var htmlOutput = Format{
	Name: "html", Extension: "html", Use: "a self-contained page for the browser", People: true, Shared: true,
	new: func(w io.Writer, o Options) Formatter { return &htmlFormat{w: w, opt: o} },
}

// htmlFormat writes a run as a self-contained page: no scripts, no other files, and a content security policy that
// forbids network access. It can be mailed, attached to a ticket, printed, and read on a phone. The summary comes
// first, so the sections are held until the end, compressed because they repeat themselves.
type htmlFormat struct {
	w        io.Writer
	opt      Options
	sections [numGroups]parked
	causes   causeIndex
	groups   [numGroups]int // domains
	title    string         // of a single domain
	single   []byte         // the section of a single domain
	domains  int
	err      error
}

//go:embed page/report.css
var pageStyle string

// parked is text held in compressed form.
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

// Begin writes nothing: the page begins with the totals.
func (h *htmlFormat) Begin(*wire.Vantage, *wire.Tenant) error {
	h.causes = causeIndex{}
	return nil
}

// htmlDomain is a domain on the page.
type htmlDomain struct {
	*wire.Domain
	N        int
	Title    string
	Sign     string
	State    string
	Kind     string // CSS class, by group
	Folded   bool   // healthy: opens on demand
	Alone    bool   // the only domain on the page
	Findings []htmlFinding
	Reported []htmlCode
	Open     []wire.Check // inconclusive
	Grids    []grid
}

// htmlFinding is a root cause on the page.
type htmlFinding struct {
	*wire.Finding
	Kind   string
	Mark   string
	Owner  string
	High   bool // its heading is one level higher: no domain is above it, or only one is on the page
	Under  []*wire.Finding
	Proofs []htmlProof
}

// htmlCode is one of the service's codes.
type htmlCode struct {
	Code, Name, Standing string
}

// stateKind is the CSS class of a finding's state.
func stateKind(s catalog.State) string { return s.ID() }

// htmlProof is an exchange.
type htmlProof struct {
	*wire.Evidence
	Said string
}

// kinds are the CSS classes of the groups.
var kinds = [numGroups]string{
	groupFail: "needs", groupWarn: "warns", groupWaiting: "waits", groupNotChecked: "unknown",
	groupPartial: "partial", groupPass: "healthy",
}

func (h *htmlFormat) finding(f *wire.Finding, under []*wire.Finding) htmlFinding {
	out := htmlFinding{
		Finding: f, Owner: owner(f, h.opt.Style), Under: under,
		Mark: findingMark(f),
		Kind: stateKind(f.StateNow()),
	}
	if f.Certainty != "" && f.Certainty != "conclusive" {
		out.Mark += ", " + f.Certainty
	}
	if f.Known {
		out.Mark += ", known from the baseline"
	}
	if f.Ignored != nil {
		out.Mark, out.Kind = "· ignored by --ignore "+*f.Ignored, "ignored"
	}
	for i := range f.Evidence {
		out.Proofs = append(out.Proofs, htmlProof{&f.Evidence[i], evidenceOutcome(&f.Evidence[i])})
	}
	return out
}

// Domain builds a domain's section.
func (h *htmlFormat) Domain(d *wire.Domain) error {
	if h.err != nil {
		return h.err
	}
	h.domains++
	g := groupOf(d)
	h.groups[g]++
	h.title = domainTitle(d)
	h.causes.add(d, h.domains, h.opt.Style.Reader)
	style := h.opt.shared()
	x := htmlDomain{
		Domain: d, N: h.domains, Title: domainTitle(d), Sign: domainSign(d), State: domainState(d, style),
		Kind: kinds[g], Folded: g == groupPass, Grids: grids(d.Propagation),
	}
	for _, f := range d.Roots() {
		x.Findings = append(x.Findings, h.finding(f, d.Consequences(f)))
	}
	for _, c := range d.Codes {
		state := "predicted"
		if c.Reported() {
			state = c.ReportedWord() + ": " + standing(&c)
			if c.ReportedAt != nil {
				state = "reported " + style.Clock(*c.ReportedAt) + ": " + standing(&c)
			}
		}
		x.Reported = append(x.Reported, htmlCode{c.Code, c.Name, state})
	}
	x.Open = slices.DeleteFunc(slices.Clone(d.Checks), func(c wire.Check) bool {
		return wire.ParseVerdict(c.Status) != catalog.Inconclusive || c.Reason == nil
	})
	m := markup{style: style}
	m.domain(&x)
	h.err = h.sections[g].write(m.Bytes())
	if h.err == nil && h.domains == 1 {
		x.Alone = true
		for i := range x.Findings {
			x.Findings[i].High = true
		}
		m := markup{style: style}
		m.domain(&x)
		h.single = m.Bytes()
	}
	return h.err
}

// htmlPage is the page around the sections.
type htmlPage struct {
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

// htmlCause is a root cause with its domains.
type htmlCause struct {
	Cause, Title, Owner, Kind, Mark string
	Domains                         []htmlLink
}

// htmlLink is a link to a domain's section.
type htmlLink struct {
	N    int
	Name string
}

// htmlGroup is a group of domains.
type htmlGroup struct {
	Kind, Title string
	Count       int
	Alone       bool // its domain is the only one on the page
}

// htmlOverall is a section of findings that are not about one domain.
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
		Title: "Domains", Line: run.Totals.Line(h.opt.shared(), h.opt.Style.Reader),
		Version: h.opt.Version, Started: h.opt.Started,
		Took: run.Took.Round(time.Millisecond), Cut: run.Incomplete, Single: h.domains == 1,
	}
	for _, c := range h.causes.list() {
		x := htmlCause{
			Cause: c.cause, Title: c.title, Owner: c.owner, Kind: stateKind(c.state), Mark: layout.StateMark(c.state),
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
			one := h.finding(f, nil)
			one.High = true
			x.Findings = append(x.Findings, one)
		}
		if o.first {
			p.First = append(p.First, x)
		} else {
			p.Last = append(p.Last, x)
		}
	}
	m := markup{style: h.opt.shared()}
	m.head(&p)
	h.write(m.Bytes())
	for g := range h.sections {
		if h.groups[g] == 0 {
			continue
		}
		m.Reset()
		m.group(&htmlGroup{kinds[g], groupTitles[g], h.groups[g], p.Single})
		h.write(m.Bytes())
		if p.Single {
			h.write(h.single)
		} else if h.err == nil {
			h.err = h.sections[g].copyTo(h.w)
		}
		h.write([]byte("</section>\n"))
	}
	m.Reset()
	m.tail(&p)
	h.write(m.Bytes())
	return h.err
}

// write writes a part of the page.
func (h *htmlFormat) write(part []byte) {
	if h.err == nil {
		if _, h.err = h.w.Write(part); h.err != nil {
			h.err = fmt.Errorf("writing the page: %w", h.err)
		}
	}
}
