package sandbox

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"domdoc/api/sandbox/story"

	"github.com/miekg/dns"
)

// fix is a domain whose records are corrected while the sandbox runs.
const fix = `A domain that is set right

-- story --
domain shop.fix.example
status PENDING
verify TXT _verify.@ tok-1
error DOMAIN_004 5m Domain verification failed
-- zone fix.example --
@        3600 SOA   ns1.hoster.example. hostmaster 41 7200 3600 1209600 30
shop     120  CNAME old
old      120  A     192.0.2.1
a.b.c    60   TXT   "deep"
-- expect --
fail record.missing verification DOMAIN_004
`

// unfolding is the same with scheduled changes, the later ones first.
var unfolding = strings.Replace(fix, "-- expect --", `-- after 40s --
status VERIFIED # and nothing else
error none
certificate ISSUED expires=+90d
-- after 20s --
zone fix.example add _verify.shop 60 TXT "tok-1"
zone fix.example replace shop 60 CNAME {target}.
-- expect --`, 1)

// worldOf starts a sandbox of one story with a manual clock.
func worldOf(t testing.TB, text string, opt Options) (*Sandbox, *clock) {
	t.Helper()
	c := newClock()
	opt.Stories, opt.Clock = storyFS(map[string]string{"fix": text}), c.now
	return start(t, opt), c
}

// source returns the answer of the hoster's two servers, which must be the same.
func source(t testing.TB, b *Sandbox, name string, rrtype uint16) string {
	t.Helper()
	one := said(ask(t, b, "udp", hoster, name, rrtype, 1232))
	if two := said(ask(t, b, "udp", "46.4.10.2", name, rrtype, 1232)); two != one {
		t.Errorf("%s: the servers say %s and %s", name, one, two)
	}
	return one
}

func serial(t testing.TB, b *Sandbox) uint32 {
	t.Helper()
	soa, ok := ask(t, b, "udp", hoster, "fix.example", dns.TypeSOA, 1232).Answer[0].(*dns.SOA)
	if !ok {
		t.Fatal("no SOA")
	}
	return soa.Serial
}

func change(t testing.TB, b *Sandbox, lines ...string) {
	t.Helper()
	if err := b.Change("shop.fix.example", lines...); err != nil {
		t.Fatal(err)
	}
}

// state returns the domain's status, its verification's, its last error and its certificate's status.
func state(t testing.TB, b *Sandbox, id string) string {
	t.Helper()
	d, _ := call(t, b, "GET", "/domains/v1/"+id, b.Token(), nil).body["data"].(map[string]any)
	v, _ := d["verification"].(map[string]any)
	e, _ := d["lastError"].(map[string]any)
	c, _ := call(t, b, "GET", "/domains/v1/"+id+"/ssl", b.Token(), nil).body["data"].(map[string]any)
	return fmt.Sprint(d["status"], " ", v["status"], " ", e["errorCode"], " ", c["status"])
}

