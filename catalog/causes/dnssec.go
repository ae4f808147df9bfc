package causes

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"domdoc/catalog"
	"domdoc/catalog/shell"
)

// ZoneSignatures is what was observed of a zone's DNSSEC signatures: the arguments of the dnssec.* causes.
type ZoneSignatures struct {
	Zone      string    `json:"zone"`
	Parent    string    `json:"parent,omitempty"`
	Resolvers []string  `json:"resolvers,omitempty"` // resolvers that reject the zone's answers
	Hint      string    `json:"hint,omitempty"`      // the extended DNS error of a resolver
	DS        []string  `json:"ds,omitempty"`        // the parent's DS records, as "12345 13 2"
	Keys      []string  `json:"keys,omitempty"`      // the zone's DNSKEY records, as "54321 13"
	Ended     time.Time `json:"ended,omitzero"`      // when the signature expired
	Covers    string    `json:"covers,omitempty"`    // the record set it covers
	Detail    string    `json:"detail,omitempty"`
	Servers   []string  `json:"servers,omitempty"` // the servers with the fault, if others of the zone do not have it
	// resolvers that validate the zone while others reject it
	Validating []string `json:"validating,omitempty"`
	Cut        Cut      `json:"cut,omitzero"`
	DSTTL      uint32   `json:"dsTtl,omitempty"` // of the DS records, in seconds; 0 if unknown
}

// cachedDS says how long resolvers keep the DS record.
func (a ZoneSignatures) cachedDS() string {
	if a.DSTTL == 0 {
		return "for its TTL, often a day"
	}
	return "for " + catalog.Seconds(a.DSTTL) + ", its TTL"
}

// SignatureEarly describes a signature that is not valid yet.
func SignatureEarly(covers string, begins time.Time) string {
	return fmt.Sprintf("the signature over %s is not valid before %s", covers, catalog.Clock(begins))
}

// SignatureMisfits describes a signature that does not verify with the zone's keys.
func SignatureMisfits(covers string) string {
	return "the signature over " + covers + " does not verify with the zone's keys"
}

// SignatureMissing describes a record set of a signed zone that has no signature.
func SignatureMissing(covers string) string { return covers + " is not signed, although the zone is" }

// rejected says which resolvers are affected.
func (a ZoneSignatures) rejected() string {
	if len(a.Validating) > 0 {
		return " at " + catalog.Join(a.Resolvers) + "; " + catalog.Join(a.Validating) + " " +
			verb(a.Validating, "validates", "validate") + " it"
	}
	if len(a.Servers) > 0 {
		return "; only " + catalog.Join(a.Servers) + " " + verb(a.Servers, "has", "have") +
			" the fault, so resolvers that query " + verb(a.Servers, "it", "them") + " may fail"
	}
	return ", so most resolvers reject the zone"
}

func (a ZoneSignatures) fix(steps ...string) catalog.Fix {
	return catalog.Fix{
		Steps:    steps,
		Commands: []string{shell.Dig(a.Zone, "DNSKEY", "+cd", "+dnssec"), shell.Dig(a.Zone, "DS")},
	}
}

// partly is the fix for a fault of some of the zone's servers: the others and the DS record are right.
func (a ZoneSignatures) partly() catalog.Fix {
	return a.fix(
		fmt.Sprintf("ask your DNS host to reload the zone %s at %s, signed as at its other servers; leave the DS record "+
			"as it is", a.Zone, catalog.Join(a.Servers)),
		fmt.Sprintf("if %s %s to another DNS host, or %s no longer in use: %s, remove %s from %s",
			catalog.Join(a.Servers),
			verb(a.Servers, "belongs", "belong"), verb(a.Servers, "is", "are"), a.Cut.place(),
			verb(a.Servers, "it", "them"), a.Cut.list(a.Zone)))
}

var bogusCodes = []string{"DOMAIN_004", "DOMAIN_010", "DOMAIN_011", "DOMAIN_019"}

var exampleSignatures = ZoneSignatures{
	Zone: "example.com", Parent: "com", Resolvers: []string{"8.8.8.8:53", "1.1.1.1:53"}, Hint: "9 (DNSKEY Missing)",
	DS: []string{"12345 13 2"}, Keys: []string{"54321 13"},
	Ended: time.Date(2026, 2, 20, 12, 0, 0, 0, time.UTC), Covers: "example.com SOA",
	Detail: SignatureMisfits("example.com SOA"),
}

// bogusExplains is what follows if validating resolvers reject a zone. Faults in the zone's own data, such as a
// missing record or a CAA set that forbids, do not follow: they must be fixed as well.
var bogusExplains = slices.Concat(
	links("cache.*", CAALookupFails.ID, CertificateAbsent.ID, "cdn.*", "http.*"), links(waitingCertificate...))

