package cli_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"domdoc/api/sandbox"
	"domdoc/catalog"
	"domdoc/checks/vantage"
	"domdoc/ui/cli"
)

// TestDoctorToken checks that the doctor finds the token where commands do: in the environment, or in the session that
// domdoc login has kept. Only the service of the test is asked.
func TestDoctorToken(t *testing.T) {
	t.Parallel()
	world, err := sandbox.Start(sandbox.Options{Only: []string{"healthy-txt"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(world.Close)
	for _, tt := range []struct {
		name    string
		session time.Duration // of the kept session; 0: there is none
		env     string        // DOMDOC_TOKEN
		verdict catalog.Verdict
		want    string
		refused bool
	}{
		{"session", time.Hour, "", catalog.Pass, "; expires in ", false},
		{"environment", 0, world.Token(), catalog.Pass, "tenant ", false},
		{"neither", 0, "", catalog.Warn, "no token (domdoc login, or DOMDOC_TOKEN)", false},
		{"no token of the service", 0, "junk", catalog.Warn, "cannot read the token", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			home := t.TempDir()
			if tt.session != 0 {
				access, refresh := world.Session(tt.session)
				raw, err := json.Marshal(map[string]any{"default": map[string]any{
					"origin": world.URL(), "access": access, "refresh": refresh, "expiresAt": time.Now().Add(tt.session),
				}})
				if err != nil {
					t.Fatal(err)
				}
				dir := filepath.Join(home, "domdoc")
				if err := os.MkdirAll(dir, 0o700); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(dir, "credentials.json"), raw, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			env := map[string]string{
				"HOME": home, "XDG_CONFIG_HOME": home, "DOMDOC_TOKEN": tt.env,
				"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent",
			}
			list, refused, err := cli.DoctorService(t.Context(), cli.Env{
				Stdin: strings.NewReader(""), Stdout: &strings.Builder{}, Stderr: &strings.Builder{}, Version: "test",
				Getenv: func(k string) string { return env[k] },
			}, world.URL())
			if err != nil {
				t.Fatal(err)
			}
			var token []vantage.Check
			for _, c := range list {
				if c.ID == "token" {
					token = append(token, c)
				}
			}
			if len(token) != 1 || token[0].Verdict != tt.verdict || !strings.Contains(token[0].Text, tt.want) ||
				refused != tt.refused {
				t.Errorf("%+v, refused %t", list, refused)
			}
		})
	}
}
