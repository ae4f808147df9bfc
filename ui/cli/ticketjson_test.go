package cli_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"domdoc/ui/render/wire"
)

// TestTicketJSON: a ticket has JSON, also if it names no domain; its twin is one that does.
func TestTicketJSON(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		text     string
		code     int
		domains  []string
		complete bool
		says     string
	}{
		"no domain": {"we get DOMAIN_007 and Error 526", 2, []string{}, false, "INSUFFICIENT_FUNDS"},
		"nothing":   {"it does not work", 2, []string{}, false, ""},
		"no code":   {"DOMAIN_024", 2, []string{}, false, "DOMAIN_024 is not an error code"},
		"which of": {
			"DOMAIN_010 www.emberone.example", 0,
			[]string{"shop.emberone.example"},
			true,
			"DNS_PROPAGATION_TIMEOUT",
		},
		"with domain": {
			"DOMAIN_004 tickets.northwind.example", 0,
			[]string{"tickets.northwind.example"},
			true,
			"DOMAIN_004",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var r wire.Report
			code, out, _ := runs(t, map[string]string{"stdin": tt.text + "\n"}, "demo", "triage", "-o", "json")
			if err := json.Unmarshal([]byte(out), &r); err != nil {
				t.Fatalf("%v: %q", err, out)
			}
			if code != tt.code || r.Complete != tt.complete || len(r.Tickets) != 1 {
				t.Fatalf("exit %d, complete %v, %d tickets: %s", code, r.Complete, len(r.Tickets), out)
			}
			x := r.Tickets[0]
			if !slices.Equal(x.Domains, tt.domains) || !strings.Contains(strings.Join(x.Says, "\n"), tt.says) ||
				(len(x.Ask) > 0) != (len(tt.domains) == 0) || len(r.Domains) != len(tt.domains) {
				t.Errorf("%+v", x)
			}
			_, lines, _ := runs(t, map[string]string{"stdin": tt.text + "\n"}, "demo", "triage", "-o", "jsonl")
			list := strings.Split(strings.TrimSpace(lines), "\n")
			var end wire.End
			if err := json.Unmarshal([]byte(list[len(list)-1]), &end); err != nil || len(end.Tickets) != 1 {
				t.Errorf("the last line: %v, %q", err, lines)
			}
		})
	}
}
