package causes

import (
	"fmt"

	"domdoc/catalog"
)

// HeldRecord is a record in the service: the arguments of the service.record-* causes, some with one more.
type HeldRecord struct {
	Record catalog.Record `json:"record"`
	ID     string         `json:"id,omitempty"` // the record's ID; empty if it is only proposed
}

func (a HeldRecord) which() string {
	s := a.Record.Name + " " + a.Record.Type
	if a.ID != "" {
		s += " (record " + a.ID + ")"
	}
	return s
}

var refusedCode = []string{"DOMAIN_008"}

// ServiceRecordTTLOutOfRange is service.record-ttl-out-of-range.
var ServiceRecordTTLOutOfRange = catalog.Declare(catalog.Cause{
	ID: "service.record-ttl-out-of-range", Rung: catalog.Service, Who: []catalog.Actor{catalog.Tenant},
	Verdict: catalog.Fail, Frequency: 4,
	Title: "a record's TTL in the service is not 60 to 86400 seconds",
	Codes: refusedCode, Explains: sameName(RecordTTLOutOfRange.ID),
	Description: "The service accepts records with a TTL from 60 to 86400 seconds (a minute to a day).",
	Detection:   "The records in the service, and those proposed with --expect, are checked by the service's own rule.",
	Confused:    "record.ttl-out-of-range, where the zone's authoritative servers publish such a TTL.",
	Refs:        []string{"RFC 2181 8"},
}, catalog.Text[HeldRecord]{
	Summary: func(a HeldRecord) string {
		return fmt.Sprintf("%s has a TTL of %d; the allowed range is 60 to 86400 seconds", a.which(), a.Record.TTL)
	},
	Why: func(HeldRecord) string {
		return "the service rejects the whole change with DOMAIN_008 because of such a record"
	},
	Fix: func(a HeldRecord) catalog.Fix {
		r := a.Record
		r.TTL = legalTTL(uint32(max(0, a.Record.TTL)))
		return catalog.Fix{
			Steps: []string{fmt.Sprintf("set the record's TTL to %d in the service", r.TTL)}, Records: []catalog.Record{r},
		}
	},
	Example: HeldRecord{Record: catalog.Record{
		Role: catalog.Configured, Zone: "example.com", Name: "mail.example.com", Type: "A",
		Value: "203.0.113.7", TTL: 30,
	}, ID: "r-3"},
})

// ServiceRecordCNAMECoexistsArgs are the arguments of service.record-cname-coexists.
type ServiceRecordCNAMECoexistsArgs struct {
	HeldRecord
	Types []string `json:"types,omitempty"` // the other types at the name
}

// ServiceRecordCNAMECoexists is service.record-cname-coexists.
var ServiceRecordCNAMECoexists = catalog.Declare(catalog.Cause{
	ID: "service.record-cname-coexists", Rung: catalog.Service, Who: []catalog.Actor{catalog.Tenant},
	Verdict: catalog.Fail, Frequency: 5,
	Title: "a CNAME in the service shares its name with other records",
	Codes: refusedCode, Explains: sameName(RecordCNAMECoexists.ID),
	Description: "Among the records in the service, a CNAME and a record of another type have the same name. DNS " +
		"does " +
		"not allow that, and the service rejects it.",
	Detection: "The existing and proposed records are compared by name, ignoring case, final dots and @.",
	Confused: "record.cname-coexists, where the zone's authoritative servers return both; " +
		"service.record-cname-at-apex, where the other records are the zone's own SOA and NS.",
	Refs: []string{"RFC 1034 3.6.2", "RFC 2181 10.1"},
}, catalog.Text[ServiceRecordCNAMECoexistsArgs]{
	Summary: func(a ServiceRecordCNAMECoexistsArgs) string {
		return fmt.Sprintf("%s shares its name with %s", a.which(), catalog.Join(a.Types))
	},
	Why: func(ServiceRecordCNAMECoexistsArgs) string {
		return "a name with a CNAME must not have other records; the service rejects the change with DOMAIN_008"
	},
	Fix: func(a ServiceRecordCNAMECoexistsArgs) catalog.Fix {
		return catalog.Steps(fmt.Sprintf("delete either the CNAME or the %s at %s in the service", catalog.Join(a.Types),
			a.Record.Name))
	},
	Example: ServiceRecordCNAMECoexistsArgs{
		HeldRecord: HeldRecord{Record: exampleRouting, ID: "r-1"}, Types: []string{"TXT"},
	},
})

