// Package render writes a diagnosis in the formats that people and scripts read: one file a format, all of them from
// one report in its wire form.
package render

import (
	"fmt"
	"io"
	"slices"
	"time"
)

// Formatter writes one run in one format: Begin once, Domain for each domain, End once, whatever happened before, so
// that a run that is cut short leaves a whole document, too. The first error is kept and given again by every later
// call.
type Formatter interface {
	// Begin takes what is known before the first domain; both are nil where nothing is.
	Begin(*JSONVantage, *JSONTenant) error
	Domain(*JSONDomain) error
	End(*Run) error
}

// Run is what one run found beside its domains.
type Run struct {
	Took    time.Duration
	Vantage *JSONVantage
	Tenant  *JSONTenant // with what became known at the end: incidents
	// MoreTenants are those of a run over several profiles, after the first.
	MoreTenants []*JSONTenant
	Summary     Summary
	// TenantMatters means that the tenant's findings belong to the answer: all domains were asked for, or one of them
	// is explained by the tenant.
	TenantMatters bool
	// Incomplete says why not every domain was checked; empty when all were.
	Incomplete string
}

// Options are what a format needs to know before a run.
type Options struct {
	Version string // of domdoc
	Started time.Time
	Style   Style // of text
	// FailOn is the level at which a finding counts as a failure: fail, warn, inconclusive or never.
	FailOn string
}

// formats are all formats by name, in the order in which help lists them.
var formats = []struct {
	name string
	make func(io.Writer, Options) Formatter
}{
	{"text", func(w io.Writer, o Options) Formatter { return &textFormat{w: w, style: o.Style} }},
	{"json", func(w io.Writer, o Options) Formatter { return &jsonFormat{w: w, opt: o} }},
	{"jsonl", func(w io.Writer, o Options) Formatter { return &jsonlFormat{w: w} }},
	{"junit", func(w io.Writer, o Options) Formatter { return &junitFormat{w: w, opt: o} }},
	{"markdown", func(w io.Writer, o Options) Formatter { return &markdownFormat{w: w, opt: o} }},
	{"prometheus", func(w io.Writer, o Options) Formatter { return &prometheusFormat{w: w, opt: o} }},
	{"sarif", func(w io.Writer, o Options) Formatter { return &sarifFormat{w: w, opt: o} }},
	{"html", func(w io.Writer, o Options) Formatter { return &htmlFormat{w: w, opt: o} }},
}

// Formats are the names of all formats of a report.
func Formats() []string {
	var out []string
	for _, f := range formats {
		out = append(out, f.name)
	}
	return out
}

// New makes a format by its name.
func New(name string, w io.Writer, opt Options) (Formatter, error) {
	for _, f := range formats {
		if f.name == name {
			return f.make(w, opt), nil
		}
	}
	return nil, fmt.Errorf("%q is not a format; use one of %v", name, Formats())
}

// AsReady reports whether a format writes each domain as soon as it is ready, in whatever order; all others keep the
// order in which domains were asked for.
func AsReady(name string) bool { return name == "jsonl" }

// ofTenant reports whether a cause among those of a domain's codes is a finding of the tenant.
func (t *JSONTenant) has(cause string) bool {
	return t != nil && slices.ContainsFunc(t.Findings, func(f JSONFinding) bool { return f.Cause == cause })
}

// Explains reports whether a finding of the tenant accounts for a code of a domain.
func (t *JSONTenant) Explains(d *JSONDomain) bool {
	for _, c := range d.Codes {
		if slices.ContainsFunc(c.Causes, t.has) {
			return true
		}
	}
	return false
}
