package cli

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"domdoc/api"
	"domdoc/checks/probe"
	"domdoc/checks/ticket"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// caseFile is what --record writes: everything that a run asked and was answered, and what it was told to do, without
// its secrets. replay runs today's rules on it without any network. Its names are never changed.
type caseFile struct {
	Format    string            `json:"format"`
	Version   int               `json:"version"`
	Tool      caseTool          `json:"tool"`
	StartedAt time.Time         `json:"startedAt"`
	Args      []string          `json:"args"`             // the command, without what concerns its output
	Inputs    map[string]string `json:"inputs,omitempty"` // files and stdin ("-") that the command read
	Settings  caseSettings      `json:"settings"`
	Sessions  []*probe.Tape     `json:"sessions"`
	Service   *api.Tape         `json:"service,omitempty"`
}

type caseTool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

type caseSettings struct {
	APIURL       string            `json:"apiUrl,omitempty"`
	Tenant       string            `json:"tenant,omitempty"`
	Profile      string            `json:"profile,omitempty"`
	Resolvers    []string          `json:"resolvers,omitempty"`
	AllowPrivate bool              `json:"allowPrivate,omitempty"`
	Paths        map[string]string `json:"paths,omitempty"`
	Severity     map[string]string `json:"severity,omitempty"`
	Ignore       []string          `json:"ignore,omitempty"`
	// what the token said of itself; the token is not here
	Claims *caseClaims `json:"claims,omitempty"`
	Opaque bool        `json:"opaqueToken,omitempty"` // there was a token that says nothing of itself
	// the form of the authorization code, each character changed
	AuthCode *string `json:"authCode,omitempty"`
	Title    string  `json:"title,omitempty"`
}

type caseClaims struct {
	TenantID  string    `json:"tenantId,omitempty"`
	PlanTier  string    `json:"planTier,omitempty"`
	ExpiresAt time.Time `json:"exp,omitzero"`
}

const (
	caseFormat  = "domdoc case"
	caseVersion = 1
	maxCase     = 512 << 20 // bytes of a case file: a large tenant's
	maxInput    = 16 << 20  // bytes of one recorded input
)

// recorder gathers a case while a command runs.
type recorder struct {
	file   string
	secret *probe.Secrets

	mu sync.Mutex // guards following
	c  caseFile
}

// startRecording makes the recorder of --record, or says early that its file cannot be written.
func (s *settings) startRecording(cmd *cobra.Command) error {
	if s.recordFile == "" {
		return nil
	}
	const hint = "--record case.json"
	switch {
	case s.env.play != nil:
		return usagef(hint, "--record: a case that is replayed is recorded already")
	case !cmd.HasParent():
		return usagef("domdoc check shop.example.com --record case.json",
			"--record goes with a command; the dashboard exports what it shows by itself")
	case slices.Contains([]string{
		"login", "logout", "profiles", "version", "completion", "help", "man", "explain",
		"schema", "demo", "replay", "diff", "merge",
	}, cmd.Name()):
		return usagef("domdoc check shop.example.com --record case.json",
			"--record: %s asks nothing that could be recorded", cmd.Name())
	case cmd.Flags().Lookup("watch") != nil && cmd.Flags().Lookup("watch").Changed:
		return usagef(hint, "--record and --watch exclude each other: a watch has no end")
	}
	if info, err := os.Stat(s.recordFile); err == nil && info.IsDir() {
		return usagef(hint, "--record: %s is a directory", clean(s.recordFile))
	}
	if !special(s.recordFile) { // said now, and not when all is done
		f, err := os.CreateTemp(filepath.Dir(s.recordFile), ".domdoc-case-*")
		if err != nil {
			return usagef(hint, "--record: the case cannot be written there: %w", err)
		}
		_ = f.Close()
		_ = os.Remove(f.Name())
	}
	rec := &recorder{file: s.recordFile, secret: &probe.Secrets{}}
	rec.c = caseFile{
		Format: caseFormat, Version: caseVersion, Tool: caseTool{"domdoc", s.env.Version},
		Args: recordedArgs(cmd, s.env.Args), Inputs: map[string]string{}, Sessions: []*probe.Tape{},
	}
	s.recorder = rec
	return nil
}

