package cli_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"domdoc/api/sandbox"
	"domdoc/ui/cli"
)

// TestOutsideOfTheShard checks a run whose part has no domains: an error if the domain is named or the whole list is
// empty, and none if the list has domains of other parts.
func TestOutsideOfTheShard(t *testing.T) {
	t.Parallel()
	const name = "shop.fabrikam.example" // in part 2/2
	for _, tt := range []struct {
		args, stdin string
		code        int
		says        string
	}{
		{"check " + name + " --shard 1/2", "", cli.ExitUsage, "nothing was checked: the domain is not in part 1/2"},
		{"check " + name + " --shard 1/2 -o junit", "", cli.ExitUsage, "the domain is not in part 1/2"},
		{"check " + name + " --shard 1/2 --watch", "", cli.ExitUsage, "the domain is not in part 1/2"},
		{"check " + name + " --shard 1/2 --allow-empty", "", cli.ExitOK, ""},
		{"check " + name + " --shard 2/2", "", cli.ExitFindings, "record.name-doubled"},
		{"check -f - --shard 1/2", "# none\n", cli.ExitUsage, "nothing was checked: there are no domains"},
		{"check -f - --shard 1/2 --watch", "# none\n", cli.ExitUsage, "nothing was checked: there are no domains"},
		{"check -f - --shard 1/2", name + "\n", cli.ExitOK, "nothing was checked: the domain is not in part 1/2"},
		{"check -f - --shard 1/2 -o json", name + "\n", cli.ExitOK, `"complete": true`},
		{"check -f - --shard 2/2", name + "\n", cli.ExitFindings, "record.name-doubled"},
	} {
		code, out, errs := runs(t, map[string]string{"stdin": tt.stdin}, strings.Fields("demo "+tt.args)...)
		if code != tt.code || !strings.Contains(out+errs, tt.says) {
			t.Errorf("%s of %q: exit code %d, want %d and %q\n%s%s", tt.args, tt.stdin, code, tt.code, tt.says, out, errs)
		}
	}
}

// TestPropagationFromAnInterceptedNetwork checks propagation where the resolvers cannot be trusted: their answers are
// not judged, as in check. On a good network they are.
func TestPropagationFromAnInterceptedNetwork(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		network string
		trusted []string // resolvers
	}{
		{"", []string{"8.8.8.8:53", "1.1.1.1:53"}},
		{"intercepted", nil},
		{"captive", nil},
		{"intercepted-google", []string{"1.1.1.1:53"}},
	} {
		t.Run(tt.network, func(t *testing.T) {
			t.Parallel()
			world, err := sandbox.Start(sandbox.Options{Network: tt.network, Only: []string{"healthy-txt"}})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(world.Close)
			want, strict := cli.ExitInconclusive, cli.ExitFindings
			if len(tt.trusted) == 2 {
				want, strict = cli.ExitOK, cli.ExitOK
			}
			for _, args := range []string{"", "-o json", "-o jsonl"} {
				line := strings.Fields("propagation tickets.northwind.example --type A --authoritative=false " + args)
				out, code := runOn(t, world, line...)
				if n := strings.Count(out, "cannot be trusted"); code != want || n != 2-len(tt.trusted) &&
					(args != "" || n == 0) {
					t.Errorf("%v: exit code %d, want %d\n%s", line, code, want, out)
				}
				if _, code := runOn(t, world, append(line, "--fail-on", "inconclusive")...); code != strict {
					t.Errorf("%v --fail-on inconclusive: exit code %d, want %d", line, code, strict)
				}
			}
			out, code := runOn(t, world, "propagation", "tickets.northwind.example", "--type", "A")
			if code != want || len(tt.trusted) == 1 && !strings.Contains(out, "cannot be trusted") {
				t.Errorf("with the zone's servers: exit code %d, want %d\n%s", code, want, out)
			}
		})
	}
}

// TestTimeoutEnds checks that --timeout ends commands that have no report of domains, and that a longer one changes
// nothing.
func TestTimeoutEnds(t *testing.T) {
	t.Parallel()
	const name = "tickets.northwind.example"
	for _, tt := range []struct {
		args, says    string
		code, patient int
	}{
		{"wait " + name, "the run ended by --timeout 1µs", cli.ExitWait, cli.ExitOK},
		{"propagation " + name, "incomplete: the run ended by --timeout 1µs", cli.ExitInconclusive, cli.ExitOK},
		{
			"propagation --authoritative=false " + name, "incomplete: the run ended by --timeout 1µs",
			cli.ExitInconclusive, cli.ExitOK,
		},
		{
			"propagation --fail-on never " + name, "incomplete: the run ended by --timeout 1µs",
			cli.ExitInconclusive, cli.ExitOK,
		},
		{"--stories healthy-txt audit", "incomplete: the run ended by --timeout 1µs", cli.ExitInconclusive, cli.ExitOK},
		{"check --watch " + name, "1 of 1 domain was not checked completely", cli.ExitInconclusive, -1},
	} {
		code, out, errs := runs(t, nil, strings.Fields("demo "+tt.args+" --timeout 1µs")...)
		if code != tt.code || !strings.Contains(out+errs, tt.says) {
			t.Errorf("%s: exit code %d, want %d and %q\n%s%s", tt.args, code, tt.code, tt.says, out, errs)
		}
		if tt.patient < 0 {
			continue
		}
		code, out, errs = runs(t, nil, strings.Fields("demo "+tt.args+" --timeout 1h")...)
		if code != tt.patient || strings.Contains(out+errs, "--timeout") {
			t.Errorf("%s, in time: exit code %d, want %d\n%s%s", tt.args, code, tt.patient, out, errs)
		}
	}
	code, out, _ := runs(t, nil, strings.Fields("demo wait "+name+" --timeout 1h --deadline 1ns")...)
	if code != cli.ExitOK && (code != cli.ExitWait || strings.Contains(out, "--timeout")) {
		t.Errorf("--deadline is shorter: exit code %d\n%s", code, out)
	}
}

