package registration

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	whoisparser "github.com/likexian/whois-parser"

	"domdoc/catalog/lazyregexp"
)

// ReadWHOIS reads the reply of a WHOIS server on port 43 about domain (an A-label in lower case).
//
// A name counts as free only by a statement of its own, about this name, that nothing else in the reply contradicts.
// Anything not understood is Unknown with a Reason. Use it for NotRegistered only with the reply of a registry: a
// registrar's "not found" about a name that it does not sponsor proves nothing. Server is left empty.
//
// cut means that the reply was broken off. The missing end may hold the decisive line, so such a reply proves only a
// registration by the record that is there, or that the server refuses; its last line may be incomplete and is not
// read as a field.
func ReadWHOIS(domain string, reply []byte, cut bool) Registration {
	names := newDomainNames(domain)
	lines, tooMuch := whoisLines(reply)
	whole := lines
	missing := ""
	if tooMuch {
		missing = "reply too long"
	}
	if cut {
		missing = "the reply was broken off"
		reply = reply[:bytes.LastIndexAny(reply, "\r\n")+1]
		lines, _ = whoisLines(reply)
	}
	all := whoisFields(lines)
	fields, others := ownFields(names, all)
	rec := readWhoisFields(names, fields, lines)
	whatever := rec
	if others {
		whatever = readWhoisFields(names, all, lines)
	}
	// "inactive" means that there are none: whether some are listed is in the missing end
	if missing != "" && len(rec.reg.Nameservers) == 0 {
		rec.reg.Statuses = slices.DeleteFunc(rec.reg.Statuses, func(s string) bool { return s == "inactive" })
	}
	v := judgeWhois(names, whole, rec, whatever, missing)
	reg := Registration{
		State: v.state, Source: "whois", Domain: names.ascii, Reason: v.reason, Throttled: v.throttled,
		RetryAfter: v.retry,
	}
	switch v.state {
	case Registered:
		reg = rec.reg
		reg.State = Registered
		if !others {
			fillFromParser(&reg, names, reply)
		}
	case Reserved:
		reg.Statuses = rec.reg.Statuses
		reg.Offer = v.offer
		if reg.Offer == NoOffer {
			reg.Offer = offerOf(v.reason)
		}
		if v.line.text != "" {
			reg.leftDate(v.line, dateOrder(names, fields), rec.zone)
		}
		for _, d := range []struct{ from, to dateField }{
			{rec.reg.deletes(), reg.deletes()}, {rec.reg.releases(), reg.releases()},
		} {
			if d.to.at.IsZero() {
				*d.to.at, *d.to.latest = *d.from.at, *d.from.latest
			}
		}
	case NotRegistered:
		if slices.ContainsFunc(lines, func(l whoisLine) bool { return claimsNotice.MatchString(names.without(l.low)) }) {
			reg.Offer = OfferClaims
		}
	case Unknown:
		reg.ReferralServer = rec.reg.ReferralServer
		reg.Elsewhere = !v.throttled && slices.Contains(elsewhereReasons, v.reason)
	}
	return reg
}

// whoisVerdict is the conclusion from a reply.
type whoisVerdict struct {
	state     State
	reason    string
	throttled bool
	retry     time.Duration
	offer     Offer
	line      whoisLine // the statement that the registration has ended
}

// elsewhereReasons are those of servers that do not have names of the ending.
var elsewhereReasons = []string{
	"reply not understood", "answered about another name", "answered about the top-level domain",
	"reply only names another server", "empty reply", servesNot,
}

const servesNot = "the server does not serve this TLD"

func unknownWhois(reason string) whoisVerdict {
	return whoisVerdict{state: Unknown, reason: reason}
}

