package reporter

import (
	"context"
	"fmt"
	"io"
	"time"

	"domdoc/api"
)

// DelayEvery is how often a command looks whether the service lets it wait.
const DelayEvery = 500 * time.Millisecond

// ShowDelays writes one line for each wait of a call to the service, until ctx ends: to a person at a terminal, a
// command that waits looks like one that hangs.
func ShowDelays(ctx context.Context, delay func() (api.Delay, bool), out io.Writer, tick <-chan time.Time) {
	var shown api.Delay
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-tick:
			d, ok := delay()
			if ok && d != shown {
				shown = d
				fmt.Fprintf(out, "\r\x1b[K%s\n", d.Text(now)) // progress may be in this line
			}
		}
	}
}
