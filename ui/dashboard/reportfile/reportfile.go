// Package reportfile writes reports into a new file.
package reportfile

import (
	"bytes"
	"errors"
	"fmt"
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
	"domdoc/ui/render/layout"
	"domdoc/ui/render/report"
	"domdoc/ui/render/wire"
)

// Report is the content of a file: complete reports that no longer change, and related data.
type Report struct {
	Of         string // for the file's name
	Reports    []*result.Domain
	Tenant     *checks.TenantReport
	Incidents  []*finding.Finding
	Incomplete string
	Format     report.Format
	Version    string
	At         time.Time
	Dir        string
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

// Write creates the file. It returns its full path.
func (x Report) Write() (string, error) {
	var b bytes.Buffer
	if err := x.render(&b); err != nil {
		return "", err
	}
	f, err := newFile(x.Dir, "domdoc-"+PlainName(x.Of)+"-"+x.At.UTC().Format("20060102T150405Z"), x.Format.Extension)
	if err != nil {
		return "", err
	}
	_, err = f.Write(b.Bytes())
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		_ = os.Remove(f.Name()) // an incomplete report is worse than none
		return "", err
	}
	return f.Name(), nil
}

func (x Report) render(b *bytes.Buffer) error {
	began := x.At
	for _, r := range x.Reports {
		if r.At.Before(began) {
			began = r.At
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
		Took: x.At.Sub(began), Tenant: tenant, TenantMatters: len(x.Reports) > 1,
		Incomplete: x.Incomplete,
	}
	err := out.Begin(nil, tenant)
	for _, r := range x.Reports {
		d := wire.NewDomain(r)
		run.Totals.Add(d)
		run.TenantMatters = run.TenantMatters || tenant.Explains(d)
		err = errors.Join(err, out.Domain(d))
	}
	return errors.Join(err, out.End(run))
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
			return nil, fmt.Errorf("%w (start domdoc in a writable directory)", err)
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
