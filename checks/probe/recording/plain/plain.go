// Package plain reads large JSON files in the spelling in which programs write them, without reflection and without
// keeping the text. It accepts less than encoding/json and never means anything else: for what it does not accept, and
// for the words of an error, read the file again with encoding/json.
package plain

import (
	"bytes"
	"encoding/base64"
	"io"
	"time"
	"unicode/utf16"
	"unicode/utf8"
)

// Reader reads JSON values one after the other. After the first value that is not plain, all methods return zero values
// and Failed returns true. Not plain are null, names with escapes or of more than maxName octets, numbers other than
// integers, text that is not UTF-8, and all that is not JSON.
type Reader struct {
	in     io.Reader
	buf    []byte // read, and not yet consumed from at on
	at     int
	ended  bool
	failed bool
	name   [maxName]byte
}

const (
	maxName    = 32
	bufferSize = 256 << 10 // octets; a longer string enlarges the buffer
)

// NewReader returns a reader of a stream.
func NewReader(in io.Reader) *Reader { return &Reader{in: in, buf: make([]byte, 0, bufferSize)} }

// Failed reports whether something was not plain, or could not be read.
func (r *Reader) Failed() bool { return r.failed }

// Fail makes the reader fail: the value is not one that the caller understands.
func (r *Reader) Fail() { r.failed = true }

// more reads more of the stream behind what is not consumed yet, which then begins at 0. It returns false at the end.
func (r *Reader) more() bool {
	if r.ended || r.failed {
		return false
	}
	if r.at > 0 {
		r.buf = r.buf[:copy(r.buf, r.buf[r.at:])]
		r.at = 0
	}
	if len(r.buf) == cap(r.buf) {
		r.buf = append(make([]byte, 0, 2*cap(r.buf)), r.buf...)
	}
	for range 100 { // readers may return nothing, but not for ever
		n, err := r.in.Read(r.buf[len(r.buf):cap(r.buf)])
		r.buf = r.buf[:len(r.buf)+n]
		if err != nil {
			r.ended = true
			r.failed = r.failed || err != io.EOF
		}
		if n > 0 || r.ended {
			return n > 0
		}
	}
	r.failed = true
	return false
}

// peek skips white space and returns the next octet, 0 at the end.
func (r *Reader) peek() byte {
	for {
		for ; r.at < len(r.buf); r.at++ {
			switch c := r.buf[r.at]; c {
			case ' ', '\n', '\r', '\t':
			default:
				return c
			}
		}
		if !r.more() {
			return 0
		}
	}
}

// take consumes the next octet, which must be c.
func (r *Reader) take(c byte) bool {
	if r.failed || r.peek() != c {
		r.failed = true
		return false
	}
	r.at++
	return true
}

// Open reads the beginning of an object ('{') or array ('['), and reports whether something is in it. Name and the
// methods for values read that, and Next what follows:
//
//	for more := r.Open('{'); more; more = r.Next('}') {
func (r *Reader) Open(delim byte) bool {
	if !r.take(delim) {
		return false
	}
	if r.peek() == delim+2 { // in ASCII both pairs of brackets are two apart
		r.at++
		return false
	}
	return true
}

// Next reads what follows a value in an object or array that ends with delim, and reports whether it is another value.
func (r *Reader) Next(delim byte) bool {
	if r.failed {
		return false
	}
	switch r.peek() {
	case ',':
		r.at++
		return true
	case delim:
		r.at++
		return false
	}
	r.failed = true
	return false
}

// End reads the end of the stream: nothing but white space may follow.
func (r *Reader) End() {
	if !r.failed && (r.peek() != 0 || r.at < len(r.buf)) {
		r.failed = true
	}
}

// Name reads the name of a value in an object, and the colon. It is valid until the next call of Name.
func (r *Reader) Name() []byte {
	s, escaped := r.quoted()
	if escaped || len(s) > maxName || !isText(s) {
		r.failed = true
		return nil
	}
	n := copy(r.name[:], s)
	r.take(':')
	return r.name[:n]
}

// quoted reads a string and returns what is between its quotes, until the next call, and whether it has escapes.
func (r *Reader) quoted() (s []byte, escaped bool) {
	if !r.take('"') {
		return nil, false
	}
	for n := 0; ; { // octets that are known to belong to the string
		part := r.buf[r.at+n:]
		if end := bytes.IndexByte(part, '"'); end < 0 {
			if n += len(part); !r.more() {
				r.failed = true
				return nil, false
			}
		} else {
			n += end
			s = r.buf[r.at : r.at+n]
			if !quoteEscaped(s) {
				r.at += n + 1
				return s, bytes.IndexByte(s, '\\') >= 0
			}
			n++
		}
	}
}

// quoteEscaped reports whether a text ends with an odd number of backslashes: the quote behind it does not end it.
func quoteEscaped(s []byte) bool {
	odd := false
	for i := len(s) - 1; i >= 0 && s[i] == '\\'; i-- {
		odd = !odd
	}
	return odd
}

