package causes

import (
	"fmt"

	"domdoc/catalog"
	"domdoc/catalog/shell"
)

// TTLArgs are the arguments of the causes about times to live, in seconds.
type TTLArgs struct {
	Record catalog.Record `json:"record"`
	TTLs   []uint32       `json:"ttls"`
	Server string         `json:"server,omitempty"`
	Values []string       `json:"values,omitempty"` // the data of the set
}

// set are the records of the set, each with the same TTL.
func (a TTLArgs) set(ttl int) []catalog.Record {
	out := make([]catalog.Record, 0, len(a.Values))
	for _, v := range a.Values {
		r := a.Record
		r.Value, r.TTL = v, ttl
		out = append(out, r)
	}
	return out
}

func (a TTLArgs) seen() string {
	out := make([]string, len(a.TTLs))
	for i, ttl := range a.TTLs {
		out[i] = fmt.Sprintf("%d s", ttl)
	}
	return catalog.Join(out)
}

func legalTTL(ttl uint32) int {
	switch {
	case ttl < 60:
		return 60
	case ttl > 86400:
		return 86400
	}
	return int(ttl)
}

func ttlFix(a TTLArgs) catalog.Fix {
	return catalog.Fix{
		Steps: []string{fmt.Sprintf("%s, set the TTL of %s %s to %d seconds (300 is a good value)",
			catalog.Where(a.Record),
			a.Record.Label(), a.Record.Type, legalTTL(a.TTLs[0]))},
		Records: a.set(legalTTL(a.TTLs[0])),
		Commands: []string{shell.Dig(a.Record.Name, a.Record.Type,
			append([]string{"+norecurse"}, shell.DigAt(orServer(a.Server))...)...)},
	}
}

func orServer(s string) string {
	if s == "" {
		return "AUTHORITATIVE-SERVER"
	}
	return s
}

// RecordTTLOutOfRange is record.ttl-out-of-range.
var RecordTTLOutOfRange = catalog.Declare(catalog.Cause{
	ID: "record.ttl-out-of-range", Rung: catalog.RecordRung, Who: []catalog.Actor{catalog.Tenant},
	Verdict: catalog.Fail, Frequency: 3,
	Title: "the published TTL is outside 60 to 86400 seconds",
	Codes: []string{"DOMAIN_008"},
	Description: "The service accepts records with a time to live from one minute to one day. Shorter ones burden " +
		"every resolver; longer ones keep an error alive for days.",
	Detection: "The TTL is read at the authoritative servers, never from a resolver, where it counts down.",
	Confused: "service.record-ttl-out-of-range, where the service's own record has it; cache.window-too-long, which " +
		"is about what caches already keep.",
	Refs: []string{"RFC 1035 3.2.1", "RFC 2181 8"},
}, catalog.Text[TTLArgs]{
	Summary: func(a TTLArgs) string {
		return fmt.Sprintf("%s %s is published with a TTL of %s; allowed are 60 to 86400", a.Record.Name, a.Record.Type,
			a.seen())
	},
	Why: func(a TTLArgs) string {
		return "the service refuses such a record with DOMAIN_008; the TTL was read at the source (" +
			orServer(a.Server) + ")"
	},
	Fix: ttlFix,
	Example: TTLArgs{
		Record: catalog.Record{Role: catalog.Routing, Zone: "example.com", Name: "shop.example.com", Type: "CNAME"},
		TTLs:   []uint32{30}, Server: "ns1.example.net",
	},
})

// RecordTTLMixed is record.ttl-mixed.
var RecordTTLMixed = catalog.Declare(catalog.Cause{
	ID: "record.ttl-mixed", Rung: catalog.RecordRung, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Warn,
	Frequency: 1,
	Title:     "one set of records has several TTLs",
	NoCode: "resolvers normalise it, so nothing fails; a part of the set may vanish from caches earlier than the " +
		"rest",
	Description: "All records of one name and type must have one time to live. Where they differ, caches may drop a " +
		"part of the set before the rest.",
	Detection: "The TTLs of one answer from one authoritative server are compared.",
	Confused: "record.servers-disagree, where different servers give different times; record.ttl-out-of-range, " +
		"where one time stands for all and the service refuses it.",
	Refs: []string{"RFC 2181 5.2"},
}, catalog.Text[TTLArgs]{
	Summary: func(a TTLArgs) string {
		return fmt.Sprintf("the %s records of %s have several TTLs: %s", a.Record.Type, a.Record.Name, a.seen())
	},
	Why: func(a TTLArgs) string {
		return "one name and type must have one TTL; " + orServer(a.Server) + " serves several"
	},
	Fix: func(a TTLArgs) catalog.Fix {
		return catalog.Fix{
			Steps: []string{fmt.Sprintf("%s, give all %s records of %s the same TTL", catalog.Where(a.Record),
				a.Record.Type,
				a.Record.Label())},
			Records: a.set(legalTTL(a.TTLs[0])),
		}
	},
	Example: TTLArgs{
		Record: catalog.Record{Role: catalog.Routing, Zone: "example.com", Name: "shop.example.com", Type: "A"},
		TTLs:   []uint32{300, 60}, Server: "ns1.example.net",
	},
})
