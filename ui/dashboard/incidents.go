package dashboard

import (
	"time"

	"domdoc/checks"
)

// incidents is what stands over many of the domains that were diagnosed.
type incidents struct {
	known   *checks.Incidents
	found   []*checks.Finding
	version int       // changes with what was found
	stale   bool      // something came in that may change it
	at      time.Time // when it was found
}

// incidentsEvery is how often incidents are looked for while results come in: over 100,000 domains each look costs some milliseconds.
const incidentsEvery = time.Second

// take takes a diagnosis in.
func (i *incidents) take(f checks.DomainFacts) {
	i.known.Add(f)
	i.stale = i.stale || f.MayBeShared() || len(i.found) > 0
}

// look finds incidents, at once or when it is time.
func (i *incidents) look(now time.Time, atOnce bool) {
	if !i.stale || !atOnce && now.Sub(i.at) < incidentsEvery {
		return
	}
	i.found, i.at, i.stale = i.known.Findings(), now, false
	i.version++
}