// untilLine keeps what is written, and calls stop after the first line.
type untilLine struct {
	written bytes.Buffer
	stop    func()
}

func (u *untilLine) Write(b []byte) (int, error) {
	n, err := u.written.Write(b)
	if bytes.ContainsRune(b, '\n') {
		u.stop()
	}
	return n, err
}

// TestWatchSaysWhatIsLeftOut checks the first line of a watch with and without --skip.
func TestWatchSaysWhatIsLeftOut(t *testing.T) {
	t.Parallel()
	world, err := sandbox.Start(sandbox.Options{Only: []string{"name-doubled"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(world.Close)
	for args, want := range map[string]string{
		"-o jsonl --skip record.*": `"leftOut":[{"cause":"record.name-doubled","verdict":"fail"}]`,
		"-o text --skip record.*":  "left out by --only or --skip: record.name-doubled (fail)",
		"-o jsonl":                 "", "-o text": "",
	} {
		ctx, cancel := context.WithCancel(t.Context())
		out := &untilLine{stop: cancel}
		cli.MainOn(ctx, cli.Env{
			Args:  append([]string{"check", "shop.fabrikam.example", "--watch"}, strings.Fields(args)...),
			Stdin: strings.NewReader(""), Stdout: out, Stderr: io.Discard, Version: "test",
			Getenv: func(string) string { return "" },
		}, world)
		cancel()
		if got := out.written.String(); got == "" || !strings.Contains(got, want) ||
			want == "" && (strings.Contains(got, "leftOut") || strings.Contains(got, "left out")) {
			t.Errorf("%s: %q is not in\n%s", args, want, got)
		}
	}
}

// TestWatchNamesAGoneDomain watches a domain that is in the list, but that the service does not know by its id.
func TestWatchNamesAGoneDomain(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if strings.HasSuffix(r.URL.Path, "/d-1") {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		_, _ = io.WriteString(w, `{"data":[{"id":"d-1","domain":"shop.example.com"}],"total":1}`)
	}))
	t.Cleanup(s.Close)
	env := map[string]string{"HOME": t.TempDir(), "DOMDOC_TOKEN": "t", "DOMDOC_API_URL": s.URL}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	out := &untilLine{stop: cancel}
	cli.Main(ctx, cli.Env{
		Args:  strings.Fields("check --all --watch --resolver 127.0.0.1:1"),
		Stdin: strings.NewReader(""), Stdout: out, Stderr: io.Discard, Getenv: func(k string) string { return env[k] },
	})
	if got := out.written.String(); !strings.Contains(got, `"domain":"shop.example.com","id":"d-1"`) {
		t.Errorf("the domain is not named:\n%s", got)
	}
}

// TestProfileOfTheSandbox: a profile that does not exist is a mistake on the sandbox as well, which uses none.
func TestProfileOfTheSandbox(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "domdoc"), 0o700); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "domdoc", "config.yaml")
	if err := os.WriteFile(file, []byte("profiles:\n  staging:\n    tenant: t-1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		args, config string
		code         int
		says         string
	}{
		{"--profile nosuch demo check", "", cli.ExitUsage, `no profile "nosuch"`},
		{"demo --profile nosuch check", dir, cli.ExitUsage, `no profile "nosuch"`},
		{"--profile staging demo check", dir, cli.ExitOK, "tickets.northwind.example"},
		{"demo check", "", cli.ExitOK, "tickets.northwind.example"},
	} {
		code, out, errs := runs(t, map[string]string{"XDG_CONFIG_HOME": tt.config},
			strings.Fields(tt.args+" tickets.northwind.example")...)
		if code != tt.code || !strings.Contains(out+errs, tt.says) {
			t.Errorf("%s: exit code %d, want %d and %q\n%s%s", tt.args, code, tt.code, tt.says, out, errs)
		}
	}
}

// TestOnlyAVacantRung: a rung without causes is refused with the causes that are named after it.
func TestOnlyAVacantRung(t *testing.T) {
	t.Parallel()
	for only, want := range map[string]int{"route": cli.ExitUsage, "service.route-missing": cli.ExitOK} {
		code, out, errs := runs(t, nil, "demo", "check", "tickets.northwind.example", "--only", only)
		if code != want || (want == cli.ExitUsage) != strings.Contains(errs,
			"--only route: there are no causes on this rung; those named after it are on another one: service.route-") {
			t.Errorf("--only %s: exit code %d, want %d\n%s%s", only, code, want, out, errs)
		}
	}
}
