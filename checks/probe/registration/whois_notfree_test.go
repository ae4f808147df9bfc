package registration

import (
	"testing"
)

// TestWHOISRateLimits has what registries send to clients that ask too much.
func TestWHOISRateLimits(t *testing.T) {
	t.Parallel()
	checkWHOIS(t, []whoisCase{
		{
			name: "pir limit", domain: "example.org", reply: "WHOIS LIMIT EXCEEDED - SEE WWW.PIR.ORG/WHOIS FOR DETAILS\n",
			want: Unknown, throttled: true,
		},
		{
			name: "limit before not found", domain: "example.org", reply: "Query rate limit exceeded.\nNOT FOUND\n",
			want: Unknown, throttled: true,
		},
		{
			name: "nominet quota", domain: "example.uk",
			reply: "Error for \"example.uk\".\n\nThe WHOIS query quota for 192.0.2.1 has been exceeded\nand will be " +
				"replenished in 50 seconds.\n", want: Unknown, throttled: true,
		},
		{
			name: "denic limit", domain: "example.de",
			reply: "% Error: 55000000002 Connection refused; access control limit reached.\n", want: Unknown,
			throttled: true,
		},
		{
			name: "eurid grace", domain: "example.eu", reply: "-1: Still in grace period, wait 60 seconds\n",
			want: Unknown, throttled: true,
		},
		{
			name: "sidn second", domain: "example.nl",
			reply: "whois.domain-registry.nl: only 1 request per second allowed, try again later\n", want: Unknown,
			throttled: true,
		},
		{
			name: "switch wrapped", domain: "example.ch",
			reply: "The number of requests per client per time interval is\nrestricted. You have exceeded this " +
				"limit.\nPlease wait a moment and try again.\n", want: Unknown, throttled: true,
		},
		{
			name: "nz denied", domain: "example.nz",
			reply: "version: 8.0\ndomain_name: example.nz\nquery_status: 440 Request Denied\n", want: Unknown,
			throttled: true,
		},
		{
			name: "peru", domain: "example.pe", reply: "Your request could not be performed.\nLooup quota exceeded.\n",
			want: Unknown, throttled: true,
		},
		{
			name: "coza", domain: "example.co.za", reply: "Please go away for 221 Seconds\n", want: Unknown,
			throttled: true,
		},
		{
			name: "network solutions", domain: "example.com",
			reply: "The IP address from which you have visited the Network Solutions Registrar WHOIS\ndatabase is " +
				"contained within a list of IP addresses that may have failed\nto abide by Network Solutions' WHOIS " +
				"policy.\n", want: Unknown, throttled: true,
		},
		{
			name: "sgnic first answer", domain: "example.sg", reply: "Domain Not Found\nPlease try again in 4 seconds\n",
			want: Unknown, throttled: true,
		},
		{
			name: "hidden by a zero-width space", domain: "example.org", reply: "limit ex\u200bceeded\nNot found\n",
			want: Unknown, throttled: true,
		},
		{
			name: "russian", domain: "example.ru",
			reply: "Превышен лимит запросов\nNo entries found for the selected source(s).\n", want: Unknown,
			throttled: true,
		},
	})
}

