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

// CAA is the search for the CAA record set that applies to a name (the first non-empty one from the name upwards, RFC
// 8659 3), and whether it permits the platform's authority.
type CAA struct {
	Steps   []CAAStep // each name that was queried, from the domain upwards
	At      string    // the name at which the search ended; empty if there is no set
	Owner   string    // the owner of the set: At, or the target of its CNAME chain
	Zone    string    // the zone of the set
	Records []*dns.CAA
	Verdict causes.CAAVerdict
	Tag     string // the deciding property; empty if there is none
	// Failure describes how the query for Owner failed; only of the verdicts fails and unknown.
	Failure  string
	Evidence []*exchange.Exchange
}

// CAAStep is one name of the search.
type CAAStep struct {
	Name  string
	Via   []string // the CNAME chain that was followed
	Found int      // the number of CAA records at its end
	Known bool     // its servers gave a conclusive answer
	// Exchange is the answer; nil if no server could be asked.
	Exchange *exchange.Exchange
}

// Set returns the records in zone file format, sanitized.
func (c *CAA) Set() []string {
	var out []string
	for _, r := range c.Records {
		out = append(out, sanitize.Text(fmt.Sprintf("%d %s %q", r.Flag, r.Tag, r.Value), 160))
	}
	return out
}

// Forbids reports whether the set forbids the certificate. A failed query does not.
func (c *CAA) Forbids() bool {
	return c.Verdict == causes.CAAForbidden || c.Verdict == causes.CAACritical
}

// climbCAA searches for the set that applies, from the name up to the top-level domain. Each lookup follows CNAMEs,
// but the search does not climb from their targets.
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

// caaFailure distinguishes servers that fail only on CAA queries from a zone that cannot be queried at all.
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

// knownTags are the property tags that authorities recognize: RFC 8659, RFC 9495 (issuemail), and those registered
// for contacts and verified marks.
var knownTags = []string{"issue", "issuewild", "iodef", "issuemail", "issuevmc", "contactemail", "contactphone"}

// judgeCAA evaluates a set for Amazon. tag is the deciding property.
func judgeCAA(records []*dns.CAA, wildcard bool) (verdict causes.CAAVerdict, tag string) {
	var issue, wild []*dns.CAA
	for _, r := range records {
		switch t := strings.ToLower(r.Tag); {
		case t == "issue":
			issue = append(issue, r)
		case t == "issuewild":
			wild = append(wild, r)
		case r.Flag&128 != 0 && !slices.Contains(knownTags, t): // bit 0 is the most significant (RFC 8659 4.1)
			return causes.CAACritical, r.Tag
		}
	}
	deciding, tag := issue, "issue"
	if wildcard && len(wild) > 0 {
		deciding, tag = wild, "issuewild"
	}
	if len(deciding) == 0 {
		return causes.CAAAllowed, "" // a set without issue, such as iodef only, is no restriction
	}
	for _, r := range deciding {
		ca, _, _ := strings.Cut(r.Value, ";")
		if slices.Contains(causes.AmazonCAA(), rdata.Target(ca)) {
			return causes.CAAAllowed, tag
		}
	}
	return causes.CAAForbidden, tag
}
