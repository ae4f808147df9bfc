package incident_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"domdoc/catalog"
	"domdoc/catalog/causes"
	"domdoc/checks/dnsname"
	"domdoc/checks/finding"
	"domdoc/checks/incident"
	"domdoc/checks/observe"
	"domdoc/checks/probe"
	"domdoc/checks/result"
	"domdoc/checks/subject"

	"github.com/google/go-cmp/cmp"
)

// names is a domain at a DNS host and its servers, with root causes; everything was judged.
func at(host string, n int, roots ...catalog.ID) incident.DomainFacts {
	f := incident.NewDomainFacts(fmt.Sprintf("shop.%s%d.com", strings.ReplaceAll(host, ".", "-"), n))
	f.SetDelegation("", []string{"ns1." + host, "ns2." + host})
	f.Registrar, f.Authority, f.Edge = "Registrar A", "CA 1", "cloudfront.net"
	f.Judged = []string{"registration", "delegation", "dnssec", "certificate", "http"}
	for _, id := range roots {
		r := incident.RootFact{Cause: id, Verdict: catalog.Fail}
		r.Describe(nil, "", "", nil)
		f.Roots = append(f.Roots, r)
	}
	return f
}

// some are so many domains at a host.
func some(n int, host string, roots ...catalog.ID) []incident.DomainFacts {
	var out []incident.DomainFacts
	for i := range n {
		f := at(host, 100*len(roots)+i, roots...)
		out = append(out, f)
	}
	return out
}

// with changes each of some domains.
func with(list []incident.DomainFacts, change func(f *incident.DomainFacts)) []incident.DomainFacts {
	for i := range list {
		change(&list[i])
	}
	return list
}

// called gives domains other names, so that two lists do not mean the same ones.
func called(name string, list []incident.DomainFacts) []incident.DomainFacts {
	for i := range list {
		list[i].Domain = fmt.Sprintf("shop.%s%d.com", name, i)
	}
	return list
}

func said(rcode string, flags ...string) incident.Answer {
	return incident.Answer{Kind: "dns", Rcode: rcode, Flags: flags}
}

// reported is a code of an integration on a day of a month.
func reported(code string, day int) func(f *incident.DomainFacts) {
	return func(f *incident.DomainFacts) {
		c := incident.CodeFact{Code: code}
		if day > 0 {
			c.At = time.Date(2026, 3, day, 12, 0, 0, 0, time.UTC)
		}
		f.Codes = append(f.Codes, c)
	}
}

