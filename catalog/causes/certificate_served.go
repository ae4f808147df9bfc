package causes

import (
	"fmt"
	"slices"
	"time"

	"domdoc/catalog"
	"domdoc/catalog/shell"
)

// ServedCertificate is a certificate that addresses of the domain serve: the arguments of the causes about its
// content.
type ServedCertificate struct {
	Domain    string    `json:"domain"`
	Detail    string    `json:"detail,omitempty"`    // why it is not trusted
	Names     []string  `json:"names,omitempty"`     // the names it covers
	Issuer    string    `json:"issuer,omitempty"`    // the authority that issued it
	Addresses []string  `json:"addresses,omitempty"` // where it is served
	NotBefore time.Time `json:"notBefore,omitzero"`
	NotAfter  time.Time `json:"notAfter,omitzero"`
	// Own is set if it is a certificate of the tenant's own server or proxy: the name does not lead to the platform's
	// CDN, and Amazon, from which the platform has its certificates, did not issue it.
	Own bool `json:"own,omitempty"`
}

// Owner returns the tenant if the certificate is served by the tenant's own server; empty otherwise.
func (a ServedCertificate) Owner() catalog.Actor {
	if a.Own {
		return catalog.Tenant
	}
	return ""
}

func (a ServedCertificate) servedAt() string {
	return "served at " + catalog.Join(a.Addresses) + ", issued by " + a.Issuer
}

// handshakeFix is a fix that is verified by looking at the certificate of a domain.
func handshakeFix(domain string, steps ...string) catalog.Fix {
	return catalog.Fix{Steps: steps, Commands: []string{shell.Command("openssl", "s_client", "-connect", domain+":443",
		"-servername", domain) + " </dev/null | openssl x509 -noout -subject -issuer -dates -ext subjectAltName"}}
}

var exampleServed = ServedCertificate{
	Domain: "shop.example.com", Names: []string{"*.cloudfront.net"}, Issuer: "Amazon RSA 2048 M01",
	Addresses: []string{"192.0.2.1:443"},
	NotBefore: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2026, 7, 18, 0, 0, 0, 0, time.UTC),
}

// CertificateDefaultServed is certificate.default-served.
var CertificateDefaultServed = catalog.Declare(catalog.Cause{
	ID: "certificate.default-served", Rung: catalog.CertificateRung, Who: []catalog.Actor{catalog.Platform},
	Verdict: catalog.Fail, Frequency: 5,
	Title:    "the CDN serves its default certificate for this name",
	Codes:    []string{"DOMAIN_012", "DOMAIN_013"},
	Explains: slices.Concat(links(CDNNotAttached.ID, CertificateNameMismatch.ID), rejected, noEdgeCertificate),
	Description: "Traffic reaches the CDN, but the name is not attached to a distribution there, so the CDN answers " +
		"with the certificate of its own domain.",
	Detection: "A handshake with the domain's name (SNI) returns a certificate whose names all belong to the CDN.",
	Confused: "certificate.name-mismatch, where the certificate belongs to some other site; cdn.not-attached, which " +
		"is " +
		"the same fault seen over HTTP; certificate.absent, where the service has no certificate.",
	Refs: []string{"RFC 6066 3", "RFC 9525 6.3"},
}, catalog.Text[ServedCertificate]{
	Summary: func(a ServedCertificate) string {
		return "the CDN answers for " + a.Domain + " with its default certificate: the name is not attached"
	},
	Why: func(a ServedCertificate) string {
		return fmt.Sprintf("%s %s a certificate for %s", catalog.Join(a.Addresses), verb(a.Addresses, "serves", "serve"),
			catalog.Join(a.Names))
	},
	Fix: func(a ServedCertificate) catalog.Fix {
		return handshakeFix(a.Domain,
			"the platform must attach the name to its CDN distribution, with a certificate that covers it",
			"if DNS points to a distribution other than the one the service lists, correct that first")
	},
	Example: exampleServed,
})

