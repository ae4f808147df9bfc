package dashboard

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"domdoc/api"
	"domdoc/api/sandbox/sandboxtest"
	"domdoc/checks"
	"domdoc/ui/dashboard/action"
	"domdoc/ui/dashboard/inventory"
	"domdoc/ui/dashboard/reportfile"
	"domdoc/ui/dashboard/runner"
	"domdoc/ui/dashboard/tab"
	"domdoc/ui/render/wire"

	tea "github.com/charmbracelet/bubbletea"
)

// archived gives the model the lab's diagnoses as a run does, and then has their reports in the archive only, as
// those of all but the first domains of a long list.
func (b *bench) archived() *bench {
	b.t.Helper()
	b.Run = runner.RunState{Gen: 1001, Cancel: func() {}, Total: len(b.l.domains), Began: noon.Add(-4 * time.Second)}
	var batch batchMsg
	for _, d := range b.l.domains {
		r := reportfile.Snapshot(b.l.reports[d.ID])
		sum := inventory.Summarise(r)
		var err error
		if sum.Kept, err = b.Archive.Put(r); err != nil {
			b.t.Fatal(err)
		}
		batch = append(batch, runner.Event{Gen: 1001, ID: d.ID, Report: r, Sum: sum})
	}
	b.send(batch, batchMsg{{Gen: 1001, End: runner.RunEnded}})
	b.Reports = inventory.NewReports()
	b.detail.Reports, b.list.Reports = b.Reports, b.Reports
	b.Notice = ""
	b.t.Cleanup(b.Archive.Close)
	return b
}

// run gives the model the messages of a command that it started itself.
func (b *bench) run(cmd tea.Cmd) {
	b.t.Helper()
	if cmd == nil {
		return
	}
	switch msg := cmd().(type) {
	case nil:
	case tea.BatchMsg:
		for _, c := range msg {
			b.run(c)
		}
	default:
		b.send(msg)
	}
}

// TestArchivedReport opens a domain whose report is in the archive only: its findings are shown as they were found,
// nothing is asked again, and what was not kept is said.
func TestArchivedReport(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.load().archived()
	b.send(tea.WindowSizeMsg{Width: 120, Height: 60})
	b.list.Grid.Select(b.l.ids["name-doubled"])
	b.run(b.Do(action.Open))
	b.shows("the zone name is appended twice", "tok-51c0de77", "diagnosed just now; d diagnoses it again")
	if len(b.Single) > 0 {
		t.Error("it is diagnosed again")
	}
	const all = "as of the diagnosis just now; d diagnoses it again, with all details"
	for key, want := range map[string][]string{
		"2": {"TXT", "_verify.shop.fabrikam.example", "expected", "✗ missing    97.74.100.26:53: NXDOMAIN", "(ttl 300)"},
		"3": {
			"record to publish at GoDaddy", "tok-51c0de77", "record to delete at GoDaddy",
			"the zone name is appended twice",
		},
		"4": {"at the edge"},
		"5": {"registered", "expires", "ns51.domaincontrol.com", "DNSSEC"},
		"7": {"status", "PENDING", "DOMAIN_004"},
		"8": {"answers that the findings rest on", "dig "},
		"9": {"nothing to compare with"},
	} {
		b.press(key)
		b.shows(append(want, all)...)
	}
	b.press("1")
	if copies := fmt.Sprint(b.detail.Copies()); !strings.Contains(copies, "tok-51c0de77") {
		t.Errorf("the record cannot be copied: %s", copies)
	}
	// A healthy one is not accused of anything.
	b.press("esc")
	b.list.Grid.Select(b.l.ids["healthy-txt"])
	b.run(b.Do(action.Open))
	b.shows("pass", "no problems found")
	// One whose report cannot be read is diagnosed.
	b.press("esc")
	b.Archive.Close()
	b.list.Grid.Select(b.l.ids["caa-forbids"])
	b.send(b.Do(action.Open)())
	if b.Single[b.l.ids["caa-forbids"]] == nil {
		t.Error("a domain whose report is gone is not diagnosed")
	}
}

// TestExportOfAll writes every domain of a list that is longer than what is in memory.
func TestExportOfAll(t *testing.T) {
	t.Parallel()
	b, dir := exporting(t)
	t.Cleanup(b.Archive.Close)
	const n = 3 * inventory.MaxReports
	raw, err := wire.Marshal(wire.NewDomain(b.l.reports[b.l.ids["name-doubled"]]))
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		id := fmt.Sprint("d-copy-", i)
		sum := inventory.Summarise(b.l.reports[b.l.ids["name-doubled"]])
		own := bytes.Replace(raw, []byte(`"id":"`+b.l.ids["name-doubled"]+`"`), []byte(`"id":"`+id+`"`), 1)
		if sum.Kept, err = b.Archive.PutJSON(own); err != nil {
			t.Fatal(err)
		}
		b.Domains.Add(inventory.NewRow(api.Domain{ID: id, Name: fmt.Sprintf("copy-%d.example.com", i)}, noon).Recall(sum))
	}
	b.list.ArrangeNow()
	all := len(b.Domains.Rows)
	file := b.writes("E", "a", "l", "l", "enter", "j", "s", "o", "n", "l", "enter")
	content, err := os.ReadFile(file)
	if err != nil || filepath.Dir(file) != dir {
		t.Fatalf("%s: %v", file, err)
	}
	if lines := bytes.Count(content, []byte("\n")); lines < all || !bytes.Contains(content,
		fmt.Appendf(nil, `"id":"d-copy-%d"`, n-1)) {
		t.Errorf("%d lines for %d domains", lines, all)
	}
}

