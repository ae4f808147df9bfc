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

// Ticket is what a pasted text says: codes, domains and ids, in the order in which they stand there.
type Ticket struct {
	Reported   []subject.Reported // each code once
	Reports    []Report           // each code with each domain that it is about
	Refusals   []*api.Error       // answers without a code of the service: a gateway's, or another service's
	Names      []string           // domain names that the text is about, A-labels
	IDs        []string           // the service's ids of domains
	RequestIDs []string
	// AuthCode is an authorization code that the text shows; its form is checked, and it goes nowhere else.
	AuthCode *string
	Secrets  []string // authorization codes as they stand in the text, for whoever keeps it
	Cut      bool     // the text was longer than MaxSize, and its end was left out
}

// MaxSize bounds a pasted text, in octets.
const MaxSize = 1 << 20

// What more than so many of a ticket say is not read: nobody reports that by hand.
const (
	maxTicketCodes    = 200
	maxTicketMentions = 1000
	maxTicketRequests = 20
)

var (
	ticketCode = regexp.MustCompile(`(?i)\bDOMAIN[_ -]?(\d{3})\b`)
	ticketPath = regexp.MustCompile(`/domains/v1/([A-Za-z0-9][A-Za-z0-9_.~-]*)`)
	ticketName = regexp.MustCompile(
		`[\pL\pN_*](?:[\pL\pN\pM_-]*[\pL\pN\pM_])?(?:\.[\pL\pN\pM_](?:[\pL\pN\pM_-]*[\pL\pN\pM])?)+`)
	ticketReqID = regexp.MustCompile(
		`(?i)\b(?:(?:x-)?(?:amzn-?)?request[-_ ]?id|(?:x-)?(?:correlation|trace)[-_ ` +
			`]?id|apigw-requestid)\\*["']?\s*(?:[:=]|\bis\b)?\s*\\*["']?([A-Za-z0-9][A-Za-z0-9=_-]{7,63})`)
	ticketTime   = regexp.MustCompile(`\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)`)
	ticketHeader = regexp.MustCompile(
		`(?im)^[ \t]*(?:from|to|cc|bcc|reply-to|sender|return-path|message-id|in-reply-to|references|received|dkim-signature|authentication-results|list-[a-z]+|host|origin|referer|user-agent|server|via|x-cache|x-amz-[a-z-]+|set-cookie|cookie|location|content-[a-z]+):.*$`)
)

// pathWords are parts of the service's paths that are no ids.
var pathWords = []string{"domains", "transfers", "registrations", "quota", "health"}

// infrastructure are names of the machinery around a domain: what stands in a ticket beside the domain that it is
// about.
var infrastructure = []string{
	"cloudfront.net", "amazonaws.com", "acm-validations.aws", "awsglobalaccelerator.com", "amazontrust.com",
	"letsencrypt.org", "cloudflare-dns.com", "dns.google", "quad9.net",
	"one.one.one.one", "nginx.org", "openresty.org", "w3.org", "schema.org", "schemas.microsoft.com",
}

// Read reads a text as people paste it: bare JSON, JSON inside prose or a log line, or just a code and a name;
// quoted, wrapped and escaped by mail programs. It never fails; what is not there is not in the result.
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

// readCodes finds the codes: those that an object states, and those that merely stand there.
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
					return // the object says it
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
		add(f)
	}
	for _, m := range ticketCode.FindAllStringSubmatchIndex(text, maxTicketCodes) {
		if c, ok := catalog.FindCode(text[m[2]:m[3]]); ok {
			bare(m[0], m[1], c.ID)
		}
	}
	for _, c := range catalog.Codes() {
		for _, at := range wordsIn(text, c.Name) {
			// beside its number it says nothing more
			if !slices.ContainsFunc(out, func(f codeAt) bool {
				return f.Code == c.ID && f.at-(at+len(c.Name)) < 80 && at-f.end < 80
			}) {
				bare(at, at+len(c.Name), c.ID)
			}
		}
	}
	return out
}

// readTime reads a moment of a log line; the zero time where it is none.
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

// wordsIn finds where a word stands by itself.
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

// readMentions finds domain names and ids of domains. Names of e-mail addresses, of files, of headers, of the
// service's own address and of machinery are not what a ticket is about; of a record's name it is the part behind the
// underscores.
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

// servicePath is what stands behind the service's own address.
var servicePath = regexp.MustCompile(`^(?::\d+)?/(?:[a-z]+/)?(?:domains|auth|wallet)/v1`)

// plausible tells a domain name from other words with dots in them: versions, files, method calls.
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
	// endings of countries that are mostly files in a ticket
	if slices.Contains([]string{"py", "md", "ts"}, tld) && strings.Count(name, ".") == 1 {
		return false
	}
	return probe.Registrable(name) != "" && (dnsname.HasPublicSuffix(name) ||
		slices.Contains([]string{"example", "test", "invalid", "localhost", "lan", "lab"}, tld) ||
		strings.Count(name, ".") >= 2)
}
