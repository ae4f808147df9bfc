package dashboard

import (
	"io"
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
	case m.Screen == screen.Screen(m.plan):
		return ""
	case m.Screen == screen.Screen(m.list) && len(m.exportable(m.MarkedRows())) > 0:
		return ""
	case r == nil:
		return screen.NoSubject
	case m.hasReport(r):
		return ""
	}
	return "this domain has no diagnosis to export; press " + m.KeyOf(m.Screen.Scope(), action.Diagnose) +
		" to diagnose it"
}

// hasReport reports whether there is a report of a domain, in memory or in the archive.
func (m *model) hasReport(r *inventory.Row) bool {
	return m.Reports.Has(r.ID) || r.Sum != nil && r.Sum.Kept.Kept()
}

// exportable returns the rows with a report.
func (m *model) exportable(order []int32) []int32 {
	return slices.DeleteFunc(slices.Clone(order), func(i int32) bool { return !m.hasReport(m.Domains.Rows[i]) })
}

// openPlanExport lists the formats of a plan.
func (m *model) openPlanExport() {
	var items []dialog.Choice
	of := "plan"
	if r := m.Screen.Subject(); r != nil {
		of = "plan-" + r.ASCII
	}
	for _, x := range []struct {
		name, extension, use string
		write                func() string
	}{
		{"text", "txt", "people: as domdoc plan prints it", m.plan.Text},
		{"json", "json", "scripts: as domdoc plan -o json prints it", m.plan.JSON},
	} {
		items = append(items, dialog.Choice{Name: x.name, Text: x.use, Note: "." + x.extension, Do: func() tea.Cmd {
			f, text := reportfile.File{Of: of, Extension: x.extension, At: m.Now}, x.write()
			m.prompt.Open("export as "+x.name, "the file; an existing one is never replaced", f.Proposed(m.opt.dir()),
				func(place string) tea.Cmd {
					return func() tea.Msg {
						file, err := f.Write(place, func(w io.Writer) error {
							_, err := io.WriteString(w, text)
							return err
						})
						return exportedMsg{file, 1, 1, err}
					}
				})
			return nil
		}})
	}
	m.choose.Open("export the plan to a file", "format; then the file", []grid.Column{
		{Title: "format", Min: 18, Max: 24, Grow: 1},
		{Title: "for", Min: 20, Grow: 4},
		{Title: "", Min: 6, Priority: 1},
	}, items)
}

// openExport lists the reports that can be written, and then the formats.
func (m *model) openExport() {
	if m.Screen == screen.Screen(m.plan) {
		m.openPlanExport()
		return
	}
	var items []dialog.Choice
	if r := m.Screen.Subject(); r != nil && m.hasReport(r) {
		one := m.Domains.ByID[r.ID]
		if m.Screen == screen.Screen(m.detail) {
			m.openFormats(r.Name, r.ASCII, []int32{one}, 1)
			return
		}
		items = append(items, dialog.Choice{Name: "this domain", Text: r.Name, Do: func() tea.Cmd {
			m.openFormats(r.Name, r.ASCII, []int32{one}, 1)
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
		of := page.Plural(len(whole), "domain", "domains")
		text := of
		if n := len(some.order) - len(whole); n > 0 {
			text += "; " + page.Count(n) + " more without a diagnosis"
		}
		items = append(items, dialog.Choice{Name: some.name, Text: text, Do: func() tea.Cmd {
			m.openFormats(of, of, whole, len(some.order))
			return nil
		}})
	}
	m.choose.Open("export a report to a file", "which domains", []grid.Column{
		{Title: "what", Min: 18, Max: 24, Grow: 1},
		{Title: "", Min: 20, Grow: 4},
		{Title: "", Min: 1, Priority: 1},
	}, items)
}

// openFormats lists the formats. chosen is the number of domains that were chosen, with those that have no report.
func (m *model) openFormats(title, of string, order []int32, chosen int) {
	var items []dialog.Choice
	for _, format := range report.Formats() {
		items = append(items, dialog.Choice{
			Name: format.Name, Text: format.Use, Note: "." + format.Extension,
			Do: func() tea.Cmd {
				m.askPlace(of, order, chosen, format)
				return nil
			},
		})
	}
	m.choose.Open("export "+title+" to a file", "format; then the file", []grid.Column{
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

// askPlace asks for the file.
func (m *model) askPlace(of string, order []int32, chosen int, format report.Format) {
	missing := ""
	if n := chosen - len(order); n > 0 {
		missing = strconv.Itoa(n) + " of the " + strconv.Itoa(chosen) + " domains are omitted: they are not diagnosed"
	}
	x := reportfile.Report{
		Of: of, Tenant: m.Tenant, Incidents: slices.Clone(m.Incident.Found), Incomplete: missing,
		Format: format, Version: m.opt.Version, At: m.Now, Archive: m.Archive,
	}
	m.prompt.Open("export as "+format.Name, "the file; an existing one is never replaced", x.Proposed(m.opt.dir()),
		func(place string) tea.Cmd { return m.export(x, order, chosen, place) })
}

// export writes reports to a new file, in a command. It writes copies: an incident that is found meanwhile changes
// the report on the screen.
func (m *model) export(x reportfile.Report, order []int32, chosen int, place string) tea.Cmd {
	for _, i := range order {
		r := m.Domains.Rows[i]
		one := reportfile.One{ID: r.ID, Name: r.ASCII}
		if full := m.Reports.Peek(r.ID); full != nil {
			one.Report = reportfile.Snapshot(full)
		} else if r.Sum != nil {
			one.Kept = r.Sum.Kept
		}
		x.Domains = append(x.Domains, one)
	}
	if len(order) > 1 {
		m.Say("writing %s %s", page.Plural(len(order), "report", "reports"), m.Th.More)
	}
	return func() tea.Msg {
		file, n, err := x.Write(place)
		return exportedMsg{file, n, chosen, err}
	}
}

// exportedMsg reports the result of writing a file.
type exportedMsg struct {
	file string
	n    int // domains in the file
	of   int // domains that were chosen
	err  error
}

func (m *model) onExported(msg exportedMsg) tea.Cmd {
	if msg.err != nil {
		return m.Say("export failed: %s", msg.err)
	}
	said := "written to "
	if msg.of > 1 {
		said = page.Count(msg.n) + " of " + page.Plural(msg.of, "domain", "domains") + " written to "
	}
	file := []rune(msg.file)
	// its end says which file it is
	if over := len(file) + len(said) - m.Width; over > 0 && over+1 < len(file) && !m.opt.Plain {
		file = append([]rune(m.Th.More), file[over+1:]...)
	}
	return m.Say("%s%s", said, string(file))
}
