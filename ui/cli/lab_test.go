package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"domdoc/api/sandbox/sandboxtest"

	"github.com/google/go-cmp/cmp"
)

// TestLab runs the built program with its defaults against real servers (NSD, Unbound, BIND, nginx) in a network
// namespace, with the resolvers at 8.8.8.8 and 1.1.1.1 and the root servers at their own addresses. It needs root on
// Linux and Debian's packages; elsewhere it is skipped with the reason. DOMDOC_LAB=required makes that a failure.
func TestLab(t *testing.T) {
	if testing.Short() {
		t.Skip("-short leaves out the lab of real servers")
	}
	t.Parallel()
	tools := findLabTools(t)
	tools.domdoc = built(t)
	began := time.Now()
	world := startLabWorld(t, tools)
	t.Logf("the servers answer after %v", time.Since(began).Round(time.Millisecond))
	scenes := startLabScenes(t, world.lab)
	t.Logf("the scenes answer after %v", time.Since(began).Round(time.Millisecond))
	part := func(name string, test func(t *testing.T)) {
		t.Run(name, func(t *testing.T) {
			if !allCases() {
				t.Parallel()
			}
			test(t)
		})
	}
	part("world", world.test)
	part("scenes", scenes)
	part("signed", func(t *testing.T) { testLabSigned(t, tools) })
	if labSlow(t, labSlowFleet) {
		part(labSlowFleet, func(t *testing.T) { testLabFleet(t, tools) })
	}
}

// The parts that wait longest, for caches to expire and for servers that do not answer.
const (
	labSlowChanges = "changes"
	labSlowLeft    = "left"
	labSlowFleet   = "fleet"
	labSlowClocks  = "clocks"
	labSlowHosts   = "hosts"
	labSlowMoves   = "moves"
)

// labSlow reports whether one of the slow parts runs: all of them in a full run, otherwise one that the seed chooses.
func labSlow(t *testing.T, part string) bool {
	t.Helper()
	parts := []string{labSlowChanges, labSlowLeft, labSlowFleet, labSlowClocks, labSlowHosts, labSlowMoves}
	return allCases() || parts[sandboxtest.Seed(t)%uint64(len(parts))] == part
}

// labLeftOut skips a slow part that the seed did not choose.
func labLeftOut(t *testing.T, part string) {
	t.Helper()
	if !labSlow(t, part) {
		t.Skipf("DOMDOC_SEED=%d chose another slow part of the lab; DOMDOC_TESTS=full runs all", sandboxtest.Seed(t))
	}
}

// labTools are the paths of the lab's programs.
type labTools struct{ ip, nsd, unbound, nginx, named, keygen, signzone, domdoc string }

// labMissing skips the test, or fails it where the lab is required.
func labMissing(t *testing.T, format string, args ...any) {
	t.Helper()
	if os.Getenv("DOMDOC_LAB") == "required" {
		t.Fatalf("DOMDOC_LAB=required: "+format, args...)
	}
	t.Skipf("no lab of real servers: "+format, args...)
}

func findLabTools(t *testing.T) labTools {
	t.Helper()
	if runtime.GOOS != "linux" {
		labMissing(t, "it needs Linux's network namespaces")
	}
	if os.Geteuid() != 0 {
		labMissing(t, "it needs root, for a network namespace")
	}
	var tools labTools
	var missing []string
	for _, p := range []struct {
		into              *string
		program, packaged string
	}{
		{&tools.ip, "ip", "iproute2"},
		{&tools.nsd, "nsd", "nsd"},
		{&tools.unbound, "unbound", "unbound"},
		{&tools.nginx, "nginx", "nginx"},
		{&tools.named, "named", "bind9"},
		{&tools.keygen, "dnssec-keygen", "bind9-utils"},
		{&tools.signzone, "dnssec-signzone", "bind9-utils"},
	} {
		for _, name := range []string{p.program, "/usr/sbin/" + p.program, "/sbin/" + p.program} {
			if *p.into == "" {
				*p.into, _ = exec.LookPath(name)
			}
		}
		if *p.into == "" {
			missing = append(missing, fmt.Sprintf("%s (Debian package %s)", p.program, p.packaged))
		}
	}
	if len(missing) > 0 {
		labMissing(t, "there is no %s", strings.Join(missing, ", no "))
	}
	return tools
}

// labRun is one run of the program.
type labRun struct {
	stdout, stderr []byte
	exit           int
	began          time.Time
	took           time.Duration
	err            error
}

// labLimit ends a run that hangs. Each case has a lower bound of its own.
const labLimit = 90 * time.Second

// domdoc runs the program in the namespace: no configuration, no cache, nothing set but where the lab's root
// certificate is.
func (l *lab) domdoc(env []string, args ...string) labRun {
	return l.domdocWithin(labLimit, env, args...)
}

