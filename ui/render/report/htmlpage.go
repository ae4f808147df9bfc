package report

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"time"

	"domdoc/ui/render/layout"
	"domdoc/ui/render/wire"
)

// markup is HTML in the making. html/template is not used: it finds methods by their names, for which the linker has
// to keep those of every type in the program.
type markup struct {
	bytes.Buffer
	style layout.Style
}

// escaper makes any text safe between tags and in a quoted attribute, as html/template's does.
var escaper = strings.NewReplacer("\x00", "\uFFFD", `"`, "&#34;", "&", "&amp;", "'", "&#39;", "+", "&#43;", "<",
	"&lt;",
	">", "&gt;")

// prose is text in which names and values are set as code.
type prose string

// put writes HTML with values in place of each {}: a string, which is escaped, prose or a number. The values must
// stand between tags or in quoted attributes, and not in a style, a script or the address of a link.
func (m *markup) put(format string, values ...any) {
	for _, v := range values {
		before, after, ok := strings.Cut(format, "{}")
		if !ok {
			panic("report: a value without its place in " + format)
		}
		m.WriteString(before)
		format = after
		switch v := v.(type) {
		case string:
			_, _ = escaper.WriteString(m, v)
		case prose:
			m.prose(spans(string(v)))
		case int:
			m.WriteString(strconv.Itoa(v))
		case int64:
			m.WriteString(strconv.FormatInt(v, 10))
		default:
			panic(fmt.Sprintf("report: %T in HTML", v))
		}
	}
	m.WriteString(format)
}

// optional writes HTML with a value if there is one.
func (m *markup) optional(format string, value *string) {
	if value != nil {
		m.put(format, *value)
	}
}

// nonempty writes HTML with a value if it is not empty.
func nonempty[T ~string](m *markup, format string, value T) {
	if value != "" {
		m.put(format, value)
	}
}

func (m *markup) prose(list []span) {
	for _, s := range list {
		if s.Code {
			m.put("<code>{}</code>", s.Text)
		} else {
			m.put("{}", s.Text)
		}
	}
}

// commas writes a list with the HTML of each element.
func (m *markup) commas(format string, list []string) {
	for i, s := range list {
		if i > 0 {
			m.put(", ")
		}
		m.put(format, s)
	}
}

// caption is a text with a capital letter, and full one that ends with a full stop as well.
func caption(s string) prose { return prose(sentence(s)) }
func full(s string) prose    { return caption(strings.TrimSuffix(s, ".") + ".") }

