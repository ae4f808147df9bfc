package cli_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// startGdnsd starts gdnsd, which sends a CNAME without what it leads to, and a record that stands twice twice.
func (l *lab) startGdnsd(t *testing.T, h labHost, zones map[string]string) {
	t.Helper()
	dir := filepath.Join(l.dir, h.key)
	for apex, text := range zones {
		l.write(t, text, h.key, "zones", apex)
	}
	for _, name := range []string{"run", "state"} {
		if err := os.MkdirAll(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	l.write(t, fmt.Sprintf("options => { listen => %s, run_dir => %s/run, state_dir => %[2]s/state }\n", h.address, dir),
		h.key, "config")
	l.serve(t, h.key, l.inside(context.Background(), l.ns, nil, labProgram(h.program), "-c", dir, "start"))
}

// startYADIFA starts YADIFA, which sends what a CNAME leads to before the CNAME, and has no zone that holds a record of
// a type it does not know, CAA among them.
func (l *lab) startYADIFA(t *testing.T, h labHost, zones map[string]string) {
	t.Helper()
	dir := filepath.Join(l.dir, h.key)
	conf := fmt.Sprintf("<main>\n chroot off\n daemonize off\n uid 0\n gid 0\n logpath \"%[1]s\"\n"+
		" pidfile \"%[1]s/pid\"\n datapath \"%[1]s\"\n"+
		" keyspath \"%[1]s\"\n xfrpath \"%[1]s\"\n listen %[2]s port 53\n</main>\n", dir, h.address)
	for apex, text := range zones {
		l.write(t, text, h.key, labZoneFile(apex))
		conf += fmt.Sprintf("<zone>\n domain %s\n file %s\n type master\n</zone>\n", apex, labZoneFile(apex))
	}
	l.serve(t, h.key, l.inside(context.Background(), l.ns, nil, labProgram(h.program), "-c",
		l.write(t, conf, h.key, "yadifad.conf")))
}
