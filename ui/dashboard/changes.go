package dashboard

import (
	"container/list"
	"time"

	"domdoc/checks/progress"
	"domdoc/checks/result"
	"domdoc/ui/dashboard/theme"
)

// changes are what changed from one diagnosis of a domain to the next, for the domains that were diagnosed twice.
type changes struct {
	byID  map[string]*list.Element
	order *list.List // the one that changed last in front
}

// timeline is what changed at one domain.
type timeline struct {
	id      string
	first   time.Time // of the first diagnosis that anything is compared with
	looks   int       // diagnoses since
	entries []entryAt
}

// entryAt is what one diagnosis found to be new.
type entryAt struct {
	at   time.Time
	list []progress.Change
}

// The bounds of what is kept.
const (
	maxTimelines = maxReports
	maxEntries   = 60
	maxChanges   = 40 // of one diagnosis
)

func newChanges() changes { return changes{byID: map[string]*list.Element{}, order: list.New()} }

func (c *changes) get(id string) *timeline {
	if e := c.byID[id]; e != nil {
		return e.Value.(*timeline)
	}
	return nil
}

// looks is how many diagnoses of a domain were compared with the one before.
func (c *changes) looks(id string) int {
	if t := c.get(id); t != nil {
		return t.looks
	}
	return 0
}

// take records what is new in a diagnosis. before is nil where there is nothing to compare with.
func (c *changes) take(id string, before, after *result.Domain) {
	if before == nil || before == after {
		return
	}
	e := c.byID[id]
	if e == nil {
		if c.order.Len() >= maxTimelines {
			last := c.order.Back()
			c.order.Remove(last)
			delete(c.byID, last.Value.(*timeline).id)
		}
		e = c.order.PushFront(&timeline{id: id, first: before.At})
		c.byID[id] = e
	}
	c.order.MoveToFront(e)
	t := e.Value.(*timeline)
	t.looks++
	found := progress.Diff(before, after)
	if len(found) == 0 {
		return
	}
	t.entries = append(t.entries, entryAt{after.At, found[:min(len(found), maxChanges)]})
	if over := len(t.entries) - maxEntries; over > 0 {
		t.entries = append([]entryAt(nil), t.entries[over:]...)
	}
}

// before is the last diagnosis of a domain, as far as it is kept.
func (m *model) before(id string) *result.Domain {
	if it := m.watch.Get(id); it != nil && it.Last != nil {
		return it.Last
	}
	return m.reports.peek(id)
}

// nextLook is when a watched domain is asked again; zero where it is not watched.
func (s *shared) nextLook(id string) time.Time {
	if it := s.watch.Get(id); it != nil {
		return it.At
	}
	return time.Time{}
}

// changesPage is the timeline of a domain, the last change first.
func (d *detailScreen) changesPage(p *page, r *result.Domain, now time.Time) {
	t := d.changes.get(d.id)
	if it := d.watch.Get(d.id); it != nil {
		text := "watched: the bell rings when it is healthy"
		if it.Healthy() {
			text = "watched: it is healthy"
		}
		if it.At.After(now) {
			text += "; next look at " + it.At.UTC().Format(time.TimeOnly) + " UTC (" + it.Next.Reason.Phrase() + ")"
		}
		p.hang(2, d.th.Watch, d.th.Waiting, 2, d.th.Plain, text)
	} else {
		p.text(2, d.th.Faint, d.keyOf(scopeDetail, actWatch)+
			" watches this domain: it is asked again when its answers can have changed, and what changed is told here")
	}
	p.gap()
	if t == nil {
		p.text(2, d.th.Strong, "nothing to compare with yet")
		p.text(2, d.th.Plain, "the domain was diagnosed once, "+ago(r.At, now)+"; "+d.keyOf(scopeDetail, actDiagnose)+
			" asks again")
		return
	}
	if len(t.entries) == 0 {
		p.text(2, d.th.Strong, "nothing has changed")
		p.text(2, d.th.Plain, plural(t.looks, "diagnosis", "diagnoses")+" since "+clock(t.first, now)+
			" UTC found what was found then")
		return
	}
	for i := len(t.entries) - 1; i >= 0; i-- {
		e := t.entries[i]
		p.head(stamp(e.at, now))
		for _, c := range e.list {
			glyph, paint := changeGlyph(d.th, c)
			p.hang(2, glyph, paint, 2, d.th.Plain, c.Text())
		}
	}
	p.gap()
	p.text(0, d.th.Faint, stamp(t.first, now)+": the first diagnosis that these are compared with")
	for i := len(t.entries) - 1; i >= 0 && i >= len(t.entries)-5; i-- {
		text := ""
		for _, c := range t.entries[i].list {
			text += c.Text() + "\n"
		}
		p.copies = append(p.copies, copyable{"what changed at " + stamp(t.entries[i].at, now), text})
	}
}

// stamp is a moment to the second.
func stamp(t, now time.Time) string {
	t, now = t.UTC(), now.UTC()
	if t.Year() == now.Year() && t.YearDay() == now.YearDay() {
		return t.Format("15:04:05") + " UTC"
	}
	return t.Format("2006-01-02 15:04:05") + " UTC"
}

// changeGlyph tells news of a mend from news of a fault, and both from what is neither.
func changeGlyph(th *theme.Theme, c progress.Change) (string, theme.Paint) {
	switch {
	case c.Better:
		return th.Pass, th.Good
	case c.Worse:
		return th.Fail, th.Bad
	}
	return th.None, th.Faint
}
