package dashboard

import (
	"time"

	"domdoc/checks/result"

	"domdoc/checks/progress"
	"domdoc/ui/dashboard/action"
	"domdoc/ui/dashboard/page"
	"domdoc/ui/dashboard/theme"
)

// changesPage is the timeline of a domain, the last change first.
func (d *detailScreen) changesPage(p *page.Builder, r *result.Domain, now time.Time) {
	t := d.Changelog.Get(d.id)
	if it := d.Watch.Get(d.id); it != nil {
		text := "watched: the bell rings once it is healthy"
		if it.Healthy() {
			text = "watched: it is healthy"
		}
		if it.At.After(now) {
			text += "; next check at " + it.At.In(now.Location()).Format("15:04:05 MST") + " (" + it.Next.Reason.Phrase() + ")"
		}
		p.Hang(2, d.Th.Watch, d.Th.Waiting, 2, d.Th.Plain, text)
	} else {
		p.Text(2, d.Th.Faint, d.KeyOf(action.ScopeDetail, action.Watch)+
			" watches this domain: it is checked again when its answers may have changed, and changes are listed here")
	}
	p.Gap()
	if t == nil {
		p.Text(2, d.Th.Strong, "nothing to compare yet")
		p.Text(2, d.Th.Plain, "the domain was diagnosed once, "+page.Ago(r.At, now)+"; "+d.KeyOf(action.ScopeDetail,
			action.Diagnose)+
			" diagnoses it again")
		return
	}
	if len(t.Entries) == 0 {
		p.Text(2, d.Th.Strong, "nothing has changed")
		p.Text(2, d.Th.Plain, page.Plural(t.Looks, "diagnosis", "diagnoses")+" since "+page.Clock(t.First, now)+
			" had the same result")
		return
	}
	for i := len(t.Entries) - 1; i >= 0; i-- {
		e := t.Entries[i]
		p.Head(stamp(e.At, now))
		for _, c := range e.List {
			glyph, paint := changeGlyph(d.Th, c)
			p.Hang(2, glyph, paint, 2, d.Th.Plain, c.Text())
		}
	}
	p.Gap()
	p.Text(0, d.Th.Faint, stamp(t.First, now)+": first diagnosis, the baseline for these changes")
	for i := len(t.Entries) - 1; i >= 0 && i >= len(t.Entries)-5; i-- {
		text := ""
		for _, c := range t.Entries[i].List {
			text += c.Text() + "\n"
		}
		p.Copies = append(p.Copies, page.Copyable{Label: "what changed at " + stamp(t.Entries[i].At, now), Text: text})
	}
}

// stamp formats a time to the second.
func stamp(t, now time.Time) string {
	t = t.In(now.Location())
	if t.Year() == now.Year() && t.YearDay() == now.YearDay() {
		return t.Format("15:04:05 MST")
	}
	return t.Format("2006-01-02 15:04:05 MST")
}

// changeGlyph returns the glyph of a change: better, worse, or neither.
func changeGlyph(th *theme.Theme, c progress.Change) (string, theme.Paint) {
	switch {
	case c.Better:
		return th.Pass, th.Good
	case c.Worse:
		return th.Fail, th.Bad
	}
	return th.None, th.Faint
}
