package dashboard

import (
	"slices"
	"time"

	"domdoc/api"

	tea "github.com/charmbracelet/bubbletea"
)

// Update takes one message in. It neither blocks nor asks anybody anything.
func (m *model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	m.now = m.opt.Now()
	cmd := m.update(msg)
	m.refresh()
	return m, tea.Batch(cmd, m.tick(), m.remember(), m.regroup())
}

func (m *model) update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.width, m.height = msg.Width, msg.Height
		if m.opt.Plain && m.width > 0 {
			m.width, m.height = plainWidth, max(plainHeight, m.height)
		}
		m.resize()
	case tea.KeyMsg:
		return m.onKey(msg)
	case tea.MouseMsg:
		return m.onMouse(msg)
	case tea.ResumeMsg:
		m.resumed++
		return m.captureMouse() // who put us into the background took it back
	case batchMsg:
		return tea.Batch(m.onBatch(msg), collect(m.ctx, m.events))
	case resultMsg:
		return m.onSingle(event(msg))
	case tenantMsg:
		if msg.report != nil {
			m.tenant = msg.report
		}
	case arrangedMsg:
		return m.onArranged(msg)
	case arrangeSoonMsg:
		m.order.soon = false
		return m.arrangeNow()
	case groupedMsg:
		return m.onGrouped(msg)
	case groupSoonMsg:
		m.groups.dirty = false
		if m.screen == screenGroups {
			return m.groupNow()
		}
	case alarmMsg:
		return m.onAlarm(msg)
	case ticketMsg:
		return m.onTicket(msg)
	case exportedMsg:
		return m.onExported(msg)
	case openedMsg:
		return m.onOpened(msg)
	case wroteMsg:
		return m.onWrote(msg)
	case keepMsg:
		return m.keep()
	case tickMsg:
		if msg.gen == m.ticker.gen {
			m.ticker.every = 0 // it has rung; tick arms it again where it is still needed
			if m.query.Timed() {
				return m.arrangeLater()
			}
		}
	}
	return nil
}

// onBatch takes what happened within one window in.
func (m *model) onBatch(batch batchMsg) tea.Cmd {
	var cmds []tea.Cmd
	var added []int32
	results, ran := false, 0
	for _, e := range batch {
		switch {
		case e.end == loadEnded && e.gen == m.load.gen:
			cmds = append(cmds, m.endLoad(e.err))
			added = nil // the order is made anew
		case e.end == runEnded && e.gen == m.run.gen:
			m.endRun()
		case e.row != nil && e.gen == m.load.gen:
			m.load.count++
			if m.load.current != nil {
				m.load.current[e.row.id] = true
			}
			if i, isNew := m.fleet.add(e.row); isNew {
				added = append(added, i)
			}
		case e.id != "" && m.single[e.id] != nil && m.single[e.id].gen == e.gen: // a look at a watched domain
			delete(m.single, e.id)
			m.onResult(e, false)
			results = true
		case e.id != "" && e.gen == m.run.gen && m.run.active():
			m.run.done++
			ran++
			if e.failed != "" {
				m.run.failed++
			}
			m.onResult(e, false)
			results = true
		case e.failed != "" && e.id == "":
			m.say("%s", e.failed)
		}
	}
	if len(added) > 0 {
		cmds = append(cmds, m.arrangeAdded(added))
	}
	if ran > 0 {
		m.run.spark.add(m.now, ran)
	}
	if results {
		m.fleet.recount(m.now)
		cmds = append(cmds, m.arrangeResults(), m.setAlarm(), m.announce())
	}
	return tea.Batch(cmds...)
}

func (m *model) endRun() {
	m.run.cancel()
	m.run.cancel = nil
	m.incident.look(m.now, true)
	if m.continueRun(); m.run.active() {
		return
	}
	took := m.now.Sub(m.run.began)
	failed := ""
	if m.run.failed > 0 {
		failed = ", and failed at " + count(m.run.failed)
	}
	if m.run.more {
		failed += "; the rest follows when the list is complete"
	}
	m.say("diagnosed %s in %s%s", count(m.run.done), span(took), failed)
}

