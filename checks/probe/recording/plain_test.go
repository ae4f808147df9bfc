package recording

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"errors"
	"math/big"
	"net/http"
	"net/netip"
	"reflect"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"domdoc/checks/probe/exchange"
	"domdoc/checks/probe/recording/plain"

	"github.com/miekg/dns"
)

// readPlain reads a whole recording with DecodePlain; nil if that does not understand it.
func readPlain(raw []byte) *Recording {
	r := plain.NewReader(bytes.NewReader(raw))
	rec := DecodePlain(r)
	if r.End(); r.Failed() {
		return nil
	}
	return rec
}

// contents are what a recording holds, however it holds it.
type contents struct {
	Label   string
	Begun   time.Time
	IPv6    bool
	Keys    []exchange.QueryKey
	List    []*exchange.Exchange
	Choices map[ChoiceKey]choice
	Hosts   map[string]hostLookup
	Roots   [][]byte
}

func contentsOf(rec *Recording) contents {
	c := contents{
		Label: rec.Label, Begun: rec.begun, IPv6: rec.ipv6, Choices: rec.chosen, Hosts: rec.hosts, Roots: rec.roots,
	}
	for k, x := range rec.all {
		c.Keys, c.List = append(c.Keys, k), append(c.List, x)
	}
	return c
}

// message returns a message with some answers.
func message(tb testing.TB, answer ...string) *dns.Msg {
	tb.Helper()
	m := new(dns.Msg)
	m.SetQuestion("shop.example.", dns.TypeA)
	m.Compress = true
	for _, text := range answer {
		rr, err := dns.NewRR(text)
		if err != nil {
			tb.Fatal(err)
		}
		m.Answer = append(m.Answer, rr)
	}
	return m
}

// everyRecord has one record of each type that unpacks knows, and some that it does not.
var everyRecord = []string{
	"shop.example. 60 IN A 192.0.2.1", "shop.example. 60 IN AAAA 2001:db8::1", "shop.example. 60 IN NS ns.example.",
	"shop.example. 60 IN CNAME other.example.", "shop.example. 60 IN MX 10 mail.example.",
	"shop.example. 60 IN SOA ns.example. host.example. 1 2 3 4 5", `shop.example. 60 IN TXT "one" "two \"three\""`,
	"shop.example. 60 IN DS 1 8 2 00112233", "shop.example. 60 IN DNSKEY 257 3 13 AAECAwQF",
	"shop.example. 60 IN RRSIG A 13 2 60 20300101000000 20200101000000 1 example. AAECAwQF",
	`shop.example. 60 IN CAA 0 issue "ca.example"`, "shop.example. 60 IN NSEC next.example. A TXT",
	"shop.example. 60 IN HTTPS 1 . alpn=h2",
}

// recorded returns a recording that has everything that can be recorded.
func recorded(tb testing.TB) *Recording {
	tb.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "shop.example"}, DNSNames: []string{"shop.example"},
		NotBefore: time.Unix(1e9, 0), NotAfter: time.Unix(3e9, 0),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		tb.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		tb.Fatal(err)
	}
	rec := New(nil)
	rec.Begin("dd-1", time.Date(2026, 11, 30, 1, 2, 3, 4, time.UTC))
	rec.SetIPv6(true)
	rec.AddHost("whois.example", []netip.Addr{netip.MustParseAddr("192.0.2.3"), netip.MustParseAddr("2001:db8::3")},
		nil)
	rec.AddHost("gone.example", nil, errors.New("no such <host>"))
	rec.roots = append(rec.roots, der)
	at := rec.begun
	add := func(x exchange.Exchange, server string, flags int) {
		at = at.Add(time.Millisecond)
		x.At, x.Took = at, 1234*time.Microsecond
		rec.Add(exchange.QueryKey{Kind: x.Kind, Server: server, Asked: x.Asked, Flags: flags}, &x, nil)
	}
	addr := netip.MustParseAddrPort("192.0.2.1:53")
	for i, text := range everyRecord {
		add(exchange.Exchange{
			Kind: exchange.KindDNS, Addr: addr, Host: "ns.example", Transport: "udp",
			Asked:   "shop.example " + strconv.Itoa(i),
			Outcome: exchange.Answered, Msg: message(tb, text), RD: true, CD: true, DO: true,
		}, addr.String(), exchange.FlagRD|exchange.FlagCD|exchange.FlagDO)
	}
	referral := message(tb)
	referral.Ns = message(tb, "example. 60 IN NS ns.example.").Answer
	opt := &dns.OPT{Hdr: dns.RR_Header{Name: ".", Rrtype: dns.TypeOPT}}
	opt.Option = append(opt.Option, &dns.EDNS0_EDE{InfoCode: 22, ExtraText: "no"})
	referral.Extra = append(referral.Extra, opt)
	for _, x := range []exchange.Exchange{
		{Kind: exchange.KindDNS, Asked: "shop.example A", Outcome: exchange.Referral, Msg: referral},
		{
			Kind: exchange.KindDNS, Asked: "silent.example A", Outcome: exchange.Timeout,
			Err: "no answer \u2028 in <time>\x01",
		},
		{
			Kind: exchange.KindWHOIS, Asked: "shop.example", Outcome: exchange.Answered,
			Text: []byte("Domain: ä\r\n\t\"x\\\"\n"),
		},
		{Kind: exchange.KindWHOIS, Asked: "cut.example", Outcome: exchange.Answered, Text: []byte{0xff, 0xfe}, Cut: true},
		{Kind: exchange.KindWHOIS, Asked: "none.example", Outcome: exchange.Answered, Text: []byte{}},
		{
			Kind: exchange.KindHTTP, Asked: "GET https://shop.example/", Outcome: exchange.Answered,
			HTTP: &exchange.HTTPReply{
				Status: 200, Header: http.Header{"Server": {"a", "b\n"}, "Via": {""}}, Body: []byte("<p>&\U0001f600</p>"),
				Cut: true, Broken: true, Address: "192.0.2.1:443",
			},
		},
		{
			Kind: exchange.KindHTTP, Asked: "HEAD https://shop.example/", Outcome: exchange.Answered,
			HTTP: &exchange.HTTPReply{Status: 404, Body: []byte{0xff}},
		},
		{Kind: exchange.KindHTTP, Asked: "PUT https://shop.example/", HTTP: &exchange.HTTPReply{Status: 500}},
		{
			Kind: exchange.KindTLS, Asked: "shop.example", Outcome: exchange.Answered, Transport: "tcp",
			TLS: &exchange.TLSReply{Chain: []*x509.Certificate{leaf, leaf}, Version: 0x304, Connected: true},
		},
		{Kind: exchange.KindTLS, Asked: "other.example", TLS: &exchange.TLSReply{Failed: "no handshake"}},
	} {
		add(x, "server of "+x.Asked, 0)
	}
	first, second := exchange.Server{Addr: addr}, netip.MustParseAddrPort("[2001:db8::2]:53")
	rec.Choose(ChoiceKey{"example", "shop.example", 1, 2}, &exchange.Exchange{Addr: second}, first)
	return rec
}

