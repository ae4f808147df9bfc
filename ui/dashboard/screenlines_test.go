package dashboard

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"
)

// linesFile holds lines of each screen without a golden frame, that no other screen has.
const linesFile = "testdata/lines.golden"

// TestScreenLines checks that each screen without a golden frame shows the lines that tell it apart from the others,
// and that with colours and without, every frame has the size of its window.
func TestScreenLines(t *testing.T) {
	screens := allScreens()
	maps.Copy(screens, deepScreens())
	shown := map[string][]string{}
	for name := range screens {
		if name == "code" || slices.Contains(pictured, name) {
			continue // a code lists all its causes: the tests of the catalogue look at it
		}
		b := benchFor(t, name, "never")
		for _, s := range sizes {
			b.send(tea.WindowSizeMsg{Width: s.w, Height: s.h})
			checkFrame(t, b.View(), s.w, s.h)
			if strings.Contains(b.View(), "\x1b") {
				t.Errorf("%s: an escape sequence without colours", name)
			}
		}
		b.send(tea.WindowSizeMsg{Width: 120, Height: 40})
		for l := range strings.Lines(b.View()) {
			if l = strings.Join(strings.Fields(l), " "); len(l) > 3 {
				shown[name] = append(shown[name], l)
			}
		}
	}
	if *update {
		if err := os.WriteFile(linesFile, []byte(distinctive(shown)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	raw, err := os.ReadFile(linesFile)
	if err != nil {
		t.Fatal(err)
	}
	for part := range strings.SplitSeq(strings.TrimPrefix(string(raw), "-- "), "\n-- ") {
		name, text, _ := strings.Cut(part, " --\n")
		for l := range strings.Lines(text) {
			if l = strings.TrimSuffix(l, "\n"); !slices.Contains(shown[name], l) {
				t.Errorf("%s does not show %q (run the tests with -update if this is meant):\n%s", name, l,
					strings.Join(shown[name], "\n"))
			}
		}
		delete(shown, name)
	}
	for name := range shown {
		t.Errorf("%s has no lines in %s; run the tests with -update", name, linesFile)
	}
}

// distinctive picks the lines of each screen that the fewest screens have, at most six.
func distinctive(shown map[string][]string) string {
	count := map[string]int{}
	for _, lines := range shown {
		for _, l := range slices.Compact(slices.Sorted(slices.Values(lines))) {
			count[l]++
		}
	}
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(shown)) {
		b.WriteString("-- " + name + " --\n")
		lines := slices.Clone(shown[name])
		slices.SortStableFunc(lines, func(x, y string) int { return count[x] - count[y] })
		for _, l := range lines[:min(6, len(lines))] {
			b.WriteString(l + "\n")
		}
	}
	return b.String()
}
