package cli_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"domdoc/api/sandbox"

	"go.yaml.in/yaml/v3"
)

// TestConcurrentProcesses starts processes that share a config file, a cache and a credentials file with an expired
// session: none fails, no file is damaged, and no temporary file is left. A full run has three rounds of it.
func TestConcurrentProcesses(t *testing.T) {
	t.Parallel()
	world := startSandbox(t, "healthy-txt")
	rounds := 1
	if allCases() {
		rounds = 3
	}
	for round := range rounds {
		t.Run(fmt.Sprint(round+1), func(t *testing.T) {
			home := expiredHome(t, world)
			domdoc := func(line string) {
				cmd := process(t, strings.Fields(line)...)
				cmd.Env[0] = "HOME=" + home
				cmd.Stdin = strings.NewReader(sandbox.Password + "\n")
				out, err := cmd.CombinedOutput()
				listed := !strings.HasPrefix(line, "domains") || bytes.Contains(out, []byte("tickets.northwind.example"))
				if err != nil || !listed {
					t.Errorf("%s: %v\n%s", line, err, out)
				}
			}
			login := "login --api-url " + world.URL() + " --email " + sandbox.Email + " --password-stdin --profile "
			var processes sync.WaitGroup
			for _, line := range []string{
				"domains -o json", "domains", "check --all --help", "profiles -o json", "__complete check t",
				"__complete check t", login + "one", login + "two", "domains -o jsonl", "domains -o json",
			} {
				processes.Go(func() { domdoc(line) })
			}
			processes.Wait()
			checkSharedFiles(t, filepath.Join(home, ".config", "domdoc"))
			checkPrivateFiles(t, home)
			domdoc("domains") // with the renewed session
		})
	}
}

// expiredHome makes a home directory with a profile of the sandbox's service and a session of it that has expired.
func expiredHome(t *testing.T, world *sandbox.Sandbox) string {
	t.Helper()
	access, refresh := world.Session(-time.Hour)
	session, err := json.Marshal(map[string]any{"default": map[string]any{
		"origin": world.URL(), "access": access, "refresh": refresh, "expiresAt": time.Now().Add(-time.Hour),
	}})
	if err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	shell{dir: home}.files(t, map[string]string{
		".config/domdoc/credentials.json": string(session),
		".config/domdoc/config.yaml": "# kept by hand\nprofiles:\n  default:\n    api-url: " + world.URL() +
			"\n    credentials: file\n",
	})
	return home
}

// checkSharedFiles checks that the config file and the credentials file have what every process added.
func checkSharedFiles(t *testing.T, config string) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(config, "config.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var now struct{ Profiles map[string]any }
	if err := yaml.Unmarshal(raw, &now); err != nil || len(now.Profiles) != 3 ||
		!bytes.Contains(raw, []byte("# kept by hand")) {
		t.Errorf("the config file is %v\n%s", err, raw)
	}
	var sessions map[string]any
	if raw, err = os.ReadFile(filepath.Join(config, "credentials.json")); err != nil ||
		json.Unmarshal(raw, &sessions) != nil || len(sessions) != 3 {
		t.Errorf("the credentials file has %d sessions (%v)", len(sessions), err)
	}
}

// checkPrivateFiles checks that no other user can read the files below home, and that each is one that domdoc keeps.
func checkPrivateFiles(t *testing.T, home string) {
	t.Helper()
	if err := filepath.WalkDir(home, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("others can read %s", path)
		}
		switch name := d.Name(); {
		case strings.HasPrefix(name, "names-") && strings.HasSuffix(name, ".json"):
			if raw, err := os.ReadFile(path); err != nil || !json.Valid(raw) {
				t.Errorf("%s is damaged", path)
			}
		case name != "config.yaml" && name != "credentials.json" && name != "credentials.lock":
			t.Errorf("%s is left", path)
		}
		return nil
	}); err != nil {
		t.Error(err)
	}
}
