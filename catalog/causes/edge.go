package causes

import (
	"fmt"
	"strconv"

	"domdoc/catalog"
	"domdoc/catalog/shell"
)

// EdgeArgs are the arguments of the cdn.* and http.* causes.
type EdgeArgs struct {
	Domain    string   `json:"domain"`
	URL       string   `json:"url,omitempty"`
	Status    int      `json:"status,omitempty"`
	Server    string   `json:"server,omitempty"`    // the Server header
	Addresses []string `json:"addresses,omitempty"` // each with what it did
	Good      []string `json:"good,omitempty"`
	Untried   []string `json:"untried,omitempty"` // addresses that this machine could not try
	Hops      []string `json:"hops,omitempty"`
	Target    string   `json:"target,omitempty"` // where DNS leads
	Wanted    string   `json:"wanted,omitempty"` // where it should
	Detail    string   `json:"detail,omitempty"`
}

func (a EdgeArgs) curl(lines ...string) catalog.Fix {
	url := a.URL
	if url == "" {
		url = "https://" + a.Domain + "/"
	}
	return catalog.Fix{Steps: lines, Commands: []string{shell.Curl(url, "-sSI")}}
}

func (a EdgeArgs) answered() string {
	s := "the answer is " + strconv.Itoa(a.Status)
	if a.Server != "" {
		s += " from " + catalog.Quote(a.Server)
	}
	if a.Detail != "" {
		s += "; " + a.Detail
	}
	return s
}

var exampleEdge = EdgeArgs{
	Domain: "shop.example.com", URL: "https://shop.example.com/", Status: 503, Server: "CloudFront",
	Addresses: []string{"192.0.2.1:443: connection refused"}, Good: []string{"192.0.2.2:443"},
	Target: "d222222abcdef8.cloudfront.net", Wanted: "d111111abcdef8.cloudfront.net",
}

// CDNAliasElsewhere is cdn.alias-elsewhere.
var CDNAliasElsewhere = catalog.Declare(catalog.Cause{
	ID: "cdn.alias-elsewhere", Rung: catalog.CDN, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 4,
	Title:     "the name leads to another CDN distribution",
	Codes:     []string{"DOMAIN_013"}, Explains: []catalog.Link{
		{To: "certificate.default-served"},
		{To: "certificate.name-mismatch"},
		{To: "cdn.not-attached"},
		{To: "record.cname-wrong-target"},
		{To: "http.*"},
	},
	Description: "The CNAME ends at a CloudFront distribution that is not the platform's. CloudFront refuses the " +
		"same " +
		"name on a second distribution.",
	Detection: "The CNAME chain ends at a cloudfront.net name that differs from the one that the service gives.",
	Confused: "record.cname-wrong-target, where the target is no CDN; cdn.not-attached, where the distribution is " +
		"the right one.",
	Refs: []string{"https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/CNAMEs.html"},
}, catalog.Text[EdgeArgs]{
	Summary: func(a EdgeArgs) string {
		return fmt.Sprintf("%s leads to the CDN distribution %s, which is not the platform's", a.Domain, a.Target)
	},
	Why: func(a EdgeArgs) string {
		return fmt.Sprintf(
			"wanted is %s; a CDN accepts a name on one distribution only, so attaching it fails with DOMAIN_013", a.Wanted)
	},
	Fix: func(a EdgeArgs) catalog.Fix {
		return catalog.Fix{
			Steps: []string{
				"point the CNAME to " + a.Wanted,
				"remove the name from the other distribution, in whichever account it is", "then let the platform try again",
			},
			Commands: []string{catalog.DigResolver(a.Domain, "CNAME", "")},
		}
	},
	Example: exampleEdge,
})

// CDNNotAttached is cdn.not-attached.
var CDNNotAttached = catalog.Declare(catalog.Cause{
	ID: "cdn.not-attached", Rung: catalog.CDN, Who: []catalog.Actor{catalog.Platform}, Verdict: catalog.Fail,
	Frequency: 4,
	Title:     "the CDN does not know the host",
	Codes:     []string{"DOMAIN_013", "DOMAIN_021"}, Explains: []catalog.Link{{To: "http.*"}},
	Description: "The request reaches the CDN, which answers that no distribution serves this host.",
	Detection:   "HTTP 403 (or 421) with the CDN's own signature for unknown hosts.",
	Confused: "http.blocked, where the site itself refuses; cdn.provisioning, which ends by itself; " +
		"cdn.certificate-first, where the certificate is what it waits for.",
	Refs: []string{
		"https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/CNAMEs.html",
		"RFC 9110 15.5.20",
	},
}, catalog.Text[EdgeArgs]{
	Summary: func(a EdgeArgs) string { return "the CDN answers that it does not know " + a.Domain },
	Why:     EdgeArgs.answered,
	Fix: func(a EdgeArgs) catalog.Fix {
		return a.curl("the platform must attach the name to its distribution (once the certificate is issued)",
			"nothing to change in DNS")
	},
	Example: EdgeArgs{
		Domain: "shop.example.com", URL: "https://shop.example.com/", Status: 403, Server: "CloudFront",
		Detail: "the page says \"Bad request. We can't connect to the server for this app or website\"",
	},
})

