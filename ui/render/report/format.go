// Package report writes a run over domains as text, JSON, JUnit, Markdown, Prometheus metrics, SARIF or HTML: one
// file per format, all of them from the wire types.
package report

import (
	"fmt"
	"io"
	"time"

	"domdoc/ui/render/layout"
	"domdoc/ui/render/wire"
)

// Format is an output format of a report. To add one, write its Formatter and its Format in a file of its own, and
// add it to formats.
type Format struct {
	Name      string
	Extension string // of a file's name, without the dot
	Use       string // what the format is for, in a few words
	// Streams is set for a format that writes each domain as soon as it is ready, in any order. All other formats keep
	// the order in which the domains were requested.
	Streams bool

	// People means that the text is for people, and addresses its reader. Shared means that its readers may be in other
	// time zones, so that its times are in UTC.
	People, Shared bool

	new func(io.Writer, Options) Formatter
}

// formats are all formats, in the order in which help lists them.
var formats = []Format{
	textOutput, jsonOutput, jsonlOutput, junitOutput, markdownOutput, prometheusOutput, sarifOutput,
	codequalityOutput, htmlOutput,
}

// Formatter writes one run in one format: Begin once, Domain for each domain, End once, even if the run was cut
// short, so that the output is always a complete document. The first error is kept and returned by every later call.
type Formatter interface {
	// Begin takes what is known before the first domain; either may be nil.
	Begin(*wire.Vantage, *wire.Tenant) error
	Domain(*wire.Domain) error
	End(*Run) error
}

// Run is the part of a report that is not about one domain.
type Run struct {
	Took    time.Duration
	Vantage *wire.Vantage
	Tenant  *wire.Tenant // including the incidents, which are known at the end only
	// MoreTenants are the tenants after the first in a run over several profiles.
	MoreTenants []*wire.Tenant
	Tickets     []wire.Ticket // that triage read
	Totals      Totals
	// TenantMatters is set if the tenant's findings belong in the report: all domains were requested, or a finding of
	// the tenant explains one of them.
	TenantMatters bool
	// Incomplete says why some domains were not checked; it is empty if all were.
	Incomplete string
	// All means that the run was over all domains of the tenant, or its part of them.
	All bool
	// Merged are the parts of a merged report.
	Merged []wire.MergedPart
}

// Options are what a format needs to know before a run.
type Options struct {
	Version string // of domdoc
	Started time.Time
	Style   layout.Style // of text
	// FailOn is the level at which a finding counts as a failure: fail, warn, inconclusive or never.
	FailOn string
	// Profile is the profile of the run, and Report the name of its report, by which metrics of several reports differ;
	// empty: none.
	Profile, Report string
	// Brief says when text has one line per domain. Expected is the number of domains, as far as it is known; 0: unknown.
	Brief    Brief
	Expected int
	// Shard is the part of the domains as "2/8"; empty: all.
	Shard string
}

// Formats returns all formats, in the order in which help lists them.
func Formats() []Format { return append([]Format(nil), formats...) }

// FormatNames returns the names of all formats.
func FormatNames() []string {
	var out []string
	for _, f := range formats {
		out = append(out, f.Name)
	}
	return out
}

// Find returns the format of a name.
func Find(name string) (Format, error) {
	for _, f := range formats {
		if f.Name == name {
			return f, nil
		}
	}
	return Format{}, fmt.Errorf("unknown format %q; use one of %v", name, FormatNames())
}

// New returns a Formatter that writes to w.
func (f Format) New(w io.Writer, opt Options) Formatter {
	out := f.new(w, opt)
	if !f.People {
		return out
	}
	if f.Shared {
		opt.Style.Zone = time.UTC
	}
	return addressed{out, opt.Style.Say}
}
