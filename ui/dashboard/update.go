package dashboard

import (
	"slices"

	"domdoc/api"

	tea "github.com/charmbracelet/bubbletea"
)

// Update takes one message in. It neither blocks nor asks anybody anything.
func (m *model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	m.now = m.opt.Now()
	cmd := m.update(msg)
	m.screen.refresh()
	cmds := []tea.Cmd{cmd, m.tick(), m.save()}
	if m.screen == screen(m.groups) {
		cmds = append(cmds, m.groups.recount())
	}
	return m, tea.Batch(cmds...)
}

func (m *model) update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.width, m.height = msg.Width, msg.Height
		if m.opt.Plain && m.width > 0 {
			m.width, m.height = plainWidth, max(plainHeight, m.height)
		}
		for _, each := range m.screens() {
			each.resize(m.width, m.height-bottomLines)
		}
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
		return m.list.onArranged(msg)
	case arrangeSoonMsg:
		m.list.order.soon = false
		return m.list.arrangeNow()
	case groupedMsg:
		return m.groups.onGrouped(msg)
	case groupSoonMsg:
		m.groups.dirty = false
		if m.screen == screen(m.groups) {
			return m.groups.groupNow()
		}
	case alarmMsg:
		return m.onAlarm(msg)
	case ticketMsg:
		return m.openPasted(msg)
	case exportedMsg:
		return m.onExported(msg)
	case openedMsg:
		return m.onOpened(msg)
	case wroteMsg:
		return m.request.onWrote(msg)
	case saveMsg:
		return m.saveSoon()
	case tickMsg:
		if msg.gen == m.ticker.gen {
			m.ticker.every = 0 // it has rung; tick arms it again where it is still needed
			if m.list.query.Timed() {
				return m.list.arrangeLater()
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
		cmds = append(cmds, m.list.arrangeAdded(added))
	}
	if ran > 0 {
		m.run.spark.add(m.now, ran)
	}
	if results {
		m.fleet.recount(m.now)
		cmds = append(cmds, m.list.arrangeResults(), m.setAlarm(), m.announce())
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
	return tea.Batch(m.list.arrangeResults(), m.setAlarm(), m.announce())
}

// onKey finds the action of a key and does it.
func (m *model) onKey(msg tea.KeyMsg) tea.Cmd {
	m.notice = ""
	if msg.Alt && !msg.Paste && !m.screen.typing() && m.keys.action(m.screen.scope(), msg.String(), false) == "" {
		// Esc and another key at once, as a slow connection delivers them: to the terminal it is the same as alt and that
		// key, which does nothing here.
		msg.Alt = false
		return tea.Batch(m.onKey(tea.KeyMsg{Type: tea.KeyEsc}), m.onKey(msg))
	}
	if msg.Paste {
		return m.onPaste(string(msg.Runes))
	}
	if n := len(msg.Runes); msg.Type == tea.KeyRunes && n > 1 && !m.screen.typing() {
		return m.onRunes(msg)
	}
	a := m.keys.action(m.screen.scope(), msg.String(), m.screen.typing())
	if m.tooSmall() && a != actQuit && a != actSuspend {
		return nil
	}
	if a == "" {
		if m.screen.typing() {
			return m.screen.typed(msg)
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
	first := m.keys.action(m.screen.scope(), string(msg.Runes[:1]), false)
	if len(msg.Runes) > most && !same && first != actFilter && first != actPalette {
		return m.onPaste(string(msg.Runes))
	}
	var cmds []tea.Cmd
	for i, r := range msg.Runes {
		if m.screen.typing() { // the first one opened a field
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

// onPaste is text that the terminal says was pasted. It goes into the open text field; anywhere else it can only be
// an error from a ticket.
func (m *model) onPaste(text string) tea.Cmd {
	if m.tooSmall() {
		return nil
	}
	cmd, taken := m.screen.paste(text)
	if !taken {
		m.paste.open(text)
	}
	return cmd
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
		m.help.toggle()
		return nil
	case actPaste:
		m.paste.open("")
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
		m.request.open(api.OpVerify, m.screen.subject())
		return nil
	case actIssue:
		m.request.open(api.OpIssueCertificate, m.screen.subject())
		return nil
	case actProfile:
		m.openProfiles()
		return nil
	case actMouse:
		return m.toggleMouse()
	}
	return m.screen.do(a)
}
