package dashboard

import (
	"strconv"
	"strings"
	"time"

	"domdoc/ui/dashboard/action"
	"domdoc/ui/dashboard/page"

	"github.com/charmbracelet/x/ansi"
)

// sizeLedger lays out the ledger: its head line, the list, and the answer next to it, below it, or in its place.
func (d *detailScreen) sizeLedger(width, height int) {
	l := &d.ledger
	l.width, l.height = width, max(0, height-1)
	l.preview = 0
	switch {
	case l.wide():
		lw := (width - page.Gutter) * 11 / 20
		l.grid.SetSize(lw, l.height)
	case l.height >= 13:
		l.preview = l.height * 2 / 5
		l.grid.SetSize(width, l.height-l.preview)
	default:
		l.grid.SetSize(width, l.height)
	}
	d.refreshAnswer()
}

func (l *ledger) wide() bool { return l.width >= page.WideEnough }

// refreshAnswer writes the selected answer if it or its size has changed.
func (d *detailScreen) refreshAnswer() {
	l := &d.ledger
	if d.TooSmall() {
		return // not visible
	}
	a := l.current()
	key := answerKey{width: l.width, height: l.height, whole: l.whole}
	if a != nil {
		key.x = a.x
	}
	if key == l.shown {
		return
	}
	if key.x != l.shown.x {
		l.view.GotoTop()
	}
	l.shown = key
	l.view.Width, l.view.Height = l.width, l.height
	switch {
	case l.whole:
	case l.wide():
		l.view.Width = l.width - page.Gutter - (l.width-page.Gutter)*11/20
	default:
		l.view.Height = max(0, l.preview-1)
	}
	p := page.New(d.Th, max(1, l.view.Width))
	if a != nil {
		answerPage(p, a, d.Now.Location())
	}
	l.view.SetContent(p.String())
	l.view.SetYOffset(l.view.YOffset)
}

// answerPage returns one query with its complete answer and the command that repeats it.
func answerPage(p *page.Builder, a *asked, zone *time.Location) {
	p.Text(0, p.Th.Strong, a.e.Asked)
	line := a.e.Kind
	if a.e.Transport != "" && a.e.Transport != a.e.Kind {
		line += " over " + a.e.Transport
	}
	p.Text(0, p.Th.Plain, line+", "+a.e.Server+", "+strconv.FormatInt(a.e.TookMs, 10)+" ms, at "+
		a.e.At.In(zone).Format("15:04:05 MST"))
	if a.e.Repro != "" {
		p.Verbatim(0, p.Th.Accent, a.e.Repro)
	}
	for _, f := range a.findings {
		p.Hang(0, p.Th.Under, p.Th.Warning, 2, p.Th.Warning, f)
	}
	p.Gap()
	for _, l := range a.x.Verbatim() {
		p.Verbatim(0, p.Th.Plain, l)
	}
}

// ledgerBody draws the ledger.
func (d *detailScreen) ledgerBody() string {
	l := &d.ledger
	head := d.ledgerHead()
	if l.whole {
		return head + "\n" + l.view.View()
	}
	list := l.grid.Render()
	if l.grid.Len() == 0 {
		p := page.New(d.Th, l.width)
		if len(l.list) == 0 {
			p.Text(2, d.Th.Plain, "no queries were made")
			return head + "\n" + p.String()
		}
		p.Text(2, d.Th.Strong, "no query matches")
		p.Text(2, d.Th.Plain, d.KeyOf(action.ScopeDetail, action.Back)+
			" clears the search; search for words such as 8.8.8.8 NXDOMAIN")
		list = p.String()
	}
	switch {
	case l.wide():
		return head + "\n" + beside(list, l.view.View(), (l.width-page.Gutter)*11/20, l.height)
	case l.preview > 0:
		rows := strings.Split(list, "\n")
		for len(rows) < l.height-l.preview {
			rows = append(rows, "")
		}
		return head + "\n" + strings.Join(rows, "\n") + "\n\n" + l.view.View()
	}
	return head + "\n" + list
}

// ledgerHead returns the kinds with their counts, and the search words.
func (d *detailScreen) ledgerHead() string {
	l := &d.ledger
	var parts []string
	for _, k := range l.kinds() {
		n := 0
		for _, a := range l.list {
			if a.is(k) {
				n++
			}
		}
		name := k
		if k == kindAll {
			name = "all"
		}
		text := name + " " + page.Count(n)
		switch {
		case k != l.kind:
			text = d.Th.Faint.Do(text)
		case d.Th.Colour:
			text = d.Th.Select.Do(text)
		default:
			text = "[" + text + "]"
		}
		parts = append(parts, text)
	}
	search := ""
	switch {
	case l.search.Open:
		search = "/" + l.search.Render(d.Th, min(40, d.Width/2))
	case l.search.Value() != "":
		search = d.Th.Faint.Do("/") + ansi.Truncate(page.Printable(l.search.Value()), min(40, d.Width/2), d.Th.More)
	}
	return page.Spread("  "+page.JoinFit(parts, "  ", d.Width-ansi.StringWidth(search)-4), search, d.Width, d.Th)
}

// beside puts two texts side by side: the left one in a given width, both cut to a height.
func beside(left, right string, width, height int) string {
	l, r := strings.Split(left, "\n"), strings.Split(right, "\n")
	out := make([]string, 0, height)
	for i := range height {
		line := ""
		if i < len(l) {
			line = l[i]
		}
		if i < len(r) && r[i] != "" {
			line += strings.Repeat(" ", max(0, width-ansi.StringWidth(line))+page.Gutter) + r[i]
		}
		out = append(out, line)
	}
	return strings.Join(out, "\n")
}
