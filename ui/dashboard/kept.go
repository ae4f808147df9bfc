package dashboard

import (
	"cmp"
	"iter"
	"log"
	"slices"
	"sync/atomic"
	"time"

	"domdoc/ui/dashboard/action"
	"domdoc/ui/dashboard/archive"
	"domdoc/ui/dashboard/inventory"
	"domdoc/ui/dashboard/page"
	"domdoc/ui/dashboard/tab"
	"domdoc/ui/render/wire"

	tea "github.com/charmbracelet/bubbletea"
)

// keptMsg is what the archive has of a domain.
type keptMsg struct {
	id     string
	report *wire.Domain
	err    error
}

// readKept reads what the archive has of a domain.
func (d *detailScreen) readKept(r *inventory.Row) tea.Cmd {
	d.kept = keptMsg{}
	a, id, asked, ref := d.Archive, r.ID, cmp.Or(r.ASCII, r.ID), r.Sum.Kept
	return func() tea.Msg {
		report, err := a.Get(ref, id)
		if err != nil { // without a service, the report has no id
			report, err = a.Get(ref, asked)
		}
		return keptMsg{id, report, err}
	}
}

// onKept shows what the archive has of the domain on the screen, or diagnoses it if the archive has nothing.
func (d *detailScreen) onKept(msg keptMsg) tea.Cmd {
	if msg.id != d.id {
		return nil
	}
	d.kept = msg
	if r := d.Domains.Find(d.id); msg.err != nil && r != nil && d.report() == nil {
		return d.Diagnose(r)
	}
	return nil
}

// keptReport returns what the archive has of the domain on the screen; nil if it was not read.
func (d *detailScreen) keptReport() *wire.Domain {
	if d.kept.id != d.id {
		return nil
	}
	return d.kept.report
}

// keptPage shows a report of the archive, which has what -o jsonl prints: neither the ledger nor what only a new
// diagnosis shows.
func (d *detailScreen) keptPage(p *page.Builder, kept *wire.Domain) {
	again := d.KeyOf(action.ScopeDetail, action.Diagnose) + " diagnoses it again"
	if d.tab != tab.Findings {
		p.Text(0, d.Th.Faint, "as of the diagnosis "+page.Ago(kept.At, d.Now)+"; "+again+", with all details")
		if d.tab == tab.Changes {
			p.Gap()
			p.Text(2, d.Th.Plain, "nothing to compare with")
		}
		tab.KeptTab(p, d.tab, kept, d.Now)
		return
	}
	p.Text(0, d.Th.Faint, "diagnosed "+page.Ago(kept.At, d.Now)+"; "+again)
	p.Gap()
	tab.KeptPage(p, kept, d.Incident.Found, d.Now)
}

// resultsFile is the file of what was found for a profile.
type resultsFile struct {
	path    string        // see resultsPath; empty as long as the tenant is not known, and if nothing is kept
	found   int64         // changes with every diagnosis
	saved   *atomic.Int64 // found when it was written last
	tenant  string        // of the results of the last run
	earlier map[string]earlier
}

// earlier is a result of an earlier run.
type earlier struct {
	name string
	sum  *inventory.Summary
}

// earlierMsg has the results of earlier runs.
type earlierMsg struct {
	header archive.Header
	list   map[string]earlier
	err    error // why there are none
}

// resultsAge is how old a result may be to be shown again.
const resultsAge = 14 * 24 * time.Hour

// resultsPath returns the file of the results of a tenant at a service: others have files of their own.
func (m *model) resultsPath(tenant string) string {
	if len(m.opt.Reports) > 0 {
		return ""
	}
	return m.opt.fileOf("results-", "-"+archive.Origin(m.opt.Origin + "\n" + tenant)[:12]+".gz")
}

