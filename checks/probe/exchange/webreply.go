package exchange

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"time"
)

// HTTPAsk is one HTTP request to one address.
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
	for _, h := range []string{
		"Server", "Location", "Content-Type", "X-Cache", "Via", "Retry-After", "X-Request-Id",
		"Date",
	} {
		if v := r.Header.Get(h); v != "" {
			out = append(out, h+": "+v)
		}
	}
	return append(out, r.missing()...)
}

// missing says why the body is incomplete, if it is.
func (r *HTTPReply) missing() []string {
	switch {
	case r.Cut:
		return []string{"(the rest was not read)"}
	case r.Broken:
		return []string{fmt.Sprintf("(broken off after %d octets of the body)", len(r.Body))}
	}
	return nil
}

// TLSReply is the result of a handshake. Nothing in it is verified.
type TLSReply struct {
	Chain   []*x509.Certificate // the leaf first
	Version uint16
	// Connected is set if TCP worked, so that a failure is the handshake's.
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
