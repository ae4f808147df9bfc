package wire

import (
	"time"

	"domdoc/checks/plan/leave"
	"domdoc/checks/probe/exchange"
)

// PlannedTransfer is the transfer of a domain to another registrar.
type PlannedTransfer struct {
	Domain       string     `json:"domain"`
	Registrar    string     `json:"registrar"`
	Known        bool       `json:"known"`
	From         *time.Time `json:"from"`
	Expires      *time.Time `json:"expires"`
	ExpiresAfter *time.Time `json:"expiresAfter"`
	Findings     []Finding  `json:"findings"`
	Unjudged     []string   `json:"unjudged"`
	Notes        []string   `json:"notes"`
	Steps        []MoveStep `json:"steps"`
}

// PlannedDetach is the removal of a domain from the service.
type PlannedDetach struct {
	Domain   string        `json:"domain"`
	Left     []PlannedLeft `json:"left"`
	Takeover bool          `json:"takeover"`
	Depends  []string      `json:"depends"`
	Unjudged []string      `json:"unjudged"`
	Steps    []MoveStep    `json:"steps"`
}

// PlannedLeft is a record that the removal of a domain leaves behind.
type PlannedLeft struct {
	Name     string   `json:"name"`
	Type     string   `json:"type"`
	Values   []string `json:"values"`
	Kind     string   `json:"kind" enum:"routing,wildcard,validation,verification,configured"`
	Takeover bool     `json:"takeover"`
	Why      string   `json:"why"`
	Stays    uint32   `json:"staysSeconds"`
}

func plannedTransfer(t *leave.Transfer) *PlannedTransfer {
	if t == nil {
		return nil
	}
	return &PlannedTransfer{
		Domain: clean(t.Domain), Registrar: clean(t.Registrar), Known: t.Known, From: TimeOrNull(t.From),
		Expires: TimeOrNull(t.Expires), ExpiresAfter: TimeOrNull(t.ExpiresAfter), Findings: NewFindings(t.Findings),
		Unjudged: cleaned(orEmpty(t.Unjudged)), Notes: cleaned(orEmpty(t.Notes)), Steps: moveSteps(t.Steps),
	}
}

func plannedDetach(d *leave.Detach) *PlannedDetach {
	if d == nil {
		return nil
	}
	out := &PlannedDetach{
		Domain: clean(d.Domain), Left: []PlannedLeft{}, Takeover: d.Takeover(), Depends: cleaned(orEmpty(d.Depends)),
		Unjudged: cleaned(orEmpty(d.Unjudged)), Steps: moveSteps(d.Steps),
	}
	for _, l := range d.Left {
		out.Left = append(out.Left, PlannedLeft{
			clean(l.Name), exchange.TypeName(l.Type), cleaned(orEmpty(l.Values)), string(l.Kind), l.Kind.Takeover(),
			l.Kind.Why(), l.Stays,
		})
	}
	return out
}
