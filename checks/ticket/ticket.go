// Package ticket reads service codes, domain names and ids out of a pasted text: a support ticket, a mail, a log
// line, a JSON error. It decides which code is about which domain, and removes authorization codes and tokens from
// the text.
package ticket

import (
	"slices"
	"strings"

	"domdoc/api"
	"domdoc/catalog/foreign"
	"domdoc/catalog/order"
	"domdoc/checks/subject"
	"domdoc/checks/ticket/mail"
)

// Ticket is what a pasted text contains: codes, domains and ids, in order of appearance.
type Ticket struct {
	Subject    string             // of the mail, if it is one
	First      string             // the first line of the text after the subject, at most 160 characters
	Reported   []subject.Reported // each code once
	Reports    []Report           // each code and each message with each domain that it is about
	Refusals   []*api.Error       // error responses without a service error code, such as those of a gateway
	Errors     []foreign.Match    // error messages of other software
	NoCodes    []string           // what is spelled like a code of the service, which has no such code: "DOMAIN_024"
	Names      []string           // domain names that the text is about, A-labels
	Aside      []string           // domain names in signatures, disclaimers and links, and those of the support itself
	IDs        []string           // the service's ids of domains
	RequestIDs []string
	// Said holds the words for the codes that are not spelled as a code: "Domain verification failed" for DOMAIN_004.
	Said map[string]string
	// AuthCode is an authorization code in the text; only its syntax is checked.
	AuthCode  *string
	Secrets   []string // authorization codes as they appear in the text, to be redacted
	Cut       bool     // the text was longer than MaxSize and was truncated
	Lines     []Line   // the lines in which something was found, in order
	LineCount int      // lines with text

	spellings []spelling
	// works and fails hold the names that the text says to work, and those that it says not to, with the other names in
	// the same statement.
	works  map[string]bool
	fails  map[string][]string
	source source
	beside []string // names and ids in a paragraph with a code, and those before a paragraph with only a code
}

// Line is a line of the text in which something was found.
type Line struct {
	Number int // from 1, in the text after decoding
	Text   string
	What   []string // what was found in it
}

// source is what a text was read as, to be bound again once ids are known.
type source struct {
	text     string
	codes    []codeAt
	mentions []mention
	words    []mention // what may be an id
}

// spelling is another way to read a part of the text; it counts if it is a domain of the tenant.
type spelling struct {
	name    string
	instead []string // the names that it replaces
}

// MaxSize is the longest text that is read, in bytes.
const MaxSize = 1 << 20

// Limits for the contents of a ticket.
const (
	maxTicketCodes    = 200
	maxTicketMentions = 1000
	maxTicketRequests = 20
	maxLines          = 20  // lines that are kept
	maxLineText       = 160 // characters of a line
)

// Read parses a text as people paste it: bare JSON, JSON in prose or a log line, a mail, or just a code and a name;
// quoted, wrapped and escaped by mail programs. It never fails. Several mails are read as one ticket.
func Read(text string) Ticket {
	text, cut := bounded(text)
	list := mail.Split(text)
	t := read(list...)
	t.Cut = cut
	return t
}

// ReadAll is Read for a text with several mails, each of which is a ticket. It returns at least one ticket.
func ReadAll(text string) []Ticket {
	text, cut := bounded(text)
	var out []Ticket
	for _, m := range mail.Split(text) {
		t := read(m)
		if m.Cover && t.Empty() {
			continue
		}
		out = append(out, t)
	}
	if len(out) == 0 {
		out = []Ticket{{}}
	}
	out[len(out)-1].Cut = cut
	return out
}

func bounded(text string) (string, bool) {
	if len(text) > MaxSize {
		return text[:MaxSize], true
	}
	return text, false
}

// Empty reports whether the text says neither what fails nor where.
func (t *Ticket) Empty() bool {
	return !t.HasError() && len(t.Names)+len(t.IDs) == 0
}

