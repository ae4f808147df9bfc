package dashboard

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
	"time"

	"domdoc/catalog"
	"domdoc/checks"
)

// servicePage is the domain as the service gave it, word for word, with the last failure that it recorded.
func servicePage(p *page, r *checks.DomainReport, now time.Time) {
	d := r.Domain
	if d == nil {
		p.text(2, p.th.Plain, "the service was not asked for this domain, or does not hold it")
		return
	}
	p.columns(func(p *page) {
		p.head("as the service gave it")
		if len(d.Raw) == 0 {
			p.text(2, p.th.Faint, "its words were not kept for this diagnosis; diagnose the domain again to read them")
			return
		}
		for _, l := range prettyJSON(d.Raw, maxJSON) {
			jsonLine(p, l)
		}
		p.copies = append(p.copies, jsonCopy("the domain as JSON", d.Raw))
	}, func(p *page) {
		lastError(p, r, now)
		if len(d.Problems) > 0 {
			p.head("what could not be read of it")
			for _, s := range d.Problems {
				p.hang(2, p.th.Warn, p.th.Warning, 2, p.th.Plain, s)
			}
		}
		if raw := r.Held.Certificate.Raw; len(raw) > 0 {
			p.head("its certificate")
			for _, l := range prettyJSON(raw, maxJSON) {
				jsonLine(p, l)
			}
			p.copies = append(p.copies, jsonCopy("the certificate as JSON", raw))
		}
	})
}

func lastError(p *page, r *checks.DomainReport, now time.Time) {
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
	p.copies = append(p.copies, copyable{"the error's code", e.Code}, copyable{"its message", e.Message}, copyable{"the request's id", e.RequestID})
}

const (
	maxJSON      = 256 << 10 // octets of JSON that are shown
	maxJSONLines = 4000
)

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
	lines := cutLines(catalog.Printable(key+value, maxParagraph), max(1, p.width-indent))
	for i, l := range lines {
		if rest, ok := strings.CutPrefix(l, key); i == 0 && ok {
			l = p.th.Faint.Do(key) + rest
		}
		p.line(strings.Repeat(" ", indent) + l)
	}
}

// secret matches keys whose values are nobody's business, with the value: an authorization code lets whoever reads it take the domain away.
var secret = regexp.MustCompile(`(?i)("[^"]*(?:auth[_ -]?info|auth[_ -]?code|authorization[_ -]?code|epp[_ -]?code|transfer[_ -]?code|password|secret|api[_ -]?key|access[_ -]?token|refresh[_ -]?token)[^"]*"\s*:\s*)("(?:[^"\\]|\\.)*"?|[-+0-9.eE]+)`)

// prettyJSON writes JSON over lines, at most limit octets of it, with secrets hidden and nothing in it that a terminal would obey. What is no JSON is
// shown as it is.
func prettyJSON(raw json.RawMessage, limit int) []string {
	var b bytes.Buffer
	text := string(raw)
	if json.Indent(&b, raw, "", "  ") == nil {
		text = b.String()
	}
	text = secret.ReplaceAllString(text, `$1"(hidden)"`)
	cut := len(text) > limit
	lines := strings.Split(text[:min(len(text), limit)], "\n")
	if len(lines) > maxJSONLines {
		lines, cut = lines[:maxJSONLines], true
	}
	for i, l := range lines {
		lines[i] = catalog.Printable(l, limit)
	}
	if cut {
		lines = append(lines, "(the rest is cut off)")
	}
	return lines
}