// TestDecodePlain reads what MarshalJSON writes with both readers.
func TestDecodePlain(t *testing.T) {
	t.Parallel()
	raw, err := json.MarshalIndent(recorded(t), " ", "\t")
	if err != nil {
		t.Fatal(err)
	}
	fast := readPlain(raw)
	if fast == nil {
		t.Fatalf("not plain:\n%s", raw)
	}
	agree(t, raw, fast)
	if n := len(everyRecord) + 10; fast.Exchanges() != n {
		t.Errorf("%d exchanges, want %d", fast.Exchanges(), n)
	}
	var slow Recording
	if err := slow.UnmarshalJSON(raw); err != nil {
		t.Fatal(err)
	}
	want, err := slow.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := fast.MarshalJSON(); err != nil || !bytes.Equal(got, want) {
		t.Errorf("written again it is, with %v,\n%s\nwant %s", err, got, want)
	}
}

// agree requires that Decode reads the same.
func agree(t *testing.T, raw []byte, fast *Recording) {
	t.Helper()
	var slow Recording
	if err := slow.UnmarshalJSON(raw); err != nil {
		t.Fatalf("Decode does not read it: %v\n%s", err, raw)
	}
	got, want := contentsOf(fast), contentsOf(&slow)
	for i, x := range got.List {
		if i < len(want.List) && !reflect.DeepEqual(x, want.List[i]) {
			t.Errorf("exchange %d differs:\n%+v\n%+v", i, x, want.List[i])
		}
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("they differ:\n%+v\n%+v", got, want)
	}
	for i, key := range want.Keys {
		for _, key := range []exchange.QueryKey{
			key, {Kind: key.Kind, Server: key.Server, Asked: "unknown." + key.Asked, Flags: key.Flags},
		} {
			blank := exchange.Exchange{Kind: key.Kind, Asked: key.Asked}
			if got, want := fast.Find(key, &blank), slow.Find(key, &blank); !reflect.DeepEqual(got, want) {
				t.Errorf("exchange %d: for %v there is\n%+v\nwant %+v", i, key, got, want)
			}
		}
	}
}

