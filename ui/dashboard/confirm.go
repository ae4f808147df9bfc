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

// request is one of the two things that the service can be asked to do: shown as it would be sent, sent when somebody
// agrees, and answered.
type request struct {
	op    api.Operation
	id    string // of the domain
	name  string
	what  api.Request
	wrong string // why it cannot be sent; "" when it can
	state sending
	gen   int
	out   api.Outcome
	err   error

	view  viewport.Model
	shown requestKey
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

// written is something that the service is being asked for.
type written struct {
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

// offRequest is for what the service is asked to do.
func offRequest(m *model) string {
	r := m.subject()
	switch {
	case m.opt.Client == nil:
		return "no service is connected"
	case r == nil:
		return "there is no domain to do that with"
	case r.domain == nil || r.domain.ID == "":
		return "the service does not list this domain"
	}
	return ""
}

// openRequest shows what would be sent.
func (m *model) openRequest(op api.Operation) {
	r := m.subject()
	if m.request.state == underWay && m.request.op == op && m.request.id == r.domain.ID {
		m.goTo(screenConfirm)
		return
	}
	m.gen++
	q := request{op: op, id: r.domain.ID, name: r.name, gen: m.gen, view: m.request.view}
	var err error
	if q.what, err = m.opt.Client.Preview(op, q.id); err != nil {
		q.wrong, _ = errorText(err)
	}
	q.view.GotoTop()
	m.request = q
	m.goTo(screenConfirm)
}

func (m *model) doConfirm(a action) tea.Cmd {
	if moveView(&m.request.view, a) {
		return nil
	}
	switch a {
	case actBack:
		m.goBack()
	case actConfirm:
		return m.sendRequest()
	}
	return nil
}

func offConfirm(m *model) string {
	switch {
	case m.request.wrong != "":
		return m.request.wrong
	case m.request.state != notSent:
		return "it was sent already"
	case m.writing[written{m.request.op, m.request.id}]:
		return "the service is being asked for this already; wait for its answer"
	}
	return ""
}

// writeTime bounds a write with its repetitions.
const writeTime = time.Minute

// sendRequest sends what is shown. It is not cut short by leaving the screen: it may have arrived already.
func (m *model) sendRequest() tea.Cmd {
	m.request.state = underWay
	m.writing[written{m.request.op, m.request.id}] = true
	client, op, id, name, gen := m.opt.Client, m.request.op, m.request.id, m.request.name, m.request.gen
	parent := m.ctx
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
func (m *model) onWrote(msg wroteMsg) tea.Cmd {
	delete(m.writing, written{msg.op, msg.id})
	if msg.gen == m.request.gen {
		m.request.state, m.request.out, m.request.err = answered, msg.out, msg.err
		m.request.view.GotoTop()
	}
	if m.screen != screenConfirm || msg.gen != m.request.gen { // there it stands in full
		m.say("%s", answerLine(msg))
	}
	r := m.fleet.find(msg.id)
	if r == nil {
		return nil
	}
	if s := m.single[r.id]; s != nil { // began before the answer
		s.cancel()
		delete(m.single, r.id)
	}
	stale := *r
	stale.listed = time.Time{} // what the list had is of before
	m.fleet.replace(&stale)
	return m.startOne(&stale)
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

func (m *model) confirmHead() string {
	return m.titleLine("ask the service", m.place(m.request.view)) + "\n"
}

func (m *model) refreshRequest() {
	q := &m.request
	key := requestKey{m.width, q.gen, q.state}
	if key == q.shown {
		return
	}
	q.shown = key
	p := newPage(m.th, m.width)
	p.text(0, m.th.Strong, "ask the service to "+asks(q.op)+" "+q.name)
	p.gap()
	if q.wrong != "" {
		p.text(0, m.th.Bad, "this cannot be sent: "+q.wrong)
	} else {
		m.requestPage(p)
	}
	q.view.SetContent(p.String())
	q.view.SetYOffset(q.view.YOffset)
}

// requestPage is what is sent, to the byte, and what came of it.
func (m *model) requestPage(p *page) {
	q := &m.request
	const column = 13
	switch q.state {
	case notSent:
		p.text(0, m.th.Plain, m.keyOf(screenConfirm, actConfirm)+" sends this, and nothing else; "+m.keyOf(screenConfirm,
			actBack)+" leaves it:")
	case underWay:
		p.text(0, m.th.Waiting, "sent; the answer is waited for "+m.th.More)
	case answered:
		m.answerPage(p, column)
		p.gap()
		p.text(0, m.th.Faint, "the domain is diagnosed again now. this was sent:")
	}
	p.gap()
	p.field(2, "request", column, q.what.Method+" "+q.what.URL)
	for i, h := range q.what.Header {
		name := ""
		if i == 0 {
			name = "headers"
		}
		p.hang(2, name, m.th.Faint, column, m.th.Plain, h)
	}
	p.item(2, "body", column, m.th.Plain, q.what.Body)
	if q.state == notSent {
		p.gap()
		p.text(0, m.th.Faint,
			"afterwards the domain is diagnosed again. nothing else changes: no record, no route, no registration")
	}
}

func (m *model) answerPage(p *page, column int) {
	q := &m.request
	if q.err == nil {
		p.text(0, m.th.Good, m.th.Pass+" the service took it")
		p.item(2, "answer", column, m.th.Plain, "HTTP "+strconv.Itoa(q.out.HTTPStatus))
		if d := q.out.Domain; d != nil && d.Status != "" {
			p.item(2, "domain", column, m.th.Plain, d.Status)
		}
		if c := q.out.Certificate; c != nil && c.Status != "" {
			p.item(2, "certificate", column, m.th.Plain, c.Status)
		}
		if q.out.RequestID != "" {
			p.field(2, "request id", column, q.out.RequestID)
		}
		return
	}
	what, next := errorText(q.err)
	p.text(0, m.th.Bad, m.th.Fail+" "+what)
	if e, ok := errors.AsType[*api.Error](q.err); ok {
		if c, known := catalog.FindCode(e.Code); known {
			p.item(2, c.ID, column, m.th.Plain, c.Name+": "+c.Description)
		}
		if e.RequestID != "" {
			p.field(2, "request id", column, e.RequestID)
		}
	}
	if next != "" {
		p.item(2, "do", column, m.th.Plain, next)
	}
}
