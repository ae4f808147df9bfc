package checks

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"domdoc/api"
	"domdoc/catalog"
	"domdoc/checks/probe"

	"github.com/miekg/dns"
	"golang.org/x/net/publicsuffix"
)

// nameTypes are the types whose whole value is a domain name.
var nameTypes = []string{"CNAME", "NS", "PTR", "DNAME"}

// bareTarget is a CNAME's target as it is compared: lower case, no final dot.
func bareTarget(s string) string {
	return strings.ToLower(strings.TrimSuffix(strings.TrimSpace(s), "."))
}

// heldValue is the value of a held record in one string, with the priority that some types carry in a field of its own.
func heldValue(r api.Record) string {
	value := r.Value
	switch strings.ToUpper(r.Type) {
	case "MX", "SRV":
		if first, _, ok := strings.Cut(strings.TrimSpace(value), " "); r.Priority != nil && (!ok || !isNumber(first)) {
			value = strconv.Itoa(*r.Priority) + " " + value
		}
	}
	return value
}

func isNumber(s string) bool {
	_, err := strconv.ParseUint(s, 10, 32)
	return err == nil
}

// canonicalValue brings a value into the form in which values of one type are compared. ok is false when it cannot be a value of the type.
func canonicalValue(rrtype, value string) (string, bool) {
	rrtype = strings.ToUpper(rrtype)
	switch {
	case rrtype == "TXT" || rrtype == "SPF":
		return value, true
	case slices.Contains(nameTypes, rrtype):
		t := bareTarget(value)
		if ascii, err := toASCII(t); err == nil {
			t = ascii
		}
		_, ok := dns.IsDomainName(t)
		return t, ok && t != "" && !strings.ContainsAny(t, " \t/:")
	case rrtype == "A" || rrtype == "AAAA":
		a, err := netip.ParseAddr(strings.TrimSpace(value))
		if err != nil || a.Is4() != (rrtype == "A") || a.Zone() != "" {
			return value, false
		}
		return a.String(), true
	}
	rr, err := dns.NewRR("x. 300 IN " + rrtype + " " + value)
	if err != nil || rr == nil {
		return value, false
	}
	return strings.ToLower(probe.RData(rr)), true
}

// sameValue tells whether two values of one type are the same to the DNS.
func sameValue(rrtype, a, b string) bool {
	x, okX := canonicalValue(rrtype, a)
	y, okY := canonicalValue(rrtype, b)
	if !okX || !okY {
		return a == b
	}
	return x == y
}

// invalidValue says why a value cannot be one of its type; empty when it can.
func invalidValue(rrtype, value string) string {
	if _, ok := canonicalValue(rrtype, value); ok && strings.TrimSpace(value) != "" {
		return ""
	}
	if strings.TrimSpace(value) == "" {
		return "the value is empty"
	}
	switch rrtype = strings.ToUpper(rrtype); {
	case rrtype == "A":
		return "an A record takes an IPv4 address"
	case rrtype == "AAAA":
		return "an AAAA record takes an IPv6 address"
	case slices.Contains(nameTypes, rrtype):
		return "a " + rrtype + " record takes a bare host name, without scheme, port or path"
	case rrtype == "MX":
		return `an MX record takes a priority and a host name ("10 mail.example.net")`
	case rrtype == "CAA":
		return `a CAA record takes a flag, a tag and a value in quotation marks (0 issue "amazon.com")`
	}
	if _, known := dns.StringToType[rrtype]; !known {
		return "there is no record type " + strconv.Quote(rrtype)
	}
	return "it cannot be read as the value of a " + rrtype + " record"
}

// repair is a fault of a value that can be named.
type repair uint8

const (
	noRepair repair = iota
	quotedValue
	spacedValue
	truncatedValue
	zoneAppended
	targetIsURL
)

// nameRepair compares a wrong value with the wanted one and names the fault, if it is one of those that people make; detail names the character at
// fault. zone is the zone of the record's name.
func nameRepair(rrtype, seen, wanted, zone string) (repair, string) {
	if rrtype == "TXT" {
		return textRepair(seen, wanted)
	}
	if slices.Contains(nameTypes, rrtype) {
		return targetRepair(seen, wanted, zone)
	}
	return noRepair, ""
}

const quoteMarks = "\"'`´‘’‚‛“”„‟«»‹›＂＇"

