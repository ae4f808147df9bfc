//go:build unix

package cli_test

import (
	"context"
	"crypto/x509"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/rpc"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"domdoc/api/sandbox"
	"domdoc/ui/cli"
	"domdoc/ui/heap"
)

// fleetSize is the number of domains of BenchmarkFleet.
var fleetSize = flag.Int("fleet", 1000, "domains of BenchmarkFleet")

// fleetStories are the stories of BenchmarkFleet.
var fleetStories = flag.String("fleet-stories", "", "stories of BenchmarkFleet, separated by commas (default: all)")

// fleetServer is the test binary that serves the sandbox of BenchmarkFleet.
var fleetServer = flag.String("fleet-server", "", "test binary that serves the sandbox (default: this one)")

func init() {
	roles["demo"] = func() {
		heap.Space()
		domdoc()
	}
	roles["sandbox"] = func() {
		heap.Space()
		s := rpc.NewServer()
		if err := s.Register(&SandboxRole{}); err != nil {
			panic(err)
		}
		s.ServeConn(stdio{os.Stdin, os.Stdout})
	}
}

type stdio struct {
	io.Reader
	io.WriteCloser
}

// SandboxRole is the interface of the process that runs a sandbox for another one. It ends with its caller.
type SandboxRole struct{ world *sandbox.Sandbox }

// Served says how to use the sandbox.
type Served struct {
	URL, Token string
	Root       []byte // DER
}

// Start starts the sandbox.
func (r *SandboxRole) Start(opt sandbox.Options, served *Served) (err error) {
	if r.world, err = sandbox.Start(opt); err != nil {
		return err
	}
	*served = Served{r.world.URL(), r.world.Token(), r.world.Root().Raw}
	return nil
}

// Place is where a server of the sandbox's world listens on loopback. Without an address nothing answers there, or the
// connection fails with an error of the system, or with another one.
type Place struct {
	Address string
	Errno   syscall.Errno
	Err     string
}

// silentAfter is when a connection that the sandbox leaves pending is known to be.
const silentAfter = 2 * time.Second

// Find returns the place of a server: "udp 192.0.2.1:53".
func (r *SandboxRole) Find(target string, at *Place) error {
	network, address, _ := strings.Cut(target, " ")
	ctx, cancel := context.WithTimeout(context.Background(), silentAfter)
	defer cancel()
	conn, err := r.world.Dial(ctx, network, address)
	switch {
	case err == nil:
		at.Address = conn.RemoteAddr().String()
		return conn.Close()
	case errors.As(err, &at.Errno), errors.Is(err, context.DeadlineExceeded):
	default:
		at.Err = err.Error()
	}
	return nil
}

// sandboxProcess is a sandbox in a process of its own.
type sandboxProcess struct {
	client *rpc.Client
	delay  time.Duration
	places sync.Map     // func() Place by network and address
	https  atomic.Int64 // connections to port 443: of hosts and of registries
}

