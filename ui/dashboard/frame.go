package dashboard

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"domdoc/api"
	"domdoc/ui/dashboard/action"
	"domdoc/ui/dashboard/page"
	"domdoc/ui/dashboard/screen"

	"github.com/charmbracelet/x/ansi"
)

// View draws the frame: exactly the window's height in lines, each at most its width. Bubble Tea would drop lines
// from the top of a longer one.
func (m *model) View() string {
	if m.Width <= 0 || m.Height <= 0 {
		return ""
	}
	if m.TooSmall() {
		return m.Th.Finish(m.needsRoom())
	}
	head, body := m.Screen.Head(), m.Screen.Body()
	if m.opt.Plain && m.Screen == screen.Screen(m.text) { // a text to be copied stays unchanged
		return m.Th.Finish(head) + "\n" + strings.TrimRight(padding.ReplaceAllString(body, "$1"), "\n") + "\n" +
			m.Th.Finish(m.statusLine()+"\n"+m.hintLine())
	}
	return m.Th.Finish(frame(m.Width, m.Height, head, body, m.statusLine(), m.hintLine()))
}

// padding matches the spaces that fill lines up to the window's width.
var padding = regexp.MustCompile(` +(\n|$)`)

// frame joins the parts of a screen: the head, the body in the remaining height, and two lines at the bottom.
func frame(width, height int, head, body, status, hint string) string {
	room := height - page.LineCount(head) - screen.BottomLines
	var b strings.Builder
	b.Grow(height * (width + 16))
	n := 0
	put := func(text string, lines int) {
		for range lines {
			line, rest, _ := strings.Cut(text, "\n")
			text = rest
			if len(line) > width && ansi.StringWidth(line) > width {
				line = ansi.Truncate(line, width, "…") // every cut is visible; Finish knows terminals without this sign
			}
			if n > 0 {
				b.WriteByte('\n')
			}
			b.WriteString(strings.TrimRight(line, " "))
			n++
		}
	}
	put(head, min(page.LineCount(head), height))
	put(body, max(0, room))
	put(status, min(1, height-n))
	put(hint, min(1, height-n))
	return b.String()
}

// needsRoom is the screen of a window that is too small: it shows the required size, however small the window.
func (m *model) needsRoom() string {
	text := []string{"domdoc needs a larger window", "at least " + size(screen.MinWidth, screen.MinHeight) +
		", but has " +
		size(m.Width, m.Height), "q quits"}
	lines := make([]string, m.Height)
	top := max(0, (m.Height-len(text))/2)
	for i, s := range text {
		if top+i >= m.Height {
			break
		}
		s = ansi.Truncate(s, m.Width, "")
		lines[top+i] = strings.Repeat(" ", (m.Width-ansi.StringWidth(s))/2) + s
	}
	return strings.Join(lines, "\n")
}

func size(w, h int) string { return page.Count(w) + "x" + page.Count(h) }

// noticeTime is how long a notice hides the progress of a run.
const noticeTime = 4 * time.Second

// statusLine returns the line that describes current activity.
func (m *model) statusLine() string {
	if m.Notice != "" && (!m.Run.Active() || m.Now.Sub(m.Noticed) < noticeTime) {
		return m.Th.Strong.Do(page.Printable(m.Notice))
	}
	if alert := m.Screen.Alert(); alert != "" {
		return alert
	}
	if delay := m.delayText(); delay != "" {
		return delay
	}
	if m.Run.Active() {
		return m.progress()
	}
	if status := m.Screen.Status(); status != "" {
		return status
	}
	if len(m.Single) > 0 {
		return m.Th.Waiting.Do("diagnosing " + page.Plural(len(m.Single), "domain", "domains") + " " + m.Th.More)
	}
	return ""
}

// delayText says what the service lets wait; empty if nothing.
func (m *model) delayText() string {
	if m.Client == nil || m.Plain {
		return ""
	}
	d, ok := m.Client.Delay()
	if !ok {
		return ""
	}
	return m.Th.Warning.Do(ansi.Truncate(d.Text(m.Now), m.Width, m.Th.More))
}

// progress describes a run: a bar, numbers, and the estimated remaining time.
func (m *model) progress() string {
	const width = 20
	done := 0
	if m.Run.Total > 0 {
		done = width * m.Run.Done / m.Run.Total
	}
	s := m.Th.Waiting.Do("["+strings.Repeat(m.Th.Done, done)+strings.Repeat(m.Th.Left, width-done)+"]") +
		" diagnosing " + page.Count(m.Run.Done) + " of " + page.Count(m.Run.Total)
	if left, ok := m.Run.Rest.Left(m.Now, m.Run.Began, m.Run.Done, m.Run.Total, m.allowance()); ok {
		about := m.Th.Faint.Do(", about " + page.Span(left) + " left")
		if left >= time.Second && ansi.StringWidth(s+about) <= m.Width {
			s += about
		}
	}
	return s
}

// allowance is what the service allows the calls of the run; nil without a service.
func (m *model) allowance() *api.Allowance {
	if m.Client == nil {
		return nil
	}
	a := m.Client.Allowance()
	a.Made -= m.Run.Calls
	return &a
}

// hintLine lists the most useful keys of a screen, as many as fit. They come from the key map; unavailable actions
// are omitted.
func (m *model) hintLine() string { return m.Hints(m.hintList()...) }

func (m *model) hintList() []hint {
	on := m.Screen.Scope()
	if m.Screen.Typing() && !slices.Contains(action.Writing(), on) {
		return []hint{{"enter", "keep", ""}, {"esc", "leave", ""}, {"ctrl+u", "clear", ""}}
	}
	var list []hint
	for _, a := range m.Screen.Hints() {
		keys := m.Keys.Keys(on, a)
		if len(keys) == 0 || m.Unavailable(a) != "" {
			continue
		}
		if u := m.Keys.Spec(a).Find(on); u.Label != "" {
			list = append(list, hint{action.KeyName(keys[0]), u.Label, a})
		}
	}
	return list
}

// hint is one item of the bottom line.
type hint struct {
	key, label string
	action     action.Name // empty: the text field handles it
}

const hintGap = 2 // cells

func (m *model) Hints(list ...hint) string {
	var b strings.Builder
	used := 0
	for _, h := range list {
		w := ansi.StringWidth(h.key) + 1 + ansi.StringWidth(h.label)
		if used > 0 {
			w += hintGap
		}
		if used+w > m.Width {
			break
		}
		if used > 0 {
			b.WriteString(strings.Repeat(" ", hintGap))
		}
		b.WriteString(m.Th.Accent.Do(h.key) + " " + m.Th.Faint.Do(h.label))
		used += w
	}
	return b.String()
}
