package catalog

import (
	"strings"
	"testing"
)

// TestPublishUsesPanelTerms checks the steps for panels with different conventions.
func TestPublishUsesPanelTerms(t *testing.T) {
	t.Parallel()
	record := func(host, rrtype, name, value string) Record {
		return Record{Role: Verification, Zone: "example.com", Name: name, Type: rrtype, Value: value, Host: host}
	}
	for _, tc := range []struct {
		name   string
		record Record
		want   []string
	}{
		{
			"a panel that appends the zone", record("GoDaddy", "TXT", "_verify.shop.example.com", "tok-1"),
			[]string{"Domain Portfolio > DNS", "Name _verify.shop,", `enter only "_verify.shop" in "Name"`},
		},
		{
			"a panel that takes the whole name", record("Hurricane Electric", "TXT", "_verify.shop.example.com", "tok-1"),
			[]string{"Name _verify.shop.example.com"},
		},
		{
			"a panel that asks for quotation marks", record("Route 53", "TXT", "_verify.shop.example.com", "tok-1"),
			[]string{`Value "tok-1"`, "keep the quotation marks"},
		},
		{
			"a panel that asks for a final dot", record("OVH", "CNAME", "shop.example.com", "d1.cloudfront.net"),
			[]string{"Target or Value d1.cloudfront.net.,"},
		},
		{
			"a proxy switch", record("Cloudflare", "CNAME", "shop.example.com", "d1.cloudfront.net"),
			[]string{`"DNS only"`},
		},
		{
			"the zone itself with flattening", record("Cloudflare", "ALIAS", "example.com", "d1.cloudfront.net"),
			[]string{"a CNAME record at @, which is flattened"},
		},
		{
			"the zone itself without any alias", record("GoDaddy", "ALIAS", "example.com", "d1.cloudfront.net"),
			[]string{"does not support aliases", "www.example.com"},
		},
		{
			"name servers that another company's customers have too",
			record("Google Cloud DNS", "TXT", "_verify.shop.example.com", "tok-1"),
			[]string{"bought at Google Domains", "edited at Squarespace instead", "https://support.squarespace.com/"},
		},
		{
			"a panel that refuses underscores in names",
			record("Yahoo", "CNAME", "_77aa.shop.example.com", "x.example.net"),
			[]string{
				"Yahoo does not accept names that begin with an underscore (reported in 2021-03: https://",
				"move the zone",
			},
		},
		{
			"a panel that refuses underscores in targets",
			Record{
				Role: Certificate, Zone: "example.com", Name: "_3f.shop.example.com", Type: "CNAME",
				Value: "_9a.x.acm-validations.aws", Host: "United Domains",
			},
			[]string{"value 9a.x.acm-validations.aws,", "without its leading underscore, which United Domains refuses"},
		},
		{
			"a panel where only support enters underscores",
			record("Network Solutions", "CNAME", "_77aa.shop.example.com", "x.example.net"),
			[]string{"Host _77aa.shop,", "ask the support of Network Solutions"},
		},
		{
			"a record type without a form", record("Bluehost", "CAA", "example.com", `0 issue "amazon.com"`),
			[]string{"Bluehost does not accept CAA records"},
		},
		{"a minimum TTL", record("deSEC", "TXT", "_verify.example.com", "tok-1"), []string{"TTL 3600"}},
		{
			"a target without its dot", record("GoDaddy", "CNAME", "shop.example.com", "d1.cloudfront.net"),
			[]string{"Value d1.cloudfront.net,", "without a trailing dot"},
		},
		{
			"a host that publishes in batches", record("Namecheap", "TXT", "_verify.shop.example.com", "tok-1"),
			[]string{"Namecheap takes up to 60 minutes to publish"},
		},
		{
			"a host with a known publish time only", record("netcup", "TXT", "_verify.shop.example.com", "tok-1"),
			[]string{
				"at netcup, in the DNS records of example.com", "name _verify.shop,",
				"takes up to 15 minutes to publish",
			},
		},
		{
			"the zone itself where it is not known whether there is an alias",
			record("NS1, Netlify or Squarespace", "ALIAS", "example.com", "d1.cloudfront.net"),
			[]string{"ALIAS, ANAME or flattened", "if the host supports none"},
		},
		{
			"the zone itself, with aliases for the host's own names only",
			record("Azure DNS", "ALIAS", "example.com", "d1.cloudfront.net"),
			[]string{"Azure DNS does not support aliases", "www.example.com"},
		},
		{
			"the authority's record",
			Record{
				Role: Certificate, Zone: "example.com", Name: "_3f.shop.example.com",
				Type: "CNAME", Value: "_9a.acm-validations.aws",
			},
			[]string{"does not accept a leading underscore", "the name must keep its underscore"},
		},
		{
			"an unknown host", record("", "TXT", "_verify.shop.example.com", "tok-1"),
			[]string{"at your DNS host", `enter only "_verify.shop" as the name if the panel appends example.com`},
		},
	} {
		text := strings.Join(Publish(tc.record).Steps, "\n")
		for _, w := range tc.want {
			if !strings.Contains(text, w) {
				t.Errorf("%s: the steps lack %q:\n%s", tc.name, w, text)
			}
		}
	}
}