// TestChangeZone: records are added, changed and removed at the source at once, with a new serial; resolvers keep
// their caches.
func TestChangeZone(t *testing.T) {
	t.Parallel()
	b, c := worldOf(t, fix, Options{})
	want := func(what, got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("%s: %s, want %s", what, got, want)
		}
	}
	const verify, shop = "_verify.shop.fix.example", "shop.fix.example"
	want("before, the source", source(t, b, verify, dns.TypeTXT), "NXDOMAIN soa 30")
	want("before, a resolver", said(resolve(t, b, google, verify, dns.TypeTXT)), "NXDOMAIN soa 30")
	want("before, its target", said(resolve(t, b, google, shop, dns.TypeA)),
		"NOERROR 120 CNAME old.fix.example. 120 A 192.0.2.1")

	change(t, b, `zone fix.example add _verify.shop 60 TXT "tok-1"`, "zone fix.example replace shop 90 CNAME new",
		"zone fix.example add new A 192.0.2.2")
	want("the serial", fmt.Sprint(serial(t, b)), "44") // three changes
	want("the source", source(t, b, verify, dns.TypeTXT), `NOERROR 60 TXT "tok-1"`)
	want("the source's CNAME", source(t, b, shop, dns.TypeA), "NOERROR 90 CNAME new.fix.example. 300 A 192.0.2.2")
	c.pass(29 * time.Second)
	want("who asked remembers that there was no such name", said(resolve(t, b, google, verify, dns.TypeTXT)),
		"NXDOMAIN soa 1")
	want("who did not ask has it", said(resolve(t, b, cloudflare, verify, dns.TypeTXT)), `NOERROR 60 TXT "tok-1"`)
	c.pass(time.Second)
	want("the denial has run out", said(resolve(t, b, google, verify, dns.TypeTXT)), `NOERROR 60 TXT "tok-1"`)
	want("the old target has not", said(resolve(t, b, google, shop, dns.TypeA)),
		"NOERROR 90 CNAME old.fix.example. 90 A 192.0.2.1")
	c.pass(90 * time.Second)
	want("now it has", said(resolve(t, b, google, shop, dns.TypeA)),
		"NOERROR 90 CNAME new.fix.example. 300 A 192.0.2.2")

	change(t, b, `zone fix.example add _verify.shop.fix.example. 60 TXT "tok-2"`)
	want("a second value", source(t, b, verify, dns.TypeTXT), `NOERROR 60 TXT "tok-1" 60 TXT "tok-2"`)
	change(t, b, `zone fix.example add _verify.shop 600 TXT "tok-2"`)
	want("the same with another TTL", source(t, b, verify, dns.TypeTXT), `NOERROR 60 TXT "tok-1" 600 TXT "tok-2"`)
	change(t, b, "zone fix.example remove _verify.shop TXT")
	want("removed", source(t, b, verify, dns.TypeTXT), "NXDOMAIN soa 30")
	want("a name above another", source(t, b, "b.c.fix.example", dns.TypeTXT), "NOERROR soa 30")
	change(t, b, "zone fix.example remove a.b.c TXT")
	want("and what was there only because of it", source(t, b, "b.c.fix.example", dns.TypeTXT), "NXDOMAIN soa 30")
	change(t, b, "zone fix.example add sub NS ns.elsewhere.example.")
	if m := ask(t, b, "udp", hoster, "x.sub.fix.example", dns.TypeA, 1232); m.Authoritative || len(m.Ns) != 1 {
		t.Errorf("a new delegation: %v", m)
	}
	change(t, b, "zone fix.example remove sub NS", "zone fix.example add @ CAA 0 issue \"amazon.com\"")
	want("a delegation that is gone", source(t, b, "x.sub.fix.example", dns.TypeA), "NXDOMAIN soa 30")
	want("the apex", source(t, b, "fix.example", dns.TypeCAA), `NOERROR 300 CAA 0`)
	want("all the time", fmt.Sprint(serial(t, b)), "51")
}

