package dashboard

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"time"
	"unicode"

	"domdoc/catalog"
	"domdoc/catalog/sanitize"
	"domdoc/checks/result"
)

// servicePage is the domain as the service gave it, word for word, with the last failure that it recorded.
func servicePage(p *page, r *result.Domain, now time.Time) {
	d := r.Domain
	if d == nil {
		p.text(2, p.th.Plain, "the service was not asked for this domain, or does not hold it")
		return
	}
	words := func(p *page) {
		p.head("as the service gave it")
		if len(d.Raw) == 0 {
			p.text(2, p.th.Faint, "its words were not kept for this diagnosis; diagnose the domain again to read them")
			return
		}
		p.jsonLines("the domain as JSON", d.Raw)
	}
	failures := func(p *page) {
		lastError(p, r, now)
		if len(d.Problems) > 0 {
			p.head("what could not be read of it")
			for _, s := range d.Problems {
				p.hang(2, p.th.Warn, p.th.Warning, 2, p.th.Plain, s)
			}
		}
	}
	certificate := func(p *page) {
		if raw := r.Held.Certificate.Raw; len(raw) > 0 {
			p.head("its certificate")
			p.jsonLines("the certificate as JSON", raw)
		}
	}
	if p.wide() {
		p.columns(words, func(p *page) {
			failures(p)
			certificate(p)
		})
		return
	}
	failures(p) // short, and what most come for
	words(p)
	certificate(p)
}

func lastError(p *page, r *result.Domain, now time.Time) {
	p.head("its last error")
	e := r.Domain.LastError
	if e == nil {
		p.text(2, p.th.Plain, "none")
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
		fact(p, "when", clock(e.Timestamp, now)+" UTC, "+ago(e.Timestamp, now))
	}
	fact(p, "path", e.Path)
	fact(p, "request", e.RequestID)
	p.copies = append(p.copies, copyable{"the error's code", e.Code}, copyable{"its message", e.Message},
		copyable{"the request's id", e.RequestID})
}

const (
	maxJSON      = 256 << 10 // octets of JSON that are shown
	maxJSONLines = 4000
	maxJSONLine  = 64 << 10 // characters of one line that can be copied; fewer are shown
)

// jsonLines adds JSON from the service, and lets it be copied.
func (p *page) jsonLines(label string, raw json.RawMessage) {
	lines := prettyJSON(raw, maxJSON)
	for _, l := range lines {
		jsonLine(p, l)
	}
	p.copies = append(p.copies, copyable{label, strings.Join(lines, "\n")})
}

// jsonLine shows one line of JSON, wrapped under its own indent.
func jsonLine(p *page, l string) {
	indent := len(l) - len(strings.TrimLeft(l, " "))
	key, value, ok := strings.Cut(strings.TrimLeft(l, " "), `": `)
	if !ok {
		p.json(2+indent, "", strings.TrimLeft(l, " "))
		return
	}
	p.json(2+indent, key+`": `, value)
}

// json adds a line of JSON: the key faint, the value as it is, cut only where the window ends.
func (p *page) json(indent int, key, value string) {
	indent = min(indent, p.width/2)
	lines := cutLines(sanitize.Text(key+value, maxParagraph), max(1, p.width-indent))
	for i, l := range lines {
		if rest, ok := strings.CutPrefix(l, key); i == 0 && ok {
			l = p.th.Faint.Do(key) + rest
		}
		p.line(strings.Repeat(" ", indent) + l)
	}
}

// secrets are what the keys hold whose values are nobody's business: an authorization code lets whoever reads it take
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

// prettyJSON writes JSON over lines, one value to a line, at most limit octets and maxJSONLines lines of it, with
// secrets hidden and nothing in it that a terminal would obey. What is no JSON is not shown: nobody could tell what
// in it is a secret.
func prettyJSON(raw json.RawMessage, limit int) []string {
	var b bytes.Buffer
	if json.Indent(&b, raw, "", "  ") != nil {
		return []string{"(it is not JSON)"}
	}
	text := b.String()
	var lines []string
	hidden := -1 // the indent of a secret that is a list or an object, while it lasts
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
		lines = append(lines, "(the rest is cut off)")
	}
	return lines
}
