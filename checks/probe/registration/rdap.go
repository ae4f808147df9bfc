package registration

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"domdoc/catalog/lazyregexp"
)

// Bounds of an RDAP document; large ones have some tens of kilobytes and a few levels.
const (
	rdapMaxBytes  = 1 << 20
	rdapMaxTokens = 100_000
	rdapMaxDepth  = 40
	rdapMaxItems  = 500 // of any list that is walked
)

// rdapElsewhere matches texts of servers that do not serve the name's ending: they speak of a zone, a service or a
// path where others speak of the name.
var rdapElsewhere = lazyregexp.New(`\b(?:no rdap|no such service|not supported|unsupported|(?:not|non)[- ]` +
	`(?:an? )?(?:authoritative|responsible|managed|served|hosted|operated|handled)|out of scope|cannot get ` +
	`/|endpoint|` +
	`route|path|urls?|tlds?|sld|top[- ]?level|(?:the|this|that|your|requested|unknown|no|of) (?:zone|suffix|ending|` +
	`extension|registry|namespace)|bootstrap|redirect\w*|another (?:server|registry)|other ` +
	`(?:servers?|registr(?:y|ies)))\b`)

// ReadRDAP reads the answer of an RDAP server (RFC 7480, RFC 9083) about domain (an A-label in lower case): its HTTP
// status, the headers Content-Type and Retry-After, and its body.
//
// A 404 means NotRegistered only if it is RDAP's own. A 404 of a web server, a rate limit, a server error and a
// document about another name are Unknown with a Reason. Retry-After is read only in seconds; a date would need a
// clock. Server is left empty.
func ReadRDAP(domain string, status int, contentType string, retryAfter string, body []byte) Registration {
	names := newDomainNames(domain)
	reg := Registration{State: Unknown, Source: "rdap", Domain: names.ascii}
	doc, err := decodeRDAP(body)
	switch {
	case status == 200:
		if err != nil {
			reg.Reason = "not an RDAP document: " + err.Error()
			return reg
		}
		return readRDAPDomain(reg, names, doc)
	case status == 404:
		return readRDAPNotFound(reg, names, contentType, body, doc, err)
	case status == 429:
		reg.Reason, reg.Throttled = "too many questions", true
	case containsAny(errorText(doc), throttleTexts) || containsAny(noticeText(doc), throttleTexts):
		reg.Reason, reg.Throttled = "too many questions", true
	case status >= 500:
		reg.Reason = fmt.Sprintf("server unavailable: HTTP %d", status)
	case status == 401 || status == 403:
		reg.Reason = fmt.Sprintf("server refuses to answer: HTTP %d", status)
	default:
		reg.Reason = fmt.Sprintf("server answered with HTTP %d", status)
	}
	reg.RetryAfter = readRetryAfter(retryAfter)
	return reg
}

// longestRetry bounds what a server may ask for.
const longestRetry = 7 * 24 * time.Hour

// readRetryAfter reads the header of that name: seconds, or a date (RFC 9110 10.2.3). It is 0 without a time to wait.
func readRetryAfter(value string) time.Duration {
	value = strings.TrimSpace(value)
	if n, err := strconv.Atoi(value); err == nil {
		return time.Duration(max(0, min(n, int(longestRetry/time.Second)))) * time.Second
	}
	if t, err := http.ParseTime(value); err == nil {
		return max(0, min(time.Until(t), longestRetry))
	}
	return 0
}

// decodeRDAP decodes a body as parseRDAP does, also with forms that are not RFC 9083's. It checks the text first, so
// that no JSON bomb reaches the decoder.
func decodeRDAP(body []byte) (any, error) {
	if len(body) > rdapMaxBytes {
		return nil, errors.New("too long")
	}
	body = bytes.TrimPrefix(body, []byte("\ufeff"))
	switch {
	case !json.Valid(body) && len(bytes.TrimSpace(body)) > 0:
		return nil, errors.New("not JSON")
	case rdapTooLarge(body):
		return nil, errors.New("too large")
	}
	var object rdapObject
	if json.Unmarshal(body, &object) != nil {
		return nil, errors.New("not understood")
	}
	object.canonical()
	doc, err := object.read()
	if err != nil {
		return nil, errors.New("not understood")
	}
	return doc, nil
}

