package api

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

const fullDomain = `{"id":"d-1","domain":"shop.example.com","status":"PENDING","tenantId":"t-1","registrar":"manual",
	"createdAt":"2026-02-01T00:00:00Z","updatedAt":"2026-02-02T00:00:00Z","expiresAt":"2027-02-01T00:00:00Z",
"autoRenew":true,
	"nameservers":["ns1.example.net","ns2.example.net"],
	"verification":{"method":"TXT","name":"_verify.shop.example.com","value":"tok-1","status":"PENDING",
"expiresAt":"2026-02-08T00:00:00Z","lastCheckedAt":"2026-02-02T00:00:00Z"},
	"cdn":{"target":"d111111abcdef8.cloudfront.net","status":"DEPLOYED"},
	"lastError":{"errorCode":"DOMAIN_010","message":"DNS propagation timeout","timestamp":"2026-02-02T00:00:00Z",
"path":"/domains/v1/d-1/verify","requestId":"r-1"},
	"somethingNew":{"kept":true}}`

func day(year int, month time.Month, d int) time.Time {
	return time.Date(year, month, d, 0, 0, 0, 0, time.UTC)
}

func wantDomain() Domain {
	return Domain{
		ID: "d-1", Name: "shop.example.com", Status: "PENDING", TenantID: "t-1", Registrar: "manual",
		CreatedAt: day(2026, 2, 1), UpdatedAt: day(2026, 2, 2), ExpiresAt: day(2027, 2, 1), AutoRenew: ptr(true),
		Nameservers: []string{"ns1.example.net", "ns2.example.net"},
		Verifications: []Verification{{
			Method: "TXT", Name: "_verify.shop.example.com", Value: "tok-1", Status: "PENDING",
			ExpiresAt: day(2026, 2, 8), LastCheckedAt: day(2026, 2, 2),
		}},
		CDN: &CDN{Target: "d111111abcdef8.cloudfront.net", Status: "DEPLOYED"},
		LastError: &LastError{
			Code: "DOMAIN_010", Message: "DNS propagation timeout", Timestamp: day(2026, 2, 2),
			Path: "/domains/v1/d-1/verify", RequestID: "r-1",
		},
	}
}

// snake turns a body's keys into snake_case.
func snake(body string) string {
	for _, key := range []string{
		"tenantId", "createdAt", "updatedAt", "expiresAt", "autoRenew", "lastCheckedAt", "lastError", "errorCode",
		"requestId", "requestedAt", "issuedAt", "failureReason", "validationRecords",
	} {
		var b strings.Builder
		for _, r := range key {
			if r >= 'A' && r <= 'Z' {
				b.WriteString("_" + strings.ToLower(string(r)))
			} else {
				b.WriteRune(r)
			}
		}
		body = strings.ReplaceAll(body, `"`+key+`"`, `"`+b.String()+`"`)
	}
	return body
}

