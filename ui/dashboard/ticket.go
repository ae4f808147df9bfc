package dashboard

import (
	"slices"
	"strings"
	"time"

	"domdoc/checks/finding"
	"domdoc/checks/incident"
	"domdoc/checks/result"
	"domdoc/checks/subject"
	"domdoc/checks/ticket"

	"domdoc/catalog"
	"domdoc/ui/render/report"
	"domdoc/ui/render/wire"

	"github.com/charmbracelet/bubbles/viewport"
	tea "github.com/charmbracelet/bubbletea"
)

// ticketScreen shows a pasted error: what the service said, why, and the reply to send.
type ticketScreen struct {
	still
	*shared
	ids     []string // the domains that the text is about
	pos     int      // the one that is shown
	view    viewport.Model
	shown   ticketKey // what the view's content was made of
	offered []copyable
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
	ticketHeadLines  = 3
	maxTicketDomains = 5   // of one text
	maxPasted        = 200 // texts that are kept
)

// id is the domain that is shown; empty where there is none.
func (t *ticketScreen) id() string {
	if t.pos < len(t.ids) {
		return t.ids[t.pos]
	}
	return ""
}

// ticketMsg is a pasted text that was read.
type ticketMsg struct {
	gen  int
	read ticket.Ticket
}

// openPasted finds the domains that a pasted text is about, and has them diagnosed with the codes that it reports.
func (m *model) openPasted(msg ticketMsg) tea.Cmd {
	if msg.gen != m.paste.gen || m.screen != screen(m.paste) {
		return nil // another text has been pasted since, or the box was left
	}
	read := msg.read
	m.paste.said = ""
	rows, codes := m.fleet.ticketCodes(&read)
	if len(rows) == 0 {
		m.paste.said = "no domain is named in it"
		if len(read.Reported) == 0 {
			m.paste.said += ", and no error code either"
			return nil
		}
		m.paste.said += ": add the domain's name and press " + m.keyOf(scopePaste, actOpen) + " again"
		return nil
	}
	t := m.ticket
	t.ids, t.pos = nil, 0
	for i, r := range rows {
		m.fleet.add(r)
		t.ids = append(t.ids, r.id)
		m.reported[r.id] = codes[i]
		if len(codes[i]) == 0 {
			delete(m.reported, r.id)
		}
		if len(m.pasted) >= maxPasted {
			clear(m.pasted)
		}
		m.pasted[r.id] = &read
		m.abandon(r.id) // an earlier diagnosis does not take the code into account
	}
	cmds := []tea.Cmd{m.list.arrangeNow()}
	m.back()
	m.list.grid.Select(t.id())
	m.paste.clear()
	m.detail.id = t.id()
	m.detail.showTab(tabFindings)
	t.view.GotoTop()
	m.show(t)
	for _, r := range rows {
		cmds = append(cmds, m.startOne(m.fleet.find(r.id)))
	}
	return tea.Batch(cmds...)
}

// ticketCodes are the domains of a text with the codes that it reports of each. Where it reports any, a domain that
// is only named is left out.
func (f *fleet) ticketCodes(t *ticket.Ticket) (rows []*row, codes [][]subject.Reported) {
	all := f.ticketRows(*t)
	called := make([][]string, len(all))
	for i, r := range all {
		called[i] = []string{r.id, r.ascii}
		for _, n := range t.Names { // a record's name stands for the domain
			if slices.Contains(f.listedNames([]string{n}), r) {
				called[i] = append(called[i], n)
			}
		}
	}
	list := t.Assign(called)
	for i, r := range all {
		if len(list[i]) > 0 {
			rows, codes = append(rows, r), append(codes, list[i])
		}
	}
	if len(rows) == 0 {
		return all, list
	}
	return rows, codes
}

// ticketRows are the domains of a text: the service's ids first, then the names that the list has (a record's name
// counts for the domain it stands under, the longest name first), then ids that the list does not have, and at last
// the first name that is in no list.
func (f *fleet) ticketRows(t ticket.Ticket) []*row {
	var rows []*row
	add := func(r *row) {
		if r != nil && len(rows) < maxTicketDomains && !slices.ContainsFunc(rows, func(o *row) bool {
			return o.id == r.id
		}) {
			rows = append(rows, r)
		}
	}
	for _, id := range t.IDs {
		add(f.find(id))
	}
	if len(rows) == 0 {
		for _, r := range f.listedNames(t.Names) {
			add(r)
		}
	}
	if len(rows) == 0 && len(t.IDs) > 0 {
		add(namedRow("", t.IDs[0]))
	}
	if len(rows) == 0 && len(t.Names) > 0 {
		add(namedRow(t.Names[0], ""))
	}
	return rows
}

