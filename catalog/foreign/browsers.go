package foreign

import "domdoc/catalog"

// The documents of the browsers.
const (
	chromiumErrors = "https://chromium.googlesource.com/chromium/src/+/main/net/base/net_error_list.h"
	chromiumProbes = "https://chromium.googlesource.com/chromium/src/+/main/components/error_page/common/" +
		"net_error_info.h"
	firefoxErrors = "https://support.mozilla.org/en-US/kb/error-codes-secure-websites"
	firefoxFailed = "https://support.mozilla.org/en-US/kb/secure-connection-failed-firefox-did-not-connect"
	nssErrors     = "https://firefox-source-docs.mozilla.org/security/nss/legacy/reference/nss_ssl_functions/sslerr/" +
		"index.html"
	firefoxLoads = "https://support.mozilla.org/en-US/kb/server-not-found-connection-problem"
	appleErrors  = "https://developer.apple.com/documentation/foundation/urlerror/code"
	safariHelp   = "https://support.apple.com/en-us/102541"
)

// Groups of causes that several messages point to.
var (
	wrongCertificate = []catalog.ID{
		"certificate.name-mismatch", "certificate.default-served", "certificate.not-deployed", "cdn.not-attached",
		"record.cname-wrong-target",
	}
	untrusted = []catalog.ID{
		"certificate.untrusted", "certificate.default-served", "record.cname-wrong-target", "vantage.tls-intercepted",
	}
	datesWrong   = []catalog.ID{"certificate.expired", "certificate.not-yet-valid", "certificate.renewal-blocked"}
	handshake    = []catalog.ID{"certificate.handshake-fails", "certificate.absent", "certificate.not-deployed"}
	nameNotFound = []catalog.ID{
		"record.missing", "registration.not-registered", "registration.on-hold",
		"delegation.missing",
	}
	lookupFails  = []catalog.ID{"delegation.unreachable", "delegation.lame", "dnssec.bogus", "dnssec.stale-ds"}
	notResolved  = append(append([]catalog.ID{}, nameNotFound[:2]...), lookupFails...)
	noConnection = []catalog.ID{
		"http.unreachable", "record.value-differs", "record.stray-address",
		"record.private-address",
	}
	noAnswer       = []catalog.ID{"http.no-answer", "http.unreachable", "http.address-fails"}
	redirects      = []catalog.ID{"http.redirect-loop", "service.redirect-cycle"}
	originFails    = []catalog.ID{"http.origin-unreachable", "http.server-error"}
	otherHost      = []catalog.ID{"http.other-host", "record.cname-wrong-target", "record.stray-address"}
	notOnTheCDN    = []catalog.ID{"cdn.not-attached", "http.not-routed", "cdn.alias-elsewhere"}
	behindAnother  = []catalog.ID{"record.proxied", "record.cname-wrong-target"}
	blockedByRules = []catalog.ID{"http.blocked"}
)

const chromeEdge = "Chrome, Edge and other Chromium browsers"

