package mail

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// charsets are the character sets of mails (https://encoding.spec.whatwg.org), as .packaging/charsets writes them for
// a release from the tables of golang.org/x/text.
type charsets struct {
	Labels map[string]string        `json:"labels"` // of the sets, in lower case
	Sets   map[string]*charsetTable `json:"sets"`
}

// charsetTable is what bytes from 0x80 on mean.
type charsetTable struct {
	Same   string            `json:"same"`   // as that set; else:
	Single string            `json:"single"` // 0x80 to 0xff; a space is nothing
	Pairs  map[string]string `json:"pairs"`  // two bytes in hexadecimal that mean several characters
	Ranges [][2]int          `json:"ranges"` // of four bytes: the first number, its character (0: none)
	Double bool              `json:"double"` // there is a table of pairs of bytes
	Triple bool              `json:"triple"` // ... and one of pairs after 0x8f

	single         []rune
	double, triple grid
}

// grid has a character for each pair of bytes; 0 if it means nothing.
type grid struct {
	runes         []rune
	first, second byte // those that it begins with
	width         int
}

func (g *grid) at(a, b byte) (r rune, ok bool) {
	i := int(a-g.first)*g.width + int(b-g.second)
	if a < g.first || b < g.second || int(b-g.second) >= g.width || i >= len(g.runes) {
		return 0, false
	}
	return g.runes[i], g.runes[i] != 0
}

// read reads a table: for each pair the difference to the character before it, the highest bytes of all first.
func (g *grid) read(raw []byte, height int) (rest []byte, err error) {
	n := height * g.width
	if len(raw) < 3*n {
		return nil, errors.New("a table is too short")
	}
	g.runes = make([]rune, n)
	before := uint32(0)
	for i := range g.runes {
		before = (before + (uint32(raw[i])<<16 | uint32(raw[n+i])<<8 | uint32(raw[2*n+i]))) & 0xffffff
		g.runes[i] = rune(before)
	}
	return raw[3*n:], nil
}

func readCharsets(raw []byte) (*charsets, error) {
	head, raw, _ := bytes.Cut(raw, []byte("\n"))
	var c charsets
	if err := json.Unmarshal(head, &c); err != nil {
		return nil, err
	}
	var err error
	for _, name := range slices.Sorted(maps.Keys(c.Sets)) {
		set := c.Sets[name]
		set.single = []rune(set.Single)
		if set.Double {
			set.double = grid{first: 0x81, second: 0x40, width: 0xff - 0x40}
			if raw, err = set.double.read(raw, 0xff-0x81); err != nil {
				return nil, err
			}
		}
		if set.Triple {
			set.triple = grid{first: 0xa1, second: 0xa1, width: 0xff - 0xa1}
			if raw, err = set.triple.read(raw, 0xff-0xa1); err != nil {
				return nil, err
			}
		}
	}
	return &c, nil
}

// decode returns a text in UTF-8; ok is false if there is no such character set. What means nothing becomes U+FFFD.
func (c *charsets) decode(label string, b []byte) (text string, ok bool) {
	name, ok := c.Labels[strings.ToLower(strings.TrimSpace(label))]
	if !ok {
		return "", false
	}
	switch name {
	case "utf-8":
		return string([]rune(string(b))), true
	case "utf-16be", "utf-16le":
		return decode16(b, name == "utf-16be"), true
	case "iso-2022-jp":
		return c.decode2022(b), true
	case "replacement":
		if len(b) == 0 {
			return "", true
		}
		return string(utf8.RuneError), true
	}
	set := c.Sets[name]
	if set.Same != "" {
		set = c.Sets[set.Same]
	}
	return set.decode(b), true
}

func decode16(b []byte, big bool) string {
	units := make([]uint16, 0, len(b)/2)
	for i := 0; i+1 < len(b); i += 2 {
		if big {
			units = append(units, uint16(b[i])<<8|uint16(b[i+1]))
		} else {
			units = append(units, uint16(b[i+1])<<8|uint16(b[i]))
		}
	}
	text := string(utf16.Decode(units))
	if len(b)%2 == 1 {
		text += string(utf8.RuneError)
	}
	return text
}

