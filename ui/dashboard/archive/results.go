package archive

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"log"
	"os"
	"path/filepath"
	"time"

	"domdoc/ui/privatefile"

	"github.com/gofrs/flock"
)

// Header is the first line of a file of results. Results of another service or tenant are not used.
type Header struct {
	Format  string    `json:"format"`
	Version int       `json:"version"`
	Origin  string    `json:"origin"` // see Origin
	Tenant  string    `json:"tenant"`
	Saved   time.Time `json:"saved"`
}

// Entry is one domain in a file of results.
type Entry struct {
	ID      string          `json:"id"`
	Name    string          `json:"name"` // A-label
	Summary json.RawMessage `json:"summary"`
	Report  json.RawMessage `json:"report,omitempty"` // as of -o jsonl; missing if there was no room
}

// at returns when the domain was diagnosed.
func (e Entry) at() time.Time {
	var sum struct{ At time.Time }
	_ = json.Unmarshal(e.Summary, &sum) // zero is older than any other
	return sum.At
}

// last is the last line: without it, the file was cut off.
type last struct {
	End *int `json:"end"` // number of entries
}

const (
	format  = "domdoc results"
	version = 1
)

// Limits of a file of results.
const (
	MaxEntries = 50_000
	MaxReports = 10_000    // entries with a report
	maxPacked  = 64 << 20  // bytes of the file
	maxRaw     = 512 << 20 // bytes unpacked
)

// Origin identifies where results come from, such as the service's address, without showing it.
func Origin(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:16])
}

// keptFor is how old a result of another dashboard may be to stay in the file.
const keptFor = 14 * 24 * time.Hour

// lockWait is how long another dashboard may take to write.
const lockWait = 20 * time.Second

// Write replaces a file of results in one step. Results that another dashboard of the same tenant wrote there stay if
// they are newer, or of domains without an entry. A file that cannot be read is set aside.
func Write(file string, h Header, entries iter.Seq[Entry]) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), lockWait)
	defer cancel()
	lock := flock.New(file+".lock", flock.SetPermissions(0o600))
	if _, err := lock.TryLockContext(ctx, 20*time.Millisecond); err != nil {
		return fmt.Errorf("another dashboard is writing %s: %w", file, err)
	}
	defer func() { _ = lock.Close() }()
	old, err := readBounded(file)
	if errors.Is(err, os.ErrNotExist) {
		return write(file, h, entries, MaxEntries, MaxReports)
	}
	theirs := map[string]time.Time{}
	if err == nil {
		var was Header
		was, err = scan(old, h.Origin, func(e Entry) {
			if at := e.at(); h.Saved.Sub(at) <= keptFor {
				theirs[e.ID] = at
			}
		})
		if err == nil && was.Tenant != h.Tenant {
			err = errors.New("it is of another tenant")
		}
	}
	if err != nil {
		if err := setAside(file, err); err != nil {
			return err
		}
		return write(file, h, entries, MaxEntries, MaxReports)
	}
	return write(file, h, merged(entries, theirs, old, h.Origin), MaxEntries, MaxReports)
}

// merged yields entries, and then those of the old file that are newer, or of other domains.
func merged(entries iter.Seq[Entry], theirs map[string]time.Time, old []byte, origin string) iter.Seq[Entry] {
	return func(yield func(Entry) bool) {
		for e := range entries {
			if at, ok := theirs[e.ID]; ok && at.After(e.at()) {
				continue
			}
			delete(theirs, e.ID)
			if !yield(e) {
				return
			}
		}
		more := true
		_, _ = scan(old, origin, func(e Entry) { // it was read before
			if _, ok := theirs[e.ID]; ok && more {
				more = yield(e)
			}
		})
	}
}

// setAside renames a file that is not used for a reason, so that nothing in it is lost. The error says so.
func setAside(file string, why error) error {
	info, err := os.Stat(file)
	if err != nil {
		return err
	}
	name := file + ".unused-" + info.ModTime().UTC().Format("20060102T150405.000Z")
	if err := os.Rename(file, name); err != nil {
		return err
	}
	log.Printf("%s is not used: %v; it is %s now", file, why, name)
	return nil
}

func write(file string, h Header, entries iter.Seq[Entry], maxEntries, maxReports int) error {
	h.Format, h.Version = format, version
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	enc := json.NewEncoder(z)
	err := enc.Encode(h)
	n := 0
	for e := range entries {
		if err != nil || n == maxEntries {
			break
		}
		if n >= maxReports || b.Len() > maxPacked/2 {
			e.Report = nil
		}
		err = enc.Encode(e)
		n++
	}
	err = errors.Join(err, enc.Encode(last{&n}), z.Close())
	if err != nil {
		return err
	}
	return privatefile.Write(file, b.Bytes())
}

// Read reads a file of results, and calls each for every entry if the file is complete, undamaged and of the origin.
// A missing file has none. Nothing of any other file is used: the error says why. Such a file is set aside.
func Read(file, origin string, each func(Entry)) (Header, error) {
	raw, err := readBounded(file)
	if errors.Is(err, os.ErrNotExist) {
		return Header{}, nil
	}
	if err != nil {
		return Header{}, err
	}
	h, err := scan(raw, origin, func(Entry) {})
	if err == nil {
		_, err = scan(raw, origin, each)
	}
	if err == nil {
		return h, nil
	}
	if e := setAside(file, err); e != nil {
		return Header{}, fmt.Errorf("%s is not used: %w", file, err)
	}
	return Header{}, fmt.Errorf("%s is not used, and was renamed: %w", file, err)
}

func readBounded(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, maxPacked+1))
	if err == nil && len(raw) > maxPacked {
		err = fmt.Errorf("%s is too long", file)
	}
	return raw, err
}

func scan(raw []byte, origin string, each func(Entry)) (Header, error) {
	var h Header
	z, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		return h, err
	}
	in := io.LimitReader(z, maxRaw)
	dec := json.NewDecoder(in)
	if err := dec.Decode(&h); err != nil {
		return h, err
	}
	switch {
	case h.Format != format || h.Version != version:
		return h, fmt.Errorf("it is %q, version %d", h.Format, h.Version)
	case h.Origin != origin:
		return h, errors.New("it is of another service")
	}
	for n := 0; n <= MaxEntries; n++ {
		var line struct {
			Entry
			last
		}
		if err := dec.Decode(&line); err != nil {
			return h, err
		}
		if line.End == nil {
			each(line.Entry)
			continue
		}
		if *line.End != n {
			return h, errors.New("it is incomplete")
		}
		_, err := io.Copy(io.Discard, in) // up to the checksum
		return h, err
	}
	return h, errors.New("it has too many entries")
}
