package causes

import (
	"fmt"
	"slices"
	"strings"

	"domdoc/catalog"
)

// The codes that a faulty record predicts by its role. Once the domain is live, a routing fault also fails the health
// check.
var (
	recordCodes = map[catalog.Role][]string{
		catalog.Verification: {"DOMAIN_004"},
		catalog.Routing:      {"DOMAIN_010"},
		catalog.Certificate:  {"DOMAIN_011", "DOMAIN_023"},
		catalog.Configured:   {"DOMAIN_010"},
	}
	recordCodesLive = map[catalog.Role][]string{catalog.Routing: {"DOMAIN_019"}}
)

// recordExplains is what follows from a faulty record: resolvers cannot return the expected value, a certificate
// waits for its validation record, and traffic that does not reach the platform meets other certificates and pages.
var recordExplains = slices.Concat(
	sameName(CacheNeverConverges.ID, CacheNegative.ID, CacheWindowTooLong.ID),
	ofRole(catalog.Certificate, waitingCertificate...),
	ofRole(catalog.Routing, CertificateDefaultServed.ID, CertificateNameMismatch.ID, CertificateUntrusted.ID,
		CertificateExpired.ID, CertificateNotDeployed.ID, CertificateAddressesDiffer.ID, CertificateHandshakeFails.ID,
		CDNNotAttached.ID, "http.*"),
)

// exampleVerification and exampleRouting are the records in the examples.
var (
	exampleVerification = catalog.Record{
		Role: catalog.Verification, Zone: "example.com", Name: "_verify.shop.example.com", Type: "TXT", Value: "tok-1",
	}
	exampleRouting = catalog.Record{
		Role: catalog.Routing, Zone: "example.com", Name: "shop.example.com", Type: "CNAME",
		Value: "d111111abcdef8.cloudfront.net",
	}
)

// RecordMissingArgs are the arguments of record.missing.
type RecordMissingArgs struct {
	Record catalog.Record `json:"record"`
	// NXDOMAIN (no such name) or NODATA (the name has other types only)
	Denial  string   `json:"denial"`
	Servers int      `json:"servers"`           // the number of authoritative servers with that answer
	Present []string `json:"present,omitempty"` // other types at the name, if the server listed them
	Beside  []string `json:"beside,omitempty"`  // values of unrelated records with this name and type
	// DNAME is the parent name with a DNAME record that redirects the name to Target, which hides records at the name
	// itself.
	DNAME  string `json:"dname,omitempty"`
	Target string `json:"target,omitempty"`
	// NS are the servers that the zone is delegated to, if its host may have another zone of that name.
	NS []string `json:"ns,omitempty"`
	// Unseen are the reasons why the DNS host's panel may show the record although it is not visible.
	Unseen []catalog.Unseen `json:"unseen,omitempty"`
	Chain  []string         `json:"chain,omitempty"` // the names of an endless chain of CNAMEs
}

// flattened reports whether the answers show that the DNS host flattens the record.
func (a RecordMissingArgs) flattened() bool {
	return slices.ContainsFunc(a.Unseen, func(u catalog.Unseen) bool {
		return u.ID == catalog.UnseenFlattened && (u.Whole || u.Likely)
	})
}

