package probe

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"testing"
	"time"

	"domdoc/checks/probe/exchange"
	"domdoc/checks/probe/probetest"
)

// TestVerifier: an intermediate certificate is verified once, and each chain is judged as without that.
func TestVerifier(t *testing.T) {
	t.Parallel()
	ca, stranger := probetest.NewCA(t), probetest.NewCA(t) // their certificates have the same names
	now := time.Now()
	long := probetest.LeafTemplate("shop.example")
	long.NotAfter = now.Add(4000 * time.Hour)
	lasting := ca.Sign(t, long, ca.Mid)
	leaf := func(by *probetest.CA, issuer *x509.Certificate) *x509.Certificate {
		return by.Sign(t, probetest.LeafTemplate("shop.example"), issuer)
	}
	limited := ca.Sign(t, &x509.Certificate{
		Subject: pkix.Name{CommonName: "limited root"}, IsCA: true, PermittedDNSDomains: []string{"other.example"},
	}, nil)
	below := ca.Sign(t, &x509.Certificate{Subject: pkix.Name{CommonName: "below it"}, IsCA: true}, limited)
	roots := x509.NewCertPool()
	roots.AddCert(ca.Root)
	roots.AddCert(limited)
	v := &exchange.Verifier{Roots: roots}
	others := ca.Sign(t, probetest.LeafTemplate("shop.other.example"), below)
	for _, tt := range []struct {
		what  string
		chain []*x509.Certificate
		host  string
		at    time.Time
		want  bool
	}{
		{"the first", []*x509.Certificate{leaf(ca, ca.Mid), ca.Mid}, "shop.example", now, true},
		{"another", []*x509.Certificate{leaf(ca, ca.Mid), ca.Mid}, "shop.example", now, true},
		{"without the intermediate", []*x509.Certificate{leaf(ca, ca.Mid)}, "shop.example", now, false},
		{"signed by another key", []*x509.Certificate{leaf(stranger, stranger.Mid), ca.Mid}, "shop.example", now, false},
		{"another authority", []*x509.Certificate{leaf(stranger, stranger.Mid), stranger.Mid}, "shop.example", now, false},
		{"within its time", []*x509.Certificate{lasting, ca.Mid}, "shop.example", now.Add(900 * time.Hour), true},
		{"after the intermediate's", []*x509.Certificate{lasting, ca.Mid}, "shop.example", now.Add(2000 * time.Hour), false},
		{"a permitted name", []*x509.Certificate{others, below}, "shop.other.example", now, true},
		{"one that its root does not permit", []*x509.Certificate{leaf(ca, below), below}, "shop.example", now, false},
	} {
		got := v.Verify(tt.chain, tt.host, tt.at)
		if alone := exchange.Verify(tt.chain, tt.host, roots, tt.at); got != alone || got.Trusted != tt.want {
			t.Errorf("%s: %+v, alone %+v, want %v", tt.what, got, alone, tt.want)
		}
	}
	v.Roots = x509.NewCertPool() // what was verified is not verified again
	if got := v.Verify([]*x509.Certificate{leaf(ca, ca.Mid), ca.Mid}, "shop.example", now); !got.Trusted {
		t.Errorf("its intermediate is verified again: %+v", got)
	}
	if got := v.Verify([]*x509.Certificate{others, below}, "shop.other.example", now); got.Trusted {
		t.Error("a root that permits some names only was not asked again")
	}
}

// BenchmarkVerify verifies the chains of a fleet, which have one intermediate certificate.
func BenchmarkVerify(b *testing.B) {
	ca := probetest.NewCA(b)
	v := &exchange.Verifier{Roots: ca.Pool}
	chain := []*x509.Certificate{ca.Sign(b, probetest.LeafTemplate("shop.example"), ca.Mid), ca.Mid}
	for name, verify := range map[string]func() exchange.Verified{
		"alone": func() exchange.Verified { return exchange.Verify(chain, "shop.example", ca.Pool, time.Now()) },
		"fleet": func() exchange.Verified { return v.Verify(chain, "shop.example", time.Now()) },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if !verify().Trusted {
					b.Fatal("not trusted")
				}
			}
		})
	}
}
