package dashboard

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"domdoc/checks/subject"

	"domdoc/checks/incident"
	"domdoc/checks/ticket"
	"domdoc/ui/dashboard/action"
	"domdoc/ui/dashboard/archive"
	"domdoc/ui/dashboard/catalogue"
	"domdoc/ui/dashboard/dialog"
	"domdoc/ui/dashboard/inventory"
	"domdoc/ui/dashboard/list"
	"domdoc/ui/dashboard/planview"
	"domdoc/ui/dashboard/runner"
	"domdoc/ui/dashboard/screen"
	"domdoc/ui/dashboard/terminal"
	"domdoc/ui/dashboard/ticketview"

	"domdoc/checks"

	tea "github.com/charmbracelet/bubbletea"
)

// model is the complete state of the dashboard, the only tea.Model. Only Update changes it; commands and goroutines
// get copies.
type model struct {
	*screen.Shared
	opt    options
	end    context.CancelFunc // ends the context of shared
	events chan runner.Event
	wg     *sync.WaitGroup

	resumed int // how often the program returned from the background
	ticker  ticker
	mouse   mouse
	healed  []string // watched domains that became healthy and were not announced yet
	state   stateFile
	past    resultsFile
	alarm   alarm     // of the watched domains
	over    overdue   // of domains whose wait ends
	asked   bool      // the doctor was used, so its session has cached answers
	opening bool      // another profile is already being opened
	leaving time.Time // when the user asked to quit during a run; zero if not

	list      *list.Screen
	groups    *list.Groups
	incident  *list.IncidentPage
	ticket    *ticketview.Screen
	detail    *detailScreen
	catalogue *catalogue.Screen
	entry     *catalogue.Entry
	paste     *ticketview.Box
	choose    *dialog.Chooser
	prompt    *dialog.Prompt
	text      *dialog.Text
	request   *dialog.Request
	help      *dialog.Help
	plan      *planview.Screen
}

func newModel(ctx context.Context, opt options) (*model, error) {
	keys, err := action.NewKeymap(action.Registry(), opt.Keys)
	if err != nil {
		return nil, err
	}
	ctx, end := context.WithCancel(ctx)
	s := &screen.Shared{
		Th: opt.theme(), Keys: keys, Ctx: ctx, Now: opt.Now(), Title: opt.Title, Version: opt.Version, Plain: opt.Plain,
		Reader: opt.Reader, Listed: opt.Domains != nil, Service: opt.Doctor.Service != nil, Client: opt.Client,
		Archive: archive.New(opt.TempDir),
		Domains: inventory.NewSet(), Single: map[string]*runner.SingleRun{}, Reports: inventory.NewReports(),
		Reported: map[string][]subject.Reported{}, Incident: runner.Incidents{Known: incident.NewDetector()},
		Changelog: inventory.NewChangelog(), Pasted: map[string]*ticket.Ticket{},
	}
	m := &model{Shared: s, opt: opt, end: end, wg: &sync.WaitGroup{}, events: make(chan runner.Event, runner.Most)}
	m.past.saved = new(atomic.Int64)
	m.list = list.New(s)
	m.groups = list.NewGroups(s, m.list)
	m.incident = list.NewIncidentPage(s, m.list)
	m.ticket = ticketview.New(s)
	m.detail = newDetailScreen(s, m.list)
	m.catalogue = catalogue.New(s)
	m.entry = catalogue.NewEntry(s)
	m.paste = &ticketview.Box{Shared: s}
	m.choose = dialog.NewChooser(s)
	m.prompt = dialog.NewPrompt(s)
	m.text = dialog.NewText(s)
	m.request = dialog.NewRequest(s)
	m.help = dialog.NewHelp(s)
	m.plan = planview.New(s, m.planRun)
	s.Home, s.Screen = m.list, m.list
	s.Program = screen.Program{
		OpenDomain: m.detail.open, OpenTicket: m.ticket.Open, OpenEntry: m.entry.Open, OpenCatalogue: m.catalogue.Open,
		OpenGroups: m.groups.Open, BackToGroups: m.groups.Reopen, FilterList: m.filterList, OpenPasted: m.openPasted,
		Reload: m.reload, Diagnose: m.startOne, DiagnoseAll: m.startAll, DiagnoseMarks: m.startMarked, Stop: m.stopAll,
	}
	m.restore()
	return m, nil
}

// screens returns all screens.
func (m *model) screens() []screen.Screen {
	return []screen.Screen{
		m.list, m.groups, m.incident, m.ticket, m.detail, m.catalogue, m.entry, m.paste, m.choose, m.prompt, m.text,
		m.request, m.help, m.plan, m.plan.Form,
	}
}

// filterList shows the list with a filter.
func (m *model) filterList(line string) tea.Cmd {
	m.Screen, m.Trail, m.list.Only = m.list, nil, nil
	return m.list.SetFilter(line)
}

// reload reads the list and the tenant's data again.
func (m *model) reload() tea.Cmd {
	m.startLoad()
	return tea.Batch(m.askTenant(), m.list.ArrangeNow())
}

// Init starts reading the list and the tenant's data.
func (m *model) Init() tea.Cmd {
	m.startLoad()
	if m.opt.Start != "" {
		m.list.StartWith(m.opt.Start)
		m.startAll()
	}
	return tea.Batch(m.nextBatch(), m.askTenant(), m.readResults(), m.list.ArrangeNow())
}

// tenantMsg contains the tenant's data.
type tenantMsg struct{ report *checks.TenantReport }

func (m *model) askTenant() tea.Cmd {
	if m.opt.Doctor.Service == nil {
		return nil
	}
	ctx := m.Ctx
	doctor, release := m.doctor(m.Tenant != nil)
	return func() (msg tea.Msg) {
		defer release()
		defer func() {
			if r := recover(); r != nil { // the dashboard works without this line
				terminal.LogFault(r)
				msg = tenantMsg{}
			}
		}()
		return tenantMsg{doctor.Tenant(ctx)}
	}
}

// background runs f in a goroutine that the program waits for before it ends.
func (m *model) background(f func()) {
	ctx, events, gen := m.Ctx, m.events, m.LastGen
	m.wg.Go(func() {
		defer func() {
			if r := recover(); r != nil {
				terminal.LogFault(r)
				runner.Send(ctx, events, runner.Event{
					Gen:    gen,
					Failed: fmt.Sprintf("domdoc failed (%v); please report it", r),
				})
			}
		}()
		f()
	})
}

// wait waits for the goroutines in the background, up to a limit: a network query may take some time to notice that
// its context ended.
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

// ticker is the only clock of the dashboard. It ticks only while something on the screen changes with time.
type ticker struct {
	gen   int
	every time.Duration // 0: not armed
}

type tickMsg struct{ gen int }

// tick arms the clock for what is shown.
func (m *model) tick() tea.Cmd {
	want := m.Screen.Interval()
	if m.Client != nil && (m.Load.Active() || m.Busy()) && (want == 0 || want > screen.FastTick) {
		want = screen.FastTick // what the service lets wait is shown within a second
	}
	if m.opt.Plain { // plain lines are never redrawn, so nothing counts down
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
