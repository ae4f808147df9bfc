package report_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"domdoc/ui/render/report"
	"domdoc/ui/render/wire"
)

// TestHTMLScreenshot takes a screenshot of a whole page as a phone shows it: no part of it is blank.
func TestHTMLScreenshot(t *testing.T) {
	t.Parallel()
	browser, dir := chromium(t), t.TempDir()
	const height = 8000 // more than the page has; the rest is blank
	pages := map[string]string{
		"page": write(t, "html", sampleDomains()),
		// the twin: what is drawn only when it is scrolled into view
		"blank": strings.Replace(write(t, "html", sampleDomains()), "</style>",
			".domain { content-visibility: hidden; contain-intrinsic-size: 1px 600px; }</style>", 1),
	}
	for name, page := range pages {
		file, shot := filepath.Join(dir, name+".html"), filepath.Join(dir, name+".png")
		if err := os.WriteFile(file, []byte(page), 0o600); err != nil {
			t.Fatal(err)
		}
		browse(t, browser, fmt.Sprintf("--window-size=390,%d", height), "--screenshot="+shot, "file://"+file)
		in, err := os.Open(shot)
		if err != nil {
			t.Fatal(err)
		}
		defer in.Close()
		picture, err := png.Decode(in)
		if err != nil {
			t.Fatal(err)
		}
		rows, blank := longestBlank(picture)
		if rows < 2000 && name == "page" {
			t.Errorf("%s: the last row with something in it is %d", name, rows)
		}
		if (blank > 150) != (name == "blank") {
			t.Errorf("%s: %d rows of %d are blank, one after the other", name, blank, rows)
		}
	}
}

// longestBlank returns the number of rows up to the last with something in it, and the longest run of rows before it
// that have one color, apart from what frames them.
func longestBlank(p image.Image) (rows, longest int) {
	b, blank := p.Bounds(), 0
	for y := b.Min.Y; y < b.Max.Y; y++ {
		one := true
		for x := b.Min.X + 40; x < b.Max.X-40 && one; x++ {
			one = p.At(x, y) == p.At(b.Min.X+40, y)
		}
		if one {
			blank++
			continue
		}
		longest, rows, blank = max(longest, blank), y, 0
	}
	return rows, longest
}

// TestHTMLPrint prints a page: every domain is on paper with its causes, sentences and records.
func TestHTMLPrint(t *testing.T) {
	t.Parallel()
	browser, dir := chromium(t), t.TempDir()
	reader, err := exec.LookPath("pdftotext")
	if err != nil {
		t.Skip("pdftotext is not installed (Debian: apt-get install poppler-utils)")
	}
	domains := sampleDomains()
	file, paper := filepath.Join(dir, "page.html"), filepath.Join(dir, "page.pdf")
	if err := os.WriteFile(file, []byte(write(t, "html", domains)), 0o600); err != nil {
		t.Fatal(err)
	}
	browse(t, browser, "--no-pdf-header-footer", "--print-to-pdf="+paper, "file://"+file)
	raw, err := exec.Command(reader, "-raw", paper, "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	squeeze := func(s string) string { // steps are sentences there
		return strings.ToLower(strings.Join(strings.Fields(strings.ReplaceAll(s, "`", "")), ""))
	}
	text := squeeze(string(raw))
	n := 0
	need := func(what, s string) {
		if s = squeeze(s); strings.Contains(s, "<") { // the hostile one
			return
		}
		n++
		if !strings.Contains(text, s) {
			t.Errorf("the %s %q is not on paper:\n%s", what, s, raw)
		}
	}
	for _, d := range domains {
		need("domain", d.Domain)
		for _, f := range d.Roots() {
			need("cause", f.Cause)
			for _, s := range f.Fix.Steps {
				need("step", s)
			}
			for _, r := range f.Fix.Records {
				need("value", r.Value)
			}
		}
	}
	if n < 10 {
		t.Errorf("only %d sentences were looked for", n)
	}
}

// policy is the element that forbids scripts.
var policy = regexp.MustCompile(`<meta http-equiv="Content-Security-Policy"[^>]*>`)

// accessible writes what axe says about the page as the only element of it.
const accessible = `<script>
axe.run(document, {resultTypes: ["violations"]}).then(r => JSON.stringify({
  violations: r.violations.map(v => v.id + ": " + v.help + " " + v.nodes.slice(0, 3).map(n => n.html).join(" ")),
  passes: r.passes.length,
}), e => JSON.stringify({violations: ["" + e]})).then(said => {
  const p = document.createElement("pre");
  p.id = "measured";
  p.textContent = btoa(said.replace(/[^\x00-\x7f]/g, "?"));
  document.body.replaceChildren(p);
});
</script></body>`

// TestHTMLAccessible lets axe-core judge pages in Chromium, in light and dark colors, on a desktop and a phone. CI
// fetches axe-core (.ci/run) and sets DOMDOC_AXE to its file.
func TestHTMLAccessible(t *testing.T) {
	t.Parallel()
	script := os.Getenv("DOMDOC_AXE")
	if script == "" {
		t.Skip("DOMDOC_AXE is not the path of axe.min.js (npm pack axe-core)")
	}
	axe, err := os.ReadFile(script)
	if err != nil {
		t.Fatal(err)
	}
	browser, dir := chromium(t), t.TempDir()
	whole := write(t, "html", sampleDomains(), func(r *report.Run) { r.Incomplete = "the run was interrupted" })
	for name, c := range map[string]struct {
		page string
		args []string
		bad  string
	}{
		"all, light, desktop": {whole, []string{"--window-size=1280,1000"}, ""},
		"all, dark, phone":    {whole, []string{"--window-size=390,844", "--blink-settings=preferredColorScheme=0"}, ""},
		"one, dark, desktop": {
			write(t, "html", []wire.Domain{sampleDomains()[1]}), []string{"--blink-settings=preferredColorScheme=0"}, "",
		},
		"the twin": {strings.ReplaceAll(whole, "--text: #1b1f23", "--text: #aaa"), nil, "color-contrast"},
	} {
		if !policy.MatchString(c.page) {
			t.Fatal("the page has no policy")
		}
		page := policy.ReplaceAllString(c.page, "")
		page = strings.Replace(page, "</body>", "<script>"+string(axe)+"</script>"+accessible, 1)
		file := filepath.Join(dir, strings.ReplaceAll(name, " ", "-")+".html")
		if err := os.WriteFile(file, []byte(page), 0o600); err != nil {
			t.Fatal(err)
		}
		// The time of the page passes only while it has nothing to do: the budget is no limit of a slow machine.
		dump := browse(t, browser, append(c.args, "--virtual-time-budget=600000", "--dump-dom", "file://"+file)...)
		match := measured.FindSubmatch(dump)
		if match == nil {
			t.Fatalf("%s: axe said nothing:\n%.2000s", name, dump)
		}
		var got struct {
			Violations []string
			Passes     int
		}
		raw, err := base64.StdEncoding.DecodeString(string(match[1]))
		if err == nil {
			err = json.Unmarshal(raw, &got)
		}
		if err != nil {
			t.Fatal(err)
		}
		said := strings.Join(got.Violations, "\n")
		if c.bad == "" && said != "" || c.bad != "" && !strings.Contains(said, c.bad) || got.Passes < 20 {
			t.Errorf("%s: %d rules pass:\n%s", name, got.Passes, said)
		}
	}
}
