package story

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Line is a line that is split into words. Quotation marks keep words together; # starts a comment.
type Line struct {
	Number int    // in the file, from 1; 0 for a line from elsewhere
	Text   string // without its comment
	Words  []string
	ends   []int // the end of each word in Text
}

func (l Line) Word(i int) string {
	if i < len(l.Words) {
		return l.Words[i]
	}
	return ""
}

// Rest returns the text after the first n words as written.
func (l Line) Rest(n int) string {
	if n > len(l.ends) {
		return ""
	}
	return strings.TrimSpace(l.Text[l.ends[n-1]:])
}

// Wrap adds the line's number and text to an error.
func (l Line) Wrap(err error) error {
	if err == nil {
		return nil
	}
	if l.Number == 0 {
		return fmt.Errorf("%q: %w", l.Text, err)
	}
	return fmt.Errorf("line %d: %q: %w", l.Number, l.Text, err)
}

// Option returns the value of a word "key=value".
func (l Line) Option(key string) (string, bool) {
	for _, w := range l.Words {
		if v, ok := strings.CutPrefix(w, key+"="); ok {
			return v, true
		}
	}
	return "", false
}

// Plain returns the words after the first, without options, of a line of the section story.
func (l Line) Plain() []string { return forms[l.Word(0)].plain(l) }

// ReadLines splits a text into lines and leaves out empty ones. The number of the first line in the file is first.
func ReadLines(text string, first int) ([]Line, error) {
	out := make([]Line, 0, 1+strings.Count(text, "\n"))
	for i, t := range strings.Split(text, "\n") {
		l, err := ReadLine(t)
		if l.Number = first + i; err != nil {
			return nil, l.Wrap(err)
		}
		if len(l.Words) > 0 {
			out = append(out, l)
		}
	}
	return out, nil
}

func ReadLine(s string) (Line, error) {
	s = strings.TrimSpace(s)
	l := Line{Text: s}
	begin, quoted := -1, false // of a word; none
	var text []byte            // of a word with quotation marks; nil for another
	flush := func(at int) {
		if begin < 0 {
			return
		}
		word := s[begin:at]
		if text != nil {
			word = string(text)
		}
		if l.Words == nil {
			most := 1 + strings.Count(s[at:], " ") + strings.Count(s[at:], "\t")
			l.Words, l.ends = make([]string, 0, most), make([]int, 0, most)
		}
		l.Words, l.ends = append(l.Words, word), append(l.ends, at)
		begin, text = -1, nil
	}
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && quoted && i+1 < len(s):
			i++
			text = append(text, s[i])
		case c == '"':
			if begin < 0 {
				begin = i
			}
			if text == nil {
				text = append([]byte{}, s[begin:i]...)
			}
			quoted = !quoted
		case c == '#' && !quoted && begin < 0:
			l.Text = strings.TrimSpace(s[:i])
			return l, nil
		case (c == ' ' || c == '\t' || c == '\r') && !quoted:
			flush(i)
		default:
			if begin < 0 {
				begin = i
			}
			if text != nil {
				text = append(text, c)
			}
		}
	}
	flush(len(s))
	if quoted {
		return l, fmt.Errorf("the last quotation mark is not closed")
	}
	return l, nil
}

// units are the units of times.
var units = map[byte]time.Duration{
	's': time.Second, 'm': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour,
	'y': 365 * 24 * time.Hour,
}

// ParseTime parses a time relative to now: "3d" is three days ago, "+200d" in 200 days, "0" now.
func ParseTime(s string, now time.Time) (time.Time, error) {
	no := fmt.Errorf("invalid time %q: use 90s, 20m, 3h, 2d or 1y for the past, +2d for the future", s)
	sign := time.Duration(-1)
	if strings.HasPrefix(s, "+") {
		sign, s = 1, s[1:]
	}
	if s == "0" {
		return now, nil
	}
	if len(s) < 2 {
		return time.Time{}, no
	}
	n, err := strconv.ParseUint(s[:len(s)-1], 10, 63)
	unit := units[s[len(s)-1]]
	if err != nil || unit == 0 || n > uint64(math.MaxInt64/unit) {
		return time.Time{}, no
	}
	return now.Add(sign * time.Duration(n) * unit), nil
}
