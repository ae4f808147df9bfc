package dashboard

import (
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"
)

// listHead is what stands above the grid: the title, the incidents, the summary, the tenant where there is room, and
// the filter.
func (l *listScreen) head() string {
	lines := []string{l.titleLine("", l.countText())}
	lines = append(lines, l.incidentHead()...)
	lines = append(lines, spreadIf(l.summaryLine(), l.sparkText(), l.width))
	if l.height >= 20 {
		lines = append(lines, l.tenantLine())
	}
	return strings.Join(append(lines, l.filterLine()), "\n")
}

// headLines is how many lines listHead has.
func (l *listScreen) headLines() int {
	n := 3 + l.incidentLines()
	if l.height >= 20 {
		n++
	}
	return n
}

// spreadIf puts a text at the right end of a line where there is room for it.
func spreadIf(left, right string, width int) string {
	space := width - ansi.StringWidth(left) - ansi.StringWidth(right)
	if right == "" || space < 2 {
		return left
	}
	return left + strings.Repeat(" ", space) + right
}

// countText says how many domains there are, and how many of them are shown.
func (l *listScreen) countText() string {
	all := len(l.fleet.rows)
	if l.load.active() {
		n := l.load.count
		return l.th.Waiting.Do("loading " + count(n) + l.th.More)
	}
	if l.load.err != nil && all > 0 {
		return l.th.Bad.Do("the first " + plural(all, "domain", "domains"))
	}
	if l.grid.Len() != all {
		return count(l.grid.Len()) + " of " + plural(all, "domain", "domains")
	}
	if all == 0 {
		return ""
	}
	return plural(all, "domain", "domains")
}

// summaryLine counts the domains by how they stand; nothing is counted that there is none of. Where the words do not
// fit, the verdicts' shorter ones are used.
func (l *listScreen) summaryLine() string {
	c := l.fleet.counts
	if c[stateNone] == len(l.fleet.rows) {
		if c[stateNone] == 0 {
			return ""
		}
		return l.th.Faint.Do("nothing is diagnosed yet: ") + l.th.Accent.Do(l.keyOf(scopeList, actDiagnoseAll)) +
			l.th.Faint.Do(" diagnoses all, ") +
			l.th.Accent.Do(l.keyOf(scopeList, actOpen)) + l.th.Faint.Do(" one")
	}
	next := ""
	if !l.fleet.next.IsZero() {
		next = ", next " + clock(l.fleet.next, l.now) + " UTC"
	}
	var long, short, shortest []string
	for _, k := range []struct {
		state       state
		long, short string
	}{
		{statePass, "healthy", "pass"},
		{stateFail, "failing", "fail"},
		{stateWait, "waiting" + next, "waiting" + next},
		{stateInconclusive, "could not be checked", "inconclusive"},
		{stateWarn, "with a warning", "warn"},
		{stateNone, "not diagnosed", "not yet"},
	} {
		if n := c[k.state]; n > 0 {
			glyph, paint := l.stateGlyph(k.state)
			long = append(long, paint.Do(glyph+" "+count(n)+" "+k.long))
			short = append(short, paint.Do(glyph+" "+count(n)+" "+k.short))
			shortest = append(shortest, paint.Do(glyph+" "+count(n)+" "+strings.TrimSuffix(k.short, next)))
		}
	}
	for _, parts := range [][]string{long, short} {
		if s := strings.Join(parts, "  "); ansi.StringWidth(s) <= l.width {
			return s
		}
	}
	return joinFit(shortest, "  ", l.width)
}

// joinFit joins as many parts as fit into a width.
func joinFit(parts []string, sep string, width int) string {
	out := ""
	for _, p := range parts {
		next := p
		if out != "" {
			next = out + sep + p
		}
		if ansi.StringWidth(next) > width {
			break
		}
		out = next
	}
	return out
}

