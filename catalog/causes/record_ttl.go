package causes

import (
	"fmt"

	"domdoc/catalog"
	"domdoc/catalog/hosts"
	"domdoc/catalog/shell"
)

// PublishedTTL is the TTL of a record set at an authoritative server, in seconds: the arguments of
// record.ttl-out-of-range and record.ttl-mixed.
type PublishedTTL struct {
	Record catalog.Record `json:"record"`
	TTLs   []uint32       `json:"ttls"`
	Server string         `json:"server,omitempty"`
	Values []string       `json:"values,omitempty"` // the data of the set
}

// records returns the records of the set with one TTL.
func (a PublishedTTL) records(ttl int) []catalog.Record {
	out := make([]catalog.Record, 0, len(a.Values))
	for _, v := range a.Values {
		r := a.Record
		r.Value, r.TTL = v, ttl
		out = append(out, r)
	}
	return out
}

func (a PublishedTTL) list() string {
	out := make([]string, len(a.TTLs))
	for i, ttl := range a.TTLs {
		out[i] = fmt.Sprintf("%d s", ttl)
	}
	return catalog.Join(out)
}

// server returns the server, or a placeholder if it is unknown.
func (a PublishedTTL) server() string {
	if a.Server == "" {
		return "AUTHORITATIVE-SERVER"
	}
	return a.Server
}

// legalTTL returns the TTL nearest to ttl that the service accepts.
func legalTTL(ttl uint32) int { return int(min(max(ttl, 60), 86400)) }

// legalTTL returns the TTL nearest to the published one that the service and the DNS host's panel accept.
func (a PublishedTTL) legalTTL() int { return hosts.PanelOf(a.Record.Host).TTL(legalTTL(a.TTLs[0])) }

// goodTTL suggests a TTL that the DNS host's panel accepts.
func (a PublishedTTL) goodTTL() string {
	return fmt.Sprintf("%d is a good value", hosts.PanelOf(a.Record.Host).TTL(300))
}

// RecordTTLOutOfRange is record.ttl-out-of-range.
var RecordTTLOutOfRange = catalog.Declare(catalog.Cause{
	ID: "record.ttl-out-of-range", Rung: catalog.RecordRung, Who: []catalog.Actor{catalog.Tenant},
	Verdict: catalog.Fail, Frequency: 3,
	Title: "the published TTL is outside 60 to 86400 seconds",
	Codes: []string{"DOMAIN_008"},
	Description: "The service accepts records with a TTL from one minute to one day. A shorter TTL puts load on " +
		"every " +
		"resolver; a longer one keeps a mistake in caches for days.",
	Detection: "The TTL is read at the authoritative servers, not at a resolver, where it counts down.",
	Confused: "service.record-ttl-out-of-range, where the record in the service has such a TTL; " +
		"cache.window-too-long, " +
		"which is about answers that are already cached.",
	Refs: []string{"RFC 1035 3.2.1", "RFC 2181 8"},
}, catalog.Text[PublishedTTL]{
	Summary: func(a PublishedTTL) string {
		return fmt.Sprintf("%s %s is published with a TTL of %s; the allowed range is 60 to 86400", a.Record.Name,
			a.Record.Type, a.list())
	},
	Why: func(a PublishedTTL) string {
		return "the service rejects such a record with DOMAIN_008; this is the TTL at an authoritative server (" +
			a.server() + ")"
	},
	Fix: func(a PublishedTTL) catalog.Fix {
		ttl := a.legalTTL()
		return catalog.Fix{
			Steps: []string{fmt.Sprintf("%s, set the TTL of %s %s to %d seconds (%s)",
				catalog.Where(a.Record), a.Record.Label(), a.Record.Type, ttl, a.goodTTL())},
			Records: a.records(ttl), Exist: true,
			Commands: []string{
				shell.Dig(a.Record.Name, a.Record.Type, append([]string{"+norecurse"}, shell.DigAt(a.server())...)...),
			},
		}
	},
	Example: PublishedTTL{
		Record: catalog.Record{Role: catalog.Routing, Zone: "example.com", Name: "shop.example.com", Type: "CNAME"},
		TTLs:   []uint32{30}, Server: "ns1.example.net",
	},
})

// RecordTTLMixed is record.ttl-mixed.
var RecordTTLMixed = catalog.Declare(catalog.Cause{
	ID: "record.ttl-mixed", Rung: catalog.RecordRung, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Warn,
	Frequency: 1,
	Title:     "records of one set have different TTLs",
	NoCode:    "resolvers use the lowest TTL, so nothing fails",
	Description: "All records of one name and type must have the same TTL. If they differ, caches may drop some of " +
		"the " +
		"records before the others.",
	Detection: "The TTLs in one answer of an authoritative server are compared.",
	Confused: "record.servers-disagree, where different servers return different TTLs; record.ttl-out-of-range, " +
		"where " +
		"the records have one TTL that the service rejects.",
	Refs: []string{"RFC 2181 5.2"},
}, catalog.Text[PublishedTTL]{
	Summary: func(a PublishedTTL) string {
		return fmt.Sprintf("the %s records of %s have different TTLs: %s", a.Record.Type, a.Record.Name, a.list())
	},
	Why: func(a PublishedTTL) string {
		return "records of one name and type must have one TTL; " + a.server() + " serves several"
	},
	Fix: func(a PublishedTTL) catalog.Fix {
		return catalog.Fix{
			Steps: []string{fmt.Sprintf("%s, give all %s records of %s the same TTL", catalog.Where(a.Record),
				a.Record.Type, a.Record.Label())},
			Records: a.records(a.legalTTL()), Exist: true,
		}
	},
	Example: PublishedTTL{
		Record: catalog.Record{Role: catalog.Routing, Zone: "example.com", Name: "shop.example.com", Type: "A"},
		TTLs:   []uint32{300, 60}, Server: "ns1.example.net",
	},
})
