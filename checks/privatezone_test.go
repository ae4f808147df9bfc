package checks_test

import (
	"context"
	"net"
	"strings"
	"testing"

	"domdoc/api"
	"domdoc/api/sandbox"
	"domdoc/catalog"
	"domdoc/catalog/causes"
	"domdoc/checks"
	"domdoc/checks/probe"
	"domdoc/checks/probe/exchange"
	"domdoc/checks/probe/probetest"
	"domdoc/checks/probe/transport"
	"domdoc/checks/subject"
)

// TestPrivateZone: a record that the public servers deny and a resolver inside a private network returns is likely in
// a private zone. One that this resolver denies too may only be in one.
func TestPrivateZone(t *testing.T) {
	t.Parallel()
	const inside = "10.0.0.2:53"
	for _, tt := range []struct {
		name, answer string
		likely       bool
	}{
		{"the resolver of the private network has it", `_verify.shop.weald.example. 60 TXT "tok-a2000007"`, true},
		{"the resolver of the private network has another value", `_verify.shop.weald.example. 60 TXT "tok-1"`, false},
		{"it denies it, too", "NXDOMAIN", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b, err := sandbox.Start(sandbox.Options{Only: []string{"route53-private"}})
			if err != nil {
				t.Fatal(err)
			}
			defer b.Close()
			network := probetest.NewNetwork()
			network.Serve(t, probetest.Script{
				"_verify.shop.weald.example. TXT": {tt.answer}, "*": {"NXDOMAIN"},
			}, inside)
			wire := transport.NewLive(func(ctx context.Context, proto, address string) (net.Conn, error) {
				if address == inside {
					return network.Dial(ctx, proto, address)
				}
				return b.Dial(ctx, proto, address)
			}, b.Roots())
			defer wire.Close()
			s := probe.NewSession(t.Context(), wire, probe.Options{
				Now: b.LocalNow, TrustedRoots: b.Roots(), Rate: -1,
				Resolvers: []exchange.Server{probetest.ServerAt("8.8.8.8:53"), probetest.ServerAt(inside)},
			})
			defer s.Close()
			client, err := api.New(api.Config{
				BaseURL: b.URL(), Token: b.Token(), Tenant: b.Tenant(), Now: b.LocalNow, OnExchange: subject.OnExchange,
				Retries: -1,
			})
			if err != nil {
				t.Fatal(err)
			}
			defer client.Close()
			d := &checks.Doctor{Session: s, Service: subject.NewService(client, b.Tenant())}
			r := d.Diagnose(t.Context(), checks.Target{ID: "d-route53-private"})
			for _, f := range r.Roots() {
				args, ok := f.Args.(causes.RecordMissingArgs)
				if !ok {
					continue
				}
				for _, u := range args.Unseen {
					if u.ID != catalog.UnseenPrivateZone {
						continue
					}
					first := f.Fix().Steps[0]
					if u.Likely != tt.likely || strings.Contains(f.Why(), "10.0.0.2") != tt.likely ||
						strings.Contains(first, "private hosted zone") != tt.likely {
						t.Errorf("likely: %v\n%s\n%s", u.Likely, f.Why(), strings.Join(f.Fix().Steps, "\n"))
					}
					return
				}
			}
			t.Error("no finding has the reason")
		})
	}
}
