package causes

import (
	"fmt"
	"slices"
	"strings"

	"domdoc/catalog"
)

// CAASet is the CAA record set that decides whether a certificate may be issued: the arguments of most caa.* causes.
type CAASet struct {
	Domain string   `json:"domain"`         // the name that needs a certificate
	At     string   `json:"at"`             // the owner name of the set
	Zone   string   `json:"zone,omitempty"` // the zone of At
	Host   string   `json:"host,omitempty"` // the DNS host of that zone
	Set    []string `json:"set,omitempty"`  // the records, as in a zone file
	Tag    string   `json:"tag,omitempty"`  // the property that decides
	// Detail is the value, and the character or parameter that makes it unusable.
	Detail string `json:"detail,omitempty"`
	// Reserved are the tags of records with the flag 1.
	Reserved []string `json:"reserved,omitempty"`
}

// hint explains the flag 1 of records; empty if none has it.
func (a CAASet) hint() string { return CAAFlagHint(a.Reserved) }

// CAAFlagHint explains the flag 1 of the records with these tags.
func CAAFlagHint(tags []string) string {
	if len(tags) == 0 {
		return ""
	}
	return "; the flag 1 of " + catalog.Join(tags) + " is reserved and means nothing: the critical flag is 128"
}

func (a CAASet) record(tag string) catalog.Record {
	return catalog.Record{
		Role: catalog.Certificate, Zone: a.Zone, Host: a.Host, Name: a.At, Type: "CAA",
		Value: `0 ` + tag + ` "amazon.com"`, TTL: 300,
	}
}

// allowAmazon is the fix that adds a record which lets Amazon issue.
func (a CAASet) allowAmazon(tag string) catalog.Fix {
	f := catalog.Publish(a.record(tag), fmt.Sprintf("keep the existing CAA records at %s and add one more", a.At))
	f.Steps = append(f.Steps, "then request the certificate again: a failed request is not retried")
	return f
}

var caaCodes = []string{"DOMAIN_011", "DOMAIN_023"}

// caaExplains is what follows if Amazon may not issue.
var caaExplains = slices.Concat(links(CertificateAbsent.ID, CDNCertificateFirst.ID), links(waitingCertificate...))

// CAAForbids is caa.forbids.
var CAAForbids = catalog.Declare(catalog.Cause{
	ID: "caa.forbids", Rung: catalog.CertificateRung, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 7,
	Title:     "CAA records forbid the certificate",
	Codes:     caaCodes, Explains: caaExplains,
	Description: "CAA records list the authorities that may issue certificates for a name. The nearest set does not " +
		"include Amazon, whose certificates the platform uses.",
	Detection: "The first non-empty CAA set from the name upwards decides; CNAMEs are followed at each step. It " +
		"names " +
		"none of amazon.com, amazontrust.com, awstrust.com and amazonaws.com.",
	Confused: "certificate.authority-incident: retrying does not help until the set is changed; caa.lookup-fails, " +
		"where no set could be read; caa.from-target, where the set belongs to the target of a CNAME.",
	Refs: []string{"RFC 8659 3", "RFC 8659 4.2", "https://docs.aws.amazon.com/acm/latest/userguide/setup-caa.html"},
}, catalog.Text[CAASet]{
	Summary: func(a CAASet) string {
		return fmt.Sprintf("CAA records at %s forbid the certificate for %s", a.At, a.Domain)
	},
	Why: func(a CAASet) string {
		return fmt.Sprintf("the set at %s is %s, which does not allow Amazon (%s)", a.At, catalog.Join(a.Set),
			catalog.Join(AmazonCAA())) + a.hint()
	},
	Fix: func(a CAASet) catalog.Fix { return a.allowAmazon("issue") },
	Example: CAASet{
		Domain: "shop.example.com", At: "example.com", Zone: "example.com",
		Set: []string{`0 issue "letsencrypt.org"`}, Tag: "issue",
	},
})

