package casefile

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"domdoc/api"
	"domdoc/checks/probe/recording"
	"domdoc/checks/ticket"
	"domdoc/checks/ticket/mail"
	"domdoc/ui/cli/usage"
	"domdoc/ui/privatefile"
)

// Recorder collects a case while a command runs. It is safe for concurrent use.
type Recorder struct {
	path   string
	secret *recording.Secrets

	mu    sync.Mutex // guards the fields below
	file  File
	ended []string // names and ids of domains
}

// NewRecorder returns a recorder for a command line. It fails early when the file cannot be written.
func NewRecorder(path, toolVersion string, args []string) (*Recorder, error) {
	const hint = "--record case.json"
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return nil, usage.Errorf(hint, "--record: %s is a directory", usage.Clean(path))
	}
	if !isSpecial(path) {
		f, err := os.CreateTemp(filepath.Dir(path), ".domdoc-case-*")
		if err != nil {
			return nil, usage.Errorf(hint, "--record: cannot write the case: %w", err)
		}
		_ = f.Close()
		_ = os.Remove(f.Name())
	}
	return &Recorder{path: path, secret: &recording.Secrets{}, file: File{
		Format: format, Version: version, Tool: Tool{"domdoc", toolVersion},
		Args: args, Inputs: map[string]string{}, Sessions: []*recording.Recording{},
	}}, nil
}

// Start records the settings of the run and its start. The authorization code, if any, is masked.
func (r *Recorder) Start(s Settings, authCode *string, at time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.file.StartedAt = at.UTC()
	r.file.Settings = s
	if authCode != nil {
		r.secret.Add(*authCode)
		masked := maskCode(*authCode)
		r.file.Settings.AuthCode = &masked
	}
}

// NewSession returns the tape of one more session.
func (r *Recorder) NewSession() *recording.Recording {
	t := recording.New(r.secret)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.file.Sessions = append(r.file.Sessions, t)
	return t
}

// Service has the calls of a client of the service recorded, without the secrets of its session.
func (r *Recorder) Service(cfg *api.Config) {
	r.secret.Add(cfg.Token, cfg.RefreshToken)
	r.mu.Lock()
	defer r.mu.Unlock()
	if claims, err := api.ReadClaims(cfg.Token); err == nil {
		r.file.Settings.Claims = &Claims{claims.TenantID, claims.PlanTier, claims.ExpiresAt}
		r.secret.Add(claims.Email)
	} else {
		r.file.Settings.Opaque = cfg.Token != ""
	}
	r.file.Service = &api.Tape{}
	cfg.Tape = r.file.Service
	cfg.Clean = r.secret.JSON
	if onTokens := cfg.OnTokens; onTokens != nil {
		cfg.OnTokens = func(access, refresh string) {
			r.secret.Add(access, refresh)
			onTokens(access, refresh)
		}
	}
}

// Input records an input while the command reads it.
func (r *Recorder) Input(name string, in io.Reader) io.Reader {
	return io.TeeReader(in, &inputLog{r, name})
}

// SetInput records what a command has read of an input, instead of the input.
func (r *Recorder) SetInput(name, text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.file.Inputs[name] = text[:min(len(text), maxInput)]
}

// inputLog appends to a recorded input.
type inputLog struct {
	r    *Recorder
	name string
}

// Write appends to the input and drops what exceeds maxInput. It never fails.
func (l *inputLog) Write(p []byte) (int, error) {
	l.r.mu.Lock()
	defer l.r.mu.Unlock()
	have := l.r.file.Inputs[l.name]
	l.r.file.Inputs[l.name] = have + string(p[:min(len(p), max(0, maxInput-len(have)))])
	return len(p), nil
}

// Ended records a domain whose checks have ended.
func (r *Recorder) Ended(name, id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range []string{name, id} {
		if s != "" {
			r.ended = append(r.ended, s)
		}
	}
}

// Incomplete records why the run did not check everything.
func (r *Recorder) Incomplete(why string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.file.Cut = &Cut{why, r.ended}
}

// Written describes a case file that was written.
type Written struct {
	Path      string
	Exchanges int
	Size      int // bytes
}

// Write writes the case file in one step. It returns nil without an error when no session was recorded.
func (r *Recorder) Write() (*Written, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.file.Sessions) == 0 {
		return nil, nil
	}
	out := r.file
	out.Inputs = map[string]string{}
	for name, text := range r.file.Inputs {
		if list := mail.Split(text); slices.ContainsFunc(list, func(m mail.Message) bool { return m.Decoded }) {
			text = mail.Format(list) // a secret in an encoded part could not be found
		}
		t := ticket.Read(text)
		for _, secret := range t.Secrets {
			text = strings.ReplaceAll(text, secret, maskCode(secret))
			r.secret.Add(secret)
		}
		out.Inputs[name] = string(r.secret.WHOIS([]byte(r.secret.Redact(text))))
	}
	for i, a := range out.Args {
		out.Args[i] = r.secret.Redact(a)
	}
	raw, err := json.MarshalIndent(&out, "", " ")
	if err != nil {
		return nil, err
	}
	raw = append(raw, '\n')
	w := &Written{Path: r.path, Size: len(raw)}
	for _, t := range out.Sessions {
		w.Exchanges += t.Exchanges()
	}
	return w, writeFile(r.path, raw)
}

// writeFile replaces a regular file in one step, and writes into anything else, such as a pipe.
func writeFile(path string, raw []byte) error {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	if !isSpecial(path) {
		return privatefile.Write(path, raw)
	}
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.Write(raw)
	if closed := f.Close(); err == nil {
		err = closed
	}
	return err
}

// isSpecial reports whether path exists and is not a regular file.
func isSpecial(path string) bool {
	info, err := os.Stat(path)
	return err == nil && !info.Mode().IsRegular()
}

// maskCode replaces every character of an authorization code but keeps what the check of its form looks at: length,
// white space, quotes, entities, and letters that look like digits.
func maskCode(code string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case strings.ContainsRune("OlI", r):
			return 'O'
		case strings.ContainsRune("01", r):
			return '0'
		case r >= '2' && r <= '9':
			return '7'
		case r >= 'a' && r <= 'z':
			return 'k'
		case r >= 'A' && r <= 'Z':
			return 'K'
		}
		return r
	}, code)
}
