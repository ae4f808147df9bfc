package dashboard

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"domdoc/checks/probe/exchange"

	"domdoc/api"
	"domdoc/catalog"
	"domdoc/checks/observe"
	"domdoc/checks/result"
	"domdoc/checks/subject"
	"domdoc/ui/dashboard/grid"
	"domdoc/ui/dashboard/theme"
)

// routesPage is where the platform sends the domain's visitors, what they meet, and the domain's transfers.
func routesPage(p *page, r *result.Domain, now time.Time) {
	p.columns(func(p *page) {
		routeTable(p, r)
		transferList(p, r, now)
	}, func(p *page) {
		edgeFacts(p, r)
		pageFacts(p, r)
	})
}

// routeTable lists the routes in the order in which they are tried.
func routeTable(p *page, r *result.Domain) {
	p.head("routes, in the order in which they are tried")
	switch {
	case r.Held.RoutesErr != nil:
		what, _ := errorText(r.Held.RoutesErr)
		p.hang(2, p.th.Inconclusive, p.th.Unknown, 2, p.th.Unknown, "they could not be read: "+what)
		return
	case r.Domain == nil:
		p.text(2, p.th.Faint, "the service was not asked")
		return
	case len(r.Facts.Routes) == 0:
		p.text(2, p.th.Plain, "the service holds none for this domain")
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
			{Text: strconv.Itoa(i + 1), Paint: p.th.Faint},
			{Text: f.Path},
			{Text: f.Route.Target},
			{Text: note, Paint: paint},
			{Text: priority},
			{Text: f.Route.ID, Paint: p.th.Faint},
			{Text: f.Host, Paint: p.th.Faint},
		}
	}
	p.rows(cols, rows, func(i int) []copyable {
		f := list[i].Route
		return []copyable{
			{"the route's id", f.ID},
			{"its target", f.Target},
			{"its host and path", list[i].Host + list[i].Path},
		}
	})
	for _, f := range list {
		if len(f.Leads) > 1 {
			p.item(4, "redirects", 10, p.th.Plain, strings.Join(f.Leads, " > "))
		}
	}
}

// routeNote says what makes a route special among the others.
func routeNote(p *page, f observe.RankedRoute) (string, theme.Paint) {
	switch {
	case f.Never:
		return p.th.Fail + " " + catalog.RouteNever, p.th.Bad
	case f.HiddenBy != "":
		return p.th.Warn + " " + catalog.RouteHidden(f.HiddenBy), p.th.Warning
	case f.SameAs != "":
		return p.th.Fail + " " + catalog.RouteSame(f.SameAs), p.th.Bad
	case !f.Serves:
		return p.th.None + " " + catalog.RouteElsewhere, p.th.Faint
	case f.First:
		return p.th.Pass + " " + catalog.RouteFirst, p.th.Good
	}
	return "", p.th.Plain
}

// transferList lists the transfers of the domain, and what each waits for.
func transferList(p *page, r *result.Domain, now time.Time) {
	p.head("transfers")
	f := r.Facts
	switch {
	case f.TransfersErr != nil:
		what, _ := errorText(f.TransfersErr)
		p.hang(2, p.th.Inconclusive, p.th.Unknown, 2, p.th.Unknown, "they could not be read: "+what)
	case !f.TransfersRead:
		p.text(2, p.th.Faint, "not asked: nothing of this domain is about one")
	case len(f.Transfers) == 0:
		p.text(2, p.th.Plain, "the service holds none for this domain")
	}
	for _, t := range f.Transfers {
		transfer(p, t, now)
	}
	if reg := f.Registration; reg != nil && f.Intent == subject.Transfer {
		for _, s := range reg.Statuses {
			if st, ok := catalog.FindRegistryStatus(s); ok && st.Transfer == catalog.Prevents {
				p.hang(2, p.th.Fail, p.th.Bad, 2, p.th.Plain, "the registry shows "+st.Name+": "+st.Means)
			}
		}
	}
}

func transfer(p *page, t api.Transfer, now time.Time) {
	p.begin(copyable{"the transfer's id", t.ID}, copyable{"the transfer's status", t.Status})
	head := strings.TrimSpace(t.ID + "  " + t.Direction + "  " + t.Status)
	if !t.CreatedAt.IsZero() {
		head += "  since " + dayAgo(t.CreatedAt, now)
	}
	p.text(2, p.th.Strong, head)
	p.item(4, "domain", 9, p.th.Plain, t.Domain)
	if t.Reason != "" {
		p.item(4, "reason", 9, p.th.Plain, t.Reason)
	}
	if words := catalog.TransferStatus(t.Status); words != "" {
		p.item(4, "means", 9, p.th.Plain, words)
	}
	p.end()
}

// edgeFacts is where the service wants the traffic, and where the host leads.
func edgeFacts(p *page, r *result.Domain) {
	p.head("the CDN")
	d := r.Domain
	if d == nil || d.CDN == nil {
		p.text(2, p.th.Faint, "the service names none for this domain")
	} else {
		fact(p, "traffic to", d.CDN.Target)
		fact(p, "status", d.CDN.Status)
		p.copies = append(p.copies, copyable{"the target", d.CDN.Target})
	}
	var addrs []string
	for _, h := range r.Facts.Certificates {
		addrs = append(addrs, h.Addr.Addr().String())
	}
	fact(p, "host leads to", strings.Join(addrs, ", "))
}

// pageFacts is the page as a visitor meets it: redirect by redirect.
func pageFacts(p *page, r *result.Domain) {
	p.head("the page")
	b := r.Facts.Page
	if b == nil || len(b.Hops) == 0 {
		unasked(p, r, "http")
		return
	}
	for i, x := range b.Hops {
		p.hang(2, strconv.Itoa(i+1)+" "+hopWord(x), p.th.Plain, factLabel, p.th.Plain,
			strings.TrimPrefix(x.Asked, "GET "))
		if x.HTTP == nil && x.Err != "" {
			p.text(2+factLabel, p.th.Faint, x.Err)
		}
		if x.HTTP != nil {
			var said []string
			for _, h := range []string{"Server", "X-Cache", "Via", "Location"} {
				if v := x.HTTP.Header.Get(h); v != "" {
					said = append(said, strings.ToLower(h)+" "+v)
				}
			}
			if len(said) > 0 {
				p.text(2+factLabel, p.th.Faint, strings.Join(said, ", "))
			}
		}
		p.copies = append(p.copies, copyable{"the page's address", strings.TrimPrefix(x.Asked, "GET ")})
		p.copies = append(p.copies, exchangeCopies(x)...)
	}
	fact(p, "not followed", b.Refused)
	if b.Loop {
		p.hang(2, p.th.Fail, p.th.Bad, 2, p.th.Plain, "the redirects go in a circle, or on and on")
	}
}

func hopWord(x *exchange.Exchange) string {
	if x.HTTP != nil {
		return "HTTP " + strconv.Itoa(x.HTTP.Status)
	}
	return x.Outcome.Phrase()
}