// rdapTooLarge reports whether a valid JSON text has too many tokens, or too many levels.
func rdapTooLarge(text []byte) bool {
	tokens, depth := 0, 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case ' ', '\t', '\r', '\n', ',', ':':
			continue
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		case '"':
			for i++; i < len(text) && text[i] != '"'; i++ {
				if text[i] == '\\' {
					i++
				}
			}
		default: // a number or a word
			for i+1 < len(text) && bytes.IndexByte([]byte(" \t\r\n,]}"), text[i+1]) < 0 {
				i++
			}
		}
		if tokens++; tokens > rdapMaxTokens || depth > rdapMaxDepth {
			return true
		}
	}
	return false
}

// canonical replaces forms that servers use by those of RFC 9083: "status" as a string, "nameServers", name servers
// as strings.
func (o rdapObject) canonical() {
	if class, _ := o["objectClassName"].(string); strings.EqualFold(class, "domain") {
		o["objectClassName"] = "domain"
	}
	for _, key := range []string{"nameServers", "Nameservers", "name_servers", "nameserver"} {
		if v, ok := o[key]; ok && o["nameservers"] == nil {
			o["nameservers"] = v
		}
	}
	for _, key := range []string{"status", "nameservers"} {
		if s, ok := o[key].(string); ok {
			o[key] = []any{s}
		}
	}
	list, _ := o["nameservers"].([]any)
	for i, v := range list[:min(len(list), rdapMaxItems)] {
		if s, ok := v.(string); ok {
			list[i] = map[string]any{"objectClassName": "nameserver", "ldhName": s}
		}
	}
}

// readRDAPNotFound decides what a 404 means.
func readRDAPNotFound(reg Registration, names domainNames, contentType string, body []byte, doc any,
	decodeErr error,
) Registration {
	media, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		media, _, _ = strings.Cut(strings.ToLower(contentType), ";")
		media = strings.TrimSpace(media)
	}
	// Some servers name another type. Their documents must be RDAP's beyond doubt.
	mistyped := media == "text/plain" || media == "application/problem+json" || media == ""
	if mistyped {
		e, ok := doc.(*rdapError)
		mistyped = ok && decodeErr == nil && e.code == 404 &&
			(e.title != "" || len(e.description) > 0 || len(e.conformance) > 0)
	}
	if media != "application/rdap+json" && media != "application/json" && !mistyped {
		reg.Reason = "404, but not from an RDAP service"
		return reg
	}
	empty := len(bytes.TrimSpace(body)) == 0
	if empty && media == "application/rdap+json" {
		reg.State = NotRegistered // RFC 7480 §5.3 lets the body be left out
		return reg
	}
	if empty || decodeErr != nil {
		reg.Reason = "404 without an RDAP error"
		return reg
	}
	var conformance []string
	code := -1
	switch d := doc.(type) {
	case *rdapError:
		conformance, code = d.conformance, d.code
	case *rdapHelp:
		conformance = d.conformance
	default:
		reg.Reason = "reply contradicts itself: 404 with an object"
		return reg
	}
	if hasObject(body) {
		reg.Reason = "reply contradicts itself: 404 with an object"
		return reg
	}
	own, general := names.without(errorText(doc)), names.without(noticeText(doc))
	switch {
	case code == 429 || containsAny(own, throttleTexts) || tooManyQuestions.MatchString(own) ||
		states(general, throttleTexts):
		reg.Reason, reg.Throttled = "too many questions", true
	case containsAny(own, unavailableTexts):
		reg.Reason = "server unavailable"
	case containsAny(own, deniedTexts):
		reg.Reason = "server refuses to answer"
	case reg.rdapLeft(names, doc):
	case containsAny(own, reservedTexts):
		reg.State, reg.Reason = Reserved, "registry says: "+strings.TrimSpace(firstOf(own, reservedTexts))
	case containsAny(general, reservedTexts): // it can be about this name
		reg.State, reg.Reason = Reserved, "registry says: "+strings.TrimSpace(firstOf(general, reservedTexts))
		reg.general = true
	case reservedSentence.MatchString(own):
		reg.State, reg.Reason = Reserved, "registry says: not available"
	case rdapElsewhere.MatchString(names.without(errorText(doc))):
		reg.Reason, reg.Elsewhere = servesNot, true
	case aboutAnother(names, doc):
		reg.Reason, reg.Elsewhere = "answered about another name", true
	case code != 404 && (code != -1 || len(conformance) == 0):
		reg.Reason = "404 without an RDAP error"
	case slices.ContainsFunc(hedges, func(h string) bool { return unconditional(own, h) }), addsToNotFound(names, doc):
		reg.Reason = "reply qualifies its answer"
	default:
		reg.State = NotRegistered
		if claimsNotice.MatchString(general) || claimsNotice.MatchString(own) {
			reg.Offer = OfferClaims
		}
	}
	if reg.State == Reserved && reg.Offer == NoOffer {
		reg.Offer = offerOf(reg.Reason)
	}
	return reg
}

