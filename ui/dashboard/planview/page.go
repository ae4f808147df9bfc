package planview

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"domdoc/catalog"
	"domdoc/catalog/moving"
	"domdoc/ui/dashboard/page"
	"domdoc/ui/dashboard/theme"
	"domdoc/ui/render/wire"
)

// column is the width of the column of labels.
const column = 13

// Page writes a plan: what each domain is before and after the change, and what changes when.
func Page(p *page.Builder, w *wire.Plan, now time.Time) {
	outcome(p, w, now)
	p.Gap()
	p.Columns(func(p *page.Builder) {
		for i := range w.Domains {
			p.Gap()
			domain(p, &w.Domains[i])
		}
		if len(w.Refused) > 0 {
			p.Head("refused by the service, if made through it")
			for i := range w.Refused {
				oneFinding(p, &w.Refused[i], p.Th.Fail, p.Th.Bad)
			}
		}
		sentences(p, "not judged", w.Open, p.Th.Unknown)
		sentences(p, "note", w.Notes, p.Th.Plain)
	}, func(p *page.Builder) {
		p.Text(0, p.Th.Strong, "zone "+w.Zone)
		if w.Move != nil {
			movePage(p, w.Move, now)
			return
		}
		records(p, w, now)
	})
}

func sentences(p *page.Builder, label string, list []string, paint theme.Paint) {
	if len(list) > 0 {
		p.Gap()
	}
	for _, s := range list {
		p.Item(2, label, column, paint, p.Say(s))
		label = ""
	}
}

// outcome says in a line or two what the change does.
func outcome(p *page.Builder, w *wire.Plan, now time.Time) {
	cured, come := 0, 0
	for _, d := range w.Domains {
		cured, come = cured+len(d.Cured), come+len(d.New)
	}
	glyph, paint := p.Th.Verdict(catalog.Pass)
	text := fmt.Sprintf("%d cured, %d new", cured, come)
	switch {
	case len(w.Refused) > 0:
		glyph, paint = p.Th.Verdict(catalog.Fail)
		text += "; the service refuses " + page.Plural(len(w.Refused), "record", "records")
	case w.Breaks:
		glyph, paint = p.Th.Verdict(catalog.Fail)
		text += "; something fails that does not fail today"
	case !w.Complete:
		glyph, paint = p.Th.Verdict(catalog.Inconclusive)
		text += "; not everything could be judged"
	}
	p.Hang(2, glyph, paint, 2, p.Th.Strong, text)
	if w.Settled != nil && w.Settled.After(w.At) {
		p.Text(4, p.Th.Plain, "seen everywhere by "+page.Clock(*w.Settled, now)+" if made at "+page.Clock(w.At, now))
	}
}

// domain writes a domain before and after the change.
func domain(p *page.Builder, d *wire.PlannedDomain) {
	name := d.Domain
	if name == "" {
		name = d.ID
	}
	p.Text(0, p.Th.Strong, name)
	state(p, "today", d.Before)
	state(p, "then", d.After)
	for i := range d.New {
		oneFinding(p, &d.New[i], "new", p.Th.Bad)
	}
	for i := range d.Cured {
		oneFinding(p, &d.Cured[i], "cured", p.Th.Good)
	}
	for i := range d.Stays {
		oneFinding(p, &d.Stays[i], "stays", p.Th.Faint)
	}
	for _, c := range d.Checks {
		if wire.ParseVerdict(c.Status) == catalog.Inconclusive && c.Reason != nil {
			p.Item(2, "not checked", column, p.Th.Unknown, c.ID+": "+p.Say(*c.Reason))
		}
	}
}

// state writes a state with its codes.
func state(p *page.Builder, label string, v wire.PlannedVerdict) {
	glyph, paint := p.Th.Verdict(wire.ParseVerdict(v.Verdict))
	s := catalog.StateOf(wire.ParseVerdict(v.Verdict), v.State == catalog.StateWaiting.ID())
	if s == catalog.StateWaiting {
		glyph, paint = p.Th.Wait, p.Th.Waiting
	}
	text := glyph + " " + s.Word()
	if len(v.Codes) > 0 {
		text += " (" + strings.Join(v.Codes, ", ") + ")"
	}
	p.Item(2, label, column, paint, text)
}

// oneFinding writes a finding: its title and sentence; of a new one, also why.
func oneFinding(p *page.Builder, f *wire.Finding, label string, paint theme.Paint) {
	p.Hang(2, label, paint, column, p.Th.Strong, f.Title)
	p.Text(2+column, p.Th.Plain, p.Say(f.Summary))
	if label != "new" {
		return
	}
	p.Text(2+column, p.Th.Faint, p.Say(f.Why))
	if len(f.Predicts) > 0 {
		p.Text(2+column, p.Th.Plain, "leads to "+strings.Join(f.Predicts, ", "))
	}
}

