package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"domdoc/api/sandbox"
	"domdoc/ui/cli"
	"domdoc/ui/render/wire"
)

// registrationStories are the stories of the names below.
var registrationStories = []string{
	"healthy-txt", "name-doubled", "registry-limited", "healthy-registry-not-known", "registry-not-known",
	"healthy-available", "reserved", "expires-soon", "taken-by-delegation",
}

// Names of the sandbox.
const (
	heldName       = "tickets.northwind.example"
	freeName       = "fennel.example"
	limitedName    = "shop.zephyr.example"
	notKnownHeld   = "shop.sneezeweed.nhs.uk"
	notKnownAbsent = "hawkbit.police.uk"
	reservedName   = "w.example"
	endsSoonName   = "shop.granite.example"
)

// onRegistries runs domdoc registration on a sandbox.
func onRegistries(ctx context.Context, world *sandbox.Sandbox, stdin io.Reader, stdout io.Writer, args ...string,
) (stderr string, code int) {
	var errs bytes.Buffer
	code = cli.MainOn(ctx, cli.Env{
		Args: append([]string{"registration"}, args...), Stdin: stdin, Stdout: stdout, Stderr: &errs, Version: "test",
		Getenv: func(string) string { return "" },
	}, world)
	return errs.String(), code
}

// TestRegistration looks names up: alone, in lists, in several spellings, beside lines that are no names.
func TestRegistration(t *testing.T) {
	t.Parallel()
	world := startSandbox(t, registrationStories...)
	const (
		isHeld = `(?m)^✓ registered +tickets\.northwind\.example +of northwind\.example; Example Registrar, ` +
			`Inc\.; until \d{4}-\d\d-\d\d; by RDAP and DNS$`
		isFree    = `(?m)^○ free +fennel\.example +by RDAP, WHOIS and DNS$`
		isLimited = `(?m)^✓ registered +shop\.zephyr\.example +of zephyr\.example; by DNS; RDAP .* ` +
			`too many questions; .*try again in 60 seconds$`
		isReserved = `(?m)^- reserved +w\.example `
		isNotKnown = `(?m)^\? not checked +hawkbit\.police\.uk +no server of the registry of \.police\.uk is known$`
		isByDNS    = `(?m)^✓ registered +shop\.sneezeweed\.nhs\.uk +of sneezeweed\.nhs\.uk; by DNS$`
		badLine    = `domdoc: error: "no name here" is not a domain name: a space`
	)
	for _, tt := range []struct {
		name, list string // lines
		args       []string
		code       int
		lines      []string // regular expressions of all lines
		stderr     string
	}{
		{name: "held", list: heldName, lines: []string{isHeld}},
		{name: "free", list: freeName, lines: []string{isFree}},
		{name: "held and free", list: freeName + "\n" + heldName, lines: []string{isHeld, isFree}},
		{name: "reserved", list: reservedName, lines: []string{isReserved}},
		{name: "throttled", list: limitedName, code: 3, lines: []string{isLimited}},
		{
			name: "throttled beside healthy", list: limitedName + "\n" + heldName, code: 3,
			lines: []string{isLimited, isHeld},
		},
		{name: "registry not known, delegated", list: notKnownHeld, lines: []string{isByDNS}},
		{name: "registry not known, not delegated", list: notKnownAbsent, code: 3, lines: []string{isNotKnown}},
		{name: "a public suffix", list: "co.uk", code: 3, lines: []string{`a public suffix cannot be registered`}},
		{
			name: "WHOIS only", list: "nobody-has-this.io",
			lines: []string{`(?m)^○ likely free +nobody-has-this\.io +by WHOIS and DNS; .*a reserved name can look the ` +
				`same$`},
		},
		{
			name: "mixed",
			list: strings.Join([]string{
				heldName, limitedName, freeName, notKnownHeld, reservedName, notKnownAbsent,
			}, "\n"),
			code: 3, lines: []string{isHeld, isLimited, isFree, isByDNS, isReserved, isNotKnown},
		},
		{
			name: "in several spellings",
			list: heldName + "\nTICKETS.Northwind.EXAMPLE.\n  tickets.northwind.example\r\nｔickets。northwind.example\n" +
				heldName,
			args: []string{heldName}, lines: []string{isHeld},
		},
		{
			name: "international names", list: "bücher.example\nxn--bcher-kva.example\nBÜCHER.example",
			lines: []string{`xn--bcher-kva\.example`},
		},
		{
			name: "several names below one", list: "a.northwind.example\nb.northwind.example",
			lines: []string{`a\.northwind\.example +of northwind\.example`, `b\.northwind\.example +of northwind\.example`},
		},
		{
			name: "a line that is no name", list: "no name here\n# a comment\n\n" + heldName, code: 2,
			lines:  []string{isHeld},
			stderr: badLine,
		},
		{
			name: "only such lines", list: "no name here", code: 2, stderr: "the only name is not valid; nothing was looked up",
		},
		{name: "nothing", code: 2, stderr: "nothing was checked: the list has no names"},
		{name: "nothing, as expected", args: []string{"--allow-empty"}},
		{
			name: "a time limit", list: heldName + "\n" + freeName, args: []string{"--timeout", "1ns"}, code: 3,
			lines: []string{
				`(?m)^\? not checked +tickets\.northwind\.example .*time limit`,
				`(?m)^\? not checked +fennel\.example .*time limit`,
			},
		},
		{
			name: "a time limit, whatever fails", list: heldName, args: []string{"--timeout", "1ns", "--fail-on", "never"},
			code: 3, lines: []string{`time limit`},
		},
		{
			name: "never", list: limitedName + "\n" + heldName, args: []string{"--fail-on", "never"},
			lines: []string{isLimited, isHeld},
		},
		{
			name: "never, and nothing judged", list: limitedName, args: []string{"--fail-on", "never"}, code: 3,
			lines: []string{isLimited},
		},
		{
			name: "inconclusive", list: limitedName, args: []string{"--fail-on", "inconclusive"}, code: 1,
			lines: []string{isLimited},
		},
		{name: "ends soon", list: endsSoonName, lines: []string{`until`}},
		{
			name: "ends soon, to be told", list: endsSoonName, args: []string{"--fail-on", "warn"}, code: 1,
			lines: []string{`until`},
		},
		{name: "ends later", list: heldName, args: []string{"--fail-on", "warn"}, lines: []string{isHeld}},
		{name: "a level", list: heldName, args: []string{"--fail-on", "bad"}, code: 2, stderr: `--fail-on "bad"`},
		{name: "a rate", list: heldName, args: []string{"--rate", "-1"}, code: 2, stderr: "--rate"},
		{name: "a format", list: heldName, args: []string{"-o", "html"}, code: 2, stderr: `does not support this format`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			stderr, code := onRegistries(t.Context(), world, strings.NewReader(tt.list), &out,
				append([]string{"-f", "-"}, tt.args...)...)
			if code != tt.code || !strings.Contains(stderr, tt.stderr) || tt.stderr == "" && stderr != "" {
				t.Errorf("exit code %d, want %d; stderr %q, want %q", code, tt.code, stderr, tt.stderr)
			}
			if n := strings.Count(out.String(), "\n"); n != len(tt.lines) {
				t.Errorf("%d lines, want %d", n, len(tt.lines))
			}
			for _, line := range tt.lines {
				if !regexp.MustCompile(line).MatchString(out.String()) {
					t.Errorf("no line matches %q", line)
				}
			}
			if t.Failed() {
				t.Logf("%s", &out)
			}
		})
	}
	t.Run("no name", func(t *testing.T) {
		t.Parallel()
		var out bytes.Buffer
		if stderr, code := onRegistries(t.Context(), world, strings.NewReader(""), &out); code != 2 ||
			!strings.Contains(stderr, "registration needs a name or --file") {
			t.Errorf("exit code %d: %s", code, stderr)
		}
	})
}

