//go:build unix

package sandbox

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"domdoc/api/sandbox/story"

	"github.com/miekg/dns"
)

// nsd starts a real name server on loopback with zones in master file format by name.
func nsd(t testing.TB, zones map[string]string) string {
	t.Helper()
	program, err := exec.LookPath("nsd")
	if err != nil {
		for _, p := range []string{"/usr/sbin/nsd", "/usr/local/sbin/nsd"} {
			if _, statErr := os.Stat(p); statErr == nil {
				program, err = p, nil
			}
		}
	}
	if err != nil {
		t.Skip("nsd is not installed: nothing to compare the sandbox with")
	}
	pc, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := pc.LocalAddr().(*net.UDPAddr)
	_ = pc.Close()
	dir := t.TempDir()
	var conf strings.Builder
	fmt.Fprintf(&conf,
		"server:\n  server-count: 1\n  ip-address: 127.0.0.1@%d\n  username: \"\"\n  chroot: \"\"\n  zonesdir: %q\n  "+
			"zonelistfile: %q\n  xfrdfile: %q\n  xfrdir: %q\n  pidfile: \"\"\n  logfile: %q\n", addr.Port, dir,
		dir+"/zone.list", dir+"/xfrd.state", dir, dir+"/nsd.log")
	conf.WriteString(
		"  minimal-responses: yes\n  confine-to-zone: yes\n  refuse-any: no\n  rrl-ratelimit: 0\n  " +
			"rrl-whitelist-ratelimit: 0\nremote-control:\n  control-enable: no\n")
	for name, text := range zones {
		file := filepath.Join(dir, strings.ReplaceAll(name, "*", "_")+"zone")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&conf, "zone:\n  name: %q\n  zonefile: %q\n", name, file)
	}
	if err := os.WriteFile(dir+"/nsd.conf", []byte(conf.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "-d", "-c", dir+"/nsd.conf")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // its children end with it
	if err := cmd.Start(); err != nil {
		t.Skip("nsd does not start: ", err)
	}
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait()
		close(ended)
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-ended:
		case <-time.After(5 * time.Second):
			_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
			<-ended
		}
	})
	for range 100 {
		m := new(dns.Msg).SetQuestion("version.server.", dns.TypeTXT)
		m.Question[0].Qclass = dns.ClassCHAOS
		if _, _, err := (&dns.Client{Timeout: 100 * time.Millisecond}).Exchange(m, addr.String()); err == nil {
			return addr.String()
		}
		select {
		case <-ended:
			log, _ := os.ReadFile(dir + "/nsd.log")
			t.Skipf("nsd ended: %s", log)
		case <-time.After(50 * time.Millisecond):
		}
	}
	t.Skip("nsd does not answer")
	return ""
}

// essence returns what a resolver learns from a response as text: code, authority, the answer, and from the authority
// section the SOA of a denial or the NS of a referral with glue. Order and case do not matter; servers may add
// further records.
func essence(m *dns.Msg) string {
	var out []string
	add := func(section string, rrs []dns.RR, types ...uint16) {
		for _, rr := range rrs {
			if len(types) == 0 || slices.Contains(types, rr.Header().Rrtype) {
				out = append(out, section+" "+strings.ToLower(shown([]dns.RR{rr})[0]))
			}
		}
	}
	add("answer", m.Answer)
	add("authority", m.Ns, dns.TypeSOA, dns.TypeNS)
	if !m.Authoritative && len(m.Answer) == 0 {
		add("glue", m.Extra, dns.TypeA, dns.TypeAAAA)
	}
	slices.Sort(out)
	out = slices.Compact(out) // sets: TestLoopInAZone is about repetition
	return fmt.Sprintf("%s aa=%v\n%s", dns.RcodeToString[m.Rcode], m.Authoritative, strings.Join(out, "\n"))
}

// compare compares the sandbox's response with that of nsd.
func compare(t testing.TB, real string, name string, rrtype uint16, ours *dns.Msg) {
	t.Helper()
	q := new(dns.Msg).SetQuestion(name, rrtype)
	q.RecursionDesired = false
	q.SetEdns0(4096, false)
	c := dns.Client{Timeout: 5 * time.Second, UDPSize: 4096}
	theirs, _, err := c.Exchange(q, real)
	if err == nil && theirs.Truncated {
		c.Net = "tcp"
		theirs, _, err = c.Exchange(q, real)
	}
	if err != nil {
		t.Fatalf("%s %s at nsd: %v", name, dns.Type(rrtype), err)
	}
	if got, want := essence(ours), essence(theirs); got != want {
		t.Errorf("%s %s\nthe sandbox: %s\nnsd: %s", name, dns.Type(rrtype), got, want)
	}
}

