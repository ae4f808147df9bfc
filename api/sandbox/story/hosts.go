package story

import (
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"golang.org/x/tools/txtar"
)

// Hosts describes the parts of the world that all stories share, as in _world.txtar: its machines, its top-level
// domains and the zones that they serve.
type Hosts struct {
	Machines []Machine
	TLDs     []string  // canonical names, longest first
	Zones    []Section // "zone NAME @ HOSTS"
}

// Machine is an address with its host name and its role.
type Machine struct {
	Addr netip.Addr
	Name string
	Role Role
}

// Role is what a machine of the world does.
type Role string

// The roles of machines.
const (
	RoleDNS       Role = "dns"        // authoritative name server
	RoleResolver  Role = "resolver"   // public resolver
	RoleCDN       Role = "cdn"        // edge of the platform's CDN
	RoleRDAP      Role = "rdap"       // RDAP server of the registry
	RoleBootstrap Role = "bootstrap"  // IANA's bootstrap registry of RDAP
	RoleWHOIS     Role = "whois"      // WHOIS server of the registry
	RoleWHOISRoot Role = "whois-root" // WHOIS server of IANA
	RoleRefuses   Role = "refuses"    // refuses connections
	RoleSilent    Role = "silent"     // never answers
	RoleSilentDNS Role = "silent-dns" // never answers DNS queries, and refuses other connections
)

var machineRoles = []Role{
	RoleDNS, RoleResolver, RoleCDN, RoleRDAP, RoleBootstrap, RoleWHOIS, RoleWHOISRoot, RoleRefuses, RoleSilent,
	RoleSilentDNS,
}

// ParseHosts parses a world's file.
func ParseHosts(raw []byte) (*Hosts, error) {
	c := &Hosts{}
	for _, f := range sectionsOf(txtar.Parse(raw)) {
		if err := c.read(f); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(c.TLDs, func(a, b string) int { return strings.Count(b, ".") - strings.Count(a, ".") })
	return c, nil
}

func (c *Hosts) read(f Section) error {
	switch f.Kind {
	case "hosts", "tlds":
		all, err := ReadLines(f.Data, f.Line+1)
		if err != nil {
			return err
		}
		for _, l := range all {
			if err := c.line(f.Kind, l); err != nil {
				return l.Wrap(err)
			}
		}
		return nil
	case "zone":
		if len(f.Args) != 3 || f.Args[1] != "@" {
			return f.Wrap(errors.New("want zone NAME @ HOSTS"))
		}
		c.Zones = append(c.Zones, f)
		return nil
	}
	return f.Wrap(errors.New("unknown section: use hosts, tlds or zone"))
}

func (c *Hosts) line(kind string, l Line) error {
	if kind == "tlds" {
		name, err := DomainName(l.Text)
		c.TLDs = append(c.TLDs, name)
		return err
	}
	if len(l.Words) != 3 {
		return errors.New("want ADDRESS NAME ROLE")
	}
	addr, err := netip.ParseAddr(l.Word(0))
	if err != nil {
		return err
	}
	if known := c.At(addr); known.Role != "" {
		return fmt.Errorf("%s is the address of %s", addr, known.Name)
	}
	c.Machines = append(c.Machines, Machine{addr, l.Word(1), Role(l.Word(2))})
	return OneOf("role of a machine", Role(l.Word(2)), machineRoles...)
}

// At returns the machine with an address; its role is "" if there is none.
func (c *Hosts) At(addr netip.Addr) Machine {
	for _, m := range c.Machines {
		if m.Addr == addr {
			return m
		}
	}
	return Machine{}
}

// NameServers returns the name servers that a word stands for: the short name of a provider, or host names, separated
// by commas.
func (c *Hosts) NameServers(word string) ([]string, error) {
	hosts := HostNames([]string{word})
	for _, h := range hosts {
		if !slices.ContainsFunc(c.Machines, func(m Machine) bool {
			return m.Name == h && (m.Role == RoleDNS || m.Role == RoleSilentDNS)
		}) {
			return nil, fmt.Errorf("%q is not a name server of the world: use one from _world.txtar, or %s", h,
				strings.Join(providerNames(), ", "))
		}
	}
	if len(hosts) == 0 {
		return nil, fmt.Errorf("%q names no server", word)
	}
	return hosts, nil
}

// Resolver parses the address of one of the world's resolvers.
func (c *Hosts) Resolver(word string) (netip.Addr, error) {
	addr, err := netip.ParseAddr(word)
	if err == nil && c.At(addr).Role == RoleResolver {
		return addr, nil
	}
	var all []string
	for _, m := range c.Machines {
		if m.Role == RoleResolver {
			all = append(all, m.Addr.String())
		}
	}
	return netip.Addr{}, fmt.Errorf("%q is not a resolver of the world: use %s", word, strings.Join(all, ", "))
}

// providers are the world's DNS hosts by their short names.
var providers = map[string][]string{
	"hoster":     {"ns1.hoster.example", "ns2.hoster.example"},
	"cloudflare": {"ada.ns.cloudflare.com", "bob.ns.cloudflare.com"},
	"route53":    {"ns-11.awsdns-01.com", "ns-1022.awsdns-02.net"},
	"godaddy":    {"ns51.domaincontrol.com", "ns52.domaincontrol.com"},
	"namecheap":  {"dns1.registrar-servers.com", "dns2.registrar-servers.com"},
	"yahoo":      {"yns1.yahoo.com", "yns2.yahoo.com"},
	"oldhost":    {"ns1.oldhost.example", "ns2.oldhost.example"},
	"parking":    {"ns1.pendingrenewaldeletion.com", "ns2.pendingrenewaldeletion.com"},
	"dead":       {"ns1.dead.example", "ns2.dead.example"},
	"stormhost":  {"ns1.stormhost.example", "ns2.stormhost.example"},
}

func providerNames() []string { return slices.Sorted(maps.Keys(providers)) }

func HostNames(words []string) []string {
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
