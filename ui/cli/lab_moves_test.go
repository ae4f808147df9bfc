package cli_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"domdoc/checks"
	"domdoc/checks/finding"
	"domdoc/checks/plan"
	"domdoc/checks/plan/move"
	"domdoc/checks/plan/rehearsal"
	"domdoc/checks/probe"
	"domdoc/checks/probe/transport"
	"domdoc/checks/result"
	"domdoc/checks/subject"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"
)

// labMove is the move of a zone from NSD to a server of another kind.
type labMove struct {
	to      string // a key of labHosts; empty if the new servers do not have the zone
	servers string // the new name servers, if there is no key
	zone    string // the new zone
	dnssec  string // "by its server": the new server signs it
	verdict string // of the move
	dns     string // the state of DNSSEC; "unsigned" when empty
	states  string // of the new servers; "serves" when empty
	differs []string
}

func (m *labMove) hosts() []string {
	if m.to == "" {
		return strings.Fields(m.servers)
	}
	return strings.Fields(labHostOf(m.to).server)
}

const (
	labMail     = "shop A 13.32.10.1\nshop MX 10 mail\nmail A 46.4.10.9\n"
	labOfficial = verified + "@ MX 10 mail\n@ TXT \"v=spf1 mx -all\"\nmail A 46.4.10.9\n*.eu A 13.32.10.1\n"
)

// labLarge is a zone of more than 2,000 records, which a transfer has in several messages.
var labLarge = func() string {
	var b strings.Builder
	b.WriteString(verified)
	for i := range 100 { // few names, since each is asked about
		for n := range 8 {
			fmt.Fprintf(&b, "host-%[1]d A 13.32.11.%[2]d\nhost-%[1]d AAAA 2600:9000::%[2]d\n", i, n+1)
		}
		for n := range 4 {
			fmt.Fprintf(&b, "host-%d TXT \"%d%s\"\n", i, n, strings.Repeat(" a long text", 13))
		}
	}
	return b.String()
}()

// labTransfers reports whether NSD lets anybody have a zone.
func labTransfers(zone string) bool { return zone == "move-large.com" }

// labMoves are moves from NSD, with the zone at the other host before the delegation changes.
var labMoves = []labCase{
	{
		name: "healthy, to Knot DNS", domain: "shop.move-knot.com", zone: labOfficial,
		expect: []string{expectRouting, expectToken},
		moves:  &labMove{to: "knot", zone: labOfficial, verdict: "pass"},
	},
	{
		name: "healthy, to PowerDNS", domain: "shop.move-pdns.com", zone: labOfficial,
		expect: []string{expectRouting, expectToken},
		moves:  &labMove{to: "pdns", zone: labOfficial, verdict: "pass"},
	},
	{
		name: "the wildcard is lost", domain: "shop.move-wild.com", zone: "@ A 13.32.10.1\n* CNAME " + labTarget + ".\n",
		expect: []string{expectRouting}, moves: &labMove{
			to: "knot", zone: "@ A 13.32.10.1\n", verdict: "fail", differs: []string{
				"missing *.move-wild.com CNAME", "missing shop.move-wild.com CNAME",
			},
		},
	},
	{
		name: "signed with another key", domain: "shop.move-keys.com", zone: verified,
		expect: []string{expectRouting, expectToken},
		dnssec: "signed",
		moves:  &labMove{to: "pdns", zone: verified, dnssec: "by its server", verdict: "fail", dns: "would-not-fit"},
	},
	{
		name: "no longer signed", domain: "shop.move-unsigned.com", zone: verified,
		expect: []string{expectRouting, expectToken},
		dnssec: "signed", moves: &labMove{to: "knot", zone: verified, verdict: "fail", dns: "new-unsigned"},
	},
	{
		name: "a CNAME beside MX", domain: "shop.move-beside.com", zone: labMail, moves: &labMove{
			to: "pdns-file", zone: "shop CNAME " + labTarget + ".\nshop MX 10 mail\nmail A 46.4.10.9\n", verdict: "fail",
			differs: []string{"other shop.move-beside.com MX"},
		},
	},
	{
		name: "a name of a large zone is lost, which only a transfer names", domain: "shop.move-large.com",
		zone:   labLarge + "zz-last A 13.32.10.1\n",
		expect: []string{expectRouting, expectToken}, moves: &labMove{
			to: "knot", zone: labLarge, verdict: "fail", differs: []string{"missing zz-last.move-large.com A"},
		},
	},
	{
		name: "the new server refuses", domain: "shop.move-refuses.com", zone: verified,
		expect: []string{expectRouting, expectToken}, moves: &labMove{
			servers: "refusing.elsewhere.net", verdict: "inconclusive", dns: "unknown", states: "refuses",
		},
	},
	{
		name: "the new server is silent", domain: "shop.move-silent.com", zone: verified,
		expect: []string{expectRouting, expectToken}, moves: &labMove{
			servers: "silent.elsewhere.net", verdict: "inconclusive", dns: "unknown", states: "silent",
		},
	},
}

