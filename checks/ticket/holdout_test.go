package ticket_test

import (
	"sort"
	"strings"
	"testing"

	"domdoc/checks/ticket"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
)

// zoneList is tenantList with zones: the domains that end in the registered name.
func zoneList(domains ...string) ticket.Lookup[string] {
	l := tenantList(ticket.IDMissing, domains...)
	l.InZone = func(zone string) (out []string) {
		for _, d := range domains {
			name := strings.Fields(d)[1]
			if name == zone || strings.HasSuffix(name, "."+zone) {
				out = append(out, d)
			}
		}
		sort.Slice(out, func(i, j int) bool { return strings.Fields(out[i])[1] < strings.Fields(out[j])[1] })
		return out
	}
	return l
}

// says writes what a ticket is about, in the form of testdata/holdout.txtar.
func says(t *testing.T, read *ticket.Ticket, lookup ticket.Lookup[string]) []string {
	t.Helper()
	resolved, err := ticket.Resolve(read, lookup)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, m := range resolved.Matches {
		name := m.Name + m.ID + " (not the tenant's)"
		if m.Found {
			name = strings.Fields(m.Domain)[1]
		}
		if m.Via != "" {
			name += " via " + m.Via
		}
		name += ":"
		for _, r := range m.Reported {
			name += " " + r.Code
		}
		out = append(out, name)
		for _, e := range m.Errors {
			out = append(out, "error "+e)
		}
	}
	for _, u := range resolved.Unclear {
		var names []string
		for _, d := range u.Candidates {
			names = append(names, strings.Fields(d)[1])
		}
		out = append(out, "which of "+strings.Join(names, ", ")+" for "+u.Name)
	}
	if read.Empty() || len(out) == 0 {
		out = append(out, "ask")
	}
	for _, c := range read.NoCodes {
		out = append(out, "no such code "+c)
	}
	return out
}

// TestHoldout reads every ticket of testdata/holdout.txtar right.
func TestHoldout(t *testing.T) {
	t.Parallel()
	readRight(t, "testdata/holdout.txtar")
}

// TestHoldoutMore reads every ticket of testdata/holdout2.txtar right.
func TestHoldoutMore(t *testing.T) {
	t.Parallel()
	readRight(t, "testdata/holdout2.txtar")
}

// readRight compares what is read in each ticket of a file with its .want.
func readRight(t *testing.T, name string) {
	t.Helper()
	file, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var domains []string
	for _, line := range strings.Split(string(file.Comment), "\n") {
		if f := strings.Fields(line); strings.HasPrefix(line, "  ") && len(f) == 2 {
			domains = append(domains, line)
		}
	}
	read, right := 0, 0
	for i := 0; i+1 < len(file.Files); i += 2 {
		in, want := file.Files[i], file.Files[i+1]
		if want.Name != in.Name+".want" {
			t.Fatalf("%s has no .want", in.Name)
		}
		read++
		t.Run(in.Name, func(t *testing.T) {
			var got []string
			all := ticket.ReadAll(string(in.Data))
			for n, one := range all {
				if len(all) > 1 {
					got = append(got, "ticket "+string(rune('1'+n))+" "+one.Subject)
				}
				got = append(got, says(t, &one, zoneList(domains...))...)
			}
			wanted := strings.Split(strings.TrimSpace(string(want.Data)), "\n")
			if diff := cmp.Diff(wanted, got); diff != "" {
				t.Error(diff)
				return
			}
			right++
		})
	}
	if read < 60 || right != read {
		t.Errorf("%d of %d tickets were read right", right, read)
	}
}
