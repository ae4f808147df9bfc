package sandbox

import (
	"fmt"
	"math/big"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/miekg/dns"
)

func (s *service) wallet(*http.Request) (any, error) {
	return data(map[string]any{"balance": s.b.opt.Balance, "currency": "USD", "status": "ACTIVE"}), nil
}

func (s *service) limit() int {
	switch {
	case s.b.opt.Quota > 0:
		return s.b.opt.Quota
	case s.b.opt.Quota < 0:
		return 10 * s.b.total
	}
	return s.b.total
}

func (s *service) quota(*http.Request) (any, error) {
	return data(map[string]any{"used": s.b.total, "limit": s.limit(), "tier": "pro"}), nil
}

func (s *service) domains(r *http.Request) (any, error) {
	page, _ := strconv.Atoi(r.URL.Query().Get("page"))
	limit, _ := strconv.Atoi(r.URL.Query().Get("limit"))
	page, limit = max(page, 1), min(max(limit, 1), 100)
	if r.URL.Query().Get("limit") == "" {
		limit = 20
	}
	items := []map[string]any{}
	for n := (page - 1) * limit; n < min(page*limit, s.b.total); n++ {
		in, err := s.b.nthListed(n)
		if err != nil {
			return nil, err
		}
		items = append(items, s.domainObject(in))
	}
	pages := (s.b.total + limit - 1) / limit
	return map[string]any{"data": items, "meta": map[string]any{
		"page": page, "limit": limit, "total": s.b.total,
		"totalPages": pages, "hasNext": page < pages,
	}}, nil
}

func (s *service) domainObject(in *instance) map[string]any {
	reg := in.regs[base(in.domain)]
	o := map[string]any{
		"id": in.id, "domain": in.domain, "status": in.status, "tenantId": tenantID,
		"registrar": "manual", "createdAt": stamp(in.createdAt), "updatedAt": stamp(in.createdAt), "expiresAt": nil,
	}
	if !in.updatedAt.IsZero() {
		o["updatedAt"] = stamp(in.updatedAt)
	}
	if reg != nil && !reg.expires.IsZero() && reg.resolves() {
		o["expiresAt"] = stamp(reg.expires)
		o["nameservers"] = append([]string{}, reg.ns...) // an empty list, not null
	}
	if in.verify != nil {
		o["verification"] = in.verify
	}
	if in.cdn != nil {
		o["cdn"] = in.cdn
	}
	if in.lastError != nil {
		o["lastError"] = in.lastError
	}
	for k, v := range in.fields {
		o[k] = v
	}
	return o
}

// failedWith reports whether the domain's last operation failed with a code; the next one fails with the same.
func failedWith(in *instance, code string) bool {
	return in.lastError != nil && in.lastError["errorCode"] == code
}

func (s *service) attach(r *http.Request) (any, error) {
	name := strings.ToLower(text(body(r), "domain"))
	if in := s.b.find(dns.CanonicalName(name)); in != nil && in.domain == name {
		return nil, coded("DOMAIN_002", "")
	}
	if s.b.total >= s.limit() {
		return nil, coded("DOMAIN_006", "")
	}
	return created(map[string]any{"id": "d-new", "domain": name, "status": "PENDING"}), nil
}

func (s *service) register(r *http.Request) (any, error) {
	name := strings.ToLower(text(body(r), "domain"))
	in, reg := s.b.registrationOf(name)
	if in != nil && failedWith(in, "DOMAIN_020") {
		return nil, coded("DOMAIN_020", "")
	}
	if reg != nil && reg.state != notRegistered {
		return nil, coded("DOMAIN_003", "")
	}
	balance, ok := new(big.Rat).SetString(s.b.opt.Balance)
	cost, _ := new(big.Rat).SetString(price)
	if !ok || balance.Cmp(cost) < 0 {
		return nil, coded("DOMAIN_007", "")
	}
	return created(map[string]any{"id": "d-new", "domain": name, "status": "PENDING"}), nil
}

func (s *service) update(in *instance, _ *http.Request) (any, error) {
	if in.status != "VERIFIED" && in.status != "PENDING" {
		return nil, coded("DOMAIN_005", "")
	}
	return data(s.domainObject(in)), nil
}

func (s *service) addRecord(in *instance, r *http.Request) (any, error) {
	if failedWith(in, "DOMAIN_022") {
		return nil, coded("DOMAIN_022", "")
	}
	rec := body(r)
	ttl, isNumber := rec["ttl"].(float64)
	if isNumber && (ttl < 60 || ttl > 86400) {
		return nil, coded("DOMAIN_008", "TTL must be between 60 and 86400 seconds")
	}
	name, rrtype := strings.ToLower(text(rec, "name")), strings.ToUpper(text(rec, "type"))
	for _, held := range in.records {
		same := strings.EqualFold(text(held, "name"), name)
		if same && (rrtype == "CNAME" || text(held, "type") == "CNAME") {
			return nil, coded("DOMAIN_008", "CNAME cannot coexist with other types")
		}
	}
	rec["id"] = "r-new"
	return created(rec), nil
}

// found returns one of a domain's records or routes by its id.
func found(things []map[string]any, id, code string, made func(v any) any) (any, error) {
	for _, t := range things {
		if t["id"] == id {
			return made(t), nil
		}
	}
	return nil, coded(code, "")
}

func (s *service) certificate(in *instance, _ *http.Request) (any, error) {
	if in.cert == nil {
		return nil, coded("DOMAIN_012", "")
	}
	return data(in.cert), nil
}

