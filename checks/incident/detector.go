// Package incident detects, across many domains, faults that no single tenant can fix: an outage of a DNS host,
// registry, certificate authority or edge, or a failing integration of the platform.
package incident

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"domdoc/catalog"
	"domdoc/catalog/causes"
	"domdoc/catalog/hosts"
	"domdoc/catalog/order"
	"domdoc/checks/finding"
	"domdoc/checks/probe"
)

// Detector finds incidents across many domains: one symptom at one DNS host, registrar, registry, certificate
// authority or edge, or one failing integration of the platform. It keeps facts rather than reports. It is not safe
// for concurrent use.
type Detector struct {
	domains  map[string]*observed    // by name
	alone    map[string]*observed    // the only domain of a registration, by registrable name
	units    map[string]*unit        // the other registrations, so that each counts once
	counters map[location]*counter   // by location
	totals   map[string]*counter     // by kind of location
	places   map[string]*DomainFacts // the places of domains, each combination once
	interned map[string]string       // one copy of each location name
	shown    map[symptomAt]struct{}  // incidents that IncidentsFor has returned; they stay incidents
}

// observed is what is kept of one domain.
type observed struct {
	domain string
	places *DomainFacts // has only the places, and is not changed
	roots  []RootFact   // those that may be shared
	codes  []CodeFact
	judged uint16 // a bit for each symptom
}

// location is something that domains share, such as a DNS host.
type location struct{ kind, name string }

type symptomAt struct {
	location
	symptom int
}

const maxSymptoms = 16

// counter counts the registrations at a location that were checked for a symptom, and those that show it.
type counter struct{ judged, shows [maxSymptoms]int }

// CheckID is the check of findings about incidents.
const CheckID = "incidents"

// The thresholds of an incident.
const (
	minDomains      = 3    // unrelated domains
	maxChance       = 1e-3 // above this probability of chance, it is not an incident
	maxChanceMidRun = 1e-4 // the same while the run continues
	priorRate       = 0.05 // prior probability of a symptom
	priorWeight     = 20   // how many domains the prior counts for
	window          = 24 * time.Hour
)

// NewDetector returns a detector without domains.
func NewDetector() *Detector {
	return &Detector{
		domains: map[string]*observed{}, alone: map[string]*observed{}, units: map[string]*unit{},
		counters: map[location]*counter{}, totals: map[string]*counter{}, places: map[string]*DomainFacts{},
		interned: map[string]string{}, shown: map[symptomAt]struct{}{},
	}
}

// Add adds the facts of a domain, or replaces them.
func (i *Detector) Add(f DomainFacts) {
	f.Domain = strings.Clone(f.Domain)
	name := probe.Registrable(f.Domain)
	if name == "" {
		return
	}
	old, k := i.domains[f.Domain], i.observed(&f)
	i.domains[k.domain] = k
	if u := i.units[name]; u != nil {
		i.put(u, old, k)
		return
	}
	first := i.alone[name]
	if first == nil || first == old {
		i.putAlone(name, first, k)
		return
	}
	u := &unit{few: []*observed{first}}
	i.units[name] = u
	delete(i.alone, name)
	i.put(u, old, k)
}

// observed returns what is kept of a domain.
func (i *Detector) observed(f *DomainFacts) *observed {
	k := &observed{domain: f.Domain, places: i.placesOf(f), roots: i.sharedRoots(f.Roots), codes: f.Codes}
	for n, s := range symptoms {
		if slices.Contains(f.Judged, s.check) {
			k.judged |= 1 << n
		}
	}
	return k
}

// AddPeer adds the facts of a domain that was looked at for the sake of another one, unless it is known already.
func (i *Detector) AddPeer(f DomainFacts) {
	if i.domains[f.Domain] == nil {
		i.Add(f)
	}
}

// intern returns the one copy of a name, which is not part of the report that it came from.
func (i *Detector) intern(s string) string {
	w, ok := i.interned[s]
	if !ok {
		w = strings.Clone(s)
		i.interned[w] = w
	}
	return w
}