// TestChangeService: the service's data changes, and the CDN serves a certificate that was issued.
func TestChangeService(t *testing.T) {
	t.Parallel()
	var j journal
	b, c := worldOf(t, fix, Options{Log: j.log})
	want := func(want string) {
		t.Helper()
		if got := state(t, b, "d-fix"); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	want("PENDING PENDING DOMAIN_004 <nil>")
	in, _ := b.instance(b.stories[0], 0)
	if e, _ := b.edgeFor(&host{role: story.RoleCDN}, in.domain); e.http != "" {
		t.Errorf("the CDN knows the name: %+v", e)
	}
	c.pass(time.Minute)
	change(t, b, "status VERIFIED", "error none")
	want("VERIFIED VERIFIED <nil> <nil>")
	d, _ := call(t, b, "GET", "/domains/v1/d-fix", b.Token(), nil).body["data"].(map[string]any)
	if d["updatedAt"] != stamp(c.now()) || d["verification"].(map[string]any)["lastCheckedAt"] != stamp(c.now()) {
		t.Errorf("at %v: %v", c.now(), d)
	}
	change(t, b, "certificate PENDING_VALIDATION")
	want("VERIFIED VERIFIED <nil> PENDING_VALIDATION")
	change(t, b, "certificate FAILED reason=CAA_ERROR", "error DOMAIN_011 0 SSL certificate issuance failed")
	want("VERIFIED VERIFIED DOMAIN_011 FAILED")
	change(t, b, "certificate ISSUED expires=+90d")
	want("VERIFIED VERIFIED DOMAIN_011 ISSUED")
	cert, _ := call(t, b, "GET", "/domains/v1/d-fix/ssl", b.Token(), nil).body["data"].(map[string]any)
	if cert["expiresAt"] != stamp(c.now().Add(90*24*time.Hour)) || cert["issuedAt"] != stamp(c.now()) ||
		cert["failureReason"] != nil {
		t.Errorf("%v", cert)
	}
	in, _ = b.instance(b.stories[0], 0)
	if e, _ := b.edgeFor(&host{role: story.RoleCDN}, in.domain); e.http != "200" || e.issuer != "amazon" ||
		!e.from.Before(c.now()) {
		t.Errorf("the CDN shows %+v", e)
	}
	change(t, b, "edge cdn http=503-cdn", "cdn d-other.cloudfront.net DEPLOYING", "certificate none",
		"status SUSPENDED")
	want("SUSPENDED VERIFIED DOMAIN_011 <nil>")
	in, _ = b.instance(b.stories[0], 0)
	if in.edges[cdnAddress].http != "503-cdn" || in.cdn["status"] != "DEPLOYING" ||
		in.target != "d-other.cloudfront.net" {
		t.Errorf("%+v %v", in.edges, in.cdn)
	}
	if got := in.origin; got.status != "PENDING" || got.cert != nil || len(got.edges) != 0 ||
		got.verify["status"] != "PENDING" {
		t.Errorf("what it was at the start has changed: %+v", got)
	}
	if h := j.all(); !strings.Contains(strings.Join(h, "\n"), "change shop.fix.example status VERIFIED") {
		t.Errorf("the log lacks it: %q", h)
	}
}

// TestChangeRefuses: an invalid line is an error, and then none of the lines takes effect.
func TestChangeRefuses(t *testing.T) {
	t.Parallel()
	b, _ := worldOf(t, fix, Options{})
	for line, word := range map[string]string{
		"":                                   "is empty",
		"# a comment":                        "is empty",
		"weather rain":                       `"weather"`,
		"held A @ x":                         `"held"`,
		"zone fix.example":                   "want zone NAME",
		"zone fix.example put x A 192.0.2.1": `"put"`,
		"zone fix.example add x A":           "dns:",
		"zone fix.example add x A 192.0.2.1 extra":          "garbage",
		"zone fix.example add x.other.example. A 192.0.2.1": "outside of the zone",
		"zone fix.example add $GENERATE 1-3 h$ A 192.0.2.1": "want one record",
		"zone fix.example add $ORIGIN other.example.":       "want one record",
		"zone fix.example add $INCLUDE /etc/passwd":         "INCLUDE",
		"zone fix.example replace @ SOA a. b. 1 2 3 4 5":    "SOA",
		"zone fix.example remove @ NS":                      "name servers",
		"zone fix.example remove @ SOA":                     "SOA",
		"zone fix.example remove nobody TXT":                "no server of the zone has that record",
		"zone fix.example remove shop TEXT":                 `"TEXT"`,
		"zone fix.example remove shop":                      "want zone NAME",
		"zone fix.example remove shop A 1":                  `"1"`,
		"zone fix.example remove a.other. A":                "not in the zone",
		"zone other.example add x A 192.0.2.1":              "other.example",
		"zone a..b add x A 192.0.2.1":                       "a..b",
		"status":                                            "want status",
		"certificate DONE":                                  `"DONE"`,
		"certificate none reason=x":                         "reason=x",
		"certificate ISSUED requested=2h":                   "requested=2h",
		"certificate ISSUED expires=soon":                   "soon",
		"error DOMAIN_999 0 x":                              "DOMAIN_999",
		"error none at all":                                 `"at"`,
		"edge 192.0.2.9":                                    "192.0.2.9",
		"edge cdn http=teapot":                              "teapot",
		`status "VERIFIED`:                                  "quotation mark",
	} {
		err := b.Change("shop.fix.example", "status VERIFIED", `zone fix.example add _verify.shop 60 TXT "tok-1"`, line)
		if err == nil || !strings.HasPrefix(err.Error(), "change of shop.fix.example: ") ||
			!strings.Contains(err.Error(), word) {
			t.Errorf("%q: %v", line, err)
		}
	}
	for _, domain := range []string{"nobody.example", "fix.example", "x.shop.fix.example", "", "."} {
		if err := b.Change(domain, "status VERIFIED"); err == nil || !strings.Contains(err.Error(), "no domain") {
			t.Errorf("%q: %v", domain, err)
		}
	}
	if err := b.Change("shop.fix.example"); err == nil {
		t.Error("nothing is a change")
	}
	if got := state(t, b, "d-fix"); got != "PENDING PENDING DOMAIN_004 <nil>" || serial(t, b) != 41 {
		t.Errorf("something changed: %s, serial %d", got, serial(t, b))
	}
	if err := b.Change("SHOP.Fix.example.", "status VERIFIED"); err != nil {
		t.Errorf("in other letters: %v", err)
	}
}

// TestScheduledChanges: scheduled changes take effect by the clock in the order of time, but only if the options ask
// for it.
func TestScheduledChanges(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		after bool
		moves []time.Duration
		want  []string // after each move: the service's state, and what the source says
	}{
		{"it unfolds", true, []time.Duration{0, 19 * time.Second, time.Second, 19 * time.Second, time.Second}, []string{
			"PENDING PENDING DOMAIN_004 <nil> NXDOMAIN soa 30", "PENDING PENDING DOMAIN_004 <nil> NXDOMAIN soa 30",
			`PENDING PENDING DOMAIN_004 <nil> NOERROR 60 TXT "tok-1"`,
			`PENDING PENDING DOMAIN_004 <nil> NOERROR 60 TXT "tok-1"`,
			`VERIFIED VERIFIED <nil> ISSUED NOERROR 60 TXT "tok-1"`,
		}},
		{
			"all at once", true,
			[]time.Duration{time.Hour},
			[]string{`VERIFIED VERIFIED <nil> ISSUED NOERROR 60 TXT "tok-1"`},
		},
		{
			"it stays as it stands at the start", false,
			[]time.Duration{0, time.Hour},
			[]string{
				"PENDING PENDING DOMAIN_004 <nil> NXDOMAIN soa 30",
				"PENDING PENDING DOMAIN_004 <nil> NXDOMAIN soa 30",
			},
		},
	} {
		for _, suffix := range []string{"", "-2"} {
			t.Run(tt.name+suffix, func(t *testing.T) {
				t.Parallel()
				b, c := worldOf(t, unfolding, Options{After: tt.after, Domains: 3})
				for i, d := range tt.moves {
					c.pass(d)
					if got := state(t, b, "d-fix"+suffix) + " " + source(t, b, "_verify.shop.fix"+suffix+".example",
						dns.TypeTXT); got != tt.want[i] {
						t.Errorf("step %d: %s, want %s", i, got, tt.want[i])
					}
				}
			})
		}
	}
}