// states reports whether a text states one of the phrases, rather than mentions it as a condition.
func states(text string, phrases []string) bool {
	return slices.ContainsFunc(phrases, func(p string) bool { return unconditional(text, p) })
}

// rdapLeft reads a statement in an error that the registration of the name has ended, but that it is not free yet.
func (r *Registration) rdapLeft(names domainNames, doc any) bool {
	e, ok := doc.(*rdapError)
	if !ok {
		return false
	}
	var lines []whoisLine
	for _, text := range append([]string{e.title}, e.description[:min(len(e.description), 20)]...) {
		lines = append(lines, newWhoisLine(cutRunes(text, 400)), whoisLine{})
	}
	found, ok := statesLeft(names, lines)
	if ok {
		r.State, r.Reason, r.Offer = Reserved, found.reason, found.offer
		r.leftDate(found.line, orderUnknown, zoneOf(names, nil))
	}
	return ok
}

// readRDAPDomain reads the document of a 200.
func readRDAPDomain(reg Registration, n domainNames, doc any) Registration {
	d, ok := doc.(*rdapDomain)
	if !ok {
		reg.Reason = "the answer is not a domain"
		if e, isErr := doc.(*rdapError); isErr {
			reg.Reason = fmt.Sprintf("answered with error %d", e.code)
			reg.Throttled = e.code == 429
		}
		return reg
	}
	if d.ldhName == "" && d.unicode == "" {
		reg.Reason = "answered without a name"
		return reg
	}
	if !rdapNames(n, d.ldhName, d.unicode) {
		if rel := rdapRestrictedVariant(n, d.variants); rel != "" {
			reg.State, reg.Reason = Reserved, "variant of another name: "+rel
			return reg
		}
		reg.Reason, reg.Elsewhere = "answered about another name", true
		return reg
	}
	reg.State = Registered
	fillRDAP(&reg, d)
	if slices.ContainsFunc(d.status, func(s string) bool { return classifyStatus(s) == statusOfFree }) {
		return Registration{State: Unknown, Source: reg.Source, Domain: reg.Domain, Reason: "reply contradicts itself"}
	}
	// A name with a sponsor is registered, no matter what else the document contains.
	if reg.Registrar != "" || !reg.ExpiresAt.IsZero() {
		return reg
	}
	if i := slices.IndexFunc(d.status, func(s string) bool { return classifyStatus(s) == statusOfReserved }); i >= 0 {
		reg.State, reg.Reason = Reserved, "registry status: "+cutRunes(cleanValue(strings.ToLower(d.status[i])), 60)
		reg.Offer = offerOf(reg.Reason)
		return reg
	}
	if text := firstOf(n.without(remarkText(d)), reservedTexts); text != "" {
		reg.State, reg.Reason = Reserved, "registry says: "+strings.TrimSpace(text)
		reg.Offer = offerOf(reg.Reason)
		return reg
	}
	if rel := rdapRestrictedVariant(n, d.variants); rel != "" {
		reg.State, reg.Reason = Reserved, "variant: "+rel
	}
	return reg
}

// rdapNames reports whether a document is about the domain. The A-label decides if there is one.
func rdapNames(n domainNames, ldh, unicode string) bool {
	if strings.TrimSpace(ldh) != "" {
		return n.is(ldh)
	}
	return n.is(unicode)
}

// rdapRestrictedVariant finds the domain among another's variants that may not be registered (RFC 9083 §5.3,
// relations of IANA's registry).
func rdapRestrictedVariant(n domainNames, variants []rdapVariant) string {
	for _, v := range variants[:min(len(variants), rdapMaxItems)] {
		rel := ""
		for _, r := range v.relation[:min(len(v.relation), rdapMaxItems)] {
			r = strings.ToLower(r)
			if strings.Contains(r, "restricted") || strings.Contains(r, "reserved") || strings.Contains(r, "blocked") {
				rel = cutRunes(cleanValue(r), 60)
			}
		}
		if rel == "" {
			continue
		}
		for _, vn := range v.names[:min(len(v.names), rdapMaxItems)] {
			if rdapNames(n, vn.ldh, vn.unicode) {
				return rel
			}
		}
	}
	return ""
}