// onSingle takes the diagnosis of one domain in that was asked for by itself.
func (m *model) onSingle(e event) tea.Cmd {
	s := m.single[e.id]
	if s == nil || s.gen != e.gen {
		return nil // stopped, or asked for again since
	}
	delete(m.single, e.id)
	m.onResult(e, true)
	m.fleet.recount(m.now)
	return tea.Batch(m.arrangeResults(), m.setAlarm(), m.announce())
}

// arranging is the sorting and filtering of the list. Large lists are arranged in a command, one at a time.
type arranging struct {
	gen     int
	running bool
	dirty   bool // something changed since the command got its copy
	soon    bool // results have come; see arrangeResults
}

type arrangedMsg struct {
	gen   int
	order []int32
}

type arrangeSoonMsg struct{}

const (
	arrangeInUpdate = 2000                   // rows that are arranged within Update: less than a millisecond
	arrangeEvery    = 300 * time.Millisecond // how often results may move rows: more often nobody could read them
)

// arrangeNow selects and sorts the rows as the list is set.
func (m *model) arrangeNow() tea.Cmd {
	if len(m.fleet.rows) <= arrangeInUpdate {
		m.order.gen++ // a command that is still running is stale
		m.order.running, m.order.dirty = false, false
		m.grid.SetOrder(arrange(m.fleet.rows, m.view()))
		m.reselect()
		return nil
	}
	if m.order.running {
		m.order.dirty = true
		return nil
	}
	m.order.gen++
	m.order.running, m.order.dirty = true, false
	gen, rows, v := m.order.gen, slices.Clone(m.fleet.rows), m.view()
	return func() tea.Msg { return arrangedMsg{gen, arrange(rows, v)} }
}

func (m *model) onArranged(msg arrangedMsg) tea.Cmd {
	if msg.gen != m.order.gen {
		return nil
	}
	m.order.running = false
	m.grid.SetOrder(msg.order)
	m.reselect()
	if m.order.dirty {
		return m.arrangeNow()
	}
	return nil
}

// arrangeAdded shows rows that the loader appended.
func (m *model) arrangeAdded(added []int32) tea.Cmd {
	switch {
	case len(m.fleet.rows) <= arrangeInUpdate:
		return m.arrangeNow()
	case m.order.running:
		m.order.dirty = true
		return nil
	case m.narrowed() == "" && m.sort == sortListed && !m.upside && m.grid.Len()+len(added) == len(m.fleet.rows):
		m.grid.SetOrder(append(m.grid.Order(), added...))
		m.reselect()
		return nil
	}
	return m.arrangeLater()
}

// arrangeResults sorts again where results can have changed the order.
func (m *model) arrangeResults() tea.Cmd {
	if m.query.Empty() && !m.sort.aboutResults() {
		return nil
	}
	return m.arrangeLater()
}

func (m *model) arrangeLater() tea.Cmd {
	if m.order.soon {
		return nil
	}
	m.order.soon = true
	return tea.Tick(arrangeEvery, func(time.Time) tea.Msg { return arrangeSoonMsg{} })
}

// onKey finds the action of a key and does it.
func (m *model) onKey(msg tea.KeyMsg) tea.Cmd {
	m.notice = ""
	if msg.Alt && !msg.Paste && !m.typing() && m.keys.action(m.screen, msg.String(), false) == "" {
		// Esc and another key at once, as a slow connection delivers them: to the terminal it is the same as alt and that
		// key, which does nothing here.
		msg.Alt = false
		return tea.Batch(m.onKey(tea.KeyMsg{Type: tea.KeyEsc}), m.onKey(msg))
	}
	if msg.Paste {
		return m.onPaste(string(msg.Runes))
	}
	if n := len(msg.Runes); msg.Type == tea.KeyRunes && n > 1 && !m.typing() {
		return m.onRunes(msg)
	}
	a := m.keys.action(m.screen, msg.String(), m.typing())
	if m.tooSmall() && a != actQuit && a != actSuspend {
		return nil
	}
	if a == "" {
		if m.typing() {
			return m.typed(msg)
		}
		return nil
	}
	return m.do(a)
}

