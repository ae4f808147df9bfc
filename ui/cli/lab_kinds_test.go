package cli_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// labKind is a shape of a zone on the servers of several kinds, each of which has a domain of its own:
// shop.LABEL-SERVER.com.
type labKind struct {
	label string
	labCase
	// resolvers means that it is also checked through Knot Resolver and PowerDNS Recursor.
	resolvers bool
}

// labMixed are the domains of which a resolver refuses some queries and answers others from the denials that it
// remembers, so that the queries it refuses depend on what it was asked before (RFC 8198).
var labMixed = []string{"shop.added-pdns.com"}

// cases returns a case for each server of the kind.
func (k labKind) cases() []labCase {
	var out []labCase
	for _, h := range k.on {
		c := k.labCase
		c.name, c.on = k.name+", on "+labHostOf(h).release, []string{h}
		if c.domain == "" {
			c.domain = "shop.@"
		}
		c.domain = strings.Replace(c.domain, "@", k.label+"-"+h+".com", 1)
		c.zone = strings.ReplaceAll(c.zone, "SERVER", labHostOf(h).server)
		out = append(out, c)
	}
	return out
}

const (
	// below has a token below a name without records: tinydns, and PowerDNS after "add-record", deny that name.
	expectBelow = "TXT _tok._verify.@=tok-7f3a91c2"
	below       = "@ A 13.32.10.1\n_tok._verify TXT \"tok-7f3a91c2\"\n"
)

// mixedTTLs has an RRset with two TTLs, which RFC 2181 5.2 does not allow.
const mixedTTLs = "shop 60 A 13.32.10.1\nshop 600 A 13.32.10.2\n"

// labLinks returns a chain of n CNAMEs from shop to the platform.
func labLinks(n int) string {
	var b strings.Builder
	at := "shop"
	for i := range n - 1 {
		next := fmt.Sprint("a", i)
		fmt.Fprintf(&b, "%s CNAME %s\n", at, next)
		at = next
	}
	fmt.Fprintf(&b, "%s CNAME %s.\n", at, labTarget)
	return b.String()
}

var (
	labAnyHost    = []string{"tinydns", "pdns-file", "pdns", "knot", "bind", "gdnsd", "yadifa"}
	labFileHosts  = []string{"nsd", "pdns-file", "pdns", "knot", "bind", "gdnsd", "yadifa"}
	labSignedKnot = []string{"knot", "bind"} // serve what dnssec-signzone signed
)

const labCircle = "shop CNAME a\na CNAME b\nb CNAME shop\n"

var (
	// BIND and PowerDNS follow a chain of CNAMEs themselves and give up; the others send what they have.
	labServesChains, labRefusesChains = []string{"tinydns", "knot", "nsd", "yadifa"}, []string{"pdns-file", "pdns", "bind"}
	labLoops                          = labWant{
		verdict: "fail", roots: []string{"fail record.cname-loop routing"}, codes: []string{"DOMAIN_010 predicted"},
	}
	labTooLong = labWant{
		verdict: "fail", roots: []string{"fail record.cname-too-long routing"}, codes: []string{"DOMAIN_010 predicted"},
	}
)

