package dashboard

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"domdoc/ui/dashboard/action"
	"domdoc/ui/dashboard/page"
	"domdoc/ui/dashboard/reportfile"
	"domdoc/ui/dashboard/screen"
	"domdoc/ui/render/report"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/google/go-cmp/cmp"
)

// exporting is a dashboard that writes into a directory of its own.
func exporting(t *testing.T) (*bench, string) {
	t.Helper()
	dir := t.TempDir()
	b := newBench(t, func(o *options) { o.Dir = dir })
	b.load().results()
	b.send(tea.WindowSizeMsg{Width: 200, Height: 30})
	return b, dir
}

// writes presses keys, waits until a file was written, and gives its name.
func (b *bench) writes(keys ...string) string {
	b.t.Helper()
	b.Notice = ""
	cmd := b.press(keys...)
	if b.Screen == screen.Screen(b.prompt) { // it proposes a file
		cmd = b.press("enter")
	}
	b.drain(cmd, func() bool { return b.Notice != "" && !strings.HasPrefix(b.Notice, "writing ") })
	if _, file, ok := strings.Cut(b.Notice, "written to "); ok { // after "6 of 12 domains" if there are several
		return file
	}
	return b.Notice
}

// TestExport writes a domain's report in every format there is: each into a file of its own with a clear name, and
// never over another.
func TestExport(t *testing.T) {
	t.Parallel()
	for _, format := range report.Formats() {
		t.Run(format.Name, func(t *testing.T) {
			t.Parallel()
			b, dir := exporting(t)
			b.open("name-doubled")
			keys := append([]string{"E"}, strings.Split(format.Name, "")...)
			want := filepath.Join(dir, "domdoc-shop.fabrikam.example-20260222T142000Z."+format.Extension)
			if got := b.writes(append(keys, "enter")...); got != want {
				t.Fatalf("it says %q, want %q", got, want)
			}
			raw, err := os.ReadFile(want)
			if err != nil || len(raw) == 0 || !strings.Contains(string(raw), "fabrikam.example") ||
				strings.Contains(string(raw), "\x1b") {
				t.Errorf("the file holds %q (%v)", raw, err)
			}
			if info, err := os.Stat(want); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("the file is %v (%v)", info, err)
			}
			if format.Use == "" {
				t.Error("nothing says what the format is for")
			}
			again := b.writes(append(keys, "enter")...)
			if again == want || !strings.HasSuffix(again, "-2."+format.Extension) {
				t.Errorf("the second one is %q", again)
			}
			if now, err := os.ReadFile(want); err != nil || string(now) != string(raw) {
				t.Error("the first file is another now")
			}
			if b.Screen.Scope() != action.ScopeDetail {
				t.Errorf("at %s", b.Screen.Scope())
			}
		})
	}
}

// TestExportSeveral writes what the list shows, and what is marked, and says what is left out.
func TestExportSeveral(t *testing.T) {
	t.Parallel()
	b, _ := exporting(t)
	read := func(file string) (names []string, incomplete string) {
		t.Helper()
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var got struct {
			Domains []struct{ ID string }
			Summary struct{ Domains, Fail int }
			Tenant  struct{ Findings []struct{ Cause string } }

			Incomplete string
		}
		if err := json.Unmarshal(raw, &got); err != nil {
			t.Fatal(err)
		}
		for _, d := range got.Domains {
			names = append(names, d.ID)
		}
		if got.Summary.Domains != len(names) || len(got.Tenant.Findings) == 0 {
			t.Errorf("the summary counts %d of %d; findings of the tenant: %v", got.Summary.Domains, len(names),
				got.Tenant.Findings)
		}
		return names, got.Incomplete
	}
	b.press("/", "f", "a", "i", "l", "enter")
	var want []string
	for _, i := range b.list.Grid.Order() {
		want = append(want, b.Domains.Rows[i].ID)
	}
	b.press("E")
	b.shows("this domain", "all listed domains", page.Plural(len(want), "domain", "domains"))
	file := b.writes("a", "l", "l", "enter", "j", "s", "o", "n", "enter")
	names, incomplete := read(file)
	if diff := cmp.Diff(want, names); diff != "" || incomplete != "" || !strings.Contains(file, "domdoc-6-domains-") {
		t.Errorf("%s: %q\n%s", file, incomplete, diff)
	}

	b.Marks.Set(b.l.ids["on-hold"], true)
	b.Marks.Set(b.l.ids["healthy-txt"], true)
	marked := b.Domains.ByID[b.l.ids["on-hold"]]
	gone := b.Reports.ByID[b.l.ids["healthy-txt"]]
	b.Reports.Order.Remove(gone)
	delete(b.Reports.ByID, b.l.ids["healthy-txt"])
	b.press("E")
	b.shows("marked domains", "1 domain; 1 more without a diagnosis")
	names, incomplete = read(b.writes("m", "a", "r", "k", "enter", "j", "s", "o", "n", "enter"))
	if !strings.HasPrefix(b.Notice, "1 of 2 domains written to /") {
		t.Errorf("it says %q", b.Notice)
	}
	if !slices.Equal(names, []string{b.Domains.Rows[marked].ID}) ||
		!strings.Contains(incomplete, "1 of the 2 domains are omitted") {
		t.Errorf("written are %v: %q", names, incomplete)
	}
}

