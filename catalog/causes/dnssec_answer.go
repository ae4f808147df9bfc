package causes

import (
	"fmt"
	"slices"
	"strings"

	"domdoc/catalog"
	"domdoc/catalog/shell"
)

// DenialFault is a reason why validating resolvers reject one answer of a signed zone.
type DenialFault string

// The faults. The zero value means that the zone's own servers show none.
const (
	DenialMissing   DenialFault = "no-proof"    // a denial without NSEC or NSEC3 records
	DenialWrong     DenialFault = "wrong-proof" // the NSEC or NSEC3 records are about other names
	DenialMixedCase DenialFault = "mixed-case"  // a fault only if the query has letters in upper case
	DenialSignature DenialFault = "signature"   // the signatures of this answer do not verify
	// AliasBeforeDNAME is an answer with a CNAME before the DNAME that it results from; Detail is the DNAME's name.
	AliasBeforeDNAME DenialFault = "cname-before-dname"
)

// AnswerRejected are the arguments of dnssec.answer-rejected.
type AnswerRejected struct {
	Zone      string      `json:"zone"`
	Host      string      `json:"host,omitempty"` // the DNS host of the zone
	Name      string      `json:"name"`           // the name that was queried
	Type      string      `json:"type"`
	Also      []string    `json:"also,omitempty"`      // other queries with the same fault
	Resolvers []string    `json:"resolvers"`           // resolvers that reject the answer
	Accepting []string    `json:"accepting,omitempty"` // resolvers that return it
	Hint      string      `json:"hint,omitempty"`      // the extended DNS error of a resolver
	Fault     DenialFault `json:"fault,omitempty"`
	Detail    string      `json:"detail,omitempty"`
	Issued    bool        `json:"issued,omitempty"` // the certificate is issued, so that only its renewal is at stake
	// Servers are the servers with the fault, if others of the zone do not have it and no resolver rejects the answer.
	Servers []string `json:"servers,omitempty"`
	Good    []string `json:"good,omitempty"` // the servers without the fault
	Cut     Cut      `json:"cut,omitzero"`
}

// who returns the servers with the fault and a verb.
func (a AnswerRejected) who(one, several string) string {
	if len(a.Servers) > 0 {
		return catalog.Join(a.Servers) + " " + verb(a.Servers, one, several)
	}
	return "the zone's servers " + several
}

func (a AnswerRejected) fault() string {
	switch a.Fault {
	case DenialMissing:
		return a.who("denies", "deny") + " " + a.Name + " " + a.Type +
			" without NSEC or NSEC3 records, so a validating resolver cannot know that the denial is genuine"
	case DenialWrong:
		return a.who("denies", "deny") + " " + a.Name + " " + a.Type + " with NSEC or NSEC3 records that do not cover it"
	case DenialMixedCase:
		return a.who("answers", "answer") +
			" correctly only if the query is in lower case; many resolvers query in mixed case (0x20), and get an answer " +
			"that does not validate"
	case DenialSignature:
		if len(a.Servers) > 0 {
			return a.Detail + ", at " + catalog.Join(a.Servers)
		}
		return a.Detail
	case AliasBeforeDNAME:
		return "the zone's servers return the CNAME before the DNAME record of " + a.Detail + " that it results from; " +
			"some validators, such as Unbound, treat it as a CNAME without a signature"
	}
	return ""
}

