package cli_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// labChange is a record that changes after a resolver has cached the earlier answer, or its absence. The test
// computes no cache time: Unbound decides when the answer expires.
type labChange struct {
	// zone is what stands there before; want is what the report says while the earlier answer lasts; bug is about the
	// eta
	labCase
	after string // the zone afterwards
	// The question that puts the earlier answer into one resolver's cache.
	resolver, asks string
	asksType       uint16
	cause          string // whose eta is compared
	// settles means that the earlier answer lasts a few seconds only: the test waits for its end and compares the time.
	settles bool
}

// labShort is the life of an earlier answer that the test sees expire. It is longer than a slow machine takes from
// the query to the report.
const labShort = "30"

var labChanges = []labChange{
	{
		labCase: labCase{
			name: "the earlier target", domain: "shop.old-answer.com",
			zone: "shop " + labShort + " CNAME shop.elsewhere.net.\n", expect: []string{expectRouting},
			want: labWant{
				verdict: "fail", roots: []string{"fail cache.old-answer routing"},
				codes: []string{"DOMAIN_010 predicted"},
			},
		},
		after: routed, resolver: "8.8.8.8", asks: "shop.old-answer.com", asksType: dns.TypeCNAME,
		cause: "cache.old-answer", settles: true,
	},
	{
		labCase: labCase{
			name: "asked before it existed", domain: "shop.negative.com",
			zone:   "@ SOA ns1.hostco.net. hostmaster.hostco.net. 1 7200 3600 1209600 " + labShort + "\n" + routed,
			expect: []string{expectRouting, expectToken},
			want: labWant{
				verdict: "fail", roots: []string{"fail cache.negative verification"},
				codes: []string{"DOMAIN_004 predicted", "DOMAIN_010 predicted"},
			},
		},
		after: "@ SOA ns1.hostco.net. hostmaster.hostco.net. 2 7200 3600 1209600 " + labShort + "\n" + routed +
			`_verify.shop TXT "tok-7f3a91c2"`,
		resolver: "1.1.1.1", asks: "_verify.shop.negative.com", asksType: dns.TypeTXT, cause: "cache.negative",
		settles: true,
	},
	{
		// A resolver keeps what a wildcard answered for the record's own TTL, not for the negative one.
		labCase: labCase{
			name: "asked while a wildcard answered", domain: "old-wildcard.com",
			zone: "@ A 13.32.10.1\n* " + labShort + " TXT \"v=spf1 -all\"\n", expect: []string{expectToken},
			want: labWant{
				verdict: "fail", roots: []string{"fail cache.old-answer verification"},
				codes: []string{"DOMAIN_004 predicted", "DOMAIN_010 predicted"},
			},
		},
		after:    "@ A 13.32.10.1\n* " + labShort + " TXT \"v=spf1 -all\"\n_verify TXT \"tok-7f3a91c2\"\n",
		resolver: "1.1.1.1", asks: "_verify.old-wildcard.com", asksType: dns.TypeTXT, cause: "cache.old-answer",
		settles: true,
	},
	{
		labCase: labCase{
			name: "asked before it existed, and the zone lets it be remembered for long", domain: "shop.negative-long.com",
			expect: []string{expectRouting, expectToken},
			zone:   "@ 3600 SOA ns1.hostco.net. hostmaster.hostco.net. 1 7200 3600 1209600 1800\n" + routed,
			want: labWant{
				verdict: "fail", roots: []string{"fail cache.negative verification"},
				codes: []string{"DOMAIN_004 predicted", "DOMAIN_010 predicted"}, and: func(t *testing.T, d *labDomain) {
					if f := d.find(t, "cache.window-too-long"); f.BlockedBy != "cache.negative" {
						t.Errorf("cache.window-too-long stands under %q", f.BlockedBy)
					}
				},
			},
		},
		after: "@ 3600 SOA ns1.hostco.net. hostmaster.hostco.net. 2 7200 3600 1209600 1800\n" + routed +
			`_verify.shop TXT "tok-7f3a91c2"`,
		resolver: "8.8.8.8", asks: "_verify.shop.negative-long.com", asksType: dns.TypeTXT, cause: "cache.negative",
	},
	{
		labCase: labCase{
			name: "the earlier target, and the service reported that it waits", domain: "shop.old-service.com",
			zone: "shop 900 CNAME shop.elsewhere.net.\n_verify.shop TXT \"tok-7f3a91c2\"\n",
			service: &labEntry{heldPending +
				`,"lastError":{"errorCode":"DOMAIN_010","message":"DNS propagation ` +
				`timeout","timestamp":"2026-01-01T00:00:00Z"}`, heldRouting, "", ""},
			want: labWant{
				verdict: "fail", roots: []string{"fail cache.old-answer routing"},
				codes: []string{"DOMAIN_010 explained"},
			},
		},
		after: verified, resolver: "1.1.1.1", asks: "shop.old-service.com", asksType: dns.TypeCNAME,
		cause: "cache.old-answer",
	},
}

