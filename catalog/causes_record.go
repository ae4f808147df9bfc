package catalog

import (
	"fmt"
	"net/netip"
	"strings"
)

// recordCodes is what a fault of a record predicts by what the record is for; once the domain is live, a routing fault also fails its health.
var (
	recordCodes = map[Role][]string{
		Verification: {"DOMAIN_004"},
		Routing:      {"DOMAIN_010"},
		Certificate:  {"DOMAIN_011", "DOMAIN_023"},
		Configured:   {"DOMAIN_010"},
	}
	recordCodesLive = map[Role][]string{Routing: {"DOMAIN_019"}}
)

// recordExplains is what follows when a record is not what it should be: caches of the same name cannot be right, a certificate waits for its
// validation record, and traffic that never reaches the platform meets other certificates and pages.
var recordExplains = []Link{
	{To: "cache.never-converges", Same: true},
	{To: "cache.negative", Same: true},
	{To: "cache.window-too-long", Same: true},
	{To: "certificate.pending", Roles: []Role{Certificate}},
	{To: "certificate.failed", Roles: []Role{Certificate}},
	{To: "certificate.renewal-blocked", Roles: []Role{Certificate}},
	{To: "certificate.default-served", Roles: []Role{Routing}},
	{To: "certificate.name-mismatch", Roles: []Role{Routing}},
	{To: "certificate.untrusted", Roles: []Role{Routing}},
	{To: "certificate.expired", Roles: []Role{Routing}},
	{To: "certificate.addresses-differ", Roles: []Role{Routing}},
	{To: "certificate.handshake-fails", Roles: []Role{Routing}},
	{To: "cdn.not-attached", Roles: []Role{Routing}},
	{To: "http.*", Roles: []Role{Routing}},
}

// MissingArgs are the arguments of record.missing.
type MissingArgs struct {
	Record  Record `json:"record"`
	Denial  string `json:"denial"`  // "NXDOMAIN": the name does not exist; "NODATA": it does, with other types
	Servers int    `json:"servers"` // authoritative servers that said so
	// Present lists other types seen at the name, when the server told.
	Present []string `json:"present,omitempty"`
	// Beside are records of this name and type with other values, which belong to other services.
	Beside []string `json:"beside,omitempty"`
	// DNAME is the name above whose DNAME record sends the record's name to Target, so that what stands at the name itself is never seen.
	DNAME  string `json:"dname,omitempty"`
	Target string `json:"target,omitempty"`
}

// RecordMissing is record.missing.
var RecordMissing = declare(Cause{
	ID: "record.missing", Rung: RecordRung, Who: []Actor{Tenant}, Verdict: Fail, Common: 9,
	Title:  "the record is not published",
	ByRole: recordCodes, OnceLive: recordCodesLive, Explains: recordExplains,
	Means:    "A record that the service needs is not in the domain's zone: every server that is responsible for the zone says so. Nothing has to spread, so waiting does not help.",
	How:      "The authoritative servers, found by following the delegation from the root, answer NXDOMAIN (no such name) or NODATA (the name exists, without this type).",
	Confused: "propagation: caches play no part while the servers at the source lack the record. Also delegation.wrong-host, where the record exists at a DNS host that nobody asks.",
	Refs:     []string{"RFC 2308 2.1", "RFC 2308 2.2"},
}, Words[MissingArgs]{
	Summary: func(a MissingArgs) string {
		switch {
		case len(a.Beside) > 0:
			return fmt.Sprintf("%s is not among the %s that are there", the(a.Record), plural(len(a.Beside), a.Record.Type+" record"))
		case a.Record.Value != "":
			return the(a.Record) + " does not exist"
		case a.Denial == "NXDOMAIN":
			return a.Record.Name + " does not exist in the DNS"
		}
		return a.Record.Name + " has no address: it leads nowhere"
	},
	Why: func(a MissingArgs) string {
		if a.DNAME != "" {
			return fmt.Sprintf("a DNAME record at %s sends every name below it elsewhere, this one to %s, where the record is not either; what stands at the name itself is never seen", a.DNAME, a.Target)
		}
		if len(a.Beside) > 0 {
			return fmt.Sprintf("%s of the zone %s answered, and none of the values is the wanted one: %s; waiting will not help, because there is nothing to spread yet", plural(a.Servers, "authoritative server"), a.Record.Zone, list(quotedAll(a.Beside)))
		}
		said := "there is no such name"
		if a.Denial == "NODATA" {
			said = "the name exists, but not with this type"
		}
		s := fmt.Sprintf("%s of the zone %s answered %s (%s); waiting will not help, because there is nothing to spread yet", plural(a.Servers, "authoritative server"), a.Record.Zone, a.Denial, said)
		if len(a.Present) > 0 {
			s += "; other types at that name: " + list(a.Present)
		}
		return s
	},
	Fix: func(a MissingArgs) Fix {
		if a.Record.Value == "" { // nobody said what should be there
			return Fix{
				Steps:    []string{"is the name spelled right? if it is, publish the records that the service shows for it, " + at(a.Record), "to have them compared: domdoc check " + a.Record.Name + " --expect 'CNAME " + a.Record.Name + "=TARGET'"},
				Commands: []string{dig(a.Record.Name, a.Record.Type, "")},
			}
		}
		if a.DNAME != "" {
			to := a.Record
			to.Name = a.Target
			return publish(to)
		}
		f := publish(a.Record)
		if len(a.Beside) > 0 {
			f.Steps = append(f.Steps, keep(a.Record))
		}
		return f
	},
	Example: MissingArgs{
		Record: Record{Role: Verification, Zone: "example.com", Name: "_verify.shop.example.com", Type: "TXT", Value: "tok-1"},
		Denial: "NXDOMAIN", Servers: 2,
	},
})

// ElsewhereArgs are the arguments of the causes that found the wanted value, but not where it belongs.
type ElsewhereArgs struct {
	Record Record `json:"record"`
	At     string `json:"at"`             // the owner name where the value stands
	AtType string `json:"atType"`         // and its type there
	Seen   string `json:"seen,omitempty"` // the value there
	// Detail names what is wrong with the value besides its place.
	Detail string `json:"detail,omitempty"`
}

// wrong is the record at the wrong place.
func (a ElsewhereArgs) wrong() Record {
	return Record{Zone: a.Record.Zone, Host: a.Record.Host, Name: a.At, Type: a.AtType, Value: a.Seen}
}

// move is the fix that ends with the record in the right place. What routes another name may be in use there, and stays.
func (a ElsewhereArgs) move() Fix {
	f := publish(a.Record)
	if a.Record.Role == Routing {
		f.Steps = append(f.Steps, fmt.Sprintf("leave the %s record at %s if that name is in use as well: it does not stand in the way", a.AtType, a.wrong().Label()))
		return f
	}
	f.Steps = append(f.Steps, thenDelete(a.wrong()))
	f.Deletes = append(f.Deletes, a.wrong())
	return f
}

