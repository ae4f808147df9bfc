// Package setup has the options of the dashboard, so that the command line can set them without importing Bubble Tea.
package setup

import (
	"context"
	"fmt"
	"io"
	"iter"
	"time"

	"domdoc/api"
	"domdoc/catalog"
	"domdoc/checks"
	"domdoc/checks/probe"
	"domdoc/checks/result"
)

// ErrHangup means that the terminal of the dashboard is gone.
var ErrHangup = fmt.Errorf("the terminal is gone: %w", context.Canceled)

// Source is what the dashboard shows: the domains of one profile and what diagnoses them. Only Doctor is required.
type Source struct {
	// Doctor diagnoses. Fresh returns a doctor without cached answers, whose session the dashboard closes; if nil,
	// Doctor is used again.
	Doctor *checks.Doctor
	Fresh  func() *checks.Doctor
	// Wire carries what is not DNS in the diagnosis of a plan; nil: nothing is planned.
	Wire probe.Transport
	// Domains yields the tenant's domains as they arrive, and Client sends requests to the service; nil without a
	// service.
	Domains func(context.Context) iter.Seq2[api.Domain, error]
	Client  *api.Client
	// PageURL is the page of a domain at the service, with {id} or {domain}; may be empty.
	PageURL string
	Names   []string // the domains to show without a service
	// Reports are the diagnoses of a recorded case. They are shown, and nothing is queried.
	Reports []*result.Domain
	Profile string
	Reader  catalog.Reader // who reads
	// Origin is what the results of an earlier run must be of to be shown: the service's address. The tenant is
	// compared, too.
	Origin string
	Title  string // "sandbox", the name of the profile or the host of the service
	Close  func() // closes what the source has opened, once it is no longer used; may be nil
}

// Themes are the palettes of the dashboard, as ui/dashboard/theme has them.
func Themes() []string { return []string{"terminal", "light", "dark", "contrast"} }

// Options are the source and how the dashboard shows it.
type Options struct {
	Source
	// Start is the domain to start with in a demonstration: all domains are diagnosed at once, and a hint names it.
	Start string
	// Profiles are the profiles that can be shown, and Switch opens one.
	Profiles []string
	Switch   func(ctx context.Context, profile string) (Source, error)

	Version string
	Jobs    int    // concurrent diagnoses; 0 is [checks.Jobs]
	Color   string // auto, always or never
	Plain   bool   // plain lines for screen readers
	Theme   string // terminal, light, dark or contrast; empty: by the terminal
	// Keys are the keys in the config file, by action. They replace the default keys of the action.
	Keys map[string][]string

	// StateDir is the directory of the log and the saved state; empty: there is none. Forget saves no state.
	StateDir string
	Forget   bool
	// Dir is the directory that is proposed for exported reports; empty is the working directory. TempDir is for the
	// temporary file of reports; empty is the system's.
	Dir, TempDir string

	Now func() time.Time // default: time.Now
	In  io.Reader        // default: os.Stdin
	Out io.Writer        // default: os.Stdout
	Env []string         // default: os.Environ()
}
