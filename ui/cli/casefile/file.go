// Package casefile records a run into a case file and replays it. A case holds everything that the run asked and was
// answered, and its command line and settings, without secrets. A replay applies today's rules to it without a
// network.
package casefile

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"domdoc/api"
	"domdoc/checks/probe/recording"
	"domdoc/ui/cli/usage"
)

// File is the content of a case file. Its JSON names are stable.
type File struct {
	Format    string                 `json:"format"`
	Version   int                    `json:"version"`
	Tool      Tool                   `json:"tool"`
	StartedAt time.Time              `json:"startedAt"`
	Args      []string               `json:"args"`             // the command line without the flags for its output
	Inputs    map[string]string      `json:"inputs,omitempty"` // files and stdin ("-") that the command read
	Settings  Settings               `json:"settings"`
	Sessions  []*recording.Recording `json:"sessions"`
	Service   *api.Tape              `json:"service,omitempty"`
	Cut       *Cut                   `json:"cut,omitempty"` // nil: the run was complete
}

// Cut describes a run that ended before all checks had.
type Cut struct {
	Why   string   `json:"why"`
	Ended []string `json:"ended"` // names and ids of the domains whose checks had ended
}

// Tool is the program that recorded a case.
type Tool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// Settings are the settings that the recorded run used.
type Settings struct {
	APIURL       string            `json:"apiUrl,omitempty"`
	Tenant       string            `json:"tenant,omitempty"`
	Profile      string            `json:"profile,omitempty"`
	Resolvers    []string          `json:"resolvers,omitempty"`
	AllowPrivate bool              `json:"allowPrivate,omitempty"`
	Paths        map[string]string `json:"paths,omitempty"`
	Severity     map[string]string `json:"severity,omitempty"`
	Ignore       []string          `json:"ignore,omitempty"`
	// Claims are those of the service token. The token itself is not recorded.
	Claims *Claims `json:"claims,omitempty"`
	Opaque bool    `json:"opaqueToken,omitempty"` // there was a token without claims
	// AuthCode has the form of the authorization code, with every character changed.
	AuthCode *string `json:"authCode,omitempty"`
	Title    string  `json:"title,omitempty"`
}

// Claims are the claims of a service token that diagnoses use.
type Claims struct {
	TenantID  string    `json:"tenantId,omitempty"`
	PlanTier  string    `json:"planTier,omitempty"`
	ExpiresAt time.Time `json:"exp,omitzero"`
}

const (
	format   = "domdoc case"
	version  = 1
	maxFile  = 512 << 20 // bytes of a case file; a large tenant's are big
	maxInput = 16 << 20  // bytes of one recorded input
)

// recordable are the commands that query something. A replay runs no others: a case may come from anywhere, and
// commands such as logout and man change files.
var recordable = []string{
	"audit", "check", "doctor", "domains", "plan", "propagation", "registration", "triage", "wait",
}

// Recordable reports whether a command can be recorded.
func Recordable(command string) bool { return slices.Contains(recordable, command) }

// Read reads a case file, which may come from an untrusted source. The name is for errors.
func Read(in io.Reader, name string) (*Replay, error) {
	name = usage.Clean(name)
	bad := func(format string, args ...any) error {
		return usage.Errorf("domdoc check shop.example.com --record case.json creates one", "%s is not a case file: %w",
			name, fmt.Errorf(format, args...))
	}
	p := &Replay{}
	again := newAgain(in)
	if !p.decodePlain(&bounded{in: again, left: maxFile}) {
		limited, err := &bounded{left: maxFile}, error(nil)
		if limited.in, limited.err = again.rewind(); limited.err == nil {
			p = &Replay{}
			err = p.decode(json.NewDecoder(limited))
		}
		switch {
		case limited.left < 0:
			return nil, bad("larger than %d MiB", maxFile>>20)
		case limited.err != nil:
			return nil, usage.Errorf("", "reading the case %s: %w", name, limited.err)
		case err != nil:
			return nil, bad("%w", err)
		}
	}
	switch {
	case p.Format != format:
		return nil, bad("its format is not %q", format)
	case len(p.Sessions) == 0 || slices.Contains(p.Sessions, nil):
		return nil, bad("it has no recorded session")
	case len(p.Args) == 0:
		return nil, bad("it does not name the recorded command")
	case !Recordable(p.Args[0]):
		return nil, bad("the command %q cannot be recorded", usage.Clean(p.Args[0]))
	}
	return p, nil
}

// decode reads the file session by session: as one JSON value it would be in memory several times.
func (f *File) decode(dec *json.Decoder) error {
	into := map[string]any{
		"format": &f.Format, "tool": &f.Tool, "startedAt": &f.StartedAt, "args": &f.Args, "inputs": &f.Inputs,
		"settings": &f.Settings, "service": &f.Service, "cut": &f.Cut,
	}
	err := recording.DecodeObject(dec, func(name string) error {
		switch name {
		case "version":
			if err := dec.Decode(&f.Version); err != nil {
				return err
			}
			if f.Version > version {
				return fmt.Errorf("a later version of domdoc wrote it (format version %d; this one reads %d)", f.Version,
					version)
			}
			return nil
		case "sessions":
			return recording.DecodeArray(dec, func(int) error {
				session := &recording.Recording{}
				f.Sessions = append(f.Sessions, session)
				return session.Decode(dec)
			})
		}
		field, known := into[name]
		if !known {
			field = &json.RawMessage{}
		}
		return dec.Decode(field)
	})
	if err != nil {
		return err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows the JSON value")
	}
	return nil
}

// bounded reads up to a number of bytes. It keeps an error of the reading apart from one in what was read.
type bounded struct {
	in   io.Reader
	left int // bytes; below 0: there was more
	err  error
}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.in.Read(p)
	if b.left -= n; b.left < 0 {
		return 0, errors.New("too large")
	}
	if err != nil && !errors.Is(err, io.EOF) {
		b.err = err
	}
	return n, err
}

// Token returns an unsigned token with the recorded claims; empty when there was no token.
func (s *Settings) Token() string {
	c := s.Claims
	switch {
	case c == nil && s.Opaque:
		return "opaque"
	case c == nil:
		return ""
	}
	claims := map[string]any{"tenantId": c.TenantID, "planTier": c.PlanTier}
	if !c.ExpiresAt.IsZero() {
		claims["exp"] = c.ExpiresAt.Unix()
	}
	body, err := json.Marshal(claims)
	if err != nil {
		return ""
	}
	encode := base64.RawURLEncoding.EncodeToString
	return encode([]byte(`{"alg":"none"}`)) + "." + encode(body) + "."
}
