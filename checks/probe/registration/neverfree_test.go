package registration

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// enemyReply is a reply that is in no collection of samples.
type enemyReply struct {
	name, domain, reply string
	want                State
	throttled           bool
}

// TestNeverFree: replies of registries that refuse, fail, reserve or have the name, in words of their own. None of
// them says that the name can be had.
func TestNeverFree(t *testing.T) {
	t.Parallel()
	for _, tt := range []enemyReply{
		// Limits, in many words; several go on with what would mean "free" by itself.
		{
			"german limit", "example.de",
			"Sie haben die maximale Anzahl von Abfragen erreicht.\nDomain example.de nicht gefunden.\n", Unknown, true,
		},
		{
			"german too many", "example.at",
			"Zu viele Anfragen von Ihrer IP-Adresse. Bitte versuchen Sie es später erneut.\n", Unknown, true,
		},
		{
			"french limit", "example.fr", "Nombre maximal de requêtes dépassé.\nAucun enregistrement trouvé\n", Unknown,
			true,
		},
		{"french too many", "example.re", "Trop de requêtes. Veuillez réessayer plus tard.\n", Unknown, true},
		{"spanish limit", "example.es", "Ha excedido el límite de consultas.\nDominio no encontrado\n", Unknown, true},
		{
			"spanish too many", "example.cl", "Demasiadas consultas desde su dirección IP, intente más tarde.\n",
			Unknown,
			true,
		},
		{
			"portuguese limit", "example.br", "% Limite de consultas excedido\n% No match for example.br\n", Unknown,
			true,
		},
		{
			"registro.br denied", "example.com.br",
			"% Query rate limit exceeded. Reduced information.\n\n% No match for domain\n", Unknown, true,
		},
		{"italian limit", "example.it", "Limite di interrogazioni superato. Riprovare più tardi.\n", Unknown, true},
		{"dutch limit", "example.nl", "example.nl: te veel verzoeken, probeer het later opnieuw\n", Unknown, true},
		{
			"polish limit", "example.pl",
			"Przekroczono limit zapytań. Spróbuj ponownie później.\nNo information available about domain name " +
				"example.pl in the Registry NASK database.\n", Unknown, true,
		},
		{"polish request limit", "example.pl", "request limit exceeded\n", Unknown, true},
		{
			"czech limit", "example.cz", "% Your connection limit exceeded. Please slow down and try again later.\n",
			Unknown, true,
		},
		{
			"hungarian limit", "example.hu", "Túl sok lekérdezés, próbálja később.\nNincs talalat / No match\n", Unknown,
			true,
		},
		{"swedish limit", "example.se", "# För många frågor från din adress, försök igen senare\n", Unknown, true},
		{"turkish limit", "example.com.tr", "Sorgu limitiniz aşıldı.\n", Unknown, true},
		{
			"russian too often", "example.ru",
			"Слишком много запросов с вашего адреса, повторите позже\nNo entries found for the selected source(s).\n",
			Unknown, true,
		},
		{
			"ukrainian limit", "example.ua", "% Перевищено ліміт запитів\n% No entries found for example.ua\n", Unknown,
			true,
		},
		{"japanese limit", "example.jp", "[ 検索回数の制限を超えました。しばらくしてから再度お試しください。 ]\n\nNo match!!\n", Unknown, true},
		{"korean limit", "example.kr", "조회 횟수를 초과하였습니다. 잠시 후 다시 시도하십시오.\n", Unknown, true},
		{"chinese limit", "example.cn", "查询过于频繁，请稍后再试\n", Unknown, true},
		{"chinese limit before none", "example.cn", "您的查询次数已超过限制。\nNo matching record.\n", Unknown, true},
		{
			"quota", "example.lt", "% Quota exceeded for 192.0.2.1\nDomain: example.lt\nStatus: available\n", Unknown,
			true,
		},
		{
			"daily limit", "example.ie",
			"You have reached the maximum allowed number of queries for today.\n% Not Registered - example.ie\n",
			Unknown, true,
		},
		{
			"per minute", "example.si", "% Too many queries per minute, please try again in 60 seconds.\n", Unknown,
			true,
		},
		{"slow down", "example.hr", "ERROR: Slow down!\n", Unknown, true},
		{
			"queries from your network", "example.lv",
			"You have been temporarily blocked because of too many queries from your network.\n", Unknown, true,
		},
		{"429 of a proxy", "example.org", "429 Too Many Requests\n", Unknown, true},
		{"throttled in one word", "example.net", "THROTTLED\nNo match for \"EXAMPLE.NET\".\n", Unknown, true},

		// Refusals and failures.
		{
			"not at this time", "example.zz", "Sorry, this information is not available at this time. example.zz\n",
			Unknown, false,
		},
		{"service not available", "example.zz", "Service not available\nNo match\n", Unknown, false},
		{"the service is free", "example.zz", "This service is free for personal use.\n", Unknown, false},
		{
			"no information now", "example.zz",
			"No information is currently available for example.zz, the system is under maintenance.\n", Unknown, false,
		},
		{
			"maintenance german", "example.de",
			"Wegen Wartungsarbeiten derzeit nicht verfügbar. example.de nicht gefunden\n", Unknown, false,
		},
		{
			"maintenance french", "example.fr", "Service en maintenance\n%% No entries found in the AFNIC Database.\n",
			Unknown, false,
		},
		{
			"database error", "example.ro",
			"% Internal error: database connection failed\n% No entries found for the selected source(s).\n", Unknown,
			false,
		},
		{
			"database timeout", "example.tz", "ERROR: timeout while querying the database\nNo entries found.\n", Unknown,
			false,
		},
		{
			"could not connect", "example.zz", "Could not connect to the registry database.\nObject not found\n",
			Unknown,
			false,
		},
		{"access denied", "example.gr", "Access denied.\n", Unknown, false},
		{
			"address not permitted", "example.es",
			"This IP address has not been authorised to query this service. example.es not found\n", Unknown, false,
		},
		{"blacklisted", "example.be", "Your IP has been blacklisted. Domain not found.\n", Unknown, true},
		{
			"html with 503", "example.com",
			"HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/html\r\n\r\n<h1>Not found</h1>\n", Unknown, false,
		},
		{"html without a head", "example.com", "<p>Domain example.com not found</p>\n", Unknown, false},
		{"json", "example.com", "{\"error\":\"not found\",\"domain\":\"example.com\"}\n", Unknown, false},
		{"xml", "example.com", "<?xml version=\"1.0\"?><whois><status>available</status></whois>\n", Unknown, false},
		{
			"php", "example.com",
			"PHP Warning: mysqli_connect(): Connection refused in /var/www/whois.php on line 12\nNo match for " +
				"example.com\n", Unknown, false,
		},
		{"java", "example.com", "java.sql.SQLException: ORA-01017\nDomain not found\n", Unknown, false},
		{"unknown command", "example.com", "% Unknown command or invalid syntax\n", Unknown, false},
		{"invalid query", "example.com", "Invalid query: example.com\n", Unknown, false},
		{
			"malformed request", "example.is", "% ERROR:108: bad characters in input\n% No entries found\n", Unknown,
			false,
		},
		{"no whois at all", "example.gr", "This TLD has no whois server. Not found.\n", Unknown, false},
		{
			"only by the web", "example.vn",
			"This ending can be searched on the web only: https://vnnic.example/. Domain not found\n", Unknown, false,
		},
		{
			"another ending's server", "example.co", "Domain example.co is not served by this server. No match.\n",
			Unknown, false,
		},
		{
			"a thin registry's words before a referral", "example.tv",
			"No match for the registrar's data.\nWhois Server: whois.registrar.example\n", Unknown, false,
		},

		// Reserved, restricted, at a price, or free only on conditions.
		{"german reserved", "example.de", "Domain: example.de\nStatus: reserviert\n", Reserved, false},
		{"french reserved", "gouv.fr", "%% Le nom gouv.fr est réservé.\n", Reserved, false},
		{"spanish reserved", "gob.es", "El dominio gob.es está reservado.\n", Reserved, false},
		{"portuguese reserved", "gov.pt", "gov.pt - Reservado\n", Reserved, false},
		{"italian reserved", "roma.it", "Domain:             roma.it\nStatus:             RESERVED\n", Reserved, false},
		{"russian reserved", "example.ru", "Домен example.ru зарезервирован\n", Reserved, false},
		{"chinese reserved", "example.cn", "The domain name is reserved, can not be registered\n", Reserved, false},
		{
			"nothing found, but reserved", "example.ch",
			"We do not have an entry in our database matching your query.\n\nThe domain name example.ch is reserved.\n",
			Reserved, false,
		},
		{
			"not registered, but prohibited", "example.zz",
			"example.zz is not registered.\nexample.zz is prohibited by the registry's policy.\n", Reserved, false,
		},
		{
			"premium price", "gold.zz", "Domain gold.zz not found\nThis is a premium domain name, price on request.\n",
			Reserved, false,
		},
		{"auction", "gold.zz", "gold.zz not found\n\nThis name will be auctioned.\n", Unknown, false},
		{
			"trademark claims", "brand.zz", "brand.zz is available for registration subject to trademark claims.\n",
			Unknown, false,
		},
		{
			"landrush", "brand.zz", "No match for brand.zz.\nRegistrations are open to trademark holders only.\n",
			Unknown, false,
		},
		{
			"collision", "mail.zz", "Domain not found.\n\nThis name is blocked because of name collisions.\n", Reserved,
			false,
		},
		{
			"government only", "x.gov.zz", "x.gov.zz not found\n\nRegistration is restricted to government bodies.\n",
			Reserved, false,
		},
		{"may be available", "example.zz", "example.zz might be available. Check with a registrar.\n", Unknown, false},
		{"available soon", "example.zz", "example.zz will become available on 2030-01-01.\n", Unknown, false},
		{
			"available to buy from its owner", "example.com",
			"example.com is available for purchase from its current owner\n", Unknown, false,
		},
		{
			"being released", "example.se",
			"domain \"example.se\" not found.\n\nThe name is being released and cannot be registered until 2030-01-01.\n",
			Reserved, false,
		},

		// Names that somebody has, however little is said of it.
		{"not available to others", "example.zz", "example.zz is not available\n", Reserved, false},
		{"is already registered", "example.zz", "The domain example.zz is already registered.\n", Registered, false},
		{"has been registered", "example.hk", "The domain name example.hk has been registered.\n", Registered, false},
		{"taken", "example.zz", "example.zz: taken\n", Registered, false},
		{
			"status in a sentence", "example.tk",
			"Domain name:\n   EXAMPLE.TK is Active\n\nOwner contact:\n   Organization: Somebody\n", Registered, false,
		},
		{"whois privacy in place of data", "example.gt", "Dominio: example.gt\nEstado: Activo\n", Registered, false},
		{
			"suspended", "example.zz", "Domain Name: example.zz\nStatus: SUSPENDED\nRegistrar: Somebody\n", Registered,
			false,
		},
		{
			"pending delete", "example.com",
			"   Domain Name: EXAMPLE.COM\n   Domain Status: pendingDelete https://icann.org/epp#pendingDelete\n   " +
				"Domain Status: redemptionPeriod https://icann.org/epp#redemptionPeriod\n   Registrar: Example, Inc.\n",
			Registered, false,
		},
		{
			"a registrar that does not know it", "example.com",
			"Domain Name: EXAMPLE.COM\nRegistrar: Example, Inc.\nRegistrar WHOIS Server: whois.example.net\nCreation " +
				"Date: 2001-01-01T00:00:00Z\n\nThe queried object does not exist at this registrar: no match for " +
				"example.com\n", Registered, false,
		},
		{
			"free is a holder's name", "example.fr",
			"domain:                        example.fr\nstatus:                        ACTIVE\nholder-c:                " +
				"      FREE1234-FRNIC\nregistrar:                     FREE\ncreated:                       " +
				"2001-02-03T04:05:06Z\n", Registered, false,
		},
		{
			"available is a holder's name", "example.eu",
			"Domain: example.eu\nScript: LATIN\n\nRegistrant:\n        NOT DISCLOSED!\n        Visit www.eurid.eu for " +
				"the web-based WHOIS.\n\nTechnical:\n        Organisation: Available Hosting Ltd\n\nRegistrar:\n        " +
				"Name: No Match Domains\n        Website: https://not-found.example\n\nName servers:\n        " +
				"ns1.not-found.example\n", Registered, false,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := ReadWHOIS(tt.domain, []byte(tt.reply), false)
			if got.State == NotRegistered {
				t.Fatal("called free")
			}
			if got.State != tt.want || got.Throttled != tt.throttled {
				t.Errorf("%s (%s), throttled %v; want %s, %v", got.State, got.Reason, got.Throttled, tt.want, tt.throttled)
			}
			if got.Reason == "" && got.State != Registered {
				t.Error("no reason")
			}
			checkBounds(t, got)
			for _, end := range []string{"\r\n", "\n\n", "\r"} { // however the lines end
				if again := ReadWHOIS(tt.domain, []byte(strings.ReplaceAll(tt.reply, "\n", end)), false); again.State == NotRegistered {
					t.Errorf("called free with lines that end in %q", end)
				}
			}
		})
	}
}

