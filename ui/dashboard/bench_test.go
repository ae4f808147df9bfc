package dashboard

import (
	"testing"

	"domdoc/ui/dashboard/inventory"
	"domdoc/ui/dashboard/runner"

	tea "github.com/charmbracelet/bubbletea"
)

// TestKeyAllocations is the budget of one cursor key and one frame with 100,000 domains, through the whole model.
func TestKeyAllocations(t *testing.T) {
	b := newBench(t, func(o *options) { o.Color = "always" })
	b.fake(100_000)
	b.send(tea.WindowSizeMsg{Width: 120, Height: 40}, tenantMsg{b.l.tenant})
	down := keyMsg(t, "down")
	n := 0
	got := testing.AllocsPerRun(100, func() {
		b.Update(down)
		n += len(b.View())
	})
	if got > 300 {
		t.Errorf("%.0f allocations, want at most 300", got)
	}
}

func BenchmarkKeyAndView(b *testing.B) {
	for name, open := range map[string]func(*bench){
		"list-100000": func(d *bench) { d.fake(100_000) },
		"detail":      func(d *bench) { d.load().results().open("name-doubled") },
		"evidence":    func(d *bench) { d.load().results().open("name-doubled").press("3") },
		"catalogue":   func(d *bench) { d.load().results().press("c") },
	} {
		b.Run(name, func(b *testing.B) {
			d := newBench(b, func(o *options) { o.Color = "always" })
			open(d)
			d.send(tea.WindowSizeMsg{Width: 120, Height: 40}, tenantMsg{d.l.tenant})
			down := keyMsg(b, "down")
			b.ReportAllocs()
			for b.Loop() {
				d.Update(down)
				_ = d.View()
			}
		})
	}
}

// BenchmarkArrange is what the command that filters and sorts takes.
func BenchmarkArrange(b *testing.B) {
	d := newBench(b, nil)
	d.fake(100_000)
	for name, f := range map[string]func(){
		"filter": func() {
			inventory.Arrange(d.Domains.Rows, inventory.View{Query: parsedQuery("verdict:fail 77"), Now: noon})
		},
		"sort": func() { inventory.Arrange(d.Domains.Rows, inventory.View{Now: noon, Sort: inventory.SortVerdict}) },
		"names": func() {
			inventory.Arrange(d.Domains.Rows, inventory.View{Now: noon, Sort: inventory.SortName, Reverse: true})
		},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				f()
			}
		})
	}
}

// BenchmarkResults is what Update does with a full batch of results at 100,000 domains.
func BenchmarkResults(b *testing.B) {
	d := newBench(b, nil)
	d.fake(100_000)
	report := d.l.reports[d.l.ids["name-doubled"]]
	sum := inventory.Summarise(report)
	var batch batchMsg
	for i := range runner.Most {
		batch = append(batch, runner.Event{Gen: 9, ID: d.Domains.Rows[i*100].ID, Report: report, Sum: sum})
	}
	for b.Loop() {
		d.Run = runner.RunState{Gen: 9, Cancel: func() {}, Total: 1 << 30}
		d.Update(batch)
	}
}
