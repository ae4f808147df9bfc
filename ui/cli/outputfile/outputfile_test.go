package outputfile_test

import (
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"domdoc/ui/cli/outputfile"
)

func names(t *testing.T, dir string) []string {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range list {
		out = append(out, e.Name())
	}
	return out
}

func content(t *testing.T, file string) string {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// TestCommit: the old version is there until the new one is complete, with the same mode, also through a link.
func TestCommit(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file, link := filepath.Join(dir, "a.prom"), filepath.Join(dir, "link.prom")
	if err := os.WriteFile(file, []byte("old"), 0o640); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("a.prom", link); err != nil {
		t.Skip("no symbolic links: ", err)
	}
	f, err := outputfile.Create(link)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(f, "new"); err != nil {
		t.Fatal(err)
	}
	if got := content(t, file); got != "old" {
		t.Errorf("before the end it has %q", got)
	}
	prom, err := filepath.Glob(filepath.Join(dir, "*.prom"))
	if err != nil || len(prom) != 2 { // those two; filepath.Glob reads hidden files as well
		t.Errorf("a collector reads %v, %v", prom, err)
	}
	if err := f.Commit(); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	if got := content(t, file); got != "new" || info.Mode().Perm() != 0o640 {
		t.Errorf("it has %q and mode %o", got, info.Mode())
	}
	if to, err := os.Readlink(link); err != nil || to != "a.prom" {
		t.Errorf("the link leads to %q, %v", to, err)
	}
	if got := names(t, dir); !slices.Equal(got, []string{"a.prom", "link.prom"}) {
		t.Errorf("left over: %v", got)
	}
}

// TestDiscard: the old version stays, and nothing else does.
func TestDiscard(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "a.prom")
	if err := os.WriteFile(file, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := outputfile.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(f, "new"); err != nil {
		t.Fatal(err)
	}
	if err := f.Discard(); err != nil {
		t.Fatal(err)
	}
	if got := names(t, dir); content(t, file) != "old" || !slices.Equal(got, []string{"a.prom"}) {
		t.Errorf("%v, with %q", got, content(t, file))
	}
}

// TestCreateRefuses what must not be replaced, or is nowhere.
func TestCreateRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, file := range []string{os.DevNull, dir, filepath.Join(dir, "no", "where.prom")} {
		if f, err := outputfile.Create(file); err == nil {
			t.Errorf("%s is accepted", file)
			_ = f.Discard()
		}
	}
	if got := names(t, dir); len(got) > 0 {
		t.Errorf("left over: %v", got)
	}
}

func TestName(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"/var/lib/node_exporter/hazel.prom": "hazel", "a.b.prom": "a.b", "plain": "plain", ".prom": ".prom",
	} {
		if got := outputfile.Name(path); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
}