var labKinds = []labKind{
	{label: "well", resolvers: true, labCase: labCase{
		name: "healthy", on: labAnyHost, zone: verified, expect: []string{expectRouting, expectToken},
	}},
	{label: "signed", labCase: labCase{
		name: "signed, and well", story: "healthy-signed", on: labSignedKnot, zone: verified,
		expect: []string{expectRouting, expectToken},
		dnssec: "signed",
	}},
	{label: "own", resolvers: true, labCase: labCase{
		name: "signed by its server, and well", on: []string{"pdns"}, zone: verified, dnssec: "by its server",
		expect: []string{expectRouting, expectToken},
	}},
	{label: "missing", resolvers: true, labCase: labCase{
		name: "a token missing", on: labAnyHost, zone: routed, expect: []string{expectRouting, expectToken},
		want: labWant{
			verdict: "fail", roots: []string{"fail record.missing verification"}, codes: []string{"DOMAIN_004 predicted"},
		},
	}},
	{label: "below", resolvers: true, labCase: labCase{
		name: "an unsigned zone below a signed one, on the same servers", domain: "shop.dev.@",
		story: "healthy-unsigned-below-on-same-servers",
		on:    labSignedKnot, zone: "dev NS SERVER.\n", child: verified, dnssec: "signed",
		expect: []string{expectRouting, expectToken},
	}},
	{label: "below-own", labCase: labCase{
		name: "an unsigned zone below one that the server signed", domain: "shop.dev.@",
		story: "healthy-unsigned-below-on-same-servers",
		on:    []string{"pdns"}, zone: "dev NS SERVER.\n", child: verified, dnssec: "by its server",
		expect: []string{expectRouting, expectToken},
	}},
	{label: "both", labCase: labCase{
		name: "a signed zone below a signed one, on the same servers", domain: "shop.dev.@",
		story: "healthy-signed-below-on-same-servers",
		on:    labSignedKnot, zone: "dev NS SERVER.\n", child: verified, dnssec: "signed-below",
		expect: []string{expectRouting, expectToken},
	}},
	{label: "dname", resolvers: true, labCase: labCase{
		name: "a DNAME in a signed zone", domain: "shop.eu.@", story: "healthy-signed-dname", on: labSignedKnot,
		dnssec: "signed",
		zone:   "eu DNAME emea\n" + strings.NewReplacer("shop ", "shop.emea ").Replace(verified),
		expect: []string{expectToken},
	}},
	{label: "dname-own", labCase: labCase{ // Unbound takes the CNAME before the DNAME for one without a signature
		name: "a DNAME in a zone that the server signed", domain: "shop.eu.@", on: []string{"pdns"}, story: "dname-last",
		zone: "eu DNAME emea\nshop.emea CNAME " + labTarget + ".\n", dnssec: "by its server",
		want: labWant{
			verdict: "fail", roots: []string{"fail dnssec.answer-rejected routing"},
			codes: []string{"DOMAIN_010 predicted"}, and: func(t *testing.T, d *labDomain) {
				if f := d.find(t, "dnssec.answer-rejected"); !strings.Contains(f.Why, "before the DNAME record of eu.") {
					t.Errorf("the reason is not said: %s", f.Why)
				}
			},
		},
	}},
	{label: "dname-plain", labCase: labCase{
		name: "a DNAME", domain: "shop.eu.@", on: []string{"nsd", "knot", "bind"}, story: "healthy-dname-through",
		zone:   "eu DNAME emea\n" + strings.NewReplacer("shop ", "shop.emea ").Replace(verified),
		expect: []string{expectToken},
	}},
	{label: "dname-last", labCase: labCase{
		name: "a DNAME after the CNAME made of it", domain: "shop.eu.@", on: []string{"pdns-file", "pdns"},
		story:  "healthy-dname-last-unsigned",
		zone:   "eu DNAME emea\n" + strings.NewReplacer("shop ", "shop.emea ").Replace(verified),
		expect: []string{expectToken},
	}},
	{label: "dname-missing", labCase: labCase{
		name: "a DNAME to where the token is missing", domain: "shop.eu.@", on: labSignedKnot, dnssec: "signed",
		zone:   "eu DNAME emea\nshop.emea CNAME " + labTarget + ".\n",
		expect: []string{expectToken}, want: labWant{
			verdict: "fail", roots: []string{"fail record.missing verification"}, codes: []string{"DOMAIN_004 predicted"},
		},
	}},
	{label: "ed448", resolvers: true, labCase: labCase{
		name: "signed with ED448", story: "healthy-ed448", on: labSignedKnot, zone: verified, dnssec: "ed448",
		expect: []string{expectRouting, expectToken},
	}},
	{label: "ed448-stale", resolvers: true, labCase: labCase{
		name: "the DS is of another key of ED448", on: labSignedKnot, zone: verified, dnssec: "stale-ds ed448",
		expect: []string{expectRouting, expectToken}, story: "stale-ds-ed448",
		want: labWant{
			verdict: "fail", roots: []string{"fail dnssec.stale-ds"},
			codes: []string{
				"DOMAIN_004 predicted", "DOMAIN_010 predicted", "DOMAIN_011 predicted", "DOMAIN_019 predicted",
			},
		},
	}},
	{label: "nxabove", resolvers: true, labCase: labCase{
		name: "the name above the token is denied", domain: "@", on: []string{"tinydns"}, zone: below,
		expect: []string{expectBelow}, story: "nxdomain-above", want: labWant{
			verdict: "warn", roots: []string{"warn record.nxdomain-above verification"},
			codes: []string{"DOMAIN_004 predicted"},
		},
	}},
	{label: "nxadded", labCase: labCase{
		name: "the name above a token added by pdnsutil is denied", domain: "@", on: []string{"pdns"},
		zone: "@ A 13.32.10.1\n", added: "_tok._verify TXT \"tok-7f3a91c2\"\n",
		expect: []string{expectBelow}, story: "nxdomain-above", want: labWant{
			verdict: "warn", roots: []string{"warn record.nxdomain-above verification"},
			codes: []string{"DOMAIN_004 predicted"},
		},
	}},
	{label: "nxwell", labCase: labCase{
		name: "the name above the token is empty", domain: "@", on: labFileHosts, zone: below,
		story:  "healthy-empty-above",
		expect: []string{expectBelow},
	}},
	{label: "nxsigned", resolvers: true, labCase: labCase{
		name: "a token added by pdnsutil to a signed zone", domain: "@", on: []string{"pdns"},
		zone: "@ A 13.32.10.1\n", added: "_tok._verify TXT \"tok-7f3a91c2\"\n", dnssec: "by its server",
		expect: []string{expectBelow}, story: "nxdomain-above-signed", want: labWant{
			verdict: "fail", roots: []string{"fail record.nxdomain-above verification"},
			codes: []string{"DOMAIN_004 predicted"},
		},
	}},
	{label: "added", resolvers: true, labCase: labCase{
		name: "records added by pdnsutil to a signed zone", on: []string{"pdns"}, zone: "blog A 192.0.2.9\n",
		added:  "shop A 13.32.10.1\n_verify.shop TXT \"tok-7f3a91c2\"\n",
		dnssec: "by its server", expect: []string{expectToken}, story: "nsec-wrong", want: labWant{
			verdict: "fail",
			roots:   []string{"fail dnssec.answer-rejected certificate", "fail dnssec.answer-rejected routing"},
			codes:   []string{"DOMAIN_010 predicted", "DOMAIN_011 predicted", "DOMAIN_023 predicted"},
			and: func(t *testing.T, d *labDomain) {
				if f := d.find(t, "dnssec.answer-rejected"); !strings.Contains(f.Why, "do not cover it") {
					t.Errorf("the reason is not said: %s", f.Why)
				}
			},
		},
	}},
	{label: "addedplain", labCase: labCase{
		name: "records added by pdnsutil to an unsigned zone", on: []string{"pdns"}, zone: "blog A 192.0.2.9\n",
		added: "shop A 13.32.10.1\n_verify.shop TXT \"tok-7f3a91c2\"\n", expect: []string{expectToken},
	}},
	{label: "loop", resolvers: true, labCase: labCase{
		name: "CNAMEs in a circle", on: labServesChains, story: "cname-loop", zone: labCircle, want: labLoops,
	}},
	{label: "circle", resolvers: true, labCase: labCase{
		name: "CNAMEs in a circle, to which the server answers SERVFAIL", on: labRefusesChains,
		story: "cname-loop-refused", zone: labCircle, want: labLoops,
	}},
	{label: "long", labCase: labCase{
		name: "fourteen CNAMEs", on: labServesChains, story: "cname-too-long", zone: labLinks(14), want: labTooLong,
	}},
	{label: "longer", labCase: labCase{
		name: "fourteen CNAMEs, to which the server answers SERVFAIL", on: labRefusesChains,
		story: "chain-twelve-refused", zone: labLinks(14), want: labTooLong,
	}},
	{label: "chain", resolvers: true, labCase: labCase{
		name: "eight CNAMEs", on: slices.Concat(labServesChains, labRefusesChains), story: "healthy-chain-eight",
		zone: labLinks(8),
	}},
	{label: "two", labCase: labCase{
		name: "two CNAMEs at one name", story: "cname-multiple", on: []string{"tinydns", "pdns-file", "pdns"},
		zone: "shop CNAME " + labTarget + ".\nshop CNAME shop.elsewhere.net.\n", expect: []string{expectRouting},
		want: labWant{
			verdict: "fail", roots: []string{"fail record.cname-multiple routing"},
			codes: []string{"DOMAIN_008 predicted", "DOMAIN_010 predicted"},
		},
	}},
	{label: "twice", labCase: labCase{
		name: "the same CNAME twice", story: "healthy-cname-twice",
		on:   []string{"tinydns", "pdns-file", "pdns", "knot", "bind", "yadifa"}, // gdnsd refuses it, and then every zone
		zone: "shop CNAME " + labTarget + ".\nshop CNAME " + labTarget + ".\n", expect: []string{expectRouting},
	}},
	{label: "spaces", labCase: labCase{
		name: "a token with spaces without quotation marks", on: []string{"nsd", "knot", "bind"},
		story:  "unquoted-spaces",
		zone:   routed + "_verify.shop TXT verify tok 1\n",
		expect: []string{"TXT _verify.@=verify tok 1"},
		want: labWant{
			verdict: "fail", roots: []string{"fail record.value-unquoted verification"},
			codes: []string{"DOMAIN_004 predicted"},
		},
	}},
	{label: "joined", labCase: labCase{ // PowerDNS serves it as one string, with its spaces
		name: "a token with spaces without quotation marks", on: []string{"pdns-file"},
		zone: routed + "_verify.shop TXT verify tok 1\n", expect: []string{"TXT _verify.@=verify tok 1"},
	}},
	{label: "semicolon", labCase: labCase{
		name: "a token with a semicolon without quotation marks", story: "unquoted-semicolon",
		on:   []string{"nsd", "pdns-file", "knot", "bind"}, // pdnsutil refuses it
		zone: routed + "_verify.shop TXT v=dd1; t=tok-1\n", expect: []string{"TXT _verify.@=v=dd1; t=tok-1"},
		want: labWant{
			verdict: "fail", roots: []string{"fail record.value-unquoted verification"},
			codes: []string{"DOMAIN_004 predicted"},
		},
	}},
	{label: "quoted", labCase: labCase{
		name: "a token with spaces and a semicolon in quotation marks", story: "healthy-quoted-semicolon",
		on:   labAnyHost,
		zone: routed + "_verify.shop TXT \"v=dd1; t=tok-1\"\n", expect: []string{"TXT _verify.@=v=dd1; t=tok-1"},
	}},
	{label: "alias", labCase: labCase{
		name: "the name server is listed by an alias", story: "ns-alias", on: []string{"knot"},
		ns: "alias.elsewhere.net", zone: verified,
		expect: []string{expectRouting, expectToken},
		want: labWant{verdict: "fail", roots: []string{"fail delegation.ns-alias"}, codes: []string{
			"DOMAIN_004 predicted", "DOMAIN_010 predicted", "DOMAIN_011 predicted",
		}},
	}},
	{label: "direct", labCase: labCase{
		name: "the name server is listed by a second name", on: []string{"knot"}, ns: "direct.elsewhere.net",
		zone: verified, expect: []string{expectRouting, expectToken},
	}},
	{label: "dropped", labCase: labCase{
		name: "a server that drops questions about this zone alone", on: []string{"tinydns"}, absent: true,
		expect: []string{expectRouting, expectToken}, want: labWant{
			verdict: "fail", roots: []string{"fail delegation.unreachable"}, codes: []string{
				"DOMAIN_004 predicted", "DOMAIN_010 predicted", "DOMAIN_011 predicted", "DOMAIN_019 predicted",
				"DOMAIN_022 predicted",
			},
		},
	}},
	{label: "ech", labCase: labCase{
		name: "an HTTPS record with another provider's ECH", domain: "@", story: "https-ech-foreign",
		on: []string{"knot", "bind", "pdns"},
		zone: "@ A 13.32.10.1\n@ HTTPS 1 . alpn=\"h2\" ech=\"AEX+DQBBBwAgACAAAQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0e" +
			"HwAEAAEAAQASY2xvdWRmbGFyZS1lY2guY29tAAA=\"\n",
		want: labWant{verdict: "fail", roots: []string{"fail record.https-ech routing"}},
	}},
	{label: "https", labCase: labCase{
		name: "an HTTPS record that leads here", domain: "@", on: []string{"knot", "bind", "pdns"},
		zone: "@ A 13.32.10.1\n@ HTTPS 1 . alpn=\"h2,http/1.1\"\n",
	}},
	{label: "order", labCase: labCase{ // YADIFA sends the address before the CNAME that leads to it
		name: "a CNAME to an address of the same zone", on: labFileHosts,
		zone: "shop CNAME edge\nedge A 13.32.10.1\nedge A 13.32.10.2\n",
	}},
	{label: "same", labCase: labCase{ // gdnsd sends it twice
		name: "the same address twice", on: labFileHosts, zone: "shop A 13.32.10.1\nshop A 13.32.10.1\n",
	}},
	{label: "ttls", labCase: labCase{ // these send each record with its own TTL
		name: "two TTLs in an RRset", on: []string{"nsd", "pdns-file", "pdns"}, zone: mixedTTLs,
		want: labWant{verdict: "warn", roots: []string{"warn record.ttl-mixed routing"}},
	}},
	{label: "ttl", labCase: labCase{ // BIND and gdnsd send the first of the two, Knot DNS and YADIFA the last
		name: "two TTLs in an RRset, of which the server sends one", on: []string{"bind", "gdnsd", "knot", "yadifa"},
		zone: mixedTTLs,
	}},
	{label: "caa", labCase: labCase{ // YADIFA does not load a zone with a type that it does not know
		name: "a CAA record on a server that does not know CAA", on: []string{"yadifa"}, refused: true,
		zone: verified + "@ CAA 0 issue \"amazon.com\"\n", expect: []string{expectRouting, expectToken},
		want: labWant{verdict: "fail", roots: []string{"fail delegation.lame"}, codes: []string{
			"DOMAIN_004 predicted", "DOMAIN_010 predicted", "DOMAIN_011 predicted", "DOMAIN_022 predicted",
		}},
	}},
	{label: "beside"}, // see labBeside
}

