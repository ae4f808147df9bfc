package cli_test

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"domdoc/api/sandbox"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"
)

// testNeighbor checks a zone that its server drops, and then a healthy one on the same server, in one run.
func (l *lab) testNeighbor(t *testing.T) {
	r := l.domdoc(nil, "check", "shop.dropped-tinydns.com", labNeighbor.domain, "-o", "json", "--jobs", "1").report(t)
	verdicts := map[string]string{}
	for _, d := range r.Domains {
		verdicts[d.Domain] = d.Verdict
	}
	want := map[string]string{"shop.dropped-tinydns.com": "fail", labNeighbor.domain: "pass"}
	if diff := cmp.Diff(want, verdicts); diff != "" {
		t.Errorf("verdicts (-want +got):\n%s", diff)
	}
}

// labVerdict is what does not depend on the resolvers.
func labVerdict(r *labReport) []string {
	out := append([]string{r.Domains[0].Verdict}, labRootCauses(r.Domains[0].Findings)...)
	for _, c := range r.Domains[0].Codes {
		out = append(out, c.Code+" "+c.State)
	}
	return append(out, labRootCauses(r.Vantage.Findings)...)
}

// behindOthers returns the lab as seen from a machine to which Knot Resolver is at 8.8.8.8 and PowerDNS Recursor at
// 1.1.1.1, both of which validate.
func (l *lab) behindOthers(t *testing.T) *lab {
	t.Helper()
	away := l.from(t, 200, labView{closed: labResolvers})
	ds := l.rootKey(t).ToDS(dns.SHA256)
	hints := labHints(labPlan{roots: labRoots, rootName: "root-servers.net"})
	for _, r := range []struct {
		name, address, program, file, config string
		args                                 []string
	}{
		{
			"other-kresd", "8.8.8.8", "kresd", "conf", `net.listen('8.8.8.8', 53, { kind = 'dns' })
net.ipv6 = false
cache.open(10 * MB, 'lmdb://%[1]s')
modules = { 'hints > iterate' }
hints.root({ ['a.root-servers.net.'] = '198.41.0.4' })
trust_anchors.remove('.')
trust_anchors.add([[%[2]s]])
`, []string{"-n", "-c"},
		},
		{
			"other-recursor", "1.1.1.1", "pdns_recursor", "recursor.conf",
			"local-address=1.1.1.1\nsocket-dir=%[1]s\nhint-file=%[1]s/root.hints\nlua-config-file=%[1]s/anchor.lua\n" +
				"dnssec=validate\ndaemon=no\nsetuid=\nsetgid=\nthreads=1\nallow-from=0.0.0.0/0\nsecurity-poll-suffix=\n" +
				"server-id=FRA\nextended-resolution-errors=yes\n%.0[2]s",
			nil,
		},
	} {
		dir := filepath.Join(l.dir, r.name)
		l.write(t, hints, r.name, "root.hints")
		l.write(t, fmt.Sprintf("clearTA('.')\naddTA('.', \"%d %d %d %s\")\n", ds.KeyTag, ds.Algorithm, ds.DigestType,
			ds.Digest), r.name, "anchor.lua")
		config := l.write(t, fmt.Sprintf(r.config, dir, l.rootKey(t)), r.name, r.file)
		args := append(slices.Clone(r.args), config)
		if r.args == nil {
			args = []string{"--config-dir=" + dir}
		}
		cmd := l.inside(context.Background(), away.home, nil, l.copied(t, labProgram(r.program), r.name), args...)
		cmd.Dir = dir
		l.serve(t, r.name, cmd)
	}
	for _, address := range labResolvers {
		l.await(t, address+" to resolve on the other machine", func() error {
			r := away.domdoc(nil, "propagation", "data.iana.org", "--type", "A", "--authoritative=false", "--resolver",
				address,
				"--expect", labIANA, "-o", "jsonl")
			if r.err == nil && r.exit != 0 {
				r.err = fmt.Errorf("exit code %d: %s%s", r.exit, r.stdout, r.stderr)
			}
			return r.err
		})
	}
	return away
}

// TestStoriesSeen: the line seen-on of a story lists the servers on which the lab has the same, and no others.
func TestStoriesSeen(t *testing.T) {
	seen := map[string][]string{}
	add := func(story string, keys ...string) {
		for _, key := range keys {
			if release := labHostOf(key).release; !slices.Contains(seen[story], release) {
				seen[story] = append(seen[story], release)
			}
		}
	}
	for _, k := range slices.Concat(labKinds, labSignedKinds) {
		add(k.story, k.on...)
	}
	for _, c := range labSignedCases {
		add(c.story, "nsd")
	}
	delete(seen, "")
	stories, _, err := sandbox.ReadStories(sandbox.Scenarios())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range stories {
		want := slices.Sorted(slices.Values(seen[s.Name]))
		if got := slices.Sorted(slices.Values(s.Seen)); !slices.Equal(got, want) {
			t.Errorf("%s: want the line\nseen-on %s\nnot %q", s.File, strings.Join(want, ", "), got)
		}
		delete(seen, s.Name)
	}
	for name := range seen {
		t.Errorf("there is no story %s", name)
	}
}
