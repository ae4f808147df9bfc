package dashboard

import (
	"context"
	"fmt"
	"log"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"domdoc/checks"
	"domdoc/checks/incident"
	"domdoc/checks/query"
	"domdoc/checks/ticket"
	"domdoc/ui/dashboard/grid"
	"domdoc/ui/dashboard/theme"

	"github.com/charmbracelet/bubbles/viewport"
	tea "github.com/charmbracelet/bubbletea"
)

// model is the whole state of the dashboard: the only tea.Model. It is changed by Update alone; commands and
// goroutines get copies.
type model struct {
	opt    Options
	th     *theme.Theme
	keys   *keymap
	ctx    context.Context // ends with the program, or when another model takes this one's place
	end    context.CancelFunc
	events chan event
	wg     *sync.WaitGroup

	width, height int
	now           time.Time // as of the last message, so that one frame shows one moment
	gen           int       // the last generation given out
	resumed       int       // how often the program came back from the background
	ticker        ticker

	screen screen
	back   []screen // where esc leads

	notice  string // one line about the last thing that was done; the next key removes it
	noticed time.Time

	fleet    fleet
	load     loadState
	run      runState
	single   map[string]*singleRun        // by domain id
	reports  *reports                     // the whole reports that are kept
	reported map[string][]checks.Reported // codes from pasted errors, by domain id
	marks    marks
	mouse    mouse
	watch    watch
	healed   []string // watched domains that turned healthy and were not told of yet
	changes  changes
	pasted   map[string]*ticket.Ticket // what was pasted, by domain id
	memory   memory
	asked    bool                 // the doctor was asked something, so its memory is not empty
	tenant   *checks.TenantReport // nil until known
	incident incidents

	grid     *grid.Grid
	filter   field
	query    query.Query
	queryErr error      // what is wrong with the filter
	only     *selection // nil: the filter alone decides
	sort     sortKey
	upside   bool // the sort order is reversed
	order    arranging

	groups    groups
	headLines int // above the list
	ticket    ticketView
	detail    detail
	catalogue catalogue
	entry     entry
	paste     paste
	choose    chooser
	text      shown
	request   request
	writing   map[written]bool // what the service is being asked for
	opening   bool             // another profile is
	help      viewport.Model
	helpFor   screen
	helpWidth int // for which the help was written; 0: not yet
}

// field is a text field that is open or not.
type field struct {
	input
	open   bool
	before string // what esc brings back
}

func newModel(ctx context.Context, opt Options) (*model, error) {
	keys, err := newKeymap(registry(), opt.Keys)
	if err != nil {
		return nil, err
	}
	ctx, end := context.WithCancel(ctx)
	m := &model{
		opt: opt, th: opt.theme(), keys: keys, ctx: ctx, end: end, wg: &sync.WaitGroup{}, now: opt.Now(),
		events: make(chan event, most),
		fleet:  newFleet(), single: map[string]*singleRun{}, reports: newReports(),
		reported: map[string][]checks.Reported{}, incident: incidents{known: incident.NewDetector()},
		writing: map[written]bool{}, changes: newChanges(), pasted: map[string]*ticket.Ticket{},
	}
	m.grid = grid.New(m.th, listColumns(false), grid.Source{
		ID:   func(i int32) string { return m.fleet.rows[i].id },
		Cell: m.listCell,
		Mark: m.listMark,
	})
	m.newGroups()
	m.ticket.view = m.newView()
	m.detail.view = m.newView()
	m.detail.ledger = newLedger(m)
	m.entry.view = m.newView()
	m.help = m.newView()
	m.text.view = m.newView()
	m.request.view = m.newView()
	m.catalogue = newCatalogue(m.th)
	m.recall()
	return m, nil
}

// newView is a viewport without the keys of its own: ours move it.
func (m *model) newView() viewport.Model {
	v := viewport.New(0, 0)
	v.KeyMap = viewport.KeyMap{}
	v.MouseWheelEnabled = false
	v.Style = m.th.Base()
	return v
}

// Init starts reading the list, and asks what concerns the tenant as a whole.
func (m *model) Init() tea.Cmd {
	m.startLoad()
	return tea.Batch(collect(m.ctx, m.events), m.askTenant(), m.arrangeNow())
}

// tenantMsg is what concerns the tenant as a whole.
type tenantMsg struct{ report *checks.TenantReport }

func (m *model) askTenant() tea.Cmd {
	if m.opt.Doctor.Service == nil {
		return nil
	}
	ctx := m.ctx
	doctor, release := m.doctor(m.tenant != nil)
	return func() (msg tea.Msg) {
		defer release()
		defer func() {
			if r := recover(); r != nil { // a line less in the head is no reason to end
				logFault(r)
				msg = tenantMsg{}
			}
		}()
		return tenantMsg{doctor.Tenant(ctx)}
	}
}

// background runs something beside the program. Its end is waited for when the program ends.
func (m *model) background(f func()) {
	ctx, events, gen := m.ctx, m.events, m.gen
	m.wg.Go(func() {
		defer func() {
			if r := recover(); r != nil {
				logFault(r)
				send(ctx, events, event{gen: gen, failed: fmt.Sprintf("domdoc failed (%v); please report it", r)})
			}
		}()
		f()
	})
}

// logFault notes a fault of ours that does not end the program, with its stack.
func logFault(value any) { log.Printf("panic: %v\n%s", value, debug.Stack()) }

// wait waits for what runs in the background, but not for ever: a question on the network may take its time to
// notice.
func (m *model) wait(limit time.Duration) {
	done := make(chan struct{})
	go func() {
		m.wg.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(limit):
	}
}

// say shows one line at the bottom.
func (m *model) say(format string, args ...any) tea.Cmd {
	m.notice, m.noticed = fmt.Sprintf(format, args...), m.now
	return nil
}

// goTo shows another screen; esc comes back.
func (m *model) goTo(s screen) {
	if s == m.screen {
		return
	}
	if i := slices.Index(m.back, s); i >= 0 {
		m.back = m.back[:i] // a circle becomes a way back
	} else {
		m.back = append(m.back, m.screen)
	}
	m.screen = s
}

// goBack returns to the screen before.
func (m *model) goBack() {
	m.screen = screenList
	if n := len(m.back); n > 0 {
		m.screen, m.back = m.back[n-1], m.back[:n-1]
	}
}

// ticker is the one clock of the dashboard. It ticks only while something on the screen changes with time.
type ticker struct {
	gen   int
	every time.Duration // 0: not armed
}

type tickMsg struct{ gen int }

const (
	fastTick = time.Second      // a countdown, or the seconds of a diagnosis under way
	slowTick = 30 * time.Second // ages and "in 12 minutes"
)

// tick arms the clock as what is shown needs it.
func (m *model) tick() tea.Cmd {
	want := time.Duration(0)
	switch {
	case m.opt.Plain: // nothing is drawn over, so nothing runs down
	case m.screen == screenTicket && m.single[m.ticket.id()] != nil:
		want = fastTick
	case m.screen == screenDetail && (m.single[m.detail.id] != nil || m.detail.tab == tabPropagation &&
		counting(m.report(), m.now)):
		want = fastTick
	case (m.screen == screenList || m.screen == screenDetail || m.screen == screenTicket) &&
		m.fleet.counts[stateNone] < len(m.fleet.rows):
		want = slowTick
	}
	if want == m.ticker.every {
		return nil
	}
	m.ticker.gen++
	m.ticker.every = want
	if want == 0 {
		return nil
	}
	gen := m.ticker.gen
	return tea.Tick(want, func(time.Time) tea.Msg { return tickMsg{gen} })
}
