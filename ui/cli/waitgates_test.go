package cli_test

import (
	"strings"
	"testing"

	"domdoc/ui/cli"
)

// TestWaitWithGates checks that what a filter leaves out does not make a domain healthy for a wait, that an exception
// does unless the service reports the fault itself, and that flags which cannot apply are refused.
func TestWaitWithGates(t *testing.T) {
	t.Parallel()
	const (
		doubled = "shop.fabrikam.example"  // PENDING, and DOMAIN_004 is reported
		faulty  = "shop.anhydrite.example" // dnssec could not be checked
		healthy = "tickets.northwind.example"
	)
	for _, tt := range []struct {
		args string
		code int
		says string
	}{
		{doubled + " --only http", cli.ExitWait, "fix record.name-doubled first (left out by --only or --skip)"},
		{doubled + " --skip record.*", cli.ExitWait, "fix record.name-doubled first (left out by --only or --skip)"},
		{
			doubled + " --ignore record.name-doubled", cli.ExitWait,
			"fix record.name-doubled first (an exception does not change what the service reports)",
		},
		{faulty + " --only record.* --deadline 1ms", cli.ExitWait, "could not check: dnssec"},
		{faulty + " --ignore dnssec", cli.ExitOK, "· healthy apart from exceptions: dnssec (not checked)  after"},
		{healthy, cli.ExitOK, "✓ healthy  after"},
		{healthy + " --skip http", cli.ExitOK, "✓ healthy  after"},
		{healthy + " --ignore record.name-doubled", cli.ExitOK, "✓ healthy  after"},
		{healthy + " --fail-on never --allow-empty", cli.ExitOK, "✓ healthy  after"}, // accepted by earlier versions
		{healthy + " --filter verdict:fail", cli.ExitUsage, "--filter: wait is for one domain"},
		{healthy + " --baseline report.json", cli.ExitUsage, "--baseline: wait takes no earlier report"},
	} {
		t.Run(tt.args, func(t *testing.T) {
			t.Parallel()
			code, stdout, stderr := runs(t, nil, strings.Fields("demo wait --deadline 5m "+tt.args)...)
			if code != tt.code || !strings.Contains(strings.Join(strings.Fields(stdout+stderr), " "),
				strings.Join(strings.Fields(tt.says), " ")) {
				t.Errorf("exit code %d, want %d and %q:\n%s%s", code, tt.code, tt.says, stdout, stderr)
			}
		})
	}
}