func textRepair(seen, wanted string) (repair, string) {
	if seen == wanted {
		return noRepair, ""
	}
	noSpace := func(s string) string {
		return strings.Map(func(r rune) rune {
			if unicode.IsSpace(r) || invisible(r) {
				return -1
			}
			return r
		}, s)
	}
	unquoted := strings.Trim(strings.ReplaceAll(strings.TrimSpace(seen), `\"`, `"`), quoteMarks+`\`)
	switch {
	case unquoted == wanted && strings.ContainsAny(seen, quoteMarks):
		return quotedValue, where(seen, func(r rune) bool { return strings.ContainsRune(quoteMarks, r) })
	case noSpace(seen) == noSpace(wanted) && noSpace(seen) != "":
		return spacedValue, where(seen, func(r rune) bool { return (unicode.IsSpace(r) || invisible(r)) && !strings.ContainsRune(wanted, r) })
	case noSpace(unquoted) == noSpace(wanted) && noSpace(unquoted) != "":
		return quotedValue, where(seen, func(r rune) bool { return strings.ContainsRune(quoteMarks, r) })
	}
	trimmed := strings.TrimRight(unquoted, ".… ")
	const least = 4 // characters that must agree before a beginning counts as a cut-off value
	if len(trimmed) >= least && strings.HasPrefix(wanted, trimmed) && len(trimmed) < len(wanted) {
		if trimmed != unquoted {
			return truncatedValue, fmt.Sprintf("it ends in %q, and what stands before is the beginning of the wanted value", unquoted[len(trimmed):])
		}
		if len(trimmed)*2 >= len(wanted) {
			return truncatedValue, fmt.Sprintf("it has %d characters; the wanted value has %d and begins the same", utf8.RuneCountInString(trimmed), utf8.RuneCountInString(wanted))
		}
	}
	return noRepair, ""
}

func invisible(r rune) bool {
	return unicode.Is(unicode.Cf, r) || unicode.IsControl(r) || r == '\u115f' || r == '\u1160' || r == '\u3164'
}

// where names the first character that a test picks, by its code point and position.
func where(s string, pick func(rune) bool) string {
	pos := 0
	for _, r := range s {
		pos++
		if pick(r) {
			return fmt.Sprintf("%s (U+%04X) at position %d", charName(r), r, pos)
		}
	}
	return "white space where none belongs"
}

func charName(r rune) string {
	switch r {
	case ' ':
		return "a space"
	case '\u00a0':
		return "a no-break space"
	case '\t':
		return "a tab"
	case '\n', '\r':
		return "a line end"
	case '\u200b':
		return "a zero-width space"
	case '\ufeff':
		return "a byte order mark"
	case '"', '\'':
		return "a quotation mark"
	case '“', '”', '„', '‘', '’', '«', '»':
		return "a typographic quotation mark"
	}
	if invisible(r) {
		return "an invisible character"
	}
	return "the character " + strconv.QuoteRune(r)
}

func targetRepair(seen, wanted, zone string) (repair, string) {
	seen, wanted = bareTarget(seen), bareTarget(wanted)
	if zone != "" && seen == wanted+"."+zone {
		return zoneAppended, ""
	}
	plain := strings.NewReplacer(`\032`, "", `\(`, "(", `\)`, ")", `\@`, "@").Replace(seen)
	for _, scheme := range []string{"https://", "http://", "https:", "http:", "//"} {
		if rest, ok := strings.CutPrefix(plain, scheme); ok {
			return urlRest(rest, wanted, zone)
		}
	}
	if strings.ContainsAny(plain, "/:") {
		return urlRest(plain, wanted, zone)
	}
	return noRepair, ""
}

func urlRest(rest, wanted, zone string) (repair, string) {
	host := rest
	if i := strings.IndexAny(host, "/:?#"); i >= 0 {
		host = host[:i]
	}
	if host == wanted || strings.TrimSuffix(host, "."+zone) == wanted || strings.HasPrefix(rest, wanted) {
		return targetIsURL, ""
	}
	return noRepair, ""
}

// publicEnding tells whether a name ends in something that the Public Suffix List knows.
func publicEnding(name string) bool {
	_, icann := publicsuffix.PublicSuffix(name)
	return icann
}

// ParseExpected reads a record that should be published: "TYPE NAME=VALUE", or "TYPE TTL NAME=VALUE".
func ParseExpected(s string) (Expected, error) {
	head, value, ok := strings.Cut(s, "=")
	words := strings.Fields(head)
	if !ok || len(words) < 2 || len(words) > 3 {
		return Expected{}, errors.New("want TYPE NAME=VALUE")
	}
	t, err := probe.ParseType(words[0])
	if err != nil {
		return Expected{}, err
	}
	n, err := ParseName(words[len(words)-1])
	if err != nil {
		return Expected{}, err
	}
	e := Expected{Record: catalog.Record{Type: probe.TypeName(t), Name: n.ASCII, Value: value}, Source: "flag"}
	if len(words) == 3 {
		if e.TTL, err = strconv.Atoi(words[1]); err != nil {
			return Expected{}, fmt.Errorf("%q is no TTL in seconds", words[1])
		}
	}
	return e, nil
}