// TestScheduledAndManualChanges: manual changes are kept when scheduled ones take effect and when the instance is
// evicted meanwhile. A scheduled change that has become impossible is skipped.
func TestScheduledAndManualChanges(t *testing.T) {
	t.Parallel()
	b, c := worldOf(t, strings.Replace(unfolding, "-- after 40s --\n",
		"-- after 40s --\nzone fix.example remove old A\n", 1), Options{After: true})
	c.pass(10 * time.Second)
	change(t, b, "zone fix.example remove old A", "zone fix.example add by.hand A 192.0.2.3")
	c.pass(20 * time.Second)
	change(t, b, "certificate PENDING_VALIDATION")
	c.pass(20 * time.Second)
	look := func() string {
		t.Helper()
		return state(t, b, "d-fix") + " " + source(t, b, "by.hand.fix.example", dns.TypeA) + " " + source(t, b,
			"_verify.shop.fix.example", dns.TypeTXT) + " " + source(t, b, "old.fix.example", dns.TypeA)
	}
	const want = `VERIFIED VERIFIED <nil> ISSUED NOERROR 300 A 192.0.2.3 NOERROR 60 TXT "tok-1" NXDOMAIN soa 30`
	if got := look(); got != want {
		t.Errorf("%s", got)
	}
	first := serial(t, b)
	b.mu.Lock()
	clear(b.instances)
	b.order = nil
	b.mu.Unlock()
	if got := look(); got != want || serial(t, b) != first {
		t.Errorf("made again: %s, serial %d, was %d", got, serial(t, b), first)
	}
}

