package report

import (
	"fmt"
	"strings"
	"unicode"
)

// mdText writes a sentence with everything but plain words as code, so that nothing in it becomes markup, a link, a
// mention or a reference to an issue.
func mdText(s string) string {
	var b strings.Builder
	for _, p := range spans(s) {
		switch {
		case p.Code:
			b.WriteString(mdCode(p.Text))
		case p.Text == ">":
			b.WriteString(`\>`) // between the steps of a menu
		default:
			b.WriteString(p.Text)
		}
	}
	return b.String()
}

// mdSentence is mdText with a capital first letter.
func mdSentence(s string) string { return mdText(sentence(s)) }

// mdCode writes text as code, delimited by more backticks than it contains in a row (CommonMark 6.1).
func mdCode(s string) string {
	s = mdLine(s)
	if strings.TrimSpace(s) == "" {
		return "` `"
	}
	fence := strings.Repeat("`", mdRun(s)+1)
	if s[0] == '`' || s[len(s)-1] == '`' || s[0] == ' ' && s[len(s)-1] == ' ' {
		return fence + " " + s + " " + fence
	}
	return fence + s + fence
}

// mdLine replaces line breaks and other control characters.
func mdLine(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, s)
}

// mdRun is the length of the longest run of backticks.
func mdRun(s string) int {
	longest, run := 0, 0
	for _, r := range s {
		if r != '`' {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	return longest
}

// mdCellCode writes code in a table cell. A bar ends the cell even inside code, and parsers disagree on a backslash
// before it. Text with either is written as HTML code, with an entity for every special character.
func mdCellCode(s string) string {
	if !strings.ContainsAny(s, `|\`) {
		return mdCode(s)
	}
	var b strings.Builder
	for _, r := range mdLine(s) {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || r == ' ' {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, "&#%d;", r)
		}
	}
	return "<code>" + b.String() + "</code>"
}

// mdCell writes a sentence in a table cell.
func mdCell(s string) string {
	if strings.ContainsAny(s, `|\`) {
		return mdCellCode(s)
	}
	return mdText(s)
}

// mdFence writes a code block.
func mdFence(language string, lines []string) string {
	longest := 2
	for _, l := range lines {
		longest = max(longest, mdRun(l))
	}
	fence := strings.Repeat("`", longest+1)
	var b strings.Builder
	b.WriteString(fence + language + "\n")
	for _, l := range lines {
		b.WriteString(mdLine(l) + "\n")
	}
	b.WriteString(fence + "\n")
	return b.String()
}
