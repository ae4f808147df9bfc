package list

import (
	"slices"
	"strings"
	"time"

	"domdoc/checks/finding"
	"domdoc/checks/incident"
	"domdoc/ui/dashboard/action"
	"domdoc/ui/dashboard/inventory"
	"domdoc/ui/dashboard/page"
	"domdoc/ui/dashboard/screen"
	"domdoc/ui/dashboard/tab"

	"github.com/charmbracelet/bubbles/viewport"
	tea "github.com/charmbracelet/bubbletea"
)

// IncidentPage is the page of one incident: why, what to do, who is told, and its domains.
type IncidentPage struct {
	screen.Base
	*screen.Shared
	list  *Screen
	found *finding.Finding
	view  viewport.Model
	shown incidentKey
	page  *page.Builder
}

// incidentKey is all that the page depends on.
type incidentKey struct {
	found    *finding.Finding
	width    int
	domains  int
	incident int
	minute   time.Time
}

const incidentHeadLines = 2

// NewIncidentPage makes the screen.
func NewIncidentPage(s *screen.Shared, l *Screen) *IncidentPage {
	p := &IncidentPage{Shared: s, list: l, view: s.NewView(), page: page.New(s.Th, 80)}
	l.page = p
	return p
}

// Open shows an incident.
func (p *IncidentPage) Open(f *finding.Finding) {
	p.found = f
	p.view.GotoTop()
	p.Show(p)
}

// Scope implements screen.Screen: it is the page of a cause.
func (p *IncidentPage) Scope() action.Scope { return action.ScopeEntry }

// Identity implements screen.Screen.
func (p *IncidentPage) Identity() string { return p.found.Summary() }

// Scroll implements screen.Screen.
func (p *IncidentPage) Scroll(lines int) { p.view.SetYOffset(p.view.YOffset + lines) }

// Resize implements screen.Screen.
func (p *IncidentPage) Resize(width, height int) {
	p.view.Width, p.view.Height = width, max(0, height-incidentHeadLines)
}

// Hints implements screen.Screen.
func (p *IncidentPage) Hints() []action.Name {
	return []action.Name{
		action.Back, action.Open, action.PageDown, action.Palette, action.Help, action.Quit,
		action.Paste,
	}
}

// Do implements screen.Screen.
func (p *IncidentPage) Do(a action.Name) tea.Cmd {
	if screen.MoveView(&p.view, a) {
		return nil
	}
	switch a {
	case action.Back:
		p.Back()
	case action.Open:
		p.Back()
		return p.list.narrowTo(p.found)
	}
	return nil
}

// Head implements screen.Screen.
func (p *IncidentPage) Head() string { return p.TitleLine("an incident", p.Place(p.view)) + "\n" }

// Body implements screen.Screen.
func (p *IncidentPage) Body() string { return p.view.View() }

// Refresh implements screen.Screen.
func (p *IncidentPage) Refresh() {
	if p.found == nil || p.Screen != screen.Screen(p) {
		return
	}
	p.found = p.current()
	key := incidentKey{p.found, p.Width, p.Domains.Version, p.Incident.Version, p.Now.Truncate(time.Minute)}
	if key == p.shown {
		return
	}
	p.shown = key
	b := page.New(p.Th, p.Width)
	names := incident.DomainsOf(p.found)
	tab.IncidentPage(b, p.found, len(names), p.Now)
	b.Head("its domains")
	rows := map[string]*inventory.Row{}
	for _, name := range names {
		if i, ok := p.Domains.ByName[name]; ok {
			rows[name] = p.Domains.Rows[i]
		}
	}
	for _, name := range names {
		r := rows[name]
		if r == nil {
			b.Text(2, p.Th.Plain, name)
			continue
		}
		text, paint := p.StateWord(inventory.StateOf(r))
		about := r.Name
		if r.Sum != nil && r.Sum.Title != "" {
			about += ": " + r.Sum.Title
		}
		b.Hang(2, text, paint, 16, p.Th.Plain, about)
	}
	p.page = b
	p.view.SetContent(b.String())
	p.view.SetYOffset(p.view.YOffset)
}

// current returns the incident as it is now: later diagnoses may have added domains to it. One that is over stays on
// the screen as it was.
func (p *IncidentPage) current() *finding.Finding {
	names := incident.DomainsOf(p.found)
	for _, f := range p.Incident.Found {
		if f.ID == p.found.ID && slices.ContainsFunc(incident.DomainsOf(f), func(name string) bool {
			return slices.Contains(names, name)
		}) {
			return f
		}
	}
	return p.found
}

// Copies implements screen.Screen.
func (p *IncidentPage) Copies() []page.Copyable {
	return append([]page.Copyable{
		{Label: "the incident", Text: p.found.Summary() + "\n" + p.found.Why()},
		{Label: "its domains", Text: strings.Join(incident.DomainsOf(p.found), "\n")},
	}, p.page.Copies...)
}
