package registration

import (
	"strings"
	"testing"
)

// whoisCase is a reply, shortened from what a registry sends, and how it is read.
type whoisCase struct {
	name, domain, reply string
	want                State
	throttled           bool
	reason              string // a part of it
}

func checkWHOIS(t *testing.T, tests []whoisCase) {
	t.Helper()
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

// TestWHOISFreeNames has what each family of registries sends for a name that is not registered.
func TestWHOISFreeNames(t *testing.T) {
	t.Parallel()
	checkWHOIS(t, []whoisCase{
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
	})
}