// LabMoving asks for the plan of a move.
type LabMoving struct {
	Domain, Zone string
	Hosts        []string
	Expect       []string
}

// LabMoved is the plan, and the diagnosis that it promises.
type LabMoved struct {
	Verdict, DNSSEC          string
	Differs, Unjudged, State []string
	Diagnosis                []string
}

// Move plans a move inside the namespace.
func (*LabRole) Move(in LabMoving, out *LabMoved) error {
	ctx, cancel := context.WithTimeout(context.Background(), labLimit)
	defer cancel()
	wire := transport.NewLive(nil, nil)
	defer wire.Close()
	s := probe.NewSession(ctx, wire, probe.Options{})
	defer s.Close()
	target := checks.Target{Name: in.Domain}
	names := []string{in.Domain}
	for _, e := range in.Expect {
		x, err := subject.ParseExpected(strings.ReplaceAll(e, "@", in.Domain))
		if err != nil {
			return err
		}
		target.Expect = append(target.Expect, x)
		names = append(names, x.Name)
	}
	r := move.Compare(ctx, s, move.Request{Zone: in.Zone, Hosts: in.Hosts, Names: names})
	out.Verdict, out.DNSSEC, out.Unjudged = r.Verdict().String(), string(r.DNSSEC.State), r.Unjudged
	for _, d := range r.Differences {
		if d.Matters {
			out.Differs = append(out.Differs, fmt.Sprintf("%s %s %s", d.Kind, d.Name, d.Type))
		}
	}
	for _, srv := range r.New {
		out.State = append(out.State, string(srv.State))
	}
	now := &checks.Doctor{Session: s}
	today := now.Diagnose(ctx, target)
	changes := []rehearsal.Change{r.Change()}
	after, done := plan.Doctor(ctx, now, wire, changes)
	defer done()
	out.Diagnosis = labDiagnosis(after.Diagnose(ctx, plan.Moved(plan.Later(target, today, 0), changes)))
	return nil
}

// labDiagnosis lists what sameDiagnosis compares.
func labDiagnosis(d *result.Domain) []string {
	out := []string{d.Verdict.String()}
	roots := d.Roots()
	slices.SortStableFunc(roots, func(a, b *finding.Finding) int { return strings.Compare(string(a.ID), string(b.ID)) })
	for _, f := range roots {
		out = append(out, strings.TrimSpace(fmt.Sprintf("%s %s %s", f.Verdict, f.ID, f.Role)))
	}
	for _, c := range d.Codes {
		out = append(out, c.ID+" "+string(c.State))
	}
	slices.Sort(out)
	return out
}