// ServiceRecordCNAMEAtApex is service.record-cname-at-apex.
var ServiceRecordCNAMEAtApex = catalog.Declare(catalog.Cause{
	ID: "service.record-cname-at-apex", Rung: catalog.Service, Who: []catalog.Actor{catalog.Tenant},
	Verdict: catalog.Fail, Frequency: 4,
	Title: "a CNAME in the service is at the zone apex",
	Codes: refusedCode,
	Explains: append(sameName(ServiceRecordCNAMECoexists.ID, RecordCNAMEAtApex.ID, RecordWrongType.ID), catalog.Link{
		To: RecordMissing.ID, Roles: []catalog.Role{catalog.Routing, catalog.Configured}, Same: true,
	}),
	Description: "The zone apex always has SOA and NS records, so it cannot have a CNAME.",
	Detection:   "The record's name is the zone apex, according to the zone's servers.",
	Confused: "record.cname-at-apex, where such a CNAME is already published; service.record-cname-coexists, where " +
		"the " +
		"name is not the zone apex.",
	Refs: []string{"RFC 1034 3.6.2", "RFC 2181 10.1"},
}, catalog.Text[HeldRecord]{
	Summary: func(a HeldRecord) string { return a.which() + " is a CNAME at the zone apex" },
	Why: func(a HeldRecord) string {
		return fmt.Sprintf("%s is the zone apex; its SOA and NS records do not allow a CNAME there", a.Record.Name)
	},
	Fix: func(a HeldRecord) catalog.Fix {
		return catalog.Steps("use an ALIAS, ANAME or flattened record to "+a.Record.Value+" at the DNS host",
			"or attach www."+a.Record.Name+" and redirect the bare name to it")
	},
	Example: HeldRecord{Record: catalog.Record{
		Role: catalog.Routing, Zone: "example.com", Name: "example.com", Type: "CNAME",
		Value: "d111111abcdef8.cloudfront.net",
	}, ID: "r-1"},
})

// ServiceRecordDuplicateArgs are the arguments of service.record-duplicate.
type ServiceRecordDuplicateArgs struct {
	HeldRecord
	Detail string `json:"detail,omitempty"` // the two records
}

// ServiceRecordDuplicate is service.record-duplicate.
var ServiceRecordDuplicate = catalog.Declare(catalog.Cause{
	ID: "service.record-duplicate", Rung: catalog.Service, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 3,
	Title:     "a record is in the service twice",
	Codes:     refusedCode,
	Description: "The service has the same record twice, or two CNAMEs at one name. A record set cannot contain " +
		"duplicates, and a name can have only one CNAME.",
	Detection: "The existing and proposed records are compared by name, type and value.",
	Confused:  "service.record-cname-coexists, where the two records have different types.",
	Refs:      []string{"RFC 2181 5", "RFC 1034 3.6.2"},
}, catalog.Text[ServiceRecordDuplicateArgs]{
	Summary: func(a ServiceRecordDuplicateArgs) string { return a.which() + " is in the service twice" },
	Why:     func(a ServiceRecordDuplicateArgs) string { return a.Detail },
	Fix: func(ServiceRecordDuplicateArgs) catalog.Fix {
		return catalog.Steps("delete one of the two in the service")
	},
	Example: ServiceRecordDuplicateArgs{
		HeldRecord: HeldRecord{Record: catalog.Record{
			Role: catalog.Configured, Zone: "example.com", Name: "www.example.com", Type: "CNAME",
			Value: "shop.example.com",
		}, ID: "r-5"},
		Detail: "records r-4 and r-5 have the same name, type and value",
	},
})

