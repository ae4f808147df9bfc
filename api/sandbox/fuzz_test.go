package sandbox

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"domdoc/api/sandbox/story"

	"github.com/miekg/dns"
)

// runStory starts a story and queries each kind of server once.
func runStory(t testing.TB, s *story.Story, text string) {
	t.Helper()
	b, err := Start(Options{
		Stories: storyFS(map[string]string{s.Name: text}), Only: []string{s.Name}, Domains: 2,
		After: true,
	})
	if err != nil {
		return // the story may conflict with the world
	}
	defer b.Close()
	in, err := b.instance(b.stories[0], 0)
	if err != nil {
		t.Fatal(err)
	}
	_ = b.api.domainObject(in)
	names := []string{dns.CanonicalName(in.domain), "x." + dns.CanonicalName(in.domain)}
	for _, z := range in.zones {
		names = append(names, z.name)
	}
	for _, name := range names {
		if _, ok := dns.IsDomainName(name); !ok {
			continue
		}
		for _, rrtype := range []uint16{dns.TypeA, dns.TypeTXT, dns.TypeNS, dns.TypeDS, dns.TypeDNSKEY} {
			q := new(dns.Msg).SetQuestion(name, rrtype)
			q.SetEdns0(1232, true)
			for _, server := range []string{"dns.google", "a.root-servers.net", "ns1.hoster.example", "a.nic.example"} {
				if m := b.world.respond(b.world.hosts[b.world.byName[server]], q, false); m != nil {
					_, _ = m.Pack()
				}
			}
		}
		_ = b.registryWHOIS(strings.TrimSuffix(name, "."))
	}
	b.serveRDAP(httptest.NewRecorder(), &http.Request{
		Method: http.MethodGet,
		URL:    &url.URL{Path: "/domain/" + base(in.domain)},
	})
	for _, h := range b.world.hosts {
		if h.role == story.RoleCDN || h.role == roleEdge {
			_, _ = b.certificate(h, in.domain)
		}
	}
}

// FuzzStoryLines: one line or section of each kind in an otherwise valid story.
func FuzzStoryLines(f *testing.F) {
	all := readAll(f, Scenarios())
	seen := map[string]int{}
	for _, s := range all {
		for _, sec := range s.Sections(0) {
			ls, _ := story.ReadLines(sec.Data, 1)
			for _, l := range ls {
				if seen[l.Word(0)]++; sec.Kind == "story" && seen[l.Word(0)] < 8 {
					f.Add(strings.ReplaceAll(l.Text, s.Bases(0)[0], "bad.example"), "zone bad.example", "* A 192.0.2.2",
						`zone bad.example add x 60 TXT "y"`)
				}
			}
		}
	}
	f.Add("before 1m", "zone bad.example @ oldhost before", "$GENERATE 1-9999 h$ A 192.0.2.1",
		"zone bad.example remove shop A")
	f.Add("edge 192.0.2.9 http=reset", "rdap bad.example 200 text/html Retry-After=1", "{}", "edge 192.0.2.9 http=200")
	f.Add("status PENDING", "service GET /domains/v1/{id}/ssl 404", "{}", "certificate ISSUED expires=+3d")
	f.Fuzz(func(t *testing.T, line, heading, data, change string) {
		text := "A title\n-- story --\ndomain shop.bad.example\n" + line +
			"\n-- zone bad.example --\nshop A 192.0.2.1\n-- " + heading + " --\n" + data + "\n-- after 5s --\n" + change +
			"\n-- expect --\npass\n"
		s, err := readStory("fuzz", []byte(text))
		if err != nil {
			if s != nil || !strings.HasPrefix(err.Error(), "story fuzz: ") {
				t.Errorf("%v with the error %v", s, err)
			}
			return
		}
		if _, err := buildCopy(s, 12); err != nil && !strings.Contains(text, "bad") {
			t.Errorf("a copy is not what the story is: %v", err)
		}
		runStory(t, s, text)
	})
}

// FuzzReadStory: any text can be read as a story without a panic.
func FuzzReadStory(f *testing.F) {
	all := readAll(f, Scenarios())
	for i, s := range all {
		if i%4 == 0 {
			f.Add(fileOf(f, s))
		}
	}
	f.Add([]byte(storyOf("held A @ x ttl=1", "verify TXT _verify.@ y", "edge 192.0.2.1 names=a,b",
		"server hoster refuses", "signed bad.example")))
	f.Add([]byte("x\n-- zone . --\n@ A 1.2.3.4\n-- story --\ndomain .\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		s, err := readStory("fuzz", raw)
		if err != nil {
			if s != nil || !strings.HasPrefix(err.Error(), "story fuzz: ") {
				t.Errorf("%v with the error %v", s, err)
			}
			return
		}
		if s.Title == "" || len(s.Bases(0)) == 0 || s.Healthy == (len(s.Expects)+len(s.Unjudged) > 0) {
			t.Errorf("%+v", s)
		}
		for _, n := range []int{1, 12} {
			if _, err := buildCopy(s, n); err != nil && !strings.Contains(err.Error(), "-") {
				t.Logf("copy %d: %v", n, err)
			}
		}
		runStory(t, s, string(raw))
	})
}