// endRecording writes the case, whatever the run's end was. A case that cannot be written is an error; the output is
// written already.
func (s *settings) endRecording(code int) int {
	r := s.recorder
	if r == nil || len(r.c.Sessions) == 0 {
		return code
	}
	size, err := r.write()
	if err != nil {
		fmt.Fprintf(s.env.Stderr,
			"domdoc: error: --record: the case could not be written: %s\ndomdoc: hint: the report above is whole; free "+
				"some space, or record elsewhere\n", clean(err.Error()))
		return ExitUsage
	}
	asked := 0
	for _, t := range r.c.Sessions {
		asked += t.Exchanges()
	}
	fmt.Fprintf(s.env.Stderr, "recorded %d exchanges in %s (%d KiB); domdoc replay %s shows the report again\n", asked,
		clean(r.file), (size+1023)/1024, clean(r.file))
	return code
}

// outputFlags are those that say how a report is written, and where: whoever replays a case chooses anew.
var outputFlags = []string{"record", "output", "color", "api-url", "tenant", "profile"}

// recordedArgs is the command line without what concerns its output.
func recordedArgs(cmd *cobra.Command, args []string) []string {
	out := strings.Fields(cmd.CommandPath())[1:]
	cmd.Flags().Visit(func(f *pflag.Flag) {
		if !slices.Contains(outputFlags, f.Name) {
			out = append(out, flagArgs(f)...)
		}
	})
	return append(append(out, "--"), cmd.Flags().Args()...)
}

// flagArgs writes a flag as it would be typed.
func flagArgs(f *pflag.Flag) []string {
	if list, ok := f.Value.(pflag.SliceValue); ok {
		var out []string
		for _, v := range list.GetSlice() {
			out = append(out, "--"+f.Name+"="+v)
		}
		return out
	}
	return []string{"--" + f.Name + "=" + f.Value.String()}
}

// settle notes what the run was told by its settings.
func (r *recorder) settle(s *settings, title string, started time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.c.StartedAt = started.UTC()
	r.c.Settings = caseSettings{
		APIURL: s.apiURL, Tenant: s.tenant, Profile: s.profile, Resolvers: s.resolvers, AllowPrivate: s.allowPrivate,
		Paths: s.paths, Severity: s.gates.severities, Ignore: s.gates.configured, Title: title,
	}
	if code, ok := s.authCode(); ok {
		r.secret.Add(code)
		masked := maskCode(code)
		r.c.Settings.AuthCode = &masked
	}
}

// tape is the tape of one more session.
func (r *recorder) tape() *probe.Tape {
	t := probe.NewTape(r.secret)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.c.Sessions = append(r.c.Sessions, t)
	return t
}

// service is the tape of the service, and what its client is told of the session.
func (r *recorder) service(cfg *api.Config) {
	r.secret.Add(cfg.Token, cfg.RefreshToken)
	r.mu.Lock()
	defer r.mu.Unlock()
	if claims, err := api.ReadClaims(cfg.Token); err == nil {
		r.c.Settings.Claims = &caseClaims{claims.TenantID, claims.PlanTier, claims.ExpiresAt}
		r.secret.Add(claims.Email)
	} else {
		r.c.Settings.Opaque = cfg.Token != ""
	}
	r.c.Service = &api.Tape{}
	cfg.Tape = r.c.Service
	cfg.Clean = r.secret.JSON
	if renewed := cfg.OnTokens; renewed != nil {
		cfg.OnTokens = func(access, refresh string) {
			r.secret.Add(access, refresh)
			renewed(access, refresh)
		}
	}
}

// input notes what the command reads, as it reads it.
func (r *recorder) input(name string, in io.Reader) io.Reader {
	return io.TeeReader(in, &noted{r: r, name: name})
}

type noted struct {
	r    *recorder
	name string
}

// Write notes more of an input; what is beyond the limit is left out.
func (n *noted) Write(p []byte) (int, error) {
	n.r.mu.Lock()
	defer n.r.mu.Unlock()
	have := n.r.c.Inputs[n.name]
	n.r.c.Inputs[n.name] = have + string(p[:min(len(p), max(0, maxInput-len(have)))])
	return len(p), nil
}