func TestIncidents(t *testing.T) {
	t.Parallel()
	day := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		name  string
		facts [][]incident.DomainFacts
		want  []string // "CAUSE of WHOM: N"
	}{
		{"one DNS host is silent", [][]incident.DomainFacts{
			some(3, "storm.net", "delegation.unreachable"),
			some(20, "calm.net"),
		}, []string{"delegation.host-incident of storm.net: 3"}},
		{
			"it is all that there is",
			[][]incident.DomainFacts{some(3, "storm.net", "delegation.unreachable")},
			[]string{"delegation.host-incident of storm.net: 3"},
		},
		{"two domains are not enough", [][]incident.DomainFacts{
			some(2, "storm.net", "delegation.unreachable"),
			some(20, "calm.net"),
		}, nil},
		{
			"three hosts of one registration are one domain",
			[][]incident.DomainFacts{with(some(3, "storm.net", "delegation.unreachable"), func(f *incident.DomainFacts) {
				f.Domain = strings.ReplaceAll(f.Domain, ".com", ".one.com")
			})},
			nil,
		},
		{"most domains at the host are well", [][]incident.DomainFacts{
			some(5, "big.net", "delegation.unreachable"),
			some(40, "big.net"),
		}, nil},
		{"half of a few is chance", [][]incident.DomainFacts{
			some(3, "small.net", "dnssec.signature-expired"),
			some(3, "small.net"), some(4, "calm.net"),
		}, nil},
		{
			"a mistake that many tenants make at a popular host",
			[][]incident.DomainFacts{some(40, "big.net", "record.missing"), some(10, "big.net"), some(20, "calm.net")},
			nil,
		},
		{"a mistake that all tenants make at a host", [][]incident.DomainFacts{
			some(40, "big.net", "record.name-doubled"),
			some(20, "calm.net"),
		}, nil},
		{"everybody fails everywhere", [][]incident.DomainFacts{
			some(8, "a.net", "delegation.unreachable"),
			some(8, "b.net", "delegation.unreachable"), some(8, "c.net", "delegation.unreachable"),
		}, nil},
		{
			"what could not be judged is not healthy",
			[][]incident.DomainFacts{
				some(4, "storm.net", "delegation.unreachable"),
				with(some(9, "storm.net"), func(f *incident.DomainFacts) { f.Judged = nil }),
			},
			[]string{"delegation.host-incident of storm.net: 4"},
		},
		{"two outages at once", [][]incident.DomainFacts{
			some(6, "storm.net", "delegation.unreachable"),
			some(5, "hail.net", "delegation.unreachable"), some(40, "calm.net"),
		}, []string{
			"delegation.host-incident of storm.net: 6", "delegation.host-incident of hail.net: 5",
		}},
		{"one pair of a large host's servers", [][]incident.DomainFacts{
			called("pair", with(some(5, "big.net", "delegation.unreachable"), func(f *incident.DomainFacts) {
				f.NameServers = []string{"ns51.big.net", "ns52.big.net"}
			})),
			some(95, "big.net"),
		}, []string{"delegation.host-incident of ns51.big.net ns52.big.net: 5"}},
		{"one server of each zone fails", [][]incident.DomainFacts{with(some(4, "storm.net", "delegation.lame"),
			func(f *incident.DomainFacts) {
				f.Roots[0].Describe([]string{"ns2.storm.net (192.0.2.2:53): server failure"}, "", "",
					[]incident.Answer{said("SERVFAIL"), said("NOERROR", "aa")})
			}), some(9, "calm.net")}, []string{"delegation.host-incident of storm.net: 4"}},
		{"servers refuse: the tenants may have left", [][]incident.DomainFacts{with(some(9, "old.net", "delegation.lame"),
			func(f *incident.DomainFacts) {
				f.Roots[0].Describe([]string{"ns2.old.net (192.0.2.2:53): refused"}, "", "",
					[]incident.Answer{said("REFUSED")})
			}), some(9, "calm.net")}, nil},
		{"servers answer without authority", [][]incident.DomainFacts{with(some(9, "old.net", "delegation.lame"),
			func(f *incident.DomainFacts) {
				f.Roots[0].Describe([]string{"ns2.old.net (192.0.2.2:53): the answer is not authoritative"}, "", "",
					[]incident.Answer{said("NOERROR")})
			}), some(9, "calm.net")}, nil},
		{"unreachable and lame are one outage", [][]incident.DomainFacts{
			some(2, "storm.net", "delegation.unreachable"),
			called("other", with(some(2, "storm.net", "delegation.lame"), func(f *incident.DomainFacts) {
				f.Roots[0].Describe(nil, "", "", []incident.Answer{said("SERVFAIL", "rd", "ra")})
			})), some(9, "calm.net"),
		}, []string{"delegation.host-incident of storm.net: 4"}},
		{"signatures ran out at one host", [][]incident.DomainFacts{
			some(5, "signs.net", "dnssec.signature-expired"),
			some(9, "calm.net"),
		}, []string{"delegation.host-incident of signs.net: 5"}},
		{"a host's servers disagree", [][]incident.DomainFacts{
			some(5, "two.net", "record.servers-disagree"),
			some(9, "calm.net"),
		}, []string{"delegation.host-incident of two.net: 5"}},
		{"a host's servers fail on CAA", [][]incident.DomainFacts{
			some(5, "old.net", "caa.lookup-fails"),
			some(9, "calm.net"),
		}, []string{"delegation.host-incident of old.net: 5"}},
		{"a tenant's own name servers", [][]incident.DomainFacts{with(some(9, "own.net", "delegation.unreachable"),
			func(f *incident.DomainFacts) {
				zone := probe.Registrable(f.Domain)
				f.DNSHost = ""
				f.SetDelegation("", []string{"ns1." + zone, "ns2." + zone})
			})}, nil},
		{"the registry of an ending", [][]incident.DomainFacts{
			with(some(6, "a.net", "registration.unknown"),
				func(f *incident.DomainFacts) { f.PublicSuffix, f.Roots[0].Verdict = ".io", catalog.Inconclusive }),
			some(9, "calm.net"),
		}, []string{"registration.registry-incident of .io: 6"}},
		{"registries that answer now and then", [][]incident.DomainFacts{with(some(6, "a.net", "registration.unknown"),
			func(f *incident.DomainFacts) { f.Roots[0].Verdict = catalog.Inconclusive }), some(60, "calm.net")}, nil},
		{
			"a registrar holds its domains",
			[][]incident.DomainFacts{with(some(6, "a.net", "registration.on-hold"),
				func(f *incident.DomainFacts) { f.Registrar = "Registrar B" }), some(9, "calm.net")},
			[]string{"registration.registry-incident of Registrar B: 6"},
		},
		{"expired registrations are the tenants' own", [][]incident.DomainFacts{
			some(20, "a.net", "registration.expired"),
			some(9, "calm.net"),
		}, nil},
		{"an authority is not trusted any more", [][]incident.DomainFacts{with(some(6, "a.net", "certificate.untrusted"),
			func(f *incident.DomainFacts) {
				f.Authority = "CA 2"
				f.Roots[0].Describe(nil, "", "its issuer does not chain to a known root", nil)
			}), some(9, "calm.net")}, []string{"certificate.authority-incident of CA 2: 6"}},
		{
			"servers that leave the intermediate out",
			[][]incident.DomainFacts{with(some(6, "a.net", "certificate.untrusted"),
				func(f *incident.DomainFacts) {
					f.Roots[0].Describe(nil, "",
						"its issuer is not known here, and the server sends no intermediate certificate",
						nil)
				}), some(2, "calm.net")},
			nil,
		},
		{
			"the edge fails",
			[][]incident.DomainFacts{with(some(6, "a.net", "http.server-error"),
				func(f *incident.DomainFacts) { f.Roots[0].Server = "CloudFront" }), some(4, "calm.net")},
			[]string{"service.integration-incident of CDN: 6"},
		},
		{"applications of their own fail", [][]incident.DomainFacts{with(some(9, "a.net", "http.server-error"),
			func(f *incident.DomainFacts) { f.Roots[0].Server = "tickets/1.0" })}, nil},
		{"servers that are not behind the edge", [][]incident.DomainFacts{with(some(9, "a.net", "http.unreachable"),
			func(f *incident.DomainFacts) { f.Edge = "" })}, nil},
		{"an integration fails for three", [][]incident.DomainFacts{
			with(some(3, "a.net"), reported("DOMAIN_022", 3)),
			some(30, "calm.net"),
		}, []string{"service.integration-incident of DNS DOMAIN_022: 3"}},
		{"for two", [][]incident.DomainFacts{with(some(2, "a.net"), reported("DOMAIN_022", 3))}, nil},
		{"on three days far apart", [][]incident.DomainFacts{
			called("a", with(some(1, "a.net"), reported("DOMAIN_020", 3))),
			called("b", with(some(1, "a.net"), reported("DOMAIN_020", 9))),
			called("c", with(some(1, "a.net"), reported("DOMAIN_020", 20))),
		}, nil},
		{
			"one of them long before",
			[][]incident.DomainFacts{
				called("a", with(some(1, "a.net"), reported("DOMAIN_020", 3))),
				called("b", with(some(4, "a.net"), reported("DOMAIN_020", 20))),
			},
			[]string{"service.integration-incident of registrar DOMAIN_020: 4"},
		},
		{
			"without a time",
			[][]incident.DomainFacts{
				called("a", with(some(2, "a.net"), reported("DOMAIN_021", 0))),
				called("b", with(some(1, "a.net"), reported("DOMAIN_021", 20))),
			},
			[]string{"service.integration-incident of CDN DOMAIN_021: 3"},
		},
		{"two codes, each for two", [][]incident.DomainFacts{
			called("a", with(some(2, "a.net"), reported("DOMAIN_021", 3))),
			called("b", with(some(2, "a.net"), reported("DOMAIN_023", 3))),
		}, nil},
		{
			"the platform's authority refuses for reasons of its own",
			[][]incident.DomainFacts{with(some(3, "a.net", "certificate.failed"), func(f *incident.DomainFacts) {
				f.Roots[0].Describe(nil, "PCA_ACCESS_DENIED", "", nil)
			})},
			[]string{"service.integration-incident of SSL DOMAIN_023: 3"},
		},
		{
			"the authority refuses for the domains' reasons",
			[][]incident.DomainFacts{with(some(9, "a.net", "certificate.failed"), func(f *incident.DomainFacts) {
				f.Roots[0].Describe(nil, "CAA_ERROR", "", nil)
			})},
			nil,
		},
		{"no domain at all", nil, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var all []incident.DomainFacts
			for _, list := range tt.facts {
				all = append(all, list...)
			}
			got := summaries(incidentsOf(all))
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("incidents (-want +got):\n%s", diff)
			}
			// In whatever order the domains come, and from however many machines: the same.
			rng := rand.New(rand.NewPCG(uint64(len(all)), uint64(day.Unix())))
			for range 4 {
				rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
				if again := summaries(incidentsOf(all)); !slices.Equal(again, got) {
					t.Errorf("in another order: %v", again)
				}
			}
		})
	}
}