// labSettled is when a resolver's answer changed, as seen by its client.
type labSettled struct {
	lastOld, firstNew time.Time
	err               error
}

// answer returns the data of the resolver's present answer and its remaining TTL in seconds.
func (c *labChange) answer(l *lab) (string, uint32, error) {
	m, err := l.ask(c.resolver, c.asks, c.asksType, true)
	if err != nil {
		return "", 0, err
	}
	if len(m.Answer) == 0 {
		if len(m.Ns) == 0 {
			return "", 0, fmt.Errorf("%s says %s without a SOA", c.resolver, dns.RcodeToString[m.Rcode])
		}
		return dns.RcodeToString[m.Rcode], m.Ns[0].Header().Ttl, nil
	}
	return strings.TrimPrefix(m.Answer[0].String(), m.Answer[0].Header().String()), m.Answer[0].Header().Ttl, nil
}

// settle queries the resolver until its answer is no longer old.
func (c *labChange) settle(l *lab, old string) labSettled {
	var s labSettled
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(30 * time.Millisecond) {
		asked := time.Now()
		now, _, err := c.answer(l)
		switch {
		case err != nil:
			return labSettled{err: err}
		case now != old:
			s.firstNew = time.Now()
			return s
		case asked.After(deadline):
			return labSettled{err: fmt.Errorf("%s still answers %s", c.resolver, old)}
		}
		s.lastOld = asked // the answer was made after this moment
	}
}

// labChanged is a change in progress.
type labChanged struct {
	*labChange
	run labRun
	// ends is when the cached answer ends, by the TTL with which it came into the cache. A later one tells less: any
	// other "no" of the same zone renews the SOA record that a resolver shows beside this one, and not how long it
	// remembers this one (seen with Unbound).
	ends    time.Time
	settled labSettled
	again   labRun // after it has settled
	done    chan struct{}
}

// startChanges fills the caches, changes the zones, and starts the runs.
func startChanges(t *testing.T, l *lab, slots chan struct{}) []*labChanged {
	t.Helper()
	var list []*labChanged
	zones := map[string]string{}
	old := map[string]string{}
	for i := range labChanges {
		c := &labChanges[i]
		var err error
		var ttl uint32
		if old[c.name], ttl, err = c.answer(l); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		zones[c.apex()] = c.after
		list = append(list, &labChanged{
			labChange: c, ends: time.Now().Add(time.Duration(ttl) * time.Second),
			done: make(chan struct{}),
		})
	}
	l.publish(t, zones, 2)
	for _, c := range list {
		go func() {
			defer close(c.done)
			slots <- struct{}{}
			c.run = c.labCase.run(l)
			<-slots
			if c.settles {
				c.settled = c.settle(l, old[c.name])
				c.again = c.labCase.run(l)
			}
		}()
	}
	return list
}

func (c *labChanged) test(t *testing.T) {
	<-c.done
	var found *labDomain
	want := c.want
	want.and = func(t *testing.T, d *labDomain) {
		found = d
		for _, row := range d.Propagation {
			for _, s := range row.Servers {
				stale := s.Server == c.resolver+":53" && row.Name == c.asks
				if s.State != "seen" && stale == (s.State == "match") {
					t.Errorf("%s %s at %s: %s", row.Name, row.Type, s.Server, s.State)
				}
			}
		}
		if c.want.and != nil {
			c.want.and(t, d)
		}
	}
	want.judge(t, c.run)
	t.Run("eta", func(t *testing.T) { c.judgeETA(t, found.find(t, c.cause)) })
	if c.settles && c.settled.err == nil {
		t.Run("afterwards", func(t *testing.T) { labWant{}.judge(t, c.again) })
	}
}

// judgeETA compares the time in the report with the time when the earlier answer expired: it is not earlier, and not
// much later.
func (c *labChanged) judgeETA(t *testing.T, f labFinding) {
	if c.bug != "" {
		t.Skip("known fault: " + c.bug)
	}
	if f.ETA == nil {
		t.Fatal("the finding has no eta")
	}
	latest := f.ETA.Latest
	if !c.settles {
		if off := latest.Sub(c.ends); off < -2*time.Second || off > 3*time.Second {
			t.Errorf("eta.latest is %v, by the TTL that %s gives it is %v", latest, c.resolver, c.ends.UTC())
		}
		return
	}
	if c.settled.err != nil {
		t.Fatal(c.settled.err)
	}
	t.Logf("eta.latest is %v after the last earlier answer, %v after the first new one",
		latest.Sub(c.settled.lastOld).Round(time.Millisecond), latest.Sub(c.settled.firstNew).Round(time.Millisecond))
	if latest.Before(c.settled.lastOld) {
		t.Errorf("eta.latest is %v, and %s still had the earlier answer at %v", latest, c.resolver,
			c.settled.lastOld.UTC())
	}
	if late := latest.Sub(c.settled.firstNew); late > 3*time.Second {
		t.Errorf("eta.latest is %v, and %s had the new answer %v earlier", latest, c.resolver, late)
	}
}
