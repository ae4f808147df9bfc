package causes

import (
	"fmt"
	"slices"

	"domdoc/catalog"
	"domdoc/catalog/shell"
)

// RecordServersDisagreeArgs are the arguments of record.servers-disagree.
type RecordServersDisagreeArgs struct {
	Record  catalog.Record `json:"record"`
	Right   []string       `json:"right,omitempty"` // servers with the expected value
	Wrong   []string       `json:"wrong"`           // servers without it
	Serials []string       `json:"serials"`         // "ns1.example.net 7"
}

// RecordServersDisagree is record.servers-disagree.
var RecordServersDisagree = catalog.Declare(catalog.Cause{
	ID: "record.servers-disagree", Rung: catalog.RecordRung, Who: []catalog.Actor{catalog.DNSHost},
	Verdict: catalog.Fail, Frequency: 3,
	Title:  "the authoritative servers return different answers",
	ByRole: recordCodes, OnceLive: recordCodesLive,
	Explains: slices.Concat(sameName(RecordMissing.ID, RecordValueDiffers.ID, CacheOldAnswer.ID), recordExplains),
	Description: "The zone's authoritative servers do not hold the same data: one was not updated. Each resolver " +
		"queries one of them at random, so the result varies and never settles.",
	Detection: "Every authoritative address is queried. Their answers and their SOA serial numbers differ.",
	Confused: "cache.old-answer, which clears without action, unlike this; delegation.mismatch, where the lists of " +
		"name servers differ.",
	Refs: []string{"RFC 1034 4.3.5", "RFC 1035 3.3.13"},
}, catalog.Text[RecordServersDisagreeArgs]{
	Summary: func(a RecordServersDisagreeArgs) string {
		return fmt.Sprintf("the servers of %s return different answers for %s %s", a.Record.Zone, a.Record.Name,
			a.Record.Type)
	},
	Why: func(a RecordServersDisagreeArgs) string {
		if len(a.Right) == 0 {
			return fmt.Sprintf("%s differ from each other; serial numbers: %s", catalog.Join(a.Wrong),
				catalog.Join(a.Serials))
		}
		return fmt.Sprintf("%s %s the expected value, %s %s not; serial numbers: %s", catalog.Join(a.Right), has(a.Right),
			catalog.Join(a.Wrong), verb(a.Wrong, "does", "do"), catalog.Join(a.Serials))
	},
	Fix: func(a RecordServersDisagreeArgs) catalog.Fix {
		return catalog.Fix{
			Steps: []string{
				fmt.Sprintf("ask the DNS host of %s to repair the zone transfer to %s", a.Record.Zone, catalog.Join(a.Wrong)),
				"saving the zone once more, which increases its serial number, often restarts the transfer",
			},
			Commands: []string{shell.Dig(a.Record.Zone, "", "+nssearch")},
		}
	},
	Example: RecordServersDisagreeArgs{
		Record: exampleVerification, Right: []string{"ns1.example.net"}, Wrong: []string{"ns2.example.net"},
		Serials: []string{"ns1.example.net 7", "ns2.example.net 6"},
	},
})

// RecordTruncatedNoTCPArgs are the arguments of record.truncated-no-tcp.
type RecordTruncatedNoTCPArgs struct {
	Record  catalog.Record `json:"record"`
	Servers []string       `json:"servers"`
}

// RecordTruncatedNoTCP is record.truncated-no-tcp.
var RecordTruncatedNoTCP = catalog.Declare(catalog.Cause{
	ID: "record.truncated-no-tcp", Rung: catalog.RecordRung, Who: []catalog.Actor{catalog.DNSHost},
	Verdict: catalog.Fail, Frequency: 2,
	Title:  "the answer is too long for UDP, and TCP fails",
	ByRole: recordCodes, OnceLive: recordCodesLive,
	Explains: slices.Concat(sameName(RecordMissing.ID, RecordValueDiffers.ID), recordExplains),
	Description: "The records at the name are too many or too long for a UDP answer. The server sets the TC bit, but " +
		"does not answer over TCP, so some of the records never arrive.",
	Detection: "The UDP answer has the TC bit set, and the same query over TCP fails.",
	Confused: "record.missing: the record may be among those that did not arrive; delegation.unreachable, where UDP " +
		"queries are not answered either.",
	Refs: []string{"RFC 7766 5", "RFC 2181 9"},
}, catalog.Text[RecordTruncatedNoTCPArgs]{
	Summary: func(a RecordTruncatedNoTCPArgs) string {
		return fmt.Sprintf("the answer for %s %s is truncated, and its servers do not send the rest over TCP",
			a.Record.Name, a.Record.Type)
	},
	Why: func(a RecordTruncatedNoTCPArgs) string {
		return fmt.Sprintf("%s %s the TC bit but %s not answer over TCP", catalog.Join(a.Servers),
			verb(a.Servers, "sets", "set"), verb(a.Servers, "does", "do"))
	},
	Fix: func(a RecordTruncatedNoTCPArgs) catalog.Fix {
		return catalog.Fix{
			Steps: []string{
				"ask the DNS host of " + a.Record.Zone + " to answer on TCP port 53",
				"or delete records at " + a.Record.Name + " that are not needed, until the answer fits",
			},
			Commands: []string{shell.Dig(a.Record.Name, a.Record.Type, "+tcp")},
		}
	},
	Example: RecordTruncatedNoTCPArgs{Record: catalog.Record{
		Role: catalog.Verification, Zone: "example.com", Name: "example.com", Type: "TXT", Value: "tok-1",
	}, Servers: []string{"ns1.example.net"}},
})

