package hosts

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
	// Publish is the time in seconds until a change reaches the host's servers; 0 if immediate or unknown.
	Publish int
}

// panels describes the hosts in dnsHosts. Fields and menus are those of their public help pages in 2026; the publish
// times are those that ACME clients use for them.
var panels = map[string]Panel{
	"Cloudflare": {
		Where: "DNS > Records", Name: "Name", Value: "Content or Target", Apex: "@",
		Proxy: `set "Proxy status" to "DNS only" (grey cloud)`,
		Alias: "a CNAME record at @, which is flattened automatically",
	},
	"GoDaddy": {
		Where: "Domain Portfolio > DNS", Name: "Name", Value: "Value", Apex: "@",
		NoAlias: true,
	},
	"Namecheap": {
		Where: "Domain List > Manage > Advanced DNS", Name: "Host", Value: "Value",
		Apex: "@", Alias: "an ALIAS record at @", Publish: 3600,
	},
	"Route 53": {
		Where: "Hosted zones", Name: "Record name", Value: "Value", Apex: "an empty name",
		Quotes: true, Alias: `an A record (and an AAAA record) with "Alias" switched on`, AliasAnywhere: true,
	},
	"Google Cloud DNS": {
		Where: "Network services > Cloud DNS", Name: "DNS name", Value: "Data",
		Apex: "an empty name", Quotes: true, Dot: true, Alias: "an ALIAS record at the zone apex", Publish: 180,
	},
	"Azure DNS": {
		Where: "DNS zones > Recordsets", Name: "Name", Value: "Value", Apex: "@",
		NoAlias: true,
	},
	"DNSimple": {
		Where: "DNS > Manage records", Name: "Name", Value: "Content",
		Apex: "an empty name", Alias: "an ALIAS record", AliasAnywhere: true,
	},
	"DigitalOcean": {
		Where: "Networking > Domains", Name: "Hostname", Value: "Value or Is an alias of",
		Apex: "@", NoAlias: true,
	},
	"Linode": {
		Where: "Domains", Name: "Hostname", Value: "Value or Alias to",
		Apex: "an empty name", NoAlias: true,
	},
	"Hetzner": {
		Where: "DNS > Records", Name: "Name", Value: "Value", Apex: "@", Dot: true,
		NoAlias: true,
	},
	"OVH": {
		Where: "Web Cloud > Domain names > DNS zone", Name: "Subdomain",
		Value: "Target or Value", Apex: "an empty name", Dot: true, NoAlias: true,
	},
	"Gandi": {
		Where: "Domain > DNS Records", Name: "Name", Value: "Value or Hostname", Apex: "@",
		Dot: true, Alias: "an ALIAS record at @", MinTTL: 300, Publish: 1200,
	},
	"Name.com": {
		Where: "My Domains > DNS Records", Name: "Host", Value: "Answer",
		Apex: "an empty name", Alias: "an ANAME record", MinTTL: 300, Publish: 900,
	},
	"Porkbun": {
		Where: "Domain Management > DNS", Name: "Host", Value: "Answer",
		Apex: "an empty name", Alias: "an ALIAS record", MinTTL: 600, Publish: 600,
	},
	"IONOS": {
		Where: "Domains & SSL > DNS", Name: "Host name", Value: "Value or Points to",
		Apex: "@", NoAlias: true, Publish: 900,
	},
	"TransIP": {
		Where: "Domain > DNS", Name: "Name", Value: "Value", Apex: "@", Dot: true,
		Alias: "an ALIAS record at @", Publish: 600,
	},
	"Hostinger": {
		Where: "Domains > DNS / Nameservers", Name: "Name", Value: "Content or Target",
		Apex: "@", Alias: "an ALIAS record at @",
	},
	"Wix": {
		Where: "Domains > Manage DNS Records", Name: "Host Name", Value: "Value",
		Apex: "an empty name", NoAlias: true,
	},
	"Vercel": {
		Where: "Domains > DNS Records", Name: "Name", Value: "Value", Apex: "an empty name",
		Alias: "an ALIAS record",
	},
	"DreamHost": {
		Where: "Websites > DNS", Name: "Host", Value: "Value or Points to",
		Apex: "an empty name", NoAlias: true, Publish: 3600,
	},
	"Network Solutions": {
		Where: "My Domains > Advanced DNS", Name: "Host", Value: "Value or Alias to",
		Apex: "@", NoAlias: true,
	},
	"REG.RU": {
		Where: "Domains > DNS", Name: "Subdomain", Value: "Text or Canonical name",
		Apex: "@",
	},
	"deSEC": {
		Where: "Domain Management", Name: "Subname", Value: "Content",
		Apex: "an empty name", Quotes: true, Dot: true, MinTTL: 3600, NoAlias: true,
	},
	"Hurricane Electric": {
		Where: "Zone Management", Name: "Name", Value: "Text data or Hostname",
		Apex: "the zone's name", Whole: true, Alias: "an ALIAS record", Publish: 300,
	},
	"Akamai": {
		Where: "Edge DNS", Name: "Name", Value: "Record data", Apex: "the zone's name",
		Whole: true, NoAlias: true, Publish: 180,
	},
	"NS1, Netlify or Squarespace": {
		Where: "DNS settings of the domain", Name: "Name or Host",
		Value: "Value, Answer or Data", Apex: "@",
	},

	// Hosts with a known publish time only. They append the zone, as most do.
	"ClouDNS":        {Publish: 180},
	"Civo":           {Publish: 300},
	"Domeneshop":     {Publish: 300},
	"Dynu":           {Publish: 180},
	"Gcore":          {Publish: 360},
	"GleSYS":         {Publish: 1200},
	"IIJ":            {Publish: 660},
	"INWX":           {Publish: 360},
	"lima-city":      {Publish: 480},
	"netcup":         {Publish: 900},
	"NIC.RU":         {Publish: 600},
	"Online.net":     {Publish: 240},
	"OpenProvider":   {Publish: 600},
	"RcodeZero":      {Publish: 240},
	"Simply":         {Publish: 300},
	"Syse":           {Publish: 1200},
	"United Domains": {Publish: 900},
	"WEDOS":          {Publish: 600},
	"Zone.ee":        {Publish: 300},
}

// promptly is the publish time, in seconds, up to which no note is needed.
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

// Label returns what to type into the panel's name field for a record with this full owner name, whose name relative
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

// FieldValue returns what to type into the panel's value field.
func (p Panel) FieldValue(rrtype, value string) string {
	switch {
	case p.Quotes && rrtype == "TXT":
		return `"` + value + `"`
	case p.Dot && rrtype == "CNAME" && value != "" && value[len(value)-1] != '.':
		return value + "."
	}
	return value
}

// Slow reports whether changes reach the host's servers so late that the delay is worth mentioning.
func (p Panel) Slow() bool { return p.Publish > promptly }
