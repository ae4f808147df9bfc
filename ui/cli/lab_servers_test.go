package cli_test

import (
	"context"
	"fmt"
	"io"
	"net/rpc"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

func labZoneFile(zone string) string {
	if zone == "." {
		return "root.zone"
	}
	return zone + ".zone"
}

type labNamed struct{ Name, Address string }

func labRootData(plan labPlan) any {
	var data struct {
		Roots []labNamed
		TLDs  []string
	}
	for i, a := range plan.roots {
		data.Roots = append(data.Roots, labNamed{string(rune('a'+i)) + "." + plan.rootName, a})
	}
	for _, tld := range labTLDs {
		if !strings.Contains(tld, ".") {
			data.TLDs = append(data.TLDs, tld)
		}
	}
	return data
}

// labStaticZones returns the zones that have no variables: those of shared hosts, and that of the tenants' DNS host.
func labStaticZones(t *testing.T) (infra map[string]string, hostco string) {
	t.Helper()
	files, err := filepath.Glob("testdata/lab/zones/*.zone")
	if err != nil || len(files) == 0 {
		t.Fatalf("no zones in testdata/lab/zones: %v", err)
	}
	infra = map[string]string{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		infra[strings.TrimSuffix(filepath.Base(file), ".zone")] = string(text)
	}
	hostco = infra["hostco.net"]
	delete(infra, "hostco.net")
	return infra, hostco
}

type labDelegation struct {
	Apex string
	NS   []string
}

// tldZones returns the zones of the TLDs with their delegations.
func (l *lab) tldZones(t *testing.T, plan labPlan) map[string]string {
	t.Helper()
	infra, _ := labStaticZones(t)
	list := []labDelegation{{"hostco.net", []string{"ns1.hostco.net", "ns2.hostco.net"}}}
	for zone := range infra {
		list = append(list, labDelegation{zone, []string{"ns-418.awsdns-52.com"}})
	}
	for _, c := range plan.cases {
		if ns := c.nameservers(); len(ns) > 0 {
			list = append(list, labDelegation{c.apex(), ns})
		}
	}
	out := map[string]string{}
	for _, tld := range labTLDs {
		var data struct {
			Name        string
			Delegations []labDelegation
			Glue        []labNamed
		}
		data.Name = tld
		for _, d := range list {
			if labTLD(d.Apex) == tld {
				data.Delegations = append(data.Delegations, d)
			}
		}
		for _, g := range []labNamed{
			{"ns1.hostco.net", labHost1},
			{"ns2.hostco.net", labHost2},
			{"ns-418.awsdns-52.com", labInfra},
		} {
			if labTLD(g.Name) == tld {
				data.Glue = append(data.Glue, g)
			}
		}
		out[tld] = l.fill(t, "tld.zone", data)
	}
	return out
}

// labTLD returns the lab's TLD of a name, the longest that matches.
func labTLD(name string) string {
	longest := ""
	for _, tld := range labTLDs {
		if strings.HasSuffix(name, "."+tld) && len(tld) > len(longest) {
			longest = tld
		}
	}
	return longest
}

// tenantZone completes a zone's records with SOA and NS records, unless they are in the text.
func (l *lab) tenantZone(t *testing.T, apex, text string, serial int, ns ...string) string {
	t.Helper()
	if strings.Contains(text, "@ NS ") {
		ns = nil
	}
	return l.fill(t, "tenant.zone", map[string]any{
		"Apex": apex, "Text": text, "Serial": serial,
		"HasSOA": strings.Contains(text, " SOA "), "NS": ns,
	})
}

func (l *lab) startNSD(t *testing.T, name string, addresses []string, zones map[string]string) {
	t.Helper()
	dir := filepath.Join(l.dir, name)
	var names []string
	for zone, text := range zones {
		names = append(names, zone)
		l.write(t, text, name, labZoneFile(zone))
	}
	slices.Sort(names)
	conf := l.write(t, l.fill(t, "nsd.conf", map[string]any{
		"Name": name, "Addresses": addresses, "Dir": dir,
		"Zones": names,
	}), name, "nsd.conf")
	cmd := l.inside(context.Background(), l.ns, nil, l.tools.nsd, "-d", "-c", conf)
	l.serve(t, "nsd-"+name, cmd)
	l.nsd[name], l.hosts[name] = cmd, dir
}

// publish replaces a zone at the tenants' DNS host, as an edit in its panel does, and returns when both servers serve
// it.
func (l *lab) publish(t *testing.T, zones map[string]string, serial int) {
	t.Helper()
	for _, host := range []string{"host1", "host2"} {
		for apex, text := range zones {
			l.write(t, l.tenantZone(t, apex, text, serial), host, labZoneFile(apex))
		}
		if err := l.nsd[host].Process.Signal(syscall.SIGHUP); err != nil {
			t.Fatalf("%s: %v", host, err)
		}
	}
	for _, address := range []string{labHost1, labHost2} {
		for apex := range zones {
			l.await(t, fmt.Sprintf("%s to serve %s with serial %d", address, apex, serial), func() error {
				return l.serves(address, apex, serial)
			})
		}
	}
}

// startUnbound starts the resolvers. With a trust anchor they validate.
func (l *lab) startUnbound(t *testing.T, plan labPlan) {
	t.Helper()
	program := l.copied(t, l.tools.unbound, "")
	hints := labHints(plan)
	for _, address := range plan.resolvers {
		dir := filepath.Join(l.dir, "unbound-"+address)
		l.write(t, hints, "unbound-"+address, "root.hints")
		if l.anchor != "" {
			l.write(t, l.anchor, "unbound-"+address, "anchor")
		}
		conf := l.write(t, l.fill(t, "unbound.conf", map[string]any{
			"Address": address, "Dir": dir,
			"Validates": l.anchor != "", "Stuck": labStuck(plan), "Silent": labSilent,
		}), "unbound-"+address, "unbound.conf")
		cmd := l.inside(context.Background(), l.ns, nil, program, "-d", "-c", conf)
		l.serve(t, "unbound-"+address, cmd)
		l.nsd["unbound-"+address] = cmd
	}
}

// copied copies a server's program into the lab's directory. Debian's AppArmor profiles keep some servers from
// reading a configuration elsewhere; they go by the program's path.
func (l *lab) copied(t *testing.T, program, dir string) string {
	t.Helper()
	text, err := os.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	to := filepath.Join(l.dir, dir, filepath.Base(program)+"-program")
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, text, 0o700); err != nil {
		t.Fatal(err)
	}
	return to
}

