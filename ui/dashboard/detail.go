package dashboard

import (
	"slices"
	"strings"
	"time"

	"domdoc/checks/finding"
	"domdoc/checks/result"

	"domdoc/ui/dashboard/action"
	"domdoc/ui/dashboard/grid"
	"domdoc/ui/dashboard/inventory"
	"domdoc/ui/dashboard/list"
	"domdoc/ui/dashboard/page"
	"domdoc/ui/dashboard/screen"
	"domdoc/ui/dashboard/tab"
	"domdoc/ui/render/wire"

	"github.com/charmbracelet/bubbles/viewport"
	tea "github.com/charmbracelet/bubbletea"
)

// detailScreen shows one domain.
type detailScreen struct {
	screen.Base
	*screen.Shared
	list  *list.Screen // the screen whose next and previous domain it goes to
	id    string
	tab   tab.ID
	view  viewport.Model
	shown detailKey // what the view's content was built from
	made  int       // how often it was built, for tests of this cache

	items    []page.Item     // of the content: what can be selected
	cursor   int             // the selected one
	general  []page.Copyable // what can be copied whatever is selected
	fold     int             // the line at which the unfolded part begins; -1 for none
	unfolded bool            // the consequences of a root cause are shown in full
	seek     seek            // where the view scrolls to once the content is built

	kept keptMsg // what the archive has of the domain, if its report is not in memory

	ledger ledger
}

// seek is where the view scrolls to once the content is built: its position is known only then.
type seek uint8

const (
	seekNothing seek = iota
	seekFold         // what was just unfolded
	seekEnd
)

// detailKey is everything that the content depends on: it is rebuilt when, and only when, one of these changes.
type detailKey struct {
	report   *result.Domain
	tab      tab.ID
	width    int
	now      time.Time // cut to the precision that the tab shows
	busy     bool      // the first diagnosis is running
	id       string
	cursor   int
	unfolded bool
	incident int
	looks    int       // diagnoses that were compared
	next     time.Time // the next check, if it is watched
	kept     *wire.Domain
}

const detailHeadLines = 4

func newDetailScreen(s *screen.Shared, l *list.Screen) *detailScreen {
	d := &detailScreen{Shared: s, list: l, view: s.NewView()}
	d.newLedger()
	return d
}

func (d *detailScreen) Scope() action.Scope { return action.ScopeDetail }

func (d *detailScreen) Typing() bool { return d.ledger.search.Open && d.onLedger() }

func (d *detailScreen) Subject() *inventory.Row { return d.Domains.Find(d.id) }

func (d *detailScreen) Status() string { return d.AskingText(d.id) }

func (d *detailScreen) Resize(width, height int) {
	d.view.Width, d.view.Height = width, max(0, height-detailHeadLines)
	d.sizeLedger(width, max(0, height-detailHeadLines))
}

func (d *detailScreen) Interval() time.Duration {
	if d.Single[d.id] != nil || d.tab == tab.Propagation && tab.Counting(d.report(), d.Now) {
		return screen.FastTick
	}
	return d.AgeInterval()
}

func (d *detailScreen) Identity() string {
	id := d.id + "\n" + d.tab.String()
	if d.onLedger() {
		id += "\n" + d.ledger.kind + "\n" + d.ledger.search.Committed()
	}
	return id
}

func (d *detailScreen) Hints() []action.Name {
	if d.onLedger() {
		return []action.Name{
			action.Back, action.NextTab, action.Open, action.Filter, action.Kind, action.Copy,
			action.Palette, action.Help, action.Quit,
		}
	}
	return []action.Name{
		action.Back, action.NextTab, action.Diagnose, action.Cancel, action.Copy, action.WhatIf, action.Next, action.Open,
		action.Palette, action.Help,
		action.Quit, action.Plan, action.Catalogue, action.Paste,
	}
}

func (d *detailScreen) Unavailable(a action.Name) string {
	switch a {
	case action.Open:
		return d.moreUnavailable()
	case action.Filter, action.Kind:
		if d.report() == nil {
			return noReport
		}
	}
	return ""
}

