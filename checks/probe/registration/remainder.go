package registration

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"domdoc/catalog/lazyregexp"
)

// A reply that says "not found" may add something that contradicts it, in any language: a limit, a reservation, a
// failure. So a name counts as free only if every other paragraph of the reply is recognized: a field, the name
// itself, or a registry's boilerplate.

// smallPrint matches boilerplate: who the registry is, terms of use, further information.
var smallPrint = lazyregexp.New(
	`\b(?:whois\w*|rdap|https?|www|copyright|all rights|the ` +
		`right|terms|privacy|polic(?:y|ies)|disclaimer|liab(?:le|ility)|warrant(?:y|ies)|accura(?:te|cy)|guarantee|` +
		`advertis\w*|unsolicited|marketing|spam|licen[cs]e|lawful|prosecuted|consent|permission|personal data|the ` +
		`data|registration data|contact data|supplied data|` +
		`(?:for )?(?:more|further|additional|domain|contact|registrant|this|certain) information|information ` +
		`(?:related|made|provided|purposes|contained)|information service|the information|` +
		`last updated?(?: on)?|updated every|lookup made|end of|date format|encoding|utf 8|this output|session has ` +
		`been ` +
		`logged|server (?:ready|version|is maintained)|query server|` +
		`help|helpdesk|support|abuse|nuisance|accredited registrars?|list of registrars|acceptable use|reproduc\w+|the ` +
		`service|this service|this server|databank|iana|icann|` +
		`copyrighted|trademark of|operated by|provided by|maintained by|powered by|on behalf ` +
		`of|charge|nic\.\w+|isoc|registry database contains|queries of the|types of queries|query ` +
		`types?)\b|©|\(c\)|\S@\S`)

// knownRemarks are further harmless lines of single registries.
var knownRemarks = []string{
	"상기 도메인이름의 사용을 원하실 경우", "등록 신청하시기 바랍니다", "request] >>", "rl net [", "this domain name has not been registered",
	"servidor whois de nic", "este servidor contiene",
	"la información a la que estás accediendo se provee exclusivamente para",
	"fines relacionados con operaciones sobre nombres de dominios", "nic argentina",
	"by submitting a query you", "you agree", "you should contact the registrar", "it allows persons to check whether",
	"it is prohibited to", "network administration",
	"you acknowledge that:", "the expiration date displayed in this record", "is still available or not",
	"any data for", "the .pl registry", "of the .il registry", "by tci's",
}

// languageBanner matches a line that only names a language or an encoding: "# KOREAN(UTF8)".
var languageBanner = lazyregexp.New(`^[^\pL]*(?:korean|english|japanese|chinese)[^\pL]*(?:utf-?8[^\pL]*)?$`)

// bullet matches the start of a list item; terms of use are full of them.
var bullet = lazyregexp.New(`(?i)^[%# ]*(?:\([a-z0-9]{1,3}\)|[a-z0-9]{1,2}[.)]|[-*•])\s+`)

// unexplained returns a paragraph beside the statement that a name is free which is not recognized, or "". If the
// statement is a field of a record, comments are ignored: a registry that refuses sends no record.
func unexplained(n domainNames, lines []whoisLine, record bool) string {
	var par []whoisLine
	check := func() (text string) {
		if len(par) > 0 && !explained(n, par) {
			text = par[0].text
		}
		par = par[:0]
		return text
	}
	for _, l := range lines {
		if l.blank() || len(par) > 0 && (l.comment != par[0].comment || bullet.MatchString(l.low)) {
			if text := check(); text != "" {
				return text
			}
		}
		if !l.blank() && !(record && l.comment) {
			par = append(par, l)
		}
	}
	return check()
}

