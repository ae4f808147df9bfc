package foreign

import "domdoc/catalog"

// The documents of programs, libraries and CDNs.
const (
	curlErrors     = "https://curl.se/libcurl/c/libcurl-errors.html"
	opensslVerify  = "https://docs.openssl.org/master/man1/openssl-verification-options/"
	goX509         = "https://pkg.go.dev/crypto/x509"
	goNet          = "https://pkg.go.dev/net#DNSError"
	nodeErrors     = "https://nodejs.org/api/tls.html#x509-certificate-error-codes"
	nodeSystem     = "https://nodejs.org/api/errors.html#common-system-errors"
	tlsAlerts      = "RFC 8446 6.2, RFC 6066 3"
	dnsRcodes      = "RFC 1035 4.1.1, RFC 2308"
	cloudflare5xx  = "https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-5xx-errors/"
	cloudflare1xxx = "https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-1xxx-errors/"
	cloudFrontHTTP = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/" +
		"troubleshooting-response-errors.html"
	cloudFront403  = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/http-403-permission-denied.html"
	httpStatuses   = "RFC 9110 15.6"
	letsEncrypt    = "https://letsencrypt.org/docs/integration-guide/"
	cloudFrontLogs = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logs-reference.html"
	s3Errors       = "https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html"
	githubPages    = "https://docs.github.com/en/pages/getting-started-with-github-pages/creating-a-custom-404-page-for-" +
		"your-github-pages-site"
	herokuErrors = "https://devcenter.heroku.com/articles/error-pages"
	vercelErrors = "https://vercel.com/docs/errors/DEPLOYMENT_NOT_FOUND"
)

// curl makes the entry of an exit code of curl.
func curl(number, constant, meaning string, causes []catalog.ID) Message {
	return Message{
		Name: "curl (" + number + ")", Product: "curl", number: "curl " + number, Meaning: meaning, Causes: causes,
		Source: curlErrors,
		pattern: `\bcurl:? ?\(` + number + `\)|\bcurl (?:error|errno|exit code)[ :#]*` + number + `\b|\bcurle_` +
			constant + `\b`,
	}
}

