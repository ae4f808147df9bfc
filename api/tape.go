package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Tape is a recording of the service's responses in one run, for replay without the service. It contains nothing of
// the session: no token, and no call of /auth. It is safe for concurrent use.
type Tape struct {
	mu    sync.Mutex // guards following
	lines []TapeLine
	index map[string][]int // lines by method and path; built on the first replay
	next  map[string]int   // the next response of each
}

// TapeLine is one call and its response. The JSON names are part of the case file's format and never change.
type TapeLine struct {
	Method string      `json:"method"`
	Path   string      `json:"path"` // with the query
	Status int         `json:"status,omitempty"`
	Header http.Header `json:"header,omitempty"`
	Body   string      `json:"body,omitempty"`
	Err    string      `json:"err,omitempty"` // instead of a response
	// RequestID is the id that the client sent, if the response has none.
	RequestID string `json:"requestId,omitempty"`
	TookMs    int64  `json:"tookMs,omitempty"`
}

// tookKey is the key of a *time.Duration in a request's context, which receives how long the recorded call took: a
// replay shows the same.
type tookKey struct{}

func setTook(req *http.Request, took time.Duration) {
	if into, ok := req.Context().Value(tookKey{}).(*time.Duration); ok {
		*into = took
	}
}

// tapeHeaders are the response headers that the client reads.
var tapeHeaders = []string{"Content-Type", "Retry-After", "X-Request-Id", "Apigw-Requestid"}

// maxTapeLines limits the calls of one tape.
const maxTapeLines = 1 << 18

// Record returns a transport that sends requests over another one and records them. clean removes from bodies and
// header values what must not be recorded.
func (t *Tape) Record(over http.RoundTripper, clean func([]byte) []byte) http.RoundTripper {
	return &recorder{t, over, clean}
}

type recorder struct {
	tape  *Tape
	over  http.RoundTripper
	clean func([]byte) []byte
}

// RoundTrip sends a request and records it.
func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	began := time.Now()
	res, err := r.over.RoundTrip(req)
	took := func() int64 {
		d := time.Since(began).Truncate(time.Millisecond)
		setTook(req, d)
		return d.Milliseconds()
	}
	if strings.Contains(req.URL.Path, "/auth/") {
		return res, err
	}
	line := TapeLine{Method: req.Method, Path: req.URL.RequestURI()}
	if err != nil {
		if req.Context().Err() == nil { // our own cancellation is not a response
			line.Err, line.RequestID = string(r.clean([]byte(err.Error()))), req.Header.Get("X-Request-Id")
			line.TookMs = took()
			r.tape.add(line)
		}
		return nil, err
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, defaultMaxBody+1))
	rest := io.Reader(bytes.NewReader(body))
	if err != nil {
		rest = io.MultiReader(rest, failing{err})
	} else if len(body) > defaultMaxBody {
		rest = io.MultiReader(rest, res.Body)
	}
	res.Body = struct {
		io.Reader
		io.Closer
	}{rest, res.Body}
	line.TookMs = took()
	line.Status, line.Body, line.Header = res.StatusCode, string(r.clean(body)), http.Header{}
	for name, values := range res.Header {
		if slices.Contains(tapeHeaders, name) || strings.HasPrefix(name, "X-Ratelimit-") {
			for _, v := range values {
				line.Header.Add(name, string(r.clean([]byte(v))))
			}
		}
	}
	if !namesRequest(line.Header) {
		line.RequestID = req.Header.Get("X-Request-Id")
	}
	r.tape.add(line)
	return res, nil
}

// namesRequest reports whether a response has the id of its request.
func namesRequest(h http.Header) bool {
	return h.Get("X-Request-Id") != "" || h.Get("Apigw-Requestid") != ""
}

// CloseIdleConnections closes those of the underlying transport.
func (r *recorder) CloseIdleConnections() {
	if c, ok := r.over.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

// failing is the rest of a body that ended in an error.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func (t *Tape) add(l TapeLine) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.lines) < maxTapeLines {
		t.lines = append(t.lines, l)
	}
}

// ErrNotRecorded is the error of a call whose response a tape does not have. It says nothing about the service.
var ErrNotRecorded = errors.New("the recorded case has no answer")

// Replay returns a transport that answers from the tape. The same call gets its responses in order, and then the last
// one again.
func (t *Tape) Replay() http.RoundTripper { return (*player)(t) }

type player Tape

// RoundTrip answers a request from the tape.
func (p *player) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		defer req.Body.Close()
	}
	key := req.Method + " " + req.URL.RequestURI()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.index == nil {
		p.index, p.next = map[string][]int{}, map[string]int{}
		for i, l := range p.lines {
			k := l.Method + " " + l.Path
			p.index[k] = append(p.index[k], i)
		}
	}
	all := p.index[key]
	if len(all) == 0 {
		return nil, fmt.Errorf("%w to %s", ErrNotRecorded, key)
	}
	l := p.lines[all[min(p.next[key], len(all)-1)]]
	p.next[key]++
	setTook(req, time.Duration(l.TookMs)*time.Millisecond)
	if l.Err != "" {
		return nil, &replayedError{l.Err, l.RequestID}
	}
	header := l.Header.Clone()
	if header == nil {
		header = http.Header{}
	}
	if l.RequestID != "" && !namesRequest(header) {
		header.Set("X-Request-Id", l.RequestID)
	}
	return &http.Response{
		Status: fmt.Sprintf("%d %s", l.Status, http.StatusText(l.Status)), StatusCode: l.Status, Proto: "HTTP/1.1",
		ProtoMajor: 1, ProtoMinor: 1,
		Header: header, Body: io.NopCloser(strings.NewReader(l.Body)), ContentLength: int64(len(l.Body)), Request: req,
	}, nil
}

// replayedError is the recorded failure of a call.
type replayedError struct {
	text      string
	requestID string // that the recorded run sent
}

func (e *replayedError) Error() string { return e.text }

// MarshalJSON writes the calls in the order of their responses.
func (t *Tape) MarshalJSON() ([]byte, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.lines == nil {
		return []byte("[]"), nil
	}
	return json.Marshal(t.lines)
}

// UnmarshalJSON reads a tape.
func (t *Tape) UnmarshalJSON(raw []byte) error {
	var lines []TapeLine
	if err := json.Unmarshal(raw, &lines); err != nil {
		return err
	}
	return t.SetLines(lines)
}

// SetLines replaces the calls of a tape, in the order of their responses. They are untrusted input.
func (t *Tape) SetLines(lines []TapeLine) error {
	if len(lines) > maxTapeLines {
		return fmt.Errorf("the case has more than %d calls", maxTapeLines)
	}
	for _, l := range lines {
		if l.Err == "" && (l.Status < 100 || l.Status > 599) {
			return fmt.Errorf("the case has an invalid HTTP status %d", l.Status)
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.lines, t.index, t.next = lines, nil, nil
	return nil
}

// Calls returns the number of calls on the tape.
func (t *Tape) Calls() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.lines)
}