// explained reports whether a paragraph is recognized.
func explained(n domainNames, par []whoisLine) bool {
	var words []string
	var rest []int // the lines that words are of
	for i := 0; i < len(par); i++ {
		l := par[i]
		// the statement itself, wrapped
		if i+1 < len(par) && !stops(l.low) &&
			isFreeStatement(statementShape(n, l.low+" "+strings.TrimLeft(par[i+1].low, " %#;*"))) {
			i++
			continue
		}
		if shape := statementShape(n, l.low); isFreeStatement(shape) || shape == "available" || knownLine(n, l) {
			continue
		}
		words = append(words, strings.TrimLeft(l.low, " %#;>*|"))
		rest = append(rest, i)
	}
	if len(words) == 0 {
		return true
	}
	if slices.ContainsFunc(rest, func(i int) bool { return strangeSentence(n, par, i) }) {
		return false
	}
	text := withoutRights(n.without(strings.Join(words, " ")), "copyright")
	if !bullet.MatchString(par[0].low) && saysMore(n, text) {
		return false
	}
	return smallPrint.MatchString(text) || claimsNotice.MatchString(text) || containsAny(text, knownRemarks) ||
		isFreeStatement(statementShape(n, text)) || listItem(par) && wordCount(text) > 3
}

// listItem reports whether a paragraph is an item of a list that goes on with the sentence above it. One that is a
// sentence of its own can be about the name.
func listItem(par []whoisLine) bool {
	if !bullet.MatchString(par[0].text) {
		return false
	}
	first, _ := utf8.DecodeRuneInString(bullet.ReplaceAllString(par[0].text, ""))
	return unicode.IsLower(first) || unicode.IsDigit(first) || !stops(par[len(par)-1].low)
}

// pointer matches an address, with the words that lead to it: "see https://nic.example/", "Terms of use: ...".
var pointer = lazyregexp.New(
	`(?:\b(?:please|see(?: also)?|visit|go to|at|on|via|under|refer to|consult|check|terms of (?:use|service)|` +
		`(?:for )?(?:more|further|additional) (?:information|info|details)(?: (?:on|about) \S+(?: \S+)?)?)[ ,:]*)*` +
		`\(?(?:https?://|www\.)[^\s)]+\)?`)

// aboutNames matches a sentence that says something about the name or names of its kind, whatever else it mentions.
var aboutNames = lazyregexp.New(
	`^(?:however,? |but |note:? |notice:? )?(?:the|this|that|such|your)(?: \w+){0,2} ` +
		`(?:names?|domains?|labels?|strings?|` +
		`records?|registrations?|□) (?:□ )?(?:is|was|has|had|were|are|belongs|needs|requires|must|will)\b|` +
		`^(?:□|it|this one) (?:is|was|has|had|belongs|needs|requires|must|will|can)\b`)

// invitation matches the start of a sentence that only says what an address is good for.
var invitation = lazyregexp.New(
	`^[^\pL□]*(?:if you|to|in order to|for (?:an?|the|any|more|further)|rules (?:concerning|for|of)|you can ` +
		`register)\b`)

// maxRemark is the length of a remark in words; a longer paragraph is a registry's terms of use.
const maxRemark = 32

// saysMore reports whether a short paragraph says something about the name, or is no boilerplate but for an address
// in it: a registry may name the page on which it says more about the names that nobody can have.
func saysMore(n domainNames, text string) bool {
	rest := pointer.ReplaceAllString(text, " ")
	if wordCount(rest) > maxRemark {
		return false
	}
	if rest != text && wordCount(rest) > 2 && !invitation.MatchString(rest) && !smallPrint.MatchString(rest) &&
		!claimsNotice.MatchString(rest) &&
		!containsAny(rest, knownRemarks) && !isFreeStatement(statementShape(n, rest)) {
		return true
	}
	for _, s := range sentenceEnd.Split(rest, -1) {
		s = strings.Trim(s, " ,:;()[]-–")
		if aboutNames.MatchString(s) && !claimsNotice.MatchString(s) && !isFreeStatement(statementShape(n, s)) &&
			!containsAny(s, knownRemarks) {
			return true
		}
	}
	return false
}

// sentenceEnd matches the end of a sentence.
var sentenceEnd = lazyregexp.New(`[.!?。]\s+`)

