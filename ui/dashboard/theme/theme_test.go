package theme

import (
	"reflect"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"domdoc/catalog"

	"github.com/charmbracelet/x/ansi"
)

// paints are all paints of a theme by name.
func paints(t *testing.T, th *Theme) map[string]Paint {
	t.Helper()
	out := map[string]Paint{}
	v := reflect.ValueOf(*th)
	for i := range v.NumField() {
		if !v.Type().Field(i).IsExported() {
			continue
		}
		if p, ok := v.Field(i).Interface().(Paint); ok {
			out[v.Type().Field(i).Name] = p
		}
	}
	if len(out) < 8 {
		t.Fatalf("found %d paints only", len(out))
	}
	return out
}

func TestColour(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		opt  Options
		want bool
	}{
		"default":                {Options{}, true},
		"auto":                   {Options{Color: "auto", Env: []string{"TERM=xterm-256color"}}, true},
		"never":                  {Options{Color: "never"}, false},
		"NO_COLOR":               {Options{Color: "auto", Env: []string{"NO_COLOR=1"}}, false},
		"NO_COLOR empty":         {Options{Color: "auto", Env: []string{"NO_COLOR="}}, true},
		"always beats NO_COLOR":  {Options{Color: "always", Env: []string{"NO_COLOR=1"}}, true},
		"dumb terminal":          {Options{Env: []string{"TERM=dumb"}}, false},
		"the last value is used": {Options{Env: []string{"NO_COLOR=1", "NO_COLOR="}}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			th := New(c.opt)
			if th.Colour != c.want {
				t.Fatalf("Colour = %v, want %v", th.Colour, c.want)
			}
			for name, p := range paints(t, th) {
				if got := p.Do("word"); !c.want && got != "word" {
					t.Errorf("%s paints %q without colours", name, got)
				}
				if got := string(p.Append(nil, "word")); got != p.Do("word") {
					t.Errorf("%s: Append gives %q, Do %q", name, got, p.Do("word"))
				}
			}
			if got := th.Base().Render("word"); got != "word" {
				t.Errorf("the base style paints %q", got)
			}
		})
	}
}

// TestPalette holds the palette to the terminal's own 16 colours, without any background and without bright black.
func TestPalette(t *testing.T) {
	t.Parallel()
	sgr := regexp.MustCompile(`\x1b\[([0-9;]*)m`)
	for name, p := range paints(t, New(Options{Color: "always"})) {
		s := p.Do("word")
		for _, m := range sgr.FindAllStringSubmatch(s, -1) {
			for _, n := range strings.Split(m[1], ";") {
				switch n {
				case "", "0", "1", "2", "7", "31", "32", "33", "35", "36":
				default:
					t.Errorf("%s uses SGR %s", name, n)
				}
			}
		}
		if ansi.Strip(s) != "word" {
			t.Errorf("%s changes the text: %q", name, s)
		}
	}
}

func checkGlyph(t *testing.T, set, name, s string) {
	t.Helper()
	if ansi.StringWidth(s) != 1 {
		t.Errorf("%s %s: %q is %d cells wide", set, name, s, ansi.StringWidth(s))
	}
	for _, r := range s {
		if unicode.Is(unicode.Co, r) && set != "plain" || set == "ascii" && r > unicode.MaxASCII {
			t.Errorf("%s %s: %q", set, name, s)
		}
	}
}

func TestGlyphs(t *testing.T) {
	t.Parallel()
	for name, g := range map[string]Glyphs{"unicode": unicodeGlyphs(), "ascii": asciiGlyphs(), "plain": plainGlyphs()} {
		v := reflect.ValueOf(g)
		for i := range v.NumField() {
			s := v.Field(i).String()
			if v.Field(i).Kind() == reflect.Array {
				for n := range v.Field(i).Len() - 1 {
					checkGlyph(t, name, v.Type().Field(i).Name, v.Field(i).Index(n).String())
				}
				s = v.Field(i).Index(v.Field(i).Len() - 1).String()
			}
			checkGlyph(t, name, v.Type().Field(i).Name, s)
		}
		severities := map[string]bool{}
		for _, s := range []string{g.Pass, g.Warn, g.Fail, g.Wait, g.Inconclusive, g.None} {
			if severities[s] {
				t.Errorf("%s: %q says two things", name, s)
			}
			severities[s] = true
		}
	}
}

