package api

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func mustObject(t *testing.T, s string) (object, *problems) {
	t.Helper()
	p := &problems{}
	o, ok := readObject(json.RawMessage(s), "", p)
	if !ok {
		t.Fatalf("%s is not an object", s)
	}
	return o, p
}

func TestKeysInAnySpelling(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		`{"tenantId":"t"}`, `{"tenant_id":"t"}`, `{"TenantID":"t"}`, `{"tenant-id":"t"}`,
		`{"tenantId":null,"tenant_id":"t"}`, `{"tenant_id":"other","tenantId":"t"}`,
	} {
		for range 20 { // maps are walked in another order each time
			o, _ := mustObject(t, body)
			if got := o.text("tenantId"); got != "t" {
				t.Fatalf("%s: %q", body, got)
			}
		}
	}
}

func TestTexts(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		`"a"`: "a", `""`: "", `7`: "7", `12345678901234567890`: "12345678901234567890", `1.50`: "1.50", `-3`: "-3",
		`" a "`: " a ", `"\u00e9"`: "é", `null`: "", `true`: "", `{}`: "", `["a"]`: "",
	} {
		o, p := mustObject(t, `{"k":`+in+`}`)
		if got := o.text("k"); got != want {
			t.Errorf("%s: %q, want %q", in, got, want)
		}
		wrong := in == "true" || in == "{}" || in == `["a"]`
		if wrong != (len(p.list) == 1) {
			t.Errorf("%s: problems %v", in, p.list)
		}
	}
	o, p := mustObject(t, `{"domain":{"x":1},"name":"shop.example.com"}`)
	if got := o.text("domain", "name"); got != "shop.example.com" || len(p.list) != 1 {
		t.Errorf("%q, problems %v: the second key has what the first lacks", got, p.list)
	}
}

func TestInts(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]*int{
		`300`: ptr(300), `0`: ptr(0), `-5`: ptr(-5), `"300"`: ptr(300), `" 300 "`: ptr(300), `3e2`: ptr(300),
		`300.0`: ptr(300), `null`: nil,
		`"five"`: nil, `1.5`: nil, `1e300`: nil, `true`: nil, `""`: nil, `"0x10"`: nil, `"1_000"`: nil, `"inf"`: nil,
		`99999999999999999999`: nil,
	} {
		o, p := mustObject(t, `{"ttl":`+in+`}`)
		if diff := cmp.Diff(want, o.int("ttl")); diff != "" {
			t.Errorf("%s: %s", in, diff)
		}
		if noted := len(p.list) == 1; noted != (want == nil && in != "null") {
			t.Errorf("%s: problems %v", in, p.list)
		}
	}
}

func TestBools(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]*bool{
		`true`: ptr(true), `false`: ptr(false), `"TRUE"`: ptr(true),
		`"false"`: ptr(false), `1`: ptr(true), `0`: ptr(false), `null`: nil, `"yes"`: nil, `2`: nil, `[]`: nil,
	} {
		o, _ := mustObject(t, `{"k":`+in+`}`)
		if diff := cmp.Diff(want, o.bool("k")); diff != "" {
			t.Errorf("%s: %s", in, diff)
		}
	}
}

func TestTimes(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 2, 22, 10, 30, 0, 0, time.UTC)
	for in, want := range map[string]time.Time{
		`"2026-02-22T10:30:00Z"`: at, `"2026-02-22T10:30:00.000Z"`: at,
		`"2026-02-22T10:30:00.5Z"`: at.Add(500 * time.Millisecond), `"2026-02-22T12:30:00+02:00"`: at,
		`"2026-02-22T12:30:00+0200"`: at, `"2026-02-22T10:30:00"`: at, `"2026-02-22T10:30:00.000"`: at,
		`"2026-02-22 10:30:00"`: at, `"2026-02-22T10:30Z"`: at,
		`"2026-02-22"`: time.Date(2026, 2, 22, 0, 0, 0, 0, time.UTC), `1771756200`: at, `1771756200000`: at,
		`"1771756200"`: at, `1771756200.5`: at.Add(500 * time.Millisecond),
		`" 2026-02-22T10:30:00Z "`: at, `null`: {}, `""`: {}, `"soon"`: {}, `"2026-13-45T99:00:00Z"`: {}, `1e300`: {},
		`-1e300`: {}, `true`: {}, `{}`: {}, `"NaN"`: {}, `99999999999999999`: {},
	} {
		o, p := mustObject(t, `{"at":`+in+`}`)
		if got := o.time("at"); !got.Equal(want) {
			t.Errorf("%s: %v, want %v", in, got, want)
		}
		silent := !want.IsZero() || in == "null" || in == `""`
		if silent != (len(p.list) == 0) {
			t.Errorf("%s: problems %v", in, p.list)
		}
	}
}

