// Package ticketview is the box for a pasted error and the screen that explains it.
package ticketview

import (
	"slices"
	"strings"
	"time"

	"domdoc/checks/finding"
	"domdoc/checks/result"

	"domdoc/checks/incident"
	"domdoc/checks/subject"
	"domdoc/checks/ticket"
	"domdoc/ui/dashboard/action"
	"domdoc/ui/dashboard/inventory"
	"domdoc/ui/dashboard/page"
	"domdoc/ui/dashboard/screen"
	"domdoc/ui/dashboard/tab"

	"domdoc/catalog"
	"domdoc/catalog/sanitize"

	"github.com/charmbracelet/bubbles/viewport"
	tea "github.com/charmbracelet/bubbletea"
)

// Screen shows a pasted error: what the service said, why, and the reply to send.
type Screen struct {
	screen.Base
	*screen.Shared
	IDs     []string            // the domains that the text is about
	Pos     int                 // the one that is shown
	Via     map[string]string   // the hosts that the text names in place of domains, by their ids
	Unasked map[string][]string // domains that the same text is about and that are not diagnosed
	View    viewport.Model
	shown   ticketKey // what the view's content was made of
	offered []page.Copyable
}

// ticketKey is everything that the content depends on.
type ticketKey struct {
	report   *result.Domain
	id       string
	width    int
	now      time.Time
	busy     bool
	incident int
}

const (
	ticketHeadLines = 3
	MaxPasted       = 200 // texts that are kept
)

// ID is the domain that is shown; empty where there is none.
func (t *Screen) ID() string {
	if t.Pos < len(t.IDs) {
		return t.IDs[t.Pos]
	}
	return ""
}

// Open shows what was pasted about a domain.
func (t *Screen) Open(id string) {
	if !slices.Contains(t.IDs, id) {
		t.IDs = []string{id}
	}
	t.Pos = slices.Index(t.IDs, id)
	t.View.GotoTop()
	t.Show(t)
}

// New makes the screen.
func New(s *screen.Shared) *Screen { return &Screen{Shared: s, View: s.NewView()} }

// Scope implements screen.Screen.
func (t *Screen) Scope() action.Scope { return action.ScopeTicket }

// Subject implements screen.Screen.
func (t *Screen) Subject() *inventory.Row { return t.Domains.Find(t.ID()) }

// Status implements screen.Screen.
func (t *Screen) Status() string { return t.AskingText(t.ID()) }

// Identity implements screen.Screen.
func (t *Screen) Identity() string { return t.ID() }

// Copies implements screen.Screen.
func (t *Screen) Copies() []page.Copyable { return t.offered }

// Scroll implements screen.Screen.
func (t *Screen) Scroll(lines int) { t.View.SetYOffset(t.View.YOffset + lines) }

// Body implements screen.Screen.
func (t *Screen) Body() string { return t.View.View() }

// Resize implements screen.Screen.
func (t *Screen) Resize(width, height int) {
	t.View.Width, t.View.Height = width, max(0, height-ticketHeadLines)
}

// Interval implements screen.Screen.
func (t *Screen) Interval() time.Duration {
	if t.Single[t.ID()] != nil {
		return screen.FastTick
	}
	return t.AgeInterval()
}

// Hints implements screen.Screen.
func (t *Screen) Hints() []action.Name {
	return []action.Name{
		action.Back, action.Copy, action.Open, action.Watch, action.Next, action.Diagnose, action.Cancel,
		action.Catalogue, action.Palette,
		action.Help, action.Quit, action.Paste,
	}
}

// Unavailable implements screen.Screen.
func (t *Screen) Unavailable(a action.Name) string {
	if a == action.Next && len(t.IDs) < 2 {
		return "the ticket names only one domain"
	}
	return ""
}

// Do implements screen.Screen.
func (t *Screen) Do(a action.Name) tea.Cmd {
	if screen.MoveView(&t.View, a) {
		return nil
	}
	r := t.Domains.Find(t.ID())
	switch a {
	case action.Back:
		t.Back()
	case action.Open:
		if r != nil {
			return t.OpenDomain(r.ID, tab.Findings)
		}
	case action.Next:
		t.Pos = (t.Pos + 1) % max(1, len(t.IDs))
		t.View.GotoTop()
	case action.Diagnose:
		if r != nil {
			return t.Diagnose(r)
		}
	case action.Cancel:
		return t.Stop()
	case action.Catalogue:
		if list := t.Reported[t.ID()]; len(list) > 0 {
			t.OpenEntry(list[0].Code)
			return nil
		}
		t.OpenFirstCause(r)
	}
	return nil
}

