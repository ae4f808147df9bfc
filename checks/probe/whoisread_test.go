package probe

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// The replies below are short forms of what the registries send; <d> stands for the domain that is asked.
func TestReadWHOIS(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, domain, reply string
		want                RegState
		throttled           bool
		reason              string // a part of it
	}{
		// Free, in the words of each family of registries.
		{name: "verisign", domain: "example.com", reply: "No match for \"EXAMPLE.COM\".\n>>> Last update of whois database: 2022-07-03T03:50:56Z <<<\n", want: NotRegistered},
		{name: "verisign with a domain", domain: "example.com", reply: "No match for domain \"EXAMPLE.COM\".\n", want: NotRegistered},
		{name: "afilias", domain: "example.org", reply: "NOT FOUND\n>>> Last update of WHOIS database: 2022-07-03T03:49:57Z <<<\n", want: NotRegistered},
		{name: "identity digital", domain: "example.pro", reply: "Domain not found.\n>>> Last update of WHOIS database: 2022 <<<\n\nTerms of Use: Queries to the Whois services are throttled. If too many queries are received from a single IP address within a specified time, the service will begin to reject further queries. The service may be scheduled for downtime during maintenance periods.\n", want: NotRegistered},
		{name: "neustar", domain: "example.biz", reply: "No Data Found\nURL of the ICANN Whois Inaccuracy Complaint Form: https://www.icann.org/wicf/\n", want: NotRegistered},
		{name: "neustar formerly", domain: "example.biz", reply: "Not found: example.biz\n", want: NotRegistered},
		{name: "centralnic", domain: "example.xyz", reply: "The queried object does not exist: DOMAIN NOT FOUND\n\nAbuse of this service is monitored and actions in contravention of these terms will result in being permanently\nblacklisted. Access to the whois service is rate limited.\n", want: NotRegistered},
		{name: "core", domain: "example.scot", reply: "The queried object does not exist: no matching objects found\n", want: NotRegistered},
		{name: "radix in 2026", domain: "example.online", reply: "Domain example.online is available for registration\n", want: NotRegistered},
		{name: "uniregistry", domain: "example.sexy", reply: ">>> Domain example.sexy is available for registration\n>>> Please visit https://uniregistry.link/accredited-registrars/ for a\nlist of accredited registrars\n", want: NotRegistered},
		{name: "cocca", domain: "example.cx", reply: "Domain Name: example.cx\nDomain Status: No Object Found\n", want: NotRegistered},
		{name: "cocca formerly", domain: "example.ht", reply: "Domain: example.ht\nStatus: Not Registered\n", want: NotRegistered},
		{name: "de", domain: "example.de", reply: "Domain: example.de\nStatus: free\n", want: NotRegistered},
		{name: "be", domain: "example.be", reply: "% .be Whois Server 6.1\n%\nDomain:\texample.be\nStatus:\tAVAILABLE\n", want: NotRegistered},
		{name: "eu", domain: "example.eu", reply: "% It allows persons to check whether a specific domain name\n% is still available or not.\n\nDomain: example.eu\nScript: LATIN\n\nStatus: AVAILABLE\n", want: NotRegistered},
		{name: "it", domain: "example.it", reply: "Domain:             example.it\nStatus:             AVAILABLE\n", want: NotRegistered},
		{name: "fr", domain: "example.fr", reply: "%%\n%% Rights restricted by copyright.\n%%\n%% RL Net [##########] - RL IP [#########.]\n%%\n\n%% No entries found in the AFNIC Database.\n", want: NotRegistered},
		{name: "at", domain: "example.at", reply: "% Copyright (c)2024 by NIC.AT (1)\n%\n% Rules concerning the use of this data: https://www.nic.at/whois\n\n% nothing found\n", want: NotRegistered},
		{name: "ch", domain: "example.ch", reply: "We do not have an entry in our database matching your query.\n", want: NotRegistered},
		{name: "ch wrapped", domain: "example.ch", reply: "We do not have an entry in our database matching your\nquery.\n", want: NotRegistered},
		{name: "nl", domain: "example.nl", reply: "example.nl is free\n", want: NotRegistered},
		{name: "lu", domain: "example.lu", reply: "% Access to RESTENA DNS-LU WHOIS information is provided to assist persons\n% in determining the content of a domain name registration record.\n%\n% No such domain\n", want: NotRegistered},
		{name: "uk", domain: "example.co.uk", reply: "\n    No match for \"example.co.uk\".\n\n    This domain name has not been registered.\n\n    WHOIS lookup made at 04:52:38 03-Jul-2022\n\n-- \n(C) exceeding query rate or volume\nlimits. Access may be withdrawn or restricted at any time.\n", want: NotRegistered},
		{name: "ie", domain: "example.ie", reply: "% Not Registered - example.ie\n", want: NotRegistered},
		{name: "se", domain: "xn--fl-fka.se", reply: "# This server must\n# not be used as a backend for a search engine.\n\ndomain \"xn--fl-fka.se\" not found.\n", want: NotRegistered},
		{name: "another name in unicode", domain: "xn--fl-fka.se", reply: "domain \"få.se\" not found.\n", want: RegUnknown},
		{name: "no", domain: "example.no", reply: "% By looking up information in the domain registration directory\n% service, you confirm that you accept the terms.\n%\n% Norid AS holds the copyright to the lookup service.\n\n% No match\n", want: NotRegistered},
		{name: "dk", domain: "example.dk", reply: "# Any use of this material to target advertising\n# is forbidden.\n\nNo entries found for the selected source.\n", want: NotRegistered},
		{name: "fi", domain: "example.fi", reply: "Domain not found\n\nCopyright (c) Finnish Transport and Communications Agency Traficom\n", want: NotRegistered},
		{name: "ee", domain: "example.ee", reply: "\nDomain not found\n\n\nEstonia .ee Top Level Domain WHOIS server\nMore information at http://internet.ee\n", want: NotRegistered},
		{name: "lt", domain: "example.lt", reply: "% Hello, this is the DOMREG whois service.\n%\nDomain:\t\t\texample.lt\nStatus:\t\t\tavailable\n", want: NotRegistered},
		{name: "pl", domain: "example.pl", reply: "No information available about domain name example.pl in the Registry NASK database.\n\nWHOIS displays data with a delay not exceeding 15 minutes in relation to the .pl Registry system\n", want: NotRegistered},
		{name: "cz", domain: "example.cz", reply: "%  (c) 2006-2021 CZ.NIC, z.s.p.o.\n%\n%ERROR:101: no entries found\n%\n% No entries found.\n", want: NotRegistered},
		{name: "sk", domain: "example.sk", reply: "Domain not found.\n", want: NotRegistered},
		{name: "hu", domain: "example.hu", reply: "% Whois server 3.0 serving the hu ccTLD\n\nNincs talalat / No match\n", want: NotRegistered},
		{name: "rs", domain: "example.rs", reply: "%ERROR:103: Domain is not registered\n", want: NotRegistered},
		{name: "bg", domain: "example.bg", reply: "Domain name example.bg does not exist in database!\n", want: NotRegistered},
		{name: "pt", domain: "example.pt", reply: "example.pt - No Match\n", want: NotRegistered},
		{name: "ru", domain: "example.ru", reply: "% By submitting a query to TCI's Whois Service\n% you agree to abide by the following terms of use:\n\nNo entries found for the selected source(s).\n\nLast updated on 2022-07-03T03:51:30Z\n", want: NotRegistered},
		{name: "ua", domain: "example.ua", reply: "% Request from 192.0.2.1\n% FOR INFORMATION ABOUT THE REGISTRANT OF THE DOMAIN NAME, YOU SHOULD CONTACT THE REGISTRAR.\n% No entries found for example.ua\n", want: NotRegistered},
		{name: "kz", domain: "example.kz", reply: "Whois Server for the KZ top level domain name.\nThis server is maintained by KazNIC Organization, a ccTLD manager for Kazakhstan Republic.\n\n*** Nothing found for this query.\n", want: NotRegistered},
		{name: "uz", domain: "example.uz", reply: "Sorry, but domain: \"example.uz\", not found in database\n", want: NotRegistered},
		{name: "by", domain: "example.by", reply: "Object does not exist\n", want: NotRegistered},
		{name: "kg", domain: "example.kg", reply: "% This is the .kg ccTLD Whois server\n\nData not found. This domain is available for registration.\n", want: NotRegistered},
		{name: "ir", domain: "example.ir", reply: "% NOTE: This output has been filtered.\n\n% Information related to 'example.ir'\n\n\n%ERROR:101: no entries found\n% \n% No entries found in the selected source(s).\n", want: NotRegistered},
		{name: "il", domain: "example.co.il", reply: "% The data in the WHOIS database of the .il registry is provided\n% by ISOC-IL for information purposes.\n\n% No data was found to match the request criteria.\n", want: NotRegistered},
		{name: "cn", domain: "example.cn", reply: "No matching record.\n", want: NotRegistered},
		{name: "tw", domain: "example.tw", reply: "No Found\n", want: NotRegistered},
		{name: "hk", domain: "example.hk", reply: "\nThe domain has not been registered.\n", want: NotRegistered},
		{name: "jp", domain: "example.jp", reply: "[ JPRS database provides information on network administration. Its use is    ]\n[ restricted to network administration purposes.                              ]\n\nNo match!!\n\n\nWith JPRS WHOIS, you can query the following domain name information\nsponsored by JPRS.\n", want: NotRegistered},
		{name: "kr", domain: "example.kr", reply: "query : example.kr\n\n\n# KOREAN(UTF8)\n\n상기 도메인이름은 등록되어 있지 않습니다.\n\n# ENGLISH\n\nThe requested domain was not found in the Registry or Registrar’s WHOIS Server.\n", want: NotRegistered},
		{name: "kr formerly", domain: "example.kr", reply: "Above domain name is not registered to KRNIC.\n", want: NotRegistered},
		{name: "my", domain: "example.my", reply: "Domain Name [example.my] does not exist in database\n", want: NotRegistered},
		{name: "sg", domain: "example.sg", reply: "Domain Not Found\n", want: NotRegistered},
		{name: "nz", domain: "example.nz", reply: "% It is prohibited to:\n% - Send high volume WHOIS queries\n%\nversion: 8.0\nquery_datetime: 2017-11-15T15:28:58+13:00\ndomain_name: example.nz\nquery_status: 220 Available\n", want: NotRegistered},
		{name: "au", domain: "example.com.au", reply: "NOT FOUND\n>>> Last update of WHOIS database: 2022-07-03T03:50:51Z <<<\n\n(a) querying the availability of a domain name licence;\n", want: NotRegistered},
		{name: "fj", domain: "example.com.fj", reply: "The domain example.com.fj was not found!\n", want: NotRegistered},
		{name: "za", domain: "example.co.za", reply: "Available\nDomain: example.co.za\n", want: NotRegistered},
		{name: "dz", domain: "example.dz", reply: "NO OBJECT FOUND!\n", want: NotRegistered},
		{name: "ma", domain: "example.ma", reply: "%error 230 No Objects Found\n", want: NotRegistered},
		{name: "tk", domain: "example.tk", reply: "Invalid query or domain name not known in Dot TK Domain Registry\n", want: NotRegistered},
		{name: "br", domain: "example.com.br", reply: "% Copyright (c) Nic.br\n%  being prohibited its distribution, commercialization or\n%  reproduction.\n%  2022-07-03T00:51:04-03:00 - IP: 192.0.2.1\n\n% No match for example.com.br\n\n% whois.registro.br accepts only direct match queries.\n", want: NotRegistered},
		{name: "ar", domain: "example.com.ar", reply: "% La información a la que estás accediendo se provee exclusivamente para\n% fines relacionados con operaciones sobre nombres de dominios.\n\nEl dominio no se encuentra registrado en NIC Argentina\n", want: NotRegistered},
		{name: "cl", domain: "example.cl", reply: "example.cl: no existe\n", want: NotRegistered},
		{name: "mx", domain: "example.mx", reply: "\nNo_Se_Encontro_El_Objeto/Object_Not_Found\n", want: NotRegistered},
		{name: "int", domain: "example.int", reply: "% IANA WHOIS server\n% This query returned 0 objects.\n%\n% You queried for example.int but this server does not have\n% any data for example.int.\n", want: NotRegistered},
		{name: "ca", domain: "example.ca", reply: "Not found: example.ca\n\n%\n% Use of CIRA's WHOIS service is governed by the Terms of Use in its Legal\n% Notice\n", want: NotRegistered},
		{name: "latin-1", domain: "example.de", reply: "% Für Anfragen\nDomain: example.de\nStatus: free\n% \xfcber\n", want: NotRegistered},
		{name: "line ends of two kinds", domain: "example.org", reply: "\r\nDomain not found.\r\r\n", want: NotRegistered},

		// Rate limits.
		{name: "pir limit", domain: "example.org", reply: "WHOIS LIMIT EXCEEDED - SEE WWW.PIR.ORG/WHOIS FOR DETAILS\n", want: RegUnknown, throttled: true},
		{name: "limit before not found", domain: "example.org", reply: "Query rate limit exceeded.\nNOT FOUND\n", want: RegUnknown, throttled: true},
		{name: "nominet quota", domain: "example.uk", reply: "Error for \"example.uk\".\n\nThe WHOIS query quota for 192.0.2.1 has been exceeded\nand will be replenished in 50 seconds.\n", want: RegUnknown, throttled: true},
		{name: "denic limit", domain: "example.de", reply: "% Error: 55000000002 Connection refused; access control limit reached.\n", want: RegUnknown, throttled: true},
		{name: "eurid grace", domain: "example.eu", reply: "-1: Still in grace period, wait 60 seconds\n", want: RegUnknown, throttled: true},
		{name: "sidn second", domain: "example.nl", reply: "whois.domain-registry.nl: only 1 request per second allowed, try again later\n", want: RegUnknown, throttled: true},
		{name: "switch wrapped", domain: "example.ch", reply: "The number of requests per client per time interval is\nrestricted. You have exceeded this limit.\nPlease wait a moment and try again.\n", want: RegUnknown, throttled: true},
		{name: "nz denied", domain: "example.nz", reply: "version: 8.0\ndomain_name: example.nz\nquery_status: 440 Request Denied\n", want: RegUnknown, throttled: true},
		{name: "peru", domain: "example.pe", reply: "Your request could not be performed.\nLooup quota exceeded.\n", want: RegUnknown, throttled: true},
		{name: "coza", domain: "example.co.za", reply: "Please go away for 221 Seconds\n", want: RegUnknown, throttled: true},
		{name: "network solutions", domain: "example.com", reply: "The IP address from which you have visited the Network Solutions Registrar WHOIS\ndatabase is contained within a list of IP addresses that may have failed\nto abide by Network Solutions' WHOIS policy.\n", want: RegUnknown, throttled: true},
		{name: "sgnic first answer", domain: "example.sg", reply: "Domain Not Found\nPlease try again in 4 seconds\n", want: RegUnknown, throttled: true},
		{name: "hidden by a zero-width space", domain: "example.org", reply: "limit ex\u200bceeded\nNot found\n", want: RegUnknown, throttled: true},
		{name: "russian", domain: "example.ru", reply: "Превышен лимит запросов\nNo entries found for the selected source(s).\n", want: RegUnknown, throttled: true},

		// Cannot or does not want to answer.
		{name: "not available now", domain: "example.com", reply: "The registry is not available at this time.\nNo match for \"EXAMPLE.COM\".\n", want: RegUnknown, reason: "unavailable"},
		{name: "busy", domain: "example.nl", reply: "whois.domain-registry.nl: Server too busy, try again later\n", want: RegUnknown, reason: "unavailable"},
		{name: "unsupported ending that echoes", domain: "example.tattoo", reply: "Domain Name: example.tattoo\n\n   >>> This name is not available for registration:\n\n   >>> Tld not supported by this registry interface\n", want: RegUnknown},
		{name: "no server", domain: "example.bb", reply: "This TLD has no whois server, but you can access the whois database at\nhttp://whois.telecoms.gov.bb/search_domain.php\n", want: RegUnknown},
		{name: "switch refuses", domain: "example.ch", reply: "Requests of this client are not permitted. Please use https://www.nic.ch/whois/ for queries.\n", want: RegUnknown, reason: "refuses"},
		{name: "red.es refuses", domain: "example.es", reply: "The IP address used to perform the query is not authorised or  has exceeded the established limit for queries.\n", want: RegUnknown, throttled: true},
		{name: "blocked address", domain: "example.be", reply: "-3: IP address blocked\n", want: RegUnknown, reason: "refuses"},
		{name: "empty", domain: "example.com", reply: "", want: RegUnknown, reason: "empty"},
		{name: "only line ends", domain: "example.com", reply: "\r\n\r\n", want: RegUnknown, reason: "empty"},
		{name: "web page", domain: "example.com", reply: "<!DOCTYPE html><html><body>Domain not found</body></html>\n", want: RegUnknown, reason: "web page"},
		{name: "dial error", domain: "example.com", reply: "connect to whois server failed: dial tcp 43: i/o timeout", want: RegUnknown},
		{name: "nonsense", domain: "example.com", reply: "hello world\n", want: RegUnknown, reason: "not understood"},
		{name: "invalid name", domain: "a.example.de", reply: "Domain: a.example.de\nStatus: invalid\n", want: RegUnknown},

		// Reserved, blocked, at a price.
		{name: "dpml wrapped", domain: "google.chat", reply: "The registration of this domain is restricted,\nas it is protected by the Identity Digital DPML Brand\nProtection policy.\n", want: Reserved},
		{name: "premium though not found", domain: "cool.guru", reply: "Domain not found.\nThis premium domain is available for purchase.\nIf you would like to make an offer, please contact platinums@donuts.email.\n", want: Reserved},
		{name: "platinum", domain: "good.download", reply: "This platinum domain is available for purchase.\n", want: Reserved},
		{name: "uni eps", domain: "google.lol", reply: ">>> This name is not available for registration:\n>>> This name subscribes to the Uni EPS+ product\n", want: Reserved},
		{name: "adultblock", domain: "paypal.sex", reply: "This name is not available for registration:\nThis name subscribes to the AdultBlock product\n", want: Reserved},
		{name: "globalblock", domain: "brand.app", reply: "Domain not found.\n\nThis name is protected by GlobalBlock.\n", want: Reserved},
		{name: "reserved domain name", domain: "a.berlin", reply: "Reserved Domain Name\nURL of the ICANN Whois Inaccuracy Complaint Form: https://www.icann.org/wicf/\n", want: Reserved},
		{name: "afilias reserved", domain: "a.info", reply: "Name is reserved by afilias\n\nAll rights reserved. Afilias reserves the right to modify these terms at any time.\n", want: Reserved},
		{name: "aero restricted", domain: "a.aero", reply: "Name is restricted from registration\n", want: Reserved},
		{name: "cnnic", domain: "gov.cn", reply: "the Domain Name you apply can not be registered online. Please consult your Domain Name registrar\n", want: Reserved},
		{name: "cira unavailable", domain: "mediom.ca", reply: "Domain name:           mediom.ca\nDomain status:         unavailable\nError code:            01114\n", want: Reserved},
		{name: "it unassignable", domain: "comune.it", reply: "Domain:             comune.it\nStatus:             UNASSIGNABLE\n", want: Reserved},
		{name: "be not allowed", domain: "a.be", reply: "Domain:\ta.be\nStatus:\tNOT ALLOWED\n", want: Reserved},
		{name: "jp reserved", domain: "aaa.jp", reply: "[Domain Name]                   AAA.JP\n[Status]                        Reserved\n", want: Reserved},
		{name: "second level of .name", domain: "login.name", reply: "Not available for registration.\nSecond level domain name is reserved.\n", want: Reserved},
		{name: "by blocked", domain: "a.by", reply: "Object is blocked\n", want: Reserved},
		{name: "cocca prohibited", domain: "a.bj", reply: "Domain Name: a.bj\nDomain Status: Prohibited String - Object Cannot Be Registered\n", want: Reserved},
		{name: "nominet rules", domain: "a.uk", reply: "Error for \"a.uk\".\n\nThis domain cannot be registered because it contravenes the Nominet UK\nnaming rules.\n", want: Reserved},
		{name: "reserved spanish", domain: "a.do", reply: "Dominio reservado\n", want: Reserved},
		{name: "reserved though not found", domain: "a.zz", reply: "No match for a.zz\n\nThe name a.zz is on the reserved names list.\n", want: Reserved},

		// Answers that must not be taken for "free".
		{name: "another name", domain: "example.com", reply: "No match for \"OTHER.COM\".\n", want: RegUnknown, reason: "another name"},
		{name: "another name has a record", domain: "a.example.in", reply: "Domain Name: example.in\nRegistrar: Somebody\nCreation Date: 2005-02-14T20:35:14Z\nName Server: ns1.example.net\n", want: RegUnknown, reason: "another name"},
		{name: "another name is free", domain: "example.de", reply: "Domain: other.de\nStatus: free\n", want: RegUnknown, reason: "another name"},
		{name: "iana about the ending", domain: "example.com", reply: "% IANA WHOIS server\nrefer:        whois.verisign-grs.com\n\ndomain:       COM\norganisation: VeriSign Global Registry Services\nwhois:        whois.verisign-grs.com\nstatus:       ACTIVE\ncreated:      1985-01-01\nsource:       IANA\n", want: RegUnknown, reason: "top-level"},
		{name: "stub", domain: "example.cc", reply: "Whois Server: whois.example-registrar.com\n", want: RegUnknown, reason: "another server"},
		{name: "a registrar's own customers", domain: "example.com", reply: "Domain example.com is not registered here\n", want: RegUnknown},
		{name: "in unicode", domain: "xn--fl-fka.se", reply: "domain \"FÖL.se\" not found.\n", want: NotRegistered},
		{name: "in a sentence", domain: "example.com", reply: "This server answers queries about names. If the name that you asked is\nnot found\nin the database, it says so below.\n", want: RegUnknown},
		{name: "in a comment's sentence", domain: "example.com", reply: "% This service tells whether a domain is registered or\n% not found\n% in our database.\n", want: RegUnknown},
		{name: "hedged", domain: "example.com", reply: "This domain name may be available for registration.\n", want: RegUnknown},
		{name: "not free yet", domain: "example.nz", reply: "domain_name: example.nz\nquery_status: 260 Will be Available\n", want: Registered},
		{name: "record and not found", domain: "example.sr", reply: "Domain: example.sr\nMessage: No Object Found\nSponsoring Registrar: Datasur\n", want: RegUnknown, reason: "contradicts"},
		{name: "dates and not found", domain: "example.com", reply: "Not found\nCreation Date: 2001-02-03\n", want: RegUnknown},
		{name: "unknown status beside it", domain: "example.com", reply: "No match for example.com\nStatus: Perhaps\n", want: RegUnknown},
		{name: "unsure in words", domain: "example.com", reply: "Domain not found or reserved.\n", want: RegUnknown},
		{name: "suspended and not found", domain: "example.com", reply: "The domain is suspended.\nDomain not found.\n", want: RegUnknown, reason: "qualifies"},

		// Registered.
		{name: "verisign thin", domain: "example.com", reply: "   Domain Name: EXAMPLE.COM\n   Registrar WHOIS Server: whois.example.net\n   Registrar: Example, Inc.\n   Creation Date: 1995-08-14T04:00:00Z\n", want: Registered},
		{name: "de connect", domain: "example.de", reply: "Domain: example.de\nStatus: connect\n", want: Registered},
		{name: "de failed", domain: "example.de", reply: "Domain: example.de\nStatus: failed\n", want: Registered},
		{name: "be not available", domain: "example.be", reply: "Domain:\texample.be\nStatus:\tNOT AVAILABLE\n", want: Registered},
		{name: "aq taken", domain: "example.aq", reply: "domain: example.aq\nstatus: taken\nnameserver: ns1.example.net\n", want: Registered},
		{name: "pe inactive", domain: "example.pe", reply: "Domain Information\nQuery: example.pe\nStatus: Inactive\nRegistrar: NIC .PE\nName Servers:\n\nRegistrant:\n    SOMEBODY\n", want: Registered},
		{name: "hu", domain: "example.hu", reply: "domain:         example.hu\nrecord created: 2019-09-05 14:01:03\nFor further data see:\nhttps://www.domain.hu/domain-search/\n", want: Registered},
		{name: "to", domain: "example.to", reply: "Tonic whoisd V1.1\nexample ns1.example.net\nexample ns2.example.net\n", want: Registered},
		{name: "kg", domain: "example.kg", reply: "Domain EXAMPLE.KG (ACTIVE)\n\nAdministrative Contact:\n   Name: Somebody\nRecord created: Tue Feb 10 09:42:42 2004\nRecord expires on: Fri Mar 28 23:59:00 2025\n\nName servers in the listed order:\n\nNS1.EXAMPLE.NET 192.0.2.1\n", want: Registered},
		{name: "pf", domain: "example.pf", reply: "Informations about 'example.pf' :\nStatus : Active\nCreated (JJ/MM/AAAA) : 05/08/2008\nName server 1 : ns1.example.net\n", want: Registered},
		{name: "record under limits in the terms", domain: "example.co", reply: "Domain Name: EXAMPLE.CO\nRegistrar: Example, Inc.\nCreation Date: 2010-02-25T01:04:59Z\n\nYou have exceeded nothing. Query limit exceeded is what we say.\n", want: Registered},
		{name: "idn asked by a-label", domain: "xn--fl-fka.se", reply: "state:            active\ndomain:           föl.se\ncreated:          2021-12-29\n", want: Registered},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := ReadWHOIS(tt.domain, []byte(tt.reply))
			if got.State != tt.want || got.Throttled != tt.throttled || !strings.Contains(got.Reason, tt.reason) {
				t.Errorf("state %q throttled %v reason %q, want %q %v %q", got.State, got.Throttled, got.Reason, tt.want, tt.throttled, tt.reason)
			}
			if (got.State == RegUnknown || got.State == Reserved) && got.Reason == "" {
				t.Error("no reason")
			}
			if got.Source != "whois" || got.Domain != tt.domain || got.Server != "" {
				t.Errorf("source %q, domain %q, server %q", got.Source, got.Domain, got.Server)
			}
		})
	}
}
