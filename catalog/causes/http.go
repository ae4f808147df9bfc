package causes

import (
	"fmt"
	"strconv"
	"strings"

	"domdoc/catalog"
	"domdoc/catalog/shell"
)

// PageAnswer is the answer to a request for the domain's page: the arguments of most http.* causes.
type PageAnswer struct {
	Domain string   `json:"domain"`
	URL    string   `json:"url,omitempty"`
	Status int      `json:"status,omitempty"`
	Server string   `json:"server,omitempty"` // the Server header
	Hops   []string `json:"hops,omitempty"`   // the redirects before the answer
	Detail string   `json:"detail,omitempty"` // an excerpt of the page
	// Rejected is what is wrong with the certificate of the redirect's host; empty if nothing is.
	Rejected string `json:"rejected,omitempty"`
	// BreaksOff means that the answer began but did not end.
	BreaksOff bool `json:"breaksOff,omitempty"`
}

// curlFix is a fix that is verified by requesting a URL; without one, the domain's front page.
func curlFix(domain, url string, steps ...string) catalog.Fix {
	if url == "" {
		url = "https://" + domain + "/"
	}
	return catalog.Fix{Steps: steps, Commands: []string{shell.Curl(url, "-sSI")}}
}

func (a PageAnswer) curlFix(steps ...string) catalog.Fix { return curlFix(a.Domain, a.URL, steps...) }

func (a PageAnswer) answered() string {
	s := "the answer is HTTP " + strconv.Itoa(a.Status)
	if a.Server != "" {
		s += " from " + catalog.Quote(a.Server)
	}
	if a.Detail != "" {
		s += "; " + a.Detail
	}
	return s
}

var healthCode = []string{"DOMAIN_019"}

// HTTPUnreachableArgs are the arguments of http.unreachable.
type HTTPUnreachableArgs struct {
	Domain    string   `json:"domain"`
	Addresses []string `json:"addresses,omitempty"` // each with its error
}

// HTTPUnreachable is http.unreachable.
var HTTPUnreachable = catalog.Declare(catalog.Cause{
	ID: "http.unreachable", Rung: catalog.HTTP, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 4,
	Title:     "no address accepts connections",
	Codes:     healthCode, Explains: links(HTTPAddressFails.ID),
	Description: "The name resolves, but none of its addresses accepts connections.",
	Detection:   "A TCP connection to port 443 of every address failed.",
	Confused: "certificate.handshake-fails, where a connection is accepted; record.private-address, where the " +
		"address " +
		"is not reachable from the Internet; http.address-fails, where some of the addresses answer.",
	Refs: []string{"RFC 8305 5", "RFC 9293 3.5.2"},
}, catalog.Text[HTTPUnreachableArgs]{
	Summary: func(a HTTPUnreachableArgs) string {
		return "none of the addresses of " + a.Domain + " accepts connections"
	},
	Why: func(a HTTPUnreachableArgs) string { return catalog.Join(a.Addresses) },
	Fix: func(a HTTPUnreachableArgs) catalog.Fix {
		return curlFix(a.Domain, "", "check that the addresses in DNS belong to the platform",
			"on your own server: check that it is running and that the firewall allows port 443")
	},
	Example: HTTPUnreachableArgs{Domain: "shop.example.com", Addresses: []string{"192.0.2.1:443: connection refused"}},
})

// HTTPAddressFailsArgs are the arguments of http.address-fails.
type HTTPAddressFailsArgs struct {
	Domain    string   `json:"domain"`
	Addresses []string `json:"addresses,omitempty"` // those that fail, each with its error
	Good      []string `json:"good,omitempty"`      // those that accept connections
	Untried   []string `json:"untried,omitempty"`   // those that this machine cannot reach
	// Redirecting are the failing addresses that redirect to a page that cannot be loaded.
	Redirecting []string `json:"redirecting,omitempty"`
}