// CertificateNameMismatch is certificate.name-mismatch.
var CertificateNameMismatch = catalog.Declare(catalog.Cause{
	ID: "certificate.name-mismatch", Rung: catalog.CertificateRung,
	Who:     []catalog.Actor{catalog.Tenant, catalog.Platform},
	Verdict: catalog.Fail, Frequency: 5,
	Title: "the certificate does not cover the name",
	Codes: []string{"DOMAIN_012"}, Explains: slices.Concat(rejected, noEdgeCertificate),
	Description: "The server's certificate is for other names. A wildcard covers exactly one label, and does not " +
		"cover " +
		"the bare name.",
	Detection: "The subject alternative names of the certificate at each address are compared with the name.",
	Confused: "certificate.default-served, where the CDN serves its own certificate; record.cname-wrong-target, " +
		"where " +
		"another host answers with its own certificate.",
	Refs: []string{"RFC 9525 6.3"},
}, catalog.Text[ServedCertificate]{
	Summary: func(a ServedCertificate) string {
		return "the certificate at " + catalog.Join(a.Addresses) + " does not cover " + a.Domain
	},
	Why: func(a ServedCertificate) string { return "it covers " + catalog.Join(a.Names) },
	Fix: func(a ServedCertificate) catalog.Fix {
		return handshakeFix(a.Domain, "request a certificate that also covers "+a.Domain,
			"if another server should answer, correct the address in DNS")
	},
	Example: exampleServed,
})

// CertificateExpired is certificate.expired.
var CertificateExpired = catalog.Declare(catalog.Cause{
	ID: "certificate.expired", Rung: catalog.CertificateRung, Who: []catalog.Actor{catalog.Platform},
	Verdict: catalog.Fail, Frequency: 3,
	Title: "the certificate has expired",
	Codes: []string{"DOMAIN_012", "DOMAIN_019"}, Explains: rejected,
	Description: "The certificate has expired. Browsers reject it.",
	Detection:   "The dates of the certificate at each address are compared with this machine's clock.",
	Confused: "registration.expired, where the domain has expired; vantage.clock-skew: a fast clock makes valid " +
		"certificates look expired; certificate.not-yet-valid, where the start date is in the future.",
	Refs: []string{"RFC 5280 4.1.2.5"},
}, catalog.Text[ServedCertificate]{
	Summary: func(a ServedCertificate) string {
		return fmt.Sprintf("the certificate for %s expired on %s", a.Domain, catalog.Day(a.NotAfter))
	},
	Why: ServedCertificate.servedAt,
	Fix: func(a ServedCertificate) catalog.Fix {
		if a.Own {
			return handshakeFix(a.Domain, "renew the certificate on the server at "+catalog.Join(a.Addresses),
				"or, if the platform should answer, correct the address in DNS")
		}
		return handshakeFix(a.Domain,
			"renew it: the platform renews automatically while the validation record is in place")
	},
	Example: exampleServed,
})

// CertificateNotYetValid is certificate.not-yet-valid.
var CertificateNotYetValid = catalog.Declare(catalog.Cause{
	ID: "certificate.not-yet-valid", Rung: catalog.CertificateRung, Who: []catalog.Actor{catalog.Platform},
	Verdict: catalog.Fail, Frequency: 1,
	Title: "the certificate is not valid yet",
	Codes: []string{"DOMAIN_012", "DOMAIN_019"}, Explains: rejected,
	Description: "The certificate's start date is in the future.",
	Detection:   "The dates of the certificate at each address are compared with this machine's clock.",
	Confused: "vantage.clock-skew: a slow clock makes every new certificate look not yet valid; certificate.expired, " +
		"where the end date has passed.",
	Refs: []string{"RFC 5280 4.1.2.5"},
}, catalog.Text[ServedCertificate]{
	Summary: func(a ServedCertificate) string {
		return fmt.Sprintf("the certificate for %s is not valid before %s", a.Domain, catalog.Clock(a.NotBefore))
	},
	Why: ServedCertificate.servedAt,
	Fix: func(a ServedCertificate) catalog.Fix {
		return handshakeFix(a.Domain, "check the clock of the server and of this machine",
			"if both are right, wait until "+catalog.Clock(a.NotBefore))
	},
	Example: exampleServed,
})

// CertificateExpiresSoonArgs are the arguments of certificate.expires-soon.
type CertificateExpiresSoonArgs struct {
	ServedCertificate
	Records []catalog.Record `json:"records,omitempty"` // the validation records
}

