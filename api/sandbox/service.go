package sandbox

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"domdoc/catalog"

	"github.com/golang-jwt/jwt/v5"
	"github.com/miekg/dns"
)

// service is the stand-in for the Domains Service's API, with its siblings for log-in and wallet.
type service struct {
	b       *Sandbox
	url     string
	address string
	key     []byte

	mu   sync.Mutex      // guards following
	used map[string]bool // refresh tokens that were traded in
}

const (
	tenantID = "t-sandbox"
	price    = "12.00" // of every registration
	email    = "engineer@sandbox.example"
	mfaEmail = "mfa@sandbox.example" // an account with a second factor
	password = "sandbox"
)

// Account is the e-mail address and the password that the service lets in.
func Account() (address, secret string) { return email, password }

// Session is a session whose access token is good for so long; below zero it has ended already.
func (b *Sandbox) Session(life time.Duration) (access, refresh string) {
	return b.api.signed("access", b.Now().Add(life)), b.api.sign("refresh", 30*24*time.Hour)
}

func (s *service) listen() error {
	s.key, s.used = make([]byte, 32), map[string]bool{}
	if _, err := rand.Read(s.key); err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	s.address = l.Addr().String()
	s.url = "http://" + s.address
	s.b.closers = append(s.b.closers, serveHTTP(l, s.handler()))
	return nil
}

// token makes a bearer token, valid for a day by the sandbox's clock.
func (s *service) token() string { return s.sign("access", 24*time.Hour) }

func (s *service) sign(use string, life time.Duration) string {
	return s.signed(use, s.b.Now().Add(life))
}

func (s *service) signed(use string, ends time.Time) string {
	t := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{
		"sub": "u-1", "tenantId": tenantID, "email": email, "roles": []string{"owner"}, "planTier": "pro", "use": use, "jti": randomID(),
		"iat": s.b.Now().Add(-time.Hour).Unix(), "exp": ends.Unix(),
	})
	signed, err := t.SignedString(s.key)
	if err != nil {
		panic(err) // an HMAC over a map of strings cannot fail
	}
	return signed
}