// DNSSECBogus is dnssec.bogus.
var DNSSECBogus = catalog.Declare(catalog.Cause{
	ID: "dnssec.bogus", Rung: catalog.DNSSEC, Who: []catalog.Actor{catalog.Tenant, catalog.DNSHost},
	Verdict: catalog.Fail, Frequency: 4,
	Title: "DNSSEC validation fails",
	Codes: bogusCodes, Explains: bogusExplains,
	Description: "The domain is signed with DNSSEC, but its signatures do not verify. Validating resolvers, which " +
		"most " +
		"are, answer SERVFAIL, and certificate authorities may not issue.",
	Detection: "A resolver answers SERVFAIL, but returns the answer with validation disabled (CD bit). The zone's " +
		"own " +
		"servers answer.",
	Confused: "delegation.lame and delegation.unreachable, where resolvers fail with the CD bit too; dnssec.stale-ds " +
		"and dnssec.signature-expired, where the reason for the failure is known.",
	Refs: []string{"RFC 4035 5", "RFC 6840 5.9"},
}, catalog.Text[ZoneSignatures]{
	Summary: func(a ZoneSignatures) string {
		return "DNSSEC validation of " + a.Zone + " fails" + a.rejected()
	},
	Why: func(a ZoneSignatures) string {
		var parts []string
		if len(a.Resolvers) > 0 {
			parts = append(parts, catalog.Join(a.Resolvers)+" "+verb(a.Resolvers, "answers", "answer")+" SERVFAIL, but "+
				verb(a.Resolvers, "returns", "return")+" the answer with validation disabled")
		}
		if a.Hint != "" {
			parts = append(parts, "extended DNS error "+a.Hint)
		}
		if a.Detail != "" {
			parts = append(parts, a.Detail)
		}
		return strings.Join(parts, "; ")
	},
	Fix: func(a ZoneSignatures) catalog.Fix {
		if len(a.Servers) > 0 {
			return a.partly()
		}
		return a.fix("at your DNS host, re-sign the zone "+a.Zone+", or ask the host to",
			"if the zone should not be signed: "+a.Cut.place()+", delete its DS record; resolvers cache it "+a.cachedDS())
	},
	Example: exampleSignatures,
})

// DNSSECStaleDS is dnssec.stale-ds.
var DNSSECStaleDS = catalog.Declare(catalog.Cause{
	ID: "dnssec.stale-ds", Rung: catalog.DNSSEC, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 5,
	Title:     "the DS record matches none of the zone's keys",
	Codes:     bogusCodes, Explains: slices.Concat(links(DNSSECBogus.ID, DNSSECSignatureExpired.ID), bogusExplains),
	Description: "The DS record at the registry refers to a key that the zone no longer has, most often after a move " +
		"to another DNS host. Every validating resolver rejects the zone.",
	Detection: "The DS records at the parent are compared with the DNSKEY records of the zone's own servers. None " +
		"matches.",
	Confused: "dnssec.signature-expired, where the keys match but a signature has expired; delegation.lame: " +
		"resolvers " +
		"answer SERVFAIL in both cases.",
	Refs: []string{"RFC 4035 5.2", "RFC 6781 4.3.5"},
}, catalog.Text[ZoneSignatures]{
	Summary: func(a ZoneSignatures) string {
		at := "at the registry"
		if a.Cut.own() {
			at = "in the zone " + a.Cut.Zone
		}
		return "the DS record " + at + " does not match the keys of " + a.Zone + a.rejected()
	},
	Why: func(a ZoneSignatures) string {
		if len(a.Keys) == 0 {
			return fmt.Sprintf("the parent %s has DS %s, but the zone is not signed", a.Parent, catalog.Join(a.DS))
		}
		return fmt.Sprintf("the parent %s has DS %s; the zone has the keys %s", a.Parent, catalog.Join(a.DS),
			catalog.Join(a.Keys))
	},
	Fix: func(a ZoneSignatures) catalog.Fix {
		if len(a.Servers) > 0 {
			return a.partly()
		}
		f := a.fix(a.Cut.place()+", delete the DS record of "+a.Zone+
			", or replace it with the one your current DNS host shows",
			"resolvers cache the old DS record "+a.cachedDS())
		f.DSCache = a.DSTTL
		return f
	},
	Example: exampleSignatures,
})

// DNSSECSignatureExpired is dnssec.signature-expired.
var DNSSECSignatureExpired = catalog.Declare(catalog.Cause{
	ID: "dnssec.signature-expired", Rung: catalog.DNSSEC, Who: []catalog.Actor{catalog.DNSHost}, Verdict: catalog.Fail,
	Frequency: 2,
	Title:     "the zone's DNSSEC signatures have expired",
	Codes:     bogusCodes, Explains: slices.Concat(links(DNSSECBogus.ID), bogusExplains),
	Description: "Signatures are valid for days or weeks and must be renewed. These were not, so every validating " +
		"resolver rejects the zone.",
	Detection: "The RRSIG records at the zone's own servers have expired, by this machine's clock.",
	Confused: "dnssec.stale-ds, where the keys do not match; vantage.clock-skew, which makes valid signatures look " +
		"expired.",
	Refs: []string{"RFC 4034 3.1.5", "RFC 4035 5.3.1"},
}, catalog.Text[ZoneSignatures]{
	Summary: func(a ZoneSignatures) string {
		return "the DNSSEC signatures of " + a.Zone + " have expired" + a.rejected()
	},
	Why: func(a ZoneSignatures) string {
		return fmt.Sprintf("the signature over %s expired at %s", a.Covers, catalog.Clock(a.Ended))
	},
	Fix: func(a ZoneSignatures) catalog.Fix {
		if len(a.Servers) > 0 {
			return a.partly()
		}
		return a.fix("ask your DNS host to re-sign the zone "+a.Zone+" and to find out why automatic signing stopped",
			"if you run your own signer: start it, and let it renew signatures well before they expire")
	},
	Example: exampleSignatures,
})
