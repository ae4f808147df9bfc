package cli_test

import (
	"strings"
	"testing"

	"domdoc/api/sandbox"
	"domdoc/ui/cli"
)

// TestDoctorNamesTheNetworkFault runs doctor and check through broken networks: both name the fault, and check blames
// no domain.
func TestDoctorNamesTheNetworkFault(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		network string
		says    []string // by doctor
	}{
		{"offline", []string{"vantage.offline"}},
		{"port53-blocked", []string{"vantage.port53-blocked"}},
		{"intercepted", []string{"vantage.port53-intercepted", "a.root-servers.net"}},
		{"intercepted-google", []string{
			"vantage.port53-intercepted", "8.8.8.8:53", "over HTTPS",
			"1.1.1.1:53 answers and is genuine",
		}},
		{"intercepted-cloudflare", []string{
			"vantage.port53-intercepted", "1.1.1.1:53", "over HTTPS",
			"8.8.8.8:53 answers and is genuine",
		}},
		{"captive", []string{"vantage.port53-intercepted"}},
		{"dns64-own-prefix", []string{"vantage.dns64", "2a01:4f8:0:6464::/96"}},
	} {
		t.Run(tt.network, func(t *testing.T) {
			t.Parallel()
			world, err := sandbox.Start(sandbox.Options{
				Network: tt.network, Only: []string{"healthy-txt", "healthy-new"},
				Quota: -1, Balance: "100.00",
			})
			if err != nil {
				t.Fatal(err)
			}
			defer world.Close()
			out, code := runOn(t, world, "doctor")
			if code != cli.ExitInconclusive {
				t.Errorf("doctor ends with %d, want %d", code, cli.ExitInconclusive)
			}
			for _, s := range tt.says {
				if !strings.Contains(strings.Join(strings.Fields(out), " "), s) {
					t.Errorf("doctor does not say %q:\n%s", s, out)
				}
			}
			out, code = runOn(t, world, "check", "--all")
			if code != cli.ExitInconclusive && code != cli.ExitOK {
				t.Errorf("check ends with %d:\n%s", code, out)
			}
			if code == cli.ExitInconclusive && !strings.Contains(out, tt.says[0]) {
				t.Errorf("check does not name %s:\n%s", tt.says[0], out)
			}
			if strings.Contains(out, "✗ fail") {
				t.Errorf("a domain fails:\n%s", out)
			}
		})
	}
}
