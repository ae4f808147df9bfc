package sandbox

import (
	"context"
	"io"
	"net/http"
	"sync"
	"testing"
)

// BenchmarkStart is the start of a sandbox with 100,000 domains in a new process, until the service has sent the first
// page of the list.
func BenchmarkStart(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		readOnce = sync.Map{} // of another process
		world, err := Start(Options{Domains: 100_000, After: true})
		if err != nil {
			b.Fatal(err)
		}
		req, err := http.NewRequestWithContext(context.Background(), http.MethodGet,
			world.URL()+"/domains/v1/domains?limit=100", http.NoBody)
		if err != nil {
			b.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+world.Token())
		res, err := http.DefaultClient.Do(req)
		if err != nil || res.StatusCode != http.StatusOK {
			b.Fatal(res, err)
		}
		_, _ = io.Copy(io.Discard, res.Body)
		_ = res.Body.Close()
		world.Close()
	}
}
