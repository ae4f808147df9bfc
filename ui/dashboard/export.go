package dashboard

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"domdoc/checks"
	"domdoc/checks/finding"
	"domdoc/checks/result"
	"domdoc/ui/dashboard/grid"
	"domdoc/ui/render/layout"
	"domdoc/ui/render/report"
	"domdoc/ui/render/wire"

	tea "github.com/charmbracelet/bubbletea"
)

// exported is what is written into a file: reports that nobody changes any more, and what is known beside them.
type exported struct {
	of         string // for the file's name
	reports    []*result.Domain
	tenant     *checks.TenantReport
	incidents  []*finding.Finding
	incomplete string
	format     report.Format
	version    string
	at         time.Time
	dir        string
}

// exportUnavailable says why no report can be written into a file.
func (m *model) exportUnavailable(r *row) string {
	switch {
	case m.screen == screen(m.list) && len(m.exportable(m.marked())) > 0:
		return ""
	case r == nil:
		return noSubject
	case m.reports.has(r.id):
		return ""
	}
	return "there is no diagnosis of this domain to write; " + m.keyOf(m.screen.scope(), actDiagnose) + " makes one"
}

// exportable are those of some rows whose whole report is there.
func (m *model) exportable(order []int32) []int32 {
	return slices.DeleteFunc(slices.Clone(order), func(i int32) bool { return !m.reports.has(m.fleet.rows[i].id) })
}

// openExport offers what can be written, and then the formats.
func (m *model) openExport() {
	var items []choice
	if r := m.screen.subject(); r != nil && m.reports.has(r.id) {
		one := m.fleet.byID[r.id]
		if m.screen == screen(m.detail) {
			m.openFormats(r.name, r.ascii, []int32{one}, "")
			return
		}
		items = append(items, choice{name: "this domain", text: r.name, do: func() tea.Cmd {
			m.openFormats(r.name, r.ascii, []int32{one}, "")
			return nil
		}})
	}
	for _, some := range []struct {
		name  string
		order []int32
	}{{"the marked ones", m.marked()}, {"all that are shown", m.list.grid.Order()}} {
		whole := m.exportable(some.order)
		if len(whole) == 0 {
			continue
		}
		missing := ""
		of := plural(len(whole), "domain", "domains")
		text := of
		if n := len(some.order) - len(whole); n > 0 {
			text += "; of " + plural(n, "more", "more") + " there is no whole report here"
			missing = strconv.Itoa(n) + " of the " + strconv.Itoa(len(some.order)) +
				" domains are left out: the dashboard had no whole report of them"
		}
		items = append(items, choice{name: some.name, text: text, do: func() tea.Cmd {
			m.openFormats(of, of, whole, missing)
			return nil
		}})
	}
	m.choose.open("write a report into a file", "what is to be written", []grid.Column{
		{Title: "what", Min: 18, Max: 24, Grow: 1},
		{Title: "", Min: 20, Grow: 4},
		{Title: "", Min: 1, Priority: 1},
	}, items)
}

func (m *model) openFormats(title, of string, order []int32, missing string) {
	var items []choice
	for _, format := range report.Formats() {
		items = append(items, choice{
			name: format.Name, text: format.Use, note: "." + format.Extension,
			do: func() tea.Cmd { return m.export(of, order, missing, format) },
		})
	}
	m.choose.open("write "+title+" into a file", "the format; the file goes into "+m.opt.dir(), []grid.Column{
		{Title: "format", Min: 18, Max: 24, Grow: 1},
		{Title: "for", Min: 20, Grow: 4},
		{Title: "", Min: 6, Priority: 1},
	}, items)
}

// dir is where files go: the working directory.
func (opt Options) dir() string {
	if opt.Dir != "" {
		return opt.Dir
	}
	dir, err := os.Getwd()
	if err != nil {
		return "."
	}
	return dir
}

// export writes reports into a new file, in a command. What is written is a copy: an incident that is found meanwhile
// changes the one that is shown.
func (m *model) export(of string, order []int32, missing string, format report.Format) tea.Cmd {
	x := exported{
		of: of, tenant: m.tenant, incidents: slices.Clone(m.incident.found), incomplete: missing,
		format: format, version: m.opt.Version, at: m.now, dir: m.opt.dir(),
	}
	for _, i := range order {
		if r := m.reports.peek(m.fleet.rows[i].id); r != nil {
			x.reports = append(x.reports, settled(r))
		}
	}
	return func() tea.Msg {
		file, err := x.write()
		return exportedMsg{file, err}
	}
}

// settled is a copy of a report that Update does not change.
func settled(r *result.Domain) *result.Domain {
	out := *r
	out.Codes = slices.Clone(r.Codes)
	out.Findings = slices.Clone(r.Findings)
	for i, f := range out.Findings {
		finding := *f
		out.Findings[i] = &finding
	}
	return &out
}

// exportedMsg says what came of writing a file.
type exportedMsg struct {
	file string
	err  error
}

func (m *model) onExported(msg exportedMsg) tea.Cmd {
	if msg.err != nil {
		return m.say("nothing was written: %s", msg.err)
	}
	return m.say("written to %s", msg.file)
}

// write makes the file. It returns its whole path.
func (x exported) write() (string, error) {
	var b bytes.Buffer
	if err := x.render(&b); err != nil {
		return "", err
	}
	f, err := newFile(x.dir, "domdoc-"+plainName(x.of)+"-"+x.at.UTC().Format("20060102T150405Z"), x.format.Extension)
	if err != nil {
		return "", err
	}
	_, err = f.Write(b.Bytes())
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		_ = os.Remove(f.Name()) // half of a report is worse than none
		return "", err
	}
	return f.Name(), nil
}

func (x exported) render(b *bytes.Buffer) error {
	began := x.at
	for _, r := range x.reports {
		if r.At.Before(began) {
			began = r.At
		}
	}
	out := x.format.New(b, report.Options{
		Version: x.version, Started: began,
		Style: layout.Style{Now: x.at}, FailOn: "fail",
	})
	tenant := wire.NewTenant(x.tenant)
	if tenant != nil && len(x.incidents) > 0 {
		tenant.Findings = append(wire.NewFindings(x.incidents), tenant.Findings...)
	}
	run := &report.Run{
		Took: x.at.Sub(began), Tenant: tenant, TenantMatters: len(x.reports) > 1,
		Incomplete: x.incomplete,
	}
	err := out.Begin(nil, tenant)
	for _, r := range x.reports {
		d := wire.NewDomain(r)
		run.Totals.Add(d)
		run.TenantMatters = run.TenantMatters || tenant.Explains(d)
		err = errors.Join(err, out.Domain(d))
	}
	return errors.Join(err, out.End(run))
}

// newFile makes a file that was not there before, readable by its owner: a report says who uses which service.
func newFile(dir, name, ext string) (*os.File, error) {
	for n := 1; n < 100; n++ {
		numbered := name
		if n > 1 {
			numbered += "-" + strconv.Itoa(n)
		}
		f, err := os.OpenFile(filepath.Join(dir, numbered+"."+ext), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("%w (start domdoc in a directory that you may write to)", err)
		}
		return f, nil
	}
	return nil, fmt.Errorf("there are a hundred files of the name %s already", name)
}

// plainName makes a text a part of a file's name: what shells and file systems have no opinion about.
func plainName(s string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(s) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '.' && b.Len() > 0:
			b.WriteRune(r)
		case !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
		if b.Len() >= 100 {
			break
		}
	}
	if name := strings.Trim(b.String(), "-."); name != "" {
		return name
	}
	return "domain"
}
