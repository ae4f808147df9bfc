// Package issuance judges whether the platform's certificate authority would issue a certificate, and renew it,
// before and after a change.
package issuance

import (
	"context"
	"slices"
	"strings"
	"time"

	"domdoc/catalog"
	"domdoc/catalog/causes"
	"domdoc/catalog/plans"
	"domdoc/checks"
	"domdoc/checks/dnsname"
	"domdoc/checks/finding"
	"domdoc/checks/observe"
	"domdoc/checks/probe"
	"domdoc/checks/probe/exchange"
	"domdoc/checks/result"
	"domdoc/checks/rules"
	"domdoc/checks/subject"

	"github.com/miekg/dns"
)

// Certificate is a certificate of a domain, or one that is asked about.
type Certificate struct {
	// Domain and ID are those of the service; empty for a certificate that only a flag asks about.
	Domain, ID string
	Request    plans.Request
	Expires    time.Time // zero if it is not issued, or not known
	Names      []*Name
	// More is the number of names that were not judged.
	More           int
	Issue, Renewal Change
}

// Name is a name of a certificate.
type Name struct {
	Name       string
	Validation plans.Validation
	// Issue is whether the authority may issue for this name and finds its validation record, if that is known.
	Issue Change
}

// Change has the judgment of today, and that after the change.
type Change struct{ Before, After Judgment }

// Judgment is whether something would succeed.
type Judgment struct {
	Answer plans.Answer
	// Findings are the root causes: what stands in the way, or why it could not be judged. Empty for yes.
	Findings []*finding.Finding
	// Reasons are conditions of a yes, and why something could not be judged if no finding says it. In sentences
	// without the final stop.
	Reasons []string
}

// Breaks reports whether something stands in the way after a change that does not today.
func (c Change) Breaks() bool {
	return c.After.Answer == plans.No && slices.ContainsFunc(c.After.Findings, func(f *finding.Finding) bool {
		return !slices.ContainsFunc(c.Before.Findings, func(g *finding.Finding) bool {
			return g.ID == f.ID && g.About == f.About
		})
	})
}

// Breaks reports whether the change keeps a certificate from being issued or renewed that the service has or has
// requested, or that is asked about.
func (c *Certificate) Breaks() bool {
	wanted := c.Request != plans.NotRequested || c.Domain == ""
	return wanted && (c.Issue.Breaks() || c.Renewal.Breaks())
}

// Unjudged reports whether the change makes unknown what is known today, or the certificate that is asked about could
// not be judged.
func (c *Certificate) Unjudged() bool {
	return c.Issue.After.Answer == plans.NotJudged && (c.Domain == "" || c.Issue.Before.Answer != plans.NotJudged)
}

// maxNames is the largest number of names in a certificate of ACM.
const maxNames = 100

// checkIDs are the checks of what an authority looks up.
var checkIDs = []string{"delegation", "dnssec", "records", "cname", "server-faults", "caa"}

// certificateCode is the code of a certificate that is not issued.
const certificateCode = "DOMAIN_011"

// endless are aliases that resolvers do not follow to their end: they then have no answer about CAA records, which an
// authority needs (RFC 8659 3).
var endless = []catalog.ID{causes.RecordCNAMELoop.ID, causes.RecordCNAMETooLong.ID}

// Judge asks what an authority asks for each name of a domain's certificate, now and after the change. now and after
// are the two diagnoses' doctors, today is the diagnosis of today.
func Judge(ctx context.Context, now, after *checks.Doctor, today *result.Domain) *Certificate {
	held := today.Held.Certificate
	c := &Certificate{Domain: today.Name.ASCII, ID: today.ID, Request: requestOf(today)}
	names := slices.Clone(held.Names)
	if c.Request == plans.Issued {
		c.Expires = held.ExpiresAt
	}
	if !today.Held.HasCertificate {
		if leaf := served(today); leaf != nil {
			names, c.Expires, c.Request = leaf.DNSNames, leaf.NotAfter, plans.Issued
		}
	}
	if len(names) == 0 {
		names = []string{today.Name.ASCII}
	}
	var records []subject.Expected
	for _, r := range today.Facts.Records {
		if r.Role == catalog.Certificate && r.Type == "CNAME" {
			records = append(records, r.Expected)
		}
	}
	c.judge(ctx, now, after, names, records)
	return c
}