// CAAForbidsWildcard is caa.forbids-wildcard.
var CAAForbidsWildcard = catalog.Declare(catalog.Cause{
	ID: "caa.forbids-wildcard", Rung: catalog.CertificateRung, Who: []catalog.Actor{catalog.Tenant},
	Verdict: catalog.Fail, Frequency: 2,
	Title: "CAA records forbid the wildcard certificate",
	Codes: caaCodes, Explains: caaExplains,
	Description: "For a wildcard name, issuewild records take precedence over issue records. The set has issuewild " +
		"records, and none of them names Amazon.",
	Detection: "As for caa.forbids, with the issuewild records of the deciding set.",
	Confused:  "caa.forbids: here the issue records may well allow Amazon.",
	Refs:      []string{"RFC 8659 4.3"},
}, catalog.Text[CAASet]{
	Summary: func(a CAASet) string {
		return fmt.Sprintf("CAA records at %s forbid the wildcard certificate for %s", a.At, a.Domain)
	},
	Why: func(a CAASet) string {
		return fmt.Sprintf("the set at %s is %s; for a wildcard, only its issuewild records count", a.At,
			catalog.Join(a.Set)) + a.hint()
	},
	Fix: func(a CAASet) catalog.Fix { return a.allowAmazon("issuewild") },
	Example: CAASet{
		Domain: "*.example.com", At: "example.com", Zone: "example.com",
		Set: []string{`0 issue "amazon.com"`, `0 issuewild ";"`}, Tag: "issuewild",
	},
})

// CAAFromTargetArgs are the arguments of caa.from-target.
type CAAFromTargetArgs struct {
	Domain string   `json:"domain"`           // the name that needs a certificate
	At     string   `json:"at"`               // the owner name of the set
	Zone   string   `json:"zone,omitempty"`   // the zone of At
	Host   string   `json:"host,omitempty"`   // the DNS host of that zone
	Target string   `json:"target,omitempty"` // the CNAME target
	Set    []string `json:"set,omitempty"`    // the records, as in a zone file
	Tag    string   `json:"tag,omitempty"`    // the property that decides
}

// CAAFromTarget is caa.from-target.
var CAAFromTarget = catalog.Declare(catalog.Cause{
	ID: "caa.from-target", Rung: catalog.CertificateRung, Who: []catalog.Actor{catalog.Tenant, catalog.CDNOperator},
	Verdict: catalog.Fail, Frequency: 2,
	Title: "the CNAME target's CAA records forbid the certificate",
	Codes: caaCodes, Explains: slices.Concat(links(CAAForbids.ID), caaExplains),
	Description: "A CAA lookup follows CNAMEs, so the target's set decides, and CAA records of the domain's parent " +
		"names are ignored.",
	Detection: "The CAA query for the name is answered through its CNAME, with a set that names none of Amazon's " +
		"four " +
		"names.",
	Confused: "caa.forbids: here, changing the CAA records of the domain's parent names has no effect.",
	Refs:     []string{"RFC 8659 3"},
}, catalog.Text[CAAFromTargetArgs]{
	Summary: func(a CAAFromTargetArgs) string {
		return fmt.Sprintf("CAA records at %s, the CNAME target of %s, forbid its certificate", a.At, a.Domain)
	},
	Why: func(a CAAFromTargetArgs) string {
		return fmt.Sprintf("%s is a CNAME to %s, whose CAA set is %s", a.Domain, a.Target, catalog.Join(a.Set))
	},
	Fix: func(a CAAFromTargetArgs) catalog.Fix {
		return catalog.Fix{
			Steps: []string{
				fmt.Sprintf("point %s directly to the platform's target instead of %s", a.Domain, a.Target),
				"or ask the operator of " + a.At + ` to add the CAA record 0 issue "amazon.com"`,
			},
			Commands: []string{catalog.DigResolver(a.Domain, "CAA", "")},
		}
	},
	Example: CAAFromTargetArgs{
		Domain: "shop.example.com", At: "edge.example.net", Zone: "example.net",
		Target: "edge.example.net", Set: []string{`0 issue "digicert.com"`}, Tag: "issue",
	},
})

