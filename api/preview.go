package api

import (
	"context"
	"maps"
	"net/http"
	"slices"
)

// Request is what a call would send, for somebody who has to agree to it first. What is secret, or made anew for each
// call, is named in parentheses.
type Request struct {
	Method string
	URL    string
	Header []string // "Name: value", by name
	Body   string
}

// Preview tells what [Client.Verify] or [Client.IssueCertificate], as op says, would send for a domain. It asks
// nobody. Another operation, or an id that cannot be part of a path, is an error.
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

// writes tells the operations that change something at the service.
func writes(op Operation) bool { return op == OpVerify || op == OpIssueCertificate }
