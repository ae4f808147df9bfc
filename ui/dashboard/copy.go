package dashboard

import (
	"domdoc/catalog"
	"domdoc/ui/dashboard/grid"

	"github.com/charmbracelet/bubbles/viewport"
	tea "github.com/charmbracelet/bubbletea"
)

// openCopy offers what can be copied here.
func (m *model) openCopy() {
	var items []choice
	for _, c := range m.copyables() {
		items = append(items, choice{
			name: c.label, text: catalog.Printable(c.text, maxText), note: plural(len(c.text), "byte", "bytes"),
			do: func(m *model) tea.Cmd { return m.copyText(c.label, c.text) },
		})
	}
	m.openChooser("copy", "type a part of it; enter copies", []grid.Column{
		{Title: "what", Min: 24, Grow: 1, Max: 40},
		{Title: "as it is pasted", Min: 20, Grow: 2},
		{Title: "size", Min: 12, Priority: 1, Right: true},
	}, items)
}

// copyText asks the terminal to put a text on the clipboard. No terminal says whether it did; where it may not have,
// the text is shown so that it can be selected.
func (m *model) copyText(label, text string) tea.Cmd {
	if len(text) > maxClip {
		m.openText(label, "too long for a terminal's clipboard ("+plural(len(text), "byte", "bytes")+
			"): select what you need", text)
		return nil
	}
	sure := takesClipboard(m.opt.Env)
	if sure {
		m.say("copied %s: %s", label, text)
	} else {
		m.openText(label, "if the clipboard does not have this by now, select it here", text)
	}
	emit, sequence := m.opt.emit, osc52(text, m.opt.Env)
	return func() tea.Msg {
		if emit != nil {
			emit(sequence)
		}
		return nil
	}
}

// shown is a text that stands on the screen so that it can be selected: from the first column, with nothing beside it
// and no colour.
type shown struct {
	title, about, text string
	view               viewport.Model
	width              int // for which the view was written; 0: not yet
}

const textHeadLines = 3

// openText shows a text.
func (m *model) openText(title, about, text string) {
	m.text.title, m.text.about, m.text.text, m.text.width = title, about, text, 0
	m.text.view.GotoTop()
	m.goTo(screenText)
}

func (m *model) textHead() string {
	return m.titleLine(m.text.title, m.place(m.text.view)) + "\n" + m.th.Faint.Do(printable(m.text.about)) + "\n"
}

func (m *model) refreshText() {
	if m.text.width == m.width {
		return
	}
	m.text.width = m.width
	p := newPage(m.th, m.width)
	p.raw(m.text.text)
	m.text.view.SetContent(p.String())
}

func (m *model) doText(a action) tea.Cmd {
	if !moveView(&m.text.view, a) && a == actBack {
		m.goBack()
	}
	return nil
}
