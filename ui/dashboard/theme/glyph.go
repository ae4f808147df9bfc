package theme

import "domdoc/catalog"

// Glyphs are the signs of the dashboard. Each is one cell wide: none is of the private use area (fonts lack those),
// none is an emoji, and besides the ellipsis, which terminals agree on, none has an ambiguous East Asian width.
type Glyphs struct {
	Pass, Warn, Fail, Wait, Inconclusive, None string
	Under                                      string    // stands before what follows from something else
	Pointer                                    string    // the selected row, so that it is seen without reverse video
	Cursor                                     string    // the place in a text field
	More                                       string    // text that was cut off
	Done, Left                                 string    // of a progress bar
	Sep                                        string    // between the parts of a title
	Mark, Watch, MarkWatch                     string    // before a row that is marked, watched or both
	Spark                                      [4]string // of a sparkline, the least first
}

func unicodeGlyphs() Glyphs {
	return Glyphs{
		Pass: "✓", Warn: "!", Fail: "✗", Wait: "~", Inconclusive: "?", None: "-", Under: "↳", Pointer: "›", Cursor: "|",
		More: "…",
		Done: "=", Left: " ", Sep: "›", Mark: "*", Watch: "@", MarkWatch: "&",
		Spark: [4]string{"⣀", "⣤", "⣶", "⣿"},
	}
}

func asciiGlyphs() Glyphs {
	return Glyphs{
		Pass: "+", Warn: "!", Fail: "x", Wait: "~", Inconclusive: "?", None: "-", Under: "\\", Pointer: ">", Cursor: "|",
		More: "~",
		Done: "=", Left: " ", Sep: ">", Mark: "*", Watch: "@", MarkWatch: "&",
		Spark: [4]string{"_", "-", "=", "#"},
	}
}

// Verdict is how a verdict is shown: its glyph and its colour. The word is the verdict's own.
func (t *Theme) Verdict(v catalog.Verdict) (string, Paint) {
	switch v {
	case catalog.Pass:
		return t.Pass, t.Good
	case catalog.Warn:
		return t.Warn, t.Warning
	case catalog.Fail:
		return t.Fail, t.Bad
	case catalog.Inconclusive:
		return t.Inconclusive, t.Unknown
	case catalog.Blocked:
		return t.Under, t.Faint
	case catalog.NotRun:
	}
	return t.None, t.Faint
}

// Status is how a check's status is shown: the verdicts' words, and "skipped".
func (t *Theme) Status(status string) (string, Paint) {
	for _, v := range []catalog.Verdict{
		catalog.Pass, catalog.Warn, catalog.Fail, catalog.Inconclusive,
		catalog.Blocked,
	} {
		if v.String() == status {
			return t.Verdict(v)
		}
	}
	return t.None, t.Faint
}
