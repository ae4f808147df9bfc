package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"domdoc/catalog"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var ignoreInner = cmpopts.IgnoreUnexported(Error{})

func TestParseError(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 2, 22, 10, 30, 0, 0, time.UTC)
	tests := []struct {
		name   string
		status int
		header http.Header
		body   string
		want   Error
	}{
		{
			"the service's own", 404, nil,
			`{"statusCode":404,"timestamp":"2026-02-22T10:30:00.000Z","path":"/domains/v1/abc-123","method":"GET",
"message":"Domain not found","errorCode":"DOMAIN_001"}`,
			Error{
				Kind: KindNotFound, HTTPStatus: 404, Code: "DOMAIN_001", Message: "Domain not found", Method: "GET",
				Path: "/domains/v1/abc-123", Timestamp: at,
			},
		},
		{
			"sibling: flat code", 403,
			http.Header{"X-Request-Id": {"r-1"}},
			`{"statusCode":403,"code":"FORBIDDEN_ROLE","message":"Not allowed","timestamp":"2026-02-22T10:30:00Z"}`,
			Error{
				Kind: KindForbidden, HTTPStatus: 403, Code: "FORBIDDEN_ROLE", Message: "Not allowed", Timestamp: at,
				RequestID: "r-1",
			},
		},
		{
			"sibling: envelope, camelCase id", 422, nil,
			`{"data":null,"error":{"code":"DOMAIN_004","message":"Domain verification ` +
				`failed","details":{"record":"TXT"},"traceId":"t-1"},"meta":{"requestId":"r-2",
"timestamp":"2026-02-22T10:30:00Z"}}`,
			Error{
				Kind: KindService, HTTPStatus: 422, Code: "DOMAIN_004", Message: "Domain verification failed",
				Timestamp: at, RequestID: "r-2",
			},
		},
		{
			"sibling: envelope, snake_case id", 422, nil,
			`{"data":null,"error":{"code":"DOMAIN_004","message":"m"},"meta":{"request_id":"r-3"}}`,
			Error{Kind: KindService, HTTPStatus: 422, Code: "DOMAIN_004", Message: "m", RequestID: "r-3"},
		},
		{
			"sibling: only a trace id", 500, nil, `{"data":null,"error":{"code":"INTERNAL","message":"m","traceId":"t-1"}}`,
			Error{Kind: KindUnavailable, HTTPStatus: 500, Code: "INTERNAL", Message: "m", RequestID: "t-1"},
		},
		{
			"gateway: http in error", 0, nil,
			`{"error":{"code":"DOMAIN_012","message":"SSL certificate not found","http":404}}`,
			Error{Kind: KindNotFound, HTTPStatus: 404, Code: "DOMAIN_012", Message: "SSL certificate not found"},
		},
		{
			"NestJS: one message", 404, nil, `{"statusCode":404,"message":"Cannot GET /v1/domain","error":"Not Found"}`,
			Error{Kind: KindWrongEndpoint, HTTPStatus: 404, Message: "Cannot GET /v1/domain"},
		},
		{
			"NestJS: several messages", 400, nil,
			`{"statusCode":400,"message":["ttl must be a number","name should not be empty"],"error":"Bad Request"}`,
			Error{Kind: KindService, HTTPStatus: 400, Message: "ttl must be a number; name should not be empty"},
		},
		{
			"NestJS: only the status text", 401, nil, `{"statusCode":401,"error":"Unauthorized"}`,
			Error{Kind: KindUnauthorized, HTTPStatus: 401, Message: "Unauthorized"},
		},
		{
			"NestJS: an object as message", 409, nil,
			`{"statusCode":409,"message":{"errorCode":"DOMAIN_015","message":"Route path already exists"}}`,
			Error{Kind: KindService, HTTPStatus: 409, Code: "DOMAIN_015", Message: "Route path already exists"},
		},
		{
			"API Gateway", 403,
			http.Header{"Apigw-Requestid": {"abc="}},
			`{"message":"Forbidden"}`,
			Error{Kind: KindForbidden, HTTPStatus: 403, Message: "Forbidden", RequestID: "abc="},
		},
		{
			"API Gateway, a capital M", 504,
			http.Header{"X-Amzn-Requestid": {"q"}},
			`{"Message":"Endpoint request timed out"}`,
			Error{Kind: KindUnavailable, HTTPStatus: 504, Message: "Endpoint request timed out", RequestID: "q"},
		},
		{
			"web page", 502,
			http.Header{"Content-Type": {"text/html"}},
			"<html><head><title>502 Bad Gateway</title><style>b{}</style></head>\n<body>nginx</body></html>",
			Error{
				Kind: KindUnavailable, HTTPStatus: 502,
				Message: "a web page instead of an answer: 502 Bad Gateway nginx",
			},
		},
		{
			"text with colours", 500, nil, "\x1b[31mboom\x1b[0m\r\n\tline \u202etwo\x00",
			Error{Kind: KindUnavailable, HTTPStatus: 500, Message: "[31mboom[0m line two"},
		},
		{
			"truncated json", 500, nil, `{"statusCode":500,"mess`,
			Error{Kind: KindUnavailable, HTTPStatus: 500, Message: `{"statusCode":500,"mess`},
		},
		{"nothing", 503, nil, "", Error{Kind: KindUnavailable, HTTPStatus: 503}},
		{"nothing at all", 0, nil, "", Error{Kind: KindMalformed}},
		{"empty object", 404, nil, `{}`, Error{Kind: KindWrongEndpoint, HTTPStatus: 404}},
		{"null", 404, nil, `null`, Error{Kind: KindWrongEndpoint, HTTPStatus: 404, Message: "null"}},
		{
			"list of errors", 400, nil, `{"errors":[{"code":"DOMAIN_018","message":"Invalid authorization code"}]}`,
			Error{Kind: KindService, HTTPStatus: 400, Code: "DOMAIN_018", Message: "Invalid authorization code"},
		},
		{
			"list of texts", 400, nil, `{"errors":["first","second"]}`,
			Error{Kind: KindService, HTTPStatus: 400, Message: "first"},
		},
		{
			"code in the wrong case", 404, nil, `{"errorCode":"domain_001","message":"m"}`,
			Error{Kind: KindNotFound, HTTPStatus: 404, Code: "DOMAIN_001", Message: "m"},
		},
		{
			"code as error", 404, nil, `{"error":"DOMAIN_014","message":"m"}`,
			Error{Kind: KindNotFound, HTTPStatus: 404, Code: "DOMAIN_014", Message: "m"},
		},
		{
			"name as code", 404, nil, `{"code":"DNS_RECORD_NOT_FOUND","message":"m"}`,
			Error{Kind: KindNotFound, HTTPStatus: 404, Code: "DOMAIN_009", Message: "m"},
		},
		{
			"name as code, of another service", 400, nil, `{"code":"QUOTA_EXCEEDED","message":"m"}`,
			Error{Kind: KindService, HTTPStatus: 400, Code: "QUOTA_EXCEEDED", Message: "m"},
		},
		{
			"number as code", 404, nil, `{"code":404,"message":"m"}`,
			Error{Kind: KindWrongEndpoint, HTTPStatus: 404, Message: "m"},
		},
		{
			"number in quotes as code", 404, nil, `{"code":"8","message":"m"}`,
			Error{Kind: KindWrongEndpoint, HTTPStatus: 404, Message: "m"},
		},
		{
			"a code of a later day", 404, nil, `{"errorCode":"DOMAIN_024","message":"m"}`,
			Error{Kind: KindNotFound, HTTPStatus: 404, Code: "DOMAIN_024", Message: "m"},
		},
		{
			"quota is not a matter of rights", 403, nil, `{"errorCode":"DOMAIN_006","message":"m"}`,
			Error{Kind: KindService, HTTPStatus: 403, Code: "DOMAIN_006", Message: "m"},
		},
		{
			"second factor", 401, nil, `{"code":"MFA_REQUIRED","message":"m"}`,
			Error{Kind: KindMFARequired, HTTPStatus: 401, Code: "MFA_REQUIRED", Message: "m"},
		},
		{
			"404 page that lists codes", 404,
			http.Header{"Content-Type": {"text/html"}},
			"<p>DOMAIN_001",
			Error{Kind: KindWrongEndpoint, HTTPStatus: 404, Message: "a web page instead of an answer: DOMAIN_001"},
		},
		{
			"rate limit", 429,
			http.Header{
				"Retry-After": {"30"}, "X-Ratelimit-Remaining": {"0"},
				"X-Ratelimit-Limit": {"100"},
			},
			`{"message":"Too Many Requests"}`,
			Error{
				Kind: KindRateLimited, HTTPStatus: 429, Message: "Too Many Requests", RetryAfter: 30 * time.Second,
				RateLimit: RateLimit{Limit: 100},
			},
		},
		{
			"status inside a 200", 200, nil, `{"statusCode":404,"message":"Domain not found","errorCode":"DOMAIN_001"}`,
			Error{Kind: KindNotFound, HTTPStatus: 404, Code: "DOMAIN_001", Message: "Domain not found"},
		},
		{
			"the transport's status wins", 502, nil, `{"statusCode":404,"message":"m"}`,
			Error{Kind: KindUnavailable, HTTPStatus: 502, Message: "m"},
		},
		{
			"byte order mark", 404, nil, "\xef\xbb\xbf" + `{"errorCode":"DOMAIN_001","message":"m"}`,
			Error{Kind: KindNotFound, HTTPStatus: 404, Code: "DOMAIN_001", Message: "m"},
		},
		{
			"types all wrong", 400, nil,
			`{"statusCode":"x","message":7,"errorCode":{},"timestamp":[],"path":{},"method":null,"error":[]}`,
			Error{Kind: KindService, HTTPStatus: 400, Message: "7"},
		},

		{
			"pasted: only a code", 0, nil, "DOMAIN_010 shop.example.com",
			Error{Kind: KindService, Code: "DOMAIN_010", Message: "DOMAIN_010 shop.example.com"},
		},
		{
			"pasted: lower case", 0, nil, "we get domain_001 since friday",
			Error{Kind: KindNotFound, Code: "DOMAIN_001", Message: "we get domain_001 since friday"},
		},
		{
			"pasted: one code twice", 0, nil, "DOMAIN_001, I repeat: DOMAIN_001",
			Error{Kind: KindNotFound, Code: "DOMAIN_001", Message: "DOMAIN_001, I repeat: DOMAIN_001"},
		},
		{
			"pasted: two codes", 0, nil, "DOMAIN_001 or DOMAIN_002",
			Error{Kind: KindMalformed, Message: "DOMAIN_001 or DOMAIN_002"},
		},
		{"pasted: part of a word", 0, nil, "XDOMAIN_0011", Error{Kind: KindMalformed, Message: "XDOMAIN_0011"}},
		{
			"pasted: json in prose", 0, nil,
			`hello {team}, I get: {"statusCode":408,"message":"DNS propagation ` +
				`timeout","errorCode":"DOMAIN_010","path":"/domains/v1/d-1"} please help`,
			Error{
				Kind: KindService, HTTPStatus: 408, Code: "DOMAIN_010", Message: "DNS propagation timeout",
				Path: "/domains/v1/d-1",
			},
		},
		{
			"pasted: log line", 0, nil,
			`2026-02-22T10:30:00Z ERROR ctx={"a":{"b":1}} body={"data":null,"error":{"code":"DOMAIN_011","message":"SSL ` +
				`certificate issuance failed"}}`,
			Error{Kind: KindService, Code: "DOMAIN_011", Message: "SSL certificate issuance failed"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := ParseError(tt.status, tt.header, []byte(tt.body))
			if diff := cmp.Diff(&tt.want, got, ignoreInner); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestEveryCode parses each of the 23 in the service's own shape: the kind follows, and the text tells the
// catalogue's next step.
func TestEveryCode(t *testing.T) {
	t.Parallel()
	codes := catalog.Codes()
	if len(codes) != 23 {
		t.Fatalf("%d codes", len(codes))
	}
	for _, c := range codes {
		body, _ := json.Marshal(map[string]any{
			"statusCode": c.HTTP, "message": c.Description, "errorCode": c.ID,
			"method": "GET", "path": "/domains/v1/d-1",
		})
		e := ParseError(c.HTTP, nil, body)
		want := KindService
		if c.HTTP == 404 {
			want = KindNotFound
		}
		if e.Kind != want || e.Code != c.ID || e.HTTPStatus != c.HTTP {
			t.Errorf("%s: %+v", c.ID, e)
		}
		for _, part := range []string{
			"GET /domains/v1/d-1", c.ID, lowerFirst(c.Description),
			lowerFirst(strings.TrimRight(c.Resolution, ".")),
		} {
			if !strings.Contains(e.Error(), part) {
				t.Errorf("%q does not say %q", e, part)
			}
		}
		if pasted := ParseError(0, nil, []byte("it says "+c.ID)); pasted.Kind != want || pasted.HTTPStatus != 0 {
			t.Errorf("pasted %s: %+v", c.ID, pasted)
		}
	}
}

func TestErrorTexts(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		e    Error
		want string
	}{
		{
			"not found",
			Error{
				Kind: KindNotFound, HTTPStatus: 404, Code: "DOMAIN_001", Message: "Domain not found.",
				Method: "GET", Path: "/domains/v1/d-1", RequestID: "r-1",
			},
			"GET /domains/v1/d-1: domain not found (DOMAIN_001, http 404, request r-1): verify the domain ID is correct " +
				"and belongs to your tenant",
		},
		{
			"not found, a later code",
			Error{Kind: KindNotFound, Code: "DOMAIN_024"},
			"the service refused (DOMAIN_024): check the id, `domdoc domains` lists this tenant's",
		},
		{
			"wrong endpoint",
			Error{Kind: KindWrongEndpoint, HTTPStatus: 404, Method: "GET", Path: "/x"},
			"GET /x: this path does not exist (http 404): check --api-url (DOMDOC_API_URL): it must not include " +
				"/domains/v1, as in https://api.example.com",
		},
		{
			"unauthorized",
			Error{Kind: KindUnauthorized, HTTPStatus: 401},
			"the token was rejected (http 401): log in with `domdoc login`, or set DOMDOC_TOKEN to a new token",
		},
		{
			"login",
			Error{Kind: KindUnauthorized, Operation: OpLogin, Message: "Unauthorized"},
			"unauthorized: check the email and the password",
		},
		{
			"forbidden",
			Error{Kind: KindForbidden},
			"this account is not allowed to do that: ask an administrator of the tenant, and check --tenant (DOMDOC_TENANT)",
		},
		{
			"too many sessions",
			Error{Kind: KindForbidden, Code: codeMaxSessions, Message: "too many"},
			"too many (MAX_SESSIONS_REACHED): end another session of this account first",
		},
		{"rate limited", Error{Kind: KindRateLimited, RetryAfter: 30 * time.Second}, "rate limit exceeded: try again in 30s"},
		{"rate limited, no hint", Error{Kind: KindRateLimited}, "rate limit exceeded: try again in a minute"},
		{
			"unavailable",
			Error{Kind: KindUnavailable, HTTPStatus: 502},
			"the service is unavailable (http 502): try again in a few minutes",
		},
		{
			"no answer",
			Error{Kind: KindUnavailable, network: true, Message: "no answer: connection refused"},
			"no answer: connection refused: check --api-url (DOMDOC_API_URL) and this machine's network, then try again",
		},
		{
			"malformed",
			Error{Kind: KindMalformed},
			"unexpected response: check that --api-url (DOMDOC_API_URL) is the domains service",
		},
		{
			"second factor",
			Error{Kind: KindMFARequired, Message: "Second factor needed"},
			"second factor needed: log in with a client that supports the second factor, and set DOMDOC_TOKEN to its token",
		},
		{
			"capitals stay",
			Error{Kind: KindService, Code: "DOMAIN_022", Message: "DNS integration failed"},
			"DNS integration failed (DOMAIN_022): check DNS provider service health. Verify API credentials",
		},
		{
			"any other",
			Error{Kind: KindService, HTTPStatus: 400, Message: "ttl must be a number"},
			"ttl must be a number (http 400): correct the request as the message says",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, tt.e.Error()); diff != "" {
				t.Error(diff)
			}
			if tt.e.Error() != tt.e.Summary()+": "+tt.e.NextStep() {
				t.Error("the error is not its two halves")
			}
		})
	}
}

