package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"domdoc/catalog/lazyregexp"
	"domdoc/catalog/order"
)

// Quota is the number of domains that the tenant has and may have. Both are nil if the service does not state them:
// unknown, not none.
type Quota struct {
	Used     *int
	Limit    *int
	Tier     string
	Raw      json.RawMessage
	Problems []string
}

// Quota returns the tenant's quota. If the service does not have this path (404 without a code), the quota is
// unknown, without an error.
func (c *Client) Quota(ctx context.Context) (Quota, error) {
	ans, err := c.do(ctx, call{op: OpQuota})
	if absent(err) {
		return Quota{}, nil
	}
	if err != nil {
		return Quota{}, err
	}
	raw, null, problem := objectBody(ans)
	if problem != "" {
		return Quota{}, ans.malformed(problem)
	}
	if null {
		return Quota{}, nil
	}
	return decodeQuota(raw), nil
}

func decodeQuota(raw json.RawMessage) Quota {
	var p problems
	o, ok := knownObject(raw, "", &p)
	if !ok {
		p.add("quota", "an object", raw)
	}
	q := Quota{Used: o.int("used"), Limit: o.int("limit"), Tier: o.text("tier", "planTier"), Raw: raw}
	q.Problems = p.list
	return q
}

// absent reports whether the path does not exist at the service, as opposed to an object.
func absent(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Kind == KindWrongEndpoint && e.HTTPStatus == 404
}

// Wallet is the tenant's balance. It is kept as decimal digits: a float would round it, and the currency's unit is
// unknown.
type Wallet struct {
	Balance  string // "12.50", exactly as sent; "" if unreadable
	Currency string
	Status   string
	Raw      json.RawMessage
	Problems []string
}

// Amount returns the balance as an exact number. ok is false if there is none.
func (w Wallet) Amount() (amount *big.Rat, ok bool) {
	if !decimal.MatchString(w.Balance) {
		return nil, false
	}
	return new(big.Rat).SetString(w.Balance)
}

// decimal limits the digits and the exponent: 1e999999999 is nine bytes, but a gigabyte as a big.Rat.
var decimal = lazyregexp.New(`^[+-]?[0-9]{1,30}(\.[0-9]{1,30})?([eE][+-]?[0-9]{1,2})?$`)

// Wallet returns the tenant's balance.
func (c *Client) Wallet(ctx context.Context) (Wallet, error) {
	ans, err := c.do(ctx, call{op: OpWallet})
	if err != nil {
		return Wallet{}, err
	}
	raw, null, problem := objectBody(ans)
	if problem != "" {
		return Wallet{}, ans.malformed(problem)
	}
	w := decodeWallet(raw)
	if null || w.Balance == "" && w.Currency == "" && w.Status == "" {
		return Wallet{}, ans.malformed("the response is not a balance: " + ans.excerpt())
	}
	return w, nil
}

func decodeWallet(raw json.RawMessage) Wallet {
	var p problems
	w := Wallet{Raw: raw}
	o, ok := knownObject(raw, "", &p)
	if !ok {
		p.add("wallet", "an object", raw)
	}
	if inner, ok := o.object("balance"); ok { // {"balance":{"amount":…,"currency":…}}
		w.Balance = decimalOf(inner, &p, "amount", "value")
		w.Currency = inner.text("currency")
	} else {
		w.Balance = decimalOf(o, &p, "balance")
	}
	if s := o.text("currency"); s != "" {
		w.Currency = s
	}
	w.Status = o.text("status")
	w.Problems = p.list
	return w
}

func decimalOf(o object, p *problems, keys ...string) string {
	s := strings.TrimSpace(o.text(keys...))
	if s != "" && !decimal.MatchString(s) {
		p.add(o.where(keys[0]), "a decimal number", json.RawMessage(strconv.Quote(s)))
		return ""
	}
	return s
}

// HealthState is the state of a health report.
type HealthState string

// The states. The zero value is unknown.
const (
	HealthUnknown  HealthState = ""
	HealthUp       HealthState = "up"
	HealthDegraded HealthState = "degraded"
	HealthDown     HealthState = "down"
)

// Health is the service's health report about itself or about one domain.
type Health struct {
	State      HealthState
	Status     string      // as the service states it: "ok", "DEGRADED"
	Components []Component // sorted by name
	Failure    *Error      // the error that it answered with, if it is down
	Raw        json.RawMessage
}

