package move_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"domdoc/catalog"
	"domdoc/catalog/moving"
	"domdoc/checks/plan/move"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"
)

// TestCompare compares zones at two hosts.
func TestCompare(t *testing.T) {
	t.Parallel()
	site := "@ A 192.0.2.80\nwww CNAME d1.cdn.com.\n"
	for _, tt := range []struct {
		name string
		planned
		names    []string
		verdict  catalog.Verdict
		matter   []string // differences that matter: "missing www.example.com CNAME web"
		harmless []string
		unjudged string // a part of a sentence
	}{
		{name: "equal", planned: planned{old: site, new: site}, verdict: catalog.Pass},
		{
			name: "an alias, and the addresses behind it", verdict: catalog.Pass,
			planned:  planned{old: "www CNAME site.cdn.com.\n", new: "www A 192.0.2.80\n"},
			harmless: []string{"other www.example.com A"},
		},
		{
			name: "an alias to a CDN, and other addresses of that CDN", verdict: catalog.Pass,
			planned:  planned{old: "www CNAME d1.cdn.com.\n", new: "www A 13.35.1.1\n"},
			harmless: []string{"other www.example.com A"},
		},
		{
			name: "addresses of one CDN that rotate", verdict: catalog.Pass,
			planned:  planned{old: "@ A 13.32.10.7\n", new: "@ A 13.32.10.8\n@ A 13.35.1.1\n"},
			harmless: []string{"other example.com A"},
		},
		{
			name: "another customer of the same CDN", verdict: catalog.Fail,
			planned: planned{old: "www CNAME d1.cdn.com.\n", new: "www CNAME d2.cdn.com.\n"},
			matter:  []string{"other www.example.com CNAME web"},
		},
		{
			name: "addresses that vary by server, of which the new servers have some", verdict: catalog.Pass,
			planned: planned{old: "@ A 192.0.2.1\n", old2: "@ A 192.0.2.2\n", new: "@ A 192.0.2.2\n@ A 192.0.2.1\n"},
		},
		{
			name: "addresses that vary by server, and one that is new", verdict: catalog.Inconclusive,
			planned:  planned{old: "@ A 192.0.2.1\n", old2: "@ A 192.0.2.2\n", new: "@ A 192.0.2.2\n@ A 192.0.2.3\n"},
			unjudged: "different addresses",
		},
		{
			name: "one of the old servers is behind", verdict: catalog.Pass,
			planned: planned{old: "@ MX 10 mx.cdn.com.\n", old2: "@ MX 10 old.cdn.com.\n", new: "@ MX 10 mx.cdn.com.\n"},
		},
		{
			name: "one new server lacks a record", verdict: catalog.Fail,
			planned: planned{old: site, new: site, new2: "@ A 192.0.2.80\n"},
			matter:  []string{"missing www.example.com CNAME web at ns2.new.com (85.13.20.2:53)"},
		},
		{
			name: "a proxy at the old host", verdict: catalog.Inconclusive,
			planned:  planned{old: "@ A 104.16.1.1\n", new: "@ A 192.0.2.80\n"},
			unjudged: "Cloudflare's proxy",
		},
		{
			name: "a proxy at the old host, with addresses of both families", verdict: catalog.Inconclusive,
			planned: planned{
				old: "@ A 104.16.1.1\n@ AAAA 2606:4700::1\n@ HTTPS 1 . alpn=\"h2\" ipv4hint=104.16.1.1\n",
				new: "@ A 192.0.2.80\n",
			},
			harmless: []string{"missing example.com HTTPS"}, unjudged: "Cloudflare's proxy",
		},
		{
			name: "hints that rotate", verdict: catalog.Pass, planned: planned{
				old: "@ HTTPS 1 . alpn=\"h2\" ipv4hint=104.16.1.1\n", new: "@ HTTPS 1 . alpn=\"h2\" ipv4hint=104.17.1.1\n",
			},
			harmless: []string{"other example.com HTTPS"},
		},
		{
			name: "another HTTPS record", verdict: catalog.Fail, planned: planned{
				old: "@ HTTPS 1 . alpn=\"h2\" ipv4hint=104.16.1.1\n", new: "@ HTTPS 1 . alpn=\"h2\" ipv4hint=192.0.2.1\n",
			},
			matter: []string{"other example.com HTTPS web"},
		},
		{
			name: "the value of an earlier certificate", verdict: catalog.Pass,
			planned:  planned{old: "_acme-challenge TXT x\n", new: "_acme-challenge.www TXT y\n"},
			harmless: []string{"extra _acme-challenge.www.example.com TXT", "missing _acme-challenge.example.com TXT"},
		},
		{
			name: "the validation is delegated", verdict: catalog.Fail,
			planned:  planned{old: "_acme-challenge CNAME x.cdn.com.\n", new: "@ TXT x\n"},
			matter:   []string{"missing _acme-challenge.example.com CNAME certificate"},
			harmless: []string{"extra example.com TXT"},
		},
		{
			name: "a proxy at both", verdict: catalog.Pass,
			planned:  planned{old: "@ A 104.16.1.1\n", new: "@ A 104.17.1.1\n"},
			harmless: []string{"other example.com A"},
		},
		{
			name: "another text beside the same ones", verdict: catalog.Pass,
			planned:  planned{old: "@ TXT \"v=spf1 -all\"\n", new: "@ TXT \"v=spf1 -all\"\n@ TXT host=1\n"},
			harmless: []string{"other example.com TXT"},
		},
		{
			name: "two policies for mail", verdict: catalog.Fail,
			planned: planned{old: "@ TXT \"v=spf1 -all\"\n", new: "@ TXT \"v=spf1 -all\"\n@ TXT \"v=spf1 mx ~all\"\n"},
			matter:  []string{"other example.com TXT mail"},
		},
		{
			name: "records that only the new host has", verdict: catalog.Fail,
			planned: planned{
				old: "@ A 192.0.2.80\n",
				new: "@ A 192.0.2.80\n@ AAAA 2001:db8::1\n@ CAA 0 issue \"ca.example\"\nblog A 192.0.2.9\n",
			},
			matter:   []string{"extra example.com AAAA web", "extra example.com CAA certificate"},
			harmless: []string{"extra blog.example.com A"},
		},
		{
			name: "more authorities may issue", verdict: catalog.Pass,
			planned: planned{
				old: "@ CAA 0 issue \"ca.example\"\n", new: "@ CAA 0 issue \"ca.example\"\n@ CAA 0 issue \"ca2.example\"\n",
			},
			harmless: []string{"other example.com CAA"},
		},
		{
			name: "a zone below is not delegated", verdict: catalog.Fail, names: []string{"shop.dev.example.com"},
			planned: planned{old: "dev NS ns1.cdn.com.\n", new: "@ TXT x\n"},
			matter:  []string{"missing dev.example.com NS delegation"}, harmless: []string{"extra example.com TXT"},
		},
		{
			name: "a zone below at other servers", verdict: catalog.Fail, names: []string{"dev.example.com"},
			planned: planned{old: "dev NS ns1.cdn.com.\n", new: "dev NS ns2.cdn.com.\n"},
			matter:  []string{"other dev.example.com NS delegation"},
		},
		{
			name: "a zone below, delegated by both", verdict: catalog.Pass, names: []string{"shop.dev.example.com"},
			planned: planned{old: "dev NS ns1.cdn.com.\n", new: "dev NS ns1.cdn.com.\n"},
		},
		{
			name: "a signed zone below, of which the new servers have another DS record", verdict: catalog.Fail,
			names: []string{"dev.example.com"}, planned: planned{
				old: "dev NS ns1.cdn.com.\ndev DS 1 13 2 " + digest + "\n",
				new: "dev NS ns1.cdn.com.\ndev DS 2 13 2 " + digest + "\n",
			},
			matter: []string{"other dev.example.com DS delegation"},
		},
		{
			name: "a signed zone below, without its DS record", verdict: catalog.Pass,
			names: []string{"dev.example.com"}, planned: planned{
				old: "dev NS ns1.cdn.com.\ndev DS 1 13 2 " + digest + "\n", new: "dev NS ns1.cdn.com.\n",
			},
			harmless: []string{"missing dev.example.com DS"},
		},
		{
			name: "a wildcard of mail and of a known name", verdict: catalog.Fail, names: []string{"shop.example.com"},
			planned: planned{
				old: "* MX 10 mx.cdn.com.\n*.shop A 192.0.2.80\nshop A 192.0.2.81\n",
				new: "shop A 192.0.2.81\n",
			},
			matter: []string{"missing *.example.com MX mail", "missing *.shop.example.com A web"},
		},
		{
			name: "a CNAME beside mail servers", verdict: catalog.Fail, names: []string{"shop.example.com"},
			planned: planned{
				old: "shop A 192.0.2.80\nshop MX 10 mx.cdn.com.\n", new: "shop CNAME site.cdn.com.\nshop MX 10 mx.cdn.com.\n",
			},
			matter:   []string{"other shop.example.com MX mail"},
			harmless: []string{"other shop.example.com A"},
		},
		{
			name: "a CNAME at the apex", verdict: catalog.Fail,
			planned:  planned{old: "@ A 192.0.2.80\n", new: "@ CNAME site.cdn.com.\n"},
			matter:   []string{"conflict example.com CNAME web"},
			harmless: []string{"other example.com A"},
		},
		{
			name: "a TTL of a week", verdict: catalog.Pass,
			planned:  planned{old: "@ 3600 A 192.0.2.80\n", new: "@ 604800 A 192.0.2.80\n"},
			harmless: []string{"ttl example.com A"},
		},
		{
			name: "a record that only a transfer names", verdict: catalog.Fail,
			planned: planned{old: "odd.name TXT x\n*.odd A 192.0.2.1\n", new: "", transfers: true},
			matter:  []string{"missing *.odd.example.com A web", "missing odd.name.example.com TXT verification"},
		},
		{
			name: "mail servers in the zone, which the new host lacks", verdict: catalog.Fail,
			planned: planned{old: "@ MX 10 inmx7\ninmx7 A 192.0.2.25\n", new: "@ MX 10 inmx7\n"},
			matter:  []string{"missing inmx7.example.com A web"},
		},
		{
			name: "mail servers in the zone", verdict: catalog.Pass,
			planned: planned{old: "@ MX 10 inmx7\ninmx7 A 192.0.2.25\n", new: "@ MX 10 INMX7\ninmx7 A 192.0.2.25\n"},
		},
		{
			name: "an alias in the zone that leads elsewhere at its end", verdict: catalog.Fail,
			planned: planned{
				old: "www CNAME one7\none7 CNAME two7\ntwo7 A 192.0.2.80\n",
				new: "www CNAME one7\none7 CNAME two7\ntwo7 A 192.0.2.81\n",
			},
			matter: []string{"other two7.example.com A web"},
		},
		{
			name: "a zone below whose glue is lost", verdict: catalog.Fail, names: []string{"dev.example.com"},
			planned: planned{
				old: "dev NS ns1.dev\ndev NS ns2.dev\nns1.dev A 192.0.2.53\nns2.dev A 192.0.2.54\n",
				new: "dev NS ns1.dev\ndev NS ns2.dev\nns1.dev A 192.0.2.55\n",
			},
			matter: []string{"missing ns2.dev.example.com A delegation", "other ns1.dev.example.com A delegation"},
		},
		{
			name: "a zone below with its glue", verdict: catalog.Pass, names: []string{"dev.example.com"},
			planned: planned{
				old: "dev NS ns1.dev\nns1.dev A 192.0.2.53\n", new: "dev NS ns1.dev\nns1.dev A 192.0.2.53\n",
			},
		},
		{
			name: "a DS record of a zone below that has no such key", verdict: catalog.Fail,
			names: []string{"dev.example.com"},
			planned: planned{
				old: "dev NS ns1.cdn.com.\n", new: "dev NS ns1.cdn.com.\ndev DS 2 13 2 " + digest + "\n",
			},
			matter: []string{"extra dev.example.com DS delegation"},
		},
		{
			name: "a CAA set that limits what was not limited", verdict: catalog.Fail, planned: planned{
				old: "@ CAA 0 iodef \"mailto:a@example.com\"\n",
				new: "@ CAA 0 iodef \"mailto:a@example.com\"\n@ CAA 0 issue \"ca.example\"\n",
			},
			matter: []string{"other example.com CAA certificate"},
		},
		{
			name: "a CAA set without the address for reports", verdict: catalog.Pass, planned: planned{
				old: "@ CAA 0 iodef \"mailto:a@example.com\"\n@ CAA 0 issue \"ca.example\"\n",
				new: "@ CAA 0 issue \"CA.example\"\n",
			},
			harmless: []string{"other example.com CAA"},
		},
		{
			name: "a critical CAA tag that authorities do not know", verdict: catalog.Fail, planned: planned{
				old: "@ CAA 0 issue \"ca.example\"\n", new: "@ CAA 0 issue \"ca.example\"\n@ CAA 128 foo \"bar\"\n",
			},
			matter: []string{"other example.com CAA certificate"},
		},
		{
			name: "another account of the authority", verdict: catalog.Fail, planned: planned{
				old: "@ CAA 0 issue \"ca.example; accounturi=https://ca.example/acct/Ab\"\n",
				new: "@ CAA 0 issue \"ca.example; accounturi=https://ca.example/acct/aB\"\n",
			},
			matter: []string{"other example.com CAA certificate"},
		},
		{
			name: "two DMARC policies", verdict: catalog.Fail, planned: planned{
				old: "_dmarc TXT \"v=DMARC1; p=none\"\n",
				new: "_dmarc TXT \"v=DMARC1; p=none\"\n_dmarc TXT \"v=DMARC1; p=reject\"\n",
			},
			matter: []string{"other _dmarc.example.com TXT mail"},
		},
		{
			name: "an HTTPS record that is all that a name has", verdict: catalog.Fail,
			planned: planned{old: "www HTTPS 0 site.cdn.com.\n", new: "@ TXT x\n"},
			matter:  []string{"missing www.example.com HTTPS web"}, harmless: []string{"extra example.com TXT"},
		},
		{
			name: "an HTTPS record in other letters", verdict: catalog.Pass,
			planned: planned{old: "www HTTPS 1 Site.CDN.com.\n", new: "www HTTPS 1 site.cdn.com.\n"},
		},
		{
			name: "a wildcard that only the new host has", verdict: catalog.Pass,
			planned:  planned{old: "@ A 192.0.2.80\n", new: "@ A 192.0.2.80\n* A 192.0.2.9\n"},
			harmless: []string{"extra *.example.com A"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := tt.compare(t, move.Request{Names: tt.names})
			var matter, harmless []string
			for _, d := range r.Differences {
				line := fmt.Sprintf("%s %s %s", d.Kind, d.Name, d.Type)
				if !d.Matters {
					harmless = append(harmless, line)
					continue
				}
				line += " " + string(d.Breaks)
				if d.Servers != nil {
					line += " at " + strings.Join(d.Servers, ", ")
				}
				matter = append(matter, line)
			}
			slices.Sort(matter)
			slices.Sort(harmless)
			if diff := cmp.Diff([][]string{tt.matter, tt.harmless}, [][]string{matter, harmless}); diff != "" {
				t.Errorf("differences that matter, and that do not (-want +got):\n%s", diff)
			}
			if r.Verdict() != tt.verdict {
				t.Errorf("verdict %s, want %s", r.Verdict(), tt.verdict)
			}
			if said := strings.Join(r.Unjudged, "\n"); !strings.Contains(said, tt.unjudged) || tt.unjudged == "" &&
				said != "" {
				t.Errorf("not judged: %q", r.Unjudged)
			}
			if r.Compared < 100 {
				t.Errorf("only %d questions were compared", r.Compared)
			}
		})
	}
}

