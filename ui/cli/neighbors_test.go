package cli_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"domdoc/api/sandbox"
	"domdoc/catalog/causes"
)

// TestOneOfMany diagnoses single domains: a fault that other domains of the tenant have at the same infrastructure is
// found to be there, as by check --all, and one that is the domain's own stays so.
func TestOneOfMany(t *testing.T) {
	t.Parallel()
	world, err := sandbox.Start(sandbox.Options{Listed: []string{
		"authority-distrusted-one", "authority-distrusted-two", "authority-distrusted-three", "certificate-self-signed",
		"host-outage-one", "host-outage-two", "host-outage-three", "servers-dead", "healthy-txt", "healthy-other-authority",
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer world.Close()
	const authority, host = "certificate-authority", "dns-host"
	for _, tt := range []struct{ ticket, domain, cause, who, incident string }{
		{
			"SEC_ERROR_UNKNOWN_ISSUER at shop.sealedone.example", "shop.sealedone.example",
			string(causes.CertificateUntrusted.ID), authority, string(causes.CertificateAuthorityIncident.ID),
		},
		{
			"DNS_PROBE_FINISHED_NXDOMAIN: shop.stormtwo.example", "shop.stormtwo.example",
			string(causes.DelegationUnreachable.ID), host, string(causes.DelegationHostIncident.ID),
		},
		{"ERR_CERT_AUTHORITY_INVALID: shop.harbor.example", "shop.harbor.example", "certificate.untrusted", "tenant", ""},
		{"DOMAIN_010 shop.elm.example", "shop.elm.example", string(causes.DelegationUnreachable.ID), host, ""},
	} {
		file := filepath.Join(t.TempDir(), "ticket.txt")
		if err := os.WriteFile(file, []byte(tt.ticket), 0o600); err != nil {
			t.Fatal(err)
		}
		runs := [][]string{{"triage", file}}
		if tt.who == authority {
			runs = append(runs, []string{"check", tt.domain})
		}
		for _, args := range runs {
			out, _ := runOn(t, world, append(args, "-o", "json")...)
			var got jsonOutput
			if err := json.Unmarshal([]byte(out), &got); err != nil {
				t.Fatalf("%q: %v", args, err)
			}
			if len(got.Domains) != 1 || len(got.Domains[0].Findings) == 0 {
				t.Fatalf("%q: %d domains", args, len(got.Domains))
			}
			f := got.Domains[0].Findings[0]
			if f.Cause != tt.cause || f.Who != tt.who || f.Incident != tt.incident {
				t.Errorf("%q: %s for %s, part of %q, want %s for %s, part of %q", args, f.Cause, f.Who, f.Incident, tt.cause,
					tt.who, tt.incident)
			}
			for _, x := range got.Tenant.Findings {
				if strings.HasSuffix(x.Cause, "-incident") && x.Cause != tt.incident {
					t.Errorf("%q: %s", args, x.Cause)
				}
			}
			if strings.Contains(out, `"alone"`) {
				t.Errorf("%q: judged alone, although the others could be looked at", args)
			}
		}
	}
	file := filepath.Join(t.TempDir(), "reply.txt")
	text := "the shop.sealedone.example certificate: SEC_ERROR_UNKNOWN_ISSUER"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, _ := runOn(t, world, "triage", file, "--reply"); strings.Contains(out, "install a certificate") ||
		!strings.Contains(out, "Distrusted CA 1") || strings.Contains(out, "shop.sealedtwo") {
		t.Errorf("the reply asks the customer to act, or names other domains:\n%s", out)
	}
}
