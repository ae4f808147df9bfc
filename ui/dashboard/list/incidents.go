package list

import (
	"domdoc/checks/finding"
	"domdoc/checks/incident"
	"domdoc/ui/dashboard/action"
	"domdoc/ui/dashboard/inventory"
	"domdoc/ui/dashboard/page"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
)

// incidentLines is the number of incidents shown above the list.
func (l *Screen) incidentLines() int {
	most := 1
	switch {
	case l.Height >= 40:
		most = 5
	case l.Height >= 20:
		most = 3
	}
	return min(most, len(l.Incident.Found))
}

// incidentHead returns one line per incident, those with the most domains first.
func (l *Screen) incidentHead() []string {
	room := l.incidentLines()
	if room == 0 {
		return nil
	}
	from := l.firstIncident()
	var lines []string
	for i := from; i < from+room; i++ {
		f := l.Incident.Found[i]
		glyph, paint := l.Th.Verdict(f.Verdict)
		selected := i+1 == l.Focus
		hint := ""
		switch rest := len(l.Incident.Found) - room; {
		case selected:
			hint = l.KeyOf(action.ScopeList, action.Open) + " opens it"
		case i == from && rest > 0:
			hint = page.Count(rest) + " more: " + l.KeyOf(action.ScopeList, action.Incidents)
		case i == from && l.Focus == 0:
			hint = l.KeyOf(action.ScopeList, action.Incidents) + " selects"
		}
		if selected {
			line := l.Th.Pointer + " " + glyph + " " + page.Printable(f.Summary())
			line = page.Spread(line, hint, l.Width, l.Th)
			lines = append(lines, l.Th.Select.Do(ansi.Truncate(line, l.Width, "")))
			continue
		}
		lines = append(lines, page.Spread("  "+paint.Do(glyph+" "+page.Printable(f.Summary())), l.Th.Faint.Do(hint),
			l.Width, l.Th))
	}
	return lines
}

// firstIncident returns the first incident in view, chosen so that the selected one is visible.
func (l *Screen) firstIncident() int { return max(0, l.Focus-l.incidentLines()) }

// clickIncident selects the incident on a line of the screen; the selected one is opened.
func (l *Screen) clickIncident(line int) tea.Cmd {
	n := l.firstIncident() + line
	if n == l.Focus {
		return l.openIncident()
	}
	l.focusIncident(n)
	return nil
}

// focusIncident selects an incident, counted from 1, or with 0 the list.
func (l *Screen) focusIncident(n int) {
	l.Focus = n
	l.Grid.Blur(n > 0)
}

// moveIncident runs an action that moves between the incidents and the list below them, and reports whether it did.
func (l *Screen) moveIncident(a action.Name) bool {
	n, all := l.Focus, len(l.Incident.Found)
	switch {
	case n == 0 && a == action.Up && l.Grid.Position() == 0 && all > 0:
		l.focusIncident(all)
	case n == 0:
		return false
	case a == action.Up:
		l.focusIncident(max(1, n-1))
	case a == action.Down && n < all:
		l.focusIncident(n + 1)
	case a == action.Down:
		l.focusIncident(0)
	case a == action.Top:
		l.focusIncident(1)
	case a == action.PageUp:
		l.focusIncident(1)
	case a == action.PageDown || a == action.Bottom:
		l.focusIncident(0)
	default:
		return false
	}
	return true
}

// openIncident shows the page of the selected incident.
func (l *Screen) openIncident() tea.Cmd {
	l.page.Open(l.Incident.Found[l.Focus-1])
	return nil
}

// narrowTo limits the list to the domains of an incident.
func (l *Screen) narrowTo(f *finding.Finding) tea.Cmd {
	only := &inventory.Selection{Label: f.Summary(), Names: map[string]bool{}}
	for _, name := range incident.DomainsOf(f) {
		only.Names[name] = true
	}
	l.focusIncident(0)
	l.Only = only
	return l.ArrangeNow()
}
