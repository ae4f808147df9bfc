package cli_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"domdoc/api/sandbox"
	"domdoc/catalog"
	"domdoc/ui/cli"
)

// TestWatch watches a healthy domain and one that heals: the lines, which the schema describes, are the first report
// of each and the change. The domain heals when both reports are there, since the test moves the sandbox's clock.
func TestWatch(t *testing.T) {
	t.Parallel()
	const heals, healthy = "shop.curlew.example", "tickets.northwind.example"
	var passed atomic.Int64
	begin := time.Now()
	world, err := sandbox.Start(sandbox.Options{
		Only: []string{"verification-on-its-way", "healthy-txt"}, After: true, Quota: -1, Balance: "100.00",
		Clock: func() time.Time { return begin.Add(time.Duration(passed.Load())) },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(world.Close)
	ctx, stop := context.WithTimeout(t.Context(), 5*time.Minute)
	defer stop()
	out, in := io.Pipe()
	code := make(chan int, 1)
	go func() {
		code <- cli.MainOn(ctx, cli.Env{
			Args:  []string{"check", heals, healthy, "--watch", "-o", "jsonl"},
			Stdin: strings.NewReader(""), Stdout: in, Stderr: io.Discard, Version: "test",
			Getenv: func(string) string { return "" },
		}, world)
		in.Close()
	}()
	var lines strings.Builder
	first, changed := map[string]string{}, map[string]string{} // verdicts
	for r := bufio.NewScanner(out); r.Scan(); {
		lines.WriteString(r.Text() + "\n")
		var line struct {
			Event, Domain, ID, Verdict, Trend string
			Changes                           []struct{ Kind, About string }
		}
		if err := json.Unmarshal(r.Bytes(), &line); err != nil {
			t.Fatal(err)
		}
		switch line.Event {
		case "first":
			if first[line.Domain] = line.Verdict; len(first) == 2 {
				passed.Store(int64(time.Minute))
			}
		case "changed":
			changed[line.Domain] = line.Verdict
			stop()
		}
	}
	if c := <-code; c != cli.ExitInterrupted || len(first) != 2 || first[heals] != "fail" || first[healthy] != "pass" ||
		len(changed) != 1 || changed[heals] != "pass" {
		t.Errorf("exit code %d, the first verdicts are %v, and they change to %v", c, first, changed)
	}
	for _, want := range []string{
		`"id":"d-verification-on-its-way"`, `"kind":"cause-went","about":"record.missing"`, `"trend":"better"`,
	} {
		if !strings.Contains(lines.String(), want) {
			t.Errorf("the lines lack %s:\n%s", want, &lines)
		}
	}
	validate(t, compile(t, schema(t, "watch", true, true)), lines.String(), strings.Count(lines.String(), "\n"))
}

// TestWatchExit checks the exit code of a watch that --timeout ended.
func TestWatchExit(t *testing.T) {
	t.Parallel()
	const pass, warn, fail, unknown = catalog.Pass, catalog.Warn, catalog.Fail, catalog.Inconclusive
	type verdicts []catalog.Verdict
	for _, tt := range []struct {
		selected, others verdicts
		unchecked        int
		want             map[string]int // by --fail-on
	}{
		{verdicts{pass, pass}, nil, 0, map[string]int{"fail": 0, "warn": 0, "inconclusive": 0, "never": 0}},
		{verdicts{pass, warn}, nil, 0, map[string]int{"fail": 0, "warn": 1, "inconclusive": 1, "never": 0}},
		{verdicts{warn, fail}, nil, 0, map[string]int{"fail": 1, "warn": 1, "inconclusive": 1, "never": 0}},
		{verdicts{pass, unknown}, nil, 0, map[string]int{"fail": 3, "warn": 3, "inconclusive": 1, "never": 0}},
		{verdicts{warn, unknown}, nil, 0, map[string]int{"fail": 3, "warn": 1, "inconclusive": 1, "never": 0}},
		{verdicts{fail, unknown}, nil, 0, map[string]int{"fail": 1, "warn": 1, "inconclusive": 1, "never": 0}},
		{verdicts{pass}, nil, 1, map[string]int{"fail": 3, "warn": 3, "inconclusive": 1, "never": 3}},
		{verdicts{fail}, nil, 1, map[string]int{"fail": 1, "warn": 1, "inconclusive": 1, "never": 3}},
		{nil, nil, 2, map[string]int{"fail": 3, "warn": 3, "inconclusive": 1, "never": 3}},
		{verdicts{pass}, verdicts{fail, unknown}, 0, map[string]int{"fail": 0, "warn": 0, "inconclusive": 0, "never": 0}},
		{verdicts{fail}, verdicts{pass}, 0, map[string]int{"fail": 1, "warn": 1, "inconclusive": 1, "never": 0}},
	} {
		for failOn, want := range tt.want {
			if got := cli.WatchExit(failOn, tt.selected, tt.others, tt.unchecked); got != want {
				t.Errorf("--fail-on %s, %v, not selected %v, %d not checked: %d, want %d", failOn, tt.selected, tt.others,
					tt.unchecked, got, want)
			}
		}
	}
}

// TestWatchNothing checks that a watch over no domains is a mistake, unless it is expected.
func TestWatchNothing(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]int{"-f -": cli.ExitUsage, "-f - --allow-empty": cli.ExitOK} {
		code, out, errs := runs(t, map[string]string{"stdin": "# none\n"},
			append([]string{"demo", "check", "--watch"}, strings.Fields(args)...)...)
		if code != want || out != "" || (want == cli.ExitUsage) != strings.Contains(errs, "nothing was checked") {
			t.Errorf("%s: exit %d, want %d; %q, %q", args, code, want, out, errs)
		}
	}
}

// TestWatchIsInterrupted sends an interrupt to a watching process: it ends with the exit code for that.
func TestWatchIsInterrupted(t *testing.T) {
	t.Parallel()
	cmd := process(t, "demo", "check", "tickets.northwind.example", "--watch", "-o", "jsonl")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	r := bufio.NewReader(out)
	if line, err := r.ReadString('\n'); err != nil || !strings.Contains(line, `"event":"first"`) {
		t.Errorf("the first line is %q (%v)", line, err)
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Error(err)
	}
	_, _ = io.Copy(io.Discard, r)
	_ = cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != cli.ExitInterrupted {
		t.Errorf("exit code %d, want %d", code, cli.ExitInterrupted)
	}
}