// placesOf returns the places of a domain. Most domains of a fleet share them.
func (i *Detector) placesOf(f *DomainFacts) *DomainFacts {
	servers := f.NameServers[:min(len(f.NameServers), 16)]
	var room [512]byte
	key := room[:0]
	for _, s := range append([]string{f.DNSHost, f.Registrar, f.PublicSuffix, f.Authority, f.Edge}, servers...) {
		key = append(append(key, s...), 0)
	}
	if known := i.places[string(key)]; known != nil {
		return known
	}
	p := &DomainFacts{
		DNSHost: i.intern(f.DNSHost), Registrar: i.intern(f.Registrar), PublicSuffix: i.intern(f.PublicSuffix),
		Authority: i.intern(f.Authority), Edge: i.intern(f.Edge), NameServers: slices.Clone(servers),
	}
	for n := range p.NameServers {
		p.NameServers[n] = i.intern(p.NameServers[n])
	}
	i.places[string(key)] = p
	return p
}

// sharedRoots returns a copy of the root causes that other domains may share.
func (i *Detector) sharedRoots(list []RootFact) []RootFact {
	var out []RootFact
	for _, r := range list {
		if _, shared := symptomOf(r); !shared && !platformFailure(r) {
			continue
		}
		r.Servers = slices.Clone(r.Servers[:min(len(r.Servers), 16)])
		for m := range r.Servers {
			r.Servers[m] = i.intern(r.Servers[m])
		}
		r.Reason, r.Server = i.intern(r.Reason), i.intern(r.Server)
		out = append(out, r)
	}
	return slices.Clip(out)
}

// chance returns the probability that a location shows a symptom this often by chance, given the rest of the fleet
// without the locations of other incidents. It is 1 if fewer than minDomains, or less than half of them, show it.
func (i *Detector) chance(at symptomAt, others []symptomAt) float64 {
	t, all := i.counters[at.location], i.totals[at.kind]
	if t == nil || all == nil {
		return 1
	}
	shows, judged := t.shows[at.symptom], t.judged[at.symptom]
	if shows < minDomains || 2*shows < judged {
		return 1
	}
	elsewhere, of := all.shows[at.symptom]-shows, all.judged[at.symptom]-judged
	for _, o := range others {
		if o.kind == at.kind && o.symptom == at.symptom && o.name != at.name {
			elsewhere, of = elsewhere-i.counters[o.location].shows[o.symptom], of-i.counters[o.location].judged[o.symptom]
		}
	}
	elsewhere = max(elsewhere, 0) // one registration may use several servers
	base := (priorRate*priorWeight + float64(elsewhere)) / (priorWeight + float64(max(of, elsewhere)))
	return atLeast(shows, judged, base)
}

// unlikelyPlaces returns the locations of incidents. They are found one after the other, so that simultaneous outages
// do not hide each other.
func (i *Detector) unlikelyPlaces() []symptomAt {
	var found, open []symptomAt
	for at := range i.counters {
		for n := range symptoms {
			s := symptomAt{at, n}
			if _, told := i.shown[s]; told && i.counters[at].shows[n] >= minDomains {
				found = append(found, s)
			} else if i.chance(s, nil) < 1 {
				open = append(open, s)
			}
		}
	}
	order.By(open, func(a, b symptomAt) int {
		return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.symptom, b.symptom), strings.Compare(a.name, b.name))
	})
	for len(open) > 0 {
		best, least := 0, 1.0
		for n, s := range open {
			if c := i.chance(s, found); c < least {
				best, least = n, c
			}
		}
		if least > maxChance {
			break
		}
		found = append(found, open[best])
		open = slices.Delete(open, best, best+1)
	}
	return found
}

// atLeast returns the probability of k or more successes in n trials of probability p: the upper tail of the binomial
// distribution.
func atLeast(k, n int, p float64) float64 {
	lg := func(x int) float64 { v, _ := math.Lgamma(float64(x) + 1); return v }
	sum := 0.0
	for j := k; j <= n; j++ {
		term := math.Exp(lg(n) - lg(j) - lg(n-j) + float64(j)*math.Log(p) + float64(n-j)*math.Log1p(-p))
		sum += term
		if term < sum*1e-12 {
			break
		}
	}
	return sum
}

