package casefile

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math"
	"net/http"
	"os"

	"domdoc/api"
	"domdoc/checks/probe/recording"
	"domdoc/checks/probe/recording/plain"
)

// decodePlain reads a file as Recorder writes it, much faster than decode. It returns false if it does not understand
// the file: decode may, and says what is wrong.
func (f *File) decodePlain(in io.Reader) bool {
	r := plain.NewReader(in)
	into := map[string]any{
		"format": &f.Format, "version": &f.Version, "tool": &f.Tool, "startedAt": &f.StartedAt, "args": &f.Args,
		"inputs": &f.Inputs, "settings": &f.Settings, "cut": &f.Cut,
	}
	seen := map[string]bool{}
	for more := r.Open('{'); more; more = r.Next('}') {
		name := string(r.Name())
		if seen[name] {
			return false
		}
		seen[name] = true
		switch name {
		case "sessions":
			for more := r.Open('['); more; more = r.Next(']') {
				session := recording.DecodePlain(r)
				if session == nil {
					return false
				}
				f.Sessions = append(f.Sessions, session)
			}
		case "service":
			f.Service = &api.Tape{}
			if f.Service.SetLines(readLines(r)) != nil {
				return false
			}
		default:
			field, known := into[name]
			raw := r.Raw()
			if !known || r.Failed() || json.Unmarshal(raw, field) != nil || f.Version > version {
				return false
			}
		}
	}
	r.End()
	return !r.Failed()
}

// readLines reads the calls of the service.
func readLines(r *plain.Reader) []api.TapeLine {
	lines := []api.TapeLine{}
	same := words{}
	for more := r.Open('['); more; more = r.Next(']') {
		lines = append(lines, readLine(r, same))
	}
	return lines
}

// words keeps one of each text that many calls have in common.
type words map[string]string

func (w words) read(s []byte) string {
	if known, ok := w[string(s)]; ok {
		return known
	}
	w[string(s)] = string(s)
	return w[string(s)]
}

func readLine(r *plain.Reader, same words) (l api.TapeLine) {
	var seen [8]bool
	field := func(n int) {
		if seen[n] {
			r.Fail()
		}
		seen[n] = true
	}
	for more := r.Open('{'); more; more = r.Next('}') {
		switch string(r.Name()) {
		case "method":
			field(0)
			l.Method = same.read(r.String(nil))
		case "path":
			field(1)
			l.Path = string(r.String(nil))
		case "status":
			field(2)
			l.Status = int(r.Int(0, math.MaxInt32))
		case "header":
			field(3)
			l.Header = readHeader(r, same)
		case "body":
			field(4)
			l.Body = string(r.String(nil))
		case "err":
			field(5)
			l.Err = string(r.String(nil))
		case "requestId":
			field(6)
			l.RequestID = string(r.String(nil))
		case "tookMs":
			field(7)
			l.TookMs = r.Int(math.MinInt64, math.MaxInt64)
		default:
			r.Fail()
		}
	}
	return l
}

func readHeader(r *plain.Reader, same words) http.Header {
	header := http.Header{}
	for more := r.Open('{'); more; more = r.Next('}') {
		name := same.read(r.Name())
		values := []string{}
		for more := r.Open('['); more; more = r.Next(']') {
			values = append(values, string(r.String(nil)))
		}
		header[name] = values
	}
	return header
}

// again is a stream that can be read from its beginning once more.
type again struct {
	in   io.Reader
	file *os.File // if it is a regular file
	at   int64    // in the file
	kept bytes.Buffer
	err  error
}

func newAgain(in io.Reader) *again {
	a := &again{in: in}
	if f, ok := in.(*os.File); ok {
		if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
			if a.at, err = f.Seek(0, io.SeekCurrent); err == nil {
				a.file = f
			}
		}
	}
	return a
}

func (a *again) Read(p []byte) (int, error) {
	n, err := a.in.Read(p)
	if a.file == nil {
		a.kept.Write(p[:n])
		a.err = err
	}
	return n, err
}

// rewind returns the whole stream.
func (a *again) rewind() (io.Reader, error) {
	switch {
	case a.file != nil:
		_, err := a.file.Seek(a.at, io.SeekStart)
		return a.in, err
	case a.err != nil && !errors.Is(a.err, io.EOF):
		return io.MultiReader(&a.kept, failed{a.err}), nil
	}
	return io.MultiReader(&a.kept, a.in), nil
}

// failed is a stream that could not be read.
type failed struct{ err error }

func (f failed) Read([]byte) (int, error) { return 0, f.err }
