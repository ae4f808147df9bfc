package render_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"domdoc/checks/incident"
	"domdoc/ui/render"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew; read the difference before you commit it")

// sampleAt is when the sample's run began.
var sampleAt = time.Date(2026, 2, 22, 14, 0, 0, 0, time.UTC)

// nasty is text from outside that every format has to keep from meaning anything.
const nasty = `</style><script>alert(1)</script><img src=x onerror=alert(2)> "x" 'y' & ]]> |a|b| ` + "`c`" +
	` *d* [e](javascript:f) @g #1 {{.}} \n ${h}`

func ptr[T any](v T) *T { return &v }

// finding is a root cause of the sample.
func finding(cause, rung, check, verdict, who string, predicts ...string) render.JSONFinding {
	return render.JSONFinding{
		Cause: cause, Rung: rung, Check: check, Verdict: verdict, Certainty: "conclusive", Who: who,
		Predicts: append([]string{}, predicts...), Title: "the title of " + cause,
		Summary: "the summary of " + cause, Why: "why " + cause + " matters", Args: json.RawMessage(`{}`),
		Refs: []string{"RFC 1034 3.6.2"},
		Fix: render.JSONFix{
			Steps: []string{"do this", "then that"}, Records: []render.JSONRecord{},
			Commands: []string{"dig @8.8.8.8 a.example A"},
		},
		Evidence: []render.JSONEvidence{},
	}
}

func domain(name, verdict string, findings ...render.JSONFinding) render.JSONDomain {
	return render.JSONDomain{
		Domain: name, Unicode: name, ID: "d-" + name, ServiceStatus: "PENDING", Verdict: verdict,
		Codes: []render.JSONCode{}, Findings: append([]render.JSONFinding{}, findings...),
		Checks: []render.JSONCheck{{ID: "service", Status: "pass", TookMs: 3}}, Propagation: []render.JSONRow{},
		At: sampleAt, TookMs: 120,
	}
}

