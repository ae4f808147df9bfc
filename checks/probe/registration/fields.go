package registration

import (
	"slices"
	"strings"

	"domdoc/catalog/lazyregexp"
)

// whoisKey is the meaning of a field's key.
type whoisKey int

const (
	keyNone whoisKey = iota
	keyDomain
	keyCreated
	keyExpires
	keyRegistrarExpires // the registrar's own date, used where the registry gives none
	keyUpdated
	keyTransferred
	keyRegistrar
	keyRegistrarIANA
	keyNameserver
	keyStatus
	keyMessage // an answer in words: "Message: No Object Found"
	keyHolder
	keyDNSSEC
	keyReferral
	keyHold       // a flag: the registry keeps the name out of the DNS
	keyClientHold // the same of the registrar
	keyDelegated  // a flag: the name is in the DNS
	keySuspends   // the dates of the end: out of the DNS, deleted, free
	keyDeletes
	keyReleases
	keyOption // until when somebody has the right to register it next
)

// whoisRecord has the fields of a reply, before they are judged.
type whoisRecord struct {
	reg       Registration
	named     bool   // a field names the domain that was asked
	other     string // the first other domain that a field names
	rawStatus []string
	messages  []string
	holder    bool
	dates     int  // parsed dates of creation and expiry
	ends      bool // a date of its end was parsed
	ianaTLD   bool
	zone      clockZone // of times that give none
}

// evidence counts the kinds of evidence that a registration exists, of any name.
func (r *whoisRecord) evidence() int {
	n := r.dates
	for _, has := range []bool{r.reg.Registrar != "", len(r.reg.Nameservers) > 0, r.holder, r.registeredStatus()} {
		if has {
			n++
		}
	}
	return n
}

// registeredStatus reports whether a status is one that only registered names have.
func (r *whoisRecord) registeredStatus() bool {
	for _, s := range r.rawStatus {
		if classifyStatus(s) == statusOfRegistered {
			return true
		}
	}
	return false
}

// readWhoisFields reads the fields into a record. The first value of a kind wins: registries list the domain before
// its contacts, which have dates of their own.
func readWhoisFields(n domainNames, fields []whoisField, lines []whoisLine) whoisRecord {
	rec := whoisRecord{reg: Registration{Source: "whois", Domain: n.ascii}, zone: zoneOf(n, lines)}
	order := dateOrder(n, fields)
	afterHandle := false // the field before was a registrar's handle, whose name may follow
	for _, f := range fields {
		kind := fieldKind(f)
		if afterHandle && nameKeys[f.key] && f.section == "" && !blankValue(f.value) {
			rec.reg.Registrar = registrarName(f.value)
		}
		if f.key == "source" && strings.EqualFold(f.value, "IANA") {
			rec.ianaTLD = true
		}
		afterHandle = false
		// "not available" and "unknown" are blank, but not as a status
		if blankValue(f.value) && (f.value == "" || (kind != keyStatus && kind != keyMessage)) {
			continue
		}
		rec.field(n, kind, f, order)
		if kind == keyRegistrar {
			name := registrarName(f.value)
			afterHandle = name == rec.reg.Registrar && registrarHandle.MatchString(name)
		}
	}
	for _, f := range fields {
		if whoisKeys[f.key] == keyRegistrarExpires && rec.reg.ExpiresAt.IsZero() && !blankValue(f.value) {
			rec.date(rec.reg.expires(), f.value, order)
		}
	}
	rec.reg.Statuses = settleStatuses(rec.reg.Statuses)
	return rec
}

// nameKeys are keys that take their meaning from the section that they are in.
var nameKeys = map[string]bool{"name": true, "organization": true, "organisation": true, "organization name": true}

// fieldKind is the meaning of a field's key in its section.
func fieldKind(f whoisField) whoisKey {
	if nameKeys[f.key] {
		switch section := whoisKeys[f.section]; {
		case section == keyDomain && f.key == "name":
			return keyDomain
		case section == keyRegistrar:
			return keyRegistrar
		}
	}
	return whoisKeys[f.key]
}

