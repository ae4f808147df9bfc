package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"domdoc/ui/cli"
	"domdoc/ui/render/report"
	"domdoc/ui/render/wire"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

var updateNames = flag.Bool("update-names", false, "add the names that are new to testdata/names.golden")

// run runs the program in this process and returns its stdout and exit code.
func run(t *testing.T, stdin string, args ...string) (string, int) {
	t.Helper()
	return runUntil(t.Context(), t, stdin, args...)
}

// runUntil runs the program as run does, until the context ends.
func runUntil(ctx context.Context, t *testing.T, stdin string, args ...string) (string, int) {
	t.Helper()
	var out, stderr bytes.Buffer
	home := t.TempDir()
	code := inProcess(ctx, cli.Env{
		Args: args, Stdin: strings.NewReader(stdin), Stdout: &out, Stderr: &stderr, Version: "test",
		Getenv: func(name string) string {
			return map[string]string{"HOME": home, "XDG_CONFIG_HOME": home, "XDG_CACHE_HOME": home}[name]
		},
	})
	if said := stderr.String(); said != "" && !strings.HasPrefix(said, "recorded ") {
		t.Errorf("%v wrote to stderr: %s", args, said)
	}
	return out.String(), code
}

// schemaCommands are the commands that have a schema.
var schemaCommands = [...]string{
	"check", "watch", "wait", "propagation", "registration", "doctor", "explain", "domains", "audit",
	"version", "diff", "profiles",
}

// schema parses the output of domdoc schema. A strict schema forbids names that it does not list.
func schema(t *testing.T, command string, lines, strict bool) any {
	t.Helper()
	args := []string{"schema", command}
	if lines {
		args = append(args, "--jsonl")
	}
	text, code := run(t, "", args...)
	if code != 0 {
		t.Fatalf("%v: exit code %d", args, code)
	}
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if strict {
		forbidOthers(doc)
	}
	return doc
}

func forbidOthers(v any) {
	switch v := v.(type) {
	case map[string]any:
		if v["properties"] != nil && v["type"] == "object" {
			v["additionalProperties"] = false
		}
		for _, x := range v {
			forbidOthers(x)
		}
	case []any:
		for _, x := range v {
			forbidOthers(x)
		}
	}
}

func compile(t *testing.T, doc any) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("domdoc.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("domdoc.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestSchema runs every command that writes JSON and validates the output with the command's schema: no name is
// missing, and no name is unlisted.
func TestSchema(t *testing.T) {
	t.Parallel()
	ticket := "DOMAIN_004 shop.fabrikam.example"
	tests := []struct {
		name, command string
		stdin         string
		args          []string
	}{
		{"every story", "check", "", nil},
		{"filtered", "check", "", []string{
			"demo", "check", "shop.fabrikam.example", "--skip", "record.*", "--fail-on",
			"never",
		}},
		{"no domain name", "check", "", []string{"demo", "check", "shop fabrikam.example", "--fail-on", "never"}},
		{"a ticket", "triage", ticket, []string{"demo", "triage", "--fail-on", "never"}},
		{"a wait that ends well", "wait", "", []string{"demo", "wait", "tickets.northwind.example"}},
		{"a wait that cannot", "wait", "", []string{"demo", "wait", "shop.fabrikam.example"}},
		{"resolvers and servers", "propagation", "", []string{
			"demo", "propagation", "shop.tailwind.example", "--type",
			"CNAME", "--expect", "d-cache-old-answer.cloudfront.net", "--fail-on", "never",
		}},
		{"resolvers only", "propagation", "", []string{
			"demo", "propagation", "shop.tailwind.example", "nothing.example",
			"--authoritative=false", "--fail-on", "never",
		}},
		{"this machine", "doctor", "", []string{"demo", "doctor"}},
		{"the list of codes", "explain", "", []string{"explain"}},
		{"a code", "explain", "", []string{"explain", "DOMAIN_004"}},
		{"a cause", "explain", "", []string{"explain", "record.name-doubled"}},
		{"a status", "explain", "", []string{"explain", "clientHold"}},
		{"an error of a browser", "explain", "", []string{"explain", "NET::ERR_CERT_COMMON_NAME_INVALID"}},
		{"words", "explain", "", []string{"explain", "wallet"}},
		{"the tenant's domains", "domains", "", []string{"demo", "domains"}},
		{"the predictions", "audit", "", []string{"demo", "audit"}},
		{"the service's reports", "audit", "", append(someDomains(), "audit", "--reports")},
		{"the version", "version", "", []string{"version"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if tt.name == "the predictions" && !allCases() {
				t.Skip("all stories without a run of all cases; the service's reports have the same form")
			}
			ask := func(format string) string {
				if tt.args == nil {
					return everyStory(t, format)
				}
				out, _ := run(t, tt.stdin, append(tt.args, "-o", format)...)
				return out
			}
			out := ask("json")
			validate(t, compile(t, schema(t, tt.command, false, true)), out, 1)
			if tt.command == "audit" {
				return // jsonl is the same on one line
			}
			out = ask("jsonl")
			validate(t, compile(t, schema(t, tt.command, true, true)), out, strings.Count(out, "\n"))
		})
	}
}

// someDomains begins a command on the sandbox with part of its domains, or with all of them in a full run.
func someDomains() []string {
	if allCases() {
		return []string{"demo"}
	}
	return []string{"demo", "--domains", "60"}
}

// TestSchemaOfInterrupted cancels a run before its first answer: the output is a complete document.
func TestSchemaOfInterrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	out, code := runUntil(ctx, t, "", "demo", "check", "--all", "-o", "json")
	if code != cli.ExitInterrupted {
		t.Errorf("exit code %d, want %d", code, cli.ExitInterrupted)
	}
	validate(t, compile(t, schema(t, "check", false, true)), out, 1)
	for _, want := range []string{`"domains": [],`, `"vantage": null,`, `"incomplete": "the run was interrupted"`} {
		if !strings.Contains(out, want) {
			t.Errorf("it does not say %s:\n%s", want, out)
		}
	}
}

