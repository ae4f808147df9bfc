package sandbox

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"domdoc/api/sandbox/story"
	"domdoc/catalog"

	"github.com/golang-jwt/jwt/v5"
)

// service implements the API of the Domains Service and of its sibling services for login and wallet.
type service struct {
	b       *Sandbox
	url     string
	address netip.AddrPort
	key     []byte

	lastToken atomic.Pointer[parsedToken] // the last one with a valid signature

	ids func() map[string]*story.Story // of copy 0 of each story

	mu   sync.Mutex      // guards following
	used map[string]bool // refresh tokens that were used
}

// parsedToken is a token with a valid signature. Its claims are not changed.
type parsedToken struct {
	raw    string
	claims jwt.MapClaims
}

// Email and Password are the account that the service accepts.
const (
	Email    = "engineer@sandbox.example"
	Password = "sandbox"
)

const (
	tenantID   = "t-sandbox"
	price      = "12.00"               // of every registration
	mfaEmail   = "mfa@sandbox.example" // an account with a second factor
	accessLife = 24 * time.Hour        // of an access token
)

// Session issues the tokens of a login. The access token expires after life, which may be negative; the refresh token
// expires after 30 days.
func (b *Sandbox) Session(life time.Duration) (access, refresh string) {
	return b.api.sign("access", life), b.api.sign("refresh", 30*24*time.Hour)
}

func (s *service) listen() error {
	s.key, s.used = make([]byte, 32), map[string]bool{}
	s.ids = sync.OnceValue(s.firstIDs)
	if _, err := rand.Read(s.key); err != nil {
		return err
	}
	l, local, err := listen()
	if err != nil {
		return err
	}
	s.address = local
	s.url = "http://" + local.String()
	s.b.closers = append(s.b.closers, serveHTTP(l, s.handler()))
	return nil
}

// sign issues a token that expires after life by the sandbox's clock.
func (s *service) sign(use string, life time.Duration) string {
	t := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{
		"sub": "u-1", "tenantId": tenantID, "email": Email, "roles": []string{"owner"}, "planTier": "pro", "use": use,
		"jti": randomID(),
		"iat": s.b.Now().Add(-time.Hour).Unix(), "exp": s.b.Now().Add(life).Unix(),
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

// failure is an error response of the service.
type failure struct {
	status  int
	code    string
	message string
}

func (f failure) Error() string { return f.code + " " + f.message }

// coded returns the error response of one of the 23 codes.
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

// handler serves the API. Of the write operations, verify and ssl change the domain; the others are validated and
// answered without effect.
func (s *service) handler() http.Handler {
	mux := http.NewServeMux()
	handle := func(pattern string, open bool, h func(r *http.Request) (any, error)) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			if s.b.opt.Delay > 0 {
				time.Sleep(s.b.opt.Delay)
			}
			if s.b.opt.Log != nil {
				s.b.log("service %s %s", r.Method, r.URL.RequestURI())
			}
			id := r.Header.Get("x-request-id")
			if id == "" {
				id = randomID()
			}
			w.Header().Set("x-request-id", id)
			w.Header().Set("X-RateLimit-Limit", "100000")
			w.Header().Set("X-RateLimit-Remaining", "99999")
			w.Header().Set("X-RateLimit-Reset", "60")
			switch s.b.env.Service {
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
				if s.b.opt.ETags && r.Method == http.MethodGet && unchanged(w, r, a.body) {
					w.WriteHeader(http.StatusNotModified)
					return
				}
				writeJSON(w, a.status, "application/json; charset=utf-8", a.body)
			}
		})
	}
	handle("GET /domains/v1/health", true, func(*http.Request) (any, error) {
		return map[string]any{"status": "ok"}, nil
	})
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
	handle("GET /domains/v1/{id}", false, s.one(func(in *instance, _ *http.Request) (any,
		error,
	) {
		return data(s.domainObject(in)), nil
	}))
	handle("PATCH /domains/v1/{id}", false, s.one(s.update))
	// The parts of a domain are dispatched here: as patterns of their own they would conflict with transfers/{tid}.
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
		"GET": func(v any) any { return data(v) },
		// without effect: see handler
		"DELETE": func(any) any { return answer{status: http.StatusNoContent} },
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

