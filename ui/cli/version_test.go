package cli_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"domdoc/ui/cli"
)

// TestVersion prints the version with what is known of the build, by the command and by the flag.
func TestVersion(t *testing.T) {
	t.Parallel()
	const commit, date = "0123456789abcdef0123456789abcdef01234567", "2026-11-30T09:08:07+02:00"
	for _, tt := range []struct {
		build cli.Build
		want  string
	}{
		{cli.Build{Version: "1.2.0", Commit: commit, Date: date}, "domdoc 1.2.0 (commit 0123456789ab, 2026-11-30)\n"},
		{cli.Build{Version: "1.2.0", Commit: "0123"}, "domdoc 1.2.0 (commit 0123)\n"},
		{cli.Build{Version: "devel"}, "domdoc devel\n"},
	} {
		for _, arg := range []string{"version", "--version"} {
			if got := ofBuild(t, tt.build, nil, arg); got != tt.want {
				t.Errorf("%s of %+v: %q, want %q", arg, tt.build, got, tt.want)
			}
		}
	}
	got := ofBuild(t, cli.Build{Version: "1.2.0", Commit: commit, Date: date}, nil, "version", "-o", "json")
	for _, want := range []string{`"version": "1.2.0"`, `"commit": "` + commit + `"`, `"date": "` + date + `"`} {
		if !strings.Contains(got, want) {
			t.Errorf("the JSON lacks %s: %s", want, got)
		}
	}
}

// TestBuildOf: what the linker sets counts; a test's binary has no version of its own.
func TestBuildOf(t *testing.T) {
	t.Parallel()
	if b := cli.BuildOf("1.2.0", "c", "d"); b != (cli.Build{Version: "1.2.0", Commit: "c", Date: "d"}) {
		t.Errorf("%+v", b)
	}
	if b := cli.BuildOf("", "", ""); b.Version == "" {
		t.Error("no version")
	}
}

// TestManDate: manual pages carry the date of the build, else that of SOURCE_DATE_EPOCH, else none.
func TestManDate(t *testing.T) {
	t.Parallel()
	epoch := map[string]string{"SOURCE_DATE_EPOCH": "1700000000"}
	for _, tt := range []struct {
		date string
		env  map[string]string
		want string
	}{
		{"2026-11-30T23:00:00-05:00", epoch, `"1" "2026-12-01" "domdoc 1.2.0"`},
		{"", epoch, `"1" "2023-11-14" "domdoc 1.2.0"`},
		{"", nil, `"1" "" "domdoc 1.2.0"`},
	} {
		dir := t.TempDir()
		ofBuild(t, cli.Build{Version: "1.2.0", Date: tt.date}, tt.env, "man", dir)
		page, err := os.ReadFile(filepath.Join(dir, "domdoc-check.1"))
		if err != nil {
			t.Fatal(err)
		}
		if head, _, _ := strings.Cut(string(page), "\n"); !strings.Contains(head, tt.want) {
			t.Errorf("%q with %v: %s, want %s", tt.date, tt.env, head, tt.want)
		}
	}
}

// ofBuild runs the program of a build and returns its stdout.
func ofBuild(t *testing.T, b cli.Build, env map[string]string, args ...string) string {
	t.Helper()
	var out, stderr bytes.Buffer
	code := cli.Main(t.Context(), cli.Env{
		Args: args, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &stderr,
		Version: b.Version, Commit: b.Commit, Date: b.Date,
		Getenv: func(name string) string { return env[name] },
	})
	if code != cli.ExitOK {
		t.Errorf("%v: exit code %d, %s", args, code, &stderr)
	}
	return out.String()
}
