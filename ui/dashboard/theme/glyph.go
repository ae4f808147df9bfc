package theme

import "domdoc/catalog"

// Glyphs are the symbols of the dashboard. Each is one cell wide: none is in the private use area (which fonts lack)
// or an emoji, and except for the ellipsis, on which terminals agree, none has an ambiguous East Asian width.
type Glyphs struct {
	Pass, Warn, Fail, Wait, Inconclusive, None string
	Under                                      string // before a consequence of something else
	// the selected row, so that it is visible without reverse video
	Pointer                string
	Cursor                 string    // the cursor in a text field
	More                   string    // text that was cut off
	Done, Left             string    // of a progress bar
	Sep                    string    // between the parts of a title
	Rising, Falling        string    // behind the title of the column that a list is sorted by
	Mark, Watch, MarkWatch string    // before a row that is marked, watched or both
	Spark                  [4]string // of a sparkline, the least first
}

func unicodeGlyphs() Glyphs {
	return Glyphs{
		Pass: "✓", Warn: "!", Fail: "✗", Wait: "~", Inconclusive: "?", None: "-", Under: "↳", Pointer: "›", Cursor: "|",
		More: "…",
		Done: "=", Left: " ", Sep: "›", Rising: "↑", Falling: "↓", Mark: "*", Watch: "@", MarkWatch: "&",
		Spark: [4]string{"⣀", "⣤", "⣶", "⣿"},
	}
}

func asciiGlyphs() Glyphs {
	return Glyphs{
		Pass: "+", Warn: "!", Fail: "x", Wait: "~", Inconclusive: "?", None: "-", Under: "\\", Pointer: ">", Cursor: "|",
		More: "~",
		Done: "=", Left: " ", Sep: ">", Rising: "^", Falling: "v", Mark: "*", Watch: "@", MarkWatch: "&",
		Spark: [4]string{"_", "-", "=", "#"},
	}
}

// Verdict returns the glyph and color of a verdict. The word is the verdict's own.
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

// Status returns the words of a check's status: those of the verdicts, and "skipped".
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
