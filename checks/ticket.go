package checks

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	"domdoc/api"
	"domdoc/catalog"
	"domdoc/checks/probe"
)

// Ticket is what a pasted text says: codes, domains and ids, in the order in which they stand there.
type Ticket struct {
	Reported   []Reported
	Names      []string // domain names that the text is about, A-labels
	IDs        []string // the service's ids of domains
	RequestIDs []string
	// AuthCode is an authorization code that the text shows; its form is checked, and it goes nowhere else.
	AuthCode *string
	Cut      bool // the text was longer than MaxTicket, and its end was left out
}

// MaxTicket bounds a pasted text, in octets.
const MaxTicket = 1 << 20

var (
	ticketCode   = regexp.MustCompile(`(?i)\bDOMAIN[_ -]?(\d{3})\b`)
	ticketPath   = regexp.MustCompile(`/domains/v1/([A-Za-z0-9][A-Za-z0-9_.~-]*)`)
	ticketName   = regexp.MustCompile(`[\pL\pN_*](?:[\pL\pN\pM_-]*[\pL\pN\pM_])?(?:\.[\pL\pN\pM_](?:[\pL\pN\pM_-]*[\pL\pN\pM])?)+`)
	ticketReqID  = regexp.MustCompile(`(?i)(?:request[-_ ]?id|x-request-id|trace[-_ ]?id)["']?\s*[:=]?\s*["']?([A-Za-z0-9-]{8,64})`)
	ticketSecret = regexp.MustCompile(`(?i)["']?(?:auth[-_ ]?code|auth[-_ ]?info|epp[-_ ]?code|authorization[-_ ]code)["']?\s*[:=]\s*(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|(\S+))`)
)

// pathWords are parts of the service's paths that are no ids.
var pathWords = []string{"domains", "transfers", "registrations", "quota", "health"}

// ReadTicket reads a text as people paste it: bare JSON, JSON inside prose or a log line, or just a code and a name. It never fails; what is not there
// is not in the result.
func ReadTicket(text string) Ticket {
	var t Ticket
	if len(text) > MaxTicket {
		text, t.Cut = text[:MaxTicket], true
	}
	if m := ticketSecret.FindStringSubmatchIndex(text); m != nil {
		for g := 1; g <= 3; g++ {
			if m[2*g] >= 0 {
				code := text[m[2*g]:m[2*g+1]]
				if g == 1 {
					var s string
					if json.Unmarshal([]byte(`"`+code+`"`), &s) == nil {
						code = s
					}
				}
				t.AuthCode = &code
				text = text[:m[2*g]] + text[m[2*g+1]:] // it must not be taken for a name, nor get any further
				break
			}
		}
	}
	for _, body := range jsonObjects(text) {
		t.addError(api.ParseError(0, nil, []byte(body)))
	}
	for _, m := range ticketCode.FindAllStringSubmatch(text, -1) {
		if c, ok := catalog.FindCode(m[1]); ok {
			t.addCode(Reported{Code: c.ID, Source: "ticket"})
		}
	}
	for _, c := range catalog.Codes() {
		if wordIn(text, c.Name) {
			t.addCode(Reported{Code: c.ID, Source: "ticket"})
		}
	}
	for _, m := range ticketPath.FindAllStringSubmatch(text, -1) {
		if id := strings.TrimRight(m[1], ".~-"); !slices.Contains(pathWords, id) && !slices.Contains(t.IDs, id) {
			t.IDs = append(t.IDs, id)
		}
	}
	for _, m := range ticketReqID.FindAllStringSubmatch(text, -1) {
		if !slices.Contains(t.RequestIDs, m[1]) {
			t.RequestIDs = append(t.RequestIDs, m[1])
		}
	}
	t.readNames(text)
	return t
}