// field takes the value of one field; order is the order of dates in the reply.
func (r *whoisRecord) field(n domainNames, kind whoisKey, f whoisField, order dateOrderKind) {
	if o := orderOfNote(f.note + " " + f.value); o != orderUnknown {
		order = o
	}
	switch kind {
	case keyDomain:
		r.domain(n, f.value)
	case keyCreated:
		r.date(r.reg.created(), f.value, order)
	case keyExpires:
		r.date(r.reg.expires(), f.value, order)
	case keyUpdated:
		r.reg.updated().set(f.value, order, r.zone)
	case keyTransferred:
		r.reg.transferred().set(f.value, order, r.zone)
	case keySuspends:
		r.ending(r.reg.suspends(), f.value, order)
	case keyOption:
		r.reg.option().set(f.value, order, r.zone)
	case keyDeletes:
		r.ending(r.reg.deletes(), f.value, order)
	case keyReleases:
		r.ending(r.reg.releases(), f.value, order)
	case keyRegistrar:
		if r.reg.Registrar == "" {
			r.reg.Registrar = registrarName(f.value)
		}
	case keyRegistrarIANA:
		if r.reg.RegistrarIANA == "" && isDigits(f.value) && len(f.value) < 10 {
			r.reg.RegistrarIANA = f.value
		}
	case keyNameserver:
		r.nameservers(n, f)
	case keyStatus:
		status, date := datedStatus(f.value)
		if _, known := lookupStatus(status); date != "" && known && r.reg.statusEnds(status, date, order, r.zone) {
			f.value = status
		}
		r.statuses(f.key, f.value)
		if m := connectedUntil.FindStringSubmatch(strings.TrimSpace(f.value)); m != nil {
			r.date(r.reg.expires(), m[1], order)
		}
	case keyMessage:
		if len(r.messages) < maxStatuses {
			r.messages = append(r.messages, f.value)
		}
		// DNS Belgium and EURid: "Status: NOT AVAILABLE", "Reason: QUARANTINE"
		if s, ok := lookupStatus(f.value); ok && f.key == "reason" && slices.Contains(endingStatuses, s) {
			r.reg.Statuses = addStatus(r.reg.Statuses, s)
		}
	case keyHolder:
		r.holder = true
	case keyHold:
		r.flag(f.value, true, "server hold")
	case keyClientHold:
		r.flag(f.value, true, "client hold")
	case keyDelegated:
		r.flag(f.value, false, "inactive")
	case keyDNSSEC:
		r.reg.DNSSEC = r.reg.DNSSEC || signed(f)
	case keyReferral:
		if h := hostOf(f.value); h != "" && r.reg.ReferralServer == "" {
			r.reg.ReferralServer = h
		}
	}
}

func (r *whoisRecord) domain(n domainNames, value string) {
	words := strings.Fields(strings.ToLower(value))
	for i, w := range words {
		w = strings.Trim(w, wordMarks)
		switch {
		case n.is(w):
			r.named = true
			return
		case i == 0 && len(words) == 1 && w == n.label && n.label != n.ascii:
			// Some registries leave their own suffix out.
			r.named = true
			return
		}
		// "GOOGLE.TK is Active": the state is part of the value.
		if i == 0 && r.other == "" && (domainLike(w) || len(words) == 1) {
			r.other = cutRunes(w, 80)
		}
		if i == 3 {
			return
		}
	}
}

func (r *whoisRecord) date(d dateField, value string, o dateOrderKind) {
	// Nominet's "before Aug-1996" is no date, and says that there is one.
	if d.at.IsZero() && (d.set(value, o, r.zone) || dateBefore.MatchString(value)) {
		r.dates++
	}
}

// ending takes a date of the end of a registration. Such a date is no sign of one that is in force; but a name with
// one is not free.
func (r *whoisRecord) ending(d dateField, value string, o dateOrderKind) {
	r.ends = d.set(value, o, r.zone) || r.ends
}