// judgeWhois decides. The order matters: whatever could contradict "free" is checked before whatever could state it.
// missing says why the end of the reply is missing; it is empty for a complete reply. all has the fields of all
// records in the reply, rec those of the domain's.
func judgeWhois(n domainNames, lines []whoisLine, rec, all whoisRecord, missing string) whoisVerdict {
	said := make([]whoisLine, len(lines)) // without the name, in which words stand that the registry does not say
	for i, l := range lines {
		l.low = withoutRights(n.withoutLabel(n.without(l.low)), "")
		said[i] = l
	}
	flat := flatText(said)
	if len(strings.Trim(flat, " ¦")) < 4 {
		return unknownWhois("empty reply")
	}
	if webReply.MatchString(strings.TrimLeft(flat, " ¦")) || strings.Contains(flat, "<html") ||
		strings.Contains(flat, "<!doctype") || strings.Contains(flat, "<body") {
		return unknownWhois("answered with a web page")
	}
	// A full record for this very name cannot come from a server that refuses to answer, whatever its terms of use say
	// about limits.
	named := rec.named || (rec.other == "" && mentions(n, lines))
	if named && (rec.dates > 0 || len(rec.reg.Nameservers) > 0) && rec.evidence() >= 2 && !rec.statusIs(statusOfFree) {
		return whoisVerdict{state: Registered}
	}
	// A record with a date or servers is registered, though the holder's rights may be blocked.
	held := rec.named && (rec.dates > 0 || len(rec.reg.Nameservers) > 0) && !rec.statusIs(statusOfFree) &&
		!rec.statusIs(statusOfReserved)
	if stated(said, flat, throttleTexts) != "" || tooManyQuestions.MatchString(flat) ||
		slices.ContainsFunc(lines, func(l whoisLine) bool {
			return strings.Trim(l.low, wordMarks+"% ") == "throttled"
		}) {
		return whoisVerdict{state: Unknown, reason: "too many questions", throttled: true, retry: waitTime(flat)}
	}
	if stated(said, flat, unavailableTexts) != "" {
		return unknownWhois("server unavailable")
	}
	if stated(said, flat, elsewhereTexts) != "" {
		return unknownWhois(servesNot)
	}
	if stated(said, flat, deniedTexts) != "" {
		return unknownWhois("server refuses to answer")
	}
	if missing != "" {
		return unknownWhois(missing)
	}
	if left, ok := statesLeft(n, lines); ok && !held && all.evidence() == 0 {
		return whoisVerdict{state: Reserved, reason: left.reason, offer: left.offer, line: left.line}
	}
	if text := stated(said, flat, reservedTexts); text != "" && !held {
		return whoisVerdict{state: Reserved, reason: "registry says: " + strings.TrimSpace(text)}
	}
	if s := rec.firstStatus(statusOfReserved); s != "" {
		return whoisVerdict{state: Reserved, reason: "registry status: " + cutRunes(cleanValue(strings.ToLower(s)), 60)}
	}
	if statesReserved(n, lines, flat) {
		return whoisVerdict{state: Reserved, reason: "registry says: not available"}
	}
	if rec.other != "" && !rec.named {
		if rec.ianaTLD {
			return unknownWhois("answered about the top-level domain")
		}
		return unknownWhois("answered about another name")
	}
	free, aboutOther := statesFree(n, lines, rec)
	switch {
	case free && (all.evidence() > 0 || all.ends || all.reg.RegistrarIANA != "" || all.doubtfulStatus()):
		return unknownWhois("reply contradicts itself")
	case free && (hedged(said) || unexplained(n, lines, rec.named && rec.statusIs(statusOfFree)) != ""):
		return unknownWhois("reply qualifies its answer")
	case free:
		return whoisVerdict{state: NotRegistered}
	case aboutOther:
		return unknownWhois("answered about another name")
	case named && rec.named && rec.evidence() > 0, tonicRecord(n, lines), statesTaken(n, lines):
		return whoisVerdict{state: Registered}
	// A record that does not repeat the name, from a server that was asked for one name only.
	case rec.other == "" && rec.dates > 0 && rec.evidence() >= 3:
		return whoisVerdict{state: Registered}
	case rec.reg.ReferralServer != "":
		return unknownWhois("reply only names another server")
	}
	return unknownWhois("reply not understood")
}

// tooManyQuestions matches a limit in words that are nearly spelled right: "% Too may requests."
var tooManyQuestions = lazyregexp.New(
	`(?:^|[.!%¦] ?)too [a-z]{2,5} (?:requests?|quer(?:y|ies)|connections?|look ?ups?|questions)\b`)

func containsAny(text string, phrases []string) bool {
	return firstOf(text, phrases) != ""
}