func randomID() string {
	var b [16]byte
	_, _ = rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

// failure is an error of the service, in its printed form.
type failure struct {
	status  int
	code    string
	message string
}

func (f failure) Error() string { return f.code + " " + f.message }

// coded is one of the 23 codes.
func coded(code, detail string) failure {
	c, ok := catalog.FindCode(code)
	if !ok {
		panic("the sandbox answers with a code that is not in the catalogue: " + code)
	}
	if detail == "" {
		detail = c.Description
	}
	return failure{c.HTTP, c.ID, detail}
}

// handler answers for the whole service. Of the writes, verify and ssl change the domain; the others are judged, answered and forgotten.
func (s *service) handler() http.Handler {
	mux := http.NewServeMux()
	handle := func(pattern string, open bool, h func(r *http.Request) (any, error)) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			if s.b.opt.Delay > 0 {
				time.Sleep(s.b.opt.Delay)
			}
			s.b.note("service %s %s", r.Method, r.URL.RequestURI())
			id := r.Header.Get("x-request-id")
			if id == "" {
				id = randomID()
			}
			w.Header().Set("x-request-id", id)
			w.Header().Set("X-RateLimit-Limit", "100000")
			w.Header().Set("X-RateLimit-Remaining", "99999")
			w.Header().Set("X-RateLimit-Reset", "60")
			switch s.b.stage.Service {
			case "down":
				http.Error(w, "<html><h1>503 Service Temporarily Unavailable</h1></html>", http.StatusServiceUnavailable)
				return
			case "rate-limited":
				w.Header().Set("Retry-After", "3600")
				s.fail(w, r, failure{http.StatusTooManyRequests, "", "Too Many Requests"})
				return
			case "wrong-endpoint":
				http.Error(w, "<html><h1>404 Not Found</h1></html>", http.StatusNotFound)
				return
			}
			if !open && !s.authorized(r) {
				s.fail(w, r, failure{http.StatusUnauthorized, "", "Unauthorized"})
				return
			}
			if raw, ok := s.override(r); ok {
				w.Header().Set("Content-Type", "application/json; charset=utf-8")
				w.WriteHeader(raw.status)
				_, _ = io.WriteString(w, raw.body)
				return
			}
			v, err := h(r)
			var f failure
			switch {
			case errors.As(err, &f):
				s.fail(w, r, f)
			case err != nil:
				s.fail(w, r, failure{http.StatusInternalServerError, "", err.Error()})
			default:
				a, ok := v.(answer)
				if !ok {
					a = answer{http.StatusOK, v}
				}
				if a.status == http.StatusNoContent {
					w.WriteHeader(a.status)
					return
				}
				writeJSON(w, a.status, "application/json; charset=utf-8", a.body)
			}
		})
	}
	handle("GET /domains/v1/health", true, func(*http.Request) (any, error) { return map[string]any{"status": "ok"}, nil })
	handle("POST /auth/v1/login", true, s.login)
	handle("POST /auth/v1/refresh", true, s.refresh)
	handle("GET /wallet/v1/balance", false, s.wallet)
	handle("GET /domains/v1/quota", false, s.quota)
	handle("GET /domains/v1/domains", false, s.domains)
	handle("POST /domains/v1/domains", false, s.attach)
	handle("POST /domains/v1/registrations", false, s.register)
	handle("GET /domains/v1/transfers", false, s.transfers)
	handle("POST /domains/v1/transfers", false, s.startTransfer)
	handle("GET /domains/v1/transfers/{tid}", false, s.oneTransfer)
	handle("GET /domains/v1/{id}", false, s.one(func(in *instance, _ *http.Request) (any, error) { return data(s.domainObject(in)), nil }))
	handle("PATCH /domains/v1/{id}", false, s.one(s.update))
	// The parts of a domain are told apart here: as patterns of their own they would clash with transfers/{tid}.
	for _, method := range []string{"GET", "POST", "DELETE"} {
		parts := s.parts(method)
		handle(method+" /domains/v1/{id}/{part}", false, func(r *http.Request) (any, error) {
			if h := parts[r.PathValue("part")]; h != nil {
				return s.one(h)(r)
			}
			return nil, failure{http.StatusNotFound, "", "Cannot " + r.Method + " " + r.URL.Path}
		})
	}
	for method, made := range map[string]func(v any) any{
		"GET":    func(v any) any { return data(v) },
		"DELETE": func(any) any { return answer{status: http.StatusNoContent} }, // and it is there all the same when it is asked for again: see handler
	} {
		handle(method+" /domains/v1/{id}/dns/{rid}", false, s.one(func(in *instance, r *http.Request) (any, error) {
			return found(in.records, r.PathValue("rid"), "DOMAIN_009", made)
		}))
		handle(method+" /domains/v1/{id}/routes/{rid}", false, s.one(func(in *instance, r *http.Request) (any, error) {
			return found(in.routes, r.PathValue("rid"), "DOMAIN_014", made)
		}))
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		s.fail(w, r, failure{http.StatusNotFound, "", "Cannot " + r.Method + " " + r.URL.Path})
	})
	return mux
}

// parts are the operations on the parts of one domain.
func (s *service) parts(method string) map[string]func(*instance, *http.Request) (any, error) {
	switch method {
	case "GET":
		return map[string]func(*instance, *http.Request) (any, error){
			"dns":    func(in *instance, _ *http.Request) (any, error) { return data(orEmpty(in.records)), nil },
			"routes": func(in *instance, _ *http.Request) (any, error) { return data(orEmpty(in.routes)), nil },
			"ssl":    s.certificate,
			"health": s.health,
		}
	case "POST":
		return map[string]func(*instance, *http.Request) (any, error){"dns": s.addRecord, "ssl": s.issue, "cdn": s.attachCDN, "routes": s.addRoute, "verify": s.verify}
	}
	return nil
}

