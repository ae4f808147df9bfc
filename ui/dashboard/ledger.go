package dashboard

import (
	"slices"
	"strconv"
	"strings"

	"domdoc/checks/probe/exchange"
	"domdoc/checks/result"

	"domdoc/ui/dashboard/action"
	"domdoc/ui/dashboard/grid"
	"domdoc/ui/dashboard/page"
	"domdoc/ui/dashboard/screen"
	"domdoc/ui/dashboard/tab"

	"github.com/charmbracelet/bubbles/viewport"
	tea "github.com/charmbracelet/bubbletea"
)

// ledger is the list of all queries of a diagnosis. It can be filtered by kind and by words, and shows the complete
// answer of the selected query.
type ledger struct {
	grid   *grid.Grid
	search screen.Field
	kind   string // a kind of query, or one of the two below
	whole  bool   // the selected answer fills the screen
	view   viewport.Model
	shown  answerKey // what the view's content was built from

	report  *result.Domain // the report that the queries belong to
	list    []asked        // the evidence of findings first, then by time
	order   orderKey       // what the grid's order was built from
	width   int
	height  int
	preview int // lines of the answer below the list; 0 for none
}

// Special kinds: all queries, and those that are evidence of a finding.
const (
	kindAll   = ""
	kindShown = "findings"
)

// asked is one query, prepared for the list.
type asked struct {
	x        *exchange.Exchange
	e        exchange.Evidence
	findings []string // titles of the findings based on it
	words    string   // lower case, for the search
}

type answerKey struct {
	x      *exchange.Exchange
	width  int
	height int
	whole  bool
}

