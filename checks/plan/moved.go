package plan

import (
	"domdoc/checks"
	"domdoc/checks/plan/rehearsal"
	"domdoc/checks/probe/exchange"
)

// Moved returns the target of the diagnosis after moves to other DNS hosts: the service then knows the new name
// servers. Call it after Later, which sets the target's domain.
func Moved(t checks.Target, changes []rehearsal.Change) checks.Target {
	if t.Domain == nil {
		return t
	}
	d := *t.Domain
	for _, c := range changes {
		if c.Servers == nil || len(d.Nameservers) == 0 || !exchange.InZone(exchange.Bare(d.Name), c.Zone) {
			continue
		}
		d.Nameservers = nil
		for _, h := range c.Servers {
			d.Nameservers = append(d.Nameservers, h.Name)
		}
	}
	t.Domain = &d
	return t
}
