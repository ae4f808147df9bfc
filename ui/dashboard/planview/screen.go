package planview

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"domdoc/catalog"
	"domdoc/catalog/shell"
	"domdoc/checks"
	"domdoc/checks/plan"
	"domdoc/checks/plan/change"
	"domdoc/checks/plan/planner"
	"domdoc/checks/plan/rehearsal"
	"domdoc/checks/probe"
	"domdoc/ui/dashboard/action"
	"domdoc/ui/dashboard/inventory"
	"domdoc/ui/dashboard/page"
	"domdoc/ui/dashboard/screen"
	"domdoc/ui/dashboard/terminal"
	"domdoc/ui/render"
	"domdoc/ui/render/layout"
	"domdoc/ui/render/wire"

	"github.com/charmbracelet/bubbles/viewport"
	tea "github.com/charmbracelet/bubbletea"
)

// Asked is a change that is planned.
type Asked struct {
	// Lines are in the form of change.Lines, or the one line "nameservers …".
	Lines       []string
	Nameservers []string // of a move
	// Changes are those of an advice, and Advice what it is for.
	Changes []rehearsal.Change
	Advice  string
}

// Run is what makes a plan.
type Run struct {
	Doctor  *checks.Doctor
	Release func() // called when the doctor is no longer used
	Wire    probe.Transport
	Request planner.Request // the domains, and what is known of them
}

// Screen shows a plan, or how far it is.
type Screen struct {
	screen.Base
	*screen.Shared
	Form *Form
	run  func(*inventory.Row) Run

	id     string // of the domain
	asked  Asked
	gen    int
	cancel context.CancelFunc // nil: it is not running
	began  time.Time
	at     *atomic.Pointer[planner.Progress]
	out    *wire.Plan // nil: there is none
	failed error
	seen   bool // what came of it was shown

	View  viewport.Model
	shown key
}

// key is everything that the content depends on.
type key struct {
	gen, width int
	now        time.Time
	running    bool
}

// DoneMsg is what came of a plan.
type DoneMsg struct {
	Gen  int
	Plan *wire.Plan
	Err  error
}

// New makes the screen, with its box. run returns what makes the plan of a domain.
func New(s *screen.Shared, run func(*inventory.Row) Run) *Screen {
	p := &Screen{Shared: s, View: s.NewView(), run: run}
	p.Form = &Form{Shared: s, plan: p, Lines: make([]screen.Input, 1)}
	return p
}

// Scope implements screen.Screen.
func (p *Screen) Scope() action.Scope { return action.ScopePlan }

// Identity implements screen.Screen.
func (p *Screen) Identity() string { return fmt.Sprint("plan ", p.id, p.gen, p.cancel != nil) }

// Subject implements screen.Screen.
func (p *Screen) Subject() *inventory.Row { return p.Domains.Find(p.id) }

// Scroll implements screen.Screen.
func (p *Screen) Scroll(lines int) { p.View.SetYOffset(p.View.YOffset + lines) }

// Body implements screen.Screen.
func (p *Screen) Body() string { return p.View.View() }

const headLines = 3

// Resize implements screen.Screen.
func (p *Screen) Resize(width, height int) {
	p.View.Width, p.View.Height = width, max(0, height-headLines)
}

// Hints implements screen.Screen.
func (p *Screen) Hints() []action.Name {
	return []action.Name{
		action.Back, action.Cancel, action.Open, action.Copy, action.Export, action.Diagnose, action.PageDown,
		action.Palette, action.Help, action.Quit,
	}
}

// Interval implements screen.Screen.
func (p *Screen) Interval() time.Duration {
	if p.cancel != nil {
		return screen.FastTick
	}
	return 0
}

// Unavailable implements screen.Screen.
func (p *Screen) Unavailable(a action.Name) string {
	switch {
	case a == action.Cancel && p.cancel == nil:
		return "no plan is being made"
	case a == action.Export && p.out == nil:
		return "there is no plan to export"
	}
	return ""
}

// Running reports whether a plan is being made.
func (p *Screen) Running() bool { return p.cancel != nil }

// Open shows the plan of a domain if it is being made or was not seen yet, otherwise the box for a change.
func (p *Screen) Open(id string) {
	if id == p.id && (p.Running() || p.out != nil && !p.seen) {
		p.Show(p)
		return
	}
	p.Form.Open(id)
}