// TestCountryReplies: what the registries of many countries send for a name that somebody has, and for one that
// nobody has.
func TestCountryReplies(t *testing.T) {
	t.Parallel()
	for _, tt := range []enemyReply{
		{
			"de", "example.de",
			"% Restricted rights.\n%\n% Terms and Conditions of Use\n\nDomain: example.de\nNserver: " +
				"ns1.example.net\nNserver: ns2.example.net\nStatus: connect\nChanged: 2018-03-12T21:44:25+01:00\n",
			Registered, false,
		},
		{"de without delegation", "example.de", "Domain: example.de\nStatus: redemptionPeriod\n", Registered, false},
		{
			"uk", "example.uk",
			"\n    Domain name:\n        example.uk\n\n    Data validation:\n        Nominet was able to match the " +
				"registrant's name and address against a 3rd party data source on 10-Dec-2012\n\n    Registrar:\n        " +
				"Example Ltd [Tag = EX]\n\n    Relevant dates:\n        Registered on: 01-Jan-2015\n        Expiry date:  " +
				"01-Jan-2031\n\n    Registration status:\n        Registered until expiry date.\n\n    Name servers:\n    " +
				"    ns1.example.net\n", Registered, false,
		},
		{
			"uk without a registrar", "example.uk",
			"    Domain name:\n        example.uk\n\n    Registrar:\n        No registrar listed.  This domain is " +
				"registered directly with Nominet.\n\n    Relevant dates:\n        Registered on: before Aug-1996\n\n    " +
				"Registration status:\n        No registration status listed.\n\n    Name servers:\n        No name " +
				"servers listed.\n", Registered, false,
		},
		{
			"fr", "example.fr",
			"%%\n%% This is the AFNIC Whois server.\n%%\n\ndomain:                        example.fr\nstatus:           " +
				"             ACTIVE\neppstatus:                     active\nhold:                          NO\nholder-c: " +
				"                     ANO00-FRNIC\nregistrar:                     EXAMPLE SAS\nExpiry Date:               " +
				"    2030-02-17T12:41:08Z\ncreated:                       2001-02-17T11:41:08Z\nnserver:                  " +
				"     ns1.example.net\nsource:                        FRNIC\n", Registered, false,
		},
		{"fr none", "example.fr", "%%\n%% This is the AFNIC Whois server.\n%%\n%% NOT FOUND\n", NotRegistered, false},
		{
			"jp", "example.jp",
			"[ JPRS database provides information on network administration. ]\n\nDomain Information:\n[Domain Name]    " +
				"               EXAMPLE.JP\n\n[Registrant]                    Somebody\n\n[Name Server]                   " +
				"ns1.example.net\n\n[Created on]                    2001/05/01\n[Expires on]                    " +
				"2030/05/31\n[Status]                        Active\n[Last Updated]                  2029/06/01 01:05:09 " +
				"(JST)\n", Registered, false,
		},
		{
			"br", "example.com.br",
			"% Copyright (c) Nic.br\n%  The use of the data below is only permitted as described in\n%  full by the Use " +
				"and Privacy Policy at https://registro.br/upp ,\n%  being prohibited its distribution\n\ndomain:      " +
				"example.com.br\nowner:       Somebody Ltda\nowner-c:     AAA123\nnserver:     ns1.example.net\nnsstat:   " +
				"   20240101 AA\ncreated:     20010518 #534567\nchanged:     20240601\nexpires:     20300518\nstatus:     " +
				" published\n", Registered, false,
		},
		{
			"br none", "example.com.br",
			"% Copyright (c) Nic.br\n%  The use of the data below is only permitted as described in\n%  full by the Use " +
				"and Privacy Policy at https://registro.br/upp ,\n%  being prohibited its distribution\n\n% No match for " +
				"example.com.br\n%\n% Security and mail abuse issues should also be addressed to cert.br\n", NotRegistered,
			false,
		},
		{
			"br in the release process", "example.com.br",
			"domain:      example.com.br\nrelease-process: yes\nstatus:      waiting\n", Registered, false,
		},
		{
			"pl", "example.pl",
			"DOMAIN NAME:           example.pl\nregistrant type:       organization\nnameservers:           " +
				"ns1.example.net.\n                       ns2.example.net.\ncreated:               2001.02.03 " +
				"04:05:06\nlast modified:         2024.02.01 10:11:12\nrenewal date:          2030.02.03 04:05:06\n\nno " +
				"option\n\ndnssec:                Unsigned\n\nREGISTRAR:\nExample Sp. z o.o.\n", Registered, false,
		},
		{
			"pl blocked", "example.pl",
			"DOMAIN NAME:           example.pl\nregistrant type:       individual\nnameservers:           \ncreated:    " +
				"           2001.02.03 04:05:06\ndomain blocked\n", Registered, false,
		},
		{
			"ru", "example.ru",
			"domain:        EXAMPLE.RU\nnserver:       ns1.example.net.\nstate:         REGISTERED, DELEGATED, " +
				"VERIFIED\norg:           Somebody\nregistrar:     RU-CENTER-RU\ncreated:       " +
				"1997-09-23T09:45:07Z\npaid-till:     2030-09-30T21:00:00Z\nfree-date:     2030-11-01\nsource:        TCI\n",
			Registered, false,
		},
		{
			"su none", "example.su",
			"% TCI Whois Service. Terms of use:\n% https://tcinet.ru/documents/whois_su.pdf (in Russian)\n\nNo entries " +
				"found for the selected source(s).\n", NotRegistered, false,
		},
		{
			"cn", "example.cn",
			"Domain Name: example.cn\nROID: 20030311s10001s00033735-cn\nDomain Status: " +
				"clientTransferProhibited\nRegistrant: Somebody\nSponsoring Registrar: Example Registrar\nName Server: " +
				"ns1.example.net\nRegistration Time: 2003-03-17 12:20:05\nExpiration Time: 2030-03-17 12:48:36\nDNSSEC: " +
				"unsigned\n", Registered, false,
		},
		{
			"kr none in both languages", "example.co.kr",
			"query : example.co.kr\n\n\n# KOREAN(UTF8)\n\n상기 도메인이름은 등록되어 있지 않습니다.\n\n\n# ENGLISH\n\nThe requested " +
				"domain was not found in the Registry or Registrar’s WHOIS Server.\n\n\n- KISA/KRNIC WHOIS Service -\n",
			NotRegistered, false,
		},
		{
			"eu", "example.eu",
			"% The WHOIS service offered by EURid\n\nDomain: example.eu\nScript: LATIN\n\nRegistrant:\n        NOT " +
				"DISCLOSED!\n        Visit www.eurid.eu for the web-based WHOIS.\n\nRegistrar:\n        Name: Example " +
				"GmbH\n        Website: www.example.net\n\nName servers:\n        ns1.example.net\n        " +
				"ns2.example.net\n\nPlease visit www.eurid.eu for more info.\n", Registered, false,
		},
		{
			"nl", "example.nl",
			"Domain name: example.nl\nStatus:      active\n\nRegistrar:\n   Example B.V.\n   Street 1\n   1000AA " +
				"AMSTERDAM\n   Netherlands\n\nCreation Date: 1999-05-27\n\nUpdated Date: 2015-11-30\n\nDNSSEC:      " +
				"yes\n\nDomain nameservers:\n   ns1.example.net\n\nRecord maintained by: SIDN BV\n\nCopyright notice\nNo " +
				"part of this publication may be reproduced.\n", Registered, false,
		},
		{
			"nl in quarantine", "example.nl",
			"Domain name: example.nl\nStatus:      in quarantine\nDate out of quarantine: 2030-01-01T00:00:00\n",
			Registered, false,
		},
		{
			"be", "example.be",
			"Domain:\texample.be\nStatus:\tNOT AVAILABLE\nRegistered:\tTue Dec 12 2000\n\nRegistrant:\n\tNot shown, " +
				"please visit www.dnsbelgium.be for webbased whois.\n\nRegistrar:\n\tName:\tExample " +
				"NV\n\nNameservers:\n\tns1.example.net\n\nFlags:\n\tclientTransferProhibited\n", Registered, false,
		},
		{
			"at", "example.at",
			"% Copyright (c)2024 by NIC.AT (1)\n\ndomain:         example.at\nregistrar:      Example GmbH ( " +
				"https://nic.at/registrar/1 )\nregistrant:     <data not disclosed>\nnserver:        " +
				"ns1.example.net\nchanged:        20200101 12:00:00\nsource:         AT-DOM\n", Registered, false,
		},
		{
			"ch", "example.ch",
			"Domain name:\nexample.ch\n\nHolder of domain name:\nSomebody\n\nRegistrar:\nExample AG\n\nFirst " +
				"registration date:\nbefore 01 January 1996\n\nDNSSEC:N\n\nName servers:\nns1.example.net\n", Registered,
			false,
		},
		{
			"li none", "example.li", "We do not have an entry in our database matching your\nquery.\n", NotRegistered,
			false,
		},
		{
			"se", "example.se",
			"# Copyright (c) 1997- The Swedish Internet Foundation.\n\nstate:            active\ndomain:           " +
				"example.se\nholder:           (not shown)\ncreated:          1999-01-20\nmodified:         " +
				"2024-01-01\nexpires:          2030-12-31\nnserver:          ns1.example.net\nregistrar:        Example AB\n",
			Registered, false,
		},
		{
			"no", "example.no",
			"% By looking up information in the domain registration directory\n% service, you confirm that you accept " +
				"the terms.\n\nNORID Handle...............: EXA123D-NORID\nDomain Name................: " +
				"example.no\nRegistrar Handle...........: REG1-NORID\nName Server Handle.........: " +
				"NSE1H-NORID\n\nAdditional information:\nCreated:         1999-11-15\nLast updated:    2024-11-15\n",
			Registered, false,
		},
		{
			"dk", "example.dk",
			"# Hello 192.0.2.1. Your session has been logged.\n\nDomain:               example.dk\nDNS:                 " +
				" example.dk\nRegistered:           1998-01-19\nExpires:              2030-03-31\nRegistration period:  5 " +
				"years\nVID:                  no\nDNSSEC:               Unsigned delegation\nStatus:               " +
				"Active\n\nNameservers\nHostname:             ns1.example.net\n", Registered, false,
		},
		{
			"fi none", "example.fi",
			"Domain not found\n\nCopyright (c) Finnish Transport and Communications Agency Traficom\n\n", NotRegistered,
			false,
		},
		{
			"cz", "example.cz",
			"%  (c) 2006-2021 CZ.NIC\n\ndomain:       example.cz\nregistrant:   SB:EXAMPLE\nnsset:        " +
				"NSS:EXAMPLE:1\nkeyset:       KS-EXAMPLE\nregistrar:    REG-EXAMPLE\nregistered:   26.09.2001 " +
				"09:03:00\nchanged:      09.08.2014 09:32:40\nexpire:       25.10.2030\n", Registered, false,
		},
		{
			"hu", "example.hu",
			"% Whois server 3.0 serving the hu ccTLD\n\ndomain:         example.hu\nrecord created: 2000-01-03\nTovabbi " +
				"adatokert ld.:\nhttps://www.domain.hu/domain-kereses/\n", Registered, false,
		},
		{
			"ro", "example.ro",
			"% The WHOIS service offered by ROTLD\n\n  Domain Name: example.ro\n  Registered On: 2000-07-17\n  Expires " +
				"On: 2030-09-15\n  Registrar: Example SRL\n  Referral URL: http://www.example.net\n\n  DNSSEC: " +
				"Inactive\n\n  Nameserver: ns1.example.net\n\n  Domain Status: OK\n", Registered, false,
		},
		{
			"ro none", "example.ro",
			"% The WHOIS service offered by ROTLD and the access to the records in the ROTLD WHOIS database\n% are " +
				"provided for information purposes and to be used within the scope of technical or administrative " +
				"necessities\n\n\n% No entries found for the selected source(s).\n", NotRegistered, false,
		},
		{"tr none", "example.com.tr", "** No match found for \"example.com.tr\"\n", NotRegistered, false},
		{"tr none plainly", "example.com.tr", "No match found for \"example.com.tr\"\n", NotRegistered, false},
		{
			"il", "example.co.il",
			"% The data in the WHOIS database of the .il registry is provided\n% by ISOC-IL for information " +
				"purposes\n\nquery:        example.co.il\n\nreg-name:     example\ndomain:       example.co.il\n\ndescr:  " +
				"      Somebody\nnserver:      ns1.example.net\nvalidity:     15-06-2030\nDNSSEC:       unsigned\nstatus: " +
				"      Transfer Locked\n\nregistrar name: Example Ltd\n", Registered, false,
		},
		{
			"za", "example.co.za",
			"Domain Name: example.co.za\nRegistry Domain ID: dom_4X-9999\nRegistrar: Example (Pty) Ltd\nCreation Date: " +
				"2001-01-01T00:00:00Z\nRegistry Expiry Date: 2030-01-01T00:00:00Z\nDomain Status: ok " +
				"https://icann.org/epp#ok\nName Server: ns1.example.net\n", Registered, false,
		},
		{
			"au", "example.com.au",
			"Domain Name: EXAMPLE.COM.AU\nRegistry Domain ID: D407400000000000000-AU\nRegistrar Name: Example Pty " +
				"Ltd\nLast Modified: 2024-01-01T00:00:00Z\nStatus: serverRenewProhibited " +
				"https://identitydigital.au/get-au/whois-status-codes#serverRenewProhibited\nName Server: " +
				"ns1.example.net\nEligibility Type: Company\n", Registered, false,
		},
		{
			"nz", "example.co.nz",
			"% Terms of Use\n\nDomain Name: example.co.nz\nRegistrar URL: https://example.net\nUpdated Date: " +
				"2024-01-01T00:00:00Z\nCreation Date: 2001-01-01T00:00:00Z\nDomain Status: ok\nRegistrar: Example " +
				"Ltd\nName Server: ns1.example.net\n", Registered, false,
		},
		{
			"nz in the days after its deletion", "example.nz",
			"domain_name: example.nz\nquery_status: 210 PendingRelease\ndomain_dateregistered: 2001-01-01T00:00:00+13:00\n",
			Registered, false,
		},
		{
			"ca", "example.ca",
			"Domain Name: example.ca\nRegistry Domain ID: D1-CIRA\nRegistrar: Example Inc.\nCreation Date: " +
				"2001-01-01T00:00:00Z\nRegistry Expiry Date: 2030-01-01T00:00:00Z\nDomain Status: auto-renew grace\nName " +
				"Server: ns1.example.net\n", Registered, false,
		},
		{
			"ca none", "example.ca",
			"Not found: example.ca\n\n%\n% Use of CIRA's WHOIS service is governed by the Terms of Use in its Legal\n% " +
				"Notice\n", NotRegistered, false,
		},
		{
			"mx", "example.mx",
			"Domain Name:       example.mx\n\nCreated On:        2001-05-12\nExpiration Date:   2030-05-11\nLast " +
				"Updated On:   2024-04-11\nRegistrar:         Example SA de CV\nURL:               " +
				"http://www.example.net\n\nRegistrant:\n   Name:           Somebody\n\nName Servers:\n   DNS:            " +
				"ns1.example.net\n\n% NOTICE: The expiration date displayed in this record is the date the\n% registrar's " +
				"sponsorship of the domain name registration in the registry is\n% currently set to expire.\n", Registered,
			false,
		},
		{
			"mx none", "example.mx",
			"No_Se_Encontro_El_Objeto/Object_Not_Found\n\n% NOTICE: The expiration date displayed in this record is the " +
				"date the\n% registrar's sponsorship of the domain name registration in the registry is\n% currently set " +
				"to expire.\n", NotRegistered, false,
		},
		{
			"ar", "example.com.ar",
			"% La información a la que estás accediendo se provee exclusivamente para\n% fines relacionados con " +
				"operaciones sobre nombres de dominios y " +
				"DNS.\n\ndomain:\t\texample.com.ar\nregistrant:\t30000000000\nregistrar:\tnicar\nregistered:\t2001-01-01 " +
				"00:00:00\nexpire:\t\t2030-01-01 00:00:00\n\nnserver:\tns1.example.net ()\n", Registered, false,
		},
		{
			"ar none", "example.com.ar",
			"% La información a la que estás accediendo se provee exclusivamente para\n% fines relacionados con " +
				"operaciones sobre nombres de dominios y DNS.\n\nEl dominio no se encuentra registrado en NIC Argentina\n",
			NotRegistered, false,
		},
		{"cl none", "example.cl", "example.cl: no existe\n", NotRegistered, false},
		{
			"pe none", "example.pe", "Domain Information\nQuery: example.pe\nStatus: No Object Found\n", NotRegistered,
			false,
		},
		{
			"in none", "example.in",
			"No Data Found\nURL of the ICANN Whois Inaccuracy Complaint Form: https://www.icann.org/wicf/\n>>> Last " +
				"update of WHOIS database: 2024-01-01T00:00:00Z <<<\n", NotRegistered, false,
		},
		{
			"id none", "example.id", "DOMAIN NOT FOUND\n\n>>> Last update of WHOIS database: 2024-01-01T00:00:00Z <<<\n",
			NotRegistered, false,
		},
		{
			"th none", "example.co.th", "% This is the THNIC WHOIS server.\n\n% No match for \"example.co.th\".\n",
			NotRegistered, false,
		},
		{"vg none", "example.vg", "DOMAIN NOT FOUND\n", NotRegistered, false},
		{
			"sk", "example.sk",
			"Domain:                       example.sk\nRegistrant:                   EXAM-0001\nRegistrar:              " +
				"      EXAM-0002\nCreated:                      2003-07-24\nUpdated:                      " +
				"2024-07-02\nValid Until:                  2030-07-24\nNameserver:                   ns1.example.net\nEPP " +
				"Status:                   ok\n", Registered, false,
		},
		{
			"si none", "example.si", "% This is ARNES whois database\n\n% No entries found for the selected source(s).\n",
			NotRegistered, false,
		},
		{
			"pt", "example.pt",
			"Domain: example.pt\nDomain Status: Registered\nCreation Date: 01/02/2003 04:05:06\nExpiration Date: " +
				"31/12/2030 23:59:59\nOwner Name: Somebody\nName Server: ns1.example.net | IPv4:  and IPv6: \n", Registered,
			false,
		},
		{"pt none", "example.pt", "example.pt - No Match\n", NotRegistered, false},
		{
			"lu", "example.lu",
			"domainname:     example.lu\ndomaintype:     ACTIVE\nnserver:        ns1.example.net\nownertype:      " +
				"ORGANISATION\nregistered:     15/03/2001\norg-name:       Somebody\nregistrar-name: Example\n", Registered,
			false,
		},
		{
			"ee", "example.ee",
			"Estonia .ee Top Level Domain WHOIS server\n\nDomain:\nname:       example.ee\nstatus:     ok (paid and in " +
				"zone)\nregistered: 2010-07-04 04:17:51 +03:00\nchanged:    2024-01-01 00:00:00 +02:00\nexpire:     " +
				"2030-03-17\n\nRegistrar:\nname:       Example OÜ\n\nName servers:\nnserver:   ns1.example.net\n", Registered,
			false,
		},
		{
			"tw", "example.tw",
			"Domain Name: example.tw\n   Domain Status: ok\n   Registrant:\n      (Hidden upon user request)\n\n   " +
				"Record expires on 2030-01-01 (YYYY-MM-DD)\n   Record created on 2001-01-01 (YYYY-MM-DD)\n\n   Domain " +
				"servers in listed order:\n      ns1.example.net\n\nRegistration Service Provider: Example\n", Registered,
			false,
		},
		{
			"sg", "example.sg",
			"    Domain Name:\t\tEXAMPLE.SG\n    Registrar:\t\t\tExample Pte Ltd\n    Creation Date:\t\t01-Jan-2001 " +
				"00:00:00\n    Expiration Date:\t\t01-Jan-2030 00:00:00\n    Domain Status:\t\tOK\n    Registrant:\n      " +
				"  Name:\t\t\tSomebody\n    Name Servers:\n        ns1.example.net\n", Registered, false,
		},
		{"ma none", "example.ma", "No Object Found\n", NotRegistered, false},
		{"ke none", "example.ke", "Domain Name: example.ke\nDomain Status: No Object Found\n", NotRegistered, false},
		{"bank none", "example.bank", "The queried object does not exist: DOMAIN NOT FOUND\n", NotRegistered, false},
		{
			"google none", "example.dev",
			"Domain not found.\n\nPlease query the WHOIS server of the owning registrar identified in this\noutput for " +
				"information on how to contact the Registrant, Admin, or Tech\ncontact of the queried domain " +
				"name.\n\nWHOIS information is provided by Charleston Road Registry Inc. (CRR) solely\nfor query-based, " +
				"informational purposes.\n", NotRegistered, false,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := ReadWHOIS(tt.domain, []byte(tt.reply), false)
			if got.State != tt.want || got.Throttled != tt.throttled {
				t.Errorf("%s (%s), throttled %v; want %s", got.State, got.Reason, got.Throttled, tt.want)
			}
			checkBounds(t, got)
			if tt.want == Registered {
				neverFreeInParts(t, tt.name, tt.domain, []byte(tt.reply))
			}
		})
	}
}

