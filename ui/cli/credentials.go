package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"domdoc/api"
	"domdoc/catalog"
	"domdoc/checks"

	"github.com/gofrs/flock"
	"github.com/zalando/go-keyring"
)

// keyringService is the name under which credentials stand in the system keyring, one entry a profile.
const keyringService = "domdoc"

// stored is a session as it is kept between runs. It holds for one origin only: a token is never sent to another.
type stored struct {
	Origin    string    `json:"origin"`
	Access    string    `json:"access"`
	Refresh   string    `json:"refresh,omitempty"`
	ExpiresAt time.Time `json:"expiresAt"`
}

// Where sessions are kept.
const (
	inKeyring = "keyring"
	inFile    = "file"
)

// vault keeps one profile's session: in the system keyring, or in a file that only the user can read where there is
// no keyring.
type vault struct {
	profile string
	dir     string // of the file and the lock; empty keeps nothing
	only    string // inFile: the keyring is not asked
}

// Bounds of a vault.
const (
	keyringPatience = 3 * time.Second  // a keyring that asks its user for a password must not hang a script
	lockPatience    = 20 * time.Second // another run's refresh takes a few seconds
	maxCredentials  = 1 << 20
)

var errNoKeyring = errors.New("the keyring does not answer")

// vault is where the chosen profile's session is kept.
func (s *settings) vault() *vault {
	dir := ""
	if file := s.configFile(); file != "" && s.env.world == nil {
		dir = filepath.Dir(file)
	}
	return &vault{profile: s.profile, dir: dir, only: s.credentials}
}

func (v *vault) file() string { return filepath.Join(v.dir, "credentials.json") }

// keyed asks the keyring for so long and no longer.
func keyed[T any](f func() (T, error)) (T, error) {
	type answer struct {
		val T
		err error
	}
	done := make(chan answer, 1)
	go func() {
		val, err := f()
		done <- answer{val, err}
	}()
	select {
	case a := <-done:
		return a.val, a.err
	case <-time.After(keyringPatience):
		var zero T
		return zero, errNoKeyring
	}
}

// load finds the session and where it is kept; found is false when there is none.
func (v *vault) load() (s stored, where string, found bool, err error) {
	if v.dir == "" {
		return stored{}, "", false, nil
	}
	if v.only != inFile {
		raw, err := keyed(func() (string, error) { return keyring.Get(keyringService, v.profile) })
		if err == nil {
			if err := json.Unmarshal([]byte(raw), &s); err != nil {
				return stored{}, "", false,
					fmt.Errorf("the keyring's entry for the profile %s is damaged: log in again (domdoc login)", v.profile)
			}
			return s, inKeyring, true, nil
		}
	}
	all, err := v.readFile()
	if err != nil {
		return stored{}, "", false, err
	}
	s, found = all[v.profile]
	return s, inFile, found, nil
}

// readFile reads the file of sessions; an absent one is empty. One that others can read is refused: what it holds may
// be known already.
func (v *vault) readFile() (map[string]stored, error) {
	out := map[string]stored{}
	info, err := os.Stat(v.file())
	if errors.Is(err, fs.ErrNotExist) {
		return out, nil
	}
	if err != nil {
		return nil, fmt.Errorf("the credentials cannot be read: %w", err)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf(
			"%s can be read by others (mode %04o): chmod 600 it, and log in again if others are on this machine", v.file(),
			info.Mode().Perm())
	}
	if info.Size() > maxCredentials {
		return nil, fmt.Errorf("%s is larger than 1 MiB, and no credentials file is: remove it and log in again",
			v.file())
	}
	raw, err := os.ReadFile(v.file())
	if err != nil {
		return nil, fmt.Errorf("the credentials cannot be read: %w", err)
	}
	if err := json.Unmarshal(raw, &out); err != nil {
		return nil, fmt.Errorf("%s is damaged: remove it and log in again", v.file())
	}
	return out, nil
}

// writeFile replaces the file of sessions in one step, so that a reader sees the old one or the new one.
func (v *vault) writeFile(all map[string]stored) error {
	raw, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		return err
	}
	return writePrivate(v.file(), append(raw, '\n'))
}

// writePrivate writes a file that only the user can read, in one step.
func writePrivate(file string, raw []byte) (err error) {
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(file), "."+filepath.Base(file)+"-*") // 0600 by itself
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	_, err = f.Write(raw)
	if err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), file)
}

// save keeps a session, and says where.
func (v *vault) save(s stored) (where string, err error) {
	if v.dir == "" {
		return "", errors.New("there is no place for credentials: set HOME or XDG_CONFIG_HOME")
	}
	raw, err := json.Marshal(s)
	if err != nil {
		return "", err
	}
	if v.only != inFile {
		if _, err := keyed(func() (struct{}, error) {
			return struct{}{},
				keyring.Set(keyringService, v.profile, string(raw))
		}); err == nil {
			return inKeyring, v.forget() // an older one in the file would only lie about
		}
	}
	all, err := v.readFile()
	if err != nil {
		return "", err
	}
	all[v.profile] = s
	return inFile, v.writeFile(all)
}