// clients are the messages of programs and libraries.
var clients = []Message{
	curl("6", "couldnt_resolve_host", "the name could not be resolved", notResolved),
	curl("7", "couldnt_connect", "the address of the name does not accept the connection", noConnection),
	curl("28", "operation_timedout", "the address of the name does not answer in time",
		[]catalog.ID{"http.unreachable", "http.no-answer"}),
	curl("35", "ssl_connect_error", "the TLS handshake failed", handshake),
	curl("47", "too_many_redirects", "the page redirects in a loop", redirects),
	curl("51", "peer_failed_verification", "the certificate does not cover the name", wrongCertificate),
	curl("52", "got_nothing", "the server closed the connection without a response", noAnswer),
	curl("56", "recv_error", "the connection broke while the response was read", noAnswer),
	curl("60", "ssl_cacert",
		"the certificate was rejected: it does not cover the name, has expired, or is not signed by "+
			"a trusted authority", []catalog.ID{
			"certificate.name-mismatch", "certificate.untrusted", "certificate.expired", "certificate.default-served",
		}),
	{
		Name:    "x509: certificate is valid for",
		pattern: `\bx509: certificate is (?:valid for|not valid for any names)|\bcannot validate certificate for\b`,
		Product: "programs written in Go", Causes: wrongCertificate, Source: goX509,
		Meaning: "the certificate that the server presented does not cover the name",
	},
	{
		Name:    "x509: certificate has expired or is not yet valid",
		pattern: `\bx509: certificate has expired or is not yet valid\b`,
		Product: "programs written in Go", Causes: datesWrong, Source: goX509,
		Meaning: "the certificate has expired or is not valid yet, or the clock of the machine is wrong",
	},
	{
		Name:    "x509: certificate signed by unknown authority",
		pattern: `\bx509: certificate signed by unknown authority\b`,
		Product: "programs written in Go", Causes: untrusted, Source: goX509,
		Meaning: "the certificate is signed by an authority that the machine does not trust, or the chain is incomplete",
	},
	{
		Name: "x509", family: "x509", pattern: `\b(x509: [a-z ]{4,60}[a-z])`, Product: "programs written in Go",
		Causes: untrusted, Source: goX509, Meaning: "the certificate that the server presented was rejected",
	},
	{
		Name: "no such host", pattern: `\blookup [^\s]+(?: on [^\s]+)?: (no such host)\b`,
		Product: "programs written in Go", Causes: nameNotFound, Source: goNet,
		Meaning: "DNS says that the name does not exist",
	},
	{
		Name: "server misbehaving", pattern: `\blookup [^\s]+(?: on [^\s]+)?: (server misbehaving)\b`,
		Product: "programs written in Go", Causes: lookupFails, Source: goNet, Meaning: "the DNS query failed",
	},
	{
		Name: "ENOTFOUND",
		pattern: `\b(?:getaddrinfo )?(enotfound|eai_noname|eai_again)\b|\bunknownhostexception\b|\bname or service ` +
			`not known\b|\bnodename nor servname provided\b|\btemporary failure in name resolution\b|` +
			`\bunable to resolve host(?: address)?\b|\bcould not resolve hostname\b`,
		unless:  `\bcurl:? ?\(6\)`,
		Product: "Node.js, Java, Python, wget and the C library", Causes: notResolved, Source: nodeSystem,
		Meaning: "the name could not be resolved",
	},
	{
		Name: "ERR_TLS_CERT_ALTNAME_INVALID",
		pattern: `\berr_tls_cert_altname_invalid\b|\bhostname/ip does not match certificate's\b|\bhostname mismatch, ` +
			`certificate is not valid for\b|\bno (?:alternative certificate )?subject (?:alternative )?(?:dns )?names? ` +
			`(?:present|matching|matches)\b`,
		unless:  `\bcurl:? ?(?:error )?\(?(?:60|51)\b`,
		Product: "Node.js, Python, Java and OpenSSL", Causes: wrongCertificate, Source: nodeErrors,
		Meaning: "the certificate that the server presented does not cover the name",
	},
	{
		Name: "certificate has expired",
		pattern: `\b(?:verify (?:return code|error)[: ].{0,12}|\[?ssl: ` +
			`certificate_verify_failed\]?.{0,40})?\(?(certificate has expired|cert_has_expired)\b`,
		unless:  `\bx509:`,
		Product: "OpenSSL, Node.js and Python", Causes: datesWrong, Source: opensslVerify,
		Meaning: "the certificate has expired, or the clock of the machine is wrong",
	},
	{
		Name: "unable to get local issuer certificate",
		pattern: `\bunable to (?:get (?:local )?issuer certificate|verify the first ` +
			`certificate)\b|\bunable_to_(?:verify_leaf_signature|get_issuer_cert(?:_locally)?)\b|\bpkix path building ` +
			`failed\b`,
		unless:  `\bcurl:? ?(?:error )?\(?60\b`,
		Product: "OpenSSL, Node.js, Python and Java",
		Causes:  []catalog.ID{"certificate.untrusted", "certificate.default-served", "vantage.tls-intercepted"},
		Source:  opensslVerify,
		Meaning: "the certificate is signed by an unknown authority, or the server does not send the intermediate " +
			"certificate",
	},
	{
		Name: "self-signed certificate",
		pattern: `\b(?:depth_zero_self_signed_cert|self_signed_cert_in_chain|self[- ]signed certificate(?: in ` +
			`certificate chain)?)\b`,
		unless:  `\bcurl:? ?(?:error )?\(?60\b`,
		Product: "OpenSSL, Node.js and Python", Causes: untrusted, Source: opensslVerify,
		Meaning: "the certificate is signed by itself, not by an authority",
	},
	{
		Name: "tls: handshake failure",
		pattern: `\bremote error: tls: (?:handshake failure|internal error|unrecognized ` +
			`name)\b|\b(?:sslv3|tlsv1|ssl/tls) alert (?:handshake failure|internal error|unrecognized ` +
			`name)\b|\bsslhandshakeexception\b|\bno peer certificate available\b`,
		unless:  `\bcurl:? ?(?:error )?\(?35\b|\bpkix path building failed\b`,
		Product: "Go, OpenSSL and Java", Causes: handshake, Source: tlsAlerts,
		Meaning: "the server has no certificate for the name, or offers no TLS version or cipher in common",
	},
	{
		Name: "ECONNREFUSED",
		pattern: `\beconnrefused\b|\bconnect(?:ion)?: connection refused\b|\bdial tcp [^\s]+: (?:connect: connection ` +
			`refused|i/o timeout)\b|\betimedout\b`,
		unless:  `\bcurl:? ?(?:error )?\(?7\b`,
		Product: "Go, Node.js and Python", Causes: noConnection, Source: nodeSystem,
		Meaning: "the address of the name does not accept the connection",
	},
	{
		Name: "stopped after 10 redirects", Product: "programs written in Go", Causes: redirects,
		Source: "https://pkg.go.dev/net/http#Client", Meaning: "the page redirects in a loop",
	},
}

