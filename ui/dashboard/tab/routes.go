package tab

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"domdoc/checks/observe"
	"domdoc/checks/probe/exchange"
	"domdoc/checks/result"
	"domdoc/checks/subject"

	"domdoc/api"
	"domdoc/catalog"
	"domdoc/ui/dashboard/grid"
	"domdoc/ui/dashboard/page"
	"domdoc/ui/dashboard/theme"
)

// RoutesPage shows where the platform sends visitors, the page that they get, and the domain's transfers.
func RoutesPage(p *page.Builder, r *result.Domain, now time.Time) {
	p.Columns(func(p *page.Builder) {
		routeTable(p, r)
		transferList(p, r, now)
	}, func(p *page.Builder) {
		edgeFacts(p, r)
		pageFacts(p, r)
	})
}

// routeTable lists the routes in order of precedence.
func routeTable(p *page.Builder, r *result.Domain) {
	p.Head("routes, in order of priority")
	switch {
	case r.Held.RoutesErr != nil:
		what, _ := page.ErrorText(r.Held.RoutesErr)
		p.Hang(2, p.Th.Inconclusive, p.Th.Unknown, 2, p.Th.Unknown, "cannot be read: "+what)
		return
	case r.Domain == nil:
		p.Text(2, p.Th.Faint, "the service was not queried")
		return
	case len(r.Facts.Routes) == 0:
		p.Text(2, p.Th.Plain, "the service has none for this domain")
		return
	}
	list := r.Facts.Routes
	cols := []grid.Column{
		{Title: "#", Min: 2, Right: true},
		{Title: "path", Min: 8, Grow: 1},
		{Title: "target", Min: 14, Grow: 2},
		{Title: "note", Min: 40, Grow: 3},
		{Title: "priority", Min: 8, Priority: 2, Right: true},
		{Title: "id", Min: 4, Priority: 3},
		{Title: "host", Min: 16, Grow: 2, Priority: 1},
	}
	if !slices.ContainsFunc(list, func(f observe.RankedRoute) bool { return f.Host != r.Name.ASCII }) {
		cols = cols[:len(cols)-1] // all are for the domain itself
	}
	rows := make([][]grid.Cell, len(list))
	for i, f := range list {
		note, paint := routeNote(p, f)
		priority := ""
		if f.Route.Priority != nil {
			priority = strconv.Itoa(*f.Route.Priority)
		}
		rows[i] = []grid.Cell{
			{Text: strconv.Itoa(i + 1), Paint: p.Th.Faint},
			{Text: f.Path},
			{Text: f.Route.Target},
			{Text: note, Paint: paint},
			{Text: priority},
			{Text: f.Route.ID, Paint: p.Th.Faint},
			{Text: f.Host, Paint: p.Th.Faint},
		}
	}
	p.Rows(cols, rows, func(i int) []page.Copyable {
		f := list[i].Route
		return []page.Copyable{
			{Label: "the route's id", Text: f.ID},
			{Label: "its target", Text: f.Target},
			{Label: "its host and path", Text: list[i].Host + list[i].Path},
		}
	})
	for _, f := range list {
		if len(f.Leads) > 1 {
			p.Item(4, "redirects", 10, p.Th.Plain, strings.Join(f.Leads, " > "))
		}
	}
}

// routeNote returns a remark about a route in relation to the others.
func routeNote(p *page.Builder, f observe.RankedRoute) (string, theme.Paint) {
	switch {
	case f.Never:
		return p.Th.Fail + " " + catalog.RouteNever, p.Th.Bad
	case f.HiddenBy != "":
		return p.Th.Warn + " " + catalog.RouteHidden(f.HiddenBy), p.Th.Warning
	case f.SameAs != "":
		return p.Th.Fail + " " + catalog.RouteSame(f.SameAs), p.Th.Bad
	case !f.Serves:
		return p.Th.None + " " + catalog.RouteElsewhere, p.Th.Faint
	case f.First:
		return p.Th.Pass + " " + catalog.RouteFirst, p.Th.Good
	}
	return "", p.Th.Plain
}