// CDNProvisioning is cdn.provisioning.
var CDNProvisioning = catalog.Declare(catalog.Cause{
	ID: "cdn.provisioning", Rung: catalog.CDN, Who: []catalog.Actor{catalog.Wait}, Verdict: catalog.Warn, Frequency: 4,
	Title: "the CDN is still being set up",
	Codes: []string{"DOMAIN_013"}, Explains: []catalog.Link{
		{To: "certificate.default-served"},
		{To: "cdn.not-attached"},
		{To: "http.*"},
	},
	Description: "A CDN takes minutes to spread a new name over its locations.",
	Detection:   "The service says that the distribution is still deploying.",
	Confused:    "cdn.not-attached, where waiting does not help.",
	Refs:        []string{"https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/HowToUpdateDistribution.html"},
}, catalog.Text[EdgeArgs]{
	Summary: func(a EdgeArgs) string { return "the CDN for " + a.Domain + " is still being set up" },
	Why:     func(a EdgeArgs) string { return "the service says " + a.Detail },
	Fix: func(a EdgeArgs) catalog.Fix {
		return a.curl("wait a few minutes and check again; nothing needs a change")
	},
	Example: EdgeArgs{Domain: "shop.example.com", Detail: "DEPLOYING"},
})

// HTTPUnreachable is http.unreachable.
var HTTPUnreachable = catalog.Declare(catalog.Cause{
	ID: "http.unreachable", Rung: catalog.HTTP, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 4,
	Title:     "no address accepts a connection",
	Codes:     []string{"DOMAIN_019"}, Explains: []catalog.Link{{To: "http.address-fails"}},
	Description: "The name resolves, and nothing answers at any of its addresses.",
	Detection:   "A TCP connection to port 443 of every address failed.",
	Confused: "certificate.handshake-fails, where a connection opens; record.private-address, where nobody could " +
		"reach the address; http.address-fails, where some of the addresses answer.",
	Refs: []string{"RFC 8305 5", "RFC 9293 3.5.2"},
}, catalog.Text[EdgeArgs]{
	Summary: func(a EdgeArgs) string { return "nothing answers at the addresses of " + a.Domain },
	Why:     func(a EdgeArgs) string { return catalog.Join(a.Addresses) },
	Fix: func(a EdgeArgs) catalog.Fix {
		return a.curl("check that the addresses in DNS are the platform's",
			"at a server of your own: check that it runs and that a firewall lets port 443 through")
	},
	Example: exampleEdge,
})

// HTTPAddressFails is http.address-fails.
var HTTPAddressFails = catalog.Declare(catalog.Cause{
	ID: "http.address-fails", Rung: catalog.HTTP, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 3,
	Title:     "some addresses fail, others work",
	Codes:     []string{"DOMAIN_019"},
	Description: "A part of the visitors meets an address that does not answer: a stray A or AAAA record, or a " +
		"server " +
		"that is down.",
	Detection: "A TCP connection to port 443 of every address: some open, some do not.",
	Confused:  "http.unreachable, where none answers; vantage.no-ipv6, where the address was not tried.",
	Refs:      []string{"RFC 8305"},
}, catalog.Text[EdgeArgs]{
	Summary: func(a EdgeArgs) string {
		if len(a.Good) == 0 {
			return fmt.Sprintf("%s of %s does not answer; the others could not be tried from here",
				catalog.Plural(len(a.Addresses), "address"), a.Domain)
		}
		return fmt.Sprintf("%s of %s does not answer; others do", catalog.Plural(len(a.Addresses), "address"), a.Domain)
	},
	Why: func(a EdgeArgs) string {
		if len(a.Good) == 0 {
			return catalog.Join(a.Addresses) + "; " + catalog.Join(a.Untried) +
				" was not tried, since this machine has no IPv6"
		}
		return catalog.Join(a.Addresses) + "; " + catalog.Join(a.Good) + " work"
	},
	Fix: func(a EdgeArgs) catalog.Fix {
		return a.curl("delete the A or AAAA record of the address that fails, unless its server should run")
	},
	Example: exampleEdge,
})

