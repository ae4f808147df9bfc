// Package namecache keeps the names of a tenant's domains for shell completion: a key press must not wait for a slow
// service or query it repeatedly.
package namecache

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"time"

	"domdoc/ui/privatefile"
)

// Timeout is how long a completion waits for a service.
const Timeout = 1500 * time.Millisecond

const (
	freshFor   = 5 * time.Minute  // a cached list is used this long
	retryAfter = 30 * time.Second // after a request without an answer
	maxFile    = 4 << 20          // bytes
)

// MaxNames bounds the cached names of a tenant.
const MaxNames = 5000

// Name is a domain's name and its status at the service.
type Name [2]string

// cached is the content of a cache file.
type cached struct {
	At    time.Time `json:"at"`    // when the list was read
	Tried time.Time `json:"tried"` // when the service was last asked, with or without an answer
	Names []Name    `json:"names"`
}

// Path returns the cache file in dir for a key that identifies the service, the tenant and the user; empty when dir
// is empty.
func Path(dir string, key ...string) string {
	if dir == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(strings.Join(key, "\n")))
	return filepath.Join(dir, "names-"+hex.EncodeToString(sum[:8])+".json")
}

// Names returns the names from the cache file, or from the service within a time. list asks the service; it reports
// false when it got no answer. The names are not checked: the file may have been changed.
func Names(ctx context.Context, file string, within time.Duration, list func(context.Context) ([]Name, bool)) []Name {
	c := read(file)
	now := time.Now()
	if now.Sub(c.At) > freshFor && now.Sub(c.Tried) > retryAfter || c.At.After(now) {
		c.Tried = now
		if names, ok := withTimeout(ctx, within, list); ok {
			c.At, c.Names = now, names
		}
		write(file, c)
	}
	return c.Names
}

// withTimeout runs list in a goroutine of its own, because a keyring that prompts its user ignores contexts.
func withTimeout(ctx context.Context, within time.Duration, list func(context.Context) ([]Name, bool)) ([]Name,
	bool,
) {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	type answer struct {
		names []Name
		ok    bool
	}
	done := make(chan answer, 1)
	go func() {
		names, ok := list(ctx)
		done <- answer{names, ok}
	}()
	select {
	case a := <-done:
		return a.names, a.ok
	case <-time.After(within + 200*time.Millisecond):
		return nil, false
	}
}

// read reads a cache file; one that cannot be read is empty.
func read(file string) (c cached) {
	if info, err := os.Stat(file); err != nil || info.Size() > maxFile {
		return cached{}
	}
	raw, err := os.ReadFile(file)
	if err != nil || json.Unmarshal(raw, &c) != nil {
		return cached{}
	}
	return c
}

// write writes a cache file. If it cannot, the next completion asks the service again.
func write(file string, c cached) {
	if file == "" {
		return
	}
	if raw, err := json.Marshal(c); err == nil {
		_ = privatefile.Write(file, raw)
	}
}
