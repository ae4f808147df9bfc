package sandbox

import (
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"golang.org/x/tools/txtar"
)

// cast is what all stories find in their world, as its file tells it (_world.txtar): its machines, its top-level
// domains and the zones of its hosts.
type cast struct {
	machines []machine
	tlds     []string  // canonical, the deepest first
	zones    []section // "zone NAME @ HOSTS"
}

// machine is an address, whose it is and what it does.
type machine struct {
	addr netip.Addr
	name string
	role string
}

// machineRoles are what a machine of the world can be.
var machineRoles = []string{
	"dns", "resolver", "cdn", "rdap", "bootstrap", "whois", "whois-root", "refuses", "silent",
	"silent-dns",
}

// ParseHosts reads the text of a world's file.
func ParseHosts(raw []byte) (*cast, error) {
	c := &cast{}
	for _, f := range sectionsOf(txtar.Parse(raw)) {
		if err := c.read(f); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(c.tlds, func(a, b string) int { return strings.Count(b, ".") - strings.Count(a, ".") })
	return c, nil
}

func (c *cast) read(f section) error {
	switch f.kind {
	case "hosts", "tlds":
		all, err := lines(f.data, f.no+1)
		if err != nil {
			return err
		}
		for _, l := range all {
			if err := c.line(f.kind, l); err != nil {
				return l.fault(err)
			}
		}
		return nil
	case "zone":
		if len(f.args) != 3 || f.args[1] != "@" {
			return f.fault(errors.New("want zone NAME @ HOSTS"))
		}
		c.zones = append(c.zones, f)
		return nil
	}
	return f.fault(errors.New("there is no such section; use hosts, tlds or zone"))
}

func (c *cast) line(kind string, l line) error {
	if kind == "tlds" {
		name, err := nameOf(l.text)
		c.tlds = append(c.tlds, name)
		return err
	}
	if len(l.words) != 3 {
		return errors.New("want ADDRESS NAME ROLE")
	}
	addr, err := netip.ParseAddr(l.word(0))
	if err != nil {
		return err
	}
	if known := c.at(addr); known.role != "" {
		return fmt.Errorf("%s is the address of %s", addr, known.name)
	}
	c.machines = append(c.machines, machine{addr, l.word(1), l.word(2)})
	return oneOf("role of a machine", l.word(2), machineRoles...)
}

// at is the machine with an address; its role is empty when there is none.
func (c *cast) at(addr netip.Addr) machine {
	for _, m := range c.machines {
		if m.addr == addr {
			return m
		}
	}
	return machine{}
}

// servers are the name servers that a word names: "hoster", or names of the world, with commas between them.
func (c *cast) servers(word string) ([]string, error) {
	hosts := hostsOf([]string{word})
	for _, h := range hosts {
		if !slices.ContainsFunc(c.machines, func(m machine) bool {
			return m.name == h && (m.role == "dns" || m.role == "silent-dns")
		}) {
			return nil, fmt.Errorf("%q is no name server of the world: use one of _world.txtar, or %s", h,
				strings.Join(providerNames(), ", "))
		}
	}
	if len(hosts) == 0 {
		return nil, fmt.Errorf("%q names no server", word)
	}
	return hosts, nil
}

// resolver is the address of a resolver of the world.
func (c *cast) resolver(word string) (netip.Addr, error) {
	addr, err := netip.ParseAddr(word)
	if err == nil && c.at(addr).role == "resolver" {
		return addr, nil
	}
	var all []string
	for _, m := range c.machines {
		if m.role == "resolver" {
			all = append(all, m.addr.String())
		}
	}
	return netip.Addr{}, fmt.Errorf("%q is no resolver of the world: use %s", word, strings.Join(all, ", "))
}

// providers are the DNS hosts of the sandbox's world, by short name.
var providers = map[string][]string{
	"hoster":     {"ns1.hoster.example", "ns2.hoster.example"},
	"cloudflare": {"ada.ns.cloudflare.com", "bob.ns.cloudflare.com"},
	"route53":    {"ns-11.awsdns-01.com", "ns-1022.awsdns-02.net"},
	"godaddy":    {"ns51.domaincontrol.com", "ns52.domaincontrol.com"},
	"namecheap":  {"dns1.registrar-servers.com", "dns2.registrar-servers.com"},
	"oldhost":    {"ns1.oldhost.example", "ns2.oldhost.example"},
	"parking":    {"ns1.pendingrenewaldeletion.com", "ns2.pendingrenewaldeletion.com"},
	"dead":       {"ns1.dead.example", "ns2.dead.example"},
	"stormhost":  {"ns1.stormhost.example", "ns2.stormhost.example"},
}

func providerNames() []string { return slices.Sorted(maps.Keys(providers)) }

func hostsOf(words []string) []string {
	var out []string
	for _, w := range words {
		for _, h := range strings.Split(w, ",") {
			if p := providers[h]; p != nil {
				out = append(out, p...)
			} else if h != "" {
				out = append(out, h)
			}
		}
	}
	return out
}