// restarted is another run with the same directory, whose list and tenant have arrived.
func restarted(t *testing.T, dir string, change func(*options), tenant *checks.TenantReport) *bench {
	t.Helper()
	b := newBench(t, func(o *options) {
		keeping(dir)(o)
		o.Now = func() time.Time { return noon.Add(2 * time.Hour) }
		if change != nil {
			change(o)
		}
	})
	t.Cleanup(b.Archive.Close)
	b.load()
	b.past.path = "" // the lab's tenant, which load has, is not asked for here
	b.Tenant = tenant
	if read := b.readResults(); read != nil {
		b.send(read())
	}
	return b
}

// TestResultsSurvive starts again: the list shows what was found and how long ago, and nothing is asked. Results of
// another tenant or service, and those of a damaged file, are not shown.
func TestResultsSurvive(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	b := newBench(t, keeping(dir))
	b.load().archived()
	b.saveResultsNow()
	file := b.past.path
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("the file is %v (%v)", info, err)
	}
	again := restarted(t, dir, nil, b.l.tenant)
	if again.Domains.Counts != b.Domains.Counts || again.Domains.Earlier != len(b.Domains.Rows) {
		t.Errorf("it has %v, before %v; %d earlier", again.Domains.Counts, b.Domains.Counts, again.Domains.Earlier)
	}
	again.shows("✗ 6 fail", "11 results are of an earlier run; D diagnoses all again")
	again.list.Grid.Select(again.l.ids["name-doubled"])
	again.run(again.Do(action.Open))
	again.shows("the zone name is appended twice", "diagnosed 2 hours ago; d diagnoses it again")
	if again.Busy() {
		t.Error("something is asked without a request")
	}
	again.press("esc")
	again.results().saveResultsNow() // diagnosed again, they are results of this run
	if again.Domains.Earlier != 0 {
		t.Errorf("%d results are still of the earlier run", again.Domains.Earlier)
	}

	another := *b.l.tenant
	another.ID = "t-somebody-else"
	for name, c := range map[string]struct {
		change func(*options)
		tenant *checks.TenantReport
	}{
		"another tenant":  {nil, &another},
		"another service": {func(o *options) { o.Origin = "https://elsewhere.example.com" }, b.l.tenant},
		"another profile": {func(o *options) { o.Profile = "staging" }, b.l.tenant},
		"weeks later": {
			func(o *options) { o.Now = func() time.Time { return noon.Add(30 * 24 * time.Hour) } },
			b.l.tenant,
		},
		"forgetting": {func(o *options) { o.Forget = true }, b.l.tenant},
	} {
		if other := restarted(t, dir, c.change, c.tenant); other.Domains.Earlier != 0 {
			t.Errorf("%s: %d results are shown", name, other.Domains.Earlier)
		}
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, raw[:len(raw)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	damaged := restarted(t, dir, nil, b.l.tenant)
	if damaged.Domains.Earlier != 0 {
		t.Errorf("a damaged file: %d results are shown", damaged.Domains.Earlier)
	}
	if !strings.Contains(damaged.Notice, "no earlier results: "+file+" is not used, and was renamed: unexpected EOF") {
		t.Errorf("it says %q", damaged.Notice)
	}
	aside, err := filepath.Glob(file + ".unused-*")
	if err != nil || len(aside) != 1 {
		t.Fatalf("set aside are %v (%v)", aside, err)
	}
	if left, err := os.ReadFile(aside[0]); err != nil || len(left) != len(raw)/2 {
		t.Errorf("%d bytes of %d are left (%v)", len(left), len(raw)/2, err)
	}
}

// TestResultsHaveNoSecrets looks for the token, and for the code of a transfer, in what is written.
func TestResultsHaveNoSecrets(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	b := newBench(t, keeping(dir))
	b.load()
	b.send(pasted("shop.fabrikam.example DOMAIN_018 auth code: S3cret-Code-77"))
	b.archived().saveResultsNow()
	f, err := os.Open(b.past.path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil || !bytes.Contains(text, []byte("fabrikam")) {
		t.Fatalf("the file holds %d bytes (%v)", len(text), err)
	}
	for _, secret := range []string{b.l.box.Token(), "S3cret-Code-77"} {
		if bytes.Contains(text, []byte(secret)) {
			t.Errorf("the file has %q", secret)
		}
	}
}

// TestHostileKept has everything in a kept report be hostile, on every tab.
func TestHostileKept(t *testing.T) {
	t.Parallel()
	for _, s := range sandboxtest.UnderRace(t, evilTexts()) { // a model that one goroutine drives
		b := openEvil(t, s, "never")
		kept, err := b.Archive.Put(evilReport(s))
		if err != nil {
			t.Fatal(err)
		}
		b.t.Cleanup(b.Archive.Close)
		raw, err := b.Archive.JSON(kept)
		if err != nil {
			t.Fatal(err)
		}
		b.Reports = inventory.NewReports()
		b.detail.Reports, b.list.Reports = b.Reports, b.Reports
		_, err = wire.ReadDomains(bytes.NewReader(raw), func(d *wire.Domain) error {
			b.send(keptMsg{id: b.detail.id, report: d})
			return nil
		})
		if err != nil && !errors.Is(err, wire.ErrCut) || b.detail.keptReport() == nil {
			t.Fatalf("%q cannot be read back: %v", s[:min(20, len(s))], err)
		}
		for tb := range tab.Count {
			b.press(fmt.Sprint(int(tb) + 1))
			for _, size := range []tea.WindowSizeMsg{
				{Width: 80, Height: 24},
				{Width: 61, Height: 15},
				{Width: 200, Height: 60},
			} {
				b.send(size)
				checkFrame(t, b.View(), size.Width, size.Height)
				harmless(t, b.View())
			}
			for _, c := range b.copyables() {
				harmless(t, c.Text)
			}
		}
	}
}