// HTTPAddressFails is http.address-fails.
var HTTPAddressFails = catalog.Declare(catalog.Cause{
	ID: "http.address-fails", Rung: catalog.HTTP, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 3,
	Title:     "some addresses fail, others work",
	Codes:     healthCode,
	Description: "Some visitors reach an address that does not answer: a leftover A or AAAA record, or a server that " +
		"is down.",
	Detection: "A TCP connection to port 443 of every address is tried, and the page is requested from each. Some " +
		"serve it, others do not answer, or answer with a server error.",
	Confused: "http.unreachable, where no address answers; vantage.no-ipv6, where the address was not tried.",
	Refs:     []string{"RFC 8305"},
}, catalog.Text[HTTPAddressFailsArgs]{
	Summary: func(a HTTPAddressFailsArgs) string {
		s := fmt.Sprintf("%s of %s %s; ", addresses(a.Addresses), a.Domain, verb(a.Addresses, "fails", "fail"))
		if len(a.Good) == 0 {
			return s + "the others could not be tried from here"
		}
		return s + "others work"
	},
	Why: func(a HTTPAddressFailsArgs) string {
		if len(a.Good) == 0 {
			return catalog.Join(a.Addresses) + "; " + catalog.Join(a.Untried) + " " + verb(a.Untried, "was", "were") +
				" not tried, because this machine has no IPv6"
		}
		return catalog.Join(a.Addresses) + "; " + catalog.Join(a.Good) + " " + verb(a.Good, "works", "work")
	},
	Fix: func(a HTTPAddressFailsArgs) catalog.Fix {
		var steps []string
		if len(a.Redirecting) > 0 {
			steps = append(steps, "correct the address that the server at "+catalog.Join(a.Redirecting)+" redirects to")
		}
		if len(a.Redirecting) < len(a.Addresses) {
			steps = append(steps, "delete the A or AAAA record of the failing address, unless its server should be up")
		} else {
			steps = append(steps, "or, if that server should not serve the domain: delete its A or AAAA record")
		}
		return curlFix(a.Domain, "", steps...)
	},
	Example: HTTPAddressFailsArgs{
		Domain: "shop.example.com", Addresses: []string{"192.0.2.1:443: connection refused"},
		Good: []string{"192.0.2.2:443"},
	},
})

// HTTPServerError is http.server-error.
var HTTPServerError = catalog.Declare(catalog.Cause{
	ID: "http.server-error", Rung: catalog.HTTP, Who: []catalog.Actor{catalog.Tenant, catalog.Platform},
	Verdict: catalog.Fail, Frequency: 3,
	Title:       "the server answers with an error",
	Codes:       healthCode,
	Description: "Everything up to the server works, but the server answers 5xx.",
	Detection:   "The answer to GET / with the domain's name is a server error.",
	Confused: "http.origin-unreachable, where the CDN answers because the origin does not; http.not-routed, where " +
		"the " +
		"platform has no content for the host.",
	Refs: []string{"RFC 9110 15.6"},
}, catalog.Text[PageAnswer]{
	Summary: func(a PageAnswer) string { return fmt.Sprintf("%s answers with error %d", a.Domain, a.Status) },
	Why:     PageAnswer.answered,
	Fix: func(a PageAnswer) catalog.Fix {
		return a.curlFix("check the logs of the application behind the domain",
			"if the error page comes from the CDN, the platform must look into it")
	},
	Example: PageAnswer{
		Domain: "shop.example.com", URL: "https://shop.example.com/", Status: 503, Server: "CloudFront",
	},
})

