package probe

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// Bounds of TLS and HTTP.
const (
	webBound    = 8 * time.Second // one connection with its handshake and its answer
	maxWebBody  = 64 << 10        // octets of a page that are read
	maxRDAPBody = 1 << 20         // octets of an RDAP document; the largest real ones have some 100 KB
	maxBootBody = 4 << 20         // octets of the RDAP bootstrap; it has about 60 KB
	maxHeader   = 64 << 10        // octets of a header
	MaxRedirect = 10              // redirects that are followed
	maxChain    = 16              // certificates of a handshake that are kept
)

// HTTPAsk is one request. Where Addr is invalid the host's addresses are looked up (for registries only).
type HTTPAsk struct {
	Method string
	URL    string
	Addr   netip.AddrPort
	Header http.Header
	Body   []byte
	Limit  int64 // octets of the body that are read
	Verify bool  // refuse a certificate that does not verify; for registries, never for the tenant's host
}

// HTTPReply is one answer.
type HTTPReply struct {
	Status  int
	Header  http.Header
	Body    []byte
	Cut     bool // the body was longer than the limit
	Broken  bool // the connection ended before the body did
	Address string
}

func (r *HTTPReply) lines() []string {
	out := []string{fmt.Sprintf("HTTP %d %s", r.Status, http.StatusText(r.Status))}
	for _, h := range []string{"Server", "Location", "Content-Type", "X-Cache", "Via", "Retry-After", "Date"} {
		if v := r.Header.Get(h); v != "" {
			out = append(out, h+": "+v)
		}
	}
	return append(out, r.missing()...)
}

// missing says why the body is not whole; nothing where it is.
func (r *HTTPReply) missing() []string {
	switch {
	case r.Cut:
		return []string{"(the rest was not read)"}
	case r.Broken:
		return []string{fmt.Sprintf("(broken off after %d octets of the body)", len(r.Body))}
	}
	return nil
}

// TLSReply is what a handshake showed. Nothing in it is verified.
type TLSReply struct {
	Chain   []*x509.Certificate // the leaf first
	Version uint16
	// Connected tells that TCP worked, so that a failure is the handshake's.
	Connected bool
	Failed    string
}

func (r *TLSReply) lines() []string {
	var out []string
	for i, c := range r.Chain {
		if i == 0 {
			out = append(out, fmt.Sprintf("%s, names %s, issued by %s, valid %s to %s", tls.VersionName(r.Version),
				strings.Join(firstN(CertNames(c), 8), " "), IssuerName(c), c.NotBefore.UTC().Format(time.RFC3339),
				c.NotAfter.UTC().Format(time.RFC3339)))
			continue
		}
		out = append(out, "chain: "+c.Subject.CommonName)
	}
	return out
}

func firstN(s []string, n int) []string { return s[:min(len(s), n)] }

// CertNames are the names that a certificate covers: DNS names, and addresses as text.
func CertNames(c *x509.Certificate) []string {
	out := slices.Clone(c.DNSNames)
	for _, ip := range c.IPAddresses {
		out = append(out, ip.String())
	}
	return out
}

// IssuerName names who issued a certificate.
func IssuerName(c *x509.Certificate) string {
	for _, s := range append([]string{c.Issuer.CommonName}, c.Issuer.Organization...) {
		if s != "" {
			return s
		}
	}
	return "an unnamed issuer"
}

// KeyType names a certificate's key: "ECDSA P-256", "RSA 2048", "Ed25519".
func KeyType(c *x509.Certificate) string {
	switch k := c.PublicKey.(type) {
	case *ecdsa.PublicKey:
		return "ECDSA " + k.Params().Name
	case *rsa.PublicKey:
		return fmt.Sprintf("RSA %d", k.N.BitLen())
	case ed25519.PublicKey:
		return "Ed25519"
	}
	return c.PublicKeyAlgorithm.String()
}

// Covers reports whether one name of a certificate covers a host, as browsers compare them (RFC 6125 6.4.3): a wildcard
// stands for one whole label.
func Covers(name, host string) bool {
	if ip := net.ParseIP(name); ip != nil {
		return host == name
	}
	return (&x509.Certificate{DNSNames: []string{name}}).VerifyHostname(host) == nil
}

// Fingerprint is the SHA-256 of a certificate, as hex.
func Fingerprint(c *x509.Certificate) string {
	sum := sha256.Sum256(c.Raw)
	return hex.EncodeToString(sum[:])
}