// labBeside are zones on a server of each kind and on NSD.
func labBeside() []labCase {
	var out []labCase
	for _, h := range labAnyHost {
		out = append(out, labCase{
			name: "healthy, on " + labHostOf(h).release + " and NSD", domain: "shop.beside-" + h + ".com",
			on: []string{h, "nsd"}, zone: verified, expect: []string{expectRouting, expectToken},
		})
	}
	return out
}

// labNeighbor is healthy, and on the server that drops questions about another zone.
var labNeighbor = labCase{
	name: "healthy, beside a zone that is dropped", domain: "shop.neighbor.com", on: []string{"tinydns"},
	zone:   verified,
	expect: []string{expectRouting, expectToken},
}

// labKindCases returns the cases of the kinds that run, and the domains to check behind the other resolvers too.
func labKindCases(t *testing.T) (cases []labCase, again map[string]bool) {
	again = map[string]bool{}
	for _, k := range sample(t, slices.Concat(labKinds, labSignedKinds)) {
		list := k.cases()
		if k.label == "beside" {
			list = labBeside()
		}
		for _, c := range list {
			again[c.domain] = k.resolvers
		}
		if k.label == "dropped" {
			list = append(list, labNeighbor)
		}
		cases = append(cases, list...)
	}
	return cases, again
}

