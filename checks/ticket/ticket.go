// Package ticket reads service codes, domain names and ids out of a pasted text: a support ticket, a log line, a JSON
// error. It decides which code is about which domain, and removes authorization codes and tokens from the text.
package ticket

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"domdoc/api"
	"domdoc/catalog"
	"domdoc/checks/dnsname"
	"domdoc/checks/probe"
	"domdoc/checks/subject"
)

// Ticket is what a pasted text contains: codes, domains and ids, in order of appearance.
type Ticket struct {
	Reported   []subject.Reported // each code once
	Reports    []Report           // each code with each domain that it is about
	Refusals   []*api.Error       // error responses without a service error code, such as those of a gateway
	Names      []string           // domain names that the text is about, A-labels
	IDs        []string           // the service's ids of domains
	RequestIDs []string
	// AuthCode is an authorization code in the text; only its syntax is checked.
	AuthCode *string
	Secrets  []string // authorization codes as they appear in the text, to be redacted
	Cut      bool     // the text was longer than MaxSize and was truncated
}

// MaxSize is the longest text that is read, in bytes.
const MaxSize = 1 << 20

// Limits for the contents of a ticket.
const (
	maxTicketCodes    = 200
	maxTicketMentions = 1000
	maxTicketRequests = 20
)

var (
	ticketCode = regexp.MustCompile(`(?i)\bDOMAIN[_ -]?(\d{3})\b`)
	ticketPath = regexp.MustCompile(`/domains/v1/([A-Za-z0-9][A-Za-z0-9_.~-]*)`)
	ticketName = regexp.MustCompile(
		`[\pL\pN_*](?:[\pL\pN\pM\x{200c}\x{200d}_-]*[\pL\pN\pM_])?` +
			`(?:\.[\pL\pN\pM_](?:[\pL\pN\pM\x{200c}\x{200d}_-]*[\pL\pN\pM])?)+`)
	ticketReqID = regexp.MustCompile(
		`(?i)\b(?:(?:x-)?(?:amzn-?)?request[-_ ]?id|(?:x-)?(?:correlation|trace)[-_ ` +
			`]?id|apigw-requestid)\\*["']?\s*(?:[:=]|\bis\b)?\s*\\*["']?([A-Za-z0-9][A-Za-z0-9=_-]{7,63})`)
	ticketTime   = regexp.MustCompile(`\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)`)
	ticketHeader = regexp.MustCompile(
		`(?im)^[ \t]*(?:from|to|cc|bcc|reply-to|sender|return-path|message-id|in-reply-to|references|received|` +
			`dkim-signature|authentication-results|list-[a-z]+|host|origin|referer|user-agent|server|via|x-cache|` +
			`x-amz-[a-z-]+|set-cookie|cookie|location|content-[a-z]+):.*$`)
)

// pathWords are segments of the service's paths that are not ids.
var pathWords = []string{"domains", "transfers", "registrations", "quota", "health"}

// infrastructure are domains of providers and standards, which a ticket is not about.
var infrastructure = []string{
	"cloudfront.net", "amazonaws.com", "acm-validations.aws", "awsglobalaccelerator.com", "amazontrust.com",
	"letsencrypt.org", "cloudflare-dns.com", "dns.google", "quad9.net",
	"one.one.one.one", "nginx.org", "openresty.org", "w3.org", "schema.org", "schemas.microsoft.com",
}

// Read parses a text as people paste it: bare JSON, JSON in prose or a log line, or just a code and a name; quoted,
// wrapped and escaped by mail programs. It never fails.
func Read(text string) Ticket {
	var t Ticket
	if len(text) > MaxSize {
		text, t.Cut = text[:MaxSize], true
	}
	text = t.plainText(text)
	codes := t.readCodes(text)
	mentions := t.readMentions(text)
	for _, m := range ticketReqID.FindAllStringSubmatch(text, -1) {
		t.addRequest(m[1])
	}
	t.bind(text, codes, mentions)
	return t
}

func (t *Ticket) addRequest(id string) {
	if id != "" && strings.ContainsAny(id, "0123456789") && !slices.Contains(t.RequestIDs, id) &&
		len(t.RequestIDs) < maxTicketRequests {
		t.RequestIDs = append(t.RequestIDs, id)
	}
}

// readCodes finds codes in JSON objects and in plain text.
func (t *Ticket) readCodes(text string) []codeAt {
	var out []codeAt
	add := func(f codeAt) {
		f.Source = "ticket"
		if len(out) < maxTicketCodes {
			out = append(out, f)
			t.addCode(f.Reported)
		}
	}
	objects := api.FindJSON(text)
	for _, o := range objects {
		if o.Body == "" {
			continue
		}
		e := api.ParseError(0, nil, []byte(o.Body))
		t.addRequest(e.RequestID)
		c, ok := catalog.FindCode(e.Code)
		switch {
		case ok:
			add(codeAt{subject.Reported{
				Code: c.ID, Message: e.Message, At: e.Timestamp, Path: e.Path, Method: e.Method,
				RequestID: e.RequestID,
			}, o.Start, o.End, [2]int{o.Start, o.End}})
		case e.HTTPStatus >= 400 && len(t.Refusals) < maxReports:
			t.Refusals = append(t.Refusals, e)
		}
	}
	bare := func(at, end int, code string) {
		f := codeAt{Reported: subject.Reported{Code: code}, at: at, end: end}
		for _, o := range objects {
			if at >= o.Start && at < o.End {
				if slices.ContainsFunc(out, func(x codeAt) bool {
					return x.span == [2]int{o.Start, o.End} && x.Code == code
				}) {
					return // already read from the object
				}
				f.span = [2]int{o.Start, o.End}
			}
		}
		line := around(nil, at, end, len(text))
		if i := strings.LastIndexByte(text[:at], '\n'); i >= 0 {
			line[0] = i
		}
		if i := strings.IndexByte(text[end:], '\n'); i >= 0 {
			line[1] = end + i
		}
		if all := ticketTime.FindAllString(text[line[0]:line[1]], 2); len(all) == 1 {
			f.At = readTime(all[0])
		}
		f.Message = reasonNear(text, line, code)
		add(f)
	}
	for _, m := range ticketCode.FindAllStringSubmatchIndex(text, maxTicketCodes) {
		if c, ok := catalog.FindCode(text[m[2]:m[3]]); ok {
			bare(m[0], m[1], c.ID)
		}
	}
	for _, c := range catalog.Codes() {
		for _, at := range wordsIn(text, c.Name) {
			// next to its number it is redundant
			if !slices.ContainsFunc(out, func(f codeAt) bool {
				return f.Code == c.ID && f.at-(at+len(c.Name)) < 80 && at-f.end < 80
			}) {
				bare(at, at+len(c.Name), c.ID)
			}
		}
	}
	return out
}

