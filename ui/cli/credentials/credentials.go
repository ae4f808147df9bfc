// Package credentials keeps the sessions of the Domains Service between runs: in the system keyring, or in a file that
// only the user can read.
package credentials

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"domdoc/ui/privatefile"

	"github.com/gofrs/flock"
	"github.com/zalando/go-keyring"
)

// keyringService is the service name of the entries in the system keyring; the user name is the profile.
const keyringService = "domdoc"

// Session is a session as it is kept between runs. It is valid for one origin and never sent to another.
type Session struct {
	Origin    string    `json:"origin"`
	Access    string    `json:"access"`
	Refresh   string    `json:"refresh,omitempty"`
	ExpiresAt time.Time `json:"expiresAt"`
}

// Place is where a session is kept.
type Place string

// The places.
const (
	Keyring Place = "keyring"
	File    Place = "file"
)

// Store keeps the session of one profile. It uses the system keyring, or a file where there is no keyring.
type Store struct {
	Profile string
	Dir     string // of the file and its lock; empty: nothing is kept
	Only    Place  // File: never use the keyring
}

const (
	keyringTimeout = 3 * time.Second  // a keyring that prompts for a password must not block a script
	lockTimeout    = 20 * time.Second // a refresh in another run takes a few seconds
	maxFile        = 1 << 20          // bytes of the file
)

var errKeyringTimeout = errors.New("the keyring does not respond")

// Path returns the path of the file.
func (s *Store) Path() string { return filepath.Join(s.Dir, "credentials.json") }

// withTimeout runs a keyring operation and gives up after keyringTimeout.
func withTimeout[T any](f func() (T, error)) (T, error) {
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
	case <-time.After(keyringTimeout):
		var zero T
		return zero, errKeyringTimeout
	}
}

// Load finds the session and reports where it is kept.
func (s *Store) Load() (session Session, where Place, found bool, err error) {
	if s.Dir == "" {
		return Session{}, "", false, nil
	}
	if s.Only != File {
		raw, err := withTimeout(func() (string, error) { return keyring.Get(keyringService, s.Profile) })
		if err == nil {
			if err := json.Unmarshal([]byte(raw), &session); err != nil {
				return Session{}, "", false,
					fmt.Errorf("the keyring entry of the profile %s is damaged: log in again (domdoc login)", s.Profile)
			}
			return session, Keyring, true, nil
		}
	}
	all, err := s.readFile()
	if err != nil {
		return Session{}, "", false, err
	}
	session, found = all[s.Profile]
	return session, File, found, nil
}

// readFile reads the sessions of all profiles from the file. A missing file is empty. A file that other users can read
// is rejected: its sessions may be compromised.
func (s *Store) readFile() (map[string]Session, error) {
	out := map[string]Session{}
	info, err := os.Stat(s.Path())
	if errors.Is(err, fs.ErrNotExist) {
		return out, nil
	}
	if err != nil {
		return nil, fmt.Errorf("cannot read the credentials: %w", err)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf(
			"%s can be read by others (mode %04o): run chmod 600 on it, and log in again if others use this machine", s.Path(),
			info.Mode().Perm())
	}
	if info.Size() > maxFile {
		return nil, fmt.Errorf("%s is larger than 1 MiB and cannot be a credentials file: remove it and log in again",
			s.Path())
	}
	raw, err := os.ReadFile(s.Path())
	if err != nil {
		return nil, fmt.Errorf("cannot read the credentials: %w", err)
	}
	if err := json.Unmarshal(raw, &out); err != nil {
		return nil, fmt.Errorf("%s is damaged: remove it and log in again", s.Path())
	}
	return out, nil
}

// writeFile replaces the file.
func (s *Store) writeFile(all map[string]Session) error {
	raw, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		return err
	}
	return privatefile.Write(s.Path(), append(raw, '\n'))
}

// Save keeps a session and reports where.
func (s *Store) Save(session Session) (where Place, err error) {
	if s.Dir == "" {
		return "", errors.New("no home directory for credentials: set HOME or XDG_CONFIG_HOME")
	}
	raw, err := json.Marshal(session)
	if err != nil {
		return "", err
	}
	if s.Only != File {
		if _, err := withTimeout(func() (struct{}, error) {
			return struct{}{},
				keyring.Set(keyringService, s.Profile, string(raw))
		}); err == nil {
			return Keyring, s.removeFromFile() // an older session in the file is obsolete
		}
	}
	all, err := s.readFile()
	if err != nil {
		return "", err
	}
	all[s.Profile] = session
	return File, s.writeFile(all)
}

// removeFromFile removes the session from the file.
func (s *Store) removeFromFile() error {
	all, err := s.readFile()
	if err != nil {
		return err
	}
	if _, there := all[s.Profile]; !there {
		return nil
	}
	delete(all, s.Profile)
	if len(all) == 0 {
		return os.Remove(s.Path())
	}
	return s.writeFile(all)
}

// Remove removes the session from the keyring and the file, and reports whether there was one.
func (s *Store) Remove() (found bool, err error) {
	_, _, found, err = s.Load()
	if err != nil {
		return false, err
	}
	if s.Only != File {
		_, err := withTimeout(func() (struct{}, error) { return struct{}{}, keyring.Delete(keyringService, s.Profile) })
		if err == nil {
			found = true
		}
	}
	return found, s.removeFromFile()
}

// Lock prevents other runs from changing a session until release is called.
func (s *Store) Lock(ctx context.Context) (release func(), err error) {
	if err := os.MkdirAll(s.Dir, 0o700); err != nil {
		return nil, err
	}
	l := flock.New(filepath.Join(s.Dir, "credentials.lock"), flock.SetPermissions(0o600))
	ctx, cancel := context.WithTimeout(ctx, lockTimeout)
	defer cancel()
	ok, err := l.TryLockContext(ctx, 50*time.Millisecond)
	if err != nil || !ok {
		return nil, fmt.Errorf("another domdoc process holds %s: %w", l.Path(), err)
	}
	return func() { _ = l.Unlock() }, nil
}

// KeyringState is what the system keyring offers for a profile.
type KeyringState int

// The states of a keyring.
const (
	KeyringUnusable KeyringState = iota // absent, locked or not responding
	KeyringEmpty                        // usable, without a session of the profile
	KeyringHolds                        // usable, with a session of the profile
)

// KeyringState looks the profile up in the system keyring. The error says why the keyring is unusable.
func (s *Store) KeyringState() (KeyringState, error) {
	_, err := withTimeout(func() (string, error) { return keyring.Get(keyringService, s.Profile) })
	switch {
	case err == nil:
		return KeyringHolds, nil
	case errors.Is(err, keyring.ErrNotFound):
		return KeyringEmpty, nil
	}
	return KeyringUnusable, err
}
