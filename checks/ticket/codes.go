package ticket

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"domdoc/api"
	"domdoc/catalog"
	"domdoc/catalog/foreign"
	"domdoc/catalog/lazyregexp"
	"domdoc/catalog/order"
	"domdoc/checks/subject"
)

var (
	// A code, also as text recognition and typing change it: D0MAIN_0O4, DOMAIN-010, wrapped after the underscore.
	ticketCode = lazyregexp.New(
		`(?i)\b(D[O0]MA[I1L|]N)([_ .–—-]{0,2}|[_-][ \t]*\n[ \t]*)([0-9OQIL|SBZ]{3})\b`)
	// Fewer digits than a code has, where nothing else is meant: DOMAIN_4, "error code domain 11".
	shortCode = lazyregexp.New(`\bDOMAIN[_-](\d{1,2})\b(?:[^=\w]|$)|(?i:(?:code|error|fehler|fout|erreur|errore|` +
		`erro|błąd|fel|fejl|hata|ошибка|код|エラー|コード|错误|代码|오류)[:：\s]{0,3}domain[ _-]?(\d{1,2}))\b`)
	ticketReqID = lazyregexp.New(
		`(?i)\b(?:(?:x-)?(?:amzn-?)?request[-_ ]?id|(?:x-)?(?:correlation|trace)[-_ ` +
			`]?id|apigw-requestid)\\*["']?\s*(?:[:=]|\bis\b)?\s*\\*["']?([A-Za-z0-9][A-Za-z0-9=_-]{7,63})`)
	ticketTime = lazyregexp.New(`\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)`)
)

// misread undoes the mistakes of text recognition in the digits of a code.
var misread = strings.NewReplacer("O", "0", "Q", "0", "I", "1", "L", "1", "|", "1", "S", "5", "B", "8", "Z", "2")

// spelled returns the digits of what is spelled like a code, and whether it is meant as one whatever its digits are.
func spelled(word, between, digits string) (number string, meant bool) {
	number = misread.Replace(strings.ToUpper(digits))
	letters := strings.ContainsFunc(digits, func(r rune) bool { return r < '0' || r > '9' })
	joined := strings.ContainsAny(between, "_-–—")
	word = strings.ReplaceAll(word, "l", "I") // text recognition
	upper := strings.ToUpper(word) == word
	if letters && (!strings.ContainsAny(digits, "0123456789") || !joined && (!upper || number[0] != '0')) {
		return "", false // "domain 1st", "domain-oil", "DOMAIN 1ST"
	}
	if between != "" && strings.Trim(between, "_- ") != "" && strings.ContainsAny(between, ".") {
		return "", false // the end of a sentence
	}
	return number, joined && upper
}

// saying is a way to say a code in words.
type saying struct {
	code  string
	is    *lazyregexp.Regexp
	words [2]string // the first and the last word, without which a text does not say it
}

// sayings are the names and descriptions of the codes, as people write them; the longest first.
var sayings = func() []saying {
	var out []saying
	join := func(words []string, between string) string {
		for i := range words {
			words[i] = regexp.QuoteMeta(words[i])
		}
		return strings.Join(words, between)
	}
	for _, c := range catalog.Codes() {
		words := strings.Split(c.Name, "_")
		name := `(?i)\b` + join(slices.Clone(words), `[_\s-]+`) + `\b`
		if len(words) < 3 { // two words are everyday language unless they are in capitals or joined
			name = `\b` + join(slices.Clone(words), `[_\s-]+`) + `\b|(?i:\b` + join(slices.Clone(words), `_`) + `\b)`
		}
		add := func(pattern string, words []string) {
			ends := [2]string{strings.ToLower(words[0]), strings.ToLower(words[len(words)-1])}
			out = append(out, saying{c.ID, lazyregexp.New(pattern), ends})
		}
		add(name, words)
		words = strings.Fields(c.Description)
		add(`(?i)\b`+join(slices.Clone(words), `[\s_-]+`)+`\b`, words)
	}
	order.StableBy(out, func(a, b saying) int { return len(b.is.String()) - len(a.is.String()) })
	return out
}()

// codeReader collects the codes of a text.
type codeReader struct {
	ticket  *Ticket
	text    string
	objects []api.JSONText
	out     []codeAt
	found   *finds
	tells   map[string]bool // whether a line says why a code was reported, by both
}

