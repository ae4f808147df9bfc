package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
	"unicode"
	"unicode/utf16"
)

// marshal is json.Marshal without escapes for HTML: nobody puts this into a page, and people read it.
func Marshal(v any) ([]byte, error) { return encode(v, "", "") }

func MarshalIndent(v any, prefix string) ([]byte, error) { return encode(v, prefix, "  ") }

func encode(v any, prefix, indent string) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent(prefix, indent)
	err := e.Encode(v)
	return escape(bytes.TrimSuffix(b.Bytes(), []byte("\n"))), err
}

// escape writes the control and format characters beyond ASCII as \u escapes: a terminal that shows JSON would obey
// them. They stand in strings only.
func escape(text []byte) []byte {
	hidden := func(r rune) bool { return r >= 0x7f && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r)) }
	if bytes.IndexFunc(text, hidden) < 0 {
		return text
	}
	var b bytes.Buffer
	for _, r := range string(text) {
		switch {
		case !hidden(r):
			b.WriteRune(r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.Bytes()
}

// raw is a value as JSON; null where it cannot be written.
func Raw(v any) json.RawMessage {
	b, err := Marshal(v)
	if err != nil {
		return json.RawMessage("null")
	}
	return b
}
