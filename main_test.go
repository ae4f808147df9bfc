package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// layerTable lists, for every package of this module, the packages of this module that it may import. Where it says
// "stdlib", all other imports are from the standard library. Indented lines continue the one above.
const layerTable = `
.                                ui/cli ui/dashboard ui/heap
api                              catalog catalog/lazyregexp catalog/order
api/sandbox                      api/sandbox/story catalog catalog/order
api/sandbox/sandboxtest          stdlib
api/sandbox/story                catalog catalog/causes catalog/lazyregexp
catalog                          stdlib catalog/hosts catalog/lazyregexp catalog/shell
catalog/causes                   stdlib catalog catalog/hosts catalog/shell
catalog/foreign                  stdlib catalog catalog/order
catalog/hosts                    stdlib
catalog/lazyregexp               stdlib
catalog/moving                   stdlib catalog
catalog/plans                    stdlib
catalog/order                    stdlib
catalog/packed                   stdlib
catalog/sanitize                 stdlib
catalog/shell                    stdlib
catalog/spelling                 stdlib
catalog/translation              stdlib catalog catalog/order
checks                           api catalog catalog/causes catalog/order catalog/sanitize checks/advice checks/dnsname
                                 checks/finding checks/incident checks/observe checks/probe checks/probe/flight
                                 checks/probe/registration checks/result checks/rules checks/subject checks/vantage
checks/advice                    catalog catalog/causes catalog/hosts catalog/sanitize catalog/shell checks/dnsname
                                 checks/finding checks/observe checks/probe checks/probe/exchange checks/rdata
checks/audit                     catalog catalog/order checks/incident checks/result checks/subject
checks/audit/harness             api api/sandbox api/sandbox/story catalog checks checks/audit checks/finding
                                 checks/incident checks/probe checks/probe/exchange checks/probe/transport checks/result
                                 checks/subject checks/vantage
checks/dnsname                   catalog/sanitize
checks/finding                   catalog catalog/causes checks/probe/exchange checks/subject
checks/incident                  catalog catalog/causes catalog/hosts catalog/order catalog/sanitize checks/finding
                                 checks/probe checks/probe/exchange checks/probe/registration checks/result
checks/observe                   api catalog catalog/causes catalog/hosts catalog/order catalog/sanitize checks/dnsname
                                 checks/probe checks/probe/exchange checks/rdata checks/subject
checks/plan                      catalog catalog/causes catalog/hosts catalog/plans checks checks/advice checks/finding
                                 checks/dnsname checks/observe checks/plan/change checks/plan/rehearsal checks/probe
                                 checks/plan/issuance checks/probe/exchange checks/result checks/subject
checks/plan/planner              catalog/moving catalog/plans checks checks/dnsname checks/plan checks/plan/change
                                 checks/plan/leave checks/plan/move checks/plan/rehearsal checks/probe
                                 checks/probe/exchange checks/result
checks/plan/change               catalog/sanitize checks/dnsname checks/rdata
checks/plan/issuance             catalog catalog/causes catalog/plans checks checks/dnsname checks/finding
                                 checks/observe checks/probe checks/probe/exchange checks/result checks/rules
                                 checks/subject
checks/plan/leave                catalog catalog/causes catalog/moving catalog/plans catalog/shell checks
                                 checks/advice checks/dnsname checks/finding checks/observe checks/plan/change
                                 checks/plan/move checks/probe checks/probe/exchange checks/probe/registration
                                 checks/rdata checks/result checks/rules checks/subject
checks/plan/move                 catalog catalog/hosts catalog/lazyregexp catalog/moving catalog/shell checks/dnsname
                                 checks/plan/rehearsal checks/probe checks/probe/exchange
checks/plan/rehearsal            catalog/plans checks/dnsname checks/plan/change checks/probe checks/probe/exchange
                                 checks/probe/transport
checks/probe                     catalog/sanitize checks/probe/exchange checks/probe/flight checks/probe/recording
                                 checks/probe/registration checks/probe/transport
checks/probe/exchange            catalog/sanitize catalog/shell
checks/probe/exchange/exchangetest
checks/probe/flight              stdlib
checks/probe/probetest           checks/probe/exchange checks/probe/exchange/exchangetest
checks/probe/recording           catalog/lazyregexp catalog/order checks/probe/exchange
                                 checks/probe/recording/plain
checks/probe/recording/plain     stdlib
checks/probe/registration        catalog/lazyregexp
checks/probe/transport           checks/probe/exchange
checks/progress                  catalog catalog/causes catalog/sanitize checks/finding checks/observe checks/probe
                                 checks/probe/exchange checks/probe/registration checks/result checks/subject
checks/query                     api catalog catalog/sanitize catalog/spelling checks/dnsname checks/finding
                                 checks/probe checks/probe/registration checks/result checks/rules
checks/rdata                     api catalog catalog/lazyregexp checks/dnsname checks/probe/exchange
checks/result                    api catalog catalog/order checks/dnsname checks/finding checks/observe checks/probe
                                 checks/probe/exchange checks/subject
checks/rules                     api catalog catalog/causes catalog/hosts catalog/sanitize catalog/spelling
                                 checks/dnsname checks/finding checks/observe checks/probe checks/probe/exchange
                                 checks/probe/registration checks/rdata checks/subject
checks/subject                   api catalog catalog/sanitize checks/dnsname checks/probe checks/probe/exchange
                                 checks/probe/flight checks/rdata
checks/ticket                    api catalog catalog/foreign catalog/lazyregexp catalog/order catalog/sanitize
                                 checks/dnsname checks/probe checks/subject checks/ticket/mail
checks/ticket/mail               catalog/lazyregexp
checks/vantage                   catalog catalog/causes catalog/sanitize checks/dnsname checks/finding checks/observe
                                 checks/probe checks/probe/exchange checks/subject
ui/cli                           api api/sandbox api/sandbox/story catalog catalog/causes catalog/foreign
                                 catalog/sanitize catalog/translation checks checks/audit
                                 checks/audit/harness checks/dnsname checks/probe checks/probe/exchange
                                 checks/probe/transport
                                 checks/plan checks/plan/change checks/plan/planner
                                 checks/progress checks/query checks/rdata checks/result checks/subject checks/ticket
                                 checks/vantage ui/cli/arguments ui/cli/casefile ui/cli/config ui/cli/credentials
                                 ui/cli/gates
                                 ui/cli/manual ui/cli/merging ui/cli/namecache ui/cli/namelist ui/cli/outputfile
                                 ui/cli/reporter ui/cli/shard
                                 ui/cli/usage ui/dashboard/setup ui/heap ui/render ui/render/layout ui/render/report
                                 ui/render/wire ui/watch
ui/cli/arguments                 catalog/spelling ui/cli/usage
ui/cli/casefile                  api checks/probe/recording checks/probe/recording/plain checks/ticket
                                 checks/ticket/mail ui/cli/usage
                                 ui/privatefile
ui/cli/config                    api catalog catalog/order catalog/translation checks/probe/exchange checks/query
                                 ui/cli/arguments ui/cli/credentials ui/cli/usage ui/dashboard/setup ui/privatefile
                                 ui/render/report
ui/cli/credentials               ui/privatefile
ui/cli/gates                     catalog checks/query ui/cli/usage ui/render/wire
ui/cli/manual                    checks/query ui/cli/usage ui/render
ui/cli/merging                   catalog checks/finding checks/incident checks/rules ui/cli/shard ui/render/wire
ui/cli/namecache                 ui/privatefile
ui/cli/outputfile
ui/cli/namelist                  checks/dnsname ui/cli/usage
ui/cli/reporter                  api catalog catalog/causes checks/finding checks/incident checks/plan/planner
                                 checks/query
                                 checks/result ui/cli/gates ui/estimate ui/render/layout ui/render/report ui/render/wire
ui/cli/shard                     checks checks/dnsname ui/cli/usage
ui/cli/usage                     catalog/sanitize
ui/dashboard                     api catalog catalog/sanitize checks checks/finding checks/incident
                                 checks/probe/exchange checks/progress checks/result checks/subject checks/ticket
                                 ui/dashboard/action ui/dashboard/archive ui/dashboard/catalogue ui/dashboard/dialog
                                 ui/dashboard/grid ui/dashboard/inventory ui/dashboard/list ui/dashboard/page
                                 ui/dashboard/planview ui/dashboard/reportfile ui/render/wire checks/plan/planner
                                 ui/dashboard/runner ui/dashboard/screen ui/dashboard/setup ui/dashboard/tab
                                 ui/dashboard/terminal ui/dashboard/theme ui/dashboard/ticketview ui/privatefile
                                 ui/render/report ui/watch
ui/dashboard/action              catalog/spelling ui/dashboard/page
ui/dashboard/archive             checks/result ui/privatefile ui/render/wire
ui/dashboard/catalogue           catalog ui/dashboard/action ui/dashboard/grid ui/dashboard/inventory
                                 ui/dashboard/page ui/dashboard/screen ui/dashboard/tab
ui/dashboard/dialog              api catalog catalog/order checks/finding checks/progress checks/query
                                 ui/dashboard/action ui/dashboard/grid ui/dashboard/inventory ui/dashboard/page
                                 ui/dashboard/screen ui/dashboard/theme
ui/dashboard/grid                catalog/sanitize ui/dashboard/theme
ui/dashboard/inventory           api catalog catalog/causes catalog/order catalog/sanitize checks checks/dnsname
                                 checks/finding checks/incident checks/progress checks/query checks/result
                                 checks/subject ui/dashboard/archive ui/dashboard/page ui/dashboard/theme
ui/dashboard/list                checks/finding checks/incident checks/query ui/dashboard/action ui/dashboard/grid
                                 ui/dashboard/inventory ui/dashboard/page ui/dashboard/screen ui/dashboard/tab
                                 ui/dashboard/theme ui/watch
ui/dashboard/page                api catalog catalog/sanitize ui/dashboard/grid ui/dashboard/theme
ui/dashboard/reportfile          checks checks/finding checks/result ui/dashboard/archive ui/render/layout
                                 ui/render/report ui/render/wire
ui/dashboard/runner              api checks checks/finding checks/incident checks/result checks/subject
                                 ui/dashboard/archive ui/dashboard/inventory ui/dashboard/terminal
                                 ui/estimate
ui/dashboard/screen              api catalog catalog/sanitize checks checks/subject checks/ticket ui/dashboard/action
                                 ui/dashboard/archive ui/dashboard/grid ui/dashboard/inventory ui/dashboard/page
                                 ui/dashboard/runner
                                 ui/dashboard/tab ui/dashboard/theme ui/watch
ui/dashboard/planview            catalog catalog/moving catalog/shell checks checks/plan checks/plan/change
                                 checks/plan/planner checks/plan/rehearsal checks/probe checks/result
                                 ui/dashboard/action ui/dashboard/inventory ui/dashboard/page ui/dashboard/screen
                                 ui/dashboard/terminal ui/dashboard/theme ui/render ui/render/layout ui/render/wire
ui/dashboard/setup               api catalog checks checks/probe checks/result
ui/dashboard/tab                 api catalog catalog/causes catalog/order catalog/sanitize checks/dnsname
                                 checks/finding checks/observe checks/probe/exchange checks/probe/registration
                                 checks/result checks/rules checks/subject ui/dashboard/grid ui/dashboard/page
                                 ui/dashboard/theme ui/render/layout ui/render/report ui/render/wire
ui/dashboard/terminal            catalog/sanitize ui/dashboard/theme
ui/dashboard/theme               catalog ui/dashboard/theme/dark
ui/dashboard/theme/dark
ui/dashboard/ticketview          catalog catalog/sanitize checks/finding checks/incident checks/result checks/subject
                                 checks/ticket ui/dashboard/action ui/dashboard/inventory ui/dashboard/page
                                 ui/dashboard/screen ui/dashboard/tab
ui/estimate                      api
ui/heap                          stdlib
ui/privatefile
ui/render                        catalog catalog/foreign catalog/moving catalog/plans catalog/sanitize
                                 checks/dnsname checks/observe
                                 checks/probe
                                 checks/probe/exchange checks/probe/registration checks/progress checks/result
                                 checks/ticket checks/vantage ui/render/layout ui/render/report ui/render/wire
ui/render/layout                 catalog
ui/render/report                 catalog catalog/order catalog/sanitize catalog/translation checks/finding
                                 checks/observe checks/probe/exchange checks/result checks/subject ui/render/layout
                                 ui/render/wire
ui/render/wire                   catalog catalog/causes catalog/foreign catalog/plans catalog/sanitize checks
                                 checks/dnsname
                                 checks/finding checks/plan/issuance checks/plan/leave checks/plan/move
                                 checks/plan/planner
                                 checks/incident checks/observe checks/probe checks/probe/exchange
                                 checks/probe/registration checks/progress checks/result checks/ticket
                                 checks/vantage
ui/watch                         checks/progress checks/result
`

