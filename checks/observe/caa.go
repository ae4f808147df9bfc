package observe

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"domdoc/checks/probe/exchange"

	"github.com/miekg/dns"

	"domdoc/catalog/causes"
	"domdoc/catalog/sanitize"
	"domdoc/checks/dnsname"
	"domdoc/checks/probe"
	"domdoc/checks/rdata"
)

// CAA are the climb to the CAA set that decides for a name (the first non-empty one from the name upwards, RFC
// 8659 3), and what it means for the platform's authority.
type CAA struct {
	Steps   []CAAStep // each name that was asked, from the domain upwards
	At      string    // the name at which the climb stopped; empty where it found no set
	Owner   string    // whose set it is: At, or the end of its CNAMEs
	Zone    string    // the zone in which the set stands
	Records []*dns.CAA
	Verdict causes.CAAVerdict
	Tag     string // the property that decides; empty where none does
	// Failure says how the question for Owner failed: of the verdicts fails and unknown.
	Failure  string
	Evidence []*exchange.Exchange
}

// CAAStep is one name of the climb.
type CAAStep struct {
	Name  string
	Via   []string // the CNAMEs that the question followed from it
	Found int      // the CAA records at its end
	Known bool     // its servers said whether there are any
	// Exchange is the answer that shows it; nil where nobody could be asked.
	Exchange *exchange.Exchange
}

// Set are the deciding records as a zone file has them, fit to show.
func (c *CAA) Set() []string {
	var out []string
	for _, r := range c.Records {
		out = append(out, sanitize.Text(fmt.Sprintf("%d %s %q", r.Flag, r.Tag, r.Value), 160))
	}
	return out
}

// Forbids reports whether the set forbids the certificate; what could not be asked, or fails, does not.
func (c *CAA) Forbids() bool {
	return c.Verdict == causes.CAAForbidden || c.Verdict == causes.CAACritical
}

// climbCAA looks for the set that decides, from the name up to the top-level domain; each look-up follows CNAMEs, but
// does not climb from their targets.
func climbCAA(ctx context.Context, s *probe.Session, name string, wildcard bool) *CAA {
	set := &CAA{Verdict: causes.CAANoSet}
	for at := name; at != ""; at = dnsname.Parent(at) {
		c := s.Follow(ctx, at, dns.TypeCAA)
		set.Evidence = c.Evidence()
		end := c.End()
		step := CAAStep{Name: at, Via: c.Names()[1:], Known: c.Known()}
		if len(set.Evidence) > 0 {
			step.Exchange = set.Evidence[len(set.Evidence)-1]
		}
		if len(c.Values) > 0 {
			set.At, set.Owner, set.Zone = at, end.Name, end.Answers.Apex()
			for _, x := range end.Answers.Good() {
				for _, rr := range x.Records(end.Name, dns.TypeCAA) {
					if caa, ok := rr.(*dns.CAA); ok && !slices.ContainsFunc(set.Records, func(o *dns.CAA) bool {
						return o.Flag == caa.Flag && o.Tag == caa.Tag && o.Value == caa.Value
					}) {
						set.Records = append(set.Records, caa)
					}
				}
			}
			step.Found = len(set.Records)
			set.Steps = append(set.Steps, step)
			set.Verdict, set.Tag = judgeCAA(set.Records, wildcard)
			return set
		}
		set.Steps = append(set.Steps, step)
		if c.Known() {
			continue
		}
		failure, conclusive := caaFailure(ctx, s, end)
		set.Owner, set.Failure, set.Verdict = end.Name, failure, causes.CAAUnknown
		if !conclusive {
			return set
		}
		set.At, set.Zone, set.Verdict = at, end.Answers.Apex(), causes.CAAFails
		set.Evidence = append(set.Evidence, end.Answers.Replies...)
		return set
	}
	return set
}

// caaFailure tells a question that only CAA fails on (the zone's servers answer others) from a zone that cannot be
// asked at all.
func caaFailure(ctx context.Context, s *probe.Session, end probe.Hop) (failure string, conclusive bool) {
	if end.Answers.Zone == nil {
		return cmp.Or(end.Answers.Delegation.Unknown, "the zone could not be found"), false
	}
	if len(end.Answers.Replies) == 0 {
		return "no server could be asked", false
	}
	failure = DescribeFailure(end.Answers.Replies[0])
	other := s.Lookup(ctx, end.Name, dns.TypeA)
	if !other.Known() {
		return failure, false
	}
	for _, x := range end.Answers.Replies {
		if x.Outcome == exchange.NotAsked || x.Outcome == exchange.Unreachable {
			return failure, false
		}
	}
	return failure, true
}

// knownTags are the property tags that authorities know: RFC 8659, RFC 9495 (issuemail), and those that CAs
// registered for contacts and marks.
var knownTags = []string{"issue", "issuewild", "iodef", "issuemail", "issuevmc", "contactemail", "contactphone"}

// judgeCAA applies a set for Amazon. tag is the property that decides.
func judgeCAA(records []*dns.CAA, wildcard bool) (verdict causes.CAAVerdict, tag string) {
	var issue, wild []*dns.CAA
	for _, r := range records {
		switch t := strings.ToLower(r.Tag); {
		case t == "issue":
			issue = append(issue, r)
		case t == "issuewild":
			wild = append(wild, r)
		case r.Flag&128 != 0 && !slices.Contains(knownTags, t): // bit 0 is the highest one (RFC 8659 4.1)
			return causes.CAACritical, r.Tag
		}
	}
	deciding, tag := issue, "issue"
	if wildcard && len(wild) > 0 {
		deciding, tag = wild, "issuewild"
	}
	if len(deciding) == 0 {
		return causes.CAAAllowed, "" // a set without issue (iodef only, say) restricts nobody
	}
	for _, r := range deciding {
		ca, _, _ := strings.Cut(r.Value, ";")
		if slices.Contains(causes.AmazonCAA(), rdata.Target(ca)) {
			return causes.CAAAllowed, tag
		}
	}
	return causes.CAAForbidden, tag
}