// FollowAdvice plans the advice of a fix. It returns why it cannot.
func (p *Screen) FollowAdvice(id, title string, fix catalog.Fix) (tea.Cmd, string) {
	changes, err := plan.Advice(fix)
	switch {
	case err != nil:
		return nil, "this advice cannot be planned: " + page.FirstLine(err.Error())
	case len(changes) == 0:
		return nil, NoRecords
	}
	a := Asked{Changes: changes, Advice: title}
	zones, lines := plan.AdviceLines(fix)
	for _, z := range zones {
		a.Lines = append(a.Lines, lines[z]...)
	}
	p.Form.set(id, a.Lines)
	return p.Start(id, a), ""
}

// NoRecords says why an advice has no plan.
const NoRecords = "this advice changes no record, so there is nothing to plan"

// Start makes a plan in the background, and shows the screen. A plan that is being made is stopped.
func (p *Screen) Start(id string, a Asked) tea.Cmd {
	r := p.Domains.Find(id)
	if r == nil {
		return p.Say("this domain is no longer listed")
	}
	p.stop()
	ctx, cancel := context.WithCancel(p.Ctx)
	run := p.run(r)
	gen, at := p.NextGen(), &atomic.Pointer[planner.Progress]{}
	p.id, p.asked, p.gen, p.cancel, p.began, p.at = id, a, gen, cancel, p.Now, at
	p.out, p.failed, p.seen = nil, nil, false
	p.View.GotoTop()
	p.Show(p)
	q := run.Request
	q.Progress = func(x planner.Progress) { at.Store(&x) }
	switch {
	case len(a.Nameservers) > 0:
		q.Nameservers = a.Nameservers
	case len(a.Changes) > 0:
		q.Changes = a.Changes
	default:
		q.Read = func(zone string) (*change.Set, error) { return change.Lines(zone, a.Lines) }
	}
	return func() (msg tea.Msg) {
		defer run.Release()
		defer cancel()
		defer func() {
			if v := recover(); v != nil {
				terminal.LogFault(v)
				msg = DoneMsg{Gen: gen, Err: fmt.Errorf("domdoc failed (%v); please report it", v)}
			}
		}()
		out, err := planner.Make(ctx, run.Doctor, run.Wire, q)
		switch {
		case ctx.Err() != nil: // what is unfinished proves nothing
			return DoneMsg{Gen: gen, Err: ctx.Err()}
		case err != nil:
			return DoneMsg{Gen: gen, Err: err}
		}
		return DoneMsg{Gen: gen, Plan: wire.NewPlan(out)}
	}
}

// stop stops the plan that is being made.
func (p *Screen) stop() {
	if p.cancel != nil {
		p.cancel()
		p.cancel = nil
		p.gen = p.NextGen() // what is still to arrive is stale
	}
}

// OnDone takes what came of a plan.
func (p *Screen) OnDone(msg DoneMsg) tea.Cmd {
	if msg.Gen != p.gen || p.cancel == nil {
		return nil
	}
	p.cancel = nil
	p.out, p.failed = msg.Plan, msg.Err
	here := p.Screen == screen.Screen(p)
	p.seen = here
	if bad, ok := errors.AsType[*change.Error](msg.Err); ok {
		p.Form.refuse(bad)
		if here {
			p.Show(p.Form)
			return nil
		}
	}
	if here {
		return nil
	}
	name := p.id
	if r := p.Subject(); r != nil {
		name = r.Name
	}
	if msg.Err != nil {
		return p.Say("the plan for %s failed: %s", name, page.FirstLine(msg.Err.Error()))
	}
	return p.Say("the plan for %s is ready: %s shows it there", name, p.KeyOf(action.ScopeDetail, action.Plan))
}

// Do implements screen.Screen.
func (p *Screen) Do(a action.Name) tea.Cmd {
	if screen.MoveView(&p.View, a) {
		return nil
	}
	switch a {
	case action.Back:
		p.Back()
	case action.Open:
		p.Form.id = p.id
		p.Form.Open(p.id)
	case action.Diagnose:
		return p.Start(p.id, p.asked)
	case action.Cancel:
		p.stop()
		p.failed = errors.New("stopped")
	}
	return nil
}

// Status implements screen.Screen.
func (p *Screen) Status() string {
	if p.cancel == nil {
		return ""
	}
	return p.Th.Waiting.Do(p.progress() + " " + p.Th.More + " " + page.Span(p.Now.Sub(p.began)))
}

