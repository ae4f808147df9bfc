package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/miekg/dns"
)

// labLeft is a domain that left a DNS host. Its earlier servers are off by the time that it is checked.
var labLeft = labCase{
	name: "left a DNS host whose servers are off", domain: "shop.left-host.com", ns: "odd.elsewhere.net ns1.hostco.net",
	zone: "@ NS odd.elsewhere.net.\n" + verified, expect: []string{expectRouting, expectToken},
	want: labWant{
		verdict: "fail", roots: []string{"fail cache.old-answer routing"}, within: labLimit,
		codes: []string{"DOMAIN_010 predicted"}, and: func(t *testing.T, d *labDomain) {
			f := d.find(t, "cache.old-answer")
			for _, want := range []string{"8.8.8.8", "odd.elsewhere.net"} {
				if !strings.Contains(f.Summary+f.Why, want) {
					t.Errorf("%q is not said: %s; %s", want, f.Summary, f.Why)
				}
			}
		},
	},
}

// testLeftHost: one resolver has the NS records of the earlier DNS host. It gives no answer about names in the zone
// for longer than anybody waits, and tells at once which servers it asks.
func (w *labWorld) testLeftHost(t *testing.T) {
	c := labLeft
	if m, err := w.ask("8.8.8.8", c.apex(), dns.TypeNS, true); err != nil || len(m.Answer) != 1 {
		t.Fatalf("8.8.8.8 does not learn the servers: %v, %v", m, err)
	}
	if err := w.role.Call("LabRole.Drop", c.apex(), nil); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(w.hosts["tld"], labZoneFile("com"))
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	const old = "left-host.com. NS odd.elsewhere.net."
	moved := strings.ReplaceAll(string(text), old, "left-host.com. NS ns2.hostco.net.")
	moved = strings.Replace(moved, "verisign-grs.com. 1 ", "verisign-grs.com. 2 ", 1)
	if moved == string(text) {
		t.Fatalf("%q is not in the zone com", old)
	}
	w.write(t, moved, "tld", labZoneFile("com"))
	if err := w.nsd["tld"].Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	for _, a := range labTLDServers {
		w.await(t, a+" to have the new delegation", func() error { return w.serves(a, "com", 2) })
	}
	w.publish(t, map[string]string{c.apex(): "@ NS ns1.hostco.net.\n@ NS ns2.hostco.net.\n" + verified}, 2)
	c.test(t, c.run(w.lab))
}
