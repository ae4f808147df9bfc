package advice

import (
	"strings"

	"domdoc/catalog/shell"
	"domdoc/checks/finding"
	"domdoc/checks/observe"
	"domdoc/checks/probe/exchange"
)

// askSource makes the commands that verify a finding ask the authoritative server that was asked for its evidence, or
// else the first one of the zone. A resolver would remember that a name does not exist yet.
func askSource(f *observe.Observations, x *finding.Finding) {
	fix, changed := x.Fix().AtSource(func(name string) []string { return sourceOf(f, x, name) })
	if changed && x.Incident == nil {
		x.Advice = &fix
	}
}

// sourceOf returns the options of dig for an authoritative server of a name; nil if none is known.
func sourceOf(f *observe.Observations, x *finding.Finding, name string) []string {
	var silent *exchange.Exchange
	for _, e := range x.Evidence {
		asked, _, _ := strings.Cut(e.Asked, " ")
		if e.Kind != exchange.KindDNS || e.RD || !strings.EqualFold(asked, name) {
			continue
		}
		if e.Msg != nil {
			return shell.DigAt(e.Server())
		}
		if silent == nil {
			silent = e
		}
	}
	if silent != nil {
		return shell.DigAt(silent.Server())
	}
	z := f.Zone()
	if z == nil || z.Zone == nil || name != z.Zone.Name && !strings.HasSuffix(name, "."+z.Zone.Name) {
		return nil
	}
	for _, s := range z.Servers {
		if s.State == observe.ServerGood && s.Host != "" {
			return []string{"@" + strings.TrimSuffix(s.Host, ".")}
		}
	}
	return nil
}