// Findings returns the incidents, those with the most domains first.
func (i *Detector) Findings() []*finding.Finding {
	found := i.widest(i.unlikelyPlaces())
	members := i.members(found)
	out := i.integrations()
	for _, list := range merged(found, members) {
		out = append(out, i.finding(list, members[list[0]]))
	}
	slices.SortFunc(out, func(a, b *finding.Finding) int {
		return cmp.Or(cmp.Compare(len(DomainsOf(b)), len(DomainsOf(a))), cmp.Compare(a.ID, b.ID),
			strings.Compare(nameOf(a), nameOf(b)))
	})
	return out
}

// widest drops single name servers of a DNS host that fails as a whole.
func (i *Detector) widest(found []symptomAt) []symptomAt {
	hosts := map[symptomAt]bool{}
	for _, s := range found {
		hosts[s] = s.kind == causes.PlaceDNSHost
	}
	covered := map[symptomAt]bool{}
	for _, k := range i.domains {
		for n := range symptoms {
			if !hosts[symptomAt{location{causes.PlaceDNSHost, k.places.DNSHost}, n}] {
				continue
			}
			for _, server := range k.places.NameServers {
				covered[symptomAt{location{causes.PlaceNameServer, server}, n}] = true
			}
		}
	}
	return slices.DeleteFunc(found, func(s symptomAt) bool { return covered[s] })
}

// affected are the domains that show a symptom at a location, and how often each cause is behind it.
type affected struct {
	domains []string
	causes  map[catalog.ID]int
	verdict catalog.Verdict
}

func (i *Detector) members(found []symptomAt) map[symptomAt]*affected {
	out := map[symptomAt]*affected{}
	for _, s := range found {
		out[s] = &affected{causes: map[catalog.ID]int{}}
	}
	for name, k := range i.domains {
		for _, r := range k.roots {
			n, ok := symptomOf(r)
			if !ok {
				continue
			}
			for _, kind := range symptoms[n].places {
				for _, at := range k.places.names(kind, &r) {
					m := out[symptomAt{location{kind, at}, n}]
					if m == nil {
						continue
					}
					m.domains = append(m.domains, name)
					m.causes[r.Cause]++
					if m.verdict == catalog.NotRun || r.Verdict.Severity() > m.verdict.Severity() {
						m.verdict = r.Verdict
					}
				}
			}
		}
	}
	for _, m := range out {
		slices.Sort(m.domains)
		m.domains = slices.Compact(m.domains)
	}
	return out
}

// merged groups name servers that fail for the same domains into one incident.
func merged(found []symptomAt, members map[symptomAt]*affected) [][]symptomAt {
	order.By(found, func(a, b symptomAt) int {
		return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.symptom, b.symptom), strings.Compare(a.name, b.name))
	})
	var out [][]symptomAt
next:
	for _, s := range found {
		for n, list := range out {
			if f := list[0]; s.kind == causes.PlaceNameServer && f.kind == s.kind && f.symptom == s.symptom &&
				slices.Equal(members[f].domains, members[s].domains) {
				out[n] = append(list, s)
				continue next
			}
		}
		out = append(out, []symptomAt{s})
	}
	return out
}

