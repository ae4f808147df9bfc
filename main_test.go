package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// floor is what a package may import.
type floor struct {
	may []string

	stdlib bool // nothing but the standard library
}

// floors lists every package with the packages of this module that it may import.
var floors = map[string]floor{
	"domdoc": {may: []string{
		"domdoc/ui/cli",
		"domdoc/ui/dashboard",
	}},
	"domdoc/api": {may: []string{
		"domdoc/catalog",
	}},
	"domdoc/api/sandbox": {may: []string{
		"domdoc/api/sandbox/story",
		"domdoc/catalog",
	}},
	"domdoc/api/sandbox/sandboxtest": {stdlib: true},
	"domdoc/api/sandbox/story": {may: []string{
		"domdoc/catalog",
		"domdoc/catalog/causes",
	}},
	"domdoc/catalog": {may: []string{
		"domdoc/catalog/hosts",
		"domdoc/catalog/shell",
	}},
	"domdoc/catalog/causes": {may: []string{
		"domdoc/catalog",
		"domdoc/catalog/hosts",
		"domdoc/catalog/shell",
	}},
	"domdoc/catalog/hosts":    {stdlib: true},
	"domdoc/catalog/sanitize": {stdlib: true},
	"domdoc/catalog/shell":    {stdlib: true},
	"domdoc/checks": {may: []string{
		"domdoc/api",
		"domdoc/catalog",
		"domdoc/catalog/causes",
		"domdoc/catalog/sanitize",
		"domdoc/checks/advice",
		"domdoc/checks/dnsname",
		"domdoc/checks/finding",
		"domdoc/checks/observe",
		"domdoc/checks/probe",
		"domdoc/checks/probe/flight",
		"domdoc/checks/result",
		"domdoc/checks/rules",
		"domdoc/checks/subject",
		"domdoc/checks/vantage",
	}},
	"domdoc/checks/advice": {may: []string{
		"domdoc/catalog",
		"domdoc/catalog/causes",
		"domdoc/catalog/hosts",
		"domdoc/catalog/sanitize",
		"domdoc/checks/dnsname",
		"domdoc/checks/finding",
		"domdoc/checks/observe",
		"domdoc/checks/probe",
		"domdoc/checks/probe/exchange",
		"domdoc/checks/rdata",
	}},
	"domdoc/checks/audit": {may: []string{
		"domdoc/catalog",
		"domdoc/checks/incident",
		"domdoc/checks/result",
		"domdoc/checks/subject",
	}},
	"domdoc/checks/audit/harness": {may: []string{
		"domdoc/api",
		"domdoc/api/sandbox",
		"domdoc/api/sandbox/story",
		"domdoc/catalog",
		"domdoc/checks",
		"domdoc/checks/audit",
		"domdoc/checks/finding",
		"domdoc/checks/incident",
		"domdoc/checks/probe",
		"domdoc/checks/probe/transport",
		"domdoc/checks/result",
		"domdoc/checks/subject",
		"domdoc/checks/vantage",
	}},
	"domdoc/checks/dnsname": {may: []string{
		"domdoc/catalog/sanitize",
	}},
	"domdoc/checks/finding": {may: []string{
		"domdoc/catalog",
		"domdoc/catalog/causes",
		"domdoc/checks/probe/exchange",
		"domdoc/checks/subject",
	}},
	"domdoc/checks/incident": {may: []string{
		"domdoc/catalog",
		"domdoc/catalog/causes",
		"domdoc/catalog/hosts",
		"domdoc/catalog/sanitize",
		"domdoc/checks/finding",
		"domdoc/checks/probe",
		"domdoc/checks/probe/exchange",
		"domdoc/checks/probe/registration",
		"domdoc/checks/result",
	}},
	"domdoc/checks/observe": {may: []string{
		"domdoc/api",
		"domdoc/catalog",
		"domdoc/catalog/causes",
		"domdoc/catalog/hosts",
		"domdoc/catalog/sanitize",
		"domdoc/checks/dnsname",
		"domdoc/checks/probe",
		"domdoc/checks/probe/exchange",
		"domdoc/checks/rdata",
		"domdoc/checks/subject",
	}},
	"domdoc/checks/probe": {may: []string{
		"domdoc/catalog/sanitize",
		"domdoc/checks/probe/exchange",
		"domdoc/checks/probe/flight",
		"domdoc/checks/probe/recording",
		"domdoc/checks/probe/registration",
		"domdoc/checks/probe/transport",
	}},
	"domdoc/checks/probe/exchange": {may: []string{
		"domdoc/catalog/sanitize",
		"domdoc/catalog/shell",
	}},
	"domdoc/checks/probe/exchange/exchangetest": {},
	"domdoc/checks/probe/flight":                {stdlib: true},
	"domdoc/checks/probe/probetest": {may: []string{
		"domdoc/checks/probe/exchange",
		"domdoc/checks/probe/exchange/exchangetest",
	}},
	"domdoc/checks/probe/recording": {may: []string{
		"domdoc/checks/probe/exchange",
	}},
	"domdoc/checks/probe/registration": {},
	"domdoc/checks/probe/transport": {may: []string{
		"domdoc/checks/probe/exchange",
	}},
	"domdoc/checks/progress": {may: []string{
		"domdoc/catalog",
		"domdoc/catalog/causes",
		"domdoc/catalog/sanitize",
		"domdoc/checks/finding",
		"domdoc/checks/observe",
		"domdoc/checks/probe",
		"domdoc/checks/probe/exchange",
		"domdoc/checks/probe/registration",
		"domdoc/checks/result",
		"domdoc/checks/subject",
	}},
	"domdoc/checks/query": {may: []string{
		"domdoc/api",
		"domdoc/catalog",
		"domdoc/catalog/sanitize",
		"domdoc/checks/dnsname",
		"domdoc/checks/finding",
		"domdoc/checks/probe",
		"domdoc/checks/probe/registration",
		"domdoc/checks/result",
		"domdoc/checks/rules",
	}},
	"domdoc/checks/rdata": {may: []string{
		"domdoc/api",
		"domdoc/catalog",
		"domdoc/checks/dnsname",
		"domdoc/checks/probe/exchange",
	}},
	"domdoc/checks/result": {may: []string{
		"domdoc/api",
		"domdoc/catalog",
		"domdoc/checks/dnsname",
		"domdoc/checks/finding",
		"domdoc/checks/observe",
		"domdoc/checks/probe",
		"domdoc/checks/probe/exchange",
		"domdoc/checks/subject",
	}},
	"domdoc/checks/rules": {may: []string{
		"domdoc/api",
		"domdoc/catalog",
		"domdoc/catalog/causes",
		"domdoc/catalog/hosts",
		"domdoc/catalog/sanitize",
		"domdoc/checks/dnsname",
		"domdoc/checks/finding",
		"domdoc/checks/observe",
		"domdoc/checks/probe",
		"domdoc/checks/probe/exchange",
		"domdoc/checks/probe/registration",
		"domdoc/checks/rdata",
		"domdoc/checks/subject",
	}},
	"domdoc/checks/subject": {may: []string{
		"domdoc/api",
		"domdoc/catalog",
		"domdoc/catalog/sanitize",
		"domdoc/checks/dnsname",
		"domdoc/checks/probe",
		"domdoc/checks/probe/exchange",
		"domdoc/checks/probe/flight",
		"domdoc/checks/rdata",
	}},
	"domdoc/checks/ticket": {may: []string{
		"domdoc/api",
		"domdoc/catalog",
		"domdoc/checks/dnsname",
		"domdoc/checks/probe",
		"domdoc/checks/subject",
	}},
	"domdoc/checks/vantage": {may: []string{
		"domdoc/catalog",
		"domdoc/catalog/causes",
		"domdoc/catalog/sanitize",
		"domdoc/checks/dnsname",
		"domdoc/checks/finding",
		"domdoc/checks/observe",
		"domdoc/checks/probe",
		"domdoc/checks/probe/exchange",
		"domdoc/checks/subject",
	}},
	"domdoc/ui/cli": {may: []string{
		"domdoc/api",
		"domdoc/api/sandbox",
		"domdoc/api/sandbox/story",
		"domdoc/catalog",
		"domdoc/catalog/causes",
		"domdoc/catalog/sanitize",
		"domdoc/checks",
		"domdoc/checks/audit",
		"domdoc/checks/audit/harness",
		"domdoc/checks/dnsname",
		"domdoc/checks/probe",
		"domdoc/checks/probe/exchange",
		"domdoc/checks/probe/transport",
		"domdoc/checks/progress",
		"domdoc/checks/query",
		"domdoc/checks/rdata",
		"domdoc/checks/result",
		"domdoc/checks/subject",
		"domdoc/checks/ticket",
		"domdoc/checks/vantage",
		"domdoc/ui/cli/casefile",
		"domdoc/ui/cli/config",
		"domdoc/ui/cli/credentials",
		"domdoc/ui/cli/gates",
		"domdoc/ui/cli/manual",
		"domdoc/ui/cli/namecache",
		"domdoc/ui/cli/namelist",
		"domdoc/ui/cli/reporter",
		"domdoc/ui/cli/shard",
		"domdoc/ui/cli/usage",
		"domdoc/ui/dashboard/setup",
		"domdoc/ui/render",
		"domdoc/ui/render/layout",
		"domdoc/ui/render/report",
		"domdoc/ui/render/wire",
		"domdoc/ui/watch",
	}},
	"domdoc/ui/cli/casefile": {may: []string{
		"domdoc/api",
		"domdoc/checks/probe/recording",
		"domdoc/checks/ticket",
		"domdoc/ui/cli/usage",
		"domdoc/ui/privatefile",
	}},
	"domdoc/ui/cli/config": {may: []string{
		"domdoc/api",
		"domdoc/ui/cli/credentials",
		"domdoc/ui/cli/usage",
		"domdoc/ui/privatefile",
	}},
	"domdoc/ui/cli/credentials": {may: []string{
		"domdoc/ui/privatefile",
	}},
	"domdoc/ui/cli/gates": {may: []string{
		"domdoc/checks/query",
		"domdoc/ui/cli/usage",
		"domdoc/ui/render/wire",
	}},
	"domdoc/ui/cli/manual": {may: []string{
		"domdoc/checks/query",
		"domdoc/ui/cli/usage",
		"domdoc/ui/render",
	}},
	"domdoc/ui/cli/namecache": {may: []string{
		"domdoc/ui/privatefile",
	}},
	"domdoc/ui/cli/namelist": {may: []string{
		"domdoc/checks/dnsname",
		"domdoc/ui/cli/usage",
	}},
	"domdoc/ui/cli/reporter": {may: []string{
		"domdoc/catalog",
		"domdoc/catalog/causes",
		"domdoc/checks/finding",
		"domdoc/checks/incident",
		"domdoc/checks/result",
		"domdoc/ui/cli/gates",
		"domdoc/ui/render/layout",
		"domdoc/ui/render/report",
		"domdoc/ui/render/wire",
	}},
	"domdoc/ui/cli/shard": {may: []string{
		"domdoc/checks",
		"domdoc/checks/dnsname",
		"domdoc/ui/cli/usage",
	}},
	"domdoc/ui/cli/usage": {may: []string{
		"domdoc/catalog/sanitize",
	}},
	"domdoc/ui/dashboard": {may: []string{
		"domdoc/api",
		"domdoc/catalog",
		"domdoc/catalog/sanitize",
		"domdoc/checks",
		"domdoc/checks/finding",
		"domdoc/checks/incident",
		"domdoc/checks/probe/exchange",
		"domdoc/checks/progress",
		"domdoc/checks/result",
		"domdoc/checks/subject",
		"domdoc/checks/ticket",
		"domdoc/ui/dashboard/action",
		"domdoc/ui/dashboard/catalogue",
		"domdoc/ui/dashboard/dialog",
		"domdoc/ui/dashboard/grid",
		"domdoc/ui/dashboard/inventory",
		"domdoc/ui/dashboard/list",
		"domdoc/ui/dashboard/page",
		"domdoc/ui/dashboard/reportfile",
		"domdoc/ui/dashboard/runner",
		"domdoc/ui/dashboard/screen",
		"domdoc/ui/dashboard/setup",
		"domdoc/ui/dashboard/tab",
		"domdoc/ui/dashboard/terminal",
		"domdoc/ui/dashboard/theme",
		"domdoc/ui/dashboard/ticketview",
		"domdoc/ui/privatefile",
		"domdoc/ui/render/report",
		"domdoc/ui/watch",
	}},
	"domdoc/ui/dashboard/action": {may: []string{
		"domdoc/ui/dashboard/page",
	}},
	"domdoc/ui/dashboard/catalogue": {may: []string{
		"domdoc/catalog",
		"domdoc/ui/dashboard/action",
		"domdoc/ui/dashboard/grid",
		"domdoc/ui/dashboard/inventory",
		"domdoc/ui/dashboard/page",
		"domdoc/ui/dashboard/screen",
		"domdoc/ui/dashboard/tab",
	}},
	"domdoc/ui/dashboard/dialog": {may: []string{
		"domdoc/api",
		"domdoc/catalog",
		"domdoc/checks/query",
		"domdoc/ui/dashboard/action",
		"domdoc/ui/dashboard/grid",
		"domdoc/ui/dashboard/inventory",
		"domdoc/ui/dashboard/page",
		"domdoc/ui/dashboard/screen",
		"domdoc/ui/dashboard/theme",
	}},
	"domdoc/ui/dashboard/grid": {may: []string{
		"domdoc/catalog/sanitize",
		"domdoc/ui/dashboard/theme",
	}},
	"domdoc/ui/dashboard/inventory": {may: []string{
		"domdoc/api",
		"domdoc/catalog",
		"domdoc/catalog/sanitize",
		"domdoc/checks",
		"domdoc/checks/dnsname",
		"domdoc/checks/progress",
		"domdoc/checks/query",
		"domdoc/checks/result",
		"domdoc/checks/subject",
		"domdoc/ui/dashboard/page",
		"domdoc/ui/dashboard/theme",
	}},
	"domdoc/ui/dashboard/list": {may: []string{
		"domdoc/checks/incident",
		"domdoc/checks/query",
		"domdoc/ui/dashboard/action",
		"domdoc/ui/dashboard/grid",
		"domdoc/ui/dashboard/inventory",
		"domdoc/ui/dashboard/page",
		"domdoc/ui/dashboard/screen",
		"domdoc/ui/dashboard/tab",
		"domdoc/ui/dashboard/theme",
		"domdoc/ui/watch",
	}},
	"domdoc/ui/dashboard/page": {may: []string{
		"domdoc/api",
		"domdoc/catalog",
		"domdoc/catalog/sanitize",
		"domdoc/ui/dashboard/grid",
		"domdoc/ui/dashboard/theme",
	}},
	"domdoc/ui/dashboard/reportfile": {may: []string{
		"domdoc/checks",
		"domdoc/checks/finding",
		"domdoc/checks/result",
		"domdoc/ui/render/layout",
		"domdoc/ui/render/report",
		"domdoc/ui/render/wire",
	}},
	"domdoc/ui/dashboard/runner": {may: []string{
		"domdoc/api",
		"domdoc/checks",
		"domdoc/checks/finding",
		"domdoc/checks/incident",
		"domdoc/checks/result",
		"domdoc/checks/subject",
		"domdoc/ui/dashboard/inventory",
		"domdoc/ui/dashboard/terminal",
	}},
	"domdoc/ui/dashboard/screen": {may: []string{
		"domdoc/api",
		"domdoc/catalog",
		"domdoc/catalog/sanitize",
		"domdoc/checks",
		"domdoc/checks/subject",
		"domdoc/checks/ticket",
		"domdoc/ui/dashboard/action",
		"domdoc/ui/dashboard/grid",
		"domdoc/ui/dashboard/inventory",
		"domdoc/ui/dashboard/page",
		"domdoc/ui/dashboard/runner",
		"domdoc/ui/dashboard/tab",
		"domdoc/ui/dashboard/theme",
		"domdoc/ui/watch",
	}},
	"domdoc/ui/dashboard/setup": {may: []string{
		"domdoc/api",
		"domdoc/checks",
		"domdoc/checks/result",
	}},
	"domdoc/ui/dashboard/tab": {may: []string{
		"domdoc/api",
		"domdoc/catalog",
		"domdoc/catalog/causes",
		"domdoc/catalog/sanitize",
		"domdoc/checks/dnsname",
		"domdoc/checks/finding",
		"domdoc/checks/observe",
		"domdoc/checks/probe/exchange",
		"domdoc/checks/probe/registration",
		"domdoc/checks/result",
		"domdoc/checks/rules",
		"domdoc/checks/subject",
		"domdoc/ui/dashboard/grid",
		"domdoc/ui/dashboard/page",
		"domdoc/ui/dashboard/theme",
		"domdoc/ui/render/report",
		"domdoc/ui/render/wire",
	}},
	"domdoc/ui/dashboard/terminal": {may: []string{
		"domdoc/catalog/sanitize",
		"domdoc/ui/dashboard/theme",
	}},
	"domdoc/ui/dashboard/theme": {may: []string{
		"domdoc/catalog",
		"domdoc/ui/dashboard/theme/dark",
	}},
	"domdoc/ui/dashboard/theme/dark": {},
	"domdoc/ui/dashboard/ticketview": {may: []string{
		"domdoc/catalog",
		"domdoc/catalog/sanitize",
		"domdoc/checks/finding",
		"domdoc/checks/incident",
		"domdoc/checks/result",
		"domdoc/checks/subject",
		"domdoc/checks/ticket",
		"domdoc/ui/dashboard/action",
		"domdoc/ui/dashboard/inventory",
		"domdoc/ui/dashboard/page",
		"domdoc/ui/dashboard/screen",
		"domdoc/ui/dashboard/tab",
	}},
	"domdoc/ui/privatefile": {},
	"domdoc/ui/render": {may: []string{
		"domdoc/catalog",
		"domdoc/catalog/sanitize",
		"domdoc/checks/observe",
		"domdoc/checks/probe",
		"domdoc/checks/probe/exchange",
		"domdoc/checks/progress",
		"domdoc/checks/result",
		"domdoc/checks/vantage",
		"domdoc/ui/render/layout",
		"domdoc/ui/render/report",
		"domdoc/ui/render/wire",
	}},
	"domdoc/ui/render/layout": {may: []string{
		"domdoc/catalog",
	}},
	"domdoc/ui/render/report": {may: []string{
		"domdoc/catalog",
		"domdoc/catalog/sanitize",
		"domdoc/checks/finding",
		"domdoc/checks/observe",
		"domdoc/checks/probe/exchange",
		"domdoc/checks/result",
		"domdoc/ui/render/layout",
		"domdoc/ui/render/wire",
	}},
	"domdoc/ui/render/wire": {may: []string{
		"domdoc/catalog",
		"domdoc/catalog/causes",
		"domdoc/catalog/sanitize",
		"domdoc/checks",
		"domdoc/checks/finding",
		"domdoc/checks/incident",
		"domdoc/checks/observe",
		"domdoc/checks/probe",
		"domdoc/checks/probe/exchange",
		"domdoc/checks/probe/registration",
		"domdoc/checks/progress",
		"domdoc/checks/result",
		"domdoc/checks/vantage",
	}},
	"domdoc/ui/watch": {may: []string{
		"domdoc/checks/progress",
		"domdoc/checks/result",
	}},
}