// readCodes finds codes in JSON objects and in plain text.
func (t *Ticket) readCodes(text string, found *finds) []codeAt {
	r := codeReader{ticket: t, text: text, objects: api.FindJSON(text), found: found, tells: map[string]bool{}}
	for _, o := range r.objects {
		if o.Body != "" {
			r.object(o)
		}
	}
	for _, m := range ticketCode.FindAllStringSubmatchIndex(text, maxTicketCodes) {
		number, meant := spelled(text[m[2]:m[3]], text[m[4]:m[5]], text[m[6]:m[7]])
		if c, ok := catalog.FindCode(number); ok && number != "" {
			r.bare(m[0], m[1], c.ID)
		} else if meant {
			t.noCode("DOMAIN_"+number, m[0], found)
		}
	}
	for _, m := range shortCode.FindAllStringSubmatchIndex(text, maxTicketCodes) {
		g := 2
		if m[g] < 0 {
			g = 4
		}
		if c, ok := catalog.FindCode(strings.Repeat("0", 3-(m[g+1]-m[g])) + text[m[g]:m[g+1]]); ok {
			r.bare(m[0], m[g+1], c.ID)
		}
	}
	for _, reading := range readings(text) {
		low := strings.ToLower(reading)
		for _, s := range sayings {
			if !strings.Contains(low, s.words[0]) || !strings.Contains(low, s.words[1]) {
				continue
			}
			for _, m := range s.is.FindAllStringIndex(reading, maxTicketCodes) {
				r.words(m[0], m[1], s.code)
			}
		}
	}
	r.cutShort()
	return r.out
}

// inWord matches digits that text recognition puts in place of letters.
var inWord = lazyregexp.New(`[A-Za-z][01]+[A-Za-z]`)

// capitals matches a word in capitals in which text recognition puts l in place of I.
var capitals = lazyregexp.New(`\b[A-Z_]*l[A-Zl_]+\b|\b[A-Z_]+l[A-Zl_]*\b`)

// readings returns a text; where l stands among capitals, the text with I in its place; and where digits stand within
// words, the text with the letters that these may be. The positions are the same in all.
func readings(text string) []string {
	out := []string{text}
	if capitals.MatchString(text) {
		out = append(out, capitals.ReplaceAllStringFunc(text, func(s string) string {
			if strings.ContainsAny(s, "ABCDEFGHIJKMNOPQRSTUVWXYZ") {
				s = strings.ReplaceAll(s, "l", "I")
			}
			return s
		}))
	}
	if !inWord.MatchString(text) {
		return out
	}
	for _, one := range []string{"i", "l"} {
		digits := strings.NewReplacer("0", "o", "1", one)
		out = append(out, inWord.ReplaceAllStringFunc(text, func(s string) string {
			return s[:1] + digits.Replace(s[1:len(s)-1]) + s[len(s)-1:]
		}))
	}
	return out
}

var (
	cutMessage = lazyregexp.New(`"message\\*"\s*:\s*\\*"([^"\\]{8,100})$`)
	cutStatus  = lazyregexp.New(`"statusCode\\*"\s*:\s*(\d{3})\b`)
)

// cutShort reads an error response whose end is missing: the beginning of its message and its status name the code.
func (r *codeReader) cutShort() {
	text := strings.TrimRight(r.text, " \t\n.…")
	m := cutMessage.FindStringSubmatchIndex(text)
	if len(r.out) > 0 || m == nil {
		return
	}
	statuses := cutStatus.FindAllStringSubmatch(text[:m[0]], -1)
	if len(statuses) == 0 {
		return
	}
	begins := strings.ToLower(strings.Join(strings.Fields(text[m[2]:m[3]]), " "))
	var found []string
	for _, c := range catalog.Codes() {
		if strconv.Itoa(c.HTTP) == statuses[len(statuses)-1][1] &&
			strings.HasPrefix(strings.ToLower(c.Description), begins) {
			found = append(found, c.ID)
		}
	}
	if len(found) == 1 {
		r.words(m[2], m[3], found[0])
	}
}

// noCode notes what is spelled like a code and is none.
func (t *Ticket) noCode(name string, at int, found *finds) {
	if len(t.NoCodes) < maxReports {
		t.NoCodes = appendMissing(t.NoCodes, name)
		found.add(at, name)
	}
}

func (r *codeReader) add(f codeAt) {
	f.Source = "ticket"
	if len(r.out) < maxTicketCodes {
		r.out = append(r.out, f)
		r.ticket.addCode(f.Reported)
		r.found.add(f.at, f.Code)
	}
}

// object reads an error response.
func (r *codeReader) object(o api.JSONText) {
	e := api.ParseError(0, nil, []byte(o.Body))
	r.ticket.addRequest(e.RequestID)
	c, ok := catalog.FindCode(e.Code)
	switch {
	case ok:
		r.add(codeAt{
			Reported: subject.Reported{
				Code: c.ID, Message: e.Message, At: e.Timestamp, Path: e.Path, Method: e.Method, RequestID: e.RequestID,
			},
			at: o.Start, end: o.End, span: [2]int{o.Start, o.End},
		})
	case e.HTTPStatus >= 400 && len(r.ticket.Refusals) < maxReports:
		r.ticket.Refusals = append(r.ticket.Refusals, e)
		r.found.add(o.Start, "an error response without a code")
	}
}

// bare adds a code in plain text.
func (r *codeReader) bare(at, end int, code string) {
	f := codeAt{Reported: subject.Reported{Code: code}, at: at, end: end}
	for _, o := range r.objects {
		if at >= o.Start && at < o.End {
			if slices.ContainsFunc(r.out, func(x codeAt) bool {
				return x.span == [2]int{o.Start, o.End} && x.Code == code
			}) {
				return // already read from the object
			}
			f.span = [2]int{o.Start, o.End}
		}
	}
	line := lineAround(r.text, at, end)
	if all := ticketTime.FindAllString(r.text[line[0]:line[1]], 2); len(all) == 1 {
		f.At = readTime(all[0])
	}
	f.Message = r.reasonNear(line, code)
	f.Customers = f.Message != ""
	r.add(f)
}

