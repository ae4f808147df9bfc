package report

import (
	"fmt"
	"strings"
	"time"

	"domdoc/catalog"
	"domdoc/ui/render/layout"
	"domdoc/ui/render/wire"
)

// Totals count the domains of a run: by verdict, by state, and by who must act.
type Totals struct {
	wire.Summary // as in JSON

	partial     int       // of Pass: those that pass only because findings are left out
	fixes       int       // findings that the domains' owner must act on
	waitingTill time.Time // the latest of the domains that wait
	endless     bool      // the end of some wait is not known
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
	switch d.StateNow() {
	case catalog.StatePass:
		t.States.Pass++
		if d.Partial() {
			t.partial++
		}
	case catalog.StateWarn:
		t.States.Warn++
	case catalog.StateFail:
		t.States.Fail++
	case catalog.StateWaiting:
		t.States.Waiting++
		t.Owners.Wait++
		if d.WaitsUntil == nil {
			t.endless = true
		} else if d.WaitsUntil.After(t.waitingTill) {
			t.waitingTill = *d.WaitsUntil
		}
		return // what else it has is not urgent
	case catalog.StateNotChecked:
		t.States.NotChecked++
		return // nobody is asked to act before more is known
	case catalog.StateNone, catalog.States:
	}
	counted := map[catalog.Actor]bool{}
	for _, f := range d.ToDo() {
		who := catalog.Actor(f.Who)
		if who == catalog.Tenant {
			t.fixes++
		}
		if n := t.of(who); n != nil && !counted[who] {
			counted[who] = true
			*n++
		}
	}
}

// stateTotal is how many domains are in a state.
type stateTotal struct {
	n     int
	state catalog.State
}

// byState returns the domains by state, in reading order.
func (t *Totals) byState() []stateTotal {
	return []stateTotal{
		{t.States.Pass, catalog.StatePass},
		{t.States.Warn, catalog.StateWarn},
		{t.States.Fail, catalog.StateFail},
		{t.States.Waiting, catalog.StateWaiting},
		{t.States.NotChecked, catalog.StateNotChecked},
	}
}

// of returns the counter of an owner; nil for an unknown one.
func (t *Totals) of(a catalog.Actor) *int {
	return map[catalog.Actor]*int{
		catalog.Tenant: &t.Owners.Tenant, catalog.DNSHost: &t.Owners.DNSHost, catalog.Wait: &t.Owners.Wait,
		catalog.RegistrarActor: &t.Owners.Registrar, catalog.Platform: &t.Owners.Platform,
		catalog.Authority: &t.Owners.Authority, catalog.CDNOperator: &t.Owners.CDNOperator,
		catalog.Local: &t.Owners.Local,
	}[a]
}

// Line is the summary line: the domains by state, and who must act: "3 pass, 1 warn, 2 fail, 1 waiting, 1 not
// checked; 2 for you (3 fixes), 1 for the platform, 1 waits until 14:32 CET". A domain counts for each owner of its
// faults.
func (t *Totals) Line(style layout.Style, reader catalog.Reader) string {
	if t.Domains == 0 {
		return "nothing was checked"
	}
	var states, owners []string
	for _, c := range t.byState() {
		if c.n == 0 {
			continue
		}
		s := fmt.Sprintf("%d %s", c.n, c.state.Word())
		if c.state == catalog.StatePass && t.partial == c.n {
			s += " apart from what is left out"
		} else if c.state == catalog.StatePass && t.partial > 0 {
			s += fmt.Sprintf(" (%d apart from what is left out)", t.partial)
		}
		states = append(states, s)
	}
	for _, a := range catalog.Actors() {
		n := t.of(a)
		if n == nil || *n == 0 {
			continue
		}
		s := reader.Counted(a, *n)
		switch {
		case a == catalog.Tenant && t.fixes == 1:
			s += " (1 fix)"
		case a == catalog.Tenant:
			s += fmt.Sprintf(" (%d fixes)", t.fixes)
		case a == catalog.Wait && !t.waitingTill.IsZero() && !t.endless:
			s += " until " + style.Clock(t.waitingTill)
		}
		owners = append(owners, s)
	}
	line := strings.Join(states, ", ")
	if len(owners) > 0 {
		line += "; " + strings.Join(owners, ", ")
	}
	return line
}