func (t *Ticket) addError(e *api.Error) {
	if e == nil {
		return
	}
	if e.RequestID != "" && !slices.Contains(t.RequestIDs, e.RequestID) {
		t.RequestIDs = append(t.RequestIDs, e.RequestID)
	}
	if c, ok := catalog.FindCode(e.Code); ok {
		t.addCode(Reported{Code: c.ID, Message: e.Message, At: e.Timestamp, Path: e.Path, Method: e.Method, RequestID: e.RequestID, Source: "ticket"})
	}
}

func (t *Ticket) addCode(r Reported) {
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

func wordIn(text, word string) bool {
	i := strings.Index(text, word)
	if i < 0 {
		return false
	}
	letter := func(c byte) bool { return c == '_' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' }
	end := i + len(word)
	return (i == 0 || !letter(text[i-1])) && (end == len(text) || !letter(text[end]))
}

// jsonObjects finds JSON objects inside a text, the outermost ones.
func jsonObjects(text string) []string {
	const most = 20
	var out []string
	for i := 0; i < len(text) && len(out) < most; {
		start := strings.IndexByte(text[i:], '{')
		if start < 0 {
			break
		}
		start += i
		end := objectEnd(text, start)
		if end < 0 {
			i = start + 1
			continue
		}
		if body := text[start:end]; json.Valid([]byte(body)) {
			out = append(out, body)
			i = end
			continue
		}
		// A log line often carries its JSON escaped once more.
		if body := strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(text[start:end]); json.Valid([]byte(body)) {
			out = append(out, body)
			i = end
			continue
		}
		i = start + 1
	}
	return out
}

// objectEnd finds where the object that begins at start ends; -1 if it does not.
func objectEnd(text string, start int) int {
	const longest = 64 << 10
	depth, inString := 0, false
	for i := start; i < len(text) && i-start < longest; i++ {
		switch c := text[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case inString:
		case c == '{':
			depth++
		case c == '}':
			depth--
			if depth == 0 {
				return i + 1
			}
		}
	}
	return -1
}

// readNames finds domain names. Names of e-mail addresses, of files and of the service's own address are not what a ticket is about.
func (t *Ticket) readNames(text string) {
	for _, m := range ticketName.FindAllStringIndex(text, -1) {
		raw := text[m[0]:m[1]]
		if m[0] > 0 && text[m[0]-1] == '@' || m[1] < len(text) && text[m[1]] == '@' {
			continue
		}
		if strings.HasPrefix(text[m[1]:], "/domains/v1") || strings.HasPrefix(text[m[1]:], "/auth/v1") || strings.HasPrefix(text[m[1]:], "/wallet/v1") {
			continue
		}
		if m[0] > 1 && text[m[0]-1] == '*' {
			raw = "*" + raw
		}
		n, err := ParseName(raw)
		if err != nil || !plausible(n.ASCII) || slices.Contains(t.Names, n.ASCII) || slices.Contains(t.IDs, raw) {
			continue
		}
		t.Names = append(t.Names, n.ASCII)
	}
}

// plausible tells a domain name from other words with dots in them: versions, files, method calls.
func plausible(name string) bool {
	tld := name[strings.LastIndexByte(name, '.')+1:]
	if len(tld) < 2 || strings.ContainsAny(tld, "0123456789_") && !strings.HasPrefix(tld, "xn--") {
		return false
	}
	if slices.Contains([]string{"json", "js", "ts", "go", "py", "log", "txt", "html", "yaml", "yml", "md", "png", "csv", "pdf", "svc", "local", "internal"}, tld) && !publicEnding(name) {
		return false
	}
	if slices.Contains([]string{"py", "md", "ts"}, tld) && strings.Count(name, ".") == 1 { // endings of countries that are mostly files in a ticket
		return false
	}
	return probe.Registrable(name) != "" && (publicEnding(name) || slices.Contains([]string{"example", "test", "invalid", "localhost", "lan", "lab"}, tld) || strings.Count(name, ".") >= 2)
}
