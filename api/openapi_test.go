package api

import (
	"encoding/json"
	"slices"
	"testing"

	"domdoc/catalog"

	"github.com/getkin/kin-openapi/openapi3"
)

func contract(t *testing.T) *openapi3.T {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromFile("openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestOpenAPI(t *testing.T) {
	t.Parallel()
	doc := contract(t)
	if err := doc.Validate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if doc.OpenAPI != "3.0.3" {
		t.Errorf("version %s", doc.OpenAPI)
	}
	var want, got []string
	for _, c := range catalog.Codes() {
		want = append(want, c.ID)
	}
	for _, v := range doc.Components.Schemas["ErrorCode"].Value.Enum {
		s, _ := v.(string)
		got = append(got, s)
	}
	if !slices.Equal(got, want) {
		t.Errorf("the codes are %v, want %v", got, want)
	}
	printed := map[string]bool{}
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			name := method + " " + path
			switch op.Extensions["x-evidence"] {
			case "printed":
				printed[name] = true
			case "assumed":
			default:
				t.Errorf("%s: x-evidence is %v", name, op.Extensions["x-evidence"])
			}
			if op.OperationID == "" || op.Summary == "" || op.Responses.Default() == nil {
				t.Errorf("%s lacks an id, a summary or the refusal", name)
			}
			codes, _ := op.Extensions["x-codes"].([]any)
			for _, code := range codes {
				if s, _ := code.(string); !slices.Contains(want, s) {
					t.Errorf("%s: there is no code %v", name, code)
				}
			}
		}
	}
	// What the contract table calls printed, and nothing else.
	for _, name := range []string{
		"GET /domains/v1/domains", "GET /domains/v1/{id}", "GET /domains/v1/{id}/dns", "POST /domains/v1/{id}/ssl",
		"GET /domains/v1/{id}/routes", "GET /domains/v1/transfers",
		"POST /domains/v1/registrations", "GET /wallet/v1/balance", "POST /auth/v1/login", "POST /auth/v1/refresh",
	} {
		if !printed[name] {
			t.Errorf("%s is printed in the service's documents", name)
		}
		delete(printed, name)
	}
	if len(printed) > 0 {
		t.Errorf("these are not printed anywhere: %v", printed)
	}
}

// TestOpenAPIAndTheClientAgree: each operation of the client stands in the document under its own name, and what
// stands there beside them is marked as never called.
func TestOpenAPIAndTheClientAgree(t *testing.T) {
	t.Parallel()
	doc := contract(t)
	called := map[string]string{}
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			if op.Extensions["x-domdoc"] == "never called" {
				if _, ok := operationOf(Operation(op.OperationID)); ok {
					t.Errorf("%s is called", op.OperationID)
				}
				continue
			}
			called[op.OperationID] = method + " " + path
		}
	}
	for _, op := range Operations() {
		spec, _ := operationOf(op)
		if got, want := called[string(op)], spec.method+" "+spec.path; got != want {
			t.Errorf("%s: the document has %q, the client asks %q", op, got, want)
		}
		item := doc.Paths.Value(spec.path)
		if item == nil || item.GetOperation(spec.method) == nil {
			continue
		}
		security := item.GetOperation(spec.method).Security
		if open := security != nil && len(*security) == 0; open != spec.open {
			t.Errorf("%s: the document says that no token is needed: %v, the client: %v", op, open, spec.open)
		}
		delete(called, string(op))
	}
	if len(called) > 0 {
		t.Errorf("the client does not know %v", called)
	}
}

// TestSamplesFitTheSchemas: the bodies that the decoders are tested with are the ones that the document describes.
func TestSamplesFitTheSchemas(t *testing.T) {
	t.Parallel()
	doc := contract(t)
	for name, body := range map[string]string{
		"Domain": fullDomain, "Record": fullRecord, "Certificate": fullCertificate, "Route": fullRoute,
		"Transfer": fullTransfer, "Wallet": `{"balance":"12.50","currency":"USD","status":"ACTIVE"}`,
		"Error": `{"statusCode":404,"timestamp":"2026-02-22T10:30:00.000Z","path":"/domains/v1/abc-123","method":"GET",
"message":"Domain not found","errorCode":"DOMAIN_001"}`,
	} {
		var v any
		if err := json.Unmarshal([]byte(body), &v); err != nil {
			t.Fatal(err)
		}
		if err := doc.Components.Schemas[name].Value.VisitJSON(v); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
