package registration

import (
	"encoding/json"
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
		want                State
		throttled           bool
		reason              string // a part of it
	}{
		// Free, in the words of each family of registries.
		{
			name: "verisign", domain: "example.com",
			reply: "No match for \"EXAMPLE.COM\".\n>>> Last update of whois database: 2022-07-03T03:50:56Z <<<\n",
			want:  NotRegistered,
		},
		{
			name: "verisign with a domain", domain: "example.com", reply: "No match for domain \"EXAMPLE.COM\".\n",
			want: NotRegistered,
		},
		{
			name: "afilias", domain: "example.org",
			reply: "NOT FOUND\n>>> Last update of WHOIS database: 2022-07-03T03:49:57Z <<<\n", want: NotRegistered,
		},
		{
			name: "identity digital", domain: "example.pro",
			reply: "Domain not found.\n>>> Last update of WHOIS database: 2022 <<<\n\nTerms of Use: Queries to the " +
				"Whois services are throttled. If too many queries are received from a single IP address within a " +
				"specified time, the service will begin to reject further queries. The service may be scheduled for " +
				"downtime during maintenance periods.\n", want: NotRegistered,
		},
		{
			name: "neustar", domain: "example.biz",
			reply: "No Data Found\nURL of the ICANN Whois Inaccuracy Complaint Form: https://www.icann.org/wicf/\n",
			want:  NotRegistered,
		},
		{name: "neustar formerly", domain: "example.biz", reply: "Not found: example.biz\n", want: NotRegistered},
		{
			name: "centralnic", domain: "example.xyz",
			reply: "The queried object does not exist: DOMAIN NOT FOUND\n\nAbuse of this service is monitored and " +
				"actions in contravention of these terms will result in being permanently\nblacklisted. Access to the " +
				"whois service is rate limited.\n", want: NotRegistered,
		},
		{
			name: "core", domain: "example.scot", reply: "The queried object does not exist: no matching objects found\n",
			want: NotRegistered,
		},
		{
			name: "radix in 2026", domain: "example.online", reply: "Domain example.online is available for registration\n",
			want: NotRegistered,
		},
		{
			name: "uniregistry", domain: "example.sexy",
			reply: ">>> Domain example.sexy is available for registration\n>>> Please visit " +
				"https://uniregistry.link/accredited-registrars/ for a\nlist of accredited registrars\n",
			want: NotRegistered,
		},
		{
			name: "cocca", domain: "example.cx", reply: "Domain Name: example.cx\nDomain Status: No Object Found\n",
			want: NotRegistered,
		},
		{
			name: "cocca formerly", domain: "example.ht", reply: "Domain: example.ht\nStatus: Not Registered\n",
			want: NotRegistered,
		},
		{name: "de", domain: "example.de", reply: "Domain: example.de\nStatus: free\n", want: NotRegistered},
		{
			name: "be", domain: "example.be", reply: "% .be Whois Server 6.1\n%\nDomain:\texample.be\nStatus:\tAVAILABLE\n",
			want: NotRegistered,
		},
		{
			name: "eu", domain: "example.eu",
			reply: "% It allows persons to check whether a specific domain name\n% is still available or " +
				"not.\n\nDomain: example.eu\nScript: LATIN\n\nStatus: AVAILABLE\n", want: NotRegistered,
		},
		{
			name: "it", domain: "example.it", reply: "Domain:             example.it\nStatus:             AVAILABLE\n",
			want: NotRegistered,
		},
		{
			name: "fr", domain: "example.fr",
			reply: "%%\n%% Rights restricted by copyright.\n%%\n%% RL Net [##########] - RL IP [#########.]\n%%\n\n%% " +
				"No entries found in the AFNIC Database.\n", want: NotRegistered,
		},
		{
			name: "at", domain: "example.at",
			reply: "% Copyright (c)2024 by NIC.AT (1)\n%\n% Rules concerning the use of this data: " +
				"https://www.nic.at/whois\n\n% nothing found\n", want: NotRegistered,
		},
		{
			name: "ch", domain: "example.ch", reply: "We do not have an entry in our database matching your query.\n",
			want: NotRegistered,
		},
		{
			name: "ch wrapped", domain: "example.ch",
			reply: "We do not have an entry in our database matching your\nquery.\n", want: NotRegistered,
		},
		{name: "nl", domain: "example.nl", reply: "example.nl is free\n", want: NotRegistered},
		{
			name: "lu", domain: "example.lu",
			reply: "% Access to RESTENA DNS-LU WHOIS information is provided to assist persons\n% in determining the " +
				"content of a domain name registration record.\n%\n% No such domain\n", want: NotRegistered,
		},
		{
			name: "uk", domain: "example.co.uk",
			reply: "\n    No match for \"example.co.uk\".\n\n    This domain name has not been registered.\n\n    WHOIS " +
				"lookup made at 04:52:38 03-Jul-2022\n\n-- \n(C) exceeding query rate or volume\nlimits. Access may be " +
				"withdrawn or restricted at any time.\n", want: NotRegistered,
		},
		{name: "ie", domain: "example.ie", reply: "% Not Registered - example.ie\n", want: NotRegistered},
		{
			name: "se", domain: "xn--fl-fka.se",
			reply: "# This server must\n# not be used as a backend for a search engine.\n\ndomain \"xn--fl-fka.se\" not " +
				"found.\n", want: NotRegistered,
		},
		{
			name: "another name in unicode", domain: "xn--fl-fka.se", reply: "domain \"få.se\" not found.\n",
			want: Unknown,
		},
		{
			name: "no", domain: "example.no",
			reply: "% By looking up information in the domain registration directory\n% service, you confirm that you " +
				"accept the terms.\n%\n% Norid AS holds the copyright to the lookup service.\n\n% No match\n",
			want: NotRegistered,
		},
		{
			name: "dk", domain: "example.dk",
			reply: "# Any use of this material to target advertising\n# is forbidden.\n\nNo entries found for the " +
				"selected source.\n", want: NotRegistered,
		},
		{
			name: "fi", domain: "example.fi",
			reply: "Domain not found\n\nCopyright (c) Finnish Transport and Communications Agency Traficom\n",
			want:  NotRegistered,
		},
		{
			name: "ee", domain: "example.ee",
			reply: "\nDomain not found\n\n\nEstonia .ee Top Level Domain WHOIS server\nMore information at " +
				"http://internet.ee\n", want: NotRegistered,
		},
		{
			name: "lt", domain: "example.lt",
			reply: "% Hello, this is the DOMREG whois service.\n%\nDomain:\t\t\texample.lt\nStatus:\t\t\tavailable\n",
			want:  NotRegistered,
		},
		{
			name: "pl", domain: "example.pl",
			reply: "No information available about domain name example.pl in the Registry NASK database.\n\nWHOIS " +
				"displays data with a delay not exceeding 15 minutes in relation to the .pl Registry system\n",
			want: NotRegistered,
		},
		{
			name: "cz", domain: "example.cz",
			reply: "%  (c) 2006-2021 CZ.NIC, z.s.p.o.\n%\n%ERROR:101: no entries found\n%\n% No entries found.\n",
			want:  NotRegistered,
		},
		{name: "sk", domain: "example.sk", reply: "Domain not found.\n", want: NotRegistered},
		{
			name: "hu", domain: "example.hu",
			reply: "% Whois server 3.0 serving the hu ccTLD\n\nNincs talalat / No match\n",
			want:  NotRegistered,
		},
		{name: "rs", domain: "example.rs", reply: "%ERROR:103: Domain is not registered\n", want: NotRegistered},
		{
			name: "bg", domain: "example.bg", reply: "Domain name example.bg does not exist in database!\n",
			want: NotRegistered,
		},
		{name: "pt", domain: "example.pt", reply: "example.pt - No Match\n", want: NotRegistered},
		{
			name: "ru", domain: "example.ru",
			reply: "% By submitting a query to TCI's Whois Service\n% you agree to abide by the following terms of " +
				"use:\n\nNo entries found for the selected source(s).\n\nLast updated on 2022-07-03T03:51:30Z\n",
			want: NotRegistered,
		},
		{
			name: "ua", domain: "example.ua",
			reply: "% Request from 192.0.2.1\n% FOR INFORMATION ABOUT THE REGISTRANT OF THE DOMAIN NAME, YOU SHOULD " +
				"CONTACT THE REGISTRAR.\n% No entries found for example.ua\n", want: NotRegistered,
		},
		{
			name: "kz", domain: "example.kz",
			reply: "Whois Server for the KZ top level domain name.\nThis server is maintained by KazNIC Organization, a " +
				"ccTLD manager for Kazakhstan Republic.\n\n*** Nothing found for this query.\n", want: NotRegistered,
		},
		{
			name: "uz", domain: "example.uz", reply: "Sorry, but domain: \"example.uz\", not found in database\n",
			want: NotRegistered,
		},
		{name: "by", domain: "example.by", reply: "Object does not exist\n", want: NotRegistered},
		{
			name: "kg", domain: "example.kg",
			reply: "% This is the .kg ccTLD Whois server\n\nData not found. This domain is available for registration.\n",
			want:  NotRegistered,
		},
		{
			name: "ir", domain: "example.ir",
			reply: "% NOTE: This output has been filtered.\n\n% Information related to 'example.ir'\n\n\n%ERROR:101: no " +
				"entries found\n% \n% No entries found in the selected source(s).\n", want: NotRegistered,
		},
		{
			name: "il", domain: "example.co.il",
			reply: "% The data in the WHOIS database of the .il registry is provided\n% by ISOC-IL for information " +
				"purposes.\n\n% No data was found to match the request criteria.\n", want: NotRegistered,
		},
		{name: "cn", domain: "example.cn", reply: "No matching record.\n", want: NotRegistered},
		{name: "tw", domain: "example.tw", reply: "No Found\n", want: NotRegistered},
		{name: "hk", domain: "example.hk", reply: "\nThe domain has not been registered.\n", want: NotRegistered},
		{
			name: "jp", domain: "example.jp",
			reply: "[ JPRS database provides information on network administration. Its use is    ]\n[ restricted to " +
				"network administration purposes.                              ]\n\nNo match!!\n\n\nWith JPRS WHOIS, you " +
				"can query the following domain name information\nsponsored by JPRS.\n", want: NotRegistered,
		},
		{
			name: "kr", domain: "example.kr",
			reply: "query : example.kr\n\n\n# KOREAN(UTF8)\n\n상기 도메인이름은 등록되어 있지 않습니다.\n\n# ENGLISH\n\nThe requested " +
				"domain was not found in the Registry or Registrar’s WHOIS Server.\n", want: NotRegistered,
		},
		{
			name: "kr formerly", domain: "example.kr", reply: "Above domain name is not registered to KRNIC.\n",
			want: NotRegistered,
		},
		{
			name: "my", domain: "example.my", reply: "Domain Name [example.my] does not exist in database\n",
			want: NotRegistered,
		},
		{name: "sg", domain: "example.sg", reply: "Domain Not Found\n", want: NotRegistered},
		{
			name: "nz", domain: "example.nz",
			reply: "% It is prohibited to:\n% - Send high volume WHOIS queries\n%\nversion: 8.0\nquery_datetime: " +
				"2017-11-15T15:28:58+13:00\ndomain_name: example.nz\nquery_status: 220 Available\n", want: NotRegistered,
		},
		{
			name: "au", domain: "example.com.au",
			reply: "NOT FOUND\n>>> Last update of WHOIS database: 2022-07-03T03:50:51Z <<<\n\n(a) querying the " +
				"availability of a domain name licence;\n", want: NotRegistered,
		},
		{name: "fj", domain: "example.com.fj", reply: "The domain example.com.fj was not found!\n", want: NotRegistered},
		{name: "za", domain: "example.co.za", reply: "Available\nDomain: example.co.za\n", want: NotRegistered},
		{name: "dz", domain: "example.dz", reply: "NO OBJECT FOUND!\n", want: NotRegistered},
		{name: "ma", domain: "example.ma", reply: "%error 230 No Objects Found\n", want: NotRegistered},
		{
			name: "tk", domain: "example.tk", reply: "Invalid query or domain name not known in Dot TK Domain Registry\n",
			want: NotRegistered,
		},
		{
			name: "br", domain: "example.com.br",
			reply: "% Copyright (c) Nic.br\n%  being prohibited its distribution, commercialization or\n%  " +
				"reproduction.\n%  2022-07-03T00:51:04-03:00 - IP: 192.0.2.1\n\n% No match for example.com.br\n\n% " +
				"whois.registro.br accepts only direct match queries.\n", want: NotRegistered,
		},
		{
			name: "ar", domain: "example.com.ar",
			reply: "% La información a la que estás accediendo se provee exclusivamente para\n% fines relacionados con " +
				"operaciones sobre nombres de dominios.\n\nEl dominio no se encuentra registrado en NIC Argentina\n",
			want: NotRegistered,
		},
		{name: "cl", domain: "example.cl", reply: "example.cl: no existe\n", want: NotRegistered},
		{name: "mx", domain: "example.mx", reply: "\nNo_Se_Encontro_El_Objeto/Object_Not_Found\n", want: NotRegistered},
		{
			name: "int", domain: "example.int",
			reply: "% IANA WHOIS server\n% This query returned 0 objects.\n%\n% You queried for example.int but this " +
				"server does not have\n% any data for example.int.\n", want: NotRegistered,
		},
		{
			name: "ca", domain: "example.ca",
			reply: "Not found: example.ca\n\n%\n% Use of CIRA's WHOIS service is governed by the Terms of Use in its " +
				"Legal\n% Notice\n", want: NotRegistered,
		},
		{
			name: "latin-1", domain: "example.de", reply: "% Für Anfragen\nDomain: example.de\nStatus: free\n% \xfcber\n",
			want: NotRegistered,
		},
		{
			name: "line ends of two kinds", domain: "example.org", reply: "\r\nDomain not found.\r\r\n",
			want: NotRegistered,
		},

		{name: "to", domain: "example.to", reply: "Tonic whoisd V1.1\nNo match for example\n", want: NotRegistered},
		{name: "sn", domain: "example.sn", reply: "EXAMPLENOT FOUND\n", want: NotRegistered},
		{
			name: "ie in a sentence", domain: "example.ie",
			reply: "% Not Registered - The domain you have requested (example.ie) is not a registered .ie domain name.\n",
			want:  NotRegistered,
		},
		{
			name: "jwhoisserver", domain: "example.tg",
			reply: "This is JWhoisServer serving ccTLD tg\nAll rights reserved.\n\nNO OBJECT " +
				"FOUND!\nobject:.............example.tg\ntype:...............domain\n", want: NotRegistered,
		},
		{
			name: "lv", domain: "example.lv",
			reply: "[Domain]\nDomain: example.lv\nStatus: free\n\n[Whois]\nUpdated: 2017-11-18 18:12:31.726496\n",
			want:  NotRegistered,
		},
		{
			name: "is", domain: "example.is",
			reply: "% This is the ISNIC Whois server.\n%\n% Rights restricted by copyright.\n\n%\n% No entries found " +
				"for query \"example.is\".\n", want: NotRegistered,
		},
		{
			name: "im", domain: "example.im", reply: "Domain Name:\texample.im\nThe domain example.im was not found.\n",
			want: NotRegistered,
		},
		{
			name: "uy", domain: "example.uy",
			reply: "Servidor Whois de NIC-Uruguay (.UY)\n\nEste servidor contiene informacion autoritativa " +
				"exclusivamente de dominios bajo .UY\n\nNo match for \"example.uy\".\n", want: NotRegistered,
		},
		{
			name: "sl warns of blocks", domain: "example.sl",
			reply: "Domain Name: example.sl\nDomain Status: No Object Found\n\n NIC.SL reserves the right to terminate " +
				"your\n access to the WHOIS database in its sole discretion, including without\n limitation, for " +
				"excessive querying of the WHOIS database or for failure to\n otherwise abide by this policy.\n SIMPLE " +
				"WORDS: Do not abuse this service or you'll get blocked.\n", want: NotRegistered,
		},
		{
			name: "sx", domain: "example.sx",
			reply: "% WHOIS LEGAL STATEMENT\nStatus: AVAILABLE (No match for domain \"example.sx\")\n",
			want:  NotRegistered,
		},
		{name: "quoted twice", domain: "free.com.se", reply: "\\'free.com.se\\' not found", want: NotRegistered},

		// Rate limits.
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

		// Cannot or does not want to answer.
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

		// Reserved, blocked, at a price.
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

		// Answers that must not be taken for "free".
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

		// Registered.
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
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := ReadWHOIS(tt.domain, []byte(tt.reply), false)
			if got.State != tt.want || got.Throttled != tt.throttled || !strings.Contains(got.Reason, tt.reason) {
				t.Errorf("state %q throttled %v reason %q, want %q %v %q", got.State, got.Throttled, got.Reason, tt.want,
					tt.throttled, tt.reason)
			}
			if (got.State == Unknown || got.State == Reserved) && got.Reason == "" {
				t.Error("no reason")
			}
			if got.Source != "whois" || got.Domain != tt.domain || got.Server != "" {
				t.Errorf("source %q, domain %q, server %q", got.Source, got.Domain, got.Server)
			}
		})
	}
}

