// Package layout lays out text for a terminal: colors, labels, wrapped paragraphs, and the words and glyphs for
// verdicts.
package layout

import (
	"strings"
	"time"

	"domdoc/catalog"
)

// Style is how text is laid out: with colors or not, and how wide.
type Style struct {
	Color bool
	Width int // in cells; 0 is 100
	Now   time.Time
	// Zone is the reader's time zone; nil is this machine's. Text for another reader is in UTC.
	Zone *time.Location
	// Reader is who reads it.
	Reader catalog.Reader
}

// The terminal's own colors (SGR parameters), which fit the user's palette.
const (
	Bold   = "1"
	Dim    = "2"
	Red    = "31"
	Green  = "32"
	Yellow = "33"
	Cyan   = "36"
)

// Paint colors a text if the style has colors.
func (s Style) Paint(text string, codes ...string) string {
	if !s.Color || text == "" {
		return text
	}
	return "\x1b[" + strings.Join(codes, ";") + "m" + text + "\x1b[0m"
}

// Columns is the width of a line.
func (s Style) Columns() int {
	if s.Width <= 0 {
		return 100
	}
	return max(s.Width, 40)
}

// Mark is a state as a glyph and a word, in color: never by color alone.
func (s Style) Mark(state catalog.State) string {
	text := StateMark(state)
	switch state {
	case catalog.StatePass:
		return s.Paint(text, Green)
	case catalog.StateWarn, catalog.StateWaiting:
		return s.Paint(text, Yellow)
	case catalog.StateFail:
		return s.Paint(text, Red, Bold)
	case catalog.StateNotChecked:
		return s.Paint(text, Cyan)
	case catalog.StateNone, catalog.States:
	}
	return text
}

// StateMark is a state as a glyph and a word.
func StateMark(s catalog.State) string { return s.Glyph() + " " + s.Word() }

// PartialMark is the mark of a domain that passes only because findings are left out.
const PartialMark = "· pass"

// MarkPartial is the mark of a domain that passes only because findings are left out.
func (s Style) MarkPartial() string {
	return s.Paint(PartialMark, Dim)
}

// Say returns a sentence of the catalog in words and times for the reader.
func (s Style) Say(sentence string) string { return catalog.InZone(s.Reader.Words(sentence), s.zone()) }

func (s Style) zone() *time.Location {
	if s.Zone == nil {
		return time.Local
	}
	return s.Zone
}

// Clock is a time in the reader's zone, with the date if it is not within 20 hours.
func (s Style) Clock(t time.Time) string {
	now := s.Now
	if now.IsZero() {
		now = time.Now()
	}
	t = t.In(s.zone())
	if t.Sub(now) < 20*time.Hour && now.Sub(t) < 20*time.Hour {
		return t.Format("15:04 MST")
	}
	return t.Format("2006-01-02 15:04 MST")
}

// VerdictGlyph is the glyph of a check's verdict; its word is always next to it.
func VerdictGlyph(v catalog.Verdict) string {
	if v == catalog.Blocked {
		return "·"
	}
	return catalog.StateOf(v, false).Glyph()
}

// VerdictWord is the word for the verdict of a check, or of a finding as it was.
func VerdictWord(v catalog.Verdict) string {
	if v == catalog.Blocked {
		return "consequence"
	}
	return catalog.StateOf(v, false).Word()
}
