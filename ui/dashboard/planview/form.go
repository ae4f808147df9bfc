// Package planview is the box for a change of a domain's zone, and the screen with its plan: what the change would
// cause and cure.
package planview

import (
	"slices"
	"strings"

	"domdoc/checks/plan/change"
	"domdoc/checks/result"
	"domdoc/ui/dashboard/action"
	"domdoc/ui/dashboard/inventory"
	"domdoc/ui/dashboard/page"
	"domdoc/ui/dashboard/screen"

	tea "github.com/charmbracelet/bubbletea"
)

// Form is the box for a change: one line each, as the flags of domdoc plan are.
type Form struct {
	screen.Base
	*screen.Shared
	plan  *Screen
	id    string // of the domain
	Lines []screen.Input
	At    int      // the line that is edited
	Said  []string // what is wrong with the lines
	known []string // lines that tab completes
	tab   completion
}

// completion is where repeated tabs are in the lines that complete a text.
type completion struct {
	typed string // the text that is completed
	shown string // what the last tab has put there
}

// MaxLines bounds a change that is typed.
const MaxLines = 50

// Scope implements screen.Screen.
func (f *Form) Scope() action.Scope { return action.ScopeChange }

// Identity implements screen.Screen.
func (f *Form) Identity() string { return "change " + f.id }

// Resize implements screen.Screen.
func (f *Form) Resize(int, int) {}

// Subject implements screen.Screen.
func (f *Form) Subject() *inventory.Row { return f.Domains.Find(f.id) }

// Typing implements screen.Screen.
func (f *Form) Typing() bool { return true }

// Hints implements screen.Screen.
func (f *Form) Hints() []action.Name {
	return []action.Name{action.Open, action.Down, action.Complete, action.Back, action.Help}
}

// Open shows the box for the changes of a domain's zone. Those that were planned last are still there.
func (f *Form) Open(id string) {
	if id != f.id {
		f.set(id, nil)
	}
	f.known = knownLines(f.Reports.Get(id))
	f.Show(f)
}

// set replaces the lines.
func (f *Form) set(id string, lines []string) {
	f.id, f.Lines, f.Said, f.At = id, nil, nil, 0
	for _, l := range lines {
		f.add(l)
	}
	if len(f.Lines) == 0 {
		f.add("")
	}
	f.At = len(f.Lines) - 1
}

// add adds a line at the end, as far as there may be one.
func (f *Form) add(text string) {
	if len(f.Lines) < MaxLines {
		var in screen.Input
		in.Set(text)
		f.Lines = append(f.Lines, in)
	}
}

// texts are the lines that say something.
func (f *Form) texts() []string {
	var out []string
	for i := range f.Lines {
		if t := strings.TrimSpace(f.Lines[i].Value()); t != "" {
			out = append(out, t)
		}
	}
	return out
}

// Paste implements screen.Screen. Each pasted line is a line of its own.
func (f *Form) Paste(text string) (tea.Cmd, bool) {
	f.Said = nil
	for i, l := range strings.Split(strings.TrimRight(strings.ReplaceAll(text, "\r\n", "\n"), "\n"), "\n") {
		if i > 0 {
			if len(f.Lines) == MaxLines {
				return f.Say("a change has at most %d lines here: domdoc plan --file reads a file", MaxLines), true
			}
			f.Lines = slices.Insert(f.Lines, f.At+1, screen.Input{})
			f.At++
		}
		f.Lines[f.At].Insert(l)
	}
	return nil, true
}

// Typed implements screen.Screen.
func (f *Form) Typed(msg tea.KeyMsg) tea.Cmd {
	f.Said = nil
	if msg.String() == "backspace" && len(f.Lines[f.At].Text) == 0 && len(f.Lines) > 1 {
		f.Lines = slices.Delete(f.Lines, f.At, f.At+1)
		f.At = max(0, f.At-1)
		return nil
	}
	f.Lines[f.At].Press(msg)
	return nil
}

// Click implements screen.Screen.
func (f *Form) Click(_, y int) (tea.Cmd, bool) {
	if i := y - formHeadLines + f.first(); y >= formHeadLines && i < len(f.Lines) {
		f.At = i
	}
	return nil, true
}

// Scroll implements screen.Screen.
func (f *Form) Scroll(lines int) { f.At = min(max(0, f.At+lines), len(f.Lines)-1) }

// Do implements screen.Screen.
func (f *Form) Do(a action.Name) tea.Cmd {
	switch a {
	case action.Back:
		f.Back()
	case action.Up:
		f.At = max(0, f.At-1)
	case action.Down:
		if f.At == len(f.Lines)-1 && strings.TrimSpace(f.Lines[f.At].Value()) != "" {
			f.add("")
		}
		f.At = min(f.At+1, len(f.Lines)-1)
	case action.Complete:
		f.complete()
	case action.Open:
		return f.start()
	}
	return nil
}

