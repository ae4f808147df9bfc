package report

import (
	"strings"
	"testing"

	"domdoc/catalog"
	"domdoc/ui/render/wire"
)

// TestTicketReplies writes one reply per ticket in the order of the tickets, however late their domains are ready; each
// says to which ticket it is, except where there is only one.
func TestTicketReplies(t *testing.T) {
	t.Parallel()
	about := func(name string, tickets ...wire.TicketRef) *wire.Domain {
		d := replyAbout("record.missing", "PENDING")
		d.Domain, d.Unicode, d.Tickets = name, name, tickets
		return d
	}
	first := wire.TicketRef{Number: 1, Of: 3, File: "a.txt", Subject: "Shop down", Text: "Hi"}
	second := wire.TicketRef{Number: 2, Of: 3, File: "b.txt", Text: "it does not work"}
	third := wire.TicketRef{Number: 3, Of: 3, Text: "two shops"}
	write := func(o ReplyOptions, domains ...*wire.Domain) string {
		var b strings.Builder
		f := NewReplies(&b, o)
		if err := f.Begin(nil, nil); err != nil {
			t.Fatal(err)
		}
		for _, d := range domains {
			if err := f.Domain(d); err != nil {
				t.Fatal(err)
			}
		}
		if err := f.End(&Run{}); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	o := ReplyOptions{Signature: "Kim", Tickets: []ReplyTicket{
		{TicketRef: first}, {TicketRef: second, Ask: &catalog.AskBack{Domain: true}}, {TicketRef: third},
	}}
	got := write(o, about("c.example", third), about("b.example", third), about("a.example", first, third))
	parts := strings.Split(got, o.Rule())
	if len(parts) != 3 {
		t.Fatalf("%d replies, want 3:\n%s", len(parts), got)
	}
	for i, want := range [][]string{
		{"ticket 1 of 3: Shop down (a.txt)\n\nHello,", "a.example"},
		{"ticket 2 of 3: it does not work (b.txt)\n\nHello,", "Which domain"},
		{"ticket 3 of 3: two shops\n\nHello,", "a.example", "b.example", "c.example"},
	} {
		for _, text := range append(want, "Kim") {
			if !strings.Contains(parts[i], text) {
				t.Errorf("reply %d lacks %q:\n%s", i+1, text, parts[i])
			}
		}
		if n := strings.Count(parts[i], "Hello,") + strings.Count(parts[i], "Kim"); n != 2 {
			t.Errorf("reply %d greets or signs %d times:\n%s", i+1, n, parts[i])
		}
	}
	if strings.Contains(parts[0], "b.example") {
		t.Errorf("the first reply is about the domain of another ticket:\n%s", parts[0])
	}
	one := wire.TicketRef{Number: 1, Of: 1, Text: "Hi"}
	alone := write(ReplyOptions{Tickets: []ReplyTicket{{TicketRef: one}}}, about("a.example", one))
	if !strings.HasPrefix(alone, "Hello,") || strings.Contains(alone, "ticket") {
		t.Errorf("a single reply names its ticket:\n%s", alone)
	}
	open := write(ReplyOptions{Tickets: []ReplyTicket{{TicketRef: one, Open: []string{"b.example"}}}},
		about("a.example", one))
	if !strings.Contains(open, "We have not checked b.example.") || strings.Contains(alone, "not checked") {
		t.Errorf("what is not diagnosed:\n%s\nand where all is:\n%s", open, alone)
	}
	o.Markdown = true
	if got := write(o, about("a.example", first)); !strings.HasPrefix(got, "## ticket 1 of 3: Shop down") {
		t.Errorf("as Markdown:\n%s", got)
	}
}
