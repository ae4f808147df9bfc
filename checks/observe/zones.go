package observe

import (
	"context"

	"github.com/miekg/dns"

	"domdoc/catalog/hosts"
	"domdoc/checks/dnsname"
	"domdoc/checks/probe/exchange"
)

// zoneServers returns the servers that the registry lists for the record's zone, if its host gives each zone servers of
// its own: the user may be looking at another zone of that name.
func (j *RecordResult) zoneServers() []string {
	if len(j.View.Zones) > 1 || j.Zone != j.View.Zone.Name || !hosts.ServersPerZone(j.Record.Host) {
		return nil
	}
	return j.View.Zone.Hosts()
}

// correctZone corrects the zone of a faulty record: a zone below, on the same servers, is visible only in denials.
func (f *Observations) correctZone(ctx context.Context, j *RecordResult, name string) {
	if x := j.View.First(); x != nil && x.Outcome == exchange.Answered {
		j.Zone = f.zoneBelow(ctx, x, name, j.Zone)
	}
}

// zoneBelow returns the zone of a name on a server that serves a zone above it, according to its SOA record.
func (f *Observations) zoneBelow(ctx context.Context, at *exchange.Exchange, name, zone string) string {
	if z := f.Zone(); z.Absent != nil && z.Absent.Name == zone && exchange.InZone(name, z.Zone.Name) {
		return z.Zone.Name
	}
	for up := name; len(up) > len(zone) && exchange.InZone(up, zone); up = dnsname.Parent(up) {
		x := f.Session.Ask(ctx, exchange.Server{Host: at.Host, Addr: at.Addr}, up, dns.TypeSOA)
		if !x.AA() || !x.Outcome.Conclusive() {
			return zone
		}
		if len(x.Records(up, dns.TypeSOA)) > 0 {
			return up
		}
		if x.CNAME(up) != "" || x.DNAME(up) != "" {
			continue
		}
		if soa := x.SOA(); soa != nil && exchange.InZone(up, exchange.Bare(soa.Hdr.Name)) {
			return exchange.Bare(soa.Hdr.Name)
		}
	}
	return zone
}
