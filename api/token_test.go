package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestReadClaims(t *testing.T) {
	t.Parallel()
	start, end := noon.Add(-time.Hour), noon.Add(time.Hour)
	full := map[string]any{
		"sub": "u-1", "tenantId": "t-1", "email": "a@example.com", "roles": []string{"admin", "dns"},
		"planTier": "pro", "iat": start.Unix(), "exp": end.Unix(),
	}
	want := Claims{
		Subject: "u-1", TenantID: "t-1", Email: "a@example.com", Roles: []string{"admin", "dns"},
		PlanTier: "pro", IssuedAt: start, ExpiresAt: end,
	}
	with := func(changes map[string]any) map[string]any {
		m := map[string]any{}
		for k, v := range full {
			m[k] = v
		}
		for k, v := range changes {
			m[k] = v
		}
		return m
	}
	tests := []struct {
		name   string
		claims map[string]any
		change func(*Claims)
	}{
		{"as printed", full, func(*Claims) {}},
		{"times as floats", with(map[string]any{"exp": float64(end.Unix()) + 0.5}), func(c *Claims) {
			c.ExpiresAt = end.Add(500 * time.Millisecond)
		}},
		{"times as text", with(map[string]any{"exp": fmt.Sprint(end.Unix())}), func(*Claims) {}},
		{"roles as one word", with(map[string]any{"roles": "admin"}), func(c *Claims) { c.Roles = []string{"admin"} }},
		{"roles as one text", with(map[string]any{"roles": "admin, dns"}), func(*Claims) {}},
		{"roles null", with(map[string]any{"roles": nil}), func(c *Claims) { c.Roles = nil }},
		{"roles an object", with(map[string]any{"roles": map[string]any{"a": 1}}), func(c *Claims) { c.Roles = nil }},
		{
			"tenant a number, in snake case", with(map[string]any{"tenantId": nil, "tenant_id": 12345678901234567}),
			func(c *Claims) { c.TenantID = "12345678901234567" },
		},
		{"exp nonsense", with(map[string]any{"exp": "never"}), func(c *Claims) { c.ExpiresAt = time.Time{} }},
		{"exp beyond any calendar", with(map[string]any{"exp": 1e300}), func(c *Claims) { c.ExpiresAt = time.Time{} }},
		{"nothing", map[string]any{}, func(c *Claims) { *c = Claims{} }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			want := want
			tt.change(&want)
			got, err := ReadClaims("Bearer " + jwtOf(t, tt.claims))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestReadClaimsAnySigningMethod(t *testing.T) {
	t.Parallel()
	// {"alg":"XYZ999"}: to know the end of a token one need not know how it is signed.
	parts := strings.Split(jwtOf(t, map[string]any{"sub": "u-1"}), ".")
	for name, header := range map[string]string{
		"unknown": "eyJhbGciOiJYWVo5OTkifQ", "missing": "e30",
		"none": "eyJhbGciOiJub25lIn0",
	} {
		if c, err := ReadClaims(header + "." + parts[1] + "." + parts[2]); err != nil || c.Subject != "u-1" {
			t.Errorf("%s: %+v, %v", name, c, err)
		}
	}
}

func TestReadClaimsRefuses(t *testing.T) {
	t.Parallel()
	for name, token := range map[string]string{
		"empty": "", "opaque": "sekret-opaque", "two parts": "eyJhbGciOiJIUzI1NiJ9.e30",
		"not base64": "sekret!.sekret!.x", "not json": "c2VrcmV0.c2VrcmV0.c2VrcmV0",
		"a list": "eyJhbGciOiJIUzI1NiJ9.W10.x", "very long": strings.Repeat("sekret.", 20000),
	} {
		_, err := ReadClaims(token)
		if err == nil {
			t.Errorf("%s: accepted", name)
		} else if strings.Contains(err.Error(), "sekret") {
			t.Errorf("%s: %v shows the token", name, err)
		}
	}
}

func TestLogin(t *testing.T) {
	t.Parallel()
	exp := noon.Add(2 * time.Hour)
	access := jwtOf(t, map[string]any{"exp": exp.Unix()})
	tests := []struct {
		name   string
		status int
		body   string
		want   Tokens
		kind   Kind // of the error; empty is success
	}{
		{
			"under data", 200, `{"data":{"accessToken":"` + access + `","refreshToken":"r","expiresIn":900}}`,
			Tokens{access, "r", exp},
			"",
		},
		{
			"flat", 200, `{"accessToken":"opaque","refreshToken":"r","expiresIn":"900","tokenType":"Bearer"}`,
			Tokens{"opaque", "r", noon.Add(15 * time.Minute)},
			"",
		},
		{"snake case, 201, no end", 201, `{"access_token":"opaque"}`, Tokens{"opaque", "", time.Time{}}, ""},
		{"second factor", 200, `{"data":{"mfaRequired":true,"mfaToken":"m"}}`, Tokens{}, KindMFARequired},
		{"second factor, flat", 200, `{"mfa_required":"true"}`, Tokens{}, KindMFARequired},
		{"second factor, data null", 200, `{"data":null,"mfaRequired":true}`, Tokens{}, KindMFARequired},
		{"second factor not wanted, yet no token", 200, `{"data":{"mfaRequired":false}}`, Tokens{}, KindMalformed},
		{"no token", 200, `{"data":{"user":{}}}`, Tokens{}, KindMalformed},
		{"a token that cannot be sent", 200, `{"accessToken":"a\nb"}`, Tokens{}, KindMalformed},
		{"a list", 200, `["sekret"]`, Tokens{}, KindMalformed},
		{"no body", 204, ``, Tokens{}, KindMalformed},
		{"wrong password", 401, `{"statusCode":401,"message":"Invalid credentials"}`, Tokens{}, KindUnauthorized},
		{"sessions", 429, `{"statusCode":429,"code":"MAX_SESSIONS_REACHED","message":"m"}`, Tokens{}, KindForbidden},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var n atomic.Int32
			c := asking(t, func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/domains/v1/d-1" {
					if want := "Bearer " + tt.want.Access; r.Header.Get("Authorization") != want {
						t.Errorf("after the login: %q, want %q", r.Header.Get("Authorization"), want)
					}
					answers(200, `{"id":"d-1"}`)(w, r)
					return
				}
				n.Add(1)
				answers(tt.status, tt.body)(w, r)
			}, func(cfg *Config) {
				cfg.Token = ""
				cfg.Now = func() time.Time { return noon }
				cfg.OnTokens = func(string, string) { t.Error("OnTokens is called: the caller has them already") }
			})
			got, err := c.Login(t.Context(), "a@example.com", "correct horse")
			if n.Load() != 1 {
				t.Errorf("asked %d times", n.Load())
			}
			if tt.kind != "" {
				if e := failure(t, err, tt.kind); strings.Contains(e.Error(), "sekret") {
					t.Errorf("%v quotes an answer to a login", e)
				}
				_, err = c.Domain(t.Context(), "d-1")
				failure(t, err, KindUnauthorized)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if !cmp.Equal(tt.want, got) {
				t.Errorf("tokens differ: got end %v, want %v", got.ExpiresAt, tt.want.ExpiresAt)
			}
			if _, err := c.Domain(t.Context(), "d-1"); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestTokensAreNotPrinted(t *testing.T) {
	t.Parallel()
	tk := Tokens{Access: "sekret-a", Refresh: "sekret-r"}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		if s := fmt.Sprintf(verb, tk); strings.Contains(s, "sekret") {
			t.Errorf("%s shows %s", verb, s)
		}
	}
}

func TestClientClaims(t *testing.T) {
	t.Parallel()
	c := client(t, exampleURL, func(cfg *Config) { cfg.Token = jwtOf(t, map[string]any{"tenantId": "t-1"}) })
	if got, err := c.Claims(); err != nil || got.TenantID != "t-1" {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestSharedSession: clients of several processes take turns at refreshing one session, and adopt what another one
// got meanwhile.
func TestSharedSession(t *testing.T) {
	t.Parallel()
	a := &authServer{}
	var lock sync.Mutex
	kept := Tokens{Access: "access-stale", Refresh: "refresh-0"}
	sharing := func(cfg *Config) {
		cfg.BeforeRefresh = func(_ context.Context, old Tokens) (Tokens, func(), error) {
			if old.Access != "access-stale" {
				t.Errorf("%q is stale", old.Access)
			}
			lock.Lock()
			return kept, lock.Unlock, nil
		}
		// the lock is held
		cfg.OnTokens = func(access, refresh string) { kept = Tokens{Access: access, Refresh: refresh} }
	}
	url := serve(t, a.ServeHTTP).URL
	var wg sync.WaitGroup
	for range 10 {
		c := client(t, url, stale, sharing)
		wg.Go(func() {
			if _, err := c.Domain(context.Background(), "d-1"); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if a.refreshes != 1 {
		t.Errorf("%d refreshes, want 1", a.refreshes)
	}
}

// TestSharedSessionLocked: who cannot get the session for itself does not refresh it.
func TestSharedSessionLocked(t *testing.T) {
	t.Parallel()
	a := &authServer{}
	c := asking(t, a.ServeHTTP, stale, func(cfg *Config) {
		cfg.BeforeRefresh = func(context.Context, Tokens) (Tokens, func(), error) {
			return Tokens{}, nil, errors.New("held by another")
		}
	})
	if _, err := c.Domain(t.Context(), "d-1"); err == nil || !strings.Contains(err.Error(), "held by another") {
		t.Errorf("error %v", err)
	}
	if a.refreshes != 0 {
		t.Errorf("%d refreshes, want none", a.refreshes)
	}
}