// Head implements screen.Screen.
func (t *Screen) Head() string {
	r := t.Domains.Find(t.ID())
	if r == nil {
		return t.TitleLine("a ticket", "") + "\n\n"
	}
	name := "ticket about " + t.Th.Strong.Do(r.Name)
	if n := len(t.IDs); n > 1 {
		name += t.Th.Faint.Do(" (" + page.Count(t.Pos+1) + " of " + page.Count(n) + ": " + t.KeyOf(action.ScopeTicket,
			action.Next) +
			")")
	}
	text, paint := t.StateWord(inventory.StateOf(r))
	if t.Single[r.ID] != nil {
		text, paint = "asking "+t.Th.More, t.Th.Waiting
	}
	line := []string{paint.Do(text)}
	if r.Sum != nil && r.Sum.Title != "" && t.Single[r.ID] == nil {
		line = append(line, t.Th.Strong.Do(page.Printable(r.Sum.Title)))
	}
	var about []string
	if r.Status != "" {
		about = append(about, t.Th.Faint.Do("status ")+r.Status)
	}
	return t.TitleLine(name, t.Place(t.View)) + "\n" + page.Aside(strings.Join(line, "  "), about, t.Width,
		t.Th.More) + "\n"
}

// Refresh implements screen.Screen.
func (t *Screen) Refresh() {
	id := t.ID()
	r := t.Reports.Get(id)
	key := ticketKey{r, id, t.Width, t.Now.Truncate(time.Minute), t.Single[id] != nil, t.Incident.Version}
	if key == t.shown {
		return
	}
	t.shown = key
	p := t.Page(t.Width)
	if r != nil {
		incident.SuppressAdvice(r, t.Incident.Found)
		incident.Adopt(r, t.Incident.Found)
	}
	t.ticketPage(p, r)
	t.offered = p.Copies
	t.View.SetContent(p.String())
	t.View.SetYOffset(t.View.YOffset)
}

// ticketPage shows what the service reported, the evidence for it, and the reply; in a wide window the reply is on
// the right.
func (t *Screen) ticketPage(p *page.Builder, r *result.Domain) {
	id := t.ID()
	asking := t.Single[id] != nil
	left := func(p *page.Builder) {
		t.serviceSaid(p, id, r)
		switch {
		case asking:
			p.Head("because")
			p.Text(2, t.Th.Waiting, "querying the domain's servers, resolvers, the registry and the CDN edge "+t.Th.More)
		case r == nil:
			p.Head("because")
			p.Text(2, t.Th.Strong, "not diagnosed yet")
			p.Text(2, t.Th.Plain, t.KeyOf(action.ScopeTicket, action.Diagnose)+" diagnoses it")
		default:
			t.because(p, r)
		}
	}
	if r == nil || asking {
		left(p)
		return
	}
	p.Columns(left, func(p *page.Builder) { t.replyPart(p, r) })
}

// serviceSaid writes the codes of the text with their times and requests.
func (t *Screen) serviceSaid(p *page.Builder, id string, r *result.Domain) {
	list := t.Reported[id]
	head := "the service said"
	if len(list) > 0 && !slices.ContainsFunc(list, func(r subject.Reported) bool { return !r.Mentioned() }) {
		head = catalog.Mentioned
	}
	p.Head(head)
	if len(list) == 0 {
		p.Text(2, t.Th.Plain, "the text has no error code; the current faults of the domain are shown anyway")
	}
	if read := t.Pasted[id]; read != nil {
		t.alsoSaid(p, id, read)
	}
	for _, rep := range list {
		c, _ := catalog.FindCode(rep.Code)
		p.Hang(2, c.ID, t.Th.Strong, 12, t.Th.Strong, c.Name)
		p.Text(14, t.Th.Plain, c.Description)
		if rep.Message != "" && rep.Message != c.Description {
			p.Text(14, t.Th.Faint, "“"+rep.Message+"”")
		}
		var facts []string
		if !rep.At.IsZero() {
			facts = append(facts, page.Clock(rep.At, t.Now))
		}
		if rep.Path != "" {
			facts = append(facts, strings.TrimSpace(rep.Method+" "+rep.Path))
		}
		if len(facts) > 0 {
			p.Text(14, t.Th.Faint, strings.Join(facts, ", "))
		}
	}
	if read := t.Pasted[id]; read != nil {
		for _, req := range read.RequestIDs[:min(len(read.RequestIDs), 3)] {
			p.Item(2, "request", 12, t.Th.Plain, req)
			p.Copies = append(p.Copies, page.Copyable{Label: "the request's id", Text: req})
		}
		if read.Cut {
			p.Text(2, t.Th.Warning, t.Th.Warn+" the text is longer than "+page.Count(ticket.MaxSize)+
				" bytes: only the beginning was read")
		}
	}
}

