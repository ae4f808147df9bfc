package dashboard

import (
	"time"

	"domdoc/checks"
	"domdoc/checks/incident"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
)

// incidents is what stands over many of the domains that were diagnosed.
type incidents struct {
	known   *incident.Detector
	found   []*checks.Finding
	version int       // changes with what was found
	stale   bool      // something came in that may change it
	at      time.Time // when it was found
	focus   int       // the selected incident, counted from 1; 0: a domain of the list is
}

// incidentsEvery is how often incidents are looked for while results come in: over 100,000 domains each look costs
// some milliseconds.
const incidentsEvery = time.Second

// take takes a diagnosis in.
func (i *incidents) take(f incident.DomainFacts) {
	i.known.Add(f)
	i.stale = i.stale || f.MayBeShared() || len(i.found) > 0
}

// look finds incidents, at once or when it is time.
func (i *incidents) look(now time.Time, atOnce bool) {
	if !i.stale || !atOnce && now.Sub(i.at) < incidentsEvery {
		return
	}
	i.found, i.at, i.stale = i.known.Findings(), now, false
	i.version++
	i.focus = min(i.focus, len(i.found))
}

// incidentLines is how many incidents stand above the list.
func (m *model) incidentLines() int {
	most := 1
	switch {
	case m.height >= 40:
		most = 5
	case m.height >= 20:
		most = 3
	}
	return min(most, len(m.incident.found))
}

// incidentHead is one line for each incident, the widest first: what is nobody's fault among those whom the list
// shows.
func (m *model) incidentHead() []string {
	room := m.incidentLines()
	if room == 0 {
		return nil
	}
	from := m.firstIncident()
	var lines []string
	for i := from; i < from+room; i++ {
		f := m.incident.found[i]
		glyph, paint := m.th.Verdict(f.Verdict)
		selected := i+1 == m.incident.focus
		hint := ""
		switch rest := len(m.incident.found) - room; {
		case selected:
			hint = m.keyOf(screenList, actOpen) + " shows its domains"
		case i == from && rest > 0:
			hint = count(rest) + " more: " + m.keyOf(screenList, actIncidents)
		case i == from && m.incident.focus == 0:
			hint = m.keyOf(screenList, actIncidents) + " selects"
		}
		if selected {
			line := m.th.Pointer + " " + glyph + " " + printable(f.Summary())
			line = spread(line, hint, m.width, m.th)
			lines = append(lines, m.th.Select.Do(ansi.Truncate(line, m.width, "")))
			continue
		}
		lines = append(lines, spread("  "+paint.Do(glyph+" "+printable(f.Summary())), m.th.Faint.Do(hint), m.width, m.th))
	}
	return lines
}

// firstIncident is the first one in view, so that the selected one is.
func (m *model) firstIncident() int { return max(0, m.incident.focus-m.incidentLines()) }

// clickIncident selects the incident on a line of the screen; the selected one is opened.
func (m *model) clickIncident(line int) tea.Cmd {
	n := m.firstIncident() + line
	if n == m.incident.focus {
		return m.openIncident()
	}
	m.focusIncident(n)
	return nil
}

// focusIncident selects an incident, counted from 1, or with 0 the list.
func (m *model) focusIncident(n int) {
	m.incident.focus = n
	m.grid.Blur(n > 0)
}

// moveIncident does an action that moves between the incidents and the list under them, and reports whether it did.
func (m *model) moveIncident(a action) bool {
	n, all := m.incident.focus, len(m.incident.found)
	switch {
	case n == 0 && a == actUp && m.grid.Position() == 0 && all > 0:
		m.focusIncident(all)
	case n == 0:
		return false
	case a == actUp:
		m.focusIncident(max(1, n-1))
	case a == actDown && n < all:
		m.focusIncident(n + 1)
	case a == actDown:
		m.focusIncident(0)
	case a == actTop:
		m.focusIncident(1)
	case a == actPageUp:
		m.focusIncident(1)
	case a == actPageDown || a == actBottom:
		m.focusIncident(0)
	default:
		return false
	}
	return true
}

// openIncident holds the list to the domains of the selected incident.
func (m *model) openIncident() tea.Cmd {
	f := m.incident.found[m.incident.focus-1]
	only := &selection{label: f.Summary(), names: map[string]bool{}}
	for _, name := range incident.DomainsOf(f) {
		only.names[name] = true
	}
	m.focusIncident(0)
	m.only = only
	return m.arrangeNow()
}

func offIncidents(m *model) string {
	if len(m.incident.found) == 0 {
		return "no incident was found: nothing that was diagnosed is shared by unrelated domains"
	}
	return ""
}
