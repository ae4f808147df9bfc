package exchange

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"net"
	"slices"
	"time"
)

func firstN(s []string, n int) []string { return s[:min(len(s), n)] }

// CertNames returns the names that a certificate covers: DNS names, and addresses as text.
func CertNames(c *x509.Certificate) []string {
	out := slices.Clone(c.DNSNames)
	for _, ip := range c.IPAddresses {
		out = append(out, ip.String())
	}
	return out
}

// IssuerName returns the name of a certificate's issuer.
func IssuerName(c *x509.Certificate) string {
	for _, s := range append([]string{c.Issuer.CommonName}, c.Issuer.Organization...) {
		if s != "" {
			return s
		}
	}
	return "an unnamed issuer"
}

// KeyType describes a certificate's key: "ECDSA P-256", "RSA 2048", "Ed25519".
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

// Covers reports whether a name of a certificate covers a host, as browsers compare them (RFC 6125 6.4.3): a wildcard
// covers one whole label.
func Covers(name, host string) bool {
	if ip := net.ParseIP(name); ip != nil {
		return host == name
	}
	return (&x509.Certificate{DNSNames: []string{name}}).VerifyHostname(host) == nil
}

// Fingerprint returns the SHA-256 of a certificate in hex.
func Fingerprint(c *x509.Certificate) string {
	sum := sha256.Sum256(c.Raw)
	return hex.EncodeToString(sum[:])
}

// Verified is the result of Verify. Its fields are independent: an expired certificate is not called untrusted.
type Verified struct {
	NameOK    bool
	Trusted   bool
	Untrusted string // why not
	Expired   bool
	NotYet    bool
}

// Verify checks a chain for a host at a time: whether the name is covered, the dates are valid, and the chain ends at
// a trusted root.
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
	if v.Expired || v.NotYet { // verify the chain at a time at which the leaf was valid
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
		v.Untrusted = "its issuer does not chain to a known root"
	}
	return v
}