// TestUnknownSentenceRefutesFree puts a sentence that nobody has seen before into the public replies that say "free":
// what is not known for what it is may be a limit, a reserve or a fault, and the name is not free any more.
func TestUnknownSentenceRefutesFree(t *testing.T) {
	t.Parallel()
	sentences := []string{
		"Questo nome e in attesa di assegnazione.", "Ta nazwa oczekuje na przydział.",
		"Diese Auskunft gilt nur für Mitglieder.", "Esta respuesta no es definitiva.",
		"この応答は確定していません。", "本域名等待审核", "이 이름은 심사 중입니다", "Ответ неокончательный", "This reply is provisional.", "xyzzy",
		"Only for holders of a mark.",
		"ORA-12541: no listener", "Next round: 2031.", "Ask again tomorrow", "1 of 3 mirrors answered",
	}
	dir := filepath.Join(moduleDir(t, "github.com/likexian/whois-parser"), "testdata", "notfound")
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Skip("the samples are not there: ", err)
	}
	replies := 0
	for _, e := range entries {
		_, domain, found := strings.Cut(e.Name(), "_")
		if !found {
			continue
		}
		reply, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if ReadWHOIS(domain, reply, false).State != NotRegistered {
			continue
		}
		replies++
		for _, s := range sentences {
			for where, text := range map[string]string{
				"before": s + "\n\n" + string(reply),
				"after":  string(reply) + "\n\n" + s + "\n",
			} {
				if got := ReadWHOIS(domain, []byte(text), false); got.State == NotRegistered {
					t.Errorf("%s is called free with %q %s it", e.Name(), s, where)
				}
			}
		}
	}
	if replies < 80 { // the others are reserved names and limits
		t.Errorf("only %d replies were tried", replies)
	}
}

