package api

import (
	"context"
	"encoding/json"
	"iter"
	"strings"
	"time"
)

// Domain is one domain at the service. All values are verbatim: a stray space is a finding, and the frontends
// sanitize what they print.
type Domain struct {
	ID          string
	Name        string
	Status      string // PENDING, VERIFIED, or any other value
	TenantID    string
	Registrar   string
	CreatedAt   time.Time // zero if absent or unreadable, as all times here
	UpdatedAt   time.Time
	ExpiresAt   time.Time
	AutoRenew   *bool // nil if not stated
	Nameservers []string
	// the records by which the tenant proves the domain: usually one; none if the service states none
	Verifications []Verification
	CDN           *CDN
	LastError     *LastError
	Raw           json.RawMessage // the whole object, including unknown fields
	Problems      []string        // fields that could not be read
}

// Verification is one record that proves the domain, and the state of its verification.
type Verification struct {
	Method        string // "TXT", "CNAME"
	Name          string
	Value         string
	Status        string
	ExpiresAt     time.Time
	LastCheckedAt time.Time
}

// CDN is the CDN target of the domain.
type CDN struct {
	Target string
	Status string
	Reason string // why it failed; the API does not document the field
}

// LastError is the last error that the service recorded for a domain.
type LastError struct {
	Code      string
	Message   string
	Timestamp time.Time
	Path      string
	RequestID string
}

// Domains yields the tenant's domains as the pages arrive. An error ends the sequence, which is then incomplete. A
// domain that could not be read at all has only Raw and Problems.
func (c *Client) Domains(ctx context.Context) iter.Seq2[Domain, error] {
	return all(ctx, c, domainListing)
}

var domainListing = listing[Domain]{
	op: OpDomains, paged: true, keys: []string{"domains"}, decode: decodeDomain,
	key: func(d Domain) string { return firstOf(d.ID, d.Name) },
}

// DomainList is the list of [Client.Domains], read page by page. It is not safe for concurrent use.
type DomainList struct{ pages *pages[Domain] }

// DomainList starts to read the tenant's domains.
func (c *Client) DomainList() *DomainList { return &DomainList{newPages(c, domainListing)} }

// Next returns the domains of the next page, and whether there are more pages. An error ends the list, unless the end
// of ctx is its cause.
func (l *DomainList) Next(ctx context.Context) (list []Domain, more bool, err error) {
	return l.pages.next(ctx)
}

// DomainsTotal returns how many domains the tenant has, as the last page of [Client.Domains] said; 0 if none did.
func (c *Client) DomainsTotal() int { return int(c.total.Load()) }

// Domain returns one domain. A domain of another tenant is [KindNotFound], like one that does not exist.
func (c *Client) Domain(ctx context.Context, id string) (Domain, error) {
	ans, err := c.do(ctx, call{op: OpDomain, id: id})
	if err != nil {
		return Domain{}, err
	}
	raw, null, problem := objectBody(ans)
	if problem != "" {
		return Domain{}, ans.malformed(problem)
	}
	d := decodeDomain(raw)
	if null || d.ID == "" && d.Name == "" {
		return Domain{}, ans.malformed("the response is not a domain: " + ans.excerpt())
	}
	return d, nil
}

func decodeDomain(raw json.RawMessage) Domain {
	d := Domain{Raw: raw}
	var p problems
	o, ok := knownObject(raw, "", &p)
	if !ok {
		p.add("domain", "an object", raw)
		d.Problems = p.list
		return d
	}
	d.ID = o.text("id", "domainId")
	d.Name = o.text("domain", "domainName", "name")
	d.Status = o.text("status")
	d.TenantID = o.text("tenantId")
	d.Registrar = o.text("registrar")
	d.CreatedAt = o.time("createdAt")
	d.UpdatedAt = o.time("updatedAt")
	d.ExpiresAt = o.time("expiresAt")
	d.AutoRenew = o.bool("autoRenew")
	d.Nameservers = o.texts("nameservers")
	for _, key := range []string{"verification", "verifications", "verificationRecords"} {
		for _, el := range o.elements(key) {
			if v, ok := knownObject(el, key, &p); ok {
				d.Verifications = append(d.Verifications, decodeVerification(v))
			} else {
				p.add(key, "an object", el)
			}
		}
	}
	d.CDN = decodeCDN(o, &p)
	d.LastError = decodeLastError(o, &p)
	d.Problems = p.list
	return d
}

