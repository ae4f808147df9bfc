package list

import (
	"strings"
	"time"

	"domdoc/ui/dashboard/action"
	"domdoc/ui/dashboard/grid"
	"domdoc/ui/dashboard/inventory"
	"domdoc/ui/dashboard/page"
	"domdoc/ui/dashboard/theme"
	"domdoc/ui/watch"

	"github.com/charmbracelet/x/ansi"
)

// Head returns the title, the incidents, the summary, the tenant if there is room, and the filter.
func (l *Screen) Head() string {
	lines := []string{l.TitleLine("", l.countText())}
	lines = append(lines, l.incidentHead()...)
	lines = append(lines, page.SpreadIf(l.summaryLine(), l.sparkText(), l.Width))
	if l.Height >= 20 {
		lines = append(lines, l.tenantLine())
	}
	return strings.Join(append(lines, l.filterLine()), "\n")
}

// headLines returns the number of lines of listHead.
func (l *Screen) headLines() int {
	n := 3 + l.incidentLines()
	if l.Height >= 20 {
		n++
	}
	return n
}

// countText returns the number of domains, and of those shown.
func (l *Screen) countText() string {
	all := len(l.Domains.Rows)
	if l.Load.Active() {
		n := l.Load.Count
		return l.Th.Waiting.Do("loading " + page.Count(n) + l.Th.More)
	}
	if l.Load.Err != nil && all > 0 {
		return l.Th.Bad.Do("only the first " + page.Plural(all, "domain", "domains"))
	}
	if l.Grid.Len() != all {
		return page.Count(l.Grid.Len()) + " of " + page.Plural(all, "domain", "domains")
	}
	if all == 0 {
		return ""
	}
	return page.Plural(all, "domain", "domains")
}

// summaryLine counts the domains by state, without empty states. With little room, the next end of a wait is left out.
func (l *Screen) summaryLine() string {
	c := l.Domains.Counts
	if c[inventory.StateNone] == len(l.Domains.Rows) {
		if c[inventory.StateNone] == 0 {
			return ""
		}
		return l.Th.Faint.Do("not diagnosed yet: ") + l.Th.Accent.Do(l.KeyOf(action.ScopeList, action.DiagnoseAll)) +
			l.Th.Faint.Do(" diagnoses all, ") +
			l.Th.Accent.Do(l.KeyOf(action.ScopeList, action.Open)) + l.Th.Faint.Do(" one")
	}
	next := ""
	if l.Domains.Next.After(l.Now) {
		next = ", next " + page.Clock(l.Domains.Next, l.Now)
	}
	var long, short []string
	for _, state := range []inventory.State{
		inventory.StatePass, inventory.StateFail, inventory.StateWait, inventory.StateInconclusive, inventory.StateWarn,
		inventory.StateNone,
	} {
		n := c[state]
		if n == 0 {
			continue
		}
		glyph, paint := l.StateGlyph(state)
		text := glyph + " " + page.Count(n) + " " + state.Word()
		short = append(short, paint.Do(text))
		if state == inventory.StateWait {
			text += next
		}
		long = append(long, paint.Do(text))
	}
	if s := strings.Join(long, "  "); ansi.StringWidth(s) <= l.Width {
		return s
	}
	return page.JoinFit(short, "  ", l.Width)
}

// tokenSoon is how long before its end the token is highlighted.
const tokenSoon = time.Hour

// tenantLine summarizes the tenant's data.
func (l *Screen) tenantLine() string {
	var parts []string
	t := l.Tenant
	if t == nil {
		if !l.Service {
			return l.Th.Faint.Do("no service: only DNS, registration, TLS and HTTP are checked")
		}
		return l.Th.Faint.Do("loading tenant information " + l.Th.More)
	}
	for _, f := range t.Findings {
		glyph, paint := l.Th.Verdict(f.Verdict)
		parts = append(parts, paint.Do(glyph+" "+f.Title))
	}
	if t.Quota != nil && t.Quota.Used != nil && t.Quota.Limit != nil {
		parts = append(parts, l.Th.Faint.Do("quota "+page.Count(*t.Quota.Used)+" of "+page.Count(*t.Quota.Limit)))
	}
	if t.Wallet != nil && t.Wallet.Balance != "" {
		parts = append(parts,
			l.Th.Faint.Do("wallet "+strings.TrimSpace(page.Printable(t.Wallet.Balance+" "+t.Wallet.Currency))))
	}
	if t.Claims != nil && !t.Claims.ExpiresAt.IsZero() {
		paint := l.Th.Faint
		left := t.Claims.ExpiresAt.Sub(l.Now)
		text := "token expires in " + page.Span(left)
		if left < tokenSoon {
			paint = l.Th.Warning
		}
		if left <= 0 {
			text = "the token has expired"
		}
		parts = append(parts, paint.Do(text))
	}
	if t.PlanTier != "" {
		parts = append(parts, l.Th.Faint.Do("plan "+page.Printable(t.PlanTier)))
	}
	return page.JoinFit(parts, "  ", l.Width)
}