// HasError reports whether the text says what fails: a code, or an error message of other software.
func (t *Ticket) HasError() bool {
	return len(t.Reported)+len(t.Refusals)+len(t.Errors)+len(t.NoCodes) > 0
}

// About makes a domain the only one that the ticket is about, whatever the text names.
func (t *Ticket) About(domain string) {
	t.Names, t.IDs, t.Aside = []string{domain}, nil, nil
	t.works, t.fails, t.source, t.spellings = nil, nil, source{}, nil
	for i := range t.Reports {
		t.Reports[i].Names, t.Reports[i].IDs, t.Reports[i].Likely = nil, nil, 0
	}
}

// read parses messages as one ticket.
func read(messages ...mail.Message) Ticket {
	var t Ticket
	var text strings.Builder
	var links, support []string
	for i, m := range messages {
		if i == 0 {
			t.Subject = t.plainText(m.Subject, &links)
		}
		if i > 0 {
			text.WriteString("\n\n")
		}
		if m.Subject != "" {
			text.WriteString(m.Subject + "\n\n")
		}
		text.WriteString(m.Text)
		links = append(links, m.Links...)
		for _, a := range m.To {
			if zone := zoneOf(a[strings.LastIndexByte(a, '@')+1:]); zone != "" {
				support = append(support, zone)
			}
		}
	}
	plain := t.plainText(text.String(), &links)
	found := finds{text: plain}
	codes := t.readCodes(plain, &found)
	codes = append(codes, t.readErrors(plain, &found)...)
	mentions := t.readMentions(plain, support, codes, &found)
	for _, m := range ticketReqID.FindAllStringSubmatchIndex(plain, maxTicketRequests) {
		t.addRequest(plain[m[2]:m[3]])
		found.add(m[0], "request id")
	}
	for _, host := range links {
		t.addAside(host)
	}
	t.source = source{plain, codes, mentions, idWords(plain, mentions)}
	t.readStatements(plain, codes, mentions)
	t.bind(plain, codes, mentions)
	t.Lines, t.LineCount = found.lines()
	t.First = firstLine(plain, t.Subject)
	return t
}

// firstLine returns the first line of a text that is no header and not its subject.
func firstLine(text, subject string) string {
	for _, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || line == strings.TrimSpace(subject) || ticketHeader.MatchString(line) {
			continue
		}
		if r := []rune(line); len(r) > maxLineText {
			line = string(r[:maxLineText]) + "…"
		}
		return line
	}
	return ""
}

func (t *Ticket) addRequest(id string) {
	if id != "" && strings.ContainsAny(id, "0123456789") && !slices.Contains(t.RequestIDs, id) &&
		len(t.RequestIDs) < maxTicketRequests {
		t.RequestIDs = append(t.RequestIDs, id)
	}
}

// finds notes what was found where.
type finds struct {
	text string
	list []find
}

type find struct {
	at   int
	what string
}

func (f *finds) add(at int, what string) {
	if len(f.list) < maxTicketMentions {
		f.list = append(f.list, find{at, what})
	}
}

// lines returns the lines in which something was found, and how many lines have text.
func (f *finds) lines() (out []Line, count int) {
	order.StableBy(f.list, func(a, b find) int { return a.at - b.at })
	at, next := 0, 0
	for n, line := range strings.Split(f.text, "\n") {
		end := at + len(line) + 1
		if strings.TrimSpace(line) != "" {
			count++
		}
		var what []string
		for ; next < len(f.list) && f.list[next].at < end; next++ {
			what = appendMissing(what, f.list[next].what)
		}
		if len(what) > 0 && len(out) < maxLines {
			if r := []rune(strings.TrimSpace(line)); len(r) > maxLineText {
				line = string(r[:maxLineText]) + "…"
			}
			out = append(out, Line{n + 1, strings.TrimSpace(line), what})
		}
		at = end
	}
	return out, count
}
