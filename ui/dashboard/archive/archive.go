// Package archive keeps what was found: the reports of this run in a temporary file, so that any number of them fits
// into little memory, and the results of a profile between runs in a file of its own.
package archive

import (
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"domdoc/checks/result"
	"domdoc/ui/render/wire"
)

// Ref is the place of a report in the temporary file. The zero value is none.
type Ref struct {
	at   int64 // offset in bytes, plus one
	size int32 // bytes
}

// Kept reports whether there is a report.
func (r Ref) Kept() bool { return r.at > 0 }

// slot is the unit of places in the file, in bytes: a report takes the place of one that is no longer needed if both
// have the same number of slots. maxFile bounds the file: 100,000 reports have about 200 MB.
const (
	slot    = 512
	maxFile = 8 << 30
)

// Archive is a temporary file of reports, readable only by its user and removed when it is closed. Its methods are
// safe for concurrent use. A nil Archive keeps nothing.
type Archive struct {
	dir string

	mu     sync.RWMutex
	file   *os.File // nil until the first report
	name   string   // of the file if it could not be removed while it is open
	end    int64
	free   map[int32][]int64 // places that are no longer needed, by their number of slots
	closed bool
}

// New makes an archive whose file will be in a directory; empty is the system's for temporary files. The file is
// created with the first report.
func New(dir string) *Archive { return &Archive{dir: dir, free: map[int32][]int64{}} }

var (
	errClosed = errors.New("the temporary file of the reports is closed")
	errGone   = errors.New("the report is no longer kept")
)

// Put keeps the report of a diagnosis. Its ledger and what only the tabs of a fresh report show are left out.
func (a *Archive) Put(r *result.Domain) (Ref, error) {
	if a == nil {
		return Ref{}, nil
	}
	raw, err := wire.Marshal(wire.NewDomain(r))
	if err != nil {
		return Ref{}, err
	}
	return a.PutJSON(raw)
}

// packer compresses reports one after the other: a new compressor for each would cost a megabyte.
type packer struct {
	out bytes.Buffer
	w   *flate.Writer
}

var packers = sync.Pool{New: func() any {
	w, err := flate.NewWriter(nil, flate.BestSpeed)
	if err != nil {
		panic(err) // the level is a constant
	}
	return &packer{w: w}
}}

// pack returns the compressed report, until the packer is used again.
func (p *packer) pack(raw []byte) (*bytes.Buffer, error) {
	p.out.Reset()
	p.w.Reset(&p.out)
	_, err := p.w.Write(raw)
	if err == nil {
		err = p.w.Close()
	}
	return &p.out, err
}

// PutJSON keeps a report that is a line of JSON already.
func (a *Archive) PutJSON(raw []byte) (Ref, error) {
	p := packers.Get().(*packer)
	defer packers.Put(p)
	b, err := p.pack(raw)
	if err != nil {
		return Ref{}, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.open(); err != nil {
		return Ref{}, fmt.Errorf("keeping reports in a temporary file: %w", err)
	}
	n := slots(b.Len())
	at := a.end
	if list := a.free[n]; len(list) > 0 {
		at, a.free[n] = list[len(list)-1], list[:len(list)-1]
	} else if at+int64(n)*slot > maxFile {
		return Ref{}, errors.New("the temporary file of the reports is full")
	}
	if _, err := a.file.WriteAt(b.Bytes(), at); err != nil {
		return Ref{}, fmt.Errorf("keeping reports in a temporary file: %w", err)
	}
	a.end = max(a.end, at+int64(n)*slot)
	return Ref{at + 1, int32(b.Len())}, nil
}

func slots(bytes int) int32 { return int32((bytes + slot - 1) / slot) }

// open creates the file. Where an open file can be removed, it is: then nothing is left behind even if the program is
// killed. The caller holds a.mu.
func (a *Archive) open() error {
	if a.closed {
		return errClosed
	}
	if a.file != nil {
		return nil
	}
	f, err := os.CreateTemp(a.dir, "domdoc-reports-*") // mode 0600
	if err != nil {
		return err
	}
	a.file = f
	if os.Remove(f.Name()) != nil {
		a.name = f.Name()
	}
	return nil
}

// JSON returns a kept report as a line of JSON.
func (a *Archive) JSON(ref Ref) ([]byte, error) {
	if a == nil || !ref.Kept() {
		return nil, errGone
	}
	packed := make([]byte, ref.size)
	a.mu.RLock()
	defer a.mu.RUnlock()
	if a.file == nil || a.closed {
		return nil, errClosed
	}
	if _, err := a.file.ReadAt(packed, ref.at-1); err != nil {
		return nil, err
	}
	raw, err := io.ReadAll(flate.NewReader(bytes.NewReader(packed)))
	if err != nil {
		return nil, errGone // its place was taken by another report since
	}
	return raw, nil
}

// Get returns the kept report of a domain, by the service's id or, without one, its name. It fails if the place holds
// another one by now, because the domain was diagnosed again.
func (a *Archive) Get(ref Ref, id string) (*wire.Domain, error) {
	raw, err := a.JSON(ref)
	if err != nil {
		return nil, err
	}
	var out *wire.Domain
	_, err = wire.ReadDomains(bytes.NewReader(raw), func(d *wire.Domain) error {
		out = d
		return nil
	})
	if errors.Is(err, wire.ErrCut) {
		err = nil // one line without the last line of a report
	}
	if err != nil || out == nil || out.ID != id && out.Domain != id {
		return nil, errGone
	}
	return out, nil
}

// Free gives the place of a report to others.
func (a *Archive) Free(ref Ref) {
	if a == nil || !ref.Kept() {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	n := slots(int(ref.size))
	a.free[n] = append(a.free[n], ref.at-1)
}

// Close removes the file.
func (a *Archive) Close() {
	if a == nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.closed = true
	if a.file == nil {
		return
	}
	_ = a.file.Close()
	if a.name != "" {
		_ = os.Remove(a.name)
	}
	a.file = nil
}
