package theme

import (
	"regexp"
	"strings"
)

// In plain lines, glyphs are words. In the layout each is one cell wide, as usual: a character that no text contains.
// Finish replaces them by words, depending on the text next to them.
const (
	plainPass = '\uE000' + iota
	plainWarn
	plainFail
	plainWait
	plainInconclusive
	plainNone
	plainUnder
	plainSep
	plainDone
	plainLeft
)

func plainGlyphs() Glyphs {
	return Glyphs{
		Pass: string(plainPass), Warn: string(plainWarn), Fail: string(plainFail), Wait: string(plainWait),
		Inconclusive: string(plainInconclusive),
		None:         string(plainNone), Under: string(plainUnder), Pointer: ">", Cursor: "|", More: "…",
		Done: string(plainDone), Left: string(plainLeft), Sep: string(plainSep),
		Rising: "^", Falling: "v",
		Mark: "*", Watch: "@", MarkWatch: "&", Spark: asciiGlyphs().Spark,
	}
}

// plainWord is the word of a glyph if the text next to it does not say the same.
func plainWord(r rune) string {
	switch r {
	case plainPass:
		return "pass"
	case plainWarn:
		return "warn"
	case plainFail:
		return "fail"
	case plainWait:
		return "waiting"
	case plainInconclusive:
		return "not checked"
	}
	return ""
}

var (
	plainBar    = regexp.MustCompile(`\[[` + string(plainDone) + string(plainLeft) + `]*\] ?`)
	plainSigns  = regexp.MustCompile(`[` + string(plainPass) + `-` + string(plainUnder) + `]`)
	plainSpaces = regexp.MustCompile(` {2,}`)
)

// saysItself matches the words before which a glyph is not read: they say the same.
var saysItself = regexp.MustCompile(
	`^(\d|pass|warn|fail|waiting|inconclus|blocked|skipped|not |no ` +
		`|match|differs|missing|seen|partly|gone|extra|invalid|unknown|healthy)`)

// plainLine converts a line of a frame for reading aloud: words for glyphs, no bars, and a comma for a gap between
// columns.
func plainLine(s string) string {
	s = strings.TrimRight(plainBar.ReplaceAllString(s, ""), " ")
	s = strings.ReplaceAll(s, " "+string(plainSep)+" ", ", ")
	for {
		at := plainSigns.FindStringIndex(s)
		if at == nil {
			break
		}
		word := plainWord([]rune(s[at[0]:at[1]])[0])
		before, after := s[:at[0]], s[at[1]:]
		rest, spaced := strings.CutPrefix(after, " ")
		switch {
		case !spaced || strings.HasPrefix(rest, " ") || rest == "": // it is at the end: the name of a tab
			if word != "" {
				word = "(" + word + ")"
			}
			s = before + word + after
		case word == "" || saysItself.MatchString(rest):
			s = before + rest
		default:
			s = before + word + ": " + rest
		}
	}
	s, pointed := strings.CutPrefix(s, ">")
	s = plainSpaces.ReplaceAllString(strings.TrimSpace(s), ", ")
	if pointed {
		s = "> " + s
	}
	return s
}

// plainFrame converts a frame to plain lines, without empty ones.
func plainFrame(frame string) string {
	var out []string
	for l := range strings.SplitSeq(frame, "\n") {
		if l = plainLine(l); l != "" {
			out = append(out, l)
		}
	}
	return strings.Join(out, "\n")
}
