package foreign

import (
	"regexp/syntax"
	"slices"
	"strings"
)

// hints returns texts of which every match of a regular expression contains one; nil if there are none. Most texts
// contain no hint of most messages, which is much faster to see than that the expression does not match.
func hints(pattern string) []string {
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return nil
	}
	return required(re.Simplify())
}

func required(re *syntax.Regexp) []string {
	switch re.Op {
	case syntax.OpLiteral:
		if re.Flags&syntax.FoldCase != 0 {
			return nil
		}
		return []string{string(re.Rune)}
	case syntax.OpCapture, syntax.OpPlus:
		return required(re.Sub[0])
	case syntax.OpConcat:
		var best []string
		for _, sub := range re.Sub {
			if h := required(sub); len(h) > 0 && (best == nil || better(h, best)) {
				best = h
			}
		}
		return best
	case syntax.OpAlternate:
		var all []string
		for _, sub := range re.Sub {
			h := required(sub)
			if len(h) == 0 {
				return nil
			}
			all = append(all, h...)
		}
		slices.Sort(all)
		return slices.Compact(all)
	default:
		return nil
	}
}

// better reports whether hints are rarer in a text than others.
func better(a, b []string) bool {
	if n := shortest(a) - shortest(b); n != 0 {
		return n > 0
	}
	return len(a) < len(b)
}

func shortest(list []string) int {
	n := len(list[0])
	for _, s := range list {
		n = min(n, len(s))
	}
	return n
}

// mayMatch reports whether a text contains a hint of the message.
func (m *Message) mayMatch(text string) bool {
	return m.hints == nil || slices.ContainsFunc(m.hints, func(h string) bool { return strings.Contains(text, h) })
}
