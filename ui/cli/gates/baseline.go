package gates

import (
	"errors"
	"io"

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

// ReadBaseline reads a report in JSON or JSON lines.
func ReadBaseline(in io.Reader) (Baseline, error) {
	b := Baseline{}
	_, err := wire.ReadDomains(in, func(d *wire.Domain) error {
		for i := range d.Findings {
			b[findingOf(d, &d.Findings[i])] = true
		}
		return nil
	})
	if err != nil && !errors.Is(err, wire.ErrCut) { // with less in it, more findings count
		return nil, err
	}
	return b, nil
}

// Mark marks the findings of a domain that the earlier report has.
func (b Baseline) Mark(d *wire.Domain) {
	if b == nil {
		return
	}
	for i := range d.Findings {
		d.Findings[i].Known = b[findingOf(d, &d.Findings[i])]
	}
}