const digest = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

// TestDNSSEC compares DS records and keys, and looks at the steps that follow.
func TestDNSSEC(t *testing.T) {
	t.Parallel()
	a, b := []string{"a"}, []string{"b"}
	for _, tt := range []struct {
		name string
		planned
		want   moving.DNSSEC
		unsign bool // the DS record must go first
		sign   bool // a DS record is added afterwards
	}{
		{"unsigned", planned{}, moving.Unsigned, false, false},
		{"the same key", planned{signOld: a, signNew: a, ds: "a"}, moving.Fits, false, false},
		{"another key", planned{signOld: a, signNew: b, ds: "a"}, moving.WouldNotFit, true, true},
		{
			"another key at one server",
			planned{signOld: a, signNew: []string{"a", "b"}, ds: "a"},
			moving.WouldNotFit, true,
			true,
		},
		{"an expired signature", planned{signOld: a, signNew: []string{"a!"}, ds: "a"}, moving.NotValid, true, true},
		{"no key", planned{signOld: a, ds: "a"}, moving.NewUnsigned, true, true},
		{"signed, without a DS record", planned{signOld: a, signNew: b}, moving.SignedNoDS, false, true},
		{"the DS record is of the new key alone", planned{signOld: a, signNew: b, ds: "b"}, moving.Partly, true, true},
		{"the new host has both keys", planned{signOld: a, signNew: []string{"b+a"}, ds: "b"}, moving.Partly, true, true},
		{
			"both hosts have both keys",
			planned{signOld: []string{"a+b"}, signNew: []string{"b+a"}, ds: "b"},
			moving.Fits,
			false, false,
		},
		{
			"the new host publishes the key of the DS record and signs by another",
			planned{signOld: []string{"a+b"}, signNew: []string{"b+a"}, ds: "a"},
			moving.WouldNotFit, true, true,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.old, tt.new = "@ A 192.0.2.80\n", "@ A 192.0.2.80\n"
			r := tt.compare(t, move.Request{})
			if r.DNSSEC.State != tt.want {
				t.Errorf("DNSSEC is %s, want %s: %+v", r.DNSSEC.State, tt.want, r.DNSSEC)
			}
			has := func(k moving.StepKind) bool {
				return slices.ContainsFunc(r.Steps, func(s move.Step) bool { return s.Kind == k })
			}
			if has(moving.StepUnsign) != tt.unsign || has(moving.StepSign) != tt.sign {
				t.Errorf("the steps remove the DS record: %v, add one: %v", has(moving.StepUnsign), has(moving.StepSign))
			}
			if (r.Verdict() == catalog.Fail) != tt.want.Breaks() {
				t.Errorf("verdict %s", r.Verdict())
			}
		})
	}
}

