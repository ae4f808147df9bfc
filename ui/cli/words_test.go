package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"domdoc/ui/cli"
)

// TestNameAsCommand checks a domain that is named without a command. A word without a dot stays an unknown command.
func TestNameAsCommand(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		args string
		code int
		out  string
		errs string
	}{
		{"demo tickets.northwind.example", cli.ExitOK, "tickets.northwind.example  ✓ pass", ""},
		{"demo --color never tickets.northwind.example -o text", cli.ExitOK, "tickets.northwind.example  ✓ pass", ""},
		{"demo shop.fabrikam.example tickets.northwind.example", cli.ExitFindings, "1 pass, 1 fail; 1 for you", ""},
		{"demo -o json https://tickets.northwind.example/cart", cli.ExitOK, `"verdict": "pass"`, "is read as the domain"},
		{"chekc shop.example.com", cli.ExitUsage, "", `unknown command "chekc" for "domdoc"; did you mean check?`},
		{"nonsense", cli.ExitUsage, "", "unknown command \"nonsense\" for \"domdoc\"\n"},
		{"check --jbos 3 x.example", cli.ExitUsage, "", "unknown flag: --jbos; did you mean --jobs?"},
		{"check --nonsense x.example", cli.ExitUsage, "", "unknown flag: --nonsense\n"},
		{"check --only registration.unknwn x.example", cli.ExitUsage, "", "did you mean registration.unknown?"},
	} {
		t.Run(tt.args, func(t *testing.T) {
			t.Parallel()
			code, out, errs := runs(t, nil, strings.Fields(tt.args)...)
			if code != tt.code || !strings.Contains(out, tt.out) || !strings.Contains(errs, tt.errs) {
				t.Errorf("exit code %d, want %d:\n%s\n%s", code, tt.code, out, errs)
			}
		})
	}
}

// TestCommandsWithoutSettings checks commands that need no settings: a mistake in these does not stop them, and stops
// the others.
func TestCommandsWithoutSettings(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ config, output string }{
		{"", "junit"},
		{"profiles: {default: {page-url: x}}", ""},
		{"profiles: {default: {rsolvers: x}}", ""},
	} {
		home := t.TempDir()
		file := filepath.Join(home, "domdoc", "config.yaml")
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(tt.config), 0o600); err != nil {
			t.Fatal(err)
		}
		env := map[string]string{"HOME": home, "XDG_CONFIG_HOME": home, "DOMDOC_OUTPUT": tt.output}
		for _, args := range []string{"version", "explain DOMAIN_004", "help", "help check"} {
			if code, out, errs := runs(t, env, strings.Fields(args)...); code != cli.ExitOK || out == "" {
				t.Errorf("%v: %s: exit code %d: %s", tt, args, code, errs)
			}
		}
		if code, _, errs := runs(t, env, "domains"); code != cli.ExitUsage {
			t.Errorf("%v: domains: exit code %d: %s", tt, code, errs)
		}
	}
	env := map[string]string{}
	if code, _, errs := runs(t, env, "version", "-o", "junit"); code != cli.ExitUsage {
		t.Errorf("version -o junit: exit code %d: %s", code, errs)
	}
}

// TestOneResolver checks a profile that has one resolver, as one value.
func TestOneResolver(t *testing.T) {
	t.Parallel()
	for _, value := range []string{"127.0.0.1:1", "[127.0.0.1:1]", "127.0.0.1:1, 127.0.0.1:1"} {
		home := t.TempDir()
		file := filepath.Join(home, "domdoc", "config.yaml")
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte("profiles: {default: {resolvers: \""+value+"\"}}"), 0o600); err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(value, "[") {
			err := os.WriteFile(file, []byte("profiles:\n  default:\n    resolvers: [\"127.0.0.1:1\"]\n"), 0o600)
			if err != nil {
				t.Fatal(err)
			}
		}
		_, out, errs := runs(t, map[string]string{"HOME": home, "XDG_CONFIG_HOME": home}, "propagation", "shop.example.com",
			"--authoritative=false")
		if !strings.Contains(out, "none of 1 server") { // the default has two
			t.Errorf("%s: %s%s", value, out, errs)
		}
	}
}
