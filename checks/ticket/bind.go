package ticket

import (
	"slices"
	"sort"
	"strings"

	"domdoc/catalog/lazyregexp"
	"domdoc/checks/subject"
)

// Report is one code or error message of a ticket and the domains that it is about.
type Report struct {
	subject.Reported          // without a code where there is only a message
	Error            string   // the name of an error message of other software; empty for a code
	IDs              []string // ids of domains next to the code
	Names            []string // domain names next to the code, the likely ones first
	// Likely is how many of Names the code is probably about; the others are merely mentioned.
	Likely int
	// Near means that the names are on the same line or in the same object, or are the only ones in the text.
	Near bool
}

// mention is a name or id and its position in the text.
type mention struct {
	at, end  int
	name, id string
}

// listed matches the text between enumerated names, which may be the items of a list.
var listed = lazyregexp.New(`^[\s,;/&+"'()\[\]]*(?:(?:and|or|und|oder|et|ou|y|e|o)\b)?[\s,;/&+"'()\[\]]*` +
	`(?:\n[ \t]*(?:[-*•–]|\d{1,3}[.)])[ \t"']*)?$`)

// bullet matches the sign before an item of a list.
var bullet = lazyregexp.New(`\n[ \t]*(?:[-*•–]|\d{1,3}[.)])[ \t"']*$`)

// continued matches the text between enumerated names of which a line break separates the second: a line break alone
// also separates the lines of a log.
var continued = lazyregexp.New(`[,;&+]|\b(?:and|or|und|oder|et|ou|y|e|o)\b|` + bullet.String())

// codeAt is a code or an error message and its position in the text.
type codeAt struct {
	subject.Reported
	message string // the name of an error message of other software, in place of a code
	at, end int
	span    [2]int // of the JSON object that contains it; empty for a bare code
	words   bool   // the code is said in words
}

// bind determines which domains each code is about.
func (t *Ticket) bind(text string, codes []codeAt, mentions []mention) {
	sort.SliceStable(codes, func(i, j int) bool { return codes[i].at < codes[j].at })
	lines := breaks(text, "\n")
	paragraphs := breaks(text, "\n\n")
	for _, c := range codes {
		r := Report{Reported: c.Reported, Error: c.message}
		line := around(lines, c.at, c.end, len(text))
		paragraph := around(paragraphs, c.at, c.end, len(text))
		beside := within(mentions, paragraph)
		switch {
		case c.span[1] > 0 && r.take(text, within(mentions, c.span), codesIn(codes, c.span), c):
			r.Near = true
		case r.take(text, within(mentions, line), codesIn(codes, line), c):
			r.Near = true
			r.inClause(text, mentions, line, c)
			r.extend(text, beside, line)
		case r.heads(text, mentions, codes, c, line):
			r.Near = true
			r.below(text, mentions, line, 2)
		case aboveAll(beside, c) && r.below(text, mentions, line, leastBelow(text, mentions, codes, line)):
			r.Near = true
		case r.take(text, beside, codesIn(codes, paragraph), c):
			r.Near = len(mentions) == 1
			if apart(text, codes, beside, paragraph) {
				r.Likely = len(r.Names)
			}
		default:
			r.nearest(text, mentions, c)
			r.Near = len(mentions) == 1
			// those before it, else those after it
			if beside = within(mentions, [2]int{0, c.at}); len(beside) == 0 {
				beside = mentions
			}
		}
		for _, m := range beside { // another line says so, but a line of a table is about its own domain only
			if (m.at < line[0] || m.at >= line[1]) && !cell(text, m) {
				t.beside = appendMissing(t.beside, m.name+m.id)
			}
		}
		t.addReport(r)
	}
}

// clauseEnd matches what separates statements in a line: the end of a sentence, or a word for a contrast.
var clauseEnd = lazyregexp.New(`(?i)[.;!?。；！？]\s|[。；！？]|[,，]\s*(?:but|however|while|whereas|only|aber|jedoch|` +
	`während|nur|mais|tandis ` +
	`que|pero|mientras|ma|mentre|mas|maar|men|но)\s|\b(?:but|aber|mais|pero|maar)\s|、?(?:しかし|だが|でも)|但是?`)

// inClause prefers the mentions in the statement of a line that has the code.
func (r *Report) inClause(text string, mentions []mention, line [2]int, c codeAt) {
	clause := line
	for _, m := range clauseEnd.FindAllStringIndex(text[line[0]:line[1]], -1) {
		switch at := line[0] + m[1]; {
		case at <= c.at:
			clause[0] = at
		case line[0]+m[0] >= c.end:
			clause[1] = min(clause[1], line[0]+m[0])
		}
	}
	var likely []string
	for _, m := range within(mentions, clause) {
		if m.name != "" {
			likely = appendMissing(likely, m.name)
		}
	}
	if len(likely) == 0 || clause == line || slices.ContainsFunc(likely, func(n string) bool {
		return slices.Contains(r.Names[:r.Likely], n)
	}) {
		return
	}
	rest := r.Names
	r.Names, r.Likely = likely, len(likely)
	for _, n := range rest {
		r.Names = appendMissing(r.Names, n)
	}
}

