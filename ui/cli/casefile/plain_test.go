package casefile

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"domdoc/api"
	"domdoc/checks/probe/exchange"
)

// recordedCase returns the text of a case with everything that a Recorder writes.
func recordedCase(t *testing.T) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "case.json")
	r, err := NewRecorder(path, "1.2.3", []string{"check", "--all=true", "--", "a b.example"})
	if err != nil {
		t.Fatal(err)
	}
	code := `Ab1"x-0OlI-secret`
	at := time.Date(2026, 11, 30, 1, 2, 3, 4, time.UTC)
	r.Start(Settings{Profile: "default", Resolvers: []string{"8.8.8.8"}, Severity: map[string]string{"x": "warn"}},
		&code, at)
	r.Service(&api.Config{Token: "opaque-token"})
	if err := r.file.Service.SetLines([]api.TapeLine{
		{
			Method: "GET", Path: "/v1/domains?limit=1", Status: 200, TookMs: 12, Body: "{\"a\": \"<b>\\n\U0001f600\"}\n",
			Header: map[string][]string{
				"Content-Type": {"application/json"}, "X-Request-Id": {"1"},
				"X-Ratelimit-Limit": {},
			},
		},
		{Method: "GET", Path: "/v1/domains/2", Err: "connection <refused>", RequestID: "2"},
	}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		s := r.NewSession()
		s.Begin("dd-1", at)
		for _, asked := range []string{"a.example A", "b.example A"} {
			x := &exchange.Exchange{Kind: exchange.KindDNS, Asked: asked, At: at, Outcome: exchange.Timeout, Err: "silence"}
			s.Add(exchange.QueryKey{Kind: x.Kind, Server: "192.0.2.1:53", Asked: asked}, x, nil)
		}
	}
	if _, err := io.ReadAll(r.Input("-", strings.NewReader("a.example\n"))); err != nil {
		t.Fatal(err)
	}
	r.Ended("a.example", "d-1")
	r.Incomplete("it was interrupted")
	if _, err := r.Write(); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// TestDecodePlain: a recorded case is read fast, with the same result.
func TestDecodePlain(t *testing.T) {
	t.Parallel()
	raw := recordedCase(t)
	var fast, slow File
	if !fast.decodePlain(bytes.NewReader(raw)) {
		t.Fatalf("not plain:\n%s", raw)
	}
	if err := slow.decode(json.NewDecoder(bytes.NewReader(raw))); err != nil {
		t.Fatal(err)
	}
	got, err := json.Marshal(fast)
	if err != nil {
		t.Fatal(err)
	}
	want, err := json.Marshal(slow)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%v\n%s\nwant %s", err, got, want)
	}
	fast.Sessions, slow.Sessions = nil, nil
	if !reflect.DeepEqual(fast, slow) {
		t.Errorf("%+v\nwant %+v", fast, slow)
	}
}

// TestReadDamaged compares the errors of Read for damaged cases, in a file and in a pipe, with those of decode, which
// reads nothing twice.
func TestReadDamaged(t *testing.T) {
	t.Parallel()
	raw := string(recordedCase(t))
	damaged := map[string]string{"a value more": raw + "{}", "spaces": raw + "\n \n", "nothing": ""}
	for i := 1; i < len(raw); i += 97 {
		damaged["the end is missing from "+raw[:i]] = raw[:i]
		damaged["another character in "+raw[:i]] = raw[:i] + "x" + raw[i+1:]
	}
	dir := t.TempDir()
	for name, text := range damaged {
		var f File
		want := f.decode(json.NewDecoder(strings.NewReader(text)))
		path := filepath.Join(dir, "case.json")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		file, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, in := range []io.Reader{file, iotest.HalfReader(strings.NewReader(text))} {
			_, err := Read(in, "case.json")
			switch {
			case want != nil && (err == nil || !strings.HasSuffix(err.Error(), want.Error())):
				t.Errorf("%s: %v, want %v", name, err, want)
			case want == nil && err != nil && !strings.Contains(err.Error(), "recorded"):
				t.Errorf("%s: %v", name, err)
			}
		}
		if err := file.Close(); err != nil {
			t.Fatal(err)
		}
	}
	broken := errors.New("the disk is broken")
	in := io.MultiReader(strings.NewReader(raw[:len(raw)/2]), iotest.ErrReader(broken))
	if _, err := Read(in, "case.json"); !errors.Is(err, broken) {
		t.Errorf("%v, want %v", err, broken)
	}
}
