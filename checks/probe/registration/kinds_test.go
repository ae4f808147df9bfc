package registration

import (
	"strings"
	"testing"
	"time"
)

// TestWHOISNameIsNotEvidence: a word in the name that was asked is no word of the registry; beside it is each reply's
// twin, in which the registry does say the word.
func TestWHOISNameIsNotEvidence(t *testing.T) {
	t.Parallel()
	checkWHOIS(t, []whoisCase{
		{
			name: "unavailable in the name", domain: "unavailable-shoes.it",
			reply: "Domain:             unavailable-shoes.it\nStatus:             AVAILABLE\n", want: NotRegistered,
		},
		{
			name: "unavailable as the status", domain: "shoes.it",
			reply: "Domain:             shoes.it\nStatus:             UNAVAILABLE\n", want: Reserved,
		},
		{
			name: "premium in the name", domain: "premium-coffee.com", reply: "No match for \"PREMIUM-COFFEE.COM\".\n",
			want: NotRegistered,
		},
		{
			name: "premium in the text", domain: "coffee.com",
			reply: "No match for \"COFFEE.COM\".\n\nThis is a premium name.\n", want: Reserved,
		},
		{
			name: "blocked in the name", domain: "cliente-bloqueado.org",
			reply: "Domain not found: cliente-bloqueado.org\n",
			want:  NotRegistered,
		},
		{
			name: "blocked in the text", domain: "cliente.org", reply: "Domain not found: cliente.org\n\nbloqueado\n",
			want: Reserved,
		},
		{
			name: "a refusal in the name", domain: "access-denied.net", reply: "Not found: access-denied.net\n",
			want: NotRegistered,
		},
		{
			name: "reserved as the whole label", domain: "reserved.info", reply: "Not found: RESERVED.INFO\n",
			want: NotRegistered,
		},
		{
			name: "an auction in the name", domain: "auction-house.biz", reply: "No Data Found: auction-house.biz\n",
			want: NotRegistered,
		},
		{
			name: "the name within another", domain: "blocked.com", reply: "No match for \"SUPER-BLOCKED.COM\".\n",
			want: Unknown,
		},
		{
			name: "too many in the name", domain: "too-many-requests.org",
			reply: "Domain not found: too-many-requests.org\n",
			want:  NotRegistered,
		},
	})
}

// TestWHOISKinds has replies that were not understood, and their twins.
func TestWHOISKinds(t *testing.T) {
	t.Parallel()
	checkWHOIS(t, []whoisCase{
		{
			name: "rights in other words", domain: "example.ee", reply: "% Restricted rights.\n%\n% nothing found\n",
			want: NotRegistered,
		},
		{
			name: "restricted, not its rights", domain: "example.ee", reply: "% Restricted.\n%\n% nothing found\n",
			want: Unknown,
		},
		{
			name: "a heading before an error number", domain: "example.lv",
			reply: "Domain Information\n\n%ERROR:101: no entries found\n", want: NotRegistered,
		},
		{
			name: "a heading of a record that is not there", domain: "example.lv",
			reply: "Registrant\n%ERROR:101: no entries found\n", want: NotRegistered,
		},
		{
			name: "a flag in place of a heading", domain: "example.lv",
			reply: "Suspended\n%ERROR:101: no entries found\n", want: Unknown,
		},
		{
			name: "a heading that refuses", domain: "example.lv",
			reply: "Denied domains\n\n%ERROR:101: no entries found\n", want: Unknown,
		},
		{
			name: "the name before the statement", domain: "example.lu", reply: "example.lu: no entries found.\n",
			want: NotRegistered,
		},
		{
			name: "another name before the statement", domain: "example.lu", reply: "sample.lu: no entries found.\n",
			want: Unknown,
		},
		{
			name: "two statements in one line", domain: "example.cat",
			reply: "The queried object does not exist: No Object Found\n", want: NotRegistered,
		},
		{
			name: "a statement and a reservation", domain: "example.cat",
			reply: "The queried object does not exist: reserved name\n", want: Reserved,
		},
		{
			name: "reserved in a longer sentence", domain: "example.lk",
			reply: "the domain you want to register is reserved.\n", want: Reserved,
		},
		{
			name: "not reserved if", domain: "example.lk",
			reply: "% No data found.\n%\n% Whois information: should the domain you look up be one that is reserved, " +
				"ask the registry.\n",
			want: NotRegistered,
		},
		{
			name: "a limit that is spelled wrong", domain: "example.is",
			reply: "% Too may requests.\n% No entries found.\n",
			want:  Unknown, throttled: true,
		},
		{
			name: "numbered keys", domain: "example.mn",
			reply: "1a. Domain Name : example.mn\n1b. Registrar : Example\n2. Creation Date : 2011-02-03\n" +
				"3. Expiry Date : 2099-02-03\n", want: Registered,
		},
	})
}

