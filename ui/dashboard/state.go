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

	"domdoc/catalog"

	tea "github.com/charmbracelet/bubbletea"
)

// kept is what the dashboard remembers of a profile from one start to the next: how the list was looked at, and what
// was picked out of it. Nothing of what the service or the network said is in it, and no credentials.
type kept struct {
	Filter   string   `json:"filter,omitempty"`
	Sort     string   `json:"sort,omitempty"` // the name of a column; empty: as listed
	Reverse  bool     `json:"reverse,omitempty"`
	Tab      string   `json:"tab,omitempty"`
	Selected string   `json:"selected,omitempty"` // a domain's id
	Marked   []string `json:"marked,omitempty"`   // ids
}

// Bounds of what is kept, so that the file stays small whatever is picked out.
const (
	maxKept      = 1 << 20 // bytes of the file
	maxKeptMarks = 10_000
	maxKeptID    = 100                     // characters
	keepEvery    = 2000 * time.Millisecond // how long after a change it is written
)

// memory is what is known of the file.
type memory struct {
	file  string  // empty: nothing is kept
	last  keptKey // what was written last
	armed bool    // a change waits to be written
	want  string  // the id of the domain that is to be selected when it comes into the list
}

// keptKey changes whenever what is to be kept does.
type keptKey struct {
	filter, selected string
	sort             sortKey
	upside           bool
	tab              tab
	marks            int
}

// stateFile is the file of a profile; empty where nothing is to be kept.
func (opt Options) stateFile() string {
	if opt.StateDir == "" || opt.Forget {
		return ""
	}
	profile := opt.Profile
	if profile == "" {
		profile = "default"
	}
	return filepath.Join(opt.StateDir, "dashboard-"+fileName(profile)+".json")
}

// fileName makes any text a part of a file's name, and different texts different ones.
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

// recall takes in what was kept. What cannot be read or is not understood is as good as not there.
func (m *model) recall() {
	m.memory.file = m.opt.stateFile()
	if m.memory.file == "" {
		return
	}
	k, err := readKept(m.memory.file)
	if err != nil {
		log.Printf("what the dashboard remembered of %s: %v", m.opt.Profile, err)
	}
	m.filter.set(k.Filter)
	m.readFilter()
	m.sort, m.upside = namedSort(k.Sort), k.Reverse
	m.detail.tab = namedTab(k.Tab)
	m.memory.want = k.Selected
	for _, id := range k.Marked[:min(len(k.Marked), maxKeptMarks)] {
		m.marks.set(id, true)
	}
	m.memory.last = m.keptKey()
}

func readKept(file string) (k kept, err error) {
	f, err := os.Open(file)
	if os.IsNotExist(err) {
		return k, nil
	}
	if err != nil {
		return k, err
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, maxKept+1))
	if err != nil {
		return k, err
	}
	if len(raw) > maxKept {
		return k, fmt.Errorf("%s is too long to be ours", file)
	}
	if err := json.Unmarshal(raw, &k); err != nil {
		return kept{}, fmt.Errorf("%s: %w", file, err)
	}
	return k, nil
}

func namedSort(name string) sortKey {
	for k := range sortKeys {
		if k.String() == name {
			return k
		}
	}
	return sortListed
}

func namedTab(name string) tab {
	for t := range tabs {
		if t.String() == name {
			return t
		}
	}
	return tabFindings
}

func (m *model) keptKey() keptKey {
	return keptKey{
		filter: m.filter.value(), selected: m.keptSelection(), sort: m.sort, upside: m.upside,
		tab: m.detail.tab, marks: m.marks.version,
	}
}

// keptSelection is the selected domain; while the list has not come to the one of the last time, that one.
func (m *model) keptSelection() string {
	if m.memory.want != "" {
		return m.memory.want
	}
	return m.grid.SelectedID()
}

// keepable is a copy of what is to be kept.
func (m *model) keepable() kept {
	k := kept{
		Filter: catalog.Printable(m.filter.value(), maxInput), Sort: m.sort.String(), Reverse: m.upside,
		Tab: m.detail.tab.String(), Selected: m.keptSelection(),
	}
	if len(k.Selected) > maxKeptID {
		k.Selected = ""
	}
	for _, id := range m.marks.list() {
		if len(id) <= maxKeptID && len(k.Marked) < maxKeptMarks {
			k.Marked = append(k.Marked, id)
		}
	}
	return k
}

// keepMsg says that a change has waited long enough to be written.
type keepMsg struct{}

// remember has a change written soon: a program that is killed loses no more than the last moments.
func (m *model) remember() tea.Cmd {
	if m.memory.file == "" || m.memory.armed || m.keptKey() == m.memory.last {
		return nil
	}
	m.memory.armed = true
	return tea.Tick(keepEvery, func(time.Time) tea.Msg { return keepMsg{} })
}

// keep writes what is to be kept, in a command.
func (m *model) keep() tea.Cmd {
	m.memory.armed = false
	m.memory.last = m.keptKey()
	file, k := m.memory.file, m.keepable()
	return func() tea.Msg {
		writeKept(file, k)
		return nil
	}
}

// keepNow writes what is to be kept at the end.
func (m *model) keepNow() {
	if m.memory.file != "" && m.keptKey() != m.memory.last {
		m.memory.last = m.keptKey()
		writeKept(m.memory.file, m.keepable())
	}
}

// writeKept writes the file in one step: whoever reads it meets the old one or the new one. That it could not be
// written is no reason to bother anybody.
func writeKept(file string, k kept) {
	err := func() error {
		raw, err := json.Marshal(k)
		if err != nil {
			return err
		}
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			return err
		}
		f, err := os.CreateTemp(filepath.Dir(file), ".dashboard-*") // readable by its owner only
		if err != nil {
			return err
		}
		_, err = f.Write(append(raw, '\n'))
		if e := f.Close(); err == nil {
			err = e
		}
		if err == nil {
			err = os.Rename(f.Name(), file)
		}
		if err != nil {
			_ = os.Remove(f.Name())
		}
		return err
	}()
	if err != nil {
		log.Printf("what the dashboard remembers cannot be written: %v", err)
	}
}

// reselect selects the domain that was selected the last time, as soon as the list shows it. Once anybody moved, or
// the whole list is there without it, it is forgotten.
func (m *model) reselect() {
	if m.memory.want == "" {
		return
	}
	found := m.fleet.find(m.memory.want) != nil && m.grid.Select(m.memory.want)
	if found || m.load.done && !m.load.active() && !m.order.running {
		m.memory.want = ""
	}
}
