package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

const (
	maxDepth    = 64 // a record list is five levels deep
	maxProblems = 20
)

// problems collects the fields of one object that could not be read. The other fields are kept: one odd field must
// not hide a domain.
type problems struct{ list []string }

func (p *problems) add(at, wanted string, raw json.RawMessage) {
	if p != nil && len(p.list) < maxProblems {
		p.list = append(p.list, fmt.Sprintf("%s: wanted %s, got %s", at, wanted,
			clean(string(raw[:min(len(raw), 400)]), 60)))
	}
}

// object is a JSON object whose keys match in any spelling: tenantId, tenant_id and TenantID are equal.
type object struct {
	at       string
	members  []member
	problems *problems
}

// readObject reads an object of any origin.
func readObject(raw json.RawMessage, at string, p *problems) (object, bool) {
	if !json.Valid(raw) {
		return object{}, false
	}
	return knownObject(raw, at, p)
}

// knownObject reads an object from a valid JSON text.
func knownObject(raw json.RawMessage, at string, p *problems) (object, bool) {
	list, ok := members(raw)
	return object{at, list, p}, ok
}

// find returns the value of a key, and whether the object has the key: the value may be null.
func (o object) find(key string) (raw json.RawMessage, there bool) { return pickMember(o.members, key) }

// foldKey returns a key in lower case and without separators.
func foldKey(k string) string {
	if !strings.ContainsAny(k, "_- ABCDEFGHIJKLMNOPQRSTUVWXYZ") {
		return k
	}
	return keySeparators.Replace(strings.ToLower(k))
}

var keySeparators = strings.NewReplacer("_", "", "-", "", " ", "")

func isNull(raw json.RawMessage) bool {
	return len(raw) == 0 || string(bytes.TrimSpace(raw)) == "null"
}

// get returns the first of the keys that has a value, or nil.
func (o object) get(keys ...string) json.RawMessage {
	raw, _ := o.pick(keys)
	return raw
}

func (o object) pick(keys []string) (json.RawMessage, string) {
	for _, k := range keys {
		if raw, _ := o.find(k); !isNull(raw) {
			return raw, k
		}
	}
	return nil, ""
}

func (o object) has(keys ...string) bool { return o.get(keys...) != nil }

func (o object) where(key string) string {
	if o.at == "" {
		return key
	}
	return o.at + "." + key
}

// first applies read to the keys in order until one yields a value. A value of the wrong type is recorded as a
// problem.
func first[T any](o object, wanted string, read func(json.RawMessage) (T, bool), keys []string) (T, bool) {
	for _, k := range keys {
		raw, _ := o.find(k)
		if isNull(raw) {
			continue
		}
		if v, ok := read(raw); ok {
			return v, true
		}
		o.problems.add(o.where(k), wanted, raw)
	}
	var zero T
	return zero, false
}

// text reads a string, or a number with its digits as sent.
func (o object) text(keys ...string) string {
	s, _ := first(o, "a text", stringOf, keys)
	return s
}

func stringOf(raw json.RawMessage) (string, bool) {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 {
		return "", false
	}
	if raw[0] == '"' && len(raw) > 1 {
		return string(textOf(raw)), true
	}
	if isNumber(raw) {
		return string(raw), true
	}
	return "", false
}

func isNumber(raw []byte) bool {
	return len(raw) > 0 && (raw[0] == '-' || raw[0] >= '0' && raw[0] <= '9') && json.Valid(raw)
}

// texts reads a list of strings, a single string, or a list of objects with a name, a host or a message.
func (o object) texts(keys ...string) []string {
	for _, k := range keys {
		list, ok := first(o, "texts", func(raw json.RawMessage) ([]string, bool) { return textsOf(o, k, raw) },
			[]string{k})
		if ok {
			return list
		}
	}
	return nil
}

func textsOf(o object, key string, raw json.RawMessage) ([]string, bool) {
	if s, ok := stringOf(raw); ok {
		if s == "" {
			return nil, true
		}
		return []string{s}, true
	}
	list, ok := elements(raw)
	if !ok {
		return nil, false
	}
	var out []string
	for _, el := range list {
		if s, ok := stringOf(el); ok {
			out = append(out, s)
		} else if inner, ok := knownObject(el, "", nil); ok && inner.has("name", "host", "hostname", "message") {
			out = append(out, inner.text("name", "host", "hostname", "message"))
		} else {
			o.problems.add(o.where(key)+"[]", "a text", el)
		}
	}
	return out, true
}

// int reads an integer, also from a string. nil means absent or unreadable; 0 and negative numbers are values.
func (o object) int(keys ...string) *int {
	n, ok := first(o, "a whole number", intOf, keys)
	if !ok {
		return nil
	}
	return &n
}