// TestRegistrationOfOneName shows a single name with everything that is known.
func TestRegistrationOfOneName(t *testing.T) {
	t.Parallel()
	world := startSandbox(t, registrationStories...)
	for name, want := range map[string][]string{
		heldName: {
			`^✓ registered  tickets\.northwind\.example\n`, `\n  domain +northwind\.example\n`,
			`\n  sources +by RDAP and DNS\n`, `\n  registrar +Example Registrar, Inc\. \(IANA id 9999\)\n`,
			`\n  created +\d{4}-\d\d-\d\d\n`, `\n  expires +\d{4}-\d\d-\d\d\n`,
			`\n  statuses +client transfer prohibited\n`, `\n  servers +ns1\.hoster\.example, ns2\.hoster\.example\n`,
		},
		freeName:     {`^○ free  fennel\.example\n`, `\n  asked +WHOIS at whois\.nic\.example: not-registered\n`},
		limitedName:  {`^✓ registered  shop\.zephyr`, `\n  sources +by DNS\n`, `\n  note +RDAP .*too many questions`},
		reservedName: {`^- reserved  w\.example\n  sources +by WHOIS\n  why +`},
		notKnownHeld: {
			`^✓ registered  shop\.sneezeweed\.nhs\.uk\n`,
			`\n  note +no server of the registry of \.nhs\.uk is`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			stderr, _ := onRegistries(t.Context(), world, strings.NewReader(""), &out, name)
			for _, w := range want {
				if !regexp.MustCompile(w).MatchString(out.String()) || stderr != "" {
					t.Errorf("it does not match %q:\n%s%s", w, &out, stderr)
				}
			}
			if regexp.MustCompile(`(?m)^  [a-z]+ *$`).MatchString(out.String()) {
				t.Errorf("a label without text:\n%s", &out)
			}
		})
	}
}

