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

func (m *model) tooSmall() bool { return !m.opt.Plain && (m.width < minWidth || m.height < minHeight) }

// View draws the frame: exactly the window's height in lines, each at most its width. Bubble Tea would drop lines
// from the top of a longer one.
func (m *model) View() string {
	if m.width <= 0 || m.height <= 0 {
		return ""
	}
	if m.tooSmall() {
		return m.th.Finish(m.needsRoom())
	}
	var head, body string
	switch m.screen {
	case screenList:
		head, body = m.listHead(), m.listBody()
	case screenGroups:
		head, body = m.groupsHead(), m.groupsBody()
	case screenTicket:
		head, body = m.ticketHead(), m.ticket.view.View()
	case screenDetail:
		head, body = m.detailHead(), m.detailBody()
	case screenCatalogue:
		head, body = m.catalogueHead(), m.catalogueBody()
	case screenEntry:
		head, body = m.entryHead(), m.entry.view.View()
	case screenPaste:
		head, body = m.pasteHead(), m.pasteBody()
	case screenChoose:
		head, body = m.chooseHead(), m.chooseBody()
	case screenText:
		head, body = m.textHead(), m.text.view.View()
	case screenConfirm:
		head, body = m.confirmHead(), m.request.view.View()
	case screenHelp:
		head, body = m.helpHead(), m.help.View()
	case screens:
	}
	if m.opt.Plain && m.screen == screenText { // a text to be copied stays as it is
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
	room := height - lineCount(head) - 2
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
func (m *model) titleLine(where, right string) string {
	left := m.th.Strong.Do("domdoc")
	if m.opt.Title != "" {
		left += "  " + ansi.Truncate(printable(m.opt.Title), 30, m.th.More)
	}
	if where != "" {
		left += " " + m.th.Faint.Do(m.th.Sep) + " " + where
	}
	return spread(left, right, m.width, m.th)
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
	switch {
	case m.notice != "" && (!m.run.active() || m.now.Sub(m.noticed) < noticeTime):
		return m.th.Strong.Do(printable(m.notice))
	case m.screen == screenList && m.run.active() && !m.run.asked.IsZero() && m.now.Sub(m.run.asked) < confirmCancel:
		return m.th.Warning.Do("press esc again to stop after " + count(m.run.done) + " of " + count(m.run.total))
	case m.screen == screenChoose && !m.opt.Plain && m.choose.current() != "":
		return m.th.Faint.Do(m.choose.current())
	case m.run.active():
		return m.progress()
	case (m.screen == screenDetail || m.screen == screenTicket) && m.single[m.shownID()] != nil:
		return m.th.Waiting.Do("asking servers " + m.th.More + " " + span(m.now.Sub(m.single[m.shownID()].began)))
	case m.screen == screenList && m.load.err != nil && len(m.fleet.rows) > 0:
		what, _ := errorText(m.load.err)
		return m.th.Bad.Do("the list ended early: "+what) + m.th.Faint.Do("; ") +
			m.th.Accent.Do(m.keyOf(screenList, actReload)) + m.th.Faint.Do(" reads it again")
	case len(m.single) > 0:
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
	if m.typing() && !slices.Contains(writing(), m.screen) {
		return []hint{{"enter", "keep", ""}, {"esc", "leave", ""}, {"ctrl+u", "clear", ""}}
	}
	var list []hint
	actions := hinted(m.screen)
	if m.screen == screenList && m.grid.Len() == 0 {
		actions = []action{actReload, actFilter, actPaste, actCatalogue, actHelp, actQuit}
	}
	if m.screen == screenDetail && m.onLedger() {
		actions = []action{actBack, actNextTab, actOpen, actFilter, actKind, actCopy, actPalette, actHelp, actQuit}
	}
	for _, a := range actions {
		keys := m.keys.keys(m.screen, a)
		if len(keys) == 0 || m.unavailable(a) != "" {
			continue
		}
		if u := m.keys.spec(a).find(m.screen); u.label != "" {
			list = append(list, hint{keyName(keys[0]), u.label, a})
		}
	}
	return list
}

// hinted are the actions that the bottom line names, the most useful first.
func hinted(s screen) []action {
	switch s {
	case screenList:
		return []action{
			actOpen, actDiagnose, actDiagnoseAll, actCancel, actFilter, actGroup, actHelp, actQuit,
			actPalette, actPaste, actWatch, actMark, actCopy, actSort, actCatalogue, actReload, actPropagation,
		}
	case screenGroups:
		return []action{actOpen, actGroup, actBack, actCatalogue, actPalette, actHelp, actQuit, actPaste}
	case screenTicket:
		return []action{
			actBack, actCopy, actOpen, actWatch, actNext, actDiagnose, actCancel, actCatalogue, actPalette,
			actHelp, actQuit, actPaste,
		}
	case screenDetail:
		return []action{
			actBack, actNextTab, actDiagnose, actCancel, actCopy, actNext, actOpen, actPalette, actHelp,
			actQuit, actCatalogue, actPaste,
		}
	case screenCatalogue:
		return []action{actOpen, actFilter, actBack, actHelp, actQuit, actPaste}
	case screenEntry:
		return []action{actBack, actOpen, actHelp, actQuit, actPaste}
	case screenPaste:
		return []action{actOpen, actClear, actBack}
	case screenChoose:
		return []action{actOpen, actBack}
	case screenText:
		return []action{actBack, actPageDown, actHelp, actQuit}
	case screenConfirm:
		return []action{actConfirm, actBack, actHelp, actQuit}
	case screenHelp:
		return []action{actBack, actPageDown, actQuit}
	case screens:
	}
	return nil
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
