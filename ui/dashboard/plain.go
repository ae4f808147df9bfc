package dashboard

import (
	"io"
	"strings"
	"sync"

	"domdoc/ui/dashboard/action"
	"domdoc/ui/dashboard/list"

	tea "github.com/charmbracelet/bubbletea"
)

// Plain lines are the dashboard for a screen reader: new content is written below the previous content, once, and
// nothing is redrawn. A frame is laid out as usual and converted into lines by theme.Finish; this file decides which
// of them are new.
const (
	plainWidth  = 148 // cells: room for the important columns, whatever the window's width, since lines may wrap
	plainHeight = 15  // lines, at least
)

// plainPrinter writes what is new in each frame. It never blocks: a frame that could not be written yet is replaced
// by the next one.
type plainPrinter struct {
	out  io.Writer
	wake chan struct{}
	done chan struct{}

	mu   sync.Mutex // guards following
	next *plainFrame
}

// plainFrame is a frame, and what decides which parts of it are new.
type plainFrame struct {
	text   string
	place  plainPlace
	typing bool
}

// plainPlace identifies the screen and what was requested there. On another screen, everything is new.
type plainPlace struct {
	screen  action.Scope
	shown   string
	resumed int
}

// heard is what has been written for a place.
type heard struct {
	place plainPlace
	lines map[string]bool
}

func newPlainPrinter(out io.Writer) *plainPrinter {
	p := &plainPrinter{out: out, wake: make(chan struct{}, 1), done: make(chan struct{})}
	go p.run()
	return p
}

// show schedules a frame for writing.
func (p *plainPrinter) show(f plainFrame) {
	p.mu.Lock()
	p.next = &f
	p.mu.Unlock()
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// close writes what is left, and ends.
func (p *plainPrinter) close() {
	close(p.wake)
	<-p.done
}

func (p *plainPrinter) run() {
	defer close(p.done)
	var so heard
	for more := true; more; {
		_, more = <-p.wake
		p.mu.Lock()
		f := p.next
		p.next = nil
		p.mu.Unlock()
		if f == nil {
			continue
		}
		if lines := so.news(*f); len(lines) > 0 {
			// the terminal is raw: it does not return to the first column by itself
			_, _ = io.WriteString(p.out, strings.Join(lines, "\r\n")+"\r\n")
		}
	}
}

// news returns the lines of a frame that are new. On another screen these are all lines; otherwise those that were
// not there before, and the selected one if the selection changed. While text is typed, only the field and the
// selection.
func (h *heard) news(f plainFrame) []string {
	var out []string
	if h.place != f.place || h.lines == nil {
		if h.lines != nil {
			out = append(out, "")
		}
		h.place, h.lines = f.place, map[string]bool{}
	}
	now := map[string]bool{}
	for _, l := range plainLines(f.text) {
		selected := strings.HasPrefix(l, "> ")
		field := f.typing && strings.Contains(l, plainCursor)
		if h.lines[l] || f.typing && !field && !selected {
			continue
		}
		if field {
			out = append(out, strings.Replace(l, plainCursor, "", 1))
		} else {
			out = append(out, l)
		}
		now[l] = true
	}
	if !f.typing { // a line that is gone is new if it returns
		clear(h.lines)
		for _, l := range plainLines(f.text) {
			now[l] = true
		}
	}
	for l := range now {
		h.lines[l] = true
		h.lines[strings.TrimPrefix(l, "> ")] = true // losing the selection is not news
	}
	return out
}

const plainCursor = "|"

func plainLines(frame string) []string {
	if frame == "" {
		return nil
	}
	return strings.Split(frame, "\n")
}

// news reports whether a message is worth announcing. The clock is not, nor is each result of a run, but its end is.
func (m *model) news(msg tea.Msg) bool {
	switch msg.(type) {
	case tickMsg, saveMsg, list.ArrangeSoonMsg, list.GroupSoonMsg, alarmMsg:
		return false
	case batchMsg, list.ArrangedMsg:
		return !m.Run.Active() && !m.Load.Active()
	case tea.WindowSizeMsg:
		return m.Width == 0
	}
	return true
}

// plain returns the frame for the printer.
func (m *model) plain() plainFrame {
	return plainFrame{m.View(), plainPlace{m.Screen.Scope(), m.Screen.Identity(), m.resumed}, m.Screen.Typing()}
}
