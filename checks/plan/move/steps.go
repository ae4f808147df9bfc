package move

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"domdoc/catalog/moving"
	"domdoc/catalog/shell"
	"domdoc/checks/probe"
	"domdoc/checks/probe/exchange"
)

// Step is one step of a move.
type Step struct {
	Kind moving.StepKind
	// Text is what to do, as a sentence; Note is another way to do it, or empty.
	Text, Note string
	// Records are the RRsets that are concerned: "shop.example.com A", and what they should be.
	Records []Record
	// Hosts are the name servers that are concerned.
	Hosts []string
	// Wait is how long to wait before the next step once the commands show that this one is done, and Why the reason.
	Wait time.Duration
	Why  string
	// At is when the step begins at the earliest, and Until when the next may; they are equal if there is no wait.
	At, Until time.Time
	// Commands show whether it is done: then Expect is true.
	Commands []string
	Expect   string
}

// Record is an RRset in a step.
type Record struct {
	Name, Type string
	// Values are those that it should have; nil means that the RRset should not be there.
	Values []string
	// TTL is the one that it should have, in seconds, Former the one that it has.
	TTL, Former uint32
}

const (
	// lowTTL is what TTLs are lowered to, in seconds, as all DNS hosts accept it.
	lowTTL = 300
	// longTTL is above what is worth waiting for.
	longTTL = 3600
	// wildcardProbe is a label that no zone has, by which a command asks for a wildcard.
	wildcardProbe = "domdoc-wildcard"
	// maxCommands bounds the commands of a step.
	maxCommands = 40
)

// steps lists the steps in order, with times counted from when the move begins.
func (c *comparison) steps() {
	r := c.out
	if len(r.Hosts) == 0 {
		return
	}
	var list []Step
	if s, ok := c.serveStep(); ok {
		list = append(list, s)
	}
	lowered, lower := c.lowerStep()
	if lower {
		list = append(list, lowered)
	}
	if s, ok := c.createStep(); ok {
		list = append(list, s)
	}
	unsigned := len(r.DNSSEC.DS) > 0 && r.DNSSEC.State != moving.Fits
	if unsigned {
		list = append(list, Step{
			Kind: moving.StepUnsign, Text: moving.Unsign(r.Zone, c.above()), Note: c.unsignNote(),
			Wait: r.TTLs.DS, Why: moving.UnsignWhy(r.TTLs.DS), Commands: c.askParent("DS"),
		})
	}
	var glue []string
	for _, g := range r.Glue {
		line := g.Host
		for _, a := range g.Addrs {
			line += " " + a.String()
		}
		glue = append(glue, line)
	}
	if len(glue) > 0 {
		s := Step{Kind: moving.StepGlue, Text: moving.Glue(c.above(), glue), Hosts: glue}
		for _, g := range r.Glue {
			s.Commands = append(s.Commands, c.askParentFor(g.Host, "A")...)
		}
		list = append(list, s)
	}
	child := r.TTLs.ChildNS
	if lower && child > seconds(longTTL) {
		child = seconds(lowTTL)
	}
	last := r.TTLs.Longest
	if slices.ContainsFunc(r.Differences, func(d Difference) bool { return len(d.Old) == 0 }) {
		last = max(last, r.TTLs.OldNegative) // the old servers say that what is new does not exist
	}
	leaving, out := c.leaving()
	if !c.same() {
		list = append(list, Step{
			Kind: moving.StepChange, Text: moving.Change(r.Zone, c.above(), r.Hosts), Hosts: r.Hosts,
			Commands: c.askParent("NS"),
		})
	}
	if len(leaving) > 0 {
		list = append(list, Step{
			Kind: moving.StepKeep, Text: moving.Keep, Hosts: leaving, Wait: r.TTLs.ParentNS + child + last,
			Why:      moving.KeepWhy(r.TTLs.ParentNS, child, last),
			Commands: c.askServers(out, r.Zone, "SOA"),
		})
	}
	if unsigned || len(r.DNSSEC.DS) == 0 && r.DNSSEC.NewSigned {
		s := Step{Kind: moving.StepSign, Text: moving.Sign(r.Zone, c.above(), r.DNSSEC.NewSigned)}
		s.Commands = append(c.askParent("DS"), c.askServers(r.New, r.Zone, "DNSKEY", "+dnssec")...)
		for _, resolver := range c.s.Resolvers() {
			s.Commands = append(s.Commands, shell.Dig(r.Zone, "SOA", append([]string{"+dnssec"},
				shell.DigAt(resolver.String())...)...))
		}
		list = append(list, s)
	}
	if lower {
		list = append(list, c.restoreStep(lowered))
	}
	if len(leaving) > 0 {
		s := Step{
			Kind: moving.StepRemove, Text: moving.Remove, Hosts: leaving, Commands: c.askServers(out, r.Zone, "SOA"),
		}
		if len(leaving) < len(c.zone.Hosts()) {
			s.Text = moving.RemoveFrom(leaving)
		}
		list = append(list, s)
	}
	at := c.req.At
	if at.IsZero() {
		at = c.s.Now()
	}
	for i := range list {
		list[i].At, list[i].Until, list[i].Expect = at, at.Add(list[i].Wait), list[i].Kind.Expect()
		list[i].Commands = list[i].Commands[:min(len(list[i].Commands), maxCommands)]
		at = list[i].Until
	}
	r.Steps = list
}

