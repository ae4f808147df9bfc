package render

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"time"
	"unicode"
	"unicode/utf16"
)

// jsonFormat writes a run as one JSON object, domain by domain: a fleet of any size needs no memory for its report.
type jsonFormat struct {
	w       io.Writer
	opt     Options
	err     error
	domains int
}

func (s *jsonFormat) printf(format string, args ...any) {
	if s.err == nil {
		_, s.err = fmt.Fprintf(s.w, format, args...)
	}
}

// Begin opens the object.
func (s *jsonFormat) Begin(*JSONVantage, *JSONTenant) error {
	s.printf("{\n  \"schemaVersion\": %d,\n  \"tool\": {\"name\": \"domdoc\", \"version\": %s},\n  \"startedAt\": "+
		"%s,\n  \"domains\": [",
		SchemaVersion, raw(s.opt.Version), raw(s.opt.Started.UTC().Format(time.RFC3339Nano)))
	return s.err
}

// Domain writes one domain.
func (s *jsonFormat) Domain(d *JSONDomain) error {
	if s.domains > 0 {
		s.printf(",")
	}
	s.domains++
	s.printf("\n    ")
	s.value(d, "    ")
	return s.err
}

func (s *jsonFormat) value(v any, prefix string) {
	raw, err := marshalIndent(v, prefix)
	if err != nil && s.err == nil {
		s.err = err
	}
	s.printf("%s", raw)
}

// End writes what is known at the end and closes the object.
func (s *jsonFormat) End(run *Run) error {
	if s.domains > 0 {
		s.printf("\n  ")
	}
	s.printf("],\n  \"vantage\": ")
	s.value(run.Vantage, "  ")
	s.printf(",\n  \"tenant\": ")
	s.value(run.Tenant, "  ")
	if len(run.MoreTenants) > 0 {
		s.printf(",\n  \"moreTenants\": ")
		s.value(run.MoreTenants, "  ")
	}
	s.printf(",\n  \"summary\": ")
	s.value(run.Summary, "  ")
	s.printf(",\n  \"tookMs\": %d", run.Took.Milliseconds())
	if run.Incomplete != "" {
		s.printf(",\n  \"incomplete\": %s", raw(run.Incomplete))
	}
	s.printf("\n}\n")
	return s.err
}

// jsonlFormat writes one line a domain and nothing else.
type jsonlFormat struct {
	w   io.Writer
	err error
}

// Begin writes nothing.
func (s *jsonlFormat) Begin(*JSONVantage, *JSONTenant) error { return nil }

// Domain writes one domain as one line.
func (s *jsonlFormat) Domain(d *JSONDomain) error {
	if s.err != nil {
		return s.err
	}
	line, err := marshal(d)
	if err == nil {
		_, err = s.w.Write(append(line, '\n'))
	}
	s.err = err
	return err
}

// End writes nothing.
func (s *jsonlFormat) End(*Run) error { return s.err }

// marshal is json.Marshal without escapes for HTML: nobody puts this into a page, and people read it.
func marshal(v any) ([]byte, error) { return encode(v, "", "") }

func marshalIndent(v any, prefix string) ([]byte, error) { return encode(v, prefix, "  ") }

func encode(v any, prefix, indent string) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent(prefix, indent)
	err := e.Encode(v)
	return escape(bytes.TrimSuffix(b.Bytes(), []byte("\n"))), err
}

// escape writes the control and format characters beyond ASCII as \u escapes: a terminal that shows JSON would obey
// them. They stand in strings only.
func escape(text []byte) []byte {
	hidden := func(r rune) bool { return r >= 0x7f && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r)) }
	if bytes.IndexFunc(text, hidden) < 0 {
		return text
	}
	var b bytes.Buffer
	for _, r := range string(text) {
		switch {
		case !hidden(r):
			b.WriteRune(r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.Bytes()
}