// CAACriticalUnknown is caa.critical-unknown.
var CAACriticalUnknown = catalog.Declare(catalog.Cause{
	ID: "caa.critical-unknown", Rung: catalog.CertificateRung, Who: []catalog.Actor{catalog.Tenant},
	Verdict: catalog.Fail, Frequency: 1,
	Title: "a critical CAA record with an unknown tag forbids issuance",
	Codes: caaCodes, Explains: slices.Concat(links(CAAForbids.ID, CAAForbidsWildcard.ID), caaExplains),
	Description: "A CAA record with the critical flag (128) and a tag that certificate authorities do not know " +
		"forbids " +
		"them to issue, regardless of the other records in the set.",
	Detection: "The deciding CAA set contains such a record.",
	Confused:  "caa.forbids: here Amazon may well be named in the set.",
	Refs:      []string{"RFC 8659 4.1"},
}, catalog.Text[CAASet]{
	Summary: func(a CAASet) string {
		return fmt.Sprintf("a critical CAA record %q at %s forbids every certificate", a.Tag, a.At)
	},
	Why: func(a CAASet) string { return "the set is " + catalog.Join(a.Set) },
	Fix: func(a CAASet) catalog.Fix {
		f := catalog.Fix{
			Steps: []string{fmt.Sprintf("%s, delete the CAA record with the tag %q at %s, or correct its spelling",
				catalog.Where(catalog.Record{Zone: a.Zone, Host: a.Host}), a.Tag, a.At)},
			Commands: []string{catalog.DigResolver(a.At, "CAA", "")},
		}
		for _, v := range a.Set {
			if fields := strings.Fields(v); len(fields) > 1 && fields[1] == a.Tag {
				r := a.record("")
				r.Value, r.TTL = v, 0
				f.Deletes = append(f.Deletes, r)
			}
		}
		return f
	},
	Example: CAASet{
		Domain: "shop.example.com", At: "example.com", Zone: "example.com",
		Set: []string{`128 isue "amazon.com"`}, Tag: "isue",
	},
})

// CAALookupFailsArgs are the arguments of caa.lookup-fails.
type CAALookupFailsArgs struct {
	Domain  string `json:"domain"`            // the name that needs a certificate
	At      string `json:"at"`                // the name whose lookup fails
	Zone    string `json:"zone,omitempty"`    // the zone of At
	Host    string `json:"host,omitempty"`    // the DNS host of that zone
	Failure string `json:"failure,omitempty"` // how it fails
}

// CAALookupFails is caa.lookup-fails.
var CAALookupFails = catalog.Declare(catalog.Cause{
	ID: "caa.lookup-fails", Rung: catalog.CertificateRung, Who: []catalog.Actor{catalog.DNSHost}, Verdict: catalog.Fail,
	Frequency: 3,
	Title:     "the DNS host does not answer CAA queries",
	Codes:     caaCodes, Explains: caaExplains,
	Description: "A certificate authority must look up CAA records and may not issue while the lookup fails. Old DNS " +
		"software fails for this record type only, so everything else looks healthy.",
	Detection: "The zone's servers answer other queries, but time out, refuse, or answer SERVFAIL or NOTIMP for type " +
		"257 (CAA).",
	Confused: "caa.forbids, where the lookup succeeds and the answer forbids; delegation.unreachable, where no query " +
		"is answered. A zone without CAA records gives a valid answer, which allows every authority.",
	Refs: []string{"RFC 8659 6", "RFC 3597"},
}, catalog.Text[CAALookupFailsArgs]{
	Summary: func(a CAALookupFailsArgs) string {
		return "the servers of " + a.Zone + " fail CAA queries, so no authority may issue"
	},
	Why: func(a CAALookupFailsArgs) string {
		return fmt.Sprintf("the CAA query for %s failed (%s), although the same servers answer other queries", a.At,
			a.Failure)
	},
	Fix: func(a CAALookupFailsArgs) catalog.Fix {
		return catalog.Fix{
			Steps: []string{
				"ask your DNS host to answer queries for type CAA (257), or move the zone to a host that does",
			},
			Commands: []string{catalog.DigResolver(a.At, "CAA", "")},
		}
	},
	Example: CAALookupFailsArgs{
		Domain: "shop.example.com", At: "shop.example.com", Zone: "example.com",
		Failure: "ns1.example.net: SERVFAIL",
	},
})
