package report_test

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"

	"domdoc/ui/render/report"
	"domdoc/ui/render/wire"

	"golang.org/x/net/html"
)

// voidElements have no end tag (HTML 13.1.2).
var voidElements = []string{"meta", "input", "br", "line", "rect"}

// htmlElements are the elements that a page may contain: none of them runs, loads, sends or embeds anything.
var htmlElements = []string{
	"html", "head", "meta", "title", "style", "body", "header", "main", "footer", "nav", "section", "article",
	"details", "summary", "h1", "h2", "h3", "h4", "p", "ul", "ol", "li", "dl", "dt", "dd",
	"div", "span", "strong", "b", "code", "pre", "br", "a", "table", "thead", "tbody", "tr", "th", "td", "input",
	"label", "figure", "figcaption", "svg", "g", "text", "line", "rect",
}

// htmlAttributes are the attributes that elements may have: none of them runs anything.
var htmlAttributes = []string{
	"lang", "charset", "name", "content", "http-equiv", "class", "id", "type", "checked", "for", "aria-label", "role",
	"scope", "href", "viewbox", "width", "height", "x", "y", "x1", "y1", "x2", "y2",
	"rx", "text-anchor", "open",
}

// htmlHeadingOrder checks that there is one h1, first, and that no level is skipped on the way down.
func htmlHeadingOrder(page string) error {
	levels := []int{}
	for _, m := range htmlHeading.FindAllStringSubmatch(page, -1) {
		levels = append(levels, int(m[1][0]-'0'))
	}
	for i, level := range levels {
		if i == 0 && level != 1 || i > 0 && (level == 1 || level > levels[i-1]+1) {
			return fmt.Errorf("heading %d is h%d: %v", i+1, level, levels)
		}
	}
	return nil
}

// htmlWellFormed checks a page: elements are nested correctly, only harmless elements and attributes occur, ids are
// unique, links lead to an id on the page, and the content security policy is set.
func htmlWellFormed(page string) error {
	var problems error
	bad := func(format string, args ...any) { problems = errors.Join(problems, fmt.Errorf(format, args...)) }
	if !strings.HasPrefix(page, "<!DOCTYPE html>\n") {
		bad("no doctype")
	}
	var open, links []string
	ids := map[string]int{}
	z := html.NewTokenizer(strings.NewReader(page))
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			if z.Err() != io.EOF {
				bad("%w", z.Err())
			}
			break
		}
		token := z.Token()
		switch kind {
		case html.StartTagToken, html.SelfClosingTagToken:
			if !slices.Contains(htmlElements, token.Data) {
				bad("element %s", token.Data)
			}
			problems = errors.Join(problems, htmlAttributesOf(token, ids, &links))
			if kind == html.StartTagToken && !slices.Contains(voidElements, token.Data) {
				open = append(open, token.Data)
			}
		case html.EndTagToken:
			if len(open) == 0 || open[len(open)-1] != token.Data {
				bad("</%s> closes %v", token.Data, open)
				return problems
			}
			open = open[:len(open)-1]
		case html.CommentToken:
			bad("a comment")
		case html.TextToken, html.DoctypeToken, html.ErrorToken:
		}
	}
	if len(open) > 0 {
		bad("%v are not closed", open)
	}
	for _, l := range links {
		if !strings.HasPrefix(l, "#") || ids[l[1:]] == 0 {
			bad("a link to %q, which is not on the page", l)
		}
	}
	for id, n := range ids {
		if n > 1 {
			bad("%d elements with the id %s", n, id)
		}
	}
	problems = errors.Join(problems, htmlHeadingOrder(page))
	style := page[strings.Index(page, "<style>"):strings.Index(page, "</style>")]
	for _, word := range []string{"url(", "@import", "image(", "http:", "https:"} {
		if strings.Contains(style, word) {
			bad("the style has %s", word)
		}
	}
	if !strings.Contains(page, `content="default-src &#39;none&#39;; style-src`) &&
		!strings.Contains(page, `content="default-src 'none'; style-src`) {
		bad("no content security policy")
	}
	return problems
}

// htmlHeading is a heading. None is skipped (WCAG 2.2 technique G141, axe's rule heading-order).
var htmlHeading = regexp.MustCompile(`<h([1-6])[ >]`)

// htmlAttributesOf checks the attributes of an element, and collects its id and its links.
func htmlAttributesOf(token html.Token, ids map[string]int, links *[]string) error {
	var problems error
	for _, a := range token.Attr {
		if !slices.Contains(htmlAttributes, a.Key) {
			problems = errors.Join(problems, fmt.Errorf("attribute %s of %s", a.Key, token.Data))
		}
		switch a.Key {
		case "id":
			ids[a.Val]++
		case "href":
			*links = append(*links, a.Val)
		case "for":
			*links = append(*links, "#"+a.Val)
		}
	}
	return problems
}

// find returns all elements of a name, and of a class unless it is empty.
func find(n *html.Node, name, class string) []*html.Node {
	var out []*html.Node
	if n.Type == html.ElementNode && n.Data == name {
		has := class == ""
		for _, a := range n.Attr {
			has = has || a.Key == "class" && slices.Contains(strings.Fields(a.Val), class)
		}
		if has {
			out = append(out, n)
		}
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		out = append(out, find(c, name, class)...)
	}
	return out
}

