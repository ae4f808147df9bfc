package dashboard

import (
	"slices"
	"strconv"
	"strings"

	"domdoc/checks"
	"domdoc/checks/probe"
	"domdoc/ui/dashboard/grid"

	"github.com/charmbracelet/bubbles/viewport"
	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
)

// ledger is every question of a diagnosis: a list that can be narrowed by a kind and by words, with the whole answer of the selected one.
type ledger struct {
	grid   *grid.Grid
	search field
	kind   string // a kind of question, or one of the two below
	whole  bool   // the selected answer takes all the room
	view   viewport.Model
	shown  answerKey // what the view's content was made of

	report  *checks.DomainReport // whose questions they are
	list    []asked              // what findings rest on first, then by time
	order   orderKey             // what the grid's order was made of
	width   int
	height  int
	preview int // lines of the answer below the list; 0 for none
}

// The kinds that are none: all questions, and those that a finding rests on.
const (
	kindAll   = ""
	kindShown = "findings"
)

// asked is one question, prepared for the list.
type asked struct {
	x        *probe.Exchange
	e        probe.Evidence
	findings []string // titles of those that rest on it
	words    string   // lower case: what a search looks at
}

type answerKey struct {
	x      *probe.Exchange
	width  int
	height int
	whole  bool
}

type orderKey struct {
	report *checks.DomainReport
	kind   string
	search string
}

// The columns of the ledger.
const (
	askedMark = iota
	askedKind
	askedWhat
	askedServer
	askedSaid
	askedTook
)

func newLedger(m *model) ledger {
	l := ledger{view: m.newView()}
	l.grid = grid.New(m.th, []grid.Column{
		askedMark:   {Title: "", Min: 1},
		askedKind:   {Title: "kind", Min: 7, Priority: 3},
		askedWhat:   {Title: "asked", Min: 24, Grow: 3},
		askedServer: {Title: "server", Min: 12, Grow: 2, Max: 40, Priority: 1},
		askedSaid:   {Title: "answer", Min: 14, Grow: 2, Max: 60},
		askedTook:   {Title: "ms", Min: 5, Priority: 2, Right: true},
	}, grid.Source{
		ID:   func(i int32) string { return strconv.Itoa(int(i)) },
		Cell: m.askedCell,
	})
	return l
}

// refreshLedger takes a report's questions in, and puts them into the order that is asked for.
func (m *model) refreshLedger(r *checks.DomainReport) {
	l := &m.detail.ledger
	if l.report != r {
		l.report, l.list = r, questions(r)
		if !slices.Contains(l.kinds(), l.kind) {
			l.kind = kindAll
		}
		l.grid.SetOrder(nil) // the ids of another report mean nothing here
	}
	if key := (orderKey{r, l.kind, l.search.value()}); key != l.order {
		l.order = key
		l.grid.SetOrder(l.selected())
	}
	m.refreshAnswer()
}

// questions prepares the ledger of a report.
func questions(r *checks.DomainReport) []asked {
	shown := shownBy(r)
	out := make([]asked, 0, len(r.Ledger))
	for _, rests := range []bool{true, false} {
		for _, x := range r.Ledger {
			if findings := shown[x]; len(findings) > 0 == rests {
				e := x.Evidence()
				a := asked{x: x, e: e, findings: findings}
				a.words = strings.ToLower(strings.Join(append([]string{e.Kind, e.Transport, e.Asked, e.Server, said(x), e.Error}, append(slices.Concat(e.Flags, e.Answer, e.Authority), findings...)...), "\n"))
				out = append(out, a)
			}
		}
	}
	return out
}

// shownBy tells which findings rest on an exchange.
func shownBy(r *checks.DomainReport) map[*probe.Exchange][]string {
	out := map[*probe.Exchange][]string{}
	for _, f := range r.Findings {
		for _, x := range f.Evidence {
			if !slices.Contains(out[x], f.Title) {
				out[x] = append(out[x], f.Title)
			}
		}
	}
	return out
}

// kinds are those that the ledger has, in a fixed order.
func (l *ledger) kinds() []string {
	out := []string{kindAll}
	if slices.ContainsFunc(l.list, func(a asked) bool { return len(a.findings) > 0 }) {
		out = append(out, kindShown)
	}
	for _, k := range []probe.Kind{probe.KindDNS, probe.KindRDAP, probe.KindWHOIS, probe.KindTLS, probe.KindHTTP, probe.KindService} {
		if slices.ContainsFunc(l.list, func(a asked) bool { return a.x.Kind == k }) {
			out = append(out, string(k))
		}
	}
	return out
}

func (a asked) is(kind string) bool {
	switch kind {
	case kindAll:
		return true
	case kindShown:
		return len(a.findings) > 0
	}
	return string(a.x.Kind) == kind
}

// selected are the questions that the kind and the words let through.
func (l *ledger) selected() []int32 {
	words := strings.Fields(strings.ToLower(l.search.value()))
	order := make([]int32, 0, len(l.list))
	for i, a := range l.list {
		if a.is(l.kind) && !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(a.words, w) }) {
			order = append(order, int32(i))
		}
	}
	return order
}

// current is the selected question; nil where none is.
func (l *ledger) current() *asked {
	if i, ok := l.grid.Selected(); ok && int(i) < len(l.list) {
		return &l.list[i]
	}
	return nil
}

func (l *ledger) copies() []copyable {
	a := l.current()
	if a == nil {
		return nil
	}
	return append(exchangeCopies(a.x), copyable{"the whole answer", strings.Join(a.x.Whole(), "\n")}, copyable{"the question", a.e.Asked}, copyable{"the server", a.e.Server})
}

