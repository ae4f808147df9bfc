package cli_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// readmeExit is the comment that says how a line ends.
var readmeExit = regexp.MustCompile(`\s+# exits (\d+)$`)

// TestReadmeScripts runs every line of the README's section "In scripts", in order, in one folder: as it stands,
// against the sandbox. "domdoc" there is a script that puts "demo" behind it where a line needs a service or a
// network.
func TestReadmeScripts(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, ok := strings.Cut(string(raw), "\n## In scripts\n")
	if !ok {
		t.Fatal("the README has no section In scripts")
	}
	_, block, ok := strings.Cut(section, "\n```sh\n")
	block, _, closed := strings.Cut(block, "\n```\n")
	if !ok || !closed {
		t.Fatal("the section has no block of commands")
	}
	var script strings.Builder
	commands := 0
	script.WriteString(
		"[!exec:jq] skip 'there is no jq'\nexec chmod 755 bin/domdoc\nmkdir real\nenv REAL=$WORK/real/domdoc\nexec ln " +
			"-s " + built(t) + " real/domdoc\nenv PATH=$WORK/bin:$PATH\n")
	for line := range strings.Lines(block) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		code := "0"
		if m := readmeExit.FindStringSubmatch(line); m != nil {
			code, line = m[1], strings.TrimSuffix(line, m[0])
		}
		commands++
		fmt.Fprintf(&script, "# %s\nexits %s sh -c '%s'\n", line, code, strings.ReplaceAll(line, "'", "''"))
	}
	if commands < 10 {
		t.Fatalf("the section has %d commands", commands)
	}
	// What was written is what was promised.
	script.WriteString(
		"grep '\"cause\": \"record.name-doubled\"' report.json\ngrep '^<testsuites' domdoc.xml\ngrep '^# HELP " +
			"domdoc_' domdoc.prom\ngrep '(?i)<!doctype html>' report.html\ngrep shop.fabrikam.example ticket.md\n")
	script.WriteString(
		"-- bin/domdoc --\n#!/bin/sh\ncase \"$1\" in\n  replay|diff|merge|explain|schema) exec \"$REAL\" \"$@\";;\n  " +
			"*) exec \"$REAL\" demo \"$@\";;\nesac\n")
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "readme.txtar"), []byte(script.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: dir, RequireExplicitExec: true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("HOME", e.WorkDir)
			e.Setenv("TZ", "UTC")
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){"exits": exits},
	})
}
