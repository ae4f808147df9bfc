package cli_test

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// labClock is a resolver whose memory is compared with the time that a report promises.
type labClock struct {
	name, address     string
	program, packaged string
	config            string // a format; its argument is the resolver's directory
	args              []string
	// minimum means that it goes by the SOA's MINIMUM where that is lower than the SOA's TTL.
	minimum bool
}

// The resolvers run with Debian's defaults, except for the address, the root servers and a chain of trust, which the
// lab does not have. dnsmasq forwards to BIND.
var labClocks = []labClock{
	{name: "Unbound", address: "8.8.8.8", minimum: true}, // started with the lab
	{
		name: "BIND", address: "46.4.20.1", program: "named", packaged: "bind9",
		config: `options { directory "%[1]s"; pid-file "%[1]s/pid"; session-keyfile "%[1]s/key";
managed-keys-directory "%[1]s"; listen-on { 46.4.20.1; }; listen-on-v6 { none; }; query-source address 46.4.20.1;
allow-query { any; }; allow-recursion { any; }; dnssec-validation no; };
controls { };
zone "." { type hint; file "%[1]s/root.hints"; };
`, args: []string{"-g", "-n", "1", "-c"},
	},
	{
		name: "Knot Resolver", address: "46.4.20.2", program: "kresd", packaged: "knot-resolver",
		config: `net.listen('46.4.20.2', 53, { kind = 'dns' })
net.ipv6 = false
cache.open(10 * MB, 'lmdb://%[1]s')
modules = { 'hints > iterate' }
hints.root({ ['a.root-servers.net.'] = '198.41.0.4' })
trust_anchors.remove('.')
`, args: []string{"-n", "-c"},
	},
	{
		name: "PowerDNS Recursor", address: "46.4.20.3", program: "pdns_recursor", packaged: "pdns-recursor",
		config: "local-address=46.4.20.3\nquery-local-address=46.4.20.3\nsocket-dir=%[1]s\nhint-file=%[1]s/root.hints\n" +
			"dnssec=off\ndaemon=no\nsetuid=\nsetgid=\nthreads=1\nallow-from=0.0.0.0/0\nsecurity-poll-suffix=\n",
	},
	{
		name: "dnsmasq", address: "46.4.20.4", program: "dnsmasq", packaged: "dnsmasq",
		config: "no-resolv\nserver=46.4.20.1\nlisten-address=46.4.20.4\nbind-interfaces\nno-hosts\nuser=root\n" +
			"keep-in-foreground\nlog-facility=-\npid-file=%[1]s/pid\n", args: []string{"-C"},
	},
}

// TestLabClocks changes a zone after each resolver has cached an earlier answer and a denial, and compares the time
// that a report promises with the time when the resolver's answer changed. The zone's server leaves the TTL of the
// SOA above MINIMUM, as CoreDNS and tinydns do; Unbound alone goes by MINIMUM then.
func TestLabClocks(t *testing.T) {
	if testing.Short() {
		t.Skip("-short leaves out the lab of real servers")
	}
	t.Parallel()
	tools := findLabTools(t)
	labLeftOut(t, labSlowClocks)
	for _, c := range labClocks {
		if c.program != "" && labProgram(c.program) == "" {
			labMissing(t, "there is no %s (Debian package %s)", c.program, c.packaged)
		}
	}
	tools.domdoc = built(t)
	life := 25 // seconds
	if allCases() {
		life = 70
	}
	zone := func(serial int, records string) string {
		return fmt.Sprintf("$TTL %d\n@ SOA odd.elsewhere.net. h.clocks.com. %d 7200 3600 1209600 4\n@ NS "+
			"odd.elsewhere.net.\n%s", life, serial, records)
	}
	c := labCase{
		name: "clocks", domain: "shop.clocks.com", ns: "odd.elsewhere.net",
		zone: zone(1, "shop CNAME shop.elsewhere.net.\n"),
	}
	l := startLab(t, tools, labPlan{resolvers: []string{"8.8.8.8"}, cases: []labCase{c}})
	l.startClocks(t)
	for _, r := range labClocks {
		for name, rrtype := range map[string]uint16{
			"shop.clocks.com":         dns.TypeCNAME,
			"_verify.shop.clocks.com": dns.TypeTXT,
		} {
			l.await(t, r.name+" to answer", func() error {
				m, err := l.ask(r.address, name, rrtype, true)
				if err == nil && m.Rcode == dns.RcodeServerFailure {
					err = fmt.Errorf("SERVFAIL")
				}
				return err
			})
		}
	}
	changed := zone(2, routed+`_verify.shop TXT "tok-7f3a91c2"`)
	if err := l.role.Call("LabRole.Replace", map[string]string{"clocks.com": changed}, nil); err != nil {
		t.Fatal(err)
	}
	time.Sleep(6 * time.Second) // MINIMUM is over
	var wg sync.WaitGroup
	results := make([]labClockResult, len(labClocks))
	slots := make(chan struct{}, labJobs)
	for i, r := range labClocks {
		wg.Go(func() { results[i].watch(l, r.address) })
		wg.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			results[i].run = l.domdoc(nil, "check", "shop.clocks.com", "-o", "json", "--resolver", r.address, "--expect",
				"CNAME shop.clocks.com="+labTarget, "--expect", "TXT _verify.shop.clocks.com=tok-7f3a91c2")
		})
	}
	wg.Wait()
	for i, r := range labClocks {
		t.Run(r.name, func(t *testing.T) { results[i].judge(t, r) })
	}
}

