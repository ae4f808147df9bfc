package subject_test

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"domdoc/api"
	"domdoc/checks/subject"
)

// TestListMemory bounds what a run keeps of each domain of the tenant, without its JSON. It is not parallel, since it
// measures the heap.
func TestListMemory(t *testing.T) {
	const n, most = 10_000, 600 // bytes
	s := subject.NewService(nil, "")
	s.KeepNoJSON()
	before := heap()
	for i := range n {
		name := fmt.Sprintf("shop.tenant-%06d.example", i)
		at := time.Date(2026, 7, 1, 12, 0, i, 0, time.UTC)
		s.Remember(t.Context(), api.Domain{
			ID: fmt.Sprintf("00000000-0000-4000-8000-%012d", i), Name: name, Status: "VERIFIED", TenantID: "t-1",
			Registrar: "manual", CreatedAt: at, UpdatedAt: at, ExpiresAt: at,
			Nameservers: []string{"ns1.hoster.example", "ns2.hoster.example"},
			Verifications: []api.Verification{{
				Method: "TXT", Name: "_verify." + name, Value: fmt.Sprintf("tok-%08x", i), Status: "VERIFIED",
			}},
			CDN: &api.CDN{Target: fmt.Sprintf("d-%08x.cloudfront.net", i), Status: "DEPLOYED"},
			Raw: make([]byte, 500),
		})
	}
	if each := (heap() - before) / n; each > most {
		t.Errorf("a domain takes %d bytes, want at most %d", each, most)
	} else {
		t.Logf("a domain takes %d bytes", each)
	}
	d, found, err := s.Find(t.Context(), "shop.tenant-000007.example")
	if err != nil || !found || d.Verifications[0].Value != "tok-00000007" || d.Raw != nil || !d.CreatedAt.Equal(
		time.Date(2026, 7, 1, 12, 0, 7, 0, time.UTC)) {
		t.Errorf("%+v, %t, %v", d, found, err)
	}
	if list, complete := s.Names(); len(list) != n || complete {
		t.Errorf("%d domains, complete: %t", len(list), complete)
	}
}

func heap() int {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

// TestRawDomain: the JSON of a domain is kept unless it is not wanted, and never that of another domain of its name.
func TestRawDomain(t *testing.T) {
	t.Parallel()
	s := subject.NewService(nil, "")
	d := api.Domain{ID: "d-1", Name: "Shop.Fabrikam.Example", Raw: []byte(`{"id":"d-1"}`)}
	s.Remember(t.Context(), d)
	if got := s.RawDomain(d); string(got) != `{"id":"d-1"}` {
		t.Errorf("%s", got)
	}
	found, ok, err := s.Find(t.Context(), "shop.fabrikam.example")
	if err != nil || !ok || found.Name != d.Name || string(found.Raw) != string(d.Raw) {
		t.Errorf("%+v, %t, %v", found, ok, err)
	}
	for _, other := range []api.Domain{
		{ID: "d-2", Name: d.Name}, {ID: "d-1", Name: "other.example"}, {Name: "other.example"},
	} {
		if got := s.RawDomain(other); got != nil {
			t.Errorf("%+v: %s", other, got)
		}
	}
	s.KeepNoJSON()
	s.Remember(t.Context(), d)
	if got := s.RawDomain(d); got != nil {
		t.Errorf("%s", got)
	}
}
