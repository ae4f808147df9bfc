package exchange

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"fmt"
	"net"
	"runtime"
	"slices"
	"sync"
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
	return (&Verifier{Roots: roots}).Verify(chain, host, now)
}

// Verifier verifies chains. It verifies each intermediate certificate once: those of a fleet have few. It is safe for
// concurrent use.
type Verifier struct {
	Roots *x509.CertPool // nil: the system's

	mu     sync.Mutex                   // guards following
	issued map[[sha256.Size]byte]period // by the certificate
}

// period is when an intermediate certificate that a trusted root has issued, and the root, are valid.
type period struct{ from, to time.Time }

// maxIssuers bounds the intermediate certificates that are remembered.
const maxIssuers = 256

// Verify is [Verify] by the roots of the verifier.
func (v *Verifier) Verify(chain []*x509.Certificate, host string, now time.Time) Verified {
	leaf := chain[0]
	out := Verified{
		NameOK: leaf.VerifyHostname(host) == nil, Expired: now.After(leaf.NotAfter),
		NotYet: now.Before(leaf.NotBefore),
	}
	at := now
	if out.Expired || out.NotYet { // verify the chain at a time at which the leaf was valid
		at = leaf.NotBefore.Add(leaf.NotAfter.Sub(leaf.NotBefore) / 2)
	}
	switch {
	case v.trusts(chain, at):
		out.Trusted = true
	case bytes.Equal(leaf.RawSubject, leaf.RawIssuer):
		out.Untrusted = "it is self-signed"
	case len(chain) == 1:
		out.Untrusted = "its issuer is not known here, and the server sends no intermediate certificate"
	default:
		out.Untrusted = "its issuer does not chain to a known root"
	}
	return out
}

// trusts reports whether a chain ends at a trusted root.
func (v *Verifier) trusts(chain []*x509.Certificate, at time.Time) bool {
	leaf := chain[0]
	if len(chain) > 1 && v.knows(chain[1], at) {
		issuer := x509.NewCertPool()
		issuer.AddCert(chain[1])
		if _, err := leaf.Verify(x509.VerifyOptions{Roots: issuer, CurrentTime: at}); err == nil {
			return true
		}
	}
	inter := x509.NewCertPool()
	for _, c := range chain[1:] {
		inter.AddCert(c)
	}
	paths, err := leaf.Verify(x509.VerifyOptions{Roots: v.Roots, Intermediates: inter, CurrentTime: at})
	if err != nil {
		return false
	}
	for _, path := range paths {
		if len(chain) > 1 && len(path) == 3 && path[1].Equal(chain[1]) {
			v.learn(chain[1], path[2])
		}
	}
	return true
}

// knows reports whether a trusted root has issued an intermediate certificate, and both are valid at a time.
func (v *Verifier) knows(c *x509.Certificate, at time.Time) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	valid, known := v.issued[sha256.Sum256(c.Raw)]
	return known && !at.Before(valid.from) && !at.After(valid.to)
}

// learn remembers an intermediate certificate that root has issued, unless what they issue depends on more than their
// dates and signatures.
func (v *Verifier) learn(c, root *x509.Certificate) {
	if byPlatform && v.Roots == nil || restricts(c) || restricts(root) {
		return
	}
	valid := period{c.NotBefore, c.NotAfter}
	if root.NotBefore.After(valid.from) {
		valid.from = root.NotBefore
	}
	if root.NotAfter.Before(valid.to) {
		valid.to = root.NotAfter
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.issued == nil || len(v.issued) >= maxIssuers {
		v.issued = map[[sha256.Size]byte]period{}
	}
	v.issued[sha256.Sum256(c.Raw)] = valid
}

// byPlatform is set where the system verifies certificates by rules of its own.
const byPlatform = runtime.GOOS == "windows" || runtime.GOOS == "darwin" || runtime.GOOS == "ios"

// restricts reports whether a certificate limits the names or policies of those below it (RFC 5280 4.2.1.5,
// 4.2.1.10, 4.2.1.11, 4.2.1.14).
func restricts(c *x509.Certificate) bool {
	return slices.ContainsFunc(c.Extensions, func(e pkix.Extension) bool {
		return slices.ContainsFunc([]int{30, 33, 36, 54}, func(n int) bool {
			return e.Id.Equal(asn1.ObjectIdentifier{2, 5, 29, n})
		})
	})
}
