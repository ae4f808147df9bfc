package dashboard

import (
	"slices"

	"domdoc/api"
	"domdoc/ui/dashboard/action"
	"domdoc/ui/dashboard/dialog"
	"domdoc/ui/dashboard/list"
	"domdoc/ui/dashboard/page"
	"domdoc/ui/dashboard/planview"
	"domdoc/ui/dashboard/runner"
	"domdoc/ui/dashboard/screen"
	"domdoc/ui/dashboard/ticketview"

	tea "github.com/charmbracelet/bubbletea"
)

// Update handles one message. It neither blocks nor sends requests itself.
func (m *model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	m.Now = m.opt.Now()
	cmd := m.update(msg)
	m.Screen.Refresh()
	cmds := []tea.Cmd{cmd, m.tick(), m.save()}
	if m.Screen == screen.Screen(m.groups) {
		cmds = append(cmds, m.groups.Recount())
	}
	return m, tea.Batch(cmds...)
}

func (m *model) update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.Width, m.Height = msg.Width, msg.Height
		if m.opt.Plain && m.Width > 0 {
			m.Width, m.Height = plainWidth, max(plainHeight, m.Height)
		}
		for _, each := range m.screens() {
			each.Resize(m.Width, m.Height-screen.BottomLines)
		}
	case tea.KeyMsg:
		return m.onKey(msg)
	case tea.MouseMsg:
		return m.onMouse(msg)
	case tea.ResumeMsg:
		m.resumed++
		return m.captureMouse() // the program was resumed from the background
	case batchMsg:
		return tea.Batch(m.onBatch(msg), m.nextBatch())
	case resultMsg:
		return m.onSingle(runner.Event(msg))
	case tenantMsg:
		if msg.report != nil {
			m.Tenant = msg.report
		}
		return tea.Batch(m.recallAll(), m.readResults())
	case earlierMsg:
		return m.onEarlier(msg)
	case keptMsg:
		return m.detail.onKept(msg)
	case list.ArrangedMsg:
		return m.list.OnArranged(msg)
	case list.ArrangeSoonMsg:
		m.list.Order.Soon = false
		return m.list.ArrangeNow()
	case list.GroupedMsg:
		return m.groups.OnGrouped(msg)
	case list.GroupSoonMsg:
		m.groups.Dirty = false
		if m.Screen == screen.Screen(m.groups) {
			return m.groups.GroupNow()
		}
	case overdueMsg:
		return m.onOverdue(msg)
	case alarmMsg:
		return m.onAlarm(msg)
	case ticketview.ReadMsg:
		return m.openPasted(msg.Gen, msg.Read)
	case exportedMsg:
		return m.onExported(msg)
	case openedMsg:
		return m.onOpened(msg)
	case planview.DoneMsg:
		return m.plan.OnDone(msg)
	case dialog.AnswerMsg:
		return m.request.OnWrote(msg)
	case saveMsg:
		return m.saveSoon()
	case tickMsg:
		if msg.gen == m.ticker.gen {
			m.ticker.every = 0 // it has fired; tick arms it again if it is still needed
			if m.list.Query.Timed() {
				return m.list.ArrangeLater()
			}
		}
	}
	return nil
}

// onBatch handles the events of one window.
func (m *model) onBatch(batch batchMsg) tea.Cmd {
	var cmds []tea.Cmd
	var added []int32
	results, ran := false, 0
	for _, e := range batch {
		switch {
		case e.End == runner.LoadEnded && e.Gen == m.Load.Gen:
			cmds = append(cmds, m.endLoad(e.Err))
			added = nil // the order is rebuilt
		case e.End == runner.RunEnded && e.Gen == m.Run.Gen:
			cmds = append(cmds, m.endRun())
			cmds = append(cmds, m.setOverdue())
		case e.Row != nil && e.Gen == m.Load.Gen:
			m.Load.Count++
			if m.Load.Current != nil {
				m.Load.Current[e.Row.ID] = true
			}
			if i, isNew := m.Domains.Add(m.recall(e.Row)); isNew {
				added = append(added, i)
			}
		case e.ID != "" && m.Single[e.ID] != nil && m.Single[e.ID].Gen == e.Gen: // a check of a watched domain
			delete(m.Single, e.ID)
			m.onResult(e, false)
			results = true
		case e.ID != "" && e.Gen == m.Run.Gen && m.Run.Active():
			m.Run.Done++
			if e.Report != nil {
				m.Run.Rest.Took(e.Report.Took)
			}
			ran++
			if e.Failed != "" {
				m.Run.Failed++
			}
			m.onResult(e, false)
			results = true
		case e.Failed != "" && e.ID == "":
			m.Say("%s", e.Failed)
		}
	}
	if len(added) > 0 {
		cmds = append(cmds, m.list.ArrangeAdded(added))
	}
	if ran > 0 {
		m.Run.Spark.Add(m.Now, ran)
		m.Run.Rest.Add(m.Now, m.Run.Done)
	}
	if results {
		m.Domains.Recount(m.Now)
		cmds = append(cmds, m.list.ArrangeResults(), m.setAlarm(), m.setOverdue(), m.announce())
	}
	return tea.Batch(cmds...)
}