// TestWHOISOwnRecord: only the record of the name that was asked counts.
func TestWHOISOwnRecord(t *testing.T) {
	t.Parallel()
	for _, reply := range []string{
		"Server Name: FOO1.COM.EVIL.EXAMPLE.NET\nRegistrar: EVIL REGISTRAR\nDomain Name: FOO1.COM\nRegistrar: GOOD " +
			"REGISTRAR\n" +
			"Creation Date: 2001-02-03T04:05:06Z\n",
		"   Server Name: FOO1.COM.EVIL.EXAMPLE.NET\n   IP Address: 192.0.2.1\n   Registrar: EVIL REGISTRAR\n" +
			"   Expiration Date: 2001-01-01T00:00:00Z\n\n   Domain Name: FOO1.COM\n   Registrar: GOOD REGISTRAR\n" +
			"   Creation Date: 2001-02-03T04:05:06Z\n   Domain Status: ok\n\n   Domain Name: FOO1.COM.EVIL.EXAMPLE\n" +
			"   Registrar: EVIL REGISTRAR\n   Domain Status: clientHold\n",
		"Domain Name: FOO1.COMPANY.COM\nRegistrar: EVIL REGISTRAR\nStatus: clientHold\n\nDomain Name: FOO1.COM\n" +
			"Registrar: GOOD REGISTRAR\nCreation Date: 2001-02-03T04:05:06Z\n",
	} {
		got := ReadWHOIS("foo1.com", []byte(reply), false)
		if got.State != Registered || got.Registrar != "GOOD REGISTRAR" || !got.ExpiresAt.IsZero() ||
			strings.Contains(strings.Join(got.Statuses, " "), "hold") {
			t.Errorf("%q: %+v", reply, got)
		}
	}
}

// TestWHOISHold reads flags, in both states.
func TestWHOISHold(t *testing.T) {
	t.Parallel()
	for flag, want := range map[string]string{
		"hold: YES": "server hold", "hold: NO": "active", "Registrar hold: yes": "client hold",
		"Delegated: no":  "inactive",
		"Delegated: yes": "active", "Suspended: true": "server hold", "Frozen: No": "active",
	} {
		got := ReadWHOIS("example.fr", []byte("domain: example.fr\nstatus: ACTIVE\n"+flag+
			"\nregistrar: EXAMPLE\ncreated: 2011-02-03T04:05:06Z\n"), false)
		if s := strings.Join(got.Statuses, ", "); got.State != Registered || s != want && !strings.Contains(s, want) {
			t.Errorf("%s: %s %q, want %q", flag, got.State, s, want)
		}
	}
	frozen := ReadWHOIS("example.fr", []byte("domain: example.fr\nstatus: FROZEN\nregistrar: EXAMPLE\n"), false)
	if strings.Join(frozen.Statuses, ", ") != "server hold" {
		t.Errorf("FROZEN: %q", frozen.Statuses)
	}
}