// HTTPServerError is http.server-error.
var HTTPServerError = catalog.Declare(catalog.Cause{
	ID: "http.server-error", Rung: catalog.HTTP, Who: []catalog.Actor{catalog.Tenant, catalog.Platform},
	Verdict: catalog.Fail, Frequency: 3,
	Title:       "the server answers with an error of its own",
	Codes:       []string{"DOMAIN_019"},
	Description: "Everything up to the server works, and the server answers 5xx.",
	Detection:   "The answer to GET / with the domain's name.",
	Confused: "http.origin-unreachable, where the CDN answers because the site does not; http.not-routed, where the " +
		"platform has nothing to answer with.",
	Refs: []string{"RFC 9110 15.6"},
}, catalog.Text[EdgeArgs]{
	Summary: func(a EdgeArgs) string { return fmt.Sprintf("%s answers with error %d", a.Domain, a.Status) },
	Why:     EdgeArgs.answered,
	Fix: func(a EdgeArgs) catalog.Fix {
		return a.curl("look into the log of the application behind the domain",
			"if the page comes from the CDN itself, the platform looks into it")
	},
	Example: exampleEdge,
})

// HTTPOriginUnreachable is http.origin-unreachable.
var HTTPOriginUnreachable = catalog.Declare(catalog.Cause{
	ID: "http.origin-unreachable", Rung: catalog.HTTP, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 3,
	Title:     "the CDN cannot reach what is behind it",
	Codes:     []string{"DOMAIN_019", "DOMAIN_021"}, Explains: []catalog.Link{{To: "http.server-error"}},
	Description: "The CDN answers 502 or 504: the server that it should fetch the page from does not answer it, or " +
		"not " +
		"in time.",
	Detection: "HTTP 502 or 504 with the CDN's signature.",
	Confused:  "http.server-error, where the site itself answers; http.unreachable, where not even the CDN is reached.",
	Refs: []string{
		"RFC 9110 15.6.3", "RFC 9110 15.6.5",
		"https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/http-502-bad-gateway.html",
	},
}, catalog.Text[EdgeArgs]{
	Summary: func(a EdgeArgs) string {
		return fmt.Sprintf("the CDN answers %d for %s: it cannot reach the server behind it", a.Status, a.Domain)
	},
	Why: EdgeArgs.answered,
	Fix: func(a EdgeArgs) catalog.Fix {
		return a.curl("check the server that the route leads to, and its certificate")
	},
	Example: EdgeArgs{Domain: "shop.example.com", URL: "https://shop.example.com/", Status: 504, Server: "CloudFront"},
})

// HTTPRedirectLoop is http.redirect-loop.
var HTTPRedirectLoop = catalog.Declare(catalog.Cause{
	ID: "http.redirect-loop", Rung: catalog.HTTP, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 3,
	Title:     "redirects run in a circle",
	Codes:     []string{"DOMAIN_019"},
	Description: "A page redirects to another that redirects back, or more than ten times in a row: a proxy that " +
		"speaks http to a server that insists on https is the usual reason.",
	Detection: "The redirects are followed one by one and recorded.",
	Confused:  "service.redirect-cycle, where the platform's own routes go round; record.cname-loop, where names do.",
	Refs:      []string{"RFC 9110 15.4", "https://developers.cloudflare.com/ssl/troubleshooting/too-many-redirects/"},
}, catalog.Text[EdgeArgs]{
	Summary: func(a EdgeArgs) string { return "the redirects of " + a.Domain + " never end at a page" },
	Why:     func(a EdgeArgs) string { return "the hops are " + catalog.Join(a.Hops) },
	Fix: func(a EdgeArgs) catalog.Fix {
		return a.curl("at a proxy in front of the domain, set TLS to \"full (strict)\" instead of \"flexible\"",
			"remove one of the two redirects")
	},
	Example: EdgeArgs{
		Domain: "shop.example.com", URL: "https://shop.example.com/",
		Hops: []string{"https://shop.example.com/ 301", "http://shop.example.com/ 301", "https://shop.example.com/"},
	},
})

// HTTPBlocked is http.blocked.
var HTTPBlocked = catalog.Declare(catalog.Cause{
	ID: "http.blocked", Rung: catalog.HTTP, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Warn, Frequency: 2,
	Title: "the page is protected",
	Codes: []string{"DOMAIN_019"},
	Description: "The site is reachable and answers 401, 403 or 429, or shows a page for robots: a health check that " +
		"comes from a machine may be refused in the same way.",
	Detection: "The answer to GET / with the domain's name.",
	Confused: "cdn.not-attached, where the CDN refuses because it does not know the host; http.server-error, where " +
		"the server fails.",
	Refs: []string{"RFC 9110 15.5.2", "RFC 9110 15.5.4", "RFC 6585 4"},
}, catalog.Text[EdgeArgs]{
	Summary: func(a EdgeArgs) string {
		return fmt.Sprintf("%s is reachable, but answers machines with %d", a.Domain, a.Status)
	},
	Why: EdgeArgs.answered,
	Fix: func(a EdgeArgs) catalog.Fix {
		return a.curl("let the service's health check through the firewall or login")
	},
	Example: EdgeArgs{Domain: "shop.example.com", URL: "https://shop.example.com/", Status: 403, Server: "nginx"},
})

