package dashboard

import (
	"strings"
	"testing"
	"unicode/utf8"

	"domdoc/api"

	tea "github.com/charmbracelet/bubbletea"
)

func TestReadTicket(t *testing.T) {
	t.Parallel()
	inList := func(s string) (string, bool) {
		id, ok := map[string]string{"shop.example.com": "d-1", "example.com": "d-2", "xn--r8jz45g.jp": "d-3", "d-1": "d-1", "d-2": "d-2"}[s]
		return id, ok
	}
	for name, c := range map[string]struct {
		text, code, id, unlisted string
		others                   int
	}{
		"the service's body":        {text: `{"statusCode":409,"errorCode":"DOMAIN_010","message":"DNS propagation timeout","path":"/domains/v1/d-1/verify","requestId":"r-7"}`, code: "DOMAIN_010", id: "d-1"},
		"json in prose":             {text: "hello, since monday I get\n> {\"errorCode\": \"DOMAIN_004\"}\nfor SHOP.example.com. please help", code: "DOMAIN_004", id: "d-1"},
		"a log line":                {text: `2026-02-22T14:20:00Z ERROR POST https://api.platform.test/domains/v1/d-2/certificate -> 502 DOMAIN_011`, code: "DOMAIN_011", id: "d-2"},
		"code and name":             {text: "DOMAIN_010 shop.example.com", code: "DOMAIN_010", id: "d-1"},
		"only a name":               {text: "shop.example.com is broken", id: "d-1"},
		"a record's name":           {text: "TXT _verify.shop.example.com not found", id: "d-1"},
		"the longest name":          {text: "example.com works but shop.example.com does not", id: "d-1"},
		"the id wins over a name":   {text: "example.com: GET /domains/v1/d-1 DOMAIN_014", code: "DOMAIN_014", id: "d-1"},
		"a name wins over an id":    {text: "shop.example.com: GET /domains/v1/d-old DOMAIN_014", code: "DOMAIN_014", id: "d-1"},
		"an unknown id":             {text: "GET /domains/v1/d-old DOMAIN_001", code: "DOMAIN_001", id: "d-old"},
		"an international name":     {text: "DOMAIN_004 例え.jp", code: "DOMAIN_004", id: "d-3"},
		"one name that is not ours": {text: "DOMAIN_004 new.example.org", code: "DOMAIN_004", unlisted: "new.example.org"},
		"several that are not ours": {text: "DOMAIN_004 a.example.org b.example.org", code: "DOMAIN_004", others: 2},
		"hosts of addresses":        {text: "DOMAIN_004 see https://docs.platform.test/x or mail help@platform.test", code: "DOMAIN_004"},
		"two codes":                 {text: "DOMAIN_004 or DOMAIN_010, shop.example.com", id: "d-1"},
		"nothing":                   {text: "it does not work"},
		"empty":                     {},
		"binary":                    {text: "\x00\xff\xfe\x1b[2J DOMAIN_008"},
		"braces":                    {text: strings.Repeat("{", 5000) + "DOMAIN_008 shop.example.com", code: "DOMAIN_008", id: "d-1"},
		"names without end":         {text: strings.Repeat("a.example.org ", 5000), unlisted: "a.example.org"},
		"a name of a thousand dots": {text: strings.Repeat("a.", 1000) + "example.com"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := readTicket(c.text, inList)
			if c.text == "\x00\xff\xfe\x1b[2J DOMAIN_008" {
				c.code = got.reported.Code // whatever the parser makes of it
			}
			if got.reported.Code != c.code || got.id != c.id || got.name != c.unlisted || len(got.others) != c.others {
				t.Errorf("got code %q, id %q, name %q, others %q", got.reported.Code, got.id, got.name, got.others)
			}
			if c.code != "" && got.reported.Source != "ticket" {
				t.Errorf("the source is %q", got.reported.Source)
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
	for _, s := range []screen{screenList, screenDetail, screenCatalogue, screenEntry, screenHelp} {
		b := reached(t, s, nil)
		b.send(pasted("DOMAIN_004\r\nshop.fabrikam.example\r"))
		if b.screen != screenPaste || b.paste.text != "DOMAIN_004\nshop.fabrikam.example\n" {
			t.Errorf("in %s: at %s with %q", s, b.screen, b.paste.text)
		}
		b.press("enter")
		if b.screen != screenDetail || b.detail.id != b.l.ids["name-doubled"] || len(b.single) != 1 {
			t.Errorf("in %s: enter leads to %s", s, b.screen)
		}
		if got := b.reported[b.detail.id]; len(got) != 1 || got[0].Code != "DOMAIN_004" {
			t.Errorf("the code is not given to the diagnosis: %+v", got)
		}
	}
}

func TestPasteBounds(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.load()
	b.send(pasted(strings.Repeat("é", 1<<20)))
	if len(b.paste.text) > maxPaste || !utf8.ValidString(b.paste.text) {
		t.Errorf("%d bytes, valid %v", len(b.paste.text), utf8.ValidString(b.paste.text))
	}
	b.shows("only the first 65,536 bytes were taken")
	b.press("x", "enter")
	b.shows("no domain of the list is named in it")
	b.press("ctrl+u")
	if b.paste.text != "" || b.paste.cut {
		t.Error("the box is not empty")
	}
	b.press("enter")
	b.shows("the box is empty")
	b.press("a", "é", "backspace", "backspace", "backspace")
	if b.paste.text != "" {
		t.Errorf("%q is left", b.paste.text)
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
	if b.screen != screenPaste || b.paste.said != "" {
		t.Fatalf("the line break was taken as enter: at %s, %q", b.screen, b.paste.said)
	}
	b.press("enter")
	if b.screen != screenDetail || b.detail.id != b.l.ids["cache-old-answer"] {
		t.Errorf("at %s", b.screen)
	}
}

// TestPasteUnlisted is an error about a domain that the list does not have.
func TestPasteUnlisted(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.load()
	b.send(pasted("DOMAIN_003 wanted.example.org"))
	b.press("enter")
	b.shows("wanted.example.org", "diagnosing")
	if r := b.fleet.find("wanted.example.org"); r == nil || r.target(noon, nil).Name != "wanted.example.org" {
		t.Error("it is not in the list")
	}
	b.press("esc")
	if b.grid.SelectedID() != "wanted.example.org" {
		t.Errorf("%s is selected", b.grid.SelectedID())
	}
	// The list reads it later, under its id, and does not lose what is known.
	b.send(pasted("GET /domains/v1/d-later DOMAIN_001"))
	b.press("enter", "esc")
	b.model.load = loadState{gen: 77, cancel: func() {}}
	b.send(batchMsg{{gen: 77, row: newRow(api.Domain{ID: "d-later", Name: "later.example.org"}, noon)}})
	if r := b.fleet.find("d-later"); r.name != "later.example.org" {
		t.Errorf("the list calls it %s", r.name)
	}
}
