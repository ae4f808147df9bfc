package causes

import (
	"fmt"

	"domdoc/catalog"
	"domdoc/catalog/shell"
)

// DisagreeArgs are the arguments of record.servers-disagree.
type DisagreeArgs struct {
	Record  catalog.Record `json:"record"`
	Right   []string       `json:"right,omitempty"` // servers that have the wanted value
	Wrong   []string       `json:"wrong"`           // servers that do not
	Serials []string       `json:"serials"`         // "ns1.example.net 7"
}

// RecordServersDisagree is record.servers-disagree.
var RecordServersDisagree = catalog.Declare(catalog.Cause{
	ID: "record.servers-disagree", Rung: catalog.RecordRung, Who: []catalog.Actor{catalog.DNSHost},
	Verdict: catalog.Fail, Frequency: 3,
	Title:  "the zone's own servers give different answers",
	ByRole: recordCodes, OnceLive: recordCodesLive,
	Explains: append([]catalog.Link{
		{To: "record.missing", Same: true},
		{To: "record.value-differs", Same: true},
		{To: "cache.old-answer", Same: true},
	}, recordExplains...),
	Description: "The servers that are responsible for the zone do not hold the same data: one was not updated. Each " +
		"resolver asks one of them by chance, so the result changes from try to try and never settles.",
	Detection: "Every authoritative address is asked; their answers and their SOA serial numbers differ.",
	Confused:  "cache.old-answer: this does not end by itself; delegation.mismatch, where the lists of servers differ.",
	Refs:      []string{"RFC 1034 4.3.5", "RFC 1035 3.3.13"},
}, catalog.Text[DisagreeArgs]{
	Summary: func(a DisagreeArgs) string {
		return fmt.Sprintf("the servers of %s disagree about %s %s", a.Record.Zone, a.Record.Name, a.Record.Type)
	},
	Why: func(a DisagreeArgs) string {
		if len(a.Right) == 0 {
			return fmt.Sprintf("%s differ from each other; serial numbers: %s", catalog.Join(a.Wrong),
				catalog.Join(a.Serials))
		}
		return fmt.Sprintf("%s have the wanted value, %s do not; serial numbers: %s", catalog.Join(a.Right),
			catalog.Join(a.Wrong),
			catalog.Join(a.Serials))
	},
	Fix: func(a DisagreeArgs) catalog.Fix {
		return catalog.Fix{
			Steps: []string{
				fmt.Sprintf("ask the DNS host of %s to repair the zone transfer to %s", a.Record.Zone, catalog.Join(a.Wrong)),
				"saving the zone once more, so that its serial number rises, often starts the transfer again",
			},
			Commands: []string{shell.Dig(a.Record.Zone, "", "+nssearch")},
		}
	},
	Example: DisagreeArgs{
		Record: catalog.Record{
			Role: catalog.Verification, Zone: "example.com", Name: "_verify.shop.example.com",
			Type: "TXT", Value: "tok-1",
		}, Right: []string{"ns1.example.net"}, Wrong: []string{"ns2.example.net"},
		Serials: []string{"ns1.example.net 7", "ns2.example.net 6"},
	},
})

// ServerArgs are the arguments of the causes about servers that answer in a broken way.
type ServerArgs struct {
	Record  catalog.Record `json:"record"`
	Servers []string       `json:"servers"`
	Below   string         `json:"below,omitempty"` // a name below that exists
}

// RecordTruncatedNoTCP is record.truncated-no-tcp.
var RecordTruncatedNoTCP = catalog.Declare(catalog.Cause{
	ID: "record.truncated-no-tcp", Rung: catalog.RecordRung, Who: []catalog.Actor{catalog.DNSHost},
	Verdict: catalog.Fail, Frequency: 2,
	Title:  "the answer is too long for UDP, and TCP is refused",
	ByRole: recordCodes, OnceLive: recordCodesLive, Explains: append([]catalog.Link{
		{To: "record.missing", Same: true},
		{To: "record.value-differs", Same: true},
	}, recordExplains...),
	Description: "Many or long records at one name do not fit into a UDP answer. The server says so (TC bit), and " +
		"then " +
		"does not answer over TCP, so a part of the records never arrives.",
	Detection: "The UDP answer has the TC bit; the same question over TCP fails.",
	Confused: "record.missing: the record may be among those that did not arrive; delegation.unreachable, where UDP " +
		"is not answered either.",
	Refs: []string{"RFC 7766 5", "RFC 2181 9"},
}, catalog.Text[ServerArgs]{
	Summary: func(a ServerArgs) string {
		return fmt.Sprintf("the answer for %s %s is cut off, and its servers do not send the rest over TCP",
			a.Record.Name, a.Record.Type)
	},
	Why: func(a ServerArgs) string {
		return catalog.Join(a.Servers) + " set the TC bit and do not answer over TCP"
	},
	Fix: func(a ServerArgs) catalog.Fix {
		return catalog.Fix{
			Steps: []string{
				"ask the DNS host of " + a.Record.Zone + " to answer over TCP port 53",
				"or delete records at " + a.Record.Name + " that nothing needs, so that the answer fits",
			},
			Commands: []string{shell.Dig(a.Record.Name, a.Record.Type, "+tcp")},
		}
	},
	Example: ServerArgs{Record: catalog.Record{
		Role: catalog.Verification, Zone: "example.com", Name: "example.com", Type: "TXT",
		Value: "tok-1",
	}, Servers: []string{"ns1.example.net"}},
})

// RecordNXDomainAbove is record.nxdomain-above.
var RecordNXDomainAbove = catalog.Declare(catalog.Cause{
	ID: "record.nxdomain-above", Rung: catalog.RecordRung, Who: []catalog.Actor{catalog.DNSHost}, Verdict: catalog.Fail,
	Frequency: 2,
	Title:     "the server denies a name that has names below it",
	ByRole:    recordCodes, OnceLive: recordCodesLive,
	Explains: append([]catalog.Link{{To: "cache.negative", Same: true}},
		recordExplains...),
	Description: "A name with names below it exists, even if it is empty. The server says that it does not exist " +
		"(NXDOMAIN), and resolvers then conclude that nothing below it exists either.",
	Detection: "The servers have the record, and answer NXDOMAIN for the label above it.",
	Confused:  "cache.negative, which ends by itself; record.missing: some resolvers do find the record.",
	Refs:      []string{"RFC 8020 2", "RFC 4592 2.2.2"},
}, catalog.Text[ServerArgs]{
	Summary: func(a ServerArgs) string {
		return fmt.Sprintf("the servers of %s deny %s although %s exists below it, so some resolvers never find it",
			a.Record.Zone, a.Record.Name, a.Below)
	},
	Why: func(a ServerArgs) string {
		return catalog.Join(a.Servers) + " answer NXDOMAIN for " + a.Record.Name +
			"; a resolver that knows RFC 8020 asks no further"
	},
	Fix: func(a ServerArgs) catalog.Fix {
		return catalog.Fix{
			Steps: []string{
				fmt.Sprintf("%s, add any record at %s (a TXT will do), so that the name exists",
					catalog.Where(a.Record), a.Record.Label()),
				"tell the DNS host: its servers must answer NODATA for a name that has names below it",
			},
			Commands: []string{catalog.DigResolver(a.Record.Name, "A", ""), catalog.DigResolver(a.Below, "TXT", "")},
		}
	},
	Example: ServerArgs{
		Record:  catalog.Record{Role: catalog.Verification, Zone: "example.com", Name: "shop.example.com", Type: "A"},
		Servers: []string{"ns1.example.net"}, Below: "_verify.shop.example.com",
	},
})
