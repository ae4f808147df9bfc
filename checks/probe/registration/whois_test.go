package registration

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

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
				ExpiresAt: time.Date(2030, 3, 4, 21, 0, 0, 0, time.UTC), ReleasesAt: day(2030, 4, 5),
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
				CreatedAt: day(2001, 3, 22), ExpiresAt: day(2024, 3, 31),
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
			if m, ok := parseMoment(tt.in, tt.order, clockZone{}); ok {
				got = m.at.Format(time.RFC3339)
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