// keyOf is the key of an action, as a sentence names it: where it has none, the way to it through the palette.
func (l *shared) keyOf(s scope, a action) string {
	if keys := l.keys.keys(s, a); len(keys) > 0 {
		return keyName(keys[0])
	}
	return ":" + string(a)
}

// tokenSoon is how long before its end the token's end is worth a colour.
const tokenSoon = time.Hour

// tenantLine says what is known of the tenant as a whole.
func (l *listScreen) tenantLine() string {
	var parts []string
	t := l.tenant
	if t == nil {
		if l.opt.Doctor.Service == nil {
			return l.th.Faint.Do("no service: only what DNS, registration, TLS and HTTP can tell is judged")
		}
		return l.th.Faint.Do("asking about the tenant " + l.th.More)
	}
	for _, f := range t.Findings {
		glyph, paint := l.th.Verdict(f.Verdict)
		parts = append(parts, paint.Do(glyph+" "+f.Title))
	}
	if t.Quota != nil && t.Quota.Used != nil && t.Quota.Limit != nil {
		parts = append(parts, l.th.Faint.Do("quota "+count(*t.Quota.Used)+" of "+count(*t.Quota.Limit)))
	}
	if t.Wallet != nil && t.Wallet.Balance != "" {
		parts = append(parts,
			l.th.Faint.Do("wallet "+strings.TrimSpace(printable(t.Wallet.Balance+" "+t.Wallet.Currency))))
	}
	if t.Claims != nil && !t.Claims.ExpiresAt.IsZero() {
		paint := l.th.Faint
		left := t.Claims.ExpiresAt.Sub(l.now)
		text := "token ends in " + span(left)
		if left < tokenSoon {
			paint = l.th.Warning
		}
		if left <= 0 {
			text = "the token has ended"
		}
		parts = append(parts, paint.Do(text))
	}
	if t.PlanTier != "" {
		parts = append(parts, l.th.Faint.Do("plan "+printable(t.PlanTier)))
	}
	return joinFit(parts, "  ", l.width)
}

// filterLine shows the filter, or the field it is typed into, with what is wrong with it, and at the right what is
// marked and how the list is sorted.
func (l *listScreen) filterLine() string {
	var right []string
	if l.narrowed() != "" && !l.filter.open {
		right = append(right, l.th.Faint.Do("("+l.keyOf(scopeList, actBack)+" "+l.narrowed()+")"))
	}
	if n := l.marks.len(); n > 0 {
		right = append(right, l.th.Accent.Do(l.th.Mark+" "+count(n)+" marked"))
	}
	if n := l.watch.Len(); n > 0 {
		right = append(right, l.th.Waiting.Do(l.th.Watch+" "+count(n)+" watched"))
	}
	if l.sort != sortListed || l.descending {
		sorted := "sorted by " + l.sort.String()
		if l.descending {
			sorted += ", reversed"
		}
		right = append(right, l.th.Faint.Do(sorted))
	}
	var left []string
	switch {
	case l.filter.open:
		left = append(left, l.th.Accent.Do("/")+" "+l.filter.render(l.th, max(10, l.width-30)))
	case l.filter.value() != "":
		left = append(left, l.th.Accent.Do("/")+" "+l.filter.value())
	}
	if l.queryErr != nil {
		left = append(left, l.th.Warning.Do(l.th.Warn+" "+printable(strings.ReplaceAll(l.queryErr.Error(), "\n", "; "))))
	}
	if l.only != nil {
		left = append(left, l.th.Warning.Do("only: ")+printable(l.only.label))
	}
	if l.queryErr != nil { // what is wrong is more than how the list is sorted
		right = nil
	}
	return spread(strings.Join(left, "  "), joinFit(right, "  ", l.width/2), l.width, l.th)
}

// narrowed says what goes back to more domains, where not all are shown; empty where all are.
func (l *listScreen) narrowed() string {
	switch {
	case l.grouped:
		return "goes back to the groups"
	case l.only != nil:
		return "shows all"
	case l.filter.value() != "":
		return "clears"
	}
	return ""
}
