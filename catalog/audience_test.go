package catalog_test

import (
	"regexp"
	"slices"
	"testing"
	"time"

	"domdoc/catalog"
	_ "domdoc/catalog/causes"
)

func TestWords(t *testing.T) {
	t.Parallel()
	support, operator := catalog.Reader{As: catalog.ForSupport}, catalog.Reader{As: catalog.ForOperator, Tenant: "t-1"}
	for _, tt := range []struct {
		reader   catalog.Reader
		in, want string
	}{
		{catalog.Reader{}, "at your DNS host, if you run it", "at your DNS host, if you run it"},
		{support, "at your DNS host, if you run it", "at the customer's DNS host, if the customer runs it"},
		{operator, "before you change it yourself", "before the tenant t-1 changes it themselves"},
		{support, "if you left it", "if the customer left it"},
		{support, `it says "are you a robot?" to your users`, `it says "are you a robot?" to the customer's users`},
		{support, "your.example has no record", "your.example has no record"},
		{support, "the platform must act", "the platform must act"},
	} {
		if got := tt.reader.Words(tt.in); got != tt.want {
			t.Errorf("%s: %q becomes %q, want %q", tt.reader.As, tt.in, got, tt.want)
		}
	}
}

// TestEveryCauseForEveryReader checks that no sentence about an example of a cause calls the tenant "you" for anybody
// else, and that the verb after it agrees.
func TestEveryCauseForEveryReader(t *testing.T) {
	t.Parallel()
	support := catalog.Reader{As: catalog.ForSupport}
	quoted := regexp.MustCompile(`"[^"]*"?`)
	wrong := regexp.MustCompile(
		`(?i)\b(you|your|yours|yourself)\b|the customer (are|have|run|change|want|need|use|do)\b`)
	for _, c := range catalog.Causes() {
		ex := c.Example()
		texts := append([]string{ex.Summary(), ex.Why()}, ex.Fix().Steps...)
		if u := ex.Until(); u != nil {
			texts = append(texts, u.Reason)
		}
		for _, s := range texts {
			if got := quoted.ReplaceAllString(support.Words(s), ""); wrong.MatchString(got) {
				t.Errorf("%s: %q", c.ID, got)
			}
			if (catalog.Reader{}).Words(s) != s {
				t.Errorf("%s: changed for the tenant: %q", c.ID, s)
			}
		}
	}
}

func TestCounted(t *testing.T) {
	t.Parallel()
	for want, tt := range map[string]struct {
		reader catalog.Reader
		actor  catalog.Actor
		n      int
	}{
		"2 for you":                        {catalog.Reader{}, catalog.Tenant, 2},
		"1 for the platform":               {catalog.Reader{As: catalog.ForTenant}, catalog.Platform, 1},
		"3 wait":                           {catalog.Reader{}, catalog.Wait, 3},
		"1 waits":                          {catalog.Reader{}, catalog.Wait, 1},
		"2 for your registrar or registry": {catalog.Reader{}, catalog.RegistrarActor, 2},
		"2 for the customer":               {catalog.Reader{As: catalog.ForSupport}, catalog.Tenant, 2},
		"1 for the customer's DNS host":    {catalog.Reader{As: catalog.ForSupport}, catalog.DNSHost, 1},
		"4 for the tenant t-1": {
			catalog.Reader{As: catalog.ForOperator, Tenant: "t-1"},
			catalog.Tenant, 4,
		},
		"5 for you ":                                 {catalog.Reader{As: catalog.ForOperator}, catalog.Platform, 5},
		"1 for the certificate authority":            {catalog.Reader{}, catalog.Authority, 1},
		"1 for the customer's registrar or registry": {catalog.Reader{As: catalog.ForSupport}, catalog.RegistrarActor, 1},
	} {
		if got := tt.reader.Counted(tt.actor, tt.n); got != regexp.MustCompile(` $`).ReplaceAllString(want, "") {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestInZone(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("IST", 19800)
	for in, want := range map[string]string{
		"wait until 2026-02-22 20:00 UTC at the latest": "wait until 2026-02-23 01:30 IST at the latest",
		"at 2026-02-22 10:00:30 UTC":                    "at 2026-02-22 15:30:30 IST",
		"registered on 2026-02-22, UTC":                 "registered on 2026-02-22, UTC",
		"2026-02-99 10:00 UTC":                          "2026-02-99 10:00 UTC",
	} {
		if got := catalog.InZone(in, zone); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
		if got := catalog.InZone(in, time.UTC); got != in {
			t.Errorf("in UTC: %q", got)
		}
	}
}

// TestAtSource checks that no command of any cause asks a public resolver of its own accord, before the change.
func TestAtSource(t *testing.T) {
	t.Parallel()
	for _, c := range catalog.Causes() {
		f := c.Example().Fix()
		if len(f.Commands) > 0 && slices.ContainsFunc(f.After, func(s string) bool { return s == f.Commands[0] }) {
			t.Errorf("%s: %q is for before and after the change", c.ID, f.Commands[0])
		}
		if c.Rung == catalog.Cache { // its resolvers have an answer already; the source is asked first
			continue
		}
		for _, command := range f.Commands {
			if regexp.MustCompile(`^dig .*@(8\.8\.8\.8|1\.1\.1\.1)`).MatchString(command) {
				t.Errorf("%s: %q asks a resolver", c.ID, command)
			}
		}
	}
	f := catalog.Fix{Commands: []string{
		catalog.DigResolver("a.example", "TXT", ""), catalog.DigResolver("b.example", "NS", ""), "domdoc domains",
	}}
	at, changed := f.AtSource(func(string) []string { return []string{"@ns1.example"} })
	if want := []string{
		"dig +norecurse @ns1.example a.example TXT", "dig +trace b.example NS", "domdoc domains",
	}; !changed || !slices.Equal(at.Commands, want) {
		t.Errorf("%v %q, want %q", changed, at.Commands, want)
	}
	if _, changed := f.AtSource(func(string) []string { return nil }); changed {
		t.Error("changed without a known server")
	}
}

func TestStateOf(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		verdict catalog.Verdict
		waits   bool
		want    string
	}{
		{catalog.Pass, false, "pass"},
		{catalog.Warn, false, "warn"},
		{catalog.Fail, false, "fail"},
		{catalog.Fail, true, "waiting"},
		{catalog.Warn, true, "waiting"},
		{catalog.Pass, true, "pass"},
		{catalog.Inconclusive, true, "not checked"},
		{catalog.NotRun, false, "not checked"},
	} {
		if got := catalog.StateOf(tt.verdict, tt.waits).Word(); got != tt.want {
			t.Errorf("%s, waits %v: %q, want %q", tt.verdict, tt.waits, got, tt.want)
		}
	}
}
