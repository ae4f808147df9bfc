package dashboard

import (
	"strings"
	"testing"
	"unicode/utf8"

	"domdoc/api"
	"domdoc/checks/subject"
	"domdoc/checks/ticket"
	"domdoc/ui/dashboard/action"
	"domdoc/ui/dashboard/inventory"
	"domdoc/ui/dashboard/runner"
	"domdoc/ui/dashboard/ticketview"

	tea "github.com/charmbracelet/bubbletea"
)

// TestTicketRows finds the domains that a text is about.
func TestTicketRows(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, code, ids string }{
		"the service's body": {`{"statusCode":409,"errorCode":"DOMAIN_010","message":"DNS propagation ` +
			`timeout","path":"/domains/v1/d-1/verify","requestId":"r-7"}`, "DOMAIN_010", "d-1"},
		"json in prose": {"hello, since monday I get\n> {\"errorCode\": \"DOMAIN_004\"}\nfor " +
			"SHOP.example.com. please help", "DOMAIN_004", "d-1"},
		"a log line": {`2026-02-22T14:20:00Z ERROR POST ` +
			`https://api.platform.test/domains/v1/d-2/certificate -> 502 DOMAIN_011`, "DOMAIN_011", "d-2"},
		"code and name":             {"DOMAIN_010 shop.example.com", "DOMAIN_010", "d-1"},
		"only a name":               {"shop.example.com is broken", "", "d-1"},
		"a record's name":           {"TXT _verify.shop.example.com not found", "", "d-1"},
		"the longest name first":    {"example.com works but shop.example.com does not", "", "d-1 d-2"},
		"the id wins over a name":   {"example.com: GET /domains/v1/d-1 DOMAIN_014", "DOMAIN_014", "d-1"},
		"a name wins over an id":    {"shop.example.com: GET /domains/v1/d-old DOMAIN_014", "DOMAIN_014", "d-1"},
		"an unknown id":             {"GET /domains/v1/d-old DOMAIN_001", "DOMAIN_001", "d-old"},
		"an international name":     {"DOMAIN_004 例え.jp", "DOMAIN_004", "d-3"},
		"one name that is not ours": {"DOMAIN_004 new.example.org", "DOMAIN_004", "new.example.org"},
		"several that are not ours": {
			"DOMAIN_004 a.example.org b.example.org", "DOMAIN_004",
			"a.example.org b.example.org",
		},
		"nothing":                   {"it does not work", "", ""},
		"empty":                     {"", "", ""},
		"braces":                    {strings.Repeat("{", 5000) + " DOMAIN_008 shop.example.com", "DOMAIN_008", "d-1"},
		"a name of a thousand dots": {strings.Repeat("a.", 1000) + "example.com", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, nil)
			for id, name := range map[string]string{"d-1": "shop.example.com", "d-2": "example.com", "d-3": "例え.jp"} {
				b.Domains.Add(inventory.NewRow(api.Domain{ID: id, Name: name}, noon))
			}
			all := ticket.ReadAll(c.text)
			read := all[0]
			var got []string
			for _, r := range ticketview.Resolve(&b.Domains, all, true).Rows {
				got = append(got, r.ID)
			}
			if strings.Join(got, " ") != c.ids {
				t.Errorf("found %q, want %q", got, c.ids)
			}
			if code := append(read.Reported, subject.Reported{})[0].Code; code != c.code {
				t.Errorf("the code is %q", code)
			}
		})
	}
}

func pasted(s string) tea.KeyMsg {
	return tea.KeyMsg{Type: tea.KeyRunes, Paste: true, Runes: []rune(s)}
}

