package catalog

import "fmt"

// recordCodes is what a fault of a record predicts by what the record is for; once the domain is live, a routing
// fault also fails its health.
var (
	recordCodes = map[Role][]string{
		Verification: {"DOMAIN_004"},
		Routing:      {"DOMAIN_010"},
		Certificate:  {"DOMAIN_011", "DOMAIN_023"},
		Configured:   {"DOMAIN_010"},
	}
	recordCodesLive = map[Role][]string{Routing: {"DOMAIN_019"}}
)

// recordExplains is what follows when a record is not what it should be: caches of the same name cannot be right, a
// certificate waits for its validation record, and traffic that never reaches the platform meets other certificates
// and pages.
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
	// DNAME is the name above whose DNAME record sends the record's name to Target, so that what stands at the name
	// itself is never seen.
	DNAME  string `json:"dname,omitempty"`
	Target string `json:"target,omitempty"`
}

// RecordMissing is record.missing.
var RecordMissing = Declare(Cause{
	ID: "record.missing", Rung: RecordRung, Who: []Actor{Tenant}, Verdict: Fail, Frequency: 9,
	Title:  "the record is not published",
	ByRole: recordCodes, OnceLive: recordCodesLive, Explains: recordExplains,
	Description: "A record that the service needs is not in the domain's zone: every server that is responsible for " +
		"the zone says so. Nothing has to spread, so waiting does not help.",
	Detection: "The authoritative servers, found by following the delegation from the root, answer NXDOMAIN (no such " +
		"name) or NODATA (the name exists, without this type).",
	Confused: "propagation (cache.negative): caches play no part while the servers at the source lack the record. " +
		"Also delegation.wrong-host, where the record exists at a DNS host that nobody asks, and record.name-doubled, " +
		"where it exists under a longer name.",
	Refs: []string{"RFC 2308 2.1", "RFC 2308 2.2"},
}, Text[MissingArgs]{
	Summary: func(a MissingArgs) string {
		switch {
		case len(a.Beside) > 0:
			return fmt.Sprintf("%s is not among the %s that are there", the(a.Record),
				plural(len(a.Beside), a.Record.Type+" record"))
		case a.Record.Value != "":
			return the(a.Record) + " does not exist"
		case a.Denial == "NXDOMAIN":
			return a.Record.Name + " does not exist in the DNS"
		}
		return a.Record.Name + " has no address: it leads nowhere"
	},
	Why: func(a MissingArgs) string {
		if a.DNAME != "" {
			return fmt.Sprintf(
				"a DNAME record at %s sends every name below it elsewhere, this one to %s, where the record is not "+
					"either; what stands at the name itself is never seen", a.DNAME, a.Target)
		}
		if len(a.Beside) > 0 {
			return fmt.Sprintf(
				"%s of the zone %s answered, and none of the values is the wanted one: %s; waiting will not help, because "+
					"there is nothing to spread yet", plural(a.Servers, "authoritative server"), a.Record.Zone,
				list(quotedAll(a.Beside)))
		}
		said := "there is no such name"
		if a.Denial == "NODATA" {
			said = "the name exists, but not with this type"
		}
		s := fmt.Sprintf(
			"%s of the zone %s answered %s (%s); waiting will not help, because there is nothing to spread yet",
			plural(a.Servers, "authoritative server"), a.Record.Zone, a.Denial, said)
		if len(a.Present) > 0 {
			s += "; other types at that name: " + list(a.Present)
		}
		return s
	},
	Fix: func(a MissingArgs) Fix {
		if a.Record.Value == "" { // nobody said what should be there
			return Fix{
				Steps: []string{"is the name spelled right? if it is, publish the records that the service shows for " +
					"it, " + at(a.Record), "to have them compared: domdoc check " + a.Record.Name + " --expect 'CNAME " +
					a.Record.Name + "=TARGET'"},
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
		Record: Record{
			Role: Verification, Zone: "example.com", Name: "_verify.shop.example.com", Type: "TXT",
			Value: "tok-1",
		},
		Denial: "NXDOMAIN", Servers: 2,
	},
})
