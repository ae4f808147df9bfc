package causes

import (
	"fmt"
	"strings"

	"domdoc/catalog"
)

// AddressArgs are the arguments of the causes about addresses.
type AddressArgs struct {
	Record    catalog.Record `json:"record"`
	Addresses []string       `json:"addresses"`        // those at fault
	Ours      []string       `json:"ours,omitempty"`   // those of the platform's target
	Proxy     string         `json:"proxy,omitempty"`  // the intermediary, where it is known
	Detail    string         `json:"detail,omitempty"` // why an address is at fault ("a documentation address")
}

// each are the records of the addresses at fault.
func (a AddressArgs) each() []catalog.Record {
	out := make([]catalog.Record, 0, len(a.Addresses))
	for _, v := range a.Addresses {
		r := a.Record
		r.Value, r.Type = v, "A"
		if strings.Contains(v, ":") {
			r.Type = "AAAA"
		}
		out = append(out, r)
	}
	return out
}

// RecordProxied is record.proxied.
var RecordProxied = catalog.Declare(catalog.Cause{
	ID: "record.proxied", Rung: catalog.RecordRung, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 6,
	Title:     "a proxy stands before the record",
	ByRole:    recordCodes, OnceLive: recordCodesLive, Explains: append([]catalog.Link{
		{To: "record.missing", Same: true},
		{To: "record.wrong-type", Same: true},
		{To: "record.value-differs", Same: true},
		{To: "record.stray-address", Same: true},
	}, recordExplains...),
	Description: "The DNS host answers with its own addresses in place of the CNAME: the record is \"proxied\". The " +
		"service cannot see where it points.",
	Detection: "No CNAME is visible at the name, and its addresses are not those of the platform's target. Where the " +
		"addresses are the target's, the record is merely flattened, and that is fine.",
	Confused: "record.cname-wrong-target: the record behind the proxy may be right; record.wrong-type: the panel " +
		"does show a CNAME. Flattening (ALIAS, ANAME) shows the target's own addresses, and is fine.",
	Refs: []string{"https://developers.cloudflare.com/dns/proxy-status/"},
}, catalog.Text[AddressArgs]{
	Summary: func(a AddressArgs) string {
		return fmt.Sprintf("%s is hidden behind a proxy, so the service cannot see it", catalog.Named(a.Record))
	},
	Why: func(a AddressArgs) string {
		return fmt.Sprintf("in place of a CNAME to %s the servers answer with %s (%s)", a.Record.Value,
			catalog.Join(a.Addresses),
			a.Proxy)
	},
	Fix: func(a AddressArgs) catalog.Fix {
		f := catalog.Publish(a.Record)
		f.Steps = []string{fmt.Sprintf(
			"%s, switch the proxy of %s off (at Cloudflare: the orange cloud to grey, \"DNS only\")",
			catalog.Where(a.Record),
			a.Record.Label()), "its record must be a " + a.Record.Type + " to " + a.Record.Value}
		return f
	},
	Example: AddressArgs{
		Record: catalog.Record{
			Role: catalog.Routing, Zone: "example.com", Name: "shop.example.com", Type: "CNAME",
			Value: "d111111abcdef8.cloudfront.net", Host: "Cloudflare",
		}, Addresses: []string{"104.16.1.1"},
		Proxy: "addresses of Cloudflare",
	},
})

// RecordStrayAddress is record.stray-address.
var RecordStrayAddress = catalog.Declare(catalog.Cause{
	ID: "record.stray-address", Rung: catalog.RecordRung, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 4,
	Title:     "an address of someone else stands beside the platform's",
	ByRole:    recordCodes, OnceLive: recordCodesLive,
	Explains: []catalog.Link{
		{To: "certificate.addresses-differ"},
		{To: "certificate.name-mismatch"},
		{To: "certificate.default-served"},
		{To: "certificate.untrusted"},
		{To: "certificate.expired"},
		{To: "certificate.handshake-fails"},
		{To: "http.address-fails"},
		{To: "http.other-host"},
	},
	Description: "Some visitors reach the platform, others an old host, by chance or by IPv6. Browsers and " +
		"certificate " +
		"authorities prefer IPv6, so a forgotten AAAA is enough.",
	Detection: "The name's addresses are compared with those of the platform's target.",
	Confused: "record.cname-wrong-target, where nothing goes to the platform; vantage.dns64, where this network " +
		"made the address up.",
	Refs: []string{"RFC 6724", "RFC 8305"},
}, catalog.Text[AddressArgs]{
	Summary: func(a AddressArgs) string {
		return fmt.Sprintf("%s also has %s, which is not the platform's", a.Record.Name, catalog.Join(a.Addresses))
	},
	Why: func(a AddressArgs) string {
		return fmt.Sprintf("the platform answers at %s; a part of the visitors goes to %s instead", catalog.Join(a.Ours),
			catalog.Join(a.Addresses))
	},
	Fix: func(a AddressArgs) catalog.Fix {
		return catalog.Fix{
			Steps: []string{fmt.Sprintf("%s, delete the %s record of %s with %s", catalog.Where(a.Record), a.Record.Type,
				a.Record.Label(), catalog.Join(a.Addresses))},
			Deletes:  a.each(),
			Commands: []string{catalog.DigResolver(a.Record.Name, a.Record.Type, "")},
		}
	},
	Example: AddressArgs{
		Record:    catalog.Record{Role: catalog.Routing, Zone: "example.com", Name: "example.com", Type: "AAAA"},
		Addresses: []string{"2a00:1450:4001:82a::2003"}, Ours: []string{"13.32.1.1"},
	},
})

