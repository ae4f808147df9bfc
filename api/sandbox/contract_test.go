package sandbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"
)

// contract is the OpenAPI document with the sandbox as its server.
type contract struct {
	doc    *openapi3.T
	router routers.Router
}

func newContract(t testing.TB, b *Sandbox) *contract {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromFile("../openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	doc.Servers = openapi3.Servers{{URL: b.URL()}}
	router, err := legacy.NewRouter(doc)
	if err != nil {
		t.Fatal(err)
	}
	return &contract{doc, router}
}

// check validates a response: its body, and for a success its status.
func (c *contract) check(t testing.TB, b *Sandbox, method, path string, a answered) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, b.URL()+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	route, params, err := c.router.FindRoute(req)
	if err != nil {
		t.Errorf("%s %s is not in the document: %v", method, path, err)
		return
	}
	if a.status < 300 && route.Operation.Responses.Value(strconv.Itoa(a.status)) == nil {
		t.Errorf("%s %s: HTTP %d is not in the document", method, path, a.status)
	}
	err = openapi3filter.ValidateResponse(t.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{
			Request: req, PathParams: params, Route: route,
			Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc},
		},
		Status: a.status, Header: a.header, Body: io.NopCloser(bytes.NewReader(a.raw)),
		Options: &openapi3filter.Options{IncludeResponseStatus: true, MultiError: true},
	})
	if err != nil {
		t.Errorf("%s %s: %.600v\n%.600s", method, path, err, a.raw)
	}
	// The document's default matches almost anything; an error with a code must have the printed form.
	if _, coded := a.body["errorCode"]; coded && a.status >= 400 {
		printed := c.doc.Components.Schemas["Error"].Value
		if err := printed.VisitJSON(map[string]any(a.body), openapi3.MultiErrors()); err != nil {
			t.Errorf("%s %s: %v", method, path, err)
		}
	} else if a.status >= 400 {
		if err := c.doc.Components.Schemas["FrameworkError"].Value.VisitJSON(map[string]any(a.body),
			openapi3.MultiErrors()); err != nil || a.body["statusCode"] == nil {
			t.Errorf("%s %s: %v in %s", method, path, err, a.raw)
		}
	}
}

// TestNameserversAreAList: a domain without name servers has an empty list of them.
func TestNameserversAreAList(t *testing.T) {
	t.Parallel()
	b := start(t, Options{Only: []string{"delegation-missing"}})
	newContract(t, b).check(t, b, "GET", "/domains/v1/d-delegation-missing",
		call(t, b, "GET", "/domains/v1/d-delegation-missing", b.Token(), nil))
}

// TestContract: every response about every domain conforms to the document.
func TestContract(t *testing.T) {
	t.Parallel()
	b := start(t, Options{})
	c := newContract(t, b)
	get := func(t *testing.T, path string) answered {
		a := call(t, b, "GET", path, b.Token(), nil)
		c.check(t, b, "GET", path, a)
		return a
	}
	t.Run("the tenant", func(t *testing.T) {
		t.Parallel()
		for _, path := range []string{
			"/domains/v1/health", "/domains/v1/quota", "/wallet/v1/balance",
			"/domains/v1/transfers", "/domains/v1/transfers/t-99",
		} {
			get(t, path)
		}
		for _, tr := range b.api.allTransfers() {
			get(t, fmt.Sprintf("/domains/v1/transfers/%v", tr["id"]))
		}
		for page := 1; ; page++ {
			a := get(t, fmt.Sprintf("/domains/v1/domains?page=%d&limit=50", page))
			if meta, _ := a.body["meta"].(map[string]any); meta["hasNext"] != true {
				break
			}
		}
		a := call(t, b, "GET", "/domains/v1/domains", "", nil)
		c.check(t, b, "GET", "/domains/v1/domains", a)
	})
	for _, s := range b.Stories() {
		in, err := b.instance(s, 0)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			for _, part := range []string{"", "/dns", "/ssl", "/routes", "/health"} {
				path := "/domains/v1/" + in.id + part
				a := call(t, b, "GET", path, b.Token(), nil)
				if overridden(in, path) {
					continue // a raw answer that the story makes up on purpose
				}
				c.check(t, b, "GET", path, a)
			}
		})
	}
}

func overridden(in *instance, path string) bool {
	for _, o := range in.overrides {
		if o.path == path {
			return true
		}
	}
	return false
}

