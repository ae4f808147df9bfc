package dashboard

import (
	"context"
	"errors"
	"strconv"
	"time"

	"domdoc/api"
	"domdoc/catalog"

	"github.com/charmbracelet/bubbles/viewport"
	tea "github.com/charmbracelet/bubbletea"
)

// requestScreen shows one of the two things that the service can be asked to do: shown as it would be sent, sent when
// somebody agrees, and answered.
type requestScreen struct {
	still
	*shared
	question
	view  viewport.Model
	shown requestKey

	pending map[pendingWrite]bool // what the service is being asked for
}

// question is a request with what came of it.
type question struct {
	op    api.Operation
	id    string // of the domain
	name  string
	what  api.Request
	wrong string // why it cannot be sent; "" when it can
	state sending
	gen   int
	out   api.Outcome
	err   error
}

// sending is how far a request is.
type sending uint8

const (
	notSent sending = iota
	underWay
	answered
)

type requestKey struct {
	width, gen int
	state      sending
}

// wroteMsg is the service's answer to a request.
type wroteMsg struct {
	gen      int
	op       api.Operation
	id, name string
	out      api.Outcome
	err      error
}

// pendingWrite is something that the service is being asked for.
type pendingWrite struct {
	op api.Operation
	id string
}

// asks says what the service is asked for, as a part of a sentence.
func asks(op api.Operation) string {
	if op == api.OpIssueCertificate {
		return "request a certificate for"
	}
	return "look for the verification record of"
}

// requestUnavailable says why the service cannot be asked about a domain.
func (s *shared) requestUnavailable(r *row) string {
	switch {
	case s.opt.Client == nil:
		return "no service is connected"
	case r == nil:
		return noSubject
	case r.domain == nil || r.domain.ID == "":
		return "the service does not list this domain"
	}
	return ""
}

func newRequestScreen(s *shared) *requestScreen {
	return &requestScreen{shared: s, view: s.newView(), pending: map[pendingWrite]bool{}}
}

func (q *requestScreen) scope() scope     { return scopeConfirm }
func (q *requestScreen) scroll(lines int) { q.view.SetYOffset(q.view.YOffset + lines) }
func (q *requestScreen) body() string     { return q.view.View() }
func (q *requestScreen) hints() []action  { return []action{actConfirm, actBack, actHelp, actQuit} }

func (q *requestScreen) resize(width, height int) {
	q.view.Width, q.view.Height = width, max(0, height-confirmHeadLines)
}

func (q *requestScreen) unavailable(a action) string {
	switch {
	case a != actConfirm:
	case q.wrong != "":
		return q.wrong
	case q.state != notSent:
		return "it was sent already"
	case q.pending[pendingWrite{q.op, q.id}]:
		return "the service is being asked for this already; wait for its answer"
	}
	return ""
}

// open shows what would be sent for a domain.
func (q *requestScreen) open(op api.Operation, r *row) {
	if q.state == underWay && q.op == op && q.id == r.domain.ID {
		q.show(q)
		return
	}
	q.question = question{op: op, id: r.domain.ID, name: r.name, gen: q.nextGen()}
	var err error
	if q.what, err = q.opt.Client.Preview(op, q.id); err != nil {
		q.wrong, _ = errorText(err)
	}
	q.view.GotoTop()
	q.show(q)
}

func (q *requestScreen) do(a action) tea.Cmd {
	if moveView(&q.view, a) {
		return nil
	}
	switch a {
	case actBack:
		q.back()
	case actConfirm:
		return q.sendRequest()
	}
	return nil
}

// writeTime bounds a write with its repetitions.
const writeTime = time.Minute

// sendRequest sends what is shown. It is not cut short by leaving the screen: it may have arrived already.
func (q *requestScreen) sendRequest() tea.Cmd {
	q.state = underWay
	q.pending[pendingWrite{q.op, q.id}] = true
	client, op, id, name, gen := q.opt.Client, q.op, q.id, q.name, q.gen
	parent := q.ctx
	return func() tea.Msg {
		ctx, cancel := context.WithTimeout(parent, writeTime)
		defer cancel()
		var out api.Outcome
		var err error
		if op == api.OpIssueCertificate {
			out, err = client.IssueCertificate(ctx, id)
		} else {
			out, err = client.Verify(ctx, id)
		}
		return wroteMsg{gen, op, id, name, out, err}
	}
}

