// Package merging decides what a merged report is made of: which of several reports of a domain counts, and which parts
// of a run are missing.
package merging

import (
	"math/bits"
	"slices"
	"strings"

	"domdoc/catalog"
	"domdoc/checks/finding"
	"domdoc/checks/incident"
	"domdoc/checks/rules"
	"domdoc/ui/render/wire"
)

// Choice chooses one report of each domain. The latest counts, unless it left out checks (--only, --skip) or had no
// time for some that another one judged, and finds nothing worse. The zero value is ready for use. It keeps little of
// each report, since all of them may not fit into memory.
type Choice struct {
	domains map[string][]candidate // by profile and name
	index   map[string]int         // of checks
	added   int
}

// candidate is what is kept of a report.
type candidate struct {
	id       string
	at       int64  // in nanoseconds
	number   int    // among all reports
	judged   uint64 // the checks that judged, by index
	rank     int    // how bad it is
	cut      bool   // the time was over before its end
	narrower bool   // checks were left out
	instead  bool   // a later report judged less
}

// Add takes a report. The first is number 0.
func (c *Choice) Add(d *wire.Domain) {
	if c.domains == nil {
		c.domains, c.index = map[string][]candidate{}, map[string]int{}
	}
	is := c.candidate(d)
	c.added++
	key := d.Profile + "\n" + d.Domain
	list := c.domains[key]
	// a run that ended early does not know the id
	at := slices.IndexFunc(list, func(o candidate) bool {
		return o.id == is.id || (o.cut || is.cut) && (o.id == "" || is.id == "")
	})
	if at < 0 {
		c.domains[key] = append(list, is)
		return
	}
	list[at] = better(list[at], is)
}

func (c *Choice) candidate(d *wire.Domain) candidate {
	out := candidate{id: d.ID, at: d.At.UnixNano(), number: c.added, rank: rankOf(d), cut: d.Interrupted}
	var causes []string
	for _, l := range d.LeftOut {
		if l.Ignored != "" { // an exception accepts it
			continue
		}
		out.narrower = true
		causes = append(causes, l.Cause)
	}
	for _, check := range d.Checks {
		state := finding.CheckState(check.Status)
		if !incident.Conclusive(state) || state != finding.StateOf(catalog.Pass) && reportsAny(check.ID, causes) {
			continue
		}
		i, known := c.index[check.ID]
		if !known {
			i = len(c.index)
			c.index[check.ID] = i
		}
		out.judged |= 1 << min(i, 63)
	}
	return out
}

// reportsAny reports whether a check can report one of the causes.
func reportsAny(check string, ids []string) bool {
	return len(ids) > 0 && slices.ContainsFunc(rules.All(), func(r *rules.Check) bool {
		return r.ID == check && slices.ContainsFunc(r.Reports, func(c *catalog.Cause) bool {
			return slices.Contains(ids, string(c.ID))
		})
	})
}

// rankOf orders verdicts. That a run had no time says nothing about the domain.
func rankOf(d *wire.Domain) int {
	switch v := wire.ParseVerdict(d.Verdict); {
	case v == catalog.Fail:
		return 4
	case v == catalog.Inconclusive && d.Interrupted:
		return -1
	case v == catalog.Inconclusive:
		return 3
	case v == catalog.Warn:
		return 2
	case d.Partial():
		return 1
	}
	return 0
}

// better returns the one of two reports of a domain that counts. b was read after a.
func better(a, b candidate) candidate {
	older, newer := a, b
	if b.at < a.at {
		older, newer = b, a
	}
	win := newer
	limited := newer.narrower || newer.cut
	if limited && older.judged&^newer.judged != 0 && (newer.rank < older.rank ||
		newer.rank == older.rank && bits.OnesCount64(newer.judged) < bits.OnesCount64(older.judged)) {
		win = older
		win.instead = newer.judged != 0 || newer.narrower
	}
	if win.id == "" {
		win.id = a.id + b.id // at most one of them has one
	}
	return win
}

// Chosen returns the numbers of the reports that count, and for how many domains a later report judged less.
func (c *Choice) Chosen() (numbers map[int]bool, instead int) {
	numbers = map[int]bool{}
	ids := map[string]bool{} // of judged domains, with their profile
	for key, list := range c.domains {
		profile, _, _ := strings.Cut(key, "\n")
		for _, x := range list {
			if x.id != "" && x.judged != 0 {
				ids[profile+"\n"+x.id] = true
			}
		}
	}
	for key, list := range c.domains {
		for _, x := range list {
			if x.cut && x.judged == 0 && ids[key] { // an id was given for the name
				continue
			}
			numbers[x.number] = true
			if x.instead {
				instead++
			}
		}
	}
	return numbers, instead
}