func TestKindOf(t *testing.T) {
	t.Parallel()
	if got := KindOf(fmt.Errorf("domain 3: %w", &Error{Kind: KindForbidden})); got != KindForbidden {
		t.Errorf("wrapped: %q", got)
	}
	if got := KindOf(fmt.Errorf("other")); got != "" {
		t.Errorf("another error: %q", got)
	}
	if got := KindOf(nil); got != "" {
		t.Errorf("nil: %q", got)
	}
}

func TestClean(t *testing.T) {
	t.Parallel()
	secret := "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1In0.c2lnbmF0dXJl"
	tests := []struct {
		name, in string
		max      int
		want     string
	}{
		{"whitespace", " a\r\n\tb\u00a0c ", 20, "a b c"},
		{"escape sequence", "\x1b]8;;http://x\x07y\u009b1m", 40, "]8;;http://xy1m"},
		{"bidi and zero width", "a\u202eb\u2066c\u200bd\ufeff", 20, "abcd"},
		{"not utf-8", "a\xffb", 20, "a\ufffdb"},
		{"cut by characters", strings.Repeat("é", 30), 10, strings.Repeat("é", 9) + "…"},
		{"exactly as long", strings.Repeat("é", 10), 10, strings.Repeat("é", 10)},
		{"token", "got " + secret + " here", 80, "got [token] here"},
		{"token that would be cut", "0123456789 " + secret, 20, "0123456789 [token]"},
		{"bearer", "Authorization: Bearer abcdefghij, x", 80, "Authorization: bearer [token], x"},
		{"token hidden by control characters", "eyJhbGci\x00OiJIUzI1NiJ9.eyJzdWIiOiJ1In0.c2ln", 80, "[token]"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := clean(tt.in, tt.max); got != tt.want {
				t.Errorf("clean(%q) = %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

// FuzzParseError holds what everybody relies on: an error always has a kind and one bounded printable line, without a
// token.
func FuzzParseError(f *testing.F) {
	for _, s := range []string{
		`{"statusCode":404,"timestamp":"2026-02-22T10:30:00.000Z","path":"/domains/v1/abc-123","method":"GET",
"message":"Domain not found","errorCode":"DOMAIN_001"}`,
		`{"data":null,"error":{"code":"DOMAIN_004","message":"m","details":{},"traceId":"t"},"meta":{"request_id":"r"}}`,
		`{"error":{"code":"x","message":"m","http":404}}`, `{"statusCode":400,"message":["a","b"],"error":"Bad Request"}`,
		`{"message":"Forbidden"}`,
		`prose {x} {"errorCode":"DOMAIN_011"} {{{`, "<html>", "DOMAIN_010 x", "\x1b[31m",
		`{"message":{"message":{"message":{"message":{}}}}}`, `[[[[`, `{"timestamp":1e400}`,
	} {
		f.Add(404, "30", []byte(s))
		f.Add(0, "Sun, 22 Feb 2026 08:00:00 GMT", []byte(s))
	}
	kinds := []Kind{
		KindNotFound, KindWrongEndpoint, KindUnauthorized, KindForbidden, KindRateLimited, KindUnavailable,
		KindMalformed, KindService, KindMFARequired,
	}
	f.Fuzz(func(t *testing.T, status int, after string, body []byte) {
		e := ParseError(status, http.Header{
			"Retry-After": {after}, "X-Request-Id": {after},
			"X-Ratelimit-Remaining": {after}, "X-Ratelimit-Reset": {after},
		}, body)
		if !slices.Contains(kinds, e.Kind) {
			t.Fatalf("kind %q", e.Kind)
		}
		text := e.Error()
		if !utf8.ValidString(text) || utf8.RuneCountInString(text) > 2000 ||
			strings.ContainsFunc(text, unicode.IsControl) {
			t.Fatalf("text %q", text)
		}
		if jwtText.MatchString(text) {
			t.Fatalf("a token in %q", text)
		}
		if e.RetryAfter < 0 {
			t.Fatalf("retry after %v", e.RetryAfter)
		}
		if _, err := json.Marshal(e); err != nil { // also tells a time that json cannot write
			t.Fatal(err)
		}
	})
}
