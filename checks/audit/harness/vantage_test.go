package harness_test

import (
	"context"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"domdoc/api/sandbox"
	"domdoc/api/sandbox/sandboxtest"
	"domdoc/api/sandbox/story"
	"domdoc/catalog"
	"domdoc/checks/audit/harness"
	"domdoc/checks/finding"
	"domdoc/checks/vantage"
)

// networkFault is a machine that does not see the world as it is.
type networkFault struct {
	name    string
	network string
	skew    time.Duration
	found   catalog.ID // what the checks of this machine must find; empty where only single domains show it
	stands  catalog.ID // the root cause that some domain must have
	always  []string   // stories that are run whatever the turn
	proves  provable
}

// provable is how many of the healthy domains can be reported as healthy through a network.
type provable uint8

const (
	some provable = iota // it depends
	nothing
	most
)

func networkFaults() []networkFault {
	const intercepted, dns64, skew, year = "vantage.port53-intercepted", "vantage.dns64", "vantage.clock-skew",
		365 * 24 * time.Hour
	return []networkFault{
		{name: "offline", network: "offline", found: "vantage.offline", stands: "vantage.offline", proves: nothing},
		{
			name: "port 53 blocked", network: "port53-blocked", found: "vantage.port53-blocked",
			stands: "vantage.port53-blocked", proves: nothing, always: delegatedAnyway,
		},
		{
			name: "TCP port 53 blocked", network: "tcp53-blocked", proves: most,
			always: []string{"healthy-long-answer", "truncated-no-tcp"},
		},
		{
			name: "intercepted", network: "intercepted", found: intercepted, stands: intercepted, proves: nothing,
			always: delegatedAnyway,
		},
		{
			name: "intercepted with authority", network: "intercepted-authority", found: intercepted, stands: intercepted,
			proves: nothing,
		},
		{name: "only 8.8.8.8 intercepted", network: "intercepted-google", found: intercepted, stands: intercepted},
		{name: "only 1.1.1.1 intercepted", network: "intercepted-cloudflare", found: intercepted, stands: intercepted},
		{name: "captive", network: "captive", found: intercepted, stands: intercepted, proves: nothing},
		{name: "web blocked", network: "web-blocked"},
		{name: "no IPv6", network: "no-ipv6", proves: most},
		{name: "IPv6 broken", network: "ipv6-broken", proves: most},
		{name: "DNS64", network: "dns64", found: dns64, proves: most},
		{name: "DNS64 with its own prefix", network: "dns64-own-prefix", found: dns64, proves: most},
		{name: "resolvers that do not say who they are", network: "reticent", proves: most},
		{name: "TLS intercepted", network: "tls-intercepted", stands: "vantage.tls-intercepted"},
		{name: "clock two years ahead", skew: 2 * year, stands: skew},
		{name: "clock a month behind", skew: -30 * 24 * time.Hour},
		{name: "clock an hour ahead", skew: time.Hour, stands: skew},
	}
}

// delegatedAnyway are healthy domains about which a registry says what only their delegation contradicts.
var delegatedAnyway = []string{"healthy-forgotten-by-registry", "healthy-hold-in-text", "healthy-naming-rules"}

// plain is a healthy story that meets every network fault.
const plain = "healthy-txt"

// throughFault returns the stories that run through a network: half of the healthy ones and a sixth of the others,
// which differ by network. Of these a seeded tenth runs unless the tests run in full. Under the race detector a tenth
// is enough: the stories take the same paths through a network, and TestMain runs all of them through a good one.
func throughFault(t *testing.T, n networkFault, turn int) []string {
	t.Helper()
	stories := slices.DeleteFunc(builtin(t), func(s *story.Story) bool { return s.Alone })
	var names []string
	for i, s := range stories {
		every := 6
		if s.Healthy {
			every = 2
		}
		if (i+turn)%every == 0 {
			names = append(names, s.Name)
		}
	}
	names = sandboxtest.UnderRace(t, sandboxtest.Sample(t, names))
	return append(append(slices.Clone(names), n.always...), plain)
}

// throughNetwork is the result of running stories through a network.
type throughNetwork struct {
	vantage  *vantage.Report
	outcomes []*harness.Outcome
	err      error
}

func runThrough(ctx context.Context, n networkFault, stories []string) (r throughNetwork) {
	h, err := harness.New(ctx, sandbox.Options{Network: n.network, Skew: n.skew, Only: stories})
	if err != nil {
		return throughNetwork{err: err}
	}
	defer h.Close()
	r.vantage = h.Doctor.Vantage(ctx)
	var mu sync.Mutex
	var wg sync.WaitGroup
	slots := make(chan struct{}, 128)
	for _, s := range h.Stories() {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			o, err := h.Run(ctx, s)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				r.err = err
			} else {
				r.outcomes = append(r.outcomes, o)
			}
		})
	}
	wg.Wait()
	if n.proves == most && r.err == nil {
		r.again(ctx, n)
	}
	return r
}