// seen is the value at the wrong place, with what is wrong with it.
func (a ElsewhereArgs) seen() string {
	if a.Detail != "" {
		return quoted(a.Seen) + " (" + a.Detail + ")"
	}
	return quoted(a.Seen)
}

var exampleElsewhere = ElsewhereArgs{
	Record: Record{Role: Verification, Zone: "example.com", Name: "_verify.shop.example.com", Type: "TXT", Value: "tok-1"},
	At:     "_verify.shop.example.com.example.com", AtType: "TXT", Seen: "tok-1",
}

// RecordNameDoubled is record.name-doubled.
var RecordNameDoubled = declare(Cause{
	ID: "record.name-doubled", Rung: RecordRung, Who: []Actor{Tenant}, Verdict: Fail, Common: 8,
	Title:  "the zone's name stands twice in the record's name",
	ByRole: recordCodes, OnceLive: recordCodesLive, Explains: append([]Link{{To: "record.missing", Same: true}}, recordExplains...),
	Means:    "Most DNS panels append the zone to whatever is typed into the name field. A whole name typed there becomes name.zone.zone, where nobody looks.",
	How:      "The wanted name is missing, and the wanted value is found at the same name with the zone (or the host) behind it once more.",
	Confused: "record.missing: the record was created, which is why the panel shows it.",
	Refs:     []string{"RFC 1035 5.1"},
}, Words[ElsewhereArgs]{
	Summary: func(a ElsewhereArgs) string {
		return fmt.Sprintf("%s was created as %s: the zone's name stands in it twice", the(a.Record), a.At)
	},
	Why: func(a ElsewhereArgs) string {
		right := "is right, and the place is not"
		if a.Detail != "" {
			right = "is not right either"
		}
		return fmt.Sprintf("the DNS panel adds %s to the name by itself, so typing the whole name doubled it; the value %s %s", a.Record.Zone, a.seen(), right)
	},
	Fix: func(a ElsewhereArgs) Fix {
		f := publish(a.Record)
		f.Steps = append([]string{fmt.Sprintf("change the record's name from %q to %q (or end the whole name with a dot)", a.Record.Name, a.Record.Label())}, f.Steps...)
		f.Deletes = append(f.Deletes, a.wrong())
		return f
	},
	Example: exampleElsewhere,
})

// RecordWrongName is record.wrong-name.
var RecordWrongName = declare(Cause{
	ID: "record.wrong-name", Rung: RecordRung, Who: []Actor{Tenant}, Verdict: Fail, Common: 6,
	Title:  "the value stands at another name",
	ByRole: recordCodes, OnceLive: recordCodesLive, Explains: append([]Link{{To: "record.missing", Same: true}}, recordExplains...),
	Means:    "The right value is published, but one level too high or too low, under www, without its underscore, or with a dash for it.",
	How:      "The wanted name is missing, and a short list of names that people type instead is asked at the authoritative servers; one of them holds the value. A random name beside it shows that no wildcard answered.",
	Confused: "record.name-doubled, where the zone's name stands twice.",
	Refs:     []string{"RFC 8552 1.1"},
}, Words[ElsewhereArgs]{
	Summary: func(a ElsewhereArgs) string {
		return fmt.Sprintf("%s was created at %s instead", the(a.Record), a.At)
	},
	Why: func(a ElsewhereArgs) string {
		return fmt.Sprintf("the value %s was found at %s, but the service looks only at %s", a.seen(), a.At, a.Record.Name)
	},
	Fix: func(a ElsewhereArgs) Fix { return a.move() },
	Example: ElsewhereArgs{
		Record: exampleElsewhere.Record,
		At:     "verify.shop.example.com", AtType: "TXT", Seen: "tok-1",
	},
})

// RecordWrongType is record.wrong-type.
var RecordWrongType = declare(Cause{
	ID: "record.wrong-type", Rung: RecordRung, Who: []Actor{Tenant}, Verdict: Fail, Common: 5,
	Title:  "another type of record stands at the name",
	ByRole: recordCodes, OnceLive: recordCodesLive, Explains: append([]Link{{To: "record.missing", Same: true}}, recordExplains...),
	Means:    "A record was created at the right name, with the wrong type: a TXT where a CNAME is needed, or the reverse.",
	How:      "The wanted type is missing at the name, and another type there holds the wanted value.",
	Confused: "record.missing: something is there, but it is not what is asked for.",
	Refs:     []string{"RFC 1034 3.6"},
}, Words[ElsewhereArgs]{
	Summary: func(a ElsewhereArgs) string {
		return fmt.Sprintf("%s was created as %s", the(a.Record), a.AtType)
	},
	Why: func(a ElsewhereArgs) string {
		return fmt.Sprintf("at %s there is a %s record with %s, and the service asks for %s", a.At, a.AtType, quoted(a.Seen), a.Record.Type)
	},
	Fix: func(a ElsewhereArgs) Fix {
		f := publish(a.Record)
		f.Steps = append([]string{fmt.Sprintf("delete the %s record at %s with %s", a.AtType, a.Record.Label(), quoted(a.Seen))}, f.Steps...)
		f.Deletes = append(f.Deletes, a.wrong())
		return f
	},
	Example: ElsewhereArgs{Record: Record{Role: Verification, Zone: "example.com", Name: "_verify.shop.example.com", Type: "CNAME", Value: "tok-1.verify.example.net"}, At: "_verify.shop.example.com", AtType: "TXT", Seen: "tok-1.verify.example.net"},
})

// SeenArgs are the arguments of the causes that found another value at the right place.
type SeenArgs struct {
	Record Record   `json:"record"`
	Seen   []string `json:"seen"` // the values there
	// Detail names what is wrong with the value, where that can be told ("a no-break space (U+00A0) at position 4").
	Detail string `json:"detail,omitempty"`
	// Kept are further values at the name, which belong to other services.
	Kept []string `json:"kept,omitempty"`
}

func (a SeenArgs) replace() Fix {
	f := publish(a.Record)
	if a.Record.Type == AliasType {
		return f
	}
	p := PanelOf(a.Record.Host)
	which := p.label(a.Record)
	if len(a.Kept) > 0 {
		which += " that holds " + list(quotedAll(a.Seen))
	}
	f.Steps[0] = fmt.Sprintf("%s, change the %s record %s: %s must be exactly %s", at(a.Record), a.Record.Type, which, p.Value, p.value(a.Record))
	if len(a.Kept) > 0 {
		f.Steps = append(f.Steps, keep(a.Record))
	}
	for _, v := range a.Seen {
		r := a.Record
		r.Value, r.TTL = v, 0
		f.Deletes = append(f.Deletes, r)
	}
	return f
}

var exampleSeen = SeenArgs{
	Record: Record{Role: Verification, Zone: "example.com", Name: "_verify.shop.example.com", Type: "TXT", Value: "tok-1"},
	Seen:   []string{"tok-0"},
}