// readTime parses the time of a log line; zero if it is invalid.
// reasonNear returns the line with the words by which a provider is known to say why something failed, or that name an
// object: the code's own line, else the nearest one in its paragraph; empty if there is none.
func reasonNear(text string, line [2]int, code string) string {
	telling := func(s string) bool {
		_, known := catalog.FindPhrase(s, code)
		return known || slices.ContainsFunc([]string{"route", "record", "transfer"}, func(object string) bool {
			return subject.NamedID(s, object) != ""
		})
	}
	if own := strings.TrimSpace(text[line[0]:line[1]]); telling(own) {
		return own[:min(len(own), maxReason)]
	}
	span := around(breaks(text, "\n\n"), line[0], line[1], len(text))
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

// wordsIn returns the positions of a whole word.
func wordsIn(text, word string) []int {
	letter := func(c byte) bool { return c == '_' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' }
	var out []int
	for i := 0; len(out) < maxTicketCodes; {
		k := strings.Index(text[i:], word)
		if k < 0 {
			break
		}
		at := i + k
		i = at + len(word)
		if (at == 0 || !letter(text[at-1])) && (i == len(text) || !letter(text[i])) {
			out = append(out, at)
		}
	}
	return out
}

// readMentions finds domain names and ids. Email addresses, file names, headers, the service's own address and
// infrastructure are not counted; leading underscore labels of record names are removed.
func (t *Ticket) readMentions(text string) []mention {
	var out []mention
	for _, m := range ticketPath.FindAllStringSubmatchIndex(text, maxTicketMentions) {
		id := strings.TrimRight(text[m[2]:m[3]], ".~-")
		if slices.Contains(pathWords, id) {
			continue
		}
		t.IDs = appendMissing(t.IDs, id)
		out = append(out, mention{at: m[0], end: m[1], id: id})
	}
	headers := ticketHeader.FindAllStringIndex(text, -1)
	for _, m := range ticketName.FindAllStringIndex(text, 10*maxTicketMentions) {
		raw := text[m[0]:m[1]]
		if len(out) >= maxTicketMentions {
			break
		}
		if m[0] > 0 && text[m[0]-1] == '@' || m[1] < len(text) && text[m[1]] == '@' ||
			strings.HasPrefix(text[m[1]:], "(") {
			continue
		}
		if servicePath.MatchString(text[m[1]:min(len(text), m[1]+40)]) ||
			slices.ContainsFunc(headers, func(h []int) bool { return m[0] >= h[0] && m[0] < h[1] }) {
			continue
		}
		if m[0] > 1 && text[m[0]-1] == '*' {
			raw = "*" + raw
		}
		for strings.HasPrefix(raw, "_") && strings.Count(raw, ".") > 1 {
			_, raw, _ = strings.Cut(raw, ".")
		}
		n, err := dnsname.Parse(raw)
		if err != nil || !plausible(n.ASCII) || slices.Contains(t.IDs, text[m[0]:m[1]]) ||
			slices.ContainsFunc(infrastructure, func(zone string) bool {
				return n.ASCII == zone || strings.HasSuffix(n.ASCII, "."+zone)
			}) {
			continue
		}
		t.Names = appendMissing(t.Names, n.ASCII)
		out = append(out, mention{at: m[0], end: m[1], name: n.ASCII})
	}
	slices.SortStableFunc(out, func(a, b mention) int { return a.at - b.at })
	return out
}

// servicePath matches the path after the service's own address.
var servicePath = regexp.MustCompile(`^(?::\d+)?/(?:[a-z]+/)?(?:domains|auth|wallet)/v1`)

// plausible reports whether a name is a domain rather than another word with dots, such as a version, file or method
// call.
func plausible(name string) bool {
	tld := name[strings.LastIndexByte(name, '.')+1:]
	if len(tld) < 2 || strings.ContainsAny(tld, "0123456789_") && !strings.HasPrefix(tld, "xn--") {
		return false
	}
	if slices.Contains([]string{
		"json", "js", "ts", "go", "py", "log", "txt", "html", "yaml", "yml", "md", "png", "csv",
		"pdf", "svc", "local", "internal",
	}, tld) && !dnsname.HasPublicSuffix(name) {
		return false
	}
	// country codes that are mostly file extensions in a ticket
	if slices.Contains([]string{"py", "md", "ts"}, tld) && strings.Count(name, ".") == 1 {
		return false
	}
	return probe.Registrable(name) != "" && (dnsname.HasPublicSuffix(name) ||
		slices.Contains([]string{"example", "test", "invalid", "localhost", "lan", "lab"}, tld) ||
		strings.Count(name, ".") >= 2)
}
