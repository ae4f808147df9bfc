package dashboard

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"domdoc/api"
	"domdoc/catalog"
	"domdoc/checks"

	tea "github.com/charmbracelet/bubbletea"
)

// maxPaste bounds what the box takes, in bytes: an error body is a hundredth of it.
const maxPaste = 64 << 10

// paste is the box for an error from a ticket or a log.
type paste struct {
	text string
	cut  bool   // something did not fit
	said string // why the last text led nowhere
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

// onPaste is text that the terminal says was pasted. It goes into the field that is open; elsewhere it can only be an error.
func (m *model) onPaste(text string) tea.Cmd {
	switch {
	case m.tooSmall():
	case m.screen == screenPaste:
		m.paste.insert(text)
	case m.screen == screenList && m.filter.open:
		m.filter.insert(text)
		m.query = parseQuery(m.filter.value())
		return m.arrangeNow()
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
		if strings.Count(m.paste.text, "{") > strings.Count(m.paste.text, "}") && !m.paste.cut && m.paste.said == "" && !strings.HasSuffix(m.paste.text, "\n\n") {
			m.paste.insert("\n")
			return nil
		}
		return m.readPaste()
	}
	return nil
}

// readPaste finds the domain of the pasted error and diagnoses it with the code that the error reports.
func (m *model) readPaste() tea.Cmd {
	if strings.TrimSpace(m.paste.text) == "" {
		m.paste.said = "the box is empty: paste the error's body, or type a code and the domain"
		return nil
	}
	t := readTicket(m.paste.text, func(nameOrID string) (string, bool) {
		if i, ok := m.fleet.byName[nameOrID]; ok {
			return m.fleet.rows[i].id, true
		}
		_, ok := m.fleet.byID[nameOrID]
		return nameOrID, ok
	})
	if t.id == "" && t.name == "" {
		m.paste.said = "no domain of the list is named in it"
		if len(t.others) > 0 {
			m.paste.said += " (it names " + strings.Join(t.others, ", ") + ")"
		}
		if t.reported.Code == "" {
			m.paste.said += ", and no error code either"
			return nil
		}
		m.paste.said += ": add the domain's name and press " + m.keyOf(screenPaste, actOpen) + " again"
		return nil
	}
	id := t.id
	if id == "" || m.fleet.find(id) == nil {
		r := namedRow(t.name, t.id)
		id = r.id
		m.fleet.add(r)
	}
	if t.reported.Code != "" {
		m.reported[id] = []checks.Reported{t.reported}
	}
	arrange := m.arrangeNow()
	m.goBack()
	m.grid.Select(id)
	m.detail.id = id
	m.showTab(tabFindings)
	m.goTo(screenDetail)
	m.paste = paste{}
	// A diagnosis from before knows nothing of the code: it is made again.
	if s := m.single[id]; s != nil {
		s.cancel()
		delete(m.single, id)
	}
	return tea.Batch(arrange, m.startOne(m.fleet.find(id)))
}

// ticket is what was understood of a pasted text.
type ticket struct {
	reported checks.Reported // Code is empty where the text names none, or several
	id       string          // of a domain of the list, or as the service's path has it
	name     string          // of a domain that is in no list
	others   []string        // names in the text that are not in the list, where there are several
}

var (
	pathOfDomain = regexp.MustCompile(`/domains/v1/([A-Za-z0-9][A-Za-z0-9_.-]{0,99})`)
	nameInText   = regexp.MustCompile(`[\pL\pN_*](?:[\pL\pN_-]*[\pL\pN_])?(?:\.[\pL\pN_](?:[\pL\pN_-]*[\pL\pN])?)+`)
)

// readTicket understands a pasted error, however it is wrapped: the service's JSON, JSON inside prose or a log line, or only "DOMAIN_010 shop.example.com".
// The error itself is read by api.ParseError. The domain is the first of these that there is: the id in a path /domains/v1/<id>, if the list has it; the
// longest name that the list has (a record's name counts for the domain it stands under); an id that the list does not have; and the only name in the
// text that is no host of a web or mail address. inList finds the id of a listed name or id. readTicket is pure; the command triage has a fuller one.
func readTicket(text string, inList func(nameOrID string) (id string, ok bool)) ticket {
	var t ticket
	e := api.ParseError(0, nil, []byte(text))
	if c, ok := catalog.FindCode(e.Code); ok {
		t.reported = checks.Reported{Code: c.ID, Message: e.Message, At: e.Timestamp, Path: e.Path, Method: e.Method, RequestID: e.RequestID, Source: "ticket"}
	}
	unlisted := ""
	for _, where := range []string{e.Path, text} {
		if found := pathOfDomain.FindStringSubmatch(where); found != nil && unlisted == "" {
			unlisted = found[1]
		}
	}
	if id, ok := inList(unlisted); ok && unlisted != "" {
		t.id = id
		return t
	}
	best := ""
	for _, at := range nameInText.FindAllStringIndex(text, 2000) {
		n, err := checks.ParseName(text[at[0]:at[1]])
		if err != nil {
			continue
		}
		for name := n.ASCII; strings.Contains(name, "."); _, name, _ = strings.Cut(name, ".") {
			if id, ok := inList(name); ok {
				if len(name) > len(best) {
					best, t.id = name, id
				}
				break
			}
		}
		address := strings.HasSuffix(text[:at[0]], "//") || strings.HasSuffix(text[:at[0]], "@")
		if !address && !slices.Contains(t.others, n.ASCII) {
			t.others = append(t.others, n.ASCII)
		}
	}
	switch {
	case best != "":
		t.others = nil
	case unlisted != "":
		t.id, t.others = unlisted, nil
	case len(t.others) == 1:
		t.name, t.others = t.others[0], nil
	}
	t.others = t.others[:min(len(t.others), 5)]
	return t
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
		below = append(below, m.th.Warning.Do(m.th.Warn+" only the first "+count(maxPaste)+" bytes were taken: more than any error needs"))
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
	text := m.paste.text
	const tail = 64 // lines that are laid out: more than any window shows
	var lines []string
	all := strings.Split(text, "\n")
	for _, l := range all[max(0, len(all)-tail):] {
		lines = append(lines, cutLines(catalog.Printable(l, maxParagraph), m.width-4)...)
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