// RecordValueDiffers is record.value-differs.
var RecordValueDiffers = declare(Cause{
	ID: "record.value-differs", Rung: RecordRung, Who: []Actor{Tenant}, Verdict: Fail, Common: 7,
	Title:  "the record holds another value",
	ByRole: recordCodes, OnceLive: recordCodesLive, Explains: recordExplains,
	Means:    "The name and the type are right, and the value is another one: often the token of an earlier attempt, or the target of an earlier set-up.",
	How:      "The authoritative servers answer with values none of which is the wanted one. Several TXT records at one name are compared one by one, each with its strings joined.",
	Confused: "cache.old-answer, where the servers at the source already have the new value.",
	Refs:     []string{"RFC 1035 3.3.14"},
}, Words[SeenArgs]{
	Summary: func(a SeenArgs) string {
		return fmt.Sprintf("%s holds another value than the service asks for", the(a.Record))
	},
	Why: func(a SeenArgs) string {
		s := fmt.Sprintf("it holds %s; wanted is %s", list(quotedAll(a.Seen)), quoted(a.Record.Value))
		if a.Detail != "" {
			s += "; " + a.Detail
		}
		return s
	},
	Fix:     SeenArgs.replace,
	Example: exampleSeen,
})

// RecordValueQuoted is record.value-quoted.
var RecordValueQuoted = declare(Cause{
	ID: "record.value-quoted", Rung: RecordRung, Who: []Actor{Tenant}, Verdict: Fail, Common: 5,
	Title:  "quotation marks are part of the value",
	ByRole: recordCodes, OnceLive: recordCodesLive, Explains: append([]Link{{To: "record.cname-dangling", Same: true}}, recordExplains...),
	Means:    "The quotation marks that frame a TXT value in documentation were typed into the panel, which added its own: now they belong to the value.",
	How:      "The value equals the wanted one once quotation marks (straight, escaped or typographic) around it are removed.",
	Confused: "the marks that dig prints around every TXT string, which are not part of it.",
	Refs:     []string{"RFC 1035 5.1"},
}, Words[SeenArgs]{
	Summary: func(a SeenArgs) string { return the(a.Record) + " has quotation marks inside its value" },
	Why: func(a SeenArgs) string {
		return fmt.Sprintf("the value is %s with the marks as part of it; wanted is %s without them: %s", list(a.Seen), a.Record.Value, a.Detail)
	},
	Fix: func(a SeenArgs) Fix {
		f := a.replace()
		f.Steps = append([]string{"remove the quotation marks from the value: the panel adds those that are needed"}, f.Steps...)
		return f
	},
	Example: SeenArgs{Record: exampleSeen.Record, Seen: []string{`"tok-1"`}, Detail: `a quotation mark (U+0022) at position 1`},
})

// RecordValueWhitespace is record.value-whitespace.
var RecordValueWhitespace = declare(Cause{
	ID: "record.value-whitespace", Rung: RecordRung, Who: []Actor{Tenant}, Verdict: Fail, Common: 4,
	Title:  "a stray or hidden space is in the value",
	ByRole: recordCodes, OnceLive: recordCodesLive, Explains: append([]Link{{To: "record.cname-dangling", Same: true}}, recordExplains...),
	Means:    "A space, a no-break space, a zero-width character or a line end came along when the value was copied.",
	How:      "The value equals the wanted one once white space and invisible characters are removed; the character and its position are named.",
	Confused: "record.value-differs: the two values look the same on a screen.",
}, Words[SeenArgs]{
	Summary: func(a SeenArgs) string { return the(a.Record) + " has a stray space in its value" },
	Why: func(a SeenArgs) string {
		return fmt.Sprintf("the value is %s: %s; wanted is %s", list(quotedAll(a.Seen)), a.Detail, quoted(a.Record.Value))
	},
	Fix: func(a SeenArgs) Fix {
		f := a.replace()
		f.Steps = append([]string{"delete the value and type or paste it again without a space before, after or inside it"}, f.Steps...)
		return f
	},
	Example: SeenArgs{Record: exampleSeen.Record, Seen: []string{"tok-1 "}, Detail: "a space (U+0020) at position 6"},
})

// RecordValueTruncated is record.value-truncated.
var RecordValueTruncated = declare(Cause{
	ID: "record.value-truncated", Rung: RecordRung, Who: []Actor{Tenant}, Verdict: Fail, Common: 4,
	Title:  "the value was cut off",
	ByRole: recordCodes, OnceLive: recordCodesLive, Explains: append([]Link{{To: "record.cname-dangling", Same: true}}, recordExplains...),
	Means:    "A screen that shortens long values was copied from: the published value is only the beginning of the wanted one, often with dots behind it.",
	How:      "The value ends in dots or an ellipsis, or is a beginning of the wanted one.",
	Confused: "a TXT value split into several strings, which is joined and is right.",
}, Words[SeenArgs]{
	Summary: func(a SeenArgs) string { return the(a.Record) + " holds only a part of its value" },
	Why: func(a SeenArgs) string {
		return fmt.Sprintf("the value is %s: %s; wanted is %s", list(quotedAll(a.Seen)), a.Detail, quoted(a.Record.Value))
	},
	Fix: func(a SeenArgs) Fix {
		f := a.replace()
		f.Steps = append([]string{"copy the whole value with the copy button, not from a shortened display"}, f.Steps...)
		return f
	},
	Example: SeenArgs{Record: Record{Role: Verification, Zone: "example.com", Name: "_verify.shop.example.com", Type: "TXT", Value: "tok-1f9c22aa"}, Seen: []string{"tok-1f9c..."}, Detail: "it ends in dots"},
})

// RecordTargetZoneAppended is record.target-zone-appended.
var RecordTargetZoneAppended = declare(Cause{
	ID: "record.target-zone-appended", Rung: RecordRung, Who: []Actor{Tenant}, Verdict: Fail, Common: 5,
	Title:  "the zone was appended to the CNAME's target",
	ByRole: recordCodes, OnceLive: recordCodesLive, Explains: append([]Link{{To: "record.cname-dangling", Same: true}}, recordExplains...),
	Means:    "The target was typed without a dot at its end into a panel that takes such names as relative to the zone.",
	How:      "The CNAME's target is the wanted one with the zone's own name behind it.",
	Confused: "record.value-differs: the target begins right.",
	Refs:     []string{"RFC 1035 5.1"},
}, Words[SeenArgs]{
	Summary: func(a SeenArgs) string { return the(a.Record) + " points to a name with the zone appended" },
	Why: func(a SeenArgs) string {
		return fmt.Sprintf("it points to %s; wanted is %s: the panel took the target as relative and added %s", list(a.Seen), a.Record.Value, a.Record.Zone)
	},
	Fix: func(a SeenArgs) Fix {
		f := a.replace()
		f.Steps = append([]string{fmt.Sprintf("end the target with a dot: %s.", strings.TrimSuffix(a.Record.Value, "."))}, f.Steps...)
		return f
	},
	Example: SeenArgs{Record: Record{Role: Routing, Zone: "example.com", Name: "shop.example.com", Type: "CNAME", Value: "d111111abcdef8.cloudfront.net"}, Seen: []string{"d111111abcdef8.cloudfront.net.example.com"}},
})

