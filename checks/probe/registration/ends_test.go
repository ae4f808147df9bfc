package registration

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// endOf writes what a reply says about the end of a registration.
func endOf(r Registration) string {
	out := []string{string(r.State)}
	if r.Offer != NoOffer {
		out = append(out, string(r.Offer))
	}
	if len(r.Statuses) > 0 {
		out = append(out, "["+strings.Join(r.Statuses, ", ")+"]")
	}
	for _, d := range []struct {
		what string
		at   time.Time
	}{
		{"expires", r.ExpiresAt},
		{"suspended", r.SuspendsAt},
		{"deleted", r.DeletesAt},
		{"released", r.ReleasesAt},
		{"option", r.OptionUntil},
	} {
		if !d.at.IsZero() {
			out = append(out, fmt.Sprintf("%s %s", d.what, d.at.Format(time.DateOnly)))
		}
	}
	return strings.Join(out, " ")
}

// TestEndOfRegistration: what registries say about names whose registration ends or has ended, or that are given out
// in another way, and the nearest replies that say no such thing.
func TestEndOfRegistration(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ domain, reply, want string }{
		{"shop.uk", "\n    Domain name:\n        shop.uk\n\n    Registrar:\n        Example Ltd [Tag = EX]\n\n    " +
			"Relevant dates:\n        Registered on: 01-Jan-2015\n        Expiry date:  01-Nov-2026\n\n    Registration " +
			"status:\n        Renewal required.\n        *** This registration has been SUSPENDED. ***\n\n    Name " +
			"servers:\n        ns1.example.net\n", "registered [auto renew period, server hold] expires 2026-11-01"},
		{
			"shop.uk", "\n    Domain name:\n        shop.uk\n\n    Registrar:\n        Example Ltd [Tag = EX]\n\n    " +
				"Relevant dates:\n        Registered on: 01-Jan-2015\n        Expiry date:  01-Nov-2026\n\n    " +
				"Registration " +
				"status:\n        No longer required\n\n    Name servers:\n        ns1.example.net\n",
			"registered [no longer required] expires 2026-11-01",
		},
		{
			"shop.se", "state:            quarantine\ndomain:           shop.se\nholder:           (not shown)\ncreated: " +
				"         2009-01-01\nmodified:         2026-11-01\nexpires:          2026-08-01\ndate_to_delete:   " +
				"2026-12-20\ndate_to_release:  2026-12-27\nstatus:           inactive\nregistrar:        Loopia AB\n",
			"registered [inactive, redemption period] expires 2026-08-01 deleted 2026-12-20 released 2026-12-27",
		},
		{
			"shop.se", "state:            active\ndomain:           shop.se\ncreated:          2009-01-01\nexpires:      " +
				"    2026-11-20\ndeactivation date: 2026-11-30\ndate_to_delete:   2027-01-29\ndate_to_release:  " +
				"2027-02-05\nnserver: ns1.example.net\nstatus:           ok\nregistrar:        Loopia AB\n",
			"registered [active] expires 2026-11-20 suspended 2026-11-30 deleted 2027-01-29 released 2027-02-05",
		},
		{
			"shop.se", "state:            deactivated\ndomain:           shop.se\nholder: x\ncreated:          " +
				"2009-01-01\nexpires:          2026-11-20\nstatus:  pendingDelete\nregistrar:        Loopia AB\n",
			"registered [inactive, pending delete] expires 2026-11-20",
		},
		{
			"shop.nl", "Domain name: shop.nl\nStatus:      in quarantine\n\nRegistrar:\n   Example BV\n   Street\n\nDate " +
				"out of quarantine: 2026-12-10T10:11:12\n\nRecord maintained by: SIDN BV\n",
			"registered [redemption period] released 2026-12-10",
		},
		{"shop.nl", "shop.nl is in quarantine until 2026-12-20\n", "reserved redemption released 2026-12-20"},
		{"shop.pl", "DOMAIN NAME:           shop.pl\nregistrant type:       individual\nnameservers:  " +
			"ns1.x.net\ncreated:               2001.02.03 04:05:06\nlast modified:         2024.02.01 10:11:12\nrenewal " +
			"date:          2030.02.03 04:05:06\n\noption created:        2021.09.06 10:19:13\noption expiration date:  " +
			"     2027.09.06 10:19:13\n\nREGISTRAR:\nX\n", "registered expires 2030-02-03 option 2027-09-06"},
		{"shop.fr", "domain:                        shop.fr\nstatus:                        REDEMPTION\neppstatus:    " +
			"                 pendingDelete\nhold:                          NO\npending:                       " +
			"DELETE\nregistrar:                     EXAMPLE SAS\nExpiry Date:                   " +
			"2027-02-17T12:41:08Z\ncreated:                       2001-02-17T11:41:08Z\nlast-update: " +
			"2026-11-10T10:00:00Z\ndeleted:                       2026-11-10T10:00:00Z\nsource:                        " +
			"FRNIC\n", "registered [pending delete, redemption period] expires 2027-02-17"},
		{
			"shop.it", "Domain:             shop.it\nStatus:             pendingDelete / redemptionPeriod\nSigned:       " +
				"      no\nCreated:            2010-01-01 10:00:00\nLast Update:        2026-11-20 00:00:00\nExpire Date: " +
				"  " +
				"     2026-11-05\n\nRegistrar\n  Name: X\n",
			"registered [pending delete, redemption period] expires 2026-11-05",
		},
		{
			"shop.it", "Domain:             shop.it\nStatus:             pendingDelete/pendingDelete\nCreated:           " +
				" 2010-01-01 10:00:00\nLast Update:        2026-11-20 00:00:00\nExpire Date:        2026-10-05\n",
			"registered [pending delete] expires 2026-10-05",
		},
		{"shop.it", "Domain:             shop.it\nStatus:             ok / autoRenewPeriod\nCreated:            " +
			"2010-01-01 10:00:00\nLast Update:        2026-11-20 00:00:00\nExpire Date:        " +
			"2026-11-25\nNameservers\n ns1.x.it\n", "registered [active, auto renew period] expires 2026-11-25"},
		{
			"shop.it", "Domain:             shop.it\nStatus:             inactive / noRegistrar\nCreated:            " +
				"2010-01-01 10:00:00\nExpire Date:        2026-11-25\n",
			"registered [inactive, no registrar] expires 2026-11-25",
		},
		{"shop.it", "Domain:             shop.it\nStatus:             inactive / toBeReassigned\nCreated:            " +
			"2010-01-01 10:00:00\n", "registered [inactive, to be reassigned]"},
		{"shop.com.br", "domain:      shop.com.br\nrelease-process: waiting\n", "reserved"},
		{
			"shop.com.br", "% release process: waiting\n\ndomain:      shop.com.br\nstatus: release process\n",
			"reserved release-process [release process]",
		},
		{"shop.com.br", "% Domain shop.com.br is waiting for the release process.\n", "reserved release-process"},
		{"shop.eu", "Domain: shop.eu\nScript: LATIN\n\nStatus: QUARANTINE\n", "registered [redemption period]"},
		{"shop.eu", "Domain: shop.eu\nStatus: NOT AVAILABLE\nReason: QUARANTINE\n", "registered [redemption period]"},
		{
			"shop.be", "Domain:\tshop.be\nStatus:\tNOT AVAILABLE\nRegistered:\tSun Jun 1 2003\n\nFlags:\n\tpendingDelete\n",
			"registered [pending delete]",
		},
		{"shop.be", "Domain:\tshop.be\nStatus:\tQUARANTINE\n", "registered [redemption period]"},
		{"shop.ch", "Domain name:\nshop.ch\n\nThe domain name is in the transition period and will be released on " +
			"2026-12-20.\n", "reserved redemption released 2026-12-20"},
		{
			"shop.jp", "[Domain Name] SHOP.JP\n[Registrant] X\n[Name Server] ns1.x.jp\n[Created on] 2010/01/01\n[Expires " +
				"on] 2026/12/31\n[Status] To be suspended (2026/12/31)\n[Last Updated] 2026/11/01 01:05:09 (JST)\n",
			"registered [to be suspended] expires 2026-12-31 suspended 2026-12-31",
		},
		{"shop.jp", "[Domain Name] SHOP.JP\n[Registrant] X\n[Created on] 2010/01/01\n[Expires on] " +
			"2026/11/30\n[Status] Suspended (2026/12/31)\n", "registered [server hold] expires 2026-11-30"},
		{
			"shop.co.jp", "a. [Domain Name]  SHOP.CO.JP\n[State]  Deleted (2026/11/30)\n[Registered Date] 2010/01/01\n",
			"registered [pending delete] deleted 2026-11-30",
		},
		{
			"shop.co.jp",
			"a. [Domain Name]  SHOP.CO.JP\n[State]  To be deleted (2026/12/31)\n[Registered Date] 2010/01/01\n",
			"registered [pending delete] deleted 2026-12-31",
		},
		{"shop.co.jp", "a. [Domain Name]  SHOP.CO.JP\n[State]  Reserved (2026/12/31)\n", "reserved [reserved]"},
		{"shop.de", "Domain: shop.de\nStatus: redemptionPeriod\n", "registered [redemption period]"},
		{"shop.de", "Domain: shop.de\nStatus: free\n", "not-registered"},
		{"shop.de", "The domain \"shop.de\" was deleted on 15.11.2026 and is currently in a cooling-off phase " +
			"(Redemption Grace Period - RGP).\n", "reserved redemption deleted 2026-11-15"},
		{
			"shop.ca", "Domain Name: shop.ca\nDomain Status: To be released\nRegistrar: X\nUpdated Date: " +
				"2026-11-20T00:00:00Z\nCreation Date: 2010-01-01T00:00:00Z\nRegistry Expiry Date: 2026-09-01T00:00:00Z\n",
			"registered [pending delete] expires 2026-09-01",
		},
		{
			"shop.ca", "Domain name:           shop.ca\nDomain status:         pending delete\n",
			"registered [pending delete]",
		},
		{"shop.nz", "query_status: 210 PendingRelease\ndomain_name: shop.nz\ndomain_dateregistered: " +
			"2010-01-01T00:00:00+13:00\ndomain_datebilleduntil: 2026-09-01T00:00:00+13:00\ndomain_datecancelled: " +
			"2026-10-01T00:00:00+13:00\n", "registered [redemption period] expires 2026-08-31"},
		{"shop.ee", "Domain:\nname:       shop.ee\nstatus:     expired\nregistered: 2010-07-04 12:00:00 " +
			"+03:00\nchanged:    2026-11-02 03:00:00 +02:00\nexpire:     2026-11-01\noutzone:    2026-12-01\ndelete:    " +
			" 2026-12-16\n", "registered [auto renew period] expires 2026-11-01 suspended 2026-12-01 deleted 2026-12-16"},
		{"shop.com", "Domain shop.com will be released on 2026-12-05.\n", "reserved pending-delete released 2026-12-05"},
		{
			"shop.com", "Domain Name: shop.com\nStatus: to be released on 2026-12-05\n",
			"registered [pending delete] released 2026-12-05",
		},
		{
			"shop.com", "No match for shop.com.\nThis name will be released on 2026-12-05.\n",
			"reserved pending-delete released 2026-12-05",
		},
		{"shop.com", "No match for shop.com.\nRelease date: 2026-12-05\n", "unknown"},
		{"shop.zone", "shop.zone is available for pre-order.\n", "reserved pre-order"},
		{"shop.zone", "This name is available in the landrush phase only.\n", "reserved landrush"},
		{"shop.zone", "Domain Name: shop.zone\nStatus: premium\n", "reserved premium [premium]"},
		{"shop.zone", "This is a premium domain name. Price: USD 1000.\n", "reserved premium"},
		{"shop.zone", "No match for shop.zone\nPremium: yes\n", "unknown"},
		{"shop.zone", "No match for shop.zone\nTier: premium\nPrice: 100 USD\n", "reserved premium"},
		{
			"shop.zone", "Not found: shop.zone\n\nThis name is subject to a Trademark Claims notice.\n",
			"not-registered claims",
		},
		{"shop.zone", "The domain shop.zone is up for auction at the registry.\n", "reserved auction"},
		{"shop.zone", "Domain Name: shop.zone\nLaunch phase: sunrise\nStatus: pendingAllocation\n", "unknown"},
		{
			"shop.zone",
			"Domain Name: shop.zone\nDomain Status: pendingCreate\nCreation Date: 2026-11-29T00:00:00Z\nRegistrar: X\n",
			"registered [pending create]",
		},
		{
			"shop.ru", "domain: SHOP.RU\nstate: REGISTERED, NOT DELEGATED, UNVERIFIED\nregistrar: R01\ncreated: " +
				"2010-01-01T00:00:00Z\npaid-till: 2026-11-20T00:00:00Z\nfree-date: 2026-12-21\n",
			"registered [inactive] expires 2026-11-20 released 2026-12-21",
		},
		{"shop.com", "Domains in quarantine are released on the day after.\nNo match for shop.com.\n", "unknown"},
		{"shop.com", "No match for shop.com.\nNames that are deleted will be released on 2026-12-05.\n", "unknown"},
		{"shop.com", "Domain other.com is in quarantine until 2026-12-20\n", "unknown"},
		{"quarantine-shop.nl", "quarantine-shop.nl is free\n", "not-registered"},
		{"pending-delete.com", "No match for pending-delete.com.\n", "not-registered"},
		{"premium-auction.com", "No match for \"PREMIUM-AUCTION.COM\".\n", "not-registered"},
		{
			"shop.com",
			"Domain Name: SHOP.COM\nRegistrar: R\nCreation Date: 2010-01-01T00:00:00Z\nRegistry Expiry Date: " +
				"2028-01-01T00:00:00Z\nDomain Status: ok\nName Server: NS1.X.NET\n\nExpired names are up for auction. " +
				"This name will be released on 2026-12-05 if it is not renewed.\n", "registered [active] expires 2028-01-01",
		},
		{
			"shop.com",
			"shop.com is in quarantine until 2026-12-20\nDomain Name: OTHER.COM\nRegistrar: R\nCreation Date: " +
				"2010-01-01T00:00:00Z\n", "unknown",
		},
		{
			"shop.de", "Domain: shop.de\nNserver: ns1.x.net\nStatus: connect\nChanged: 2018-03-12T21:44:25+01:00\n",
			"registered [active]",
		},
		{"shop.pl", "DOMAIN NAME:           shop.pl\nregistrant type:       individual\nnameservers:  " +
			"ns1.x.net\ncreated:               2001.02.03 04:05:06\nrenewal date:          2030.02.03 04:05:06\n\nno " +
			"option\n\nREGISTRAR:\nX\n", "registered expires 2030-02-03"},
		{"shop.jp", "[Domain Name] SHOP.JP\n[Name Server] ns1.x.jp\n[Created on] 2010/01/01\n[Expires on] " +
			"2027/12/31\n[Status] Active\n", "registered [active] expires 2027-12-31"},
		{
			"shop.se", "state:            active\ndomain:           shop.se\ncreated:          2009-01-01\nexpires:      " +
				"    2027-11-20\nnserver: ns1.example.net\nstatus:           ok\nregistrar:        Loopia AB\n",
			"registered [active] expires 2027-11-20",
		},
	} {
		if got := endOf(ReadWHOIS(tt.domain, []byte(tt.reply), false)); got != tt.want {
			t.Errorf("%s: %q\n got %s\nwant %s", tt.domain, tt.reply, got, tt.want)
		}
	}
}

