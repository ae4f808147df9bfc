package cli_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net/rpc"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"text/template"
	"time"

	"github.com/miekg/dns"
)

// Addresses of the lab. They are public ones, routed to the namespace's own loopback interface.
const (
	labEdge1    = "13.32.10.1"
	labEdge2    = "13.32.10.2"
	labWeb      = "185.199.1.10"   // another provider's web server
	labClosed   = "185.199.1.99"   // nothing listens there
	labSilent   = "185.199.1.98"   // packets to it are lost
	labHost1    = "46.4.10.1"      // ns1.hostco.net
	labHost2    = "46.4.10.2"      // ns2.hostco.net
	labOdd      = "85.13.20.9"     // odd.elsewhere.net
	labInfra    = "205.251.194.99" // ns-418.awsdns-52.com
	labIANA     = "192.0.43.8"
	labRegistry = "192.30.45.30"
	labWHOISTop = "192.0.32.59"
	labWHOIS43  = "192.30.45.31"
	labBIND     = "46.4.10.3" // bind.elsewhere.net
)

var (
	labTLDServers = []string{"192.5.6.30", "192.33.14.30"}
	labTLDs       = []string{"com", "net", "org", "io", "uk", "co.uk", "pk", "gr", "services"}
	// labRoots are all thirteen root servers: a packet to an address outside the lab is a fault of domdoc.
	labRoots = []string{
		"198.41.0.4", "170.247.170.2", "192.33.4.12", "199.7.91.13", "192.203.230.10", "192.5.5.241", "192.112.36.4",
		"198.97.190.53", "192.36.148.17",
		"192.58.128.30", "193.0.14.129", "199.7.83.42", "202.12.27.33",
	}
	labResolvers = []string{"8.8.8.8", "1.1.1.1"}
	// labAddresses are all others.
	labAddresses = slices.Concat(labResolvers, labTLDServers,
		[]string{
			labEdge1, labEdge2, labWeb, labClosed, labHost1, labHost2, labOdd, labInfra, labIANA, labRegistry,
			labWHOISTop, labWHOIS43, labBIND,
		}, labHostAddresses())
)

// labPlan describes a lab.
type labPlan struct {
	roots     []string // where the root is served
	rootName  string   // of the root's servers, a letter before it
	resolvers []string // that run
	lost      []string // addresses to which every packet is lost
	cases     []labCase
	// signed has the root, .com and the cases' zones signed by BIND's own tools; Unbound validates at 8.8.8.8, BIND at
	// 1.1.1.1.
	signed bool
	// unbound has Unbound at all addresses of resolvers, and no BIND.
	unbound bool
}

// lab is a network namespace in which real servers play the Internet. Nothing outside it can be reached. It ends with
// the test, or with its process.
type lab struct {
	tools   labTools
	ns      string // where the servers are
	home    string // where the program runs
	dir     string
	ca      *labCA
	role    *rpc.Client
	nsd     map[string]*exec.Cmd
	hosts   map[string]string // the directory of each NSD's zone files
	ownDS   map[string]string // the DS records of zones that PowerDNS has signed
	anchor  string            // the key of a signed root, as a record
	servers []*exec.Cmd
	exits   sync.WaitGroup
}

// startLab builds the namespace and returns when every server in it answers.
func startLab(t *testing.T, tools labTools, plan labPlan) *lab {
	t.Helper()
	if plan.roots == nil {
		plan.roots, plan.rootName = labRoots, "root-servers.net"
	}
	l := &lab{tools: tools, dir: t.TempDir(), nsd: map[string]*exec.Cmd{}, hosts: map[string]string{}}
	l.ns = newLabNamespace(t, tools)
	l.home = l.ns
	t.Cleanup(l.stop) // before the namespace goes
	var err error
	if l.ca, err = newLabCA(l.dir); err != nil {
		t.Fatal(err)
	}
	commands := []string{"link set lo up"}
	for _, a := range slices.Concat(plan.roots, labAddresses) {
		if !slices.Contains(plan.lost, a) {
			commands = append(commands, "addr add "+a+"/32 dev lo")
		}
	}
	for _, a := range append([]string{labSilent}, plan.lost...) {
		commands = append(commands, labLost(a))
	}
	l.ip(t, l.ns, commands)
	l.startRole(t, plan)
	infra, hostco := labStaticZones(t)
	root, tlds := l.fill(t, "root.zone", labRootData(plan)), l.tldZones(t, plan)
	var hosts []map[string]string
	for i := range 2 {
		zones := map[string]string{"hostco.net": hostco}
		for _, c := range plan.cases {
			if c.hosted() {
				zones[c.apex()] = l.tenantZone(t, c.apex(), c.zoneAt(i), 1, "ns1.hostco.net", "ns2.hostco.net")
			}
			if c.child != "" {
				zones["dev."+c.apex()] = l.tenantZone(t, "dev."+c.apex(), c.child, 1, "ns1.hostco.net", "ns2.hostco.net")
			}
		}
		hosts = append(hosts, zones)
	}
	kinds := l.hostZones(t, plan)
	if plan.signed {
		root, l.anchor = l.sign(t, plan, root, tlds, append(slices.Clone(hosts), kinds...))
	}
	l.startNSD(t, "root", plan.roots, map[string]string{".": root})
	l.startNSD(t, "tld", labTLDServers, tlds)
	l.startNSD(t, "infra", []string{labInfra}, infra)
	for i, address := range []string{labHost1, labHost2} {
		l.startNSD(t, fmt.Sprintf("host%d", i+1), []string{address}, hosts[i])
	}
	l.startHosts(t, kinds)
	if plan.signed && !plan.unbound {
		l.startBIND(t, plan)
	}
	l.startUnbound(t, plan)
	l.startNginx(t, plan)
	l.ready(t, plan)
	return l
}