// RecordPrivateAddress is record.private-address.
var RecordPrivateAddress = catalog.Declare(catalog.Cause{
	ID: "record.private-address", Rung: catalog.RecordRung, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 2,
	Title:     "the name leads to an address that is not public",
	ByRole:    recordCodes, OnceLive: recordCodesLive,
	Explains: append([]catalog.Link{{To: "record.stray-address", Same: true}},
		recordExplains...),
	Description: "The address belongs to a private, reserved or documentation range: nobody on the Internet can " +
		"reach it.",
	Detection: "The addresses in the authoritative answer are compared with the IANA special-purpose registries.",
	Confused: "http.unreachable: it may even work from the owner's own network; record.stray-address, where the " +
		"address is public and somebody else's.",
	Refs: []string{"RFC 1918", "RFC 6890", "RFC 5737"},
}, catalog.Text[AddressArgs]{
	Summary: func(a AddressArgs) string {
		return fmt.Sprintf("%s leads to %s, which nobody on the Internet can reach", a.Record.Name,
			catalog.Join(a.Addresses))
	},
	Why: func(a AddressArgs) string { return "it is " + a.Detail },
	Fix: func(a AddressArgs) catalog.Fix {
		if a.Record.Value != "" {
			f := catalog.Publish(a.Record, fmt.Sprintf("delete the record of %s with %s", a.Record.Label(),
				catalog.Join(a.Addresses)))
			f.Deletes = a.each()
			return f
		}
		return catalog.Fix{
			Steps: []string{fmt.Sprintf("%s, replace %s at %s by a public address",
				catalog.Where(a.Record),
				catalog.Join(a.Addresses), a.Record.Label())},
			Commands: []string{catalog.DigResolver(a.Record.Name, a.Record.Type, "")},
		}
	},
	Example: AddressArgs{
		Record:    catalog.Record{Role: catalog.Routing, Zone: "example.com", Name: "shop.example.com", Type: "A"},
		Addresses: []string{"10.0.0.7"}, Detail: "a private address (RFC 1918)",
	},
})

// RecordHTTPSHintsStale is record.https-hints-stale.
var RecordHTTPSHintsStale = catalog.Declare(catalog.Cause{
	ID: "record.https-hints-stale", Rung: catalog.RecordRung, Who: []catalog.Actor{catalog.Tenant},
	Verdict: catalog.Warn, Frequency: 2,
	Title:  "an HTTPS record points browsers to another host",
	ByRole: map[catalog.Role][]string{catalog.Routing: {"DOMAIN_010"}}, OnceLive: recordCodesLive,
	Description: "Browsers ask for the HTTPS record (type 65) and connect to the addresses that it hints at. Those " +
		"of " +
		"an earlier host were left in it, so browsers go elsewhere than everything else.",
	Detection: "The ipv4hint and ipv6hint of the HTTPS record are compared with the name's own addresses.",
	Confused: "record.stray-address, which every program sees, not only browsers. A browser's cache is another " +
		"thing: here curl works and the browser does not, for everybody.",
	Refs: []string{"RFC 9460 7.3", "RFC 9460 9"},
}, catalog.Text[AddressArgs]{
	Summary: func(a AddressArgs) string {
		return fmt.Sprintf("the HTTPS record of %s points browsers to %s, another host", a.Record.Name,
			catalog.Join(a.Addresses))
	},
	Why: func(a AddressArgs) string { return "the name's own addresses are " + catalog.Join(a.Ours) },
	Fix: func(a AddressArgs) catalog.Fix {
		return catalog.Fix{Steps: []string{fmt.Sprintf("%s, delete the HTTPS record of %s, or correct its hints",
			catalog.Where(a.Record),
			a.Record.Label())}, Commands: []string{catalog.DigResolver(a.Record.Name, "HTTPS", "")}}
	},
	Example: AddressArgs{
		Record:    catalog.Record{Role: catalog.Routing, Zone: "example.com", Name: "shop.example.com", Type: "HTTPS"},
		Addresses: []string{"104.16.1.1"}, Ours: []string{"13.32.1.1"},
	},
})
