package observe_test

import (
	"net/netip"
	"testing"

	"domdoc/checks/observe"
	"domdoc/checks/probe/exchange"

	"github.com/miekg/dns"
)

// TestFilters: which answers of a resolver are those of a filter, and not of a zone or a cache.
func TestFilters(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name              string
		state             observe.CellState
		outcome           exchange.Outcome
		answer, authority string
		renews            bool
		filtered, blocked bool
	}{
		{
			name: "a denial of the zone", state: observe.CellMissing, outcome: exchange.NXDomain,
			authority: "example.com. 300 SOA ns. h. 1 2 3 4 5",
		},
		{
			name: "a denial of the registry", state: observe.CellMissing, outcome: exchange.NXDomain,
			authority: "com. 300 SOA ns. h. 1 2 3 4 5",
		},
		{name: "a denial without SOA", state: observe.CellMissing, outcome: exchange.NXDomain, filtered: true},
		{name: "no data without SOA", state: observe.CellMissing, outcome: exchange.NoData, filtered: true},
		{
			name: "a denial of a policy zone", state: observe.CellMissing, outcome: exchange.NXDomain,
			authority: "rpz.local. 300 SOA ns. h. 1 2 3 4 5", filtered: true,
		},
		{
			name: "a CNAME whose target is denied elsewhere", state: observe.CellMissing, outcome: exchange.Answered,
			answer: "shop.example.com. 60 CNAME a.example.net.", authority: "example.net. 300 SOA ns. h. 1 2 3 4 5",
		},
		{
			name: "an old address", state: observe.CellDiffers, outcome: exchange.Answered,
			answer: "shop.example.com. 60 A 192.0.2.1", renews: true,
		},
		{
			name: "an old address that led nowhere, running out", state: observe.CellDiffers, outcome: exchange.Answered,
			answer: "shop.example.com. 60 A 0.0.0.0",
		},
		{
			name: "an address that leads nowhere", state: observe.CellDiffers, outcome: exchange.Answered,
			answer: "shop.example.com. 60 A 0.0.0.0", renews: true, blocked: true,
		},
		{
			name: "the same where nothing is expected", state: observe.CellSeen, outcome: exchange.Answered,
			answer: "shop.example.com. 60 A 127.0.0.1", blocked: true,
		},
		{
			name: "the source has it too", state: observe.CellMatch, outcome: exchange.Answered,
			answer: "shop.example.com. 60 A 127.0.0.1",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m := new(dns.Msg)
			for text, section := range map[string]*[]dns.RR{tt.answer: &m.Answer, tt.authority: &m.Ns} {
				if text == "" {
					continue
				}
				rr, err := dns.NewRR(text)
				if err != nil {
					t.Fatal(err)
				}
				*section = append(*section, rr)
			}
			c := observe.Cell{Kind: observe.KindResolver, State: tt.state, Renews: tt.renews, Exchange: &exchange.Exchange{
				Asked: "shop.example.com A", Outcome: tt.outcome, Msg: m,
			}}
			if c.Filtered() != tt.filtered || c.Blocked() != tt.blocked {
				t.Errorf("filtered %v, blocked %v", c.Filtered(), c.Blocked())
			}
		})
	}
}

// TestForwards: only a resolver in the user's own network is taken for a forwarder.
func TestForwards(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{
		"127.0.0.53": true, "192.168.1.1": true, "10.0.0.1": true, "100.64.0.1": true, "::1": true, "fd00::1": true,
		"fe80::1": true, "8.8.8.8": false, "2620:fe::10": false,
	} {
		c := observe.Cell{Exchange: &exchange.Exchange{Addr: netip.AddrPortFrom(netip.MustParseAddr(address), 53)}}
		if c.Forwards() != want {
			t.Errorf("%s: %v", address, c.Forwards())
		}
	}
}
