package dashboard

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"iter"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"domdoc/api"
	"domdoc/api/sandbox/sandboxtest"
	"domdoc/ui/dashboard/action"
	"domdoc/ui/dashboard/catalogue"
	"domdoc/ui/dashboard/dialog"
	"domdoc/ui/dashboard/inventory"
	"domdoc/ui/dashboard/reportfile"
	"domdoc/ui/dashboard/runner"
	"domdoc/ui/dashboard/screen"
	"domdoc/ui/dashboard/setup"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files")

var sizes = []struct{ w, h int }{{60, 15}, {80, 24}, {120, 40}, {200, 60}}

// screensOf are the screens of the dashboard, each as somebody reaches it.
func screensOf() map[string]func(b *bench) {
	return map[string]func(b *bench){
		"list":          func(b *bench) { b.load().results().urgent() },
		"list-new":      func(b *bench) { b.load().urgent() },
		"list-filtered": func(b *bench) { b.load().results().press("s", "/", "f", "a", "i", "l") },
		"list-running": func(b *bench) {
			b.load().results()
			b.Run = runner.RunState{Gen: 9, Cancel: func() {}, Total: 1234, Done: 500, Began: noon.Add(-1e10)}
		},
		"list-marked": func(b *bench) {
			b.load().results().press("space", "down", "space", "w")
		},
		"list-incident": func(b *bench) { b.load().results().outage().press("up") },
		"list-wrong": func(b *bench) {
			b.load().results().press("/")
			for _, k := range "shop expires:soon" {
				b.press(string(k))
			}
		},
		"list-sparkline": func(b *bench) {
			b.load().results()
			b.Run = runner.RunState{Gen: 9, Cancel: func() {}, Total: 1234, Done: 500, Began: noon.Add(-1e10)}
			for i := range 52 { // 13 cells, which fit beside the summary at 120 columns
				b.Run.Spark.Add(noon.Add(time.Duration(i)*inventory.SparkFirst), 3+i%9)
			}
		},
		"groups":      func(b *bench) { b.load().results().press("b") },
		"groups-host": func(b *bench) { b.load().results().press("b", "b", "b", "b") },
		"group":       func(b *bench) { b.load().results().press("b", "enter") },
		"groups-none": func(b *bench) { b.load().press("/", "z", "z", "z", "enter", "b") },
		"ticket":      func(b *bench) { b.load().ticketOf("name-doubled") },
		"ticket-gone": func(b *bench) { b.load().ticketOf("healthy-txt") },
		"ticket-asking": func(b *bench) {
			b.load().send(pasted("DOMAIN_004 shop.fabrikam.example"))
			b.press("enter")
		},
		"changes": func(b *bench) {
			b.load().results().open("cache-negative").press("w", "9")
			b.heals("cache-negative")
		},
		"changes-none":    func(b *bench) { b.load().results().open("cache-negative").press("9") },
		"nothing-matches": func(b *bench) { b.load().results().press("/", "z", "z", "z", "enter") },
		"loading":         func(b *bench) { b.model.Load = runner.LoadState{Gen: 1, Cancel: func() {}} },
		"loading-more": func(b *bench) {
			b.load()
			b.model.Load = runner.LoadState{Gen: 1, Cancel: func() {}, Count: 2500}
		},
		"empty": func(b *bench) { b.model.Load = runner.LoadState{Done: true}; b.send(tenantMsg{b.l.tenant}) },
		"failed": func(b *bench) {
			b.model.Load.Err = &api.Error{
				Kind: api.KindUnauthorized, HTTPStatus: 401, Method: "GET",
				Path: "/domains/v1/domains", Message: "Unauthorized", RequestID: "r-1",
			}
		},
		"failed-midway": func(b *bench) {
			b.load()
			b.model.Load.Err = errors.New("connection reset")
		},
		"detail":             func(b *bench) { b.load().results().open("name-doubled") },
		"detail-waiting":     func(b *bench) { b.load().results().open("cache-negative") },
		"detail-healthy":     func(b *bench) { b.load().results().open("healthy-txt") },
		"detail-unsure":      func(b *bench) { b.load().results().open("registry-limited") },
		"detail-asking":      func(b *bench) { b.load().open("name-doubled") },
		"propagation":        func(b *bench) { b.load().results().open("cache-negative").press("2") },
		"propagation-differ": func(b *bench) { b.load().results().open("servers-disagree").press("p") },
		"catalogue":          func(b *bench) { b.load().results().press("c") },
		"catalogue-search":   func(b *bench) { b.load().results().press("c", "/", "n", "a", "m", "e") },
		"code":               func(b *bench) { b.load().results().press("c", "down", "down", "down", "enter") },
		"cause":              func(b *bench) { b.load().results().open("name-doubled").press("c") },
		"copy":               func(b *bench) { b.load().results().open("name-doubled").press("y") },
		"copied": func(b *bench) {
			b.load().results().open("name-doubled").press("y", "v", "a", "l", "u", "enter")
		},
		"request": func(b *bench) { b.connect(); b.load().results().open("name-doubled").press("v") },
		"request-refused": func(b *bench) {
			b.connect()
			b.load().results().open("name-doubled").press("v")
			b.request.State = dialog.UnderWay
			b.send(dialog.AnswerMsg{
				Gen: b.request.Gen, Op: api.OpVerify, ID: b.request.ID, Name: b.request.Name,
				Err: &api.Error{
					HTTPStatus: 422, Code: "DOMAIN_004", Message: "Domain verification failed for shop.fabrikam.example",
					Method: "POST", Path: "/domains/v1/d-name-doubled/verify", RequestID: "r-1",
				},
			})
		},
		"request-taken": func(b *bench) {
			b.connect()
			b.load().results().open("name-doubled").press("i")
			b.request.State = dialog.UnderWay
			b.send(dialog.AnswerMsg{
				Gen: b.request.Gen, Op: api.OpIssueCertificate, ID: b.request.ID, Name: b.request.Name,
				Out: api.Outcome{
					HTTPStatus: 201, RequestID: "r-2", Certificate: &api.Certificate{Status: "PENDING_VALIDATION"},
				},
			})
		},
		"plan":        func(b *bench) { b.load().results(); b.planned("name-doubled") },
		"plan-breaks": func(b *bench) { b.load().results(); b.planned("healthy-txt", "remove tickets CNAME") },
		"plan-move": func(b *bench) {
			b.load().results()
			b.planned("healthy-txt", "nameservers ada.ns.cloudflare.com, bob.ns.cloudflare.com")
		},
		"plan-asking": func(b *bench) { b.load().results().open("name-doubled").press("W") },
		"change":      func(b *bench) { b.load().results().open("healthy-txt").press("C", "s", "e", "t", " ") },
		"change-wrong": func(b *bench) {
			b.load().results()
			b.planned("healthy-txt", "add tickets A 300.0.0.1", "shop CNAME")
		},
		"export": func(b *bench) {
			b.opt.Dir = "/home/engineer/tickets"
			b.load().results().open("name-doubled").press("E")
		},
		"export-list": func(b *bench) {
			b.load().results()
			b.Marks.Set(b.l.ids["on-hold"], true)
			b.press("E")
		},
		"profiles": func(b *bench) {
			b.opt.Profile, b.opt.Profiles = "production", []string{"production", "staging", "a tenant of somebody else"}
			b.opt.Switch = func(context.Context, string) (setup.Source, error) { return setup.Source{}, nil }
			b.load().press("P")
		},
		"help":            func(b *bench) { b.fewActions(); b.load().press("?") },
		"palette":         func(b *bench) { b.fewActions(); b.load().press(":") },
		"palette-search":  func(b *bench) { b.fewActions(); b.load().press(":", "d", "i", "a", "g", "down") },
		"palette-nothing": func(b *bench) { b.load().press(":", "z", "z", "z") },
		"paste":           func(b *bench) { b.load().press("e") },
		"paste-text": func(b *bench) {
			b.load().press("e")
			b.send(tea.KeyMsg{
				Type: tea.KeyRunes, Paste: true,
				Runes: []rune("{\"errorCode\":\"DOMAIN_010\",\n \"path\":\"/elsewhere\"}"),
			})
			b.press("enter")
		},
	}
}