// HTTPOriginUnreachable is http.origin-unreachable.
var HTTPOriginUnreachable = catalog.Declare(catalog.Cause{
	ID: "http.origin-unreachable", Rung: catalog.HTTP, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 3,
	Title:     "the CDN cannot reach the origin",
	Codes:     []string{"DOMAIN_019", "DOMAIN_021"}, Explains: links(HTTPServerError.ID),
	Description: "The CDN answers 502 or 504: the origin server that it fetches the page from does not answer, or " +
		"not " +
		"in time.",
	Detection: "The answer is HTTP 502 or 504 from the CDN.",
	Confused: "http.server-error, where the site itself answers with an error; http.unreachable, where not even the " +
		"CDN is reached.",
	Refs: []string{
		"RFC 9110 15.6.3", "RFC 9110 15.6.5",
		"https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/http-502-bad-gateway.html",
	},
}, catalog.Text[PageAnswer]{
	Summary: func(a PageAnswer) string {
		return fmt.Sprintf("the CDN answers %d for %s: it cannot reach the origin server", a.Status, a.Domain)
	},
	Why: PageAnswer.answered,
	Fix: func(a PageAnswer) catalog.Fix {
		return a.curlFix("check the server that the route points to, and its certificate")
	},
	Example: PageAnswer{
		Domain: "shop.example.com", URL: "https://shop.example.com/", Status: 504, Server: "CloudFront",
	},
})

// HTTPNoAnswer is http.no-answer.
var HTTPNoAnswer = catalog.Declare(catalog.Cause{
	ID: "http.no-answer", Rung: catalog.HTTP, Who: []catalog.Actor{catalog.Tenant, catalog.Platform},
	Verdict: catalog.Fail, Frequency: 2,
	Title: "the server accepts connections but does not answer",
	Codes: healthCode,
	Description: "The server accepts the connection and presents its certificate, but does not answer the request " +
		"for " +
		"the page, sends only the beginning of the answer, or closes the connection.",
	Detection: "After a successful TLS handshake, GET / with the domain's name gets no complete answer in time, or " +
		"the " +
		"connection is closed before it.",
	Confused: "http.unreachable, where the connection itself fails; http.server-error, where the server answers with " +
		"an error; certificate.handshake-fails, where TLS fails before any request.",
	Refs: []string{"RFC 9112 9.5", "RFC 9110 15.6.5"},
}, catalog.Text[PageAnswer]{
	Summary: func(a PageAnswer) string {
		if a.BreaksOff {
			return a.Domain + " begins to send its page but never completes it"
		}
		return a.Domain + " accepts connections, but does not answer requests for the page"
	},
	Why: func(a PageAnswer) string {
		if a.BreaksOff {
			return a.answered()
		}
		return "TLS works, but the request for " + a.URL + " failed: " + a.Detail
	},
	Fix: func(a PageAnswer) catalog.Fix {
		return a.curlFix("check the application behind the domain: it accepts requests but does not answer them",
			"if the name points to the platform, report it to the platform's support")
	},
	Example: PageAnswer{
		Domain: "shop.example.com", URL: "https://shop.example.com/", Detail: "no answer within 8 seconds",
	},
})

// HTTPRedirectLoopArgs are the arguments of http.redirect-loop.
type HTTPRedirectLoopArgs struct {
	Domain string   `json:"domain"`
	URL    string   `json:"url,omitempty"`
	Hops   []string `json:"hops,omitempty"`
}

// HTTPRedirectLoop is http.redirect-loop.
var HTTPRedirectLoop = catalog.Declare(catalog.Cause{
	ID: "http.redirect-loop", Rung: catalog.HTTP, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 3,
	Title:     "redirect loop",
	Codes:     healthCode,
	Description: "A page redirects back to itself through others, or redirects more than ten times. The usual reason " +
		"is a proxy that connects over http to a server that redirects to https.",
	Detection: "The redirects are followed one by one and recorded.",
	Confused: "service.redirect-cycle, where the platform's own routes form the loop; record.cname-loop, where CNAME " +
		"records do.",
	Refs: []string{"RFC 9110 15.4", "https://developers.cloudflare.com/ssl/troubleshooting/too-many-redirects/"},
}, catalog.Text[HTTPRedirectLoopArgs]{
	Summary: func(a HTTPRedirectLoopArgs) string { return "the redirects of " + a.Domain + " never reach a page" },
	Why:     func(a HTTPRedirectLoopArgs) string { return "the redirects are " + catalog.Join(a.Hops) },
	Fix: func(a HTTPRedirectLoopArgs) catalog.Fix {
		return curlFix(a.Domain, a.URL,
			"at a proxy in front of the domain, set TLS to \"full (strict)\" instead of \"flexible\"",
			"remove one of the two redirects")
	},
	Example: HTTPRedirectLoopArgs{
		Domain: "shop.example.com", URL: "https://shop.example.com/",
		Hops: []string{"https://shop.example.com/ 301", "http://shop.example.com/ 301", "https://shop.example.com/"},
	},
})

