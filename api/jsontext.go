package api

import (
	"encoding/json"
	"strings"

	"domdoc/catalog/lazyregexp"
)

// JSONText is a JSON object inside a text.
type JSONText struct {
	Start, End int    // offsets in the text
	Body       string // the object's JSON; empty if the text between the braces names a code, but is not JSON
}

const (
	maxJSONTexts = 50       // objects in one text
	maxJSONText  = 64 << 10 // bytes of one object
)

var (
	// logEscapes are the escapes of JSON that a log line carries inside a string.
	logEscapes = strings.NewReplacer(`\\`, `\`, `\"`, `"`, `\n`, " ", `\t`, " ", `\r`, " ")
	// spelledCode matches a code as people and programs write it.
	spelledCode = lazyregexp.New(`(?i)\bDOMAIN[_ -]?\d{3}\b`)
)

// FindJSON finds the outermost JSON objects in prose or in a log line, also if they are escaped or wrapped. Of an
// object that contains several errors, it returns the errors. An object that is not JSON, because a program printed
// it in its own notation, is returned without a body if it names a code.
func FindJSON(text string) []JSONText {
	var out []JSONText
	for i, tries := 0, 0; i < len(text) && len(out) < maxJSONTexts && tries < 20*maxJSONTexts; tries++ {
		start := strings.IndexByte(text[i:], '{')
		if start < 0 {
			break
		}
		start += i
		o, ok := jsonTextAt(text, start)
		if !ok {
			i = start + 1
			continue
		}
		i = o.End
		if inner := innerErrors(text[o.Start:o.End]); len(inner) > 1 {
			for _, x := range inner {
				out = append(out, JSONText{start + x.Start, start + x.End, x.Body})
			}
			continue
		}
		out = append(out, o)
	}
	return out
}

// jsonTextAt reads the object whose brace is at start; its strings are in quotes, or in quotes that are escaped.
func jsonTextAt(text string, start int) (o JSONText, ok bool) {
	for _, quote := range []string{`"`, `\"`} {
		end := objectEnd(text, start, quote)
		if end < 0 {
			continue
		}
		raw := text[start:end]
		body := firstValid(raw, logEscapes.Replace(raw), strings.ReplaceAll(raw, "\n", " "),
			strings.ReplaceAll(raw, "\n", ""))
		if body != "" {
			return JSONText{start, end, body}, true
		}
		if !ok && !strings.Contains(raw[1:], "{") && spelledCode.MatchString(raw) {
			o, ok = JSONText{start, end, ""}, true
		}
	}
	return o, ok
}

func firstValid(bodies ...string) string {
	for _, b := range bodies {
		if json.Valid([]byte(b)) {
			return b
		}
	}
	return ""
}

// innerErrors returns the objects inside another that each name a code.
func innerErrors(raw string) []JSONText {
	if len(spelledCode.FindAllString(raw, 2)) < 2 {
		return nil
	}
	var out []JSONText
	for _, o := range FindJSON(raw[1:]) {
		if o.Body != "" && spelledCode.MatchString(o.Body) {
			out = append(out, JSONText{o.Start + 1, o.End + 1, o.Body})
		}
	}
	return out
}

// objectEnd returns the end of the object that begins at start, with strings between such quotes; -1 if it has none.
func objectEnd(text string, start int, quote string) int {
	depth, inString := 0, false
	for i := start; i < len(text) && i-start < maxJSONText; i++ {
		switch c := text[i]; {
		case strings.HasPrefix(text[i:], quote):
			inString = !inString
			i += len(quote) - 1
		case inString && c == '\\':
			// a quote inside a string is escaped twice here
			for i++; i < len(text) && text[i] == '\\' && len(quote) > 1; i++ {
			}
		case inString:
		case c == '{':
			depth++
		case c == '}':
			depth--
			if depth == 0 {
				return i + 1
			}
		}
	}
	return -1
}