func (m *model) endRun() tea.Cmd {
	m.Run.Cancel()
	m.Run.Cancel = nil
	m.lookForIncidents(true)
	if m.continueRun(); m.Run.Active() {
		return nil
	}
	if m.Run.More && m.Run.Total == 0 { // the list has only begun to arrive
		return nil
	}
	took := m.Now.Sub(m.Run.Began)
	failed := ""
	if m.Run.Failed > 0 {
		failed = ", failed for " + page.Count(m.Run.Failed)
	}
	if m.Run.More {
		failed += "; the rest follows once the list is complete"
	}
	m.Say("diagnosed %s in %s%s", page.Count(m.Run.Done), page.Span(took), failed)
	return m.saveResults()
}

// onSingle handles the diagnosis of one domain that was requested separately.
func (m *model) onSingle(e runner.Event) tea.Cmd {
	s := m.Single[e.ID]
	if s == nil || s.Gen != e.Gen {
		return nil // stopped, or requested again since
	}
	delete(m.Single, e.ID)
	m.onResult(e, true)
	m.Domains.Recount(m.Now)
	return tea.Batch(m.list.ArrangeResults(), m.setAlarm(), m.setOverdue(), m.announce())
}

// onKey finds the action of a key and runs it.
func (m *model) onKey(msg tea.KeyMsg) tea.Cmd {
	m.Notice = ""
	if msg.Alt && !msg.Paste && !m.Screen.Typing() && m.Keys.Name(m.Screen.Scope(), msg.String(), false) == "" {
		// Esc and another key at once, as a slow connection delivers them: to the terminal this is alt and that key, which
		// does nothing here.
		msg.Alt = false
		return tea.Batch(m.onKey(tea.KeyMsg{Type: tea.KeyEsc}), m.onKey(msg))
	}
	if msg.Paste {
		return m.onPaste(string(msg.Runes))
	}
	if n := len(msg.Runes); msg.Type == tea.KeyRunes && n > 1 && !m.Screen.Typing() {
		return m.onRunes(msg)
	}
	a := m.Keys.Name(m.Screen.Scope(), msg.String(), m.Screen.Typing())
	if m.TooSmall() && a != action.Quit && a != action.Suspend {
		return nil
	}
	if a == "" {
		if m.Screen.Typing() {
			return m.Screen.Typed(msg)
		}
		return nil
	}
	if a == action.Quit && msg.Type != tea.KeyCtrlC && m.staysOnce() {
		return nil
	}
	return m.Do(a)
}

// staysOnce reports whether quitting has to be confirmed: a run would be lost. The second time in a row quits; ctrl+c
// always does.
func (m *model) staysOnce() bool {
	if !m.Run.Active() || !m.leaving.IsZero() && m.Now.Sub(m.leaving) < list.ConfirmCancel {
		return false
	}
	m.leaving = m.Now
	m.Say("diagnosed %s of %s: press %s again to quit", page.Count(m.Run.Done), page.Count(m.Run.Total),
		m.KeyOf(m.Screen.Scope(), action.Quit))
	return true
}

// onRunes handles several characters in one read outside of text fields. A few, or one repeated, are keys that a slow
// connection delivers together, as are those after a key that opens a text field. Otherwise they are a paste on a
// terminal without bracketed paste, and its letters must not be treated as keys.
func (m *model) onRunes(msg tea.KeyMsg) tea.Cmd {
	const most = 3
	same := !slices.ContainsFunc(msg.Runes, func(r rune) bool { return r != msg.Runes[0] })
	first := m.Keys.Name(m.Screen.Scope(), string(msg.Runes[:1]), false)
	if len(msg.Runes) > most && !same && first != action.Filter && first != action.Palette {
		return m.onPaste(string(msg.Runes))
	}
	var cmds []tea.Cmd
	for i, r := range msg.Runes {
		if m.Screen.Typing() { // the first one opened a field
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

// onPaste handles pasted text. It goes into the open text field; on any other screen it is an error from a ticket.
func (m *model) onPaste(text string) tea.Cmd {
	if m.TooSmall() {
		return nil
	}
	cmd, taken := m.Screen.Paste(text)
	if !taken {
		m.paste.Open(text)
	}
	return cmd
}

// do runs an action on the current screen, or shows why it is not available.
func (m *model) Do(a action.Name) tea.Cmd {
	if why := m.Unavailable(a); why != "" {
		return m.Say("%s", why)
	}
	switch a {
	case action.Quit:
		return tea.Quit
	case action.Suspend:
		return tea.Suspend
	case action.Help:
		m.help.Toggle()
		return nil
	case action.Paste:
		m.paste.Open("")
		return nil
	case action.Palette:
		m.openPalette()
		return nil
	case action.Watch:
		return m.toggleWatch()
	case action.Copy:
		m.openCopy()
		return nil
	case action.Export:
		m.openExport()
		return nil
	case action.Page:
		return m.openPage()
	case action.Verify:
		m.request.Open(api.OpVerify, m.Screen.Subject())
		return nil
	case action.Issue:
		m.request.Open(api.OpIssueCertificate, m.Screen.Subject())
		return nil
	case action.Plan:
		m.plan.Open(m.Screen.Subject().ID)
		return nil
	case action.WhatIf:
		return m.whatIf()
	case action.Profile:
		m.openProfiles()
		return nil
	case action.Mouse:
		return m.toggleMouse()
	}
	return m.Screen.Do(a)
}
