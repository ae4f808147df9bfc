package cli

import (
	"context"
	"crypto/x509"
	"net"
	"strconv"
	"strings"
	"time"

	"domdoc/api/sandbox"
	"domdoc/catalog"
	"domdoc/checks"
	"domdoc/checks/probe"
	"domdoc/checks/probe/transport"
	"domdoc/checks/result"
	"domdoc/checks/vantage"
	"domdoc/ui/cli/config"
	"domdoc/ui/cli/manual"
)

// MainOn runs the program on a sandbox that a test has started.
func MainOn(ctx context.Context, env Env, world *sandbox.Sandbox) int {
	return runOn(ctx, env, &sandboxed{world: world}, nil)
}

// Elsewhere is a sandbox in another process.
type Elsewhere struct {
	network
	URL, Token string
	Dial       func(ctx context.Context, network, address string) (net.Conn, error)
	Roots      *x509.CertPool
}

// MainElsewhere runs the program on a sandbox in another process.
func MainElsewhere(ctx context.Context, env Env, e *Elsewhere) int { return runOn(ctx, env, e, nil) }

func (e *Elsewhere) apply(s *settings) {
	s.apiURL, s.token, s.tenant, s.paths = e.URL, e.Token, "", nil
}
func (e *Elsewhere) isolated() string { return "the sandbox makes its own token" }

func (e *Elsewhere) transport(opt *probe.Options) *transport.Live {
	opt.TrustedRoots, opt.Rate, opt.HasIPv6 = e.Roots, -1, func() bool { return true }
	return transport.NewLive(e.Dial, e.Roots)
}

// DoctorService returns what the doctor says about a service and the token for it.
func DoctorService(ctx context.Context, env Env, apiURL string) ([]vantage.Check, bool, error) {
	s := &settings{
		env: &env, backend: network{}, apiURL: apiURL, profile: config.DefaultProfile, token: env.Getenv("DOMDOC_TOKEN"),
	}
	c, err := connect(ctx, s)
	if err != nil {
		return nil, false, err
	}
	defer c.close()
	list, refused := serviceChecks(ctx, s, c)
	return list, refused, nil
}

// WatchExit is the exit code of a watch that --timeout ended: by the last verdicts of domains that --filter selects,
// and of others, and the number of domains without any.
func WatchExit(failOn string, selected, others []catalog.Verdict, unchecked int) int {
	targets, last := map[string]checks.Target{}, map[string]watched{}
	add := func(w *watched) {
		id := strconv.Itoa(len(targets))
		targets[id] = checks.Target{}
		if w != nil {
			last[id] = *w
		}
	}
	for _, v := range selected {
		add(&watched{v, true})
	}
	for _, v := range others {
		add(&watched{v, false})
	}
	for range unchecked {
		add(nil)
	}
	code, ok := exitOfWatch(targets, last, failOn).(exit)
	if !ok {
		return ExitOK
	}
	return int(code)
}

// Manual is the page of a command or topic: its full name, its help, and its examples.
type Manual struct {
	Path, Help string
	Examples   []string
	Topic      bool
}

// Manuals returns the pages of all commands and topics.
func Manuals() []Manual {
	var out []Manual
	s := &settings{env: &Env{Getenv: func(string) string { return "" }}, backend: network{}}
	for _, c := range manual.Commands(newRoot(s)) {
		out = append(out, Manual{
			Path: c.CommandPath(), Help: manual.Help(c),
			Examples: strings.Split(strings.TrimRight(c.Example, "\n"), "\n"), Topic: c.IsAdditionalHelpTopicCommand(),
		})
	}
	return out
}

// Overdue says which waits of a recorded case are over.
func Overdue(now time.Time, domains ...*result.Domain) string {
	o := overdue{now: now}
	for _, d := range domains {
		o.observe(d)
	}
	return o.says(func(t time.Time) string { return t.UTC().Format("15:04") })
}
