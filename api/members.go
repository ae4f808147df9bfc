package api

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"
)

// This file splits JSON texts into their members and elements, without decoding and without copying them. The texts
// are valid: encoding/json has checked each response as a whole. Decoding each level with encoding/json into a map
// cost more than all else that the client does. (tidwall/gjson splits as well, and would add its query language to
// the program; valyala/fastjson and encoding/json/v2 build trees or structs, and drop what no struct has a field
// for.)

// member is one member of an object.
type member struct {
	name []byte // decoded
	raw  json.RawMessage
}

// is reports whether the name is the key in any spelling. The key is in ASCII.
func (m member) is(key string) bool {
	i := 0
	for _, c := range m.name {
		switch {
		case c >= utf8.RuneSelf:
			return foldKey(string(m.name)) == foldKey(key)
		case c == '_' || c == '-' || c == ' ':
			continue
		}
		for i < len(key) && (key[i] == '_' || key[i] == '-' || key[i] == ' ') {
			i++
		}
		if i == len(key) || lowerASCII(key[i]) != lowerASCII(c) {
			return false
		}
		i++
	}
	return strings.Trim(key[i:], "_- ") == ""
}

func lowerASCII(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + ('a' - 'A')
	}
	return c
}

// members returns the members of an object in their order; ok is false for any other value.
func members(raw []byte) (list []member, ok bool) {
	i := skipSpace(raw, 0)
	if i == len(raw) || raw[i] != '{' {
		return nil, false
	}
	var few [16]member // a domain has twelve
	all := few[:0]
	for i = skipSpace(raw, i+1); i < len(raw) && raw[i] != '}'; {
		end := valueEnd(raw, i)
		if end-i < 2 || raw[i] != '"' {
			return nil, false // not valid
		}
		name := textOf(raw[i:end])
		i = skipSpace(raw, skipSpace(raw, end)+1) // the colon
		if end = valueEnd(raw, i); end <= i {
			return nil, false
		}
		all = append(all, member{name, raw[i:end:end]})
		if i = skipSpace(raw, end); i < len(raw) && raw[i] == ',' {
			i = skipSpace(raw, i+1)
		}
	}
	return append(make([]member, 0, len(all)), all...), true
}

// elements returns the elements of an array; ok is false for any other value.
func elements(raw []byte) (list []json.RawMessage, ok bool) {
	i := skipSpace(raw, 0)
	if i == len(raw) || raw[i] != '[' {
		return nil, false
	}
	list = []json.RawMessage{}
	for i = skipSpace(raw, i+1); i < len(raw) && raw[i] != ']'; {
		end := valueEnd(raw, i)
		if end <= i {
			return nil, false // not valid
		}
		list = append(list, raw[i:end:end])
		if i = skipSpace(raw, end); i < len(raw) && raw[i] == ',' {
			i = skipSpace(raw, i+1)
		}
	}
	return list, true
}

// textOf decodes a string, with its quotes. Bytes that are not UTF-8 become U+FFFD, as in encoding/json.
func textOf(raw []byte) []byte {
	if inner := raw[1 : len(raw)-1]; bytes.IndexByte(inner, '\\') < 0 && utf8.Valid(inner) {
		return inner
	}
	var s string
	_ = json.Unmarshal(raw, &s) // valid
	return []byte(s)
}

func skipSpace(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\n' || b[i] == '\t' || b[i] == '\r') {
		i++
	}
	return i
}

// valueEnd returns the end of the value that begins at i.
func valueEnd(b []byte, i int) int {
	depth := 0
	for ; i < len(b); i++ {
		switch b[i] {
		case '"':
			i = stringEnd(b, i)
			if depth == 0 {
				return i + 1
			}
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
			if depth < 0 {
				return i // of a number or a word in an object or array
			}
		case ',', ' ', '\n', '\t', '\r', ':':
			if depth == 0 {
				return i
			}
		}
	}
	return i
}

// stringEnd returns the closing quote of the string that begins at i.
func stringEnd(b []byte, i int) int {
	for {
		next := bytes.IndexByte(b[i+1:], '"')
		if next < 0 {
			return len(b) - 1 // not in a valid text
		}
		i += 1 + next
		escapes := 0
		for b[i-1-escapes] == '\\' {
			escapes++
		}
		if escapes%2 == 0 {
			return i
		}
	}
}

// pickMember returns the value that counts for a key, and whether the object has the key. Of two members with the
// same name the last one counts, as in encoding/json; of two spellings the first with a value, camelCase before
// snake_case.
func pickMember(list []member, key string) (raw json.RawMessage, there bool) {
	first, more := -1, false
	for i := range list {
		if list[i].is(key) {
			if first >= 0 {
				more = true
				break
			}
			first = i
		}
	}
	switch {
	case first < 0:
		return nil, false
	case !more:
		return list[first].raw, true
	}
	var same []member
	for _, m := range slices.Backward(list) {
		if m.is(key) {
			same = append(same, m)
		}
	}
	slices.SortStableFunc(same, func(a, b member) int { return bytes.Compare(a.name, b.name) }) // the last one first
	for i, m := range same {
		if i > 0 && bytes.Equal(m.name, same[i-1].name) {
			continue
		}
		if raw == nil || isNull(raw) {
			raw = m.raw
		}
	}
	return raw, true
}