// RecordTargetIsURL is record.target-is-url.
var RecordTargetIsURL = declare(Cause{
	ID: "record.target-is-url", Rung: RecordRung, Who: []Actor{Tenant}, Verdict: Fail, Common: 3,
	Title:  "the CNAME's target holds a scheme, a port or a path",
	ByRole: recordCodes, OnceLive: recordCodesLive, Explains: append([]Link{{To: "record.cname-dangling", Same: true}}, recordExplains...),
	Means:    "A web address was pasted where a bare host name belongs.",
	How:      "The CNAME's target holds \"http\", a colon or a slash around the wanted host name.",
	Confused: "record.value-differs: the host inside the address is right.",
	Refs:     []string{"RFC 1035 3.3.1"},
}, Words[SeenArgs]{
	Summary: func(a SeenArgs) string { return the(a.Record) + " points to a web address instead of a host name" },
	Why: func(a SeenArgs) string {
		return fmt.Sprintf("its target is %s; a CNAME takes a bare host name: %s", list(quotedAll(a.Seen)), a.Record.Value)
	},
	Fix:     SeenArgs.replace,
	Example: SeenArgs{Record: Record{Role: Routing, Zone: "example.com", Name: "shop.example.com", Type: "CNAME", Value: "d111111abcdef8.cloudfront.net"}, Seen: []string{"https://d111111abcdef8.cloudfront.net/"}},
})

// RecordWildcardAnswers is record.wildcard-answers.
var RecordWildcardAnswers = declare(Cause{
	ID: "record.wildcard-answers", Rung: RecordRung, Who: []Actor{Tenant}, Verdict: Fail, Common: 5,
	Title:  "a wildcard answers; the name itself is not there",
	ByRole: recordCodes, OnceLive: recordCodesLive, Explains: append([]Link{{To: "record.missing", Same: true}, {To: "record.value-differs", Same: true}, {To: "record.cname-dangling", Same: true}}, recordExplains...),
	Means:    "No record exists at the name. A wildcard (*) in the zone answers for it with something else, which looks as if a wrong record were there.",
	How:      "A random name at the same depth gets the same answer.",
	Confused: "record.value-differs: there is nothing at the name to change; the record must be added.",
	Refs:     []string{"RFC 4592 2.2"},
}, Words[SeenArgs]{
	Summary: func(a SeenArgs) string {
		return the(a.Record) + " does not exist; the zone's wildcard answers in its place"
	},
	Why: func(a SeenArgs) string {
		return fmt.Sprintf("a random name beside it gets the same answer (%s), so it comes from a * record and not from a record of this name", list(a.Seen))
	},
	Fix: func(a SeenArgs) Fix {
		f := publish(a.Record)
		f.Steps = append(f.Steps, "leave the wildcard as it is: an exact record wins over it")
		return f
	},
	Example: SeenArgs{Record: exampleSeen.Record, Seen: []string{"CNAME edge.example.net"}},
})

// CoexistsArgs are the arguments of the causes about a CNAME that is not alone.
type CoexistsArgs struct {
	Record Record   `json:"record"` // the CNAME
	Types  []string `json:"types"`  // the other types at its name
}

// RecordCNAMECoexists is record.cname-coexists.
var RecordCNAMECoexists = declare(Cause{
	ID: "record.cname-coexists", Rung: RecordRung, Who: []Actor{Tenant}, Verdict: Fail, Common: 4,
	Title: "a CNAME and other records share a name",
	Codes: []string{"DOMAIN_008"}, ByRole: recordCodes,
	Explains: []Link{{To: "record.wrong-type", Same: true}, {To: "record.missing", Same: true}, {To: "record.value-differs", Same: true}, {To: "record.servers-disagree", Same: true}},
	Means:    "A name with a CNAME must have no other data: a server that meets both may refuse the whole zone, and resolvers answer now with one and now with the other.",
	How:      "The authoritative servers answer with a CNAME for the name, and with another type for the same owner name. DNSSEC records are allowed beside it and do not count.",
	Confused: "the addresses that follow a CNAME in one answer: they belong to its target.",
	Refs:     []string{"RFC 1034 3.6.2", "RFC 2181 10.1", "RFC 4035 2.5"},
}, Words[CoexistsArgs]{
	Summary: func(a CoexistsArgs) string {
		return fmt.Sprintf("%s has a CNAME and also %s, which DNS does not allow", a.Record.Name, list(a.Types))
	},
	Why: func(a CoexistsArgs) string {
		return fmt.Sprintf("resolvers that meet the CNAME to %s never see the %s beside it, and others never see the CNAME; some servers then refuse every later change of the zone", a.Record.Value, list(a.Types))
	},
	Fix: func(a CoexistsArgs) Fix {
		return Fix{
			Steps: []string{
				fmt.Sprintf("%s, keep either the CNAME %s or the other records (%s) at that name, and delete the rest", at(a.Record), a.Record.Label(), list(a.Types)),
				"a TXT or MX that you need can move to another name, or the CNAME to www",
			},
			Commands: []string{dig(a.Record.Name, "CNAME", ""), dig(a.Record.Name, a.Types[0], "")},
		}
	},
	Example: CoexistsArgs{Record: Record{Role: Routing, Zone: "example.com", Name: "shop.example.com", Type: "CNAME", Value: "d111111abcdef8.cloudfront.net"}, Types: []string{"TXT"}},
})

// RecordCNAMEAtApex is record.cname-at-apex.
var RecordCNAMEAtApex = declare(Cause{
	ID: "record.cname-at-apex", Rung: RecordRung, Who: []Actor{Tenant}, Verdict: Fail, Common: 4,
	Title: "a CNAME stands at the zone's own name",
	Codes: []string{"DOMAIN_008"}, ByRole: recordCodes,
	Explains: []Link{{To: "record.cname-coexists", Same: true}, {To: "record.wrong-type", Same: true}},
	Means:    "The zone's own name always carries SOA and NS records, so a CNAME there breaks the rule that a CNAME stands alone: mail and verification records vanish behind it.",
	How:      "The authoritative servers answer a CNAME question for the zone's own name with a CNAME, while its SOA is there too.",
	Confused: "ALIAS, ANAME or flattening: there the server answers with addresses, which is right.",
	Refs:     []string{"RFC 1034 3.6.2", "RFC 2181 10.1"},
}, Words[CoexistsArgs]{
	Summary: func(a CoexistsArgs) string {
		return fmt.Sprintf("%s is the zone's own name and has a CNAME, which DNS does not allow there", a.Record.Name)
	},
	Why: func(a CoexistsArgs) string {
		return fmt.Sprintf("the CNAME to %s hides the zone's %s from resolvers", a.Record.Value, list(a.Types))
	},
	Fix: func(a CoexistsArgs) Fix {
		to := a.Record
		to.Type = AliasType
		f := alias(to, PanelOf(to.Host), []string{fmt.Sprintf("%s, delete the CNAME at @", at(a.Record))})
		f.Deletes = []Record{a.Record}
		f.Commands = []string{dig(a.Record.Name, "CNAME", ""), dig(a.Record.Name, "SOA", "")}
		return f
	},
	Example: CoexistsArgs{Record: Record{Role: Routing, Zone: "example.com", Name: "example.com", Type: "CNAME", Value: "d111111abcdef8.cloudfront.net"}, Types: []string{"SOA", "NS", "MX"}},
})