// TestLabHosts checks domains on authoritative servers of several kinds, behind Unbound and BIND, which validate, and
// some behind Knot Resolver and PowerDNS Recursor as well.
func TestLabHosts(t *testing.T) {
	if testing.Short() {
		t.Skip("-short leaves out the lab of real servers")
	}
	t.Parallel()
	tools := findLabTools(t)
	labLeftOut(t, labSlowHosts)
	for _, h := range labHosts() {
		if labProgram(h.program) == "" {
			labMissing(t, "there is no %s (Debian package %s)", h.program, h.packaged)
		}
	}
	tools.domdoc = built(t)
	cases, again := labKindCases(t)
	l := startLab(t, tools, labPlan{resolvers: []string{"8.8.8.8"}, cases: cases, signed: true})
	others := l.behindOthers(t)
	slots := make(chan struct{}, labJobs)
	runs, behind := make([]chan labRun, len(cases)), make([]chan labRun, len(cases))
	start := func(l *lab, c labCase) chan labRun {
		run := make(chan labRun, 1)
		go func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			run <- c.run(l)
		}()
		return run
	}
	for i, c := range cases {
		runs[i] = start(l, c)
		if again[c.domain] {
			behind[i] = start(others, c)
		}
	}
	if slices.ContainsFunc(cases, func(c labCase) bool { return c.domain == labNeighbor.domain }) {
		t.Run("a dropped zone and its neighbor", l.testNeighbor)
	}
	for i, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			run := <-runs[i]
			c.test(t, run)
			if behind[i] == nil {
				return
			}
			t.Run("behind Knot Resolver and PowerDNS Recursor", func(t *testing.T) {
				sameVerdict(t, c, run.report(t), (<-behind[i]).report(t))
			})
		})
	}
}