// ServiceRecordInvalidArgs are the arguments of service.record-invalid.
type ServiceRecordInvalidArgs struct {
	HeldRecord
	Detail string `json:"detail,omitempty"` // what is wrong with the value
}

// ServiceRecordInvalid is service.record-invalid.
var ServiceRecordInvalid = catalog.Declare(catalog.Cause{
	ID: "service.record-invalid", Rung: catalog.Service, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 3,
	Title:     "a record's value in the service does not fit its type",
	Codes:     []string{"DOMAIN_005", "DOMAIN_008"},
	Description: "The value is not valid for the record type: an A record needs an IPv4 address, a CNAME a bare host " +
		"name.",
	Detection: "The existing and proposed records are parsed as DNS records.",
	Confused: "record.value-differs, where a valid but different value is published; service.status-forbids-update, " +
		"where no change is accepted.",
	Refs: []string{"RFC 1035 3.3", "RFC 3596 2.2"},
}, catalog.Text[ServiceRecordInvalidArgs]{
	Summary: func(a ServiceRecordInvalidArgs) string {
		return fmt.Sprintf("the value of %s is not valid: %s", a.which(), a.Detail)
	},
	Why: func(a ServiceRecordInvalidArgs) string { return "the value is " + catalog.Quote(a.Record.Value) },
	Fix: func(a ServiceRecordInvalidArgs) catalog.Fix {
		return catalog.Steps("correct the record's value in the service: " + a.Detail)
	},
	Example: ServiceRecordInvalidArgs{
		HeldRecord: HeldRecord{Record: catalog.Record{
			Role: catalog.Configured, Zone: "example.com", Name: "mail.example.com", Type: "A",
			Value: "mail.example.net",
		}, ID: "r-3"},
		Detail: "an A record takes an IPv4 address",
	},
})

// UnknownID is an ID that the service does not have: the arguments of service.record-unknown and
// service.route-unknown.
type UnknownID struct {
	ID      string   `json:"id"`
	Domain  string   `json:"domain,omitempty"`
	Current []string `json:"current,omitempty"` // the current entries of the list
}

// ServiceRecordUnknown is service.record-unknown.
var ServiceRecordUnknown = catalog.Declare(catalog.Cause{
	ID: "service.record-unknown", Rung: catalog.Service, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 5,
	Title:     "the service has no record with that ID",
	Codes:     []string{"DOMAIN_009"},
	Description: "The ID comes from an outdated list, belongs to another domain, or the record was deleted and " +
		"recreated with a new ID. This code does not depend on public DNS.",
	Detection: "The domain's list of records was read, and the ID from the reported error is not in it.",
	Confused: "record.missing, which is about public DNS: the record may well be published; " +
		"service.domain-not-found, " +
		"where the domain itself does not exist.",
	Refs: []string{"Domains Service, error code DOMAIN_009", "Domains Service API, GET /domains/v1/{id}/dns"},
}, catalog.Text[UnknownID]{
	Summary: func(a UnknownID) string {
		if a.ID == "" {
			return "the service has no such DNS record for " + a.Domain
		}
		return fmt.Sprintf("the service has no DNS record %s for %s", a.ID, a.Domain)
	},
	Why: func(a UnknownID) string {
		return "the list contains " + catalog.Join(a.Current) +
			"; the ID comes from an outdated list, another domain, or a record that was recreated"
	},
	Fix: func(UnknownID) catalog.Fix {
		return catalog.Steps("read the list again (GET /domains/v1/:id/dns) and use an ID from it")
	},
	Example: UnknownID{
		ID: "r-99", Domain: "shop.example.com",
		Current: []string{"r-1 shop.example.com CNAME", "r-2 _verify.shop.example.com TXT"},
	},
})