// HTTPRedirectNowhere is http.redirect-nowhere.
var HTTPRedirectNowhere = catalog.Declare(catalog.Cause{
	ID: "http.redirect-nowhere", Rung: catalog.HTTP, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 2,
	Title:     "the page redirects to a host that does not answer",
	Codes:     healthCode,
	Description: "The page redirects to a host without an address, to a private address, to a server or port that " +
		"does " +
		"not accept connections, or to a host without a valid certificate. Visitors see an error in their browser.",
	Detection: "The redirects are followed. The last host has no address, a connection to its addresses and port " +
		"fails, or the certificate of a host on the way is not valid, while the domain's own is.",
	Confused: "http.redirect-loop, where each redirect is answered; http.unreachable, where the domain's own " +
		"addresses " +
		"do not answer.",
	Refs: []string{"RFC 9110 15.4", "RFC 9110 10.2.2"},
}, catalog.Text[PageAnswer]{
	Summary: func(a PageAnswer) string {
		if a.Rejected != "" {
			return a.Domain + " redirects to a host whose certificate browsers reject"
		}
		return a.Domain + " redirects to a host that does not answer"
	},
	Why: func(a PageAnswer) string {
		return "the redirects are " + catalog.Join(a.Hops) + "; " + a.Detail + a.Rejected
	},
	Fix: func(a PageAnswer) catalog.Fix {
		if a.Rejected != "" {
			return a.curlFix("have the redirect's host serve a certificate that covers its name",
				"or correct the address that the application or its proxy redirects to")
		}
		return a.curlFix("correct the address that the application or its proxy redirects to")
	},
	Example: PageAnswer{
		Domain: "shop.example.com", URL: "https://shop.example.com:8443/",
		Hops:   []string{"https://shop.example.com/ (302)", "https://shop.example.com:8443/"},
		Detail: "192.0.2.1:8443: connection refused",
	},
})

// HTTPBlocked is http.blocked.
var HTTPBlocked = catalog.Declare(catalog.Cause{
	ID: "http.blocked", Rung: catalog.HTTP, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Warn, Frequency: 2,
	Title: "the site blocks automated requests",
	Codes: healthCode,
	Description: "The site is reachable but answers 401, 403 or 429, or a bot check, which may have any status. The " +
		"service's health check may be blocked in the same way.",
	Detection: "The answer to GET / with the domain's name is a refusal by the site, or by a firewall or bot check " +
		"in " +
		"front of it.",
	Confused: "cdn.not-attached, where the CDN refuses because the host is not attached; http.server-error, where " +
		"the " +
		"server fails.",
	Refs: []string{"RFC 9110 15.5.2", "RFC 9110 15.5.4", "RFC 6585 4"},
}, catalog.Text[PageAnswer]{
	Summary: func(a PageAnswer) string {
		if a.Status < 400 || a.Status >= 500 {
			return fmt.Sprintf("%s is reachable, but a firewall or bot check answers automated requests (HTTP %d)",
				a.Domain,
				a.Status)
		}
		return fmt.Sprintf("%s is reachable, but answers automated requests with %d", a.Domain, a.Status)
	},
	Why: PageAnswer.answered,
	Fix: func(a PageAnswer) catalog.Fix {
		return a.curlFix("allow the service's health check through the firewall or login")
	},
	Example: PageAnswer{Domain: "shop.example.com", URL: "https://shop.example.com/", Status: 403, Server: "nginx"},
})