const noReport = "this domain has not been diagnosed"

// moreUnavailable returns why nothing can be unfolded: an answer of the ledger, or the consequences of the root
// causes.
func (d *detailScreen) moreUnavailable() string {
	r := d.report()
	switch {
	case r == nil:
		return noReport
	case d.tab == tab.Ledger && d.ledger.current() != nil:
		return ""
	case d.tab == tab.Findings && slices.ContainsFunc(r.Findings, func(f *finding.Finding) bool { return !f.Root() }):
		return ""
	}
	return "there is nothing more to show here"
}

func (d *detailScreen) Table() (*grid.Grid, int) {
	if d.onLedger() && !d.ledger.whole {
		return d.ledger.grid, detailHeadLines + page.LineCount(d.ledgerHead())
	}
	return nil, 0
}

func (d *detailScreen) Scroll(lines int) {
	v := &d.view
	if d.onLedger() {
		v = &d.ledger.view
	}
	v.SetYOffset(v.YOffset + lines)
	d.settle()
}

// click selects a tab, or a part of the page.
func (d *detailScreen) Click(x, y int) (tea.Cmd, bool) {
	if g, top := d.Table(); g != nil && y >= top {
		return nil, false
	}
	if y == detailHeadLines-2 {
		if t, ok := tab.At(strings.Split(d.Head(), "\n")[y], x); ok {
			d.showTab(t)
		}
		return nil, true
	}
	line := y - detailHeadLines + d.view.YOffset
	for i, it := range d.items {
		if line >= it.From && line < it.To && y >= detailHeadLines {
			d.cursor = i
		}
	}
	return nil, true
}

// open shows a domain on a tab, and diagnoses it unless its report is available.
func (d *detailScreen) open(id string, t tab.ID) tea.Cmd {
	r := d.Domains.Find(id)
	if r == nil {
		return nil
	}
	d.id = id
	d.unfolded = false
	d.showTab(t)
	d.Show(d)
	if d.Reports.Get(id) != nil {
		return nil
	}
	if r.Sum != nil && r.Sum.Kept.Kept() {
		return d.readKept(r)
	}
	return d.Diagnose(r)
}

// report returns the complete report of the domain on the screen; nil if there is none.
func (d *detailScreen) report() *result.Domain { return d.Reports.Get(d.id) }

// do runs an action on the screen of one domain.
func (d *detailScreen) Do(a action.Name) tea.Cmd {
	if d.onLedger() && d.doLedger(a) {
		return nil
	}
	if d.moveDetail(a) {
		return nil
	}
	r := d.Domains.Find(d.id)
	switch a {
	case action.Back:
		d.Back()
	case action.NextTab:
		d.showTab((d.tab + 1) % tab.Count)
	case action.PrevTab:
		d.showTab((d.tab + tab.Count - 1) % tab.Count)
	case action.Findings, action.Propagation, action.Records, action.Certificate, action.Registration, action.Routes,
		action.Service, action.Ledger,
		action.Changes:
		d.showTab(tabOfAction(a))
	case action.Filter, action.Kind:
		d.showTab(tab.Ledger)
		d.Refresh()
		if d.onLedger() {
			d.doLedger(a)
		}
	case action.Open:
		d.unfolded = !d.unfolded
		if d.unfolded {
			d.seek = seekFold
		}
	case action.Next:
		return d.step(1)
	case action.Previous:
		return d.step(-1)
	case action.Diagnose:
		if r != nil {
			return d.Diagnose(r)
		}
	case action.Cancel:
		return d.Stop()
	case action.Ticket:
		d.OpenTicket(d.id)
	case action.Catalogue:
		d.openCause(r)
	}
	return nil
}

func tabOfAction(a action.Name) tab.ID {
	switch a {
	case action.Propagation:
		return tab.Propagation
	case action.Records:
		return tab.Records
	case action.Certificate:
		return tab.Certificate
	case action.Registration:
		return tab.Registration
	case action.Routes:
		return tab.Routes
	case action.Service:
		return tab.Service
	case action.Ledger:
		return tab.Ledger
	case action.Changes:
		return tab.Changes
	}
	return tab.Findings
}

