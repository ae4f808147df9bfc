package harness_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"domdoc/api/sandbox"
	"domdoc/api/sandbox/story"
	"domdoc/catalog"
	"domdoc/checks/audit/harness"
	"domdoc/checks/finding"
)

// networkFault is a machine that cannot see the world as it is.
type networkFault struct {
	name    string
	network string
	skew    time.Duration
	found   catalog.ID // what the look at this machine must find; empty where only single domains show it
	stands  catalog.ID // what must stand in the way of some domain
	tells   []string   // stories that are told whatever the turn
	// "nothing": no domain can be found healthy through it; "most": most of the healthy ones can; empty: it depends
	proves string
}

func networkFaults() []networkFault {
	const intercepted, dns64, skew, year = "vantage.port53-intercepted", "vantage.dns64", "vantage.clock-skew",
		365 * 24 * time.Hour
	return []networkFault{
		{name: "offline", network: "offline", found: "vantage.offline", stands: "vantage.offline", proves: "nothing"},
		{
			name: "port 53 blocked", network: "port53-blocked", found: "vantage.port53-blocked",
			stands: "vantage.port53-blocked", proves: "nothing",
		},
		{
			name: "TCP port 53 blocked", network: "tcp53-blocked", proves: "most",
			tells: []string{"healthy-long-answer", "truncated-no-tcp"},
		},
		{name: "intercepted", network: "intercepted", found: intercepted, stands: intercepted, proves: "nothing"},
		{
			name: "intercepted with authority", network: "intercepted-authority", found: intercepted, stands: intercepted,
			proves: "nothing",
		},
		{name: "only 8.8.8.8 intercepted", network: "intercepted-google", found: intercepted, stands: intercepted},
		{name: "only 1.1.1.1 intercepted", network: "intercepted-cloudflare", found: intercepted, stands: intercepted},
		{name: "captive", network: "captive", found: intercepted, stands: intercepted, proves: "nothing"},
		{name: "web blocked", network: "web-blocked"},
		{name: "no IPv6", network: "no-ipv6", proves: "most"},
		{name: "IPv6 broken", network: "ipv6-broken", proves: "most"},
		{name: "DNS64", network: "dns64", found: dns64, proves: "most"},
		{name: "DNS64 with its own prefix", network: "dns64-own-prefix", found: dns64, proves: "most"},
		{name: "resolvers that do not say who they are", network: "reticent", proves: "most"},
		{name: "TLS intercepted", network: "tls-intercepted", stands: "vantage.tls-intercepted"},
		{name: "clock two years ahead", skew: 2 * year, stands: skew},
		{name: "clock a month behind", skew: -30 * 24 * time.Hour},
		{name: "clock an hour ahead", skew: time.Hour, stands: skew},
	}
}

// TestNoAccusationFromABadNetwork: whatever stands between this machine and the world, no domain is accused of what
// it is not at fault for. Half of the healthy stories and, in turn, a part of the others are told through every
// network: what fails there must be what the story says, or must not be judged.
func TestNoAccusationFromABadNetwork(t *testing.T) {
	t.Parallel()
	for turn, n := range networkFaults() {
		t.Run(n.name, func(t *testing.T) {
			t.Parallel()
			lab, err := harness.New(t.Context(), sandbox.Options{Network: n.network, Skew: n.skew})
			if err != nil {
				t.Fatal(err)
			}
			defer lab.Close()
			v := lab.Doctor.Vantage(t.Context())
			if n.found != "" && !slices.ContainsFunc(v.Findings, func(f *finding.Finding) bool { return f.ID == n.found }) {
				t.Errorf("the look at this machine finds %v, want %s", v.Findings, n.found)
			}
			var stories []*story.Story
			healthy := 0
			for i, s := range lab.Stories() {
				every := 6
				if s.Healthy {
					every = 2
				}
				if (i+turn)%every == 0 || slices.Contains(n.tells, s.Name) {
					stories = append(stories, s)
					if s.Healthy {
						healthy++
					}
				}
			}
			var mu sync.Mutex
			var wg sync.WaitGroup
			slots := make(chan struct{}, 128)
			passed, stood := 0, 0
			for _, s := range stories {
				slots <- struct{}{}
				wg.Go(func() {
					defer func() { <-slots }()
					o, err := lab.Run(t.Context(), s)
					mu.Lock()
					defer mu.Unlock()
					if err != nil {
						t.Error(err)
						return
					}
					if o.Report.Verdict == catalog.Pass {
						passed++
					}
					for _, f := range o.Report.Roots() {
						if f.ID == n.stands {
							stood++
						}
						if accuses(f, s) {
							t.Errorf("%s: %s\n\t%s | %s", s.Name, f, f.Summary(), f.Why())
						}
					}
				})
			}
			wg.Wait()
			if n.proves == "nothing" && passed > 0 {
				t.Errorf("%d domains are called healthy, and nobody can tell from here", passed)
			}
			if n.proves == "most" && 2*passed < healthy {
				t.Errorf("only %d of %d healthy domains are found to be", passed, healthy)
			}
			if n.stands != "" && stood == 0 {
				t.Errorf("%s stands in nobody's way", n.stands)
			}
		})
	}
}

// accuses reports whether a finding is a root cause that its story knows nothing of and that somebody is to mend.
func accuses(f *finding.Finding, s *story.Story) bool {
	return f.Verdict != catalog.Inconclusive && !slices.ContainsFunc(s.Expects, func(e story.Expect) bool {
		return e.Cause == string(f.ID)
	})
}
