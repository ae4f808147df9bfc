package cli_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"domdoc/api/sandbox"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestSessions runs the scripts about login, logout and profiles, each against a service of its own.
func TestSessions(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/session",
		RequireExplicitExec: true,
		Setup: func(e *testscript.Env) error {
			b, err := sandbox.Start(sandbox.Options{Only: []string{"healthy-txt"}})
			if err != nil {
				return err
			}
			e.Defer(b.Close)
			home := e.WorkDir
			for k, v := range map[string]string{
				"HOME": home, "XDG_CONFIG_HOME": home + "/config",
				"XDG_CACHE_HOME": home + "/cache", "TZ": "UTC", "SERVICE": b.URL(),
				"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent",
			} {
				e.Setenv(k, v)
			}
			e.Values["sandbox"] = b
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){"exits": exits, "session": keepSession},
	})
}

// keepSession writes a session of the script's service into the credentials file: "session PROFILE LIFE". A negative
// life ("-1h") is an expired session.
func keepSession(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: session PROFILE LIFE")
	}
	life, err := time.ParseDuration(args[1])
	ts.Check(err)
	b := ts.Value("sandbox").(*sandbox.Sandbox)
	access, refresh := b.Session(life)
	raw, err := json.Marshal(map[string]any{args[0]: map[string]any{
		"origin": b.URL(), "access": access,
		"refresh": refresh, "expiresAt": time.Now().Add(life),
	}})
	ts.Check(err)
	dir := filepath.Join(ts.Getenv("XDG_CONFIG_HOME"), "domdoc")
	ts.Check(os.MkdirAll(dir, 0o700))
	ts.Check(os.WriteFile(filepath.Join(dir, "credentials.json"), raw, 0o600))
}
