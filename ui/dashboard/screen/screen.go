// Package screen is what all screens have in common: the interface that the program calls, the state that they share,
// and their text fields.
package screen

import (
	"context"
	"fmt"
	"slices"
	"time"

	"domdoc/checks/subject"

	"domdoc/checks/ticket"

	"domdoc/api"
	"domdoc/catalog"
	"domdoc/ui/watch"

	"domdoc/checks"
	"domdoc/ui/dashboard/action"
	"domdoc/ui/dashboard/grid"
	"domdoc/ui/dashboard/inventory"
	"domdoc/ui/dashboard/page"
	"domdoc/ui/dashboard/runner"
	"domdoc/ui/dashboard/tab"
	"domdoc/ui/dashboard/theme"

	"github.com/charmbracelet/bubbles/viewport"
	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
)

// Screen is one view of the dashboard. The program does not distinguish screens: it asks the one that is shown.
type Screen interface {
	Scope() action.Scope
	Head() string // the lines at the top, starting with the title
	Body() string
	Refresh()                       // rewrites what is cached where something that it shows has changed
	Resize(width, height int)       // height is what the two lines at the bottom leave
	Do(action.Name) tea.Cmd         // an action other than those that mean the same on every screen
	Unavailable(action.Name) string // why one of these cannot be done now; "" when it can
	Hints() []action.Name           // named in the bottom line, the most useful first
	Alert() string                  // replaces the progress of a run in the status line
	Status() string                 // shown in the status line while nothing else is
	Interval() time.Duration        // how often it changes with time alone; 0: never
	Identity() string               // what it shows, for plain lines: they repeat everything when it changes
	Subject() *inventory.Row        // the domain that actions are about; nil for none
	Copies() []page.Copyable

	Typing() bool                                        // keys are text now
	Typed(tea.KeyMsg) tea.Cmd                            // a key for the open text field
	Paste(text string) (cmd tea.Cmd, taken bool)         // pasted text; not taken where no text field is open
	Table() (g *grid.Grid, top int)                      // the grid on the screen and its first line; nil for none
	Click(x, y int) (cmd tea.Cmd, done bool)             // where the click is not simply one on the grid
	Scroll(lines int)                                    // moves the text, where there is no grid
	Moved()                                              // the mouse moved the selection of the grid
	Drag(from, to, before int, was func(id string) bool) // the mouse was dragged over the rows of the grid
}

// Base is a screen without a text field, a grid and a domain. Screens embed it and define what they have.
type Base struct{}

func (Base) Unavailable(action.Name) string           { return "" }
func (Base) Alert() string                            { return "" }
func (Base) Status() string                           { return "" }
func (Base) Interval() time.Duration                  { return 0 }
func (Base) Identity() string                         { return "" }
func (Base) Subject() *inventory.Row                  { return nil }
func (Base) Copies() []page.Copyable                  { return nil }
func (Base) Refresh()                                 {}
func (Base) Typing() bool                             { return false }
func (Base) Typed(tea.KeyMsg) tea.Cmd                 { return nil }
func (Base) Paste(string) (tea.Cmd, bool)             { return nil, false }
func (Base) Table() (*grid.Grid, int)                 { return nil, 0 }
func (Base) Click(int, int) (tea.Cmd, bool)           { return nil, false }
func (Base) Scroll(int)                               {}
func (Base) Moved()                                   {}
func (Base) Drag(int, int, int, func(id string) bool) {}

// Shared is what every screen is given: how to draw, what is known of the domains, and what can be asked of the
// program.
type Shared struct {
	Th   *theme.Theme
	Keys *action.Keymap

	Title, Version string          // of what is shown, and of domdoc
	Plain          bool            // lines for screen readers
	Listed         bool            // the service lists domains; else there are names only
	Service        bool            // there is a service to ask
	Client         *api.Client     // sends requests to the service; nil: there is none
	Ctx            context.Context // ends with the program, or when another model replaces this one

	Width, Height int
	Now           time.Time // as of the last message, so that one frame shows one moment

	Domains   inventory.Set
	Load      runner.LoadState
	Run       runner.RunState
	Single    map[string]*runner.SingleRun  // by domain id
	Reports   *inventory.Reports            // the complete reports that are kept
	Reported  map[string][]subject.Reported // codes from pasted errors, by domain id
	Pasted    map[string]*ticket.Ticket     // what was pasted, by domain id
	Marks     inventory.Marks
	Watch     watch.List
	Changelog inventory.Changelog
	Tenant    *checks.TenantReport // nil until known
	Incident  runner.Incidents

	Notice  string // one line about the last action; the next key removes it
	Noticed time.Time

	Screen  Screen   // the one that is shown
	Home    Screen   // the list
	Trail   []Screen // where esc leads
	LastGen int      // see nextGen

	Program
}

// Program is what a screen can ask of the program.
type Program struct {
	OpenDomain    func(id string, t tab.ID) tea.Cmd
	OpenTicket    func(id string)
	OpenEntry     func(id string)
	OpenCatalogue func()
	OpenGroups    func() tea.Cmd
	BackToGroups  func() tea.Cmd            // as they were left
	FilterList    func(line string) tea.Cmd // shows the list, filtered by a line
	Reload        func() tea.Cmd
	Diagnose      func(*inventory.Row) tea.Cmd
	DiagnoseAll   func() tea.Cmd
	DiagnoseMarks func() tea.Cmd
	Stop          func() tea.Cmd
	OpenPasted    func(gen int, read ticket.Ticket) tea.Cmd
}

// NewView is a viewport without the keys of its own: ours move it.
func (s *Shared) NewView() viewport.Model {
	v := viewport.New(0, 0)
	v.KeyMap = viewport.KeyMap{}
	v.MouseWheelEnabled = false
	v.Style = s.Th.Base()
	return v
}

