package catalog

import (
	"strconv"
	"strings"
	"time"

	"domdoc/catalog/hosts"
	"domdoc/catalog/lazyregexp"
)

// The sentences of a reply to a tenant. Its readers know their own DNS panel, but not our terms or servers.

// ReplyTime formats a time for a reply.
func ReplyTime(t time.Time) string { return t.UTC().Format("2 January 2006, 15:04 UTC") }

// ReplyReported says which code the service reported for a domain; at is zero if the time is unknown.
func ReplyReported(code, domain string, at time.Time) string {
	s := "The service returned " + replyCode(code) + " for " + domain
	if !at.IsZero() {
		s += " on " + ReplyTime(at)
	}
	return s + "."
}

// ReplyMentioned says which code a ticket mentions for a domain; nothing shows that the service returned it.
func ReplyMentioned(code, domain string) string {
	return "You mentioned " + replyCode(code) + " for " + domain + "."
}

// replyCode returns a code with its name in words.
func replyCode(code string) string {
	c, _ := FindCode(code)
	if c.Name == "" {
		return code
	}
	words := strings.ToLower(strings.ReplaceAll(strings.TrimPrefix(c.Name, "DOMAIN_"), "_", " "))
	return code + " (" + strings.NewReplacer("dns", "DNS", "ssl", "SSL", "cdn", "CDN", "ttl", "TTL", "whois",
		"WHOIS").Replace(words) + ")"
}

// ReplyNotChecked says which domains of a ticket are not diagnosed; empty without any.
func ReplyNotChecked(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return "We have not checked " + Join(names) + "."
}

// ReplyCause introduces the reasons for what was reported.
func ReplyCause(many int) string {
	if many > 1 {
		return "We looked into it and found " + strconv.Itoa(many) + " reasons:"
	}
	return "We looked into it and found the reason:"
}

// ReplyNotCause says which of several reported codes nothing explains.
func ReplyNotCause(codes []string) string {
	again := "If it is still reported once the above is done, send us its request ID and time."
	if len(codes) > 1 {
		again = "If they are still reported once the above is done, send us their request IDs and times."
	}
	return "This does not explain " + Join(codes) + ". " + again
}

// ReplyLooked introduces the findings at a domain that nothing was reported about.
func ReplyLooked(domain string, faults int) string {
	switch faults {
	case 0:
		return "We checked " + domain + " and found no problems."
	case 1:
		return "We checked " + domain + " and found this problem:"
	}
	return "We checked " + domain + " and found " + strconv.Itoa(faults) + " problems:"
}

// The fixed sentences of a reply.
const (
	ReplyGone = "We looked into it, but nothing we see now explains the error, so it may be resolved. Please try " +
		"again; if you get the same error, send us its request ID and time."
	ReplyUnsure = "Some of our checks could not be completed, so we do not know the reason yet. We will check again; " +
		"you do not need to change anything for now."
	ReplyHello   = "Hello,"
	ReplyOther   = "We also found this, which does not explain the error:"
	ReplyDo      = "What to do:"
	ReplyNext    = "What happens next:"
	ReplyRecord  = "The record, field by field as in your DNS panel:"
	ReplyRecords = "The records, field by field as in your DNS panel:"
	ReplyDelete  = "To delete at the same time:"
)

// ReplyAgain says what comes after a change: for a domain that is to be verified, another verification.
func ReplyAgain(verify bool) string {
	if verify {
		return "Once that is done, request the verification again, or let us know and we will check."
	}
	return "Once that is done, let us know and we will check."
}

// ReplyHint says that nothing explains what a ticket mentions about a domain without a fault.
func ReplyHint(domain string, codes []string) string {
	return "Nothing we see now explains " + Join(codes) + " for " + domain + ", so it may be resolved. Please try " +
		"again; if you get the same error, send us its request ID and time."
}

// ReplyTried says from where a domain without a fault was checked, and what could be asked of those for whom it does
// not work.
func ReplyTried(resolvers []string) string {
	s := "We checked it from one place"
	if len(resolvers) > 0 {
		s += ", and with the DNS servers " + Join(resolvers)
	}
	return s + ". If it does not work for some visitors, tell us where they are, which network they use, and the exact " +
		"error and its time."
}