func day(t time.Time) string    { return t.UTC().Format("2006-01-02") }
func moment(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 MST") }

func (m *markup) head(p *htmlPage) {
	m.put(`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; ` +
		`form-action 'none'">
`)
	m.put("<meta name=\"generator\" content=\"domdoc {}\">\n<title>{}: {}</title>\n<style>\n", p.Version, p.Title,
		p.Line)
	m.WriteString(pageStyle)
	m.put("</style>\n</head>\n<body>\n<header>\n<h1>{}</h1>\n<p class=\"line\">{}</p>\n", p.Title, p.Line)
	m.put("<p class=\"dim\">checked {} in {} by domdoc {}</p>\n", moment(p.Started), p.Took.String(), p.Version)
	nonempty(m, "<p class=\"cut\"><strong>Incomplete:</strong> {}</p>\n", prose(p.Cut))
	if !p.Single {
		m.put(`<nav class="tiles" aria-label="domains to show">
<input type="radio" name="show" class="show" id="show-all" checked><label class="tile all" for="show-all">` +
			"<b>all</b> <span>domains</span></label>\n")
		for _, g := range p.Groups {
			m.put(`<input type="radio" name="show" class="show" id="show-{}"><label class="tile {}" for="show-{}">`+
				"<b>{}</b> <span>{}</span></label>\n", g.Kind, g.Kind, g.Kind, g.Count, g.Title)
		}
		m.put("</nav>\n")
	}
	m.put("</header>\n<main>\n")
	for i := range p.First {
		m.overall(&p.First[i])
	}
	if p.Single || len(p.Causes) == 0 {
		return
	}
	m.put(`<section class="causes">
<h2>By cause</h2>
<table>
<thead><tr><th scope="col">Root cause</th><th scope="col">Owner</th><th scope="col">Domains</th></tr></thead>
<tbody>
`)
	for _, c := range p.Causes {
		m.put(`<tr><td><span class="mark {}">{}</span> {}<br><code class="dim">{}</code></td><td>{}</td><td>`, c.Kind,
			c.Mark,
			caption(c.Title), c.Cause, prose(c.Owner))
		if len(c.Domains) > 3 {
			m.put(`<details class="more"><summary>{}</summary>`, layout.Count(len(c.Domains), "domain"))
			m.links(c.Domains)
			m.put("</details>")
		} else {
			m.links(c.Domains)
		}
		m.put("</td></tr>\n")
	}
	m.put("</tbody>\n</table>\n</section>\n")
}

func (m *markup) links(list []htmlLink) {
	for i, l := range list {
		if i > 0 {
			m.put(", ")
		}
		m.put(`<a href="#d{}">{}</a>`, l.N, l.Name)
	}
}

func (m *markup) group(g *htmlGroup) {
	m.put("<section class=\"group {}\">\n", g.Kind)
	if !g.Alone {
		m.put("<h2>{} <span class=\"dim\">{}</span></h2>\n", g.Title, g.Count)
	}
}

func (m *markup) tail(p *htmlPage) {
	for i := range p.Last {
		m.overall(&p.Last[i])
	}
	m.put("</main>\n<footer class=\"dim\">Written by domdoc {}. This page is self-contained. Times are in "+
		"UTC.</footer>\n"+
		"</body>\n</html>\n", p.Version)
}

func (m *markup) overall(o *htmlOverall) {
	m.put("<section class=\"overall\">\n<h2>{}</h2>\n", caption(o.Title))
	for i := range o.Findings {
		m.finding(&o.Findings[i])
	}
	m.put("</section>\n")
}

// heading writes a heading of one of two levels around what inside writes.
func (m *markup) heading(high bool, level int, class string, inside func()) {
	if !high {
		level++
	}
	m.put(`<h{} class="{}">`, level, class)
	inside()
	m.put("</h{}>", level)
}

func (m *markup) domain(d *htmlDomain) {
	if d.Folded {
		m.put(`<details class="domain {}" id="d{}"`, d.Kind, d.N)
		if d.Alone {
			m.put(" open")
		}
		m.put(">\n<summary>")
		m.heading(d.Alone, 2, "of-domain", func() {
			m.put(`<span class="mark pass">{}</span> <span class="name">{}</span>`, d.Sign, d.Title)
			for _, c := range d.Reported {
				m.put(` <span class="dim">({} {})</span>`, c.Code, c.Standing)
			}
		})
		m.put("</summary>\n")
	} else {
		m.put("<section class=\"domain {}\" id=\"d{}\">\n", d.Kind, d.N)
		m.heading(d.Alone, 2, "of-domain", func() {
			m.put(`<span class="name">{}</span> <span class="mark {}">{} {}</span>`, d.Title, d.Verdict, d.Sign, d.State)
		})
		m.put("\n")
	}
	if d.ServiceStatus != "" || len(d.Reported) > 0 || d.ID != "" || d.Profile != "" {
		m.put("<ul class=\"about\">\n")
		nonempty(m, "<li>service status <code>{}</code></li>\n", d.ServiceStatus)
		nonempty(m, "<li>id <code>{}</code></li>\n", d.ID)
		nonempty(m, "<li>profile <code>{}</code></li>\n", d.Profile)
		for _, c := range d.Reported {
			m.put("<li><code>{}</code> <code class=\"dim\">{}</code> {}</li>\n", c.Code, c.Name, prose(c.Standing))
		}
		m.put("</ul>\n")
	}
	for _, c := range d.Open {
		m.put("<p class=\"open\"><span class=\"mark inconclusive\">? not checked</span> {}: {}</p>\n", c.ID,
			prose(wire.OrBlank(c.Reason)))
	}
	for i := range d.Findings {
		m.finding(&d.Findings[i])
	}
	if len(d.Grids) > 0 {
		m.put("<div class=\"grids\">\n")
		m.heading(d.Alone, 3, "of-finding", func() {
			m.put(`Propagation <span class="dim small">with the TTL of each answer</span>`)
		})
		m.put("\n")
		for i := range d.Grids {
			m.grid(&d.Grids[i])
		}
		m.put("</div>\n")
	}
	m.facts(&d.Facts)
	if d.Folded {
		m.put("</details>\n")
	} else {
		m.put("</section>\n")
	}
}

func (m *markup) finding(f *htmlFinding) {
	m.put("<article class=\"finding {}\">\n", f.Kind)
	m.heading(f.High, 3, "of-finding", func() {
		m.put(`{} <code class="dim">{}</code> <span class="mark {}">{}</span>`, caption(f.Title), f.Cause, f.Kind, f.Mark)
	})
	m.put("\n<p>{}</p>\n", full(f.Summary))
	if f.Ignored == nil {
		m.details(f)
	}
	m.put("</article>\n")
}

// details writes what there is about a finding beside its summary.
func (m *markup) details(f *htmlFinding) {
	m.put("<p class=\"why\">{}</p>\n<dl class=\"brief\">\n<div><dt>Owner</dt><dd>{}</dd></div>\n", full(f.Why),
		prose(f.Owner))
	if len(f.Predicts) > 0 {
		m.put("<div><dt>Leads to</dt><dd>")
		m.commas("<code>{}</code>", f.Predicts)
		m.put("</dd></div>\n")
	}
	if f.ETA != nil {
		m.put("<div><dt>Until</dt><dd><strong>{} at the latest</strong>: {}</dd></div>\n", m.style.Clock(f.ETA.Latest),
			prose(f.ETA.Reason))
	}
	m.put("</dl>\n")
	m.fix(&f.Fix)
	if len(f.Under) > 0 {
		m.put("<details class=\"more\"><summary>Also affects ({})</summary>\n<ul>\n", len(f.Under))
		for _, u := range f.Under {
			m.put("<li>{} <code class=\"dim\">{}</code><br>{}</li>\n", caption(u.Title), u.Cause, full(u.Summary))
		}
		m.put("</ul>\n</details>\n")
	}
	if len(f.Proofs) > 0 {
		m.put("<details><summary>Evidence ({})</summary>\n<ul class=\"evidence\">\n",
			layout.Count(len(f.Proofs), "exchange"))
		for i := range f.Proofs {
			m.proof(&f.Proofs[i])
		}
		m.put("</ul>\n</details>\n")
	}
	if len(f.Refs) > 0 {
		m.put("<p class=\"refs dim\">{}</p>\n", strings.Join(f.Refs, ", "))
	}
}

func (m *markup) fix(f *wire.Fix) {
	if len(f.Steps) > 0 {
		m.put("<ol class=\"steps\">\n")
		for _, s := range f.Steps {
			m.put("<li>{}</li>\n", caption(s))
		}
		m.put("</ol>\n")
	}
	if len(f.Records) > 0 || len(f.Deletes) > 0 {
		m.put("<div class=\"cards\">\n")
		for i := range f.Records {
			m.record(&f.Records[i], "record", "Record")
			m.put("<div><dt>Value</dt><dd><code class=\"copy\">{}</code></dd></div>\n", f.Records[i].Value)
			m.put("<div><dt>TTL</dt><dd><code class=\"copy\">{}</code></dd></div>\n</dl>\n", f.Records[i].TTL)
		}
		for i := range f.Deletes {
			m.record(&f.Deletes[i], "record gone", "Delete")
			m.put("<div><dt>Value</dt><dd>")
			if f.Deletes[i].Value != "" {
				m.put(`<code class="copy">{}</code>`, f.Deletes[i].Value)
			} else {
				m.put("any")
			}
			m.put("</dd></div>\n</dl>\n")
		}
		m.put("</div>\n")
	}
	if f.Settles != nil {
		m.put("<p class=\"why\">{}</p>\n", full(settlesSentence(f.Settles, m.style)))
	}
	const commands = "<pre class=\"commands\"><code>{}</code></pre>\n"
	if len(f.Commands) > 0 {
		m.put(commands, strings.Join(f.Commands, "\n"))
	}
	if len(f.After) > 0 {
		m.put("<p class=\"dim\">after the change:</p>"+commands, strings.Join(f.After, "\n"))
	}
}

// record writes the beginning of a record's card.
func (m *markup) record(r *wire.Record, class, title string) {
	m.put("<dl class=\"{}\">\n<div><dt>{}</dt><dd>", class, title)
	m.optional("in <code>{}</code>", r.Zone)
	m.optional(" at {}", r.DNSHost)
	m.put("</dd></div>\n<div><dt>Name</dt><dd><code class=\"copy\">{}</code></dd></div>\n", r.Host)
	m.put("<div><dt>Type</dt><dd><code class=\"copy\">{}</code></dd></div>\n", r.Type)
}

func (m *markup) proof(p *htmlProof) {
	m.put("<li>\n<p><span class=\"dim\">{}</span> <code>{}</code>, asked <code>{}</code>", moment(p.At), p.Server,
		p.Asked)
	nonempty(m, " over {}", p.Transport)
	m.put(" <span class=\"dim\">({} ms)</span></p>\n<p class=\"said\"><code>{}</code></p>\n", p.TookMs, p.Said)
	nonempty(m, "<pre><code>{}</code></pre>\n", p.Repro)
	m.put("</li>\n")
}

func (m *markup) grid(g *grid) {
	m.put("<figure class=\"grid\">\n<svg viewBox=\"0 0 {} {}\" width=\"{}\" height=\"{}\" role=\"img\" "+
		"aria-label=\"{}\">\n",
		g.Width, g.Height, g.Width, g.Height, g.Label)
	for _, c := range g.Columns {
		m.put(`<g><title>{}</title><text class="role" x="{}" y="14" text-anchor="middle">{}</text>`+
			"<text class=\"type\" x=\"{}\" y=\"28\" text-anchor=\"middle\">{}</text></g>\n", c.Title, c.X, c.Role, c.X,
			c.Type)
	}
	for _, r := range g.Rows {
		if r.Border {
			m.put(`<line x1="0" y1="{}" x2="{}" y2="{}"/>`, r.LineY, r.TextEnd, r.LineY)
		}
		m.put("<g><title>{}</title><text class=\"server\" x=\"0\" y=\"{}\">{}</text></g>\n", r.Title, r.Y, r.Server)
	}
	for _, c := range g.Cells {
		m.put(`<g class="cell {}"><title>{}</title><rect x="{}" y="{}" width="72" height="20" rx="4"/>`+
			"<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text></g>\n", c.State, c.Title, c.X, c.Y, c.TextX, c.TextY,
			c.Text)
	}
	m.put("</svg>\n<figcaption>\n")
	for _, n := range g.Notes {
		m.put(`<div class="note"><p><code>{}</code> <code>{}</code>`, n.Name, n.Type)
		nonempty(m, ", expected <code>{}</code>", n.Expected)
		m.put("</p>\n<ul>\n")
		for _, l := range n.Lines {
			m.put(`<li><span class="mark {}">{} {}</span> {}`, l.State, l.Sign, l.State, l.Servers)
			switch {
			case l.Answer:
				m.put(": <code>{}</code>", l.Has)
			case l.Has != "":
				m.put(": {}", prose(l.Has))
			}
			m.put("</li>\n")
		}
		m.put("</ul></div>\n")
	}
	m.put("</figcaption>\n</figure>\n")
}

func (m *markup) facts(f *wire.Facts) {
	if f.Registration == nil && f.Delegation == nil && len(f.Certificates) == 0 && f.HTTP == nil {
		return
	}
	m.put("<details class=\"facts\"><summary>Facts</summary>\n<dl class=\"brief\">\n")
	if r := f.Registration; r != nil {
		m.put("<div><dt>Registration</dt><dd><code>{}</code> is {}", r.Domain, r.State)
		m.optional(" at {}", r.Registrar)
		if r.ExpiresAt != nil {
			m.put(" until {}", day(*r.ExpiresAt))
		}
		m.optional(", source {}", r.Source)
		m.optional(" at <code>{}</code>", r.Server)
		nonempty(m, ": {}", prose(r.Reason))
		nonempty(m, "<br>{}", strings.Join(r.Statuses, ", "))
		m.put("</dd></div>\n")
	}
	if d := f.Delegation; d != nil {
		m.put("<div><dt>Zone</dt><dd><code>{}</code>", d.Zone)
		m.optional(" at {}", d.DNSHost)
		m.put(", DNSSEC {}<br>", d.DNSSEC)
		m.commas("<code>{}</code>", d.ParentNS)
		m.put("</dd></div>\n")
	}
	for _, c := range f.Certificates {
		m.put("<div><dt>Certificate</dt><dd><code>{}</code>: {}", c.Address, c.State)
		m.optional(", issued by {}", c.Issuer)
		if c.NotAfter != nil {
			m.put(", until {}", day(*c.NotAfter))
		}
		if len(c.Names) > 0 {
			m.put("<br>")
			m.commas("<code>{}</code>", c.Names)
		}
		nonempty(m, ": {}", prose(c.Reason))
		m.put("</dd></div>\n")
	}
	if h := f.HTTP; h != nil {
		m.put("<div><dt>Page</dt><dd>HTTP {} after {}</dd></div>\n", h.Status, layout.Count(h.Hops, "request"))
	}
	m.put("</dl>\n</details>\n")
}
