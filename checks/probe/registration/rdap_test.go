package registration

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const rdapType = "application/rdap+json"

func TestReadRDAP(t *testing.T) {
	t.Parallel()
	domain := func(members string) string {
		return `{"rdapConformance":["rdap_level_0"],"objectClassName":"domain"` + members + `}`
	}
	tests := []struct {
		name, domain string
		status       int
		contentType  string
		retryAfter   string
		body         string
		want         State
		throttled    bool
		wait         time.Duration
		reason       string // a part of it
	}{
		// 404.
		{
			name: "not found", status: 404, contentType: rdapType,
			body: `{"errorCode":404,"title":"Not Found","description":["The domain was not found."]}`, want: NotRegistered,
		},
		{
			name: "not found with parameters", status: 404, contentType: rdapType + "; charset=utf-8",
			body: `{"rdapConformance":["rdap_level_0"],"errorCode":404}`, want: NotRegistered,
		},
		{
			name: "not found in capitals", status: 404, contentType: "Application/RDAP+JSON", body: `{"errorCode":404}`,
			want: NotRegistered,
		},
		{name: "not found without a body", status: 404, contentType: rdapType, want: NotRegistered},
		{
			name: "not found by conformance", status: 404, contentType: rdapType,
			body: `{"rdapConformance":["rdap_level_0"],"notices":[{"title":"Terms of Use","description":["Use is ` +
				`limited."]}]}`, want: NotRegistered,
		},
		{
			name: "json with an error", status: 404, contentType: "application/json",
			body: `{"errorCode":404,"title":"Not Found"}`, want: NotRegistered,
		},
		{
			name: "json with the code as text", status: 404, contentType: "application/json", body: `{"errorCode":"404"}`,
			want: NotRegistered,
		},
		{
			name: "json without", status: 404, contentType: "application/json", body: `{"message":"Not Found"}`,
			want: Unknown, reason: "without an RDAP error",
		},
		{
			name: "rdap json without", status: 404, contentType: rdapType,
			body: `{"message":"no Route matched with those values"}`, want: Unknown,
		},
		{name: "json without a body", status: 404, contentType: "application/json", want: Unknown},
		{
			name: "html", status: 404, contentType: "text/html; charset=utf-8",
			body: `<html><title>404 Not Found</title></html>`, want: Unknown, reason: "not from an RDAP service",
		},
		{
			name: "html called rdap", status: 404, contentType: rdapType, body: `<html><title>404 Not Found</title></html>`,
			want: Unknown,
		},
		{name: "no content type", status: 404, body: `{"errorCode":404}`, want: Unknown},
		{name: "text", status: 404, contentType: "text/plain", body: `{"errorCode":404}`, want: Unknown},
		{
			name: "another code in the body", status: 404, contentType: rdapType,
			body: `{"errorCode":500,"title":"Internal"}`, want: Unknown,
		},
		{
			name: "a limit in the body", status: 404, contentType: rdapType, body: `{"errorCode":429}`, want: Unknown,
			throttled: true,
		},
		{
			name: "a limit in words", status: 404, contentType: rdapType,
			body: `{"errorCode":404,"description":["Query limit exceeded"]}`, want: Unknown, throttled: true,
		},
		{
			name: "an object", status: 404, contentType: rdapType,
			body: `{"objectClassName":"domain","ldhName":"example.com"}`, want: Unknown, reason: "contradicts",
		},
		{
			name: "reserved", status: 404, contentType: rdapType,
			body: `{"errorCode":404,"title":"Not Found","description":["This name is reserved by the Registry"]}`,
			want: Reserved,
		},
		{
			name: "blocked", status: 404, contentType: rdapType,
			body: `{"errorCode":404,"title":"Domain blocked","description":["Protected by a DPML block"]}`, want: Reserved,
		},
		{
			name: "blocked in a notice", status: 404, contentType: rdapType,
			body: `{"errorCode":404,"notices":[{"title":"GlobalBlock","description":["The name is blocked by ` +
				`GlobalBlock."]}]}`, want: Reserved,
		},
		{
			name: "reserved after many words", status: 404, contentType: rdapType,
			body: `{"errorCode":404,"description":["` + strings.Repeat("word ", 1000) +
				`","This name is reserved by the Registry"]}`, want: Reserved,
		},
		{
			name: "another ending", status: 404, contentType: rdapType,
			body: `{"errorCode":404,"description":["No RDAP service is known for this TLD"]}`, want: Unknown,
			reason: "TLD",
		},

		// Refusals and faults.
		{
			name: "too many", status: 429, contentType: rdapType, retryAfter: "120", want: Unknown, throttled: true,
			wait: 2 * time.Minute,
		},
		{
			name: "too many without a time", status: 429, contentType: "text/html", body: "<html>", want: Unknown,
			throttled: true,
		},
		{
			name: "too many for very long", status: 429, retryAfter: "99999999999", want: Unknown, throttled: true,
			wait: 7 * 24 * time.Hour,
		},
		{
			name: "too many for a year", status: 429, retryAfter: "31536000", want: Unknown, throttled: true,
			wait: 7 * 24 * time.Hour,
		},
		{
			name: "too many until a date", status: 429, retryAfter: "Wed, 21 Oct 2026 07:28:00 GMT", want: Unknown,
			throttled: true,
		},
		{
			name: "maintenance", status: 503, contentType: "text/html", retryAfter: "30", want: Unknown,
			wait: 30 * time.Second, reason: "unavailable",
		},
		{name: "fault", status: 500, contentType: rdapType, body: `{"errorCode":500}`, want: Unknown, reason: "500"},
		{name: "forbidden", status: 403, contentType: "text/html", want: Unknown, reason: "refuses"},
		{
			name: "forbidden for a limit", status: 403, contentType: rdapType,
			body: `{"errorCode":403,"title":"Rate limit exceeded"}`, want: Unknown, throttled: true,
		},
		{name: "unauthorised", status: 401, want: Unknown, reason: "refuses"},
		{
			name: "bad request", status: 400, contentType: rdapType, body: `{"errorCode":400}`, want: Unknown,
			reason: "400",
		},
		{name: "redirect", status: 302, want: Unknown},
		{name: "gone", status: 410, contentType: rdapType, want: Unknown},
		{name: "no content", status: 204, contentType: rdapType, want: Unknown},

		// 200.
		{
			name: "registered", status: 200, contentType: rdapType,
			body: domain(`,"ldhName":"EXAMPLE.COM","status":["active"]`), want: Registered,
		},
		{
			name: "final dot", status: 200, contentType: rdapType, body: domain(`,"ldhName":"example.com."`),
			want: Registered,
		},
		{
			name: "only a unicode name", domain: "xn--fl-fka.se", status: 200, contentType: rdapType,
			body: domain(`,"unicodeName":"föl.se"`), want: Registered,
		},
		{
			name: "unicode in the wrong member", domain: "xn--fl-fka.se", status: 200, contentType: rdapType,
			body: domain(`,"ldhName":"FÖL.SE"`), want: Registered,
		},
		{
			name: "another name", status: 200, contentType: rdapType,
			body: domain(`,"ldhName":"other.com","status":["active"]`), want: Unknown, reason: "another name",
		},
		{
			name: "another name with ours in unicode", status: 200, contentType: rdapType,
			body: domain(`,"ldhName":"other.com","unicodeName":"example.com"`), want: Unknown,
		},
		{
			name: "no name", status: 200, contentType: rdapType, body: domain(``), want: Unknown,
			reason: "without a name",
		},
		{
			name: "entity", status: 200, contentType: rdapType, body: `{"objectClassName":"entity","handle":"X"}`,
			want: Unknown, reason: "not a domain",
		},
		{
			name: "nameserver", status: 200, contentType: rdapType,
			body: `{"objectClassName":"nameserver","ldhName":"example.com"}`, want: Unknown,
		},
		{name: "no class", status: 200, contentType: rdapType, body: `{"ldhName":"example.com"}`, want: Unknown},
		{
			name: "class is no text", status: 200, contentType: rdapType,
			body: `{"objectClassName":["domain"],"ldhName":"example.com"}`, want: Unknown,
		},
		{
			name: "search results", status: 200, contentType: rdapType,
			body: `{"domainSearchResults":[{"objectClassName":"domain","ldhName":"example.com"}]}`, want: Unknown,
		},
		{
			name: "error with 200", status: 200, contentType: rdapType, body: `{"errorCode":404}`, want: Unknown,
			reason: "404",
		},
		{
			name: "help", status: 200, contentType: rdapType, body: `{"rdapConformance":["rdap_level_0"]}`,
			want: Unknown,
		},
		{name: "web page", status: 200, contentType: "text/html", body: `<html>example.com</html>`, want: Unknown},
		{name: "empty", status: 200, contentType: rdapType, want: Unknown},
		{name: "null", status: 200, contentType: rdapType, body: `null`, want: Unknown},
		{name: "array", status: 200, contentType: rdapType, body: `[]`, want: Unknown},
		{
			name: "cut short", status: 200, contentType: rdapType,
			body: `{"objectClassName":"domain","ldhName":"example.com"`, want: Unknown,
		},
		{
			name: "byte-order mark", status: 200, contentType: rdapType,
			body: "\ufeff" + domain(`,"ldhName":"example.com"`),
			want: Registered,
		},
		{
			name: "reserved by status", status: 200, contentType: rdapType,
			body: domain(`,"ldhName":"example.com","status":["reserved"]`), want: Reserved,
		},
		{
			name: "reserved by a remark", status: 200, contentType: rdapType,
			body: domain(
				`,"ldhName":"example.com","remarks":[{"title":"Reserved name","description":["This name is reserved by ` +
					`the registry."]}]`), want: Reserved,
		},
		{
			name: "rights reserved in a notice", status: 200, contentType: rdapType,
			body: domain(
				`,"ldhName":"example.com","notices":[{"title":"Terms","description":["All rights reserved by the ` +
					`Registry."]}]`), want: Registered,
		},
		{
			name: "reserved but sponsored", status: 200, contentType: rdapType,
			body: domain(
				`,"ldhName":"example.com","remarks":[{"description":["reserved by the ` +
					`registry"]}],"entities":[{"objectClassName":"entity","handle":"1","roles":["registrar"]}]`),
			want: Registered,
		},
		{
			name: "restricted variant", status: 200, contentType: rdapType,
			body: domain(
				`,"ldhName":"other.com","variants":[{"relation":["registration ` +
					`restricted"],"variantNames":[{"ldhName":"example.com"}]}]`), want: Reserved,
		},
		{
			name: "unrestricted variant", status: 200, contentType: rdapType,
			body: domain(
				`,"ldhName":"other.com","variants":[{"relation":["open ` +
					`registration"],"variantNames":[{"ldhName":"example.com"}]}]`), want: Unknown,
		},
		{
			name: "free by status", status: 200, contentType: rdapType,
			body: domain(`,"ldhName":"example.com","status":["available"]`), want: Unknown, reason: "contradicts",
		},

		// Hostile.
		{
			name: "deep", status: 404, contentType: rdapType, body: strings.Repeat(`{"errorCode":`, 50_000),
			want: Unknown,
		},
		{
			name: "deep and closed", status: 404, contentType: rdapType,
			body: `{"errorCode":404,"a":` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + `}`, want: Unknown,
		},
		{
			name: "many", status: 200, contentType: rdapType,
			body: domain(`,"ldhName":"example.com","status":["x"` + strings.Repeat(`,"x"`, 200_000) + `]`),
			want: Unknown,
		},
		{
			name: "too long", status: 404, contentType: rdapType,
			body: `{"errorCode":404,"title":"` + strings.Repeat("x", 2<<20) + `"}`, want: Unknown,
		},
		{
			name: "two documents", status: 404, contentType: rdapType, body: `{"errorCode":404}{"errorCode":429}`,
			want: Unknown,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			name := tt.domain
			if name == "" {
				name = "example.com"
			}
			got := ReadRDAP(name, tt.status, tt.contentType, tt.retryAfter, []byte(tt.body))
			if got.State != tt.want || got.Throttled != tt.throttled || got.RetryAfter != tt.wait ||
				!strings.Contains(got.Reason, tt.reason) {
				t.Errorf("state %q throttled %v wait %v reason %q, want %q %v %v %q", got.State, got.Throttled,
					got.RetryAfter, got.Reason, tt.want, tt.throttled, tt.wait, tt.reason)
			}
			if (got.State == Unknown || got.State == Reserved) && got.Reason == "" {
				t.Error("no reason")
			}
			if got.Source != "rdap" || got.Domain != name || got.Server != "" {
				t.Errorf("source %q, domain %q, server %q", got.Source, got.Domain, got.Server)
			}
			checkBounds(t, got)
		})
	}
}

