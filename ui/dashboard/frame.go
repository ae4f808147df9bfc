package dashboard

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"domdoc/ui/dashboard/theme"

	"github.com/charmbracelet/x/ansi"
)

// The smallest window that has room for a list.
const (
	minWidth  = 60
	minHeight = 15
)

// bottomLines are those of the status and of the keys.
const bottomLines = 2

func (s *shared) tooSmall() bool { return !s.opt.Plain && (s.width < minWidth || s.height < minHeight) }

// View draws the frame: exactly the window's height in lines, each at most its width. Bubble Tea would drop lines
// from the top of a longer one.
func (m *model) View() string {
	if m.width <= 0 || m.height <= 0 {
		return ""
	}
	if m.tooSmall() {
		return m.th.Finish(m.needsRoom())
	}
	head, body := m.screen.head(), m.screen.body()
	if m.opt.Plain && m.screen == screen(m.text) { // a text to be copied stays as it is
		return m.th.Finish(head) + "\n" + strings.TrimRight(padding.ReplaceAllString(body, "$1"), "\n") + "\n" +
			m.th.Finish(m.statusLine()+"\n"+m.hintLine())
	}
	return m.th.Finish(frame(m.width, m.height, head, body, m.statusLine(), m.hintLine()))
}

// padding is what fills lines up to the window's width.
var padding = regexp.MustCompile(` +(\n|$)`)

// frame puts the parts of a screen over each other: the head, the body in the room that is left, and two lines at the
// bottom.
func frame(width, height int, head, body, status, hint string) string {
	room := height - lineCount(head) - bottomLines
	var b strings.Builder
	b.Grow(height * (width + 16))
	n := 0
	put := func(text string, lines int) {
		for range lines {
			line, rest, _ := strings.Cut(text, "\n")
			text = rest
			if len(line) > width && ansi.StringWidth(line) > width {
				line = ansi.Truncate(line, width, "")
			}
			if n > 0 {
				b.WriteByte('\n')
			}
			b.WriteString(strings.TrimRight(line, " "))
			n++
		}
	}
	put(head, min(lineCount(head), height))
	put(body, max(0, room))
	put(status, min(1, height-n))
	put(hint, min(1, height-n))
	return b.String()
}

func lineCount(s string) int { return strings.Count(s, "\n") + 1 }

// needsRoom is the screen of a window that is too small: it says what is needed, however small the window.
func (m *model) needsRoom() string {
	text := []string{"domdoc needs a larger window", "at least " + size(minWidth, minHeight) + ", this one is " +
		size(m.width, m.height), "q quits"}
	lines := make([]string, m.height)
	top := max(0, (m.height-len(text))/2)
	for i, s := range text {
		if top+i >= m.height {
			break
		}
		s = ansi.Truncate(s, m.width, "")
		lines[top+i] = strings.Repeat(" ", (m.width-ansi.StringWidth(s))/2) + s
	}
	return strings.Join(lines, "\n")
}

func size(w, h int) string { return count(w) + "x" + count(h) }

// titleLine is the first line of every screen: who we are and where, and something at the right.
func (s *shared) titleLine(where, right string) string {
	left := s.th.Strong.Do("domdoc")
	if s.opt.Title != "" {
		left += "  " + ansi.Truncate(printable(s.opt.Title), 30, s.th.More)
	}
	if where != "" {
		left += " " + s.th.Faint.Do(s.th.Sep) + " " + where
	}
	return spread(left, right, s.width, s.th)
}

// spread puts two texts at the two ends of a line. The left one is cut where they would meet.
func spread(left, right string, width int, th *theme.Theme) string {
	rw := ansi.StringWidth(right)
	if rw > 0 && rw+12 > width {
		right, rw = "", 0
	}
	if over := width - rw - 2; rw > 0 && ansi.StringWidth(left) > over {
		left = ansi.Truncate(left, max(0, over), th.More)
	}
	return left + strings.Repeat(" ", max(0, width-rw-ansi.StringWidth(left))) + right
}

// noticeTime is how long a notice hides the progress of a run.
const noticeTime = 4 * time.Second

// statusLine is the line that says what is going on.
func (m *model) statusLine() string {
	if m.notice != "" && (!m.run.active() || m.now.Sub(m.noticed) < noticeTime) {
		return m.th.Strong.Do(printable(m.notice))
	}
	if alert := m.screen.alert(); alert != "" {
		return alert
	}
	if m.run.active() {
		return m.progress()
	}
	if status := m.screen.status(); status != "" {
		return status
	}
	if len(m.single) > 0 {
		return m.th.Waiting.Do("diagnosing " + plural(len(m.single), "domain", "domains") + " " + m.th.More)
	}
	return ""
}

// progress is the state of a run: a bar, numbers, and how long it may still take.
func (m *model) progress() string {
	const width = 20
	done := 0
	if m.run.total > 0 {
		done = width * m.run.done / m.run.total
	}
	s := m.th.Waiting.Do("["+strings.Repeat(m.th.Done, done)+strings.Repeat(m.th.Left, width-done)+"]") +
		" diagnosing " + count(m.run.done) + " of " + count(m.run.total)
	if took := m.now.Sub(m.run.began); m.run.done > 0 && took > 0 {
		left := time.Duration(float64(took) / float64(m.run.done) * float64(m.run.total-m.run.done))
		if left >= time.Second {
			s += m.th.Faint.Do(", about " + span(left) + " left")
		}
	}
	return s
}

// hintLine names the keys that matter on a screen, as many as fit. They come from the key map; what cannot be done
// now is not named.
func (m *model) hintLine() string { return m.hints(m.hintList()...) }

func (m *model) hintList() []hint {
	on := m.screen.scope()
	if m.screen.typing() && !slices.Contains(writing(), on) {
		return []hint{{"enter", "keep", ""}, {"esc", "leave", ""}, {"ctrl+u", "clear", ""}}
	}
	var list []hint
	for _, a := range m.screen.hints() {
		keys := m.keys.keys(on, a)
		if len(keys) == 0 || m.unavailable(a) != "" {
			continue
		}
		if u := m.keys.spec(a).find(on); u.label != "" {
			list = append(list, hint{keyName(keys[0]), u.label, a})
		}
	}
	return list
}

// hint is one thing that the bottom line names.
type hint struct {
	key, label string
	action     action // empty: what it does is the text field's
}

const hintGap = 2 // cells

func (m *model) hints(list ...hint) string {
	var b strings.Builder
	used := 0
	for _, h := range list {
		w := ansi.StringWidth(h.key) + 1 + ansi.StringWidth(h.label)
		if used > 0 {
			w += hintGap
		}
		if used+w > m.width {
			break
		}
		if used > 0 {
			b.WriteString(strings.Repeat(" ", hintGap))
		}
		b.WriteString(m.th.Accent.Do(h.key) + " " + m.th.Faint.Do(h.label))
		used += w
	}
	return b.String()
}
