package report_test

import (
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"domdoc/catalog"
	"domdoc/ui/render/report"
	"domdoc/ui/render/wire"

	"golang.org/x/net/html"
)

// markdownWellFormed looks at what needs no renderer: fences and folds that are opened are closed.
func markdownWellFormed(text string) error {
	var problems error
	if open, shut := strings.Count(text, "<details>"), strings.Count(text, "</details>"); open != shut {
		problems = errors.Join(problems, fmt.Errorf("%d folds are opened, and %d closed", open, shut))
	}
	fences := 0
	for _, l := range strings.Split(text, "\n") {
		if strings.HasPrefix(l, "```") {
			fences++
		}
	}
	if fences%2 != 0 {
		problems = errors.Join(problems, fmt.Errorf("%d fences", fences))
	}
	if !strings.HasSuffix(text, "</sub>\n") {
		problems = errors.Join(problems, errors.New("it has no end"))
	}
	return problems
}

// rendered is a ticket as GitHub shows it: its own renderer, with raw HTML let through, which GitHub itself filters
// later. ok is false where it is not installed.
func rendered(t *testing.T, text string) (*html.Node, bool) {
	t.Helper()
	tool, err := exec.LookPath("cmark-gfm")
	if err != nil {
		return nil, false
	}
	cmd := exec.Command(tool, "--unsafe", "-e", "table", "-e", "autolink", "-e", "strikethrough", "-e", "tasklist")
	cmd.Stdin = strings.NewReader(text)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	doc, err := html.Parse(strings.NewReader(string(out)))
	if err != nil {
		t.Fatal(err)
	}
	return doc, true
}

func TestMarkdown(t *testing.T) {
	t.Parallel()
	domains := sampleDomains()
	several := write(t, "markdown", domains)
	golden(t, "report.md", several)
	one := write(t, "markdown", domains[:1], func(r *report.Run) { r.Tenant = nil })
	golden(t, "ticket.md", one)
	for name, text := range map[string]string{
		"several": several, "one": one,
		"healthy": write(t, "markdown", domains[4:5]), "nasty": write(t, "markdown", domains[5:]),
	} {
		if err := markdownWellFormed(text); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if strings.Contains(one, "# Domains") {
		t.Error("a single domain's ticket sums up")
	}
}

// TestMarkdownEscapes renders text from outside as GitHub does: nothing of it becomes an element, a link or a
// mention, and it is shown as it is.
func TestMarkdownEscapes(t *testing.T) {
	t.Parallel()
	doc, ok := rendered(t, write(t, "markdown", sampleDomains()[4:]))
	if !ok {
		t.Skip("cmark-gfm is not installed")
	}
	allowed := []string{
		"html", "head", "body", "h1", "h2", "h3", "h4", "p", "ul", "ol", "li", "code", "pre", "strong", "table", "thead",
		"tbody", "tr", "th", "td", "details", "summary", "blockquote",
		"sub", "em",
	}
	shown := 0
	var walk func(n *html.Node, code bool)
	walk = func(n *html.Node, code bool) {
		if n.Type == html.ElementNode {
			if !slices.Contains(allowed, n.Data) || n.Data == "em" {
				t.Errorf("element %s %v", n.Data, n.Attr)
			}
			for _, a := range n.Attr {
				if a.Key != "class" && a.Key != "start" {
					t.Errorf("attribute %s of %s", a.Key, n.Data)
				}
			}
			if n.Data == "code" {
				code = true
				if strings.TrimSpace(text(n)) == strings.TrimSpace(nasty) {
					shown++
				}
			}
		}
		if n.Type == html.TextNode && !code && strings.ContainsAny(n.Data, "<>@#*[]{}`|$&\\") {
			t.Errorf("%q stands outside of code", n.Data)
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c, code)
		}
	}
	walk(doc, false)
	if shown < 20 { // names, values, commands, answers and what was asked, each whole
		t.Errorf("the text is shown whole %d times", shown)
	}
}

// text is what an element holds.
func text(n *html.Node) string {
	if n.Type == html.TextNode {
		return n.Data
	}
	var b strings.Builder
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		b.WriteString(text(c))
	}
	return b.String()
}

// TestMarkdownOmitsEvidence writes a report that would exceed the size limit of a tracker.
func TestMarkdownOmitsEvidence(t *testing.T) {
	t.Parallel()
	var domains []wire.Domain
	for i := range 80 {
		d := sampleDomains()[0]
		d.Domain = fmt.Sprintf("shop%d.example", i)
		d.Unicode = d.Domain
		domains = append(domains, d)
	}
	short, long := write(t, "markdown", domains[:3]), write(t, "markdown", domains)
	if !strings.Contains(short, "<details><summary>Evidence") || strings.Contains(short, "Evidence is omitted") {
		t.Error("three domains are too long")
	}
	if strings.Contains(long, "<details>") || !strings.Contains(long, "Evidence is omitted") {
		t.Error("eighty domains come with all evidence")
	}
	if n := strings.Count(long, "\n### ✗ "); n != 80 {
		t.Errorf("%d sections", n)
	}
}

// TestMarkdownLimit cuts a report that a tracker would refuse at a domain, and counts the others by group. Failing
// domains come first.
func TestMarkdownLimit(t *testing.T) {
	t.Parallel()
	const limit = 65_000
	left := regexp.MustCompile(`(\d+) (fail|pass)`)
	for _, n := range [][2]int{{600, 10}, {60, 3000}, {0, 5000}} {
		var domains []wire.Domain
		for i := range n[1] {
			domains = append(domains, domain(fmt.Sprintf("healthy%d.example", i), "pass"))
		}
		for i := range n[0] {
			d := sampleDomains()[0]
			d.Domain = fmt.Sprintf("shop%d.example", i)
			d.Unicode = d.Domain
			domains = append(domains, d)
		}
		out := write(t, "markdown", domains)
		if size := utf8.RuneCountInString(out); size > limit || size < limit-2000 {
			t.Errorf("%v: %d characters", n, size)
		}
		if err := markdownWellFormed(out); err != nil {
			t.Error(err)
		}
		got := map[string]int{
			"fail": strings.Count(out, "\n### ✗ "), "pass": strings.Count(out, ": "+catalog.Healthy+"\n"),
		}
		if n[0] > 100 && got["pass"] > 0 {
			t.Errorf("%v: %d healthy domains are preferred to failing ones", n, got["pass"])
		}
		_, note, _ := strings.Cut(out, "> **More domains** are left out to stay below 65,000 characters: ")
		note, _, _ = strings.Cut(note, "\n")
		for _, m := range left.FindAllStringSubmatch(note, -1) {
			more, _ := strconv.Atoi(m[1])
			got[m[2]] += more
		}
		if got["fail"] != n[0] || got["pass"] != n[1] || !strings.HasSuffix(out, "</sub>\n") {
			t.Errorf("%v: %v with those left out (%s)", n, got, note)
		}
	}
	if short := write(t, "markdown", sampleDomains()); strings.Contains(short, "left out to stay") {
		t.Error("a short report is cut")
	}
}