func TestReadWHOISFields(t *testing.T) {
	t.Parallel()
	day := func(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }
	tests := []struct {
		name, domain, reply string
		want                Registration
	}{
		{
			name: "icann", domain: "example.com",
			reply: "Domain Name: EXAMPLE.COM\nRegistry Domain ID: 2336799_DOMAIN_COM-VRSN\nRegistrar WHOIS Server: " +
				"whois.example-registrar.com\nRegistrar URL: http://www.example-registrar.com\nUpdated Date: " +
				"2024-08-14T07:01:34Z\nCreation Date: 1995-08-14T04:00:00Z\nRegistry Expiry Date: " +
				"2025-08-13T04:00:00Z\nRegistrar: Example Registrar, Inc.\nRegistrar IANA ID: 376\nDomain Status: " +
				"clientTransferProhibited https://icann.org/epp#clientTransferProhibited\nDomain Status: clientHold " +
				"(https://www.icann.org/epp#clientHold)\nName Server: A.IANA-SERVERS.NET\nName Server: " +
				"B.IANA-SERVERS.NET\nDNSSEC: signedDelegation\n",
			want: Registration{
				Registrar: "Example Registrar, Inc.", RegistrarIANA: "376",
				Statuses:    []string{"client hold", "client transfer prohibited"},
				Nameservers: []string{"a.iana-servers.net", "b.iana-servers.net"}, DNSSEC: true,
				ReferralServer: "whois.example-registrar.com",
				CreatedAt:      time.Date(1995, 8, 14, 4, 0, 0, 0, time.UTC),
				UpdatedAt:      time.Date(2024, 8, 14, 7, 1, 34, 0, time.UTC),
				ExpiresAt:      time.Date(2025, 8, 13, 4, 0, 0, 0, time.UTC),
			},
		},
		{
			name: "uk", domain: "example.co.uk",
			reply: "\n    Domain name:\n        example.co.uk\n\n    Registrar:\n        Example Limited t/a Example " +
				"[Tag = EXAMPLE]\n        URL: http://www.example.net\n\n    Relevant dates:\n        Registered on: " +
				"11-Jun-2014\n        Expiry date:  11-Jun-2030\n        Last updated:  10-May-2029\n\n    Registration " +
				"status:\n        Registered until expiry date.\n\n    Name servers:\n        ns1.example.net  " +
				"192.0.2.1\n        ns2.example.net\n",
			want: Registration{
				Registrar: "Example Limited t/a Example", Statuses: []string{"active"},
				Nameservers: []string{"ns1.example.net", "ns2.example.net"},
				CreatedAt:   day(2014, 6, 11), ExpiresAt: day(2030, 6, 11), UpdatedAt: day(2029, 5, 10),
			},
		},
		{
			name: "be in quarantine", domain: "example.be",
			reply: "% .be Whois Server 6.1\n\nDomain:\texample.be\nStatus:\tQUARANTINE\nRegistered:\tTue Feb 15 " +
				"2011\n\nRegistrar Technical Contacts:\n\tName:\tSomebody\n\nRegistrar:\n\tName:\t Example NV\n\tWebsite: " +
				"example.net/\n\nNameservers:\n\tns1.example.net\n\nKeys:\n\nPlease visit www.dns.be for more info.\n",
			want: Registration{
				Registrar: "Example NV", Statuses: []string{"redemption period"},
				Nameservers: []string{"ns1.example.net"}, CreatedAt: day(2011, 2, 15),
			},
		},
		{
			name: "it grace period", domain: "example.it",
			reply: "Domain:             example.it\nStatus:             ok / autoRenewPeriod\nSigned:             " +
				"no\nCreated:            1999-12-10 00:00:00\nExpire Date:        2020-04-21\n\nRegistrant\n  " +
				"Organization:     Somebody\n  Created:          2018-03-02 19:04:02\n\nRegistrar\n  Organization:     " +
				"Example Srl\n  Name:             EXAMPLE-REG\n\nNameservers\n  ns1.example.net\n  ns2.example.net\n",
			want: Registration{
				Registrar: "Example Srl", Statuses: []string{"active", "auto renew period"},
				Nameservers: []string{"ns1.example.net", "ns2.example.net"},
				CreatedAt:   day(1999, 12, 10), ExpiresAt: day(2020, 4, 21),
			},
		},
		{
			name: "ru not delegated", domain: "example.ru",
			reply: "domain:        EXAMPLE.RU\nnserver:       ns1.example.ru. 192.0.2.1\nstate:         REGISTERED, NOT " +
				"DELEGATED, VERIFIED\nregistrar:     EXAMPLE-RU\ncreated:       2004-03-03T21:00:00Z\npaid-till:     " +
				"2030-03-04T21:00:00Z\nfree-date:     2030-04-05\nsource:        TCI\n",
			want: Registration{
				Registrar: "EXAMPLE-RU", Statuses: []string{"inactive", "validated"}, Nameservers: []string{"ns1.example.ru"},
				CreatedAt: time.Date(2004, 3, 3, 21, 0, 0, 0, time.UTC),
				ExpiresAt: time.Date(2030, 3, 4, 21, 0, 0, 0, time.UTC),
			},
		},
		{
			name: "jp", domain: "example.co.jp",
			reply: "Domain Information:\na. [Domain Name]                EXAMPLE.CO.JP\np. [Name Server]                " +
				"ns1.example.net\ns. [Signing Key]                \n[State]                         Connected " +
				"(2024/03/31)\n[Lock Status]                   AgentChangeLocked\n[Registered Date]               " +
				"2001/03/22\n[Last Update]                   2023/04/01 01:05:57 (JST)\n",
			want: Registration{
				Statuses: []string{"active", "client transfer prohibited"}, Nameservers: []string{"ns1.example.net"},
				CreatedAt: day(2001, 3, 22),
				UpdatedAt: time.Date(2023, 3, 31, 16, 5, 57, 0, time.UTC),
			},
		},
		{
			name: "kr", domain: "example.kr",
			reply: "query : example.kr\n\n\n# KOREAN(UTF8)\n\n도메인이름                  : example.kr\n등록일                  " +
				"    : 2007. 03. 02.\n최근 정보 변경일            : 2010. 10. 04.\n사용 종료일                 : 2030. 03. 02.\n등록대행자 " +
				"                 : (주)예시(http://example.net)\nDNSSEC                      : 미서명\n\n1차 네임서버 정보\n   호스트이름  " +
				"             : ns1.example.net\n",
			want: Registration{
				Registrar: "(주)예시", Nameservers: []string{"ns1.example.net"}, CreatedAt: day(2007, 3, 2),
				UpdatedAt: day(2010, 10, 4), ExpiresAt: day(2030, 3, 2),
			},
		},
		{
			name: "tr", domain: "example.com.tr",
			reply: "** Domain Name: example.com.tr\nDomain Status: Active\nFrozen Status: -\nTransfer Status: The " +
				"domain is LOCKED to transfer.\n\n** Registrar:\nNIC Handle\t\t: abc123\nOrganization Name\t: Example " +
				"Ltd.\n\n** Domain Servers:\nns1.example.net\nns2.example.net\n\n** Additional Info:\nCreated " +
				"on..............: 2001-Aug-23.\nExpires on..............: 2030-Aug-22.\n",
			want: Registration{
				Registrar: "Example Ltd.", Statuses: []string{"active", "client transfer prohibited"},
				Nameservers: []string{"ns1.example.net", "ns2.example.net"},
				CreatedAt:   day(2001, 8, 23), ExpiresAt: day(2030, 8, 22),
			},
		},
		{
			name: "pt", domain: "example.pt",
			reply: "Nome de domínio / Domain Name: example.pt\nData de registo / Creation Date (dd/mm/yyyy): " +
				"09/01/2003\nData de expiração / Expiration Date (dd/mm/yyyy): 08/02/2030\nEstado / Status: " +
				"ACTIVE\n\nTitular / Registrant\n    Somebody\n\nNameserver Information\n\tNameserver: " +
				"example.pt\tNS\tns1.example.net.\n",
			want: Registration{
				Statuses: []string{"active"}, Nameservers: []string{"ns1.example.net"},
				CreatedAt: day(2003, 1, 9), ExpiresAt: day(2030, 2, 8),
			},
		},
		{
			name: "hk takes the order of its dates from one that is plain", domain: "example.hk",
			reply: "Domain Name:  EXAMPLE.HK \n\nDomain Status: Active \n\nRegistrar Name: EXAMPLE LTD\n\nDomain Name " +
				"Commencement Date: 06-04-2004\nExpiry Date: 31-03-2030 \n\nName Servers " +
				"Information:\n\nNS1.EXAMPLE.NET\nNS2.EXAMPLE.NET\n",
			want: Registration{
				Registrar: "EXAMPLE LTD", Statuses: []string{"active"},
				Nameservers: []string{"ns1.example.net", "ns2.example.net"},
				CreatedAt:   day(2004, 4, 6), ExpiresAt: day(2030, 3, 31),
			},
		},
		{
			name: "an ambiguous date is left out", domain: "example.zz",
			reply: "Domain Name: example.zz\nRegistrar: Example\nCreated: 03/04/2005\nExpires: 2030-01-02\n",
			want:  Registration{Registrar: "Example", ExpiresAt: day(2030, 1, 2)},
		},
		{
			name: "my", domain: "example.my",
			reply: "a [Domain Name]                     example.my\nb [Registration No.]                D1A000000\nc " +
				"[Record Created]                  07-FEB-2002\nd [Record Expired]                  07-FEB-2030\n",
			want: Registration{CreatedAt: day(2002, 2, 7), ExpiresAt: day(2030, 2, 7)},
		},
		{
			name: "fi", domain: "example.fi",
			reply: "domain.............: example.fi\nstatus.............: Grace Period\ncreated............: 30.6.2006 " +
				"00:00:00\nexpires............: 4.7.2020 10:15:55\navailable..........: 4.8.2020 " +
				"10:15:55\n\nNameservers\n\nnserver............: ns1.example.net [OK]\n\nDNSSEC\n\ndnssec.............: " +
				"yes\n\nRegistrar\n\nregistrar..........: Example Oy\n",
			want: Registration{
				Registrar: "Example Oy", Statuses: []string{"auto renew period"}, Nameservers: []string{"ns1.example.net"},
				DNSSEC:    true,
				CreatedAt: day(2006, 6, 30), ExpiresAt: time.Date(2020, 7, 4, 10, 15, 55, 0, time.UTC),
			},
		},
		{
			name: "control characters and length", domain: "example.com",
			reply: "Domain Name: example.com\nCreation Date: 2001-02-03\nRegistrar: Ex\x1b[31mam\x00ple " +
				strings.Repeat("x", 500) + "\n",
			want: Registration{
				Registrar: cutRunes("Ex [31mam ple "+strings.Repeat("x", 500), 200),
				CreatedAt: day(2001, 2, 3),
			},
		},
		{
			name: "a transfer", domain: "example.com",
			reply: "Domain Name: example.com\nCreation Date: 2001-02-03\nLast Transferred Date: " +
				"2020-05-06T07:08:09Z\nDomain Status: pendingTransfer\nRegistrar: Example\n",
			want: Registration{
				Registrar: "Example", Statuses: []string{"pending transfer"}, CreatedAt: day(2001, 2, 3),
				TransferredAt: time.Date(2020, 5, 6, 7, 8, 9, 0, time.UTC),
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := ReadWHOIS(tt.domain, []byte(tt.reply), false)
			tt.want.State, tt.want.Source, tt.want.Domain = Registered, "whois", tt.domain
			wantEqualRegistration(t, got, tt.want)
		})
	}
}

