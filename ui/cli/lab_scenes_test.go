package cli_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// labJobs limits the runs in progress: they mostly wait, and other tests run on the machine.
const labJobs = 4

// labWorld is the lab in which every server answers.
type labWorld struct {
	*lab
	cases   []labCase
	runs    []chan labRun
	changes []*labChanged
}

// startLabWorld starts the runs of all cases, a few at a time. The subtests wait for theirs.
func startLabWorld(t *testing.T, tools labTools) *labWorld {
	t.Helper()
	w := &labWorld{cases: slices.Concat(labRecordCases, labRegistrationCases, labWebCases, labServiceCases)}
	all := append(slices.Clone(w.cases), labLeft)
	for _, c := range labChanges {
		all = append(all, c.labCase)
	}
	seen := map[string]bool{}
	for _, c := range all {
		if seen[c.name] || seen[c.apex()] {
			t.Fatalf("two cases have the name %q or the zone %s", c.name, c.apex())
		}
		seen[c.name], seen[c.apex()] = true, true
	}
	w.lab = startLab(t, tools, labPlan{resolvers: labResolvers, cases: all})
	slots := make(chan struct{}, labJobs)
	if labSlow(t, labSlowChanges) {
		w.changes = startChanges(t, w.lab, slots)
	}
	for _, c := range w.cases {
		run := make(chan labRun, 1)
		w.runs = append(w.runs, run)
		go func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			run <- c.run(w.lab)
		}()
	}
	return w
}

func (w *labWorld) test(t *testing.T) {
	for i, c := range w.cases {
		t.Run(c.name, func(t *testing.T) { c.test(t, <-w.runs[i]) })
	}
	t.Run("a list of names", w.testList)
	t.Run("the whole tenant", w.testTenant)
	t.Run("propagation", w.testPropagation)
	t.Run("interrupted", w.testInterrupt)
	t.Run("doctor", func(t *testing.T) {
		r := w.domdoc(nil, "doctor", "-o", "json")
		if r.exit != 0 || r.err != nil {
			t.Errorf("exit code %d, %v: %s%s", r.exit, r.err, r.stdout, r.stderr)
		}
	})
	t.Run("replayed", w.testReplay)
	t.Run(labSlowChanges, func(t *testing.T) {
		for _, c := range w.changes {
			t.Run(c.name, c.test)
		}
	})
	if labSlow(t, labSlowLeft) {
		t.Run(labLeft.name, w.testLeftHost)
	}
	t.Run("no packet leaves the lab", func(t *testing.T) {
		if n := w.noRoute(t); n != "0" {
			t.Errorf("%s packets were meant for addresses that are not the lab's", n)
		}
	})
}

// noRoute returns how many packets the namespace's kernel had no route for. There is no default route, so these are
// the packets to addresses outside the lab.
func (l *lab) noRoute(t *testing.T) string {
	t.Helper()
	routes, err := exec.Command(l.tools.ip, "-n", l.ns, "route", "show").Output()
	if err != nil || bytes.Contains(routes, []byte("default")) || bytes.Contains(routes, []byte("via")) {
		t.Fatalf("the namespace has a way out: %s %v", routes, err)
	}
	out, err := l.inside(context.Background(), l.ns, nil, "/bin/cat", "/proc/net/snmp").Output()
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(out), "\n")
	names, values := strings.Fields(lines[0]), strings.Fields(lines[1])
	i := slices.Index(names, "OutNoRoutes")
	if i < 0 || i >= len(values) {
		t.Fatalf("the kernel does not count packets without a route: %s", lines[0])
	}
	return values[i]
}

