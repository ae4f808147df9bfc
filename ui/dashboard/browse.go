package dashboard

import (
	"net/url"
	"os/exec"
	"strings"

	"domdoc/ui/dashboard/inventory"
	"domdoc/ui/dashboard/screen"
	"domdoc/ui/dashboard/terminal"

	tea "github.com/charmbracelet/bubbletea"
)

// pageUnavailable returns why the service's page of a domain cannot be opened.
func (m *model) pageUnavailable(r *inventory.Row) string {
	switch {
	case m.opt.PageURL == "":
		return "page-url is not set in the profile"
	case r == nil:
		return screen.NoSubject
	}
	return ""
}

// pageOf returns the URL of the service's page of a domain.
func (m *model) pageOf(r *inventory.Row) string {
	id := r.ID
	if r.Domain != nil {
		id = r.Domain.ID
	}
	return strings.NewReplacer("{id}", url.PathEscape(id), "{domain}", url.PathEscape(r.ASCII)).Replace(m.opt.PageURL)
}

// openedMsg reports the result of opening a page.
type openedMsg struct {
	address string
	err     error
}

// openPage opens the service's page of a domain in a browser. Without a browser that the user could see, the URL is
// shown to be copied.
func (m *model) openPage() tea.Cmd {
	address := m.pageOf(m.Screen.Subject())
	opener, why := terminal.FindOpener(m.opt.Env)
	if why != "" {
		return tea.Batch(m.copyText("the page's address", address), m.Say("%s", why))
	}
	env := m.opt.Env
	return func() tea.Msg {
		cmd := exec.Command(opener[0], append(opener[1:], address)...)
		cmd.Env = env
		terminal.Detach(cmd) // its streams are the null device: a browser's output must not appear on the screen
		if err := cmd.Start(); err != nil {
			return openedMsg{address, err}
		}
		return openedMsg{address, cmd.Wait()}
	}
}

func (m *model) onOpened(msg openedMsg) tea.Cmd {
	if msg.err != nil {
		m.Say("cannot open a browser (%s): %s", msg.err, msg.address)
		return nil
	}
	return m.Say("opened %s", msg.address)
}