// onRunes is several characters in one read where none is text. A few, or one held down, are keys that a slow
// connection delivers together, and so is what begins with a key that opens a text field; else they are a paste on a
// terminal that does not bracket it, whose letters must not be taken for keys.
func (m *model) onRunes(msg tea.KeyMsg) tea.Cmd {
	const most = 3
	same := !slices.ContainsFunc(msg.Runes, func(r rune) bool { return r != msg.Runes[0] })
	first := m.keys.action(m.screen, string(msg.Runes[:1]), false)
	if len(msg.Runes) > most && !same && first != actFilter && first != actPalette {
		return m.onPaste(string(msg.Runes))
	}
	var cmds []tea.Cmd
	for i, r := range msg.Runes {
		if m.typing() { // the first one opened a field
			rest := msg
			rest.Runes = msg.Runes[i:]
			return tea.Batch(append(cmds, m.onKey(rest))...)
		}
		one := msg
		one.Runes = []rune{r}
		if r == ' ' {
			one.Type = tea.KeySpace
		}
		cmds = append(cmds, m.onKey(one))
	}
	return tea.Batch(cmds...)
}

// typing reports whether keys are text now.
func (m *model) typing() bool {
	switch m.screen {
	case screenList:
		return m.filter.open
	case screenCatalogue:
		return m.catalogue.search.open
	case screenPaste, screenChoose:
		return true
	case screenDetail:
		return m.detail.ledger.search.open && m.onLedger()
	case screenGroups, screenTicket, screenEntry, screenText, screenConfirm, screenHelp, screens:
	}
	return false
}

// typed gives a key to the text field that is open.
func (m *model) typed(msg tea.KeyMsg) tea.Cmd {
	switch m.screen {
	case screenList:
		return m.typeFilter(msg)
	case screenCatalogue:
		return m.typeSearch(msg)
	case screenPaste:
		m.paste.press(msg)
	case screenChoose:
		m.choose.press(msg)
	case screenDetail:
		return m.typeLedger(msg)
	case screenGroups, screenTicket, screenEntry, screenText, screenConfirm, screenHelp, screens:
	}
	return nil
}

// do does an action on the screen that is shown, or says why it cannot.
func (m *model) do(a action) tea.Cmd {
	if why := m.unavailable(a); why != "" {
		return m.say("%s", why)
	}
	switch a {
	case actQuit:
		return tea.Quit
	case actSuspend:
		return tea.Suspend
	case actHelp:
		return m.toggleHelp()
	case actPaste:
		m.openPaste("")
		return nil
	case actPalette:
		m.openPalette()
		return nil
	case actWatch:
		return m.toggleWatch()
	case actCopy:
		m.openCopy()
		return nil
	case actExport:
		m.openExport()
		return nil
	case actPage:
		return m.openPage()
	case actVerify:
		m.openRequest(api.OpVerify)
		return nil
	case actIssue:
		m.openRequest(api.OpIssueCertificate)
		return nil
	case actProfile:
		m.openProfiles()
		return nil
	case actMouse:
		return m.toggleMouse()
	}
	switch m.screen {
	case screenList:
		return m.doList(a)
	case screenGroups:
		return m.doGroups(a)
	case screenTicket:
		return m.doTicket(a)
	case screenDetail:
		return m.doDetail(a)
	case screenCatalogue:
		return m.doCatalogue(a)
	case screenEntry:
		return m.doEntry(a)
	case screenPaste:
		return m.doPaste(a)
	case screenChoose:
		return m.doChoose(a)
	case screenText:
		return m.doText(a)
	case screenConfirm:
		return m.doConfirm(a)
	case screenHelp:
		return m.doHelp(a)
	case screens:
	}
	return nil
}
