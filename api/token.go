package api

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// refreshAhead is how long before its expiry a token is refreshed, so that it outlives a call in flight.
const refreshAhead = 30 * time.Second

// refreshPatience limits a refresh, which does not depend on the context of any caller; see renew.
const refreshPatience = 30 * time.Second

const maxToken = 64 << 10

// Claims are the claims of a token. They are not verified: they are for display, and to know the expiry before a
// call.
type Claims struct {
	Subject   string
	TenantID  string
	Email     string
	Roles     []string
	PlanTier  string
	IssuedAt  time.Time // zero if not stated
	ExpiresAt time.Time // zero if not stated
}

// ReadClaims reads a JWT (RFC 7519) without verifying it. It accepts several types and spellings of the claims. Its
// error never contains the token.
func ReadClaims(token string) (Claims, error) {
	token = trimBearer(token)
	if len(token) > maxToken {
		return Claims{}, errors.New("the token is longer than 64 KiB: copy it again")
	}
	claims := jwt.MapClaims{}
	_, _, err := jwt.NewParser(jwt.WithJSONNumber(), jwt.WithPaddingAllowed()).ParseUnverified(token, claims)
	// An unknown signing method does not matter without verification: the claims have been read. The library's message
	// may quote the token.
	if err != nil && !errors.Is(err, jwt.ErrTokenUnverifiable) {
		return Claims{}, errors.New("the token is not a JWT (three parts joined by dots): copy it again")
	}
	raw, err := json.Marshal(claims)
	if err != nil {
		return Claims{}, errors.New("the token has invalid claims")
	}
	o, ok := readObject(raw, "", nil)
	if !ok {
		return Claims{}, errors.New("the token has invalid claims")
	}
	out := Claims{
		Subject: o.text("sub"), TenantID: o.text("tenantId"), Email: o.text("email"),
		PlanTier: o.text("planTier", "plan"),
		IssuedAt: o.time("iat"), ExpiresAt: o.time("exp"),
	}
	for _, role := range o.texts("roles", "role") {
		out.Roles = append(out.Roles, strings.FieldsFunc(role, func(r rune) bool { return r == ' ' || r == ',' })...)
	}
	return out, nil
}

// Tokens is a session, from [Client.Login] or [Client.Refresh]. Printing it shows no secret.
type Tokens struct {
	Access, Refresh string
	ExpiresAt       time.Time // of Access; zero if unknown
}

// String hides the tokens.
func (Tokens) String() string { return "tokens (not shown)" }

// GoString hides the tokens in %#v.
func (Tokens) GoString() string { return "api.Tokens{not shown}" }

// credentials are the current tokens, which calls share.
type credentials struct {
	mu              sync.Mutex
	access, refresh string
	expires         time.Time
	// the last refresh token that was rejected, and the error: it will be rejected again
	refused map[string]*Error
}

func newCredentials(access, refresh string) *credentials {
	c := &credentials{}
	c.set(Tokens{Access: access, Refresh: refresh})
	return c
}

// set replaces the tokens. Without a new refresh token the old one stays.
func (c *credentials) set(t Tokens) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.access, c.expires = t.Access, t.ExpiresAt
	if claims, err := ReadClaims(t.Access); err == nil && !claims.ExpiresAt.IsZero() {
		c.expires = claims.ExpiresAt
	}
	if t.Refresh != "" {
		c.refresh = t.Refresh
	}
}

func (c *credentials) tokens() Tokens {
	c.mu.Lock()
	defer c.mu.Unlock()
	return Tokens{c.access, c.refresh, c.expires}
}

func (c *credentials) accessToken() string { return c.tokens().Access }
func (c *credentials) canRefresh() bool    { return c.tokens().Refresh != "" }

func (c *credentials) secrets() []string {
	t := c.tokens()
	return []string{t.Access, t.Refresh}
}

func (c *credentials) refusal(refresh string) *Error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.refused[refresh]
}

func (c *credentials) refuse(refresh string, e *Error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.refused = map[string]*Error{refresh: e}
}

// Claims returns the claims of the current token; see [ReadClaims].
func (c *Client) Claims() (Claims, error) { return ReadClaims(c.creds.accessToken()) }

// Login starts a session and uses it for further calls. It returns the tokens for the caller to store;
// [Config.OnTokens] is not called. An account with a second factor yields [KindMFARequired], a wrong password
// [KindUnauthorized].
func (c *Client) Login(ctx context.Context, email, password string) (Tokens, error) {
	type credentials struct {
		Email    string `json:"email"`
		Password string `json:"password"`
	}
	ans, err := c.do(ctx, call{op: OpLogin, body: credentials{email, password}, secrets: []string{password}})
	if err != nil {
		return Tokens{}, err
	}
	t, e := c.readTokens(ans)
	if e != nil {
		return Tokens{}, e
	}
	c.creds.set(t)
	return c.creds.tokens(), nil
}

