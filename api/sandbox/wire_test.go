package sandbox

import (
	"bytes"
	"crypto/rand"
	"crypto/x509"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"
)

// TestLeaf: a leaf certificate is what x509.CreateCertificate makes, but for its signature, which verifies.
func TestLeaf(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 7, 1, 12, 0, 0, 5, time.FixedZone("", 7200))
	a, err := newAuthority(now)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range []edge{
		{names: []string{"shop.fabrikam.example"}, issuer: "amazon"},
		{names: []string{"*.fabrikam.example", "fabrikam.example"}, issuer: "other-bare"},
		{names: []string{"shop.fabrikam.example"}, issuer: "unknown", to: now.AddDate(40, 0, 0)}, // after 2049
		{names: []string{"shop.fabrikam.example"}, issuer: "self"},
	} {
		e.from = now.Add(-time.Hour)
		if e.to.IsZero() {
			e.to = now.Add(time.Hour)
		}
		made, err := a.leaf(e)
		if err != nil {
			t.Fatal(err)
		}
		got, err := x509.ParseCertificate(made.Certificate[0])
		if err != nil {
			t.Fatal(err)
		}
		parent, signer := got, a.key
		if by := issuerOf(a, e.issuer); by != nil {
			parent, signer = by.cert, by.key
		}
		if err := parent.CheckSignature(got.SignatureAlgorithm, got.RawTBSCertificate, got.Signature); err != nil {
			t.Errorf("%v: %v", e.names, err)
		}
		template := &x509.Certificate{
			SerialNumber: got.SerialNumber, Subject: got.Subject, DNSNames: e.names, NotBefore: e.from, NotAfter: e.to,
			KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		}
		if parent == got {
			parent = template
		}
		raw, err := x509.CreateCertificate(rand.Reader, template, parent, &a.key.PublicKey, signer)
		if err != nil {
			t.Fatal(err)
		}
		want, err := x509.ParseCertificate(raw)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got.RawTBSCertificate, want.RawTBSCertificate) {
			t.Errorf("%v from %s:\n%x\nwant\n%x", e.names, e.issuer, got.RawTBSCertificate, want.RawTBSCertificate)
		}
	}
}

func issuerOf(a *authority, name string) *issuer {
	return map[string]*issuer{
		"amazon": a.issuers["amazon"], "other-bare": a.issuers["other"], "unknown": a.issuers["unknown"],
	}[name]
}

// TestQuery: queries are read as miekg/dns reads them, also in the place of others.
func TestQuery(t *testing.T) {
	t.Parallel()
	plain := new(dns.Msg).SetQuestion("Shop.Fabrikam.Example.", dns.TypeTXT)
	edns := plain.Copy().SetEdns0(1232, true)
	cookie := edns.Copy()
	cookie.IsEdns0().Option = []dns.EDNS0{&dns.EDNS0_COOKIE{Code: dns.EDNS0COOKIE, Cookie: "24a5ac1223344556"}}
	flags := plain.Copy()
	flags.CheckingDisabled, flags.AuthenticatedData, flags.Truncated = true, true, true
	extended := edns.Copy()
	extended.IsEdns0().SetExtendedRcode(dns.RcodeBadVers)
	two := plain.Copy()
	two.Question = append(two.Question, two.Question[0])
	update := new(dns.Msg).SetUpdate("fabrikam.example.")
	update.RemoveName([]dns.RR{&dns.A{Hdr: dns.RR_Header{Name: "a.fabrikam.example.", Rrtype: dns.TypeA}}})
	tsig := plain.Copy()
	tsig.Extra = []dns.RR{&dns.TXT{Hdr: dns.RR_Header{Name: ".", Rrtype: dns.TypeTXT, Class: dns.ClassINET}}}
	var packets [][]byte
	for _, m := range []*dns.Msg{edns, plain, cookie, flags, extended, two, update, tsig, {}} {
		raw, err := m.Pack()
		if err != nil {
			t.Fatal(err)
		}
		packets = append(packets, raw, append(bytes.Clone(raw), 0), raw[:len(raw)-1])
	}
	packets = append(packets, append(bytes.Repeat([]byte{0xc0}, 12), 0xc0, 12, 0, 1, 0, 1))
	var q query
	for _, raw := range packets {
		if len(raw) < 12 {
			continue
		}
		want := new(dns.Msg)
		wantErr, err := want.Unpack(raw), q.unpack(raw)
		if (err == nil) != (wantErr == nil) || err == nil && !cmp.Equal(&q.Msg, want) {
			t.Errorf("%x: %v %v\n%s\nwant\n%s", raw, err, wantErr, &q.Msg, want)
		}
	}
}

// TestInZone: canonical names are compared as dns.IsSubDomain does.
func TestInZone(t *testing.T) {
	t.Parallel()
	names := []string{
		".", "example.", "fabrikam.example.", "shop.fabrikam.example.", "xfabrikam.example.", `x\.fabrikam.example.`,
		`x\\.fabrikam.example.`, `\\\.fabrikam.example.`, `a.x\.fabrikam.example.`, "uk.", "co.uk.", "shop.co.uk.",
	}
	for _, zone := range names {
		for _, name := range names {
			if got, want := inZone(zone, name), dns.IsSubDomain(zone, name); got != want {
				t.Errorf("%s in %s: %v", name, zone, got)
			}
		}
	}
}

// TestSignaturesAreVerified: a signature is not verified again that was made for the same RRset with the same key, and
// no other one counts as verified.
func TestSignaturesAreVerified(t *testing.T) {
	t.Parallel()
	s, err := newSigner()
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	zone := "fabrikam.example."
	txt := func(v string) []dns.RR {
		return []dns.RR{&dns.TXT{
			Hdr: dns.RR_Header{Name: "_verify." + zone, Rrtype: dns.TypeTXT, Class: dns.ClassINET, Ttl: 60}, Txt: []string{v},
		}}
	}
	key, other := dnskey(zone, s.public), dnskey(zone, s.publicElse)
	right, broken := s.sign(zone, txt("a"), signing{}, now), s.sign(zone, txt("a"), signing{broken: true}, now)
	forged := dns.Copy(right).(*dns.RRSIG)
	forged.Signature = s.sign(zone, txt("b"), signing{}, now).Signature
	for _, c := range []struct {
		about string
		sig   *dns.RRSIG
		key   *dns.DNSKEY
		set   []dns.RR
		ok    bool
	}{
		{"as signed", right, key, txt("a"), true},
		{"a copy of the signature", dns.Copy(right).(*dns.RRSIG), key, txt("a"), true},
		{"another value", right, key, txt("b"), false},
		{"another key", right, other, txt("a"), false},
		{"signed by another key", broken, key, txt("a"), false},
		{"signed by another key, asked with it", broken, other, txt("a"), false}, // the tag is that of the first
		{"another signature", forged, key, txt("a"), false},
		{"another name of the key", right, dnskey("example.", s.public), txt("a"), false},
	} {
		if err := s.verify(c.sig, c.key, c.set); (err == nil) != c.ok {
			t.Errorf("%s: %v", c.about, err)
		}
		if err := c.sig.Verify(c.key, c.set); (err == nil) != c.ok {
			t.Errorf("%s: miekg/dns says %v", c.about, err)
		}
	}
}