// records writes the changes of the zone, as a diff does.
func records(p *page.Builder, w *wire.Plan, now time.Time) {
	if len(w.Records) == 0 {
		p.Text(2, p.Th.Plain, catalog.NoRecords(w.LeftOut > 0, len(w.Open) > 0))
	}
	for _, r := range w.Records {
		if !r.Known {
			p.Text(2, p.Th.Unknown, "no server of the zone says what "+r.Name+" ("+r.Type+") has today")
		}
		same := r.TTLBefore != nil && r.TTLAfter != nil && *r.TTLBefore == *r.TTLAfter
		side(p, "-", r, r.Before, r.After, r.TTLBefore, same, p.Th.Bad)
		side(p, "+", r, r.After, r.Before, r.TTLAfter, same, p.Th.Good)
		if r.Settles != nil {
			within := time.Duration(r.Settles.Within) * time.Second
			p.Item(4, "takes effect", column, p.Th.Plain,
				catalog.SettlesIn(within, page.Clock(r.Settles.Latest, now), p.Say(r.Settles.Reason)))
		}
		for i, c := range r.Cached {
			label := ""
			if i == 0 {
				label = "cached now"
			}
			p.Item(4, label, column, p.Th.Plain, c.Resolver+" until "+page.Clock(c.Until, now))
		}
	}
}

// side writes the values of an RRset that the other side does not have.
func side(p *page.Builder, mark string, r wire.PlannedRecord, values, other []string, ttl *uint32, same bool,
	paint theme.Paint,
) {
	for _, v := range values {
		if same && slices.Contains(other, v) {
			continue
		}
		words := []string{r.Name}
		if ttl != nil {
			words = append(words, fmt.Sprint(*ttl))
		}
		p.Hang(2, mark, paint, 2, paint, strings.Join(append(words, r.Type, v), " "))
	}
}

// movePage writes a move to another DNS host: the servers, what differs, and the steps in their order.
func movePage(p *page.Builder, m *wire.Move, now time.Time) {
	servers(p, "today", m.Old)
	servers(p, "then", m.New)
	p.Item(2, "compared", column, p.Th.Plain, page.Plural(m.Compared, "question", "questions")+"; "+
		page.Count(len(m.Differences))+" differ")
	if !m.AllNames {
		p.Item(2, "", column, p.Th.Faint, "only the names that are known: domdoc plan --zone compares those of a zone file")
	}
	p.Item(2, "DNSSEC", column, p.Th.Plain, p.Say(m.DNSSEC.Means))
	for i := range m.Differences {
		difference(p, &m.Differences[i])
	}
	for _, u := range m.Unjudged {
		p.Item(2, "not judged", column, p.Th.Unknown, p.Say(u))
	}
	if len(m.Steps) > 0 {
		p.Head("steps")
	}
	for i := range m.Steps {
		step(p, i+1, &m.Steps[i], now)
	}
}

func servers(p *page.Builder, label string, list []wire.MoveServer) {
	for _, s := range list {
		text, paint := s.Host, p.Th.Plain
		if s.Addr != "" {
			text += " (" + s.Addr + ")"
		}
		text += ": " + moving.State(s.State).Phrase()
		if s.Detail != "" {
			text += ": " + s.Detail
		}
		if moving.State(s.State) != moving.Serves {
			paint = p.Th.Unknown
		}
		p.Item(2, label, column, paint, text)
		label = ""
	}
}

// difference writes an RRset that the new servers answer otherwise.
func difference(p *page.Builder, d *wire.MoveDifference) {
	label, paint := "harmless", p.Th.Faint
	if d.Matters {
		label, paint = "breaks", p.Th.Bad
	}
	said := func(values []string) string {
		if len(values) == 0 {
			return "nothing"
		}
		return strings.Join(values, ", ")
	}
	p.Hang(2, label, paint, column, p.Th.Strong, d.Name+" "+d.Type+": "+moving.Kind(d.Kind).Phrase())
	text := "today " + said(d.Old) + ", then " + said(d.New)
	if len(d.Servers) > 0 {
		text += " at " + strings.Join(d.Servers, ", ")
	}
	for _, more := range []string{d.Breaks, d.Why} {
		if more != "" {
			text += "; " + more
		}
	}
	p.Text(2+column, p.Th.Plain, text)
}

// step writes a numbered step with its times and what shows that it is done.
func step(p *page.Builder, n int, s *wire.MoveStep, now time.Time) {
	p.Hang(2, fmt.Sprintf("%d.", n), p.Th.Faint, 4, p.Th.Plain, page.Clock(s.At, now)+": "+p.Say(s.Text))
	for _, r := range s.Records {
		what := "nothing"
		if len(r.Values) > 0 {
			what = strings.Join(r.Values, ", ")
		}
		if r.TTL > 0 {
			what += fmt.Sprintf(" (TTL %d)", r.TTL)
		}
		p.Text(6, p.Th.Faint, r.Name+" "+r.Type+": "+what)
	}
	if s.Note != "" {
		p.Text(6, p.Th.Faint, p.Say(s.Note))
	}
	if s.Wait > 0 {
		p.Item(6, "then wait", column, p.Th.Waiting, catalog.AtMost(time.Duration(s.Wait)*time.Second)+", until "+
			page.Clock(s.Until, now)+": "+p.Say(s.Why))
	}
	const most = 2
	for _, c := range s.Commands[:min(len(s.Commands), most)] {
		p.Verbatim(6, p.Th.Accent, c)
	}
	if len(s.Commands) > 0 {
		p.Text(6, p.Th.Faint, p.Say(s.Expect))
	}
}