func TestReadRDAPFields(t *testing.T) {
	t.Parallel()
	body := `{
		"rdapConformance": ["rdap_level_0", "icann_rdap_response_profile_1"],
		"objectClassName": "domain", "handle": "2336799_DOMAIN_COM-VRSN", "ldhName": "EXAMPLE.COM",
		"status": ["client transfer prohibited", "redemption period", "Client Transfer Prohibited", "pending delete"],
		"nameservers": [{"objectClassName":"nameserver","ldhName":"A.IANA-SERVERS.NET."}, {"objectClassName":"nameserver",
			"ldhName":"not a host"}, {"objectClassName":"nameserver","ldhName":"a.iana-servers.net"}],
		"secureDNS": {"delegationSigned": true, "dsData": [{"keyTag": 370, "algorithm": 13, "digestType": 2,
			"digest": "BE74"}]},
		"events": [
			{"eventAction":"registration","eventDate":"1995-08-14T04:00:00Z"},
			{"eventAction":"expiration","eventDate":"2025-08-13T06:00:00+02:00"},
			{"eventAction":"registrar expiration","eventDate":"2024-08-13T04:00:00Z"},
			{"eventAction":"last changed","eventDate":"2024-08-14"},
			{"eventAction":"transfer","eventDate":"2020-05-06T07:08:09Z"},
			{"eventAction":"last update of RDAP database","eventDate":"2024-09-01T00:00:00Z"}],
		"entities": [
			{"objectClassName":"entity","handle":"X","roles":["registrant"],"vcardArray":["vcard",[["version",{},"text",
				"4.0"],["fn",{},"text","Somebody"]]]},
			{"objectClassName":"entity","handle":"376","roles":["Registrar"],"publicIds":[{"type":"IANA Registrar ID",
				"identifier":"376"}],
			 "vcardArray":["vcard",[["version",{},"text","4.0"],["fn",{},"text","Example\u0000 Registrar, Inc."]]]}]
	}`
	got := ReadRDAP("example.com", 200, rdapType, "", []byte(body))
	wantEqualRegistration(t, got, Registration{
		State: Registered, Source: "rdap", Domain: "example.com", Registrar: "Example Registrar, Inc.",
		RegistrarIANA: "376",
		Statuses:      []string{"client transfer prohibited", "pending delete", "redemption period"},
		Nameservers:   []string{"a.iana-servers.net"}, DNSSEC: true,
		CreatedAt: time.Date(1995, 8, 14, 4, 0, 0, 0, time.UTC), ExpiresAt: time.Date(2025, 8, 13, 4, 0, 0, 0, time.UTC),
		UpdatedAt:     time.Date(2024, 8, 14, 0, 0, 0, 0, time.UTC),
		TransferredAt: time.Date(2020, 5, 6, 7, 8, 9, 0, time.UTC),
	})
}