// answer is a success with another status than 200, as the contract (openapi.yaml) has it.
type answer struct {
	status int
	body   any
}

func created(v any) answer { return answer{http.StatusCreated, data(v)} }

// taken is what a request is answered with that is not done yet.
func taken(v any) answer { return answer{http.StatusAccepted, data(v)} }

func data(v any) map[string]any { return map[string]any{"data": v} }

func orEmpty(v []map[string]any) []map[string]any {
	if v == nil {
		return []map[string]any{}
	}
	return v
}

// fail writes an error: the service's printed form with a code, the framework's stock form without one.
func (s *service) fail(w http.ResponseWriter, r *http.Request, f failure) {
	body := map[string]any{"statusCode": f.status, "message": f.message, "error": http.StatusText(f.status)}
	if f.code != "" {
		body = map[string]any{"statusCode": f.status, "timestamp": stamp(s.b.Now()), "path": r.URL.Path, "method": r.Method, "message": f.message, "errorCode": f.code}
	}
	writeJSON(w, f.status, "application/json; charset=utf-8", body)
}

func (s *service) authorized(r *http.Request) bool {
	raw, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return false
	}
	_, err := s.parse(raw, "access")
	return err == nil
}

func (s *service) parse(raw, use string) (jwt.MapClaims, error) {
	claims := jwt.MapClaims{}
	_, err := jwt.ParseWithClaims(raw, claims, func(*jwt.Token) (any, error) { return s.key, nil }, jwt.WithValidMethods([]string{"HS256"}), jwt.WithoutClaimsValidation())
	if err != nil {
		return nil, err
	}
	if claims["use"] != use {
		return nil, errors.New("another kind of token")
	}
	if exp, err := claims.GetExpirationTime(); err != nil || exp == nil || exp.Before(s.b.Now()) {
		return nil, errors.New("the token has ended")
	}
	return claims, nil
}

// override is a raw answer that a story gives in place of the service's.
func (s *service) override(r *http.Request) (override, bool) {
	in := s.byID(idOf(r.URL.Path))
	if in == nil && len(s.b.stories) == 1 { // a story that is told alone may also answer for the tenant
		in, _ = s.b.instance(s.b.stories[0], 0)
	}
	if in == nil {
		return override{}, false
	}
	for _, o := range in.overrides {
		if o.method == r.Method && o.path == r.URL.Path {
			return o, true
		}
	}
	return override{}, false
}

func idOf(path string) string {
	parts := strings.Split(strings.TrimPrefix(path, "/domains/v1/"), "/")
	return parts[0]
}

// byID finds a domain of the tenant; nil if it has none by that id.
func (s *service) byID(id string) *instance {
	for _, st := range s.b.stories {
		first, err := s.b.instance(st, 0)
		if err != nil {
			continue
		}
		if first.id == id {
			return first
		}
		rest, ok := strings.CutPrefix(id, first.id+"-")
		if n, err := strconv.Atoi(rest); ok && err == nil && n > 0 && n < s.b.copies && strconv.Itoa(n) == rest {
			if in, err := s.b.instance(st, n); err == nil && in.id == id {
				return in
			}
		}
	}
	return nil
}

func (s *service) one(h func(in *instance, r *http.Request) (any, error)) func(r *http.Request) (any, error) {
	return func(r *http.Request) (any, error) {
		in := s.byID(r.PathValue("id"))
		if in == nil || !in.listed {
			return nil, coded("DOMAIN_001", "")
		}
		return h(in, r)
	}
}

func body(r *http.Request) map[string]any {
	v := map[string]any{}
	_ = json.NewDecoder(io.LimitReader(r.Body, 1<<20)).Decode(&v)
	return v
}

func text(m map[string]any, key string) string {
	v, _ := m[key].(string)
	return v
}