// sampleDomains are one domain of every kind, and one whose every text is nasty.
func sampleDomains() []render.JSONDomain {
	fails := domain("shop.fails.example", "fail", finding("record.name-doubled", "record", "verification", "fail",
		"tenant", "DOMAIN_004"))
	f := &fails.Findings[0]
	f.Role = ptr("verification")
	f.Fix.Records = []render.JSONRecord{{
		Host: "_verify.shop", Name: "_verify.shop.fails.example", Type: "TXT",
		Value: "tok-1", TTL: 300, Zone: ptr("fails.example"), DNSHost: ptr("GoDaddy"),
	}}
	f.Evidence = []render.JSONEvidence{{
		Kind: "dns", Server: "ns1.fails.example (192.0.2.1:53)", Transport: "udp",
		Asked: "_verify.shop.fails.example TXT", Rcode: ptr("NXDOMAIN"), Flags: []string{"aa"},
		Answer: []string{}, Authority: []string{"fails.example 300 SOA ns1.fails.example. h.fails.example. 1 2 3 4 5"},
		TookMs: 12, At: sampleAt, Repro: "dig +norecurse @192.0.2.1 _verify.shop.fails.example TXT",
	}}
	under := finding("certificate.pending", "certificate", "certificate", "blocked", "wait")
	under.BlockedBy = ptr("record.name-doubled")
	fails.Findings = append(fails.Findings, under)
	fails.Codes = []render.JSONCode{{
		Code: "DOMAIN_004", Name: "DOMAIN_VERIFICATION_FAILED", State: "explained",
		Causes: []string{"record.name-doubled"}, Resolution: "Ensure TXT.",
		ReportedAt: ptr(sampleAt.Add(-20 * time.Minute)), Message: "Domain verification failed",
	}}
	fails.Checks = append(fails.Checks, render.JSONCheck{ID: "verification", Status: "fail", TookMs: 40},
		render.JSONCheck{ID: "certificate", Status: "blocked", Reason: ptr("explained by record.name-doubled")},
		render.JSONCheck{ID: "http", Status: "skipped", Reason: ptr("the domain is not in use yet")})
	fails.Propagation = []render.JSONRow{{
		Name: "_verify.shop.fails.example", Type: "TXT", Role: ptr("verification"), Expected: ptr("tok-1"),
		Servers: []render.JSONCell{
			{Server: "192.0.2.1:53", Kind: "authoritative", State: "missing", Answer: []string{}, Rcode: ptr("NXDOMAIN")},
			{Server: "8.8.8.8:53", Kind: "resolver", State: "not-asked", Answer: []string{}},
		},
	}}
	fails.Facts.Registration = &render.JSONRegistration{
		State: "registered", Domain: "fails.example",
		Statuses: []string{}, ExpiresAt: ptr(sampleAt.AddDate(0, 3, 0)),
	}

	waits := domain("shop.waits.example", "fail", finding("cache.old-answer", "cache", "propagation", "fail", "wait",
		"DOMAIN_010"))
	waits.WaitsUntil = ptr(sampleAt.Add(32 * time.Minute))
	waits.Findings[0].ETA = &render.JSONETA{
		Latest: sampleAt.Add(32 * time.Minute),
		Reason: "the remaining time to live in 8.8.8.8:53",
	}
	waits.Checks = append(waits.Checks, render.JSONCheck{ID: "propagation", Status: "fail"})
	waits.Propagation = []render.JSONRow{{
		Name: "shop.waits.example", Type: "CNAME", Role: ptr("routing"), Expected: ptr("d-1.cloudfront.net"),
		Servers: []render.JSONCell{
			{
				Server: "192.0.2.1:53", Kind: "authoritative", State: "match", Answer: []string{"d-1.cloudfront.net"},
				TTL: ptr(uint32(300)), Rcode: ptr("NOERROR"),
			},
			{
				Server: "8.8.8.8:53", Kind: "resolver", State: "differs", Answer: []string{"old.example"},
				TTL: ptr(uint32(1900)), Rcode: ptr("NOERROR"),
			},
			{Server: "1.1.1.1:53", Kind: "resolver", State: "error", Answer: []string{}, Error: "no answer in time"},
		},
	}}

	warns := domain("shop.warns.example", "warn", finding("certificate.expires-soon", "certificate", "certificate",
		"warn", "platform"))
	warns.Checks = append(warns.Checks, render.JSONCheck{ID: "certificate", Status: "warn"})
	warns.Facts.Certificates = []render.JSONCertificate{
		{
			Address: "192.0.2.7:443", State: "valid", Names: []string{"shop.warns.example"}, Issuer: ptr("R11"),
			NotAfter: ptr(sampleAt.AddDate(0, 0, 9)),
		},
		{
			Address: "192.0.2.8:443", State: "valid", Names: []string{"shop.warns.example"}, Issuer: ptr("R11"),
			NotAfter: ptr(sampleAt.AddDate(0, 0, 5)),
		},
	}

	unknown := domain("shop.unknown.example", "inconclusive",
		finding("registration.unknown", "registration", "registration", "inconclusive", "registrar"))
	unknown.Checks = append(unknown.Checks, render.JSONCheck{
		ID: "registration", Status: "inconclusive",
		Reason: ptr("the registry limits questions"),
	})
	healthy := domain("bücher.example", "pass")
	healthy.Domain = "xn--bcher-kva.example"

	evil := domain(nasty, "fail", finding("record.value-differs", "record", "verification", "fail", "tenant",
		"DOMAIN_004"), finding("caa.forbids", "certificate", "caa", "fail", "tenant", "DOMAIN_011"))
	evil.ID, evil.ServiceStatus = nasty, nasty
	for i := range evil.Findings {
		f := &evil.Findings[i]
		f.Summary, f.Why, f.Fix.Steps, f.Fix.Commands, f.Refs = nasty, nasty, []string{nasty}, []string{nasty},
			[]string{nasty}
		f.Fix.Records = []render.JSONRecord{{
			Host: nasty, Name: nasty, Type: "TXT", Value: nasty, TTL: 300,
			Zone: ptr(nasty), DNSHost: ptr(nasty),
		}}
		f.Evidence = []render.JSONEvidence{{
			Kind: "http", Server: nasty, Transport: nasty, Asked: nasty,
			Rcode: ptr(nasty), Flags: []string{nasty}, EDE: ptr(nasty), Answer: []string{nasty}, Authority: []string{nasty},
			At: sampleAt, Repro: nasty, Error: nasty,
		}}
	}
	evil.Codes = []render.JSONCode{{
		Code: nasty, Name: nasty, State: "reported", Causes: []string{nasty},
		Resolution: nasty, Message: nasty, Note: nasty,
	}}
	evil.Checks = append(evil.Checks, render.JSONCheck{ID: "caa", Status: "fail", Reason: ptr(nasty)},
		render.JSONCheck{ID: "odd", Status: "inconclusive", Reason: ptr(nasty)})
	evil.Propagation = []render.JSONRow{{
		Name: nasty, Type: nasty, Role: ptr("verification"), Expected: ptr(nasty),
		Servers: []render.JSONCell{
			{
				Server: nasty, Kind: "authoritative", State: "differs", Answer: []string{nasty}, TTL: ptr(uint32(60)),
				Error: nasty,
			},
		},
	}}
	evil.Facts.Registration = &render.JSONRegistration{
		State: "registered", Domain: nasty, Source: ptr(nasty),
		Server: ptr(nasty), Registrar: ptr(nasty), Statuses: []string{nasty}, Reason: nasty,
	}
	evil.Facts.Delegation = &render.JSONDelegation{
		Zone: nasty, ParentNS: []string{nasty}, ChildNS: []string{nasty},
		DNSHost: ptr(nasty), DNSSEC: "insecure",
	}
	evil.Facts.Certificates = []render.JSONCertificate{{
		Address: nasty, State: "untrusted", Names: []string{nasty},
		Issuer: ptr(nasty), Reason: nasty,
	}}
	return []render.JSONDomain{fails, waits, warns, unknown, healthy, evil}
}

