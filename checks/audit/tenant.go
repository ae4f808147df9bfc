package audit

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"domdoc/catalog"
	"domdoc/catalog/order"
	"domdoc/checks/incident"
	"domdoc/checks/result"
	"domdoc/checks/subject"
)

// Whys returns the reasons for setting a code apart, in the order in which they are printed.
func Whys() []string {
	return []string{catalog.ApartPast, catalog.ApartUnjudged, catalog.ApartUngiven, catalog.ApartUnreported}
}

// Apart is a code that neither confirms nor refutes a prediction.
type Apart struct {
	Domain string `json:"domain"`
	Code   string `json:"code"`
	Why    string `json:"why" enum:"past,unjudged,ungiven,unreported"`
}

// Tenant compares the predictions for each domain with the last error that the service reported.
type Tenant struct {
	now       time.Time
	incidents *incident.Detector
	domains   []compared
}

type compared struct {
	name              string
	verdict           catalog.Verdict
	reported          []subject.Reported
	explained, others []string // reported codes with an explanation; codes that are only predicted
	facts             *incident.DomainFacts
}

// NewTenant starts a comparison at a time.
func NewTenant(now time.Time) *Tenant {
	return &Tenant{now: now, incidents: incident.NewDetector()}
}

// Add adds the diagnosis of one domain. It does not keep the report.
func (t *Tenant) Add(r *result.Domain) {
	c := compared{name: cmp.Or(r.Name.ASCII, r.ID), verdict: r.Verdict}
	facts := incident.FactsOf(r)
	t.incidents.Add(facts)
	for _, code := range r.Codes {
		switch {
		case code.Reported == nil:
			c.others = append(c.others, code.ID)
			continue
		case code.State == result.CodeExplained:
			c.explained = append(c.explained, code.ID)
		case incident.PlatformCode(code.ID, code.State, code.Causes):
			c.facts = &facts
		}
		c.reported = append(c.reported, *code.Reported)
	}
	t.domains = append(t.domains, c)
}

// Result scores the domains with a reported error. The service keeps only the last error, so further predictions do
// not count against a correct one.
func (t *Tenant) Result() *Result {
	r := &Result{Stories: len(t.domains), Wrong: []Wrong{}, Causes: []Score{}, Apart: []Apart{}}
	codes, total, n := scores{}, Score{}, 0
	r.Compared = &n
	incidents := t.incidents.Findings()
	order.By(t.domains, func(a, b compared) int { return strings.Compare(a.name, b.name) })
	for _, d := range t.domains {
		if d.verdict == catalog.Pass {
			r.Healthy++
		}
		var right, missed []string
		for _, x := range d.reported {
			why := ""
			switch {
			case slices.Contains(d.explained, x.Code), d.facts != nil && d.facts.IncidentForCode(incidents, x.Code) != nil:
				right = append(right, x.Code)
				continue
			case catalog.NeedsMore(x.Code) != "":
				why = catalog.ApartUngiven
			case d.verdict == catalog.Inconclusive:
				why = catalog.ApartUnjudged
			case x.Past(t.now):
				why = catalog.ApartPast
			default:
				missed = append(missed, x.Code)
				continue
			}
			r.Apart = append(r.Apart, Apart{d.name, x.Code, why})
		}
		found := slices.Clone(right)
		switch {
		case len(missed) > 0:
			found = append(found, d.others...)
			r.Wrong = append(r.Wrong, Wrong{Story: d.name, Missing: missed, Extra: d.others})
		case len(right) == 0:
			for _, code := range d.others {
				r.Apart = append(r.Apart, Apart{d.name, code, catalog.ApartUnreported})
			}
		}
		if len(right)+len(missed) > 0 {
			n++
			codes.tally(append(right, missed...), found, &total)
		}
	}
	total.finish()
	r.Precision, r.Recall, r.Codes = total.Precision, total.Recall, sorted(codes)
	return r
}