// TestSteps looks at all steps of a move that needs each, with clock times.
func TestSteps(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 12, 5, 20, 0, 0, 0, time.UTC)
	m := planned{
		old: "@ 14400 A 192.0.2.80\nmail 300 A 192.0.2.25\n@ TXT \"v=spf1 -all\"\n", new: "@ 300 A 192.0.2.81\n",
		signOld: []string{"a"}, ds: "a", inZone: true,
	}
	r := m.compare(t, move.Request{At: at, Hosts: []string{
		"ns1.example.com=" + newAddr,
		"ns2.example.com=" + newAddr2,
	}})
	want := []string{
		"2026-12-05 20:00 lower-ttls, wait 4h0m0s: example.com A, example.com NS",
		"2026-12-06 00:00 create-records, wait 0s: example.com A, example.com TXT, mail.example.com A",
		"2026-12-06 00:00 remove-ds, wait 12h0m0s: ",
		"2026-12-06 12:00 register-glue, wait 0s: ",
		"2026-12-06 12:00 change-servers, wait 0s: ",
		"2026-12-06 12:00 keep-old, wait 28h5m0s: ", // a day, 5 minutes and 4 h
		"2026-12-07 16:05 add-ds, wait 0s: ",
		"2026-12-07 16:05 restore-ttls, wait 0s: example.com A, example.com NS",
		"2026-12-07 16:05 remove-old, wait 0s: ",
	}
	var got []string
	for _, s := range r.Steps {
		var list []string
		for _, rec := range s.Records {
			list = append(list, rec.String())
		}
		slices.Sort(list)
		got = append(got, fmt.Sprintf("%s %s, wait %s: %s", s.At.Format("2006-01-02 15:04"), s.Kind, s.Wait,
			strings.Join(list, ", ")))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
	commands := map[moving.StepKind]string{
		moving.StepUnsign: "dig +norecurse @ns.com example.com DS",
		moving.StepCreate: "dig +norecurse @" + newAddr + " example.com TXT", // its name is in the zone
		moving.StepKeep:   "dig +norecurse @ns1.old.com example.com SOA",
		moving.StepChange: "dig +norecurse @ns.com example.com NS",
	}
	for _, s := range r.Steps {
		if c := commands[s.Kind]; c != "" && !slices.Contains(s.Commands, c) {
			t.Errorf("step %s has the commands %q, not %q", s.Kind, s.Commands, c)
		}
	}
	for _, s := range m.compare(t, move.Request{Hosts: []string{"ns1.nowhere.com=192.0.2.99"}}).Steps {
		if s.Kind == moving.StepKeep && s.Wait != 28*time.Hour+5*time.Minute {
			t.Errorf("the old zone is kept for %s if there is no new one", s.Wait)
		}
	}
	if len(r.Glue) != 2 || len(r.Glue[0].Addrs) != 1 {
		t.Errorf("glue %v", r.Glue)
	}
	if r.TTLs.Negative != 10*time.Minute {
		t.Errorf("the absence of a record is cached for %s", r.TTLs.Negative)
	}
}

