package api

import (
	"context"
	"maps"
	"net/http"
	"slices"
)

// Request is what a call would send, for users to confirm. Secrets and values that differ for each call are described
// in parentheses.
type Request struct {
	Method string
	URL    string
	Header []string // "Name: value", by name
	Body   string
}

// Preview returns what [Client.Verify] or [Client.IssueCertificate], by op, would send for a domain, without sending
// it. It returns an error for another operation or an invalid id.
func (c *Client) Preview(op Operation, id string) (Request, error) {
	spec, ok := operationOf(op)
	if !ok || !writes(op) {
		return Request{}, &Error{Kind: KindMalformed, Operation: op, Message: "only write operations have a preview"}
	}
	u, err := c.target(op, id, nil)
	if err != nil {
		return Request{}, err
	}
	q := asked{
		op: op, spec: spec, url: u, body: []byte("{}"),
		idempotency: "(a new one, the same if it has to be sent again)",
	}
	req, err := c.request(context.Background(), q, "(the token)", "(a new one for each attempt)")
	if err != nil {
		return Request{}, err
	}
	out := Request{Method: req.Method, URL: req.URL.String(), Body: string(q.body)}
	for _, name := range slices.Sorted(maps.Keys(req.Header)) {
		for _, value := range req.Header[name] {
			out.Header = append(out.Header, http.CanonicalHeaderKey(name)+": "+value)
		}
	}
	return out, nil
}

// writes are the operations that change state at the service.
func writes(op Operation) bool { return op == OpVerify || op == OpIssueCertificate }