func (s *service) issue(in *instance, _ *http.Request) (any, error) {
	if failedWith(in, "DOMAIN_023") {
		return nil, coded("DOMAIN_023", "")
	}
	if in.cert != nil && in.cert["status"] == "FAILED" || failedWith(in, "DOMAIN_011") {
		return nil, coded("DOMAIN_011", "")
	}
	if in.cert == nil {
		if err := s.b.Change(in.domain, "certificate PENDING_VALIDATION"); err != nil {
			return nil, err
		}
		var err error
		if in, err = s.b.instance(in.story, in.copy); err != nil {
			return nil, err
		}
	}
	return taken(in.cert), nil
}

func (s *service) attachCDN(in *instance, _ *http.Request) (any, error) {
	if failedWith(in, "DOMAIN_021") {
		return nil, coded("DOMAIN_021", "")
	}
	if failedWith(in, "DOMAIN_013") || in.cert == nil || in.cert["status"] != "ISSUED" {
		return nil, coded("DOMAIN_013", "")
	}
	return taken(in.cdn), nil
}

func (s *service) addRoute(in *instance, r *http.Request) (any, error) {
	route := body(r)
	for _, held := range in.routes {
		if text(held, "path") == text(route, "path") &&
			(text(route, "host") == "" || text(held, "host") == text(route, "host")) {
			return nil, coded("DOMAIN_015", "")
		}
	}
	route["id"] = "rt-new"
	return created(route), nil
}

func (s *service) allTransfers() []map[string]any {
	out := []map[string]any{}
	for _, st := range s.b.stories {
		if in, err := s.b.instance(st, 0); err == nil && in.listed {
			out = append(out, in.transfers...)
		}
	}
	return out
}

func (s *service) transfers(*http.Request) (any, error) { return data(s.allTransfers()), nil }

func (s *service) oneTransfer(r *http.Request) (any, error) {
	for _, t := range s.allTransfers() {
		if t["id"] == r.PathValue("tid") {
			return data(t), nil
		}
	}
	return nil, coded("DOMAIN_017", "")
}

func (s *service) startTransfer(r *http.Request) (any, error) {
	in := body(r)
	code := text(in, "authCode")
	if len(code) < 6 || strings.TrimSpace(code) != code || strings.ContainsAny(code, " \"'") {
		return nil, coded("DOMAIN_018", "")
	}
	_, reg := s.b.registrationOf(strings.ToLower(text(in, "domain")))
	if reg == nil || slices.Contains(reg.statuses, "client transfer prohibited") ||
		slices.Contains(reg.statuses, "server transfer prohibited") {
		return nil, coded("DOMAIN_016", "")
	}
	return created(map[string]any{
		"id": "t-new", "domain": text(in, "domain"), "direction": "IN", "status": "PENDING",
		"createdAt": stamp(s.b.Now()),
	}), nil
}

func (s *service) health(in *instance, _ *http.Request) (any, error) {
	e, ok := in.edges[cdnAddress]
	if failedWith(in, "DOMAIN_019") || !ok || e.http != "200" {
		return nil, coded("DOMAIN_019", "")
	}
	return data(map[string]any{"status": "healthy", "checkedAt": stamp(s.b.Now())}), nil
}

// verify checks the verification record as the service would: at the public resolvers, and at the source if one of
// them lacks it. A pending domain becomes verified if all have it.
func (s *service) verify(in *instance, _ *http.Request) (any, error) {
	if in.verify == nil {
		return taken(s.domainObject(in)), nil
	}
	name, rrtype := dns.CanonicalName(text(in.verify, "name")), dns.StringToType[text(in.verify, "method")]
	right := func(m *dns.Msg) bool {
		return slices.ContainsFunc(m.Answer, func(rr dns.RR) bool {
			switch rr := rr.(type) {
			case *dns.TXT:
				return strings.Join(rr.Txt, "") == text(in.verify, "value")
			case *dns.CNAME:
				return strings.EqualFold(trimDot(rr.Target), text(in.verify, "value"))
			}
			return false
		})
	}
	wrong := coded("DOMAIN_004", fmt.Sprintf("Domain verification failed for %s", in.domain))
	if ends, err := time.Parse(time.RFC3339, text(in.verify, "expiresAt")); err == nil && ends.Before(s.b.Now()) {
		return nil, wrong // the verification has expired
	}
	missed := false
	for _, r := range s.b.world.resolvers {
		m := new(dns.Msg)
		r.answer(m, name, rrtype, nil)
		missed = missed || !right(m)
	}
	if missed {
		source := new(dns.Msg) // without a cache, it queries the source
		newResolver(s.b.world, 0).resolve(source, name, rrtype, s.b.Now(), present, false)
		if right(source) {
			return nil, coded("DOMAIN_010", "")
		}
		return nil, wrong
	}
	if in.status != "PENDING" {
		return taken(s.domainObject(in)), nil
	}
	lines := []string{"status VERIFIED"}
	if failedWith(in, "DOMAIN_004") || failedWith(in, "DOMAIN_010") {
		lines = append(lines, "error none") // the failed operation has succeeded
	}
	if err := s.b.Change(in.domain, lines...); err != nil {
		return nil, err
	}
	in, err := s.b.instance(in.story, in.copy)
	if err != nil {
		return nil, err
	}
	return taken(s.domainObject(in)), nil
}