// TestZoneFile compares every name of a zone file, and says what it leaves out.
func TestZoneFile(t *testing.T) {
	t.Parallel()
	types := map[string][]uint16{"rare.example.com": {dns.TypeTXT}, "*.deep.example.com": {dns.TypeA}}
	m := planned{old: "rare TXT x\n*.deep A 192.0.2.1\n", new: "rare TXT y\n"}
	r := m.compare(t, move.Request{Types: types})
	var got []string
	for _, d := range r.Differences {
		got = append(got, d.Name+" "+d.Type)
	}
	if want := []string{"*.deep.example.com A", "rare.example.com TXT"}; !slices.Equal(got, want) || !r.Complete {
		t.Errorf("differences %q, want %q; complete: %v", got, want, r.Complete)
	}
	for i := range 300 {
		types[fmt.Sprintf("n%d.example.com", i)] = []uint16{dns.TypeA}
	}
	r = move.CompareAtMost(t.Context(), m.start(t), move.Request{
		Zone: "example.com", Hosts: []string{"ns1.new.com"}, Types: types,
	}, 200)
	if r.Verdict() == catalog.Pass || r.Compared > 200 ||
		!strings.Contains(strings.Join(r.Unjudged, "\n"), "too many") {
		t.Errorf("%d questions of a large zone: %q", r.Compared, r.Unjudged)
	}
}