func TestDomain(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"bare": fullDomain, "data": `{"statusCode":200,"data":` + fullDomain + `,"meta":{}}`,
		"snake case": snake(fullDomain),
		"domainName": strings.Replace(fullDomain, `"domain":`, `"domainName":`, 1),
		"name":       strings.Replace(fullDomain, `"domain":`, `"name":`, 1),
		"code":       strings.Replace(fullDomain, `"errorCode":`, `"code":`, 1),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := asking(t, answers(200, body)).Domain(t.Context(), "d-1")
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(got.Raw), `"kept":true`) {
				t.Errorf("raw = %s: the unknown field is lost", got.Raw)
			}
			if diff := cmp.Diff(wantDomain(), got, cmpopts.IgnoreFields(Domain{}, "Raw")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestDomainVariants(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, body string
		want       Domain
	}{
		{"number as id", `{"id":12345678901234567890,"domain":"a"}`, Domain{ID: "12345678901234567890", Name: "a"}},
		{"only an id", `{"id":"d-1"}`, Domain{ID: "d-1"}},
		{"only a name", `{"name":"a"}`, Domain{Name: "a"}},
		{"nulls", `{"id":"d-1","domain":null,"verification":null,"cdn":null,"lastError":null,"autoRenew":null,
"nameservers":null,"expiresAt":null}`, Domain{ID: "d-1"}},
		{"any status", `{"id":"d-1","status":"SUSPENDED_BY_LEGAL"}`, Domain{ID: "d-1", Status: "SUSPENDED_BY_LEGAL"}},
		{"autoRenew false is said", `{"id":"d-1","autoRenew":false}`, Domain{ID: "d-1", AutoRenew: ptr(false)}},
		{
			"several verifications",
			`{"id":"d-1","verifications":[{"method":"TXT","value":"a"},{"type":"CNAME","host":"h","token":"b"}]}`,
			Domain{ID: "d-1", Verifications: []Verification{
				{Method: "TXT", Value: "a"},
				{Method: "CNAME", Name: "h", Value: "b"},
			}},
		},
		{
			"verification as a list", `{"id":"d-1","verification":[{"method":"TXT"}]}`,
			Domain{ID: "d-1", Verifications: []Verification{{Method: "TXT"}}},
		},
		{
			"space in a value stays", `{"id":"d-1","verification":{"value":" tok\u00a0"}}`,
			Domain{ID: "d-1", Verifications: []Verification{{Value: " tok\u00a0"}}},
		},
		{
			"cdn as a text", `{"id":"d-1","cdn":"d1.cloudfront.net"}`,
			Domain{ID: "d-1", CDN: &CDN{Target: "d1.cloudfront.net"}},
		},
		{
			"last error as a code", `{"id":"d-1","lastError":"domain_010"}`,
			Domain{ID: "d-1", LastError: &LastError{Code: "DOMAIN_010"}},
		},
		{
			"last error as a sentence", `{"id":"d-1","lastError":"it broke"}`,
			Domain{ID: "d-1", LastError: &LastError{Message: "it broke"}},
		},
		{
			"last error as a name", `{"id":"d-1","lastError":{"code":"SSL_ISSUANCE_FAILED","message":["a","b"]}}`,
			Domain{ID: "d-1", LastError: &LastError{Code: "DOMAIN_011", Message: "a; b"}},
		},
		{
			"odd inner fields",
			`{"id":"d-1","status":[],"createdAt":"soon","verification":{"method":"TXT","expiresAt":"soon"},"cdn":[1],
"lastError":[1],"nameservers":["a",{}]}`,
			Domain{
				ID: "d-1", Verifications: []Verification{{Method: "TXT"}}, Nameservers: []string{"a"},
				Problems: []string{
					"status: wanted a text, got []", `createdAt: wanted a time, got "soon"`,
					"nameservers[]: wanted a text, got {}",
					`verification.expiresAt: wanted a time, got "soon"`, "cdn: wanted an object, got [1]",
					"lastError: wanted an object, got [1]",
				},
			},
		},
		{"a data field of its own", `{"id":"d-1","domain":"a","data":{"domain":"b"}}`, Domain{ID: "d-1", Name: "a"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := asking(t, answers(200, tt.body)).Domain(t.Context(), "d-1")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got, cmpopts.IgnoreFields(Domain{}, "Raw")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestRefusalInsideA200: some gateways turn every status into 200.
func TestRefusalInsideA200(t *testing.T) {
	t.Parallel()
	for body, kind := range map[string]Kind{
		`{"statusCode":404,"message":"Domain not found","errorCode":"DOMAIN_001"}`: KindNotFound,
		`{"data":null,"error":{"code":"DOMAIN_001","message":"m"}}`:                KindNotFound,
		`{"errorCode":"DOMAIN_011","message":"m"}`:                                 KindService,
		`{"statusCode":401,"message":"Unauthorized"}`:                              KindUnauthorized,
		`{"error":{"code":"BROKEN","message":"m"}}`:                                KindService,
	} {
		_, err := asking(t, answers(200, body)).Domain(t.Context(), "d-1")
		failure(t, err, kind)
	}
	// A domain that reports its own error is a domain.
	if d, err := asking(t,
		answers(200, `{"id":"d-1","errorCode":"DOMAIN_011","error":{"code":"x","message":"m"}}`)).Domain(t.Context(),
		"d-1"); err != nil || d.ID != "d-1" {
		t.Errorf("%+v, %v", d, err)
	}
}

func TestForeignDomainIsNotFound(t *testing.T) {
	t.Parallel()
	c := asking(t,
		answers(404,
			`{"statusCode":404,"timestamp":"2026-02-22T10:30:00.000Z","path":"/x","method":"GET","message":"Domain not `+
				`found","errorCode":"DOMAIN_001"}`))
	_, err := c.Domain(t.Context(), "d-1")
	if e := failure(t, err, KindNotFound); e.Path != "/domains/v1/d-1" || e.Operation != OpDomain || e.RequestID == "" {
		t.Errorf("error = %+v", e)
	}
	_, err = asking(t, answers(404, `{"message":"Not Found"}`)).Domain(t.Context(), "d-1")
	failure(t, err, KindWrongEndpoint)
}

func TestVerify(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		status int
		body   string
		domain string
		raw    string
	}{
		"the domain": {
			200, `{"data":{"id":"d-1","status":"VERIFIED"}}`, "VERIFIED",
			`{"data":{"id":"d-1","status":"VERIFIED"}}`,
		},
		"a word":         {202, `{"accepted":true}`, "", `{"accepted":true}`},
		"no body":        {204, ``, "", ""},
		"not even json":  {200, `queued`, "", ""},
		"an empty list":  {200, `[]`, "", "[]"},
		"null":           {200, `null`, "", "null"},
		"data is null":   {200, `{"data":null}`, "", `{"data":null}`},
		"deeply strange": {200, strings.Repeat("[", 100), "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := asking(t, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("X-Request-Id", "r-9")
				answers(tt.status, tt.body)(w, r)
			})
			got, err := c.Verify(t.Context(), "d-1")
			if err != nil {
				t.Fatal(err)
			}
			status := ""
			if got.Domain != nil {
				status = got.Domain.Status
			}
			if got.HTTPStatus != tt.status || got.RequestID != "r-9" || status != tt.domain || string(got.Raw) != tt.raw ||
				got.Certificate != nil {
				t.Errorf("outcome = %+v", got)
			}
		})
	}
	_, err := asking(t,
		answers(422, `{"statusCode":422,"message":"Domain verification failed","errorCode":"DOMAIN_004"}`)).Verify(
		t.Context(), "d-1")
	if e := failure(t, err, KindService); e.Code != "DOMAIN_004" || e.Method != "POST" {
		t.Errorf("error = %+v", e)
	}
}
