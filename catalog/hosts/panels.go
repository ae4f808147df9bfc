package hosts

import (
	"maps"
	"slices"
	"strings"
)

// Panel describes the control panel of a DNS host, so that advice can use its exact terms.
type Panel struct {
	Host   string
	Where  string // the menu path to the records
	Name   string // the label of the name field
	Value  string // the label of the value field
	Apex   string // the name to enter for the zone apex
	Whole  bool   // takes full names and does not append the zone
	Quotes bool   // TXT values must be entered with quotation marks
	Dot    bool   // CNAME targets must end in a dot
	Proxy  string // the proxy switch and its required setting
	Alias  string // the substitute for a CNAME at the apex; empty if unknown
	// NoAlias reports that there is no such substitute.
	NoAlias bool
	// AliasAnywhere reports that the alias is possible at any name, beside records of other types.
	AliasAnywhere bool
	MinTTL        int // seconds; 0 if there is no minimum above ours
	// NoUnderscore reports that the panel refuses names with a label that begins with an underscore.
	NoUnderscore bool
	// UnderscoreBySupport reports that only the host's support can enter CNAME records at such names.
	UnderscoreBySupport bool
	// NoUnderscoreValue reports that the panel refuses CNAME targets that begin with an underscore.
	NoUnderscoreValue bool
	Lacks             []string // the record types that the panel has no form for
	// Flattens is the setting that answers every CNAME with the addresses of its target, FlattensOne that for a single
	// record, and Settings the menu path to the first; empty if there is none.
	Flattens, FlattensOne, Settings string
	// Private is the host's term for a zone that is visible inside private networks only; empty if it has none.
	Private string
	// Shared names another company whose customers have the same name servers and another panel, and who they are.
	Shared, SharedBy string
	// Sources are where the facts about the host are from.
	Sources []Source
	// Publish is the time in seconds until a change reaches the host's servers; 0 if immediate or unknown.
	Publish int
}

// Source is where a fact about a DNS host is from.
type Source struct {
	About string // the fact: "alias", "lowest TTL"
	URL   string
	AsOf  string // the month of the report, or in which the page was read: "2026-11"
}

// underscores is the fact named by the sources about refused names and values.
const underscores = "underscores"

// lego is the source of publish times and lowest TTLs: what the ACME client lego uses for a host.
func lego(provider string) Source {
	return Source{
		"publish time, lowest TTL", "https://github.com/go-acme/lego/tree/master/providers/dns/" + provider, "2026-07",
	}
}

// matrix is the source of aliases and record types: what DNSControl can create at each host.
var matrix = Source{
	"alias, record types", "https://github.com/DNSControl/dnscontrol/blob/main/documentation/provider/index.md",
	"2025-02",
}

