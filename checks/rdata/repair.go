package rdata

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"domdoc/catalog"
	"domdoc/checks/dnsname"
)

// repair is a fault of a value that can be named.
type repair uint8

const (
	NoRepair repair = iota
	QuotedValue
	SpacedValue
	TruncatedValue
	ZoneAppended
	TargetIsURL
	// relatedValue is another value that has to do with the wanted one: in other letters, with something before or
	// behind it, twice.
	RelatedValue
)

// nameRepair compares a wrong value with the wanted one and names the fault, if it is one of those that people make;
// detail names the character at fault. owner is the record's name, and zone its zone.
func NameRepair(rrtype, seen, wanted, owner, zone string) (repair, string) {
	if rrtype == "TXT" {
		return TextRepair(seen, wanted, owner)
	}
	if rrtype == catalog.AliasType || slices.Contains(nameTypes, rrtype) {
		return targetRepair(seen, wanted, owner, zone)
	}
	return NoRepair, ""
}

const quoteMarks = "\"'`´‘’‚‛“”„‟«»‹›＂＇"

// dots are what screens put at the end of what they cut off.
const dots = ".… "

func isQuote(r rune) bool { return strings.ContainsRune(quoteMarks, r) }

func isBlank(r rune) bool { return unicode.IsSpace(r) || catalog.IsInvisible(r) }

// squeezed leaves out white space and characters that cannot be seen.
func squeezed(s string) string {
	return strings.Map(func(r rune) rune {
		if isBlank(r) {
			return -1
		}
		return r
	}, s)
}