// validate parses the values in out, of which there must be want, and validates each.
func validate(t *testing.T, s *jsonschema.Schema, out string, want int) {
	t.Helper()
	dec := json.NewDecoder(strings.NewReader(out))
	dec.UseNumber()
	n := 0
	for ; dec.More(); n++ {
		var v any
		if err := dec.Decode(&v); err != nil {
			t.Fatalf("value %d: %v\n%.2000s", n+1, err, out)
		}
		if err := s.Validate(v); err != nil {
			t.Errorf("value %d: %v", n+1, err)
		}
	}
	if n != want || n == 0 {
		t.Errorf("%d values were written, want %d", n, want)
	}
}

// TestSchemaOfDiff validates the comparison of two cases.
func TestSchemaOfDiff(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	one, other := filepath.Join(dir, "1.json"), filepath.Join(dir, "2.json")
	run(t, "", "demo", "check", "shop.fabrikam.example", "--record", one, "--fail-on", "never")
	run(t, "", "demo", "check", "shop.fabrikam.example", "tickets.northwind.example", "--record", other, "--fail-on",
		"never")
	for _, format := range []string{"json", "jsonl"} {
		out, _ := run(t, "", "diff", one, other, "-o", format)
		validate(t, compile(t, schema(t, "diff", format == "jsonl", true)), out, 1)
	}
}

// TestSchemaOfProfiles validates the list of a config file's profiles.
func TestSchemaOfProfiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "domdoc"), 0o700); err != nil {
		t.Fatal(err)
	}
	config := "profiles:\n  default:\n    api-url: https://api.example.com\n  staging:\n    api-url: " +
		"https://staging.example.com\n    tenant: t-1\n"
	if err := os.WriteFile(filepath.Join(dir, "domdoc", "config.yaml"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	for format, want := range map[string]int{"json": 1, "jsonl": 2} {
		var out, stderr bytes.Buffer
		code := cli.Main(t.Context(), cli.Env{
			Args: []string{"profiles", "-o", format}, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &stderr,
			Version: "test",
			Getenv:  func(name string) string { return map[string]string{"HOME": dir, "XDG_CONFIG_HOME": dir}[name] },
		})
		if code != 0 {
			t.Fatalf("exit code %d: %s", code, &stderr)
		}
		validate(t, compile(t, schema(t, "profiles", format == "jsonl", true)), out.String(), want)
	}
}

// TestSchemaRefuses breaks a report in several ways: the schema refuses each. It accepts an added name.
func TestSchemaRefuses(t *testing.T) {
	t.Parallel()
	out, _ := run(t, "", "demo", "check", "shop.fabrikam.example", "-o", "json")
	s := compile(t, schema(t, "check", false, false))
	for _, tt := range []struct{ name, old, new string }{
		{"a missing name", `"blockedBy": null,`, ``},
		{"an invalid verdict", `"verdict": "fail"`, `"verdict": "bad"`},
		{"text for a number", `"fail": 1`, `"fail": "1"`},
		{"an invalid time", `"startedAt": "2`, `"startedAt": "x`},
		{"another version", `"schemaVersion": 1`, `"schemaVersion": 2`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if !strings.Contains(out, tt.old) {
				t.Fatalf("the report has no %s", tt.old)
			}
			v, err := jsonschema.UnmarshalJSON(strings.NewReader(strings.Replace(out, tt.old, tt.new, 1)))
			if err != nil {
				t.Fatal(err)
			}
			if s.Validate(v) == nil {
				t.Errorf("the schema accepts %s instead of %s", tt.new, tt.old)
			}
		})
	}
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(strings.Replace(out, `"schemaVersion": 1`,
		`"schemaVersion": 1, "later": true`, 1)))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Validate(v); err != nil {
		t.Errorf("an added name is refused: %v", err)
	}
}

