package theme

import (
	"regexp"
	"strings"
)

// In plain lines, glyphs are words. While a frame is laid out each is one cell wide, as everywhere: a character that
// no text has. Finish puts the words in their place, where it can be seen what stands beside them.
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
		Mark: "*", Watch: "@", MarkWatch: "&", Spark: asciiGlyphs().Spark,
	}
}

// plainWord is what a glyph says where no word beside it does.
func plainWord(r rune) string {
	switch r {
	case plainPass:
		return "good"
	case plainWarn:
		return "warning"
	case plainFail:
		return "fault"
	case plainWait:
		return "waiting"
	case plainInconclusive:
		return "not known"
	}
	return ""
}

var (
	plainBar    = regexp.MustCompile(`\[[` + string(plainDone) + string(plainLeft) + `]*\] ?`)
	plainSigns  = regexp.MustCompile(`[` + string(plainPass) + `-` + string(plainUnder) + `]`)
	plainSpaces = regexp.MustCompile(` {2,}`)
)

// saysItself are the words before which a glyph is not read: they say the same.
var saysItself = regexp.MustCompile(
	`^(\d|pass|warn|fail|waiting|inconclus|blocked|skipped|not |no ` +
		`|match|differs|missing|seen|partly|gone|extra|invalid|unknown|healthy)`)

// plainLine makes a line of a frame one that is read aloud well: words for glyphs, no bars, and a comma where a gap
// tells columns apart.
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
		case !spaced || strings.HasPrefix(rest, " ") || rest == "": // it ends something: the name of a tab
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

// plainFrame makes a frame plain lines. Empty ones are left out.
func plainFrame(frame string) string {
	var out []string
	for l := range strings.SplitSeq(frame, "\n") {
		if l = plainLine(l); l != "" {
			out = append(out, l)
		}
	}
	return strings.Join(out, "\n")
}