// ChainArgs are the arguments of the causes about a CNAME chain.
type ChainArgs struct {
	Record Record   `json:"record"`
	Chain  []string `json:"chain"`            // the names in order, the record's own first
	Last   string   `json:"last,omitempty"`   // what the last name answered: "NXDOMAIN", "NODATA"
	Wanted string   `json:"wanted,omitempty"` // the platform's target
}

func (a ChainArgs) path() string { return strings.Join(a.Chain, " -> ") }

var exampleChain = ChainArgs{
	Record: Record{Role: Routing, Zone: "example.com", Name: "shop.example.com", Type: "CNAME", Value: "d111111abcdef8.cloudfront.net"},
	Chain:  []string{"shop.example.com", "old.example.net"}, Last: "NXDOMAIN", Wanted: "d111111abcdef8.cloudfront.net",
}

func chainFix(a ChainArgs) Fix {
	if a.Record.Value == "" {
		return Fix{
			Steps:    []string{fmt.Sprintf("%s, change or delete the CNAME at %s", at(a.Record), a.Record.Label())},
			Commands: []string{dig(a.Record.Name, "A", "")},
		}
	}
	if len(a.Chain) > 1 && isAddress(a.Chain[1]) { // there is no CNAME to change yet
		return publish(a.Record)
	}
	return SeenArgs{Record: a.Record}.replace()
}

// isAddress tells an address, or several, from a name.
func isAddress(s string) bool {
	first, _, _ := strings.Cut(s, ",")
	_, err := netip.ParseAddr(first)
	return err == nil
}

// RecordCNAMELoop is record.cname-loop.
var RecordCNAMELoop = declare(Cause{
	ID: "record.cname-loop", Rung: RecordRung, Who: []Actor{Tenant}, Verdict: Fail, Common: 2,
	Title:  "CNAMEs point at each other in a circle",
	ByRole: recordCodes, OnceLive: recordCodesLive, Explains: append([]Link{{To: "record.value-differs", Same: true}, {To: "record.missing", Same: true}, {To: "record.cname-wrong-target", Same: true}}, recordExplains...),
	Means: "Following the CNAMEs comes back to a name that was passed already, so there is never an address.",
	How:   "The chain is followed at the authoritative servers, from zone to zone, until a name repeats.",
	Refs:  []string{"RFC 1034 3.6.2"},
}, Words[ChainArgs]{
	Summary: func(a ChainArgs) string {
		return "the CNAMEs of " + a.Record.Name + " run in a circle and never reach an address"
	},
	Why:     func(a ChainArgs) string { return "the chain is " + a.path() },
	Fix:     chainFix,
	Example: ChainArgs{Record: exampleChain.Record, Chain: []string{"shop.example.com", "www.example.com", "shop.example.com"}},
})

// RecordCNAMETooLong is record.cname-too-long.
var RecordCNAMETooLong = declare(Cause{
	ID: "record.cname-too-long", Rung: RecordRung, Who: []Actor{Tenant}, Verdict: Fail, Common: 1,
	Title:  "the chain of CNAMEs passes 8 hops",
	ByRole: recordCodes, OnceLive: recordCodesLive, Explains: recordExplains,
	Means: "Resolvers and certificate authorities give up on long chains; past 8 hops some of them do.",
	How:   "The chain is followed at the authoritative servers and counted.",
	Refs:  []string{"RFC 1034 3.6.2", "RFC 8659 3"},
}, Words[ChainArgs]{
	Summary: func(a ChainArgs) string {
		return fmt.Sprintf("%s is followed through %s, more than every resolver will follow", a.Record.Name, plural(len(a.Chain)-1, "CNAME"))
	},
	Why:     func(a ChainArgs) string { return "the chain is " + a.path() },
	Fix:     chainFix,
	Example: ChainArgs{Record: exampleChain.Record, Chain: []string{"shop.example.com", "a.example.net", "b.example.net", "c.example.net", "d.example.net", "e.example.net", "f.example.net", "g.example.net", "h.example.net", "i.example.net"}},
})

// RecordCNAMEDangling is record.cname-dangling.
var RecordCNAMEDangling = declare(Cause{
	ID: "record.cname-dangling", Rung: RecordRung, Who: []Actor{Tenant}, Verdict: Fail, Common: 4,
	Title:  "the CNAME ends at a name that does not exist",
	ByRole: recordCodes, OnceLive: recordCodesLive, Explains: append([]Link{{To: "record.value-differs", Same: true}, {To: "record.cname-wrong-target", Same: true}}, recordExplains...),
	Means:    "The CNAME is there, but what it points to has no address: a typing error, or something that was deleted. Whoever can create that name would receive the traffic.",
	How:      "The chain is followed at the authoritative servers; the last name answers NXDOMAIN or has no address.",
	Confused: "record.missing: the record exists, its target does not.",
	Refs:     []string{"RFC 1034 3.6.2", "RFC 2308 2.1"},
}, Words[ChainArgs]{
	Summary: func(a ChainArgs) string {
		return fmt.Sprintf("%s points to %s, which does not lead anywhere", a.Record.Name, a.Chain[len(a.Chain)-1])
	},
	Why: func(a ChainArgs) string {
		return fmt.Sprintf("the chain is %s, and its end answers %s", a.path(), a.Last)
	},
	Fix:     chainFix,
	Example: exampleChain,
})

// RecordCNAMEWrongTarget is record.cname-wrong-target.
var RecordCNAMEWrongTarget = declare(Cause{
	ID: "record.cname-wrong-target", Rung: RecordRung, Who: []Actor{Tenant}, Verdict: Fail, Common: 6,
	Title:  "the CNAME routes to something else than the platform",
	ByRole: recordCodes, OnceLive: recordCodesLive, Explains: append([]Link{{To: "record.value-differs", Same: true}}, recordExplains...),
	Means:    "The domain's traffic goes to another host: an earlier provider, another environment, or a mistyped target.",
	How:      "The chain is followed at the authoritative servers and passes neither the platform's target nor its addresses.",
	Confused: "record.proxied, where an intermediary in front of the platform hides the CNAME.",
	Refs:     []string{"RFC 1034 3.6.2"},
}, Words[ChainArgs]{
	Summary: func(a ChainArgs) string {
		return fmt.Sprintf("%s points to %s instead of the platform", a.Record.Name, a.Chain[len(a.Chain)-1])
	},
	Why: func(a ChainArgs) string {
		return fmt.Sprintf("the chain is %s; wanted is %s", a.path(), a.Wanted)
	},
	Fix:     chainFix,
	Example: ChainArgs{Record: exampleChain.Record, Chain: []string{"shop.example.com", "shops.example.net"}, Wanted: "d111111abcdef8.cloudfront.net"},
})

