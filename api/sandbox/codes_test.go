package sandbox

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"domdoc/catalog"
)

// storyWhere returns the first instance that fits.
func storyWhere(t testing.TB, b *Sandbox, fits func(in *instance) bool) *instance {
	t.Helper()
	for _, s := range b.Stories() {
		in, err := b.instance(s, 0)
		if err != nil {
			t.Fatal(err)
		}
		if in.listed && fits(in) {
			return in
		}
	}
	t.Fatal("no story fits")
	return nil
}

// failing returns an instance whose last operation failed with a code.
func failing(t testing.TB, b *Sandbox, code string) *instance {
	t.Helper()
	return storyWhere(t, b, func(in *instance) bool { return failedWith(in, code) })
}

// TestCodes: each of the 23 codes can be provoked by a request, with the status, the code and the form in the
// customer's document.
func TestCodes(t *testing.T) {
	t.Parallel()
	b := start(t, Options{})
	healthy := storyWhere(t, b, func(in *instance) bool { return in.story.Name == "healthy-txt" })
	bare := storyWhere(t, b, func(in *instance) bool {
		return in.cert == nil && !failedWith(in, "DOMAIN_021") && !failedWith(in, "DOMAIN_011") &&
			!failedWith(in, "DOMAIN_023")
	})
	broken := storyWhere(t, b, func(in *instance) bool {
		return in.cert != nil && in.cert["status"] == "FAILED" && !failedWith(in, "DOMAIN_023")
	})
	locked := storyWhere(t, b, func(in *instance) bool {
		r := in.regs[base(in.domain)]
		return r != nil && slices.Contains(r.statuses, "client transfer prohibited")
	})
	type object = map[string]any
	covered := map[string]bool{}
	for _, tt := range []struct {
		code, method, path string
		body               any
	}{
		{"DOMAIN_001", "GET", "/domains/v1/d-nobody", nil},
		{"DOMAIN_001", "PATCH", "/domains/v1/d-nobody", object{}},
		{"DOMAIN_001", "GET", "/domains/v1/d-nobody/dns", nil},
		{"DOMAIN_001", "POST", "/domains/v1/d-nobody/verify", object{}},
		{"DOMAIN_002", "POST", "/domains/v1/domains", object{"domain": healthy.domain}},
		{
			"DOMAIN_003", "POST", "/domains/v1/registrations",
			object{"domain": base(healthy.domain), "registrar": "manual"},
		},
		{"DOMAIN_004", "POST", "/domains/v1/d-verification-missing/verify", object{}},
		{"DOMAIN_005", "PATCH", "/domains/v1/" + storyWhere(t, b, func(in *instance) bool {
			return in.status != "VERIFIED" && in.status != "PENDING"
		}).id, object{"autoRenew": true}},
		{"DOMAIN_006", "POST", "/domains/v1/domains", object{"domain": "brand-new.example"}},
		{"DOMAIN_007", "POST", "/domains/v1/registrations", object{"domain": "brand-new.example", "registrar": "manual"}},
		{
			"DOMAIN_008", "POST", "/domains/v1/" + healthy.id + "/dns",
			object{"type": "A", "name": "x." + healthy.domain, "value": "192.0.2.1", "ttl": 59},
		},
		{
			"DOMAIN_008", "POST", "/domains/v1/" + healthy.id + "/dns",
			object{"type": "A", "name": "x." + healthy.domain, "value": "192.0.2.1", "ttl": 86401},
		},
		{
			"DOMAIN_008", "POST", "/domains/v1/" + healthy.id + "/dns",
			object{"type": "A", "name": healthy.domain, "value": "192.0.2.1", "ttl": 300},
		},
		{"DOMAIN_009", "GET", "/domains/v1/" + healthy.id + "/dns/r-99", nil},
		{"DOMAIN_009", "DELETE", "/domains/v1/" + healthy.id + "/dns/r-99", nil},
		{"DOMAIN_010", "POST", "/domains/v1/d-cache-negative/verify", object{}},
		{"DOMAIN_011", "POST", "/domains/v1/" + broken.id + "/ssl", object{}},
		{"DOMAIN_012", "GET", "/domains/v1/" + bare.id + "/ssl", nil},
		{"DOMAIN_013", "POST", "/domains/v1/" + bare.id + "/cdn", object{}},
		{"DOMAIN_014", "GET", "/domains/v1/" + healthy.id + "/routes/rt-99", nil},
		{"DOMAIN_014", "DELETE", "/domains/v1/" + healthy.id + "/routes/rt-99", nil},
		{"DOMAIN_015", "POST", "/domains/v1/" + healthy.id + "/routes", object{"path": "/", "target": "event:1"}},
		{"DOMAIN_016", "POST", "/domains/v1/transfers", object{"domain": base(locked.domain), "authCode": "aB3$xyz1"}},
		{"DOMAIN_016", "POST", "/domains/v1/transfers", object{"domain": "brand-new.example", "authCode": "aB3$xyz1"}},
		{"DOMAIN_017", "GET", "/domains/v1/transfers/t-99", nil},
		{"DOMAIN_018", "POST", "/domains/v1/transfers", object{"domain": base(healthy.domain), "authCode": "x"}},
		{"DOMAIN_018", "POST", "/domains/v1/transfers", object{"domain": base(healthy.domain), "authCode": " aB3$xyz1 "}},
		{"DOMAIN_019", "GET", "/domains/v1/" + failing(t, b, "DOMAIN_019").id + "/health", nil},
		{
			"DOMAIN_020", "POST", "/domains/v1/registrations",
			object{"domain": base(failing(t, b, "DOMAIN_020").domain), "registrar": "manual"},
		},
		{"DOMAIN_021", "POST", "/domains/v1/" + failing(t, b, "DOMAIN_021").id + "/cdn", object{}},
		{
			"DOMAIN_022", "POST", "/domains/v1/" + failing(t, b, "DOMAIN_022").id + "/dns",
			object{"type": "A", "name": "x", "value": "192.0.2.1"},
		},
		{"DOMAIN_023", "POST", "/domains/v1/" + failing(t, b, "DOMAIN_023").id + "/ssl", object{}},
	} {
		covered[tt.code] = true
		t.Run(tt.code+" "+tt.method+" "+tt.path, func(t *testing.T) {
			t.Parallel()
			want, ok := catalog.FindCode(tt.code)
			if !ok {
				t.Fatal("no such code")
			}
			a := call(t, b, tt.method, tt.path, b.Token(), tt.body)
			if a.status != want.HTTP || a.str("errorCode") != want.ID || a.body["statusCode"] != float64(want.HTTP) {
				t.Fatalf("HTTP %d: %s", a.status, a.raw)
			}
			if a.str("path") != tt.path || a.str("method") != tt.method || a.str("message") == "" {
				t.Errorf("%s", a.raw)
			}
			if _, err := time.Parse(time.RFC3339, a.str("timestamp")); err != nil {
				t.Errorf("timestamp %q", a.str("timestamp"))
			}
			if a.header.Get("x-request-id") != "req-1" ||
				a.header.Get("Content-Type") != "application/json; charset=utf-8" {
				t.Errorf("header %v", a.header)
			}
			if len(a.body) != 6 {
				t.Errorf("the document prints six fields: %s", a.raw)
			}
		})
	}
	for _, c := range catalog.Codes() {
		if !covered[c.ID] {
			t.Errorf("no request of this test makes %s", c.ID)
		}
	}
}