// DNSSECAnswerRejected is dnssec.answer-rejected.
var DNSSECAnswerRejected = catalog.Declare(catalog.Cause{
	ID: "dnssec.answer-rejected", Rung: catalog.DNSSEC, Who: []catalog.Actor{catalog.DNSHost},
	Verdict: catalog.Fail, Frequency: 2,
	Title:  "validating resolvers reject the answer to one query",
	ByRole: recordCodes, OnceLive: recordCodesLive,
	Explains: slices.Concat(
		ofRole(catalog.Certificate, append([]catalog.ID{CAALookupFails.ID, CertificateAbsent.ID},
			waitingCertificate...)...),
		ofRole(catalog.Routing, "http.*"), sameName(RecordTypeUnanswered.ID, "cache.*")),
	Description: "The zone is signed and most of its answers validate, but one does not: often a denial without " +
		"valid " +
		"NSEC or NSEC3 records. Validating resolvers answer SERVFAIL to this query only. If it is a CAA query, " +
		"certificate authorities that validate may not issue.",
	Detection: "A resolver answers SERVFAIL to a query twice, but answers it with validation disabled (CD bit), and " +
		"it " +
		"validates the zone's SOA record. The zone's servers are then queried with the DO bit, in lower and mixed " +
		"case. " +
		"Every server is queried for one denial: a fault of only some of them is a warning, since resolvers then query " +
		"the others.",
	Confused: "dnssec.bogus, where the whole zone is rejected; caa.lookup-fails, where the zone's servers fail the " +
		"query themselves.",
	Refs: []string{"RFC 4035 5.4", "RFC 5155 8", "RFC 6672 5.3", "RFC 8659 6"},
}, catalog.Text[AnswerRejected]{
	Summary: func(a AnswerRejected) string {
		if len(a.Servers) > 0 {
			return fmt.Sprintf("the answer of %s to %s %s does not validate, unlike that of the other servers",
				catalog.Join(a.Servers), a.Name, a.Type)
		}
		return "DNSSEC validation fails for one query: " + a.Name + " " + a.Type
	},
	Why: func(a AnswerRejected) string {
		if len(a.Servers) > 0 {
			return fmt.Sprintf("%s; %s %s correctly, so resolvers retry there", a.fault(), catalog.Join(a.Good),
				verb(a.Good, "answers", "answer"))
		}
		parts := []string{fmt.Sprintf("%s %s SERVFAIL to %s %s, but %s the answer with validation disabled",
			catalog.Join(a.Resolvers), verb(a.Resolvers, "answers", "answer"), a.Name, a.Type,
			verb(a.Resolvers, "returns", "return"))}
		if len(a.Accepting) > 0 {
			parts = append(parts, catalog.Join(a.Accepting)+" "+verb(a.Accepting, "returns", "return")+" it")
		}
		if len(a.Also) > 0 {
			parts = append(parts, "the same applies to "+catalog.Join(a.Also))
		}
		if a.Hint != "" {
			parts = append(parts, "extended DNS error "+a.Hint)
		}
		if why := a.fault(); why != "" {
			parts = append(parts, why)
		}
		if a.Issued {
			parts = append(parts, "the issued certificate works until it expires, but cannot be renewed")
		}
		return strings.Join(parts, "; ")
	},
	Fix: func(a AnswerRejected) catalog.Fix {
		first := "at your DNS host, sign the zone " + a.Zone + " again, or ask the host to"
		switch a.Fault {
		case DenialMissing, DenialWrong:
			first = "at your DNS host, sign the zone " + a.Zone +
				" again so that it has complete NSEC or NSEC3 records, or " +
				"ask the host to (PowerDNS: pdnsutil rectify-zone " + a.Zone + ")"
		case DenialMixedCase:
			first = "report it to the DNS host of " + a.Zone + ": its servers must ignore the case of names in queries"
		case AliasBeforeDNAME:
			first = "at your DNS host, in the zone " + a.Zone + ", replace the DNAME record of " + a.Detail +
				" with the records themselves, or move the zone to servers that return the DNAME first, as BIND, Knot DNS " +
				"and " +
				"NSD do"
		case DenialSignature:
		}
		if len(a.Servers) > 0 && a.Fault == DenialMixedCase {
			return catalog.Steps("report it to the DNS host of " + a.Zone + ": " + catalog.Join(a.Servers) +
				" must ignore the case of names in queries, as " + catalog.Join(a.Good) + " " + verb(a.Good, "does", "do"))
		}
		if len(a.Servers) > 0 {
			return catalog.Fix{
				Steps: []string{fmt.Sprintf("ask the DNS host of %s to reload the zone at %s, as %s %s it", a.Zone,
					catalog.Join(a.Servers), catalog.Join(a.Good), has(a.Good)), "if that does not help: " + first},
				Commands: []string{shell.Dig(a.Name, a.Type, "+dnssec")},
			}
		}
		return catalog.Fix{
			Steps: []string{first, "if the zone should not be signed: " + a.Cut.place() + ", delete the DS record of " +
				a.Zone},
			Commands: []string{
				shell.Dig(a.Name, a.Type, "+dnssec"), shell.Dig(a.Name, a.Type, "+cd", "+dnssec"),
			},
		}
	},
	Example: AnswerRejected{
		Zone: "example.com", Name: "example.com", Type: "CAA", Resolvers: []string{"8.8.8.8:53", "1.1.1.1:53"},
		Hint: "12 (NSEC Missing)", Fault: DenialMissing,
	},
})

