package causes

import (
	"fmt"
	"slices"
	"strings"

	"domdoc/catalog"
)

// addressRecords returns a record for each address.
func addressRecords(r catalog.Record, addresses []string) []catalog.Record {
	out := make([]catalog.Record, 0, len(addresses))
	for _, v := range addresses {
		r.Value, r.Type = v, "A"
		if strings.Contains(v, ":") {
			r.Type = "AAAA"
		}
		out = append(out, r)
	}
	return out
}

// RecordProxiedArgs are the arguments of record.proxied.
type RecordProxiedArgs struct {
	Record    catalog.Record `json:"record"`
	Addresses []string       `json:"addresses"`       // the proxy's addresses
	Proxy     string         `json:"proxy,omitempty"` // whose they are
}

// RecordProxied is record.proxied.
var RecordProxied = catalog.Declare(catalog.Cause{
	ID: "record.proxied", Rung: catalog.RecordRung, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 6,
	Title:     "the record is hidden behind a proxy",
	ByRole:    recordCodes, OnceLive: recordCodesLive,
	Explains: slices.Concat(sameName(RecordMissing.ID, RecordWrongType.ID, RecordValueDiffers.ID,
		RecordStrayAddress.ID),
		recordExplains),
	Description: "The DNS host answers with addresses of its own proxy instead of the CNAME (a \"proxied\" record), " +
		"so " +
		"the service cannot see where it points.",
	Detection: "The name has no visible CNAME, and its addresses are not those of the platform's target. If they " +
		"are, " +
		"the record is merely flattened, which is fine.",
	Confused: "record.cname-wrong-target: the record behind the proxy may be correct; record.wrong-type: the panel " +
		"does show a CNAME. Flattening (ALIAS, ANAME) returns the target's own addresses and is fine.",
	Refs: []string{"https://developers.cloudflare.com/dns/proxy-status/"},
}, catalog.Text[RecordProxiedArgs]{
	Summary: func(a RecordProxiedArgs) string {
		return fmt.Sprintf("%s is hidden behind a proxy, so the service cannot see it", catalog.Named(a.Record))
	},
	Why: func(a RecordProxiedArgs) string {
		return fmt.Sprintf("instead of a CNAME to %s, the servers return %s (%s)", a.Record.Value,
			catalog.Join(a.Addresses), a.Proxy)
	},
	Fix: func(a RecordProxiedArgs) catalog.Fix {
		f := catalog.Publish(a.Record)
		f.Steps = []string{
			fmt.Sprintf("%s, turn off the proxy for %s (at Cloudflare: switch the orange cloud to grey, \"DNS only\")",
				catalog.Where(a.Record), a.Record.Label()),
			"the record must be a " + a.Record.Type + " to " + a.Record.Value,
		}
		return f
	},
	Example: RecordProxiedArgs{
		Record: catalog.Record{
			Role: catalog.Routing, Zone: "example.com", Name: "shop.example.com", Type: "CNAME",
			Value: "d111111abcdef8.cloudfront.net", Host: "Cloudflare",
		},
		Addresses: []string{"104.16.1.1"}, Proxy: "addresses of Cloudflare",
	},
})

// RecordStrayAddressArgs are the arguments of record.stray-address.
type RecordStrayAddressArgs struct {
	Record    catalog.Record `json:"record"`
	Addresses []string       `json:"addresses"`      // those that do not belong to the platform
	Ours      []string       `json:"ours,omitempty"` // those of the platform
}