func firstOf(text string, phrases []string) string {
	for _, p := range phrases {
		if strings.Contains(text, p) {
			return p
		}
	}
	return ""
}

// conditional matches the words that make a sentence hypothetical, as in terms of use: "if too many queries are
// received".
var conditional = lazyregexp.New(
	`\b(?:if|when|whenever|unless|should|may|might|would|will|shall|could|can|must|agree|rights?|reserves?|avoid|` +
		`prevent)\b`)

// conditionalAfter matches the same behind a subject: "excessive queries will be rejected".
var conditionalAfter = lazyregexp.New(`^\w* (?:will|may|might|can|could|would|shall) `)

// stated returns the first phrase that the reply states, rather than mentions as a condition. A line of its own is
// judged by itself.
func stated(lines []whoisLine, flat string, phrases []string) string {
	for _, p := range phrases {
		if !strings.Contains(flat, strings.TrimSpace(p)) {
			continue
		}
		if unconditional(flat, p) {
			return p
		}
		for i, l := range lines {
			if len(l.text) > 400 {
				continue
			}
			if unconditional(l.low, p) && (!inProse(lines, i) || standsAlone(l)) {
				return p
			}
		}
	}
	return ""
}

// standsAlone reports whether a line is a short sentence of its own, even amid the lines of another.
func standsAlone(l whoisLine) bool {
	first, _ := utf8.DecodeRuneInString(strings.TrimLeft(l.text, "%#;* "))
	return wordCount(l.text) <= 7 && unicode.IsUpper(first) && endsSentence(l.text)
}

// unconditional reports whether the phrase occurs at least once without a condition before it in its sentence.
func unconditional(text, phrase string) bool {
	for from := 0; ; {
		i := strings.Index(text[from:], phrase)
		if i < 0 {
			return false
		}
		at := from + i
		from = at + len(phrase)
		if !conditional.MatchString(text[sentenceStart(text[:at]):at]) && !conditionalAfter.MatchString(text[from:]) {
			return true
		}
	}
}

// sentenceStart returns where the last sentence of text begins, at most 400 bytes back.
func sentenceStart(text string) int {
	low := max(0, len(text)-400)
	start := low
	for _, mark := range []string{". ", "! ", "? ", sentenceBreak} {
		if i := strings.LastIndex(text[low:], mark); i >= 0 {
			start = max(start, low+i+len(mark))
		}
	}
	return start
}

// mentions reports whether a line that is not a comment contains the domain as a word.
func mentions(n domainNames, lines []whoisLine) bool {
	for _, l := range lines {
		if l.comment || !strings.Contains(l.low, n.ascii) && !strings.Contains(l.low, n.unicode) {
			continue
		}
		for f := range strings.FieldsSeq(l.low) {
			if n.is(strings.Trim(f, wordMarks)) {
				return true
			}
		}
	}
	return false
}

// waitPattern matches how long a server asks us to wait.
var waitPattern = lazyregexp.New(
	`\b(?:wait|again|after|in|for|at least|period of|of)[ :]+(?:(\d{1,3})h)?(?:(\d{1,4})m)?(?:(\d{1,8}))?[ ` +
		`-]?(s|second|sec|minute|min|hour|h|m)?`)

// waitTime returns that time, at most a week, or zero.
func waitTime(flat string) time.Duration {
	for _, m := range waitPattern.FindAllStringSubmatch(flat, 200) {
		h, _ := strconv.Atoi(m[1])
		mi, _ := strconv.Atoi(m[2])
		d := time.Duration(h)*time.Hour + time.Duration(mi)*time.Minute
		if n, err := strconv.Atoi(m[3]); err == nil {
			switch m[4] {
			case "s", "second", "sec":
				d += time.Duration(n) * time.Second
			case "minute", "min", "m":
				d += time.Duration(n) * time.Minute
			case "hour", "h":
				d += time.Duration(n) * time.Hour
			default:
				continue
			}
		}
		if d > 0 {
			return min(d, 7*24*time.Hour)
		}
	}
	return 0
}

// statusClass is what a status says about whether the name is registered.
type statusClass int

const (
	statusOther statusClass = iota
	statusOfRegistered
	statusOfFree
	statusOfReserved
)