func (i *Detector) finding(at []symptomAt, m *affected) *finding.Finding {
	first := at[0]
	byCount := slices.SortedFunc(maps.Keys(m.causes), func(a, b catalog.ID) int {
		return cmp.Or(cmp.Compare(m.causes[b], m.causes[a]), cmp.Compare(a, b))
	})
	var ids []string
	for _, c := range byCount {
		ids = append(ids, string(c))
	}
	healthy := i.counters[first.location].judged[first.symptom] - i.counters[first.location].shows[first.symptom]
	args := causes.SharedFaultArgs{
		Place: first.kind, Name: first.name, Causes: ids, Domains: m.domains,
		Healthy: healthy,
	}
	var inst catalog.Instance
	switch first.kind {
	case causes.PlaceEdge:
		inst = causes.ServiceIntegrationIncident.With(causes.IntegrationIncidentArgs{
			Integration: "CDN", Domains: m.domains,
			Causes: ids, Healthy: healthy, Detail: first.name,
		})
	case causes.PlaceAuthority:
		inst = causes.CertificateAuthorityIncident.With(args)
	case causes.PlaceTLD, causes.PlaceRegistrar:
		inst = causes.RegistrationRegistryIncident.With(args)
	case causes.PlaceNameServer:
		for _, s := range at {
			args.Servers = append(args.Servers, s.name)
		}
		args.Name = hosts.DNSHostOf(args.Servers)
		if args.Name == "" {
			args.Name = probe.Registrable(first.name)
		}
		inst = causes.DelegationHostIncident.With(args)
	default:
		inst = causes.DelegationHostIncident.With(args)
	}
	v := inst.Cause.Verdict
	if m.verdict == catalog.Inconclusive || m.verdict == catalog.Warn {
		v = m.verdict
	}
	return &finding.Finding{Instance: inst, Check: CheckID, Verdict: v, Certainty: finding.Likely}
}

// integrations returns the platform's integrations that failed for enough unrelated domains within a day.
func (i *Detector) integrations() []*finding.Finding {
	var out []*finding.Finding
	for _, code := range []string{"DOMAIN_020", "DOMAIN_021", "DOMAIN_022", "DOMAIN_023"} {
		var list []codeAt
		for domain, k := range i.domains {
			if at, ok := k.failure(code); ok {
				list = append(list, codeAt{domain, at})
			}
		}
		if domains := atOnce(list); len(domains) > 0 {
			name, _ := integrationOf(code)
			inst := causes.ServiceIntegrationIncident.With(causes.IntegrationIncidentArgs{
				Integration: name, Code: code,
				Domains: domains,
			})
			out = append(out, &finding.Finding{
				Instance: inst, Check: CheckID, Verdict: inst.Cause.Verdict,
				Certainty: finding.Likely,
			})
		}
	}
	return out
}

// failure reports whether an integration failed for a domain, and when; zero if unknown.
func (k *observed) failure(code string) (time.Time, bool) {
	for _, c := range k.codes {
		if c.Code == code {
			return c.At, true
		}
	}
	return time.Time{}, code == "DOMAIN_023" && slices.ContainsFunc(k.roots, platformFailure)
}

// codeAt is when a code was reported for a domain.
type codeAt struct {
	domain string
	at     time.Time
}

// atOnce returns the domains whose reports are within a day of those of enough unrelated others. Reports without a
// time match any day.
func atOnce(list []codeAt) []string {
	order.By(list, func(a, b codeAt) int {
		return cmp.Or(a.at.Compare(b.at), strings.Compare(a.domain, b.domain))
	})
	timeless := 0
	for timeless < len(list) && list[timeless].at.IsZero() {
		timeless++
	}
	unrelated := map[string]int{}
	put := func(c codeAt, by int) {
		unit := probe.Registrable(c.domain)
		if unrelated[unit] += by; unrelated[unit] == 0 {
			delete(unrelated, unit)
		}
	}
	for _, c := range list[:timeless] {
		put(c, 1)
	}
	var out []string
	if len(unrelated) >= minDomains {
		for _, c := range list[:timeless] {
			out = append(out, c.domain)
		}
	}
	first, taken := timeless, timeless // start of the window, and end of the domains taken
	for last := timeless; last < len(list); last++ {
		put(list[last], 1)
		for list[last].at.Sub(list[first].at) > window {
			put(list[first], -1)
			first++
		}
		if len(unrelated) < minDomains {
			continue
		}
		for n := max(first, taken); n <= last; n++ {
			out = append(out, list[n].domain)
		}
		taken = last + 1
		for _, c := range list[:timeless] {
			out = append(out, c.domain)
		}
		timeless = 0 // they are taken once, but still count in the window
	}
	slices.Sort(out)
	return slices.Compact(out)
}