// TestNothingToMove is about names that are no zones, and hosts that are none.
func TestNothingToMove(t *testing.T) {
	t.Parallel()
	s := planned{old: "@ A 192.0.2.80\n", new: "@ A 192.0.2.80\n"}.start(t)
	for zone, want := range map[string]string{
		"www.example.com": "belongs to the zone example.com", "nowhere.com": "is not",
	} {
		r := move.Compare(t.Context(), s, move.Request{Zone: zone, Hosts: []string{"ns1.new.com"}})
		if said := strings.Join(r.Unjudged, "\n"); r.Verdict() != catalog.Inconclusive || !strings.Contains(said, want) ||
			len(r.Steps) > 0 {
			t.Errorf("%s is %s: %q", zone, r.Verdict(), said)
		}
	}
	r := move.Compare(t.Context(), s, move.Request{
		Zone:  "example.com",
		Hosts: []string{"ns1.nowhere.com=2001:db8::53"},
	})
	if said := strings.Join(r.Unjudged, "\n"); !strings.Contains(said, "from this machine") ||
		strings.Contains(said, "authority") {
		t.Errorf("servers that this machine has no way to: %q", said)
	}
	for _, hosts := range [][]string{nil, {"not a host"}, {"nobody.new.com"}, {"ns1.nowhere.com=192.0.2.99"}} {
		r := move.Compare(t.Context(), s, move.Request{Zone: "example.com", Hosts: hosts})
		if r.Verdict() != catalog.Inconclusive || len(r.Unjudged) == 0 || r.Compared > 0 {
			t.Errorf("%q is %s: %q", hosts, r.Verdict(), r.Unjudged)
		}
	}
}