// chromium are the errors of Chromium's network stack.
var chromium = []Message{
	{
		Name: "NET::ERR_CERT_COMMON_NAME_INVALID", pattern: `\b(?:net::)?err_cert_common_name_invalid\b`,
		Product: chromeEdge, Causes: wrongCertificate, Source: chromiumErrors,
		Meaning: "the certificate that the server presented does not cover the name in the address bar",
	},
	{
		Name: "NET::ERR_CERT_DATE_INVALID", pattern: `\b(?:net::)?err_cert_date_invalid\b`,
		Product: chromeEdge, Causes: datesWrong, Source: chromiumErrors,
		Meaning: "the certificate has expired or is not valid yet, or the clock of the device is wrong",
	},
	{
		Name: "NET::ERR_CERT_AUTHORITY_INVALID", pattern: `\b(?:net::)?err_cert_authority_invalid\b`,
		Product: chromeEdge, Causes: untrusted, Source: chromiumErrors,
		Meaning: "the certificate is signed by an authority that the device does not trust",
	},
	{
		Name: "NET::ERR_CERT_REVOKED", pattern: `\b(?:net::)?err_cert_revoked\b`,
		Product: chromeEdge, Causes: []catalog.ID{"certificate.untrusted"}, Source: chromiumErrors,
		Meaning: "the authority has revoked the certificate",
	},
	{
		Name: "NET::ERR_CERT_*", family: "cert", pattern: `\b((?:net::)?err_cert(?:ificate)?_[a-z_]+)\b`,
		Product: chromeEdge, Causes: untrusted, Source: chromiumErrors,
		Meaning: "the browser rejects the certificate that the server presented",
	},
	{
		Name: "DNS_PROBE_FINISHED_NXDOMAIN", Product: chromeEdge, Causes: nameNotFound, Source: chromiumProbes,
		Meaning: "DNS says that the name does not exist",
	},
	{
		Name: "DNS_PROBE_STARTED", pattern: `\bdns_probe_(?:started|possible)\b`, Product: chromeEdge,
		Causes:  notResolved,
		Source:  chromiumProbes,
		Meaning: "the name could not be resolved, and the browser is still testing whether DNS works",
	},
	{
		Name:    "DNS_PROBE_FINISHED_NO_INTERNET",
		pattern: `\bdns_probe_finished_(?:no_internet|bad_config|bad_secure_config)\b`,
		Product: chromeEdge, Source: chromiumProbes,
		Meaning: "the visitor's own connection or resolver does not work; this says nothing about the domain",
	},
	{
		Name: "DNS_PROBE_*", family: "probe", pattern: `\b(dns_probe_[a-z_]+)\b`, Product: chromeEdge,
		Causes: notResolved,
		Source: chromiumProbes, Meaning: "the name could not be resolved",
	},
	{
		Name: "ERR_NAME_NOT_RESOLVED", pattern: `\b(?:net::)?err_name_(?:not_resolved|resolution_failed)\b`,
		Product: chromeEdge, Causes: notResolved, Source: chromiumErrors, Meaning: "the name could not be resolved",
	},
	{
		Name: "ERR_DNS_*", family: "dns", pattern: `\b((?:net::)?err_dns_[a-z_]+)\b`, Product: chromeEdge,
		Causes: lookupFails, Source: chromiumErrors, Meaning: "the DNS query failed or timed out",
	},
	{
		Name: "ERR_SSL_PROTOCOL_ERROR", pattern: `\b(?:net::)?err_ssl_protocol_error\b`, Product: chromeEdge,
		Causes: handshake, Source: chromiumErrors, Meaning: "the TLS handshake failed",
	},
	{
		Name:    "ERR_SSL_VERSION_OR_CIPHER_MISMATCH",
		pattern: `\b(?:net::)?err_ssl_version_or_cipher_mismatch\b`, Product: chromeEdge, Causes: handshake,
		Source:  chromiumErrors,
		Meaning: "the server has no certificate for the name, or offers no TLS version or cipher in common",
	},
	{
		Name: "ERR_SSL_UNRECOGNIZED_NAME_ALERT", pattern: `\b(?:net::)?err_ssl_unrecognized_name_alert\b`,
		Product: chromeEdge, Causes: handshake, Source: chromiumErrors,
		Meaning: "the server does not know the name that the browser asked for",
	},
	{
		Name: "ERR_SSL_*", family: "ssl", pattern: `\b((?:net::)?err_ssl_[a-z_]+)\b`, Product: chromeEdge,
		Causes: handshake, Source: chromiumErrors, Meaning: "the TLS connection failed",
	},
	{
		Name: "ERR_TOO_MANY_REDIRECTS", pattern: `\b(?:net::)?err_too_many_redirects\b`, Product: chromeEdge,
		Causes: redirects, Source: chromiumErrors, Meaning: "the page redirects in a loop",
	},
	{
		Name: "ERR_CONNECTION_REFUSED", pattern: `\b(?:net::)?err_connection_(?:refused|failed)\b`, Product: chromeEdge,
		Causes: noConnection, Source: chromiumErrors, Meaning: "nothing accepts connections at the address of the name",
	},
	{
		Name:    "ERR_CONNECTION_TIMED_OUT",
		pattern: `\b(?:net::)?(?:err_connection_timed_out|err_timed_out|err_address_unreachable)\b`, Product: chromeEdge,
		Causes: noConnection, Source: chromiumErrors, Meaning: "the address of the name does not answer",
	},
	{
		Name:    "ERR_CONNECTION_RESET",
		pattern: `\b(?:net::)?err_(?:connection_(?:reset|closed|aborted)|empty_response)\b`, Product: chromeEdge,
		Causes: noAnswer, Source: chromiumErrors, Meaning: "the server closed the connection without a response",
	},
	{
		Name:    "ERR_INTERNET_DISCONNECTED",
		pattern: `\b(?:net::)?err_(?:internet_disconnected|network_changed|proxy_[a-z_]+)\b`,
		Product: chromeEdge, Source: chromiumErrors,
		Meaning: "the visitor's own connection does not work; this says nothing about the domain",
	},
	{
		Name: "ERR_BLOCKED_BY_*", family: "blocked", pattern: `\b((?:net::)?err_blocked_by_[a-z_]+)\b`,
		Product: chromeEdge,
		Source:  chromiumErrors,
		Meaning: "the browser or its administrator blocks the page; this says nothing about the domain",
	},
	{
		Name: "ERR_HTTP2_PROTOCOL_ERROR", pattern: `\b(?:net::)?err_(?:http2|quic|spdy)_protocol_error\b`,
		Product: chromeEdge, Causes: noAnswer, Source: chromiumErrors, Meaning: "the server broke the HTTP protocol",
	},
}

