package wire

import (
	"time"

	"domdoc/catalog/plans"
	"domdoc/checks/plan/issuance"
)

// PlannedCertificate is a certificate before and after a change.
type PlannedCertificate struct {
	Domain  string             `json:"domain"`
	ID      string             `json:"id"`
	Request string             `json:"request" enum:"none,pending,over,failed,issued,unknown"`
	Expires *time.Time         `json:"expires"`
	Issue   PlannedChange      `json:"issue"`
	Renewal PlannedChange      `json:"renewal"`
	Names   []PlannedCertified `json:"names"`
	Breaks  bool               `json:"breaks"`
}

// PlannedCertified is a name of a certificate before and after a change.
type PlannedCertified struct {
	Name       string        `json:"name"`
	Validation string        `json:"validation" enum:"listed,unlisted"`
	Issue      PlannedChange `json:"issue"`
}

// PlannedChange has two answers.
type PlannedChange struct {
	Before PlannedAnswer `json:"before"`
	After  PlannedAnswer `json:"after"`
}

// PlannedAnswer is whether something would succeed at one of the two times.
type PlannedAnswer struct {
	Answer  string   `json:"answer" enum:"yes,no,not-judged,none"`
	Causes  []string `json:"causes"`
	Reasons []string `json:"reasons"`
}

// Again reports whether only a new request leads to a certificate.
func (c *PlannedCertificate) Again() bool { return plans.Request(c.Request).Again() }

func plannedCertificates(list []*issuance.Certificate) []PlannedCertificate {
	out := []PlannedCertificate{}
	for _, c := range list {
		p := PlannedCertificate{
			Domain: clean(c.Domain), ID: clean(c.ID), Request: string(c.Request), Expires: TimeOrNull(c.Expires),
			Issue: plannedChange(c.Issue), Renewal: plannedChange(c.Renewal), Names: []PlannedCertified{},
			Breaks: c.Breaks(),
		}
		for _, n := range c.Names {
			p.Names = append(p.Names, PlannedCertified{clean(n.Name), string(n.Validation), plannedChange(n.Issue)})
		}
		out = append(out, p)
	}
	return out
}

func plannedChange(c issuance.Change) PlannedChange {
	return PlannedChange{plannedAnswer(c.Before), plannedAnswer(c.After)}
}

func plannedAnswer(j issuance.Judgment) PlannedAnswer {
	out := PlannedAnswer{Answer: string(j.Answer), Causes: []string{}, Reasons: []string{}}
	for _, f := range j.Findings {
		out.Causes = append(out.Causes, string(f.ID))
		if why := f.Summary(); why != "" {
			out.Reasons = append(out.Reasons, why)
		}
	}
	out.Reasons = append(out.Reasons, cleaned(j.Reasons)...)
	return out
}