func classifyStatus(value string) statusClass {
	if strings.HasSuffix(strings.TrimSpace(value), "?") {
		return statusOther
	}
	c := compact(statusNote.ReplaceAllString(statusURL.ReplaceAllString(value, " "), " "))
	switch {
	case freeStatuses[c]:
		return statusOfFree
	case reservedStatuses[c]:
		return statusOfReserved
	}
	if _, ok := lookupStatus(value); ok {
		return statusOfRegistered
	}
	if s := NormaliseStatus(value); statusRank(s) > 0 || (s != "" && statusWords[compact(s)] == s) {
		return statusOfRegistered
	}
	if reservedWord.MatchString(value) && !negated.MatchString(value) {
		return statusOfReserved
	}
	return statusOther
}

// reservedWord matches a status of more words that keeps a name from being registered: "administratively reserved".
var reservedWord = lazyregexp.New(`(?i)\b(?:reserved|withheld)\b`)

// negated matches a word that turns a status around.
var negated = lazyregexp.New(`(?i)\b(?:not|non|un|no|rights?)\b`)

// webReply matches the status line of an HTTP response (RFC 9112 4) in lower case.
var webReply = lazyregexp.New(`^http/\d(?:\.\d)? \d{3}\b`)

func (r *whoisRecord) firstStatus(c statusClass) string {
	for _, s := range r.rawStatus {
		if classifyStatus(s) == c {
			return s
		}
	}
	return ""
}

func (r *whoisRecord) statusIs(c statusClass) bool { return r.firstStatus(c) != "" }

// doubtfulStatus says that a status field holds something else than "free".
func (r *whoisRecord) doubtfulStatus() bool {
	return slices.ContainsFunc(r.rawStatus, func(s string) bool { return classifyStatus(s) != statusOfFree })
}

// tonicRecord recognizes the record of the .to registry: the name without its suffix, then a server, on each line.
func tonicRecord(n domainNames, lines []whoisLine) bool {
	for _, l := range lines {
		f := strings.Fields(l.low)
		if len(f) == 2 && f[0] == n.label && n.label != n.ascii && domainLike(f[1]) && !nonASCII(f[1]) {
			return true
		}
	}
	return false
}

// fillFromParser lets likexian/whois-parser add fields that we did not find in the reply of a registered name. It
// never decides the state: it takes "the registry is not available" for "the domain is free". It has panicked on odd
// input, and reads at most 64 KiB here.
func fillFromParser(reg *Registration, n domainNames, reply []byte) {
	defer func() { _ = recover() }()
	if len(reply) > 64<<10 {
		return
	}
	if reg.Registrar != "" && len(reg.Nameservers) > 0 && len(reg.Statuses) > 0 && !reg.CreatedAt.IsZero() &&
		!reg.ExpiresAt.IsZero() {
		return
	}
	info, err := whoisparser.Parse(decodeText(reply))
	if err != nil || info.Domain == nil || !n.is(info.Domain.Punycode) {
		return
	}
	order, zone := dateOrder(n, nil), zoneOf(n, nil)
	d := info.Domain
	reg.created().set(d.CreatedDate, order, zone)
	reg.expires().set(d.ExpirationDate, order, zone)
	reg.updated().set(d.UpdatedDate, order, zone)
	if reg.Registrar == "" && info.Registrar != nil {
		reg.Registrar = registrarName(info.Registrar.Name)
		if id := info.Registrar.ID; reg.RegistrarIANA == "" && isDigits(id) && len(id) < 10 {
			reg.RegistrarIANA = id
		}
	}
	if len(reg.Nameservers) == 0 {
		var rec whoisRecord
		for _, ns := range d.NameServers[:min(len(d.NameServers), maxNameservers)] {
			rec.nameservers(n, whoisField{value: ns})
		}
		reg.Nameservers = rec.reg.Nameservers
	}
	if len(reg.Statuses) == 0 {
		for _, s := range d.Status[:min(len(d.Status), maxStatuses)] {
			if classifyStatus(s) == statusOfRegistered {
				reg.Statuses = addStatus(reg.Statuses, NormaliseStatus(s))
			}
		}
		reg.Statuses = settleStatuses(reg.Statuses)
	}
}
