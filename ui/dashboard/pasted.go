package dashboard

import (
	"domdoc/checks/ticket"
	"domdoc/ui/dashboard/action"
	"domdoc/ui/dashboard/screen"
	"domdoc/ui/dashboard/tab"
	"domdoc/ui/dashboard/ticketview"

	tea "github.com/charmbracelet/bubbletea"
)

// openPasted finds the domains that a pasted text is about, and diagnoses them with the codes that it reports.
func (m *model) openPasted(gen int, read ticket.Ticket) tea.Cmd {
	if gen != m.paste.Gen || m.Screen != screen.Screen(m.paste) {
		return nil // another text has been pasted since, or the box was left
	}
	m.paste.Said = ""
	rows, codes := ticketview.Resolve(&m.Domains, &read)
	if len(rows) == 0 {
		m.paste.Said = "the text does not name a domain"
		if len(read.Reported) == 0 {
			m.paste.Said += " or an error code"
			return nil
		}
		m.paste.Said += ": add the domain name and press " + m.KeyOf(action.ScopePaste, action.Open) + " again"
		return nil
	}
	t := m.ticket
	t.IDs, t.Pos = nil, 0
	for i, r := range rows {
		m.Domains.Add(r)
		t.IDs = append(t.IDs, r.ID)
		m.Reported[r.ID] = codes[i]
		if len(codes[i]) == 0 {
			delete(m.Reported, r.ID)
		}
		if len(m.Pasted) >= ticketview.MaxPasted {
			clear(m.Pasted)
		}
		m.Pasted[r.ID] = &read
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
