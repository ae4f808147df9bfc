package dashboard

import (
	"slices"
	"strings"

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
	return m.titleLine("help", m.place(m.help)) + "\n" + m.th.Faint.Do("what each key does; the screen that you came from stands first") + "\n"
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
		m.helpOf(p, s, func(b binding) bool { return !general(b) })
	}
	p.head("everywhere")
	m.helpOf(p, screenList, general)
	p.head("in a text field")
	p.hang(2, "enter", m.th.Accent, helpColumn, m.th.Plain, "keep what is typed; up and down still move in the list")
	p.hang(2, "esc", m.th.Accent, helpColumn, m.th.Plain, "leave it as it was")
	p.hang(2, "ctrl+u ctrl+w", m.th.Accent, helpColumn, m.th.Plain, "remove all before the cursor, or a word")
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

// general tells bindings that are not about one or two screens.
func general(b binding) bool { return len(b.screens) > 3 }

// helpOf lists the bindings of a screen, one line an action.
func (m *model) helpOf(p *page, s screen, want func(binding) bool) {
	var done []action
	for _, b := range m.keys.bindings {
		if !slices.Contains(b.screens, s) || !want(b) || slices.Contains(done, b.action) {
			continue
		}
		done = append(done, b.action)
		var names []string
		for _, k := range m.keys.binding(s, b.action).Keys() {
			names = append(names, keyName(k))
		}
		p.hang(2, strings.Join(names, "  "), m.th.Accent, helpColumn, m.th.Plain, b.help)
	}
}