// TestPasteAnywhere pastes an error where no text is typed: the box opens with it.
func TestPasteAnywhere(t *testing.T) {
	t.Parallel()
	for _, s := range []action.Scope{
		action.ScopeList, action.ScopeDetail, action.ScopeCatalogue, action.ScopeEntry,
		action.ScopeHelp,
	} {
		b := reached(t, s, nil)
		b.send(pasted("DOMAIN_004\r\nshop.fabrikam.example\r"))
		if b.Screen.Scope() != action.ScopePaste || b.paste.Text != "DOMAIN_004\nshop.fabrikam.example\n" {
			t.Errorf("in %s: at %s with %q", s, b.Screen.Scope(), b.paste.Text)
		}
		b.press("enter")
		if b.Screen.Scope() != action.ScopeTicket || b.ticket.ID() != b.l.ids["name-doubled"] || len(b.Single) != 1 {
			t.Errorf("in %s: enter leads to %s", s, b.Screen.Scope())
		}
		if got := b.Reported[b.ticket.ID()]; len(got) != 1 || got[0].Code != "DOMAIN_004" {
			t.Errorf("the code is not given to the diagnosis: %+v", got)
		}
	}
}

func TestPasteBounds(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.load()
	b.send(pasted(strings.Repeat("é", 1<<20)))
	if len(b.paste.Text) > ticketview.MaxPaste || !utf8.ValidString(b.paste.Text) {
		t.Errorf("%d bytes, valid %v", len(b.paste.Text), utf8.ValidString(b.paste.Text))
	}
	b.shows("only the first 1,048,576 bytes were kept")
	b.drain(b.press("x", "enter"), func() bool { return !strings.HasPrefix(b.paste.Said, "reading") })
	b.shows("the text does not name a domain")
	b.press("ctrl+u")
	if b.paste.Text != "" || b.paste.Cut {
		t.Error("the box is not empty")
	}
	b.press("enter")
	b.shows("the box is empty")
	b.press("a", "é", "backspace", "backspace", "backspace")
	if b.paste.Text != "" {
		t.Errorf("%q is left", b.paste.Text)
	}
}

// TestPasteWithoutBrackets is a terminal that sends a pasted body as keys: a line break in it is no enter.
func TestPasteWithoutBrackets(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.load()
	b.press("e")
	for _, k := range `{"errorCode":"DOMAIN_010",` {
		b.press(string(k))
	}
	b.press("enter")
	for _, k := range `"path":"/domains/v1/` + b.l.ids["cache-old-answer"] + `"}` {
		b.press(string(k))
	}
	if b.Screen.Scope() != action.ScopePaste || b.paste.Said != "" {
		t.Fatalf("the line break was taken as enter: at %s, %q", b.Screen.Scope(), b.paste.Said)
	}
	b.press("enter")
	if b.Screen.Scope() != action.ScopeTicket || b.ticket.ID() != b.l.ids["cache-old-answer"] {
		t.Errorf("at %s", b.Screen.Scope())
	}
}

// TestPasteUnlisted is an error about a domain that the list does not have.
func TestPasteUnlisted(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.load()
	b.send(pasted("DOMAIN_003 wanted.example.org"))
	b.press("enter")
	b.shows("wanted.example.org", "asking")
	if r := b.Domains.Find("wanted.example.org"); r == nil || r.Target(noon, nil).Name != "wanted.example.org" {
		t.Error("it is not in the list")
	}
	b.press("esc")
	if b.list.Grid.SelectedID() != "wanted.example.org" {
		t.Errorf("%s is selected", b.list.Grid.SelectedID())
	}
	// The list reads it later, under its id, and does not lose what is known.
	b.send(pasted("GET /domains/v1/d-later DOMAIN_001"))
	b.press("enter", "esc")
	b.model.Load = runner.LoadState{Gen: 77, Cancel: func() {}}
	b.send(batchMsg{{Gen: 77, Row: inventory.NewRow(api.Domain{ID: "d-later", Name: "later.example.org"}, noon)}})
	if r := b.Domains.Find("d-later"); r.Name != "later.example.org" {
		t.Errorf("the list calls it %s", r.Name)
	}
}
