package dashboard

import (
	"time"

	"domdoc/checks/finding"
	"domdoc/checks/incident"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
)

// incidents is what stands over many of the domains that were diagnosed.
type incidents struct {
	known   *incident.Detector
	found   []*finding.Finding
	version int       // changes with what was found
	stale   bool      // something came in that may change it
	at      time.Time // when it was found
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
}

// incidentLines is how many incidents stand above the list.
func (l *listScreen) incidentLines() int {
	most := 1
	switch {
	case l.height >= 40:
		most = 5
	case l.height >= 20:
		most = 3
	}
	return min(most, len(l.incident.found))
}

// incidentHead is one line for each incident, the widest first: what is nobody's fault among those whom the list
// shows.
func (l *listScreen) incidentHead() []string {
	room := l.incidentLines()
	if room == 0 {
		return nil
	}
	from := l.firstIncident()
	var lines []string
	for i := from; i < from+room; i++ {
		f := l.incident.found[i]
		glyph, paint := l.th.Verdict(f.Verdict)
		selected := i+1 == l.focus
		hint := ""
		switch rest := len(l.incident.found) - room; {
		case selected:
			hint = l.keyOf(scopeList, actOpen) + " shows its domains"
		case i == from && rest > 0:
			hint = count(rest) + " more: " + l.keyOf(scopeList, actIncidents)
		case i == from && l.focus == 0:
			hint = l.keyOf(scopeList, actIncidents) + " selects"
		}
		if selected {
			line := l.th.Pointer + " " + glyph + " " + printable(f.Summary())
			line = spread(line, hint, l.width, l.th)
			lines = append(lines, l.th.Select.Do(ansi.Truncate(line, l.width, "")))
			continue
		}
		lines = append(lines, spread("  "+paint.Do(glyph+" "+printable(f.Summary())), l.th.Faint.Do(hint), l.width, l.th))
	}
	return lines
}

// firstIncident is the first one in view, so that the selected one is.
func (l *listScreen) firstIncident() int { return max(0, l.focus-l.incidentLines()) }

// clickIncident selects the incident on a line of the screen; the selected one is opened.
func (l *listScreen) clickIncident(line int) tea.Cmd {
	n := l.firstIncident() + line
	if n == l.focus {
		return l.openIncident()
	}
	l.focusIncident(n)
	return nil
}

// focusIncident selects an incident, counted from 1, or with 0 the list.
func (l *listScreen) focusIncident(n int) {
	l.focus = n
	l.grid.Blur(n > 0)
}

// moveIncident does an action that moves between the incidents and the list under them, and reports whether it did.
func (l *listScreen) moveIncident(a action) bool {
	n, all := l.focus, len(l.incident.found)
	switch {
	case n == 0 && a == actUp && l.grid.Position() == 0 && all > 0:
		l.focusIncident(all)
	case n == 0:
		return false
	case a == actUp:
		l.focusIncident(max(1, n-1))
	case a == actDown && n < all:
		l.focusIncident(n + 1)
	case a == actDown:
		l.focusIncident(0)
	case a == actTop:
		l.focusIncident(1)
	case a == actPageUp:
		l.focusIncident(1)
	case a == actPageDown || a == actBottom:
		l.focusIncident(0)
	default:
		return false
	}
	return true
}

// openIncident holds the list to the domains of the selected incident.
func (l *listScreen) openIncident() tea.Cmd {
	f := l.incident.found[l.focus-1]
	only := &selection{label: f.Summary(), names: map[string]bool{}}
	for _, name := range incident.DomainsOf(f) {
		only.names[name] = true
	}
	l.focusIncident(0)
	l.only = only
	return l.arrangeNow()
}