// openCause opens the catalog at the selected root cause, or at the domain's first cause or code.
func (d *detailScreen) openCause(r *inventory.Row) {
	if f := d.root(); f != nil && d.tab == tab.Findings {
		d.OpenEntry(string(f.ID))
		return
	}
	d.OpenFirstCause(r)
}

// root returns the selected root cause, on other tabs the first; nil if there is none.
func (d *detailScreen) root() *finding.Finding {
	r := d.report()
	if r == nil {
		return nil
	}
	roots := r.Roots()
	switch {
	case d.tab == tab.Findings && d.cursor < len(roots):
		return roots[d.cursor]
	case len(roots) > 0:
		return roots[0]
	}
	return nil
}

func (d *detailScreen) showTab(t tab.ID) {
	d.tab = t
	d.cursor = 0
	d.ledger.whole = false
	d.view.GotoTop()
}

// step opens the next domain of the list at its findings.
func (d *detailScreen) step(n int) tea.Cmd {
	before := d.list.Grid.SelectedID()
	if before != d.id && !d.list.Grid.Select(d.id) {
		return d.Say("this domain is not in the filtered list")
	}
	d.list.Grid.Move(n)
	if id := d.list.Grid.SelectedID(); id != d.id {
		return d.open(id, tab.Findings)
	}
	return d.Say("this is the last domain in that direction")
}

// moveDetail scrolls the page and moves the selection among what is in view. Up and down go to the next selectable
// item if one is in view, and scroll by a line otherwise. So everything can be read, and everything visible can be
// selected.
func (d *detailScreen) moveDetail(a action.Name) bool {
	switch a {
	case action.Up:
		if i := d.before(); i >= 0 {
			d.cursor = i
		} else {
			d.view.ScrollUp(1)
		}
	case action.Down:
		if i := d.after(); i >= 0 {
			d.cursor = i
			if over := d.items[i].To - (d.view.YOffset + d.view.Height); over > 0 {
				d.view.ScrollDown(min(over, d.items[i].From-d.view.YOffset))
			}
		} else {
			d.view.ScrollDown(1)
		}
	case action.Top:
		d.view.GotoTop()
		d.cursor = 0
	case action.Bottom:
		d.view.GotoBottom()
		d.cursor = max(0, len(d.items)-1)
		d.seek = seekEnd // the selection may change the length of the page
	default:
		if !screen.MoveView(&d.view, a) {
			return false
		}
		d.settle()
	}
	return true
}

// visible reports whether a selectable item begins in view.
func (d *detailScreen) visible(i int) bool {
	return d.items[i].From >= d.view.YOffset && d.items[i].From < d.view.YOffset+d.view.Height
}

// after returns the next item in view after the selected one, or the one before it; -1 if there is none.
func (d *detailScreen) after() int {
	for i := d.cursor + 1; i < len(d.items); i++ {
		if d.visible(i) {
			return i
		}
	}
	return -1
}

func (d *detailScreen) before() int {
	for i := min(d.cursor, len(d.items)) - 1; i >= 0; i-- {
		if d.visible(i) {
			return i
		}
	}
	return -1
}

// settle selects the first item in view if the selected one is out of view.
func (d *detailScreen) settle() {
	if d.cursor < len(d.items) && d.visible(d.cursor) {
		return
	}
	for i := range d.items {
		if d.visible(i) {
			d.cursor = i
			return
		}
	}
}

// copies returns what can be copied of the current tab, the selected item first.
func (d *detailScreen) Copies() []page.Copyable {
	var list []page.Copyable
	switch {
	case d.tab == tab.Ledger:
		list = d.ledger.Copies()
	case d.cursor < len(d.items):
		list = append(list, d.items[d.cursor].Copies...)
		fallthrough
	default:
		list = append(list, d.general...)
	}
	return append(list, tab.ReplyCopies(d.report(), d.Now, d.Reader)...)
}