// A vCard that openrdap rejects must not cost us the registrar's name.
func TestReadRDAPBrokenVCard(t *testing.T) {
	t.Parallel()
	body := `{"objectClassName":"domain","ldhName":"example.com","entities":[{"objectClassName":"entity",` +
		`"handle":"REG-EXAMPLE","roles":["registrar"],"vcardArray":["vcard",[["fn"]]]}]}`
	if got := ReadRDAP("example.com", 200, rdapType, "", []byte(body)); got.State != Registered ||
		got.Registrar != "REG-EXAMPLE" {
		t.Errorf("%+v", got)
	}
}

func TestRDAPPublicSamples(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(moduleDir(t, "github.com/openrdap/rdap"), "test", "testdata")
	tests := []struct {
		file, domain string
		status       int
		contentType  string
		want         State
	}{
		{"rdap/rdap.nic.cz/domain-example.cz.json", "example.cz", 200, rdapType, Registered},
		{"rdap/rdap.nic.cz/domain-example.cz.json", "other.cz", 200, rdapType, Unknown},
		{"rdap/rdap.nic.cz/nameserver-ns2.pipni.cz.json", "ns2.pipni.cz", 200, rdapType, Unknown},
		{"rdap/rdap-pilot.verisignlabs.com/entity-1-VRSN", "example.com", 200, rdapType, Unknown},
		{"bootstrap_http_error/404.html", "example.com", 404, "text/html", Unknown},
		{"misc/empty.html", "example.com", 404, "text/html", Unknown},
		{"misc/malformed.json", "example.com", 404, rdapType, Unknown},
		{"misc/malformed.json", "example.com", 200, rdapType, Unknown},
	}
	for _, tt := range tests {
		t.Run(tt.file+" "+tt.domain, func(t *testing.T) {
			t.Parallel()
			body, err := os.ReadFile(filepath.Join(dir, tt.file))
			if err != nil {
				t.Skip("the sample is not there: ", err)
			}
			got := ReadRDAP(tt.domain, tt.status, tt.contentType, "", body)
			if got.State != tt.want {
				t.Errorf("%s (%s), want %s", got.State, got.Reason, tt.want)
			}
			if got.State == Registered && (got.CreatedAt.IsZero() || len(got.Nameservers) == 0) {
				t.Errorf("fields are missing: %+v", got)
			}
		})
	}
}