// write writes the case as a whole, or leaves what was there.
func (r *recorder) write() (size int, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	c := r.c
	c.Inputs = map[string]string{}
	for name, text := range r.c.Inputs {
		t := ticket.Read(text)
		for _, secret := range t.Secrets {
			text = strings.ReplaceAll(text, secret, maskCode(secret))
			r.secret.Add(secret)
		}
		c.Inputs[name] = string(r.secret.WHOIS([]byte(r.secret.Clean(text))))
	}
	for i, a := range c.Args {
		c.Args[i] = r.secret.Clean(a)
	}
	raw, err := json.MarshalIndent(&c, "", " ")
	if err != nil {
		return 0, err
	}
	raw = append(raw, '\n')
	return len(raw), writeCase(r.file, raw)
}

// writeCase replaces a file as a whole; what is no file, such as a pipe, is written to.
func writeCase(file string, raw []byte) error {
	if target, err := filepath.EvalSymlinks(file); err == nil {
		file = target
	}
	if !special(file) {
		return writePrivate(file, raw)
	}
	f, err := os.OpenFile(file, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.Write(raw)
	if closed := f.Close(); err == nil {
		err = closed
	}
	return err
}

// special reports whether there is something else than a file of that name.
func special(file string) bool {
	info, err := os.Stat(file)
	return err == nil && !info.Mode().IsRegular()
}

// maskCode changes every character of an authorization code, and keeps what is judged of its form: its length, white
// space, quotes, entities and letters that look like digits.
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

// playing is a case that is being replayed.
type playing struct {
	caseFile
	mu   sync.Mutex // guards following
	next int
	at   time.Time
}

// tape is the tape of the next session; after the last it is the last again.
func (p *playing) tape() *probe.Tape {
	p.mu.Lock()
	defer p.mu.Unlock()
	t := p.Sessions[min(p.next, len(p.Sessions)-1)]
	p.next++
	p.at = t.Begun()
	return t
}

// now is the clock of a replay: it stands still while a session lasts.
func (p *playing) now() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.at.IsZero() {
		return p.StartedAt
	}
	return p.at
}

// readCase reads a case file, which may come from anywhere.
func (s *settings) readCase(by, name string) (*playing, error) {
	in, closeIn, err := s.input(by, name)
	if err != nil {
		return nil, err
	}
	defer closeIn()
	raw, err := io.ReadAll(io.LimitReader(in, maxCase+1))
	if err != nil {
		return nil, usagef("", "reading the case %s: %w", clean(name), err)
	}
	bad := func(format string, args ...any) error {
		return usagef("domdoc check shop.example.com --record case.json makes one", "%s is no case: %w", clean(name),
			fmt.Errorf(format, args...))
	}
	if len(raw) > maxCase {
		return nil, bad("it is larger than %d MiB", maxCase>>20)
	}
	p := &playing{}
	if err := json.Unmarshal(raw, &p.caseFile); err != nil {
		return nil, bad("%w", err)
	}
	switch {
	case p.Format != caseFormat:
		return nil, bad("it does not say that it is a %q", caseFormat)
	case p.Version > caseVersion:
		return nil, bad("it was written by a later domdoc (version %d of the format; this one reads %d)", p.Version,
			caseVersion)
	case len(p.Sessions) == 0 || slices.Contains(p.Sessions, nil):
		return nil, bad("nothing is recorded in it")
	case len(p.Args) == 0:
		return nil, bad("it does not say which command was recorded")
	}
	return p, nil
}

// token is a token that says what the recorded one said of itself; it is signed by nobody, and goes nowhere.
func (s *caseSettings) token() string {
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
	word := base64.RawURLEncoding.EncodeToString
	return word([]byte(`{"alg":"none"}`)) + "." + word(body) + "."
}

// inputOf is a recorded input.
func (p *playing) inputOf(name string) (io.Reader, bool) {
	text, ok := p.Inputs[name]
	return strings.NewReader(text), ok
}