// layers is layerTable by package.
var layers = func() map[string][]string {
	table, name := map[string][]string{}, ""
	for line := range strings.Lines(strings.TrimPrefix(layerTable, "\n")) {
		fields := strings.Fields(line)
		if line[0] != ' ' {
			name, fields = fields[0], fields[1:]
		}
		table[name] = append(table[name], fields...)
	}
	return table
}()

// bubbleImporters may depend on Bubble Tea and its components, also through other packages.
var bubbleImporters = strings.Fields(
	". ui/dashboard ui/dashboard/action ui/dashboard/catalogue " +
		"ui/dashboard/dialog ui/dashboard/list ui/dashboard/planview ui/dashboard/screen " +
		"ui/dashboard/ticketview")

type listedPackage struct {
	ImportPath string
	Imports    []string
	Deps       []string
	Standard   bool
}

// templateImporters import text/template, but do not reach it from what domdoc calls (no Command.SetVersionTemplate
// or the like). A template finds methods by their names: where one can be executed, the linker keeps every method of
// every type, a sixth of the program.
var templateImporters = []string{"github.com/spf13/cobra", "github.com/muesli/termenv"}

// TestLayers compares the imports of every package with layerTable.
func TestLayers(t *testing.T) {
	t.Parallel()
	out, err := exec.Command("go", "list", "-deps", "-json=ImportPath,Imports,Deps,Standard", "./...").Output()
	if err != nil {
		t.Fatal(err)
	}
	standard := map[string]bool{}
	var ours []listedPackage
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listedPackage
		if err := dec.Decode(&p); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		standard[p.ImportPath] = p.Standard
		if slices.Contains(p.Imports, "text/template") && !slices.Contains(templateImporters, p.ImportPath) {
			t.Errorf("%s imports text/template: see templateImporters", p.ImportPath)
		}
		if _, own := inModule(p.ImportPath); own {
			ours = append(ours, p)
		}
	}
	if len(ours) < 8 {
		t.Fatalf("go list has only %d packages of this module", len(ours))
	}
	for _, p := range ours {
		name, _ := inModule(p.ImportPath)
		allowed, ok := layers[name]
		if !ok {
			t.Errorf("%s is not in layerTable: add it with the packages that it may import", name)
			continue
		}
		for _, i := range p.Imports {
			imported, own := inModule(i)
			if own && !slices.Contains(allowed, imported) {
				t.Errorf("%s imports %s, which layerTable does not allow", name, imported)
			}
			if slices.Contains(allowed, "stdlib") && !own && !standard[i] {
				t.Errorf("%s imports %s; it may import only the standard library", name, i)
			}
		}
		for _, a := range allowed {
			if a != "stdlib" && !slices.Contains(p.Imports, "domdoc/"+a) {
				t.Errorf("layerTable allows %s to import %s, which it does not: remove it", name, a)
			}
		}
		for _, d := range p.Deps {
			bubble := d == "github.com/charmbracelet/bubbletea" || strings.HasPrefix(d, "github.com/charmbracelet/bubbles/")
			if bubble && !slices.Contains(bubbleImporters, name) {
				t.Errorf("%s depends on %s; only the dashboard may", name, d)
			}
		}
	}
	for name := range layers {
		if !slices.ContainsFunc(ours, func(p listedPackage) bool { n, _ := inModule(p.ImportPath); return n == name }) {
			t.Errorf("layerTable has %s, which does not exist", name)
		}
	}
}