// transferList lists the transfers of the domain, and what each is waiting for.
func transferList(p *page.Builder, r *result.Domain, now time.Time) {
	p.Head("transfers")
	f := r.Facts
	switch {
	case f.TransfersErr != nil:
		what, _ := page.ErrorText(f.TransfersErr)
		p.Hang(2, p.Th.Inconclusive, p.Th.Unknown, 2, p.Th.Unknown, "cannot be read: "+what)
	case !f.TransfersRead:
		p.Text(2, p.Th.Faint, "not queried: this domain is not being transferred")
	case len(f.Transfers) == 0:
		p.Text(2, p.Th.Plain, "the service has none for this domain")
	}
	for _, t := range f.Transfers {
		transfer(p, t, now)
	}
	if reg := f.Registration; reg != nil && f.Intent == subject.Transfer {
		for _, s := range reg.Statuses {
			if st, ok := catalog.FindRegistryStatus(s); ok && st.Transfer == catalog.Prevents {
				p.Hang(2, p.Th.Fail, p.Th.Bad, 2, p.Th.Plain, "the registry shows "+st.Name+": "+st.Means)
			}
		}
	}
}

func transfer(p *page.Builder, t api.Transfer, now time.Time) {
	p.Begin(page.Copyable{Label: "the transfer's id", Text: t.ID},
		page.Copyable{Label: "the transfer's status", Text: t.Status})
	head := strings.TrimSpace(t.ID + "  " + t.Direction + "  " + t.Status)
	if !t.CreatedAt.IsZero() {
		head += "  since " + dayAgo(t.CreatedAt, now)
	}
	p.Text(2, p.Th.Strong, head)
	p.Item(4, "domain", 9, p.Th.Plain, t.Domain)
	if t.Reason != "" {
		p.Item(4, "reason", 9, p.Th.Plain, t.Reason)
	}
	if words := catalog.TransferStatus(t.Status); words != "" {
		p.Item(4, "means", 9, p.Th.Plain, words)
	}
	p.End()
}

// edgeFacts shows the service's target for the traffic, and where the host leads.
func edgeFacts(p *page.Builder, r *result.Domain) {
	p.Head("the CDN")
	d := r.Domain
	if d == nil || d.CDN == nil {
		p.Text(2, p.Th.Faint, "the service has none for this domain")
	} else {
		fact(p, "traffic to", d.CDN.Target)
		fact(p, "status", d.CDN.Status)
		p.Copies = append(p.Copies, page.Copyable{Label: "the target", Text: d.CDN.Target})
	}
	var addrs []string
	for _, h := range r.Facts.Certificates {
		addrs = append(addrs, h.Addr.Addr().String())
	}
	fact(p, "resolves to", strings.Join(addrs, ", "))
}

// pageFacts shows the page as visitors get it, redirect by redirect.
func pageFacts(p *page.Builder, r *result.Domain) {
	p.Head("the page")
	b := r.Facts.Page
	if b == nil || len(b.Hops) == 0 {
		unasked(p, r, "http")
		return
	}
	for i, x := range b.Hops {
		p.Hang(2, strconv.Itoa(i+1)+" "+hopWord(x), p.Th.Plain, factLabel, p.Th.Plain,
			strings.TrimPrefix(x.Asked, "GET "))
		if x.HTTP == nil && x.Err != "" {
			p.Text(2+factLabel, p.Th.Faint, x.Err)
		}
		if x.HTTP != nil {
			var said []string
			for _, h := range []string{"Server", "X-Cache", "Via", "Location"} {
				if v := x.HTTP.Header.Get(h); v != "" {
					said = append(said, strings.ToLower(h)+" "+v)
				}
			}
			if len(said) > 0 {
				p.Text(2+factLabel, p.Th.Faint, strings.Join(said, ", "))
			}
		}
		p.Copies = append(p.Copies, page.Copyable{Label: "the page's address", Text: strings.TrimPrefix(x.Asked, "GET ")})
		p.Copies = append(p.Copies, ExchangeCopies(x)...)
	}
	fact(p, "not followed", b.Refused)
	if b.Loop {
		p.Hang(2, p.Th.Fail, p.Th.Bad, 2, p.Th.Plain, "redirect loop, or too many redirects")
	}
}

func hopWord(x *exchange.Exchange) string {
	if x.HTTP != nil {
		return "HTTP " + strconv.Itoa(x.HTTP.Status)
	}
	return x.Outcome.Phrase()
}