// TestRegistrationJSON compares the JSON with what the sandbox has, in both formats, live and replayed.
func TestRegistrationJSON(t *testing.T) {
	t.Parallel()
	world := startSandbox(t, registrationStories...)
	list := written(t, "names.txt", strings.Join([]string{heldName, limitedName, freeName, notKnownHeld, reservedName},
		"\n"))
	caseFile := filepath.Join(t.TempDir(), "case.json")
	var lines bytes.Buffer
	stderr, code := onRegistries(t.Context(), world, strings.NewReader(""), &lines, "-f", list, "-o", "jsonl",
		"--record",
		caseFile)
	if code != cli.ExitInconclusive {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	validate(t, compile(t, schema(t, "registration", true, true)), lines.String(), 5)
	got := map[string]wire.NameRegistration{}
	for line := range strings.Lines(lines.String()) {
		var n wire.NameRegistration
		if err := json.Unmarshal([]byte(line), &n); err != nil {
			t.Fatal(err)
		}
		got[n.Name] = n
	}
	for name, want := range map[string]string{
		heldName:     "registered [rdap dns] conclusive delegated=true source=rdap throttled=false",
		freeName:     "not-registered [rdap whois dns] conclusive delegated=false source=rdap throttled=false",
		limitedName:  "registered [dns] conclusive delegated=true source=dns throttled=true",
		notKnownHeld: "registered [dns] conclusive delegated=true source=dns throttled=false",
		reservedName: "reserved [whois] conclusive delegated=false source=whois throttled=false",
	} {
		n := got[name]
		if line := registrationLine(n); line != want {
			t.Errorf("%s: %s, want %s", name, line, want)
		}
		if len(n.Evidence) == 0 {
			t.Errorf("%s has no evidence", name)
		}
	}
	held := got[heldName]
	kinds := []string{}
	for _, d := range held.Dates {
		kinds = append(kinds, d.Kind)
		if d.Latest.Before(d.At) || !d.Estimated && d.Precision != "second" {
			t.Errorf("%+v", d)
		}
	}
	if !slices.Contains(kinds, "created") || !slices.Contains(kinds, "updated") || !slices.Contains(kinds, "expires") ||
		held.ExpiresAt == nil || held.Registrar == nil || len(held.Nameservers) != 2 || len(held.Statuses) != 1 {
		t.Errorf("%s: %+v", heldName, held)
	}
	if s := got[limitedName].RetryAfterSec; s == nil || *s != 60 {
		t.Errorf("%s can be asked again in %v seconds", limitedName, s)
	}
	var document bytes.Buffer
	onRegistries(t.Context(), world, strings.NewReader(""), &document, "-f", list, "-o", "json")
	validate(t, compile(t, schema(t, "registration", false, true)), document.String(), 1)
	replayed, code := run(t, "", "replay", caseFile)
	if code != cli.ExitInconclusive || strings.Count(replayed, "\n") != 5 {
		t.Errorf("the replay ends with %d:\n%s", code, replayed)
	}
}

func registrationLine(n wire.NameRegistration) string {
	or := func(s *string) string {
		if s == nil {
			return "-"
		}
		return *s
	}
	delegated := "unknown"
	if n.Delegated != nil {
		delegated = fmt.Sprint(*n.Delegated)
	}
	return fmt.Sprintf("%s %v %s delegated=%s source=%s throttled=%t", n.State, n.Agree, or(n.Certainty), delegated,
		or(n.Source), n.Throttled)
}

// afterFirst calls f after the first write that has a name, and fails after it if it is to.
type afterFirst struct {
	text bytes.Buffer
	f    func()
	err  error
}

func (w *afterFirst) Write(p []byte) (int, error) {
	if w.err != nil && bytes.Contains(w.text.Bytes(), []byte(`"name"`)) {
		return 0, w.err
	}
	n, _ := w.text.Write(p)
	if bytes.Contains(p, []byte(`"name"`)) && w.f != nil {
		w.f()
		w.f = nil
	}
	return n, nil
}

// TestRegistrationEndsEarly ends a run by ctrl-c, with a document that is whole, and by a reader that goes away. The
// list has no end.
func TestRegistrationEndsEarly(t *testing.T) {
	t.Parallel()
	world := startSandbox(t, registrationStories...)
	endless := func(t *testing.T) io.Reader {
		t.Helper()
		r, w := io.Pipe()
		t.Cleanup(func() { _ = w.CloseWithError(errors.New("the test is over")) })
		go func() {
			for i := 0; ; i++ {
				if _, err := fmt.Fprintf(w, "n%d.example\n", i); err != nil {
					return
				}
			}
		}()
		return r
	}
	t.Run("interrupted", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		out := &afterFirst{f: cancel}
		stderr, code := onRegistries(ctx, world, endless(t), out, "-f", "-", "-o", "json")
		if !json.Valid(out.text.Bytes()) || code != cli.ExitInterrupted || stderr != "" {
			t.Errorf("exit code %d, %s:\n%s", code, stderr, &out.text)
		}
	})
	t.Run("interrupted before a name comes", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		in, w := io.Pipe()
		t.Cleanup(func() { _ = w.CloseWithError(errors.New("the test is over")) })
		var out bytes.Buffer
		if _, code := onRegistries(ctx, world, in, &out, "-f", "-"); code != cli.ExitInterrupted || out.Len() > 0 {
			t.Errorf("exit code %d: %s", code, &out)
		}
	})
	t.Run("closed pipe", func(t *testing.T) {
		t.Parallel()
		out := &afterFirst{err: syscall.EPIPE}
		if stderr, code := onRegistries(t.Context(), world, endless(t), out, "-f", "-", "-o", "jsonl"); code != cli.ExitOK ||
			stderr != "" || strings.Count(out.text.String(), "\n") != 1 {
			t.Errorf("exit code %d, %s:\n%s", code, stderr, &out.text)
		}
	})
}
