package incident

import "slices"

// unit is a registration: what its domains show counts once. Those of a small one are counted anew with each change,
// which takes the least memory; a large one, such as the thousands of names under one apex, keeps count.
type unit struct {
	few  []*observed
	many map[symptomAt]*tally // nil as long as there are few
	sums map[symptomAt]*tally // by kind of location alone: at how many locations
}

// tally counts what is judged for a symptom, and what shows it.
type tally struct{ judged, shows int }

// small is the largest number of domains of a small registration.
const small = 16

// each calls listed for each symptom that a domain may show at a location, with whether it was checked for it, and
// shows for those that it shows.
func (k *observed) each(listed func(at symptomAt, judged bool), shows func(symptomAt)) {
	for n, s := range symptoms {
		for _, kind := range s.places {
			for _, name := range k.places.names(kind, nil) {
				listed(symptomAt{location{kind, name}, n}, k.judged&(1<<n) != 0)
			}
		}
	}
	for _, r := range k.roots {
		n, ok := symptomOf(r)
		if !ok {
			continue
		}
		for _, kind := range symptoms[n].places {
			for _, name := range k.places.names(kind, &r) {
				shows(symptomAt{location{kind, name}, n})
			}
		}
	}
}

// putAlone adds the only domain of a registration, in the place of what was known of it if that is not nil.
func (i *Detector) putAlone(name string, old, k *observed) {
	if old != nil {
		i.count([]*observed{old}, -1)
	}
	i.count([]*observed{k}, 1)
	i.alone[name] = k
}

// put adds a domain to a registration, in the place of what was known of it if that is not nil.
func (i *Detector) put(u *unit, old, k *observed) {
	if u.many == nil {
		i.count(u.few, -1)
		if old != nil {
			u.few[slices.Index(u.few, old)] = k
		} else {
			u.few = append(u.few, k)
		}
		if u.few = slices.Clip(u.few); len(u.few) <= small {
			i.count(u.few, 1)
			return
		}
		u.many, u.sums = map[symptomAt]*tally{}, map[symptomAt]*tally{}
		for _, each := range u.few {
			i.contribute(u, each, 1)
		}
		u.few = nil
		return
	}
	i.contribute(u, k, 1) // first, so that what both show is not counted anew
	if old != nil {
		i.contribute(u, old, -1)
	}
}

// contribute adds what a domain shows to a large registration (by is 1), or subtracts it (-1).
func (i *Detector) contribute(u *unit, k *observed, by int) {
	change := func(at symptomAt, judged, shows int) {
		judged, shows = tallyOf(u.many, at).add(judged, shows)
		if judged == 0 && shows == 0 {
			return
		}
		counterOf(i.counters, at.location).add(at.symptom, judged, shows)
		judged, shows = tallyOf(u.sums, symptomAt{location{kind: at.kind}, at.symptom}).add(judged, shows)
		counterOf(i.totals, at.kind).add(at.symptom, judged, shows)
	}
	k.each(func(at symptomAt, judged bool) {
		if judged {
			change(at, by, 0)
		}
	}, func(at symptomAt) { change(at, 0, by) })
}

// add adds to both counts. It returns by how much that changes whether anything is judged, and shown: -1, 0 or 1.
func (t *tally) add(judged, shows int) (judgedBy, showsBy int) {
	wasJudged, wasShown := t.any()
	t.judged += judged
	t.shows += shows
	isJudged, isShown := t.any()
	return isJudged - wasJudged, isShown - wasShown
}

// any returns 1 for what was counted at all. What is shown was judged.
func (t *tally) any() (judged, shows int) {
	return min(1, t.judged+t.shows), min(1, t.shows)
}

func tallyOf(in map[symptomAt]*tally, at symptomAt) *tally {
	t := in[at]
	if t == nil {
		t = &tally{}
		in[at] = t
	}
	return t
}

func counterOf[K comparable](in map[K]*counter, key K) *counter {
	c := in[key]
	if c == nil {
		c = &counter{}
		in[key] = c
	}
	return c
}

func (c *counter) add(symptom, judged, shows int) {
	c.judged[symptom] += judged
	c.shows[symptom] += shows
}

// count adds what the few domains of a registration contribute to the counters (by is 1), or subtracts it (-1).
func (i *Detector) count(list []*observed, by int) {
	judged, shows := map[symptomAt]bool{}, map[symptomAt]bool{}
	for _, k := range list {
		k.each(func(at symptomAt, isJudged bool) {
			judged[at] = judged[at] || isJudged
		}, func(at symptomAt) { shows[at] = true })
	}
	kinds := map[string]*counter{}
	add := func(at symptomAt, judged, shows int) {
		counterOf(i.counters, at.location).add(at.symptom, by*judged, by*shows)
		k := counterOf(kinds, at.kind)
		k.judged[at.symptom] = max(k.judged[at.symptom], judged)
		k.shows[at.symptom] = max(k.shows[at.symptom], shows)
	}
	for at := range shows {
		add(at, 1, 1)
		delete(judged, at)
	}
	for at, was := range judged {
		if was {
			add(at, 1, 0)
		}
	}
	for kind, k := range kinds {
		for n := range symptoms {
			counterOf(i.totals, kind).add(n, by*k.judged[n], by*k.shows[n])
		}
	}
}