// endingStatuses are those of a registration that has ended.
var endingStatuses = []string{"redemption period", "pending delete", "pending restore"}

// connectedUntil matches JPRS's "Connected (2027/04/30)", the end of the registration.
var connectedUntil = lazyregexp.New(`(?i)^(?:connected|registered|active)\s*\((\d{4}/\d{1,2}/\d{1,2})\)$`)

// nameservers adds the hosts in a value: "ns1.example.net. 192.0.2.1", "example.pt NS ns1.example.net.".
func (r *whoisRecord) nameservers(n domainNames, f whoisField) {
	var hosts []string
	own := false
	for i, w := range strings.FieldsFunc(strings.ToLower(f.value), func(c rune) bool {
		return strings.ContainsRune(" \t,;/|", c)
	}) {
		w = strings.TrimSuffix(strings.Trim(w, "()[]<>\"'"), ".")
		switch {
		case i == 64 || !domainLike(w) || nonASCII(w):
		case n.is(w):
			own = true
		default:
			hosts = append(hosts, w)
		}
	}
	// The domain's own name can be a server's, but beside other names it is the owner of the record, and DK
	// Hostmaster's "DNS:" always is.
	if own && len(hosts) == 0 && f.key != "dns" {
		hosts = append(hosts, n.ascii)
	}
	for _, h := range hosts {
		if len(r.reg.Nameservers) < maxNameservers && !slices.Contains(r.reg.Nameservers, h) {
			r.reg.Nameservers = append(r.reg.Nameservers, h)
		}
	}
}

// statuses adds the statuses in a value. "State:" is often part of an address, so there only known statuses count.
func (r *whoisRecord) statuses(key, value string) {
	parts := []string{value}
	if !strings.Contains(value, "http") {
		if p := splitStatuses(statusNote.ReplaceAllString(value, " ")); len(p) > 1 {
			parts = p
		}
	}
	for _, p := range parts[:min(len(parts), maxStatuses)] {
		class := classifyStatus(p)
		if len(r.rawStatus) >= maxStatuses || (key == "state" && class == statusOther) {
			continue
		}
		r.rawStatus = append(r.rawStatus, p)
		// "linked" is a contact's status, not a domain's.
		if s := NormaliseStatus(p); class != statusOfFree && s != "associated" {
			r.reg.Statuses = addStatus(r.reg.Statuses, s)
		}
	}
}

// flag adds a status that a field of its own says with yes, or with no: AFNIC's "hold: YES".
func (r *whoisRecord) flag(value string, on bool, status string) {
	first, _, _ := strings.Cut(strings.ToLower(value), " ")
	said, known := flagValues[strings.Trim(first, ".,;")]
	if known && said == on {
		r.reg.Statuses = addStatus(r.reg.Statuses, status)
	}
}

var flagValues = map[string]bool{
	"yes": true, "y": true, "true": true, "1": true, "on": true, "oui": true, "si": true, "sim": true, "ja": true,
	"no": false, "n": false, "false": false, "0": false, "off": false, "non": false, "nein": false, "não": false,
}

// ownFields returns the fields of the record of the domain that was asked, if the reply has records of others as
// well; others is set then. A registry that is asked for a prefix sends them all: "Server Name:
// EXAMPLE.COM.EVIL.EXAMPLE". Records of contacts, with dates and statuses of their own, follow in many replies.
func ownFields(n domainNames, fields []whoisField) (own []whoisField, others bool) {
	mine, found, object := true, false, false
	start := 0               // in own, of the paragraph
	var domains []whoisField // of records about any domain
	for _, f := range fields {
		if f.first {
			start = len(own)
			// below the heading "Nameservers", a host is a name server
			object = objectKeys[f.key] && whoisKeys[f.section] != keyNameserver
			others = others || object
		}
		switch kind := fieldKind(f); {
		case kind == keyDomain && namesDomain(n, f.value):
			if !found { // what is above, in the same paragraph, can be of this record
				others = others || slices.ContainsFunc(own[:start], func(f whoisField) bool {
					return fieldKind(f) != keyNone
				})
				own = slices.Clone(own[start:])
				if !mine {
					own = own[:0]
				}
			}
			mine, found, object = true, true, false
		case !found && f.key == "server name",
			kind == keyDomain && (!found || f.first) && otherDomain(f.value):
			mine, others = false, true
		}
		if mine && !object {
			own = append(own, f)
		}
		if !object {
			domains = append(domains, f)
		}
	}
	if !found {
		return domains, len(domains) < len(fields)
	}
	return own, others
}