// Component is one part of a health report: an integration, a database, a check.
type Component struct {
	Name   string
	State  HealthState
	Status string // as the service states it
}

// Health requests the service's health, without a token. A service without this path is unknown, one that answers
// with an error is down. Only a call without a response, or with one that cannot be understood, is an error.
func (c *Client) Health(ctx context.Context) (Health, error) {
	return c.health(ctx, call{op: OpHealth})
}

// DomainHealth returns the service's health report about a domain. DOMAIN_019 is such a report, not an error. A
// service without this path is unknown.
func (c *Client) DomainHealth(ctx context.Context, id string) (Health, error) {
	return c.health(ctx, call{op: OpDomainHealth, id: id})
}

const codeUnhealthy = "DOMAIN_019"

func (c *Client) health(ctx context.Context, q call) (Health, error) {
	ans, err := c.do(ctx, q)
	if e, ok := errors.AsType[*Error](err); ok {
		switch {
		case absent(err), q.op == OpHealth && e.HTTPStatus == 404:
			return Health{}, nil
		case e.Code == codeUnhealthy, q.op == OpHealth && e.HTTPStatus >= 500:
			h := Health{State: HealthDown, Failure: e}
			if body := trimBOM(e.body); tooDeep(body) == "" && json.Valid(body) {
				h = decodeHealth(body)
				h.State, h.Failure = HealthDown, e
			}
			return h, nil
		}
		return Health{}, err
	}
	if strings.EqualFold(strings.TrimSpace(string(ans.body[:min(len(ans.body), 16)])), "ok") {
		return Health{State: HealthUp, Status: "ok"}, nil
	}
	raw, null, problem := objectBody(ans)
	if problem != "" {
		return Health{}, ans.malformed(problem)
	}
	if null {
		return Health{}, nil
	}
	return decodeHealth(raw), nil
}

func decodeHealth(raw json.RawMessage) Health {
	h := Health{Raw: raw}
	o, ok := knownObject(raw, "", nil)
	if !ok {
		return h
	}
	h.Status = o.text("status", "state")
	h.State = healthState(h.Status)
	if h.Status == "" {
		if b := o.bool("healthy", "ok"); b != nil {
			h.State = map[bool]HealthState{true: HealthUp, false: HealthDown}[*b]
		}
	}
	seen := map[string]bool{}
	// "details" contains "info" and "error" in services that have all three (NestJS terminus).
	for _, key := range []string{"details", "components", "checks", "integrations", "services", "info", "error"} {
		for _, part := range components(o.get(key)) {
			if part.Name != "" && !seen[part.Name] {
				seen[part.Name] = true
				h.Components = append(h.Components, part)
			}
		}
	}
	order.By(h.Components, func(a, b Component) int { return strings.Compare(a.Name, b.Name) })
	return h
}

// components reads {"name":"up"}, {"name":{"status":"up"}} and [{"name":"…","status":"up"}].
func components(raw json.RawMessage) []Component {
	var out []Component
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) == nil {
		for _, el := range list {
			if o, ok := knownObject(el, "", nil); ok {
				out = append(out, component(o.text("name", "id"), el))
			}
		}
		return out
	}
	var m map[string]json.RawMessage // not readObject: these keys are names, not fields
	if json.Unmarshal(raw, &m) != nil {
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(m)) {
		if v := bytes.TrimSpace(m[name]); len(v) > 0 && (v[0] == '{' || v[0] == '"') {
			out = append(out, component(name, v))
		}
	}
	return out
}

func component(name string, raw json.RawMessage) Component {
	status, ok := stringOf(raw)
	if o, isObject := knownObject(raw, "", nil); !ok && isObject {
		status = o.text("status", "state")
	}
	return Component{Name: name, State: healthState(status), Status: status}
}

// healthState parses the usual states; others are unknown.
func healthState(word string) HealthState {
	switch strings.ToLower(strings.TrimSpace(word)) {
	case "ok", "up", "healthy", "pass", "passing", "operational", "available", "green":
		return HealthUp
	case "error", "down", "unhealthy", "fail", "failed", "failing", "critical", "unavailable", "outage", "red",
		"shutting_down":
		return HealthDown
	case "degraded", "warn", "warning", "partial", "yellow":
		return HealthDegraded
	}
	return HealthUnknown
}
