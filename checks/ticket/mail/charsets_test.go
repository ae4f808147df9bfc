package mail

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding/htmlindex"
)

// releaseCharsets returns the character sets as a release has them.
func releaseCharsets(t *testing.T) *charsets {
	t.Helper()
	cmd := exec.Command("go", "run", "./.packaging/charsets")
	cmd.Dir, cmd.Stderr = "../../..", os.Stderr
	raw, err := cmd.Output()
	if err != nil {
		t.Fatalf("the tables cannot be made: %v", err)
	}
	c, err := readCharsets(raw)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestCharsets compares the character sets of a release with golang.org/x/text: every label, every character that a set
// has, and texts in them.
func TestCharsets(t *testing.T) {
	t.Parallel()
	c := releaseCharsets(t)
	if len(c.Labels) < 200 || len(c.Sets) < 35 {
		t.Errorf("%d labels of %d sets", len(c.Labels), len(c.Sets))
	}
	for _, label := range []string{"no such set", " ISO-8859-1 ", "Shift_JIS", "latin1", "", "hz-gb-2312"} {
		e, _ := charset.Lookup(label)
		if _, ok := c.decode(label, nil); ok != (e != nil) {
			t.Errorf("label %q: %t, want %t", label, ok, e != nil)
		}
	}
	for label, name := range c.Labels {
		if e, err := htmlindex.Get(label); err != nil {
			t.Errorf("label %q: %v", label, err)
		} else if want, err := htmlindex.Name(e); err != nil || want != name {
			t.Errorf("label %q is %s, want %s (%v)", label, name, want, err)
		}
	}
	for name, set := range c.Sets {
		var single [][]byte
		for b := range 256 {
			if b != '\n' && b != 0x1b && !strings.HasPrefix(name, "utf-16") && name != "replacement" {
				single = append(single, []byte{byte(b)})
			}
		}
		compareLines(t, c, name, single)
		for lead := 0x81; lead <= 0xfe && (set.Double || set.Same != ""); lead++ {
			compareLines(t, c, name, longCodes(byte(lead)))
		}
		compareText(t, c, name)
	}
}

// longCodes returns codes of two to four bytes.
func longCodes(lead byte) (codes [][]byte) {
	for trail := byte(0x30); trail <= 0xfe; trail++ {
		codes = append(codes, []byte{lead, trail}, []byte{0x8f, lead, trail})
		if trail <= '9' {
			codes = append(codes, []byte{lead, trail, 0x81, 0x35}, []byte{lead, trail, 0xfe, 0x39})
		}
	}
	return codes
}

// compareLines decodes codes, one on each line. Where they mean nothing, only the lines must stay.
func compareLines(t *testing.T, c *charsets, name string, codes [][]byte) {
	t.Helper()
	if len(codes) == 0 {
		return
	}
	e, _ := charset.Lookup(name)
	b := bytes.Join(codes, []byte("\n"))
	want, err := e.NewDecoder().String(string(b))
	got, ok := c.decode(name, b)
	lines, wants := strings.Split(got, "\n"), strings.Split(want, "\n")
	if err != nil || !ok || len(lines) != len(codes) || len(wants) != len(codes) {
		t.Fatalf("%s: %d lines, want %d (%v, %t)", name, len(lines), len(wants), err, ok)
	}
	for i, want := range wants {
		if lines[i] != want && !strings.ContainsRune(want, utf8.RuneError) {
			t.Fatalf("%s: % x is %q, want %q", name, codes[i], lines[i], want)
		}
	}
}

// compareText decodes a text of those characters that the set has.
func compareText(t *testing.T, c *charsets, name string) {
	t.Helper()
	const text = "Grüße an Jürgen, привет, 例えば、日本語テキスト。汉字 한국어 ﾊﾝｶｸ ¥"
	e, _ := charset.Lookup(name)
	encoded, err := e.NewEncoder().String(strings.Map(func(r rune) rune {
		if _, err := e.NewEncoder().String(string(r)); err != nil {
			return '?'
		}
		return r
	}, text))
	if err != nil {
		return // the set is for decoding only
	}
	want, err := e.NewDecoder().String(encoded)
	if got, ok := c.decode(name, []byte(encoded)); err != nil || !ok || got != want {
		t.Errorf("%s: %q, want %q (%v)", name, got, want, err)
	}
}

// TestDamagedText: what means nothing neither ends nor hides the rest.
func TestDamagedText(t *testing.T) {
	t.Parallel()
	c := releaseCharsets(t)
	for _, label := range []string{
		"gb18030", "big5", "euc-jp", "shift_jis", "euc-kr", "iso-2022-jp", "windows-874",
		"utf-16le",
	} {
		for _, b := range []string{
			"\xff\xff ok", "\x81", "\x81\x30\x81", "\x8f\xa1", "\xfe\x20 ok",
			"\x1b$B\x7f\x7f\x1b(B ok", "\x1b(Zok",
		} {
			got, ok := c.decode(label, []byte(b))
			if !ok || !utf8.ValidString(got) || strings.HasSuffix(b, " ok") && label != "utf-16le" &&
				!strings.HasSuffix(got, " ok") {
				t.Errorf("%s: %q is %q", label, b, got)
			}
		}
	}
}