// sameVerdict compares the report of a case behind Unbound and BIND with the one behind the other resolvers.
func sameVerdict(t *testing.T, c labCase, here, there *labReport) {
	t.Helper()
	if len(here.Domains) != 1 || len(there.Domains) != 1 {
		t.Fatalf("%d and %d domains in the reports", len(here.Domains), len(there.Domains))
	}
	verdict := labVerdict
	if slices.Contains(labMixed, c.domain) {
		verdict = func(r *labReport) []string {
			out := []string{r.Domains[0].Verdict}
			for _, f := range r.Domains[0].Findings {
				if f.BlockedBy == "" {
					out = append(out, f.Verdict+" "+f.Cause)
				}
			}
			slices.Sort(out)
			return slices.Compact(out)
		}
	}
	if diff := cmp.Diff(verdict(here), verdict(there)); diff != "" {
		t.Errorf("%s (-behind Unbound and BIND +behind the others):\n%s", c.domain, diff)
		for _, f := range there.Domains[0].Findings {
			t.Logf("%s, under %q: %s; %s", f.line(), f.BlockedBy, f.Summary, f.Why)
		}
		for _, c := range there.Domains[0].Checks {
			if c.Status == "inconclusive" {
				t.Logf("check %s: %s", c.ID, c.Reason)
			}
		}
	}
}
