package causes

import (
	"fmt"

	"domdoc/catalog"
)

// HeldArgs are the arguments of the causes about records that the service holds.
type HeldArgs struct {
	Record catalog.Record `json:"record"`
	ID     string         `json:"id,omitempty"`     // the record's id in the service
	Types  []string       `json:"types,omitempty"`  // other types at the name
	Detail string         `json:"detail,omitempty"` // what is wrong with the value
}

func (a HeldArgs) which() string {
	s := a.Record.Name + " " + a.Record.Type
	if a.ID != "" {
		s += " (record " + a.ID + ")"
	}
	return s
}

var exampleHeld = HeldArgs{Record: catalog.Record{
	Role: catalog.Configured, Zone: "example.com", Name: "mail.example.com", Type: "A",
	Value: "203.0.113.7", TTL: 30,
}, ID: "r-3"}

// ServiceRecordTTLOutOfRange is service.record-ttl-out-of-range.
var ServiceRecordTTLOutOfRange = catalog.Declare(catalog.Cause{
	ID: "service.record-ttl-out-of-range", Rung: catalog.Service, Who: []catalog.Actor{catalog.Tenant},
	Verdict: catalog.Fail, Frequency: 4,
	Title: "a held record's TTL is outside 60 to 86400 seconds",
	Codes: []string{"DOMAIN_008"}, Explains: []catalog.Link{{To: "record.ttl-out-of-range", Same: true}},
	Description: "The service accepts records with a time to live from 60 to 86400 seconds (a minute to a day).",
	Detection: "The records that the service holds, or that are proposed with --expect, are checked by the service's " +
		"own rule.",
	Confused: "record.ttl-out-of-range, where the zone's own servers publish such a TTL.",
	Refs:     []string{"RFC 2181 8"},
}, catalog.Text[HeldArgs]{
	Summary: func(a HeldArgs) string {
		return fmt.Sprintf("%s has a TTL of %d; allowed are 60 to 86400 seconds", a.which(), a.Record.TTL)
	},
	Why: func(HeldArgs) string {
		return "the service refuses such a record, and with it the whole change, with DOMAIN_008"
	},
	Fix: func(a HeldArgs) catalog.Fix {
		r := a.Record
		r.TTL = legalTTL(uint32(max(0, a.Record.TTL)))
		return catalog.Fix{
			Steps:   []string{fmt.Sprintf("set the record's TTL to %d in the service", r.TTL)},
			Records: []catalog.Record{r},
		}
	},
	Example: exampleHeld,
})

// ServiceRecordCNAMECoexists is service.record-cname-coexists.
var ServiceRecordCNAMECoexists = catalog.Declare(catalog.Cause{
	ID: "service.record-cname-coexists", Rung: catalog.Service, Who: []catalog.Actor{catalog.Tenant},
	Verdict: catalog.Fail, Frequency: 5,
	Title: "a held CNAME shares its name with other records",
	Codes: []string{"DOMAIN_008"}, Explains: []catalog.Link{{To: "record.cname-coexists", Same: true}},
	Description: "Among the records that the service holds, a CNAME and another type have the same name. DNS forbids " +
		"it and the service refuses it.",
	Detection: "The held and proposed records are compared by name, without regard to case, final dots or @.",
	Confused: "record.cname-coexists, where the zone's own servers answer with both; service.record-cname-at-apex, " +
		"where the other records are the zone's own SOA and NS.",
	Refs: []string{"RFC 1034 3.6.2", "RFC 2181 10.1"},
}, catalog.Text[HeldArgs]{
	Summary: func(a HeldArgs) string {
		return fmt.Sprintf("the CNAME %s shares its name with %s", a.which(), catalog.Join(a.Types))
	},
	Why: func(HeldArgs) string {
		return "a name with a CNAME may hold nothing else; the service refuses the change with DOMAIN_008"
	},
	Fix: func(a HeldArgs) catalog.Fix {
		return catalog.Steps(fmt.Sprintf("delete either the CNAME or the %s at %s in the service", catalog.Join(a.Types),
			a.Record.Name))
	},
	Example: HeldArgs{Record: catalog.Record{
		Role: catalog.Routing, Zone: "example.com", Name: "shop.example.com", Type: "CNAME",
		Value: "d111111abcdef8.cloudfront.net",
	}, ID: "r-1", Types: []string{"TXT"}},
})

// ServiceRecordCNAMEAtApex is service.record-cname-at-apex.
var ServiceRecordCNAMEAtApex = catalog.Declare(catalog.Cause{
	ID: "service.record-cname-at-apex", Rung: catalog.Service, Who: []catalog.Actor{catalog.Tenant},
	Verdict: catalog.Fail, Frequency: 4,
	Title: "a held CNAME is for the zone's own name",
	Codes: []string{"DOMAIN_008"}, Explains: []catalog.Link{
		{To: "service.record-cname-coexists", Same: true},
		{To: "record.cname-at-apex", Same: true},
		{To: "record.missing", Roles: []catalog.Role{catalog.Routing, catalog.Configured}, Same: true},
		{To: "record.wrong-type", Same: true},
	},
	Description: "The zone's own name always carries SOA and NS records, so it can have no CNAME.",
	Detection:   "The record's name is where the zone begins, as its servers say.",
	Confused: "record.cname-at-apex, where such a CNAME is already published; service.record-cname-coexists, where " +
		"the name is not the zone's own.",
	Refs: []string{"RFC 1034 3.6.2", "RFC 2181 10.1"},
}, catalog.Text[HeldArgs]{
	Summary: func(a HeldArgs) string { return a.which() + " is a CNAME at the zone's own name" },
	Why: func(a HeldArgs) string {
		return fmt.Sprintf("%s is where the zone begins; its SOA and NS records forbid a CNAME there", a.Record.Name)
	},
	Fix: func(a HeldArgs) catalog.Fix {
		return catalog.Steps("use an ALIAS, ANAME or flattened record to "+a.Record.Value+" at the DNS host",
			"or attach www."+a.Record.Name+" and redirect the bare name to it")
	},
	Example: HeldArgs{Record: catalog.Record{
		Role: catalog.Routing, Zone: "example.com", Name: "example.com", Type: "CNAME",
		Value: "d111111abcdef8.cloudfront.net",
	}, ID: "r-1"},
})

