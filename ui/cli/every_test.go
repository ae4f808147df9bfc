package cli_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"domdoc/api/sandbox/sandboxtest"
	"domdoc/catalog"
)

// everyStory returns the report of all stories as json or jsonl, for tests that only read it. They are checked once,
// and the recorded case is replayed for each format. The race detector would make that take minutes, and no test of a
// report needs it.
func everyStory(t *testing.T, format string) string {
	t.Helper()
	if sandboxtest.Race {
		t.Skip("reports of every story are compared without the race detector")
	}
	everyMu.Lock()
	defer everyMu.Unlock()
	file := filepath.Join(suiteDir, "every.json")
	if everyReport["live"] == "" {
		everyReport["live"], _ = run(t, "", "demo", "check", "--all", "--fail-on", "never", "-o", "json", "--record", file)
	}
	if everyReport[format] == "" {
		everyReport[format], _ = run(t, "", "replay", file, "-o", format)
	}
	return everyReport[format]
}

var (
	everyMu     sync.Mutex            // guards everyReport
	everyReport = map[string]string{} // "live" is the JSON of the run that was recorded
)

// TestEveryCode checks that the report of all stories predicts or explains every code.
func TestEveryCode(t *testing.T) {
	t.Parallel()
	out := everyStory(t, "live")
	for _, c := range catalog.Codes() {
		if !strings.Contains(out, fmt.Sprintf(`"code": "%s"`, c.ID)) {
			t.Errorf("no domain has %s", c.ID)
		}
	}
}
