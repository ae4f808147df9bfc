package dialog

import (
	"context"
	"errors"
	"strconv"
	"time"

	"domdoc/api"
	"domdoc/catalog"
	"domdoc/checks/finding"
	"domdoc/checks/progress"
	"domdoc/ui/dashboard/action"
	"domdoc/ui/dashboard/inventory"
	"domdoc/ui/dashboard/page"
	"domdoc/ui/dashboard/screen"

	"github.com/charmbracelet/bubbles/viewport"
	tea "github.com/charmbracelet/bubbletea"
)

// Request shows one of the two requests that the dashboard can send to the service: before it is sent, after
// confirmation, and with its answer.
type Request struct {
	screen.Base
	*screen.Shared
	question
	View  viewport.Model
	shown requestKey

	Pending map[pendingWrite]bool // the pending request
}

// question is a request with its result.
type question struct {
	Op    api.Operation
	ID    string // of the domain
	Name  string
	what  api.Request
	wrong string // why it cannot be sent; "" if it can
	State sending
	Gen   int
	out   api.Outcome
	err   error
}

// sending is the state of a request.
type sending uint8

const (
	NotSent sending = iota
	UnderWay
	Answered
)

type requestKey struct {
	width, gen int
	state      sending
	diagnosed  time.Time
}

// AnswerMsg is the service's answer to a request.
type AnswerMsg struct {
	Gen      int
	Op       api.Operation
	ID, Name string
	Out      api.Outcome
	Err      error
}

// pendingWrite is the kind of a pending request.
type pendingWrite struct {
	op api.Operation
	id string
}

// asks describes the request, as a part of a sentence.
func asks(op api.Operation) string {
	if op == api.OpIssueCertificate {
		return "issue a certificate for"
	}
	return "verify"
}

// NewRequest makes the screen.
func NewRequest(s *screen.Shared) *Request {
	return &Request{Shared: s, View: s.NewView(), Pending: map[pendingWrite]bool{}}
}

// Scope implements screen.Screen.
func (q *Request) Scope() action.Scope { return action.ScopeConfirm }

// Scroll implements screen.Screen.
func (q *Request) Scroll(lines int) { q.View.SetYOffset(q.View.YOffset + lines) }

// Body implements screen.Screen.
func (q *Request) Body() string { return q.View.View() }

// Hints implements screen.Screen.
func (q *Request) Hints() []action.Name {
	return []action.Name{action.Confirm, action.Back, action.Help, action.Quit}
}

// Resize implements screen.Screen.
func (q *Request) Resize(width, height int) {
	q.View.Width, q.View.Height = width, max(0, height-confirmHeadLines)
}

// Unavailable implements screen.Screen.
func (q *Request) Unavailable(a action.Name) string {
	switch {
	case a != action.Confirm:
	case q.wrong != "":
		return q.wrong
	case q.State != NotSent:
		return "the request was already sent"
	case q.Pending[pendingWrite{q.Op, q.ID}]:
		return "this request is already in progress"
	}
	return ""
}

// Open shows the request for a domain.
func (q *Request) Open(op api.Operation, r *inventory.Row) {
	if q.State == UnderWay && q.Op == op && q.ID == r.Domain.ID {
		q.Show(q)
		return
	}
	q.question = question{Op: op, ID: r.Domain.ID, Name: r.Name, Gen: q.NextGen()}
	var err error
	if q.what, err = q.Client.Preview(op, q.ID); err != nil {
		q.wrong, _ = page.ErrorText(err)
	}
	q.View.GotoTop()
	q.Show(q)
}

// Do implements screen.Screen.
func (q *Request) Do(a action.Name) tea.Cmd {
	if screen.MoveView(&q.View, a) {
		return nil
	}
	switch a {
	case action.Back:
		q.Back()
	case action.Confirm:
		return q.sendRequest()
	}
	return nil
}

// writeTime bounds a write including retries.
const writeTime = time.Minute

// sendRequest sends the request. Leaving the screen does not cancel it: it may have arrived already.
func (q *Request) sendRequest() tea.Cmd {
	q.State = UnderWay
	q.Pending[pendingWrite{q.Op, q.ID}] = true
	client, op, id, name, gen := q.Client, q.Op, q.ID, q.Name, q.Gen
	parent := q.Ctx
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
		return AnswerMsg{gen, op, id, name, out, err}
	}
}

// OnWrote handles the answer, and starts another diagnosis of the domain: whatever the answer is, its state at the
// service may have changed.
func (q *Request) OnWrote(msg AnswerMsg) tea.Cmd {
	delete(q.Pending, pendingWrite{msg.Op, msg.ID})
	if msg.Gen == q.Gen {
		q.State, q.out, q.err = Answered, msg.Out, msg.Err
		q.View.GotoTop()
	}
	if q.Screen != screen.Screen(q) || msg.Gen != q.Gen { // the screen shows the answer in full
		q.Say("%s", answerLine(msg))
	}
	r := q.Domains.Find(msg.ID)
	if r == nil {
		return nil
	}
	q.Abandon(r.ID) // it began before the answer
	stale := *r
	stale.Listed = time.Time{} // the list's data is older
	q.Domains.Replace(&stale)
	return q.Diagnose(&stale)
}

// answerLine returns the answer for a user who has moved to another screen.
func answerLine(msg AnswerMsg) string {
	asked := "asked the service to " + asks(msg.Op) + " " + msg.Name + ": "
	if msg.Err == nil {
		return asked + "accepted"
	}
	if e, ok := errors.AsType[*api.Error](msg.Err); ok && e.Code != "" {
		return asked + "refused with " + e.Code
	}
	what, _ := page.ErrorText(msg.Err)
	return asked + what
}

