package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"domdoc/ui/cli"
)

// fewer cancels a run after nine domains have been checked.
type fewer struct {
	cancel context.CancelFunc
	seen   bytes.Buffer
}

func (f *fewer) Write(p []byte) (int, error) {
	if f.seen.Write(p); strings.Contains(f.seen.String(), "K9 of ") {
		f.cancel()
	}
	return len(p), nil
}

// TestInterrupted cancels a run over all domains, as ctrl-c does: the output is a complete document in every format,
// and says that the run was interrupted.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	document := func(out string) error { return json.Unmarshal([]byte(out), new(map[string]any)) }
	tests := []struct {
		format string
		says   string
		whole  func(string) error
	}{
		{"text", "interrupted", nil},
		{"json", `"incomplete": "the run was interrupted"`, document},
		{"jsonl", `"domain":`, func(out string) error {
			for _, line := range strings.Split(strings.TrimSpace(out), "\n") {
				if err := document(line); err != nil {
					return err
				}
			}
			return nil
		}},
		{"junit", `<error message="the run was interrupted" type="incomplete">`, func(out string) error {
			for dec := xml.NewDecoder(strings.NewReader(out)); ; {
				if _, err := dec.Token(); err != nil {
					if err == io.EOF {
						return nil
					}
					return err
				}
			}
		}},
		{"markdown", "**Incomplete:** the run was interrupted", nil},
		{"prometheus", "domdoc_run_complete{tenant=\"t-sandbox\"} 0\n", nil},
		{"sarif", `"executionSuccessful": false`, document},
		{"html", "Incomplete:", func(out string) error {
			if !strings.HasSuffix(out, "</html>\n") {
				return errors.New("the page has no end")
			}
			return nil
		}},
	}
	for _, tt := range tests {
		t.Run(tt.format, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var out bytes.Buffer
			code := cli.Main(ctx, cli.Env{
				Args: []string{"demo", "check", "--all", "--jobs", "2", "-o", tt.format}, Stdin: strings.NewReader(""),
				Stdout: &out, Stderr: &fewer{cancel: cancel}, StderrTTY: true,
				Getenv: func(string) string { return "" }, Version: "test",
			})
			if code != cli.ExitInterrupted {
				t.Errorf("exit code %d, want %d", code, cli.ExitInterrupted)
			}
			if !strings.Contains(out.String(), tt.says) {
				t.Errorf("the output lacks %q:\n%.3000s", tt.says, &out)
			}
			if tt.whole != nil {
				if err := tt.whole(out.String()); err != nil {
					t.Errorf("%v:\n%.3000s", err, &out)
				}
			}
		})
	}
}