// readTokens reads a session, bare or under "data".
func (c *Client) readTokens(ans *answer) (Tokens, *Error) {
	raw, _, problem := objectBody(ans)
	if problem != "" {
		// The response to a login may contain the token in an unknown form, so none of it is quoted.
		problem, _, _ = strings.Cut(problem, ":")
		return Tokens{}, ans.malformed(problem)
	}
	o, ok := readObject(raw, "", nil)
	if !ok { // no data: the fields are next to it
		o, _ = readObject(trimBOM(ans.body), "", nil)
	}
	t := Tokens{Access: trimBearer(o.text("accessToken", "token")), Refresh: o.text("refreshToken")}
	if t.Access == "" {
		if mfa := o.bool("mfaRequired"); mfa != nil && *mfa {
			e := ans.malformed("this account requires a second factor, which domdoc does not support")
			e.Kind = KindMFARequired
			return Tokens{}, e
		}
		return Tokens{}, ans.malformed("the response has no token")
	}
	for _, token := range []string{t.Access, t.Refresh} {
		if _, err := headerValue("the token", token); err != nil {
			return Tokens{}, ans.malformed("the response has an invalid token")
		}
	}
	if n := o.int("expiresIn"); n != nil && *n > 0 && *n < 1<<31 {
		t.ExpiresAt = c.now().Add(time.Duration(*n) * time.Second)
	}
	return t, nil
}

// Refresh exchanges the refresh token for new tokens now, whether or not the access token has expired. It calls
// [Config.OnTokens] first.
func (c *Client) Refresh(ctx context.Context) (Tokens, error) {
	t := c.creds.tokens()
	if t.Refresh == "" {
		return Tokens{}, noToken("no refresh token")
	}
	if err := c.renew(ctx, t.Access); err != nil {
		return Tokens{}, c.blame(err, c.askedRefresh())
	}
	return c.creds.tokens(), nil
}

func (c *Client) askedRefresh() asked {
	spec, _ := operationOf(OpRefresh)
	u, err := c.target(OpRefresh, "", nil)
	if err != nil {
		u = c.base
	}
	return asked{op: OpRefresh, spec: spec, url: u}
}

func noToken(message string) *Error { return &Error{Kind: KindUnauthorized, Message: message} }

// freshen refreshes the token before a call if its expiry is known and near. done reports whether that was tried: a
// 401 after it is final.
func (c *Client) freshen(ctx context.Context) (done bool, err error) {
	t := c.creds.tokens()
	switch {
	case t.Access == "" && t.Refresh == "":
		return false, noToken("there is no token")
	case t.Refresh == "":
		return false, nil // even if it seems to have expired: our clock may be wrong
	case t.Access != "" && (t.ExpiresAt.IsZero() || c.now().Before(t.ExpiresAt.Add(-refreshAhead))):
		return false, nil
	}
	err = c.renew(ctx, t.Access)
	if err != nil && t.Access != "" && c.now().Before(t.ExpiresAt) && ctx.Err() == nil {
		err = nil // it is still valid for this call
	}
	return true, err
}

// renew replaces a stale token, once for all calls that found it stale. It does not end with the caller's context: by
// then the service may have invalidated the old refresh token, and the new one must not be lost.
func (c *Client) renew(ctx context.Context, stale string) error {
	done := c.flight.DoChan("refresh", func() (any, error) {
		t := c.creds.tokens()
		if t.Access != stale {
			return nil, nil // another call was faster
		}
		if e := c.creds.refusal(t.Refresh); e != nil {
			return nil, e
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), refreshPatience)
		defer cancel()
		if c.before != nil {
			found, release, err := c.before(ctx, t)
			if release != nil {
				defer release()
			}
			if err != nil {
				return nil, err
			}
			if found.Access != "" && found.Access != stale {
				c.creds.set(found)
				return nil, nil // another process was faster
			}
		}
		fresh, e := c.askTokens(ctx, t.Refresh)
		if e != nil {
			if e.Kind != KindUnavailable && e.Kind != KindRateLimited {
				c.creds.refuse(t.Refresh, e)
			}
			return nil, e
		}
		c.creds.set(fresh)
		if c.onTokens != nil {
			now := c.creds.tokens()
			c.onTokens(now.Access, now.Refresh)
		}
		return nil, nil
	})
	select {
	case r := <-done:
		return r.Err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (c *Client) askTokens(ctx context.Context, refresh string) (Tokens, *Error) {
	type request struct {
		RefreshToken string `json:"refreshToken"`
	}
	ans, err := c.do(ctx, call{op: OpRefresh, body: request{refresh}, secrets: []string{refresh}})
	if err != nil {
		e, ok := errors.AsType[*Error](err)
		if !ok {
			e = networkError(err)
		}
		return Tokens{}, e
	}
	return c.readTokens(ans)
}