// strangeSentence reports whether a line of a paragraph of several is a short sentence of its own that is no
// boilerplate: it can be about the name, as terms of use around it are not.
func strangeSentence(n domainNames, par []whoisLine, i int) bool {
	text := strings.TrimLeft(par[i].low, " %#;>*|")
	if len(par) == 1 || wordCount(text) > maxStrangeWords || bullet.MatchString(par[i].low) || !stops(text) &&
		i+1 < len(par) ||
		i > 0 && !stops(par[i-1].low) {
		return false
	}
	text = withoutRights(n.without(text), "copyright")
	if !spoken.MatchString(text) { // a time, an address
		return false
	}
	return !smallPrint.MatchString(text) && !containsAny(text, knownRemarks)
}

// spoken matches a word that can say something.
var spoken = lazyregexp.New(`(?:^|[^\pL\pN])\pL{3,}(?:[^\pL\pN]|$)|[^\x00-\x{24f}]`)

// maxStrangeWords is the length of such a sentence, in words; a registry's terms of use have longer ones.
const maxStrangeWords = 12

// stops reports whether a line ends with the end of a sentence.
func stops(s string) bool {
	last, _ := utf8.DecodeLastRuneInString(strings.TrimRight(s, " \"'”’)"))
	return strings.ContainsRune(".!?。", last)
}

// knownLine reports whether a line is a field with a known key, only names the domain, or only names a language.
func knownLine(n domainNames, l whoisLine) bool {
	// the rest of "accredited registrars", behind a line of another kind
	if languageBanner.MatchString(l.low) || l.low == "registrars" {
		return true
	}
	key, _, value, ok := splitField(strings.TrimLeft(l.text, " %#;>*|"))
	if headingAlone(n, l, ok && value != "") {
		return true
	}
	if !ok {
		return n.is(strings.Trim(l.low, wordMarks+"%#"))
	}
	switch {
	case whoisKeys[key] != keyNone && whoisKeys[key] != keyMessage:
		return true
	case n.is(strings.Trim(strings.ToLower(value), wordMarks)):
		return true
	}
	switch key {
	case "version", "script", "query time", "when", "query datetime", "source", "type", "object", "error code",
		"query type", "last update", "timestamp", "time", "date":
		return true
	}
	return whoisKeys[key] == keyMessage && freeStatuses[compact(value)]
}

// headingAlone reports whether a line is only a heading of what follows: "Domain Information", "Query:", "Result".
func headingAlone(n domainNames, l whoisLine, valued bool) bool {
	words := strings.Fields(strings.Trim(n.without(l.low), wordMarks+"%#=-~+/\\ "))
	if valued || len(words) == 0 || len(words) > 5 {
		return false
	}
	if key, _ := normaliseKey(l.text); isWhoisHeader(l.text) && whoisKeys[key] < keyHold { // "Registrant"
		return true
	}
	for _, w := range words {
		if w = strings.Trim(w, wordMarks); w != nameMark && !headingWords[w] {
			return false
		}
	}
	return true
}

// headingWords are the words of such headings. None of them can refuse, fail or reserve.
var headingWords = map[string]bool{
	"domain": true, "domains": true, "name": true, "information": true, "info": true, "whois": true, "query": true,
	"result": true, "results": true, "response": true, "answer": true, "reply": true, "data": true, "database": true,
	"search": true, "lookup": true, "record": true, "records": true, "object": true, "status": true, "registry": true,
	"server": true, "service": true, "for": true, "of": true, "the": true, "your": true, "details": true, "about": true,
	"contact": true, "contacts": true, "administrative": true, "admin": true, "technical": true, "tech": true,
	"billing": true, "owner": true, "holder": true, "registrant": true, "registrar": true, "servers": true,
	"nameservers": true, "dns": true, "información": true, "informacion": true, "informação": true,
	"informations": true,
	"informazioni": true, "informationen": true, "del": true, "de": true, "do": true, "du": true, "sur": true,
	"le": true,
	"el": true, "sobre": true, "zur": true, "über": true, "dominio": true, "domínio": true, "domaine": true,
	"resultado": true, "résultat": true, "ergebnis": true, "consulta": true, "abfrage": true,
	"output": true, "report": true, "section": true, "nic": true, "registration": true, "message": true, "error": true,
}