// RecordNXDomainAboveArgs are the arguments of record.nxdomain-above.
type RecordNXDomainAboveArgs struct {
	Record  catalog.Record `json:"record"` // at the name that is denied
	Servers []string       `json:"servers"`
	Below   string         `json:"below,omitempty"` // a name below that exists
	Signed  bool           `json:"signed,omitempty"`
	Missing []string       `json:"missing,omitempty"` // resolvers that do not find the name below
}

// RecordNXDomainAbove is record.nxdomain-above.
var RecordNXDomainAbove = catalog.Declare(catalog.Cause{
	ID: "record.nxdomain-above", Rung: catalog.RecordRung, Who: []catalog.Actor{catalog.DNSHost},
	Verdict: catalog.Fail, Frequency: 2,
	Title:  "a server answers NXDOMAIN for a name with subdomains",
	ByRole: recordCodes, OnceLive: recordCodesLive,
	Explains: slices.Concat(sameName(CacheNegative.ID), recordExplains),
	Description: "A name with subdomains exists even if it has no records. The server answers that it does not exist " +
		"(NXDOMAIN), from which resolvers may conclude that its subdomains do not exist either. In an unsigned zone " +
		"few " +
		"resolvers do so, and it is only a warning.",
	Detection: "The servers have the record, but answer NXDOMAIN for its parent name. It is a failure if the zone is " +
		"signed, or if a queried resolver does not find the record.",
	Confused: "cache.negative, which clears without action; record.missing: here some resolvers do find the record.",
	Refs:     []string{"RFC 8020 2", "RFC 4592 2.2.2"},
}, catalog.Text[RecordNXDomainAboveArgs]{
	Summary: func(a RecordNXDomainAboveArgs) string {
		s := fmt.Sprintf("the servers of %s deny that %s exists although %s does", a.Record.Zone, a.Record.Name, a.Below)
		if a.Signed || len(a.Missing) > 0 {
			return s + ", so some resolvers cannot find it"
		}
		return s
	},
	Why: func(a RecordNXDomainAboveArgs) string {
		s := fmt.Sprintf("%s %s NXDOMAIN for %s", catalog.Join(a.Servers), verb(a.Servers, "answers", "answer"),
			a.Record.Name)
		switch {
		case len(a.Missing) > 0:
			return s + fmt.Sprintf("; %s %s not find %s", catalog.Join(a.Missing), verb(a.Missing, "does", "do"), a.Below)
		case a.Signed:
			return s + "; the zone is signed, and a resolver that has validated this (RFC 8020) queries no name below it"
		}
		return s + "; the zone is not signed, so most resolvers still query names below it, and those that were " +
			"queried " +
			"find " + a.Below
	},
	Fix: func(a RecordNXDomainAboveArgs) catalog.Fix {
		return catalog.Fix{
			Steps: []string{
				fmt.Sprintf("%s, add any record at %s (a TXT record will do) to make the name exist",
					catalog.Where(a.Record), a.Record.Label()),
				"report it to the DNS host: its servers must answer NODATA for a name with subdomains",
			},
			Commands: []string{
				catalog.DigResolver(a.Record.Name, "A", ""), catalog.DigResolver(a.Below, "TXT", ""),
			},
		}
	},
	Example: RecordNXDomainAboveArgs{
		Record:  catalog.Record{Role: catalog.Verification, Zone: "example.com", Name: "shop.example.com", Type: "A"},
		Servers: []string{"ns1.example.net"}, Below: "_verify.shop.example.com",
	},
})