// forget takes the profile out of the file.
func (v *vault) forget() error {
	all, err := v.readFile()
	if err != nil {
		return err
	}
	if _, there := all[v.profile]; !there {
		return nil
	}
	delete(all, v.profile)
	if len(all) == 0 {
		return os.Remove(v.file())
	}
	return v.writeFile(all)
}

// remove forgets the session wherever it is; found says whether there was one.
func (v *vault) remove() (found bool, err error) {
	_, _, found, err = v.load()
	if err != nil {
		return false, err
	}
	if v.only != inFile {
		_, err := keyed(func() (struct{}, error) { return struct{}{}, keyring.Delete(keyringService, v.profile) })
		if err == nil {
			found = true
		}
	}
	return found, v.forget()
}

// lock makes this run the only one that changes the profile's session, until release.
func (v *vault) lock(ctx context.Context) (release func(), err error) {
	if err := os.MkdirAll(v.dir, 0o700); err != nil {
		return nil, err
	}
	l := flock.New(filepath.Join(v.dir, "credentials.lock"), flock.SetPermissions(0o600))
	ctx, cancel := context.WithTimeout(ctx, lockPatience)
	defer cancel()
	ok, err := l.TryLockContext(ctx, 50*time.Millisecond)
	if err != nil || !ok {
		return nil, fmt.Errorf("another domdoc holds %s for too long: %w", l.Path(), err)
	}
	return func() { _ = l.Unlock() }, nil
}

// origin is where a session may be sent: the scheme, host and port of an address.
func origin(address string) string {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil || u.Host == "" {
		return ""
	}
	return strings.ToLower(u.Scheme + "://" + u.Host)
}

// session fills the client's configuration with the session that is kept for the profile, unless the environment gave
// a token. When it is renewed, the new one is kept; runs that share it take turns, since a refresh token is good for
// once.
func (s *settings) session(cfg *api.Config) error {
	if s.token != "" || s.env.world != nil || s.env.play != nil {
		return nil
	}
	v := s.vault()
	kept, _, found, err := v.load()
	if err != nil {
		return usagef("domdoc login", "%w", err)
	}
	if !found {
		return nil
	}
	home := origin(s.apiURL)
	if kept.Origin != home {
		return usagef("domdoc login --profile "+s.profile,
			"the session of the profile %s is for %s, and is not sent to %s", s.profile, clean(kept.Origin), clean(home))
	}
	cfg.Token, cfg.RefreshToken = kept.Access, kept.Refresh
	cfg.BeforeRefresh = func(ctx context.Context, _ api.Tokens) (api.Tokens, func(), error) {
		release, err := v.lock(ctx)
		if err != nil {
			return api.Tokens{}, nil, err
		}
		now, _, found, err := v.load()
		if err != nil || !found || now.Origin != home {
			return api.Tokens{}, release, err
		}
		return api.Tokens{Access: now.Access, Refresh: now.Refresh, ExpiresAt: now.ExpiresAt}, release, nil
	}
	cfg.OnTokens = func(access, refresh string) { // the lock is held
		claims, _ := api.ReadClaims(access)
		if _, err := v.save(stored{home, access, refresh, claims.ExpiresAt}); err != nil {
			fmt.Fprintf(s.env.Stderr,
				"domdoc: the renewed session could not be kept, so the next run must log in again: %s\n", clean(err.Error()))
		}
	}
	return nil
}

// keyringCheck reports whether the system keyring can be used.
func (s *settings) keyringCheck() checks.VantageCheck {
	if s.env.world != nil {
		return checks.VantageCheck{
			ID: "keyring", Verdict: catalog.NotRun,
			Text: "not used: the sandbox makes its own token",
		}
	}
	if s.env.play != nil {
		return checks.VantageCheck{ID: "keyring", Verdict: catalog.NotRun, Text: "not used: a recorded case is replayed"}
	}
	_, err := keyed(func() (string, error) { return keyring.Get(keyringService, s.profile) })
	switch {
	case err == nil:
		return checks.VantageCheck{
			ID: "keyring", Verdict: catalog.Pass,
			Text: "holds credentials for the profile " + s.profile,
		}
	case errors.Is(err, keyring.ErrNotFound):
		return checks.VantageCheck{
			ID: "keyring", Verdict: catalog.Pass,
			Text: "can be used, and holds nothing for the profile " + s.profile,
		}
	}
	text := "cannot be used here (" + err.Error() + "); domdoc login keeps the session in a file that only you can read"
	if _, where, found, err := s.vault().load(); err == nil && found && where == inFile {
		text = "cannot be used here; the session of the profile " + s.profile + " is in " + s.vault().file()
	}
	return checks.VantageCheck{ID: "keyring", Verdict: catalog.Warn, Text: clean(text)}
}
