package observe

import (
	"slices"

	"domdoc/checks/probe/exchange"

	"domdoc/catalog"
	"domdoc/checks/rdata"
	"domdoc/checks/subject"

	"github.com/miekg/dns"
)

// TTLRule is how the TTLs at the source compare with the service's bounds.
type TTLRule string

// The rules. The zero value means that no TTL was observed.
const (
	TTLUnseen   TTLRule = ""
	TTLWithin   TTLRule = "within"
	TTLTooShort TTLRule = "too-short"
	TTLTooLong  TTLRule = "too-long"
	TTLMixed    TTLRule = "mixed" // an RRset has one TTL (RFC 2181 5.2)
)

// TTLBounds returns the service's bounds for a TTL, in seconds.
func TTLBounds() (shortest, longest uint32) { return MinTTL, MaxTTL }

// Record is an expected record and what the source has.
type Record struct {
	subject.Expected
	State RecordState
	// Seen are the values at the source, or the CNAME or addresses found instead; sorted.
	Seen []string
	// Extra are unexpected values beside the expected one.
	Extra     []string
	TTLs      []uint32 // at the source, in ascending order
	TTLRule   TTLRule
	Answered  int  // servers that gave an authoritative answer
	Right     int  // of these, those with the expected value
	Flattened bool // the expected CNAME is not visible, but the addresses are those of its target
	// Spent means that the record is no longer needed: the service has verified the domain.
	Spent   bool
	Invalid string // why the value is invalid for its type, so that it was not compared; empty if it is valid
	// Exchange is an answer with the record's state; nil if no server answered.
	Exchange *exchange.Exchange
}

// SeenRecords returns the expected records with what the source has, if some check has compared them. It does not
// compare any itself.
func (f *Observations) SeenRecords() []Record {
	list, compared := f.compared.peek()
	if !compared {
		return nil
	}
	out := make([]Record, 0, len(list))
	for _, j := range list {
		out = append(out, f.recordFact(j, list))
	}
	return out
}

func (f *Observations) recordFact(j *RecordResult, all []*RecordResult) Record {
	r := Record{
		Expected: j.Expected, State: j.State, Right: len(j.Right), Flattened: j.Flattened,
		Seen: slices.Clone(j.Seen), Invalid: rdata.Invalid(j.Type, j.Value),
	}
	r.Spent = j.Role == catalog.Verification && f.Subject.VerificationDone()
	if j.Type == "ALIAS" { // not a DNS type: the value was compared as a CNAME
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