// heads assigns the names in the list that a code heads: lines after "DOMAIN_004:" up to the next code or empty line.
func (r *Report) heads(text string, mentions []mention, codes []codeAt, c codeAt, line [2]int) bool {
	if !strings.HasSuffix(strings.TrimSpace(text[line[0]:line[1]]), ":") {
		return false
	}
	end := len(text)
	if i := strings.Index(text[line[1]:], "\n\n"); i > 0 {
		end = line[1] + i
	}
	for _, o := range codes {
		if o.at > line[1] {
			end = min(end, lineAround(text, o.at, o.end)[0])
		}
	}
	for _, m := range within(mentions, [2]int{line[1], max(line[1], end)}) {
		if m.id != "" {
			r.IDs = appendMissing(r.IDs, m.id)
		} else {
			r.Names = appendMissing(r.Names, m.name)
		}
	}
	r.Likely = len(r.Names)
	return len(r.IDs)+len(r.Names) > 0
}

// take assigns the mentions in one section of the text; all are the codes in it.
func (r *Report) take(text string, mentions []mention, all []codeAt, c codeAt) bool {
	if len(mentions) == 0 {
		return false
	}
	for _, m := range mentions {
		if m.id != "" {
			r.IDs = appendMissing(r.IDs, m.id)
		}
	}
	groups := grouped(text, namesOf(mentions))
	if len(groups) == 0 {
		return len(r.IDs) > 0
	}
	g := 0
	if i := slices.IndexFunc(all, func(f codeAt) bool { return f.at == c.at }); len(all) > 1 &&
		len(all) == len(groups) && i >= 0 {
		g = i // as many names as codes: they correspond
		r.IDs = nil
		for _, m := range mentions {
			if m.id != "" && m.at >= c.span[0] && m.end <= c.span[1] {
				r.IDs = appendMissing(r.IDs, m.id)
			}
		}
		groups = groups[g : g+1]
		g = 0
	} else if len(all) > 1 {
		for i := range groups { // the last one before the code, or else the first one after it
			if groups[i][0].at < c.at {
				g = i
			}
		}
	}
	for _, m := range groups[g] {
		r.Names = appendMissing(r.Names, m.name)
	}
	r.Likely = len(r.Names)
	for _, group := range groups {
		for _, m := range group {
			r.Names = appendMissing(r.Names, m.name)
		}
	}
	return true
}

// extend adds the names with which those of a line are enumerated on the lines before and after it.
func (r *Report) extend(text string, mentions []mention, line [2]int) {
	for _, group := range grouped(text, namesOf(mentions)) {
		mine := slices.IndexFunc(group, func(m mention) bool {
			return m.at >= line[0] && m.end <= line[1] && slices.Contains(r.Names[:r.Likely], m.name)
		})
		if mine < 0 {
			continue
		}
		joins := func(a, b mention) bool {
			between := text[a.end:b.at]
			return !strings.Contains(between, "\n") || continued.MatchString(between) && !cell(text, b)
		}
		first, last := mine, mine
		for first > 0 && joins(group[first-1], group[first]) {
			first--
		}
		for last+1 < len(group) && joins(group[last], group[last+1]) {
			last++
		}
		likely := r.Names[:r.Likely:r.Likely]
		for _, m := range group[first : last+1] {
			likely = appendMissing(likely, m.name)
		}
		rest := r.Names[r.Likely:]
		r.Names, r.Likely = likely, len(likely)
		for _, n := range rest {
			r.Names = appendMissing(r.Names, n)
		}
	}
}

// cell reports whether a name is a field of a table.
func cell(text string, m mention) bool {
	after := text[m.end:lineAround(text, m.at, m.end)[1]]
	return fieldEnd.MatchString(after) || strings.HasPrefix(strings.TrimLeft(after, " "), "|")
}

// fieldEnd matches the end of a field of a line of CSV, or with tabs, and the beginning of the next.
var fieldEnd = lazyregexp.New(`^["']?(?:[,;][^\s]|\t)`)

// apart reports whether a paragraph has codes only on lines without names, and only one code. It is about all of the
// names.
func apart(text string, codes []codeAt, mentions []mention, paragraph [2]int) bool {
	var first *codeAt
	for _, c := range codesIn(codes, paragraph) {
		if first != nil && (c.Code != first.Code || c.message != first.message) {
			return false
		}
		first = &c
		if len(within(mentions, lineAround(text, c.at, c.end))) > 0 {
			return false
		}
	}
	return true
}

