package cli_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// labCA issues the lab's certificates: a root that the program trusts, an intermediate that servers send, and a root
// that is not trusted.
type labCA struct {
	dir                   string
	key                   *ecdsa.PrivateKey // of every leaf: what differs is the certificate
	root, issuer, unknown labIssuer
	files                 map[string]string
}

type labIssuer struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// newLabCA writes root.pem, for SSL_CERT_FILE, and leaf.key.
func newLabCA(dir string) (*labCA, error) {
	ca := &labCA{dir: dir, files: map[string]string{}}
	var err error
	if ca.root, err = newLabIssuer("Lab Root CA", nil); err != nil {
		return nil, err
	}
	if ca.issuer, err = newLabIssuer("Lab Issuing CA", &ca.root); err != nil {
		return nil, err
	}
	if ca.unknown, err = newLabIssuer("Somebody's Own CA", nil); err != nil {
		return nil, err
	}
	if ca.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(ca.key)
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(dir, "leaf.key"),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600); err != nil {
		return nil, err
	}
	return ca, os.WriteFile(filepath.Join(dir, "root.pem"), labPEM(ca.root.cert.Raw), 0o600)
}

func newLabIssuer(name string, parent *labIssuer) (labIssuer, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return labIssuer{}, err
	}
	t := labTemplate(name)
	t.IsCA, t.BasicConstraintsValid, t.KeyUsage = true, true, x509.KeyUsageCertSign
	signer := labIssuer{t, key}
	if parent != nil {
		signer = *parent
	}
	der, err := x509.CreateCertificate(rand.Reader, t, signer.cert, &key.PublicKey, signer.key)
	if err != nil {
		return labIssuer{}, err
	}
	cert, err := x509.ParseCertificate(der)
	return labIssuer{cert, key}, err
}

func labTemplate(name string) *x509.Certificate {
	serial, _ := rand.Int(rand.Reader, big.NewInt(1<<62))
	now := time.Now()
	return &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: name, Organization: []string{"Lab"}},
		NotBefore: now.AddDate(-1, 0, 0), NotAfter: now.AddDate(1, 0, 0), KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
}

func labPEM(ders ...[]byte) []byte {
	var out []byte
	for _, der := range ders {
		out = append(out, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})...)
	}
	return out
}

// file writes a certificate of a kind for hosts (separated by spaces) and returns the name of its file, which also
// has the chain that the server sends.
func (ca *labCA) file(kind, hosts string) (string, error) {
	if f := ca.files[kind+" "+hosts]; f != "" {
		return f, nil
	}
	names := strings.Fields(hosts)
	t := labTemplate(names[0])
	t.DNSNames = names
	signer, chain := ca.issuer, [][]byte{ca.issuer.cert.Raw}
	now := time.Now()
	switch kind {
	case "valid":
	case "other-name":
		t.DNSNames = []string{"www.some-other-shop.com"}
	case "default":
		t.DNSNames = []string{"cloudfront.net", "*.cloudfront.net"}
	case "expired":
		t.NotBefore, t.NotAfter = now.AddDate(0, -4, 0), now.AddDate(0, 0, -3)
	case "not-yet":
		t.NotBefore = now.AddDate(0, 0, 2)
	case "soon":
		t.NotAfter = now.AddDate(0, 0, 5)
	case "no-intermediate":
		chain = nil
	case "unknown-root":
		signer, chain = ca.unknown, nil
	case "self-signed":
		signer, chain = labIssuer{t, ca.key}, nil
	default:
		return "", fmt.Errorf("there is no certificate of the kind %q", kind)
	}
	der, err := x509.CreateCertificate(rand.Reader, t, signer.cert, &ca.key.PublicKey, signer.key)
	if err != nil {
		return "", err
	}
	file := filepath.Join(ca.dir, fmt.Sprintf("%s-%d.pem", kind, len(ca.files)))
	ca.files[kind+" "+hosts] = file
	return file, os.WriteFile(file, labPEM(append([][]byte{der}, chain...)...), 0o600)
}