// words adds a code that is said in words, unless it stands next to its number, repeats the message of an object, or
// is part of longer words for another code.
func (r *codeReader) words(at, end int, code string) {
	if slices.ContainsFunc(r.out, func(f codeAt) bool {
		return f.Code == code && f.at-end < 80 && at-f.end < 80 || f.words && f.at < end && at < f.end
	}) || slices.ContainsFunc(r.objects, func(o api.JSONText) bool {
		return at >= o.Start && at < o.End && slices.ContainsFunc(r.out, func(f codeAt) bool {
			return f.span == [2]int{o.Start, o.End}
		})
	}) {
		return
	}
	said := r.text[at:end]
	before := len(r.out)
	r.bare(at, end, code)
	if len(r.out) == before {
		return
	}
	r.out[before].words = true
	if c, _ := catalog.FindCode(code); said != c.Name {
		if r.ticket.Said == nil {
			r.ticket.Said = map[string]string{}
		}
		if r.ticket.Said[code] == "" {
			r.ticket.Said[code] = strings.Join(strings.Fields(said), " ")
		}
	}
}

// readErrors finds the error messages of other software; Errors has each once.
func (t *Ticket) readErrors(text string, found *finds) []codeAt {
	var out []codeAt
	for _, m := range foreign.FindEach(text) {
		if slices.ContainsFunc(t.Reported, func(r subject.Reported) bool {
			c, _ := catalog.FindCode(r.Code) // the status of the service's own response
			return m.Name == "HTTP "+strconv.Itoa(c.HTTP)
		}) {
			continue
		}
		if !slices.ContainsFunc(t.Errors, func(o foreign.Match) bool { return o.Name == m.Name }) {
			t.Errors = append(t.Errors, m)
		}
		out = append(out, codeAt{message: m.Name, at: m.Start, end: m.End})
		found.add(m.Start, m.Name)
	}
	return out
}

// lineAround returns the line around a position.
func lineAround(text string, at, end int) [2]int {
	line := [2]int{0, len(text)}
	if i := strings.LastIndexByte(text[:at], '\n'); i >= 0 {
		line[0] = i
	}
	if i := strings.IndexByte(text[end:], '\n'); i >= 0 {
		line[1] = end + i
	}
	return line
}

// reasonNear returns the line with the words by which a provider is known to say why something failed, or that name
// an object: the code's own line, else the nearest one in its paragraph; empty if there is none.
func (r *codeReader) reasonNear(line [2]int, code string) string {
	text := r.text
	telling := func(s string) (tells bool) {
		key := code + "\n" + s
		if tells, known := r.tells[key]; known {
			return tells
		}
		defer func() { r.tells[key] = tells }()
		_, known := catalog.FindPhrase(s, code)
		return known || slices.ContainsFunc([]string{"route", "record", "transfer"}, func(object string) bool {
			return subject.NamedID(s, object) != ""
		})
	}
	if own := strings.TrimSpace(text[line[0]:line[1]]); telling(own) {
		return own[:min(len(own), maxReason)]
	}
	// Only the text nearby is searched, from the beginning of a line to the end of one.
	from, to := max(0, line[0]-maxReasonAway), min(len(text), line[1]+maxReasonAway)
	from += strings.IndexByte(text[from:line[0]], '\n') + 1
	if i := strings.LastIndexByte(text[line[1]:to], '\n'); i >= 0 && to < len(text) {
		to = line[1] + i
	}
	near := around(breaks(text[from:to], "\n\n"), line[0]-from, line[1]-from, to-from)
	span := [2]int{from + near[0], from + near[1]}
	best, distance := "", maxReasonAway
	at := span[0]
	for _, l := range strings.Split(text[span[0]:span[1]], "\n") {
		away := at - line[1]
		if at < line[0] {
			away = line[0] - at - len(l)
		}
		if away < distance && telling(l) {
			best, distance = strings.TrimSpace(l), away
		}
		at += len(l) + 1
	}
	return best[:min(len(best), maxReason)]
}

// The bounds of the text that is searched for a reason.
const (
	maxReason     = 400  // octets of a line
	maxReasonAway = 2000 // octets from the code
)

// readTime parses the time of a log line; zero if it is invalid.
func readTime(s string) time.Time {
	s = strings.Replace(strings.Replace(s, " ", "T", 1), ",", ".", 1)
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999Z0700"} {
		if at, err := time.Parse(layout, s); err == nil {
			return at.UTC()
		}
	}
	return time.Time{}
}

func (t *Ticket) addCode(r subject.Reported) {
	for i, known := range t.Reported {
		if known.Code == r.Code {
			if known.Path == "" && r.Path != "" {
				t.Reported[i] = r
			}
			return
		}
	}
	t.Reported = append(t.Reported, r)
}