const confirmHeadLines = 2

// Head implements screen.Screen.
func (q *Request) Head() string {
	return q.TitleLine("ask the service", q.Place(q.View)) + "\n"
}

// Refresh implements screen.Screen.
func (q *Request) Refresh() {
	key := requestKey{q.Width, q.Gen, q.State, time.Time{}}
	if r := q.Reports.Peek(q.ID); r != nil {
		key.diagnosed = r.At
	}
	if key == q.shown {
		return
	}
	q.shown = key
	p := page.New(q.Th, q.Width)
	p.Reader, p.Zone = q.Reader, q.Now.Location()
	p.Text(0, q.Th.Strong, "ask the service to "+asks(q.Op)+" "+q.Name)
	p.Gap()
	if q.wrong != "" {
		p.Text(0, q.Th.Bad, "cannot send this request: "+q.wrong)
	} else {
		q.requestPage(p)
	}
	q.View.SetContent(p.String())
	q.View.SetYOffset(q.View.YOffset)
}

// requestPage returns the exact request and its result.
func (q *Request) requestPage(p *page.Builder) {
	const column = 13
	switch q.State {
	case NotSent:
		p.Text(0, q.Th.Plain, q.KeyOf(action.ScopeConfirm, action.Confirm)+" sends this request and nothing else; "+
			q.KeyOf(action.ScopeConfirm,
				action.Back)+" cancels:")
		q.expected(p)
	case UnderWay:
		p.Text(0, q.Th.Waiting, "sent; waiting for the answer "+q.Th.More)
	case Answered:
		q.answerPage(p, column)
		p.Gap()
		p.Text(0, q.Th.Faint, "the domain is being diagnosed again. request sent:")
	}
	p.Gap()
	p.Field(2, "request", column, q.what.Method+" "+q.what.URL)
	for i, h := range q.what.Header {
		name := ""
		if i == 0 {
			name = "headers"
		}
		p.Hang(2, name, q.Th.Faint, column, q.Th.Plain, h)
	}
	p.Item(2, "body", column, q.Th.Plain, q.what.Body)
	if q.State == NotSent {
		p.Gap()
		p.Text(0, q.Th.Faint,
			"the domain is diagnosed again afterwards. nothing else changes: no record, no route, no registration")
	}
}

func (q *Request) answerPage(p *page.Builder, column int) {
	if q.err == nil {
		p.Text(0, q.Th.Good, q.Th.Pass+" the service accepted the request")
		p.Item(2, "answer", column, q.Th.Plain, "HTTP "+strconv.Itoa(q.out.HTTPStatus))
		if d := q.out.Domain; d != nil && d.Status != "" {
			p.Item(2, "domain", column, q.Th.Plain, d.Status)
		}
		if c := q.out.Certificate; c != nil && c.Status != "" {
			p.Item(2, "certificate", column, q.Th.Plain, c.Status)
		}
		if q.out.RequestID != "" {
			p.Field(2, "request id", column, q.out.RequestID)
		}
		return
	}
	what, next := page.ErrorText(q.err)
	p.Text(0, q.Th.Bad, q.Th.Fail+" "+what)
	if e, ok := errors.AsType[*api.Error](q.err); ok {
		if c, known := catalog.FindCode(e.Code); known {
			p.Item(2, c.ID, column, q.Th.Plain, c.Name+": "+c.Description)
		}
		if e.RequestID != "" {
			p.Field(2, "request id", column, e.RequestID)
		}
	}
	if !q.explained(p, column) && next != "" {
		p.Item(2, "do", column, q.Th.Plain, next)
	}
}

// hindrances returns what lets the request fail by the diagnosis of the domain, and when that was.
func (q *Request) hindrances() ([]*finding.Finding, time.Time) {
	r := q.Reports.Peek(q.ID)
	if r == nil {
		return nil, time.Time{}
	}
	goal := progress.GoalVerified
	if q.Op == api.OpIssueCertificate {
		goal = progress.GoalCertificate
	}
	return goal.Hindrances(r), r.At
}

// expected says before a request what it will come to, as far as the domain is diagnosed.
func (q *Request) expected(p *page.Builder) {
	list, at := q.hindrances()
	if len(list) == 0 {
		return
	}
	p.Gap()
	p.Text(0, q.Th.Warning, catalog.RequestWillFail(page.Clock(at, q.Now), len(list)))
	q.causes(p, 13, list)
}

// explained writes why the service has refused the request, and what to do, by the diagnosis of the domain.
func (q *Request) explained(p *page.Builder, column int) bool {
	list, _ := q.hindrances()
	q.causes(p, column, list)
	return len(list) > 0
}

// causes writes findings with their first step or the end of their wait.
func (q *Request) causes(p *page.Builder, column int, list []*finding.Finding) {
	for _, f := range list {
		p.Item(2, "because", column, q.Th.Plain, p.Say(f.Summary()))
		u, waits := f.Waits()
		switch fix := f.Fix(); {
		case waits && u != nil && !u.Latest.IsZero():
			p.Item(2, "until", column, q.Th.Waiting, page.Until(u.Latest, q.Now))
		case len(fix.Steps) > 0:
			p.Item(2, "do", column, q.Th.Plain, p.Say(fix.Steps[0]))
		}
	}
}
