package recording

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"domdoc/checks/probe/exchange"

	"github.com/miekg/dns"
)

// TestReferralIndex compares the index of referrals with a search through all exchanges.
func TestReferralIndex(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	names := []string{".", "example.", "Shop.example.", "shop.example.", "a.shop.example.", `a\.shop.example.`, "net."}
	pick := func() string { return names[random.IntN(len(names))] }
	for range 200 {
		rec := New(nil)
		rec.Begin("x", time.Unix(0, 0))
		key := func() exchange.QueryKey {
			return exchange.QueryKey{
				Kind: exchange.KindDNS, Server: fmt.Sprint("s", random.IntN(3)), Asked: exchange.Bare(pick()) + " A",
				Flags: random.IntN(2) * exchange.FlagDO,
			}
		}
		for range 8 {
			m := new(dns.Msg)
			m.Ns = []dns.RR{&dns.NS{Hdr: dns.RR_Header{Name: pick(), Rrtype: dns.TypeNS, Class: dns.ClassINET}, Ns: "ns."}}
			rec.Add(key(), &exchange.Exchange{Outcome: exchange.Referral, Msg: m}, nil)
		}
		for range 20 {
			k := key()
			if got, want := rec.referral(k), searchReferral(rec, k); got != want {
				t.Fatalf("%+v: %+v, want %+v", k, got, want)
			}
		}
	}
}

func searchReferral(rec *Recording, key exchange.QueryKey) *exchange.Exchange {
	name, _ := exchange.SplitAsked(key.Asked)
	var other *exchange.Exchange
	for _, k := range rec.order {
		x := rec.lines[k]
		zone := x.Msg.Ns[0].Header().Name
		if k.Flags != key.Flags || !dns.IsSubDomain(zone, dns.Fqdn(name)) {
			continue
		}
		if k.Server == key.Server {
			return x
		}
		if other == nil && k.Asked == key.Asked {
			other = x
		}
	}
	return other
}