// listedNames are the rows that names stand for or stand under; one that another is under is what that one was told
// apart from, and comes after it.
func (f *fleet) listedNames(names []string) []*row {
	var found []*row
	for _, full := range names {
		for name := full; strings.Contains(name, "."); _, name, _ = strings.Cut(name, ".") {
			if i, ok := f.byName[name]; ok {
				found = append(found, f.rows[i])
				break
			}
		}
	}
	slices.SortStableFunc(found, func(a, b *row) int {
		switch {
		case strings.HasSuffix(a.ascii, "."+b.ascii):
			return -1
		case strings.HasSuffix(b.ascii, "."+a.ascii):
			return 1
		}
		return 0
	})
	return found
}

// openTicket shows what was pasted about a domain.
func (t *ticketScreen) open(id string) {
	if !slices.Contains(t.ids, id) {
		t.ids = []string{id}
	}
	t.pos = slices.Index(t.ids, id)
	t.view.GotoTop()
	t.show(t)
}

func newTicketScreen(s *shared) *ticketScreen { return &ticketScreen{shared: s, view: s.newView()} }

func (t *ticketScreen) scope() scope       { return scopeTicket }
func (t *ticketScreen) subject() *row      { return t.fleet.find(t.id()) }
func (t *ticketScreen) status() string     { return t.askingText(t.id()) }
func (t *ticketScreen) identity() string   { return t.id() }
func (t *ticketScreen) copies() []copyable { return t.offered }
func (t *ticketScreen) scroll(lines int)   { t.view.SetYOffset(t.view.YOffset + lines) }
func (t *ticketScreen) body() string       { return t.view.View() }

func (t *ticketScreen) resize(width, height int) {
	t.view.Width, t.view.Height = width, max(0, height-ticketHeadLines)
}

func (t *ticketScreen) interval() time.Duration {
	if t.single[t.id()] != nil {
		return fastTick
	}
	return t.ageInterval()
}

func (t *ticketScreen) hints() []action {
	return []action{
		actBack, actCopy, actOpen, actWatch, actNext, actDiagnose, actCancel, actCatalogue, actPalette,
		actHelp, actQuit, actPaste,
	}
}

func (t *ticketScreen) unavailable(a action) string {
	if a == actNext && len(t.ids) < 2 {
		return "the ticket is about one domain"
	}
	return ""
}

func (t *ticketScreen) do(a action) tea.Cmd {
	if moveView(&t.view, a) {
		return nil
	}
	r := t.fleet.find(t.id())
	switch a {
	case actBack:
		t.back()
	case actOpen:
		if r != nil {
			return t.openDomain(r.id, tabFindings)
		}
	case actNext:
		t.pos = (t.pos + 1) % max(1, len(t.ids))
		t.view.GotoTop()
	case actDiagnose:
		if r != nil {
			return t.diagnose(r)
		}
	case actCancel:
		return t.stop()
	case actCatalogue:
		if list := t.reported[t.id()]; len(list) > 0 {
			t.openEntry(list[0].Code)
			return nil
		}
		t.openFirstCause(r)
	}
	return nil
}

func (t *ticketScreen) head() string {
	r := t.fleet.find(t.id())
	if r == nil {
		return t.titleLine("a ticket", "") + "\n\n"
	}
	name := "a ticket about " + t.th.Strong.Do(r.name)
	if n := len(t.ids); n > 1 {
		name += t.th.Faint.Do(" (" + count(t.pos+1) + " of " + count(n) + ": " + t.keyOf(scopeTicket, actNext) +
			")")
	}
	text, paint := t.stateWord(stateOf(r))
	if t.single[r.id] != nil {
		text, paint = "asking "+t.th.More, t.th.Waiting
	}
	line := []string{paint.Do(text)}
	if r.sum != nil && r.sum.title != "" && t.single[r.id] == nil {
		line = append(line, t.th.Strong.Do(printable(r.sum.title)))
	}
	var about []string
	if r.status != "" {
		about = append(about, t.th.Faint.Do("status ")+r.status)
	}
	return t.titleLine(name, t.place(t.view)) + "\n" + aside(strings.Join(line, "  "), about, t.width,
		t.th.More) + "\n"
}

func (t *ticketScreen) refresh() {
	id := t.id()
	r := t.reports.get(id)
	key := ticketKey{r, id, t.width, t.now.Truncate(time.Minute), t.single[id] != nil, t.incident.version}
	if key == t.shown {
		return
	}
	t.shown = key
	p := newPage(t.th, t.width)
	if r != nil {
		incident.SuppressAdvice(r, t.incident.found)
	}
	t.ticketPage(p, r)
	t.offered = p.copies
	t.view.SetContent(p.String())
	t.view.SetYOffset(t.view.YOffset)
}

