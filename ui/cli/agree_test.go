package cli_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"domdoc/ui/render/wire"
)

// TestIntegrationCodes checks codes that name an integration of the platform: a ticket about one domain is answered
// like a check of it, by what the tenant's other domains report, and never with "try again" alone.
func TestIntegrationCodes(t *testing.T) {
	t.Parallel()
	// shop.embertwo.example and shop.emberthree.example have the same code
	ticket := map[string]string{"stdin": "DOMAIN_020 shop.emberone.example\n"}
	_, triaged, _ := runs(t, ticket, "demo", "triage")
	_, checked, _ := runs(t, nil, "demo", "check", "shop.emberone.example")
	for command, out := range map[string]string{"triage": triaged, "check": checked} {
		for _, want := range []string{
			"shop.emberone.example  ! warn", "service.integration-incident",
			"DOMAIN_020 was reported for shop.emberone.example, shop.emberthree.example and shop.embertwo.example",
			"\n1 warn; 1 for the platform\n",
		} {
			if !strings.Contains(strings.Join(strings.Fields(out), " "), strings.Join(strings.Fields(want), " ")) {
				t.Errorf("%s does not say %q:\n%s", command, want, out)
			}
		}
		if strings.Contains(out, "for you") {
			t.Errorf("%s: what the platform must do is for the tenant:\n%s", command, out)
		}
	}
	// without others that report it: by its name it is still the platform's
	ticket = map[string]string{"stdin": "DOMAIN_022 tickets.northwind.example\n"}
	code, out, _ := runs(t, ticket, "demo", "triage")
	if text := strings.Join(strings.Fields(out), " "); code != 0 ||
		!strings.Contains(text, "the platform's DNS integration") || strings.Contains(text, "let it try again") {
		t.Errorf("exit %d:\n%s", code, out)
	}
	for as, want := range map[string]string{"tenant": "send this to the platform's support", "support": "Our own DNS"} {
		_, reply, _ := runs(t, ticket, "demo", "triage", "-o", "markdown", "--as", as)
		if !strings.Contains(reply, want) || strings.Contains(reply, "Please try again") {
			t.Errorf("the reply as %s:\n%s", as, reply)
		}
	}
	// its twin: weeks ago, and healthy
	_, out, _ = runs(t, nil, "demo", "check", "shop.goldeneye.example")
	if !strings.Contains(out, "shop.goldeneye.example  ✓ pass") || !strings.HasSuffix(out, "\n1 pass\n") ||
		strings.Contains(out, "incident") {
		t.Errorf("a domain whose code is old:\n%s", out)
	}
}

// TestFilterByIncident checks that --filter judges domains by their final state: what an incident makes of them is
// known only when others are.
func TestFilterByIncident(t *testing.T) {
	t.Parallel()
	args := []string{
		"demo", "check", "shop.emberone.example", "shop.embertwo.example", "shop.emberthree.example",
		"tickets.northwind.example", "shop.goldeneye.example",
	}
	for filter, want := range map[string]wire.States{
		"cause:service.integration-incident": {Warn: 3},
		"verdict:warn":                       {Warn: 3},
		"who:platform":                       {Warn: 3},
		"rung:service":                       {Warn: 3},
		"verdict:pass":                       {Pass: 2},
		"-cause:incident":                    {Pass: 2},
		"northwind":                          {Pass: 1},
	} {
		t.Run(filter, func(t *testing.T) {
			t.Parallel()
			code, out, errs := runs(t, nil, append(slices.Clone(args), "--filter", filter, "-o", "json")...)
			var r wire.Report
			if err := json.Unmarshal([]byte(out), &r); err != nil {
				t.Fatal(err, errs)
			}
			if code != 0 || r.Summary.States != want || len(r.Domains) != want.Pass+want.Warn {
				t.Errorf("exit %d, %+v, want %+v", code, r.Summary.States, want)
			}
			// the incident is of the domains that are selected
			has := slices.ContainsFunc(r.Tenant.Findings, func(f wire.Finding) bool { return f.IsIncident() })
			if has != (want.Warn > 0) {
				t.Errorf("the report has an incident: %t", has)
			}
		})
	}
}