// ServiceRecordDuplicate is service.record-duplicate.
var ServiceRecordDuplicate = catalog.Declare(catalog.Cause{
	ID: "service.record-duplicate", Rung: catalog.Service, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 3,
	Title:     "a record is held twice",
	Codes:     []string{"DOMAIN_008"},
	Description: "The service holds the same record twice, or two CNAMEs at one name. A set of records is a set: " +
		"nothing stands in it twice, and a CNAME stands alone.",
	Detection: "The held and proposed records are compared by name, type and value.",
	Confused:  "service.record-cname-coexists, where the two records are of different types.",
	Refs:      []string{"RFC 2181 5", "RFC 1034 3.6.2"},
}, catalog.Text[HeldArgs]{
	Summary: func(a HeldArgs) string { return a.which() + " is held twice" },
	Why:     func(a HeldArgs) string { return a.Detail },
	Fix:     func(a HeldArgs) catalog.Fix { return catalog.Steps("delete one of the two in the service") },
	Example: HeldArgs{Record: catalog.Record{
		Role: catalog.Configured, Zone: "example.com", Name: "www.example.com", Type: "CNAME",
		Value: "shop.example.com",
	}, ID: "r-5", Detail: "records r-4 and r-5 have the same name, type and value"},
})

// ServiceRecordInvalid is service.record-invalid.
var ServiceRecordInvalid = catalog.Declare(catalog.Cause{
	ID: "service.record-invalid", Rung: catalog.Service, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 3,
	Title:     "a held record's value does not fit its type",
	Codes:     []string{"DOMAIN_005", "DOMAIN_008"},
	Description: "The value cannot be what the type asks for: an A record needs an IPv4 address, a CNAME a bare host " +
		"name.",
	Detection: "The held and proposed records are parsed as the DNS would.",
	Confused: "record.value-differs, where a well-formed value is published and it is another one; " +
		"service.status-forbids-update, where no change is taken at all.",
	Refs: []string{"RFC 1035 3.3", "RFC 3596 2.2"},
}, catalog.Text[HeldArgs]{
	Summary: func(a HeldArgs) string { return fmt.Sprintf("the value of %s is not valid: %s", a.which(), a.Detail) },
	Why:     func(a HeldArgs) string { return "the value is " + catalog.Quote(a.Record.Value) },
	Fix: func(a HeldArgs) catalog.Fix {
		return catalog.Steps("correct the record's value in the service: " + a.Detail)
	},
	Example: HeldArgs{Record: catalog.Record{
		Role: catalog.Configured, Zone: "example.com", Name: "mail.example.com", Type: "A",
		Value: "mail.example.net",
	}, ID: "r-3", Detail: "an A record takes an IPv4 address"},
})

// ThingArgs are the arguments of the causes about ids that the service does not hold.
type ThingArgs struct {
	ID      string   `json:"id"`
	Domain  string   `json:"domain,omitempty"`
	Current []string `json:"current,omitempty"` // what the list holds now
	Detail  string   `json:"detail,omitempty"`
}

// ServiceRecordUnknown is service.record-unknown.
var ServiceRecordUnknown = catalog.Declare(catalog.Cause{
	ID: "service.record-unknown", Rung: catalog.Service, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 5,
	Title:     "the service holds no record with that id",
	Codes:     []string{"DOMAIN_009"},
	Description: "The id comes from an older list, belongs to another domain, or the record was deleted and made " +
		"again " +
		"with a new id. Public DNS plays no part in this code.",
	Detection: "The domain's list of records was read, and the id from the reported error is not in it.",
	Confused: "record.missing, which is about public DNS: the record may well be published; " +
		"service.domain-not-found, where the whole domain is unknown.",
	Refs: []string{"Domains Service, error code DOMAIN_009", "Domains Service API, GET /domains/v1/{id}/dns"},
}, catalog.Text[ThingArgs]{
	Summary: func(a ThingArgs) string {
		if a.ID == "" {
			return "the service holds no such DNS record for " + a.Domain
		}
		return fmt.Sprintf("the service holds no DNS record %s for %s", a.ID, a.Domain)
	},
	Why: func(a ThingArgs) string {
		return "the list holds " + catalog.Join(a.Current) +
			"; the id is from an older list, another domain, or a record that was made again"
	},
	Fix: func(a ThingArgs) catalog.Fix {
		return catalog.Steps("read the list again (GET /domains/v1/:id/dns) and use the id that it shows now")
	},
	Example: ThingArgs{
		ID: "r-99", Domain: "shop.example.com",
		Current: []string{"r-1 shop.example.com CNAME", "r-2 _verify.shop.example.com TXT"},
	},
})
