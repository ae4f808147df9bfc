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
	"sync"
	"testing"

	"domdoc/ui/cli"
	"domdoc/ui/dashboard/setup"

	"github.com/google/go-cmp/cmp"
)

// opened runs the program as on a terminal, with a function in place of the dashboard.
func opened(t *testing.T, env map[string]string, config string, look func(context.Context, setup.Options),
	args ...string,
) (code int, stderr string) {
	t.Helper()
	home := t.TempDir()
	all := map[string]string{
		"HOME": home, "XDG_CONFIG_HOME": home + "/config",
		"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent",
	}
	for k, v := range env {
		all[k] = v
	}
	if config != "" {
		file := filepath.Join(home, "config", "domdoc", "config.yaml")
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if raw := env["credentials"]; raw != "" {
		if err := os.WriteFile(filepath.Join(home, "config", "domdoc", "credentials.json"), []byte(raw), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var out, errs bytes.Buffer
	code = cli.Main(t.Context(), cli.Env{
		Args: args, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs, Getenv: func(name string) string {
			return all[name]
		}, Version: "test",
		StdinTTY: true, StdoutTTY: true, StderrTTY: true,
		Dashboard: func(ctx context.Context, d setup.Options) error { look(ctx, d); return nil },
	})
	return code, errs.String()
}

// TestDashboardSettings checks what the dashboard gets from the config file, the flags and the environment.
func TestDashboardSettings(t *testing.T) {
	t.Parallel()
	type got struct {
		Keys     map[string][]string
		PageURL  string
		Profile  string
		Profiles []string
		StateDir string
		Forget   bool
		Plain    bool
	}
	for name, c := range map[string]struct {
		args   []string
		env    map[string]string
		config string
		want   got // StateDir without the home
	}{
		"nothing": {want: got{Profile: "default", StateDir: "/.local/state/domdoc"}},
		"keys": {
			config: "keys:\n  sort: s\n  reload: [f5, R]\n  reverse: []\n  findings: 1\n",
			want: got{
				Keys:    map[string][]string{"sort": {"s"}, "reload": {"f5", "R"}, "reverse": {}, "findings": {"1"}},
				Profile: "default", Profiles: []string{"default"}, StateDir: "/.local/state/domdoc",
			},
		},
		"a profile": {
			args: []string{"--profile", "staging", "--plain"}, env: map[string]string{"XDG_STATE_HOME": "/tmp/elsewhere"},
			config: "profiles:\n  default:\n    api-url: https://api.example.com\n  staging:\n    page-url: " +
				"https://console.example.com/{id}\n",
			want: got{
				PageURL: "https://console.example.com/{id}", Profile: "staging",
				Profiles: []string{"default", "staging"}, StateDir: "/tmp/elsewhere/domdoc", Plain: true,
			},
		},
		"a relative state directory": {
			env:  map[string]string{"XDG_STATE_HOME": "elsewhere"},
			want: got{Profile: "default", StateDir: "/.local/state/domdoc"},
		},
		"the demo leaves no traces": {
			args:   []string{"demo"},
			config: "keys:\n  sort: f7\nprofiles:\n  default:\n    page-url: https://console.example.com/{id}\n",
			want: got{
				Keys: map[string][]string{"sort": {"f7"}}, Profile: "default", StateDir: "/.local/state/domdoc",
				Forget: true,
			},
		},
		"the demo told where": {
			args: []string{"demo", "--plain"}, env: map[string]string{"XDG_STATE_HOME": "/tmp/elsewhere"},
			want: got{Profile: "default", StateDir: "/tmp/elsewhere/domdoc", Plain: true},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			seen := false
			code, stderr := opened(t, c.env, c.config, func(_ context.Context, d setup.Options) {
				seen = true
				dir := d.StateDir
				if i := strings.Index(dir, "/.local/"); i >= 0 {
					dir = dir[i:]
				}
				if diff := cmp.Diff(c.want, got{d.Keys, d.PageURL, d.Profile, d.Profiles, dir, d.Forget, d.Plain}); diff != "" {
					t.Error(diff)
				}
			}, c.args...)
			if !seen || code != 0 {
				t.Errorf("exit code %d: %s", code, stderr)
			}
		})
	}
}

// TestDashboardTheme takes the palette from the environment, or else the config file; any other name is an error.
func TestDashboardTheme(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		env          map[string]string
		config, want string
		code         int
	}{
		{nil, "profiles: {}\n", "", 0},
		{nil, "theme: light\n", "light", 0},
		{map[string]string{"DOMDOC_THEME": "contrast"}, "theme: light\n", "contrast", 0},
		{nil, "theme: pink\n", "", 2},
		{map[string]string{"DOMDOC_THEME": "pink"}, "", "", 2},
	} {
		got := ""
		code, stderr := opened(t, c.env, c.config, func(_ context.Context, d setup.Options) { got = d.Theme })
		if got != c.want || code != c.code || code == 2 && !strings.Contains(stderr, "terminal, light, dark, contrast") {
			t.Errorf("%v, %q: %q, exit code %d: %s", c.env, c.config, got, code, stderr)
		}
	}
}

// TestDashboardMistakes checks that the dashboard does not open on a wrong config file, and that the error names the
// setting.
func TestDashboardMistakes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ config, want string }{
		"keys that are a list":   {"keys: [a, b]\n", "is not a map from actions to keys"},
		"a key that is a map":    {"keys:\n  sort: {a: b}\n", `invalid key for the action "sort"`},
		"a key that is a number": {"keys:\n  sort: 17\n", `invalid key for the action "sort"`},
		"a key that is nothing":  {"keys:\n  sort:\n", `invalid key for the action "sort"`},
		"a page of another kind": {
			"profiles:\n  default:\n    page-url: javascript:alert({id})\n",
			`page-url: "javascript:alert({id})" is not the address of a web page`,
		},
		"the same page for all": {
			"profiles:\n  default:\n    page-url: https://console.example.com/\n",
			"add {id} or {domain}",
		},
		"a page with a password": {
			"profiles:\n  default:\n    page-url: https://me:secret@console.example.com/{id}\n",
			"is not the address of a web page",
		},
		"a file that is no config": {"keys: [\n", "is not valid YAML"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, stderr := opened(t, nil, c.config, func(context.Context, setup.Options) {
				t.Error("the dashboard opened")
			})
			if code != cli.ExitUsage || !strings.Contains(stderr, c.want) {
				t.Errorf("exit code %d, and it says %q, want %q", code, stderr, c.want)
			}
		})
	}
}