// newLabNamespace makes a network namespace, and a janitor that ends everything in it when the test or its process
// ends.
func newLabNamespace(t *testing.T, tools labTools) string {
	t.Helper()
	var random [4]byte
	_, _ = rand.Read(random[:])
	ns := "domdoc-lab-" + hex.EncodeToString(random[:])
	if out, err := exec.Command(tools.ip, "netns", "add", ns).CombinedOutput(); err != nil {
		labMissing(t, "a network namespace cannot be made here: %s", bytes.TrimSpace(out))
	}
	janitor := exec.Command("/bin/sh", "-c", `
		trap "" INT TERM HUP
		cat >/dev/null
		while pids=$("$0" netns pids "$1") && [ -n "$pids" ]; do kill -9 $pids; sleep 0.05; done
		"$0" netns del "$1"`, tools.ip, ns)
	hold, err := janitor.StdinPipe()
	if err == nil {
		err = janitor.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = hold.Close()
		if err := janitor.Wait(); err != nil {
			t.Errorf("the namespace %s could not be removed: %v", ns, err)
		}
	})
	return ns
}

// labView is how a machine sees the lab over a cable.
type labView struct {
	lost   []string // addresses to which every packet is lost
	closed []string // addresses at which nobody listens
	// only are the addresses that can be reached, and every other packet is lost; nil is all of the lab's, and no way
	// to any other.
	only []string
}

// from returns the lab as seen from another machine. Each needs a number of its own.
func (l *lab) from(t *testing.T, number int, v labView) *lab {
	t.Helper()
	away := &lab{tools: l.tools, dir: l.dir, ns: l.ns, home: newLabNamespace(t, l.tools)}
	cable, network := fmt.Sprintf("cable%d", number), fmt.Sprintf("10.66.%d.", number)
	l.ip(t, l.ns, []string{
		"link add " + cable + " type veth peer name cable netns " + away.home,
		"link set " + cable + " up", "addr add " + network + "1/24 dev " + cable,
	})
	commands := []string{"link set lo up", "link set cable up", "addr add " + network + "2/24 dev cable"}
	reach := slices.Concat(labRoots, labAddresses)
	if v.only != nil {
		reach = v.only
		commands = append(commands, labLost("default"))
	}
	for _, a := range reach {
		switch {
		case slices.Contains(v.lost, a):
			commands = append(commands, labLost(a))
		case slices.Contains(v.closed, a):
			commands = append(commands, "addr add "+a+"/32 dev lo")
		default:
			commands = append(commands, "route add "+a+" via "+network+"1")
		}
	}
	l.ip(t, away.home, commands)
	return away
}

// noLab is a machine without a network: the kernel refuses to send packets, or drops them.
func noLab(t *testing.T, tools labTools, loses bool) *lab {
	t.Helper()
	l := &lab{tools: tools, dir: t.TempDir(), home: newLabNamespace(t, tools)}
	commands := []string{"link set lo up"}
	if loses {
		commands = append(commands, labLost("default"))
	}
	l.ip(t, l.home, commands)
	return l
}

// labLost is a route that drops packets: the kernel silently drops what lo delivers to an address that no interface
// has.
func labLost(to string) string { return "route add " + to + " dev lo" }

func (l *lab) ip(t *testing.T, ns string, commands []string) {
	t.Helper()
	ip := exec.Command(l.tools.ip, "-n", ns, "-batch", "-")
	ip.Stdin = strings.NewReader(strings.Join(commands, "\n") + "\n")
	if out, err := ip.CombinedOutput(); err != nil {
		t.Fatalf("ip: %v: %s", err, out)
	}
}

// inside returns a command that runs in a namespace with the given environment.
func (l *lab) inside(ctx context.Context, ns string, env []string, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, l.tools.ip, append([]string{"netns", "exec", ns, name}, args...)...)
	cmd.Env, cmd.Dir = slices.Clone(env), l.dir
	return cmd
}

