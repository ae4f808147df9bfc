package rdata

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"domdoc/catalog"
	"domdoc/catalog/lazyregexp"
	"domdoc/checks/dnsname"
)

// Mistake is a recognizable mistake in a value.
type Mistake uint8

const (
	NoMistake Mistake = iota
	Quoted
	Spaced
	Truncated
	// Unquoted is a value that a zone file split at its spaces, or cut at its semicolon, for want of quotation marks.
	Unquoted
	ZoneAppended
	URLAsTarget
	// Related is a value derived from the wanted one: different letter case, a prefix or suffix, or the value twice.
	Related
)

// Diagnose compares a wrong value with the wanted one and returns the mistake, if it is a common one; detail points
// at the offending character. owner is the record's name, zone its zone.
func Diagnose(rrtype, seen, wanted, owner, zone string) (Mistake, string) {
	if rrtype == "TXT" {
		return DiagnoseText(seen, wanted, owner)
	}
	if rrtype == catalog.AliasType || slices.Contains(nameTypes, rrtype) {
		return diagnoseTarget(seen, wanted, owner, zone)
	}
	return NoMistake, ""
}

const quoteMarks = "\"'`´‘’‚‛“”„‟«»‹›＂＇"

// ellipses are the characters that user interfaces put at the end of truncated text.
const ellipses = ".… "

func isQuote(r rune) bool { return strings.ContainsRune(quoteMarks, r) }

func isBlank(r rune) bool { return unicode.IsSpace(r) || catalog.IsInvisible(r) }

// squeezed removes white space and invisible characters.
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

// DiagnoseText is Diagnose for TXT values.
func DiagnoseText(seen, wanted, owner string) (Mistake, string) {
	if seen == wanted || wanted == "" {
		return NoMistake, ""
	}
	if detail := notQuoted(seen, wanted); detail != "" {
		return Unquoted, detail
	}
	bare := unquoted(seen)
	quoted := strings.ContainsFunc(seen, isQuote)
	switch {
	case bare == wanted && quoted:
		return Quoted, where(seen, isQuote)
	case squeezed(seen) == squeezed(wanted):
		return Spaced, whereDiffers(seen, wanted)
	case squeezed(bare) == squeezed(wanted) && quoted:
		return Quoted, where(seen, isQuote)
	}
	if kind, detail := cutOff(bare, wanted); kind != NoMistake {
		return kind, detail
	}
	return related(squeezed(bare), squeezed(wanted), owner)
}

// notQuoted recognizes what a zone file makes of a value without quotation marks: spaces separate strings, which are
// joined without them, and a semicolon begins a comment (RFC 1035 5.1).
func notQuoted(seen, wanted string) string {
	joined := func(s string) string { return strings.Join(strings.Fields(s), "") }
	switch before, _, cut := strings.Cut(wanted, ";"); {
	case strings.ContainsAny(strings.TrimSpace(wanted), caaBlanks) && seen == joined(wanted):
		return "all its spaces are missing"
	case cut && seen != "" && (seen == joined(before) || seen == before):
		return "it ends before the semicolon of the expected value"
	}
	return ""
}

// minPrefix is how many characters must match for a prefix to count as a truncated value.
const minPrefix = 4

// cutOff recognizes a truncated value: a prefix of the expected value that ends in dots or is at least half of it, or
// one whose middle is elided.
func cutOff(bare, wanted string) (Mistake, string) {
	trimmed := strings.TrimRight(bare, ellipses)
	switch {
	case len(trimmed) >= minPrefix && strings.HasPrefix(wanted, trimmed) && len(trimmed) < len(wanted):
		if trimmed != bare {
			r, _ := utf8.DecodeRuneInString(bare[len(trimmed):])
			return Truncated,
				fmt.Sprintf("it ends in %q (%s) after the beginning of the expected value",
					bare[len(trimmed):], catalog.CharacterAt(r, utf8.RuneCountInString(trimmed)+1))
		}
		if len(trimmed)*2 >= len(wanted) {
			return Truncated, fmt.Sprintf("it has %d characters; the expected value has %d and begins the same",
				utf8.RuneCountInString(trimmed), utf8.RuneCountInString(wanted))
		}
	case len(bare) >= minPrefix*2 && len(bare)*2 >= len(wanted) && strings.HasSuffix(wanted, bare) &&
		len(bare) < len(wanted):
		return Truncated, fmt.Sprintf("it has %d characters; the expected value has %d and ends the same",
			utf8.RuneCountInString(bare), utf8.RuneCountInString(wanted))
	}
	for _, gap := range []string{"...", "…"} {
		if head, tail, ok := strings.Cut(bare, gap); ok && len(head) >= minPrefix && tail != "" &&
			len(head)+len(tail) < len(wanted) && strings.HasPrefix(wanted, head) &&
			strings.HasSuffix(wanted, strings.TrimLeft(tail, ".")) {
			return Truncated, fmt.Sprintf("its middle was left out (%q)", gap)
		}
	}
	return NoMistake, ""
}