// TestDashboardSwitches switches between profiles: each queries its own service, and no token goes to another service
// than its own.
func TestDashboardSwitches(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	tokens := map[string][]string{}
	server := func(name string) string {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			tokens[name] = append(tokens[name], r.Header.Get("Authorization")+r.Header.Get("X-Tenant-Id"))
			mu.Unlock()
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, `{"data":[{"id":"d-1","domain":"`+name+`.example.com","status":"VERIFIED"}]}`)
		}))
		t.Cleanup(s.Close)
		return s.URL
	}
	first, second := server("first"), server("second")
	config := "profiles:\n  default:\n    api-url: " + first + "\n  staging:\n    api-url: " + second +
		"\n    tenant: t-2\n    credentials: file\n    page-url: https://console.example.com/{domain}\n"
	list := func(ctx context.Context, d setup.Source) (names []string) {
		for domain, err := range d.Domains(ctx) {
			if err != nil {
				t.Error(err)
				return nil
			}
			names = append(names, domain.Name)
		}
		return names
	}
	env := map[string]string{
		"DOMDOC_TOKEN": "token-of-the-first", "DOMDOC_TENANT": "t-1",
		"credentials": `{"staging":{"origin":"` + second +
			`","access":"token-of-the-second","expiresAt":"2100-01-01T00:00:00Z"}}`,
	}
	code, stderr := opened(t, env, config, func(ctx context.Context, d setup.Options) {
		other, err := d.Switch(ctx, "staging")
		if err != nil {
			t.Fatal(err)
		}
		defer other.Close()
		if diff := cmp.Diff([]string{"second.example.com"}, list(ctx, other)); diff != "" || other.Title != "staging" ||
			other.PageURL != "https://console.example.com/{domain}" {
			t.Errorf("%s%q, %q", diff, other.Title, other.PageURL)
		}
		back, err := d.Switch(ctx, "default")
		if err != nil {
			t.Fatal(err)
		}
		defer back.Close()
		if diff := cmp.Diff([]string{"first.example.com"}, list(ctx, back)); diff != "" {
			t.Error(diff)
		}
		if _, err := d.Switch(ctx, "gone"); err == nil ||
			!strings.Contains(err.Error(), `no longer has a profile "gone"`) {
			t.Error(err)
		}
		// a mistake that was made meanwhile
		home, ok := strings.CutSuffix(d.StateDir, filepath.Join(".local", "state", "domdoc"))
		file := filepath.Join(home, "config", "domdoc", "config.yaml")
		if err := os.WriteFile(file, []byte(config+"  broken:\n    page-url: nowhere\n"), 0o600); err != nil || !ok {
			t.Fatal(err, d.StateDir)
		}
		if _, err := d.Switch(ctx, "broken"); err == nil ||
			!strings.Contains(err.Error(), "is not the address of a web page") {
			t.Error(err)
		}
	})
	if code != 0 {
		t.Errorf("exit code %d: %s", code, stderr)
	}
	want := map[string][]string{"first": {"Bearer token-of-the-firstt-1"}, "second": {"Bearer token-of-the-secondt-2"}}
	if diff := cmp.Diff(want, tokens); diff != "" {
		t.Errorf("what each service was asked with:\n%s", diff)
	}
}
