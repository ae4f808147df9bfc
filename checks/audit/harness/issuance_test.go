package harness_test

import (
	"context"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"domdoc/api/sandbox"
	"domdoc/api/sandbox/sandboxtest"
	"domdoc/api/sandbox/story"
	"domdoc/catalog"
	"domdoc/catalog/causes"
	"domdoc/catalog/plans"
	"domdoc/checks"
	"domdoc/checks/audit/harness"
	"domdoc/checks/dnsname"
	"domdoc/checks/plan"
	"domdoc/checks/plan/change"
	"domdoc/checks/plan/issuance"
	"domdoc/checks/plan/rehearsal"
	"domdoc/checks/probe"
	"domdoc/checks/probe/exchange"
	"domdoc/checks/result"

	"github.com/miekg/dns"
)

// certificateChanges are changes that decide whether a certificate is issued. {validation} and {target} stand for the
// validation record.
var certificateChanges = []plannedChange{
	{"no authority may issue", "replace", `{zone}. 300 CAA 0 issue ";"`, change.Replace},
	{"the validation record is gone", "remove", "{validation}. CNAME", change.Remove},
	{"Amazon may issue", "replace", `{zone}. 300 CAA 0 issue "amazon.com"`, change.Replace},
	{"the validation record is right", "replace", "{validation}. 300 CNAME {target}.", change.Replace},
	{"another name", "add", `beside-it.{zone}. 300 TXT "hello"`, change.Add},
	{"another authority may issue for the name", "replace", `{name}. 300 CAA 0 issue "letsencrypt.org"`, change.Replace},
}

// certificateCount counts what the plans of certificates said.
type certificateCount struct{ planned, yes, no, unjudged, asked, broken atomic.Int64 }

// TestCertificatesComeTrue plans changes for each story with a certificate, makes them, moves the clock, and compares:
// what the diagnosis then finds, and what an authority gets from the resolvers, agree with the plan.
func TestCertificatesComeTrue(t *testing.T) {
	t.Parallel()
	type pair struct {
		s    *story.Story
		kind plannedChange
	}
	var pairs []pair
	for i, s := range slices.DeleteFunc(builtin(t), func(s *story.Story) bool {
		return s.Alone || !outcomes(t)[s.Name].Report.Held.HasCertificate
	}) {
		for j := range 2 {
			pairs = append(pairs, pair{s, certificateChanges[(2*i+3*j+i/3)%len(certificateChanges)]})
		}
	}
	if len(pairs) < 140 {
		t.Errorf("only %d pairs of stories and changes", len(pairs))
	}
	var n certificateCount
	t.Cleanup(func() {
		t.Logf("%d planned: yes %d, no %d, not judged %d; an authority asked for %d; the change breaks %d",
			n.planned.Load(), n.yes.Load(), n.no.Load(), n.unjudged.Load(), n.asked.Load(), n.broken.Load())
		if sandboxtest.Full() && !sandboxtest.Race && !t.Failed() &&
			(n.yes.Load() < 30 || n.no.Load() < 60 || n.unjudged.Load() > n.planned.Load()/5 || n.asked.Load() < 100) {
			t.Error("too few answers")
		}
	})
	for _, p := range sandboxtest.UnderRace(t, sandboxtest.Sample(t, pairs)) {
		t.Run(p.s.Name+"/"+p.kind.name, func(t *testing.T) {
			t.Parallel()
			plannedCertificate(t, p.s, p.kind, &n)
		})
	}
}

