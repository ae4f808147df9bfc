package cli_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// labHost is an authoritative server of another kind than the tenants' DNS host, which is NSD.
type labHost struct {
	key     string
	server  string // as the registry names it
	address string
	// release is how stories name it; see TestStoriesSeen.
	release           string
	program, packaged string
	start             func(l *lab, t *testing.T, h labHost, zones map[string]string)
}

func labHosts() []labHost {
	return []labHost{
		{"tinydns", "tinydns.elsewhere.net", "46.4.30.1", "tinydns 1.05", "tinydns", "tinydns", (*lab).startTinydns},
		{
			"pdns-file", "pdnsfile.elsewhere.net", "46.4.30.2", "PowerDNS 4.7.3 (zone files)", "pdns_server",
			"pdns-backend-bind", (*lab).startPowerDNSFiles,
		},
		{
			"pdns", "pdns.elsewhere.net", "46.4.30.3", "PowerDNS 4.7.3 (database)", "pdns_server", "pdns-backend-sqlite3",
			(*lab).startPowerDNS,
		},
		{"knot", "knot.elsewhere.net", "46.4.30.4", "Knot DNS 3.2.6", "knotd", "knot", (*lab).startKnot},
		{"bind", "named.elsewhere.net", "46.4.30.5", "BIND 9.18.49", "named", "bind9", (*lab).startBINDHost},
		{"gdnsd", "gdnsd.elsewhere.net", "46.4.30.6", "gdnsd 3.8.1", "gdnsd", "gdnsd", (*lab).startGdnsd},
		{"yadifa", "yadifa.elsewhere.net", "46.4.30.7", "YADIFA 2.6.4", "yadifad", "yadifa", (*lab).startYADIFA},
		{"nsd", "ns1.hostco.net ns2.hostco.net", labHost1, "NSD 4.6.1", "nsd", "nsd", nil}, // started with every lab
	}
}

func labHostOf(key string) labHost {
	hosts := labHosts()
	return hosts[slices.IndexFunc(hosts, func(h labHost) bool { return h.key == key })]
}

func labHostAddresses() []string {
	var out []string
	for _, h := range labHosts() {
		if h.start != nil {
			out = append(out, h.address)
		}
	}
	return out
}

// hostZones returns the zones of each kind of server, in the order of labHosts. Those in PowerDNS's database are
// written into it now: it signs them itself, and the DS records go into their parent before that is signed.
func (l *lab) hostZones(t *testing.T, plan labPlan) []map[string]string {
	t.Helper()
	l.ownDS = map[string]string{}
	var out []map[string]string
	for _, h := range labHosts() {
		zones := map[string]string{}
		out = append(out, zones)
		if h.start == nil {
			continue
		}
		for _, c := range plan.cases {
			if m := c.moves; m != nil && m.to == h.key {
				zones[c.apex()] = l.tenantZone(t, c.apex(), m.zone, 1, h.server)
				if h.key == "pdns" {
					l.database(t, labCase{domain: c.domain, dnssec: m.dnssec}, zones)
				}
				continue
			}
			if !slices.Contains(c.on, h.key) || c.absent {
				continue
			}
			zones[c.apex()] = l.tenantZone(t, c.apex(), c.zone, 1, c.nameservers()...)
			if c.child != "" {
				zones["dev."+c.apex()] = l.tenantZone(t, "dev."+c.apex(), c.child, 1, c.nameservers()...)
			}
			switch own := strings.HasPrefix(c.dnssec, "by its server"); {
			case h.key == "pdns":
				l.database(t, c, zones)
			case h.key == "knot" && own:
				l.knotKey(t, c.apex())
			}
		}
	}
	return out
}

// startHosts starts the servers that have a zone.
func (l *lab) startHosts(t *testing.T, zones []map[string]string) {
	t.Helper()
	for i, h := range labHosts() {
		if len(zones[i]) > 0 {
			h.start(l, t, h, zones[i])
		}
	}
}

