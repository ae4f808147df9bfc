package cli_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// BenchmarkStart is a command from start to end, and the size of the program.
func BenchmarkStart(b *testing.B) {
	program := filepath.Join(b.TempDir(), "domdoc")
	build := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", program, "domdoc")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	info, err := os.Stat(program)
	if err != nil {
		b.Fatal(err)
	}
	for name, args := range map[string][]string{"version": {"version"}, "explain": {"explain", "DOMAIN_004"}} {
		b.Run(name, func(b *testing.B) {
			var cpu float64
			for b.Loop() {
				cmd := exec.Command(program, args...)
				if err := cmd.Run(); err != nil {
					b.Fatal(err)
				}
				cpu += (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()
			}
			b.ReportMetric(1000*cpu/float64(b.N), "cpu-ms/op")
			b.ReportMetric(float64(info.Size())/1e6, "MB")
		})
	}
}
