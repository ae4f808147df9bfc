package advice

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"domdoc/catalog"
)

// copyOf reads a copy of a zone from lines "NAME TYPE VALUE"; "*.NAME TYPE VALUE" is what a wildcard answers just
// below NAME. Every name that is given in absent is known not to be there.
func copyOf(lines string, absent ...string) *zoneSnapshot {
	z := newZoneSnapshot()
	z.apexes = []string{"x.example"}
	z.hosts = []string{"app.x.example"}
	node := func(name string) {
		z.exists[name] = true
		for _, t := range append([]string{"CNAME"}, watchedTypes...) {
			if k := (setKey{name, t}); z.sets[k] == nil {
				z.sets[k] = nil
			}
		}
	}
	node("x.example")
	for _, name := range absent {
		z.exists[name] = false
	}
	for _, l := range strings.Split(lines, "\n") {
		w := strings.SplitN(strings.TrimSpace(l), " ", 3)
		if len(w) < 3 {
			continue
		}
		if up, ok := strings.CutPrefix(w[0], "*."); ok {
			if z.wild[up] == nil {
				z.wild[up] = map[string][]string{}
				for _, t := range watchedTypes {
					z.wild[up][t] = nil
				}
			}
			z.wild[up][w[1]] = append(z.wild[up][w[1]], w[2])
			continue
		}
		node(w[0])
		z.sets[setKey{w[0], w[1]}] = append(z.sets[setKey{w[0], w[1]}], w[2])
	}
	return z
}

func rec(name, rrtype, value string) catalog.Record {
	role := catalog.Verification
	if name == "app.x.example" || name == "x.example" {
		role = catalog.Routing
	}
	return catalog.Record{Role: role, Zone: "x.example", Name: name, Type: rrtype, Value: value, TTL: 300}
}

func add(list ...catalog.Record) change { return change{adds: list} }

