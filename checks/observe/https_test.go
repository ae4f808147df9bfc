package observe

import (
	"encoding/binary"
	"slices"
	"testing"

	"github.com/miekg/dns"

	"domdoc/checks/probe"
	"domdoc/checks/probe/exchange"
)

// echConfig returns one ECH configuration (RFC 9849 4).
func echConfig(version, kem uint16, name string) []byte {
	c := []byte{7}
	c = binary.BigEndian.AppendUint16(c, kem)
	c = append(binary.BigEndian.AppendUint16(c, 32), make([]byte, 32)...)
	c = append(c, 0, 4, 0, 1, 0, 1, 0, byte(len(name)))
	c = append(append(c, name...), 0, 0)
	out := binary.BigEndian.AppendUint16(nil, version)
	return append(binary.BigEndian.AppendUint16(out, uint16(len(c))), c...)
}

func echList(configs ...[]byte) []byte {
	all := slices.Concat(configs...)
	return append(binary.BigEndian.AppendUint16(nil, uint16(len(all))), all...)
}

func TestPublicName(t *testing.T) {
	t.Parallel()
	good := echConfig(0xfe0d, 0x20, "ech.example")
	for _, tt := range []struct {
		name string
		list []byte
		want string
	}{
		{"one", echList(good), "ech.example"},
		{"an old version first", echList(echConfig(0xfe0a, 0x20, "old.example"), good), "ech.example"},
		{"a key type that browsers do not use first", echList(echConfig(0xfe0d, 0x10, "p.example"), good), "ech.example"},
		{"an address as the name", echList(echConfig(0xfe0d, 0x20, "192.0.2.1")), ""},
		{"no host name", echList(echConfig(0xfe0d, 0x20, "a b")), ""},
		{"nothing", nil, ""},
		{"an empty list", echList(), ""},
		{"garbage", []byte("no configuration"), ""},
	} {
		if got := PublicName(tt.list); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
	for i := range echList(good) {
		if got := PublicName(echList(good)[:i]); got != "" {
			t.Errorf("cut to %d octets: %q", i, got)
		}
	}
}

// TestBestHTTPSRecord checks which records browsers use, in whatever order an answer has them.
func TestBestHTTPSRecord(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, alias, host string
		ports             []uint16
		records           []string
	}{
		{"one", "", "shop.example", []uint16{8443}, []string{"1 . port=8443"}},
		{"the usual port beside it", "", "shop.example", nil, []string{"1 . port=8443", "1 . alpn=h2"}},
		{"a later choice", "", "shop.example", nil, []string{"2 . port=8443", "1 . alpn=h2"}},
		{"an unknown mandatory key", "", "shop.example", nil, []string{`1 a.example. mandatory=key65400 key65400=x`, "2 ."}},
		{"a known mandatory key", "", "a.example", nil, []string{`1 a.example. mandatory=alpn alpn=h2`, "2 ."}},
		{"an alias beside others", "cdn.example", "", nil, []string{"1 . port=8443", "0 cdn.example."}},
		{"an alias to nothing", ".", "", nil, []string{"0 ."}},
	} {
		for range 2 {
			x := &exchange.Exchange{Outcome: exchange.Answered, Msg: &dns.Msg{}}
			x.Msg.Authoritative = true
			for _, r := range tt.records {
				rr, err := dns.NewRR("shop.example. 300 IN HTTPS " + r)
				if err != nil {
					t.Fatal(err)
				}
				x.Msg.Answer = append(x.Msg.Answer, rr)
			}
			v := &probe.AuthoritativeAnswers{Name: "shop.example", Type: dns.TypeHTTPS, Replies: []*exchange.Exchange{x}}
			alias, service := splitHTTPS(v)
			e := &endpoint{name: "shop.example"}
			if alias == "" {
				e.useBest(service, v.Name)
			}
			if alias != tt.alias || alias == "" && (e.name != tt.host || !slices.Equal(portsOf(e.records), tt.ports)) {
				t.Errorf("%s: alias %q, host %q, ports %v", tt.name, alias, e.name, portsOf(e.records))
			}
			slices.Reverse(tt.records)
		}
	}
}