// sampleTenant is a tenant that cannot pay, and has domains that two incidents hold up.
func sampleTenant() *render.JSONTenant {
	incident := finding("service.integration-incident", "service", incident.CheckID, "fail", "platform",
		"DOMAIN_020")
	incident.Args = json.RawMessage(`{"integration":"registrar","domains":["a.example","b.example","c.example"]}`)
	return &render.JSONTenant{
		ID: "t-1", PlanTier: "pro", Quota: &render.JSONQuota{Used: ptr(6), Limit: ptr(10)},
		Wallet: &render.JSONWallet{Balance: "0.00", Currency: "USD"},
		Findings: []render.JSONFinding{
			incident, incident,
			finding("service.funds-low", "service", "tenant", "fail", "tenant", "DOMAIN_007"),
		},
	}
}

// write writes a run in a format.
func write(t testing.TB, format string, domains []render.JSONDomain, change ...func(*render.Run)) string {
	t.Helper()
	var b bytes.Buffer
	f, err := render.New(format, &b, render.Options{
		Version: "1.2.3", Started: sampleAt, FailOn: "fail",
		Style: render.Style{Now: sampleAt},
	})
	if err != nil {
		t.Fatal(err)
	}
	vantage := &render.JSONVantage{Verdict: "pass", Findings: []render.JSONFinding{}}
	run := &render.Run{Took: 1500 * time.Millisecond, Vantage: vantage, Tenant: sampleTenant(), TenantMatters: true}
	for i := range domains {
		run.Summary.Add(&domains[i])
	}
	for _, c := range change {
		c(run)
	}
	if err := f.Begin(run.Vantage, run.Tenant); err != nil {
		t.Fatal(err)
	}
	for i := range domains {
		if err := f.Domain(&domains[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.End(run); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// golden compares with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (go test ./ui/render -update writes it anew):\n%s", name, diff)
	}
}

// TestEveryFormatEnds writes runs that are cut short before anything was known: each is a document of its format all
// the same.
func TestEveryFormatEnds(t *testing.T) {
	t.Parallel()
	for _, format := range render.Formats() {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			out := write(t, format, nil, func(r *render.Run) {
				r.Vantage, r.Tenant, r.Incomplete = nil, nil, "the run was interrupted"
			})
			check := wellFormed[format]
			if check == nil {
				t.Fatal("no test knows whether it is well formed")
			}
			if err := check(out); err != nil {
				t.Errorf("%v:\n%s", err, out)
			}
		})
	}
}

// wellFormed tell whether a text is a document of a format.
var wellFormed = map[string]func(string) error{
	"text": func(s string) error {
		if s == "" {
			return fmt.Errorf("nothing is said")
		}
		return nil
	},
	"json": func(s string) error { return json.Unmarshal([]byte(s), new(render.JSONReport)) },
	"jsonl": func(s string) error {
		if s != "" {
			return fmt.Errorf("something is written")
		}
		return nil
	},
	"junit":      junitWellFormed,
	"html":       htmlWellFormed,
	"markdown":   markdownWellFormed,
	"prometheus": promWellFormed,
	"sarif":      sarifWellFormed,
}
