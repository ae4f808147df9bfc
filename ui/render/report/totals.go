package report

import (
	"fmt"
	"strings"
	"time"

	"domdoc/catalog"
	"domdoc/ui/render/wire"
)

// Totals count the domains of a run: by verdict, and by what they mean for their owner.
type Totals struct {
	wire.Summary // as in JSON

	groups      [numGroups]int
	fixes       int       // findings to act on in the domains that need action
	waitingTill time.Time // the latest of the domains that wait
}

// Add counts one more domain.
func (t *Totals) Add(d *wire.Domain) {
	t.Domains++
	switch wire.ParseVerdict(d.Verdict) {
	case catalog.Pass:
		t.Pass++
	case catalog.Warn:
		t.Warn++
	case catalog.Fail:
		t.Fail++
	case catalog.Inconclusive:
		t.Inconclusive++
	case catalog.NotRun, catalog.Blocked:
	}
	g := groupOf(d)
	t.groups[g]++
	switch {
	case g == groupWaiting && d.WaitsUntil.After(t.waitingTill):
		t.waitingTill = *d.WaitsUntil
	case g == groupNeedsAction:
		for _, f := range d.Roots() {
			if v := wire.ParseVerdict(f.Verdict); f.Ignored == nil && (v == catalog.Fail || v == catalog.Warn) {
				t.fixes++
			}
		}
	}
}

// Line is the summary line: "3 healthy, 1 needs action (1 fix), 1 waiting until 14:32, 1 could not be checked".
func (t *Totals) Line(now time.Time) string { return t.line(now, time.Local, "") }

// line is Line with times in another zone, whose name follows the hour.
func (t *Totals) line(now time.Time, zone *time.Location, zoneName string) string {
	var parts []string
	add := func(g group, format string, args ...any) {
		if n := t.groups[g]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d ", n)+fmt.Sprintf(format, args...))
		}
	}
	add(groupHealthy, "healthy")
	verb, fixes := "need", "fixes"
	if t.groups[groupNeedsAction] == 1 {
		verb = "needs"
	}
	if t.fixes == 1 {
		fixes = "fix"
	}
	add(groupNeedsAction, "%s action (%d %s)", verb, t.fixes, fixes)
	until := ""
	if !t.waitingTill.IsZero() {
		format := "15:04"
		if t.waitingTill.Sub(now) > 20*time.Hour {
			format = "2006-01-02 15:04"
		}
		until = " until " + t.waitingTill.In(zone).Format(format) + zoneName
	}
	add(groupWaiting, "waiting%s", until)
	add(groupIncident, "affected by incidents")
	verb = "pass"
	if t.groups[groupPartial] == 1 {
		verb = "passes"
	}
	add(groupPartial, "%s apart from what is left out", verb)
	add(groupUnknown, "could not be checked")
	if len(parts) == 0 {
		return "nothing was checked"
	}
	return strings.Join(parts, ", ")
}
