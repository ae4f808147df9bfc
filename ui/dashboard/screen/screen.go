// Package screen contains what all screens have in common: the interface that the program calls, the state that they
// share, and their text fields.
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
	"domdoc/ui/dashboard/archive"
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

// Screen is one view of the dashboard. The program does not distinguish screens: it calls the current one.
type Screen interface {
	Scope() action.Scope
	Head() string // the lines at the top, starting with the title
	Body() string
	Refresh()                       // rebuilds cached content if something that it shows has changed
	Resize(width, height int)       // height is what remains above the two lines at the bottom
	Do(action.Name) tea.Cmd         // an action other than those with the same meaning on every screen
	Unavailable(action.Name) string // why one of these is not available now; "" if it is
	Hints() []action.Name           // shown in the bottom line, the most useful first
	Alert() string                  // replaces the progress of a run in the status line
	Status() string                 // shown in the status line while nothing else is
	Interval() time.Duration        // how often it changes with time alone; 0: never
	Identity() string               // identifies the content, for plain lines: they repeat everything when it changes
	Subject() *inventory.Row        // the domain that actions are about; nil for none
	Copies() []page.Copyable

	Typing() bool                                        // keys are text now
	Typed(tea.KeyMsg) tea.Cmd                            // a key for the open text field
	Paste(text string) (cmd tea.Cmd, taken bool)         // pasted text; ignored if no text field is open
	Table() (g *grid.Grid, top int)                      // the grid on the screen and its first line; nil for none
	Click(x, y int) (cmd tea.Cmd, done bool)             // if a click does not simply select a row of the grid
	Scroll(lines int)                                    // scrolls the text, if there is no grid
	Moved()                                              // the mouse moved the selection of the grid
	Drag(from, to, before int, was func(id string) bool) // the mouse was dragged over the rows of the grid
}

// Base is a screen without a text field, a grid and a domain. Screens embed it and override what they need.
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

// Shared is the state given to every screen: styles, data about the domains, and what can be requested from the
// program.
type Shared struct {
	Th   *theme.Theme
	Keys *action.Keymap

	Title, Version string          // the name of the source, and the version of domdoc
	Plain          bool            // lines for screen readers
	Listed         bool            // the service lists domains; otherwise there are only names
	Service        bool            // a service is configured
	Reader         catalog.Reader  // who reads
	Client         *api.Client     // sends requests to the service; nil if there is none
	Ctx            context.Context // ends with the program, or when another model replaces this one

	Width, Height int
	Now           time.Time // time of the last message, so that one frame shows one moment

	Domains   inventory.Set
	Load      runner.LoadState
	Run       runner.RunState
	Single    map[string]*runner.SingleRun  // by domain id
	Reports   *inventory.Reports            // the complete reports that are in memory
	Archive   *archive.Archive              // what is kept of all others
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
	OpenPasted    func(gen int, read []ticket.Ticket) tea.Cmd
}

// NewView returns a viewport without its own keys: ours move it.
func (s *Shared) NewView() viewport.Model {
	v := viewport.New(0, 0)
	v.KeyMap = viewport.KeyMap{}
	v.MouseWheelEnabled = false
	v.Style = s.Th.Base()
	return v
}

// NextGen returns a number for an operation, whose result is dropped if the number is no longer current.
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
		s.Trail = s.Trail[:i] // a cycle becomes a way back
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

// Abandon stops the diagnosis of one domain if one is running.
func (s *Shared) Abandon(id string) {
	if one := s.Single[id]; one != nil {
		one.Cancel()
		delete(s.Single, id)
	}
}

// AgeInterval is how often a screen changes that shows the age of diagnoses.
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

// NextLook returns when a watched domain is checked next; zero if it is not watched.
func (s *Shared) NextLook(id string) time.Time {
	if it := s.Watch.Get(id); it != nil {
		return it.At
	}
	return time.Time{}
}

// MarkedRows returns the places of the marked domains in the list of all, in the list's order if it shows them.
// Domains that are no longer listed are omitted.
func (s *Shared) MarkedRows() []int32 {
	var out []int32
	for i, r := range s.Domains.Rows {
		if s.Marks.Has(r.ID) {
			out = append(out, int32(i))
		}
	}
	return out
}

// NoSubject returns why an action that needs a domain is not available.
const NoSubject = "no domain is selected"

// The smallest window with room for a list.
const (
	MinWidth  = 60
	MinHeight = 15
)

// BottomLines is the number of lines for the status and the keys.
const BottomLines = 2

// TooSmall reports whether the window is too small for a screen.
func (s *Shared) TooSmall() bool { return !s.Plain && (s.Width < MinWidth || s.Height < MinHeight) }

// Page makes an empty page of a width in cells, in words and times for the reader.
func (s *Shared) Page(width int) *page.Builder {
	p := page.New(s.Th, width)
	p.Reader, p.Zone = s.Reader, s.Now.Location()
	return p
}

// TitleLine returns the first line of every screen: the program and the place, and a text at the right.
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

// Place returns which lines of a page are in view; empty if all are.
func (s *Shared) Place(v viewport.Model) string {
	all := v.TotalLineCount()
	if all <= v.Height {
		return ""
	}
	return s.Th.Faint.Do("lines " + page.Count(v.YOffset+1) + "-" + page.Count(min(all, v.YOffset+v.Height)) + " of " +
		page.Count(all))
}

// KeyOf returns the key of an action for use in a sentence, or the way through the palette if it has none.
func (l *Shared) KeyOf(s action.Scope, a action.Name) string {
	if keys := l.Keys.Keys(s, a); len(keys) > 0 {
		return action.KeyName(keys[0])
	}
	return ":" + string(a)
}

// StateWord returns a state as the list shows it: glyph, word and color.
func (l *Shared) StateWord(s inventory.State) (string, theme.Paint) {
	glyph, paint := l.StateGlyph(s)
	return glyph + " " + s.Word(), paint
}

// StateGlyph returns the glyph of a state, with its color.
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
	FastTick = time.Second      // a countdown, or the seconds of a running diagnosis
	SlowTick = 30 * time.Second // ages and "in 12 minutes"
)

// OpenFirstCause opens the catalog at a domain's first root cause, or at its first code if there is no cause.
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
