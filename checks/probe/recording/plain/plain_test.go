package plain_test

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"domdoc/checks/probe/recording/plain"
)

// document is read by read.
type document struct {
	Text  string         `json:"text"`
	Data  []byte         `json:"data"`
	Count int64          `json:"count"`
	Yes   bool           `json:"yes"`
	At    time.Time      `json:"at"`
	Rest  map[string]any `json:"rest"`
	Line  string         `json:"line"`
	List  []int64        `json:"list"`
}

func read(in io.Reader) (d document, ok bool) {
	r := plain.NewReader(in)
	seen := map[string]bool{}
	for more := r.Open('{'); more; more = r.Next('}') {
		name := string(r.Name())
		if seen[name] {
			r.Fail()
		}
		switch seen[name] = true; name {
		case "text":
			d.Text = string(r.String(nil))
		case "data":
			d.Data = r.Base64([]byte{})
		case "count":
			d.Count = r.Int(-1000, 1000)
		case "yes":
			d.Yes = r.Bool()
		case "at":
			d.At = r.Time()
		case "rest":
			if json.Unmarshal(r.Raw(), &d.Rest) != nil || d.Rest == nil {
				r.Fail()
			}
		case "line":
			if json.Unmarshal(r.Raw(), &d.Line) != nil {
				r.Fail()
			}
		case "list":
			d.List = []int64{}
			for more := r.Open('['); more; more = r.Next(']') {
				d.List = append(d.List, r.Int(0, 10))
			}
		default:
			r.Fail()
		}
	}
	r.End()
	return d, !r.Failed()
}

func written(t testing.TB, d document) []byte {
	t.Helper()
	raw, err := json.MarshalIndent(d, "", "\t")
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// TestReader reads values that are longer than the buffer, and octet by octet.
func TestReader(t *testing.T) {
	t.Parallel()
	short := document{
		Text: "a\"\\/\b\f\n\r\t\x01<é\u2028\U0001f600>", Data: []byte{0, 255, 3, 4}, Count: -7, Yes: true, Line: `\"`,
		At:   time.Date(2026, 11, 30, 1, 2, 3, 4000, time.UTC),
		Rest: map[string]any{`"]}{[`: `\`, "b": []any{true, nil, 1.5, "]"}}, List: []int64{0, 10},
	}
	long := short
	long.Text, long.Data = strings.Repeat(short.Text, 20000), bytes.Repeat(short.Data, 300000)
	for name, in := range map[string]io.Reader{
		"short":             bytes.NewReader(written(t, short)),
		"octet by octet":    iotest.OneByteReader(bytes.NewReader(written(t, short))),
		"end with an octet": iotest.DataErrReader(bytes.NewReader(written(t, short))),
	} {
		if d, ok := read(in); !ok || !bytes.Equal(written(t, d), written(t, short)) {
			t.Errorf("%s: %v, %+v", name, ok, d)
		}
	}
	if d, ok := read(bytes.NewReader(written(t, long))); !ok || !bytes.Equal(written(t, d), written(t, long)) {
		t.Errorf("long: %v", ok)
	}
	for _, in := range []io.Reader{
		iotest.ErrReader(io.ErrUnexpectedEOF), iotest.TimeoutReader(iotest.OneByteReader(strings.NewReader("{}"))),
		strings.NewReader("{} {}"), strings.NewReader(""), strings.NewReader("{\"yes\": true\x00}"),
		never{},
	} {
		if d, ok := read(in); ok {
			t.Errorf("understood: %+v", d)
		}
	}
}

// never is a stream that has neither data nor an end.
type never struct{}

func (never) Read([]byte) (int, error) { return 0, nil }

// FuzzReader: what the reader understands means the same to encoding/json.
func FuzzReader(f *testing.F) {
	for _, text := range []string{
		`{"text": "\u00e4\ud83d\ude00\/", "data": "AAE=", "count": 12, "yes": false, "at": "2026-11-30T01:02:03.4Z"}`,
		`{"text": "\ud83d", "data": "A\nE=", "count": 01, "at": "2026-11-30T01:02:03+01:00"}`,
		`{"text": null, "data": "AAF=", "count": -0, "yes": 1}`,
		`{"count": 1.0, "rest": {"a": [1, "\\\"]"]}, "list": [1, 2,]}`,
		`{"Text": "x", "line": "\"\\", "list": [], "rest": {}}`, `{"text": "x", "text": "y"}`, `{,}`, `{"list": [1 2]}`,
		`[]`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		got, ok := read(iotest.HalfReader(bytes.NewReader(raw)))
		if !ok {
			return
		}
		var want document
		if err := json.Unmarshal(raw, &want); err != nil {
			t.Fatalf("%v: %s", err, raw)
		}
		if !bytes.Equal(written(t, got), written(t, want)) {
			t.Errorf("%s: %+v, want %+v", raw, got, want)
		}
	})
}