func TestVerdicts(t *testing.T) {
	t.Parallel()
	th := New(Options{Color: "always"})
	for _, v := range []catalog.Verdict{
		catalog.NotRun, catalog.Pass, catalog.Warn, catalog.Fail, catalog.Inconclusive,
		catalog.Blocked,
	} {
		glyph, paint := th.Verdict(v)
		if glyph == "" || paint.Do("x") == "x" {
			t.Errorf("%s has glyph %q and paints %q", v, glyph, paint.Do("x"))
		}
		if v == catalog.NotRun {
			continue
		}
		if g, _ := th.Status(v.String()); g != glyph {
			t.Errorf("status %s has glyph %q, the verdict %q", v, g, glyph)
		}
	}
	if g, _ := th.Status("skipped"); g != th.None {
		t.Errorf("skipped has glyph %q", g)
	}
}

func TestFinish(t *testing.T) {
	t.Parallel()
	const frame = "✓ pass … › “shop” 例え – e\u0301 \x1b[31mred\x1b[0m\n· end"
	for name, env := range map[string][]string{
		"C locale": {"LC_ALL=C"}, "latin": {"LANG=en_US.ISO-8859-1"}, "console": {"TERM=linux", "LANG=en_US.UTF-8"},
	} {
		got := New(Options{Color: "always", Env: env}).Finish(frame)
		for _, r := range got {
			if r > unicode.MaxASCII {
				t.Errorf("%s: %q is left in %q", name, r, got)
			}
		}
		for i, l := range strings.Split(frame, "\n") {
			if g := strings.Split(got, "\n")[i]; ansi.StringWidth(g) != ansi.StringWidth(l) {
				t.Errorf("%s: %q became %q of another width", name, l, g)
			}
		}
	}
	for name, env := range map[string][]string{
		"nothing said": nil, "utf-8": {"LANG=C.UTF-8"},
		"LC_ALL wins": {"LC_ALL=de_DE.utf8", "LANG=C"},
	} {
		if got := New(Options{Env: env}).Finish(frame); got != frame {
			t.Errorf("%s: changed to %q", name, got)
		}
	}
}

// TestPlainLines checks what becomes of a line that is read aloud.
func TestPlainLines(t *testing.T) {
	t.Parallel()
	th := New(Options{Plain: true, Color: "always", Env: []string{"LANG=C.UTF-8"}})
	if th.Colour || th.Bad.Do("x") != "x" {
		t.Error("plain lines have colours")
	}
	for line, want := range map[string]string{
		"domdoc  sandbox " + th.Sep + " help":                                  "domdoc, sandbox, help",
		"  shop.example.com    " + th.Fail + " fail    004 010   ":             "shop.example.com, fail, 004 010",
		"> shop.example.com    " + th.Wait + " waiting":                        "> shop.example.com, waiting",
		">     dns   asked":                                                    "> dns, asked",
		th.Pass + " 2 healthy  " + th.Inconclusive + " 1 could not be checked": "2 healthy, 1 could not be checked",
		th.Fail + " the wallet cannot pay":                                     "fault: the wallet cannot pay",
		th.Inconclusive +
			" the registry could not be queried": "not known: the registry could not be queried",
		"1 findings  3 records " + th.Fail + "  4 certificate " +
			th.Warn: "1 findings, 3 records (fault), 4 certificate (warning)",
		"    " + th.Under + " the record is missing":               "the record is missing",
		"[" + th.Done + th.Done + th.Left + "] diagnosing 5 of 11": "diagnosing 5 of 11",
		"valid until  2026-05-01  [" + th.Done + th.Left + "]":     "valid until, 2026-05-01",
		"[1 findings]  2 propagation":                              "[1 findings], 2 propagation",
		"":                                                         "",
		"      ":                                                   "",
		th.None + " not yet":                                       "not yet",
		th.None + " listed only by the zone":                       "listed only by the zone",
	} {
		if got := th.Finish(line); got != want {
			t.Errorf("%q becomes %q, want %q", line, got, want)
		}
	}
	if got := th.Finish("a\n\n   \nb"); got != "a\nb" {
		t.Errorf("empty lines: %q", got)
	}
	ascii := New(Options{Plain: true, Env: []string{"LC_ALL=C"}})
	if got := ascii.Finish(th.Pass + " “shop” …"); got != "good: \"shop\" ~" {
		t.Errorf("in ASCII: %q", got)
	}
}
