package privatefile_test

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"domdoc/ui/privatefile"
)

// TestWrite writes a file in a new directory and replaces one that others can read: both end with mode 0600 and the new
// content, and nothing else is left in the directory.
func TestWrite(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "new", "dir")
	for _, file := range []string{filepath.Join(dir, "created"), filepath.Join(dir, "replaced")} {
		if filepath.Base(file) == "replaced" {
			if err := os.WriteFile(file, []byte("old and longer"), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if err := privatefile.Write(file, []byte("new")); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(file); err != nil || string(got) != "new" {
			t.Errorf("%s has %q, %v", file, got, err)
		}
		if runtime.GOOS == "windows" {
			continue
		}
		if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", file, info, err)
		}
	}
	if list, err := os.ReadDir(dir); err != nil || len(list) != 2 {
		t.Errorf("the directory has %v, %v", list, err)
	}
}

// TestWriteFails cannot write below a file: it returns an error and changes nothing.
func TestWriteFails(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte("kept"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := privatefile.Write(filepath.Join(file, "below"), nil); err == nil {
		t.Error("no error")
	}
	if got, _ := os.ReadFile(file); string(got) != "kept" {
		t.Errorf("the file has %q", got)
	}
}