func FuzzReadRDAP(f *testing.F) {
	f.Add(404, rdapType, "1", `{"errorCode":404,"title":"Not Found"}`, uint8(0))
	f.Add(404, "application/json", "", `{"rdapConformance":["rdap_level_0"]}`, uint8(1))
	f.Add(404, "text/html", "x", `<html>`, uint8(2))
	f.Add(200, rdapType, "-1",
		`{"objectClassName":"domain","ldhName":"example.com","entities":[{"roles":["registrar"],"vcardArray":["vcard",`+
			`[["fn",{},"text",["a",["b"]]]]]}]}`, uint8(3))
	f.Add(429, "", "5", ``, uint8(4))
	f.Fuzz(func(t *testing.T, status int, contentType, retryAfter, body string, marker uint8) {
		got := ReadRDAP("example.com", status, contentType, retryAfter, []byte(body))
		checkBounds(t, got)
		if got.State == "" || (got.State == Unknown && got.Reason == "") {
			t.Errorf("no state, or no reason: %+v", got)
		}
		if got.State == NotRegistered && (status != 404 || strings.Contains(strings.ToLower(contentType), "html")) {
			t.Errorf("called free by HTTP %d %q", status, contentType)
		}
		// The same error that also names a limit, a fault or a reservation is none.
		texts := []string{
			"Query limit exceeded", "Service temporarily unavailable", "Access denied",
			"Reserved by the registry", "This name is blocked by GlobalBlock",
		}
		said := `{"errorCode":404,"title":"` + texts[int(marker)%len(texts)] + `"}`
		if r := ReadRDAP("example.com", status, contentType, retryAfter, []byte(said)); r.State == NotRegistered {
			t.Errorf("called free by %s", said)
		}
	})
}