// filterLine shows the filter, or its text field, with its error, and at the right the marks and the sort order.
func (l *Screen) filterLine() string {
	var right []string
	if l.narrowed() != "" && !l.Filter.Open {
		right = append(right, l.Th.Faint.Do("("+l.KeyOf(action.ScopeList, action.Back)+" "+l.narrowed()+")"))
	}
	if n := l.Marks.Len(); n > 0 {
		right = append(right, l.Th.Accent.Do(l.Th.Mark+" "+page.Count(n)+" marked"))
	}
	if n := l.Watch.Len(); n > 0 {
		right = append(right, l.Th.Waiting.Do(l.Th.Watch+" "+page.Count(n)+" watched"))
	}
	if col := l.sortColumn(); l.Sort != inventory.SortDefault && (l.Plain || !l.Grid.Shows(col)) || l.Descending {
		sorted := "sorted by " + l.Sort.String()
		if l.Sort == inventory.SortListed {
			sorted = "in list order"
		}
		if l.Descending {
			sorted += ", reversed"
		}
		right = append(right, l.Th.Faint.Do(sorted))
	}
	var left []string
	switch {
	case l.Filter.Open:
		left = append(left, l.Th.Accent.Do("/")+" "+l.Filter.Render(l.Th, max(10, l.Width-30)))
	case l.Filter.Value() != "":
		left = append(left, l.Th.Accent.Do("/")+" "+l.Filter.Value())
	case l.start != "" && l.Only == nil && l.Load.Done:
		left = append(left, l.startHint())
	}
	if l.QueryErr != nil {
		left = append(left, l.Th.Warning.Do(l.Th.Warn+" "+
			page.Printable(strings.ReplaceAll(l.QueryErr.Error(), "\n", "; "))))
	}
	if l.Only != nil {
		left = append(left, l.Th.Warning.Do("only: ")+page.Printable(l.Only.Label))
	}
	if l.QueryErr != nil { // the error is more important than the sort order
		right = nil
	}
	return page.Spread(strings.Join(left, "  "), page.JoinFit(right, "  ", l.Width/2), l.Width, l.Th)
}

// startHint says what to do first.
func (l *Screen) startHint() string {
	open, help := l.KeyOf(action.ScopeList, action.Open), l.KeyOf(action.ScopeList, action.Help)
	what := " opens " + l.start
	if r := l.Subject(); r == nil || r.ASCII != l.start {
		what = " opens the selected domain"
	}
	return l.Th.Faint.Do("start here: ") + l.Th.Accent.Do(open) + l.Th.Faint.Do(what+", ") + l.Th.Accent.Do(help) +
		l.Th.Faint.Do(" lists the keys")
}

// narrowed returns the hint for showing more domains if not all are shown; empty otherwise.
func (l *Screen) narrowed() string {
	switch {
	case l.grouped:
		return "goes back to the groups"
	case l.Only != nil:
		return "shows all"
	case l.Filter.Value() != "":
		return "clears"
	}
	return ""
}

// sparkText shows the progress of the run: the results over time, and the rate.
func (l *Screen) sparkText() string {
	line := l.Run.Spark.Render(l.Th)
	if line == "" || l.Plain {
		return ""
	}
	parts := l.Run.Spark.Parts()
	n := 0
	for _, c := range parts {
		n += c
	}
	return l.Th.Waiting.Do(line) + l.Th.Faint.Do(" "+Rate(n, time.Duration(len(parts))*l.Run.Spark.Each))
}

// Rate formats a rate per second or, if it is below one, per minute.
func Rate(n int, d time.Duration) string {
	if perSecond := float64(n) / d.Seconds(); perSecond >= 1 {
		return page.Count(int(perSecond+0.5)) + "/s"
	}
	return page.Count(int(float64(n)/d.Minutes()+0.5)) + "/min"
}

// WatchCell returns when a domain's next check is due.
func WatchCell(th *theme.Theme, it *watch.Domain, now time.Time) grid.Cell {
	switch {
	case it == nil:
		return grid.Cell{}
	case it.At.IsZero() || !it.At.After(now):
		return grid.Cell{Text: "now", Paint: th.Waiting}
	case it.At.Sub(now) < 24*time.Hour:
		return grid.Cell{Text: it.At.In(now.Location()).Format(time.TimeOnly), Paint: th.Waiting}
	}
	return grid.Cell{Text: page.ShortClock(it.At, now), Paint: th.Waiting}
}