// TestWHOISRefusals has replies of servers that cannot or do not want to answer.
func TestWHOISRefusals(t *testing.T) {
	t.Parallel()
	checkWHOIS(t, []whoisCase{
		{
			name: "not available now", domain: "example.com",
			reply: "The registry is not available at this time.\nNo match for \"EXAMPLE.COM\".\n", want: Unknown,
			reason: "unavailable",
		},
		{
			name: "busy", domain: "example.nl", reply: "whois.domain-registry.nl: Server too busy, try again later\n",
			want: Unknown, reason: "unavailable",
		},
		{
			name: "unsupported ending that echoes", domain: "example.tattoo",
			reply: "Domain Name: example.tattoo\n\n   >>> This name is not available for registration:\n\n   >>> Tld " +
				"not supported by this registry interface\n", want: Unknown,
		},
		{
			name: "no server", domain: "example.bb",
			reply: "This TLD has no whois server, but you can access the whois database " +
				"at\nhttp://whois.telecoms.gov.bb/search_domain.php\n", want: Unknown,
		},
		{
			name: "freenom", domain: "example.ml",
			reply: "WHOIS lookup for EXAMPLE.ML can temporarily not be answered. Please try again.\n", want: Unknown,
			reason: "unavailable",
		},
		{
			name: "lu at its limit", domain: "example.lu",
			reply: "% All rights reserved.\n%\n% WHOIS example.lu\n%% Maximum query rate reached\n", want: Unknown,
			throttled: true,
		},
		{
			name: "vu's text is no proof", domain: "example.vu", reply: "The domain example.vu\n is not valid! \n",
			want: Unknown,
		},
		{
			name: "switch refuses", domain: "example.ch",
			reply: "Requests of this client are not permitted. Please use https://www.nic.ch/whois/ for queries.\n",
			want:  Unknown, reason: "refuses",
		},
		{
			name: "red.es refuses", domain: "example.es",
			reply: "The IP address used to perform the query is not authorised or  has exceeded the established limit " +
				"for queries.\n", want: Unknown, throttled: true,
		},
		{
			name: "blocked address", domain: "example.be", reply: "-3: IP address blocked\n", want: Unknown,
			reason: "refuses",
		},
		{name: "empty", domain: "example.com", reply: "", want: Unknown, reason: "empty"},
		{name: "only line ends", domain: "example.com", reply: "\r\n\r\n", want: Unknown, reason: "empty"},
		{
			name: "web page", domain: "example.com", reply: "<!DOCTYPE html><html><body>Domain not found</body></html>\n",
			want: Unknown, reason: "web page",
		},
		{
			name: "dial error", domain: "example.com", reply: "connect to whois server failed: dial tcp 43: i/o timeout",
			want: Unknown,
		},
		{name: "nonsense", domain: "example.com", reply: "hello world\n", want: Unknown, reason: "not understood"},
		{
			name: "invalid name", domain: "a.example.de", reply: "Domain: a.example.de\nStatus: invalid\n",
			want: Unknown,
		},
	})
}

// TestWHOISReservedNames has names that are reserved, blocked or premium.
func TestWHOISReservedNames(t *testing.T) {
	t.Parallel()
	checkWHOIS(t, []whoisCase{
		{
			name: "dpml wrapped", domain: "google.chat",
			reply: "The registration of this domain is restricted,\nas it is protected by the Identity Digital DPML " +
				"Brand\nProtection policy.\n", want: Reserved,
		},
		{
			name: "premium though not found", domain: "cool.guru",
			reply: "Domain not found.\nThis premium domain is available for purchase.\nIf you would like to make an " +
				"offer, please contact platinums@donuts.email.\n", want: Reserved,
		},
		{
			name: "platinum", domain: "good.download", reply: "This platinum domain is available for purchase.\n",
			want: Reserved,
		},
		{
			name: "uni eps", domain: "google.lol",
			reply: ">>> This name is not available for registration:\n>>> This name subscribes to the Uni EPS+ product\n",
			want:  Reserved,
		},
		{
			name: "adultblock", domain: "paypal.sex",
			reply: "This name is not available for registration:\nThis name subscribes to the AdultBlock product\n",
			want:  Reserved,
		},
		{
			name: "globalblock", domain: "brand.app",
			reply: "Domain not found.\n\nThis name is protected by GlobalBlock.\n",
			want:  Reserved,
		},
		{
			name: "reserved domain name", domain: "a.berlin",
			reply: "Reserved Domain Name\nURL of the ICANN Whois Inaccuracy Complaint Form: https://www.icann.org/wicf/\n",
			want:  Reserved,
		},
		{
			name: "afilias reserved", domain: "a.info",
			reply: "Name is reserved by afilias\n\nAll rights reserved. Afilias reserves the right to modify these " +
				"terms at any time.\n", want: Reserved,
		},
		{name: "aero restricted", domain: "a.aero", reply: "Name is restricted from registration\n", want: Reserved},
		{
			name: "cnnic", domain: "gov.cn",
			reply: "the Domain Name you apply can not be registered online. Please consult your Domain Name registrar\n",
			want:  Reserved,
		},
		{
			name: "cira unavailable", domain: "mediom.ca",
			reply: "Domain name:           mediom.ca\nDomain status:         unavailable\nError code:            01114\n",
			want:  Reserved,
		},
		{
			name: "it unassignable", domain: "comune.it",
			reply: "Domain:             comune.it\nStatus:             UNASSIGNABLE\n", want: Reserved,
		},
		{name: "be not allowed", domain: "a.be", reply: "Domain:\ta.be\nStatus:\tNOT ALLOWED\n", want: Reserved},
		{
			name: "jp reserved", domain: "aaa.jp",
			reply: "[Domain Name]                   AAA.JP\n[Status]                        Reserved\n", want: Reserved,
		},
		{
			name: "second level of .name", domain: "login.name",
			reply: "Not available for registration.\nSecond level domain name is reserved.\n", want: Reserved,
		},
		{name: "by blocked", domain: "a.by", reply: "Object is blocked\n", want: Reserved},
		{
			name: "cocca prohibited", domain: "a.bj",
			reply: "Domain Name: a.bj\nDomain Status: Prohibited String - Object Cannot Be Registered\n", want: Reserved,
		},
		{
			name: "nominet rules", domain: "a.uk",
			reply: "Error for \"a.uk\".\n\nThis domain cannot be registered because it contravenes the Nominet " +
				"UK\nnaming rules.\n", want: Reserved,
		},
		{
			name: "sb needs approval", domain: "a.sb",
			reply: "Domain Name: a.sb\nDomain Status: No Object Found\nNotes: his name is restricted, and can be " +
				"registered but will require approval before it can be delegated\n", want: Reserved,
		},
		{
			name: "fi", domain: "a.fi",
			reply: "Domain not available\n\nCopyright (c) Finnish Transport and Communications Agency Traficom\n",
			want:  Reserved,
		},
		{name: "icm", domain: "a.xxx", reply: "Reserved by ICM Registry\n", want: Reserved},
		{name: "reserved spanish", domain: "a.do", reply: "Dominio reservado\n", want: Reserved},
		{
			name: "excluded though not found", domain: "a.zz",
			reply: "No match for a.zz\n\na.zz is excluded from the pool.\n", want: Reserved,
		},
		{
			name: "reserved though not found", domain: "a.zz",
			reply: "No match for a.zz\n\nThe name a.zz is on the reserved names list.\n", want: Reserved,
		},
	})
}

