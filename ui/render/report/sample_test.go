package report_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"domdoc/checks/incident"
	"domdoc/ui/render/layout"
	"domdoc/ui/render/report"
	"domdoc/ui/render/wire"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "regenerate the golden files; read the difference before you commit it")

// sampleAt is when the run of the sample started.
var sampleAt = time.Date(2026, 2, 22, 14, 0, 0, 0, time.UTC)

// nasty is text from outside that every format has to escape.
const nasty = `</style><script>alert(1)</script><img src=x onerror=alert(2)> "x" 'y' & ]]> |a|b| ` + "`c`" +
	` *d* [e](javascript:f) @g #1 {{.}} \n ${h}`

func ptr[T any](v T) *T { return &v }

// sampleFinding is a root cause of the sample.
func sampleFinding(cause, rung, check, verdict, who string, predicts ...string) wire.Finding {
	return wire.Finding{
		Cause: cause, Rung: rung, Check: check, Verdict: verdict, Certainty: "conclusive", Who: who,
		Predicts: append([]string{}, predicts...), Title: "the title of " + cause,
		Summary: "the summary of " + cause, Why: "why " + cause + " matters", Args: json.RawMessage(`{}`),
		Refs: []string{"RFC 1034 3.6.2"},
		Fix: wire.Fix{
			Steps: []string{"do this", "then that"}, Records: []wire.Record{},
			Commands: []string{"dig @8.8.8.8 a.example A"},
		},
		Evidence: []wire.Evidence{},
	}
}

func domain(name, verdict string, findings ...wire.Finding) wire.Domain {
	return wire.Domain{
		Domain: name, Unicode: name, ID: "d-" + name, ServiceStatus: "PENDING", Verdict: verdict,
		Codes: []wire.Code{}, Findings: append([]wire.Finding{}, findings...),
		Checks: []wire.Check{{ID: "service", Status: "pass", TookMs: 3}}, Propagation: []wire.Row{},
		At: sampleAt, TookMs: 120,
	}
}