const firefoxName = "Firefox"

// firefox are the errors of NSS and Necko.
var firefox = []Message{
	{
		Name: "SSL_ERROR_BAD_CERT_DOMAIN", Product: firefoxName, Causes: wrongCertificate, Source: firefoxErrors,
		Meaning: "the certificate that the server presented does not cover the name in the address bar",
	},
	{
		Name: "SEC_ERROR_UNKNOWN_ISSUER", pattern: `\bsec_error_(?:unknown|untrusted)_issuer\b`, Product: firefoxName,
		Causes: untrusted, Source: firefoxErrors,
		Meaning: "the certificate is signed by an unknown authority, or the server does not send the intermediate " +
			"certificate",
	},
	{
		Name: "SEC_ERROR_EXPIRED_CERTIFICATE", pattern: `\bsec_error_expired_(?:issuer_)?certificate\b`,
		Product: firefoxName, Causes: datesWrong, Source: firefoxErrors,
		Meaning: "the certificate has expired, or the clock of the device is wrong",
	},
	{
		Name: "SEC_ERROR_REVOKED_CERTIFICATE", Product: firefoxName, Causes: []catalog.ID{"certificate.untrusted"},
		Source: nssErrors, Meaning: "the authority has revoked the certificate",
	},
	{
		Name: "SEC_ERROR_*", family: "sec", pattern: `\b(sec_error_[a-z_]+)\b`, Product: firefoxName, Causes: untrusted,
		Source: nssErrors, Meaning: "the browser rejects the certificate that the server presented",
	},
	{
		Name: "MOZILLA_PKIX_ERROR_SELF_SIGNED_CERT", Product: firefoxName, Causes: untrusted, Source: firefoxErrors,
		Meaning: "the certificate is signed by itself, not by an authority",
	},
	{
		Name:    "MOZILLA_PKIX_ERROR_NOT_YET_VALID_CERTIFICATE",
		pattern: `\bmozilla_pkix_error_not_yet_valid_(?:issuer_)?certificate\b`, Product: firefoxName, Causes: datesWrong,
		Source: firefoxErrors, Meaning: "the certificate is not valid yet, or the clock of the device is wrong",
	},
	{
		Name: "MOZILLA_PKIX_ERROR_MITM_DETECTED", Product: firefoxName, Causes: []catalog.ID{"vantage.tls-intercepted"},
		Source: firefoxErrors, Meaning: "software on the visitor's device or network replaces certificates",
	},
	{
		Name: "MOZILLA_PKIX_ERROR_*", family: "pkix", pattern: `\b(mozilla_pkix_(?:error_)?[a-z_]+)\b`,
		Product: firefoxName, Causes: untrusted, Source: firefoxErrors,
		Meaning: "the browser rejects the certificate that the server presented",
	},
	{
		Name: "SSL_ERROR_NO_CYPHER_OVERLAP", pattern: `\bssl_error_(?:no_cypher_overlap|unsupported_version)\b`,
		Product: firefoxName, Causes: handshake, Source: nssErrors,
		Meaning: "the server has no certificate for the name, or offers no TLS version or cipher in common",
	},
	{
		Name: "SSL_ERROR_*", family: "ssl", pattern: `\b(ssl_error_[a-z_]+)\b`, Product: firefoxName, Causes: handshake,
		Source: nssErrors, Meaning: "the TLS handshake failed",
	},
	{
		Name: "PR_END_OF_FILE_ERROR", pattern: `\bpr_(?:end_of_file|connect_reset|connect_aborted)_error\b`,
		Product: firefoxName, Causes: handshake, Source: firefoxFailed,
		Meaning: "the server closed the connection during the TLS handshake",
	},
	{
		Name: "NS_ERROR_UNKNOWN_HOST", pattern: `\bns_error_unknown_host\b|\bhaving trouble finding that site\b`,
		Product: firefoxName, Causes: notResolved, Source: firefoxLoads, Meaning: "the name could not be resolved",
	},
	{
		Name: "NS_ERROR_REDIRECT_LOOP", pattern: `\bns_error_redirect_loop\b|\bpage isn't\W+redirecting properly\b`,
		Product: firefoxName, Causes: redirects, Source: firefoxLoads, Meaning: "the page redirects in a loop",
	},
	{
		Name: "NS_ERROR_CONNECTION_REFUSED", pattern: `\bns_error_(?:connection_refused|net_timeout|net_reset)\b`,
		Product: firefoxName, Causes: noConnection, Source: firefoxLoads,
		Meaning: "the address of the name does not accept the connection",
	},
}

