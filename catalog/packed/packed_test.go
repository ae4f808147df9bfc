package packed

import (
	"bytes"
	"io/fs"
	"os/exec"
	"slices"
	"testing"
)

// TestPack: what .packaging/pack writes has the files that are embedded otherwise.
func TestPack(t *testing.T) {
	t.Parallel()
	for dir, want := range map[string][]string{
		"api/sandbox":         {"scenarios/_world.txtar"},
		"catalog/translation": {"de.txt", "es.txt", "fr.txt", "ja.txt"},
	} {
		cmd := exec.Command("../../.packaging/pack", "--to-stdout", dir)
		archive, err := cmd.Output()
		if err != nil {
			t.Skipf("%v: it needs bash, GNU tar and gzip", err)
		}
		files := Files(archive)
		for _, name := range want {
			if text, err := fs.ReadFile(files, name); err != nil || !bytes.Contains(text, []byte("\n")) {
				t.Errorf("%s: %v, %d bytes", name, err, len(text))
			}
		}
		names, err := fs.Glob(files, "scenarios/*/*.txtar")
		if err != nil || dir == "api/sandbox" && (len(names) < 100 || !slices.IsSorted(names)) {
			t.Errorf("%d stories, %v", len(names), err)
		}
	}
}

func TestDamaged(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	Files([]byte("no archive"))
}
