package dashboard

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// readmeFrame is a picture in the README: which golden frame it shows, and the frame.
var readmeFrame = regexp.MustCompile("(?s)(<!-- frame: ([a-z-]+) (\\d+x\\d+) -->\n```\n)(.*?)```\n")

// TestReadmeFrames holds the README's pictures to the golden frames, so that they show what the program really draws.
func TestReadmeFrames(t *testing.T) {
	const file = "../../README.md"
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text, frames := string(raw), 0
	want := readmeFrame.ReplaceAllStringFunc(text, func(s string) string {
		m := readmeFrame.FindStringSubmatch(s)
		frames++
		return m[1] + goldenFrame(t, m[2], m[3]) + "```\n"
	})
	if frames == 0 {
		t.Fatal("the README has no frame")
	}
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(text, "\n")); diff != "" {
		t.Errorf("a picture in README.md is not what the program draws (run the tests with -update):\n%s", diff)
	}
}

// goldenFrame is one size of a golden file, without the spaces at the ends of lines.
func goldenFrame(t *testing.T, name, size string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", name+".golden"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(raw), "-- "+size+" --\n")
	if !ok {
		t.Fatalf("%s.golden has no frame of %s", name, size)
	}
	frame, _, _ := strings.Cut(rest, "\n-- ")
	var out strings.Builder
	for l := range strings.Lines(strings.TrimRight(frame, "\n") + "\n") {
		out.WriteString(strings.TrimRight(l, " \n") + "\n")
	}
	return out.String()
}
