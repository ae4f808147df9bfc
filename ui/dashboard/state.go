package dashboard

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"strings"
	"time"

	"domdoc/catalog/sanitize"
	"domdoc/ui/dashboard/inventory"
	"domdoc/ui/dashboard/screen"
	"domdoc/ui/privatefile"

	tea "github.com/charmbracelet/bubbletea"
)

// savedState is the state of a profile that is kept between runs: how the list was viewed, and what was selected in
// it. It contains no data from the service or the network, and no credentials.
type savedState struct {
	Filter   string   `json:"filter,omitempty"`
	Sort     string   `json:"sort,omitempty"` // the name of a column; empty: as listed
	Reverse  bool     `json:"reverse,omitempty"`
	Selected string   `json:"selected,omitempty"` // a domain's id
	Marked   []string `json:"marked,omitempty"`   // ids
}

// Limits on what is kept, so that the file stays small.
const (
	maxState      = 1 << 20 // bytes of the file
	maxSavedMarks = 10_000
	maxSavedID    = 100                     // characters
	saveEvery     = 2000 * time.Millisecond // how long after a change it is written
)

// stateFile is the file of a profile's saved state.
type stateFile struct {
	path  string   // empty: nothing is saved
	last  stateKey // what was written last
	armed bool     // a change is waiting to be written
}

// stateKey changes whenever the state to be kept does.
type stateKey struct {
	filter, selected string
	sort             inventory.SortKey
	descending       bool
	marks            int
}

// statePath returns the state file of the profile; empty if nothing is kept.
func (opt options) statePath() string { return opt.fileOf("dashboard-", ".json") }

// fileOf returns a file of the profile in the directory of saved state; empty if nothing is kept.
func (opt options) fileOf(before, after string) string {
	if opt.StateDir == "" || opt.Forget {
		return ""
	}
	profile := opt.Profile
	if profile == "" {
		profile = "default"
	}
	return filepath.Join(opt.StateDir, before+fileName(profile)+after)
}

// fileName converts any text into a part of a file name; different texts have different results.
func fileName(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '.' && b.Len() > 0 {
			b.WriteByte(c)
			continue
		}
		fmt.Fprintf(&b, "_%02x", c)
	}
	return b.String()[:min(b.Len(), 200)]
}

// restore restores the saved state. Anything that is unreadable or invalid is ignored.
func (m *model) restore() {
	m.state.path = m.opt.statePath()
	if m.state.path == "" {
		return
	}
	k, err := readState(m.state.path)
	if err != nil {
		log.Printf("cannot read the dashboard's state of %s: %v", m.opt.Profile, err)
	}
	m.list.Filter.Set(k.Filter)
	m.list.ReadFilter()
	m.list.Sort, m.list.Descending = namedSort(k.Sort), k.Reverse
	m.list.Want = k.Selected
	for _, id := range k.Marked[:min(len(k.Marked), maxSavedMarks)] {
		m.Marks.Set(id, true)
	}
	m.state.last = m.stateKey()
}

func readState(file string) (k savedState, err error) {
	f, err := os.Open(file)
	if os.IsNotExist(err) {
		return k, nil
	}
	if err != nil {
		return k, err
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, maxState+1))
	if err != nil {
		return k, err
	}
	if len(raw) > maxState {
		return k, fmt.Errorf("%s is too long for a state file", file)
	}
	if err := json.Unmarshal(raw, &k); err != nil {
		return savedState{}, fmt.Errorf("%s: %w", file, err)
	}
	return k, nil
}

func namedSort(name string) inventory.SortKey {
	for k := range inventory.SortKeys {
		if k.String() == name {
			return k
		}
	}
	return inventory.SortDefault
}

func (m *model) stateKey() stateKey {
	return stateKey{
		filter: m.list.Filter.Value(), selected: m.selectedDomain(), sort: m.list.Sort, descending: m.list.Descending,
		marks: m.Marks.Version,
	}
}

// selectedDomain returns the selected domain, or the one selected in the previous run until the list contains it.
func (m *model) selectedDomain() string {
	if m.list.Want != "" {
		return m.list.Want
	}
	if m.list.Grid.Leading() { // nobody selected it
		return ""
	}
	return m.list.Grid.SelectedID()
}

// currentState returns a copy of the state to be kept.
func (m *model) currentState() savedState {
	k := savedState{
		Filter: sanitize.Text(m.list.Filter.Value(), screen.MaxInput), Sort: m.list.Sort.String(),
		Reverse:  m.list.Descending,
		Selected: m.selectedDomain(),
	}
	if len(k.Selected) > maxSavedID {
		k.Selected = ""
	}
	for _, id := range m.Marks.List() {
		if len(id) <= maxSavedID && len(k.Marked) < maxSavedMarks {
			k.Marked = append(k.Marked, id)
		}
	}
	return k
}

// saveMsg says that a change is to be written now.
type saveMsg struct{}

// save schedules writing a change soon: a program that is killed loses only the last moments.
func (m *model) save() tea.Cmd {
	if m.state.path == "" || m.state.armed || m.stateKey() == m.state.last {
		return nil
	}
	m.state.armed = true
	return tea.Tick(saveEvery, func(time.Time) tea.Msg { return saveMsg{} })
}

// saveSoon writes the state, in a command.
func (m *model) saveSoon() tea.Cmd {
	m.state.armed = false
	m.state.last = m.stateKey()
	file, k := m.state.path, m.currentState()
	return func() tea.Msg {
		writeState(file, k)
		return nil
	}
}

// saveNow writes the state at the end.
func (m *model) saveNow() {
	if m.state.path != "" && m.stateKey() != m.state.last {
		m.state.last = m.stateKey()
		writeState(m.state.path, m.currentState())
	}
}

// writeState writes the file. An error is logged and otherwise ignored.
func writeState(file string, k savedState) {
	raw, err := json.Marshal(k)
	if err == nil {
		err = privatefile.Write(file, append(raw, '\n'))
	}
	if err != nil {
		log.Printf("cannot save the state of the dashboard: %v", err)
	}
}