// resolvers are the outputs of DNS tools.
var resolvers = []Message{
	{
		Name: "NXDOMAIN",
		pattern: `\bstatus: (nxdomain)\b|\bcan't\W+find [^\s]+: (?:nxdomain|non-existent domain)\b|\bnot found: ` +
			`3\(nxdomain\)`,
		Product: "dig, host and nslookup", Causes: nameNotFound, Source: dnsRcodes,
		Meaning: "DNS says that the name does not exist",
	},
	{
		Name:    "SERVFAIL",
		pattern: `\bstatus: (servfail)\b|\bcan't\W+find [^\s]+: (?:servfail|server failed)\b|\bnot found: 2\(servfail\)`,
		Product: "dig, host and nslookup", Causes: lookupFails, Source: dnsRcodes,
		Meaning: "the resolver could not resolve the name",
	},
	{
		Name:    "REFUSED",
		pattern: `\bstatus: (refused)\b|\bcan't\W+find [^\s]+: (?:refused|query refused)\b|\bnot found: 5\(refused\)`,
		Product: "dig, host and nslookup", Causes: []catalog.ID{"delegation.lame"}, Source: dnsRcodes,
		Meaning: "the server does not answer for the name",
	},
}

// numberOf is the pattern of a numbered error: the word error, in one of the languages of tickets, or a status line.
func numberOf(number, title string) string {
	return `(?:\b(?:error|err|errors|fehler|fehlercode|erreur|errore|erro|http|status|cloudflare)\b|エラー)` +
		`(?:[ -]?(?:code|nr|no|number|num[eé]ro|n[uú]mero|コード)\b)?[\s.:#=\-("“„«'\x00]{0,6}` +
		`(?:http[ /]?[\d.]* )?(` + number + `)\b|\bhttp/[\d.]+ (` + number + `)\b|\b(` + number +
		`)[\s:,.-]{1,3}(?:error )?` +
		`(?:` + title + `)|\berror-(` + number + `)\b`
}

// notHere are texts in which such a number means something else: other protocols, databases and units.
const notHere = `\((?:hy000|\d{5})\)|\bsqlstate|\bmysql\b|\bmariadb\b|\b5[23]\d[ -]\d\.\d\.\d|\b\d{3,4} ` +
	`?(?:ms|milliseconds?|seconds?|km|kg|eur|usd)\b|\bftp\b`

// flare makes the entry of a number of Cloudflare.
func flare(number, title, meaning string, causes ...catalog.ID) Message {
	source := cloudflare1xxx
	if len(number) == 3 {
		source = cloudflare5xx
	}
	return Message{
		Name: "Cloudflare " + number, Product: "Cloudflare", number: number, Meaning: meaning, Causes: causes,
		Source: source, pattern: numberOf(number, title), unless: notHere,
	}
}

