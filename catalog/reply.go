package catalog

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"domdoc/catalog/hosts"
)

// The sentences of a reply to a tenant. It is read by somebody who knows their DNS panel, and neither our words nor
// our servers.

// ReplyTime is a moment as a reply writes it.
func ReplyTime(t time.Time) string { return t.UTC().Format("2 January 2006, 15:04 UTC") }

// ReplyReported says what the service said of a domain; at is zero where that is not known.
func ReplyReported(code, domain string, at time.Time) string {
	c, _ := FindCode(code)
	s := "The service answered with " + code
	if c.Name != "" {
		words := strings.ToLower(strings.ReplaceAll(strings.TrimPrefix(c.Name, "DOMAIN_"), "_", " "))
		s += " (" + strings.NewReplacer("dns", "DNS", "ssl", "SSL", "cdn", "CDN", "ttl", "TTL", "whois",
			"WHOIS").Replace(words) + ")"
	}
	s += " for " + domain
	if !at.IsZero() {
		s += " on " + ReplyTime(at)
	}
	return s + "."
}

// ReplyCause introduces the reason for what was reported; many tells that there are several.
func ReplyCause(many int) string {
	if many > 1 {
		return "We looked into it. There are " + strconv.Itoa(many) + " reasons:"
	}
	return "We looked into it. The reason:"
}

// ReplyLooked introduces what was found at a domain that nothing was reported about.
func ReplyLooked(domain string, faults int) string {
	switch faults {
	case 0:
		return "We looked at " + domain + " and found nothing wrong with it."
	case 1:
		return "We looked at " + domain + " and found this:"
	}
	return "We looked at " + domain + " and found " + strconv.Itoa(faults) + " things:"
}

// The fixed sentences of a reply.
const (
	ReplyGone = "We looked into it, and what we see now does not account for it any more. Please try again; if " +
		"the same answer comes back, send us its request id and time."
	ReplyUnsure = "We could not check everything just now, so we cannot tell the reason yet. We will look again; " +
		"nothing needs to be changed for now."
	ReplyOther     = "Apart from that we found this, which does not explain the answer:"
	ReplyDo        = "What to do:"
	ReplyNext      = "What happens next (nothing for you to change):"
	ReplyRecord    = "The record, as your DNS host's form takes it:"
	ReplyRecords   = "The records, as your DNS host's form takes them:"
	ReplyDelete    = "To delete in the same go:"
	ReplyThenAgain = "Once that is done, ask for the verification again, or tell us and we will look."
)

// ReplyUntil says when waiting ends.
func ReplyUntil(t time.Time) string { return "It works by " + ReplyTime(t) + " at the latest." }

// ReplyChecked says of when all of it is.
func ReplyChecked(t time.Time) string { return "(Checked on " + ReplyTime(t) + ".)" }

// ReplyField is one field of a form.
type ReplyField struct{ Name, Value string }

// ReplyFields are a record as the form of its DNS host takes it, field by field, in that host's words.
func ReplyFields(r Record) []ReplyField {
	p := hosts.PanelOf(r.Host)
	field := func(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
	out := []ReplyField{
		{"Type", r.Type},
		{field(p.Name), p.Label(r.Name, r.Label())},
		{field(p.Value), p.FieldValue(r.Type, r.Value)},
	}
	if r.TTL > 0 {
		out = append(out, ReplyField{"TTL", strconv.Itoa(r.TTL)})
	}
	return out
}

var (
	replyPort     = regexp.MustCompile(`(\b\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:]+\]):(?:53|443|80|853)\b`)
	replyServer   = regexp.MustCompile(`([a-z0-9-]+(?:\.[a-z0-9-]+)+) \((?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:]+\])\)`)
	replyCall     = regexp.MustCompile(` \((?:GET|POST|PUT|PATCH|DELETE) /[^)]*\)`)
	replyInternal = regexp.MustCompile(` \(see the incident\)`)
)

// resolverNames are public resolvers by what people call them.
var resolverNames = map[string]string{
	"8.8.8.8": "Google's resolver (8.8.8.8)",
	"8.8.4.4": "Google's resolver (8.8.4.4)", "1.1.1.1": "Cloudflare's resolver (1.1.1.1)",
	"1.0.0.1": "Cloudflare's resolver (1.0.0.1)", "9.9.9.9": "Quad9's resolver (9.9.9.9)",
}

// ReplyWords makes a sentence of ours fit for a tenant: ports, addresses of servers that have a name, and calls of
// the service's interface go.
func ReplyWords(s string) string {
	s = replyPort.ReplaceAllStringFunc(s, func(at string) string {
		host := strings.Trim(at[:strings.LastIndexByte(at, ':')], "[]")
		if name, ok := resolverNames[host]; ok && strings.HasSuffix(at, ":53") {
			return name
		}
		return host
	})
	s = replyServer.ReplaceAllStringFunc(s, func(m string) string { return m[:strings.IndexByte(m, ' ')] })
	s = replyCall.ReplaceAllString(s, "")
	return replyInternal.ReplaceAllString(s, "")
}

// ReplySentence begins a sentence with a capital and ends it with a full stop, save where it begins with a name or
// ends with a value.
func ReplySentence(s string) string {
	s = ReplyWords(s)
	word, _, _ := strings.Cut(s, " ")
	if word != "" && word[0] >= 'a' && word[0] <= 'z' && !strings.ContainsAny(word, "._-:") {
		s = strings.ToUpper(s[:1]) + s[1:]
	}
	if s != "" && !strings.ContainsAny(s[len(s)-1:], ".!?:") {
		s += "."
	}
	return s
}
