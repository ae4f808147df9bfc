package observe

import (
	"slices"

	"domdoc/checks/probe/exchange"

	"domdoc/catalog"
	"domdoc/checks/rdata"
	"domdoc/checks/subject"

	"github.com/miekg/dns"
)

// TTLRule is how a record's times to live at the source stand to the service's bounds.
type TTLRule string

// The rules. The zero value means that no TTL was seen.
const (
	TTLUnseen   TTLRule = ""
	TTLWithin   TTLRule = "within"
	TTLTooShort TTLRule = "too-short"
	TTLTooLong  TTLRule = "too-long"
	TTLMixed    TTLRule = "mixed" // an RRset has one TTL (RFC 2181 5.2)
)

// TTLBounds are the service's bounds for a TTL, in seconds.
func TTLBounds() (shortest, longest uint32) { return MinTTL, MaxTTL }

// Record is a record that should be published beside what stands at the source.
type Record struct {
	subject.Expected
	State RecordState
	// Seen are the values at the source, or the CNAME or the addresses that stand in their place; sorted.
	Seen []string
	// Extra are those of Seen that nobody expects, beside the wanted one.
	Extra     []string
	TTLs      []uint32 // at the source, the shortest first
	TTLRule   TTLRule
	Answered  int  // servers that said something of the name with authority
	Right     int  // of these, those that have the wanted value
	Flattened bool // the wanted CNAME is not visible, and the addresses are those of its target
	// Spent tells that the record has done its work and may be gone: the service has verified the domain.
	Spent   bool
	Invalid string // why the value cannot be one of its type, so that it was not compared; empty when it can
	// Exchange is an answer that shows it; nil where nobody answered.
	Exchange *exchange.Exchange
}

// seenRecords are the expected records beside the source, if some check compared them: looking is not asking.
func (f *Observations) SeenRecords() []Record {
	list := f.all.Load()
	if list == nil {
		return nil
	}
	out := make([]Record, 0, len(*list))
	for _, j := range *list {
		out = append(out, f.recordFact(j, *list))
	}
	return out
}

func (f *Observations) recordFact(j *RecordResult, all []*RecordResult) Record {
	r := Record{
		Expected: j.Expected, State: j.State, Right: len(j.Right), Flattened: j.Flattened,
		Seen: slices.Clone(j.Seen), Invalid: rdata.Invalid(j.Type, j.Value),
	}
	r.Spent = j.Role == catalog.Verification && f.Subject.VerificationDone()
	if j.Type == "ALIAS" { // no type of the DNS: the wanted value was compared as a CNAME
		r.Invalid = ""
	}
	if j.View == nil {
		return r
	}
	good := j.View.Good()
	r.Answered = len(good)
	if len(r.Seen) == 0 {
		if r.Seen = j.View.Values(); len(r.Seen) == 0 && j.View.CNAME() != "" {
			r.Seen = []string{"CNAME " + j.View.CNAME()}
		}
	}
	if j.State == StateRight || j.State == StatePartly {
		for _, v := range j.View.Values() {
			wanted := slices.ContainsFunc(all, func(o *RecordResult) bool {
				return o.Name == j.Name && o.Type == j.Type && f.matches(o, v)
			})
			if !wanted && j.View.Type != dns.TypeCNAME {
				r.Extra = append(r.Extra, v)
			}
		}
	}
	for _, x := range good {
		rrs := x.Records(j.View.Name, j.View.Type)
		if len(rrs) == 0 {
			rrs = x.Records(j.View.Name, dns.TypeCNAME)
		}
		var own []uint32
		for _, rr := range rrs {
			own = append(own, rr.Header().Ttl)
		}
		slices.Sort(own)
		if own = slices.Compact(own); len(own) > 1 {
			r.TTLRule = TTLMixed
		}
		r.TTLs = append(r.TTLs, own...)
	}
	slices.Sort(r.TTLs)
	r.TTLs = slices.Compact(r.TTLs)
	if n := len(r.TTLs); n > 0 && r.TTLRule == TTLUnseen {
		switch {
		case r.TTLs[0] < MinTTL:
			r.TTLRule = TTLTooShort
		case r.TTLs[n-1] > MaxTTL:
			r.TTLRule = TTLTooLong
		default:
			r.TTLRule = TTLWithin
		}
	}
	switch {
	case len(j.Other) > 0:
		r.Exchange = j.Other[0]
	case len(good) > 0:
		r.Exchange = good[0]
	case len(j.View.Replies) > 0:
		r.Exchange = j.View.Replies[0]
	}
	return r
}

// The service's bounds for a TTL, in seconds.
const (
	MinTTL = 60
	MaxTTL = 86400
)
