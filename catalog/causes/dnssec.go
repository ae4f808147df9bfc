package causes

import (
	"fmt"
	"strings"
	"time"

	"domdoc/catalog"
	"domdoc/catalog/shell"
)

// DNSSECArgs are the arguments of the dnssec.* causes.
type DNSSECArgs struct {
	Zone      string    `json:"zone"`
	Parent    string    `json:"parent,omitempty"`
	Resolvers []string  `json:"resolvers,omitempty"` // that refuse the zone's answers
	Hint      string    `json:"hint,omitempty"`      // an extended error, as a resolver gave it
	DS        []string  `json:"ds,omitempty"`        // the parent's, as "12345 13 2"
	Keys      []string  `json:"keys,omitempty"`      // the zone's, as "54321 13"
	Ended     time.Time `json:"ended,omitzero"`      // when the signature ended
	Covers    string    `json:"covers,omitempty"`    // what it was over
	Detail    string    `json:"detail,omitempty"`
	Servers   []string  `json:"servers,omitempty"` // those that serve the fault, where others of the zone do not
}

// SignatureEarly says that a signature begins in the future.
func SignatureEarly(covers string, begins time.Time) string {
	return fmt.Sprintf("the signature over %s is not valid before %s", covers, catalog.Clock(begins))
}

// SignatureMisfits says that a signature was made with another key, or over other data.
func SignatureMisfits(covers string) string {
	return "the signature over " + covers + " does not fit the zone's keys"
}

// SignatureMissing says that a set of a signed zone has none.
func SignatureMissing(covers string) string { return "there is no signature over " + covers }

// refused says who meets the fault.
func (a DNSSECArgs) refused() string {
	if len(a.Servers) > 0 {
		return "; only " + catalog.Join(a.Servers) + " " + verb(a.Servers, "serves", "serve") +
			" it so, and resolvers that come there may fail"
	}
	return ", so most resolvers refuse it"
}

func (a DNSSECArgs) fix(lines ...string) catalog.Fix {
	return catalog.Fix{Steps: lines, Commands: []string{
		shell.Dig(a.Zone, "DNSKEY", "+cd", "+dnssec"),
		shell.Dig(a.Zone, "DS"),
	}}
}

var bogusCodes = []string{"DOMAIN_004", "DOMAIN_010", "DOMAIN_011", "DOMAIN_019"}

var exampleDNSSEC = DNSSECArgs{
	Zone: "example.com", Parent: "com", Resolvers: []string{"8.8.8.8:53", "1.1.1.1:53"}, Hint: "9 (DNSKEY Missing)",
	DS: []string{"12345 13 2"}, Keys: []string{"54321 13"},
	Ended: time.Date(2026, 2, 20, 12, 0, 0, 0, time.UTC), Covers: "example.com SOA",
	Detail: "the signature over example.com SOA does not fit the zone's key",
}

// dnssecExplains is what follows when validating resolvers refuse a zone. What the zone's own servers show is there
// and stays to be mended: a record that is missing, a CAA set that forbids.
var dnssecExplains = []catalog.Link{
	{To: "cache.*"},
	{To: "caa.lookup-fails"},
	{To: "certificate.pending"},
	{To: "certificate.failed"},
	{To: "certificate.absent"},
	{To: "certificate.renewal-blocked"},
	{To: "cdn.*"},
	{To: "http.*"},
}

// DNSSECBogus is dnssec.bogus.
var DNSSECBogus = catalog.Declare(catalog.Cause{
	ID: "dnssec.bogus", Rung: catalog.DNSSEC, Who: []catalog.Actor{catalog.Tenant, catalog.DNSHost},
	Verdict: catalog.Fail, Frequency: 4,
	Title: "resolvers refuse the zone, because its signatures fail",
	Codes: bogusCodes, Explains: dnssecExplains,
	Description: "The domain is signed with DNSSEC, and the signatures do not check. Resolvers that validate, which " +
		"are most, answer SERVFAIL, and certificate authorities may not issue.",
	Detection: "A resolver answers SERVFAIL, and gives the answer when it is asked not to validate (CD bit). The " +
		"zone's own servers answer.",
	Confused: "delegation.lame and delegation.unreachable, where resolvers fail with the CD bit as well; " +
		"dnssec.stale-ds and dnssec.signature-expired, where the reason is known.",
	Refs: []string{"RFC 4035 5", "RFC 6840 5.9"},
}, catalog.Text[DNSSECArgs]{
	Summary: func(a DNSSECArgs) string {
		return "the DNSSEC signatures of " + a.Zone + " do not check" + a.refused()
	},
	Why: func(a DNSSECArgs) string {
		var parts []string
		if len(a.Resolvers) > 0 {
			parts = append(parts, catalog.Join(a.Resolvers)+" "+verb(a.Resolvers, "answers", "answer")+" SERVFAIL, and "+
				verb(a.Resolvers, "gives", "give")+" the answer when asked not to validate")
		}
		if a.Hint != "" {
			parts = append(parts, "the hint: EDE "+a.Hint)
		}
		if a.Detail != "" {
			parts = append(parts, a.Detail)
		}
		return strings.Join(parts, "; ")
	},
	Fix: func(a DNSSECArgs) catalog.Fix {
		return a.fix("at your DNS host, sign the zone "+a.Zone+" again, or ask the host to",
			"if the zone should not be signed: delete the DS record at your registrar and wait until its TTL is over")
	},
	Example: exampleDNSSEC,
})

