package sandbox

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"
)

// authority is the sandbox's certificate authority: two trusted issuers under one root, and two untrusted ones.
type authority struct {
	pool    *x509.CertPool
	root    *x509.Certificate
	issuers map[string]*issuer
	key     *ecdsa.PrivateKey // of every leaf: generating keys is slow, and nothing here is secret
	public  []byte            // its public half as SubjectPublicKeyInfo

	mu    sync.Mutex // guards following
	leafs map[leafKey]*tls.Certificate
}

// leafKey is what distinguishes leaf certificates: names, issuer and lifetime.
type leafKey struct {
	names, issuer string
	from, to      int64
}

type issuer struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

const leafLimit = 512

func newAuthority(now time.Time) (*authority, error) {
	a := &authority{pool: x509.NewCertPool(), issuers: map[string]*issuer{}, leafs: map[leafKey]*tls.Certificate{}}
	var err error
	if a.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		return nil, err
	}
	if a.public, err = x509.MarshalPKIXPublicKey(&a.key.PublicKey); err != nil {
		return nil, err
	}
	root, err := newIssuer("domdoc sandbox root", nil, now)
	if err != nil {
		return nil, err
	}
	a.root = root.cert
	a.pool.AddCert(root.cert)
	for name, cn := range map[string]string{"amazon": "Amazon RSA 2048 M01", "other": "R11"} {
		if a.issuers[name], err = newIssuer(cn, root, now); err != nil {
			return nil, err
		}
	}
	for name, cn := range map[string]string{"unknown": "Corporate Root CA", "distrusted": "Distrusted CA 1"} {
		if a.issuers[name], err = newIssuer(cn, nil, now); err != nil {
			return nil, err
		}
	}
	return a, nil
}

func newIssuer(cn string, under *issuer, now time.Time) (*issuer, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	t := &x509.Certificate{
		SerialNumber: big.NewInt(now.UnixNano()), Subject: pkix.Name{CommonName: cn},
		NotBefore: now.Add(-10 * 365 * 24 * time.Hour), NotAfter: now.Add(10 * 365 * 24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	parent, signer := t, key
	if under != nil {
		parent, signer = under.cert, under.key
	}
	raw, err := x509.CreateCertificate(rand.Reader, t, parent, &key.PublicKey, signer)
	if err != nil {
		return nil, err
	}
	cert, err := x509.ParseCertificate(raw)
	return &issuer{cert, key}, err
}

// leaf returns a leaf certificate, from the cache if possible.
func (a *authority) leaf(e edge) (*tls.Certificate, error) {
	id := leafKey{strings.Join(e.names, " "), e.issuer, e.from.UnixNano(), e.to.UnixNano()}
	a.mu.Lock()
	defer a.mu.Unlock()
	if c := a.leafs[id]; c != nil {
		return c, nil
	}
	t := &x509.Certificate{
		SerialNumber: big.NewInt(int64(len(a.leafs)) + e.from.Unix()), Subject: pkix.Name{CommonName: e.names[0]},
		DNSNames:  e.names,
		NotBefore: e.from, NotAfter: e.to, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	for _, addr := range e.addrs {
		t.IPAddresses = append(t.IPAddresses, addr.AsSlice())
	}
	chain := [][]byte{nil}
	parent, signer := t, a.key
	if by := a.issuers[strings.TrimSuffix(e.issuer, "-bare")]; by != nil {
		parent, signer = by.cert, by.key
		if !strings.HasSuffix(e.issuer, "-bare") { // without the intermediate certificate
			chain = append(chain, by.cert.Raw)
		}
	}
	raw, err := a.sign(t, parent, signer)
	if err != nil {
		return nil, err
	}
	chain[0] = raw
	if len(a.leafs) >= leafLimit {
		clear(a.leafs)
	}
	c := &tls.Certificate{Certificate: chain, PrivateKey: a.key}
	a.leafs[id] = c
	return c, nil
}

// sign returns a certificate for the key of leafs. It is x509.CreateCertificate, which verifies each signature that it
// has made, except for unusual names.
func (a *authority) sign(t, parent *x509.Certificate, signer *ecdsa.PrivateKey) ([]byte, error) {
	if t == parent || len(t.IPAddresses) > 0 || !a.ascii(t.DNSNames) {
		return x509.CreateCertificate(rand.Reader, t, parent, &a.key.PublicKey, signer)
	}
	tbs, err := a.unsigned(t, parent)
	if err != nil {
		return nil, err
	}
	digest := sha256.Sum256(tbs)
	sig, err := signer.Sign(rand.Reader, digest[:], crypto.SHA256)
	if err != nil {
		return nil, err
	}
	return asn1.Marshal(struct {
		TBS       asn1.RawValue
		Algorithm pkix.AlgorithmIdentifier
		Signature asn1.BitString
	}{asn1.RawValue{FullBytes: tbs}, ecdsaWithSHA256, asn1.BitString{Bytes: sig, BitLength: 8 * len(sig)}})
}

func (a *authority) ascii(names []string) bool {
	return !slices.ContainsFunc(names, func(s string) bool {
		return strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII })
	})
}

var ecdsaWithSHA256 = pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2}}

// unsigned returns the TBSCertificate of a leaf (RFC 5280 4.1.2), as x509.CreateCertificate makes it.
func (a *authority) unsigned(t, parent *x509.Certificate) ([]byte, error) {
	subject, err := asn1.Marshal(t.Subject.ToRDNSequence())
	if err != nil {
		return nil, err
	}
	names := make([]asn1.RawValue, len(t.DNSNames))
	for i, n := range t.DNSNames {
		names[i] = asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 2, Bytes: []byte(n)} // dNSName
	}
	alternatives, err := asn1.Marshal(names)
	if err != nil {
		return nil, err
	}
	by, err := asn1.Marshal(struct {
		ID []byte `asn1:"optional,tag:0"`
	}{parent.SubjectKeyId})
	if err != nil {
		return nil, err
	}
	type validity struct{ NotBefore, NotAfter time.Time }
	return asn1.Marshal(struct {
		Version    int `asn1:"optional,explicit,default:0,tag:0"`
		Serial     *big.Int
		Algorithm  pkix.AlgorithmIdentifier
		Issuer     asn1.RawValue
		Validity   validity
		Subject    asn1.RawValue
		Key        asn1.RawValue
		Extensions []pkix.Extension `asn1:"explicit,tag:3"`
	}{
		Version: 2, Serial: t.SerialNumber, Algorithm: ecdsaWithSHA256,
		Issuer:   asn1.RawValue{FullBytes: parent.RawSubject},
		Validity: validity{t.NotBefore.UTC(), t.NotAfter.UTC()},
		Subject:  asn1.RawValue{FullBytes: subject}, Key: asn1.RawValue{FullBytes: a.public},
		Extensions: []pkix.Extension{
			{Id: asn1.ObjectIdentifier{2, 5, 29, 15}, Critical: true, Value: digitalSignature},
			{Id: asn1.ObjectIdentifier{2, 5, 29, 37}, Value: serverAuth},
			{Id: asn1.ObjectIdentifier{2, 5, 29, 35}, Value: by},
			{Id: asn1.ObjectIdentifier{2, 5, 29, 17}, Value: alternatives},
		},
	})
}

// The values of the extensions keyUsage and extKeyUsage of a leaf.
var (
	digitalSignature = []byte{3, 2, 7, 0x80}
	serverAuth       = []byte{0x30, 10, 6, 8, 0x2b, 6, 1, 5, 5, 7, 3, 1} // id-kp-serverAuth
)
