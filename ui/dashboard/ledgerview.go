package dashboard

import (
	"strconv"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// sizeLedger gives the ledger its room: its head line, the list, and the answer beside it, below it, or in its place.
func (d *detailScreen) sizeLedger(width, height int) {
	l := &d.ledger
	l.width, l.height = width, max(0, height-1)
	l.preview = 0
	switch {
	case l.wide():
		lw := (width - gutter) * 11 / 20
		l.grid.SetSize(lw, l.height)
	case l.height >= 13:
		l.preview = l.height * 2 / 5
		l.grid.SetSize(width, l.height-l.preview)
	default:
		l.grid.SetSize(width, l.height)
	}
	d.refreshAnswer()
}

func (l *ledger) wide() bool { return l.width >= wideEnough }

// refreshAnswer writes the selected answer, where it is another one or has other room.
func (d *detailScreen) refreshAnswer() {
	l := &d.ledger
	if d.tooSmall() {
		return // nobody sees it
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
		l.view.Width = l.width - gutter - (l.width-gutter)*11/20
	default:
		l.view.Height = max(0, l.preview-1)
	}
	p := newPage(d.th, max(1, l.view.Width))
	if a != nil {
		answerPage(p, a)
	}
	l.view.SetContent(p.String())
	l.view.SetYOffset(l.view.YOffset)
}

// answerPage is one question with its whole answer and the command that repeats it.
func answerPage(p *page, a *asked) {
	p.text(0, p.th.Strong, a.e.Asked)
	line := a.e.Kind
	if a.e.Transport != "" && a.e.Transport != a.e.Kind {
		line += " over " + a.e.Transport
	}
	p.text(0, p.th.Plain, line+", "+a.e.Server+", "+strconv.FormatInt(a.e.TookMs, 10)+" ms, at "+
		a.e.At.Format("15:04:05")+" UTC")
	if a.e.Repro != "" {
		p.verbatim(0, p.th.Accent, a.e.Repro)
	}
	for _, f := range a.findings {
		p.hang(0, p.th.Under, p.th.Warning, 2, p.th.Warning, f)
	}
	p.gap()
	for _, l := range a.x.Whole() {
		p.verbatim(0, p.th.Plain, l)
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
		p := newPage(d.th, l.width)
		if len(l.list) == 0 {
			p.text(2, d.th.Plain, "nothing was asked")
			return head + "\n" + p.String()
		}
		p.text(2, d.th.Strong, "no question matches")
		p.text(2, d.th.Plain, d.keyOf(scopeDetail, actBack)+
			" clears the search; it takes words, such as 8.8.8.8 NXDOMAIN")
		list = p.String()
	}
	switch {
	case l.wide():
		return head + "\n" + beside(list, l.view.View(), (l.width-gutter)*11/20, l.height)
	case l.preview > 0:
		rows := strings.Split(list, "\n")
		for len(rows) < l.height-l.preview {
			rows = append(rows, "")
		}
		return head + "\n" + strings.Join(rows, "\n") + "\n\n" + l.view.View()
	}
	return head + "\n" + list
}

// ledgerHead is the kinds with how many there are of each, and the words that are searched for.
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
		text := name + " " + count(n)
		switch {
		case k != l.kind:
			text = d.th.Faint.Do(text)
		case d.th.Colour:
			text = d.th.Select.Do(text)
		default:
			text = "[" + text + "]"
		}
		parts = append(parts, text)
	}
	search := ""
	switch {
	case l.search.open:
		search = "/" + l.search.render(d.th, min(40, d.width/2))
	case l.search.value() != "":
		search = d.th.Faint.Do("/") + ansi.Truncate(printable(l.search.value()), min(40, d.width/2), d.th.More)
	}
	return spread("  "+joinFit(parts, "  ", d.width-ansi.StringWidth(search)-4), search, d.width, d.th)
}

// beside puts two texts beside each other: the left one in a width, both cut to a height.
func beside(left, right string, width, height int) string {
	l, r := strings.Split(left, "\n"), strings.Split(right, "\n")
	out := make([]string, 0, height)
	for i := range height {
		line := ""
		if i < len(l) {
			line = l[i]
		}
		if i < len(r) && r[i] != "" {
			line += strings.Repeat(" ", max(0, width-ansi.StringWidth(line))+gutter) + r[i]
		}
		out = append(out, line)
	}
	return strings.Join(out, "\n")
}