// objectKeys begin a record of something else than a domain, as a paragraph.
var objectKeys = map[string]bool{
	"server name": true, "host name": true, "hostname": true, "host": true, "nic hdl": true, "nic handle": true,
	"contact": true, "contact id": true, "contact handle": true, "person": true, "role": true,
}

// namesDomain reports whether the value of a field is the domain.
func namesDomain(n domainNames, value string) bool {
	var r whoisRecord
	r.domain(n, value)
	return r.named
}

func otherDomain(value string) bool {
	f := strings.Fields(strings.ToLower(value))
	return len(f) == 1 && domainLike(strings.Trim(f[0], wordMarks))
}

// registrarHandle matches a registry's handle for a registrar: "ACTI-0024".
var registrarHandle = lazyregexp.New(`^[A-Z]+-[A-Z0-9-]+$`)

// registrarName removes what follows a registrar's name: its URL, its tag.
func registrarName(s string) string {
	s = cleanValue(s)
	if i := strings.Index(strings.ToLower(s), "http"); i > 0 {
		s = strings.TrimRight(s[:i], " (")
	}
	if i := strings.Index(s, " [Tag = "); i > 0 {
		s = s[:i]
	}
	if low := strings.ToLower(s); strings.HasPrefix(low, "http") || strings.HasPrefix(low, "url:") ||
		strings.HasPrefix(low, "no registrar") {
		return ""
	}
	return strings.TrimSpace(s)
}

// signed reports whether a field says that the delegation is signed. For a key of digests or keys, any value does.
func signed(f whoisField) bool {
	v := strings.ToLower(f.value)
	switch f.key {
	case "dnssec", "signed", "domain signed", "dns sec", "secure dns", "dnssec status", "dnssec signed":
		first, _, _ := strings.Cut(v, " ")
		switch strings.Trim(compact(first), " ") {
		case "signed", "signeddelegation", "yes", "y", "active", "enabled", "true", "1", "on":
			return true
		}
		return strings.HasPrefix(v, "signed")
	}
	return strings.ContainsAny(v, "0123456789") // a tag, a digest, a key
}

// hostOf returns the host of a referral: "whois.example.com", "whois://whois.example.com:43/".
func hostOf(value string) string {
	v := strings.ToLower(strings.TrimSpace(value))
	if i := strings.Index(v, "://"); i >= 0 {
		if !strings.HasPrefix(v, "whois") && !strings.HasPrefix(v, "rwhois") {
			return "" // a web page is not a WHOIS server
		}
		v = v[i+3:]
	}
	v, _, _ = strings.Cut(v, "/")
	v, _, _ = strings.Cut(v, ":")
	v = strings.TrimSuffix(v, ".")
	if strings.ContainsAny(v, " \t@_") || nonASCII(v) || !domainLike(v) {
		return ""
	}
	return v
}

// blankValue reports whether a value means "no value".
func blankValue(v string) bool {
	switch strings.ToLower(strings.Trim(v, " .")) {
	case "", "-", "--", "none", "n/a", "na", "null", "nil", "not available", "not applicable", "unknown", "undefined",
		"not defined",
		"<no value>", "no value", "not assigned", "not disclosed", "http://null", "<no", "not set", "no name servers",
		"no nameservers":
		return true
	}
	return false
}

func isDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}