// namesOf returns the mentions that are names.
func namesOf(mentions []mention) []mention {
	return slices.DeleteFunc(slices.Clone(mentions), func(m mention) bool { return m.name == "" })
}

// nearest assigns the last mention before the code, or else the first one after it, at any distance.
func (r *Report) nearest(text string, mentions []mention, c codeAt) {
	if len(mentions) == 0 {
		return
	}
	near := mentions[0]
	for _, m := range mentions {
		if m.at < c.at {
			near = m
		}
	}
	if near.id != "" {
		r.IDs = []string{near.id}
		return
	}
	for _, group := range grouped(text, namesOf(mentions)) {
		if group[0].at > near.at || group[len(group)-1].at < near.at && group[len(group)-1].name != near.name {
			continue
		}
		r.Names = nil
		for _, m := range group {
			r.Names = appendMissing(r.Names, m.name)
		}
	}
	r.Likely = len(r.Names)
}

// grouped groups enumerated names: "a.example, b.example and c.example".
func grouped(text string, names []mention) [][]mention {
	var out [][]mention
	for i, m := range names {
		if i > 0 && names[i-1].name == m.name {
			continue
		}
		if i > 0 && isListed(text[names[i-1].end:m.at]) {
			out[len(out)-1] = append(out[len(out)-1], m)
			continue
		}
		out = append(out, []mention{m})
	}
	return out
}

// isListed reports whether the text between two names makes them items of one list, which may have empty lines.
func isListed(between string) bool {
	return len(between) < 16 && listed.MatchString(between) &&
		(strings.Count(between, "\n") < 2 || bullet.MatchString(between))
}

func within(mentions []mention, span [2]int) []mention {
	lo, _ := slices.BinarySearchFunc(mentions, span[0], func(m mention, at int) int { return m.at - at })
	hi, _ := slices.BinarySearchFunc(mentions, span[1], func(m mention, at int) int { return m.at - at })
	return mentions[lo:max(lo, hi)]
}

func codesIn(codes []codeAt, span [2]int) []codeAt {
	var out []codeAt
	for _, c := range codes {
		if c.at >= span[0] && c.at < span[1] {
			out = append(out, c)
		}
	}
	return out
}

// breaks returns the positions of a separator.
func breaks(text, separator string) []int {
	var out []int
	for i := 0; ; {
		k := strings.Index(text[i:], separator)
		if k < 0 {
			return out
		}
		out = append(out, i+k)
		i += k + len(separator)
	}
}

// around returns the section between the breaks around a position.
func around(breaks []int, at, end, size int) [2]int {
	span := [2]int{0, size}
	i := sort.SearchInts(breaks, at)
	if i > 0 {
		span[0] = breaks[i-1]
	}
	if k := sort.SearchInts(breaks, end); k < len(breaks) {
		span[1] = breaks[k]
	}
	return span
}

// Assign returns the reports about each domain. called holds the ids and names by which the text may refer to it. An
// id is more specific than a name; a report that is about none of the domains is assigned to all of them.
func (t *Ticket) Assign(called [][]string) [][]Report {
	out := make([][]Report, len(called))
	for _, rep := range t.Reports {
		about := make([]bool, len(called))
		for _, names := range [][]string{rep.IDs, rep.Names[:rep.Likely], rep.Names} {
			for i, c := range called {
				about[i] = sharesAny(c, names)
			}
			if slices.Contains(about, true) {
				break
			}
		}
		everybody := !slices.Contains(about, true)
		for i := range called {
			if (about[i] || everybody) && !slices.ContainsFunc(out[i], func(r Report) bool {
				return r.Code == rep.Code && r.Error == rep.Error
			}) {
				out[i] = append(out[i], rep)
			}
		}
	}
	return out
}

// maxReports is how many reports a ticket has at most.
const maxReports = 50

func (t *Ticket) addReport(r Report) {
	for i, known := range t.Reports {
		if known.Code != r.Code || known.Error != r.Error {
			continue
		}
		same := slices.Equal(known.Names[:known.Likely], r.Names[:r.Likely]) && slices.Equal(known.IDs, r.IDs)
		switch {
		case same, !r.Near && known.Near: // a repetition
			if known.Path == "" && r.Path != "" || known.At.IsZero() && !r.At.IsZero() {
				t.Reports[i].Reported = r.Reported
			}
			t.Reports[i].Near = known.Near || r.Near
			return
		case r.Near && len(known.Names)+len(known.IDs) == 0: // the first one named no domain
			t.Reports[i] = r
			return
		}
	}
	if len(t.Reports) < maxReports {
		t.Reports = append(t.Reports, r)
	}
}

// appendMissing appends a string that the list does not contain yet.
func appendMissing(list []string, s string) []string {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}