// said is how a question ended, in a few words.
func said(x *probe.Exchange) string {
	switch {
	case x.Msg != nil && x.Outcome == probe.Answered && len(x.Msg.Answer) > 0:
		rr := x.Msg.Answer[0]
		return probe.TypeName(rr.Header().Rrtype) + " " + probe.RData(rr) + more(len(x.Msg.Answer)-1)
	case x.Outcome == probe.Answered && x.HTTP != nil:
		return "HTTP " + strconv.Itoa(x.HTTP.Status)
	case x.TLS != nil && len(x.TLS.Chain) > 0:
		return "a certificate for " + strings.Join(probe.CertNames(x.TLS.Chain[0]), " ")
	case x.Kind == probe.KindWHOIS && len(x.Text) > 0:
		return plural(strings.Count(strings.TrimSpace(string(x.Text)), "\n")+1, "line", "lines")
	}
	return x.Outcome.Phrase()
}

func more(n int) string {
	if n <= 0 {
		return ""
	}
	return " and " + strconv.Itoa(n) + " more"
}

// askedCell is one cell of the list. It is called for rows in view only.
func (m *model) askedCell(i int32, col int) grid.Cell {
	a := m.detail.ledger.list[i]
	switch col {
	case askedMark:
		if len(a.findings) > 0 {
			return grid.Cell{Text: m.th.Under, Paint: m.th.Warning}
		}
	case askedKind:
		kind := a.e.Kind
		if a.x.Kind == probe.KindDNS && a.e.Transport != "udp" {
			kind += "/" + a.e.Transport
		}
		return grid.Cell{Text: kind, Paint: m.th.Faint}
	case askedWhat:
		return grid.Cell{Text: a.e.Asked}
	case askedServer:
		return grid.Cell{Text: a.e.Server, Paint: m.th.Faint}
	case askedSaid:
		paint := m.th.Plain
		if !a.x.Outcome.Conclusive() && a.x.Outcome != probe.Referral {
			paint = m.th.Unknown
		}
		return grid.Cell{Text: said(a.x), Paint: paint}
	case askedTook:
		return grid.Cell{Text: strconv.FormatInt(a.e.TookMs, 10), Paint: m.th.Faint}
	}
	return grid.Cell{}
}

// doLedger does an action that the ledger has its own way with.
func (m *model) doLedger(a action) bool {
	l := &m.detail.ledger
	switch a {
	case actFilter:
		l.whole = false
		l.search.open, l.search.before = true, l.search.value()
		l.search.pos = len(l.search.text)
		return true
	case actKind:
		l.whole = false
		kinds := l.kinds()
		l.kind = kinds[(slices.Index(kinds, l.kind)+1)%len(kinds)]
		return true
	case actOpen:
		l.whole = !l.whole && l.current() != nil
		l.view.GotoTop()
		return true
	case actBack:
		switch {
		case l.whole:
			l.whole = false
		case l.kind != kindAll || l.search.value() != "":
			l.kind = kindAll
			l.search.set("")
		default:
			return false
		}
		return true
	}
	if l.whole {
		return moveView(&l.view, a)
	}
	return moveGrid(l.grid, a)
}

// typeSearch is a key in the field of words. The list follows as it is typed; the arrows still move in it.
func (m *model) typeLedger(msg tea.KeyMsg) tea.Cmd {
	l := &m.detail.ledger
	switch msg.String() {
	case "enter":
		l.search.open = false
	case "esc":
		l.search.open = false
		l.search.set(l.search.before)
	case "up":
		l.grid.Move(-1)
	case "down":
		l.grid.Move(1)
	default:
		l.search.press(msg)
	}
	return nil
}

// sizeLedger gives the ledger its room: its head line, the list, and the answer beside it, below it, or in its place.
func (m *model) sizeLedger(width, height int) {
	l := &m.detail.ledger
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
	m.refreshAnswer()
}

func (l *ledger) wide() bool { return l.width >= wideEnough }

// refreshAnswer writes the selected answer, where it is another one or has other room.
func (m *model) refreshAnswer() {
	l := &m.detail.ledger
	if m.tooSmall() {
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
	p := newPage(m.th, max(1, l.view.Width))
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
	p.text(0, p.th.Plain, line+", "+a.e.Server+", "+strconv.FormatInt(a.e.TookMs, 10)+" ms, at "+a.e.At.Format("15:04:05")+" UTC")
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
func (m *model) ledgerBody() string {
	l := &m.detail.ledger
	head := m.ledgerHead()
	if l.whole {
		return head + "\n" + l.view.View()
	}
	list := l.grid.Render()
	if l.grid.Len() == 0 {
		p := newPage(m.th, l.width)
		p.text(2, m.th.Strong, "no question matches")
		p.text(2, m.th.Plain, m.keyOf(screenDetail, actBack)+" clears the search; it takes words, such as 8.8.8.8 NXDOMAIN")
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
func (m *model) ledgerHead() string {
	l := &m.detail.ledger
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
			text = m.th.Faint.Do(text)
		case m.th.Colour:
			text = m.th.Select.Do(text)
		default:
			text = "[" + text + "]"
		}
		parts = append(parts, text)
	}
	search := ""
	switch {
	case l.search.open:
		search = "/" + l.search.render(m.th, min(40, m.width/2))
	case l.search.value() != "":
		search = m.th.Faint.Do("/") + ansi.Truncate(printable(l.search.value()), min(40, m.width/2), m.th.More)
	}
	return spread("  "+joinFit(parts, "  ", m.width-ansi.StringWidth(search)-4), search, m.width, m.th)
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
