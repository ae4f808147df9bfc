package probe

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"domdoc/api/sandbox"
	"domdoc/checks/probe/registration"
	"domdoc/checks/probe/transport"
)

// benchEndings are those of BenchmarkLookUp. The first five have RDAP in the sandbox, the others WHOIS only.
var benchEndings = strings.Fields(`example com net org uk nl be it se dk fi no pl cz sk hu ro bg gr pt es ie at lu lt lv
	ee hr si is tr jp kr in id th vn sg hk tw`)

// benchWorld is the sandbox's world with more endings, and a story for each of them that holds names.
func benchWorld(b *testing.B, registered int) fs.FS {
	b.Helper()
	world, err := fs.ReadFile(sandbox.Scenarios(), "_world.txtar")
	if err != nil {
		b.Fatal(err)
	}
	var more []string
	for _, e := range benchEndings {
		if !strings.Contains(string(world), "\n"+e+"\n") {
			more = append(more, e)
		}
	}
	text := strings.Replace(string(world), "-- tlds --\n", "-- tlds --\n"+strings.Join(more, "\n")+"\n", 1)
	out := fstest.MapFS{"_world.txtar": {Data: []byte(text)}}
	for _, e := range benchEndings {
		var s strings.Builder
		fmt.Fprintf(&s, "Names below .%s\n\n-- story --\ndomain held0.%[1]s\nunlisted\ncdn none\ncertificate none\n", e)
		for i := range registered {
			fmt.Fprintf(&s, "-- zone held%d.%s --\n@ A 192.0.2.1\n", i, e)
		}
		s.WriteString("-- expect --\npass\n")
		out["bench-"+e+".txtar"] = &fstest.MapFile{Data: []byte(s.String())}
	}
	return out
}

// BenchmarkLookUp looks up 2,000 names of 40 endings at the sandbox's registries, one half of which are registered. The
// questions are not paced: it measures the work, of which real registries leave a fraction.
func BenchmarkLookUp(b *testing.B) {
	const held, free = 25, 25
	world, err := sandbox.Start(sandbox.Options{Stories: benchWorld(b, held)})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(world.Close)
	var names []string
	for i := range held {
		for _, e := range benchEndings {
			names = append(names, fmt.Sprintf("held%d.%s", i, e))
		}
	}
	for i := range free {
		for _, e := range benchEndings {
			names = append(names, fmt.Sprintf("free%d.%s", i, e))
		}
	}
	if len(names) != 2000 {
		b.Fatalf("%d names", len(names))
	}
	live := transport.NewLive(world.Dial, world.Roots())
	live.SetClock(world.Now)
	b.Cleanup(live.Close)
	b.ReportAllocs()
	for b.Loop() {
		s := openSession(b, live, Options{
			Resolvers: DefaultResolvers(), Now: world.Now, TrustedRoots: world.Roots(),
			HasIPv6: func() bool { return true },
		})
		n := 0
		s.LookUp(b.Context(), LookUpOptions{}, slices.Values(names), func(name string, r *RegistrationReport) {
			n++
			want := registration.NotRegistered
			if strings.HasPrefix(name, "held") {
				want = registration.Registered
			}
			if r.State != want {
				b.Errorf("%s is %s, want %s: %s", name, r.State, want, r.Reason)
			}
		})
		if n != len(names) {
			b.Errorf("%d of %d names are done", n, len(names))
		}
		s.Close()
	}
	b.ReportMetric(float64(len(names)*b.N)/b.Elapsed().Seconds(), "names/s")
}