// CertificateExpiresSoon is certificate.expires-soon.
var CertificateExpiresSoon = catalog.Declare(catalog.Cause{
	ID: "certificate.expires-soon", Rung: catalog.CertificateRung, Who: []catalog.Actor{catalog.Platform},
	Verdict: catalog.Warn, Frequency: 2,
	Title: "the certificate expires in less than 14 days",
	Codes: []string{"DOMAIN_012", "DOMAIN_019"},
	Description: "Certificates are renewed about 45 days before they expire. If one is this close to expiry, the " +
		"renewal has most likely failed.",
	Detection: "The dates of the certificate at each address are compared with this machine's clock.",
	Confused: "registration.expires-soon, where the domain itself expires soon; certificate.renewal-blocked, where " +
		"the " +
		"obstacle is known.",
	Refs: []string{"RFC 5280 4.1.2.5"},
}, catalog.Text[CertificateExpiresSoonArgs]{
	Summary: func(a CertificateExpiresSoonArgs) string {
		return fmt.Sprintf("the certificate for %s expires on %s and has not been renewed", a.Domain,
			catalog.Day(a.NotAfter))
	},
	Why: func(a CertificateExpiresSoonArgs) string { return a.servedAt() },
	Fix: func(a CertificateExpiresSoonArgs) catalog.Fix {
		if a.Own {
			return handshakeFix(a.Domain, "renew the certificate on the server at "+catalog.Join(a.Addresses),
				"or, if the platform should answer, correct the address in DNS")
		}
		f := handshakeFix(a.Domain, "check that the validation record is still published: the renewal needs it")
		f.Records, f.Exist = a.Records, true // it was issued, so the DNS host has accepted the record
		return f
	},
	Example: CertificateExpiresSoonArgs{ServedCertificate: exampleServed},
})

// CertificateNotDeployedArgs are the arguments of certificate.not-deployed.
type CertificateNotDeployedArgs struct {
	ServedCertificate
	Renewed time.Time `json:"renewed"`        // when the certificate of the service expires
	Over    bool      `json:"over,omitempty"` // the one that is served has expired
}

func (a CertificateNotDeployedArgs) ends() string {
	if a.Over {
		return "expired"
	}
	return "expires"
}

// CertificateNotDeployed is certificate.not-deployed.
var CertificateNotDeployed = catalog.Declare(catalog.Cause{
	ID: "certificate.not-deployed", Rung: catalog.CertificateRung, Who: []catalog.Actor{catalog.Platform},
	Verdict: catalog.Fail, Frequency: 2,
	Title: "the renewed certificate is not served",
	Codes: []string{"DOMAIN_012", "DOMAIN_019"}, Explains: noTLS,
	Description: "The certificate was renewed, and the service has it, but the edge still shows the old one, which " +
		"has " +
		"expired or is about to. The platform must attach the new one; renewing again does not help.",
	Detection: "The service reports an issued certificate that expires later than the one at the addresses, and that " +
		"one expires in less than 14 days.",
	Confused: "certificate.expires-soon and certificate.expired, where the service has no newer certificate; " +
		"certificate.default-served, where the edge shows none for the name.",
	Refs: []string{"RFC 5280 4.1.2.5", "https://docs.aws.amazon.com/acm/latest/userguide/managed-renewal.html"},
}, catalog.Text[CertificateNotDeployedArgs]{
	Summary: func(a CertificateNotDeployedArgs) string {
		return fmt.Sprintf("the certificate for %s was renewed, but the edge still shows the old one, which %s at %s",
			a.Domain, a.ends(), catalog.Clock(a.NotAfter))
	},
	Why: func(a CertificateNotDeployedArgs) string {
		return fmt.Sprintf("the service's certificate is valid until %s; %s", catalog.Day(a.Renewed), a.servedAt())
	},
	Fix: func(a CertificateNotDeployedArgs) catalog.Fix {
		report := "the platform must attach the issued certificate to the CDN: report this to its support"
		if !a.Over {
			report += " before " + catalog.Clock(a.NotAfter)
		}
		return handshakeFix(a.Domain, report, "no DNS change and no new request is needed")
	},
	Example: CertificateNotDeployedArgs{
		ServedCertificate: exampleServed, Renewed: exampleServed.NotAfter.AddDate(0, 0, 198),
	},
})

// CertificateUntrusted is certificate.untrusted.
var CertificateUntrusted = catalog.Declare(catalog.Cause{
	ID: "certificate.untrusted", Rung: catalog.CertificateRung, Who: []catalog.Actor{catalog.Tenant},
	Verdict: catalog.Fail, Frequency: 3,
	Title: "browsers do not trust the certificate",
	Codes: []string{"DOMAIN_012"}, Explains: rejected,
	Description: "The certificate is self-signed, was issued by an unknown authority, or its chain is incomplete.",
	Detection:   "The certificate chain at each address is verified against the system's root certificates.",
	Confused: "vantage.tls-intercepted, where this network replaces every certificate; " +
		"certificate.authority-incident, " +
		"where the authority has lost the trust of browsers; certificate.name-mismatch, where the certificate is " +
		"trusted " +
		"but for another name.",
	Refs: []string{"RFC 5280 6.1"},
}, catalog.Text[ServedCertificate]{
	Summary: func(a ServedCertificate) string {
		return "browsers do not trust the certificate at " + catalog.Join(a.Addresses)
	},
	Why: func(a ServedCertificate) string { return a.Detail + "; issued by " + a.Issuer },
	Fix: func(a ServedCertificate) catalog.Fix {
		return handshakeFix(a.Domain,
			"if your own server should answer, install a certificate of a public authority with its full chain",
			"if the platform should answer, correct the address in DNS")
	},
	Example: func() ServedCertificate {
		a := exampleServed
		a.Detail = "it is self-signed"
		return a
	}(),
})