// sampleDomains returns one domain of every kind, and one with nasty text everywhere.
func sampleDomains() []wire.Domain {
	fails := domain("shop.fails.example", "fail", sampleFinding("record.name-doubled", "record", "verification", "fail",
		"tenant", "DOMAIN_004"))
	f := &fails.Findings[0]
	f.Role = ptr("verification")
	f.Fix.Records = []wire.Record{{
		Host: "_verify.shop", Name: "_verify.shop.fails.example", Type: "TXT",
		Value: "tok-1", TTL: 300, Zone: ptr("fails.example"), DNSHost: ptr("GoDaddy"),
	}}
	f.Evidence = []wire.Evidence{{
		Kind: "dns", Server: "ns1.fails.example (192.0.2.1:53)", Transport: "udp",
		Asked: "_verify.shop.fails.example TXT", Rcode: ptr("NXDOMAIN"), Flags: []string{"aa"},
		Answer: []string{}, Authority: []string{"fails.example 300 SOA ns1.fails.example. h.fails.example. 1 2 3 4 5"},
		TookMs: 12, At: sampleAt, Repro: "dig +norecurse @192.0.2.1 _verify.shop.fails.example TXT",
	}}
	under := sampleFinding("certificate.pending", "certificate", "certificate", "blocked", "wait")
	under.BlockedBy = ptr("record.name-doubled")
	fails.Findings = append(fails.Findings, under)
	fails.Codes = []wire.Code{{
		Code: "DOMAIN_004", Name: "DOMAIN_VERIFICATION_FAILED", State: "explained",
		Causes: []string{"record.name-doubled"}, Resolution: "Ensure TXT.",
		ReportedAt: ptr(sampleAt.Add(-20 * time.Minute)), Message: "Domain verification failed",
	}}
	fails.Checks = append(fails.Checks, wire.Check{ID: "verification", Status: "fail", TookMs: 40},
		wire.Check{ID: "certificate", Status: "blocked", Reason: ptr("explained by record.name-doubled")},
		wire.Check{ID: "http", Status: "skipped", Reason: ptr("the domain is not in use yet")})
	fails.Propagation = []wire.Row{{
		Name: "_verify.shop.fails.example", Type: "TXT", Role: ptr("verification"), Expected: ptr("tok-1"),
		Servers: []wire.Cell{
			{Server: "192.0.2.1:53", Kind: "authoritative", State: "missing", Answer: []string{}, Rcode: ptr("NXDOMAIN")},
			{Server: "8.8.8.8:53", Kind: "resolver", State: "not-asked", Answer: []string{}},
		},
	}}
	fails.Facts.Registration = &wire.Registration{
		State: "registered", Domain: "fails.example",
		Statuses: []string{}, ExpiresAt: ptr(sampleAt.AddDate(0, 3, 0)),
	}

	waits := domain("shop.waits.example", "fail", sampleFinding("cache.old-answer", "cache", "propagation", "fail",
		"wait",
		"DOMAIN_010"))
	waits.WaitsUntil = ptr(sampleAt.Add(32 * time.Minute))
	waits.Findings[0].ETA = &wire.ETA{
		Latest: sampleAt.Add(32 * time.Minute),
		Reason: "the remaining time to live in 8.8.8.8:53",
	}
	waits.Checks = append(waits.Checks, wire.Check{ID: "propagation", Status: "fail"})
	waits.Propagation = []wire.Row{{
		Name: "shop.waits.example", Type: "CNAME", Role: ptr("routing"), Expected: ptr("d-1.cloudfront.net"),
		Servers: []wire.Cell{
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

	warns := domain("shop.warns.example", "warn", sampleFinding("certificate.expires-soon", "certificate",
		"certificate",
		"warn", "platform"))
	warns.Checks = append(warns.Checks, wire.Check{ID: "certificate", Status: "warn"})
	warns.Facts.Certificates = []wire.Certificate{
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
		sampleFinding("registration.unknown", "registration", "registration", "inconclusive", "registrar"))
	unknown.Checks = append(unknown.Checks, wire.Check{
		ID: "registration", Status: "inconclusive",
		Reason: ptr("the registry limits questions"),
	})
	healthy := domain("bücher.example", "pass")
	healthy.Domain = "xn--bcher-kva.example"

	evil := domain(nasty, "fail", sampleFinding("record.value-differs", "record", "verification", "fail", "tenant",
		"DOMAIN_004"), sampleFinding("caa.forbids", "certificate", "caa", "fail", "tenant", "DOMAIN_011"))
	evil.ID, evil.ServiceStatus = nasty, nasty
	for i := range evil.Findings {
		f := &evil.Findings[i]
		f.Summary, f.Why, f.Fix.Steps, f.Fix.Commands, f.Refs = nasty, nasty, []string{nasty}, []string{nasty},
			[]string{nasty}
		f.Fix.Records = []wire.Record{{
			Host: nasty, Name: nasty, Type: "TXT", Value: nasty, TTL: 300,
			Zone: ptr(nasty), DNSHost: ptr(nasty),
		}}
		f.Evidence = []wire.Evidence{{
			Kind: "http", Server: nasty, Transport: nasty, Asked: nasty,
			Rcode: ptr(nasty), Flags: []string{nasty}, EDE: ptr(nasty), Answer: []string{nasty}, Authority: []string{nasty},
			At: sampleAt, Repro: nasty, Error: nasty,
		}}
	}
	evil.Codes = []wire.Code{{
		Code: nasty, Name: nasty, State: "reported", Causes: []string{nasty},
		Resolution: nasty, Message: nasty, Note: nasty,
	}}
	evil.Checks = append(evil.Checks, wire.Check{ID: "caa", Status: "fail", Reason: ptr(nasty)},
		wire.Check{ID: "odd", Status: "inconclusive", Reason: ptr(nasty)})
	evil.Propagation = []wire.Row{{
		Name: nasty, Type: nasty, Role: ptr("verification"), Expected: ptr(nasty),
		Servers: []wire.Cell{
			{
				Server: nasty, Kind: "authoritative", State: "differs", Answer: []string{nasty}, TTL: ptr(uint32(60)),
				Error: nasty,
			},
		},
	}}
	evil.Facts.Registration = &wire.Registration{
		State: "registered", Domain: nasty, Source: ptr(nasty),
		Server: ptr(nasty), Registrar: ptr(nasty), Statuses: []string{nasty}, Reason: nasty,
	}
	evil.Facts.Delegation = &wire.Delegation{
		Zone: nasty, ParentNS: []string{nasty}, ChildNS: []string{nasty},
		DNSHost: ptr(nasty), DNSSEC: "insecure",
	}
	evil.Facts.Certificates = []wire.Certificate{{
		Address: nasty, State: "untrusted", Names: []string{nasty},
		Issuer: ptr(nasty), Reason: nasty,
	}}
	return []wire.Domain{fails, waits, warns, unknown, healthy, evil}
}

// sampleTenant is a tenant with too little balance and two incidents.
func sampleTenant() *wire.Tenant {
	incident := sampleFinding("service.integration-incident", "service", incident.CheckID, "fail", "platform",
		"DOMAIN_020")
	incident.Args = json.RawMessage(`{"integration":"registrar","domains":["a.example","b.example","c.example"]}`)
	return &wire.Tenant{
		ID: "t-1", PlanTier: "pro", Quota: &wire.Quota{Used: ptr(6), Limit: ptr(10)},
		Wallet: &wire.Wallet{Balance: "0.00", Currency: "USD"},
		Findings: []wire.Finding{
			incident, incident,
			sampleFinding("service.funds-low", "service", "tenant", "fail", "tenant", "DOMAIN_007"),
		},
	}
}

// write writes a run in a format.
func write(t testing.TB, format string, domains []wire.Domain, change ...func(*report.Run)) string {
	t.Helper()
	return writeWith(t, format, report.Options{
		Version: "1.2.3", Started: sampleAt, FailOn: "fail",
		Style: layout.Style{Now: sampleAt},
	}, domains, change...)
}

// writeWith writes a run in a format with options.
func writeWith(t testing.TB, format string, opt report.Options, domains []wire.Domain,
	change ...func(*report.Run),
) string {
	t.Helper()
	var b bytes.Buffer
	f := newFormatter(t, format, &b, opt)
	vantage := &wire.Vantage{Verdict: "pass", Findings: []wire.Finding{}}
	run := &report.Run{Took: 1500 * time.Millisecond, Vantage: vantage, Tenant: sampleTenant(), TenantMatters: true}
	for i := range domains {
		run.Totals.Add(&domains[i])
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

// golden compares with a file in testdata.
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
		t.Errorf("%s (go test ./ui/render/report -update regenerates it):\n%s", name, diff)
	}
}

// newFormatter returns the Formatter of a format.
func newFormatter(t testing.TB, format string, w io.Writer, opt report.Options) report.Formatter {
	t.Helper()
	f, err := report.Find(format)
	if err != nil {
		t.Fatal(err)
	}
	return f.New(w, opt)
}

// TestEveryFormatEnds writes runs that end before anything is known: the output is a complete document even then.
func TestEveryFormatEnds(t *testing.T) {
	t.Parallel()
	for _, format := range report.FormatNames() {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			out := write(t, format, nil, func(r *report.Run) {
				r.Vantage, r.Tenant, r.Incomplete = nil, nil, "the run was interrupted"
			})
			if err := wellFormedCheck(t, format)(out); err != nil {
				t.Errorf("%v:\n%s", err, out)
			}
		})
	}
}

// wellFormedCheck returns the check of a format.
func wellFormedCheck(t *testing.T, format string) func(string) error {
	t.Helper()
	check := wellFormed[format]
	if check == nil {
		t.Fatalf("wellFormed has no check for %s: add one", format)
	}
	return check
}

// wellFormed checks that a text is a document of a format.
var wellFormed = map[string]func(string) error{
	"text": func(s string) error {
		if s == "" {
			return fmt.Errorf("no text")
		}
		return nil
	},
	"json": func(s string) error { return json.Unmarshal([]byte(s), new(wire.Report)) },
	"jsonl": func(s string) error {
		_, err := wire.ReadDomains(strings.NewReader(s), func(*wire.Domain) error { return nil })
		return err
	},
	"junit":      junitWellFormed,
	"html":       htmlWellFormed,
	"markdown":   markdownWellFormed,
	"prometheus": promWellFormed,
	"sarif":      sarifWellFormed,

	"codequality": codequalityWellFormed,
}