// panels describes the hosts in dnsHosts. Menus and labels are those of their help pages as read in 2026, which
// they may rename; what their panels accept has a source for each host.
var panels = map[string]Panel{
	"Cloudflare": {
		Where: "DNS > Records", Name: "Name", Value: "Content or Target", Apex: "@",
		Proxy:    `set "Proxy status" to "DNS only" (grey cloud)`,
		Alias:    "a CNAME record at @, which is flattened automatically",
		Flattens: "CNAME flattening for all CNAME records", FlattensOne: "Flatten", Settings: "DNS > Settings",
		Sources: []Source{lego("cloudflare"), matrix, {
			"flattening",
			"https://developers.cloudflare.com/dns/cname-flattening/set-up-cname-flattening/", "2026-11",
		}},
	},
	"GoDaddy": {
		Where: "Domain Portfolio > DNS", Name: "Name", Value: "Value", Apex: "@",
		NoAlias: true,
		MinTTL:  600,
		Sources: []Source{lego("godaddy"), {
			"alias", "https://gist.github.com/eprothro/e600d4c3d430a20650136a2053e6bfcb",
			"2026-11",
		}},
	},
	"Namecheap": {
		Where: "Domain List > Manage > Advanced DNS", Name: "Host", Value: "Value",
		Apex: "@", Alias: "an ALIAS record at @", Publish: 3600,
		Sources: []Source{lego("namecheap"), matrix},
	},
	"Route 53": {
		Where: "Hosted zones", Name: "Record name", Value: "Value", Apex: "an empty name",
		Quotes: true, Alias: `an A record (and an AAAA record) with "Alias" switched on`, AliasAnywhere: true,
		Private: "private hosted zone",
		Sources: []Source{lego("route53"), {
			"private zones",
			"https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/hosted-zone-private-considerations.html",
			"2026-11",
		}},
	},
	"Google Cloud DNS": {
		Where: "Network services > Cloud DNS", Name: "DNS name", Value: "Data",
		Apex: "an empty name", Quotes: true, Dot: true, Alias: "an ALIAS record at the zone apex", Publish: 180,
		Private: "private zone",
		Shared:  "Squarespace", SharedBy: "the domain was bought at Google Domains",
		Sources: []Source{lego("gcloud"), matrix, {
			"shared name servers", "https://support.squarespace.com/hc/articles/17131164996365", "2026-11",
		}, {
			"private zones", "https://docs.cloud.google.com/dns/docs/key-terms",
			"2026-11",
		}},
	},
	"Azure DNS": {
		Where: "DNS zones > Recordsets", Name: "Name", Value: "Value", Apex: "@",
		NoAlias: true,
		Private: "private DNS zone",
		Sources: []Source{lego("azuredns"), matrix, {
			"private zones",
			"https://learn.microsoft.com/azure/dns/private-dns-privatednszone", "2026-11",
		}},
	},
	"DNSimple": {
		Where: "DNS > Manage records", Name: "Name", Value: "Content",
		Apex: "an empty name", Alias: "an ALIAS record", AliasAnywhere: true,
		Sources: []Source{lego("dnsimple"), matrix},
	},
	"DigitalOcean": {
		Where: "Networking > Domains", Name: "Hostname", Value: "Value or Is an alias of",
		Apex: "@", NoAlias: true,
		Sources: []Source{lego("digitalocean"), matrix},
	},
	"Linode": {
		Where: "Domains", Name: "Hostname", Value: "Value or Alias to",
		Apex: "an empty name", NoAlias: true,
		MinTTL:  300,
		Sources: []Source{lego("linode"), matrix},
	},
	"Hetzner": {
		Where: "DNS > Records", Name: "Name", Value: "Value", Apex: "@", Dot: true,
		NoAlias: true,
		MinTTL:  60,
		Sources: []Source{lego("hetzner"), matrix},
	},
	"OVH": {
		Where: "Web Cloud > Domain names > DNS zone", Name: "Subdomain",
		Value: "Target or Value", Apex: "an empty name", Dot: true, NoAlias: true,
		Sources: []Source{lego("ovh"), matrix},
	},
	"Gandi": {
		Where: "Domain > DNS Records", Name: "Name", Value: "Value or Hostname", Apex: "@",
		Dot: true, Alias: "an ALIAS record at @", MinTTL: 300, Publish: 1200,
		Sources: []Source{lego("gandiv5"), matrix},
	},
	"Name.com": {
		Where: "My Domains > DNS Records", Name: "Host", Value: "Answer",
		Apex: "an empty name", Alias: "an ANAME record", MinTTL: 300, Publish: 900,
		Sources: []Source{lego("namedotcom"), matrix},
	},
	"Porkbun": {
		Where: "Domain Management > DNS", Name: "Host", Value: "Answer",
		Apex: "an empty name", Alias: "an ALIAS record", MinTTL: 600, Publish: 600,
		Sources: []Source{lego("porkbun"), matrix},
	},
	"IONOS": {
		Where: "Domains & SSL > DNS", Name: "Host name", Value: "Value or Points to",
		Apex: "@", NoAlias: true, Publish: 900,
		MinTTL:  300,
		Sources: []Source{lego("ionos")},
	},
	"TransIP": {
		Where: "Domain > DNS", Name: "Name", Value: "Value", Apex: "@", Dot: true,
		Alias: "an ALIAS record at @", Publish: 600,
		Lacks:   []string{"HTTPS", "SVCB"},
		Sources: []Source{lego("transip"), matrix},
	},
	"Hostinger": {
		Where: "Domains > DNS / Nameservers", Name: "Name", Value: "Content or Target",
		Apex: "@", Alias: "an ALIAS record at @",
		Sources: []Source{lego("hostinger")},
	},
	"Wix": {
		Where: "Domains > Manage DNS Records", Name: "Host Name", Value: "Value",
		Apex: "an empty name", NoAlias: true,
		Sources: []Source{{
			"panel",
			"https://dev.wix.com/docs/api-reference/account-level/domains/domain-dns/introduction.md", "2026-11",
		}},
	},
	"Vercel": {
		Where: "Domains > DNS Records", Name: "Name", Value: "Value", Apex: "an empty name",
		Alias:   "an ALIAS record",
		Sources: []Source{lego("vercel")},
	},
	"DreamHost": {
		Where: "Websites > DNS", Name: "Host", Value: "Value or Points to",
		Apex: "an empty name", NoAlias: true, Publish: 3600,
		Sources: []Source{lego("dreamhost")},
	},
	"Network Solutions": {
		Where: "My Domains > Advanced DNS", Name: "Host", Value: "Value or Alias to",
		Apex: "@", NoAlias: true,
		UnderscoreBySupport: true,
		Sources: []Source{
			{underscores, "https://stackoverflow.com/questions/13650233", "2012-11"},
			{"panel", "https://github.com/SSLMate/caa_helper/issues/131", "2021-10"},
		},
	},
	"REG.RU": {
		Where: "Domains > DNS", Name: "Subdomain", Value: "Text or Canonical name",
		Apex:    "@",
		Sources: []Source{lego("regru")},
	},
	"deSEC": {
		Where: "Domain Management", Name: "Subname", Value: "Content",
		Apex: "an empty name", Quotes: true, Dot: true, MinTTL: 3600, NoAlias: true,
		Sources: []Source{lego("desec"), matrix},
	},
	"Hurricane Electric": {
		Where: "Zone Management", Name: "Name", Value: "Text data or Hostname",
		Apex: "the zone's name", Whole: true, Alias: "an ALIAS record", Publish: 300,
		Sources: []Source{lego("hurricane"), matrix},
	},
	"Akamai": {
		Where: "Edge DNS", Name: "Name", Value: "Record data", Apex: "the zone's name",
		Whole: true, NoAlias: true, Publish: 180,
		Sources: []Source{lego("edgedns"), matrix},
	},
	"NS1, Netlify or Squarespace": {
		Where: "DNS settings of the domain", Name: "Name or Host",
		Value: "Value, Answer or Data", Apex: "@",
		Sources: []Source{lego("ns1"), matrix},
	},

	// Hosts that are known for what their panels refuse. They append the zone.
	"Yahoo": {
		NoUnderscore: true,
		Sources:      []Source{{underscores, "https://github.com/aws-amplify/amplify-hosting/issues/1626", "2021-03"}},
	},
	"Bluehost": {
		Lacks:   []string{"CAA"},
		Sources: []Source{{"record types", "https://github.com/SSLMate/caa_helper/issues/130", "2021-04"}},
	},

	// Hosts with a known publish time only. They append the zone, as most do.
	"ClouDNS":      {Publish: 180, Sources: []Source{lego("cloudns"), matrix}},
	"Civo":         {Publish: 300, MinTTL: 600, Sources: []Source{lego("civo")}},
	"Domeneshop":   {Publish: 300, Sources: []Source{lego("domeneshop")}},
	"Dynu":         {Publish: 180, Sources: []Source{lego("dynu")}},
	"Gcore":        {Publish: 360, Sources: []Source{lego("gcore"), matrix}},
	"GleSYS":       {Publish: 1200, MinTTL: 60, Sources: []Source{lego("glesys")}},
	"IIJ":          {Publish: 660, Sources: []Source{lego("iijdpf")}},
	"INWX":         {Publish: 360, Sources: []Source{lego("inwx"), matrix}},
	"lima-city":    {Publish: 480, Sources: []Source{lego("limacity")}},
	"netcup":       {Publish: 900, Sources: []Source{lego("netcup"), matrix}},
	"NIC.RU":       {Publish: 600, Sources: []Source{lego("nicru")}},
	"Online.net":   {Publish: 240, Sources: []Source{lego("onlinenet")}},
	"OpenProvider": {Publish: 600, Sources: []Source{lego("openprovider")}},
	"RcodeZero":    {Publish: 240, Sources: []Source{lego("rcodezero")}},
	"Simply":       {Publish: 300, Sources: []Source{lego("simply")}},
	"Syse":         {Publish: 1200, Sources: []Source{lego("syse")}},
	"United Domains": {
		Publish: 900, MinTTL: 300, NoUnderscoreValue: true,
		Sources: []Source{lego("uniteddomains"), {
			underscores, "https://github.com/acmesh-official/acme.sh/issues/6383",
			"2025-06",
		}},
	},
	"WEDOS":   {Publish: 600, MinTTL: 300, Sources: []Source{lego("wedos")}},
	"Zone.ee": {Publish: 300, Sources: []Source{lego("zoneee")}},
}

