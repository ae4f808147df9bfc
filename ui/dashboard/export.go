package dashboard

import (
	"os"
	"slices"
	"strconv"

	"domdoc/ui/dashboard/action"
	"domdoc/ui/dashboard/dialog"
	"domdoc/ui/dashboard/grid"
	"domdoc/ui/dashboard/inventory"
	"domdoc/ui/dashboard/page"
	"domdoc/ui/dashboard/reportfile"
	"domdoc/ui/dashboard/screen"
	"domdoc/ui/render/report"

	tea "github.com/charmbracelet/bubbletea"
)

// exportUnavailable returns why no report can be written to a file.
func (m *model) exportUnavailable(r *inventory.Row) string {
	switch {
	case m.Screen == screen.Screen(m.list) && len(m.exportable(m.MarkedRows())) > 0:
		return ""
	case r == nil:
		return screen.NoSubject
	case m.Reports.Has(r.ID):
		return ""
	}
	return "this domain has no diagnosis to export; press " + m.KeyOf(m.Screen.Scope(), action.Diagnose) +
		" to diagnose it"
}

// exportable returns the rows whose complete report is kept.
func (m *model) exportable(order []int32) []int32 {
	return slices.DeleteFunc(slices.Clone(order), func(i int32) bool { return !m.Reports.Has(m.Domains.Rows[i].ID) })
}

// openExport lists the reports that can be written, and then the formats.
func (m *model) openExport() {
	var items []dialog.Choice
	if r := m.Screen.Subject(); r != nil && m.Reports.Has(r.ID) {
		one := m.Domains.ByID[r.ID]
		if m.Screen == screen.Screen(m.detail) {
			m.openFormats(r.Name, r.ASCII, []int32{one}, "")
			return
		}
		items = append(items, dialog.Choice{Name: "this domain", Text: r.Name, Do: func() tea.Cmd {
			m.openFormats(r.Name, r.ASCII, []int32{one}, "")
			return nil
		}})
	}
	for _, some := range []struct {
		name  string
		order []int32
	}{{"marked domains", m.MarkedRows()}, {"all listed domains", m.list.Grid.Order()}} {
		whole := m.exportable(some.order)
		if len(whole) == 0 {
			continue
		}
		missing := ""
		of := page.Plural(len(whole), "domain", "domains")
		text := of
		if n := len(some.order) - len(whole); n > 0 {
			text += "; " + page.Count(n) + " more without a complete report"
			missing = strconv.Itoa(n) + " of the " + strconv.Itoa(len(some.order)) +
				" domains are omitted: the dashboard has no complete report of them"
		}
		items = append(items, dialog.Choice{Name: some.name, Text: text, Do: func() tea.Cmd {
			m.openFormats(of, of, whole, missing)
			return nil
		}})
	}
	m.choose.Open("export a report to a file", "which domains", []grid.Column{
		{Title: "what", Min: 18, Max: 24, Grow: 1},
		{Title: "", Min: 20, Grow: 4},
		{Title: "", Min: 1, Priority: 1},
	}, items)
}

func (m *model) openFormats(title, of string, order []int32, missing string) {
	var items []dialog.Choice
	for _, format := range report.Formats() {
		items = append(items, dialog.Choice{
			Name: format.Name, Text: format.Use, Note: "." + format.Extension,
			Do: func() tea.Cmd { return m.export(of, order, missing, format) },
		})
	}
	m.choose.Open("export "+title+" to a file", "format; the file is written to "+m.opt.dir(), []grid.Column{
		{Title: "format", Min: 18, Max: 24, Grow: 1},
		{Title: "for", Min: 20, Grow: 4},
		{Title: "", Min: 6, Priority: 1},
	}, items)
}

// dir returns the directory for files: the working directory.
func (opt options) dir() string {
	if opt.Dir != "" {
		return opt.Dir
	}
	dir, err := os.Getwd()
	if err != nil {
		return "."
	}
	return dir
}

// export writes reports to a new file, in a command. It writes a copy: an incident that is found meanwhile changes
// the report on the screen.
func (m *model) export(of string, order []int32, missing string, format report.Format) tea.Cmd {
	x := reportfile.Report{
		Of: of, Tenant: m.Tenant, Incidents: slices.Clone(m.Incident.Found), Incomplete: missing,
		Format: format, Version: m.opt.Version, At: m.Now, Dir: m.opt.dir(),
	}
	for _, i := range order {
		if r := m.Reports.Peek(m.Domains.Rows[i].ID); r != nil {
			x.Reports = append(x.Reports, reportfile.Snapshot(r))
		}
	}
	return func() tea.Msg {
		file, err := x.Write()
		return exportedMsg{file, err}
	}
}

// exportedMsg reports the result of writing a file.
type exportedMsg struct {
	file string
	err  error
}

func (m *model) onExported(msg exportedMsg) tea.Cmd {
	if msg.err != nil {
		return m.Say("export failed: %s", msg.err)
	}
	return m.Say("written to %s", msg.file)
}