// readResults reads the results of earlier runs, once the tenant is known.
func (m *model) readResults() tea.Cmd {
	tenant, known := m.tenantID()
	if !known || m.past.path != "" {
		return nil
	}
	if m.past.path = m.resultsPath(tenant); m.past.path == "" {
		return nil
	}
	file, origin, kept, now := m.past.path, archive.Origin(m.opt.Origin), m.Archive, m.Now
	return func() tea.Msg {
		list := map[string]earlier{}
		h, err := archive.Read(file, origin, func(e archive.Entry) {
			sum, err := inventory.DecodeSummary(e.Summary)
			if err != nil || now.Sub(sum.At) > resultsAge || sum.At.After(now) {
				return
			}
			if len(e.Report) > 0 {
				if sum.Kept, err = kept.PutJSON(e.Report); err != nil {
					log.Print(err)
				}
			}
			list[e.ID] = earlier{e.Name, sum}
		})
		if err != nil {
			log.Print(err)
		}
		return earlierMsg{h, list, err}
	}
}

func (m *model) onEarlier(msg earlierMsg) tea.Cmd {
	if msg.err != nil {
		m.Say("no earlier results: %s", msg.err)
	}
	m.past.earlier, m.past.tenant = msg.list, msg.header.Tenant
	return m.recallAll()
}

// tenantID returns the tenant that results are of; ok is false as long as it is not known.
func (m *model) tenantID() (id string, ok bool) {
	if m.opt.Doctor.Service == nil {
		return "", true
	}
	if m.Tenant == nil {
		return "", false
	}
	return m.Tenant.ID, true
}

// recall returns a row with its result of an earlier run, unless it has a newer one.
func (m *model) recall(r *inventory.Row) *inventory.Row {
	e, found := m.past.earlier[r.ID]
	if !found || r.Sum != nil || e.name != r.ASCII {
		return r
	}
	if old := m.Domains.Find(r.ID); old != nil && old.Sum != nil {
		return r
	}
	if id, ok := m.tenantID(); !ok || id != m.past.tenant {
		return r
	}
	return r.Recall(e.sum)
}

// recallAll does so for all rows: the results, the tenant and the list arrive in any order.
func (m *model) recallAll() tea.Cmd {
	if len(m.past.earlier) == 0 {
		return nil
	}
	for _, r := range m.Domains.Rows {
		if again := m.recall(r); again != r {
			m.Domains.Replace(again)
		}
	}
	m.Domains.Recount(m.Now)
	return m.list.ArrangeResults()
}

// saveResults writes what was found, in a command.
func (m *model) saveResults() tea.Cmd {
	write := m.resultsWriter()
	if write == nil {
		return nil
	}
	return func() tea.Msg {
		write()
		return nil
	}
}

// saveResultsNow writes what was found, at the end.
func (m *model) saveResultsNow() {
	if write := m.resultsWriter(); write != nil {
		write()
	}
}

// resultsWriter returns what writes the results, from copies; nil if there is nothing new.
func (m *model) resultsWriter() func() {
	tenant, known := m.tenantID()
	if m.past.path == "" || m.past.found == m.past.saved.Load() || !known {
		return nil
	}
	var rows []*inventory.Row
	for _, r := range m.Domains.Rows {
		if r.Sum != nil && m.Now.Sub(r.Sum.At) <= resultsAge {
			rows = append(rows, r)
		}
	}
	slices.SortStableFunc(rows, func(a, b *inventory.Row) int { // if there are too many: those that matter most
		return cmp.Compare(inventory.StateOf(a).Severity(), inventory.StateOf(b).Severity())
	})
	file, kept, found, saved := m.past.path, m.Archive, m.past.found, m.past.saved
	h := archive.Header{Origin: archive.Origin(m.opt.Origin), Tenant: tenant, Saved: m.Now}
	return func() {
		if err := archive.Write(file, h, entries(rows, kept)); err != nil {
			log.Printf("cannot save what was found: %v", err)
			return
		}
		saved.Store(found)
	}
}

func entries(rows []*inventory.Row, kept *archive.Archive) iter.Seq[archive.Entry] {
	return func(yield func(archive.Entry) bool) {
		for i, r := range rows {
			sum, err := r.Sum.Encode()
			if err != nil {
				continue
			}
			e := archive.Entry{ID: r.ID, Name: r.ASCII, Summary: sum}
			if raw, err := kept.JSON(r.Sum.Kept); err == nil && i < archive.MaxReports {
				e.Report = raw
			}
			if !yield(e) {
				return
			}
		}
	}
}
