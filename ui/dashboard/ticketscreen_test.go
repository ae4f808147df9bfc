package dashboard

import (
	"fmt"
	"strings"
	"testing"

	"domdoc/checks/incident"
	"domdoc/checks/result"
	"domdoc/checks/ticket"
	"domdoc/ui/dashboard/action"
	"domdoc/ui/dashboard/inventory"
	"domdoc/ui/dashboard/reportfile"
	"domdoc/ui/dashboard/ticketview"

	"domdoc/catalog"

	tea "github.com/charmbracelet/bubbletea"
)

// ticketOf pastes an error about the domains of stories, and gives the diagnoses that it asks for.
func (b *bench) ticketOf(stories ...string) *bench {
	b.t.Helper()
	text := `{"statusCode":422,"errorCode":"DOMAIN_004","message":"Domain verification ` +
		`failed","timestamp":"2026-02-22T14:02:00Z","requestId":"req-12345678"}`
	for _, s := range stories {
		text += "\n" + b.Domains.Find(b.l.ids[s]).ASCII
	}
	b.send(pasted(text))
	b.press("enter")
	for _, s := range stories {
		b.answer(b.l.ids[s])
	}
	return b
}

// answer gives the diagnosis that is asked for of a domain, with the codes that were pasted.
func (b *bench) answer(id string) {
	b.t.Helper()
	s := b.Single[id]
	if s == nil {
		b.t.Fatalf("nobody asks about %s", id)
	}
	r := *reportfile.Snapshot(b.l.reports[id])
	for _, rep := range b.Reported[id] {
		c, _ := catalog.FindCode(rep.Code)
		state := result.CodeReported
		var causes []catalog.ID
		for _, f := range r.Roots() {
			for _, p := range f.Predicts() {
				if p == rep.Code {
					state, causes = result.CodeExplained, append(causes, f.ID)
				}
			}
		}
		r.Codes = append([]result.Code{{Code: c, State: state, Causes: causes, Reported: &rep}}, r.Codes...)
	}
	b.send(resultMsg{Gen: s.Gen, ID: id, Report: &r, Sum: inventory.Summarise(&r), Facts: incident.FactsOf(&r)})
}

// TestTicket plays a ticket: what the service said, why, the record, and the reply on the clipboard.
func TestTicket(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.load()
	b.send(tea.WindowSizeMsg{Width: 120, Height: 80})
	b.ticketOf("name-doubled")
	if b.Screen.Scope() != action.ScopeTicket {
		t.Fatalf("at %s", b.Screen.Scope())
	}
	b.shows("the service said", "DOMAIN_004", "req-12345678", "14:02 UTC", "because", "reply to send", "Hello,",
		"What to do:")
	b.press("y")
	b.shows("the reply to the ticket", "as Markdown", "verification record: value")
	b.press("esc", "esc", "t")
	if b.Screen.Scope() != action.ScopeTicket {
		t.Errorf("t leads to %s", b.Screen.Scope())
	}
}

// TestTicketWithoutSupport is an error that the evidence does not bear out any more.
func TestTicketWithoutSupport(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.load()
	b.send(tea.WindowSizeMsg{Width: 120, Height: 60})
	b.ticketOf("healthy-txt")
	b.shows("DOMAIN_004: "+catalog.ReportedOnly[:20], "nothing we see now explains")
}

// TestTicketMentioned: a code that a text only mentions is not something that the service said, and a domain that does
// not work either is named.
func TestTicketMentioned(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.load()
	b.send(tea.WindowSizeMsg{Width: 120, Height: 60})
	id := b.l.ids["healthy-txt"]
	b.send(pasted("is it DOMAIN_013? " + b.Domains.Find(id).ASCII + "\n\nNow www.elsewhere.example does not load either."))
	b.press("enter")
	b.answer(id)
	b.shows(catalog.Mentioned, "DOMAIN_013: "+catalog.MentionedOnly[:20], "not diagnosed", "www.elsewhere.example")
	if strings.Contains(b.View(), "the service said") || strings.Contains(b.View(), "the service reported") {
		t.Errorf("the service said nothing:\n%s", b.View())
	}
}

// TestTicketStale drops the reading of a text that nobody waits for any more.
func TestTicketStale(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.load()
	long := strings.Repeat("nothing ", 1000)
	b.send(pasted(long + "DOMAIN_004 shop.fabrikam.example"))
	late := b.press("enter")
	if b.paste.Said == "" || b.Screen.Scope() != action.ScopePaste {
		t.Fatal("a long text is read within Update")
	}
	b.press("esc")
	b.drain(late, func() bool { return true })
	b.send(ticketview.ReadMsg{Gen: b.paste.Gen, Read: ticket.ReadAll("DOMAIN_004 shop.fabrikam.example")})
	if b.Screen.Scope() != action.ScopeList || len(b.Single) != 0 {
		t.Errorf("at %s with %d diagnoses", b.Screen.Scope(), len(b.Single))
	}
	b.send(pasted(long + "DOMAIN_004 shop.fabrikam.example"))
	b.press("enter", "x")
	b.send(ticketview.ReadMsg{Gen: b.paste.Gen - 1, Read: ticket.ReadAll("DOMAIN_004 shop.fabrikam.example")})
	if b.Screen.Scope() != action.ScopePaste {
		t.Error("the reading of an earlier text was taken")
	}
}

// TestTicketsAreBounded pastes many texts.
func TestTicketsAreBounded(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.load()
	for i := range 3 * ticketview.MaxPasted {
		b.press("e", "ctrl+u")
		b.send(pasted(fmt.Sprintf("DOMAIN_004 shop-%d.example.org", i)))
		b.press("enter")
		b.press("esc")
	}
	if len(b.Pasted) > ticketview.MaxPasted {
		t.Errorf("%d texts are kept", len(b.Pasted))
	}
}

// TestTicketOfSeveral: each domain of a ticket gets its own codes, and one that is only named none.
func TestTicketOfSeveral(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.load()
	name := func(story string) string { return b.Domains.Find(b.l.ids[story]).ASCII }
	b.send(pasted("DOMAIN_004 for " + name("name-doubled") + "\n\nDOMAIN_010 for " + name("caa-forbids") +
		"\n\nThe shop at " + name("healthy-txt") + " works.\n"))
	b.press("enter")
	for story, want := range map[string]string{
		"name-doubled": "DOMAIN_004", "caa-forbids": "DOMAIN_010",
		"healthy-txt": "",
	} {
		var got []string
		for _, r := range b.Reported[b.l.ids[story]] {
			got = append(got, r.Code)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %q, want %q", story, got, want)
		}
	}
	if len(b.ticket.IDs) != 2 {
		t.Errorf("the ticket is about %q", b.ticket.IDs)
	}
}