// pictured are the screens that have a golden frame, one each. TestScreenLines looks at the others.
var pictured = []string{
	"list", "groups", "ticket", "detail", "propagation", "records", "registration", "service", "ledger",
	"changes", "plan", "change", "catalogue", "cause", "paste", "copy", "copied", "request", "help", "palette",
	"deep-certificate", "deep-shadowed",
}

// TestGoldens compares each pictured screen with its frame at the usual size and in a narrow window.
func TestGoldens(t *testing.T) {
	t.Parallel()
	for _, name := range pictured {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := benchFor(t, name, "never")
			var all strings.Builder
			for _, s := range []struct{ w, h int }{{80, 24}, {60, 15}} {
				b.send(tea.WindowSizeMsg{Width: s.w, Height: s.h})
				fmt.Fprintf(&all, "-- %dx%d --\n%s\n", s.w, s.h, b.View())
			}
			golden(t, name, all.String())
		})
	}
	t.Run("colours", func(t *testing.T) {
		t.Parallel()
		golden(t, "list-colour", benchFor(t, "list", "always").View()+"\n")
	})
}

// benchFor brings a bench to a screen.
func benchFor(t *testing.T, name, color string) *bench {
	t.Helper()
	set := func(o *options) { o.Color = color }
	if reach := deepScreens()[name]; reach != nil {
		b := deepBench(t, set)
		reach(b)
		return b
	}
	b := newBench(t, set)
	b.fewCauses()
	reach := allScreens()[name]
	if reach == nil {
		t.Fatalf("there is no screen %s", name)
	}
	reach(b)
	return b
}

