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
	// Detail describes the character or parameter that keeps the set from allowing Amazon; only of the verdicts
	// malformed and parameters.
	Detail string
	// Reserved are the tags of records with the reserved flag 1, which is often mistaken for the critical flag.
	Reserved []string
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
	// Exchange is the answer; nil if no server could be queried.
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

// Forbids reports whether the set forbids the certificate. A failed query does not, nor do parameters, which not all
// authorities evaluate.
func (c *CAA) Forbids() bool {
	return c.Verdict == causes.CAAForbidden || c.Verdict == causes.CAACritical || c.Verdict == causes.CAAMalformed
}

// Sentence explains what the set means for the platform's certificate authority, and quotes it.
func (c *CAA) Sentence() string {
	s := c.Verdict.Sentence(c.Owner, c.Tag)
	if len(c.Records) > 0 {
		s += " (" + strings.Join(c.Set(), ", ") + ")"
	}
	return s + causes.CAAFlagHint(c.Reserved)
}

// climbCAA searches for the set that applies, from the name up to the top-level domain. Each lookup follows CNAMEs,
// but the search does not climb from their targets.
func (f *Observations) climbCAA(ctx context.Context, name string, wildcard bool) *CAA {
	s := f.Session
	set := &CAA{Verdict: causes.CAANoSet}
	for at := name; at != ""; at = dnsname.Parent(at) {
		c := s.FollowFrom(ctx, f.AuthorityBriefly(ctx, at, dns.TypeCAA))
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
			set.judge(wildcard)
			if set.Verdict != causes.CAAAllowed && end.Answers.First() != nil {
				set.Zone = f.zoneBelow(ctx, end.Answers.First(), end.Name, set.Zone)
			}
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
		return "no server could be queried", false
	}
	failure = DescribeFailure(end.Answers.Replies[0])
	// A name in between may be one about which the servers answer nothing at all. Then only resolvers can tell whether an
	// authority gets an answer.
	known := s.Lookup(ctx, end.Name, dns.TypeA).Known()
	if !known && (end.Name == end.Answers.Zone.Name || !s.Lookup(ctx, end.Answers.Zone.Name, dns.TypeSOA).Known()) {
		return failure, false
	}
	for _, x := range end.Answers.Replies {
		if x.Outcome == exchange.NotAsked || x.Outcome == exchange.Unreachable {
			return failure, false
		}
	}
	// if a resolver has an answer, the query is dropped only between here and the servers
	for _, r := range s.Resolvers() {
		x := s.Resolve(ctx, r, end.Name, dns.TypeCAA)
		if x.CNAME(end.Name) != "" { // cached by a query of another type: the zone itself has no alias
			x = s.Resolve(ctx, r, end.Answers.Zone.Name, dns.TypeCAA)
		}
		if x.Outcome.Conclusive() {
			return failure + "; " + r.String() + " has an answer", false
		}
		known = known || x.Outcome == exchange.ServFail
	}
	return failure, known
}

// knownTags are the property tags that authorities recognize: RFC 8659, RFC 9495 (issuemail), and those registered
// for contacts and verified marks.
var knownTags = []string{"issue", "issuewild", "iodef", "issuemail", "issuevmc", "contactemail", "contactphone"}

// judge evaluates the set for Amazon.
func (c *CAA) judge(wildcard bool) {
	var issue, wild []*dns.CAA
	for _, r := range c.Records {
		if r.Flag&1 != 0 && r.Flag&128 == 0 {
			c.Reserved = append(c.Reserved, sanitize.Text(r.Tag, 40))
		}
		switch t := strings.ToLower(r.Tag); {
		case t == "issue":
			issue = append(issue, r)
		case t == "issuewild":
			wild = append(wild, r)
		case slices.Contains(knownTags, t):
		case r.Flag&128 != 0: // bit 0 is the most significant (RFC 8659 4.1)
			c.Verdict, c.Tag = causes.CAACritical, r.Tag
			return
		}
	}
	deciding, tag := issue, "issue"
	if wildcard && len(wild) > 0 {
		deciding, tag = wild, "issuewild"
	}
	if len(deciding) == 0 {
		c.Verdict = causes.CAAAllowed // a set without issue, such as iodef only, is no restriction
		return
	}
	c.Verdict, c.Tag = causes.CAAForbidden, tag
	for _, r := range deciding {
		v := rdata.ParseCAAIssue(r.Value)
		switch ours := slices.Contains(causes.AmazonCAA(), v.Issuer); {
		case v.Fault != "" && (ours || namesAmazon(r.Value)):
			if c.Verdict == causes.CAAForbidden {
				c.Verdict, c.Detail = causes.CAAMalformed, fmt.Sprintf("%q: %s", r.Value, v.Fault)
			}
		case !ours:
		default:
			if why := excludes(v.Parameters); why != "" {
				c.Verdict, c.Detail = causes.CAAParameters, fmt.Sprintf("%q: %s", r.Value, why)
				continue
			}
			c.Verdict, c.Detail = causes.CAAAllowed, ""
			return
		}
	}
}

// namesAmazon reports whether a malformed value was meant to name Amazon: as the authority, or in place of a
// parameter.
func namesAmazon(value string) bool {
	for i, part := range strings.Split(strings.ToLower(value), ";") {
		if (i == 0 || !strings.Contains(part, "=")) && slices.ContainsFunc(causes.AmazonCAA(), func(n string) bool {
			return strings.Contains(part, n)
		}) {
			return true
		}
	}
	return false
}

// otherMethods are the validation methods that do not use DNS records of the domain (RFC 8657 4, RFC 8555 8.3,
// RFC 8737). The platform validates by DNS.
var otherMethods = []string{
	"http-01", "tls-alpn-01", "tls-sni-01", "tls-sni-02", "email-reply-00", "onion-csr-01", "tkauth-01",
}

// excludes returns why parameters of RFC 8657 exclude the platform's request; empty if they do not, or if that is
// unknown.
func excludes(list []rdata.CAAParameter) string {
	var accounts, methods []string
	for _, p := range list {
		switch p.Tag {
		case "accounturi":
			accounts = append(accounts, p.Value)
		case "validationmethods":
			methods = append(methods, p.Value)
		}
	}
	switch {
	case len(accounts) > 1:
		return "several accounturi parameters, which no account satisfies"
	case len(accounts) == 1 && !ofAmazon(accounts[0]):
		return fmt.Sprintf("accounturi is %s, which is not the platform's account at Amazon",
			cmp.Or(accounts[0], "empty"))
	case len(methods) > 1:
		return "several validationmethods parameters, which no method satisfies"
	case len(methods) == 1:
		for m := range strings.SplitSeq(methods[0], ",") {
			if m != "" && !slices.Contains(otherMethods, strings.ToLower(m)) {
				return ""
			}
		}
		return fmt.Sprintf("validationmethods is %s, but the platform validates by DNS", cmp.Or(methods[0], "empty"))
	}
	return ""
}

// ofAmazon reports whether an account may be one at Amazon. Its owner is not visible.
func ofAmazon(account string) bool {
	account = strings.ToLower(account)
	return strings.HasPrefix(account, "arn:aws") || slices.ContainsFunc(
		append(causes.AmazonCAA(), "api.aws", "aws.dev"), func(n string) bool {
			host := exchange.URLHost(account)
			return host == n || strings.HasSuffix(host, "."+n)
		})
}
