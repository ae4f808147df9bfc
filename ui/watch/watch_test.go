package watch_test

import (
	"testing"
	"time"

	"domdoc/catalog"
	"domdoc/checks/result"
	"domdoc/ui/watch"
)

var noon = time.Date(2026, 2, 22, 14, 20, 0, 0, time.UTC)

func ids(due []*watch.Domain) (out []string) {
	for _, d := range due {
		out = append(out, d.ID)
	}
	return out
}

// TestDue checks which domains are due together, and when the next one is.
func TestDue(t *testing.T) {
	t.Parallel()
	var l watch.List
	for id, at := range map[string]time.Time{
		"later": noon.Add(time.Minute), "soon": noon.Add(watch.Gather), "now": noon, "running": {},
		"late": noon.Add(-time.Hour),
	} {
		l.Add(&watch.Domain{ID: id, At: at})
	}
	if got := ids(l.Due(noon, nil)); len(got) != 3 || got[0] != "late" || got[1] != "now" || got[2] != "soon" {
		t.Errorf("due are %v", got)
	}
	notLate := func(d *watch.Domain) bool { return d.ID != "late" }
	if got := ids(l.Due(noon, notLate)); len(got) != 2 || got[0] != "now" {
		t.Errorf("without the late one, due are %v", got)
	}
	if first := l.Earliest(notLate); !first.Equal(noon) {
		t.Errorf("the earliest is due at %s", first)
	}
	l.Remove("now")
	if l.Get("now") != nil || l.Len() != 4 {
		t.Error("a domain is still watched")
	}
	if first := new(watch.List).Earliest(nil); !first.IsZero() {
		t.Errorf("an empty list is due at %s", first)
	}
}

// TestTake records two diagnoses: the second is compared with the first, and both schedule the next one.
func TestTake(t *testing.T) {
	t.Parallel()
	d := &watch.Domain{ID: "d-1"}
	if d.Healthy() {
		t.Error("healthy before any diagnosis")
	}
	bad := &result.Domain{Verdict: catalog.Fail, At: noon}
	if changes, first := d.Take(bad, noon); len(changes) > 0 || !first || !d.At.After(noon) {
		t.Errorf("first: %v, changes %v, next at %s", first, changes, d.At)
	}
	good := &result.Domain{Verdict: catalog.Pass, At: noon.Add(time.Minute)}
	if changes, first := d.Take(good, noon.Add(time.Minute)); len(changes) == 0 || first || d.Last != good ||
		!d.Healthy() {
		t.Errorf("first: %v, changes %v, healthy %v", first, changes, d.Healthy())
	}
}
