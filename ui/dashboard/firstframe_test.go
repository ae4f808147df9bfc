package dashboard

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"domdoc/api"
	"domdoc/api/sandbox"
	"domdoc/checks"
	"domdoc/checks/subject"
	"domdoc/ui/dashboard/runner"
	"domdoc/ui/dashboard/setup"

	tea "github.com/charmbracelet/bubbletea"
)

// TestFirstScreenful: the domains that fill a screen are shown as soon as they have come, not with those that follow
// them within the window.
func TestFirstScreenful(t *testing.T) {
	t.Parallel()
	const all = 200
	listed := iter.Seq2[api.Domain, error](func(yield func(api.Domain, error) bool) {
		for i := range all {
			if !yield(api.Domain{ID: fmt.Sprint(i), Name: fmt.Sprintf("shop-%d.example", i)}, nil) {
				return
			}
		}
	})
	synctest.Test(t, func(t *testing.T) {
		events := make(chan runner.Event, all+1)
		err := runner.LoadAll(t.Context(), func(context.Context) iter.Seq2[api.Domain, error] { return listed }, nil, noon, 1,
			events)
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		first := len(runner.Collect(t.Context(), events))
		if first < 40 || first >= 100 { // the rows of a large terminal, but not a page of the service
			t.Errorf("the first message has %d domains", first)
		}
		if d := time.Since(began); d != 0 {
			t.Errorf("the first message waited for %s", d)
		}
		if rest := len(runner.Collect(t.Context(), events)); first+rest != all || time.Since(began) == 0 {
			t.Errorf("the second message has %d domains after %s", rest, time.Since(began))
		}
	})
}

// BenchmarkFirstFrame is the time from the start of a sandbox with 100,000 domains to the first frame that shows some.
// Reading the built-in stories, which is done once in a process, is in BenchmarkStart of api/sandbox.
func BenchmarkFirstFrame(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		box, err := sandbox.Start(sandbox.Options{Domains: 100_000, After: true})
		if err != nil {
			b.Fatal(err)
		}
		client, err := api.New(api.Config{BaseURL: box.URL(), Token: box.Token(), Now: box.Now})
		if err != nil {
			b.Fatal(err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		m, err := newModel(ctx, options{Options: setup.Options{
			Source: setup.Source{
				Doctor: &checks.Doctor{Service: subject.NewService(client, "")}, Title: "sandbox", Domains: client.Domains,
			},
			Color: "always", Now: box.Now, Env: []string{"TERM=xterm-256color"}, TempDir: b.TempDir(),
		}})
		if err != nil {
			b.Fatal(err)
		}
		m.Update(tea.WindowSizeMsg{Width: 120, Height: 40})
		m.startLoad()
		for !strings.Contains(m.View(), ".example") {
			m.Update(batchMsg(runner.Collect(ctx, m.events)))
		}
		cancel()
		b.StopTimer()
		m.wg.Wait()
		m.Archive.Close()
		client.Close()
		box.Close()
		b.StartTimer()
	}
}