func intOf(raw json.RawMessage) (int, bool) {
	s, ok := stringOf(raw)
	if !ok {
		return 0, false
	}
	s = strings.TrimSpace(s)
	if n, err := strconv.Atoi(s); err == nil {
		return n, true
	}
	f, ok := floatOf(s)
	if !ok || f != math.Trunc(f) || math.Abs(f) > 1<<53 {
		return 0, false
	}
	return int(f), true
}

func floatOf(s string) (float64, bool) {
	if strings.Trim(s, "0123456789+-.eE") != "" { // ParseFloat also accepts "inf", "0x1p4" and "1_000"
		return 0, false
	}
	f, err := strconv.ParseFloat(s, 64)
	return f, err == nil
}

func (o object) bool(keys ...string) *bool {
	b, ok := first(o, "true or false", boolOf, keys)
	if !ok {
		return nil
	}
	return &b
}

func boolOf(raw json.RawMessage) (value, ok bool) {
	s := strings.Trim(strings.ToLower(string(bytes.TrimSpace(raw))), `"`)
	switch s {
	case "true", "1":
		return true, true
	case "false", "0":
		return false, true
	}
	return false, false
}

// time reads RFC 3339, also without a time zone or fraction, or a number of seconds or milliseconds since 1970. It
// returns the zero time if absent or unreadable.
func (o object) time(keys ...string) time.Time {
	t, _ := first(o, "a time", timeOf, keys)
	return t
}

func timeOf(raw json.RawMessage) (time.Time, bool) {
	s, ok := stringOf(raw)
	if !ok {
		return time.Time{}, false
	}
	s = strings.TrimSpace(s)
	if s == "" {
		return time.Time{}, true
	}
	// time.Parse accepts a fraction of the second with each layout. Without a time zone, times are in UTC.
	for _, layout := range []string{
		time.RFC3339, "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05",
		"2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05", "2006-01-02T15:04Z07:00", time.DateOnly,
	} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, true
		}
	}
	if f, ok := floatOf(s); ok {
		return epoch(f)
	}
	return time.Time{}, false
}

// epoch distinguishes seconds from milliseconds by their size: 1e11 seconds is the year 5138, 1e11 milliseconds is
// 1973.
func epoch(f float64) (time.Time, bool) {
	if math.Abs(f) >= 1e11 {
		f /= 1000
	}
	if !(math.Abs(f) < 1e11) {
		return time.Time{}, false
	}
	whole, fraction := math.Modf(f)
	return time.Unix(int64(whole), int64(fraction*1e9)).UTC(), true
}

// object reads an inner object; its problems are recorded with the path to it.
func (o object) object(keys ...string) (object, bool) {
	raw, key := o.pick(keys)
	if raw == nil {
		return object{}, false
	}
	return knownObject(raw, o.where(key), o.problems)
}

// elements reads a list; a single object counts as a list of one.
func (o object) elements(keys ...string) []json.RawMessage {
	list, _ := first(o, "a list", func(raw json.RawMessage) ([]json.RawMessage, bool) {
		if out, ok := elements(raw); ok {
			return out, true
		}
		if bytes.TrimSpace(raw)[0] == '{' {
			return []json.RawMessage{raw}, true
		}
		return nil, false
	}, keys)
	return list
}

func trimBOM(b []byte) []byte { return bytes.TrimSpace(bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))) }

// tooDeep returns a problem if the nesting is too deep, else "". It runs before any decoder.
func tooDeep(b []byte) string {
	depth, inString := 0, false
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case inString:
			if c == '\\' {
				i++
			} else if c == '"' {
				inString = false
			}
		case c == '"':
			inString = true
		case c == '{' || c == '[':
			if depth++; depth > maxDepth {
				return fmt.Sprintf("the response is nested deeper than %d levels", maxDepth)
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return ""
}

// jsonBody checks that the body is one JSON text of limited depth, and otherwise returns the problem.
func jsonBody(ans *answer) (json.RawMessage, string) {
	body := trimBOM(ans.body)
	deep := tooDeep(body)
	switch {
	case len(body) == 0:
		return nil, "the response has no body"
	case deep != "":
		return nil, deep
	case !json.Valid(body):
		if isHTML(ans.header, body) {
			return nil, "the response is a web page instead of JSON"
		}
		return nil, "the response is not JSON: " + ans.excerpt()
	}
	return body, ""
}

// objectBody returns the object in a body, bare or under "data". null reports whether it is null: the object does not
// exist.
func objectBody(ans *answer) (raw json.RawMessage, null bool, problem string) {
	body, problem := jsonBody(ans)
	if problem != "" {
		return nil, false, problem
	}
	if isNull(body) {
		return nil, true, ""
	}
	o, ok := knownObject(body, "", nil)
	if !ok {
		return nil, false, "the response is not a JSON object: " + ans.excerpt()
	}
	data, enveloped := o.find("data")
	switch {
	case !enveloped || o.has("id"):
		return body, false, ""
	case isNull(data):
		return nil, true, ""
	case bytes.HasPrefix(bytes.TrimSpace(data), []byte("{")):
		return data, false, ""
	}
	return body, false, ""
}