type orderKey struct {
	report *result.Domain
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

func (d *detailScreen) newLedger() {
	l := &d.ledger
	l.view = d.NewView()
	l.grid = grid.New(d.Th, []grid.Column{
		askedMark:   {Title: "", Min: 1},
		askedKind:   {Title: "kind", Min: 7, Priority: 3},
		askedWhat:   {Title: "asked", Min: 24, Grow: 3},
		askedServer: {Title: "server", Min: 12, Grow: 2, Max: 40, Priority: 1},
		askedSaid:   {Title: "answer", Min: 14, Grow: 2, Max: 60},
		askedTook:   {Title: "ms", Min: 5, Priority: 2, Right: true},
	}, grid.Source{
		ID:   func(i int32) string { return strconv.Itoa(int(i)) },
		Cell: d.askedCell,
	})
}

// refreshLedger reads a report's queries, in the selected order.
func (d *detailScreen) refreshLedger(r *result.Domain) {
	l := &d.ledger
	if l.report != r {
		l.report, l.list = r, questions(r)
		if !slices.Contains(l.kinds(), l.kind) {
			l.kind = kindAll
		}
		l.grid.SetOrder(nil) // the ids belong to another report
	}
	if key := (orderKey{r, l.kind, l.search.Value()}); key != l.order {
		l.order = key
		l.grid.SetOrder(l.selected())
	}
	d.refreshAnswer()
}

// questions prepares the ledger of a report.
func questions(r *result.Domain) []asked {
	shown := shownBy(r)
	out := make([]asked, 0, len(r.Ledger))
	for _, rests := range []bool{true, false} {
		for _, x := range r.Ledger {
			if findings := shown[x]; len(findings) > 0 == rests {
				e := x.Evidence()
				a := asked{x: x, e: e, findings: findings}
				a.words = strings.ToLower(strings.Join(append([]string{
					e.Kind, e.Transport, e.Asked, e.Server, said(x),
					e.Error,
				}, append(slices.Concat(e.Flags, e.Answer, e.Authority), findings...)...), "\n"))
				out = append(out, a)
			}
		}
	}
	return out
}

// shownBy maps each exchange to the titles of the findings that are based on it.
func shownBy(r *result.Domain) map[*exchange.Exchange][]string {
	out := map[*exchange.Exchange][]string{}
	for _, f := range r.Findings {
		for _, x := range f.Evidence {
			if !slices.Contains(out[x], f.Title) {
				out[x] = append(out[x], f.Title)
			}
		}
	}
	return out
}

// kinds returns the kinds in the ledger, in a fixed order.
func (l *ledger) kinds() []string {
	out := []string{kindAll}
	if slices.ContainsFunc(l.list, func(a asked) bool { return len(a.findings) > 0 }) {
		out = append(out, kindShown)
	}
	for _, k := range []exchange.Kind{
		exchange.KindDNS, exchange.KindRDAP, exchange.KindWHOIS, exchange.KindTLS, exchange.KindHTTP,
		exchange.KindService,
	} {
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

// selected returns the queries that match the kind and the words.
func (l *ledger) selected() []int32 {
	words := strings.Fields(strings.ToLower(l.search.Value()))
	order := make([]int32, 0, len(l.list))
	for i, a := range l.list {
		if a.is(l.kind) && !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(a.words, w) }) {
			order = append(order, int32(i))
		}
	}
	return order
}

// current returns the selected query; nil if there is none.
func (l *ledger) current() *asked {
	if i, ok := l.grid.Selected(); ok && int(i) < len(l.list) {
		return &l.list[i]
	}
	return nil
}

func (l *ledger) Copies() []page.Copyable {
	a := l.current()
	if a == nil {
		return nil
	}
	return append(tab.ExchangeCopies(a.x), page.Copyable{
		Label: "the complete answer",
		Text:  strings.Join(a.x.Verbatim(), "\n"),
	},
		page.Copyable{Label: "the question", Text: a.e.Asked}, page.Copyable{Label: "the server", Text: a.e.Server})
}

// said describes the outcome of a query in a few words.
func said(x *exchange.Exchange) string {
	switch {
	case x.Msg != nil && x.Outcome == exchange.Answered && len(x.Msg.Answer) > 0:
		rr := x.Msg.Answer[0]
		return exchange.TypeName(rr.Header().Rrtype) + " " + exchange.RData(rr) + more(len(x.Msg.Answer)-1)
	case x.Outcome == exchange.Answered && x.HTTP != nil:
		return "HTTP " + strconv.Itoa(x.HTTP.Status)
	case x.TLS != nil && len(x.TLS.Chain) > 0:
		return "a certificate for " + strings.Join(exchange.CertNames(x.TLS.Chain[0]), " ")
	case x.Kind == exchange.KindWHOIS && len(x.Text) > 0:
		return page.Plural(strings.Count(strings.TrimSpace(string(x.Text)), "\n")+1, "line", "lines")
	}
	return x.Outcome.Phrase()
}

func more(n int) string {
	if n <= 0 {
		return ""
	}
	return " and " + strconv.Itoa(n) + " more"
}

// askedCell returns one cell of the list. It is called for rows in view only.
func (d *detailScreen) askedCell(i int32, col int) grid.Cell {
	a := d.ledger.list[i]
	switch col {
	case askedMark:
		if len(a.findings) > 0 {
			return grid.Cell{Text: d.Th.Under, Paint: d.Th.Warning}
		}
	case askedKind:
		kind := a.e.Kind
		if a.x.Kind == exchange.KindDNS && a.e.Transport != "udp" {
			kind += "/" + a.e.Transport
		}
		return grid.Cell{Text: kind, Paint: d.Th.Faint}
	case askedWhat:
		return grid.Cell{Text: a.e.Asked}
	case askedServer:
		return grid.Cell{Text: a.e.Server, Paint: d.Th.Faint}
	case askedSaid:
		paint := d.Th.Plain
		if !a.x.Outcome.Conclusive() && a.x.Outcome != exchange.Referral {
			paint = d.Th.Unknown
		}
		return grid.Cell{Text: said(a.x), Paint: paint}
	case askedTook:
		return grid.Cell{Text: strconv.FormatInt(a.e.TookMs, 10), Paint: d.Th.Faint}
	}
	return grid.Cell{}
}

// doLedger runs an action that the ledger handles itself.
func (d *detailScreen) doLedger(a action.Name) bool {
	l := &d.ledger
	switch a {
	case action.Filter:
		l.whole = false
		l.search.Open, l.search.Before = true, l.search.Value()
		l.search.Pos = len(l.search.Text)
		return true
	case action.Kind:
		l.whole = false
		kinds := l.kinds()
		l.kind = kinds[(slices.Index(kinds, l.kind)+1)%len(kinds)]
		return true
	case action.Open:
		l.whole = !l.whole && l.current() != nil
		l.view.GotoTop()
		return true
	case action.Back:
		switch {
		case l.whole:
			l.whole = false
		case l.kind != kindAll || l.search.Value() != "":
			l.kind = kindAll
			l.search.Set("")
		default:
			return false
		}
		return true
	}
	if l.whole {
		return screen.MoveView(&l.view, a)
	}
	return screen.MoveGrid(l.grid, a)
}

// typed handles a key in the search field. The list is updated while typing; the arrows still move in it.
func (d *detailScreen) Typed(msg tea.KeyMsg) tea.Cmd {
	l := &d.ledger
	switch msg.String() {
	case "enter":
		l.search.Open = false
	case "esc":
		l.search.Open = false
		l.search.Set(l.search.Before)
	case "up":
		l.grid.Move(-1)
	case "down":
		l.grid.Move(1)
	default:
		l.search.Press(msg)
	}
	return nil
}
