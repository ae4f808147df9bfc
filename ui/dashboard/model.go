package dashboard

import (
	"context"
	"fmt"
	"log"
	"runtime/debug"
	"sync"
	"time"

	"domdoc/checks/incident"
	"domdoc/checks/subject"
	"domdoc/checks/ticket"

	"domdoc/checks"

	tea "github.com/charmbracelet/bubbletea"
)

// model is the whole state of the dashboard: the only tea.Model. It is changed by Update alone; commands and
// goroutines get copies.
type model struct {
	*shared
	end    context.CancelFunc // ends the context of shared
	events chan event
	wg     *sync.WaitGroup

	resumed int // how often the program came back from the background
	ticker  ticker
	mouse   mouse
	healed  []string // watched domains that turned healthy and were not announced yet
	state   stateFile
	alarm   alarm // of the watched domains
	asked   bool  // the doctor was asked something, so its session has answers in memory
	opening bool  // another profile is being opened

	list      *listScreen
	groups    *groupsScreen
	ticket    *ticketScreen
	detail    *detailScreen
	catalogue *catalogueScreen
	entry     *entryScreen
	paste     *pasteScreen
	choose    *chooserScreen
	text      *textScreen
	request   *requestScreen
	help      *helpScreen
}

func newModel(ctx context.Context, opt Options) (*model, error) {
	keys, err := newKeymap(registry(), opt.Keys)
	if err != nil {
		return nil, err
	}
	ctx, end := context.WithCancel(ctx)
	s := &shared{
		opt: opt, th: opt.theme(), keys: keys, ctx: ctx, now: opt.Now(),
		fleet: newFleet(), single: map[string]*singleRun{}, reports: newReports(),
		reported: map[string][]subject.Reported{}, incident: incidents{known: incident.NewDetector()},
		changes: newChanges(), pasted: map[string]*ticket.Ticket{},
	}
	m := &model{shared: s, end: end, wg: &sync.WaitGroup{}, events: make(chan event, most)}
	m.list = newListScreen(s)
	m.groups = newGroupsScreen(s, m.list)
	m.ticket = newTicketScreen(s)
	m.detail = newDetailScreen(s, m.list)
	m.catalogue = newCatalogueScreen(s)
	m.entry = newEntryScreen(s)
	m.paste = &pasteScreen{shared: s}
	m.choose = newChooserScreen(s)
	m.text = newTextScreen(s)
	m.request = newRequestScreen(s)
	m.help = newHelpScreen(s)
	s.home, s.screen = m.list, m.list
	s.program = program{
		openDomain: m.detail.open, openTicket: m.ticket.open, openEntry: m.entry.open, openCatalogue: m.catalogue.open,
		openGroups: m.groups.open, backToGroups: m.groups.reopen, filterList: m.filterList, openPasted: m.openPasted,
		reload: m.reload, diagnose: m.startOne, diagnoseAll: m.startAll, diagnoseMarks: m.startMarked, stop: m.stopAll,
	}
	m.restore()
	return m, nil
}

// screens are all screens.
func (m *model) screens() []screen {
	return []screen{
		m.list, m.groups, m.ticket, m.detail, m.catalogue, m.entry, m.paste, m.choose, m.text, m.request, m.help,
	}
}

// filterList shows the list, filtered by a line.
func (m *model) filterList(line string) tea.Cmd {
	m.screen, m.trail, m.list.only = m.list, nil, nil
	return m.list.setFilter(line)
}

// reload reads the list and what concerns the tenant again.
func (m *model) reload() tea.Cmd {
	m.startLoad()
	return tea.Batch(m.askTenant(), m.list.arrangeNow())
}

// Init starts reading the list, and asks what concerns the tenant as a whole.
func (m *model) Init() tea.Cmd {
	m.startLoad()
	return tea.Batch(collect(m.ctx, m.events), m.askTenant(), m.list.arrangeNow())
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
	ctx, events, gen := m.ctx, m.events, m.lastGen
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
	want := m.screen.interval()
	if m.opt.Plain { // nothing is drawn over, so nothing counts down
		want = 0
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
