package dashboard

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"domdoc/ui/dashboard/action"
	"domdoc/ui/dashboard/planview"

	tea "github.com/charmbracelet/bubbletea"
)

// planned opens the plan of a story's domain: of the lines that are typed, or without any of the advice.
func (b *bench) planned(story string, lines ...string) *bench {
	b.t.Helper()
	b.open(story)
	cmd := b.plannedBy(lines...)
	b.send(finished(b.t, cmd))
	return b
}

func (b *bench) plannedBy(lines ...string) tea.Cmd {
	b.t.Helper()
	if len(lines) == 0 {
		return b.act(action.WhatIf)
	}
	b.act(action.Plan)
	for i, l := range lines {
		if i > 0 {
			b.press("down")
		}
		b.send(tea.KeyMsg{Type: tea.KeyRunes, Paste: true, Runes: []rune(l)})
	}
	return b.act(action.Open)
}

// finished runs a command until the plan is there.
func finished(t testing.TB, cmd tea.Cmd) planview.DoneMsg {
	t.Helper()
	return resultOf[planview.DoneMsg](t, cmd)
}

// resultOf runs a command until it has a message of a type.
func resultOf[M any](t testing.TB, cmd tea.Cmd) M {
	t.Helper()
	var done *M
	var run func(tea.Cmd)
	run = func(cmd tea.Cmd) {
		if cmd == nil || done != nil {
			return
		}
		switch msg := cmd().(type) {
		case tea.BatchMsg:
			for _, c := range msg {
				run(c)
			}
		case M:
			done = &msg
		}
	}
	run(cmd)
	if done == nil {
		t.Fatalf("the command has no %T", *new(M))
	}
	return *done
}

// TestPlanScreen plans the advice of a finding: the domain is cured, and what is shown can be copied and exported.
func TestPlanScreen(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.opt.Dir = t.TempDir()
	b.load().results()
	b.planned("name-doubled")
	b.send(tea.WindowSizeMsg{Width: 120, Height: 40})
	b.shows("plan for shop.fabrikam.example", "what if: ", "1 cured, 0 new", "today", "fail (DOMAIN_004)", "then",
		"cured", "+ _verify.shop.fabrikam.example 600 TXT tok-51c0de77", "takes effect", "edit", "copy", "export")
	copies := map[string]string{}
	for _, c := range b.copyables() {
		copies[c.Label] = c.Text
	}
	if got := copies["the command that makes this plan"]; got !=
		`domdoc plan shop.fabrikam.example --remove '_verify.shop.fabrikam.example.fabrikam.example. IN TXT `+
			`"tok-51c0de77"' --add '_verify.shop.fabrikam.example. 600 IN TXT "tok-51c0de77"'` {
		t.Errorf("the command is %s", got)
	}
	if !strings.Contains(copies["the plan as text"], "  cured  record.name-doubled\n") ||
		!strings.Contains(copies["the plan as JSON"], `"cause": "record.name-doubled"`) {
		t.Errorf("not what domdoc plan prints: %q", copies)
	}
	b.press("E", "enter")
	b.send(resultOf[exportedMsg](t, b.press("enter")))
	files, err := filepath.Glob(filepath.Join(b.opt.Dir, "domdoc-plan-shop.fabrikam.example-*.txt"))
	if err != nil || len(files) != 1 {
		t.Fatalf("%v, %v: %s", files, err, b.Notice)
	}
	if raw, err := os.ReadFile(files[0]); err != nil || string(raw) != copies["the plan as text"] {
		t.Errorf("%v: the file is %q", err, raw)
	}
	b.press("enter") // edits what was planned
	if b.Screen.Scope() != action.ScopeChange || !strings.HasPrefix(b.plan.Form.Lines[0].Value(), "remove _verify.shop.") {
		t.Errorf("at %s, with %q", b.Screen.Scope(), b.plan.Form.Lines[0].Value())
	}
	b.press("esc", "esc")
	if b.Screen.Scope() != action.ScopeDetail {
		t.Errorf("two steps back is %s", b.Screen.Scope())
	}
}