func parse(t *testing.T, page string) *html.Node {
	t.Helper()
	if err := htmlWellFormed(page); err != nil {
		t.Fatal(err)
	}
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestHTML(t *testing.T) {
	t.Parallel()
	doc := parse(t, write(t, "html", sampleDomains()))
	groups := find(doc, "section", "group")
	var got []string
	for _, g := range groups {
		got = append(got, strings.Join(strings.Fields(text(find(g, "h2", "")[0])), " "))
	}
	if want := []string{"Fail 2", "Warn 1", "Waiting 1", "Not checked 1", "Pass 1"}; !slices.Equal(got, want) {
		t.Errorf("groups %q, want %q", got, want)
	}
	if n := len(find(doc, "section", "domain")) + len(find(doc, "details", "domain")); n != 6 {
		t.Errorf("%d domains", n)
	}
	fails := find(doc, "section", "domain")[0]
	for _, want := range []string{
		"shop.fails.example", "Why record.name-doubled matters", "you (the domain's owner)",
		"_verify.shop", "tok-1", "dig @8.8.8.8 a.example A", "Also affects (1)", "Evidence (1 exchange)",
		"explained by record.name-doubled",
	} {
		if !strings.Contains(text(fails), want) {
			t.Errorf("the first domain does not say %q:\n%s", want, text(fails))
		}
	}
	// The picture: a row a server, a column a record, a cell for each that was asked or not.
	waits := find(find(doc, "section", "waits")[0], "svg", "")
	if len(waits) != 1 {
		t.Fatalf("%d pictures", len(waits))
	}
	var cells []string
	for _, c := range find(waits[0], "g", "cell") {
		cells = append(cells, text(find(c, "text", "")[0]))
	}
	if want := []string{"✓ 5m", "✗ 31m", "? error"}; !slices.Equal(cells, want) {
		t.Errorf("cells %q, want %q", cells, want)
	}
	if n := len(find(doc, "section", "causes")); n != 1 {
		t.Errorf("%d indices by cause", n)
	}
}

// TestHTMLSingleDomain writes one domain: the page has no summary and no filter.
func TestHTMLSingleDomain(t *testing.T) {
	t.Parallel()
	doc := parse(t, write(t, "html", sampleDomains()[:1], func(r *report.Run) { r.Tenant = nil }))
	if h := text(find(doc, "h1", "")[0]); h != "shop.fails.example" {
		t.Errorf("the page is headed %q", h)
	}
	if len(find(doc, "input", "")) > 0 || len(find(doc, "section", "causes")) > 0 ||
		len(find(doc, "h2", "")) != len(find(doc, "h2", "of-domain")) {
		t.Error("there is something to choose")
	}
}

// TestHTMLSingleHealthyDomain writes a healthy domain unfolded, as nothing else is on the page.
func TestHTMLSingleHealthyDomain(t *testing.T) {
	t.Parallel()
	doc := parse(t, write(t, "html", sampleDomains()[4:5]))
	d := find(doc, "details", "domain")
	if len(d) != 1 || !slices.ContainsFunc(d[0].Attr, func(a html.Attribute) bool { return a.Key == "open" }) {
		t.Error("the only domain is folded")
	}
}

// TestHTMLEscapes has text from outside at every place: it is shown as it is, and nothing of it is an element,
// an attribute, a style or a link.
func TestHTMLEscapes(t *testing.T) {
	t.Parallel()
	page := write(t, "html", sampleDomains()[5:])
	doc := parse(t, page) // which knows each element and attribute that may be there
	if title := text(find(doc, "title", "")[0]); !strings.HasPrefix(title, nasty) {
		t.Errorf("the title is %q", title)
	}
	shown := 0
	for _, c := range find(doc, "code", "") {
		if text(c) == nasty {
			shown++
		}
	}
	if shown < 20 {
		t.Errorf("the text is shown whole %d times", shown)
	}
	for _, word := range []string{"<script", "<img", "</style><", "onerror=alert(2)>"} {
		if strings.Contains(page, word) {
			t.Errorf("%s stands in the page", word)
		}
	}
}

// TestHTMLThousandDomains writes a thousand domains: each is on the page, with links from the groups by cause.
func TestHTMLThousandDomains(t *testing.T) {
	t.Parallel()
	var domains []wire.Domain
	for i := range 1000 {
		d := sampleDomains()[i%5]
		d.Domain = fmt.Sprintf("shop%d.example", i)
		d.Unicode = d.Domain
		domains = append(domains, d)
	}
	page := write(t, "html", domains)
	doc := parse(t, page)
	if n := len(find(doc, "section", "domain")) + len(find(doc, "details", "domain")); n != 1000 {
		t.Errorf("%d domains", n)
	}
	links := find(find(doc, "section", "causes")[0], "a", "")
	if len(links) != 800 {
		t.Errorf("%d links of 800 domains with a fault", len(links))
	}
	for _, a := range links[:3] {
		place := a.Attr[0].Val[1:]
		for _, s := range find(doc, "section", "domain") {
			if slices.ContainsFunc(s.Attr, func(x html.Attribute) bool { return x.Key == "id" && x.Val == place }) &&
				!strings.Contains(text(s), text(a)) {
				t.Errorf("the link %s leads to another domain", text(a))
			}
		}
	}
	if len(page) > 12<<20 {
		t.Errorf("%d bytes", len(page))
	}
}

// TestHTMLIgnored writes an ignored finding with its exception and without a fix.
func TestHTMLIgnored(t *testing.T) {
	t.Parallel()
	f := sampleFinding("record.missing", "record", "records", "fail", "tenant")
	f.Ignored = ptr("record.missing:until 2026-12-31")
	page := text(parse(t, write(t, "html", []wire.Domain{domain("a.example", "pass", f)}, func(r *report.Run) {
		r.Tenant = nil
	})))
	if !strings.Contains(page, "ignored by --ignore record.missing:until 2026-12-31") ||
		strings.Contains(page, "Do this") {
		t.Errorf("the page says\n%s", page)
	}
}
