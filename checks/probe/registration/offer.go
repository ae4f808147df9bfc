package registration

import (
	"strings"

	"domdoc/catalog/lazyregexp"
)

// Offer is how a registry gives out a name that is not registered, if not to whoever asks first. It is the registry's
// own word about this name.
type Offer string

// The offers. OfferRedemption and OfferDrop are names whose registration has ended, and that are not free yet.
const (
	NoOffer         Offer = ""
	OfferPremium    Offer = "premium"         // at a price of its own
	OfferAuction    Offer = "auction"         // by the registry
	OfferPreOrder   Offer = "pre-order"       // before the ending is open
	OfferSunrise    Offer = "sunrise"         // to holders of trademarks (RFC 8334 2)
	OfferLandrush   Offer = "landrush"        // in another phase before the ending is open (RFC 8334 2)
	OfferClaims     Offer = "claims"          // free, after a notice about a trademark (RFC 8334 2)
	OfferProcess    Offer = "release-process" // to candidates, as .br does
	OfferRedemption Offer = "redemption"      // only to its last holder
	OfferDrop       Offer = "pending-delete"  // to nobody until it is released
)

// offerWords are the words of an offer, in the order in which they decide.
var offerWords = []struct {
	words *lazyregexp.Regexp
	offer Offer
}{
	{lazyregexp.New(`\bauction`), OfferAuction},
	{lazyregexp.New(`\bpre-?(?:order|regist)`), OfferPreOrder},
	{lazyregexp.New(`\bsunrise\b`), OfferSunrise},
	{lazyregexp.New(`\b(?:landrush|early access|limited registration period)\b`), OfferLandrush},
	{lazyregexp.New(`\b(?:release process|processo de libera|waiting list)`), OfferProcess},
	{lazyregexp.New(`\b(?:premium|platinum)\b`), OfferPremium},
}

// offerOf returns the offer that the reason for Reserved names.
func offerOf(reason string) Offer {
	for _, w := range offerWords {
		if w.words.MatchString(strings.ToLower(reason)) {
			return w.offer
		}
	}
	return NoOffer
}

// claimsNotice matches a notice about a trademark, which keeps nobody from registering the name.
var claimsNotice = lazyregexp.New(`\b(?:trademark|tmch|trade mark) claims?\b|\bclaims? (?:notice|period|phase)\b`)

// leftWords are the statements about a name whose registration has ended, behind a subject that is this name.
var leftWords = []struct {
	words *lazyregexp.Regexp
	offer Offer
}{
	{
		lazyregexp.New(
			`\b(?:in|under)(?: [\pL-]+){0,3} (?:quarantine|redemption|cooling-off|transition period|restore ` +
				`period|quarantaine|quarantäne|quarantena)\b`),
		OfferRedemption,
	},
	{lazyregexp.New(`\b(?:waiting for|in)(?: [\pL-]+){0,2} release process\b`), OfferProcess},
	{lazyregexp.New(`^(?:in |currently |now )*pending (?:delete|deletion|release)\b`), OfferDrop},
	{
		lazyregexp.New(`^(?:released|deleted|dropped|purged|(?:made )?available)(?: for registration)?(?: again)? ` +
			`(?:on|from|after|at|until) [\pL]{0,9}\.?,? ?\d`),
		OfferDrop,
	},
	{lazyregexp.New(`^to be (?:released|deleted|dropped) (?:on|from|after) [\pL]{0,9} ?\d`), OfferDrop},
}

// leftSubject matches the subject of such a statement: this name and no other.
var leftSubject = lazyregexp.New(
	`^(?:sorry )?(?:(?:the|this|requested|queried) ){0,2}(?:(?:domain name|domain|name)(?: \{d\})?|\{d\}) ` +
		`(?:is|was|has ` +
		`been|will be|remains) `)

// left is a statement that the registration of the name has ended.
type left struct {
	offer  Offer
	reason string
	line   whoisLine
}

// statesLeft looks for a statement that the registration of this name has ended, but that it is not free yet.
func statesLeft(n domainNames, lines []whoisLine) (left, bool) {
	for i, l := range lines {
		if l.text == "" || inProse(lines, i) {
			continue
		}
		shape := statementShape(n, l.low)
		at := leftSubject.FindStringIndex(shape)
		if at == nil || conditional.MatchString(strings.Replace(shape, " will be ", " is ", 1)) {
			continue
		}
		for _, w := range leftWords {
			if w.words.MatchString(shape[at[1]:]) {
				text := strings.TrimRight(strings.TrimLeft(cleanValue(l.text), "%#;>* "), ".")
				return left{w.offer, "registry says: " + cutRunes(text, 120), l}, true
			}
		}
	}
	return left{}, false
}

// leftDate finds the dates in such a statement: "was deleted on 15.11.2026", "until 2026-12-20".
func (r *Registration) leftDate(l whoisLine, order dateOrderKind, zone clockZone) {
	words := strings.Fields(strings.TrimRight(l.text, "."))
	for i := 1; i < len(words) && i < 40; i++ {
		rest := strings.Join(words[i:], " ")
		if _, ok := parseMoment(rest, order, zone); !ok {
			continue
		}
		field := r.releases()
		if i > 1 && (strings.EqualFold(words[i-2], "deleted") || strings.EqualFold(words[i-2], "gelöscht")) {
			field = r.deletes()
		}
		field.set(rest, order, zone)
	}
}
