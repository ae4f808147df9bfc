// Command charsets writes the character sets of golang.org/x/text for checks/ticket/mail/charsets.go: what each byte,
// or pair of bytes, means in each of them. In the program, the tables of the library are four times as large: they
// are not compressed, and serve encoding as well.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
)

type charset struct {
	Same   string            `json:"same,omitempty"`
	Single string            `json:"single,omitempty"`
	Pairs  map[string]string `json:"pairs,omitempty"`
	Ranges [][2]int          `json:"ranges,omitempty"`
	Double bool              `json:"double,omitempty"`
	Triple bool              `json:"triple,omitempty"`

	grids [][]rune
}

func main() {
	all, err := labels()
	if err == nil {
		err = write(all)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "charsets:", err)
		os.Exit(1)
	}
}

// labels returns the labels that the library knows.
func labels() ([]string, error) {
	dir, err := exec.Command("go", "list", "-f", "{{.Dir}}", "golang.org/x/text/encoding/htmlindex").Output()
	if err != nil {
		return nil, err
	}
	source, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "tables.go"))
	if err != nil {
		return nil, err
	}
	var out []string
	for _, m := range regexp.MustCompile(`(?m)^\s+"([^"]+)":\s+\w+,$`).FindAllSubmatch(source, -1) {
		out = append(out, string(m[1]))
	}
	if len(out) < 200 {
		return nil, errors.New("the table of labels cannot be read")
	}
	return out, nil
}

func write(labels []string) error {
	out := struct {
		Labels map[string]string  `json:"labels"`
		Sets   map[string]charset `json:"sets"`
	}{map[string]string{}, map[string]charset{}}
	for _, l := range labels {
		e, err := htmlindex.Get(l)
		if err != nil {
			return fmt.Errorf("%s: %w", l, err)
		}
		name, err := htmlindex.Name(e)
		if err != nil {
			return fmt.Errorf("%s: %w", l, err)
		}
		out.Labels[l] = name
		if _, known := out.Sets[name]; !known {
			out.Sets[name] = table(name, e)
		}
	}
	same := out.Sets["gbk"]
	if gb := out.Sets["gb18030"]; slices.Equal(gb.grids[0], same.grids[0]) && gb.Single == same.Single {
		out.Sets["gbk"] = charset{Same: "gb18030"}
	}
	if err := json.NewEncoder(os.Stdout).Encode(out); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(out.Sets)) {
		for _, g := range out.Sets[name].grids {
			if _, err := os.Stdout.Write(planes(g)); err != nil {
				return err
			}
		}
	}
	return nil
}

// planes returns the differences between code points, their highest bytes first: so they are compressed best.
func planes(grid []rune) []byte {
	out := make([]byte, 3*len(grid))
	before := rune(0)
	for i, r := range grid {
		d := r - before
		out[i], out[len(grid)+i], out[2*len(grid)+i] = byte(d>>16), byte(d>>8), byte(d)
		before = r
	}
	return out
}

// none stands for bytes that mean nothing: none of those in the tables is a space.
const none = " "

func table(name string, e encoding.Encoding) (c charset) {
	if slices.Contains([]string{"utf-8", "utf-16be", "utf-16le", "replacement", "iso-2022-jp"}, name) {
		return c // these have none
	}
	single := func(lead int) string { return decode(e, byte(lead)) }
	c.Single = row(0x80, 0xff, single)
	if !slices.Contains([]string{"big5", "gbk", "gb18030", "euc-jp", "euc-kr", "shift_jis"}, name) {
		return c
	}
	c.Double, c.Pairs = true, map[string]string{}
	c.grids = append(c.grids, grid(0x81, 0xfe, 0x40, 0xfe, func(lead, trail byte) string {
		if single(int(lead)) != none {
			return none
		}
		s := decode(e, lead, trail)
		if utf8.RuneCountInString(s) > 1 {
			c.Pairs[fmt.Sprintf("%02x%02x", lead, trail)] = s
			return none
		}
		return s
	}))
	switch name {
	case "euc-jp":
		c.Triple = true
		c.grids = append(c.grids, grid(0xa1, 0xfe, 0xa1, 0xfe, func(b, d byte) string { return decode(e, 0x8f, b, d) }))
	case "gb18030":
		c.Ranges = ranges(e)
	}
	return c
}

// grid returns the characters of pairs of bytes; 0 for those that mean nothing.
func grid(from, to, from2, to2 int, of func(a, b byte) string) (out []rune) {
	for a := from; a <= to; a++ {
		for b := from2; b <= to2; b++ {
			r, _ := utf8.DecodeRuneInString(of(byte(a), byte(b)))
			if r == ' ' {
				r = 0
			}
			out = append(out, r)
		}
	}
	return out
}

// ranges returns where runs of four bytes begin, as numbers, and the characters there; 0 where they mean nothing.
func ranges(e encoding.Encoding) (out [][2]int) {
	before := -1
	for n := range 126 * 10 * 126 * 10 {
		s := decode(e, byte(0x81+n/12600), byte(0x30+n/1260%10), byte(0x81+n/10%126), byte(0x30+n%10))
		r, first := 0, -1
		if s != none {
			c, _ := utf8.DecodeRuneInString(s)
			r, first = int(c), int(c)-n
		}
		if first != before {
			out, before = append(out, [2]int{n, r}), first
		}
	}
	return out
}

func row(from, to int, of func(int) string) string {
	var b strings.Builder
	for i := from; i <= to; i++ {
		b.WriteString(of(i))
	}
	return strings.TrimRight(b.String(), none)
}

func decode(e encoding.Encoding, code ...byte) string {
	s, err := e.NewDecoder().Bytes(code)
	if err != nil || len(s) == 0 || strings.ContainsRune(string(s), utf8.RuneError) {
		return none
	}
	return string(s)
}