// progress says what is done at present.
func (p *Screen) progress() string {
	x := p.at.Load()
	switch {
	case x == nil || x.Stage == planner.FindingZone:
		return "finding the zone"
	case x.Stage == planner.FindingDomains:
		return "finding the domains in the zone"
	case x.Stage == planner.Comparing:
		return "comparing the name servers"
	}
	return "diagnosing as it is and as it would be: " + page.Count(x.Done) + " of " + page.Count(x.Total)
}

// Head implements screen.Screen.
func (p *Screen) Head() string {
	name := p.id
	if r := p.Subject(); r != nil {
		name = r.Name
	}
	line := "what if: " + p.asked.Advice
	if p.asked.Advice == "" {
		line = strings.Join(p.asked.Lines, "; ")
	}
	return p.TitleLine("plan for "+p.Th.Strong.Do(page.Printable(name)), p.Place(p.View)) + "\n" +
		p.Th.Faint.Do(page.Printable(line)) + "\n"
}

// Refresh implements screen.Screen.
func (p *Screen) Refresh() {
	if p.Screen == screen.Screen(p) && p.cancel == nil {
		p.seen = true
	}
	k := key{p.gen, p.Width, p.Now.Truncate(time.Minute), p.cancel != nil}
	if k.running {
		k.now = p.Now
	}
	if k == p.shown && !k.running {
		return
	}
	p.shown = k
	b := p.Page(p.Width)
	switch {
	case p.cancel != nil:
		b.Gap()
		b.Line("")
		b.Text(2, p.Th.Waiting, p.progress()+" "+p.Th.More)
		b.Text(2, p.Th.Faint, p.KeyOf(action.ScopePlan, action.Cancel)+" stops it; "+
			p.KeyOf(action.ScopePlan, action.Back)+" goes back, and the plan goes on")
	case p.failed != nil:
		what, next := page.ErrorText(p.failed)
		b.Line("")
		b.Text(2, p.Th.Warning, "no plan was made: "+what)
		if next != "" {
			b.Text(2, p.Th.Plain, next)
		}
		b.Text(2, p.Th.Faint, p.KeyOf(action.ScopePlan, action.Open)+" edits the change, "+
			p.KeyOf(action.ScopePlan, action.Diagnose)+" plans it again")
	case p.out != nil:
		Page(b, p.out, p.Now)
	}
	p.View.SetContent(b.String())
	p.View.SetYOffset(p.View.YOffset)
}

// Text returns the plan as domdoc plan prints it.
func (p *Screen) Text() string {
	var b strings.Builder
	_ = render.PlanText(&b, p.out, layout.Style{Now: p.Now, Zone: p.Now.Location(), Reader: p.Reader})
	return b.String()
}

// JSON returns the plan as domdoc plan -o json prints it.
func (p *Screen) JSON() string {
	var b strings.Builder
	_ = wire.Write(&b, p.out, true)
	return b.String()
}

// Command returns the command that makes the plan.
func (p *Screen) Command() string {
	name := p.id
	if r := p.Subject(); r != nil {
		name = r.ASCII
	}
	words := []string{"domdoc", "plan", name}
	for _, l := range p.asked.Lines {
		if servers, ok := nameservers(l); ok {
			words = append(words, "--nameservers", strings.Join(servers, ","))
			continue
		}
		verb, value, _ := strings.Cut(strings.TrimSpace(l), " ")
		value = strings.TrimSpace(value)
		if q := len(value) - 1; q > 0 && value[0] == '\'' && value[q] == '\'' {
			value = value[1:q]
		}
		words = append(words, "--"+strings.ToLower(strings.TrimLeft(verb, "-")), value)
	}
	return shell.Command(words...)
}

// Copies implements screen.Screen.
func (p *Screen) Copies() []page.Copyable {
	list := []page.Copyable{{Label: "the command that makes this plan", Text: p.Command()}}
	if p.out == nil {
		return list
	}
	list = append([]page.Copyable{{Label: "the plan as text", Text: p.Text()}}, list...)
	list = append(list, page.Copyable{Label: "the plan as JSON", Text: p.JSON()})
	if m := p.out.Move; m != nil {
		for i, s := range m.Steps {
			for _, c := range s.Commands {
				list = append(list, page.Copyable{Label: fmt.Sprintf("step %d: command", i+1), Text: c})
			}
		}
	}
	return list
}
