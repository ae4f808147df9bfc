package registration

import "testing"

// TestRemarksBesideFree has replies that say "not found" and something about the name that an address or a word of
// terms of use next to it must not hide; each has a twin whose remark is a registry's boilerplate.
func TestRemarksBesideFree(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, remark, twin string
	}{
		{
			"an address", "Names of two or three letters are kept by the registry, see https://nic.example/kept",
			"Please visit https://nic.example/registrars for a list of accredited registrars",
		},
		{
			"an address in brackets", "The name is on the list of protected names (https://nic.example/protected).",
			"If you wish to see the whole record, please visit our website (https://nic.example/record).",
		},
		{
			"a pointer behind it", "This one can only be had by the municipality. More information: https://nic.example/",
			"More information: https://nic.example/",
		},
		{
			"terms behind it", "It was cancelled on 2026-11-20. Terms of use: https://nic.example/tou",
			"Terms of use: https://nic.example/tou",
		},
		{"another language", "El nombre está prohibido por la ley. https://nic.example/ley", "https://nic.example/ley"},
		{
			"a word of terms of use", "The whois record was removed after a court decision.",
			"The whois record is provided for information purposes only. This is a service of the registry, which may " +
				"limit " +
				"it at any time, and which gives no guarantee that any of the data in this record is complete or correct.",
		},
		{
			"a puzzle", "Please solve the captcha at https://nic.example to see results",
			"Rules concerning the use of this data: https://nic.example/rules",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for remark, want := range map[string]State{c.remark: Unknown, c.twin: NotRegistered} {
				for _, reply := range []string{
					"No match for shop.zone.\n" + remark + "\n", "No match for shop.zone.\n\n" + remark + "\n",
				} {
					if got := ReadWHOIS("shop.zone", []byte(reply), false); got.State != want {
						t.Errorf("%q: %s (%s), want %s", reply, got.State, got.Reason, want)
					}
				}
			}
		})
	}
}

// TestNearlyFree has replies that are nearly a registry's "free", and their twins.
func TestNearlyFree(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		reply string
		want  State
	}{
		{"HTTP/1.1 404 Not Found\r\nServer: nginx\r\n\r\nNot found\r\n", Unknown},
		{"Not found\r\n", NotRegistered},
		{"shop.zone: not found in cache\n", Unknown},
		{"shop.zone: not found in database\n", NotRegistered},
		{"Domain: shop.zone\nStatus: free?\n", Unknown},
		{"Domain: shop.zone\nStatus: free\n", NotRegistered},
		{"Domain: shop.zone\nStatus: administratively reserved\n", Reserved},
		{"Domain: shop.zone\nStatus: not reserved, active\nCreated: 2001-02-03\n", Registered},
		{"No match for shop.zone\n% Excessive queries have led to a block: too many requests\n", Unknown},
		{"No match for shop.zone\n% Terms of use: excessive queries will be rejected\n", NotRegistered},
		{"% Intended use of supplied data and information\n% \n% No entries found.\n", NotRegistered},
		{"% Intended use of this number is refused\n% \n% No entries found.\n", Unknown},
	} {
		if got := ReadWHOIS("shop.zone", []byte(c.reply), false); got.State != c.want {
			t.Errorf("%q: %s (%s), want %s", c.reply, got.State, got.Reason, c.want)
		}
	}
}

// TestRDAPNearlyFree has documents of a 404 that are about something else, or add something, and their twins.
func TestRDAPNearlyFree(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		body string
		want State
	}{
		{`{"errorCode":404,"title":"Not Found","description":["other.zone not found"]}`, Unknown},
		{`{"errorCode":404,"title":"Not Found","description":["shop.zone not found"]}`, NotRegistered},
		{`{"errorCode":404,"title":"Tenant not found"}`, Unknown},
		{`{"errorCode":404,"title":"Entity not found"}`, Unknown},
		{`{"errorCode":404,"title":"Domain not found"}`, NotRegistered},
		{
			`{"errorCode":404,"title":"Not Found","description":["The server did not find the domain"]}`,
			NotRegistered,
		},
		{
			`{"errorCode":404,"title":"Not Found","notices":[{"title":"Names","description":[` +
				`"shop.zone is on the registry's reserved list."]}]}`, Unknown,
		},
		{
			`{"errorCode":404,"title":"Not Found","notices":[{"title":"Names","description":[` +
				`"Names are given out by the registry's rules."]}]}`, NotRegistered,
		},
		{
			`{"errorCode":404,"title":"Not Found","notices":[{"title":"Limits","description":[` +
				`"Excessive queries have been seen from your address."]}]}`, Unknown,
		},
		{
			`{"errorCode":404,"title":"Not Found","notices":[{"title":"Limits","description":[` +
				`"Excessive queries will be rejected with 429."]}]}`, NotRegistered,
		},
	} {
		if got := ReadRDAP("shop.zone", 404, "application/rdap+json", "", []byte(c.body)); got.State != c.want {
			t.Errorf("%s: %s (%s), want %s", c.body, got.State, got.Reason, c.want)
		}
	}
	for status, want := range map[string]State{
		"administratively reserved": Reserved, "withheld by the registry": Reserved, "active": Registered,
	} {
		body := `{"objectClassName":"Domain","ldhName":"shop.zone","status":["` + status + `"]}`
		if got := ReadRDAP("shop.zone", 200, "application/rdap+json", "", []byte(body)); got.State != want {
			t.Errorf("%s: %s (%s), want %s", body, got.State, got.Reason, want)
		}
	}
}