// TestWHOISNotFreeReplies has replies that resemble "not registered" and are not.
func TestWHOISNotFreeReplies(t *testing.T) {
	t.Parallel()
	checkWHOIS(t, []whoisCase{
		{
			name: "another name", domain: "example.com", reply: "No match for \"OTHER.COM\".\n", want: Unknown,
			reason: "another name",
		},
		{
			name: "another name has a record", domain: "a.example.in",
			reply: "Domain Name: example.in\nRegistrar: Somebody\nCreation Date: 2005-02-14T20:35:14Z\nName Server: " +
				"ns1.example.net\n", want: Unknown, reason: "another name",
		},
		{
			name: "another name is free", domain: "example.de", reply: "Domain: other.de\nStatus: free\n", want: Unknown,
			reason: "another name",
		},
		{
			name: "iana about the ending", domain: "example.com",
			reply: "% IANA WHOIS server\nrefer:        whois.verisign-grs.com\n\ndomain:       COM\norganisation: " +
				"VeriSign Global Registry Services\nwhois:        whois.verisign-grs.com\nstatus:       ACTIVE\ncreated:  " +
				"    1985-01-01\nsource:       IANA\n", want: Unknown, reason: "top-level",
		},
		{
			name: "stub", domain: "example.cc", reply: "Whois Server: whois.example-registrar.com\n", want: Unknown,
			reason: "another server",
		},
		{
			name: "a registrar's own customers", domain: "example.com",
			reply: "Domain example.com is not registered here\n",
			want:  Unknown,
		},
		{name: "in unicode", domain: "xn--fl-fka.se", reply: "domain \"FÖL.se\" not found.\n", want: NotRegistered},
		{
			name: "in a sentence", domain: "example.com",
			reply: "This server answers queries about names. If the name that you asked is\nnot found\nin the database, " +
				"it says so below.\n", want: Unknown,
		},
		{
			name: "in a comment's sentence", domain: "example.com",
			reply: "% This service reports whether a domain is registered or\n% not found\n% in our database.\n",
			want:  Unknown,
		},
		{
			name: "hedged", domain: "example.com", reply: "This domain name may be available for registration.\n",
			want: Unknown,
		},
		{
			name: "not free yet", domain: "example.nz",
			reply: "domain_name: example.nz\nquery_status: 260 Will be Available\n", want: Registered,
		},
		{
			name: "record and not found", domain: "example.sr",
			reply: "Domain: example.sr\nMessage: No Object Found\nSponsoring Registrar: Datasur\n", want: Unknown,
			reason: "contradicts",
		},
		{
			name: "dates and not found", domain: "example.com", reply: "Not found\nCreation Date: 2001-02-03\n",
			want: Unknown,
		},
		{
			name: "unknown status beside it", domain: "example.com", reply: "No match for example.com\nStatus: Perhaps\n",
			want: Unknown,
		},
		{name: "unsure in words", domain: "example.com", reply: "Domain not found or reserved.\n", want: Unknown},
		{
			name: "suspended and not found", domain: "example.com", reply: "The domain is suspended.\nDomain not found.\n",
			want: Unknown, reason: "qualifies",
		},
	})
}

