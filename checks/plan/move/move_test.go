package move_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

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
