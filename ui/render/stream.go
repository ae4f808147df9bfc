package render

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"domdoc/catalog"
	"domdoc/checks"
)

// JSONStream writes a run as one JSON object, domain by domain: a fleet of any size needs no memory for its report.
type JSONStream struct {
	w       io.Writer
	err     error
	domains int
}

// NewJSONStream begins the object.
func NewJSONStream(w io.Writer, version string, started time.Time) *JSONStream {
	s := &JSONStream{w: w}
	s.printf("{\n  \"schemaVersion\": %d,\n  \"tool\": {\"name\": \"domdoc\", \"version\": %s},\n  \"startedAt\": %s,\n  \"domains\": [", SchemaVersion, text(version), text(started.UTC().Format(time.RFC3339Nano)))
	return s
}

func text(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		return `""`
	}
	return string(b)
}

func (s *JSONStream) printf(format string, args ...any) {
	if s.err == nil {
		_, s.err = fmt.Fprintf(s.w, format, args...)
	}
}

// Domain writes one domain.
func (s *JSONStream) Domain(d *checks.DomainReport) error {
	sep := ","
	if s.domains == 0 {
		sep = ""
	}
	s.domains++
	s.printf("%s\n    ", sep)
	s.value(domain(d), "    ")
	return s.err
}

func (s *JSONStream) value(v any, prefix string) {
	raw, err := marshalIndent(v, prefix)
	if err != nil && s.err == nil {
		s.err = err
	}
	s.printf("%s", raw)
}

// marshalIndent is json.MarshalIndent without escapes for HTML: nobody puts this into a page, and people read it.
func marshalIndent(v any, prefix string) ([]byte, error) {
	var b trimmed
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent(prefix, "  ")
	err := e.Encode(v)
	return b.bytes(), err
}

// trimmed drops the newline that an encoder ends with.
type trimmed []byte

func (t *trimmed) Write(p []byte) (int, error) {
	*t = append(*t, p...)
	return len(p), nil
}

func (t *trimmed) bytes() []byte {
	b := *t
	for len(b) > 0 && b[len(b)-1] == '\n' {
		b = b[:len(b)-1]
	}
	return b
}

// End writes what is known at the end and closes the object.
func (s *JSONStream) End(run *Run) error {
	end := "\n  ],\n  \"vantage\": "
	if s.domains == 0 {
		end = "],\n  \"vantage\": "
	}
	s.printf("%s", end)
	s.value(vantage(run.Vantage), "  ")
	s.printf(",\n  \"tenant\": ")
	s.value(tenant(run.Tenant), "  ")
	s.printf(",\n  \"summary\": ")
	s.value(run.Summary, "  ")
	s.printf(",\n  \"tookMs\": %d\n}\n", run.Took.Milliseconds())
	return s.err
}

func vantage(v *checks.VantageReport) *jsonVantage {
	if v == nil {
		return nil
	}
	return &jsonVantage{v.Verdict.String(), findings(v.Findings)}
}

func tenant(t *checks.TenantReport) *jsonTenant {
	if t == nil {
		return nil
	}
	out := &jsonTenant{ID: t.ID, PlanTier: t.PlanTier, Findings: findings(t.Findings)}
	if t.Quota != nil {
		out.Quota = &jsonQuota{t.Quota.Used, t.Quota.Limit}
	}
	if t.Wallet != nil {
		out.Wallet = &jsonWallet{catalog.Printable(t.Wallet.Balance, 60), catalog.Printable(t.Wallet.Currency, 12)}
	}
	return out
}