const safariName = "Safari"

// safari are the sentences and numbers of Apple's URL loading.
var safari = []Message{
	{
		Name: "Safari can't find the server",
		pattern: `safari can'\W*t find the ` +
			`server|\bnsurlerrordomain\b\W{0,12}-1003\b|\bkcferrordomaincfnetwork\b\W{0,12}-1003\b`,
		Product: safariName, Causes: notResolved, Source: appleErrors, Meaning: "the name could not be resolved",
	},
	{
		Name: "Safari can't establish a secure connection to the server",
		pattern: `safari can'\W*t\s+establish\s+a\s+secure\s+connection(?:\s+to\s+the\s+server)?|` +
			`\bnsurlerrordomain\b\W{0,12}-120[0-6]\b`,
		Product: safariName, Causes: append(append([]catalog.ID{}, handshake...), "certificate.name-mismatch"),
		Source: appleErrors, Meaning: "the TLS handshake failed or the certificate was rejected",
	},
	{
		Name:    "Safari can't connect to the server",
		pattern: `safari can'\W*t connect to the server|\bnsurlerrordomain\b\W{0,12}-100[14]\b`,
		Product: safariName, Causes: noConnection, Source: appleErrors,
		Meaning: "the address of the name does not accept the connection",
	},
	{
		Name:    "too many redirects occurred",
		pattern: `\btoo many redirects (?:occurred|were made)\b|\bnsurlerrordomain\b\W{0,12}-1007\b`,
		Product: safariName, Causes: redirects, Source: appleErrors, Meaning: "the page redirects in a loop",
	},
	{
		Name: "This Connection Is Not Private", pattern: `\bthis connection is not private\b`, Product: safariName,
		Causes: append(append([]catalog.ID{}, wrongCertificate...), "certificate.expired", "certificate.untrusted"),
		Source: safariHelp, Meaning: "the browser rejects the certificate that the server presented",
	},
}