// TestEndOfRegistrationRDAP: the same of RDAP: events and statuses of RFC 9083 10.2 and RFC 8056.
func TestEndOfRegistrationRDAP(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		status     int
		body, want string
	}{
		{
			200, `"status":["pending delete","redemption period"],"events":[{"eventAction":"deletion",` +
				`"eventDate":"2026-11-20T10:00:00Z"},{"eventAction":"expiration","eventDate":"2027-10-01T00:00:00Z"}]`,
			"registered [pending delete, redemption period] expires 2027-10-01 deleted 2026-11-20",
		},
		{200, `"status":["pendingRestore","redemptionPeriod"]`, "registered [pending restore, redemption period]"},
		{200, `"status":["pending create"]`, "registered [pending create]"},
		{200, `"status":["add period","auto renew period"]`, "registered [add period, auto renew period]"},
		{200, `"status":["reserved"]`, "reserved [reserved]"},
		{200, `"status":["premium"]`, "reserved premium [premium]"},
		{
			200, `"remarks":[{"title":"Launch","description":["This name is in the landrush phase."]}]`,
			"reserved landrush",
		},
		{
			200, `"status":["active"],"notices":[{"description":["Names in quarantine will be released on 2026-12-05."]}]`,
			"registered [active]",
		},
		{
			404, `"errorCode":404,"description":["The domain shop.example was deleted on 2026-11-15 and is in a ` +
				`redemption ` +
				`period until 2026-12-15."]`, "reserved redemption deleted 2026-11-15 released 2026-12-15",
		},
		{404, `"errorCode":404,"title":"premium name"`, "reserved premium"},
		{
			404, `"errorCode":404,"notices":[{"description":["A Trademark Claims notice applies to this name."]}]`,
			"not-registered claims",
		},
		{404, `"errorCode":404`, "not-registered"},
	} {
		body := `{"objectClassName":"domain","ldhName":"shop.example",` + tt.body + `}`
		if tt.status == 404 {
			body = `{` + tt.body + `}`
		}
		got := endOf(ReadRDAP("shop.example", tt.status, "application/rdap+json", "", []byte(body)))
		if got != tt.want {
			t.Errorf("%s\n got %s\nwant %s", tt.body, got, tt.want)
		}
	}
}