// promptly is the longest publish time, in seconds, that needs no note.
const promptly = 120

// PanelOf returns the panel of a DNS host; for an unknown one, generic labels.
func PanelOf(host string) Panel {
	p, ok := panels[host]
	if ok {
		p.Host = host
	}
	if p.Name == "" {
		p.Name, p.Value, p.Apex = "name", "value", "@"
	}
	return p
}

// Label returns the text for the panel's name field for a record with this full owner name, whose name relative
// to the zone is label ("@" for the apex).
func (p Panel) Label(name, label string) string {
	switch {
	case p.Whole:
		return name
	case label == "@":
		return p.Apex
	}
	return label
}

// acmValidation ends the targets of ACM's validation records, which are accepted without their leading underscore
// (https://docs.aws.amazon.com/acm/latest/userguide/troubleshooting-DNS-validation.html).
const acmValidation = ".acm-validations.aws"

// FieldValue returns the text for the panel's value field.
func (p Panel) FieldValue(rrtype, value string) string {
	switch {
	case p.Quotes && rrtype == "TXT":
		return `"` + value + `"`
	case rrtype != "CNAME" || value == "":
		return value
	}
	if p.NoUnderscoreValue && strings.HasSuffix(value, acmValidation) {
		value = strings.TrimPrefix(value, "_")
	}
	if p.Dot && value[len(value)-1] != '.' {
		value += "."
	}
	return value
}