// ticketPage is what the service said, what the evidence says to it, and the reply. In a wide window the reply stands
// at the right.
func (t *ticketScreen) ticketPage(p *page, r *result.Domain) {
	id := t.id()
	asking := t.single[id] != nil
	left := func(p *page) {
		t.serviceSaid(p, id, r)
		switch {
		case asking:
			p.head("because")
			p.text(2, t.th.Waiting, "asking the domain's servers, resolvers, the registry and the edge "+t.th.More)
		case r == nil:
			p.head("because")
			p.text(2, t.th.Strong, "it was not diagnosed")
			p.text(2, t.th.Plain, t.keyOf(scopeTicket, actDiagnose)+" diagnoses it")
		default:
			t.because(p, r)
		}
	}
	if r == nil || asking {
		left(p)
		return
	}
	p.columns(left, func(p *page) { t.replyPart(p, r) })
}

// serviceSaid tells the codes of the text, with what it says of when and for which request.
func (t *ticketScreen) serviceSaid(p *page, id string, r *result.Domain) {
	p.head("the service said")
	list := t.reported[id]
	if len(list) == 0 {
		p.text(2, t.th.Plain, "the text names no error code; what is wrong with the domain now is told all the same")
	}
	for _, rep := range list {
		c, _ := catalog.FindCode(rep.Code)
		p.hang(2, c.ID, t.th.Strong, 12, t.th.Strong, c.Name)
		p.text(14, t.th.Plain, c.Description)
		if rep.Message != "" && rep.Message != c.Description {
			p.text(14, t.th.Faint, "“"+rep.Message+"”")
		}
		var facts []string
		if !rep.At.IsZero() {
			facts = append(facts, clock(rep.At, t.now)+" UTC")
		}
		if rep.Path != "" {
			facts = append(facts, strings.TrimSpace(rep.Method+" "+rep.Path))
		}
		if len(facts) > 0 {
			p.text(14, t.th.Faint, strings.Join(facts, ", "))
		}
	}
	if read := t.pasted[id]; read != nil {
		for _, req := range read.RequestIDs[:min(len(read.RequestIDs), 3)] {
			p.item(2, "request", 12, t.th.Plain, req)
			p.copies = append(p.copies, copyable{"the request's id", req})
		}
		if read.Cut {
			p.text(2, t.th.Warning, t.th.Warn+" the text was longer than "+count(ticket.MaxSize)+
				" bytes: only its beginning was read")
		}
	}
}

// because tells the root causes: those that account for what the service said first.
func (t *ticketScreen) because(p *page, r *result.Domain) {
	p.head("because")
	var behind []catalog.ID
	for _, c := range r.Codes {
		if c.Reported == nil {
			continue
		}
		behind = append(behind, c.Causes...)
		if c.State == result.CodeReported {
			p.hang(2, t.th.Inconclusive, t.th.Unknown, 2, t.th.Strong, c.ID+": "+r.Note(c))
		}
	}
	roots := slices.Clone(r.Roots())
	slices.SortStableFunc(roots, func(a, b *finding.Finding) int {
		return b2i(!slices.Contains(behind, a.ID)) - b2i(!slices.Contains(behind, b.ID))
	})
	if len(roots) == 0 && len(behind) == 0 && r.Verdict == catalog.Pass {
		p.text(2, t.th.Good, t.th.Pass+" no fault was found")
	}
	for i, f := range roots {
		if i > 0 {
			p.gap()
		}
		sentence(p, f, i, len(roots))
		whoActs(p, f, t.now)
		p.item(4, "why", label, t.th.Plain, f.Why())
		fix := f.Fix()
		recordCards(p, fix)
		settles(p, fix, t.now)
		for _, rec := range fix.Records {
			p.copies = append(p.copies, recordCopies(rec)...)
		}
		for _, rec := range fix.Deletes {
			p.copies = append(p.copies, deleteCopies(rec)...)
		}
	}
}

// replyPart shows the reply as it is copied.
func (t *ticketScreen) replyPart(p *page, r *result.Domain) {
	text := replyOf(r)
	p.head("a reply to send (" + t.keyOf(scopeTicket, actCopy) + " copies it)")
	p.gap()
	for l := range strings.Lines(text) {
		l = strings.TrimRight(l, "\n")
		if l == "" {
			p.lines = append(p.lines, "")
			continue
		}
		switch indent := len(l) - len(strings.TrimLeft(l, " ")); {
		case strings.HasPrefix(l[indent:], "- "):
			p.hang(2+indent, "-", t.th.Plain, 2, t.th.Plain, l[indent+2:])
		case indent > 0: // a record: its fields stand under each other
			p.verbatim(2+indent, t.th.Accent, l[indent:])
		default:
			p.text(2, t.th.Plain, l)
		}
	}
	p.copies = append(replyCopies(r), p.copies...)
}

func replyOf(r *result.Domain) string { return report.Reply(wire.NewDomain(r)) }

// replyCopies are the reply, as plain text and as Markdown.
func replyCopies(r *result.Domain) []copyable {
	if r == nil {
		return nil
	}
	d := wire.NewDomain(r)
	return []copyable{{"the reply to the ticket", report.Reply(d)}, {"the reply, as Markdown", report.ReplyMarkdown(d)}}
}