// TestExportPlace writes to the place that the user names; a file that exists stays as it is.
func TestExportPlace(t *testing.T) {
	t.Parallel()
	b, dir := exporting(t)
	taken := filepath.Join(dir, "taken.txt")
	if err := os.WriteFile(taken, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	below := filepath.Join(dir, "below")
	if err := os.Mkdir(below, 0o700); err != nil {
		t.Fatal(err)
	}
	b.open("name-doubled")
	for place, want := range map[string]string{
		filepath.Join(dir, "my report.txt"): filepath.Join(dir, "my report.txt"),
		below:                               filepath.Join(below, "domdoc-shop.fabrikam.example-20260222T142000Z.txt"),
		taken:                               "export failed: " + taken + " already exists; use another name",
		filepath.Join(dir, "not", "x.txt"):  "export failed: open " + filepath.Join(dir, "not", "x.txt"),
	} {
		b.press("E", "t", "e", "x", "t", "enter")
		b.shows("export as text", "existing one is never replaced", "domdoc-shop.fabrikam.example-")
		b.press("ctrl+u", "enter")
		b.shows("nothing is entered")
		b.Notice = ""
		b.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(place), Paste: true})
		b.drain(b.press("enter"), func() bool { return b.Notice != "" })
		if got := strings.TrimPrefix(b.Notice, "written to "); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %s", place, b.Notice)
		}
	}
	if raw, err := os.ReadFile(taken); err != nil || string(raw) != "mine" {
		t.Errorf("the file that existed is %q (%v)", raw, err)
	}
	b.press("E", "t", "e", "x", "t", "enter", "esc")
	if b.Screen.Scope() != action.ScopeDetail {
		t.Errorf("esc leads to %s", b.Screen.Scope())
	}
}

// TestExportFails checks what is said where nothing can be written.
func TestExportFails(t *testing.T) {
	t.Parallel()
	b, dir := exporting(t)
	b.opt.Dir = filepath.Join(dir, "not", "there")
	b.press("E", "t", "h", "i", "s", "enter")
	if got := b.writes("t", "e", "x", "t", "enter"); !strings.HasPrefix(got, "export failed: ") ||
		!strings.Contains(got, "name a file in a writable directory") {
		t.Errorf("it says %q", got)
	}
	b = newBench(t, nil)
	b.load().press("E")
	if b.Notice != "this domain has no diagnosis to export; press d to diagnose it" {
		t.Errorf("without a diagnosis it says %q", b.Notice)
	}
	b = newBench(t, nil)
	b.press("E")
	if b.Notice != "no domain is selected" {
		t.Errorf("without a domain it says %q", b.Notice)
	}
}

func TestPlainName(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"shop.example.com": "shop.example.com", "xn--r8jz45g.jp": "xn-r8jz45g.jp", "*.example.com": "example.com",
		"../../etc/passwd": "etc-passwd",
		"12 domains":       "12-domains", "例え": "domain", "": "domain", ".hidden": "hidden",
		strings.Repeat("a", 300): strings.Repeat("a", 100), "A B\x00/c": "a-b-c",
	} {
		if got := reportfile.PlainName(in); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
}