// CertificateAddressesDifferArgs are the arguments of certificate.addresses-differ.
type CertificateAddressesDifferArgs struct {
	Domain string `json:"domain"`
	Detail string `json:"detail,omitempty"` // which address serves which certificate
}

// CertificateAddressesDiffer is certificate.addresses-differ.
var CertificateAddressesDiffer = catalog.Declare(catalog.Cause{
	ID: "certificate.addresses-differ", Rung: catalog.CertificateRung, Who: []catalog.Actor{catalog.Tenant},
	Verdict: catalog.Warn, Frequency: 2,
	Title: "the addresses serve different certificates",
	Codes: []string{"DOMAIN_012", "DOMAIN_019"},
	Description: "Some of the addresses belong to another server, so visitors get one certificate or the other at " +
		"random.",
	Detection: "A handshake is made with each address.",
	Confused: "record.stray-address, which is the usual reason; certificate.name-mismatch, where every address " +
		"serves " +
		"the same wrong certificate.",
	Refs: []string{"RFC 8305 5", "RFC 9525 6.3"},
}, catalog.Text[CertificateAddressesDifferArgs]{
	Summary: func(a CertificateAddressesDifferArgs) string {
		return "the addresses of " + a.Domain + " serve different certificates"
	},
	Why: func(a CertificateAddressesDifferArgs) string { return a.Detail },
	Fix: func(a CertificateAddressesDifferArgs) catalog.Fix {
		return handshakeFix(a.Domain, "remove the addresses that do not belong to the platform from DNS")
	},
	Example: CertificateAddressesDifferArgs{
		Domain: "shop.example.com",
		Detail: "192.0.2.1:443 serves shop.example.com by Amazon RSA 2048 M01; 198.51.100.9:443 serves " +
			"shop.example.com " +
			"by R11",
	},
})

// CertificateHandshakeFailsArgs are the arguments of certificate.handshake-fails.
type CertificateHandshakeFailsArgs struct {
	Domain    string   `json:"domain"`
	Detail    string   `json:"detail,omitempty"` // the error
	Addresses []string `json:"addresses,omitempty"`
}

// CertificateHandshakeFails is certificate.handshake-fails.
var CertificateHandshakeFails = catalog.Declare(catalog.Cause{
	ID: "certificate.handshake-fails", Rung: catalog.CertificateRung,
	Who:     []catalog.Actor{catalog.Tenant, catalog.CDNOperator},
	Verdict: catalog.Fail, Frequency: 2,
	Title: "the server accepts connections, but TLS fails",
	Codes: []string{"DOMAIN_011", "DOMAIN_012", "DOMAIN_019"}, Explains: noEdgeCertificate,
	Description: "Port 443 accepts connections, but the TLS handshake fails: the server does not speak TLS, or has " +
		"no " +
		"certificate for the name.",
	Detection: "A TCP connection succeeds, and the TLS handshake with the domain's name ends in an error.",
	Confused: "http.unreachable, where no connection is accepted; certificate.untrusted, where the handshake " +
		"completes " +
		"but the certificate is rejected.",
	Refs: []string{"RFC 8446 6.2"},
}, catalog.Text[CertificateHandshakeFailsArgs]{
	Summary: func(a CertificateHandshakeFailsArgs) string {
		return catalog.Join(a.Addresses) + " " + verb(a.Addresses, "accepts", "accept") +
			" connections, but the TLS handshake fails"
	},
	Why: func(a CertificateHandshakeFailsArgs) string { return a.Detail },
	Fix: func(a CertificateHandshakeFailsArgs) catalog.Fix {
		return handshakeFix(a.Domain, "if your own server should answer, install a certificate for "+a.Domain+" there",
			"if the platform should answer, correct the address in DNS")
	},
	Example: CertificateHandshakeFailsArgs{
		Domain: "shop.example.com", Detail: "remote error: tls: unrecognized name", Addresses: []string{"192.0.2.1:443"},
	},
})
