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

// Mark is a verdict as a glyph and a word, in color: never by color alone.
func (s Style) Mark(v catalog.Verdict) string {
	codes := map[catalog.Verdict][]string{
		catalog.Pass: {Green}, catalog.Warn: {Yellow}, catalog.Fail: {Red, Bold},
		catalog.Inconclusive: {Cyan}, catalog.Blocked: {Dim},
	}[v]
	if codes == nil {
		return VerdictGlyph(v) + " " + VerdictWord(v)
	}
	return s.Paint(VerdictGlyph(v)+" "+VerdictWord(v), codes...)
}

// PartialWord is the state of a domain that passes only because findings are left out.
const PartialWord = "passes"

// MarkPartial is the mark of a domain that passes only because findings are left out.
func (s Style) MarkPartial() string {
	return s.Paint(VerdictGlyph(catalog.Blocked)+" "+PartialWord, Dim)
}

// Clock is a time in the reader's zone, with the date if it is not within 20 hours.
func (s Style) Clock(t time.Time) string {
	now := s.Now
	if now.IsZero() {
		now = time.Now()
	}
	zone := s.Zone
	if zone == nil {
		zone = time.Local
	}
	t = t.In(zone)
	if t.Sub(now) < 20*time.Hour && now.Sub(t) < 20*time.Hour {
		return t.Format("15:04 MST")
	}
	return t.Format("2006-01-02 15:04 MST")
}

// VerdictGlyph is the glyph of a verdict; its word is always next to it.
func VerdictGlyph(v catalog.Verdict) string {
	switch v {
	case catalog.Pass:
		return "✓"
	case catalog.Warn:
		return "!"
	case catalog.Fail:
		return "✗"
	case catalog.Inconclusive:
		return "?"
	case catalog.Blocked:
		return "·"
	case catalog.NotRun:
	}
	return " "
}

// VerdictWord is the word for a verdict.
func VerdictWord(v catalog.Verdict) string {
	switch v {
	case catalog.Pass:
		return "healthy"
	case catalog.Warn:
		return "warning"
	case catalog.Fail:
		return "fails"
	case catalog.Inconclusive:
		return "could not check"
	case catalog.Blocked:
		return "consequence"
	case catalog.NotRun:
	}
	return "not checked"
}
