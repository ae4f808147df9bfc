package dashboard

import (
	"domdoc/catalog/sanitize"
	"domdoc/ui/dashboard/grid"

	tea "github.com/charmbracelet/bubbletea"
)

// openCopy offers what can be copied here.
func (m *model) openCopy() {
	var items []choice
	for _, c := range m.copyables() {
		items = append(items, choice{
			name: c.label, text: sanitize.Text(c.text, maxText), note: plural(len(c.text), "byte", "bytes"),
			do: func() tea.Cmd { return m.copyText(c.label, c.text) },
		})
	}
	m.choose.open("copy", "type a part of it; enter copies", []grid.Column{
		{Title: "what", Min: 24, Grow: 1, Max: 40},
		{Title: "as it is pasted", Min: 20, Grow: 2},
		{Title: "size", Min: 12, Priority: 1, Right: true},
	}, items)
}

// copyText asks the terminal to put a text on the clipboard. No terminal says whether it did; where it may not have,
// the text is shown so that it can be selected.
func (m *model) copyText(label, text string) tea.Cmd {
	if len(text) > maxClip {
		m.text.open(label, "too long for a terminal's clipboard ("+plural(len(text), "byte", "bytes")+
			"): select what you need", text)
		return nil
	}
	sure := takesClipboard(m.opt.Env)
	if sure {
		m.say("copied %s: %s", label, text)
	} else {
		m.text.open(label, "if the clipboard does not have this by now, select it here", text)
	}
	emit, sequence := m.opt.emit, osc52(text, m.opt.Env)
	return func() tea.Msg {
		if emit != nil {
			emit(sequence)
		}
		return nil
	}
}
