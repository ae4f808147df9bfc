package wire_test

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"domdoc/ui/render/wire"
)

const plainLine = `{"domain":"a.example","unicode":"a.example","id":"","serviceStatus":"","verdict":"pass"}`

// TestReadReport reads reports of this version, of a later one, and invalid ones.
func TestReadReport(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, in string
		want     []string // names of the domains
		err      string   // part of it
	}{
		{name: "one line", in: plainLine + "\n" + lastLine(1), want: []string{"a.example"}},
		{name: "two lines, and space between", in: plainLine + "\n\n" + strings.ReplaceAll(plainLine, "a.example",
			"b.example") + lastLine(2), want: []string{"a.example", "b.example"}},
		{name: "lines of two runs", in: plainLine + lastLine(1) + plainLine + lastLine(1), want: []string{
			"a.example", "a.example",
		}},
		{name: "no lines, as the last one says", in: lastLine(0)},
		{name: "the last line is missing", in: plainLine + "\n", err: "its last line"},
		{name: "a line is missing", in: plainLine + lastLine(2), err: "1 fewer domains than"},
		{name: "the last line of the second run is missing", in: plainLine + lastLine(1) + plainLine, err: "its last line"},
		{name: "the last line of the first run is missing", in: plainLine + plainLine + lastLine(1), err: "its last line"},
		{name: "a document", in: `{"schemaVersion":1,"tool":{"name":"domdoc","version":"9"},"domains":[` + plainLine +
			`],"vantage":null,"tenant":null,"summary":{"domains":1}}`, want: []string{"a.example"}},
		{name: "a document whose domains come last", in: `{"tenant":{"id":"t"},"schemaVersion":1,"domains":[` +
			plainLine + `]}`, want: []string{"a.example"}},
		{name: "a document without domains", in: `{"schemaVersion":1,"domains":[]}`},
		{
			name: "names of a later version",
			in:   `{"schemaVersion":1,"later":{"x":[1]},"domains":[{"domain":"a.example","verdict":"warn","later":true}]}`,
			want: []string{"a.example"},
		},
		{name: "several documents", in: `{"schemaVersion":1,"domains":[` + plainLine +
			`]} {"schemaVersion":1,"domains":[` + plainLine + `]}`, want: []string{"a.example", "a.example"}},

		{name: "nothing", in: "  \n", err: "it is empty"},
		{name: "another format", in: "<testsuites/>", err: "at byte"},
		{name: "another JSON", in: `["a.example"]`, err: "not a domdoc report"},
		{name: "another object", in: `{"name":"a.example"}`, err: `invalid verdict "" of`},
		{
			name: "another version", in: `{"schemaVersion":2,"domains":[]}`,
			err: "version 2 of the format is not supported",
		},
		{name: "cut off", in: plainLine[:len(plainLine)-1], err: "unexpected EOF"},
		{name: "cut off in the list", in: `{"schemaVersion":1,"domains":[` + plainLine, err: "unexpected EOF"},
		{name: "domains that are no list", in: `{"domains":{}}`, err: "domains is not a list"},
		{name: "text for a list", in: `{"domain":"a.example","verdict":"pass","findings":"none"}`, err: "findings"},
		{
			name: "a line of watch", in: `{"event":"changed","domain":"a.example","verdict":"pass","codes":["DOMAIN_004"]}`,
			err: "codes",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := readReport(strings.NewReader(tt.in))
			if tt.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) {
					t.Fatalf("error %v, want one with %q", err, tt.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, d := range got.Domains {
				names = append(names, d.Domain)
				if d.Findings == nil || d.Codes == nil || d.Propagation == nil {
					t.Errorf("missing lists are not empty: %+v", d)
				}
				if d.Facts.Certificates != nil {
					t.Error("certificates are a list, though none were requested")
				}
			}
			if fmt.Sprint(names) != fmt.Sprint(tt.want) {
				t.Errorf("domains %v, want %v", names, tt.want)
			}
		})
	}
}

// lastLine is the last line of JSON lines with n domains.
func lastLine(n int) string {
	return fmt.Sprintf(`{"schemaVersion":1,"summary":{"domains":%d},"complete":true}`+"\n", n)
}

// TestComplete checks what a report says about whether the run was complete, also one of an earlier version.
func TestComplete(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]bool{
		lastLine(0): true,
		`{"schemaVersion":1,"summary":{"domains":0},"complete":false,"incomplete":"interrupted"}`: false,
		`{"schemaVersion":1,"domains":[]}`:                                                    true,
		`{"schemaVersion":1,"domains":[],"incomplete":"interrupted"}`:                         false,
		`{"schemaVersion":1,"domains":[],"complete":true,"startedAt":"2026-02-22T14:00:00Z"}`: true,
	} {
		if got, err := readReport(strings.NewReader(in)); err != nil || got.Complete != want {
			t.Errorf("%s: %+v, %v; want complete %t", in, got, err, want)
		}
	}
}

