package change

import (
	"encoding/json"
	"io"
	"strconv"
	"strings"
)

// node is a value of JSON or YAML with its place.
type node struct {
	kind   nodeKind
	text   string // of a scalar; of a number as it is written
	where  Position
	offset int // in a JSON text; where is empty there
	keys   []string
	fields map[string]*node
	items  []*node
}

type nodeKind uint8

const (
	null nodeKind = iota
	scalarText
	number
	boolean
	list
	object
)

// get returns a field; an empty node if there is none.
func (n *node) get(keys ...string) *node {
	for _, k := range keys {
		if f := n.fields[k]; f != nil {
			return f
		}
	}
	return &node{where: n.where, offset: n.offset}
}

// all returns the items of a list, or a single value as the only one.
func (n *node) all() []*node {
	switch n.kind {
	case null:
		return nil
	case list:
		return n.items
	}
	return []*node{n}
}

// scalar returns the text of a text, number or boolean.
func (n *node) scalar() string { return n.text }

func (n *node) isScalar() bool { return n.kind == scalarText || n.kind == number || n.kind == boolean }

func (n *node) truth() bool { return n.kind == boolean && n.text == "true" }

// any reports whether a true is in a value, at any depth.
func (n *node) any() bool {
	if n.truth() {
		return true
	}
	for _, f := range n.fields {
		if f.any() {
			return true
		}
	}
	for _, i := range n.items {
		if i.any() {
			return true
		}
	}
	return false
}

// jsonReader reads JSON as a stream: values that are not needed are not kept.
type jsonReader struct {
	*reader
	dec *json.Decoder
}

func newJSONReader(r *reader) *jsonReader {
	dec := json.NewDecoder(strings.NewReader(r.data))
	dec.UseNumber()
	return &jsonReader{reader: r, dec: dec}
}

// next is the offset of the next value.
func (j *jsonReader) next() int {
	at := int(j.dec.InputOffset())
	for at < len(j.data) && strings.IndexByte(" \t\n,:", j.data[at]) >= 0 {
		at++
	}
	return at
}

// token reads one token. It fails at the end and for bad syntax.
func (j *jsonReader) token() (json.Token, bool) {
	t, err := j.dec.Token()
	if err != nil {
		j.syntax(err)
	}
	return t, err == nil
}

// syntax fails for what is not valid JSON.
func (j *jsonReader) syntax(err error) {
	at := j.next() // the offset in the error is not one in the text, after Token
	problem := "this is not valid JSON"
	if err == io.EOF || err == io.ErrUnexpectedEOF || at >= len(j.data) {
		problem, at = "the JSON ends in its middle", len(j.data)
	}
	j.fail(j.position(at), "%s", problem)
	j.more = true
}

// object calls use for each field of the object that begins here. use reads the value, or returns false to skip it.
// Another value is skipped. object returns false once reading must end.
func (j *jsonReader) object(use func(key string) bool) bool {
	if at := j.next(); at < len(j.data) && j.data[at] != '{' {
		return j.skip()
	}
	if _, ok := j.token(); !ok {
		return false
	}
	for j.dec.More() {
		t, ok := j.token()
		if !ok {
			return false
		}
		key, _ := t.(string)
		used := use(key)
		if j.full() || !used && !j.skip() {
			return false
		}
	}
	_, ok := j.token()
	return ok
}

// list calls use for each item of the list that begins here, until it returns false. Another value is skipped.
func (j *jsonReader) list(use func() bool) bool {
	if at := j.next(); at < len(j.data) && j.data[at] != '[' {
		return j.skip()
	}
	if _, ok := j.token(); !ok {
		return false
	}
	for j.dec.More() {
		if !use() || j.full() {
			return false
		}
	}
	_, ok := j.token()
	return ok
}

// skip reads a value without keeping it.
func (j *jsonReader) skip() bool {
	for depth := 0; ; {
		t, ok := j.token()
		if !ok {
			return false
		}
		if d, is := t.(json.Delim); is {
			if d == '{' || d == '[' {
				depth++
			} else {
				depth--
			}
		}
		if depth == 0 {
			return true
		}
	}
}

// maxDepth is how deep a value may be nested.
const maxDepth = 100

// value reads a value.
func (j *jsonReader) value() (*node, bool) { return j.nested(0) }

func (j *jsonReader) nested(depth int) (*node, bool) {
	n := &node{offset: j.next()}
	if depth > maxDepth {
		j.fail(j.position(n.offset), "the JSON is nested too deeply")
		j.more = true
		return nil, false
	}
	t, ok := j.token()
	if !ok {
		return nil, false
	}
	switch t := t.(type) {
	case string:
		n.kind, n.text = scalarText, t
	case json.Number:
		n.kind, n.text = number, t.String()
	case bool:
		n.kind, n.text = boolean, strconv.FormatBool(t)
	case json.Delim:
		return n, j.inner(n, t, depth)
	}
	return n, true
}

// inner reads the inside of a list or object.
func (j *jsonReader) inner(n *node, begin json.Delim, depth int) bool {
	n.kind = list
	if begin == '{' {
		n.kind, n.fields = object, map[string]*node{}
	}
	for j.dec.More() {
		key := ""
		if n.kind == object {
			t, ok := j.token()
			if !ok {
				return false
			}
			key, _ = t.(string)
		}
		v, ok := j.nested(depth + 1)
		if !ok {
			return false
		}
		if n.kind == list {
			n.items = append(n.items, v)
			continue
		}
		if n.fields[key] == nil {
			n.keys = append(n.keys, key)
		}
		n.fields[key] = v
	}
	_, ok := j.token()
	return ok
}

// at is the place of a node.
func (r *reader) place(n *node) Position {
	if n.where.Line > 0 {
		return n.where
	}
	return r.position(n.offset)
}