func fillRDAP(reg *Registration, d *rdapDomain) {
	for _, s := range d.status[:min(len(d.status), rdapMaxItems)] {
		reg.Statuses = addStatus(reg.Statuses, NormaliseStatus(s))
	}
	reg.Statuses = settleStatuses(reg.Statuses)
	for _, ns := range d.nameservers[:min(len(d.nameservers), rdapMaxItems)] {
		name := strings.TrimSuffix(strings.ToLower(strings.TrimSpace(ns)), ".")
		if len(reg.Nameservers) < maxNameservers && domainLike(name) && !nonASCII(name) &&
			!slices.Contains(reg.Nameservers, name) {
			reg.Nameservers = append(reg.Nameservers, name)
		}
	}
	reg.DNSSEC = d.signed
	var registrarExpiry, again Registration
	for _, e := range d.events[:min(len(d.events), rdapMaxItems)] {
		switch strings.ToLower(strings.TrimSpace(e.action)) {
		case "registration":
			reg.created().setRDAP(e.date)
		case "reregistration":
			again.created().setRDAP(e.date)
		case "expiration":
			reg.expires().setRDAP(e.date)
		case "registrar expiration":
			registrarExpiry.expires().setRDAP(e.date)
		case "last changed":
			reg.updated().setRDAP(e.date)
		case "transfer":
			reg.transferred().setRDAP(e.date)
		case "deletion":
			reg.deletes().setRDAP(e.date)
		}
	}
	if again.CreatedAt.After(reg.CreatedAt) {
		reg.CreatedAt, reg.CreatedLatest = again.CreatedAt, again.CreatedLatest
	}
	if reg.ExpiresAt.IsZero() {
		reg.ExpiresAt, reg.ExpiresLatest = registrarExpiry.ExpiresAt, registrarExpiry.ExpiresLatest
	}
	for _, e := range d.entities[:min(len(d.entities), rdapMaxItems)] {
		if !slices.ContainsFunc(e.roles, func(r string) bool { return strings.EqualFold(r, "registrar") }) {
			continue
		}
		if reg.Registrar == "" {
			if reg.Registrar = cleanValue(e.name); reg.Registrar == "" {
				reg.Registrar = cleanValue(e.org)
			}
			if reg.Registrar == "" {
				reg.Registrar = cleanValue(e.handle)
			}
		}
		for _, id := range e.publicIDs[:min(len(e.publicIDs), rdapMaxItems)] {
			v := strings.TrimSpace(id.identifier)
			if reg.RegistrarIANA == "" && strings.Contains(strings.ToLower(id.kind), "iana") && isDigits(v) && len(v) < 10 {
				reg.RegistrarIANA = v
			}
		}
	}
}

// setRDAP reads an RFC 3339 date; some servers omit the zone or the time.
func (d dateField) setRDAP(value string) {
	value = strings.TrimSpace(value)
	if !d.at.IsZero() || len(value) > 60 {
		return
	}
	if t, err := time.Parse(time.RFC3339, value); err == nil && t.Year() >= 1970 && t.Year() <= 2200 {
		*d.at = t.UTC()
		return
	}
	d.set(value, orderUnknown, clockZone{})
}

// shortText is the length of titles, remarks and notices that are too short to be terms of use.
const shortText = 600

// noticeText returns the notices of a document in lower case: what a server adds to every answer.
func noticeText(doc any) string {
	switch d := doc.(type) {
	case *rdapError:
		return prose(d.notices)
	case *rdapHelp:
		return prose(d.notices)
	case *rdapDomain:
		return prose(d.notices)
	}
	return ""
}

// remarkText returns what a document says about the domain itself, in lower case.
func remarkText(d *rdapDomain) string {
	return prose(d.remarks)
}

func prose(list []rdapNotice) string {
	var b strings.Builder
	for _, n := range list[:min(len(list), rdapMaxItems)] {
		text := n.title + " " + strings.Join(n.description[:min(len(n.description), rdapMaxItems)], " ")
		if len(text) <= shortText && b.Len() < whoisMaxBytes {
			b.WriteString(cleanFlat(text))
			b.WriteString(sentenceBreak)
		}
	}
	return strings.ReplaceAll(b.String(), "rights reserved", "")
}

// errorText returns the texts of an error, without the notices that a server adds to every answer.
func errorText(doc any) string {
	e, ok := doc.(*rdapError)
	if !ok {
		if h, isHelp := doc.(*rdapHelp); isHelp && len(h.conformance) > 0 { // an error without its code
			return prose(h.notices)
		}
		return ""
	}
	return cleanFlat(e.title + ". " + strings.Join(e.description[:min(len(e.description), rdapMaxItems)], ". "))
}

// cleanFlat returns text in lower case on one line.
func cleanFlat(s string) string {
	return strings.Join(strings.Fields(strings.ToLower(decodeText([]byte(s)))), " ")
}