// HTTPNotRouted is http.not-routed.
var HTTPNotRouted = catalog.Declare(catalog.Cause{
	ID: "http.not-routed", Rung: catalog.HTTP, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency:   4,
	Title:       "the platform has no route for the host",
	Codes:       []string{"DOMAIN_014"},
	Description: "The request reaches the platform, which answers 404 itself: no route matches this host and path.",
	Detection:   "The answer is HTTP 404 from the platform's edge.",
	Confused: "a 404 of the application behind the domain, where only the page does not exist; http.other-host, " +
		"where " +
		"another provider answers; service.route-missing, which is the same fault seen in the service.",
	Refs: []string{"RFC 9110 15.5.5", "Domains Service, error code DOMAIN_014"},
}, catalog.Text[PageAnswer]{
	Summary: func(a PageAnswer) string { return "the platform answers 404 for " + a.Domain + ": no route matches" },
	Why:     PageAnswer.answered,
	Fix: func(a PageAnswer) catalog.Fix {
		return a.curlFix("create a route for the host (POST /domains/v1/:id/routes)")
	},
	Example: PageAnswer{
		Domain: "shop.example.com", URL: "https://shop.example.com/", Status: 404, Server: "CloudFront",
	},
})

// HTTPOtherHostArgs are the arguments of http.other-host.
type HTTPOtherHostArgs struct {
	Domain string   `json:"domain"`
	URL    string   `json:"url,omitempty"`
	Status int      `json:"status,omitempty"`
	Server string   `json:"server,omitempty"` // the Server header
	Hops   []string `json:"hops,omitempty"`   // the redirects before the answer
	Target string   `json:"target,omitempty"` // the provider that answers
	Detail string   `json:"detail,omitempty"` // an excerpt of the page
	// Rejected is what is wrong with the certificate of the redirect's host; empty if nothing is.
	Rejected string `json:"rejected,omitempty"`
	// BreaksOff means that the answer began but did not end.
	BreaksOff bool `json:"breaksOff,omitempty"`
}

// HTTPOtherHost is http.other-host.
var HTTPOtherHost = catalog.Declare(catalog.Cause{
	ID: "http.other-host", Rung: catalog.HTTP, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency:   4,
	Title:       "another provider's page is shown",
	Codes:       healthCode,
	Explains:    links(HTTPServerError.ID, HTTPBlocked.ID, HTTPNotRouted.ID),
	Description: "The domain points to another provider, whose own page is shown (\"no such site\", a parking page).",
	Detection:   "The answer matches a known page of a provider, and the domain does not point to the platform.",
	Confused: "http.not-routed, where the platform itself answers; record.cname-wrong-target, which is the same " +
		"fault " +
		"seen in DNS.",
	Refs: []string{"RFC 9110 7.2", "https://github.com/EdOverflow/can-i-take-over-xyz"},
}, catalog.Text[HTTPOtherHostArgs]{
	Summary: func(a HTTPOtherHostArgs) string {
		if strings.HasPrefix(a.Target, "a ") {
			return a.Domain + " shows " + a.Target + " instead of the platform"
		}
		return a.Domain + " shows a page of " + a.Target + " instead of the platform"
	},
	Why: func(a HTTPOtherHostArgs) string {
		return PageAnswer{Status: a.Status, Server: a.Server, Detail: a.Detail}.answered()
	},
	Fix: func(a HTTPOtherHostArgs) catalog.Fix {
		return curlFix(a.Domain, a.URL,
			"point the domain to the platform in DNS, and delete the records that point to "+a.Target,
			"if it should still be served there, remove the domain from the platform")
	},
	Example: HTTPOtherHostArgs{
		Domain: "shop.example.com", URL: "https://shop.example.com/", Status: 404, Server: "GitHub.com",
		Target: "GitHub Pages", Detail: "the page says \"There isn't a GitHub Pages site here.\"",
	},
})