// Slow reports whether changes reach the host's servers so late that the delay is worth mentioning.
func (p Panel) Slow() bool { return p.Publish > promptly }

// Refusal is something that a panel does not accept.
type Refusal struct {
	What string // in the plural: "names that begin with an underscore"
	Source
}

// Refuses returns why the panel cannot hold a record with this name relative to the zone; nil if it can, as far as is
// known.
func (p Panel) Refuses(rrtype, label string) *Refusal {
	switch {
	case p.NoUnderscore && underscored(label):
		return &Refusal{"names that begin with an underscore", p.source(underscores)}
	case slices.Contains(p.Lacks, rrtype):
		return &Refusal{rrtype + " records", p.source("record types")}
	}
	return nil
}

// BySupport returns the source that says that only the host's support can enter such a record; nil if there is none.
func (p Panel) BySupport(rrtype, label string) *Source {
	if !p.UnderscoreBySupport || rrtype != "CNAME" || !underscored(label) {
		return nil
	}
	s := p.source(underscores)
	return &s
}

// underscored reports whether a label of a name begins with an underscore.
func underscored(name string) bool {
	return strings.HasPrefix(name, "_") || strings.Contains(name, "._")
}

// source returns the source of a fact about the host.
func (p Panel) source(about string) Source {
	for _, s := range p.Sources {
		if strings.Contains(s.About, about) {
			return s
		}
	}
	return Source{}
}

// FlatteningSource returns where the host documents its flattening of CNAMEs.
func (p Panel) FlatteningSource() Source { return p.source("flattening") }

// PrivateSource returns where the host documents its private zones.
func (p Panel) PrivateSource() Source { return p.source("private zones") }

// SharedSource returns the source for the company that has the same name servers.
func (p Panel) SharedSource() Source { return p.source("shared name servers") }

// TTL returns the TTL nearest to ttl that the panel accepts, in seconds.
func (p Panel) TTL(ttl int) int { return max(ttl, p.MinTTL) }

// All returns the panels of all known DNS hosts, sorted by host.
func All() []Panel {
	var out []Panel
	for _, h := range slices.Sorted(maps.Keys(panels)) {
		out = append(out, PanelOf(h))
	}
	return out
}
