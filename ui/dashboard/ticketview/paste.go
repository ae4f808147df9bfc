package ticketview

import (
	"strings"
	"unicode/utf8"

	"domdoc/checks/ticket"
	"domdoc/ui/dashboard/action"
	"domdoc/ui/dashboard/page"
	"domdoc/ui/dashboard/screen"

	"domdoc/catalog/sanitize"

	tea "github.com/charmbracelet/bubbletea"
)

// MaxPaste bounds what the box takes, in bytes: an error body is a thousandth of it.
const MaxPaste = ticket.MaxSize

// readInUpdate is how long a text may be, in bytes, that is read within Update: it takes less than a millisecond.
const readInUpdate = 4 << 10

// Box is the box for an error from a ticket or a log.
type Box struct {
	screen.Base
	*screen.Shared
	Text string
	Cut  bool   // something did not fit
	Said string // why the last text led nowhere
	Gen  int    // of the reading that is under way
}

// Scope implements screen.Screen.
func (b *Box) Scope() action.Scope { return action.ScopePaste }

// Typing implements screen.Screen.
func (b *Box) Typing() bool { return true }

// Hints implements screen.Screen.
func (b *Box) Hints() []action.Name { return []action.Name{action.Open, action.Clear, action.Back} }

// Resize implements screen.Screen.
func (b *Box) Resize(int, int) {}

// Paste implements screen.Screen.
func (b *Box) Paste(text string) (tea.Cmd, bool) {
	b.insert(text)
	return nil, true
}

// Clear empties the box; a reading that is under way is dropped.
func (b *Box) Clear() { *b = Box{Shared: b.Shared} }

// insert adds text at the end, as far as it fits.
func (b *Box) insert(s string) {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(strings.ToValidUTF8(s, "\uFFFD"))
	b.Said = ""
	if room := MaxPaste - len(b.Text); len(s) > room {
		s, b.Cut = strings.ToValidUTF8(s[:room], ""), true // half a character at the end goes
	}
	b.Text += s
}

// Typed handles a key in the box. There is no cursor to move: pasted text is not edited.
func (b *Box) Typed(msg tea.KeyMsg) tea.Cmd {
	switch {
	case msg.String() == "backspace" && b.Text != "":
		_, n := utf8.DecodeLastRuneInString(b.Text)
		b.Text = b.Text[:len(b.Text)-n]
		b.Cut, b.Said = false, ""
	case !msg.Alt && (msg.Type == tea.KeyRunes || msg.Type == tea.KeySpace):
		b.insert(string(msg.Runes))
	}
	return nil
}

// Open shows the box, with a text in it if one was pasted elsewhere.
func (b *Box) Open(text string) {
	if text != "" {
		b.Clear()
		b.insert(text)
	}
	b.Show(b)
}

// Do implements screen.Screen.
func (b *Box) Do(a action.Name) tea.Cmd {
	switch a {
	case action.Back:
		b.Back()
	case action.Clear:
		b.Clear()
	case action.Open:
		// Without bracketed paste a terminal sends line breaks as enter: in the middle of a JSON body it is one.
		if strings.Count(b.Text, "{") > strings.Count(b.Text, "}") && !b.Cut && b.Said == "" &&
			!strings.HasSuffix(b.Text, "\n\n") {
			b.insert("\n")
			return nil
		}
		return b.readPaste()
	}
	return nil
}

// readPaste has the text read in a command: a megabyte takes its time.
func (b *Box) readPaste() tea.Cmd {
	if strings.TrimSpace(b.Text) == "" {
		b.Said = "the box is empty: paste the body of an error, or type a code and a domain"
		return nil
	}
	b.Gen = b.NextGen()
	gen, text := b.Gen, b.Text
	if len(text) <= readInUpdate {
		return b.OpenPasted(gen, ticket.ReadAll(text))
	}
	b.Said = "reading " + b.Th.More
	return func() tea.Msg { return ReadMsg{gen, ticket.ReadAll(text)} }
}

// Head implements screen.Screen.
func (b *Box) Head() string {
	return b.TitleLine("paste an error", page.Count(len(b.Text))+" of "+page.Count(MaxPaste)+" bytes") + "\n" +
		b.Th.Faint.Do("the body of an error, a log line with one, or a code and a domain") + "\n"
}

// Body shows the end of the text, since that is where one types.
func (b *Box) Body() string {
	room := b.Height - 3 - 2
	var below []string
	if b.Cut {
		below = append(below, b.Th.Warning.Do(b.Th.Warn+" only the first "+page.Count(MaxPaste)+
			" bytes were kept"))
	}
	if b.Said != "" {
		for i, para := range strings.Split(b.Said, "\n") {
			paint := b.Th.Warning
			if i > 0 {
				paint = b.Th.Plain
			}
			for _, l := range page.Wrap(para, b.Width-2) {
				below = append(below, paint.Do(l))
			}
		}
		below = below[:min(len(below), max(2, room-2))]
	}
	if b.Text == "" && len(below) == 0 {
		p := page.New(b.Th, b.Width)
		p.Text(2, b.Th.Plain, b.Th.Cursor)
		p.Gap()
		p.Text(2, b.Th.Faint, "for example:")
		p.Text(2, b.Th.Faint, `{"statusCode":409,"errorCode":"DOMAIN_010","path":"/domains/v1/d-42/verify"}`)
		p.Text(2, b.Th.Faint, "DOMAIN_004 shop.example.com")
		return p.String()
	}
	room -= len(below) + 1
	const tail = 64 // lines that are laid out: more than any window shows
	text := b.Text[max(0, len(b.Text)-tail*page.MaxParagraph):]
	var lines []string
	all := strings.Split(strings.ToValidUTF8(text, ""), "\n")
	for _, l := range all[max(0, len(all)-tail):] {
		l = l[max(0, len(l)-page.MaxParagraph):] // its end, as of the text
		lines = append(lines, page.CutLines(sanitize.Text(strings.ToValidUTF8(l, ""), page.MaxParagraph), b.Width-4)...)
	}
	lines[len(lines)-1] += b.Th.Accent.Do(b.Th.Cursor)
	lines = lines[max(0, len(lines)-max(1, room)):]
	for i, l := range lines {
		lines[i] = "  " + l
	}
	if len(below) > 0 {
		lines = append(append(lines, ""), below...)
	}
	return strings.Join(lines, "\n")
}