// TestWHOISExpiry reads ends of registrations, with the latest moment that each can mean.
func TestWHOISExpiry(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ domain, line, at, latest string }{
		{"example.co", "Expire Date: 2026-11-30", "2026-11-30T00:00:00Z", "2026-12-01T05:00:00Z"},
		{"example.zz", "Expire Date: 2026-11-30", "2026-11-30T00:00:00Z", "2026-12-01T12:00:00Z"},
		{"example.cl", "Expiration date: 2027-11-20 14:48:02 CLST", "2027-11-20T17:48:02Z", "2027-11-20T17:48:02Z"},
		{"example.cl", "Expiration date: 2027-07-20 14:48:02 CLT", "2027-07-20T18:48:02Z", "2027-07-20T18:48:02Z"},
		{"example.zz", "Expiry Date: 2027-11-20 14:48:02", "2027-11-20T14:48:02Z", "2027-11-21T02:48:02Z"},
		{"example.zz", "Expiry Date: 2027-11-20 14:48:02 IST", "2027-11-20T14:48:02Z", "2027-11-21T02:48:02Z"},
		{"example.in", "Expiry Date: 2027-11-20 14:48:02 IST", "2027-11-20T09:18:02Z", "2027-11-20T09:18:02Z"},
		{
			"example.zz", "% All times are in UTC+2.\nExpiry Date: 2027-11-20 14:48:02", "2027-11-20T12:48:02Z",
			"2027-11-20T12:48:02Z",
		},
		{
			"example.zz", "% Timestamps are AEST\nExpiry Date: 2027-11-20 14:48:02", "2027-11-20T04:48:02Z",
			"2027-11-20T04:48:02Z",
		},
		{
			"example.my", "% Dates and times are shown in local time.\nExpiry Date: 2027-11-20 14:48:02",
			"2027-11-20T06:48:02Z",
			"2027-11-20T06:48:02Z",
		},
		{"example.ie", "renewal: 30-November-2026", "2026-11-30T00:00:00Z", "2026-12-01T00:00:00Z"},
		{"example.co.jp", "[State] Connected (2027/04/30)", "2027-04-30T00:00:00Z", "2027-04-30T15:00:00Z"},
		{"example.com", "Registry Expiry Date: 2027-04-30T01:02:03Z", "2027-04-30T01:02:03Z", "2027-04-30T01:02:03Z"},
		{
			"example.com", "Registry Expiry Date: Tue Nov 30 23:59:59 GMT 2027", "2027-11-30T23:59:59Z",
			"2027-11-30T23:59:59Z",
		},
	} {
		got := ReadWHOIS(tt.domain, []byte("Domain Name: "+tt.domain+"\nRegistrar: Example\n"+tt.line+"\n"), false)
		if at, latest := got.ExpiresAt.Format(time.RFC3339), got.ExpiresBy().Format(time.RFC3339); got.State != Registered ||
			at != tt.at || latest != tt.latest {
			t.Errorf("%s %q: %s, %s, at latest %s; want %s, %s", tt.domain, tt.line, got.State, at, latest, tt.at,
				tt.latest)
		}
	}
	got := ReadWHOIS("example.gg",
		[]byte("Domain:\n     example.gg\n\nDomain Status:\n     Active\n\nRegistrant:\n     A\n\n"+
			"Relevant dates:\n     Registered on 31st October 2002 at 00:00:00.000\n     Registry fee due on 31st October "+
			"each year\n"),
		false)
	if got.CreatedAt.Format(time.DateOnly) != "2002-10-31" {
		t.Errorf("%+v", got)
	}
}

// TestRDAPOtherForms reads documents in forms that servers use in place of RFC 9083's.
func TestRDAPOtherForms(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		`"nameservers":[{"objectClassName":"nameserver","ldhName":"NS1.EXAMPLE.NET"}]`,
		`"nameServers":[{"objectClassName":"nameserver","ldhName":"NS1.EXAMPLE.NET"}]`,
		`"nameServers":["ns1.example.net"]`, `"nameservers":"ns1.example.net."`,
	} {
		got := ReadRDAP("example.com", 200, rdapType, "",
			[]byte(`{"objectClassName":"domain","ldhName":"example.com","status":"client hold",`+body+`}`))
		if got.State != Registered || strings.Join(got.Nameservers, " ") != "ns1.example.net" ||
			strings.Join(got.Statuses, " ") != "client hold" {
			t.Errorf("%s: %+v", body, got)
		}
	}
}
