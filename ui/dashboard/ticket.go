package dashboard

import (
	"slices"
	"strings"
	"time"

	"domdoc/catalog"
	"domdoc/checks"
	"domdoc/checks/incident"
	"domdoc/checks/ticket"
	"domdoc/ui/render"

	"github.com/charmbracelet/bubbles/viewport"
	tea "github.com/charmbracelet/bubbletea"
)

// ticket is the screen of a pasted error: what the service said, why, and the reply to send.
type ticketView struct {
	ids   []string // the domains that the text is about
	pos   int      // the one that is shown
	view  viewport.Model
	shown ticketKey // what the view's content was made of
	copy  []copyable
}

// ticketKey is everything that the content depends on.
type ticketKey struct {
	report   *checks.DomainReport
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
func (t *ticketView) id() string {
	if t.pos < len(t.ids) {
		return t.ids[t.pos]
	}
	return ""
}

// shownID is the domain that the screen is about, where it is about one.
func (m *model) shownID() string {
	if m.screen == screenTicket {
		return m.ticket.id()
	}
	return m.detail.id
}

// ticketMsg is a pasted text that was read.
type ticketMsg struct {
	gen  int
	read ticket.Ticket
}

// onTicket finds the domains that the text is about, and has them diagnosed with the codes that it reports.
func (m *model) onTicket(msg ticketMsg) tea.Cmd {
	if msg.gen != m.paste.gen || m.screen != screenPaste {
		return nil // another text since, or nobody waits for it any more
	}
	t := msg.read
	m.paste.said = ""
	rows, codes := m.ticketCodes(&t)
	if len(rows) == 0 {
		m.paste.said = "no domain is named in it"
		if len(t.Reported) == 0 {
			m.paste.said += ", and no error code either"
			return nil
		}
		m.paste.said += ": add the domain's name and press " + m.keyOf(screenPaste, actOpen) + " again"
		return nil
	}
	var cmds []tea.Cmd
	m.ticket.ids, m.ticket.pos = nil, 0
	for i, r := range rows {
		m.fleet.add(r)
		m.ticket.ids = append(m.ticket.ids, r.id)
		m.reported[r.id] = codes[i]
		if len(codes[i]) == 0 {
			delete(m.reported, r.id)
		}
		if len(m.pasted) >= maxPasted {
			clear(m.pasted)
		}
		m.pasted[r.id] = &t
		// A diagnosis from before knows nothing of the code: it is made again.
		if s := m.single[r.id]; s != nil {
			s.cancel()
			delete(m.single, r.id)
		}
	}
	cmds = append(cmds, m.arrangeNow())
	m.goBack()
	m.grid.Select(m.ticket.id())
	m.paste = paste{}
	m.detail.id = m.ticket.id()
	m.showTab(tabFindings)
	m.ticket.view.GotoTop()
	m.goTo(screenTicket)
	for _, r := range rows {
		cmds = append(cmds, m.startOne(m.fleet.find(r.id)))
	}
	return tea.Batch(cmds...)
}

// ticketCodes are the domains of a text with the codes that it reports of each. Where it reports any, a domain that
// is only named is left out.
func (m *model) ticketCodes(t *ticket.Ticket) (rows []*row, codes [][]checks.Reported) {
	all := m.ticketRows(*t)
	called := make([][]string, len(all))
	for i, r := range all {
		called[i] = []string{r.id, r.ascii}
		for _, n := range t.Names { // a record's name stands for the domain
			if slices.Contains(m.listedNames([]string{n}), r) {
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
func (m *model) ticketRows(t ticket.Ticket) []*row {
	var rows []*row
	add := func(r *row) {
		if r != nil && len(rows) < maxTicketDomains && !slices.ContainsFunc(rows, func(o *row) bool {
			return o.id == r.id
		}) {
			rows = append(rows, r)
		}
	}
	for _, id := range t.IDs {
		add(m.fleet.find(id))
	}
	if len(rows) == 0 {
		for _, r := range m.listedNames(t.Names) {
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
func (m *model) listedNames(names []string) []*row {
	var found []*row
	for _, full := range names {
		for name := full; strings.Contains(name, "."); _, name, _ = strings.Cut(name, ".") {
			if i, ok := m.fleet.byName[name]; ok {
				found = append(found, m.fleet.rows[i])
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
func (m *model) openTicket(id string) {
	if !slices.Contains(m.ticket.ids, id) {
		m.ticket.ids = []string{id}
	}
	m.ticket.pos = slices.Index(m.ticket.ids, id)
	m.ticket.view.GotoTop()
	m.goTo(screenTicket)
}

func offTicket(m *model) string {
	if r := m.subject(); r == nil || m.pasted[r.id] == nil {
		return "nothing was pasted about this domain; " + m.keyOf(screenList, actPaste) + " opens the box for it"
	}
	return ""
}

func offNextOfTicket(m *model) string {
	if len(m.ticket.ids) < 2 {
		return "the ticket is about one domain"
	}
	return ""
}

func (m *model) doTicket(a action) tea.Cmd {
	if moveView(&m.ticket.view, a) {
		return nil
	}
	r := m.fleet.find(m.ticket.id())
	switch a {
	case actBack:
		m.goBack()
	case actOpen:
		if r != nil {
			return m.open(r.id, tabFindings)
		}
	case actNext:
		m.ticket.pos = (m.ticket.pos + 1) % max(1, len(m.ticket.ids))
		m.ticket.view.GotoTop()
	case actDiagnose:
		if r != nil {
			return m.startOne(r)
		}
	case actCancel:
		return m.stopAll()
	case actCatalogue:
		if list := m.reported[m.ticket.id()]; len(list) > 0 {
			m.openEntry(list[0].Code)
			return nil
		}
		m.openCause(r)
	}
	return nil
}

func (m *model) ticketHead() string {
	r := m.fleet.find(m.ticket.id())
	if r == nil {
		return m.titleLine("a ticket", "") + "\n\n"
	}
	name := "a ticket about " + m.th.Strong.Do(r.name)
	if n := len(m.ticket.ids); n > 1 {
		name += m.th.Faint.Do(" (" + count(m.ticket.pos+1) + " of " + count(n) + ": " + m.keyOf(screenTicket, actNext) +
			")")
	}
	text, paint := m.stateWord(stateOf(r))
	if m.single[r.id] != nil {
		text, paint = "asking "+m.th.More, m.th.Waiting
	}
	line := []string{paint.Do(text)}
	if r.sum != nil && r.sum.title != "" && m.single[r.id] == nil {
		line = append(line, m.th.Strong.Do(printable(r.sum.title)))
	}
	var about []string
	if r.status != "" {
		about = append(about, m.th.Faint.Do("status ")+r.status)
	}
	return m.titleLine(name, m.place(m.ticket.view)) + "\n" + aside(strings.Join(line, "  "), about, m.width,
		m.th.More) + "\n"
}

func (m *model) refreshTicket() {
	t := &m.ticket
	id := t.id()
	r := m.reports.get(id)
	key := ticketKey{r, id, m.width, m.now.Truncate(time.Minute), m.single[id] != nil, m.incident.version}
	if key == t.shown {
		return
	}
	t.shown = key
	p := newPage(m.th, m.width)
	if r != nil {
		incident.SuppressAdvice(r, m.incident.found)
	}
	m.ticketPage(p, r)
	t.copy = p.copies
	t.view.SetContent(p.String())
	t.view.SetYOffset(t.view.YOffset)
}

// ticketPage is what the service said, what the evidence says to it, and the reply. In a wide window the reply stands
// at the right.
func (m *model) ticketPage(p *page, r *checks.DomainReport) {
	id := m.ticket.id()
	asking := m.single[id] != nil
	left := func(p *page) {
		m.serviceSaid(p, id, r)
		switch {
		case asking:
			p.head("because")
			p.text(2, m.th.Waiting, "asking the domain's servers, resolvers, the registry and the edge "+m.th.More)
		case r == nil:
			p.head("because")
			p.text(2, m.th.Strong, "it was not diagnosed")
			p.text(2, m.th.Plain, m.keyOf(screenTicket, actDiagnose)+" diagnoses it")
		default:
			m.because(p, r)
		}
	}
	if r == nil || asking {
		left(p)
		return
	}
	p.columns(left, func(p *page) { m.replyPart(p, r) })
}

// serviceSaid tells the codes of the text, with what it says of when and for which request.
func (m *model) serviceSaid(p *page, id string, r *checks.DomainReport) {
	p.head("the service said")
	list := m.reported[id]
	if len(list) == 0 {
		p.text(2, m.th.Plain, "the text names no error code; what is wrong with the domain now is told all the same")
	}
	for _, rep := range list {
		c, _ := catalog.FindCode(rep.Code)
		p.hang(2, c.ID, m.th.Strong, 12, m.th.Strong, c.Name)
		p.text(14, m.th.Plain, c.Description)
		if rep.Message != "" && rep.Message != c.Description {
			p.text(14, m.th.Faint, "“"+rep.Message+"”")
		}
		var facts []string
		if !rep.At.IsZero() {
			facts = append(facts, clock(rep.At, m.now)+" UTC")
		}
		if rep.Path != "" {
			facts = append(facts, strings.TrimSpace(rep.Method+" "+rep.Path))
		}
		if len(facts) > 0 {
			p.text(14, m.th.Faint, strings.Join(facts, ", "))
		}
	}
	if t := m.pasted[id]; t != nil {
		for _, req := range t.RequestIDs[:min(len(t.RequestIDs), 3)] {
			p.item(2, "request", 12, m.th.Plain, req)
			p.copies = append(p.copies, copyable{"the request's id", req})
		}
		if t.Cut {
			p.text(2, m.th.Warning, m.th.Warn+" the text was longer than "+count(ticket.MaxSize)+
				" bytes: only its beginning was read")
		}
	}
}

// because tells the root causes: those that account for what the service said first.
func (m *model) because(p *page, r *checks.DomainReport) {
	p.head("because")
	var behind []catalog.ID
	for _, c := range r.Codes {
		if c.Reported == nil {
			continue
		}
		behind = append(behind, c.Causes...)
		if c.State == checks.CodeReported {
			p.hang(2, m.th.Inconclusive, m.th.Unknown, 2, m.th.Strong, c.ID+": "+r.Note(c))
		}
	}
	roots := slices.Clone(r.Roots())
	slices.SortStableFunc(roots, func(a, b *checks.Finding) int {
		return b2i(!slices.Contains(behind, a.ID)) - b2i(!slices.Contains(behind, b.ID))
	})
	if len(roots) == 0 && len(behind) == 0 && r.Verdict == catalog.Pass {
		p.text(2, m.th.Good, m.th.Pass+" no fault was found")
	}
	for i, f := range roots {
		if i > 0 {
			p.gap()
		}
		sentence(p, f, i, len(roots))
		whoActs(p, f, m.now)
		p.item(4, "why", label, m.th.Plain, f.Why())
		fix := f.Fix()
		recordCards(p, fix)
		settles(p, fix, m.now)
		for _, rec := range fix.Records {
			p.copies = append(p.copies, recordCopies(rec)...)
		}
		for _, rec := range fix.Deletes {
			p.copies = append(p.copies, deleteCopies(rec)...)
		}
	}
}

// replyPart shows the reply as it is copied.
func (m *model) replyPart(p *page, r *checks.DomainReport) {
	text := replyOf(r)
	p.head("a reply to send (" + m.keyOf(screenTicket, actCopy) + " copies it)")
	p.gap()
	for l := range strings.Lines(text) {
		l = strings.TrimRight(l, "\n")
		if l == "" {
			p.lines = append(p.lines, "")
			continue
		}
		switch indent := len(l) - len(strings.TrimLeft(l, " ")); {
		case strings.HasPrefix(l[indent:], "- "):
			p.hang(2+indent, "-", m.th.Plain, 2, m.th.Plain, l[indent+2:])
		case indent > 0: // a record: its fields stand under each other
			p.verbatim(2+indent, m.th.Accent, l[indent:])
		default:
			p.text(2, m.th.Plain, l)
		}
	}
	p.copies = append(replyCopies(r), p.copies...)
}

func replyOf(r *checks.DomainReport) string { return render.Reply(render.NewDomain(r)) }

// replyCopies are the reply, as plain text and as Markdown.
func replyCopies(r *checks.DomainReport) []copyable {
	if r == nil {
		return nil
	}
	d := render.NewDomain(r)
	return []copyable{{"the reply to the ticket", render.Reply(d)}, {"the reply, as Markdown", render.ReplyMarkdown(d)}}
}