// TypeUnanswered are the arguments of record.type-unanswered.
type TypeUnanswered struct {
	Record    catalog.Record `json:"record"` // the name and type that are not answered
	Failure   string         `json:"failure"`
	Works     string         `json:"works"`               // a type that the same servers answer
	Resolvers []string       `json:"resolvers,omitempty"` // resolvers that get no answer either
	Servers   []string       `json:"servers,omitempty"`   // the servers with the fault, if others answer
	Good      []string       `json:"good,omitempty"`      // the servers without the fault
	Also      []string       `json:"also,omitempty"`      // other queries that these servers do not answer either
	// Remembering are resolvers that answer because a query of another type has left the name's CNAME in their cache.
	Remembering []string `json:"remembering,omitempty"`
}

// RecordTypeUnanswered is record.type-unanswered.
var RecordTypeUnanswered = catalog.Declare(catalog.Cause{
	ID: "record.type-unanswered", Rung: catalog.RecordRung, Who: []catalog.Actor{catalog.DNSHost},
	Verdict: catalog.Fail, Frequency: 2,
	Title:  "the servers do not answer queries of one type",
	ByRole: recordCodes, OnceLive: recordCodesLive, Explains: slices.Concat(sameName("cache.*"), recordExplains),
	Description: "The zone's servers answer other queries, but none of them answers this type: a firewall drops it, " +
		"or " +
		"the software fails. Resolvers get no answer, and visitors wait or see an error. For HTTPS records this is " +
		"only a " +
		"warning: browsers query them before they connect, but connect without them after a delay. So it is if only " +
		"some " +
		"servers do not answer, because resolvers query the others.",
	Detection: "Every server of the zone times out, refuses, or answers SERVFAIL or NOTIMP to the query, but answers " +
		"queries for another type of the same name. No queried resolver has an answer, except through a cached CNAME. " +
		"If " +
		"only some servers fail, they are queried twice.",
	Confused: "caa.lookup-fails, the same for type CAA; delegation.unreachable and delegation.lame, where the " +
		"servers " +
		"answer nothing about the zone.",
	Refs: []string{"RFC 4074 4", "RFC 8906 3"},
}, catalog.Text[TypeUnanswered]{
	Summary: func(a TypeUnanswered) string {
		if len(a.Servers) > 0 {
			return fmt.Sprintf("%s %s not answer %s queries for %s; other servers of the zone do", catalog.Join(a.Servers),
				verb(a.Servers, "does", "do"), a.Record.Type, a.Record.Name)
		}
		return fmt.Sprintf("the servers of %s do not answer %s queries for %s", a.Record.Zone, a.Record.Type,
			a.Record.Name)
	},
	Why: func(a TypeUnanswered) string {
		if len(a.Servers) > 0 {
			s := fmt.Sprintf(
				"the %s query for %s failed twice (%s), although the same %s %s queries; %s %s, so a resolver that "+
					"queries the "+
					"wrong server first answers late or not at all", a.Record.Type,
				a.Record.Name, a.Failure, verb(a.Servers, "server answers", "servers answer"), a.Works,
				catalog.Join(a.Good), verb(a.Good, "answers", "answer"))
			if len(a.Also) > 0 {
				s += "; the same applies to " + catalog.Join(a.Also)
			}
			return s
		}
		s := fmt.Sprintf("the %s query for %s failed (%s), although the same servers answer %s queries", a.Record.Type,
			a.Record.Name, a.Failure, a.Works)
		if len(a.Resolvers) > 0 {
			s += fmt.Sprintf("; %s %s no answer either", catalog.Join(a.Resolvers), verb(a.Resolvers, "gets", "get"))
		}
		if len(a.Remembering) > 0 {
			s += fmt.Sprintf("; %s %s as long as a query of another type has left the CNAME in the cache",
				catalog.Join(a.Remembering), verb(a.Remembering, "answers", "answer"))
		}
		return s
	},
	Fix: func(a TypeUnanswered) catalog.Fix {
		first := fmt.Sprintf(
			"ask the DNS host of %s to answer %s queries (with NODATA if there is no record), or move the zone to a host "+
				"that does", a.Record.Zone, a.Record.Type)
		if len(a.Servers) > 0 {
			first = fmt.Sprintf("ask the DNS host of %s why %s %s not answer %s queries, while %s %s", a.Record.Zone,
				catalog.Join(a.Servers), verb(a.Servers, "does", "do"), a.Record.Type, catalog.Join(a.Good),
				verb(a.Good, "does", "do"))
		}
		return catalog.Fix{
			Steps: []string{
				first,
				"if you run the servers yourself: check that the firewall in front of them does not filter queries by type",
			},
			Commands: []string{catalog.DigResolver(a.Record.Name, a.Record.Type, "")},
		}
	},
	Example: TypeUnanswered{
		Record: catalog.Record{
			Role: catalog.Routing, Zone: "example.com", Name: "shop.example.com", Type: "AAAA",
		},
		Failure: "ns1.example.net: no answer in time", Works: "A",
	},
})