// startTinydns starts tinydns, which serves what its own format can say, and denies a name that has none but lower
// names. A question about a zone that it does not have stays without an answer.
func (l *lab) startTinydns(t *testing.T, h labHost, zones map[string]string) {
	t.Helper()
	var data strings.Builder
	for apex, text := range zones {
		p := dns.NewZoneParser(strings.NewReader(text), dns.Fqdn(apex), apex)
		for rr, ok := p.Next(); ok; rr, ok = p.Next() {
			data.WriteString(labTinydnsLine(t, rr) + "\n")
		}
		if err := p.Err(); err != nil {
			t.Fatalf("zone %s: %v", apex, err)
		}
	}
	l.write(t, data.String(), h.key, "data")
	dir := filepath.Join(l.dir, h.key)
	compile := exec.Command(labProgram("tinydns-data"))
	compile.Dir = dir
	if out, err := compile.CombinedOutput(); err != nil {
		t.Fatalf("tinydns-data: %v: %s", err, out)
	}
	l.serve(t, h.key, l.inside(context.Background(), l.ns, []string{"ROOT=" + dir, "IP=" + h.address, "UID=0", "GID=0"},
		labProgram(h.program)))
}

// labTinydnsLine writes a record as a line of tinydns-data's input.
func labTinydnsLine(t *testing.T, rr dns.RR) string {
	t.Helper()
	name := func(s string) string { return strings.TrimSuffix(s, ".") }
	owner, ttl := name(rr.Header().Name), rr.Header().Ttl
	switch rr := rr.(type) {
	case *dns.SOA:
		return fmt.Sprintf("Z%s:%s:%s:%d:%d:%d:%d:%d:%d", owner, name(rr.Ns), name(rr.Mbox), rr.Serial, rr.Refresh,
			rr.Retry, rr.Expire, rr.Minttl, ttl)
	case *dns.NS:
		return fmt.Sprintf("&%s::%s:%d", owner, name(rr.Ns), ttl)
	case *dns.CNAME:
		return fmt.Sprintf("C%s:%s:%d", owner, name(rr.Target), ttl)
	case *dns.MX:
		return fmt.Sprintf("@%s::%s:%d:%d", owner, name(rr.Mx), rr.Preference, ttl)
	}
	buf := make([]byte, 4096)
	end, err := dns.PackRR(rr, buf, 0, nil, false)
	var begin int
	if err == nil {
		begin, err = dns.PackDomainName(rr.Header().Name, make([]byte, 256), 0, nil, false)
	}
	if err != nil {
		t.Fatalf("%v: %v", rr, err)
	}
	var data strings.Builder
	for _, b := range buf[begin+10 : end] {
		fmt.Fprintf(&data, "\\%03o", b)
	}
	return fmt.Sprintf(":%s:%d:%s:%d", owner, rr.Header().Rrtype, &data, ttl)
}

// labPowerDNS is PowerDNS's configuration: a format of its directory, its address and its backend.
const labPowerDNS = `local-address=%[2]s
local-port=53
socket-dir=%[1]s
daemon=no
guardian=no
setuid=
setgid=
security-poll-suffix=
receiver-threads=1
distributor-threads=1
dname-processing=yes
%[3]s
`

// labPowerDNSSchema is of Debian's package pdns-backend-sqlite3.
const labPowerDNSSchema = "/usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql"

const labPowerDNSDatabase = "launch=gsqlite3\ngsqlite3-database=%s/zones.db\ngsqlite3-dnssec=yes"

func (l *lab) startPowerDNSFiles(t *testing.T, h labHost, zones map[string]string) {
	t.Helper()
	dir := filepath.Join(l.dir, h.key)
	var list strings.Builder
	for apex, text := range zones {
		l.write(t, text, h.key, labZoneFile(apex))
		fmt.Fprintf(&list, "zone %q { type master; file %q; };\n", apex, filepath.Join(dir, labZoneFile(apex)))
	}
	l.write(t, list.String(), h.key, "named.conf")
	l.write(t, fmt.Sprintf(labPowerDNS, dir, h.address, "launch=bind\nbind-config="+filepath.Join(dir, "named.conf")),
		h.key, "pdns.conf")
	l.startPowerDNS(t, h, zones)
}

func (l *lab) startPowerDNS(t *testing.T, h labHost, _ map[string]string) {
	t.Helper()
	l.serve(t, h.key, l.inside(context.Background(), l.ns, nil, labProgram(h.program), "--config-dir="+
		filepath.Join(l.dir, h.key)))
}