// Ask judges a certificate for names that may have none.
func Ask(ctx context.Context, now, after *checks.Doctor, names []string, records []subject.Expected) *Certificate {
	c := &Certificate{Request: plans.NotRequested}
	c.judge(ctx, now, after, names, slices.DeleteFunc(slices.Clone(records), func(e subject.Expected) bool {
		return e.Role != catalog.Certificate && subject.RoleOf("", e.Name, e.Type, e.Value) != catalog.Certificate
	}))
	return c
}

func (c *Certificate) judge(ctx context.Context, now, after *checks.Doctor, names []string,
	records []subject.Expected,
) {
	for _, n := range names {
		n = exchange.Bare(strings.TrimSpace(n))
		if parsed, err := dnsname.Parse(n); err == nil {
			n = parsed.ASCII
		}
		if slices.ContainsFunc(c.Names, func(o *Name) bool { return o.Name == n }) {
			continue
		}
		if len(c.Names) == maxNames {
			c.More++
			continue
		}
		c.Names = append(c.Names, &Name{Name: n, Validation: plans.Unlisted})
	}
	own := make([][]subject.Expected, len(c.Names))
	for i, n := range c.Names {
		base := strings.TrimPrefix(n.Name, "*.")
		for _, r := range records {
			if at := dnsname.Parent(r.Name); at == base || len(c.Names) == 1 {
				r.Role = catalog.Certificate
				own[i] = append(own[i], r)
			}
		}
		if len(own[i]) > 0 {
			n.Validation = plans.Listed
		}
	}
	var wg probe.Group
	at := func(d *checks.Doctor, into func(*Name) *Judgment) {
		lab := &checks.Doctor{Session: d.Session, Timeout: d.Timeout, Until: d.Until}
		for i, n := range c.Names {
			wg.Go(func() { *into(n) = judge(ctx, lab, n.Name, own[i]) })
		}
	}
	at(now, func(n *Name) *Judgment { return &n.Issue.Before })
	at(after, func(n *Name) *Judgment { return &n.Issue.After })
	wg.Wait()
	c.Issue = Change{c.issue(before), c.issue(then)}
	c.Renewal = Change{c.renewal(c.Issue.Before), c.renewal(c.Issue.After)}
}

func before(n *Name) Judgment { return n.Issue.Before }

func then(n *Name) Judgment { return n.Issue.After }

// issue joins the judgments of the names: an authority issues for all of them or for none.
func (c *Certificate) issue(of func(*Name) Judgment) Judgment {
	out := Judgment{Answer: plans.Yes}
	for _, n := range c.Names {
		j := of(n)
		switch {
		case j.Answer == out.Answer:
		case j.Answer == plans.No, out.Answer == plans.Yes:
			out = Judgment{Answer: j.Answer}
		default:
			continue
		}
		for _, f := range j.Findings {
			if !slices.ContainsFunc(out.Findings, func(g *finding.Finding) bool {
				return g.ID == f.ID && g.About == f.About
			}) {
				out.Findings = append(out.Findings, f)
			}
		}
		for _, r := range j.Reasons {
			if len(c.Names) > 1 && j.Answer != plans.Yes {
				r = n.Name + ": " + r
			}
			if !slices.Contains(out.Reasons, r) {
				out.Reasons = append(out.Reasons, r)
			}
		}
	}
	if c.More > 0 && out.Answer == plans.Yes {
		out = Judgment{Answer: plans.NotJudged, Reasons: []string{plans.TooManyNames(c.More)}}
	}
	if out.Answer == plans.Yes && c.Request.Again() {
		out.Reasons = append(out.Reasons, plans.RequestAgain(c.Request))
	}
	return out
}

// renewal returns whether a certificate is renewed: its names must validate as for a new one, but by records that are
// there already.
func (c *Certificate) renewal(issue Judgment) Judgment {
	switch c.Request {
	case plans.Issued:
	case plans.Unread:
		return Judgment{Answer: plans.NotJudged, Reasons: []string{plans.UnreadRequest}}
	default:
		return Judgment{Answer: plans.Nothing}
	}
	if issue.Answer != plans.Yes {
		return issue
	}
	var unlisted []string
	for _, n := range c.Names {
		if n.Validation == plans.Unlisted {
			unlisted = append(unlisted, n.Name)
		}
	}
	if len(unlisted) > 0 {
		return Judgment{Answer: plans.NotJudged, Reasons: []string{plans.NoValidationRecord(unlisted)}}
	}
	return issue
}