func plannedCertificate(t *testing.T, s *story.Story, kind plannedChange, n *certificateCount) {
	ctx := t.Context()
	var ahead atomic.Int64
	l, err := harness.New(ctx, sandbox.Options{Only: []string{s.Name}, Clock: func() time.Time {
		return time.Now().Add(time.Duration(ahead.Load()))
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	s = l.Stories()[0]
	target, err := l.Target(s)
	if err != nil {
		t.Fatal(err)
	}
	d := l.Doctor.Diagnose(ctx, target)
	validation, value := validationOf(d)
	if strings.Contains(kind.record, "{validation}") && validation == "" {
		t.Skip("the service lists no validation record")
	}
	name := strings.TrimPrefix(d.Name.ASCII, "*.")
	zone, _ := plan.ZoneOf(ctx, l.Doctor.Session, name)
	record := strings.NewReplacer("{name}", name, "{validation}", validation, "{target}", value, "{zone}",
		zone).Replace(kind.record)
	owner := strings.TrimSuffix(strings.Fields(record)[0], ".")
	if zone == "" || !exchange.InZone(owner, zone) || rehearsal.Hides(ctx, l.Doctor.Session, zone, owner) != "" {
		t.Skip("it is not of this zone")
	}
	e := change.Edit{Op: kind.op, Name: owner, Type: dns.TypeCNAME}
	if kind.op != change.Remove {
		rr, err := dns.NewRR(record)
		if err != nil {
			t.Fatal(err)
		}
		ttl := rr.Header().Ttl
		e.Type, e.RRs, e.TTL = rr.Header().Rrtype, []dns.RR{rr}, &ttl
	}
	if e.Type != dns.TypeCNAME && l.Doctor.Session.Lookup(ctx, owner, dns.TypeCNAME).Exists() {
		t.Skip("a CNAME is there")
	}
	r := plan.Run(ctx, l.Doctor, l.Wire(), plan.Request{
		Targets: []checks.Target{target}, Changes: []rehearsal.Change{{Zone: zone, Edits: []change.Edit{e}}},
	})
	if err := l.Change(l.Domain(s), "zone "+zone+" "+kind.verb+" "+record); err != nil {
		t.Skipf("the sandbox cannot make this change: %v", err)
	}
	ahead.Store(int64(time.Until(r.Settled) + time.Second))
	if r.Settled.IsZero() {
		ahead.Store(int64(48 * time.Hour))
	}
	l.Reset(ctx)
	c := r.Certificates[0]
	after := l.Doctor.Diagnose(ctx, target)
	n.planned.Add(1)
	got := c.Issue.After
	if c.Request == plans.Issued {
		if c.Renewal.After.Answer == plans.No != (got.Answer == plans.No) {
			t.Errorf("renewal %v, issue %v", c.Renewal.After, got)
		}
	}
	switch got.Answer {
	case plans.Yes:
		n.yes.Add(1)
	case plans.No:
		n.no.Add(1)
	default:
		n.unjudged.Add(1)
	}
	if c.Breaks() {
		n.broken.Add(1)
	}
	report := func(format string, args ...any) {
		t.Errorf(format, args...)
		t.Logf("%s: %s, findings %v, reasons %q", record, got.Answer, got.Findings, got.Reasons)
		for _, f := range after.Findings {
			t.Logf("became: %s (%q): %s", f, f.BlockedBy, f.Why())
		}
	}
	if blocked := blocking(after); got.Answer != plans.NotJudged && (got.Answer == plans.No) != (blocked != "") {
		report("planned %s, and the diagnosis has %q", got.Answer, blocked)
	}
	if issued, known := authority(ctx, l.Doctor.Session, c, validation, value); known && got.Answer != plans.NotJudged {
		n.asked.Add(1)
		if issued != (got.Answer == plans.Yes) {
			report("planned %s, and an authority issues: %v", got.Answer, issued)
		}
	}
}

// validationOf returns the record that validates the certificate.
func validationOf(d *result.Domain) (name, value string) {
	for _, r := range d.Facts.Records {
		if r.Role == catalog.Certificate && r.Type == "CNAME" {
			return r.Name, exchange.Bare(r.Value)
		}
	}
	return "", ""
}

// blocking returns a cause in a diagnosis that keeps an authority from issuing; empty if there is none. Old answers of
// resolvers and states of the service do not.
func blocking(d *result.Domain) catalog.ID {
	for _, f := range d.Findings {
		verdict := f.Verdict
		if verdict == catalog.Blocked {
			verdict = f.Was
		}
		switch {
		case f.Rung == catalog.Cache || f.Rung == catalog.Service || f.Partial || f.ID == causes.CAAParametersExclude.ID:
		case f.ID == causes.CertificateRenewalBlocked.ID, f.ID == causes.CertificateNameUnissuable.ID:
			return f.ID
		case f.Rung == catalog.CertificateRung && f.ID.Family() == "certificate":
		case f.ID.Family() == "caa" || f.ID == causes.DNSSECAnswerRejected.ID && f.Role == catalog.Certificate:
			return f.ID // a warning if the certificate is issued: its renewal fails
		case f.ID == causes.RecordCNAMELoop.ID:
			return f.ID
		case verdict == catalog.Fail && slices.Contains(f.Predicts(), "DOMAIN_011"):
			return f.ID
		}
	}
	return ""
}

// authority does what a certificate authority does: through each resolver it looks for CAA records upwards (RFC 8659
// 3) and for the validation record. known is false where the resolvers do not agree.
func authority(ctx context.Context, s *probe.Session, c *issuance.Certificate, validation, value string) (issues,
	known bool,
) {
	first := true
	for _, r := range s.Resolvers() {
		ok := validates(ctx, s, r, validation, value)
		for _, n := range c.Names {
			ok = ok && !strings.Contains(n.Name, "_") && len(n.Name) <= 64 && permits(ctx, s, r, n.Name)
		}
		if !first && ok != issues {
			return false, false
		}
		issues, first = ok, false
	}
	return issues, !first
}

// validates reports whether a resolver leads from the name of the validation record to its value, through other names
// as well; ACM also accepts it without its first underscore.
func validates(ctx context.Context, s *probe.Session, r exchange.Server, name, value string) bool {
	for range 8 {
		if name == "" || strings.TrimPrefix(name, "_") == strings.TrimPrefix(value, "_") {
			return true
		}
		x := s.Resolve(ctx, r, name, dns.TypeCNAME)
		if name = exchange.Bare(x.CNAME(name)); name == "" {
			return false
		}
	}
	return false
}

func permits(ctx context.Context, s *probe.Session, r exchange.Server, name string) bool {
	wildcard := strings.HasPrefix(name, "*.")
	for at := strings.TrimPrefix(name, "*."); at != ""; at = dnsname.Parent(at) {
		x := s.Resolve(ctx, r, at, dns.TypeCAA)
		if !x.Outcome.Conclusive() {
			return false
		}
		var set []*dns.CAA
		for _, rr := range x.Msg.Answer {
			if caa, ok := rr.(*dns.CAA); ok {
				set = append(set, caa)
			}
		}
		if len(set) > 0 {
			return allows(set, wildcard)
		}
	}
	return true
}

func allows(set []*dns.CAA, wildcard bool) bool {
	has := func(tag string) bool {
		return slices.ContainsFunc(set, func(c *dns.CAA) bool { return strings.EqualFold(c.Tag, tag) })
	}
	tag := "issue"
	if wildcard && has("issuewild") {
		tag = "issuewild"
	}
	if !has(tag) {
		return true
	}
	return slices.ContainsFunc(set, func(c *dns.CAA) bool {
		issuer, _, _ := strings.Cut(c.Value, ";")
		return strings.EqualFold(c.Tag, tag) && slices.Contains(causes.AmazonCAA(), strings.TrimSpace(issuer))
	})
}
