package gates

import (
	"encoding/json"
	"errors"
	"io"
	"strings"

	"domdoc/catalog"
	"domdoc/ui/render/wire"
)

// Baseline is the set of findings of an earlier report. A nil Baseline knows none.
type Baseline map[finding]bool

// finding identifies a finding across runs.
type finding struct{ domain, cause, role string }

func findingOf(d *wire.Domain, f *wire.Finding) finding {
	k := finding{domain: d.Domain, cause: f.Cause}
	if f.Role != nil {
		k.role = *f.Role
	}
	return k
}

// unjudged identifies a check that could not judge a domain.
func unjudged(d *wire.Domain, c *wire.Check) finding {
	return finding{domain: d.Domain, cause: "not checked", role: c.ID}
}

// ofTenant identifies a finding about a tenant as a whole. An incident is known by what its domains share.
func ofTenant(t *wire.Tenant, f *wire.Finding) finding {
	var args struct {
		Place       string `json:"place"`
		Name        string `json:"name"`
		Integration string `json:"integration"`
		Code        string `json:"code"`
	}
	k := finding{domain: "tenant " + t.ID, cause: f.Cause}
	if f.IsIncident() && json.Unmarshal(f.Args, &args) == nil {
		k.role = strings.Join([]string{args.Place, args.Name, args.Integration, args.Code}, "\n")
	}
	return k
}

// ReadBaseline reads a report in JSON or JSON lines. What a run had no time for is not in it.
func ReadBaseline(in io.Reader) (Baseline, error) {
	b := Baseline{}
	runs, err := wire.ReadRuns(in, func(d *wire.Domain) error {
		for i := range d.Findings {
			b[findingOf(d, &d.Findings[i])] = true
		}
		for i := range d.Checks {
			if c := &d.Checks[i]; c.Status == catalog.Inconclusive.String() && !d.Interrupted {
				b[unjudged(d, c)] = true
			}
		}
		return nil
	})
	if err != nil && !errors.Is(err, wire.ErrCut) { // with less in it, more findings count
		return nil, err
	}
	for _, r := range runs {
		if r.Tenant != nil {
			b.addTenant(r.Tenant)
		}
		for i := range r.MoreTenants {
			b.addTenant(&r.MoreTenants[i])
		}
	}
	return b, nil
}

func (b Baseline) addTenant(t *wire.Tenant) {
	for i := range t.Findings {
		b[ofTenant(t, &t.Findings[i])] = true
	}
}

// Mark marks what the earlier report has as well: findings of a domain, and checks that could not judge it.
func (b Baseline) Mark(d *wire.Domain) {
	if b == nil {
		return
	}
	for i := range d.Findings {
		d.Findings[i].Known = b[findingOf(d, &d.Findings[i])]
	}
	for i := range d.Checks {
		c := &d.Checks[i]
		c.Known = c.Status == catalog.Inconclusive.String() && !d.Interrupted && b[unjudged(d, c)]
	}
}

// MarkTenant marks the findings about a tenant that the earlier report has.
func (b Baseline) MarkTenant(t *wire.Tenant) {
	if b == nil {
		return
	}
	for i := range t.Findings {
		t.Findings[i].Known = b[ofTenant(t, &t.Findings[i])]
	}
}