// cloudflare are the errors that Cloudflare shows in place of a page.
var cloudflare = []Message{
	flare("520", "web server|unknown error",
		"the origin returned an unexpected response to Cloudflare, so the name is "+
			"behind Cloudflare's proxy", append([]catalog.ID{"record.proxied"}, originFails...)...),
	flare("521", "web server is down", "the origin refuses connections from Cloudflare's proxy",
		append([]catalog.ID{"record.proxied"}, originFails...)...),
	flare("522", "connection timed out", "Cloudflare's proxy could not reach the origin in time",
		append([]catalog.ID{"record.proxied"}, originFails...)...),
	flare("523", "origin is unreachable",
		"Cloudflare's proxy has no route to the origin, often because the record has a "+
			"wrong address", append([]catalog.ID{"record.proxied", "record.value-differs"}, originFails...)...),
	flare("524", "a timeout occurred", "the origin did not respond to Cloudflare's proxy in time",
		append([]catalog.ID{"record.proxied"}, originFails...)...),
	flare("525", "ssl handshake failed", "the TLS handshake between Cloudflare's proxy and the origin failed",
		"record.proxied", "certificate.handshake-fails", "certificate.not-deployed"),
	flare("526", "invalid ssl certificate", "Cloudflare's proxy rejects the certificate of the origin",
		"record.proxied", "certificate.name-mismatch", "certificate.not-deployed", "certificate.expired"),
	flare("527", "railgun", "the connection between Cloudflare's proxy and the origin was interrupted",
		"record.proxied"),
	flare("530", "origin dns error|site frozen", "the page shows a 1xxx error of Cloudflare with the reason",
		"record.proxied", "record.cname-dangling"),
	flare("1000", "dns points to prohibited ip", "a record behind Cloudflare's proxy points to an address that is not "+
		"allowed, such as one of Cloudflare's own", "record.proxied", "record.value-differs"),
	flare("1001", "dns resolution error", "Cloudflare could not resolve the name that the record points to",
		"record.cname-dangling", "record.cname-wrong-target", "record.proxied"),
	flare("1002", "dns points to prohibited ip|restricted",
		"a record behind Cloudflare's proxy points to an address or "+
			"name that is not allowed", "record.proxied", "record.value-differs"),
	flare("1003", "direct ip access not allowed", "Cloudflare was visited by its address instead of a name",
		"record.proxied"),
	flare("1004", "host not configured to serve web traffic",
		"Cloudflare does not proxy the name, or its records point to "+
			"addresses of Cloudflare", "record.proxied", "record.stray-address", "record.cname-wrong-target"),
	flare("1005", "access denied", "the site blocks the visitor's network at Cloudflare", blockedByRules...),
	flare("1006", "access denied", "Cloudflare blocks the visitor's address", blockedByRules...),
	flare("1007", "access denied", "Cloudflare blocks the visitor's address", blockedByRules...),
	flare("1008", "access denied", "Cloudflare blocks the visitor's address", blockedByRules...),
	flare("1009", "access denied", "the site blocks the visitor's country or region at Cloudflare", blockedByRules...),
	flare("1010", "access denied|owner of this website has banned",
		"the site blocks the visitor's browser at Cloudflare",
		blockedByRules...),
	flare("1011", "access denied", "the site does not allow hotlinking at Cloudflare", blockedByRules...),
	flare("1012", "access denied", "Cloudflare blocks the visitor's address", blockedByRules...),
	flare("1013", "http hostname and tls sni hostname mismatch", "the client sent different names in TLS and in HTTP",
		"http.not-routed"),
	flare("1014", "cname cross-user banned", "the name is a CNAME to a name in another Cloudflare account, which that "+
		"account does not allow", behindAnother...),
	flare("1015", "you are being rate limited", "the site limits the visitor's requests at Cloudflare",
		blockedByRules...),
	flare("1016", "origin dns error", "Cloudflare could not resolve the address of the origin",
		"record.cname-dangling", "record.proxied", "record.missing"),
	flare("1018", "could not find host",
		"Cloudflare does not find the site for the name, often because it was added a "+
			"short time ago", "record.proxied", "record.cname-wrong-target"),
	flare("1019", "compute server error", "a Cloudflare Worker calls itself", "record.proxied"),
	flare("1020", "access denied", "a firewall rule of the site at Cloudflare blocks the visitor", blockedByRules...),
	flare("1023", "could not find host",
		"Cloudflare does not find the site for the name, often because it was added a "+
			"short time ago", "record.proxied", "record.cname-wrong-target"),
	flare("1025", "please check back later", "the site has reached its limit of Cloudflare Workers", "record.proxied"),
	flare("1033", "(?:argo|cloudflare) tunnel error", "the name points to a Cloudflare Tunnel that has no connection",
		"record.cname-wrong-target", "record.proxied"),
	flare("1034", "edge ip restricted", "a record points to an address of Cloudflare that is not usable for it",
		"record.stray-address", "record.value-differs"),
	flare("1035", "invalid request rewrite", "a rewrite rule of the site at Cloudflare is invalid", "record.proxied"),
	flare("1036", "invalid request rewrite", "a rewrite rule of the site at Cloudflare is invalid", "record.proxied"),
	flare("1037", "invalid rewrite rule", "a rewrite rule of the site at Cloudflare is invalid", "record.proxied"),
	flare("1040", "invalid request rewrite", "a rewrite rule of the site at Cloudflare is invalid", "record.proxied"),
	flare("1041", "invalid request rewrite", "a rewrite rule of the site at Cloudflare is invalid", "record.proxied"),
	flare("1106", "access denied", "Cloudflare blocks the visitor's address", blockedByRules...),
	flare("1101", "rendering error|worker threw", "a Cloudflare Worker of the site failed", "record.proxied"),
	flare("1102", "rendering error|worker exceeded", "a Cloudflare Worker of the site exceeded a limit",
		"record.proxied"),
	flare("1200", "cache connection limit", "too many requests wait at Cloudflare for the origin", originFails...),
}

