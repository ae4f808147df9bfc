package archive

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

func line(id string, n int) []byte {
	return fmt.Appendf(nil, `{"domain":"%s.example.com","id":"%s","verdict":"fail","checks":[{"id":"%s"}]}`, id, id,
		strings.Repeat("x", n))
}

// TestArchive keeps many reports, replaces some, and reads all of them: the file does not grow when a report takes
// the place of another, and a place that belongs to another domain by now is an error.
func TestArchive(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	a := New(dir)
	refs := map[string]Ref{}
	random := rand.New(rand.NewPCG(1, 2))
	for i := range 500 {
		id := fmt.Sprint("d-", i)
		ref, err := a.PutJSON(line(id, random.IntN(3000)))
		if err != nil {
			t.Fatal(err)
		}
		refs[id] = ref
	}
	end := a.end
	a.Free(refs["d-7"])
	ref, err := a.PutJSON(line("d-other", 10))
	if err != nil || a.end > end+slot {
		t.Errorf("the file grew from %d to %d (%v)", end, a.end, err)
	}
	refs["d-other"] = ref
	if d, err := a.Get(refs["d-7"], "d-7"); refs["d-7"].at == ref.at && err == nil {
		t.Errorf("the place of d-7 has %s", d.ID)
	}
	delete(refs, "d-7")
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for id, ref := range refs {
				if d, err := a.Get(ref, id); err != nil || d.ID != id {
					t.Errorf("%s: %v", id, err)
				}
			}
		})
		wg.Go(func() {
			for i := range 200 {
				if _, err := a.PutJSON(line(fmt.Sprint("more-", i), 100)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if _, err := a.Get(refs["d-1"], "d-2"); err == nil {
		t.Error("d-1 is shown as d-2")
	}
	if _, err := a.Get(refs["d-1"], "d-1.example.com"); err != nil {
		t.Errorf("by name: %v", err)
	}
	a.Close()
	if _, err := a.Get(refs["d-1"], "d-1"); err == nil {
		t.Error("a closed archive answers")
	}
	if _, err := a.PutJSON(line("late", 1)); err == nil {
		t.Error("a closed archive keeps more")
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// TestArchiveWithoutPlace cannot create its file: the error says so, and nothing is kept.
func TestArchiveWithoutPlace(t *testing.T) {
	t.Parallel()
	a := New(filepath.Join(t.TempDir(), "not", "there"))
	if ref, err := a.PutJSON(line("d", 1)); err == nil || ref.Kept() {
		t.Errorf("kept: %v, %v", ref, err)
	}
	a.Close()
	var none *Archive
	if ref, err := none.Put(nil); err != nil || ref.Kept() {
		t.Errorf("no archive keeps %v (%v)", ref, err)
	}
}

func entriesOf(n int) []Entry {
	var list []Entry
	for i := range n {
		list = append(list, Entry{
			ID: fmt.Sprint("d-", i), Name: fmt.Sprint("n", i), Summary: json.RawMessage(`{"a":1}`),
			Report: json.RawMessage(`{"b":2}`),
		})
	}
	return list
}

// TestResults writes results and reads them back; the file is only its user's.
func TestResults(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "deep", "results.gz")
	if h, err := Read(file, "o", nil); err != nil || !h.Saved.IsZero() {
		t.Errorf("a missing file is %v (%v)", h, err)
	}
	saved := time.Date(2026, 2, 22, 14, 20, 0, 0, time.UTC)
	want := entriesOf(20)
	if err := Write(file, Header{Origin: "o", Tenant: "t-1", Saved: saved}, slices.Values(want)); err != nil {
		t.Fatal(err)
	}
	var got []Entry
	h, err := Read(file, "o", func(e Entry) { got = append(got, e) })
	if err != nil || h.Tenant != "t-1" || !h.Saved.Equal(saved) || fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("read: %v %v (%v)", h, got, err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file is %v (%v)", info, err)
	}
}

// TestResultsBounded writes more than is kept.
func TestResultsBounded(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "results.gz")
	if err := write(file, Header{Origin: "o"}, slices.Values(entriesOf(60)), 50, 20); err != nil {
		t.Fatal(err)
	}
	n, reports := 0, 0
	if _, err := Read(file, "o", func(e Entry) {
		n++
		if len(e.Report) > 0 {
			reports++
		}
	}); err != nil || n != 50 || reports != 20 {
		t.Errorf("%d entries, %d reports (%v)", n, reports, err)
	}
}

// TestResultsDamaged has the file be anything but a complete one of this service: nothing of it is used.
func TestResultsDamaged(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	good := filepath.Join(dir, "good.gz")
	if err := Write(good, Header{Origin: "o"}, slices.Values(entriesOf(500))); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	flipped := slices.Clone(whole)
	flipped[len(flipped)/2] ^= 0x10
	for name, raw := range map[string][]byte{
		"empty":           {},
		"no gzip":         []byte("{}"),
		"cut":             whole[:len(whole)/2],
		"without its end": whole[:len(whole)-4],
		"flipped":         flipped,
		"other version":   pack(t, `{"format":"domdoc results","version":99,"origin":"o"}`+"\n"+`{"end":0}`),
		"no end":          pack(t, `{"format":"domdoc results","version":1,"origin":"o"}`+"\n"+`{"id":"d-1"}`),
		"too few":         pack(t, `{"format":"domdoc results","version":1,"origin":"o"}`+"\n"+`{"end":3}`),
		"other service":   pack(t, `{"format":"domdoc results","version":1,"origin":"p"}`+"\n"+`{"end":0}`),
	} {
		file := filepath.Join(dir, strings.ReplaceAll(name, " ", "-"))
		if err := os.WriteFile(file, raw, 0o600); err != nil {
			t.Fatal(err)
		}
		n := 0
		if h, err := Read(file, "o", func(Entry) { n++ }); err == nil || n > 0 || h != (Header{}) {
			t.Errorf("%s: %d entries of %v (%v)", name, n, h, err)
		}
	}
}

func pack(t *testing.T, text string) []byte {
	t.Helper()
	var b strings.Builder
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return []byte(b.String())
}

// TestTwoDashboards has two dashboards of one tenant write into one file, by turns and at once: of each domain the
// newest result stays, and none is lost. Results that are weeks old go.
func TestTwoDashboards(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "results.gz")
	noon := time.Date(2026, 2, 22, 14, 20, 0, 0, time.UTC)
	entry := func(id string, ago time.Duration) Entry {
		sum := fmt.Appendf(nil, `{"At":%q}`, noon.Add(-ago).Format(time.RFC3339))
		return Entry{ID: id, Name: id + ".example.com", Summary: sum, Report: line(id, 100)}
	}
	put := func(list ...Entry) {
		if err := Write(file, Header{Origin: "o", Tenant: "t-1", Saved: noon}, slices.Values(list)); err != nil {
			t.Error(err)
		}
	}
	state := func() string {
		var out []string
		if _, err := Read(file, "o", func(e Entry) {
			out = append(out, e.ID+" "+noon.Sub(e.at()).String())
		}); err != nil {
			t.Error(err)
		}
		slices.Sort(out)
		return strings.Join(out, ", ")
	}
	put(entry("a", time.Hour), entry("b", time.Hour), entry("old", 15*24*time.Hour))
	put(entry("a", time.Minute), entry("b", 2*time.Hour), entry("c", time.Hour))
	if got, want := state(), "a 1m0s, b 1h0m0s, c 1h0m0s"; got != want {
		t.Errorf("it has %s, want %s", got, want)
	}
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() { put(entry(fmt.Sprint("w", i), time.Minute)) })
	}
	wg.Wait()
	if got := state(); strings.Count(got, "w") != 8 || strings.Count(got, ",") != 10 {
		t.Errorf("after writing at once it has %s", got)
	}
	// another tenant's file is set aside
	other := Header{Origin: "o", Tenant: "t-2", Saved: noon}
	if err := Write(file, other, slices.Values([]Entry{entry("z", 0)})); err != nil {
		t.Error(err)
	}
	if got := state(); got != "z 0s" {
		t.Errorf("the other tenant has %s", got)
	}
	if aside, err := filepath.Glob(file + ".unused-*"); err != nil || len(aside) != 1 {
		t.Errorf("set aside are %v (%v)", aside, err)
	}
}
