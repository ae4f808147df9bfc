package cli_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// labSignedCases are domains in a lab whose root, .com and zones are signed by BIND's tools and served by NSD.
// Unbound at 8.8.8.8 and BIND at 1.1.1.1 validate.
var labSignedCases = []labCase{
	{
		name: "signed, and well", story: "healthy-signed", domain: "shop.signed.com", zone: verified,
		expect: []string{expectRouting, expectToken},
		dnssec: "signed",
	},
	{
		name: "not signed below a signed ending", domain: "shop.unsigned.com", zone: verified,
		expect: []string{expectRouting, expectToken},
	},
	{
		name: "the DS is of a key that is gone", story: "dnssec-stale-ds", domain: "shop.stale-ds.com", zone: verified,
		expect: []string{expectRouting, expectToken}, dnssec: "stale-ds",
		want: labWant{
			verdict: "fail", roots: []string{"fail dnssec.stale-ds"},
			codes: []string{
				"DOMAIN_004 predicted", "DOMAIN_010 predicted", "DOMAIN_011 predicted",
				"DOMAIN_019 predicted",
			},
		},
	},
	{
		name: "the signatures are over", story: "dnssec-expired", domain: "shop.expired-sig.com", zone: verified,
		expect: []string{expectRouting, expectToken}, dnssec: "expired",
		want: labWant{
			verdict: "fail", roots: []string{"fail dnssec.signature-expired"},
			codes: []string{
				"DOMAIN_004 predicted", "DOMAIN_010 predicted", "DOMAIN_011 predicted",
				"DOMAIN_019 predicted",
			},
		},
	},
	{
		name: "a token missing in a signed zone", domain: "shop.signed-missing.com", zone: routed,
		expect: []string{expectToken}, dnssec: "signed",
		want: labWant{
			verdict: "fail", roots: []string{"fail record.missing verification"},
			codes: []string{"DOMAIN_004 predicted"},
		},
	},
	{
		name: "CAA through a CNAME, in a signed zone", domain: "shop.signed-caa.com",
		zone: "shop CNAME caa.elsewhere.net.\n@ CAA 0 issue \"amazon.com\"\n", dnssec: "signed", web: []labSite{},
		want: labWant{
			verdict: "fail", roots: []string{"fail caa.from-target", "fail certificate.default-served"},
			codes: []string{
				"DOMAIN_011 predicted", "DOMAIN_012 predicted", "DOMAIN_013 predicted",
				"DOMAIN_023 predicted",
			},
		},
	},
	{
		name: "an unsigned zone below a signed one, on the same servers", story: "healthy-unsigned-below-on-same-servers",
		domain: "shop.dev.signed-above.com",
		zone:   "dev NS ns1.hostco.net.\ndev NS ns2.hostco.net.\n", child: verified,
		expect: []string{expectRouting, expectToken}, dnssec: "signed",
	},
	{
		name: "a signed zone below a signed one, on the same servers", story: "healthy-signed-below-on-same-servers",
		domain: "shop.dev.signed-twice.com",
		zone:   "dev NS ns1.hostco.net.\ndev NS ns2.hostco.net.\n", child: verified,
		expect: []string{expectRouting, expectToken}, dnssec: "signed-below",
	},
	{
		name: "a DNAME in a signed zone", story: "healthy-signed-dname", domain: "shop.eu.signed-dname.com",
		zone:   "eu DNAME emea\n" + strings.NewReplacer("shop ", "shop.emea ").Replace(verified),
		expect: []string{expectToken}, dnssec: "signed",
	},
	{
		name: "signed with an algorithm that the program cannot verify", story: "healthy-ed448",
		domain: "shop.signed-ed448.com", zone: verified,
		expect: []string{expectRouting, expectToken}, dnssec: "ed448",
	},
	{
		name: "signed without NSEC records", story: "nsec-missing", domain: "shop.signed-no-nsec.com", zone: verified,
		expect: []string{expectRouting, expectToken}, dnssec: "no-nsec",
		want: labWant{
			verdict: "fail", roots: []string{"fail dnssec.answer-rejected certificate"},
			codes: []string{"DOMAIN_011 predicted", "DOMAIN_023 predicted"}, and: func(t *testing.T, d *labDomain) {
				if f := d.find(t, "dnssec.answer-rejected"); !strings.Contains(f.Why, "without NSEC") {
					t.Errorf("the reason is not said: %s", f.Why)
				}
			},
		},
	},
}

// labFrozen is a zone at two hosts: NSD serves the tenant's new file, and BIND refuses it for another fault and keeps
// serving the old one.
var labFrozen = labCase{
	name: "one server refuses the new zone file", domain: "shop.frozen.com", ns: "ns1.hostco.net bind.elsewhere.net",
	expect: []string{expectToken},
	zone: "@ SOA ns1.hostco.net. hostmaster.hostco.net. 2 7200 3600 1209600 300\n@ NS ns1.hostco.net.\n@ NS " +
		"bind.elsewhere.net.\n" + verified,
	want: labWant{
		verdict: "fail", roots: []string{"fail record.servers-disagree verification"},
		codes: []string{"DOMAIN_004 predicted"}, and: func(t *testing.T, d *labDomain) {
			f := d.find(t, "record.servers-disagree")
			for _, want := range []string{"bind.elsewhere.net 1", "ns1.hostco.net 2"} { // the serials
				if !strings.Contains(f.Summary+f.Why, want) {
					t.Errorf("%q is not said: %s; %s", want, f.Summary, f.Why)
				}
			}
		},
	},
}