// TestReadHostile reads text with terminal escapes, and endless input.
func TestReadHostile(t *testing.T) {
	t.Parallel()
	got, err := readReport(strings.NewReader(
		`{"domain":"a\u001b[2J.example","verdict":"fail","findings":[{"cause":"x","summary":"\u202etxt\u0007` +
			strings.Repeat("y", 9000) +
			`","fix":{"commands":["rm\u001b]0;x\u0007"]}}]}` + lastLine(1)))
	if err != nil {
		t.Fatal(err)
	}
	d := got.Domains[0]
	for _, s := range []string{d.Domain, d.Findings[0].Summary, d.Findings[0].Fix.Commands[0]} {
		if strings.ContainsAny(s, "\x1b\x07\u202e") {
			t.Errorf("%q would affect a terminal", s)
		}
		if n := len([]rune(s)); n > 4096 {
			t.Errorf("a text of %d characters", n)
		}
	}
	endless := io.MultiReader(strings.NewReader(`{"domain":"`), &repeat{"y"})
	if _, err := readReport(endless); err == nil || !strings.Contains(err.Error(), "larger than 16 MiB") {
		t.Errorf("a domain without end: %v", err)
	}
	deep := strings.NewReader(`{"domain":"a.example","verdict":"pass","args":` + strings.Repeat("[", 1<<20))
	if _, err := readReport(deep); err == nil {
		t.Error("a million brackets are accepted")
	}
}

// TestReadOtherOutput refuses the output of every command that writes no reports, by its name. Reports, lines and last
// lines are accepted.
func TestReadOtherOutput(t *testing.T) {
	t.Parallel()
	for _, d := range wire.Documents() {
		for _, v := range slices.Concat(d.Document, d.Line) {
			switch whole := v.(type) {
			case wire.Domain:
				whole.Domain, whole.Verdict = "a.example", "pass"
				v = whole
			case wire.Report:
				whole.Domains = []wire.Domain{}
				v = whole
			}
			fields, err := wire.Marshal(v)
			if err != nil {
				t.Fatal(err)
			}
			text := strings.Replace(string(fields), `"schemaVersion":0`, `"schemaVersion":1`, 1)
			_, err = readReport(strings.NewReader(text))
			want := "it is the output of domdoc " + strings.ReplaceAll(d.Command, "watch", "check --watch")
			switch {
			case d.Command == "check" && err != nil && !errors.Is(err, wire.ErrCut):
				t.Errorf("%T: %v", v, err)
			case d.Command != "check" && (err == nil || !strings.Contains(err.Error(), want)):
				t.Errorf("%T: %v, want %q", v, err, want)
			}
		}
	}
	for _, text := range []string{`{"schemaVersion":1,"later":[]}`, `{"schemaVersion":1}`} {
		if _, err := readReport(strings.NewReader(text)); err == nil {
			t.Errorf("%s is accepted", text)
		}
	}
}

// TestReadRuns reads several reports in one file: each has a rest of its own.
func TestReadRuns(t *testing.T) {
	t.Parallel()
	text := plainLine + strings.Replace(lastLine(1), "true", "false", 1) + plainLine + lastLine(1) +
		`{"schemaVersion":1,"shard":"2/2","domains":[]}`
	runs, err := wire.ReadRuns(strings.NewReader(text), func(*wire.Domain) error { return nil })
	if err != nil || len(runs) != 3 {
		t.Fatalf("%d reports, %v", len(runs), err)
	}
	if runs[0].Complete || !runs[1].Complete || runs[2].Shard != "2/2" {
		t.Errorf("%+v, %+v, %+v", runs[0], runs[1], runs[2])
	}
}

// readReport collects the domains of a report in memory.
func readReport(r io.Reader) (*wire.Report, error) {
	domains := []wire.Domain{}
	report, err := wire.ReadDomains(r, func(d *wire.Domain) error {
		domains = append(domains, *d)
		return nil
	})
	if err != nil {
		return nil, err
	}
	report.Domains = domains
	return report, nil
}

// repeat yields a text endlessly.
type repeat struct{ s string }

func (r *repeat) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = r.s[i%len(r.s)]
	}
	return len(p), nil
}

// TestReadDomainsStops returns the error of the callback, and stops there.
func TestReadDomainsStops(t *testing.T) {
	t.Parallel()
	enough := errors.New("enough")
	n := 0
	_, err := wire.ReadDomains(strings.NewReader(strings.Repeat(plainLine+"\n", 5)), func(*wire.Domain) error {
		if n++; n == 2 {
			return enough
		}
		return nil
	})
	if !errors.Is(err, enough) || n != 2 {
		t.Errorf("error %v after %d domains", err, n)
	}
}