// TestChangeLeavesThePast: preloaded queries get the answers of the world at their time, even if they are made after
// a change.
func TestChangeLeavesThePast(t *testing.T) {
	t.Parallel()
	b, c := worldOf(t, strings.Replace(fix, "status PENDING\n",
		"status PENDING\ncached 8.8.8.8 old.fix.example A 1m\ncached 8.8.8.8 _verify.@ TXT 10s\ncached 8.8.8.8 "+
			"_verify.@ A 5s\n", 1), Options{})
	change(t, b, "zone fix.example replace old A 192.0.2.9", `zone fix.example add _verify.shop TXT "tok-1"`)
	// of the older question about the name
	for name, want := range map[string]string{"old": "NOERROR 60 A 192.0.2.1", "_verify.shop": "NXDOMAIN soa 20"} {
		if got := said(resolve(t, b, google, name+".fix.example", dns.TypeA)); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	c.pass(time.Minute)
	if got := said(resolve(t, b, google, "old.fix.example", dns.TypeA)); got != "NOERROR 300 A 192.0.2.9" {
		t.Errorf("%s", got)
	}
}

// TestVerify: the service checks the record itself, and verifies a domain once both resolvers have it.
func TestVerify(t *testing.T) {
	t.Parallel()
	b, c := worldOf(t, fix, Options{})
	verify := func(status int, code, want string) {
		t.Helper()
		a := call(t, b, "POST", "/domains/v1/d-fix/verify", b.Token(), map[string]any{})
		if got := state(t, b, "d-fix"); a.status != status || a.str("errorCode") != code || got != want {
			t.Errorf("HTTP %d: %s; then %s, want %s", a.status, a.raw, got, want)
		}
	}
	const pending = "PENDING PENDING DOMAIN_004 <nil>"
	verify(422, "DOMAIN_004", pending)
	change(t, b, `zone fix.example add _verify.shop 60 TXT "tok-1"`)
	verify(408, "DOMAIN_010", pending) // asking too early had its price
	c.pass(30 * time.Second)
	change(t, b, `zone fix.example replace _verify.shop 60 TXT "tok-2"`)
	verify(422, "DOMAIN_004", pending)
	change(t, b, `zone fix.example replace _verify.shop 60 TXT "tok-1"`)
	verify(408, "DOMAIN_010", pending)
	c.pass(60 * time.Second)
	verify(202, "", "VERIFIED VERIFIED <nil> <nil>")
	change(t, b, "zone fix.example remove _verify.shop TXT", "status SUSPENDED",
		"error DOMAIN_005 0 Domain update failed")
	verify(202, "", "SUSPENDED VERIFIED DOMAIN_005 <nil>") // still remembered, and no reason to let it go on
}

// TestVerifyOddly: a record below another zone cut, by CNAME, and an expired token.
func TestVerifyOddly(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		story  string
		status int
	}{
		"below a zone cut": {
			strings.NewReplacer("a.b.c    60   TXT   \"deep\"", "_verify.shop NS ns1.oldhost.example.",
				"-- expect --", "-- zone _verify.shop.fix.example @ oldhost --\n@ TXT \"tok-1\"\n-- expect --").Replace(fix),
			202,
		},
		"by CNAME": {strings.NewReplacer("verify TXT _verify.@ tok-1", "verify CNAME _verify.@ v-1.fix.example",
			"a.b.c    60   TXT   \"deep\"", "_verify.shop CNAME V-1").Replace(fix), 202},
		"a wildcard": {strings.Replace(fix, "a.b.c    60   TXT   \"deep\"", "*.shop TXT \"tok-1\"", 1), 202},
		"too late": {strings.NewReplacer("verify TXT _verify.@ tok-1", "verify TXT _verify.@ tok-1 expires=1m",
			"a.b.c ", "_verify.shop", `"deep"`, `"tok-1"`).Replace(fix), 422},
		"in time": {strings.NewReplacer("verify TXT _verify.@ tok-1", "verify TXT _verify.@ tok-1 expires=+1m",
			"a.b.c ", "_verify.shop", `"deep"`, `"tok-1"`).Replace(fix), 202},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, _ := worldOf(t, tt.story, Options{})
			if a := call(t, b, "POST", "/domains/v1/d-fix/verify", b.Token(), map[string]any{}); a.status != tt.status {
				t.Errorf("HTTP %d: %s", a.status, a.raw)
			}
		})
	}
}