func TestTextLists(t *testing.T) {
	t.Parallel()
	for in, want := range map[string][]string{
		`["a","b"]`: {"a", "b"}, `"a"`: {"a"}, `[]`: nil, `null`: nil, `""`: nil,
		`[{"name":"a"},{"host":"b"}]`: {"a", "b"}, `["a",{"x":1},null,"b"]`: {"a", "b"}, `[1]`: {"1"}, `{"a":1}`: nil,
	} {
		o, _ := mustObject(t, `{"k":`+in+`}`)
		if diff := cmp.Diff(want, o.texts("k")); diff != "" {
			t.Errorf("%s: %s", in, diff)
		}
	}
}

func TestProblemsAreBoundedAndPrintable(t *testing.T) {
	t.Parallel()
	var p problems
	for range 100 {
		p.add("ttl", "a whole number", json.RawMessage("\"\x1b[31m"+strings.Repeat("x", 1<<20)+"\""))
	}
	if len(p.list) != maxProblems {
		t.Errorf("%d problems", len(p.list))
	}
	if got := p.list[0]; len(got) > 200 || strings.ContainsRune(got, '\x1b') ||
		!strings.HasPrefix(got, `ttl: wanted a whole number, got "[31mx`) {
		t.Errorf("%q", got)
	}
}

func TestTooDeep(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]bool{
		strings.Repeat("[", 64) + strings.Repeat("]", 64): false,
		strings.Repeat("[", 65):                           true,
		strings.Repeat(`{"a":`, 65):                       true,
		strings.Repeat(`[],`, 1000):                       false,
		`"` + strings.Repeat("[", 100) + `"`:              false,
		`"\"` + strings.Repeat("[", 100) + `"`:            false,
		`"\\"` + strings.Repeat("[", 100):                 true,
	} {
		if got := tooDeep([]byte(in)) != ""; got != want {
			t.Errorf("%.20s…: %v, want %v", in, got, want)
		}
	}
}

// TestOneOddFieldLosesNothingElse is the promise of tolerant decoding: every other field, and every other element,
// stands.
func TestOneOddFieldLosesNothingElse(t *testing.T) {
	t.Parallel()
	c := asking(t, answers(200, `[
		{"id":"r-1","type":"A","name":"a","value":"192.0.2.1","ttl":"five minutes","priority":[]},
		"a stray text", null, 7,
		{"id":2,"type":"TXT","name":"b","value":{"chunks":[]},"ttl":"0"}]`))
	got, err := c.Records(t.Context(), "d-1")
	if err != nil {
		t.Fatal(err)
	}
	want := []Record{
		{
			ID: "r-1", Type: "A", Name: "a", Value: "192.0.2.1",
			Problems: []string{
				`ttl: wanted a whole number, got "five minutes"`,
				"priority: wanted a whole number, got []",
			},
		},
		{Problems: []string{`record: wanted an object, got "a stray text"`}},
		{Problems: []string{"record: wanted an object, got null"}},
		{Problems: []string{"record: wanted an object, got 7"}},
		{ID: "2", Type: "TXT", Name: "b", TTL: ptr(0), Problems: []string{`value: wanted a text, got {"chunks":[]}`}},
	}
	for i := range got {
		if len(got[i].Raw) == 0 {
			t.Errorf("element %d lost its raw text", i)
		}
		got[i].Raw = nil
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// FuzzDecode: whatever an object looks like, each decoder comes back with it, and with bounded, printable problems.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{
		fullDomain, fullRecord, fullCertificate, fullRoute, fullTransfer, `{"balance":"12.50","currency":"USD"}`,
		`{"balance":{"amount":1e99}}`, `{"used":"9","limit":10}`,
		`{"status":"ok","details":{"db":{"status":"up"}}}`,
		`{"verification":[1,null,{"expiresAt":1e99}],"cdn":7,"lastError":[],"nameservers":{"a":1}}`, `null`, `[]`, `"x"`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		if !json.Valid(raw) || tooDeep(raw) != "" {
			return // jsonBody keeps these away
		}
		d, r, c, rt, tr, q, w := decodeDomain(raw), decodeRecord(raw), decodeCertificate(raw), decodeRoute(raw),
			decodeTransfer(raw), decodeQuota(raw), decodeWallet(raw)
		decodeHealth(raw)
		for name, problems := range map[string][]string{
			"domain": d.Problems, "record": r.Problems, "certificate": c.Problems, "route": rt.Problems,
			"transfer": tr.Problems, "quota": q.Problems, "wallet": w.Problems,
		} {
			if len(problems) > maxProblems {
				t.Errorf("%s: %d problems", name, len(problems))
			}
			for _, p := range problems {
				if len(p) > 500 || strings.ContainsAny(p, "\x00\x1b\n") {
					t.Errorf("%s: %q", name, p)
				}
			}
		}
		for _, v := range []any{d, r, c, rt, tr, q, w} { // a time outside the calendar would fail here
			if _, err := json.Marshal(v); err != nil {
				t.Error(err)
			}
		}
		if a, ok := w.Amount(); ok != (w.Balance != "") || ok && a == nil {
			t.Errorf("balance %q has the amount %v", w.Balance, a)
		}
	})
}
