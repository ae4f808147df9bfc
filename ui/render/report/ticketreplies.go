package report

import (
	"io"
	"slices"

	"domdoc/catalog"
	"domdoc/catalog/sanitize"
	"domdoc/ui/render/wire"
)

// ReplyTicket is a ticket to reply to.
type ReplyTicket struct {
	wire.TicketRef
	Ask  *catalog.AskBack // what to ask its writer; nil if it leads to a domain
	Open []string         // domains that it is about and that are not diagnosed
}

// ticketReplies writes one reply per ticket, in the order of the tickets. With several, a line names the ticket.
type ticketReplies struct {
	w       io.Writer
	opt     ReplyOptions
	domains []*wire.Domain
}

// Begin writes nothing.
func (*ticketReplies) Begin(*wire.Vantage, *wire.Tenant) error { return nil }

// Domain keeps the domain: a ticket may be about several.
func (r *ticketReplies) Domain(d *wire.Domain) error {
	r.domains = append(r.domains, d)
	return nil
}

// End writes the replies.
func (r *ticketReplies) End(*Run) error {
	rule := ""
	for i := range r.opt.Tickets {
		t := &r.opt.Tickets[i]
		text := ""
		if t.Ask != nil {
			text = AskBack(*t.Ask, r.opt)
		} else {
			about := slices.DeleteFunc(slices.Clone(r.domains), func(d *wire.Domain) bool {
				return !slices.ContainsFunc(d.Tickets, func(o wire.TicketRef) bool { return o.Number == t.Number })
			})
			if len(about) == 0 { // the filter left it out, or the run ended first
				continue
			}
			text = writeReply(r.opt.style(), r.opt.From, about...)
			if open := catalog.ReplyNotChecked(cleanNames(t.Open)); open != "" {
				text += "\n" + r.opt.style().prose(open) + "\n"
			}
			text += r.opt.signature()
		}
		head := ""
		if t.Of > 1 {
			head = t.Line() + "\n\n"
			if r.opt.Markdown {
				head = "## " + mdText(t.Line()) + "\n\n"
			}
		}
		if _, err := io.WriteString(r.w, rule+head+text); err != nil {
			return err
		}
		rule = r.opt.Rule()
	}
	return nil
}

// cleanNames makes names printable.
func cleanNames(names []string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = sanitize.Text(n, 253)
	}
	return out
}
