package dashboard

import (
	"strings"
	"unicode/utf8"

	"domdoc/catalog"
	"domdoc/checks/ticket"

	tea "github.com/charmbracelet/bubbletea"
)

// maxPaste bounds what the box takes, in bytes: an error body is a thousandth of it.
const maxPaste = ticket.MaxSize

// readInUpdate is how long a text may be, in bytes, that is read within Update: it takes less than a millisecond.
const readInUpdate = 4 << 10

// paste is the box for an error from a ticket or a log.
type paste struct {
	text string
	cut  bool   // something did not fit
	said string // why the last text led nowhere
	gen  int    // of the reading that is under way
}

// insert adds text at the end, as far as it fits.
func (p *paste) insert(s string) {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(strings.ToValidUTF8(s, "\uFFFD"))
	p.said = ""
	if room := maxPaste - len(p.text); len(s) > room {
		s, p.cut = strings.ToValidUTF8(s[:room], ""), true // half a character at the end goes
	}
	p.text += s
}

// press is a key in the box. There is no cursor to move: what is pasted is read, not edited.
func (p *paste) press(msg tea.KeyMsg) {
	switch {
	case msg.String() == "backspace" && p.text != "":
		_, n := utf8.DecodeLastRuneInString(p.text)
		p.text = p.text[:len(p.text)-n]
		p.cut, p.said = false, ""
	case !msg.Alt && (msg.Type == tea.KeyRunes || msg.Type == tea.KeySpace):
		p.insert(string(msg.Runes))
	}
}

// openPaste shows the box, with a text in it if one was pasted elsewhere.
func (m *model) openPaste(text string) {
	if text != "" {
		m.paste = paste{}
		m.paste.insert(text)
	}
	m.goTo(screenPaste)
}

// onPaste is text that the terminal says was pasted. It goes into the field that is open; elsewhere it can only be an
// error.
func (m *model) onPaste(text string) tea.Cmd {
	switch {
	case m.tooSmall():
	case m.screen == screenPaste:
		m.paste.insert(text)
	case m.screen == screenList && m.filter.open:
		m.filter.insert(text)
		return m.followFilter()
	case m.screen == screenCatalogue && m.catalogue.search.open:
		m.catalogue.search.insert(text)
		m.catalogue.arrange()
	default:
		m.openPaste(text)
	}
	return nil
}

func (m *model) doPaste(a action) tea.Cmd {
	switch a {
	case actBack:
		m.goBack()
	case actClear:
		m.paste = paste{}
	case actOpen:
		// Without bracketed paste a terminal sends line breaks as enter: in the middle of a JSON body it is one.
		if strings.Count(m.paste.text, "{") > strings.Count(m.paste.text, "}") && !m.paste.cut && m.paste.said == "" &&
			!strings.HasSuffix(m.paste.text, "\n\n") {
			m.paste.insert("\n")
			return nil
		}
		return m.readPaste()
	}
	return nil
}

// readPaste has the text read in a command: a megabyte takes its time.
func (m *model) readPaste() tea.Cmd {
	if strings.TrimSpace(m.paste.text) == "" {
		m.paste.said = "the box is empty: paste the error's body, or type a code and the domain"
		return nil
	}
	m.gen++
	m.paste.gen = m.gen
	gen, text := m.gen, m.paste.text
	if len(text) <= readInUpdate {
		return m.onTicket(ticketMsg{gen, ticket.Read(text)})
	}
	m.paste.said = "reading " + m.th.More
	return func() tea.Msg { return ticketMsg{gen, ticket.Read(text)} }
}

func (m *model) pasteHead() string {
	return m.titleLine("paste an error", count(len(m.paste.text))+" of "+count(maxPaste)+" bytes") + "\n" +
		m.th.Faint.Do("the body of an error, a log line that holds one, or a code and a domain") + "\n"
}

// pasteBody shows the end of the text, since that is where one types.
func (m *model) pasteBody() string {
	room := m.height - 3 - 2
	var below []string
	if m.paste.cut {
		below = append(below, m.th.Warning.Do(m.th.Warn+" only the first "+count(maxPaste)+
			" bytes were taken: more than any error needs"))
	}
	if m.paste.said != "" {
		for _, l := range wrap(m.paste.said, m.width-2) {
			below = append(below, m.th.Warning.Do(l))
		}
	}
	if m.paste.text == "" && len(below) == 0 {
		p := newPage(m.th, m.width)
		p.text(2, m.th.Plain, m.th.Cursor)
		p.gap()
		p.text(2, m.th.Faint, "for example:")
		p.text(2, m.th.Faint, `{"statusCode":409,"errorCode":"DOMAIN_010","path":"/domains/v1/d-42/verify"}`)
		p.text(2, m.th.Faint, "DOMAIN_004 shop.example.com")
		return p.String()
	}
	room -= len(below) + 1
	const tail = 64 // lines that are laid out: more than any window shows
	text := m.paste.text[max(0, len(m.paste.text)-tail*maxParagraph):]
	var lines []string
	all := strings.Split(strings.ToValidUTF8(text, ""), "\n")
	for _, l := range all[max(0, len(all)-tail):] {
		l = l[max(0, len(l)-maxParagraph):] // its end, as of the text
		lines = append(lines, cutLines(catalog.Printable(strings.ToValidUTF8(l, ""), maxParagraph), m.width-4)...)
	}
	lines[len(lines)-1] += m.th.Accent.Do(m.th.Cursor)
	lines = lines[max(0, len(lines)-max(1, room)):]
	for i, l := range lines {
		lines[i] = "  " + l
	}
	if len(below) > 0 {
		lines = append(append(lines, ""), below...)
	}
	return strings.Join(lines, "\n")
}