func incidentsOf(list []incident.DomainFacts) *incident.Detector {
	i := incident.NewDetector()
	for _, f := range list {
		i.Add(f)
	}
	return i
}

// summaries says each incident in a line.
func summaries(i *incident.Detector) []string {
	var out []string
	for _, f := range i.Findings() {
		name := ""
		switch a := f.Args.(type) {
		case causes.SharedFaultArgs:
			if name = a.Name; len(a.Servers) > 0 {
				name = strings.Join(a.Servers, " ")
			}
		case causes.IntegrationIncidentArgs:
			name = strings.TrimSpace(a.Integration + " " + a.Code)
		}
		out = append(out, fmt.Sprintf("%s of %s: %d", f.ID, name, len(incident.DomainsOf(f))))
	}
	return out
}

// TestIncidentsForget: a domain that is diagnosed again counts as it is now.
func TestIncidentsForget(t *testing.T) {
	t.Parallel()
	i := incidentsOf(append(some(3, "storm.net", "delegation.unreachable"), some(9, "calm.net")...))
	if got := summaries(i); len(got) != 1 {
		t.Fatalf("incidents %v, want one", got)
	}
	healed := at("storm.net", 100)
	i.Add(healed)
	if got := summaries(i); len(got) != 0 {
		t.Errorf("after one of three domains has healed: %v", got)
	}
	for n := range 3 {
		i.Add(at("storm.net", 100+n, "delegation.unreachable"))
	}
	if got := summaries(i); len(got) != 1 {
		t.Errorf("after all fail again: %v", got)
	}
}

