package dashboard

import (
	"strings"
	"time"

	"domdoc/catalog"
	"domdoc/checks"
	"domdoc/checks/incident"

	"github.com/charmbracelet/bubbles/viewport"
)

// refresh makes what scrolls again where something that it shows has changed.
func (m *model) refresh() {
	switch m.screen {
	case screenDetail:
		m.refreshDetail()
	case screenTicket:
		m.refreshTicket()
	case screenEntry:
		m.refreshEntry()
	case screenHelp:
		m.refreshHelp()
	case screenCatalogue:
		m.countCatalogue()
	case screenText:
		m.refreshText()
	case screenConfirm:
		m.refreshRequest()
	case screenList:
		if m.headLines != m.listHeadLines() { // an incident more or less
			m.resize()
		}
	case screenGroups, screenPaste, screenChoose, screens:
	}
}

// moment is the present time as far as a tab shows it: the content is not made again for what nobody sees.
func (t tab) moment(r *checks.DomainReport, now time.Time) time.Time {
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

func (m *model) refreshDetail() {
	d := &m.detail
	if m.tooSmall() {
		return // nobody sees it
	}
	r := m.report()
	key := detailKey{
		r, d.tab, m.width, d.tab.moment(r, m.now), r == nil && m.single[d.id] != nil, d.id, d.cursor,
		d.unfolded, m.incident.version, m.changes.looks(d.id), m.nextLook(d.id),
	}
	if m.onLedger() {
		m.refreshLedger(r)
	}
	defer d.arrive()
	if key == d.shown {
		return
	}
	d.shown = key
	d.made++
	p := newPage(m.th, m.width)
	if r != nil {
		incident.SuppressAdvice(r, m.incident.found)
	}
	p.cursor = d.cursor
	if r == nil {
		m.noReport(p)
	} else {
		m.writeTab(p, r, key.now)
	}
	d.items, d.general, d.fold = p.items, p.copies, p.fold
	d.view.SetContent(p.String())
	d.view.SetYOffset(d.view.YOffset)
}

// arrive brings into view what was sought.
func (d *detail) arrive() {
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
func (m *model) writeTab(p *page, r *checks.DomainReport, now time.Time) {
	switch m.detail.tab {
	case tabFindings:
		findingsPage(p, r, now, m.detail.unfolded)
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
		m.changesPage(p, r, now)
	case tabLedger, tabs:
	}
}

// onLedger reports whether the ledger is shown: it has a selection and a search of its own.
func (m *model) onLedger() bool { return m.detail.tab == tabLedger && m.report() != nil }

// detailBody is what stands below the tabs.
func (m *model) detailBody() string {
	if m.onLedger() {
		return m.ledgerBody()
	}
	return m.detail.view.View()
}

// noReport says why there is nothing to read.
func (m *model) noReport(p *page) {
	p.lines = append(p.lines, "")
	if m.single[m.detail.id] != nil {
		p.text(2, m.th.Waiting, "diagnosing "+m.th.More)
		p.text(2, m.th.Faint,
			"the domain's servers, public resolvers, the registry and the edge are asked now; most domains take a few "+
				"seconds")
		return
	}
	p.text(2, m.th.Strong, "there is no diagnosis of this domain")
	p.text(2, m.th.Plain, m.keyOf(screenDetail, actDiagnose)+" diagnoses it")
}

// detailHead is the domain, how it stands and why, and the tabs.
func (m *model) detailHead() string {
	r := m.fleet.find(m.detail.id)
	if r == nil {
		return m.titleLine("a domain that is not in the list any more", "") + "\n\n\n"
	}
	name := m.th.Strong.Do(r.name)
	if r.name != r.ascii && r.ascii != "" {
		name += "  " + m.th.Faint.Do(printable(r.ascii))
	}
	place := ""
	if !m.onLedger() {
		place = m.place(m.detail.view)
	}
	text, paint := m.stateWord(stateOf(r))
	state := []string{paint.Do(text)}
	var about []string
	if s := r.sum; s != nil {
		if s.state == stateWait {
			state = append(state, m.th.Waiting.Do("until "+until(s.waits, m.now.Truncate(time.Minute))))
		}
		if s.title != "" {
			title := s.title
			if n := len(s.causes); n > 1 {
				title += " (and " + plural(n-1, "more cause", "more causes") + ")"
			} else if n == 0 && len(s.codes) > 0 { // reported, and nothing accounts for it
				title = strings.Join(s.codes, ", ") + " was " + title
			}
			state = append(state, m.th.Strong.Do(printable(title)))
		} else if s.state == statePass {
			state = append(state, catalog.Healthy)
		}
	}
	if r.status != "" {
		about = append(about, m.th.Faint.Do("status ")+r.status)
	}
	if r.sum != nil {
		about = append(about, m.th.Faint.Do("diagnosed "+ago(r.sum.at, m.now)))
	}
	if m.watch.has(r.id) {
		about = append([]string{m.th.Waiting.Do("next look " + m.watch.cell(m.th, r.id, m.now).Text)}, about...)
	}
	return strings.Join([]string{
		m.titleLine(name, place),
		aside(strings.Join(state, "  "), about, m.width, m.th.More),
		tabLine(m.th, m.detail.tab, marked(m.th, m.report()), m.width),
		"",
	}, "\n")
}

// place says which lines of a page are in view; nothing where all are.
func (m *model) place(v viewport.Model) string {
	all := v.TotalLineCount()
	if all <= v.Height {
		return ""
	}
	return m.th.Faint.Do("lines " + count(v.YOffset+1) + "-" + count(min(all, v.YOffset+v.Height)) + " of " +
		count(all))
}