// odd are texts that replace a part of a recording. Decode reads some of them.
var odd = [][2]string{
	{`"kind"`, `"Kind"`},
	{`"kind"`, `"kin\u0064"`},
	{`"kind": "dns"`, `"kind": "dns", "kind": "tls"`},
	{`"kind": "dns"`, `"kind": null`},
	{`"asked": "`, `"asked": "\ud83d\ude00\/\b\f`},
	{`"asked": "`, `"asked": "\ud83d`},
	{`"asked": "`, `"asked": "\ud83dx\ude00`},
	{`"asked": "`, "\"asked\": \"\xff"},
	{`"asked": "`, "\"asked\": \"\n"},
	{`"flags": `, `"flags": 0`},
	{`"flags": `, `"flags": -`},
	{`"flags": `, `"flags": 1e`},
	{`"tookUs": `, `"tookUs": 9999999999999999`},
	{`"tookUs": 1234`, `"tookUs": -1234`},
	{`"tookUs": 1234`, `"tookUs": 12.5`},
	{`"addr": "`, `"addr": "x`},
	{`"addr": "192.0.2.1:53"`, `"addr": ""`},
	{`"at": "2026-`, `"at": "0000-`},
	{`"at": "2026-`, `"at": "-`},
	{`"dns": "`, `"dns": "AAAA`},
	{`"dns": "`, `"dns": "\r`},
	{`"dns": "`, `"dns": "\n`},
	{`"text": {`, `"text": {"bytes": "AAAA", `},
	{`"text": {`, `"text": {}, "unknown": {`},
	{`"header": {`, `"header": {"A": [], "A": ["x"], `},
	{`"header": {`, `"header": {"A": null, `},
	{`"chain": [`, `"chain": [""`},
	{`"version": 772`, `"version": 70000`},
	{`"begunAt": "2026-11-30T01:02:03.000000004Z"`, `"begunAt": "2026-11-30T02:02:03+01:00"`},
	{`"ipv6": true`, `"ipv6": "true"`},
	{`"exchanges": [`, `"exchanges": null, "Exchanges": [`},
	{`"exchanges": [`, `"exchanges": [null, `},
	{`"hosts": {`, `"hosts": {"a]}": {}, "\"": {}, `},
	{`"type": 1`, `"type": 65536`},
}

// TestDecodePlainOdd changes a recording: DecodePlain reads it as Decode does, or not at all.
func TestDecodePlainOdd(t *testing.T) {
	t.Parallel()
	raw, err := json.MarshalIndent(recorded(t), "", " ")
	if err != nil {
		t.Fatal(err)
	}
	understood := 0
	for _, change := range odd {
		changed := strings.Replace(string(raw), change[0], change[1], 1)
		if changed == string(raw) {
			t.Errorf("%s is not in the recording", change[0])
		}
		if fast := readPlain([]byte(changed)); fast != nil {
			understood++
			agree(t, []byte(changed), fast)
		}
	}
	if understood < 5 {
		t.Errorf("%d of %d were understood", understood, len(odd))
	}
	for n := 0; n < len(raw); n += 101 {
		if readPlain(raw[:n]) != nil {
			t.Errorf("understood without its end: %s", raw[:n])
		}
	}
}

func FuzzDecodePlain(f *testing.F) {
	rec := recorded(f)
	for _, key := range rec.order {
		one := New(nil)
		one.Add(key, rec.lines[key], nil)
		raw, err := one.MarshalJSON()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	for _, change := range odd {
		for _, s := range change {
			f.Add([]byte(`{"exchanges": [{` + s + `"}]}`))
		}
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		if fast := readPlain(raw); fast != nil {
			agree(t, raw, fast)
		}
	})
}

// FuzzUnpacks compares unpacks with the parser that it stands for.
func FuzzUnpacks(f *testing.F) {
	for _, text := range everyRecord {
		wire, err := message(f, text, text, "x.shop.example. 60 IN TXT x").Pack()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(wire)
		for i := 2; i < len(wire); i += 7 {
			f.Add(slices.Concat(wire[:i], []byte{wire[i] + 1}, wire[i+1:]))
			f.Add(wire[:i])
		}
	}
	f.Fuzz(func(t *testing.T, wire []byte) {
		if unpacks(wire) {
			if err := unpackSafely(new(dns.Msg), wire); err != nil {
				t.Errorf("%v: %x", err, wire)
			}
		}
	})
}

// TestUnpacks requires that the frequent records are known, so that they are not made when a case is read.
func TestUnpacks(t *testing.T) {
	t.Parallel()
	for i, text := range everyRecord[:10] {
		wire, err := message(t, text).Pack()
		if err != nil || !unpacks(wire) {
			t.Errorf("%d: %s is not known: %v", i, text, err)
		}
	}
}

// TestStoredIdentity: an exchange that is in use is found again as the same one, however many are asked for between.
func TestStoredIdentity(t *testing.T) {
	t.Parallel()
	rec := New(nil)
	const many = storedLatest + 100
	key := func(i int) exchange.QueryKey {
		return exchange.QueryKey{Kind: exchange.KindDNS, Server: "192.0.2.1:53", Asked: strconv.Itoa(i) + ".example A"}
	}
	for i := range many {
		rec.Add(key(i), &exchange.Exchange{Kind: exchange.KindDNS, Outcome: exchange.Timeout, Asked: key(i).Asked}, nil)
	}
	raw, err := json.Marshal(rec)
	if err != nil {
		t.Fatal(err)
	}
	back := readPlain(raw)
	if back == nil {
		t.Fatal("not plain")
	}
	first := back.Find(key(0), &exchange.Exchange{})
	for i := range many {
		if x := back.Find(key(i), &exchange.Exchange{}); x.Asked != key(i).Asked {
			t.Fatalf("%v has %v", key(i), x)
		}
	}
	runtime.GC()
	if again := back.Find(key(0), &exchange.Exchange{}); again != first {
		t.Errorf("%p was found again as %p", first, again)
	}
}