// database writes a case's zones into PowerDNS's database: loaded from a file, signed if the case says so, put in
// order, and then some records added as "pdnsutil add-record" does it.
func (l *lab) database(t *testing.T, c labCase, zones map[string]string) {
	t.Helper()
	h := labHostOf("pdns")
	dir := filepath.Join(l.dir, h.key)
	if _, err := os.Stat(filepath.Join(dir, "zones.db")); err != nil {
		l.write(t, fmt.Sprintf(labPowerDNS, dir, h.address, fmt.Sprintf(labPowerDNSDatabase, dir)), h.key, "pdns.conf")
		make := exec.Command(labProgram("sqlite3"), "-init", labPowerDNSSchema, filepath.Join(dir, "zones.db"), ".quit")
		if out, err := make.CombinedOutput(); err != nil {
			t.Fatalf("sqlite3: %v: %s", err, out)
		}
	}
	own := strings.HasPrefix(c.dnssec, "by its server")
	for _, apex := range []string{c.apex(), "dev." + c.apex()} {
		text, ok := zones[apex]
		if !ok {
			continue
		}
		l.util(t, "load-zone", apex, l.write(t, text, h.key, labZoneFile(apex)))
		if own && apex == c.apex() {
			l.util(t, "secure-zone", apex)
			switch {
			case strings.HasSuffix(c.dnssec, ", nsec3"):
				l.util(t, "set-nsec3", apex, "1 0 0 -")
			case strings.HasSuffix(c.dnssec, ", narrow"):
				l.util(t, "set-nsec3", apex, "1 0 0 -", "narrow")
			}
		}
		l.util(t, "rectify-zone", apex)
	}
	for line := range strings.Lines(c.added) {
		words := strings.SplitN(strings.TrimSpace(line), " ", 3)
		l.util(t, "add-record", c.apex(), words[0], words[1], "300", words[2])
	}
	if !own {
		return
	}
	for line := range strings.Lines(l.util(t, "export-zone-ds", c.apex())) {
		ds, _, _ := strings.Cut(line, ";")
		l.ownDS[c.apex()] += strings.TrimSpace(ds) + "\n"
	}
}

// util runs pdnsutil and returns its output.
func (l *lab) util(t *testing.T, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, labProgram("pdnsutil"), append([]string{"--config-dir=" + filepath.Join(l.dir,
		"pdns")}, args...)...)
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("pdnsutil %v: %v\n%s%s", args, err, out, &said)
	}
	return string(out)
}

// knotKey makes a key with which Knot DNS signs a zone for each query.
func (l *lab) knotKey(t *testing.T, apex string) {
	t.Helper()
	keys := func(args ...string) string {
		args = append([]string{"-D", filepath.Join(l.dir, "knot", "keys"), apex}, args...)
		out, err := exec.Command(labProgram("keymgr"), args...).Output()
		if err != nil {
			t.Fatalf("keymgr %v: %v: %s", args, err, out)
		}
		return string(out)
	}
	if err := os.MkdirAll(filepath.Join(l.dir, "knot", "keys"), 0o700); err != nil {
		t.Fatal(err)
	}
	id := strings.Fields(keys("generate", "algorithm=ECDSAP256SHA256", "ksk=yes", "zsk=yes"))
	l.ownDS[apex] = keys("ds", id[len(id)-1])
	if !strings.Contains(l.ownDS[apex], " DS ") {
		t.Fatalf("keymgr has no DS record of %s: %q", apex, l.ownDS[apex])
	}
}

func (l *lab) startKnot(t *testing.T, h labHost, zones map[string]string) {
	t.Helper()
	dir := filepath.Join(l.dir, h.key)
	conf := fmt.Sprintf("server:\n  listen: %s@53\n  rundir: %s\n  udp-workers: 1\n  tcp-workers: 1\n"+
		"  background-workers: 1\ndatabase:\n  storage: %[2]s\nlog:\n  - target: stderr\n    any: warning\n"+
		"template:\n  - id: default\n    storage: %[2]s\n    zonefile-sync: -1\n    journal-content: none\n"+
		"policy:\n  - id: own\n    manual: on\n    single-type-signing: on\nmod-onlinesign:\n  - id: own\n"+
		"    policy: own\nzone:\n",
		h.address, dir)
	for apex, text := range zones {
		l.write(t, text, h.key, labZoneFile(apex))
		conf += fmt.Sprintf("  - domain: %s\n    file: %s\n", apex, labZoneFile(apex))
		if l.ownDS[apex] != "" && !strings.Contains(text, " RRSIG ") {
			conf += "    module: mod-onlinesign/own\n"
		}
	}
	file := l.write(t, conf, h.key, "knot.conf")
	l.serve(t, h.key, l.inside(context.Background(), l.ns, nil, labProgram(h.program), "-c", file))
}

func (l *lab) startBINDHost(t *testing.T, h labHost, zones map[string]string) {
	t.Helper()
	l.startNamed(t, labPlan{}, h.key, h.address, "", zones)
}
