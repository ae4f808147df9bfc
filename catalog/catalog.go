// Package catalog holds the text of domdoc: the 23 codes of the Domains Service, the registry of root causes
// (declared in package causes), and every sentence about domains that reports contain. It makes no decisions and has
// no access to the network: checks report a cause with its arguments, and the catalog renders the sentences.
package catalog

import (
	"slices"
	"strconv"
	"strings"
)

// Code is one of the service's 23 error codes, with every field exactly as in the customer's document.
type Code struct {
	ID          string // "DOMAIN_001"
	HTTP        int    // the HTTP status that the service answers with
	Name        string // "DOMAIN_NOT_FOUND"
	Description string
	Resolution  string
	Category    string
}

// Codes returns all codes, in the order of the document.
func Codes() []Code { return slices.Clone(codes[:]) }

// FindCode returns a code by its ID or name, in any case: "DOMAIN_008", "domain_008", "008", "8" or
// "DNS_CONFIGURATION_FAILED".
func FindCode(s string) (Code, bool) {
	s = strings.ToUpper(strings.TrimSpace(s))
	digits := strings.TrimPrefix(strings.TrimPrefix(s, "DOMAIN"), "_")
	if len(digits) <= 3 {
		if n, err := strconv.ParseUint(digits, 10, 16); err == nil && n >= 1 && int(n) <= len(codes) {
			return codes[n-1], true
		}
	}
	for _, c := range codes {
		if c.Name == s {
			return c, true
		}
	}
	return Code{}, false
}

// CodesByHTTP returns the codes that the service sends with one HTTP status.
func CodesByHTTP(status int) []Code {
	var out []Code
	for _, c := range codes {
		if c.HTTP == status {
			out = append(out, c)
		}
	}
	return out
}

// SearchCodes returns the codes whose text contains every word of the query, in any case.
func SearchCodes(query string) []Code {
	var out []Code
	for _, c := range codes {
		if containsWords(c.ID+" "+c.Name+" "+c.Description+" "+c.Resolution+" "+c.Category, query) {
			out = append(out, c)
		}
	}
	return out
}

// SearchCauses returns the causes whose ID, title or description contains every word of the query, in any case.
func SearchCauses(query string) []*Cause {
	var out []*Cause
	for _, c := range Causes() {
		if containsWords(string(c.ID)+" "+c.Title+" "+c.Description, query) {
			out = append(out, c)
		}
	}
	return out
}

func containsWords(text, query string) bool {
	text = strings.ToLower(text)
	words := strings.Fields(strings.ToLower(query))
	for _, w := range words {
		if !strings.Contains(text, w) {
			return false
		}
	}
	return len(words) > 0
}
