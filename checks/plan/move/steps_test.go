package move_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"domdoc/catalog/moving"
	"domdoc/checks/plan/move"

	"github.com/google/go-cmp/cmp"
)

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