// again diagnoses the plain story by itself, if it did not pass beside all others: a machine that is busy with them
// leaves questions unanswered.
func (r *throughNetwork) again(ctx context.Context, n networkFault) {
	i := slices.IndexFunc(r.outcomes, func(o *harness.Outcome) bool {
		return o.Story.Name == plain && o.Report.Verdict != catalog.Pass
	})
	if i < 0 {
		return
	}
	h, err := harness.New(ctx, sandbox.Options{Network: n.network, Skew: n.skew, Only: []string{plain}})
	if err != nil {
		r.err = err
		return
	}
	defer h.Close()
	r.outcomes[i], r.err = h.Run(ctx, h.Stories()[0])
}

// TestNoAccusationFromABadNetwork: whatever is between this machine and the world, no domain is accused of a fault
// that it does not have. A story that fails through such a network must fail as it expects, or be inconclusive.
//
// The test is not parallel: it mostly waits for timeouts, as do the stories that TestMain started, and both should
// wait at the same time.
func TestNoAccusationFromABadNetwork(t *testing.T) {
	if !sandboxtest.Full() {
		t.Parallel()
	}
	faults := networkFaults()
	atOnce := len(faults) // a sample mostly waits for answers that do not come
	if sandboxtest.Full() {
		atOnce = runtime.GOMAXPROCS(0)
	}
	slots := make(chan struct{}, atOnce)
	runs := make([]throughNetwork, len(faults))
	var wg sync.WaitGroup
	for turn, n := range faults {
		stories := throughFault(t, n, turn)
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			runs[turn] = runThrough(t.Context(), n, stories)
		})
	}
	wg.Wait()
	for i, n := range faults {
		t.Run(n.name, func(t *testing.T) {
			t.Parallel()
			if runs[i].err != nil {
				t.Fatal(runs[i].err)
			}
			judgeNetwork(t, n, runs[i])
		})
	}
}

// TestWarningsStayWarnings: an impersonated resolver, one of two, leaves a warning that does not rest on it as it is,
// and a domain without findings inconclusive.
func TestWarningsStayWarnings(t *testing.T) {
	t.Parallel()
	for _, network := range []string{"intercepted-google", "intercepted-cloudflare"} {
		t.Run(network, func(t *testing.T) {
			t.Parallel()
			r := runThrough(t.Context(), networkFault{network: network}, []string{"expires-soon", plain})
			if r.err != nil {
				t.Fatal(r.err)
			}
			for _, o := range r.outcomes {
				want := catalog.Warn
				if o.Story.Name == plain {
					want = catalog.Inconclusive
				}
				if o.Report.Verdict != want {
					t.Errorf("%s: %s, want %s: %v", o.Story.Name, o.Report.Verdict, want, o.Report.Findings)
				}
			}
		})
	}
}

func judgeNetwork(t *testing.T, n networkFault, r throughNetwork) {
	t.Helper()
	if n.found != "" && !slices.ContainsFunc(r.vantage.Findings, func(f *finding.Finding) bool {
		return f.ID == n.found
	}) {
		t.Errorf("the checks of this machine found %v, want %s", r.vantage.Findings, n.found)
	}
	passed, healthy, stood := 0, 0, 0
	for _, o := range r.outcomes {
		if o.Story.Healthy {
			healthy++
		}
		if o.Report.Verdict == catalog.Pass {
			passed++
		} else if o.Story.Name == plain && n.proves == most {
			t.Errorf("%s: verdict %s, want pass: this network does not hinder its checks", plain, o.Report.Verdict)
		}
		for _, f := range o.Report.Roots() {
			if f.ID == n.stands {
				stood++
			}
			if accuses(f, o.Story) {
				t.Errorf("%s: %s\n\t%s | %s", o.Story.Name, f, f.Summary(), f.Why())
			}
		}
	}
	if n.proves == nothing && passed > 0 {
		t.Errorf("%d domains are reported as healthy, although this network prevents the checks", passed)
	}
	if n.proves == most && sandboxtest.Full() && !sandboxtest.Race && 2*passed < healthy {
		t.Errorf("only %d of %d healthy domains are reported as healthy", passed, healthy)
	}
	if n.stands != "" && stood == 0 {
		t.Errorf("no domain has the root cause %s, although this network causes it", n.stands)
	}
}

// accuses reports whether a finding is a root cause that its story does not expect. Where the story's DNSSEC fault
// cannot be judged here, as with a wrong clock, that resolvers reject the answers is the same fault.
func accuses(f *finding.Finding, s *story.Story) bool {
	return f.Verdict != catalog.Inconclusive && !slices.ContainsFunc(s.Expects, func(e story.Expect) bool {
		return e.Cause == string(f.ID) || f.ID == "dnssec.answer-rejected" && strings.HasPrefix(e.Cause, "dnssec.")
	})
}
