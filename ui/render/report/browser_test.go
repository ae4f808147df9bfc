package report_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"domdoc/ui/render/report"
	"domdoc/ui/render/wire"
)

// measure is a page that puts reports into frames of 390 pixels, the width of a phone, and writes what a browser makes
// of them. The report's own policy forbids scripts, so the script is outside.
const measure = `<!DOCTYPE html><body><script>
const pages = PAGES, out = [];
pages.forEach((page, n) => {
  const f = document.createElement("iframe");
  f.style.cssText = "width:390px;height:844px;border:0";
  f.onload = () => {
    const d = f.contentDocument, all = [...d.body.querySelectorAll("*")];
    out.push({
      n, width: d.documentElement.scrollWidth, domains: d.querySelectorAll(".domain").length,
      skipped: all.filter(e => !e.closest("svg,thead,details:not([open])") && !e.matches("input.show") &&
        !e.checkVisibility({contentVisibilityAuto: true})).map(e => e.outerHTML.slice(0, 80)).slice(0, 5),
      wide: all.filter(e => !e.closest("svg") && e.getBoundingClientRect().right > 390.5)
        .map(e => e.outerHTML.slice(0, 80)).slice(0, 5),
      headings: [...d.querySelectorAll("h1,h2,h3,h4,h5,h6")].map(h => +h.tagName[1]),
    });
    if (out.length == pages.length) {
      const p = document.createElement("pre");
      p.id = "measured";
      p.textContent = btoa(JSON.stringify(out).replace(/[^\x00-\x7f]/g, "?"));
      document.body.replaceChildren(p);
    }
  };
  f.srcdoc = page;
  document.body.append(f);
});
</script></body>`

var measured = regexp.MustCompile(`<pre id="measured">([^<]+)</pre>`)

// chromium is the path of Chromium; the test is skipped where it is not installed.
func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skip("Chromium is not installed (Debian: apt-get install chromium)")
	return ""
}

// browse runs Chromium without a window and returns what it prints; the test is skipped where it does not run.
func browse(t *testing.T, browser string, args ...string) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), browser, append([]string{
		"--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--hide-scrollbars",
		"--user-data-dir=" + t.TempDir(),
	}, args...)...)
	out, err := cmd.Output()
	if err != nil {
		t.Skipf("%s does not run here: %v", browser, err)
	}
	return out
}

// TestHTMLInBrowser opens reports in Chromium: at 390 pixels nothing is wider than the screen, nothing waits until it
// is scrolled into view (it would be blank in a screenshot of the whole page and in print), and no level of headings is
// skipped.
func TestHTMLInBrowser(t *testing.T) {
	t.Parallel()
	browser := chromium(t)
	long := domain(strings.Repeat("long-name-", 6)+".xn--fiqs8s.example", "fail",
		sampleFinding("record.missing", "record", "records", "fail", "tenant"))
	long.Interrupted = true
	long.Findings[0].Fix.Records = []wire.Record{{Host: "@", Type: "TXT", Value: strings.Repeat("k", 400)}}
	many := sampleDomains()
	for range 5 {
		many = append(many, sampleDomains()...)
	}
	samples := sampleDomains()
	pages := []string{
		write(t, "html", append(many, long)), write(t, "html", samples[:1]), write(t, "html", samples[4:5]),
		write(t, "html", []wire.Domain{long}), write(t, "html", nil, func(r *report.Run) { r.Incomplete = "why" }),
	}
	raw, err := json.Marshal(pages) // <, > and & are escaped
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "measure.html")
	if err := os.WriteFile(file, []byte(strings.Replace(measure, "PAGES", string(raw), 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	// It prints the document once everything is loaded, and gives up only if the test does.
	dump := browse(t, browser, "--dump-dom", "file://"+file)
	match := measured.FindSubmatch(dump)
	if match == nil {
		t.Fatalf("nothing was measured:\n%.2000s", dump)
	}
	var got []struct {
		N, Width, Domains int
		Skipped, Wide     []string
		Headings          []int
	}
	if err := json.NewDecoder(base64.NewDecoder(base64.StdEncoding, bytes.NewReader(match[1]))).Decode(&got); err != nil {
		t.Fatal(err)
	}
	if len(got) != len(pages) {
		t.Errorf("%d pages of %d", len(got), len(pages))
	}
	for _, p := range got {
		if p.Width > 390 || len(p.Wide) > 0 {
			t.Errorf("page %d is %d pixels wide: %q", p.N, p.Width, p.Wide)
		}
		if len(p.Skipped) > 0 {
			t.Errorf("page %d has blank parts: %q", p.N, p.Skipped)
		}
		if p.N == 0 && p.Domains != len(many)+1 {
			t.Errorf("page 0 has %d domains", p.Domains)
		}
		for i, h := range p.Headings {
			if i == 0 && h != 1 || i > 0 && h > p.Headings[i-1]+1 {
				t.Errorf("page %d skips a heading: %v", p.N, p.Headings)
				break
			}
		}
	}
}