// bubbleImporters may import Bubble Tea and its components; nobody else may, even through others.
var bubbleImporters = []string{
	"domdoc",
	"domdoc/ui/dashboard",
	"domdoc/ui/dashboard/action",
	"domdoc/ui/dashboard/catalogue",
	"domdoc/ui/dashboard/dialog",
	"domdoc/ui/dashboard/list",
	"domdoc/ui/dashboard/screen",
	"domdoc/ui/dashboard/ticketview",
}

type listedPackage struct {
	ImportPath string
	Imports    []string
	Deps       []string
	Standard   bool
}

// TestFloors reads what every package imports and fails on an edge that the house does not have.
func TestFloors(t *testing.T) {
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
		if p.ImportPath == "domdoc" || strings.HasPrefix(p.ImportPath, "domdoc/") {
			ours = append(ours, p)
		}
	}
	if len(ours) < 8 {
		t.Fatalf("only %d packages of ours were listed", len(ours))
	}
	for _, p := range ours {
		f, ok := floors[p.ImportPath]
		if !ok {
			t.Errorf("%s has no place in the house: add it to the floors, or to another package", p.ImportPath)
			continue
		}
		for _, i := range p.Imports {
			own := i == "domdoc" || strings.HasPrefix(i, "domdoc/")
			if own && !slices.Contains(f.may, i) {
				t.Errorf("%s imports %s, which is not below it", p.ImportPath, i)
			}
			if f.stdlib && !own && !standard[i] {
				t.Errorf("%s imports %s; it may use the standard library only", p.ImportPath, i)
			}
		}
		for _, d := range p.Deps {
			bubble := d == "github.com/charmbracelet/bubbletea" || strings.HasPrefix(d, "github.com/charmbracelet/bubbles/")
			if bubble && !slices.Contains(bubbleImporters, p.ImportPath) {
				t.Errorf("%s depends on %s; only the dashboard may", p.ImportPath, d)
			}
		}
	}
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
		"CONTRIBUTING.md", "CHANGELOG.md",
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