// TestNames compares the names and types of the JSON with a golden file. Scripts rely on them: names are added, never
// renamed, removed or given another type.
func TestNames(t *testing.T) {
	t.Parallel()
	const golden = "testdata/names.golden"
	raw, err := os.ReadFile(golden)
	if err != nil && !*updateNames {
		t.Fatal(err)
	}
	known := slices.DeleteFunc(strings.Split(string(raw), "\n"), func(line string) bool { return line == "" })
	var now []string
	for _, command := range schemaCommands {
		now = append(now, names(command, schema(t, command, false, false).(map[string]any))...)
		now = append(now, names(command+" -o jsonl", schema(t, command, true, false).(map[string]any))...)
	}
	slices.Sort(now)
	now = slices.Compact(now)
	if *updateNames {
		all := append(slices.Clone(known), now...)
		slices.Sort(all)
		known = slices.Compact(all)
		if err := os.WriteFile(golden, []byte(strings.Join(known, "\n")+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, n := range known {
		if !slices.Contains(now, n) {
			t.Errorf("%q is gone, and scripts rely on it: names are added, never changed", n)
		}
	}
	for _, n := range now {
		if !slices.Contains(known, n) {
			t.Errorf("%q is new, and cannot be changed later: go test ./ui/cli -run TestNames -update-names",
				n)
		}
	}
}

// names lists every name of a schema by its owner, with its type: "finding.blockedBy string|null", "finding.verdict =
// fail". The command owns the names at the top.
func names(command string, root map[string]any) []string {
	var out []string
	var kind func(s map[string]any) string
	kind = func(s map[string]any) string {
		if ref, ok := s["$ref"].(string); ok {
			return strings.TrimPrefix(ref, "#/$defs/")
		}
		var parts []string
		for _, a := range list(s["anyOf"]) {
			parts = append(parts, kind(a.(map[string]any)))
		}
		for _, w := range list(s["type"]) {
			parts = append(parts, fmt.Sprint(w))
		}
		k := strings.Join(parts, "|")
		if items, ok := s["items"].(map[string]any); ok {
			k += " of " + kind(items)
		}
		if s["format"] != nil {
			k += fmt.Sprintf(" (%s)", s["format"])
		}
		return k
	}
	object := func(name string, s map[string]any) {
		properties, _ := s["properties"].(map[string]any)
		for field, p := range properties {
			p := p.(map[string]any)
			place := name + "." + field
			line := place + " " + kind(p)
			if !slices.Contains(list(s["required"]), any(field)) {
				line += ", may be absent"
			}
			out = append(out, line)
			for _, w := range list(p["enum"]) {
				out = append(out, fmt.Sprintf("%s = %v", place, w))
			}
		}
	}
	out = append(out, command+" is "+kind(root))
	object(command, root)
	defs, _ := root["$defs"].(map[string]any)
	for _, a := range list(root["anyOf"]) { // any of several objects: the names of each are at the top
		one, ok := a.(map[string]any)
		ref, _ := one["$ref"].(string)
		if def, isRef := defs[strings.TrimPrefix(ref, "#/$defs/")].(map[string]any); isRef {
			one = def
		}
		if ok {
			out = append(out, command+" is "+kind(one))
			object(command, one)
		}
	}
	for name, s := range defs {
		object(name, s.(map[string]any))
	}
	return out
}

// list returns a JSON value as a list.
func list(v any) []any {
	switch v := v.(type) {
	case nil:
		return nil
	case []any:
		return v
	}
	return []any{v}
}

// TestReadBack parses the report of all stories and writes it again: the output is the same to the byte.
func TestReadBack(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"json", "jsonl"} {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			wrote := everyStory(t, format)
			domains := []wire.Domain{}
			rep, err := wire.ReadDomains(strings.NewReader(wrote), func(d *wire.Domain) error {
				domains = append(domains, *d)
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			var again bytes.Buffer
			output, err := report.Find(format)
			if err != nil {
				t.Fatal(err)
			}
			f := output.New(&again, report.Options{Version: rep.Tool.Version, Started: rep.StartedAt})
			if err := f.Begin(rep.Vantage, rep.Tenant); err != nil {
				t.Fatal(err)
			}
			for i := range domains {
				if err := f.Domain(&domains[i]); err != nil {
					t.Fatal(err)
				}
			}
			took := time.Duration(rep.TookMs) * time.Millisecond
			if err := f.End(&report.Run{
				Took: took, Vantage: rep.Vantage, Tenant: rep.Tenant,
				Totals: report.Totals{Summary: rep.Summary}, All: rep.All,
			}); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(strings.Split(wrote, "\n"), strings.Split(again.String(), "\n")); diff != "" {
				t.Error(diff)
			}
		})
	}
}
