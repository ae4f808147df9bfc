package ticket

import (
	"slices"
	"strings"

	"domdoc/catalog/lazyregexp"
)

// filler matches what a line of a list has beside names.
var filler = lazyregexp.New(`^[\s\d*•–.,;&+()"'-]*(?:(?:and|or|und|oder|et|ou|y|e|o)\b[\s"']*)?$`)

// below assigns the names in the list below a line: the lines with nothing but names, with or without empty lines
// between them, after the rest of the line's paragraph. A list has at least a number of names.
func (r *Report) below(text string, mentions []mention, line [2]int, least int) bool {
	var names, ids []string
	intro := true
	for at := line[1]; at < len(text); {
		span := lineAround(text, at+1, at+1)
		span[0] = at
		own := within(mentions, span)
		switch empty := strings.TrimSpace(text[span[0]:span[1]]) == ""; {
		case empty:
			intro = false
		case soleNames(text, mentions, span):
			intro = false
			for _, m := range own {
				if m.id != "" {
					ids = appendMissing(ids, m.id)
				} else {
					names = appendMissing(names, m.name)
				}
			}
		case !intro || len(own) > 0:
			at = len(text)
			continue
		}
		at = span[1]
	}
	if len(names)+len(ids) < max(least, 1) {
		return false
	}
	likely := slices.Clone(r.Names[:r.Likely])
	for _, n := range names {
		likely = appendMissing(likely, n)
	}
	rest := r.Names[r.Likely:]
	r.Names, r.Likely = likely, len(likely)
	for _, n := range rest {
		r.Names = appendMissing(r.Names, n)
	}
	for _, id := range ids {
		r.IDs = appendMissing(r.IDs, id)
	}
	return true
}

// leastBelow returns how many names make a list below a code's line: one where all lists stand below their codes, and
// more than there can be where there is a list above the line.
func leastBelow(text string, mentions []mention, codes []codeAt, line [2]int) int {
	switch {
	case aboveAll(mentions, codes[0]):
		return 1
	case soleNames(text, mentions, lineBefore(text, line[0])):
		return maxTicketMentions + 1
	}
	return 2
}

// soleNames reports whether a line has names or ids, and no other words.
func soleNames(text string, mentions []mention, line [2]int) bool {
	own := within(mentions, line)
	at := line[0]
	for _, m := range own {
		if m.end > line[1] || m.at < at || !filler.MatchString(text[at:m.at]) {
			return false
		}
		at = m.end
	}
	return len(own) > 0 && filler.MatchString(text[at:line[1]])
}

// lineBefore returns the last line with text before a position.
func lineBefore(text string, at int) [2]int {
	end := len(strings.TrimRight(text[:at], " \t\n"))
	return [2]int{strings.LastIndexByte(text[:end], '\n') + 1, end}
}

// aboveAll reports whether a code stands before all of some mentions.
func aboveAll(mentions []mention, c codeAt) bool {
	return len(mentions) == 0 || mentions[0].at > c.at
}
