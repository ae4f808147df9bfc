package probetest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"testing"
	"time"
)

// CA is a certificate authority for tests: a root that clients trust, an intermediate that servers send, and a
// foreign root that is not trusted.
type CA struct {
	Pool               *x509.CertPool
	Root, Mid, Foreign *x509.Certificate
	key                *ecdsa.PrivateKey // of all of them: making keys is slow
}

// NewCA makes a certificate authority.
func NewCA(t testing.TB) *CA {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ca := &CA{key: key, Pool: x509.NewCertPool()}
	ca.Root = ca.Sign(t, &x509.Certificate{Subject: pkix.Name{CommonName: "test root"}, IsCA: true}, nil)
	ca.Mid = ca.Sign(t, &x509.Certificate{Subject: pkix.Name{CommonName: "test intermediate"}, IsCA: true}, ca.Root)
	ca.Foreign = ca.Sign(t, &x509.Certificate{Subject: pkix.Name{CommonName: "foreign root"}, IsCA: true}, nil)
	ca.Pool.AddCert(ca.Root)
	return ca
}

// Sign signs a certificate with an issuer, or with itself if there is none. Dates that are not set are valid ones.
func (ca *CA) Sign(t testing.TB, c *x509.Certificate, issuer *x509.Certificate) *x509.Certificate {
	t.Helper()
	c.SerialNumber, _ = rand.Int(rand.Reader, big.NewInt(1<<62))
	life := 48 * time.Hour
	if c.IsCA {
		life = 1000 * time.Hour
	}
	if c.NotBefore.IsZero() {
		c.NotBefore = time.Now().Add(-life)
	}
	if c.NotAfter.IsZero() {
		c.NotAfter = time.Now().Add(life)
	}
	if c.IsCA {
		c.BasicConstraintsValid, c.KeyUsage = true, x509.KeyUsageCertSign
	} else {
		c.KeyUsage, c.ExtKeyUsage = x509.KeyUsageDigitalSignature, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	}
	if issuer == nil {
		issuer = c
	}
	raw, err := x509.CreateCertificate(rand.Reader, c, issuer, &ca.key.PublicKey, ca.key)
	if err != nil {
		t.Fatal(err)
	}
	out, err := x509.ParseCertificate(raw)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// LeafTemplate is a template for names and addresses.
func LeafTemplate(names ...string) *x509.Certificate {
	c := &x509.Certificate{}
	for _, n := range names {
		if ip := net.ParseIP(n); ip != nil {
			c.IPAddresses = append(c.IPAddresses, ip)
		} else {
			c.DNSNames = append(c.DNSNames, n)
		}
	}
	if len(names) > 0 {
		c.Subject.CommonName = names[0]
	}
	return c
}

// Serving returns a server's configuration with a chain, the leaf first.
func (ca *CA) Serving(chain ...*x509.Certificate) *tls.Config {
	c := tls.Certificate{PrivateKey: ca.key}
	for _, x := range chain {
		c.Certificate = append(c.Certificate, x.Raw)
	}
	return &tls.Config{Certificates: []tls.Certificate{c}, MinVersion: tls.VersionTLS12}
}

// Good returns a configuration with a valid certificate for the names.
func (ca *CA) Good(t testing.TB, names ...string) *tls.Config {
	return ca.Serving(ca.Sign(t, LeafTemplate(names...), ca.Mid), ca.Mid)
}