// isText reports whether a text is UTF-8 and has none of the characters that JSON must escape.
func isText(s []byte) bool {
	ascii := true
	for _, c := range s {
		if c < ' ' {
			return false
		}
		ascii = ascii && c < utf8.RuneSelf
	}
	return ascii || utf8.Valid(s)
}

// String reads a string and appends it to dst.
func (r *Reader) String(dst []byte) []byte {
	s, escaped := r.quoted()
	switch {
	case r.failed || !isText(s):
		r.failed = true
		return dst
	case !escaped:
		return append(dst, s...)
	}
	for {
		at := bytes.IndexByte(s, '\\')
		if at < 0 {
			return append(dst, s...)
		}
		dst = append(dst, s[:at]...)
		var n int
		if dst, n = unescape(dst, s[at:]); n == 0 {
			r.failed = true
			return dst
		}
		s = s[at+n:]
	}
}

// unescape appends what an escape sequence at the beginning of s stands for, and returns its length, 0 if it is none.
func unescape(dst, s []byte) ([]byte, int) {
	const short, unicode, pair = 2, 6, 12 // lengths
	if len(s) < short {
		return dst, 0
	}
	switch s[1] {
	case '"', '\\', '/':
		return append(dst, s[1]), short
	case 'b':
		return append(dst, '\b'), short
	case 'f':
		return append(dst, '\f'), short
	case 'n':
		return append(dst, '\n'), short
	case 'r':
		return append(dst, '\r'), short
	case 't':
		return append(dst, '\t'), short
	case 'u':
		first := hex4(s)
		if first < 0 {
			return dst, 0
		}
		if !utf16.IsSurrogate(first) {
			return utf8.AppendRune(dst, first), unicode
		}
		second := hex4(s[unicode:])
		if r := utf16.DecodeRune(first, second); r != utf8.RuneError {
			return utf8.AppendRune(dst, r), pair
		}
	}
	return dst, 0
}

// hex4 reads \uXXXX; -1 if it is something else.
func hex4(s []byte) rune {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return -1
	}
	v := rune(0)
	for _, c := range s[2:6] {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return -1
		}
		v = v<<4 | rune(c)
	}
	return v
}

// Base64 reads a string in base64 (RFC 4648, with padding) and appends its octets to dst.
func (r *Reader) Base64(dst []byte) []byte {
	s, _ := r.quoted() // the alphabet has no backslash
	// The decoder would skip the line breaks that JSON does not have in a string.
	if r.failed || bytes.ContainsAny(s, "\r\n") {
		r.failed = true
		return dst
	}
	dst, err := base64.StdEncoding.AppendDecode(dst, s)
	r.failed = err != nil
	return dst
}

// Int reads an integer between two bounds.
func (r *Reader) Int(least, most int64) int64 {
	s := r.scalar()
	negative := len(s) > 0 && s[0] == '-'
	if negative {
		s = s[1:]
	}
	const digits = 18 // that fit
	if len(s) == 0 || len(s) > digits || s[0] == '0' && len(s) > 1 {
		r.failed = true
		return 0
	}
	v := int64(0)
	for _, c := range s {
		if c < '0' || c > '9' {
			r.failed = true
			return 0
		}
		v = 10*v + int64(c-'0')
	}
	if negative {
		v = -v
	}
	if v < least || v > most {
		r.failed = true
		return 0
	}
	return v
}

// Bool reads true or false.
func (r *Reader) Bool() bool {
	switch string(r.scalar()) {
	case "true":
		return true
	case "false":
	default:
		r.failed = true
	}
	return false
}

// scalar reads a number or a word, valid until the next call.
func (r *Reader) scalar() []byte {
	if r.failed || r.peek() == 0 {
		r.failed = true
		return nil
	}
	for n := 0; ; n++ {
		if r.at+n == len(r.buf) && !r.more() {
			break
		}
		switch r.buf[r.at+n] {
		case ',', '}', ']', ' ', '\n', '\r', '\t':
			s := r.buf[r.at : r.at+n]
			r.at += n
			return s
		}
	}
	r.failed = true // a number at the top is of no use here
	return nil
}

// Time reads a time in UTC (RFC 3339).
func (r *Reader) Time() (t time.Time) {
	s, _ := r.quoted() // a time has no backslash
	if r.failed || t.UnmarshalText(s) != nil || t.Location() != time.UTC {
		r.failed = true
		return time.Time{}
	}
	return t
}

// Raw reads any value and returns its text until the next call. It finds the value's end, and does not look for errors
// in it.
func (r *Reader) Raw() []byte {
	switch r.peek() {
	case '{', '[', '"':
	default:
		return r.scalar()
	}
	inString := false
	for n, depth := 0, 0; ; n++ {
		if r.at+n == len(r.buf) && !r.more() {
			r.failed = true
			return nil
		}
		switch c := r.buf[r.at+n]; {
		case c == '"':
			inString = !inString || quoteEscaped(r.buf[r.at:r.at+n])
		case inString:
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			depth--
		}
		if !inString && depth == 0 {
			s := r.buf[r.at : r.at+n+1]
			r.at += n + 1
			return s
		}
	}
}
