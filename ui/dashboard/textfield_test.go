package dashboard

import (
	"strings"
	"testing"
	"time"

	"domdoc/ui/dashboard/page"
	"domdoc/ui/dashboard/screen"

	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"
)

func TestWrap(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text  string
		width int
		want  []string
	}{
		{"", 10, []string{""}},
		{"one two three", 7, []string{"one two", "three"}},
		{"one two three", 3, []string{"one", "two", "thr", "ee"}},
		{"a name-with-hyphens stays", 18, []string{"a", "name-with-hyphens", "stays"}},
		{"例え 例え例え", 5, []string{"例え", "例え", "例え"}},
		{"例", 1, []string{""}},
		{"  spaces   between ", 40, []string{"spaces between"}},
		{"a\x1b[31mb", 40, []string{"a·[31mb"}},
	} {
		if diff := cmp.Diff(c.want, page.Wrap(c.text, c.width)); diff != "" {
			t.Errorf("wrap(%q, %d): %s", c.text, c.width, diff)
		}
	}
}

// TestVerbatim checks that what is to be copied is broken only where the window ends.
func TestVerbatim(t *testing.T) {
	t.Parallel()
	value := "v=DKIM1; k=rsa; p=" + strings.Repeat("MIGfMA0G", 30)
	for _, w := range []int{60, 80, 200} {
		p := page.New(newBench(t, nil).Th, w)
		p.Field(4, "value", 7, value)
		p.Verbatim(4, p.Th.Accent, value)
		var joined strings.Builder
		for _, l := range p.Lines {
			if ansi.StringWidth(l) > w {
				t.Errorf("a line of %d cells in %d", ansi.StringWidth(l), w)
			}
			joined.WriteString(strings.TrimPrefix(l, "    "))
		}
		if strings.Count(joined.String(), value) != 2 && w < 200 {
			t.Errorf("at %d the value is not whole: %q", w, p.Lines)
		}
	}
}

func TestWords(t *testing.T) {
	t.Parallel()
	for got, want := range map[string]string{
		page.Count(0): "0", page.Count(999): "999", page.Count(1000): "1,000", page.Count(1234567): "1,234,567",
		page.Countdown(59 * time.Second): "00:59", page.Countdown(61 * time.Minute): "1:01:00",
		page.Countdown(26*time.Hour + 5*time.Second): "26:00:05",
		page.Plural(1, "domain", "domains"):          "1 domain", page.Plural(2, "domain", "domains"): "2 domains",
		page.Until(noon.Add(12*time.Minute), noon): "14:32 UTC, in 12 minutes",
		page.Until(noon.Add(-time.Minute), noon):   "14:19 UTC, which has passed: diagnose again",
		page.Until(noon.Add(24*time.Hour), noon):   "2026-02-23 14:20 UTC, in 24 hours",
		page.ShortAge(noon, noon):                  "now", page.ShortAge(noon.Add(-5*time.Minute), noon): "5m",
		page.ShortAge(noon.Add(-47*time.Hour), noon): "47h", page.ShortAge(noon.Add(-49*time.Hour), noon): "2d",
		page.ShortClock(noon, noon): "14:20", page.ShortClock(noon.Add(24*time.Hour), noon): "Feb 23",
		page.Ago(noon.Add(-5*time.Second), noon): "just now", page.Ago(noon.Add(-3*time.Minute), noon): "3 minutes ago",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestInput(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		keys []string
		want string
		pos  int
	}{
		{"typed", []string{"a", "b", "c"}, "abc", 3},
		{"in the middle", []string{"a", "c", "left", "b"}, "abc", 2},
		{"removed", []string{"a", "b", "c", "backspace", "home", "delete"}, "b", 0},
		{"nothing to remove", []string{"backspace", "delete", "left", "right", "ctrl+w"}, "", 0},
		{"a word", []string{"a", " ", "b", "b", " ", "ctrl+w"}, "a ", 2},
		{"all before", []string{"a", "b", "c", "left", "ctrl+u"}, "c", 0},
		{"ends", []string{"a", "b", "home", "x", "end", "y"}, "xaby", 4},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var in screen.Input
			for _, k := range c.keys {
				in.Press(keyMsg(t, k))
			}
			if in.Value() != c.want || in.Pos != c.pos {
				t.Errorf("%q at %d, want %q at %d", in.Value(), in.Pos, c.want, c.pos)
			}
		})
	}
	var in screen.Input
	in.Insert(strings.Repeat("界x", 1000))
	if len(in.Text) > screen.MaxInput {
		t.Errorf("%d characters were taken", len(in.Text))
	}
	th := newBench(t, nil).Th
	for w := 10; w < 60; w++ {
		for in.Pos = 0; in.Pos < 30; in.Pos++ {
			if got := ansi.StringWidth(in.Render(th, w)); got > w {
				t.Fatalf("%d cells in %d with the cursor at %d", got, w, in.Pos)
			}
		}
	}
}