// TestIncidentsAsTheyCome: while a run goes on, an incident needs more proof, and then stays.
func TestIncidentsAsTheyCome(t *testing.T) {
	t.Parallel()
	i := incident.NewDetector()
	for n := range 3 {
		f := at("storm.net", n, "delegation.unreachable")
		i.Add(f)
		if got := i.IncidentsFor(f); len(got) != 0 {
			t.Fatalf("after %d domains: %v", n+1, got[0].Summary())
		}
	}
	for _, f := range some(8, "calm.net") {
		i.Add(f)
		if got := i.IncidentsFor(f); len(got) != 0 {
			t.Fatalf("a healthy domain is covered by %v", got[0].Summary())
		}
	}
	f := at("storm.net", 7, "delegation.unreachable")
	i.Add(f)
	got := i.IncidentsFor(f)
	if len(got) != 1 || got[0].ID != causes.DelegationHostIncident.ID {
		t.Fatalf("after 4 of 12 domains: %d incidents, want one", len(got))
	}
	for _, f := range called("healed", some(40, "storm.net")) { // it heals: what was said must not be left alone
		i.Add(f)
	}
	if got := summaries(i); !slices.Equal(got, []string{"delegation.host-incident of storm.net: 4"}) {
		t.Errorf("afterwards: %v", got)
	}
}

// TestDroppedZonesFirst: zones that a DNS host drops come first, and the others that it serves well later. The host is
// not said to fail while that is not known.
func TestDroppedZonesFirst(t *testing.T) {
	t.Parallel()
	for _, drops := range []bool{true, false} {
		i := incident.NewDetector()
		for _, f := range with(some(6, "big.net", "delegation.unreachable"), func(f *incident.DomainFacts) {
			f.Roots[0].Drops = drops
		}) {
			i.Add(f)
			i.IncidentsFor(f)
		}
		if told := i.Shown() > 0; told == drops {
			t.Errorf("drops %v: an incident while the run continues: %v", drops, told)
		}
		if n := len(i.Findings()); n != 1 { // as long as nothing else is known of the host
			t.Errorf("drops %v: %d incidents", drops, n)
		}
		for _, f := range some(30, "big.net") {
			i.Add(f)
		}
		if n := len(i.Findings()); drops && n != 0 {
			t.Errorf("%d incidents at a host that serves most of its zones", n)
		}
	}
}