// TestReaders checks that reports address who reads them, and count what is for whom.
func TestReaders(t *testing.T) {
	t.Parallel()
	const fails, waits, platforms = "shop.fabrikam.example", "shop.thephone.example", "shop.emberone.example"
	args := []string{"demo", "check", fails, waits, platforms}
	for _, tt := range []struct {
		name, as, env string
		want          []string
	}{
		{"a tenant's session", "", "", []string{
			"owner you (the domain's owner)",
			"; 1 for you (1 fix), 1 for the platform, 1 waits until",
		}},
		{"support", "support", "tenant", []string{
			"owner the customer (the domain's owner)",
			"; 1 for the customer (1 fix), 1 for the platform",
		}},
		{"by the environment", "", "support", []string{"owner the customer (the domain's owner)"}},
		{"operator", "operator", "", []string{
			"owner the tenant t-sandbox (the domain's owner)",
			"; 1 for the tenant t-sandbox (1 fix), 1 for you,",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a := slices.Clone(args)
			if tt.as != "" {
				a = append(a, "--as", tt.as)
			}
			_, out, _ := runs(t, map[string]string{"DOMDOC_AS": tt.env}, a...)
			text := strings.Join(strings.Fields(out), " ")
			for _, want := range tt.want {
				if !strings.Contains(text, want) {
					t.Errorf("no %q in:\n%s", want, out)
				}
			}
		})
	}
	// without a session it is somebody who helps
	_, out, _ := runs(t, nil, "check", "a b.example", "--resolver", "127.0.0.1:1")
	if !strings.Contains(out, "1 fail; 1 for the customer (1 fix)") {
		t.Errorf("without a session:\n%s", out)
	}
	if code, _, said := runs(t, nil, "check", "a b.example", "--as", "boss"); code != 2 ||
		!strings.Contains(said, "use tenant, support or operator") {
		t.Errorf("exit %d, %s", code, said)
	}
}

// TestStates checks that each domain is in one state, the same in the JSON, in its counts, in the text and for the
// filter.
func TestStates(t *testing.T) {
	t.Parallel()
	names := map[string]string{
		"shop.fabrikam.example": "fail", "shop.thephone.example": "waiting", "shop.birch.example": "warn",
		"shop.zephyr.example": "not-checked", "tickets.northwind.example": "pass",
	}
	args := []string{"demo", "check"}
	for name := range names {
		args = append(args, name)
	}
	_, out, _ := runs(t, nil, append(args, "-o", "json")...)
	var r wire.Report
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatal(err)
	}
	for _, d := range r.Domains {
		if d.State != names[d.Domain] {
			t.Errorf("%s is %s, want %s", d.Domain, d.State, names[d.Domain])
		}
		for _, f := range d.Findings {
			if d.State == "waiting" && f.BlockedBy == nil && f.State != "waiting" {
				t.Errorf("%s of %s: %s, want waiting", f.Cause, d.Domain, f.State)
			}
		}
	}
	if want := (wire.States{Pass: 1, Warn: 1, Fail: 1, Waiting: 1, NotChecked: 1}); r.Summary.States != want {
		t.Errorf("counts %+v, want %+v", r.Summary.States, want)
	}
	_, out, _ = runs(t, nil, args...)
	for name, state := range names {
		if word := strings.ReplaceAll(state, "-", " "); !strings.Contains(out, " "+word) {
			t.Errorf("%s: no word %q in:\n%s", name, word, out)
		}
		_, lines, _ := runs(t, nil, append(slices.Clone(args), "--filter", "verdict:"+state, "-o", "jsonl")...)
		if strings.Count(lines, `"unicode":`) != 1 || !strings.Contains(lines, `"domain":"`+name+`"`) {
			t.Errorf("the filter verdict:%s selects:\n%.400s", state, lines)
		}
	}
	if !strings.Contains(out, "\n1 pass, 1 warn, 1 fail, 1 waiting, 1 not checked; ") ||
		strings.Contains(out, "✗ fails") {
		t.Errorf("the last line of:\n%s", out)
	}
}

// TestSourceFirst checks that the commands that verify a finding ask an authoritative server first, and that no
// resolver is asked for a name that does not exist yet before the change.
func TestSourceFirst(t *testing.T) {
	t.Parallel()
	_, out, _ := runs(t, nil, "demo", "check", "shop.curlew.example", "shop.thephone.example", "-o", "json")
	var r wire.Report
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, d := range r.Domains {
		for _, f := range d.Findings {
			if f.BlockedBy != nil || len(f.Fix.Commands) == 0 {
				continue
			}
			seen++
			if !strings.HasPrefix(f.Fix.Commands[0], "dig +norecurse @") {
				t.Errorf("%s: the first command is %q", f.Cause, f.Fix.Commands[0])
			}
			missing := f.Cause == "record.missing"
			for _, c := range f.Fix.Commands[1:] {
				if missing && strings.HasPrefix(c, "dig") && !strings.Contains(c, "+norecurse") {
					t.Errorf("%s: a resolver is asked before the change: %q", f.Cause, c)
				}
			}
			if missing && !slices.Equal(f.Fix.After, []string{"dig @8.8.8.8 _verify.shop.curlew.example TXT"}) {
				t.Errorf("after the change: %q", f.Fix.After)
			}
		}
	}
	if seen != 2 {
		t.Errorf("%d findings with commands, want 2", seen)
	}
}
