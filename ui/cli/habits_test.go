package cli_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"domdoc/ui/cli"
)

// full is a writer on a full disk.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

// TestHabits checks what people expect of any command line.
func TestHabits(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	broken := filepath.Join(home, "broken", "domdoc")
	if err := os.MkdirAll(broken, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(broken, "config.yaml"), []byte("profiles: ["), 0o600); err != nil {
		t.Fatal(err)
	}
	start := func(env map[string]string, stdin string, args ...string) (code int, out, errs string) {
		var stdout, stderr bytes.Buffer
		code = cli.Main(t.Context(), cli.Env{
			Args: args, Stdin: strings.NewReader(stdin), Stdout: &stdout, Stderr: &stderr,
			Getenv: func(k string) string {
				if v, ok := env[k]; ok || k != "HOME" {
					return v
				}
				return home
			},
		})
		return code, stdout.String(), stderr.String()
	}
	bad := map[string]string{"XDG_CONFIG_HOME": filepath.Dir(broken)}
	for _, args := range [][]string{{"version"}, {"explain", "DOMAIN_004"}} {
		if code, out, errs := start(bad, "", args...); code != cli.ExitOK || out == "" ||
			!strings.Contains(errs, "the config file is ignored") {
			t.Errorf("%v with a broken config file: exit %d, stdout %q, stderr %q", args, code, out, errs)
		}
	}
	if code, _, errs := start(bad, "", "check", "shop.example.com"); code != cli.ExitUsage ||
		!strings.Contains(errs, "is not valid YAML") {
		t.Errorf("check with a broken config file: exit %d, stderr %q", code, errs)
	}
	list := "\ufefftickets.northwind.example\r\n"
	if code, out, errs := start(nil, list, "demo", "check", "-f", "-"); code != cli.ExitOK ||
		!strings.Contains(out, "1 pass") {
		t.Errorf("a list with a byte order mark: exit %d, stdout %q, stderr %q", code, out, errs)
	}
	_, long, _ := start(nil, "", "demo", "--help")
	if _, help, _ := start(nil, "", "help", "demo"); help != long || help == "" {
		t.Errorf("help demo is %q, demo --help is %q", help, long)
	}
	for _, tt := range []struct {
		env   map[string]string
		args  []string
		color bool
	}{
		{nil, nil, false},
		{map[string]string{"CLICOLOR_FORCE": "1"}, nil, true},
		{map[string]string{"CLICOLOR_FORCE": "0"}, nil, false},
		{map[string]string{"CLICOLOR_FORCE": "1", "NO_COLOR": "1"}, nil, false},
		{map[string]string{"CLICOLOR_FORCE": "1", "TERM": "dumb"}, nil, false},
		{map[string]string{"TERM": "dumb"}, []string{"--color=always"}, true},
	} {
		_, out, _ := start(tt.env, "", append([]string{"explain", "DOMAIN_004"}, tt.args...)...)
		if strings.Contains(out, "\x1b[") != tt.color {
			t.Errorf("%v %v: %q, want color %t", tt.env, tt.args, out, tt.color)
		}
	}
	var errs bytes.Buffer
	if code := cli.Main(t.Context(), cli.Env{
		Args: []string{"--help"}, Stdin: strings.NewReader(""), Stdout: full{}, Stderr: &errs,
		Getenv: func(string) string { return "" },
	}); code == cli.ExitOK || !strings.Contains(errs.String(), "no space left") {
		t.Errorf("--help on a full disk: exit %d, stderr %q", code, errs.String())
	}
}

// TestSharpS checks that a name which two generations of software read differently is told apart.
func TestSharpS(t *testing.T) {
	t.Parallel()
	var out, errs bytes.Buffer
	cli.Main(t.Context(), cli.Env{
		Args:  []string{"demo", "check", "STRA\u1e9eE.DE"},
		Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs, Getenv: func(string) string { return "" },
	})
	const want = "stra\u00dfe.de is the domain xn--strae-oqa.de; older software interprets it as strasse.de"
	if !strings.Contains(errs.String(), want) {
		t.Errorf("stderr is %q, want %q", errs.String(), want)
	}
}
