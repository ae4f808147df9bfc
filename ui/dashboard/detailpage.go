package dashboard

import (
	"strings"
	"time"

	"domdoc/checks/incident"
	"domdoc/checks/result"

	"domdoc/catalog"

	"github.com/charmbracelet/bubbles/viewport"
)

// moment is the present time as far as a tab shows it: the content is not made again for what nobody sees.
func (t tab) moment(r *result.Domain, now time.Time) time.Time {
	switch t {
	case tabPropagation:
		if counting(r, now) {
			return now.Truncate(time.Second)
		}
		return now.Truncate(time.Minute)
	case tabFindings, tabCertificate, tabRegistration, tabRoutes, tabService, tabChanges:
		return now.Truncate(time.Minute)
	case tabRecords, tabLedger, tabs:
	}
	return time.Time{}
}

func (d *detailScreen) refresh() {
	if d.tooSmall() {
		return // nobody sees it
	}
	r := d.report()
	key := detailKey{
		r, d.tab, d.width, d.tab.moment(r, d.now), r == nil && d.single[d.id] != nil, d.id, d.cursor,
		d.unfolded, d.incident.version, d.changes.looks(d.id), d.nextLook(d.id),
	}
	if d.onLedger() {
		d.refreshLedger(r)
	}
	defer d.arrive()
	if key == d.shown {
		return
	}
	d.shown = key
	d.made++
	p := newPage(d.th, d.width)
	if r != nil {
		incident.SuppressAdvice(r, d.incident.found)
	}
	p.cursor = d.cursor
	if r == nil {
		d.noReport(p)
	} else {
		d.writeTab(p, r, key.now)
	}
	d.items, d.general, d.fold = p.items, p.copies, p.fold
	d.view.SetContent(p.String())
	d.view.SetYOffset(d.view.YOffset)
}

// arrive brings into view what was sought.
func (d *detailScreen) arrive() {
	switch {
	case d.seek == seekEnd:
		d.view.GotoBottom()
	// its heading and a line or two of it
	case d.seek == seekFold && d.fold >= 0 && d.fold+3 > d.view.YOffset+d.view.Height:
		d.view.SetYOffset(d.fold - d.view.Height/3)
	}
	d.seek = seekNothing
}

// writeTab writes the page of a tab. The ledger is no page: see ledger.go.
func (d *detailScreen) writeTab(p *page, r *result.Domain, now time.Time) {
	switch d.tab {
	case tabFindings:
		findingsPage(p, r, now, d.unfolded)
	case tabPropagation:
		propagationPage(p, r, now)
	case tabRecords:
		recordsPage(p, r)
	case tabCertificate:
		certificatePage(p, r, now)
	case tabRegistration:
		registrationPage(p, r, now)
	case tabRoutes:
		routesPage(p, r, now)
	case tabService:
		servicePage(p, r, now)
	case tabChanges:
		d.changesPage(p, r, now)
	case tabLedger, tabs:
	}
}

// onLedger reports whether the ledger is shown: it has a selection and a search of its own.
func (d *detailScreen) onLedger() bool { return d.tab == tabLedger && d.report() != nil }

// detailBody is what stands below the tabs.
func (d *detailScreen) body() string {
	if d.onLedger() {
		return d.ledgerBody()
	}
	return d.view.View()
}

// noReport says why there is nothing to read.
func (d *detailScreen) noReport(p *page) {
	p.lines = append(p.lines, "")
	if d.single[d.id] != nil {
		p.text(2, d.th.Waiting, "diagnosing "+d.th.More)
		p.text(2, d.th.Faint,
			"the domain's servers, public resolvers, the registry and the edge are asked now; most domains take a few "+
				"seconds")
		return
	}
	p.text(2, d.th.Strong, "there is no diagnosis of this domain")
	p.text(2, d.th.Plain, d.keyOf(scopeDetail, actDiagnose)+" diagnoses it")
}

// detailHead is the domain, how it stands and why, and the tabs.
func (d *detailScreen) head() string {
	r := d.fleet.find(d.id)
	if r == nil {
		return d.titleLine("a domain that is not in the list any more", "") + "\n\n\n"
	}
	name := d.th.Strong.Do(r.name)
	if r.name != r.ascii && r.ascii != "" {
		name += "  " + d.th.Faint.Do(printable(r.ascii))
	}
	place := ""
	if !d.onLedger() {
		place = d.place(d.view)
	}
	text, paint := d.stateWord(stateOf(r))
	state := []string{paint.Do(text)}
	var about []string
	if s := r.sum; s != nil {
		if s.state == stateWait {
			state = append(state, d.th.Waiting.Do("until "+until(s.waits, d.now.Truncate(time.Minute))))
		}
		if s.title != "" {
			title := s.title
			if n := len(s.causes); n > 1 {
				title += " (and " + plural(n-1, "more cause", "more causes") + ")"
			} else if n == 0 && len(s.codes) > 0 { // reported, and nothing accounts for it
				title = strings.Join(s.codes, ", ") + " was " + title
			}
			state = append(state, d.th.Strong.Do(printable(title)))
		} else if s.state == statePass {
			state = append(state, catalog.Healthy)
		}
	}
	if r.status != "" {
		about = append(about, d.th.Faint.Do("status ")+r.status)
	}
	if r.sum != nil {
		about = append(about, d.th.Faint.Do("diagnosed "+ago(r.sum.at, d.now)))
	}
	if d.watch.Get(r.id) != nil {
		about = append([]string{d.th.Waiting.Do("next look " + watchCell(d.th, d.watch.Get(r.id), d.now).Text)}, about...)
	}
	return strings.Join([]string{
		d.titleLine(name, place),
		aside(strings.Join(state, "  "), about, d.width, d.th.More),
		tabLine(d.th, d.tab, marked(d.th, d.report()), d.width),
		"",
	}, "\n")
}

// place says which lines of a page are in view; nothing where all are.
func (s *shared) place(v viewport.Model) string {
	all := v.TotalLineCount()
	if all <= v.Height {
		return ""
	}
	return s.th.Faint.Do("lines " + count(v.YOffset+1) + "-" + count(min(all, v.YOffset+v.Height)) + " of " +
		count(all))
}