func wantEqualRegistration(t *testing.T, got, want Registration) {
	t.Helper()
	g, _ := json.MarshalIndent(got, "", " ")
	w, _ := json.MarshalIndent(want, "", " ")
	if string(g) != string(w) {
		t.Errorf("got %s\nwant %s", g, w)
	}
}

func TestParseDate(t *testing.T) {
	t.Parallel()
	tests := []struct {
		in    string
		order dateOrderKind
		want  string // RFC 3339; empty where there is no telling
	}{
		{in: "2022-07-03T00:51:04-03:00", want: "2022-07-03T03:51:04Z"},
		{in: "2022-07-03T03:42:16.407Z", want: "2022-07-03T03:42:16Z"},
		{in: "2009-11-25 11:15:00+03", want: "2009-11-25T08:15:00Z"},
		{in: "1999-06-07 13:01:43 (GMT+0:00)", want: "1999-06-07T13:01:43Z"},
		{in: "2000-08-29 10:22:50 (UTC+8)", want: "2000-08-29T02:22:50Z"},
		{in: "2008-05-23 (YYYY-MM-DD)", want: "2008-05-23T00:00:00Z"},
		{in: "19990717 #175298", want: "1999-07-17T00:00:00Z"},
		{in: "20230303 09:38:55", want: "2023-03-03T09:38:55Z"},
		{in: "2002.09.19 13:00:00", want: "2002-09-19T13:00:00Z"},
		{in: "2007. 03. 02.", want: "2007-03-02T00:00:00Z"},
		{in: "28.11.2018 22:06:38", want: "2018-11-28T22:06:38Z"},
		{in: "4.6.2001", want: "2001-06-04T00:00:00Z"},
		{in: "31 May 1999", want: "1999-05-31T00:00:00Z"},
		{in: "27-Feb-2002 11:22:33", want: "2002-02-27T11:22:33Z"},
		{in: "30th April 2003 at 00:00:00.000", want: "2003-04-30T00:00:00Z"},
		{in: "Tue Dec 12 2000", want: "2000-12-12T00:00:00Z"},
		{in: "Tue Feb 10 09:42:42 2004", want: "2004-02-10T09:42:42Z"},
		{in: "Thu Jul 01 10:00:00 GMT 2021", want: "2021-07-01T10:00:00Z"},
		{in: "May 15 2002", want: "2002-05-15T00:00:00Z"},
		{in: "2001-Aug-23.", want: "2001-08-23T00:00:00Z"},
		{in: "2012年5月6日", want: "2012-05-06T00:00:00Z"},
		{in: "31/12/2020", want: "2020-12-31T00:00:00Z"},
		{in: "12/31/2020", want: "2020-12-31T00:00:00Z"},
		{in: "03/04/2020"},
		{in: "03/04/2020", order: dayFirst, want: "2020-04-03T00:00:00Z"},
		{in: "03/04/2020", order: monthFirst, want: "2020-03-04T00:00:00Z"},
		{in: "04/04/2020", want: "2020-04-04T00:00:00Z"},
		{in: "before Aug-1996"},
		{in: "2020-02-31"},
		{in: "9999-12-31"},
		{in: "0001-01-01"},
		{in: "not defined"},
		{in: ""},
	}
	for _, tt := range tests {
		t.Run(tt.in, func(t *testing.T) {
			t.Parallel()
			got := ""
			if d, ok := parseDate(tt.in, tt.order); ok {
				got = d.Format(time.RFC3339)
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestWHOISRetryAfter(t *testing.T) {
	t.Parallel()
	tests := []struct {
		reply string
		want  time.Duration
	}{
		{
			reply: "The WHOIS query quota for 192.0.2.1 has been exceeded and will be replenished in 50 seconds.\n",
			want:  50 * time.Second,
		},
		{reply: "Rate limit exceeded. Try again after: 24h0m0s\n", want: 24 * time.Hour},
		{reply: "Please go away for 221 Seconds\n", want: 221 * time.Second},
		{reply: "-1: Still in grace period, wait 7777777 seconds\n", want: 7 * 24 * time.Hour},
		{reply: "Too many requests. Please wait 5 minutes.\n", want: 5 * time.Minute},
		{reply: "WHOIS LIMIT EXCEEDED\n"},
	}
	for _, tt := range tests {
		t.Run(tt.reply, func(t *testing.T) {
			t.Parallel()
			got := ReadWHOIS("example.com", []byte(tt.reply), false)
			if !got.Throttled || got.RetryAfter != tt.want {
				t.Errorf("throttled %v, wait %v, want %v", got.Throttled, got.RetryAfter, tt.want)
			}
		})
	}
}

// Hostile replies must end soon, and never with "free".
func TestWHOISHostile(t *testing.T) {
	t.Parallel()
	replies := map[string]string{
		"one long line":          strings.Repeat("a", 2<<20),
		"one long line of words": strings.Repeat("no match for ", 100_000),
		"many statements":        strings.Repeat("No match for \"OTHER.COM\".\n", 20_000),
		"many conditions":        strings.Repeat("if limit exceeded or quota exceeded ", 20_000),
		"many fields":            strings.Repeat("Name Server: ns1.example.net\nDomain Status: x\n", 10_000),
		"many line ends":         strings.Repeat("\n", 1<<20) + "No match for example.com\n",
		"many brackets":          strings.Repeat("[(", 200_000),
		"many colons":            strings.Repeat(":", 300_000),
		"not utf-8":              strings.Repeat("\xff\xfe", 150_000),
		"cut before the evidence": "No match for example.com\n" + strings.Repeat("% filler\n", 40_000) +
			"Domain Name: example.com\nCreation Date: 2001-02-03\n",
		"statuses": "Domain Name: example.com\nCreation Date: 2001-02-03\nRegistrar: x\nStatus: " +
			strings.Repeat("a,b,", 30_000),
	}
	for name, reply := range replies {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			start := time.Now()
			got := ReadWHOIS("example.com", []byte(reply), false)
			if d := time.Since(start); d > 20*time.Second {
				t.Errorf("took %v", d)
			}
			if got.State == NotRegistered {
				t.Error("called free")
			}
			checkBounds(t, got)
		})
	}
}

func checkBounds(t *testing.T, r Registration) {
	t.Helper()
	if len(r.Statuses) > maxStatuses || len(r.Nameservers) > maxNameservers {
		t.Errorf("%d statuses, %d nameservers", len(r.Statuses), len(r.Nameservers))
	}
	if !slices.IsSorted(r.Statuses) || len(slices.Compact(slices.Clone(r.Statuses))) != len(r.Statuses) {
		t.Errorf("statuses not sorted and once each: %q", r.Statuses)
	}
	for _, s := range append(append([]string{r.Registrar, r.RegistrarIANA, r.Reason, r.ReferralServer}, r.Statuses...),
		r.Nameservers...) {
		if !utf8.ValidString(s) || utf8.RuneCountInString(s) > 253 || strings.ContainsFunc(s, func(c rune) bool {
			return c < ' ' || (c >= 0x7f && c < 0xa0)
		}) {
			t.Errorf("unfit value %q", s)
		}
	}
}

// neverFree are lines beside which no statement may be taken for "free".
var neverFree = []string{
	"WHOIS LIMIT EXCEEDED - SEE WWW.PIR.ORG/WHOIS FOR DETAILS",
	"% Excessive querying, grace period of 30 seconds",
	"Too many requests",
	"Lookup quota exceeded.",
	"The registry is not available at this time",
	"Server too busy, try again later",
	"% Access denied",
	"Requests of this client are not permitted.",
	"This name is reserved by the Registry in accordance with ICANN Policy.",
	"The registration of this domain is restricted, as it is protected by a DPML Block.",
	"This platinum domain is available for purchase.",
	"This name is not available for registration:",
	"Reserved Domain Name",
	"Creation Date: 2001-02-03T04:05:06Z",
	"Registry Expiry Date: 2031-02-03T04:05:06Z",
	"Registrar: Example Registrar, Inc.",
	"nserver: ns1.example.net",
	"Domain Status: clientTransferProhibited",
	"Registrant: Somebody",
}

func FuzzReadWHOIS(f *testing.F) {
	for i := range neverFree {
		f.Add("Domain not found.\n", uint8(i), "")
		f.Add("% No match for EXAMPLE.COM\n%", uint8(i), "\nif NOT FOUND\n")
		f.Add("Domain Name: example.com\nStatus: free\n", uint8(i), "Domain example.com is available for registration")
	}
	f.Add("\x00\xff[Domain Name] \xa4", uint8(3), ":\t....")
	f.Fuzz(func(t *testing.T, before string, marker uint8, after string) {
		plain := ReadWHOIS("example.com", []byte(before+after), false)
		checkBounds(t, plain)
		if plain.State == "" || (plain.State == Unknown && plain.Reason == "") {
			t.Errorf("no state, or no reason: %+v", plain)
		}
		line := neverFree[int(marker)%len(neverFree)]
		got := ReadWHOIS("example.com", []byte(before+"\n\n"+line+"\n\n"+after), false)
		if got.State == NotRegistered {
			t.Errorf("called free beside %q", line)
		}
	})
}