// TestRDAPEnemies: answers of web servers, gateways and registries that are nearly RDAP's "not found".
func TestRDAPEnemies(t *testing.T) {
	t.Parallel()
	domain := func(members string) string {
		return `{"objectClassName":"domain","ldhName":"example.com"` + members + `}`
	}
	for _, tt := range []struct {
		name, contentType, body string
		status                  int
		want                    State
		throttled               bool
		statuses                string // joined
	}{
		{
			name: "problem details of a gateway", status: 404, contentType: "application/problem+json",
			body: `{"type":"about:blank","title":"Not Found","status":404}`, want: Unknown,
		},
		{
			name: "an API's own not found", status: 404, contentType: "application/json",
			body: `{"status":404,"error":"Not Found","path":"/domain/example.com"}`, want: Unknown,
		},
		{
			name: "vendor's JSON", status: 404, contentType: "application/vnd.api+json", body: `{"errorCode":404}`,
			want: Unknown,
		},
		{name: "XML", status: 404, contentType: "application/rdap+xml", body: `<error>404</error>`, want: Unknown},
		{
			name: "a bucket without the key", status: 404, contentType: "application/xml",
			body: `<Error><Code>NoSuchKey</Code></Error>`, want: Unknown,
		},
		{name: "a login page", status: 200, contentType: "text/html", body: `<html>log in</html>`, want: Unknown},
		{
			name: "a login page that says RDAP", status: 200, contentType: rdapType, body: `<html>log in</html>`,
			want: Unknown,
		},
		{
			name: "an error in a 200", status: 200, contentType: rdapType, body: `{"errorCode":404,"title":"not found"}`,
			want: Unknown,
		},
		{
			name: "a limit in a 200", status: 200, contentType: rdapType, body: `{"errorCode":429,"title":"slow down"}`,
			want: Unknown, throttled: true,
		},
		{
			name: "a refusal in a 200", status: 200, contentType: rdapType, body: `{"errorCode":403,"title":"Forbidden"}`,
			want: Unknown,
		},
		{
			name: "only a notice names the domain", status: 200, contentType: rdapType,
			body: `{"objectClassName":"domain","notices":[{"title":"example.com","description":["example.com is ` +
				`registered"]}]}`, want: Unknown,
		},
		{
			name: "a remark in place of the name", status: 200, contentType: rdapType,
			body: `{"objectClassName":"domain","handle":"example.com"}`, want: Unknown,
		},
		{
			name: "not available", status: 404, contentType: rdapType,
			body: `{"errorCode":404,"title":"Domain not available"}`, want: Unknown,
		},
		{
			name: "premium", status: 404, contentType: rdapType,
			body: `{"errorCode":404,"title":"Not Found","description":["This is a premium domain."]}`, want: Reserved,
		},
		{
			name: "auctioned", status: 404, contentType: rdapType,
			body: `{"errorCode":404,"title":"Not Found","description":["The name is in an auction."]}`, want: Unknown,
		},
		{
			name: "pending release", status: 404, contentType: rdapType,
			body: `{"errorCode":404,"description":["Pending release"]}`, want: Unknown,
		},
		{
			name: "a limit in German", status: 404, contentType: rdapType,
			body: `{"errorCode":404,"title":"Zu viele Anfragen"}`, want: Unknown, throttled: true,
		},
		{
			name: "a limit in Chinese", status: 403, contentType: rdapType, body: `{"errorCode":403,"title":"查询过于频繁"}`,
			want: Unknown, throttled: true,
		},
		{
			name: "another ending", status: 404, contentType: rdapType,
			body: `{"errorCode":404,"title":"TLD not supported"}`, want: Unknown,
		},
		{
			name: "another ending in more words", status: 404, contentType: rdapType,
			body: `{"errorCode":404,"description":["This server is not authoritative for the requested domain"]}`,
			want: Unknown,
		},
		{
			name: "unavailable for legal reasons", status: 451, contentType: rdapType, body: `{"errorCode":451}`,
			want: Unknown,
		},
		{
			name: "too many, as 420", status: 420, contentType: rdapType,
			body: `{"errorCode":420,"title":"Query rate exceeded"}`, want: Unknown, throttled: true,
		},
		{name: "a gateway's time-out", status: 504, contentType: "text/html", body: "<html>", want: Unknown},
		{
			name: "not implemented", status: 501, contentType: rdapType,
			body: `{"errorCode":501,"title":"Not Implemented"}`,
			want: Unknown,
		},
		{name: "moved", status: 301, contentType: "text/html", want: Unknown},

		{
			name: "statuses as EPP writes them", status: 200, contentType: rdapType,
			body: domain(`,"status":["clientHold","serverTransferProhibited","autoRenewPeriod"]`), want: Registered,
			statuses: "auto renew period, client hold, server transfer prohibited",
		},
		{
			name: "statuses in capitals", status: 200, contentType: rdapType,
			body: domain(`,"status":["CLIENT HOLD","REDEMPTION PERIOD"]`), want: Registered,
			statuses: "client hold, redemption period",
		},
		{
			name: "statuses with their pages", status: 200, contentType: rdapType,
			body: domain(`,"status":["pendingDelete https://icann.org/epp#pendingDelete"]`), want: Registered,
			statuses: "pending delete",
		},
		{
			name: "statuses with underscores", status: 200, contentType: rdapType,
			body: domain(`,"status":["server_hold","pending_transfer"]`), want: Registered,
			statuses: "pending transfer, server hold",
		},
		{
			name: "active beside a hold", status: 200, contentType: rdapType,
			body: domain(`,"status":["active","server hold"]`), want: Registered, statuses: "server hold",
		},
		{
			name: "a status twice in two spellings", status: 200, contentType: rdapType,
			body: domain(`,"status":["clientTransferProhibited","client transfer prohibited"]`), want: Registered,
			statuses: "client transfer prohibited",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := ReadRDAP("example.com", tt.status, tt.contentType, "", []byte(tt.body))
			if got.State != tt.want || got.Throttled != tt.throttled {
				t.Errorf("%s (%s), throttled %v; want %s, %v", got.State, got.Reason, got.Throttled, tt.want, tt.throttled)
			}
			if s := strings.Join(got.Statuses, ", "); tt.want == Registered && s != tt.statuses {
				t.Errorf("statuses %q, want %q", s, tt.statuses)
			}
			checkBounds(t, got)
		})
	}
}