func decodeVerification(o object) Verification {
	return Verification{
		Method: o.text("method", "type", "recordType"), Name: o.text("name", "host", "recordName"),
		Value:  o.text("value", "token", "recordValue"),
		Status: o.text("status"), ExpiresAt: o.time("expiresAt"), LastCheckedAt: o.time("lastCheckedAt"),
	}
}

func decodeCDN(o object, p *problems) *CDN {
	if inner, ok := o.object("cdn"); ok {
		return &CDN{
			Target: inner.text("target", "domainName", "domain"), Status: inner.text("status"),
			Reason: inner.text("statusReason", "failureReason", "reason", "statusMessage", "message", "error"),
		}
	}
	if raw := o.get("cdn"); raw != nil {
		if s, ok := stringOf(raw); ok {
			return &CDN{Target: s}
		}
		p.add("cdn", "an object", raw)
	}
	return nil
}

func decodeLastError(o object, p *problems) *LastError {
	if inner, ok := o.object("lastError"); ok {
		e := &LastError{
			Code: inner.text("errorCode", "code"), Message: strings.Join(inner.texts("message"), "; "),
			Timestamp: inner.time("timestamp", "occurredAt", "at"),
			Path:      inner.text("path"), RequestID: inner.text("requestId", "traceId"),
		}
		status := 0
		if n := inner.int("statusCode"); n != nil {
			status = *n
		}
		e.Code = canonical(e.Code, status)
		return e
	}
	if raw := o.get("lastError"); raw != nil {
		s, ok := stringOf(raw)
		if !ok {
			p.add("lastError", "an object", raw)
			return nil
		}
		if code := canonical(strings.TrimSpace(s), 0); isServiceCode(code) {
			return &LastError{Code: code}
		}
		if s != "" {
			return &LastError{Message: s}
		}
	}
	return nil
}

func firstOf(list ...string) string {
	for _, s := range list {
		if s != "" {
			return s
		}
	}
	return ""
}

// Outcome is the response to a write. It means that the request was accepted, not that it is complete: read the
// domain again to know.
type Outcome struct {
	HTTPStatus  int
	RequestID   string
	Domain      *Domain         // set if the response to Verify is the domain
	Certificate *Certificate    // set if the response to IssueCertificate is the certificate
	Raw         json.RawMessage // the body, if it was JSON
}

// Verify asks the service to check the domain's verification record now. It changes the domain's state at the
// service, so callers must confirm it with the user first.
func (c *Client) Verify(ctx context.Context, id string) (Outcome, error) {
	out, raw, err := c.act(ctx, OpVerify, id)
	if err != nil {
		return Outcome{}, err
	}
	if d := decodeDomain(raw); raw != nil && (d.ID != "" || d.Name != "") {
		out.Domain = &d
	}
	return out, nil
}

// act makes a write. The body of a success is optional and not checked.
func (c *Client) act(ctx context.Context, op Operation, id string) (Outcome, json.RawMessage, error) {
	ans, err := c.do(ctx, call{op: op, id: id, body: struct{}{}})
	if err != nil {
		return Outcome{}, nil, err
	}
	out := Outcome{HTTPStatus: ans.status, RequestID: ans.requestID}
	if body, problem := jsonBody(ans); problem == "" {
		out.Raw = body
	}
	raw, null, problem := objectBody(ans)
	if problem != "" || null {
		return out, nil, nil
	}
	return out, raw, nil
}
