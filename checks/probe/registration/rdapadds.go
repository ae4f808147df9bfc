package registration

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"

	"github.com/openrdap/rdap"
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
var rdapAbsent = regexp.MustCompile(
	`\b(?:not|isn't|wasn't) (?:\w+ )?(?:found|exist|exists|registered|located|known|present|in )|` +
		`\bnot(?:found|exist)|\b(?:no|zero|0) (?:\w+ ` +
		`){0,3}(?:data|match\w*|objects?|records?|results?|information|entr\w+|` +
		`found|domains?|names?|resources?)\b|\bno such\b|\bnothing\b|\bunregistered|\bnon-?existent|\bnxdomain|` +
		`\b(?:cannot|can't|couldn't|could not|unable to|failed to) (?:be )?(?:find|found|locate|located)|\bunknown ` +
		`(?:domain|` +
		`object|name)|\b404\b|available for registration|can be registered|may be registered|is (?:free|available)\b`)

// addsToNotFound reports whether the title or description of an error has a sentence beside "not found" that is
// neither boilerplate nor the same in other words: it can say why the name is not to be had.
func addsToNotFound(n domainNames, doc any) bool {
	e, ok := doc.(*rdap.Error)
	if !ok {
		return false
	}
	for _, text := range append([]string{e.Title}, e.Description[:min(len(e.Description), rdapMaxItems)]...) {
		for s := range strings.SplitSeq(cleanFlat(text)+" ", ". ") {
			s = withoutRights(n.without(strings.TrimSpace(s)), "copyright")
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

// rdapHeadings are further titles of such errors.
var rdapHeadings = map[string]bool{
	"error": true, "rdap error": true, "error response": true, "domain": true, "domain lookup": true,
	"domain query": true, "domain search": true, "client error": true, "bad query": true, "query result": true,
	"object": true, "resource": true, "lookup": true, "search result": true, "not found": true,
}