// TestNoCode: errors that are not in the document have the framework's form, without a code.
func TestNoCode(t *testing.T) {
	t.Parallel()
	b := start(t, Options{Only: []string{"healthy-txt"}})
	id := b.DomainID(b.Stories()[0])
	expired := b.api.sign("access", -time.Minute)
	for _, tt := range []struct {
		name, method, path, token string
		body                      any
		status                    int
	}{
		{"no token", "GET", "/domains/v1/domains", "", nil, 401},
		{"no token, for one domain", "GET", "/domains/v1/" + id, "", nil, 401},
		{"no token, for a thing that is not there", "GET", "/domains/v1/d-nobody", "", nil, 401},
		{"no token, for a write", "POST", "/domains/v1/" + id + "/verify", "", nil, 401},
		{"no token, for the wallet", "GET", "/wallet/v1/balance", "", nil, 401},
		{"a token that is none", "GET", "/domains/v1/domains", "x.y.z", nil, 401},
		{"a token that somebody changed", "GET", "/domains/v1/domains", b.Token() + "x", nil, 401},
		{"a token for another use", "GET", "/domains/v1/domains", b.api.sign("refresh", time.Hour), nil, 401},
		{"a token that has ended", "GET", "/domains/v1/domains", expired, nil, 401},
		{
			"a token without a signature", "GET", "/domains/v1/domains",
			"eyJhbGciOiJub25lIn0.eyJ1c2UiOiJhY2Nlc3MiLCJleHAiOjQ4MDAwMDAwMDB9.", nil, 401,
		},
		{"a wrong password", "POST", "/auth/v1/login", "", map[string]any{"email": Email, "password": "x"}, 401},
		{"no refresh token", "POST", "/auth/v1/refresh", "", map[string]any{}, 401},
		{"a path that is none", "GET", "/domains/v2/domains", b.Token(), nil, 404},
		{"a part that is none", "GET", "/domains/v1/" + id + "/nothing", b.Token(), nil, 404},
		{"a method that is none", "DELETE", "/domains/v1/" + id + "/verify", b.Token(), nil, 404},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a := call(t, b, tt.method, tt.path, tt.token, tt.body)
			if a.status != tt.status || a.body["statusCode"] != float64(tt.status) ||
				a.str("error") != http.StatusText(tt.status) || a.str("message") == "" {
				t.Errorf("HTTP %d: %s", a.status, a.raw)
			}
			if _, ok := a.body["errorCode"]; ok {
				t.Errorf("a code: %s", a.raw)
			}
		})
	}
}