// TestWHOISRegisteredNames has records, some of them with very little in them.
func TestWHOISRegisteredNames(t *testing.T) {
	t.Parallel()
	checkWHOIS(t, []whoisCase{
		{
			name: "verisign thin", domain: "example.com",
			reply: "   Domain Name: EXAMPLE.COM\n   Registrar WHOIS Server: whois.example.net\n   Registrar: Example, " +
				"Inc.\n   Creation Date: 1995-08-14T04:00:00Z\n", want: Registered,
		},
		{name: "de connect", domain: "example.de", reply: "Domain: example.de\nStatus: connect\n", want: Registered},
		{name: "de failed", domain: "example.de", reply: "Domain: example.de\nStatus: failed\n", want: Registered},
		{
			name: "be not available", domain: "example.be", reply: "Domain:\texample.be\nStatus:\tNOT AVAILABLE\n",
			want: Registered,
		},
		{
			name: "aq taken", domain: "example.aq",
			reply: "domain: example.aq\nstatus: taken\nnameserver: ns1.example.net\n", want: Registered,
		},
		{
			name: "pe inactive", domain: "example.pe",
			reply: "Domain Information\nQuery: example.pe\nStatus: Inactive\nRegistrar: NIC .PE\nName " +
				"Servers:\n\nRegistrant:\n    SOMEBODY\n", want: Registered,
		},
		{
			name: "hu", domain: "example.hu",
			reply: "domain:         example.hu\nrecord created: 2019-09-05 14:01:03\nFor further data " +
				"see:\nhttps://www.domain.hu/domain-search/\n", want: Registered,
		},
		{
			name: "to", domain: "example.to",
			reply: "Tonic whoisd V1.1\nexample ns1.example.net\nexample ns2.example.net\n",
			want:  Registered,
		},
		{
			name: "kg", domain: "example.kg",
			reply: "Domain EXAMPLE.KG (ACTIVE)\n\nAdministrative Contact:\n   Name: Somebody\nRecord created: Tue Feb " +
				"10 09:42:42 2004\nRecord expires on: Fri Mar 28 23:59:00 2025\n\nName servers in the listed " +
				"order:\n\nNS1.EXAMPLE.NET 192.0.2.1\n", want: Registered,
		},
		{
			name: "pf", domain: "example.pf",
			reply: "Informations about 'example.pf' :\nStatus : Active\nCreated (JJ/MM/AAAA) : 05/08/2008\nName server " +
				"1 : ns1.example.net\n", want: Registered,
		},
		{
			name: "tr without the name", domain: "example.com.tr",
			reply: "** Registrant:\n   Somebody\n\n** Domain Servers:\nns1.example.net\n\n** Additional Info:\nCreated " +
				"on..............: 2001-Aug-23.\nExpires on..............: 2030-Aug-22.\n", want: Registered,
		},
		{
			name: "ae without dates", domain: "example.ae",
			reply: "Domain Name:                     example.ae\nRegistrar Name:                  Somebody\nStatus:     " +
				"                     ok\nName Server:                     ns1.example.net\n", want: Registered,
		},
		{
			name: "nc", domain: "example.nc",
			reply: "Domain                   : example.nc\nCreated on               : 2006-05-14T00:00:00.000Z\nDomain " +
				"server 1          : ns1.example.net\nRegistrar                : NONE\n", want: Registered,
		},
		{
			name: "record under limits in the terms", domain: "example.co",
			reply: "Domain Name: EXAMPLE.CO\nRegistrar: Example, Inc.\nCreation Date: 2010-02-25T01:04:59Z\n\nYou have " +
				"exceeded nothing. Query limit exceeded is what we say.\n", want: Registered,
		},
		{
			name: "idn asked by a-label", domain: "xn--fl-fka.se",
			reply: "state:            active\ndomain:           föl.se\ncreated:          2021-12-29\n", want: Registered,
		},
	})
}
