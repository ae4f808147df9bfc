package dashboard

import (
	"strings"

	"domdoc/checks/ticket"
	"domdoc/ui/dashboard/action"
	"domdoc/ui/dashboard/screen"
	"domdoc/ui/dashboard/tab"
	"domdoc/ui/dashboard/ticketview"

	tea "github.com/charmbracelet/bubbletea"
)

// openPasted finds the domains that a pasted text is about, and diagnoses them with the codes that it reports.
func (m *model) openPasted(gen int, read []ticket.Ticket) tea.Cmd {
	if gen != m.paste.Gen || m.Screen != screen.Screen(m.paste) {
		return nil // another text has been pasted since, or the box was left
	}
	m.paste.Said = ""
	found := ticketview.Resolve(&m.Domains, read, !m.Load.Active() && m.Load.Err == nil)
	rows := found.Rows
	if len(rows) == 0 {
		m.paste.Said = strings.Join(ticketview.Nowhere(read, found, m.KeyOf(action.ScopePaste, action.Open)), "\n")
		return nil
	}
	t := m.ticket
	t.IDs, t.Pos, t.Via, t.Unasked = nil, 0, map[string]string{}, map[string][]string{}
	for i, r := range rows {
		m.Domains.Add(r)
		t.IDs = append(t.IDs, r.ID)
		m.Reported[r.ID] = found.Codes[i]
		if len(found.Codes[i]) == 0 {
			delete(m.Reported, r.ID)
		}
		if len(m.Pasted) >= ticketview.MaxPasted {
			clear(m.Pasted)
		}
		t.Via[r.ID], t.Unasked[r.ID] = found.Via[i], found.Open[i]
		m.Pasted[r.ID] = found.Tickets[i]
		m.Abandon(r.ID) // an earlier diagnosis does not take the code into account
	}
	cmds := []tea.Cmd{m.list.ArrangeNow()}
	m.Back()
	m.list.Grid.Select(t.ID())
	m.paste.Clear()
	m.detail.id = t.ID()
	m.detail.showTab(tab.Findings)
	t.View.GotoTop()
	m.Show(t)
	for _, r := range rows {
		cmds = append(cmds, m.startOne(m.Domains.Find(r.ID)))
	}
	return tea.Batch(cmds...)
}
