// Package causes declares every root cause that the checks can report, one file a topic. Each declaration registers
// itself with the catalog.
package causes

import (
	"fmt"

	"domdoc/catalog"
)

// recordCodes is what a fault of a record predicts by what the record is for; once the domain is live, a routing
// fault also fails its health.
var (
	recordCodes = map[catalog.Role][]string{
		catalog.Verification: {"DOMAIN_004"},
		catalog.Routing:      {"DOMAIN_010"},
		catalog.Certificate:  {"DOMAIN_011", "DOMAIN_023"},
		catalog.Configured:   {"DOMAIN_010"},
	}
	recordCodesLive = map[catalog.Role][]string{catalog.Routing: {"DOMAIN_019"}}
)

// recordExplains is what follows when a record is not what it should be: caches of the same name cannot be right, a
// certificate waits for its validation record, and traffic that never reaches the platform meets other certificates
// and pages.
var recordExplains = []catalog.Link{
	{To: "cache.never-converges", Same: true},
	{To: "cache.negative", Same: true},
	{To: "cache.window-too-long", Same: true},
	{To: "certificate.pending", Roles: []catalog.Role{catalog.Certificate}},
	{To: "certificate.failed", Roles: []catalog.Role{catalog.Certificate}},
	{To: "certificate.renewal-blocked", Roles: []catalog.Role{catalog.Certificate}},
	{To: "certificate.default-served", Roles: []catalog.Role{catalog.Routing}},
	{To: "certificate.name-mismatch", Roles: []catalog.Role{catalog.Routing}},
	{To: "certificate.untrusted", Roles: []catalog.Role{catalog.Routing}},
	{To: "certificate.expired", Roles: []catalog.Role{catalog.Routing}},
	{To: "certificate.addresses-differ", Roles: []catalog.Role{catalog.Routing}},
	{To: "certificate.handshake-fails", Roles: []catalog.Role{catalog.Routing}},
	{To: "cdn.not-attached", Roles: []catalog.Role{catalog.Routing}},
	{To: "http.*", Roles: []catalog.Role{catalog.Routing}},
}

// MissingArgs are the arguments of record.missing.
type MissingArgs struct {
	Record  catalog.Record `json:"record"`
	Denial  string         `json:"denial"`  // "NXDOMAIN": the name does not exist; "NODATA": it does, with other types
	Servers int            `json:"servers"` // authoritative servers that said so
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
var RecordMissing = catalog.Declare(catalog.Cause{
	ID: "record.missing", Rung: catalog.RecordRung, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 9,
	Title:     "the record is not published",
	ByRole:    recordCodes, OnceLive: recordCodesLive, Explains: recordExplains,
	Description: "A record that the service needs is not in the domain's zone: every server that is responsible for " +
		"the zone says so. Nothing has to spread, so waiting does not help.",
	Detection: "The authoritative servers, found by following the delegation from the root, answer NXDOMAIN (no such " +
		"name) or NODATA (the name exists, without this type).",
	Confused: "propagation (cache.negative): caches play no part while the servers at the source lack the record. " +
		"Also delegation.wrong-host, where the record exists at a DNS host that nobody asks, and record.name-doubled, " +
		"where it exists under a longer name.",
	Refs: []string{"RFC 2308 2.1", "RFC 2308 2.2"},
}, catalog.Text[MissingArgs]{
	Summary: func(a MissingArgs) string {
		switch {
		case len(a.Beside) > 0:
			return fmt.Sprintf("%s is not among the %s that are there", catalog.Named(a.Record),
				catalog.Plural(len(a.Beside), a.Record.Type+" record"))
		case a.Record.Value != "":
			return catalog.Named(a.Record) + " does not exist"
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
					"there is nothing to spread yet", catalog.Plural(a.Servers, "authoritative server"), a.Record.Zone,
				catalog.Join(catalog.QuoteAll(a.Beside)))
		}
		said := "there is no such name"
		if a.Denial == "NODATA" {
			said = "the name exists, but not with this type"
		}
		s := fmt.Sprintf(
			"%s of the zone %s answered %s (%s); waiting will not help, because there is nothing to spread yet",
			catalog.Plural(a.Servers, "authoritative server"), a.Record.Zone, a.Denial, said)
		if len(a.Present) > 0 {
			s += "; other types at that name: " + catalog.Join(a.Present)
		}
		return s
	},
	Fix: func(a MissingArgs) catalog.Fix {
		if a.Record.Value == "" { // nobody said what should be there
			return catalog.Fix{
				Steps: []string{"is the name spelled right? if it is, publish the records that the service shows for " +
					"it, " + catalog.Where(a.Record), "to have them compared: domdoc check " + a.Record.Name +
					" --expect 'CNAME " +
					a.Record.Name + "=TARGET'"},
				Commands: []string{catalog.DigResolver(a.Record.Name, a.Record.Type, "")},
			}
		}
		if a.DNAME != "" {
			to := a.Record
			to.Name = a.Target
			return catalog.Publish(to)
		}
		f := catalog.Publish(a.Record)
		if len(a.Beside) > 0 {
			f.Steps = append(f.Steps, catalog.DoNotChange(a.Record))
		}
		return f
	},
	Example: MissingArgs{
		Record: catalog.Record{
			Role: catalog.Verification, Zone: "example.com", Name: "_verify.shop.example.com", Type: "TXT",
			Value: "tok-1",
		},
		Denial: "NXDOMAIN", Servers: 2,
	},
})