// TestServersThatStay is about a move that keeps a server of today: nobody is told to delete the zone there.
func TestServersThatStay(t *testing.T) {
	t.Parallel()
	m := planned{old: "@ A 192.0.2.80\n", new: "@ A 192.0.2.80\n"}
	for _, tt := range []struct{ hosts, leaving []string }{
		{[]string{"ns1.old.com", "ns1.new.com"}, []string{"ns2.old.com"}},
		{[]string{"ns1.old.com"}, []string{"ns2.old.com"}},
		{[]string{"ns1.old.com", "ns2.old.com"}, nil},
		{[]string{"ns1.new.com", "ns2.new.com"}, []string{"ns1.old.com", "ns2.old.com"}},
	} {
		for _, s := range m.compare(t, move.Request{Hosts: tt.hosts}).Steps {
			if (s.Kind == moving.StepRemove || s.Kind == moving.StepKeep) && !slices.Equal(s.Hosts, tt.leaving) {
				t.Errorf("to %q: step %s is about %q, not %q", tt.hosts, s.Kind, s.Hosts, tt.leaving)
			}
			stays := slices.ContainsFunc(tt.leaving, func(string) bool { return len(tt.leaving) < 2 })
			if s.Kind == moving.StepRemove && strings.Contains(s.Text, "Delete the zone") == stays || s.Kind ==
				moving.StepChange && tt.leaving == nil {
				t.Errorf("to %q: %s", tt.hosts, s.Text)
			}
		}
	}
}

// TestOldDenials is about a record that only the new servers have: denials of the old ones are cached for longer than
// any of their records.
func TestOldDenials(t *testing.T) {
	t.Parallel()
	wait := func(new string) time.Duration {
		m := planned{old: "@ 60 A 192.0.2.80\n", new: new}
		for _, s := range m.compare(t, move.Request{Names: []string{"_verify.example.com"}}).Steps {
			if s.Kind == moving.StepKeep {
				return s.Wait
			}
		}
		return 0
	}
	const delegations = 24*time.Hour + 5*time.Minute // of the zone above, and of the zone itself once it is lowered
	if got := wait("@ 60 A 192.0.2.80\n_verify TXT x\n"); got != delegations+10*time.Minute {
		t.Errorf("with a new record, the old zone is kept for %s", got)
	}
	if got := wait("@ 60 A 192.0.2.80\n"); got != delegations+time.Minute {
		t.Errorf("without a difference, the old zone is kept for %s", got)
	}
}