// ReplyUntil says when the wait ends.
func ReplyUntil(t time.Time) string { return "It will work by " + ReplyTime(t) + " at the latest." }

// ReplyWaits says that nothing is to be done until a domain works.
func ReplyWaits(domain string, t time.Time) string {
	return "Nothing needs to be changed: " + domain + " will work by " + ReplyTime(t) + " at the latest."
}

// ReplyBy says by when the change must be made.
func ReplyBy(t time.Time) string {
	return "This must be in place by " + ReplyTime(t) + "; after that, it has to be requested again."
}

// ReplyPlatform says who passes a fault of the platform on.
func ReplyPlatform(from Reader) string {
	if from.Passes() {
		return "The platform must act here: send this to its support."
	}
	return "We take care of this; you do not need to change anything."
}

// ReplyIntegrations says who looks into failed integrations that nothing at the domain explains; empty without any.
func ReplyIntegrations(integrations []string, from Reader) string {
	if len(integrations) == 0 {
		return ""
	}
	if from.Passes() {
		return "The platform's " + strings.Join(integrations, "/") +
			" integration failed; we found nothing at the domain that would " +
			"explain it. Nothing needs to be changed there. If it still fails, send this to the platform's support, with " +
			"the request ID and time of the error."
	}
	return "Our own " + strings.Join(integrations, "/") +
		" integration failed; we found nothing at the domain that would explain " +
		"it. We are looking into it; you do not need to change anything. If it still fails, send us the request ID " +
		"and time of the error."
}

// ReplyChecked says when the domain was checked.
func ReplyChecked(t time.Time) string { return "(Checked on " + ReplyTime(t) + ".)" }

// ReplyField is one field of a form.
type ReplyField struct{ Name, Value string }

// ReplyFields returns a record as the fields of its DNS host's form, with that host's labels.
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
	replyPort     = lazyregexp.New(`(\b\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:]+\]):(?:53|443|80|853)\b`)
	replyServer   = lazyregexp.New(`([a-z0-9-]+(?:\.[a-z0-9-]+)+) \((?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:]+\])\)`)
	replyCall     = lazyregexp.New(` \((?:GET|POST|PUT|PATCH|DELETE) /[^)]*\)`)
	replyInternal = lazyregexp.New(` \(see the incident\)`)
)

// resolverNames are the common names of public resolvers.
var resolverNames = map[string]string{
	"8.8.8.8": "Google's resolver (8.8.8.8)",
	"8.8.4.4": "Google's resolver (8.8.4.4)", "1.1.1.1": "Cloudflare's resolver (1.1.1.1)",
	"1.0.0.1": "Cloudflare's resolver (1.0.0.1)", "9.9.9.9": "Quad9's resolver (9.9.9.9)",
}

// ReplyWords prepares a sentence for a tenant: it removes ports, addresses of servers that have a name, and API
// calls.
func ReplyWords(s string) string {
	s = replyPort.ReplaceAllStringFunc(s, func(at string) string {
		host := strings.Trim(at[:strings.LastIndexByte(at, ':')], "[]")
		if name, ok := resolverNames[host]; ok && strings.HasSuffix(at, ":53") {
			return name
		}
		return host
	})
	s = replyServer.ReplaceAllStringFunc(s, func(m string) string { return m[:strings.IndexByte(m, ' ')] })
	s = quoted.ReplaceAllStringFunc(s, func(q string) string { // people do not read escapes
		if text, err := strconv.Unquote(q); err == nil {
			return "“" + text + "”"
		}
		return q
	})
	s = replyCall.ReplaceAllString(s, "")
	return replyInternal.ReplaceAllString(s, "")
}

// quoted matches a value that Quote has quoted and in which it escaped something.
var quoted = lazyregexp.New(`"(?:[^"\\]|\\.)*\\.(?:[^"\\]|\\.)*"`)

// ReplyStep prepares a step for a tenant like ReplyWords. verified means that the domain needs no verification.
func ReplyStep(s string, verified bool) string {
	if verified {
		s = strings.Replace(s, "then ask the service to verify again", "then check again", 1)
	}
	return ReplyWords(s)
}

// ReplySentence capitalizes a sentence and ends it with a period, unless it begins with a name or ends with a value.
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