// unchanged adds the entity tag of a body to the response, and reports whether the request has it (RFC 9110 13.1.2).
func unchanged(w http.ResponseWriter, r *http.Request, body any) bool {
	h := fnv.New64a()
	_ = json.NewEncoder(h).Encode(body)
	tag := fmt.Sprintf(`W/"%x"`, h.Sum64())
	w.Header().Set("ETag", tag)
	return r.Header.Get("If-None-Match") == tag
}

// parts returns the operations on the parts of one domain.
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
		return map[string]func(*instance, *http.Request) (any, error){
			"dns": s.addRecord, "ssl": s.issue,
			"cdn": s.attachCDN, "routes": s.addRoute, "verify": s.verify,
		}
	}
	return nil
}

// answer is a success with another status than 200, as in the contract (openapi.yaml).
type answer struct {
	status int
	body   any
}

func created(v any) answer { return answer{http.StatusCreated, data(v)} }

// taken is the response to a request that is not complete yet.
func taken(v any) answer { return answer{http.StatusAccepted, data(v)} }

func data(v any) map[string]any { return map[string]any{"data": v} }

func orEmpty(v []map[string]any) []map[string]any {
	if v == nil {
		return []map[string]any{}
	}
	return v
}

// fail writes an error response: with a code in the service's own form, without one in that of the framework.
func (s *service) fail(w http.ResponseWriter, r *http.Request, f failure) {
	body := map[string]any{"statusCode": f.status, "message": f.message, "error": http.StatusText(f.status)}
	if f.code != "" {
		body = map[string]any{
			"statusCode": f.status, "timestamp": stamp(s.b.Now()), "path": r.URL.Path,
			"method": r.Method, "message": f.message, "errorCode": f.code,
		}
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
	if last := s.lastToken.Load(); last != nil && last.raw == raw { // a run presents the same one each time
		claims = last.claims
	} else {
		_, err := jwt.ParseWithClaims(raw, claims, func(*jwt.Token) (any, error) {
			return s.key, nil
		}, jwt.WithValidMethods([]string{"HS256"}), jwt.WithoutClaimsValidation())
		if err != nil {
			return nil, err
		}
		s.lastToken.Store(&parsedToken{raw, claims})
	}
	if claims["use"] != use {
		return nil, errors.New("wrong kind of token")
	}
	if exp, err := claims.GetExpirationTime(); err != nil || exp == nil || exp.Before(s.b.Now()) {
		return nil, errors.New("the token has expired")
	}
	return claims, nil
}

// override returns the raw response that a story has in place of the service's.
func (s *service) override(r *http.Request) (override, bool) {
	in := s.byID(idOf(r.URL.Path))
	if in == nil && len(s.b.stories) == 1 { // a story that runs alone may also answer for the tenant
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

// byID returns a domain of the tenant by its id; nil if there is none.
func (s *service) byID(id string) *instance {
	st, n := s.ids()[id], 0
	if i := strings.LastIndexByte(id, '-'); st == nil && i >= 0 {
		var err error
		if n, err = strconv.Atoi(id[i+1:]); err != nil || n <= 0 || n >= s.b.copies || strconv.Itoa(n) != id[i+1:] {
			return nil
		}
		st = s.ids()[id[:i]]
	}
	if st == nil {
		return nil
	}
	if in, err := s.b.instance(st, n); err == nil && in.id == id {
		return in
	}
	return nil
}

// firstIDs returns the stories by the id of their first copy. Of two with the same id, the first counts.
func (s *service) firstIDs() map[string]*story.Story {
	ids := map[string]*story.Story{}
	for _, st := range s.b.stories {
		if ids[st.ID] == nil {
			ids[st.ID] = st
		}
	}
	return ids
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
	if text(in, "email") == mfaEmail && text(in, "password") == Password {
		return data(map[string]any{"mfaRequired": true, "mfaToken": randomID()}), nil
	}
	if text(in, "email") != Email || text(in, "password") != Password {
		return nil, failure{http.StatusUnauthorized, "", "Invalid credentials"}
	}
	return s.tokens(), nil
}

func (s *service) tokens() map[string]any {
	access, refresh := s.b.Session(accessLife)
	return data(map[string]any{
		"accessToken": access, "refreshToken": refresh,
		"expiresIn": int(accessLife / time.Second), "tokenType": "Bearer",
	})
}

// refresh issues a new pair of tokens. A refresh token can be used once.
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
