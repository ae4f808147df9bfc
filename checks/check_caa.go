package checks

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"domdoc/catalog"
	"domdoc/checks/probe"

	"github.com/miekg/dns"
)

// checkCAA applies RFC 8659: may Amazon issue a certificate for the name?
var checkCAA = &Check{
	ID: "caa", Title: "CAA: may the platform's authority issue", Rung: catalog.CertificateRung, Needs: []Need{NeedDNS},
	Reports: []*catalog.Cause{catalog.CAAForbids.Cause, catalog.CAAForbidsWildcard.Cause, catalog.CAAFromTarget.Cause, catalog.CAACriticalUnknown.Cause, catalog.CAALookupFails.Cause},
	Run:     runCAA,
}

// caaSet is the CAA set that decides for a name: the first non-empty one from the name upwards (RFC 8659 3).
type caaSet struct {
	at       string // the name at which the climb stopped
	owner    string // whose set it is: at, or the end of its CNAMEs
	records  []*dns.CAA
	evidence []*probe.Exchange
	zone     string
	// failed is the name whose question failed, with how; the climb stops there.
	failed  string
	failure string
	// unknown says why the climb could not be finished for reasons that are not the zone's.
	unknown string
}

func runCAA(ctx context.Context, p *Pass) {
	if issued(p.Facts.Held()) {
		p.Skip("the certificate is issued")
		return
	}
	name := strings.TrimPrefix(p.Subject.Name.ASCII, "*.")
	set := climb(ctx, p.Session, name)
	args := catalog.CAAArgs{Domain: p.Subject.Name.ASCII, At: set.owner, Zone: set.zone, Host: p.Facts.DNSHost()}
	evidence := With(set.evidence...)
	switch {
	case set.unknown != "":
		p.Unable("%s", set.unknown)
		return
	case set.failed != "":
		args.At, args.Failure = set.failed, set.failure
		p.Report(catalog.CAALookupFails.With(args), evidence)
		return
	case len(set.records) == 0:
		return
	}
	for _, r := range set.records {
		args.Set = append(args.Set, catalog.Printable(fmt.Sprintf("%d %s %q", r.Flag, r.Tag, r.Value), 160))
	}
	verdict, tag := judgeCAA(set.records, p.Subject.Name.Wildcard)
	args.Tag = catalog.Printable(tag, 40)
	switch verdict {
	case caaCritical:
		p.Report(catalog.CAACriticalUnknown.With(args), evidence)
	case caaForbidden:
		switch {
		case set.owner != set.at:
			args.Target = set.owner
			p.Report(catalog.CAAFromTarget.With(args), evidence)
		case tag == "issuewild":
			p.Report(catalog.CAAForbidsWildcard.With(args), evidence)
		default:
			p.Report(catalog.CAAForbids.With(args), evidence)
		}
	case caaAllowed:
	}
}

// climb looks for the set that decides, from the name up to the top-level domain; each look-up follows CNAMEs, but does not climb from their targets.
func climb(ctx context.Context, s *probe.Session, name string) caaSet {
	var set caaSet
	for at := name; at != ""; at = parentName(at) {
		c := s.Follow(ctx, at, dns.TypeCAA)
		set.evidence = c.Evidence()
		end := c.End()
		if len(c.Values) > 0 {
			set.at, set.owner, set.zone = at, end.Name, end.View.Apex()
			for _, x := range end.View.Good() {
				for _, rr := range x.Records(end.Name, dns.TypeCAA) {
					if caa, ok := rr.(*dns.CAA); ok && !slices.ContainsFunc(set.records, func(o *dns.CAA) bool { return o.Flag == caa.Flag && o.Tag == caa.Tag && o.Value == caa.Value }) {
						set.records = append(set.records, caa)
					}
				}
			}
			return set
		}
		if c.Known() {
			continue
		}
		failure, conclusive := caaFailure(ctx, s, end)
		if !conclusive {
			set.unknown = fmt.Sprintf("the CAA records of %s could not be asked: %s", end.Name, failure)
			return set
		}
		set.at, set.owner, set.failed, set.failure, set.zone = at, end.Name, end.Name, failure, end.View.Apex()
		set.evidence = append(set.evidence, end.View.Replies...)
		return set
	}
	return set
}

// caaFailure tells a question that only CAA fails on (the zone's servers answer others) from a zone that cannot be asked at all.
func caaFailure(ctx context.Context, s *probe.Session, end probe.Hop) (failure string, conclusive bool) {
	if end.View.Zone == nil {
		return orText(end.View.Place.Unknown, "the zone could not be found"), false
	}
	if len(end.View.Replies) == 0 {
		return "no server could be asked", false
	}
	failure = said(end.View.Replies[0])
	other := s.Lookup(ctx, end.Name, dns.TypeA)
	if !other.Known() {
		return failure, false
	}
	for _, x := range end.View.Replies {
		if x.Outcome == probe.NotAsked || x.Outcome == probe.Unreachable {
			return failure, false
		}
	}
	return failure, true
}

type caaVerdict uint8

const (
	caaAllowed caaVerdict = iota
	caaForbidden
	caaCritical
)

// knownTags are the property tags that authorities know: RFC 8659, RFC 9495 (issuemail), and those that CAs registered for contacts and marks.
var knownTags = []string{"issue", "issuewild", "iodef", "issuemail", "issuevmc", "contactemail", "contactphone"}

// judgeCAA applies a set for Amazon. tag is the property that decides.
func judgeCAA(records []*dns.CAA, wildcard bool) (verdict caaVerdict, tag string) {
	var issue, wild []*dns.CAA
	for _, r := range records {
		switch t := strings.ToLower(r.Tag); {
		case t == "issue":
			issue = append(issue, r)
		case t == "issuewild":
			wild = append(wild, r)
		case r.Flag&128 != 0 && !slices.Contains(knownTags, t): // bit 0 is the highest one (RFC 8659 4.1)
			return caaCritical, r.Tag
		}
	}
	deciding, tag := issue, "issue"
	if wildcard && len(wild) > 0 {
		deciding, tag = wild, "issuewild"
	}
	if len(deciding) == 0 {
		return caaAllowed, "" // a set without issue (iodef only, say) restricts nobody
	}
	for _, r := range deciding {
		ca, _, _ := strings.Cut(r.Value, ";")
		if slices.Contains(catalog.AmazonCAA(), bareTarget(ca)) {
			return caaAllowed, tag
		}
	}
	return caaForbidden, tag
}