func unquoted(s string) string {
	return strings.Trim(strings.ReplaceAll(strings.TrimSpace(s), `\"`, `"`), quoteMarks+`\`)
}

func TextRepair(seen, wanted, owner string) (repair, string) {
	if seen == wanted || wanted == "" {
		return NoRepair, ""
	}
	bare := unquoted(seen)
	quoted := strings.ContainsFunc(seen, isQuote)
	switch {
	case bare == wanted && quoted:
		return QuotedValue, where(seen, isQuote)
	case squeezed(seen) == squeezed(wanted):
		return SpacedValue, whereDiffers(seen, wanted)
	case squeezed(bare) == squeezed(wanted) && quoted:
		return QuotedValue, where(seen, isQuote)
	}
	if kind, detail := cutOff(bare, wanted); kind != NoRepair {
		return kind, detail
	}
	return related(squeezed(bare), squeezed(wanted), owner)
}

// least is how many characters must agree before a beginning counts as a cut-off value.
const least = 4

// cutOff recognises the beginning of the wanted value: with dots behind it, or at least half of it. Screens also
// leave out the middle.
func cutOff(bare, wanted string) (repair, string) {
	trimmed := strings.TrimRight(bare, dots)
	switch {
	case len(trimmed) >= least && strings.HasPrefix(wanted, trimmed) && len(trimmed) < len(wanted):
		if trimmed != bare {
			r, _ := utf8.DecodeRuneInString(bare[len(trimmed):])
			return TruncatedValue,
				fmt.Sprintf("it ends in %q (%s), and what stands before is the beginning of the wanted value",
					bare[len(trimmed):], catalog.CharacterAt(r, utf8.RuneCountInString(trimmed)+1))
		}
		if len(trimmed)*2 >= len(wanted) {
			return TruncatedValue, fmt.Sprintf("it has %d characters; the wanted value has %d and begins the same",
				utf8.RuneCountInString(trimmed), utf8.RuneCountInString(wanted))
		}
	case len(bare) >= least*2 && len(bare)*2 >= len(wanted) && strings.HasSuffix(wanted, bare) &&
		len(bare) < len(wanted):
		return TruncatedValue, fmt.Sprintf("it has %d characters; the wanted value has %d and ends the same",
			utf8.RuneCountInString(bare), utf8.RuneCountInString(wanted))
	}
	for _, gap := range []string{"...", "…"} {
		if head, tail, ok := strings.Cut(bare, gap); ok && len(head) >= least && tail != "" &&
			len(head)+len(tail) < len(wanted) && strings.HasPrefix(wanted, head) &&
			strings.HasSuffix(wanted, strings.TrimLeft(tail, ".")) {
			return TruncatedValue, fmt.Sprintf("its middle was left out (%q)", gap)
		}
	}
	return NoRepair, ""
}

// related recognises values in which the wanted one stands, or stands in other letters.
func related(bare, wanted, owner string) (repair, string) {
	if len(wanted) < least {
		return NoRepair, ""
	}
	before, after, within := strings.Cut(bare, wanted)
	switch {
	case strings.EqualFold(bare, wanted):
		return RelatedValue,
			"it differs only in capital and small letters, and the value of a TXT record is compared letter by letter"
	case bare == wanted+wanted:
		return RelatedValue, "it is the wanted value twice"
	case within && before == "" && strings.Trim(after, ".;,") == "":
		r, _ := utf8.DecodeRuneInString(after)
		return RelatedValue, catalog.CharacterAt(r, utf8.RuneCountInString(wanted)+1) + " does not belong to it"
	case within && after == "" && owner != "" && strings.HasPrefix(strings.ToLower(before), strings.ToLower(owner)):
		return RelatedValue, "the record's name stands in front of the value"
	case within && after == "" && strings.HasSuffix(before, "="):
		return RelatedValue, fmt.Sprintf("%q stands in front of the wanted value", before)
	}
	return NoRepair, ""
}

// where names the first character that a test picks, by its code point and position.
func where(s string, pick func(rune) bool) string {
	pos := 0
	for _, r := range s {
		pos++
		if pick(r) {
			return catalog.CharacterAt(r, pos)
		}
	}
	return "white space where none belongs"
}

// whereDiffers names the first blank of a value that the wanted one does not have at that place, or has in another
// form.
func whereDiffers(seen, wanted string) string {
	s, w := []rune(seen), []rune(wanted)
	for i, k := 0, 0; i < len(s); i++ {
		switch {
		case k < len(w) && s[i] == w[k]:
			k++
		case isBlank(s[i]):
			return catalog.CharacterAt(s[i], i+1)
		default: // the wanted value has a blank here, which is missing
			return fmt.Sprintf("a space is missing at position %d", i+1)
		}
	}
	return "a space is missing at its end"
}

// presented is a target as it was typed: the escapes that stand for what is not allowed in a host name are undone
// (RFC 1035 5.1).
func presented(target string) string {
	if !strings.Contains(target, `\`) {
		return target
	}
	var out []byte
	for i := 0; i < len(target); i++ {
		switch rest := target[i:]; {
		case target[i] != '\\' || len(rest) == 1:
			out = append(out, target[i])
		case len(rest) > 3 && isNumber(rest[1:4]):
			n, _ := strconv.Atoi(rest[1:4])
			out = append(out, byte(n))
			i += 3
		default:
			out = append(out, rest[1])
			i++
		}
	}
	return string(out)
}

func targetRepair(seen, wanted, owner, zone string) (repair, string) {
	seen, wanted = BareTarget(seen), BareTarget(wanted)
	if seen == wanted || wanted == "" {
		return NoRepair, ""
	}
	typed := presented(seen)
	for _, end := range endings(owner, zone) {
		if seen == wanted+"."+end {
			return ZoneAppended, ""
		}
	}
	for _, end := range append([]string{""}, endings(owner, zone)...) {
		rest := typed
		if end != "" {
			var ok bool
			if rest, ok = strings.CutSuffix(typed, "."+end); !ok {
				continue
			}
		}
		if kind, detail := targetPart(rest, wanted); kind != NoRepair {
			return kind, detail
		}
	}
	return NoRepair, ""
}

// endings are what a panel may append to a target that was typed without a final dot: the zone, or a name between it
// and the record's own.
func endings(owner, zone string) []string {
	if zone == "" {
		return nil
	}
	out := []string{zone}
	for up := owner; up != zone && strings.HasSuffix(up, "."+zone); up = dnsname.ParentName(up) {
		out = append(out, up)
	}
	return out
}

// targetPart compares what was typed as a target, with no zone behind it, with the wanted one.
func targetPart(typed, wanted string) (repair, string) {
	bare := strings.TrimSuffix(unquoted(typed), ".")
	switch {
	case squeezed(typed) == wanted && typed != wanted:
		return SpacedValue, where(typed, isBlank)
	case squeezed(bare) == wanted && strings.ContainsFunc(typed, isQuote):
		return QuotedValue, where(typed, isQuote)
	}
	if rest, ok := cutScheme(squeezed(bare)); ok || strings.ContainsAny(bare, "/:?#") {
		host := rest
		if i := strings.IndexAny(host, "/:?#"); i >= 0 {
			host = host[:i]
		}
		if strings.TrimSuffix(host, ".") == wanted {
			return TargetIsURL, fmt.Sprintf("it was typed as %q", bare)
		}
	}
	if label, _, ok := strings.Cut(wanted, "."); ok && len(bare) >= len(label) && len(bare) < len(wanted) &&
		strings.HasPrefix(wanted, bare) && len(bare) >= least {
		return TruncatedValue, fmt.Sprintf("it is only the beginning of the wanted target, %d of %d characters",
			len(bare), len(wanted))
	}
	return NoRepair, ""
}

func cutScheme(s string) (string, bool) {
	for _, scheme := range []string{"https://", "http://", "https:", "http:", "//"} {
		if rest, ok := strings.CutPrefix(s, scheme); ok {
			return rest, true
		}
	}
	return s, false
}

// foreignText are TXT values that belong to other services, by how they begin. They stand beside ours and are
// nobody's fault.
var ForeignText = regexp.MustCompile(
	`(?i)^(v=(spf1|dkim1|dmarc1|stsv1|tlsrptv1|bimi1|mc1|verifydomain)\b|[a-z0-9.-]+-(site-|domain-|owner-)?verification[=:]|google-site-verification[=:]|ms=|msvalidate|facebook-domain|apple-domain|_?globalsign|docusign=|keybase|brave-ledger|k=rsa|mailru-|yandex-|zoho-|have-i-been-pwned|onetrust|stripe-|t=s\b)`)

// tokenPrefix is the beginning that tokens of one service share: "tok-", "domains-verify=", "v=spf1".
var tokenPrefix = regexp.MustCompile(`^(v=[a-z0-9]+|[A-Za-z_][A-Za-z0-9_.]*(-[A-Za-z]+)*[-=:_])`)

// sameKind reports whether a TXT value looks like an earlier one of the wanted kind: it begins the same, or is as long
// and made of the same characters.
func SameKind(seen, wanted string) bool {
	if p := tokenPrefix.FindString(wanted); p != "" {
		return strings.HasPrefix(strings.ToLower(seen), strings.ToLower(p))
	}
	const long = 16
	return len(seen) == len(wanted) && len(wanted) >= long && !strings.ContainsAny(seen, " =;") &&
		!ForeignText.MatchString(seen)
}