// onWrote takes the answer in, and has the domain diagnosed again: whatever was said, its state at the service may be
// another now.
func (q *requestScreen) onWrote(msg wroteMsg) tea.Cmd {
	delete(q.pending, pendingWrite{msg.op, msg.id})
	if msg.gen == q.gen {
		q.state, q.out, q.err = answered, msg.out, msg.err
		q.view.GotoTop()
	}
	if q.screen != screen(q) || msg.gen != q.gen { // there it stands in full
		q.say("%s", answerLine(msg))
	}
	r := q.fleet.find(msg.id)
	if r == nil {
		return nil
	}
	q.abandon(r.id) // it began before the answer
	stale := *r
	stale.listed = time.Time{} // what the list had is of before
	q.fleet.replace(&stale)
	return q.diagnose(&stale)
}

// answerLine is an answer for whoever looks at something else by now.
func answerLine(msg wroteMsg) string {
	asked := "asked the service to " + asks(msg.op) + " " + msg.name + ": "
	if msg.err == nil {
		return asked + "it took it"
	}
	if e, ok := errors.AsType[*api.Error](msg.err); ok && e.Code != "" {
		return asked + "refused with " + e.Code
	}
	what, _ := errorText(msg.err)
	return asked + what
}

const confirmHeadLines = 2

func (q *requestScreen) head() string {
	return q.titleLine("ask the service", q.place(q.view)) + "\n"
}

func (q *requestScreen) refresh() {
	key := requestKey{q.width, q.gen, q.state}
	if key == q.shown {
		return
	}
	q.shown = key
	p := newPage(q.th, q.width)
	p.text(0, q.th.Strong, "ask the service to "+asks(q.op)+" "+q.name)
	p.gap()
	if q.wrong != "" {
		p.text(0, q.th.Bad, "this cannot be sent: "+q.wrong)
	} else {
		q.requestPage(p)
	}
	q.view.SetContent(p.String())
	q.view.SetYOffset(q.view.YOffset)
}

// requestPage is what is sent, to the byte, and what came of it.
func (q *requestScreen) requestPage(p *page) {
	const column = 13
	switch q.state {
	case notSent:
		p.text(0, q.th.Plain, q.keyOf(scopeConfirm, actConfirm)+" sends this, and nothing else; "+q.keyOf(scopeConfirm,
			actBack)+" leaves it:")
	case underWay:
		p.text(0, q.th.Waiting, "sent; the answer is waited for "+q.th.More)
	case answered:
		q.answerPage(p, column)
		p.gap()
		p.text(0, q.th.Faint, "the domain is diagnosed again now. this was sent:")
	}
	p.gap()
	p.field(2, "request", column, q.what.Method+" "+q.what.URL)
	for i, h := range q.what.Header {
		name := ""
		if i == 0 {
			name = "headers"
		}
		p.hang(2, name, q.th.Faint, column, q.th.Plain, h)
	}
	p.item(2, "body", column, q.th.Plain, q.what.Body)
	if q.state == notSent {
		p.gap()
		p.text(0, q.th.Faint,
			"afterwards the domain is diagnosed again. nothing else changes: no record, no route, no registration")
	}
}

func (q *requestScreen) answerPage(p *page, column int) {
	if q.err == nil {
		p.text(0, q.th.Good, q.th.Pass+" the service took it")
		p.item(2, "answer", column, q.th.Plain, "HTTP "+strconv.Itoa(q.out.HTTPStatus))
		if d := q.out.Domain; d != nil && d.Status != "" {
			p.item(2, "domain", column, q.th.Plain, d.Status)
		}
		if c := q.out.Certificate; c != nil && c.Status != "" {
			p.item(2, "certificate", column, q.th.Plain, c.Status)
		}
		if q.out.RequestID != "" {
			p.field(2, "request id", column, q.out.RequestID)
		}
		return
	}
	what, next := errorText(q.err)
	p.text(0, q.th.Bad, q.th.Fail+" "+what)
	if e, ok := errors.AsType[*api.Error](q.err); ok {
		if c, known := catalog.FindCode(e.Code); known {
			p.item(2, c.ID, column, q.th.Plain, c.Name+": "+c.Description)
		}
		if e.RequestID != "" {
			p.field(2, "request id", column, e.RequestID)
		}
	}
	if next != "" {
		p.item(2, "do", column, q.th.Plain, next)
	}
}