// TTLArgs are the arguments of the causes about times to live, in seconds.
type TTLArgs struct {
	Record Record   `json:"record"`
	TTLs   []uint32 `json:"ttls"`
	Server string   `json:"server,omitempty"`
	Values []string `json:"values,omitempty"` // the data of the set
}

// set are the records of the set, each with the same TTL.
func (a TTLArgs) set(ttl int) []Record {
	out := make([]Record, 0, len(a.Values))
	for _, v := range a.Values {
		r := a.Record
		r.Value, r.TTL = v, ttl
		out = append(out, r)
	}
	return out
}

func (a TTLArgs) seen() string {
	out := make([]string, len(a.TTLs))
	for i, ttl := range a.TTLs {
		out[i] = fmt.Sprintf("%d s", ttl)
	}
	return list(out)
}

func legalTTL(ttl uint32) int {
	switch {
	case ttl < 60:
		return 60
	case ttl > 86400:
		return 86400
	}
	return int(ttl)
}

func ttlFix(a TTLArgs) Fix {
	return Fix{
		Steps:    []string{fmt.Sprintf("%s, set the TTL of %s %s to %d seconds (300 is a good value)", at(a.Record), a.Record.Label(), a.Record.Type, legalTTL(a.TTLs[0]))},
		Records:  a.set(legalTTL(a.TTLs[0])),
		Commands: []string{Dig(a.Record.Name, a.Record.Type, append([]string{"+norecurse"}, DigAt(orServer(a.Server))...)...)},
	}
}

func orServer(s string) string {
	if s == "" {
		return "AUTHORITATIVE-SERVER"
	}
	return s
}

// RecordTTLOutOfRange is record.ttl-out-of-range.
var RecordTTLOutOfRange = declare(Cause{
	ID: "record.ttl-out-of-range", Rung: RecordRung, Who: []Actor{Tenant}, Verdict: Fail, Common: 3,
	Title: "the published TTL is outside 60 to 86400 seconds",
	Codes: []string{"DOMAIN_008"},
	Means: "The service accepts records with a time to live from one minute to one day. Shorter ones burden every resolver; longer ones keep an error alive for days.",
	How:   "The TTL is read at the authoritative servers, never from a resolver, where it counts down.",
	Refs:  []string{"RFC 1035 3.2.1", "RFC 2181 8"},
}, Words[TTLArgs]{
	Summary: func(a TTLArgs) string {
		return fmt.Sprintf("%s %s is published with a TTL of %s; allowed are 60 to 86400", a.Record.Name, a.Record.Type, a.seen())
	},
	Why: func(a TTLArgs) string {
		return "the service refuses such a record with DOMAIN_008; the TTL was read at the source (" + orServer(a.Server) + ")"
	},
	Fix:     ttlFix,
	Example: TTLArgs{Record: Record{Role: Routing, Zone: "example.com", Name: "shop.example.com", Type: "CNAME"}, TTLs: []uint32{30}, Server: "ns1.example.net"},
})

// RecordTTLMixed is record.ttl-mixed.
var RecordTTLMixed = declare(Cause{
	ID: "record.ttl-mixed", Rung: RecordRung, Who: []Actor{Tenant}, Verdict: Warn, Common: 1,
	Title:  "one set of records has several TTLs",
	NoCode: "resolvers normalise it, so nothing fails; a part of the set may vanish from caches earlier than the rest",
	Means:  "All records of one name and type must have one time to live. Where they differ, caches may drop a part of the set before the rest.",
	How:    "The TTLs of one answer from one authoritative server are compared.",
	Refs:   []string{"RFC 2181 5.2"},
}, Words[TTLArgs]{
	Summary: func(a TTLArgs) string {
		return fmt.Sprintf("the %s records of %s have several TTLs: %s", a.Record.Type, a.Record.Name, a.seen())
	},
	Why: func(a TTLArgs) string {
		return "one name and type must have one TTL; " + orServer(a.Server) + " serves several"
	},
	Fix: func(a TTLArgs) Fix {
		return Fix{
			Steps:   []string{fmt.Sprintf("%s, give all %s records of %s the same TTL", at(a.Record), a.Record.Type, a.Record.Label())},
			Records: a.set(legalTTL(a.TTLs[0])),
		}
	},
	Example: TTLArgs{Record: Record{Role: Routing, Zone: "example.com", Name: "shop.example.com", Type: "A"}, TTLs: []uint32{300, 60}, Server: "ns1.example.net"},
})

// DisagreeArgs are the arguments of record.servers-disagree.
type DisagreeArgs struct {
	Record  Record   `json:"record"`
	Right   []string `json:"right,omitempty"` // servers that have the wanted value
	Wrong   []string `json:"wrong"`           // servers that do not
	Serials []string `json:"serials"`         // "ns1.example.net 7"
}

// RecordServersDisagree is record.servers-disagree.
var RecordServersDisagree = declare(Cause{
	ID: "record.servers-disagree", Rung: RecordRung, Who: []Actor{DNSHost}, Verdict: Fail, Common: 3,
	Title:  "the zone's own servers give different answers",
	ByRole: recordCodes, OnceLive: recordCodesLive,
	Explains: append([]Link{{To: "record.missing", Same: true}, {To: "record.value-differs", Same: true}, {To: "cache.old-answer", Same: true}}, recordExplains...),
	Means:    "The servers that are responsible for the zone do not hold the same data: one was not updated. Each resolver asks one of them by chance, so the result changes from try to try and never settles.",
	How:      "Every authoritative address is asked; their answers and their SOA serial numbers differ.",
	Confused: "propagation: this does not end by itself.",
	Refs:     []string{"RFC 1034 4.3.5", "RFC 1035 3.3.13"},
}, Words[DisagreeArgs]{
	Summary: func(a DisagreeArgs) string {
		return fmt.Sprintf("the servers of %s disagree about %s %s", a.Record.Zone, a.Record.Name, a.Record.Type)
	},
	Why: func(a DisagreeArgs) string {
		if len(a.Right) == 0 {
			return fmt.Sprintf("%s differ from each other; serial numbers: %s", list(a.Wrong), list(a.Serials))
		}
		return fmt.Sprintf("%s have the wanted value, %s do not; serial numbers: %s", list(a.Right), list(a.Wrong), list(a.Serials))
	},
	Fix: func(a DisagreeArgs) Fix {
		return Fix{
			Steps: []string{
				fmt.Sprintf("ask the DNS host of %s to repair the zone transfer to %s", a.Record.Zone, list(a.Wrong)),
				"saving the zone once more, so that its serial number rises, often starts the transfer again",
			},
			Commands: []string{Dig(a.Record.Zone, "", "+nssearch")},
		}
	},
	Example: DisagreeArgs{Record: Record{Role: Verification, Zone: "example.com", Name: "_verify.shop.example.com", Type: "TXT", Value: "tok-1"}, Right: []string{"ns1.example.net"}, Wrong: []string{"ns2.example.net"}, Serials: []string{"ns1.example.net 7", "ns2.example.net 6"}},
})

