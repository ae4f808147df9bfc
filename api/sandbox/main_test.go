package sandbox

import (
	"bytes"
	"encoding/json"
	"io"
	"io/fs"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"domdoc/api/sandbox/story"

	"github.com/miekg/dns"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// start starts a sandbox and closes it at the end of the test.
func start(t testing.TB, opt Options) *Sandbox {
	t.Helper()
	b, err := Start(opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	return b
}

// builtin is the world of the built-in stories.
var builtin = sync.OnceValues(func() (*surroundings, error) { return readWorld(Scenarios()) })

// readStory reads one story for the built-in world, as ReadStories does.
func readStory(name string, raw []byte) (*story.Story, error) {
	w, err := builtin()
	if err != nil {
		return nil, err
	}
	s, err := w.readStory(name, raw)
	if err != nil {
		return nil, &StoryError{name, err}
	}
	return s, nil
}

// readAll reads stories, none of which may be broken.
func readAll(t testing.TB, fsys fs.FS) []*story.Story {
	t.Helper()
	stories, broken, err := ReadStories(fsys)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range broken {
		t.Error(e)
	}
	return stories
}

// journal collects what a sandbox logs.
type journal struct {
	mu    sync.Mutex
	lines []string
}

func (j *journal) log(line string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.lines = append(j.lines, line)
}

func (j *journal) all() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.lines)
}

// storyFS returns a file system of stories by name, with the built-in world.
func storyFS(stories map[string]string) fs.FS {
	out := fstest.MapFS{}
	for name, text := range stories {
		out[name+".txtar"] = &fstest.MapFile{Data: []byte(text)}
	}
	return out
}

// clock is a clock that only the test advances.
type clock struct {
	mu sync.Mutex // guards following
	t  time.Time
}

func newClock() *clock { return &clock{t: time.Date(2026, 2, 22, 12, 0, 0, 0, time.UTC)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

// answered is a response of the service.
type answered struct {
	status int
	header http.Header
	body   map[string]any
	raw    []byte
}

func (a answered) str(key string) string {
	s, _ := a.body[key].(string)
	return s
}

// direct is a client without connection reuse, so that no goroutine is left.
var direct = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 30 * time.Second}

// call sends a request to the service, with body as JSON unless it is nil.
func call(t testing.TB, b *Sandbox, method, path, token string, body any) answered {
	t.Helper()
	var r io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		r = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, b.URL()+path, r)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	req.Header.Set("x-request-id", "req-1")
	resp, err := direct.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	a := answered{status: resp.StatusCode, header: resp.Header, body: map[string]any{}}
	if a.raw, err = io.ReadAll(resp.Body); err != nil {
		t.Fatal(err)
	}
	_ = json.Unmarshal(a.raw, &a.body)
	return a
}

// ask sends a query to a name server of the sandbox's world, with EDNS unless size is 0.
func ask(t testing.TB, b *Sandbox, network, server, name string, rrtype uint16, size uint16) *dns.Msg {
	t.Helper()
	m := new(dns.Msg)
	m.SetQuestion(dns.Fqdn(name), rrtype)
	if size > 0 {
		m.SetEdns0(size, false)
	}
	return exchange(t, b, network, server, m)
}

func exchange(t testing.TB, b *Sandbox, network, server string, m *dns.Msg) *dns.Msg {
	t.Helper()
	conn, err := b.Dial(t.Context(), network, net.JoinHostPort(server, "53"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	c := dns.Client{Net: network, Timeout: 10 * time.Second, UDPSize: 4096}
	reply, _, err := c.ExchangeWithConn(m, &dns.Conn{Conn: conn})
	if err != nil {
		t.Fatalf("%s at %s: %v", m.Question[0].Name, server, err)
	}
	return reply
}

// shown returns a section as text: "name TTL type data", names without a trailing dot.
func shown(rrs []dns.RR) []string {
	out := []string{}
	for _, rr := range rrs {
		if rr.Header().Rrtype == dns.TypeOPT {
			continue
		}
		out = append(out, strings.Join(strings.Fields(strings.Replace(rr.String(), "\tIN\t", "\t", 1)), " "))
	}
	return out
}

// buildCopy builds a copy of a story for the built-in world.
func buildCopy(s *story.Story, copyNo int) (*instance, error) {
	w, err := builtin()
	if err != nil {
		return nil, err
	}
	return w.build(s, copyNo, time.Unix(0, 0))
}

// fileOf returns the file of a built-in story.
func fileOf(t testing.TB, s *story.Story) []byte {
	t.Helper()
	raw, err := fs.ReadFile(Scenarios(), s.File)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}