// HTTPNotRouted is http.not-routed.
var HTTPNotRouted = catalog.Declare(catalog.Cause{
	ID: "http.not-routed", Rung: catalog.HTTP, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 4,
	Title:     "the platform has nothing to show for the host",
	Codes:     []string{"DOMAIN_014"},
	Description: "The request reaches the platform, which answers 404 itself: no route leads from this host and path " +
		"to anything.",
	Detection: "HTTP 404 with the platform's edge signature.",
	Confused: "a 404 of the application behind the domain, which is a page that does not exist; http.other-host, " +
		"where another provider answers; service.route-missing, which is the same seen in the service.",
	Refs: []string{"RFC 9110 15.5.5", "Domains Service, error code DOMAIN_014"},
}, catalog.Text[EdgeArgs]{
	Summary: func(a EdgeArgs) string { return "the platform answers 404 for " + a.Domain + ": no route matches" },
	Why:     EdgeArgs.answered,
	Fix: func(a EdgeArgs) catalog.Fix {
		return a.curl("create a route for the host (POST /domains/v1/:id/routes)")
	},
	Example: EdgeArgs{Domain: "shop.example.com", URL: "https://shop.example.com/", Status: 404, Server: "CloudFront"},
})

// CDNCertificateFirst is cdn.certificate-first.
var CDNCertificateFirst = catalog.Declare(catalog.Cause{
	ID: "cdn.certificate-first", Rung: catalog.CDN, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 4,
	Title:     "the CDN needs the certificate first",
	Codes:     []string{"DOMAIN_013"}, Explains: []catalog.Link{
		{To: "certificate.default-served"},
		{To: "cdn.not-attached"},
		{To: "http.*"},
	},
	Description: "A CDN accepts a name only with a certificate that covers it. The certificate is not issued yet, so " +
		"the name cannot be attached.",
	Detection: "The service reported that the CDN could not be provisioned, and its certificate for the domain is " +
		"not issued.",
	Confused: "an outage of the CDN (service.integration-incident): trying again does not help before the " +
		"certificate is there; cdn.not-attached, where the certificate is there.",
	Refs: []string{"https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cnames-and-https-requirements.html"},
}, catalog.Text[EdgeArgs]{
	Summary: func(a EdgeArgs) string {
		return a.Domain + " cannot be attached to the CDN before its certificate is issued"
	},
	Why: func(a EdgeArgs) string { return a.Detail },
	Fix: func(EdgeArgs) catalog.Fix {
		return catalog.Steps(
			"request the certificate (POST /domains/v1/:id/ssl) and publish the validation record that it names",
			"once it is issued, let the platform attach the name again")
	},
	Example: EdgeArgs{Domain: "shop.example.com", Detail: "the service holds no certificate for it"},
})

// HTTPOtherHost is http.other-host.
var HTTPOtherHost = catalog.Declare(catalog.Cause{
	ID: "http.other-host", Rung: catalog.HTTP, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 4,
	Title:     "another provider's page answers",
	Codes:     []string{"DOMAIN_019"}, Explains: []catalog.Link{
		{To: "http.server-error"},
		{To: "http.blocked"},
		{To: "http.not-routed"},
	},
	Description: "The domain leads to another provider, whose own page (\"no such site\", a parking page) is shown.",
	Detection:   "The answer has the marks of a known provider, and the domain does not lead to the platform.",
	Confused: "http.not-routed, where the platform itself answers; record.cname-wrong-target, which is what the DNS " +
		"shows of it.",
	Refs: []string{"RFC 9110 7.2", "https://github.com/EdOverflow/can-i-take-over-xyz"},
}, catalog.Text[EdgeArgs]{
	Summary: func(a EdgeArgs) string { return a.Domain + " shows a page of " + a.Target + ", not of the platform" },
	Why:     EdgeArgs.answered,
	Fix: func(a EdgeArgs) catalog.Fix {
		return a.curl("point the domain to the platform in DNS, and delete what leads to "+a.Target,
			"if it should go on to be served there, remove the domain from the platform")
	},
	Example: EdgeArgs{
		Domain: "shop.example.com", URL: "https://shop.example.com/", Status: 404, Server: "GitHub.com",
		Target: "GitHub Pages", Detail: "the page says \"There isn't a GitHub Pages site here.\"",
	},
})
