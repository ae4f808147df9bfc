package report

import (
	"bytes"
	"fmt"
	"io"
	"time"

	"domdoc/ui/render/wire"
)

var jsonOutput = Format{
	Name: "json", Extension: "json", Use: "everything, with the evidence; domdoc can read it back",
	new: func(w io.Writer, o Options) Formatter { return &jsonFormat{w: w, opt: o} },
}

// jsonFormat writes a run as one JSON object, one domain at a time, so that memory does not grow with the run.
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
func (s *jsonFormat) Begin(*wire.Vantage, *wire.Tenant) error {
	s.printf("{\n  \"schemaVersion\": %d,\n  \"tool\": {\"name\": \"domdoc\", \"version\": %s},\n  \"startedAt\": %s,\n",
		wire.SchemaVersion, wire.Raw(s.opt.Version), wire.Raw(s.opt.Started.UTC().Format(time.RFC3339Nano)))
	if s.opt.Shard != "" {
		s.printf("  \"shard\": %s,\n", wire.Raw(s.opt.Shard))
	}
	s.printf("  \"domains\": [")
	return s.err
}

// Domain writes one domain.
func (s *jsonFormat) Domain(d *wire.Domain) error {
	if s.domains > 0 {
		s.printf(",")
	}
	s.domains++
	s.printf("\n    ")
	s.value(d, "    ")
	return s.err
}

func (s *jsonFormat) value(v any, prefix string) {
	raw, err := wire.MarshalIndent(v, prefix)
	if err != nil && s.err == nil {
		s.err = err
	}
	s.printf("%s", raw)
}

// End writes the rest of the report and closes the object.
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
	if len(run.Tickets) > 0 {
		s.printf(",\n  \"tickets\": ")
		s.value(run.Tickets, "  ")
	}
	s.printf(",\n  \"summary\": ")
	s.value(run.Totals.Summary, "  ")
	s.printf(",\n  \"tookMs\": %d", run.Took.Milliseconds())
	s.printf(",\n  \"complete\": %t", run.Incomplete == "")
	if run.Incomplete != "" {
		s.printf(",\n  \"incomplete\": %s", wire.Raw(run.Incomplete))
	}
	if run.All {
		s.printf(",\n  \"all\": true")
	}
	if len(run.Merged) > 0 {
		s.printf(",\n  \"merged\": ")
		s.value(run.Merged, "  ")
	}
	s.printf("\n}\n")
	return s.err
}

var jsonlOutput = Format{
	Name: "jsonl", Extension: "jsonl", Use: "like json, with one domain per line, and the rest in the last line",
	Streams: true,
	new:     func(w io.Writer, o Options) Formatter { return &jsonlFormat{w: w, opt: o} },
}

// jsonlFormat writes one line per domain, and a last line about the run.
type jsonlFormat struct {
	w   io.Writer
	opt Options
	err error
	buf bytes.Buffer // of a line
}

// Begin writes nothing.
func (s *jsonlFormat) Begin(*wire.Vantage, *wire.Tenant) error { return nil }

// Domain writes one domain.
func (s *jsonlFormat) Domain(d *wire.Domain) error { return s.line(d) }

func (s *jsonlFormat) line(v any) error {
	if s.err != nil {
		return s.err
	}
	line, err := wire.MarshalInto(&s.buf, v)
	if err == nil {
		_, err = s.w.Write(append(line, '\n'))
	}
	s.err = err
	return err
}

// End writes the last line, by which a reader knows that no line is missing.
func (s *jsonlFormat) End(run *Run) error {
	end := &wire.End{
		SchemaVersion: wire.SchemaVersion, Tool: wire.Tool{Name: "domdoc", Version: s.opt.Version},
		StartedAt: s.opt.Started.UTC(), Shard: s.opt.Shard, Vantage: run.Vantage, Tenant: run.Tenant,
		Summary: run.Totals.Summary, TookMs: run.Took.Milliseconds(),
		Complete: run.Incomplete == "", Incomplete: run.Incomplete, Tickets: run.Tickets, All: run.All,
		Merged: run.Merged,
	}
	for _, t := range run.MoreTenants {
		end.MoreTenants = append(end.MoreTenants, *t)
	}
	return s.line(end)
}
