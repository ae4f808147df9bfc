package dashboard

import (
	"context"
	"fmt"
	"slices"
	"time"

	"domdoc/ui/watch"

	"domdoc/checks/subject"
	"domdoc/checks/ticket"

	"domdoc/checks"
	"domdoc/ui/dashboard/grid"
	"domdoc/ui/dashboard/theme"

	"github.com/charmbracelet/bubbles/viewport"
	tea "github.com/charmbracelet/bubbletea"
)

// screen is one view of the dashboard. The program does not distinguish screens: it asks the one that is shown.
type screen interface {
	scope() scope
	head() string // the lines at the top, starting with the title
	body() string
	refresh()                  // rewrites what is cached where something that it shows has changed
	resize(width, height int)  // height is what the two lines at the bottom leave
	do(action) tea.Cmd         // an action other than those that mean the same on every screen
	unavailable(action) string // why one of these cannot be done now; "" when it can
	hints() []action           // named in the bottom line, the most useful first
	alert() string             // replaces the progress of a run in the status line
	status() string            // shown in the status line while nothing else is
	interval() time.Duration   // how often it changes with time alone; 0: never
	identity() string          // what it shows, for plain lines: they repeat everything when it changes
	subject() *row             // the domain that actions are about; nil for none
	copies() []copyable

	typing() bool                                        // keys are text now
	typed(tea.KeyMsg) tea.Cmd                            // a key for the open text field
	paste(text string) (cmd tea.Cmd, taken bool)         // pasted text; not taken where no text field is open
	table() (g *grid.Grid, top int)                      // the grid on the screen and its first line; nil for none
	click(x, y int) (cmd tea.Cmd, done bool)             // where the click is not simply one on the grid
	scroll(lines int)                                    // moves the text, where there is no grid
	moved()                                              // the mouse moved the selection of the grid
	drag(from, to, before int, was func(id string) bool) // the mouse was dragged over the rows of the grid
}

// still is a screen without a text field, a grid and a domain. Screens embed it and define what they have.
type still struct{}

func (still) unavailable(action) string                { return "" }
func (still) alert() string                            { return "" }
func (still) status() string                           { return "" }
func (still) interval() time.Duration                  { return 0 }
func (still) identity() string                         { return "" }
func (still) subject() *row                            { return nil }
func (still) copies() []copyable                       { return nil }
func (still) refresh()                                 {}
func (still) typing() bool                             { return false }
func (still) typed(tea.KeyMsg) tea.Cmd                 { return nil }
func (still) paste(string) (tea.Cmd, bool)             { return nil, false }
func (still) table() (*grid.Grid, int)                 { return nil, 0 }
func (still) click(int, int) (tea.Cmd, bool)           { return nil, false }
func (still) scroll(int)                               {}
func (still) moved()                                   {}
func (still) drag(int, int, int, func(id string) bool) {}

// shared is what every screen is given: how to draw, what is known of the domains, and what can be asked of the
// program.
type shared struct {
	opt  Options
	th   *theme.Theme
	keys *keymap
	ctx  context.Context // ends with the program, or when another model replaces this one

	width, height int
	now           time.Time // as of the last message, so that one frame shows one moment

	fleet    fleet
	load     loadState
	run      runState
	single   map[string]*singleRun         // by domain id
	reports  *reports                      // the complete reports that are kept
	reported map[string][]subject.Reported // codes from pasted errors, by domain id
	pasted   map[string]*ticket.Ticket     // what was pasted, by domain id
	marks    marks
	watch    watch.List
	changes  changes
	tenant   *checks.TenantReport // nil until known
	incident incidents

	notice  string // one line about the last action; the next key removes it
	noticed time.Time

	screen  screen   // the one that is shown
	home    screen   // the list
	trail   []screen // where esc leads
	lastGen int      // see nextGen

	program
}

// program is what a screen can ask of the program.
type program struct {
	openDomain    func(id string, t tab) tea.Cmd
	openTicket    func(id string)
	openEntry     func(id string)
	openCatalogue func()
	openGroups    func() tea.Cmd
	backToGroups  func() tea.Cmd            // as they were left
	filterList    func(line string) tea.Cmd // shows the list, filtered by a line
	reload        func() tea.Cmd
	diagnose      func(*row) tea.Cmd
	diagnoseAll   func() tea.Cmd
	diagnoseMarks func() tea.Cmd
	stop          func() tea.Cmd
	openPasted    func(ticketMsg) tea.Cmd
}

// newView is a viewport without the keys of its own: ours move it.
func (s *shared) newView() viewport.Model {
	v := viewport.New(0, 0)
	v.KeyMap = viewport.KeyMap{}
	v.MouseWheelEnabled = false
	v.Style = s.th.Base()
	return v
}

// nextGen numbers something whose result is dropped once it is out of date.
func (s *shared) nextGen() int {
	s.lastGen++
	return s.lastGen
}

// show shows another screen; esc comes back.
func (s *shared) show(next screen) {
	if next == s.screen {
		return
	}
	if i := slices.Index(s.trail, next); i >= 0 {
		s.trail = s.trail[:i] // a circle becomes a way back
	} else {
		s.trail = append(s.trail, s.screen)
	}
	s.screen = next
}

// back returns to the previous screen.
func (s *shared) back() {
	s.screen = s.home
	if n := len(s.trail); n > 0 {
		s.screen, s.trail = s.trail[n-1], s.trail[:n-1]
	}
}

// say shows one line at the bottom.
func (s *shared) say(format string, args ...any) tea.Cmd {
	s.notice, s.noticed = fmt.Sprintf(format, args...), s.now
	return nil
}

// busy reports whether anything is being diagnosed.
func (s *shared) busy() bool { return s.run.active() || len(s.single) > 0 }

// abandon stops the diagnosis of one domain, where one is under way.
func (s *shared) abandon(id string) {
	if one := s.single[id]; one != nil {
		one.cancel()
		delete(s.single, id)
	}
}

// ageInterval is how often a screen changes that shows how old diagnoses are.
func (s *shared) ageInterval() time.Duration {
	if s.fleet.counts[stateNone] < len(s.fleet.rows) {
		return slowTick
	}
	return 0
}

// askingText is the status line while one domain is being diagnosed.
func (s *shared) askingText(id string) string {
	one := s.single[id]
	if one == nil {
		return ""
	}
	return s.th.Waiting.Do("asking servers " + s.th.More + " " + span(s.now.Sub(one.began)))
}