// AddressArgs are the arguments of the causes about addresses.
type AddressArgs struct {
	Record    Record   `json:"record"`
	Addresses []string `json:"addresses"`        // those at fault
	Ours      []string `json:"ours,omitempty"`   // those of the platform's target
	Proxy     string   `json:"proxy,omitempty"`  // the intermediary, where it is known
	Detail    string   `json:"detail,omitempty"` // why an address is at fault ("a documentation address")
}

// each are the records of the addresses at fault.
func (a AddressArgs) each() []Record {
	out := make([]Record, 0, len(a.Addresses))
	for _, v := range a.Addresses {
		r := a.Record
		r.Value, r.Type = v, "A"
		if strings.Contains(v, ":") {
			r.Type = "AAAA"
		}
		out = append(out, r)
	}
	return out
}

// RecordProxied is record.proxied.
var RecordProxied = declare(Cause{
	ID: "record.proxied", Rung: RecordRung, Who: []Actor{Tenant}, Verdict: Fail, Common: 6,
	Title:  "a proxy stands before the record",
	ByRole: recordCodes, OnceLive: recordCodesLive, Explains: append([]Link{{To: "record.missing", Same: true}, {To: "record.wrong-type", Same: true}, {To: "record.value-differs", Same: true}, {To: "record.stray-address", Same: true}}, recordExplains...),
	Means:    "The DNS host answers with its own addresses in place of the CNAME: the record is \"proxied\". The service cannot see where it points.",
	How:      "No CNAME is visible at the name, and its addresses are not those of the platform's target. Where the addresses are the target's, the record is merely flattened, and that is fine.",
	Confused: "flattening (ALIAS, ANAME), which shows the target's own addresses.",
}, Words[AddressArgs]{
	Summary: func(a AddressArgs) string {
		return fmt.Sprintf("%s is hidden behind a proxy, so the service cannot see it", the(a.Record))
	},
	Why: func(a AddressArgs) string {
		return fmt.Sprintf("in place of a CNAME to %s the servers answer with %s (%s)", a.Record.Value, list(a.Addresses), a.Proxy)
	},
	Fix: func(a AddressArgs) Fix {
		f := publish(a.Record)
		f.Steps = []string{fmt.Sprintf("%s, switch the proxy of %s off (at Cloudflare: the orange cloud to grey, \"DNS only\")", at(a.Record), a.Record.Label()), "its record must be a " + a.Record.Type + " to " + a.Record.Value}
		return f
	},
	Example: AddressArgs{Record: Record{Role: Routing, Zone: "example.com", Name: "shop.example.com", Type: "CNAME", Value: "d111111abcdef8.cloudfront.net", Host: "Cloudflare"}, Addresses: []string{"104.16.1.1"}, Proxy: "addresses of Cloudflare"},
})

// RecordStrayAddress is record.stray-address.
var RecordStrayAddress = declare(Cause{
	ID: "record.stray-address", Rung: RecordRung, Who: []Actor{Tenant}, Verdict: Fail, Common: 4,
	Title:  "an address of someone else stands beside the platform's",
	ByRole: recordCodes, OnceLive: recordCodesLive,
	Explains: []Link{{To: "certificate.addresses-differ"}, {To: "certificate.name-mismatch"}, {To: "certificate.default-served"}, {To: "certificate.untrusted"}, {To: "certificate.expired"}, {To: "certificate.handshake-fails"}, {To: "http.address-fails"}, {To: "http.other-host"}},
	Means:    "Some visitors reach the platform, others an old host, by chance or by IPv6. Browsers and certificate authorities prefer IPv6, so a forgotten AAAA is enough.",
	How:      "The name's addresses are compared with those of the platform's target.",
	Confused: "record.cname-wrong-target, where nothing goes to the platform.",
	Refs:     []string{"RFC 6724", "RFC 8305"},
}, Words[AddressArgs]{
	Summary: func(a AddressArgs) string {
		return fmt.Sprintf("%s also has %s, which is not the platform's", a.Record.Name, list(a.Addresses))
	},
	Why: func(a AddressArgs) string {
		return fmt.Sprintf("the platform answers at %s; a part of the visitors goes to %s instead", list(a.Ours), list(a.Addresses))
	},
	Fix: func(a AddressArgs) Fix {
		return Fix{
			Steps:    []string{fmt.Sprintf("%s, delete the %s record of %s with %s", at(a.Record), a.Record.Type, a.Record.Label(), list(a.Addresses))},
			Deletes:  a.each(),
			Commands: []string{dig(a.Record.Name, a.Record.Type, "")},
		}
	},
	Example: AddressArgs{Record: Record{Role: Routing, Zone: "example.com", Name: "example.com", Type: "AAAA"}, Addresses: []string{"2a00:1450:4001:82a::2003"}, Ours: []string{"13.32.1.1"}},
})

// RecordPrivateAddress is record.private-address.
var RecordPrivateAddress = declare(Cause{
	ID: "record.private-address", Rung: RecordRung, Who: []Actor{Tenant}, Verdict: Fail, Common: 2,
	Title:  "the name leads to an address that is not public",
	ByRole: recordCodes, OnceLive: recordCodesLive, Explains: append([]Link{{To: "record.stray-address", Same: true}}, recordExplains...),
	Means: "The address belongs to a private, reserved or documentation range: nobody on the Internet can reach it.",
	How:   "The addresses in the authoritative answer are compared with the IANA special-purpose registries.",
	Refs:  []string{"RFC 1918", "RFC 6890", "RFC 5737"},
}, Words[AddressArgs]{
	Summary: func(a AddressArgs) string {
		return fmt.Sprintf("%s leads to %s, which nobody on the Internet can reach", a.Record.Name, list(a.Addresses))
	},
	Why: func(a AddressArgs) string { return "it is " + a.Detail },
	Fix: func(a AddressArgs) Fix {
		if a.Record.Value != "" {
			f := publish(a.Record, fmt.Sprintf("delete the record of %s with %s", a.Record.Label(), list(a.Addresses)))
			f.Deletes = a.each()
			return f
		}
		return Fix{Steps: []string{fmt.Sprintf("%s, replace %s at %s by a public address", at(a.Record), list(a.Addresses), a.Record.Label())}, Commands: []string{dig(a.Record.Name, a.Record.Type, "")}}
	},
	Example: AddressArgs{Record: Record{Role: Routing, Zone: "example.com", Name: "shop.example.com", Type: "A"}, Addresses: []string{"10.0.0.7"}, Detail: "a private address (RFC 1918)"},
})

