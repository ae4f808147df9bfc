package api

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestQuota(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		status int
		body   string
		want   Quota
		kind   Kind
	}{
		"bare": {
			200, `{"used":9,"limit":10,"tier":"free"}`,
			Quota{Used: ptr(9), Limit: ptr(10), Tier: "free"},
			"",
		},
		"data, texts": {
			200, `{"data":{"used":"9","limit":"10","plan_tier":"pro"}}`,
			Quota{Used: ptr(9), Limit: ptr(10), Tier: "pro"},
			"",
		},
		"nothing used":  {200, `{"used":0,"limit":10}`, Quota{Used: ptr(0), Limit: ptr(10)}, ""},
		"no limit said": {200, `{"used":9,"limit":null}`, Quota{Used: ptr(9)}, ""},
		"an odd limit": {
			200, `{"used":9,"limit":"unlimited"}`,
			Quota{Used: ptr(9), Problems: []string{`limit: wanted a whole number, got "unlimited"`}},
			"",
		},
		"null":                {200, `{"data":null}`, Quota{}, ""},
		"no such path":        {404, `{"message":"Not Found"}`, Quota{}, ""},
		"no such path, html":  {404, `<html>`, Quota{}, ""},
		"taken for an id":     {404, `{"errorCode":"DOMAIN_001","message":"m"}`, Quota{}, KindNotFound},
		"forbidden":           {403, `{"message":"Forbidden"}`, Quota{}, KindForbidden},
		"quota says quota":    {403, `{"errorCode":"DOMAIN_006","message":"m"}`, Quota{}, KindService},
		"a web page":          {200, `<html>`, Quota{}, KindMalformed},
		"method not expected": {405, ``, Quota{}, KindWrongEndpoint},
	} {
		got, err := asking(t, answers(tt.status, tt.body)).Quota(t.Context())
		if KindOf(err) != tt.kind || tt.kind == "" && err != nil {
			t.Errorf("%s: error = %v, want kind %q", name, err, tt.kind)
		}
		if diff := cmp.Diff(tt.want, got, cmpopts.IgnoreFields(Quota{}, "Raw")); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestWallet(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		body string
		want Wallet
		rat  string // empty: no amount
	}{
		"text": {
			`{"balance":"12.50","currency":"USD","status":"ACTIVE"}`,
			Wallet{Balance: "12.50", Currency: "USD", Status: "ACTIVE"},
			"25/2",
		},
		"number": {
			`{"data":{"balance":12.50,"currency":"USD"}}`,
			Wallet{Balance: "12.50", Currency: "USD"},
			"25/2",
		},
		"no float could": {
			`{"balance":0.1234567890123456789}`,
			Wallet{Balance: "0.1234567890123456789"},
			"1234567890123456789/10000000000000000000",
		},
		"whole":        {`{"balance":1250}`, Wallet{Balance: "1250"}, "1250/1"},
		"nothing left": {`{"balance":0,"status":"ACTIVE"}`, Wallet{Balance: "0", Status: "ACTIVE"}, "0/1"},
		"in debt":      {`{"balance":"-0.01"}`, Wallet{Balance: "-0.01"}, "-1/100"},
		"exponent":     {`{"balance":1.25e1}`, Wallet{Balance: "1.25e1"}, "25/2"},
		"amount inside": {
			`{"balance":{"amount":"3","currency":"EUR"}}`,
			Wallet{Balance: "3", Currency: "EUR"},
			"3/1",
		},
		"with a sign": {
			`{"balance":"$3","currency":"USD"}`,
			Wallet{Currency: "USD", Problems: []string{`balance: wanted a decimal number, got "$3"`}},
			"",
		},
		"an exponent bomb": {
			`{"balance":1e999999999,"currency":"USD"}`,
			Wallet{Currency: "USD", Problems: []string{`balance: wanted a decimal number, got "1e999999999"`}},
			"",
		},
		"digits without end": {
			`{"balance":"` + strings.Repeat("9", 40) + `","status":"ACTIVE"}`,
			Wallet{Status: "ACTIVE", Problems: []string{`balance: wanted a decimal number, got "` + strings.Repeat("9",
				40) + `"`}},
			"",
		},
		"fraction": {
			`{"balance":"1/2","currency":"USD"}`,
			Wallet{Currency: "USD", Problems: []string{`balance: wanted a decimal number, got "1/2"`}},
			"",
		},
	} {
		got, err := asking(t, answers(200, tt.body)).Wallet(t.Context())
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(tt.want, got, cmpopts.IgnoreFields(Wallet{}, "Raw")); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		rat := ""
		if a, ok := got.Amount(); ok {
			rat = a.String()
		}
		if rat != tt.rat {
			t.Errorf("%s: amount %q, want %q", name, rat, tt.rat)
		}
	}
	for _, body := range []string{`{}`, `{"data":null}`, `[]`, `7`, ``, `{"cents":1250}`} {
		_, err := asking(t, answers(200, body)).Wallet(t.Context())
		failure(t, err, KindMalformed)
	}
}

