package registration

import (
	"testing"
)

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
			"domain:      example.com.br\nrelease-process: yes\nstatus:      waiting\n", Reserved, false,
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
