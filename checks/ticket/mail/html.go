package mail

import (
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"domdoc/catalog/lazyregexp"
)

// element matches the tags by which a text is recognized as HTML.
var element = lazyregexp.New(
	`(?i)</?(?:a|b|blockquote|body|br|center|code|div|em|font|h[1-6]|head|hr|html|i|li|ol|p|` +
		`pre|span|strong|style|table|td|th|title|tr|tt|u|ul)(?:\s[^<>]*)?/?>`)

// breaking are the elements that begin a line.
var breaking = []atom.Atom{
	atom.Br, atom.P, atom.Div, atom.Pre, atom.Li, atom.Ul, atom.Ol, atom.Tr, atom.Table, atom.Blockquote, atom.H1,
	atom.H2,
	atom.H3, atom.H4, atom.H5, atom.H6, atom.Html, atom.Body, atom.Head, atom.Hr, atom.Center, atom.Title,
}

// hidden are the elements whose content is no text.
var hidden = []atom.Atom{atom.Style, atom.Script, atom.Noscript, atom.Template}

// HTML returns the text of HTML, and the host names that its links lead to. A text without tags stays as it is, and
// so does what stands in angle brackets and is no element, such as an address.
func HTML(text string) (string, []string) {
	if !element.MatchString(text) {
		return text, nil
	}
	var b strings.Builder
	var links []string
	z := html.NewTokenizer(strings.NewReader(text))
	skip := atom.Atom(0)
	for {
		kind := z.Next()
		raw := string(z.Raw())
		if kind == html.ErrorToken {
			b.WriteString(raw) // the rest, such as a tag that does not end
			return b.String(), links
		}
		t := z.Token()
		switch {
		case skip != 0:
			if kind == html.EndTagToken && t.DataAtom == skip {
				skip = 0
			}
		case kind == html.TextToken:
			b.WriteString(t.Data)
		case kind == html.CommentToken, kind == html.DoctypeToken:
		case t.DataAtom == 0 || strings.ContainsAny(t.Data, ".@:"):
			b.WriteString(raw)
		default:
			if kind == html.StartTagToken && slices.Contains(hidden, t.DataAtom) {
				skip = t.DataAtom
			}
			if slices.Contains(breaking, t.DataAtom) {
				b.WriteString("\n")
			} else if t.DataAtom == atom.Td || t.DataAtom == atom.Th {
				b.WriteString(" ")
			}
			links = appendLink(links, t)
		}
	}
}

// maxLinks bounds the links of a message.
const maxLinks = 200

// appendLink adds the host name that a link leads to.
func appendLink(links []string, t html.Token) []string {
	if t.DataAtom != atom.A || len(links) >= maxLinks {
		return links
	}
	for _, a := range t.Attr {
		if a.Key != "href" {
			continue
		}
		if u, err := url.Parse(strings.TrimSpace(a.Val)); err == nil && (u.Scheme == "http" || u.Scheme == "https") &&
			u.Hostname() != "" && !slices.Contains(links, u.Hostname()) {
			links = append(links, u.Hostname())
		}
	}
	return links
}
