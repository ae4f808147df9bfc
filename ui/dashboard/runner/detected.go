package runner

import (
	"time"

	"domdoc/checks/finding"

	"domdoc/checks/incident"
)

// Incidents are the faults that many of the diagnosed domains share.
type Incidents struct {
	Known   *incident.Detector
	Found   []*finding.Finding
	Version int       // changes with what was found
	stale   bool      // new results may change it
	taken   int       // diagnoses
	at      time.Time // when it was found
}

// incidentsEvery is how often incidents are detected while results arrive, and once more seldom for each incidentsMore
// diagnoses, since all of them are gone through.
const (
	incidentsEvery = time.Second
	incidentsMore  = 20_000
)

// Take adds a diagnosis.
func (i *Incidents) Take(f incident.DomainFacts) {
	i.Known.Add(f)
	i.taken++
	i.stale = i.stale || f.MayBeShared() || len(i.Found) > 0
}

// TakePeers adds domains that were looked at for the sake of another one.
func (i *Incidents) TakePeers(list []incident.DomainFacts) {
	for _, f := range list {
		i.Known.AddPeer(f)
		i.stale = true
	}
}

// Look detects incidents, immediately or when it is time.
func (i *Incidents) Look(now time.Time, atOnce bool) {
	if !i.stale || !atOnce && now.Sub(i.at) < incidentsEvery*time.Duration(1+i.taken/incidentsMore) {
		return
	}
	i.Found, i.at, i.stale = i.Known.Findings(), now, false
	i.Version++
}