// domdocWithin is domdoc with another limit.
func (l *lab) domdocWithin(limit time.Duration, env []string, args ...string) labRun {
	home, err := os.MkdirTemp(l.dir, "home-")
	if err != nil {
		return labRun{err: err}
	}
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	cmd := l.inside(ctx, l.home, append(env, "HOME="+home, "SSL_CERT_FILE="+filepath.Join(l.dir, "root.pem")),
		l.tools.domdoc, args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	r := labRun{began: time.Now()}
	err = cmd.Run()
	var failed *exec.ExitError
	if err != nil && !errors.As(err, &failed) || ctx.Err() != nil {
		r.err = fmt.Errorf("%v (%w)", args, errors.Join(err, ctx.Err()))
	}
	r.took, r.exit, r.stdout, r.stderr = time.Since(r.began), cmd.ProcessState.ExitCode(), stdout.Bytes(),
		stderr.Bytes()
	return r
}

// labReport is the part of the JSON that is compared.
type labReport struct {
	SchemaVersion int
	Vantage       struct {
		Verdict  string
		Findings []labFinding
	}
	Tenant  *struct{ Findings []labFinding }
	Domains []labDomain
}

type labDomain struct {
	Domain, Unicode, ID, ServiceStatus, Verdict string
	Codes                                       []struct {
		Code, State string
		Causes      []string
	}
	Findings []labFinding
	Checks   []struct{ ID, Status, Reason string }
	Facts    struct {
		Registration *struct {
			State, Source, Server, Reason string
			Statuses                      []string
		}
		Delegation   *struct{ Zone string }
		Certificates []struct{ Address, State string }
		HTTP         *struct{ Status, Hops int }
	}
	Propagation []struct {
		Name, Type, Expected string
		Servers              []struct {
			Server, Kind, State string
			Answer              []string
			TTL                 *int
		}
	}
}

type labFinding struct {
	Cause, Verdict, BlockedBy, Role, Summary, Why string
	Predicts                                      []string
	Fix                                           struct {
		Records []struct{ Host, Name, Type, Value string }
	}
	ETA      *struct{ Latest time.Time }
	Evidence []struct{ Kind, Server, Transport, Asked, Rcode, Error string }
}

// report parses a run's output. Whatever was found, the report is whole, and stderr says at most that
// the time was over.
func (r labRun) report(t *testing.T) *labReport {
	t.Helper()
	if r.err != nil {
		t.Fatal(r.err)
	}
	if said := strings.TrimSpace(string(r.stderr)); said != "" &&
		!strings.HasPrefix(said, "domdoc: incomplete: the run ended") {
		t.Errorf("stderr:\n%s", said)
	}
	out := &labReport{}
	if err := json.Unmarshal(r.stdout, out); err != nil {
		t.Fatalf("stdout is not the report: %v\n%s", err, r.stdout)
	}
	if out.SchemaVersion != 1 {
		t.Errorf("schemaVersion %d", out.SchemaVersion)
	}
	return out
}

// line returns a finding's verdict, cause and record.
func (f labFinding) line() string {
	return strings.TrimSpace(f.Verdict + " " + f.Cause + " " + f.Role)
}

func labRootCauses(list []labFinding) []string {
	var out []string
	for _, f := range list {
		if f.BlockedBy == "" {
			out = append(out, f.line())
		}
	}
	return out
}

// find returns the finding of a cause. The test fails without one.
func (d *labDomain) find(t *testing.T, cause string) labFinding {
	t.Helper()
	i := slices.IndexFunc(d.Findings, func(f labFinding) bool { return f.Cause == cause })
	if i < 0 {
		t.Fatalf("there is no finding %s", cause)
	}
	return d.Findings[i]
}

// labWant is the expected report. The zero value is that of a healthy domain, registered by RDAP.
type labWant struct {
	verdict string   // pass when empty
	exit    int      // when it is not the verdict's own
	roots   []string // every root cause: "fail record.missing routing"
	codes   []string // every code: "DOMAIN_010 predicted"
	// registered is the state and source of the registration: "registered rdap" when empty.
	registered string
	vantage    []string
	// within bounds the run; 0 is 10 s.
	within time.Duration
	and    func(t *testing.T, d *labDomain)
}

// judge compares the report of a run that checked one domain.
func (w labWant) judge(t *testing.T, run labRun) {
	t.Helper()
	r := run.report(t)
	if len(r.Domains) != 1 {
		t.Fatalf("%d domains in the report", len(r.Domains))
	}
	d := &r.Domains[0]
	want := map[string][]string{
		"verdict": {w.verdict}, "root causes": w.roots, "codes": w.codes, "registration": {w.registered},
		"vantage": w.vantage,
	}
	if w.verdict == "" {
		want["verdict"] = []string{"pass"}
	}
	if w.registered == "" {
		want["registration"] = []string{"registered rdap"}
	}
	exit := w.exit
	if exit == 0 {
		exit = map[string]int{"fail": 1, "inconclusive": 3}[w.verdict]
	}
	want["exit code"] = []string{fmt.Sprint(exit)}
	got := map[string][]string{
		"verdict": {d.Verdict}, "root causes": labRootCauses(d.Findings), "codes": nil,
		"exit code": {fmt.Sprint(run.exit)}, "vantage": labRootCauses(r.Vantage.Findings),
	}
	for _, c := range d.Codes {
		got["codes"] = append(got["codes"], c.Code+" "+c.State)
	}
	if reg := d.Facts.Registration; reg != nil {
		got["registration"] = []string{strings.TrimSpace(reg.State + " " + reg.Source)}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the report of %s (-want +got):\n%s", d.Domain, diff)
		for _, f := range d.Findings {
			t.Logf("%s, under %q: %s; %s", f.line(), f.BlockedBy, f.Summary, f.Why)
		}
		for _, c := range d.Checks {
			if c.Status != "pass" {
				t.Logf("check %s: %s %s", c.ID, c.Status, c.Reason)
			}
		}
	}
	t.Logf("it took %v", run.took.Round(time.Millisecond))
	within := w.within
	if within == 0 {
		within = 10 * time.Second
	}
	if run.took > within {
		t.Errorf("it took %v, more than %v", run.took.Round(time.Millisecond), within)
	}
	if w.and != nil {
		w.and(t, d)
	}
}
