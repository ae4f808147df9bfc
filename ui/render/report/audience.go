package report

import (
	"domdoc/ui/render/wire"
)

// addressed is a Formatter for people other than the tenant, whom the sentences of the catalog address.
type addressed struct {
	Formatter
	words func(string) string
}

// Begin writes what is about this machine and the tenant in words for the reader.
func (a addressed) Begin(v *wire.Vantage, t *wire.Tenant) error {
	return a.Formatter.Begin(v, a.tenant(t))
}

// Domain writes a domain in words for the reader.
func (a addressed) Domain(d *wire.Domain) error {
	own := *d
	own.Findings = a.findings(d.Findings)
	own.Codes = append([]wire.Code(nil), d.Codes...)
	for i := range own.Codes {
		own.Codes[i].Note = a.words(own.Codes[i].Note)
	}
	return a.Formatter.Domain(&own)
}

// End writes the rest in words for the reader.
func (a addressed) End(run *Run) error {
	own := *run
	own.Tenant = a.tenant(run.Tenant)
	own.MoreTenants = nil
	for _, t := range run.MoreTenants {
		own.MoreTenants = append(own.MoreTenants, a.tenant(t))
	}
	return a.Formatter.End(&own)
}

func (a addressed) tenant(t *wire.Tenant) *wire.Tenant {
	if t == nil {
		return nil
	}
	own := *t
	own.Findings = a.findings(t.Findings)
	return &own
}

func (a addressed) findings(list []wire.Finding) []wire.Finding {
	out := append([]wire.Finding(nil), list...)
	for i := range out {
		f := &out[i]
		f.Summary, f.Why = a.words(f.Summary), a.words(f.Why)
		steps := make([]string, len(f.Fix.Steps))
		for n, step := range f.Fix.Steps {
			steps[n] = a.words(step)
		}
		f.Fix.Steps = steps
		if f.ETA != nil {
			eta := *f.ETA
			eta.Reason = a.words(eta.Reason)
			f.ETA = &eta
		}
	}
	return out
}
