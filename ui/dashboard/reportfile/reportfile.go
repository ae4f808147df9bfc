// Package reportfile writes reports into a new file.
package reportfile

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"domdoc/checks/finding"
	"domdoc/checks/result"

	"domdoc/checks"
	"domdoc/ui/dashboard/archive"
	"domdoc/ui/render/layout"
	"domdoc/ui/render/report"
	"domdoc/ui/render/wire"
)

// Report is the content of a file: complete reports that no longer change, and related data.
type Report struct {
	Of         string // for the file's name
	Domains    []One
	Archive    *archive.Archive
	Tenant     *checks.TenantReport
	Incidents  []*finding.Finding
	Incomplete string
	Format     report.Format
	Version    string
	At         time.Time
}

// One is one domain of a file: its report, or where the archive keeps it.
type One struct {
	ID, Name string
	Report   *result.Domain
	Kept     archive.Ref
}

// convert returns the report as the formats need it; nil if it is no longer kept.
func (x Report) convert(one One) *wire.Domain {
	var d *wire.Domain
	if one.Report != nil {
		d = wire.NewDomain(one.Report)
	} else {
		var err error
		if d, err = x.Archive.Get(one.Kept, one.ID); err != nil {
			if d, err = x.Archive.Get(one.Kept, one.Name); err != nil {
				return nil
			}
		}
	}
	d.SuppressAdvice(x.Incidents)
	return d
}

// Snapshot is a copy of a report that Update does not change.
func Snapshot(r *result.Domain) *result.Domain {
	out := *r
	out.Codes = slices.Clone(r.Codes)
	out.Findings = slices.Clone(r.Findings)
	for i, f := range out.Findings {
		finding := *f
		out.Findings[i] = &finding
	}
	return &out
}

// Proposed returns the file that is proposed to the user.
func (x Report) Proposed(dir string) string { return x.file().Proposed(dir) }

// Write creates a file as File.Write does, and returns its full path and how many domains are in it.
func (x Report) Write(place string) (file string, domains int, err error) {
	file, err = x.file().Write(place, func(w io.Writer) (err error) {
		domains, err = x.render(w)
		return err
	})
	if err != nil {
		domains = 0
	}
	return file, domains, err
}

func (x Report) file() File { return File{x.Of, x.Format.Extension, x.At} }

// File is a file that does not exist yet: what it is of, its extension, and when it is written.
type File struct {
	Of, Extension string
	At            time.Time
}

// Proposed returns the file that is proposed to the user.
func (x File) Proposed(dir string) string { return filepath.Join(dir, x.name()+"."+x.Extension) }

func (x File) name() string {
	return "domdoc-" + PlainName(x.Of) + "-" + x.At.UTC().Format("20060102T150405Z")
}

// Write creates the file with what write writes, and returns its full path. place is a file, or a directory for a file
// with the proposed name; "~/" is the user's home directory. An existing file is never replaced: if place has the
// proposed name, a number is added, and any other place is an error.
func (x File) Write(place string, write func(io.Writer) error) (file string, err error) {
	f, err := x.create(place)
	if err != nil {
		return "", err
	}
	b := bufio.NewWriterSize(f, 64<<10)
	err = write(b)
	if err == nil {
		err = b.Flush()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		_ = os.Remove(f.Name()) // an incomplete report is worse than none
		return "", err
	}
	return f.Name(), nil
}

func (x File) create(place string) (*os.File, error) {
	place = strings.TrimSpace(place)
	if rest, ok := strings.CutPrefix(place, "~/"); ok {
		home, err := os.UserHomeDir()
		if err != nil {
			return nil, err
		}
		place = filepath.Join(home, rest)
	}
	if place == "" {
		return nil, errors.New("no file is named")
	}
	place, err := filepath.Abs(place)
	if err != nil {
		return nil, err
	}
	if info, err := os.Stat(place); err == nil && info.IsDir() {
		place = filepath.Join(place, x.name()+"."+x.Extension)
	}
	dir, file := filepath.Split(place)
	if file == x.name()+"."+x.Extension {
		return newFile(dir, x.name(), x.Extension)
	}
	f, err := os.OpenFile(place, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("%s already exists; use another name", place)
	}
	return f, err
}

func (x Report) render(b io.Writer) (domains int, err error) {
	began := x.At
	for _, one := range x.Domains {
		if one.Report != nil && one.Report.At.Before(began) {
			began = one.Report.At
		}
	}
	out := x.Format.New(b, report.Options{
		Version: x.Version, Started: began,
		Style: layout.Style{Now: x.At}, FailOn: "fail",
	})
	tenant := wire.NewTenant(x.Tenant)
	if tenant != nil && len(x.Incidents) > 0 {
		tenant.Findings = append(wire.NewFindings(x.Incidents), tenant.Findings...)
	}
	run := &report.Run{
		Took: x.At.Sub(began), Tenant: tenant, TenantMatters: len(x.Domains) > 1,
		Incomplete: x.Incomplete,
	}
	err = out.Begin(nil, tenant)
	gone := 0
	for _, one := range x.Domains {
		d := x.convert(one)
		if d == nil {
			gone++
			continue
		}
		run.Totals.Add(d)
		run.TenantMatters = run.TenantMatters || tenant.Explains(d)
		err = errors.Join(err, out.Domain(d))
	}
	if gone > 0 && run.Incomplete == "" {
		run.Incomplete = strconv.Itoa(gone) + " of the " + strconv.Itoa(len(x.Domains)) +
			" domains are omitted: their reports could not be read"
	}
	return len(x.Domains) - gone, errors.Join(err, out.End(run))
}

// newFile creates a new file, readable only by its owner: a report shows who uses which service.
func newFile(dir, name, ext string) (*os.File, error) {
	for n := 1; n < 100; n++ {
		numbered := name
		if n > 1 {
			numbered += "-" + strconv.Itoa(n)
		}
		f, err := os.OpenFile(filepath.Join(dir, numbered+"."+ext), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("%w (name a file in a writable directory)", err)
		}
		return f, nil
	}
	return nil, fmt.Errorf("a hundred files named %s already exist", name)
}

// PlainName converts a text into a part of a file name without characters that are special in shells or file systems.
func PlainName(s string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(s) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '.' && b.Len() > 0:
			b.WriteRune(r)
		case !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
		if b.Len() >= 100 {
			break
		}
	}
	if name := strings.Trim(b.String(), "-."); name != "" {
		return name
	}
	return "domain"
}
