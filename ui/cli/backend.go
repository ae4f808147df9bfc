package cli

import (
	"context"
	"io"
	"path/filepath"
	"time"

	"domdoc/api"
	"domdoc/api/sandbox"
	"domdoc/checks/probe"
	"domdoc/checks/probe/transport"
	"domdoc/checks/result"
	"domdoc/ui/cli/casefile"
	"domdoc/ui/cli/gates"
	"domdoc/ui/dashboard/setup"

	"github.com/spf13/cobra"
)

// backend is what a run asks: the network with the configured service, the sandbox of demo, or a recorded case. It is
// chosen once, when a run starts.
type backend interface {
	// apply overrides the settings that the backend determines, such as the address of the service.
	apply(*settings)
	// isolated says why the user's config file, credentials and caches are not used; empty when they are.
	isolated() string
	// transport returns what carries the probes of all sessions, and sets the options that go with it. It returns nil
	// when nothing is sent.
	transport(*probe.Options) *transport.Live
	// session sets the options of one session.
	session(*probe.Options)
	// service sets how a client reaches the service.
	service(*api.Config)
	// input returns an input of the command; open opens the file.
	input(path string, open func() (io.ReadCloser, error)) (io.ReadCloser, error)
	// pause returns how long to wait before the next query, if d is the regular time.
	pause(d time.Duration) time.Duration
	// dashboard adjusts the options of the dashboard. stateDirNamed reports whether the environment names the directory
	// of its state.
	dashboard(opt *setup.Options, stateDirNamed bool)
	// commands returns the commands that only this backend has.
	commands(*settings) []*cobra.Command
}

// network is the real network, with the service of the profile.
type network struct{}

func (network) apply(*settings)                                    {}
func (network) isolated() string                                   { return "" }
func (network) transport(*probe.Options) *transport.Live           { return transport.NewLive(nil, nil) }
func (network) session(*probe.Options)                             {}
func (network) service(*api.Config)                                {}
func (network) pause(d time.Duration) time.Duration                { return d }
func (network) dashboard(*setup.Options, bool)                     {}
func (network) commands(s *settings) []*cobra.Command              { return append(caseCommands(s), newDemo(s)) }
func (network) input(_ string, open opener) (io.ReadCloser, error) { return open() }

type opener = func() (io.ReadCloser, error)

// caseCommands are the commands that read recorded cases and reports.
func caseCommands(s *settings) []*cobra.Command {
	return []*cobra.Command{newReplay(s), newDiff(s), newMerge(s)}
}

// sandboxed is a sandbox, which is the service and the Internet around it.
type sandboxed struct {
	network
	world  *sandbox.Sandbox
	listed []string // the stories of the tenant's list; nil for all
	guided bool     // the dashboard diagnoses all domains and says where to start
}

func (b *sandboxed) apply(s *settings) {
	s.apiURL, s.token, s.tenant, s.paths, s.title = b.world.URL(), b.world.Token(), "", nil, "sandbox"
}

func (b *sandboxed) isolated() string { return "the sandbox makes its own token" }

func (b *sandboxed) transport(opt *probe.Options) *transport.Live {
	live := transport.NewLive(b.world.Dial, b.world.Roots())
	live.SetClock(b.world.Now)
	opt.Now, opt.TrustedRoots, opt.Rate, opt.HasIPv6 = b.world.Now, b.world.Roots(), -1, func() bool { return true }
	return live
}

func (b *sandboxed) service(cfg *api.Config) { cfg.Now = b.world.Now }

// dashboard keeps no state, unless the environment names a directory for it.
func (b *sandboxed) dashboard(opt *setup.Options, stateDirNamed bool) {
	opt.Forget = !stateDirNamed
	opt.Origin = "sandbox" // its address is another one each time
	if b.guided {
		opt.Start = b.world.Domain(b.world.Story(sandbox.Small()[0]))
	}
}

func (b *sandboxed) commands(s *settings) []*cobra.Command { return caseCommands(s) }

// replayed is a recorded case. There is no network and no service but the recorded answers.
type replayed struct {
	replay *casefile.Replay
	// path and reports are for the dashboard: the name of the case file, and its diagnoses.
	path    string
	reports []*result.Domain
}

func (b *replayed) apply(s *settings) {
	c := b.replay.Settings
	s.apiURL, s.token, s.tenant, s.paths, s.resolvers = c.APIURL, c.Token(), c.Tenant, c.Paths, c.Resolvers
	s.allowPrivate, s.profile, s.title, s.authCode = c.AllowPrivate, c.Profile, c.Title, c.AuthCode
	s.rules = gates.Rules{Severities: c.Severity, Ignores: c.Ignore, Source: b.path}
}

func (b *replayed) isolated() string { return "a recorded case is replayed" }

func (b *replayed) transport(opt *probe.Options) *transport.Live {
	opt.Now = b.replay.Now
	return nil
}

func (b *replayed) session(opt *probe.Options) { opt.Replay = b.replay.NextSession() }

func (b *replayed) service(cfg *api.Config) {
	if b.replay.Service == nil {
		b.replay.Service = &api.Tape{}
	}
	cfg.HTTPTransport = b.replay.Service.Replay()
	cfg.Sleep = func(context.Context, time.Duration) error { return nil }
}

func (b *replayed) input(path string, open opener) (io.ReadCloser, error) {
	if in, ok := b.replay.Input(path); ok {
		return io.NopCloser(in), nil
	}
	return open()
}

// pause is 0: the next answers are already recorded.
func (b *replayed) pause(time.Duration) time.Duration { return 0 }

// dashboard shows the diagnoses of the case.
func (b *replayed) dashboard(opt *setup.Options, _ bool) {
	opt.Reports, opt.Domains, opt.Fresh, opt.Client, opt.Profiles, opt.Forget = b.reports, nil, nil, nil, nil, true
	opt.Wire = nil
	opt.Title = "case " + filepath.Base(b.path)
}

func (b *replayed) commands(s *settings) []*cobra.Command { return []*cobra.Command{newDemo(s)} }

// recording is a backend whose answers are recorded into a case.
type recording struct {
	backend
	recorder *casefile.Recorder
}

func (b recording) session(opt *probe.Options) {
	b.backend.session(opt)
	opt.Record = b.recorder.NewSession()
}

func (b recording) service(cfg *api.Config) {
	b.backend.service(cfg)
	b.recorder.Service(cfg)
}

func (b recording) input(path string, open opener) (io.ReadCloser, error) {
	in, err := b.backend.input(path, open)
	if err != nil {
		return nil, err
	}
	return struct {
		io.Reader
		io.Closer
	}{b.recorder.Input(path, in), in}, nil
}