func labHints(plan labPlan) string {
	var hints strings.Builder
	for i, a := range plan.roots {
		host := string(rune('a'+i)) + "." + plan.rootName
		fmt.Fprintf(&hints, ". 3600000 NS %s.\n%s. 3600000 A %s\n", host, host, a)
	}
	return hints.String()
}

func (l *lab) startNginx(t *testing.T, plan labPlan) {
	t.Helper()
	data := map[string]any{"Dir": l.dir, "Edge1": labEdge1, "Edge2": labEdge2, "IANA": labIANA, "Registry": labRegistry}
	var sites []labSite
	var throttled []string
	for _, c := range plan.cases {
		sites = append(sites, c.sites()...)
		if c.registry.rdap == "throttled" {
			throttled = append(throttled, "/"+labRDAPPath(c.apex()))
		}
	}
	data["Sites"], data["Throttled"] = sites, throttled
	for path, text := range labRegistryFiles(plan.cases) {
		l.write(t, text, "registry", path)
	}
	conf := l.write(t, l.fill(t, "nginx.conf", data), "nginx.conf")
	l.serve(t, "nginx", l.inside(context.Background(), l.ns, nil, l.tools.nginx, "-p", l.dir, "-c", conf, "-e",
		"stderr"))
}

// startRole starts this test binary as the lab's own servers.
func (l *lab) startRole(t *testing.T, plan labPlan) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := l.inside(context.Background(), l.ns, []string{
		"DOMDOC_TEST_ROLE=lab", "SSL_CERT_FILE=" + filepath.Join(l.dir, "root.pem"),
	}, self)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout = w
	l.serve(t, "role", cmd)
	_ = w.Close()
	l.role = rpc.NewClient(struct {
		io.Reader
		io.WriteCloser
	}{r, in})
	t.Cleanup(func() { _ = l.role.Close() })
	servers := LabServers{
		WHOIS: map[string]map[string]string{labWHOISTop: labWHOISServers(), labWHOIS43: {}},
		API:   labAPIPaths(plan.cases), Odd: map[string]string{}, OddAddress: labOdd,
	}
	for _, c := range plan.cases {
		if reply := c.whoisReply(); reply != "" {
			servers.WHOIS[labWHOIS43][c.apex()] = reply
		}
		if slices.Contains(c.nameservers(), "odd.elsewhere.net") {
			servers.Odd[c.apex()] = l.tenantZone(t, c.apex(), c.zone, 1, "odd.elsewhere.net")
		}
	}
	if err := l.role.Call("LabRole.Start", servers, nil); err != nil {
		t.Fatalf("the lab's own servers: %v", err)
	}
}
