package api

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Certificate is the service's view of a domain's certificate.
type Certificate struct {
	ID                string
	Status            string // "PENDING_VALIDATION", "ISSUED", …: passed through
	Names             []string
	RequestedAt       time.Time // zero if absent or unreadable, as all times here
	IssuedAt          time.Time
	ExpiresAt         time.Time
	FailureReason     string
	ValidationRecords []Record // records that the certificate authority requires
	Raw               json.RawMessage
	Problems          []string // fields that could not be read
}

// codeNoCertificate is the code for a domain without a certificate.
const codeNoCertificate = "DOMAIN_012"

// Certificate returns a domain's certificate. found is false, without an error, if the service answers that there is
// none (404 with DOMAIN_012, or null).
func (c *Client) Certificate(ctx context.Context, id string) (cert Certificate, found bool, err error) {
	ans, err := c.do(ctx, call{op: OpCertificate, id: id})
	if e, ok := errors.AsType[*Error](err); ok && e.Kind == KindNotFound && e.Code == codeNoCertificate {
		return Certificate{}, false, nil
	}
	if err != nil {
		return Certificate{}, false, err
	}
	if items, _, problem := listBody(ans, []string{"certificates"}); problem == "" {
		cert, found = newest(items)
		return cert, found, nil
	}
	raw, null, problem := objectBody(ans)
	if problem != "" {
		return Certificate{}, false, ans.malformed(problem)
	}
	if null {
		return Certificate{}, false, nil
	}
	cert = decodeCertificate(raw)
	if !cert.says() {
		return Certificate{}, false, ans.malformed("the response is not a certificate: " + ans.excerpt())
	}
	return cert, true, nil
}

// IssueCertificate asks the service to request a certificate. It changes the domain's state at the service, so
// callers must confirm it with the user first.
func (c *Client) IssueCertificate(ctx context.Context, id string) (Outcome, error) {
	out, raw, err := c.act(ctx, OpIssueCertificate, id)
	if err != nil {
		return Outcome{}, err
	}
	if cert := decodeCertificate(raw); raw != nil && cert.says() {
		out.Certificate = &cert
	}
	return out, nil
}

// says reports whether the object has any field of a certificate.
func (c Certificate) says() bool {
	return c.ID != "" || c.Status != "" || len(c.Names) > 0 || len(c.ValidationRecords) > 0 || c.FailureReason != "" ||
		!c.RequestedAt.IsZero() || !c.IssuedAt.IsZero()
}

// newest returns the certificate that was requested last, because some services also list the old ones.
func newest(items []json.RawMessage) (Certificate, bool) {
	var certs []Certificate
	for _, raw := range items {
		certs = append(certs, decodeCertificate(raw))
	}
	if len(certs) == 0 {
		return Certificate{}, false
	}
	at := func(c Certificate) time.Time {
		if c.RequestedAt.IsZero() {
			return c.IssuedAt
		}
		return c.RequestedAt
	}
	last := slices.MaxFunc(certs, func(a, b Certificate) int {
		return cmp.Or(at(a).Compare(at(b)), a.IssuedAt.Compare(b.IssuedAt))
	})
	if len(certs) > 1 {
		last.Problems = append(last.Problems, fmt.Sprintf("the newest of %d certificates", len(certs)))
	}
	return last, true
}

func decodeCertificate(raw json.RawMessage) Certificate {
	c := Certificate{Raw: raw}
	var p problems
	o, ok := knownObject(raw, "", &p)
	if !ok {
		p.add("certificate", "an object", raw)
		c.Problems = p.list
		return c
	}
	c.ID = o.text("id", "certificateId", "arn", "certificateArn")
	c.Status = o.text("status")
	c.Names = o.texts("names", "domains", "subjectAlternativeNames")
	c.RequestedAt = o.time("requestedAt", "createdAt")
	c.IssuedAt = o.time("issuedAt")
	c.ExpiresAt = o.time("expiresAt", "notAfter")
	c.FailureReason = o.text("failureReason")
	for _, el := range o.elements("validationRecords") {
		r := decodeRecord(el)
		for _, problem := range r.Problems {
			if len(p.list) < maxProblems {
				p.list = append(p.list, "validationRecords."+problem)
			}
		}
		c.ValidationRecords = append(c.ValidationRecords, r)
	}
	c.Problems = p.list
	return c
}
