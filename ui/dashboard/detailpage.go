package dashboard

import (
	"strings"
	"time"

	"domdoc/checks/result"

	"domdoc/checks/incident"
	"domdoc/ui/dashboard/action"
	"domdoc/ui/dashboard/inventory"
	"domdoc/ui/dashboard/list"
	"domdoc/ui/dashboard/page"
	"domdoc/ui/dashboard/tab"

	"domdoc/catalog"
)

func (d *detailScreen) Refresh() {
	if d.TooSmall() {
		return // not visible
	}
	r := d.report()
	key := detailKey{
		r, d.tab, d.Width, d.tab.Moment(r, d.Now), r == nil && d.Single[d.id] != nil, d.id, d.cursor,
		d.unfolded, d.Incident.Version, d.Changelog.Looks(d.id), d.NextLook(d.id), d.keptReport(),
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
	p := d.Page(d.Width)
	if r != nil {
		incident.SuppressAdvice(r, d.Incident.Found)
		incident.Adopt(r, d.Incident.Found)
	}
	p.Cursor = d.cursor
	if kept := key.kept; r == nil && kept != nil && !key.busy {
		d.keptPage(p, kept)
	} else if r == nil {
		d.noReport(p)
	} else {
		d.writeTab(p, r, key.now)
	}
	d.items, d.general, d.fold = p.Items, p.Copies, p.Fold
	d.view.SetContent(p.String())
	d.view.SetYOffset(d.view.YOffset)
}

// arrive scrolls to the item that was sought.
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

// writeTab writes the page of a tab. The ledger has its own view: see ledger.go.
func (d *detailScreen) writeTab(p *page.Builder, r *result.Domain, now time.Time) {
	switch d.tab {
	case tab.Findings:
		tab.FindingsPage(p, r, now, d.unfolded)
	case tab.Propagation:
		tab.PropagationPage(p, r, now)
	case tab.Records:
		tab.RecordsPage(p, r)
	case tab.Certificate:
		tab.CertificatePage(p, r, now)
	case tab.Registration:
		tab.RegistrationPage(p, r, now)
	case tab.Routes:
		tab.RoutesPage(p, r, now)
	case tab.Service:
		tab.ServicePage(p, r, now)
	case tab.Changes:
		d.changesPage(p, r, now)
	case tab.Ledger, tab.Count:
	}
}

func (d *detailScreen) marks() [tab.Count]tab.Mark {
	if r := d.report(); r != nil {
		return tab.Marks(d.Th, r)
	}
	return tab.KeptMarks(d.Th, d.keptReport())
}

// onLedger reports whether the ledger is shown, which has its own selection and search.
func (d *detailScreen) onLedger() bool { return d.tab == tab.Ledger && d.report() != nil }

// detailBody returns the part below the tabs.
func (d *detailScreen) Body() string {
	if d.onLedger() {
		return d.ledgerBody()
	}
	return d.view.View()
}

// noReport explains why there is nothing to read.
func (d *detailScreen) noReport(p *page.Builder) {
	p.Lines = append(p.Lines, "")
	if d.Single[d.id] != nil {
		p.Text(2, d.Th.Waiting, "diagnosing "+d.Th.More)
		p.Text(2, d.Th.Faint,
			"querying the domain's servers, public resolvers, the registry and the CDN edge; most domains take a few seconds")
		return
	}
	p.Text(2, d.Th.Strong, "this domain has not been diagnosed")
	p.Text(2, d.Th.Plain, d.KeyOf(action.ScopeDetail, action.Diagnose)+" diagnoses it")
}

// detailHead returns the domain, its state and the reason, and the tabs.
func (d *detailScreen) Head() string {
	r := d.Domains.Find(d.id)
	if r == nil {
		return d.TitleLine("a domain that is no longer listed", "") + "\n\n\n"
	}
	name := d.Th.Strong.Do(r.Name)
	if r.Name != r.ASCII && r.ASCII != "" {
		name += "  " + d.Th.Faint.Do(page.Printable(r.ASCII))
	}
	place := ""
	if !d.onLedger() {
		place = d.Place(d.view)
	}
	text, paint := d.StateWord(inventory.StateOf(r))
	state := []string{paint.Do(text)}
	var about []string
	if s := r.Sum; s != nil {
		if s.State == inventory.StateWait && !s.Waits.IsZero() {
			state = append(state, d.Th.Waiting.Do("until "+page.Until(s.Waits, d.Now.Truncate(time.Minute))))
		}
		if s.Title != "" {
			title := s.Title
			if n := len(s.Causes); n > 1 {
				title += " (and " + page.Plural(n-1, "more cause", "more causes") + ")"
			} else if n == 0 && len(s.Codes) > 0 { // reported, but not explained by a finding
				title = strings.Join(s.Codes, ", ") + " was " + title
			}
			state = append(state, d.Th.Strong.Do(page.Printable(title)))
		} else if s.State == inventory.StatePass {
			state = append(state, catalog.Healthy)
		}
	}
	if r.Status != "" {
		about = append(about, d.Th.Faint.Do("status ")+r.Status)
	}
	if r.Sum != nil {
		about = append(about, d.Th.Faint.Do("diagnosed "+page.Ago(r.Sum.At, d.Now)))
	}
	if d.Watch.Get(r.ID) != nil {
		about = append([]string{d.Th.Waiting.Do("next check " + list.WatchCell(d.Th, d.Watch.Get(r.ID), d.Now).Text)},
			about...)
	}
	return strings.Join([]string{
		d.TitleLine(name, place),
		page.Aside(strings.Join(state, "  "), about, d.Width, d.Th.More),
		tab.Line(d.Th, d.tab, d.marks(), d.Width),
		"",
	}, "\n")
}