// TestPlain checks that no screen shows a glyph or a colour in plain mode.
func TestPlain(t *testing.T) {
	t.Parallel()
	for name := range allScreens() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, func(o *options) { o.Plain, o.Color = true, "always" })
			b.fewCauses()
			allScreens()[name](b)
			frame := b.View()
			if strings.ContainsAny(frame, "\x1b✓✗›↳│─") || strings.Contains(frame, "[==") {
				t.Errorf("not plain:\n%s", frame)
			}
			for _, r := range frame {
				if r >= 0xE000 && r <= 0xF8FF {
					t.Errorf("a glyph without a word: %U", r)
				}
			}
			if name == "list" {
				golden(t, "plain-list", frame+"\n")
			}
		})
	}
}

// TestTooSmall holds the screen that says what is needed, down to a window of one cell.
func TestTooSmall(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.load()
	var all strings.Builder
	for _, s := range []struct{ w, h int }{{59, 15}, {60, 14}, {20, 5}, {1, 1}} {
		b.send(tea.WindowSizeMsg{Width: s.w, Height: s.h})
		checkFrame(t, b.View(), s.w, s.h)
		fmt.Fprintf(&all, "-- %dx%d --\n%s\n", s.w, s.h, b.View())
	}
	golden(t, "too-small", all.String())
	if cmd := b.press("d", "enter", "/"); b.Screen.Scope() != action.ScopeList || b.list.Filter.Open {
		t.Error("keys do something that nobody sees")
	} else if _ = cmd; b.press("q") == nil {
		t.Error("q does not quit")
	}
}

func TestNoService(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(o *options) {
		o.Domains, o.Doctor.Service, o.Names = nil, nil, []string{"shop.example.com", "例え.jp"}
	})
	b.startLoad()
	b.send(b.list.ArrangeNow())
	b.shows("domdoc  sandbox", "2 domains", "shop.example.com", "例え.jp",
		"no service: only DNS, registration, TLS and HTTP")
	b = newBench(t, func(o *options) { o.Domains, o.Doctor.Service = nil, nil })
	b.startLoad()
	b.shows("there is nothing to show", "no service is connected and no domain was named")
}

func checkFrame(t testing.TB, frame string, w, h int) {
	t.Helper()
	lines := strings.Split(frame, "\n")
	if len(lines) != h {
		t.Fatalf("%dx%d: %d lines:\n%s", w, h, len(lines), frame)
	}
	for _, l := range lines {
		if got := ansi.StringWidth(l); got > w {
			t.Fatalf("%dx%d: a line of %d cells: %q", w, h, got, l)
		}
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	got = strings.ReplaceAll(got, "\x1b", "^[") // a golden is read by people and by git
	file := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v; run the tests with -update to write it", err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("%s (run the tests with -update if this is meant):\n%s", file, diff)
	}
}

// TestSizes sweeps every size of window on every screen: nothing panics, and each frame is exactly its size.
func TestSizes(t *testing.T) {
	t.Parallel()
	screens := allScreens()
	names := slices.Sorted(maps.Keys(screens))
	for _, name := range sandboxtest.UnderRace(t, names) { // a model that one goroutine drives
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, func(o *options) { o.Color = "always" })
			screens[name](b)
			for w := 1; w <= 200; w += 1 + w/40 {
				for h := 1; h <= 60; h += 1 + h/8 {
					b.send(tea.WindowSizeMsg{Width: w, Height: h})
					checkFrame(t, b.View(), w, h)
				}
			}
			b.send(tea.WindowSizeMsg{})
			if b.View() != "" {
				t.Error("a frame before the size is known")
			}
		})
	}
}

