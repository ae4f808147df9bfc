package causes

import (
	"fmt"

	"domdoc/catalog"
)

// The causes about HTTPS records, which browsers follow but most other programs do not.

// RecordHTTPSHintsStaleArgs are the arguments of record.https-hints-stale.
type RecordHTTPSHintsStaleArgs struct {
	Record    catalog.Record `json:"record"`           // the HTTPS record
	Addresses []string       `json:"addresses"`        // the hints
	Ours      []string       `json:"ours,omitempty"`   // the addresses of the name
	Target    string         `json:"target,omitempty"` // the target or alias that has the addresses; empty for hints
}

// RecordHTTPSHintsStale is record.https-hints-stale.
var RecordHTTPSHintsStale = catalog.Declare(catalog.Cause{
	ID: "record.https-hints-stale", Rung: catalog.RecordRung, Who: []catalog.Actor{catalog.Tenant},
	Verdict: catalog.Warn, Frequency: 2,
	Title:  "an HTTPS record points browsers to another host",
	ByRole: map[catalog.Role][]string{catalog.Routing: {"DOMAIN_010"}}, OnceLive: recordCodesLive,
	Description: "Browsers look up the HTTPS record (type 65) and connect to its target, or to the address hints in " +
		"it. These belong to another host, so browsers go there while other programs do not.",
	Detection: "The addresses of the HTTPS record's target or alias, and its ipv4hint and ipv6hint, are compared " +
		"with " +
		"the name's own addresses. Those of another host are tried, and none has a valid certificate for the name.",
	Confused: "record.stray-address, which affects every program, not only browsers. It is not a problem of the " +
		"browser cache either: for every visitor, curl works but browsers fail.",
	Refs: []string{"RFC 9460 7.3", "RFC 9460 9"},
}, catalog.Text[RecordHTTPSHintsStaleArgs]{
	Summary: func(a RecordHTTPSHintsStaleArgs) string {
		return fmt.Sprintf("the HTTPS record of %s points browsers to another host (%s)", a.Record.Name,
			catalog.Join(a.Addresses))
	},
	Why: func(a RecordHTTPSHintsStaleArgs) string {
		s := "the name's own addresses are " + catalog.Join(a.Ours)
		if a.Target != "" {
			s = "its target is " + a.Target + "; " + s
		}
		return s
	},
	Fix: func(a RecordHTTPSHintsStaleArgs) catalog.Fix {
		return catalog.Fix{
			Steps: []string{fmt.Sprintf("%s, delete the HTTPS record of %s, or correct its target and hints",
				catalog.Where(a.Record),
				a.Record.Label())},
			Commands: []string{catalog.DigResolver(a.Record.Name, "HTTPS", "")},
		}
	},
	Example: RecordHTTPSHintsStaleArgs{
		Record:    catalog.Record{Role: catalog.Routing, Zone: "example.com", Name: "shop.example.com", Type: "HTTPS"},
		Addresses: []string{"104.16.1.1"}, Ours: []string{"13.32.1.1"},
	},
})

// HTTPSRecordArgs are the arguments of record.https-nowhere and record.https-ech.
type HTTPSRecordArgs struct {
	Record catalog.Record `json:"record"`           // the HTTPS record
	Target string         `json:"target,omitempty"` // its target, or the public name of its ECH configuration
	Detail string         `json:"detail,omitempty"` // why the target is unreachable
}

func (a HTTPSRecordArgs) fix(correct string) catalog.Fix {
	return catalog.Fix{
		Steps: []string{fmt.Sprintf("%s, delete the HTTPS record of %s, or %s", catalog.Where(a.Record),
			a.Record.Label(), correct)},
		Commands: []string{catalog.DigResolver(a.Record.Name, "HTTPS", "")},
	}
}

const browsersOnly = "the service and its health check do not use HTTPS records, so they see no fault"

// RecordHTTPSNowhere is record.https-nowhere.
var RecordHTTPSNowhere = catalog.Declare(catalog.Cause{
	ID: "record.https-nowhere", Rung: catalog.RecordRung, Who: []catalog.Actor{catalog.Tenant},
	Verdict: catalog.Warn, Frequency: 1,
	Title:  "an HTTPS record points browsers to an unreachable target",
	NoCode: browsersOnly,
	Description: "Browsers connect to the target and port of the HTTPS record (type 65) first. Nothing answers " +
		"there, " +
		"so they fail, or lose time before they try the name's own addresses.",
	Detection: "The HTTPS records with the best priority that browsers support are followed. The target has no " +
		"address, the alias says that there is no service, or its port does not accept connections although port 443 " +
		"does.",
	Confused: "record.https-hints-stale, where another host answers; http.unreachable, where the name's own " +
		"addresses " +
		"do not answer.",
	Refs: []string{"RFC 9460 2.5.1", "RFC 9460 3", "RFC 9460 7.2"},
}, catalog.Text[HTTPSRecordArgs]{
	Summary: func(a HTTPSRecordArgs) string {
		return fmt.Sprintf("the HTTPS record of %s points browsers to an unreachable target", a.Record.Name)
	},
	Why: func(a HTTPSRecordArgs) string { return a.Detail },
	Fix: func(a HTTPSRecordArgs) catalog.Fix { return a.fix("correct its target and port") },
	Example: HTTPSRecordArgs{
		Record: catalog.Record{Role: catalog.Routing, Zone: "example.com", Name: "shop.example.com", Type: "HTTPS"},
		Target: "old.example.net", Detail: "its target old.example.net has no address",
	},
})

// RecordHTTPSForeignECH is record.https-ech.
var RecordHTTPSForeignECH = catalog.Declare(catalog.Cause{
	ID: "record.https-ech", Rung: catalog.RecordRung, Who: []catalog.Actor{catalog.Tenant},
	Verdict: catalog.Fail, Frequency: 1,
	Title:  "an HTTPS record has another provider's ECH configuration",
	NoCode: browsersOnly,
	Description: "Browsers encrypt the first message of a connection with the key in the HTTPS record (Encrypted " +
		"Client Hello, ECH). The name's servers have neither that key nor a certificate for its public name, so " +
		"browsers " +
		"close the connection. Programs without ECH, such as curl, work.",
	Detection: "The public name in the record's ECH configuration is used in a TLS handshake with the name's own " +
		"addresses. None has a valid certificate for it.",
	Confused: "certificate.name-mismatch, where the certificate for the name itself is wrong; " +
		"record.https-hints-stale, where the record points to another host.",
	Refs: []string{"RFC 9849 6.1.6", "RFC 9460 3", "RFC 9848"},
}, catalog.Text[HTTPSRecordArgs]{
	Summary: func(a HTTPSRecordArgs) string {
		return fmt.Sprintf("the HTTPS record of %s has an ECH configuration that its servers do not support",
			a.Record.Name)
	},
	Why: func(a HTTPSRecordArgs) string {
		return "the configuration is for " + a.Target + ", but the name's servers have no valid certificate for that name"
	},
	Fix: func(a HTTPSRecordArgs) catalog.Fix { return a.fix("remove its ech parameter") },
	Example: HTTPSRecordArgs{
		Record: catalog.Record{Role: catalog.Routing, Zone: "example.com", Name: "shop.example.com", Type: "HTTPS"},
		Target: "ech.example.net",
	},
})
