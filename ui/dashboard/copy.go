package dashboard

import (
	"domdoc/catalog/sanitize"
	"domdoc/ui/dashboard/dialog"
	"domdoc/ui/dashboard/grid"
	"domdoc/ui/dashboard/page"
	"domdoc/ui/dashboard/terminal"

	tea "github.com/charmbracelet/bubbletea"
)

// openCopy lists what can be copied here.
func (m *model) openCopy() {
	var items []dialog.Choice
	for _, c := range m.copyables() {
		items = append(items, dialog.Choice{
			Name: c.Label, Text: sanitize.Text(c.Text, page.MaxText), Note: page.Plural(len(c.Text), "byte", "bytes"),
			Do: func() tea.Cmd { return m.copyText(c.Label, c.Text) },
		})
	}
	m.choose.Open("copy", "type to search; enter copies", []grid.Column{
		{Title: "what", Min: 24, Grow: 1, Max: 40},
		{Title: "text", Min: 20, Grow: 2},
		{Title: "size", Min: 12, Priority: 1, Right: true},
	}, items)
}

// copyText asks the terminal to put a text on the clipboard. Terminals do not confirm this; if it may have failed,
// the text is shown so that it can be selected.
func (m *model) copyText(label, text string) tea.Cmd {
	if len(text) > terminal.MaxClip {
		m.text.Open(label, "too long for a terminal's clipboard ("+page.Plural(len(text), "byte", "bytes")+
			"): select the part that you need", text)
		return nil
	}
	sure := terminal.TakesClipboard(m.opt.Env)
	if sure {
		m.Say("copied %s: %s", label, text)
	} else {
		m.text.Open(label, "if it is not on the clipboard, select it here", text)
	}
	emit, sequence := m.opt.emit, terminal.Osc52(text, m.opt.Env)
	return func() tea.Msg {
		if emit != nil {
			emit(sequence)
		}
		return nil
	}
}
