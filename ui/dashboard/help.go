package dashboard

import (
	"strings"

	"domdoc/checks/query"

	tea "github.com/charmbracelet/bubbletea"
)

const helpHeadLines = 3

// toggleHelp shows the help, or leaves it.
func (m *model) toggleHelp() tea.Cmd {
	if m.screen == screenHelp {
		m.goBack()
		return nil
	}
	m.helpFor = m.screen
	m.helpWidth = 0
	m.goTo(screenHelp)
	m.help.GotoTop()
	return nil
}

func (m *model) doHelp(a action) tea.Cmd {
	if moveView(&m.help, a) {
		return nil
	}
	if a == actBack {
		m.goBack()
	}
	return nil
}

func (m *model) helpHead() string {
	return m.titleLine("help", m.place(m.help)) + "\n" +
		m.th.Faint.Do("what each key does; the screen that you came from stands first") + "\n"
}

// refreshHelp writes the help from the key map: it shows what is bound, and nothing else.
func (m *model) refreshHelp() {
	if m.helpWidth == m.width {
		return
	}
	m.helpWidth = m.width
	p := newPage(m.th, m.width)
	order := []screen{m.helpFor}
	for s := range screenHelp {
		if s != m.helpFor {
			order = append(order, s)
		}
	}
	for _, s := range order {
		p.head(s.String())
		m.helpOf(p, s)
	}
	p.head("everywhere")
	m.helpEverywhere(p)
	p.head("in a text field")
	p.hang(2, "enter", m.th.Accent, helpColumn, m.th.Plain, "keep what is typed; up and down still move in the list")
	p.hang(2, "esc", m.th.Accent, helpColumn, m.th.Plain, "leave it as it was")
	p.hang(2, "ctrl+u ctrl+w", m.th.Accent, helpColumn, m.th.Plain, "remove all before the cursor, or a word")
	p.head("in the filter, and in check --filter")
	for _, k := range query.Help() {
		p.hang(2, k[0], m.th.Accent, helpColumn, m.th.Plain, k[1])
	}
	p.head("signs")
	for s := range states {
		text, paint := m.stateWord(s)
		p.hang(2, text, paint, helpColumn, m.th.Plain, meaningOf(s))
	}
	if m.opt.Version != "" {
		p.head("domdoc " + printable(m.opt.Version))
	}
	m.help.SetContent(p.String())
}

const helpColumn = 26

// meaningOf explains a state.
func meaningOf(s state) string {
	switch s {
	case statePass:
		return "every check that could be made found nothing"
	case stateWarn:
		return "it works, and something will or may break it"
	case stateWait:
		return "nothing is to be done but wait; the time at which it ends at the latest is shown"
	case stateInconclusive:
		return "something could not be asked, so nothing is known of it; never a fault by itself"
	case stateFail:
		return "somebody must mend it"
	case stateNone, states:
	}
	return "nobody asked yet"
}

// general tells actions that are not about one or two screens.
func general(u *use) bool { return len(u.screens) > 4 }

// helpOf lists the actions of a screen, one a line, with the keys that they really have.
func (m *model) helpOf(p *page, s screen) {
	for i := range m.keys.specs {
		sp := &m.keys.specs[i]
		if u := sp.find(s); u != nil && !general(u) {
			m.helpLine(p, s, sp.action, u)
		}
	}
}

// helpEverywhere lists what is the same on most screens.
func (m *model) helpEverywhere(p *page) {
	for i := range m.keys.specs {
		sp := &m.keys.specs[i]
		for j := range sp.uses {
			if u := &sp.uses[j]; general(u) {
				m.helpLine(p, u.screens[0], sp.action, u)
			}
		}
	}
}

func (m *model) helpLine(p *page, s screen, a action, u *use) {
	var names []string
	for _, k := range m.keys.keys(s, a) {
		names = append(names, keyName(k))
	}
	if len(names) == 0 {
		names = []string{m.keyOf(s, a)}
	}
	p.hang(2, strings.Join(names, "  "), m.th.Accent, helpColumn, m.th.Plain, u.help)
}