// TestRehearse tries changes on copies of zones: what they would break besides must be seen, mended where it can be,
// and withheld where it cannot.
func TestRehearse(t *testing.T) {
	t.Parallel()
	token := rec("_verify.app.x.example", "TXT", "tok-1")
	route := rec("app.x.example", "CNAME", "edge.example")
	for _, tc := range []struct {
		name    string
		zone    *zoneSnapshot
		changes []change
		// want are the effects of each change, by their kinds; then what is published and deleted in the end.
		want, adds, deletes [][]string
	}{
		{
			name: "a record in an ordinary zone", zone: copyOf("app.x.example A 192.0.2.1", "_verify.app.x.example"),
			changes: []change{add(token)},
			want:    [][]string{nil}, adds: [][]string{{"_verify.app.x.example TXT tok-1"}},
		},
		{
			name: "below a name that lives by a wildcard", zone: copyOf("*.x.example CNAME edge.example", "app.x.example",
				"_verify.app.x.example"), changes: []change{add(token)},
			want: [][]string{{"stops-wildcard"}}, adds: [][]string{{
				"_verify.app.x.example TXT tok-1",
				"app.x.example CNAME edge.example",
			}},
		},
		{
			name:    "below a name that lives by a wildcard of addresses and mail",
			zone:    copyOf("*.x.example A 192.0.2.1\n*.x.example MX 10 mail.x.example", "app.x.example"),
			changes: []change{add(token)},
			want:    [][]string{{"stops-wildcard"}}, adds: [][]string{{
				"_verify.app.x.example TXT tok-1",
				"app.x.example A 192.0.2.1", "app.x.example MX 10 mail.x.example",
			}},
		},
		{
			name:    "beside a wildcard, where nothing is between",
			zone:    copyOf("*.x.example CNAME edge.example", "_verify.x.example"),
			changes: []change{add(rec("_verify.x.example", "TXT", "tok-1"))},
			want:    [][]string{nil}, adds: [][]string{{"_verify.x.example TXT tok-1"}},
		},
		{
			name: "a name that exists stops no wildcard",
			zone: copyOf("*.x.example CNAME edge.example\napp.x.example A 192.0.2.1"), changes: []change{add(token)},
			want: [][]string{nil}, adds: [][]string{{"_verify.app.x.example TXT tok-1"}},
		},
		{
			name: "what was not asked proves nothing", zone: newZoneSnapshot(), changes: []change{add(token)},
			want: [][]string{nil}, adds: [][]string{{"_verify.app.x.example TXT tok-1"}},
		},
		{
			name:    "a text at a host that lives by a wildcard CNAME",
			zone:    copyOf("*.x.example CNAME edge.example", "app.x.example"),
			changes: []change{add(rec("app.x.example", "TXT", "tok-1"))},
			want:    [][]string{{"wildcard-is-cname"}}, adds: [][]string{nil},
		},
		{
			name:    "the route of a host that lives by a wildcard",
			zone:    copyOf("*.x.example A 192.0.2.1\n*.x.example TXT v=spf1 -all", "app.x.example"),
			changes: []change{add(route)},
			want:    [][]string{nil}, adds: [][]string{{"app.x.example CNAME edge.example"}},
		},
		{
			name: "a CNAME where addresses stand",
			zone: copyOf("app.x.example A 192.0.2.1\napp.x.example AAAA 2001:db8::1"), changes: []change{add(route)},
			want: [][]string{{"takes-place"}}, adds: [][]string{{"app.x.example CNAME edge.example"}},
			deletes: [][]string{{"app.x.example A 192.0.2.1", "app.x.example AAAA 2001:db8::1"}},
		},
		{
			name: "a CNAME in place of another", zone: copyOf("app.x.example CNAME old.example"),
			changes: []change{add(route)},
			want:    [][]string{nil}, adds: [][]string{{"app.x.example CNAME edge.example"}},
		},
		{
			name: "a CNAME where mail arrives",
			zone: copyOf("app.x.example A 192.0.2.1\napp.x.example MX 10 mail.x.example"), changes: []change{add(route)},
			want: [][]string{{"hides-others"}}, adds: [][]string{nil},
		},
		{
			name: "a CNAME at the zone's own name", zone: copyOf("x.example MX 10 mail.x.example"),
			changes: []change{add(rec("x.example", "CNAME", "edge.example"))},
			want:    [][]string{{"needs-alias"}}, adds: [][]string{{"x.example ALIAS edge.example"}},
		},
		{
			name: "a verification CNAME at the zone's own name", zone: copyOf(""),
			changes: []change{add(catalog.Record{
				Role: catalog.Verification, Zone: "x.example", Name: "x.example",
				Type: "CNAME", Value: "v.example",
			})},
			want: [][]string{{"apex-cname"}}, adds: [][]string{nil},
		},
		{
			name: "a text beside a CNAME that routes the host", zone: copyOf("app.x.example CNAME edge.example"),
			changes: []change{add(rec("app.x.example", "TXT", "tok-1"))},
			want:    [][]string{{"beside-cname"}}, adds: [][]string{nil},
		},
		{
			name:    "a text beside a CNAME that nothing needs",
			zone:    copyOf("app.x.example A 192.0.2.1\n_verify.app.x.example CNAME old.example"),
			changes: []change{add(token)},
			want:    [][]string{{"frees-name"}}, adds: [][]string{{"_verify.app.x.example TXT tok-1"}},
			deletes: [][]string{{"_verify.app.x.example CNAME old.example"}},
		},
		{
			name: "two answers to one question", zone: copyOf("app.x.example A 192.0.2.1", "_verify.app.x.example"),
			changes: []change{add(token), add(rec("_verify.app.x.example", "CNAME", "v.example"))},
			want:    [][]string{nil, {"alternative"}}, adds: [][]string{{"_verify.app.x.example TXT tok-1"}, nil},
		},
		{
			name: "two records that exclude each other", zone: copyOf("", "app.x.example"),
			changes: []change{add(route), add(catalog.Record{
				Role: catalog.Verification, Zone: "x.example",
				Name: "app.x.example", Type: "TXT", Value: "tok-1", TTL: 300,
			})},
			want: [][]string{nil, {"contradicts"}}, adds: [][]string{{"app.x.example CNAME edge.example"}, nil},
		},
		{
			name: "one record that two findings advise", zone: copyOf("app.x.example A 192.0.2.1"),
			changes: []change{add(token), add(token)},
			want:    [][]string{nil, nil}, adds: [][]string{
				{"_verify.app.x.example TXT tok-1"},
				{"_verify.app.x.example TXT tok-1"},
			},
		},
		{
			name: "a deletion of what was advised just before",
			zone: copyOf("app.x.example A 192.0.2.1\napp.x.example A 192.0.2.2"),
			changes: []change{
				add(rec("app.x.example", "A", "192.0.2.1")),
				{deletes: []catalog.Record{rec("app.x.example", "A", "192.0.2.1")}},
			},
			want: [][]string{nil, {"still-wanted"}}, adds: [][]string{{"app.x.example A 192.0.2.1"}, nil},
			deletes: [][]string{nil, nil},
		},
		{
			name: "the last address", zone: copyOf("app.x.example AAAA 2001:db8::1"),
			changes: []change{{deletes: []catalog.Record{rec("app.x.example", "AAAA", "2001:db8::1")}}},
			want:    [][]string{{"leaves-none"}}, adds: [][]string{nil}, deletes: [][]string{nil},
		},
		{
			name: "an address beside others", zone: copyOf("app.x.example A 192.0.2.1\napp.x.example AAAA 2001:db8::1"),
			changes: []change{{deletes: []catalog.Record{rec("app.x.example", "AAAA", "2001:db8::1")}}},
			want:    [][]string{nil}, adds: [][]string{nil}, deletes: [][]string{{"app.x.example AAAA 2001:db8::1"}},
		},
		{
			name: "CAA beside CAA", zone: with(copyOf(`x.example CAA 0 issue "letsencrypt.org"`), func(z *zoneSnapshot) {
				z.cas = []string{"letsencrypt.org"}
			}), changes: []change{add(rec("x.example", "CAA", `0 issue "amazon.com"`))},
			want: [][]string{nil}, adds: [][]string{{`x.example CAA 0 issue "amazon.com"`}},
		},
		{
			name: "the first CAA, with another authority in use", zone: with(copyOf(""), func(z *zoneSnapshot) {
				z.cas = []string{"letsencrypt.org", "amazon.com"}
			}), changes: []change{add(rec("x.example", "CAA", `0 issue "amazon.com"`))},
			want: [][]string{{"locks-out"}}, adds: [][]string{{
				`x.example CAA 0 issue "amazon.com"`,
				`x.example CAA 0 issue "letsencrypt.org"`,
			}},
		},
		{
			name: "a TXT beside others of another TTL", zone: with(copyOf("x.example TXT v=spf1 -all"),
				func(z *zoneSnapshot) {
					z.ttls[setKey{"x.example", "TXT"}] = 3600
				}), changes: []change{add(rec("x.example", "TXT", "tok-1"))},
			want: [][]string{{"takes-ttl"}}, adds: [][]string{{"x.example TXT tok-1"}},
		},
		{
			name: "a TXT beside others of a TTL that the service refuses",
			zone: with(copyOf("x.example TXT v=spf1 -all"), func(z *zoneSnapshot) {
				z.ttls[setKey{"x.example", "TXT"}] = 30
			}),
			changes: []change{add(rec("x.example", "TXT", "tok-1"))},
			want:    [][]string{nil}, adds: [][]string{{"x.example TXT tok-1"}},
		},
		{
			name: "other name servers for a signed zone", zone: with(copyOf(""), func(z *zoneSnapshot) {
				z.ds["x.example"] = 86400
			}), changes: []change{{servers: "x.example"}},
			want: [][]string{{"signed-zone"}}, adds: [][]string{nil},
		},
		{
			name: "other name servers for an unsigned zone", zone: copyOf(""), changes: []change{{servers: "x.example"}},
			want: [][]string{nil}, adds: [][]string{nil},
		},
		{
			name: "a move of a value that is wanted at both places",
			zone: with(copyOf("app.x.example TXT tok-1"), func(z *zoneSnapshot) {
				z.wanted = []catalog.Record{rec("app.x.example", "TXT", "tok-1")}
			}), changes: []change{{
				adds:    []catalog.Record{token},
				deletes: []catalog.Record{rec("app.x.example", "TXT", "tok-1")},
			}},
			want: [][]string{{"still-wanted"}}, adds: [][]string{{"_verify.app.x.example TXT tok-1"}},
			deletes: [][]string{nil},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got := simulate(tc.zone, tc.changes)
			for i, r := range got {
				var kinds []string
				for _, e := range r.effects {
					kinds = append(kinds, string(e.Kind))
				}
				if !slices.Equal(kinds, tc.want[i]) {
					t.Errorf("change %d has the effects %v, want %v", i, kinds, tc.want[i])
				}
				if adds := texted(r.change.adds); !slices.Equal(adds, tc.adds[i]) {
					t.Errorf("change %d publishes %q, want %q", i, adds, tc.adds[i])
				}
				if tc.deletes != nil && !slices.Equal(texted(r.change.deletes), tc.deletes[i]) {
					t.Errorf("change %d deletes %q, want %q", i, texted(r.change.deletes), tc.deletes[i])
				}
				if again, found := tc.zone.sideEffect(r.change, nil); found && !again.Kind.Withholds() &&
					again.Kind != catalog.StillWanted && again.Kind != catalog.SignedZone {
					t.Errorf("change %d, made safe, still does %s", i, again.Kind)
				}
			}
		})
	}
}

func with(z *zoneSnapshot, f func(*zoneSnapshot)) *zoneSnapshot {
	f(z)
	return z
}

func texted(list []catalog.Record) []string {
	var out []string
	for _, r := range list {
		out = append(out, fmt.Sprintf("%s %s %s", r.Name, r.Type, r.Value))
	}
	return out
}
