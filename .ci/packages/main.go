// Packages reads .goreleaser.yaml as GoReleaser does, and builds its deb and rpm with nfpm, the library that
// GoReleaser uses. It compiles in a tenth of the time of GoReleaser, so that each run of CI can try the packages; it is
// a module of its own, so that domdoc does not depend on any of this.
package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/template"
	"time"

	"github.com/goreleaser/goreleaser/v2/pkg/config"
	"github.com/goreleaser/nfpm/v2"
	_ "github.com/goreleaser/nfpm/v2/deb"
	"github.com/goreleaser/nfpm/v2/files"
	_ "github.com/goreleaser/nfpm/v2/rpm"
)

// fields are what the templates of the configuration may use.
type fields struct {
	ProjectName, Version, FullCommit, CommitDate string
}

func main() {
	if len(os.Args) != 7 {
		fmt.Fprintln(os.Stderr, "usage: packages CONFIG BINARY DIR VERSION COMMIT DATE")
		os.Exit(2)
	}
	if err := build(os.Args[1], os.Args[2], os.Args[3], fields{
		Version: os.Args[4], FullCommit: os.Args[5], CommitDate: os.Args[6],
	}); err != nil {
		fmt.Fprintln(os.Stderr, "packages:", err)
		os.Exit(1)
	}
}

// build writes the packages of linux/amd64 with a binary into a directory.
func build(file, binary, dir string, f fields) error {
	project, err := config.Load(file) // a key that GoReleaser does not know is an error
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	f.ProjectName = project.ProjectName
	if len(project.NFPMs) == 0 {
		return errors.New(file + " has no nfpms")
	}
	for _, p := range project.NFPMs {
		for _, format := range p.Formats {
			if err := pack(p, format, binary, dir, f); err != nil {
				return fmt.Errorf("%s: %w", format, err)
			}
		}
	}
	return nil
}

// pack writes one package.
func pack(p config.NFPM, format, binary, dir string, f fields) error {
	var problems error
	text := func(s string) string {
		out, err := f.fill(s)
		problems = errors.Join(problems, err)
		return out
	}
	date := func(s string) time.Time {
		at, err := time.Parse(time.RFC3339, text(s))
		problems = errors.Join(problems, err)
		return at
	}
	contents := files.Contents{{
		Source: binary, Destination: filepath.Join(cmp.Or(p.Bindir, "/usr/bin"), f.ProjectName),
		FileInfo: &files.ContentFileInfo{Mode: 0o755, MTime: date(p.MTime)},
	}}
	for _, c := range p.Contents {
		c.Source, c.Destination = text(c.Source), text(c.Destination)
		contents = append(contents, &files.Content{
			Source: c.Source, Destination: c.Destination, Type: c.Type, Packager: c.Packager, Expand: c.Expand,
			FileInfo: &files.ContentFileInfo{
				Owner: c.FileInfo.Owner, Group: c.FileInfo.Group, Mode: c.FileInfo.Mode, MTime: date(c.FileInfo.MTime),
			},
		})
	}
	info := nfpm.WithDefaults(&nfpm.Info{
		Name: cmp.Or(text(p.PackageName), f.ProjectName), Arch: "amd64", Platform: "linux", Version: f.Version,
		Section: p.Section, Priority: p.Priority, Maintainer: text(p.Maintainer), Description: text(p.Description),
		Vendor: p.Vendor, Homepage: text(p.Homepage), License: p.License, MTime: date(p.MTime),
		Overridables: nfpm.Overridables{
			Depends: p.Dependencies, Recommends: p.Recommends, Suggests: p.Suggests, Conflicts: p.Conflicts,
			Replaces: p.Replaces, Provides: p.Provides, Contents: contents,
		},
	})
	if problems != nil {
		return problems
	}
	if err := nfpm.PrepareForPackager(info, format); err != nil {
		return err
	}
	packager, err := nfpm.Get(format)
	if err != nil {
		return err
	}
	out, err := os.Create(filepath.Join(dir, fmt.Sprintf("%s_%s_linux_amd64.%s", f.ProjectName, f.Version, format)))
	if err != nil {
		return err
	}
	return errors.Join(packager.Package(info, out), out.Close())
}

// fill executes a template with the functions that the configuration uses.
func (f fields) fill(s string) (string, error) {
	t, err := template.New("").Option("missingkey=error").Funcs(template.FuncMap{
		"tolower": strings.ToLower,
		"envOrDefault": func(name, otherwise string) string {
			return cmp.Or(os.Getenv(name), otherwise)
		},
	}).Parse(s)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	err = t.Execute(&b, f)
	return b.String(), err
}