// leaving are the servers of today that are not among the new ones, by name and by address. An address that stays in
// use under another name does not leave.
func (c *comparison) leaving() (hosts []string, servers []Server) {
	stays := map[netip.AddrPort]bool{}
	for _, srv := range c.out.New {
		stays[srv.Addr] = srv.Addr.IsValid()
	}
	for _, srv := range c.out.Old {
		if slices.Contains(c.out.Hosts, srv.Host) || stays[srv.Addr] {
			continue
		}
		servers = append(servers, srv)
		if !slices.Contains(hosts, srv.Host) {
			hosts = append(hosts, srv.Host)
		}
	}
	return hosts, servers
}

// above is the zone that delegates this one, if its owner has it too; empty where it is a registry's.
func (c *comparison) above() string {
	if c.parent == nil || probe.Registrable(c.req.Zone) == c.req.Zone {
		return ""
	}
	return c.parent.Name
}

// same reports whether the name servers stay as they are.
func (c *comparison) same() bool {
	return len(c.out.Hosts) == len(c.zone.Hosts()) && len(without(c.out.Hosts, c.zone.Hosts())) == 0
}

func (c *comparison) unsignNote() string {
	if c.out.DNSSEC.NewSigned {
		return moving.UnsignOr
	}
	return ""
}

// serveStep asks for the zone at servers that do not answer for it.
func (c *comparison) serveStep() (Step, bool) {
	s := Step{Kind: moving.StepServe}
	var bad []string
	for _, srv := range c.out.New {
		if srv.State != moving.Serves && srv.State != moving.NotAsked {
			bad = append(bad, srv.String()+" "+srv.State.Phrase())
			s.Hosts = append(s.Hosts, srv.Host)
		}
	}
	if len(bad) == 0 {
		return s, false
	}
	s.Text, s.Commands = moving.Serve(c.out.Zone, bad), c.askServers(c.out.New, c.out.Zone, "SOA")
	s.Hosts = slices.Compact(s.Hosts)
	return s, true
}

// lowerStep lowers what keeps resolvers at the old host or at old values: the zone's own NS records, and RRsets that
// change with the move.
func (c *comparison) lowerStep() (Step, bool) {
	s := Step{Kind: moving.StepLower, Text: moving.Lower(lowTTL)}
	add := func(name, rrtype string, ttl uint32) {
		if ttl > lowTTL {
			s.Records = append(s.Records, Record{Name: name, Type: rrtype, TTL: lowTTL, Former: ttl})
			s.Wait = max(s.Wait, seconds(ttl))
		}
	}
	if ns := c.out.TTLs.ChildNS; ns > seconds(longTTL) {
		add(c.out.Zone, "NS", uint32(ns/time.Second))
	}
	for _, d := range c.out.Differences {
		if d.Kind == moving.Other && d.Type != "NS" && d.OldTTL > longTTL {
			add(d.Name, d.Type, d.OldTTL)
		}
	}
	s.Why = moving.LowerWhy(s.Wait)
	for _, rec := range s.Records {
		s.Commands = append(s.Commands, c.askServers(c.out.Old, rec.Name, rec.Type)...)
	}
	return s, len(s.Records) > 0
}

// createStep makes the new zone like the old one where something breaks otherwise.
func (c *comparison) createStep() (Step, bool) {
	s := Step{Kind: moving.StepCreate}
	for _, d := range c.out.Differences {
		if !d.Matters {
			continue
		}
		rec := Record{Name: d.Name, Type: d.Type, Values: d.Old, TTL: d.OldTTL}
		if d.Type == "NS" && d.Name == c.out.Zone {
			rec.Values = c.out.Hosts
		}
		s.Records = append(s.Records, rec)
		name := d.Name
		if above, ok := strings.CutPrefix(name, "*."); ok {
			name = wildcardProbe + "." + above
		}
		s.Commands = append(s.Commands, c.askServers(c.out.New, name, d.Type)...)
	}
	s.Text, s.Note = moving.Create(len(s.Records)), moving.CreateUnless
	return s, len(s.Records) > 0
}

func (c *comparison) restoreStep(lowered Step) Step {
	s := Step{Kind: moving.StepRestore, Text: moving.Restore}
	for _, rec := range lowered.Records {
		rec.TTL, rec.Former = rec.Former, rec.TTL
		s.Records = append(s.Records, rec)
		s.Commands = append(s.Commands, c.askServers(c.out.New, rec.Name, rec.Type)...)
	}
	return s
}

// askParent returns the command that asks a server of the zone above.
func (c *comparison) askParent(rrtype string) []string { return c.askParentFor(c.out.Zone, rrtype) }

// askParentFor returns the command that asks a server of the zone above about a name.
func (c *comparison) askParentFor(name, rrtype string) []string {
	if c.parent == nil {
		return nil
	}
	for _, srv := range c.s.Askable(c.parent.Servers()) {
		return []string{digAt(srv, "", name, rrtype)}
	}
	return nil
}

// askServers returns the commands that ask each server, one address a host.
func (c *comparison) askServers(list []Server, name, rrtype string, options ...string) []string {
	var out []string
	done := map[string]bool{}
	for _, srv := range list {
		if done[srv.Host] || !srv.Addr.IsValid() {
			continue
		}
		done[srv.Host] = true
		out = append(out, digAt(srv.server(""), c.out.Zone, name, rrtype, options...))
	}
	return out
}

// digAt asks a server by its name, or by its address if the name is in the zone that moves.
func digAt(srv exchange.Server, zone, name, rrtype string, options ...string) string {
	at := srv.Host
	if at == "" || exchange.InZone(at, zone) || srv.Addr.Port() != 53 {
		at = srv.Addr.String()
	}
	return shell.Dig(name, rrtype, append(append([]string{"+norecurse"}, options...), shell.DigAt(at)...)...)
}

// String returns a record as a step lists it.
func (r Record) String() string { return fmt.Sprintf("%s %s", r.Name, r.Type) }