// TestPlanGoesOn leaves a plan that is being made, which goes on and says when it is ready. One that is stopped does
// not say anything.
func TestPlanGoesOn(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.load().results().open("healthy-txt")
	cmd := b.plannedBy("set tickets TTL 600")
	b.shows("finding the zone", "stops it")
	if !b.plan.Running() || b.plan.Interval() == 0 {
		t.Error("nothing shows how far it is")
	}
	b.press("esc", "esc")
	b.send(finished(t, cmd))
	if !strings.Contains(b.Notice, "the plan for tickets.northwind.example is ready") || b.Busy() {
		t.Errorf("it says %q", b.Notice)
	}
	b.press("C")
	b.shows("0 cured, 0 new", "+ tickets.northwind.example 600 CNAME")
	b.press("esc", "C")
	if b.Screen.Scope() != action.ScopeChange {
		t.Errorf("a plan that was seen is shown again: %s", b.Screen.Scope())
	}

	cmd = b.act(action.Open)
	b.press("x")
	if done := finished(t, cmd); done.Err != context.Canceled {
		t.Errorf("the plan was not stopped: %v", done.Err)
	} else if b.send(done); b.plan.Running() {
		t.Error("it is said to run")
	}
	b.shows("no plan was made: stopped", "edits the change")
}

// TestPlanFails: what cannot be planned says why, and where.
func TestPlanFails(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.load().results()
	b.planned("healthy-txt", "add tickets A 300.0.0.1", "tickets CNAME", "remove elsewhere.example. A")
	if b.Screen.Scope() != action.ScopeChange {
		t.Errorf("at %s", b.Screen.Scope())
	}
	b.send(tea.WindowSizeMsg{Width: 120, Height: 40})
	b.shows("line 1, column 15: ", "line 2, column 1: ", "not with", "line 3, column 8: ")
	for typed, want := range map[string]string{
		"":                                   "nothing is entered",
		"nameservers":                        "name the new servers",
		"nameservers a.example\nset x TTL 1": "a change of their own",
	} {
		b.plan.Form.Lines = b.plan.Form.Lines[:1]
		b.plan.Form.At = 0
		b.plan.Form.Lines[0].Set("")
		b.send(tea.KeyMsg{Type: tea.KeyRunes, Paste: true, Runes: []rune(typed)})
		b.press("enter")
		if b.Screen.Scope() != action.ScopeChange {
			t.Fatalf("%q is planned", typed)
		}
		b.shows(want)
	}
	b.press("esc", "esc")
	b.open("on-hold") // its advice changes no record
	if b.press("W"); b.Notice != planview.NoRecords {
		t.Errorf("W says %q", b.Notice)
	}
	b.opt.Wire = nil
	if b.press("C"); !strings.Contains(b.Notice, "recorded case") {
		t.Errorf("C says %q", b.Notice)
	}
}

// TestPlanCompletes completes lines from the records that a diagnosis has compared.
func TestPlanCompletes(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.load().results().open("healthy-txt").press("C", "r", "tab")
	line := func() string { return b.plan.Form.Lines[b.plan.Form.At].Value() }
	if line() != "remove " {
		t.Errorf("r is completed to %q", line())
	}
	var all []string
	for range 3 {
		b.press("tab")
		all = append(all, line())
	}
	for _, l := range all[:2] {
		if !strings.HasPrefix(l, "remove ") || !strings.Contains(l, "tickets.northwind.example. IN ") {
			t.Errorf("%q is no record of the domain", l)
		}
	}
	if all[0] == all[1] {
		t.Errorf("another tab completes to the same: %q", all)
	}
	b.press("ctrl+u", "z", "z", "tab")
	b.shows("no record that is known begins like this")
	b.press("backspace", "backspace", "s", "e", "t", "down", "a", "up", "down", "backspace", "backspace")
	if b.plan.Form.At != 0 || line() != "set" {
		t.Errorf("line %d: %q", b.plan.Form.At, line())
	}
}
