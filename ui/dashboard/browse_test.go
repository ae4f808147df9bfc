//go:build unix && !darwin

package dashboard

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"domdoc/ui/dashboard/action"

	tea "github.com/charmbracelet/bubbletea"
)

// opener makes a directory with an xdg-open in it, that does what a script says and notes the address it was given.
func opener(t *testing.T, script string) (path, note string) {
	t.Helper()
	path = t.TempDir()
	note = filepath.Join(path, "opened")
	text := fmt.Sprintf(
		"#!/bin/sh\necho scribble; echo scribble >&2; echo scribble 2>/dev/null >/dev/tty\nprintf '%%s' \"$1\" >%s\n%s\n",
		note, script)
	if err := os.WriteFile(filepath.Join(path, "xdg-open"), []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
	return path, note
}

// TestPageOpens opens the service's page with a browser that is a script.
func TestPageOpens(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ script, want string }{
		"it works": {"exit 0", "opened https://console.example.com/t/"},
		"it fails": {"exit 3", "cannot open a browser (exit status 3): https://console.example.com/t/"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path, note := opener(t, c.script)
			b := newBench(t, func(o *options) {
				o.PageURL, o.Env = "https://console.example.com/t/{id}?name={domain}",
					[]string{"DISPLAY=:0", "PATH=relative:/nowhere:" + path}
			})
			b.load().open("name-doubled")
			var msg tea.Msg
			if !yields(b.press("o"), func(got tea.Msg) bool { msg = got; _, ok := got.(openedMsg); return ok }) {
				t.Fatal("nothing came of it")
			}
			b.send(msg)
			b.send(tea.WindowSizeMsg{Width: 200, Height: 30})
			b.shows(c.want)
			want := "https://console.example.com/t/" + b.l.ids["name-doubled"] + "?name=shop.fabrikam.example"
			if raw, err := os.ReadFile(note); err != nil || string(raw) != want {
				t.Errorf("the browser got %q (%v), want %q", raw, err, want)
			}
		})
	}
}

// TestPageIsShown checks that where no browser can be opened the address is shown and copied, with the reason.
func TestPageIsShown(t *testing.T) {
	t.Parallel()
	path, note := opener(t, "exit 0")
	for name, c := range map[string]struct {
		env  string
		want string
	}{
		"over SSH":   {"DISPLAY=:0 SSH_CONNECTION=x PATH=" + path, "SSH session"},
		"no screen":  {"PATH=" + path, "no display for a browser"},
		"no browser": {"DISPLAY=:0 PATH=/nowhere", "no program to open a browser was found"},
	} {
		b := newBench(t, func(o *options) {
			o.PageURL, o.Env = "https://console.example.com/{domain}/{id}", strings.Fields(c.env)
		})
		b.load()
		r := *b.Domains.Find(b.l.ids["on-hold"])
		r.ID, r.Domain = "../a b?c", nil
		b.Domains.Add(&r)
		b.send(b.list.ArrangeNow())
		b.list.Grid.Select(r.ID)
		got := b.copied(func() tea.Cmd { return b.press("o") })
		want := "https://console.example.com/" + r.ASCII + "/..%2Fa%20b%3Fc"
		if got != want || b.Screen.Scope() != action.ScopeText || b.model.text.Text != want ||
			!strings.Contains(b.Notice, c.want) {
			t.Errorf("%s: copied %q, shown %q with %q", name, got, b.model.text.Text, b.Notice)
		}
	}
	if _, err := os.Stat(note); err == nil {
		t.Error("a browser was opened all the same")
	}
	b := newBench(t, nil)
	b.load().press("o")
	if b.Notice != "page-url is not set in the profile" {
		t.Errorf("without an address it says %q", b.Notice)
	}
}