// related recognizes values that contain the wanted one, or differ from it in letter case only.
func related(bare, wanted, owner string) (Mistake, string) {
	if len(wanted) < minPrefix {
		return NoMistake, ""
	}
	before, after, within := strings.Cut(bare, wanted)
	switch {
	case strings.EqualFold(bare, wanted):
		return Related,
			"it differs only in letter case, but TXT values are case-sensitive"
	case bare == wanted+wanted:
		return Related, "it is the expected value twice"
	case within && before == "" && strings.Trim(after, ".;,") == "":
		r, _ := utf8.DecodeRuneInString(after)
		return Related, catalog.CharacterAt(r, utf8.RuneCountInString(wanted)+1) + " is not part of it"
	case within && after == "" && owner != "" && strings.HasPrefix(strings.ToLower(before), strings.ToLower(owner)):
		return Related, "the record's name is in front of the value"
	case within && after == "" && strings.HasSuffix(before, "="):
		return Related, fmt.Sprintf("the expected value is preceded by %q", before)
	}
	return NoMistake, ""
}

// where describes the first matching character by code point and position.
func where(s string, pick func(rune) bool) string {
	pos := 0
	for _, r := range s {
		pos++
		if pick(r) {
			return catalog.CharacterAt(r, pos)
		}
	}
	return "unexpected whitespace"
}

// whereDiffers describes the first blank that the expected value does not have at that position, or has in another
// form.
func whereDiffers(seen, wanted string) string {
	s, w := []rune(seen), []rune(wanted)
	for i, k := 0, 0; i < len(s); i++ {
		switch {
		case k < len(w) && s[i] == w[k]:
			k++
		case isBlank(s[i]):
			return catalog.CharacterAt(s[i], i+1)
		default: // the expected value has a blank here
			return fmt.Sprintf("a space is missing at position %d", i+1)
		}
	}
	return "a space is missing at its end"
}

// presented returns a target as it was typed, with the escapes for characters that host names do not allow resolved
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

func diagnoseTarget(seen, wanted, owner, zone string) (Mistake, string) {
	seen, wanted = Target(seen), Target(wanted)
	if seen == wanted || wanted == "" {
		return NoMistake, ""
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
		if kind, detail := targetPart(rest, wanted); kind != NoMistake {
			return kind, detail
		}
	}
	return NoMistake, ""
}

// endings returns the names that a panel may append to a target typed without a trailing dot: the zone, and names
// between it and the record's own.
func endings(owner, zone string) []string {
	if zone == "" {
		return nil
	}
	out := []string{zone}
	for up := owner; up != zone && strings.HasSuffix(up, "."+zone); up = dnsname.Parent(up) {
		out = append(out, up)
	}
	return out
}

// targetPart compares a typed target, without the zone appended, with the wanted one.
func targetPart(typed, wanted string) (Mistake, string) {
	bare := strings.TrimSuffix(unquoted(typed), ".")
	switch {
	case squeezed(typed) == wanted && typed != wanted:
		return Spaced, where(typed, isBlank)
	case squeezed(bare) == wanted && strings.ContainsFunc(typed, isQuote):
		return Quoted, where(typed, isQuote)
	}
	if rest, ok := cutScheme(squeezed(bare)); ok || strings.ContainsAny(bare, "/:?#") {
		host := rest
		if i := strings.IndexAny(host, "/:?#"); i >= 0 {
			host = host[:i]
		}
		if strings.TrimSuffix(host, ".") == wanted {
			return URLAsTarget, fmt.Sprintf("it was typed as %q", bare)
		}
	}
	if label, _, ok := strings.Cut(wanted, "."); ok && len(bare) >= len(label) && len(bare) < len(wanted) &&
		strings.HasPrefix(wanted, bare) && len(bare) >= minPrefix {
		return Truncated, fmt.Sprintf("it is only the beginning of the expected target, %d of %d characters",
			len(bare), len(wanted))
	}
	return NoMistake, ""
}

func cutScheme(s string) (string, bool) {
	for _, scheme := range []string{"https://", "http://", "https:", "http:", "//"} {
		if rest, ok := strings.CutPrefix(s, scheme); ok {
			return rest, true
		}
	}
	return s, false
}

// ForeignText matches TXT values of other services by their prefix. They coexist with ours and are not a mistake.
var ForeignText = lazyregexp.New(
	`(?i)^(v=(spf1|dkim1|dmarc1|stsv1|tlsrptv1|bimi1|mc1|verifydomain)\b|` +
		`[a-z0-9.-]+-(site-|domain-|owner-)?verification[=:]|google-site-verification[=:]|ms=|msvalidate|` +
		`facebook-domain|apple-domain|_?globalsign|docusign=|keybase|brave-ledger|k=rsa|mailru-|yandex-|zoho-|` +
		`have-i-been-pwned|onetrust|stripe-|t=s\b)`)

// tokenPrefix matches the prefix that tokens of one service share:  "tok-", "domains-verify=", "v=spf1".
var tokenPrefix = lazyregexp.New(`^(v=[a-z0-9]+|[A-Za-z_][A-Za-z0-9_.]*(-[A-Za-z]+)*[-=:_])`)

// SameKind reports whether a TXT value looks like an earlier value of the wanted kind: it has the same prefix, or the
// same length and character set.
func SameKind(seen, wanted string) bool {
	if p := tokenPrefix.FindString(wanted); p != "" {
		return strings.HasPrefix(strings.ToLower(seen), strings.ToLower(p))
	}
	const long = 16
	return len(seen) == len(wanted) && len(wanted) >= long && !strings.ContainsAny(seen, " =;") &&
		!ForeignText.MatchString(seen)
}