// judge asks about one name.
func judge(ctx context.Context, d *checks.Doctor, name string, records []subject.Expected) Judgment {
	n, err := dnsname.Parse(name)
	if err != nil {
		return Judgment{Answer: plans.No, Reasons: []string{plans.NotAName(err.Error())}}
	}
	if why := rules.Unissuable(n.ASCII); why != "" {
		i := causes.CertificateNameUnissuable.With(causes.CertificateNameUnissuableArgs{Domain: n.ASCII, Detail: why})
		return Judgment{Answer: plans.No, Findings: []*finding.Finding{{
			Instance: i, Check: "certificate", Verdict: i.Cause.Verdict, Certainty: finding.Conclusive, About: n.ASCII,
		}}}
	}
	r := d.Diagnose(ctx, checks.Target{
		Name: name, Expect: records, Intent: subject.Attach, Thorough: true,
		Checks: slices.DeleteFunc(rules.All(), func(c *rules.Check) bool { return !slices.Contains(checkIDs, c.ID) }),
	})
	out := read(r)
	if out.Answer != plans.Yes {
		return out
	}
	if owner := differs(ctx, d.Session, r.Facts.CAA); owner != "" {
		return Judgment{Answer: plans.NotJudged, Reasons: []string{plans.CAADiffers(owner)}}
	}
	if len(records) == 0 {
		out.Reasons = []string{plans.OnceValidated}
	}
	return out
}

// read judges a name by the diagnosis of what an authority asks.
func read(r *result.Domain) Judgment {
	var no, doubts []*finding.Finding
	for _, f := range r.Findings {
		if !slices.Contains(f.Predicts(), certificateCode) && !slices.Contains(endless, f.ID) {
			continue
		}
		verdict := f.Verdict
		if verdict == catalog.Blocked {
			verdict = f.Was
		}
		root := rootOf(r, f)
		switch {
		case verdict == catalog.Fail && !f.Partial && f.ID != causes.CAAParametersExclude.ID:
			no = append(no, root)
		case verdict == catalog.Fail, verdict == catalog.Inconclusive, f.Partial:
			doubts = append(doubts, root)
		}
	}
	var reasons []string
	for _, s := range r.Checks {
		if s.Is(catalog.Inconclusive) && !s.Partly {
			reasons = append(reasons, s.ID+": "+s.Reason)
		}
	}
	switch {
	case len(no) > 0:
		return Judgment{Answer: plans.No, Findings: distinct(no)}
	case len(doubts) > 0:
		if slices.ContainsFunc(doubts, func(f *finding.Finding) bool { return f.Partial }) {
			reasons = append(reasons, plans.PlacesDiffer)
		}
		return Judgment{Answer: plans.NotJudged, Findings: distinct(doubts), Reasons: reasons}
	case len(reasons) > 0 || r.Interrupted:
		return Judgment{Answer: plans.NotJudged, Reasons: reasons}
	}
	return Judgment{Answer: plans.Yes}
}

func rootOf(r *result.Domain, f *finding.Finding) *finding.Finding {
	if f.Root() {
		return f
	}
	for _, g := range r.Findings {
		if g.Root() && g.ID == f.BlockedBy {
			return g
		}
	}
	return f
}

func distinct(list []*finding.Finding) []*finding.Finding {
	var out []*finding.Finding
	for _, f := range list {
		if !slices.Contains(out, f) {
			out = append(out, f)
		}
	}
	return out
}

// differs returns the owner of the CAA records that decide if the servers of its zone do not have the same ones;
// empty if they do.
func differs(ctx context.Context, s *probe.Session, set *observe.CAA) string {
	if set == nil || set.Owner == "" || len(set.Records) == 0 {
		return ""
	}
	var first []string
	for i, x := range s.Authority(ctx, set.Owner, dns.TypeCAA).Good() {
		values := x.Values(set.Owner, dns.TypeCAA)
		slices.Sort(values)
		if i > 0 && !slices.Equal(first, values) {
			return set.Owner
		}
		first = values
	}
	return ""
}