// TestWild has everything that comes from outside be hostile.
func TestWild(t *testing.T) {
	t.Parallel()
	evil := "\x1b[2J\x1b]0;owned\x07\u202e例え👩‍👩‍👧‍👦" + strings.Repeat("界", 300) + "\r\n\t\x00"
	b := newBench(t, func(o *options) { o.Title, o.Version, o.Color = evil, evil, "never" })
	b.model.Load = runner.LoadState{Gen: 1, Cancel: func() {}}
	b.send(batchMsg{{Gen: 1, Row: inventory.NewRow(api.Domain{ID: evil, Name: evil, Status: evil}, noon)}})
	r := *reportfile.Snapshot(b.l.reports[b.l.ids["name-doubled"]])
	r.ServiceStatus, r.ID = evil, evil
	r.Domain = &api.Domain{
		ID: evil, Name: evil, Status: evil, Registrar: evil,
		LastError: &api.LastError{Code: evil, Message: evil, RequestID: evil}, CDN: &api.CDN{Target: evil},
	}
	b.Run = runner.RunState{Gen: 2, Cancel: func() {}, Total: 1}
	b.send(batchMsg{{Gen: 2, ID: evil, Report: &r, Sum: inventory.Summarise(&r)}})
	b.Say("%s", evil)
	look := func() {
		t.Helper()
		for _, s := range sizes {
			b.send(tea.WindowSizeMsg{Width: s.w, Height: s.h})
			checkFrame(t, b.View(), s.w, s.h)
			if i := strings.IndexAny(b.View(), "\x1b\x07\x00\r\t"); i >= 0 || strings.Contains(b.View(), "\u202e") {
				t.Fatalf("a control character reached the screen:\n%q", b.View())
			}
		}
	}
	look()
	b.press("enter")
	for _, tab := range []string{"1", "2", "3", "4", "5", "6", "7", "8", "enter", "enter"} {
		b.press(tab)
		look()
	}
	b.press("esc", "/")
	b.send(tea.KeyMsg{Type: tea.KeyRunes, Paste: true, Runes: []rune(evil)})
	look()
	b.press("esc", "e")
	b.send(tea.KeyMsg{Type: tea.KeyRunes, Paste: true, Runes: []rune(evil)})
	look()
	b.press("enter")
	look()
	b.press("f1")
	look()
	b.press("esc", "esc")
	b.Domains, b.model.Load.Cancel, b.model.Load.Err = inventory.NewSet(), nil, errors.New(evil)
	b.send(b.list.ArrangeNow())
	look()
}

// fewCauses leaves a few causes in the catalogue, so that a new one does not change what its screen looks like.
func (b *bench) fewCauses() {
	c := b.catalogue
	c.Items = slices.DeleteFunc(slices.Clone(c.Items), func(it catalogue.Item) bool {
		return it.Cause != nil && !slices.Contains([]string{
			"record.missing", "record.name-doubled", "cache.negative",
			"cache.old-answer", "registration.on-hold",
		}, it.ID)
	})
	c.NewGrid()
	c.Resize(b.Width, b.Height-screen.BottomLines)
}

// fewActions leaves a few actions in the registry, so that a new one does not change what the help and the palette
// look like.
func (b *bench) fewActions() {
	specs := slices.DeleteFunc(action.Registry(), func(sp action.Spec) bool {
		return !slices.Contains([]action.Name{
			action.Open, action.Back, action.Diagnose, action.DiagnoseAll, action.DiagnoseMarked, action.Cancel,
			action.Reload, action.Filter, action.Sort, action.NextTab, action.Palette, action.Up, action.Down, action.Help,
			action.Quit,
		}, sp.Name)
	})
	keys, err := action.NewKeymap(specs, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	b.Keys = keys
}

// connect gives the dashboard a service to ask, whose address is the same in every run.
func (b *bench) connect() {
	b.t.Helper()
	c, err := api.New(api.Config{BaseURL: "https://api.example.com", Token: "opaque-token"})
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(c.Close)
	b.Client = c
}

func noDomains(context.Context) iter.Seq2[api.Domain, error] {
	return func(func(api.Domain, error) bool) {}
}