const (
	frozenBefore = "$ORIGIN frozen.com.\n$TTL 300\n@ SOA ns1.hostco.net. hostmaster.hostco.net. 1 7200 3600 1209600 " +
		"300\n@ NS ns1.hostco.net.\n@ NS bind.elsewhere.net.\n" + routed
	// frozenAfter has the token, and a CNAME beside other data, for which BIND refuses all of it.
	frozenAfter = "$ORIGIN frozen.com.\n$TTL 300\n@ SOA ns1.hostco.net. hostmaster.hostco.net. 2 7200 3600 1209600 " +
		"300\n@ NS ns1.hostco.net.\n@ NS bind.elsewhere.net.\n" + verified +
		"blog CNAME shop.elsewhere.net.\nblog TXT \"left over\"\n"
)

func testLabSigned(t *testing.T, tools labTools) {
	cases := append(slices.Clone(labSignedCases), labFrozen)
	l := startLab(t, tools, labPlan{resolvers: []string{"8.8.8.8"}, cases: cases, signed: true})
	for _, r := range labResolvers {
		l.await(t, r+" to validate", func() error {
			m, err := l.ask(r, "signed.com", dns.TypeSOA, true)
			if err == nil && (len(m.Answer) == 0 || m.Rcode != dns.RcodeSuccess) {
				err = fmt.Errorf("%s", dns.RcodeToString[m.Rcode])
			}
			return err
		})
		if m, err := l.ask(r, "shop.stale-ds.com", dns.TypeCNAME, true); err != nil || m.Rcode != dns.RcodeServerFailure {
			t.Fatalf("%s does not validate: %v, %v", r, m, err)
		}
	}
	l.await(t, "BIND to serve serial 1", func() error { return l.serves(labBIND, "frozen.com", 1) })
	l.write(t, frozenAfter, "bind-host", labZoneFile("frozen.com"))
	if err := l.nsd["bind-host"].Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	l.await(t, "BIND to refuse serial 2", func() error {
		log, err := os.ReadFile(filepath.Join(l.dir, "bind-host.log"))
		if err == nil && !strings.Contains(string(log), "CNAME and other data") {
			err = fmt.Errorf("it says nothing of it")
		}
		return err
	})
	if err := l.serves(labBIND, "frozen.com", 1); err != nil {
		t.Fatalf("BIND does not go on with the old file: %v", err)
	}
	slots := make(chan struct{}, labJobs)
	runs := make([]chan labRun, len(cases))
	for i, c := range cases {
		runs[i] = make(chan labRun, 1)
		go func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			runs[i] <- c.run(l)
		}()
	}
	for i, c := range cases {
		t.Run(c.name, func(t *testing.T) { c.test(t, <-runs[i]) })
	}
}

// sign signs the cases' zones, their TLD and the root, in this order, because each zone's DS record goes into its
// parent. It replaces the zones of the maps and returns the root zone and the root's key as a trust anchor.
func (l *lab) sign(t *testing.T, plan labPlan, root string, tlds map[string]string,
	hosts []map[string]string,
) (signed, anchor string) {
	t.Helper()
	for _, c := range plan.cases {
		if c.dnssec == "" {
			continue
		}
		if strings.HasPrefix(c.dnssec, "by its server") {
			tlds["com"] += l.ownDS[c.apex()]
			continue
		}
		hosts := hosts
		if c.moves != nil {
			hosts = hosts[:2] // the other host has a zone of its own
		}
		text := labServed(hosts, c.apex())
		if c.dnssec == "signed-below" {
			below := "dev." + c.apex()
			zone, ds, _ := l.signZone(t, below, labServed(hosts, below), "")
			labServe(hosts, below, zone)
			text += ds
		}
		zone, ds, _ := l.signZone(t, c.apex(), text, c.dnssec)
		if strings.HasPrefix(c.dnssec, "stale-ds") { // the registry has the key of an earlier host
			_, ds, _ = l.signZone(t, c.apex(), labServed(hosts, c.apex()), c.dnssec)
		}
		labServe(hosts, c.apex(), zone)
		tlds["com"] += ds
	}
	com, ds, _ := l.signZone(t, "com", tlds["com"], "")
	tlds["com"] = com
	signed, _, anchor = l.signZone(t, ".", root+ds, "")
	return signed, anchor
}

// labServed returns a zone's text at the first server that has it.
func labServed(hosts []map[string]string, apex string) string {
	for _, zones := range hosts {
		if text, ok := zones[apex]; ok {
			return text
		}
	}
	return ""
}