// TestLikeNSD: the sandbox answers queries for the zone of RFC 4592 as a real server.
func TestLikeNSD(t *testing.T) {
	t.Parallel()
	const zone = "wildcards.example"
	real := nsd(t, map[string]string{zone + ".": "$ORIGIN " + zone + ".\n$TTL 300\n" + rfc4592})
	z, err := parseZone(zone, rfc4592, story.HostNames([]string{"hoster"}))
	if err != nil {
		t.Fatal(err)
	}
	names := []string{
		"", "x.y.z", "host1", "x.host1", "_tcp.host1", "x._tcp.host1", "glued", "deep.below.glued",
		"subdel", "*.cname", "x.y.cname", "sub.*", "x.sub.*", "x.*", "*.*", "UPPER",
	}
	for _, q := range questions {
		names = append(names, q.name)
	}
	slices.Sort(names)
	n := 0
	for _, name := range slices.Compact(names) {
		full := dns.CanonicalName(strings.TrimPrefix(name+"."+zone, "."))
		for _, rrtype := range []uint16{
			dns.TypeA, dns.TypeAAAA, dns.TypeTXT, dns.TypeMX, dns.TypeCNAME, dns.TypeNS,
			dns.TypeSOA, dns.TypeDS, dns.TypeSRV, dns.TypeCAA,
		} {
			ours := new(dns.Msg)
			z.answer(ours, full, rrtype, false)
			compare(t, real, full, rrtype, ours)
			n++
		}
	}
	if n < 300 {
		t.Errorf("only %d questions were compared", n)
	}
}

// TestStoriesLikeNSD: the same for the zones of all stories that nsd can load: it rejects those that are invalid on
// purpose.
func TestStoriesLikeNSD(t *testing.T) {
	t.Parallel()
	b := start(t, Options{})
	zones, texts := map[string]*zone{}, map[string]string{}
	for _, s := range b.Stories() {
		in, err := b.instance(s, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, z := range in.zones {
			if !z.old && zones[z.name] == nil {
				zones[z.name] = z.zone
			}
		}
	}
	for _, z := range b.world.zones {
		zones[z.name] = z.zone
	}
	for name, z := range zones {
		var text strings.Builder
		for _, node := range z.nodes {
			for _, rrs := range node {
				for _, rr := range rrs {
					text.WriteString(rr.String() + "\n")
				}
			}
		}
		texts[name] = text.String()
	}
	real := nsd(t, texts)
	loaded, n := 0, 0
	for name, z := range zones {
		soa, _, err := (&dns.Client{Timeout: 5 * time.Second}).Exchange(new(dns.Msg).SetQuestion(name, dns.TypeSOA), real)
		if err != nil || !soa.Authoritative {
			continue
		}
		loaded++
		asked := []string{name, "dd-0123456789ab." + name, "a.dd-0123456789ab." + name}
		for owner := range z.nodes {
			asked = append(asked, owner, "dd-0123456789ab."+owner)
		}
		for owner := range z.ents {
			asked = append(asked, owner, "dd-0123456789ab."+owner)
		}
		slices.Sort(asked)
		for _, owner := range slices.Compact(asked) {
			if deepest(zones, owner) != name {
				continue // nsd has the zone below as well, and answers from there
			}
			for _, rrtype := range []uint16{dns.TypeA, dns.TypeAAAA, dns.TypeTXT, dns.TypeCNAME, dns.TypeCAA, dns.TypeNS} {
				ours := new(dns.Msg)
				z.answer(ours, owner, rrtype, false)
				compare(t, real, owner, rrtype, ours)
				n++
			}
		}
	}
	t.Logf("%d of %d zones, %d questions", loaded, len(zones), n)
	if loaded < len(zones)*3/4 {
		t.Errorf("nsd took %d of %d zones", loaded, len(zones))
	}
}

// deepest returns the zone that a name belongs to.
func deepest(zones map[string]*zone, name string) string {
	best := ""
	for z := range zones {
		if dns.IsSubDomain(z, name) && len(z) > len(best) {
			best = z
		}
	}
	return best
}

// TestOddZonesLikeNSD: the same for loops, and for wildcards that exist only because of a name below them (RFC 4592
// 2.2.3).
func TestOddZonesLikeNSD(t *testing.T) {
	t.Parallel()
	const text = `@ 3600 SOA ns1.hoster.example. h 1 2 3 4 300
@ 3600 NS ns1.hoster.example.
a CNAME b
b CNAME a
self CNAME self
tail CNAME a
sub.* TXT a
twice 300 A 192.0.2.1
twice 300 A 192.0.2.1
*.wild CNAME to.wild
*.ping CNAME x.pong
*.pong CNAME y.ping
below.*.deep TXT b
other.deep TXT c
`
	real := nsd(t, map[string]string{"odd.example.": "$ORIGIN odd.example.\n$TTL 300\n" + text})
	z, err := parseZone("odd.example", text, story.HostNames([]string{"hoster"}))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{
		"a", "b", "self", "tail", "x", "x.y", "sub.*", "*", "twice", "x.wild", "to.wild",
		"x.ping", "y.ping", "x.pong", "x.deep", "x.y.deep", "x.other.deep", "*.deep", "below.*.deep", "deep",
	} {
		for _, rrtype := range []uint16{dns.TypeA, dns.TypeTXT, dns.TypeCNAME} {
			ours := new(dns.Msg)
			z.answer(ours, name+".odd.example.", rrtype, false)
			compare(t, real, name+".odd.example.", rrtype, ours)
		}
	}
}