func startSandboxProcess(tb testing.TB, opt sandbox.Options) (*cli.Elsewhere, *sandboxProcess) {
	tb.Helper()
	file := *fleetServer
	if file == "" {
		var err error
		if file, err = os.Executable(); err != nil {
			tb.Fatal(err)
		}
	}
	cmd := exec.Command(file)
	cmd.Env = append(os.Environ(), "DOMDOC_TEST_ROLE=sandbox")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		tb.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	p := &sandboxProcess{client: rpc.NewClient(stdio{out, in}), delay: opt.Delay}
	tb.Cleanup(func() {
		_ = p.client.Close()
		_ = cmd.Wait()
	})
	var served Served
	if err := p.client.Call("SandboxRole.Start", opt, &served); err != nil {
		tb.Fatal(err)
	}
	root, err := x509.ParseCertificate(served.Root)
	if err != nil {
		tb.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(root)
	return &cli.Elsewhere{URL: served.URL, Token: served.Token, Dial: p.dial, Roots: roots}, p
}

// dial is Sandbox.Dial. Only the first connection to a server asks the other process where it is.
func (p *sandboxProcess) dial(ctx context.Context, network, address string) (net.Conn, error) {
	target := network + " " + address
	find, ok := p.places.Load(target)
	if !ok {
		find, _ = p.places.LoadOrStore(target, sync.OnceValue(func() (at Place) {
			if err := p.client.Call("SandboxRole.Find", target, &at); err != nil {
				at.Err = err.Error()
			}
			return at
		}))
	}
	if network == "tcp" && strings.HasSuffix(address, ":443") {
		p.https.Add(1)
	}
	at := find.(func() Place)()
	switch {
	case at.Errno != 0:
		return nil, &net.OpError{Op: "dial", Net: network, Err: at.Errno}
	case at.Err != "":
		return nil, &net.OpError{Op: "dial", Net: network, Err: errors.New(at.Err)}
	case at.Address == "":
		<-ctx.Done()
		return nil, &net.OpError{Op: "dial", Net: network, Err: ctx.Err()}
	}
	if p.delay > 0 && strings.HasPrefix(network, "tcp") {
		select {
		case <-time.After(p.delay):
		case <-ctx.Done():
			return nil, &net.OpError{Op: "dial", Net: network, Err: ctx.Err()}
		}
	}
	return (&net.Dialer{}).DialContext(ctx, network, at.Address)
}

// BenchmarkFleet diagnoses the domains of a service in another process, so that only the doctor's own cost is counted:
// CPU time a domain, and the largest memory of the process, which includes the test's own.
func BenchmarkFleet(b *testing.B) {
	for _, delay := range []time.Duration{0, 20 * time.Millisecond} {
		b.Run("rtt="+delay.String(), func(b *testing.B) {
			b.StopTimer()
			opt := sandbox.Options{Domains: *fleetSize, Delay: delay}
			if *fleetStories != "" {
				opt.Only = strings.Split(*fleetStories, ",")
			}
			world, process := startSandboxProcess(b, opt)
			heap.Space()
			before := processCPU(b)
			b.StartTimer()
			for range b.N {
				var said strings.Builder
				code := cli.MainElsewhere(context.Background(), cli.Env{
					Args:   []string{"check", "--all", "-o", "jsonl", "--fail-on", "never"},
					Stdin:  strings.NewReader(""),
					Stdout: io.Discard, Stderr: &said, Getenv: func(string) string { return "" }, Version: "test",
				}, world)
				if code != cli.ExitOK {
					b.Fatalf("exit code %d: %s", code, said.String())
				}
			}
			b.StopTimer()
			domains := float64(b.N * *fleetSize)
			b.ReportMetric((processCPU(b)-before).Seconds()*1000/domains, "cpu-ms/domain")
			b.ReportMetric(peakMemory(b), "peak-MB")
			b.ReportMetric(float64(process.https.Load())/domains, "handshakes/domain")
		})
	}
}

// demoSizes are the numbers of domains of BenchmarkDemo.
var demoSizes = flag.String("demo-sizes", "1000,3000", "domains of BenchmarkDemo, separated by commas")

// BenchmarkDemo is the program on a sandbox of its own, the servers included: CPU time a domain, and the largest
// memory. With several sizes, it shows how the cost of a domain grows.
func BenchmarkDemo(b *testing.B) {
	program, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	for size := range strings.SplitSeq(*demoSizes, ",") {
		b.Run("domains="+size, func(b *testing.B) {
			domains, err := strconv.Atoi(size)
			if err != nil {
				b.Fatal(err)
			}
			var cpu time.Duration
			var peak int64
			for b.Loop() {
				cmd := exec.Command(program, "demo", "--domains", size, "check", "--all", "-o", "jsonl", "--fail-on", "never")
				cmd.Env = append(os.Environ(), "DOMDOC_TEST_ROLE=demo")
				cmd.Stderr = os.Stderr
				if err := cmd.Run(); err != nil {
					b.Fatal(err)
				}
				used := cmd.ProcessState
				cpu += used.UserTime() + used.SystemTime()
				if u, ok := used.SysUsage().(*syscall.Rusage); ok {
					peak = max(peak, int64(u.Maxrss)) // in kB, on macOS in bytes
				}
			}
			b.ReportMetric(cpu.Seconds()*1000/float64(b.N*domains), "cpu-ms/domain")
			b.ReportMetric(float64(peak)/1024, "peak-MB")
		})
	}
}

// processCPU is the user and system time of this process.
func processCPU(tb testing.TB) time.Duration {
	tb.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		tb.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// peakMemory is the largest resident set of this process since it began, in MB; 0 where the system does not tell.
func peakMemory(tb testing.TB) float64 {
	tb.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		if kb, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			n, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(kb), " kB"))
			if err != nil {
				tb.Fatal(fmt.Errorf("VmHWM: %w", err))
			}
			return float64(n) / 1024
		}
	}
	return 0
}