// inModule returns the path of a package below this module, "." for its root, and whether it is in it.
func inModule(path string) (string, bool) {
	if path == "domdoc" {
		return ".", true
	}
	return strings.CutPrefix(path, "domdoc/")
}

var update = flag.Bool("update", false, "write the list of packages in CONTRIBUTING.md anew")

// TestPackages compares the list of packages in CONTRIBUTING.md with go list: it has every package, and a package
// imports only packages further down. With -update, new packages are added with the first sentence of their comment.
func TestPackages(t *testing.T) {
	t.Parallel()
	const begin, end = "<!-- packages -->\n```\n", "```\n<!-- end of packages -->"
	raw, err := os.ReadFile("CONTRIBUTING.md")
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok := strings.Cut(string(raw), begin)
	list, tail, closed := strings.Cut(rest, end)
	if !ok || !closed {
		t.Fatal("CONTRIBUTING.md has no list of packages")
	}
	var order []string
	purpose := map[string]string{}
	for line := range strings.Lines(list) {
		if name, text, _ := strings.Cut(strings.TrimSpace(line), " "); name != "" {
			order = append(order, name)
			purpose[name] = strings.TrimSpace(text)
		}
	}
	out, err := exec.Command("go", "list", "-f", "{{.ImportPath}}\t{{.Doc}}\t{{join .Imports \" \"}}", "./...").Output()
	if err != nil {
		t.Fatal(err)
	}
	imports := map[string][]string{}
	short := func(path string) string {
		return cmp.Or(strings.TrimPrefix(strings.TrimPrefix(path, "domdoc"), "/"), "main.go")
	}
	for line := range strings.Lines(string(out)) {
		fields := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		name := short(fields[0])
		imports[name] = []string{}
		for _, i := range strings.Fields(fields[2]) {
			if strings.HasPrefix(i, "domdoc/") {
				imports[name] = append(imports[name], short(i))
			}
		}
		if purpose[name] == "" {
			_, purpose[name], _ = strings.Cut(strings.TrimPrefix(fields[1], "Package "), " ")
		}
	}
	if *update {
		text := head + begin + packageList(imports, purpose) + end + tail
		if err := os.WriteFile("CONTRIBUTING.md", []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	const hint = "run go test . -run TestPackages -update"
	for _, name := range order {
		if _, ok := imports[name]; !ok {
			t.Errorf("CONTRIBUTING.md lists %s, which does not exist: %s", name, hint)
		}
	}
	for name, list := range imports {
		at := slices.Index(order, name)
		if at < 0 {
			t.Errorf("CONTRIBUTING.md does not list %s: %s", name, hint)
		}
		for _, i := range list {
			if below := slices.Index(order, i); below >= 0 && below <= at {
				t.Errorf("%s imports %s, which is not further down in CONTRIBUTING.md: %s", name, i, hint)
			}
		}
	}
}

// packageList lists packages, each above those that it imports, and packages of one folder together.
func packageList(imports map[string][]string, purpose map[string]string) string {
	folder := func(name string) string { // ui/cli of ui/cli/config
		parts := strings.SplitN(name, "/", 3)
		return strings.Join(parts[:min(len(parts), 2)], "/")
	}
	folders := map[string][]string{}
	for name, list := range imports {
		for _, i := range list {
			if from, to := folder(name), folder(i); from != to {
				folders[from] = append(folders[from], to)
			}
		}
	}
	layers := []string{"main.go", "ui", "checks", "api", "catalog"}
	layer := func(name string) int {
		top, _, _ := strings.Cut(name, "/")
		return slices.Index(layers, top)
	}
	names := slices.SortedFunc(maps.Keys(imports), func(a, b string) int {
		return cmp.Or(layer(a)-layer(b), height(folders, folder(b))-height(folders, folder(a)),
			strings.Compare(folder(a), folder(b)), height(imports, b)-height(imports, a), strings.Compare(a, b))
	})
	var b strings.Builder
	for i, name := range names {
		if i > 0 && layer(name) != layer(names[i-1]) {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "%-36s %s\n", name, purpose[name])
	}
	return b.String()
}

// height is the length of the longest chain of imports that starts at a name.
func height(imports map[string][]string, name string) int {
	h := 0
	for _, i := range imports[name] {
		h = max(h, 1+height(imports, i))
	}
	return h
}

// TestTopLevel checks the top level: its files and folders are fixed, and main.go is short.
func TestTopLevel(t *testing.T) {
	t.Parallel()
	allowed := []string{
		"main.go", "main_test.go", "ui", "checks", "api", "catalog", "go.mod", "go.sum", "README.md",
		"CONTRIBUTING.md", "CHANGELOG.md", "findings",
	}
	tracked, err := exec.Command("git", "ls-files").Output()
	if err != nil {
		t.Skip("not a git checkout")
	}
	for _, f := range strings.Fields(string(tracked)) {
		top, _, _ := strings.Cut(f, "/")
		if !strings.HasPrefix(top, ".") && !slices.Contains(allowed, top) {
			t.Errorf("%s does not belong at the top level", top)
		}
	}
	main, err := os.ReadFile("main.go")
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(main, []byte("\n")); n >= 60 {
		t.Errorf("main.go has %d lines; it only takes the environment in and gives the exit code out (under 60)", n)
	}
}

// The limits of TestLimits. A tab counts as one column.
const (
	maxColumns, maxLines = 120, 500
	maxFiles             = 25 // in a package, without tests
)

// manyFiles is the package that has a file for each topic of causes.
const manyFiles = "catalog/causes"

// TestLimits checks the width of lines, the length of files and the size of packages.
func TestLimits(t *testing.T) {
	t.Parallel()
	tracked, err := exec.Command("git", "ls-files", "--cached", "--others", "--exclude-standard", "*.go").Output()
	if err != nil {
		t.Skip("not a git checkout")
	}
	files := map[string]int{}
	for _, file := range strings.Fields(string(tracked)) {
		text, err := os.ReadFile(file)
		if errors.Is(err, fs.ErrNotExist) {
			continue // removed, but not yet from the index
		}
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
		if len(lines) > maxLines {
			t.Errorf("%s has %d lines, more than %d", file, len(lines), maxLines)
		}
		for i, line := range lines {
			if n := utf8.RuneCountInString(line); n > maxColumns {
				t.Errorf("%s:%d: %d columns, more than %d", file, i+1, n, maxColumns)
			}
		}
		if !strings.HasSuffix(file, "_test.go") {
			files[filepath.ToSlash(filepath.Dir(file))]++
		}
	}
	for dir, n := range files {
		if n > maxFiles && dir != manyFiles {
			t.Errorf("%s has %d files without tests, more than %d", dir, n, maxFiles)
		}
	}
}
