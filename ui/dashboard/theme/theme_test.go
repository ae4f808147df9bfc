package theme

import (
	"math"
	"reflect"
	"regexp"
	"strconv"
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
		th.Fail + " the wallet cannot pay":                                     "fail: the wallet cannot pay",
		th.Inconclusive +
			" the registry could not be queried": "not checked: the registry could not be queried",
		"1 findings  3 records " + th.Fail + "  4 certificate " +
			th.Warn: "1 findings, 3 records (fail), 4 certificate (warn)",
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
	if got := ascii.Finish(th.Pass + " “shop” …"); got != "pass: \"shop\" ~" {
		t.Errorf("in ASCII: %q", got)
	}
}

// sgrColour is the color of a paint in the 256-color palette.
var sgrColour = regexp.MustCompile(`38;5;(\d+)`)

// rgb returns a color of the cube (16 to 231) or of the grays (232 to 255) of 256-color terminals.
func rgb(t *testing.T, n int) [3]float64 {
	t.Helper()
	level := func(i int) float64 { return [...]float64{0, 95, 135, 175, 215, 255}[i] }
	switch {
	case n >= 232 && n < 256:
		gray := float64(8 + 10*(n-232))
		return [3]float64{gray, gray, gray}
	case n >= 16 && n < 232:
		n -= 16
		return [3]float64{level(n / 36), level(n / 6 % 6), level(n % 6)}
	}
	t.Fatalf("color %d is the user's own", n)
	return [3]float64{}
}

// contrast is the contrast ratio of two colors (WCAG 2.2, contrast ratio and relative luminance).
func contrast(a, b [3]float64) float64 {
	luminance := func(c [3]float64) float64 {
		var lin [3]float64
		for i, v := range c {
			if v /= 255; v <= 0.04045 {
				lin[i] = v / 12.92
			} else {
				lin[i] = math.Pow((v+0.055)/1.055, 2.4)
			}
		}
		return 0.2126*lin[0] + 0.7152*lin[1] + 0.0722*lin[2]
	}
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// TestContrast computes the contrast of every color of the light and dark palettes with the backgrounds that are in
// use: at least 4.5:1. The formula has the known values for black and for the gray that is just enough on white.
func TestContrast(t *testing.T) {
	t.Parallel()
	white, black := [3]float64{255, 255, 255}, [3]float64{}
	if c := contrast(white, black); math.Abs(c-21) > 0.01 {
		t.Fatalf("black on white has %.2f", c)
	}
	if c := contrast(white, [3]float64{0x76, 0x76, 0x76}); math.Abs(c-4.54) > 0.01 {
		t.Fatalf("#767676 on white has %.2f", c)
	}
	backgrounds := map[string][][3]float64{
		"light": {white, {0xfd, 0xf6, 0xe3}, {0xfa, 0xfa, 0xfa}, {0xee, 0xee, 0xee}, {0xef, 0xf1, 0xf5}},
		"dark": {
			black,
			{0x1e, 0x1e, 0x1e},
			{0x28, 0x28, 0x28},
			{0x00, 0x2b, 0x36},
			{0x28, 0x2a, 0x36},
			{0x2e, 0x34, 0x40},
		},
	}
	for name, list := range backgrounds {
		th := New(Options{Theme: name, Env: []string{"TERM=xterm-256color"}})
		colours := 0
		for role, p := range paints(t, th) {
			m := sgrColour.FindStringSubmatch(p.Do("x"))
			if m == nil {
				continue // the terminal's own foreground
			}
			colours++
			n, err := strconv.Atoi(m[1])
			if err != nil {
				t.Fatal(err)
			}
			for _, bg := range list {
				if c := contrast(rgb(t, n), bg); c < 4.5 {
					t.Errorf("%s: %s (color %d) has a contrast of %.2f on %v", name, role, n, c, bg)
				}
			}
		}
		if colours < 7 {
			t.Errorf("%s has %d colors", name, colours)
		}
		if strings.Contains(th.Faint.Do("x"), "\x1b[2m") {
			t.Errorf("%s: faint text has a contrast that nobody knows", name)
		}
	}
}

// TestThemes chooses palettes: the user's setting, what the terminal says about its background, and a terminal with
// 16 colors, which keeps its own.
func TestThemes(t *testing.T) {
	t.Parallel()
	const rich = "TERM=xterm-256color"
	for name, c := range map[string]struct {
		opt  Options
		want string
	}{
		"nothing is known":     {Options{Env: []string{rich}}, "terminal"},
		"a light background":   {Options{Env: []string{rich, "COLORFGBG=0;15"}}, "light"},
		"a dark background":    {Options{Env: []string{rich, "COLORFGBG=15;0"}}, "terminal"},
		"three parts":          {Options{Env: []string{rich, "COLORFGBG=0;default;15"}}, "light"},
		"the setting counts":   {Options{Theme: "dark", Env: []string{rich, "COLORFGBG=0;15"}}, "dark"},
		"16 colors":            {Options{Theme: "light", Env: []string{"TERM=xterm"}}, "terminal"},
		"16 colors, no color":  {Options{Theme: "contrast", Env: []string{"TERM=xterm"}}, "contrast"},
		"true color by itself": {Options{Theme: "dark", Env: []string{"TERM=foot", "COLORTERM=truecolor"}}, "dark"},
	} {
		if got := c.opt.chosen(Lookup(c.opt.Env)); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
	for _, name := range Names() {
		if _, ok := palettes()[name]; !ok {
			t.Errorf("%s has no palette", name)
		}
	}
	for role, p := range paints(t, New(Options{Theme: "contrast", Env: []string{rich}})) {
		if s := p.Do("x"); strings.Contains(s, "[3") || strings.Contains(s, "\x1b[2m") {
			t.Errorf("contrast: %s is %q", role, s)
		}
	}
}
