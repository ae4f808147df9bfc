package dashboard

import (
	"strings"
	"unicode/utf8"

	"domdoc/checks/ticket"

	"domdoc/catalog/sanitize"

	tea "github.com/charmbracelet/bubbletea"
)

// maxPaste bounds what the box takes, in bytes: an error body is a thousandth of it.
const maxPaste = ticket.MaxSize

// readInUpdate is how long a text may be, in bytes, that is read within Update: it takes less than a millisecond.
const readInUpdate = 4 << 10

// pasteScreen is the box for an error from a ticket or a log.
type pasteScreen struct {
	still
	*shared
	text string
	cut  bool   // something did not fit
	said string // why the last text led nowhere
	gen  int    // of the reading that is under way
}

func (b *pasteScreen) scope() scope    { return scopePaste }
func (b *pasteScreen) typing() bool    { return true }
func (b *pasteScreen) hints() []action { return []action{actOpen, actClear, actBack} }
func (b *pasteScreen) resize(int, int) {}

func (b *pasteScreen) paste(text string) (tea.Cmd, bool) {
	b.insert(text)
	return nil, true
}

// clear empties the box; a reading that is under way is dropped.
func (b *pasteScreen) clear() { *b = pasteScreen{shared: b.shared} }

// insert adds text at the end, as far as it fits.
func (b *pasteScreen) insert(s string) {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(strings.ToValidUTF8(s, "\uFFFD"))
	b.said = ""
	if room := maxPaste - len(b.text); len(s) > room {
		s, b.cut = strings.ToValidUTF8(s[:room], ""), true // half a character at the end goes
	}
	b.text += s
}

// typed is a key in the box. There is no cursor to move: what is pasted is read, not edited.
func (b *pasteScreen) typed(msg tea.KeyMsg) tea.Cmd {
	switch {
	case msg.String() == "backspace" && b.text != "":
		_, n := utf8.DecodeLastRuneInString(b.text)
		b.text = b.text[:len(b.text)-n]
		b.cut, b.said = false, ""
	case !msg.Alt && (msg.Type == tea.KeyRunes || msg.Type == tea.KeySpace):
		b.insert(string(msg.Runes))
	}
	return nil
}

// open shows the box, with a text in it if one was pasted elsewhere.
func (b *pasteScreen) open(text string) {
	if text != "" {
		b.clear()
		b.insert(text)
	}
	b.show(b)
}

func (b *pasteScreen) do(a action) tea.Cmd {
	switch a {
	case actBack:
		b.back()
	case actClear:
		b.clear()
	case actOpen:
		// Without bracketed paste a terminal sends line breaks as enter: in the middle of a JSON body it is one.
		if strings.Count(b.text, "{") > strings.Count(b.text, "}") && !b.cut && b.said == "" &&
			!strings.HasSuffix(b.text, "\n\n") {
			b.insert("\n")
			return nil
		}
		return b.readPaste()
	}
	return nil
}

// readPaste has the text read in a command: a megabyte takes its time.
func (b *pasteScreen) readPaste() tea.Cmd {
	if strings.TrimSpace(b.text) == "" {
		b.said = "the box is empty: paste the error's body, or type a code and the domain"
		return nil
	}
	b.gen = b.nextGen()
	gen, text := b.gen, b.text
	if len(text) <= readInUpdate {
		return b.openPasted(ticketMsg{gen, ticket.Read(text)})
	}
	b.said = "reading " + b.th.More
	return func() tea.Msg { return ticketMsg{gen, ticket.Read(text)} }
}

func (b *pasteScreen) head() string {
	return b.titleLine("paste an error", count(len(b.text))+" of "+count(maxPaste)+" bytes") + "\n" +
		b.th.Faint.Do("the body of an error, a log line that holds one, or a code and a domain") + "\n"
}

// pasteBody shows the end of the text, since that is where one types.
func (b *pasteScreen) body() string {
	room := b.height - 3 - 2
	var below []string
	if b.cut {
		below = append(below, b.th.Warning.Do(b.th.Warn+" only the first "+count(maxPaste)+
			" bytes were taken: more than any error needs"))
	}
	if b.said != "" {
		for _, l := range wrap(b.said, b.width-2) {
			below = append(below, b.th.Warning.Do(l))
		}
	}
	if b.text == "" && len(below) == 0 {
		p := newPage(b.th, b.width)
		p.text(2, b.th.Plain, b.th.Cursor)
		p.gap()
		p.text(2, b.th.Faint, "for example:")
		p.text(2, b.th.Faint, `{"statusCode":409,"errorCode":"DOMAIN_010","path":"/domains/v1/d-42/verify"}`)
		p.text(2, b.th.Faint, "DOMAIN_004 shop.example.com")
		return p.String()
	}
	room -= len(below) + 1
	const tail = 64 // lines that are laid out: more than any window shows
	text := b.text[max(0, len(b.text)-tail*maxParagraph):]
	var lines []string
	all := strings.Split(strings.ToValidUTF8(text, ""), "\n")
	for _, l := range all[max(0, len(all)-tail):] {
		l = l[max(0, len(l)-maxParagraph):] // its end, as of the text
		lines = append(lines, cutLines(sanitize.Text(strings.ToValidUTF8(l, ""), maxParagraph), b.width-4)...)
	}
	lines[len(lines)-1] += b.th.Accent.Do(b.th.Cursor)
	lines = lines[max(0, len(lines)-max(1, room)):]
	for i, l := range lines {
		lines[i] = "  " + l
	}
	if len(below) > 0 {
		lines = append(append(lines, ""), below...)
	}
	return strings.Join(lines, "\n")
}
