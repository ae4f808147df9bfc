package dashboard

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"domdoc/api"
	"domdoc/checks/dnsname"
	"domdoc/checks/incident"
	"domdoc/checks/result"
	"domdoc/ui/dashboard/inventory"
	"domdoc/ui/dashboard/list"
	"domdoc/ui/dashboard/reportfile"
	"domdoc/ui/dashboard/runner"
	"domdoc/ui/render/report"

	tea "github.com/charmbracelet/bubbletea"
)

// copyOf returns a domain of the lab under another name, as the service would send it: nothing is shared.
func copyOf(of api.Domain, i int) api.Domain {
	d := of
	d.ID, d.Name = fmt.Sprintf("00000000-0000-4000-8000-%012d", i), fmt.Sprintf("shop-%06d.fleet.example", i)
	d.Status, d.Registrar, d.TenantID = strings.Clone(of.Status), strings.Clone(of.Registrar), strings.Clone(of.TenantID)
	d.Nameservers, d.Verifications = slices.Clone(of.Nameservers), slices.Clone(of.Verifications)
	for j := range d.Nameservers {
		d.Nameservers[j] = strings.Clone(d.Nameservers[j])
	}
	for j := range d.Verifications {
		v := &d.Verifications[j]
		v.Name, v.Value = "_verify."+d.Name, fmt.Sprintf("tok-%08x", i)
	}
	if of.CDN != nil {
		cdn := *of.CDN
		d.CDN = &cdn
	}
	if of.LastError != nil {
		last := *of.LastError
		last.Message, last.RequestID = strings.Clone(last.Message), fmt.Sprintf("%032x", i)
		d.LastError = &last
	}
	return d
}

// diagnosed returns what a run sends for a copy of a domain.
func (b *bench) diagnosed(gen int, d *api.Domain, of *result.Domain) runner.Event {
	b.t.Helper()
	r := reportfile.Snapshot(of)
	r.Domain, r.ID, r.Name = d, d.ID, dnsname.Name{ASCII: d.Name, Unicode: d.Name}
	e := runner.Event{Gen: gen, ID: d.ID, Report: r, Sum: inventory.Summarise(r), Facts: incident.FactsOf(r)}
	var err error
	if e.Sum.Kept, err = b.Archive.Put(r); err != nil {
		b.t.Fatal(err)
	}
	return e
}

// fleet lists n copies of the lab's domains, and has all of them diagnosed, as the loader and a run do. between is
// called after each batch of results.
func (b *bench) fleet(n int, between func(update time.Duration)) {
	b.t.Helper()
	b.model.Load = runner.LoadState{Gen: 2000, Cancel: func() {}}
	for from := 0; from < n; from += 4096 {
		var batch batchMsg
		for i := from; i < min(n, from+4096); i++ {
			batch = append(batch, runner.Event{Gen: 2000, Row: inventory.NewRow(copyOf(b.l.domains[i%len(b.l.domains)], i),
				noon)})
		}
		b.send(batch)
	}
	b.send(batchMsg{{Gen: 2000, End: runner.LoadEnded}}, tenantMsg{b.l.tenant})
	b.Run = runner.RunState{Gen: 2001, Cancel: func() {}, Total: n, Began: noon}
	for from := 0; from < n; from += runner.Most {
		var batch batchMsg
		for i := from; i < min(n, from+runner.Most); i++ {
			of := b.l.domains[i%len(b.l.domains)]
			batch = append(batch, b.diagnosed(2001, b.Domains.Rows[i].Domain, b.l.reports[of.ID]))
		}
		began := time.Now()
		b.send(batch)
		between(time.Since(began))
	}
	b.Run.Done = n
	b.send(batchMsg{{Gen: 2001, End: runner.RunEnded}})
	b.list.Grid.SetOrder(inventory.Arrange(b.Domains.Rows, b.list.View()))
	b.list.Order = list.SortJob{}
}

func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// TestFleetMemory bounds what the dashboard keeps of a diagnosed domain: 100,000 of them fit into 600 MB. It is not
// parallel, since it measures the heap.
func TestFleetMemory(t *testing.T) {
	const n, most = 1000, 6 << 10 // bytes
	b := newBench(t, func(o *options) { o.TempDir = t.TempDir() })
	t.Cleanup(b.Archive.Close)
	before := heap()
	b.fleet(n, func(time.Duration) {})
	if each := (int64(heap()) - int64(before)) / n; each > most {
		t.Errorf("a domain takes %d bytes, want at most %d", each, most)
	} else {
		t.Logf("a domain takes %d bytes", each)
	}
	if got := b.Domains.Counts[inventory.StateNone]; got != 0 || len(b.Domains.Rows) != n || b.Run.Done != n {
		t.Errorf("%d of %d domains are not diagnosed", got, len(b.Domains.Rows))
	}
	runtime.KeepAlive(b)
}

// BenchmarkFleet is a dashboard with 100,000 domains, all of them diagnosed: the memory for them, the keys pressed
// while the results arrive, the temporary file, and the export of the whole list.
func BenchmarkFleet(b *testing.B) {
	for _, n := range []int{10_000, 100_000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) { benchFleet(b, n) })
	}
}

func benchFleet(b *testing.B, n int) {
	for b.Loop() {
		now := noon
		d := newBench(b, func(o *options) {
			o.Color, o.TempDir, o.Now = "always", b.TempDir(), func() time.Time { return now }
		})
		d.urgent()
		d.send(tea.WindowSizeMsg{Width: 120, Height: 40})
		before := heap()
		down := keyMsg(b, "down")
		var keys, updates []time.Duration
		var peak uint64
		d.fleet(n, func(update time.Duration) {
			now = now.Add(50 * time.Millisecond) // results arrive in batches of that time
			began := time.Now()
			d.Update(down)
			_ = d.View()
			keys, updates = append(keys, time.Since(began)), append(updates, update)
			if len(keys)%32 == 0 {
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				peak = max(peak, m.HeapAlloc)
			}
		})
		slices.Sort(keys)
		slices.Sort(updates)
		b.ReportMetric(float64(heap()-before)/(1<<20), "MB/list")
		b.ReportMetric(float64(peak)/(1<<20), "MB/peak")
		b.ReportMetric(float64(keys[len(keys)/2].Microseconds()), "µs/key")
		b.ReportMetric(float64(keys[len(keys)*99/100].Microseconds()), "µs/key-p99")
		b.ReportMetric(float64(updates[len(updates)/2].Microseconds()), "µs/256-results")
		b.ReportMetric(float64(updates[len(updates)*99/100].Microseconds()), "µs/256-results-p99")
		format, err := report.Find("jsonl")
		if err != nil {
			b.Fatal(err)
		}
		x := reportfile.Report{Of: "all", Format: format, At: noon, Archive: d.Archive}
		file := b.TempDir() + "/all.jsonl"
		began := time.Now()
		if msg, ok := d.export(x, d.list.Grid.Order(), n, file)().(exportedMsg); !ok || msg.err != nil {
			b.Fatal(msg.err)
		}
		info, err := os.Stat(file)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(time.Since(began).Seconds(), "s/export")
		b.ReportMetric(float64(info.Size())/(1<<20), "MB/export")
		d.Archive.Close()
		runtime.KeepAlive(d)
	}
}
