package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"unicode"
	"unicode/utf16"
)

// Marshal is json.Marshal without escapes for HTML: the output is read by people, not embedded in pages.
func Marshal(v any) ([]byte, error) { return encode(v, "", "") }

// MarshalIndent is Marshal with indentation; every line after the first starts with prefix.
func MarshalIndent(v any, prefix string) ([]byte, error) { return encode(v, prefix, "  ") }

// Write encodes a value as a document, or as one line.
func Write(w io.Writer, v any, indent bool) error {
	encode := Marshal
	if indent {
		encode = func(v any) ([]byte, error) { return MarshalIndent(v, "") }
	}
	text, err := encode(v)
	if err != nil {
		return err
	}
	_, err = w.Write(append(text, '\n'))
	return err
}

// MarshalInto is Marshal into a buffer, in place of what is there. The text is valid until the next use of the buffer.
func MarshalInto(b *bytes.Buffer, v any) ([]byte, error) {
	b.Reset()
	return encodeInto(b, v, "", "")
}

func encode(v any, prefix, indent string) ([]byte, error) {
	return encodeInto(new(bytes.Buffer), v, prefix, indent)
}

func encodeInto(b *bytes.Buffer, v any, prefix, indent string) ([]byte, error) {
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	e.SetIndent(prefix, indent)
	err := e.Encode(v)
	return escape(bytes.TrimSuffix(b.Bytes(), []byte("\n"))), err
}

// escape writes control and format characters as \u escapes, because a terminal that shows the JSON would interpret
// them. They occur in strings only.
func escape(text []byte) []byte {
	hidden := func(r rune) bool { return r >= 0x7f && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r)) }
	first := 0
	for first < len(text) && text[first] < 0x7f { // most texts have nothing else
		first++
	}
	if bytes.IndexFunc(text[first:], hidden) < 0 {
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

// Raw encodes a value, as null if that fails.
func Raw(v any) json.RawMessage {
	b, err := Marshal(v)
	if err != nil {
		return json.RawMessage("null")
	}
	return b
}