// DeniedByType are the arguments of record.nxdomain-for-type.
type DeniedByType struct {
	Record  catalog.Record `json:"record"` // the name, and the type that is answered with NXDOMAIN
	Exists  string         `json:"exists"` // a type for which the same servers have records
	Servers []string       `json:"servers"`
	Good    []string       `json:"good,omitempty"` // servers that answer it correctly
}

// who names the servers with the fault, or all of them in the words given.
func (a DeniedByType) who(all string) string {
	if len(a.Good) > 0 {
		return catalog.Join(a.Servers)
	}
	return all
}

// RecordNXDomainForType is record.nxdomain-for-type.
var RecordNXDomainForType = catalog.Declare(catalog.Cause{
	ID: "record.nxdomain-for-type", Rung: catalog.RecordRung, Who: []catalog.Actor{catalog.DNSHost},
	Verdict: catalog.Fail, Frequency: 2,
	Title:  "a server answers NXDOMAIN for one type of an existing name",
	ByRole: recordCodes, OnceLive: recordCodesLive,
	Explains: slices.Concat(sameName(CacheNegative.ID), recordExplains),
	Description: "The name has records, but the server answers NXDOMAIN (no such name) instead of NODATA to queries " +
		"for a type that it does not have. NXDOMAIN applies to the whole name, so a resolver that queried that type " +
		"first " +
		"answers NXDOMAIN for every type.",
	Detection: "The same server answers one type of the name with records, and another with NXDOMAIN.",
	Confused: "cache.negative, which clears without action, whereas this returns with each query; " +
		"record.nxdomain-above, where a name above is denied.",
	Refs: []string{"RFC 4074 4.2", "RFC 2308 2.2", "RFC 2308 5"},
}, catalog.Text[DeniedByType]{
	Summary: func(a DeniedByType) string {
		answer := "answer"
		if len(a.Good) > 0 {
			answer = verb(a.Servers, "answers", "answer")
		}
		return fmt.Sprintf("%s %s NXDOMAIN to %s queries for %s, which has %s records",
			a.who("the servers of "+a.Record.Zone),
			answer, a.Record.Type, a.Record.Name, a.Exists)
	},
	Why: func(a DeniedByType) string {
		return fmt.Sprintf(
			"%s %s NXDOMAIN for %s %s and %s records for %s; a resolver that caches the first answer then "+
				"denies the name altogether", catalog.Join(a.Servers), verb(a.Servers, "answers", "answer"),
			a.Record.Name, a.Record.Type, verb(a.Servers, "returns", "return"), a.Exists)
	},
	Fix: func(a DeniedByType) catalog.Fix {
		return catalog.Fix{
			Steps: []string{
				fmt.Sprintf(
					"report it to the DNS host of %s: %s must answer NODATA (NOERROR without records) for a name that has "+
						"records "+
						"of another type", a.Record.Zone, a.who("its servers")),
				fmt.Sprintf("until then, add a record of type %s at %s, if the panel allows it", a.Record.Type,
					a.Record.Name),
			},
			Commands: []string{catalog.DigResolver(a.Record.Name, a.Record.Type, "")},
		}
	},
	Example: DeniedByType{
		Record: catalog.Record{
			Role: catalog.Routing, Zone: "example.com", Name: "shop.example.com", Type: "AAAA",
		},
		Exists: "A", Servers: []string{"ns1.example.net"},
	},
})
