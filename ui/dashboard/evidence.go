package dashboard

import (
	"strconv"
	"strings"

	"domdoc/checks"
	"domdoc/checks/probe"
)

// evidencePage is the ledger: every question of the diagnosis, what came back, and the command that repeats it. What
// a finding rests on stands first.
func evidencePage(p *page, r *checks.DomainReport) {
	if len(r.Ledger) == 0 {
		p.gap()
		p.text(2, p.th.Plain, "nothing was asked")
		return
	}
	shown := shownBy(r)
	p.text(0, p.th.Faint, plural(len(r.Ledger), "question was", "questions were")+" asked. what the findings rest on:")
	rest := make([]*probe.Exchange, 0, len(r.Ledger))
	for _, x := range r.Ledger {
		if len(shown[x]) == 0 {
			rest = append(rest, x)
			continue
		}
		p.gap()
		exchange(p, x, shown[x])
	}
	if len(rest) == len(r.Ledger) {
		p.lines = nil
	}
	if len(rest) > 0 {
		p.gap()
		p.text(0, p.th.Faint, plural(len(rest), "question", "questions")+" in the order in which they were asked:")
	}
	for _, x := range rest {
		p.gap()
		exchange(p, x, nil)
	}
}

// shownBy tells which findings rest on an exchange.
func shownBy(r *checks.DomainReport) map[*probe.Exchange][]string {
	out := map[*probe.Exchange][]string{}
	for _, f := range r.Findings {
		for _, x := range f.Evidence {
			out[x] = append(out[x], f.Title)
		}
	}
	return out
}

func exchange(p *page, x *probe.Exchange, findings []string) {
	const atMost = 8 // lines of an answer; the command shows the rest
	e := x.Evidence()
	kind := e.Kind
	if e.Transport != "" && e.Transport != e.Kind && e.Transport != "udp" {
		kind += "/" + e.Transport
	}
	p.hang(0, kind, p.th.Faint, 12, p.th.Strong, e.Asked)
	said := []string{}
	if e.Rcode != nil {
		said = append(said, *e.Rcode)
	}
	if len(e.Flags) > 0 {
		said = append(said, strings.Join(e.Flags, " "))
	}
	if e.Error != "" {
		said = append(said, e.Error)
	}
	if e.EDE != nil {
		said = append(said, "the server's hint: "+*e.EDE)
	}
	line := e.Server
	if len(said) > 0 {
		line += ": " + strings.Join(said, ", ")
	}
	p.text(2, p.th.Plain, line+" ("+strconv.FormatInt(e.TookMs, 10)+" ms)")
	lines := e.Answer
	if len(lines) == 0 {
		lines = e.Authority
	}
	for i, l := range lines {
		if i == atMost {
			p.text(4, p.th.Faint, "and "+count(len(lines)-atMost)+" more lines")
			break
		}
		p.text(4, p.th.Faint, l)
	}
	if len(findings) > 0 {
		p.hang(2, p.th.Under, p.th.Warning, 2, p.th.Warning, strings.Join(findings, "; "))
	}
	if e.Repro != "" {
		p.verbatim(2, p.th.Accent, e.Repro)
	}
}