// RecordMissing is record.missing.
var RecordMissing = catalog.Declare(catalog.Cause{
	ID: "record.missing", Rung: catalog.RecordRung, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 9,
	Title:     "the record is not published",
	ByRole:    recordCodes, OnceLive: recordCodesLive, Explains: recordExplains,
	Description: "A record that the service needs is not in the domain's zone: every authoritative server says so. " +
		"There is nothing to propagate, so waiting does not help.",
	Detection: "The authoritative servers, found by following the delegation from the root, answer NXDOMAIN (no such " +
		"name) or NODATA (no record of this type).",
	Confused: "propagation (cache.negative): caches are irrelevant while the authoritative servers do not have the " +
		"record; delegation.wrong-host, where the record exists at a DNS host that is not in use; record.name-doubled, " +
		"where it exists under a longer name.",
	Refs: []string{
		"RFC 2308 2.1", "RFC 2308 2.2", "https://developers.cloudflare.com/dns/cname-flattening/",
		"https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/hosted-zone-private-considerations.html",
	},
}, catalog.Text[RecordMissingArgs]{
	Summary: func(a RecordMissingArgs) string {
		switch {
		case a.flattened():
			return fmt.Sprintf("%s is not visible: %s flattens CNAME records", catalog.Named(a.Record), a.Record.Host)
		case len(a.Beside) > 0:
			return fmt.Sprintf("%s does not exist; the name has %s", catalog.Named(a.Record),
				catalog.Plural(len(a.Beside), "other "+a.Record.Type+" record"))
		case a.Record.Value != "":
			return catalog.Named(a.Record) + " does not exist"
		case a.Denial == "NXDOMAIN":
			return a.Record.Name + " does not exist in DNS"
		}
		return a.Record.Name + " has no address"
	},
	Why: func(a RecordMissingArgs) string {
		if a.DNAME != "" {
			return fmt.Sprintf("a DNAME record at %s redirects every name below it, this one to %s, where the record does "+
				"not exist either; records at the name itself are not visible", a.DNAME, a.Target)
		}
		servers := fmt.Sprintf("%s of the zone %s answered", catalog.Plural(a.Servers, "authoritative server"),
			a.Record.Zone)
		const nothing = "waiting does not help, because there is nothing to propagate"
		if len(a.Beside) > 0 {
			return fmt.Sprintf("%s with other values only: %s; %s", servers, catalog.Join(catalog.QuoteAll(a.Beside)),
				nothing)
		}
		meaning := "no such name"
		switch a.Denial {
		case "NODATA":
			meaning = "the name exists, but has no record of this type"
		case "SERVFAIL":
			meaning = "its CNAME chain never ends: " + strings.Join(a.Chain, " -> ")
		}
		s := fmt.Sprintf("%s %s (%s); %s", servers, a.Denial, meaning, nothing)
		if a.flattened() {
			s = fmt.Sprintf("%s %s (%s)", servers, a.Denial, meaning)
		}
		if len(a.Present) > 0 {
			s += "; other types at that name: " + catalog.Join(a.Present)
		}
		for _, u := range a.Unseen {
			if why := u.Why(a.Record); why != "" {
				s += "; " + why
			}
		}
		return s
	},
	Fix: func(a RecordMissingArgs) catalog.Fix {
		if a.Record.Value == "" { // the expected value is unknown
			return catalog.Fix{
				Steps: []string{
					"check the spelling of the name; if it is right, publish the records that the service lists for it, " +
						catalog.Where(a.Record),
					"to compare them with DNS: domdoc check " + a.Record.Name + " --expect 'CNAME " + a.Record.Name +
						"=TARGET'",
				},
				Commands: []string{catalog.DigResolver(a.Record.Name, a.Record.Type, "")},
			}
		}
		if a.DNAME != "" {
			to := a.Record
			to.Name = a.Target
			return catalog.Publish(to)
		}
		f := catalog.PublishUnseen(a.Record, a.Unseen)
		if len(a.Chain) > 1 {
			loop := a.Record
			loop.Type, loop.Value = "CNAME", a.Chain[1]
			f.Steps = append([]string{fmt.Sprintf("%s, delete the CNAME record %s", catalog.Where(loop), loop.Label())},
				f.Steps...)
			f.Deletes = append(f.Deletes, loop)
		}
		if len(a.Beside) > 0 && len(f.Records) > 0 {
			f.Steps = append(f.Steps, catalog.DoNotChange(a.Record))
		}
		return f
	},
	Example: RecordMissingArgs{Record: exampleVerification, Denial: "NXDOMAIN", Servers: 2},
})
