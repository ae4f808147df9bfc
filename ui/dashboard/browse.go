package dashboard

import (
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"domdoc/ui/dashboard/theme"

	tea "github.com/charmbracelet/bubbletea"
)

// pageUnavailable says why the service's page of a domain cannot be opened.
func (m *model) pageUnavailable(r *row) string {
	switch {
	case m.opt.PageURL == "":
		return "the profile has no page-url"
	case r == nil:
		return noSubject
	}
	return ""
}

// pageOf is the address of the service's page of a domain.
func (m *model) pageOf(r *row) string {
	id := r.id
	if r.domain != nil {
		id = r.domain.ID
	}
	return strings.NewReplacer("{id}", url.PathEscape(id), "{domain}", url.PathEscape(r.ascii)).Replace(m.opt.PageURL)
}

// openedMsg says what came of opening a page.
type openedMsg struct {
	address string
	err     error
}

// openPage opens the service's page of a domain in a browser. Where there is none that the user could see, the
// address is shown to be copied.
func (m *model) openPage() tea.Cmd {
	address := m.pageOf(m.screen.subject())
	opener, why := findOpener(m.opt.Env)
	if why != "" {
		return tea.Batch(m.copyText("the page's address", address), m.say("%s", why))
	}
	env := m.opt.Env
	return func() tea.Msg {
		cmd := exec.Command(opener[0], append(opener[1:], address)...)
		cmd.Env = env
		detach(cmd) // its streams are the null device: what a browser says must not land on the screen
		if err := cmd.Start(); err != nil {
			return openedMsg{address, err}
		}
		return openedMsg{address, cmd.Wait()}
	}
}

func (m *model) onOpened(msg openedMsg) tea.Cmd {
	if msg.err != nil {
		m.say("no browser could be opened (%s): %s", msg.err, msg.address)
		return nil
	}
	return m.say("opened %s", msg.address)
}

// findOpener finds the program that opens an address in the user's browser; why says that there is none.
func findOpener(env []string) (command []string, why string) {
	get := theme.Lookup(env)
	if get("SSH_CONNECTION") != "" || get("SSH_TTY") != "" {
		return nil, "this is a session over SSH: a browser would open where nobody sees it"
	}
	var candidates [][]string
	switch runtime.GOOS {
	case "darwin":
		candidates = [][]string{{"open"}}
	case "windows":
		candidates = [][]string{{"rundll32", "url.dll,FileProtocolHandler"}}
	default:
		if get("DISPLAY") == "" && get("WAYLAND_DISPLAY") == "" && get("WSL_DISTRO_NAME") == "" {
			return nil, "there is no screen for a browser here"
		}
		candidates = [][]string{{"xdg-open"}, {"wslview"}, {"gio", "open"}}
	}
	for _, c := range candidates {
		if path := lookPath(c[0], get("PATH")); path != "" {
			return append([]string{path}, c[1:]...), ""
		}
	}
	return nil, "nothing here opens a browser"
}

// lookPath finds a program in a PATH that need not be this process's own. A relative directory in it is passed over,
// as os/exec does.
func lookPath(name, path string) string {
	for _, dir := range filepath.SplitList(path) {
		file := filepath.Join(dir, name)
		if runtime.GOOS == "windows" {
			file += ".exe"
		}
		info, err := os.Stat(file)
		if err == nil && filepath.IsAbs(dir) && !info.IsDir() &&
			(runtime.GOOS == "windows" || info.Mode().Perm()&0o111 != 0) {
			return file
		}
	}
	return ""
}
