package tab

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"time"
	"unicode"

	"domdoc/checks/result"

	"domdoc/catalog"
	"domdoc/catalog/sanitize"
	"domdoc/ui/dashboard/page"
)

// ServicePage shows the domain as returned by the service, unchanged, with the last error that it recorded.
func ServicePage(p *page.Builder, r *result.Domain, now time.Time) {
	d := r.Domain
	if d == nil {
		p.Text(2, p.Th.Plain, "the service was not queried for this domain, or does not have it")
		return
	}
	words := func(p *page.Builder) {
		p.Head("as returned by the service")
		if len(d.Raw) == 0 {
			p.Text(2, p.Th.Faint, "the response was not kept; diagnose the domain again to see it")
			return
		}
		jsonLines(p, "the domain as JSON", d.Raw)
	}
	failures := func(p *page.Builder) {
		lastError(p, r, now)
		if len(d.Problems) > 0 {
			p.Head("fields that could not be read")
			for _, s := range d.Problems {
				p.Hang(2, p.Th.Warn, p.Th.Warning, 2, p.Th.Plain, s)
			}
		}
	}
	certificate := func(p *page.Builder) {
		if raw := r.Held.Certificate.Raw; len(raw) > 0 {
			p.Head("certificate")
			jsonLines(p, "the certificate as JSON", raw)
		}
	}
	if p.Wide() {
		p.Columns(words, func(p *page.Builder) {
			failures(p)
			certificate(p)
		})
		return
	}
	failures(p) // short, and the most interesting
	words(p)
	certificate(p)
}

func lastError(p *page.Builder, r *result.Domain, now time.Time) {
	p.Head("last error")
	e := r.Domain.LastError
	if e == nil {
		p.Text(2, p.Th.Plain, "none")
		return
	}
	if c, ok := catalog.FindCode(e.Code); ok {
		fact(p, "code", c.ID+" "+c.Name)
		fact(p, "means", c.Description)
		fact(p, "advice", c.Resolution)
	} else {
		fact(p, "code", e.Code)
	}
	fact(p, "message", e.Message)
	if !e.Timestamp.IsZero() {
		fact(p, "when", page.Clock(e.Timestamp, now)+", "+page.Ago(e.Timestamp, now))
	}
	fact(p, "path", e.Path)
	fact(p, "request", e.RequestID)
	p.Copies = append(p.Copies, page.Copyable{Label: "the error's code", Text: e.Code},
		page.Copyable{Label: "its message", Text: e.Message},
		page.Copyable{Label: "the request's id", Text: e.RequestID})
}

const (
	MaxJSON      = 256 << 10 // octets of JSON that are shown
	maxJSONLines = 4000
	maxJSONLine  = 64 << 10 // characters of one line that can be copied; fewer are shown
)

// jsonLines adds JSON from the service, for copying.
func jsonLines(p *page.Builder, label string, raw json.RawMessage) {
	lines := PrettyJSON(raw, MaxJSON)
	for _, l := range lines {
		jsonLine(p, l)
	}
	p.Copies = append(p.Copies, page.Copyable{Label: label, Text: strings.Join(lines, "\n")})
}

// jsonLine shows one line of JSON, wrapped under its own indent.
func jsonLine(p *page.Builder, l string) {
	indent := len(l) - len(strings.TrimLeft(l, " "))
	key, value, ok := strings.Cut(strings.TrimLeft(l, " "), `": `)
	if !ok {
		jsonPart(p, 2+indent, "", strings.TrimLeft(l, " "))
		return
	}
	jsonPart(p, 2+indent, key+`": `, value)
}

// jsonPart adds a line of JSON: the key faint, the value unchanged, cut only at the edge of the window.
func jsonPart(p *page.Builder, indent int, key, value string) {
	indent = min(indent, p.Width/2)
	lines := page.CutLines(sanitize.Text(key+value, page.MaxParagraph), max(1, p.Width-indent))
	for i, l := range lines {
		if rest, ok := strings.CutPrefix(l, key); i == 0 && ok {
			l = p.Th.Faint.Do(key) + rest
		}
		p.Line(strings.Repeat(" ", indent) + l)
	}
}

// secrets are parts of keys whose values are hidden: an authorization code, for example, lets its holder transfer
// the domain away.
var secrets = [...]string{
	"authinfo", "authcode", "authorizationcode", "eppcode", "transfercode", "password",
	"secret", "apikey", "accesstoken", "refreshtoken",
}

// secretKey reports whether a key names a secret, however it is spelled.
func secretKey(key string) bool {
	key = strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, key[:min(len(key), 200)])
	return slices.ContainsFunc(secrets[:], func(s string) bool { return strings.Contains(key, s) })
}

// PrettyJSON indents JSON, one value per line, up to limit octets and maxJSONLines lines, with secrets hidden and
// nothing that a terminal would interpret. Invalid JSON is not shown, because secrets in it could not be
// recognized.
func PrettyJSON(raw json.RawMessage, limit int) []string {
	var b bytes.Buffer
	if json.Indent(&b, raw, "", "  ") != nil {
		return []string{"(not valid JSON)"}
	}
	text := b.String()
	var lines []string
	hidden := -1 // the indent of a secret that is a list or an object, while inside it
	for text != "" && limit > 0 && len(lines) < maxJSONLines {
		line, rest, _ := strings.Cut(text, "\n")
		text = rest
		indent := len(line) - len(strings.TrimLeft(line, " "))
		if hidden >= 0 {
			if indent > hidden {
				continue
			}
			hidden = -1 // its closing bracket
			if strings.HasSuffix(line, ",") {
				lines[len(lines)-1] += ","
			}
			continue
		}
		if key, value, ok := strings.Cut(line, `": `); ok && secretKey(key) && value != "null" && value != "null," {
			if strings.HasSuffix(value, "{") || strings.HasSuffix(value, "[") {
				hidden = indent
			}
			line = key + `": "(hidden)"`
			if strings.HasSuffix(value, ",") {
				line += ","
			}
		}
		limit -= len(line)
		lines = append(lines, sanitize.Text(line, maxJSONLine))
	}
	if text != "" {
		lines = append(lines, "(truncated)")
	}
	return lines
}