func TestHealth(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		status int
		body   string
		want   Health
		fails  bool // the answer was a failure
		kind   Kind
	}{
		"ok":           {200, `{"status":"ok"}`, Health{State: HealthUp, Status: "ok"}, false, ""},
		"under data":   {200, `{"data":{"status":"UP"}}`, Health{State: HealthUp, Status: "UP"}, false, ""},
		"plain":        {200, "OK\n", Health{State: HealthUp, Status: "ok"}, false, ""},
		"healthy":      {200, `{"healthy":true}`, Health{State: HealthUp}, false, ""},
		"not healthy":  {200, `{"healthy":false}`, Health{State: HealthDown}, false, ""},
		"degraded":     {200, `{"status":"degraded"}`, Health{State: HealthDegraded, Status: "degraded"}, false, ""},
		"a new word":   {200, `{"status":"sunny"}`, Health{Status: "sunny"}, false, ""},
		"nothing":      {200, `{}`, Health{}, false, ""},
		"null":         {200, `null`, Health{}, false, ""},
		"no such path": {404, `{"message":"Not Found"}`, Health{}, false, ""},
		"taken for an id": {
			404, `{"errorCode":"DOMAIN_001","message":"m"}`, Health{}, false, "",
		},
		"terminus": {
			200, `{"status":"ok","info":{"db":{"status":"up"}},"error":{},"details":{"db":{"status":"up"},
"acm":{"status":"down"}}}`,
			Health{State: HealthUp, Status: "ok", Components: []Component{
				{"acm", HealthDown, "down"},
				{"db", HealthUp, "up"},
			}},
			false, "",
		},
		"integrations": {
			200, `{"status":"ok","integrations":[{"name":"registrar","status":"failing"},{"status":"up"},7]}`,
			Health{State: HealthUp, Status: "ok", Components: []Component{{"registrar", HealthDown, "failing"}}},
			false, "",
		},
		"words": {
			200, `{"status":"ok","checks":{"dns":"up","at":7}}`,
			Health{State: HealthUp, Status: "ok", Components: []Component{{"dns", HealthUp, "up"}}},
			false, "",
		},
		"terminus, down": {
			503, `{"status":"error","info":{},"error":{"cdn":{"status":"down","message":"m"}},
"details":{"cdn":{"status":"down"}}}`,
			Health{State: HealthDown, Status: "error", Components: []Component{{"cdn", HealthDown, "down"}}},
			true, "",
		},
		"down, a web page": {502, `<html>`, Health{State: HealthDown}, true, ""},
		"down, a code":     {503, `{"errorCode":"DOMAIN_020","message":"m"}`, Health{State: HealthDown}, true, ""},
		"rate limit":       {429, ``, Health{}, false, KindRateLimited},
		"not understood":   {200, `<html>`, Health{}, false, KindMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := asking(t, answers(tt.status, tt.body)).Health(t.Context())
			if KindOf(err) != tt.kind || tt.kind == "" && err != nil {
				t.Fatalf("error = %v, want kind %q", err, tt.kind)
			}
			if tt.fails != (got.Failure != nil) || tt.fails && got.Failure.HTTPStatus != tt.status {
				t.Errorf("failure = %v", got.Failure)
			}
			if diff := cmp.Diff(tt.want, got, cmpopts.IgnoreFields(Health{}, "Raw", "Failure")); diff != "" {
				t.Error(diff)
			}
		})
	}
	l := serve(t, answers(200, ``))
	l.Close()
	_, err := client(t, l.URL).Health(t.Context())
	failure(t, err, KindUnavailable)
}

func TestDomainHealth(t *testing.T) {
	t.Parallel()
	got, err := asking(t,
		answers(500, `{"statusCode":500,"message":"Domain health check failed","errorCode":"DOMAIN_019"}`)).DomainHealth(
		t.Context(), "d-1")
	if err != nil || got.State != HealthDown || got.Failure == nil || got.Failure.Code != "DOMAIN_019" {
		t.Errorf("%+v, %v", got, err)
	}
	got, err = asking(t, answers(404, `{"message":"Not Found"}`)).DomainHealth(t.Context(), "d-1")
	if err != nil || got.State != HealthUnknown {
		t.Errorf("no such path: %+v, %v", got, err)
	}
	_, err = asking(t, answers(404, `{"errorCode":"DOMAIN_001","message":"m"}`)).DomainHealth(t.Context(), "d-1")
	failure(t, err, KindNotFound)
	_, err = asking(t, answers(500, `{"message":"Internal server error"}`)).DomainHealth(t.Context(), "d-1")
	failure(t, err, KindUnavailable) // the service's fault says nothing about the domain
	c := asking(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/domains/v1/d-1/health" || r.Header.Get("Authorization") == "" {
			t.Errorf("asked %s with %q", r.URL.Path, r.Header.Get("Authorization"))
		}
		answers(200, `{"status":"healthy"}`)(w, r)
	})
	if got, err := c.DomainHealth(t.Context(), "d-1"); err != nil || got.State != HealthUp {
		t.Errorf("%+v, %v", got, err)
	}
}
