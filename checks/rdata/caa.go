package rdata

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"domdoc/catalog"
)

// CAAIssue is the value of an issue or issuewild property (RFC 8659 4.2).
type CAAIssue struct {
	Issuer     string // lower case; empty if the property names no authority
	Parameters []CAAParameter
	// Fault is the character or parameter that does not follow the grammar; empty if the value is valid. Authorities
	// read an invalid value as one without an issuer.
	Fault string
}

// CAAParameter is a parameter of an issue property. Its tag is in lower case.
type CAAParameter struct{ Tag, Value string }

// caaBlanks are the characters that the grammar allows between its parts.
const caaBlanks = " \t"

// ParseCAAIssue reads the value of an issue or issuewild property by the grammar of RFC 8659 4.2.
func ParseCAAIssue(value string) CAAIssue {
	name, rest, more := strings.Cut(value, ";")
	issue := CAAIssue{Issuer: strings.ToLower(strings.Trim(name, caaBlanks))}
	issue.Fault = issuerFault(value, name)
	if !more || strings.Trim(rest, caaBlanks) == "" {
		return issue
	}
	at := len(name) + 1
	for _, part := range strings.Split(rest, ";") {
		tag, v, ok := strings.Cut(part, "=")
		tagAt, valueAt := at, at+len(tag)+1
		at += len(part) + 1
		fault := ""
		switch bare := strings.Trim(tag, caaBlanks); {
		case strings.Trim(part, caaBlanks) == "":
			fault = "a semicolon that no parameter follows"
		case !ok:
			fault = fmt.Sprintf("the parameter %q has no equals sign", bare)
		case bare == "":
			fault = fmt.Sprintf("the parameter %q has no name", strings.Trim(part, caaBlanks))
		default:
			fault = parameterFault(value, tag, v, tagAt, valueAt)
			issue.Parameters = append(issue.Parameters,
				CAAParameter{Tag: strings.ToLower(bare), Value: strings.Trim(v, caaBlanks)})
		}
		if issue.Fault == "" {
			issue.Fault = fault
		}
	}
	return issue
}

// issuerFault returns what is wrong with the issuer's name, which is the beginning of the value.
func issuerFault(value, name string) string {
	bare := strings.Trim(name, caaBlanks)
	if bare == "" {
		return ""
	}
	start := strings.Index(name, bare)
	for i, r := range bare {
		if r != '.' && r != '-' && !isAlphanumeric(r) {
			return "in the authority's name, " + characterAt(value, start+i)
		}
	}
	for _, label := range strings.Split(bare, ".") {
		switch {
		case label == "" && strings.HasSuffix(bare, "."):
			return fmt.Sprintf("the authority's name %q ends in a dot", bare)
		case label == "":
			return fmt.Sprintf("the authority's name %q has an empty label", bare)
		case strings.Trim(label, "-") != label:
			return fmt.Sprintf("in the authority's name, the label %q begins or ends with a hyphen", label)
		}
	}
	return ""
}

// parameterFault returns what is wrong with a parameter, whose tag and value stand at these offsets.
func parameterFault(value, tag, v string, tagAt, valueAt int) string {
	bare := strings.Trim(tag, caaBlanks)
	tagAt += strings.Index(tag, bare)
	for i, r := range bare {
		if r != '-' && !isAlphanumeric(r) {
			return fmt.Sprintf("in the parameter name %q, %s", bare, characterAt(value, tagAt+i))
		}
	}
	if strings.Trim(bare, "-") != bare {
		return fmt.Sprintf("the parameter name %q begins or ends with a hyphen", bare)
	}
	v2 := strings.Trim(v, caaBlanks)
	valueAt += strings.Index(v, v2)
	for i, r := range v2 {
		if r < 0x21 || r > 0x7e {
			return fmt.Sprintf("in the value of the parameter %q, %s", bare, characterAt(value, valueAt+i))
		}
	}
	return ""
}

func isAlphanumeric(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
}

// characterAt describes the character at an offset in octets.
func characterAt(s string, offset int) string {
	r, _ := utf8.DecodeRuneInString(s[offset:])
	return catalog.CharacterAt(r, utf8.RuneCountInString(s[:offset])+1)
}
