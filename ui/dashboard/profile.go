package dashboard

import (
	"errors"

	"domdoc/ui/dashboard/dialog"
	"domdoc/ui/dashboard/grid"
	"domdoc/ui/dashboard/setup"

	tea "github.com/charmbracelet/bubbletea"
)

// profileUnavailable returns why no other profile can be shown.
func (m *model) profileUnavailable() string {
	if m.opt.Switch == nil || len(m.opt.Profiles) < 2 {
		return "the config file has no other profile"
	}
	if m.opening {
		return "another profile is already being opened"
	}
	return ""
}

// openProfiles lists the profiles.
func (m *model) openProfiles() {
	var items []dialog.Choice
	for _, name := range m.opt.Profiles {
		it := dialog.Choice{Name: name, Text: "show its domains", Do: func() tea.Cmd { return m.switchTo(name) }}
		if name == m.opt.Profile {
			it.Text, it.Off = "", "shown now"
		}
		items = append(items, it)
	}
	about := "enter opens it"
	if m.Busy() {
		about += "; running diagnoses are stopped"
	}
	m.choose.Open("profiles of the config file", about, []grid.Column{
		{Title: "profile", Min: 20, Grow: 1, Max: 40},
		{Title: "", Min: 20, Grow: 2},
		{Title: "", Min: 4, Priority: 1},
	}, items)
}

// profileMsg contains another profile, opened.
type profileMsg struct {
	name   string
	source setup.Source
	err    error
}

// switchTo opens another profile. The current one stays usable until the other one is ready.
func (m *model) switchTo(name string) tea.Cmd {
	m.opening = true
	m.Say("opening profile %s %s", name, m.Th.More)
	ctx, open := m.opt.root, m.opt.Switch
	return func() tea.Msg {
		source, err := open(ctx, name)
		if err == nil && source.Doctor == nil {
			err = errors.New("it has no doctor")
		}
		return profileMsg{name, source, err}
	}
}

// modelMsg is the model of another profile.
type modelMsg struct {
	name  string
	model *model
	err   error
}

// another creates the model of another profile, in a command, because it reads the saved state.
func (r *root) another(msg profileMsg) tea.Cmd {
	if msg.err != nil {
		return func() tea.Msg { return modelMsg{msg.name, nil, msg.err} }
	}
	opt, ctx := r.opt, r.ctx
	opt.Source = msg.source
	opt.Profile = msg.name
	return func() tea.Msg {
		next, err := newModel(ctx, opt)
		return modelMsg{msg.name, next, err}
	}
}

// replace switches to another model. The previous one ends in the background: its diagnoses are stopped and its
// state is saved.
func (r *root) replace(msg modelMsg) tea.Cmd {
	old := r.model
	old.opening = false
	if msg.err != nil {
		old.Say("cannot open profile %s: %s", msg.name, msg.err)
		return nil
	}
	next := msg.model
	next.Update(tea.WindowSizeMsg{Width: old.Width, Height: old.Height})
	next.mouse.on = old.mouse.on
	r.epoch++
	r.model = next
	r.left.Go(func() {
		defer r.guard()
		old.end()
		old.saveNow()
		old.saveResultsNow()
		old.wait(shutdown)
		old.Archive.Close()
		if old.opt.Close != nil {
			old.opt.Close()
		}
	})
	cmd := next.Init()
	next.Say("profile %s", msg.name)
	if r.printer != nil {
		r.printer.show(next.plain())
	}
	return r.own(cmd)
}