// TestContractRefusals: errors with a code conform to the document, also for writes.
func TestContractRefusals(t *testing.T) {
	t.Parallel()
	b := start(t, Options{})
	c := newContract(t, b)
	for _, tt := range []struct {
		method, path string
		body         any
	}{
		{"POST", "/domains/v1/domains", map[string]any{"domain": "brand-new.example"}},
		{"POST", "/domains/v1/registrations", map[string]any{"domain": "brand-new.example"}},
		{"POST", "/domains/v1/transfers", map[string]any{"domain": "brand-new.example"}},
		{"GET", "/domains/v1/d-nobody", nil},
		{"PATCH", "/domains/v1/d-nobody", map[string]any{}},
		{"GET", "/domains/v1/d-nobody/dns", nil},
		{"POST", "/domains/v1/d-nobody/dns", map[string]any{}},
		{"DELETE", "/domains/v1/d-healthy-txt/dns/r-99", nil},
		{"POST", "/domains/v1/d-nobody/ssl", map[string]any{}},
		{"POST", "/domains/v1/d-nobody/verify", map[string]any{}},
		{"POST", "/domains/v1/d-nobody/routes", map[string]any{}},
		{"POST", "/auth/v1/login", map[string]any{}},
		{"POST", "/auth/v1/refresh", map[string]any{}},
	} {
		a := call(t, b, tt.method, tt.path, b.Token(), tt.body)
		if a.status < 400 {
			t.Errorf("%s %s: HTTP %d", tt.method, tt.path, a.status)
		}
		c.check(t, b, tt.method, tt.path, a)
	}
}

// TestContractWrites: successful writes conform to the document.
func TestContractWrites(t *testing.T) {
	t.Parallel()
	b := start(t, Options{Quota: -1, Balance: "100"})
	c := newContract(t, b)
	in := storyWhere(t, b, func(in *instance) bool { return in.story.Name == "healthy-txt" })
	for _, tt := range []struct {
		method, path string
		body         any
	}{
		{"POST", "/domains/v1/domains", map[string]any{"domain": "brand-new.example"}},
		{"POST", "/domains/v1/registrations", map[string]any{"domain": "brand-new.example", "registrar": "manual"}},
		{"PATCH", "/domains/v1/" + in.id, map[string]any{"autoRenew": true}},
		{"POST", "/domains/v1/" + in.id + "/dns", map[string]any{
			"type": "A", "name": "x", "value": "192.0.2.1",
			"ttl": 300,
		}},
		{"DELETE", "/domains/v1/" + in.id + "/dns/r-1", nil},
		{"POST", "/domains/v1/" + in.id + "/ssl", map[string]any{}},
		{"POST", "/domains/v1/" + in.id + "/verify", map[string]any{}},
		{"POST", "/domains/v1/" + in.id + "/cdn", map[string]any{}},
		{"DELETE", "/domains/v1/" + in.id + "/routes/rt-1", nil},
		{"GET", "/domains/v1/" + in.id + "/dns/r-1", nil},
		{"GET", "/domains/v1/" + in.id + "/routes/rt-1", nil},
		{"POST", "/domains/v1/" + in.id + "/routes", map[string]any{
			"host": in.domain, "path": "/new",
			"target": "event:1",
		}},
		{"POST", "/auth/v1/login", map[string]any{"email": Email, "password": Password}},
	} {
		a := call(t, b, tt.method, tt.path, b.Token(), tt.body)
		if a.status >= 300 {
			t.Errorf("%s %s: HTTP %d: %s", tt.method, tt.path, a.status, a.raw)
			continue
		}
		c.check(t, b, tt.method, tt.path, a)
	}
}

// TestContractIsWhole: every operation of the sandbox is in the document.
func TestContractIsWhole(t *testing.T) {
	t.Parallel()
	b := start(t, Options{Only: []string{"healthy-txt"}})
	c := newContract(t, b)
	for _, op := range []string{
		"POST /domains/v1/d-x/cdn", "GET /domains/v1/d-x/routes/rt-1",
		"DELETE /domains/v1/d-x/routes/rt-1", "GET /domains/v1/d-x/dns/r-1",
	} {
		method, path, _ := strings.Cut(op, " ")
		c.check(t, b, method, path, call(t, b, method, path, b.Token(), nil))
	}
}

// TestStoriesAreJSON: fields of stories are JSON; raw responses may be anything.
func TestStoriesAreJSON(t *testing.T) {
	t.Parallel()
	b := start(t, Options{})
	for _, s := range b.Stories() {
		in, err := b.instance(s, 0)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := json.Marshal(b.api.domainObject(in))
		if err != nil || strings.Contains(string(raw), "{target}") || strings.Contains(string(raw), "{domain}") {
			t.Errorf("%s: %v: %s", s.Name, err, raw)
		}
	}
}