// TestIssue: a requested certificate is pending at the next request.
func TestIssue(t *testing.T) {
	t.Parallel()
	b, _ := worldOf(t, fix, Options{})
	a := call(t, b, "POST", "/domains/v1/d-fix/ssl", b.Token(), map[string]any{})
	if got := state(t, b, "d-fix"); a.status != 202 || got != "PENDING PENDING DOMAIN_004 PENDING_VALIDATION" {
		t.Errorf("HTTP %d: %s; then %s", a.status, a.raw, got)
	}
}

// TestChangeSigned: a record that is added to a signed zone is signed.
func TestChangeSigned(t *testing.T) {
	t.Parallel()
	b, _ := worldOf(t, strings.Replace(fix, "status PENDING\n", "status PENDING\nsigned fix.example\n", 1), Options{})
	change(t, b, "zone fix.example add new A 192.0.2.2")
	got := said(resolve(t, b, google, "new.fix.example", dns.TypeA))
	if !strings.HasPrefix(got, "NOERROR 300 A 192.0.2.2") {
		t.Errorf("%s", got)
	}
}

// TestChangeMeanwhile: concurrent queries during changes never see half a change.
func TestChangeMeanwhile(t *testing.T) {
	t.Parallel()
	b, _ := worldOf(t, fix, Options{})
	const rounds = 40
	var wg sync.WaitGroup
	for n := range 4 {
		wg.Go(func() {
			for i := range rounds {
				if err := b.Change("shop.fix.example", fmt.Sprintf(`zone fix.example add n%d-%d TXT "x"`, n, i),
					fmt.Sprintf(`zone fix.example replace both TXT "%d.%d"`, n, i), fmt.Sprintf("status S%d.%d", n, i)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for range 4 {
		wg.Go(func() {
			for range rounds {
				in, err := b.instance(b.stories[0], 0)
				if err != nil {
					t.Error(err)
					return
				}
				rrs := in.zoneAt("ns1.hoster.example", "both.fix.example.", false).node("both.fix.example.", dns.TypeTXT)
				if in.status != "PENDING" && (len(rrs) != 1 || "S"+rrs[0].(*dns.TXT).Txt[0] != in.status) {
					t.Errorf("the status is %s, the record %v", in.status, rrs)
				}
				source(t, b, "shop.fix.example", dns.TypeCNAME)
				state(t, b, "d-fix")
			}
		})
	}
	wg.Wait()
	in, _ := b.instance(b.stories[0], 0)
	z := in.zoneAt("ns2.hoster.example", "fix.example.", false)
	for n := range 4 {
		for i := range rounds {
			if len(z.node(fmt.Sprintf("n%d-%d.fix.example.", n, i), dns.TypeTXT)) != 1 {
				t.Errorf("the change %d of %d was lost", i, n)
			}
		}
	}
}

// TestOnlyTheseAreRead: a sandbox of one story does not read the others.
func TestOnlyTheseAreRead(t *testing.T) {
	t.Parallel()
	b := start(t, Options{Stories: storyFS(map[string]string{"fix": fix, "broken": "x"}), Only: []string{"fix", "fix"}})
	if len(b.Stories()) != 1 || b.Stories()[0].Name != "fix" {
		t.Errorf("%v", b.Stories())
	}
	for _, name := range []string{"none", "_world", "../x", "fix.txtar", ""} {
		if b, err := Start(Options{Stories: storyFS(map[string]string{"fix": fix}), Only: []string{name}}); err == nil ||
			!strings.Contains(err.Error(), fmt.Sprintf("there is no story %q", name)) {
			if b != nil {
				b.Close()
			}
			t.Errorf("%q: %v", name, err)
		}
	}
}