// labProgram returns the path of a server's program, or "".
func labProgram(name string) string {
	for _, path := range []string{name, "/usr/sbin/" + name} {
		if found, err := exec.LookPath(path); err == nil {
			return found
		}
	}
	return ""
}

func (l *lab) startClocks(t *testing.T) {
	t.Helper()
	hints := labHints(labPlan{roots: labRoots, rootName: "root-servers.net"})
	for i, c := range labClocks {
		if c.program == "" {
			continue
		}
		l.ip(t, l.ns, []string{"addr add " + c.address + "/32 dev lo"})
		name := fmt.Sprintf("clock%d", i)
		dir := filepath.Join(l.dir, name)
		file := "conf"
		args := append(append([]string{}, c.args...), filepath.Join(dir, file))
		if c.program == "pdns_recursor" {
			file, args = "recursor.conf", []string{"--config-dir=" + dir}
		}
		l.write(t, hints, name, "root.hints")
		l.write(t, fmt.Sprintf(c.config, dir), name, file)
		cmd := l.inside(context.Background(), l.ns, nil, l.copied(t, labProgram(c.program), name), args...)
		cmd.Dir = dir
		l.serve(t, name, cmd)
	}
}

// labClockResult is what a resolver did, and the report made meanwhile.
type labClockResult struct {
	// The last moment at which a query that still got the earlier answer was sent, and the first new answer.
	old, fresh map[string]time.Time
	err        error
	run        labRun
}

// watch queries a resolver until it has forgotten both answers.
func (r *labClockResult) watch(l *lab, address string) {
	r.old, r.fresh = map[string]time.Time{}, map[string]time.Time{}
	for deadline := time.Now().Add(2 * time.Minute); len(r.fresh) < 2; time.Sleep(50 * time.Millisecond) {
		for cause, q := range map[string]struct {
			name   string
			rrtype uint16
			want   string
		}{
			"cache.old-answer": {"shop.clocks.com", dns.TypeCNAME, labTarget},
			"cache.negative":   {"_verify.shop.clocks.com", dns.TypeTXT, "tok-7f3a91c2"},
		} {
			if !r.fresh[cause].IsZero() {
				continue
			}
			asked := time.Now()
			m, err := l.ask(address, q.name, q.rrtype, true)
			switch {
			case err != nil:
				r.err = err
				return
			case len(m.Answer) > 0 && strings.Contains(m.Answer[0].String(), q.want):
				r.fresh[cause] = time.Now()
			case asked.After(deadline):
				r.err = fmt.Errorf("%s still has the earlier answer: %v", address, m)
				return
			default:
				r.old[cause] = asked
			}
		}
	}
}

func (r *labClockResult) judge(t *testing.T, c labClock) {
	if r.err != nil {
		t.Fatal(r.err)
	}
	report := r.run.report(t)
	if len(report.Domains) != 1 {
		t.Fatalf("%d domains in the report", len(report.Domains))
	}
	d := &report.Domains[0]
	causes := []string{"cache.old-answer", "cache.negative"}
	if c.minimum {
		causes = causes[:1]
		if !r.old["cache.negative"].IsZero() && r.old["cache.negative"].After(r.run.began) {
			t.Error("the denial outlasted MINIMUM")
		}
		for _, f := range d.Findings {
			if f.Cause == "cache.negative" {
				t.Errorf("%s has forgotten the denial: %s", c.name, f.Why)
			}
		}
	}
	for _, cause := range causes {
		f := d.find(t, cause)
		if f.ETA == nil {
			t.Errorf("%s has no eta: %s", cause, f.Why)
			continue
		}
		latest := f.ETA.Latest
		t.Logf("%s: eta.latest is %v after the last earlier answer, %v after the first new one", cause,
			latest.Sub(r.old[cause]).Round(time.Millisecond), latest.Sub(r.fresh[cause]).Round(time.Millisecond))
		if latest.Before(r.old[cause]) {
			t.Errorf("%s: eta.latest is %v, and the earlier answer was there at %v", cause, latest, r.old[cause].UTC())
		}
		// BIND fetches an answer that is still in demand shortly before its end (prefetch).
		if late := latest.Sub(r.fresh[cause]); late > 8*time.Second {
			t.Errorf("%s: eta.latest is %v, and the new answer was there %v earlier", cause, latest, late)
		}
	}
}
