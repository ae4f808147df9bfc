package registration

import (
	"bytes"
	"encoding/json"
	"strings"

	"domdoc/catalog/lazyregexp"
)

// hasObject reports whether a document is about an object, whatever else it is.
func hasObject(body []byte) bool {
	var members map[string]json.RawMessage
	if json.Unmarshal(bytes.TrimPrefix(body, []byte("\ufeff")), &members) != nil {
		return false
	}
	for key, value := range members {
		switch strings.ToLower(key) {
		case "objectclassname", "ldhname", "unicodename", "nameservers", "entities", "events", "securedns":
			return true
		case "status": // a list of a domain, and a number of problem details
			if bytes.HasPrefix(value, []byte("[")) {
				return true
			}
		}
	}
	return false
}

// rdapAbsent matches what says in a 404 that there is nothing.
var rdapAbsent = lazyregexp.New(
	`\b(?:not|isn't|wasn't) (?:\w+ )?(?:found|exist|exists|registered|located|known|present|in )|` +
		`\bnot(?:found|exist)|\b(?:no|zero|0) (?:\w+ ` +
		`){0,3}(?:data|match\w*|objects?|records?|results?|information|entr\w+|` +
		`found|domains?|names?|resources?)\b|\bno such\b|\bnothing\b|\bunregistered|\bnon-?existent|\bnxdomain|` +
		`\b(?:cannot|can't|couldn't|could not|unable to|failed to|did not|didn't) (?:be ` +
		`)?(?:find|found|locate|located)|\bunknown ` +
		`(?:domain|` +
		`object|name)|\b404\b|available for registration|can be registered|may be registered|is (?:free|available)\b`)

// addsToNotFound reports whether the title or description of an error has a sentence beside "not found" that is
// neither boilerplate nor the same in other words: it can say why the name is not to be had.
func addsToNotFound(n domainNames, doc any) bool {
	e, ok := doc.(*rdapError)
	if !ok {
		return false
	}
	texts := append([]string{e.title}, e.description[:min(len(e.description), rdapMaxItems)]...)
	own := len(texts)
	for _, notice := range e.notices[:min(len(e.notices), rdapMaxItems)] {
		texts = append(texts, notice.description[:min(len(notice.description), rdapMaxItems)]...)
	}
	for i, text := range texts {
		for s := range strings.SplitSeq(cleanFlat(text)+" ", ". ") {
			s = withoutRights(n.without(strings.TrimSpace(s)), "copyright")
			if i >= own && !strings.Contains(s, nameMark) {
				continue // of every answer
			}
			if otherObject.MatchString(s) {
				return true
			}
			shape := statementShape(n, s)
			if len(strings.Trim(s, wordMarks+nameMark+" ")) < 3 || !spoken.MatchString(s) || freeStatuses[compact(s)] ||
				rdapAbsent.MatchString(s) || isFreeStatement(shape) || matchesFree(shape) || smallPrint.MatchString(s) ||
				claimsNotice.MatchString(s) ||
				rdapHeadings[strings.Trim(s, wordMarks)] {
				continue
			}
			return true
		}
	}
	return false
}

// otherObject matches a sentence by which something else than a domain is not there: a part of the service, or
// another class of object (RFC 9083 5).
var otherObject = lazyregexp.New(
	`\b(?:entity|nameserver|name server|autnum|ip network|tenant|user|account|customer|client|session|token|` +
		`(?:api )?key|page|file|servlet|application|backend|upstream|method|handler|controller|database|table|schema|` +
		`registrar)s? (?:\S+ ){0,2}?(?:(?:is|was|were|could|can) )?(?:not (?:be )?found|not exist|unknown)\b|` +
		`\b(?:no such|unknown|no) (?:entity|nameserver|tenant|user|account|customer|client|method|handler|backend)\b`)

// aboutAnother reports whether an error says that another name is not registered.
func aboutAnother(n domainNames, doc any) bool {
	e, ok := doc.(*rdapError)
	if !ok {
		return false
	}
	for _, text := range append([]string{e.title}, e.description[:min(len(e.description), rdapMaxItems)]...) {
		shape := statementShape(n, cleanFlat(text))
		if strings.Contains(shape, "{o}") && isFreeStatement(strings.ReplaceAll(shape, "{o}", "{d}")) {
			return true
		}
	}
	return false
}

// rdapHeadings are further titles of such errors.
var rdapHeadings = map[string]bool{
	"error": true, "rdap error": true, "error response": true, "domain": true, "domain lookup": true,
	"domain query": true, "domain search": true, "client error": true, "bad query": true, "query result": true,
	"object": true, "resource": true, "lookup": true, "search result": true, "not found": true,
}