// labServe replaces a zone at every server that has it.
func labServe(hosts []map[string]string, apex, text string) {
	for _, zones := range hosts {
		if _, ok := zones[apex]; ok {
			zones[apex] = text
		}
	}
}

// labNSEC matches the NSEC records of a signed zone, and their signatures.
var labNSEC = regexp.MustCompile(`(?m)^\S+\s+\d+\s+IN\s+(NSEC|RRSIG\s+NSEC)\s.*\n`)

// signZone signs a zone with a new key, in the way of a case's dnssec.
func (l *lab) signZone(t *testing.T, name, text, how string) (signed, ds, key string) {
	t.Helper()
	dir, err := os.MkdirTemp(l.dir, "keys-")
	if err != nil {
		t.Fatal(err)
	}
	run := func(program string, args ...string) string {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		cmd := exec.CommandContext(ctx, program, args...)
		cmd.Dir = dir
		out, err := cmd.Output()
		if err != nil {
			var said []byte
			if failed, ok := err.(*exec.ExitError); ok {
				said = failed.Stderr
			}
			t.Fatalf("%s %v: %v\n%s%s", program, args, err, out, said)
		}
		return strings.TrimSpace(string(out))
	}
	algorithm := "ECDSAP256SHA256"
	if strings.HasSuffix(how, "ed448") {
		algorithm = "ED448"
	}
	base := run(l.tools.keygen, "-q", "-K", dir, "-a", algorithm, "-f", "KSK", "-n", "ZONE", name)
	raw, err := os.ReadFile(filepath.Join(dir, base+".key"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(raw)) {
		if !strings.HasPrefix(line, ";") {
			key += line
		}
	}
	file := filepath.Join(dir, "zone")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	from, to := time.Now().Add(-time.Hour), time.Now().Add(30*24*time.Hour)
	if strings.HasPrefix(how, "expired") {
		from, to = time.Now().Add(-40*24*time.Hour), time.Now().Add(-10*24*time.Hour)
	}
	const stamp = "20060102150405"
	args := []string{
		"-S", "-K", dir, "-z", "-P", "-o", name, "-f", file + ".signed", "-O", "full", "-s", from.UTC().Format(stamp), "-e",
		to.UTC().Format(stamp),
	}
	switch how {
	case "nsec3":
		args = append(args, "-3", "-", "-H", "0")
	case "opt-out": // an unsigned zone below has no NSEC3 record
		args = append(args, "-3", "-", "-H", "0", "-A")
	}
	run(l.tools.signzone, append(args, file)...)
	out, err := os.ReadFile(file + ".signed")
	if err != nil {
		t.Fatal(err)
	}
	if how == "no-nsec" {
		out = labNSEC.ReplaceAll(out, nil)
	}
	set, err := filepath.Glob(filepath.Join(dir, "dsset-*"))
	if err != nil || len(set) != 1 {
		t.Fatalf("%d sets of DS records, %v", len(set), err)
	}
	rawDS, err := os.ReadFile(set[0])
	if err != nil {
		t.Fatal(err)
	}
	return string(out), string(rawDS), key
}

// startBIND starts BIND as a validating resolver and, for labFrozen, as a host that keeps serving an old file when it
// refuses the new one.
func (l *lab) startBIND(t *testing.T, plan labPlan) {
	t.Helper()
	key := l.rootKey(t)
	l.startNamed(t, plan, "bind-resolver", "1.1.1.1",
		fmt.Sprintf(`. static-key %d %d %d "%s";`, key.Flags, key.Protocol,
			key.Algorithm, key.PublicKey), nil)
	if slices.ContainsFunc(plan.cases, func(c labCase) bool { return c.domain == labFrozen.domain }) {
		l.startNamed(t, plan, "bind-host", labBIND, "", map[string]string{"frozen.com": frozenBefore})
	}
}

// rootKey returns the key of the signed root.
func (l *lab) rootKey(t *testing.T) *dns.DNSKEY {
	t.Helper()
	rr, err := dns.NewRR(l.anchor)
	if err != nil {
		t.Fatal(err)
	}
	return rr.(*dns.DNSKEY)
}

// startNamed starts BIND as a validating resolver, or as the server of zones.
func (l *lab) startNamed(t *testing.T, plan labPlan, name, address, anchor string, zones map[string]string) {
	t.Helper()
	var names []string
	for zone, text := range zones {
		names = append(names, zone)
		l.write(t, text, name, labZoneFile(zone))
	}
	l.write(t, labHints(plan), name, "root.hints")
	dir := filepath.Join(l.dir, name)
	conf := l.write(t, l.fill(t, "named.conf", map[string]any{
		"Name": name, "Address": address, "Dir": dir,
		"Anchor": anchor, "Zones": names, "Stuck": labStuck(plan), "Silent": labSilent,
	}), name, "named.conf")
	cmd := l.inside(context.Background(), l.ns, nil, l.copied(t, l.tools.named, name), "-g", "-n", "1", "-c", conf)
	l.serve(t, name, cmd)
	l.nsd[name] = cmd
}
