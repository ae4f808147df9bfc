package dashboard

import (
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"
)

// listHead is what stands above the grid: the title, the incidents, the summary, the tenant where there is room, and
// the filter.
func (m *model) listHead() string {
	lines := []string{m.titleLine("", m.countText())}
	lines = append(lines, m.incidentHead()...)
	lines = append(lines, spreadIf(m.summaryLine(), m.sparkText(), m.width))
	if m.height >= 20 {
		lines = append(lines, m.tenantLine())
	}
	return strings.Join(append(lines, m.filterLine()), "\n")
}

// listHeadLines is how many lines listHead has.
func (m *model) listHeadLines() int {
	n := 3 + m.incidentLines()
	if m.height >= 20 {
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
func (m *model) countText() string {
	all := len(m.fleet.rows)
	if m.load.active() {
		n := m.load.count
		return m.th.Waiting.Do("loading " + count(n) + m.th.More)
	}
	if m.load.err != nil && all > 0 {
		return m.th.Bad.Do("the first " + plural(all, "domain", "domains"))
	}
	if m.grid.Len() != all {
		return count(m.grid.Len()) + " of " + plural(all, "domain", "domains")
	}
	if all == 0 {
		return ""
	}
	return plural(all, "domain", "domains")
}

// summaryLine counts the domains by how they stand; nothing is counted that there is none of. Where the words do not
// fit, the verdicts' shorter ones are used.
func (m *model) summaryLine() string {
	c := m.fleet.counts
	if c[stateNone] == len(m.fleet.rows) {
		if c[stateNone] == 0 {
			return ""
		}
		return m.th.Faint.Do("nothing is diagnosed yet: ") + m.th.Accent.Do(m.keyOf(screenList, actDiagnoseAll)) +
			m.th.Faint.Do(" diagnoses all, ") +
			m.th.Accent.Do(m.keyOf(screenList, actOpen)) + m.th.Faint.Do(" one")
	}
	next := ""
	if !m.fleet.next.IsZero() {
		next = ", next " + clock(m.fleet.next, m.now) + " UTC"
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
			glyph, paint := m.stateGlyph(k.state)
			long = append(long, paint.Do(glyph+" "+count(n)+" "+k.long))
			short = append(short, paint.Do(glyph+" "+count(n)+" "+k.short))
			shortest = append(shortest, paint.Do(glyph+" "+count(n)+" "+strings.TrimSuffix(k.short, next)))
		}
	}
	for _, parts := range [][]string{long, short} {
		if s := strings.Join(parts, "  "); ansi.StringWidth(s) <= m.width {
			return s
		}
	}
	return joinFit(shortest, "  ", m.width)
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
func (m *model) keyOf(s screen, a action) string {
	if keys := m.keys.keys(s, a); len(keys) > 0 {
		return keyName(keys[0])
	}
	return ":" + string(a)
}

// tokenSoon is how long before its end the token's end is worth a colour.
const tokenSoon = time.Hour

// tenantLine says what is known of the tenant as a whole.
func (m *model) tenantLine() string {
	var parts []string
	t := m.tenant
	if t == nil {
		if m.opt.Doctor.Service == nil {
			return m.th.Faint.Do("no service: only what DNS, registration, TLS and HTTP can tell is judged")
		}
		return m.th.Faint.Do("asking about the tenant " + m.th.More)
	}
	for _, f := range t.Findings {
		glyph, paint := m.th.Verdict(f.Verdict)
		parts = append(parts, paint.Do(glyph+" "+f.Title))
	}
	if t.Quota != nil && t.Quota.Used != nil && t.Quota.Limit != nil {
		parts = append(parts, m.th.Faint.Do("quota "+count(*t.Quota.Used)+" of "+count(*t.Quota.Limit)))
	}
	if t.Wallet != nil && t.Wallet.Balance != "" {
		parts = append(parts,
			m.th.Faint.Do("wallet "+strings.TrimSpace(printable(t.Wallet.Balance+" "+t.Wallet.Currency))))
	}
	if t.Claims != nil && !t.Claims.ExpiresAt.IsZero() {
		paint := m.th.Faint
		left := t.Claims.ExpiresAt.Sub(m.now)
		text := "token ends in " + span(left)
		if left < tokenSoon {
			paint = m.th.Warning
		}
		if left <= 0 {
			text = "the token has ended"
		}
		parts = append(parts, paint.Do(text))
	}
	if t.PlanTier != "" {
		parts = append(parts, m.th.Faint.Do("plan "+printable(t.PlanTier)))
	}
	return joinFit(parts, "  ", m.width)
}

// filterLine shows the filter, or the field it is typed into, with what is wrong with it, and at the right what is
// marked and how the list is sorted.
func (m *model) filterLine() string {
	var right []string
	if m.narrowed() != "" && !m.filter.open {
		right = append(right, m.th.Faint.Do("("+m.keyOf(screenList, actBack)+" "+m.narrowed()+")"))
	}
	if n := m.marks.len(); n > 0 {
		right = append(right, m.th.Accent.Do(m.th.Mark+" "+count(n)+" marked"))
	}
	if n := len(m.watch.items); n > 0 {
		right = append(right, m.th.Waiting.Do(m.th.Watch+" "+count(n)+" watched"))
	}
	if m.sort != sortListed || m.upside {
		sorted := "sorted by " + m.sort.String()
		if m.upside {
			sorted += ", reversed"
		}
		right = append(right, m.th.Faint.Do(sorted))
	}
	var left []string
	switch {
	case m.filter.open:
		left = append(left, m.th.Accent.Do("/")+" "+m.filter.render(m.th, max(10, m.width-30)))
	case m.filter.value() != "":
		left = append(left, m.th.Accent.Do("/")+" "+m.filter.value())
	}
	if m.queryErr != nil {
		left = append(left, m.th.Warning.Do(m.th.Warn+" "+printable(strings.ReplaceAll(m.queryErr.Error(), "\n", "; "))))
	}
	if m.only != nil {
		left = append(left, m.th.Warning.Do("only: ")+printable(m.only.label))
	}
	if m.queryErr != nil { // what is wrong is more than how the list is sorted
		right = nil
	}
	return spread(strings.Join(left, "  "), joinFit(right, "  ", m.width/2), m.width, m.th)
}

// narrowed says what goes back to more domains, where not all are shown; empty where all are.
func (m *model) narrowed() string {
	switch {
	case m.groups.opened:
		return "goes back to the groups"
	case m.only != nil:
		return "shows all"
	case m.filter.value() != "":
		return "clears"
	}
	return ""
}