// TestLogin: a session is started, used, refreshed and used again.
func TestLogin(t *testing.T) {
	t.Parallel()
	b := start(t, Options{Only: []string{"healthy-txt"}})
	in := call(t, b, "POST", "/auth/v1/login", "", map[string]any{"email": Email, "password": Password})
	first, _ := in.body["data"].(map[string]any)
	access, _ := first["accessToken"].(string)
	if in.status != 200 || call(t, b, "GET", "/domains/v1/quota", access, nil).status != 200 {
		t.Fatalf("HTTP %d: %s", in.status, in.raw)
	}
	again := call(t, b, "POST", "/auth/v1/refresh", "", map[string]any{"refreshToken": first["refreshToken"]})
	second, _ := again.body["data"].(map[string]any)
	renewed, _ := second["accessToken"].(string)
	if renewed == access || call(t, b, "GET", "/domains/v1/quota", renewed, nil).status != 200 {
		t.Errorf("HTTP %d: %s", again.status, again.raw)
	}
	if health := call(t, b, "GET", "/domains/v1/health", "", nil); health.status != 200 ||
		health.str("status") != "ok" {
		t.Errorf("health: HTTP %d: %s", health.status, health.raw)
	}
}

// TestTokenEnds: a token expires by the sandbox's clock.
func TestTokenEnds(t *testing.T) {
	t.Parallel()
	c := newClock()
	c.pass(100 * 365 * 24 * time.Hour) // ahead of the system's clock, so that the sandbox's decides
	b := start(t, Options{Only: []string{"healthy-txt"}, Clock: c.now})
	token := b.Token()
	for _, tt := range []struct {
		after  time.Duration
		status int
	}{{0, 200}, {23 * time.Hour, 200}, {2 * time.Hour, 401}} {
		c.pass(tt.after)
		if a := call(t, b, "GET", "/domains/v1/quota", token, nil); a.status != tt.status {
			t.Errorf("at %v: HTTP %d", c.now(), a.status)
		}
	}
}