// TestLabMoves plans moves between real servers, makes them, and diagnoses: it became as planned.
func TestLabMoves(t *testing.T) {
	if testing.Short() {
		t.Skip("-short leaves out the lab of real servers")
	}
	t.Parallel()
	tools := findLabTools(t)
	labLeftOut(t, labSlowMoves)
	for _, h := range labHosts() {
		if slices.ContainsFunc(labMoves, func(c labCase) bool { return c.moves.to == h.key }) &&
			labProgram(h.program) == "" {
			labMissing(t, "there is no %s (Debian package %s)", h.program, h.packaged)
		}
	}
	tools.domdoc = built(t)
	l := startLab(t, tools, labPlan{resolvers: labResolvers, cases: labMoves, signed: true, unbound: true})
	planned, errs := make([]LabMoved, len(labMoves)), make([]error, len(labMoves))
	labEach(func(i int, c labCase) {
		in := LabMoving{Domain: c.domain, Zone: c.apex(), Hosts: c.moves.hosts(), Expect: c.expect}
		errs[i] = l.role.Call("LabRole.Move", in, &planned[i])
	})
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	l.delegate(t, labMoves)
	runs := make([]labRun, len(labMoves))
	labEach(func(i int, c labCase) { runs[i] = c.run(l) })
	for i, c := range labMoves {
		t.Run(c.name, func(t *testing.T) {
			m := c.moves
			want := LabMoved{Verdict: m.verdict, DNSSEC: m.dns, Differs: m.differs, State: []string{m.states}}
			if want.DNSSEC == "" {
				want.DNSSEC = "unsigned"
			}
			if m.states == "" {
				want.State = []string{"serves"}
			}
			got := planned[i]
			got.Unjudged, got.Diagnosis = nil, nil
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("the move (-want +got):\n%s%q", diff, planned[i].Unjudged)
			}
			report := runs[i].report(t)
			if len(report.Domains) != 1 {
				t.Fatalf("%d domains in the report", len(report.Domains))
			}
			became := labVerdict(report)
			slices.Sort(became)
			if m.states != "" { // no server has the zone yet, so what it will answer is not known; now the domain would fail
				if !slices.Contains(became, "fail") {
					t.Errorf("it became %q", became)
				}
				became = []string{"inconclusive"}
			}
			if diff := cmp.Diff(planned[i].Diagnosis, became); diff != "" {
				t.Errorf("(-planned +became):\n%s", diff)
				for _, f := range report.Domains[0].Findings {
					t.Logf("%s, under %q: %s; %s", f.line(), f.BlockedBy, f.Summary, f.Why)
				}
			}
		})
	}
}

// labEach calls a function for each move, a few at a time, and waits for all.
func labEach(do func(i int, c labCase)) {
	slots := make(chan struct{}, labJobs)
	var wg sync.WaitGroup
	for i, c := range labMoves {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			do(i, c)
		})
	}
	wg.Wait()
}

// delegate changes the delegations of the cases' zones at their registry, and returns when the resolvers, whose
// caches are emptied, have the new ones.
func (l *lab) delegate(t *testing.T, cases []labCase) {
	t.Helper()
	file := filepath.Join(l.hosts["tld"], labZoneFile("com"))
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text := string(raw)
	for _, c := range cases {
		// the NS records of a delegation are not signed (RFC 4035 2.2), so the signed zone stays valid
		old := regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(c.apex()) + `\.\s+\d+\s+IN\s+NS\s.*\n`)
		if !old.MatchString(text) {
			t.Fatalf("the zone com has no delegation of %s", c.apex())
		}
		text = old.ReplaceAllString(text, "")
		for _, h := range c.moves.hosts() {
			text += fmt.Sprintf("%s. 172800 IN NS %s.\n", c.apex(), h)
		}
	}
	l.write(t, text, "tld", labZoneFile("com"))
	if err := l.nsd["tld"].Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		for _, address := range labTLDServers {
			l.await(t, address+" to delegate "+c.apex(), func() error { return l.namesNew(address, c, false) })
		}
	}
	for _, r := range labResolvers {
		if err := l.nsd["unbound-"+r].Process.Signal(syscall.SIGHUP); err != nil { // it empties its cache
			t.Fatal(err)
		}
		for _, c := range cases {
			if c.moves.to != "" && c.dnssec == "" {
				l.await(t, r+" to ask the new servers of "+c.apex(), func() error { return l.namesNew(r, c, true) })
			}
		}
	}
}

// namesNew returns an error unless a server names the new servers of a case's zone.
func (l *lab) namesNew(server string, c labCase, recursive bool) error {
	m, err := l.ask(server, c.apex(), dns.TypeNS, recursive)
	if err != nil {
		return err
	}
	for _, rr := range slices.Concat(m.Answer, m.Ns) {
		if ns, ok := rr.(*dns.NS); ok && slices.Contains(c.moves.hosts(), strings.TrimSuffix(ns.Ns, ".")) {
			return nil
		}
	}
	return errors.New("it has the old ones")
}
