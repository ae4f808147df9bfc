package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"time"

	"domdoc/api"
	"domdoc/catalog/sanitize"
	"domdoc/checks"

	"github.com/spf13/cobra"
)

// Bounds of the completion of names: a key press must not wait for a slow service, nor ask it again and again.
const (
	namesPatience = 1500 * time.Millisecond
	namesFresh    = 5 * time.Minute  // so long what was listed is offered without asking
	namesRetry    = 30 * time.Second // after a service that did not answer
	maxNames      = 5000             // of a tenant, that are kept
	maxOffered    = 500              // at once
	maxNamesFile  = 4 << 20
)

// namesKept is what the cache holds of one tenant at one service.
type namesKept struct {
	At    time.Time   `json:"at"`    // of the list
	Tried time.Time   `json:"tried"` // of the last question, answered or not
	Names [][2]string `json:"names"` // the name and the service's status
}

// tenantNames lists the tenant's domains for completion, each with its status: from the cache, or from the service
// within a bounded time. Without a service, or without its answer, there are none.
func (s *settings) tenantNames(cmd *cobra.Command) []cobra.Completion {
	if err := s.load(cmd); err != nil || s.apiURL == "" || len(s.several) > 0 {
		return nil
	}
	file := s.namesFile()
	kept := readNames(file)
	now := time.Now()
	if now.Sub(kept.At) > namesFresh && now.Sub(kept.Tried) > namesRetry || kept.At.After(now) {
		kept.Tried = now
		if names, ok := s.askNames(cmd.Context()); ok {
			kept.At, kept.Names = now, names
		}
		writeNames(file, kept)
	}
	var out []cobra.Completion
	for _, n := range kept.Names {
		parsed, err := checks.ParseName(n[0]) // the file may have been changed by anybody
		if err != nil {
			continue
		}
		status := sanitize.Text(n[1], 40)
		if parsed.Unicode != parsed.ASCII {
			status = parsed.Unicode + " " + status
		}
		out = append(out, parsed.ASCII+"\t"+status)
	}
	return out
}

// askNames asks the service for the tenant's domains: as many as come in time. ok is false when none came and it is
// not known that there are none.
func (s *settings) askNames(ctx context.Context) (names [][2]string, ok bool) {
	ctx, cancel := context.WithTimeout(ctx, namesPatience)
	defer cancel()
	type answer struct {
		names [][2]string
		ok    bool
	}
	done := make(chan answer, 1)
	go func() { // apart, since a keyring that asks its user something knows no context
		names, ok := s.listNames(ctx)
		done <- answer{names, ok}
	}()
	select {
	case a := <-done:
		return a.names, a.ok
	case <-time.After(namesPatience + 200*time.Millisecond):
		return nil, false
	}
}

func (s *settings) listNames(ctx context.Context) (names [][2]string, ok bool) {
	paths, err := operationPaths(s.paths)
	if err != nil {
		return nil, false
	}
	cfg := api.Config{
		BaseURL: s.apiURL, Token: s.token, Tenant: s.tenant, UserAgent: "domdoc/" + s.env.Version,
		Paths: paths, Retries: -1,
	}
	if s.env.world != nil {
		cfg.Now = s.env.world.Now
	}
	if err := s.session(&cfg); err != nil {
		return nil, false
	}
	// A session is not renewed for a key press: one that is renewed and not kept, because the time is over, would be
	// lost.
	cfg.RefreshToken, cfg.BeforeRefresh, cfg.OnTokens = "", nil, nil
	client, err := api.New(cfg)
	if err != nil {
		return nil, false
	}
	defer client.Close()
	for d, err := range client.Domains(ctx) {
		if err != nil {
			return names, len(names) > 0
		}
		if n, err := checks.ParseName(d.Name); err == nil {
			names = append(names, [2]string{n.ASCII, d.Status})
		}
		if len(names) == maxNames {
			break
		}
	}
	return names, true
}

// namesFile is where the names are kept: a file for each service, tenant and profile, which only the user can read.
// The demo keeps nothing.
func (s *settings) namesFile() string {
	dir := s.cacheDir()
	if dir == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(s.profile + "\n" + origin(s.apiURL) + "\n" + s.tenant + "\n" + s.token))
	return filepath.Join(dir, "names-"+hex.EncodeToString(sum[:8])+".json")
}

// readNames reads the names that are kept; what cannot be read is empty.
func readNames(file string) (kept namesKept) {
	if info, err := os.Stat(file); err != nil || info.Size() > maxNamesFile {
		return kept
	}
	raw, err := os.ReadFile(file)
	if err != nil || json.Unmarshal(raw, &kept) != nil {
		return namesKept{}
	}
	return kept
}

// writeNames keeps names; where it cannot, the next key press asks again.
func writeNames(file string, kept namesKept) {
	if file == "" {
		return
	}
	if raw, err := json.Marshal(kept); err == nil {
		_ = writePrivate(file, raw)
	}
}