// alsoSaid writes what a text says apart from its codes: errors of other software, what is no code, and the host that
// it names in place of the domain.
func (t *Screen) alsoSaid(p *page.Builder, id string, read *ticket.Ticket) {
	other := *read
	other.Reported = nil
	for _, s := range other.Says() {
		p.Text(2, t.Th.Plain, p.Say(s))
	}
	if open := t.Unasked[id]; len(open) > 0 {
		p.Text(2, t.Th.Warning, t.Th.Warn+" "+catalog.TicketOpen(open))
	}
	if r := t.Domains.Find(id); r != nil && t.Via[id] != "" {
		p.Text(2, t.Th.Plain, catalog.TicketVia(sanitize.Text(t.Via[id], 253), r.ASCII))
	}
}

// because writes the root causes, those that explain a reported code first.
func (t *Screen) because(p *page.Builder, r *result.Domain) {
	p.Head("because")
	var behind []catalog.ID
	for _, c := range r.Codes {
		if c.Reported == nil {
			continue
		}
		behind = append(behind, c.Causes...)
		if c.State == result.CodeReported {
			p.Hang(2, t.Th.Inconclusive, t.Th.Unknown, 2, t.Th.Strong, c.ID+": "+p.Say(r.Note(c)))
		}
	}
	roots := slices.Clone(r.Roots())
	slices.SortStableFunc(roots, func(a, b *finding.Finding) int {
		return inventory.TrueLast(!slices.Contains(behind, a.ID)) - inventory.TrueLast(!slices.Contains(behind, b.ID))
	})
	if len(roots) == 0 && len(behind) == 0 && r.Verdict == catalog.Pass {
		p.Text(2, t.Th.Good, t.Th.Pass+" no fault was found")
	}
	for i, f := range roots {
		if i > 0 {
			p.Gap()
		}
		tab.Sentence(p, f, i, len(roots))
		tab.WhoActs(p, f, t.Now)
		p.Item(4, "why", tab.Label, t.Th.Plain, p.Say(f.Why()))
		fix := f.Fix()
		tab.RecordCards(p, fix)
		tab.Settles(p, fix, t.Now)
		for _, rec := range fix.Records {
			p.Copies = append(p.Copies, page.RecordCopies(rec)...)
		}
		for _, rec := range fix.Deletes {
			p.Copies = append(p.Copies, page.DeleteCopies(rec)...)
		}
	}
}

// replyPart shows the reply as it is copied.
func (t *Screen) replyPart(p *page.Builder, r *result.Domain) {
	text := tab.ReplyOf(r, t.Now, t.Reader)
	p.Head("reply to send (" + t.KeyOf(action.ScopeTicket, action.Copy) + " copies it)")
	p.Gap()
	for l := range strings.Lines(text) {
		l = strings.TrimRight(l, "\n")
		if l == "" {
			p.Lines = append(p.Lines, "")
			continue
		}
		switch indent := len(l) - len(strings.TrimLeft(l, " ")); {
		case strings.HasPrefix(l[indent:], "- "):
			p.Hang(2+indent, "-", t.Th.Plain, 2, t.Th.Plain, l[indent+2:])
		case indent > 0: // a record: its fields stand under each other
			p.Verbatim(2+indent, t.Th.Accent, l[indent:])
		default:
			p.Text(2, t.Th.Plain, l)
		}
	}
	p.Copies = append(tab.ReplyCopies(r, t.Now, t.Reader), p.Copies...)
}