// cfStatus makes the entry of a status page of CloudFront.
func cfStatus(number, meaning string, causes ...catalog.ID) Message {
	return Message{
		Name: "CloudFront " + number, Product: "CloudFront", number: "cloudfront " + number, Meaning: meaning,
		Causes: causes, Source: cloudFrontHTTP,
		pattern: `\b` + number + ` error\b(?:[^\n]*\n){0,4}?[^\n]*\brequest could not be\s+satisfied\b|` +
			`\bcloudfront\W{0,4}(?:http )?(?:error )?` + number + `\b`,
	}
}

// cloudfront are the errors that CloudFront shows in place of a page.
var cloudfront = []Message{
	cfStatus("400", "CloudFront could not understand the request", "http.not-routed", "http.blocked"),
	cfStatus("403", "CloudFront has no distribution for the name, or a rule of the distribution blocks the request",
		append(append([]catalog.ID{}, notOnTheCDN...), "http.blocked")...),
	cfStatus("404", "CloudFront found no page at the origin", "http.not-routed", "service.route-missing"),
	cfStatus("500", "a function of the distribution failed", originFails...),
	cfStatus("502", "CloudFront could not connect to the origin, or rejects the certificate of the origin",
		originFails...),
	cfStatus("503", "a function of the distribution failed, or CloudFront has no capacity at the edge", originFails...),
	cfStatus("504", "the origin did not answer CloudFront in time", originFails...),
	{
		Name:    "blocked from your country",
		pattern: `\bconfigured to block access from your country\b`, Product: "CloudFront", Causes: blockedByRules,
		Source: cloudFront403, instead: "CloudFront 403",
		Meaning: "a geographic restriction of the distribution blocks the visitor's country",
	},
	{
		Name: "points to CloudFront's IP range, but is not listed as an alias",
		pattern: `\bcloudfront has detected the dns record for the domain is misconfigured\b|` +
			`\bnot explicitly listed as an alias\b`,
		Product: "CloudFront", Causes: notOnTheCDN, Source: cloudFront403, instead: "CloudFront 403",
		Meaning: "the name points to CloudFront, and no distribution has it as an alias",
	},
	{
		Name:    "The request could not be satisfied",
		pattern: `\brequest could not be\s+satisfied\b|\bwe can't\W+connect to the server for this app\b`,
		general: true, Product: "CloudFront", Causes: append(append([]catalog.ID{}, notOnTheCDN...), originFails...),
		Source:  cloudFrontHTTP,
		Meaning: "CloudFront answers for the name, and could not serve the page",
	},
	{
		Name:    "X-Cache: Error from cloudfront",
		pattern: `\bx-cache\W{1,4}error from cloudfront\b|\berror from cloudfront\b`,
		Product: "CloudFront", Causes: append(append([]catalog.ID{}, originFails...), notOnTheCDN...),
		Source:  cloudFrontLogs,
		Meaning: "CloudFront generated the response or the origin answered with an error",
	},
	{
		Name: "NonS3OriginDnsError", pattern: `\b(?:nons3origindnserror|origindnserror|origin_dns_error)\b`,
		Product: "CloudFront", Causes: []catalog.ID{"http.origin-unreachable"}, Source: cloudFrontLogs,
		Meaning: "CloudFront could not resolve the name of the origin",
	},
}