func (s *service) login(r *http.Request) (any, error) {
	in := body(r)
	if text(in, "email") == mfaEmail && text(in, "password") == password {
		return data(map[string]any{"mfaRequired": true, "mfaToken": randomID()}), nil
	}
	if text(in, "email") != email || text(in, "password") != password {
		return nil, failure{http.StatusUnauthorized, "", "Invalid credentials"}
	}
	return s.tokens(), nil
}

func (s *service) tokens() map[string]any {
	return data(map[string]any{"accessToken": s.token(), "refreshToken": s.sign("refresh", 30*24*time.Hour), "expiresIn": 86400, "tokenType": "Bearer"})
}

// refresh gives a new pair. A refresh token is good for once, as where they are rotated.
func (s *service) refresh(r *http.Request) (any, error) {
	token := text(body(r), "refreshToken")
	_, err := s.parse(token, "refresh")
	s.mu.Lock()
	used := s.used[token]
	if err == nil {
		s.used[token] = true
	}
	s.mu.Unlock()
	if err != nil || used {
		return nil, failure{http.StatusUnauthorized, "", "Invalid refresh token"}
	}
	return s.tokens(), nil
}

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
		in, err := s.b.nth(n)
		if err != nil {
			return nil, err
		}
		items = append(items, s.domainObject(in))
	}
	pages := (s.b.total + limit - 1) / limit
	return map[string]any{"data": items, "meta": map[string]any{"page": page, "limit": limit, "total": s.b.total, "totalPages": pages, "hasNext": page < pages}}, nil
}

func (s *service) domainObject(in *instance) map[string]any {
	reg := in.regs[base(in.domain)]
	o := map[string]any{"id": in.id, "domain": in.domain, "status": in.status, "tenantId": tenantID, "registrar": "manual", "createdAt": stamp(in.createdAt), "updatedAt": stamp(in.createdAt), "expiresAt": nil}
	if !in.updatedAt.IsZero() {
		o["updatedAt"] = stamp(in.updatedAt)
	}
	if reg != nil && !reg.expires.IsZero() && reg.resolves() {
		o["expiresAt"] = stamp(reg.expires)
		o["nameservers"] = append([]string{}, reg.ns...) // a list, though there be none
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

// failedWith tells whether the domain's last operation failed with a code; then it would fail again.
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
	if reg != nil && reg.state != "none" {
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

// found is one of a domain's things, by its id.
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
		if err := s.b.change(in.key(), "certificate PENDING_VALIDATION"); err != nil {
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
		if text(held, "path") == text(route, "path") && (text(route, "host") == "" || text(held, "host") == text(route, "host")) {
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
	if reg == nil || slices.Contains(reg.statuses, "client transfer prohibited") || slices.Contains(reg.statuses, "server transfer prohibited") {
		return nil, coded("DOMAIN_016", "")
	}
	return created(map[string]any{"id": "t-new", "domain": text(in, "domain"), "direction": "IN", "status": "PENDING", "createdAt": stamp(s.b.Now())}), nil
}

func (s *service) health(in *instance, _ *http.Request) (any, error) {
	e, ok := in.edges[cdnAddress]
	if failedWith(in, "DOMAIN_019") || !ok || e.http != "200" {
		return nil, coded("DOMAIN_019", "")
	}
	return data(map[string]any{"status": "healthy", "checkedAt": stamp(s.b.Now())}), nil
}

// verify looks for the verification record as the service would: at the public resolvers, and at the source when one of them lacks it. What all of them
// have makes a pending domain verified.
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
		return nil, wrong // its time is over
	}
	missed := false
	for _, r := range s.b.world.resolvers {
		m := new(dns.Msg)
		r.answer(m, name, rrtype, nil)
		missed = missed || !right(m)
	}
	if missed {
		source := new(dns.Msg) // who remembers nothing asks every server on the way
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
		lines = append(lines, "error none") // the operation that failed went well
	}
	if err := s.b.change(in.key(), lines...); err != nil {
		return nil, err
	}
	in, err := s.b.instance(in.story, in.copy)
	if err != nil {
		return nil, err
	}
	return taken(s.domainObject(in)), nil
}