// Handshake makes a TLS handshake with one address, with the host's name as SNI.
func (s *Session) Handshake(ctx context.Context, addr netip.AddrPort, host string) *Exchange {
	asked := "handshake for " + host
	blank := Exchange{Kind: KindTLS, Addr: addr, Transport: "tls", Asked: asked}
	return s.do(ctx, memoKey{kind: KindTLS, server: addr.String(), asked: asked}, blank,
		func(ctx context.Context) *Exchange {
			x := blank
			x.At = s.Now()
			ctx, cancel := context.WithTimeout(ctx, webBound)
			defer cancel()
			s.reach(ctx, &x, "tls", addr, func() (err error) {
				x.TLS, err = s.wire.TLS(ctx, addr, host)
				return err
			})
			if x.TLS != nil && x.TLS.Failed != "" {
				x.Outcome, x.Err = Malformed, x.TLS.Failed
			}
			return &x
		})
}

// Get asks one address for one URL and follows nothing.
func (s *Session) Get(ctx context.Context, rawURL string, addr netip.AddrPort) *Exchange {
	return s.get(ctx, rawURL, addr, "")
}

// get is Get with cookies, which are another question.
func (s *Session) get(ctx context.Context, rawURL string, addr netip.AddrPort, cookie string) *Exchange {
	asked := "GET " + rawURL
	header := http.Header{"Accept": {"text/html,*/*;q=0.5"}}
	key := memoKey{kind: KindHTTP, server: addr.String(), asked: asked}
	if cookie != "" {
		header.Set("Cookie", cookie)
		key.asked += "\n" + cookie
	}
	blank := Exchange{Kind: KindHTTP, Addr: addr, Transport: schemeOf(rawURL), Asked: asked}
	return s.do(ctx, key, blank, func(ctx context.Context) *Exchange {
		x := blank
		x.At = s.Now()
		s.fetch(ctx, &x, HTTPAsk{Method: http.MethodGet, URL: rawURL, Addr: addr, Limit: maxWebBody, Header: header})
		return &x
	})
}

// registry asks a registry's web service; its host is domdoc's to find, and its certificate must verify.
func (s *Session) registry(ctx context.Context, rawURL, accept string, limit int64) *Exchange {
	asked := "GET " + rawURL
	blank := Exchange{Kind: KindRDAP, Host: hostOfURL(rawURL), Transport: schemeOf(rawURL), Asked: asked}
	return s.do(ctx, memoKey{kind: KindRDAP, asked: asked}, blank, func(ctx context.Context) *Exchange {
		x := blank
		x.At = s.Now()
		_, port := hostPort(rawURL)
		s.reachHost(ctx, &x, port, func(addr netip.AddrPort) bool {
			s.fetch(ctx, &x, HTTPAsk{
				Method: http.MethodGet, URL: rawURL, Addr: addr, Limit: limit, Verify: true,
				Header: http.Header{"Accept": {accept}},
			})
			return x.HTTP != nil
		})
		return &x
	})
}

func (s *Session) fetch(ctx context.Context, x *Exchange, ask HTTPAsk) {
	ctx, cancel := context.WithTimeout(ctx, webBound)
	defer cancel()
	s.reach(ctx, x, "http", ask.Addr, func() (err error) {
		x.HTTP, err = s.wire.HTTP(ctx, ask)
		return err
	})
}

// Verify judges a chain for a host at a moment: whether the name is covered, whether the dates fit, and whether the
// roots vouch for it. Each answer stands on its own, so that an expired certificate of the right name is not called
// untrusted.
type Verified struct {
	NameOK    bool
	Trusted   bool
	Untrusted string // why not
	Expired   bool
	NotYet    bool
}

// Verify judges what a handshake showed.
func Verify(chain []*x509.Certificate, host string, roots *x509.CertPool, now time.Time) Verified {
	leaf := chain[0]
	v := Verified{
		NameOK: leaf.VerifyHostname(host) == nil, Expired: now.After(leaf.NotAfter),
		NotYet: now.Before(leaf.NotBefore),
	}
	inter := x509.NewCertPool()
	for _, c := range chain[1:] {
		inter.AddCert(c)
	}
	at := now
	if v.Expired || v.NotYet { // judge the chain at a moment at which the leaf was valid
		at = leaf.NotBefore.Add(leaf.NotAfter.Sub(leaf.NotBefore) / 2)
	}
	_, err := leaf.Verify(x509.VerifyOptions{Roots: roots, Intermediates: inter, CurrentTime: at})
	switch {
	case err == nil:
		v.Trusted = true
	case bytes.Equal(leaf.RawSubject, leaf.RawIssuer):
		v.Untrusted = "it is self-signed"
	case len(chain) == 1:
		v.Untrusted = "its issuer is not known here, and the server sends no intermediate certificate"
	default:
		v.Untrusted = "no known root vouches for its issuer"
	}
	return v
}
