package reporter_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"domdoc/api"
	"domdoc/ui/cli/reporter"
)

// TestShowDelays writes one line for each wait, and none while nothing waits.
func TestShowDelays(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 2, 22, 14, 20, 0, 0, time.UTC)
	limited := api.Delay{Method: "GET", Path: "/domains/v1/domains", Since: noon, Until: noon.Add(30 * time.Second)}
	silent := api.Delay{Method: "GET", Path: "/domains/v1/domains", Since: noon}
	waits := []*api.Delay{nil, &limited, &limited, nil, &silent, &silent}
	ctx, cancel := context.WithCancel(t.Context())
	var out strings.Builder
	tick, n := make(chan time.Time), 0
	done := make(chan struct{})
	go func() {
		defer close(done)
		reporter.ShowDelays(ctx, func() (api.Delay, bool) {
			d := waits[n]
			n++
			if d == nil {
				return api.Delay{}, false
			}
			return *d, true
		}, &out, tick)
	}()
	for range waits {
		tick <- noon.Add(5 * time.Second)
	}
	cancel()
	<-done
	want := "\r\x1b[Kthe service asks to wait: next request in 25 seconds\n" +
		"\r\x1b[Kno answer from the service for 5 seconds: GET /domains/v1/domains\n"
	if out.String() != want {
		t.Errorf("written: %q", out.String())
	}
}