// NextGen numbers something whose result is dropped once it is out of date.
func (s *Shared) NextGen() int {
	s.LastGen++
	return s.LastGen
}

// Show shows another screen; esc comes back.
func (s *Shared) Show(next Screen) {
	if next == s.Screen {
		return
	}
	if i := slices.Index(s.Trail, next); i >= 0 {
		s.Trail = s.Trail[:i] // a circle becomes a way back
	} else {
		s.Trail = append(s.Trail, s.Screen)
	}
	s.Screen = next
}

// Back returns to the previous screen.
func (s *Shared) Back() {
	s.Screen = s.Home
	if n := len(s.Trail); n > 0 {
		s.Screen, s.Trail = s.Trail[n-1], s.Trail[:n-1]
	}
}

// Say shows one line at the bottom.
func (s *Shared) Say(format string, args ...any) tea.Cmd {
	s.Notice, s.Noticed = fmt.Sprintf(format, args...), s.Now
	return nil
}

// Busy reports whether anything is being diagnosed.
func (s *Shared) Busy() bool { return s.Run.Active() || len(s.Single) > 0 }

// Abandon stops the diagnosis of one domain, where one is under way.
func (s *Shared) Abandon(id string) {
	if one := s.Single[id]; one != nil {
		one.Cancel()
		delete(s.Single, id)
	}
}

// AgeInterval is how often a screen changes that shows how old diagnoses are.
func (s *Shared) AgeInterval() time.Duration {
	if s.Domains.Counts[inventory.StateNone] < len(s.Domains.Rows) {
		return SlowTick
	}
	return 0
}

// AskingText is the status line while one domain is being diagnosed.
func (s *Shared) AskingText(id string) string {
	one := s.Single[id]
	if one == nil {
		return ""
	}
	return s.Th.Waiting.Do("querying servers " + s.Th.More + " " + page.Span(s.Now.Sub(one.Began)))
}

// NextLook is when a watched domain is asked again; zero where it is not watched.
func (s *Shared) NextLook(id string) time.Time {
	if it := s.Watch.Get(id); it != nil {
		return it.At
	}
	return time.Time{}
}

// MarkedRows are the places of the marked domains in the list of all, as the list shows them where it does; one that
// the list has no more is left out.
func (s *Shared) MarkedRows() []int32 {
	var out []int32
	for i, r := range s.Domains.Rows {
		if s.Marks.Has(r.ID) {
			out = append(out, int32(i))
		}
	}
	return out
}

// NoSubject is the reason for what needs a domain: the selected one, or the one that is shown.
const NoSubject = "no domain is selected"

// The smallest window that has room for a list.
const (
	MinWidth  = 60
	MinHeight = 15
)

// BottomLines are those of the status and of the keys.
const BottomLines = 2

// TooSmall reports whether the window has no room for a screen.
func (s *Shared) TooSmall() bool { return !s.Plain && (s.Width < MinWidth || s.Height < MinHeight) }

// TitleLine is the first line of every screen: who we are and where, and something at the right.
func (s *Shared) TitleLine(where, right string) string {
	left := s.Th.Strong.Do("domdoc")
	if s.Title != "" {
		left += "  " + ansi.Truncate(page.Printable(s.Title), 30, s.Th.More)
	}
	if where != "" {
		left += " " + s.Th.Faint.Do(s.Th.Sep) + " " + where
	}
	return page.Spread(left, right, s.Width, s.Th)
}

// Place says which lines of a page are in view; nothing where all are.
func (s *Shared) Place(v viewport.Model) string {
	all := v.TotalLineCount()
	if all <= v.Height {
		return ""
	}
	return s.Th.Faint.Do("lines " + page.Count(v.YOffset+1) + "-" + page.Count(min(all, v.YOffset+v.Height)) + " of " +
		page.Count(all))
}

// KeyOf is the key of an action, as a sentence names it: where it has none, the way to it through the palette.
func (l *Shared) KeyOf(s action.Scope, a action.Name) string {
	if keys := l.Keys.Keys(s, a); len(keys) > 0 {
		return action.KeyName(keys[0])
	}
	return ":" + string(a)
}

// StateWord is a state as the list shows it: glyph, word and colour.
func (l *Shared) StateWord(s inventory.State) (string, theme.Paint) {
	glyph, paint := l.StateGlyph(s)
	return glyph + " " + s.Word(), paint
}

// StateGlyph is the glyph of a state and its colour.
func (l *Shared) StateGlyph(s inventory.State) (string, theme.Paint) {
	switch s {
	case inventory.StatePass:
		return l.Th.Verdict(catalog.Pass)
	case inventory.StateWarn:
		return l.Th.Verdict(catalog.Warn)
	case inventory.StateWait:
		return l.Th.Wait, l.Th.Waiting
	case inventory.StateInconclusive:
		return l.Th.Verdict(catalog.Inconclusive)
	case inventory.StateFail:
		return l.Th.Verdict(catalog.Fail)
	case inventory.StateNone, inventory.States:
	}
	return l.Th.Verdict(catalog.NotRun)
}

const (
	FastTick = time.Second      // a countdown, or the seconds of a diagnosis under way
	SlowTick = 30 * time.Second // ages and "in 12 minutes"
)

// OpenFirstCause opens the catalogue at a domain's first root cause, or at its first code where there is no cause.
func (s *Shared) OpenFirstCause(r *inventory.Row) {
	switch {
	case r != nil && r.Sum != nil && len(r.Sum.Causes) > 0:
		s.OpenEntry(string(r.Sum.Causes[0]))
	case r != nil && r.Sum != nil && len(r.Sum.Codes) > 0:
		s.OpenEntry(r.Sum.Codes[0])
	default:
		s.OpenCatalogue()
	}
}