// TestOneVocabulary: the same statuses by WHOIS and by RDAP, in whatever spelling, are the same words.
func TestOneVocabulary(t *testing.T) {
	t.Parallel()
	for _, s := range []struct{ epp, rdap string }{
		{"addPeriod", "add period"},
		{"autoRenewPeriod", "auto renew period"},
		{"clientDeleteProhibited", "client delete prohibited"},
		{"clientHold", "client hold"},
		{"clientRenewProhibited", "client renew prohibited"},
		{"clientTransferProhibited", "client transfer prohibited"},
		{"clientUpdateProhibited", "client update prohibited"},
		{"inactive", "inactive"},
		{"ok", "active"},
		{"pendingCreate", "pending create"},
		{"pendingDelete", "pending delete"},
		{"pendingRenew", "pending renew"},
		{"pendingRestore", "pending restore"},
		{"pendingTransfer", "pending transfer"},
		{"pendingUpdate", "pending update"},
		{"redemptionPeriod", "redemption period"},
		{"renewPeriod", "renew period"},
		{"serverDeleteProhibited", "server delete prohibited"},
		{"serverHold", "server hold"},
		{"serverRenewProhibited", "server renew prohibited"},
		{"serverTransferProhibited", "server transfer prohibited"},
		{"serverUpdateProhibited", "server update prohibited"},
		{"transferPeriod", "transfer period"},
	} {
		for _, spelling := range []string{
			s.epp, s.rdap, strings.ToUpper(s.rdap), strings.ToLower(s.epp),
			s.epp + " https://icann.org/epp#" + s.epp, strings.ReplaceAll(s.rdap, " ", "-"), "  " + s.rdap + " ",
		} {
			whois := ReadWHOIS("example.com",
				[]byte("Domain Name: EXAMPLE.COM\nRegistrar: Example\nCreation Date: 2001-02-03\nDomain Status: "+spelling+
					"\n"), false)
			rdap := ReadRDAP("example.com", 200, rdapType, "",
				[]byte(`{"objectClassName":"domain","ldhName":"example.com","status":["`+spelling+`"]}`))
			if len(whois.Statuses) != 1 || whois.Statuses[0] != s.rdap || len(rdap.Statuses) != 1 ||
				rdap.Statuses[0] != s.rdap {
				t.Errorf("%q is %q by WHOIS and %q by RDAP, want %q", spelling, whois.Statuses, rdap.Statuses, s.rdap)
			}
		}
	}
}
