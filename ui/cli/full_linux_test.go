package cli_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"domdoc/ui/cli"
)

// TestRecordOnFullDisk fills the disk while a case is written: that is an error, the report is complete, and no part of
// a case is left.
func TestRecordOnFullDisk(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if os.Geteuid() != 0 {
		t.Skip("a small disk is mounted for this test, which needs root")
	}
	if err := syscall.Mount("domdoc-test", dir, "tmpfs", 0, "size=16k"); err != nil {
		if os.Getenv("DOMDOC_LAB") == "required" {
			t.Fatal("no small disk could be mounted: ", err)
		}
		t.Skip("no small disk can be mounted here: ", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	file := filepath.Join(dir, "case.json")
	earlier := []byte("an earlier case\n")
	if err := os.WriteFile(file, earlier, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := process(t, "demo", "check", "tickets.northwind.example", "--record", file)
	var out, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &stderr
	_ = cmd.Run()
	if code := cmd.ProcessState.ExitCode(); code != cli.ExitUsage {
		t.Errorf("exit code %d", code)
	}
	if !strings.HasSuffix(out.String(), "1 pass\n") {
		t.Errorf("the report is not whole: %s", &out)
	}
	for _, want := range []string{
		"--record: cannot write the case", "no space left on device",
		"the report above is complete",
	} {
		if !strings.Contains(stderr.String(), want) {
			t.Errorf("the output lacks %q: %s", want, &stderr)
		}
	}
	if raw, err := os.ReadFile(file); err != nil || !bytes.Equal(raw, earlier) {
		t.Errorf("the earlier case is %q now (%v)", raw, err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("there is more than the earlier case: %v, %v", left, err)
	}
}