// testList checks several names in one run, one of them malformed and one given twice.
func (w *labWorld) testList(t *testing.T) {
	r := w.domdoc(nil, "check", "shop.healthy.com", "shop.caa.com", "shop.healthy.co.uk",
		"http://shop.healthy.com/path", "shop healthy.com", "-o", "jsonl")
	if r.err != nil || r.exit != 1 {
		t.Errorf("exit code %d, %v: %s", r.exit, r.err, r.stderr)
	}
	got := map[string]string{}
	for line := range strings.Lines(string(r.stdout)) {
		var d labDomain
		if err := json.Unmarshal([]byte(line), &d); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		if d.Domain == "" { // the last line, about the run
			continue
		}
		got[d.Domain] = strings.Join(append([]string{d.Verdict}, labRootCauses(d.Findings)...), ", ")
	}
	want := map[string]string{
		"shop.healthy.com": "pass", "shop.caa.com": "fail, fail caa.forbids", "shop.healthy.co.uk": "pass",
		"shop healthy.com": "fail, fail service.name-malformed",
	}
	for name, w := range want {
		if got[name] != w {
			t.Errorf("%s: %q, want %q", name, got[name], w)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d domains: %v", len(got), got)
	}
}

// testTenant lists and checks every domain of the service.
func (w *labWorld) testTenant(t *testing.T) {
	env := []string{"DOMDOC_API_URL=http://" + labAPI, "DOMDOC_TOKEN=" + labToken}
	held := 0
	for _, c := range labServiceCases {
		if c.service.domain != "" {
			held++
		}
	}
	for _, c := range labChanges {
		if c.service != nil {
			held++
		}
	}
	list := w.domdoc(env, "domains", "-o", "jsonl")
	if n := bytes.Count(list.stdout, []byte("\n")); n != held || list.exit != 0 {
		t.Errorf("%d domains are listed, want %d; exit code %d: %s", n, held, list.exit, list.stderr)
	}
	r := w.domdoc(env, "check", "--all", "-o", "json")
	report := r.report(t)
	if r.exit != 1 || len(report.Domains) != held {
		t.Errorf("%d of %d domains, exit code %d", len(report.Domains), held, r.exit)
	}
	if report.Tenant == nil || len(report.Tenant.Findings) > 0 {
		t.Errorf("tenant: %+v", report.Tenant)
	}
	for _, d := range report.Domains {
		if d.Domain == "shop.svc-healthy.com" && (d.Verdict != "pass" || d.ID == "" || d.ServiceStatus != "VERIFIED") {
			t.Errorf("%s: %s, %q, %q", d.Domain, d.Verdict, d.ID, d.ServiceStatus)
		}
	}
}

// testPropagation queries one record on every server, then a list of names at the resolvers alone.
func (w *labWorld) testPropagation(t *testing.T) {
	for _, c := range []struct {
		args []string
		exit int
		want []string
	}{
		{
			[]string{"gone.healthy-expect.com", "--type", "TXT"},
			0,
			[]string{"authoritative seen", "authoritative seen", "resolver not-asked", "resolver not-asked"},
		},
		{
			[]string{"_verify.shop.healthy-expect.com", "--type", "TXT", "--expect", "tok-7f3a91c2"},
			0,
			[]string{"authoritative match", "authoritative match", "resolver match", "resolver match"},
		},
		{
			[]string{"_verify.shop.disagree.com", "--type", "TXT", "--expect", "tok-7f3a91c2"},
			1,
			[]string{"authoritative match", "authoritative missing"},
		},
		{
			[]string{"shop.healthy-expect.com", "--type", "CNAME", "--expect", labTarget, "--authoritative=false"},
			0,
			[]string{"resolver match", "resolver match"},
		},
	} {
		t.Run(strings.Join(c.args, " "), func(t *testing.T) {
			r := w.domdoc(nil, append([]string{"propagation", "-o", "jsonl"}, c.args...)...)
			if r.err != nil || r.exit != c.exit {
				t.Errorf("exit code %d, want %d: %v %s", r.exit, c.exit, r.err, r.stderr)
			}
			var row struct {
				Servers []struct{ Kind, State string }
			}
			if err := json.Unmarshal(r.stdout, &row); err != nil {
				t.Fatalf("%v: %s", err, r.stdout)
			}
			var got []string
			for _, s := range row.Servers {
				got = append(got, s.Kind+" "+s.State)
			}
			slices.Sort(got)
			if len(got) < len(c.want) || !slices.Equal(got[:len(c.want)], c.want) {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

// testInterrupt interrupts a run after its first report: the output so far is complete lines.
func (w *labWorld) testInterrupt(t *testing.T) {
	cmd := w.inside(t.Context(), w.home, []string{"SSL_CERT_FILE=" + filepath.Join(w.dir, "root.pem")}, w.tools.domdoc,
		"check", "shop.dns-silent.com", "shop.healthy.com", "-o", "jsonl")
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(out)
	first, err := lines.ReadBytes('\n')
	if err != nil {
		t.Fatal(err)
	}
	interrupted := time.Now()
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	var d labDomain
	if err := json.Unmarshal(first, &d); err != nil || d.Domain != "shop.healthy.com" || d.Verdict != "pass" {
		t.Errorf("the first report: %v: %s", err, first)
	}
	rest, err := io.ReadAll(lines)
	if err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if took := time.Since(interrupted); cmd.ProcessState.ExitCode() != 130 || took > 2*time.Second {
		t.Errorf("exit code %d, %v after the interrupt", cmd.ProcessState.ExitCode(), took)
	}
	t.Run("what was cut short accuses nobody", func(t *testing.T) {
		for line := range strings.Lines(string(rest)) {
			if strings.HasPrefix(line, `{"schemaVersion"`) { // the last line, about the run
				continue
			}
			var d labDomain
			if err := json.Unmarshal([]byte(line), &d); err != nil || d.Domain != "shop.dns-silent.com" ||
				d.Verdict != "inconclusive" {
				t.Errorf("%v: %s: %s, %q", err, d.Domain, d.Verdict, labRootCauses(d.Findings))
			}
		}
	})
}

// labScenes are networks in which some queries fail.
var labScenes = []struct {
	name string
	// lab makes what the scene is in: the world as it is from elsewhere, or a lab of its own.
	lab   func(t *testing.T, world *lab, number int, cases []labCase) *lab
	cases []labCase
}{
	{
		// The root is where the resolvers say. The built-in root servers' addresses lead nowhere, as in a private
		// network.
		name: "a private root",
		lab: func(t *testing.T, world *lab, _ int, cases []labCase) *lab {
			return startLab(t, world.tools, labPlan{
				roots:    []string{"77.88.44.1", "77.88.44.2"},
				rootName: "private-root.net", resolvers: labResolvers, lost: labRoots, cases: cases,
			})
		},
		cases: []labCase{
			{name: "healthy", domain: "shop.healthy.com", zone: routed, expect: []string{expectRouting}},
			{
				name: "record missing", domain: "shop.missing.com", zone: routed, expect: []string{expectToken},
				want: labWant{
					verdict: "fail", roots: []string{"fail record.missing verification"},
					codes: []string{"DOMAIN_004 predicted"},
				},
			},
		},
	},
	{
		name:  "one resolver is down",
		lab:   seen(labView{closed: []string{"1.1.1.1"}}),
		cases: oneResolver(5 * time.Second),
	},
	{
		name:  "one resolver is silent",
		lab:   seen(labView{lost: []string{"1.1.1.1"}}),
		cases: oneResolver(15 * time.Second),
	},
	{
		name:  "the first resolver is silent",
		lab:   seen(labView{lost: []string{"8.8.8.8"}}),
		cases: oneResolver(25 * time.Second),
	},
	{
		name: "both resolvers are down, the authoritative servers are not",
		lab:  seen(labView{closed: labResolvers}),
		cases: []labCase{{
			name: "healthy", domain: "shop.healthy.com", expect: []string{expectRouting},
			want: labWant{
				verdict: "inconclusive", roots: []string{"inconclusive vantage.offline"},
				vantage: []string{"inconclusive vantage.offline"}, registered: "unknown",
			},
		}},
	},
	{
		// Some networks let port 53 through to their own resolvers, or to well-known ones, and to nobody else.
		name: "port 53 leads to the resolvers only",
		lab:  seen(labView{only: slices.Concat(labResolvers, []string{labEdge1, labEdge2, labIANA, labRegistry})}),
		cases: []labCase{{
			name: "healthy", domain: "shop.healthy.com", expect: []string{expectRouting},
			want: labWant{
				verdict: "inconclusive", roots: []string{"inconclusive vantage.port53-blocked"},
				vantage: []string{"inconclusive vantage.port53-blocked"}, within: 30 * time.Second,
			},
		}},
	},
	{
		name: "no network",
		lab:  func(t *testing.T, world *lab, _ int, _ []labCase) *lab { return noLab(t, world.tools, false) },
		cases: []labCase{{
			name: "anything", domain: "shop.healthy.com", expect: []string{expectRouting},
			want: labWant{
				verdict: "inconclusive", roots: []string{"inconclusive vantage.offline"},
				vantage: []string{"inconclusive vantage.offline"}, registered: "unknown", within: 5 * time.Second,
			},
		}},
	},
	{
		name: "every packet is lost",
		lab:  func(t *testing.T, world *lab, _ int, _ []labCase) *lab { return noLab(t, world.tools, true) },
		cases: []labCase{{
			name: "anything", domain: "shop.healthy.com", expect: []string{expectRouting},
			want: labWant{
				verdict: "inconclusive", roots: []string{"inconclusive vantage.offline"},
				vantage: []string{"inconclusive vantage.offline"}, registered: "unknown", within: 40 * time.Second,
			},
		}},
	},
}

func seen(v labView) func(*testing.T, *lab, int, []labCase) *lab {
	return func(t *testing.T, world *lab, number int, _ []labCase) *lab {
		t.Helper()
		return world.from(t, number, v)
	}
}

// oneResolver is the report when one of the two resolvers does not answer: only its own rows are unknown.
func oneResolver(within time.Duration) []labCase {
	return []labCase{
		{
			name: "healthy", domain: "shop.healthy.com", expect: []string{expectRouting},
			want: labWant{verdict: "inconclusive", within: within, and: func(t *testing.T, d *labDomain) {
				for _, c := range d.Checks {
					if unknown := c.Status == "inconclusive"; unknown != (c.ID == "propagation") {
						t.Errorf("check %s: %s %s", c.ID, c.Status, c.Reason)
					}
				}
				if d.Facts.Delegation == nil || d.Facts.HTTP == nil || len(d.Facts.Certificates) != 2 ||
					len(d.Propagation) != 1 {
					t.Errorf("the report is not whole: %+v", d.Facts)
				}
			}},
		},
		{
			name: "record missing", domain: "shop.missing.com", expect: []string{expectToken},
			want: labWant{
				verdict: "fail", roots: []string{"fail record.missing verification"},
				codes: []string{"DOMAIN_004 predicted"}, within: within,
			},
		},
	}
}

// startLabScenes starts all runs at once: they mostly wait.
func startLabScenes(t *testing.T, world *lab) (test func(t *testing.T)) {
	t.Helper()
	runs := map[string]chan labRun{}
	for i, s := range labScenes {
		l := s.lab(t, world, i, s.cases)
		for _, c := range s.cases {
			run := make(chan labRun, 1)
			runs[s.name+c.name] = run
			go func() { run <- c.run(l) }()
		}
	}
	return func(t *testing.T) {
		for _, s := range labScenes {
			t.Run(s.name, func(t *testing.T) {
				for _, c := range s.cases {
					t.Run(c.name, func(t *testing.T) { c.test(t, <-runs[s.name+c.name]) })
				}
			})
		}
	}
}

// testReplay records a run in the lab and replays it without a network and without the lab's root certificate.
func (w *labWorld) testReplay(t *testing.T) {
	names := []string{
		"healthy", "healthy with IPv6, which is not tried here", "name doubled", "RDAP throttles, WHOIS knows",
		"registered, WHOIS only", "CAA of the CNAME's target forbids",
		"certificate of an unknown root", "certificate expired", "one of two name servers refuses",
		"redirects in a circle", "verification failed, and why", "a certificate that CAA forbids",
	}
	away := noLab(t, w.tools, false)
	for _, c := range w.cases {
		if !slices.Contains(names, c.name) {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "case.json")
			c.args = append(slices.Clone(c.args), "--record", file)
			want := c.run(w.lab)
			if want.err != nil {
				t.Fatal(want.err)
			}
			ctx, cancel := context.WithTimeout(context.Background(), labLimit)
			defer cancel()
			got, err := away.inside(ctx, away.home, []string{"HOME=" + t.TempDir()}, w.tools.domdoc, "replay", file, "-o",
				"json").Output()
			if ctx.Err() != nil || err != nil && want.exit == 0 {
				t.Fatal(err)
			}
			if diff := cmp.Diff(strings.Split(timeless(string(want.stdout)), "\n"),
				strings.Split(timeless(string(got)), "\n")); diff != "" {
				t.Errorf("the replay differs:\n%s", diff)
			}
			raw, err := os.ReadFile(file)
			if err != nil || bytes.Contains(raw, []byte(labToken)) {
				t.Errorf("the token is in the case, or %v", err)
			}
		})
	}
}
