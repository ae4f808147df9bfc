package cli_test

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"domdoc/ui/cli"
)

// BenchmarkReplay replays a case of 1,000 domains. Divide by that for what one domain costs.
func BenchmarkReplay(b *testing.B) {
	file := filepath.Join(b.TempDir(), "case.json")
	call := func(args ...string) {
		b.Helper()
		var said strings.Builder
		code := cli.Main(context.Background(), cli.Env{
			Args: args, Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: &said, Version: "test",
			Getenv: func(string) string { return "" },
		})
		if code != cli.ExitFindings {
			b.Fatalf("%v: exit code %d: %s", args, code, said.String())
		}
	}
	call("demo", "--domains", "1000", "check", "--all", "--record", file, "-o", "jsonl")
	info, err := os.Stat(file)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.SetBytes(info.Size())
	for b.Loop() {
		call("replay", file, "-o", "jsonl")
	}
}