// RecordStrayAddress is record.stray-address.
var RecordStrayAddress = catalog.Declare(catalog.Cause{
	ID: "record.stray-address", Rung: catalog.RecordRung, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 4,
	Title:     "an additional address does not belong to the platform",
	ByRole:    recordCodes, OnceLive: recordCodesLive,
	Explains: links(CertificateAddressesDiffer.ID, CertificateNameMismatch.ID, CertificateDefaultServed.ID,
		CertificateUntrusted.ID, CertificateExpired.ID, CertificateNotDeployed.ID, CertificateHandshakeFails.ID,
		HTTPAddressFails.ID,
		HTTPOtherHost.ID),
	Description: "Some visitors reach the platform and others an old host, at random or depending on IPv6. Browsers " +
		"and certificate authorities prefer IPv6, so one forgotten AAAA record is enough.",
	Detection: "The name's addresses are compared with those of the platform's target.",
	Confused: "record.cname-wrong-target, where no traffic reaches the platform; vantage.dns64, where this network " +
		"synthesized the address.",
	Refs: []string{"RFC 6724", "RFC 8305"},
}, catalog.Text[RecordStrayAddressArgs]{
	Summary: func(a RecordStrayAddressArgs) string {
		return fmt.Sprintf("%s also has %s, which %s not belong to the platform", a.Record.Name,
			catalog.Join(a.Addresses), verb(a.Addresses, "does", "do"))
	},
	Why: func(a RecordStrayAddressArgs) string {
		return fmt.Sprintf("the platform answers at %s; some visitors reach %s instead", catalog.Join(a.Ours),
			catalog.Join(a.Addresses))
	},
	Fix: func(a RecordStrayAddressArgs) catalog.Fix {
		return catalog.Fix{
			Steps: []string{fmt.Sprintf("%s, delete the %s record of %s with %s", catalog.Where(a.Record), a.Record.Type,
				a.Record.Label(), catalog.Join(a.Addresses))},
			Deletes:  addressRecords(a.Record, a.Addresses),
			Commands: []string{catalog.DigResolver(a.Record.Name, a.Record.Type, "")},
		}
	},
	Example: RecordStrayAddressArgs{
		Record:    catalog.Record{Role: catalog.Routing, Zone: "example.com", Name: "example.com", Type: "AAAA"},
		Addresses: []string{"2a00:1450:4001:82a::2003"}, Ours: []string{"13.32.1.1"},
	},
})

// RecordPrivateAddressArgs are the arguments of record.private-address.
type RecordPrivateAddressArgs struct {
	Record    catalog.Record `json:"record"`
	Addresses []string       `json:"addresses"`
	Detail    string         `json:"detail,omitempty"` // the address range ("a documentation address")
}

// RecordPrivateAddress is record.private-address.
var RecordPrivateAddress = catalog.Declare(catalog.Cause{
	ID: "record.private-address", Rung: catalog.RecordRung, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 2,
	Title:     "the name resolves to an address that is not public",
	ByRole:    recordCodes, OnceLive: recordCodesLive,
	Explains: slices.Concat(sameName(RecordStrayAddress.ID), recordExplains),
	Description: "The address belongs to a private, reserved or documentation range, so it is not reachable from the " +
		"Internet.",
	Detection: "The addresses in the authoritative answer are compared with the IANA special-purpose registries.",
	Confused: "http.unreachable: the address may even work from the owner's own network; record.stray-address, where " +
		"the address is public but does not belong to the platform.",
	Refs: []string{"RFC 1918", "RFC 6890", "RFC 5737"},
}, catalog.Text[RecordPrivateAddressArgs]{
	Summary: func(a RecordPrivateAddressArgs) string {
		return fmt.Sprintf("%s resolves to %s, which %s not reachable from the Internet", a.Record.Name,
			catalog.Join(a.Addresses), verb(a.Addresses, "is", "are"))
	},
	Why: func(a RecordPrivateAddressArgs) string {
		if len(a.Addresses) > 1 {
			return a.Addresses[0] + " is " + a.Detail
		}
		return "it is " + a.Detail
	},
	Fix: func(a RecordPrivateAddressArgs) catalog.Fix {
		if a.Record.Value != "" {
			f := catalog.Publish(a.Record, fmt.Sprintf("delete the record of %s with %s", a.Record.Label(),
				catalog.Join(a.Addresses)))
			f.Deletes = addressRecords(a.Record, a.Addresses)
			return f
		}
		return catalog.Fix{
			Steps: []string{fmt.Sprintf("%s, replace %s at %s with a public address", catalog.Where(a.Record),
				catalog.Join(a.Addresses), a.Record.Label())},
			Commands: []string{catalog.DigResolver(a.Record.Name, a.Record.Type, "")},
		}
	},
	Example: RecordPrivateAddressArgs{
		Record:    catalog.Record{Role: catalog.Routing, Zone: "example.com", Name: "shop.example.com", Type: "A"},
		Addresses: []string{"10.0.0.7"}, Detail: "a private address (RFC 1918)",
	},
})