// TestWithhold: what an incident accounts for asks nothing of the tenant; what is the domain's own does.
func TestSuppressAdvice(t *testing.T) {
	t.Parallel()
	name, err := dnsname.Parse("shop.one.com")
	if err != nil {
		t.Fatal(err)
	}
	report := func() *result.Domain {
		r := &result.Domain{Name: name, Verdict: catalog.Fail, Findings: []*finding.Finding{
			{Instance: causes.DelegationUnreachable.With(causes.DelegationUnreachableArgs{
				Zone:    "one.com",
				Servers: []string{"ns1.storm.net (192.0.2.1:53): no answer in time"},
			}), Verdict: catalog.Fail},
			{Instance: causes.ServiceRecordTTLOutOfRange.Example(), Verdict: catalog.Fail},
			{
				Instance: causes.RecordMissing.Example(), Verdict: catalog.Blocked,
				BlockedBy: causes.DelegationUnreachable.ID,
			},
		}}
		r.Facts.Delegation = &observe.Delegation{
			ParentNS: []string{"ns1.storm.net", "ns2.storm.net"},
			Zone:     &probe.Zone{Name: "one.com"},
		}
		r.Codes = []result.Code{{
			Code: catalog.Code{ID: "DOMAIN_020"}, State: result.CodeReported,
			Reported: &subject.Reported{Code: "DOMAIN_020"},
		}}
		return r
	}
	r := report()
	facts := incident.FactsOf(r)
	list := append(some(4, "storm.net", "delegation.unreachable"), some(9, "calm.net")...)
	list = append(list, with(some(2, "rain.net"), reported("DOMAIN_020", 0))...)
	found := incidentsOf(append(list, facts)).Findings()
	if len(found) != 2 {
		t.Fatalf("%d incidents, want 2", len(found))
	}
	incident.SuppressAdvice(r, found)
	for i, f := range r.Findings {
		own := i == 1
		fix := f.Fix()
		if own != (f.Incident == nil) {
			t.Errorf("%s: incident %v", f.ID, f.Incident)
		}
		if !own && (len(fix.Records) > 0 || len(fix.Commands) > 0 || len(fix.Steps) != 1 ||
			!strings.Contains(fix.Steps[0], "storm.net")) {
			t.Errorf("%s still asks of the tenant: %+v", f.ID, fix)
		}
		if own && len(fix.Steps) == 0 {
			t.Errorf("%s: the tenant's own fault has lost its fix", f.ID)
		}
		if !own && f.Actors()[0] != catalog.DNSHost {
			t.Errorf("%s: %s acts", f.ID, f.Actors()[0])
		}
	}
	if c := r.Codes[0]; c.State != result.CodeExplained ||
		!slices.Equal(c.Causes, []catalog.ID{causes.ServiceIntegrationIncident.ID}) {
		t.Errorf("the reported code is %s by %v", c.State, c.Causes)
	}
	if incident.Suppressed(r) {
		t.Error("held up, though one fault is its own")
	}
	r.Findings = slices.Delete(r.Findings, 1, 2)
	if !incident.Suppressed(r) {
		t.Error("not held up, though only the incident's faults are left")
	}
	incident.SuppressAdvice(r, nil) // it is over
	if f := r.Findings[0]; f.Incident != nil || len(f.Fix().Commands) == 0 {
		t.Errorf("after the incident: %+v", f.Fix())
	}
}

// BenchmarkIncidents takes a fleet of 10,000 domains in, a third of them in an outage, and finds it.
func BenchmarkIncidents(b *testing.B) {
	list := some(10_000, "calm.net")
	for n := range list {
		if n%3 == 0 {
			list[n] = at("storm.net", n, "delegation.unreachable")
		}
	}
	b.ReportAllocs()
	for range b.N {
		if got := incidentsOf(list).Findings(); len(got) != 1 {
			b.Fatalf("%d incidents", len(got))
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(list)), "ns/domain")
}