func (c *charsetTable) decode(b []byte) string {
	var out strings.Builder
	for len(b) > 0 {
		text, n := c.next(b)
		out.WriteString(text)
		b = b[n:]
	}
	return out.String()
}

// next decodes the first character of a text, and returns of how many bytes it is.
func (c *charsetTable) next(b []byte) (text string, size int) {
	if b[0] < utf8.RuneSelf {
		return string(rune(b[0])), 1
	}
	if i := int(b[0] - utf8.RuneSelf); i < len(c.single) && c.single[i] != ' ' {
		return string(c.single[i]), 1
	}
	if len(b) > 1 && c.Double {
		if r, ok := c.double.at(b[0], b[1]); ok {
			return string(r), 2
		}
		if s, ok := c.Pairs[strconv.FormatUint(uint64(b[0])<<8|uint64(b[1]), 16)]; ok {
			return s, 2
		}
	}
	if len(b) > 2 && b[0] == 0x8f {
		if r, ok := c.triple.at(b[1], b[2]); ok {
			return string(r), 3
		}
	}
	if len(b) > 3 {
		if r, ok := c.four(b); ok {
			return string(r), 4
		}
	}
	if len(b) > 1 && b[1] >= utf8.RuneSelf && c.Double {
		return string(utf8.RuneError), 2
	}
	return string(utf8.RuneError), 1
}

// four decodes four bytes of GB 18030.
func (c *charsetTable) four(b []byte) (r rune, ok bool) {
	within := func(b, low, high byte) bool { return b >= low && b <= high }
	if len(c.Ranges) == 0 || !within(b[0], 0x81, 0xfe) || !within(b[1], '0', '9') || !within(b[2], 0x81, 0xfe) ||
		!within(b[3], '0', '9') {
		return 0, false
	}
	n := ((int(b[0]-0x81)*10+int(b[1]-'0'))*126+int(b[2]-0x81))*10 + int(b[3]-'0')
	i := 0
	for i+1 < len(c.Ranges) && c.Ranges[i+1][0] <= n {
		i++
	}
	from := c.Ranges[i]
	return rune(from[1] + n - from[0]), from[0] <= n && from[1] != 0
}

// decode2022 decodes ISO-2022-JP, whose escape sequences select parts of EUC-JP (RFC 1468).
func (c *charsets) decode2022(b []byte) string {
	const (
		ascii = iota
		roman
		kana
		double
		triple
	)
	escapes := []struct {
		bytes string
		mode  int
	}{
		{"\x1b(B", ascii},
		{"\x1b(J", roman},
		{"\x1b(I", kana},
		{"\x1b$@", double},
		{"\x1b$B", double},
		{"\x1b$(D", triple},
	}
	var out strings.Builder
	mode := ascii
next:
	for len(b) > 0 {
		for _, e := range escapes {
			if strings.HasPrefix(string(b[:min(len(b), 4)]), e.bytes) {
				mode, b = e.mode, b[len(e.bytes):]
				continue next
			}
		}
		var code []byte
		size := 1
		switch {
		case b[0] >= utf8.RuneSelf || b[0] == 0x1b:
		case b[0] < 0x21 && mode != ascii && mode != roman, mode == ascii:
			code = b[:1]
		case mode == roman && b[0] == '\\':
			out.WriteString("¥")
			b = b[1:]
			continue
		case mode == roman && b[0] == '~':
			out.WriteString("‾")
			b = b[1:]
			continue
		case mode == roman:
			code = b[:1]
		case mode == kana:
			code = []byte{0x8e, b[0] | 0x80}
		case len(b) == 1:
		case mode == double:
			code, size = []byte{b[0] | 0x80, b[1] | 0x80}, 2
		default:
			code, size = []byte{0x8f, b[0] | 0x80, b[1] | 0x80}, 2
		}
		text := string(utf8.RuneError)
		if len(code) > 0 {
			if s, n := c.Sets["euc-jp"].next(code); n == len(code) {
				text = s
			}
		}
		out.WriteString(text)
		b = b[size:]
	}
	return out.String()
}