// serve starts a server. Its output is shown if it does not come up.
func (l *lab) serve(t *testing.T, name string, cmd *exec.Cmd) {
	t.Helper()
	log, err := os.Create(filepath.Join(l.dir, name+".log"))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	cmd.Stderr = log
	if cmd.Stdout == nil {
		cmd.Stdout = log
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	l.servers = append(l.servers, cmd)
	l.exits.Go(func() { _ = cmd.Wait() })
}

// stop terminates the servers and waits for them. After three seconds the janitor kills what is left.
func (l *lab) stop() {
	for _, cmd := range l.servers {
		_ = cmd.Process.Signal(syscall.SIGTERM)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		l.exits.Wait()
	}()
	select {
	case <-ended:
	case <-time.After(3 * time.Second):
	}
}

// logs returns the ends of the servers' logs.
func (l *lab) logs() string {
	files, _ := filepath.Glob(filepath.Join(l.dir, "*.log"))
	var b strings.Builder
	for _, file := range files {
		text, _ := os.ReadFile(file)
		fmt.Fprintf(&b, "\n%s:\n%s", filepath.Base(file), text[max(0, len(text)-1000):])
	}
	return b.String()
}

// fill executes a template of testdata/lab.
func (l *lab) fill(t *testing.T, name string, data any) string {
	t.Helper()
	funcs := template.FuncMap{"cert": l.ca.file, "file": labZoneFile, "transfers": labTransfers}
	tmpl, err := template.New(name).Funcs(funcs).ParseFiles("testdata/lab/" + name)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := tmpl.Execute(&b, data); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func (l *lab) write(t *testing.T, text string, path ...string) string {
	t.Helper()
	file := filepath.Join(append([]string{l.dir}, path...)...)
	err := os.MkdirAll(filepath.Dir(file), 0o700)
	if err == nil {
		err = os.WriteFile(file, []byte(text), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// ask queries a DNS server in the lab.
func (l *lab) ask(server, name string, rrtype uint16, recursive bool) (*dns.Msg, error) {
	var raw []byte
	if err := l.role.Call("LabRole.Ask", LabQuestion{server, name, rrtype, recursive}, &raw); err != nil {
		return nil, err
	}
	m := new(dns.Msg)
	return m, m.Unpack(raw)
}

// serves returns an error unless a server has a zone with a serial; 0 is any.
func (l *lab) serves(address, zone string, serial int) error {
	m, err := l.ask(address, zone, dns.TypeSOA, false)
	if err != nil {
		return err
	}
	if !m.Authoritative || len(m.Answer) != 1 {
		return fmt.Errorf("%s has no SOA of %s: %s", address, zone, dns.RcodeToString[m.Rcode])
	}
	if soa := m.Answer[0].(*dns.SOA); serial != 0 && int(soa.Serial) != serial {
		return fmt.Errorf("serial %d", soa.Serial)
	}
	return nil
}

// await waits until a condition holds.
func (l *lab) await(t *testing.T, what string, try func() error) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for {
		err := try()
		if err == nil {
			return
		}
		if errors.Is(err, rpc.ErrShutdown) || time.Now().After(deadline) {
			t.Fatalf("waiting for %s: %v%s", what, err, l.logs())
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// ready waits until every server answers. After it the resolvers' caches are warm, as those of public resolvers are.
func (l *lab) ready(t *testing.T, plan labPlan) {
	t.Helper()
	zones := map[string][]string{plan.roots[0]: {"."}}
	for _, a := range labTLDServers {
		zones[a] = labTLDs
	}
	infra, _ := labStaticZones(t)
	for zone := range infra {
		zones[labInfra] = append(zones[labInfra], zone)
	}
	for _, c := range plan.cases {
		if c.hosted() {
			zones[labHost1], zones[labHost2] = append(zones[labHost1], c.apex()), append(zones[labHost2], c.apex())
		}
	}
	for _, c := range plan.cases {
		for _, h := range c.on {
			if !c.absent && !c.refused {
				zones[labHostOf(h).address] = append(zones[labHostOf(h).address], c.apex())
			}
		}
	}
	for address, list := range zones {
		for _, zone := range list {
			l.await(t, address+" to serve "+zone, func() error { return l.serves(address, zone, 0) })
		}
	}
	for _, r := range plan.resolvers {
		l.await(t, r+" to resolve", func() error {
			m, err := l.ask(r, "data.iana.org", dns.TypeA, true)
			if err == nil && len(m.Answer) == 0 {
				err = errors.New(dns.RcodeToString[m.Rcode])
			}
			return err
		})
	}
	for _, a := range []string{labEdge1 + ":443", labRegistry + ":443", labWHOIS43 + ":43", labAPI} {
		l.await(t, a+" to listen", func() error { return l.role.Call("LabRole.Connect", a, nil) })
	}
}