// RecordHidesWildcard is record.hides-wildcard.
var RecordHidesWildcard = declare(Cause{
	ID: "record.hides-wildcard", Rung: RecordRung, Who: []Actor{Tenant}, Verdict: Fail, Common: 4,
	Title:  "a record below the name stopped the wildcard",
	ByRole: recordCodes, OnceLive: recordCodesLive, Explains: append([]Link{{To: "record.missing", Same: true}, {To: "record.wildcard-answers", Same: true}}, recordExplains...),
	Means:    "The name was served by a wildcard. A record below it (_verify.app) makes the name itself exist, empty, and a wildcard covers only names that do not exist.",
	How:      "The name answers NODATA, while a random name beside it is answered by the wildcard.",
	Confused: "record.missing: it worked until the record below was added.",
	Refs:     []string{"RFC 4592 2.2.2", "RFC 4592 4.9"},
}, Words[SeenArgs]{
	Summary: func(a SeenArgs) string {
		return fmt.Sprintf("the wildcard no longer answers for %s, because there is a record below that name", a.Record.Name)
	},
	Why: func(a SeenArgs) string {
		return fmt.Sprintf("%s answers with nothing, a random name beside it with %s; %s", a.Record.Name, list(a.Seen), a.Detail)
	},
	Fix: func(a SeenArgs) Fix {
		f := publish(a.Record)
		f.Steps = append(f.Steps, "keep the record below it: an explicit record for the name itself is what is missing")
		return f
	},
	Example: SeenArgs{
		Record: Record{Role: Routing, Zone: "example.com", Name: "app.example.com", Type: "CNAME", Value: "d111111abcdef8.cloudfront.net"},
		Seen:   []string{"CNAME d111111abcdef8.cloudfront.net"}, Detail: "_verify.app.example.com exists",
	},
})

// ServerArgs are the arguments of the causes about servers that answer in a broken way.
type ServerArgs struct {
	Record  Record   `json:"record"`
	Servers []string `json:"servers"`
	Below   string   `json:"below,omitempty"` // a name below that exists
}

// RecordTruncatedNoTCP is record.truncated-no-tcp.
var RecordTruncatedNoTCP = declare(Cause{
	ID: "record.truncated-no-tcp", Rung: RecordRung, Who: []Actor{DNSHost}, Verdict: Fail, Common: 2,
	Title:  "the answer is too long for UDP, and TCP is refused",
	ByRole: recordCodes, OnceLive: recordCodesLive, Explains: append([]Link{{To: "record.missing", Same: true}, {To: "record.value-differs", Same: true}}, recordExplains...),
	Means:    "Many or long records at one name do not fit into a UDP answer. The server says so (TC bit), and then does not answer over TCP, so a part of the records never arrives.",
	How:      "The UDP answer has the TC bit; the same question over TCP fails.",
	Confused: "record.missing: the record may be among those that did not arrive.",
	Refs:     []string{"RFC 7766 5", "RFC 2181 9"},
}, Words[ServerArgs]{
	Summary: func(a ServerArgs) string {
		return fmt.Sprintf("the answer for %s %s is cut off, and its servers do not send the rest over TCP", a.Record.Name, a.Record.Type)
	},
	Why: func(a ServerArgs) string { return list(a.Servers) + " set the TC bit and do not answer over TCP" },
	Fix: func(a ServerArgs) Fix {
		return Fix{
			Steps:    []string{"ask the DNS host of " + a.Record.Zone + " to answer over TCP port 53", "or delete records at " + a.Record.Name + " that nothing needs, so that the answer fits"},
			Commands: []string{Dig(a.Record.Name, a.Record.Type, "+tcp")},
		}
	},
	Example: ServerArgs{Record: Record{Role: Verification, Zone: "example.com", Name: "example.com", Type: "TXT", Value: "tok-1"}, Servers: []string{"ns1.example.net"}},
})

// RecordNXDomainAbove is record.nxdomain-above.
var RecordNXDomainAbove = declare(Cause{
	ID: "record.nxdomain-above", Rung: RecordRung, Who: []Actor{DNSHost}, Verdict: Fail, Common: 2,
	Title:  "the server denies a name that has names below it",
	ByRole: recordCodes, OnceLive: recordCodesLive, Explains: append([]Link{{To: "cache.negative", Same: true}}, recordExplains...),
	Means:    "A name with names below it exists, even if it is empty. The server says that it does not exist (NXDOMAIN), and resolvers then conclude that nothing below it exists either.",
	How:      "The servers have the record, and answer NXDOMAIN for the label above it.",
	Confused: "cache.negative, which ends by itself.",
	Refs:     []string{"RFC 8020 2", "RFC 4592 2.2.2"},
}, Words[ServerArgs]{
	Summary: func(a ServerArgs) string {
		return fmt.Sprintf("the servers of %s deny %s although %s exists below it, so some resolvers never find it", a.Record.Zone, a.Record.Name, a.Below)
	},
	Why: func(a ServerArgs) string {
		return list(a.Servers) + " answer NXDOMAIN for " + a.Record.Name + "; a resolver that knows RFC 8020 asks no further"
	},
	Fix: func(a ServerArgs) Fix {
		return Fix{
			Steps:    []string{fmt.Sprintf("%s, add any record at %s (a TXT will do), so that the name exists", at(a.Record), a.Record.Label()), "tell the DNS host: its servers must answer NODATA for a name that has names below it"},
			Commands: []string{dig(a.Record.Name, "A", ""), dig(a.Below, "TXT", "")},
		}
	},
	Example: ServerArgs{Record: Record{Role: Verification, Zone: "example.com", Name: "shop.example.com", Type: "A"}, Servers: []string{"ns1.example.net"}, Below: "_verify.shop.example.com"},
})

// RecordHTTPSHintsStale is record.https-hints-stale.
var RecordHTTPSHintsStale = declare(Cause{
	ID: "record.https-hints-stale", Rung: RecordRung, Who: []Actor{Tenant}, Verdict: Warn, Common: 2,
	Title:  "an HTTPS record points browsers to another host",
	ByRole: map[Role][]string{Routing: {"DOMAIN_010"}}, OnceLive: recordCodesLive,
	Means:    "Browsers ask for the HTTPS record (type 65) and connect to the addresses that it hints at. Those of an earlier host were left in it, so browsers go elsewhere than everything else.",
	How:      "The ipv4hint and ipv6hint of the HTTPS record are compared with the name's own addresses.",
	Confused: "a browser's cache: curl works and the browser does not, for everybody.",
	Refs:     []string{"RFC 9460 7.3", "RFC 9460 9"},
}, Words[AddressArgs]{
	Summary: func(a AddressArgs) string {
		return fmt.Sprintf("the HTTPS record of %s points browsers to %s, another host", a.Record.Name, list(a.Addresses))
	},
	Why: func(a AddressArgs) string { return "the name's own addresses are " + list(a.Ours) },
	Fix: func(a AddressArgs) Fix {
		return Fix{Steps: []string{fmt.Sprintf("%s, delete the HTTPS record of %s, or correct its hints", at(a.Record), a.Record.Label())}, Commands: []string{dig(a.Record.Name, "HTTPS", "")}}
	},
	Example: AddressArgs{Record: Record{Role: Routing, Zone: "example.com", Name: "shop.example.com", Type: "HTTPS"}, Addresses: []string{"104.16.1.1"}, Ours: []string{"13.32.1.1"}},
})