// gateways are the status pages of web servers and proxies.
var gateways = []Message{
	gateway("500", "internal server error", "the server behind the name failed", "http.server-error"),
	gateway("502", "bad gateway", "a proxy in front of the server received no valid answer from it", originFails...),
	gateway("503", "service (?:temporarily )?unavailable", "the server is overloaded or in maintenance",
		"http.server-error", "http.origin-unreachable"),
	gateway("504", "gateway time-?out", "a proxy in front of the server received no answer in time", originFails...),
}

// gateway makes the entry of a status with its title.
func gateway(number, title, meaning string, causes ...catalog.ID) Message {
	return Message{
		Name: "HTTP " + number, Product: "a web server or proxy", number: number, Meaning: meaning, Causes: causes,
		Source: httpStatuses, general: true,
		pattern: `\b` + number + `[\s:,–-]{1,3}(?:error[\s:,–-]{1,3})?` + title + `\b|\b` + title +
			`\W{1,3}(?:http )?(?:error )?` +
			number + `\b`,
		unless: notHere,
	}
}

// authorities are the messages of ACME clients.
var authorities = []Message{
	{
		Name: "DNS problem",
		pattern: `\b(dns problem): (?:nxdomain|servfail|query timed out|networking error|refused|no valid ip ` +
			`addresses)\b`,
		Product: "Let's Encrypt", Causes: notResolved, Source: letsEncrypt,
		Meaning: "the certificate authority could not resolve the name",
	},
}

// pages are the pages of other hosting services, which show that the name still points to them.
var pages = []Message{
	{
		Name: "NoSuchBucket", pattern: `\bnosuchbucket\b|\bthe specified bucket does not exist\b`, Product: "Amazon S3",
		Causes: otherHost, Source: s3Errors, Meaning: "the name points to a bucket that does not exist",
	},
	{
		Name: "There isn't a GitHub Pages site here", pattern: `\bthere isn't\W+a github pages site here\b`,
		Product: "GitHub Pages", Causes: otherHost, Source: githubPages,
		Meaning: "the name points to GitHub Pages, which has no site for it",
	},
	{
		Name: "No such app", pattern: `\bno such app\b`, Product: "Heroku", Causes: otherHost, Source: herokuErrors,
		Meaning: "the name points to Heroku, which has no application for it",
	},
	{
		Name: "DEPLOYMENT_NOT_FOUND", Product: "Vercel", Causes: otherHost, Source: vercelErrors,
		Meaning: "the name points to Vercel, which has no deployment for it",
	},
}
