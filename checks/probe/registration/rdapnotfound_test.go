package registration

import (
	"strings"
	"testing"
)

// TestRDAPNotFoundLookalikes: answers of web servers, gateways and registries that are nearly RDAP's "not found".
func TestRDAPNotFoundLookalikes(t *testing.T) {
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
		{
			name: "RDAP's error as text", status: 404, contentType: "text/plain; charset=utf-8",
			body: `{"errorCode":404,"title":"Not Found","description":["example.com not found"]}`, want: NotRegistered,
		},
		{
			name: "RDAP's error as problem details", status: 404, contentType: "application/problem+json",
			body: `{"rdapConformance":["rdap_level_0"],"errorCode":404,"title":"Not Found"}`, want: NotRegistered,
		},
		{
			name: "another zone's server", status: 404, contentType: rdapType,
			body: `{"errorCode":404,"description":["We hold no records of the zone that you asked for."]}`, want: Unknown,
		},
		{
			name: "another ending's server", status: 404, contentType: rdapType,
			body: `{"errorCode":404,"description":["This ending is not one of ours: no such suffix."]}`, want: Unknown,
		},
		{
			name: "the name is the path", status: 404, contentType: rdapType,
			body: `{"errorCode":404,"title":"Not Found","description":["The domain example.com was not found"]}`,
			want: NotRegistered,
		},
		{
			name: "a general notice about prices", status: 200, contentType: rdapType,
			body: domain(`,"status":["active"],"notices":[{"title":"Prices","description":["Premium names are sold at ` +
				`other prices."]}]`), want: Registered, statuses: "active",
		},
		{
			name: "a status as a string", status: 200, contentType: rdapType, body: domain(`,"status":"client hold"`),
			want: Registered, statuses: "client hold",
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

// TestRDAPAndWHOISShareStatuses: the same statuses by WHOIS and by RDAP, in whatever spelling, are the same words.
func TestRDAPAndWHOISShareStatuses(t *testing.T) {
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