// start plans what is in the box.
func (f *Form) start() tea.Cmd {
	lines := f.texts()
	if len(lines) == 0 {
		f.Said = []string{"nothing is entered; esc goes back"}
		return nil
	}
	asked := Asked{Lines: lines}
	for _, l := range lines {
		servers, is := nameservers(l)
		switch {
		case is && len(servers) == 0:
			f.Said = []string{"nameservers: name the new servers, as in nameservers ns1.example.net, ns2.example.net"}
			return nil
		case is && len(lines) > 1:
			f.Said = []string{"new name servers are a change of their own: plan the records before or after the move"}
			return nil
		case is:
			asked.Nameservers = servers
		}
	}
	return f.plan.Start(f.id, asked)
}

// nameservers reads a line with the name servers of a move.
func nameservers(line string) (list []string, is bool) {
	words := strings.FieldsFunc(line, func(r rune) bool { return r == ' ' || r == '\t' || r == ',' || r == '\'' })
	if len(words) == 0 || !strings.EqualFold(strings.TrimLeft(words[0], "-"), "nameservers") {
		return nil, false
	}
	return words[1:], true
}

// refuse shows the box with the mistakes in its lines.
func (f *Form) refuse(err *change.Error) {
	f.Said = nil
	for _, m := range err.Mistakes {
		f.Said = append(f.Said, page.Printable(m.Where.String()+": "+m.Problem))
	}
	if err.More {
		f.Said = append(f.Said, "there may be more mistakes")
	}
}

// knownLines are changes of the records that a diagnosis has compared: what completes a line.
func knownLines(r *result.Domain) []string {
	var out []string
	add := func(l string) {
		if !slices.Contains(out, l) {
			out = append(out, l)
		}
	}
	if r == nil {
		return nil
	}
	for _, x := range r.Facts.Records {
		name := x.Name + "."
		for _, v := range x.Seen {
			seen := x.Record
			seen.Value, seen.TTL = v, 0
			add("remove " + seen.ZoneLine())
		}
		add("set " + name + " TTL 300")
		want := x.Record
		want.TTL = 0
		add("add " + want.ZoneLine())
		add("set " + want.ZoneLine())
	}
	return out
}

// complete completes the line; another tab goes to the next that fits.
func (f *Form) complete() {
	f.Said = nil
	in := &f.Lines[f.At]
	if f.tab.shown == "" || in.Value() != f.tab.shown {
		f.tab = completion{typed: in.Value()}
	}
	fits := slices.DeleteFunc(slices.Concat([]string{"add ", "remove ", "set ", "nameservers "}, f.known),
		func(l string) bool {
			return len(l) <= len(f.tab.typed) || !strings.EqualFold(l[:len(f.tab.typed)], f.tab.typed)
		})
	if len(fits) == 0 {
		f.Said = []string{"no record that is known begins like this"}
		return
	}
	next := fits[(slices.Index(fits, f.tab.shown)+1)%len(fits)]
	in.Set(next)
	f.tab.shown = in.Value()
	if len(fits) == 1 {
		f.tab = completion{}
	}
}

const formHeadLines = 3

// Head implements screen.Screen.
func (f *Form) Head() string {
	name := f.id
	if r := f.Subject(); r != nil {
		name = r.Name
	}
	return f.TitleLine("plan a change for "+f.Th.Strong.Do(page.Printable(name)), "") + "\n" +
		f.Th.Faint.Do("one change a line; nothing is changed, the plan says what would happen") + "\n"
}

// first is the first line that is in view.
func (f *Form) first() int { return max(0, f.At+1-f.room()) }

// room is how many lines of the change are in view at most.
func (f *Form) room() int {
	return max(1, f.Height-formHeadLines-screen.BottomLines-min(len(f.Said), 4)-1)
}

// Body implements screen.Screen.
func (f *Form) Body() string {
	p := f.Page(f.Width)
	first := f.first()
	for i := first; i < min(len(f.Lines), first+f.room()); i++ {
		if i == f.At {
			p.Line(f.Th.Accent.Do(f.Th.Pointer) + " " + f.Lines[i].Render(f.Th, f.Width-4))
		} else {
			p.Line("  " + page.CutLines(f.Lines[i].Value(), max(1, f.Width-3))[0])
		}
	}
	if len(f.Said) > 0 {
		p.Gap()
		for _, s := range f.Said {
			p.Text(2, f.Th.Warning, s)
		}
		return p.String()
	}
	p.Gap()
	p.Text(2, f.Th.Faint, "for example:")
	for _, l := range []string{
		"add www CNAME d111111abcdef8.cloudfront.net", "remove shop A 203.0.113.7", "set shop TTL 300",
		"nameservers ada.ns.cloudflare.com, bob.ns.cloudflare.com",
	} {
		p.Text(4, f.Th.Faint, l)
	}
	p.Gap()
	p.Text(2, f.Th.Faint, "Names are relative to the zone, unless they end with its name or a dot; @ is the zone.")
	if len(f.known) > 0 {
		p.Text(2, f.Th.Faint, "Records that are known ("+f.KeyOf(action.ScopeChange, action.Complete)+" completes a line):")
		for _, l := range f.known {
			if strings.HasPrefix(l, "remove ") {
				p.Text(4, f.Th.Faint, strings.TrimPrefix(l, "remove "))
			}
		}
	}
	return p.String()
}