// DNSSECStaleDS is dnssec.stale-ds.
var DNSSECStaleDS = catalog.Declare(catalog.Cause{
	ID: "dnssec.stale-ds", Rung: catalog.DNSSEC, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 5,
	Title:     "the registry's DS record fits none of the zone's keys",
	Codes:     bogusCodes, Explains: append([]catalog.Link{{To: "dnssec.bogus"}, {To: "dnssec.signature-expired"}},
		dnssecExplains...),
	Description: "The registry still vouches for a key that the zone no longer has, most often after a move to " +
		"another " +
		"DNS host. Every validating resolver refuses the zone.",
	Detection: "The DS records at the parent are compared with the DNSKEY records at the zone's own servers: none " +
		"matches.",
	Confused: "dnssec.signature-expired, where the keys match and a signature has ended; delegation.lame: resolvers " +
		"answer SERVFAIL in both cases.",
	Refs: []string{"RFC 4035 5.2", "RFC 6781 4.3.5"},
}, catalog.Text[DNSSECArgs]{
	Summary: func(a DNSSECArgs) string {
		return "the DS record at the registry does not fit the zone " + a.Zone + a.refused()
	},
	Why: func(a DNSSECArgs) string {
		if len(a.Keys) == 0 {
			return fmt.Sprintf("the parent %s has DS %s, and the zone is not signed at all", a.Parent, catalog.Join(a.DS))
		}
		return fmt.Sprintf("the parent %s has DS %s; the zone has the keys %s", a.Parent, catalog.Join(a.DS),
			catalog.Join(a.Keys))
	},
	Fix: func(a DNSSECArgs) catalog.Fix {
		return a.fix("at your registrar, delete the DS record of "+a.Zone+
			", or replace it by the one that your present DNS host shows",
			"resolvers remember the old DS for its TTL, often a day")
	},
	Example: exampleDNSSEC,
})

// DNSSECSignatureExpired is dnssec.signature-expired.
var DNSSECSignatureExpired = catalog.Declare(catalog.Cause{
	ID: "dnssec.signature-expired", Rung: catalog.DNSSEC, Who: []catalog.Actor{catalog.DNSHost}, Verdict: catalog.Fail,
	Frequency: 2,
	Title:     "the zone's signatures have expired",
	Codes:     bogusCodes, Explains: append([]catalog.Link{{To: "dnssec.bogus"}}, dnssecExplains...),
	Description: "Signatures are valid for days or weeks and must be renewed. They were not, and every validating " +
		"resolver refuses the zone.",
	Detection: "The end of the RRSIG records at the zone's own servers has passed, by this machine's clock.",
	Confused:  "dnssec.stale-ds, where the keys do not match; vantage.clock-skew, which makes good signatures look so.",
	Refs:      []string{"RFC 4034 3.1.5", "RFC 4035 5.3.1"},
}, catalog.Text[DNSSECArgs]{
	Summary: func(a DNSSECArgs) string {
		return "the DNSSEC signatures of " + a.Zone + " have expired" + a.refused()
	},
	Why: func(a DNSSECArgs) string {
		return fmt.Sprintf("the signature over %s ended at %s", a.Covers, catalog.Clock(a.Ended))
	},
	Fix: func(a DNSSECArgs) catalog.Fix {
		return a.fix("ask your DNS host to sign the zone "+a.Zone+" again, and to find out why its signer stopped",
			"with a signer of your own: start it, and let it renew signatures well before they end")
	},
	Example: exampleDNSSEC,
})
